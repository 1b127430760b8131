"""Changes and items as sentences a person can read aloud. The same words stand in the plan, in the journal and in `log`.
Titles come from calendars: whoever prints these sentences escapes them for where they go (see `printable`)."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from rules.interval import Interval
from rules.items import ALWAYS, BlockItem, HoldItem, HostItem, Item, MailItem, OutOfOfficeItem, ResponderItem, ResponderText
from rules.plan import Change
from rules.policy import LEVEL_WORDS

# What a person is called, by address; who is not in it is told by address.
Names = Mapping[str, str]

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


def in_days(span: Interval, whole: Interval, zone: str) -> str:
    """ "Mon 2 – Fri 6 Nov", its last day included. A time is told only where it begins or ends within a day, and not with
    `whole`."""
    first, last = day(span.start, zone), day(span.end - timedelta(microseconds=1), zone)
    begin = at(span.start, zone) if _in_a_day(span.start, whole, zone) else first
    end = at(span.end, zone) if _in_a_day(span.end, whole, zone) else last
    if (begin, end) != (first, last):
        return f"{begin} – {end}"
    month = f" {last.rpartition(' ')[2]}"
    return last if first == last else f"{first.removesuffix(month)} – {last}"


def _in_a_day(moment: datetime, whole: Interval, zone: str) -> bool:
    return moment not in (whole.start, whole.end) and moment.astimezone(ZoneInfo(zone)).time() != time()


def hours(amount: float) -> str:
    """ "4 h", "1.5 h", "20 min"."""
    return f"{amount * 60:.0f} min" if 0 < amount < 1 else f"{amount:.3g} h"


def listed(words: Sequence[str]) -> str:
    """ "Ana", "Ana and Ben", "Ana, Ben and Carla"."""
    return " and ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)


# --- things -----------------------------------------------------------------------------------------------------------


def tell_reply(item: ResponderItem, zone: str) -> str:
    """From when to when the autoreply answers, and whom: "from Mon … to Sat …, for colleagues"."""
    return f"{_from_to(item.span, zone)}, for {listed([_AUDIENCES[text.audience] for text in item.texts])}"


_BLOCK_WORDS = {
    "make-up": "family time",
    "wrap-up": "the wrap-up before you leave",
    "re-entry": "the first hour back without mail",
    "debrief": "the debrief",
    "mentor": "the mentor's time",
    "out-of-office": "the time you are away",
}
_HOLD_WORDS = {
    "client": "Hold the inbox, three windows a day,",
    "server": "Let the mail server hold the inbox, three windows a day,",
    "sync": "Fetch mail in three windows a day only,",
}
_AUDIENCES = {"internal": "colleagues", "known": "people you know", "unknown": "strangers"}
_MAIL_WORDS = {
    "ask": "the request",
    "withdrawn": "the note that the request is withdrawn",
    "brief": "the brief",
    "digest": "the digest",
    "mentor": "the introduction",
    "coaching": "the coaching reply",
}


def _meeting(item: HostItem, zone: str) -> str:
    return f"“{printable(item.summary, 60)}” on {stretch(item.span, zone)}"


def _size(blocks: Sequence[BlockItem]) -> str:
    """The length, and where it stands."""
    calendars = sorted({printable(block.calendar_id, 40) for block in blocks})
    length = blocks[0].span.length.total_seconds() / 3600
    return f"({hours(length)}, calendar{'s' if len(calendars) > 1 else ''} {listed(calendars)})"


def _from_to(span: Interval, zone: str) -> str:
    if span == ALWAYS:
        return "always"
    return f"from {at(span.start, zone)} to {at(span.end, zone)}"


def _due(item: MailItem, zone: str) -> str:
    return f" on {at(item.due, zone)}" if item.due else ""


def _people(addresses: Sequence[str], names: Names | None) -> str:
    return listed([printable((names or {}).get(address, address)) for address in addresses])


# --- changes ----------------------------------------------------------------------------------------------------------


def together(changes: Iterable[Change]) -> tuple[tuple[Change, ...], ...]:
    """The changes in their order, each in a group of those that are told in one sentence: the same hours on several calendars."""
    groups: dict[object, list[Change]] = {}
    for change in changes:
        groups.setdefault(_alike(change), []).append(change)
    return tuple(tuple(group) for group in groups.values())


def _alike(change: Change) -> object:
    if not isinstance(change.item, BlockItem):
        return change.id
    hours_of = [side.span if isinstance(side, BlockItem) else None for side in (change.before, change.after)]
    return (change.absence_id, change.action, change.item.purpose, *hours_of)


def tell(change: Change, zone: str, names: Names | None = None) -> str:
    """The change as a sentence without its reason: "Ask Ana to host …", "Move family time …", "Take back …"."""
    return tell_together((change,), zone, names)


def tell_together(group: Sequence[Change], zone: str, names: Names | None = None) -> str:
    """One sentence for one of the groups of `together`."""
    change, item = group[0], group[0].item
    if isinstance(item, HostItem):
        return _tell_host(change, item, zone)
    if isinstance(item, BlockItem):
        return _tell_block(group, item, zone)
    if isinstance(item, MailItem):
        return _tell_mail(change, item, zone, names)
    return _tell_state(change, item, zone)


def _tell_host(change: Change, item: HostItem, zone: str) -> str:
    what, name, before = _meeting(item, zone), printable(item.host_name), change.before
    if change.action == "delete":
        return f"Give {what} back to you (was {name})"
    if item.state == "accepted":
        return f"Hand {what} to {name}, who accepted"
    if isinstance(before, HostItem) and before.host != item.host:
        return f"Ask {name} instead of {printable(before.host_name)} to host {what}"
    return f"Ask {name} to host {what}"


def _tell_out_of_office(change: Change, item: OutOfOfficeItem, zone: str) -> str:
    where, before = f"in Google Calendar ({printable(item.calendar_id, 40)})", change.before
    if change.action == "delete":
        return f"Remove the out-of-office entry {_from_to(item.span, zone)} {where}"
    if isinstance(before, OutOfOfficeItem) and before.span != item.span:
        return f"Keep the out-of-office entry {where} {_instead(before.span, item.span, zone)}"
    return f"Show you as out of office {where} {_from_to(item.span, zone)}; {_DECLINED[item.declines]}"


_DECLINED = {
    "none": "Google declines nothing",
    "new": "Google declines new invitations at that time, and nothing that you organize",
    "all": "Google declines all invitations at that time, and nothing that you organize",
}


def _tell_block(group: Sequence[Change], item: BlockItem, zone: str) -> str:
    if isinstance(item, OutOfOfficeItem):
        return _tell_out_of_office(group[0], item, zone)
    words, before = _BLOCK_WORDS[item.purpose], group[0].before
    size = _size([change.item for change in group if isinstance(change.item, BlockItem)])
    if group[0].action == "delete":
        return f"Remove {words} on {stretch(item.span, zone)} {size}"
    if isinstance(before, BlockItem) and before.span != item.span:
        return f"Move {words} from {stretch(before.span, zone)} to {stretch(item.span, zone)} {size}"
    again = " again" if before is not None else ""
    return f"Block {stretch(item.span, zone)} for {words}{again} {size}"


def _tell_mail(change: Change, item: MailItem, zone: str, names: Names | None) -> str:
    what, to, before = _MAIL_WORDS[item.purpose], _people(item.to, names), change.before
    if change.action == "delete":
        return f"Do not send {what}{_due(item, zone)} to {to}"
    if isinstance(before, MailItem) and before.due and item.due and before.due != item.due:
        return f"Send {what}{_due(item, zone)} instead of {at(before.due, zone)} to {to}"
    return f"Send {what}{_due(item, zone)} to {to}"


def _tell_state(change: Change, item: HoldItem | ResponderItem, zone: str) -> str:
    hold, before = isinstance(item, HoldItem), change.before
    if change.action == "delete":
        return _ENDED[hold]
    if isinstance(before, HoldItem | ResponderItem) and before.span != item.span:
        return f"Keep {_SHORT[hold]} {_instead(before.span, item.span, zone)}"
    if isinstance(item, HoldItem):
        return f"{_HOLD_WORDS[item.mode]} {_from_to(item.span, zone)}"
    return f"{'Rewrite' if before else 'Set'} the autoreply {tell_reply(item, zone)}"


# Whether it is the hold: what is said when it ends, and the short word for it.
_ENDED = {
    True: "Stop holding the inbox and release everything held",
    False: "Switch homeward's autoreply off and put back what was there before",
}
_SHORT = {True: "the inbox held", False: "the autoreply on"}


def _instead(before: Interval, after: Interval, zone: str) -> str:
    if before.start == after.start:
        return f"until {at(after.end, zone)} instead of {at(before.end, zone)}"
    if before.end == after.end:
        return f"from {at(after.start, zone)} instead of {at(before.start, zone)}"
    return f"{_from_to(after, zone)} instead of {at(before.start, zone)} to {at(before.end, zone)}"


def details(item: Item, names: Names | None = None) -> tuple[str, ...]:
    """Further lines for whoever wants to know more: decision level, texts, next in the chain."""
    if isinstance(item, HostItem):
        chain = (f"if they decline: {_people(item.chain, names)}",) if item.chain else ()
        pair = (f"together with {printable(item.paired_with)}",) if item.paired_with else ()
        return (*map(printable, item.lines), *pair, *chain)
    if isinstance(item, ResponderItem):
        return tuple(line for text in item.texts for line in _letter(text))
    return ()


def _letter(text: ResponderText) -> Iterator[str]:
    """The subject, then the lines."""
    yield f"to {_AUDIENCES[text.audience]}: “{printable(text.subject)}”"
    for line in text.body.splitlines():
        if line.strip():
            yield f"  {printable(line, 100)}"


def level(number: int) -> str:
    """The decision level in words: "4, decide, then tell"."""
    return f"{number}, {LEVEL_WORDS[number]}"
