"""Reading a calendar on a server: how little is asked for, and that nothing of what is there is missed, whatever the server and
the copy on the disk are up to."""

from __future__ import annotations

import os
import sqlite3
import stat
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from xml.sax.saxutils import escape

import pytest

from integrations.caldav import CalDavCalendar
from integrations.caldav_collection import Collection
from integrations.caldav_copy import Copy
from integrations.errors import OutsideError, Permanent, Temporary
from integrations.login import Login
from integrations.ports import CalendarReading
from integrations.webdav_http import WebDav
from rules.interval import Interval
from tests.servers.calendar_server import PASSWORD, CalendarServer
from tests.servers.misbehaving_http import Request, Saying, answer, found, misbehaving, multistatus, relay
from tests.servers.radicale import Radicale

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
HORIZON = Interval(NOW, datetime(2027, 2, 21, tzinfo=UTC))


def event(uid: str, title: str = "", more: str = "") -> bytes:
    return (
        f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//x//EN\r\nBEGIN:VEVENT\r\nUID:{uid}\r\nDTSTAMP:20260101T000000Z\r\n"
        f"DTSTART:20261203T130000Z\r\nDTEND:20261203T140000Z\r\nSUMMARY:{title or uid}\r\n{more}END:VEVENT\r\nEND:VCALENDAR\r\n"
    ).encode()


def calendar(url: str, path: str, folder: Path | None) -> CalDavCalendar:
    login = Login("lea", "password", lambda: PASSWORD)
    return CalDavCalendar("work", "mine", path, url, login, "Europe/Berlin", lambda: NOW, cache_folder=folder)


def titles(reading: CalendarReading) -> list[str]:
    return sorted(o.summary for o in reading.occurrences)


@pytest.fixture(params=["radicale", "xandikos"])
def server(request: pytest.FixtureRequest) -> CalendarServer:
    found: CalendarServer = request.getfixturevalue(request.param)
    return found


class Reader:
    """Reads as passes do: each from a new start, with what the last one left on the disk."""

    def __init__(self, url: str, path: str, folder: Path | None) -> None:
        self.url, self.path, self.folder = url, path, folder

    def read(self) -> tuple[list[str], int]:
        """Titles, and how many requests it took."""
        opened = calendar(self.url, self.path, self.folder)
        reading = opened.read(HORIZON)
        assert reading.complete and reading.problems == ()
        assert reading.entries == len(reading.occurrences)
        return titles(reading), opened.requests


# --- as few requests as can be ----------------------------------------------------------------------------------------


def test_nothing_changed_is_one_request_and_one_change_two(server: CalendarServer, tmp_path: Path) -> None:
    path = server.new_calendar()
    for number in range(5):
        server.put(f"{path}e{number}.ics", event(f"e{number}"))
    reader = Reader(server.url, path, tmp_path)
    inline = isinstance(server, Radicale)
    assert reader.read() == (["e0", "e1", "e2", "e3", "e4"], 1 if inline else 2)
    assert reader.read()[1] == 1
    server.put(f"{path}e1.ics", event("e1", "another"))
    assert reader.read() == (["another", "e0", "e2", "e3", "e4"], 1 if inline else 2)
    server.delete(f"{path}e0.ics")
    assert reader.read() == (["another", "e2", "e3", "e4"], 1)
    assert reader.read()[1] == 1


def test_without_a_folder_it_is_remembered_as_long_as_the_process_lives(server: CalendarServer) -> None:
    path = server.new_calendar()
    server.put(f"{path}a.ics", event("a"))
    opened = calendar(server.url, path, None)
    assert titles(opened.read(HORIZON)) == ["a"]
    before = opened.requests
    assert titles(opened.read(HORIZON)) == ["a"]
    assert opened.requests == before + 1


def test_many_events_are_asked_for_500_at_a_time(tmp_path: Path) -> None:
    names = [f"/cal/e{number}.ics" for number in range(1201)]

    def script(request: Request) -> bytes:
        asked = request.body.decode()
        if "sync-collection" in asked:
            listed = "".join(found(name, f'<getetag>"{name}"</getetag>') for name in names)
            return multistatus(f"{listed}<sync-token>t</sync-token>")
        data = escape(event("{}").decode())
        return multistatus("".join(one(n, data.format(n[5:-4], n[5:-4])) for n in names if f"<D:href>{n}</D:href>" in asked))

    def one(name: str, data: str) -> str:
        return found(name, f'<getetag>"{name}"</getetag><C:calendar-data>{data}</C:calendar-data>')

    with misbehaving(script) as server:
        reading, requests = Reader(server.url, "/cal/", tmp_path).read()
        assert (len(reading), requests) == (1201, 4)


