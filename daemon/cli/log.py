"""`homeward log`: what was done, when and why, from the journal."""

from __future__ import annotations

import argparse
from zoneinfo import ZoneInfo

from daemon.cli.choice import named
from daemon.cli.screen import show, show_json
from daemon.session import Session
from rules.telling import printable

ABOUT = """Times are home times. Every line names its change (hw-…), which `homeward undo` takes."""
EXAMPLE = """Examples:
  homeward log
  homeward log --absence k3f9a1 --json"""

_STEPS = {
    "intent": "about to",
    "done": "done",
    "undone": "taken back",
    "neutralised": "taken back, first half",
    "scheduled": "scheduled",
    "unknown": "unknown",
    "adopted": "theirs stands",
    "tombstone": "stays away",
}


_EVERYTHING = 1_000_000  # lines: more than years of passes write


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--absence", metavar="ID", help="only this one: its id, or words of its title")
    parser.add_argument("--most", type=_count, default=200, metavar="N", help="the last N lines (default: 200)")
    parser.add_argument("--all", action="store_true", help="also what was only about to be done")
    parser.add_argument("--json", action="store_true", help="for programs")


def _count(text: str) -> int:
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(f"“{printable(text)}” is no number of lines; write 50")
    return int(text)


def run(session: Session, arguments: argparse.Namespace) -> int:
    only = named(session.ledger.absences(), arguments.absence, session.zone).id if arguments.absence else None
    steps = session.ledger.journal(only, _EVERYTHING)
    entries = [entry for entry in steps if arguments.all or entry.step != "intent"][-arguments.most :]
    if arguments.json:
        fields = ("absence_id", "effect_id", "step", "words")
        show_json([{"at": entry.at.isoformat(), **{name: getattr(entry, name) for name in fields}} for entry in entries])
        return 0
    zone = ZoneInfo(session.zone)
    for entry in entries:
        when, step = f"{entry.at.astimezone(zone):%Y-%m-%d %H:%M}", _STEPS.get(entry.step, entry.step)
        show([f"{when}  {step:<13} {printable(entry.words, 200)}  {entry.effect_id}".rstrip()])
    if not entries:
        show(["Nothing has been done yet."])
    return 0
