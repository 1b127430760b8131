"""Recurrence rules against dates written out by hand: all examples of RFC 5545 3.8.5.3, then the kinds on which common libraries
err. A rule that cannot be followed is named; a wrong date is never shown."""

from __future__ import annotations

import calendar
import re
import time
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

import pytest

from integrations.occurrences import read_calendar
from integrations.ports import CalendarReading
from rules.interval import Interval

NEW_YORK = ZoneInfo("America/New_York")
MONTHS = {name: number for number, name in enumerate(calendar.month_abbr)}


def joined(numbers: Iterable[int]) -> str:
    return ",".join(map(str, numbers))


def written_out(text: str) -> list[date]:
    """`1997 Sep 2-5,9; Oct 1. 1998 Jan 3` as the RFC prints it."""
    found: list[date] = []
    for year, rest in re.findall(r"(\d{4}) ([^.]+)", text):
        for month, days in re.findall(r"([A-Z][a-z]{2}) ([\d,-]+)", rest):
            for part in days.split(","):
                first, _, last = part.partition("-")
                found += [date(int(year), MONTHS[month], day) for day in range(int(first), int(last or first) + 1)]
    return found


def read(rule: str, start: str, *more: str, days: int = 20_000) -> CalendarReading:
    begin = f"DTSTART;VALUE=DATE:{start}" if len(start) == 8 else f"DTSTART;TZID=America/New_York:{start}"
    text = ("BEGIN:VCALENDAR", "BEGIN:VEVENT", "UID:1", "SUMMARY:x", begin, f"RRULE:{rule}", *more, "END:VEVENT", "END:VCALENDAR")
    first = datetime.strptime(start[:8], "%Y%m%d").replace(tzinfo=NEW_YORK)
    horizon = Interval(first, first + timedelta(days=days))
    return read_calendar("\r\n".join((*text, "")).encode(), "work", "mine", horizon, "America/New_York")


def days_of(rule: str, start: str, expected: list[date], *more: str) -> list[date]:
    """The days that are read. A rule without end is read until the last day expected."""
    ends = "COUNT=" in rule or "UNTIL=" in rule
    last = 20_000 if ends else (expected[-1] - datetime.strptime(start[:8], "%Y%m%d").date()).days + 1  # noqa: DTZ007
    reading = read(rule, start, *more, days=last)
    assert reading.problems == ()
    return [day for day, _ in groupby(o.start.astimezone(NEW_YORK).date() for o in reading.occurrences)]


# --- RFC 5545 3.8.5.3 -------------------------------------------------------------------------------------------------

