"""`homeward pass`: one pass, as the background service makes it every few minutes."""

from __future__ import annotations

import argparse

from daemon.cli.plan_text import applied_lines
from daemon.cli.screen import show, show_json
from daemon.reconcile import Passed, one_pass
from daemon.session import Session
from rules.telling import tell

ABOUT = """Looks at everything, applies what you have said yes to, and tends the inbox, the answers and the messages that are due.
A second pass right after finds nothing to do."""
EXAMPLE = """Examples:
  homeward pass
  homeward pass --verbose
  homeward pass --json"""


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="for programs")
    parser.add_argument("--verbose", action="store_true", help="what it cost as well, where that is counted (Google)")


def run(session: Session, arguments: argparse.Namespace) -> int:
    with session.ledger.writing():
        passed = one_pass(session)
    if arguments.json:
        show_json({**_json(passed, session.zone), "spent": _spent(session)})
    else:
        show(applied_lines(passed, session.zone))
        if arguments.verbose:
            show(f"account {name}: {words}" for name, words in _spent(session).items())
    failed = any(one.outcome == "failed" for one in passed.applied) or passed.tended.failed
    return 1 if failed else 4 if passed.look.unsafe else 0


def _spent(session: Session) -> dict[str, str]:
    return {account.id: account.spent for account in session.outside.accounts.values() if account.spent}


def _json(passed: Passed, zone: str) -> dict[str, object]:
    return {
        "applied": [
            {"id": a.change.id, "words": tell(a.change, zone), "outcome": a.outcome, "because": a.words} for a in passed.applied
        ],
        "waiting": [{"id": c.id, "words": tell(c, zone)} for c in passed.waiting],
        "tended": list(passed.tended.words),
        "failed": list(passed.tended.failed),
        "unsafe": [unsafe.because for unsafe in passed.look.unsafe],
    }
