"""The pass: observe, detect, desire, plan, guard, apply, record. Every pass computes from the last state what ought to be and
applies the difference; nothing depends on having been awake at an edge.

`look` changes nothing anywhere and is what `plan` shows; `one_pass` records what was seen, applies what the user has said yes
to, and tends what is due at this very moment (inbox, answers, messages). `undo` is a plan towards nothing."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace

from daemon.apply import Applied, Applier, meeting_identity
from daemon.detect import Detected, Memory, away, detect, home_of
from daemon.dull import Dull
from daemon.leases import lease_at
from daemon.ledger import Effect, Ledger
from daemon.letters import with_its_words
from daemon.observe import Drift, Emptiness, Observation, find_drift, keep, observe, unseen
from daemon.outside import Outside
from daemon.returning import note_departures, replies_since
from daemon.session import Session
from daemon.tend import tend
from daemon.tended import Tended
from integrations.errors import OutsideError
from integrations.ports import CalendarCapabilities
from rules.answers import Answer, answer_to, answers, heard, is_about, mail_answers, silences, without
from rules.desired import Desired, MailTraits, Situation, desire
from rules.guard import Unsafe, agreed_as, check, consented, heard_by
from rules.identity import identities
from rules.interval import Interval
from rules.items import BlockItem, HostItem, MailItem, ResponderItem
from rules.meetings import addresses_of, bare_title
from rules.model import Absence, Assignment, Occurrence, OccurrenceKey, Said
from rules.plan import Change, ItemKind, Plan, Standing, compare
from rules.policy import Person

# Whoever the leader has written to within this time is known to them.
_KNOWN_FOR = timedelta(days=365)


class Look(Struct, frozen=True):
    """What one look showed. `absences` are those that homeward acts on or asks about, oldest first; `drift` and `answers` are
    news since the last pass, already reckoned with in `plan`."""

    seen: Observation
    detected: Detected
    situation: Situation
    desired: Desired
    plan: Plan
    standing: Mapping[str, Standing]
    unsafe: tuple[Unsafe, ...] = ()
    drift: tuple[Drift, ...] = ()
    answers: tuple[Answer, ...] = ()
    rekeyed: tuple[tuple[Assignment, OccurrenceKey], ...] = ()

    @property
    def absences(self) -> tuple[Absence, ...]:
        return self.detected.absences


class Passed(Struct, frozen=True):
    """What one pass did. `waiting` changes need the user's yes first."""

    look: Look
    applied: tuple[Applied, ...] = ()
    waiting: tuple[Change, ...] = ()
    tended: Tended = field(default_factory=Tended)


# --- looking ----------------------------------------------------------------------------------------------------------


def memory_of(ledger: Ledger | None, extra: Iterable[Said] = ()) -> Memory:
    if ledger is None:
        return Memory(said=tuple(extra))
    return Memory(ledger.known_absences(), ledger.declared(), (*ledger.said(), *extra))


def look(session: Session, what_if: Iterable[Said] = (), emptiness: Emptiness = "shown") -> Look:
    """See, detect and plan; nothing is written. `what_if` are things the user might say."""
    now, policy = session.clock.now(), session.policy  # a mistake in the config is told before a ledger is made
    ledger = None if session.stateless else session.ledger
    seen = observe(policy, session.outside, ledger, now, emptiness)
    memory, dull = memory_of(ledger, what_if), None if session.stateless else Dull(session.paths.cache)
    detected = detect(seen.occurrences, policy, session.outside.places, memory, now, seen.unavailable, dull)
    rekeyed = _rekeyed(ledger, seen.occurrences) if ledger else ()
    moved = dict(rekeyed)
    effects = _relocated(ledger.effects(), moved) if ledger else {}
    drift = find_drift(effects, seen)
    standing = {effect_id: Standing(effect.item, effect.state, effect.intended_at) for effect_id, effect in effects.items()}
    standing |= {d.item.id: Standing(d.item, d.state) for d in drift}
    held = tuple(replace(a, key=moved.get(a, a.key)) for a in ledger.assignments()) if ledger else ()
    said = _new_answers(session, held, standing, seen) if ledger else ()
    absent = away(detected.evidence, seen.occurrences, policy)
    said = (*said, *_silences(session, held, said, standing, seen, absent)) if ledger else ()
    situation = _situation(session, seen, detected, standing, _answered(held, said), absent)
    return _planned(session, Look(seen, detected, situation, Desired(), Plan(()), standing, (), drift, said, rekeyed))


