"""The tables, by numbered migrations:
each brings the schema from its index to the next. Never edit one that was released; add one."""

from __future__ import annotations

MIGRATIONS = (
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
    """
    CREATE TABLE development(seq INTEGER PRIMARY KEY, source TEXT NOT NULL UNIQUE, person_id TEXT NOT NULL, kind TEXT NOT NULL,
        what TEXT NOT NULL, level INTEGER NOT NULL, at TEXT NOT NULL, absence_id TEXT NOT NULL, outcome TEXT NOT NULL) STRICT;
    CREATE TABLE feedback(seq INTEGER PRIMARY KEY, person_id TEXT NOT NULL, at TEXT NOT NULL, words TEXT NOT NULL) STRICT;
    CREATE TABLE departure(absence_id TEXT PRIMARY KEY, at TEXT NOT NULL, until TEXT NOT NULL, entries TEXT NOT NULL) STRICT;
    """,
)
SCHEMA = len(MIGRATIONS)
