"""What is Google's own about a Google calendar: sync tokens and their cost, its kinds of events, who is mailed, what a patch
leaves alone. What it shares with every other calendar is in the contract suite."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from integrations.errors import AuthExpired, Permanent, PreconditionFailed, Temporary
from integrations.google_calendar import GoogleCalendar
from integrations.google_copy import GoogleCopy
from integrations.google_events import CHAIR, block_event_id, event_text
from integrations.google_store import list_calendars
from integrations.ports import DeleteBlock, EditHost, PutBlock, RestoreHost
from rules.interval import Interval
from rules.items import BlockItem, HostItem
from rules.model import Occurrence
from tests.servers.fake_google.contract_bench import TEAM, TRAINING, fill
from tests.servers.fake_google.server import FakeGoogle
from tests.servers.fake_google.worlds import ANA, LEA, NOW, api_of, google_world

HORIZON = Interval(NOW, datetime(2027, 2, 21, tzinfo=UTC))
SECOND = f"{TEAM}_20261207T090000Z"


@pytest.fixture
def google() -> Iterator[FakeGoogle]:
    with google_world() as world:
        fill(world)
        yield world


def opened(google: FakeGoogle, cache: Path | None = None, **settings: Any) -> GoogleCalendar:
    """As a new process would see it."""
    google.count()
    settings |= {"cache_folder": cache}
    return GoogleCalendar("work", "mine", api_of(google), LEA, "lea", "Europe/Berlin", lambda: NOW, **settings)


def at(calendar: GoogleCalendar, recurrence_id: str = "20261207T090000Z") -> Occurrence:
    return next(o for o in calendar.read(HORIZON).occurrences if o.key.recurrence_id == recurrence_id)


def host(occurrence: Occurrence, state: Any = "asked") -> HostItem:
    return HostItem(
        "hw-lisbon.host.0123", "lisbon", occurrence.key, occurrence.summary, occurrence.span, "team", "ana", "Ana", ANA, state,
        leader_address=LEA,
    )  # fmt: skip


def block(**changes: Any) -> BlockItem:
    span = Interval(NOW + timedelta(days=23), NOW + timedelta(days=23, hours=2))
    item = BlockItem("hw-lisbon.make-up.01", "lisbon", "work", "make-up", "1", span, "Europe/Berlin", "Busy", "Time")
    return replace(item, **changes)


def do(calendar: GoogleCalendar, edit: Any) -> Any:
    prepared = calendar.prepare(edit)
    return prepared, calendar.commit(prepared)


def event(google: FakeGoogle, event_id: str, user: str = LEA) -> dict[str, Any]:
    api = api_of(google, user)
    return dict(api.read(api.calendar.events().get(calendarId="primary", eventId=event_id)))


# --- what reading costs -----------------------------------------------------------------------------------------------


def test_a_pass_with_nothing_changed_costs_one_request(google: FakeGoogle, tmp_path: Path) -> None:
    first = opened(google, tmp_path).read(HORIZON)
    again = opened(google, tmp_path)
    assert again.read(HORIZON) == first
    assert (google.seen.http, dict(google.seen.calls)) == (1, {"calendar.events.list": 1})


def test_only_what_changed_is_sent(google: FakeGoogle, tmp_path: Path) -> None:
    opened(google, tmp_path).read(HORIZON)
    google.calendar.edit(LEA, TRAINING, summary="Better")
    google.calendar.edit(LEA, SECOND, status="cancelled")
    calendar = opened(google, tmp_path)
    found = calendar.read(HORIZON)
    assert google.seen.http == 1 and found.entries == 3
    assert [o.summary for o in found.occurrences][1:] == ["Better", "Team am Nachmittag", "Team, jede Woche", "Team, jede Woche"]


def test_a_deleted_event_and_series_go(google: FakeGoogle, tmp_path: Path) -> None:
    opened(google, tmp_path).read(HORIZON)
    google.calendar.edit(LEA, TEAM, status="cancelled")
    assert [o.summary for o in opened(google, tmp_path).read(HORIZON).occurrences] == ["Training"]


def test_a_token_that_has_ended_means_reading_everything(google: FakeGoogle, tmp_path: Path) -> None:
    first = opened(google, tmp_path).read(HORIZON)
    google.calendar.expire_tokens(LEA)
    assert opened(google, tmp_path).read(HORIZON) == first
    assert google.seen.refused == {"410 fullSyncRequired": 1} and google.seen.http == 2


def test_what_went_while_the_token_had_ended_is_gone(google: FakeGoogle, tmp_path: Path) -> None:
    opened(google, tmp_path).read(HORIZON)
    google.calendar.edit(LEA, TRAINING, status="cancelled")
    google.calendar.expire_tokens(LEA)
    assert "Training" not in {o.summary for o in opened(google, tmp_path).read(HORIZON).occurrences}


def test_many_pages_are_one_reading_and_half_of_them_is_none(google: FakeGoogle, tmp_path: Path) -> None:
    for number in range(2600):
        start, end = ({"dateTime": f"2026-12-{3 + number % 20:02}T{hour}:00:00Z"} for hour in (10, 11))
        google.calendar.put(LEA, {"id": f"many{number:05}", "summary": "x", "start": start, "end": end})
    calendar = opened(google, tmp_path)
    google.faults.add("calendar.events.list", "404", after=1)
    with pytest.raises(Permanent):
        calendar.read(HORIZON)
    assert GoogleCopy("x", tmp_path / "google.db").rows() == []
    assert calendar.read(HORIZON).entries == 2603


@pytest.mark.parametrize("name, error", [("401", AuthExpired), ("403 access", Permanent), ("403 quota", Temporary)])
def test_a_calendar_that_cannot_be_read_says_why(google: FakeGoogle, name: str, error: type[Exception]) -> None:
    google.faults.add("calendar.events.list", name, times=-1)
    with pytest.raises(error):
        opened(google).read(HORIZON)


def test_a_calendar_that_is_gone_is_named(google: FakeGoogle) -> None:
    calendar = GoogleCalendar("work", "mine", api_of(google), "gone@example.org", "lea", "Europe/Berlin", lambda: NOW)
    with pytest.raises(Permanent, match=r"gone@example\.org"):
        calendar.read(HORIZON)


def test_damage_to_the_cache_costs_a_full_reading_and_no_more(google: FakeGoogle, tmp_path: Path) -> None:
    first = opened(google, tmp_path).read(HORIZON)
    for damage in (b"garbage" * 1000, b""):
        (tmp_path / "google.db").write_bytes(damage)
        assert opened(google, tmp_path).read(HORIZON) == first
    (tmp_path / "google.db").unlink()
    with sqlite3.connect(tmp_path / "google.db") as other:
        other.execute("PRAGMA user_version=99")
    assert opened(google, tmp_path).read(HORIZON) == first


def test_the_cache_is_for_the_user_alone(google: FakeGoogle, tmp_path: Path) -> None:
    opened(google, tmp_path).read(HORIZON)
    assert (tmp_path / "google.db").stat().st_mode & 0o777 == 0o600


def test_private_words_never_reach_the_disk_and_are_read_all_the_same(google: FakeGoogle, tmp_path: Path) -> None:
    start, end = {"date": "2026-12-09"}, {"date": "2026-12-11"}
    google.calendar.put(LEA, {"id": "secret00", "summary": "Clinic Zebra", "visibility": "private", "start": start, "end": end})
    old = {"start": {"date": "2020-12-09"}, "end": {"date": "2020-12-11"}}
    google.calendar.put(LEA, {"id": "secret01", "summary": "Clinic Zebra", "visibility": "private", **old})
    for requests in (1, 2):
        found = opened(google, tmp_path).read(HORIZON)
        assert [(o.private, o.all_day) for o in found.occurrences if o.summary == "Clinic Zebra"] == [(True, True)]
        assert google.seen.http == requests
    assert not any(b"Zebra" in path.read_bytes() for path in tmp_path.iterdir())


# --- what Google says of an event -------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["outOfOffice", "focusTime", "workingLocation", "fromGmail", "birthday"])
def test_the_kind_of_an_event_is_evidence(google: FakeGoogle, tmp_path: Path, kind: str) -> None:
    times = {"start": {"dateTime": "2026-12-09T09:00:00Z"}, "end": {"dateTime": "2026-12-11T17:00:00Z"}}
    google.calendar.put(LEA, {"id": "special0", "summary": "Away", "eventType": kind, "transparency": "transparent", **times})
    for _ in range(2):
        found = next(o for o in opened(google, tmp_path).read(HORIZON).occurrences if o.summary == "Away")
        assert (found.event_type, found.transparent, found.calendar_name) == (kind, True, LEA)


def test_a_meeting_on_a_second_calendar_is_its_makers(google: FakeGoogle) -> None:
    second = "c_team@group.calendar.google.com"
    google.calendar.add_calendar(second, LEA)
    start, end = ({"dateTime": f"2026-12-09T{hour}:00:00Z"} for hour in (10, 11))
    google.calendar.put(second, {"id": "second00", "summary": "Team", "attendees": [{"email": ANA}], "start": start, "end": end})
    calendar = GoogleCalendar("work", "mine", api_of(google), second, "lea", "Europe/Berlin", lambda: NOW)
    (found,) = calendar.read(HORIZON).occurrences
    assert found.organizer is not None and found.organizer.address == LEA
    do(calendar, EditHost(host(found)))
    assert [a.address for a in calendar.read(HORIZON).occurrences[0].attendees] == [ANA]


def test_whole_days_begin_at_midnight_at_home(google: FakeGoogle) -> None:
    times = {"start": {"date": "2026-12-09"}, "end": {"date": "2026-12-11"}}
    google.calendar.put(LEA, {"id": "days0000", "summary": "Trip", **times})
    found = next(o for o in opened(google).read(HORIZON).occurrences if o.summary == "Trip")
    assert (found.all_day, found.start.isoformat()) == (True, "2026-12-09T00:00:00+01:00")
    assert found.end - found.start == timedelta(days=2)


def test_a_series_keeps_its_wall_time_over_the_change_of_clocks(google: FakeGoogle) -> None:
    start, end = ({"dateTime": f"2026-03-23T{hour}:00:00+01:00", "timeZone": "Europe/Berlin"} for hour in (10, 11))
    weekly = {"id": "clock000", "summary": "Clock", "recurrence": ["RRULE:FREQ=WEEKLY;COUNT=3"], "start": start, "end": end}
    google.calendar.put(LEA, weekly)
    spring = Interval(datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 5, 1, tzinfo=UTC))
    found = [o for o in opened(google).read(spring).occurrences if o.summary == "Clock"]
    assert [o.key.recurrence_id for o in found] == ["20260323T090000Z", "20260330T080000Z", "20260406T080000Z"]
    api = api_of(google)
    instances = api.read(api.calendar.events().instances(calendarId="primary", eventId="clock000"))["items"]
    assert [i["id"].partition("_")[2] for i in instances] == [o.key.recurrence_id for o in found]


HOSTILE: list[dict[str, Any]] = [
    {"summary": "x\r\nEND:VEVENT\r\nBEGIN:VEVENT", "iCalUID": "a\r\nX-HOMEWARD:hw-x.y.z@example.org"},
    {"start": {"dateTime": "never"}}, {"start": {}}, {"end": None}, {"recurrence": ["RRULE:FREQ=SECONDLY", "X:1\r\nY:2"]},
    {"start": {"dateTime": "2026-12-03T10:00:00+01:00", "timeZone": "Mars/Olympus"}},
    {"attendees": [{"email": "a@b\r\nX:1"}, {}, {"email": 7}, {"displayName": '";X=1\r\n'}]},
    {"organizer": {"email": "x\r\nY:1"}}, {"extendedProperties": {"private": {"homeward": "a\r\nb", "homewardGuests": "[7]"}}},
    {"originalStartTime": {"date": "x"}, "recurringEventId": "y"}, {"sequence": 0, "status": "odd\r\nX:1"},
]  # fmt: skip


@pytest.mark.parametrize("changes", HOSTILE, ids=lambda value: str(value)[:40])
def test_no_event_however_odd_says_more_than_one_event(changes: dict[str, Any]) -> None:
    plain = {"id": "odd00000", "summary": "Odd", "start": {"date": "2026-12-03"}, "end": {"date": "2026-12-04"}, "iCalUID": "u@x"}
    text = event_text({**plain, **changes})
    lines = [line for line in text.split("\r\n") if line]
    assert (lines.count("BEGIN:VEVENT"), lines.count("END:VEVENT"), text.count("\r"), lines[-1]) == (
        1,
        1,
        len(lines),
        "END:VEVENT",
    )
    names = [line.partition(":")[0].partition(";")[0] for line in lines]
    assert set(names) <= {
        "BEGIN", "END", "UID", "DTSTART", "DTEND", "RRULE", "RECURRENCE-ID", "SUMMARY", "STATUS", "SEQUENCE", "ORGANIZER",
        "ATTENDEE", "X-HOMEWARD",
    }  # fmt: skip


def test_an_event_that_cannot_be_read_is_named_and_the_others_are_read(google: FakeGoogle) -> None:
    google.calendar.shelves[LEA].events[TRAINING]["recurrence"] = ["RRULE:FREQ=SECONDLY"]
    google.calendar.edit(LEA, TRAINING, summary="Bomb")
    found = opened(google).read(HORIZON)
    assert len(found.occurrences) == 5 and "Bomb" in found.problems[0].where


# --- who is mailed ----------------------------------------------------------------------------------------------------


def test_asking_mails_nobody_and_accepting_mails_all_once(google: FakeGoogle) -> None:
    calendar = opened(google)
    was = at(calendar)
    asked, _ = do(calendar, EditHost(host(was)))
    assert google.calendar.mails == []
    do(calendar, EditHost(host(was, "accepted"), asked.before))
    assert sorted(mail.to for mail in google.calendar.mails) == sorted([ANA, "bo@example.org", "cy@example.org"])
    do(calendar, EditHost(host(was, "accepted"), asked.before))
    assert len(google.calendar.mails) == 3


@pytest.mark.parametrize("states, mailed", [(["asked"], 0), (["asked", "accepted"], 6)])
def test_undoing_mails_those_who_were_mailed_before(google: FakeGoogle, states: list[Any], mailed: int) -> None:
    calendar = opened(google)
    was, before = at(calendar), None
    for state in states:
        prepared, receipt = do(calendar, EditHost(host(was, state), before))
        before = before or prepared.before
    do(calendar, RestoreHost(was.key, before or "", receipt.after, "remove"))
    assert len(google.calendar.mails) == mailed


def test_a_block_mails_nobody_and_has_no_guests(google: FakeGoogle) -> None:
    calendar = opened(google)
    do(calendar, PutBlock(block()))
    do(calendar, DeleteBlock(block().id))
    assert google.calendar.mails == []


def test_the_answer_of_a_deputy_is_read_back(google: FakeGoogle, tmp_path: Path) -> None:
    calendar = opened(google, tmp_path)
    do(calendar, EditHost(host(at(calendar))))
    (copy,) = api_of(google, ANA).read(api_of(google, ANA).calendar.events().list(calendarId="primary"))["items"]
    guests = [{**g, "responseStatus": "accepted"} if g.get("self") else g for g in copy["attendees"]]
    api = api_of(google, ANA)
    api.write(api.calendar.events().patch(calendarId="primary", eventId=copy["id"], body={"attendees": guests}))
    found = at(opened(google, tmp_path))
    assert next(a.partstat for a in found.attendees if a.address == ANA) == "ACCEPTED"
    assert google.seen.http == 1


# --- what a patch says, and what it leaves alone ----------------------------------------------------------------------


def test_what_homeward_does_not_know_stays(google: FakeGoogle) -> None:
    calendar = opened(google)
    was = at(calendar)
    edited, receipt = do(calendar, EditHost(host(was, "accepted")))
    there = event(google, SECOND)
    assert (there["conferenceData"], there["colorId"]) == ({"conferenceId": "abc-def"}, "7")
    assert next(g["comment"] for g in there["attendees"] if g["email"] == "Bo@example.org") == "maybe"
    assert there["extendedProperties"]["private"][CHAIR] == ANA
    do(calendar, RestoreHost(was.key, edited.before, receipt.after, "remove"))
    assert "extendedProperties" not in event(google, SECOND) or not event(google, SECOND)["extendedProperties"].get("private")


def test_the_exact_words_come_back(google: FakeGoogle) -> None:
    words = "one\r\ntwo\ttabbed \\n; <b>bold</b>"
    google.calendar.edit(LEA, TRAINING, description=words)
    calendar = opened(google)
    was = at(calendar, "")
    edited, receipt = do(calendar, EditHost(host(was, "accepted")))
    assert event(google, TRAINING)["description"] != words
    do(calendar, RestoreHost(was.key, edited.before, receipt.after, "remove"))
    assert event(google, TRAINING)["description"] == words


def test_asking_says_only_who_is_asked(google: FakeGoogle) -> None:
    calendar = opened(google)
    prepared = calendar.prepare(EditHost(host(at(calendar))))
    facts = json.loads(prepared.payload)
    assert set(facts["body"]) == {"attendees", "extendedProperties"} and facts["id"] == SECOND


def test_a_meeting_of_somebody_else_is_left_alone(google: FakeGoogle) -> None:
    google.calendar.shelves[LEA].events[TRAINING]["organizer"] = {"email": "boss@example.org"}
    google.calendar.edit(LEA, TRAINING, summary="Theirs")
    calendar = opened(google)
    with pytest.raises(Permanent, match="organizer"):
        do(calendar, EditHost(host(at(calendar, ""))))


def test_a_list_of_guests_that_google_cuts_short_is_not_written(google: FakeGoogle) -> None:
    google.calendar.edit(LEA, TRAINING, attendeesOmitted=True)
    calendar = opened(google)
    with pytest.raises(Permanent, match="all guests"):
        calendar.prepare(EditHost(host(at(calendar, ""))))


def test_a_calendar_that_may_only_be_read_is_not_written(google: FakeGoogle) -> None:
    google.calendar.shelves[LEA].roles[LEA] = "reader"
    calendar = opened(google)
    was = at(calendar)
    assert not calendar.capabilities().writable
    with pytest.raises(Permanent, match="read-only"):
        calendar.prepare(EditHost(host(was)))
    assert not opened(google, read_only=True).capabilities().writable


def test_an_event_that_the_copy_does_not_know_is_asked_for(google: FakeGoogle) -> None:
    was = at(opened(google))
    fresh = opened(google)
    do(fresh, EditHost(host(was)))
    assert google.seen.calls["calendar.events.list"] == 1 and event(google, SECOND)["attendees"][-1]["email"] == ANA


def test_an_instance_that_was_moved_is_found(google: FakeGoogle) -> None:
    calendar = opened(google)
    was = at(calendar)
    start, end = ({"dateTime": f"2026-12-08T{hour}:00:00+01:00"} for hour in (10, 11))
    google.calendar.edit(LEA, SECOND, start=start, end=end)
    do(calendar, EditHost(host(was)))
    assert event(google, SECOND)["start"]["dateTime"] == "2026-12-08T10:00:00+01:00"


# --- blocks -----------------------------------------------------------------------------------------------------------


def test_a_block_has_an_id_that_google_takes_and_that_can_be_worked_out(google: FakeGoogle) -> None:
    calendar = opened(google)
    do(calendar, PutBlock(block()))
    there = event(google, block_event_id(block().id))
    assert (there["visibility"], there["transparency"], there["eventType"]) == ("private", "opaque", "default")
    assert there["iCalUID"] == f"{there['id']}@google.com" and "attendees" not in there


def test_a_block_that_was_deleted_can_be_put_again(google: FakeGoogle) -> None:
    calendar = opened(google)
    do(calendar, PutBlock(block()))
    do(calendar, DeleteBlock(block().id))
    do(calendar, PutBlock(block(summary="Busy again")))
    assert [o.summary for o in calendar.read(HORIZON).occurrences if o.marker] == ["Busy again"]


def test_an_event_of_somebody_else_under_our_id_is_left_alone(google: FakeGoogle) -> None:
    times = {"start": {"date": "2026-12-09"}, "end": {"date": "2026-12-10"}}
    google.calendar.put(LEA, {"id": block_event_id(block().id), "summary": "Mine", **times})
    for edit in (PutBlock(block()), DeleteBlock(block().id)):
        with pytest.raises(Permanent, match="not homeward"):
            opened(google).prepare(edit)


def test_a_block_that_two_processes_put_is_there_once(google: FakeGoogle) -> None:
    one, other = opened(google), opened(google)
    prepared = [calendar.prepare(PutBlock(block())) for calendar in (one, other)]
    receipts = [one.commit(prepared[0]), other.commit(prepared[1])]
    assert receipts[0] == receipts[1]
    with pytest.raises(PreconditionFailed):
        three = opened(google).prepare(PutBlock(block(summary="Other")))
        google.calendar.edit(LEA, block_event_id(block().id), summary="Theirs")
        one.commit(three)


def test_the_list_of_calendars_says_what_may_be_done(google: FakeGoogle) -> None:
    google.calendar.add_calendar("team@group.example", ANA, "Team").roles[LEA] = "reader"
    found = list_calendars(api_of(google))
    assert [(c.title, c.writable, c.primary) for c in found] == [(LEA, True, True), ("Team", False, False)]
