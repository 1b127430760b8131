"""Where the events of a large file stand, so that after a change only the stretch that changed is split anew. The rule: what lies
in equal blocks, counted from the beginning or from the end, is unchanged and stands where it stood; between them, all that is no
event must be as before, else nothing is said. Of the content only hashes and UIDs are kept."""

from __future__ import annotations

import hashlib
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Sequence
from operator import itemgetter
from typing import NamedTuple

from msgspec import Struct

from integrations.sifting import Chunk, split
from rules.interval import Interval

_BLOCK = 1 << 16
_SIZE = 12  # bytes of a hash

Stretch = tuple[int, int, tuple[bytes, ...], bytes]
"""One event: it is data[start:end], has these UIDs and this hash."""


class Outline(Struct, frozen=True, array_like=True):
    """`blocks` are the hashes of whole blocks from the beginning, `tails` those from the end; `gaps` the hashes of what is no
    event, each with the number of events before it."""

    size: int
    blocks: list[bytes]
    tails: list[bytes]
    events: list[Stretch]
    gaps: list[tuple[int, bytes]]


class Changed(NamedTuple):
    """`now` is the new outline; `uids` are those of the events that came, went or changed."""

    now: Outline
    uids: set[bytes]


def digest_of(data: bytes) -> str:
    """SHA-256, hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def stretches(data: bytes, chunks: Sequence[Chunk]) -> list[Stretch]:
    return [(start, end, uids, _hash(data[start:end])) for start, end, uids, _ in chunks]


def outline(data: bytes, events: list[Stretch]) -> Outline:
    return _outline(data, events, [], [])


def _outline(data: bytes, events: list[Stretch], blocks: list[bytes], tails: list[bytes]) -> Outline:
    """`blocks` and `tails` are those that are known already."""
    view, size = memoryview(data), len(data)
    begin, end = len(blocks) * _BLOCK, size - len(tails) * _BLOCK
    blocks = [*blocks, *(_hash(view[at : at + _BLOCK]) for at in range(begin, size - _BLOCK + 1, _BLOCK))]
    tails = [*tails, *(_hash(view[at - _BLOCK : at]) for at in range(end, _BLOCK - 1, -_BLOCK))]
    return Outline(size, blocks, tails, events, _gaps(data, events, 0, size))


def changed(old: Outline, data: bytes, horizon: Interval) -> Changed | None:
    """None where the change is not plainly one of events alone."""
    front, back = _unchanged(old, data)
    first = bisect_right(old.events, front, key=itemgetter(1))
    last = max(first, bisect_left(old.events, old.size - back, key=itemgetter(0)))
    shift = len(data) - old.size
    begin = old.events[first - 1][1] if first else 0
    end = old.events[last][0] + shift if last < len(old.events) else len(data)
    found = split(data, horizon, begin, end)
    if found is None:
        return None
    new = stretches(data, found)
    before = [digest for number, digest in old.gaps if first <= number <= last]
    if before != [digest for _, digest in _gaps(data, new, begin, end)]:
        return None
    moved = [(start + shift, stop + shift, uids, digest) for start, stop, uids, digest in old.events[last:]]
    known = old.blocks[: front // _BLOCK], old.tails[: back // _BLOCK]
    now = _outline(data, [*old.events[:first], *new, *moved], *known)
    return Changed(now, _uids_of_difference(old.events[first:last], new))


def _uids_of_difference(before: list[Stretch], after: list[Stretch]) -> set[bytes]:
    old, new = (Counter((digest, uids) for *_, uids, digest in events) for events in (before, after))
    return {uid for _, uids in (*(old - new), *(new - old)) for uid in uids}


def _unchanged(old: Outline, data: bytes) -> tuple[int, int]:
    """Bytes at the beginning and at the end that are as they were; they never overlap."""
    view, size = memoryview(data), len(data)
    most = min(size, old.size)
    front = back = 0
    while front + _BLOCK <= most and _hash(view[front : front + _BLOCK]) == old.blocks[front // _BLOCK]:
        front += _BLOCK
    while front + back + _BLOCK <= most and _hash(view[size - back - _BLOCK : size - back]) == old.tails[back // _BLOCK]:
        back += _BLOCK
    return front, back


def ranges(events: Sequence[Stretch], uids: set[bytes], size: int) -> list[tuple[int, int]]:
    """The byte ranges of a file with the events of these UIDs alone."""
    kept = [(start, end) for start, end, found, _ in events if not uids.isdisjoint(found)]
    return sorted([*_between(events, 0, size), *kept])


def _between(events: Sequence[Stretch], begin: int, end: int) -> list[tuple[int, int]]:
    edges = [begin, *(edge for start, stop, *_ in events for edge in (start, stop)), end]
    return [(start, stop) for start, stop in zip(edges[::2], edges[1::2], strict=True) if start < stop]


def _gaps(data: bytes, events: Sequence[Stretch], begin: int, end: int) -> list[tuple[int, bytes]]:
    between = _between(events, begin, end)
    return [(bisect_right(events, start, key=itemgetter(1)), _hash(data[start:stop])) for start, stop in between]


def _hash(data: bytes | memoryview) -> bytes:
    return hashlib.sha256(data).digest()[:_SIZE]
