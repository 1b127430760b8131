"""The demonstration's home, and the service running in it."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

import daemon.demo
from integrations.maildir import create_maildir
from tests.service.processes import Service, running_service


@pytest.fixture
def home(tmp_path: Path) -> Path:
    root = tmp_path / "home"
    shutil.copytree(Path(daemon.demo.__file__).parent / "home", root)
    (root / "dovecot.sieve").symlink_to("sieve/mine.sieve")
    create_maildir(root / "Maildir")
    return root


@pytest.fixture
def short_folder() -> Iterator[Path]:
    """Sockets have short paths."""
    with tempfile.TemporaryDirectory(dir="/tmp", prefix="hw-") as folder:
        yield Path(folder)


@pytest.fixture
def service(home: Path, short_folder: Path) -> Iterator[Service]:
    """Ready, with its first pass done."""
    with running_service(home, short_folder) as started:
        started.hear("READY=1")
        started.wait_for_passes(1)
        yield started
