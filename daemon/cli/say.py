"""What confirm, dismiss, back and extend share: remember what the user said, show what follows from it, ask, do it."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from daemon.advice import Usage
from daemon.cli.apply import do
from daemon.cli.choice import current_or_next, named
from daemon.cli.plan_text import plan_lines
from daemon.cli.screen import ask, show
from daemon.reconcile import look, record
from daemon.session import Session
from rules.absence import parse_if
from rules.explain import one_line
from rules.identity import identities
from rules.model import Absence, Said

Verb = Literal["confirm", "dismiss", "back", "extend"]


def say(session: Session, wanted: str | None, verb: Verb, when: datetime | None, *, yes: bool) -> int:
    with session.ledger.writing():
        seen = look(session)
        record(session, seen)
        absence = _find(session, list(seen.absences), wanted, verb)
        _sensible(absence, verb, when, session)
        session.ledger.say(Said(absence.id, verb, session.clock.now(), when, identities(absence)))
        if verb == "confirm":
            session.ledger.revive(absence.id)
        shown = look(session)
        told = next((a for a in shown.absences if a.id == absence.id), absence)
        show([f"{_WORDS[verb]}: {one_line(told, session.zone)}"])
        if shown.plan.empty:
            return 0
        show(plan_lines(shown, session.zone))
        if not yes and not ask("Do this?", default=verb != "confirm"):
            show(["Remembered; nothing else was changed. To do it later: homeward apply"])
            return 0
        return do(session, shown)


def moment(session: Session, verb: Literal["back", "extend"], typed: str) -> datetime:
    """What the user typed after the verb, in the home zone; nothing is now. Usage where it is no moment."""
    try:
        said = parse_if(f"{verb} {typed}", session.zone, session.clock.now())
    except ValueError as error:
        raise Usage(str(error)) from None
    return said.moment or session.clock.now()


_WORDS = {"confirm": "Noted as an absence", "dismiss": "Noted as none", "back": "Back", "extend": "Extended"}


def _find(session: Session, present: list[Absence], wanted: str | None, verb: Verb) -> Absence:
    """Confirm also reaches those that were dismissed or undone."""
    if wanted is None:
        return current_or_next(present, None, session.clock.now())
    known = {a.id: a for a in (*session.ledger.absences(), *present)} if verb == "confirm" else {a.id: a for a in present}
    return named(list(known.values()), wanted)


def _sensible(absence: Absence, verb: Verb, when: datetime | None, session: Session) -> None:
    if when is None:
        return
    if when <= absence.span.start:
        raise Usage("that is before you leave. To call the whole absence off: homeward dismiss " + absence.id)
    if verb == "back" and when > absence.span.end:
        raise Usage("that is later than planned. To stay longer: homeward extend")
    if verb == "extend" and when <= absence.span.end:
        raise Usage("that is not later than planned. To come back early: homeward back")
