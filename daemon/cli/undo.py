"""`homeward undo`: everything of one absence (or all of them) taken back by one command."""

from __future__ import annotations

import argparse

from daemon.advice import Usage
from daemon.cli.choice import named
from daemon.cli.plan_text import names_of, outcome_lines
from daemon.cli.screen import show
from daemon.reconcile import undo, undo_one
from daemon.session import Session
from rules.model import Absence
from rules.plan import compare
from rules.telling import listed, printable

ABOUT = """Without ID: the newest absence that is not yet undone. ID may also be one change (hw-…, see `homeward log`).
What was undone stays undone until `homeward confirm ID` or `homeward apply --again`. Meetings and blocks that lie in
the past are left alone without --past."""
EXAMPLE = """Examples:
  homeward undo
  homeward undo k3f9a1
  homeward undo --past
  homeward undo --all"""


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("id", nargs="?", metavar="ID", help="an absence, or one change")
    parser.add_argument("--all", action="store_true", help="every absence")
    parser.add_argument("--past", action="store_true", help="also meetings and blocks that lie in the past")


def run(session: Session, arguments: argparse.Namespace) -> int:
    with session.ledger.writing():
        if arguments.id and arguments.id.startswith("hw-"):
            return _one(session, arguments.id)
        targets = _targets(session, arguments)
        if not targets:
            show([_nothing(session)])
            return 0
        applied = undo(session, [absence.id for absence in targets], past=arguments.past)
        show(outcome_lines(applied, session.zone, names_of(session.policy)))
        names = listed([printable(absence.title) for absence in targets])
        if any(one.outcome == "failed" for one in applied):
            show([f"{names}: not everything could be taken back; what was not is tried again by: homeward undo"])
            return 1
        show([f"{names}: taken back. To have it again: homeward confirm {targets[0].id}"])
        return 0


def _one(session: Session, effect_id: str) -> int:
    applied = undo_one(session, effect_id)
    if applied is None:
        raise Usage(f"there is no change “{printable(effect_id)}” to take back. See: homeward log")
    show(outcome_lines((applied,), session.zone, names_of(session.policy)))
    return int(applied.outcome == "failed")


def _targets(session: Session, arguments: argparse.Namespace) -> list[Absence]:
    """Of which something is left to take back; an absence that is named, also where nothing stands yet."""
    absences = list(session.ledger.absences())
    undone = {a.id for a in absences if _last_word(session, a) in ("undo", "dismiss")}
    if arguments.id:
        absence = named(absences, arguments.id, session.zone)
        return [] if absence.id in undone and not _left(session, absence, arguments.past) else [absence]
    open_ones = [a for a in absences if _left(session, a, arguments.past) or (arguments.all and a.id not in undone)]
    if arguments.all:
        return open_ones
    minted = {known.id: known.minted for known in session.ledger.known_absences()}
    newest = max(open_ones, key=lambda a: (minted[a.id], a.span.start, a.id), default=None)
    return [newest] if newest else []


def _last_word(session: Session, absence: Absence) -> str:
    verbs = [s.verb for s in session.ledger.said() if s.absence_id == absence.id and s.verb in ("confirm", "dismiss", "undo")]
    return verbs[-1] if verbs else ""


def _left(session: Session, absence: Absence, past: bool) -> bool:
    """Whether there is anything to take back."""
    mine = {key: stands for key, stands in session.ledger.standing().items() if stands.item.absence_id == absence.id}
    changes, _ = compare((), mine, session.clock.now(), {}, past=past)
    return bool(changes)


def _nothing(session: Session) -> str:
    behind = any(_left(session, absence, True) for absence in session.ledger.absences())
    return "Nothing to undo." + (" What lies in the past stays; to take that back, too: homeward undo --past" if behind else "")
