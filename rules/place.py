"""Where the leader is at each moment of an absence: door-to-door margins, places compared, stays on the ground, nights. It knows
tickets and sites, never titles; whether there is an absence at all is decided in `absence`. Everything is computed in UTC,
because Python subtracts two times of one zone by their wall clocks."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from math import asin, cos, radians, sin, sqrt
from typing import Literal
from zoneinfo import ZoneInfo

from msgspec import Struct

from rules.interval import Interval
from rules.model import Absence, Leg, Place, Stay
from rules.policy import DetectPolicy
from rules.workdays import in_utc

SAME_PLACE_KM = 80.0  # the airports and suburbs of one city lie within it (London-Southend 58), the next city mostly does not
SAME_NAME_KM = 150.0  # two places of one name: Frankfurt-Hahn is Frankfurt, Portland in Maine is not Portland in Oregon
GATEWAY_KM = 250.0  # an airport that people of the region fly from
MIDDLE_OF_THE_NIGHT = time(3)  # whoever is at home then has slept there
NOON = time(12)
LONG_AT_HOME = timedelta(hours=6)  # longer than any way to or from an airport
ON_THE_WAY = timedelta(hours=3)  # around the first departure and the last arrival


# --- clocks -----------------------------------------------------------------------------------------------------------


def wall(day: date, at: time, zone: str) -> datetime:
    """That wall time there, as UTC. In a fold the first one; in a gap the time shifted by the gap (PEP 495)."""
    return datetime.combine(day, at, ZoneInfo(zone)).astimezone(UTC)


def local_date(moment: datetime, zone: str) -> date:
    return moment.astimezone(ZoneInfo(zone)).date()


def last_date(span: Interval, zone: str) -> date:
    """The local date of the last instant inside, so that a midnight end belongs to the day before."""
    last = max(span.start.astimezone(UTC), span.end.astimezone(UTC) - timedelta(microseconds=1))
    return local_date(last, zone)


def dates(span: Interval, zone: str) -> tuple[date, ...]:
    """All local dates that the span touches, at least one."""
    first, last = local_date(span.start, zone), last_date(span, zone)
    return tuple(first + timedelta(days=n) for n in range((last - first).days + 1))


def small_hours(span: Interval, zone: str) -> tuple[datetime, ...]:
    """Every 03:00 of that zone inside the span."""
    moments = (wall(day, MIDDLE_OF_THE_NIGHT, zone) for day in dates(span, zone))
    return tuple(m for m in moments if m in in_utc(span))


def nights(span: Interval, home_zone: str, left: datetime, at_home: Sequence[Interval] = ()) -> int:
    """Home-zone dates after the date of departure `left` whose 03:00 falls inside `span` and outside `at_home`."""
    departed = local_date(left, home_zone)
    away = [m for m in small_hours(span, home_zone) if local_date(m, home_zone) > departed]
    return sum(1 for m in away if not any(m in home for home in at_home))


# --- places -----------------------------------------------------------------------------------------------------------


def folded(text: str) -> str:
    """For comparing only: without case, accents and extra spaces."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return " ".join(plain.casefold().split())


def distance_km(one: Place, other: Place) -> float | None:
    """Great-circle distance, None where a coordinate is missing."""
    if one.latitude is None or one.longitude is None or other.latitude is None or other.longitude is None:
        return None
    north, south = radians(one.latitude), radians(other.latitude)
    lift = sin((south - north) / 2) ** 2
    turn = sin(radians(other.longitude - one.longitude) / 2) ** 2
    return 2 * 6371.0 * asin(sqrt(min(1.0, lift + cos(north) * cos(south) * turn)))


def _same_name(one: Place, other: Place) -> bool:
    if not one.city or folded(one.city) != folded(other.city):
        return False
    return not one.country or not other.country or one.country == other.country


def same_place(one: Place | None, other: Place | None) -> bool:
    """One city, whatever the airport. Unknown places are never the same."""
    if one is None or other is None:
        return False
    if one.code and one.code == other.code:
        return True
    km = distance_km(one, other)
    if _same_name(one, other):
        return km is None or km <= SAME_NAME_KM
    return km is not None and km <= SAME_PLACE_KM


def vague(home: Place) -> bool:
    """Only the zone of the home is known."""
    return not home.city and not home.code and home.latitude is None


def near_home(place: Place, home: Place) -> bool:
    """Could people of `home` start their journeys here?"""
    if same_place(place, home):
        return True
    km = distance_km(place, home)
    if km is not None:
        return km <= GATEWAY_KM
    return place.zone == home.zone and (vague(home) or place.country == home.country)


