"""Recurrence rules (RFC 5545 3.3.10) worked out within a span of wall time, with a budget instead of a clock: no rule, however
written, takes long. Rules that cannot be worked out right raise Unreadable; nothing is approximated. Zones are not its business:
everything here is naive wall time."""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime, time, timedelta
from functools import lru_cache

from msgspec import Struct, field
from msgspec.structs import replace

from integrations.icalendar_text import Unreadable

MAX_PER_SERIES = 10_000  # occurrences within one horizon; an hourly rule fills a year with 8,760
_STEPS_PER_SERIES = 120_000
_STEPS_PER_CALENDAR = 500_000  # about a second
_TIMES_PER_DAY = 96  # a quarter of an hour: what repeats more often is no meeting
_LONGEST_LIST = 400
_WEEKDAYS = {"MO": 0, "TU": 1, "WE": 2, "TH": 3, "FR": 4, "SA": 5, "SU": 6}
_BY_DAY = re.compile(r"([+-]?\d{1,2})?(MO|TU|WE|TH|FR|SA|SU)\Z", re.ASCII)
_INTEGER = re.compile(r"[+-]?\d{1,9}\Z", re.ASCII)
_DAY = timedelta(days=1)
_DAYS = tuple(timedelta(days=count) for count in range(7))


class Budget:
    """Steps that a calendar may still cost. One series can use up its share only."""

    def __init__(self, steps: int = _STEPS_PER_CALENDAR) -> None:
        self.left = steps
        self.share = 0

    def begin(self) -> None:
        self.share = _STEPS_PER_SERIES

    def spend(self, steps: int = 1) -> None:
        self.left -= steps
        self.share -= steps
        if self.share < 0:
            raise Unreadable("its recurrence rule takes too long to work out")
        if self.left < 0:
            raise Unreadable("the recurrence rules of this calendar together take too long to work out")


class Rule(Struct, frozen=True):
    """RRULE. `until` is as written: (wall or UTC time, is a date, is UTC). Weekdays count from Monday = 0; `by_day` pairs an
    ordinal (0: every) with a weekday."""

    freq: str
    interval: int = 1
    count: int | None = None
    until: tuple[datetime, bool, bool] | None = None
    week_start: int = 0
    by_month: tuple[int, ...] = ()
    by_week_no: tuple[int, ...] = ()
    by_year_day: tuple[int, ...] = ()
    by_month_day: tuple[int, ...] = ()
    by_day: tuple[tuple[int, int], ...] = ()
    by_hour: tuple[int, ...] = ()
    by_minute: tuple[int, ...] = ()
    by_second: tuple[int, ...] = ()
    by_set_pos: tuple[int, ...] = ()
    weekdays: frozenset[int] = field(default=frozenset())  # those of by_day without an ordinal


# --- reading a rule ---------------------------------------------------------------------------------------------------

_NUMBERS = {
    "BYMONTH": ("by_month", 1, 12),
    "BYWEEKNO": ("by_week_no", -53, 53),
    "BYYEARDAY": ("by_year_day", -366, 366),
    "BYMONTHDAY": ("by_month_day", -31, 31),
    "BYHOUR": ("by_hour", 0, 23),
    "BYMINUTE": ("by_minute", 0, 59),
    "BYSECOND": ("by_second", 0, 59),
    "BYSETPOS": ("by_set_pos", -366, 366),
}


def _numbers(name: str, text: str, lowest: int, highest: int) -> tuple[int, ...]:
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if not parts or len(parts) > _LONGEST_LIST or not all(_INTEGER.match(part) for part in parts):
        raise Unreadable(f"its recurrence rule has {name}={text[:30]}, which cannot be read")
    found = tuple(int(part) for part in parts)
    if any(not lowest <= n <= highest or (n == 0 and lowest < 0) for n in found):
        raise Unreadable(f"its recurrence rule has {name}={text[:30]}, which is out of range")
    return found


def _days(text: str) -> tuple[tuple[int, int], ...]:
    found = [_BY_DAY.match(part.strip()) for part in text.split(",") if part.strip()]
    if not found or len(found) > _LONGEST_LIST or not all(found):
        raise Unreadable(f"its recurrence rule has BYDAY={text[:30]}, which cannot be read")
    days = tuple((int(match[1] or 0), _WEEKDAYS[match[2]]) for match in found if match)
    if any(abs(ordinal) > 53 for ordinal, _ in days):
        raise Unreadable(f"its recurrence rule has BYDAY={text[:30]}, which is out of range")
    return days


