"""From what a calendar calls a time zone to the zone: IANA names, Windows names, and zones that only their file defines
(VTIMEZONE, RFC 5545 3.6.5). A name that stays unknown raises Unreadable: it never becomes UTC or floating without a word."""

from __future__ import annotations

import re
import zoneinfo
from bisect import bisect_right
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache

from integrations.icalendar_text import Component, Document, Property, Unreadable, parse, properties
from integrations.icalendar_values import ZULU, Moment, Zone, moment_of, parse_offset, periods_of
from integrations.recurrence import Budget, Rule, parse_rule, rule_times

_IANA = re.compile(r"[A-Za-z][A-Za-z0-9_+-]*(?:/[A-Za-z0-9_+-]+){0,2}\Z")
_NOT_ZONES = ("posix/", "right/", "localtime", "posixrules", "Factory")  # found on disk, but no place on Earth
_UTC_NAMES = frozenset(
    {"UTC", "Z", "GMT", "ETC/UTC", "ETC/GMT", "TZONE://MICROSOFT/UTC", "COORDINATED UNIVERSAL TIME", "UNIVERSAL"}
)
_ONSETS_SINCE, _ONSETS_UNTIL = datetime(1970, 1, 1), datetime(2120, 1, 1)  # noqa: DTZ001  Outlook's rules begin in 1601
_STEPS_PER_ZONE = 20_000


# --- names ------------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=256)
def find_iana(name: str) -> Zone | None:
    """The zone of an IANA name, in any spelling of its case, or None."""
    if not _IANA.match(name) or name.startswith(_NOT_ZONES):
        return None
    for spelling in (name, _known_names().get(name.lower(), "") if "/" in name else ""):
        try:
            if spelling:
                return Zone(zoneinfo.ZoneInfo(spelling), spelling)
        except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
            continue
    return None


@lru_cache(maxsize=1)
def _known_names() -> Mapping[str, str]:
    return {name.lower(): name for name in zoneinfo.available_timezones()}


@lru_cache(maxsize=1)
def _windows_names() -> Mapping[str, str]:
    from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON  # costs 0.1 s: only where a name needs it

    return {name.lower(): iana for name, iana in WINDOWS_TO_OLSON.items()}


@lru_cache(maxsize=256)
def find_zone(tzid: str) -> Zone | None:
    """The zone that a TZID names without its file's help: IANA, `/vendor/…/Europe/Berlin`, Windows, or a name of UTC."""
    name = tzid.strip().strip('"')
    if name.upper() in _UTC_NAMES:
        return ZULU
    if found := find_iana(name):
        return found
    if iana := _windows_names().get(name.lower()):
        return find_iana(iana)
    parts = name.split("/")
    if name.startswith("/") and len(parts) > 2:
        return find_iana("/".join(parts[-3:])) or find_iana("/".join(parts[-2:]))
    return None


# --- zones that a file defines ----------------------------------------------------------------------------------------


class DefinedZone(tzinfo):
    """A zone as a list of onsets: (the instant in UTC, the offset before, the offset after). Before the first onset the offset
    is that before it. Ambiguous and skipped wall times follow `fold` as PEP 495 says."""

    def __init__(self, name: str, onsets: list[tuple[datetime, timedelta, timedelta]]) -> None:
        self._name = name
        self._first = onsets[0][1]
        self._offsets = [after for _, _, after in onsets]
        before = [self._first, *self._offsets[:-1]]
        self._utc = [at for at, _, _ in onsets]
        self._early = [at + max(b, a) for at, b, a in zip(self._utc, before, self._offsets, strict=True)]
        self._late = [at + min(b, a) for at, b, a in zip(self._utc, before, self._offsets, strict=True)]

    def _offset(self, onsets: list[datetime], at: datetime) -> timedelta:
        index = bisect_right(onsets, at)
        return self._offsets[index - 1] if index else self._first

    def utcoffset(self, dt: datetime | None) -> timedelta | None:
        if dt is None:
            return None
        return self._offset(self._late if dt.fold else self._early, dt.replace(tzinfo=None, fold=0))

    def fromutc(self, dt: datetime) -> datetime:
        at = dt.replace(tzinfo=None)
        local = at + self._offset(self._utc, at)
        again = self._offset(self._early, local) != self._offset(self._utc, at)
        return local.replace(tzinfo=self, fold=int(again))

    def dst(self, dt: datetime | None) -> timedelta | None:
        return None

    def tzname(self, dt: datetime | None) -> str | None:
        return self._name

    def __repr__(self) -> str:
        return f"DefinedZone({self._name!r})"


def _no_zone(tzid: str) -> Zone:
    raise Unreadable(f"its time zone is defined by means of another one, “{tzid[:40]}”")


