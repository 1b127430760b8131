"""The picture of an absence as values: a row per day with the hours away, the ways, the openings of the inbox, the meetings with
their hosts, and the blocks. It is drawn elsewhere (`timeline_text`, `timeline_svg`). The leader's picture shows all of that; the
team's only which days the leader is away, who hosts and who mentors: no way, no place, no block can come into it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from msgspec import Struct

from rules.explain import one_line, place_words, route_words
from rules.interval import Interval, union
from rules.items import BlockItem, BlockPurpose, HostItem
from rules.mentors import Pairing
from rules.model import Absence, Leg, Opening, Stay
from rules.telling import day as day_words
from rules.workdays import days_of, instant

MarkKind = Literal["way", "window", "meeting", "asked", "block"]
_MOST_DAYS = 62  # drawn; a picture of a longer leave shows only that it goes on
_BLOCKS: dict[BlockPurpose, str] = {
    "make-up": "Family time",
    "wrap-up": "Wrap-up",
    "re-entry": "Re-entry",
    "debrief": "Debrief",
    "mentor": "Mentor",
}


class Bar(Struct, frozen=True):
    """A stretch of one day, in hours of the wall clock (0–24). `label` is foreign text, "" where it goes on from the day before;
    `clock` its times in words."""

    kind: MarkKind
    start: float
    end: float
    label: str
    clock: str


class Day(Struct, frozen=True):
    """`away`: from and until when, in hours. `where` is the place of that day, "" at home or where it may not be told."""

    words: str
    away: tuple[tuple[float, float], ...]
    where: str
    bars: tuple[Bar, ...]

    @property
    def empty(self) -> bool:
        return not self.away and not self.bars


class Timeline(Struct, frozen=True):
    """`name` ([a-z0-9-]) tells it from others of the same page. `more` is how many days were left out at the end."""

    name: str
    title: str
    zone: str
    days: tuple[Day, ...]
    notes: tuple[str, ...] = ()
    more: int = 0


class _Mark(Struct, frozen=True):
    kind: MarkKind
    span: Interval
    label: str


def for_leader(
    absence: Absence,
    zone: str,
    openings: Sequence[Opening],
    hosts: Sequence[HostItem],
    blocks: Sequence[BlockItem],
) -> Timeline:
    """Everything, in home time. `hosts` and `blocks` are those of this absence; the same hours on two calendars are one block."""
    once = {(block.purpose, block.ordinal): block for block in blocks}.values()
    marks = [
        *(_Mark("way", Interval(leg.depart, leg.arrive), _way(leg)) for leg in absence.legs),
        *(_Mark("window", opening.span, "inbox") for opening in openings),
        *_meetings(hosts),
        *(_Mark("block", block.span, _block(block)) for block in once),
    ]
    return _drawn(absence.id, one_line(absence, zone), zone, [absence.span], marks, absence.stays)


def for_team(
    absence_id: str, title: str, zone: str, first: date, back: date, hosts: Sequence[HostItem], pairings: Sequence[Pairing]
) -> Timeline:
    """Away on the whole days from `first` until before `back`: at what hour the leader leaves is nobody's business. `hosts` are
    those that the team may read of."""
    away = Interval(instant(first, time(0), zone), instant(max(first, back), time(0), zone))
    notes = tuple(f"Mentor of {pairing.junior.name}: {pairing.mentor.name}" for pairing in pairings)
    return _drawn(absence_id, title, zone, [away], list(_meetings(hosts)), (), notes)


def _way(leg: Leg) -> str:
    return route_words(leg.origin, leg.destination) or leg.mode


def _meetings(hosts: Iterable[HostItem]) -> Iterator[_Mark]:
    for item in hosts:
        accepted = item.state == "accepted"
        label = f"{item.host_name}{'' if accepted else ' (asked)'}: {item.summary}"
        yield _Mark("meeting" if accepted else "asked", item.span, label)


def _block(block: BlockItem) -> str:
    """A debrief says with whom; what stands on a work calendar as “Busy” is called what it is."""
    return block.summary if block.purpose == "debrief" else _BLOCKS[block.purpose]


# --- days -------------------------------------------------------------------------------------------------------------


def _drawn(
    name: str,
    title: str,
    zone: str,
    away: Sequence[Interval],
    marks: Sequence[_Mark],
    stays: Sequence[Stay],
    notes: tuple[str, ...] = (),
) -> Timeline:
    whole = union([*away, *(mark.span for mark in marks)])
    dates = [day for day in days_of(Interval(whole[0].start, whole[-1].end), zone) if instant(day, time(0), zone) < whole[-1].end]
    days = tuple(_day(day, zone, away, marks, stays) for day in dates[:_MOST_DAYS])
    return Timeline(name, title, zone, days, notes, max(0, len(dates) - _MOST_DAYS))


def _day(day: date, zone: str, away: Sequence[Interval], marks: Sequence[_Mark], stays: Sequence[Stay]) -> Day:
    midnight = instant(day, time(0), zone)
    whole = Interval(midnight, instant(day + timedelta(days=1), time(0), zone))
    bars = [_bar(mark, part, whole, zone) for mark in marks if (part := mark.span.intersection(whole))]
    gone = tuple(_hours(part, whole, zone) for span in away if (part := span.intersection(whole)))
    words = day_words(midnight, zone)
    return Day(words, gone, _where(whole, zone, away, stays), tuple(sorted(bars, key=lambda b: (b.start, b.end, b.label))))


def _bar(mark: _Mark, part: Interval, whole: Interval, zone: str) -> Bar:
    start, end = _hours(part, whole, zone)
    begins = mark.span.start >= whole.start
    clock = f"{_clock(mark.span.start, zone)}–{_clock(mark.span.end, zone)}" if begins else f"until {_clock(part.end, zone)}"
    return Bar(mark.kind, start, end, mark.label if begins else "", clock)


def _hours(part: Interval, whole: Interval, zone: str) -> tuple[float, float]:
    """By the wall clock, so that noon is in the middle of the row on every day."""
    start = 0.0 if part.start <= whole.start else _hour(part.start, zone)
    end = 24.0 if part.end >= whole.end else _hour(part.end, zone)
    return start, max(start, end)


def _hour(moment: datetime, zone: str) -> float:
    local = moment.astimezone(ZoneInfo(zone))
    return local.hour + local.minute / 60


def _clock(moment: datetime, zone: str) -> str:
    return f"{moment.astimezone(ZoneInfo(zone)):%H:%M}"


def _where(whole: Interval, zone: str, away: Sequence[Interval], stays: Sequence[Stay]) -> str:
    """When the leader is home again, else the place of the longest stay of the day and how its clocks differ from home."""
    there = [(part.length, stay) for stay in stays if (part := stay.span.intersection(whole))]
    if not there:
        return ""
    if home := next((span.end for span in away if span.end in whole), None):
        return f"home {_clock(home, zone)}"
    stay = max(there, key=lambda found: found[0])[1]
    shift = (_offset(whole.start, stay.zone) - _offset(whole.start, zone)) / timedelta(hours=1)
    name = place_words(stay.place) or stay.zone
    sign = "+" if shift > 0 else "\N{MINUS SIGN}"
    return f"{name}, {sign}{abs(shift):g} h" if shift else name


def _offset(moment: datetime, zone: str) -> timedelta:
    return moment.astimezone(ZoneInfo(zone)).utcoffset() or timedelta(0)
