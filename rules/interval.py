"""Half-open spans of time between two aware instants. Everything that has a beginning and an end is one of these."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta


def require_aware(moment: datetime, what: str) -> None:
    """Refuse a naive datetime: ValueError naming `what`."""
    if moment.tzinfo is None or moment.utcoffset() is None:
        raise ValueError(f"{what} has no time zone: {moment.isoformat()}")


@dataclass(frozen=True, slots=True)
class Interval:
    """[start, end) of aware datetimes; ValueError when naive or when end lies before start. Compared by instant."""

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        require_aware(self.start, "start")
        require_aware(self.end, "end")
        if self.end < self.start:
            raise ValueError(f"ends ({self.end.isoformat()}) before it starts ({self.start.isoformat()})")

    @property
    def length(self) -> timedelta:
        return self.end - self.start

    def __contains__(self, moment: datetime) -> bool:
        return self.start <= moment < self.end

    def overlaps(self, other: Interval) -> bool:
        return self.start < other.end and other.start < self.end

    def covers(self, other: Interval) -> bool:
        return self.start <= other.start and other.end <= self.end

    def widened(self, before: timedelta, after: timedelta) -> Interval:
        return Interval(self.start - before, self.end + after)

    def intersection(self, other: Interval) -> Interval | None:
        """The common part, or None where it is empty."""
        start, end = max(self.start, other.start), min(self.end, other.end)
        return Interval(start, end) if start < end else None


def union(spans: Iterable[Interval]) -> tuple[Interval, ...]:
    """The same instants as disjoint, sorted spans; touching ones are joined."""
    joined: list[Interval] = []
    for span in sorted(spans, key=lambda s: (s.start, s.end)):
        if joined and span.start <= joined[-1].end:
            if span.end > joined[-1].end:
                joined[-1] = Interval(joined[-1].start, span.end)
        else:
            joined.append(span)
    return tuple(joined)


def subtract(whole: Interval, busy: Iterable[Interval]) -> tuple[Interval, ...]:
    """What is left of `whole` without any instant of `busy`: disjoint, sorted."""
    free: list[Interval] = []
    at = whole.start
    for span in union(busy):
        if span.end <= at or span.start >= whole.end:
            continue
        if span.start > at:
            free.append(Interval(at, span.start))
        at = max(at, span.end)
    if at < whole.end:
        free.append(Interval(at, whole.end))
    return tuple(free)
