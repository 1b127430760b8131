"""`homeward log`: what was done, when and why, from the journal."""

from __future__ import annotations

import argparse
from zoneinfo import ZoneInfo

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


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--absence", metavar="ID", help="only this one")
    parser.add_argument("--most", type=int, default=200, metavar="N", help="the last N lines (default: 200)")
    parser.add_argument("--all", action="store_true", help="also what was only about to be done")
    parser.add_argument("--json", action="store_true", help="for programs")


def run(session: Session, arguments: argparse.Namespace) -> int:
    entries = [e for e in session.ledger.journal(arguments.absence, arguments.most) if arguments.all or e.step != "intent"]
    if arguments.json:
        fields = ("absence_id", "effect_id", "step", "words")
        show_json([{"at": entry.at.isoformat(), **{name: getattr(entry, name) for name in fields}} for entry in entries])
        return 0
    zone = ZoneInfo(session.zone)
    for entry in entries:
        step = _STEPS.get(entry.step, entry.step)
        show(
            [f"{entry.at.astimezone(zone):%Y-%m-%d %H:%M}  {step:<13} {printable(entry.words, 200)}  {entry.effect_id}".rstrip()]
        )
    if not entries:
        show(["Nothing has been done yet."])
    return 0
