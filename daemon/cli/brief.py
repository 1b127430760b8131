"""`homeward brief`: who covers what while the leader is away, in four forms."""

from __future__ import annotations

import argparse

from daemon.cli.choice import current_or_next
from daemon.cli.plan_text import names_of, outcome_lines
from daemon.cli.screen import show
from daemon.letters import brief_text, send_brief
from daemon.reconcile import look, record
from daemon.session import Session
from rules.telling import listed, printable

ABOUT = """Internal only: nothing private stands in it, and no place you travel to. It is sent by itself some working days
before you leave (see [brief]); --send sends it now."""
EXAMPLE = """Examples:
  homeward brief
  homeward brief --format html > brief.html
  homeward brief --send"""


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("absence", nargs="?", metavar="ID", help="which absence (default: the present or next one)")
    parser.add_argument("--format", choices=("md", "html", "ics", "mail"), default="md", help="default: md")
    parser.add_argument("--send", action="store_true", help="send it now, once")


def run(session: Session, arguments: argparse.Namespace) -> int:
    seen = look(session)
    absence = current_or_next(seen.absences, arguments.absence, session.clock.now(), session.zone)
    if not arguments.send:
        print(brief_text(seen, absence, arguments.format))
        return 0
    with session.ledger.writing():
        record(session, seen)
        applied = send_brief(session, seen, absence)
    if applied is None:
        show(["The brief went out before; it is sent only once."])
        return 0
    names = names_of(session.policy)
    if applied.outcome == "done":
        to = [printable(names.get(address, address)) for address in applied.change.recipients]
        show([f"Sent the brief to {listed(to)}."])
    else:
        show(outcome_lines((applied,), session.zone, names))
    return int(applied.outcome == "failed")
