"""From evidence to absences: journeys and the days that belong to them are weighed, named and given their nights and stays.
Nothing is found here that no entry says; where entries contradict each other, the answer that claims less wins."""

from __future__ import annotations

import hashlib
import re
from base64 import b32encode
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from msgspec import Struct
from msgspec.structs import replace

from rules import explain, grouping, journey, place
from rules.grouping import Group
from rules.interval import Interval
from rules.journey import DAY_ENDS, DAY_STARTS, Item, Ticket
from rules.model import (
    Absence,
    AbsenceKind,
    Action,
    Declared,
    Evidence,
    EvidenceKind,
    Leg,
    OccurrenceKey,
    Place,
    Said,
    Stay,
)
from rules.policy import DetectPolicy, Me
from rules.workdays import in_utc

CONNECTION = timedelta(hours=12)  # the longest wait between two legs of one way home
LONGEST_ENTRY = timedelta(days=1100)  # three years: a sabbatical; anything longer is no absence but a life
FIRST_YEAR, LAST_YEAR = 1900, 9000
DECLARED_CALENDAR = "declared"

_LEAVE_VERDICTS = {"vacation", "family-vacation", "leave"}


def _declared_evidence(said: Declared, zone: str) -> Evidence:
    span = Interval(place.wall(said.first, time(0), zone), place.wall(said.last + timedelta(days=1), time(0), zone))
    return Evidence(
        key=OccurrenceKey(DECLARED_CALENDAR, said.id),
        summary=said.title,
        span=span,
        all_day=True,
        verdict=said.kind,
        confidence=1.0,
        because=("You said so.",),
        kind=EvidenceKind.DECLARED,
        destination=said.place,
        identity=f"{DECLARED_CALENDAR}-{said.id}",
    )


# --- weighing ---------------------------------------------------------------------------------------------------------


def _sources(items: Sequence[Item]) -> list[list[Item]]:
    """Independent of each other: two dates of one series are one source."""
    by_series: dict[tuple[str, str], list[Item]] = {}
    for item in items:
        key = min(c.key for c in item.copies)
        by_series.setdefault((key.calendar_id, key.uid), []).append(item)
    return list(by_series.values())


def _confidences(items: Sequence[Item]) -> list[float]:
    return sorted(max(c.confidence for i in source for c in i.copies) for source in _sources(items))


def _combined(confidences: Sequence[float]) -> float:
    doubt = 1.0
    for c in confidences:
        doubt *= 1.0 - c
    return round(1.0 - doubt, 4)


def _machine(items: Sequence[Item], policy: DetectPolicy) -> bool:
    return any(c.machine and c.confidence > policy.tentative_cap for i in items for c in i.copies)


_BECAUSE_DECLARED = "You said so."
_BECAUSE_FOCUS = "A conference or workshop at home is always asked about."
_BECAUSE_OPEN = "No way home is known: it ends with the last hotel, leave or out-of-office entry."
_BECAUSE_NO_WAY_OUT = "Only the way home is known: when it begins is not."
_BECAUSE_WEAK = "Every entry is tentative or vague."
_BECAUSE_UNSURE = "What speaks for it is not enough to act on."
_BECAUSE_MACHINE = "A machine marked it (out of office, TripIt, or a booking)."
_BECAUSE_AGREE = "Independent entries agree."
_BECAUSE_TITLE = "Only one title says so."


def _weigh(group: Group, kind: AbsenceKind, policy: DetectPolicy) -> tuple[float, Action, str]:
    """Confidence, what follows from it, and why in words."""
    each = _confidences(group.items)
    total = _combined(each)
    if _declared_items(group):
        return 1.0, "act", _BECAUSE_DECLARED
    if total < policy.ask:
        return total, "none", _BECAUSE_UNSURE
    if kind == "focus":
        return total, "ask", _BECAUSE_FOCUS
    if group.open:
        return total, "ask", _BECAUSE_OPEN
    if group.starts_away and not group.blocks:
        return total, "ask", _BECAUSE_NO_WAY_OUT
    return _weigh_sources(group, each, total, policy)


