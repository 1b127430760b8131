"""What every writable Calendar promises, run on memory, a vdir folder, a single .ics file, real CalDAV servers and Google."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

import pytest
from msgspec.structs import replace

from integrations.caldav import CalDavCalendar
from integrations.calendar_folder import CalendarFile, CalendarFolder
from integrations.errors import Permanent, PreconditionFailed
from integrations.memory_calendar import MemoryCalendar
from integrations.ports import (
    Calendar,
    CalendarEdit,
    DeleteBlock,
    EditHost,
    Prepared,
    PutBlock,
    Receipt,
    RestoreHost,
)
from rules.interval import Interval
from rules.items import BlockItem, HostItem
from rules.model import Attendee, Occurrence, OccurrenceKey
from tests.servers.calendar_server import CalendarServer
from tests.servers.fake_google import FakeGoogle, contract_bench
from tests.servers.fake_google.worlds import google_world

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
HORIZON = Interval(NOW, datetime(2027, 2, 21, tzinfo=UTC))
SECOND = "20261207T090000Z"
MOVED = "20261214T090000Z"

HEAD = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Example//Example//EN\r\n"
TAIL = "END:VCALENDAR\r\n"
SERIES = """\
BEGIN:VEVENT
UID:team@example.org
DTSTAMP:20260101T000000Z
dtstart;TZID=Europe/Berlin:20261130T100000
DTEND;TZID=Europe/Berlin:20261130T110000
RRULE:FREQ=WEEKLY;COUNT=6
EXDATE;TZID=Europe/Berlin:20261221T100000
SUMMARY;LANGUAGE=de:Team\\, jede Woche
DESCRIPTION:Die Tagesordnung ist wie immer\\, und diese Zeile ist so lang\\,
  daß sie gefaltet ist
