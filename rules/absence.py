"""From things that happen to absences: blocks of days join journeys, what is left stands alone, and each result is weighed.
Nothing is found here that no entry says; where entries contradict each other, the answer that claims less wins."""

from __future__ import annotations

import hashlib
import re
from base64 import b32encode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from rules import explain, journey, place
from rules.interval import Interval, subtract
from rules.journey import DAY_ENDS, DAY_STARTS, Item, Journey, Ticket
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

NESTED_LEAVE = timedelta(hours=24)  # leave that shares more than this with a journey belongs to it
CONNECTION = timedelta(hours=12)  # the longest wait between two legs of one way home
LONGEST_ENTRY = timedelta(days=1100)  # three years: a sabbatical; anything longer is no absence but a life
FIRST_YEAR, LAST_YEAR = 1900, 9000
DECLARED_CALENDAR = "declared"

_SAYS_HOW_LONG = {EvidenceKind.OUT_OF_OFFICE, EvidenceKind.LEAVE, EvidenceKind.DECLARED}
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


# --- groups -----------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Group:
    """An absence in the making: journeys in order (none for whole days alone), blocks, and what only joins."""

    journeys: list[Journey] = field(default_factory=list)
    doors: list[Interval] = field(default_factory=list)
    blocks: list[Item] = field(default_factory=list)

    @property
    def legs(self) -> list[Leg]:
        return [leg for found in self.journeys for leg in found.legs]

    @property
    def items(self) -> list[Item]:
        return [ticket for found in self.journeys for ticket in found.tickets] + self.blocks

    @property
    def starts_away(self) -> bool:
        return bool(self.journeys) and self.journeys[0].starts_away

    @property
    def open(self) -> bool:
        return bool(self.journeys) and not self.journeys[-1].closed

    @property
    def reach(self) -> Interval:
        """As far as it is known by now: door to door; on an open side as far as its blocks go."""
        if not self.journeys:
            return Interval(min(b.span.start for b in self.blocks), max(b.span.end for b in self.blocks))
        start, end = self.doors[0].start, self.doors[-1].end
        if self.starts_away:
            start = min([start, *(b.span.start for b in self.blocks)])
        if self.open:
            end = max([end, *(b.span.end for b in self.blocks)])
        return Interval(start, end)


def _group(found: Journey, policy: DetectPolicy) -> _Group:
    door = place.door_to_door(found.legs, policy)
    return _Group([found], [door if found.closed else Interval(door.start, found.legs[-1].arrive)])


def _shared(one: Interval, other: Interval) -> timedelta:
    common = one.intersection(other)
    return common.length if common else timedelta(0)


def _apart(one: Interval, other: Interval) -> timedelta:
    return max(one.start - other.end, other.start - one.end, timedelta(0))


def _joins(block: Item, group: _Group, policy: DetectPolicy) -> bool:
    """Does this block belong to the journey? Leave only where it truly shares time with it; what merely says where the leader
    is, only if most of it fits in (a hotel for a week is no part of a day trip)."""
    reach = group.reach
    near, far = timedelta(hours=policy.join_hours), timedelta(hours=policy.open_join_hours)
    wide = reach.widened(far if group.starts_away else near, far if group.open else near)
    if not block.span.overlaps(wide):
        return False
    unbounded = (group.starts_away and block.span.start < reach.start) or (group.open and block.span.end > reach.end)
    shared = _shared(block.span, reach)
    if unbounded or (shared and block.kind in (EvidenceKind.OUT_OF_OFFICE, EvidenceKind.DECLARED)):
        return True
    if block.kind is EvidenceKind.LEAVE:
        return shared > NESTED_LEAVE or shared * 2 >= min(block.span.length, reach.length)
    return block.kind is not EvidenceKind.DECLARED and _shared(block.span, wide) * 2 >= block.span.length


def _bridge(groups: list[_Group], at: int, block: Item, joinable: Sequence[int]) -> None:
    """Out of office all the way from one journey to the next, and no gap: one absence."""
    while at + 1 in joinable and block.span.covers(_between(groups[at], groups[at + 1])):
        follower = groups.pop(at + 1)
        joinable = [j if j <= at else j - 1 for j in joinable if j != at + 1]
        groups[at].journeys += follower.journeys
        groups[at].doors += follower.doors
        groups[at].blocks += follower.blocks


