"""`homeward back`: home earlier than planned. The hold ends, the autoreply goes, meetings still ahead come back."""

from __future__ import annotations

import argparse

from daemon.cli.say import moment, say
from daemon.session import Session

ABOUT = """WHEN is a date or a date and a time at home; left out: now. Shows what changes and asks."""
EXAMPLE = """Examples:
  homeward back
  homeward back "2026-12-04 18:00"
"""


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("when", nargs="?", metavar="WHEN", help="when you are (were) back; default: now")
    parser.add_argument("--absence", metavar="ID", help="which one (default: the present or next one)")
    parser.add_argument("--yes", action="store_true", help="do not ask")


def run(session: Session, arguments: argparse.Namespace) -> int:
    when = moment(session, "back", arguments.when or "")
    return say(session, arguments.absence, "back", when, yes=arguments.yes)
