"""A small database that may be thrown away at any time: 0600, of one version, and in memory where the disk cannot be used."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path

_BUSY = 2.0  # seconds to wait for another process; after that this one goes on without the disk


class CacheFile:
    """`statements` make the tables; `version` changes with them and with what is put into them."""

    def __init__(self, path: Path | None, version: int, statements: Sequence[str]) -> None:
        self._path, self._version, self._statements = path, version, statements
        self._held: sqlite3.Connection | None = None

    @contextmanager
    def opened(self) -> Iterator[sqlite3.Connection]:
        """The file; where it cannot be used, what this process holds."""
        db = self._file()
        if db is not None:
            with closing(db):
                yield db
            return
        if self._held is None:
            self._held = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
            self._prepare(self._held)
        yield self._held

    @contextmanager
    def changing(self) -> Iterator[sqlite3.Connection]:
        """All of what is done inside, or nothing."""
        with self.opened() as db:
            db.execute("BEGIN IMMEDIATE")
            try:
                yield db
            except BaseException:
                db.execute("ROLLBACK")
                raise
            db.execute("COMMIT")

    def _file(self) -> sqlite3.Connection | None:
        if self._path is None:
            return None
        for _ in range(2):
            try:
                return self._connected(self._path)
            except sqlite3.OperationalError:
                break  # busy, or cannot be written
            except sqlite3.DatabaseError:
                with suppress(OSError):
                    self._path.unlink(missing_ok=True)  # damaged, or of another version
            except OSError:
                break
        self._path = None
        return None

    def _connected(self, path: Path) -> sqlite3.Connection:
        if not path.exists():
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            os.close(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_NOFOLLOW, 0o600))
        db = sqlite3.connect(path, timeout=_BUSY, isolation_level=None)
        try:
            self._prepare(db)
        except BaseException:
            db.close()
            raise
        return db

    def _prepare(self, db: sqlite3.Connection) -> None:
        version = db.execute("PRAGMA user_version").fetchone()[0]
        if version not in (0, self._version):
            raise sqlite3.DatabaseError("another version")
        if version == 0:
            for statement in self._statements:
                db.execute(statement)
            db.execute(f"PRAGMA user_version={self._version}")
