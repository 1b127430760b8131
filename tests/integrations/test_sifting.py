"""What is laid aside never matters: the sifted calendar reads like the whole one, whatever is in it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from integrations import occurrences
from integrations.occurrences import read_calendar
from integrations.ports import CalendarReading
from integrations.sifting import Standing, line_ends, sift, split
from rules.interval import Interval

HORIZON = Interval(datetime(2026, 7, 18, tzinfo=UTC), datetime(2026, 11, 30, tzinfo=UTC))
HEAD = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//x//EN\r\nX-FILLER:" + "x" * 101_000 + "\r\n"


def calendar(*events: str) -> bytes:
    return (HEAD + "".join(events) + "END:VCALENDAR\r\n").encode()


def event(uid: str, *lines: str) -> str:
    return "\r\n".join(("BEGIN:VEVENT", f"UID:{uid}", "DTSTAMP:20200101T000000Z", *lines, "END:VEVENT", ""))


def read(data: bytes) -> CalendarReading:
    return read_calendar(data, "work", "mine", HORIZON, "Europe/Berlin", "a file")


def read_whole(data: bytes) -> CalendarReading:
    with mock.patch.object(occurrences, "sift", lambda *_: None):  # the reader behind, by itself
        return read(data)


DAYS = st.dates(date(2015, 1, 1), date(2031, 1, 1)) | st.dates(date(2026, 7, 1), date(2026, 12, 10))
RULES = st.sampled_from(
    [
        "",
        "RRULE:FREQ=WEEKLY",
        "RRULE:FREQ=WEEKLY;COUNT=20",
        "RRULE:FREQ=DAILY;INTERVAL=9;COUNT=40",
        "RRULE:FREQ=MONTHLY;COUNT=30",
        "RRULE:FREQ=YEARLY",
        "RRULE:FREQ=WEEKLY;BYDAY=MO,FR;COUNT=9",
        "RRULE:FREQ=DAILY;COUNT=5;BYDAY=MO",
        "RRULE:UNTL=20200101",
        "RRULE:FREQ=WEEKLY;UNTIL=20260801T000000Z",
        "RRULE:FREQ=DAILY;UNTIL=20191231",
        "rrule:FREQ=WEEKLY",
        "RDATE:20261001T100000",
    ]
)

NAMED = st.sampled_from(["", "", ";TZID=Europe/Berlin", ";TZID=Pacific/Kiritimati", ";RANGE=THISANDFUTURE", ";TZID=Nowhere"])


@st.composite
def events(draw: st.DrawFn) -> str:
    uid = draw(st.sampled_from(["a", "b", "c", "d\r\n e", "long-" * 30]))
    day = draw(DAYS)
    whole = draw(st.booleans())
    if whole:
        when = [f"DTSTART;VALUE=DATE:{day:%Y%m%d}", f"DTEND;VALUE=DATE:{day + timedelta(days=draw(st.integers(0, 9))):%Y%m%d}"]
    else:
        zone = draw(st.sampled_from(["", ";TZID=Europe/Berlin", ";TZID=Pacific/Kiritimati", ";TZID=Nowhere"]))
        when = [f"DTSTART{zone}:{day:%Y%m%d}T220000", f"DTEND{zone}:{day:%Y%m%d}T233000"]
    lines = [*when, draw(RULES)]
    if draw(st.integers(0, 2)) == 0:
        named = f"RECURRENCE-ID{draw(NAMED)}:{draw(DAYS):%Y%m%d}T{draw(st.sampled_from(['220000', '030000', '200000Z']))}"
        lines = [*when, named, f"SEQUENCE:{draw(st.integers(0, 2))}"]
    if draw(st.integers(0, 5)) == 0:
        lines += ["BEGIN:VALARM", f"UID:{draw(st.sampled_from(['a', 'z']))}", "TRIGGER:-PT5M", "DURATION:PT5M", "END:VALARM"]
    return event(uid, "SUMMARY:x", *(line for line in draw(st.permutations(lines[:2])) if line), *(li for li in lines[2:] if li))


@settings(max_examples=150, deadline=None)
@given(st.lists(events(), max_size=8))
def test_a_sifted_calendar_reads_like_the_whole_one(found: list[str]) -> None:
    data = calendar(*found)
    sifted, whole = read(data), read_whole(data)
    assert (sifted.occurrences, sifted.entries, sifted.complete) == (whole.occurrences, whole.entries, whole.complete)
    # What is wrong with an event that lies far away need not be told.
    assert set(sifted.problems) <= set(whole.problems)


def test_events_far_away_are_laid_aside_and_counted_all_the_same() -> None:
    data = calendar(
        event("old", "DTSTART:20190101T100000Z", "DTEND:20190101T110000Z"),
        event("ended", "DTSTART:20190101T100000Z", "RRULE:FREQ=WEEKLY;UNTIL=20200101T000000Z"),
        event("counted", "DTSTART:20190101T100000Z", "RRULE:FREQ=WEEKLY;COUNT=52"),
        event("now", "DTSTART:20260901T100000Z", "DTEND:20260901T110000Z"),
    )
    sifted = sift(data, line_ends(data), HORIZON)
    assert sifted is not None
    assert (sifted[0].count(b"BEGIN:VEVENT"), sifted[1]) == (1, 4)
    assert (read(data).entries, len(read(data).occurrences)) == (4, 1)


def test_a_far_override_stays_with_its_series() -> None:
    data = calendar(
        event("s", "DTSTART:20260105T100000Z", "RRULE:FREQ=WEEKLY"),
        event("s", "RECURRENCE-ID:20260907T100000Z", "DTSTART:20300101T100000Z"),
    )
    starts = [occurrence.start.date().isoformat() for occurrence in read(data).occurrences]
    assert "2026-08-31" in starts
    assert "2026-09-07" not in starts


@pytest.mark.parametrize(
    "data",
    [
        b"\xef\xbb\xbf" + calendar(event("a", "DTSTART:20190101")),
        calendar(event("a", "DTSTART:20190101")).removesuffix(b"END:VCALENDAR\r\n"),
        calendar("BEGIN:VEVENT\r\n", event("a", "DTSTART:20190101")),
        calendar("END:VEVENT\r\n"),
        calendar("BEGIN:VEVENT\r\nDTSTART:20190101\r\nEND:VEVENT\r\n"),
        calendar(event("a", "DTSTART:20190101")).replace(b"\r\n", b"\r"),
        calendar(event("a", "DTSTART:20190101"))[:90_000],
    ],
    ids=["byte order mark", "broken off", "nested", "unopened", "no uid", "carriage returns", "small"],
)
def test_what_is_not_plainly_a_calendar_is_not_sifted(data: bytes) -> None:
    assert sift(data, line_ends(data), HORIZON) is None


def test_a_date_that_does_not_exist_is_left_to_the_reader() -> None:
    data = calendar(event("a", "DTSTART:20190231T100000", "RRULE:FREQ=DAILY;COUNT=3"), event("b", "DTSTART:20190101"))
    chunks = split(data, HORIZON)
    assert chunks is not None
    assert [chunk.standing for chunk in chunks] == [Standing.SHORT, Standing.OUTSIDE]


def test_overrides_of_years_ago_are_laid_aside_and_their_series_stays() -> None:
    data = calendar(
        event("s", "DTSTART:20200106T100000Z", "RRULE:FREQ=WEEKLY"),
        event("s", "RECURRENCE-ID:20210104T100000Z", "DTSTART:20210105T100000Z"),
        event("s", "RECURRENCE-ID:20260907T100000Z", "DTSTART:20260908T100000Z"),
    )
    sifted = sift(data, line_ends(data), HORIZON)
    assert sifted is not None
    assert (b"20210105" in sifted[0], b"20260908" in sifted[0], b"RRULE" in sifted[0]) == (False, True, True)
    assert read(data).occurrences == read_whole(data).occurrences


@pytest.mark.parametrize(
    "other",
    [
        ["RECURRENCE-ID:20210111T100000Z", "DTSTART:20260908T100000Z"],
        ["RECURRENCE-ID;RANGE=THISANDFUTURE:20210111T100000Z", "DTSTART:20210112T100000Z"],
        ["RECURRENCE-ID:somewhen", "DTSTART:20210112T100000Z"],
    ],
    ids=["moved in", "and all that follow", "unreadable"],
)
def test_a_series_with_an_override_that_may_matter_stays_whole(other: list[str]) -> None:
    series = event("s", "DTSTART:20200106T100000Z", "RRULE:FREQ=WEEKLY")
    data = calendar(series, event("s", "RECURRENCE-ID:20210104T100000Z", "DTSTART:20210105T100000Z"), event("s", *other))
    sifted = sift(data, line_ends(data), HORIZON)
    assert sifted is not None
    assert sifted[0].count(b"BEGIN:VEVENT") == 3
