"""Who stands in over a stretch of time when not everybody is there for all of it: one after the other, and the stretches that
nobody could take. Knows neither meetings nor duties."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from msgspec import Struct

from rules.interval import Interval
from rules.policy import Person


class Share(Struct, frozen=True):
    """`person` has it over `span`; None: nobody has."""

    person: Person | None
    span: Interval


def relay(whole: Interval, ranked: Sequence[Person], away: Mapping[str, Sequence[Interval]]) -> tuple[Share, ...]:
    """At each moment the first of `ranked` who is there; touching shares of one person are one. They fill `whole`, in order.
    `away` maps person ids to when they are away."""
    shares: list[Share] = []
    at = whole.start
    while at < whole.end:
        until = min([whole.end, *(moment for moment in _changes(ranked, away) if moment > at)])
        there = next((person for person in ranked if not _is_away(person, at, away)), None)
        if shares and shares[-1].person == there:
            shares[-1] = Share(there, Interval(shares[-1].span.start, until))
        else:
            shares.append(Share(there, Interval(at, until)))
        at = until
    return tuple(shares)


def there_throughout(person: Person, whole: Interval, away: Mapping[str, Sequence[Interval]]) -> bool:
    return not any(busy.overlaps(whole) for busy in away.get(person.id, ()))


def _is_away(person: Person, moment: datetime, away: Mapping[str, Sequence[Interval]]) -> bool:
    return any(moment in busy for busy in away.get(person.id, ()))


def _changes(ranked: Sequence[Person], away: Mapping[str, Sequence[Interval]]) -> Iterable[datetime]:
    return (moment for person in ranked for busy in away.get(person.id, ()) for moment in (busy.start, busy.end))
