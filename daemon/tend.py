"""What is due at this very moment, once the plan has been carried out: the inbox is opened or held, answers are read, turns and
kept blocks are recorded, due messages go out. Every step looks at the present state alone, so a missed pass costs nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from daemon.apply import name_of, names_of, release_held
from daemon.development import record_development
from daemon.leases import tend_leases, watch_responders
from daemon.quiet import tend_desktop
from daemon.session import Session
from daemon.tended import Tended, joined
from daemon.windows import Armed, armed, in_force, inbox_state
from integrations.errors import OutsideError
from integrations.ports import Mailbox
from rules.brief import waits
from rules.coaching import Coached, is_worth_reading, reply
from rules.desired import mentoring_of, next_turn
from rules.guard import consented
from rules.inbox import HOME
from rules.items import BlockItem, HoldItem, HostItem, MailItem
from rules.makeup import kept, owed
from rules.model import Absence, Envelope, Opening, Turn
from rules.passing import passes
from rules.plan import Change
from rules.rotation import pool_of, turn_of
from rules.telling import at, tell
from rules.workdays import Workdays

if TYPE_CHECKING:
    from daemon.apply import Applier
    from daemon.reconcile import Look


# --- the inbox --------------------------------------------------------------------------------------------------------


def tend_inbox(session: Session, absences: Sequence[Absence], now: datetime) -> Tended:
    """Open or hold every mailbox as its windows say. A mailbox without an armed hold is swept: what is held comes out."""
    told = Tended()
    holds = armed(session.ledger.standing(), absences)
    for mail_id, mailbox in session.outside.mailboxes.items():
        try:
            told = joined(told, _tend_mailbox(session, mailbox, holds.get(mail_id, []), now))
        except OutsideError as error:
            told = replace(told, failed=(*told.failed, error.what))
    for mail_id in holds.keys() - session.outside.mailboxes.keys():
        told = joined(told, _tend_elsewhere(session, mail_id, holds[mail_id], now))
    return told


def _tend_elsewhere(session: Session, mail_id: str, holds: list[Armed], now: datetime) -> Tended:
    """A mailbox that is kept somewhere we cannot see: only the user's command is run."""
    current, inbox = in_force(holds, now), inbox_state(session, holds, now)
    if current is None or current[0].mode != "sync":
        return Tended()
    told = Tended(inbox={mail_id: inbox})
    return joined(told, _open(session, None, current[0], inbox.opening, now)) if inbox.opening else told


def _tend_mailbox(session: Session, mailbox: Mailbox, holds: list[Armed], now: datetime) -> Tended:
    current = in_force(holds, now)
    if current is None:
        return _sweep(session, mailbox, now)
    item, absence = current
    inbox = inbox_state(session, holds, now)
    told = Tended(inbox={mailbox.id: inbox})
    if item.mode == "sync":
        told = joined(told, _release(session, mailbox, item.absence_id, now))  # held before the mode was changed
    if inbox.opening is not None:
        told = joined(told, _open(session, mailbox, item, inbox.opening, now))
    elif item.mode != "sync" and inbox.since is not None:
        told = joined(told, _hold(session, mailbox, absence, inbox.since, _begun(session, item), now))
    return told


def _begun(session: Session, item: HoldItem) -> datetime:
    """When the hold was agreed to."""
    effect = session.ledger.effects()[item.id]
    return datetime.fromisoformat(effect.before) if effect.before else effect.intended_at


def _open(session: Session, mailbox: Mailbox | None, item: HoldItem, opening: Opening, now: datetime) -> Tended:
    words: tuple[str, ...] = ()
    if session.ledger.opened(opening):
        words = (f"window {opening.span.start.astimezone(ZoneInfo(opening.zone)):%H:%M} ({opening.zone}) opened",)
        session.ledger.note(now, opening.absence_id, "opened", words[0])
    if item.mode == "sync" or mailbox is None:
        return joined(Tended(words), _synchronise(session, now))
    return joined(Tended(words), _release(session, mailbox, opening.absence_id, now))


