"""A throw-away Xandikos (PyPI) on 127.0.0.1: stores in git, gives no data along with sync-collection, reorders what it is given,
and with several users delivers invitations between them."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from sysconfig import get_path

from tests.servers.calendar_server import CalendarServer


class Xandikos(CalendarServer):
    home = "/leader/calendars/"
    schedules = True

    def command(self) -> Sequence[str]:
        kept = ["-d", str(self.base / "store"), "--state-dir", str(self.base / "state")]
        listening = ["-l", "127.0.0.1", "-p", str(self.port), "--no-detect-systemd"]
        users = ["--defaults", "--current-user-principal", "/leader/"]
        return [str(Path(get_path("scripts")) / "xandikos"), "serve", *kept, *users, *listening]


@contextmanager
def running_xandikos() -> Iterator[Xandikos]:
    with tempfile.TemporaryDirectory(dir="/tmp", prefix="hw-xandikos-") as folder:
        base = Path(folder)
        for name in ("store", "state"):
            (base / name).mkdir()
        server = Xandikos(base)
        try:
            server.start()
            yield server
        finally:
            server.stop()
