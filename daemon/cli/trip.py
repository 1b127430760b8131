"""`homeward trip`: the one-time set-up of an absence. With a title and dates it is announced; with nothing, what was detected is
walked through. Both end with the plan and a yes."""

from __future__ import annotations

import argparse
import hashlib
from datetime import date
from typing import Literal

from daemon.advice import Usage
from daemon.cli.apply import do
from daemon.cli.plan_text import plan_lines
from daemon.cli.screen import ask, ask_text, show
from daemon.reconcile import look, record
from daemon.session import Session
from rules.explain import one_line, why_absence
from rules.gazetteer import Gazetteer
from rules.identity import identities
from rules.model import Absence, Declared, Place, Said
from rules.telling import printable

ABOUT = """LAST is included: “2026-12-01 2026-12-05” is away on the 5th, too. What the calendar knows of the same days (flights, a
hotel) joins by itself. Without anything homeward walks through what it has detected and asks about each."""
EXAMPLE = """Examples:
  homeward trip "Lisbon" 2026-12-01 2026-12-05
  homeward trip "Lisbon" 2026-12-01 2026-12-05 --place LIS --cover ana --cover ben
  homeward trip "Summer" 2027-07-12 2027-07-30 --kind vacation --with-family
  homeward trip"""


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("title", nargs="?", help="what to call it")
    parser.add_argument("first", nargs="?", metavar="FIRST", help="first day away: 2026-12-01")
    parser.add_argument("last", nargs="?", metavar="LAST", help="last day away (default: the first)")
    parser.add_argument("--place", metavar="PLACE", help='where: an airport code or "Lisbon, PT" (default: taken from the title)')
    parser.add_argument("--kind", choices=("trip", "vacation", "family-vacation", "leave", "focus"), default="trip")
    parser.add_argument("--cover", action="append", default=[], metavar="PERSON", help="who is asked first (repeatable)")
    parser.add_argument("--with-family", action="store_true", help="the family comes along")
    parser.add_argument("--owes", type=float, metavar="HOURS", help="make-up hours, where not by the nights")
    parser.add_argument("--yes", action="store_true", help="do not ask")


def run(session: Session, arguments: argparse.Namespace) -> int:
    if arguments.title and not arguments.first:
        raise Usage('say when: homeward trip "Lisbon" 2026-12-01 2026-12-05')
    with session.ledger.writing():
        record(session, look(session))
        if arguments.title:
            _announce(session, _declared(session, arguments))
        else:
            _walk_through(session)
        return _finish(session, yes=arguments.yes)


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


def _announce(session: Session, declared: Declared) -> None:
    session.ledger.declare(declared, session.clock.now())
    if declared.place is None:
        show(["Where that is, is not known: windows open in home time. Say it with --place."])


def _walk_through(session: Session) -> None:
    """Ask about everything that is not certain; later is an answer, too."""
    now = session.clock.now()
    seen = look(session)
    open_ones = [a for a in seen.absences if a.action in ("ask", "private-only") and a.span.end > now]
    for absence in seen.absences:
        if absence.action == "act" and absence.span.end > now:
            show([f"Known: {one_line(absence, session.zone)}"])
    if not open_ones:
        show(["Nothing else was detected that would need an answer."])
    for absence in open_ones:
        show([("  " if index else "") + line for index, line in enumerate(why_absence(absence, session.zone))])
        _answer(session, absence)


def _answer(session: Session, absence: Absence) -> None:
    word = ask_text("Is that so? [y]es, [n]o, [l]ater: ").casefold()[:1]
    verbs: dict[str, Literal["confirm", "dismiss"]] = {"y": "confirm", "j": "confirm", "n": "dismiss"}
    if verb := verbs.get(word):
        session.ledger.say(Said(absence.id, verb, session.clock.now(), identities=identities(absence)))


def _finish(session: Session, *, yes: bool) -> int:
    shown = look(session)
    record(session, shown)
    show(plan_lines(shown, session.zone))
    if shown.plan.empty:
        return 0
    if not yes and not ask("Do this?"):
        show(["Remembered; nothing else was changed. To do it later: homeward apply. To forget it: homeward dismiss ID"])
        return 0
    return do(session, shown)
