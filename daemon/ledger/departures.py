"""The leader's calendars as they stood at each departure: what the digest compares the present with."""

from __future__ import annotations

import json
from typing import Any

from daemon.ledger.database import Database, moment, stamp
from rules.changes import Departure, Stood
from rules.interval import Interval
from rules.model import OccurrenceKey


class Departures(Database):
    """One per absence, written once; of private entries nothing but that they are there, and when."""

    def departed(self, absence_id: str) -> bool:
        return bool(self.rows("SELECT 1 FROM departure WHERE absence_id=?", absence_id))

    def keep_departure(self, absence_id: str, departure: Departure) -> None:
        entries = json.dumps([_row(stood) for stood in departure.entries])
        self.db.execute(
            "INSERT OR IGNORE INTO departure(absence_id, at, until, entries) VALUES(?,?,?,?)",
            (absence_id, stamp(departure.at), stamp(departure.until), entries),
        )

    def departure(self, absence_id: str) -> Departure | None:
        rows = self.rows("SELECT at, until, entries FROM departure WHERE absence_id=?", absence_id)
        if not rows:
            return None
        at, until, entries = rows[0]
        return Departure(moment(at), moment(until), tuple(_stood(row) for row in json.loads(entries)))


def _row(stood: Stood) -> list[Any]:
    key, span = stood.key, stood.span
    return [key.calendar_id, key.uid, key.recurrence_id, stood.title, stamp(span.start), stamp(span.end), stood.private]


def _stood(row: list[Any]) -> Stood:
    calendar_id, uid, recurrence_id, title, start, end, private = row
    return Stood(OccurrenceKey(calendar_id, uid, recurrence_id), title, Interval(moment(start), moment(end)), private)
