"""What the leader finds on return, in one page, grouped by deputy: what they handled, what needs the leader, what is only
to know. For the leader alone; it decides nothing and answers nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from msgspec import Struct

from rules import page
from rules.balance_page import figure
from rules.changes import Departure, change_lines, changes, invitation_lines, invitations, moved
from rules.development import Step
from rules.held_mail import HeldMail, held_lines
from rules.hosts import Gap
from rules.interval import Interval
from rules.items import BlockItem, HostItem, MailItem, effect_id
from rules.makeup import Sums
from rules.meetings import bare_title
from rules.model import Absence, Assignment, Envelope, Occurrence, OccurrenceKey
from rules.page import Line, Section, filled
from rules.phrases import fold
from rules.policy import LEVEL_WORDS, DecisionLevel, Person, Policy
from rules.telling import day, hours, listed, printable, stretch
from rules.threads import Answered, Asking, answered, is_letter, threads, waiting

DIGEST_FOR = timedelta(days=14)  # after the return; later nobody wants to know
_MOST = 20  # lines of one section; a digest that lists everything is an inbox
_MOST_NAMED = 3  # people in one line


class Memory(Struct, frozen=True):
    """What only the ledger and the mailboxes know of an absence: mail delivered or sent since it began, what was held and in
    how many openings, the calendars as they stood at the departure, who decided what; titles and sums of the family's time."""

    mails: tuple[Envelope, ...] = ()
    held: tuple[HeldMail, ...] = ()
    openings: int = 0
    departure: Departure | None = None
    steps: tuple[Step, ...] = ()
    family: Sequence[tuple[str, Sums]] = ()


class Seen(Struct, frozen=True):
    """What the calendars and homeward's own things say of an absence. `items` and `blocks` are those of this absence that stand;
    `unread` ids of calendars that cannot be read now."""

    items: tuple[HostItem, ...] = ()
    gaps: tuple[Gap, ...] = ()
    blocks: tuple[BlockItem, ...] = ()
    assignments: tuple[Assignment, ...] = ()
    occurrences: tuple[Occurrence, ...] = ()
    unread: frozenset[str] = frozenset()


class Digest(Struct, frozen=True):
    """`to` is the leader's own address. `family` is what is drawn of the family's time: titles and sums."""

    absence_id: str
    title: str
    intro: str
    sections: tuple[Section, ...]
    to: str
    family: Sequence[tuple[str, Sums]] = ()


def compose(absence: Absence, policy: Policy, seen: Seen, memory: Memory, now: datetime) -> Digest:
    zone = policy.me.home_zone
    meetings = _Meetings.of(absence, policy, seen, memory, now)
    mail = _Mail.of(absence, policy, memory)
    people = sorted((p for p in policy.person if not p.family), key=lambda p: (fold(p.name), p.id))
    found = changes(memory.departure, seen.occurrences, absence, seen.unread) if memory.departure else ()
    invited = invitations(seen.occurrences, memory.departure, policy.me, now)
    outside = [a for a in mail.waiting if _author(a, policy) is None]
    sections = (
        *(s for p in people for s in _capped(p.name, _about(p, policy, meetings, mail, memory.steps))),
        *_capped("Asks you, and nobody has answered", (_asking(a, zone) for a in outside)),
        *_capped("Without a host", _unhosted(seen, meetings, now, zone)),
        *_capped("Meetings while you were away", meetings.lines(zone)),
        *_capped("New invitations without an answer", invitation_lines(invited, zone)),
        *_capped("Changed in your calendar by others", change_lines([c for c in found if c.key not in _keys(invited)], zone)),
        *_capped("Mail", held_lines(memory.held, memory.mails, memory.openings, policy)),
        *_capped("Debriefs", _blocks(seen.blocks, "debrief", zone)),
        *_capped("Time for the family", _blocks(seen.blocks, "make-up", zone)),
    )
    intro = f"{day(absence.span.start, zone)} to {day(absence.span.end, zone)}: what happened while you were away."
    return Digest(absence.id, "Welcome home", intro, sections, policy.me.addresses[0], memory.family)


def _capped(heading: str, lines: Iterable[Line]) -> tuple[Section, ...]:
    kept = list(lines)
    more = [Line(f"and {len(kept) - _MOST} more")] if len(kept) > _MOST else []
    return filled(printable(heading), [*kept[:_MOST], *more])


