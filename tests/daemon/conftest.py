"""A server that takes the demonstration's mail, and a Google where its people are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.servers.dovecot import Dovecot
    from tests.servers.fake_google.server import FakeGoogle
    from tests.servers.fake_google.worlds import Clock
    from tests.servers.submission import Submission


@pytest.fixture(scope="session")
def submission(dovecot: Dovecot) -> Iterator[Submission]:
    """Its certificate is of the authority of `dovecot`."""
    from tests.servers.submission import running_submission

    with running_submission(dovecot.authority) as started:
        yield started


@pytest.fixture
def google(clock: Clock) -> Iterator[FakeGoogle]:
    from at_google import furnish

    from tests.servers.fake_google.server import FakeGoogle

    with FakeGoogle(clock) as started:
        furnish(started)
        yield started
