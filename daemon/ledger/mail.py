"""What is held, which windows opened, and the lease of a hold on the server."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from daemon import codec
from daemon.ledger.database import Database, moment, stamp
from rules.model import Opening

if TYPE_CHECKING:
    from rules.held_mail import HeldMail


class Mail(Database):
    """Messages by Message-ID, never what they say."""

    def openings(self, absence_id: str | None = None) -> tuple[Opening, ...]:
        where, values = ("WHERE absence_id=?", [absence_id]) if absence_id else ("", [])
        rows = self.rows(f"SELECT value FROM opening {where} ORDER BY starts", *values)
        return tuple(codec.loads(row[0]) for row in rows)

    def opened(self, opening: Opening) -> bool:
        """Record that a window opened; True when it is news."""
        cursor = self.db.execute(
            "INSERT OR IGNORE INTO opening VALUES(?,?,?,?,?,?)",
            (
                opening.absence_id,
                opening.local_date.isoformat(),
                opening.index,
                stamp(opening.span.start),
                opening.reason,
                codec.dumps(opening),
            ),
        )
        return cursor.rowcount > 0

    def held_messages(self, mail_id: str, absence_id: str, messages: Mapping[str, str], now: datetime) -> None:
        """`messages`: Message-ID (or handle) → sender."""
        rows = [(mail_id, message, absence_id, sender, stamp(now)) for message, sender in messages.items()]
        self.db.executemany(
            "INSERT INTO held(mail_id, message, absence_id, sender, held_at) VALUES(?,?,?,?,?) ON CONFLICT(mail_id, message)"
            " DO UPDATE SET absence_id=excluded.absence_id, held_at=excluded.held_at, released_at=NULL"
            " WHERE held.released_at IS NOT NULL",
            rows,
        )

    def released_messages(self, mail_id: str, now: datetime, messages: Collection[str] | None = None) -> None:
        """Those named, by Message-ID (or handle); None: all."""
        rows = self.rows("SELECT message FROM held WHERE mail_id=? AND released_at IS NULL", mail_id)
        wanted = [(stamp(now), mail_id, row[0]) for row in rows if messages is None or row[0] in messages]
        self.db.executemany("UPDATE held SET released_at=? WHERE mail_id=? AND message=?", wanted)

    def held_now(self, mail_id: str) -> frozenset[str]:
        """What we moved out of the inbox and have not moved back, by Message-ID (or handle)."""
        rows = self.rows("SELECT message FROM held WHERE mail_id=? AND released_at IS NULL", mail_id)
        return frozenset(row[0] for row in rows)

    def reopened(self, opening: Opening) -> None:
        """The same opening with another end (closed by hand)."""
        self.db.execute(
            "UPDATE opening SET value=? WHERE absence_id=? AND local_date=? AND number=? AND starts=?",
            (
                codec.dumps(opening),
                opening.absence_id,
                opening.local_date.isoformat(),
                opening.index,
                stamp(opening.span.start),
            ),
        )

    def held_counts(self, absence_id: str) -> tuple[int, int]:
        """(released again, held still) messages of the absence."""
        row = self.rows("SELECT count(released_at), count(*) - count(released_at) FROM held WHERE absence_id=?", absence_id)[0]
        return row[0], row[1]

    def held_of(self, absence_id: str) -> tuple[HeldMail, ...]:
        """Everything that was held in the course of the absence, in order."""
        from rules.held_mail import HeldMail  # not needed by `status`

        rows = self.rows(
            "SELECT message, sender, released_at IS NOT NULL FROM held WHERE absence_id=? ORDER BY held_at, message", absence_id
        )
        return tuple(HeldMail(message, sender, bool(released)) for message, sender, released in rows)

    def lease(self, mail_id: str) -> tuple[datetime, str] | None:
        """When the server-side hold was last written, and what it said."""
        row = self.get(f"lease/{mail_id}")
        at, words = json.loads(row) if row else (None, "")
        return (moment(at), words) if at else None

    def keep_lease(self, mail_id: str, now: datetime, words: str | None) -> None:
        """None: there is none any more."""
        if words is None:
            self.unset(f"lease/{mail_id}")
        else:
            self.set(f"lease/{mail_id}", json.dumps([stamp(now), words]))