def _keys(invited: Iterable[tuple[Occurrence, int]]) -> set[OccurrenceKey]:
    return {occurrence.key for occurrence, _ in invited}


# --- meetings ---------------------------------------------------------------------------------------------------------


class _Meetings(Struct, frozen=True):
    """Those that somebody was to host and whose time is over. `moved` maps some to when they would have been; `cancelled` are
    gone; `refused` maps some to who else was to host, in words."""

    held: tuple[HostItem, ...]
    cancelled: tuple[HostItem, ...]
    now_at: dict[OccurrenceKey, Interval]
    moved: dict[OccurrenceKey, Interval]
    refused: dict[OccurrenceKey, tuple[str, ...]]

    @classmethod
    def of(cls, absence: Absence, policy: Policy, seen: Seen, memory: Memory, now: datetime) -> _Meetings:
        names = {person.id: person.name for person in policy.person}
        there = {o.key: o.span for o in seen.occurrences if o.status != "CANCELLED"}
        accepted = sorted((i for i in seen.items if i.state == "accepted"), key=lambda i: (i.span.start, i.id))
        gone = [i for i in accepted if i.key not in there and i.key.calendar_id not in seen.unread and _was_there(i, memory)]
        over = [i for i in accepted if i not in gone and there.get(i.key, i.span).end <= now]
        refused = {a.key: tuple(_refused(a, names)) for a in seen.assignments if a.absence_id == absence.id}
        return cls(tuple(over), tuple(gone), there, moved(memory.departure, there), refused)

    def span(self, item: HostItem) -> Interval:
        return self.now_at.get(item.key, item.span)

    def lines(self, zone: str) -> Iterable[Line]:
        for item in sorted((*self.held, *self.cancelled), key=lambda i: (self.span(i).start, i.id)):
            who = f"{item.host_name} with {item.paired_with}" if item.paired_with else item.host_name
            words = [f"cancelled; {who} was to host" if item in self.cancelled else who]
            if item.key in self.moved:
                words.append(f"moved from {stretch(self.moved[item.key], zone)}")
            yield Line(f"{item.summary}, {stretch(self.span(item), zone)}", "; ".join([*words, *self.refused.get(item.key, ())]))

    def named(self, item: HostItem, zone: str) -> str:
        return f"{item.summary}, {day(self.span(item).start, zone)}"


def _refused(held: Assignment, names: Mapping[str, str]) -> Iterable[str]:
    """ "Ana declined", "Ben and Carla did not answer"."""
    declined = [who for who in held.declined_by if who not in held.gave_back]
    for people, words in ((held.gave_back, "gave it back"), (declined, "declined"), (held.silent, "did not answer")):
        if people:
            yield f"{listed([names.get(who, who) for who in people])} {words}"


def _was_there(item: HostItem, memory: Memory) -> bool:
    """What lies far behind is no longer read, and is not cancelled for that."""
    return memory.departure is not None and any(stood.key == item.key for stood in memory.departure.entries)


def _unhosted(seen: Seen, meetings: _Meetings, now: datetime, zone: str) -> Iterable[Line]:
    found = [(gap.occurrence.span, bare_title(gap.occurrence), gap.because) for gap in seen.gaps]
    unanswered = (item for item in seen.items if item.state == "asked" and item.span.end <= now)
    for item in unanswered:
        words = "; ".join([f"{item.host_name} never answered", *meetings.refused.get(item.key, ())])
        found.append((item.span, item.summary, words))
    for span, title, because in sorted(found, key=lambda each: (each[0].start, each[1])):
        yield Line(f"{title}, {stretch(span, zone)}", because)


# --- mail -------------------------------------------------------------------------------------------------------------


class _Mail(Struct, frozen=True):
    """`told` are the deputies' other letters to the leader, the last one of each thread."""

    answered: tuple[Answered, ...]
    waiting: tuple[Asking, ...]
    told: tuple[Envelope, ...]

    @classmethod
    def of(cls, absence: Absence, policy: Policy, memory: Memory) -> _Mail:
        found = threads(memory.mails)
        answers, asks = answered(found, policy, absence.span), waiting(found, policy, absence.span)
        known = {a.mail.id for a in answers} | {a.mail.id for a in asks}
        colleagues = {a.lower() for p in policy.person if not p.family for a in p.addresses}
        news = [[m for m in thread if m.received in absence.span and m.sender in colleagues and is_letter(m)] for thread in found]
        return cls(answers, asks, tuple(mails[-1] for mails in news if mails and mails[-1].id not in known))


