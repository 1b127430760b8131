"""Writing into a calendar on a server: nobody's edit is lost, nothing is doubled, and what became of a write that was cut off is
found by looking again. What every calendar promises is in the contract; here is what only a server can do to us."""

from __future__ import annotations

import re
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pytest

from integrations.caldav import CalDavCalendar
from integrations.errors import OutsideError, Permanent, PreconditionFailed, Temporary
from integrations.ports import CalendarEdit, DeleteBlock, EditHost, PutBlock, Receipt, RestoreHost
from rules.model import Occurrence, OccurrenceKey
from tests.contracts.test_calendar_contract import HEAD, HORIZON, SECOND, SERIES, TAIL, Clock, attendee, block, host
from tests.servers.calendar_server import CalendarServer
from tests.servers.misbehaving_http import Misbehaving, Request, Saying, answer, hand_on, misbehaving, relay
from tests.servers.radicale import Radicale, running_radicale

Meddle = Callable[[Request], Saying | None]


@dataclass
class Desk:
    """A calendar of ours on a server, with somebody between us."""

    server: CalendarServer
    path: str
    between: Misbehaving
    meddling: list[Meddle]

    def calendar(self, folder: Path | None = None) -> CalDavCalendar:
        return CalDavCalendar(
            "work", "mine", self.path, self.between.url, self.server.login, "Europe/Berlin", Clock(), cache_folder=folder
        )

    def meddle(self, with_it: Meddle) -> None:
        self.meddling[:] = [with_it]

    def at(self, calendar: CalDavCalendar, recurrence_id: str = SECOND, uid: str = "team@example.org") -> Occurrence:
        key = OccurrenceKey("work", uid, recurrence_id)
        return next(o for o in calendar.read(HORIZON).occurrences if o.key == key)

    def writes(self) -> list[str]:
        return [method for method in self.between.methods if method in ("PUT", "DELETE")]


@pytest.fixture(params=["radicale", "xandikos"])
def desk(request: pytest.FixtureRequest) -> Iterator[Desk]:
    server: CalendarServer = request.getfixturevalue(request.param)
    yield from _desk(server)


@pytest.fixture
def plain(radicale: Radicale) -> Iterator[Desk]:
    yield from _desk(radicale)


def _desk(server: CalendarServer) -> Iterator[Desk]:
    path, meddling = server.new_calendar(), list[Meddle]()
    server.put(f"{path}team.ics", (HEAD + SERIES + TAIL).encode())
    script = relay(server, lambda request: meddling[0](request) if meddling else None)
    with misbehaving(script) as between:
        yield Desk(server, path, between, meddling)


def do(calendar: CalDavCalendar, edit: CalendarEdit) -> Receipt:
    return calendar.commit(calendar.prepare(edit))


# --- two writers ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("when", ["before the write", "while it is on the way"])
def test_an_edit_of_another_client_in_between_is_never_lost(desk: Desk, when: str) -> None:
    calendar = desk.calendar()
    prepared = calendar.prepare(EditHost(host(desk.at(calendar))))

    def edit() -> None:
        desk.server.rewrite(desk.path, lambda data: data.replace(b"am Nachmittag", b"am Abend"))

    def at_the_last_moment(request: Request) -> None:
        if request.method == "PUT":
            edit()

    edit() if when == "before the write" else desk.meddle(at_the_last_moment)
    with pytest.raises(PreconditionFailed):
        calendar.commit(prepared)
    desk.meddling.clear()
    [now] = desk.server.content(desk.path).values()
    assert b"am Abend" in now and b"X-HOMEWARD" not in now
    do(calendar, EditHost(host(desk.at(calendar))))
    [now] = desk.server.content(desk.path).values()
    assert b"am Abend" in now and b"X-HOMEWARD" in now


def test_a_block_that_somebody_else_put_meanwhile_is_not_overwritten(desk: Desk) -> None:
    calendar = desk.calendar()
    prepared = calendar.prepare(PutBlock(block()))
    other = do(desk.calendar(), PutBlock(block(summary="Theirs")))
    with pytest.raises(PreconditionFailed):
        calendar.commit(prepared)
    assert desk.at(calendar, "", block().id).fingerprint == other.fingerprint


def test_deleting_what_was_edited_or_deleted_meanwhile_is_refused(desk: Desk) -> None:
    calendar = desk.calendar()
    do(calendar, PutBlock(block()))
    prepared = calendar.prepare(DeleteBlock(block().id))
    desk.server.rewrite(desk.path, lambda data: data.replace(b"SUMMARY:Busy", b"SUMMARY:Mine now"))
    with pytest.raises(PreconditionFailed):
        calendar.commit(prepared)
    prepared = calendar.prepare(DeleteBlock(block().id))
    desk.server.delete(next(path for path in desk.server.names(desk.path) if "make-up" in path))
    with pytest.raises(PreconditionFailed):
        calendar.commit(prepared)