def test_what_it_may_do_is_asked_once_a_day_and_never_in_the_way(radicale: Radicale, tmp_path: Path) -> None:
    path = radicale.new_calendar()
    opened = calendar(radicale.url, path, tmp_path)
    opened.read(HORIZON)
    assert opened.capabilities().writable
    asked = opened.requests
    assert opened.capabilities().writable and opened.requests == asked
    again = calendar(radicale.url, path, tmp_path)
    assert again.capabilities().writable and not again.capabilities().schedules
    assert again.requests == 0


def test_an_unreachable_server_is_asked_once_what_it_can_do(tmp_path: Path) -> None:
    with misbehaving(lambda request: answer("503 Busy")) as server:
        opened = calendar(server.url, "/cal/", tmp_path)
        assert opened.capabilities().writable and not opened.capabilities().schedules
        assert server.methods == ["PROPFIND"]


# --- servers that forget, cut short, or cannot ------------------------------------------------------------------------


def test_a_token_that_has_expired_costs_one_full_reading_and_no_word(radicale: Radicale, tmp_path: Path) -> None:
    path = radicale.new_calendar()
    radicale.put(f"{path}a.ics", event("a"))
    radicale.put(f"{path}b.ics", event("b"))
    reader = Reader(radicale.url, path, tmp_path)
    reader.read()
    radicale.forget_tokens(path)
    radicale.delete(f"{path}a.ics")
    assert reader.read() == (["b"], 2)
    assert reader.read() == (["b"], 1)


@pytest.mark.parametrize("status", ["403 Forbidden", "409 Conflict", "412 Precondition Failed", "507 Insufficient Storage"])
def test_an_expired_token_is_known_by_its_element_and_not_by_the_status(radicale: Radicale, tmp_path: Path, status: str) -> None:
    path = radicale.new_calendar()
    radicale.put(f"{path}a.ics", event("a"))
    refusal = b'<?xml version="1.0"?><x:error xmlns:x="DAV:"><x:valid-sync-token/></x:error>'

    def meddle(request: Request) -> Saying | None:
        return answer(status, refusal) if b"/ns/sync/" in request.body else None

    with misbehaving(relay(radicale, meddle)) as between:
        reader = Reader(between.url, path, tmp_path)
        reader.read()
        radicale.put(f"{path}b.ics", event("b"))
        assert reader.read() == (["a", "b"], 2)


@pytest.mark.parametrize("status", ["405 Method Not Allowed", "501 Not Implemented", "400 Bad Request", "415 Unsupported"])
def test_without_sync_collection_versions_are_listed_and_the_changed_fetched(
    server: CalendarServer, tmp_path: Path, status: str
) -> None:
    path = server.new_calendar()
    for name in "abc":
        server.put(f"{path}{name}.ics", event(name))

    def meddle(request: Request) -> Saying | None:
        return answer(status) if b"sync-collection" in request.body else None

    with misbehaving(relay(server, meddle)) as between:
        reader = Reader(between.url, path, tmp_path)
        assert reader.read() == (["a", "b", "c"], 3)
        assert reader.read()[1] == 1
        server.put(f"{path}b.ics", event("b", "another"))
        server.delete(f"{path}c.ics")
        assert reader.read() == (["a", "another"], 2)
        assert reader.read() == (["a", "another"], 1)


def test_a_list_cut_into_pieces_is_put_together(tmp_path: Path) -> None:
    """RFC 6578 3.6: a 507 for the collection itself says that there is more."""
    pages = {"": ("a", "t1"), "t1": ("b", "t2"), "t2": ("c", "t3"), "t3": ("", "t3")}

    def script(request: Request) -> bytes:
        token = request.body.partition(b"<D:sync-token>")[2].partition(b"<")[0].decode()
        name, after = pages[token]
        more = "<response><href>/cal/</href><status>HTTP/1.1 507 Insufficient Storage</status></response>"
        listed = one(name) + (more if after != "t3" else "") if name else ""
        return multistatus(f"{listed}<sync-token>{after}</sync-token>")

    with misbehaving(script) as server:
        reader = Reader(server.url, "/cal/", tmp_path)
        assert reader.read() == (["a", "b", "c"], 3)
        assert reader.read() == (["a", "b", "c"], 1)


