"""The working blocks around an absence: a wrap-up before leaving, a re-entry on the first morning back, a debrief with each
deputy. They lie in working hours, have no attendees, and stay where they are while that is possible."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from itertools import islice

from msgspec import Struct

from rules.interval import Interval
from rules.items import BlockItem, BlockPurpose, effect_id
from rules.model import Absence
from rules.plan import Skipped
from rules.policy import CalendarConfig, MakeupPolicy, Me, Person
from rules.telling import printable
from rules.workdays import Workdays, days_of, gaps, in_utc, wall_span, worked_in, working_time

_STEP = timedelta(minutes=15)  # blocks begin at a quarter of an hour
_WRAP_UP_DAYS = 2  # working days before that of leaving: earlier than that it wraps up nothing
_DEBRIEF_DAYS = 3  # working days back: later than that it is remembered wrongly
_NOON = time(12)


class Desk(Struct, frozen=True):
    """What all blocks of one absence depend on. `calendar` is where they go, None where none can be written. `busy` are other
    people's claims on the leader (`makeup.busy`), `ours` our own blocks beside `standing`, which are this absence's."""

    policy: MakeupPolicy
    me: Me
    holidays: frozenset[date]
    calendar: CalendarConfig | None
    busy: tuple[Interval, ...]
    now: datetime
    standing: tuple[BlockItem, ...] = ()
    ours: tuple[Interval, ...] = ()

    @property
    def workdays(self) -> Workdays:
        return Workdays.of(self.me, self.holidays)


class _Wish(Struct, frozen=True):
    """A block to be had. `windows` in order of preference; `last` takes the latest slot of a window, not the first."""

    purpose: BlockPurpose
    ordinal: str
    minutes: int
    summary: str
    description: str
    windows: tuple[Interval, ...]
    full: str  # why there is none, where all windows are full or over
    last: bool = False


def wrap_up(absence: Absence, desk: Desk) -> BlockItem | Skipped:
    """As late as may be before leaving, on the day itself or at most two working days before."""
    wish = _Wish(
        "wrap-up", "1", desk.policy.wrap_up_minutes, "Wrap-up", "Hand over what is open, close what can be closed.",
        tuple(_before(absence, desk)), "no time is free for it in the two working days before you leave", last=True,
    )  # fmt: skip
    return _had(absence, wish, desk, "you have left already" if absence.span.start <= desk.now else "")


def re_entry(absence: Absence, desk: Desk) -> BlockItem | Skipped:
    """The first thing on the first working morning back."""
    wish = _Wish(
        "re-entry", "1", desk.policy.re_entry_minutes, "Re-entry", "Talk to your deputies first, then open your mail.",
        tuple(_first_morning(absence, desk)), "no time is free on your first morning back",
    )  # fmt: skip
    return _had(absence, wish, desk)


def debriefs(
    absence: Absence,
    deputies: Sequence[Person],
    away: Mapping[str, Sequence[Interval]],
    desk: Desk,
    first: BlockItem | None = None,
) -> tuple[BlockItem | Skipped, ...]:
    """One per deputy in the first three working days back, after the re-entry `first`. `away`: person id → when they are
    away themselves."""
    standing = {b.ordinal: b for b in desk.standing if b.purpose == "debrief"}
    found: list[BlockItem | Skipped] = []
    for person in deputies:
        others = [standing.get(other.id) for other in deputies if other.id != person.id]
        taken = [*away.get(person.id, ()), *_spans([first, *others, *found])]
        found.append(_had(absence, _debrief(absence, person, desk, first), desk, taken=taken))
    return tuple(found)


def _debrief(absence: Absence, person: Person, desk: Desk, first: BlockItem | None) -> _Wish:
    windows = tuple(_days_back(absence, desk, in_utc(first.span).end if first else in_utc(absence.span).end))
    name = printable(person.name, 60)
    return _Wish(
        "debrief", person.id, desk.policy.debrief_minutes, f"Debrief with {name}",
        f"What was decided, what is open, what went well. Then one line for you alone: homeward note {person.id} --feedback “…”",
        windows,
        f"no time is free with {name} in your first three working days back",
    )  # fmt: skip


def _spans(blocks: Sequence[BlockItem | Skipped | None]) -> list[Interval]:
    return [in_utc(block.span) for block in blocks if isinstance(block, BlockItem)]


# --- when ---------------------------------------------------------------------------------------------------------------


def _before(absence: Absence, desk: Desk) -> Iterator[Interval]:
    """Working hours before leaving, the day of leaving first."""
    leaves = in_utc(absence.span).start
    day = next(days_of(Interval(leaves, leaves), desk.me.home_zone))
    earlier = (desk.workdays.find_before(day, count) for count in range(1, _WRAP_UP_DAYS + 1))
    for workday in (day if desk.workdays.works(day) else None, *earlier):
        hours = working_time(workday, desk.me) if workday else None
        if hours and hours.start < leaves:
            yield Interval(hours.start, min(hours.end, leaves))


def _first_morning(absence: Absence, desk: Desk) -> Iterator[Interval]:
    """From the beginning of work to noon, on the first working day whose beginning finds one at home."""
    for day in islice(_workdays_back(absence, desk), 1):
        ends = _NOON if desk.me.work_starts < _NOON else desk.me.work_ends
        yield wall_span(day, desk.me.work_starts, ends, desk.me.home_zone)


def _days_back(absence: Absence, desk: Desk, not_before: datetime) -> Iterator[Interval]:
    for day in _workdays_back(absence, desk):
        hours = working_time(day, desk.me)
        if not_before < hours.end:
            yield Interval(max(hours.start, not_before), hours.end)


def _workdays_back(absence: Absence, desk: Desk) -> Iterator[date]:
    """The first three working days that begin at home."""
    back = in_utc(absence.span).end
    today = next(days_of(Interval(back, back), desk.me.home_zone))
    day = today if working_time(today, desk.me).start >= back else today + timedelta(days=1)
    for _ in range(_DEBRIEF_DAYS):
        workday = desk.workdays.find_from(day)
        if workday is None:
            return
        yield workday
        day = workday + timedelta(days=1)


# --- whether ------------------------------------------------------------------------------------------------------------


def _had(absence: Absence, wish: _Wish, desk: Desk, too_late: str = "", taken: Sequence[Interval] = ()) -> BlockItem | Skipped:
    """The block where it stands, else where it fits, else why there is none."""
    stands = next((b for b in desk.standing if (b.purpose, b.ordinal) == (wish.purpose, wish.ordinal)), None)
    if stands is not None and stands.span.start <= desk.now:
        return stands  # what has begun is history
    because = _unwanted(absence, wish, desk) or too_late
    if because or desk.calendar is None:
        return Skipped(wish.summary, because or "there is no calendar of yours to write it on", absence.id)
    span = _settled(wish, desk, stands, taken) or _slot(wish, desk, taken)
    return _block(absence, wish, desk, desk.calendar, span) if span else Skipped(wish.summary, wish.full, absence.id)


def _unwanted(absence: Absence, wish: _Wish, desk: Desk) -> str:
    if not wish.minutes:
        return "you switched it off"
    return "" if worked_in(absence.span, desk.me, desk.workdays) else "you miss no working time"


def _settled(wish: _Wish, desk: Desk, stands: BlockItem | None, taken: Sequence[Interval]) -> Interval | None:
    """Where it stands already, while that is still a time for it and, unless it shall stand anyway, free."""
    if stands is None or not any(window.covers(stands.span) for window in wish.windows):
        return None
    if desk.policy.on_conflict == "move" and any(stands.span.overlaps(other) for other in (*desk.busy, *taken)):
        return None
    return stands.span


def _slot(wish: _Wish, desk: Desk, taken: Sequence[Interval]) -> Interval | None:
    length = timedelta(minutes=wish.minutes)
    for window in wish.windows:
        ahead = Interval(max(window.start, min(desk.now, window.end)), window.end)
        free = [g for g in gaps(ahead, [*desk.busy, *desk.ours, *taken], _STEP, desk.me.home_zone) if g.length >= length]
        if free:
            return Interval(free[-1].end - length, free[-1].end) if wish.last else Interval(free[0].start, free[0].start + length)
    return None


def _block(absence: Absence, wish: _Wish, desk: Desk, calendar: CalendarConfig, span: Interval) -> BlockItem:
    """Private, and without a word about where the leader was or why."""
    return BlockItem(
        id=effect_id(absence.id, wish.purpose, wish.ordinal, calendar.id),
        absence_id=absence.id,
        calendar_id=calendar.id,
        purpose=wish.purpose,
        ordinal=wish.ordinal,
        span=span,
        zone=desk.me.home_zone,
        summary=wish.summary,
        description=wish.description,
        private=True,
    )
