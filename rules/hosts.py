"""Who runs the leader's meetings while they are away: whom to ask, and what comes of it. Only meetings that the leader organizes
and that a rule speaks for. Nothing is cancelled here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from types import MappingProxyType

from msgspec import Struct, field
from msgspec.structs import replace

from rules.asking import host_id, scope_lines
from rules.interval import Interval
from rules.items import HostItem
from rules.meetings import bare_title, is_mine, led_by_me, matching_rule, others, unspoken
from rules.model import Absence, Assignment, Occurrence, OccurrenceKey, Turn
from rules.phrases import fold
from rules.plan import Skipped
from rules.policy import Me, MeetingRule, Person, Policy
from rules.rotation import is_away, pool_of, share, turn_of
from rules.telling import at, printable


class Gap(Struct, frozen=True):
    """A meeting that nobody can host. To be shown loudly; until somebody is found it stays the leader's."""

    occurrence: Occurrence
    meeting_id: str
    because: str


class Later(Struct, frozen=True):
    """A meeting whose host is asked only from `ask_on` on. `likely` is who it would be today (a person id)."""

    occurrence: Occurrence
    meeting_id: str
    likely: str
    ask_on: datetime


class ByHand(Struct, frozen=True):
    """A turn that the leader has given to somebody; `because`: in words, why it is not theirs all the same; "" where it is."""

    occurrence: Occurrence
    person_id: str
    because: str = ""


