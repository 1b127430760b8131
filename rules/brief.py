"""The brief to the team before the leader leaves: who covers what, how far they may decide, who helps, what waits. Internal only:
no private entry, no one-to-one, no place and no itinerary, whatever the calendar says."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from msgspec import Struct
from msgspec.structs import replace

from rules import brief_parts as parts
from rules import page
from rules.brief_parts import Covered
from rules.duties import DutyCover
from rules.hosts import Coverage
from rules.items import HostItem, MailItem, effect_id
from rules.meetings import internal_domains, is_one_to_one
from rules.mentors import Mentoring
from rules.model import Absence, Assignment, Occurrence
from rules.page import Entry, Section
from rules.phrases import on_day
from rules.plan import Skipped
from rules.policy import Me, Person, Policy
from rules.responder import back_on
from rules.telling import day
from rules.timeline import for_team
from rules.timeline_svg import figure
from rules.workdays import Workdays, instant


class Brief(Struct, frozen=True):
    """What the team hears. `shares` are what each has, `entries` the covered meetings as events, `to` addresses, `due` when it
    goes out, `made` when it was composed; all of it made of `covered`. `away` is the first day away and the day back. Text is as
    it came, escaped by each renderer."""

    absence_id: str
    title: str
    intro: str
    sections: tuple[Section, ...]
    shares: tuple[Section, ...]
    entries: tuple[Entry, ...]
    to: tuple[str, ...]
    due: datetime
    made: datetime
    covered: Covered
    away: tuple[date, date]


def compose(
    absence: Absence,
    policy: Policy,
    coverage: Coverage,
    mentoring: Mentoring,
    duties: tuple[DutyCover, ...],
    occurrences: Sequence[Occurrence],
    holidays: frozenset[date],
    now: datetime,
    until: Mapping[str, datetime],
) -> Brief:
    """`occurrences` tell which meetings are private and how they are held; `until`, by id of what was asked, when the next is
    asked."""
    shown = tuple(o for o in occurrences if _tellable(o, policy))
    covered = Covered(policy, absence.span, _open_to_all(coverage, shown, policy), duties, mentoring, shown, until)
    return Brief(
        absence_id=absence.id,
        title=f"While {policy.me.name} is away",
        intro=_intro(absence, policy.me, holidays),
        sections=parts.sections(covered),
        shares=parts.shares(covered),
        entries=tuple(_entry(item) for item in covered.coverage.items),
        to=recipients(absence, policy, coverage, mentoring),
        due=due(absence, policy, holidays),
        made=now,
        covered=covered,
        away=(_first(absence, policy.me), back_on(absence, policy.me, holidays)),
    )


def _open_to_all(coverage: Coverage, shown: Sequence[Occurrence], policy: Policy) -> Coverage:
    keys = {occurrence.key for occurrence in shown}
    return Coverage(
        items=tuple(item for item in coverage.items if item.key in keys),
        gaps=tuple(gap for gap in coverage.gaps if _tellable(gap.occurrence, policy)),
        later=tuple(later for later in coverage.later if _tellable(later.occurrence, policy)),
        waiting=tuple(o for o in coverage.waiting if _tellable(o, policy)),
    )


def _tellable(occurrence: Occurrence, policy: Policy) -> bool:
    return not occurrence.private and not is_one_to_one(occurrence, policy)


def _intro(absence: Absence, me: Me, holidays: frozenset[date]) -> str:
    dates = (
        f"{me.name} is away from {on_day(_first(absence, me), 'en')} and back on {on_day(back_on(absence, me, holidays), 'en')}."
    )
    return f"{dates} {parts.UNTIL_THEN}"


def _first(absence: Absence, me: Me) -> date:
    return absence.span.start.astimezone(ZoneInfo(me.home_zone)).date()


def _entry(item: HostItem) -> Entry:
    state = "" if item.state == "accepted" else " (asked)"
    return Entry(f"{item.id}.brief", item.span, f"{item.summary}: {item.host_name}{state}", ". ".join(item.lines))


def of_person(brief: Brief, person: Person) -> Brief:
    """What that person covers, alone; for nobody else, so it is sent to nobody."""
    own = brief.covered.of(person)
    return replace(
        brief,
        title=f"What {person.name} covers {brief.title[:1].lower()}{brief.title[1:]}",
        sections=parts.of_one(brief.covered, person),
        shares=(),
        entries=tuple(_entry(item) for item in own.coverage.items),
        to=(),
        covered=own,
    )


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


_PATIENCE = timedelta(hours=12)
"""So long a brief waits for answers that cannot be seen: an outage of a night, and not the days until the departure."""


def waits(
    letter: MailItem, absence: Absence, assignments: Iterable[Assignment], unread: Collection[str], now: datetime
) -> bool:  # fmt: skip
    """Whether a brief that is due is put off: it says who has agreed, and that may stand in one of the calendars that cannot be
    read now (`unread`). Never beyond the departure."""
    if letter.purpose != "brief" or letter.due is None or now >= min(letter.due + _PATIENCE, absence.span.start):
        return False
    return any(
        held.absence_id == absence.id and held.state == "asked" and held.key.calendar_id in unread for held in assignments
    )  # fmt: skip


# --- renderings -------------------------------------------------------------------------------------------------------


def as_markdown(brief: Brief) -> str:
    return page.as_markdown(brief.title, brief.intro, brief.sections)


def as_html(brief: Brief) -> str:
    """One self-contained file; at its top who hosts what, drawn day by day; below, what each person covers."""
    covered = brief.covered
    first, back = brief.away
    days = for_team(brief.absence_id, _PICTURE, covered.zone, first, back, covered.coverage.items, covered.mentoring.pairings)
    return page.as_html(brief.title, brief.intro, (*brief.sections, *brief.shares), figure(days))


_PICTURE = "Who hosts what, day by day"


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


def as_update(brief: Brief, last: MailItem, sent: datetime, to: tuple[str, ...], due: datetime) -> MailItem | None:
    """The brief once more to those whose `last` one, `sent` then, no longer tells what they need to know: what has changed stands
    at its top. None where it still does. Its id derives from what is news, so that the same news is told once."""
    news = parts.changed(last.body, page.as_text(brief.title, brief.intro, brief.sections))
    if not news:
        return None
    zone = brief.covered.zone
    told = replace(brief, sections=(Section(f"Changed since {day(sent, zone)}", news), *brief.sections))
    return MailItem(
        id=effect_id(brief.absence_id, "brief", last.id, *((line.lead + line.rest).replace(parts.UNSURE, "") for line in news)),
        absence_id=brief.absence_id,
        mail_id=last.mail_id,
        purpose="brief",
        to=to,
        subject=f"Changed: {brief.title}",
        body=page.as_text(told.title, told.intro, told.sections),
        html=as_html(told),
        calendar=as_ics(told) if told.entries else "",
        due=due,
    )


def next_due(last: datetime, now: datetime, policy: Policy, holidays: frozenset[date]) -> datetime:
    """When work starts on the next working day after the last brief, and not in the past: news of a day are told together."""
    zone = ZoneInfo(policy.me.home_zone)
    first = max(last.astimezone(zone).date() + timedelta(days=1), now.astimezone(zone).date())
    return instant(Workdays.of(policy.me, holidays).find_from(first) or first, policy.me.work_starts, policy.me.home_zone)
