"""`homeward log`: what was done, when and why, from the journal; what was written to people; what people did meanwhile."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

from daemon.cli.choice import named, person_named
from daemon.cli.screen import Line, show, show_json
from daemon.ledger import Entry
from daemon.session import Session
from rules.items import MailItem
from rules.telling import listed, printable

ABOUT = """Times are home times. Every line names its change (hw-…), which `homeward undo` takes. With --full, each message that
homeward wrote is shown with its text; the digest alone is not kept, and `homeward digest` writes it again. With --person, the
development log: who hosted, held, mentored or decided what, at which level, your feedback, and what you might consider."""
EXAMPLE = """Examples:
  homeward log
  homeward log --absence k3f9a1 --json
  homeward log --full
  homeward log --person ana"""

_STEPS = {
    "intent": "about to",
    "done": "done",
    "undone": "taken back",
    "neutralised": "taken back, first half",
    "scheduled": "scheduled",
    "unknown": "unknown",
    "adopted": "theirs stands",
    "tombstone": "stays away",
    "refused": "not possible there",
}


_EVERYTHING = 1_000_000  # lines: more than years of passes write


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--absence", metavar="ID", help="only this one: its id, or words of its title")
    parser.add_argument("--most", type=_count, default=200, metavar="N", help="the last N lines (default: 200)")
    parser.add_argument("--all", action="store_true", help="also what was only about to be done")
    parser.add_argument("--full", action="store_true", help="with the text of every message")
    parser.add_argument("--person", metavar="PERSON", help="the development log of one person (id or name)")
    parser.add_argument("--json", action="store_true", help="for programs")


def _count(text: str) -> int:
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(f"“{printable(text)}” is no number of lines; write 50")
    return int(text)


def run(session: Session, arguments: argparse.Namespace) -> int:
    if arguments.person:
        from daemon.cli.development_text import show_person

        show_person(session, person_named(session.policy, arguments.person), arguments.most, arguments.json)
        return 0
    only = named(session.ledger.absences(), arguments.absence, session.zone).id if arguments.absence else None
    steps = session.ledger.journal(only, _EVERYTHING)
    entries = [entry for entry in steps if arguments.all or entry.step != "intent"][-arguments.most :]
    letters = _letters(session) if arguments.full else {}
    if arguments.json:
        show_json([_json(entry, letters) for entry in entries])
        return 0
    show(line for entry in entries for line in _lines(entry, letters, ZoneInfo(session.zone)))
    if not entries:
        show(["Nothing has been done yet."])
    return 0


def _letters(session: Session) -> dict[str, MailItem]:
    """Everything that homeward has written, by the id of its change."""
    items = (effect.item for effect in session.ledger.effects().values() if effect.state in ("done", "unknown"))
    return {item.id: item for item in items if isinstance(item, MailItem)}


def _json(entry: Entry, letters: dict[str, MailItem]) -> dict[str, Any]:
    found = {"at": entry.at.isoformat(), "absence_id": entry.absence_id, "effect_id": entry.effect_id}
    letter = letters.get(entry.effect_id) if entry.step in _WRITTEN else None
    told = {"to": list(letter.to), "subject": letter.subject, "text": letter.body} if letter else {}
    return {**found, "step": entry.step, "words": entry.words, **({"letter": told} if told else {})}


_WRITTEN = ("done", "unknown")


def _lines(entry: Entry, letters: dict[str, MailItem], zone: ZoneInfo) -> Iterator[Line]:
    when, step = f"{entry.at.astimezone(zone):%Y-%m-%d %H:%M}", _STEPS.get(entry.step, entry.step)
    yield f"{when}  {step:<13} {printable(entry.words, 200)}  {entry.effect_id}".rstrip()
    letter = letters.get(entry.effect_id) if entry.step in _WRITTEN else None
    if letter is not None:
        yield from _letter(letter)


def _letter(letter: MailItem) -> Iterator[Line]:
    yield f"    To: {printable(listed(letter.to), 300)}"
    yield f"    Subject: {printable(letter.subject, 200)}"
    for line in letter.body.splitlines() or ["(its text is not kept: homeward digest)"]:
        yield f"    | {printable(line, 300)}".rstrip()
