"""Which blocks are wanted: make-up time for the family, and the working blocks around an absence."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeGuard

from msgspec import Struct
from msgspec.structs import replace

from rules import blocks, makeup
from rules.desired.situation import Gathered, Situation
from rules.explain import nights_words
from rules.hosts import Coverage
from rules.interval import Interval
from rules.items import BlockItem, Item, OutOfOfficeItem
from rules.makeup import Moved, Placement
from rules.model import Absence, Occurrence
from rules.plan import Skipped
from rules.policy import MakeupPolicy, Person, Policy
from rules.telling import hours, printable, stretch
from rules.workdays import Workdays


def want_blocks(s: Situation, absence: Absence, coverage: Coverage, gathered: Gathered) -> None:
    ours = [(stands.item, stands.state) for stands in s.standing.values() if _takes_time(stands.item)]
    mine = [block for block, state in ours if block.absence_id == absence.id and state != "tombstone"]
    gone = [block for block, state in ours if block.absence_id == absence.id and state == "tombstone"]
    others = [block for block, state in ours if block.absence_id != absence.id and state != "tombstone"]
    # Another absence may be planned in this same look: its blocks take their time, too.
    others += [item for item in gathered.items if _takes_time(item) and item.absence_id != absence.id]
    busy = makeup.busy(s.occurrences, s.absences, s.policy.me)
    office = _working_blocks(s, absence, coverage, mine, busy, _spans(others))
    for found in office:
        gathered.add(absence, "block", found)
    placed = [block for block in office if isinstance(block, BlockItem)]
    standing, deleted = ([block for block in found if block.purpose == "make-up"] for found in (mine, gone))
    family = _Family(standing, deleted, [*others, *placed])
    _makeup(s, absence, family, busy, gathered)


def _takes_time(item: Item) -> TypeGuard[BlockItem]:
    """An out-of-office entry says of an absence what is known of it anyway."""
    return isinstance(item, BlockItem) and not isinstance(item, OutOfOfficeItem)


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


def _makeup(s: Situation, absence: Absence, family: _Family, busy: tuple[Interval, ...], gathered: Gathered) -> None:
    policy, me = s.policy.makeup, s.policy.me
    wanted = makeup.owed(absence, policy, me, Workdays.of(me, s.holidays)) - family.deleted_hours
    if wanted <= 0 and not family.standing:
        return
    on = makeup.targets(policy, s.policy.calendar, s.writable)
    found = _placed(s, absence, family, busy, max(wanted, 0.0), policy)
    gathered.items += found.blocks
    debt = f"the family is owed {hours(wanted)} for {nights_words(absence.nights)} away"
    gathered.reasons.update({block.id: debt for block in found.blocks})
    moved = {one.ordinal: _because(s, one) for one in found.moved}
    gathered.reasons.update({block.id: moved[block.ordinal] for block in found.blocks if block.ordinal in moved})
    if found.unplaced:
        missing = f"no free time within {policy.within_days} days" if on else "there is no calendar of yours to write it on"
        because = f"{missing}; it stays owed"
        gathered.skipped.append(Skipped(f"{hours(found.unplaced)} of family time", because, absence.id))
    if stand := [one for one in found.moved if one.to == one.was]:
        elsewhere = _placed(s, absence, family, busy, max(wanted, 0.0), replace(policy, on_conflict="move"))
        gathered.gaps += _standing_under(s, absence, stand, elsewhere)


def _placed(
    s: Situation, absence: Absence, family: _Family, busy: tuple[Interval, ...], wanted: float, policy: MakeupPolicy
) -> Placement:
    return makeup.place(
        absence.id,
        wanted,
        absence.span.end,
        busy,
        family.standing,
        policy,
        s.policy.me,
        s.holidays,
        on=makeup.targets(policy, s.policy.calendar, s.writable),
        now=s.now,
        broken={block.ordinal for block in family.standing if s.outcomes.get(block.id) is False},
        retired={block.ordinal for block in family.deleted},
        others=family.others,
    )


# --- a meeting on top ---------------------------------------------------------------------------------------------------

BENEATH = "family time on"  # how a gap begins that tells of a block with a meeting on top


def _standing_under(s: Situation, absence: Absence, stand: Sequence[Moved], elsewhere: Placement) -> Iterator[Skipped]:
    """Blocks that stand though a meeting was put on top of them: what it is, and where they could go."""
    free = {one.ordinal: one.to for one in elsewhere.moved}
    zone = s.policy.me.home_zone
    for one in stand:
        to = free.get(one.ordinal)
        proposed = (
            f"it could be on {stretch(to, zone)}" if to and to.length >= one.was.length else "no other time is free for all of it"
        )
        yield Skipped(f"{BENEATH} {stretch(one.was, zone)}", f"{_because(s, one)}; {proposed}", absence.id)


def _because(s: Situation, moved: Moved) -> str:
    """Why it cannot simply stay; of a meeting, which one and who booked it. Only the leader reads this."""
    there = makeup.on_top(moved.was, s.occurrences, s.policy.me) if moved.because.startswith(makeup.IN_THE_WAY) else None
    if there is None:
        return moved.because
    what = "a private entry" if there.private else f"“{printable(there.summary, 60)}”"
    return f"{what} is there now ({stretch(there.span, s.policy.me.home_zone)}){_booked(s, there)}"


def _booked(s: Situation, there: Occurrence) -> str:
    if there.organizer is None or there.organizer.address in s.policy.me.addresses:
        return ""
    person = s.policy.person_by_address(there.organizer.address)
    return f", booked by {printable(person.name if person else there.organizer.name or there.organizer.address, 60)}"