def _positive(name: str, text: str) -> int:
    if not _INTEGER.match(text) or int(text) < 1:
        raise Unreadable(f"its recurrence rule has {name}={text[:30]}, which cannot be read")
    return int(text)


_UNTIL = re.compile(r"(\d{4})(\d{2})(\d{2})(?:T(\d{2})(\d{2})(\d{2})(Z?))?\Z", re.ASCII)


def _until(text: str) -> tuple[datetime, bool, bool]:
    found = _UNTIL.match(text)
    try:
        if not found:
            raise ValueError
        numbers = [int(part) for part in found.groups()[:6] if part is not None]
        return datetime(*numbers), found[4] is None, bool(found[7])  # type: ignore[arg-type]  # noqa: DTZ001  wall time
    except ValueError:
        raise Unreadable(f"its recurrence rule ends at UNTIL={text[:30]}, which is no date") from None


def parse_rule(text: str) -> Rule:
    """Unreadable for unknown parts, parts that do not go with the frequency, and rules finer than an hour."""
    parts = _parts(text)
    freq = parts.pop("FREQ", "")
    if freq == "SECONDLY" or (freq == "MINUTELY" and _positive("INTERVAL", parts.get("INTERVAL", "1")) < 60):
        raise Unreadable(f"it repeats {freq.lower()}: rules finer than an hour are not followed")
    if freq not in _PERIODS:
        raise Unreadable(f"its recurrence rule has the frequency “{freq[:20]}”")
    values: dict[str, object] = {}
    for name, value in parts.items():
        _read_part(name, value, values)
    rule = Rule(freq, **values)  # type: ignore[arg-type]
    _check(rule)
    return rule


def _parts(text: str) -> dict[str, str]:
    parts: dict[str, str] = {}
    for part in text.upper().split(";"):
        name, equals, value = part.strip().partition("=")
        if not part.strip():
            continue
        if not equals or name in parts:
            raise Unreadable(f"its recurrence rule has “{part.strip()[:30]}”, which cannot be read")
        parts[name.strip()] = value.strip()
    return parts


def _read_part(name: str, value: str, values: dict[str, object]) -> None:
    if name in _NUMBERS:
        key, lowest, highest = _NUMBERS[name]
        values[key] = _numbers(name, value, lowest, highest)
    elif name == "BYDAY":
        values["by_day"] = days = _days(value)
        values["weekdays"] = frozenset(weekday for ordinal, weekday in days if not ordinal)
    elif (name, value) == ("COUNT", "-1"):
        pass  # some programs write "for ever" like this
    elif name in ("INTERVAL", "COUNT"):
        values[name.lower()] = _positive(name, value)
    elif name == "UNTIL":
        values["until"] = _until(value)
    elif name == "WKST" and value in _WEEKDAYS:
        values["week_start"] = _WEEKDAYS[value]
    elif (name, value) not in (("RSCALE", "GREGORIAN"), ("SKIP", "OMIT")) and not name.startswith("X-"):
        raise Unreadable(f"its recurrence rule has “{name[:20]}={value[:30]}”, which is not known")


def _check(rule: Rule) -> None:
    ordinals = any(ordinal for ordinal, _ in rule.by_day)
    wrong = (
        (ordinals and (rule.freq not in ("MONTHLY", "YEARLY") or rule.by_week_no), "numbered weekdays"),
        (rule.by_week_no and rule.freq != "YEARLY", "BYWEEKNO"),
        (rule.by_year_day and rule.freq in ("DAILY", "WEEKLY", "MONTHLY"), "BYYEARDAY"),
        (rule.by_month_day and rule.freq == "WEEKLY", "BYMONTHDAY"),
        (rule.by_set_pos and not _has_lists(rule), "BYSETPOS alone"),
    )
    for is_wrong, what in wrong:
        if is_wrong:
            raise Unreadable(f"its recurrence rule is {rule.freq} with {what}, which does not go together")
    minutes = 1 if rule.freq == "MINUTELY" else max(1, len(set(rule.by_minute)))
    hours = 24 if rule.freq in _OF_THE_CLOCK else max(1, len(set(rule.by_hour)))
    per_day = hours * minutes * max(1, len(set(rule.by_second)))
    if per_day > _TIMES_PER_DAY:
        raise Unreadable("it repeats more often than every quarter of an hour: such rules are not followed")