def _author(asking: Asking, policy: Policy) -> Person | None:
    return policy.person_by_address(asking.mail.sender)


def _asking(asking: Asking, zone: str) -> Line:
    mail = asking.mail
    return Line(f"“{_subject(mail)}” from {printable(mail.sender, 60)}, {day(mail.received, zone)}", asking.because)


def _subject(mail: Envelope) -> str:
    return printable(mail.subject) or "no subject"


def _sent_by(mail: Envelope, person: Person) -> bool:
    return mail.sender in {address.lower() for address in person.addresses}


# --- deputy by deputy -------------------------------------------------------------------------------------------------


def _about(person: Person, policy: Policy, meetings: _Meetings, mail: _Mail, steps: Sequence[Step]) -> Iterable[Line]:
    zone = policy.me.home_zone
    own = [item for item in meetings.held if item.host == person.id]
    yield from (Line("Needs you", f"“{_subject(a.mail)}”, asked {a.because}") for a in mail.waiting if _sent_by(a.mail, person))
    for item in own:
        if _level(item, policy, person) <= 3:
            yield Line("Needs you", f"decide on what came out of {meetings.named(item, zone)}")
    yield from (Line("Handled", meetings.named(item, zone)) for item in own)
    beside = (item for item in meetings.held if item.paired_with == person.name)
    yield from (Line("Handled", f"{meetings.named(item, zone)}, beside {item.host_name}") for item in beside)
    yield from (_step(step, zone) for step in steps if step.person_id == person.id and step.kind != "hosted")
    yield from (_answer(a, policy) for a in mail.answered if a.person_id == person.id)
    yield from (Line("For your information", f"mail “{_subject(m)}”") for m in mail.told if _sent_by(m, person))


def _answer(found: Answered, policy: Policy) -> Line:
    known = [policy.person_by_address(address) for address in found.others]
    names = [printable(p.name if p else a, 60) for p, a in zip(known, found.others, strict=True)]
    more = [f"{len(names) - _MOST_NAMED} more"] if len(names) > _MOST_NAMED else []
    told = listed([*names[:_MOST_NAMED], *more])
    return Line("Answered", f"“{_subject(found.mail)}” to {told}, {day(found.mail.received, policy.me.home_zone)}")


def _level(item: HostItem, policy: Policy, person: Person) -> DecisionLevel:
    """What the meeting allows, but never more than the person may decide."""
    rule = next((rule for rule in policy.meeting if rule.id == item.meeting_id), None)
    return min(rule.decide, person.level) if rule else person.level


def _step(step: Step, zone: str) -> Line:
    """A duty and a junior belong to the whole absence: they have no day."""
    if step.kind == "mentored":
        return Line("Handled", f"mentor of {step.what}")
    level = f" (level {step.level}, {LEVEL_WORDS[step.level]})"
    if step.kind == "duty":
        return Line("Handled", f"the duty “{step.what}”{level}")
    outcome = f": {step.outcome}" if step.outcome else ""
    return Line("Handled", f"{step.what}, {day(step.at, zone)}{level}{outcome}")


def _blocks(blocks: Sequence[BlockItem], purpose: str, zone: str) -> Iterable[Line]:
    chosen = sorted((block for block in blocks if block.purpose == purpose), key=lambda block: block.span.start)
    for block in chosen:
        length = hours(block.span.length.total_seconds() / 3600)
        yield Line(stretch(block.span, zone), block.summary if purpose == "debrief" else length)


# --- renderings -------------------------------------------------------------------------------------------------------


def as_markdown(digest: Digest) -> str:
    return page.as_markdown(digest.title, digest.intro, digest.sections)


def as_html(digest: Digest) -> str:
    """One self-contained file; at its end the family's time, drawn."""
    return page.as_html(digest.title, digest.intro, digest.sections, last=figure(digest.family))


def as_mail(digest: Digest, mail_id: str, due: datetime | None = None) -> MailItem:
    return MailItem(
        id=effect_id(digest.absence_id, "digest"),
        absence_id=digest.absence_id,
        mail_id=mail_id,
        purpose="digest",
        to=(digest.to,),
        subject=digest.title,
        body=page.as_text(digest.title, digest.intro, digest.sections),
        html=as_html(digest),
        due=due,
    )