ODD_DAYS = "1997 Sep 2,4,6,8,10,12,14,16,18,20,22,24,26,28,30; Oct 2,4,6,8,10,12,14,16,18,20,22,24,26,28,30; Nov 1,3,5,7,9"
JANUARIES = "1998 Jan 1-31. 1999 Jan 1-31. 2000 Jan 1-31"
EVERY_DAY = "BYDAY=SU,MO,TU,WE,TH,FR,SA"
SUMMER = (
    "1997 Jun 5,12,19,26; Jul 3,10,17,24,31; Aug 7,14,21,28. 1998 Jun 4,11,18,25; Jul 2,9,16,23,30; Aug 6,13,20,27. "
    "1999 Jun 3,10,17,24; Jul 1,8,15,22,29; Aug 5,12,19,26"
)
EXAMPLES = [  # in the RFC's order
    ("FREQ=DAILY;COUNT=10", "19970902", "1997 Sep 2-11"),
    ("FREQ=DAILY;UNTIL=19971224T000000Z", "19970902", "1997 Sep 2-30; Oct 1-31; Nov 1-30; Dec 1-23"),
    ("FREQ=DAILY;INTERVAL=2", "19970902", ODD_DAYS),
    ("FREQ=DAILY;INTERVAL=10;COUNT=5", "19970902", "1997 Sep 2,12,22; Oct 2,12"),
    (f"FREQ=YEARLY;UNTIL=20000131T140000Z;BYMONTH=1;{EVERY_DAY}", "19980101", JANUARIES),
    ("FREQ=DAILY;UNTIL=20000131T140000Z;BYMONTH=1", "19980101", JANUARIES),
    ("FREQ=WEEKLY;COUNT=10", "19970902", "1997 Sep 2,9,16,23,30; Oct 7,14,21,28; Nov 4"),
    (
        "FREQ=WEEKLY;UNTIL=19971224T000000Z",
        "19970902",
        "1997 Sep 2,9,16,23,30; Oct 7,14,21,28; Nov 4,11,18,25; Dec 2,9,16,23",
    ),
    (
        "FREQ=WEEKLY;INTERVAL=2;WKST=SU",
        "19970902",
        "1997 Sep 2,16,30; Oct 14,28; Nov 11,25; Dec 9,23. 1998 Jan 6,20; Feb 3,17",
    ),
    ("FREQ=WEEKLY;UNTIL=19971007T000000Z;WKST=SU;BYDAY=TU,TH", "19970902", "1997 Sep 2,4,9,11,16,18,23,25,30; Oct 2"),
    ("FREQ=WEEKLY;COUNT=10;WKST=SU;BYDAY=TU,TH", "19970902", "1997 Sep 2,4,9,11,16,18,23,25,30; Oct 2"),
    (
        "FREQ=WEEKLY;INTERVAL=2;UNTIL=19971224T000000Z;WKST=SU;BYDAY=MO,WE,FR",
        "19970901",
        "1997 Sep 1,3,5,15,17,19,29; Oct 1,3,13,15,17,27,29,31; Nov 10,12,14,24,26,28; Dec 8,10,12,22",
    ),
    ("FREQ=WEEKLY;INTERVAL=2;COUNT=8;WKST=SU;BYDAY=TU,TH", "19970902", "1997 Sep 2,4,16,18,30; Oct 2,14,16"),
    (
        "FREQ=MONTHLY;COUNT=10;BYDAY=1FR",
        "19970905",
        "1997 Sep 5; Oct 3; Nov 7; Dec 5. 1998 Jan 2; Feb 6; Mar 6; Apr 3; May 1; Jun 5",
    ),
    ("FREQ=MONTHLY;UNTIL=19971224T000000Z;BYDAY=1FR", "19970905", "1997 Sep 5; Oct 3; Nov 7; Dec 5"),
    (
        "FREQ=MONTHLY;INTERVAL=2;COUNT=10;BYDAY=1SU,-1SU",
        "19970907",
        "1997 Sep 7,28; Nov 2,30. 1998 Jan 4,25; Mar 1,29; May 3,31",
    ),
    ("FREQ=MONTHLY;COUNT=6;BYDAY=-2MO", "19970922", "1997 Sep 22; Oct 20; Nov 17; Dec 22. 1998 Jan 19; Feb 16"),
    ("FREQ=MONTHLY;BYMONTHDAY=-3", "19970928", "1997 Sep 28; Oct 29; Nov 28; Dec 29. 1998 Jan 29; Feb 26"),
    ("FREQ=MONTHLY;COUNT=10;BYMONTHDAY=2,15", "19970902", "1997 Sep 2,15; Oct 2,15; Nov 2,15; Dec 2,15. 1998 Jan 2,15"),
    ("FREQ=MONTHLY;COUNT=10;BYMONTHDAY=1,-1", "19970930", "1997 Sep 30; Oct 1,31; Nov 1,30; Dec 1,31. 1998 Jan 1,31; Feb 1"),
    (
        "FREQ=MONTHLY;INTERVAL=18;COUNT=10;BYMONTHDAY=10,11,12,13,14,15",
        "19970910",
        "1997 Sep 10-15. 1999 Mar 10-13",
    ),
    (
        "FREQ=MONTHLY;INTERVAL=2;BYDAY=TU",
        "19970902",
        "1997 Sep 2,9,16,23,30; Nov 4,11,18,25. 1998 Jan 6,13,20,27; Mar 3,10,17,24,31",
    ),
    (
        "FREQ=YEARLY;COUNT=10;BYMONTH=6,7",
        "19970610",
        "1997 Jun 10; Jul 10. 1998 Jun 10; Jul 10. 1999 Jun 10; Jul 10. 2000 Jun 10; Jul 10. 2001 Jun 10; Jul 10",
    ),
    (
        "FREQ=YEARLY;INTERVAL=2;COUNT=10;BYMONTH=1,2,3",
        "19970310",
        "1997 Mar 10. 1999 Jan 10; Feb 10; Mar 10. 2001 Jan 10; Feb 10; Mar 10. 2003 Jan 10; Feb 10; Mar 10",
    ),
    (
        "FREQ=YEARLY;INTERVAL=3;COUNT=10;BYYEARDAY=1,100,200",
        "19970101",
        "1997 Jan 1; Apr 10; Jul 19. 2000 Jan 1; Apr 9; Jul 18. 2003 Jan 1; Apr 10; Jul 19. 2006 Jan 1",
    ),
    ("FREQ=YEARLY;BYDAY=20MO", "19970519", "1997 May 19. 1998 May 18. 1999 May 17"),
    ("FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO", "19970512", "1997 May 12. 1998 May 11. 1999 May 17"),
    (
        "FREQ=YEARLY;BYMONTH=3;BYDAY=TH",
        "19970313",
        "1997 Mar 13,20,27. 1998 Mar 5,12,19,26. 1999 Mar 4,11,18,25",
    ),
    ("FREQ=YEARLY;BYDAY=TH;BYMONTH=6,7,8", "19970605", SUMMER),
    (
        "FREQ=MONTHLY;BYDAY=SA;BYMONTHDAY=7,8,9,10,11,12,13",
        "19970913",
        "1997 Sep 13; Oct 11; Nov 8; Dec 13. 1998 Jan 10; Feb 7; Mar 7; Apr 11; May 9; Jun 13",
    ),
    (
        "FREQ=YEARLY;INTERVAL=4;BYMONTH=11;BYDAY=TU;BYMONTHDAY=2,3,4,5,6,7,8",
        "19961105",
        "1996 Nov 5. 2000 Nov 7. 2004 Nov 2",
    ),
    ("FREQ=MONTHLY;COUNT=3;BYDAY=TU,WE,TH;BYSETPOS=3", "19970904", "1997 Sep 4; Oct 7; Nov 6"),
    (
        "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-2",
        "19970929",
        "1997 Sep 29; Oct 30; Nov 27; Dec 30. 1998 Jan 29; Feb 26; Mar 30",
    ),
    ("FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=MO", "19970805", "1997 Aug 5,10,19,24"),
    ("FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=SU", "19970805", "1997 Aug 5,17,19,31"),
    ("FREQ=MONTHLY;BYMONTHDAY=15,30;COUNT=5", "20070115", "2007 Jan 15,30; Feb 15; Mar 15,30"),
]


