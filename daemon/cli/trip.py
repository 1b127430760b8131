"""`homeward trip`: the one-time set-up of an absence. With a title and dates it is announced; with nothing, what was detected is
walked through. Both end with the plan and a yes."""

from __future__ import annotations

import argparse
import hashlib
from datetime import date
from typing import Literal

from daemon.advice import NeedsAnswer, Usage
from daemon.cli.apply import do, narrowed, safe
from daemon.cli.plan_text import plan_lines
from daemon.cli.say import REMEMBERED
from daemon.cli.screen import ask, ask_text, show
from daemon.reconcile import look, record
from daemon.session import Session
from rules.explain import one_line, why_absence
from rules.gazetteer import Gazetteer
from rules.identity import identities
from rules.model import Absence, Declared, Place, Said
from rules.telling import printable

ABOUT = """TITLE and days announce an absence. LAST is included: “2026-12-01 2026-12-05” is away on the 5th, too. What the
calendar knows of the same days (flights, a hotel) joins by itself. Without anything homeward walks through what it has
detected and asks about each. It ends with the plan, and does it after your yes."""
EXAMPLE = """Examples:
  homeward trip "Lisbon" 2026-12-01 2026-12-05
  homeward trip "Lisbon" 2026-12-01 2026-12-05 --place LIS --cover ana --cover ben
  homeward trip "Summer" 2027-07-12 2027-07-30 --kind vacation --with-family
  homeward trip"""


_MOST_OWED = 100.0  # hours; more is a slip of the finger
KINDS = ("trip", "vacation", "family-vacation", "leave", "focus")


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("title", nargs="?", metavar="TITLE", help="what to call it")
    parser.add_argument("first", nargs="?", metavar="FIRST", help="first day away: 2026-12-01")
    parser.add_argument("last", nargs="?", metavar="LAST", help="last day away (default: the first)")
    parser.add_argument("--place", metavar="PLACE", help='where: an airport code or "Lisbon, PT" (default: taken from the title)')
    parser.add_argument("--kind", choices=KINDS, metavar="KIND", default="trip", help=f"{', '.join(KINDS)} (default: trip)")
    parser.add_argument("--cover", action="append", default=[], metavar="PERSON", help="who is asked first (repeatable)")
    parser.add_argument("--with-family", action="store_true", help="the family comes along")
    parser.add_argument("--owes", type=_hours, metavar="HOURS", help="make-up hours, where not by the nights")
    parser.add_argument("--yes", action="store_true", help="do not ask")


def run(session: Session, arguments: argparse.Namespace) -> int:
    if arguments.title and not arguments.first:
        raise Usage('say when: homeward trip "Lisbon" 2026-12-01 2026-12-05')
    with session.ledger.writing():
        record(session, look(session))
        if not arguments.title:
            _walk_through(session, quietly=arguments.yes)
            return _finish(session, yes=arguments.yes)
        found = _announce(session, _declared(session, arguments))
        return _finish(session, yes=arguments.yes, about=found.id)


def _declared(session: Session, arguments: argparse.Namespace) -> Declared:
    first = _day(arguments.first)
    last = _day(arguments.last) if arguments.last else first
    if last < first:
        raise Usage("the last day lies before the first.")
    if last < session.clock.now().date():
        raise Usage("those days are over; homeward never acts on an absence that is over.")
    people = {person.id for person in session.policy.person}
    if unknown := [name for name in arguments.cover if name not in people]:
        raise Usage(f"--cover {unknown[0]}: nobody of that id is in the config. There are: {', '.join(sorted(people)) or 'none'}")
    digest = hashlib.sha256(f"{arguments.title}\x1f{first}\x1f{last}".encode()).hexdigest()
    return Declared(
        id=f"t{digest[:7]}",
        title=arguments.title,
        first=first,
        last=last,
        kind="family-vacation" if arguments.with_family and arguments.kind == "vacation" else arguments.kind,
        place=_place(session.outside.places, arguments.place, arguments.title),
        cover=tuple(arguments.cover),
        with_family=arguments.with_family,
        owes=arguments.owes,
    )


