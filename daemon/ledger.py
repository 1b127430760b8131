"""What homeward remembers: an SQLite file with every absence, every effect on the outside (intent, outcome, what was there
before), every answer. One writer at a time. Nothing is written outside before its intent stands here; what was there before
is written once and never overwritten. No secrets, no mail bodies, no texts of private entries.

Past instants are UTC; values with future ones carry wall time, zone and UTC (`codec`)."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import sqlite3
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec import Struct
from msgspec.structs import replace

from daemon import codec
from rules.items import Item
from rules.model import (
    Absence,
    Assignment,
    Declared,
    Evidence,
    KnownAbsence,
    Occurrence,
    OccurrenceKey,
    Opening,
    Said,
    Turn,
)
from rules.plan import Standing, StandingState, kind_of

if TYPE_CHECKING:
    from rules.coaching import Coached

# Numbered migrations: each brings the schema from its index to the next. Never edit one that was released; add one.
_MIGRATIONS = (
    """
    CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
    CREATE TABLE absence(id TEXT PRIMARY KEY, account_id TEXT NOT NULL, starts TEXT NOT NULL, ends TEXT NOT NULL,
        minted TEXT NOT NULL, value TEXT NOT NULL) STRICT;
    CREATE TABLE declared(id TEXT PRIMARY KEY, at TEXT NOT NULL, value TEXT NOT NULL) STRICT;
    CREATE TABLE said(seq INTEGER PRIMARY KEY, absence_id TEXT NOT NULL, at TEXT NOT NULL, value TEXT NOT NULL) STRICT;
    CREATE TABLE effect(id TEXT PRIMARY KEY, account_id TEXT NOT NULL, absence_id TEXT NOT NULL, kind TEXT NOT NULL,
        item TEXT NOT NULL, state TEXT NOT NULL, before TEXT, after TEXT, fingerprint TEXT NOT NULL DEFAULT '',
        intended_at TEXT NOT NULL, outcome_at TEXT) STRICT;
    CREATE TABLE journal(seq INTEGER PRIMARY KEY, at TEXT NOT NULL, account_id TEXT NOT NULL, absence_id TEXT NOT NULL,
        effect_id TEXT NOT NULL, step TEXT NOT NULL, words TEXT NOT NULL) STRICT;
    CREATE TABLE assignment(absence_id TEXT NOT NULL, calendar_id TEXT NOT NULL, uid TEXT NOT NULL,
        recurrence_id TEXT NOT NULL, effect_id TEXT NOT NULL, identity TEXT NOT NULL, value TEXT NOT NULL,
        PRIMARY KEY(absence_id, calendar_id, uid, recurrence_id)) STRICT;
    CREATE TABLE turn(absence_id TEXT NOT NULL, calendar_id TEXT NOT NULL, uid TEXT NOT NULL, recurrence_id TEXT NOT NULL,
        value TEXT NOT NULL, PRIMARY KEY(calendar_id, uid, recurrence_id)) STRICT;
    CREATE TABLE previous(seq INTEGER PRIMARY KEY, thing TEXT NOT NULL, taken_at TEXT NOT NULL, value TEXT NOT NULL,
        restored_at TEXT) STRICT;
    CREATE UNIQUE INDEX previous_once ON previous(thing) WHERE restored_at IS NULL;
    CREATE TABLE opening(absence_id TEXT NOT NULL, local_date TEXT NOT NULL, number INTEGER NOT NULL, starts TEXT NOT NULL,
        reason TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY(absence_id, local_date, number, starts)) STRICT;
    CREATE TABLE held(mail_id TEXT NOT NULL, message TEXT NOT NULL, absence_id TEXT NOT NULL, sender TEXT NOT NULL,
        held_at TEXT NOT NULL, released_at TEXT, PRIMARY KEY(mail_id, message)) STRICT;
    CREATE TABLE consent(absence_id TEXT NOT NULL, kind TEXT NOT NULL, recipient TEXT NOT NULL, at TEXT NOT NULL,
        PRIMARY KEY(absence_id, kind, recipient)) STRICT;
    CREATE TABLE reading(calendar_id TEXT PRIMARY KEY, at TEXT NOT NULL, entries INTEGER NOT NULL, digest TEXT NOT NULL,
        occurrences TEXT NOT NULL)
        STRICT;
    CREATE TABLE owed(absence_id TEXT PRIMARY KEY, hours REAL NOT NULL, title TEXT NOT NULL, at TEXT NOT NULL) STRICT;
    CREATE TABLE block_outcome(effect_id TEXT PRIMARY KEY, absence_id TEXT NOT NULL, kept INTEGER NOT NULL,
        by_user INTEGER NOT NULL, at TEXT NOT NULL) STRICT;
    """,
)
SCHEMA = len(_MIGRATIONS)


class LedgerError(Exception):
    """The ledger cannot be used; the text says why and what to type."""


class Busy(LedgerError):
    """Another homeward holds the ledger."""


class Effect(Struct, frozen=True):
    """One row of effects. `before` and `after` are the backend's own words, opaque here."""

    item: Item
    state: StandingState
    before: str | None
    after: str | None
    fingerprint: str
    intended_at: datetime


