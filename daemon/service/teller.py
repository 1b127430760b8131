"""What the service says, and to whom: its state to systemd, what happens to the journal (or to the terminal it was started in),
notices to the desktop. No titles and no addresses go into the log; `homeward log` has the whole story."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress

from daemon.service.desktop import Asked, Desktop
from daemon.service.hush import Hush
from daemon.service.journal import Journal
from daemon.service.report import Report
from daemon.service.systemd import Notifier


class Voice:
    """Implements `Teller`."""

    def __init__(self, notifier: Notifier, env: Mapping[str, str], listen: Callable[[Asked], None]) -> None:
        """`listen` is told of what waits for answers of the desktop."""
        self._notifier = notifier
        self._desktop = Desktop(env, listen)
        self._hush = Hush(env)
        self._journal = Journal(env)

    def ready(self, words: str) -> None:
        self._notifier.send("READY=1", f"MAINPID={os.getpid()}", *self._notifier.status(words))

    def alive(self, words: str) -> None:
        self._notifier.send("WATCHDOG=1", *self._notifier.status(words))

    def reloading(self) -> None:
        self._notifier.send("RELOADING=1", *self._notifier.status("looking at the config again"))

    def stopping(self) -> None:
        self._notifier.send("STOPPING=1", *self._notifier.status("stopping"))

    def log(self, words: str, *, bad: bool = False) -> None:
        if self._journal.say(words, bad=bad):
            return
        with suppress(OSError):
            sys.stderr.write("".join(f"{line}\n" for line in words.splitlines()))
            sys.stderr.flush()

    def show(self, report: Report) -> tuple[str, ...]:
        for step in report.steps:
            self._journal.step(step)
        shown = self._desktop.show(report.notices)
        self._hush.keep(report.quiet)
        return shown

    def answers(self) -> tuple[tuple[str, str], ...]:
        return self._desktop.answers()