def one(name: str, data: bytes | None = None) -> str:
    text = escape((data or event(name)).decode())
    return found(f"/cal/{name}.ics", f'<getetag>"{hash(text)}"</getetag><C:calendar-data>{text}</C:calendar-data>')


def test_a_server_that_always_has_more_is_given_up(tmp_path: Path) -> None:
    more = "<response><href>/cal/</href><status>HTTP/1.1 507 Insufficient Storage</status></response>"
    with misbehaving(lambda request: multistatus(f"{more}<sync-token>t</sync-token>")) as server:
        with pytest.raises(Temporary, match="come to an end"):
            calendar(server.url, "/cal/", tmp_path).read(HORIZON)
        assert len(server.requests) == 2


def test_what_lies_elsewhere_is_not_believed(tmp_path: Path) -> None:
    odd = ("/other/x.ics", "https://evil.example/cal/x.ics", "/cal/deep/x.ics", "/cal/", "", "/cal/../x.ics", "//[")
    data = f"<C:calendar-data>{escape(event('evil').decode())}</C:calendar-data>"
    listed = "".join(found(href, f'<getetag>"1"</getetag>{data}') for href in odd)
    with misbehaving(lambda request: multistatus(f"{listed}{one('good')}<sync-token>t</sync-token>")) as server:
        assert Reader(server.url, "/cal/", tmp_path).read()[0] == ["good"]


def test_one_resource_has_one_name_however_it_is_spelled(tmp_path: Path) -> None:
    spelled = ["/cal/a%40b%20c.ics", "/cal/a@b%20c.ics", "/cal/%61@b%20c.ics"]

    def script(request: Request) -> bytes:
        name = spelled.pop(0)
        data = f"<C:calendar-data>{escape(event('a', name).decode())}</C:calendar-data>"
        return multistatus(found(name, f'<getetag>"{name}"</getetag>{data}') + f"<sync-token>{name}</sync-token>")

    with misbehaving(script) as server:
        reader = Reader(server.url, "/cal/", tmp_path)
        for name in list(spelled):
            assert reader.read()[0] == [name]


def test_a_calendar_that_has_moved_on_its_server_is_followed(radicale: Radicale, tmp_path: Path) -> None:
    path = radicale.new_calendar()
    radicale.put(f"{path}a.ics", event("a"))
    moved = relay(radicale, lambda r: answer("301 Moved", Location=path) if r.target.startswith("/old") else None)
    with misbehaving(moved) as between:
        reader = Reader(between.url, "/old/", tmp_path)
        assert reader.read()[0] == ["a"]
        radicale.put(f"{path}b.ics", event("b"))
        assert reader.read()[0] == ["a", "b"]


@pytest.mark.parametrize("base", ["http://localhost/cal/", "https://localhost:8443/cal/", "/cal/", "/c%61l/"])
def test_hrefs_may_be_whole_urls(tmp_path: Path, base: str) -> None:
    data = f"<C:calendar-data>{escape(event('a').decode())}</C:calendar-data>"
    listed = found(f"{base}a.ics", f'<getetag>"1"</getetag>{data}')
    with misbehaving(lambda request: multistatus(f"{listed}<sync-token>t</sync-token>")) as server:
        assert Reader(server.url, "/cal/", tmp_path).read()[0] == ["a"]


def test_a_token_that_expired_on_a_server_that_no_longer_syncs(radicale: Radicale, tmp_path: Path) -> None:
    path = radicale.new_calendar()
    radicale.put(f"{path}a.ics", event("a"))
    gone: list[bytes] = []

    def meddle(request: Request) -> Saying | None:
        if not gone or b"sync-collection" not in request.body:
            return None
        expired = b'<error xmlns="DAV:"><valid-sync-token/></error>'
        return answer("403 Forbidden", expired) if b"/ns/sync/" in request.body else answer("501 Not Implemented")

    with misbehaving(relay(radicale, meddle)) as between:
        reader = Reader(between.url, path, tmp_path)
        reader.read()
        gone.append(b"")
        radicale.put(f"{path}b.ics", event("b"))
        assert reader.read() == (["a", "b"], 4)
        assert reader.read() == (["a", "b"], 1)


# --- events that cannot be read ---------------------------------------------------------------------------------------