class Entry(Struct, frozen=True):
    """One line of the journal."""

    at: datetime
    absence_id: str
    effect_id: str
    step: str
    words: str


class LastReading(Struct, frozen=True):
    """The last good reading of a calendar."""

    at: datetime
    entries: int
    occurrences: tuple[Occurrence, ...]


class Debt(Struct, frozen=True):
    """What an absence owes to the family, in hours, since when."""

    hours: float
    title: str
    at: datetime


# What is kept of a private entry: that it is there, and when.
_SILENCE: dict[str, Any] = {"summary": "", "location": "", "categories": (), "geo": None}


def _without_words(evidence: Evidence) -> Evidence:
    """Of a private entry only what it means for the leader's absence."""
    return replace(evidence, summary="", because=("A private entry says so.",)) if evidence.private else evidence


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def _moment(text: str) -> datetime:
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
            for statement in _MIGRATIONS[number].split(";"):
                if statement.strip():
                    db.execute(statement)
            db.execute(f"PRAGMA user_version={number + 1}")
        db.execute("COMMIT")


class Ledger:
    """The open ledger. Reading needs no lock; whoever writes is inside `writing()`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.wrote = False  # whether it was open for writing
        self._db = open_database(path)

    def close(self) -> None:
        self._db.close()

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
        if self._db.in_transaction:
            yield
            return
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._db.execute("COMMIT")
        except BaseException:
            # SQLite has rolled back by itself where the disk is full.
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            raise

    def _rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        return self._db.execute(sql, values).fetchall()

    # --- absences and what the user said -----------------------------------------------------------------------------

    def known_absences(self) -> tuple[KnownAbsence, ...]:
        from rules.identity import remember  # heavy, and not needed by `status`

        rows = self._rows("SELECT value, minted FROM absence ORDER BY starts, id")
        return tuple(remember(codec.loads(value), _moment(minted)) for value, minted in rows)

    def absences(self) -> tuple[Absence, ...]:
        """As last seen, by start."""
        return tuple(codec.loads(row[0]) for row in self._rows("SELECT value FROM absence ORDER BY starts, id"))

    def remember(self, absence: Absence, now: datetime) -> None:
        """Insert or update; the moment it was first seen stands. What private entries say is left out."""
        value = codec.dumps(replace(absence, evidence=tuple(_without_words(e) for e in absence.evidence)))
        self._db.execute(
            "INSERT INTO absence VALUES(?,?,?,?,?,?) ON CONFLICT(id) DO UPDATE SET starts=excluded.starts,"
            " ends=excluded.ends, value=excluded.value WHERE value<>excluded.value",
            (absence.id, "local", _stamp(absence.span.start), _stamp(absence.span.end), _stamp(now), value),
        )

    def forget(self, absence_id: str) -> None:
        """An absence whose evidence is gone before it began, and which has no effects."""
        self._db.execute("DELETE FROM absence WHERE id=?", (absence_id,))

    def declared(self) -> tuple[Declared, ...]:
        return tuple(codec.loads(row[0]) for row in self._rows("SELECT value FROM declared ORDER BY at, id"))

    def declare(self, declared: Declared, now: datetime) -> None:
        self._db.execute("INSERT OR REPLACE INTO declared VALUES(?,?,?)", (declared.id, _stamp(now), codec.dumps(declared)))

    def said(self) -> tuple[Said, ...]:
        return tuple(codec.loads(row[0]) for row in self._rows("SELECT value FROM said ORDER BY seq"))

    def say(self, said: Said) -> None:
        self._db.execute(
            "INSERT INTO said(absence_id, at, value) VALUES(?,?,?)", (said.absence_id, _stamp(said.at), codec.dumps(said))
        )

    # --- effects ---------------------------------------------------------------------------------------------------------

    def effects(self) -> dict[str, Effect]:
        """All effects that are not history (undone), by id."""
        rows = self._rows(
            "SELECT id, item, state, before, after, fingerprint, intended_at FROM effect WHERE state<>'undone' ORDER BY id"
        )
        return {row[0]: Effect(codec.loads(row[1]), row[2], row[3], row[4], row[5], _moment(row[6])) for row in rows}

    def standing(self) -> dict[str, Standing]:
        return {effect_id: Standing(effect.item, effect.state) for effect_id, effect in self.effects().items()}

    def intend(self, item: Item, before: str | None, words: str, now: datetime, account: str = "local") -> None:
        """Record that `item` is about to be written. `before` is kept only at the first intent since it was last undone; what was
        written before that undo (`after`) no longer counts."""
        with self.together():
            self._db.execute(
                "INSERT INTO effect(id, account_id, absence_id, kind, item, state, before, intended_at)"
                " VALUES(?,?,?,?,?,'intended',?,?) ON CONFLICT(id) DO UPDATE SET item=excluded.item, state='intended',"
                " before=CASE WHEN effect.state='undone' THEN excluded.before ELSE coalesce(effect.before, excluded.before) END,"
                " after=CASE WHEN effect.state='undone' THEN NULL ELSE effect.after END,"
                " intended_at=excluded.intended_at",
                (item.id, account, item.absence_id, kind_of(item), codec.dumps(item), before, _stamp(now)),
            )
            self._journal(now, item.absence_id, item.id, "intent", words, account)

    def settle(
        self,
        item: Item,
        state: str,
        words: str,
        now: datetime,
        *,
        after: str | None = None,
        fingerprint: str = "",
        account: str = "local",
    ) -> None:
        """Record the outcome of an intent: done, scheduled, neutralised, unknown, adopted, tombstone or undone."""
        with self.together():
            self._db.execute(
                "UPDATE effect SET state=?, item=?, after=coalesce(?, after), fingerprint=?, outcome_at=? WHERE id=?",
                (state, codec.dumps(item), after, fingerprint, _stamp(now), item.id),
            )
            self._journal(now, item.absence_id, item.id, state, words, account)

    def relocate(self, item: Item) -> None:
        """The thing stands as it stood; only where it is to be found has changed (its calendar issued a new UID)."""
        self._db.execute("UPDATE effect SET item=? WHERE id=?", (codec.dumps(item), item.id))

    def refresh_fingerprint(self, effect_id: str, fingerprint: str) -> None:
        """We wrote it again without changing what it is for (a renewed lease in the same script)."""
        self._db.execute("UPDATE effect SET fingerprint=? WHERE id=?", (fingerprint, effect_id))

    def schedule(self, item: Item, words: str, now: datetime, account: str = "local") -> None:
        """Promise something for later (a message that is not yet due). What has gone out, or may have, is not promised again."""
        with self.together():
            cursor = self._db.execute(
                "INSERT INTO effect(id, account_id, absence_id, kind, item, state, intended_at) VALUES(?,?,?,?,?,'scheduled',?)"
                " ON CONFLICT(id) DO UPDATE SET item=excluded.item, state='scheduled', intended_at=excluded.intended_at"
                " WHERE effect.state NOT IN ('intended', 'done', 'unknown')",
                (item.id, account, item.absence_id, kind_of(item), codec.dumps(item), _stamp(now)),
            )
            if cursor.rowcount:
                self._journal(now, item.absence_id, item.id, "scheduled", words, account)

    def revive(self, absence_id: str) -> int:
        """Forget tombstones and adoptions of one absence (`apply --again`, `confirm`); returns how many there were. What was
        adopted still stands out there: it is ours to bring to shape again, and what was there before it is kept."""
        cursor = self._db.execute(
            "UPDATE effect SET state=CASE state WHEN 'adopted' THEN 'intended' ELSE 'undone' END"
            " WHERE absence_id=? AND state IN ('tombstone', 'adopted')",
            (absence_id,),
        )
        return cursor.rowcount

    # --- the journal -------------------------------------------------------------------------------------------------------

    def _journal(self, now: datetime, absence_id: str, effect_id: str, step: str, words: str, account: str = "local") -> None:
        self._db.execute(
            "INSERT INTO journal(at, account_id, absence_id, effect_id, step, words) VALUES(?,?,?,?,?,?)",
            (_stamp(now), account, absence_id, effect_id, step, words),
        )

    def note(self, now: datetime, absence_id: str, step: str, words: str) -> None:
        """Something worth telling in `log` that is no effect."""
        self._journal(now, absence_id, "", step, words)

    def journal(self, absence_id: str | None = None, most: int = 1000) -> tuple[Entry, ...]:
        """Oldest first, the last `most` lines."""
        where, values = ("WHERE absence_id=?", [absence_id]) if absence_id else ("", [])
        rows = self._rows(
            f"SELECT at, absence_id, effect_id, step, words FROM journal {where} ORDER BY seq DESC LIMIT ?", *values, most
        )
        return tuple(Entry(_moment(at), *rest) for at, *rest in reversed(rows))

    # --- hosts -------------------------------------------------------------------------------------------------------------

    def assignments(self) -> tuple[Assignment, ...]:
        return tuple(codec.loads(row[0]) for row in self._rows("SELECT value FROM assignment ORDER BY absence_id, uid"))

    def assignment_identities(self) -> dict[tuple[str, OccurrenceKey], tuple[str, str]]:
        """(absence, occurrence) → (content identity of the occurrence, id of the effect on it)."""
        rows = self._rows("SELECT absence_id, calendar_id, uid, recurrence_id, identity, effect_id FROM assignment")
        return {(row[0], OccurrenceKey(row[1], row[2], row[3])): (row[4], row[5]) for row in rows}

    def assign(self, assignment: Assignment, effect_id: str, identity: str) -> None:
        key = assignment.key
        self._db.execute(
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
        self._db.execute(
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
        if held is not None and held.declined_by:
            effect, identity = held.effect, self.assignment_identities()[(absence_id, key)][0]
            self.assign(replace(held, person_id=held.declined_by[-1], state="declined"), effect, identity)
            return
        self._db.execute(
            "DELETE FROM assignment WHERE absence_id=? AND calendar_id=? AND uid=? AND recurrence_id=?",
            (absence_id, key.calendar_id, key.uid, key.recurrence_id),
        )

    def turns(self) -> tuple[Turn, ...]:
        rows = [codec.loads(row[0]) for row in self._rows("SELECT value FROM turn")]
        return tuple(sorted(rows, key=lambda turn: (turn.at, turn.meeting_id, turn.person_id)))

    def record_turn(self, turn: Turn, absence_id: str, key: OccurrenceKey) -> bool:
        """True when it was not there yet."""
        cursor = self._db.execute(
            "INSERT OR IGNORE INTO turn VALUES(?,?,?,?,?)",
            (absence_id, key.calendar_id, key.uid, key.recurrence_id, codec.dumps(turn)),
        )
        return cursor.rowcount > 0

    # --- what was there before ------------------------------------------------------------------------------------------

    def keep_previous(self, thing: str, value: str, now: datetime) -> str:
        """Keep `value` unless something is kept already; returns what is kept."""
        self._db.execute(
            "INSERT OR IGNORE INTO previous(thing, taken_at, value) VALUES(?,?,?)",
            (thing, _stamp(now), value),
        )
        kept = self.previous(thing)
        return value if kept is None else kept

    def previous(self, thing: str) -> str | None:
        rows = self._rows("SELECT value FROM previous WHERE thing=? AND restored_at IS NULL", thing)
        return rows[0][0] if rows else None

    def previous_restored(self, thing: str, now: datetime) -> None:
        self._db.execute("UPDATE previous SET restored_at=? WHERE thing=? AND restored_at IS NULL", (_stamp(now), thing))

    # --- the inbox -----------------------------------------------------------------------------------------------------------

    def openings(self, absence_id: str | None = None) -> tuple[Opening, ...]:
        where, values = ("WHERE absence_id=?", [absence_id]) if absence_id else ("", [])
        rows = self._rows(f"SELECT value FROM opening {where} ORDER BY starts", *values)
        return tuple(codec.loads(row[0]) for row in rows)

    def opened(self, opening: Opening) -> bool:
        """Record that a window opened; True when it is news."""
        cursor = self._db.execute(
            "INSERT OR IGNORE INTO opening VALUES(?,?,?,?,?,?)",
            (
                opening.absence_id,
                opening.local_date.isoformat(),
                opening.index,
                _stamp(opening.span.start),
                opening.reason,
                codec.dumps(opening),
            ),
        )
        return cursor.rowcount > 0

    def held_messages(self, mail_id: str, absence_id: str, messages: Mapping[str, str], now: datetime) -> None:
        """`messages`: Message-ID (or handle) → sender."""
        rows = [(mail_id, message, absence_id, sender, _stamp(now)) for message, sender in messages.items()]
        self._db.executemany(
            "INSERT INTO held(mail_id, message, absence_id, sender, held_at) VALUES(?,?,?,?,?) ON CONFLICT(mail_id, message)"
            " DO UPDATE SET absence_id=excluded.absence_id, held_at=excluded.held_at, released_at=NULL"
            " WHERE held.released_at IS NOT NULL",
            rows,
        )

    def released_messages(self, mail_id: str, now: datetime, messages: Collection[str] | None = None) -> None:
        """Those named, by Message-ID (or handle); None: all."""
        rows = self._rows("SELECT message FROM held WHERE mail_id=? AND released_at IS NULL", mail_id)
        wanted = [(_stamp(now), mail_id, row[0]) for row in rows if messages is None or row[0] in messages]
        self._db.executemany("UPDATE held SET released_at=? WHERE mail_id=? AND message=?", wanted)

    def held_now(self, mail_id: str) -> frozenset[str]:
        """What we moved out of the inbox and have not moved back, by Message-ID (or handle)."""
        rows = self._rows("SELECT message FROM held WHERE mail_id=? AND released_at IS NULL", mail_id)
        return frozenset(row[0] for row in rows)

    def reopened(self, opening: Opening) -> None:
        """The same opening with another end (closed by hand)."""
        self._db.execute(
            "UPDATE opening SET value=? WHERE absence_id=? AND local_date=? AND number=? AND starts=?",
            (
                codec.dumps(opening),
                opening.absence_id,
                opening.local_date.isoformat(),
                opening.index,
                _stamp(opening.span.start),
            ),
        )

    def held_counts(self, absence_id: str) -> tuple[int, int]:
        """(released again, held still) messages of the absence."""
        row = self._rows("SELECT count(released_at), count(*) - count(released_at) FROM held WHERE absence_id=?", absence_id)[0]
        return row[0], row[1]

    # --- consent -------------------------------------------------------------------------------------------------------------

    def consent(self, absence_id: str, kind: str, recipients: Sequence[str], now: datetime) -> None:
        rows = [(absence_id, kind, recipient, _stamp(now)) for recipient in ("", *recipients)]
        self._db.executemany("INSERT OR IGNORE INTO consent VALUES(?,?,?,?)", rows)

    def consented(self) -> frozenset[tuple[str, str, str]]:
        """(absence, kind, recipient); recipient "" is the kind itself."""
        return frozenset((a, k, r) for a, k, r in self._rows("SELECT absence_id, kind, recipient FROM consent"))

    def withdraw_consent(self, absence_id: str) -> None:
        self._db.execute("DELETE FROM consent WHERE absence_id=?", (absence_id,))

    # --- readings ------------------------------------------------------------------------------------------------------------

    def last_entries(self, calendar_id: str) -> int | None:
        """How many events the calendar had at the last good reading."""
        rows = self._rows("SELECT entries FROM reading WHERE calendar_id=?", calendar_id)
        return rows[0][0] if rows else None

    def last_reading(self, calendar_id: str) -> LastReading | None:
        rows = self._rows("SELECT at, entries, occurrences FROM reading WHERE calendar_id=?", calendar_id)
        return LastReading(_moment(rows[0][0]), rows[0][1], codec.loads(rows[0][2])) if rows else None

    def keep_reading(self, calendar_id: str, entries: int, occurrences: Sequence[Occurrence], now: datetime) -> None:
        """Replaces the last good one; descriptions are left out (long, and not needed to go on without the calendar), and of
        private entries everything that says what they are. Nothing is written where nothing changed."""
        digest = _digest(occurrences)
        if self._rows("SELECT 1 FROM reading WHERE calendar_id=? AND entries=? AND digest=?", calendar_id, entries, digest):
            return
        slim = [replace(o, description="", **(_SILENCE if o.private else {})) for o in occurrences]
        self._db.execute(
            "INSERT OR REPLACE INTO reading(calendar_id, at, entries, digest, occurrences) VALUES(?,?,?,?,?)",
            (calendar_id, _stamp(now), entries, digest, codec.dumps(slim)),
        )

    # --- the family balance -------------------------------------------------------------------------------------------------

    def owe(self, absence_id: str, hours: float, title: str, now: datetime) -> None:
        self._db.execute(
            "INSERT INTO owed VALUES(?,?,?,?) ON CONFLICT(absence_id) DO UPDATE SET hours=excluded.hours, title=excluded.title",
            (absence_id, hours, title, _stamp(now)),
        )

    def owe_nothing(self, absence_id: str) -> None:
        self._db.execute("DELETE FROM owed WHERE absence_id=?", (absence_id,))

    def owed(self) -> dict[str, Debt]:
        """By absence id."""
        rows = self._rows("SELECT absence_id, hours, title, at FROM owed ORDER BY at, absence_id")
        return {row[0]: Debt(row[1], row[2], _moment(row[3])) for row in rows}

    def block_kept(self, effect_id: str, absence_id: str, kept: bool, by_user: bool, now: datetime) -> None:
        """The user's word stands against ours."""
        self._db.execute(
            "INSERT INTO block_outcome VALUES(?,?,?,?,?) ON CONFLICT(effect_id) DO UPDATE SET kept=excluded.kept,"
            " by_user=excluded.by_user, at=excluded.at WHERE excluded.by_user=1 OR block_outcome.by_user=0",
            (effect_id, absence_id, int(kept), int(by_user), _stamp(now)),
        )

    def block_outcomes(self) -> dict[str, bool]:
        return {row[0]: bool(row[1]) for row in self._rows("SELECT effect_id, kept FROM block_outcome")}

    # --- small things kept by key ----------------------------------------------------------------------------------

    def keep_mentors(self, absence_id: str, mentors: Mapping[str, str]) -> None:
        """Junior → mentor, so that nobody changes mentors without need."""
        if mentors:
            self.set(f"mentors/{absence_id}", json.dumps(dict(mentors), sort_keys=True))

    def mentors(self, absence_id: str) -> dict[str, str]:
        return dict(json.loads(self.get(f"mentors/{absence_id}") or "{}"))

    def coached(self) -> tuple[Coached, ...]:
        """Every coaching reply so far, oldest first."""
        from rules.coaching import Coached  # heavy, and not needed by `status`

        rows = [json.loads(row[0]) for row in self._rows("SELECT value FROM meta WHERE key LIKE 'coached/%' ORDER BY key")]
        return tuple(Coached(person, message, _moment(at)) for person, message, at in rows)

    def coach(self, coached: Coached) -> None:
        """Recorded before it is sent: rather none than two."""
        row = json.dumps([coached.person_id, coached.message_id, _stamp(coached.at)])
        self.set(f"coached/{_stamp(coached.at)}/{coached.message_id}", row)

    def lease(self, mail_id: str) -> tuple[datetime, str] | None:
        """When the server-side hold was last written, and what it said."""
        row = self.get(f"lease/{mail_id}")
        at, words = json.loads(row) if row else (None, "")
        return (_moment(at), words) if at else None

    def keep_lease(self, mail_id: str, now: datetime, words: str | None) -> None:
        """None: there is none any more."""
        if words is None:
            self.unset(f"lease/{mail_id}")
        else:
            self.set(f"lease/{mail_id}", json.dumps([_stamp(now), words]))

    # --- the last pass, for `status` -----------------------------------------------------------------------------------

    def gaps(self) -> tuple[str, ...]:
        """What nobody covers, in words, as of the last pass."""
        return tuple(json.loads(self.get("gaps") or "[]"))

    def unavailable(self) -> tuple[str, ...]:
        """What could not be read at the last pass, in words."""
        return tuple(json.loads(self.get("unavailable") or "[]"))

    def signed_out(self) -> tuple[str, ...]:
        """Accounts whose server did not take the login at the last pass, by id."""
        return tuple(json.loads(self.get("signed_out") or "[]"))

    def note_config(self, mistakes: str) -> None:
        """Why the service works with the last good config; "": it does not."""
        if mistakes != (self.get("config_mistakes") or ""):
            self.set("config_mistakes", mistakes)

    def note_pass(
        self, now: datetime, gaps: Sequence[str], unavailable: Sequence[str], signed_out: Sequence[str] = ()
    ) -> None:  # fmt: skip
        self.set("last_pass", now.astimezone(UTC).isoformat())
        self.set("gaps", json.dumps(list(gaps)))
        self.set("unavailable", json.dumps(list(unavailable)))
        self.set("signed_out", json.dumps(list(signed_out)))

    # --- odds and ends ------------------------------------------------------------------------------------------------------

    def get(self, key: str) -> str | None:
        rows = self._rows("SELECT value FROM meta WHERE key=?", key)
        return rows[0][0] if rows else None

    def set(self, key: str, value: str) -> None:
        self._db.execute("INSERT OR REPLACE INTO meta VALUES(?,?)", (key, value))

    def keys(self, beginning: str) -> list[str]:
        """All that begin so, sorted."""
        rows = self._rows("SELECT key FROM meta WHERE substr(key, 1, ?) = ? ORDER BY key", len(beginning), beginning)
        return [row[0] for row in rows]

    def unset(self, key: str) -> None:
        self._db.execute("DELETE FROM meta WHERE key=?", (key,))


def _digest(occurrences: Sequence[Occurrence]) -> str:
    """Of what a reading says, answers of attendees included."""
    hashed = hashlib.blake2b(digest_size=16)
    for o in occurrences:
        answers = ",".join([a.partstat for a in o.attendees])
        hashed.update(
            f"{o.key.uid}|{o.key.recurrence_id}|{o.start.timestamp()}|{o.end.timestamp()}|{o.fingerprint}|{answers}\n".encode()
        )
    return hashed.hexdigest()
