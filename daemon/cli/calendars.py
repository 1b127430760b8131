"""`homeward calendars`: the calendars of the config and what they are for, and those on the servers that the config leaves out,
with the lines to add. Changes nothing."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from msgspec import Struct

from daemon.cli.screen import Line, show, show_json, swatch
from daemon.observe import horizon_at
from daemon.servers import Told, ask_server
from daemon.session import Session
from daemon.setup.names import free_id, role_of
from daemon.setup.toml import quoted
from integrations.errors import OutsideError
from rules.policy import AccountConfig, CalendarConfig
from rules.telling import printable

if TYPE_CHECKING:
    from integrations.caldav_discovery import FoundCalendar

ABOUT = """For each calendar of the config: its role, whether homeward can write to it, its name and how many entries it has. Then
what else is on your calendar servers, with the lines that would add it to the config."""
EXAMPLE = """Examples:
  homeward calendars
  homeward calendars --json"""


class _Known(Struct, frozen=True):
    """A calendar of the config. `entries` is None where it was not read; `trouble` says why."""

    config: CalendarConfig
    name: str
    colour: str
    writable: bool
    entries: int | None
    trouble: str
    busy_only: bool = False


class _New(Struct, frozen=True):
    """One on a server that the config does not name. `access` says what is not as usual; `lines` add it."""

    account: str
    name: str
    colour: str
    writable: bool
    access: str
    collection: str
    lines: tuple[str, ...]


class _Server(Struct, frozen=True):
    account: AccountConfig
    told: Told

    @property
    def found(self) -> tuple[FoundCalendar, ...]:
        return self.told.calendars.calendars if self.told.calendars else ()


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="for programs")


def run(session: Session, arguments: argparse.Namespace) -> int:
    servers = tuple(_servers(session))
    known = tuple(_known(config, session, servers) for config in session.policy.calendar)
    new = tuple(_new(session.policy.calendar, servers))
    failed = {server.account.id: server.told.error.what for server in servers if server.told.error}
    if arguments.json:
        show_json(_json(known, new, failed))
    else:
        show(_lines(known, new, failed))
    return int(bool(failed) or any(each.trouble for each in known))


# --- looking ----------------------------------------------------------------------------------------------------------


def _servers(session: Session) -> Iterator[_Server]:
    for account in session.outside.accounts.values():
        config = account.config
        if config.kind == "google":
            from daemon.google_facts import ask_account

            yield _Server(config, ask_account(account))
        if config.kind == "caldav":
            yield _Server(config, ask_server("calendars", config.url, account.login(), config.ca_file))


def _known(config: CalendarConfig, session: Session, servers: Iterable[_Server]) -> _Known:
    there = next((c for s in servers if s.account.id == config.account for c in s.found if _is_same(config, c)), None)
    name, colour = (there.name, there.color) if there else ("", "")
    calendar = session.outside.calendars.get(config.id)  # none where its role is ignore
    if calendar is None:
        return _Known(config, config.name or name, colour, False, None, "")
    try:
        reading = calendar.read(horizon_at(session.clock.now(), session.policy))
        abilities = calendar.capabilities()
    except OutsideError as error:
        return _Known(config, config.name or name, colour, False, None, error.what)
    trouble = "" if reading.complete else "; ".join(p.because for p in reading.problems) or "it could not be read"
    return _Known(config, config.name or name, colour, abilities.writable, reading.entries, trouble, abilities.busy_only)


def _is_same(config: CalendarConfig, there: FoundCalendar) -> bool:
    if there.also:
        return config.collection in (there.href, there.also)
    return _path(config.collection) == _path(there.href)


def _path(href: str) -> str:
    return unquote(urlsplit(href).path).rstrip("/")


def _new(known: Iterable[CalendarConfig], servers: Iterable[_Server]) -> Iterator[_New]:
    """With ids that are free."""
    configs = tuple(known)
    taken = {config.id for config in configs}
    for server in servers:
        ours = [config for config in configs if config.account == server.account.id]
        for there in server.found:
            if not any(_is_same(config, there) for config in ours):
                taken.add(free := free_id(there.name, taken))
                collection = there.href if there.also else _collection(there.href, server)
                lines = lines_for(free, role_of(there.name), server.account.id, collection)
                access = there.access or ("" if there.writable else "read only")
                yield _New(server.account.id, there.name, there.color, there.writable, access, collection, lines)


def _collection(href: str, server: _Server) -> str:
    """The whole address, where the path alone would be looked for at another host."""
    found = server.told.calendars
    url = server.account.url if "://" in server.account.url else f"https://{server.account.url}"
    if found is None or "://" in href or urlsplit(url).netloc == urlsplit(found.server).netloc:
        return href
    return found.server.rstrip("/") + href


def lines_for(calendar_id: str, role: str, account: str, collection: str) -> tuple[str, ...]:
    """The table of one calendar on a server, for the config."""
    pairs = (("id", calendar_id), ("role", role), ("account", account), ("collection", collection))
    shared = ("work = false",) if role == "family" else ()
    return ("[[calendar]]", *(f"{key} = {quoted(value)}" for key, value in pairs), *shared)


# --- showing ----------------------------------------------------------------------------------------------------------


def _lines(known: tuple[_Known, ...], new: tuple[_New, ...], failed: dict[str, str]) -> Iterator[Line]:
    if not known:
        yield "The config has no calendar yet: [[calendar]]"
    width = max((len(each.config.id) for each in known), default=0)
    for each in known:
        yield [*swatch(each.colour), (_words(each, width), "")]
        if each.trouble:
            yield (f"    {printable(each.trouble, 300)}", "red")
    for account, words in failed.items():
        yield (f"✗ account {account}: {printable(words, 300)}", "red")
    if new:
        yield ""
        yield "On your servers, and not in the config. To use one, add its lines, with the role that it has for you:"
    for found in new:
        about = f", {found.access}" if found.access else ""
        yield [*swatch(found.colour), (f"“{printable(found.name, 60)}” of {found.account}{about}", "bold")]
        yield from (f"    {line}" for line in found.lines)


def _words(each: _Known, width: int) -> str:
    config = each.config
    access = "no answer" if each.trouble else "not read" if config.role == "ignore" else _access(each)
    where = config.account if config.collection else "a feed" if config.url else "this machine"
    name = f"“{printable(each.name, 40)}”" if each.name else ""
    entries = "" if each.entries is None else f"{each.entries} entr{'y' if each.entries == 1 else 'ies'}"
    parts = (f"{config.id:<{width}}", f"{config.role:<6}", f"{access:<9}", where, name, entries)
    return "  ".join(part for part in parts if part).rstrip()


def _access(each: _Known) -> str:
    return "writable" if each.writable else "only free/busy" if each.busy_only else "read only"


def _json(known: tuple[_Known, ...], new: tuple[_New, ...], failed: dict[str, str]) -> dict[str, Any]:
    calendars = [
        {
            "id": each.config.id,
            "role": each.config.role,
            "account": each.config.account,
            "name": each.name,
            "color": each.colour,
            "writable": each.writable,
            "busy_only": each.busy_only,
            "entries": each.entries,
            "trouble": each.trouble,
        }
        for each in known
    ]
    found = [
        {"account": e.account, "collection": e.collection, "name": e.name, "color": e.colour, "writable": e.writable} for e in new
    ]
    return {"calendars": calendars, "found": found, "failed": failed}