@pytest.mark.parametrize(("rule", "start", "expected"), EXAMPLES)
def test_an_example_of_the_rfc_gives_the_dates_it_prints(rule: str, start: str, expected: str) -> None:
    days = written_out(expected)
    assert days_of(rule, f"{start}T090000", days) == days


def test_every_friday_the_13th_with_the_first_day_taken_out() -> None:
    days = written_out("1998 Feb 13; Mar 13; Nov 13. 1999 Aug 13. 2000 Oct 13")
    exdate = "EXDATE;TZID=America/New_York:19970902T090000"
    assert days_of("FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13", "19970902T090000", days, exdate) == days


EVERY_20_MINUTES = "".join(f"{hour:02}{minute:02} " for hour in range(9, 17) for minute in (0, 20, 40))
TIMES = [
    ("FREQ=HOURLY;INTERVAL=3;UNTIL=19970902T190000Z", "0900 1200 1500"),  # 15:00 in New York, as the RFC's errata have it
    ("FREQ=MINUTELY;INTERVAL=90;COUNT=4", "0900 1030 1200 1330"),
    ("FREQ=DAILY;BYHOUR=9,10,11,12,13,14,15,16;BYMINUTE=0,20,40", EVERY_20_MINUTES),
]


@pytest.mark.parametrize(("rule", "expected"), TIMES)
def test_an_example_of_the_rfc_gives_the_times_it_prints(rule: str, expected: str) -> None:
    reading = read(rule, "19970902T090000", days=1)
    assert reading.problems == ()
    assert [f"{o.start.astimezone(NEW_YORK):%H%M}" for o in reading.occurrences] == expected.split()


