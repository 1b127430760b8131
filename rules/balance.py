"""The family balance as a reader meets it: a row per trip and a sum per year, with bars that need neither colour nor more than
ASCII. What is owed, kept and broken is reckoned in `makeup`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

from msgspec import Struct

from rules.interval import Interval
from rules.makeup import Sums

BlockState = Literal["placed", "kept", "broken"]
LEGEND = "# kept  = placed ahead  . open  x broken"
BLOCK_WORDS: dict[BlockState, str] = {"placed": "ahead", "kept": "kept", "broken": "broken by a meeting"}


class FamilyBlock(Struct, frozen=True):
    """One block of family time, on however many calendars: the ids of what stands there."""

    effects: tuple[str, ...]
    span: Interval
    state: BlockState


class TripBalance(Struct, frozen=True):
    """What one absence owes and what became of it. `year` is that of the return; `title` is printable when rendered."""

    absence_id: str
    title: str
    year: int
    sums: Sums
    blocks: tuple[FamilyBlock, ...] = ()


def total(trips: Iterable[TripBalance]) -> Sums:
    return sum((trip.sums for trip in trips), Sums())


def scale(sums: Iterable[Sums], most: int) -> float:
    """Hours per character, so that no bar is longer than `most` characters: half an hour, or as many times two as it takes."""
    longest = max((s.kept + s.placed + s.open + s.broken for s in sums), default=0.0)
    hours = 0.5
    while longest / hours > most - 4:  # each of the four may be rounded up
        hours *= 2
    return hours


def bar(sums: Sums, hours: float) -> str:
    """What is owed as "####==..", then what was broken. Nothing that is there is rounded away."""
    parts: Sequence[tuple[str, float]] = (("#", sums.kept), ("=", sums.placed), (".", sums.open), ("x", sums.broken))
    return "".join(sign * -int(-amount / hours // 1) for sign, amount in parts)
