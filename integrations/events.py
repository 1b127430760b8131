"""A VEVENT's times, and a series' happenings within a horizon (RFC 5545 3.6.1, 3.8.5). Shared by the reader and by the edits, so
that both mean the same instance. What cannot be worked out right raises Unreadable for its event alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta, tzinfo

from msgspec import Struct

from integrations.icalendar_text import Component, Document, Property, Unreadable, properties
from integrations.icalendar_values import (
    ZULU,
    FindZone,
    Length,
    Moment,
    end_of,
    length_between,
    moment_of,
    parse_length,
    periods_of,
    recurrence_id,
)
from integrations.recurrence import MAX_PER_SERIES, Budget, Rule, parse_rule, rule_times, without_times
from rules.interval import Interval

_DAY = timedelta(days=1)
_SLACK = timedelta(days=2)  # zones reach from −12 h to +14 h, and a wall time is compared with an instant
_MIDNIGHT = datetime.min.time()
_ONCE = ("UID", "DTSTART", "DTEND", "DURATION", "RECURRENCE-ID")


class Event(Struct, frozen=True):
    """One VEVENT. `lines` maps upper-case names to its own properties in order. `recurrence_id` is as written, None for a
    master or single event. `by_date`: it is whole days, whether written as dates or (Outlook) as midnights."""

    component: Component
    lines: dict[str, list[Property]]
    uid: str
    start: Moment
    length: Length
    recurrence_id: Moment | None
    this_and_future: bool
    sequence: int
    rules: tuple[Rule, ...] = ()
    excluded_rules: tuple[Rule, ...] = ()
    extra: tuple[tuple[Moment, Length | None], ...] = ()
    excluded: tuple[Moment, ...] = ()

    @property
    def recurs(self) -> bool:
        return bool(self.rules or self.extra)

    def first(self, name: str) -> str:
        """The value of a property as written, or ""."""
        found = self.lines.get(name)
        return found[0].value if found else ""


class Happening(Struct, frozen=True):
    """`event` says what it is like, `start` and `end` when it is; `original` is the moment RECURRENCE-ID names it by (None: a
    single event), and `recurrence_id` its canonical form (""). `begin` is `start` as an instant."""

    event: Event
    original: Moment | None
    recurrence_id: str
    start: Moment
    begin: datetime  # UTC
    end: datetime  # UTC


# --- one event --------------------------------------------------------------------------------------------------------


def lines_of(document: Document, component: Component) -> dict[str, list[Property]]:
    found: dict[str, list[Property]] = {}
    for prop in properties(document, component):
        found.setdefault(prop.name, []).append(prop)
    return found


def _refuse_doubles(lines: dict[str, list[Property]]) -> None:
    for name in _ONCE:
        found = lines.get(name, ())
        if len(found) > 1 and len({(prop.parameters, prop.value) for prop in found}) > 1:
            raise Unreadable(f"it has {len(found)} different {name}")


def _length(lines: dict[str, list[Property]], start: Moment, find_zone: FindZone, home: tzinfo) -> Length:
    """RFC 5545 3.6.1: without DTEND and DURATION a date lasts a day, a time no time at all."""
    if ends := lines.get("DTEND"):
        return length_between(start, moment_of(ends[0], find_zone), home)
    if lengths := lines.get("DURATION"):
        length = parse_length(lengths[0].value)
        return _in_days(length) if start.is_date else length
    return Length(1) if start.is_date else Length()


def _in_days(length: Length) -> Length:
    days, rest = divmod(length.about, _DAY)
    if rest:
        raise Unreadable("it begins on a date and lasts a part of a day")
    return Length(max(days, 1))


def sequence_of(lines: dict[str, list[Property]]) -> int:
    value = lines["SEQUENCE"][0].value.strip() if "SEQUENCE" in lines else ""
    return int(value) if value.isascii() and value.isdigit() and len(value) < 10 else 0


def _range(prop: Property) -> bool:
    written = prop.parameters.upper().replace('"', "")
    if "RANGE=THISANDPRIOR" in written:
        raise Unreadable("it changes all occurrences before one (RANGE=THISANDPRIOR), which is not followed")
    return "RANGE=THISANDFUTURE" in written


def _rules(lines: dict[str, list[Property]], name: str, start: Moment) -> tuple[Rule, ...]:
    found = tuple(parse_rule(prop.value) for prop in lines.get(name, ()) if prop.value.strip())
    return tuple(map(without_times, found)) if start.is_date else found


def parse_event(document: Document, component: Component, find_zone: FindZone, home: tzinfo, budget: Budget) -> Event:
    """Unreadable where it cannot be read right. A missing UID is "" here."""
    budget.begin()
    lines = lines_of(document, component)
    if not component.closed:
        raise Unreadable("it breaks off: its END:VEVENT is missing")
    _refuse_doubles(lines)
    if "DTSTART" not in lines:
        raise Unreadable("it has no beginning (DTSTART)")
    start = moment_of(lines["DTSTART"][0], find_zone)
    length = _length(lines, start, find_zone, home)
    uid = lines["UID"][0].value.strip() if "UID" in lines else ""
    if "RECURRENCE-ID" in lines:
        named = lines["RECURRENCE-ID"][0]
        return Event(component, lines, uid, start, length, moment_of(named, find_zone), _range(named), sequence_of(lines))
    extra = [period for prop in lines.get("RDATE", ()) for period in periods_of(prop, find_zone, home, budget)]
    excluded = [moment for prop in lines.get("EXDATE", ()) for moment, _ in periods_of(prop, find_zone, home, budget)]
    rules, excluded_rules = _rules(lines, "RRULE", start), _rules(lines, "EXRULE", start)
    return Event(
        component,
        lines,
        uid,
        start,
        length,
        None,
        False,
        sequence_of(lines),
        rules,
        excluded_rules,
        tuple(extra),
        tuple(excluded),
    )


def _is_midnights(event: Event) -> bool:
    return event.first("X-MICROSOFT-CDO-ALLDAYEVENT").strip().upper() == "TRUE"


def whole_days(event: Event, start: Moment, end: datetime, home: tzinfo) -> tuple[datetime, datetime] | None:
    """Naive first midnight and exclusive last one, or None for a timed happening. Outlook writes whole days as midnights of its
    own zone (or of UTC, for the midnights of home)."""
    if start.is_date:
        return start.wall, end.astimezone(home).replace(tzinfo=None)
    if not _is_midnights(event):
        return None
    infos = (start.zone.info if start.zone else home, home)
    for info in infos:
        first, last = (m.astimezone(info).replace(tzinfo=None) for m in (start.instant(home), end))
        if first.time() == last.time() == _MIDNIGHT and first < last:
            return first, last
    return None


# --- a series ---------------------------------------------------------------------------------------------------------


def aligned(moment: Moment, start: Moment, home: tzinfo) -> Moment:
    """A moment named by RECURRENCE-ID or EXDATE in the form of the series that begins at `start`: they compare by instant, and a
    date names the occurrence of that day. A UTC time beside a floating series can only mean the digits."""
    if moment.is_date and not start.is_date:
        return start.moved(datetime.combine(moment.wall.date(), start.wall.time()))
    if start.is_date and not moment.is_date:
        return start.moved(datetime.combine(moment.wall.date(), _MIDNIGHT))
    if start.zone is None and moment.zone == ZULU:
        return start.moved(moment.wall)
    return start.moved(moment.wall_in(start, home))


class _Exceptions:
    """What a series leaves out: instants, and whole days of an EXDATE that is a date."""

    def __init__(self, master: Event, home: tzinfo) -> None:
        self.ids = {recurrence_id(aligned(moment, master.start, home)) for moment in master.excluded}
        self.days = {moment.wall.date() for moment in master.excluded if moment.is_date}

    def has_day(self, moment: Moment) -> bool:
        return bool(self.days) and moment.wall.date() in self.days


def _within_until(rule: Rule, wall: datetime, start: Moment, home: tzinfo) -> bool:
    """UNTIL is inclusive. As a date it includes that day; as UTC it is an instant; else it is on the clock of DTSTART."""
    if rule.until is None:
        return True
    until, is_date, is_utc = rule.until
    if is_date or start.is_date:
        return wall.date() <= until.date()
    if not is_utc or start.zone is None:
        return wall <= until
    return start.moved(wall).instant(home) <= until.replace(tzinfo=UTC)


def _walls(rule: Rule, start: Moment, since: datetime, before: datetime, home: tzinfo, budget: Budget) -> Iterator[datetime]:
    walls = rule_times(rule, start.wall, since, before, budget)
    if rule.until is None:
        yield from walls
    for wall in walls:
        if not _within_until(rule, wall, start, home):
            return
        yield wall


class _Shift(Struct, frozen=True):
    """RANGE=THISANDFUTURE: from `since` on, occurrences are like `event`, moved as it was moved."""

    since: Moment
    event: Event

    def moved(self, original: Moment, home: tzinfo) -> Moment:
        like = self.event.start
        if like.is_date or original.is_date:
            base, at = self.since.wall, original.wall
            if like.is_date:
                base, at = datetime.combine(base.date(), _MIDNIGHT), datetime.combine(at.date(), _MIDNIGHT)
        else:
            base, at = self.since.wall_in(like, home), original.wall_in(like, home)
        return like.moved(at + (like.wall - base))

    def size(self, home: tzinfo) -> timedelta:
        return abs(self.event.start.instant(home) - self.since.instant(home))


class Series:
    """The components of one UID: at most one master, and overrides by the instant they replace. `lost` are the RECURRENCE-IDs of
    overrides that could not be read: the master's word on those moments no longer holds, so nothing is said about them."""

    def __init__(self, master: Event | None, overrides: Sequence[Event], home: tzinfo, lost: Sequence[Moment] = ()) -> None:
        self.master, self.home = master, home
        self._lost = {recurrence_id(aligned(moment, master.start, home)) for moment in lost} if master else set()
        self.overrides: dict[str, tuple[Moment, Event]] = {}
        for event in sorted(overrides, key=lambda e: e.sequence):
            named = self._named(event)
            self.overrides[recurrence_id(named)] = (named, event)
        future = [_Shift(named, event) for named, event in self.overrides.values() if event.this_and_future and master]
        self._shifts = sorted(future, key=lambda s: s.since.instant(home))

    def _named(self, event: Event) -> Moment:
        if event.recurrence_id is None:
            raise ValueError("a master is no override")
        return aligned(event.recurrence_id, self.master.start, self.home) if self.master else event.recurrence_id

    def happenings(self, horizon: Interval, budget: Budget) -> Iterator[Happening]:
        """All that touch the horizon, overrides first. An override is kept whatever EXDATE, UNTIL and COUNT say: somebody wrote
        it down. Unreadable where the rule cannot be worked out or gives too many."""
        budget.begin()
        for named, event in self.overrides.values():
            yield from self._touching(self._overriding(named, event), horizon)
        for count, happening in enumerate(self._regular(horizon, budget)):
            if count >= MAX_PER_SERIES:
                raise Unreadable(f"it repeats more than {MAX_PER_SERIES:,} times within the time looked at")
            yield from self._touching(happening, horizon)

    def _touching(self, happening: Happening, horizon: Interval) -> Iterator[Happening]:
        begin = happening.begin
        if begin < horizon.end and (happening.end > horizon.start or begin >= horizon.start):
            yield happening

    def _overriding(self, named: Moment, event: Event) -> Happening:
        return self._happening(event, named, recurrence_id(named), event.start, event.length)

    def _happening(self, event: Event, original: Moment | None, name: str, start: Moment, length: Length) -> Happening:
        begin = start.instant(self.home)
        end = end_of(start, length, self.home) if length.days else begin + length.exact
        return Happening(event, original, name, start, begin, end)

    def _regular(self, horizon: Interval, budget: Budget) -> Iterator[Happening]:
        master = self.master
        if master is None:
            return
        if not master.recurs:
            if not self._is_gone(recurrence_id(master.start), master.start, _Exceptions(master, self.home)):
                yield self._happening(master, None, "", master.start, master.length)
            return
        left_out = _Exceptions(master, self.home)
        for name, (original, length) in self._originals(master, horizon, budget).items():
            if not self._is_gone(name, original, left_out):
                yield self._instance(master, original, name, length)

    def _is_gone(self, name: str, original: Moment, left_out: _Exceptions) -> bool:
        return name in self.overrides or name in self._lost or name in left_out.ids or left_out.has_day(original)

    def _instance(self, master: Event, original: Moment, name: str, length: Length | None) -> Happening:
        if not self._shifts:
            return self._happening(master, original, name, original, length or master.length)
        shift = next((s for s in reversed(self._shifts) if s.since.instant(self.home) <= original.instant(self.home)), None)
        event = shift.event if shift else master
        start = shift.moved(original, self.home) if shift else original
        return self._happening(event, original, name, start, length or event.length)

    def _window(self, master: Event, horizon: Interval) -> tuple[datetime, datetime]:
        """Wall times on the series' own clock within which an occurrence may touch the horizon."""
        longest = max([master.length.about, *(s.event.length.about for s in self._shifts)])
        longest = max([longest, *(length.about for _, length in master.extra if length)])
        moved = max([timedelta(0), *(s.size(self.home) for s in self._shifts)])
        info = master.start.zone.info if master.start.zone else self.home
        first = horizon.start.astimezone(info).replace(tzinfo=None) - longest - moved - _SLACK
        return first, horizon.end.astimezone(info).replace(tzinfo=None) + moved + _SLACK

    def _originals(self, master: Event, horizon: Interval, budget: Budget) -> dict[str, tuple[Moment, Length | None]]:
        """By their canonical recurrence id, EXDATEs not yet taken out."""
        since, before = self._window(master, horizon)
        start, home = master.start, self.home
        found: dict[str, tuple[Moment, Length | None]] = {}
        if self._begins_with_start(master):
            found[recurrence_id(start)] = (start, None)
        for rule in master.rules:
            for wall in _walls(rule, start, since, before, home, budget):
                moment = start.moved(wall)
                found[recurrence_id(moment)] = (moment, None)
        for extra, length in master.extra:
            found[recurrence_id(aligned(extra, start, home))] = (aligned(extra, start, home), length)
        for rule in master.excluded_rules:
            for wall in _walls(rule, start, since, before, home, budget):
                found.pop(recurrence_id(start.moved(wall)), None)
        return found

    def _begins_with_start(self, master: Event) -> bool:
        """DTSTART is an occurrence, unless all rules ended before it: so programs write a series that was cut off whole."""
        if not master.rules:
            return True
        return any(_within_until(rule, master.start.wall, master.start, self.home) for rule in master.rules)

    def find(self, wanted: str, budget: Budget) -> Happening | None:
        """The happening with this canonical recurrence id ("": the single event), or None."""
        if wanted in self.overrides:
            return self._overriding(*self.overrides[wanted])
        if self.master is None or self.master.recurs != bool(wanted):
            return None
        around = _around(wanted, self.home) or Interval(*[self.master.start.instant(self.home)] * 2)
        budget.begin()
        found = self._regular(around, budget)
        return next((happening for happening in found if happening.recurrence_id == wanted), None)


def _around(wanted: str, home: tzinfo) -> Interval | None:
    """The days about a canonical recurrence id; None where it is none."""
    try:
        day = datetime.strptime(wanted[:8], "%Y%m%d").replace(tzinfo=UTC)
    except ValueError:
        return None
    return Interval(day, day + _DAY).widened(_SLACK, _SLACK)
