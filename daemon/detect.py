"""From what was seen to absences: judge every entry, merge, recognise those already known. Pure calls into `rules`, in order;
works with or without a ledger."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from msgspec import Struct
from msgspec.structs import replace

from daemon.dull import Dull, mark_of
from rules.absence import merge
from rules.evidence import judge
from rules.gazetteer import Gazetteer
from rules.identity import Identified, identify, remembered
from rules.interval import Interval
from rules.model import Absence, Declared, Evidence, KnownAbsence, Occurrence, OccurrenceKey, Place, Said
from rules.owner import likely_address, likely_home
from rules.policy import Me, Policy

NO_ADDRESS = "@localhost"  # how an address ends that nobody gave


class Memory(Struct, frozen=True):
    """What is remembered from earlier passes; empty for a stranger's file."""

    known: tuple[KnownAbsence, ...] = ()
    declared: tuple[Declared, ...] = ()
    said: tuple[Said, ...] = ()


class Detected(Struct, frozen=True):
    """`evidence` has at most one verdict per occurrence read, in the order of the occurrences."""

    evidence: tuple[Evidence, ...]
    identified: Identified

    @property
    def absences(self) -> tuple[Absence, ...]:
        return self.identified.absences


def home_of(policy: Policy, places: Gazetteer) -> Place:
    """The configured home as a place; its zone is always `me.home_zone`."""
    found = places.city(policy.me.home) if policy.me.home else None
    if found is None:
        city = policy.me.home_zone.rpartition("/")[2].replace("_", " ")
        found = places.city(city)
    if found is None:
        return Place(policy.me.home or policy.me.home_zone, policy.me.home_zone)
    return Place(found.name, policy.me.home_zone, found.city, found.country, found.code, found.latitude, found.longitude)


def judge_all(occurrences: Sequence[Occurrence], policy: Policy, places: Gazetteer) -> tuple[Evidence, ...]:
    """One verdict per occurrence, in their order. Where the user did not say where home is, or which address is theirs, the
    calendar is asked."""
    return _judged(occurrences, policy, partial(_verdicts, occurrences, policy=policy, places=places))[0]


_Verdicts = Callable[[Me], tuple[Evidence, ...]]


def _judged(occurrences: Sequence[Occurrence], policy: Policy, verdicts: _Verdicts) -> tuple[tuple[Evidence, ...], Policy]:
    """The verdicts, and the policy with what had to be guessed."""
    me = policy.me
    if all(address.endswith(NO_ADDRESS) for address in me.addresses) and (address := likely_address(occurrences)):
        me = replace(me, addresses=(address,))
    evidence = verdicts(me)
    if not me.home and (home := likely_home(evidence, me.home_zone)):
        me = replace(me, home=f"{home.city}, {home.country}")
        evidence = verdicts(me)
    return evidence, policy if me is policy.me else replace(policy, me=me)


def _verdicts(occurrences: Sequence[Occurrence], me: Me, *, policy: Policy, places: Gazetteer) -> tuple[Evidence, ...]:
    """What no occurrence of a series says the first time, none says later: most entries are such, and are judged once."""
    nothing: dict[bytes, Evidence] = {}
    found: list[Evidence] = []
    for o in occurrences:
        mark = mark_of(o, ()) if o.recurring else b""
        known = nothing.get(mark) if mark else None
        if known is None:
            evidence = judge(o, me, policy.person, places, policy.detect)
            if mark and evidence.verdict == "neither":
                nothing[mark] = evidence
        else:
            evidence = replace(known, key=o.key, span=o.span)
        found.append(evidence)
    return tuple(found)


def _verdicts_that_say_something(
    occurrences: Sequence[Occurrence], me: Me, *, policy: Policy, places: Gazetteer, known: Collection[OccurrenceKey], dull: Dull
) -> tuple[Evidence, ...]:
    """Without those of dull events."""
    events = dull.under(me, policy)
    found: list[Evidence] = []
    for o in occurrences:
        mark = mark_of(o, known)
        if mark and events.knows(mark):
            continue
        evidence = judge(o, me, policy.person, places, policy.detect)
        found.append(evidence)
        if mark:
            events.note(mark, evidence)
    events.done()
    return tuple(found)


def detect(
    occurrences: Sequence[Occurrence],
    policy: Policy,
    places: Gazetteer,
    memory: Memory,
    now: datetime,
    stale: Collection[str] = (),
    dull: Dull | None = None,
) -> Detected:
    """`stale` are calendars that contribute their last good reading. With `dull` the evidence lacks what says nothing."""
    verdicts = partial(_verdicts, occurrences, policy=policy, places=places)
    if dull is not None:
        known = {e.key for absence in memory.known for e in absence.evidence}
        verdicts = partial(_verdicts_that_say_something, occurrences, policy=policy, places=places, known=known, dull=dull)
    judged, policy = _judged(occurrences, policy, verdicts)
    evidence = _still_meant(judged, memory.known, stale)
    home = home_of(policy, places)
    found = merge(remembered(evidence, memory.known, now), memory.declared, policy.me, home, policy.detect)
    zone = policy.me.home_zone
    identified = identify(found, memory.known, memory.said, now, zone, evidence=evidence, home=home, policy=policy.detect)
    return Detected(evidence, identified)


def _still_meant(evidence: Sequence[Evidence], known: Sequence[KnownAbsence], stale: Collection[str]) -> tuple[Evidence, ...]:
    """A last good reading has no words of private entries: these mean what they meant when they could be read."""
    meant = {e.key: e for absence in known for e in absence.evidence if e.private and e.key.calendar_id in stale}
    return tuple(meant.get(e.key, e) for e in evidence)


def away(evidence: Sequence[Evidence], seen: Sequence[Occurrence], policy: Policy) -> dict[str, tuple[Interval, ...]]:
    """When each person is away, by person id, from what the calendars say about colleagues, and from long times on a colleague's
    own calendar of which only free and busy is shown."""
    spans: dict[str, list[Interval]] = {}
    for item in evidence:
        if item.verdict == "colleague" and (person := _person(item.colleague, policy)):
            spans.setdefault(person, []).append(_daylight(item.span, policy.me.home_zone))
    owners = {each.id: owner.id for each in policy.calendar if (owner := policy.person_by_address(each.collection))}
    for occurrence in seen:
        if (owner_id := owners.get(occurrence.key.calendar_id)) and _is_long_busy(occurrence, policy):
            spans.setdefault(owner_id, []).append(_daylight(occurrence.span, policy.me.home_zone))
    return {person: tuple(found) for person, found in spans.items()}


def _is_long_busy(occurrence: Occurrence, policy: Policy) -> bool:
    """Shorter ones are meetings, perhaps the very one that is to be hosted."""
    busy = occurrence.role == "team" and occurrence.event_type == "freeBusy" and not occurrence.transparent
    return busy and occurrence.span.length >= timedelta(hours=policy.detect.shortest_hours)


def _person(colleague: str, policy: Policy) -> str | None:
    """By address, by id, by full name, or by a first name that only one person has."""
    wanted = colleague.casefold().strip()
    by_address = policy.person_by_address(wanted)
    if by_address:
        return by_address.id
    whole = [p.id for p in policy.person if wanted in (p.id.casefold(), p.name.casefold())]
    words = set(wanted.replace(",", " ").split())
    part = [p.id for p in policy.person if words & set(p.name.casefold().split()[:1])]
    found = whole or part
    return found[0] if len(found) == 1 else None


def _daylight(span: Interval, home_zone: str) -> Interval:
    zone = ZoneInfo(home_zone)
    return Interval(span.start.astimezone(zone), span.end.astimezone(zone))