def _weigh_sources(group: Group, each: Sequence[float], total: float, policy: DetectPolicy) -> tuple[float, Action, str]:
    if each[-1] <= policy.tentative_cap:
        return total, "ask", _BECAUSE_WEAK
    if total < policy.act:
        return total, "ask", _BECAUSE_UNSURE
    if _machine(group.items, policy):
        return total, "act", _BECAUSE_MACHINE
    if sum(1 for c in each if c >= policy.ask) >= 2:
        return total, "act", _BECAUSE_AGREE
    return total, "private-only", _BECAUSE_TITLE


# --- what it is -------------------------------------------------------------------------------------------------------


def _declared_items(group: Group) -> list[Item]:
    return [b for b in group.blocks if b.kind is EvidenceKind.DECLARED]


def _neutral(e: Evidence) -> bool:
    """Says that the leader is out, not what for."""
    return e.kind is EvidenceKind.OUT_OF_OFFICE


def _days(items: Iterable[Item], span: Interval, zone: str) -> set[date]:
    """Local dates of the span that the items cover."""
    within = (i.span.intersection(span) for i in items)
    return {day for part in within if part for day in place.dates(part, zone)}


def _most_days(items: Sequence[Item], span: Interval, zone: str) -> AbsenceKind:
    order: tuple[AbsenceKind, ...] = ("family-vacation", "vacation", "focus", "leave", "trip")
    counted = [(len(_days([i for i in items if i.best.verdict == kind], span, zone)), kind) for kind in order]
    most = max(count for count, _ in counted)
    return next(kind for count, kind in counted if count == most)


def _kind(group: Group, span: Interval, zone: str) -> AbsenceKind:
    """Leave on over half of the days makes a journey a vacation; without a journey, what most days say."""
    items = [i for i in group.items if not _neutral(i.best)] or group.items
    off = [i for i in items if i.best.verdict in _LEAVE_VERDICTS]
    if not any(i.best.verdict == "trip" for i in items) and not group.journeys:
        return _most_days(items, span, zone)
    total = len(place.dates(span, zone))
    if len(_days(off, span, zone)) * 2 <= total:
        return "trip"
    family = [i for i in off if i.best.verdict == "family-vacation"]
    return "family-vacation" if len(_days(family, span, zone)) * 2 > total else "vacation"


def _sites(blocks: Iterable[Item]) -> list[place.Site]:
    named = ((b, next((c.destination for c in b.copies if c.destination), None)) for b in blocks)
    return [place.Site(b.span, where, b.kind is EvidenceKind.LODGING) for b, where in named if where]


def _destination(group: Group, stays: Sequence[Stay], known: Sequence[Place]) -> Place | None:
    """Where most of the time is spent; by the name of the bed there, rather than that of the airport."""
    away = [s for s in stays if s.place and not place.is_base(s.place, known)]
    sites = [s for s in _sites(group.blocks) if not place.is_base(s.place, known)]
    sites.sort(key=lambda s: (not s.bed, -s.span.length.total_seconds(), s.span.start, s.place.name))
    longest = max(away, key=lambda s: (s.span.length, -s.span.start.timestamp()), default=None)
    if longest is None:
        return sites[0].place if sites else None
    there = [s.place for s in sites if s.span.overlaps(longest.span) and s.place.zone == longest.zone]
    return there[0] if there else longest.place


def stranger_id(evidence: Sequence[Evidence]) -> str:
    """Eight characters of [a-z2-7] from the content of the earliest evidence: the id of an absence that no ledger knows."""
    earliest = min(evidence, key=journey.order)
    return b32encode(hashlib.sha256(journey.content(earliest).encode("utf-8", "surrogatepass")).digest()[:5]).decode().lower()


