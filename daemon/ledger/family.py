"""The balance with the family: owed, kept, broken."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from daemon.ledger.database import Database, moment, stamp


class Debt(Struct, frozen=True):
    """What an absence owes to the family, in hours, since when."""

    hours: float
    title: str
    at: datetime


class Family(Database):
    """Hours by absence, outcomes by block."""

    def owe(self, absence_id: str, hours: float, title: str, now: datetime) -> None:
        self.db.execute(
            "INSERT INTO owed VALUES(?,?,?,?) ON CONFLICT(absence_id) DO UPDATE SET hours=excluded.hours, title=excluded.title",
            (absence_id, hours, title, stamp(now)),
        )

    def owe_nothing(self, absence_id: str) -> None:
        self.db.execute("DELETE FROM owed WHERE absence_id=?", (absence_id,))

    def owed(self) -> dict[str, Debt]:
        """By absence id."""
        rows = self.rows("SELECT absence_id, hours, title, at FROM owed ORDER BY at, absence_id")
        return {row[0]: Debt(row[1], row[2], moment(row[3])) for row in rows}

    def block_kept(self, effect_id: str, absence_id: str, kept: bool, by_user: bool, now: datetime) -> None:
        """The user's word stands against ours."""
        self.db.execute(
            "INSERT INTO block_outcome VALUES(?,?,?,?,?) ON CONFLICT(effect_id) DO UPDATE SET kept=excluded.kept,"
            " by_user=excluded.by_user, at=excluded.at WHERE excluded.by_user=1 OR block_outcome.by_user=0",
            (effect_id, absence_id, int(kept), int(by_user), stamp(now)),
        )

    def block_outcomes(self) -> dict[str, bool]:
        return {row[0]: bool(row[1]) for row in self.rows("SELECT effect_id, kept FROM block_outcome")}
