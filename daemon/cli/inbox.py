"""`homeward inbox`: the hold as it is, opened by hand, or closed again."""

from __future__ import annotations

import argparse
from dataclasses import replace

from daemon.advice import Usage
from daemon.cli.screen import show, show_json
from daemon.reconcile import look, record
from daemon.session import Session
from daemon.tend import tend_inbox
from daemon.windows import armed, inbox_state, openings_now
from rules.inbox import release_now
from rules.interval import Interval
from rules.model import Absence
from rules.telling import at, printable

ABOUT = """status: held or open, and the next windows. release: opens now, for as long as a window, and notes why.
hold: closes again what `release` opened."""
EXAMPLE = """Examples:
  homeward inbox status
  homeward inbox release --because "waiting for the contract"
  homeward inbox hold"""


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("verb", choices=("status", "release", "hold"), nargs="?", default="status")
    parser.add_argument("--because", default="", metavar="WHY", help="with release: the reason, for the log")
    parser.add_argument("--json", action="store_true", help="with status: for programs")


def run(session: Session, arguments: argparse.Namespace) -> int:
    if arguments.verb == "status":
        return _status(session, arguments.json)
    with session.ledger.writing():
        seen = look(session)
        record(session, seen)
        if arguments.verb == "release":
            _release(session, seen.absences, arguments.because)
        else:
            _hold(session, seen.absences)
        tended = tend_inbox(session, seen.absences, session.clock.now())
    show(
        ["  " + printable(words, 200) for words in tended.words]
        or ["Nothing was held." if arguments.verb == "release" else "Held."]
    )
    return 1 if tended.failed else 0


def _status(session: Session, as_json: bool) -> int:
    now = session.clock.now()
    absences = session.ledger.absences()
    holds = armed(session.ledger.standing(), absences)
    ahead = [o for o in openings_now(session, [a for pairs in holds.values() for _, a in pairs if a], now) if o.span.end > now]
    states = {mail: inbox_state(session, pairs, now) for mail, pairs in holds.items()}
    if as_json:
        windows = [{"start": o.span.start.isoformat(), "end": o.span.end.isoformat(), "zone": o.zone} for o in ahead[:6]]
        show_json({"inbox": {mail: {"held": s.held, "because": s.because} for mail, s in states.items()}, "windows": windows})
        return 0
    show(
        [f"{printable(mail)}: {'held' if s.held else 'open'}, {s.because}" for mail, s in states.items()]
        or ["Open; no hold is planned."]
    )
    show([f"  window {at(o.span.start, o.zone)} ({o.zone}), {o.reason}" for o in ahead[:6]])
    return 0


def _away(session: Session, absences: tuple[Absence, ...]) -> Absence:
    now = session.clock.now()
    held = {item.absence_id for pairs in armed(session.ledger.standing(), absences).values() for item, _ in pairs}
    current = next((a for a in absences if now in a.span and a.id in held), None)
    if current is None:
        raise Usage("you are not away, so nothing is held.")
    return current


def _release(session: Session, absences: tuple[Absence, ...], because: str) -> None:
    now = session.clock.now()
    absence = _away(session, absences)
    session.ledger.opened(release_now(absence, session.policy.inbox, session.policy.me, now))
    session.ledger.note(now, absence.id, "released", f"opened by hand: {because or 'no reason given'}")


def _hold(session: Session, absences: tuple[Absence, ...]) -> None:
    now = session.clock.now()
    absence = _away(session, absences)
    for opening in session.ledger.openings(absence.id):
        if opening.reason == "released" and now in opening.span:
            session.ledger.reopened(replace(opening, span=Interval(opening.span.start, now)))
    session.ledger.note(now, absence.id, "held", "closed by hand")
