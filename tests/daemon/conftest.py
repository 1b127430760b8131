"""The demonstration's home, and a server that takes its mail."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import daemon.demo
from integrations.maildir import create_maildir

if TYPE_CHECKING:
    from tests.servers.dovecot import Dovecot
    from tests.servers.submission import Submission


@pytest.fixture
def home(tmp_path: Path) -> Path:
    root = tmp_path / "home"
    shutil.copytree(Path(daemon.demo.__file__).parent / "home", root)
    (root / "dovecot.sieve").symlink_to("sieve/mine.sieve")
    create_maildir(root / "Maildir")
    return root


@pytest.fixture(scope="session")
def submission(dovecot: Dovecot) -> Iterator[Submission]:
    """Its certificate is of the authority of `dovecot`."""
    from tests.servers.submission import running_submission

    with running_submission(dovecot.authority) as started:
        yield started
