"""The picture of an absence as inline SVG: no script, no style, no request, every text escaped. What is what can be told by
pattern and outline alone, on paper too; lines and letters take the colour of the page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec import Struct

from rules.drawing import cut, length_of, text_at
from rules.page import escape_html
from rules.telling import printable
from rules.timeline import Bar, Day, Timeline

_WIDE, _LEFT, _RIGHT = 680, 96, 8  # of the drawing; left of the hours; right of them
_LINE = 20  # height of one line of bars
_GAP = 12  # between the rows of two days
_TOP = 56  # above the first day: the title and the hours
_AFTER = 6  # between a bar and its words
_MOST = 64  # characters of a label, before it is cut to the room there is
_NAMES: dict[str, str] = {
    "away": "away",
    "way": "on the way",
    "window": "inbox opens",
    "meeting": "meeting with a host",
    "asked": "asked, no answer yet",
    "block": "block",
}
# Fill and outline, by kind. `%` stands for the name of the drawing.
_LOOKS: dict[str, str] = {
    "away": 'fill="url(#%-away)" stroke="none"',
    "way": 'fill="currentColor" stroke="currentColor"',
    "window": 'fill="none" stroke="currentColor" stroke-width="1.5"',
    "meeting": 'fill="#2f6fde" fill-opacity="0.45" stroke="currentColor"',
    "asked": 'fill="none" stroke="currentColor" stroke-dasharray="3 2"',
    "block": 'fill="url(#%-block)" stroke="currentColor"',
}


class _Placed(Struct, frozen=True):
    """A bar on its line of the day, and where its words go: to the left of `at` where `before`."""

    bar: Bar
    line: int
    left: float
    width: float
    words: str
    at: float
    before: bool


class _Canvas(Struct, frozen=True):
    """How hours become places. `first` is the hour at the left edge."""

    name: str
    first: float

    def x(self, hour: float) -> float:
        return _LEFT + (max(hour, self.first) - self.first) * (_WIDE - _LEFT - _RIGHT) / (24 - self.first)


def figure(timeline: Timeline) -> str:
    """One <svg>, as wide as the page. Its patterns are named after the timeline."""
    canvas = _Canvas(f"t-{escape_html(timeline.name)}", _first_hour(timeline.days))
    rows, y, left_out = [], float(_TOP), 0
    for day in timeline.days:
        left_out = left_out + 1 if day.empty else 0
        if left_out == 1:
            rows.append(_ellipsis(y))
            y += _LINE
        if not day.empty:
            drawn, height = _row(day, canvas, y)
            rows.append(drawn)
            y += height + _GAP
    notes = [*([f"and {timeline.more} days more"] if timeline.more else []), *timeline.notes]
    rows += [text_at(_LEFT, y + 12 + 16 * n, note, _WIDE - _LEFT) for n, note in enumerate(notes)]
    y += 16 * len(notes)
    legend = _legend(_used(timeline.days), canvas, y + 6)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDE} {y + 52:.0f}" width="{_WIDE}" role="img"'
        f' font-family="system-ui,sans-serif" font-size="11" fill="currentColor"><title>{escape_html(timeline.title)}</title>'
        f"<desc>{escape_html(f'A row per day, in the time of {timeline.zone}')}</desc>{_patterns(canvas)}"
        f'<text x="0" y="14" font-size="14" font-weight="bold">{escape_html(cut(timeline.title, _WIDE / 1.3))}</text>'
        f"{_hours(canvas, y - _GAP)}{''.join(rows)}{legend}</svg>"
    )


def _first_hour(days: Iterable[Day]) -> float:
    """Nobody has to look at nights in which nothing begins."""
    earliest = min((bar.start for day in days for bar in day.bars), default=6.0)
    return float(min(6, int(earliest)))


def _used(days: Iterable[Day]) -> list[str]:
    kinds = {str(bar.kind) for day in days for bar in day.bars} | {"away" for day in days if day.away}
    return [kind for kind in _NAMES if kind in kinds]


def _patterns(canvas: _Canvas) -> str:
    line = 'stroke="currentColor" stroke-width="1"'
    return (
        f'<defs><pattern id="{canvas.name}-away" width="7" height="7" patternUnits="userSpaceOnUse">'
        f'<path d="M-1 8L8 -1M-1 1L1 -1M6 8L8 6" {line} stroke-opacity="0.22" fill="none"/></pattern>'
        f'<pattern id="{canvas.name}-block" width="4" height="4" patternUnits="userSpaceOnUse">'
        '<rect width="4" height="4" fill="#2e9e6b" fill-opacity="0.18"/><circle cx="2" cy="2" r="1" fill="currentColor"'
        ' fill-opacity="0.75"/></pattern></defs>'
    )


def _hours(canvas: _Canvas, bottom: float) -> str:
    """The clock along the top, with a line down through the days."""
    hours = range(-int(-canvas.first // 3) * 3, 25, 3)
    drawn = [
        f'<path d="M{canvas.x(hour):.1f} {_TOP - 8}V{bottom:.1f}" stroke="currentColor" stroke-opacity="0.15"/>'
        f'<text x="{canvas.x(hour):.1f}" y="{_TOP - 14}" text-anchor="{"end" if hour == 24 else "middle"}"'
        f' fill-opacity="0.7">{hour}</text>'
        for hour in hours
    ]
    return "".join(drawn)


def _ellipsis(y: float) -> str:
    return f'<text x="{_LEFT - 10}" y="{y + 4:.1f}" text-anchor="end" fill-opacity="0.7">⋮</text>'


# --- a day ------------------------------------------------------------------------------------------------------------


def _row(day: Day, canvas: _Canvas, y: float) -> tuple[str, float]:
    placed = list(_place(day.bars, canvas))
    lines = max([part.line for part in placed], default=0) + 1
    height = float(max(lines * _LINE, 32 if day.where else _LINE))
    parts = [_away(start, end, canvas, y, height) for start, end in day.away]
    parts.append(f'<text x="0" y="{y + 14:.1f}" font-weight="bold">{escape_html(day.words)}</text>')
    if day.where:
        parts.append(text_at(0, y + 27, day.where, _LEFT - 8, size=10))
    parts += [_bar(part, canvas, y) for part in placed]
    return "".join(parts), height


def _away(start: float, end: float, canvas: _Canvas, y: float, height: float) -> str:
    left, right = canvas.x(start), canvas.x(end)
    return _box("away", left, y - 3, right - left, height + 6, canvas)


def _box(kind: str, left: float, top: float, width: float, height: float, canvas: _Canvas) -> str:
    round_ = "" if kind == "away" else ' rx="2"'
    look = _LOOKS[kind].replace("%", canvas.name)
    return f'<rect x="{left:.1f}" y="{top:.1f}" width="{width:.1f}" height="{height:.1f}"{round_} {look}/>'


def _place(bars: Iterable[Bar], canvas: _Canvas) -> Iterator[_Placed]:
    """Each on the first line on which neither it nor its words lie over another; the openings, which need no words, on top."""
    lines: list[list[tuple[float, float]]] = []
    for bar in sorted(bars, key=lambda b: b.kind != "window"):
        left = canvas.x(bar.start)
        width = max(canvas.x(bar.end) - left, 5.0)
        words, before = _label(bar, left, left + width)
        at = left - _AFTER if before else left + width + _AFTER
        begin = at - length_of(words) if before else left
        end = (left + width if before or not words else at + length_of(words)) + _AFTER
        line = next((n for n, there in enumerate(lines) if all(end <= b or e <= begin for b, e in there)), len(lines))
        lines[line : line + 1] = [[*(lines[line] if line < len(lines) else []), (begin, end)]]
        yield _Placed(bar, line, left, width, words, at, before)


def _label(bar: Bar, left: float, right: float) -> tuple[str, bool]:
    """The words, cut to the room there is on the side that has more of it, and whether that is the left one."""
    if bar.kind == "window" or not bar.label:
        return "", False
    words = printable(f"{bar.clock.partition('–')[0]} {bar.label}", _MOST)
    behind, before = _WIDE - right - _AFTER, left - _LEFT - _AFTER
    if length_of(words) <= behind or behind >= before:
        return cut(words, behind), False
    return cut(words, before), True


def _bar(part: _Placed, canvas: _Canvas, y: float) -> str:
    bar, top = part.bar, y + part.line * _LINE + 2
    tall = 9.0 if bar.kind == "window" else 15.0
    told = printable(f"{_NAMES[bar.kind]}: {bar.clock} {bar.label}", 200)
    box = _box(bar.kind, part.left, top + (15 - tall) / 2, part.width, tall, canvas)
    words = text_at(part.at, top + 11.5, part.words, _WIDE, before=part.before) if part.words else ""
    return f"<g><title>{escape_html(told)}</title>{box}{words}</g>"


# --- what is what -----------------------------------------------------------------------------------------------------


def _legend(kinds: Iterable[str], canvas: _Canvas, y: float) -> str:
    parts, x = [], float(_LEFT)
    for kind in kinds:
        needed = 22 + length_of(_NAMES[kind]) + 14
        if x + needed > _WIDE and x > _LEFT:
            x, y = float(_LEFT), y + 18
        tall = 9.0 if kind == "window" else 12.0
        width = 5.0 if kind == "window" else 16.0
        parts.append(
            _box(kind, x, y + (12 - tall) / 2, width, tall, canvas) + text_at(x + width + 5, y + 10, _NAMES[kind], _WIDE)
        )
        x += needed
    return "".join(parts)
