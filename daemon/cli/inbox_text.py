"""The hold of the inbox in words, for `status` and `inbox`. It reads the ledger only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from daemon.session import Session
from daemon.windows import Armed, armed, inbox_state
from rules.inbox import HOME, InboxState
from rules.model import Absence
from rules.plan import Standing
from rules.telling import at, printable


def inboxes(
    session: Session, standing: Mapping[str, Standing], absences: Sequence[Absence], now: datetime
) -> dict[str, tuple[InboxState, str]]:
    """By mailbox: how it is, and that in words. A mailbox without a hold of ours is not in it."""
    found = {}
    for mail, holds in armed(standing, absences).items():
        state = inbox_state(session, holds, now)
        found[mail] = (state, _words(session, state, holds, now) + (_filter(session, mail) if state.held else ""))
    return found


def _filter(session: Session, mail: str) -> str:
    """What holds at Gmail has no end of its own."""
    google = {account.id for account in session.policy.account if account.kind == "google"}
    by_filter = any(each.id == mail and each.hold == "server" and each.account in google for each in session.policy.mail)
    return "; by a filter at Gmail, which stands until a pass takes it away" if by_filter else ""


def _words(session: Session, state: InboxState, holds: Sequence[Armed], now: datetime) -> str:
    if state.held:
        return state.because + _waiting(session, holds)
    if state.opening is not None:
        end = state.opening.span.end
        return f"open until {at(end, state.opening.zone)} ({printable(state.because)})"
    starts = [item.span.start for item, absence in holds if absence is not None and item.span.start > now]
    return "open" + (f"; held from {at(min(starts), session.zone)}" if starts else "")


def _waiting(session: Session, holds: Sequence[Armed]) -> str:
    """How much waits."""
    count = sum(session.ledger.held_counts(absence.id if absence else HOME)[1] for _, absence in holds)
    return f"; {count} message{'' if count == 1 else 's'} {'waits' if count == 1 else 'wait'}" if count else ""