def _release(session: Session, mailbox: Mailbox, absence_id: str, now: datetime, ids: Sequence[str] | None = None) -> Tended:
    released = release_held(session.ledger, mailbox, absence_id, now, ids)
    if not released:
        return Tended()
    words = f"{_messages(released)} released into {mailbox.id}"
    session.ledger.note(now, absence_id, "released", words)
    return Tended((words,), released=released)


def _sweep(session: Session, mailbox: Mailbox, now: datetime) -> Tended:
    """Nobody is away: whatever is still held comes out, whoever forgot it there."""
    told = _release(session, mailbox, "", now)
    if session.ledger.lease(mailbox.id) is None:  # else the server's script is about to hold
        mailbox.tidy()
    return told


def _hold(
    session: Session, mailbox: Mailbox, absence: Absence | None, since: datetime, begun: datetime, now: datetime
) -> Tended:  # fmt: skip
    """Hold what came since the last window, and release what that window would have: the machine may have slept through it. What
    lay in the inbox before the hold began stays there. A server may hold what ought to pass, since its rules are coarser."""
    absence_id = absence.id if absence else HOME
    held, by_server = mailbox.held(), mailbox.capabilities().server_hold
    out = {m.id for m in held if m.received < since or (by_server and _passes(session, m, absence))}
    told = _release(session, mailbox, absence_id, now, list(out)) if out else Tended()
    if by_server:
        known = session.ledger.held_now(mailbox.id)
        new = {name_of(m): m.sender for m in held if m.id not in out and not names_of(m) & known}
        session.ledger.held_messages(mailbox.id, absence_id, new, now)
    return joined(told, _keep_out(session, mailbox, absence, max(since, begun), now))


def _passes(session: Session, message: Envelope, absence: Absence | None) -> bool:
    policy = session.policy
    return passes(message, policy.inbox, policy.me, policy.person, absence) is not None


def _keep_out(session: Session, mailbox: Mailbox, absence: Absence | None, since: datetime, now: datetime) -> Tended:
    absence_id = absence.id if absence else HOME
    staying = [m for m in mailbox.arrivals(since) if not _passes(session, m, absence)]
    if not staying:
        return Tended()
    # Recorded first: should we die in between, the message is merely counted and the next pass moves it.
    session.ledger.held_messages(mailbox.id, absence_id, {name_of(m): m.sender for m in staying}, now)
    held = mailbox.hold([m.id for m in staying])
    words = f"{_messages(held)} held in {mailbox.id}"
    session.ledger.note(now, absence_id, "held", words)
    return Tended((words,), held=held)


def _messages(count: int) -> str:
    return f"{count} message{'' if count == 1 else 's'}"


def _synchronise(session: Session, now: datetime) -> Tended:
    """Run the user's command, again at most every few minutes."""
    last = session.ledger.get("synchronised")
    every = timedelta(minutes=session.policy.inbox.sync_every_minutes)
    # A clock that was set back does not stop it.
    if session.outside.sync is None or (last and timedelta(0) <= now - datetime.fromisoformat(last) < every):
        return Tended()
    session.ledger.set("synchronised", now.isoformat())
    try:
        session.outside.sync.run()
    except OutsideError as error:
        return Tended(failed=(error.what,))
    return Tended(("mail synchronised",))


# --- the records ------------------------------------------------------------------------------------------------------


def tend_records(session: Session, look: Look) -> Tended:
    """What has happened by now: turns taken, blocks kept or broken, hours owed, mentors in charge."""
    with session.ledger.together():
        return Tended(_records(session, look))


def _records(session: Session, look: Look) -> tuple[str, ...]:
    words = (*_turns(session, look), *_outcomes(session, look))
    _turns_by_hand(session, look)
    _debts(session, look)
    record_development(session, look)
    for absence in look.absences:
        if absence.action == "act":
            pairings = mentoring_of(look.situation, absence).pairings
            session.ledger.keep_mentors(absence.id, {p.junior.id: p.mentor.id for p in pairings})
    return tuple(dict.fromkeys(words))


