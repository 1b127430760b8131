"""The demonstration's home with its config pointed at a local Google: what a user has after `homeward init` and a sign-in."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

from integrations.google_auth import CALENDAR_SCOPES, MAIL_SCOPES, SECRET, ClientFile, SignIn, finish
from integrations.token_file import FileSecrets
from tests.daemon.google_world import LENA, PEOPLE, put_file
from tests.daemon.on_servers import LOCAL
from tests.daemon.shell import NOW, Told, environment, type_
from tests.servers.fake_google.oauth import browse
from tests.servers.fake_google.server import FakeGoogle
from tests.servers.fake_google.worlds import Clock, endpoints

CLIENT, HUSH = "desktop.apps.example", "hush"
CLIENT_FILE = json.dumps({"installed": {"client_id": CLIENT, "client_secret": HUSH}})
BROWSER = "import sys, urllib.request; urllib.request.urlopen(sys.argv[1], timeout=20).read()"
ACCOUNT = """
[[account]]
id = "g"
kind = "google"
user = "{user}"
client_file = "client.json"
token_file = "tokens"
calendar_url = "{root}"
gmail_url = "{root}"
token_url = "{token}"
auth_url = "{auth}"
"""
_FILES = 'path = "Maildir"\nsieve = "dovecot.sieve"\noutbox = "Maildir/.Drafts"\n'


def account(google: FakeGoogle, user: str = LENA) -> str:
    return ACCOUNT.format(user=user, root=google.root, token=google.token_uri, auth=google.auth_uri)


def furnish(google: FakeGoogle) -> None:
    """Lena and her people, who signs in there, and the client that may ask them to."""
    for person in PEOPLE:
        google.add_user(person)
    google.oauth.clients[CLIENT], google.oauth.signs_in = HUSH, LENA


def move(root: Path, google: FakeGoogle, *, mail: bool = True, hold: str = "client") -> None:
    """The calendar of work, and `mail`, go to Google, and the config says so."""
    for path in sorted((root / "calendars" / "work").glob("*.ics")):
        put_file(google, path)
    (root / "client.json").write_text(CLIENT_FILE)
    config = root / "config.toml"
    text = config.read_text("utf-8")
    changes = {'path = "calendars/work"': 'account = "g"\ncollection = "primary"'}
    if mail:
        changes[_FILES] = f'account = "g"\nhold = "{hold}"\n'
    for old, new in changes.items():
        assert old in text, old
        text = text.replace(old, new)
    config.write_text(text + ("" if 'id = "local"' in text else LOCAL) + account(google), "utf-8")


BOTH = (*CALENDAR_SCOPES, *MAIL_SCOPES)


def sign_in(root: Path, google: FakeGoogle, scopes: tuple[str, ...] = BOTH, now: str = NOW) -> None:
    """As `homeward auth google` does; that one has tests of its own."""
    client, where = ClientFile.parse(CLIENT_FILE), endpoints(google)
    attempt = SignIn.begin(client, scopes, "http://127.0.0.1:1/", where)
    tokens = finish(attempt, browse(attempt.url), client, scopes, datetime.fromisoformat(now), where)
    FileSecrets(root / "tokens").set("g", SECRET, tokens)


def with_a_browser(root: Path, *words: str, **more: str) -> Told:
    """A command in a process of its own, at a desk where somebody agrees at once."""
    (root / "browser.py").write_text(BROWSER)
    env = {**environment(root), "BROWSER": f"{sys.executable} {root / 'browser.py'} %s", **more}
    command = [sys.executable, "-m", "daemon", *words]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False, timeout=60)
    return Told(done.returncode, done.stdout, done.stderr)


class AtGoogle:
    """Types commands; Google's clock is theirs."""

    def __init__(self, root: Path, google: FakeGoogle, clock: Clock) -> None:
        self.root, self.google, self._clock = root, google, clock
        self.letters = 0

    def type(self, *words: str, now: str = NOW) -> Told:
        self._clock.now = datetime.fromisoformat(now)
        return type_(self.root, *words, now=now)

    def delivers(self, sender: str, subject: str, now: str) -> None:
        self.letters += 1
        self._clock.now = datetime.fromisoformat(now)
        raw = f"From: {sender}\nTo: {LENA}\nSubject: {subject}\nMessage-ID: <m{self.letters}@mail.example>\n\nhello\n"
        self.google.gmail.deliver(LENA, raw.encode(), self._clock.now)

    def under(self, label: str) -> list[str]:
        box = self.google.gmail.boxes[LENA]
        return [str(box.messages[each].message()["Subject"]) for each in self.google.gmail.label_ids(LENA, label)]

    @property
    def box(self) -> Any:
        return self.google.gmail.boxes[LENA]

    @property
    def titles(self) -> set[str]:
        return {e["summary"] for e in self.google.calendar.shelves[LENA].events.values() if e["status"] != "cancelled"}
