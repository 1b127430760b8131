"""What ought to be in the world at this moment, given what was seen: the hold, the autoreply, the hosts, the blocks and the
messages of every absence. Pure; one function per kind of thing. What is not wanted, not due or needs an answer is said too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import count
from typing import Literal

from msgspec import Struct, field
from msgspec.structs import replace

from rules import blocks, brief, digest, makeup, responder
from rules.brief import Brief
from rules.digest import Digest, MailCount
from rules.explain import nights_words, one_line
from rules.hosts import Coverage, ask_id, ask_mail, bare_title, cover, withdrawn_id, withdrawn_mail
from rules.inbox import HOME
from rules.interval import Interval
from rules.items import ALWAYS, BlockItem, HoldItem, HostItem, Item, MailItem, ResponderItem, effect_id
from rules.mentors import Mentoring, pair
from rules.model import Absence, Assignment, Envelope, Occurrence, Place, Turn
from rules.plan import Question, Skipped, Standing, describe_short
from rules.policy import Person, Policy
from rules.telling import at, day, hours, printable
from rules.workdays import Workdays


class MailTraits(Struct, frozen=True):
    """What a mailbox can do: keep mail out of the inbox, reply, send; whether its autoreply can leave addresses out and tell its
    three audiences apart."""

    holds: bool = False
    replies: bool = False
    sends: bool = False
    excludes: bool = False
    three_audiences: bool = False


class Situation(Struct, frozen=True, kw_only=True):
    """Everything that the desired state depends on. `writable` and `schedules` are calendar ids. By person id: `away`, when they
    are away. By absence id: `first_seen`, `mentors` (junior → mentor so far), `mail_counts`, `mails` (those that arrived while
    away, for the digest). By mailbox id: `mail`, and `known`, whom the leader knows. `outcomes`: effect id of a block → kept.
    `unread` are calendars that cannot be read now, `unseen` ids of things of ours that may well stand there: both stay as is."""

    now: datetime
    policy: Policy
    home: Place
    holidays: frozenset[date] = frozenset()
    absences: tuple[Absence, ...] = ()
    occurrences: tuple[Occurrence, ...] = ()
    away: Mapping[str, Sequence[Interval]] = field(default_factory=dict)
    assignments: tuple[Assignment, ...] = ()
    turns: tuple[Turn, ...] = ()
    standing: Mapping[str, Standing] = field(default_factory=dict)
    first_seen: Mapping[str, datetime] = field(default_factory=dict)
    writable: frozenset[str] = frozenset()
    schedules: frozenset[str] = frozenset()
    unread: frozenset[str] = frozenset()
    unseen: frozenset[str] = frozenset()
    mail: Mapping[str, MailTraits] = field(default_factory=dict)
    known: Mapping[str, Sequence[str]] = field(default_factory=dict)
    mentors: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    outcomes: Mapping[str, bool] = field(default_factory=dict)
    mail_counts: Mapping[str, MailCount] = field(default_factory=dict)
    mails: Mapping[str, Sequence[Envelope]] = field(default_factory=dict)

    def coaches(self, mail_id: str) -> bool:
        """Only where the sender can be proved, something sends, and nobody gets the autoreply as well."""
        coaching, mail = self.policy.coaching, self.mail.get(mail_id, _NOTHING)
        twice = mail.replies and not mail.excludes and self.policy.responder.enabled
        return coaching.enabled and bool(coaching.authserv_id) and mail.sends and not twice


class Desired(Struct, frozen=True):
    """`reasons` maps item and absence ids to words. `foreseen`: absence id → addresses that may hear of it later."""

    items: tuple[Item, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    gaps: tuple[Skipped, ...] = ()
    questions: tuple[Question, ...] = ()
    later: tuple[Skipped, ...] = ()
    reasons: Mapping[str, str] = field(default_factory=dict)
    foreseen: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


# What an absence with this action may bring about. Private-only: reversible, and nobody else hears of it.
_PRIVATE: frozenset[str] = frozenset({"act", "private-only"})


class _Gathered(Struct):
    """Filled by the functions below, one absence after the other."""

    items: list[Item] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    gaps: list[Skipped] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    later: list[Skipped] = field(default_factory=list)
    reasons: dict[str, str] = field(default_factory=dict)
    foreseen: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def add(self, absence: Absence, what: str, found: Item | Skipped | None) -> None:
        if isinstance(found, Skipped):
            self.skipped.append(Skipped(found.what or what, found.because, absence.id))
        elif found is not None:
            self.items.append(found)


def desire(s: Situation) -> Desired:
    """The whole desired state. Absences that were over when first seen are never acted on."""
    gathered = _Gathered()
    _hold_at_home(s, gathered)
    for absence in s.absences:
        gathered.reasons[absence.id] = one_line(absence, s.policy.me.home_zone)
        if absence.span.end > s.first_seen.get(absence.id, s.now):
            _absence(s, absence, gathered)
    _leave_unread_alone(s, gathered)
    gathered.items += _withdrawals(s, gathered.items)
    g = gathered
    return Desired(tuple(g.items), tuple(g.skipped), tuple(g.gaps), tuple(g.questions), tuple(g.later), g.reasons, g.foreseen)


def _leave_unread_alone(s: Situation, gathered: _Gathered) -> None:
    """What cannot be seen stays as it is, and nothing new is written there."""
    stays = {effect: stands.item for effect, stands in s.standing.items() if effect in s.unseen}
    blind = [item for item in gathered.items if item.id not in stays and _calendar(item) in s.unread]
    gathered.items = [item for item in gathered.items if item.id not in stays and item not in blind]
    gathered.items += stays.values()
    for item in blind:
        what, calendar = describe_short(item), _calendar(item)
        gathered.skipped.append(Skipped(what, f"the calendar “{calendar}” cannot be read now", item.absence_id))


def _calendar(item: Item) -> str:
    if isinstance(item, HostItem):
        return item.key.calendar_id
    return item.calendar_id if isinstance(item, BlockItem) else ""


def _absence(s: Situation, absence: Absence, gathered: _Gathered) -> None:
    if absence.action in ("ask", "private-only") and absence.span.end > s.now:
        gathered.questions.append(_question(s, absence))
    if absence.action in _PRIVATE:
        _hold(s, absence, gathered)
        _responder(s, absence, gathered)
    if absence.action == "act":
        coverage = _hosts(s, absence, gathered)
        _mentors(s, absence, gathered)
        _blocks(s, absence, coverage, gathered)
        _letters(s, absence, coverage, gathered)


def _question(s: Situation, absence: Absence) -> Question:
    what = one_line(absence, s.policy.me.home_zone)
    if absence.action == "private-only":
        return Question(absence.id, f"{what}: shall hosts be asked and the team be told, too?", f"homeward confirm {absence.id}")
    doubt = "no way home is known; is that so?" if absence.open_ended else "is that so?"
    return Question(absence.id, f"{what}: {doubt}", f"homeward confirm {absence.id}   (or: homeward dismiss {absence.id})")


# --- the private ones -------------------------------------------------------------------------------------------------


def _hold(s: Situation, absence: Absence, gathered: _Gathered) -> None:
    """From door to door; once that is over nothing is held."""
    if s.policy.inbox.mode == "off" or absence.span.end <= s.now:
        return
    for mail in s.policy.mail:
        if s.policy.inbox.mode == "sync":
            gathered.items.append(_hold_item(absence, mail.id, "sync"))
        elif s.mail.get(mail.id, _NOTHING).holds:
            gathered.items.append(_hold_item(absence, mail.id, mail.hold))


def _hold_at_home(s: Situation, gathered: _Gathered) -> None:
    """`when = "always"`: three windows a day at home, too."""
    if s.policy.inbox.when != "always" or s.policy.inbox.mode == "off":
        return
    gathered.reasons[HOME] = 'the config says when = "always"'
    for mail in s.policy.mail:
        if s.policy.inbox.mode == "sync" or s.mail.get(mail.id, _NOTHING).holds:
            mode: Literal["client", "sync"] = "sync" if s.policy.inbox.mode == "sync" else "client"
            gathered.items.append(HoldItem(effect_id(HOME, "hold", mail.id), HOME, mail.id, ALWAYS, mode))


def _hold_item(absence: Absence, mail_id: str, mode: Literal["client", "server", "sync"]) -> HoldItem:
    return HoldItem(effect_id(absence.id, "hold", mail_id), absence.id, mail_id, absence.span, mode)


_NOTHING = MailTraits()


def _responder(s: Situation, absence: Absence, gathered: _Gathered) -> None:
    """One autoreply per mailbox at a time: that of the absence that ends first. The next is set once it is over."""
    if absence.span.end <= s.now or not s.policy.responder.enabled:
        return
    for mail in s.policy.mail:
        traits = s.mail.get(mail.id, _NOTHING)
        if not traits.replies:
            continue
        earlier = _earlier_reply(s, absence)
        if earlier:
            wait = f"set once “{earlier.title}” is over"
            gathered.later.append(Skipped("autoreply", wait, absence.id))
            continue
        excluded = _coached(s) if s.coaches(mail.id) else ()
        found = responder.item(absence, s.policy, mail, _known(s, absence, mail.id), excluded, s.holidays)
        gathered.add(absence, "autoreply", found)


def _earlier_reply(s: Situation, absence: Absence) -> Absence | None:
    def replies(other: Absence) -> bool:
        return other.action in _PRIVATE and other.kind in s.policy.responder.kinds and other.span.end > s.now

    ahead = [other for other in s.absences if replies(other)]
    first = min(ahead, key=lambda other: (other.span.end, other.id), default=absence)
    return first if first.id != absence.id and replies(absence) else None


def _known(s: Situation, absence: Absence, mail_id: str) -> tuple[str, ...]:
    """Whom the leader knows; decided when the reply is first set, so that it does not change with every mail."""
    stands = s.standing.get(effect_id(absence.id, "responder", mail_id))
    if stands is not None and isinstance(stands.item, ResponderItem):
        return stands.item.known
    return tuple(s.known.get(mail_id, ()))


def _coached(s: Situation) -> tuple[str, ...]:
    """Direct reports get the coaching reply instead."""
    return tuple(address for person in s.policy.person if person.report for address in person.addresses)


# --- hosts ------------------------------------------------------------------------------------------------------------


def _hosts(s: Situation, absence: Absence, gathered: _Gathered) -> Coverage:
    found = cover(absence, s.occurrences, s.policy, s.away, s.assignments, s.turns, s.now)
    coverage = _without_refused(s, found)
    zone = s.policy.me.home_zone
    gathered.items += [item for item in found.items if item not in coverage.items]  # the comparison says why they stay away
    gathered.skipped += coverage.skipped
    gathered.gaps += [Skipped(_meeting(gap.occurrence, zone), gap.because, absence.id) for gap in coverage.gaps]
    for later in coverage.later:
        when = f"{s.policy.person_by_id(later.likely).name} will be asked on {day(later.ask_on, zone)}"
        gathered.later.append(Skipped(_meeting(later.occurrence, zone), when, absence.id))
    for item in coverage.items:
        _host(s, absence, item, gathered)
    gathered.foreseen[absence.id] = _foreseen(s, coverage)
    return coverage


def _without_refused(s: Situation, coverage: Coverage) -> Coverage:
    """What somebody took back is nobody's to host: nobody is asked for it, and no brief says so."""
    refused = {effect for effect, stands in s.standing.items() if stands.state == "tombstone"}
    return replace(coverage, items=tuple(item for item in coverage.items if item.id not in refused))


