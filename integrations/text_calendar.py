"""A Calendar over anything that stores iCalendar text under names: the folder, the single file and the memory backend differ only
in their store. Reads through `read_calendar`, edits through `edit_resource`; what is written is compared with what was seen."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any, Protocol

from msgspec.structs import replace

from integrations.calendar_edits import edit_resource, uid_of
from integrations.component_draft import events_of
from integrations.errors import Permanent, PreconditionFailed, Temporary
from integrations.icalendar_text import parse, unfold
from integrations.occurrences import read_calendar
from integrations.ports import CalendarCapabilities, CalendarEdit, CalendarReading, Prepared, PutBlock, Receipt
from integrations.remembered import Frame, Memory, touching, whole_weeks
from integrations.rereading import Rereader
from rules.interval import Interval
from rules.model import CalendarRole, Occurrence, OccurrenceKey, Problem

_SAFE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9@._-]{0,150}\Z")


class TextStore(Protocol):
    """Resources by name. Errors are those of `integrations.errors`. `single`: there is one resource, and it is the calendar."""

    @property
    def single(self) -> bool: ...

    def names(self) -> list[str]:
        """Sorted. Permanent or Temporary where the store as a whole cannot be looked at."""
        ...

    def signature(self, name: str) -> str:
        """`MTIME_NS-SIZE-INODE` of a file, without opening it: another one when it was touched. "" where that is not known."""
        ...

    def load(self, name: str) -> bytes | None:
        """None where there is none of that name."""
        ...

    def swap(self, name: str, expected: str | None, data: bytes | None) -> None:
        """Put `data` (None: nothing) in the place of the content with the etag `expected` (None: of nothing), whole or not at
        all. PreconditionFailed where something else is there."""
        ...

    def where(self, name: str) -> str:
        """What the user calls this resource."""
        ...

    def home_of(self, uid: str) -> str:
        """The name for a new resource that holds this UID."""
        ...


def resource_name(uid: str) -> str:
    """`UID.ics`, as others name them; a UID that is no safe file name gives a hash."""
    return f"{uid if _SAFE_NAME.match(uid) else hashlib.sha256(uid.encode('utf-8', 'replace')).hexdigest()[:32]}.ics"


def etag_of(data: bytes | None) -> str | None:
    return None if data is None else hashlib.sha256(data).hexdigest()


class TextCalendar:
    """The shared half of every text backend; a subclass gives the store. `clock` is asked only when an edit is prepared."""

    def __init__(
        self,
        id: str,
        role: CalendarRole,
        store: TextStore,
        home_zone: str,
        clock: Callable[[], datetime],
        *,
        schedules: bool = False,
        memory: Memory | None = None,
    ) -> None:
        self._id, self._role = id, role
        self._past = memory
        self._store, self._home_zone, self._clock = store, home_zone, clock
        self._schedules = schedules
        self._homes: dict[str, str] = {}  # UID to name, as last seen; a hint only

    @property
    def id(self) -> str:
        return self._id

    @property
    def role(self) -> CalendarRole:
        return self._role

    def capabilities(self) -> CalendarCapabilities:
        return CalendarCapabilities(self._writable(), self._schedules)

    def _writable(self) -> bool:
        return True

    # reading

    def read(self, horizon: Interval) -> CalendarReading:
        """Of a resource that cannot be read the problem is named; then `complete` is False, for it may be there again."""
        merged = _Merged(self._id)
        rereader = self._rereader(horizon)
        names = self._store.names()
        self._gather(names, rereader)
        for name in names:
            try:
                found = rereader.reading(name, self._store) if rereader else self._read_one(name, horizon)
            except (Permanent, Temporary) as error:
                if self._store.single:
                    raise
                merged.fail(self._store.where(name), error.what)
                continue
            if found is not None:
                merged.add(name, found, self._store.where)
        self._homes.update(merged.homes)
        reading = merged.reading(whole=self._store.single)
        if rereader is None:
            return reading
        rereader.done()
        return replace(reading, occurrences=touching(reading.occurrences, horizon))

    def _gather(self, names: Sequence[str], rereader: Rereader | None) -> None:
        """What is about to be loaded. Where the store is far away, a subclass gets all of it at once."""

    def _rereader(self, horizon: Interval) -> Rereader | None:
        if self._past is None:
            return None
        return Rereader(self._past, Frame(self._id, self._role, self._home_zone, whole_weeks(horizon)))

    def _read_one(self, name: str, horizon: Interval) -> CalendarReading | None:
        data = self._store.load(name)
        if data is None:
            return None
        return read_calendar(data, self._id, self._role, horizon, self._home_zone, self._store.where(name))

    # editing

    def prepare(self, edit: CalendarEdit) -> Prepared:
        if not self._writable():
            raise Permanent(f"The calendar “{self._id}” is read-only.")
        name, old = self._resource(edit)
        edited = edit_resource(old, edit, self._clock(), self._home_zone)
        done = edited.done or edited.data == old
        payload = _payload(name, old, edited.data, edited.after, edited.fingerprint)
        return Prepared(edit, edited.before, etag_of(old), payload, done, edited.theirs, edited.after)

    def _resource(self, edit: CalendarEdit) -> tuple[str, bytes | None]:
        uid = uid_of(edit)
        found = self._find(uid)
        name = found or self._store.home_of(uid)
        if not isinstance(edit, PutBlock) or self._store.single or found:
            return name, self._store.load(name) if found or self._store.single else None
        if self._store.load(name) is not None:
            raise Permanent(f"{self._store.where(name)} is in the way; it is left alone.")
        return name, None

    def commit(self, prepared: Prepared) -> Receipt:
        facts = json.loads(prepared.payload)
        receipt = Receipt(facts["after"], facts["fingerprint"])
        current = self._store.load(facts["name"])
        if prepared.done or etag_of(current) == facts["becomes"]:
            return receipt
        if etag_of(current) != prepared.expected:
            raise PreconditionFailed(f"{self._store.where(facts['name'])} was changed meanwhile; looking again.")
        self._store.swap(facts["name"], prepared.expected, patched(current, facts))
        return receipt

    def _find(self, uid: str) -> str | None:
        """The resource that holds a UID: where it was last seen, where it would be put, then everywhere."""
        for name in dict.fromkeys(self._likely(uid)):
            with suppress(Permanent, Temporary):  # a file that cannot be read now is not the one, or will be named by `read`
                data = self._store.load(name)
                if data is not None and holds(data, uid):
                    self._homes[uid] = name
                    return name
        return None

    def _likely(self, uid: str) -> Iterator[str]:
        if uid in self._homes:
            yield self._homes[uid]
        yield self._store.home_of(uid)
        yield from self._store.names()


def holds(data: bytes, uid: str) -> bool:
    """Whether it has an event of this UID; a file that does not even mention it is not parsed."""
    needle = uid.encode("utf-8", "replace")
    if needle not in data and needle not in unfold(data.decode("latin-1")).encode("latin-1") and b"\0" not in data[:4]:
        return False
    return bool(events_of(parse(data), uid))


def _payload(name: str, old: bytes | None, new: bytes | None, after: str, fingerprint: str) -> str:
    """Only the bytes that differ: a payload is kept in the ledger, and a calendar may have 50 MB."""
    facts: dict[str, Any] = {"name": name, "after": after, "fingerprint": fingerprint, "becomes": etag_of(new)}
    if new is not None:
        start, end, middle = _difference(old or b"", new)
        facts |= {"start": start, "end": end, "middle": base64.b64encode(middle).decode("ascii")}
    return json.dumps(facts, sort_keys=True)


def _difference(old: bytes, new: bytes) -> tuple[int, int, bytes]:
    """`old[:start] + middle + old[end:]` is `new`."""
    shorter = min(len(old), len(new))
    start = _common(old, new, shorter)
    tail = _common(old[::-1], new[::-1], shorter - start)
    return start, len(old) - tail, new[start : len(new) - tail]


def _common(one: bytes, other: bytes, most: int) -> int:
    """How many bytes both begin with: by halves, for a loop over 50 MB takes seconds."""
    low, high = 0, most
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def patched(current: bytes | None, facts: dict[str, Any]) -> bytes | None:
    if facts["becomes"] is None:
        return None
    old = current or b""
    return old[: facts["start"]] + base64.b64decode(facts["middle"]) + old[facts["end"] :]


class _Merged:
    """The readings of several resources as one."""

    def __init__(self, calendar_id: str) -> None:
        self._id = calendar_id
        self._found: dict[OccurrenceKey, Occurrence] = {}
        self._problems: list[Problem] = []
        self._entries = 0
        self._readable = True
        self._whole = True
        self.homes: dict[str, str] = {}

    def fail(self, where: str, because: str) -> None:
        self._problems.append(Problem(self._id, where, because))
        self._readable = False

    def add(self, name: str, reading: CalendarReading, where: Callable[[str], str]) -> None:
        self._entries += reading.entries
        if not reading.occurrences and not reading.problems and reading.complete:
            return
        self._problems += reading.problems
        self._whole = self._whole and reading.complete
        doubles = [o for o in reading.occurrences if not self._keep(name, o)]
        for uid in dict.fromkeys(o.key.uid for o in doubles):
            because = f"the same event is also in {self.homes[uid]}: the newer one was read"
            self._problems.append(Problem(self._id, f"{where(name)}: {uid[:60]!r}", because))

    def _keep(self, name: str, occurrence: Occurrence) -> bool:
        """False where another resource has it, too. The higher SEQUENCE counts."""
        other = self._found.get(occurrence.key)
        if other is None or occurrence.sequence > other.sequence:
            self._found[occurrence.key] = occurrence
            self.homes[occurrence.key.uid] = name
        return other is None

    def reading(self, *, whole: bool) -> CalendarReading:
        """`whole`: the one resource is the calendar, so what it lacks the calendar lacks. In a folder a broken file is one bad
        event."""
        found = tuple(sorted(self._found.values(), key=lambda o: (o.start, o.key)))
        complete = self._readable and (self._whole or not whole)
        return CalendarReading(self._id, found, tuple(self._problems), self._entries, complete)
