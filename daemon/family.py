"""The family balance as the ledger has it: what trips owe, what was placed, kept and broken. It only reads."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Literal

from daemon.ledger import Ledger
from rules.items import BlockItem
from rules.makeup import Balance, Record, balance


def balance_of(ledger: Ledger, now: datetime) -> Balance:
    """Over all absences that homeward knows of."""
    return balance([*_owed(ledger), *_blocks(ledger, now)])


def _owed(ledger: Ledger) -> Iterator[Record]:
    for absence_id, debt in ledger.owed().items():
        yield Record(absence_id, debt.at, "owed", debt.hours)


def _blocks(ledger: Ledger, now: datetime) -> Iterator[Record]:
    """One per ordinal: the same hours stand on the leader's calendar and on the family's."""
    outcomes = ledger.block_outcomes()
    for effect_id, effect in ledger.effects().items():
        item = effect.item
        kept = outcomes.get(effect_id)
        if not isinstance(item, BlockItem) or item.purpose != "make-up" or (effect.state == "tombstone" and kept is None):
            continue
        state: Literal["placed", "kept", "broken"] = "placed" if kept is None else "kept" if kept else "broken"
        length = (item.span.end - item.span.start).total_seconds() / 3600
        yield Record(item.absence_id, min(item.span.end, now), state, length, item.ordinal)