def _meeting(occurrence: Occurrence, zone: str) -> str:
    return f"“{printable(bare_title(occurrence), 60)}” on {at(occurrence.start, zone)}"


def _host(s: Situation, absence: Absence, item: HostItem, gathered: _Gathered) -> None:
    if item.key.calendar_id not in s.writable:
        what = f"“{printable(item.summary, 60)}” on {at(item.span.start, s.policy.me.home_zone)}"
        gathered.gaps.append(Skipped(what, f"its calendar is read only: ask {item.host_name} yourself", absence.id))
        return
    gathered.items.append(item)
    gathered.reasons[item.id] = _why_host(s, item)
    if item.id in s.unseen or item.key.calendar_id in s.unread:
        return  # it stays as it is, so nobody is asked
    sender = _sender(s)
    if item.state == "asked" and item.key.calendar_id not in s.schedules:
        if sender is None:
            what = f"request to {item.host_name} for “{printable(item.summary, 60)}”"
            because = "the calendar mails nobody, and no way to send mail is configured: tell them yourself"
            gathered.skipped.append(Skipped(what, because, absence.id))
        else:
            gathered.items.append(ask_mail(item, s.policy, sender, _turn(s, item)))


def _why_host(s: Situation, item: HostItem) -> str:
    """The rule, and why those before this person in its list are not asked."""
    rule = next(rule for rule in s.policy.meeting if rule.id == item.meeting_id)
    words = [f"the rule “{rule.id}” says so"]
    if rule.rotation == "fair":
        words.append("it is their turn")
    refused = next((a.declined_by for a in s.assignments if (a.absence_id, a.key) == (item.absence_id, item.key)), ())
    for other in rule.hosts[: rule.hosts.index(item.host)] if item.host in rule.hosts else ():
        name = s.policy.person_by_id(other).name
        if other in refused:
            words.append(f"{name} declined")
        elif any(span.overlaps(item.span) for span in s.away.get(other, ())):
            words.append(f"{name} is away, too")
    return ", ".join(words)


