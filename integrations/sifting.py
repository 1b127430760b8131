"""Lays aside, before anything is parsed, the events that plainly cannot touch a horizon: a calendar of ten years is read for a
few months of it. The rule: all events of a UID are laid aside if each is plainly written and plainly outside, with a margin;
else, of a plain series, the overrides that are outside both as planned and as moved. In the slightest doubt the whole group
stays, and the reader behind this decides. No other byte is touched."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from enum import Enum
from functools import lru_cache
from typing import NamedTuple

from msgspec import Struct

from rules.interval import Interval

MARGIN = timedelta(days=4)  # a zone, a day without DTEND, and two to spare
_ZONES = timedelta(days=2)  # two ways of writing one moment are less apart
LARGE = 100_000  # bytes: from here on a file has many events
_FEW = 4  # events: below this sifting costs more than it saves
_ENDINGS = b"\r\n"

# What is looked for within one event, in any case, with its continuation lines. A BEGIN or END here is one too many. The look
# ahead lets `re` pass over all other lines twice as fast.
_LINE = re.compile(
    rb"\n(?=[BDERU])((?:BEGIN|END)(?=:VEVENT)|UID|DTSTART|DTEND|DURATION|RRULE|RDATE|EXRULE|RECURRENCE-ID)"
    rb"([;:][^\r\n]*(?:\r?\n[ \t][^\r\n]*)*)",
    re.IGNORECASE,
)
_PLAIN_TIME = re.compile(
    rb"(?:;VALUE=DATE(?:-TIME)?|;TZID=[A-Za-z0-9_/+-]+)*:(\d{4}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01]))"
    rb"(T(?:[01]\d|2[0-3])[0-5]\d[0-5]\dZ?)?[ \t]*\Z"
)
_FRAME = re.compile(rb"(?:BEGIN|END):VEVENT", re.IGNORECASE)
# Rules that end at a plain date, or after so many periods each of which has at least one instance.
_UNTIL = re.compile(rb":(?:[A-Z]+=[A-Z0-9,+-]+;)*UNTIL=(\d{8})(?:T\d{6}Z?)?(?:;[A-Z]+=[A-Z0-9,+-]+)*\Z")
_COUNTED = re.compile(
    rb":FREQ=(DAILY|WEEKLY)(;INTERVAL=\d{1,3})?(;BYDAY=[A-Z,]+)?;COUNT=(\d{1,5})(;BYDAY=[A-Z,]+)?(;WKST=[A-Z]{2})?\Z"
)
_FOLD = re.compile(rb"\r?\n[ \t]")
_UNDERSTOOD = frozenset({b"UID", b"DTSTART", b"DTEND", b"RRULE", b"RECURRENCE-ID"})


class Standing(Enum):
    """How one event stands to a horizon, by itself."""

    OUTSIDE = "a single event or a whole series that cannot touch it"
    FAR = "an override of a moment outside, moved to a time outside"
    NEAR = "an override of a moment well within"
    SHORT = "a series or an event of a day at most"
    OPEN = "anything else, and what is not plainly written"


class Chunk(NamedTuple):
    """One VEVENT: its bytes are data[start:end], line end included. `uids` has more than one where an alarm inside has one, too:
    then either may be the event's. (A named tuple: files hold tens of thousands.)"""

    start: int
    end: int
    uids: tuple[bytes, ...]
    standing: Standing


class _Limits(Struct, frozen=True):
    """YYYYMMDD: what ends before `earliest` or begins after `latest` is outside in any zone; what lies between `early` and `late`
    is so in no zone."""

    earliest: bytes
    early: bytes
    late: bytes
    latest: bytes


class LineEnds(NamedTuple):
    """How many bytes of each kind end the lines of a file."""

    feeds: int
    returns: int


def line_ends(data: bytes) -> LineEnds:
    return LineEnds(data.count(b"\n"), data.count(b"\r"))