def test_a_bad_event_is_named_and_the_good_ones_are_read(tmp_path: Path) -> None:
    broken = event("b").replace(b"20261203T130000Z", b"yesterday")
    script = lambda request: multistatus(f"{one('a')}{one('b', broken)}{one('c', b'junk')}<sync-token>t</sync-token>")  # noqa: E731
    with misbehaving(script) as server:
        reading = calendar(server.url, "/cal/", tmp_path).read(HORIZON)
        assert (titles(reading), reading.complete) == (["a"], True)
        assert ["work/b.ics" in p.where or "work/c.ics" in p.where for p in reading.problems] == [True, True]


def test_control_characters_in_one_event_do_not_hide_the_others(tmp_path: Path) -> None:
    odd = event("b", "Be\x00ll\x0b\x1b[31m")
    with misbehaving(lambda request: multistatus(f"{one('a')}{one('b', odd)}<sync-token>t</sync-token>")) as server:
        assert Reader(server.url, "/cal/", tmp_path).read()[0] == ["Be ll  [31m", "a"]


def test_an_event_that_is_listed_but_not_given_leaves_the_last_good_reading(tmp_path: Path) -> None:
    def script(request: Request) -> bytes:
        listed = one("a") + found("/cal/b.ics", '<getetag>"1"</getetag>')
        return multistatus(f"{listed}<sync-token>t</sync-token>" if b"sync-collection" in request.body else "")

    with misbehaving(script) as server:
        reading = calendar(server.url, "/cal/", tmp_path).read(HORIZON)
        assert (titles(reading), reading.complete) == (["a"], False)
        assert "work/b.ics" in reading.problems[0].where


@pytest.mark.parametrize(
    ("said", "kind"),
    [(answer("404 Not Found"), Permanent), (answer("503 Busy"), Temporary), (answer("403 Forbidden"), Permanent)],
)
def test_a_calendar_that_cannot_be_read_keeps_what_is_known_of_it(
    radicale: Radicale, tmp_path: Path, said: bytes, kind: type[OutsideError]
) -> None:
    path = radicale.new_calendar()
    radicale.put(f"{path}a.ics", event("a"))
    closed: list[bytes] = []
    with misbehaving(relay(radicale, lambda request: closed[0] if closed else None)) as between:
        reader = Reader(between.url, path, tmp_path)
        reader.read()
        closed.append(said)
        with pytest.raises(kind):
            reader.read()
        closed.clear()
        assert reader.read() == (["a"], 1)


# --- the copy on the disk ---------------------------------------------------------------------------------------------


def _delete(database: Path) -> None:
    database.unlink()


def _corrupt(database: Path) -> None:
    database.write_bytes(b"no database" * 1000)


