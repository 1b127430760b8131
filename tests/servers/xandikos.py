"""A throw-away Xandikos (PyPI) on 127.0.0.1: stores in git, gives no data along with sync-collection, reorders what it is given,
and with several users delivers invitations and answers between them (RFC 6638)."""

from __future__ import annotations

import hashlib
import tempfile
from base64 import b64encode
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from sysconfig import get_path

from tests.servers.calendar_server import PASSWORD, CalendarServer


class Xandikos(CalendarServer):
    home = "/leader/calendars/"
    schedules = True

    def command(self) -> Sequence[str]:
        return [*self._program("serve"), "--defaults", "--current-user-principal", "/leader/"]

    def _program(self, mode: str) -> list[str]:
        kept = ["-d", str(self.base / "store"), "--state-dir", str(self.base / "state")]
        return [
            str(Path(get_path("scripts")) / "xandikos"), mode, *kept,
            "-l", "localhost", "-p", str(self.port), "--no-detect-systemd",
        ]  # fmt: skip


class Office(Xandikos):
    """Several users, each with a login, an address at example.org, an inbox and a calendar. Basic, and so TLS."""

    home = "/lea/calendars/"

    def command(self) -> Sequence[str]:
        users = ["--defaults", "--autocert", "--htpasswd", str(self.base / "users")]
        return [*self._program("multi-user"), *users]

    def hire(self, *users: str) -> None:
        """Before the server starts: their logins. Afterwards each has an address as well."""
        secret = b64encode(hashlib.sha1(PASSWORD.encode()).digest()).decode()
        (self.base / "users").write_text("".join(f"{user}:{{SHA}}{secret}\n" for user in users))

    def give_address(self, user: str) -> None:
        body = (
            '<propertyupdate xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><set><prop><C:calendar-user-address-set>'
            f"<href>mailto:{user}@example.org</href></C:calendar-user-address-set></prop></set></propertyupdate>"
        )
        status, said, _ = self.ask("PROPPATCH", f"/{user}/", body.encode(), user, Content_Type="application/xml")
        assert status == 207 and b"200 OK" in said, (status, said)


@contextmanager
def running_xandikos() -> Iterator[Xandikos]:
    with _place() as base:
        server = Xandikos(base)
        try:
            server.start()
            yield server
        finally:
            server.stop()


@contextmanager
def running_office(*users: str) -> Iterator[Office]:
    with _place() as base:
        server = Office(base, scheme="https", ca_file=str(base / "state" / "certs" / "selfsigned.crt"))
        server.hire(*users)
        try:
            server.start()
            for user in users:
                server.give_address(user)
            yield server
        finally:
            server.stop()


@contextmanager
def _place() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(dir="/tmp", prefix="hw-xandikos-") as folder:
        for name in ("store", "state"):
            (Path(folder) / name).mkdir()
        yield Path(folder)
