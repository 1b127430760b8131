"""`homeward why`: the verdict on each entry, in words."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from daemon.cli import source
from daemon.cli.screen import Line, show
from daemon.cli.trips import evidence_json
from daemon.detect import judge_all
from daemon.observe import horizon_at, read_all
from daemon.session import Session
from rules.explain import why_entry
from rules.model import Evidence
from rules.telling import printable

ABOUT = """TITLE (words of it), UID or DATE picks the entries; without one all are told.

--json prints one object per occurrence read, a line each: {"uid", "recurrence_id", "summary",
"verdict": "trip|vacation|family-vacation|leave|focus|supporting|colleague|neither", "confidence", "because": […]}."""
EXAMPLE = """Examples:
  homeward why "Lisbon"
  homeward why calendar.ics 2026-11-09 --home Europe/Berlin
  homeward why calendar.ics --json --from 2026-01-01 --to 2026-12-31"""


def configure(parser: argparse.ArgumentParser) -> None:
    source.configure(parser, "an .ics file or a folder of them; left out: your calendars")
    parser.add_argument("which", nargs="?", metavar="TITLE|UID|DATE", help="which entries; default: all")
    source.add_horizon(parser)
    parser.add_argument("--json", action="store_true", help="for programs: one object a line")


def run(session: Session, arguments: argparse.Namespace) -> int:
    _sort_out(arguments)
    session = source.choose(session, arguments)
    span = source.horizon(session, arguments, horizon_at(session.clock.now(), session.policy))
    seen = read_all(session.outside, source.memory(session), span)
    source.tell_problems(seen.problems)
    evidence = _chosen(judge_all(seen.occurrences, session.policy, session.outside.places), arguments.which, session.zone)
    if arguments.json:
        _print_json(evidence)
    else:
        show(_lines(evidence, session, arguments.which))
    return 1 if arguments.which and not evidence else source.exit_code(seen)


def _sort_out(arguments: argparse.Namespace) -> None:
    """One word alone is a file if there is one of that name, else what to look for in the own calendars."""
    alone = arguments.file if arguments.file and not arguments.which else ""
    if alone and not alone.endswith(".ics") and not Path(alone).expanduser().exists():
        arguments.file, arguments.which = None, alone


def _chosen(evidence: Iterable[Evidence], which: str | None, zone: str) -> list[Evidence]:
    found = sorted(evidence, key=lambda e: (e.span.start, e.summary, e.key))
    if not which:
        return found
    wanted = which.casefold()
    on = _as_date(which)
    return [e for e in found if e.key.uid == which or wanted in e.summary.casefold() or (on and _touches(e, on, zone))]


def _as_date(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _touches(evidence: Evidence, on: date, zone: str) -> bool:
    start = datetime.combine(on, datetime.min.time(), ZoneInfo(zone))
    end = start.replace(hour=23, minute=59, second=59)
    return evidence.span.start <= end and evidence.span.end > start


def _lines(evidence: list[Evidence], session: Session, which: str | None) -> Iterator[Line]:
    if not evidence:
        yield f"No entry fits “{printable(which)}”." if which else "There are no entries in this time."
    for item in evidence:
        head, *reasons = why_entry(item, session.zone, session.clock.now().date())
        yield (head, "bold")
        yield from (f"    {reason}" for reason in reasons)


def _print_json(evidence: Iterable[Evidence]) -> None:
    import json

    for item in evidence:
        line: dict[str, Any] = {"uid": item.key.uid, "recurrence_id": item.key.recurrence_id or None}
        print(json.dumps({**line, **evidence_json(item)}, ensure_ascii=True))
