"""A server that takes the demonstration's mail."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.servers.dovecot import Dovecot
    from tests.servers.submission import Submission


@pytest.fixture(scope="session")
def submission(dovecot: Dovecot) -> Iterator[Submission]:
    """Its certificate is of the authority of `dovecot`."""
    from tests.servers.submission import running_submission

    with running_submission(dovecot.authority) as started:
        yield started