def _between(one: _Group, other: _Group) -> Interval:
    start = one.reach.end
    return Interval(start, max(start, other.reach.start))


def _place_block(groups: list[_Group], block: Item, policy: DetectPolicy) -> bool:
    """Put the block into the journey it fits best. Returns False where it fits none."""
    joinable = [n for n, g in enumerate(groups) if _joins(block, g, policy)]
    if not joinable:
        return False
    at = min(joinable, key=lambda n: (-_shared(block.span, groups[n].reach), _apart(block.span, groups[n].reach), n))
    if block.kind in _SAYS_HOW_LONG:
        while at - 1 in joinable and block.span.covers(_between(groups[at - 1], groups[at])):
            at -= 1
        _bridge(groups, at, block, joinable)
    groups[at].blocks.append(block)
    return True


def _place_blocks(groups: list[_Group], blocks: Sequence[Item], policy: DetectPolicy) -> list[Item]:
    """Forward for journeys without an end, backward for those without a beginning. Returns what fits no journey."""
    left = [b for b in blocks if not _place_block(groups, b, policy)]
    backward = sorted(left, key=lambda b: (b.span.end, *_block_order(b)), reverse=True)
    return [b for b in backward if not _place_block(groups, b, policy)]


def _only_focus(blocks: Sequence[Item]) -> bool:
    return all(b.best.verdict == "focus" for b in blocks)


def _merges(block: Item, group: _Group, policy: DetectPolicy) -> bool:
    """Do two blocks without any journey belong together? What the user said stands for itself, and a conference at home is
    no part of the vacation that follows it."""
    gap = block.span.start - group.reach.end
    declared = block.kind is EvidenceKind.DECLARED or any(b.kind is EvidenceKind.DECLARED for b in group.blocks)
    if declared or _only_focus(group.blocks) != _only_focus([block]):
        return gap < timedelta(0)
    return gap <= timedelta(hours=policy.gap_hours)


def _leftovers(blocks: Iterable[Item], policy: DetectPolicy) -> list[_Group]:
    groups: list[_Group] = []
    for block in sorted(blocks, key=_block_order):
        if groups and _merges(block, groups[-1], policy):
            groups[-1].blocks.append(block)
        else:
            groups.append(_Group(blocks=[block]))
    return groups


# --- spans ------------------------------------------------------------------------------------------------------------


def _end_of_day(moment: datetime, zone: str) -> datetime:
    return max(moment, place.wall(place.local_date(moment, zone), DAY_ENDS, zone))


def _with_days_off(span: Interval, group: _Group, zone: str) -> Interval:
    """Longer by whole days that an out-of-office or leave entry adds; the days of leaving and of coming home add nothing."""
    start, end = span.start, span.end
    for block in group.blocks:
        if block.kind not in _SAYS_HOW_LONG:
            continue
        if place.local_date(block.span.start, zone) < place.local_date(span.start, zone):
            start = min(start, block.span.start)
        if place.last_date(block.span, zone) > place.last_date(span, zone):
            end = max(end, block.span.end)
    return Interval(start, end)


def _journey_span(group: _Group, zone: str) -> Interval:
    """From the first door to the last; an open end lasts until the evening at least."""
    reach = group.reach
    if group.open and reach.end == group.doors[-1].end:
        reach = Interval(reach.start, _end_of_day(reach.end, zone))
    return _with_days_off(reach, group, zone)


def _spans(travelling: Sequence[_Group], zone: str) -> list[Interval]:
    """Disjoint: what a block adds to a journey ends where the next absence begins."""
    spans = [_journey_span(g, zone) for g in travelling]
    for n, group in enumerate(travelling[:-1]):
        one, other = spans[n], spans[n + 1]
        end = min(one.end, max(group.doors[-1].end, other.start))
        spans[n], spans[n + 1] = Interval(one.start, end), Interval(max(end, other.start), other.end)
    return spans


