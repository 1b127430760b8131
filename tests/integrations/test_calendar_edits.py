"""Edits of whatever calendar text there is: made and taken back, they leave no byte changed and no other occurrence touched."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from integrations.calendar_edits import edit_resource, uid_of
from integrations.errors import OutsideError, Permanent
from integrations.icalendar_text import MAX_EVENTS
from integrations.memory_calendar import MemoryCalendar
from integrations.ports import DeleteBlock, EditHost, PutBlock, RestoreHost
from rules.interval import Interval
from rules.items import BlockItem, HostItem
from rules.model import Occurrence, OccurrenceKey

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
HORIZON = Interval(NOW, NOW + timedelta(days=90))
CALENDARS = Path(__file__).parent / "calendars"
NAMES = sorted(path.name for path in CALENDARS.glob("*.ics"))
BLOCK = BlockItem("hw-a.make-up.1", "a", "work", "make-up", "1", Interval(NOW, NOW + timedelta(hours=1)), "UTC", "Busy")


def calendar(data: bytes) -> MemoryCalendar:
    return MemoryCalendar("work", "mine", "Europe/Berlin", lambda: NOW, data)


def host(occurrence: Occurrence) -> HostItem:
    item = HostItem("hw-a.host.1", "a", occurrence.key, "x", occurrence.span, "x", "ana", "Ana", "ana@example.org", "accepted")
    return replace(item, lines=("Level 4.",), leader_address="lea@example.org")


@pytest.mark.parametrize("name", NAMES)
def test_a_block_goes_in_and_out_of_any_file_that_can_be_written(name: str) -> None:
    kept = calendar((CALENDARS / name).read_bytes())
    before, seen = kept.data, kept.read(HORIZON).occurrences
    try:
        kept.commit(kept.prepare(PutBlock(BLOCK)))
    except Permanent:
        assert kept.data == before
        return
    assert [o for o in kept.read(HORIZON).occurrences if not o.marker] == list(seen)
    assert [o.marker for o in kept.read(HORIZON).occurrences if o.marker] == [BLOCK.id]
    kept.commit(kept.prepare(DeleteBlock(BLOCK.id)))
    assert kept.data == before


@pytest.mark.parametrize("name", NAMES)
def test_a_host_goes_in_and_out_of_any_occurrence_that_can_be_written(name: str) -> None:
    kept = calendar((CALENDARS / name).read_bytes())
    before = kept.data
    seen = {o.key: o for o in kept.read(HORIZON).occurrences}
    for key, was in seen.items():
        try:
            prepared = kept.prepare(EditHost(host(was)))
        except OutsideError:
            assert kept.data == before
            continue
        receipt = kept.commit(prepared)
        now = {o.key: o for o in kept.read(HORIZON).occurrences}
        assert {k: replace(o, sequence=0) for k, o in now.items() if k != key} == {
            k: replace(o, sequence=0) for k, o in seen.items() if k != key
        }
        assert (now[key].start, now[key].end, now[key].all_day) == (was.start, was.end, was.all_day)
        assert (now[key].fingerprint, now[key].marker) == (receipt.fingerprint, "hw-a.host.1")
        for phase in ("neutralise", "remove"):
            kept.commit(kept.prepare(RestoreHost(key, prepared.before, receipt.after, phase)))
        assert kept.data == before


def test_a_file_with_too_many_events_is_not_written() -> None:
    data = b"BEGIN:VCALENDAR\n" + b"BEGIN:VEVENT\nUID:1\nEND:VEVENT\n" * (MAX_EVENTS + 1) + b"END:VCALENDAR\n"
    with pytest.raises(Permanent, match="60,000 events"):
        edit_resource(data, PutBlock(BLOCK), NOW, "UTC")


def test_an_event_without_uid_cannot_be_changed_and_says_why() -> None:
    kept = calendar((CALENDARS / "missing_uid.ics").read_bytes())
    nameless = next(o for o in kept.read(HORIZON).occurrences if o.summary == "Bad one")
    with pytest.raises(Permanent, match="no identifier"):
        kept.prepare(EditHost(host(nameless)))


def test_one_of_several_events_with_the_same_uid_cannot_be_changed() -> None:
    kept = calendar((CALENDARS / "duplicate_uid.ics").read_bytes())
    twice = next(o for o in kept.read(HORIZON).occurrences if o.summary == "One")
    with pytest.raises(Permanent, match="share this identifier"):
        kept.prepare(EditHost(host(twice)))


def test_an_orphan_override_is_changed_in_place() -> None:
    kept = calendar((CALENDARS / "orphan_override.ics").read_bytes())
    orphan = next(o for o in kept.read(HORIZON).occurrences if o.summary == "Orphan")
    kept.commit(kept.prepare(EditHost(host(orphan))))
    assert [o.summary for o in kept.read(HORIZON).occurrences] == ["Good", "Orphan (host: Ana)"]


def test_a_title_with_a_quote_that_is_never_closed_comes_back() -> None:
    data = b'BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\nDTSTART:20261201T090000Z\nSUMMARY;X="a:b:c\nEND:VEVENT\nEND:VCALENDAR\n'
    kept = calendar(data)
    was = kept.read(HORIZON).occurrences[0]
    prepared = kept.prepare(EditHost(host(was)))
    receipt = kept.commit(prepared)
    kept.commit(kept.prepare(RestoreHost(was.key, prepared.before, receipt.after, "remove")))
    assert kept.data == data


def test_a_host_who_is_listed_twice_is_so_again_afterwards() -> None:
    lines = b"ATTENDEE;CN=Ana:mailto:ana@example.org\nATTENDEE;CN=Ana S.:mailto:ANA@example.org\n"
    data = b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\nDTSTART:20261201T090000Z\n" + lines + b"END:VEVENT\nEND:VCALENDAR\n"
    kept = calendar(data)
    was = kept.read(HORIZON).occurrences[0]
    prepared = kept.prepare(EditHost(host(was)))
    receipt = kept.commit(prepared)
    back = kept.prepare(RestoreHost(was.key, prepared.before, receipt.after, "remove"))
    kept.commit(back)
    assert (kept.data, back.theirs) == (data, ())


def test_a_whole_day_keeps_its_form() -> None:
    data = b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\nDTSTART;VALUE=DATE:20261130\nRRULE:FREQ=WEEKLY\nEND:VEVENT\nEND:VCALENDAR\n"
    kept = calendar(data)
    kept.commit(kept.prepare(EditHost(host(kept.read(HORIZON).occurrences[1]))))
    assert b"DTSTART;VALUE=DATE:20261207\n" in kept.data
    assert b"RECURRENCE-ID;VALUE=DATE:20261207\n" in kept.data


def test_an_end_on_another_clock_is_written_in_utc() -> None:
    data = (
        b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\nDTSTART;TZID=Europe/Berlin:20261130T100000\n"
        b"DTEND;TZID=America/New_York:20261130T090000\nRRULE:FREQ=WEEKLY\nEND:VEVENT\nEND:VCALENDAR\n"
    )
    kept = calendar(data)
    was = kept.read(HORIZON).occurrences[1]
    kept.commit(kept.prepare(EditHost(host(was))))
    assert b"DTEND:20261207T140000Z\n" in kept.data
    assert kept.read(HORIZON).occurrences[1].end == was.end


def test_an_event_made_into_a_series_meanwhile_is_left_as_it_is() -> None:
    kept = calendar((CALENDARS / "bom.ics").read_bytes())
    was = next(o for o in kept.read(HORIZON).occurrences if o.summary == "Bad one")
    prepared = kept.prepare(EditHost(host(was)))
    receipt = kept.commit(prepared)
    kept.data = kept.data.replace(b"UID:bad@example.org\r\n", b"UID:bad@example.org\r\nRRULE:FREQ=DAILY\r\n")
    changed = kept.data
    with pytest.raises(OutsideError, match="into a series"):
        kept.prepare(RestoreHost(was.key, prepared.before, receipt.after, "remove"))
    assert kept.data == changed


@pytest.mark.parametrize("record", ["", "{}", "[]", '{"v": 2}', "null"])
def test_a_record_that_cannot_be_read_changes_nothing(record: str) -> None:
    key = OccurrenceKey("work", "good@example.org", "")
    with pytest.raises(Permanent, match="nothing was touched"):
        edit_resource(None, RestoreHost(key, record, record, "remove"), NOW, "UTC")


def test_every_edit_says_whose_resource_it_is_about() -> None:
    key = OccurrenceKey("work", "series@example.org", "20261201T090000Z")
    occurrence = Occurrence(key, "mine", NOW, NOW)
    edits = (PutBlock(BLOCK), DeleteBlock(BLOCK.id), EditHost(host(occurrence)), RestoreHost(key, "", "", "remove"))
    assert [uid_of(edit) for edit in edits] == [BLOCK.id, BLOCK.id, "series@example.org", "series@example.org"]
