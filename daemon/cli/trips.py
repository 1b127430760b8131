"""`homeward trips`: the absences that the calendars, or any .ics file, show, with the reasons."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from typing import Any

from daemon.cli import source
from daemon.cli.screen import Line, show, show_json
from daemon.detect import detect
from daemon.observe import horizon_at, read_all
from daemon.reconcile import memory_of
from daemon.session import Session
from rules.explain import one_line
from rules.model import Absence, Evidence
from rules.telling import at, printable

ABOUT = """Reads your calendars, or FILE (an .ics file or a folder of them, no config needed), and touches nothing.

--json prints {"absences": [{"id", "kind", "start", "end", "nights", "confidence", "action": "act|private-only|ask",
"places": [{"from", "to", "zone"}], "evidence": [{"uid", "summary", "verdict", "confidence", "because"}]}]}.
`action`: act = all changes are planned; private-only = only the inbox and the autoreply; ask = you are asked first."""
EXAMPLE = """Examples:
  homeward trips
  homeward trips ~/Downloads/calendar.ics --home Europe/Berlin --as me@example.org --json"""


def configure(parser: argparse.ArgumentParser) -> None:
    source.configure(parser)
    source.add_horizon(parser)
    parser.add_argument("--json", action="store_true", help="for programs")


def run(session: Session, arguments: argparse.Namespace) -> int:
    session = source.choose(session, arguments)
    now = session.clock.now()
    span = source.horizon(session, arguments, horizon_at(now, session.policy))
    ledger = None if session.stateless else session.ledger
    seen = read_all(session.outside, ledger, span)
    found = detect(seen.occurrences, session.policy, session.outside.places, memory_of(ledger), now)
    absences = [a for a in found.absences if a.action != "none" and a.span.overlaps(span)]
    for line in source.problem_lines(seen.problems):
        print(line, file=sys.stderr)
    if arguments.json:
        show_json({"absences": [absence_json(absence) for absence in absences]})
    else:
        show(_lines(absences, session, len(seen.occurrences)))
    return 0


def _lines(absences: list[Absence], session: Session, read: int) -> Iterator[Line]:
    if not absences:
        yield f"No absence found in {read} entries. To see why an entry is none: homeward why … “TITLE”"
    for absence in absences:
        yield (f"{one_line(absence, session.zone)}  [{absence.id}]", "bold")
        yield f"  away {at(absence.span.start, session.zone)} – {at(absence.span.end, session.zone)}{_open(absence)}"
        yield f"  {_ACTIONS[absence.action]} (confidence {absence.confidence:.2f})"
        for reason in absence.because:
            yield (f"  because {printable(reason, 200)}", "dim")
        for evidence in absence.evidence:
            yield (f"    · “{printable(evidence.summary, 60)}”: {printable('; '.join(evidence.because), 160)}", "dim")
        yield ""


_ACTIONS = {
    "act": "certain: everything is planned",
    "private-only": "likely: only the inbox and the autoreply; hosts wait for your `homeward confirm`",
    "ask": "perhaps: nothing happens until your `homeward confirm` (or `homeward dismiss`)",
    "none": "too uncertain",
}


def _open(absence: Absence) -> str:
    return " (no way back is known yet)" if absence.open_ended else ""


def absence_json(absence: Absence) -> dict[str, Any]:
    return {
        "id": absence.id,
        "kind": absence.kind,
        "start": absence.span.start.isoformat(),
        "end": absence.span.end.isoformat(),
        "nights": absence.nights,
        "confidence": round(absence.confidence, 3),
        "action": absence.action,
        "places": [
            {"from": stay.span.start.isoformat(), "to": stay.span.end.isoformat(), "zone": stay.zone} for stay in absence.stays
        ],
        "evidence": [evidence_json(evidence) for evidence in absence.evidence],
    }


def evidence_json(evidence: Evidence) -> dict[str, Any]:
    return {
        "uid": evidence.key.uid,
        "summary": evidence.summary,
        "verdict": evidence.verdict,
        "confidence": round(evidence.confidence, 3),
        "because": list(evidence.because),
    }
