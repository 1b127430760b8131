"""The demonstration's home, for tests and benchmarks to live in."""

from __future__ import annotations

import shutil
from pathlib import Path

import daemon.demo
from integrations.maildir import create_maildir


def demo_home(root: Path) -> Path:
    """At `root`, which is not there yet."""
    shutil.copytree(Path(daemon.demo.__file__).parent / "home", root)
    (root / "dovecot.sieve").symlink_to("sieve/mine.sieve")
    create_maildir(root / "Maildir")
    return root
