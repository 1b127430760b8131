"""Which absence is which: ids are minted once and recognised at each pass, what the user said about them is applied, and what has
begun goes on when a feed drops it. It finds no absence by itself and forgets none."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from msgspec import Struct
from msgspec.structs import replace

from rules import absence as absences_of
from rules import explain, journey, place
from rules.grouping import time_shared
from rules.interval import Interval
from rules.model import Absence, Evidence, EvidenceKind, KnownAbsence, OccurrenceKey, Place, Said
from rules.policy import DetectPolicy
from rules.telling import at

CHANGED_WITHIN = timedelta(days=14)  # a new ticket for the same route this near replaces the one that is gone


class Identified(Struct, frozen=True):
    """`absences` are disjoint and sorted, with their lasting ids and the user's answers in them; `declined` those that the user
    dismissed or undid. `minted` are the ids that are new (of both). `vanished`: their evidence is gone and they had not begun, or
    every entry of theirs was cancelled. `merged`: (id that is no more, id that it went into)."""

    absences: tuple[Absence, ...]
    declined: tuple[Absence, ...] = ()
    minted: tuple[str, ...] = ()
    vanished: tuple[KnownAbsence, ...] = ()
    merged: tuple[tuple[str, str], ...] = ()


def remember(found: Absence, minted: datetime) -> KnownAbsence:
    """What the ledger keeps of an absence. `minted` is when its id was new."""
    keys = tuple(sorted({e.key for e in found.evidence}))
    return KnownAbsence(found.id, found.span, keys, identities(found), minted, found.evidence)


def identities(found: Absence) -> tuple[str, ...]:
    """For `Said.identities`: the contents of the evidence, by which an answer is found again."""
    return tuple(sorted({journey.content(e) for e in found.evidence}))


# --- evidence that vanishes -------------------------------------------------------------------------------------------


# The family's time and the digest come after the return, when feeds have dropped the trip already.
AFTERMATH = timedelta(days=60)


def _in_progress(known: KnownAbsence, now: datetime) -> bool:
    """Begun, and not so long over that nothing of ours hangs on it any more."""
    return known.span.start <= now < known.span.end + AFTERMATH


def _replaced(old: Evidence, evidence: Sequence[Evidence], known: KnownAbsence) -> bool:
    """A new ticket for the same route: the journey was booked anew."""
    mine = set(known.keys)
    return journey.is_leg(old) and any(
        journey.is_leg(e)
        and e.key not in mine
        and place.same_place(e.destination, old.destination)
        and (e.origin is None or old.origin is None or place.same_place(e.origin, old.origin))
        and abs(e.span.start - old.span.start) <= CHANGED_WITHIN
        for e in evidence
    )


def remembered(evidence: Sequence[Evidence], known: Iterable[KnownAbsence], now: datetime) -> tuple[Evidence, ...]:
    """`evidence`, and what absences in progress rest on but no calendar shows any more (feeds drop the past). An entry that is
    still there, changed or cancelled, counts as it is now; a ticket ahead that was booked anew is not brought back. To be
    called before `absence.merge`."""
    keys, contents = {e.key for e in evidence}, {journey.content(e) for e in evidence}
    gone = [
        old
        for k in known
        if _in_progress(k, now)
        for old in k.evidence
        if old.kind is not EvidenceKind.DECLARED and old.key not in keys and journey.content(old) not in contents
        if old.span.start <= now or not _replaced(old, evidence, k)
    ]
    return (*evidence, *dict.fromkeys(gone))


def _cancelled(evidence: Iterable[Evidence]) -> tuple[set[OccurrenceKey], set[str]]:
    gone = [e for e in evidence if e.cancelled]
    return {e.key for e in gone}, {journey.content(e) for e in gone}


def _carried_on(known: KnownAbsence, evidence: Sequence[Evidence], home: Place, policy: DetectPolicy) -> Absence | None:
    """An absence in progress rebuilt from what the ledger remembers; None where every entry was cancelled."""
    keys, contents = _cancelled(evidence)
    kept = [e for e in known.evidence if e.key not in keys and journey.content(e) not in contents]
    rebuilt = absences_of.assemble(kept, (), home, policy)
    best = max(rebuilt, key=lambda a: time_shared(a.span, known.span), default=None)
    if best is None:
        return None
    gone = "Its calendar entries are gone; an absence that has begun goes on until its end."
    return replace(best, id=known.id, because=(*best.because, gone))


# --- matching ---------------------------------------------------------------------------------------------------------


def _same_evidence(found: Absence, known: KnownAbsence) -> int:
    """How many of the entries are known, by key or by content."""
    keys, contents = set(known.keys), set(known.identities)
    return sum(1 for e in found.evidence if e.key in keys or journey.content(e) in contents)


def _mostly_overlaps(found: Absence, known: KnownAbsence) -> bool:
    """By more than half of the longer one."""
    return time_shared(found.span, known.span) * 2 > max(found.span.length, known.span.length)


def _match_evidence(found: Sequence[Absence], known: Sequence[KnownAbsence]) -> dict[int, KnownAbsence]:
    """The older id where several merged; the earlier part where one split."""
    matched: dict[int, KnownAbsence] = {}
    taken: set[str] = set()
    for n, candidate in enumerate(found):
        sharing = [k for k in known if k.id not in taken and _same_evidence(candidate, k)]
        if sharing:
            matched[n] = min(sharing, key=lambda k: (k.minted, -_same_evidence(candidate, k), k.span.start, k.id))
            taken.add(matched[n].id)
    return matched


def _match_overlap(found: Sequence[Absence], known: Sequence[KnownAbsence], matched: dict[int, KnownAbsence]) -> None:
    """What shares no evidence with anything known, but takes the place of it."""
    touched = {k.id for k in known if any(_same_evidence(f, k) for f in found)}
    for n, candidate in enumerate(found):
        if n in matched:
            continue
        taken = {k.id for k in matched.values()} | touched
        over = [k for k in known if k.id not in taken and _mostly_overlaps(candidate, k)]
        if over:
            matched[n] = min(over, key=lambda k: (k.minted, -time_shared(candidate.span, k.span), k.id))


def _fresh(wanted: str, taken: set[str]) -> str:
    """`wanted`, or the next free one with a number."""
    candidate, n = wanted, 2
    while candidate in taken:
        candidate, n = f"{wanted}-{n}", n + 1
    return candidate


def _named(
    found: Sequence[Absence], known: Sequence[KnownAbsence], matched: dict[int, KnownAbsence]
) -> tuple[list[Absence], list[str]]:
    """With lasting ids, and which of them are new."""
    taken = {k.id for k in known}
    named: list[Absence] = []
    minted: list[str] = []
    for n, candidate in enumerate(found):
        new = matched[n].id if n in matched else _fresh(candidate.id, taken)
        if n not in matched:
            minted.append(new)
            taken.add(new)
        named.append(replace(candidate, id=new))
    return named, minted


def _went_into(known: KnownAbsence, named: Sequence[Absence]) -> str | None:
    """The absence that now has the evidence of one whose id is no more."""
    return next((a.id for a in named if _same_evidence(a, known)), None)


# --- what the user said -----------------------------------------------------------------------------------------------


def _about(found: Absence, said: Iterable[Said], ids: set[str]) -> list[Said]:
    """Everything said about it, oldest first: by id, or by its evidence where the id has changed since."""
    contents = set(identities(found))
    return sorted(
        (s for s in said if s.absence_id == found.id or (s.absence_id not in ids and contents & set(s.identities))),
        key=lambda s: s.at,
    )


def _last(said: Iterable[Said], *verbs: str) -> Said | None:
    return next((s for s in reversed(list(said)) if s.verb in verbs), None)


def _confirmed(found: Absence, said: Said, zone: str) -> Absence:
    yes = f"You said yes on {explain.day_words(place.local_date(said.at, zone), True)}."
    return replace(found, action="act", confidence=1.0, because=(yes, *found.because[1:]))


def _moved(found: Absence, said: Said, zone: str, home: Place) -> Absence | None:
    """None where nothing is left of it: back before it began."""
    try:
        span = absences_of.moved_span(found.span, said)
    except ValueError:
        return found if said.verb == "leave" else None
    words = "leave" if said.verb == "leave" else "are back"
    moment = at(span.start if said.verb == "leave" else span.end, zone)
    moved = absences_of.with_span(found, span, home)
    return replace(moved, action="act", confidence=1.0, because=(*moved.because, f"You said that you {words} {moment}."))


def _answered(found: Absence, said: Sequence[Said], zone: str, home: Place) -> Absence | None:
    """With the user's answers; None where it was declined."""
    decision = _last(said, "confirm", "dismiss", "undo")
    if decision and decision.verb != "confirm":
        return None
    moved: Absence | None = _confirmed(found, decision, zone) if decision else found
    for move in (_last(said, "leave"), _last(said, "back", "extend")):
        moved = _moved(moved, move, zone, home) if moved and move else moved
    return moved


