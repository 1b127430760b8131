"""`homeward confirm`: the user's yes to an absence; also brings back what was undone."""

from __future__ import annotations

import argparse

from daemon.cli.say import say
from daemon.session import Session

ABOUT = """The answer is remembered by what the calendar says, so that it survives new UIDs. Shows the plan and asks."""
EXAMPLE = """Examples:
  homeward confirm k3f9a1
  homeward confirm Lisbon --yes"""


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("absence", metavar="ID", help="the absence: its id, the beginning of it, or words of its title")
    parser.add_argument("--yes", action="store_true", help="also do what is planned, without asking")


def run(session: Session, arguments: argparse.Namespace) -> int:
    return say(session, arguments.absence, "confirm", None, yes=arguments.yes)