def _remainder(span: Interval, taken: Sequence[Interval], policy: DetectPolicy) -> Interval | None:
    """The longest part that no journey covers, None where it is too short to be an absence."""
    left = subtract(span, taken)
    longest = max(left, key=lambda s: (s.length, -s.start.timestamp()), default=None)
    if longest == span or (longest and longest.length >= timedelta(hours=policy.shortest_hours)):
        return longest
    return None


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


def _weigh(group: _Group, kind: AbsenceKind, policy: DetectPolicy) -> tuple[float, Action, str]:
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


def _weigh_sources(group: _Group, each: Sequence[float], total: float, policy: DetectPolicy) -> tuple[float, Action, str]:
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


def _declared_items(group: _Group) -> list[Item]:
    return [b for b in group.blocks if b.kind is EvidenceKind.DECLARED]


def _neutral(e: Evidence) -> bool:
    """Says that the leader is out, not what for."""
    return e.kind is EvidenceKind.OUT_OF_OFFICE and e.verdict not in ("vacation", "family-vacation")


def _days(items: Iterable[Item], span: Interval, zone: str) -> set[date]:
    """Local dates of the span that the items cover."""
    within = (i.span.intersection(span) for i in items)
    return {day for part in within if part for day in place.dates(part, zone)}


def _most_days(items: Sequence[Item], span: Interval, zone: str) -> AbsenceKind:
    order: tuple[AbsenceKind, ...] = ("family-vacation", "vacation", "focus", "leave", "trip")
    counted = [(len(_days([i for i in items if i.best.verdict == kind], span, zone)), kind) for kind in order]
    most = max(count for count, _ in counted)
    return next(kind for count, kind in counted if count == most)


def _kind(group: _Group, span: Interval, zone: str) -> AbsenceKind:
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


def _destination(group: _Group, stays: Sequence[Stay], known: Sequence[Place]) -> Place | None:
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


def _all_evidence(group: _Group) -> tuple[Evidence, ...]:
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


def _because(group: _Group, verdict: str, destination: Place | None, kind: AbsenceKind) -> tuple[str, ...]:
    lines = [verdict]
    if group.legs and not group.open:
        lines.append("It ends on reaching home.")
    if destination is None and kind == "trip":
        lines.append("Where to is not known: times are in the home zone.")
    return tuple(lines)


# --- putting it together ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _World:
    """What every step needs to know besides the evidence."""

    home: Place
    policy: DetectPolicy
    declared: dict[str, Declared]

    @property
    def zone(self) -> str:
        return self.home.zone


def _said_in(group: _Group, world: _World) -> list[Declared]:
    keys = {c.key.uid for i in _declared_items(group) for c in i.copies}
    found = [world.declared[k] for k in sorted(keys) if k in world.declared]
    return sorted(found, key=lambda d: (d.first, d.id))


def _declared_kind(kind: AbsenceKind, said: Sequence[Declared]) -> AbsenceKind:
    """What the user said it is. Whoever travels with the family owes the family nothing."""
    kind = said[0].kind if said else kind
    with_family = any(d.with_family for d in said)
    return "family-vacation" if with_family and kind in ("trip", "vacation") else kind


def _absence(group: _Group, span: Interval, world: _World) -> Absence | None:
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
    near = timedelta(hours=policy.join_hours)
    for item in items:
        close = [n for n, a in enumerate(absences) if _apart(item.span, a.span) < near]
        if close:
            at = min(close, key=lambda n: (-_shared(item.span, absences[n].span), _apart(item.span, absences[n].span), n))
            gained.setdefault(at, []).extend(item.copies)
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
    blocks = sorted((i for i in creating if not isinstance(i, Ticket)), key=_block_order)
    return tickets, blocks, [journey.item([e], zone) for e in sorted(known, key=journey.order) if not _creates(e)]


def _block_order(block: Item) -> tuple[datetime, datetime, str, OccurrenceKey]:
    return (block.span.start, block.span.end, *journey.order(block.best)[2:])


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
    travelling = [_group(j, policy) for j in chained]
    resting = _leftovers(_place_blocks(travelling, blocks, policy), policy)
    taken = _spans(travelling, home.zone)
    alone = [(g, _remainder(g.reach, taken, policy)) for g in resting]
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
    span = place.in_utc(span)
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
