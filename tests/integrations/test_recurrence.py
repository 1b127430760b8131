"""Series: the rules of RFC 5545 against its own examples and against dateutil, and what becomes of exceptions to them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

import pytest
from dateutil.rrule import rrulestr
from hypothesis import given, settings
from hypothesis import strategies as st

from integrations.icalendar_text import Unreadable
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


def days(rule: str, start: str, **options: object) -> str:
    return " ".join(f"{moment:%Y%m%d}" for moment in times(rule, start, **options))  # type: ignore[arg-type]


# --- the rules --------------------------------------------------------------------------------------------------------

EXAMPLES = [  # RFC 5545 3.8.5.3, and the cases that libraries disagree on
    ("FREQ=DAILY;INTERVAL=10;COUNT=3", "19970902T090000", "19970902 19970912 19970922"),
    ("FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=MO", "19970805T090000", "19970805 19970810 19970819 19970824"),
    ("FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=SU", "19970805T090000", "19970805 19970817 19970819 19970831"),
    ("FREQ=WEEKLY;COUNT=4;BYDAY=MO,WE,FR;BYSETPOS=-1", "19970905T090000", "19970905 19970912 19970919 19970926"),
    ("FREQ=MONTHLY;COUNT=6;BYDAY=MO,-1SU", "20260601T090000", "20260601 20260608 20260615 20260622 20260628 20260629"),
    ("FREQ=MONTHLY;COUNT=4;BYDAY=1SU,-1SU", "19970907T090000", "19970907 19970928 19971005 19971026"),
    ("FREQ=MONTHLY;COUNT=3;BYMONTHDAY=-3", "19970928T090000", "19970928 19971029 19971128"),
    ("FREQ=MONTHLY;COUNT=4;BYMONTHDAY=15,30", "20070115T090000", "20070115 20070130 20070215 20070315"),
    ("FREQ=MONTHLY;COUNT=3", "20070131T090000", "20070131 20070331 20070531"),
    ("FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13;COUNT=3", "19970902T090000", "19980213 19980313 19981113"),
    ("FREQ=MONTHLY;BYDAY=TU,WE,TH;BYSETPOS=3;COUNT=3", "19970904T090000", "19970904 19971007 19971106"),
    ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-2;COUNT=3", "19970929T090000", "19970929 19971030 19971127"),
    ("FREQ=MONTHLY;BYMONTH=1,3;COUNT=3", "19970107T090000", "19970107 19970307 19980107"),
    ("FREQ=YEARLY;COUNT=3", "20240229T090000", "20240229 20280229 20320229"),
    ("FREQ=YEARLY;BYMONTH=6,7;COUNT=3", "19970610T090000", "19970610 19970710 19980610"),
    ("FREQ=YEARLY;BYMONTHDAY=25;COUNT=2", "20201225T090000", "20201225 20211225"),
    ("FREQ=YEARLY;BYYEARDAY=1,-1;COUNT=3", "19970101T090000", "19970101 19971231 19980101"),
    ("FREQ=YEARLY;BYYEARDAY=-275,-276,-277,-278;BYDAY=FR;COUNT=2", "20060331T020000", "20060331 20070330"),
    ("FREQ=YEARLY;BYDAY=20MO;COUNT=3", "19970519T090000", "19970519 19980518 19990517"),
    ("FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3;COUNT=2", "20260329T020000", "20260329 20270328"),
    ("FREQ=YEARLY;BYDAY=SA;BYMONTH=3;BYMONTHDAY=7,8;COUNT=2", "19970308T090000", "19970308 19980307"),
    ("FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO;COUNT=3", "19970512T090000", "19970512 19980511 19990517"),
    ("FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO;WKST=SU;COUNT=2", "19970512T090000", "19970512 19980518"),
    ("FREQ=YEARLY;BYWEEKNO=20;COUNT=2", "19970513T090000", "19970513 19980512"),
    ("FREQ=YEARLY;BYWEEKNO=1;BYDAY=MO,TU;INTERVAL=3;COUNT=2", "20241231T000000", "20241231 20280103"),
    ("FREQ=YEARLY;BYWEEKNO=-1;BYMONTHDAY=31;BYDAY=MO,TU,WE,TH,FR,SA,SU;COUNT=2", "20201231T090000", "20201231 20211231"),
    ("FREQ=DAILY;BYMONTH=1;BYYEARDAY=1;COUNT=1", "19970101T090000", None),
    ("FREQ=DAILY;BYMONTH=1;BYMONTHDAY=-1;COUNT=2", "19970101T090000", "19970131 19980131"),
    ("FREQ=DAILY;BYDAY=MO;COUNT=2;", "19970901T090000", "19970901 19970908"),
    ("FREQ=HOURLY;INTERVAL=24;COUNT=2", "19970901T090000", "19970901 19970902"),
    ("FREQ=HOURLY;BYHOUR=9;BYDAY=MO;COUNT=2", "19970901T090000", "19970901 19970908"),
]


@pytest.mark.parametrize(("rule", "start", "expected"), EXAMPLES, ids=[rule for rule, _, _ in EXAMPLES])
def test_a_rule_gives_the_days_that_the_standard_says(rule: str, start: str, expected: str | None) -> None:
    if expected is None:
        with pytest.raises(Unreadable):
            parse_rule(rule)
    else:
        assert days(rule, start) == expected


def test_times_of_day_are_expanded_in_order() -> None:
    found = times("FREQ=DAILY;BYHOUR=16,9;BYMINUTE=30,0;COUNT=5", "19970902T090000")
    assert [f"{m:%d %H:%M}" for m in found] == ["02 09:00", "02 09:30", "02 16:00", "02 16:30", "03 09:00"]


@pytest.mark.parametrize(
    "rule",
    [
        "",
        "INTERVAL=2",
        "FREQ=FORTNIGHTLY",
        "FREQ=SECONDLY",
        "FREQ=MINUTELY;INTERVAL=90",
        "FREQ=DAILY;FREQ=WEEKLY",
        "FREQ=DAILY;INTERVAL=0",
        "FREQ=DAILY;COUNT=-2",
        "FREQ=DAILY;COUNT=99999999999999999999",
        "FREQ=DAILY;UNTIL=20261399",
        "FREQ=DAILY;UNTIL=tomorrow",
        "FREQ=DAILY;WKST=XX",
        "FREQ=DAILY;BYDAY=1MO",
        "FREQ=WEEKLY;BYDAY=",
        "FREQ=WEEKLY;BYDAY=MOON",
        "FREQ=MONTHLY;BYDAY=54MO",
        "FREQ=WEEKLY;BYMONTHDAY=1",
        "FREQ=MONTHLY;BYMONTHDAY=0",
        "FREQ=MONTHLY;BYMONTHDAY=x",
        "FREQ=MONTHLY;BYWEEKNO=1",
        "FREQ=MONTHLY;BYSETPOS=1",
        "FREQ=YEARLY;BYWEEKNO=1;BYDAY=1MO",
        "FREQ=YEARLY;BYMONTH=" + ",".join(["1"] * 500),
        "FREQ=HOURLY;BYMINUTE=0,10,20,30,40,50",
        "FREQ=DAILY;FOO",
    ],
)
def test_a_rule_that_cannot_be_followed_right_is_not_followed(rule: str) -> None:
    with pytest.raises(Unreadable, match=r"\w"):
        parse_rule(rule)


def test_the_far_future_is_found_without_counting_up_to_it() -> None:
    budget = Budget(steps=100)
    budget.begin()
    since, before = datetime(2026, 11, 23), datetime(2026, 11, 24)  # noqa: DTZ001
    start = datetime(1900, 1, 1, 10)  # noqa: DTZ001
    assert len(list(rule_times(parse_rule("FREQ=HOURLY"), start, since, before, budget))) == 24


WEEKDAYS = st.lists(st.sampled_from(["MO", "TU", "WE", "TH", "FR", "SA", "SU"]), min_size=1, max_size=3, unique=True).map(
    ",".join
)
ORDINAL_DAYS = st.lists(  # never mixed with plain ones, which dateutil gets wrong
    st.builds("{}{}".format, st.sampled_from([1, 2, -1, -2]), st.sampled_from(["MO", "WE", "SU"])),
    min_size=1,
    max_size=3,
    unique=True,
).map(",".join)
MONTH_DAYS = st.lists(st.integers(-31, 31).filter(bool), min_size=1, max_size=3, unique=True).map(lambda n: ",".join(map(str, n)))
MONTHS = st.lists(st.integers(1, 12), min_size=1, max_size=3, unique=True).map(lambda n: ",".join(map(str, n)))


def _parts(freq: str, **lists: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    def joined(chosen: dict[str, str]) -> str:
        return ";".join([f"FREQ={freq}", *(f"{name}={value}" for name, value in chosen.items())])

    common = {
        "INTERVAL": st.integers(1, 5).map(str),
        "WKST": st.sampled_from(["MO", "SU", "WE"]),
        "COUNT": st.integers(1, 30).map(str),
    }
    return st.fixed_dictionaries({}, optional={**common, **lists}).map(joined)


# Only what dateutil is known to get right: it errs on BYWEEKNO, WEEKLY with BYSETPOS, and YEARLY with BYMONTHDAY alone.
COMPARABLE = st.one_of(
    _parts("DAILY", BYDAY=WEEKDAYS, BYMONTH=MONTHS, BYMONTHDAY=MONTH_DAYS),
    _parts("WEEKLY", BYDAY=WEEKDAYS, BYMONTH=MONTHS),
    _parts("MONTHLY", BYDAY=ORDINAL_DAYS | WEEKDAYS, BYMONTH=MONTHS),
    _parts("MONTHLY", BYMONTHDAY=MONTH_DAYS, BYDAY=WEEKDAYS),
    _parts("MONTHLY", BYDAY=WEEKDAYS).map(lambda rule: rule + ";BYSETPOS=-1" if "BYDAY" in rule else rule),
    _parts("YEARLY", BYDAY=ORDINAL_DAYS | WEEKDAYS, BYMONTH=MONTHS),
    _parts("YEARLY", BYMONTH=MONTHS).map(lambda rule: rule + ";BYMONTHDAY=1,-1" if "BYMONTH" in rule else rule),
    _parts("YEARLY", BYYEARDAY=st.lists(st.integers(-366, 366).filter(bool), min_size=1).map(lambda n: ",".join(map(str, n)))),
)


@settings(max_examples=400, deadline=None)
@given(COMPARABLE, st.datetimes(datetime(2000, 1, 1), datetime(2026, 1, 1)))  # noqa: DTZ001
def test_rules_agree_with_dateutil(rule: str, start: datetime) -> None:
    start = start.replace(microsecond=0)
    since, before = datetime(2024, 6, 1), datetime(2027, 6, 1)  # noqa: DTZ001
    budget = Budget()
    budget.begin()
    ours = list(rule_times(parse_rule(rule), start, since, before, budget))
    theirs = rrulestr(rule, dtstart=start).between(since, before - timedelta(seconds=1), inc=True)
    assert ours == theirs


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