def _sender(s: Situation) -> str | None:
    return next((mail.id for mail in s.policy.mail if s.mail.get(mail.id, _NOTHING).sends), None)


def _foreseen(s: Situation, coverage: Coverage) -> tuple[str, ...]:
    """Everybody who may be asked in the course of this absence: the chains of all its meetings."""
    rules = {item.meeting_id for item in coverage.items} | {later.meeting_id for later in coverage.later}
    people = {host for rule in s.policy.meeting if rule.id in rules for host in rule.hosts}
    people |= {item.host for item in coverage.items}
    return tuple(sorted(a for person in s.policy.person if person.id in people for a in person.addresses[:1]))


def _mentors(s: Situation, absence: Absence, gathered: _Gathered) -> None:
    """A junior without a mentor is a gap like a meeting without a host."""
    for gap in mentoring_of(s, absence).gaps if absence.span.end > s.now else ():
        gathered.gaps.append(Skipped(f"mentor for {printable(gap.junior.name)}", gap.because, absence.id))


def _turn(s: Situation, item: HostItem) -> int:
    """Which request to this person it is: one more after each that was taken back."""
    return next(turn for turn in count(1) if not _went_out(s, withdrawn_id(item.id, item.host, turn)))


def _went_out(s: Situation, effect: str) -> bool:
    return effect in s.standing and s.standing[effect].state in ("done", "unknown")


