"""When the held inbox opens. Windows are computed here from where the leader is and what has opened already; nothing is moved,
and whether a single message may pass is decided in `passing`.

The rules, in order: openings lie on the ground, never in transit; at nominal wall times; each (local date, index) once, and
again only in another stay and 14 h later; never within 3 h of another opening; one catch-up at the start of a stay where a
window was missed. And, so that no stay is silent for more than a day: where these leave a gap of over 24 h, the catch-up comes
later in the stay, as soon as its own conditions hold."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Literal
from zoneinfo import ZoneInfo

from msgspec import Struct

from rules.interval import Interval, subtract
from rules.model import Absence, Opening
from rules.policy import InboxPolicy, Me
from rules.workdays import days_of, in_utc, instant

HOME = "home"  # absence id of openings at home, under `when = "always"`
RELEASED_INDEX = 100  # an opening by hand has an index from here on: it uses up no window

AFTER_ARRIVAL = timedelta(minutes=30)  # off the plane, through passport control
BEFORE_DEPARTURE = timedelta(minutes=20)  # at the gate
APART = timedelta(hours=3)  # between the beginnings of two openings
REOPENS_AFTER = timedelta(hours=14)  # longer than any zone jump westwards within one date that a flight can make
CATCH_UP_AFTER = timedelta(hours=6)
CATCH_UP_HOURS = (time(7), time(20))  # local; nobody is called to mail at night
SILENCE = timedelta(hours=24)
_LEAD_IN = timedelta(days=2)  # at home before a trip: enough that the first days no longer depend on where counting began


class _Ground(Struct, frozen=True):
    """The usable part of a stay. Until `held_since` mail came in freely."""

    span: Interval
    zone: str
    absence_id: str
    held_since: datetime


class _Nominal(Struct, frozen=True):
    at: datetime
    day: date
    index: int


class InboxState(Struct, frozen=True):
    """`until`: when the present state ends (None: it stays open). `opening` is the window that is open now, `following` the
    next one. `since`: arrivals from then on are held."""

    held: bool
    because: str
    since: datetime | None = None
    until: datetime | None = None
    opening: Opening | None = None
    following: Opening | None = None


# --- what opens -------------------------------------------------------------------------------------------------------


def openings(absence: Absence, policy: InboxPolicy, me: Me, history: Sequence[Opening], span: Interval) -> tuple[Opening, ...]:
    """All openings of an absence that touch `span`, past and future, in order; spans are UTC. `history` are openings that have
    begun (of whatever absence): they stand as they were, and the others are computed around them."""
    walked = _walk([*_lead_in(absence, policy, me), *_ground(absence, policy, me)], policy, history)
    return tuple(o for o in walked if o.absence_id == absence.id and o.span.overlaps(span))


def openings_at_home(
    policy: InboxPolicy, me: Me, history: Sequence[Opening], span: Interval, absences: Sequence[Absence]
) -> tuple[Opening, ...]:
    """The same for the time between absences under `when = "always"`, where home is a stay; none under "away"."""
    return tuple(o for o in timeline(policy, me, history, span, absences) if o.absence_id == HOME)


def timeline(
    policy: InboxPolicy, me: Me, history: Sequence[Opening], span: Interval, absences: Sequence[Absence]
) -> tuple[Opening, ...]:
    """All openings that touch `span`: those of the absences and, under `when = "always"`, those at home. Where two absences
    overlap, the one that began first decides."""
    near = sorted(
        (a for a in absences if a.span.overlaps(in_utc(span).widened(_LEAD_IN, _LEAD_IN))), key=lambda a: (a.span.start, a.id)
    )
    ground = [*_all_ground(near, policy, me), *_home_ground(near, policy, me, span)]
    walked = _walk(sorted(ground, key=lambda g: g.span.start), policy, history)
    return tuple(o for o in walked if o.span.overlaps(span))


def release_now(absence: Absence | None, policy: InboxPolicy, me: Me, now: datetime) -> Opening:
    """The opening that the user asks for at this moment, to be recorded. Its index is 100 + the minute of the local day."""
    zone = _zone_at(absence, me, now)
    today = now.astimezone(ZoneInfo(zone)).date()
    minute = (now - instant(today, time(0), zone)) // timedelta(minutes=1)
    span = Interval(now.astimezone(UTC), now.astimezone(UTC) + timedelta(minutes=policy.minutes))
    return Opening(absence.id if absence else HOME, today, RELEASED_INDEX + minute, span, zone, "released")


# --- what is so now ---------------------------------------------------------------------------------------------------


def hold_since(openings: Sequence[Opening], now: datetime, absence: Absence | None) -> datetime | None:
    """The instant from which arrivals are held now: the end of the last opening, or the start of the absence; None where the
    inbox is open. Without an absence it is the end of the last opening at home; `openings` must then hold those of a trip
    just ended too (`timeline` does), else mail that was released there would be held again."""
    if _current(openings, now) or (absence and now not in absence.span):
        return None
    ends = [o.span.end for o in openings if o.span.end <= now]
    if absence:
        ends.append(absence.span.start)
    return max(ends, default=None)


def state(absence: Absence | None, openings: Sequence[Opening], now: datetime, released: Sequence[Opening] = ()) -> InboxState:
    """Open or held, until when and why. `openings` as of `openings` or `timeline`, `released` by hand and not among them."""
    known = sorted({*openings, *released}, key=lambda o: o.span.start)
    following = next((o for o in known if o.span.start > now), None)
    if current := _current(known, now):
        return InboxState(False, _why_open(current), None, current.span.end, current, following)
    since = hold_since(known, now, absence)
    if since is None:
        return InboxState(False, "you are not away", following=following)
    until = min((m for m in (following and following.span.start, absence and absence.span.end) if m), default=None)
    return InboxState(True, _why_held(following, until), since, until, None, following)


def _current(openings: Iterable[Opening], now: datetime) -> Opening | None:
    return max((o for o in openings if now in o.span), key=lambda o: o.span.end, default=None)


def _why_open(opening: Opening) -> str:
    if opening.reason == "released":
        return "you released it"
    local = opening.span.start.astimezone(ZoneInfo(opening.zone))
    return f"{'catch-up' if opening.reason == 'catch-up' else 'window'} of {local:%H:%M} ({opening.zone})"


def _why_held(following: Opening | None, until: datetime | None) -> str:
    if following is None or until != following.span.start:
        return "held until you are back"
    return f"held until {following.span.start.astimezone(ZoneInfo(following.zone)):%a %H:%M} ({following.zone})"


def _zone_at(absence: Absence | None, me: Me, now: datetime) -> str:
    """The zone of the stay that began last: in transit one keeps the zone one came from."""
    begun = [s for s in (absence.stays if absence else ()) if s.span.start <= now]
    return begun[-1].zone if begun else me.home_zone


# --- where one is on the ground ---------------------------------------------------------------------------------------


def _ground(absence: Absence, policy: InboxPolicy, me: Me) -> Iterator[_Ground]:
    """The stays of an absence less the time at airports. An end that is the absence's own needs no such margin."""
    whole = in_utc(absence.span)
    held_since = whole.start - _LEAD_IN if policy.when == "always" else whole.start
    stays = [(in_utc(s.span), s.zone) for s in absence.stays] or [(whole, me.home_zone)]
    for stay, zone in stays:
        start = stay.start + AFTER_ARRIVAL if stay.start > whole.start else whole.start
        end = stay.end - BEFORE_DEPARTURE if stay.end < whole.end else whole.end
        if start < end:
            yield _Ground(Interval(start, end), zone, absence.id, held_since)


