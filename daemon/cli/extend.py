"""`homeward extend`: away longer than planned."""

from __future__ import annotations

import argparse

from daemon.cli.say import moment, say
from daemon.session import Session

ABOUT = """WHEN is the new return: a date, or a date and a time at home. Shows what changes and asks."""
EXAMPLE = """Examples:
  homeward extend 2026-12-07
  homeward extend "2026-12-07 21:30" --absence k3f9a1"""


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("when", metavar="WHEN", help="the new return")
    parser.add_argument("--absence", metavar="ID", help="which one (default: the present or next one)")
    parser.add_argument("--yes", action="store_true", help="do not ask")


def run(session: Session, arguments: argparse.Namespace) -> int:
    return say(session, arguments.absence, "extend", moment(session, "extend", arguments.when), yes=arguments.yes)
