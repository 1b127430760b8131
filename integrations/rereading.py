"""Reads the resources of one calendar with the help of what is remembered of them: untouched or equal content is not read at
all, of a large file only the events that changed. It gives exactly what reading everything would give."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Sequence

from msgspec.structs import replace

from integrations.occurrences import NO_UID, read_calendar
from integrations.ports import CalendarReading
from integrations.remembered import Frame, Memory, Remembered, Table
from integrations.sifting import Chunk, split
from rules.model import Occurrence

_LARGE = 100_000  # bytes: from here on it pays to know which event changed
_MOST_CHANGED = 500  # UIDs: beyond this everything is read anew
# What is wrong with an event is told with its title.
_MAY_BE_PRIVATE = re.compile(rb"\bCLASS\s*[;:]\s*(?!PUBLIC)", re.IGNORECASE)
_REST = ""  # in a table of chunks: the hash of everything that is no event


class Rereader:
    """One pass over a calendar. `load` is called only where the content is needed."""

    def __init__(self, memory: Memory, frame: Frame) -> None:
        self._memory, self._frame = memory, frame
        self._old = memory.load(frame)
        self._new: dict[str, Remembered] = {}
        self._tables: dict[str, Table] = {}

    def wanted(self, names: Iterable[str], signature: Callable[[str], str]) -> list[str]:
        """Those whose content `reading` will ask for."""
        return [name for name in names if self._is_wanted(self._old.get(name), signature(name))]

    def _is_wanted(self, old: Remembered | None, signature: str) -> bool:
        return old is None or not signature or old.signature != signature or bool(old.aside)

    def reading(self, name: str, signature: str, load: Callable[[], bytes | None], where: str) -> CalendarReading | None:
        """None where there is no such resource. `signature`: see TextStore.listing."""
        old = self._old.get(name)
        data: bytes | None = None
        if old is None or not signature or old.signature != signature:
            data = load()
            if data is None:
                return None
            digest = hashlib.sha256(data).hexdigest()
            same = old is not None and old.digest == digest
            old = replace(old, signature=signature) if old and same else self._read(name, old, data, where)
            old = replace(old, signature=signature, digest=digest)
        if not (old.problems and _MAY_BE_PRIVATE.search(data if data is not None else b"")):
            self._new[name] = old
        return self._with_private(old, data, load, where)

    def done(self) -> None:
        """Keep what is new."""
        if self._new != self._old:
            self._memory.keep(self._frame, self._new, {name: table for name, table in self._tables.items() if name in self._new})

    def _read(self, name: str, old: Remembered | None, data: bytes, where: str) -> Remembered:
        chunks = split(data, self._frame.horizon) if len(data) >= _LARGE else None
        if chunks is None:
            return self._read_all(data, None, where)
        table = _table(data, chunks)
        before = self._memory.table(self._frame, name, old.digest) if old else None
        found = self._patch(old, data, chunks, before, table, where) if old and before else None
        found = found or self._read_all(data, chunks, where)
        if not found.problems and not any(map(_is_odd, found.occurrences)):
            self._tables[name] = table
        return found

    def _calendar(self, data: bytes, where: str) -> CalendarReading:
        frame = self._frame
        return read_calendar(data, frame.calendar_id, frame.role, frame.horizon, frame.home_zone, where)

    def _read_all(self, data: bytes, chunks: list[Chunk] | None, where: str) -> Remembered:
        found = self._calendar(data, where)
        plain = chunks if not found.problems and not any(map(_is_odd, found.occurrences)) else None
        private = tuple(sorted({o.key.uid for o in found.occurrences if o.private}))
        return Remembered(
            "",
            "",
            _public(found.occurrences),
            found.problems,
            found.entries,
            found.complete,
            _aside(data, plain, private),
            private,
        )

    def _patch(
        self, old: Remembered, data: bytes, chunks: list[Chunk], before: Table, after: Table, where: str
    ) -> Remembered | None:
        """`old` with the changed UIDs read anew; None where the change is not plainly one of a few events."""
        if old.problems or list(before.get(_REST, ())) != list(after[_REST]):
            return None
        pairs = ((before, after), (after, before))
        changed = {uid for one, other in pairs for key in one.keys() - other.keys() for uid in one[key]}
        if not 0 < len(changed) <= _MOST_CHANGED:
            return None
        found = self._calendar(_only(data, chunks, changed), where)
        if found.problems or any(map(_is_odd, found.occurrences)):
            return None
        kept = (o for o in old.occurrences if o.key.uid not in changed)
        hidden = {o.key.uid for o in found.occurrences if o.private}
        private = tuple(sorted({uid for uid in old.private if uid not in changed} | hidden))
        merged = tuple(sorted((*kept, *_public(found.occurrences)), key=lambda o: (o.start, o.key)))
        return replace(old, occurrences=merged, entries=len(chunks), aside=_aside(data, chunks, private), private=private)

    def _with_private(
        self, kept: Remembered, data: bytes | None, load: Callable[[], bytes | None], where: str
    ) -> CalendarReading:
        found = kept.occurrences
        if kept.aside:
            content = data if data is not None else load() or b""
            again = self._calendar(b"".join(content[start:end] for start, end in kept.aside), where).occurrences
            hidden = (o for o in again if o.private or o.key.uid in kept.private)
            found = tuple(sorted({o.key: o for o in (*found, *hidden)}.values(), key=lambda o: (o.start, o.key)))
        return CalendarReading(self._frame.calendar_id, found, kept.problems, kept.entries, kept.complete)


def _public(occurrences: Iterable[Occurrence]) -> tuple[Occurrence, ...]:
    """Those whose text may be kept: a series with one private occurrence is private as a whole."""
    found = tuple(occurrences)
    private = {o.key.uid for o in found if o.private}
    return tuple(o for o in found if o.key.uid not in private)


def _is_odd(occurrence: Occurrence) -> bool:
    """The reader gave it a name of its own, because its UID is missing or shared."""
    return "~" in occurrence.key.uid or occurrence.key.uid.startswith(NO_UID)


def _table(data: bytes, chunks: Sequence[Chunk]) -> Table:
    table: dict[str, Sequence[str]] = {_REST: [_hash(_rest(data, chunks))]}
    for chunk in chunks:
        table[_hash(data[chunk.start : chunk.end])] = [uid.decode("utf-8", "replace") for uid in chunk.uids]
    return table


def _hash(data: bytes) -> str:
    return hashlib.blake2b(data, digest_size=12).hexdigest()


def _gaps(data: bytes, chunks: Sequence[Chunk]) -> list[tuple[int, int]]:
    """The byte ranges that are no event: head, zones, tail."""
    edges = [0, *(edge for chunk in chunks for edge in (chunk.start, chunk.end)), len(data)]
    return [(start, end) for start, end in zip(edges[::2], edges[1::2], strict=True) if start < end]


def _rest(data: bytes, chunks: Sequence[Chunk]) -> bytes:
    return b"".join(data[start:end] for start, end in _gaps(data, chunks))


def _of(chunks: Sequence[Chunk], uids: set[str]) -> list[Chunk]:
    return [chunk for chunk in chunks if any(uid.decode("utf-8", "replace") in uids for uid in chunk.uids)]


def _only(data: bytes, chunks: Sequence[Chunk], uids: set[str]) -> bytes:
    """The same calendar with the events of these UIDs alone."""
    return b"".join(data[start:end] for start, end in _ranges(data, chunks, uids))


def _ranges(data: bytes, chunks: Sequence[Chunk], uids: set[str]) -> list[tuple[int, int]]:
    return sorted([*_gaps(data, chunks), *((chunk.start, chunk.end) for chunk in _of(chunks, uids))])


def _aside(data: bytes, chunks: Sequence[Chunk] | None, private: Sequence[str]) -> tuple[tuple[int, int], ...]:
    """What has to be read again for the private entries: nothing, their events, or everything."""
    if not private:
        return ()
    return tuple(_ranges(data, chunks, set(private))) if chunks is not None else ((0, len(data)),)
