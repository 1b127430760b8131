"""The brief to the team before the leader leaves: who covers what, how far they may decide, who helps, what waits. Internal only:
no private entry, no one-to-one, no place and no itinerary, whatever the calendar says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from msgspec import Struct

from rules import page
from rules.hosts import Coverage, bare_title, effective_level, escalation, internal_domains, is_one_to_one, rights
from rules.interval import Interval
from rules.items import HostItem, MailItem, effect_id
from rules.mentors import Mentoring
from rules.model import Absence, Occurrence
from rules.page import Entry, Line, Section, filled
from rules.phrases import on_day
from rules.plan import Skipped
from rules.policy import LEVEL_WORDS, Duty, Me, Person, Policy
from rules.responder import back_on
from rules.telling import stretch
from rules.workdays import Workdays, instant


class Brief(Struct, frozen=True):
    """What the team hears. `entries` are the covered meetings as events, `to` addresses, `due` when it goes out, `made` when it
    was composed. Text is as it came, escaped by each renderer."""

    absence_id: str
    title: str
    intro: str
    sections: tuple[Section, ...]
    entries: tuple[Entry, ...]
    to: tuple[str, ...]
    due: datetime
    made: datetime


def compose(
    absence: Absence,
    policy: Policy,
    coverage: Coverage,
    mentoring: Mentoring,
    occurrences: Sequence[Occurrence],
    away: Mapping[str, Sequence[Interval]],
    holidays: frozenset[date],
    now: datetime,
) -> Brief:
    """`away` maps person ids to when they are away; `occurrences` tell which meetings are private and how they are held."""
    open_to_all = {o.key for o in occurrences if _tellable(o, policy)}
    items = [item for item in coverage.items if item.key in open_to_all]
    shown = [o for o in occurrences if o.key in open_to_all]
    sections = (
        *filled("Meetings", (_meeting(item, policy) for item in items)),
        *filled("Nobody yet", _uncovered(coverage, policy, absence, away)),
        *filled("Asked later", _asked_later(coverage, policy)),
        *filled("Duties", _duties(policy, absence, away)),
        *filled("Mentors", _mentors(mentoring, policy.me.home_zone)),
        *filled("Waits until the return", _waits(coverage, policy)),
        *filled("To arrange before", _arrange(items, shown, policy.me.home_zone)),
        *filled("If something cannot wait", _urgent(policy, items, mentoring)),
    )
    return Brief(
        absence_id=absence.id,
        title=f"While {policy.me.name} is away",
        intro=_intro(absence, policy.me, holidays),
        sections=sections,
        entries=tuple(_entry(item) for item in items),
        to=recipients(absence, policy, coverage, mentoring),
        due=due(absence, policy, holidays),
        made=now,
    )


def _tellable(occurrence: Occurrence, policy: Policy) -> bool:
    return not occurrence.private and not is_one_to_one(occurrence, policy)


def _intro(absence: Absence, me: Me, holidays: frozenset[date]) -> str:
    first = absence.span.start.astimezone(ZoneInfo(me.home_zone)).date()
    return f"{me.name} is away from {on_day(first, 'en')} and back on {on_day(back_on(absence, me, holidays), 'en')}."


# --- sections ---------------------------------------------------------------------------------------------------------


def _meeting(item: HostItem, policy: Policy) -> Line:
    who = item.host_name if item.state == "accepted" else f"{item.host_name} (asked, not yet accepted)"
    pair = (f"together with {item.paired_with}",) if item.paired_with else ()
    return Line(f"{item.summary}, {stretch(item.span, policy.me.home_zone)}", ". ".join([", ".join([who, *pair]), *item.lines]))


def _uncovered(coverage: Coverage, policy: Policy, absence: Absence, away: Mapping[str, Sequence[Interval]]) -> Iterable[Line]:
    for gap in coverage.gaps:
        if _tellable(gap.occurrence, policy):
            yield Line(_when(gap.occurrence, policy), f"it stays with {policy.me.name} until somebody is found")
    for duty in policy.duty:
        if not duty.parked and not _deputies(duty, policy, absence, away):
            yield Line(duty.name, "everybody who could cover it is away")


def _when(occurrence: Occurrence, policy: Policy) -> str:
    return f"{bare_title(occurrence)}, {stretch(occurrence.span, policy.me.home_zone)}"


def _asked_later(coverage: Coverage, policy: Policy) -> Iterable[Line]:
    zone = ZoneInfo(policy.me.home_zone)
    for later in coverage.later:
        if _tellable(later.occurrence, policy):
            yield Line(
                _when(later.occurrence, policy), f"a host is asked from {on_day(later.ask_on.astimezone(zone).date(), 'en')}"
            )


def _deputies(duty: Duty, policy: Policy, absence: Absence, away: Mapping[str, Sequence[Interval]]) -> list[Person]:
    """Those of the duty's deputies who are there for all of the absence, in order; else those who are there for part of it."""
    people = [person for wanted in duty.deputies for person in policy.person if person.id == wanted]
    throughout = [p for p in people if not any(busy.overlaps(absence.span) for busy in away.get(p.id, ()))]
    return throughout or [p for p in people if not any(busy.covers(absence.span) for busy in away.get(p.id, ()))]


