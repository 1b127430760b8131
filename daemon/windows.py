"""Which hold counts for a mailbox at a moment, and what its windows are. Reads the ledger only, so that `status` can ask, too."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

from daemon.session import Session
from rules.inbox import HOME, InboxState, state, timeline
from rules.interval import Interval
from rules.items import HoldItem
from rules.model import Absence, Opening
from rules.plan import Standing

# Openings are looked for this far around now: more than the longest flight and the longest lease.
_AROUND = timedelta(days=3)

# A hold that the user has agreed to, with its absence; None: at home, under `when = "always"`.
Armed = tuple[HoldItem, Absence | None]


def armed(standing: Mapping[str, Standing], absences: Collection[Absence]) -> dict[str, list[Armed]]:
    """By mailbox id."""
    by_id: dict[str, Absence | None] = {HOME: None, **{absence.id: absence for absence in absences}}
    found: dict[str, list[Armed]] = {}
    for stands in standing.values():
        item = stands.item
        if isinstance(item, HoldItem) and stands.state == "done" and item.absence_id in by_id:
            found.setdefault(item.mail_id, []).append((item, by_id[item.absence_id]))
    return found


def in_force(holds: Sequence[Armed], now: datetime) -> Armed | None:
    """The hold that counts now: that of an absence before that at home."""
    away = next((hold for hold in holds if hold[1] is not None and now in hold[1].span), None)
    return away or next((hold for hold in holds if hold[1] is None), None)


def openings_now(session: Session, absences: Sequence[Absence], now: datetime) -> tuple[Opening, ...]:
    """All openings around now, those that have begun as they were."""
    span = Interval(now - _AROUND, now + _AROUND)
    return timeline(session.policy.inbox, session.policy.me, session.ledger.openings(), span, absences)


def inbox_state(session: Session, holds: Sequence[Armed], now: datetime) -> InboxState:
    """Of one mailbox, from the holds armed for it."""
    current = in_force(holds, now)
    openings = openings_now(session, [absence for _, absence in holds if absence is not None], now)
    if current is None:
        ahead = min((o for o in openings if o.span.start > now), key=lambda o: o.span.start, default=None)
        return InboxState(False, "you are not away", following=ahead)
    return state(current[1], openings, now)
