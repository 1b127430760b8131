"""`homeward init`: a first config, by a few questions or by flags. Never overwrites one."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from msgspec.structs import replace

from daemon.advice import Usage
from daemon.cli.screen import ask_text, show
from daemon.config import load
from daemon.mistakes import ConfigError
from daemon.paths import home
from daemon.session import Session
from daemon.setup.answers import Answers, ask_all, proposed
from daemon.setup.here import FoundCalendar, discover
from daemon.setup.text import render, write
from rules.telling import printable

ABOUT = """Proposes what it finds on this machine (time zone, calendars, mail folder) and asks. With --yes every proposal is
taken, and flags answer the rest. An existing config is never overwritten; edit it instead."""
EXAMPLE = """Examples:
  homeward init
  homeward init --yes --name "Lena Berg" --address lena@example.org --home "Berlin, DE" --zone Europe/Berlin \\
      --calendar mine=~/calendars/work --calendar family=~/calendars/family --maildir ~/Maildir"""


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--yes", action="store_true", help="take every proposal, ask nothing")
    parser.add_argument("--name", help="your name")
    parser.add_argument("--address", action="append", help="a mail address of yours (repeatable)")
    parser.add_argument("--home", help='where home is: "Berlin, DE"')
    parser.add_argument("--zone", help="your time zone at home: Europe/Berlin")
    parser.add_argument("--language", action="append", help="of your calendar and replies: en de fr es it nl pt sv pl ja")
    parser.add_argument("--calendar", action="append", metavar="ROLE=PATH", help="a folder or .ics file (repeatable)")
    parser.add_argument("--maildir", metavar="PATH", help="your mail folder")
    parser.add_argument("--sieve", metavar="PATH", help="your active Sieve script")
    parser.add_argument("--family", action="append", metavar="NAME=ADDRESS", help="somebody of your family (repeatable)")
    parser.add_argument("--report", action="append", metavar="NAME=ADDRESS", help="somebody who reports to you (repeatable)")


def run(session: Session, arguments: argparse.Namespace) -> int:
    path = session.paths.config
    if path.exists():
        raise Usage(f"{path} is there already and is not overwritten. Edit it, then: homeward doctor")
    answers = _from_flags(proposed(discover(home(os.environ))), arguments)
    if not arguments.yes:
        answers = ask_all(answers, _ask)
    if not answers.addresses or not answers.name:
        raise Usage("your name and an address of yours are needed: --name, --address (or run it without --yes).")
    _write(path, answers)
    show([f"Wrote {path}."])
    if not answers.calendars:
        show(["No calendar was found: add one to it, as a [[calendar]] with its path."])
    show(["Next: homeward doctor, then homeward trips, then homeward plan."])
    return 0


def _write(path: Path, answers: Answers) -> None:
    """Leaves nothing behind that does not load: who tries again must not find it there already."""
    write(path, render(answers))
    try:
        load(path, None)
    except ConfigError as error:
        path.unlink()
        wrong = "\n".join(f"  {mistake.key}: found {mistake.found}; allowed: {mistake.allowed}" for mistake in error.mistakes)
        raise Usage(f"these answers make no good config, and nothing was written:\n{wrong}") from None


def _ask(question: str, proposal: str) -> str:
    return ask_text(f"{question}{f' [{proposal}]' if proposal else ''}: ")


def _from_flags(answers: Answers, given: argparse.Namespace) -> Answers:
    calendars = tuple(_calendar(text) for text in given.calendar) if given.calendar else answers.calendars
    return replace(
        answers,
        name=given.name or answers.name,
        addresses=tuple(given.address or answers.addresses),
        home=given.home or answers.home,
        home_zone=given.zone or answers.home_zone,
        languages=tuple(given.language or answers.languages),
        calendars=calendars,
        maildir=given.maildir or answers.maildir,
        sieve=given.sieve or answers.sieve,
        family=_people(given.family, "--family"),
        reports=_people(given.report, "--report"),
    )


def _calendar(text: str) -> FoundCalendar:
    role, separator, path = text.partition("=")
    if not separator or role not in ("mine", "family", "team", "travel", "ignore"):
        raise Usage(f"“{printable(text)}”: write --calendar ROLE=PATH, ROLE one of mine, family, team, travel, ignore.")
    return FoundCalendar(Path(path).stem.lower() or role, path, role)


def _people(texts: list[str] | None, flag: str) -> tuple[tuple[str, str], ...]:
    pairs = tuple(text.partition("=")[::2] for text in texts or ())
    if any(not name or "@" not in address for name, address in pairs):
        raise Usage(f"write {flag} NAME=ADDRESS.")
    return pairs
