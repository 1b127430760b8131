"""What the desktop is to be told after a pass: questions, refusals, what was left on, logins. Each thing once: the ledger knows
what was shown. While the inbox is held and no window is open, only what cannot wait is told."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from daemon.development import feedback_question, feedback_wanted
from daemon.ledger import Ledger
from daemon.readiness import readiness_of
from daemon.reconcile import Passed
from daemon.service.report import Notice
from daemon.session import Session
from rules.asking import instead_of
from rules.desired.blocks import BENEATH
from rules.explain import one_line
from rules.items import BlockItem, HostItem
from rules.meetings import bare_title
from rules.model import Assignment, Occurrence
from rules.telling import at, printable, stretch

_KEY = "told/"
_RECENT = timedelta(days=2)  # what was switched off longer ago is no news


def mark_told(ledger: Ledger, keys: Iterable[str], now: datetime) -> None:
    """These were shown."""
    for key in keys:
        ledger.set(f"{_KEY}{key}", now.isoformat())


def notices(session: Session, passed: Passed, mistakes: str) -> tuple[Notice, ...]:
    """What is new and may be told now. What is over is forgotten, so that it is told again when it comes again."""
    _note_moves(session, passed)
    lasting = [*_logins(session), *_config(mistakes)]
    _forget_what_is_over(session, {notice.key for notice in lasting})
    urgent = [*lasting, *_left_on(session, passed)]
    calm = [] if _is_quiet(passed) else _calm(session, passed)
    told = (*(notice._replace(urgent=True) for notice in urgent), *calm)
    return tuple(notice for notice in told if session.ledger.get(f"{_KEY}{notice.key}") is None)


def _calm(session: Session, passed: Passed) -> list[Notice]:
    asking = [*_questions(session, passed), *_not_ready(session, passed), *_feedback(session)]
    return [*asking, *_turns(session, passed), *_family(session, passed)]


def _is_quiet(passed: Passed) -> bool:
    return any(state.held for state in passed.tended.inbox.values())


def _forget_what_is_over(session: Session, lasting: set[str]) -> None:
    for key in session.ledger.keys(f"{_KEY}sign-in/") + session.ledger.keys(f"{_KEY}config/"):
        if key.removeprefix(_KEY) not in lasting:
            session.ledger.unset(key)


def _logins(session: Session) -> Iterator[Notice]:
    for account in session.outside.signed_out:
        yield Notice(f"sign-in/{account}", "Sign in again", printable(session.outside.accounts[account].refused, 250))


def _config(mistakes: str) -> Iterator[Notice]:
    if mistakes:
        digest = hashlib.blake2b(mistakes.encode("utf-8", "replace"), digest_size=8).hexdigest()
        first = printable(mistakes.splitlines()[0], 200)
        yield Notice(f"config/{digest}", "The config has a mistake", f"The last good one is in use. {first}")


def _left_on(session: Session, passed: Passed) -> Iterator[Notice]:
    now = passed.look.seen.now
    for entry in session.ledger.journal(most=50):
        if entry.step == "switched off" and entry.at > now - _RECENT:
            key = f"left-on/{entry.at.isoformat()}"
            yield Notice(key, "An autoreply was left on", f"{printable(entry.words)}.")
    yield from _left_on_by_others(session, passed)


def _left_on_by_others(session: Session, passed: Passed) -> Iterator[Notice]:
    """An autoreply that is not ours still answers though the leader is back: it is for them to switch off."""
    now, watched = passed.look.seen.now, timedelta(days=session.policy.responder.watch_days)
    absences = [a for a in passed.look.absences if a.action in ("act", "private-only")]
    over = [a for a in absences if a.span.end <= now < a.span.end + watched]
    if not over or any(now in a.span for a in absences):
        return
    last = max(over, key=lambda a: a.span.end)
    for mail_id, reading in passed.look.seen.responders.items():
        if reading.enabled and not reading.marker:
            body = f"You are back, and the autoreply of {printable(mail_id)} still answers. It is not homeward's: switch it off."
            yield Notice(f"left-on/{mail_id}/{last.id}", "An autoreply was left on", body)


def _questions(session: Session, passed: Passed) -> Iterator[Notice]:
    now = passed.look.seen.now
    for absence in passed.look.absences:
        if absence.action == "ask" and absence.span.end > now:
            what = printable(one_line(absence, session.zone, now.date()), 150)
            body = f"{what}. Yes: homeward confirm {absence.id}. No: homeward dismiss {absence.id}"
            yield Notice(f"question/{absence.id}", "Will you be away?", body, absence.id)


def _not_ready(session: Session, passed: Passed) -> Iterator[Notice]:
    """Some days before the departure, once."""
    now, before = passed.look.seen.now, timedelta(days=session.policy.ready.remind_days_before)
    for absence in passed.look.absences:
        if absence.action in ("act", "private-only") and absence.span.start - before <= now < absence.span.start:
            found = readiness_of(session, passed.look, absence)
            if found.next is not None:
                missing = f"{found.next.what}: {printable(found.next.missing, 150)}"
                body = f"{found.score} before {printable(absence.title, 60)}. {missing}. All of it: homeward ready {absence.id}"
                yield Notice(f"ready/{absence.id}", "Not everything is ready", body)


# --- who hosts --------------------------------------------------------------------------------------------------------


def _turns(session: Session, passed: Passed) -> Iterator[Notice]:
    """Who declined, let the time pass, or said yes too late; also where nobody is left and so nothing of ours stands."""
    look, standing = passed.look, session.ledger.standing()
    sure = {absence.id for absence in look.absences if absence.action == "act"}
    ahead = {o.key: o for o in look.seen.occurrences if o.end > look.seen.now}
    for held in session.ledger.assignments():
        if held.absence_id in sure and held.key in ahead:
            yield from _refusals(session, held, ahead[held.key])
            stands = standing.get(held.effect)
            if stands is not None and isinstance(stands.item, HostItem) and held.state != "declined":
                yield from _late(session, held, stands.item)


def _refusals(session: Session, held: Assignment, meeting: Occurrence) -> Iterator[Notice]:
    what = f"“{printable(bare_title(meeting), 60)}”, {at(meeting.start, session.zone)}"
    for person in held.declined_by:
        body = f"{what}: {_name(session, person)} declined. {_then(session, held)}"
        yield Notice(f"declined/{held.effect}/{person}", "A host declined", body)
    for person in held.silent:
        body = f"{what}: {_name(session, person)} did not answer in time. {_then(session, held)}"
        yield Notice(f"silent/{held.effect}/{person}", "A host did not answer", body)


def _late(session: Session, held: Assignment, item: HostItem) -> Iterator[Notice]:
    what = f"“{printable(item.summary, 60)}”, {at(item.span.start, session.zone)}"
    for person in held.late:
        body = f"{what}: {_name(session, person)} said yes too late. {_then(session, held)}"
        if person != held.person_id:
            yield Notice(f"late/{held.effect}/{person}", "A yes came late", f"{body} To take them: {instead_of(person, item)}")


def _then(session: Session, held: Assignment) -> str:
    if held.state == "declined":
        return "Nobody hosts it yet."
    return f"{_name(session, held.person_id)} {'hosts it' if held.state == 'accepted' else 'is asked now'}."


def _name(session: Session, person_id: str) -> str:
    person = session.policy.find_person(person_id)
    return printable(person.name if person else person_id)


# --- the family's time ------------------------------------------------------------------------------------------------

_MOVED = "moved/"


def _family(session: Session, passed: Passed) -> Iterator[Notice]:
    """A meeting was put on top of it: where it was moved to, or where it could go."""
    for gap in passed.look.plan.gaps:
        if gap.what.startswith(BENEATH):
            booked = gap.because.partition("; ")[0]
            digest = hashlib.blake2b(f"{gap.what}\n{booked}".encode("utf-8", "replace"), digest_size=8).hexdigest()
            body = f"{printable(gap.what, 80)}: {printable(gap.because, 250)}."
            yield Notice(f"beneath/{gap.absence_id}/{digest}", "A meeting on top of family time", body)
    for key in session.ledger.keys(_MOVED):
        yield Notice(key, "Family time was moved", session.ledger.get(key) or "")


def _note_moves(session: Session, passed: Passed) -> None:
    """What this pass moved is told when it may be. The same hours on several calendars move once."""
    ledger = session.ledger
    for key in ledger.keys(_MOVED):
        if ledger.get(f"{_KEY}{key}") is not None:
            ledger.unset(key)
    for change in (one.change for one in passed.applied if one.outcome == "done"):
        before, after = change.before, change.after
        if not isinstance(before, BlockItem) or not isinstance(after, BlockItem) or after.purpose != "make-up":
            continue
        if before.span != after.span:
            moved = f"From {stretch(before.span, session.zone)} to {stretch(after.span, session.zone)}"
            key = f"{_MOVED}{after.absence_id}/{after.ordinal}/{after.span.start.isoformat()}"
            ledger.set(key, f"{moved}: {printable(change.because, 200)}.")


def _feedback(session: Session) -> Iterator[Notice]:
    for asked in feedback_wanted(session.ledger, session.policy, session.clock.now()):
        yield Notice(f"feedback/{asked.debrief_id}", "After a debrief", printable(feedback_question(asked), 200))
