"""A small database that may be thrown away at any time: 0600, of one version, and in memory where the disk cannot be used."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from integrations.errors import Temporary

_BUSY = 2.0  # seconds to wait for another process; after that this one goes on without the disk


class CacheFile:
    """`statements` make the tables; `version` changes with them and with what is put into them."""

    def __init__(self, path: Path | None, version: int, statements: Sequence[str]) -> None:
        self._path, self._version, self._statements = path, version, statements
        self._held: sqlite3.Connection | None = None

    @contextmanager
    def opened(self) -> Iterator[sqlite3.Connection]:
        """The file; where it cannot be used, what this process holds. Temporary where it turns out to be damaged: it is thrown
        away, and the next try begins anew."""
        db = self._file()
        if db is None:
            yield self._memory()
            return
        try:
            with closing(db):
                yield db
        except sqlite3.OperationalError:
            raise Temporary("homeward's cache cannot be written at the moment.") from None
        except sqlite3.DatabaseError:
            self._throw_away()
            raise Temporary("homeward's cache was damaged and has been thrown away; trying again.") from None

    def _memory(self) -> sqlite3.Connection:
        if self._held is None:
            self._held = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
            self._prepare(self._held)
        return self._held

    def _throw_away(self) -> None:
        if self._path is not None:
            with suppress(OSError):
                self._path.unlink(missing_ok=True)

    @contextmanager
    def changing(self) -> Iterator[sqlite3.Connection]:
        """All of what is done inside, or nothing."""
        with self.opened() as db:
            db.execute("BEGIN IMMEDIATE")
            try:
                yield db
                db.execute("COMMIT")
            except BaseException:
                with suppress(sqlite3.Error):
                    db.execute("ROLLBACK")
                raise

    def _file(self) -> sqlite3.Connection | None:
        if self._path is None:
            return None
        for _ in range(2):
            try:
                return self._connected(self._path)
            except sqlite3.OperationalError:
                break  # busy, or cannot be written
            except sqlite3.DatabaseError:
                self._throw_away()  # damaged, or of another version
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
        db.execute("PRAGMA synchronous=OFF")  # what a power cut damages is asked for again
        version = db.execute("PRAGMA user_version").fetchone()[0]
        if version not in (0, self._version):
            raise sqlite3.DatabaseError("another version")
        if version == 0:
            for statement in self._statements:
                db.execute(statement)
            db.execute(f"PRAGMA user_version={self._version}")