def _planned(session: Session, look: Look) -> Look:
    desired = desire(look.situation)
    compared, skipped = compare(desired.items, look.standing, look.seen.now, desired.reasons)
    changes = tuple(change for change in compared if change.id not in look.situation.unseen)
    plan = Plan(changes, (*desired.skipped, *skipped), desired.gaps, desired.questions, desired.later)
    planned = replace(look, desired=desired, plan=plan)
    return replace(planned, unsafe=_unsafe(session, planned, plan.changes))


def _unsafe(session: Session, look: Look, changes: tuple[Change, ...]) -> tuple[Unsafe, ...]:
    """What speaks against doing these."""
    spoken = () if session.stateless else _spoken_of(session.ledger)
    plan = replace(look.plan, changes=changes)
    return check(plan, look.standing, look.absences, session.policy.safety, look.seen.emptied, spoken)


def _spoken_of(ledger: Ledger) -> frozenset[str]:
    """Effects whose absence the user has said something about since they were written."""
    last = {said.absence_id: said.at for said in ledger.said()}
    effects = ledger.effects().items()
    return frozenset(effect_id for effect_id, e in effects if e.intended_at <= last.get(e.item.absence_id, _NEVER))


_NEVER = datetime.min.replace(tzinfo=UTC)


def _relocated(effects: Mapping[str, Effect], moved: Mapping[Assignment, OccurrenceKey]) -> dict[str, Effect]:
    """With the keys that their meetings have now."""
    keys = {held.effect: key for held, key in moved.items()}
    return {
        effect_id: replace(effect, item=replace(effect.item, key=keys[effect_id]))
        if effect_id in keys and isinstance(effect.item, HostItem)
        else effect
        for effect_id, effect in effects.items()
    }


def _rekeyed(ledger: Ledger, occurrences: Sequence[Occurrence]) -> tuple[tuple[Assignment, OccurrenceKey], ...]:
    """Assignments whose calendar has issued a new UID for the same meeting, with the new key: it bears our marker, or the same
    title at the same time."""
    there = {o.key for o in occurrences}
    by_marker = {o.marker: o.key for o in occurrences if o.marker}
    by_content = {meeting_identity(bare_title(o), o.start): o.key for o in occurrences}
    identities = ledger.assignment_identities()
    lost = [(held, *identities[(held.absence_id, held.key)]) for held in ledger.assignments() if held.key not in there]
    found = ((held, by_marker.get(effect) or by_content.get(content)) for held, content, effect in lost)
    return tuple((held, key) for held, key in found if key is not None)


def _new_answers(
    session: Session, held: Sequence[Assignment], standing: Mapping[str, Standing], seen: Observation
) -> tuple[Answer, ...]:
    """Who has accepted can still give it back, and who was passed over still say yes, as long as it lies ahead."""
    by_calendar = answers(held, seen.occurrences, session.policy)
    ahead = [a for a in held if (a.state != "declined" or a.silent) and _lies_ahead(a, standing, seen.now)]
    if not ahead:
        return by_calendar
    senders = {a for each in ahead for person_id in heard(each) for a in addresses_of(session.policy, person_id)}
    mails = replies_since(session.outside, min(a.asked_at for a in ahead), senders)
    return (*by_calendar, *mail_answers(ahead, mails, session.policy))


def _lies_ahead(held: Assignment, standing: Mapping[str, Standing], now: datetime) -> bool:
    stands = standing.get(held.effect)
    return stands is not None and isinstance(stands.item, HostItem) and stands.item.span.start > now


def _silences(
    session: Session,
    held: Sequence[Assignment],
    said: Sequence[Answer],
    standing: Mapping[str, Standing],
    seen: Observation,
    absent: Mapping[str, tuple[Interval, ...]],
) -> tuple[Answer, ...]:
    """Who did not answer in time; nobody while a mailbox cannot be read, since their yes may be there."""
    answered = {(a.absence_id, a.key) for a in said if a.state != "late"}
    waiting = [a for a in held if (a.absence_id, a.key) not in answered]
    found = silences(waiting, standing, session.policy, session.holidays, absent, seen.now, seen.unavailable)
    return found if found and _reads_all_mail(session, seen.now) else ()


def _reads_all_mail(session: Session, now: datetime) -> bool:
    try:
        for mailbox in session.outside.mailboxes.values():
            mailbox.find(now)
    except OutsideError:
        return False
    return True


def _answered(held: Sequence[Assignment], said: Sequence[Answer]) -> tuple[Assignment, ...]:
    def answered(assignment: Assignment) -> Assignment:
        for answer in said:
            if is_about(answer, assignment):
                assignment = answer_to(assignment, answer, assignment.asked_at)
        return assignment

    return tuple(map(answered, held))


