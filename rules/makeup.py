"""Make-up time for the family: how much an absence owes, where it is placed, what was kept of it, and the balance. Nothing is
written here; meetings are seen as spans alone, so that nothing of theirs can leak into a block."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from math import ceil
from typing import Literal
from zoneinfo import ZoneInfo

from msgspec import Struct

from rules.interval import Interval, union
from rules.items import BlockItem, effect_id
from rules.model import Absence, Occurrence
from rules.policy import CalendarConfig, MakeupPolicy, Me
from rules.telling import stretch
from rules.workdays import Workdays, days_of, gaps, in_utc, wall_span

_HALF_HOUR = timedelta(minutes=30)
_HOUR = timedelta(hours=1)
_NOTHING = timedelta(0)
_WAKING = (time(8), time(20))  # the part of a day that a family has of each other
_LOST = 6 * _HOUR  # half of it
IN_THE_WAY = "something else is there now"  # what the reason of a block begins with that a meeting was put on top of


# --- how much is owed -------------------------------------------------------------------------------------------------


def owed(absence: Absence, policy: MakeupPolicy, me: Me, workdays: Workdays) -> float:
    """Hours, rounded up to half hours. What the user said counts; else only trips with a night away owe anything."""
    if absence.owes is not None:
        return _half_hours(max(0.0, absence.owes))
    if not policy.enabled or absence.kind != "trip" or absence.nights < 1:
        return 0.0
    for_nights = min(max(policy.hours_per_night * absence.nights, policy.least_hours), policy.most_hours)
    return _half_hours(for_nights + policy.hours_per_weekend_day * len(_lost_days(absence, me, workdays)))


def _half_hours(hours: float) -> float:
    return ceil(round(hours * 2, 6)) / 2  # rounded first: 0.1 × 30 is more than 3 in binary


def _lost_days(absence: Absence, me: Me, workdays: Workdays) -> list[date]:
    """Weekend days and public holidays of which half the waking time went by away."""
    return [day for day in days_of(absence.span, me.home_zone) if not workdays.works(day) and _is_lost(day, absence, me)]


def _is_lost(day: date, absence: Absence, me: Me) -> bool:
    away = wall_span(day, *_WAKING, me.home_zone).intersection(in_utc(absence.span))
    return away is not None and away.length >= _LOST


# --- where it goes ----------------------------------------------------------------------------------------------------


class Moved(Struct, frozen=True):
    """A block that could not simply stay. `to` is where its time is now, maybe as part of a longer block: None where it is gone,
    `was` where it stands all the same."""

    ordinal: str
    was: Interval
    to: Interval | None
    because: str


class Placement(Struct, frozen=True):
    """`blocks` are all that ought to be on calendars, one per calendar and ordinal, past and broken ones too. `placed` and
    `unplaced` are hours; their sum is what was asked for."""

    blocks: tuple[BlockItem, ...]
    placed: float
    unplaced: float
    moved: tuple[Moved, ...] = ()


def targets(policy: MakeupPolicy, calendars: Sequence[CalendarConfig], writable: Collection[str]) -> tuple[CalendarConfig, ...]:
    """The calendars that blocks go on: the leader's, and the family's if there is one. As configured, else the first writable."""
    chosen = (
        _chosen(policy.calendar, [c for c in calendars if c.role == "mine"], calendars, writable),
        _chosen(policy.family_calendar, [c for c in calendars if c.role == "family"], calendars, writable),
    )
    return tuple(dict.fromkeys(calendar for calendar in chosen if calendar is not None))


def _chosen(
    named: str, usual: Sequence[CalendarConfig], calendars: Sequence[CalendarConfig], writable: Collection[str]
) -> CalendarConfig | None:
    among = [c for c in calendars if c.id == named] if named else usual
    return next((c for c in among if c.id in writable and not c.read_only), None)


def busy(occurrences: Iterable[Occurrence], absences: Iterable[Absence], me: Me) -> tuple[Interval, ...]:
    """When the leader or the family cannot: timed, opaque entries of theirs that the leader has not declined, and absences. Our
    own blocks are never busy; nor are whole days, which are birthdays more often than not."""
    mine = {address.lower() for address in me.addresses}
    meetings = (o.span for o in occurrences if o.role in ("mine", "family") and _takes_time(o, mine))
    return union(in_utc(span) for span in (*meetings, *(a.span for a in absences)))


def on_top(span: Interval, occurrences: Iterable[Occurrence], me: Me) -> Occurrence | None:
    """What was put there, of the leader's or the family's; the earliest. For the leader's eyes only."""
    mine = {address.lower() for address in me.addresses}
    there = [o for o in occurrences if o.role in ("mine", "family") and o.span.overlaps(span) and _takes_time(o, mine)]
    return min(there, key=lambda o: (in_utc(o.span).start, o.key), default=None)


