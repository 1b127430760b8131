"""A Dovecot whose clock is the story's: Sieve asks the server's clock whether the inbox is held, so the server runs under
libfaketime."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from os import environ
from pathlib import Path
from unittest.mock import patch

from tests.servers.dovecot import Dovecot, Shape, running_dovecot

_LIBRARY = "*/faketime/libfaketimeMT.so.1"
_VARIABLES = "LD_PRELOAD FAKETIME DONT_FAKE_MONOTONIC NO_FAKE_STAT"
# The times of files stay the real ones, so that when a message came has to be written where the server writes it itself.
_SHAPE = f"""
import_environment = $import_environment {_VARIABLES}
mail_location = sdbox:~/mail
plugin {{
  quota = count:User quota
  quota_vsizes = yes
}}
"""


class ClockedDovecot:
    def __init__(self, server: Dovecot) -> None:
        self.server = server
        self._ahead = timedelta()

    def now(self) -> datetime:
        """As the server sees it, in UTC. It goes on by itself."""
        return datetime.now(UTC) + self._ahead

    def set(self, moment: datetime) -> None:
        """Started anew: in the middle of its work Dovecot takes a jump for a hang, and ends processes that it has just begun."""
        self.server.kill()
        self._ahead = moment - datetime.now(UTC)
        self.start()

    def start(self) -> None:
        """Again, after a stop. A lock that a killed one has left would be waited for: its time is not of this clock."""
        for lock in (self.server.base / "state").glob("*.lock*"):
            lock.unlink()
        libraries = list(Path("/usr/lib").glob(_LIBRARY))
        assert libraries, "the Debian package libfaketime is needed"
        values = [str(libraries[0]), f"{self._ahead.total_seconds():+.3f}", "1", "1"]
        with patch.dict(environ, zip(_VARIABLES.split(), values, strict=True)):
            self.server.start()


@contextmanager
def dovecot_at(start: datetime) -> Iterator[ClockedDovecot]:
    with running_dovecot(Shape(_SHAPE)) as server:  # started in the real time, of which its certificates are
        clocked = ClockedDovecot(server)
        clocked.set(start)
        yield clocked
    _forget_clocks()


def _forget_clocks() -> None:
    """libfaketime leaves its clock in shared memory where a process was killed."""
    for clock in Path("/dev/shm").glob("*faketime_*"):
        if not Path("/proc", clock.name.rpartition("_")[2]).exists():
            clock.unlink(missing_ok=True)
