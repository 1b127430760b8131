"""Runs the user's own mail synchronisation, when told to: a command without a shell, or a unit of the user's systemd. Decides
nothing about when. Its output is not kept: it may hold what is secret."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from collections.abc import Sequence
from contextlib import suppress

from integrations.errors import Permanent, Temporary

_UNIT = re.compile(r"[A-Za-z0-9:_.\\@][A-Za-z0-9:_.\\@-]{0,250}")


class CommandSync:
    """Runs `command`; after `timeout` seconds it is stopped with everything that it started."""

    def __init__(self, command: Sequence[str], timeout: float = 600.0) -> None:
        if not command:
            raise ValueError("the sync command is empty")
        self._command = tuple(command)
        self._timeout = timeout

    def run(self) -> None:
        name = self._command[0]
        try:
            process = subprocess.Popen(
                self._command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                start_new_session=True,
            )  # fmt: skip
        except (FileNotFoundError, PermissionError) as error:
            raise Permanent(f"Could not run {name}: {error.strerror}.") from error
        except OSError as error:
            raise Temporary(f"Could not run {name}: {error.strerror}.") from error
        code = self._wait(process)
        if code:
            how = f"exit code {code}" if code > 0 else f"stopped by signal {-code}"
            raise Temporary(f"{name} failed ({how}); run it by hand to see why.")

    def _wait(self, process: subprocess.Popen[bytes]) -> int:
        try:
            return process.wait(self._timeout)
        except subprocess.TimeoutExpired:
            raise Temporary(f"{self._command[0]} took longer than {self._timeout:g} s and was stopped.") from None
        finally:
            if process.poll() is None:
                _stop(process)


def _stop(process: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


class UnitSync(CommandSync):
    """Starts `unit` of the user's systemd and waits for it. ValueError where that is no name of a unit."""

    def __init__(self, unit: str, timeout: float = 600.0) -> None:
        if not _UNIT.fullmatch(unit):
            raise ValueError(f"“{unit}” is not the name of a systemd unit")
        super().__init__(("systemctl", "--user", "start", "--", unit), timeout)