def _turns(session: Session, look: Look) -> Iterator[str]:
    """An accepted meeting that is over counts in the rotation."""
    gave_back = {(a.absence_id, a.key): a.gave_back for a in session.ledger.assignments()}
    open_to_all = {o.key for o in look.seen.occurrences if not o.private}
    for effect in session.ledger.effects().values():
        item = effect.item
        if isinstance(item, HostItem) and item.state == "accepted" and effect.state == "done" and item.span.end <= look.seen.now:
            back = gave_back.get((item.absence_id, item.key), ())
            turn = replace(_turn(look, item), gave_back=back, title=item.summary if item.key in open_to_all else "")
            if session.ledger.record_turn(turn, item.absence_id, item.key):
                words = f"{item.host_name} hosted “{item.summary}”"
                session.ledger.note(look.seen.now, item.absence_id, "hosted", words)
                yield words


def _turns_by_hand(session: Session, look: Look) -> None:
    """A turn that the leader has given is over, whoever had it in the end: the next one goes by the rules again."""
    for given in look.situation.turns_set:
        turn = next_turn(look.situation, given)
        if turn is not None and turn.end <= look.seen.now:
            session.ledger.clear_turn(given.meeting_id)
            session.ledger.note(look.seen.now, "", "rota", f"the turn of {given.meeting_id} that you set by hand is over")


def _turn(look: Look, item: HostItem) -> Turn:
    """With all who could have had it, as far as that is known now."""
    s = look.situation
    rule = next((rule for rule in s.policy.meeting if rule.id == item.meeting_id), None)
    if rule is None:
        return Turn(item.host, item.meeting_id, item.span.start)
    named = next((absence.cover for absence in look.absences if absence.id == item.absence_id), ())
    return turn_of(item.host, rule, item.span, pool_of(rule, named, s.policy, s.away, item.span))


def _outcomes(session: Session, look: Look) -> Iterator[str]:
    """A make-up block whose time is over was kept, or had a meeting on it."""
    known = session.ledger.block_outcomes()
    now = look.seen.now
    for effect in session.ledger.effects().values():
        item = effect.item
        stands = effect.state in ("done", "adopted") and item.id not in known
        if stands and isinstance(item, BlockItem) and item.purpose == "make-up":
            was_kept = kept(item, look.seen.occurrences, now, session.policy.me)
            if was_kept is not None:
                session.ledger.block_kept(item.id, item.absence_id, was_kept, False, now)
                words = f"family time on {at(item.span.start, session.zone)} was {'kept' if was_kept else 'broken by a meeting'}"
                session.ledger.note(now, item.absence_id, "kept" if was_kept else "broken", words)
                yield words


def _debts(session: Session, look: Look) -> None:
    """What each absence owes, as long as it is one; nothing where it was called off."""
    workdays = Workdays.of(session.policy.me, session.holidays)
    agreed = {absence_id for absence_id, _, _ in session.ledger.consented()}
    for absence in look.absences:
        hours = owed(absence, session.policy.makeup, session.policy.me, workdays)
        seen_in_time = absence.span.end > look.situation.first_seen.get(absence.id, look.seen.now)
        willing = absence.id in agreed or session.policy.service.apply == "auto"
        if hours and absence.action == "act" and willing and seen_in_time:
            session.ledger.owe(absence.id, hours, absence.title, look.seen.now)
        elif not hours:
            session.ledger.owe_nothing(absence.id)
    for absence in look.detected.identified.declined:
        session.ledger.owe_nothing(absence.id)


# --- messages that are due --------------------------------------------------------------------------------------------


def tend_letters(session: Session, look: Look, applier: Applier) -> Tended:
    """Scheduled messages whose hour has come go out, as they read now."""
    wanted = {item.id: item for item in look.desired.items if isinstance(item, MailItem)}
    told = Tended()
    for effect_id, stands in session.ledger.standing().items():
        item = wanted.get(effect_id)
        if stands.state != "scheduled" or item is None or (item.due is not None and item.due > look.seen.now):
            continue
        letter = _agreed(session, item)
        if letter is None:
            continue
        change = Change("create", None, letter, "it is due")
        words = tell(change, session.zone)
        if _waits(look, letter):
            told = joined(told, Tended((f"{words}: waits until the answers to your requests can be seen",)))
            continue
        try:
            applied = applier.send(change, letter, words)
        except OutsideError as error:
            told = joined(told, Tended(failed=(f"{words}: {error.what}",)))
            continue
        told = joined(told, Tended((f"{words}: {applied.outcome}",)))
    return told


