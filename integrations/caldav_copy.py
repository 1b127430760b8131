"""What is kept of a CalDAV collection, so that a pass asks the server only for what changed: name, ETag, a hash and the text of
each resource, and the sync token. Text of entries that are not public is never written to the disk: it is kept for this process
alone. It can be deleted at any time; what is damaged or of another version is made anew. Two processes may use it at once: the
slower one's news are dropped and asked for again."""

from __future__ import annotations

import hashlib
import json
import os
import re
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

from msgspec import Struct

_VERSION = 1
_BUSY = 2.0  # seconds to wait for another process; after that this one goes on without the disk
_FOLD = re.compile(rb"\r?\n[ \t]")
_NOT_PUBLIC = re.compile(rb"^CLASS\b[^:\r\n]*:(?!\s*PUBLIC\s*$)", re.IGNORECASE | re.MULTILINE)
_UID = re.compile(rb"^UID\b[^:\r\n]*:([^\r\n]*)", re.IGNORECASE | re.MULTILINE)
_TABLES = (
    "collection(key TEXT PRIMARY KEY, turn INTEGER, token TEXT, facts TEXT, seal TEXT)",
    "resource(key TEXT, name TEXT, href TEXT, etag TEXT, digest TEXT, uids TEXT, data BLOB, PRIMARY KEY(key, name))",
)


class Kept(Struct, frozen=True):
    """One resource. `digest` is of its text, "" while that has not been fetched; `uids` are those it holds, as a hint."""

    href: str
    etag: str
    digest: str = ""
    uids: tuple[str, ...] = ()


def kept(href: str, etag: str, data: bytes | None) -> Kept:
    if data is None:
        return Kept(href, etag)
    found = dict.fromkeys(uid.decode("utf-8", "replace").strip() for uid in _UID.findall(_FOLD.sub(b"", data)))
    return Kept(href, etag, _digest(data), tuple(found))


def is_public(data: bytes) -> bool:
    """Whether none of its entries is private or confidential (or of a class nobody knows, RFC 5545 3.8.1.3)."""
    return not _NOT_PUBLIC.search(_FOLD.sub(b"", data).replace(b"\r", b"\n"))


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


