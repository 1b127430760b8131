"""Keeps the development log: what people did while the leader was away is recorded once it is over, and after a debrief one line
of feedback is asked for. What the leader notes about people stays in the ledger."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rules.development import Asked, Step, feedback_due
from rules.items import BlockItem, HostItem
from rules.model import Absence

if TYPE_CHECKING:
    from datetime import datetime

    from daemon.ledger import Ledger
    from daemon.reconcile import Look
    from daemon.session import Session
    from rules.policy import DecisionLevel, Person, Policy


def record_development(session: Session, look: Look) -> None:
    """Everything that is over and not yet in the log."""
    known = session.ledger.development_sources()
    for source, step in (*_hosted(session, look), *_stood_in(session, look)):
        if source not in known:
            session.ledger.developed(step, source)


def _hosted(session: Session, look: Look) -> Iterator[tuple[str, Step]]:
    private = {o.key for o in look.seen.occurrences if o.private}
    levels: dict[str, DecisionLevel] = {rule.id: rule.decide for rule in session.policy.meeting}
    for stands in session.ledger.standing().values():
        item = stands.item
        if not isinstance(item, HostItem) or item.state != "accepted" or stands.state != "done":
            continue
        person = _person(session.policy, item.host)
        if person is not None and item.span.end <= look.seen.now:
            what = item.meeting_id if item.key in private else item.summary
            level = min(levels.get(item.meeting_id, person.level), person.level)
            yield f"hosted/{item.id}", Step(person.id, "hosted", what, level, item.span.start, item.absence_id)


def _stood_in(session: Session, look: Look) -> Iterator[tuple[str, Step]]:
    """Duties and juniors of the absences that have ended."""
    from rules.desired import duties_of

    willing = {absence_id for absence_id, _, _ in session.ledger.consented()}
    for absence in look.absences:
        agreed = session.policy.service.apply == "auto" or absence.id in willing
        if absence.action != "act" or not agreed or not _ended(absence, look):
            continue
        for covered in duties_of(look.situation, absence):
            for person in covered.people:
                level = min(covered.duty.decide, person.level)
                step = Step(person.id, "duty", covered.duty.name, level, absence.span.end, absence.id)
                yield f"duty/{absence.id}/{covered.duty.id}/{person.id}", step
        yield from _mentored(session, absence)


def _mentored(session: Session, absence: Absence) -> Iterator[tuple[str, Step]]:
    for junior_id, mentor_id in session.ledger.mentors(absence.id).items():
        junior, mentor = _person(session.policy, junior_id), _person(session.policy, mentor_id)
        if junior is not None and mentor is not None:
            step = Step(mentor.id, "mentored", junior.name, mentor.level, absence.span.end, absence.id)
            yield f"mentored/{absence.id}/{junior_id}", step


def _ended(absence: Absence, look: Look) -> bool:
    """Seen while it lasted, and over: an absence that was over when first seen is not acted on."""
    return look.situation.first_seen.get(absence.id, look.seen.now) < absence.span.end <= look.seen.now


def _person(policy: Policy, person_id: str) -> Person | None:
    """None: they are no longer in the config."""
    return next((person for person in policy.person if person.id == person_id), None)


def feedback_wanted(ledger: Ledger, policy: Policy, now: datetime) -> tuple[Asked, ...]:
    """Debriefs after which the leader may note one line."""
    blocks = [s.item for s in ledger.standing().values() if s.state in ("done", "adopted") and isinstance(s.item, BlockItem)]
    over = [block for block in blocks if block.purpose == "debrief" and block.span.end <= now]
    found = [(block, person) for block in over if (person := _person(policy, block.ordinal)) is not None]
    asked = [Asked(person.id, person.name, block.id, block.span.end) for block, person in found]
    return feedback_due(asked, ledger.feedback() if asked else (), policy.development, now)


def feedback_question(asked: Asked) -> str:
    return f"Your debrief with {asked.name}: how did it go, in one line? homeward note {asked.person_id} --feedback “…”"
