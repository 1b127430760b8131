"""Blocks in iCalendar text: an event of ours put in, brought up to date, taken out. It touches no event without our mark, and no
byte beside its own."""

from __future__ import annotations

from datetime import datetime

from integrations.component_draft import (
    Draft,
    Edited,
    checked_marker,
    dump,
    events_of,
    fingerprint_of,
    marker_in,
    opened,
    sequence,
    spliced,
    stamp,
    utc,
    value_of,
)
from integrations.errors import Permanent
from integrations.icalendar_text import Component, Document, Splice, escape, fold, newline_of
from rules.items import BlockItem

PRODUCT = "-//homeward//homeward//EN"


def _block_lines(block: BlockItem) -> list[tuple[str, str]]:
    return [
        ("DTSTART", utc(block.span.start)),
        ("DTEND", utc(block.span.end)),
        ("SUMMARY", escape(block.summary)),
        ("DESCRIPTION", escape(block.description)),
        ("CLASS", "PRIVATE" if block.private else ""),
        ("TRANSP", "OPAQUE"),
        ("X-HOMEWARD", checked_marker(block.id)),
    ]


def _new_block(block: BlockItem, now: datetime, newline: str) -> str:
    head = [("BEGIN", "VEVENT"), ("UID", block.id), ("DTSTAMP", utc(now)), ("SEQUENCE", "0")]
    lines = [*head, *((name, value) for name, value in _block_lines(block) if value), ("END", "VEVENT")]
    return "".join(fold(f"{name}:{value}", newline) for name, value in lines)


def _new_resource(event: str) -> bytes:
    head = "".join(f"{line}\r\n" for line in ("BEGIN:VCALENDAR", "VERSION:2.0", f"PRODID:{PRODUCT}"))
    return f"{head}{event}END:VCALENDAR\r\n".encode()


def put_block(data: bytes | None, block: BlockItem, now: datetime) -> Edited:
    """A new event, or the one of that UID brought up to date. Lines and alarms that somebody added to it stay."""
    checked_marker(block.id)
    if data is None:
        event = _new_block(block, now, "\r\n")
        return _put(_new_resource(event), dump(component=None), event)
    document = opened(data)
    found = events_of(document, block.id)
    if not found:
        event = _new_block(block, now, newline_of(document.text))
        end = _end_of_calendar(document)
        return _put(spliced(document, Splice(end, end, event)), dump(component=None), event)
    return _update_block(document, _ours(document, found, block.id), block, now)


def _put(data: bytes, before: str, event: str) -> Edited:
    return Edited(data, before, dump(component=event), fingerprint_of(event))


def _end_of_calendar(document: Document) -> int:
    """Where a new event goes: before the last END:VCALENDAR."""
    calendars = [root for root in document.roots if root.name == "VCALENDAR" and root.closed]
    if not calendars:
        raise Permanent("This file is not a calendar (no VCALENDAR); homeward does not write into it.")
    return calendars[-1].stop


def _ours(document: Document, found: list[Component], block_id: str) -> Component:
    if len(found) != 1 or marker_in(document, found[0]) != block_id:
        raise Permanent("An event with this identifier is there and is not homeward's; it is left alone.")
    return found[0]


def _update_block(document: Document, component: Component, block: BlockItem, now: datetime) -> Edited:
    old = document.text[component.start : component.end]
    draft = Draft(document, component)
    for name, value in _block_lines(block):
        draft.set(name, [f"{name}:{value}"] if value else [])
    draft.set("DURATION", [])
    before = dump(component=old)
    if draft.render() == old:
        return Edited(document.encode(document.text), before, dump(component=old), fingerprint_of(old), done=True)
    stamp(draft, now, sequence(draft) + 1)
    return _put(spliced(document, Splice(component.start, component.end, draft.render())), before, draft.render())


def delete_block(data: bytes | None, block_id: str) -> Edited:
    """Remove it; where the resource holds nothing else and was made for it, the resource goes as well."""
    if data is None:
        return Edited(None, dump(component=None), done=True)
    document = opened(data)
    found = events_of(document, block_id)
    if not found:
        return Edited(data, dump(component=None), done=True)
    component = _ours(document, found, block_id)
    before = dump(component=document.text[component.start : component.end])
    if _made_for(document, component):
        return Edited(None, before)
    return Edited(spliced(document, Splice(component.start, component.end, "")), before)


def _made_for(document: Document, component: Component) -> bool:
    only = len(document.roots) == 1 and document.roots[0].children == (component,)
    return only and value_of(document, document.roots[0], "PRODID") == PRODUCT
