"""`homeward trips`: the absences that the calendars, or any .ics file, show, with the reasons."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from daemon.cli import source
from daemon.cli.screen import Line, show, show_json
from daemon.detect import detect
from daemon.observe import horizon_at, read_all
from daemon.reconcile import memory_of
from daemon.session import Session
from rules.explain import entry_lines, one_line
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
    ledger = source.memory(session)
    seen = read_all(session.outside, ledger, span)
    found = detect(seen.occurrences, session.policy, session.outside.places, memory_of(ledger), now)
    absences = [a for a in found.absences if a.action != "none" and a.span.overlaps(span)]
    source.tell_problems(seen.problems)
    if arguments.json:
        show_json({"absences": [absence_json(absence) for absence in absences]})
    elif absences:
        show(line for absence in absences for line in _lines(absence, session, now))
    else:
        show([_none(arguments.file, len(seen.occurrences))])
    return source.exit_code(seen)


def _none(file: str | None, read: int) -> str:
    if not read:
        return "There are no entries in this time."
    return f"No absence found in {read} entries. To see why: homeward why{f' {printable(file)}' if file else ''}"


def _lines(absence: Absence, session: Session, now: datetime) -> Iterator[Line]:
    zone, today = session.zone, now.date()
    yield (f"{one_line(absence, zone, today)}  [{absence.id}]", "bold")
    no_return = " (no way back is known yet)" if absence.open_ended else ""
    yield f"  away from {at(absence.span.start, zone)} to {at(absence.span.end, zone)}{no_return}"
    yield f"  {_OVER if absence.span.end <= now else _action(absence, session.stateless)}"
    yield (f"  {' '.join(printable(reason, 200) for reason in absence.because)}", "dim")
    for line in entry_lines(absence):
        yield (f"    · {line}", "dim")
    yield ""


_OVER = "over: nothing is done for it any more"


def _action(absence: Absence, stateless: bool) -> str:
    """What follows, and what to type where the user's word is wanted."""
    sure = f"{absence.confidence:.0%} sure"
    if absence.action == "act":
        return f"{sure}: all changes are planned"
    if absence.action == "private-only":
        rest = "hosts and the team wait for your yes" + ("" if stateless else f": homeward confirm {absence.id}")
        return f"{sure}: the inbox and the autoreply are planned; {rest}"
    if stateless:
        return f"{sure}: you would be asked first"
    return f"{sure}: is that so? homeward confirm {absence.id}, or: homeward dismiss {absence.id}"


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
