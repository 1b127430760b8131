"""Notices on the desktop (Desktop Notifications Specification 1.2, org.freedesktop.Notifications). Where no desktop listens,
nothing is said until one does; a desktop that does not answer is given up after two seconds."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from daemon.service.report import Notice

if TYPE_CHECKING:
    from jeepney.io.blocking import DBusConnection

_PATIENCE = 2.0  # seconds


class Desktop:
    """Loads what speaks D-Bus only once there is something to say."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self._env = env

    def show(self, notices: Sequence[Notice]) -> tuple[str, ...]:
        """Keys of those that the desktop took."""
        address = self._address() if notices else ""
        if not address:
            return ()
        try:
            return self._shown(notices, address)
        except Exception:  # a bus that refuses, is slow or talks nonsense: later
            return ()

    def _address(self) -> str:
        """Of the session's bus, "" where there is none."""
        named = self._env.get("DBUS_SESSION_BUS_ADDRESS", "")
        path = f"{self._env.get('XDG_RUNTIME_DIR', '/nowhere')}/bus"
        return named or (f"unix:path={path}" if os.path.exists(path) else "")  # noqa: PTH110

    def _shown(self, notices: Sequence[Notice], address: str) -> tuple[str, ...]:
        from jeepney.io.blocking import open_dbus_connection

        connection = open_dbus_connection(address)
        try:
            return tuple(notice.key for notice in notices if _notified(connection, notice))
        finally:
            connection.close()


def _notified(connection: DBusConnection, notice: Notice) -> bool:
    from jeepney import DBusAddress, MessageType, new_method_call

    to = DBusAddress("/org/freedesktop/Notifications", "org.freedesktop.Notifications", "org.freedesktop.Notifications")
    hints = {"desktop-entry": ("s", "homeward"), "category": ("s", "presence")}
    body: tuple[object, ...] = ("homeward", 0, "x-office-calendar", notice.title, _plain(notice.body), [], hints, -1)
    answer = connection.send_and_get_reply(new_method_call(to, "Notify", "susssasa{sv}i", body), timeout=_PATIENCE)
    return bool(answer.header.message_type == MessageType.method_return)


def _plain(text: str) -> str:
    """A desktop may read marks of HTML in the body: titles from calendars have none."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
