"""What `homeward log --person` shows: one person's lines of the development log, the leader's own feedback, and what might follow
from it. For the leader's eyes."""

from __future__ import annotations

from typing import Any

from daemon.cli.screen import Line, show, show_json
from daemon.session import Session
from rules.development import sentence, suggestion
from rules.policy import LEVEL_WORDS, Person
from rules.telling import day, printable


def show_person(session: Session, person: Person, most: int, as_json: bool) -> None:
    if as_json:
        show_json(_json(session, person, most))
    else:
        show(_lines(session, person, most))


def suggested(session: Session, person: Person) -> str:
    """What the rotation might make of it, or ""."""
    return suggestion(person, session.ledger.development(person.id), session.policy.development, session.clock.now())


def _lines(session: Session, person: Person, most: int) -> list[Line]:
    steps, feedback = session.ledger.development(person.id)[-most:], session.ledger.feedback(person.id)[-most:]
    newcomer = ", newcomer" if person.newcomer else ""
    lines: list[Line] = [(f"{printable(person.name, 60)}, level {person.level} ({LEVEL_WORDS[person.level]}){newcomer}", "bold")]
    lines += [f"  {sentence(step, session.zone)}" for step in steps] or ["  Nothing has been noted yet."]
    if feedback:
        lines.append(("Feedback, for you alone", "bold"))
        lines += [f"  {day(each.at, session.zone)}: {printable(each.words, 500)}" for each in feedback]
    if words := suggested(session, person):
        lines.append((f"{words}. It is yours to decide: nothing changes by itself.", "cyan"))
    return lines


def _json(session: Session, person: Person, most: int) -> dict[str, Any]:
    fields = ("kind", "what", "level", "outcome", "absence_id")
    steps, feedback = session.ledger.development(person.id)[-most:], session.ledger.feedback(person.id)[-most:]
    return {
        "person": person.id,
        "level": person.level,
        "log": [{"at": s.at.isoformat(), **{name: getattr(s, name) for name in fields}} for s in steps],
        "feedback": [{"at": each.at.isoformat(), "words": each.words} for each in feedback],
        "suggestion": suggested(session, person),
    }
