"""One look at the world: every calendar, every autoreply, and what became of the things we put out there. A calendar that cannot
be read contributes its last good reading. Observing changes nothing, neither outside nor in the ledger; `keep` records."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal

from msgspec import Struct, field
from msgspec.structs import replace

from integrations.errors import OutsideError
from integrations.ports import CalendarReading, ResponderReading
from rules.guard import emptied as is_emptied
from rules.interval import Interval
from rules.items import BlockItem, HostItem, Item, ResponderItem
from rules.model import Occurrence, Problem
from rules.plan import StandingState
from rules.policy import Policy
from rules.telling import printable

if TYPE_CHECKING:
    from daemon.ledger import Effect, Ledger
    from daemon.outside import Outside

# What lies behind us still matters: the family balance looks back over the make-up period, a trip in progress began before today.
LOOK_BACK = timedelta(days=45)


class Observation(Struct, frozen=True):
    """What was seen at `now`. `unavailable` maps ids of calendars and mailboxes to the reason; `emptied` names calendars that
    suddenly have nothing: their last good reading stands where they are `distrusted`."""

    now: datetime
    horizon: Interval
    occurrences: tuple[Occurrence, ...]
    problems: tuple[Problem, ...] = ()
    unavailable: Mapping[str, str] = field(default_factory=dict)
    emptied: tuple[str, ...] = ()
    responders: Mapping[str, ResponderReading] = field(default_factory=dict)
    readings: tuple[CalendarReading, ...] = ()
    distrusted: bool = False

    @property
    def marked(self) -> dict[str, Occurrence]:
        """Occurrences that bear a marker of ours, by effect id."""
        return {o.marker: o for o in self.occurrences if o.marker}


def horizon_at(now: datetime, policy: Policy) -> Interval:
    return Interval(now - LOOK_BACK, now + timedelta(days=policy.service.horizon_days))


class Read(Struct):
    """What all calendars say over a horizon. `unavailable` maps calendar ids to the reason; `readings` are the good ones, less
    those of `emptied` calendars."""

    occurrences: list[Occurrence] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    unavailable: dict[str, str] = field(default_factory=dict)
    readings: list[CalendarReading] = field(default_factory=list)
    emptied: list[str] = field(default_factory=list)


def read_all(outside: Outside, ledger: Ledger | None, horizon: Interval) -> Read:
    """Never raises for one calendar: the others are read, and the failed one is named and contributes its last good reading."""
    read = Read()
    for calendar_id, calendar in outside.calendars.items():
        try:
            reading = calendar.read(horizon)
        except OutsideError as error:
            reading = CalendarReading(calendar_id, (), (Problem(calendar_id, calendar_id, error.what),), complete=False)
        read.problems += reading.problems
        if reading.complete:
            read.occurrences += reading.occurrences
            read.readings.append(reading)
        else:
            read.unavailable[calendar_id] = "; ".join(p.because for p in reading.problems) or "it could not be read"
            read.occurrences += _last_good(ledger, calendar_id) or reading.occurrences
    return read


Emptiness = Literal["shown", "distrusted", "accepted"]
"""What to make of a calendar that suddenly has nothing: show what would follow, go on as if nothing had happened, or take it as
the truth, since the user says so."""


def observe(
    policy: Policy, outside: Outside, ledger: Ledger | None, now: datetime, emptiness: Emptiness = "shown"
) -> Observation:  # fmt: skip
    """Read everything once. Nothing is recorded: see `keep`."""
    horizon = horizon_at(now, policy)
    read = read_all(outside, ledger, horizon)
    if ledger is not None and emptiness != "accepted":
        _set_aside(read, ledger, policy, emptiness)
    responders = _read_responders(outside, read.unavailable)
    return Observation(
        now, horizon, tuple(read.occurrences), tuple(read.problems), read.unavailable, tuple(read.emptied), responders,
        tuple(read.readings), emptiness == "distrusted",
    )  # fmt: skip


def _set_aside(read: Read, ledger: Ledger, policy: Policy, emptiness: Emptiness) -> None:
    """An empty reading that is hard to believe is never the last good one."""
    read.emptied = [r.calendar_id for r in read.readings if _is_suspicious(ledger, r, policy)]
    read.readings = [r for r in read.readings if r.calendar_id not in read.emptied]
    if emptiness == "distrusted":
        for calendar_id in read.emptied:
            read.unavailable[calendar_id] = "it had many entries and now has none"
            read.occurrences += _last_good(ledger, calendar_id)


def keep(ledger: Ledger, seen: Observation) -> None:
    """Keep every good reading as the last good one."""
    for reading in seen.readings:
        ledger.keep_reading(reading.calendar_id, reading.entries, reading.occurrences, seen.now)


def _is_suspicious(ledger: Ledger, reading: CalendarReading, policy: Policy) -> bool:
    last = ledger.last_entries(reading.calendar_id)
    return last is not None and is_emptied(last, reading.entries, policy.safety)


def _last_good(ledger: Ledger | None, calendar_id: str) -> tuple[Occurrence, ...]:
    last = ledger.last_reading(calendar_id) if ledger else None
    return last.occurrences if last else ()


def _read_responders(outside: Outside, unavailable: dict[str, str]) -> dict[str, ResponderReading]:
    readings: dict[str, ResponderReading] = {}
    for mail_id, responder in outside.responders.items():
        try:
            readings[mail_id] = responder.read()
        except OutsideError as error:
            unavailable[mail_id] = error.what
    return readings


class Drift(Struct, frozen=True):
    """Somebody changed or deleted one of our things. `state` is what it becomes: adopted or tombstone."""

    item: Item
    state: StandingState
    words: str


def find_drift(effects: Mapping[str, Effect], seen: Observation) -> tuple[Drift, ...]:
    """Compare what we wrote with what is there: a deletion leaves a tombstone, an edit is adopted, and what somebody put back is
    there again."""
    marked = seen.marked
    found = (_drift(effect, marked, seen) for effect in effects.values())
    return tuple(drift for drift in found if drift is not None)


def _drift(effect: Effect, marked: Mapping[str, Occurrence], seen: Observation) -> Drift | None:
    item = effect.item
    if isinstance(item, BlockItem):
        return _block_drift(item, effect, marked.get(item.id), seen)
    if isinstance(item, HostItem):
        return _host_drift(item, effect, marked.get(item.id), seen)
    if isinstance(item, ResponderItem) and effect.state == "done" and item.mail_id in seen.responders:
        reading = seen.responders[item.mail_id]
        if reading.marker != item.id or (effect.fingerprint and reading.fingerprint != effect.fingerprint):
            return Drift(item, "adopted", "somebody changed the autoreply; theirs stands")
    return None


def _host_drift(item: HostItem, effect: Effect, there: Occurrence | None, seen: Observation) -> Drift | None:
    title = f"“{printable(item.summary, 60)}”"
    if effect.state == "done" and there is None and _is_gone(item.key.calendar_id, item.key.uid, item.span, seen):
        return Drift(item, "tombstone", f"somebody took our change of {title} back; it stays so")
    if effect.state == "tombstone" and there is not None:
        return Drift(item, "done", f"our change of {title} is there again")
    return None


def _block_drift(item: BlockItem, effect: Effect, there: Occurrence | None, seen: Observation) -> Drift | None:
    """The item of an adopted block says where it is now."""
    if there is None:
        gone = effect.state in ("done", "adopted") and _is_gone(item.calendar_id, item.id, item.span, seen)
        return Drift(item, "tombstone", f"somebody deleted the {item.purpose} block; it stays away") if gone else None
    edited = bool(effect.fingerprint) and there.fingerprint != effect.fingerprint
    now = replace(item, span=there.span)
    if (effect.state == "done" and edited) or (effect.state == "adopted" and not _same_time(now.span, item.span)):
        return Drift(now, "adopted", f"somebody changed the {item.purpose} block; theirs stands")
    if effect.state == "tombstone":
        return Drift(now, "adopted", f"the {item.purpose} block is there again; it stays as it is")
    return None


def _same_time(one: Interval, other: Interval) -> bool:
    return (one.start, one.end) == (other.start, other.end)


def _is_gone(calendar_id: str, uid: str, span: Interval, seen: Observation) -> bool:
    """Whether the calendar was read as far as there, and nothing in it that could not be read might be the thing. What lies
    behind us may be tidied away: it happened all the same."""
    unread = calendar_id in seen.unavailable or calendar_id in seen.emptied
    if unread or span.end <= seen.now or not span.overlaps(seen.horizon):
        return False
    return not _is_doubtful(calendar_id, uid, seen)


def _is_doubtful(calendar_id: str, uid: str, seen: Observation) -> bool:
    """Whether the event may be in what could not be read of its calendar (a file that is being written, say)."""
    broken = any(problem.calendar_id == calendar_id for problem in seen.problems)
    return broken and not any((o.key.calendar_id, o.key.uid) == (calendar_id, uid) for o in seen.occurrences)


def unseen(item: Item, seen: Observation) -> bool:
    """Whether a thing of ours may stand where we cannot see it now."""
    if isinstance(item, HostItem):
        calendar_id, uid = item.key.calendar_id, item.key.uid
    elif isinstance(item, BlockItem):
        calendar_id, uid = item.calendar_id, item.id
    else:
        return False
    return calendar_id in seen.unavailable or _is_doubtful(calendar_id, uid, seen)