# --- where libraries err ----------------------------------------------------------------------------------------------

ERRED_ON = [
    # BYWEEKNO without BYDAY: the weekday is that of DTSTART
    ("FREQ=YEARLY;BYWEEKNO=20;COUNT=3", "19970513", "1997 May 13. 1998 May 12. 1999 May 18"),
    ("FREQ=YEARLY;BYWEEKNO=1;COUNT=3", "20241230", "2024 Dec 30. 2025 Dec 29. 2027 Jan 4"),
    ("FREQ=YEARLY;BYWEEKNO=53;COUNT=3", "20201230", "2020 Dec 30. 2026 Dec 30. 2032 Dec 29"),
    ("FREQ=YEARLY;BYWEEKNO=-1;COUNT=3", "20201230", "2020 Dec 30. 2021 Dec 29. 2022 Dec 28"),
    ("FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO;WKST=SU;COUNT=3", "19970512", "1997 May 12. 1998 May 18. 1999 May 17"),
    # BYWEEKNO with INTERVAL: years are those that weeks are counted in
    ("FREQ=YEARLY;BYWEEKNO=1;BYDAY=MO,TU;INTERVAL=3;COUNT=5", "20241231", "2024 Dec 31. 2028 Jan 3,4. 2030 Dec 30,31"),
    ("FREQ=YEARLY;BYWEEKNO=53;BYDAY=TU,SA;INTERVAL=6;UNTIL=20170101T000000Z", "20100102", "2010 Jan 2. 2015 Dec 29. 2016 Jan 2"),
    ("FREQ=YEARLY;BYWEEKNO=53;BYDAY=TU,SA;INTERVAL=5;UNTIL=20170101T000000Z", "20100102", "2010 Jan 2"),
    ("FREQ=YEARLY;BYWEEKNO=10;INTERVAL=2;COUNT=3", "20260304", "2026 Mar 4. 2028 Mar 8. 2030 Mar 6"),
    # BYWEEKNO reaches into the years beside, and BYMONTH limits it
    ("FREQ=YEARLY;BYWEEKNO=1;BYDAY=MO;COUNT=3", "20240101", "2024 Jan 1; Dec 30. 2025 Dec 29"),
    ("FREQ=YEARLY;BYWEEKNO=1;BYMONTH=12;BYDAY=MO;COUNT=2", "20241230", "2024 Dec 30. 2025 Dec 29"),
    # WEEKLY with BYSETPOS
    ("FREQ=WEEKLY;COUNT=4;BYDAY=MO,WE,FR;BYSETPOS=-1", "19970905", "1997 Sep 5,12,19,26"),
    ("FREQ=WEEKLY;COUNT=4;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=1,-1", "20260601", "2026 Jun 1,5,8,12"),
    ("FREQ=WEEKLY;INTERVAL=2;COUNT=3;BYDAY=SU,MO;BYSETPOS=1;WKST=SU", "20260607", "2026 Jun 7,21; Jul 5"),
    # YEARLY with BYMONTHDAY alone: in the month of DTSTART
    ("FREQ=YEARLY;BYMONTHDAY=25;COUNT=2", "20201225", "2020 Dec 25. 2021 Dec 25"),
    ("FREQ=YEARLY;BYMONTHDAY=29;COUNT=3", "20240229", "2024 Feb 29. 2028 Feb 29. 2032 Feb 29"),
    ("FREQ=YEARLY;BYMONTHDAY=-1;COUNT=3", "20240229", "2024 Feb 29. 2025 Feb 28. 2026 Feb 28"),
    # numbered and plain weekdays together: either
    ("FREQ=MONTHLY;COUNT=6;BYDAY=MO,-1SU", "20260601", "2026 Jun 1,8,15,22,28,29"),
    # BYDAY numbers count within the month where BYMONTH is given, else within the year
    ("FREQ=YEARLY;BYMONTH=1;BYDAY=-1MO;COUNT=3", "20260126", "2026 Jan 26. 2027 Jan 25. 2028 Jan 31"),
    ("FREQ=YEARLY;BYMONTH=3,10;BYDAY=-1SU;COUNT=4", "20260329", "2026 Mar 29; Oct 25. 2027 Mar 28; Oct 31"),
    ("FREQ=YEARLY;BYDAY=-1MO;COUNT=3", "20261228", "2026 Dec 28. 2027 Dec 27. 2028 Dec 25"),
    ("FREQ=YEARLY;BYDAY=53TH;COUNT=2", "20261231", "2026 Dec 31. 2032 Dec 30"),
    ("FREQ=MONTHLY;BYDAY=5WE;COUNT=3", "20260429", "2026 Apr 29; Jul 29; Sep 30"),
    # BYYEARDAY from the end, and limited by others
    ("FREQ=YEARLY;BYYEARDAY=1,-1;COUNT=4", "20270101", "2027 Jan 1; Dec 31. 2028 Jan 1; Dec 31"),
    ("FREQ=YEARLY;BYYEARDAY=-366;COUNT=2", "20240101", "2024 Jan 1. 2028 Jan 1"),
    ("FREQ=YEARLY;BYYEARDAY=366,-307;COUNT=3", "20240229", "2024 Feb 29; Dec 31. 2025 Feb 28"),
    (f"FREQ=YEARLY;BYYEARDAY={joined(range(-281, -274))};BYDAY=FR;COUNT=3", "20060331", "2006 Mar 31. 2007 Mar 30. 2008 Mar 28"),
    ("FREQ=YEARLY;BYYEARDAY=60;BYMONTH=2;COUNT=2", "20240229", "2024 Feb 29. 2028 Feb 29"),
    # days that are not in every period are left out, not moved
    ("FREQ=MONTHLY;COUNT=4", "20070131", "2007 Jan 31; Mar 31; May 31; Jul 31"),
    ("FREQ=YEARLY;COUNT=3", "20240229", "2024 Feb 29. 2028 Feb 29. 2032 Feb 29"),
    ("FREQ=MONTHLY;BYMONTHDAY=31;BYSETPOS=1;COUNT=3", "20260131", "2026 Jan 31; Mar 31; May 31"),
    # limits of a daily rule
    ("FREQ=DAILY;BYMONTH=1;BYMONTHDAY=-1;COUNT=2", "19970131", "1997 Jan 31. 1998 Jan 31"),
    ("FREQ=DAILY;INTERVAL=3;BYMONTHDAY=-1,1;COUNT=4", "20260101", "2026 Jan 1,31; Apr 1; May 1"),
    # as some programs write them
    ("FREQ=WEEKLY;INTERVAL=1;COUNT=2;BYDAY=MO;", "20141006", "2014 Oct 6,13"),
    ("freq=weekly;count=2;byday=mo", "20141006", "2014 Oct 6,13"),
    ("FREQ=WEEKLY;COUNT=2;BYDAY=+0MO", "20141006", "2014 Oct 6,13"),
    ("BYDAY=MO;COUNT=2;FREQ=WEEKLY", "20141006", "2014 Oct 6,13"),
    ("FREQ=MONTHLY;BYDAY=+1MO;COUNT=2", "20141006", "2014 Oct 6; Nov 3"),
    ("FREQ=WEEKLY;COUNT=-1;UNTIL=20141015T000000Z", "20141006", "2014 Oct 6,13"),
    ("FREQ=MINUTELY;INTERVAL=1440;COUNT=2", "20141006", "2014 Oct 6,7"),
    ("FREQ=HOURLY;INTERVAL=24;COUNT=2", "20141006", "2014 Oct 6,7"),
]  # fmt: skip


