"""The development log: who did what at which level, and, in a table of its own that nothing which goes out ever reads, what the
leader noted about somebody."""

from __future__ import annotations

from daemon.ledger.database import Database, moment, stamp
from rules.development import Feedback, Step


class Development(Database):
    """Lines are only ever added."""

    def developed(self, step: Step, source: str) -> bool:
        """Record it; True when it is news. `source` says what it came of, so that nothing counts twice."""
        cursor = self.db.execute(
            "INSERT OR IGNORE INTO development(source, person_id, kind, what, level, at, absence_id, outcome)"
            " VALUES(?,?,?,?,?,?,?,?)",
            (source, step.person_id, step.kind, step.what, step.level, stamp(step.at), step.absence_id, step.outcome),
        )
        return cursor.rowcount > 0

    def development_sources(self) -> frozenset[str]:
        return frozenset(row[0] for row in self.rows("SELECT source FROM development"))

    def development(self, person_id: str | None = None, absence_id: str | None = None) -> tuple[Step, ...]:
        """In order of time; of everybody and of all absences where none is named."""
        rows = self.rows(
            "SELECT person_id, kind, what, level, at, absence_id, outcome FROM development"
            " WHERE person_id=coalesce(?, person_id) AND absence_id=coalesce(?, absence_id) ORDER BY at, seq",
            person_id,
            absence_id,
        )
        return tuple(Step(person, kind, what, level, moment(at), *rest) for person, kind, what, level, at, *rest in rows)

    def give_feedback(self, feedback: Feedback) -> None:
        self.db.execute(
            "INSERT INTO feedback(person_id, at, words) VALUES(?,?,?)", (feedback.person_id, stamp(feedback.at), feedback.words)
        )

    def feedback(self, person_id: str | None = None) -> tuple[Feedback, ...]:
        rows = self.rows(
            "SELECT person_id, at, words FROM feedback WHERE person_id=coalesce(?, person_id) ORDER BY at, seq", person_id
        )
        return tuple(Feedback(person, moment(at), words) for person, at, words in rows)