def _lead_in(absence: Absence, policy: InboxPolicy, me: Me) -> Iterator[_Ground]:
    """Under "always" there were openings at home before; the first ones of the absence keep their distance from these."""
    if policy.when == "always":
        away = in_utc(absence.span)
        start = away.start - _LEAD_IN
        yield _Ground(Interval(start, away.start), me.home_zone, HOME, start)


def _all_ground(absences: Sequence[Absence], policy: InboxPolicy, me: Me) -> Iterator[_Ground]:
    earlier: list[Interval] = []
    for absence in absences:
        for ground in _ground(absence, policy, me):
            for piece in subtract(ground.span, earlier):
                yield _Ground(piece, ground.zone, ground.absence_id, ground.held_since)
        earlier.append(in_utc(absence.span))


def _home_ground(absences: Sequence[Absence], policy: InboxPolicy, me: Me, span: Interval) -> Iterator[_Ground]:
    if policy.when == "always":
        away = [in_utc(a.span) for a in absences]
        wanted = in_utc(span).widened(_LEAD_IN, _LEAD_IN)
        start = min([wanted.start, *(a.start - _LEAD_IN for a in away)])
        for piece in subtract(Interval(start, wanted.end), away):
            yield _Ground(piece, me.home_zone, HOME, start)


# --- the walk ---------------------------------------------------------------------------------------------------------


class _Taken:
    """The openings so far. Facts are there from the beginning, so that nothing is put too close before one either."""

    def __init__(self, facts: Sequence[Opening]) -> None:
        self.all: list[Opening] = []
        self.starts: list[datetime] = []
        self._by_window: dict[tuple[date, int], list[datetime]] = {}
        for fact in facts:
            self.add(fact)

    def add(self, opening: Opening) -> None:
        self.all.append(opening)
        insort(self.starts, opening.span.start)
        if opening.reason != "released":
            self._by_window.setdefault((opening.local_date, opening.index), []).append(opening.span.start)

    def admits(self, at: datetime, day: date, index: int, ground: _Ground) -> bool:
        """Not within 3 h of another opening; the same window only in another stay and 14 h away."""
        place = bisect_left(self.starts, at)
        same = self._by_window.get((day, index), ())
        return all(abs(at - near) >= APART for near in self.starts[max(0, place - 1) : place + 1]) and all(
            other not in ground.span and abs(at - other) >= REOPENS_AFTER for other in same
        )

    def last(self, at: datetime, otherwise: datetime) -> datetime:
        place = bisect_right(self.starts, at)
        return max(self.starts[place - 1], otherwise) if place else otherwise

    def within(self, span: Interval) -> list[datetime]:
        return self.starts[bisect_left(self.starts, span.start) : bisect_left(self.starts, span.end)]


