"""The one way into a calendar's text: bytes in, the occurrences of a horizon out, bad events named. Nothing else in homeward
parses iCalendar to read it. No content makes it raise, and none makes it slow: size, events, occurrences and rules are
bounded."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from operator import attrgetter
from typing import Any
from zoneinfo import ZoneInfo

from msgspec import Struct
from msgspec.structs import replace

from integrations.events import Event, Happening, Series, parse_event, whole_days
from integrations.icalendar_text import (
    MAX_EVENTS,
    Component,
    Document,
    Property,
    Unreadable,
    own_ranges,
    parameters_of,
    parse,
    properties,
    split_list,
    unescape,
)
from integrations.icalendar_values import Moment, moment_of
from integrations.ports import CalendarReading
from integrations.recurrence import Budget, never_comes
from integrations.sifting import LARGE, lies_outside, line_ends, sift
from integrations.zones import Zones
from rules.interval import Interval
from rules.model import Attendee, CalendarRole, Occurrence, OccurrenceKey, Problem

MAX_BYTES = 50 * 1024 * 1024
_MAX_LINES, _MAX_FOLDS = 3_000_000, 1_000_000  # the largest honest file has a third of that
MAX_OCCURRENCES = 25_000  # in one horizon of one calendar
NO_UID = "no-uid."  # begins the key of an event without UID
_MAX_PROBLEMS = 100
_LONGEST_REMEMBERED = 500  # characters of an attendee: what is longer is not kept in memory
_MARKER = re.compile(r"[A-Za-z0-9.-]{1,200}\Z")
_MARGIN = timedelta(days=3)  # a zone, a day without DTEND, and one to spare


def read_calendar(
    data: bytes, calendar_id: str, role: CalendarRole, horizon: Interval, home_zone: str, where: str = ""
) -> CalendarReading:
    """`home_zone` is the IANA name in which dates and floating times are read; `where` names the file in problems. `complete` is
    False where the file is no calendar, too large, or breaks off: what could be read of it is given all the same."""
    where = where or calendar_id
    if len(data) > MAX_BYTES:
        return _unread(calendar_id, where, f"it is larger than {MAX_BYTES // 1024 // 1024} MB and was not read")
    if len(data) < LARGE and lies_outside(data, horizon):
        return CalendarReading(calendar_id, (), entries=1)
    ends = line_ends(data)
    if max(ends) > _MAX_LINES or (max(ends) > _MAX_FOLDS and data.count(b"\n ") + data.count(b"\r ") > _MAX_FOLDS):
        return _unread(calendar_id, where, "it is broken into millions of lines and was not read")
    sifted = sift(data, ends, horizon)
    document = parse(sifted[0] if sifted else data)
    if not document.events and not any(root.name == "VCALENDAR" for root in document.roots):
        return _unread(calendar_id, where, "it is empty" if not document.text.strip() else "it is not a calendar (no VCALENDAR)")
    reading = _Reader(document, calendar_id, role, horizon, ZoneInfo(home_zone), where).read()
    return replace(reading, entries=sifted[1]) if sifted else reading


def _unread(calendar_id: str, where: str, because: str) -> CalendarReading:
    return CalendarReading(calendar_id, (), (Problem(calendar_id, where, because),), complete=False)


# --- fingerprints -----------------------------------------------------------------------------------------------------

# What programs rewrite by themselves, and what an attendee answers, is no edit: answers are read from the attendees.
_RESTLESS = frozenset({"DTSTAMP", "LAST-MODIFIED", "CREATED"})
_ANSWER = re.compile(r';(?:PARTSTAT|RSVP|SCHEDULE-STATUS)=(?:"[^"]*"|[^;:"]*)', re.IGNORECASE)


def fingerprint(lines: Mapping[str, Sequence[Property]]) -> str:
    """Of what an event says: the same however it is folded, ordered or stamped. Alarms are the user's own affair and left out."""
    said: list[str] = []
    for name, found in lines.items():
        if name == "ATTENDEE":
            said += [f"{name}{_ANSWER.sub('', prop.parameters)}:{prop.value}" for prop in found]
        elif name not in _RESTLESS and not name.startswith("X-MOZ-"):
            said += [f"{name}{prop.parameters}:{prop.value}" for prop in found]
    said.sort()
    return hashlib.blake2b("\n".join(said).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


# --- a glance, to leave out what plainly does not matter --------------------------------------------------------------

_GLANCE = re.compile(
    r"[\r\n](UID|DTSTART|DTEND|DURATION|RRULE|RDATE|EXRULE|RECURRENCE-ID)([;:][^\r\n]*)((?:\r{0,3}\n|\r)[ \t])?", re.IGNORECASE
)
_PLAIN_TIME = re.compile(
    r"(?:;VALUE=DATE(?:-TIME)?|;TZID=[A-Za-z0-9_/+-]+)*:"
    r"(\d{4}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01]))(T(?:[01]\d|2[0-3])[0-5]\d[0-5]\dZ?)?\Z",
    re.ASCII,
)


class _Limits(Struct, frozen=True):
    """`YYYYMMDD`: what ends before `earliest` or begins after `latest` cannot touch the horizon in any zone."""

    earliest: str
    latest: str


@lru_cache(maxsize=16)
def _limits(start: datetime, end: datetime) -> _Limits:
    first, last = start.astimezone(UTC) - _MARGIN, end.astimezone(UTC) + _MARGIN
    return _Limits(f"{first.year:04}{first:%m%d}", f"{last.year:04}{last:%m%d}")


def _glance(text: str, component: Component, limits: _Limits) -> tuple[str, bool]:
    """(UID or "" where it takes a closer look, plainly outside the horizon and plainly sound). In doubt it is not outside."""
    found: dict[str, re.Match[str]] = {}
    for start, stop in own_ranges(component):
        for line in _GLANCE.finditer(text, start - 1, stop):
            name = line[1].upper()
            if name not in ("UID", "DTSTART", "DTEND") or name in found or (line[3] and name != "UID"):
                return "", False
            found[name] = line
    uid = found["UID"][2].partition(":")[2].strip() if "UID" in found and not found["UID"][3] else ""
    if "DTSTART" not in found or "UID" not in found or not component.closed:
        return uid, False
    begin = _PLAIN_TIME.match(found["DTSTART"][2])
    end = _PLAIN_TIME.match(found["DTEND"][2]) if "DTEND" in found else begin
    return uid, begin is not None and end is not None and _is_outside(begin, end, limits)


def _is_outside(begin: re.Match[str], end: re.Match[str], limits: _Limits) -> bool:
    if bool(begin[2]) != bool(end[2]) or end[1] + (end[2] or "") < begin[1] + (begin[2] or ""):
        return False
    return begin[1] > limits.latest or end[1] < limits.earliest


# --- reading ----------------------------------------------------------------------------------------------------------


class _Setting(Struct, frozen=True):
    """What a VCALENDAR says about all its events."""

    zones: Zones
    product: str = ""
    name: str = ""


class _Raw(Struct, frozen=True):
    component: Component
    setting: _Setting


def _events_in(component: Component) -> Iterator[Component]:
    if component.name == "VEVENT":
        yield component
    else:
        for child in component.children:
            yield from _events_in(child)


class _Full(Exception):
    """The calendar has given as many occurrences as are taken."""


class _Reader:
    """One reading of one file; it is used once."""

    def __init__(
        self, document: Document, calendar_id: str, role: CalendarRole, horizon: Interval, home: ZoneInfo, where: str
    ) -> None:
        self.document, self.calendar_id, self.role = document, calendar_id, role
        self.horizon, self.home, self.where = horizon, home, where
        self.budget = Budget()
        self.problems: list[Problem] = []
        self.unnamed_problems = 0
        self.found: dict[OccurrenceKey, Occurrence] = {}
        self.nameless: list[str] = []
        self._first_of: dict[str, int] = {}  # UID to the place of the first event that has it

    def read(self) -> CalendarReading:
        try:
            for group in self._groups():
                self._read_group(group)
        except _Full:
            self._note("", f"it has more than {MAX_OCCURRENCES:,} occurrences in the time looked at: the others were left out")
        self._note_the_file()
        return CalendarReading(
            self.calendar_id,
            tuple(sorted(self.found.values(), key=attrgetter("start", "key"))),
            tuple(self.problems),
            self.document.events,
            complete=not self.document.truncated,
        )

    # problems

    def _note(self, event: str, because: str) -> None:
        if len(self.problems) < _MAX_PROBLEMS:
            self.problems.append(Problem(self.calendar_id, f"{self.where}: {event}" if event else self.where, because))
        else:
            self.unnamed_problems += 1

    def _note_the_file(self) -> None:
        document = self.document
        if document.truncated:
            self._note("", "the file breaks off before its end: what came after is missing")
        if document.crowded:
            self._note("", f"it has more than {MAX_EVENTS:,} events: only the first {MAX_EVENTS:,} were looked at")
        if not any(root.name == "VCALENDAR" for root in document.roots):
            self._note("", "it has events but no VCALENDAR around them: they were read all the same")
        if self.nameless:
            titles = ", ".join(self.nameless[:3]) + (" …" if len(self.nameless) > 3 else "")
            self._note("", f"{len(self.nameless)} without UID ({titles}): read, but homeward cannot change such events")
        if self.unnamed_problems:
            because = f"{self.unnamed_problems:,} more problems like these"
            self.problems.append(Problem(self.calendar_id, self.where, because))

    def _called(self, component: Component) -> str:
        """How to name an event to the user: its title and UID, harmless and short."""
        lines = {prop.name: prop.value for prop in properties(self.document, component) if prop.name in ("SUMMARY", "UID")}
        title, uid = (_harmless(unescape(lines.get(name, ""))) for name in ("SUMMARY", "UID"))
        return (f"“{title}”" if title else "an event without a title") + (f" ({uid})" if uid else "")

    # which events

    def _raws(self) -> Iterator[_Raw]:
        """Every VEVENT, wherever it stands: outside any VCALENDAR, or inside some component of a vendor's own."""
        loose = _Setting(Zones(self.document, None, self.budget))
        for root in self.document.roots:
            setting = self._setting(root) if root.name == "VCALENDAR" else loose
            yield from (_Raw(event, setting) for event in _events_in(root))

    def _setting(self, calendar: Component) -> _Setting:
        lines: dict[str, str] = {}
        for prop in properties(self.document, calendar):
            lines.setdefault(prop.name, prop.value)
        name = lines.get("X-WR-CALNAME", "") or lines.get("NAME", "")
        return _Setting(Zones(self.document, calendar, self.budget), lines.get("PRODID", "").strip(), unescape(name))

    def _groups(self) -> Iterator[list[_Raw]]:
        """The events of one UID together, in the order of the file, save for those plainly outside the horizon."""
        limits = _limits(self.horizon.start, self.horizon.end)
        groups: dict[str, list[_Raw]] = {}
        wanted: set[str] = set()
        for number, raw in enumerate(self._raws()):
            uid, outside = _glance(self.document.text, raw.component, limits)
            uid = uid or self._uid_of(raw.component) or f"\n{number}"
            groups.setdefault(uid, []).append(raw)
            if not outside:
                wanted.add(uid)
        return (group for uid, group in groups.items() if uid in wanted)

    def _uid_of(self, component: Component) -> str:
        return next((p.value.strip() for p in properties(self.document, component) if p.name == "UID"), "")

    # one group

    def _read_group(self, group: list[_Raw]) -> None:
        masters: list[tuple[Event, _Setting]] = []
        overrides: list[tuple[Event, _Setting]] = []
        lost: list[Moment] = []
        for raw in group:
            try:
                event = parse_event(self.document, raw.component, raw.setting.zones.find, self.home, self.budget)
                (masters if event.recurrence_id is None else overrides).append((event, raw.setting))
            except (Unreadable, OverflowError) as reason:
                self._note(self._called(raw.component), f"it was left out: {_words(reason)}")
                if not self._forgo(raw, lost):
                    self._note(self._called(raw.component), "its whole series was left out, because it changes all that follows")
                    return
        settings = {event.component.start: setting for event, setting in [*masters, *overrides]}
        for master, others in self._one_by_one([event for event, _ in masters], [event for event, _ in overrides]):
            self._read_series(master, others, lost, settings)

    def _forgo(self, raw: _Raw, lost: list[Moment]) -> bool:
        """An unreadable override: which moment it was about. False where it was about all that follow."""
        for prop in properties(self.document, raw.component):
            if prop.name == "RECURRENCE-ID":
                if "RANGE=" in prop.parameters.upper():
                    return False
                try:
                    lost.append(moment_of(prop, raw.setting.zones.find))
                except Unreadable:
                    return True
        return True

    def _one_by_one(self, masters: list[Event], overrides: list[Event]) -> Iterator[tuple[Event | None, list[Event]]]:
        """A UID should have one master. Of several revisions the newest counts; different events are all read."""
        if len(masters) < 2:
            yield (masters[0] if masters else None), overrides
            return
        distinct = {fingerprint(event.lines): event for event in reversed(masters)}
        newest = max(event.sequence for event in distinct.values())
        kept = sorted((e for e in distinct.values() if e.sequence == newest), key=lambda e: e.component.start)
        if len(kept) > 1:
            self._note(
                self._called(kept[0].component), f"{len(kept)} different events have its UID: all were read, none can be changed"
            )
        elif len(distinct) > 1:
            self._note(self._called(kept[0].component), f"it is there {len(distinct)} times: only the newest was read")
        for number, event in enumerate(kept):
            yield event, overrides if number == 0 else []

    def _read_series(
        self, master: Event | None, overrides: list[Event], lost: list[Moment], settings: dict[int, _Setting]
    ) -> None:
        some = master or next(iter(overrides), None)
        if some is None:
            return
        try:
            series = Series(master, overrides, self.home, lost)
            happenings = list(series.happenings(self.horizon, self.budget))
        except (Unreadable, OverflowError) as reason:
            self._note(self._called(some.component), f"it was left out: {_words(reason)}")
            return
        self._note_oddities(series)
        uid = self._key_uid(some)
        recurring = master.recurs if master else True
        facts: dict[int, dict[str, Any]] = {}
        for happening in happenings:
            event = happening.event
            at = event.component.start
            if at not in facts:
                facts[at] = _facts(event, settings[at])
            self._keep(self._occurrence(happening, uid, recurring, facts[at]))

    def _note_oddities(self, series: Series) -> None:
        if series.master is None:
            return
        if any(map(never_comes, series.master.rules)):
            because = "its recurrence rule names a day that never comes, and so gives nothing"
            self._note(self._called(series.master.component), because)
        first = series.master.start.instant(self.home)
        for named, event in series.overrides.values():
            if series.master.recurs and named.instant(self.home) < first - _MARGIN:
                because = (
                    "it replaces an occurrence that its series does not have (RECURRENCE-ID before the first): both are shown"
                )
                self._note(self._called(event.component), because)

    def _key_uid(self, event: Event) -> str:
        """The UID, or a name made from the content where it has none or shares it with a different event."""
        if not event.uid:
            self.nameless.append(self._called(event.component))
            return f"{NO_UID}{fingerprint(event.lines)}"
        first = self._first_of.setdefault(event.uid, event.component.start)
        return event.uid if first == event.component.start else f"{event.uid}~{fingerprint(event.lines)[:8]}"

    def _occurrence(self, happening: Happening, uid: str, recurring: bool, facts: dict[str, Any]) -> Occurrence:
        key = OccurrenceKey(self.calendar_id, uid, happening.recurrence_id)
        start, end = happening.begin, happening.end
        days = whole_days(happening.event, happening.start, happening.end, self.home)
        if days:
            start, end = (day.replace(tzinfo=self.home) for day in days)
        return Occurrence(key, self.role, start, end, days is not None, recurring=recurring, zone=_zone(happening.start), **facts)

    def _keep(self, occurrence: Occurrence) -> None:
        if len(self.found) >= MAX_OCCURRENCES:
            raise _Full
        self.found.setdefault(occurrence.key, occurrence)


def _words(reason: Exception) -> str:
    return str(reason) if isinstance(reason, Unreadable) else "its dates lie beyond what a calendar can hold"


def _harmless(text: str) -> str:
    """For a message: one line, no control characters, at most 60 characters."""
    clean = " ".join("".join(char if char.isprintable() else " " for char in text[:400]).split())
    return clean if len(clean) <= 60 else clean[:59] + "…"


# --- what an event says -----------------------------------------------------------------------------------------------


def _zone(start: Moment) -> str:
    return start.zone.name if start.zone else ""


def person(prop: Property) -> Attendee:
    """ATTENDEE or ORGANIZER. Where the address is no mail address, the EMAIL parameter (RFC 7986) is taken."""
    plain = len(prop.parameters) + len(prop.value) < _LONGEST_REMEMBERED
    return _person(prop.parameters, prop.value) if plain else _person.__wrapped__(prop.parameters, prop.value)


@lru_cache(maxsize=1024)
def _person(written: str, value: str) -> Attendee:
    """The same few people are in most meetings of a calendar."""
    found = parameters_of(written)
    address = value.strip()
    if address[:7].lower() == "mailto:":
        address = address[7:]
    elif "EMAIL" in found:
        address = found["EMAIL"]
    return Attendee(
        address.strip().lower(),
        found.get("CN", ""),
        found.get("PARTSTAT", "NEEDS-ACTION").upper(),
        found.get("ROLE", "REQ-PARTICIPANT").upper(),
        found.get("CUTYPE", "INDIVIDUAL").upper(),
    )


def _geo(value: str) -> tuple[float, float] | None:
    if not value:
        return None
    try:
        latitude, longitude = (float(part) for part in value.replace("\\", "").split(";"))
    except ValueError:
        return None
    return (latitude, longitude) if abs(latitude) <= 90 and abs(longitude) <= 180 else None


def marker_of(value: str) -> str:
    return value.strip() if _MARKER.match(value.strip()) else ""


def _people(lines: Iterable[Property]) -> tuple[Attendee, ...]:
    return tuple(person(prop) for prop in lines)


def _facts(event: Event, setting: _Setting) -> dict[str, Any]:
    """All of an Occurrence that does not depend on which happening of the event it is."""
    lines, first = event.lines, event.first
    return {
        "summary": unescape(first("SUMMARY")),
        "location": unescape(first("LOCATION")),
        "description": unescape(first("DESCRIPTION")),
        "categories": tuple(part.strip() for prop in lines.get("CATEGORIES", ()) for part in split_list(prop.value)),
        "status": first("STATUS").strip().upper(),
        "transparent": first("TRANSP").strip().upper() == "TRANSPARENT",
        "private": first("CLASS").strip().upper() not in ("", "PUBLIC"),  # RFC 5545 3.8.1.3: an unknown class is private
        "organizer": next(iter(_people(lines.get("ORGANIZER", ()))), None),
        "attendees": _people(lines.get("ATTENDEE", ())),
        "geo": _geo(first("GEO")),
        "event_type": first("X-GOOGLE-EVENT-TYPE").strip()[:20],
        "busy_status": first("X-MICROSOFT-CDO-BUSYSTATUS").strip().upper(),
        "calendar_name": setting.name,
        "product": setting.product,
        "sequence": event.sequence,
        "marker": marker_of(first("X-HOMEWARD")),
        "fingerprint": fingerprint(lines),
    }
