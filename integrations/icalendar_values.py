"""Values of iCalendar properties: moments and lengths of time (RFC 5545 3.3.4–3.3.6). What cannot be read right raises
Unreadable; nothing is guessed, and no zone is looked up here: the caller gives a function for that."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from typing import Protocol

from msgspec import Struct

from integrations.icalendar_text import Property, Unreadable, parameters_of

_DATE = re.compile(r"(\d{4})(\d{2})(\d{2})\Z", re.ASCII)
_DATE_TIME = re.compile(r"(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})(Z?)\Z", re.ASCII)
_DURATION = re.compile(r"([+-]?)P(?:(\d{1,6})W|(?:(\d{1,6})D)?(?:T(?:(\d{1,8})H)?(?:(\d{1,8})M)?(?:(\d{1,9})S)?)?)\Z", re.ASCII)
_OFFSET = re.compile(r"([+-])(\d{2})(\d{2})(\d{2})?\Z", re.ASCII)
_FIRST_YEAR, _LAST_YEAR = 2, 9990  # so that a day and a zone more or less never leave what a datetime can hold


class Zone(Struct, frozen=True):
    """`name` is the IANA name, or "" for a zone that only its file defines."""

    info: tzinfo
    name: str


FindZone = Callable[[str], Zone]
ZULU = Zone(UTC, "UTC")


class Moment(Struct, frozen=True):
    """A DATE or DATE-TIME as written. `wall` is naive (midnight for a date). `zone` is None for a date or a floating time."""

    wall: datetime
    is_date: bool = False
    zone: Zone | None = None

    def instant(self, home: tzinfo) -> datetime:
        """In UTC; dates and floating times in the home zone. A wall time that the zone skips is read with the offset before
        the gap (RFC 5545 3.3.5)."""
        return self.wall.replace(tzinfo=self.zone.info if self.zone else home).astimezone(UTC)

    def wall_in(self, other: Moment, home: tzinfo) -> datetime:
        """This moment on the clock that `other` is written by."""
        if self.zone is None and other.zone is None:
            return self.wall
        if self.zone == other.zone or self.is_date:
            return self.wall
        info = other.zone.info if other.zone else home
        return self.instant(home).astimezone(info).replace(tzinfo=None)

    def moved(self, wall: datetime) -> Moment:
        return Moment(wall, self.is_date, self.zone)


def recurrence_id(moment: Moment) -> str:
    """The canonical form: `YYYYMMDD`, `YYYYMMDDTHHMMSS` (floating) or `YYYYMMDDTHHMMSSZ` (UTC)."""
    if moment.is_date:
        return written_date(moment.wall)
    if moment.zone is None:
        return written_time(moment.wall)
    return written_time(moment.instant(UTC)) + "Z"


def written_date(day: date) -> str:
    return day.isoformat()[:10].replace("-", "")


def written_time(wall: datetime) -> str:
    return wall.isoformat()[:19].replace("-", "").replace(":", "")


# --- moments ----------------------------------------------------------------------------------------------------------


def _shown(value: str) -> str:
    return f"“{value[:40]}{'…' if len(value) > 40 else ''}”"


def _built(value: str, parts: tuple[int, ...]) -> datetime:
    if not _FIRST_YEAR <= parts[0] <= _LAST_YEAR:
        raise Unreadable(f"the year of {_shown(value)} is out of range")
    year, month, day, hour, minute, second = (*parts, 0, 0, 0)[:6]
    try:
        return datetime(year, month, day, hour, minute, min(second, 59))  # noqa: DTZ001  wall time; 60 is a leap second
    except ValueError:
        raise Unreadable(f"{_shown(value)} is not a date that exists") from None


def parse_moment(value: str, tzid: str | None, as_date: bool, find_zone: FindZone) -> Moment:
    """`as_date`: VALUE=DATE was given. A TZID beside a date or a UTC time means nothing and is passed over."""
    value = value.strip()
    if found := _DATE.match(value):
        return Moment(_built(value, tuple(map(int, found.groups()))), is_date=True)
    found = _DATE_TIME.match(value)
    if not found:
        raise Unreadable(f"{_shown(value)} is not a date or time")
    wall = _built(value, tuple(map(int, found.groups()[:6])))
    if as_date:
        if wall.time() != time():
            raise Unreadable(f"{_shown(value)} is said to be a date but has a time")
        return Moment(wall, is_date=True)
    if found[7]:
        return Moment(wall, zone=ZULU)
    return Moment(wall) if tzid is None else Moment(wall, zone=find_zone(tzid))


def _value_and_zone(prop: Property) -> tuple[str, str | None, str]:
    """(value, TZID, VALUE). Some write `TZID=tzone://Microsoft/Utc` without quotes: then the value follows the last colon."""
    written, value = prop.parameters, prop.value
    tzid, kind = (
        (_zone_and_kind(written) if len(written) < 100 else _zone_and_kind.__wrapped__(written)) if written else (None, "")
    )
    if tzid is not None and ":" in value and value.startswith("//"):
        rest, _, value = value.rpartition(":")
        tzid = f"{tzid}:{rest}"
    return value, tzid, kind


@lru_cache(maxsize=512)
def _zone_and_kind(written: str) -> tuple[str | None, str]:
    """TZID and VALUE of parameters as written: a calendar has few of them, and ten thousand times."""
    found = parameters_of(written)
    return found.get("TZID"), found.get("VALUE", "").upper()


def moment_of(prop: Property, find_zone: FindZone) -> Moment:
    value, tzid, kind = _value_and_zone(prop)
    return parse_moment(value, tzid, kind == "DATE", find_zone)


# --- lengths ----------------------------------------------------------------------------------------------------------


class Length(Struct, frozen=True):
    """Nominal days (a day of 23 hours is one) plus exact time, as RFC 5545 3.3.6 tells them apart."""

    days: int = 0
    exact: timedelta = timedelta(0)

    @property
    def about(self) -> timedelta:
        return timedelta(days=self.days) + self.exact


def parse_length(value: str) -> Length:
    """DURATION; Unreadable where malformed or negative."""
    value = value.strip().upper()
    found = _DURATION.match(value)
    if not found or value[-1] in "PT":
        raise Unreadable(f"its duration {_shown(value)} cannot be read")
    weeks, days, hours, minutes, seconds = (int(part or 0) for part in found.groups()[1:])
    length = Length(weeks * 7 + days, timedelta(hours=hours, minutes=minutes, seconds=seconds))
    if found[1] == "-" and length.about:
        raise Unreadable(f"its duration {_shown(value)} is negative")
    if length.about > timedelta(days=36_600):
        raise Unreadable(f"its duration {_shown(value)} is longer than a century")
    return length


def length_between(start: Moment, end: Moment, home: tzinfo) -> Length:
    """From DTSTART to DTEND. A whole-day entry that ends on its first day is one day long: many programs mean that."""
    if start.is_date and end.is_date:
        days = (end.wall - start.wall).days
        if days < 0:
            raise Unreadable("it ends before it begins")
        return Length(max(days, 1))
    if start.is_date != end.is_date:
        raise Unreadable("it mixes a date and a time as its beginning and its end")
    exact = end.instant(home) - start.instant(home)
    if exact < timedelta(0):
        raise Unreadable("it ends before it begins")
    return Length(0, exact)


def end_of(start: Moment, length: Length, home: tzinfo) -> datetime:
    """Where it ends, as an instant."""
    if not length.days:
        return start.instant(home) + length.exact
    return start.moved(start.wall + timedelta(days=length.days)).instant(home) + length.exact


def parse_offset(value: str) -> timedelta:
    """UTC-OFFSET (RFC 5545 3.3.14), under a day."""
    found = _OFFSET.match(value.strip())
    if not found or int(found[2]) > 23 or int(found[3]) > 59:
        raise Unreadable(f"an offset from UTC of {_shown(value)} does not exist")
    size = timedelta(hours=int(found[2]), minutes=int(found[3]), seconds=int(found[4] or 0))
    return -size if found[1] == "-" else size


class Spender(Protocol):
    """Something that says when a calendar has cost enough (`integrations.recurrence.Budget`)."""

    def spend(self, steps: int = 1) -> None: ...


def periods_of(prop: Property, find_zone: FindZone, home: tzinfo, budget: Spender) -> list[tuple[Moment, Length | None]]:
    """RDATE and EXDATE: the moments of a list, each with its own length where it is a PERIOD."""
    value, tzid, kind = _value_and_zone(prop)
    budget.spend(4 * value.count(","))
    found: list[tuple[Moment, Length | None]] = []
    for part in value.split(","):
        first, slash, last = part.partition("/")
        if not part.strip():
            continue
        start = parse_moment(first, tzid, kind == "DATE", find_zone)
        if not slash:
            found.append((start, None))
        elif last.lstrip("+-").startswith("P"):
            found.append((start, parse_length(last)))
        else:
            found.append((start, length_between(start, parse_moment(last, tzid, False, find_zone), home)))
    return found
