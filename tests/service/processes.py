"""The service as a process of its own, told to speak to a notify socket that a test listens at."""

from __future__ import annotations

import os
import queue
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from daemon.service.control import ask

_PATIENCE = 30.0  # seconds for whatever is waited for; it is a machine with other things to do


def wait_for(what: Callable[[], object], why: str) -> None:
    deadline = time.monotonic() + _PATIENCE
    while not what():
        assert time.monotonic() < deadline, why
        time.sleep(0.02)


class Service:
    """`homeward run` in `home`. `heard` are the messages to systemd so far."""

    def __init__(self, home: Path, folder: Path, env: Mapping[str, str]) -> None:
        self.home, self.state = home, home / "state"
        self._notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._notify.bind(str(folder / "notify"))
        self._told: queue.Queue[str] = queue.Queue()
        threading.Thread(target=self._listen, daemon=True).start()
        self._errors = folder / "errors"
        self._env = {**os.environ, "NOTIFY_SOCKET": str(folder / "notify"), **env}
        self._env.pop("HOMEWARD_NOW", None)
        self.heard: list[str] = []
        self.start()

    @property
    def command(self) -> list[str]:
        return [sys.executable, "-m", "daemon", "--config", str(self.home / "config.toml"), "--state", str(self.state)]

    def start(self) -> None:
        with self._errors.open("ab") as errors:
            self.process = subprocess.Popen([*self.command, "run"], stderr=errors, stdout=errors, env=self._env)

    def end(self) -> None:
        with suppress(ProcessLookupError):
            self.process.kill()
        self.process.wait(_PATIENCE)
        self._notify.sendto(b"", self._notify.getsockname())

    def _listen(self) -> None:
        """As systemd does: at once, since few messages have room in the socket."""
        with self._notify:
            while told := self._notify.recv(4096):
                self._told.put(told.decode())

    def hear(self, wanted: str, patience: float = _PATIENCE) -> str:
        """The next message to systemd that has this line. queue.Empty where none comes for so long."""
        while True:
            told = self._told.get(timeout=patience)
            self.heard.append(told)
            if wanted in told.splitlines():
                return told

    def status(self) -> dict[str, object]:
        found: dict[str, object] = {}

        def answers() -> bool:
            found.update(ask(str(self.state), "status") or {})
            return bool(found)

        wait_for(answers, f"the service does not answer: {self.log}")
        return found

    def passes(self) -> int:
        return int(str(self.status()["passes"]))

    def wait_for_passes(self, number: int) -> None:
        wait_for(lambda: self.passes() >= number, f"there were no {number} passes: {self.log}")

    def signal(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def stop(self) -> int:
        self.signal(signal.SIGTERM)
        return self.process.wait(_PATIENCE)

    def homeward(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Another command, on the same files."""
        return subprocess.run([*self.command, *words], capture_output=True, text=True, check=False, env=self._env, timeout=60)

    @property
    def log(self) -> str:
        return self._errors.read_text()


@contextmanager
def running_service(home: Path, folder: Path, **env: str) -> Iterator[Service]:
    service = Service(home, folder, env)
    try:
        yield service
    finally:
        service.end()
