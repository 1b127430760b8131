"""What the server does by itself while nobody looks: the hold is a lease in its script, written anew when its openings move, when
it gets old, and when the user's own rules, which it stands upon, change. And the watchdog: no autoreply of ours is left on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from daemon.session import Session
from daemon.tended import Tended, joined
from daemon.windows import armed, openings_now
from integrations.errors import OutsideError, PreconditionFailed
from integrations.ports import Lease, Responder, ResponderReading
from rules.interval import Interval
from rules.items import ResponderItem, absence_of
from rules.model import Absence
from rules.passing import pass_addresses, pass_subjects, urgent_senders

if TYPE_CHECKING:
    from daemon.reconcile import Look


def lease_at(session: Session, mail_id: str, absences: Sequence[Absence], now: datetime) -> Lease | None:
    """The server-side hold as it ought to stand in the script from now on, or None where nothing is to be held soon."""
    policy = session.policy
    ahead = Interval(now, now + timedelta(hours=policy.inbox.lease_hours))
    holds = armed(session.ledger.standing(), absences).get(mail_id, [])
    found = [a for item, a in holds if item.mode == "server" and a is not None and a.span.overlaps(ahead)]
    near = sorted(found, key=lambda a: a.span.start)
    if not near:
        return None
    first = near[0]
    openings = [o for o in openings_now(session, near, now) if o.span.overlaps(ahead)]
    return Lease(
        starts=max(first.span.start, now),
        ends=min(first.span.end, ahead.end),
        openings=tuple(openings),
        passes=pass_addresses(policy.inbox, policy.me, policy.person, first),
        pass_subjects=pass_subjects(policy.me),
        urgent_word=policy.inbox.urgent_word,
        urgent_from=urgent_senders(policy.me, policy.person),
    )


def tend_leases(session: Session, look: Look) -> Tended:
    """Write the server-side hold anew when its openings moved, when it is getting old, or when it ended; and it or the autoreply
    when the user's own rules changed."""
    told = Tended()
    for mail_id, responder in session.outside.responders.items():
        lease = lease_at(session, mail_id, look.absences, look.seen.now)
        reading = look.seen.responders.get(mail_id)
        changed = (lease or _reply_of(session, mail_id)) and _rules_changed(session, mail_id, reading)
        if not changed and not _lease_is_due(session, mail_id, lease, look.seen.now):
            continue
        try:
            _write_lease(session, mail_id, responder, lease, look)
        except PreconditionFailed as error:
            # Theirs wins. Mail is held by this machine alone; whether that still is so is looked at when a renewal would be due.
            session.ledger.note(look.seen.now, "", "theirs", error.what)
            words = _lease_words(lease, _moment(session, mail_id, look.seen.now)) if lease else None
            session.ledger.keep_lease(mail_id, look.seen.now, words)
            if reading is not None:
                _note_rules(session, mail_id, reading)
        except OutsideError as error:
            told = joined(told, Tended(failed=(error.what,)))
    return told


def _lease_is_due(session: Session, mail_id: str, lease: Lease | None, now: datetime) -> bool:
    written = session.ledger.lease(mail_id)
    if lease is None:
        return written is not None
    if written is None or _lease_says_otherwise(written[1], _lease_words(lease, _moment(session, mail_id, now)), now):
        return True
    return not timedelta(0) <= now - written[0] < timedelta(hours=session.policy.inbox.renew_hours)


def _reply_of(session: Session, mail_id: str) -> ResponderItem | None:
    """The autoreply of ours that stands there."""
    standing = (e.item for e in session.ledger.effects().values() if e.state == "done")
    return next((item for item in standing if isinstance(item, ResponderItem) and item.mail_id == mail_id), None)


def _rules_changed(session: Session, mail_id: str, reading: ResponderReading | None) -> bool:
    """Whether ours stands upon other rules of the user than those it was made from. Where that is not known, what is there now is
    taken for it."""
    if reading is None or not reading.marker:
        return False
    known = session.ledger.get(_rules_key(mail_id))
    if known is None:
        _note_rules(session, mail_id, reading)
    return known is not None and known != _digest(reading)


def _note_rules(session: Session, mail_id: str, reading: ResponderReading) -> None:
    if reading.marker:
        session.ledger.set(_rules_key(mail_id), _digest(reading))
    else:
        session.ledger.unset(_rules_key(mail_id))


def _rules_key(mail_id: str) -> str:
    return f"rules beneath/{mail_id}"


def _digest(reading: ResponderReading) -> str:
    return hashlib.sha256(reading.snapshot.encode()).hexdigest()


