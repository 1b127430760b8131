"""What types cannot say: every name that is referred to exists, no id or address stands twice, zones and addresses are real ones,
and no reply tells strangers more than it may. It reads the plain data, so that one wrong type hides none of this."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from daemon.config.lines import Path
from daemon.config.report import Report, near, nearest, one_of, table, tables, text, texts
from daemon.config.shape import made
from daemon.config.stores import stored
from daemon.mistakes import show
from rules.policy import ReplyText

_WITH_IDS = ("account", "calendar", "mail", "person", "meeting", "duty")
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_ADDRESS = re.compile(r"[^\s@<>,;:\"\\]+@[^\s@<>,;:\"\\]+")
_DOMAIN = re.compile(r"[\w-]+(\.[\w-]+)*")
_ALLOWED_REPLY = {
    "internal": "words and the five variables",
    "known": "for people outside: no place, no date but {back_on}, no family, no journey, no hierarchy, no phone number",
}
_ALLOWED_REPLY["unknown"] = _ALLOWED_REPLY["known"]


def linked(data: Mapping[str, Any], report: Report) -> None:
    """Adds every such mistake to `report`."""
    for name in _WITH_IDS:
        _ids(data, name, report)
    _references(data, report)
    _me(table(data, "me"), report)
    _addresses(data, report)
    stored(data, report)
    _replies(data, report)


# --- ids and references -----------------------------------------------------------------------------------------------


def _ids(data: Mapping[str, Any], name: str, report: Report) -> None:
    seen: dict[str, int] = {}
    for index, each in tables(data, name):
        found, where = text(each, "id"), (name, index, "id")
        if not found:
            continue
        if not _ID.fullmatch(found):
            report.add_value(where, found, "letters, digits, dot, dash and underscore, at most 64")
        elif found in seen:
            report.add(where, f"{show(found)}, which line {report.line((name, seen[found]))} has already", "an id of its own")
        seen.setdefault(found, index)


def _known_ids(data: Mapping[str, Any], name: str) -> list[str]:
    return [text(each, "id") for _, each in tables(data, name) if text(each, "id")]


def _references(data: Mapping[str, Any], report: Report) -> None:
    people = _People(data, report)
    for index, each in tables(data, "meeting"):
        people.all_of(each, ("meeting", index, "hosts"))
    for index, each in tables(data, "duty"):
        people.all_of(each, ("duty", index, "deputies"))
    for index, each in tables(data, "person"):
        people.all_of(each, ("person", index, "mentors"))
        people.not_oneself(each, ("person", index, "mentors"))
    people.all_of(table(data, "brief"), ("brief", "to"))
    people.one(table(data, "responder"), ("responder", "deputy"))
    _makeup_calendars(data, report)


class _People:
    """Who may be named. A full name or an address in place of the id is what people write by mistake: it leads to the id."""

    def __init__(self, data: Mapping[str, Any], report: Report) -> None:
        self._report = report
        self._ids = _known_ids(data, "person")
        self._others = {
            other.casefold(): text(each, "id")
            for _, each in tables(data, "person")
            for other in (text(each, "name"), *(address for _, address in texts(each, "addresses")))
        }

    def all_of(self, holder: Mapping[str, Any], where: Path) -> None:
        for index, found in texts(holder, str(where[-1])):
            self._check(found, (*where, index))

    def one(self, holder: Mapping[str, Any], where: Path) -> None:
        if found := text(holder, str(where[-1])):
            self._check(found, where)

    def not_oneself(self, holder: Mapping[str, Any], where: Path) -> None:
        for index, found in texts(holder, str(where[-1])):
            if found == text(holder, "id"):
                self._report.add_value((*where, index), found, "somebody else")

    def _check(self, found: str, where: Path) -> None:
        if found in self._ids:
            return
        meant = self._others.get(found.casefold())
        suggestion = f'did you mean "{meant}"?' if meant else near(found, self._ids)
        allowed = f"the id of a [[person]]: {one_of(self._ids)}" if self._ids else "the id of a [[person]]; there is none yet"
        self._report.add_value(where, found, allowed, suggestion)


def _makeup_calendars(data: Mapping[str, Any], report: Report) -> None:
    calendars = {text(each, "id"): each for _, each in tables(data, "calendar")}
    for key in ("calendar", "family_calendar"):
        found = text(table(data, "makeup"), key)
        if not found:
            continue
        if found not in calendars:
            allowed = f"the id of a [[calendar]]: {one_of(calendars)}" if calendars else "the id of a [[calendar]]"
            report.add_value(("makeup", key), found, allowed, near(found, calendars))
        elif calendars[found].get("read_only") or text(calendars[found], "url"):
            report.add(("makeup", key), f"{show(found)}, which is read only", "a calendar that can be written: no feed")


# --- me, people, addresses --------------------------------------------------------------------------------------------


def _me(me: Mapping[str, Any], report: Report) -> None:
    zone = text(me, "home_zone")
    if "home_zone" in me and isinstance(me["home_zone"], str) and not is_zone(zone):
        report.add_value(("me", "home_zone"), zone, 'a time zone by its IANA name, "Europe/Berlin"', _near_zone(zone))
    for index, domain in texts(me, "internal_domains"):
        if not _DOMAIN.fullmatch(domain):
            report.add_value(("me", "internal_domains", index), domain, 'a domain, "example.org"', _after_at(domain))
    if holidays := text(me, "holidays"):
        _holidays(holidays, report)


def is_zone(name: str) -> bool:
    """Whether the zone database of this machine, or the one that came with homeward, has it."""
    try:
        return bool(ZoneInfo(name))
    except (LookupError, ValueError, OSError):  # OSError: the name of a folder in the zone database
        return False


def _near_zone(found: str) -> str:
    names = available_timezones()
    cities = {name.rsplit("/", 1)[-1].replace("_", " "): name for name in sorted(names)}
    city = nearest(found.rsplit("/", 1)[-1].replace("_", " "), cities)
    return near(found, names) if "/" in found else f'did you mean "{cities[city]}"?' if city else near(found, names)


def _after_at(domain: str) -> str:
    return f'did you mean "{domain.rpartition("@")[2]}"?' if "@" in domain else ""


def _holidays(found: str, report: Report) -> None:
    from holidays import list_supported_countries

    countries = list_supported_countries(include_aliases=False)
    country, _, part = found.partition("-")
    if country not in countries:
        report.add_value(("me", "holidays"), found, 'a country, "DE", or a part of one, "DE-BE"', near(country, countries))
    elif part and part not in countries[country]:
        parts = [f"{country}-{each}" for each in countries[country]]
        report.add_value(("me", "holidays"), found, one_of([country, *parts]))


def _addresses(data: Mapping[str, Any], report: Report) -> None:
    seen: dict[str, int] = {}
    mine = {address.lower() for _, address in texts(table(data, "me"), "addresses")}
    for index, address in texts(table(data, "me"), "addresses"):
        _address(address, ("me", "addresses", index), report)
    for index, each in tables(data, "person"):
        for place, address in texts(each, "addresses"):
            where = ("person", index, "addresses", place)
            _address(address, where, report)
            _belongs_to_one(address.lower(), where, mine, seen, report)
            seen.setdefault(address.lower(), index)
    for index, address in texts(table(data, "inbox"), "always_pass"):
        _address(address.removeprefix("@"), ("inbox", "always_pass", index), report, domain=address.startswith("@"))


def is_address(found: str) -> bool:
    """Whether it is an address as a person writes it, without a name, quotes or anything that could end a header."""
    return bool(_ADDRESS.fullmatch(found))


def _address(found: str, where: Path, report: Report, *, domain: bool = False) -> None:
    if not (bool(_DOMAIN.fullmatch(found)) if domain else is_address(found)):
        both = ' or a whole domain, "@example.org"' if where[0] == "inbox" else ""
        report.add_value(where, found, f'an address, "ana@example.org"{both}')


def _belongs_to_one(address: str, where: Path, mine: Iterable[str], seen: Mapping[str, int], report: Report) -> None:
    if address in mine:
        report.add_value(where, address, "an address of that person; this one is yours ([me] addresses)")
    elif address in seen and seen[address] != where[1]:
        other = f"line {report.line(('person', seen[address]))}"
        report.add(where, f"{show(address)}, which the person of {other} has already", "an address of one person only")


# --- replies ----------------------------------------------------------------------------------------------------------


def _replies(data: Mapping[str, Any], report: Report) -> None:
    replies = table(data, "responder")
    seen: dict[tuple[str, str], int] = {}
    for index, each in tables(replies, "texts"):
        which = (text(each, "language"), text(each, "audience"))
        if all(which) and which in seen:
            first = report.line(("responder", "texts", seen[which]))
            report.add(
                ("responder", "texts", index), f"{which[0]} for {which[1]}, which line {first} has already", "one text each"
            )
        seen.setdefault(which, index)
        _leaks(each, ("responder", "texts", index), report)


def _leaks(each: Mapping[str, Any], where: Path, report: Report) -> None:
    from integrations.places import load
    from rules.responder import leaks

    reply = _reply(each)
    if reply is None:
        return
    because: dict[tuple[int, str], list[str]] = {}
    for leak in leaks(reply, gazetteer=load()):
        because.setdefault((leak.line, leak.text), []).append(leak.because)
    for (number, said), reasons in because.items():
        key = "body" if number else "subject"
        found = f"{show(said.strip())}: {', '.join(reasons)}"
        report.add((*where, key), found, _ALLOWED_REPLY[reply.audience], line=_line_in_file(said, (*where, key), report))


def _reply(each: Mapping[str, Any]) -> ReplyText | None:
    """The text, where its shape is right; what is wrong with the shape is told elsewhere."""
    try:
        return made(ReplyText, dict(each))
    except (TypeError, ValueError, KeyError):
        return None


def _line_in_file(said: str, where: Path, report: Report) -> int:
    """A text of many lines begins at its key: the first line from there on that holds these words."""
    first = report.line(where)
    lines = report.text.split("\n")[first - 1 :]
    return first + next((ahead for ahead, line in enumerate(lines) if said.strip() in line), 0)