def _disjoint(answered: Iterable[Absence], home: Place) -> tuple[Absence, ...]:
    """An extension ends where the next absence begins, or takes in what it covers."""
    done: list[Absence] = []
    for later in sorted(answered, key=lambda a: (a.span.start, -a.span.end.timestamp(), a.id)):
        last = done[-1] if done else None
        if last is None or last.span.end <= later.span.start:
            done.append(later)
        elif later.span.end <= last.span.end or later.span.start <= last.span.start:
            done[-1] = replace(last, evidence=tuple(sorted({*last.evidence, *later.evidence}, key=journey.order)))
        else:
            done[-1] = absences_of.with_span(last, Interval(last.span.start, later.span.start), home)
            done.append(later)
    return tuple(done)


# --- all of it --------------------------------------------------------------------------------------------------------


def identify(
    found: Sequence[Absence],
    known: Sequence[KnownAbsence],
    said: Sequence[Said],
    now: datetime,
    zone: str,
    *,
    evidence: Sequence[Evidence] = (),
    home: Place | None = None,
    policy: DetectPolicy | None = None,
) -> Identified:
    """`found` (from `absence.merge`) recognised among `known` by shared evidence (key or content), else by overlap of more than
    half; a merge keeps the older id, a split gives it to the earlier part. Then the user's answers. An absence in progress
    whose entries are all gone goes on from `KnownAbsence.evidence`, unless `evidence` (everything that was read) says that they
    are cancelled. `zone` is the home zone; without `home` only the zone of the home is known."""
    at_home, rules = home or Place(name="", zone=zone), policy or DetectPolicy()
    ordered = sorted(found, key=lambda a: (a.span.start, a.id))
    matched = _match_evidence(ordered, known)
    _match_overlap(ordered, known, matched)
    named, minted = _named(ordered, known, matched)
    lost = [k for k in known if k.id not in {m.id for m in matched.values()}]
    merged = [(k.id, into) for k in lost if (into := _went_into(k, named))]
    gone = [k for k in lost if k.id not in dict(merged)]
    carried = {k.id: _carried_on(k, evidence, at_home, rules) for k in gone if _in_progress(k, now)}
    named += [a for a in carried.values() if a]
    ids = {a.id for a in named}
    answers = [(a, _answered(a, _about(a, said, ids), zone, at_home)) for a in named]
    return Identified(
        absences=_disjoint((a for _, a in answers if a), at_home),
        declined=tuple(sorted((a for a, answer in answers if answer is None), key=lambda a: (a.span.start, a.id))),
        minted=tuple(minted),
        vanished=tuple(k for k in gone if carried.get(k.id) is None and now < k.span.end),
        merged=tuple(merged),
    )
