"""Text inside a drawing: how long it is, cut to the room there is, escaped. SVG neither breaks nor cuts a line by itself."""

from __future__ import annotations

import unicodedata

from rules.page import escape_html
from rules.telling import printable

_LETTER = 5.8  # width of a letter at 11 px, generously


def text_at(x: float, y: float, text: str, room: float, size: int = 11, before: bool = False) -> str:
    """A <text> that begins at `x`, or ends there (`before`)."""
    anchor = ' text-anchor="end"' if before else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}"{anchor}>{escape_html(cut(text, room))}</text>'


def length_of(text: str) -> float:
    """In px at a size of 11."""
    return _LETTER * sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def cut(text: str, room: float) -> str:
    """One line of at most `room` px."""
    line = printable(text, 200)
    while line and length_of(line) > room:
        line = line.removesuffix("…")[:-1].rstrip() + "…" if len(line) > 1 else ""
    return line
