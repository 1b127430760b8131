"""What stands behind `homeward init`: what this machine already knows about the user, the questions, and the config made of the
answers. It only reads, except for `write`, which never overwrites."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import get_args

from msgspec import Struct
from msgspec.structs import replace

from daemon.config.links import is_address, is_zone
from rules.policy import Language

Ask = Callable[[str, str], str]  # a question and the proposed answer; returns what the user says

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
_ROLES = {
    "ignore": ("holiday", "holidays", "feiertage", "birthday", "birthdays", "geburtstage", "contact_birthdays", "tasks"),
    "family": ("family", "familie", "famille", "familia", "famiglia", "home", "kids", "kinder"),
    "team": ("team", "absences", "abwesenheiten", "staff"),
    "travel": ("travel", "tripit", "trips", "reisen", "flights"),
}


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


class Answers(Struct, frozen=True):
    """What the config is written from. `family` and `reports` are (name, address) pairs."""

    name: str
    addresses: tuple[str, ...]
    home_zone: str
    home: str = ""
    languages: tuple[str, ...] = ("en",)
    calendars: tuple[FoundCalendar, ...] = ()
    maildir: str = ""
    sieve: str = ""
    family: tuple[tuple[str, str], ...] = ()
    reports: tuple[tuple[str, str], ...] = ()


# --- what is there ----------------------------------------------------------------------------------------------------


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
        ids.add(free := _free_id(name, ids))
        yield FoundCalendar(free, _below(home, path), _role(name))


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


def _role(name: str) -> str:
    words = set(re.split(r"[\W\d]+", name.lower()))
    return next((role for role, known in _ROLES.items() if words & set(known)), "mine")


def _free_id(name: str, taken: Iterable[str]) -> str:
    """A short name made of `name` that is not in `taken`."""
    plain = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:40].strip("-") or "calendar"
    candidates = (plain, *(f"{plain}-{number}" for number in range(2, _MOST_LISTED + 2)))
    return next(each for each in candidates if each not in taken)


# --- the questions ----------------------------------------------------------------------------------------------------


def proposed(found: Found) -> Answers:
    """The answers of somebody who agrees with everything that was found."""
    return Answers(
        name=found.name,
        addresses=found.addresses,
        home_zone=found.home_zone or "UTC",
        calendars=found.calendars,
        maildir=found.maildir,
        sieve=found.sieve,
    )


def ask_all(start: Answers, ask: Ask) -> Answers:
    """Goes through what has to be right, each question with the proposal of `start`; an empty answer takes it. A question whose
    answer cannot be is asked again."""
    start = replace(
        start,
        name=_asked(ask, "Your name", start.name, bool),
        addresses=_list(_asked(ask, "Your mail addresses, with commas", ", ".join(start.addresses), _are_addresses)),
        home=ask("Where is home? (Berlin, DE)", start.home).strip() or start.home,
        home_zone=_asked(ask, "Your time zone at home", start.home_zone, is_zone),
        languages=_list(_asked(ask, "Languages of your calendar, with commas", ", ".join(start.languages), _are_languages)),
    )
    return replace(
        start,
        calendars=tuple(_asked_calendars(start.calendars, ask)),
        maildir=_asked_path(ask, "Your mail folder (a Maildir)", start.maildir),
        sieve=_asked_path(ask, "Your active Sieve script", start.sieve),
    )


def _asked(ask: Ask, question: str, proposal: str, good: Callable[[str], bool]) -> str:
    answer = ask(question, proposal).strip() or proposal
    while not good(answer):
        answer = ask(f"That cannot be. {question}", proposal).strip() or proposal
    return answer


def _asked_calendars(calendars: Iterable[FoundCalendar], ask: Ask) -> Iterator[FoundCalendar]:
    for calendar in calendars:
        question = f"{calendar.path}: mine, family, team, travel or ignore?"
        yield replace(calendar, role=_asked(ask, question, calendar.role, lambda said: said in ("mine", "ignore", *_ROLES)))


def _asked_path(ask: Ask, question: str, proposal: str) -> str:
    answer = ask(f"{question}, or none", proposal or "none").strip() or proposal
    return "" if answer == "none" else answer


def _list(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _are_addresses(text: str) -> bool:
    return bool(_list(text)) and all(is_address(each) for each in _list(text))


def _are_languages(text: str) -> bool:
    return bool(_list(text)) and set(_list(text)) <= set(get_args(Language))


# --- the file ---------------------------------------------------------------------------------------------------------


def render(answers: Answers) -> str:
    """A config that loads, with remarks, and with what was not asked as an example to be filled in."""
    parts = (_HEAD, _me(answers), _CALENDARS, *map(_calendar, answers.calendars), _mail(answers), _people(answers), _REST)
    return "\n".join(part.strip("\n") + "\n" for part in parts if part)


def write(path: Path, text: str) -> None:
    """A new file for its owner only (0600). FileExistsError where there is one; OSError where the disk refuses, and then nothing
    is left behind."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
    except OSError:
        path.unlink(missing_ok=True)
        raise


def quoted(text: str) -> str:
    """A TOML basic string (TOML 1.0): whatever is no printable character is spelled out."""
    return '"' + "".join(_escaped(character) for character in text) + '"'


