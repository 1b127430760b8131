"""Reads the resources of one calendar with the help of what is remembered of them: untouched or equal content is not read at
all, of a large file only the events that changed. It gives exactly what reading everything would give."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from operator import attrgetter
from typing import Protocol

from msgspec.structs import replace

from integrations.occurrences import NO_UID, read_calendar
from integrations.outline import Changed, Outline, Stretch, changed, digest_of, outline, ranges, stretches
from integrations.ports import CalendarReading
from integrations.remembered import Frame, Memory, Readings, Remembered
from integrations.sifting import LARGE, split
from rules.model import Occurrence

_MOST_CHANGED = 500  # UIDs: beyond this everything is read anew
_IN_ORDER = attrgetter("start", "key")
_ONE_QUIET = CalendarReading("", (), entries=1)  # most of a folder; whose it is does not matter
# What is wrong with an event is told with its title.
_MAY_BE_PRIVATE = re.compile(rb"\bCLASS\s*[;:]\s*(?!PUBLIC)", re.IGNORECASE)


class Source(Protocol):
    """What of a TextStore is needed here."""

    def signature(self, name: str) -> str: ...

    def load(self, name: str) -> bytes | None: ...

    def where(self, name: str) -> str: ...


class Rereader:
    """One pass over a calendar. Content is loaded only where it is needed."""

    def __init__(self, memory: Memory, frame: Frame) -> None:
        self._memory, self._frame = memory, frame
        self._old = memory.load(frame)
        self._new = Readings()
        self._outlines: dict[str, Outline] = {}

    def wanted(self, names: Iterable[str], signature: Callable[[str], str]) -> list[str]:
        """Those whose content `reading` will ask for."""
        return [name for name in names if self._is_wanted(name, signature(name))]

    def _is_wanted(self, name: str, signature: str) -> bool:
        quiet, old = self._old.quiet.get(name), self._old.told.get(name)
        if not signature or (quiet is not None and quiet[0] == signature):
            return not signature
        return old is None or old.signature != signature or bool(old.aside)

    def reading(self, name: str, source: Source) -> CalendarReading | None:
        """None where there is no such resource."""
        signature, quiet, old = source.signature(name), self._old.quiet.get(name), self._old.told.get(name)
        if signature and quiet is not None and quiet[0] == signature:
            return self._quiet(name, quiet)
        if signature and old is not None and old.signature == signature:
            self._new.told[name] = old
            return self._with_private(name, old, None, source)
        data = source.load(name)
        if data is None:
            return None
        digest = digest_of(data)
        if quiet is not None and quiet[1] == digest:
            return self._quiet(name, (signature, digest, quiet[2]))
        if old is None or old.digest != digest:
            old = self._read(name, old, data, source.where(name))
        if old.quiet:
            return self._quiet(name, (signature, digest, old.entries))
        old = replace(old, signature=signature, digest=digest)
        if not (old.problems and _MAY_BE_PRIVATE.search(data)):
            self._new.told[name] = old
        return self._with_private(name, old, data, source)

    def _quiet(self, name: str, kept: tuple[str, str, int]) -> CalendarReading:
        self._new.quiet[name] = kept
        return _ONE_QUIET if kept[2] == 1 else CalendarReading("", (), entries=kept[2])

    def done(self) -> None:
        """Keep what is new."""
        if self._new != self._old:
            outlines = {name: known for name, known in self._outlines.items() if name in self._new.told}
            self._memory.keep(self._frame, self._new, outlines)

    def _read(self, name: str, old: Remembered | None, data: bytes, where: str) -> Remembered:
        if len(data) < LARGE:
            return self._read_all(data, None, where)
        before = self._memory.outline(self._frame, name, old.digest) if old else None
        change = changed(before, data, self._frame.horizon) if before else None
        found = self._patch(old, data, change, where) if old and change else None
        if found and change:
            self._outlines[name] = change.now
            return found
        events = self._events(data)
        found = self._read_all(data, events, where)
        if events is not None and not found.problems and not any(map(_is_odd, found.occurrences)):
            self._outlines[name] = outline(data, events)
        return found

    def _events(self, data: bytes) -> list[Stretch] | None:
        chunks = split(data, self._frame.horizon)
        return None if chunks is None else stretches(data, chunks)

    def _calendar(self, data: bytes, where: str) -> CalendarReading:
        frame = self._frame
        return read_calendar(data, frame.calendar_id, frame.role, frame.horizon, frame.home_zone, where)

    def _read_all(self, data: bytes, events: list[Stretch] | None, where: str) -> Remembered:
        found = self._calendar(data, where)
        if not found.occurrences and not found.problems:
            return Remembered("", "", (), (), found.entries, found.complete)
        plain = events if not found.problems and not any(map(_is_odd, found.occurrences)) else None
        private = tuple(sorted({o.key.uid for o in found.occurrences if o.private}))
        aside = _aside(data, plain, private)
        return Remembered("", "", _public(found.occurrences), found.problems, found.entries, found.complete, aside, private)

    def _patch(self, old: Remembered, data: bytes, change: Changed, where: str) -> Remembered | None:
        """`old` with the changed UIDs read anew; None where the change is not plainly one of a few events."""
        if old.problems or not 0 < len(change.uids) <= _MOST_CHANGED:
            return None
        found = self._calendar(_only(data, change.now.events, change.uids), where)
        if found.problems or any(map(_is_odd, found.occurrences)):
            return None
        uids = {uid.decode("utf-8", "replace") for uid in change.uids}
        kept = (o for o in old.occurrences if o.key.uid not in uids)
        hidden = {o.key.uid for o in found.occurrences if o.private}
        private = tuple(sorted({uid for uid in old.private if uid not in uids} | hidden))
        merged = tuple(sorted((*kept, *_public(found.occurrences)), key=_IN_ORDER))
        aside = _aside(data, change.now.events, private)
        return replace(old, occurrences=merged, entries=len(change.now.events), aside=aside, private=private)

    def _with_private(self, name: str, kept: Remembered, data: bytes | None, source: Source) -> CalendarReading:
        found = kept.occurrences
        if kept.aside:
            content = data if data is not None else source.load(name) or b""
            parts = b"".join(content[start:end] for start, end in kept.aside)
            again = self._calendar(parts, source.where(name)).occurrences
            hidden = (o for o in again if o.private or o.key.uid in kept.private)
            found = tuple(sorted({o.key: o for o in (*found, *hidden)}.values(), key=_IN_ORDER))
        return CalendarReading(self._frame.calendar_id, found, kept.problems, kept.entries, kept.complete)


def _public(occurrences: Iterable[Occurrence]) -> tuple[Occurrence, ...]:
    """Those whose text may be kept: a series with one private occurrence is private as a whole."""
    found = tuple(occurrences)
    private = {o.key.uid for o in found if o.private}
    return tuple(o for o in found if o.key.uid not in private)


def _is_odd(occurrence: Occurrence) -> bool:
    """The reader gave it a name of its own, because its UID is missing or shared."""
    return "~" in occurrence.key.uid or occurrence.key.uid.startswith(NO_UID)


def _only(data: bytes, events: Sequence[Stretch], uids: set[bytes]) -> bytes:
    """The same calendar with the events of these UIDs alone."""
    return b"".join(data[start:end] for start, end in ranges(events, uids, len(data)))


def _aside(data: bytes, events: Sequence[Stretch] | None, private: Sequence[str]) -> tuple[tuple[int, int], ...]:
    """What has to be read again for the private entries: nothing, their events, or everything."""
    if not private:
        return ()
    if events is None:
        return ((0, len(data)),)
    return tuple(ranges(events, {uid.encode("utf-8", "surrogatepass") for uid in private}, len(data)))
