"""What a digest needs and only the ledger and the mailboxes know; and the note of how the calendars stood at each departure,
which has to be made in time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING

from daemon.family import trips_of
from integrations.errors import OutsideError
from rules.balance_page import rows
from rules.changes import as_it_stood
from rules.digest import DIGEST_FOR, Memory
from rules.model import Absence, Envelope
from rules.threads import is_letter

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from datetime import datetime

    from daemon.outside import Outside
    from daemon.session import Session
    from rules.makeup import Sums


def recollect(session: Session, absence: Absence) -> Memory:
    ledger = session.ledger
    return Memory(
        mails=tuple(_read(session.outside, absence.span.start)),
        held=ledger.held_of(absence.id),
        openings=len(ledger.openings(absence.id)),
        departure=ledger.departure(absence.id),
        steps=ledger.development(absence_id=absence.id),
        family=_family(session, absence),
    )


def _family(session: Session, absence: Absence) -> Sequence[tuple[str, Sums]]:
    """Of this trip, and of all of its year where there were others."""
    trips = trips_of(session.ledger, session.clock.now(), session.zone)
    own = next((trip for trip in trips if trip.absence_id == absence.id), None)
    if own is None:
        return ()
    found = rows([trip for trip in trips if trip.year == own.year], own.year)
    return ((own.title, own.sums), *found[-1:]) if len(found) > 1 else found


def replies_since(outside: Outside, since: datetime, senders: Collection[str]) -> list[Envelope]:
    """To homeward's letters, in every mailbox that can be read now. The pass names the others; what they say is read later."""
    found: list[Envelope] = []
    for mailbox in outside.mailboxes.values():
        try:
            found += mailbox.replies(since, senders)
        except OutsideError:
            continue
    return found


def _read(outside: Outside, since: datetime) -> Iterator[Envelope]:
    """With the texts of what is a letter; of the rest the headers will do."""
    for mailbox in outside.mailboxes.values():
        with suppress(OutsideError):  # the pass names it; what it says is read later
            found = mailbox.find(since)
            letters = {letter.id: letter for letter in mailbox.with_texts([mail for mail in found if is_letter(mail)])}
            yield from (letters.get(mail.id, mail) for mail in found)


def note_departures(session: Session, absences: Iterable[Absence], now: datetime) -> None:
    """The last reading before the first pass in an absence is how the calendars stood. To be called before a new one is kept."""
    ledger = session.ledger
    for absence in absences:
        begun = absence.span.start <= now < absence.span.end + DIGEST_FOR
        if begun and absence.action == "act" and not ledger.departed(absence.id):
            _note_departure(session, absence, now)


def _note_departure(session: Session, absence: Absence, now: datetime) -> None:
    mine = [calendar.id for calendar in session.policy.calendar if calendar.role == "mine"]
    readings = [reading for name in mine if (reading := session.ledger.last_reading(name)) is not None]
    if readings:
        # The reading is written only where something changed: until this moment it was still true, but reached no further.
        until = min(reading.at for reading in readings) + timedelta(days=session.policy.service.horizon_days)
        stood = [occurrence for reading in readings for occurrence in reading.occurrences]
        session.ledger.keep_departure(absence.id, as_it_stood(stood, absence, now, until))
