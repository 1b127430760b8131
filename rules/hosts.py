"""Who runs the leader's meetings while they are away: whom to ask, what they answered, and what they need to be able to do it.
Only meetings that the leader organizes and that a rule speaks for. Nothing is cancelled here, and nobody's answer is guessed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from fnmatch import translate

from msgspec import Struct, field
from msgspec.structs import replace

from rules.interval import Interval
from rules.items import HostItem, MailItem, absence_of, effect_id
from rules.model import Absence, AnswerState, Assignment, Attendee, Envelope, Occurrence, OccurrenceKey, Turn
from rules.phrases import PHRASES, at_time, contains, every, fill, fold, language_for
from rules.plan import Skipped
from rules.policy import LEVEL_WORDS, DecisionLevel, Me, MeetingRule, Person, Policy
from rules.telling import at, printable

_HOST_SUFFIX = re.compile(r"\s*\(host: (?:(?!\(host: ).)*\)$")

# Anybody can have an address there, so sharing one makes nobody a colleague.
_PUBLIC_MAIL = frozenset((
    "gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "live.com", "msn.com", "yahoo.com", "yahoo.de", "yahoo.fr",
    "yahoo.co.uk", "yahoo.co.jp", "icloud.com", "me.com", "mac.com", "aol.com", "gmx.de", "gmx.net", "gmx.at", "gmx.ch",
    "gmx.com", "web.de", "t-online.de", "freenet.de", "mail.de", "posteo.de", "mailbox.org", "proton.me", "protonmail.com",
    "pm.me", "fastmail.com", "zoho.com", "orange.fr", "free.fr", "laposte.net", "wanadoo.fr", "sfr.fr", "libero.it",
    "virgilio.it", "tiscali.it", "hetnet.nl", "ziggo.nl", "kpnmail.nl", "telia.com", "wp.pl", "o2.pl", "onet.pl", "interia.pl",
    "sapo.pt", "uol.com.br", "docomo.ne.jp", "ezweb.ne.jp", "qq.com", "163.com", "naver.com", "mail.ru", "yandex.ru",
    "yandex.com",
))  # fmt: skip


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


class Coverage(Struct, frozen=True):
    """Every meeting the leader organizes in an absence is in exactly one of `items`, `gaps`, `skipped` and `later`; in order of
    time. `waiting` are those among `skipped` that a rule leaves alone on purpose."""

    items: tuple[HostItem, ...] = ()
    gaps: tuple[Gap, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    later: tuple[Later, ...] = ()
    waiting: tuple[Occurrence, ...] = ()


class Answer(Struct, frozen=True):
    """A deputy has answered since the assignment was written."""

    absence_id: str
    key: OccurrenceKey
    person_id: str
    state: AnswerState  # accepted or declined
    via: str  # "calendar" or "mail"


class Right(Struct, frozen=True):
    """Something a deputy must be allowed to do before the meeting."""

    person_id: str
    name: str
    summary: str
    span: Interval
    what: str


# --- which meetings ---------------------------------------------------------------------------------------------------


def internal_domains(me: Me) -> tuple[str, ...]:
    """Domains of the leader's company: as configured, else those of their addresses, without the public mail providers."""
    named = me.internal_domains or tuple(address.rpartition("@")[2] for address in me.addresses)
    lowered = dict.fromkeys(domain.lower().lstrip("@") for domain in named)
    return tuple(lowered) if me.internal_domains else tuple(d for d in lowered if d not in _PUBLIC_MAIL)


def bare_title(occurrence: Occurrence) -> str:
    """The title without the "(host: NAME)" that an accepted host adds; what nobody of ours touched is left as it is."""
    return _HOST_SUFFIX.sub("", occurrence.summary) if occurrence.marker else occurrence.summary


def matching_rule(occurrence: Occurrence, rules: Sequence[MeetingRule]) -> MeetingRule | None:
    """The first rule that names it: by UID, by whole words of the title, or by a glob on the whole title."""
    return next((rule for rule in rules if _matches(rule, occurrence)), None)


def _matches(rule: MeetingRule, occurrence: Occurrence) -> bool:
    if rule.uid and rule.uid == occurrence.key.uid:
        return True
    title = bare_title(occurrence)
    return any(_glob(pattern, title) if set(pattern) & set("*?[") else contains(title, (pattern,)) for pattern in rule.match)


def _glob(pattern: str, title: str) -> bool:
    return re.match(translate(fold(pattern)), fold(title)) is not None


