"""`homeward accept`: somebody said yes in the corridor."""

from __future__ import annotations

import argparse

from daemon.cli.corridor import answer, configure_answer
from daemon.session import Session

ABOUT = """Records the answer as if it had been given in the calendar: the deputy becomes chair, the invitation says so."""
EXAMPLE = """Examples:
  homeward accept ana
  homeward accept ana "Team meeting"
"""


def configure(parser: argparse.ArgumentParser) -> None:
    configure_answer(parser)


def run(session: Session, arguments: argparse.Namespace) -> int:
    return answer(session, arguments.person, arguments.meeting, "accepted")
