"""`homeward dismiss`: the user's no to an absence; what was done for it is taken back."""

from __future__ import annotations

import argparse

from daemon.cli.say import say
from daemon.session import Session

ABOUT = """You are not asked again; should you change your mind: homeward confirm ID."""
EXAMPLE = """Examples:
  homeward dismiss k3f9a1"""


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("absence", metavar="ID", help="the absence: its id, the beginning of it, or words of its title")
    parser.add_argument("--yes", action="store_true", help="also take back what was done for it, without asking")


def run(session: Session, arguments: argparse.Namespace) -> int:
    return say(session, arguments.absence, "dismiss", None, yes=arguments.yes)