def _duties(policy: Policy, absence: Absence, away: Mapping[str, Sequence[Interval]]) -> Iterable[Line]:
    for duty in policy.duty:
        if not duty.parked and (people := _deputies(duty, policy, absence, away)):
            yield Line(duty.name, _duty(duty, people, policy))


def _duty(duty: Duty, people: Sequence[Person], policy: Policy) -> str:
    level = effective_level(duty.decide, people[0])
    parts = [", then ".join(person.name for person in people), f"Decision level {level}: {LEVEL_WORDS[level]}"]
    if duty.do_not_decide:
        parts.append(f"Not to be decided: {', '.join(duty.do_not_decide)}")
    if duty.escalate:
        parts.append(f"If it gets stuck: {escalation(duty.escalate, policy)}")
    return ". ".join(parts)


def _mentors(mentoring: Mentoring, zone: str) -> Iterable[Line]:
    for pairing in mentoring.pairings:
        yield Line(pairing.junior.name, f"{pairing.mentor.name}, {stretch(pairing.span, zone)}, {pairing.reach or 'in person'}")
    for gap in mentoring.gaps:
        yield Line(gap.junior.name, f"nobody, {stretch(gap.span, zone)}: {gap.because}")


def _waits(coverage: Coverage, policy: Policy) -> Iterable[Line]:
    yield from (Line(duty.name) for duty in policy.duty if duty.parked)
    yield from (Line(_when(o, policy), "goes on without a host") for o in coverage.waiting if _tellable(o, policy))


def _arrange(items: Sequence[HostItem], occurrences: Sequence[Occurrence], zone: str) -> Iterable[Line]:
    for right in rights(items, occurrences):
        yield Line(right.name, f"must be able to {right.what} ({right.summary}, {stretch(right.span, zone)})")


def _urgent(policy: Policy, items: Sequence[HostItem], mentoring: Mentoring) -> Iterable[Line]:
    if policy.inbox.mode != "off":
        yield Line("Urgent", f"{policy.inbox.urgent_word} in the subject of a mail to {policy.me.name} comes straight through")
    told = {pairing.mentor.id for pairing in mentoring.pairings}  # stand above with how to reach them
    for person in policy.person:
        if person.reach and person.id not in told and any(item.host == person.id for item in items):
            yield Line(person.name, person.reach)


def _entry(item: HostItem) -> Entry:
    state = "" if item.state == "accepted" else " (asked)"
    return Entry(f"{item.id}.brief", item.span, f"{item.summary}: {item.host_name}{state}", ". ".join(item.lines))


# --- to whom, and when ------------------------------------------------------------------------------------------------


def recipients(absence: Absence, policy: Policy, coverage: Coverage, mentoring: Mentoring) -> tuple[str, ...]:
    """Whom the policy names; else everybody who covers something, and the direct reports. Those at addresses outside the company
    get it only where they are named, and family only then too."""
    if policy.brief.to:
        return _addresses(person for person in policy.person if person.id in policy.brief.to)
    duties = [person_id for duty in policy.duty if not duty.parked for person_id in duty.deputies]
    covering = {
        *(item.host for item in coverage.items),
        *(pairing.mentor.id for pairing in mentoring.pairings),
        *absence.cover,
        *duties,
    }
    return _addresses(p for p in policy.person if (p.report or p.id in covering) and not p.family and _inside(p, policy.me))


def _addresses(people: Iterable[Person]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(person.addresses[0].lower() for person in people if person.addresses))


def _inside(person: Person, me: Me) -> bool:
    """Where the leader has only a public mail provider there is no inside to tell from outside."""
    domains = internal_domains(me)
    return not domains or any(address.rpartition("@")[2].lower() in domains for address in person.addresses[:1])


def due(absence: Absence, policy: Policy, holidays: frozenset[date]) -> datetime:
    """When work starts, `working_days_before` working days before the leader leaves."""
    zone, before = policy.me.home_zone, policy.brief.working_days_before
    leaving = absence.span.start.astimezone(ZoneInfo(zone)).date()
    found = Workdays.of(policy.me, holidays).find_before(leaving, before) if before else None
    return instant(found or leaving, policy.me.work_starts, zone)


# --- renderings -------------------------------------------------------------------------------------------------------


def as_markdown(brief: Brief) -> str:
    return page.as_markdown(brief.title, brief.intro, brief.sections)


def as_html(brief: Brief) -> str:
    """One self-contained file."""
    return page.as_html(brief.title, brief.intro, brief.sections)


def as_ics(brief: Brief) -> str:
    """The coverage as a calendar to subscribe to or to open; it books nobody."""
    return page.as_ics(brief.entries, brief.made)


def as_mail(brief: Brief, mail_id: str) -> MailItem | Skipped:
    """Skipped where nobody is to get it."""
    if not brief.to:
        return Skipped("brief", "there is nobody to send it to", brief.absence_id)
    return MailItem(
        id=effect_id(brief.absence_id, "brief"),
        absence_id=brief.absence_id,
        mail_id=mail_id,
        purpose="brief",
        to=brief.to,
        subject=brief.title,
        body=page.as_text(brief.title, brief.intro, brief.sections),
        html=as_html(brief),
        calendar=as_ics(brief) if brief.entries else "",
        due=brief.due,
    )