def bases(legs: Sequence[Leg], home: Place) -> tuple[Place, ...]:
    """Where arriving means having come home: the home, the region's airport that the journey began at, and, where only the
    zone of the home is known, the place at the end that lies in it after a stay in another zone."""
    found = [home]
    if not legs:
        return tuple(found)
    first, last = legs[0].origin, legs[-1].destination
    if first and near_home(first, home):
        found.append(first)
    came_from = legs[-1].origin or (legs[-2].destination if len(legs) > 1 else None)
    if last and vague(home) and last.zone == home.zone and came_from and came_from.zone != home.zone:
        found.append(last)
    return tuple(found)


def is_base(place: Place | None, known: Sequence[Place]) -> bool:
    return any(same_place(place, base) for base in known)


# --- movements --------------------------------------------------------------------------------------------------------


def way_out(leg: Leg, policy: DetectPolicy) -> timedelta:
    """From one's own door to the departure."""
    minutes = {
        "flight": policy.flight_before_minutes,
        "rail": policy.rail_before_minutes,
        "ferry": policy.ferry_before_minutes,
        "car": 0,
    }
    return timedelta(minutes=minutes[leg.mode])


def way_in(leg: Leg, policy: DetectPolicy) -> timedelta:
    """From the arrival to one's own door."""
    minutes = {
        "flight": policy.flight_after_minutes,
        "rail": policy.rail_after_minutes,
        "ferry": policy.ferry_after_minutes,
        "car": 0,
    }
    return timedelta(minutes=minutes[leg.mode])


def door_to_door(legs: Sequence[Leg], policy: DetectPolicy) -> Interval:
    """Of at least one leg, sorted by departure."""
    return Interval(legs[0].depart - way_out(legs[0], policy), legs[-1].arrive + way_in(legs[-1], policy))


# --- stays ------------------------------------------------------------------------------------------------------------


class Site(Struct, frozen=True):
    """Somewhere that an entry without movement puts the leader; `bed` where they sleep there."""

    span: Interval
    place: Place
    bed: bool = False


class _Ground(Struct, frozen=True):
    """Between two legs, or before the first, or after the last."""

    span: Interval
    before: Leg | None
    after: Leg | None


Change = tuple[datetime, Place | None]


def _grounds(span: Interval, legs: Sequence[Leg]) -> list[_Ground]:
    grounds: list[_Ground] = []
    at, before = span.start, None
    for leg in legs:
        if at < leg.depart:
            grounds.append(_Ground(Interval(at, leg.depart), before, leg))
        at, before = leg.arrive, leg
    if at < span.end:
        grounds.append(_Ground(Interval(at, span.end), before, None))
    return grounds


def _useful(sites: Sequence[Site], known: Sequence[Place]) -> list[Site]:
    """Beds before other sites: a conference in another zone than the hotel is a dial-in or a mistake."""
    away = [s for s in sites if not is_base(s.place, known)]
    beds = [s for s in away if s.bed]
    return sorted(beds or away, key=lambda s: (s.span.start, s.span.end, s.place.name))


def _first_place(ground: _Ground, sites: Sequence[Site]) -> Place | None:
    inside = [s.place for s in sites if s.span.overlaps(ground.span)]
    return inside[0] if inside else None


def _setting_out(ground: _Ground, sites: Sequence[Site], home: Place) -> list[Change]:
    """No ticket says how the leader leaves home: the zone changes at noon of the first day, or on the way to the first leg. Where
    to is not known either: then nothing changes."""
    there = _first_place(ground, sites) or (ground.after.origin if ground.after else None)
    if there is None:
        return [(ground.span.start, None)]
    noon = wall(local_date(ground.span.start, home.zone), NOON, home.zone)
    leaves = min(noon, ground.after.depart - ON_THE_WAY) if ground.after else noon
    return [(ground.span.start, home), (max(leaves, ground.span.start), there)]


def _moves(ground: _Ground, sites: Sequence[Site], at: Place | None) -> list[Change]:
    """From site to site, as far as the zone changes."""
    changes: list[Change] = []
    for site in sites:
        if site.span.overlaps(ground.span) and (at is None or site.place.zone != at.zone):
            changes.append((max(site.span.start, ground.span.start), site.place))
            at = site.place
    return changes


def _leaving(ground: _Ground, at: Place | None) -> list[Change]:
    """The next leg starts in another zone than the one the leader was last known in."""
    origin = ground.after.origin if ground.after else None
    if ground.after is None or origin is None or (at is not None and at.zone == origin.zone):
        return []
    return [(max(ground.after.depart - ON_THE_WAY, ground.span.start), origin)]


def _from_home(leg: Leg, known: Sequence[Place]) -> bool:
    return is_base(leg.origin, known) if leg.origin else not is_base(leg.destination, known)