SEQUENCE:3
X-ODD-PROPERTY;x=1:kept; as , it is
ORGANIZER;CN=Lea:mailto:lea@example.org
ATTENDEE;CN=Lea;PARTSTAT=ACCEPTED:mailto:lea@example.org
ATTENDEE;CN="Bo; B.";PARTSTAT=TENTATIVE;X-KEPT=1:mailto:Bo@example.org
ATTENDEE;CN=Cy;PARTSTAT=ACCEPTED;RSVP=TRUE:mailto:cy@example.org
BEGIN:VALARM
ACTION:DISPLAY
TRIGGER:-PT5M
END:VALARM
END:VEVENT
BEGIN:VEVENT
UID:team@example.org
RECURRENCE-ID:20261214T090000Z
DTSTART;TZID=Europe/Berlin:20261214T140000
DTEND;TZID=Europe/Berlin:20261214T150000
SUMMARY:Team am Nachmittag
SEQUENCE:5
ORGANIZER;CN=Lea:mailto:lea@example.org
ATTENDEE;CN=Lea;PARTSTAT=ACCEPTED:mailto:lea@example.org
END:VEVENT
""".replace("\n", "\r\n")
SINGLE = """\
BEGIN:VEVENT
UID:training@example.org
DTSTART:20261203T130000Z
DURATION:PT2H
SUMMARY:Training
ORGANIZER;CN=Lea:mailto:lea@example.org
ATTENDEE;CN=Lea;PARTSTAT=ACCEPTED:mailto:lea@example.org
END:VEVENT
"""  # with bare line feeds, as some programs write


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        self.now += timedelta(minutes=1)
        return self.now


@dataclass
class Bench:
    """A calendar with its content as bytes, and a way to change it behind its back."""

    calendar: Calendar
    content: Callable[[], dict[str, bytes]]
    rewrite: Callable[[str, str], None]
    schedules: bool = False
    takes_periods: bool = True
    counts_edits: bool = True  # SEQUENCE tells every edit; Google's tells moves only
    removes_overrides: bool = True  # at Google an instance that was edited stays an exception, with the values of its series

    def sequence(self, counted: int, before: Occurrence) -> int:
        """What SEQUENCE is to be after an edit that moves nothing."""
        return counted if self.counts_edits else before.sequence

    def at(self, recurrence_id: str, uid: str = "team@example.org") -> Occurrence:
        key = OccurrenceKey("work", uid, recurrence_id)
        return next(o for o in self.calendar.read(HORIZON).occurrences if o.key == key)

    def do(self, edit: CalendarEdit) -> tuple[Prepared, Receipt]:
        prepared = self.calendar.prepare(edit)
        return prepared, self.calendar.commit(prepared)


def _memory(tmp_path: Path, clock: Clock) -> Bench:
    calendar = MemoryCalendar("work", "mine", "Europe/Berlin", clock, (HEAD + SERIES + SINGLE + TAIL).encode())

    def rewrite(old: str, new: str) -> None:
        calendar.data = _rewritten(calendar.data, old, new)

    return Bench(calendar, lambda: {"": calendar.data}, rewrite)


def _rewritten(data: bytes, old: str, new: str) -> bytes:
    assert old.encode() in data
    return data.replace(old.encode(), new.encode())


def _on_disk(folder: Path, calendar: Calendar) -> Bench:
    def rewrite(old: str, new: str) -> None:
        for path in folder.iterdir():
            if old.encode() in path.read_bytes():
                path.write_bytes(_rewritten(path.read_bytes(), old, new))
                return
        raise AssertionError(old)

    return Bench(calendar, lambda: {p.name: p.read_bytes() for p in folder.iterdir()}, rewrite)


def _folder(tmp_path: Path, clock: Clock) -> Bench:
    (tmp_path / "odd name.ics").write_bytes((HEAD + SERIES + TAIL).encode())
    (tmp_path / "training@example.org.ics").write_bytes((HEAD + SINGLE + TAIL).encode())
    return _on_disk(tmp_path, CalendarFolder("work", "mine", tmp_path, "Europe/Berlin", clock))


def _file(tmp_path: Path, clock: Clock) -> Bench:
    (tmp_path / "work.ics").write_bytes((HEAD + SERIES + SINGLE + TAIL).encode())
    return _on_disk(tmp_path, CalendarFile("work", "mine", tmp_path / "work.ics", "Europe/Berlin", clock))


def _on_server(server: CalendarServer, tmp_path: Path, clock: Clock) -> Bench:
    """What is there is what the server made of it: none stores the bytes as they were sent."""
    path = server.new_calendar()
    server.put(f"{path}odd%20name.ics", (HEAD + SERIES + TAIL).encode())
    server.put(f"{path}training@example.org.ics", (HEAD + SINGLE + TAIL).encode())

    def rewrite(old: str, new: str) -> None:
        for name, data in server.content(path).items():
            if old.encode() in data:
                if old in SINGLE and "@" in old:  # a server takes no other UID in the place of one
                    server.delete(name)
                    name = f"{path}{new}.ics"
                server.put(name, _rewritten(data, old, new))
                return
        raise AssertionError(old)

    calendar = CalDavCalendar(
        "work", "mine", path, server.url, server.login, "Europe/Berlin", clock, cache_folder=tmp_path, ca_file=server.ca_file
    )
    return Bench(calendar, lambda: server.content(path), rewrite, server.schedules, server.takes_periods)


def _google(server: FakeGoogle, tmp_path: Path, clock: Clock) -> Bench:
    calendar = contract_bench.google_calendar(server, tmp_path, clock)
    there, rewrite = lambda: contract_bench.content(server), contract_bench.rewrite(server)
    return Bench(calendar, there, rewrite, takes_periods=False, counts_edits=False, removes_overrides=False)


WORLDS: dict[str, Callable[[Path, Clock], Bench]] = {"memory": _memory, "folder": _folder, "file": _file}


TEXTS = [*WORLDS, "radicale", "xandikos"]


@pytest.fixture
def google() -> Iterator[FakeGoogle]:
    with google_world() as world:
        yield world


@pytest.fixture(params=[*TEXTS, "google"])
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Bench:
    return (
        _google(request.getfixturevalue("google"), tmp_path, Clock()) if request.param == "google" else _text(request, tmp_path)
    )


@pytest.fixture(params=TEXTS)
def text_bench(request: pytest.FixtureRequest, tmp_path: Path) -> Bench:
    """For what only iCalendar text can say."""
    return _text(request, tmp_path)


def _text(request: pytest.FixtureRequest, tmp_path: Path) -> Bench:
    if request.param in WORLDS:
        return WORLDS[request.param](tmp_path, Clock())
    return _on_server(request.getfixturevalue(request.param), tmp_path, Clock())


def host(occurrence: Occurrence, person: str = "ana", **changes: Any) -> HostItem:
    item = HostItem(
        "hw-lisbon.host.0123456789abcdef",
        "lisbon",
        occurrence.key,
        occurrence.summary,
        occurrence.span,
        "team",
        person,
        person.title(),
        f"{person}@example.org",
        "asked",
        lines=("Decides at level 4.", "Not: budget, hiring."),
        leader_address="lea@example.org",
    )
    return replace(item, **changes)


def block(start: datetime = datetime(2026, 12, 16, 14, tzinfo=UTC), **changes: Any) -> BlockItem:
    span = Interval(start, start + timedelta(hours=2))
    item = BlockItem(
        "hw-lisbon.make-up.00112233", "lisbon", "work", "make-up", "1", span, "Europe/Berlin", "Busy", "Time; at home"
    )
    return replace(item, **changes)


def attendee(occurrence: Occurrence, person: str) -> Attendee:
    return next(a for a in occurrence.attendees if a.address == f"{person}@example.org")


# --- blocks -----------------------------------------------------------------------------------------------------------


def test_a_block_is_read_back_as_it_was_put(bench: Bench) -> None:
    _, receipt = bench.do(PutBlock(block()))
    found = bench.at("", block().id)
    assert found.span == block().span
    assert (found.summary, found.description, found.marker) == ("Busy", "Time; at home", block().id)
    assert (found.private, found.transparent, found.attendees, found.organizer) == (True, False, (), None)
    assert found.fingerprint == receipt.fingerprint != ""


def test_a_block_put_and_deleted_leaves_every_byte_as_it_was(bench: Bench) -> None:
    before = bench.content()
    bench.do(PutBlock(block()))
    assert bench.content() != before
    _, receipt = bench.do(DeleteBlock(block().id))
    assert bench.content() == before
    assert receipt.fingerprint == ""


def test_putting_the_same_block_again_finds_nothing_to_do(bench: Bench) -> None:
    bench.do(PutBlock(block()))
    before = bench.content()
    prepared, receipt = bench.do(PutBlock(block()))
    assert prepared.done
    assert bench.content() == before
    assert receipt.fingerprint == bench.at("", block().id).fingerprint


def test_a_block_moves_and_keeps_what_the_user_added(bench: Bench) -> None:
    bench.do(PutBlock(block()))
    bench.rewrite("TRANSP:OPAQUE\r\n", "TRANSP:OPAQUE\r\nCOLOR:green\r\n")
    later = block(datetime(2026, 12, 17, 9, tzinfo=UTC), private=False)
    bench.do(PutBlock(later))
    found = bench.at("", later.id)
    assert (found.span, found.private, found.sequence) == (later.span, False, 1)
    assert any(b"COLOR:green" in data for data in bench.content().values())


def test_deleting_a_block_that_is_gone_finds_nothing_to_do(bench: Bench) -> None:
    before = bench.content()
    prepared, _ = bench.do(DeleteBlock(block().id))
    assert prepared.done
    assert bench.content() == before


def test_an_event_that_is_not_ours_is_neither_replaced_nor_deleted(bench: Bench) -> None:
    before = bench.content()
    with pytest.raises(Permanent):
        bench.calendar.prepare(DeleteBlock("training@example.org"))
    with pytest.raises(Permanent):
        bench.calendar.prepare(PutBlock(block(id="team@example.org")))
    assert bench.content() == before


@pytest.mark.parametrize("bad", ["", "a b", "a\r\nX:1", "ä", "a;b", "../x"])
def test_a_mark_with_other_characters_is_refused(bench: Bench, bad: str) -> None:
    with pytest.raises(Permanent):
        bench.calendar.prepare(PutBlock(block(id=bad)))


def test_no_text_of_a_block_can_begin_a_line_of_its_own(bench: Bench) -> None:
    hostile = "Busy\r\nATTENDEE:mailto:x@example.org\nEND:VEVENT\r\x0b\x85\u2028,;\\"
    bench.do(PutBlock(block(summary=hostile)))
    found = bench.at("", block().id)
    assert found.attendees == ()
    assert found.summary == "Busy\nATTENDEE:mailto:x@example.org\nEND:VEVENT\n\x85\u2028,;\\"


# --- asking a deputy --------------------------------------------------------------------------------------------------


def test_asking_only_asks(bench: Bench) -> None:
    was = bench.at(SECOND)
    _, receipt = bench.do(EditHost(host(was)))
    now = bench.at(SECOND)
    asked = attendee(now, "ana")
    assert (asked.partstat, asked.role, asked.name) == ("NEEDS-ACTION", "REQ-PARTICIPANT", "Ana")
    assert now.attendees[:3] == was.attendees
    same = ("start", "end", "summary", "description", "organizer", "location", "all_day", "recurring", "zone")
    assert [getattr(now, name) for name in same] == [getattr(was, name) for name in same]
    assert (now.marker, now.sequence) == (host(was).id, bench.sequence(6, was))  # the highest of the series was 5
    assert now.fingerprint == receipt.fingerprint


def test_asking_touches_no_other_occurrence(bench: Bench) -> None:
    before = {o.key: o for o in bench.calendar.read(HORIZON).occurrences}
    bench.do(EditHost(host(bench.at(SECOND))))
    after = {o.key: o for o in bench.calendar.read(HORIZON).occurrences}
    assert before.keys() == after.keys()
    assert [key.recurrence_id for key in before if before[key] != after[key]] == [SECOND]


def test_the_new_override_repeats_nothing_of_the_series(text_bench: Bench) -> None:
    [odd] = [line for data in text_bench.content().values() for line in data.splitlines() if line.startswith(b"X-ODD-PROPERTY")]
    rules = b"".join(text_bench.content().values()).decode().count("RRULE")
    text_bench.do(EditHost(host(text_bench.at(SECOND))))
    text = b"".join(text_bench.content().values()).decode()
    assert (text.count("RRULE"), text.count("EXDATE"), text.count(odd.decode())) == (rules, 1, 2)
    assert "RECURRENCE-ID;TZID=Europe/Berlin:20261207T100000\r\n" in text


def test_an_attendee_who_is_asked_has_to_answer_again(bench: Bench) -> None:
    bench.do(EditHost(host(bench.at(SECOND), "bo")))
    asked = attendee(bench.at(SECOND), "bo")
    assert (asked.partstat, asked.name) == ("NEEDS-ACTION", "Bo; B.")
    assert len(bench.at(SECOND).attendees) == 3


def test_asking_again_finds_nothing_to_do_even_after_an_answer(bench: Bench) -> None:
    item = host(bench.at(SECOND), "cy")
    prepared, receipt = bench.do(EditHost(item))
    assert bench.calendar.prepare(EditHost(item, prepared.before)).done
    bench.rewrite("PARTSTAT=NEEDS-ACTION", "PARTSTAT=ACCEPTED")
    again = bench.calendar.prepare(EditHost(item, prepared.before))
    assert again.done
    assert attendee(bench.at(SECOND), "cy").partstat == "ACCEPTED"
    assert bench.at(SECOND).fingerprint == receipt.fingerprint  # an answer is no edit


def test_an_override_that_is_there_is_extended(bench: Bench) -> None:
    was = bench.at(MOVED)
    bench.do(EditHost(host(was)))
    now = bench.at(MOVED)
    assert (now.summary, now.sequence, now.start) == (
        "Team am Nachmittag",
        bench.sequence(6, was),
        datetime(2026, 12, 14, 13, tzinfo=UTC),
    )
    assert attendee(now, "ana").partstat == "NEEDS-ACTION"


def test_a_single_event_is_changed_in_place(bench: Bench) -> None:
    was = bench.at("", "training@example.org")
    bench.do(EditHost(host(was)))
    now = bench.at("", "training@example.org")
    assert (attendee(now, "ana").partstat, now.sequence, now.recurring) == ("NEEDS-ACTION", bench.sequence(1, was), False)


def test_an_occurrence_that_rules_all_later_ones_is_left_alone(text_bench: Bench) -> None:
    text_bench.rewrite("RECURRENCE-ID:20261214T090000Z", "RECURRENCE-ID;RANGE=THISANDFUTURE:20261214T090000Z")
    with pytest.raises(Permanent, match="all later ones"):
        text_bench.calendar.prepare(EditHost(host(text_bench.at(MOVED))))
    later = text_bench.at("20261228T090000Z")
    assert later.summary == "Team am Nachmittag"
    text_bench.do(EditHost(host(later)))
    now = text_bench.at("20261228T090000Z")
    assert (now.start, now.end, now.summary) == (later.start, later.end, later.summary)


def test_an_occurrence_with_a_length_of_its_own_keeps_it(bench: Bench) -> None:
    period = ("RRULE:FREQ=WEEKLY;COUNT=6\r\n", "RDATE;VALUE=PERIOD:20261207T090000Z/PT3H\r\n")
    if not bench.takes_periods:
        with pytest.raises(AssertionError, match="400"):
            bench.rewrite(*period)
        return
    bench.rewrite(*period)
    was = bench.at(SECOND)
    bench.do(EditHost(host(was)))
    assert bench.at(SECOND).end - bench.at(SECOND).start == was.end - was.start == timedelta(hours=3)


@pytest.mark.parametrize("gone", ["20261221T090000Z", "20261208T090000Z", ""])
def test_an_occurrence_that_is_gone_is_not_edited(bench: Bench, gone: str) -> None:
    was = bench.at(SECOND)
    with pytest.raises(PreconditionFailed):
        bench.calendar.prepare(EditHost(host(was, key=replace(was.key, recurrence_id=gone))))
    with pytest.raises(PreconditionFailed):
        bench.calendar.prepare(EditHost(host(was, key=replace(was.key, uid="nobody@example.org"))))


@pytest.mark.parametrize("address", ["ana@example.org\r\nX:1", "ana", "", 'a"b@example.org', "a@b;ROLE=CHAIR"])
def test_an_address_that_could_break_a_line_is_refused(bench: Bench, address: str) -> None:
    with pytest.raises(Permanent):
        bench.calendar.prepare(EditHost(host(bench.at(SECOND), host_address=address)))


def test_no_name_can_break_a_line_or_a_parameter(bench: Bench) -> None:
    name = 'Ana":mailto:evil@example.org\r\nRRULE:FREQ=DAILY;"'
    item = host(bench.at(SECOND), host_name=name, state="accepted", lines=("one\r\nEND:VEVENT\ntwo",))
    bench.do(EditHost(item))
    now = bench.at(SECOND)
    assert attendee(now, "ana").name == "Ana':mailto:evil@example.org RRULE:FREQ=DAILY;'"
    assert [a.address for a in now.attendees] == [f"{n}@example.org" for n in ("lea", "bo", "cy", "ana")]
    assert now.description.splitlines()[1:] == [f"Host: {' '.join(name.split())}. one END:VEVENT two"]
    assert bench.calendar.read(HORIZON).problems == ()


# --- acceptance, and the next in the chain ----------------------------------------------------------------------------


def test_acceptance_changes_roles_title_and_description_once(bench: Bench) -> None:
    item = host(bench.at(SECOND))
    asked, _ = bench.do(EditHost(item))
    accepted = replace(item, state="accepted")
    bench.do(EditHost(accepted, asked.before))
    now = bench.at(SECOND)
    assert (attendee(now, "ana").role, attendee(now, "ana").partstat) == ("CHAIR", "ACCEPTED")
    assert (attendee(now, "lea").role, attendee(now, "lea").partstat) == ("OPT-PARTICIPANT", "ACCEPTED")
    assert now.organizer is not None and now.organizer.address == "lea@example.org"
    assert now.summary == "Team, jede Woche (host: Ana)"
    assert now.description.splitlines()[1:] == ["Host: Ana. Decides at level 4. Not: budget, hiring."]
    assert bench.calendar.prepare(EditHost(accepted, asked.before)).done


def test_the_leader_is_declined_only_where_the_rule_says_so(bench: Bench) -> None:
    bench.do(EditHost(host(bench.at(SECOND), state="accepted", decline_leader=True)))
    leader = attendee(bench.at(SECOND), "lea")
    assert (leader.role, leader.partstat) == ("OPT-PARTICIPANT", "DECLINED")


def test_the_next_in_the_chain_replaces_the_one_before(bench: Bench) -> None:
    was = bench.at(SECOND)
    first, _ = bench.do(EditHost(host(was, state="accepted")))
    bench.do(EditHost(host(was, "bo"), first.before))
    now = bench.at(SECOND)
    assert [a.address.partition("@")[0] for a in now.attendees] == ["lea", "bo", "cy"]
    assert attendee(now, "lea") == attendee(was, "lea")
    assert (now.summary, now.description) == (was.summary, was.description)
    bench.do(EditHost(host(was, "cy", state="accepted"), first.before))
    now = bench.at(SECOND)
    assert attendee(now, "bo") == attendee(was, "bo")
    assert now.summary == "Team, jede Woche (host: Cy)"


def test_who_declines_the_meeting_in_the_calendar_stays_declined(bench: Bench) -> None:
    was = bench.at(SECOND)
    first, _ = bench.do(EditHost(host(was, "bo")))
    bench.rewrite("PARTSTAT=NEEDS-ACTION", "PARTSTAT=DECLINED")
    bench.do(EditHost(host(was), first.before))
    assert attendee(bench.at(SECOND), "bo").partstat == "DECLINED"


# --- taking it back ---------------------------------------------------------------------------------------------------

PHASES: list[list[Literal["neutralise", "remove"]]] = [["remove"], ["neutralise", "remove"]]


@pytest.mark.parametrize("phases", PHASES, ids=["at once", "in two phases"])
@pytest.mark.parametrize("which", [(SECOND, "team@example.org"), (MOVED, "team@example.org"), ("", "training@example.org")])
@pytest.mark.parametrize("states", [["asked"], ["asked", "accepted"], ["accepted", "asked"]], ids=str)
def test_undo_gives_back_every_byte(bench: Bench, phases: list[Any], which: tuple[str, str], states: list[Any]) -> None:
    before, was = bench.content(), bench.at(*which)
    kept: str | None = None
    for state in states:
        prepared, receipt = bench.do(EditHost(host(was, state=state), kept))
        kept = kept or prepared.before
    for phase in phases:
        prepared, receipt = bench.do(RestoreHost(was.key, kept or "", receipt.after, phase))
        assert prepared.theirs == ()
    assert bench.content() == before
    assert bench.calendar.prepare(RestoreHost(was.key, kept or "", receipt.after, "remove")).done


def test_the_neutral_state_is_the_series_with_a_higher_sequence(bench: Bench) -> None:
    was = bench.at(SECOND)
    edited, receipt = bench.do(EditHost(host(was, state="accepted")))
    _, neutral = bench.do(RestoreHost(was.key, edited.before, receipt.after, "neutralise"))
    now = bench.at(SECOND)
    same = ("start", "end", "summary", "description", "attendees", "organizer")
    assert [getattr(now, name) for name in same] == [getattr(was, name) for name in same]
    assert (now.sequence, now.marker) == (bench.sequence(7, was), host(was).id)
    assert now.fingerprint == neutral.fingerprint


@pytest.mark.parametrize("phases", PHASES, ids=["at once", "in two phases"])
def test_what_somebody_else_changed_stays_theirs(bench: Bench, phases: list[Any]) -> None:
    was = bench.at(SECOND)
    edited, receipt = bench.do(EditHost(host(was, state="accepted")))
    bench.rewrite("Woche (host: Ana)", "Woche\\, im Park (host: Ana)")
    for phase in phases:
        restored, receipt = bench.do(RestoreHost(was.key, edited.before, receipt.after, phase))
        assert restored.theirs == ("SUMMARY",)
    now = bench.at(SECOND)
    assert now.summary == "Team, jede Woche, im Park"  # ours goes, theirs stays
    assert (now.attendees, now.description, now.marker) == (was.attendees, was.description, "")


@pytest.mark.parametrize("phases", PHASES, ids=["at once", "in two phases"])
def test_a_guest_who_answered_keeps_the_answer(bench: Bench, phases: list[Any]) -> None:
    was = bench.at(MOVED)
    edited, receipt = bench.do(EditHost(host(was)))
    bench.rewrite(
        "SUMMARY:Team am Nachmittag\r\n", "SUMMARY:Team am Nachmittag\r\nATTENDEE;PARTSTAT=DECLINED:mailto:cy@example.org\r\n"
    )
    for phase in phases:
        restored, receipt = bench.do(RestoreHost(was.key, edited.before, receipt.after, phase))
        assert restored.theirs == ("ATTENDEE cy@example.org",)
    assert sorted(a.address for a in bench.at(MOVED).attendees) == ["cy@example.org", "lea@example.org"]


def test_a_deputy_whom_we_added_goes_whatever_they_answered(bench: Bench) -> None:
    before, was = bench.content(), bench.at(SECOND)
    edited, receipt = bench.do(EditHost(host(was, host_name="A")))
    bench.rewrite("PARTSTAT=NEEDS-ACTION", "PARTSTAT=DECLINED")
    bench.do(RestoreHost(was.key, edited.before, receipt.after, "remove"))
    assert bench.content() == before


def test_changes_elsewhere_in_the_calendar_survive_an_undo(bench: Bench) -> None:
    was = bench.at(SECOND)
    edited, receipt = bench.do(EditHost(host(was)))
    bench.rewrite("SUMMARY:Training", "SUMMARY:Better training")
    bench.do(RestoreHost(was.key, edited.before, receipt.after, "remove"))
    assert bench.at("", "training@example.org").summary == "Better training"
    now = bench.at(SECOND)
    assert (now.summary, now.description, now.attendees, now.marker) == (was.summary, was.description, was.attendees, "")
    assert (now.fingerprint == was.fingerprint) == bench.removes_overrides


def test_undoing_what_is_gone_finds_nothing_to_do(bench: Bench) -> None:
    was = bench.at("", "training@example.org")
    edited, receipt = bench.do(EditHost(host(was)))
    bench.rewrite("training@example.org", "other@example.org")
    assert bench.calendar.prepare(RestoreHost(was.key, edited.before, receipt.after, "remove")).done


# --- two writers, and the same write twice ----------------------------------------------------------------------------


def test_committing_twice_reports_the_same_and_doubles_nothing(bench: Bench) -> None:
    for edit in (PutBlock(block()), EditHost(host(bench.at(SECOND)))):
        prepared, receipt = bench.do(edit)
        once = bench.content()
        assert bench.calendar.commit(prepared) == receipt
        assert bench.content() == once


def test_preparing_changes_nothing(bench: Bench) -> None:
    before = bench.content()
    bench.calendar.prepare(PutBlock(block()))
    bench.calendar.prepare(EditHost(host(bench.at(SECOND))))
    assert bench.content() == before


def test_a_change_between_look_and_write_is_not_overwritten(bench: Bench) -> None:
    prepared = bench.calendar.prepare(EditHost(host(bench.at(SECOND))))
    bench.rewrite("RRULE:FREQ=WEEKLY;COUNT=6", "RRULE:FREQ=WEEKLY;COUNT=7")
    changed = bench.content()
    with pytest.raises(PreconditionFailed):
        bench.calendar.commit(prepared)
    assert bench.content() == changed


def test_it_says_who_it_is_and_that_it_can_be_written(bench: Bench) -> None:
    assert (bench.calendar.id, bench.calendar.role) == ("work", "mine")
    assert bench.calendar.capabilities().writable
    assert bench.calendar.capabilities().schedules == bench.schedules


def test_reading_gives_every_event_and_its_count(bench: Bench) -> None:
    reading = bench.calendar.read(HORIZON)
    assert (reading.entries, reading.complete, reading.problems) == (3, True, ())
    assert [o.key.recurrence_id for o in reading.occurrences if o.recurring] == [
        "20261130T090000Z",
        SECOND,
        MOVED,
        "20261228T090000Z",
        "20270104T090000Z",
    ]