@lru_cache(maxsize=256)
def _no_such_day(by_month: tuple[int, ...], by_month_day: tuple[int, ...], by_year_day: tuple[int, ...]) -> bool:
    rule = Rule("DAILY", by_month=by_month, by_month_day=by_month_day, by_year_day=by_year_day)
    years = _dates(date(2023, 1, 1), date(2024, 12, 31))  # a common and a leap one
    return not any(_fits_month(rule, d) and _fits_month_day(rule, d) and _fits_year_day(rule, d) for d in years)


def never_comes(rule: Rule) -> bool:
    """It names days that no year has, such as 30 February: a mistake of whoever wrote it, and to be said."""
    named = (rule.by_month, rule.by_month_day, rule.by_year_day)
    return sum(map(bool, named)) > 1 and _no_such_day(*named)


def _has_lists(rule: Rule) -> bool:
    return bool(
        rule.by_month or rule.by_week_no or rule.by_year_day or rule.by_month_day or rule.by_day
        or rule.by_hour or rule.by_minute or rule.by_second
    )  # fmt: skip


# --- the days of one period -------------------------------------------------------------------------------------------


def _fits_month(rule: Rule, day: date) -> bool:
    return not rule.by_month or day.month in rule.by_month


def _fits_month_day(rule: Rule, day: date) -> bool:
    if not rule.by_month_day:
        return True
    length = _month(day.year, day.month)[1]
    return day.day in rule.by_month_day or day.day - length - 1 in rule.by_month_day


def _year_length(year: int) -> int:
    return 366 if calendar.isleap(year) else 365


def _fits_year_day(rule: Rule, day: date) -> bool:
    if not rule.by_year_day:
        return True
    number = day.timetuple().tm_yday
    return number in rule.by_year_day or number - _year_length(day.year) - 1 in rule.by_year_day


def _fits_weekday(rule: Rule, day: date) -> bool:
    return not rule.by_day or day.weekday() in rule.weekdays


def _weekday_numbers(rule: Rule, first: int, length: int) -> set[int]:
    """BYDAY within a month or a year of `length` days that begins on the weekday `first`: the numbers of the days, from 1."""
    found: set[int] = set()
    for ordinal, weekday in rule.by_day:
        all_of_them = range((weekday - first) % 7 + 1, length + 1, 7)
        if not ordinal:
            found.update(all_of_them)
        elif -len(all_of_them) <= ordinal <= len(all_of_them):
            found.add(all_of_them[ordinal - 1 if ordinal > 0 else ordinal])
    return found


def _from_either_end(numbers: Iterable[int], length: int) -> set[int]:
    """BYMONTHDAY, BYYEARDAY and BYWEEKNO as numbers from 1; those that there are."""
    return {n for n in (n if n > 0 else length + 1 + n for n in numbers) if 1 <= n <= length}


def _dates(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=n) for n in range((last - first).days + 1))


@lru_cache(maxsize=2048)
def _month(year: int, month: int) -> tuple[int, int]:
    """(weekday of its first day, number of days)."""
    return calendar.monthrange(year, month)


def _month_dates(rule: Rule, year: int, month: int, start: date) -> Iterator[date]:
    first, length = _month(year, month)
    if rule.by_month_day:
        numbers = _from_either_end(rule.by_month_day, length)
        if rule.by_day:
            numbers &= _weekday_numbers(rule, first, length)
    elif rule.by_day:
        numbers = _weekday_numbers(rule, first, length)
    else:
        numbers = {start.day} if start.day <= length else set()
    return (date(year, month, number) for number in sorted(numbers))


def _week_one(year: int, week_start: int) -> date:
    """The first day of week 1: the first week with at least four days in the year (RFC 5545, BYWEEKNO)."""
    fourth = date(year, 1, 4)
    return fourth - timedelta(days=(fourth.weekday() - week_start) % 7)


