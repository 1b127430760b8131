"""Which blocks of days belong to which journey, what is left over, and from when to when each lasts. Nothing is weighed here:
that is for `absence`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from msgspec import Struct, field

from rules import journey, place
from rules.interval import Interval, subtract
from rules.journey import DAY_ENDS, Item, Journey
from rules.model import EvidenceKind, Leg, OccurrenceKey
from rules.policy import DetectPolicy

NESTED_LEAVE = timedelta(hours=24)  # leave that shares more than this with a journey belongs to it

_SAYS_HOW_LONG = {EvidenceKind.OUT_OF_OFFICE, EvidenceKind.LEAVE, EvidenceKind.DECLARED}


def block_order(block: Item) -> tuple[datetime, datetime, str, OccurrenceKey]:
    return (block.span.start, block.span.end, *journey.order(block.best)[2:])


# --- groups -----------------------------------------------------------------------------------------------------------


class Group(Struct):
    """An absence in the making: journeys in order (none for whole days alone) with their doors, and blocks. `starts_away`: how
    the leader got there is not known; `open`: how they come home is not."""

    journeys: list[Journey] = field(default_factory=list)
    doors: list[Interval] = field(default_factory=list)
    blocks: list[Item] = field(default_factory=list)
    starts_away: bool = False
    open: bool = False

    @property
    def legs(self) -> list[Leg]:
        return [leg for found in self.journeys for leg in found.legs]

    @property
    def items(self) -> list[Item]:
        return [ticket for found in self.journeys for ticket in found.tickets] + self.blocks

    @property
    def reach(self) -> Interval:
        """As far as it is known by now: door to door; on an open side as far as its blocks go."""
        if not self.journeys:
            return Interval(min(b.span.start for b in self.blocks), max(b.span.end for b in self.blocks))
        start, end = self.doors[0].start, self.doors[-1].end
        if self.starts_away:
            start = min([start, *(b.span.start for b in self.blocks)])
        if self.open:
            end = max([end, *(b.span.end for b in self.blocks)])
        return Interval(start, end)


def group_of(found: Journey, policy: DetectPolicy) -> Group:
    door = place.door_to_door(found.legs, policy)
    until = door.end if found.closed else found.legs[-1].arrive
    return Group([found], [Interval(door.start, until)], starts_away=found.starts_away, open=not found.closed)


def time_shared(one: Interval, other: Interval) -> timedelta:
    common = one.intersection(other)
    return common.length if common else timedelta(0)


def apart(one: Interval, other: Interval) -> timedelta:
    return max(one.start - other.end, other.start - one.end, timedelta(0))


def _joins(block: Item, group: Group, policy: DetectPolicy) -> bool:
    """Does this block belong to the journey? Leave only where it truly shares time with it; what merely says where the leader
    is, only if most of it fits in (a hotel for a week is no part of a day trip)."""
    reach = group.reach
    near, far = timedelta(hours=policy.join_hours), timedelta(hours=policy.open_join_hours)
    wide = reach.widened(far if group.starts_away else near, far if group.open else near)
    if not block.span.overlaps(wide):
        return False
    unbounded = (group.starts_away and block.span.start < reach.start) or (group.open and block.span.end > reach.end)
    shared = time_shared(block.span, reach)
    if unbounded or (shared and block.kind in (EvidenceKind.OUT_OF_OFFICE, EvidenceKind.DECLARED)):
        return True
    if block.kind is EvidenceKind.LEAVE:
        return shared > NESTED_LEAVE or shared * 2 >= min(block.span.length, reach.length)
    return block.kind is not EvidenceKind.DECLARED and time_shared(block.span, wide) * 2 >= block.span.length


def _bridge(groups: list[Group], at: int, block: Item, joinable: Sequence[int]) -> None:
    """Out of office all the way from one journey to the next, and no gap: one absence."""
    while at + 1 in joinable and block.span.covers(_between(groups[at], groups[at + 1])):
        follower = groups.pop(at + 1)
        joinable = [j if j <= at else j - 1 for j in joinable if j != at + 1]
        groups[at].journeys += follower.journeys
        groups[at].doors += follower.doors
        groups[at].blocks += follower.blocks
        groups[at].open = follower.open


def _between(one: Group, other: Group) -> Interval:
    start = one.reach.end
    return Interval(start, max(start, other.reach.start))


def _place_block(groups: list[Group], block: Item, policy: DetectPolicy) -> bool:
    """Put the block into the journey it fits best. Returns False where it fits none."""
    joinable = [n for n, g in enumerate(groups) if _joins(block, g, policy)]
    if not joinable:
        return False
    at = min(joinable, key=lambda n: (-time_shared(block.span, groups[n].reach), apart(block.span, groups[n].reach), n))
    if block.kind in _SAYS_HOW_LONG:
        while at - 1 in joinable and block.span.covers(_between(groups[at - 1], groups[at])):
            at -= 1
        _bridge(groups, at, block, joinable)
    groups[at].blocks.append(block)
    return True


def place_blocks(groups: list[Group], blocks: Sequence[Item], policy: DetectPolicy) -> list[Item]:
    """Forward for journeys without an end, backward for those without a beginning. Returns what fits no journey."""
    left = [b for b in blocks if not _place_block(groups, b, policy)]
    backward = sorted(left, key=lambda b: (b.span.end, *block_order(b)), reverse=True)
    return [b for b in backward if not _place_block(groups, b, policy)]


def _only_focus(blocks: Sequence[Item]) -> bool:
    return all(b.best.verdict == "focus" for b in blocks)


def _merges(block: Item, group: Group, policy: DetectPolicy) -> bool:
    """Do two blocks without any journey belong together? What the user said stands for itself, and a conference at home is
    no part of the vacation that follows it."""
    gap = block.span.start - group.reach.end
    declared = block.kind is EvidenceKind.DECLARED or any(b.kind is EvidenceKind.DECLARED for b in group.blocks)
    if declared or _only_focus(group.blocks) != _only_focus([block]):
        return gap < timedelta(0)
    return gap <= timedelta(hours=policy.gap_hours)


def leftovers(blocks: Iterable[Item], policy: DetectPolicy) -> list[Group]:
    groups: list[Group] = []
    for block in sorted(blocks, key=block_order):
        if groups and _merges(block, groups[-1], policy):
            groups[-1].blocks.append(block)
        else:
            groups.append(Group(blocks=[block]))
    return groups


# --- spans ------------------------------------------------------------------------------------------------------------


def _end_of_day(moment: datetime, zone: str) -> datetime:
    return max(moment, place.wall(place.local_date(moment, zone), DAY_ENDS, zone))


def _with_days_off(span: Interval, group: Group, zone: str) -> Interval:
    """Longer by whole days that an out-of-office or leave entry adds; the days of leaving and of coming home add nothing."""
    start, end = span.start, span.end
    for block in group.blocks:
        if block.kind not in _SAYS_HOW_LONG:
            continue
        if place.local_date(block.span.start, zone) < place.local_date(span.start, zone):
            start = min(start, block.span.start)
        if place.last_date(block.span, zone) > place.last_date(span, zone):
            end = max(end, block.span.end)
    return Interval(start, end)


def _journey_span(group: Group, zone: str) -> Interval:
    """From the first door to the last; an open end lasts until the evening at least."""
    reach = group.reach
    if group.open and reach.end == group.doors[-1].end:
        reach = Interval(reach.start, _end_of_day(reach.end, zone))
    return _with_days_off(reach, group, zone)


def spans(travelling: Sequence[Group], zone: str) -> list[Interval]:
    """Disjoint: what a block adds to a journey ends where the next absence begins."""
    spans = [_journey_span(g, zone) for g in travelling]
    for n, group in enumerate(travelling[:-1]):
        one, other = spans[n], spans[n + 1]
        end = min(one.end, max(group.doors[-1].end, other.start))
        spans[n], spans[n + 1] = Interval(one.start, end), Interval(max(end, other.start), other.end)
    return spans


def remainder(span: Interval, taken: Sequence[Interval], policy: DetectPolicy) -> Interval | None:
    """The longest part that no journey covers, None where it is too short to be an absence."""
    left = subtract(span, taken)
    longest = max(left, key=lambda s: (s.length, -s.start.timestamp()), default=None)
    if longest == span or (longest and longest.length >= timedelta(hours=policy.shortest_hours)):
        return longest
    return None
