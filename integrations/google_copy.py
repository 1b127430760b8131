"""What is kept of a Google calendar, so that a pass asks only for what changed: each event as iCalendar text, and the sync token.
Words of private events are never written to the disk: they are kept for this process alone and fetched again by the next. The
copy can be deleted at any time; what is damaged or of another version is made anew. It asks nobody anything."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from uuid import uuid4

from msgspec import Struct

from integrations.google_cache import CacheFile

_VERSION = 1  # of the tables and of what `event_text` writes
_TABLES = (
    "CREATE TABLE IF NOT EXISTS calendar(key TEXT PRIMARY KEY, token TEXT, name TEXT, role TEXT, revision TEXT)",
    "CREATE TABLE IF NOT EXISTS event(key TEXT, id TEXT, parent TEXT, original TEXT, uid TEXT, first REAL, last REAL, text TEXT, "
    "PRIMARY KEY(key, id))",
    "CREATE INDEX IF NOT EXISTS by_uid ON event(key, uid)",
)


class Row(Struct, frozen=True):
    """One event of Google's. `parent` and `original` (recurrence id) of an exception, else ""; `first` and `last` are between
    which seconds it happens; `text` is its VEVENT, "" for an instance that was deleted, None where its words are not at hand.
    `secret`: the words are private and not ours."""

    id: str
    uid: str
    parent: str = ""
    original: str = ""
    first: float = 0.0
    last: float = 0.0
    text: str | None = None
    secret: bool = False


class Head(Struct, frozen=True):
    """What is known of the calendar itself. `revision` is another one after every change. `role` is the user's access."""

    token: str = ""
    name: str = ""
    role: str = ""
    revision: str = ""


class GoogleCopy:
    """One calendar of one account, named by `key`. Without a path it lives in this process alone."""

    def __init__(self, key: str, path: Path | None) -> None:
        self._key = key
        self._file = CacheFile(path, _VERSION, _TABLES)
        self._words: dict[str, str] = {}

    def head(self) -> Head:
        with self._file.opened() as db:
            found = db.execute("SELECT token, name, role, revision FROM calendar WHERE key=?", (self._key,)).fetchone()
        return Head(*found) if found else Head()

    def rows(self) -> list[Row]:
        """In the order of their ids, so that a change moves nothing else."""
        with self._file.opened() as db:
            select = "SELECT id, uid, parent, original, first, last, text FROM event WHERE key=? ORDER BY id"
            found = [Row(*values) for values in db.execute(select, (self._key,))]
        return [row if row.text is not None else self._with_words(row) for row in found]

    def _with_words(self, row: Row) -> Row:
        return Row(row.id, row.uid, row.parent, row.original, row.first, row.last, self._words.get(row.id), True)

    def find(self, uid: str) -> list[Row]:
        """The events of one UID, the series itself before its exceptions."""
        with self._file.opened() as db:
            select = "SELECT id, uid, parent, original, first, last, text FROM event WHERE key=? AND uid=? ORDER BY parent, id"
            return [Row(*values) for values in db.execute(select, (self._key, uid))]

    def change(self, head: Head, came: Iterable[Row], gone: Iterable[str], *, anew: bool) -> None:
        """Take over what Google said; `anew`: it said everything. Done as a whole or not at all."""
        came, gone = list(came), list(gone)
        for row in came:
            self._words.pop(row.id, None)
            if row.secret and row.text is not None:
                self._words[row.id] = row.text
        with self._file.changing() as db:
            if anew:
                db.execute("DELETE FROM event WHERE key=?", (self._key,))
            db.executemany("DELETE FROM event WHERE key=? AND (id=? OR parent=?)", [(self._key, each, each) for each in gone])
            db.executemany("INSERT OR REPLACE INTO event VALUES(?,?,?,?,?,?,?,?)", [self._values(row) for row in came])
            known = db.execute("SELECT revision FROM calendar WHERE key=?", (self._key,)).fetchone()
            revision = uuid4().hex if came or gone or anew or not known else known[0]
            values = (self._key, head.token, head.name, head.role, revision)
            db.execute("INSERT OR REPLACE INTO calendar VALUES(?,?,?,?,?)", values)

    def learn(self, rows: Iterable[Row]) -> None:
        """Words of private events, fetched again."""
        self._words |= {row.id: row.text for row in rows if row.text is not None}

    def _values(self, row: Row) -> tuple[object, ...]:
        text = None if row.secret else row.text
        return self._key, row.id, row.parent, row.original, row.uid, row.first, row.last, text
