"""The family balance as the ledger has it: what trips owe, what was placed, kept and broken. It only reads."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from daemon.ledger import Effect, Ledger
from rules.balance import BlockState, FamilyBlock, TripBalance
from rules.items import BlockItem
from rules.makeup import Balance, Record, Sums, balance


def balance_of(ledger: Ledger, now: datetime) -> Balance:
    """Over all absences that homeward knows of."""
    return balance([*_owed(ledger), *_blocks(ledger, now)])


def trips_of(ledger: Ledger, now: datetime, zone: str) -> tuple[TripBalance, ...]:
    """Every absence that owes or has owed anything, by its return. Where its times are forgotten, by when its debt was noted."""
    sums, debts = balance_of(ledger, now).by_absence, ledger.owed()
    known = {absence.id: absence for absence in ledger.absences()}
    blocks = _family_blocks(ledger)
    found: list[tuple[datetime, TripBalance]] = []
    for absence_id, debt in debts.items():
        moment = known[absence_id].span.end if absence_id in known else debt.at
        year = moment.astimezone(ZoneInfo(zone)).year
        found.append(
            (moment, TripBalance(absence_id, debt.title, year, sums.get(absence_id, Sums()), tuple(blocks.get(absence_id, ()))))
        )
    return tuple(trip for _, trip in sorted(found, key=lambda pair: (pair[0], pair[1].absence_id)))


def _owed(ledger: Ledger) -> Iterator[Record]:
    for absence_id, debt in ledger.owed().items():
        yield Record(absence_id, debt.at, "owed", debt.hours)


def _blocks(ledger: Ledger, now: datetime) -> Iterator[Record]:
    """One per ordinal: the same hours stand on the leader's calendar and on the family's."""
    for _, item, state in _counted(ledger):
        yield Record(item.absence_id, min(item.span.end, now), state, item.span.length.total_seconds() / 3600, item.ordinal)


def _family_blocks(ledger: Ledger) -> dict[str, list[FamilyBlock]]:
    """By absence id, in their order."""
    by_ordinal: dict[tuple[str, str], list[tuple[Effect, BlockItem, BlockState]]] = {}
    for counted in _counted(ledger):
        by_ordinal.setdefault((counted[1].absence_id, counted[1].ordinal), []).append(counted)
    found: dict[str, list[FamilyBlock]] = {}
    for same in sorted(by_ordinal.values(), key=lambda found: found[-1][1].span.start):
        _, item, state = same[-1]
        block = FamilyBlock(tuple(each.id for _, each, _ in same), item.span, state)
        found.setdefault(item.absence_id, []).append(block)
    return found


def _counted(ledger: Ledger) -> Iterator[tuple[Effect, BlockItem, BlockState]]:
    """Those that stand, and those of which it is known what became of them."""
    outcomes = ledger.block_outcomes()
    for effect_id, effect in ledger.effects().items():
        item, kept = effect.item, outcomes.get(effect_id)
        if isinstance(item, BlockItem) and item.purpose == "make-up" and not (effect.state == "tombstone" and kept is None):
            yield effect, item, "placed" if kept is None else "kept" if kept else "broken"