class Copy:
    """`rows`, `token` and `facts` are as of the last `refresh` and `change`. Without a path it lives in this process alone."""

    def __init__(self, key: str, path: Path | None) -> None:
        self._key, self._path = key, path
        self._turn = 0
        self._fresh = False
        self._here: dict[str, bytes] = {}
        self.rows: dict[str, Kept] = {}
        self.token = ""
        self.facts: dict[str, Any] = {}

    def refresh(self) -> None:
        """Take what is on the disk, where this process has not read or written it last."""
        if self._fresh:
            return
        self._fresh = self._path is None
        with self._forgiving(), self._opened() as db:
            self._load(db)
            self._fresh = True

    def content(self, name: str) -> bytes | None:
        """None where the text is not at hand."""
        if name in self._here:
            return self._here[name]
        row, data = self.rows[name], None
        with self._forgiving(), self._opened() as db:
            found = db.execute("SELECT data FROM resource WHERE key=? AND name=?", (self._key, name)).fetchone()
            data = found[0] if found else None
        return data if data is not None and _digest(data) == row.digest else None

    def lacking(self, names: Collection[str]) -> list[str]:
        """Those whose text is not at hand."""
        held: dict[str, str] = {}
        if any(name not in self._here for name in names):
            with self._forgiving(), self._opened() as db:
                rows = db.execute("SELECT name, digest FROM resource WHERE key=? AND data IS NOT NULL", (self._key,))
                held = dict(rows)
        return [n for n in names if n not in self._here and (not self.rows[n].digest or held.get(n) != self.rows[n].digest)]

    def change(
        self, came: Mapping[str, tuple[Kept, bytes | None]], gone: Collection[str] = (), token: str | None = None
    ) -> None:  # fmt: skip
        """Take over what the server said, on the disk where there is one."""
        for name in gone:
            self.rows.pop(name, None)
            self._here.pop(name, None)
        for name, (row, data) in came.items():
            self.rows[name] = row
            self._here.pop(name, None)
            if data is not None:
                self._here[name] = data
        self.token = self.token if token is None else token
        public = {name: data for name, (_, data) in came.items() if data is not None and is_public(data)}
        with self._forgiving(), self._opened() as db:
            self._fresh = self._write(db, came, public, gone)
            if self._fresh:
                self._here = {name: data for name, data in self._here.items() if name not in public}

    def note(self, facts: Mapping[str, Any]) -> None:
        self.facts = dict(facts)
        self.change({})

    # the disk

    def _load(self, db: sqlite3.Connection) -> None:
        found = db.execute("SELECT turn, token, facts, seal FROM collection WHERE key=?", (self._key,)).fetchone()
        select = "SELECT name, href, etag, digest, uids FROM resource WHERE key=?"
        rows = {
            name: Kept(href, etag, digest, tuple(json.loads(uids)))
            for name, href, etag, digest, uids in db.execute(select, (self._key,))
        }
        self._turn = found[0] if found else 0
        sound = found is not None and found[3] == _seal(found[1], rows)
        self.rows, self.token, self.facts = (rows, found[1], json.loads(found[2])) if sound else ({}, "", {})
        self._here = {n: data for n, data in self._here.items() if n in self.rows and _digest(data) == self.rows[n].digest}
        if not sound:
            db.execute("DELETE FROM resource WHERE key=?", (self._key,))

    def _write(self, db: sqlite3.Connection, came: Iterable[str], public: Mapping[str, bytes], gone: Collection[str]) -> bool:
        """False, and nothing is written, where another process has written since."""
        db.execute("BEGIN IMMEDIATE")
        found = db.execute("SELECT turn FROM collection WHERE key=?", (self._key,)).fetchone()
        if (found[0] if found else 0) != self._turn:
            db.execute("ROLLBACK")
            return False
        db.executemany("DELETE FROM resource WHERE key=? AND name=?", [(self._key, name) for name in gone])
        db.executemany("INSERT OR REPLACE INTO resource VALUES(?,?,?,?,?,?,?)", (self._row(n, public.get(n)) for n in came))
        facts = json.dumps(self.facts)
        head = (self._key, self._turn + 1, self.token, facts, _seal(self.token, self.rows))
        db.execute("INSERT OR REPLACE INTO collection VALUES(?,?,?,?,?)", head)
        db.execute("COMMIT")
        self._turn += 1
        return True

    def _row(self, name: str, data: bytes | None) -> tuple[Any, ...]:
        row = self.rows[name]
        return self._key, name, row.href, row.etag, row.digest, json.dumps(row.uids), data

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        if self._path is None:
            raise FileNotFoundError
        if not self._path.exists():
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            os.close(os.open(self._path, os.O_CREAT | os.O_WRONLY | os.O_NOFOLLOW, 0o600))
        with closing(sqlite3.connect(self._path, timeout=_BUSY, isolation_level=None)) as db:
            version = db.execute("PRAGMA user_version").fetchone()[0]
            if version not in (0, _VERSION):
                raise sqlite3.DatabaseError("another version")
            if version == 0:
                for table in _TABLES:
                    db.execute(f"CREATE TABLE IF NOT EXISTS {table}")
                db.execute(f"PRAGMA user_version={_VERSION}")
            yield db

    @contextmanager
    def _forgiving(self) -> Iterator[None]:
        """What is busy or cannot be written is done without; what is damaged is thrown away."""
        try:
            yield
        except sqlite3.Error as error:
            self._fresh = False
            if self._path and not any(word in str(error) for word in ("locked", "readonly", "unable", "full", "I/O")):
                with suppress(OSError):
                    self._path.unlink(missing_ok=True)
                self._turn = 0
        except (OSError, ValueError, TypeError):
            self._fresh = self._path is None


def _seal(token: str, rows: Mapping[str, Kept]) -> str:
    """Of everything but the texts, which have hashes of their own."""
    written = "\n".join(f"{name}\t{row.etag}\t{row.digest}" for name, row in sorted(rows.items()))
    return hashlib.sha256(f"{token}\n{written}".encode("utf-8", "surrogatepass")).hexdigest()