def _takes_time(occurrence: Occurrence, mine: Collection[str]) -> bool:
    declined = any(a.address in mine and a.partstat == "DECLINED" for a in occurrence.attendees)
    idle = occurrence.transparent or occurrence.busy_status == "FREE" or occurrence.status == "CANCELLED" or declined
    return not (idle or occurrence.all_day or _is_block(occurrence))


def _is_block(occurrence: Occurrence) -> bool:
    """Ours as a whole. A meeting that merely got a host bears a marker as well, and people besides."""
    return bool(occurrence.marker) and not occurrence.attendees


class _Board(Struct):
    """What is being filled: ordinal → span, and the hours still to place."""

    policy: MakeupPolicy
    me: Me
    workdays: Workdays
    open: Interval  # from the return, or now, to the last day
    busy: tuple[Interval, ...]
    others: tuple[BlockItem, ...]
    spans: dict[str, Interval]
    left: timedelta

    def taken(self) -> list[Interval]:
        return [*self.busy, *(in_utc(b.span) for b in self.others), *self.spans.values()]

    def room(self, day: date) -> timedelta:
        """What the daily limit leaves of a date."""
        others = {(b.absence_id, b.ordinal): in_utc(b.span) for b in self.others if b.purpose == "make-up"}
        zone = ZoneInfo(self.me.home_zone)
        of_day = (s.length for s in (*others.values(), *self.spans.values()) if s.start.astimezone(zone).date() == day)
        return timedelta(hours=self.policy.day_most_hours) - sum(of_day, _NOTHING)


def place(
    absence_id: str,
    hours: float,
    after: datetime,
    busy: Sequence[Interval],
    standing: Sequence[BlockItem],
    policy: MakeupPolicy,
    me: Me,
    holidays: frozenset[date],
    *,
    on: Sequence[CalendarConfig],
    now: datetime | None = None,
    broken: Collection[str] = (),
    retired: Collection[str] = (),
    others: Sequence[BlockItem] = (),
) -> Placement:
    """Blocks for `hours` within the policy's days after the return `after`, none before `now`. `standing` are this absence's
    blocks so far; those whose ordinal is in `broken` had a meeting on them: they stay, and their hours are placed again.
    `retired` ordinals are never used again (somebody deleted the block). `others` are blocks of ours for other absences or
    purposes. `on` are the `targets`; without any nothing is placed."""
    away_until, wanted = after.astimezone(UTC), timedelta(hours=hours)
    present = max(away_until, now.astimezone(UTC)) if now else away_until
    whole = Interval(present, max(present, away_until + timedelta(days=policy.within_days)))
    board = _Board(policy, me, Workdays.of(me, holidays), whole, _near(busy, whole, standing), tuple(others), {}, wanted)
    if not on:
        return Placement((), 0.0, hours)
    was, lost = _spans(standing), {o: s for o, s in _spans(standing).items() if o in broken}
    moved = _keep(board, {o: s for o, s in was.items() if o not in lost}, away_until, now)
    stand, homeless = set(board.spans), {m.ordinal: was[m.ordinal].length for m in moved if m.to is None}
    _fill(board, _move(board, homeless), {*was, *retired})
    _use_up(board, away_until, now)
    whereabouts = tuple(_whereabouts(m, board) for m in moved)
    _join(board, stand)
    blocks = _blocks(absence_id, {**lost, **board.spans}, on, me.home_zone)
    placed = hours - board.left / _HOUR
    return Placement(blocks, placed, board.left / _HOUR, whereabouts)


