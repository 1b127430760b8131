"""One look at the world: every calendar, every autoreply, and what became of the things we put out there. A calendar that cannot
be read contributes its last good reading. Observing changes nothing outside; what it learns is recorded in the ledger."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from integrations.errors import OutsideError
from integrations.ports import CalendarReading, ResponderReading
from rules.guard import emptied
from rules.interval import Interval
from rules.items import BlockItem, HostItem, ResponderItem
from rules.model import Occurrence, Problem
from rules.policy import Policy

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

    @property
    def marked(self) -> dict[str, Occurrence]:
        """Occurrences that bear a marker of ours, by effect id."""
        return {o.marker: o for o in self.occurrences if o.marker}


def horizon_at(now: datetime, policy: Policy) -> Interval:
    return Interval(now - LOOK_BACK, now + timedelta(days=policy.service.horizon_days))


def observe(policy: Policy, outside: Outside, ledger: Ledger | None, now: datetime) -> Observation:
    """Read everything once. Never raises for one source: the others are read, and the failed one is named."""
    horizon = horizon_at(now, policy)
    occurrences: list[Occurrence] = []
    problems: list[Problem] = []
    unavailable: dict[str, str] = {}
    suddenly_empty: list[str] = []
    for calendar_id, calendar in outside.calendars.items():
        try:
            reading = calendar.read(horizon)
        except OutsideError as error:
            unavailable[calendar_id] = error.what
            occurrences += _last_good(ledger, calendar_id)
            continue
        problems += reading.problems
        if not reading.complete:
            unavailable[calendar_id] = "; ".join(p.because for p in reading.problems) or "it could not be read"
            occurrences += _last_good(ledger, calendar_id)
            continue
        occurrences += reading.occurrences
        if ledger is not None and _note_reading(ledger, reading, policy, now):
            suddenly_empty.append(calendar_id)
    readings = _read_responders(outside, unavailable)
    return Observation(now, horizon, tuple(occurrences), tuple(problems), unavailable, tuple(suddenly_empty), readings)


def _last_good(ledger: Ledger | None, calendar_id: str) -> tuple[Occurrence, ...]:
    last = ledger.last_reading(calendar_id) if ledger else None
    return last.occurrences if last else ()


def _note_reading(ledger: Ledger, reading: CalendarReading, policy: Policy, now: datetime) -> bool:
    """Keep it as the last good one, unless it is suspiciously empty; returns whether it is."""
    last = ledger.last_reading(reading.calendar_id)
    if last and emptied(last.entries, reading.entries, policy.safety):
        return True
    if last is None or last.entries != reading.entries or last.occurrences != reading.occurrences:
        ledger.keep_reading(reading.calendar_id, reading.entries, reading.occurrences, now)
    return False


def _read_responders(outside: Outside, unavailable: dict[str, str]) -> dict[str, ResponderReading]:
    readings: dict[str, ResponderReading] = {}
    for mail_id, responder in outside.responders.items():
        try:
            readings[mail_id] = responder.read()
        except OutsideError as error:
            unavailable[mail_id] = error.what
    return readings


def notice_drift(ledger: Ledger, seen: Observation) -> tuple[str, ...]:
    """Compare what we wrote with what is there: somebody's deletion leaves a tombstone, somebody's edit is adopted. Returns what
    was noticed, in words."""
    noticed = []
    marked = seen.marked
    for effect in ledger.effects().values():
        if effect.state == "done" and (found := _drift(effect, marked, seen)):
            state, words = found
            ledger.settle(effect.item, state, words, seen.now, fingerprint=effect.fingerprint)
            noticed.append(words)
    return tuple(noticed)


def _drift(effect: Effect, marked: Mapping[str, Occurrence], seen: Observation) -> tuple[str, str] | None:
    item = effect.item
    if isinstance(item, BlockItem):
        if item.calendar_id in seen.unavailable or not item.span.overlaps(seen.horizon):
            return None
        there = marked.get(item.id)
        if there is None:
            return "tombstone", f"somebody deleted the {item.purpose} block; it stays away"
        if effect.fingerprint and there.fingerprint != effect.fingerprint:
            return "adopted", f"somebody changed the {item.purpose} block; theirs stands"
    if isinstance(item, HostItem):
        if item.key.calendar_id in seen.unavailable or not item.span.overlaps(seen.horizon):
            return None
        if item.id not in marked:
            return "tombstone", f"somebody took our change of “{item.summary}” back; it stays so"
    if isinstance(item, ResponderItem) and item.mail_id in seen.responders:
        reading = seen.responders[item.mail_id]
        if reading.marker != item.id or (effect.fingerprint and reading.fingerprint != effect.fingerprint):
            return "adopted", "somebody changed the autoreply; theirs stands"
    return None
