"""From evidence to things that happen: copies of one entry become one item, tickets are chained into journeys that close on
reaching home. Which blocks of days join them is decided in `grouping`, what that amounts to in `absence`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Literal

from msgspec import Struct

from rules import place
from rules.interval import Interval
from rules.model import Evidence, EvidenceKind, Leg, OccurrenceKey, Place
from rules.policy import DetectPolicy
from rules.workdays import in_utc

Mode = Literal["flight", "rail", "ferry", "car"]

DAY_STARTS, DAY_ENDS = time(6), time(22)  # of a whole day away
CHECK_IN, CHECK_OUT = time(15), time(11)
LONGEST_LEG: dict[Mode, timedelta] = {  # a longer entry is no movement but a stay, a rental, a pass
    "flight": timedelta(hours=30),  # Singapore–New York is 19 h
    "rail": timedelta(hours=72),
    "ferry": timedelta(hours=96),
    "car": timedelta(hours=24),
}
ONE_DEPARTURE = timedelta(minutes=60)  # two copies of one leg differ at most by this
ONE_NUMBER = timedelta(hours=12)  # a delayed flight keeps its number
ONE_SEAT = timedelta(hours=24)  # twice the same route, never back in between: one of the two is not flown
NEXT_LEG_FROM_THERE = timedelta(days=30)  # longest wait for a leg that starts where the last one ended
NEXT_LEG = timedelta(days=14)  # and for one that starts elsewhere

_MODES: dict[EvidenceKind, Mode] = {
    EvidenceKind.FLIGHT: "flight",
    EvidenceKind.RAIL: "rail",
    EvidenceKind.FERRY: "ferry",
    EvidenceKind.CAR: "car",
}
_NUMBER = re.compile(r"\b([A-Z][A-Z0-9]|[0-9][A-Z])\s?(\d{1,4})\b")


# --- one item per thing that happens ----------------------------------------------------------------------------------


class Item(Struct, frozen=True):
    """One thing that happens, with all its copies (the first is the best). `span` is what it covers, in UTC."""

    copies: tuple[Evidence, ...]
    span: Interval

    @property
    def best(self) -> Evidence:
        return self.copies[0]

    @property
    def kind(self) -> EvidenceKind:
        return self.best.kind


class Ticket(Item, frozen=True):
    """An item that moves the leader."""

    leg: Leg


def content(e: Evidence) -> str:
    """What stays the same when a feed issues new UIDs; the key where the evidence carries no identity."""
    return e.identity or "\x1f".join((e.key.calendar_id, e.key.uid, e.key.recurrence_id))


def order(e: Evidence) -> tuple[datetime, datetime, str, OccurrenceKey]:
    """A total order, earliest first."""
    return (e.span.start.astimezone(UTC), e.span.end.astimezone(UTC), content(e), e.key)


def rank(e: Evidence) -> tuple[bool, float, int, str, OccurrenceKey]:
    """Best first: machines know the times, and a known route is worth more than none."""
    return (not e.machine, -e.confidence, (e.origin is None) + (e.destination is None), content(e), e.key)


def is_leg(e: Evidence) -> bool:
    """A movement with times, not a rental, a rail pass or "we fly on Friday"."""
    mode = _MODES.get(e.kind)
    if mode is None or e.all_day:
        return False
    if mode == "car" and (e.origin is None or e.destination is None):
        return False
    return timedelta(0) < e.span.length <= LONGEST_LEG[mode]


def _numbers(e: Evidence) -> set[str]:
    return {airline + number.lstrip("0") for airline, number in _NUMBER.findall(e.summary)}


def _compatible(one: Place | None, other: Place | None) -> bool:
    return one is None or other is None or place.same_place(one, other)


def same_leg(one: Evidence, other: Evidence) -> bool:
    """Two entries for one movement: no contradiction in the route, and the same time or the same number."""
    if one.kind is not other.kind or not _compatible(one.origin, other.origin):
        return False
    if not _compatible(one.destination, other.destination):
        return False
    apart = abs(one.span.start.astimezone(UTC) - other.span.start.astimezone(UTC))
    if _numbers(one) & _numbers(other):
        return apart <= ONE_NUMBER
    return apart <= ONE_DEPARTURE and one.span.overlaps(other.span)


def same_thing(one: Evidence, other: Evidence) -> bool:
    """Is one entry a copy of the other, in whatever calendar?"""
    if one.identity and one.identity == other.identity:
        return True
    if is_leg(one) and is_leg(other):
        return same_leg(one, other)
    return one.span == other.span and place.folded(one.summary) == place.folded(other.summary)


def clusters(evidence: Sequence[Evidence], alike: Callable[[Evidence, Evidence], bool]) -> list[list[Evidence]]:
    """Connected by `alike`, whatever the order. Only entries that start within half a day of each other are compared."""
    done: list[list[Evidence]] = []
    near: list[list[Evidence]] = []
    for e in sorted(evidence, key=order):
        done += [c for c in near if e.span.start - c[-1].span.start > ONE_NUMBER]
        near = [c for c in near if e.span.start - c[-1].span.start <= ONE_NUMBER]
        like = [c for c in near if any(alike(e, other) for other in c)]
        near = [c for c in near if not any(c is found for found in like)]
        near.append(sorted([*(other for c in like for other in c), e], key=order))
    return sorted(done + near, key=lambda c: order(c[0]))


def covered(e: Evidence, zone: str) -> Interval:
    """What an entry covers, in UTC: its own times; for whole days 06:00–22:00 in the home zone, for lodging check-in to
    check-out, where the last of several days is the one of leaving."""
    if not e.all_day:
        return in_utc(e.span)
    first, last = place.local_date(e.span.start, zone), place.last_date(e.span, zone)
    if e.kind is not EvidenceKind.LODGING:
        return Interval(place.wall(first, DAY_STARTS, zone), place.wall(last, DAY_ENDS, zone))
    there = e.destination.zone if e.destination else zone
    out = max(last, first + timedelta(days=1))
    return Interval(place.wall(first, CHECK_IN, there), place.wall(out, CHECK_OUT, there))


def item(copies: Sequence[Evidence], zone: str) -> Item:
    """All copies of one thing. A ticket has the best copy's times, and each end of the route from the best copy that knows it."""
    ranked = tuple(sorted(copies, key=rank))
    ticketed = [c for c in ranked if is_leg(c)]
    if not ticketed:
        return Item(ranked, covered(ranked[0], zone))
    span = in_utc(ticketed[0].span)
    origin = next((c.origin for c in ticketed if c.origin), None)
    destination = next((c.destination for c in ticketed if c.destination), None)
    return Ticket(ranked, span, Leg(_MODES[ticketed[0].kind], span.start, span.end, origin, destination))


