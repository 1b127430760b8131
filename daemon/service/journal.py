"""What the service says to systemd's journal, with fields that can be searched (systemd.io/JOURNAL_NATIVE_PROTOCOL):
`journalctl --user HOMEWARD_ABSENCE=…`. Ids and kinds of step only, no titles and no addresses."""

from __future__ import annotations

import os
import socket
import struct
from collections.abc import Mapping

from daemon.service.report import Step

_SOCKET = "/run/systemd/journal/socket"
_STEP = "5a4f0c1d8f6e4b7fa4b1d1c0a9c3e271"  # MESSAGE_ID of all that is one step of a change
_WARNING, _INFO = "4", "6"


class Journal:
    """Where standard error is not the journal (JOURNAL_STREAM in systemd.exec(5)), nothing is sent."""

    def __init__(self, env: Mapping[str, str], path: str = _SOCKET) -> None:
        self._path = path
        self.there = env.get("JOURNAL_STREAM", "") == _standard_error()

    def say(self, words: str, *, bad: bool = False) -> bool:
        """Whether the journal took all of it."""
        priority = _WARNING if bad else _INFO
        return self.there and all(self._send({"MESSAGE": line, "PRIORITY": priority}) for line in words.splitlines())

    def step(self, step: Step) -> bool:
        """One thing that a pass has done."""
        fields = {"HOMEWARD_ABSENCE": step.absence, "HOMEWARD_EFFECT": step.effect, "HOMEWARD_STEP": step.step}
        message = " ".join(filter(None, (step.step, step.effect or step.absence)))
        return self.there and self._send({"MESSAGE": message, "PRIORITY": _INFO, "MESSAGE_ID": _STEP, **fields})

    def _send(self, fields: Mapping[str, str]) -> bool:
        data = b"".join(_field(name, value) for name, value in {"SYSLOG_IDENTIFIER": "homeward", **fields}.items() if value)
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as to:
                to.settimeout(1)
                to.sendto(data, self._path)
        except OSError:
            return False
        return True


def _field(name: str, value: str) -> bytes:
    """With its length before it, since a value may hold anything."""
    data = value.encode("utf-8", "replace")
    return b"%s\n%s%s\n" % (name.encode(), struct.pack("<Q", len(data)), data)


def _standard_error() -> str:
    try:
        seen = os.fstat(2)
    except OSError:
        return "closed"
    return f"{seen.st_dev}:{seen.st_ino}"
