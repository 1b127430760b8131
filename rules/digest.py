"""What the leader finds on return, in one page, grouped by deputy: what they handled, what needs the leader, what is only
to know. For the leader alone; it decides nothing and answers nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from msgspec import Struct

from rules import page
from rules.asking import effective_level
from rules.hosts import Gap
from rules.items import BlockItem, HostItem, MailItem, effect_id
from rules.meetings import bare_title
from rules.model import Absence, Envelope
from rules.page import Line, Section, filled
from rules.phrases import fold
from rules.policy import LEVEL_WORDS, Person, Policy
from rules.telling import day, hours, stretch

_MOST_MAILS = 20  # of one deputy; a digest that lists everything is an inbox


class Noted(Struct, frozen=True):
    """One line of the development log: somebody decided or did something, at which level, with what outcome."""

    person_id: str
    what: str
    level: int
    at: datetime
    outcome: str = ""


class MailCount(Struct, frozen=True):
    """Messages of the absence: held and released since, held still, let through at once, opened outside a window."""

    released: int = 0
    held: int = 0
    passed: int = 0
    openings: int = 0


class Digest(Struct, frozen=True):
    """`to` is the leader's own address."""

    absence_id: str
    title: str
    intro: str
    sections: tuple[Section, ...]
    to: str


def compose(
    absence: Absence,
    policy: Policy,
    items: Sequence[HostItem],
    gaps: Sequence[Gap],
    mails: Sequence[Envelope],
    count: MailCount,
    blocks: Sequence[BlockItem],
    notes: Sequence[Noted],
    now: datetime,
) -> Digest:
    """`items`, `blocks` and `notes` are those of this absence; `mails` the messages that arrived during it."""
    zone = policy.me.home_zone
    happened = [item for item in items if item.state == "accepted" and item.span.end <= now]
    people = sorted((p for p in policy.person if not p.family), key=lambda p: (fold(p.name), p.id))
    sections = (
        *(s for p in people for s in filled(p.name, _about(p, policy, happened, mails, notes))),
        *filled("Without a host", _unhosted(items, gaps, now, zone)),
        *filled("Mail", _counted(count)),
        *filled("Meetings that happened", (Line(f"{i.summary}, {stretch(i.span, zone)}", i.host_name) for i in happened)),
        *filled("Debriefs", _blocks(blocks, "debrief", zone)),
        *filled("Time for the family", _blocks(blocks, "make-up", zone)),
    )
    intro = f"{day(absence.span.start, zone)} to {day(absence.span.end, zone)}: what happened while you were away."
    return Digest(absence.id, "Welcome home", intro, sections, policy.me.addresses[0])


def _about(
    person: Person, policy: Policy, happened: Sequence[HostItem], mails: Sequence[Envelope], notes: Sequence[Noted]
) -> Iterable[Line]:
    own = [item for item in happened if item.host == person.id]
    sent = [mail for mail in mails if _from(mail, person)][:_MOST_MAILS]
    zone = policy.me.home_zone
    yield from (Line("Handled", f"{item.summary}, {day(item.span.start, zone)}") for item in own)
    yield from (_note(note, zone) for note in notes if note.person_id == person.id)
    yield from (
        Line("Needs you", f"decide on what came out of {item.summary}") for item in own if _level(item, policy, person) <= 3
    )
    yield from (Line("Needs you", f"mail “{mail.subject}”") for mail in sent if _to_me(mail, policy))
    yield from (Line("For your information", f"mail “{mail.subject}”") for mail in sent if not _to_me(mail, policy))


def _from(mail: Envelope, person: Person) -> bool:
    """Letters only: what a machine or a calendar sent in their name is no news."""
    calendar = any(name.startswith("x-homeward") for name in mail.headers)  # set on reading where a calendar answer is inside
    automatic = calendar or mail.headers.get("auto-submitted", "no").strip().lower() != "no"
    return not automatic and mail.sender.lower() in {address.lower() for address in person.addresses}


def _to_me(mail: Envelope, policy: Policy) -> bool:
    own = {address.lower() for address in policy.me.addresses}
    return any(address.lower() in own for address in mail.to)


def _level(item: HostItem, policy: Policy, person: Person) -> int:
    rule = next((rule for rule in policy.meeting if rule.id == item.meeting_id), None)
    return effective_level(rule.decide, person) if rule else person.level


def _note(note: Noted, zone: str) -> Line:
    outcome = f": {note.outcome}" if note.outcome else ""
    return Line("Handled", f"{note.what}, {day(note.at, zone)} (level {note.level}, {LEVEL_WORDS[note.level]}){outcome}")


def _unhosted(items: Sequence[HostItem], gaps: Sequence[Gap], now: datetime, zone: str) -> Iterable[Line]:
    for gap in gaps:
        yield Line(f"{bare_title(gap.occurrence)}, {stretch(gap.occurrence.span, zone)}", gap.because)
    for item in items:
        if item.state == "asked" and item.span.end <= now:
            yield Line(f"{item.summary}, {stretch(item.span, zone)}", f"{item.host_name} never answered")


def _counted(count: MailCount) -> Iterable[Line]:
    if count.released or count.passed or count.openings:
        openings = f"in {count.openings} opening{'' if count.openings == 1 else 's'}"
        straight = f"; {count.passed} came straight through" if count.passed else ""
        yield Line(f"{count.released} held and released", openings + straight)
    if count.held:
        yield Line(f"{count.held} still held", "they come with the next opening")


def _blocks(blocks: Sequence[BlockItem], purpose: str, zone: str) -> Iterable[Line]:
    chosen = sorted((block for block in blocks if block.purpose == purpose), key=lambda block: block.span.start)
    for block in chosen:
        length = hours(block.span.length.total_seconds() / 3600)
        yield Line(stretch(block.span, zone), block.summary if purpose == "debrief" else length)


# --- renderings -------------------------------------------------------------------------------------------------------


def as_markdown(digest: Digest) -> str:
    return page.as_markdown(digest.title, digest.intro, digest.sections)


def as_html(digest: Digest) -> str:
    """One self-contained file."""
    return page.as_html(digest.title, digest.intro, digest.sections)


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
