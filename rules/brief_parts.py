"""What stands in a brief, section by section, from who covers what. The same sections of one person's part alone are what that
person sees. No private entry, no one-to-one, no place: what may not be told has been left out of `Covered` before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from msgspec import Struct
from msgspec.structs import replace

from rules.asking import effective_level, escalation, rights
from rules.duties import BECAUSE, DutyCover, gap_words
from rules.hosts import Coverage
from rules.interval import Interval
from rules.items import HostItem
from rules.meetings import bare_title
from rules.mentors import Mentoring
from rules.model import Occurrence
from rules.page import Line, Section, filled
from rules.phrases import on_day
from rules.policy import LEVEL_WORDS, Person, Policy
from rules.telling import at, in_days, listed, stretch

# Headings that a brief can have, in their order.
MEETINGS, UNCOVERED, UNANSWERED, LATER = "Meetings", "Nobody yet", "Not answered yet", "Asked later"
DUTIES, MENTORS, WAITS, ARRANGE, URGENT = (
    "Duties", "Mentors", "Waits until the return", "To arrange before", "If something cannot wait",
)  # fmt: skip
UNSURE = " (asked, not yet accepted)"
UNTIL_THEN = "Until then whoever is named here decides, as far as the level says; what names nobody waits."


class Covered(Struct, frozen=True):
    """Who covers what in one absence, as far as the team may read it: `away` is from door to door, and told in days. `shown` are
    the meetings of `coverage`; `until`, by id of what was asked, when the next is asked."""

    policy: Policy
    away: Interval
    coverage: Coverage
    duties: tuple[DutyCover, ...]
    mentoring: Mentoring
    shown: tuple[Occurrence, ...]
    until: Mapping[str, datetime]

    @property
    def zone(self) -> str:
        return self.policy.me.home_zone

    def of(self, person: Person) -> Covered:
        """That person's part alone: what they host, answer for or step into, and whom they mentor or are mentored by."""
        items = tuple(i for i in self.coverage.items if i.host == person.id or i.paired_with == person.name)
        pairings = tuple(p for p in self.mentoring.pairings if person.id in (p.junior.id, p.mentor.id))
        return replace(
            self,
            coverage=Coverage(items=items),
            duties=tuple(replace(d, gaps=()) for d in self.duties if person in (*d.people, *d.behind)),
            mentoring=Mentoring(pairings, tuple(g for g in self.mentoring.gaps if g.junior.id == person.id)),
        )

    @property
    def names_nobody(self) -> bool:
        return not (self.coverage.items or self.duties or self.mentoring.pairings or self.mentoring.gaps)


def sections(covered: Covered) -> tuple[Section, ...]:
    """All that have a line."""
    return (
        *filled(MEETINGS, (meeting(item, covered) for item in covered.coverage.items)),
        *filled(UNCOVERED, _uncovered(covered)),
        *filled(UNANSWERED, _unanswered(covered)),
        *filled(LATER, _asked_later(covered)),
        *filled(DUTIES, _duties(covered)),
        *filled(MENTORS, _mentors(covered)),
        *filled(WAITS, _waits(covered)),
        *filled(ARRANGE, _arrange(covered)),
        *filled(URGENT, _urgent(covered)),
    )


def of_one(covered: Covered, person: Person) -> tuple[Section, ...]:
    """One person's part. What waits, and what to do when something cannot, is everybody's."""
    own = covered.of(person)
    waits = replace(own, coverage=replace(own.coverage, waiting=covered.coverage.waiting))
    return tuple(section for section in sections(waits) if section.lines)


def shares(covered: Covered) -> tuple[Section, ...]:
    """What each person has, a section for each, to be gone to; for a page."""
    found = []
    for number, person in enumerate(covered.policy.person, 1):
        own = covered.of(person)
        if not own.names_nobody:
            lines = (*(meeting(i, own) for i in own.coverage.items), *_duties(own), *_mentors(own), *_arrange(own))
            found.append(
                Section(f"What {person.name} covers" if _covers(own, person) else f"For {person.name}", lines, f"p{number}")
            )
    return tuple(found)


def _covers(own: Covered, person: Person) -> bool:
    return bool(own.coverage.items or own.duties or any(p.mentor == person for p in own.mentoring.pairings))


# --- the sections -----------------------------------------------------------------------------------------------------


def meeting(item: HostItem, covered: Covered) -> Line:
    who = item.host_name if item.state == "accepted" else f"{item.host_name}{UNSURE}"
    pair = (f"together with {item.paired_with}",) if item.paired_with else ()
    return Line(f"{item.summary}, {stretch(item.span, covered.zone)}", ". ".join([", ".join([who, *pair]), *item.lines]))


def _uncovered(covered: Covered) -> Iterable[Line]:
    for gap in covered.coverage.gaps:
        yield Line(_when(gap.occurrence, covered), f"it stays with {covered.policy.me.name} until somebody is found")
    for cover in covered.duties:
        for span in cover.gaps:
            yield Line(gap_words(cover, _days(span, covered)), BECAUSE)


def _when(occurrence: Occurrence, covered: Covered) -> str:
    return f"{bare_title(occurrence)}, {stretch(occurrence.span, covered.zone)}"