def _escaped(character: str) -> str:
    if character in '"\\':
        return "\\" + character
    if character.isprintable():
        return character
    code = ord(character)
    if 0xD800 <= code <= 0xDFFF:
        return "\\ufffd"  # half a character, from a name that is not UTF-8: TOML has no way to say it
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def _quoted_list(texts: Iterable[str]) -> str:
    return "[" + ", ".join(quoted(text) for text in texts) + "]"


def _me(answers: Answers) -> str:
    return f"""
[me]
name = {quoted(answers.name)}
addresses = {_quoted_list(answers.addresses)}  # all of yours: that is how your own meetings are known
home_zone = {quoted(answers.home_zone)}
home = {quoted(answers.home)}  # "Berlin, DE": a hotel there is no trip
languages = {_quoted_list(answers.languages)}  # of your calendar and your replies: en de fr es it nl pt sv pl ja
"""


def _calendar(calendar: FoundCalendar) -> str:
    work = "" if calendar.role == "mine" else "\nwork = false"
    return f"""
[[calendar]]
id = {quoted(calendar.id)}
role = {quoted(calendar.role)}
path = {quoted(calendar.path)}{work}
"""


def _mail(answers: Answers) -> str:
    if not answers.maildir and not answers.sieve:
        return _NO_MAIL
    path = f"path = {quoted(answers.maildir)}\n" if answers.maildir else ""
    sieve = f"sieve = {quoted(answers.sieve)}  # the active Sieve script, for the autoreply\n" if answers.sieve else ""
    return _MAIL + path + sieve + _outbox(answers)


def _outbox(answers: Answers) -> str:
    if not answers.maildir:
        return '# outbox = "~/Maildir/.Drafts"  # a Maildir that takes what homeward writes, as drafts\n'
    drafts = answers.maildir.rstrip("/") + "/.Drafts"
    return f"outbox = {quoted(drafts)}  # what homeward writes waits here, for you to send\n"


def _people(answers: Answers) -> str:
    taken: set[str] = set()
    tables = [_PEOPLE]
    for switch, people in (("family", answers.family), ("report", answers.reports)):
        for name, address in people:
            taken.add(free := _free_id(name.split()[0] if name.split() else "person", taken))
            lines = (
                f"id = {quoted(free)}",
                f"name = {quoted(name)}",
                f"addresses = {_quoted_list([address] if address else [])}",
            )
            tables.append("\n".join(("[[person]]", *lines, f"{switch} = true", "")))
    return "\n".join(tables)


_HEAD = """
# The config of homeward. A change counts from the next pass on; `homeward doctor` looks whether everything is there.
# Everything that can be said here, with its meaning and its default, is in config.example.toml of homeward.
# What follows a # is a remark. [name] is a table that exists once, [[name]] one of a list: write it again for each.

config_version = 1
"""

_CALENDARS = """
# Calendars. role: mine (says where you are; hosts and blocks are written here), family (when the family is free),
# team (when a deputy is away), travel (a feed of your bookings), ignore.
# [[calendar]]
# id = "bookings"
# role = "travel"
# url = "https://..."          # a feed in place of a path; it is only read
"""

_NO_MAIL = """
# Mail. Without it homeward holds no inbox and sets no autoreply.
# [[mail]]
# id = "mail"
# path = "~/Maildir"           # a Maildir; what is held waits in its folder Held
# sieve = "~/.dovecot.sieve"   # the active Sieve script, for the autoreply
# outbox = "~/Maildir/.Drafts" # what homeward writes waits here, for you to send
"""

_MAIL = """
# Mail. What is held waits in the folder Held and comes back at each window; nothing is deleted.
[[mail]]
id = "mail"
"""

_PEOPLE = """
# People. `id` is the short name that the rules below use; level is what they may decide while you are away:
# 1 do exactly what is written, 2 look into it and report, 3 recommend, 4 decide, then tell, 5 decide.
# [[person]]
# id = "ana"
# name = "Ana Silva"
# addresses = ["ana@example.org"]
# seniority = "senior"         # junior, mid, senior: a junior who reports to you gets a mentor
# level = 4
# report = true                # reports to you
# family = false               # true: their mail always passes
"""

_REST = """
# Meetings: who hosts those that you organize. What no rule matches is left alone.
# [[meeting]]
# id = "weekly"
# match = ["Team weekly"]      # words of the title
# hosts = ["ana", "ben"]       # asked in this order
# rotation = "order"           # order, or fair: whoever had the fewest turns
# do_not_decide = ["hiring"]

# What you answer for that is no meeting.
# [[duty]]
# id = "releases"
# name = "Approving releases"
# deputies = ["ana"]

[service]
apply = "ask"                  # ask: nothing happens for an absence until you said yes once; auto

[inbox]
mode = "hold"                  # hold, sync (your mail is fetched in the windows only), off
when = "away"                  # away, always
windows = ["08:00", "12:30", "17:30"]
minutes = 30

[responder]
enabled = true                 # the autoreply, in homeward's own words unless you write yours

[makeup]
enabled = true                 # hours with the family after a trip
hours_per_night = 1.0

[brief]
enabled = true                 # to the team, before you leave

[coaching]
enabled = true                 # asks a report who wants a decision for options and a recommendation
"""
