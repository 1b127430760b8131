"""Who stands by the juniors while the leader is away: each gets a senior, for as long as that senior is there. Nobody is
nominated who is away, and a junior without anybody is a gap, not a silence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

from msgspec import Struct

from rules.interval import Interval
from rules.items import MailItem, effect_id
from rules.model import Absence
from rules.phrases import fold, on_day
from rules.policy import Person, Policy
from rules.telling import printable


class Pairing(Struct, frozen=True):
    """`mentor` stands by `junior` over `span`. `reach` is how to reach the mentor; for inside only."""

    junior: Person
    mentor: Person
    span: Interval

    @property
    def reach(self) -> str:
        return self.mentor.reach or next(iter(self.mentor.addresses), "")


class Unmentored(Struct, frozen=True):
    """A junior without a mentor over `span`."""

    junior: Person
    span: Interval
    because: str


class Mentoring(Struct, frozen=True):
    """Over the absence each junior is at each moment in one pairing or in one gap. Sorted by junior id and time."""

    pairings: tuple[Pairing, ...] = ()
    gaps: tuple[Unmentored, ...] = ()


def pair(
    absence: Absence, people: Sequence[Person], away: Mapping[str, Sequence[Interval]], standing: Mapping[str, str]
) -> Mentoring:
    """Juniors are direct reports marked junior; mentors the seniors among `people`, and whom a junior prefers. `away` maps person
    ids to when they are away, `standing` junior ids to the mentor they have had so far in this absence."""
    juniors = sorted((p for p in people if p.report and p.seniority == "junior" and not p.family), key=lambda p: p.id)
    load: Counter[str] = Counter(mentor for junior, mentor in standing.items() if any(j.id == junior for j in juniors))
    pairings: list[Pairing] = []
    gaps: list[Unmentored] = []
    for junior in juniors:
        if junior.id in standing:  # their own pairing must not speak against it
            load[standing[junior.id]] -= 1
        chosen, missing = _for_one(junior, absence.span, people, away, standing.get(junior.id, ""), load)
        load.update({pairing.mentor.id for pairing in chosen})
        pairings += chosen
        gaps += missing
    return Mentoring(tuple(pairings), tuple(gaps))


def _for_one(
    junior: Person,
    whole: Interval,
    people: Sequence[Person],
    away: Mapping[str, Sequence[Interval]],
    standing: str,
    load: Mapping[str, int],
) -> tuple[list[Pairing], list[Unmentored]]:
    """One mentor for the whole time if there is one, else one after the other."""
    ranked = _ranked(junior, people, standing, load)
    for mentor in ranked:
        if not any(busy.overlaps(whole) for busy in away.get(mentor.id, ())):
            return [Pairing(junior, mentor, whole)], []
    pairings: list[Pairing] = []
    gaps: list[Unmentored] = []
    at = whole.start
    while at < whole.end:
        until = _next_change(at, whole.end, ranked, away)
        there = next((mentor for mentor in ranked if not _away_at(mentor, at, away)), None)
        if there is None:
            gaps = _lengthened_gap(gaps, junior, Interval(at, until), bool(ranked))
        else:
            pairings = _lengthened(pairings, Pairing(junior, there, Interval(at, until)))
        at = until
    return pairings, gaps


def _ranked(junior: Person, people: Sequence[Person], standing: str, load: Mapping[str, int]) -> list[Person]:
    """The one they have first, then the preferred in their order, then whoever has fewest juniors."""
    preferred = [p for wanted in junior.mentors for p in people if p.id == wanted]
    seniors = sorted(
        (p for p in people if p.seniority == "senior" and not p.family), key=lambda p: (load.get(p.id, 0), fold(p.name), p.id)
    )
    known = list(dict.fromkeys(p for p in [*preferred, *seniors] if p.id != junior.id))
    return sorted(known, key=lambda p: p.id != standing)


def _away_at(person: Person, moment: datetime, away: Mapping[str, Sequence[Interval]]) -> bool:
    return any(moment in busy for busy in away.get(person.id, ()))


def _next_change(at: datetime, end: datetime, ranked: Sequence[Person], away: Mapping[str, Sequence[Interval]]) -> datetime:
    moments = (m for p in ranked for busy in away.get(p.id, ()) for m in (busy.start, busy.end) if m > at)
    return min([end, *moments])


def _lengthened(pairings: list[Pairing], new: Pairing) -> list[Pairing]:
    """Handing back and forth is spared where the same mentor goes on."""
    if pairings and pairings[-1].mentor == new.mentor and pairings[-1].span.end == new.span.start:
        return [*pairings[:-1], Pairing(new.junior, new.mentor, Interval(pairings[-1].span.start, new.span.end))]
    return [*pairings, new]


def _lengthened_gap(gaps: list[Unmentored], junior: Person, span: Interval, anybody: bool) -> list[Unmentored]:
    because = "every possible mentor is away" if anybody else "there is no senior"
    if gaps and gaps[-1].span.end == span.start:
        return [*gaps[:-1], Unmentored(junior, Interval(gaps[-1].span.start, span.end), because)]
    return [*gaps, Unmentored(junior, span, because)]


def introduction(pairing: Pairing, absence: Absence, policy: Policy, mail_id: str) -> MailItem:
    """One mail to both, so that each knows of the other: who, reachable how, from when to when. Never where the leader is."""
    zone = policy.me.home_zone
    first, last = _days(pairing.span, zone)
    junior, mentor = printable(pairing.junior.name), printable(pairing.mentor.name)
    body = "\n\n".join(
        [
            f"Hello {junior}, hello {mentor},",
            f"while I am away, from {first} to {last}, {mentor} is there for {junior}: for questions, second opinions and "
            "whatever would otherwise have come to me.",
            f"How to reach {mentor}: {printable(pairing.reach) or 'in person'}",
            f"A short hello now saves a long search later. Thank you both.\n{printable(policy.me.name)}",
        ]
    )
    to = tuple(address.lower() for person in (pairing.junior, pairing.mentor) for address in person.addresses[:1])
    effect = effect_id(absence.id, "mentor", pairing.junior.id, pairing.mentor.id)
    return MailItem(effect, absence.id, mail_id, "mentor", to, f"{mentor} is there for you while I am away", body)


def _days(span: Interval, zone: str) -> tuple[str, str]:
    from zoneinfo import ZoneInfo

    home = ZoneInfo(zone)
    return on_day(span.start.astimezone(home).date(), "en"), on_day(span.end.astimezone(home).date(), "en")
