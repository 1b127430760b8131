"""What was seen of absences, what the user said about them, and to what they agreed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from msgspec.structs import replace

from daemon import codec
from daemon.ledger.database import Database, moment, stamp
from rules.model import Absence, Declared, Evidence, KnownAbsence, Said


def _without_words(evidence: Evidence) -> Evidence:
    """Of a private entry only what it means for the leader's absence."""
    return replace(evidence, summary="", because=("A private entry says so.",)) if evidence.private else evidence


class Absences(Database):
    """Of private entries only what they mean for the absence is kept."""

    def known_absences(self) -> tuple[KnownAbsence, ...]:
        from rules.identity import remember  # heavy, and not needed by `status`

        rows = self.rows("SELECT value, minted FROM absence ORDER BY starts, id")
        return tuple(remember(codec.loads(value), moment(minted)) for value, minted in rows)

    def absences(self) -> tuple[Absence, ...]:
        """As last seen, by start."""
        return tuple(codec.loads(row[0]) for row in self.rows("SELECT value FROM absence ORDER BY starts, id"))

    def remember(self, absence: Absence, now: datetime) -> None:
        """Insert or update; the moment it was first seen stands. What private entries say is left out."""
        value = codec.dumps(replace(absence, evidence=tuple(_without_words(e) for e in absence.evidence)))
        self.db.execute(
            "INSERT INTO absence VALUES(?,?,?,?,?,?) ON CONFLICT(id) DO UPDATE SET starts=excluded.starts,"
            " ends=excluded.ends, value=excluded.value WHERE value<>excluded.value",
            (absence.id, "local", stamp(absence.span.start), stamp(absence.span.end), stamp(now), value),
        )

    def forget(self, absence_id: str) -> None:
        """An absence whose evidence is gone before it began, and which has no effects."""
        self.db.execute("DELETE FROM absence WHERE id=?", (absence_id,))

    def declared(self) -> tuple[Declared, ...]:
        return tuple(codec.loads(row[0]) for row in self.rows("SELECT value FROM declared ORDER BY at, id"))

    def declare(self, declared: Declared, now: datetime) -> None:
        self.db.execute("INSERT OR REPLACE INTO declared VALUES(?,?,?)", (declared.id, stamp(now), codec.dumps(declared)))

    def said(self) -> tuple[Said, ...]:
        return tuple(codec.loads(row[0]) for row in self.rows("SELECT value FROM said ORDER BY seq"))

    def say(self, said: Said) -> None:
        self.db.execute(
            "INSERT INTO said(absence_id, at, value) VALUES(?,?,?)", (said.absence_id, stamp(said.at), codec.dumps(said))
        )

    def consent(self, absence_id: str, kind: str, recipients: Sequence[str], now: datetime) -> None:
        rows = [(absence_id, kind, recipient, stamp(now)) for recipient in ("", *recipients)]
        self.db.executemany("INSERT OR IGNORE INTO consent VALUES(?,?,?,?)", rows)

    def consented(self) -> frozenset[tuple[str, str, str]]:
        """(absence, kind, recipient); recipient "" is the kind itself."""
        return frozenset((a, k, r) for a, k, r in self.rows("SELECT absence_id, kind, recipient FROM consent"))

    def inherit_consent(self, gone: str, into: str) -> None:
        """Two absences have become one: what was agreed to for the one that is no more holds for the other, for the same kinds of
        change and the same people. It moves, so that it is not inherited again once it was withdrawn."""
        self.db.execute("UPDATE OR IGNORE consent SET absence_id=? WHERE absence_id=?", (into, gone))
        self.withdraw_consent(gone)

    def withdraw_consent(self, absence_id: str) -> None:
        self.db.execute("DELETE FROM consent WHERE absence_id=?", (absence_id,))
