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

from jeepney import DBusAddress, HeaderFields, MessageType, new_error, new_method_return, new_signal
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
        self._number = 0
        self._connection = open_dbus_connection(address)
        Proxy(message_bus, self._connection).RequestName("org.freedesktop.Notifications")
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                message = self._connection.receive()
            except (OSError, ValueError):
                return
            if message.header.message_type != MessageType.method_call or self.silent:
                continue
            member = message.header.fields.get(HeaderFields.member)
            if member == "GetCapabilities":
                self._connection.send(new_method_return(message, "as", (self.capabilities,)))
            elif self.refuses or member != "Notify":
                self._connection.send(new_error(message, "org.freedesktop.DBus.Error.Failed"))
            else:
                self._number += 1
                self.shown.append((message.body[3], message.body[4]))
                self.actions.append(message.body[5])
                self._connection.send(new_method_return(message, "u", (self._number,)))

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
