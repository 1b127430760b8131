"""`homeward apply`: the user's yes to the plan, and the doing of it."""

from __future__ import annotations

import argparse

from daemon.advice import Refused
from daemon.cli.plan_text import applied_lines, plan_lines
from daemon.cli.screen import ask, show
from daemon.reconcile import Look, look, one_pass, say_yes
from daemon.session import Session
from rules.telling import printable

ABOUT = """Shows the plan and asks; with --yes it does the plan that `homeward plan` last showed, and refuses (exit code 4) when
the plan has changed since. Later passes apply differences of the kinds you said yes to; a new recipient asks again."""
EXAMPLE = """Examples:
  homeward apply
  homeward plan && homeward apply --yes"""


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--yes", action="store_true", help="do not ask")
    parser.add_argument("--anyway", action="store_true", help="also when the plan is refused as unsafe")
    parser.add_argument("--again", action="store_true", help="also bring back what was deleted or undone")


def run(session: Session, arguments: argparse.Namespace) -> int:
    with session.ledger.writing():
        if arguments.again:
            _bring_back(session)
        shown = look(session)
        _check(session, shown, arguments)
        if not arguments.yes:
            show(plan_lines(shown, session.zone))
            if shown.plan.empty:
                return 0
            if not ask("Do this?"):
                show(["Nothing was changed."])
                return 0
        return do(session, shown, anyway=arguments.anyway)


def do(session: Session, shown: Look, *, anyway: bool = False) -> int:
    """Say yes to what was shown and make the pass; tells what came of it."""
    say_yes(session, shown)
    passed = one_pass(session, anyway=anyway)
    session.ledger.unset("shown")
    show(applied_lines(passed, session.zone))
    return 1 if any(one.outcome == "failed" for one in passed.applied) or passed.tended.failed else 0


def _check(session: Session, shown: Look, arguments: argparse.Namespace) -> None:
    before = session.ledger.get("shown")
    if arguments.yes and before and before != shown.plan.fingerprint:
        raise Refused(
            f"The plan has changed since it was shown ({before}, now {shown.plan.fingerprint}). Nothing was changed.\n"
            "Look again: homeward plan"
        )
    if shown.unsafe and not arguments.anyway:
        reasons = "\n".join(f"  {printable(unsafe.because, 200)}" for unsafe in shown.unsafe)
        raise Refused(f"Refused as unsafe; nothing was changed:\n{reasons}\nIf that is right: homeward apply --anyway")


def _bring_back(session: Session) -> None:
    for absence in look(session).absences:
        session.ledger.revive(absence.id)
