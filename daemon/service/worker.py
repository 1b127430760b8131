"""One pass for the service, in a process of its own: `python -m daemon.service.worker CONFIG STATE`, an order on its input, its
report on its output. It stops between two changes when it is told to (SIGTERM)."""

from __future__ import annotations

import os
import signal
import sys
import traceback
from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import FrameType
from typing import Any, Literal

from daemon.advice import explain_failure
from daemon.ledger import Busy, Ledger
from daemon.mistakes import ConfigError
from daemon.paths import private_folder
from daemon.quiet import quiet_of, wanting
from daemon.reconcile import Passed, look, one_pass, record
from daemon.service.due import following
from daemon.service.last_good import settle
from daemon.service.notices import mark_told, notices
from daemon.service.provisions import all_can_be_watched, mailboxes
from daemon.service.report import Order, Report, Step, Trouble, Watch, dump, load_order
from daemon.session import Session
from daemon.windows import armed, openings_now
from rules.answers import answer_due
from rules.identity import identities
from rules.items import HostItem
from rules.model import Said
from rules.plan import Standing

_MOST_STEPS = 200
_NEAR = timedelta(days=2)  # before and after an absence


def main(config: str, state: str) -> int:
    os.umask(0o077)
    told = os.dup(1)  # what is started from here writes elsewhere
    os.dup2(2, 1)
    order = load_order(sys.stdin.buffer.read())
    session = Session.open(config or None, state or None, os.environ)
    try:
        report = make(session, order)
    finally:
        session.close()
    with os.fdopen(told, "wb") as out:
        out.write(dump(report))
    return 0


class _Stoppable(Ledger):
    """A ledger that lets no further change begin once the process was told to stop."""

    stopped = False

    def intend(self, *args: Any, **named: Any) -> None:
        if self.stopped:
            raise KeyboardInterrupt
        super().intend(*args, **named)


def make(session: Session, order: Order) -> Report:
    """Never raises for what can go wrong in a pass."""
    try:
        mistakes = settle(session)
        ledger = _Stoppable(private_folder(session.paths.state) / "ledger.db")
        session.use_ledger(ledger)
        _stop_when_told(ledger)
        with ledger.writing():
            return _made(session, order, mistakes)
    except KeyboardInterrupt:
        return Report("failed", "stopped between two changes")
    except Busy as error:
        return Report("busy", str(error))
    except ConfigError as error:
        return Report("failed", f"the config cannot be used: {error}")
    except Exception as error:
        told = explain_failure(error)
        if told is None:
            # Where it happened; what an exception says may hold what is private.
            sys.stderr.write(f"{''.join(traceback.format_tb(error.__traceback__))}{type(error).__name__}\n")
        return Report("failed", told.text.splitlines()[0] if told else f"a defect of homeward ({type(error).__name__})")


def _stop_when_told(ledger: _Stoppable) -> None:
    def stop(number: int, frame: FrameType | None) -> None:
        ledger.stopped = True

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)


def _made(session: Session, order: Order, mistakes: str) -> Report:
    ledger, accounts, began = session.ledger, session.outside.accounts, session.clock.now()
    mark_told(ledger, order.told, began)
    for account_id, pause in order.paused.items():
        if account_id in accounts:
            accounts[account_id].leave_alone(datetime.fromtimestamp(pause.until, UTC), pause.words)
    spared = {*order.paused, *(each.id for each in accounts.values() if each.id not in order.paused and each.spare(session.zone))}
    if order.said:
        _take_answers(session, order.said)
    passed = one_pass(session)
    ledger.note_config(mistakes)
    return report_of(session, passed, mistakes, spared)._replace(steps=_steps(session, began))


def _take_answers(session: Session, said: tuple[tuple[str, str], ...]) -> None:
    """As `homeward confirm` and `homeward dismiss` do. A question that no longer stands is no longer answered."""
    seen = look(session)
    record(session, seen)
    asked = {absence.id: absence for absence in seen.absences if absence.action == "ask"}
    for absence_id, verb in said:
        if absence_id in asked and verb in ("confirm", "dismiss"):
            now = session.clock.now()
            word: Literal["confirm", "dismiss"] = "confirm" if verb == "confirm" else "dismiss"
            session.ledger.say(Said(absence_id, word, now, None, identities(asked[absence_id])))
            session.ledger.note(now, absence_id, verb, "answered on the desktop")


def report_of(session: Session, passed: Passed, mistakes: str = "", spared: Collection[str] = ()) -> Report:
    """What the service has to know after a pass in which these accounts were left alone."""
    failing = {
        account.id: Trouble(trouble.retry_after.total_seconds(), trouble.what)
        for account in session.outside.accounts.values()
        if account.id not in spared and (trouble := account.trouble) is not None
    }
    following_moment, calm = _following(session, passed), _calm(session, passed)
    for account in session.outside.accounts.values():
        account.expect(following_moment)
    return Report(
        "done",
        _words(session, passed),
        following_moment.timestamp() if following_moment else None,
        session.policy.service.pass_minutes,
        _is_remote(session),
        tuple(_watched(session)),
        failing,
        mistakes,
        notices(session, passed, mistakes),
        tuple(_log(passed, session.outside.resting)),
        tuple(_to_watch(session, passed)),
        wanting(session, passed.look.absences, session.clock.now()) is not None and quiet_of(session) is None,
        calm and not failing,
        not calm and not failing and not _troubled(session, passed) and all_can_be_watched(session),
    )


