"""What real CalDAV servers have in common for tests: a process that is started and ended by its pid, collections that no other
test has, and another client, written plainly, that changes things behind our back."""

from __future__ import annotations

import http.client
import itertools
import re
import ssl
import subprocess
import time
from base64 import b64encode
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

from integrations.login import Login
from tests.servers.dovecot import free_port

_COUNT = itertools.count(1)
PASSWORD = "geheim: ä€"


class CalendarServer:
    """`home` is the path under which collections are made. A subclass gives `command` and the output's file."""

    home = "/"
    schedules = False
    takes_periods = True

    def __init__(self, base: Path, *, scheme: str = "http", user: str = "lea", ca_file: str = "") -> None:
        self.base, self.scheme, self.user, self.ca_file = base, scheme, user, ca_file
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"{self.scheme}://localhost:{self.port}"

    @property
    def login(self) -> Login:
        return Login(self.user, "password", lambda: PASSWORD)

    def command(self) -> Sequence[str]:
        raise NotImplementedError

    # the process

    def start(self) -> None:
        with (self.base / "output").open("ab") as output:
            self._process = subprocess.Popen(self.command(), stdin=subprocess.DEVNULL, stdout=output, stderr=output)
        deadline = time.monotonic() + 20
        while not self._answers():
            said = (self.base / "output").read_text()[-2000:]
            assert self._process.poll() is None and time.monotonic() < deadline, f"{self.command()} did not start: {said}"
            time.sleep(0.05)

    def _answers(self) -> bool:
        with suppress(OSError, http.client.HTTPException):
            return self.ask("OPTIONS", "/")[0] > 0
        return False

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(3)
            self.kill()

    def kill(self) -> None:
        assert self._process is not None
        self._process.kill()
        self._process.wait(5)

    # another client

    def ask(
        self, method: str, path: str, body: bytes = b"", user: str = "", **headers: str
    ) -> tuple[int, bytes, http.client.HTTPMessage]:  # fmt: skip
        """Names of headers with _ in place of -."""
        secret = b64encode(f"{user or self.user}:{PASSWORD}".encode()).decode()
        named = {"Authorization": f"Basic {secret}", **{name.replace("_", "-"): value for name, value in headers.items()}}
        connection = self._connection()
        try:
            connection.request(method, path, body or None, named)
            answer = connection.getresponse()
            return answer.status, answer.read(), answer.headers
        finally:
            connection.close()

    def _connection(self) -> http.client.HTTPConnection:
        if self.scheme == "http":
            return http.client.HTTPConnection("localhost", self.port, timeout=20)
        context = ssl.create_default_context(cafile=self.ca_file)
        return http.client.HTTPSConnection("localhost", self.port, timeout=20, context=context)

    def new_calendar(self) -> str:
        """The path of an empty one."""
        path = f"{self.home}cal{next(_COUNT)}/"
        status, said, _ = self.ask("MKCALENDAR", path)
        assert status == 201, said
        return path

    def names(self, calendar: str, user: str = "") -> list[str]:
        """Paths of its resources."""
        asked = b'<propfind xmlns="DAV:"><prop><getetag/></prop></propfind>'
        _, said, _ = self.ask("PROPFIND", calendar, asked, user, Depth="1", Content_Type="application/xml")
        found = [urlsplit(href).path for href in re.findall(r"<(?:\w+:)?href>([^<]*)</", said.decode())]
        return sorted(path for path in found if path.rstrip("/") != calendar.rstrip("/"))

    def get(self, path: str, user: str = "") -> bytes:
        status, said, _ = self.ask("GET", path, b"", user)
        assert status == 200, (path, status)
        return said

    def put(self, path: str, data: bytes, user: str = "") -> None:
        status, said, _ = self.ask("PUT", path, data, user, Content_Type="text/calendar; charset=utf-8")
        assert status in (200, 201, 204), (status, said)

    def delete(self, path: str) -> None:
        status, said, _ = self.ask("DELETE", path)
        assert status in (200, 204), (status, said)

    def content(self, calendar: str) -> dict[str, bytes]:
        return {path: self.get(path) for path in self.names(calendar)}

    def rewrite(self, calendar: str, change: Callable[[bytes], bytes]) -> None:
        """Every resource that `change` makes something else of."""
        for path, data in self.content(calendar).items():
            if (changed := change(data)) != data:
                self.put(path, changed)
