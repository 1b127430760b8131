"""`homeward run`: the background service, in the foreground. It makes sure that it can work, and then becomes a small process."""

from __future__ import annotations

import argparse
import os
import sys

from daemon.mistakes import ConfigError
from daemon.paths import private_folder
from daemon.service.last_good import fall_back
from daemon.session import Session

ABOUT = """Makes a pass whenever one is due: at each opening and end of a window or an absence, when a message is to go out, when
something has changed, and at least every hour. Ctrl-C ends it. `homeward service install` has it started for you."""
EXAMPLE = """Examples:
  homeward run"""


def configure(parser: argparse.ArgumentParser) -> None:
    """There is nothing to choose."""


def run(session: Session, arguments: argparse.Namespace) -> int:
    try:
        _ = session.policy
    except ConfigError as error:
        fall_back(session, error)
    folder = private_folder(session.paths.state)
    command = [sys.executable, "-P", "-m", "daemon.service", arguments.config or "", arguments.state or "", str(folder)]
    sys.stdout.flush()
    os.execve(sys.executable, command, os.environ)
