"""What others did to the leader's calendars while the leader was away: moved, cancelled, new, and invitations that nobody has
answered. Compared with how the calendars stood at the departure; what homeward wrote itself and what is private is left out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from msgspec import Struct

from rules.interval import Interval
from rules.meetings import bare_title, is_mine
from rules.model import Absence, Occurrence, OccurrenceKey
from rules.page import Line
from rules.policy import Me
from rules.telling import printable, stretch


class Stood(Struct, frozen=True):
    """One happening as it stood. Of a private one only that it was there."""

    key: OccurrenceKey
    title: str
    span: Interval
    private: bool = False


class Departure(Struct, frozen=True):
    """The leader's own calendars at `at`, just before leaving. Nothing is known of what begins at `until` or later."""

    at: datetime
    until: datetime
    entries: tuple[Stood, ...]


def as_it_stood(occurrences: Iterable[Occurrence], absence: Absence, at: datetime, until: datetime) -> Departure:
    """What a digest of this absence will need to know, and nothing else."""
    known = [o for o in occurrences if o.role == "mine" and o.end > absence.span.start and o.start < until]
    return Departure(at, until, tuple(_stood(o) for o in sorted(known, key=lambda o: (o.start, o.key)) if not _is_gone(o)))


def _stood(occurrence: Occurrence) -> Stood:
    title = "" if occurrence.private else printable(bare_title(occurrence), 200)
    return Stood(occurrence.key, title, occurrence.span, occurrence.private)


def _is_gone(occurrence: Occurrence) -> bool:
    return occurrence.status == "CANCELLED"


class Change(Struct, frozen=True):
    """`before` None: it is new; `after` None: it was cancelled."""

    key: OccurrenceKey
    title: str
    before: Interval | None
    after: Interval | None


def changes(
    departure: Departure, occurrences: Sequence[Occurrence], absence: Absence, unread: frozenset[str]
) -> tuple[Change, ...]:
    """In order of time. `unread` are ids of calendars that cannot be read now: nothing is said of those."""
    now = {o.key: o for o in occurrences if o.role == "mine" and not _is_gone(o)}
    before = {stood.key: stood for stood in departure.entries}
    ours = {o.key for o in now.values() if o.marker and o.key not in before}
    travel = {evidence.key for evidence in absence.evidence}
    hidden = {key for key, o in now.items() if o.private} | {key for key, stood in before.items() if stood.private}
    keys = [k for k in {**before, **now} if k not in ours | travel | hidden and k.calendar_id not in unread]
    found = [_change(key, before.get(key), now.get(key)) for key in keys]
    told = [change for change in found if change and _is_known(change, departure, absence)]
    return tuple(sorted(_without_renamed(told), key=lambda c: (_span(c).start, c.title, c.key)))


def _change(key: OccurrenceKey, stood: Stood | None, now: Occurrence | None) -> Change | None:
    after = now.span if now else None
    if stood is None:
        return Change(key, bare_title(now), None, after) if now else None
    return None if stood.span == after else Change(key, stood.title, stood.span, after)


def _span(change: Change) -> Interval:
    """Where it is now, else where it was."""
    span = change.after or change.before
    assert span is not None
    return span


def _is_known(change: Change, departure: Departure, absence: Absence) -> bool:
    """Within what was seen at the departure: what lies beyond is neither new nor gone."""
    spans = [span for span in (change.before, change.after) if span is not None]
    return any(absence.span.start < span.end and span.start < departure.until for span in spans)


def _without_renamed(found: Sequence[Change]) -> list[Change]:
    """A calendar may issue new UIDs for the same things: what went and came with the same title and time did neither."""
    came = {(c.title, c.after) for c in found if c.before is None}
    went = {(c.title, c.before) for c in found if c.after is None}
    same = came & went
    return [c for c in found if (c.title, _span(c)) not in same or (c.before and c.after)]


def change_lines(found: Iterable[Change], zone: str) -> list[Line]:
    """A line for each, and one for a series of which several were changed alike."""
    groups: dict[tuple[str, str, str, str], list[Change]] = {}
    for change in found:
        groups.setdefault((change.key.calendar_id, change.key.uid, change.title, _verb(change)), []).append(change)
    return [
        Line(printable(title) or "an entry without a title", _group(verb, group, zone))
        for (_, _, title, verb), group in groups.items()
    ]


def _verb(change: Change) -> str:
    if change.before is None:
        return "new"
    return "moved" if change.after else "cancelled"


def _group(verb: str, group: Sequence[Change], zone: str) -> str:
    first = group[0]
    if first.before and first.after:
        words = f"moved from {stretch(first.before, zone)} to {stretch(first.after, zone)}"
    else:
        words = f"{verb}, {stretch(_span(first), zone)}"
    return words + (f" and {len(group) - 1} more of the series" if len(group) > 1 else "")


# --- invitations ------------------------------------------------------------------------------------------------------


def invitations(
    occurrences: Sequence[Occurrence], departure: Departure | None, me: Me, now: datetime
) -> tuple[tuple[Occurrence, int], ...]:
    """What others have invited the leader to since the departure, is ahead, and has no answer: the first of each series, and how
    many there are of it."""
    known = {stood.key.uid for stood in departure.entries} if departure else set()
    open_ = [o for o in occurrences if o.key.uid not in known and o.end > now and _is_unanswered(o, me)]
    series: dict[tuple[str, str], list[Occurrence]] = {}
    for occurrence in sorted(open_, key=lambda o: (o.start, o.key)):
        series.setdefault((occurrence.key.calendar_id, occurrence.key.uid), []).append(occurrence)
    return tuple((group[0], len(group)) for group in series.values())


def _is_unanswered(occurrence: Occurrence, me: Me) -> bool:
    if occurrence.role != "mine" or _is_gone(occurrence) or occurrence.marker:
        return False
    organizer = occurrence.organizer
    mine = next((a for a in occurrence.attendees if is_mine(a.address, me)), None)
    return organizer is not None and not is_mine(organizer.address, me) and mine is not None and mine.partstat == "NEEDS-ACTION"


def invitation_lines(found: Iterable[tuple[Occurrence, int]], zone: str) -> list[Line]:
    return [_invitation(occurrence, count, zone) for occurrence, count in found]


def _invitation(occurrence: Occurrence, count: int, zone: str) -> Line:
    title = "a private entry" if occurrence.private else printable(occurrence.summary) or "an entry without a title"
    organizer = occurrence.organizer
    who = f" from {printable(organizer.name or organizer.address, 60)}" if organizer and not occurrence.private else ""
    more = f" and {count - 1} more of the series" if count > 1 else ""
    return Line(title, f"{stretch(occurrence.span, zone)}{more}{who}")


def moved(departure: Departure | None, spans: Mapping[OccurrenceKey, Interval]) -> dict[OccurrenceKey, Interval]:
    """Of these happenings, when those that were moved would have been."""
    before = departure.entries if departure else ()
    return {s.key: s.span for s in before if s.key in spans and s.span != spans[s.key]}