@pytest.mark.parametrize("start", ["{}T090000", "{}T233000"])
@pytest.mark.parametrize(("rule", "day", "expected"), ERRED_ON)
def test_a_rule_that_libraries_err_on_gives_the_right_days(rule: str, day: str, expected: str, start: str) -> None:
    days = written_out(expected)
    found = days_of(rule, start.format(day), days)
    assert found[found[0] < days[0] :] == days  # DTSTART is shown even where the rule does not give it


OF_DAYS = [case for case in ERRED_ON if "HOURLY" not in case[0] and "MINUTELY" not in case[0]]


@pytest.mark.parametrize(("rule", "day", "expected"), OF_DAYS)
def test_a_series_of_dates_follows_the_same_rule(rule: str, day: str, expected: str) -> None:
    days = written_out(expected)
    found = days_of(rule.replace("T000000Z", ""), day, days)
    assert found[found[0] < days[0] :] == days


@pytest.mark.parametrize("freq", ["HOURLY;INTERVAL=24", "MINUTELY;INTERVAL=60"])
def test_whole_days_that_repeat_by_the_clock_are_not_followed(freq: str) -> None:
    assert "whole days and repeats" in read(f"FREQ={freq}", "20260601").problems[0].because


@pytest.mark.parametrize("part", ["BYMINUTE=15,45", "BYHOUR=9", "BYSECOND=30"])
def test_times_of_day_mean_nothing_to_a_series_of_dates(part: str) -> None:
    days = written_out("2026 Jun 1,8")
    assert days_of(f"FREQ=WEEKLY;COUNT=2;{part}", "20260601", days) == days


