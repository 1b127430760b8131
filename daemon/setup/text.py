"""The config that `homeward init` writes, with remarks. It never overwrites one."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from daemon.setup.answers import Answers
from daemon.setup.here import FoundCalendar
from daemon.setup.names import free_id
from daemon.setup.on_servers import tables
from daemon.setup.toml import quoted, quoted_list


def render(answers: Answers) -> str:
    """A config that loads, with remarks, and with what was not asked as an example to be filled in."""
    servers = tables(answers.servers, with_local=True)
    calendars = (_CALENDARS, *map(_calendar, answers.calendars))
    parts = (_HEAD, _me(answers), servers, *calendars, _mail(answers), _people(answers), _REST)
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


def names_accounts(path: Path) -> bool:
    """Whether the config has an [[account]]: that of this machine goes without saying only until there is another."""
    import tomllib

    return "account" in tomllib.loads(path.read_text("utf-8-sig"))


def append(path: Path, lines: str, check: Callable[[Path], object]) -> None:
    """Put `lines` after all that is there. `check` looks at the whole as a file beside it, and raises where it is not good: then
    nothing has changed."""
    before = path.read_bytes()
    new = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(before.rstrip(b"\n") + b"\n\n" + lines.encode("utf-8"))
            file.flush()
            os.fsync(file.fileno())
        check(new)
        new.replace(path)
    finally:
        new.unlink(missing_ok=True)


def _me(answers: Answers) -> str:
    return f"""
[me]
name = {quoted(answers.name)}
addresses = {quoted_list(answers.addresses)}  # all of yours: that is how your own meetings are known
home_zone = {quoted(answers.home_zone)}
home = {quoted(answers.home)}  # "Berlin, DE": a hotel there is no trip
languages = {quoted_list(answers.languages)}  # of your calendar and your replies: en de fr es it nl pt sv pl ja
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
        return "" if answers.servers.mail else _NO_MAIL
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
            taken.add(free := free_id(name.split()[0] if name.split() else "person", taken))
            lines = (
                f"id = {quoted(free)}",
                f"name = {quoted(name)}",
                f"addresses = {quoted_list([address] if address else [])}",
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
