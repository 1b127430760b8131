"""`homeward plan`: what would be done, and why. Touches nothing; remembers only which plan was shown, for `apply`."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from daemon.advice import Usage
from daemon.cli import source
from daemon.cli.choice import current_or_next
from daemon.cli.plan_text import plan_json, plan_lines
from daemon.cli.screen import Line, show, show_json, write_page
from daemon.reconcile import Look, look
from daemon.rehearsal import rehearsal
from daemon.session import Session
from rules.absence import parse_if
from rules.model import Said

ABOUT = """Shows every change as a diff one can read aloud, the gaps, and what is left alone and why. With FILE (an .ics file or a
folder) no config is needed. --if shows what would be different if you left or returned at another time; --verbose then
shows the whole plan. --picture draws each absence day by day: the ways, the openings of the inbox, who hosts what, the blocks.
--html writes that picture and the plan into a page for you alone: it names places and the family's time."""
EXAMPLE = """Examples:
  homeward plan
  homeward plan --if "leave 2026-12-03"
  homeward plan --if "back 2026-12-07 18:00" --absence k3f9a1
  homeward plan --picture
  homeward plan --html plan.html
  homeward plan ~/Downloads/calendar.ics --home Europe/Berlin --as me@example.org"""


def configure(parser: argparse.ArgumentParser) -> None:
    source.configure(parser)
    parser.add_argument(
        "--if", metavar="WHAT", dest="what_if", action="append", default=[], help='"leave DATE [TIME]" or "back DATE [TIME]"'
    )
    parser.add_argument("--absence", metavar="ID", help="which absence --if is about (default: the present or next one)")
    parser.add_argument("--verbose", action="store_true", help="all details, and all that is left alone")
    parser.add_argument("--picture", action="store_true", help="draw each absence above the plan")
    parser.add_argument("--html", metavar="OUT", type=Path, help="write the plan and its pictures into this page")
    parser.add_argument("--json", action="store_true", help="for programs")
    parser.add_argument("--detailed-exitcode", action="store_true", help="exit with 3 when the plan has changes")


def run(session: Session, arguments: argparse.Namespace) -> int:
    session = source.choose(session, arguments)
    if session.stateless:
        session = rehearsal(session)
    present = look(session)
    source.tell_problems(present.seen.problems)
    shown = look(session, _supposed(session, present, arguments)) if arguments.what_if else present
    if arguments.picture and not (arguments.json or arguments.html):
        show(_picture(session, shown))
    if arguments.json:
        show_json(plan_json(shown, session.zone))
    elif arguments.html:
        write_page(arguments.html, _page(session, shown))
    elif arguments.what_if:
        show(_different(session, present, shown, arguments.verbose))
        show(["", f"Only supposed; nothing was changed. {_make_it_so(arguments.what_if)}"])
    else:
        show(plan_lines(shown, session.zone, verbose=arguments.verbose))
        show(_next_step(session, shown))
    if not session.stateless and not arguments.what_if:
        session.ledger.set("shown", shown.plan.fingerprint)
    if arguments.detailed_exitcode and not shown.plan.empty:
        return 3
    return source.exit_code(present.seen) if session.stateless else 0


def _picture(session: Session, shown: Look) -> Iterator[Line]:
    from daemon.cli.plan_picture import picture_lines

    return picture_lines(session, shown)


def _page(session: Session, shown: Look) -> str:
    from daemon.cli.plan_picture import plan_page

    return plan_page(session, shown)


def _supposed(session: Session, present: Look, arguments: argparse.Namespace) -> list[Said]:
    now = session.clock.now()
    target = current_or_next(present.absences, arguments.absence, now, session.zone)
    try:
        return [parse_if(text, session.zone, now, target.id) for text in arguments.what_if]
    except ValueError as error:
        raise Usage(str(error)) from None


def _different(session: Session, present: Look, supposed: Look, verbose: bool) -> Iterator[Line]:
    """The lines of the plan that would go, and those that would come."""
    before, after = (list(plan_lines(seen, session.zone)) for seen in (present, supposed))
    if verbose:
        yield from plan_lines(supposed, session.zone, verbose=True)
        return
    gone, new = _minus(before, after), _minus(after, before)
    if not gone and not new:
        yield "Nothing would be different."
        return
    yield ("No longer in the plan:" if gone else "Nothing would leave the plan.", "bold")
    yield from gone
    yield ("In the plan instead:" if gone else "In the plan, too:", "bold")
    yield from new


def _minus(lines: Sequence[Line], others: Sequence[Line]) -> list[Line]:
    """Without the sum, and without what the others have as often."""
    left = Counter(others)
    found: list[Line] = []
    for line in lines[:-1]:
        left[line] -= 1
        if left[line] < 0 and line:
            found.append(line)
    return found


def _make_it_so(what_if: Sequence[str]) -> str:
    said = what_if[-1]
    verb = "extend" if said.lower().startswith("extend") else "back"
    if said.lower().startswith("leave"):
        return "To make it so, move it in your calendar; the next pass follows."
    when = said.partition(" ")[2].strip()
    return f"To make it so: homeward {verb} " + (f'"{when}"' if when else "")


def _next_step(session: Session, shown: Look) -> list[str]:
    if shown.plan.empty:
        return []
    if session.stateless:
        return ["This is what homeward would do for you. To let it: homeward init"]
    if shown.unsafe:
        return ["Nothing has been changed. As it stands it is refused; if it is right: homeward apply --anyway"]
    return ["Nothing has been changed yet. To do it: homeward apply"]
