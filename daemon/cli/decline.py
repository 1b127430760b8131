"""`homeward decline`: somebody said no in the corridor; the next in the chain is asked."""

from __future__ import annotations

import argparse

from daemon.cli.corridor import answer, configure_answer
from daemon.session import Session

ABOUT = """Records the answer as if it had been given in the calendar. They are not asked again for this meeting."""
EXAMPLE = """Examples:
  homeward decline ana
  homeward decline ana "Team meeting"
"""


def configure(parser: argparse.ArgumentParser) -> None:
    configure_answer(parser)


def run(session: Session, arguments: argparse.Namespace) -> int:
    return answer(session, arguments.person, arguments.meeting, "declined")
