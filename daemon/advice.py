"""Errors as advice: what happened, what is untouched, what to type next. The exit codes are those of `homeward --help`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from integrations.errors import AuthExpired, OutsideError, Temporary

if TYPE_CHECKING:
    from daemon.mistakes import ConfigError


class Told(Struct, frozen=True):
    text: str
    exit_code: int


class NeedsAnswer(Exception):
    """Only the user can go on; the text says what to type."""


class Refused(Exception):
    """Unsafe, or no longer what was shown; the text says why and what to type."""


class Usage(Exception):
    """What was typed makes no sense; the text says what would."""


def explain_failure(error: Exception) -> Told | None:
    """None for what is a defect of ours and should show its trace."""
    import sqlite3

    from daemon.ledger import LedgerError
    from daemon.mistakes import ConfigError

    if isinstance(error, ConfigError):
        return Told(_config_words(error), 2)
    if isinstance(error, Usage):
        return Told(f"homeward: {error}", 2)
    if isinstance(error, NeedsAnswer):
        return Told(str(error), 5)
    if isinstance(error, Refused):
        return Told(str(error), 4)
    if isinstance(error, LedgerError):
        return Told(str(error), 1)
    if isinstance(error, OutsideError):
        return Told(f"{error.what}\n{_next_step(error)}", 1)
    if isinstance(error, sqlite3.OperationalError):
        return Told(f"the ledger cannot be written or read: {error}\nWhat was done until now is recorded in it.", 1)
    if isinstance(error, sqlite3.DatabaseError):
        return Told(f"the ledger is damaged: {error}\nNothing more was changed. Put ledger.db back from a backup.", 1)
    if isinstance(error, MemoryError):
        return Told("there is not enough memory for this.\nNothing is lost; the next pass carries on where this one ended.", 1)
    if isinstance(error, OSError):
        where = f"{error.filename}: " if error.filename else ""
        return Told(f"{where}{error.strerror or error}\nNothing was changed by this.", 1)
    return None


def _config_words(error: ConfigError) -> str:
    first = error.mistakes[0]
    if Path(first.file).is_absolute() and not Path(first.file).exists():
        look = "Only to look at a calendar, none is needed: homeward trips FILE.ics"
        return f"There is no config yet: {first.file}\nTo write one: homeward init\n{look}"
    return f"{error}\nNothing was done. Correct that, then: homeward doctor"


def _next_step(error: OutsideError) -> str:
    if isinstance(error, Temporary):
        return "Nothing is lost; the next pass tries again. To look closer: homeward doctor"
    if isinstance(error, AuthExpired) and not error.account:  # else it says itself what to type
        return "Sign in again, then: homeward doctor"
    return "Nothing was changed by this. To look closer: homeward doctor"
