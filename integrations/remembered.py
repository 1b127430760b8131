"""Remembers what was read of each resource of a calendar, so that a pass over an unchanged calendar reads nothing. The rule: a
remembered reading is used only for the same content (by hash, or a file that has provably not been touched since), the same
reader and the same horizon; what cannot be used is read anew, without a word. It can be deleted at any time. No text of a private
entry is kept: of those only the places in the file are, and they are read again each time."""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from msgspec import Struct

from rules.interval import Interval
from rules.model import Attendee, CalendarRole, Occurrence, OccurrenceKey, Problem

_BUSY = 2.0  # seconds to wait for another process; after that the memory is simply not used
_FRESH = 2_000_000_000  # nanoseconds: a file touched as lately as this may be touched again within one tick of its clock
# What an occurrence has of its event, and not of its own. In this order in the memory.
_OF_EVENT = tuple(
    name for name in Occurrence.__struct_fields__ if name not in ("key", "role", "start", "end", "organizer", "attendees")
)


class Frame(Struct, frozen=True):
    """What a reading depends on besides the content. `horizon` is whole weeks, so that the passes of a week ask for the same."""

    calendar_id: str
    role: CalendarRole
    home_zone: str
    horizon: Interval

    @property
    def key(self) -> str:
        return "\x1f".join(
            (reader_version(), self.role, self.home_zone, *(_iso(m) for m in (self.horizon.start, self.horizon.end)))
        )


class Remembered(Struct, frozen=True):
    """What is known of one resource. `signature` tells an untouched file, "" where it cannot. `aside` are the byte ranges to be
    read again for the entries of the UIDs in `private`."""

    signature: str
    digest: str
    occurrences: tuple[Occurrence, ...]
    problems: tuple[Problem, ...]
    entries: int
    complete: bool
    aside: tuple[tuple[int, int], ...] = ()
    private: tuple[str, ...] = ()


# Hash of an event's bytes → its UIDs.
Table = Mapping[str, Sequence[str]]

_TABLES = (
    "reading(calendar TEXT PRIMARY KEY, frame TEXT, value BLOB, digest TEXT)",
    "events(calendar TEXT, name TEXT, digest TEXT, value BLOB, PRIMARY KEY(calendar, name))",
)


def whole_weeks(horizon: Interval) -> Interval:
    """From a Monday to a Monday, UTC."""
    start, end = (
        moment.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0) for moment in (horizon.start, horizon.end)
    )
    return Interval(start - timedelta(days=start.weekday()), end + timedelta(days=7 - end.weekday()))


def touching(occurrences: Iterable[Occurrence], horizon: Interval) -> tuple[Occurrence, ...]:
    """Those of a wider reading that touch the horizon."""
    start, end = horizon.start, horizon.end
    return tuple(o for o in occurrences if o.start < end and (o.end > start or o.start >= start))


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()


@cache
def reader_version() -> str:
    """Changes with every file that decides what is read, as Python tells its own compiled files apart."""
    names = (
        "events",
        "icalendar_text",
        "icalendar_values",
        "occurrences",
        "recurrence",
        "remembered",
        "sifting",
        "text_calendar",
        "zones",
    )
    seen = (Path(__file__).with_name(f"{name}.py").stat() for name in names)
    return hashlib.sha256(repr([(s.st_size, s.st_mtime_ns) for s in seen]).encode()).hexdigest()[:16]


class Memory:
    """One SQLite file for all calendars. Every trouble with it means only that nothing is remembered."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def load(self, frame: Frame) -> dict[str, Remembered]:
        """By resource name; empty where nothing can be used."""
        with self._forgiving(), _connected(self._path) as db:
            wanted = (frame.calendar_id, frame.key)
            row = db.execute("SELECT value, digest FROM reading WHERE calendar=? AND frame=?", wanted).fetchone()
            if row and hashlib.sha256(row[0]).hexdigest() == row[1]:
                return _decoded(json.loads(row[0]), frame)
        return {}

    def keep(self, frame: Frame, resources: Mapping[str, Remembered], tables: Mapping[str, Table]) -> None:
        """In the place of what was there for this calendar. A signature is kept only of a file that has been at rest."""
        with self._forgiving(), _connected(self._path) as db:
            value = _dumped(_encoded(resources, self._now() - _FRESH))
            row = (frame.calendar_id, frame.key, value, hashlib.sha256(value).hexdigest())
            db.execute("BEGIN IMMEDIATE")
            db.execute("INSERT OR REPLACE INTO reading(calendar, frame, value, digest) VALUES(?,?,?,?)", row)
            for name, table in tables.items():
                digest = resources[name].digest
                db.execute("INSERT OR REPLACE INTO events VALUES(?,?,?,?)", (frame.calendar_id, name, digest, _dumped(table)))
            db.execute("COMMIT")

    def table(self, frame: Frame, name: str, digest: str) -> Table | None:
        """The events of one large resource as they were when its content had that digest; None where that is not known."""
        with self._forgiving(), _connected(self._path) as db:
            wanted = (frame.calendar_id, name, digest)
            row = db.execute("SELECT value FROM events WHERE calendar=? AND name=? AND digest=?", wanted).fetchone()
            if row:
                return {str(key): tuple(map(str, uids)) for key, uids in json.loads(row[0]).items()}
        return None

    @contextmanager
    def _forgiving(self) -> Iterator[None]:
        """A memory of another shape is thrown away; one that is busy, or cannot be written, is left alone."""
        try:
            yield
        except sqlite3.Error as error:
            if not any(word in str(error) for word in ("locked", "readonly", "unable", "full", "I/O")):
                with suppress(OSError):
                    self._path.unlink(missing_ok=True)
        except (OSError, ValueError, KeyError, TypeError, IndexError):
            return

    def _now(self) -> int:
        """The file system's own time, in nanoseconds."""
        os.utime(self._path)
        return self._path.stat().st_mtime_ns


