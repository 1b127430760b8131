"""Where a command looks: the configured calendars, or a file or folder that somebody handed over. For the latter no config is
needed and nothing is written anywhere."""

from __future__ import annotations

import argparse
import getpass
import os
import sys
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from daemon.advice import Usage
from daemon.ledger import Ledger
from daemon.observe import Observation, Read
from daemon.session import Session
from rules.interval import Interval
from rules.model import Problem
from rules.policy import Me
from rules.telling import printable

_SMALL = 2_000_000  # bytes; a larger file is read from last year on unless --from says otherwise
_EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)


def configure(parser: argparse.ArgumentParser, what: str = "an .ics file or a folder of them; default: your calendars") -> None:
    parser.add_argument("file", nargs="?", metavar="FILE", help=what)
    add_identity(parser)


def add_identity(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--home", metavar="ZONE", help="home time zone for FILE (default: this machine's)")
    parser.add_argument("--at", metavar="PLACE", dest="home_place", help='home town for FILE, as in "Berlin, DE"')
    parser.add_argument("--as", metavar="ADDRESS", dest="me", action="append", help="your address in FILE (repeatable)")
    parser.add_argument("--name", metavar="NAME", dest="my_name", help="your name in FILE")


def add_horizon(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--from", metavar="DATE", dest="first", type=_date, help="first day to look at")
    parser.add_argument("--to", metavar="DATE", dest="last", type=_date, help="last day to look at")


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"“{text}” is no date; write 2026-12-01") from None


def choose(session: Session, arguments: argparse.Namespace) -> Session:
    """The given session, or a stateless one for the file. Usage where there is no such file or zone."""
    if arguments.file is None:
        return session
    path = Path(arguments.file).expanduser()
    if not path.exists():
        raise Usage(f"there is no file or folder “{printable(arguments.file)}”.")
    zone = _zone(arguments.home) if arguments.home else machine_zone()
    addresses = tuple(a.lower() for a in arguments.me or ()) or ("me@localhost",)
    me = Me(name=arguments.my_name or _login(), addresses=addresses, home_zone=zone, home=arguments.home_place or "")
    return Session.for_file(path, me, os.environ)


def _login() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "me"


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise Usage(f"“{printable(name)}” is no time zone; write one like Europe/Berlin.") from None
    return name


def machine_zone() -> str:
    """The machine's IANA zone: $TZ, /etc/timezone, or the target of /etc/localtime; else UTC."""
    candidates = [os.environ.get("TZ", "").lstrip(":")]
    with_file = Path("/etc/timezone")
    if with_file.is_file():
        candidates.append(with_file.read_text(encoding="ascii", errors="ignore").strip())
    candidates.append(str(Path("/etc/localtime").resolve()).rpartition("zoneinfo/")[2])
    for name in candidates:
        try:
            return ZoneInfo(name).key if name else "UTC"
        except (ZoneInfoNotFoundError, ValueError, OSError):
            continue
    return "UTC"


def horizon(session: Session, arguments: argparse.Namespace, default: Interval) -> Interval:
    """From --from and --to (whole days at home); else all of a small file, or `default`."""
    zone = ZoneInfo(session.zone)
    start, end = default.start, default.end
    if arguments.file is not None:
        end = session.clock.now() + timedelta(days=730)
        start = _EARLIEST if _size(Path(arguments.file).expanduser()) <= _SMALL else session.clock.now() - timedelta(days=365)
    if arguments.first:
        start = datetime.combine(arguments.first, time(), zone)
    if arguments.last:
        end = datetime.combine(arguments.last + timedelta(days=1), time(), zone)
    if end <= start:
        raise Usage("--to lies before --from.")
    return Interval(start, end)


def _size(path: Path) -> int:
    if path.is_file():
        return path.stat().st_size
    return sum(child.stat().st_size for child in path.glob("*.ics"))


def tell_problems(problems: Iterable[Problem]) -> None:
    """On stderr, so that what is read by a program stays whole."""
    for problem in problems:
        print(f"{printable(problem.where, 200)}: {printable(problem.because, 300)}", file=sys.stderr)


def exit_code(read: Read | Observation) -> int:
    """1 where something could not be read and nothing else was; what could be is told, and is no failure."""
    return int(bool(read.unavailable) and not read.occurrences)


def memory(session: Session) -> Ledger | None:
    """The ledger where there is one already: to look at calendars none is made."""
    return None if session.stateless or not (session.paths.state / "ledger.db").exists() else session.ledger
