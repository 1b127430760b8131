"""`homeward brief`: who covers what while the leader is away, in four forms."""

from __future__ import annotations

import argparse

from daemon.advice import Usage
from daemon.briefing import brief_text, send_brief
from daemon.cli.choice import current_or_next, person_named
from daemon.cli.plan_text import names_of, outcome_lines
from daemon.cli.screen import show
from daemon.reconcile import look, record
from daemon.session import Session
from rules.telling import listed, printable

ABOUT = """Internal only: nothing private stands in it, and no place you travel to. It is sent by itself some working days
before you leave (see [brief]), and once more to those who were told if it has changed, with the changes at its top; --send sends
it now. With [brief] folder = "…" each pass keeps it there as calendar files that deputies can subscribe to."""
EXAMPLE = """Examples:
  homeward brief
  homeward brief --person ana
  homeward brief --format html > brief.html
  homeward brief --format ics --person ana > ana.ics
  homeward brief --send"""


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("absence", nargs="?", metavar="ID", help="which absence (default: the present or next one)")
    parser.add_argument("--format", choices=("md", "html", "ics", "mail"), default="md", help="default: md")
    parser.add_argument("--person", metavar="WHO", help="what this person covers, alone: their id or name")
    parser.add_argument("--send", action="store_true", help="send it now, once")


def run(session: Session, arguments: argparse.Namespace) -> int:
    if arguments.send and arguments.person:
        raise Usage("--send sends the brief to everybody; leave --person out.")
    seen = look(session)
    absence = current_or_next(seen.absences, arguments.absence, session.clock.now(), session.zone)
    if not arguments.send:
        person = person_named(session.policy, arguments.person) if arguments.person else None
        print(brief_text(seen, absence, arguments.format, person))
        return 0
    with session.ledger.writing():
        record(session, seen)
        applied = send_brief(session, seen, absence)
    if not applied:
        show(["The brief went out before; it is sent only once."])
        return 0
    names = names_of(session.policy)
    sent = [one for one in applied if one.outcome == "done"]
    if sent:
        to = dict.fromkeys(names.get(address, address) for one in sent for address in one.change.recipients)
        show([f"Sent the brief to {listed([printable(name) for name in to])}."])
    show(outcome_lines([one for one in applied if one.outcome != "done"], session.zone, names))
    return int(any(one.outcome == "failed" for one in applied))