# --- what is not followed ---------------------------------------------------------------------------------------------

NOT_FOLLOWED = [
    ("FREQ=MINUTELY;INTERVAL=15;COUNT=6", "finer than an hour"),  # the three of the RFC's examples that no meeting has
    ("FREQ=MINUTELY;INTERVAL=20;BYHOUR=9,10,11,12,13,14,15,16", "finer than an hour"),
    ("FREQ=MINUTELY", "finer than an hour"),
    ("FREQ=SECONDLY", "finer than an hour"),
    ("FREQ=SECONDLY;INTERVAL=5;COUNT=3", "finer than an hour"),
    ("FREQ=HOURLY;BYMINUTE=0,10,20,30,40,50", "quarter of an hour"),
    ("FREQ=DAILY;BYHOUR=1,2,3,4,5;BYMINUTE=" + joined(range(60)), "quarter of an hour"),
    ("FREQ=DAILY;BYSECOND=" + joined(range(60)) + ";BYMINUTE=0,1", "quarter of an hour"),
    ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "never comes"),
    ("FREQ=YEARLY;BYMONTH=4,6;BYMONTHDAY=31,-31", "never comes"),
    ("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30,31", "never comes"),
    ("FREQ=MONTHLY;BYMONTH=9;BYMONTHDAY=31;BYDAY=MO", "never comes"),
    ("FREQ=YEARLY;BYYEARDAY=366;BYMONTH=1", "never comes"),
    ("FREQ=YEARLY;BYYEARDAY=1;BYMONTHDAY=2", "never comes"),
    ("FREQ=DAILY;BYDAY=1MO", "does not go together"),
    ("FREQ=WEEKLY;BYDAY=2MO", "does not go together"),
    ("FREQ=MONTHLY;BYWEEKNO=20", "does not go together"),
    ("FREQ=YEARLY;BYWEEKNO=20;BYDAY=2MO", "does not go together"),
    ("FREQ=DAILY;BYYEARDAY=1", "does not go together"),
    ("FREQ=WEEKLY;BYMONTHDAY=13", "does not go together"),
    ("FREQ=MONTHLY;BYSETPOS=1", "does not go together"),
    ("FREQ=YEARLY;RSCALE=CHINESE", "not known"),
    ("FREQ=MONTHLY;SKIP=BACKWARD;RSCALE=GREGORIAN;BYMONTHDAY=31", "not known"),
    ("FREQ=WEEKLY;UNTL=20261201", "not known"),
    ("FREQ=FORTNIGHTLY", "frequency"),
    ("INTERVAL=2", "frequency"),
    ("FREQ=WEEKLY;BYDAY=MOON", "cannot be read"),
    ("FREQ=WEEKLY;BYDAY=0XX", "cannot be read"),
    ("FREQ=WEEKLY;INTERVAL=0", "cannot be read"),
    ("FREQ=WEEKLY;COUNT=0", "cannot be read"),
    ("FREQ=WEEKLY;FREQ=DAILY", "cannot be read"),
    ("FREQ=MONTHLY;BYMONTHDAY=32", "out of range"),
    ("FREQ=YEARLY;BYMONTH=13", "out of range"),
    ("FREQ=MONTHLY;BYDAY=54MO", "out of range"),
    ("FREQ=DAILY;UNTIL=20260230", "no date"),
]


