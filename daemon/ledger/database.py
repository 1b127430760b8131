"""The SQLite file under the ledger: opening it safely, one writer at a time, transactions, and small things kept by key."""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from daemon.ledger.schema import MIGRATIONS, SCHEMA


class LedgerError(Exception):
    """The ledger cannot be used; the text says why and what to type."""


class Busy(LedgerError):
    """Another homeward holds the ledger."""


def stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def open_database(path: Path) -> sqlite3.Connection:
    """Connect, check the schema, migrate. LedgerError where it is from a newer homeward, a symbolic link, or no ledger at all."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if path.is_symlink():
        raise LedgerError(f"{path} is a symbolic link, and the ledger has to be a real file. Nothing was read or changed.")
    if not path.exists():
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_NOFOLLOW, 0o600))
    try:
        with _one_at_a_time(path.parent):
            return _ready(sqlite3.connect(path, isolation_level=None, timeout=10), path)
    except sqlite3.DatabaseError as error:
        raise LedgerError(f"{path} cannot be used as a ledger ({error}). Nothing was changed.") from error


@contextmanager
def _one_at_a_time(folder: Path) -> Iterator[None]:
    """Wait until no other process is opening a ledger here: SQLite does not wait where two set the journal mode at once."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _ready(db: sqlite3.Connection, path: Path) -> sqlite3.Connection:
    try:
        # Before anything else: to set the journal mode already writes to the file.
        version = _refuse_newer(db, path)
        db.execute("PRAGMA journal_mode=WAL")
        db.execute("PRAGMA synchronous=FULL")
        db.execute("PRAGMA foreign_keys=ON")
        _migrate(db, version)
    except BaseException:
        db.close()
        raise
    return db


def _refuse_newer(db: sqlite3.Connection, path: Path) -> int:
    """The schema's version."""
    version = int(db.execute("PRAGMA user_version").fetchone()[0])
    if version > SCHEMA:
        raise LedgerError(
            f"{path} was written by a newer homeward (its version {version}, ours {SCHEMA}). "
            "Nothing was read or changed; install the newer homeward again."
        )
    return version


def _migrate(db: sqlite3.Connection, version: int) -> None:
    for number in range(version, SCHEMA):
        db.execute("BEGIN IMMEDIATE")
        # A second process may have migrated while we waited for the lock.
        if db.execute("PRAGMA user_version").fetchone()[0] == number:
            for statement in MIGRATIONS[number].split(";"):
                if statement.strip():
                    db.execute(statement)
            db.execute(f"PRAGMA user_version={number + 1}")
        db.execute("COMMIT")


class Database:
    """The open file. Reading needs no lock; whoever writes is inside `writing()`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.wrote = False  # whether it was open for writing
        self.db = open_database(path)

    def close(self) -> None:
        self.db.close()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the one writer's lock. Busy, with the pid of the holder, where another process has it."""
        lock = self.path.with_suffix(".lock")
        handle = os.open(lock, os.O_CREAT | os.O_RDWR | os.O_NOFOLLOW, 0o600)
        try:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                holder = os.read(handle, 20).decode("ascii", "replace").strip() or "unknown"
                raise Busy(f"another homeward (pid {holder}) is at work. Nothing was changed; try again in a moment.") from None
            os.ftruncate(handle, 0)
            os.pwrite(handle, str(os.getpid()).encode(), 0)
            self.wrote = True
            yield
        finally:
            os.close(handle)

    @contextmanager
    def together(self) -> Iterator[None]:
        """What is written inside stands as a whole or not at all. May be nested: the outermost counts."""
        if self.db.in_transaction:
            yield
            return
        self.db.execute("BEGIN IMMEDIATE")
        try:
            yield
            self.db.execute("COMMIT")
        except BaseException:
            # SQLite has rolled back by itself where the disk is full.
            if self.db.in_transaction:
                self.db.execute("ROLLBACK")
            raise

    def rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        return self.db.execute(sql, values).fetchall()

    def get(self, key: str) -> str | None:
        rows = self.rows("SELECT value FROM meta WHERE key=?", key)
        return rows[0][0] if rows else None

    def set(self, key: str, value: str) -> None:
        self.db.execute("INSERT OR REPLACE INTO meta VALUES(?,?)", (key, value))

    def keys(self, beginning: str) -> list[str]:
        """All that begin so, sorted."""
        rows = self.rows("SELECT key FROM meta WHERE substr(key, 1, ?) = ? ORDER BY key", len(beginning), beginning)
        return [row[0] for row in rows]

    def unset(self, key: str) -> None:
        self.db.execute("DELETE FROM meta WHERE key=?", (key,))
