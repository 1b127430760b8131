"""What homeward remembers: an SQLite file with every absence, every effect on the outside (intent, outcome, what was there
before), every answer. One writer at a time. Nothing is written outside before its intent stands here; what was there before
is written once and never overwritten. No secrets, no mail bodies, no texts of private entries; only the title of a private
meeting for which a rule asks somebody to host.

Past instants are UTC; values with future ones carry wall time, zone and UTC (`codec`).

One chapter a file, all over one `database`."""

from __future__ import annotations

from daemon.ledger.absences import Absences
from daemon.ledger.database import Busy, LedgerError
from daemon.ledger.departures import Departures
from daemon.ledger.development import Development
from daemon.ledger.effects import Effect, Effects
from daemon.ledger.family import Debt, Family
from daemon.ledger.journal import Entry
from daemon.ledger.mail import Mail
from daemon.ledger.people import People
from daemon.ledger.readings import LastReading, Readings
from daemon.ledger.schema import SCHEMA

__all__ = ["SCHEMA", "Busy", "Debt", "Effect", "Entry", "LastReading", "Ledger", "LedgerError"]


class Ledger(Absences, Effects, People, Mail, Family, Readings, Development, Departures):
    """The open ledger. Reading needs no lock; whoever writes is inside `writing()`."""
