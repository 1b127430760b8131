"""What this machine already knows about the user: name, address, time zone, calendars and mail in files. It only reads."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

from daemon.config.links import is_zone
from daemon.setup.names import free_id, role_of

_MOST_LISTED = 500  # entries of one folder; a home that holds more there is not searched for calendars
_DEEPEST = 2  # folders below one of these: account, calendar
_CALENDAR_FOLDERS = (
    ".calendars",
    ".calendar",
    ".local/share/calendars",
    ".local/share/vdirsyncer",
    ".local/share/khal/calendars",
)
_MAILDIRS = ("Maildir", ".maildir", "Mail", "mail", ".mail")
_OTHERS_CONFIGS = (".config/khal/config", ".config/vdirsyncer/config", ".vdirsyncer/config")


class FoundCalendar(Struct, frozen=True):
    """`path` is a folder of .ics files or one file; `role` a guess from its name."""

    id: str
    path: str
    role: str


class Found(Struct, frozen=True):
    """What is known without asking. Paths below the home begin with `~/`."""

    name: str = ""
    addresses: tuple[str, ...] = ()
    home_zone: str = ""
    calendars: tuple[FoundCalendar, ...] = ()
    maildir: str = ""
    sieve: str = ""


def discover(home: Path, root: Path = Path("/"), env: dict[str, str] | None = None) -> Found:
    """Looks at well-known places below `home`, and at `root`/etc for the time zone. What cannot be read is not there."""
    env = dict(os.environ) if env is None else env
    git = _git(home)
    address = env.get("EMAIL", "") or git.get("email", "")
    return Found(
        name=git.get("name", ""),
        addresses=(address.lower(),) if "@" in address else (),
        home_zone=_zone(root, env),
        calendars=tuple(_calendars(home)),
        maildir=next((_below(home, home / name) for name in _MAILDIRS if _is_maildir(home / name)), ""),
        sieve="~/.dovecot.sieve" if (home / ".dovecot.sieve").exists() else "",
    )


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace") if path.stat().st_size < 1_000_000 else ""
    except (OSError, ValueError):
        return ""


def _git(home: Path) -> dict[str, str]:
    """user.name and user.email of git's own files; `~/.gitconfig` wins, as in git."""
    found: dict[str, str] = {}
    for path in (home / ".config/git/config", home / ".gitconfig"):
        section = ""
        for line in _text(path).splitlines():
            if header := re.match(r"\s*\[(.+)\]", line):
                section = header[1].strip().lower()
            elif section == "user" and (pair := re.match(r"\s*(name|email)\s*=\s*(.*)", line, re.IGNORECASE)):
                found[pair[1].lower()] = pair[2].strip().strip('"')
    return found


def _zone(root: Path, env: dict[str, str]) -> str:
    """$TZ, /etc/timezone, or where /etc/localtime points to; "" where none of them names a zone."""
    target = _link(root / "etc/localtime").partition("zoneinfo/")[2]
    places = (env.get("TZ", "").lstrip(":"), _text(root / "etc/timezone").strip(), target)
    return next((zone for zone in places if "/" in zone and not zone.startswith("/") and is_zone(zone)), "")


def _link(path: Path) -> str:
    try:
        return str(path.readlink())
    except OSError:
        return ""


def _is_maildir(path: Path) -> bool:
    return all((path / part).is_dir() for part in ("cur", "new", "tmp"))


def _below(home: Path, path: Path) -> str:
    return f"~/{path.relative_to(home)}" if path.is_relative_to(home) else str(path)


def _listed(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())[:_MOST_LISTED]
    except OSError:
        return []


def _calendars(home: Path) -> Iterator[FoundCalendar]:
    """Each store once, with an id that is free."""
    seen: set[Path] = set()
    ids: set[str] = set()
    for path in _stores(home):
        if path.resolve() in seen:
            continue
        seen.add(path.resolve())
        name = _store_name(path)
        ids.add(free := free_id(name, ids))
        yield FoundCalendar(free, _below(home, path), role_of(name))


def _stores(home: Path) -> Iterator[Path]:
    for folder in (*(home / name for name in _CALENDAR_FOLDERS), *_configured(home)):
        yield from _stores_in(folder, _DEEPEST)
    for path in _listed(home / ".local/share/evolution/calendar"):
        if (path / "calendar.ics").is_file():
            yield path / "calendar.ics"


def _stores_in(folder: Path, deeper: int) -> list[Path]:
    """A folder of events counts as one store; where it holds such folders, they count, and so do .ics files beside them."""
    inner = [path for path in _listed(folder) if not path.name.startswith(".")]
    below = [store for path in inner if deeper and path.is_dir() for store in _stores_in(path, deeper - 1)]
    if not below and _is_vdir(folder):
        return [folder]
    return below + [path for path in inner if path.suffix == ".ics" and path.is_file()]


def _configured(home: Path) -> Iterator[Path]:
    """What khal and vdirsyncer are told to read. khal's paths may end in a glob: its folder is looked through."""
    for name in _OTHERS_CONFIGS:
        for said in re.findall(r"^\s*path\s*=\s*[\"']?(~/[^\"'\n*]+)", _text(home / name), re.MULTILINE):
            yield home / said.strip()[2:].rstrip("/")


def _is_vdir(path: Path) -> bool:
    """A folder with one .ics file per event; an empty one is known by the files that name and colour it."""
    if not path.is_dir():
        return False
    names = [entry.name for entry in _listed(path) if entry.is_file()]
    files = [path / name for name in names if name.endswith(".ics")]
    one_event = bool(files) and _text(files[0]).count("BEGIN:VEVENT") <= 1
    return one_event or (not files and bool({"displayname", "color"} & set(names)))


def _store_name(path: Path) -> str:
    if path.name == "calendar.ics":
        return "personal" if path.parent.name == "system" else path.parent.name
    return (_text(path / "displayname").strip() if path.is_dir() else "") or path.stem
