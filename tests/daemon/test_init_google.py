"""`homeward init` with Google: signed in, listed, written, and working at once."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from at_google import CLIENT_FILE, with_a_browser
from google_world import LENA
from on_servers import LEA
from shell import type_
from test_commands import at_a_terminal

from daemon.config import load
from integrations.google_auth import CALENDAR_SCOPES, MAIL_SCOPES
from tests.servers.fake_google.oauth import browse
from tests.servers.fake_google.server import FakeGoogle

WHO = ("--name", "Lena Berg", "--address", LENA, "--zone", "Europe/Berlin", "--home", "Berlin, DE")


@pytest.fixture
def google(google: FakeGoogle) -> FakeGoogle:
    for name, title, role in (("holidays", "Feiertage", "reader"), ("boss", "Dan", "reader"), ("kids", "Kids", "owner")):
        google.calendar.add_calendar(f"{name}@group.example", "x@example.org", title).roles[LENA] = role
    return google


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "client.json").write_text(CLIENT_FILE)
    return tmp_path


def at(root: Path, google: FakeGoogle) -> tuple[str, ...]:
    return ("--google", str(root / "client.json"), "--google-at", google.root, "--token-file", str(root / "tokens"))


def test_by_flags_it_signs_in_lists_the_calendars_and_works_at_once(root: Path, google: FakeGoogle) -> None:
    told = with_a_browser(root, "init", "--yes", *WHO, *at(root, google), "--hold", "server")
    assert told.code == 0 and f"✓ Google: signed in as {LENA}" in told.out, told.all
    policy = load(root / "config.toml")
    assert {(c.collection, c.role, c.read_only, c.work) for c in policy.calendar} == {
        ("primary", "mine", False, True), ("kids@group.example", "family", False, False),
        ("holidays@group.example", "ignore", True, True), ("boss@group.example", "ignore", True, True),
    }  # fmt: skip
    assert policy.calendar[0].id == "lena", "of an address, the short part"
    assert [(m.account, m.hold) for m in policy.mail] == [("google", "server")]
    assert [(a.id, a.kind, a.user) for a in policy.account] == [("local", "local", ""), ("google", "google", LENA)]
    assert json.loads((root / "tokens").read_text())["google"]["google"], "kept, and not in the config"
    assert "refresh_token" not in (root / "config.toml").read_text() and (root / "tokens").stat().st_mode & 0o777 == 0o600
    assert type_(root, "doctor").code == 0
    assert type_(root, "pass").code == 0


def test_mail_is_left_alone_unless_it_is_named(root: Path, google: FakeGoogle) -> None:
    told = with_a_browser(root, "init", "--yes", *WHO, *at(root, google))
    assert told.code == 0 and "Gmail is left alone." in told.out
    assert load(root / "config.toml").mail == ()
    assert set(google.oauth.asked[-1]["scope"].split()) == set(CALENDAR_SCOPES)


def test_in_the_questions(root: Path, google: FakeGoogle) -> None:
    def pasted(screen: str) -> str:
        return browse(next(line for line in screen.splitlines() if line.startswith(google.auth_uri)))

    (root / "config.toml").write_text(LEA.replace("lea@", "lena@"))
    flags = ("--google-at", google.root, "--token-file", str(root / "tokens"), "--no-browser")
    answers = [str(root / "client.json"), "yes", pasted, "", "", "ignore", "ignore", "client", "y"]
    code, screen = at_a_terminal(root, answers, "init", *flags, "--email", "google")
    assert code == 0, screen
    policy = load(root / "config.toml")
    assert {c.collection: c.role for c in policy.calendar}["primary"] == "mine"
    assert [(m.account, m.hold) for m in policy.mail] == [("google", "client")]
    assert set(google.oauth.asked[-1]["scope"].split()) == {*CALENDAR_SCOPES, *MAIL_SCOPES}
    assert "Gmail's filters have no end" in screen
    again = with_a_browser(root, "init", "--yes", *at(root, google), "--user", LENA)
    assert again.code == 0 and "in the config already" in again.out


def test_who_does_not_agree_finds_nothing_written(root: Path, google: FakeGoogle) -> None:
    google.oauth.consents = frozenset()
    told = with_a_browser(root, "init", "--yes", *WHO, *at(root, google))
    assert told.code == 1 and "You did not agree" in told.out and "Nothing was written." in told.out
    assert not (root / "config.toml").exists() and not (root / "tokens").exists()


def test_another_file_is_told_before_anything_is_asked(root: Path, google: FakeGoogle) -> None:
    (root / "client.json").write_text("{}")
    told = type_(root, "init", "--yes", *WHO, *at(root, google))
    assert told.code == 1 and "This is no client file of Google." in told.out
    missing = type_(root, "init", "--yes", *WHO, "--google", str(root / "nowhere.json"))
    assert missing.code == 1 and "nowhere.json" in missing.out
