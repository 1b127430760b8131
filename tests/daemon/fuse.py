"""Ends a process before or after one of its writes to the ledger and to the outside, so that a test can resume it."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from daemon.session import Session

KILLED = 77
WRITES = {"commit", "hold", "release", "tidy", "write", "restore", "send", "run"}


class Fuse:
    """Burns down by one at each point where a process may die, and ends the process at zero."""

    def __init__(self, points: int) -> None:
        self.left = points
        self.passed = 0

    def burn(self) -> None:
        self.passed += 1
        self.left -= 1
        if self.left == 0:
            os._exit(KILLED)


class Watched:
    """Stands before a real backend and burns the fuse around each of its writes."""

    def __init__(self, real: Any, fuse: Fuse) -> None:
        self._real, self._fuse = real, fuse

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._real, name)
        if name not in WRITES:
            return found

        def call(*args: Any, **kwargs: Any) -> Any:
            self._fuse.burn()
            result = found(*args, **kwargs)
            self._fuse.burn()
            return result

        return call


class WatchedDatabase:
    """Stands before the ledger's connection and burns the fuse around each statement that writes."""

    def __init__(self, real: Any, fuse: Fuse) -> None:
        self._real, self._fuse = real, fuse

    def execute(self, sql: str, *args: Any) -> Any:
        if sql.lstrip().upper().startswith(("SELECT", "PRAGMA", "BEGIN")):
            return self._real.execute(sql, *args)
        self._fuse.burn()
        result = self._real.execute(sql, *args)
        self._fuse.burn()
        return result

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)


def watched(session: Session, fuse: Fuse) -> Session:
    outside = session.outside
    for kind in (outside.calendars, outside.mailboxes, outside.responders, outside.outboxes):
        for name, backend in kind.items():
            kind[name] = Watched(backend, fuse)  # type: ignore[assignment]
    session.ledger.db = WatchedDatabase(session.ledger.db, fuse)  # type: ignore[assignment]
    return session


def killed_at(point: int, run: Callable[[Fuse], None]) -> bool:
    """Whether the child, in which `run` is called, died at that point; False: it came to its end first."""
    child = os.fork()
    if child == 0:
        try:
            run(Fuse(point))
        except BaseException:
            os._exit(1)
        os._exit(0)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert code in (0, KILLED), f"the child failed at point {point}"
    return code == KILLED


def difference(one: dict[str, object], other: dict[str, object]) -> list[tuple[str, object, object]]:
    return [(key, one.get(key), other.get(key)) for key in sorted({*one, *other}) if one.get(key) != other.get(key)]
