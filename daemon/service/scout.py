"""What looks for news on servers between two passes, as the service starts and ends it: one process of its own, which is small
and tells by the control socket. It ends with the service, and where a server cannot be asked: then passes look for themselves."""

from __future__ import annotations

import os
import signal
import sys
import time
from typing import NamedTuple

LEAST_APART = 240.0  # seconds between two starts, where it ends at once


class Watched(NamedTuple):
    """`at_once`: mailboxes whose arrivals are told when they come. `every`: seconds between two looks at everything on servers,
    0 where passes look there."""

    at_once: tuple[str, ...] = ()
    every: float = 0.0


class Scout:
    """`config` and `state` are what the user named, or ""."""

    def __init__(self, config: str, state: str) -> None:
        self._command = [sys.executable, "-P", "-m", "daemon.service.provisions", config, state]
        self._pid = self._life = 0
        self._watched = Watched()
        self._started = 0.0

    def keep(self, watched: Watched) -> None:
        """Watch this from now on, and nothing else."""
        if watched != self._watched:
            self._end()
            self._watched, self._started = watched, -LEAST_APART
        if any(watched) and not self.lives() and time.monotonic() - self._started >= LEAST_APART:
            self._start(watched)

    def lives(self) -> bool:
        if self._pid and os.waitpid(self._pid, os.WNOHANG)[0]:
            self._forget()
        return self._pid != 0

    def _start(self, watched: Watched) -> None:
        """It ends when the other end of its input is closed, as the kernel does for the dead, too."""
        theirs, self._life = os.pipe()
        files = [(os.POSIX_SPAWN_DUP2, theirs, 0), (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
        command = [*self._command, str(watched.every), *watched.at_once]
        try:
            self._pid = os.posix_spawn(sys.executable, command, os.environ, file_actions=files)
        finally:
            os.close(theirs)
        self._started = time.monotonic()

    def _end(self) -> None:
        if self.lives():
            os.kill(self._pid, signal.SIGKILL)  # it changes nothing anywhere
            os.waitpid(self._pid, 0)
            self._forget()

    def _forget(self) -> None:
        os.close(self._life)
        self._pid = self._life = 0
