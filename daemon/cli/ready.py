"""`homeward ready`: what is still missing before the leader leaves, and the next best thing to do."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from daemon.cli.choice import current_or_next
from daemon.cli.screen import Line, show, show_json
from daemon.readiness import readiness_of
from daemon.reconcile import look
from daemon.session import Session
from rules.explain import one_line
from rules.model import Absence
from rules.ready import Readiness
from rules.telling import printable

ABOUT = """Looks at one absence: your yes, hosts who accepted, mentors, duties, the brief, the autoreply, the inbox, time to wrap
up, and whether homeward doctor found everything well. Changes nothing. Exit code 0 when all is ready, 3 when something is
missing. The service reminds you some days before (see [ready])."""
EXAMPLE = """Examples:
  homeward ready
  homeward ready lisbon
  homeward ready --json"""


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("absence", nargs="?", metavar="ID", help="which absence (default: the present or next one)")
    parser.add_argument("--json", action="store_true", help="for programs")


def run(session: Session, arguments: argparse.Namespace) -> int:
    seen = look(session)
    absence = current_or_next(seen.absences, arguments.absence, session.clock.now(), session.zone)
    found = readiness_of(session, seen, absence)
    if arguments.json:
        points = [{"what": p.what, "ready": p.ready, "missing": p.missing, "command": p.command} for p in found.points]
        show_json({"absence": absence.id, "score": found.score, "ready": found.next is None, "points": points})
    else:
        show(_lines(found, absence, session))
    return 0 if found.next is None else 3


def _lines(found: Readiness, absence: Absence, session: Session) -> Iterator[Line]:
    yield (f"{one_line(absence, session.zone, session.clock.now().date())}: {found.score} ready  [{absence.id}]", "bold")
    for point in found.points:
        words = point.what if point.ready else f"{point.what}: {printable(point.missing, 200)}"
        yield (f"  {'✓' if point.ready else '✗'} {words}", "green" if point.ready else "yellow")
    yield f"Next: {found.next.command}" if found.next else "All is ready. Have a good time."
