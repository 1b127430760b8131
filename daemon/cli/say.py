"""What confirm, dismiss, back and extend share: note what the user says, show what follows from it, ask, do it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from datetime import datetime
from typing import Literal

from msgspec.structs import replace

from daemon.advice import NeedsAnswer, Usage
from daemon.cli.apply import Declined, do, narrowed, safe
from daemon.cli.choice import current_or_next, named
from daemon.cli.plan_text import plan_lines
from daemon.cli.screen import ask, show
from daemon.reconcile import Look, look, record
from daemon.session import Session
from rules.absence import parse_if
from rules.explain import one_line
from rules.guard import check
from rules.identity import identities
from rules.model import Absence, Said
from rules.telling import at, printable

Verb = Literal["confirm", "dismiss", "back", "extend"]

REMEMBERED = "Remembered; nothing else was changed. To do it later: homeward apply"


def say(session: Session, wanted: str | None, verb: Verb, when: datetime | None, *, yes: bool) -> int:
    with session.ledger.writing():
        seen = look(session)
        record(session, seen)
        absence = _find(session, seen.absences, wanted, verb)
        _sensible(absence, verb, when, session)
        said = Said(absence.id, verb, session.clock.now(), when, identities(absence))
        # Where something stands already, a later pass would act on these words alone: after a no they must not stay.
        forgets = verb != "confirm" and any(s.item.absence_id == absence.id for s in seen.standing.values())
        try:
            with session.ledger.together() if forgets else nullcontext():
                shown = _noted(session, said, verb, absence)
                _show(shown, verb, absence, session.zone, quietly=yes)
                agreed = shown.plan.empty or yes or _asked(forgets)
                if forgets and not agreed:
                    raise Declined
        except Declined:
            show(["Nothing was changed."])
            return 0
        if not agreed:
            show([REMEMBERED])
        return do(session, shown, anyway=True, about=absence.id, told=not yes) if agreed and not shown.plan.empty else 0


def _noted(session: Session, said: Said, verb: Verb, absence: Absence) -> Look:
    """Note it, and see what follows from it. Refused where other absences make the plan unsafe; what this one loses or moves is
    what the user has just asked for."""
    session.ledger.say(said)
    if verb == "confirm":
        session.ledger.revive(absence.id)
    seen = look(session)
    record(session, seen)
    shown = narrowed(session, seen, absence.id)
    rest = tuple(c for c in shown.plan.changes if c.absence_id != absence.id or c.action == "create")
    left = check(replace(shown.plan, changes=rest), seen.standing, seen.absences, session.policy.safety, seen.seen.emptied)
    safe(replace(shown, unsafe=left), anyway=False)
    return replace(shown, unsafe=())


def _show(shown: Look, verb: Verb, absence: Absence, zone: str, *, quietly: bool) -> None:
    """What was understood; then the plan, except `quietly`."""
    told = next((a for a in shown.absences if a.id == absence.id), absence)
    if shown.plan.empty or quietly or verb == "dismiss":
        show([f"{_WORDS[verb]}: {one_line(told, zone)}"])
    if not shown.plan.empty and not quietly:
        show(plan_lines(shown, zone))


def _asked(forgets: bool) -> bool:
    try:
        return ask("Do this?")
    except NeedsAnswer as nobody:
        raise NeedsAnswer(f"{nobody}\n{'Nothing was changed.' if forgets else REMEMBERED}") from None


def moment(session: Session, verb: Literal["back", "extend"], typed: str) -> datetime:
    """What the user typed after the verb, in the home zone; nothing is now. Usage where it is no moment."""
    try:
        said = parse_if(f"{verb} {typed}".strip(), session.zone, session.clock.now())
    except ValueError:
        raise Usage(f'“{printable(typed)}” is no date; write 2026-12-07, "2026-12-07 18:30" or tomorrow.') from None
    return said.moment or session.clock.now()


_WORDS = {"confirm": "Confirmed", "dismiss": "Called off", "back": "Back early", "extend": "Extended"}


def _find(session: Session, present: Sequence[Absence], wanted: str | None, verb: Verb) -> Absence:
    """Confirm also reaches those that were dismissed or undone."""
    if wanted is None:
        return current_or_next(present, None, session.clock.now(), session.zone)
    known = {a.id: a for a in (*session.ledger.absences(), *present)} if verb == "confirm" else {a.id: a for a in present}
    return named(list(known.values()), wanted, session.zone)


def _sensible(absence: Absence, verb: Verb, when: datetime | None, session: Session) -> None:
    if when is None:
        return
    if when <= absence.span.start:
        raise Usage(f"that is before you leave. To call it off: homeward dismiss {absence.id}")
    there = at(absence.span.end, session.zone)
    if verb == "back" and when > absence.span.end:
        raise Usage(f"that is later than planned ({there}). To stay longer: homeward extend")
    if verb == "extend" and when <= absence.span.end:
        raise Usage(f"that is not later than planned ({there}). To come back early: homeward back")
