"""The family balance as a page and as a drawing for one: a bar per trip, told apart by filling and outline alone, on paper too.
For the leader: no script, no style, no request, every text escaped."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rules import page
from rules.balance import BLOCK_WORDS, TripBalance, total
from rules.drawing import text_at
from rules.makeup import Sums
from rules.page import Line, Section, escape_html
from rules.telling import hours, printable, stretch

_WIDE, _LEFT, _RIGHT = 680, 300, 8  # of the drawing; left of the bars; right of them
_ROW, _TALL = 40, 18  # height of a row, of a bar
_NAMES = {"kept": "kept", "placed": "ahead", "open": "open", "broken": "broken by a meeting"}
_LOOKS = {
    "kept": 'fill="currentColor" stroke="currentColor"',
    "placed": 'fill="url(#family-placed)" stroke="currentColor"',
    "open": 'fill="none" stroke="currentColor" stroke-dasharray="3 2"',
    "broken": 'fill="url(#family-broken)" stroke="currentColor"',
}
_PATTERNS = (
    '<defs><pattern id="family-placed" width="4" height="4" patternUnits="userSpaceOnUse">'
    '<rect width="4" height="4" fill="#2e9e6b" fill-opacity="0.18"/>'
    '<circle cx="2" cy="2" r="1" fill="currentColor" fill-opacity="0.75"/></pattern>'
    '<pattern id="family-broken" width="8" height="8" patternUnits="userSpaceOnUse">'
    '<path d="M1 1L7 7M7 1L1 7" stroke="currentColor" fill="none"/></pattern></defs>'
)


def as_html(year: int, trips: Sequence[TripBalance], zone: str) -> str:
    """A self-contained page, ready to be printed."""
    convention = "An hour per night away is a convention, no medicine. This page is for you alone."
    intro = convention if trips else f"Nothing is owed to the family for trips of {year}. {convention}"
    return page.as_html(f"Family time {year}", intro, [_section(trip, zone) for trip in trips], figure(rows(trips, year)))


def rows(trips: Sequence[TripBalance], year: int) -> list[tuple[str, Sums]]:
    """Title and sums of each, and of all of the year where there are several."""
    return [*((trip.title, trip.sums) for trip in trips), *([(f"All of {year}", total(trips))] if len(trips) > 1 else [])]


def _section(trip: TripBalance, zone: str) -> Section:
    blocks = (Line(stretch(block.span, zone), BLOCK_WORDS[block.state]) for block in trip.blocks)
    return Section(printable(trip.title), (Line(_numbers(trip.sums)), *blocks))


def figure(found: Sequence[tuple[str, Sums]]) -> str:
    """One <svg>, as wide as the page: a row for each; "" without any."""
    if not found:
        return ""
    unit = _unit(sums for _, sums in found)
    drawn = [_row(name, sums, number, unit) for number, (name, sums) in enumerate(found)]
    high = _ROW * len(found) + 24
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDE} {high}" width="{_WIDE}" role="img"'
        ' font-family="system-ui,sans-serif" font-size="11" fill="currentColor"><title>Family time, in hours</title>'
        f"<desc>{escape_html('What is owed to the family, by trip, and what became of it')}</desc>{_PATTERNS}"
        f"{''.join(drawn)}{_legend(_ROW * len(found) + 4)}</svg>"
    )


def _unit(sums: Iterable[Sums]) -> float:
    """px per hour: the longest bar just fits."""
    return (_WIDE - _LEFT - _RIGHT) / max(4.0, *(sum(amount for _, amount in _parts(one)) for one in sums))


def _parts(sums: Sums) -> tuple[tuple[str, float], ...]:
    return (("kept", sums.kept), ("placed", sums.placed), ("open", sums.open), ("broken", sums.broken))


def _row(name: str, sums: Sums, number: int, unit: float) -> str:
    top, x, boxes = _ROW * number, float(_LEFT), []
    for kind, amount in _parts(sums):
        if amount > 0:
            told = escape_html(f"{_NAMES[kind]}: {hours(amount)}")
            boxes.append(f"<g><title>{told}</title>{_box(kind, x, top + 4, amount * unit, _TALL)}</g>")
            x += amount * unit
    words = text_at(0, top + 13, name, _LEFT - 24) + text_at(0, top + 27, _numbers(sums), _LEFT * 1.1, size=10)
    return words + "".join(boxes)


def _numbers(sums: Sums) -> str:
    told = ", ".join(f"{hours(amount)} {_SHORT[kind]}" for kind, amount in _parts(sums) if amount > 0)
    return f"{hours(sums.owed)} owed: {told}" if told else f"{hours(sums.owed)} owed"


_SHORT = {**_NAMES, "broken": "broken"}


def _box(kind: str, left: float, top: float, width: float, tall: float) -> str:
    return f'<rect x="{left:.1f}" y="{top:.1f}" width="{width:.1f}" height="{tall:.1f}" {_LOOKS[kind]}/>'


def _legend(top: float) -> str:
    """Evenly over the width."""
    places = zip(_NAMES, range(0, _WIDE, _WIDE // len(_NAMES)), strict=True)
    return "".join(_box(kind, x + 1, top, 16, 12) + text_at(x + 24, top + 10, _NAMES[kind], _WIDE) for kind, x in places)