def _waits(look: Look, letter: MailItem) -> bool:
    absence = next((each for each in look.absences if each.id == letter.absence_id), None)
    seen = look.situation
    return absence is not None and waits(letter, absence, seen.assignments, seen.unread, seen.now)


def _agreed(session: Session, letter: MailItem) -> MailItem | None:
    """To those of whom the user knows that they get it; who has joined since gets one of their own after the next yes."""
    if session.policy.service.apply == "auto":
        return letter
    yes = session.ledger.consented()
    to = tuple(person for person in letter.to if (letter.absence_id, "mail", person) in yes)
    return replace(letter, to=to) if to else None


def tend_coaching(session: Session, look: Look, applier: Applier) -> Tended:
    """A direct report who brings a problem while the leader is away gets the coaching reply, once."""
    current = next((a for a in look.absences if look.seen.now in a.span and a.action == "act"), None)
    if current is None:
        return Tended()
    told = Tended()
    for mail_id, mailbox in session.outside.mailboxes.items():
        for envelope in _fresh(session, mailbox, current, look.seen.now) if look.situation.coaches(mail_id) else ():
            told = joined(told, _coach(session, look, current, mail_id, envelope, applier))
    return told


def _fresh(session: Session, mailbox: Mailbox, absence: Absence, now: datetime) -> list[Envelope]:
    """What may call for a reply, with its text. A coaching reply that comes a day late helps nobody."""
    since, sent = max(absence.span.start, now - timedelta(days=1)), session.ledger.coached()
    try:
        new = [*mailbox.arrivals(since), *(m for m in mailbox.held() if m.received >= since)]
        return list(mailbox.with_texts([m for m in new if is_worth_reading(m, absence, session.policy, sent, now)]))
    except OutsideError:
        return []  # tending the inbox has named it already


def _coach(session: Session, look: Look, absence: Absence, mail_id: str, envelope: Envelope, applier: Applier) -> Tended:
    policy, now = session.policy, look.seen.now
    deputies = tuple(dict.fromkeys(i.host for i in look.desired.items if isinstance(i, HostItem) and i.absence_id == absence.id))
    letter = reply(
        envelope, absence, policy, session.ledger.coached(), now=now, mail_id=mail_id, deputies=deputies,
        authserv_id=policy.coaching.authserv_id,
    )  # fmt: skip
    if not isinstance(letter, MailItem) or letter.id in session.ledger.standing():
        return Tended()
    change = Change("create", None, letter, "a direct report asked for help")
    if policy.service.apply != "auto" and not consented(change, session.ledger.consented()):
        return Tended()
    person = policy.person_by_address(envelope.sender)
    session.ledger.coach(Coached(person.id if person else envelope.sender, envelope.message_id, now))
    try:
        applied = applier.send(change, letter, tell(change, session.zone))
    except OutsideError as error:
        return Tended(failed=(error.what,))
    return Tended((f"coaching reply to {envelope.sender}: {applied.outcome}",))


def tend_coverage(session: Session, look: Look) -> Tended:
    """The calendar files that deputies subscribe to."""
    if not session.policy.brief.folder:
        return Tended()
    from daemon.briefing import keep_coverage

    try:
        return Tended(keep_coverage(session, look))
    except OutsideError as error:
        return Tended(failed=(error.what,))


def tend(session: Session, look: Look, applier: Applier) -> Tended:
    """Everything that is due at this moment, the inbox first; before it only what the server holds, since whatever comes between
    the sweep and the end of a lease would stay held until the next pass."""
    told = tend_leases(session, look)
    told = joined(told, tend_inbox(session, look.absences, look.seen.now))
    told = joined(told, watch_responders(session, look))
    told = joined(told, tend_desktop(session, look.absences, look.seen.now))
    for part in (tend_letters(session, look, applier), tend_coaching(session, look, applier), tend_records(session, look)):
        told = joined(told, part)
    told = joined(told, tend_coverage(session, look))
    return told