def sift(data: bytes, ends: LineEnds, horizon: Interval) -> tuple[bytes, int] | None:
    """The same calendar without the events laid aside, and how many events it had with them. None where nothing is laid
    aside: the file has few events, or is not plainly one calendar of them."""
    few = len(data) < LARGE and data.count(b"BEGIN:VEVENT") < _FEW
    if few or ends.returns not in (0, ends.feeds) or not _is_plain(data):
        return None
    chunks = split(data, horizon)
    if chunks is None:
        return None
    others: defaultdict[bytes, set[Standing]] = defaultdict(set)  # those of a UID that are not OUTSIDE
    for chunk in chunks:
        if chunk.standing is not Standing.OUTSIDE:
            for uid in chunk.uids:
                others[uid].add(chunk.standing)
    aside = (chunk for chunk in chunks if _is_aside(chunk.standing, others.get(chunk.uids[0], set())))
    return b"".join(_without(data, aside)), len(chunks)


def _is_aside(standing: Standing, others: set[Standing]) -> bool:
    """`others`: of all with the same UID, save those that are OUTSIDE."""
    if standing is Standing.OUTSIDE:
        return not others or others == {Standing.FAR}
    return standing is Standing.FAR and others <= {Standing.SHORT, Standing.NEAR, Standing.FAR}


def _without(data: bytes, aside: Iterable[Chunk]) -> Iterator[bytes]:
    at = 0
    for chunk in aside:
        if at < chunk.start:
            yield data[at : chunk.start]
        at = chunk.end
    yield data[at:]


def _is_plain(data: bytes) -> bool:
    """UTF-8 by its first bytes, one VCALENDAR that begins and ends the file."""
    return (
        data[:15].upper() == b"BEGIN:VCALENDAR"
        and data[-40:].strip().upper().endswith(b"END:VCALENDAR")
        and data.count(b"BEGIN:VCALENDAR") == 1
    )


def lies_outside(data: bytes, horizon: Interval) -> bool:
    """Whether the file is plainly one calendar with one event, and that is laid aside."""
    written = data.upper()
    if written.count(b":VEVENT") != 2 or not _is_plain(written) or data.count(b"\r") not in (0, data.count(b"\n")):
        return False
    start, stop = data.find(b"\nBEGIN:VEVENT"), data.find(b"\nEND:VEVENT")
    if not (0 < start < stop and data[start + 13] in _ENDINGS and data[stop + 11] in _ENDINGS):
        return False
    chunk = _chunk(start, stop, _LINE.findall(data, start + 13, stop), _limits(horizon.start, horizon.end))
    return chunk is not None and chunk.standing is Standing.OUTSIDE


def split(data: bytes, horizon: Interval, begin: int = 0, stop_at: int | None = None) -> list[Chunk] | None:
    """All VEVENTs in order, or those of a stretch that begins and ends between lines; None where one begins inside another, ends
    without having begun, or has a frame written unusually."""
    limits = _limits(horizon.start, horizon.end)
    limit = len(data) if stop_at is None else stop_at
    newline = b"\r\n" if b"\r\n" in data[:200] else b"\n"
    head, tail = b"\nBEGIN:VEVENT" + newline, b"\nEND:VEVENT" + newline
    chunks: list[Chunk] = []
    at = begin
    while True:
        start = data.find(head, at - 1 if at else 0, limit) + 1
        if start != (at or -1) and _FRAME.search(data, at, start or limit):
            return None
        if not start:
            return chunks
        stop = data.find(tail, start, limit)
        if stop < 0:
            return None
        at = stop + len(tail)
        chunk = _chunk(start, at, _LINE.findall(data, start + len(head) - 2, stop), limits)
        if chunk is None:
            return None
        chunks.append(chunk)