@contextmanager
def _connected(path: Path) -> Iterator[sqlite3.Connection]:
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_NOFOLLOW, 0o600))
    with closing(sqlite3.connect(path, timeout=_BUSY, isolation_level=None)) as db:
        for table in _TABLES:
            db.execute(f"CREATE TABLE IF NOT EXISTS {table}")
        yield db


# --- as JSON ----------------------------------------------------------------------------------------------------------


def _dumped(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=True, separators=(",", ":")).encode()


def _encoded(resources: Mapping[str, Remembered], at_rest: int) -> dict[str, Any]:
    """Events once, their occurrences as [event, recurrence id, start, end] in seconds."""
    events: dict[str, int] = {}
    return {
        "resources": {name: _encoded_resource(kept, events, at_rest) for name, kept in resources.items()},
        "events": [json.loads(text) for text in events],
    }


def _encoded_resource(kept: Remembered, events: dict[str, int], at_rest: int) -> list[Any]:
    rests = kept.signature and int(kept.signature.partition("-")[0]) < at_rest
    return [
        kept.signature if rests else "",
        kept.digest,
        kept.entries,
        kept.complete,
        [[p.where, p.because] for p in kept.problems],
        [_encoded_occurrence(o, events) for o in kept.occurrences],
        kept.aside,
        kept.private,
    ]


def _encoded_occurrence(o: Occurrence, events: dict[str, int]) -> list[Any]:
    event = [
        o.key.uid,
        [getattr(o, name) for name in _OF_EVENT],
        _encoded_person(o.organizer),
        [_encoded_person(a) for a in o.attendees],
    ]
    number = events.setdefault(json.dumps(event), len(events))
    return [number, o.key.recurrence_id, int(o.start.timestamp()), int(o.end.timestamp())]


def _encoded_person(person: Attendee | None) -> list[str] | None:
    return [person.address, person.name, person.partstat, person.role, person.kind] if person else None


def _decoded(plain: dict[str, Any], frame: Frame) -> dict[str, Remembered]:
    zone = ZoneInfo(frame.home_zone)
    events = [_decoded_event(event) for event in plain["events"]]
    return {name: _decoded_resource(kept, events, frame, zone) for name, kept in plain["resources"].items()}


def _decoded_event(event: list[Any]) -> tuple[str, dict[str, Any]]:
    uid, values, organizer, attendees = event
    facts = dict(zip(_OF_EVENT, values, strict=True))
    facts["categories"] = tuple(facts["categories"])
    facts["geo"] = tuple(facts["geo"]) if facts["geo"] else None
    facts["organizer"] = Attendee(*organizer) if organizer else None
    facts["attendees"] = tuple(Attendee(*person) for person in attendees)
    return uid, facts


def _decoded_resource(kept: list[Any], events: list[tuple[str, dict[str, Any]]], frame: Frame, zone: ZoneInfo) -> Remembered:
    signature, digest, entries, complete, problems, occurrences, aside, private = kept
    return Remembered(
        signature,
        digest,
        tuple(_decoded_occurrence(row, events, frame, zone) for row in occurrences),
        tuple(Problem(frame.calendar_id, where, because) for where, because in problems),
        entries,
        complete,
        tuple((start, end) for start, end in aside),
        tuple(private),
    )


def _decoded_occurrence(row: list[Any], events: list[tuple[str, dict[str, Any]]], frame: Frame, zone: ZoneInfo) -> Occurrence:
    uid, facts = events[row[0]]
    info = zone if facts["all_day"] else UTC
    key = OccurrenceKey(frame.calendar_id, uid, row[1])
    return Occurrence(key, frame.role, datetime.fromtimestamp(row[2], info), datetime.fromtimestamp(row[3], info), **facts)
