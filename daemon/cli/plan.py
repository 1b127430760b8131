"""`homeward plan`: what would be done, and why. Touches nothing; remembers only which plan was shown, for `apply`."""

from __future__ import annotations

import argparse
import sys

from daemon.advice import Usage
from daemon.cli import source
from daemon.cli.choice import current_or_next
from daemon.cli.plan_text import plan_json, plan_lines
from daemon.cli.screen import show, show_json
from daemon.reconcile import Look, look
from daemon.session import Session
from rules.absence import parse_if

ABOUT = """Shows every change as a diff one can read aloud, the gaps, what is left alone and why. With FILE (an .ics file or a
folder) no config is needed. --if asks what would be different if you left or returned at another time."""
EXAMPLE = """Examples:
  homeward plan
  homeward plan --if "leave 2026-12-03"
  homeward plan --if "back 2026-12-07 18:00" --absence k3f9a1
  homeward plan ~/Downloads/calendar.ics --home Europe/Berlin --as me@example.org"""


def configure(parser: argparse.ArgumentParser) -> None:
    source.configure(parser)
    parser.add_argument(
        "--if", metavar="WHAT", dest="what_if", action="append", default=[], help='"leave DATE [TIME]" or "back DATE [TIME]"'
    )
    parser.add_argument("--absence", metavar="ID", help="which absence --if is about (default: the present or next one)")
    parser.add_argument("--verbose", action="store_true", help="all details, and all that is left alone")
    parser.add_argument("--json", action="store_true", help="for programs")
    parser.add_argument("--detailed-exitcode", action="store_true", help="exit with 3 when the plan has changes")


def run(session: Session, arguments: argparse.Namespace) -> int:
    session = source.choose(session, arguments)
    shown = _look(session, arguments)
    for line in source.problem_lines(shown.seen.problems):
        print(line, file=sys.stderr)
    if arguments.json:
        show_json(plan_json(shown, session.zone))
    else:
        show(plan_lines(shown, session.zone, verbose=arguments.verbose))
        _next_step(session, shown, bool(arguments.what_if))
    if not session.stateless and not arguments.what_if:
        session.ledger.set("shown", shown.plan.fingerprint)
    return 3 if arguments.detailed_exitcode and not shown.plan.empty else 0


def _look(session: Session, arguments: argparse.Namespace) -> Look:
    if not arguments.what_if:
        return look(session)
    present = look(session)
    target = current_or_next(present.absences, arguments.absence, session.clock.now())
    try:
        said = [parse_if(text, session.zone, session.clock.now(), target.id) for text in arguments.what_if]
    except ValueError as error:
        raise Usage(str(error)) from None
    return look(session, said)


def _next_step(session: Session, shown: Look, supposed: bool) -> None:
    if shown.plan.empty:
        return
    if session.stateless:
        show(["This is what homeward would do with this calendar. To let it: homeward init"])
    elif supposed:
        show(["Only supposed; nothing was changed. To make it so: homeward back, or homeward extend"])
    else:
        show(["Nothing has been changed yet. Do it: homeward apply"])