def _all_evidence(group: Group) -> tuple[Evidence, ...]:
    return tuple(sorted({c for i in group.items for c in i.copies}, key=journey.order))


def _nights(kind: AbsenceKind, span: Interval, legs: Sequence[Leg], stays: Sequence[Stay], known: Sequence[Place]) -> int:
    """None for a conference at home. A trip does not count the nights at home that an out-of-office entry adds to it."""
    if kind == "focus":
        return 0
    at_home = place.days_at_home(stays, known) if kind == "trip" else ()
    departs = legs[0].depart if legs else span.start
    left = departs if departs - span.start <= place.ON_THE_WAY else span.start
    return place.nights(span, known[0].zone, left, at_home)


def _title(kind: AbsenceKind, destination: Place | None, said: Sequence[Declared]) -> str:
    return explain.name_of(kind, destination, said[0].title if said else "")


def _because(group: Group, verdict: str, destination: Place | None, kind: AbsenceKind) -> tuple[str, ...]:
    lines = [verdict]
    if group.legs and not group.open:
        lines.append("It ends on reaching home.")
    if destination is None and kind == "trip":
        lines.append("Where to is not known: times are in the home zone.")
    return tuple(lines)


# --- putting it together ----------------------------------------------------------------------------------------------


class _World(Struct, frozen=True):
    """What every step needs to know besides the evidence."""

    home: Place
    policy: DetectPolicy
    declared: dict[str, Declared]

    @property
    def zone(self) -> str:
        return self.home.zone


def _said_in(group: Group, world: _World) -> list[Declared]:
    keys = {c.key.uid for i in _declared_items(group) for c in i.copies}
    found = [world.declared[k] for k in sorted(keys) if k in world.declared]
    return sorted(found, key=lambda d: (d.first, d.id))


def _declared_kind(kind: AbsenceKind, said: Sequence[Declared]) -> AbsenceKind:
    """What the user said it is. Whoever travels with the family owes the family nothing."""
    kind = said[0].kind if said else kind
    with_family = any(d.with_family for d in said)
    return "family-vacation" if with_family and kind in ("trip", "vacation") else kind


def _absence(group: Group, span: Interval, world: _World) -> Absence | None:
    """None where the evidence is too weak to be asked about."""
    said = _said_in(group, world)
    kind = _declared_kind(_kind(group, span, world.zone), said)
    confidence, action, reason = _weigh(group, kind, world.policy)
    if action == "none":
        return None
    legs, declared = group.legs, bool(_declared_items(group))
    known = place.bases(legs, world.home)
    open_ended = group.open and not declared
    stays = place.stays(span, legs, _sites(group.blocks), known, open_ended)
    destination = next((d.place for d in said if d.place), None) or _destination(group, stays, known)
    return Absence(
        id=said[0].id if said else stranger_id([c for i in group.items for c in i.copies]),
        kind=kind,
        span=span,
        nights=_nights(kind, span, legs, stays, known),
        confidence=confidence,
        action=action,
        title=_title(kind, destination, said),
        because=_because(group, reason, destination, kind),
        evidence=_all_evidence(group),
        legs=tuple(legs),
        stays=stays,
        destination=destination,
        open_ended=open_ended,
        declared=declared,
        with_family=kind == "family-vacation" or any(d.with_family for d in said),
        cover=tuple(dict.fromkeys(person for d in said for person in d.cover)),
        owes=next((d.owes for d in said if d.owes is not None), None),
    )


def _attach(absences: Sequence[Absence], items: Sequence[Item], policy: DetectPolicy) -> tuple[Absence, ...]:
    """What only joins, joins the absence that it shares most time with, or the nearest within reach."""
    gained: dict[int, list[Evidence]] = {}
    for item in items:
        fits = [(-grouping.time_shared(item.span, a.span), grouping.apart(item.span, a.span), n) for n, a in enumerate(absences)]
        close = [fit for fit in fits if fit[1] < timedelta(hours=policy.join_hours)]
        if close:
            gained.setdefault(min(close)[2], []).extend(item.copies)
    return tuple(
        replace(a, evidence=tuple(sorted({*a.evidence, *gained[n]}, key=journey.order))) if n in gained else a
        for n, a in enumerate(absences)
    )