def test_the_answer_of_a_deputy_by_another_client_is_read_back(desk: Desk) -> None:
    calendar = desk.calendar()
    receipt = do(calendar, EditHost(host(desk.at(calendar))))
    yes = re.compile(rb"ATTENDEE[^:]*?(?:\r\n [^:]*?)*:(?:\r\n )?mailto:(?:\r\n )?ana@example\.org")
    desk.server.rewrite(desk.path, lambda data: yes.sub(lambda m: m[0].replace(b"NEEDS-ACTION", b"ACCEPTED"), data))
    now = desk.at(calendar)
    assert attendee(now, "ana").partstat == "ACCEPTED"
    assert now.fingerprint == receipt.fingerprint  # an answer is no edit


def test_an_edit_takes_three_requests(desk: Desk) -> None:
    calendar = desk.calendar()
    was = desk.at(calendar)
    calendar.capabilities()
    before = calendar.requests
    do(calendar, EditHost(host(was)))
    assert calendar.requests - before == 3


def test_an_event_that_moved_to_another_resource_is_found(plain: Desk) -> None:
    calendar = plain.calendar()
    was = plain.at(calendar)
    [(path, data)] = plain.server.content(plain.path).items()
    plain.server.delete(path)
    plain.server.put(f"{plain.path}elsewhere.ics", data)
    do(calendar, EditHost(host(was)))
    assert plain.at(calendar).marker == host(was).id


def test_another_event_in_the_way_of_a_block_is_left_alone(plain: Desk) -> None:
    plain.server.delete(plain.server.names(plain.path)[0])
    plain.server.put(f"{plain.path}{block().id}.ics", (HEAD + SERIES + TAIL).encode())
    before = plain.server.content(plain.path)
    with pytest.raises(Permanent, match="in the way"):
        plain.calendar().prepare(PutBlock(block()))
    assert plain.server.content(plain.path) == before


# --- cut off in the middle --------------------------------------------------------------------------------------------


def _hang_up(wire: socket.socket) -> None:
    wire.shutdown(socket.SHUT_RDWR)


@pytest.mark.parametrize("written", [False, True], ids=["before it was written", "after it was written"])
@pytest.mark.parametrize("which", ["block", "host"])
def test_a_server_killed_in_the_middle_of_a_write_is_looked_at_again(
    written: bool, which: Literal["block", "host"], tmp_path: Path
) -> None:
    """The next pass begins anew, with what is on the disk."""
    with running_radicale() as server:
        for desk in _desk(server):
            calendar = desk.calendar(tmp_path)
            was = desk.at(calendar)
            edit: CalendarEdit = PutBlock(block()) if which == "block" else EditHost(host(was))

            def die(request: Request) -> Saying | None:
                if request.method != "PUT":
                    return None
                if written:
                    hand_on(server, request)
                server.kill()
                return _hang_up

            desk.meddle(die)
            prepared = calendar.prepare(edit)
            with pytest.raises(Temporary):
                calendar.commit(prepared)
            with pytest.raises(OutsideError):
                desk.calendar(tmp_path).read(HORIZON)
            assert desk.writes() == ["PUT"]
            desk.meddling.clear()
            server.start()
            again = desk.calendar(tmp_path)
            assert again.prepare(edit).done is written
            receipt = do(again, edit)
            now = desk.at(again, "", block().id) if which == "block" else desk.at(again)
            assert (now.fingerprint, now.marker) == (receipt.fingerprint, block().id if which == "block" else host(was).id)
            assert desk.writes() == (["PUT"] if written else ["PUT", "PUT"])


def test_what_cannot_be_read_back_is_found_done_the_next_time(plain: Desk) -> None:
    calendar = plain.calendar()
    prepared = calendar.prepare(PutBlock(block()))
    put: list[str] = []

    def only_the_write(request: Request) -> Saying | None:
        if request.method == "PUT":
            put.append("")
        return answer("503 Busy") if put and request.method == "GET" else None

    plain.meddle(only_the_write)
    with pytest.raises(Temporary):
        calendar.commit(prepared)
    plain.meddling.clear()
    assert plain.calendar().prepare(PutBlock(block())).done
    assert plain.writes() == ["PUT"]


