"""`homeward digest`: what happened while the leader was away, grouped by deputy."""

from __future__ import annotations

import argparse

from daemon.advice import Usage
from daemon.cli.choice import named
from daemon.letters import digest_text
from daemon.reconcile import look
from daemon.session import Session

ABOUT = """It also comes by mail, to you alone, when you are back (see [brief] digest)."""
EXAMPLE = """Examples:
  homeward digest
  homeward digest --format html > digest.html"""


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("absence", nargs="?", metavar="ID", help="which absence (default: the last one begun)")
    parser.add_argument("--format", choices=("md", "html"), default="md", help="default: md")


def run(session: Session, arguments: argparse.Namespace) -> int:
    seen = look(session)
    begun = [a for a in seen.absences if a.span.start <= seen.seen.now and a.action == "act"]
    if arguments.absence:
        absence = named(list(seen.absences), arguments.absence, session.zone)
    elif begun:
        absence = max(begun, key=lambda a: (a.span.start, a.id))
    else:
        raise Usage("no absence has begun yet. Before you leave: homeward brief")
    print(digest_text(session, seen, absence, arguments.format))
    return 0
