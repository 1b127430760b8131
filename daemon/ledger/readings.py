"""The last good reading of every calendar, and how the last pass went."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from daemon import codec
from daemon.ledger.database import Database, moment, stamp
from rules.model import Occurrence


class LastReading(Struct, frozen=True):
    """The last good reading of a calendar."""

    at: datetime
    entries: int
    occurrences: tuple[Occurrence, ...]


# What is kept of a private entry: that it is there, and when.
_SILENCE: dict[str, Any] = {"summary": "", "location": "", "categories": (), "geo": None}


class Readings(Database):
    """A calendar that cannot be read contributes what stands here."""

    def last_entries(self, calendar_id: str) -> int | None:
        """How many events the calendar had at the last good reading."""
        rows = self.rows("SELECT entries FROM reading WHERE calendar_id=?", calendar_id)
        return rows[0][0] if rows else None

    def last_reading(self, calendar_id: str) -> LastReading | None:
        rows = self.rows("SELECT at, entries, occurrences FROM reading WHERE calendar_id=?", calendar_id)
        return LastReading(moment(rows[0][0]), rows[0][1], codec.loads(rows[0][2])) if rows else None

    def keep_reading(self, calendar_id: str, entries: int, occurrences: Sequence[Occurrence], now: datetime) -> None:
        """Replaces the last good one; descriptions are left out (long, and not needed to go on without the calendar), and of
        private entries everything that says what they are. Nothing is written where nothing changed."""
        digest = _digest(occurrences)
        if self.rows("SELECT 1 FROM reading WHERE calendar_id=? AND entries=? AND digest=?", calendar_id, entries, digest):
            return
        slim = [replace(o, description="", **(_SILENCE if o.private else {})) for o in occurrences]
        self.db.execute(
            "INSERT OR REPLACE INTO reading(calendar_id, at, entries, digest, occurrences) VALUES(?,?,?,?,?)",
            (calendar_id, stamp(now), entries, digest, codec.dumps(slim)),
        )

    def gaps(self) -> tuple[str, ...]:
        """What nobody covers, in words, as of the last pass."""
        return tuple(json.loads(self.get("gaps") or "[]"))

    def unavailable(self) -> tuple[str, ...]:
        """What could not be read at the last pass, in words."""
        return tuple(json.loads(self.get("unavailable") or "[]"))

    def signed_out(self) -> tuple[str, ...]:
        """Accounts whose server did not take the login at the last pass, by id."""
        return tuple(json.loads(self.get("signed_out") or "[]"))

    def note_config(self, mistakes: str) -> None:
        """Why the service works with the last good config; "": it does not."""
        if mistakes != (self.get("config_mistakes") or ""):
            self.set("config_mistakes", mistakes)

    def note_pass(
        self, now: datetime, gaps: Sequence[str], unavailable: Sequence[str], signed_out: Sequence[str] = ()
    ) -> None:  # fmt: skip
        self.set("last_pass", now.astimezone(UTC).isoformat())
        self.set("gaps", json.dumps(list(gaps)))
        self.set("unavailable", json.dumps(list(unavailable)))
        self.set("signed_out", json.dumps(list(signed_out)))


def _digest(occurrences: Sequence[Occurrence]) -> str:
    """Of what a reading says, answers of attendees included."""
    hashed = hashlib.blake2b(digest_size=16)
    for o in occurrences:
        answers = ",".join([a.partstat for a in o.attendees])
        hashed.update(
            f"{o.key.uid}|{o.key.recurrence_id}|{o.start.timestamp()}|{o.end.timestamp()}|{o.fingerprint}|{answers}\n".encode()
        )
    return hashed.hexdigest()