def _chunk(start: int, end: int, lines: list[tuple[bytes, bytes]], limits: _Limits) -> Chunk | None:
    """`lines` as `_LINE` finds them between its BEGIN and its END."""
    seen = dict(lines)
    if len(seen) == len(lines) and b"UID" in seen and seen.keys() <= _UNDERSTOOD:
        return Chunk(start, end, (_uid(seen[b"UID"]),), _standing(seen, limits))
    names = [name.upper() for name, _ in lines]
    if b"BEGIN" in names or b"END" in names or b"UID" not in names:
        return None
    uids = tuple(_uid(rest) for name, (_, rest) in zip(names, lines, strict=True) if name == b"UID")
    return Chunk(start, end, uids, Standing.OPEN)


def _uid(rest: bytes) -> bytes:
    value = rest[1:] if rest[:1] == b":" else rest.partition(b":")[2]
    return (_FOLD.sub(b"", value) if b"\n" in value else value).strip()


@lru_cache(maxsize=16)
def _limits(start: datetime, end: datetime) -> _Limits:
    first, last = start.astimezone(UTC) - MARGIN, end.astimezone(UTC) + MARGIN
    return _Limits(*map(_written, (first, first + _ZONES, last - _ZONES, last)))


def _written(day: date) -> bytes:
    return b"%04d%02d%02d" % (day.year, day.month, day.day)


def _standing(seen: dict[bytes, bytes], limits: _Limits) -> Standing:
    """`seen`: what follows the names of the lines of one event, each of which it has once."""
    begin = _PLAIN_TIME.match(seen.get(b"DTSTART", b""))
    end = _PLAIN_TIME.match(seen[b"DTEND"]) if b"DTEND" in seen else begin
    if begin is None or end is None:
        return Standing.OPEN
    (first, start), (last, stop) = begin.groups(b""), end.groups(b"")
    if bool(start) != bool(stop) or last + stop < first + start:
        return Standing.OPEN
    outside = first > limits.latest or last < limits.earliest
    if b"RECURRENCE-ID" in seen:
        return _standing_of_override(seen, outside, limits)
    if first > limits.latest or (outside and b"RRULE" not in seen) or _is_over(seen, first, last, limits):
        return Standing.OUTSIDE
    return Standing.SHORT if first == last or _days(first, last) <= 1 else Standing.OPEN


def _standing_of_override(seen: dict[bytes, bytes], outside: bool, limits: _Limits) -> Standing:
    named = _PLAIN_TIME.match(seen[b"RECURRENCE-ID"])
    if named is None:
        return Standing.OPEN
    if limits.early <= named[1] <= limits.late:
        return Standing.NEAR
    return Standing.FAR if outside and not limits.earliest <= named[1] <= limits.latest else Standing.OPEN


def _is_over(seen: dict[bytes, bytes], first: bytes, last: bytes, limits: _Limits) -> bool:
    over = _last_day(seen[b"RRULE"], first, last) if b"RRULE" in seen else None
    return over is not None and over < limits.earliest


def _last_day(rule: bytes, begin: bytes, end: bytes) -> bytes | None:
    """YYYYMMDD on or after the end of the last instance; None where that is not plain to see, or never."""
    if begin != end and _days(begin, end) > 1:
        return None
    text = rule.rstrip().upper()
    until = _UNTIL.match(text)
    if until:
        return until[1] if _date(until[1]) else None  # a day that does not exist is told by the reader
    counted = _COUNTED.match(text)
    if not counted or (counted[1] == b"DAILY" and (counted[3] or counted[5])):
        return None
    every = int(counted[2][10:]) if counted[2] else 1
    reach = int(counted[4]) * every * (7 if counted[1] == b"WEEKLY" else 1) + 7
    return _shifted(begin, reach)


def _date(text: bytes) -> date | None:
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:8]))
    except ValueError:
        return None


def _days(begin: bytes, end: bytes) -> int:
    first, last = _date(begin), _date(end)
    return (last - first).days if first and last else 10_000


def _shifted(day: bytes, days: int) -> bytes | None:
    begin = _date(day)
    try:
        last = begin + timedelta(days=days) if begin else None
    except OverflowError:
        return None
    return _written(last) if last else None