def _one(found: Mapping[str, list[Property]], name: str) -> Property:
    lines = found.get(name, [])
    if len(lines) != 1:
        raise Unreadable(f"its definition has {len(lines) or 'no'} {name}")
    return lines[0]


def _by_name(document: Document, component: Component) -> dict[str, list[Property]]:
    found: dict[str, list[Property]] = {}
    for prop in properties(document, component):
        found.setdefault(prop.name, []).append(prop)
    return found


def _onsets(document: Document, observance: Component, budget: Budget) -> list[tuple[datetime, timedelta, timedelta]]:
    """STANDARD or DAYLIGHT: when its offset begins to hold. Onsets are given in the wall time before them."""
    found = _by_name(document, observance)
    before = parse_offset(_one(found, "TZOFFSETFROM").value)
    after = parse_offset(_one(found, "TZOFFSETTO").value)
    start = moment_of(_one(found, "DTSTART"), _no_zone)
    walls = {start.wall}
    for line in found.get("RRULE", []):
        walls.update(_rule_onsets(parse_rule(line.value), start, before, budget))
    for line in found.get("RDATE", []):
        walls.update(moment.wall for moment, _ in periods_of(line, _no_zone, UTC, budget))
    return [(wall - before, before, after) for wall in walls]


def _rule_onsets(rule: Rule, start: Moment, before: timedelta, budget: Budget) -> list[datetime]:
    last = _ONSETS_UNTIL
    if rule.until:
        wall, is_date, is_utc = rule.until
        last = wall + (before if is_utc else timedelta(days=1) if is_date else timedelta(0)) + timedelta(seconds=1)
    return list(rule_times(rule, start.wall, max(start.wall, _ONSETS_SINCE), min(last, _ONSETS_UNTIL), budget))


def _define(document: Document, component: Component, name: str, budget: Budget) -> Zone:
    for prop in properties(document, component):
        if prop.name == "X-LIC-LOCATION" and (place := find_iana(prop.value.strip())):
            return place
    if not component.closed:
        raise Unreadable("its definition breaks off")
    observances = [child for child in component.children if child.name in ("STANDARD", "DAYLIGHT")]
    onsets = [onset for observance in observances for onset in _onsets(document, observance, budget)]
    if not onsets:
        raise Unreadable("its definition is empty")
    return Zone(DefinedZone(name, sorted(onsets)), "")


@lru_cache(maxsize=128)
def define_zone(text: str, name: str) -> tuple[Zone | str, int]:
    """(the zone of a VTIMEZONE, or why there is none; the steps it cost). X-LIC-LOCATION, where it is there, gives the place.
    Remembered by its text: a folder of a thousand files defines the same zone a thousand times."""
    document = parse(text.encode("utf-8", "surrogateescape"))
    budget = Budget(_STEPS_PER_ZONE)
    budget.begin()
    try:
        found: Zone | str = _define(document, document.roots[0], name, budget)
    except Unreadable as reason:
        found = str(reason)
    except OverflowError:
        found = "its definition leaves the calendar"
    return found, _STEPS_PER_ZONE - max(budget.left, 0)


class Zones:
    """The zones of one VCALENDAR. Its definitions are read only if a name is not known otherwise."""

    def __init__(self, document: Document, calendar: Component | None, budget: Budget) -> None:
        self._document, self._budget = document, budget
        self._defined: dict[str, Component] = {}
        self._doubtful: set[str] = set()
        self._found: dict[str, Zone | Unreadable] = {}
        for child in calendar.children if calendar else document.roots:
            if child.name == "VTIMEZONE":
                self._note(child)

    def _note(self, component: Component) -> None:
        names = {prop.value.strip() for prop in properties(self._document, component) if prop.name == "TZID"}
        if len(names) > 1:
            self._doubtful |= names
        for name in names:
            self._defined.setdefault(name, component)

    def find(self, tzid: str) -> Zone:
        if tzid not in self._found:
            try:
                self._found[tzid] = self._look(tzid)
            except Unreadable as reason:
                self._found[tzid] = reason
        found = self._found[tzid]
        if isinstance(found, Unreadable):
            raise Unreadable(str(found))
        return found

    def _look(self, tzid: str) -> Zone:
        name = tzid.strip()
        if known := find_zone(name):
            return known
        shown = f"its time zone “{name[:60]}”" if name else "its time zone has no name, and"
        if name in self._doubtful:
            raise Unreadable(f"{shown} is defined together with another one, under two names")
        if name not in self._defined:
            raise Unreadable(f"{shown} is not known, and the file does not define it")
        self._budget.spend()  # where nothing is left, no definition is even begun
        component = self._defined[name]
        found, steps = define_zone(self._document.text[component.start : component.end], name)
        self._budget.spend(steps)
        if isinstance(found, str):
            raise Unreadable(f"{shown} cannot be used: {found}")
        return found
