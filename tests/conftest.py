"""Outside servers that serve a whole test session. They start when the first test asks for them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.servers.dovecot import Dovecot


@pytest.fixture(scope="session")
def dovecot() -> Iterator[Dovecot]:
    """IMAP, LMTP and ManageSieve. Tests that stop or break it start one of their own with `running_dovecot`."""
    from tests.servers.dovecot import running_dovecot

    with running_dovecot() as started:
        yield started