def _changes(ground: _Ground, sites: Sequence[Site], known: Sequence[Place], open_ended: bool) -> list[Change]:
    home, before, after = known[0], ground.before, ground.after
    if before is not None and is_base(before.destination, known):
        return [(ground.span.start, before.destination)]
    if before is None and after is not None and _from_home(after, known):
        return [(ground.span.start, after.origin or home)]
    if before is None:
        changes = _setting_out(ground, sites, home)
    else:
        changes = [(ground.span.start, before.destination or _first_place(ground, sites))]
    changes += _moves(ground, sites, changes[-1][1])
    changes += _leaving(ground, changes[-1][1])
    if after is None and not open_ended and changes[-1][1] is not None:
        changes.append((wall(last_date(ground.span, home.zone), NOON, home.zone), home))
    return changes


def _cut(ground: Interval, changes: Sequence[Change], home_zone: str) -> list[Stay]:
    """Changes as stays; a later change of the list wins over all that it precedes in time."""
    stays: list[Stay] = []
    until = ground.end
    for moment, place in reversed(changes):
        if moment < until:
            start = max(moment, ground.start)
            stays.insert(0, Stay(Interval(start, until), place.zone if place else home_zone, place))
            until = start
    return [s for s in stays if s.span.start < s.span.end]


def _joined(stays: Sequence[Stay]) -> tuple[Stay, ...]:
    """Touching stays in the same zone at the same place are one."""
    joined: list[Stay] = []
    for stay in stays:
        last = joined[-1] if joined else None
        if last and last.span.end == stay.span.start and (last.zone, last.place) == (stay.zone, stay.place):
            joined[-1] = Stay(Interval(last.span.start, stay.span.end), stay.zone, stay.place)
        else:
            joined.append(stay)
    return tuple(joined)


def stays(
    span: Interval, legs: Sequence[Leg], sites: Sequence[Site], known: Sequence[Place], open_ended: bool = False
) -> tuple[Stay, ...]:
    """Everything of `span` that is spent on the ground, in one zone per stay: [arrival, next departure) without margins. `legs`
    are sorted and disjoint; `known[0]` is the home, the others are places where arriving means being home. Without a ticket
    the zone changes at noon of the first and of the last day (home time); unknown places keep the home zone."""
    inside = in_utc(span)
    useful = _useful(sites, known)
    pieces: list[Stay] = []
    for ground in _grounds(inside, legs):
        pieces += _cut(ground.span, _changes(ground, useful, known, open_ended), known[0].zone)
    return _joined(pieces)


def days_at_home(found: Sequence[Stay], known: Sequence[Place]) -> tuple[Interval, ...]:
    """The parts of an absence that are spent at home, longer than a way to an airport (leave before or after a journey)."""
    return tuple(s.span for s in found if s.span.length > LONG_AT_HOME and is_base(s.place, known))


# --- questions about a moment -----------------------------------------------------------------------------------------


def zone_at(absence: Absence, moment: datetime, home_zone: str) -> str:
    """IANA zone of the leader's clock: that of the last stay begun (the origin's until arrival); outside the absence home."""
    if moment not in absence.span:
        return home_zone
    begun = [s for s in absence.stays if s.span.start <= moment]
    return begun[-1].zone if begun else home_zone


class Whereabouts(Struct, frozen=True):
    """`transit`: between two stays, or on the way from or to the own door. `place` is where the leader is, or, in transit,
    where they are going; None where unknown. `until` is when this ends; None at home with nothing ahead."""

    state: Literal["home", "transit", "away"]
    zone: str
    place: Place | None = None
    until: datetime | None = None


def _in_transit(absence: Absence, moment: datetime, zone: str) -> Whereabouts | None:
    for leg in absence.legs:
        if moment in Interval(leg.depart, leg.arrive):
            return Whereabouts("transit", zone, leg.destination, leg.arrive)
    first, last = (absence.legs[0], absence.legs[-1]) if absence.legs else (None, None)
    if first and first.depart - ON_THE_WAY <= moment < first.depart:
        return Whereabouts("transit", zone, first.destination, first.arrive)
    if last and not absence.open_ended and last.arrive <= moment and absence.span.end - last.arrive <= ON_THE_WAY:
        return Whereabouts("transit", zone, last.destination, absence.span.end)
    return None


def whereabouts(absence: Absence | None, moment: datetime, home_zone: str) -> Whereabouts:
    """Where the leader is at `moment`, as far as `absence` (the one in progress or next, or None) tells."""
    if absence is None or moment not in absence.span:
        ahead = absence is not None and moment < absence.span.start
        return Whereabouts("home", home_zone, until=absence.span.start if absence and ahead else None)
    zone = zone_at(absence, moment, home_zone)
    moving = _in_transit(absence, moment, zone)
    if moving:
        return moving
    here = next((s for s in absence.stays if moment in s.span), None)
    return Whereabouts("away", zone, here.place if here else None, here.span.end if here else absence.span.end)
