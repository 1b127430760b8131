"""Remembers what was read of each resource of a calendar, so that a pass over an unchanged calendar reads nothing. The rule: a
remembered reading is used only for the same content (by hash, or a file that has provably not been touched since), the same
reader and the same horizon; what cannot be used is read anew, without a word. It can be deleted at any time. No text of a private
entry is kept: of those only the places in the file are, and they are read again each time."""

from __future__ import annotations

import hashlib
import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from integrations.outline import Outline
from rules.interval import Interval
from rules.model import CalendarRole, Occurrence, OccurrenceKey, Problem

_BUSY = 2.0  # seconds to wait for another process; after that the memory is simply not used
_FRESH = 2_000_000_000  # nanoseconds: a file touched as lately as this may be touched again within one tick of its clock
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


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

    @property
    def quiet(self) -> bool:
        """Nothing of it touches the horizon."""
        return not self.occurrences and not self.problems and self.complete and not self.aside


class Readings(Struct):
    """By resource name. Of a folder of ten years nearly all is `quiet`: [signature, digest, entries]."""

    told: dict[str, Remembered] = {}
    quiet: dict[str, tuple[str, str, int]] = {}


_TABLES = (
    "reading(calendar TEXT PRIMARY KEY, frame TEXT, value BLOB, digest TEXT)",
    "outline(calendar TEXT, name TEXT, digest TEXT, value BLOB, PRIMARY KEY(calendar, name))",
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
        "outline",
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

    def load(self, frame: Frame) -> Readings:
        """Empty where nothing can be used."""
        with self._forgiving(), _connected(self._path) as db:
            wanted = (frame.calendar_id, frame.key)
            row = db.execute("SELECT value, digest FROM reading WHERE calendar=? AND frame=?", wanted).fetchone()
            if row and hashlib.sha256(row[0]).hexdigest() == row[1]:
                return _opened(msgspec.msgpack.decode(row[0], type=_Kept), frame)
        return Readings()

    def keep(self, frame: Frame, readings: Readings, outlines: Mapping[str, Outline]) -> None:
        """In the place of what was there for this calendar. A signature is kept only of a file that has been at rest."""
        with self._forgiving(), _connected(self._path) as db:
            value = msgspec.msgpack.encode(_closed(readings, self._now() - _FRESH))
            row = (frame.calendar_id, frame.key, value, hashlib.sha256(value).hexdigest())
            db.execute("BEGIN IMMEDIATE")
            db.execute("INSERT OR REPLACE INTO reading(calendar, frame, value, digest) VALUES(?,?,?,?)", row)
            for name, known in outlines.items():
                kept = (frame.calendar_id, name, readings.told[name].digest, msgspec.msgpack.encode(known))
                db.execute("INSERT OR REPLACE INTO outline VALUES(?,?,?,?)", kept)
            db.execute("COMMIT")

    def outline(self, frame: Frame, name: str, digest: str) -> Outline | None:
        """Of one large resource as it was when its content had that digest; None where that is not known."""
        with self._forgiving(), _connected(self._path) as db:
            wanted = (frame.calendar_id, name, digest)
            row = db.execute("SELECT value FROM outline WHERE calendar=? AND name=? AND digest=?", wanted).fetchone()
            if row:
                return msgspec.msgpack.decode(row[0], type=Outline)
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


# --- as it is kept ----------------------------------------------------------------------------------------------------


class _Resource(Struct, frozen=True, array_like=True):
    """`times` are the occurrences: [number of the event, recurrence id, start, end], in seconds."""

    signature: str
    digest: str
    entries: int
    complete: bool
    problems: list[tuple[str, str]]
    times: list[tuple[int, str, int, int]]
    aside: tuple[tuple[int, int], ...]
    private: tuple[str, ...]


class _Kept(Struct, frozen=True, array_like=True):
    """Each event once, as an occurrence without a time."""

    events: list[Occurrence]
    told: dict[str, _Resource]
    quiet: dict[str, tuple[str, str, int]]


def _closed(readings: Readings, at_rest: int) -> _Kept:
    events: dict[Occurrence, int] = {}
    told = {name: _resource(known, events, at_rest) for name, known in readings.told.items()}
    quiet = {name: (_if_rests(signature, at_rest), digest, n) for name, (signature, digest, n) in readings.quiet.items()}
    return _Kept(list(events), told, quiet)


def _if_rests(signature: str, at_rest: int) -> str:
    return signature if signature and int(signature.partition("-")[0]) < at_rest else ""


def _resource(known: Remembered, events: dict[Occurrence, int], at_rest: int) -> _Resource:
    return _Resource(
        _if_rests(known.signature, at_rest),
        known.digest,
        known.entries,
        known.complete,
        [(problem.where, problem.because) for problem in known.problems],
        [_time(o, events) for o in known.occurrences],
        known.aside,
        known.private,
    )


def _time(o: Occurrence, events: dict[Occurrence, int]) -> tuple[int, str, int, int]:
    event = replace(o, key=OccurrenceKey(o.key.calendar_id, o.key.uid), start=_NEVER, end=_NEVER)
    return events.setdefault(event, len(events)), o.key.recurrence_id, int(o.start.timestamp()), int(o.end.timestamp())


def _opened(kept: _Kept, frame: Frame) -> Readings:
    zone = ZoneInfo(frame.home_zone)
    return Readings({name: _remembered(known, kept.events, frame, zone) for name, known in kept.told.items()}, kept.quiet)


def _remembered(known: _Resource, events: list[Occurrence], frame: Frame, zone: ZoneInfo) -> Remembered:
    return Remembered(
        known.signature,
        known.digest,
        tuple(_occurrence(row, events, zone) for row in known.times),
        tuple(Problem(frame.calendar_id, where, because) for where, because in known.problems),
        known.entries,
        known.complete,
        known.aside,
        known.private,
    )


def _occurrence(row: tuple[int, str, int, int], events: list[Occurrence], zone: ZoneInfo) -> Occurrence:
    event = events[row[0]]
    info = zone if event.all_day else UTC
    key = OccurrenceKey(event.key.calendar_id, event.key.uid, row[1])
    return replace(event, key=key, start=datetime.fromtimestamp(row[2], info), end=datetime.fromtimestamp(row[3], info))
