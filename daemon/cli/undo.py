"""`homeward undo`: everything of one absence (or all of them) taken back by one command."""

from __future__ import annotations

import argparse

from daemon.advice import Usage
from daemon.cli.choice import named
from daemon.cli.plan_text import outcome_lines
from daemon.cli.screen import show
from daemon.reconcile import undo, undo_one
from daemon.session import Session
from rules.model import Absence
from rules.telling import printable

ABOUT = """Without ID: the newest absence that is not yet undone. ID may also be one change (hw-…, see `homeward log`).
What was undone stays undone until `homeward confirm ID` or `homeward apply --again`. What lies in the past is left
alone without --past."""
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
            show(["Nothing to undo."])
            return 0
        applied = undo(session, [absence.id for absence in targets], past=arguments.past)
        show(outcome_lines(applied, session.zone))
        names = ", ".join(printable(absence.title) for absence in targets)
        failed = any(one.outcome == "failed" for one in applied)
        show([f"{names}: {'not everything could be taken back; run it again' if failed else 'taken back'}."])
        return int(failed)


def _one(session: Session, effect_id: str) -> int:
    applied = undo_one(session, effect_id)
    if applied is None:
        raise Usage(f"there is no change “{printable(effect_id)}” to take back. See: homeward log")
    show(outcome_lines((applied,), session.zone))
    return int(applied.outcome == "failed")


def _targets(session: Session, arguments: argparse.Namespace) -> list[Absence]:
    absences = list(session.ledger.absences())
    if arguments.id:
        return [named(absences, arguments.id)]
    standing = {s.item.absence_id for s in session.ledger.standing().values() if s.state not in ("tombstone", "adopted")}
    undone = {said.absence_id for said in session.ledger.said() if said.verb == "undo"}
    open_ones = [a for a in absences if a.id in standing or (arguments.all and a.id not in undone)]
    if arguments.all:
        return open_ones
    minted = {known.id: known.minted for known in session.ledger.known_absences()}
    newest = max(open_ones, key=lambda a: (minted[a.id], a.span.start, a.id), default=None)
    return [newest] if newest else []