def _week_year(at: datetime, rule: Rule) -> int:
    """The year that the week of `at` is counted in: the last days of December may belong to week 1 of the next."""
    if at.date() >= _week_one(at.year + 1, rule.week_start):
        return at.year + 1
    return at.year if at.date() >= _week_one(at.year, rule.week_start) else at.year - 1


def _week_number_dates(rule: Rule, year: int, start: date) -> Iterator[date]:
    """The weeks of the year `year`, whole: they reach a few days into its neighbours."""
    first, after = _week_one(year, rule.week_start), _week_one(year + 1, rule.week_start)
    weeks = (after - first).days // 7
    wanted = rule.weekdays if rule.by_day else {start.weekday()}
    for number in sorted(_from_either_end(rule.by_week_no, weeks)):
        begin = first + timedelta(weeks=number - 1)
        yield from (day for day in _dates(begin, begin + timedelta(days=6)) if day.weekday() in wanted)


def _year_dates(rule: Rule, year: int, start: date) -> Iterator[date]:
    if rule.by_week_no:
        found = _week_number_dates(rule, year, start)
        return (d for d in found if _fits_month(rule, d) and _fits_month_day(rule, d) and _fits_year_day(rule, d))
    if rule.by_year_day:
        return (d for d in _numbered_dates(rule, year) if _fits_month(rule, d) and _fits_month_day(rule, d))
    if rule.by_month or rule.by_month_day:
        months = sorted(set(rule.by_month)) or (start.month,)  # as libical: `YEARLY;BYMONTHDAY=25` from December is Christmas
        return (day for month in months for day in _month_dates(rule, year, month, start))
    if rule.by_day:
        return _days_of_year(year, _weekday_numbers(rule, date(year, 1, 1).weekday(), _year_length(year)))
    return iter([date(year, start.month, start.day)] if _exists(year, start) else [])


def _days_of_year(year: int, numbers: Iterable[int]) -> Iterator[date]:
    before = date(year, 1, 1).toordinal() - 1
    return (date.fromordinal(before + number) for number in sorted(numbers))


def _numbered_dates(rule: Rule, year: int) -> Iterator[date]:
    """BYYEARDAY, further limited by BYDAY."""
    length = _year_length(year)
    numbers = _from_either_end(rule.by_year_day, length)
    if rule.by_day:
        numbers &= _weekday_numbers(rule, date(year, 1, 1).weekday(), length)
    return _days_of_year(year, numbers)


def _exists(year: int, day: date) -> bool:
    return day.day < 29 or day.day <= _month(year, day.month)[1]


# --- periods ----------------------------------------------------------------------------------------------------------
# A period has a number, so that one far off can be found by arithmetic: years, months, weeks, days, hours or minutes since
# year 0.


def _year_period(rule: Rule, number: int, start: datetime) -> Iterator[date]:
    return _year_dates(rule, number, start.date())


def _month_period(rule: Rule, number: int, start: datetime) -> Iterator[date]:
    year, month = divmod(number, 12)
    if rule.by_month and month + 1 not in rule.by_month:
        return iter(())
    return _month_dates(rule, year, month + 1, start.date())


def _week_period(rule: Rule, number: int, start: datetime) -> Iterator[date]:
    first = date.fromordinal(number * 7 + rule.week_start + 1)
    wanted = rule.weekdays if rule.by_day else {start.weekday()}
    days = [first + _DAYS[(weekday - rule.week_start) % 7] for weekday in wanted]
    return (day for day in sorted(days) if _fits_month(rule, day))


def _day_period(rule: Rule, number: int, start: datetime) -> Iterator[date]:
    day = date.fromordinal(number)
    if _fits_month(rule, day) and _fits_month_day(rule, day) and _fits_weekday(rule, day) and _fits_year_day(rule, day):
        yield day


