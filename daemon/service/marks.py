"""Whether anything on disk has changed since the last pass: what the service looks at before it makes one. It never says "the
same" of what may have changed; that it says "changed" too often costs a pass, and nothing else."""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterable
from typing import NamedTuple

from daemon.service.report import Watch

_UNSETTLED = 2.0  # seconds: file systems give the same time to two changes that are close enough


class Marks(NamedTuple):
    """`sum` is of all paths; `newest` the latest change among them (seconds of UTC), by their own clocks."""

    sum: int
    newest: float

    def settled(self, now: float) -> bool:
        """Whether a change right after the look would show."""
        return self.newest < now - _UNSETTLED


def marks_of(watch: Iterable[Watch]) -> Marks:
    total, newest = 0, 0.0
    for path, deep in watch:
        found = [(path, _stat(path)), *(_inside(path) if deep else ())]
        for name, seen in found:
            text = f"{name} {seen and (seen.st_mtime_ns, seen.st_ctime_ns, seen.st_size, seen.st_ino, seen.st_mode)}\n"
            total = zlib.crc32(text.encode("utf-8", "surrogateescape"), total)
            newest = max(newest, seen.st_ctime, seen.st_mtime) if seen else newest
    return Marks(total, newest)


def _stat(path: str) -> os.stat_result | None:
    try:
        return os.stat(path)  # noqa: PTH116  pathlib is not loaded here
    except OSError:
        return None


def _inside(path: str) -> list[tuple[str, os.stat_result | None]]:
    try:
        with os.scandir(path) as entries:
            names = sorted(entry.name for entry in entries)
    except OSError:
        return []
    return [(name, _stat(f"{path}/{name}")) for name in names]
