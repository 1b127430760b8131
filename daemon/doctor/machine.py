"""This machine: what homeward remembers on it, and as whom it runs."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from daemon.cli import source
from daemon.doctor.finding import Finding
from daemon.session import Session


def ledger(session: Session) -> Iterator[Finding]:
    found = source.memory(session)
    if found is None:
        yield Finding("ok", f"nothing is remembered yet in {session.paths.state}; the first pass begins it")
        return
    yield Finding("ok", f"ledger {found.path} ({found.path.stat().st_size / 1000:.0f} kB)")
    free = shutil.disk_usage(found.path.parent).free
    if free < 50_000_000:
        yield Finding("broken", f"only {free // 1_000_000} MB are free where homeward remembers", "make room on that disk")


def user(session: Session) -> Iterator[Finding]:
    if os.geteuid() == 0:
        yield Finding("remark", f"you are root; homeward is meant to run as yourself ({Path.home()})")