# As far as we know.
_OUT_THERE = ("intended", "done", "neutralised")


def _situation(
    session: Session,
    seen: Observation,
    detected: Detected,
    standing: Mapping[str, Standing],
    assignments: tuple[Assignment, ...],
    absent: Mapping[str, tuple[Interval, ...]],
) -> Situation:
    ledger = None if session.stateless else session.ledger
    outside = session.outside
    abilities = _abilities(outside)
    silent = frozenset(outside.calendars.keys() - abilities.keys())
    return Situation(
        now=seen.now,
        policy=session.policy,
        home=home_of(session.policy, outside.places),
        holidays=session.holidays,
        absences=detected.absences,
        occurrences=seen.occurrences,
        away=absent,
        assignments=assignments,
        turns=ledger.turns() if ledger else (),
        standing=standing,
        first_seen={k.id: k.minted for k in ledger.known_absences()} if ledger else {},
        writable=frozenset(cid for cid, able in abilities.items() if able.writable) | silent | _written(standing),
        schedules=frozenset(cid for cid, able in abilities.items() if able.schedules),
        unread=frozenset(seen.unavailable) | silent,
        unseen=frozenset(
            effect for effect, stands in standing.items() if stands.state in _OUT_THERE and unseen(stands.item, seen)
        ),
        mail=_mail_traits(session),
        **(_remembered(session, ledger, detected, standing) if ledger else {}),
    )


def _abilities(outside: Outside) -> dict[str, CalendarCapabilities]:
    """Of every calendar whose server tells; the others are neither taken for read only nor written to now."""
    told: dict[str, CalendarCapabilities] = {}
    for calendar_id, calendar in outside.calendars.items():
        with suppress(OutsideError):
            told[calendar_id] = calendar.capabilities()
    return told


def _written(standing: Mapping[str, Standing]) -> frozenset[str]:
    """Calendars with something of ours. One that cannot be written at this moment keeps it: nothing is taken back for that."""
    stands = [s.item for s in standing.values() if s.state in ("intended", "done", "neutralised")]
    hosts = {item.key.calendar_id for item in stands if isinstance(item, HostItem)}
    return frozenset(hosts | {item.calendar_id for item in stands if isinstance(item, BlockItem)})


def _remembered(session: Session, ledger: Ledger, detected: Detected, standing: Mapping[str, Standing]) -> dict[str, Any]:
    """What only the ledger and the mailboxes know."""
    return {
        "outcomes": ledger.block_outcomes(),
        "turns_set": tuple(t for t in ledger.turns_set() if session.policy.find_person(t.person_id)),
        "mentors": {a.id: ledger.mentors(a.id) for a in detected.absences},
        "known": _correspondents(session, standing, session.clock.now()),
    }


def _correspondents(session: Session, standing: Mapping[str, Standing], now: datetime) -> dict[str, tuple[str, ...]]:
    """Whom the leader wrote to in the last year; asked only where no autoreply stands yet, since a large mailbox takes time."""
    answered = {s.item.mail_id for s in standing.values() if isinstance(s.item, ResponderItem)}
    found: dict[str, tuple[str, ...]] = {}
    for mail_id in session.outside.responders:
        if mail_id in session.outside.mailboxes and mail_id not in answered:
            with suppress(OutsideError):
                own = set(session.policy.me.addresses)
                sent = (m for m in session.outside.mailboxes[mail_id].find(now - _KNOWN_FOR) if m.sender in own)
                found[mail_id] = tuple(sorted({address for m in sent for address in (*m.to, *m.cc)} - own))
    return found


def _mail_traits(session: Session) -> dict[str, MailTraits]:
    outside = session.outside
    traits = {}
    for config in session.policy.mail:
        able = outside.mailboxes[config.id].capabilities() if config.id in outside.mailboxes else None
        traits[config.id] = MailTraits(
            holds=config.id in outside.mailboxes,
            replies=config.id in outside.responders,
            sends=config.id in outside.outboxes,
            excludes=able.excludes if able else False,
            three_audiences=able.three_audiences if able else False,
        )
    return traits


# --- recording --------------------------------------------------------------------------------------------------------


def record(session: Session, look: Look) -> None:
    """Write down what was seen, as a whole: readings, absences, drift, answers. What a calendar that is suddenly empty seems to
    say is not written down."""
    believed = _look_calmly(session, look)
    with session.ledger.together():
        _record(session, believed)


def _look_calmly(session: Session, found: Look) -> Look:
    """`found`, or, where a calendar is suddenly empty, how things stand as long as that is not believed."""
    return look(session, emptiness="distrusted") if found.seen.emptied and not found.seen.distrusted else found