def _moment(session: Session, mail_id: str, now: datetime) -> datetime | None:
    """`now` where the server holds only as of this moment, None where it knows the openings itself."""
    mailbox = session.outside.mailboxes.get(mail_id)
    return None if mailbox is None or mailbox.capabilities().lease_ahead else now


def _lease_words(lease: Lease, at: datetime | None) -> str:
    """What must not change unnoticed: when it ends, what opens, what passes, and whether it holds at that moment."""
    openings = [[o.span.start.timestamp(), o.span.end.timestamp()] for o in lease.openings]
    who = [*lease.passes, *lease.pass_subjects, lease.urgent_word, *lease.urgent_from]
    holds = at is None or (lease.starts <= at < lease.ends and not any(at in opening.span for opening in lease.openings))
    return json.dumps({"ends": lease.ends.timestamp(), "openings": openings, "who": who, "holds": holds})


def _lease_says_otherwise(words: str, wanted_words: str, now: datetime) -> bool:
    """Whether what is written is wrong for the time that both speak of. That its end moves on does not count."""
    written, wanted = json.loads(words), json.loads(wanted_words)
    until = min(written["ends"], wanted["ends"])

    def ahead(openings: list[list[float]]) -> list[list[float]]:
        return [o for o in openings if o[1] > now.timestamp() and o[0] < until]

    same_openings = ahead(written["openings"]) == ahead(wanted["openings"])
    same = same_openings and written["who"] == wanted["who"] and written.get("holds", True) == wanted["holds"]
    return not same or written["ends"] > wanted["ends"]


def _write_lease(session: Session, mail_id: str, responder: Responder, lease: Lease | None, look: Look) -> None:
    ledger, now = session.ledger, look.seen.now
    original = ledger.keep_previous(f"responder/{mail_id}", responder.read().snapshot, now)
    if lease is not None and mail_id in session.outside.mailboxes:
        session.outside.mailbox(mail_id).hold([])  # so that the folder is there, and seen, before mail lies in it
    item = _reply_of(session, mail_id)
    reading = responder.write(item, lease, original)
    if item is not None:
        ledger.refresh_fingerprint(item.id, reading.fingerprint)
    elif lease is None:
        ledger.previous_restored(f"responder/{mail_id}", now)
    ledger.keep_lease(mail_id, now, _lease_words(lease, _moment(session, mail_id, now)) if lease else None)
    _note_rules(session, mail_id, reading)


# --- the watchdog -----------------------------------------------------------------------------------------------------


def watch_responders(session: Session, look: Look) -> Tended:
    """The watchdog: a script of ours that nothing stands behind any more (a backup was put back, say) is switched off."""
    told = Tended()
    _let_go(session, look)
    for mail_id, reading in look.seen.responders.items():
        if not _left_on(session, look, reading) or session.ledger.lease(mail_id):
            continue
        try:
            session.outside.responders[mail_id].restore(reading.snapshot, look.seen.now)
        except PreconditionFailed:
            continue  # edited by hand: theirs stays
        except OutsideError as error:
            told = joined(told, Tended(failed=(error.what,)))
            continue
        words = f"an autoreply of homeward's was still on in {mail_id}: switched off"
        session.ledger.note(look.seen.now, absence_of(reading.marker) or "", "switched off", words)
        told = joined(told, Tended((words,)))
    return told


def _let_go(session: Session, look: Look) -> None:
    """An autoreply that the user took over stays; once its absence is over, what lies around of ours is swept away."""
    for effect in session.ledger.effects().values():
        item = effect.item
        if not isinstance(item, ResponderItem) or effect.state != "adopted" or item.span.end > look.seen.now:
            continue
        reading = look.seen.responders.get(item.mail_id)
        if reading is not None and not reading.marker:
            with suppress(OutsideError):
                session.outside.responders[item.mail_id].restore(reading.snapshot, look.seen.now)
        words = "the absence is over; the autoreply stays as you set it"
        session.ledger.settle(item, "undone", words, look.seen.now)


def _left_on(session: Session, look: Look, reading: ResponderReading) -> bool:
    """Looked for some days after the return; while an absence lasts of which we know nothing (a lost ledger), it is left on."""
    absence_id = absence_of(reading.marker)
    if not reading.marker or reading.marker in session.ledger.standing():
        return False
    if absence_id in {absence.id for absence in look.detected.identified.declined}:
        return True
    ends = next((absence.span.end for absence in look.absences if absence.id == absence_id), reading.ends)
    watched = timedelta(days=session.policy.responder.watch_days)
    return ends is not None and ends <= look.seen.now < ends + watched
