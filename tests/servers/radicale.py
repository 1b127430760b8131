"""A throw-away Radicale (PyPI) on 127.0.0.1 with users of its own and, where asked for, TLS. It stores in files, gives the data
along with sync-collection, and reorders what it is given."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.servers.calendar_server import PASSWORD, CalendarServer
from tests.servers.certificates import Authority

_USERS = ("lea", "ana", "bo")


class Radicale(CalendarServer):
    home = "/lea/"
    takes_periods = False

    def command(self) -> Sequence[str]:
        return [sys.executable, "-m", "radicale", "-C", str(self.base / "config")]

    def configure(self, *, secure: tuple[Path, Path] | None = None, rights: str = "") -> None:
        """`secure`: certificate and key. `rights`: sections of its rights file, in place of the owner's."""
        (self.base / "users").write_text("".join(f"{user}:{PASSWORD}\n" for user in _USERS))
        (self.base / "rights").write_text(rights)
        (self.base / "config").write_text(
            f"[server]\nhosts = 127.0.0.1:{self.port}\n"
            + (f"ssl = True\ncertificate = {secure[0]}\nkey = {secure[1]}\n" if secure else "")
            + f"[auth]\ntype = htpasswd\nhtpasswd_filename = {self.base / 'users'}\nhtpasswd_encryption = plain\ndelay = 0\n"
            + (f"[rights]\ntype = from_file\nfile = {self.base / 'rights'}\n" if rights else "")
            + f"[storage]\nfilesystem_folder = {self.base / 'store'}\n[logging]\nlevel = warning\n"
        )

    def forget_tokens(self, calendar: str) -> None:
        """As it does by itself after a month."""
        folder = self.base / "store" / "collection-root" / calendar.strip("/") / ".Radicale.cache" / "sync-token"
        assert any(folder.iterdir())
        shutil.rmtree(folder)


@contextmanager
def running_radicale(*, rights: str = "", names: str = "", days: int = 2) -> Iterator[Radicale]:
    """`names`: with TLS, and a certificate for these subject alternative names that is good for `days` from now."""
    with tempfile.TemporaryDirectory(dir="/tmp", prefix="hw-radicale-") as folder:
        base = Path(folder)
        authority = Authority(base) if names else None
        server = Radicale(base, scheme="https" if names else "http", ca_file=str(authority.ca_file) if authority else "")
        made = authority.certificate(names, days) if authority else None
        server.configure(secure=(made.certificate, made.key) if made else None, rights=rights)
        try:
            server.start()
            yield server
        finally:
            server.stop()
