"""Passes whose calendars are on real servers: the whole job on one, and what becomes of the rest when one is down or refuses the
login."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from on_servers import FROM_FILE, LOCAL, OFFICE, keep_secret
from shell import NOW, Told, type_

from tests.servers.calendar_server import PASSWORD, CalendarServer
from tests.servers.radicale import Radicale, running_radicale
from tests.servers.xandikos import Xandikos

SERVER = OFFICE + FROM_FILE


def on_server(root: Path, server: CalendarServer, folder: str = "work") -> str:
    """Move a folder of calendars of the demonstration to the server; returns its collection."""
    collection = server.new_calendar()
    for path in sorted((root / "calendars" / folder).glob("*.ics")):
        server.put(f"{collection}{path.name}", path.read_bytes())
    config = root / "config.toml"
    text = config.read_text("utf-8")
    there = f'account = "office"\ncollection = "{collection}"'
    assert f'path = "calendars/{folder}"' in text
    text = text.replace(f'path = "calendars/{folder}"', there)
    if 'id = "office"' not in text:
        text += LOCAL + SERVER.format(url=server.url)
    config.write_text(text, "utf-8")
    keep_secret(root, PASSWORD)
    return collection


def contents(server: CalendarServer, collection: str) -> dict[str, bytes]:
    return {name: server.get(name) for name in server.names(collection)}


@pytest.fixture
def own_radicale() -> Iterator[Radicale]:
    with running_radicale() as started:
        yield started


def test_the_whole_job_on_a_server_and_all_of_it_taken_back(home: Path, radicale: Radicale) -> None:
    collection = on_server(home, radicale)
    before = contents(radicale, collection)
    told = type_(home, "apply", "--yes")
    assert told.code == 0, told.all
    assert any(b"X-HOMEWARD" in text for text in contents(radicale, collection).values())
    assert type_(home, "plan", "--detailed-exitcode").code == 0
    assert type_(home, "undo", "--all", "--past").code == 0
    after = contents(radicale, collection)
    assert set(after) == set(before), "a block was left behind, or an event is gone"
    assert not any(b"X-HOMEWARD" in text for text in after.values())


def test_an_address_of_mail_may_stand_for_the_server(home: Path, radicale: Radicale) -> None:
    collection = on_server(home, radicale)
    config = home / "config.toml"
    text = config.read_text("utf-8").replace(f'url = "{radicale.url}"', 'url = "lea@localhost"')
    config.write_text(text.replace(f'"{collection}"', f'"{radicale.url}{collection}"'), "utf-8")
    told = type_(home, "doctor")
    assert "✓ calendar work (mine, writable)" in told.out, told.all


def test_a_server_that_is_down_is_named_and_everything_else_is_done(home: Path, own_radicale: Radicale) -> None:
    on_server(home, own_radicale)
    own_radicale.stop()
    told = type_(home, "apply", "--yes")
    assert "localhost" in told.all
    assert "✓ Hold the inbox" in told.out and "✓ Set the autoreply" in told.out, "the trip is known from the travel calendar"
    status = type_(home, "status").out
    assert "Not readable at the last pass: work" in status and "Sign in again" not in status
    assert "held" in status and "Autoreply  set" in status
    own_radicale.start()
    told = type_(home, "apply", "--yes")
    assert told.code == 0 and "Ask Ana Silva to host" in told.out, told.all


def test_a_server_that_goes_down_later_takes_nothing_back(home: Path, own_radicale: Radicale) -> None:
    on_server(home, own_radicale)
    assert type_(home, "apply", "--yes").code == 0
    own_radicale.stop()
    assert type_(home, "plan", "--detailed-exitcode").code == 0, "what cannot be seen stays as it is"
    assert "taken back" not in type_(home, "pass").all
    own_radicale.start()
    assert type_(home, "plan", "--detailed-exitcode").code == 0


def refused(root: Path, *words: str) -> Told:
    keep_secret(root, "wrong")
    return type_(root, *words)


def test_a_refused_login_is_shown_with_what_to_type_until_it_is_right_again(home: Path, radicale: Radicale) -> None:
    on_server(home, radicale)
    assert type_(home, "apply", "--yes").code == 0
    told = refused(home, "pass")
    assert "Correct password_file (secret); then: homeward auth check office" in told.all
    assert "wrong" not in told.all.split()
    status = type_(home, "status")
    assert "Sign in again: office" in status.out
    checked = type_(home, "auth", "check", "office")
    assert checked.code == 1 and "✗" in checked.out
    keep_secret(home, PASSWORD)
    assert type_(home, "pass").code == 0
    assert "Sign in again" not in type_(home, "status").out


def test_one_refused_account_does_not_keep_another_waiting(home: Path, radicale: Radicale, own_radicale: Radicale) -> None:
    """Hosts are asked on one server while the blocks of the other wait for the user."""
    on_server(home, radicale)
    other = own_radicale.new_calendar()
    (home / "wrong").write_text("wrong\n")
    (home / "wrong").chmod(0o600)
    config = home / "config.toml"
    text = config.read_text("utf-8").replace('path = "calendars/family.ics"', f'account = "club"\ncollection = "{other}"')
    club = SERVER.replace('"office"', '"club"').replace('"secret"', '"wrong"')
    config.write_text(text + club.format(url=own_radicale.url), "utf-8")
    told = type_(home, "apply", "--yes")
    assert "Ask Ana Silva to host" in told.out
    assert any(b"CHAIR" in text or b"ana@example.org" in text for text in contents(radicale, _collection(home)).values())
    assert "Sign in again: club" in type_(home, "status").out
    assert "homeward auth check club" in type_(home, "doctor").all
    assert type_(home, "plan", now=NOW).code == 0


def _collection(root: Path) -> str:
    text = (root / "config.toml").read_text("utf-8")
    return text.partition('account = "office"\ncollection = "')[2].partition('"')[0]


def test_what_fails_in_one_place_leaves_nothing_half_done_in_another(home: Path, xandikos: Xandikos) -> None:
    """A server that tells attendees is undone in two steps. An autoreply that cannot be taken back now does not put off the
    second until the next pass."""
    collection = on_server(home, xandikos)
    before = set(contents(xandikos, collection))
    assert type_(home, "apply", "--yes").code == 0
    assert any(b"X-HOMEWARD" in text for text in contents(xandikos, collection).values())
    script = (home / "dovecot.sieve").rename(home / "kept.sieve")
    (home / "dovecot.sieve").mkdir()
    told = type_(home, "dismiss", "Lisbon", "--yes")
    assert told.code == 1 and "✗" in told.out, "the autoreply could not be taken back"
    after = contents(xandikos, collection)
    assert set(after) == before and not any(b"X-HOMEWARD" in text for text in after.values())
    (home / "dovecot.sieve").rmdir()
    script.rename(home / "dovecot.sieve")
    assert type_(home, "pass").code == 0
    assert type_(home, "plan", "--detailed-exitcode").code == 0
