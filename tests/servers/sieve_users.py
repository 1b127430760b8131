"""Users of a ManageSieve server, each with scripts as people have them, and what homeward is to put on top."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from integrations.login import Login, Server
from integrations.managesieve import ManageSieve
from integrations.ports import Lease
from integrations.sieve_server import SieveServer
from rules.interval import Interval
from rules.items import ResponderItem, ResponderText
from tests.servers.dovecot import Dovecot

NOW = datetime(2026, 11, 9, 12, tzinfo=UTC)
TEXTS = (ResponderText("internal", "Away", "I am away."),)
ITEM = ResponderItem(
    "hw-a.responder.1", "a", "main", Interval(NOW, NOW + timedelta(days=5)), TEXTS, 4, ("home.example",)
)  # fmt: skip
LEASE = Lease(NOW, NOW + timedelta(days=1), ())
OWN = b'require "fileinto";\r\n# m\xc3\xbcll\r\nfileinto "Work";\r\n'


class Account:
    """A user of the server who has a mail program with a Sieve editor, and a shell."""

    def __init__(self, dovecot: Dovecot) -> None:
        self.dovecot = dovecot
        self.user = dovecot.user()
        self.home = dovecot.home(self.user)
        self.login = Login(self.user, "password", lambda: dovecot.password)

    def client(self) -> ManageSieve:
        return ManageSieve(self.server(self.dovecot.sieve), self.login)

    def responder(self, port: int = 0) -> SieveServer:
        return SieveServer(self.server(port or self.dovecot.sieve), self.login, lambda: NOW)

    def server(self, port: int) -> Server:
        return Server.parse(f"sieve://localhost:{port}", "sieve")

    def put(self, name: str, content: bytes, active: bool = False) -> None:
        with self.client() as client:
            client.putscript(name, content)
            if active:
                client.setactive(name)

    def by_shell(self, content: bytes) -> None:
        """A regular file, which ManageSieve does not show."""
        self.dovecot._make(self.home)
        (self.home / ".dovecot.sieve").write_bytes(content)
        self.dovecot._give(self.home / ".dovecot.sieve")

    def scripts(self) -> tuple[str, dict[str, bytes | None]]:
        with self.client() as client:
            listing = client.listscripts()
            return listing.active, {name: client.getscript(name) for name in listing.names}

    def in_force(self) -> bytes:
        """What the server runs, whatever its name."""
        active = self.home / ".dovecot.sieve"
        return active.read_bytes() if active.exists() else b""


# --- how users have their scripts -------------------------------------------------------------------------------------


def nothing(account: Account) -> None:
    assert account.scripts() == ("", {})


def one(account: Account) -> None:
    account.put("mine", OWN, active=True)


def several(account: Account) -> None:
    account.put('sommer & "winter" 🏖', OWN, active=True)
    account.put("old", b"stop;")
    account.put("homeward notes", b"keep;")


def none_active(account: Account) -> None:
    account.put("old", b"discard;")
    account.put("dovecot.orig", b"stop;")


def including(account: Account) -> None:
    account.put("spam", b'if header :contains "X-Spam-Flag" "YES" { discard; stop; }')
    account.put("mine", b'require "include";\ninclude :personal "spam";\nkeep;', active=True)


def hidden(account: Account) -> None:
    account.by_shell(OWN)


def hidden_and_old(account: Account) -> None:
    account.put("dovecot.orig", b"# an old one\nstop;")
    account.by_shell(OWN)


def oddly_named(account: Account) -> None:
    account.put("costs ${a} $", OWN, active=True)


KINDS = [nothing, one, several, none_active, including, oddly_named]
HIDDEN = [hidden, hidden_and_old]
Kind = Callable[[Account], None]
