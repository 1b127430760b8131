"""What is kept of a mailbox at Gmail, so that a pass in which nothing happened asks one question: which messages were in the
inbox and under our label, what their headers say, and how far the history had come. Texts are never written to the disk. The
copy can be deleted at any time."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from datetime import UTC, datetime
from pathlib import Path

from msgspec import Struct

from integrations.google_cache import CacheFile
from rules.model import Envelope

_VERSION = 1
_TABLES = (
    "CREATE TABLE IF NOT EXISTS mailbox(key TEXT PRIMARY KEY, history TEXT, label TEXT, ours INTEGER)",
    "CREATE TABLE IF NOT EXISTS listing(key TEXT, name TEXT, since REAL, ids TEXT, PRIMARY KEY(key, name))",
    "CREATE TABLE IF NOT EXISTS envelope(key TEXT, id TEXT, facts TEXT, PRIMARY KEY(key, id))",
)


class Listing(Struct, frozen=True):
    """The ids of a search that began at `since` (seconds)."""

    since: float
    ids: tuple[str, ...]


class Known(Struct, frozen=True):
    """`history` is "" where nothing is known. `label` is the id of the held label, "" where there was none, None where that is
    not known; `ours`: homeward made it."""

    history: str = ""
    label: str | None = None
    ours: bool = False


class MailCopy:
    """One mailbox, named by `key`."""

    def __init__(self, key: str, path: Path | None) -> None:
        self._key = key
        self._file = CacheFile(path, _VERSION, _TABLES)
        self._texts: dict[str, str] = {}

    def known(self) -> Known:
        with self._file.opened() as db:
            found = db.execute("SELECT history, label, ours FROM mailbox WHERE key=?", (self._key,)).fetchone()
        return Known(found[0], found[1], bool(found[2])) if found else Known()

    def keep(self, known: Known) -> None:
        with self._file.changing() as db:
            values = (self._key, known.history, known.label, int(known.ours))
            db.execute("INSERT OR REPLACE INTO mailbox VALUES(?,?,?,?)", values)

    def forget_listings(self) -> None:
        with self._file.changing() as db:
            db.execute("DELETE FROM listing WHERE key=?", (self._key,))

    def listing(self, name: str) -> Listing | None:
        with self._file.opened() as db:
            found = db.execute("SELECT since, ids FROM listing WHERE key=? AND name=?", (self._key, name)).fetchone()
        return Listing(found[0], tuple(json.loads(found[1]))) if found else None

    def list(self, name: str, listing: Listing) -> None:
        with self._file.changing() as db:
            values = (self._key, name, listing.since, json.dumps(listing.ids))
            db.execute("INSERT OR REPLACE INTO listing VALUES(?,?,?,?)", values)

    def envelopes(self, ids: Collection[str]) -> dict[str, Envelope]:
        """Of those that are known."""
        with self._file.opened() as db:
            rows = db.execute("SELECT id, facts FROM envelope WHERE key=?", (self._key,)).fetchall()
        wanted = set(ids)
        return {row[0]: self._envelope(row[0], row[1]) for row in rows if row[0] in wanted}

    def _envelope(self, handle: str, facts: str) -> Envelope:
        message_id, sender, subject, received, to, cc, headers = json.loads(facts)
        at = datetime.fromtimestamp(received, UTC)
        return Envelope(handle, message_id, sender, subject, at, tuple(to), tuple(cc), headers, self._texts.get(handle, ""))

    def learn(self, envelopes: Iterable[Envelope]) -> None:
        envelopes = list(envelopes)
        self._texts |= {e.id: e.text for e in envelopes if e.text}
        rows = [
            (self._key, e.id, json.dumps([
                e.message_id, e.sender, e.subject, e.received.timestamp(), e.to, e.cc, dict(e.headers),
            ]))
            for e in envelopes
        ]  # fmt: skip
        with self._file.changing() as db:
            db.executemany("INSERT OR REPLACE INTO envelope VALUES(?,?,?)", rows)

    def prune(self) -> None:
        """Forget the headers of messages that no listing has any more."""
        with self._file.changing() as db:
            lists = db.execute("SELECT ids FROM listing WHERE key=?", (self._key,)).fetchall()
            wanted = {each for (ids,) in lists for each in json.loads(ids)}
            rows = db.execute("SELECT id FROM envelope WHERE key=?", (self._key,)).fetchall()
            gone = [(self._key, handle) for (handle,) in rows if handle not in wanted]
            db.executemany("DELETE FROM envelope WHERE key=? AND id=?", gone)
            for _, handle in gone:
                self._texts.pop(handle, None)