def _record(session: Session, look: Look) -> None:
    ledger, now = session.ledger, look.seen.now
    note_departures(session, look.absences, now)
    keep(ledger, look.seen)
    ledger.keep_away(look.situation.away)
    for absence in look.absences:
        ledger.remember(absence, now)
    touched = {stands.item.absence_id for stands in look.standing.values() if not _is_history(stands)}
    for vanished in look.detected.identified.vanished:
        if vanished.id not in touched:
            ledger.forget(vanished.id)
    for held, new in look.rekeyed:
        ledger.rekey_assignment(held, new)
        if held.effect in look.standing:
            ledger.relocate(look.standing[held.effect].item)
    for drift in look.drift:
        _record_drift(ledger, drift, now)
    _settle_what_is_over(ledger, look)
    for gone, into in look.detected.identified.merged:
        ledger.inherit_consent(gone, into)
    for absence_id in (*(known.id for known in look.detected.identified.vanished), *dict(look.detected.identified.merged)):
        ledger.owe_nothing(absence_id)
    for answer in look.answers:
        record_answer(session, answer)


def _is_history(stands: Standing) -> bool:
    """A message that has gone out, or may have: nothing is left to take back."""
    return isinstance(stands.item, MailItem) and stands.state in ("done", "unknown")


def _settle_what_is_over(ledger: Ledger, look: Look) -> None:
    """After a crash and a long sleep: what was written, though its outcome was not recorded."""
    now, marked = look.seen.now, look.seen.marked
    for effect in ledger.effects().values():
        item = effect.item
        if isinstance(item, MailItem) or item.span.end > now:
            continue
        if effect.state == "intended" and item.id in marked:
            ledger.settle(item, "done", "it had been done", now, fingerprint=marked[item.id].fingerprint)


def _record_drift(ledger: Ledger, drift: Drift, now: datetime) -> None:
    ledger.settle(drift.item, drift.state, drift.words, now)
    if isinstance(drift.item, ResponderItem):
        # Theirs is the user's own state from now on: the next absence saves and restores that.
        ledger.previous_restored(f"responder/{drift.item.mail_id}", now)
    if isinstance(drift.item, HostItem) and drift.state == "tombstone":
        ledger.unassign(drift.item.absence_id, drift.item.key)


def record_answer(session: Session, answer: Answer) -> None:
    """Somebody said yes or no: in the calendar, by mail, or in the corridor."""
    ledger, now = session.ledger, session.clock.now()
    effects = ledger.assignment_identities()
    for held in ledger.assignments():
        if is_about(answer, held):
            identity, effect_id = effects[(held.absence_id, held.key)]
            ledger.assign(answer_to(held, answer, now), effect_id, identity)
            who, words = session.policy.person_by_id(answer.person_id).name, _told(answer, held)
            ledger.note(now, answer.absence_id, answer.state, f"{who} {words}")


def hand_over(session: Session, held: Assignment, taker: Person) -> None:
    """Who had it gives it back, where they had accepted; from now on it is `taker`'s, accepted."""
    ledger, now = session.ledger, session.clock.now()
    identity, effect_id = ledger.assignment_identities()[(held.absence_id, held.key)]
    gave_back = (*held.gave_back, held.person_id) if held.state == "accepted" else held.gave_back
    left = {name: without(getattr(held, name), taker.id) for name in ("declined_by", "silent", "late")}
    taken = replace(held, person_id=taker.id, state="accepted", asked_at=now, gave_back=gave_back, **left)
    ledger.assign(taken, effect_id, identity)
    ledger.consent(held.absence_id, "host", taker.addresses, now)
    giver = session.policy.person_by_id(held.person_id).name
    ledger.note(now, held.absence_id, "handed over", f"{taker.name} takes the turn of {giver} (in the corridor)")


def _told(answer: Answer, held: Assignment) -> str:
    if answer.state == "silent":
        return "did not answer in time: the next is asked"
    if answer.state == "late":
        return "said yes when the next had been asked"
    gave_back = answer.state == "declined" and held.state == "accepted"
    return f"{'gave the turn back' if gave_back else answer.state} ({answer.via})"


# --- applying ---------------------------------------------------------------------------------------------------------

# Some changes call for others (a host for a request by mail); they settle within so many rounds.
_ROUNDS = 4


def applier(session: Session, look: Look) -> Applier:
    return Applier(
        session.ledger,
        session.outside,
        session.policy,
        session.clock.now,
        lambda mail_id: lease_at(session, mail_id, look.absences, session.clock.now()),
        partial(with_its_words, session, look),
    )


