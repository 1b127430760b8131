"""Notices on the desktop (Desktop Notifications Specification 1.2, org.freedesktop.Notifications), and what is answered there.
Where no desktop listens, nothing is said until one does; a desktop that does not answer is given up after two seconds."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from daemon.service.report import Notice

if TYPE_CHECKING:
    from jeepney.io.blocking import DBusConnection

_PATIENCE = 2.0  # seconds
NAME, _PATH = "org.freedesktop.Notifications", "/org/freedesktop/Notifications"
_ANSWERS = {"yes": "confirm", "no": "dismiss"}  # "later" is no answer
_ACTIONS = ["yes", "Yes", "no", "No", "later", "Later"]


def session_bus(env: Mapping[str, str]) -> str:
    """Its address, "" where there is none."""
    named = env.get("DBUS_SESSION_BUS_ADDRESS", "")
    path = f"{env.get('XDG_RUNTIME_DIR', '/nowhere')}/bus"
    return named or (f"unix:path={path}" if os.path.exists(path) else "")  # noqa: PTH110


class Asked:
    """Questions that are on the screen. It keeps its connection, since the desktop answers to that; `answers` are what was
    chosen: absence and verb."""

    def __init__(self, connection: DBusConnection) -> None:
        from jeepney import MatchRule, message_bus
        from jeepney.io.blocking import Proxy

        self.answers: list[tuple[str, str]] = []
        self._connection = connection
        self._open: dict[int, str] = {}
        rule = MatchRule(type="signal", sender=NAME, interface=NAME, member="ActionInvoked")
        Proxy(message_bus, connection, timeout=_PATIENCE).AddMatch(rule)
        self._rule = rule

    def ask(self, notice: Notice) -> bool:
        with self._connection.filter(self._rule, bufsize=20) as early:
            number = _notified(self._connection, notice, _ACTIONS)
            if number is not None:
                self._open[number] = notice.question
            for message in early:
                self._take(message)
        return number is not None

    def fileno(self) -> int:
        return int(self._connection.sock.fileno())

    def close(self) -> None:
        self._connection.close()

    def events(self) -> Iterable[str]:
        """OSError where the bus is gone."""
        before = len(self.answers)
        while True:
            try:
                self._take(self._connection.receive(timeout=0))
            except TimeoutError:
                return ("answered",) if len(self.answers) > before else ()

    def _take(self, message: Any) -> None:
        from jeepney import HeaderFields

        if message.header.fields.get(HeaderFields.member) == "ActionInvoked" and len(message.body) == 2:
            number, chosen = message.body
            verb, absence = _ANSWERS.get(chosen), self._open.pop(number, "")
            if verb and absence:
                self.answers.append((absence, verb))


class Desktop:
    """Loads what speaks D-Bus only once there is something to say. `listen` is told of whatever waits for an answer."""

    def __init__(self, env: Mapping[str, str], listen: Callable[[Asked], None] = lambda asked: None) -> None:
        self._env = env
        self._listen = listen
        self._asked: Asked | None = None

    def show(self, notices: Sequence[Notice]) -> tuple[str, ...]:
        """Keys of those that the desktop took."""
        address = session_bus(self._env) if notices else ""
        if not address:
            return ()
        try:
            return self._shown(notices, address)
        except Exception:  # a bus that refuses, is slow or talks nonsense: later
            self._asked = None
            return ()

    def answers(self) -> tuple[tuple[str, str], ...]:
        """What was chosen since this was last asked: absence and verb."""
        if self._asked is None:
            return ()
        chosen, self._asked.answers = tuple(self._asked.answers), []
        return chosen

    def _shown(self, notices: Sequence[Notice], address: str) -> tuple[str, ...]:
        from jeepney.io.blocking import open_dbus_connection

        connection = open_dbus_connection(address)
        try:
            asks = any(notice.question for notice in notices) and "actions" in capabilities(connection)
            return tuple(n.key for n in notices if self._tell(n, connection, address, asks=asks))
        finally:
            connection.close()

    def _tell(self, notice: Notice, connection: DBusConnection, address: str, *, asks: bool) -> bool:
        if asks and notice.question:
            return self._questions(address).ask(notice)
        return _notified(connection, notice, []) is not None

    def _questions(self, address: str) -> Asked:
        from jeepney.io.blocking import open_dbus_connection

        if self._asked is None or self._asked.fileno() < 0:
            self._asked = Asked(open_dbus_connection(address))
            self._listen(self._asked)
        return self._asked


def call(connection: DBusConnection, method: str, kinds: str = "", body: tuple[object, ...] = ()) -> Any:
    """What it returns; None where it is an error."""
    from jeepney import DBusAddress, MessageType, new_method_call

    message = new_method_call(DBusAddress(_PATH, NAME, NAME), method, kinds or None, body)
    answer = connection.send_and_get_reply(message, timeout=_PATIENCE)
    return answer.body[0] if answer.header.message_type == MessageType.method_return and answer.body else None


def capabilities(connection: DBusConnection) -> list[str]:
    return call(connection, "GetCapabilities") or []


def _notified(connection: DBusConnection, notice: Notice, actions: list[str]) -> int | None:
    """The number under which it is shown."""
    urgency = 2 if notice.urgent else 1  # critical, normal
    hints = {"desktop-entry": ("s", "homeward"), "category": ("s", "presence"), "urgency": ("y", urgency)}
    body = ("homeward", 0, "x-office-calendar", notice.title, _plain(notice.body), actions, hints, -1)
    number = call(connection, "Notify", "susssasa{sv}i", body)
    return int(number) if number is not None else None


def _plain(text: str) -> str:
    """A desktop may read marks of HTML in the body: titles from calendars have none."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
