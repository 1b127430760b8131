"""Secrets on their way in: typed for `homeward init`, given by Google, said back by a mail server. They are looked for in what
every command says, in what its processes were given, and in every file."""

from __future__ import annotations

import base64
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.daemon.at_google import LENA, furnish, move, sign_in
from tests.daemon.shell import ROOT, environment
from tests.servers.calendar_server import PASSWORD as CALENDAR_PASSWORD
from tests.servers.dovecot import PASSWORD as MAIL_PASSWORD
from tests.servers.dovecot import Dovecot
from tests.servers.fake_google.server import FakeGoogle
from tests.servers.keyring import running_keyring
from tests.servers.radicale import Radicale
from tests.servers.scripted import CUT, Step, scripted
from tests.servers.submission import running_submission
from tests.service.processes import running_service
from tests.service.test_canaries import Eyes, forms, found

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]

EVERYTHING = ("auth check", "doctor", "plan", "pass", "status --json", "log --all --json", "inbox status")


class Watched:
    """Commands in a home; whatever they said, were given and wrote is kept for the search."""

    def __init__(self, root: Path, eyes: Eyes, more: Mapping[str, str] = {}) -> None:
        self.root, self.eyes = root, eyes
        self.env = {
            **environment(root, datetime.now(UTC).isoformat()),
            **more,
            "HOMEWARD_CANARY": str(root),
            "PYTHONPATH": str(ROOT),
        }
        self.said: dict[str, bytes] = {}

    def type(self, *words: str, typed: str = "") -> str:
        command = [sys.executable, "-m", "daemon", *words]
        done = subprocess.run(command, env=self.env, input=typed.encode(), capture_output=True, check=False, timeout=90)
        assert b"Traceback" not in done.stderr, done.stderr
        self.said[" ".join(words)] = done.stdout + done.stderr
        return (done.stdout + done.stderr).decode()

    def leaks(self, secrets: tuple[bytes, ...], kept: tuple[Path, ...] = ()) -> list[str]:
        """Where one of them is, other than in the private files where it is `kept`."""
        self.eyes.close()
        assert self.eyes.seen, "the processes were seen"
        files = [path for path in self.root.rglob("*") if path.is_file() and path not in kept]
        assert len(files) > 3
        places = {f"file {path.relative_to(self.root)}": path.read_bytes() for path in files} | self.said
        places |= {f"process {command!r}": command + around for command, around in self.eyes.seen.items()}
        return [name for name, text in places.items() if found(secrets, text)]


@contextmanager
def watched(root: Path, more: Mapping[str, str] = {}) -> Iterator[Watched]:
    eyes = Eyes(f"HOMEWARD_CANARY={root}")
    try:
        yield Watched(root, eyes, more)
    finally:
        eyes.close()


def test_what_is_typed_for_init_goes_into_the_keyring_and_nowhere_else(
    tmp_path: Path, radicale: Radicale, dovecot: Dovecot
) -> None:
    radicale.new_calendar()
    root = tmp_path / "home"
    root.mkdir()
    with running_keyring() as keyring, running_submission(dovecot.authority) as submission, watched(root, keyring.env) as home:
        home.env["HOME"] = str(root)
        servers = ("--user", "lea", "--url", radicale.url, "--imap", f"localhost:{dovecot.imaps}")
        post = ("--smtp", f"smtp://localhost:{submission.port}", "--managesieve", f"localhost:{dovecot.sieve}")
        me = ("--email", "lea@home.example", "--name", "Lea", "--address", "lea@home.example", "--zone", "Europe/Berlin")
        flags = (*me, *servers, *post, "--ca-file", dovecot.ca_file, "--yes", "--password-stdin")
        told = home.type("init", *flags, typed=f"{CALENDAR_PASSWORD}\n{MAIL_PASSWORD}\n")
        assert (root / "config.toml").exists(), told
        refused = home.type("init", *flags, typed="not-the-password-77\nnor-this-one-88\n")
        for line in EVERYTHING:
            home.type(*line.split())
        secrets = (*forms(CALENDAR_PASSWORD), *forms(MAIL_PASSWORD), b"not-the-password-77", b"nor-this-one-88")
        assert home.leaks(secrets) == [], refused