def _unanswered(covered: Covered) -> Iterable[Line]:
    """By person, so that everybody sees at once what is wanted of them."""
    asked: dict[str, list[str]] = {}
    for item in covered.coverage.items:
        if item.state != "accepted":
            limit = covered.until.get(item.id)
            then = f"; answer by {at(limit, covered.zone)}, then the next is asked" if limit else ""
            asked.setdefault(item.host_name, []).append(f"{item.summary} ({at(item.span.start, covered.zone)}{then})")
    for name, what in asked.items():
        yield Line(name, f"{listed(what)}. Until there is a yes, {covered.policy.me.name} answers for it")


def _asked_later(covered: Covered) -> Iterable[Line]:
    for later in covered.coverage.later:
        day = on_day(later.ask_on.astimezone(ZoneInfo(covered.zone)).date(), "en")
        yield Line(_when(later.occurrence, covered), f"a host is asked from {day}")


def _duties(covered: Covered) -> Iterable[Line]:
    return (Line(cover.duty.name, _duty(cover, covered)) for cover in covered.duties if cover.shares)


def _duty(cover: DutyCover, covered: Covered) -> str:
    duty = cover.duty
    level = effective_level(duty.decide, cover.people[0])
    parts = [_who_has(cover, covered), f"Decision level {level}: {LEVEL_WORDS[level]}"]
    if duty.do_not_decide:
        parts.append(f"Not to be decided: {', '.join(duty.do_not_decide)}")
    if stuck := escalation(duty.escalate, cover.people, covered.policy):
        parts.append(f"If it gets stuck: {stuck}")
    return ". ".join(parts)


def _who_has(cover: DutyCover, covered: Covered) -> str:
    """ "Ana, or else Ben"; where they take turns: "Ana (Mon 7 – Wed 9 Dec), then Ben (…)"."""
    having = [(share.person.name, share.span) for share in cover.shares if share.person is not None]
    alone = len(having) == 1 and not cover.gaps
    words = ", then ".join(name if alone else f"{name} ({_days(span, covered)})" for name, span in having)
    return ", or else ".join([words, *(person.name for person in cover.behind)])


def _mentors(covered: Covered) -> Iterable[Line]:
    for pairing in covered.mentoring.pairings:
        when = _days(pairing.span, covered)
        yield Line(pairing.junior.name, f"{pairing.mentor.name}, {when}, {pairing.reach or 'in person'}")
    for gap in covered.mentoring.gaps:
        yield Line(gap.junior.name, f"nobody, {_days(gap.span, covered)}: {gap.because}")


def _days(span: Interval, covered: Covered) -> str:
    """When the leader leaves and comes is the leader's own; when somebody else takes over is not."""
    return in_days(span, covered.away, covered.zone)


def _waits(covered: Covered) -> Iterable[Line]:
    yield from (Line(duty.name) for duty in covered.policy.duty if duty.parked)
    yield from (Line(_when(o, covered), "goes on without a host") for o in covered.coverage.waiting)


def _arrange(covered: Covered) -> Iterable[Line]:
    """Once for each person and meeting, however often it takes place."""
    times: dict[tuple[str, str, str], list[str]] = {}
    for right in rights(covered.coverage.items, covered.shown):
        times.setdefault((right.name, right.what, right.summary), []).append(stretch(right.span, covered.zone))
    for (name, what, summary), when in times.items():
        yield Line(name, f"must be able to {what} ({summary}, {listed(when)})")


def _urgent(covered: Covered) -> Iterable[Line]:
    policy = covered.policy
    if policy.inbox.mode != "off":
        yield Line("Urgent", f"{policy.inbox.urgent_word} in the subject of a mail to {policy.me.name} comes straight through")
    told = {pairing.mentor.id for pairing in covered.mentoring.pairings}  # stand above with how to reach them
    covering = {item.host for item in covered.coverage.items} | {p.id for d in covered.duties for p in (*d.people, *d.behind)}
    for person in policy.person:
        if person.reach and person.id not in told and person.id in covering:
            yield Line(person.name, person.reach)


# --- the next brief ---------------------------------------------------------------------------------------------------

# What people plan by. Who has not answered, and what follows from the rest, is no reason to write again.
_MATTERS = (MEETINGS, UNCOVERED, DUTIES, MENTORS, WAITS, URGENT)
_LASTS = (DUTIES, MENTORS, WAITS)  # what stood here and no longer does is news; a meeting may simply be over


def read_back(body: str) -> dict[str, list[str]]:
    """The lines of a brief that went out as text, by heading; "" is what stood before the first one."""
    found: dict[str, list[str]] = {"": []}
    heading = ""
    for line in body.splitlines():
        if line.startswith("- "):
            found[heading].append(line.removeprefix("- "))
        elif line.endswith(":"):
            heading = line.removesuffix(":")
            found[heading] = []
        elif line:
            found[""].append(line)
    return found


def changed(before: str, after: str) -> tuple[Line, ...]:
    """What people need to know of the difference between two briefs, as text; nothing where it is none to them."""
    old, new = read_back(before), read_back(after)
    lines = [Line(words.removesuffix(UNTIL_THEN).strip()) for words in new[""][1:2] if words not in old[""]]
    for heading in _MATTERS:
        known, wanted = ([each.replace(UNSURE, "") for each in side.get(heading, ())] for side in (old, new))
        told = zip(new.get(heading, ()), wanted, strict=True)
        lines += [Line(f"{heading}: {words}") for words, sure in told if sure not in known]
        leads = {words.partition(": ")[0] for words in wanted}
        gone = (words.partition(": ")[0] for words in known if heading in _LASTS)
        lines += [Line(f"{heading}: {lead}", "no longer") for lead in gone if lead not in leads]
    return tuple(lines)