def _counts(e: Evidence) -> bool:
    """Nobody is away for decades, and Python cannot convert times at the ends of its calendar."""
    if e.verdict in ("colleague", "neither") or e.cancelled:
        return False
    return e.span.length <= LONGEST_ENTRY and FIRST_YEAR <= e.span.start.year <= LAST_YEAR


def _creates(e: Evidence) -> bool:
    return e.verdict != "supporting" and (e.all_day or e.span.start < e.span.end)


def _items(evidence: Iterable[Evidence], zone: str) -> tuple[list[Ticket], list[Item], list[Item]]:
    """Tickets, blocks, and what only joins; copies are one."""
    known = {e for e in evidence if _counts(e)}
    creating = [journey.item(c, zone) for c in journey.clusters([e for e in known if _creates(e)], journey.same_thing)]
    tickets = [i for i in creating if isinstance(i, Ticket)]
    blocks = sorted((i for i in creating if not isinstance(i, Ticket)), key=grouping.block_order)
    return tickets, blocks, [journey.item([e], zone) for e in sorted(known, key=journey.order) if not _creates(e)]


def assemble(
    evidence: Sequence[Evidence], declared: Sequence[Declared], home: Place, policy: DetectPolicy
) -> tuple[Absence, ...]:
    """As `merge`, with the zone of `home` as the home zone."""
    said = [_declared_evidence(d, home.zone) for d in declared]
    world = _World(home, policy, {d.id: d for d in declared})
    known = {e.key for e in said}
    tickets, blocks, joining = _items([*(e for e in evidence if e.key not in known), *said], home.zone)
    flown, unflown = journey.without_conflicts(tickets)
    chained, unchained = journey.journeys(flown, home, policy)
    travelling = [grouping.group_of(j, policy) for j in chained]
    resting = grouping.leftovers(grouping.place_blocks(travelling, blocks, policy), policy)
    taken = grouping.spans(travelling, home.zone)
    alone = [(g, grouping.remainder(g.reach, taken, policy)) for g in resting]
    found = [_absence(g, s, world) for g, s in [*zip(travelling, taken, strict=True), *alone] if s is not None]
    swallowed = [i for g, s in alone if s is None for i in g.items]
    absences = sorted((a for a in found if a), key=lambda a: a.span.start)
    return _attach(absences, [*joining, *unflown, *unchained, *swallowed], policy)


def merge(
    evidence: Sequence[Evidence], declared: Sequence[Declared], me: Me, home: Place, policy: DetectPolicy
) -> tuple[Absence, ...]:
    """Disjoint absences sorted by start, spans in UTC; the order of `evidence` does not matter. Colleagues' entries and entries
    that say nothing never count, cancelled ones neither. Ids are those of a stranger's file (`stranger_id`), or the user's own
    for what they declared; `identity.identify` gives the lasting ones. What stays below `policy.ask` is left out."""
    at_home = home if home.zone == me.home_zone else replace(home, zone=me.home_zone)
    return assemble(evidence, declared, at_home, policy)


# --- what the user moves ----------------------------------------------------------------------------------------------


def _homeward(legs: Sequence[Leg]) -> list[Leg]:
    """Without the way home: the last leg and the connections right before it. The way out stays."""
    at = len(legs) - 1
    while at > 1 and legs[at].depart - legs[at - 1].arrive <= CONNECTION:
        at -= 1
    return list(legs[:at])


