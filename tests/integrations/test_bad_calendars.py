"""Every kind of broken calendar that is found in the wild: the bad event is named with its file, and all others are read."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from integrations.occurrences import MAX_BYTES, MAX_OCCURRENCES, read_calendar
from integrations.ports import CalendarReading
from rules.interval import Interval

CALENDARS = Path(__file__).parent / "calendars"
HORIZON = Interval(datetime(2026, 11, 23, tzinfo=UTC), datetime(2027, 2, 21, tzinfo=UTC))
LIMIT = 8.0  # seconds of processor time for anything at all: the slowest takes a quarter of it, half on a busy machine


def read(data: bytes, where: str = "work.ics") -> CalendarReading:
    began = time.process_time()
    reading = read_calendar(data, "work", "mine", HORIZON, "Europe/Berlin", where)
    assert time.process_time() - began < LIMIT
    return reading


def read_file(name: str) -> CalendarReading:
    return read((CALENDARS / name).read_bytes(), name)


def starts(reading: CalendarReading, uid: str) -> list[str]:
    return [o.start.astimezone(UTC).strftime("%m-%d %H:%M") for o in reading.occurrences if o.key.uid == uid]


def calendar(*events: str) -> bytes:
    return ("BEGIN:VCALENDAR\r\n" + "".join(events) + "END:VCALENDAR\r\n").encode()


def event(uid: object, *lines: str, start: str = "20261201T100000Z") -> str:
    return "\r\n".join(("BEGIN:VEVENT", f"UID:{uid}", f"DTSTART:{start}", "SUMMARY:x", *lines, "END:VEVENT", ""))


# --- one bad event ----------------------------------------------------------------------------------------------------

LEFT_OUT = {
    "unclosed_event.ics": "END:VEVENT is missing",
    "unknown_tzid.ics": "“Mars/Olympus” is not known",
    "blank_tzid.ics": "its time zone has no name",
    "two_tzids.ics": "under two names",
    "bad_offset.ics": "“+5328” does not exist",
    "microsoft_custom.ics": "“tzone://Microsoft/Custom” is not known",
    "negative_duration.ics": "is negative",
    "misplaced_sign.ics": "“PT-2H” cannot be read",
    "end_before_start.ics": "ends before it begins",
    "no_seconds.ics": "“19970901T1300Z” is not a date",
    "negative_year.ics": "“-0110101T000000Z” is not a date",
    "missing_dtstart.ics": "no beginning",
    "duplicate_dtstart.ics": "2 different DTSTART",
    "date_and_time.ics": "mixes a date and a time",
    "date_that_has_a_time.ics": "said to be a date but has a time",
    "secondly.ics": "finer than an hour",
    "every_minute_of_the_hour.ics": "more often than every quarter of an hour",
    "slow_impossible_rule.ics": "a day that never comes",
    "misspelt_until.ics": "“UNTL=20261210T000000Z”, which is not known",
    "no_frequency.ics": "the frequency “”",
    "chinese_calendar.ics": "RSCALE=CHINESE",
    "broken_exdate.ics": "“2026-12-09” is not a date",
    "this_and_prior.ics": "THISANDPRIOR",
    "unreadable_override.ics": "“Mars/Olympus” is not known",
}


@pytest.mark.parametrize("name", LEFT_OUT)
def test_a_bad_event_is_named_and_the_good_one_is_read(name: str) -> None:
    reading = read_file(name)
    assert starts(reading, "good@example.org") == ["12-01 09:00"]
    assert "bad@example.org" not in {o.key.uid for o in reading.occurrences}
    named = [p for p in reading.problems if LEFT_OUT[name] in p.because]
    assert len(named) == 1
    assert named[0].where.startswith(f"{name}: “Bad one” (")
    assert reading.complete


READ_RIGHT = {
    "bom.ics": ("bad@example.org", "12-02 09:00"),
    "latin1.ics": ("latin@example.org", "12-02 09:00"),
    "utf16.ics": ("sixteen@example.org", "12-02 09:00"),
    "mixed_line_ends.ics": ("mixed@example.org", "12-02 09:00"),
    "folded_inside_a_character.ics": ("fold@example.org", "12-02 09:00"),
    "folded_frame.ics": ("frame@example.org", "12-02 09:00"),
    "lower_case.ics": ("lower@example.org", "12-02 09:00"),
    "windows_tzid.ics": ("bad@example.org", "12-02 08:00"),
    "vendor_tzid.ics": ("bad@example.org", "12-02 09:00"),
    "custom_tzid.ics": ("bad@example.org", "12-02 06:00"),
    "microsoft_utc.ics": ("bad@example.org", "12-02 09:00"),
    "date_with_tzid.ics": ("bad@example.org", "12-01 23:00"),
    "missing_dtend.ics": ("bad@example.org", "12-02 09:00"),
    "missing_dtend_of_a_date.ics": ("bad@example.org", "12-01 23:00"),
    "orphan_override.ics": ("orphan@example.org", "12-02 09:00"),
    "several_vcalendars.ics": ("second@example.org", "12-02 09:00"),
    "blank_rule.ics": ("bad@example.org", "12-02 09:00"),
}


@pytest.mark.parametrize("name", READ_RIGHT)
def test_what_only_looks_broken_is_read_without_a_word(name: str) -> None:
    reading = read_file(name)
    uid, start = READ_RIGHT[name]
    assert starts(reading, uid) == [start]
    assert starts(reading, "good@example.org") == ["12-01 09:00"]
    assert reading.problems == ()
    assert reading.complete


def test_titles_survive_old_encodings_and_folding() -> None:
    titles = {o.summary for name in READ_RIGHT for o in read_file(name).occurrences}
    assert {"Björn à Genève", "Björn ✈", "café"} <= titles


def test_an_event_without_dtend_has_no_length_and_a_date_lasts_a_day() -> None:
    timed, dated = (read_file(n).occurrences[1] for n in ("missing_dtend.ics", "missing_dtend_of_a_date.ics"))
    assert timed.start == timed.end
    assert (dated.all_day, dated.end - dated.start) == (True, timedelta(days=1))


def test_an_impossible_rule_leaves_only_its_first_day_and_is_said() -> None:
    reading = read_file("impossible_rule.ics")
    assert starts(reading, "bad@example.org") == []
    assert starts(reading, "good@example.org") == ["12-01 09:00"]
    assert ["never comes" in problem.because for problem in reading.problems] == [True]


def test_an_event_without_uid_is_read_and_said() -> None:
    reading = read_file("missing_uid.ics")
    assert [o.summary for o in reading.occurrences] == ["Good", "Bad one"]
    assert "without UID (“Bad one”)" in reading.problems[0].because


def test_different_events_with_one_uid_are_all_read_under_names_of_their_own() -> None:
    reading = read_file("duplicate_uid.ics")
    keys = {o.summary: o.key.uid for o in reading.occurrences}
    assert keys["One"] == "twice@example.org"
    assert keys["Two"].startswith("twice@example.org~")
    assert "2 different events have its UID" in reading.problems[0].because


def test_of_two_revisions_the_newer_counts() -> None:
    reading = read_file("old_revision.ics")
    assert [o.summary for o in reading.occurrences] == ["Good", "New"]
    assert "only the newest" in reading.problems[0].because


def test_a_bogus_recurrence_id_is_shown_and_said() -> None:
    reading = read_file("bogus_recurrence_id.ics")
    days = ["12-02 09:00", "12-03 09:00", "12-04 09:00", "12-05 09:00", "12-10 09:00"]
    assert starts(reading, "series@example.org") == days
    assert "its series does not have" in reading.problems[0].because


def test_this_and_future_moves_all_that_follow() -> None:
    reading = read_file("this_and_future.ics")
    assert starts(reading, "series@example.org") == ["12-02 09:00", "12-03 09:00", "12-04 11:00", "12-05 11:00"]
    later = reading.occurrences[-1]
    assert (later.summary, later.end - later.start) == ("Later", timedelta(minutes=30))
    assert later.key.recurrence_id == "20261205T090000Z"
    assert reading.problems == ()


def test_an_unreadable_override_never_shows_the_old_time_of_its_occurrence() -> None:
    reading = read_file("unreadable_override.ics")
    assert starts(reading, "series@example.org") == ["12-02 09:00", "12-03 09:00", "12-05 09:00"]


# --- files broken as a whole ------------------------------------------------------------------------------------------


def test_a_truncated_file_gives_what_it_has_and_is_not_complete() -> None:
    reading = read_file("truncated.ics")
    assert starts(reading, "good@example.org") == ["12-01 09:00"]
    assert [p.because for p in reading.problems] == [
        "it was left out: it breaks off: its END:VEVENT is missing",
        "the file breaks off before its end: what came after is missing",
    ]
    assert not reading.complete


@pytest.mark.parametrize(("name", "because"), [("not_a_calendar.ics", "not a calendar"), ("empty.ics", "it is empty")])
def test_what_is_no_calendar_is_said_to_be_none(name: str, because: str) -> None:
    reading = read_file(name)
    assert (reading.occurrences, reading.complete) == ((), False)
    assert because in reading.problems[0].because
    assert reading.problems[0].where == name


def test_events_without_a_vcalendar_are_read_and_said() -> None:
    reading = read_file("no_vcalendar.ics")
    assert starts(reading, "good@example.org") == ["12-01 09:00"]
    assert "no VCALENDAR" in reading.problems[0].because
    assert reading.complete


def test_every_calendar_of_a_file_keeps_its_own_name() -> None:
    assert [o.calendar_name for o in read_file("several_vcalendars.ics").occurrences] == ["First", "Second"]


def test_a_file_over_the_size_limit_is_not_read() -> None:
    reading = read(b"BEGIN:VCALENDAR\r\n" + b" " * MAX_BYTES)
    assert not reading.complete
    assert "larger than 50 MB" in reading.problems[0].because


# --- bombs ------------------------------------------------------------------------------------------------------------


def test_twenty_thousand_events_are_read() -> None:
    reading = read(calendar(*(event(n) for n in range(20_000))))
    assert (len(reading.occurrences), reading.entries, reading.problems) == (20_000, 20_000, ())


def test_two_hundred_thousand_events_are_cut_off_with_a_word() -> None:
    reading = read(calendar(*(event(n) for n in range(200_000))))
    assert len(reading.occurrences) == MAX_OCCURRENCES
    assert any("60,000 events" in p.because for p in reading.problems)


RULES = {
    "hourly for ever": "FREQ=HOURLY;BYMINUTE=0,15,30,45",
    "a day that never comes": "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30;COUNT=3",
    "a year day by position": "FREQ=YEARLY;BYYEARDAY=" + ",".join(map(str, range(1, 366))) + ";BYSETPOS=366;COUNT=3000",
    "every week of every year": "FREQ=YEARLY;BYWEEKNO=" + ",".join(map(str, range(1, 54))) + ";BYMONTH=2;BYMONTHDAY=30;COUNT=9",
    "a huge interval": "FREQ=DAILY;INTERVAL=999999999",
    "a huge count": "FREQ=DAILY;COUNT=999999999",
}


@pytest.mark.parametrize("what", RULES)
def test_a_thousand_hostile_rules_cost_no_more_than_one(what: str) -> None:
    events = (event(n, f"RRULE:{RULES[what]}", start="00500101T000000Z") for n in range(1000))
    reading = read(calendar(event("good"), *events))
    assert starts(reading, "good") == ["12-01 10:00"]
    assert len(reading.problems) <= 101


HOSTILE = {
    "nested": b"BEGIN:A\r\n" * 300_000 + b"BEGIN:VEVENT\r\n",
    "never closed": b"BEGIN:VEVENT\r\n" * 100_000,
    "carriage returns": b"BEGIN:VCALENDAR\r\n" + b"\r" * 10_000_000,
    "one line": calendar(event(1, "X-A:" + "A" * 10_000_000)),
    "quotes": calendar(event(1, 'ATTENDEE;CN="' + 'A="' * 300_000 + ":mailto:a@b")),
    "dates": calendar(event(1, "RRULE:FREQ=DAILY", "EXDATE:" + ",".join(["20261201T100000Z"] * 50_000))),
    "folds": b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nX:" + b"\r\n " * 2_000_000,
    "zones": b"".join(
        calendar(
            f"BEGIN:VTIMEZONE\r\nTZID:Z{n}\r\nBEGIN:STANDARD\r\nDTSTART:00500101T000000\r\nRRULE:FREQ=DAILY\r\n"
            f"TZOFFSETFROM:+0100\r\nTZOFFSETTO:+0200\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n"
            + event(n, start="1").replace("DTSTART:1", f"DTSTART;TZID=Z{n}:20261201T100000")
        )
        for n in range(300)
    ),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_hostile_shapes_are_read_in_bounded_time(what: str) -> None:
    reading = read(HOSTILE[what])
    assert reading.problems or reading.occurrences


# --- anything at all --------------------------------------------------------------------------------------------------

FIXTURES = sorted(path.read_bytes() for path in CALENDARS.glob("*.ics"))


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=400))
def test_no_bytes_make_it_raise(data: bytes) -> None:
    assert read(data).calendar_id == "work"
    assert read(b"BEGIN:VCALENDAR\nBEGIN:VEVENT\n" + data + b"\nEND:VEVENT\nEND:VCALENDAR").entries >= 0


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(FIXTURES), st.data())
def test_no_mutation_of_a_calendar_makes_it_raise(original: bytes, data: st.DataObject) -> None:
    mutated = bytearray(original)
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(mutated)))
        cut = data.draw(st.integers(0, 12))
        mutated[at : at + cut] = data.draw(st.one_of(st.binary(max_size=4), st.sampled_from(PIECES)))
    for occurrence in read(bytes(mutated)).occurrences:
        assert occurrence.start <= occurrence.end


PIECES = [
    b"\r\n",
    b"\n ",
    b"-",
    b"99999999",
    b"TZID=",
    b"RRULE:FREQ=YEARLY;",
    b"VALUE=DATE",
    b"BEGIN:VEVENT",
    b"0001",
    b"Z",
    b";",
    b":",
]
