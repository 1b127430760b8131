"""`homeward apply`: the user's yes to the plan, and the doing of it."""

from __future__ import annotations

import argparse
from collections.abc import Collection

from msgspec.structs import replace

from daemon.advice import Refused
from daemon.cli.plan_text import applied_lines, plan_lines
from daemon.cli.screen import ask, show
from daemon.reconcile import Look, allowed, look, one_pass, say_yes
from daemon.session import Session
from rules.identity import identities
from rules.model import Absence, Said
from rules.plan import Change
from rules.telling import printable

ABOUT = """Shows the plan and asks; with --yes it does the plan that `homeward plan` last showed, and refuses (exit code 4) when
the plan has changed since. Later passes apply differences of the kinds you said yes to; a new recipient asks again."""
EXAMPLE = """Examples:
  homeward apply
  homeward plan && homeward apply --yes
  homeward apply --again"""


class Declined(Exception):
    """The user said no: what was noted on the way is forgotten."""


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--yes", action="store_true", help="do not ask")
    parser.add_argument("--anyway", action="store_true", help="also when the plan is refused as unsafe")
    parser.add_argument("--again", action="store_true", help="also bring back what was deleted or undone")


def run(session: Session, arguments: argparse.Namespace) -> int:
    with session.ledger.writing():
        try:
            with session.ledger.together():
                shown = _agreed(session, arguments)
        except Declined:
            show(["Nothing was changed."])
            return 0
        return do(session, shown, anyway=arguments.anyway, told=not arguments.yes) if arguments.yes or not shown.plan.empty else 0


def _agreed(session: Session, arguments: argparse.Namespace) -> Look:
    """The plan that is to be done. Declined, Refused or NeedsAnswer where it is not."""
    if arguments.again:
        _bring_back(session)
    shown = look(session)
    if arguments.yes and not arguments.again:
        _as_shown(session.ledger.get("shown"), shown)
    if not arguments.yes:
        show(plan_lines(shown, session.zone))
    safe(shown, arguments.anyway)
    if arguments.yes or shown.plan.empty:
        return shown
    if not ask("Do this?"):
        raise Declined
    # It may have taken a while to read.
    _as_shown(shown.plan.fingerprint, again := look(session))
    return again


def narrowed(session: Session, seen: Look, absence_id: str) -> Look:
    """What a yes about one absence brings about: its changes, and those of others that the user has agreed to before."""
    may, _ = allowed(session, seen)
    changes = tuple(c for c in seen.plan.changes if c.absence_id == absence_id or c in may)
    return _with(seen, changes, {absence_id, *(change.absence_id for change in changes)})


def _with(seen: Look, changes: tuple[Change, ...], absence_ids: Collection[str]) -> Look:
    there = tuple(absence for absence in seen.absences if absence.id in absence_ids)
    identified = replace(seen.detected.identified, absences=there)
    return replace(seen, plan=replace(seen.plan, changes=changes), detected=replace(seen.detected, identified=identified))


def do(session: Session, shown: Look, *, anyway: bool = False, about: str = "", told: bool = False) -> int:
    """Say yes to what was shown (to what is `about` one absence only, where its id is given) and make the pass. Tells what came
    of it; where the user has just been `told` the plan, only what went another way."""
    own = tuple(change for change in shown.plan.changes if change.absence_id == about)
    say_yes(session, _with(shown, own, {about}) if about else shown)
    passed = one_pass(session, anyway=anyway)
    session.ledger.unset("shown")
    show(applied_lines(passed, session.zone, told=shown.plan.changes if told else ()))
    if any(one.outcome == "failed" for one in passed.applied) or passed.tended.failed:
        return 1
    return 4 if passed.look.unsafe else 0


def _as_shown(before: str | None, shown: Look) -> None:
    if before and before != shown.plan.fingerprint:
        raise Refused(
            f"The plan has changed since it was shown ({before}, now {shown.plan.fingerprint}). Nothing was changed.\n"
            "Look again: homeward plan"
        )


def safe(shown: Look, anyway: bool) -> None:
    if shown.unsafe and not anyway:
        reasons = "\n".join(f"  {printable(unsafe.because, 200)}" for unsafe in shown.unsafe)
        raise Refused(f"Refused as unsafe; nothing was changed:\n{reasons}\nIf that is right: homeward apply --anyway")


def _bring_back(session: Session) -> None:
    """What was undone is confirmed; what was deleted may be made again."""
    seen = look(session)
    undone = [absence for absence in seen.detected.identified.declined if _was_undone(session, absence)]
    for absence in undone:
        session.ledger.say(Said(absence.id, "confirm", seen.seen.now, identities=identities(absence)))
    for absence in (*seen.absences, *undone):
        session.ledger.revive(absence.id)


def _was_undone(session: Session, absence: Absence) -> bool:
    """Undone, not dismissed as none."""
    verbs = [s.verb for s in session.ledger.said() if s.absence_id == absence.id and s.verb in ("confirm", "dismiss", "undo")]
    return verbs[-1:] == ["undo"]
