"""Working days, and what wall times mean in instants. Public holidays come in as dates: which they are is not known here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from msgspec import Struct

from rules.interval import Interval, subtract
from rules.policy import Me

_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_LOOK_AHEAD = 60  # days; who has no working day in two months has none
_DAY = timedelta(days=1)


def in_utc(span: Interval) -> Interval:
    """The same span in UTC: sums and differences of times in one and the same zone would count wall hours, not real ones."""
    return Interval(span.start.astimezone(UTC), span.end.astimezone(UTC))


def instant(day: date, at: time, zone: str) -> datetime:
    """The UTC instant of a wall time: in a DST gap the first valid instant after it, in a fold the first of the two."""
    local = datetime.combine(day, at, ZoneInfo(zone))
    earlier, later = local.replace(fold=1).astimezone(UTC), local.astimezone(UTC)
    # Inside a gap, and only there, the reading with the new offset lies before the one with the old offset.
    return later if earlier >= later else _first_valid(earlier, later, ZoneInfo(zone))


def _first_valid(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """The instant in (before, after] at which the offset of the zone changes, to the second."""
    old = before.astimezone(zone).utcoffset()
    while after - before > timedelta(seconds=1):
        middle = before + timedelta(seconds=(after - before) // timedelta(seconds=2))
        if middle.astimezone(zone).utcoffset() == old:
            before = middle
        else:
            after = middle
    return after


def wall_span(day: date, starts: time, ends: time, zone: str) -> Interval:
    """From one wall time to a later one of the same day, as UTC instants."""
    first = instant(day, starts, zone)
    return Interval(first, max(first, instant(day, ends, zone)))


def days_of(span: Interval, zone: str) -> Iterator[date]:
    """The local dates that a span touches, in order."""
    day, last = span.start.astimezone(ZoneInfo(zone)).date(), span.end.astimezone(ZoneInfo(zone)).date()
    while day <= last:
        yield day
        day += _DAY


class Workdays(Struct, frozen=True):
    """Which dates are worked. `weekdays` 0 (Monday) – 6; `holidays` are never worked."""

    weekdays: frozenset[int]
    holidays: frozenset[date] = frozenset()

    @classmethod
    def of(cls, me: Me, holidays: frozenset[date] = frozenset()) -> Workdays:
        return cls(frozenset(_WEEKDAYS.index(day) for day in me.workdays), holidays)

    def works(self, day: date) -> bool:
        return day.weekday() in self.weekdays and day not in self.holidays

    def find_from(self, day: date) -> date | None:
        """The first working day that is `day` or later; None where there is none within two months."""
        ahead = (day + _DAY * n for n in range(_LOOK_AHEAD))
        return next((d for d in ahead if self.works(d)), None)

    def find_before(self, day: date, count: int = 1) -> date | None:
        """The `count`-th working day before `day` (1: the last one); None where two months do not hold as many."""
        behind = [d for n in range(1, _LOOK_AHEAD + 1) if self.works(d := day - _DAY * n)]
        return behind[count - 1] if len(behind) >= count else None


def working_time(day: date, me: Me) -> Interval:
    """The leader's working hours on a date, in the home zone."""
    return wall_span(day, me.work_starts, me.work_ends, me.home_zone)


def worked_in(span: Interval, me: Me, workdays: Workdays) -> bool:
    """Whether any working hour lies in the span."""
    return any(workdays.works(day) and working_time(day, me).overlaps(span) for day in days_of(span, me.home_zone))


def gaps(window: Interval, taken: Iterable[Interval], step: timedelta, zone: str) -> tuple[Interval, ...]:
    """What is free of a window, in UTC, each gap drawn in to whole steps of the wall clock (`step` divides an hour)."""
    drawn_in = (_whole_steps(gap, step, ZoneInfo(zone)) for gap in subtract(in_utc(window), taken))
    return tuple(gap for gap in drawn_in if gap is not None)


def _whole_steps(gap: Interval, step: timedelta, zone: ZoneInfo) -> Interval | None:
    start, end = gap.start + (-_past_the_hour(gap.start, zone)) % step, gap.end - _past_the_hour(gap.end, zone) % step
    return Interval(start, end) if start < end else None


def _past_the_hour(moment: datetime, zone: ZoneInfo) -> timedelta:
    local = moment.astimezone(zone)
    return timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
