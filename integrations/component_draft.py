"""The parts that edits of iCalendar text are made of: one component as a draft of lines, where lines that nobody sets keep their
bytes, folding included; finding components; stamping; and the opaque records. It knows nothing of hosts or blocks."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from msgspec import Struct

from integrations.errors import Permanent
from integrations.events import lines_of
from integrations.icalendar_text import (
    MAX_EVENTS,
    Component,
    Document,
    Property,
    Splice,
    fold,
    newline_of,
    parse,
    parse_line,
    properties,
    splice,
    split_lines,
)
from integrations.icalendar_values import written_time
from integrations.occurrences import fingerprint, marker_of, person

_MARKER = re.compile(r"[A-Za-z0-9.-]{1,200}\Z")

# What programs rewrite by themselves; no sign that somebody edited anything.
RESTLESS = frozenset({"DTSTAMP", "LAST-MODIFIED", "CREATED", "SEQUENCE"})


class _Piece(Struct):
    """A logical line or a whole child component. `prop` is None where it is no property of the component's own."""

    raw: str
    prop: Property | None


def content_line(prop: Property) -> str:
    return f"{prop.name}{prop.parameters}:{prop.value}"


def key_of(prop: Property) -> str:
    """What a line is compared by with the same line of another version: its name, for an attendee with the address."""
    return f"ATTENDEE {person(prop).address}" if prop.name == "ATTENDEE" else prop.name


class Draft:
    """A component's text as pieces. `render` without any change gives the same text back."""

    def __init__(self, document: Document, component: Component) -> None:
        self.newline = newline_of(document.text)
        self._pieces = list(_pieces(document, component))

    @classmethod
    def of(cls, text: str, newline: str | None = None) -> Draft:
        """From the text of one component alone."""
        document = parse(text.encode("utf-8", "surrogateescape"))
        draft = cls(document, document.roots[0])
        draft.newline = newline or draft.newline
        return draft

    def render(self) -> str:
        return "".join(piece.raw for piece in self._pieces)

    def properties(self) -> Iterator[Property]:
        return (piece.prop for piece in self._pieces if piece.prop)

    def first(self, name: str) -> Property | None:
        return next((prop for prop in self.properties() if prop.name == name), None)

    def attendee(self, address: str) -> Property | None:
        return next((p for p in self.properties() if p.name == "ATTENDEE" and person(p).address == address), None)

    def children(self) -> str:
        return "".join(piece.raw for piece in self._pieces[1:-1] if piece.prop is None)

    def by_key(self) -> dict[str, list[str]]:
        """Content lines under their key, in order; what programs stamp by themselves is left out."""
        found: dict[str, list[str]] = {}
        for prop in self.properties():
            if prop.name not in RESTLESS and not prop.name.startswith("X-MOZ-"):
                found.setdefault(key_of(prop), []).append(content_line(prop))
        return found

    def set(self, key: str, lines: list[str]) -> None:
        """The lines under `key` become these content lines. Lines that say the same already keep their bytes."""
        places = [n for n, piece in enumerate(self._pieces) if piece.prop and key_of(piece.prop) == key]
        if [content_line(prop) for n in places if (prop := self._pieces[n].prop)] == lines:
            return
        at = places[0] if places else self._tail()
        for number in reversed(places):
            del self._pieces[number]
        self._pieces[at:at] = [_Piece(fold(line, self.newline), parse_line(line)) for line in lines]

    def put(self, name: str, value: str, written: str = "") -> None:
        self.set(name, [f"{name}{written}:{value}"])

    def _tail(self) -> int:
        """Where a new property goes: behind the last one, which is before the alarms in most files."""
        return max((n for n, piece in enumerate(self._pieces) if piece.prop), default=0) + 1


def _pieces(document: Document, component: Component) -> Iterator[_Piece]:
    text, at = document.text, component.body
    yield _Piece(text[component.start : component.body], None)
    for child in component.children:
        yield from _line_pieces(document, at, child.start)
        yield _Piece(text[child.start : child.end], None)
        at = child.end
    yield from _line_pieces(document, at, component.stop)
    yield _Piece(text[component.stop : component.end], None)


def _line_pieces(document: Document, start: int, stop: int) -> Iterator[_Piece]:
    for first, last, prop in split_lines(document, start, stop):
        yield _Piece(document.text[first:last], prop)


# --- what all edits share ---------------------------------------------------------------------------------------------


def opened(data: bytes) -> Document:
    """Permanent where changing one event would change other bytes, too."""
    document = parse(data)
    if document.truncated:
        raise Permanent("This calendar file breaks off before its end; homeward does not write into it.")
    if document.crowded:
        raise Permanent(f"This calendar file has more than {MAX_EVENTS:,} events; homeward does not write into it.")
    if not document.editable or document.encode(document.text) != data:
        raise Permanent("This calendar file has an encoding that homeward cannot write without changing it.")
    return document


def events_in(component: Component) -> Iterator[Component]:
    if component.name == "VEVENT":
        yield component
    else:
        for child in component.children:
            yield from events_in(child)


def events_of(document: Document, uid: str) -> list[Component]:
    """All components of one UID, in order."""
    every = (event for root in document.roots for event in events_in(root))
    return [event for event in every if value_of(document, event, "UID") == uid]


def value_of(document: Document, component: Component, name: str) -> str:
    return next((prop.value.strip() for prop in properties(document, component) if prop.name == name), "")


def marker_in(document: Document, component: Component) -> str:
    return marker_of(value_of(document, component, "X-HOMEWARD"))


def spliced(document: Document, change: Splice) -> bytes:
    return document.encode(splice(document.text, [change]))


def checked_marker(marker: str) -> str:
    if not _MARKER.match(marker):
        raise Permanent("A mark of homeward's may hold only letters, digits, points and hyphens.")
    return marker


def utc(moment: datetime) -> str:
    return written_time(moment.astimezone(UTC)) + "Z"


def dump(**facts: Any) -> str:
    return json.dumps({"v": 1, **facts}, sort_keys=True)


def load(text: str) -> dict[str, Any]:
    """Permanent where the ledger gives back something that this version did not write."""
    try:
        facts = json.loads(text)
    except ValueError:
        facts = None
    if not isinstance(facts, dict) or facts.get("v") != 1:
        raise Permanent("What was recorded about this change cannot be read; nothing was touched.")
    return facts


def fingerprint_of(text: str) -> str:
    """Of one component's text, as the reader will compute it."""
    document = parse(text.encode("utf-8", "surrogateescape"))
    return fingerprint(lines_of(document, document.roots[0]))


def sequence(draft: Draft) -> int:
    """SEQUENCE as written in the text; 0 where it is missing or no number."""
    found = draft.first("SEQUENCE")
    value = found.value.strip() if found else ""
    return int(value) if re.fullmatch(r"[0-9]{1,9}", value) else 0


def stamp(draft: Draft, now: datetime, number: int) -> None:
    draft.put("SEQUENCE", str(number))
    draft.put("DTSTAMP", utc(now))
    draft.put("LAST-MODIFIED", utc(now))


class Edited(Struct, frozen=True):
    """`data` is the whole resource as it is to be, None where it is to go. The rest is for Prepared and Receipt."""

    data: bytes | None
    before: str
    after: str = ""
    fingerprint: str = ""
    done: bool = False
    theirs: tuple[str, ...] = ()
