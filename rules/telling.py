"""Changes and items as sentences a person can read aloud. The same words stand in the plan, in the journal and in `log`.
Titles come from calendars: whoever prints these sentences escapes them for where they go (see `printable`)."""

from __future__ import annotations

import unicodedata
from datetime import datetime
from zoneinfo import ZoneInfo

from rules.interval import Interval
from rules.items import ALWAYS, BlockItem, HoldItem, HostItem, Item, MailItem, ResponderItem
from rules.plan import Change
from rules.policy import LEVEL_WORDS

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def printable(text: str, most: int = 120) -> str:
    """One line without control, direction-changing or invisible characters, at most `most` characters: safe on a terminal."""
    kept = "".join(c if unicodedata.category(c)[0] != "C" else " " for c in text)
    line = " ".join(kept.split())
    return line if len(line) <= most else line[: most - 1] + "…"


def day(moment: datetime, zone: str) -> str:
    local = moment.astimezone(ZoneInfo(zone))
    return f"{_DAYS[local.weekday()]} {local.day} {_MONTHS[local.month - 1]}"


def at(moment: datetime, zone: str) -> str:
    return f"{day(moment, zone)} {moment.astimezone(ZoneInfo(zone)):%H:%M}"


def stretch(span: Interval, zone: str) -> str:
    """ "Mon 7 Dec 13:00–17:00", or both days where they differ."""
    end = span.end.astimezone(ZoneInfo(zone))
    if day(span.start, zone) == day(span.end, zone):
        return f"{at(span.start, zone)}–{end:%H:%M}"
    return f"{at(span.start, zone)} – {at(span.end, zone)}"


def hours(amount: float) -> str:
    """ "4 h", "1.5 h", "20 min"."""
    return f"{amount * 60:.0f} min" if 0 < amount < 1 else f"{amount:.3g} h"


def tell_item(item: Item, zone: str) -> str:
    """What the item is, as the object of a sentence."""
    if isinstance(item, HostItem):
        return f"{printable(item.host_name)} hosts “{printable(item.summary, 60)}” on {stretch(item.span, zone)}"
    if isinstance(item, BlockItem):
        length = item.span.length.total_seconds() / 3600
        return f"{_BLOCK_WORDS[item.purpose]} on {stretch(item.span, zone)} ({hours(length)}, calendar {item.calendar_id})"
    if isinstance(item, ResponderItem):
        return f"autoreply from {at(item.span.start, zone)} to {at(item.span.end, zone)}, for {_audiences(item)}"
    if isinstance(item, HoldItem) and item.span == ALWAYS:
        return f"inbox {_HOLD_WORDS[item.mode]} always"
    if isinstance(item, HoldItem):
        return f"inbox {_HOLD_WORDS[item.mode]} from {at(item.span.start, zone)} to {at(item.span.end, zone)}"
    return f"{_MAIL_WORDS[item.purpose]} to {', '.join(map(printable, item.to))}" + (
        f", {at(item.due, zone)}" if item.due else ""
    )


_BLOCK_WORDS = {
    "make-up": "family time",
    "wrap-up": "wrap-up before leaving",
    "re-entry": "first hour back, before mail",
    "debrief": "debrief",
    "mentor": "mentor's time",
}
_HOLD_WORDS = {
    "client": "held, three windows a day,",
    "server": "held by the mail server, three windows a day,",
    "sync": "synchronised only in the windows",
}
_MAIL_WORDS = {
    "ask": "request",
    "withdrawn": "note that the request is withdrawn",
    "brief": "brief",
    "digest": "digest",
    "mentor": "introduction",
    "coaching": "coaching reply",
}


def _audiences(item: ResponderItem) -> str:
    names = {"internal": "colleagues", "known": "people you know", "unknown": "strangers"}
    return " and ".join(names[text.audience] for text in item.texts)


def tell(change: Change, zone: str) -> str:
    """The change as a sentence without its reason: "Ask Ana to host …", "Move family time …", "Take back …"."""
    if change.action == "delete":
        return _tell_delete(change.item, zone)
    item = change.item
    if isinstance(item, HostItem):
        return _tell_host(change, item, zone)
    if change.action == "update" and change.before is not None:
        return _tell_update(change.before, item, zone)
    if isinstance(item, MailItem):
        return f"Send {tell_item(item, zone)}"
    verb = {BlockItem: "Block", ResponderItem: "Set", HoldItem: "Keep"}[type(item)]
    return f"{verb} {tell_item(item, zone)}"


def _tell_host(change: Change, item: HostItem, zone: str) -> str:
    what = f"“{printable(item.summary, 60)}” on {stretch(item.span, zone)}"
    if item.state == "accepted":
        return f"Hand {what} to {printable(item.host_name)}, who accepted"
    before = change.before
    if isinstance(before, HostItem) and before.host != item.host:
        return f"Ask {printable(item.host_name)} instead of {printable(before.host_name)} to host {what}"
    return f"Ask {printable(item.host_name)} to host {what}"


def _tell_update(before: Item, after: Item, zone: str) -> str:
    if isinstance(before, BlockItem) and isinstance(after, BlockItem) and before.span != after.span:
        return f"Move {tell_item(before, zone)} to {stretch(after.span, zone)}"
    return f"Change to: {tell_item(after, zone)}"


def _tell_delete(item: Item, zone: str) -> str:
    if isinstance(item, HostItem):
        return f"Give “{printable(item.summary, 60)}” on {stretch(item.span, zone)} back to you (was {printable(item.host_name)})"
    if isinstance(item, ResponderItem):
        return "Switch homeward's autoreply off and put back what was there before"
    if isinstance(item, HoldItem):
        return "Stop holding the inbox and release everything held"
    if isinstance(item, MailItem):
        return f"Do not send the {tell_item(item, zone)}"
    return f"Remove {tell_item(item, zone)}"


def details(item: Item) -> tuple[str, ...]:
    """Further lines for whoever wants to know more: decision level, texts, next in the chain."""
    if isinstance(item, HostItem):
        chain = (f"if they decline: {', '.join(map(printable, item.chain))}",) if item.chain else ()
        pair = (f"together with {printable(item.paired_with)}",) if item.paired_with else ()
        return (*map(printable, item.lines), *pair, *chain)
    if isinstance(item, ResponderItem):
        return tuple(
            f"{text.audience}: {printable(text.subject)} — {printable(line, 100)}"
            for text in item.texts
            for line in text.body.splitlines()
            if line.strip()
        )
    return ()


def level(number: int) -> str:
    """The decision level in words: "4, decide, then tell"."""
    return f"{number}, {LEVEL_WORDS[number]}"
