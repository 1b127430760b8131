"""Servers whose clock a story moves, and those that need none."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.servers.submission import Submission
    from tests.stories.clocked import ClockedDovecot


@pytest.fixture
def post() -> Iterator[ClockedDovecot]:
    """For one story, since time does not run backwards."""
    from tests.stories.clocked import dovecot_at

    with dovecot_at(datetime.fromisoformat("2026-11-02T08:00+00:00")) as started:
        yield started


@pytest.fixture
def submission(post: ClockedDovecot) -> Iterator[Submission]:
    from tests.servers.submission import running_submission

    with running_submission(post.server.authority) as started:
        yield started
