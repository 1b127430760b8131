"""Half-open spans of time between two aware instants. Everything that has a beginning and an end is one of these."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from msgspec import Struct

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def require_aware(moment: datetime, what: str) -> None:
    """Refuse a naive datetime: ValueError naming `what`."""
    if moment.tzinfo is not UTC and moment.utcoffset() is None:
        raise ValueError(f"{what} has no time zone: {moment.isoformat()}")


def instant(moment: datetime) -> timedelta:
    """Time since 1970 in UTC: what two moments are compared by. Python itself compares two moments of one zone by their wall
    times, which is wrong across a change of the clocks (PEP 495); a difference from another zone is one of instants. Never
    overflows."""
    return moment - _EPOCH


class Interval(Struct, frozen=True, eq=False):
    """[start, end) of aware datetimes; ValueError when naive or when end lies before start. Compared and measured by instant,
    whatever the zones; `start` and `end` stay as they were given."""

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        require_aware(self.start, "start")
        require_aware(self.end, "end")
        if self._until < self._from:
            raise ValueError(f"ends ({self.end.isoformat()}) before it starts ({self.start.isoformat()})")

    @property
    def _from(self) -> timedelta:
        return self.start - _EPOCH

    @property
    def _until(self) -> timedelta:
        return self.end - _EPOCH

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Interval):
            return NotImplemented
        return self._from == other._from and self._until == other._until

    def __ne__(self, other: object) -> bool:
        # A Struct without its own equality brings a `!=` by identity, which Python does not derive from `==`.
        return not self == other

    def __hash__(self) -> int:
        return hash((self._from, self._until))

    @property
    def length(self) -> timedelta:
        return self._until - self._from

    def __contains__(self, moment: datetime) -> bool:
        return self._from <= instant(moment) < self._until

    def overlaps(self, other: Interval) -> bool:
        return self._from < other._until and other._from < self._until

    def covers(self, other: Interval) -> bool:
        return self._from <= other._from and other._until <= self._until

    def widened(self, before: timedelta, after: timedelta) -> Interval:
        """By real hours, also where the clocks change in between."""
        return Interval(_shifted(self.start, -before), _shifted(self.end, after))

    def intersection(self, other: Interval) -> Interval | None:
        """The common part, or None where it is empty."""
        start, end = max(self.start, other.start, key=instant), min(self.end, other.end, key=instant)
        return Interval(start, end) if instant(start) < instant(end) else None


def _shifted(moment: datetime, by: timedelta) -> datetime:
    return (moment.astimezone(UTC) + by).astimezone(moment.tzinfo)


def union(spans: Iterable[Interval]) -> tuple[Interval, ...]:
    """The same instants as disjoint, sorted spans; touching ones are joined."""
    joined: list[Interval] = []
    for span in sorted(spans, key=lambda s: (instant(s.start), instant(s.end))):
        if joined and instant(span.start) <= instant(joined[-1].end):
            joined[-1] = Interval(joined[-1].start, max(joined[-1].end, span.end, key=instant))
        else:
            joined.append(span)
    return tuple(joined)


def subtract(whole: Interval, busy: Iterable[Interval]) -> tuple[Interval, ...]:
    """What is left of `whole` without any instant of `busy`: disjoint, sorted. An empty span takes nothing away."""
    free: list[Interval] = []
    at = whole.start
    for span in union(busy):
        if not span.length or not span.overlaps(whole):
            continue
        if instant(span.start) > instant(at):
            free.append(Interval(at, span.start))
        at = max(at, span.end, key=instant)
    if instant(at) < instant(whole.end):
        free.append(Interval(at, whole.end))
    return tuple(free)
