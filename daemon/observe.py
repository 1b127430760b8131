"""One look at the world: every calendar, every autoreply, and what became of the things we put out there. A calendar that cannot
be read contributes its last good reading. Observing changes nothing, neither outside nor in the ledger; `keep` records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

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


@dataclass(frozen=True, slots=True)
class Observation:
    """What was seen at `now`. `unavailable` maps ids of calendars and mailboxes to the reason; `emptied` names calendars that
    suddenly have nothing."""

    now: datetime
    horizon: Interval
    occurrences: tuple[Occurrence, ...]
    problems: tuple[Problem, ...] = ()
    unavailable: Mapping[str, str] = field(default_factory=dict)
    emptied: tuple[str, ...] = ()
    responders: Mapping[str, ResponderReading] = field(default_factory=dict)
    readings: tuple[CalendarReading, ...] = ()

    @property
    def marked(self) -> dict[str, Occurrence]:
        """Occurrences that bear a marker of ours, by effect id."""
        return {o.marker: o for o in self.occurrences if o.marker}


def horizon_at(now: datetime, policy: Policy) -> Interval:
    return Interval(now - LOOK_BACK, now + timedelta(days=policy.service.horizon_days))


@dataclass(slots=True)
class Read:
    """What all calendars say over a horizon. `unavailable` maps calendar ids to the reason; `readings` are the good ones."""

    occurrences: list[Occurrence] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    unavailable: dict[str, str] = field(default_factory=dict)
    readings: list[CalendarReading] = field(default_factory=list)


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
            read.occurrences += _last_good(ledger, calendar_id)
    return read


def observe(policy: Policy, outside: Outside, ledger: Ledger | None, now: datetime) -> Observation:
    """Read everything once. Nothing is recorded: see `keep`."""
    horizon = horizon_at(now, policy)
    read = read_all(outside, ledger, horizon)
    emptied = tuple(r.calendar_id for r in read.readings if ledger is not None and _is_suspicious(ledger, r, policy))
    responders = _read_responders(outside, read.unavailable)
    return Observation(
        now, horizon, tuple(read.occurrences), tuple(read.problems), read.unavailable, emptied, responders, tuple(read.readings)
    )


def keep(ledger: Ledger, seen: Observation) -> None:
    """Keep every good reading as the last good one, unless it is suspiciously empty."""
    for reading in seen.readings:
        if reading.calendar_id not in seen.emptied:
            ledger.keep_reading(reading.calendar_id, reading.entries, reading.occurrences, seen.now)


def _is_suspicious(ledger: Ledger, reading: CalendarReading, policy: Policy) -> bool:
    last = ledger.last_reading(reading.calendar_id)
    return last is not None and is_emptied(last.entries, reading.entries, policy.safety)


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


@dataclass(frozen=True, slots=True)
class Drift:
    """Somebody changed or deleted one of our things. `state` is what it becomes: adopted or tombstone."""

    item: Item
    state: StandingState
    words: str


def find_drift(effects: Mapping[str, Effect], seen: Observation) -> tuple[Drift, ...]:
    """Compare what we wrote with what is there: a deletion leaves a tombstone, an edit is adopted."""
    marked = seen.marked
    found = (_drift(effect, marked, seen) for effect in effects.values() if effect.state == "done")
    return tuple(drift for drift in found if drift is not None)


def _drift(effect: Effect, marked: Mapping[str, Occurrence], seen: Observation) -> Drift | None:
    item = effect.item
    if isinstance(item, BlockItem):
        return _block_drift(item, effect, marked, seen)
    if isinstance(item, HostItem) and _visible(item.key.calendar_id, item.span, seen) and item.id not in marked:
        return Drift(item, "tombstone", f"somebody took our change of “{printable(item.summary, 60)}” back; it stays so")
    if isinstance(item, ResponderItem) and item.mail_id in seen.responders:
        reading = seen.responders[item.mail_id]
        if reading.marker != item.id or (effect.fingerprint and reading.fingerprint != effect.fingerprint):
            return Drift(item, "adopted", "somebody changed the autoreply; theirs stands")
    return None


def _block_drift(item: BlockItem, effect: Effect, marked: Mapping[str, Occurrence], seen: Observation) -> Drift | None:
    if not _visible(item.calendar_id, item.span, seen):
        return None
    there = marked.get(item.id)
    if there is None:
        return Drift(item, "tombstone", f"somebody deleted the {item.purpose} block; it stays away")
    if effect.fingerprint and there.fingerprint != effect.fingerprint:
        return Drift(item, "adopted", f"somebody changed the {item.purpose} block; theirs stands")
    return None


def _visible(calendar_id: str, span: Interval, seen: Observation) -> bool:
    """Whether the calendar was read, and as far as there."""
    return calendar_id not in seen.unavailable and span.overlaps(seen.horizon)