def allowed(session: Session, look: Look) -> tuple[tuple[Change, ...], tuple[Change, ...]]:
    """The changes of the plan that the user has said yes to, and those that wait."""
    if session.policy.service.apply == "auto":
        return look.plan.changes, ()
    yes = session.ledger.consented()
    may = tuple(change for change in look.plan.changes if consented(change, yes))
    return may, tuple(change for change in look.plan.changes if change not in may)


def say_yes(session: Session, look: Look) -> None:
    """The user accepts this plan: its kinds of change per absence, and everybody who hears of it or is next in a chain."""
    now = session.clock.now()
    for change in look.plan.changes:
        people = change.recipients if agreed_as(change.item) == "host" else heard_by(change.item)
        session.ledger.consent(change.absence_id, agreed_as(change.item), people, now)
    for absence in look.absences:
        for kind in ("host", "mail"):  # who may be asked to host also gets the brief
            session.ledger.consent(absence.id, kind, look.desired.foreseen.get(absence.id, ()), now)
        for kind in _AGREED_WITH.get(absence.action, ()):
            session.ledger.consent(absence.id, kind, (), now)


# Kinds of change that a plan for such an absence brings sooner or later: a second autoreply is set when the first is over.
_AGREED_WITH: Mapping[str, tuple[ItemKind, ...]] = {
    "act": ("hold", "responder", "host", "mail", "block"),
    "private-only": ("hold", "responder"),
}


def one_pass(session: Session, *, anyway: bool = False) -> Passed:
    """Look, record, apply what is allowed, tend the moment. The caller holds the ledger's writing lock. `anyway`: what is unsafe
    is done all the same, and a calendar that is suddenly empty is believed."""
    emptiness: Emptiness = "accepted" if anyway else "shown"
    seen = look(session, emptiness=emptiness)
    record(session, seen)
    applied: list[Applied] = []
    waiting: tuple[Change, ...] = ()
    for _ in range(_ROUNDS):
        may, waiting = allowed(session, seen)
        failed = {one.change.id for one in applied if one.outcome == "failed"}  # tried again by the next pass
        may = tuple(change for change in may if change.id not in failed)
        refused = not anyway and _unsafe(session, seen, may)
        if not may or refused:
            break
        done = [applier(session, seen).apply(change) for change in may]
        applied += done
        seen = look(session, emptiness=emptiness)
        record(session, seen)
        if all(one.outcome != "done" for one in done):
            break
    calm = _look_calmly(session, seen)
    tended = tend(session, calm, applier(session, calm))
    _note_pass(session, calm)
    return Passed(seen, tuple(applied), waiting, tended)


def _note_pass(session: Session, look: Look) -> None:
    gaps = [f"{gap.what}: {gap.because}" for gap in look.plan.gaps]
    resting = session.outside.resting
    unavailable = [f"{name}: {why}" for name, why in look.seen.unavailable.items() if why not in resting]
    session.ledger.note_pass(look.seen.now, gaps, unavailable, session.outside.signed_out)


def undo(session: Session, absence_ids: Collection[str], *, past: bool) -> tuple[Applied, ...]:
    """Take back everything of these absences, and note that they are declined. What lies in the past only with `past`."""
    now = session.clock.now()
    known = {absence.id: absence for absence in session.ledger.absences()}
    for absence_id in absence_ids:
        there = identities(known[absence_id]) if absence_id in known else ()
        session.ledger.say(Said(absence_id, "undo", now, identities=there))
        session.ledger.withdraw_consent(absence_id)
    seen = look(session)
    record(session, seen)
    mine = {key: stands for key, stands in seen.standing.items() if stands.item.absence_id in absence_ids}
    wanted = [item for item in seen.desired.items if item.absence_id in absence_ids]
    changes, _ = compare(wanted, mine, now, dict.fromkeys(absence_ids, "you asked for it"), past=past)
    applied = tuple(applier(session, seen).apply(change) for change in changes)
    after = look(session)
    tend(session, after, applier(session, after))
    return applied


def undo_one(session: Session, effect_id: str) -> Applied | None:
    """Take one thing back and keep it away; None where there is no such thing."""
    seen = look(session)
    stands = seen.standing.get(effect_id)
    if stands is None or stands.state in ("tombstone", "adopted"):
        return None
    record(session, seen)
    applied = applier(session, seen).apply(Change("delete", stands.item, None, "you asked for it"))
    if applied.outcome == "done":
        session.ledger.settle(stands.item, "tombstone", "taken back by you; stays away", session.clock.now())
    return applied
