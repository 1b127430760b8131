"""What is kept of a CalDAV collection, so that a pass asks the server only for what changed: the sync token, and of each resource
its name, ETag, a hash and the text. Text of entries that are not public is never written to the disk: it is kept for this process
alone. It can be deleted at any time; what is damaged or of another version is made anew. Two processes may use it at once: what
the slower one has learnt is not written, and asked for again."""

from __future__ import annotations

import hashlib
import os
import re
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import msgspec
from msgspec import Struct

_VERSION = 1
_BUSY = 2.0  # seconds to wait for another process; after that this one goes on without the disk
_MANY = 50  # texts: from here on all are taken from the disk at once
_FOLD = rb"(?:\r?\n[ \t])?"


def _folded(name: str) -> bytes:
    """A property's name at the beginning of a line, wherever it is folded."""
    return rb"^" + _FOLD.join(letter.encode() for letter in name) + rb"(?=[;:]|\r?\n[ \t])"


_UID = re.compile(_folded("UID") + rb"[^:]{0,500}:([^\r\n]*(?:\r?\n[ \t][^\r\n]*)*)", re.IGNORECASE | re.MULTILINE)
_UNFOLD = re.compile(rb"\r?\n[ \t]")
# Whatever is not plainly public, on one line, counts as private: RFC 5545 3.8.1.3 has an unknown class be private.
_NOT_PUBLIC = re.compile(
    _folded("CLASS") + rb"(?!(?:;[^:\r\n]*)?:[ \t]*PUBLIC[ \t]*(?:\r?\n(?![ \t])|\Z))", re.IGNORECASE | re.MULTILINE
)
_TABLES = (
    "collection(key TEXT PRIMARY KEY, turn INTEGER, state BLOB, digest TEXT)",
    "resource(key TEXT, name TEXT, data BLOB, PRIMARY KEY(key, name))",
)

Facts = dict[str, bool | str]


class Kept(Struct, frozen=True, array_like=True):
    """One resource. `digest` is of its text, "" while that has not been fetched; `uids` are those it holds, as a hint."""

    href: str
    etag: str
    digest: str = ""
    uids: tuple[str, ...] = ()
    public: bool = True


def kept(href: str, etag: str, data: bytes | None) -> Kept:
    if data is None:
        return Kept(href, etag)
    found = dict.fromkeys(_UNFOLD.sub(b"", uid).decode("utf-8", "replace").strip() for uid in _UID.findall(data))
    return Kept(href, etag, _digest(data), tuple(found), not _NOT_PUBLIC.search(data))


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


class _State(Struct, array_like=True):
    """Everything but the texts. `facts` are what the server can do."""

    token: str = ""
    facts: Facts = {}
    rows: dict[str, Kept] = {}


class Copy:
    """`rows`, `token` and `facts` are as of the last `refresh` and `change`. Without a path it lives in this process alone."""

    def __init__(self, key: str, path: Path | None) -> None:
        self._key, self._path = key, path
        self._turn = 0
        self._in_step = False  # with the disk
        self._here: dict[str, bytes] = {}
        self._state = _State()

    @property
    def rows(self) -> Mapping[str, Kept]:
        return self._state.rows

    @property
    def token(self) -> str:
        return self._state.token

    @property
    def facts(self) -> Facts:
        return self._state.facts

    def refresh(self) -> None:
        """Take what is on the disk, unless this process has read or written it last."""
        if self._in_step or self._path is None:
            return
        with self._forgiving(), self._opened() as db:
            found = db.execute("SELECT turn, state, digest FROM collection WHERE key=?", (self._key,)).fetchone()
            self._turn = found[0] if found else 0
            sound = found is not None and _digest(found[1]) == found[2]
            self._state = msgspec.msgpack.decode(found[1], type=_State) if sound else _State()
            self._here = {name: data for name, data in self._here.items() if self._is_of(name, data)}
            self._in_step = True

    # texts

    def lacking(self, names: Collection[str]) -> list[str]:
        """Those whose text is not at hand; those that are on the disk are at hand from now on."""
        wanted = [name for name in names if name not in self._here]
        with self._forgiving(), self._opened() as db:
            for name, data in _texts(db, self._key, [name for name in wanted if self.rows[name].digest]):
                if self._is_of(name, data):
                    self._here[name] = data
        return [name for name in wanted if name not in self._here]

    def content(self, name: str) -> bytes | None:
        """None where the text is not at hand."""
        return None if name not in self._here and self.lacking([name]) else self._here[name]

    def rest(self) -> None:
        """Texts that are on the disk need not be in memory."""
        if self._in_step:
            self._here = {name: data for name, data in self._here.items() if not self.rows[name].public}

    def _is_of(self, name: str, data: bytes) -> bool:
        return name in self.rows and self.rows[name].digest == _digest(data)

    # news

    def change(
        self, came: Mapping[str, tuple[Kept, bytes | None]], gone: Collection[str] = (), token: str | None = None
    ) -> None:  # fmt: skip
        """Take over what the server said, on the disk as well where there is one."""
        rows = self._state.rows
        for name in gone:
            rows.pop(name, None)
            self._here.pop(name, None)
        for name, (row, data) in came.items():
            rows[name] = row
            self._here.pop(name, None)
            if data is not None:
                self._here[name] = data
        if token is not None:
            self._state.token = token
        with self._forgiving(), self._opened() as db:
            self._in_step = self._write(db, came, gone)

    def note(self, facts: Facts) -> None:
        self._state.facts = facts
        self.change({})

    def _write(self, db: sqlite3.Connection, came: Iterable[str], gone: Collection[str]) -> bool:
        """False, and nothing is written, where another process has written since."""
        db.execute("BEGIN IMMEDIATE")
        found = db.execute("SELECT turn FROM collection WHERE key=?", (self._key,)).fetchone()
        if (found[0] if found else 0) != self._turn:
            db.execute("ROLLBACK")
            return False
        stale = [(self._key, name) for name in (*gone, *came)]
        db.executemany("DELETE FROM resource WHERE key=? AND name=?", stale if found else ())
        public = ((self._key, name, self._here[name]) for name in came if name in self._here and self.rows[name].public)
        db.executemany("INSERT INTO resource VALUES(?,?,?)", public)
        state = msgspec.msgpack.encode(self._state)
        db.execute("INSERT OR REPLACE INTO collection VALUES(?,?,?,?)", (self._key, self._turn + 1, state, _digest(state)))
        db.execute("COMMIT")
        self._turn += 1
        return True

    # the disk

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
            self._in_step = False
            if self._path and not any(word in str(error) for word in ("locked", "readonly", "unable", "full", "I/O")):
                with suppress(OSError):
                    self._path.unlink(missing_ok=True)
                self._turn = 0
        except (OSError, ValueError, TypeError, msgspec.MsgspecError):
            self._in_step = False


def _texts(db: sqlite3.Connection, key: str, names: Collection[str]) -> Iterator[tuple[str, bytes]]:
    if len(names) >= _MANY:
        wanted = set(names)
        yield from (row for row in db.execute("SELECT name, data FROM resource WHERE key=?", (key,)) if row[0] in wanted)
        return
    for name in names:
        yield from db.execute("SELECT name, data FROM resource WHERE key=? AND name=?", (key, name))
