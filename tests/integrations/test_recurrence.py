"""Series: times of day and the far future by the rule, and what becomes of exceptions to it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from integrations.occurrences import read_calendar
from integrations.ports import CalendarReading
from integrations.recurrence import Budget, parse_rule, rule_times
from rules.interval import Interval

FAR = datetime(2200, 1, 1)  # noqa: DTZ001  rules work on wall time


def times(rule: str, start: str, *, since: datetime | None = None, before: datetime = FAR, most: int = 12) -> list[datetime]:
    budget = Budget()
    budget.begin()
    first = datetime.strptime(start, "%Y%m%dT%H%M%S")  # noqa: DTZ007
    return list(islice(rule_times(parse_rule(rule), first, since or first, before, budget), most))


# --- the rules --------------------------------------------------------------------------------------------------------


def test_times_of_day_are_expanded_in_order() -> None:
    found = times("FREQ=DAILY;BYHOUR=16,9;BYMINUTE=30,0;COUNT=5", "19970902T090000")
    assert [f"{m:%d %H:%M}" for m in found] == ["02 09:00", "02 09:30", "02 16:00", "02 16:30", "03 09:00"]


def test_the_far_future_is_found_without_counting_up_to_it() -> None:
    budget = Budget(steps=100)
    budget.begin()
    since, before = datetime(2026, 11, 23), datetime(2026, 11, 24)  # noqa: DTZ001
    start = datetime(1900, 1, 1, 10)  # noqa: DTZ001
    assert len(list(rule_times(parse_rule("FREQ=HOURLY"), start, since, before, budget))) == 24


# --- series in a calendar ---------------------------------------------------------------------------------------------

YEAR = Interval(datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))


def read(*lines: str, horizon: Interval = YEAR, home: str = "Europe/Berlin") -> CalendarReading:
    text = "\r\n".join(("BEGIN:VCALENDAR", "BEGIN:VEVENT", "UID:1", *lines, "END:VEVENT", "END:VCALENDAR", ""))
    return read_calendar(text.encode(), "work", "mine", horizon, home)


AND = ("END:VEVENT", "BEGIN:VEVENT", "UID:1")


def shown(reading: CalendarReading, zone: str = "UTC") -> list[str]:
    assert reading.problems == ()
    return [f"{o.start.astimezone(ZoneInfo(zone)):%m%d %H%M}" for o in reading.occurrences]


def test_a_meeting_keeps_its_wall_time_over_a_change_of_the_clocks() -> None:
    reading = read(
        "DTSTART;TZID=Europe/Berlin:20260326T100000", "DTEND;TZID=Europe/Berlin:20260326T110000", "RRULE:FREQ=DAILY;COUNT=5"
    )
    assert shown(reading) == ["0326 0900", "0327 0900", "0328 0900", "0329 0800", "0330 0800"]
    assert {o.end - o.start for o in reading.occurrences} == {timedelta(hours=1)}
    assert reading.occurrences[-1].key.recurrence_id == "20260330T080000Z"


def test_a_wall_time_that_is_skipped_is_read_with_the_offset_before() -> None:
    reading = read("DTSTART;TZID=Europe/Berlin:20260328T023000", "RRULE:FREQ=DAILY;COUNT=2")
    assert shown(reading) == ["0328 0130", "0329 0130"]


def test_an_exact_length_stays_exact_and_a_nominal_one_counts_days() -> None:
    exact = read("DTSTART;TZID=Europe/Berlin:20260328T220000", "DTEND;TZID=Europe/Berlin:20260329T220000")
    nominal = read("DTSTART;TZID=Europe/Berlin:20260328T220000", "DURATION:P1D")
    hours = read("DTSTART;TZID=Europe/Berlin:20260328T220000", "DURATION:PT24H")
    lengths = [r.occurrences[0].end - r.occurrences[0].start for r in (exact, nominal, hours)]
    assert lengths == [timedelta(hours=23), timedelta(hours=23), timedelta(hours=24)]


@pytest.mark.parametrize(
    ("start", "until", "count"),
    [
        ("DTSTART;TZID=Europe/Berlin:20260601T100000", "20260603T080000Z", 3),
        ("DTSTART;TZID=Europe/Berlin:20260601T100000", "20260603T075959Z", 2),
        ("DTSTART;TZID=Europe/Berlin:20260601T100000", "20260603T100000", 3),
        ("DTSTART;TZID=Europe/Berlin:20260601T100000", "20260603", 3),
        ("DTSTART:20260601T100000", "20260603T100000", 3),
        ("DTSTART:20260601T100000", "20260603T100000Z", 3),
        ("DTSTART;VALUE=DATE:20260601", "20260603", 3),
        ("DTSTART;VALUE=DATE:20260601", "20260603T000000Z", 3),
        ("DTSTART;TZID=Europe/Berlin:20260601T100000", "20260531", 0),
    ],
)
def test_until_is_inclusive_in_every_form_it_is_written_in(start: str, until: str, count: int) -> None:
    assert len(shown(read(start, f"RRULE:FREQ=DAILY;UNTIL={until}"))) == count


@pytest.mark.parametrize(
    "exdate",
    [
        "EXDATE;TZID=Europe/Berlin:20260602T100000",
        "EXDATE:20260602T080000Z",
        "EXDATE;TZID=America/New_York:20260602T040000",
        "EXDATE:20260602T100000",
        "EXDATE;VALUE=DATE:20260602",
        "EXDATE;TZID=Europe/Berlin:20260701T100000,20260602T100000",
        "EXRULE:FREQ=WEEKLY;BYDAY=TU",
    ],
)
def test_an_exception_is_recognised_by_its_instant(exdate: str) -> None:
    reading = read("DTSTART;TZID=Europe/Berlin:20260601T100000", "RRULE:FREQ=DAILY;COUNT=3", exdate)
    assert shown(reading) == ["0601 0800", "0603 0800"]


def test_extra_dates_are_added_once_and_periods_have_their_own_length() -> None:
    reading = read(
        "DTSTART:20260601T080000Z",
        "DTEND:20260601T090000Z",
        "RRULE:FREQ=DAILY;COUNT=2",
        "RDATE:20260602T080000Z,20260610T080000Z",
        "RDATE;VALUE=PERIOD:20260611T080000Z/PT3H,20260612T080000Z/20260612T083000Z",
    )
    assert shown(reading) == ["0601 0800", "0602 0800", "0610 0800", "0611 0800", "0612 0800"]
    minutes = [(o.end - o.start) // timedelta(minutes=1) for o in reading.occurrences]
    assert minutes == [60, 60, 60, 180, 30]


def test_a_first_day_that_the_rule_does_not_match_is_shown_and_not_counted() -> None:
    assert shown(read("DTSTART:20260602T080000Z", "RRULE:FREQ=WEEKLY;BYDAY=MO;COUNT=2")) == [
        "0602 0800",
        "0608 0800",
        "0615 0800",
    ]


OVERRIDES = {
    "by instant": "RECURRENCE-ID:20260602T080000Z",
    "in another zone": "RECURRENCE-ID;TZID=Asia/Tokyo:20260602T170000",
    "by the clock of the series": "RECURRENCE-ID;TZID=Europe/Berlin:20260602T100000",
    "by its day": "RECURRENCE-ID;VALUE=DATE:20260602",
}


@pytest.mark.parametrize("how", OVERRIDES)
def test_an_override_replaces_its_occurrence_however_it_names_it(how: str) -> None:
    moved = (*AND, OVERRIDES[how], "DTSTART:20260602T150000Z", "SUMMARY:Moved")
    reading = read("DTSTART;TZID=Europe/Berlin:20260601T100000", "RRULE:FREQ=DAILY;COUNT=3", *moved)
    assert shown(reading) == ["0601 0800", "0602 1500", "0603 0800"]
    assert reading.occurrences[1].key.recurrence_id == "20260602T080000Z"


def test_an_override_is_kept_beside_an_exdate_for_it() -> None:
    exdate = "EXDATE:20260602T080000Z"
    moved = (*AND, "RECURRENCE-ID:20260602T080000Z", "DTSTART:20260602T150000Z")
    assert shown(read("DTSTART:20260601T080000Z", "RRULE:FREQ=DAILY;COUNT=2", exdate, *moved)) == ["0601 0800", "0602 1500"]


def test_an_override_beyond_the_end_of_its_series_is_kept() -> None:
    moved = (*AND, "RECURRENCE-ID:20260610T080000Z", "DTSTART:20260610T150000Z")
    assert shown(read("DTSTART:20260601T080000Z", "RRULE:FREQ=DAILY;COUNT=1", *moved)) == ["0601 0800", "0610 1500"]


def test_an_override_moved_into_the_horizon_is_found_and_one_moved_out_is_not() -> None:
    week = Interval(datetime(2026, 6, 1, tzinfo=UTC), datetime(2026, 6, 8, tzinfo=UTC))
    moved_in = (*AND, "RECURRENCE-ID:20261001T080000Z", "DTSTART:20260603T080000Z")
    moved_out = (*AND, "RECURRENCE-ID:20260601T080000Z", "DTSTART:20260901T080000Z")
    reading = read("DTSTART:20260601T080000Z", "RRULE:FREQ=MONTHLY", *moved_in, *moved_out, horizon=week)
    assert shown(reading) == ["0603 0800"]


def test_of_two_overrides_of_one_occurrence_the_higher_sequence_counts() -> None:
    newer = (*AND, "RECURRENCE-ID:20260601T080000Z", "DTSTART:20260601T120000Z", "SEQUENCE:2")
    older = (*AND, "RECURRENCE-ID:20260601T080000Z", "DTSTART:20260601T110000Z", "SEQUENCE:1")
    assert shown(read("DTSTART:20260601T080000Z", "RRULE:FREQ=DAILY;COUNT=1", *newer, *older)) == ["0601 1200"]


def test_this_and_future_holds_until_the_next_one() -> None:
    first = (*AND, "RECURRENCE-ID;RANGE=THISANDFUTURE:20260602T080000Z", "DTSTART:20260602T090000Z", "SUMMARY:a")
    then = (*AND, "RECURRENCE-ID;RANGE=THISANDFUTURE:20260604T080000Z", "DTSTART:20260605T080000Z", "SUMMARY:b")
    reading = read("DTSTART:20260601T080000Z", "SUMMARY:-", "RRULE:FREQ=DAILY;COUNT=5", *first, *then)
    assert shown(reading) == ["0601 0800", "0602 0900", "0603 0900", "0605 0800", "0606 0800"]
    assert "".join(o.summary for o in reading.occurrences) == "-aabb"


def test_a_long_occurrence_that_began_before_the_horizon_is_found() -> None:
    day = Interval(datetime(2026, 6, 20, tzinfo=UTC), datetime(2026, 6, 21, tzinfo=UTC))
    assert shown(read("DTSTART:20260601T080000Z", "DURATION:P3W", "RRULE:FREQ=MONTHLY", horizon=day)) == ["0601 0800"]


def test_the_horizon_is_half_open() -> None:
    hour = Interval(datetime(2026, 6, 2, 8, tzinfo=UTC), datetime(2026, 6, 2, 9, tzinfo=UTC))
    assert shown(read("DTSTART:20260602T070000Z", "DURATION:PT1H", horizon=hour)) == []
    assert shown(read("DTSTART:20260602T090000Z", "DURATION:PT1H", horizon=hour)) == []
    assert shown(read("DTSTART:20260602T080000Z", horizon=hour)) == ["0602 0800"]


# --- days, floating times and zones -----------------------------------------------------------------------------------


def test_whole_days_are_midnights_of_the_home_zone() -> None:
    reading = read("DTSTART;VALUE=DATE:20260328", "DTEND;VALUE=DATE:20260330", home="Europe/Berlin")
    occurrence = reading.occurrences[0]
    assert (occurrence.all_day, occurrence.zone, occurrence.key.recurrence_id) == (True, "", "")
    assert (occurrence.start.isoformat(), occurrence.end.isoformat()) == (
        "2026-03-28T00:00:00+01:00",
        "2026-03-30T00:00:00+02:00",
    )


def test_a_series_of_days_names_its_occurrences_by_date() -> None:
    reading = read("DTSTART;VALUE=DATE:20260601", "RRULE:FREQ=WEEKLY;COUNT=2;BYHOUR=1,2")
    assert [o.key.recurrence_id for o in reading.occurrences] == ["20260601", "20260608"]


@pytest.mark.parametrize("written", [":20260531T220000Z", ";TZID=Europe/Berlin:20260601T000000", ":20260601T000000"])
def test_the_midnights_that_outlook_writes_are_whole_days(written: str) -> None:
    end = written.replace("31T22", "32T22").replace("0532", "0602").replace("0601T", "0603T").replace("0602T22", "0602T22")
    reading = read(f"DTSTART{written}", f"DTEND{end}", "X-MICROSOFT-CDO-ALLDAYEVENT:TRUE")
    occurrence = reading.occurrences[0]
    assert occurrence.all_day
    assert (occurrence.start.isoformat(), occurrence.end.isoformat()) == (
        "2026-06-01T00:00:00+02:00",
        "2026-06-03T00:00:00+02:00",
    )


def test_floating_times_are_in_the_home_zone_and_have_none_of_their_own() -> None:
    reading = read("DTSTART:20260601T100000", "RRULE:FREQ=DAILY;COUNT=2", home="America/New_York")
    assert shown(reading) == ["0601 1400", "0602 1400"]
    assert [(o.zone, o.key.recurrence_id) for o in reading.occurrences] == [("", "20260601T100000"), ("", "20260602T100000")]


VTIMEZONE = """\
BEGIN:VTIMEZONE
TZID:Our own
BEGIN:STANDARD
DTSTART:16011028T030000
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:16010325T020000
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
END:DAYLIGHT
END:VTIMEZONE
"""


@settings(max_examples=60, deadline=None)
@given(st.datetimes(datetime(2000, 1, 1), datetime(2037, 1, 1)))  # noqa: DTZ001
def test_a_zone_defined_in_the_file_is_the_zone_it_describes(moment: datetime) -> None:
    events = "".join(
        f"BEGIN:VEVENT\nUID:{zone}\nDTSTART;TZID={zone}:{moment:%Y%m%dT%H%M%S}\nEND:VEVENT\n"
        for zone in ("Our own", "Europe/Berlin")
    )
    around = Interval(moment.replace(tzinfo=UTC) - timedelta(days=1), moment.replace(tzinfo=UTC) + timedelta(days=1))
    text = f"BEGIN:VCALENDAR\n{VTIMEZONE}{events}END:VCALENDAR\n"
    ours, known = read_calendar(text.encode(), "work", "mine", around, "UTC").occurrences
    assert ours.start == known.start
    assert {ours.zone, known.zone} == {"", "Europe/Berlin"}