def without_conflicts(tickets: Iterable[Ticket]) -> tuple[list[Ticket], list[Ticket]]:
    """Nobody is on two planes: of legs that overlap the better one stays. Returns (flown, sorted by departure; others)."""
    flown: list[Ticket] = []
    others: list[Ticket] = []
    for ticket in sorted(tickets, key=lambda t: rank(t.best)):
        (others if any(ticket.span.overlaps(f.span) for f in flown) else flown).append(ticket)
    return sorted(flown, key=lambda t: t.span.start), others


# --- journeys ---------------------------------------------------------------------------------------------------------


class Journey(Struct, frozen=True):
    """A chain of at least one ticket, in order. It is closed once home is reached."""

    tickets: tuple[Ticket, ...]
    home: Place

    @property
    def legs(self) -> list[Leg]:
        return [t.leg for t in self.tickets]

    @property
    def bases(self) -> tuple[Place, ...]:
        return place.bases(self.legs, self.home)

    @property
    def closed(self) -> bool:
        return place.is_base(self.tickets[-1].leg.destination, self.bases)

    @property
    def starts_away(self) -> bool:
        """How the leader got there is not known."""
        first = self.tickets[0].leg
        if place.same_place(first.destination, self.home):
            return True
        return first.origin is not None and not place.is_base(first.origin, self.bases)


def _same_seat(one: Leg, other: Leg) -> bool:
    """The same route again within a day and never back in between: booked anew, travelled once."""
    again = place.same_place(one.origin, other.origin) and place.same_place(one.destination, other.destination)
    return again and other.depart - one.depart <= ONE_SEAT


def _goes_on(journey: Journey, leg: Leg, policy: DetectPolicy) -> bool:
    """Does this leg belong to the journey so far? After coming home only if there was no night (03:00) at home."""
    last = journey.legs[-1]
    if journey.closed:
        back, out = last.arrive + place.way_in(last, policy), leg.depart - place.way_out(leg, policy)
        return out <= back or not place.small_hours(Interval(back, out), journey.home.zone)
    if place.is_base(leg.origin, journey.bases):
        return False  # left home again: how they came back is not known
    longest = NEXT_LEG_FROM_THERE if place.same_place(last.destination, leg.origin) else NEXT_LEG
    return leg.depart - last.arrive <= longest


def _better(one: Ticket, other: Ticket) -> tuple[Ticket, Ticket]:
    first, second = sorted((one, other), key=lambda t: (*rank(t.best)[:3], t.span.start))
    return first, second


def journeys(flown: Sequence[Ticket], home: Place, policy: DetectPolicy) -> tuple[list[Journey], list[Ticket]]:
    """Disjoint tickets chained, and those that are no part of any journey (commuting, a seat that was booked twice)."""
    found: list[Journey] = []
    others: list[Ticket] = []
    for ticket in flown:
        last = found[-1] if found else None
        if place.same_place(ticket.leg.origin, home) and place.same_place(ticket.leg.destination, home):
            others.append(ticket)
        elif last and _same_seat(last.legs[-1], ticket.leg):
            keep, drop = _better(last.tickets[-1], ticket)
            found[-1] = Journey((*last.tickets[:-1], keep), home)
            others.append(drop)
        elif last and _goes_on(last, ticket.leg, policy):
            found[-1] = Journey((*last.tickets, ticket), home)
        else:
            found.append(Journey((ticket,), home))
    return found, others