def _truncate(database: Path) -> None:
    os.truncate(database, database.stat().st_size // 2)


def _of_another_version(database: Path) -> None:
    with sqlite3.connect(database) as db:
        db.execute("PRAGMA user_version=99")
        db.execute("DROP TABLE resource")


def _lose_a_row(database: Path) -> None:
    with sqlite3.connect(database) as db:
        db.execute("DELETE FROM resource WHERE name='a.ics'")


def _garble_a_text(database: Path) -> None:
    with sqlite3.connect(database) as db:
        db.execute("UPDATE resource SET data=x'00' WHERE name='a.ics'")


@pytest.mark.parametrize("harm", [_delete, _corrupt, _truncate, _of_another_version, _lose_a_row, _garble_a_text])
def test_a_copy_that_is_harmed_is_made_again(radicale: Radicale, tmp_path: Path, harm: Callable[[Path], None]) -> None:
    path = radicale.new_calendar()
    for name in "ab":
        radicale.put(f"{path}{name}.ics", event(name))
    reader = Reader(radicale.url, path, tmp_path)
    reader.read()
    (tmp_path / "readings.db").unlink()
    harm(tmp_path / "caldav.db")
    assert reader.read()[0] == ["a", "b"]
    assert reader.read() == (["a", "b"], 1)


def test_the_copy_is_for_its_user_alone(radicale: Radicale, tmp_path: Path) -> None:
    path = radicale.new_calendar()
    radicale.put(f"{path}a.ics", event("a"))
    folder = tmp_path / "cache"
    Reader(radicale.url, path, folder).read()
    assert stat.S_IMODE((folder / "caldav.db").stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert not any(PASSWORD.encode() in file.read_bytes() for file in folder.iterdir())


@pytest.mark.parametrize(
    "mark", ["CLASS:PRIVATE", "CLASS:CONFIDENTIAL", "class;x=1:private", "CLA\r\n SS:PRIVATE", "CLASS:X-MINE"]
)
def test_the_text_of_private_entries_is_not_left_on_the_disk(tmp_path: Path, mark: str) -> None:
    """It is asked for again: one request more, where the time looked at has any."""
    texts = {"open": event("open", "Open talk"), "doctor": event("doctor", "Secret doctor", f"{mark}\r\n")}

    def script(request: Request) -> bytes:
        if b"sync-collection" not in request.body:
            return multistatus("".join(one(n, data) for n, data in texts.items() if f"/{n}.ics".encode() in request.body))
        came = "" if b">t<" in request.body else "".join(one(name, data) for name, data in texts.items())
        return multistatus(f"{came}<sync-token>t</sync-token>")

    with misbehaving(script) as server:
        reader = Reader(server.url, "/cal/", tmp_path)
        assert reader.read() == (["Open talk", "Secret doctor"], 1)
        assert reader.read() == (["Open talk", "Secret doctor"], 2)
        kept = b"".join(file.read_bytes() for file in tmp_path.iterdir())
        assert (b"Open talk" in kept, b"Secret" in kept) == (True, False)
        opened = calendar(server.url, "/cal/", tmp_path)
        opened.read(HORIZON)
        before = opened.requests
        opened.read(HORIZON)
        assert opened.requests == before + 1  # the process still has it


def test_two_processes_can_read_at_once(radicale: Radicale, tmp_path: Path) -> None:
    path = radicale.new_calendar()
    radicale.put(f"{path}a.ics", event("a"))
    one, other = calendar(radicale.url, path, tmp_path), calendar(radicale.url, path, tmp_path)
    assert titles(one.read(HORIZON)) == titles(other.read(HORIZON)) == ["a"]
    for number, (reader, title) in enumerate([(one, "1"), (other, "2"), (other, "3"), (one, "4")]):
        radicale.put(f"{path}a.ics", event("a", title))
        radicale.put(f"{path}b{number}.ics", event(f"b{number}"))
        assert title in titles(reader.read(HORIZON))
    expected = ["4", "b0", "b1", "b2", "b3"]
    assert titles(one.read(HORIZON)) == titles(other.read(HORIZON)) == Reader(radicale.url, path, tmp_path).read()[0] == expected


def test_a_copy_that_another_process_locks_is_done_without(
    radicale: Radicale, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("integrations.caldav_copy._BUSY", 0.05)
    path = radicale.new_calendar()
    radicale.put(f"{path}a.ics", event("a"))
    reader = Reader(radicale.url, path, tmp_path)
    reader.read()
    radicale.put(f"{path}b.ics", event("b"))
    with sqlite3.connect(tmp_path / "caldav.db", isolation_level=None) as db:
        db.execute("BEGIN EXCLUSIVE")
        assert reader.read()[0] == ["a", "b"]
        db.execute("ROLLBACK")
    assert reader.read()[0] == ["a", "b"]


def test_calendars_of_one_folder_do_not_mix(radicale: Radicale, tmp_path: Path) -> None:
    paths = [radicale.new_calendar() for _ in range(2)]
    for path, name in zip(paths, "ab", strict=True):
        radicale.put(f"{path}same.ics", event(name))
    readers = [Reader(radicale.url, path, tmp_path) for path in paths]
    assert [reader.read()[0] for reader in readers] == [["a"], ["b"]]
    assert Copy("nobody's", tmp_path / "caldav.db").rows == {}


# --- without reading --------------------------------------------------------------------------------------------------


def watched(url: str, path: str) -> Collection:
    return Collection(lambda: WebDav(url, Login("lea", "password", lambda: PASSWORD)), path)


def test_the_state_of_a_calendar_is_another_after_each_change_and_the_same_in_between(server: CalendarServer) -> None:
    path = server.new_calendar()
    collection, states = watched(server.url, path), []
    for change in (
        lambda: None,
        lambda: server.put(f"{path}a.ics", event("a")),
        lambda: server.put(f"{path}a.ics", event("a", "another title")),
        lambda: server.put(f"{path}b.ics", event("b")),
        lambda: server.delete(f"{path}a.ics"),
    ):
        change()
        states.append(collection.state())
        assert states[-1] == collection.state()
    assert len(set(states)) == 5


def test_a_server_that_tells_no_state_is_not_believed_to_be_unchanged() -> None:
    with (
        misbehaving(lambda request: multistatus(found("/lea/work/", ""))) as web,
        pytest.raises(Permanent, match="does not tell whether anything has changed"),
    ):
        watched(web.url, "/lea/work/").state()
