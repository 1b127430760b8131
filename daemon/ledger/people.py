"""Who hosts, hosted, mentors and was coached."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from msgspec.structs import replace

from daemon import codec
from daemon.ledger.database import Database, moment, stamp
from rules.interval import Interval
from rules.model import Assignment, OccurrenceKey, SetTurn, Turn

if TYPE_CHECKING:
    from rules.coaching import Coached


_SET = "rota/"
_AWAY = "away"


class People(Database):
    """Who refused is never asked again for the same meeting."""

    def assignments(self) -> tuple[Assignment, ...]:
        return tuple(codec.loads(row[0]) for row in self.rows("SELECT value FROM assignment ORDER BY absence_id, uid"))

    def assignment_identities(self) -> dict[tuple[str, OccurrenceKey], tuple[str, str]]:
        """(absence, occurrence) → (content identity of the occurrence, id of the effect on it)."""
        rows = self.rows("SELECT absence_id, calendar_id, uid, recurrence_id, identity, effect_id FROM assignment")
        return {(row[0], OccurrenceKey(row[1], row[2], row[3])): (row[4], row[5]) for row in rows}

    def assign(self, assignment: Assignment, effect_id: str, identity: str) -> None:
        key = assignment.key
        self.db.execute(
            "INSERT OR REPLACE INTO assignment VALUES(?,?,?,?,?,?,?)",
            (
                assignment.absence_id,
                key.calendar_id,
                key.uid,
                key.recurrence_id,
                effect_id,
                identity,
                codec.dumps(assignment),
            ),
        )

    def rekey_assignment(self, assignment: Assignment, key: OccurrenceKey) -> None:
        """The calendar issued a new UID for the same meeting."""
        old = assignment.key
        self.db.execute(
            "UPDATE assignment SET calendar_id=?, uid=?, recurrence_id=?, value=? WHERE absence_id=? AND calendar_id=? AND uid=?"
            " AND recurrence_id=?",
            (
                key.calendar_id,
                key.uid,
                key.recurrence_id,
                codec.dumps(replace(assignment, key=key)),
                assignment.absence_id,
                old.calendar_id,
                old.uid,
                old.recurrence_id,
            ),
        )

    def unassign(self, absence_id: str, key: OccurrenceKey) -> None:
        """Nobody hosts it now. Who refused is remembered: nobody is asked twice."""
        held = next((a for a in self.assignments() if (a.absence_id, a.key) == (absence_id, key)), None)
        if held is not None and held.refused:
            effect, identity = held.effect, self.assignment_identities()[(absence_id, key)][0]
            self.assign(replace(held, person_id=held.refused[-1], state="declined"), effect, identity)
            return
        self.db.execute(
            "DELETE FROM assignment WHERE absence_id=? AND calendar_id=? AND uid=? AND recurrence_id=?",
            (absence_id, key.calendar_id, key.uid, key.recurrence_id),
        )

    def turns(self) -> tuple[Turn, ...]:
        rows = [codec.loads(row[0]) for row in self.rows("SELECT value FROM turn")]
        return tuple(sorted(rows, key=lambda turn: (turn.at, turn.meeting_id, turn.person_id)))

    def record_turn(self, turn: Turn, absence_id: str, key: OccurrenceKey) -> bool:
        """True when it was not there yet."""
        cursor = self.db.execute(
            "INSERT OR IGNORE INTO turn VALUES(?,?,?,?,?)",
            (absence_id, key.calendar_id, key.uid, key.recurrence_id, codec.dumps(turn)),
        )
        return cursor.rowcount > 0

    def set_turn(self, turn: SetTurn) -> None:
        self.set(f"{_SET}{turn.meeting_id}", json.dumps([turn.person_id, stamp(turn.at)]))

    def clear_turn(self, meeting_id: str) -> None:
        self.unset(f"{_SET}{meeting_id}")

    def turns_set(self) -> tuple[SetTurn, ...]:
        """By the leader, and not yet over."""
        rows = [(key.removeprefix(_SET), json.loads(self.get(key) or "[]")) for key in self.keys(_SET)]
        return tuple(SetTurn(meeting_id, person_id, moment(at)) for meeting_id, (person_id, at) in rows)

    def keep_away(self, away: Mapping[str, Sequence[Interval]]) -> None:
        """When each person is away, by person id, as the calendars say now."""
        spans = {who: sorted(set(found), key=lambda span: (span.start, span.end)) for who, found in away.items()}
        text = codec.dumps(spans)
        if text != self.get(_AWAY):
            self.set(_AWAY, text)

    def away(self) -> dict[str, tuple[Interval, ...]]:
        """As the last pass saw it: for who reads no calendar."""
        kept = self.get(_AWAY)
        return dict(codec.loads(kept)) if kept else {}

    def keep_mentors(self, absence_id: str, mentors: Mapping[str, str]) -> None:
        """Junior → mentor, so that nobody changes mentors without need."""
        if mentors:
            self.set(f"mentors/{absence_id}", json.dumps(dict(mentors), sort_keys=True))

    def mentors(self, absence_id: str) -> dict[str, str]:
        return dict(json.loads(self.get(f"mentors/{absence_id}") or "{}"))

    def coached(self) -> tuple[Coached, ...]:
        """Every coaching reply so far, oldest first."""
        from rules.coaching import Coached  # heavy, and not needed by `status`

        rows = [json.loads(row[0]) for row in self.rows("SELECT value FROM meta WHERE key LIKE 'coached/%' ORDER BY key")]
        return tuple(Coached(person, message, moment(at)) for person, message, at in rows)

    def coach(self, coached: Coached) -> None:
        """Recorded before it is sent: rather none than two."""
        row = json.dumps([coached.person_id, coached.message_id, stamp(coached.at)])
        self.set(f"coached/{stamp(coached.at)}/{coached.message_id}", row)
