"""Hears from logind that the machine woke up (org.freedesktop.login1, PrepareForSleep). Without a system bus nothing is heard;
the service then notices by its clocks, within one sleep of its own."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jeepney.io.blocking import DBusConnection

_DEFAULT = "/run/dbus/system_bus_socket"


def system_bus(env: Mapping[str, str]) -> bool:
    """Whether there is one to ask."""
    return "DBUS_SYSTEM_BUS_ADDRESS" in env or os.path.exists(_DEFAULT)  # noqa: PTH110


class SleepWatch:
    """OSError (or what jeepney raises) where the bus does not take us."""

    def __init__(self) -> None:
        from jeepney import MatchRule, message_bus
        from jeepney.io.blocking import Proxy, open_dbus_connection

        self._connection: DBusConnection = open_dbus_connection("SYSTEM")
        rule = MatchRule(
            type="signal", sender="org.freedesktop.login1", interface="org.freedesktop.login1.Manager", member="PrepareForSleep"
        )
        Proxy(message_bus, self._connection, timeout=2).AddMatch(rule)

    def fileno(self) -> int:
        return int(self._connection.sock.fileno())

    def close(self) -> None:
        self._connection.close()

    def events(self) -> Iterable[str]:
        """OSError where the bus is gone."""
        from jeepney import HeaderFields

        found: list[str] = []
        while True:
            try:
                message = self._connection.receive(timeout=0)
            except TimeoutError:
                return found
            about_sleep = message.header.fields.get(HeaderFields.member) == "PrepareForSleep"
            if about_sleep and message.body == (False,):
                found.append("resumed")