def _withdrawals(s: Situation, items: Sequence[Item]) -> list[Item]:
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


# --- words to people --------------------------------------------------------------------------------------------------

_DIGEST_FOR = timedelta(days=14)  # later than this after the return nobody wants a digest any more


def _letters(s: Situation, absence: Absence, coverage: Coverage, gathered: _Gathered) -> None:
    sender = _sender(s)
    if sender is None:
        if s.policy.brief.enabled and absence.span.end > s.now:
            gathered.skipped.append(Skipped("brief", "no way to send mail is configured; see homeward brief", absence.id))
        return
    if s.policy.brief.enabled and absence.span.end > s.now:
        found = brief.as_mail(brief_of(s, absence, coverage), sender)
        gathered.add(absence, "brief", found)
        if isinstance(found, MailItem):
            gathered.add(absence, "brief", _for_newcomers(s, found))
    if s.policy.brief.digest and s.now < absence.span.end + _DIGEST_FOR:
        gathered.items.append(digest.as_mail(digest_of(s, absence), sender, absence.span.end))


def _for_newcomers(s: Situation, letter: MailItem) -> MailItem | None:
    """Who covers something only since the brief went out gets it, too; nobody gets it twice."""
    if not _went_out(s, letter.id):
        return None
    sent = [stands.item for effect, stands in s.standing.items() if _went_out(s, effect)]
    briefs = [item for item in sent if isinstance(item, MailItem) and (item.absence_id, item.purpose) == _of(letter)]
    told = {address for item in briefs for address in item.to}
    new = tuple(address for address in letter.to if address not in told)
    effect = effect_id(letter.absence_id, "brief", *sorted(new))
    return replace(letter, id=effect, to=new, due=None) if new else None


def _of(letter: MailItem) -> tuple[str, str]:
    return (letter.absence_id, letter.purpose)


def brief_of(s: Situation, absence: Absence, coverage: Coverage | None = None) -> Brief:
    """The brief as it would go out now."""
    known = coverage or _without_refused(s, cover(absence, s.occurrences, s.policy, s.away, s.assignments, s.turns, s.now))
    during = [o for o in s.occurrences if o.span.overlaps(absence.span)]
    return brief.compose(absence, s.policy, known, mentoring_of(s, absence), during, s.away, s.holidays, s.now)


def mentoring_of(s: Situation, absence: Absence) -> Mentoring:
    return pair(absence, s.policy.person, s.away, s.mentors.get(absence.id, {}))


def digest_of(s: Situation, absence: Absence) -> Digest:
    """The digest as it would read now."""
    mine = [stands.item for stands in s.standing.values() if stands.item.absence_id == absence.id and stands.state == "done"]
    hosts = [item for item in mine if isinstance(item, HostItem)]
    # The same hours stand on the leader's calendar and on the family's.
    blocks = list({(item.purpose, item.ordinal): item for item in mine if isinstance(item, BlockItem)}.values())
    gaps = cover(absence, s.occurrences, s.policy, s.away, s.assignments, s.turns, s.now).gaps
    count = s.mail_counts.get(absence.id, MailCount())
    mails = s.mails.get(absence.id, ())
    return digest.compose(absence, s.policy, hosts, gaps, mails, count, blocks, (), s.now)


