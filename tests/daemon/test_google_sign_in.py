"""`homeward auth google` as a user types it: in a browser, by an address that is pasted, and all that can go wrong there."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from at_google import CLIENT_FILE, account, sign_in, with_a_browser
from google_world import LENA
from on_servers import LEA, LOCAL
from shell import type_
from test_commands import at_a_terminal

from integrations.google_auth import CALENDAR_SCOPES, MAIL_SCOPES
from tests.servers.fake_google.oauth import browse
from tests.servers.fake_google.server import FakeGoogle
from tests.servers.keyring import running_keyring

MINE = '[[calendar]]\nid = "c"\naccount = "g"\ncollection = "primary"\n'
MAIL = '[[mail]]\nid = "m"\naccount = "g"\n'


@pytest.fixture
def root(tmp_path: Path, google: FakeGoogle) -> Path:
    (tmp_path / "client.json").write_text(CLIENT_FILE)
    (tmp_path / "config.toml").write_text(LEA + LOCAL + account(google) + MINE)
    return tmp_path


def add(root: Path, text: str) -> None:
    with (root / "config.toml").open("a") as config:
        config.write(text)


def replace(root: Path, old: str, new: str) -> None:
    config = root / "config.toml"
    assert old in config.read_text()
    config.write_text(config.read_text().replace(old, new))


def asked(google: FakeGoogle) -> set[str]:
    return set(google.oauth.asked[-1]["scope"].split())


def test_in_the_browser_of_this_machine(root: Path, google: FakeGoogle) -> None:
    told = with_a_browser(root, "auth", "google")
    assert told.code == 0 and f"Signed in as {LENA}; kept in token_file (tokens), for the account g." in told.out, told.all
    assert asked(google) == set(CALENDAR_SCOPES), "no right to the mail before it is needed"
    assert google.oauth.asked[-1]["login_hint"] == LENA
    assert (root / "tokens").stat().st_mode & 0o777 == 0o600
    checked = type_(root, "auth", "check")
    assert checked.code == 0 and f"signed in as {LENA}, 1 calendar" in checked.out and "your mail" not in checked.out
    assert not [word for word in (root / "tokens").read_text().split('"') if word.startswith("ya29") and word in told.all]


def test_the_rights_to_the_mail_are_asked_for_once_it_is_in_the_config(root: Path, google: FakeGoogle) -> None:
    assert with_a_browser(root, "auth", "set", "g").code == 0
    add(root, MAIL)
    checked = type_(root, "auth", "check")
    assert checked.code == 1 and "to give your mail" in checked.out and "homeward auth google g" in checked.out
    told = with_a_browser(root, "auth", "google", "g")
    assert told.code == 0 and "for your calendars" in told.out and "and your mail" in told.out
    assert asked(google) == {*CALENDAR_SCOPES, *MAIL_SCOPES}
    assert type_(root, "auth", "check").code == 0


def test_without_a_browser_the_address_is_pasted(root: Path, google: FakeGoogle) -> None:
    def answer(screen: str) -> str:
        return browse(next(line for line in screen.splitlines() if line.startswith(google.auth_uri)))

    code, screen = at_a_terminal(root, [answer], "auth", "google", "g", "--no-browser")
    assert code == 0 and f"Signed in as {LENA}" in screen, screen
    verifier = parse_qs(urlsplit(google.oauth.asked[-1]["redirect_uri"]).query)
    assert not verifier and google.oauth.asked[-1]["redirect_uri"].startswith("http://127.0.0.1:")


@pytest.mark.parametrize(
    ("pasted", "told"),
    [("nonsense", "does not belong to this sign-in"), ("", "does not belong"),
     ("http://127.0.0.1/?code=x&state=y", "does not belong")],
)  # fmt: skip
def test_another_address_is_not_taken(root: Path, pasted: str, told: str) -> None:
    code, screen = at_a_terminal(root, [pasted], "auth", "google", "--no-browser")
    assert code == 1 and told in screen and not (root / "tokens").exists()


def test_nobody_there_to_paste_is_told_what_to_do(root: Path) -> None:
    told = with_a_browser(root, "auth", "google", "--no-browser")
    assert told.code == 5 and "Nobody is there to answer" in told.err


def test_who_does_not_agree_changes_nothing(root: Path, google: FakeGoogle) -> None:
    google.oauth.consents = frozenset()
    told = with_a_browser(root, "auth", "google")
    assert (
        told.code == 1
        and "You did not agree at Google." in told.err
        and told.err.count("othing was") == 1
        and not (root / "tokens").exists()
    )


def test_a_box_that_was_not_ticked_is_named(root: Path, google: FakeGoogle) -> None:
    google.oauth.consents = frozenset(CALENDAR_SCOPES[:1])
    told = with_a_browser(root, "auth", "google")
    assert told.code == 1 and "These boxes were not ticked" in told.err and "to see the list of your calendars" in told.err


def test_somebody_else_who_signs_in_by_mistake_is_not_kept(root: Path, google: FakeGoogle) -> None:
    google.oauth.signs_in = "ana@example.org"
    told = with_a_browser(root, "auth", "google")
    assert told.code == 1 and f"You signed in as ana@example.org, and the account g is of {LENA}" in told.err
    assert not (root / "tokens").exists()


@pytest.mark.parametrize(
    ("content", "told"),
    [('{"web": {"client_id": "x"}}', "Desktop app"), ("{}", "This is no client file of Google"), ("\x00\xff", "no client file"),
     ('{"type": "service_account", "client_id": "1", "private_key": "k", "client_email": "e"}', "write subject = …")],
)  # fmt: skip
def test_another_file_is_no_client_file(root: Path, content: str, told: str) -> None:
    (root / "client.json").write_text(content)
    shown = type_(root, "auth", "google")
    assert shown.code in (1, 2) and told in shown.all
    if shown.code == 1:
        assert shown.out == "" and f"{root / 'client.json'}: " in shown.err and "Put it in the place of this one" in shown.err


def test_a_client_file_that_is_not_there_is_named(root: Path) -> None:
    (root / "client.json").unlink()
    assert "client.json" in type_(root, "auth", "google").err


def test_forgetting_gives_the_rights_back(root: Path, google: FakeGoogle) -> None:
    sign_in(root, google)
    told = type_(root, "auth", "forget", "g")
    assert told.code == 0 and "Google was told, too." in told.out
    assert all(grant.revoked for grant in google.oauth._refresh.values())
    checked = type_(root, "auth", "check")
    assert checked.code == 1 and "Sign in again: homeward auth google g" in checked.out
    assert type_(root, "auth", "forget", "g").out == "No sign-in of g was in token_file (tokens).\n"


def test_the_keyring_keeps_it_where_no_file_is_named(root: Path, google: FakeGoogle) -> None:
    replace(root, 'token_file = "tokens"\n', "")
    with running_keyring() as keyring:
        bus = {"DBUS_SESSION_BUS_ADDRESS": keyring.env["DBUS_SESSION_BUS_ADDRESS"]}
        told = with_a_browser(root, "auth", "google", **bus)
        assert told.code == 0 and "kept in the keyring" in told.out, told.all
        assert with_a_browser(root, "auth", "check", **bus).code == 0
        keyring.lock()
        locked = with_a_browser(root, "auth", "check", **bus)
        assert locked.code == 1 and "Waiting for the keyring: it is locked." in locked.out
    alone = with_a_browser(root, "auth", "google", DBUS_SESSION_BUS_ADDRESS=f"unix:path={root}/nowhere")
    assert alone.code == 1 and "Or set token_file of the account g." in alone.err


def test_a_token_file_that_others_can_read_is_not_used(root: Path, google: FakeGoogle) -> None:
    sign_in(root, google)
    (root / "tokens").chmod(0o644)
    told = type_(root, "auth", "check")
    assert told.code == 1 and "can be read by others. Type: chmod 600" in told.out
    (root / "tokens").write_text("spoiled")
    (root / "tokens").chmod(0o600)
    assert "Sign in again: homeward auth google g" in type_(root, "auth", "check").out


@pytest.mark.parametrize(
    ("words", "told"),
    [("auth set g --stdin", "has no password"), ("auth set g --untried", "has no password"),
     ("auth google h", "there is no account “h”")],
)  # fmt: skip
def test_what_makes_no_sense_says_what_would(root: Path, words: str, told: str) -> None:
    shown = type_(root, *words.split())
    assert shown.code == 2 and told in shown.err


def test_without_such_an_account_it_is_said_how_to_add_one(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(LEA)
    shown = type_(tmp_path, "auth", "google")
    assert shown.code == 2 and "homeward init --google CLIENT_FILE" in shown.err


def test_the_calendars_there_are_listed_with_what_one_may_do(root: Path, google: FakeGoogle) -> None:
    google.calendar.add_calendar("team@group.calendar.google.com", "boss@example.org", "Team").roles[LENA] = "reader"
    sign_in(root, google)
    told = type_(root, "calendars")
    assert told.code == 0 and "“Team” of g, read only" in told.out, told.all
    assert '    collection = "team@group.calendar.google.com"' in told.out.splitlines()
    assert told.out.startswith("c  mine    writable   g")
    replace(root, '"primary"', f'"{LENA}"')
    again = type_(root, "calendars")
    assert f"“{LENA}” of g" not in again.out, "the same by another name"