@pytest.mark.parametrize(("rule", "because"), NOT_FOLLOWED)
@pytest.mark.parametrize("start", ["20260601T090000", "20260601"])
def test_a_rule_that_cannot_be_followed_is_named_at_once(rule: str, because: str, start: str) -> None:
    before = time.process_time()
    reading = read(rule, start)
    assert time.process_time() - before < 2
    assert [because in problem.because for problem in reading.problems] == [True]
    assert reading.problems[0].where == "work: “x” (1)"
    assert {o.start.astimezone(NEW_YORK).date() for o in reading.occurrences} <= {date(2026, 6, 1)}


SLOW = {
    "a day that never comes, looked for since the year 50": ("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30;COUNT=3", "00500101T090000"),
    "a weekday that its interval never meets": ("FREQ=DAILY;INTERVAL=7;BYDAY=SU;COUNT=9", "00500101T090000"),
    "hours counted since 1900": ("FREQ=HOURLY;COUNT=999999999", "19000101T090000"),
    "a position that no year has": (
        "FREQ=YEARLY;BYYEARDAY=" + joined(range(1, 366)) + ";BYSETPOS=366;COUNT=3000",
        "00500101T090000",
    ),
    "a leap day on a fifth Monday of an odd year": ("FREQ=YEARLY;INTERVAL=2;BYMONTH=2;BYMONTHDAY=29;COUNT=5", "20250301T090000"),
}


@pytest.mark.parametrize("what", SLOW)
def test_a_rule_that_would_take_long_is_given_up_soon(what: str) -> None:
    rule, start = SLOW[what]
    text = f"BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\nDTSTART:{start}\nRRULE:{rule}\nEND:VEVENT\nEND:VCALENDAR\n"
    before = time.process_time()
    horizon = Interval(datetime(2026, 9, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC))
    reading = read_calendar(text.encode(), "work", "mine", horizon, "Europe/Berlin")
    assert time.process_time() - before < 2
    assert reading.occurrences == ()
