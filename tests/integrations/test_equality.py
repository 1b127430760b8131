"""Occurrence by occurrence the same as recurring-ical-events reads, on a generated busy calendar and on generated series. Left
out are the kinds on which it or dateutil beneath it errs (each is named here, and has its expectations by hand in
test_rrule_table and test_recurrence), and two decisions: an occurrence that has both an EXDATE and an override is kept, and so is
an override beyond the end of its series."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
import pytest
import recurring_ical_events
from hypothesis import given, seed, settings
from hypothesis import strategies as st

from integrations.occurrences import read_calendar
from rules.interval import Interval

HOME = ZoneInfo("Europe/Berlin")
Time = date | datetime


@dataclass(frozen=True, order=True)
class Row:
    """One occurrence, as both sides can tell it."""

    uid: str
    recurrence_id: str
    start: datetime
    end: datetime
    summary: str
    sequence: int


def ours(data: bytes, horizon: Interval) -> list[Row]:
    reading = read_calendar(data, "work", "mine", horizon, HOME.key)
    assert all("never comes" in problem.because for problem in reading.problems)
    return sorted(
        Row(o.key.uid, o.key.recurrence_id, o.start.astimezone(UTC), o.end.astimezone(UTC), o.summary, o.sequence)
        for o in reading.occurrences
    )


# --- the other side ---------------------------------------------------------------------------------------------------


def instant(moment: Time) -> datetime:
    """Dates and floating times are in the home zone."""
    if not isinstance(moment, datetime):
        moment = datetime.combine(moment, time(), HOME)
    return (moment if moment.tzinfo else moment.replace(tzinfo=HOME)).astimezone(UTC)


def name_of(moment: Time) -> str:
    """What RECURRENCE-ID says, in one form."""
    if not isinstance(moment, datetime):
        return f"{moment:%Y%m%d}"
    return f"{moment:%Y%m%dT%H%M%S}" if moment.tzinfo is None else f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def listed(component: icalendar.Component, name: str) -> list[Any]:
    found = component.get(name, [])
    return found if isinstance(found, list) else [found]


class Theirs:
    """A calendar, read once, asked for several horizons. EXDATEs that an override answers are taken out beforehand: the first of
    the two decisions (they keep overrides beyond the end of a series, too)."""

    def __init__(self, data: bytes) -> None:
        calendar = icalendar.Calendar.from_ical(data)
        assert isinstance(calendar, icalendar.Calendar)
        self.masters: dict[str, icalendar.Component] = {}
        self.sequences: dict[tuple[str, str], int] = {}
        for event in calendar.walk("VEVENT"):
            named = name_of(event["RECURRENCE-ID"].dt) if "RECURRENCE-ID" in event else ""
            self.sequences[event["UID"], named] = int(event.get("SEQUENCE", 0))
            if not named:
                self.masters[event["UID"]] = event
        for uid, master in self.masters.items():
            self._keep_overridden(uid, master)
        self.query = recurring_ical_events.of(calendar, keep_recurrence_attributes=True)

    def _keep_overridden(self, uid: str, master: icalendar.Component) -> None:
        dates = [one.dt for line in listed(master, "EXDATE") for one in line.dts]
        kept = [moment for moment in dates if (uid, name_of(moment)) not in self.sequences]
        if len(kept) < len(dates):
            master.pop("EXDATE")
            if kept:
                master.add("EXDATE", kept)

    def rows(self, horizon: Interval) -> list[Row]:
        span = horizon.start.astimezone(HOME), horizon.end.astimezone(HOME)
        return sorted(map(self._row, self.query.between(*span)))

    def _row(self, event: icalendar.Component) -> Row:
        """SEQUENCE is that of the component as written: they give all of a series the highest."""
        uid, named = str(event["UID"]), name_of(event["RECURRENCE-ID"].dt)
        start, end = instant(event["DTSTART"].dt), instant(event["DTEND"].dt)
        master = self.masters.get(uid)
        overridden = (uid, named) in self.sequences
        sequence = self.sequences[uid, named if overridden else ""]
        if master is not None and not overridden:
            end = self._exact_end(master, event, end)
            named = named if "RRULE" in master or "RDATE" in master else ""
        return Row(uid, named, start, end, str(event.get("SUMMARY", "")), sequence)

    def _exact_end(self, master: icalendar.Component, event: icalendar.Component, end: datetime) -> datetime:
        """What is written as DTEND, or as hours, is an exact length (RFC 5545 3.3.6, 3.8.5.3). They move its wall time, which is
        something else where the clocks change within an occurrence."""
        first, start = master["DTSTART"].dt, event["DTSTART"].dt
        if not isinstance(first, datetime) or self._has_own_length(master, event):
            return end
        if "DTEND" in master:
            return instant(start) + (instant(master["DTEND"].dt) - instant(first))
        whole, rest = divmod(master["DURATION"].dt, timedelta(days=1))
        return instant(start + timedelta(days=whole)) + rest

    def _has_own_length(self, master: icalendar.Component, event: icalendar.Component) -> bool:
        periods = [one.dt for line in listed(master, "RDATE") for one in line.dts if isinstance(one.dt, tuple)]
        return any(instant(period[0]) == instant(event["DTSTART"].dt) for period in periods)


def days(first: date, count: int) -> Interval:
    start = datetime.combine(first, time(), HOME)
    return Interval(start, datetime.combine(first + timedelta(days=count), time(), HOME))


# --- a busy calendar --------------------------------------------------------------------------------------------------


def generator() -> ModuleType:
    path = Path(__file__).parents[2] / "benchmarks" / "generate.py"
    spec = importlib.util.spec_from_file_location("benchmark_calendars", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look themselves up there
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def busy() -> bytes:
    made = generator()
    entries = list(made.Generator(3000, 7).entries())
    components = "".join(component for entry in entries for component in entry.components)
    return bytes(made.wrapped("".join(map(made.vtimezone, made.ZONES)), components).encode())


HORIZONS = [  # changes of the clocks on both sides of the ocean, a leap day, the turn of a year, before and after everything
    days(date(2026, 7, 18), 135),
    days(date(2021, 3, 1), 45),
    days(date(2022, 10, 28), 12),
    days(date(2020, 2, 25), 10),
    days(date(2023, 12, 20), 30),
    days(date(2024, 5, 7), 1),
    days(date(2016, 1, 1), 200),
    days(date(2031, 1, 1), 365),
]


@pytest.mark.slow
def test_a_busy_calendar_reads_the_same(busy: bytes) -> None:
    theirs = Theirs(busy)
    rows = 0
    for horizon in HORIZONS:
        found = ours(busy, horizon)
        assert found == theirs.rows(horizon)
        rows += len(found)
    assert rows > 2000


# --- generated series -------------------------------------------------------------------------------------------------


def joined(values: Sequence[object]) -> str:
    return ",".join(map(str, values))


def some(values: st.SearchStrategy[Any], most: int = 3) -> st.SearchStrategy[str]:
    return st.lists(values, min_size=1, max_size=most, unique=True).map(joined)


NAMES = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]
WEEKDAYS = some(st.sampled_from(NAMES))
NUMBERED = some(st.builds("{}{}".format, st.sampled_from([1, 2, 3, 4, 5, -1, -2, -5]), st.sampled_from(NAMES)))
NUMBERED_IN_YEAR = some(st.builds("{}{}".format, st.integers(-53, 53).filter(bool), st.sampled_from(NAMES)))
MONTH_DAYS = some(st.integers(-31, 31).filter(bool))
MONTHS = some(st.integers(1, 12), 4)
YEAR_DAYS = some(st.integers(-366, 366).filter(bool), 5)
POSITIONS = some(st.integers(-4, 4).filter(bool), 2)


def rules(freq: str, must: dict[str, st.SearchStrategy[str]], may: dict[str, st.SearchStrategy[str]]) -> st.SearchStrategy[str]:
    common = {"INTERVAL": st.integers(1, 6).map(str), "WKST": st.sampled_from(["MO", "SU", "WE"])}
    chosen = st.fixed_dictionaries(must, optional={**common, **may})
    return chosen.map(lambda parts: ";".join([f"FREQ={freq}", *(f"{name}={value}" for name, value in parts.items())]))


# What dateutil is known to get right. It errs on BYWEEKNO, on WEEKLY with BYSETPOS, on YEARLY with BYMONTHDAY but no BYMONTH, and
# where BYDAY has weekdays with and without a number (it wants both to hold).
RULES = st.one_of(
    rules("DAILY", {}, {"BYDAY": WEEKDAYS, "BYMONTH": MONTHS, "BYMONTHDAY": MONTH_DAYS}),
    rules("WEEKLY", {}, {"BYDAY": WEEKDAYS, "BYMONTH": MONTHS}),
    rules("MONTHLY", {}, {"BYMONTH": MONTHS}),
    rules("MONTHLY", {"BYDAY": WEEKDAYS | NUMBERED}, {"BYMONTH": MONTHS, "BYMONTHDAY": MONTH_DAYS, "BYSETPOS": POSITIONS}),
    rules("MONTHLY", {"BYMONTHDAY": MONTH_DAYS}, {"BYMONTH": MONTHS, "BYSETPOS": POSITIONS}),
    rules("YEARLY", {}, {"BYMONTH": MONTHS}),
    rules("YEARLY", {"BYMONTH": MONTHS, "BYMONTHDAY": MONTH_DAYS}, {"BYDAY": WEEKDAYS, "BYSETPOS": POSITIONS}),
    rules("YEARLY", {"BYMONTH": MONTHS, "BYDAY": WEEKDAYS | NUMBERED}, {"BYSETPOS": POSITIONS}),
    rules("YEARLY", {"BYDAY": WEEKDAYS | NUMBERED_IN_YEAR}, {"BYSETPOS": POSITIONS}),
    rules("YEARLY", {"BYYEARDAY": YEAR_DAYS}, {"BYDAY": WEEKDAYS, "BYMONTH": MONTHS, "BYSETPOS": POSITIONS}),
)
ZONES = ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata"]


@dataclass(frozen=True)
class Clock:
    """How a series writes its moments: `zone` None is floating, "" UTC; `dates` are whole days."""

    zone: str | None
    dates: bool = False

    def line(self, name: str, *moments: datetime) -> str:
        if self.dates:
            return f"{name};VALUE=DATE:" + joined([f"{m:%Y%m%d}" for m in moments])
        parameter, suffix = (f";TZID={self.zone}" if self.zone else ""), ("Z" if self.zone == "" else "")
        return f"{name}{parameter}:" + joined([f"{m:%Y%m%dT%H%M%S}{suffix}" for m in moments])

    def until(self, moment: datetime) -> str:
        """As the RFC wants it: a date for dates, floating for floating, else UTC."""
        if self.dates:
            return f"{moment:%Y%m%d}"
        if self.zone is None:
            return f"{moment:%Y%m%dT%H%M%S}"
        return f"{moment.replace(tzinfo=ZoneInfo(self.zone or 'UTC')).astimezone(UTC):%Y%m%dT%H%M%SZ}"


CLOCKS = st.sampled_from([*map(Clock, [*ZONES, "", None]), Clock(None, dates=True)])
STARTS = st.builds(
    datetime.combine,
    st.dates(date(1999, 1, 1), date(2026, 12, 31)),
    st.builds(time, st.integers(0, 23), st.sampled_from([0, 30])),
)
HOURS = st.integers(0, 60).map(lambda n: timedelta(hours=n / 2))


@st.composite
def series(draw: st.DrawFn) -> tuple[str, datetime]:
    """(the components of one UID, its first day)."""
    clock, start = draw(CLOCKS), draw(STARTS)
    length = timedelta(days=draw(st.integers(1, 3))) if clock.dates else draw(HOURS)
    near = st.integers(0, 60).map(lambda n: start + timedelta(days=n))
    ends = st.sampled_from(["", ";COUNT="]) | st.just(";UNTIL=")
    lines = [clock.line("DTSTART", start), draw(st.sampled_from([clock.line("DTEND", start + length), _duration(length)]))]
    for rule in draw(st.lists(RULES, max_size=2)):
        end = draw(ends)
        last = {"": "", ";COUNT=": str(draw(st.integers(1, 40)))}.get(end)
        lines.append(f"RRULE:{rule}{end}{clock.until(start + timedelta(draw(st.integers(0, 4000)))) if last is None else last}")
    lines += [clock.line(name, *draw(st.lists(near, min_size=1, max_size=3))) for name in draw(some_of("RDATE", "EXDATE"))]
    masters = [*lines, f"SEQUENCE:{draw(st.integers(0, 3))}", "SUMMARY:as planned"]
    overrides = [
        [
            clock.line("RECURRENCE-ID", moment),
            clock.line("DTSTART", moved := moment + draw(HOURS) * (48 if clock.dates else 1)),
            clock.line("DTEND", moved + length),
            f"SEQUENCE:{draw(st.integers(0, 3))}",
            "SUMMARY:moved",
        ]
        for moment in draw(st.lists(near, max_size=3, unique=True))
    ]
    return "".join(map(_event, [masters, *overrides])), start


def some_of(*names: str) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(names), max_size=2, unique=True)


def _duration(length: timedelta) -> str:
    days, rest = divmod(length, timedelta(days=1))
    return f"DURATION:P{days}D" + (f"T{rest.seconds}S" if rest else "")


def _event(lines: Sequence[str]) -> str:
    return "\r\n".join(("BEGIN:VEVENT", "UID:one", *lines, "END:VEVENT", ""))


def horizons(start: datetime) -> Iterator[Interval]:
    """About the beginning, with both changes of the clocks; and years later."""
    yield days(start.date() - timedelta(days=30), 400)
    yield days(date(2026, 9, 20), 90)
    yield days(date(2027, 3, 20), 40)


def compare(text: str, start: datetime) -> None:
    data = f"BEGIN:VCALENDAR\r\n{text}END:VCALENDAR\r\n".encode()
    theirs = Theirs(data)
    for horizon in horizons(start):
        assert ours(data, horizon) == theirs.rows(horizon)


@pytest.mark.slow
@seed(20261123)
@settings(max_examples=250, deadline=None, database=None)
@given(series())
def test_generated_series_read_the_same(made: tuple[str, datetime]) -> None:
    compare(*made)


@pytest.mark.long
@settings(max_examples=20_000, deadline=None)
@given(series())
def test_many_generated_series_read_the_same(made: tuple[str, datetime]) -> None:
    compare(*made)
