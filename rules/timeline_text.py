"""The picture of an absence on a terminal: a row of half hours per day and, below it, what the characters stand for. 80 columns,
ASCII but for the titles, no colour needed."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from rules.telling import printable
from rules.timeline import Bar, Day, MarkKind, Timeline

_WIDE = 80  # columns
_LEFT = 12  # columns before the hours
_SIGNS: dict[MarkKind, str] = {"way": ">", "window": "i", "meeting": "M", "asked": "?", "block": "B"}
_LEGEND = "/ away  > on the way  i inbox opens  M has a host  ? asked, no answer  B block"


def lines(timeline: Timeline) -> Iterator[str]:
    """The title, the hours, the days; days on which nothing is are left out and said."""
    yield _cut(printable(timeline.title, 200), _WIDE)
    yield f"{'':<{_LEFT}}" + "".join(f"{hour:<6}" for hour in range(0, 24, 3)).rstrip()
    left_out = 0
    for day in timeline.days:
        if day.empty:
            left_out += 1
            continue
        if left_out:
            yield f"{'':<{_LEFT}}{_days(left_out)} with nothing"
        left_out = 0
        yield from _day(day)
    if timeline.more:
        yield f"{'':<{_LEFT}}and {_days(timeline.more)} more"
    yield from (_cut(printable(note, 200), _WIDE) for note in timeline.notes)
    yield _LEGEND
    yield f"One character is half an hour, in the time of {timeline.zone}."


def _days(count: int) -> str:
    return f"{count} day{'' if count == 1 else 's'}"


def _day(day: Day) -> Iterator[str]:
    where = _cut(printable(day.where, 60), _WIDE - _LEFT - 49)
    yield f"{day.words:<{_LEFT}}{_row(day)} {where}".rstrip()
    opens = [bar.clock.partition("–")[0] for bar in day.bars if bar.kind == "window" and bar.label]
    for bar in day.bars:
        if bar.kind != "window" and bar.label:
            yield _cut(f"{'':<{_LEFT}}{bar.clock}  {printable(bar.label, 200)}", _WIDE)
    if opens:
        yield f"{'':<{_LEFT}}inbox at {', '.join(opens)}"


def _row(day: Day) -> str:
    cells = ["."] * 48
    for start, end in day.away:
        _fill(cells, start, end, "/")
    for kind in ("way", "block", "window", "asked", "meeting"):  # the later ones over the earlier ones
        for bar in day.bars:
            if bar.kind == kind:
                _put(cells, bar)
    return "".join(cells)


def _put(cells: list[str], bar: Bar) -> None:
    _fill(cells, bar.start, bar.end, _SIGNS[bar.kind])


def _fill(cells: list[str], start: float, end: float, sign: str) -> None:
    first = min(47, int(start * 2))
    for cell in range(first, max(first + 1, -int(-end * 2 // 1))):
        cells[cell] = sign


def _cut(text: str, columns: int) -> str:
    """At most so many columns; a wide character (East Asian, most emoji) takes two, a combining one none."""
    used = 0
    for place, character in enumerate(text):
        used += _columns(character)
        if used > columns:
            return _cut(text[:place], columns - 1) + "…"
    return text


def _columns(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