def led_by_me(occurrence: Occurrence, me: Me) -> bool:
    """Whether it is a meeting at all (somebody else is invited) and the leader organizes it."""
    somebody = any(a.kind not in ("RESOURCE", "ROOM") and not _is_mine(a.address, me) for a in occurrence.attendees)
    if occurrence.role != "mine" or occurrence.status == "CANCELLED" or not somebody:
        return False
    return occurrence.organizer is None or _is_mine(occurrence.organizer.address, me)


def _is_mine(address: str, me: Me) -> bool:
    return address.lower() in {own.lower() for own in me.addresses}


def _others(occurrence: Occurrence, policy: Policy, added: Iterable[str] = ()) -> tuple[Attendee, ...]:
    """The people invited besides the leader: no rooms, and nobody whom homeward itself put on the list."""
    ours = {address.lower() for person_id in added for address in _addresses(policy, person_id)}
    return tuple(
        attendee
        for attendee in occurrence.attendees
        if attendee.kind not in ("RESOURCE", "ROOM")
        and not _is_mine(attendee.address, policy.me)
        and attendee.address.lower() not in ours
    )


def _addresses(policy: Policy, person_id: str) -> tuple[str, ...]:
    return next((person.addresses for person in policy.person if person.id == person_id), ())


def is_one_to_one(occurrence: Occurrence, policy: Policy, added: Iterable[str] = ()) -> bool:
    others = _others(occurrence, policy, added)
    return len(others) == 1 and others[0].kind != "GROUP"


def has_outsiders(occurrence: Occurrence, policy: Policy) -> bool:
    """Somebody is invited who is neither of an internal domain nor named in the config."""
    inside = internal_domains(policy.me)
    return any(
        attendee.address.rpartition("@")[2].lower() not in inside and policy.person_by_address(attendee.address) is None
        for attendee in _others(occurrence, policy)
    )


def _unspoken(occurrence: Occurrence, rule: MeetingRule, policy: Policy, added: Iterable[str]) -> str:
    """Why the rule may not speak for this meeting, or ""."""
    if occurrence.private and not rule.private:
        return f'private, and the rule "{rule.id}" does not say private = true'
    if is_one_to_one(occurrence, policy, added) and not rule.one_to_one:
        return f'one-to-one, and the rule "{rule.id}" does not say one_to_one = true'
    if has_outsiders(occurrence, policy) and not rule.outside:
        return f'people from outside are invited, and the rule "{rule.id}" does not say outside = true'
    return ""


# --- whom to ask ------------------------------------------------------------------------------------------------------


class _Case(Struct, frozen=True):
    """One meeting to be covered, with what is already known about it."""

    occurrence: Occurrence
    rule: MeetingRule
    held: Assignment | None
    declined: frozenset[str]
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
    hosting: dict[str, list[Interval]] = field(default_factory=dict)

    def take(self, pick: _Pick, case: _Case) -> None:
        """The host has a turn; the senior beside a newcomer only gives the time."""
        for person in (pick.person, pick.senior):
            if person is not None:
                self.hosting.setdefault(person.id, []).append(case.occurrence.span)
        turn = Turn(pick.person.id, case.rule.id, case.occurrence.start, case.rule.weight)
        if not any(_same_turn(turn, known) for known in self.turns):
            self.turns.append(turn)

    def is_away(self, person_id: str, span: Interval) -> bool:
        return any(busy.overlaps(span) or span.start in busy for busy in self.away.get(person_id, ()))

    def is_hosting(self, person_id: str, span: Interval) -> bool:
        return any(busy.overlaps(span) for busy in self.hosting.get(person_id, ()))

    def fairness(self, person_id: str) -> tuple[float, float, str]:
        """Fewest weighted turns, then longest since the last turn, then name."""
        own = [turn for turn in self.turns if turn.person_id == person_id]
        last = max((turn.at.timestamp() for turn in own), default=float("-inf"))
        return (sum(turn.weight for turn in own), last, fold(self.policy.person_by_id(person_id).name))

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
) -> Coverage:
    """Who hosts what in `absence`. `away` maps person ids to when they are away themselves; `assignments` may hold those of other
    absences, which count as turns. A standing assignment is kept unless it has become impossible."""
    board = _Board(policy, absence, away, list(history))
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
    return _coverage(board, cases, picks, hindrances, now, Coverage(skipped=skipped, waiting=waiting))


def _count_elsewhere(board: _Board, occurrences: Sequence[Occurrence], assignments: Sequence[Assignment]) -> None:
    """Hosts of other absences: their turns are taken and their time is not free."""
    by_key = {occurrence.key: occurrence for occurrence in occurrences}
    for held in assignments:
        occurrence = by_key.get(held.key)
        if held.absence_id == board.absence.id or held.state == "declined" or occurrence is None:
            continue
        rule, person = matching_rule(occurrence, board.policy.meeting), _person(board.policy, held.person_id)
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
    declined = {a.person_id for a in own if a.state == "declined"}.union(*(a.declined_by for a in own))
    held = next((a for a in own if a.state != "declined"), None)
    return _Case(occurrence, rule, held, frozenset(declined), next((a.effect for a in own), ""))


