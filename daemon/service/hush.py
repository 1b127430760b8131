"""Notices of the desktop off for as long as somebody asks for it (org.freedesktop.Notifications, Inhibit, as KDE has it). The
desktop shows them again by itself once the connection ends: nothing is left off by a service that has died."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING

from daemon.service.desktop import NAME, call, capabilities, session_bus

if TYPE_CHECKING:
    from jeepney.io.blocking import DBusConnection

_WHY = "You are away"


class Hush:
    """Asked once for each program that shows notices: whoever takes it back by hand is left with that."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self._env = env
        self._connection: DBusConnection | None = None
        self._asked = ""  # who was asked on this connection

    def keep(self, quiet: bool) -> None:
        """How it is to be from now on. A desktop that refuses, is slow or talks nonsense is asked again after the next pass."""
        address = session_bus(self._env)
        try:
            if not quiet or not address:
                self._end()
            else:
                self._begin(address)
        except Exception:
            self._end()

    def _begin(self, address: str) -> None:
        from jeepney import message_bus
        from jeepney.io.blocking import Proxy, open_dbus_connection

        if self._connection is None:
            self._connection = open_dbus_connection(address)
        (owner,) = Proxy(message_bus, self._connection, timeout=2).GetNameOwner(NAME)
        if owner == self._asked:
            return
        if "inhibitions" in capabilities(self._connection):
            call(self._connection, "Inhibit", "ssa{sv}", ("homeward", _WHY, {}))
        self._asked = owner

    def _end(self) -> None:
        if self._connection is not None:
            with suppress(OSError):
                self._connection.close()
        self._connection, self._asked = None, ""