def _hours(text: str) -> float:
    try:
        hours = float(text)
    except ValueError:
        hours = -1.0
    if not 0 <= hours <= _MOST_OWED:
        raise argparse.ArgumentTypeError(f"“{printable(text)}” are no hours; write 4 or 2.5")
    return hours


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Usage(f"“{printable(text)}” is no date; write 2026-12-01.") from None


def _place(places: Gazetteer, wanted: str | None, title: str) -> Place | None:
    if wanted is None:
        return places.city(title) or places.find_in(title)
    found = places.airport(wanted.upper()) if len(wanted) == 3 else None
    found = found or places.city(wanted) or places.find_in(wanted)
    if found is None:
        raise Usage(f"--place {printable(wanted)}: not known. Name an airport (LIS) or a city with its country (“Lisbon, PT”).")
    return found


def _announce(session: Session, declared: Declared) -> Absence:
    """The absence that it became: one of its own, or one that was known already."""
    session.ledger.declare(declared, session.clock.now())
    if declared.place is None:
        show(["It is not known where that is, so windows open in home time. To name it: --place"])
    seen = look(session)
    called_off = next((a for a in seen.detected.identified.declined if _rests_on(a, declared)), None)
    if called_off is None:
        return next(a for a in seen.absences if _rests_on(a, declared))
    session.ledger.say(Said(called_off.id, "confirm", session.clock.now(), identities=identities(called_off)))
    session.ledger.revive(called_off.id)
    return called_off


def _rests_on(absence: Absence, declared: Declared) -> bool:
    return any(evidence.key.uid == declared.id for evidence in absence.evidence)


def _walk_through(session: Session, *, quietly: bool) -> None:
    """Ask about everything that is not certain; later is an answer, too, and the one that `quietly` gives."""
    now = session.clock.now()
    ahead = [absence for absence in look(session).absences if absence.span.end > now]
    for absence in ahead:
        if absence.action == "act":
            show([f"Known: {one_line(absence, session.zone, now.date())}"])
    open_ones = [absence for absence in ahead if absence.action in ("ask", "private-only")]
    if not open_ones:
        show(["Nothing else was found that needs an answer." if ahead else "No absence was found."])
        show(["To announce one: homeward trip TITLE FIRST LAST", ""])
    for absence in open_ones:
        lines = why_absence(absence, session.zone, now.date())
        show(["", *(("  " if index else "") + line for index, line in enumerate(lines))])
        if not quietly:
            _answer(session, absence)


def _answer(session: Session, absence: Absence) -> None:
    word = ask_text("Is that so? [y]es, [n]o, [l]ater: ").casefold()[:1]
    verbs: dict[str, Literal["confirm", "dismiss"]] = {"y": "confirm", "j": "confirm", "n": "dismiss"}
    if verb := verbs.get(word):
        session.ledger.say(Said(absence.id, verb, session.clock.now(), identities=identities(absence)))


def _finish(session: Session, *, yes: bool, about: str = "") -> int:
    """The plan, and the yes: to all of it, or to what is `about` one absence."""
    seen = look(session)
    record(session, seen)
    shown = narrowed(session, seen, about) if about else seen
    if shown.plan.empty or not yes:
        show(plan_lines(shown, session.zone))
    if shown.plan.empty:
        return 0
    safe(shown, anyway=False)
    forget = f"\nTo forget it: homeward dismiss {about}" if about else ""
    try:
        agreed = yes or ask("Do this?")
    except NeedsAnswer as nobody:
        raise NeedsAnswer(f"{nobody}\n{REMEMBERED}{forget}") from None
    if not agreed:
        show([REMEMBERED + forget])
    return do(session, shown, about=about, told=not yes) if agreed else 0