# --- blocks -----------------------------------------------------------------------------------------------------------


def _blocks(s: Situation, absence: Absence, coverage: Coverage, gathered: _Gathered) -> None:
    ours = [(stands.item, stands.state) for stands in s.standing.values() if isinstance(stands.item, BlockItem)]
    mine = [block for block, state in ours if block.absence_id == absence.id and state != "tombstone"]
    gone = [block for block, state in ours if block.absence_id == absence.id and state == "tombstone"]
    others = [block for block, state in ours if block.absence_id != absence.id and state != "tombstone"]
    # Another absence may be planned in this same look: its blocks take their time, too.
    others += [item for item in gathered.items if isinstance(item, BlockItem) and item.absence_id != absence.id]
    busy = makeup.busy(s.occurrences, s.absences, s.policy.me)
    working = _working_blocks(s, absence, coverage, mine, busy, _spans(others))
    for found in working:
        gathered.add(absence, "block", found)
    placed = [block for block in working if isinstance(block, BlockItem)]
    standing, deleted = ([block for block in found if block.purpose == "make-up"] for found in (mine, gone))
    family = _Family(standing, deleted, [*others, *placed])
    _makeup(s, absence, family, busy, gathered)


def _spans(found: Sequence[BlockItem]) -> tuple[Interval, ...]:
    return tuple(block.span for block in found)


def _working_blocks(
    s: Situation,
    absence: Absence,
    coverage: Coverage,
    mine: Sequence[BlockItem],
    busy: tuple[Interval, ...],
    ours: tuple[Interval, ...],
) -> list[BlockItem | Skipped]:
    on = makeup.targets(s.policy.makeup, s.policy.calendar, s.writable)
    calendar = next((target for target in on if target.role != "family"), None)
    makeup_time = _spans([b for b in mine if b.purpose == "make-up"])
    desk = blocks.Desk(s.policy.makeup, s.policy.me, s.holidays, calendar, busy, s.now, tuple(mine), (*ours, *makeup_time))
    first = blocks.re_entry(absence, desk)
    entry = first if isinstance(first, BlockItem) else None
    deputies = _accepted(s.policy, coverage)
    return [blocks.wrap_up(absence, desk), first, *blocks.debriefs(absence, deputies, s.away, desk, entry)]


def _accepted(policy: Policy, coverage: Coverage) -> list[Person]:
    hosts = dict.fromkeys(item.host for item in coverage.items if item.state == "accepted")
    return [policy.person_by_id(host) for host in hosts]


class _Family(Struct, frozen=True):
    """Make-up blocks of an absence: those that stand, those that somebody deleted, and all our blocks besides."""

    standing: Sequence[BlockItem]
    deleted: Sequence[BlockItem]
    others: Sequence[BlockItem]

    @property
    def deleted_hours(self) -> float:
        """Somebody did not want these: they stay owed, and are not placed again."""
        spans = {block.ordinal: block.span.length for block in self.deleted}
        return sum(length.total_seconds() for length in spans.values()) / 3600


def _makeup(s: Situation, absence: Absence, family: _Family, busy: tuple[Interval, ...], gathered: _Gathered) -> None:
    policy, me = s.policy.makeup, s.policy.me
    wanted = makeup.owed(absence, policy, me, Workdays.of(me, s.holidays)) - family.deleted_hours
    if wanted <= 0 and not family.standing:
        return
    on = makeup.targets(policy, s.policy.calendar, s.writable)
    found = makeup.place(
        absence.id,
        max(wanted, 0.0),
        absence.span.end,
        busy,
        family.standing,
        policy,
        me,
        s.holidays,
        on=on,
        now=s.now,
        broken={block.ordinal for block in family.standing if s.outcomes.get(block.id) is False},
        retired={block.ordinal for block in family.deleted},
        others=family.others,
    )
    gathered.items += found.blocks
    debt = f"the family is owed {hours(wanted)} for {nights_words(absence.nights)} away"
    gathered.reasons.update({block.id: debt for block in found.blocks})
    moved = {one.ordinal: one.because for one in found.moved}
    gathered.reasons.update({block.id: moved[block.ordinal] for block in found.blocks if block.ordinal in moved})
    if found.unplaced:
        missing = f"no free time within {policy.within_days} days" if on else "there is no calendar of yours to write it on"
        because = f"{missing}; it stays owed"
        gathered.skipped.append(Skipped(f"{hours(found.unplaced)} of family time", because, absence.id))