def _following(session: Session, passed: Passed) -> datetime | None:
    ledger, now, absences = session.ledger, passed.look.seen.now, passed.look.absences
    standing = ledger.standing()
    away = {a.id: a for holds in armed(standing, absences).values() for _, a in holds if a is not None}
    openings = openings_now(session, list(away.values()), now) if armed(standing, absences) else ()
    leases = {m.id: written[0] for m in session.policy.mail if (written := ledger.lease(m.id))}
    last = ledger.get("synchronised")
    synchronised = datetime.fromisoformat(last) if last else None
    answers = _answers_due(session, standing, now)
    return following(now, session.policy.inbox, absences, openings, tuple(standing.values()), leases, synchronised, answers)


def _answers_due(session: Session, standing: Mapping[str, Standing], now: datetime) -> Iterator[datetime]:
    """When the next of a chain is asked, where nobody answers before."""
    away = session.ledger.away()
    for held in session.ledger.assignments():
        stands = standing.get(held.effect)
        if held.state == "asked" and stands is not None and isinstance(stands.item, HostItem):
            limit = answer_due(stands.item, held, session.policy, session.holidays, away, now)
            yield from () if limit is None else (limit,)


def _words(session: Session, passed: Passed) -> str:
    """For `systemctl status`: how the inbox is, and what waits."""
    states = passed.tended.inbox.values()
    inbox = next((state.because for state in states if state.held), None) or next((s.because for s in states), "you are not away")
    told = [f"Inbox {'held: ' if any(s.held for s in states) else 'open: '}{inbox.removeprefix('held ')}."]
    if passed.waiting:
        told.append(f"{len(passed.waiting)} changes wait for your yes.")
    if session.outside.signed_out:
        told.append(f"Sign in again: {', '.join(session.outside.signed_out)}.")
    return " ".join(told)


def _log(passed: Passed, resting: Collection[str]) -> Iterator[str]:
    """Numbers only: what was done stands in `homeward log`."""
    counts = {
        outcome: sum(one.outcome == outcome for one in passed.applied) for outcome in ("done", "theirs", "failed", "unknown")
    }
    if passed.applied:
        yield "changes: " + ", ".join(f"{number} {outcome}" for outcome, number in counts.items() if number)
    if passed.tended.held or passed.tended.released:
        yield f"mail: {passed.tended.held} held, {passed.tended.released} released"
    if passed.look.unsafe:
        yield "the plan is refused as unsafe; see: homeward plan"
    said = (*passed.tended.failed, *passed.look.seen.unavailable.values())
    trouble = sum(words not in resting for words in said)
    if trouble:
        yield f"{trouble} things could not be done or read; see: homeward status"


def _steps(session: Session, began: datetime) -> tuple[Step, ...]:
    """What stands in the ledger's journal since then."""
    entries = session.ledger.journal(most=_MOST_STEPS)
    return tuple(Step(entry.absence_id, entry.effect_id, entry.step) for entry in entries if entry.at >= began)


def _to_watch(session: Session, passed: Passed) -> Iterator[str]:
    """Mailboxes that are held by this machine now, and whose server tells of new mail (IDLE, or being asked often)."""
    for mail in mailboxes(session):
        state = passed.tended.inbox.get(mail.id)
        if mail.hold == "client" and state is not None and state.held:
            yield mail.id


def _calm(session: Session, passed: Passed) -> bool:
    """Whether servers may be looked at less often: what they could tell concerns days that are far ahead."""
    now = session.clock.now()
    near = any(a.span.start - _NEAR <= now < a.span.end + _NEAR for a in passed.look.absences)
    holds = any(state.held for state in passed.tended.inbox.values())
    return not (near or _is_awaited(session, now) or holds or _troubled(session, passed))


def _is_awaited(session: Session, now: datetime) -> bool:
    """Whether somebody was asked to host a meeting that is still to come, and has not answered."""
    asked = {held.effect for held in session.ledger.assignments() if held.state == "asked"}
    items = (stands.item for effect, stands in session.ledger.standing().items() if effect in asked)
    return any(isinstance(item, HostItem) and item.span.end > now for item in items)


def _troubled(session: Session, passed: Passed) -> bool:
    return bool(passed.look.seen.unavailable or passed.tended.failed or session.outside.signed_out)


def _is_remote(session: Session) -> bool:
    return bool(session.outside.accounts) or any(c.url and c.role != "ignore" for c in session.policy.calendar)


def _watched(session: Session) -> Iterator[Watch]:
    """What of this machine a pass reads."""
    yield Watch(str(session.paths.config), False)
    for calendar in session.policy.calendar:
        if calendar.path and calendar.role != "ignore":
            yield Watch(str(Path(calendar.path).expanduser()), True)
    for mail in session.policy.mail:
        if mail.path:
            yield from (Watch(str(folder), False) for folder in _mail_folders(Path(mail.path).expanduser()))
        if mail.sieve:
            active = Path(mail.sieve).expanduser()
            yield Watch(str(active), False)
            yield Watch(mail.sieve_folder or str(active.parent / "sieve"), True)


def _mail_folders(maildir: Path) -> Iterator[Path]:
    """Those in which something appears when a message is delivered, moved or marked."""
    yield maildir
    for folder in (maildir, *sorted(path for path in maildir.glob(".*") if path.is_dir())):
        yield folder / "new"
        yield folder / "cur"


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