def test_what_google_gives_at_the_sign_in_stays_in_its_private_file(home: Path, short_folder: Path) -> None:
    now = datetime.now(UTC)
    with FakeGoogle(lambda: datetime.now(UTC)) as google, watched(home) as seen:
        furnish(google)
        move(home, google)
        sign_in(home, google, now=now.isoformat())
        for line in EVERYTHING:
            seen.type(*line.split())
        google.oauth.expire_access()
        with running_service(home, short_folder, HOMEWARD_CANARY=str(home)) as service:
            service.wait_for_passes(1)
            google.oauth.revoke_all(LENA)
            assert service.homeward("pass").returncode == 1
            service.wait_for_passes(2)
            assert service.stop() == 0
            seen.said["the service"] = service.log.encode()
        seen.type("status")
        refresh, access = tuple(google.oauth._refresh), tuple(google.oauth._access)
        assert refresh and len(access) > 1, "there was a refresh"
        kept = (home / "tokens",)
        secrets = tuple(each.encode() for each in (*refresh, *access))
        assert any(found(secrets, path.read_bytes()) for path in kept)
        assert all(path.stat().st_mode & 0o077 == 0 for path in kept)
        assert seen.leaks(secrets, kept) == []


PLAIN = base64.b64encode(f"\0lea\0{MAIL_PASSWORD}".encode())
WORDS = f"for lea you said {MAIL_PASSWORD}, that is ".encode() + PLAIN
OPENING: tuple[Step, ...] = (
    (b"", b"* OK ready\r\n"),
    (b"CAPABILITY", b"* CAPABILITY IMAP4rev1 AUTH=PLAIN IDLE MOVE UIDPLUS\r\n$TAG OK done\r\n"),
    (b"AUTHENTICATE PLAIN", b"+ \r\n"),
)
HANGS_UP: Step = (b"", CUT)
ECHOES: dict[str, tuple[Step, ...]] = {
    "it does not know the login": ((b"\n", b"$TAG NO [AUTHENTICATIONFAILED] " + WORDS + b"\r\n"),),
    "it is busy": ((b"\n", b"$TAG NO [UNAVAILABLE] " + WORDS + b"\r\n"),),
    "it understands nothing": ((b"\n", b"$TAG BAD " + WORDS + b"\r\n"),),
    "it says good-bye": ((b"\n", b"* BYE " + WORDS + b"\r\n"),),
    "it says what is no IMAP": ((b"\n", WORDS + b"\r\n"),),
    "it refuses what comes then": (
        (b"\n", b"$TAG OK in\r\n"), *[(b"\n", b"$TAG NO " + WORDS + b"\r\n")] * 4,
    ),
    "it says good-bye then": ((b"\n", b"$TAG OK in\r\n"), (b"\n", b"* BYE " + WORDS + b"\r\n")),
}  # fmt: skip
CONFIG = """config_version = 1
[me]
name = "Lea"
addresses = ["lea@home.example"]
home_zone = "UTC"
[service]
apply = "auto"
[inbox]
when = "always"
[[account]]
id = "post"
kind = "imap"
user = "lea"
password_file = "secret"
imap = "imap://localhost:{port}"
[[mail]]
id = "mail"
account = "post"
hold = "client"
"""


@pytest.mark.parametrize("how", ECHOES)
def test_a_mail_server_that_says_the_password_back_is_not_quoted(how: str, tmp_path: Path) -> None:
    root = tmp_path / "home"
    root.mkdir()
    (root / "secret").touch(mode=0o600)
    (root / "secret").write_text(MAIL_PASSWORD)
    with scripted((*OPENING, *ECHOES[how], HANGS_UP)) as server, watched(root) as home:
        (root / "config.toml").write_text(CONFIG.format(port=server.port))
        for line in ("pass", "status", "auth check", "doctor"):
            home.type(*line.split())
        assert any(PLAIN in heard for heard in server.heard), "it was told the password"
        assert home.leaks((*forms(MAIL_PASSWORD), PLAIN), kept=(root / "secret",)) == []
