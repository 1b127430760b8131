"""Who stands by the juniors while the leader is away: each gets a senior, for as long as that senior is there. Nobody is
nominated who is away, and a junior without anybody is a gap, not a silence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from msgspec import Struct

from rules.interval import Interval
from rules.items import MailItem, effect_id
from rules.model import Absence
from rules.page import Entry, as_ics
from rules.phrases import fold, on_day
from rules.policy import Person, Policy
from rules.relay import relay, there_throughout
from rules.telling import printable, stretch
from rules.workdays import Workdays, days_of, instant


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
        if there_throughout(mentor, whole, away):
            return [Pairing(junior, mentor, whole)], []
    shares = relay(whole, ranked, away)
    because = "every possible mentor is away" if ranked else "there is no senior"
    return (
        [Pairing(junior, share.person, share.span) for share in shares if share.person is not None],
        [Unmentored(junior, share.span, because) for share in shares if share.person is None],
    )


def _ranked(junior: Person, people: Sequence[Person], standing: str, load: Mapping[str, int]) -> list[Person]:
    """The one they have first, then the preferred in their order, then whoever has fewest juniors."""
    preferred = [p for wanted in junior.mentors for p in people if p.id == wanted]
    seniors = sorted(
        (p for p in people if p.seniority == "senior" and not p.family), key=lambda p: (load.get(p.id, 0), fold(p.name), p.id)
    )
    known = list(dict.fromkeys(p for p in [*preferred, *seniors] if p.id != junior.id))
    return sorted(known, key=lambda p: p.id != standing)


def introduction(
    pairing: Pairing, absence: Absence, policy: Policy, mail_id: str, due: datetime, holidays: frozenset[date]
) -> MailItem:
    """One mail to both, so that each knows of the other: who, reachable how, from when to when. Never where the leader is."""
    home = ZoneInfo(policy.me.home_zone)
    times = (pairing.span.start, pairing.span.end - timedelta(microseconds=1))
    first, last = (on_day(moment.astimezone(home).date(), "en") for moment in times)
    junior, mentor = printable(pairing.junior.name), printable(pairing.mentor.name)
    talk = first_talk(pairing, absence, policy, holidays)
    body = "\n\n".join(
        [
            f"Hello {junior}, hello {mentor},",
            f"while I am away, from {first} to {last}, {mentor} is there for {junior}: for questions, second opinions and "
            "whatever would otherwise have come to me.",
            f"How to reach {mentor}: {printable(pairing.reach) or 'in person'}",
            *_proposal(talk, policy.me.home_zone),
            f"A short hello now saves a long search later. Thank you both.\n{printable(policy.me.name)}",
        ]
    )
    return MailItem(
        id=effect_id(absence.id, "mentor", pairing.junior.id, pairing.mentor.id),
        absence_id=absence.id,
        mail_id=mail_id,
        purpose="mentor",
        to=tuple(address.lower() for person in (pairing.junior, pairing.mentor) for address in person.addresses[:1]),
        subject=f"{mentor} is there for {junior} while I am away",
        body=body,
        calendar=as_ics((talk,), due) if talk else "",
        due=due,
    )


def first_talk(pairing: Pairing, absence: Absence, policy: Policy, holidays: frozenset[date]) -> Entry | None:
    """When the two could talk: at the start of work on the first working day that lies wholly in their time. It is an entry for
    their calendars, since the leader is not there; None where the policy asks for none, or there is no such day."""
    minutes, zone = policy.mentors.block_minutes, policy.me.home_zone
    workdays = Workdays.of(policy.me, holidays)
    starts = (instant(day, policy.me.work_starts, zone) for day in days_of(pairing.span, zone) if workdays.works(day))
    start = next((moment for moment in starts if moment >= pairing.span.start), None)
    if not minutes or start is None or start + timedelta(minutes=minutes) > pairing.span.end:
        return None
    uid = f"{effect_id(absence.id, 'mentor', pairing.junior.id, pairing.mentor.id)}.talk"
    return Entry(uid, Interval(start, start + timedelta(minutes=minutes)), f"{pairing.junior.name} and {pairing.mentor.name}")


def _proposal(talk: Entry | None, zone: str) -> tuple[str, ...]:
    return (f"For a first talk: {stretch(talk.span, zone)}, as the entry that is attached. Move it as you like.",) if talk else ()
