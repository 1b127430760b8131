"""`homeward inbox`: the hold as it is, opened by hand, or closed again."""

from __future__ import annotations

import argparse

from msgspec.structs import replace

from daemon.advice import Usage
from daemon.cli.inbox_text import inboxes
from daemon.cli.screen import show, show_json
from daemon.reconcile import look, record
from daemon.session import Session
from daemon.tend import tend_inbox
from daemon.windows import armed, in_force, openings_now
from rules.inbox import HOME, release_now
from rules.interval import Interval
from rules.model import Absence
from rules.telling import at, printable, stretch

ABOUT = """status: held or open, and the next windows. release: opens now, for as long as a window, and notes why.
hold: closes again what `release` opened. A window itself stays open for its time."""
EXAMPLE = """Examples:
  homeward inbox status
  homeward inbox release --because "waiting for the contract"
  homeward inbox hold"""


def configure(parser: argparse.ArgumentParser) -> None:
    verbs = ("status", "release", "hold")
    parser.add_argument(
        "verb", choices=verbs, metavar="VERB", nargs="?", default="status", help=f"{', '.join(verbs)} (default: status)"
    )
    parser.add_argument("--because", default="", metavar="WHY", help="with release: the reason, for the log")
    parser.add_argument("--json", action="store_true", help="with status: for programs")


def run(session: Session, arguments: argparse.Namespace) -> int:
    if arguments.verb == "status":
        return _status(session, arguments.json)
    with session.ledger.writing():
        seen = look(session)
        record(session, seen)
        if arguments.verb == "release":
            words = _release(session, seen.absences, arguments.because)
        else:
            words = _hold(session, seen.absences)
        tended = tend_inbox(session, seen.absences, session.clock.now())
    show([words, *(f"  ✓ {printable(done, 200)}" for done in tended.words)])
    show([(f"  ✗ {printable(failed, 200)}", "red") for failed in tended.failed])
    return 1 if tended.failed else 0


def _status(session: Session, as_json: bool) -> int:
    now = session.clock.now()
    absences = session.ledger.absences()
    standing = session.ledger.standing()
    states = inboxes(session, standing, absences, now)
    away = [absence for holds in armed(standing, absences).values() for _, absence in holds if absence]
    # At home without a hold there are no windows: the inbox is as it always is.
    ahead = [o for o in openings_now(session, away, now) if o.span.start > now][:6] if states else []
    if as_json:
        windows = [
            {"start": o.span.start.isoformat(), "end": o.span.end.isoformat(), "zone": o.zone, "reason": o.reason} for o in ahead
        ]
        show_json(
            {"inbox": {mail: {"held": s.held, "because": s.because} for mail, (s, _) in states.items()}, "windows": windows}
        )
        return 0
    show([f"Inbox {printable(mail)}: {words}" for mail, (_, words) in states.items()] or ["Open; no hold is planned."])
    show([f"  opens {stretch(o.span, o.zone)} ({o.zone}){_REASONS[o.reason]}" for o in ahead])
    return 0


_REASONS = {"nominal": "", "catch-up": ", to catch up", "released": ", because you said so"}


def _in_force(session: Session, absences: tuple[Absence, ...]) -> Absence | None:
    """The absence whose hold counts now; None where it is that at home. Usage where nothing is held."""
    now = session.clock.now()
    holds = armed(session.ledger.standing(), absences)
    current = next((hold for each in holds.values() if (hold := in_force(each, now))), None)
    if current is None:
        ahead = min((item.span.start for each in holds.values() for item, _ in each if item.span.start > now), default=None)
        when = f"; the hold begins {at(ahead, session.zone)}" if ahead else ""
        raise Usage(f"nothing is held now: you are not away{when}.")
    return current[1]


def _release(session: Session, absences: tuple[Absence, ...], because: str) -> str:
    now = session.clock.now()
    opening = release_now(_in_force(session, absences), session.policy.inbox, session.policy.me, now)
    if not session.ledger.opened(opening):
        session.ledger.reopened(opening)  # opened and closed within this very minute
    session.ledger.note(now, opening.absence_id, "released", f"opened by hand: {because or 'no reason given'}")
    return f"Open until {at(opening.span.end, opening.zone)}."


def _hold(session: Session, absences: tuple[Absence, ...]) -> str:
    now = session.clock.now()
    absence = _in_force(session, absences)
    absence_id = absence.id if absence else HOME
    for opening in session.ledger.openings(absence_id):
        if opening.reason == "released" and now in opening.span:
            session.ledger.reopened(replace(opening, span=Interval(opening.span.start, now)))
    session.ledger.note(now, absence_id, "held", "closed by hand")
    (_, words), *_ = inboxes(session, session.ledger.standing(), absences, now).values()
    return f"Inbox: {words}."