def _left_alone(case: _Case | None, occurrence: Occurrence, policy: Policy, now: datetime) -> str:
    """Why nobody is asked at all, or ""."""
    if case is None:
        return "no rule"
    if case.rule.skip:
        return f'the rule "{case.rule.id}" says skip'
    added = (case.held.person_id,) if case.held and case.held.added else ()
    if unspoken := _unspoken(occurrence, case.rule, policy, added):
        return unspoken
    return "already begun" if occurrence.start <= now and case.held is None else ""


def _kept(board: _Board, cases: Sequence[_Case], now: datetime) -> dict[OccurrenceKey, _Pick]:
    """The assignments that stand. Newcomers come after the others, so that their seniors are looked for among who is left."""
    standing = [(case, person) for case in cases if (person := _standing(board, case, now))]
    picks: dict[OccurrenceKey, _Pick] = {}
    for case, person in sorted(standing, key=lambda pair: pair[1].newcomer):
        pick = _Pick(person, _senior(board, case, person) if person.newcomer else None)
        if pick.senior or not person.newcomer or case.occurrence.end <= now:
            board.take(pick, case)
            picks[case.occurrence.key] = pick
    return picks


def _standing(board: _Board, case: _Case, now: datetime) -> Person | None:
    """The person already asked, unless that has become impossible. What lies behind us is not changed any more."""
    held = case.held
    person = _person(board.policy, held.person_id) if held else None
    if held is None or person is None or case.occurrence.end <= now:
        return person
    named = held.state == "accepted" or person.id in _order(board, case)
    return person if named and person.addresses and not board.is_away(person.id, case.occurrence.span) else None


def _person(policy: Policy, person_id: str) -> Person | None:
    return next((person for person in policy.person if person.id == person_id), None)


def _order(board: _Board, case: _Case) -> tuple[str, ...]:
    """Person ids in the order they are asked: who was named for this absence, then the rule's."""
    rule = case.rule
    known = [person_id for person_id in rule.hosts if _person(board.policy, person_id)]
    by_rule = sorted(known, key=board.fairness) if rule.rotation == "fair" else known
    named = [person_id for person_id in board.absence.cover if _person(board.policy, person_id)]
    return tuple(dict.fromkeys([*named, *by_rule]))


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
    if person.id in case.declined:
        return "declined"
    if not person.addresses:
        return "has no address"
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
    others = _others(case.occurrence, policy)
    return len(others) == 1 and others[0].address.lower() in {address.lower() for address in person.addresses}


