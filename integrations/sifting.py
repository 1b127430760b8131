"""Lays aside, before anything is parsed, the events that plainly cannot touch a horizon: a calendar of ten years is read for a
few months of it. The rule: an event is laid aside only if it is the only one of its UID, plainly written and plainly outside,
with a margin; in the slightest doubt the group stays, and the reader behind this decides. No other byte is touched."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, timedelta

from rules.interval import Interval

MARGIN = timedelta(days=4)  # a zone, a day without DTEND, and two to spare
_SMALL = 100_000  # bytes: below this sifting costs more than it saves

# One pass over the bytes finds all that is needed. Names in any case; continuation lines only where they matter.
_LINE = re.compile(
    rb"\n(?:(BEGIN:VEVENT|END:VEVENT)[ \t]*(?=\r?\n)|(UID)[^\r\n:]*:([^\r\n]*(?:\r?\n[ \t][^\r\n]*)*)"
    rb"|(DTSTART|DTEND|DURATION|RRULE|RDATE|EXRULE|RECURRENCE-ID)([;:][^\r\n]*)(\r?\n[ \t])?)",
    re.IGNORECASE,
)
_PLAIN_TIME = re.compile(
    rb"(?:;VALUE=DATE(?:-TIME)?|;TZID=[A-Za-z0-9_/+-]+)*:(\d{4}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01]))"
    rb"(T(?:[01]\d|2[0-3])[0-5]\d[0-5]\dZ?)?\Z"
)
# Rules that end at a plain date, or after so many periods each of which has at least one instance.
_UNTIL = re.compile(rb":(?:[A-Z]+=[A-Z0-9,+-]+;)*UNTIL=(\d{8})(?:T\d{6}Z?)?(?:;[A-Z]+=[A-Z0-9,+-]+)*\Z")
_COUNTED = re.compile(
    rb":FREQ=(DAILY|WEEKLY)(;INTERVAL=\d{1,3})?(;BYDAY=[A-Z,]+)?;COUNT=(\d{1,5})(;BYDAY=[A-Z,]+)?(;WKST=[A-Z]{2})?\Z"
)
_FOLD = re.compile(rb"\r?\n[ \t]")


@dataclass(frozen=True, slots=True)
class Chunk:
    """One VEVENT: its bytes are data[start:end], line end included. `outside`: plainly cannot touch the horizon. `uids` has more
    than one where an alarm inside has one, too: then either may be the event's."""

    start: int
    end: int
    uids: tuple[bytes, ...]
    outside: bool


@dataclass(frozen=True, slots=True)
class _Limits:
    """YYYYMMDD: what ends before `earliest` or begins after `latest` is outside in any zone."""

    earliest: bytes
    latest: bytes


def sift(data: bytes, horizon: Interval) -> tuple[bytes, int] | None:
    """The same calendar without the events laid aside, and how many events it had with them. None where nothing is laid
    aside: the file is small, or not plainly one calendar of events."""
    if len(data) < _SMALL or not _is_plain(data):
        return None
    chunks = split(data, horizon)
    if chunks is None:
        return None
    count = Counter(uid for chunk in chunks for uid in chunk.uids)
    # Several events under one UID are a series with overrides, or a mistake that the reader names.
    wanted = {uid for chunk in chunks for uid in chunk.uids if not chunk.outside or count[uid] > 1}
    return b"".join(_kept(data, chunks, wanted)), len(chunks)


def _kept(data: bytes, chunks: list[Chunk], wanted: set[bytes]) -> Iterator[bytes]:
    at = 0
    for chunk in chunks:
        yield data[at : chunk.start]
        if not wanted.isdisjoint(chunk.uids):
            yield data[chunk.start : chunk.end]
        at = chunk.end
    yield data[at:]


def _is_plain(data: bytes) -> bool:
    """UTF-8 by its first bytes, one VCALENDAR that begins and ends the file, line ends that all have a line feed."""
    return (
        data[:15].upper() == b"BEGIN:VCALENDAR"
        and data[-40:].strip().upper().endswith(b"END:VCALENDAR")
        and data.count(b"BEGIN:VCALENDAR") == 1
        and data.count(b"\r") in (0, data.count(b"\n"))
    )


def split(data: bytes, horizon: Interval) -> list[Chunk] | None:
    """All VEVENTs in order; None where one begins inside another, or ends without having begun."""
    limits = _limits(horizon)
    chunks: list[Chunk] = []
    start = -1
    seen: dict[bytes, re.Match[bytes]] = {}
    uids: list[bytes] = []
    doubtful = False
    for line in _LINE.finditer(data):
        boundary = line[1]
        if boundary is None:
            name = (line[2] or line[4]).upper()
            doubtful = doubtful or name in seen
            seen[name] = line
            if line[2]:
                uids.append(_FOLD.sub(b"", line[3]).strip())
        elif boundary[:1] in b"Bb":
            if start >= 0:
                return None
            start, seen, uids, doubtful = line.start() + 1, {}, [], False
        else:
            if start < 0 or not uids:
                return None
            end = data.index(b"\n", line.end()) + 1
            chunks.append(Chunk(start, end, tuple(uids), not doubtful and _is_outside(seen, limits)))
            start = -1
    return chunks if start < 0 else None


def _limits(horizon: Interval) -> _Limits:
    first, last = horizon.start.astimezone(UTC) - MARGIN, horizon.end.astimezone(UTC) + MARGIN
    return _Limits(b"%04d%02d%02d" % (first.year, first.month, first.day), b"%04d%02d%02d" % (last.year, last.month, last.day))


def _is_outside(seen: dict[bytes, re.Match[bytes]], limits: _Limits) -> bool:
    """`seen`: the lines of one event by name, each at most once."""
    if not seen.keys() <= {b"UID", b"DTSTART", b"DTEND", b"RRULE"} or b"DTSTART" not in seen:
        return False
    begin = _time(seen[b"DTSTART"])
    end = _time(seen[b"DTEND"]) if b"DTEND" in seen else begin
    if begin is None or end is None or bool(begin[2]) != bool(end[2]) or end[1] + (end[2] or b"") < begin[1] + (begin[2] or b""):
        return False
    if begin[1] > limits.latest:
        return True
    last = _last_day(seen[b"RRULE"], begin[1], end[1]) if b"RRULE" in seen else end[1]
    return last is not None and last < limits.earliest


def _time(line: re.Match[bytes]) -> re.Match[bytes] | None:
    return None if line[6] else _PLAIN_TIME.match(line[5].rstrip())


def _last_day(rule: re.Match[bytes], begin: bytes, end: bytes) -> bytes | None:
    """YYYYMMDD on or after the end of the last instance; None where that is not plain to see, or never."""
    if rule[6] or _days(begin, end) > 1:
        return None
    text = rule[5].rstrip().upper()
    until = _UNTIL.match(text)
    if until:
        return until[1]
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
    return b"%04d%02d%02d" % (last.year, last.month, last.day) if last else None