def _near(busy: Sequence[Interval], whole: Interval, standing: Sequence[BlockItem]) -> tuple[Interval, ...]:
    """Only what can matter, joined once."""
    range_of_interest = union([whole, *(in_utc(b.span) for b in standing)])
    return tuple(s for s in union(in_utc(s) for s in busy) if any(s.overlaps(r) for r in range_of_interest))


def _spans(standing: Sequence[BlockItem]) -> dict[str, Interval]:
    """One span per ordinal, in order. On several calendars the first one listed is what counts."""
    found: dict[str, Interval] = {}
    for block in sorted(standing, key=lambda b: (len(b.ordinal), b.ordinal)):
        found.setdefault(block.ordinal, in_utc(block.span))
    return found


def _whereabouts(moved: Moved, board: _Board) -> Moved:
    return Moved(moved.ordinal, moved.was, board.spans.get(moved.ordinal), moved.because)


# --- what stands ------------------------------------------------------------------------------------------------------


def _keep(board: _Board, was: Mapping[str, Interval], away_until: datetime, now: datetime | None) -> list[Moved]:
    """Put every block that can stay on the board. Those that cannot simply stay are returned, `to` None where they must go."""
    moved: list[Moved] = []
    for ordinal, span in was.items():
        if now is not None and span.start <= now:
            _settle(board, ordinal, span)  # what has begun is left alone, whatever is owed
            continue
        because, stays = _hindrance(board, span, away_until)
        if stays:
            _settle(board, ordinal, Interval(span.start, min(span.end, span.start + board.left)))
        if because:
            moved.append(Moved(ordinal, span, span if stays else None, because))
    return moved


def _settle(board: _Board, ordinal: str, span: Interval) -> None:
    board.spans[ordinal] = span
    board.left = max(_NOTHING, board.left - span.length)


def _hindrance(board: _Board, span: Interval, away_until: datetime) -> tuple[str, bool]:
    """Why a block cannot simply stay ("" where it can), and whether it stays all the same."""
    if span.start < away_until:
        return "you are not back by then", False
    if board.left < min(timedelta(hours=board.policy.block_least_hours), span.length):
        return "less is owed now", False
    meeting = next((b for b in board.busy if b.overlaps(span)), None)
    if meeting is None:
        return "", True
    return f"{IN_THE_WAY} ({stretch(meeting, board.me.home_zone)})", board.policy.on_conflict == "stand"


# --- what is new ------------------------------------------------------------------------------------------------------


def _move(board: _Board, homeless: Mapping[str, timedelta]) -> list[str]:
    """Blocks that had to go, put elsewhere in one piece as far as hours and calendars allow; returned are the other ordinals."""
    without: list[str] = []
    for ordinal, length in homeless.items():
        whole = next((gap for gap, room in _slots(board) if min(gap.length, room, board.left) >= length), None)
        if whole is None:
            without.append(ordinal)
        else:
            _settle(board, ordinal, Interval(whole.start, whole.start + length))
    return without


def _fill(board: _Board, homeless: Sequence[str], used: set[str]) -> None:
    """New blocks, earliest first, under the ordinals of those that had to go, then under fresh ones."""
    fresh = (str(n) for n in range(1, 1000) if str(n) not in used)
    names = iter([*homeless, *fresh])
    least = timedelta(hours=board.policy.block_least_hours)
    while board.left >= _HALF_HOUR and (board.left >= least or not board.spans):
        span = _best(board, min(least, board.left))
        if span is None:
            return
        board.spans[next(names)] = span
        board.left -= span.length