def _legs_left(absence: Absence, span: Interval, home: Place) -> list[Leg]:
    """The tickets that can still be used. A later return makes the way home void."""
    inside = [leg for leg in absence.legs if span.start <= leg.depart and leg.arrive <= span.end]
    ends_at_home = inside and place.is_base(inside[-1].destination, place.bases(absence.legs, home))
    return _homeward(inside) if ends_at_home and span.end > absence.span.end else inside


def with_span(absence: Absence, span: Interval, home: Place) -> Absence:
    """The same absence from door to door over `span`: tickets that no longer fit are left out, stays and nights follow."""
    span = in_utc(span)
    legs = _legs_left(absence, span, home)
    known = place.bases(legs or absence.legs, home)
    sites = [place.Site(journey.covered(e, home.zone), e.destination, e.kind is EvidenceKind.LODGING) for e in absence.evidence
             if e.destination and not journey.is_leg(e) and _counts(e)]  # fmt: skip
    if absence.destination and not sites:
        sites = [place.Site(span, absence.destination)]
    if absence.kind == "focus":
        sites = []
    open_ended = absence.open_ended and span.end == absence.span.end
    stays = place.stays(span, legs, sites, known, open_ended)
    return replace(
        absence,
        span=span,
        legs=tuple(legs),
        stays=stays,
        open_ended=open_ended,
        nights=_nights(absence.kind, span, legs, stays, known),
    )


_IF = re.compile(
    r"\s*(?P<verb>leave|return|back|extend)(?:\s+(?P<day>\d{4}-\d{2}-\d{2}|today|tomorrow))?(?:[\sT]+(?P<at>\d{1,2}:\d{2}))?\s*",
    re.IGNORECASE,
)
IF_WORDS = 'say "leave 2026-12-03", "return 2026-12-07", "back 2026-12-07 18:30" or "extend tomorrow"'


def _day(word: str, today: date) -> date:
    if word in ("today", "tomorrow"):
        return today + timedelta(days=word == "tomorrow")
    return date.fromisoformat(word)


def parse_if(text: str, zone: str, now: datetime, absence_id: str = "") -> Said:
    """A moved departure or return in words, as a Said about that absence. A date alone means 06:00 for leaving, 22:00 for being
    home; "back" alone means now; times are in `zone`. ValueError says what is allowed."""
    found = _IF.fullmatch(text)
    if not found or (not found["day"] and (found["at"] or found["verb"].lower() != "back")):
        raise ValueError(f"{explain.titled(text)} is not understood: {IF_WORDS}")
    verb: Literal["leave", "back", "extend"] = "back"
    if found["verb"].lower() == "leave":
        verb = "leave"
    elif found["verb"].lower() == "extend":
        verb = "extend"
    if not found["day"]:
        return Said(absence_id, verb, now, now)
    try:
        day = _day(found["day"].lower(), now.astimezone(ZoneInfo(zone)).date())
        at = time.fromisoformat(found["at"].zfill(5)) if found["at"] else DAY_STARTS if verb == "leave" else DAY_ENDS
    except ValueError as problem:
        raise ValueError(f"{explain.titled(text)} has no such date or time ({problem}): {IF_WORDS}") from problem
    return Said(absence_id, verb, now, place.wall(day, at, zone))


def moved_span(span: Interval, said: Said) -> Interval:
    """`span` with its end (back, extend) or start (leave) moved; `extend` never shortens. ValueError where nothing is left."""
    if said.moment is None:
        return span
    moment = said.moment.astimezone(UTC)
    start, end = (moment, span.end) if said.verb == "leave" else (span.start, moment)
    if said.verb == "extend":
        end = max(end, span.end)
    if start >= end:
        raise ValueError("nothing would be left of the absence: the return would not be after the departure")
    return Interval(start, end)


def what_if(absence: Absence, said: Said, zone: str, home: Place | None = None) -> Absence:
    """The absence as it would be if `said` (from `parse_if`) came true. ValueError where nothing would be left of it."""
    return with_span(absence, moved_span(absence.span, said), home or Place(name="", zone=zone))
