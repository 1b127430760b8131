"""What systemd is told (sd_notify(3)) and how often it wants to be told. Without systemd nothing is."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from contextlib import suppress


class Notifier:
    """Sends to $NOTIFY_SOCKET, where there is one. Never fails: who does not listen is not told."""

    def __init__(self, env: Mapping[str, str]) -> None:
        address = env.get("NOTIFY_SOCKET", "")
        self._address = f"\0{address[1:]}" if address.startswith("@") else address
        self._last = ""

    def send(self, *lines: str) -> None:
        if self._address:
            with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as to:
                to.settimeout(1)
                to.sendto("\n".join(lines).encode(), self._address)

    def status(self, words: str) -> tuple[str, ...]:
        """The line to send, where it is news."""
        changed, self._last = words != self._last, words
        return (f"STATUS={words[:200].splitlines()[0] if words else ''}",) if changed else ()


def watchdog_seconds(env: Mapping[str, str]) -> float | None:
    """Within which systemd wants a sign of life of this process; None where it does not."""
    wanted, pid = env.get("WATCHDOG_USEC", ""), env.get("WATCHDOG_PID", "")
    mine = not pid or pid == str(os.getpid())
    return int(wanted) / 1e6 if mine and wanted.isdecimal() and int(wanted) else None
