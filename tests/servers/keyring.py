"""A desktop's keyring for tests: GNOME Keyring on a D-Bus of its own, unlocked, in a home of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.servers.dbus import private_bus

_NEEDED = "the Debian packages dbus and gnome-keyring are needed"


# Asked too early, the bus would start a keyring of its own, which nobody unlocks.
_OWNED = """
from jeepney import message_bus
assert connection.send_and_get_reply(message_bus.NameHasOwner("org.freedesktop.secrets")).body[0]
"""


class Keyring:
    """`env` leads programs to it."""

    def __init__(self, home: Path, bus: str) -> None:
        self.env = {"DBUS_SESSION_BUS_ADDRESS": bus, "HOME": str(home), "XDG_DATA_HOME": str(home / "data")}
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, password: str = "keyring-password") -> None:
        daemon = shutil.which("gnome-keyring-daemon")
        assert daemon, _NEEDED
        command = [daemon, "--foreground", "--components=secrets", "--unlock"]
        env = {**os.environ, **self.env, "XDG_RUNTIME_DIR": self.env["HOME"]}
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=env
        )
        assert self._process.stdin is not None
        self._process.stdin.write(password.encode())
        self._process.stdin.close()
        deadline = time.monotonic() + 20
        while not self._is_there():
            assert self._process.poll() is None and time.monotonic() < deadline, f"no keyring: {_NEEDED}"
            time.sleep(0.05)

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(5)
            self._process.kill()
            self._process.wait(5)

    def lock(self) -> None:
        """As when the user has left."""
        self._ask("collection.lock()")

    def _is_there(self) -> bool:
        with suppress(subprocess.CalledProcessError):
            self._ask("assert not collection.is_locked()", _OWNED)
            return True
        return False

    def _ask(self, code: str, first: str = "") -> None:
        import sys

        lines = (
            "import secretstorage",
            "connection = secretstorage.dbus_init()",
            first,
            "collection = secretstorage.collection.get_collection_by_alias(connection, 'default')",
            code,
        )
        command = [sys.executable, "-c", "\n".join(lines)]
        subprocess.run(command, env={**os.environ, **self.env}, check=True, capture_output=True, timeout=20)


@contextmanager
def running_keyring() -> Iterator[Keyring]:
    with (
        tempfile.TemporaryDirectory(dir="/tmp", prefix="hw-keyring-", ignore_cleanup_errors=True) as folder,
        private_bus() as bus,
    ):
        keyring = Keyring(Path(folder), bus)
        try:
            keyring.start()
            yield keyring
        finally:
            keyring.stop()
