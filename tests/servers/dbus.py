"""A D-Bus of a test's own, and two programs on it: one that takes notices as a desktop does, and one that speaks as logind."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from jeepney import DBusAddress, HeaderFields, MatchRule, MessageType, new_error, new_method_return, new_signal
from jeepney.bus_messages import message_bus
from jeepney.io.blocking import DBusConnection, Proxy, open_dbus_connection

_NEEDED = "the Debian package dbus is needed"


@contextmanager
def private_bus() -> Iterator[str]:
    """Its address. Everything on it may speak to everything."""
    program = shutil.which("dbus-daemon")
    assert program, _NEEDED
    with tempfile.TemporaryDirectory(dir="/tmp", prefix="hw-bus-") as folder:
        bus = subprocess.Popen(
            [program, "--session", "--nofork", "--nopidfile", "--print-address", f"--address=unix:path={folder}/bus"],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip
        try:
            assert bus.stdout is not None
            address = bus.stdout.readline().strip()
            assert address and Path(f"{folder}/bus").exists(), _NEEDED
            yield address
        finally:
            bus.terminate()
            bus.wait(5)


class Desktop:
    """Owns org.freedesktop.Notifications. `shown` are title and body of each notice; `refuses` answers with an error, `silent`
    not at all."""

    def __init__(self, address: str) -> None:
        self.shown: list[tuple[str, str]] = []
        self.refuses = self.silent = False
        self.capabilities = ["body"]
        self.actions: list[list[str]] = []
        self.urgencies: list[int] = []
        self.inhibited: list[str] = []  # who has asked for that and is still there
        self._number = 0
        self._connection = open_dbus_connection(address)
        bus = Proxy(message_bus, self._connection)
        bus.AddMatch(MatchRule(type="signal", interface="org.freedesktop.DBus", member="NameOwnerChanged"))
        bus.RequestName("org.freedesktop.Notifications")
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                message = self._connection.receive()
            except (OSError, ValueError):
                return
            member = message.header.fields.get(HeaderFields.member)
            if member == "NameOwnerChanged" and not message.body[2] and message.body[0] in self.inhibited:
                self.inhibited.remove(message.body[0])  # gone, and with it what it has asked for
            if message.header.message_type != MessageType.method_call or self.silent:
                continue
            if member == "GetCapabilities":
                self._connection.send(new_method_return(message, "as", (self.capabilities,)))
            elif member == "Inhibit":
                self.inhibited.append(message.header.fields[HeaderFields.sender])
                self._connection.send(new_method_return(message, "u", (len(self.inhibited),)))
            elif self.refuses or member != "Notify":
                self._connection.send(new_error(message, "org.freedesktop.DBus.Error.Failed"))
            else:
                self._number += 1
                self.shown.append((message.body[3], message.body[4]))
                self.actions.append(message.body[5])
                self.urgencies.append(message.body[6]["urgency"][1])
                self._connection.send(new_method_return(message, "u", (self._number,)))

    def leave(self) -> None:
        """Somebody else may show notices now."""
        new = message_bus.ReleaseName("org.freedesktop.Notifications")
        self._connection.send(new)

    def choose(self, action: str, number: int = 0) -> None:
        """Somebody presses a button of the newest notice, or of that one."""
        emitter = DBusAddress("/org/freedesktop/Notifications", interface="org.freedesktop.Notifications")
        self._connection.send(new_signal(emitter, "ActionInvoked", "us", (number or self._number, action)))


class Logind:
    """Owns org.freedesktop.login1."""

    def __init__(self, address: str, name: str = "org.freedesktop.login1") -> None:
        self._connection: DBusConnection = open_dbus_connection(address)
        Proxy(message_bus, self._connection).RequestName(name)

    def prepare_for_sleep(self, begins: bool) -> None:
        self._signal("PrepareForSleep", "b", (begins,))

    def other(self) -> None:
        self._signal("SessionNew", "so", ("1", "/org/freedesktop/login1/session/_1"))

    def _signal(self, name: str, kinds: str, body: tuple[Any, ...]) -> None:
        emitter = DBusAddress("/org/freedesktop/login1", interface="org.freedesktop.login1.Manager")
        self._connection.send(new_signal(emitter, name, kinds, body))