def _walk(grounds: Sequence[_Ground], policy: InboxPolicy, history: Sequence[Opening]) -> list[Opening]:
    taken = _Taken(history)
    for ground in grounds:
        nominals = _nominals(ground, policy.windows)
        _open_on_arrival(ground, policy, nominals, taken)
        _open_nominals(ground, policy, nominals, taken)
        _break_silence(ground, policy, nominals, taken)
    return sorted(taken.all, key=lambda o: (o.span.start, o.index))


def _nominals(ground: _Ground, windows: Sequence[time]) -> list[_Nominal]:
    """All nominal times of the dates that the stay touches and of the day after, sorted."""
    days = days_of(ground.span.widened(timedelta(0), timedelta(days=1)), ground.zone)
    found = (_Nominal(instant(day, at, ground.zone), day, index) for day in days for index, at in enumerate(windows))
    return sorted(found, key=lambda n: (n.at, n.index))


def _open_nominals(ground: _Ground, policy: InboxPolicy, nominals: Sequence[_Nominal], taken: _Taken) -> None:
    for nominal in nominals:
        if nominal.at in ground.span and taken.admits(nominal.at, nominal.day, nominal.index, ground):
            taken.add(_opening(nominal, nominal.at, ground, policy))


def _opening(window: _Nominal, at: datetime, ground: _Ground, policy: InboxPolicy) -> Opening:
    """A window closes early at the end of its stay."""
    span = Interval(at, min(at + timedelta(minutes=policy.minutes), ground.span.end))
    reason: Literal["nominal", "catch-up"] = "nominal" if at == window.at else "catch-up"
    return Opening(ground.absence_id, window.day, window.index, span, ground.zone, reason)


def _open_on_arrival(ground: _Ground, policy: InboxPolicy, nominals: Sequence[_Nominal], taken: _Taken) -> None:
    start = ground.span.start
    coming = next(n.at for n in nominals if n.at >= start)
    if missed := _missed(start, coming, ground, nominals, taken):
        taken.add(_opening(missed, start, ground, policy))


def _missed(at: datetime, coming: datetime, ground: _Ground, nominals: Sequence[_Nominal], taken: _Taken) -> _Nominal | None:
    """The window that a catch-up at this moment may use up: the latest of today that has passed; None where there is none, or
    it is too early, too late at night, or too close to the last opening or the next."""
    local = at.astimezone(ZoneInfo(ground.zone))
    earliest, latest = CATCH_UP_HOURS
    if at - taken.last(at, ground.held_since) < CATCH_UP_AFTER or coming - at < APART or not earliest <= local.time() < latest:
        return None
    passed = [n for n in nominals if n.day == local.date() and n.at < at]
    return passed[-1] if passed and taken.admits(at, passed[-1].day, passed[-1].index, ground) else None


def _break_silence(ground: _Ground, policy: InboxPolicy, nominals: Sequence[_Nominal], taken: _Taken) -> None:
    marks = [ground.span.start, *taken.within(ground.span), ground.span.end]
    waiting = [Interval(a, b) for a, b in pairwise(marks)]
    while waiting:
        quiet = waiting.pop(0)
        broken = _broken(quiet, ground, nominals, taken) if quiet.length > SILENCE else None
        if broken is not None:
            at, missed = broken
            taken.add(_opening(missed, at, ground, policy))
            waiting.insert(0, Interval(at, quiet.end))  # may still be longer than a day


def _broken(
    quiet: Interval, ground: _Ground, nominals: Sequence[_Nominal], taken: _Taken
) -> tuple[datetime, _Nominal] | None:  # fmt: skip
    for at in _moments(quiet, ground, taken):
        if missed := _missed(at, quiet.end, ground, nominals, taken):
            return at, missed
    return None


def _moments(quiet: Interval, ground: _Ground, taken: _Taken) -> list[datetime]:
    """The moments at which a condition of the catch-up can become true."""
    mornings = [instant(day, CATCH_UP_HOURS[0], ground.zone) for day in days_of(quiet, ground.zone)]
    unlocked = [start + REOPENS_AFTER for start in taken.within(quiet.widened(REOPENS_AFTER, timedelta(0)))]
    rested = taken.last(quiet.start, ground.held_since) + CATCH_UP_AFTER
    return sorted(m for m in {*mornings, *unlocked, rested} if m in quiet)
