"""Which hosts are wanted and whom that makes homeward write to; and who hears that they are not needed any more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import count

from msgspec.structs import replace

from rules.answers import answer_due, was_asked
from rules.asking import ask_id, ask_mail, withdrawn_id, withdrawn_mail
from rules.desired.situation import Gathered, Situation, sender_of, went_out
from rules.hosts import ByHand, Coverage, cover
from rules.items import HostItem, Item, MailItem
from rules.meetings import bare_title
from rules.model import Absence, Assignment, Occurrence, OccurrenceKey, SetTurn
from rules.plan import Skipped
from rules.telling import at, day, printable


def want_hosts(s: Situation, absence: Absence, gathered: Gathered) -> Coverage:
    found = turns_covered(s, absence)
    coverage = without_refused(s, found)
    zone = s.policy.me.home_zone
    gathered.items += [item for item in found.items if item not in coverage.items]  # the comparison says why they stay away
    gathered.skipped += coverage.skipped
    gathered.skipped += [_not_theirs(s, absence, given) for given in coverage.by_hand if given.because]
    gathered.gaps += [Skipped(_meeting(gap.occurrence, zone), gap.because, absence.id) for gap in coverage.gaps]
    for later in coverage.later:
        when = f"{s.policy.person_by_id(later.likely).name} will be asked on {day(later.ask_on, zone)}"
        gathered.later.append(Skipped(_meeting(later.occurrence, zone), when, absence.id))
    given = {each.occurrence.key: each for each in coverage.by_hand}
    for item in coverage.items:
        gathered.reasons[item.id] = _why_host(s, item, given.get(item.key))
        _host(s, absence, item, gathered)
    gathered.foreseen[absence.id] = _foreseen(s, coverage)
    return coverage


def turns_covered(s: Situation, absence: Absence) -> Coverage:
    """Who hosts what, with the turns that the leader has given by hand."""
    given = {turn.key: set_turn.person_id for set_turn in s.turns_set if (turn := next_turn(s, set_turn))}
    return _covered(s, absence, given)


def _covered(s: Situation, absence: Absence, given: Mapping[OccurrenceKey, str]) -> Coverage:
    return cover(absence, s.occurrences, s.policy, s.away, s.assignments, s.turns, s.now, given)


def next_turn(s: Situation, given: SetTurn) -> Occurrence | None:
    """The first meeting of its rule that begins after the leader spoke and needs a host; it stays that one until it is over."""
    known = {occurrence.key: occurrence for occurrence in s.occurrences}
    plain = [_covered(s, absence, {}) for absence in s.absences if absence.action == "act"]
    found = [(item.meeting_id, item.key) for each in plain for item in each.items]
    found += [(gap.meeting_id, gap.occurrence.key) for each in plain for gap in each.gaps]
    found += [(later.meeting_id, later.occurrence.key) for each in plain for later in each.later]
    ahead = (known[key] for meeting_id, key in found if meeting_id == given.meeting_id and known[key].start > given.at)
    return min(ahead, key=lambda occurrence: (occurrence.start, occurrence.key), default=None)


def _not_theirs(s: Situation, absence: Absence, given: ByHand) -> Skipped:
    what = f"{_meeting(given.occurrence, s.policy.me.home_zone)} for {printable(s.policy.person_by_id(given.person_id).name)}"
    return Skipped(what, f"you set it by hand, but {given.because}", absence.id)


def without_refused(s: Situation, coverage: Coverage) -> Coverage:
    """What somebody took back is nobody's to host: nobody is asked for it, and no brief says so."""
    refused = {effect for effect, stands in s.standing.items() if stands.state == "tombstone"}
    return replace(coverage, items=tuple(item for item in coverage.items if item.id not in refused))


def _meeting(occurrence: Occurrence, zone: str) -> str:
    return f"“{printable(bare_title(occurrence), 60)}” on {at(occurrence.start, zone)}"


def answers_due(s: Situation, coverage: Coverage) -> Mapping[str, datetime]:
    """By id of what was asked: when the next is asked. Of what is still to be asked nobody can say it yet."""
    found = {}
    for item in coverage.items:
        held = _held(s, item)
        if held is not None and was_asked(item, held) and (until := _answer_due(s, item, held)):
            found[item.id] = until
    return found