def _best(board: _Board, least: timedelta) -> Interval | None:
    """The first slot that leaves nothing behind too short for a block of its own; else the first slot at all."""
    first: Interval | None = None
    for gap, room in _slots(board):
        length = _length(board, min(gap.length, room))
        if length < least:
            continue
        span = Interval(gap.start, gap.start + length)
        rest = board.left - length
        if rest == _NOTHING or rest >= timedelta(hours=board.policy.block_least_hours):
            return span
        first = first or span
    return first


def _length(board: _Board, free: timedelta) -> timedelta:
    """As long as may be; somewhat shorter where that saves a remainder too short for a block of its own."""
    least, most = timedelta(hours=board.policy.block_least_hours), timedelta(hours=board.policy.block_most_hours)
    longest = min(free, most, board.left) // _HALF_HOUR * _HALF_HOUR
    rest = board.left - longest
    shorter = longest - (least - rest)
    return shorter if _NOTHING < rest < least <= shorter else longest


def _slots(board: _Board) -> Iterator[tuple[Interval, timedelta]]:
    """Gaps with the room their day has left, by preference and then by time."""
    taken = union(board.taken())
    for preference in board.policy.prefer:
        for day in days_of(board.open, board.me.home_zone):
            window = _window(board, preference, day)
            room = board.room(day)
            if window is not None and room > _NOTHING:
                for gap in gaps(window, taken, _HALF_HOUR, board.me.home_zone):
                    yield gap, room


def _window(board: _Board, preference: str, day: date) -> Interval | None:
    works, policy = board.workdays.works(day), board.policy
    hours = {
        "working-afternoons": policy.afternoon if works else None,
        "evenings": policy.evening,
        "weekends": None if works else policy.weekend,
    }[preference]
    return wall_span(day, *hours, board.me.home_zone).intersection(board.open) if hours else None


def _use_up(board: _Board, away_until: datetime, now: datetime | None) -> None:
    """A remainder too short for a block of its own makes the last block longer that has room behind it."""
    rest = board.left // _HALF_HOUR * _HALF_HOUR
    if not _NOTHING < rest < timedelta(hours=board.policy.block_least_hours):
        return
    for ordinal, span in sorted(board.spans.items(), key=lambda item: item[1].start, reverse=True):
        if _can_grow(board, ordinal, span, rest) and span.start >= max(away_until, now or away_until):
            board.spans[ordinal] = Interval(span.start, span.end + rest)
            board.left -= rest
            return


def _can_grow(board: _Board, ordinal: str, span: Interval, rest: timedelta) -> bool:
    grown = Interval(span.end, span.end + rest)
    elsewhere = [*board.busy, *(in_utc(b.span) for b in board.others), *(s for o, s in board.spans.items() if o != ordinal)]
    short_enough = span.length + rest <= timedelta(hours=board.policy.block_most_hours)
    day = span.start.astimezone(ZoneInfo(board.me.home_zone)).date()
    fits = short_enough and board.room(day) >= rest and grown.end <= board.open.end
    return fits and not any(grown.overlaps(other) for other in elsewhere)


def _join(board: _Board, stand: Collection[str]) -> None:
    """New blocks that touch are one, under the older name. Those that stand are left as they are."""
    age = {ordinal: age for age, ordinal in enumerate(board.spans)}
    before = ""
    for ordinal in sorted(board.spans.keys() - stand, key=lambda o: board.spans[o].start):
        if before and _are_one(board, board.spans[before], board.spans[ordinal]):
            whole = Interval(board.spans.pop(before).start, board.spans.pop(ordinal).end)
            before = min(before, ordinal, key=age.__getitem__)
            board.spans[before] = whole
        else:
            before = ordinal


