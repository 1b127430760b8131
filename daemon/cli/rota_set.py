"""`homeward rota set`: the leader gives the next turn of a meeting to somebody, or takes that back."""

from __future__ import annotations

from daemon.advice import Usage
from daemon.cli.choice import person_named
from daemon.cli.plan_text import applied_lines
from daemon.cli.screen import Line, show
from daemon.reconcile import Look, look, one_pass
from daemon.session import Session
from rules.asking import instead_of
from rules.desired import coverage_of, next_turn
from rules.hosts import ByHand
from rules.meetings import bare_title, led_by_me, matching_rule
from rules.model import SetTurn
from rules.policy import MeetingRule, Person
from rules.telling import at, printable


def give_turn(session: Session, meeting: str | None, person: str | None, *, clear: bool) -> int:
    """The pass that follows asks whoever it is then. Usage where it cannot be."""
    if meeting is None or clear == (person is not None):
        raise Usage("whose turn? homeward rota set MEETING PERSON, or homeward rota set MEETING --clear")
    with session.ledger.writing():
        seen = look(session)
        rule = _rule_named(seen, session, meeting)
        words = _clear(session, rule) if person is None else _set(session, seen, rule, person_named(session.policy, person))
        passed = one_pass(session)
        told = [f"  ✓ {words}", *_refused(session, passed.look, rule)]
        show([*told, *(applied_lines(passed, session.zone) if passed.applied or passed.tended.words else [])])
    return 1 if any(one.outcome == "failed" for one in passed.applied) else 0


def _rule_named(seen: Look, session: Session, wanted: str) -> MeetingRule:
    """By its id, else by words of the title of a meeting that it speaks for."""
    rules = [rule for rule in session.policy.meeting if not rule.skip]
    if named := [rule for rule in rules if rule.id.casefold() == wanted.casefold()]:
        return named[0]
    led = (o for o in seen.seen.occurrences if led_by_me(o, session.policy.me) and wanted.casefold() in bare_title(o).casefold())
    spoken = {rule.id for o in led if (rule := matching_rule(o, session.policy.meeting))}
    fits = [rule for rule in rules if rule.id in spoken]
    if len(fits) == 1:
        return fits[0]
    ids = ", ".join(printable(rule.id, 40) for rule in fits or rules) or "none"
    raise Usage(f"“{printable(wanted)}” fits {'several rules' if fits else 'no meeting that is handed over'}. There are: {ids}")


def _clear(session: Session, rule: MeetingRule) -> str:
    if all(turn.meeting_id != rule.id for turn in session.ledger.turns_set()):
        raise Usage(f"the next turn of {printable(rule.id)} is not set by hand.")
    session.ledger.clear_turn(rule.id)
    session.ledger.note(session.clock.now(), "", "rota", f"the next turn of {rule.id} goes by the rules again")
    return f"The next turn of {printable(rule.id)} goes by the rules again"


def _set(session: Session, seen: Look, rule: MeetingRule, person: Person) -> str:
    """It is also the leader's yes to asking this person."""
    now, ledger = session.clock.now(), session.ledger
    given = SetTurn(rule.id, person.id, now)
    turn = next_turn(seen.situation, given)
    if turn is not None:
        _not_over_an_acceptance(seen, given, person)
        agreed = {absence_id for absence_id, _, _ in ledger.consented()}
        for absence in seen.absences:
            if absence.id in agreed and turn.start in absence.span:
                ledger.consent(absence.id, "host", person.addresses, now)
    ledger.set_turn(given)
    when = f" ({at(turn.start, session.zone)})" if turn else ", whenever there is one,"
    words = f"The next turn of {printable(rule.id)}{when} is for {printable(person.name)}"
    ledger.note(now, "", "rota", f"{words}, set by hand")
    return words


def _not_over_an_acceptance(seen: Look, given: SetTurn, person: Person) -> None:
    turn = next_turn(seen.situation, given)
    items = (item for absence in seen.absences for item in coverage_of(seen.situation, absence).items)
    item = next((item for item in items if turn is not None and item.key == turn.key), None)
    if item is not None and item.state == "accepted" and item.host != person.id:
        raise Usage(f"{printable(item.host_name)} has accepted that turn. To hand it over: {instead_of(person.id, item)}")


def _refused(session: Session, seen: Look, rule: MeetingRule) -> list[Line]:
    """Why it is not theirs all the same."""
    given = [one for absence in seen.absences for one in coverage_of(seen.situation, absence).by_hand if one.because]
    mine = [one for one in given if _is_of(one, session, rule)]
    return [(f"  ! not as things stand: {one.because}. The rules go on.", "yellow") for one in mine]


def _is_of(given: ByHand, session: Session, rule: MeetingRule) -> bool:
    found = matching_rule(given.occurrence, session.policy.meeting)
    return found is not None and found.id == rule.id