def _answer_due(s: Situation, item: HostItem, held: Assignment | None) -> datetime | None:
    return answer_due(item, held, s.policy, s.holidays, s.away, s.now)


def _held(s: Situation, item: HostItem) -> Assignment | None:
    return next((a for a in s.assignments if (a.absence_id, a.key) == (item.absence_id, item.key)), None)


def _host(s: Situation, absence: Absence, item: HostItem, gathered: Gathered) -> None:
    if item.key.calendar_id not in s.writable:
        what = f"“{printable(item.summary, 60)}” on {at(item.span.start, s.policy.me.home_zone)}"
        gathered.gaps.append(Skipped(what, f"its calendar is read only: ask {item.host_name} yourself", absence.id))
        return
    gathered.items.append(item)
    if item.id in s.unseen or item.key.calendar_id in s.unread:
        return  # it stays as it is, so nobody is asked
    sender = sender_of(s)
    if item.state == "asked" and sender is not None:
        # Also where the server sends an invitation, which cannot say that it is about hosting, how far, and until when.
        until = _answer_due(s, item, _held(s, item))
        gathered.items.append(ask_mail(item, s.policy, sender, _turn(s, item), until))
    elif item.state == "asked" and item.key.calendar_id not in s.schedules:
        what = f"request to {item.host_name} for “{printable(item.summary, 60)}”"
        because = "the calendar mails nobody, and no way to send mail is configured: tell them yourself"
        gathered.skipped.append(Skipped(what, because, absence.id))


def _why_host(s: Situation, item: HostItem, given: ByHand | None) -> str:
    """The rule, the leader's hand, and why those before this person in its list are not asked."""
    rule = next(rule for rule in s.policy.meeting if rule.id == item.meeting_id)
    words = [f"the rule “{rule.id}” says so"]
    if given is not None:
        words.append(f"though you set somebody else by hand: {given.because}" if given.because else "you set it by hand")
    elif rule.rotation == "fair":
        words.append("it is their turn")
    held = _held(s, item)
    for other in rule.hosts[: rule.hosts.index(item.host)] if item.host in rule.hosts else ():
        name = s.policy.person_by_id(other).name
        if held is not None and other in held.refused:
            words.append(f"{name} {'did not answer' if other in held.silent else 'declined'}")
        elif any(span.overlaps(item.span) for span in s.away.get(other, ())):
            words.append(f"{name} is away, too")
    return ", ".join(words)


def _foreseen(s: Situation, coverage: Coverage) -> tuple[str, ...]:
    """Everybody who may be asked in the course of this absence: the chains of all its meetings."""
    rules = {item.meeting_id for item in coverage.items} | {later.meeting_id for later in coverage.later}
    people = {host for rule in s.policy.meeting if rule.id in rules for host in rule.hosts}
    people |= {item.host for item in coverage.items}
    return tuple(sorted(a for person in s.policy.person if person.id in people for a in person.addresses[:1]))


def _turn(s: Situation, item: HostItem) -> int:
    """Which request to this person it is: one more after each that was taken back."""
    return next(turn for turn in count(1) if not went_out(s, withdrawn_id(item.id, item.host, turn)))


def withdrawals(s: Situation, items: Sequence[Item]) -> list[Item]:
    """Somebody was asked by mail, has not refused, and is not needed any more: they hear of it."""
    hosts = {item.id: item.host for item in items if isinstance(item, HostItem)}
    refused = {(a.absence_id, a.key): a.declined_by for a in s.assignments}
    found: list[Item] = []
    for stands in s.standing.values():
        item = stands.item
        if not isinstance(item, HostItem) or item.span.start <= s.now:
            continue
        turn = _turn(s, item)
        asked = s.standing.get(ask_id(item.id, item.host, turn))
        dropped = stands.state == "tombstone" or hosts.get(item.id) != item.host
        willing = item.host not in refused.get((item.absence_id, item.key), ())
        if dropped and willing and asked is not None and asked.state == "done" and isinstance(asked.item, MailItem):
            found.append(withdrawn_mail(item, s.policy, asked.item.mail_id, turn))
    return found
