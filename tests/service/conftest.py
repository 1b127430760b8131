"""The service, running in the demonstration's home."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.service.processes import Service, running_service


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