class Coverage(Struct, frozen=True):
    """Every meeting the leader organizes in an absence is in exactly one of `items`, `gaps`, `skipped` and `later`; in order of
    time. `waiting` are those among `skipped` that a rule leaves alone on purpose."""

    items: tuple[HostItem, ...] = ()
    gaps: tuple[Gap, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    later: tuple[Later, ...] = ()
    waiting: tuple[Occurrence, ...] = ()
    by_hand: tuple[ByHand, ...] = ()


# --- whom to ask ------------------------------------------------------------------------------------------------------


class _Case(Struct, frozen=True):
    """One meeting to be covered, with what is already known about it."""

    occurrence: Occurrence
    rule: MeetingRule
    held: Assignment | None
    refused: frozenset[str]
    silent: frozenset[str] = frozenset()  # those of `refused` who did not answer in time
    late: frozenset[str] = frozenset()  # said yes when somebody else had been asked: the last to turn to
    effect: str = ""  # id of the HostItem, where one was minted


class _Pick(Struct, frozen=True):
    person: Person
    senior: Person | None = None


class _Board(Struct):
    """The state of one planning run: who has which turn and who hosts when. Filled in the order of decisions."""

    policy: Policy
    absence: Absence
    away: Mapping[str, Sequence[Interval]]
    turns: list[Turn]
    by_hand: Mapping[OccurrenceKey, str]
    hosting: dict[str, list[Interval]] = field(default_factory=dict)

    def take(self, pick: _Pick, case: _Case) -> None:
        """The host has a turn; the senior beside a newcomer only gives the time."""
        for person in (pick.person, pick.senior):
            if person is not None:
                self.hosting.setdefault(person.id, []).append(case.occurrence.span)
        pool = pool_of(case.rule, self.absence.cover, self.policy, self.away, case.occurrence.span)
        turn = turn_of(pick.person.id, case.rule, case.occurrence.span, pool)
        if not any(_same_turn(turn, known) for known in self.turns):
            self.turns.append(turn)

    def set_for(self, case: _Case) -> Person | None:
        """Whose turn it is by the leader's hand."""
        return self.policy.find_person(self.by_hand.get(case.occurrence.key, ""))

    def is_away(self, person_id: str, span: Interval) -> bool:
        return is_away(self.away, person_id, span)

    def is_hosting(self, person_id: str, span: Interval) -> bool:
        return any(busy.overlaps(span) for busy in self.hosting.get(person_id, ()))

    def fairness(self, person_id: str) -> tuple[float, float, str]:
        """Who is furthest behind their part, then longest since the last turn, then name."""
        known = share(person_id, self.turns)
        last = known.last.timestamp() if known.last else float("-inf")
        return (known.ahead, last, fold(self.policy.person_by_id(person_id).name))

    def hosted_beside(self, person_id: str, case: _Case) -> bool:
        """Whether this person has the turn right before or right after this one of the same meeting."""
        at = case.occurrence.start
        known = [turn for turn in self.turns if turn.meeting_id == case.rule.id and turn.at != at]
        before = max((t for t in known if t.at < at), key=lambda t: t.at, default=None)
        after = min((t for t in known if t.at > at), key=lambda t: t.at, default=None)
        return any(turn is not None and turn.person_id == person_id for turn in (before, after))


def _same_turn(one: Turn, other: Turn) -> bool:
    return (one.person_id, one.meeting_id, one.at) == (other.person_id, other.meeting_id, other.at)


def cover(
    absence: Absence,
    occurrences: Sequence[Occurrence],
    policy: Policy,
    away: Mapping[str, Sequence[Interval]],
    assignments: Sequence[Assignment],
    history: Sequence[Turn],
    now: datetime,
    by_hand: Mapping[OccurrenceKey, str] = MappingProxyType({}),
) -> Coverage:
    """Who hosts what in `absence`. `away` maps person ids to when they are away themselves; `assignments` may hold those of other
    absences, which count as turns. A standing assignment is kept unless it has become impossible, or waits for an answer while
    the turn was given to somebody else `by_hand` (person ids)."""
    board = _Board(policy, absence, away, list(history), by_hand)
    _count_elsewhere(board, occurrences, assignments)
    skipped, waiting, cases = _sorted_out(absence, occurrences, policy, assignments, now)
    picks = _kept(board, cases, now)
    hindrances: dict[OccurrenceKey, str] = {}
    for case in cases:
        key = case.occurrence.key
        if key not in picks:
            hindrances[key] = _exhausted(board, case)
            if pick := _first_free(board, case):
                board.take(pick, case)
                picks[key] = pick
    given = tuple(ByHand(c.occurrence, p.id, _not_theirs(board, c, p, picks)) for c in cases if (p := board.set_for(c)))
    return _coverage(board, cases, picks, hindrances, now, Coverage(skipped=skipped, waiting=waiting, by_hand=given))


def _not_theirs(board: _Board, case: _Case, wanted: Person, picks: Mapping[OccurrenceKey, _Pick]) -> str:
    pick = picks.get(case.occurrence.key)
    if pick and pick.person.id == wanted.id:
        return ""
    accepted = pick is not None and case.held is not None and case.held.state == "accepted"
    who, why = (pick.person, "has accepted") if pick and accepted else (wanted, _hindrance(board, case, wanted))
    return f"{printable(who.name)} {why}"


def _count_elsewhere(board: _Board, occurrences: Sequence[Occurrence], assignments: Sequence[Assignment]) -> None:
    """Hosts of other absences: their turns are taken and their time is not free."""
    by_key = {occurrence.key: occurrence for occurrence in occurrences}
    for held in assignments:
        occurrence = by_key.get(held.key)
        if held.absence_id == board.absence.id or held.state == "declined" or occurrence is None:
            continue
        rule, person = matching_rule(occurrence, board.policy.meeting), board.policy.find_person(held.person_id)
        if rule and person:
            board.take(_Pick(person), _Case(occurrence, rule, held, frozenset()))


def _sorted_out(
    absence: Absence, occurrences: Sequence[Occurrence], policy: Policy, assignments: Sequence[Assignment], now: datetime
) -> tuple[tuple[Skipped, ...], tuple[Occurrence, ...], list[_Case]]:
    evidence = {item.key for item in absence.evidence}
    skipped: list[Skipped] = []
    waiting: list[Occurrence] = []
    cases: list[_Case] = []
    for occurrence in sorted((o for o in occurrences if _within(o, absence)), key=lambda o: (o.start, o.key)):
        # What the absence itself is made of (an offsite the leader runs there) needs nobody in the leader's place.
        if occurrence.key in evidence or not led_by_me(occurrence, policy.me):
            continue
        case = _case(absence, occurrence, policy, assignments)
        reason = _left_alone(case, occurrence, policy, now)
        if case is not None and not reason:
            cases.append(case)
            continue
        skipped.append(Skipped(_what(occurrence, policy.me.home_zone), reason, absence.id))
        waiting += [occurrence] if case is not None and case.rule.skip else []
    return tuple(skipped), tuple(waiting), cases


def _within(occurrence: Occurrence, absence: Absence) -> bool:
    return occurrence.span.overlaps(absence.span) or occurrence.start in absence.span


def _what(occurrence: Occurrence, zone: str) -> str:
    return f"“{printable(bare_title(occurrence), 60)}” on {at(occurrence.start, zone)}"


def _case(absence: Absence, occurrence: Occurrence, policy: Policy, assignments: Sequence[Assignment]) -> _Case | None:
    rule = matching_rule(occurrence, policy.meeting)
    if rule is None:
        return None
    own = [a for a in assignments if a.absence_id == absence.id and a.key == occurrence.key]
    silent = frozenset().union(*(a.silent for a in own))
    late = frozenset().union(*(a.late for a in own))
    refused = {a.person_id for a in own if a.state == "declined"}.union(*(a.refused for a in own)) - late
    held = next((a for a in own if a.state != "declined"), None)
    return _Case(occurrence, rule, held, frozenset(refused), silent, late, next((a.effect for a in own), ""))


def _left_alone(case: _Case | None, occurrence: Occurrence, policy: Policy, now: datetime) -> str:
    """Why nobody is asked at all, or ""."""
    if case is None:
        return "no rule"
    if case.rule.skip:
        return f'the rule "{case.rule.id}" says skip'
    added = (case.held.person_id,) if case.held and case.held.added else ()
    if reason := unspoken(occurrence, case.rule, policy, added):
        return reason
    return "already begun" if occurrence.start <= now and case.held is None else ""


def _kept(board: _Board, cases: Sequence[_Case], now: datetime) -> dict[OccurrenceKey, _Pick]:
    """The assignments that stand. Newcomers come after the others, so that their seniors are looked for among who is left."""
    asked = [(case, person) for case in cases if (person := _standing(board, case, now))]
    standing = [(case, person) for case, person in asked if not _gives_way(board, case, person, now)]
    picks: dict[OccurrenceKey, _Pick] = {}
    for case, person in sorted(standing, key=lambda pair: pair[1].newcomer):
        pick = _Pick(person, _senior(board, case, person) if person.newcomer else None)
        if pick.senior or not person.newcomer or case.occurrence.end <= now:
            board.take(pick, case)
            picks[case.occurrence.key] = pick
    return picks


def _gives_way(board: _Board, case: _Case, asked: Person, now: datetime) -> bool:
    """Who has not accepted yet does, to whom the leader has given the turn by hand."""
    wanted, held = board.set_for(case), case.held
    if wanted is None or wanted.id == asked.id or held is None or held.state != "asked" or case.occurrence.start <= now:
        return False
    return not _hindrance(board, case, wanted)


def _standing(board: _Board, case: _Case, now: datetime) -> Person | None:
    """The person already asked, unless that has become impossible. What lies behind us is not changed any more."""
    held = case.held
    person = board.policy.find_person(held.person_id) if held else None
    if held is None or person is None or case.occurrence.end <= now:
        return person
    named = held.state == "accepted" or person.id in _order(board, case)
    return person if named and person.addresses and not board.is_away(person.id, case.occurrence.span) else None


def _order(board: _Board, case: _Case) -> tuple[str, ...]:
    """Person ids in the order they are asked: whose turn it is by hand, who was named for this absence, then the rule's; who was
    late comes last."""
    rule = case.rule
    known = [person_id for person_id in rule.hosts if board.policy.find_person(person_id)]
    by_rule = sorted(known, key=board.fairness) if rule.rotation == "fair" else known
    named = [person_id for person_id in board.absence.cover if board.policy.find_person(person_id)]
    others = sorted(dict.fromkeys([*named, *by_rule]), key=lambda person_id: person_id in case.late)
    wanted = board.set_for(case)
    return tuple(dict.fromkeys([*([wanted.id] if wanted else []), *others]))


def _free(board: _Board, case: _Case) -> list[Person]:
    """Everybody who can be asked, in order."""
    people = [board.policy.person_by_id(person_id) for person_id in _order(board, case)]
    return [person for person in people if not _hindrance(board, case, person)]


def _first_free(board: _Board, case: _Case) -> _Pick | None:
    free = _free(board, case)
    return _Pick(free[0], _senior(board, case, free[0]) if free[0].newcomer else None) if free else None


def _hindrance(board: _Board, case: _Case, person: Person) -> str:
    """Why this person cannot be asked, or ""."""
    span = case.occurrence.span
    if person.id in case.refused:
        return "did not answer" if person.id in case.silent else "declined"
    if not person.addresses:
        return "has no address"
    if person.level < case.rule.least_level:
        return "may not decide enough"
    if board.is_away(person.id, span):
        return "is away"
    if board.is_hosting(person.id, span):
        return "hosts another meeting then"
    if _is_the_other_half(case, person, board.policy):
        return "is whom the leader meets"
    if case.rule.not_twice_in_a_row and board.hosted_beside(person.id, case):
        return "hosted the last one or hosts the next"
    if person.newcomer and _senior(board, case, person) is None:
        return "is new, and no senior is free to host with them"
    return ""


def _is_the_other_half(case: _Case, person: Person, policy: Policy) -> bool:
    there = others(case.occurrence, policy)
    return len(there) == 1 and there[0].address.lower() in {address.lower() for address in person.addresses}


def _senior(board: _Board, case: _Case, newcomer: Person) -> Person | None:
    """The senior beside a newcomer: their own mentors first, then seniors of the chain, then senior direct reports."""
    policy = board.policy
    reports = [person.id for person in policy.person if person.report]
    ids = dict.fromkeys([*newcomer.mentors, *board.absence.cover, *case.rule.hosts, *reports])
    people = [person for person_id in ids if (person := policy.find_person(person_id))]
    span = case.occurrence.span
    return next(
        (
            person
            for person in people
            if person.seniority == "senior"
            and person.id not in case.refused | {newcomer.id}
            and not board.is_away(person.id, span)
            and not board.is_hosting(person.id, span)
        ),
        None,
    )


# --- what comes of it -------------------------------------------------------------------------------------------------


def _coverage(
    board: _Board,
    cases: Sequence[_Case],
    picks: Mapping[OccurrenceKey, _Pick],
    hindrances: Mapping[OccurrenceKey, str],
    now: datetime,
    so_far: Coverage,
) -> Coverage:
    ahead = timedelta(days=board.policy.service.ask_hosts_days_ahead)
    items: list[HostItem] = []
    gaps: list[Gap] = []
    later: list[Later] = []
    for case in cases:
        occurrence, pick = case.occurrence, picks.get(case.occurrence.key)
        if pick is None:
            gaps.append(Gap(occurrence, case.rule.id, hindrances[occurrence.key]))
        elif case.held is None and occurrence.start - now > ahead:
            later.append(Later(occurrence, case.rule.id, pick.person.id, occurrence.start - ahead))
        else:
            items.append(_item(board, case, pick))
    return replace(so_far, items=tuple(items), gaps=tuple(gaps), later=tuple(later))


def _exhausted(board: _Board, case: _Case) -> str:
    """Why each of the chain cannot be asked, in words; whoever can be is left out."""
    people = [board.policy.person_by_id(person_id) for person_id in _order(board, case)]
    reasons = [f"{printable(person.name)} {reason}" for person in people if (reason := _hindrance(board, case, person))]
    return "; ".join(reasons) or f'nobody in the rule "{case.rule.id}" is known'


def _item(board: _Board, case: _Case, pick: _Pick) -> HostItem:
    occurrence, person = case.occurrence, pick.person
    keeps = case.held is not None and case.held.person_id == person.id and case.held.state == "accepted"
    return HostItem(
        id=case.effect or host_id(board.absence.id, occurrence.key),
        absence_id=board.absence.id,
        key=occurrence.key,
        summary=bare_title(occurrence),
        span=occurrence.span,
        meeting_id=case.rule.id,
        host=person.id,
        host_name=person.name,
        host_address=_address_on(occurrence, person),
        state="accepted" if keeps else "asked",
        lines=scope_lines(case.rule, person, board.policy),
        paired_with=pick.senior.name if pick.senior else "",
        decline_leader=case.rule.decline_leader,
        leader_address=_leader_on(occurrence, board.policy.me),
        chain=tuple(other.addresses[0] for other in _free(board, case) if other.id not in {person.id, *case.late}),
    )


def _address_on(occurrence: Occurrence, person: Person) -> str:
    """The address the calendar already knows them by, else their first."""
    invited = {attendee.address.lower() for attendee in occurrence.attendees}
    lowered = [address.lower() for address in person.addresses]
    return next((address for address in lowered if address in invited), lowered[0] if lowered else "")


def _leader_on(occurrence: Occurrence, me: Me) -> str:
    listed = [attendee.address for attendee in occurrence.attendees]
    organizer = [occurrence.organizer.address] if occurrence.organizer else []
    return next((address.lower() for address in [*listed, *organizer] if is_mine(address, me)), me.addresses[0].lower())
