"""The journal: every step that was taken, in words."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from daemon.ledger.database import Database, moment, stamp


class Entry(Struct, frozen=True):
    """One line of the journal."""

    at: datetime
    absence_id: str
    effect_id: str
    step: str
    words: str


class Journal(Database):
    """Lines are only ever added."""

    def journalled(self, now: datetime, absence_id: str, effect_id: str, step: str, words: str, account: str = "local") -> None:
        self.db.execute(
            "INSERT INTO journal(at, account_id, absence_id, effect_id, step, words) VALUES(?,?,?,?,?,?)",
            (stamp(now), account, absence_id, effect_id, step, words),
        )

    def note(self, now: datetime, absence_id: str, step: str, words: str) -> None:
        """Something worth telling in `log` that is no effect."""
        self.journalled(now, absence_id, "", step, words)

    def journal(self, absence_id: str | None = None, most: int = 1000) -> tuple[Entry, ...]:
        """Oldest first, the last `most` lines."""
        where, values = ("WHERE absence_id=?", [absence_id]) if absence_id else ("", [])
        rows = self.rows(
            f"SELECT at, absence_id, effect_id, step, words FROM journal {where} ORDER BY seq DESC LIMIT ?", *values, most
        )
        return tuple(Entry(moment(at), *rest) for at, *rest in reversed(rows))
