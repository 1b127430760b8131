"""Every effect on the outside: the intent before, the outcome after, and what was there before us."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from msgspec import Struct

from daemon import codec
from daemon.ledger.database import moment, stamp
from daemon.ledger.journal import Journal
from rules.items import Item
from rules.plan import Standing, StandingState, kind_of


class Effect(Struct, frozen=True):
    """One row of effects. `before` and `after` are the backend's own words, opaque here."""

    item: Item
    state: StandingState
    before: str | None
    after: str | None
    fingerprint: str
    intended_at: datetime


_STANDING = "SELECT id, item, state, before, after, fingerprint, intended_at FROM effect WHERE state<>'undone'"


def _effect(row: tuple[Any, ...]) -> Effect:
    return Effect(codec.loads(row[1]), row[2], row[3], row[4], row[5], moment(row[6]))


class Effects(Journal):
    """An effect is never forgotten: what is undone is history."""

    def effects(self) -> dict[str, Effect]:
        """All effects that are not history (undone), by id."""
        return {row[0]: _effect(row) for row in self.rows(f"{_STANDING} ORDER BY id")}

    def effect(self, effect_id: str) -> Effect | None:
        """None where it never was, or is history."""
        return next((_effect(row) for row in self.rows(f"{_STANDING} AND id=?", effect_id)), None)

    def standing(self) -> dict[str, Standing]:
        return {effect_id: Standing(effect.item, effect.state) for effect_id, effect in self.effects().items()}

    def intend(self, item: Item, before: str | None, words: str, now: datetime, account: str = "local") -> None:
        """Record that `item` is about to be written. `before` is kept only at the first intent since it was last undone; what was
        written before that undo (`after`) no longer counts."""
        with self.together():
            self.db.execute(
                "INSERT INTO effect(id, account_id, absence_id, kind, item, state, before, intended_at)"
                " VALUES(?,?,?,?,?,'intended',?,?) ON CONFLICT(id) DO UPDATE SET item=excluded.item, state='intended',"
                " before=CASE WHEN effect.state='undone' THEN excluded.before ELSE coalesce(effect.before, excluded.before) END,"
                " after=CASE WHEN effect.state='undone' THEN NULL ELSE effect.after END,"
                " intended_at=excluded.intended_at",
                (item.id, account, item.absence_id, kind_of(item), codec.dumps(item), before, stamp(now)),
            )
            self.journalled(now, item.absence_id, item.id, "intent", words, account)

    def settle(
        self,
        item: Item,
        state: str,
        words: str,
        now: datetime,
        *,
        after: str | None = None,
        fingerprint: str = "",
        account: str = "local",
    ) -> None:
        """Record the outcome of an intent: done, scheduled, neutralised, unknown, adopted, tombstone, refused or undone."""
        with self.together():
            self.db.execute(
                "UPDATE effect SET state=?, item=?, after=coalesce(?, after), fingerprint=?, outcome_at=? WHERE id=?",
                (state, codec.dumps(item), after, fingerprint, stamp(now), item.id),
            )
            self.journalled(now, item.absence_id, item.id, state, words, account)

    def relocate(self, item: Item) -> None:
        """The thing stands as it stood; only where it is to be found has changed (its calendar issued a new UID)."""
        self.db.execute("UPDATE effect SET item=? WHERE id=?", (codec.dumps(item), item.id))

    def refresh_fingerprint(self, effect_id: str, fingerprint: str) -> None:
        """We wrote it again without changing what it is for (a renewed lease in the same script)."""
        self.db.execute("UPDATE effect SET fingerprint=? WHERE id=?", (fingerprint, effect_id))

    def schedule(self, item: Item, words: str, now: datetime, account: str = "local") -> None:
        """Promise something for later (a message that is not yet due). What has gone out, or may have, is not promised again."""
        with self.together():
            cursor = self.db.execute(
                "INSERT INTO effect(id, account_id, absence_id, kind, item, state, intended_at) VALUES(?,?,?,?,?,'scheduled',?)"
                " ON CONFLICT(id) DO UPDATE SET item=excluded.item, state='scheduled', intended_at=excluded.intended_at"
                " WHERE effect.state NOT IN ('intended', 'done', 'unknown')",
                (item.id, account, item.absence_id, kind_of(item), codec.dumps(item), stamp(now)),
            )
            if cursor.rowcount:
                self.journalled(now, item.absence_id, item.id, "scheduled", words, account)

    def revive(self, absence_id: str) -> int:
        """Forget tombstones and adoptions of one absence (`apply --again`, `confirm`); returns how many there were. What was
        adopted still stands out there: it is ours to bring to shape again, and what was there before it is kept."""
        cursor = self.db.execute(
            "UPDATE effect SET state=CASE state WHEN 'adopted' THEN 'intended' ELSE 'undone' END"
            " WHERE absence_id=? AND state IN ('tombstone', 'adopted', 'refused')",
            (absence_id,),
        )
        return cursor.rowcount

    def keep_previous(self, thing: str, value: str, now: datetime) -> str:
        """Keep `value` unless something is kept already; returns what is kept."""
        self.db.execute(
            "INSERT OR IGNORE INTO previous(thing, taken_at, value) VALUES(?,?,?)",
            (thing, stamp(now), value),
        )
        kept = self.previous(thing)
        return value if kept is None else kept

    def previous(self, thing: str) -> str | None:
        rows = self.rows("SELECT value FROM previous WHERE thing=? AND restored_at IS NULL", thing)
        return rows[0][0] if rows else None

    def previous_restored(self, thing: str, now: datetime) -> None:
        self.db.execute("UPDATE previous SET restored_at=? WHERE thing=? AND restored_at IS NULL", (stamp(now), thing))