@pytest.mark.parametrize(
    ("said", "kind", "words"),
    [
        (answer("507 Insufficient Storage"), Temporary, "disk is full"),
        (answer("403 Forbidden"), Permanent, "read-only"),
        (answer("423 Locked"), Temporary, "locked"),
        (answer("503 Busy", Retry_After="300"), Temporary, "busy"),
    ],
)
def test_a_refused_write_changes_nothing_and_can_be_done_later(
    plain: Desk, said: bytes, kind: type[OutsideError], words: str
) -> None:
    calendar, before = plain.calendar(), plain.server.content(plain.path)
    prepared = calendar.prepare(EditHost(host(plain.at(calendar))))
    plain.meddle(lambda request: said if request.method == "PUT" else None)
    with pytest.raises(kind, match=words):
        calendar.commit(prepared)
    assert plain.server.content(plain.path) == before
    assert plain.writes() == ["PUT"]
    plain.meddling.clear()
    calendar.commit(prepared)
    assert plain.at(calendar).marker == host(plain.at(calendar)).id


# --- what may be written ----------------------------------------------------------------------------------------------


def test_a_calendar_that_may_only_be_read_is_known_as_such(tmp_path: Path) -> None:
    rights = "[read]\nuser: ana\ncollection: lea(/.*)?\npermissions: Rr\n[own]\nuser: lea\ncollection: .*\npermissions: RrWw\n"
    with running_radicale(rights=rights) as server:
        path = server.new_calendar()
        server.put(f"{path}team.ics", (HEAD + SERIES + TAIL).encode())
        server.user = "ana"
        calendar = CalDavCalendar("work", "mine", path, server.url, server.login, "Europe/Berlin", Clock())
        assert calendar.read(HORIZON).entries == 2
        assert not calendar.capabilities().writable
        with pytest.raises(Permanent, match="read-only"):
            calendar.prepare(PutBlock(block()))


def test_a_calendar_that_the_user_calls_read_only_is_never_written(plain: Desk) -> None:
    server = plain.server
    calendar = CalDavCalendar("work", "mine", plain.path, server.url, server.login, "Europe/Berlin", Clock(), read_only=True)
    assert not calendar.capabilities().writable
    with pytest.raises(Permanent, match="read-only"):
        calendar.prepare(PutBlock(block()))


# --- ETags ------------------------------------------------------------------------------------------------------------


def _weakened(desk: Desk, methods: tuple[str, ...]) -> Meddle:
    """As a proxy that compresses does."""

    def meddle(request: Request) -> Saying | None:
        said = hand_on(desk.server, request)
        if request.method in methods:
            said = said.replace(b'ETag: "', b'ETag: W/"').replace(b'getetag>"', b"getetag>W")
        return said

    return meddle


def test_a_weak_etag_guards_nothing_and_the_listed_one_is_used(plain: Desk) -> None:
    calendar = plain.calendar()
    was = plain.at(calendar)
    plain.meddle(_weakened(plain, ("GET",)))
    prepared = calendar.prepare(EditHost(host(was)))
    calendar.commit(prepared)
    assert all("W/" not in request.headers.get("if-match", "") for request in plain.between.requests)
    prepared = calendar.prepare(EditHost(host(was, "bo"), prepared.before))
    plain.server.rewrite(plain.path, lambda data: data.replace(b"am Nachmittag", b"am Abend"))
    with pytest.raises(PreconditionFailed):
        calendar.commit(prepared)


def test_without_any_strong_etag_nothing_is_written(plain: Desk) -> None:
    calendar = plain.calendar()
    was = plain.at(calendar)
    plain.meddle(_weakened(plain, ("GET", "PROPFIND")))
    with pytest.raises(Permanent, match="ETag"):
        calendar.prepare(EditHost(host(was)))
    assert plain.writes() == []


def test_etags_are_asked_for_without_compression(plain: Desk) -> None:
    calendar = plain.calendar()
    do(calendar, EditHost(host(plain.at(calendar))))
    assert {r.headers["accept-encoding"] for r in plain.between.requests if r.method in ("GET", "PUT")} == {"identity"}


# --- undo -------------------------------------------------------------------------------------------------------------


def test_undo_in_two_phases_gives_back_the_bytes_that_the_server_had(desk: Desk) -> None:
    calendar, before = desk.calendar(), desk.server.content(desk.path)
    was = desk.at(calendar)
    asked = calendar.prepare(EditHost(host(was)))
    receipt = calendar.commit(asked)
    for phase in ("neutralise", "remove"):
        receipt = do(desk.calendar(), RestoreHost(was.key, asked.before, receipt.after, phase))
    assert desk.server.content(desk.path) == before
