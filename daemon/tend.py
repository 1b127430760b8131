"""What is due at this very moment, once the plan has been carried out: the inbox is opened or held, answers are read, turns and
kept blocks are recorded, due messages go out. Every step looks at the present state alone, so a missed pass costs nothing."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from daemon.session import Session
from integrations.errors import OutsideError
from integrations.ports import Lease, Mailbox
from rules.inbox import InboxState, state, timeline
from rules.interval import Interval
from rules.items import HoldItem
from rules.model import Absence, Opening
from rules.passing import pass_addresses, pass_subjects, passes
from rules.plan import Standing

# Openings are looked for this far around now: more than the longest flight and the longest lease.
_AROUND = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Tended:
    """What a pass did at the moment, in words, and what failed."""

    words: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()
    held: int = 0
    released: int = 0
    inbox: Mapping[str, InboxState] = field(default_factory=dict)


def armed(standing: Mapping[str, Standing], absences: Collection[Absence]) -> dict[str, list[tuple[HoldItem, Absence]]]:
    """Mailbox id → holds that the user has agreed to, with their absences."""
    by_id = {absence.id: absence for absence in absences}
    found: dict[str, list[tuple[HoldItem, Absence]]] = {}
    for stands in standing.values():
        item = stands.item
        if isinstance(item, HoldItem) and stands.state == "done" and item.absence_id in by_id:
            found.setdefault(item.mail_id, []).append((item, by_id[item.absence_id]))
    return found


def openings_now(session: Session, absences: Sequence[Absence], now: datetime) -> tuple[Opening, ...]:
    """All openings around now, those that have begun as they were."""
    span = Interval(now - _AROUND, now + _AROUND)
    return timeline(session.policy.inbox, session.policy.me, session.ledger.openings(), span, absences)


def inbox_state(session: Session, holds: Sequence[tuple[HoldItem, Absence]], now: datetime) -> InboxState:
    """Of one mailbox, from the holds armed for it."""
    current = next((absence for _, absence in holds if now in absence.span), None)
    return state(current, openings_now(session, [absence for _, absence in holds], now), now)


# --- the inbox --------------------------------------------------------------------------------------------------------


def tend_inbox(session: Session, look_absences: Sequence[Absence], now: datetime) -> Tended:
    """Open or hold every mailbox as its windows say. A mailbox without an armed hold is swept: what is held comes out."""
    told = Tended()
    holds = armed(session.ledger.standing(), look_absences)
    for mail_id, mailbox in session.outside.mailboxes.items():
        try:
            told = _joined(told, _tend_mailbox(session, mailbox, holds.get(mail_id, []), now))
        except OutsideError as error:
            told = replace(told, failed=(*told.failed, error.what))
    return told


def _joined(one: Tended, other: Tended) -> Tended:
    return Tended(
        one.words + other.words,
        one.failed + other.failed,
        one.held + other.held,
        one.released + other.released,
        {**one.inbox, **other.inbox},
    )


def _tend_mailbox(session: Session, mailbox: Mailbox, holds: list[tuple[HoldItem, Absence]], now: datetime) -> Tended:
    current = next(((item, absence) for item, absence in holds if now in absence.span), None)
    if current is None:
        return _sweep(session, mailbox, now)
    item, absence = current
    inbox = inbox_state(session, holds, now)
    told = Tended(inbox={mailbox.id: inbox})
    if inbox.opening is not None:
        told = _joined(told, _open(session, mailbox, item, inbox.opening, now))
    elif item.mode != "sync" and inbox.since is not None:
        told = _joined(told, _hold(session, mailbox, absence, inbox.since, now))
    return told


def _open(session: Session, mailbox: Mailbox, item: HoldItem, opening: Opening, now: datetime) -> Tended:
    words: tuple[str, ...] = ()
    if session.ledger.opened(opening):
        words = (f"window {opening.span.start.astimezone(_zone(opening.zone)):%H:%M} ({opening.zone}) opened",)
        session.ledger.note(now, opening.absence_id, "opened", words[0])
    if item.mode == "sync":
        return Tended(words + _synchronise(session, now))
    return _joined(Tended(words), _release(session, mailbox, opening.absence_id, now))


def _release(session: Session, mailbox: Mailbox, absence_id: str, now: datetime) -> Tended:
    released = mailbox.release()
    session.ledger.released_messages(mailbox.id, now)
    if not released:
        return Tended()
    words = f"{_messages(released)} released into {mailbox.id}"
    session.ledger.note(now, absence_id, "released", words)
    return Tended((words,), released=released)


def _sweep(session: Session, mailbox: Mailbox, now: datetime) -> Tended:
    """Nobody is away: whatever is still held comes out, whoever forgot it there."""
    return _release(session, mailbox, "", now) if mailbox.held() else Tended()


def _hold(session: Session, mailbox: Mailbox, absence: Absence, since: datetime, now: datetime) -> Tended:
    policy = session.policy
    arrived = mailbox.arrivals(since)
    staying = [m for m in arrived if passes(m, policy.inbox, policy.me, policy.person, absence) is None]
    if not staying:
        return Tended()
    # Recorded first: should we die in between, the message is merely counted and the next pass moves it.
    session.ledger.held_messages(mailbox.id, absence.id, {m.message_id or m.id: m.sender for m in staying}, now)
    held = mailbox.hold([m.id for m in staying])
    words = f"{_messages(held)} held in {mailbox.id}"
    session.ledger.note(now, absence.id, "held", words)
    return Tended((words,), held=held)


def _messages(count: int) -> str:
    return f"{count} message{'' if count == 1 else 's'}"


def _synchronise(session: Session, now: datetime) -> tuple[str, ...]:
    """Run the user's command, again at most every few minutes."""
    last = session.ledger.get("synchronised")
    every = timedelta(minutes=session.policy.inbox.sync_every_minutes)
    if session.outside.sync is None or (last and now - datetime.fromisoformat(last) < every):
        return ()
    session.ledger.set("synchronised", now.isoformat())
    session.outside.sync.run()
    return ("mail synchronised",)


def lease_at(session: Session, mail_id: str, absences: Sequence[Absence], now: datetime) -> Lease | None:
    """The server-side hold as it ought to stand in the script from now on, or None where nothing is to be held soon."""
    policy = session.policy
    ahead = Interval(now, now + timedelta(hours=policy.inbox.lease_hours))
    holds = armed(session.ledger.standing(), absences).get(mail_id, [])
    near = [absence for item, absence in holds if item.mode == "server" and absence.span.overlaps(ahead)]
    if not near:
        return None
    first = near[0]
    openings = [o for o in openings_now(session, near, now) if o.span.overlaps(ahead)]
    return Lease(
        starts=max(first.span.start, now),
        ends=min(first.span.end, ahead.end),
        openings=tuple(openings),
        passes=pass_addresses(policy.inbox, policy.me, policy.person, first),
        pass_subjects=pass_subjects(policy.inbox, policy.me),
    )