def _senior(board: _Board, case: _Case, newcomer: Person) -> Person | None:
    """The senior beside a newcomer: their own mentors first, then seniors of the chain, then senior direct reports."""
    policy = board.policy
    reports = [person.id for person in policy.person if person.report]
    ids = dict.fromkeys([*newcomer.mentors, *board.absence.cover, *case.rule.hosts, *reports])
    people = [person for person_id in ids if (person := _person(policy, person_id))]
    span = case.occurrence.span
    return next(
        (
            person
            for person in people
            if person.seniority == "senior"
            and person.id not in case.declined | {newcomer.id}
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
        lines=_lines(case.rule, pick, board.policy),
        paired_with=pick.senior.name if pick.senior else "",
        decline_leader=case.rule.decline_leader,
        leader_address=_leader_on(occurrence, board.policy.me),
        chain=tuple(other.addresses[0] for other in _free(board, case) if other.id != person.id),
    )


def host_id(absence_id: str, key: OccurrenceKey) -> str:
    return effect_id(absence_id, "host", key.calendar_id, key.uid, key.recurrence_id)


def _address_on(occurrence: Occurrence, person: Person) -> str:
    """The address the calendar already knows them by, else their first."""
    invited = {attendee.address.lower() for attendee in occurrence.attendees}
    lowered = [address.lower() for address in person.addresses]
    return next((address for address in lowered if address in invited), lowered[0] if lowered else "")


def _leader_on(occurrence: Occurrence, me: Me) -> str:
    listed = [attendee.address for attendee in occurrence.attendees]
    organizer = [occurrence.organizer.address] if occurrence.organizer else []
    return next((address.lower() for address in [*listed, *organizer] if _is_mine(address, me)), me.addresses[0].lower())


def effective_level(rule_level: DecisionLevel, person: Person) -> DecisionLevel:
    """What the meeting allows, but never more than the person may decide."""
    return min(rule_level, person.level)


def escalation(escalate: str, policy: Policy) -> str:
    """A person's name where `escalate` is an id, else the line as written. Without phone numbers: guests may read it."""
    person = _person(policy, escalate)
    return person.name if person else escalate


def _lines(rule: MeetingRule, pick: _Pick, policy: Policy) -> tuple[str, ...]:
    level = effective_level(rule.decide, pick.person)
    lines = [f"Decision level {level}: {LEVEL_WORDS[level]}"]
    if rule.do_not_decide:
        lines.append(f"Not to be decided: {', '.join(rule.do_not_decide)}")
    if rule.escalate:
        lines.append(f"If it gets stuck: {escalation(rule.escalate, policy)}")
    return tuple(printable(line, 300) for line in lines)


# --- what they answer -------------------------------------------------------------------------------------------------


def answers(assignments: Sequence[Assignment], occurrences: Sequence[Occurrence], policy: Policy) -> tuple[Answer, ...]:
    """New answers by PARTSTAT. An assignment is recorded only after the request was written (which sets NEEDS-ACTION), so on an
    occurrence that bears its marker ACCEPTED or DECLINED was said since; TENTATIVE is no answer, and without the marker
    a PARTSTAT is older than the question."""
    by_key = {occurrence.key: occurrence for occurrence in occurrences}
    found = []
    for held in assignments:
        occurrence = by_key.get(held.key)
        if occurrence is None or occurrence.marker != _effect_of(held):
            continue
        state = _said_on(occurrence, _addresses(policy, held.person_id))
        if state and _is_new(held, state):
            found.append(Answer(held.absence_id, held.key, held.person_id, state, "calendar"))
    return tuple(found)


def _effect_of(held: Assignment) -> str:
    return held.effect or host_id(held.absence_id, held.key)


def _said_on(occurrence: Occurrence, addresses: Sequence[str]) -> AnswerState | None:
    own = {address.lower() for address in addresses}
    said = {attendee.partstat for attendee in occurrence.attendees if attendee.address.lower() in own}
    if "DECLINED" in said:
        return "declined"
    return "accepted" if "ACCEPTED" in said else None


def _is_new(held: Assignment, state: AnswerState) -> bool:
    return held.state != "declined" and held.state != state


def mail_answers(assignments: Sequence[Assignment], envelopes: Sequence[Envelope], policy: Policy) -> tuple[Answer, ...]:
    """New answers by mail: the deputy's own reply to our request, whose first line is a plain yes or no. The latest counts; what
    came before the state was last recorded is old. A mail "no" refuses the hosting alone, not the attendance."""
    found = []
    for held in assignments:
        replies = sorted((e for e in envelopes if _replies_to(e, held, policy)), key=lambda e: e.received)
        said = [state for envelope in replies if (state := yes_or_no(envelope.text))]
        if said and _is_new(held, said[-1]):
            found.append(Answer(held.absence_id, held.key, held.person_id, said[-1], "mail"))
    return tuple(found)


def _replies_to(envelope: Envelope, held: Assignment, policy: Policy) -> bool:
    threads = f"{envelope.headers.get('in-reply-to', '')} {envelope.headers.get('references', '')}"
    requests = (ask_id(_effect_of(held), held.person_id, turn) for turn in range(1, _MOST_TURNS + 1))
    automatic = envelope.headers.get("auto-submitted", "no").strip().lower() != "no"
    return (
        not automatic
        and any(f"<{request}@" in threads for request in requests)
        and envelope.sender.lower() in {address.lower() for address in _addresses(policy, held.person_id)}
        and envelope.received >= held.asked_at
    )


_MOST_WORDS = 12  # a longer first line weighs something up, and that is for the leader to read


def yes_or_no(text: str) -> AnswerState | None:
    """What the first line says, in any of the ten languages. A question, both words at once, or a no that goes on ("no idea") is
    no answer."""
    own = (line.strip() for line in text.splitlines() if line.strip() and not line.lstrip().startswith(">"))
    line = fold(next(own, ""))
    if not line or "?" in line or len(line.split()) > _MOST_WORDS:
        return None
    agreed = _starts_with(line, every("yes"), open_end=True)
    rest = line.removeprefix(agreed)
    if agreed and not contains(rest, every("no")):
        return "accepted"
    refused = _starts_with(line, every("no"), open_end=False)
    return "declined" if refused and not agreed and not contains(line.removeprefix(refused), every("yes")) else None


def _starts_with(line: str, words: Iterable[str], *, open_end: bool) -> str:
    """The longest of `words` at the beginning; unless `open_end`, a single word must be followed by a stop or nothing."""
    longest = sorted({fold(word) for word in words}, key=len, reverse=True)
    return next((word for word in longest if line.startswith(word) and _ends_well(line[len(word) :], word, open_end)), "")


def _ends_well(rest: str, word: str, open_end: bool) -> bool:
    if not rest or rest[0] in ".,;:!-–—。、!":
        return True
    if not word.isascii():
        return True
    return rest[0].isspace() and (open_end or " " in word)


# --- what is said to them ---------------------------------------------------------------------------------------------


_MOST_TURNS = 9  # requests to one person for one meeting; nobody changes their mind that often


def ask_id(host: str, person_id: str, turn: int = 1) -> str:
    """Id of the request mail, and so the left side of its Message-ID. `host` is the id of the HostItem. Who was told that they
    are no longer needed, and then is, gets a new request: `turn` counts."""
    return effect_id(absence_of(host) or "", "ask", host, person_id, *_counted(turn))


def withdrawn_id(host: str, person_id: str, turn: int = 1) -> str:
    """Id of the mail that takes the request of that turn back."""
    return effect_id(absence_of(host) or "", "withdrawn", host, person_id, *_counted(turn))


def _counted(turn: int) -> tuple[str, ...]:
    return (str(turn),) if turn > 1 else ()


def ask_mail(item: HostItem, policy: Policy, mail_id: str, turn: int = 1) -> MailItem:
    """The request, complete for somebody who has never heard of homeward: what, when, what they may decide, how to answer."""
    person = policy.person_by_id(item.host)
    rule = next((rule for rule in policy.meeting if rule.id == item.meeting_id), None)
    words = PHRASES[language_for(person, policy.me)]
    level = effective_level(rule.decide, person) if rule else person.level
    values = _said(item, policy, person) | {
        "level": words.levels[level - 1],
        "limits": ", ".join(rule.do_not_decide) if rule else "",
        "escalate": escalation(rule.escalate, policy) if rule else "",
        "pair": item.paired_with,
    }
    subject, body = fill(words.ask_subject, values), fill(words.ask, values)
    key = ask_id(item.id, item.host, turn)
    return MailItem(key, item.absence_id, mail_id, "ask", (item.host_address,), subject, body)


def withdrawn_mail(item: HostItem, policy: Policy, mail_id: str, turn: int = 1) -> MailItem:
    """For somebody who was asked and is no longer needed."""
    person = _person(policy, item.host)
    words = PHRASES[language_for(person, policy.me)]
    values = _said(item, policy, person)
    effect = withdrawn_id(item.id, item.host, turn)
    subject, body = fill(words.withdrawn_subject, values), fill(words.withdrawn, values)
    return MailItem(effect, item.absence_id, mail_id, "withdrawn", (item.host_address,), subject, body)


def _said(item: HostItem, policy: Policy, person: Person | None) -> dict[str, str]:
    language = language_for(person, policy.me)
    return {
        "deputy": item.host_name,
        "title": printable(item.summary) or "–",
        "when": at_time(item.span, policy.me.home_zone, language),
        "name": policy.me.name,
    }


# --- what they need ---------------------------------------------------------------------------------------------------

_CALLS = (
    (re.compile(r"\bzoom\.us/", re.IGNORECASE), "start the Zoom call: make them alternative host"),
    (re.compile(r"\bteams\.(?:microsoft|live)\.com/", re.IGNORECASE), "start the Teams call: make them co-organizer"),
    (re.compile(r"\bmeet\.google\.com/", re.IGNORECASE), "let people into the Google Meet call: make them co-host"),
    (re.compile(r"\.webex\.com/", re.IGNORECASE), "start the Webex call: make them alternate host"),
    (re.compile(r"\b(?:gotomeeting\.com|meet\.goto\.com)/", re.IGNORECASE), "start the GoTo call: make them co-organizer"),
    (re.compile(r"\b(?:meet\.jit\.si|whereby\.com)/", re.IGNORECASE), "start the video call: give them the moderator's link"),
)


def rights(items: Sequence[HostItem], occurrences: Sequence[Occurrence]) -> tuple[Right, ...]:
    """Which deputy must be able to start which call. The service is named; its link, which may hold a password, is not."""
    by_key = {occurrence.key: occurrence for occurrence in occurrences}
    return tuple(
        Right(item.host, item.host_name, item.summary, item.span, what)
        for item in items
        if (occurrence := by_key.get(item.key))
        for pattern, what in _CALLS
        if pattern.search(f"{occurrence.location} {occurrence.description}")
    )
