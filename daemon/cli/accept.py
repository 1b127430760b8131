"""`homeward accept`: somebody said yes in the corridor."""

from __future__ import annotations

import argparse

from daemon.cli.corridor import answer, configure_answer, take_over
from daemon.session import Session

ABOUT = """Records the answer as if it had been given in the calendar: the deputy becomes chair, the invitation says so.
With --instead-of they take over what somebody else was asked for or had accepted: that one is owed nothing, and the turn is
theirs who took it. No rotation changes that again."""
EXAMPLE = """Examples:
  homeward accept ana
  homeward accept ana "Team meeting"
  homeward accept ana "Team meeting" --instead-of ben
"""


def configure(parser: argparse.ArgumentParser) -> None:
    configure_answer(parser)
    parser.add_argument("--instead-of", metavar="PERSON", help="who hands the turn over")


def run(session: Session, arguments: argparse.Namespace) -> int:
    if arguments.instead_of:
        return take_over(session, arguments.person, arguments.instead_of, arguments.meeting)
    return answer(session, arguments.person, arguments.meeting, "accepted")