def _hour_period(rule: Rule, number: int, start: datetime) -> Iterator[date]:
    if not rule.by_hour or number % 24 in rule.by_hour:
        yield from _day_period(rule, number // 24, start)


def _minute_period(rule: Rule, number: int, start: datetime) -> Iterator[date]:
    if not rule.by_minute or number % 60 in rule.by_minute:
        yield from _hour_period(rule, number // 60, start)


_Numbering = Callable[[datetime, Rule], int]
_Dates = Callable[[Rule, int, datetime], Iterator[date]]
_OF_THE_CLOCK = ("HOURLY", "MINUTELY")
_PERIODS: dict[str, tuple[_Numbering, _Dates, int]] = {  # and the last number
    "YEARLY": (lambda at, rule: _week_year(at, rule) if rule.by_week_no else at.year, _year_period, 9990),
    "MONTHLY": (lambda at, rule: at.year * 12 + at.month - 1, _month_period, 9990 * 12),
    "WEEKLY": (lambda at, rule: (at.toordinal() - 1 - rule.week_start) // 7, _week_period, 9990 * 52),
    "DAILY": (lambda at, rule: at.toordinal(), _day_period, 9990 * 365),
    "HOURLY": (lambda at, rule: at.toordinal() * 24 + at.hour, _hour_period, 9990 * 365 * 24),
    "MINUTELY": (lambda at, rule: (at.toordinal() * 24 + at.hour) * 60 + at.minute, _minute_period, 9990 * 365 * 24 * 60),
}


def _cost(rule: Rule) -> int:
    """Steps for looking at one period, in proportion to the days that have to be looked at."""
    if rule.freq == "YEARLY" and (rule.by_week_no or rule.by_year_day or (rule.by_day and not rule.by_month)):
        return 250
    if rule.freq in ("YEARLY", "MONTHLY") and (rule.by_day or rule.by_month_day):
        return 5 * max(1, len(rule.by_month) if rule.freq == "YEARLY" else 1)
    return 1


def _times(rule: Rule, start: datetime, number: int) -> list[time]:
    if rule.freq == "MINUTELY":
        hours, minutes = [number // 60 % 24], [number % 60]
    else:
        hours = [number % 24] if rule.freq == "HOURLY" else sorted(set(rule.by_hour)) or [start.hour]
        minutes = sorted(set(rule.by_minute)) or [start.minute]
    seconds = sorted(set(rule.by_second)) or (start.second,)
    return [time(hour, minute, second) for hour in hours for minute in minutes for second in seconds]


def _positions(found: list[datetime], rule: Rule) -> list[datetime]:
    """Those that BYSETPOS chooses."""
    size = len(found)
    wanted = {n - 1 if n > 0 else size + n for n in rule.by_set_pos}
    return [moment for index, moment in enumerate(found) if index in wanted]


def _steps(rule: Rule, start: datetime, since: datetime, before: datetime) -> Iterable[int]:
    """Numbers of the periods to look at. Without COUNT everything before `since` is leapt over."""
    number_of, _, last = _PERIODS[rule.freq]
    first = number_of(start, rule)
    begin = first
    if rule.count is None and since > start:
        begin = max(begin, first + (number_of(since, rule) - first) // rule.interval * rule.interval - rule.interval)
    end = min(number_of(before, rule) + 1, last)
    return range(begin, end + 1, rule.interval)


def without_times(rule: Rule) -> Rule:
    """For a series of dates: BYHOUR, BYMINUTE and BYSECOND are to be passed over (RFC 5545 3.3.10)."""
    if rule.freq in _OF_THE_CLOCK:
        raise Unreadable(f"it is whole days and repeats {rule.freq.lower()}, which does not go together")
    return replace(rule, by_hour=(), by_minute=(), by_second=())


def rule_times(rule: Rule, start: datetime, since: datetime, before: datetime, budget: Budget) -> Iterator[datetime]:
    """Wall times of the rule from `start` on that lie in [since, before), in order, COUNT being counted from `start`. UNTIL is
    the caller's, who knows the zone. COUNT counts what the rule gives: a `start` that it does not match is an extra one, as
    libical and Google have it (the RFC leaves that case undefined)."""
    _, dates_of, _ = _PERIODS[rule.freq]
    if never_comes(rule):
        return
    counted, cost, most = 0, _cost(rule), rule.count
    times = _times(rule, start, 0)
    for number in _steps(rule, start, since, before):
        if rule.freq in _OF_THE_CLOCK:
            times = _times(rule, start, number)
        found = [datetime.combine(day, at) for day in dates_of(rule, number, start) for at in times]
        if rule.by_set_pos:
            found = _positions(found, rule)
        budget.spend(cost + len(found))
        for moment in found:
            if moment < start:
                continue
            counted += 1
            if (most is not None and counted > most) or moment >= before:
                return
            if moment >= since:
                yield moment
