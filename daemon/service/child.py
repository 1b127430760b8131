"""A pass as a child process: it is given an order on its input and tells its report on its output. What it loaded is gone with
it, and what it does to itself cannot harm the service."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterable
from contextlib import suppress

from daemon.service.report import MOST_BYTES, Order, Report, dump, load_report
from daemon.service.scout import Scout, Watched
from daemon.service.wake import Wake


class Child:
    """Implements `Passes`. `config` and `state` are what the user named, or ""."""

    def __init__(self, wake: Wake, config: str, state: str) -> None:
        self._wake, self._command = wake, [sys.executable, "-P", "-m", "daemon.service.worker", config, state]
        self._scout = Scout(config, state)
        self._pid = self._pipe = 0
        self._told = bytearray()
        self._code: int | None = None
        wake.on_child = self._reap

    def start(self, order: Order) -> None:
        order_end, order_start = os.pipe()
        self._pipe, report_start = os.pipe()
        os.set_blocking(self._pipe, False)
        os.set_blocking(order_start, False)  # the child has not begun to read
        ends = [(os.POSIX_SPAWN_DUP2, order_end, 0), (os.POSIX_SPAWN_DUP2, report_start, 1)]
        self._told.clear()
        self._code = None
        try:
            self._pid = os.posix_spawn(sys.executable, self._command, os.environ, file_actions=ends, setpgroup=0)
            os.write(order_start, dump(order))
        finally:
            for handle in (order_end, order_start, report_start):
                os.close(handle)
        self._wake.add(self._pipe, self._read)

    def result(self) -> Report:
        os.close(self._pipe)
        self._pid = 0
        try:
            return load_report(bytes(self._told))
        except (ValueError, RecursionError):
            code = self._code or 0
            how = f"signal {-code}" if code < 0 else f"exit code {code}"
            return Report("failed", f"the pass ended before its time ({how})")

    def stop(self) -> None:
        self._send(signal.SIGTERM)

    def kill(self) -> None:
        """With whatever it has started."""
        self._send(signal.SIGKILL)

    def watch(self, watched: Watched) -> None:
        self._scout.keep(watched)

    def watching(self) -> bool:
        return self._scout.lives()

    def _send(self, number: signal.Signals) -> None:
        if self._pid:
            with suppress(ProcessLookupError):
                os.killpg(self._pid, number) if number == signal.SIGKILL else os.kill(self._pid, number)

    def _read(self) -> Iterable[str]:
        try:
            piece = os.read(self._pipe, 65_536)
        except BlockingIOError:
            return ()
        if not piece:
            self._wake.remove(self._pipe)
        elif len(self._told) <= MOST_BYTES:
            self._told += piece
        return ()

    def _reap(self) -> Iterable[str]:
        """The child has ended; what it wrote last may still be in the pipe."""
        if not self._pid or self._code is not None:
            return ()
        ended, status = os.waitpid(self._pid, os.WNOHANG)
        if not ended:
            return ()
        self._code = os.waitstatus_to_exitcode(status)
        with suppress(OSError):
            while piece := os.read(self._pipe, 65_536):
                self._told += piece[: MOST_BYTES + 1]
        with suppress(KeyError):
            self._wake.remove(self._pipe)
        return ("finished",)
