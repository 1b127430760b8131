"""The demonstration's home as a fixture."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import daemon.demo
from integrations.maildir import create_maildir


@pytest.fixture
def home(tmp_path: Path) -> Path:
    root = tmp_path / "home"
    shutil.copytree(Path(daemon.demo.__file__).parent / "home", root)
    (root / "dovecot.sieve").symlink_to("sieve/mine.sieve")
    create_maildir(root / "Maildir")
    return root