def _are_one(board: _Board, one: Interval, other: Interval) -> bool:
    """They touch, on one day, and are not too long together."""
    zone = ZoneInfo(board.me.home_zone)
    same_day = one.start.astimezone(zone).date() == other.start.astimezone(zone).date()
    return one.end == other.start and same_day and other.end - one.start <= timedelta(hours=board.policy.block_most_hours)


def _blocks(absence_id: str, spans: Mapping[str, Interval], on: Sequence[CalendarConfig], zone: str) -> tuple[BlockItem, ...]:
    ordered = sorted(spans.items(), key=lambda item: (len(item[0]), item[0]))
    return tuple(_block(absence_id, ordinal, span, calendar, zone) for ordinal, span in ordered for calendar in on)


def _block(absence_id: str, ordinal: str, span: Interval, calendar: CalendarConfig, zone: str) -> BlockItem:
    """On a work calendar it says nothing but that the leader is busy."""
    work = calendar.work and calendar.role != "family"
    return BlockItem(
        id=effect_id(absence_id, "make-up", ordinal, calendar.id),
        absence_id=absence_id,
        calendar_id=calendar.id,
        purpose="make-up",
        ordinal=ordinal,
        span=span,
        zone=zone,
        summary="Busy" if work else "Family time",
        description="" if work else "Time together, for the nights away.",
        private=work,
    )


# --- what became of it ------------------------------------------------------------------------------------------------


def kept(block: BlockItem, occurrences: Iterable[Occurrence], now: datetime, me: Me) -> bool | None:
    """Whether its time passed without a meeting of the leader's on it; None while it is not over."""
    if now < block.span.end:
        return None
    return on_top(block.span, (o for o in occurrences if o.role == "mine"), me) is None


class Record(Struct, frozen=True):
    """One line of the ledger. `ordinal` names the block ("" for what is owed). The latest line about a block, or about what an
    absence owes, is what counts: a correction is a later line. `gone` is a block that is no longer there."""

    absence_id: str
    at: datetime
    state: Literal["owed", "placed", "kept", "broken", "gone"]
    hours: float
    ordinal: str = ""


class Sums(Struct, frozen=True):
    """Hours. `placed` lie ahead; `open` is owed and neither kept nor placed."""

    owed: float = 0.0
    placed: float = 0.0
    kept: float = 0.0
    broken: float = 0.0
    open: float = 0.0

    def __add__(self, other: Sums) -> Sums:
        return Sums(
            self.owed + other.owed,
            self.placed + other.placed,
            self.kept + other.kept,
            self.broken + other.broken,
            self.open + other.open,
        )


class Balance(Struct, frozen=True):
    """`over_time`: the sums after each moment at which something was recorded."""

    total: Sums
    by_absence: Mapping[str, Sums]
    over_time: tuple[tuple[datetime, Sums], ...] = ()


def balance(records: Iterable[Record]) -> Balance:
    """Of lines in any order; of two at the same moment the later given counts."""
    latest: dict[str, dict[str, Record]] = {}
    course: dict[datetime, Sums] = {}
    for record in sorted(records, key=lambda r: r.at):
        latest.setdefault(record.absence_id, {})[record.ordinal] = record
        course[record.at.astimezone(UTC)] = sum((_sums(of.values()) for of in latest.values()), Sums())
    by_absence = {absence_id: _sums(of.values()) for absence_id, of in latest.items()}
    return Balance(sum(by_absence.values(), Sums()), by_absence, tuple(course.items()))


def _sums(records: Collection[Record]) -> Sums:
    hours = {s: sum(r.hours for r in records if r.state == s) for s in ("owed", "placed", "kept", "broken")}
    still_open = max(0.0, hours["owed"] - hours["kept"] - hours["placed"])
    return Sums(hours["owed"], hours["placed"], hours["kept"], hours["broken"], still_open)
