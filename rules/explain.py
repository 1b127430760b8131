"""The words a person reads: dates, places, one line per absence, and why. Everything from a calendar passes through `printable`,
so that no entry can move the cursor, reverse the text or run away over many lines. It decides nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from rules.interval import Interval
from rules.model import Absence, AbsenceKind, Action, Evidence, EvidenceKind, Place, Verdict
from rules.place import Whereabouts, last_date, local_date
from rules.telling import at, printable

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
LONGEST_TITLE = 80  # characters of a foreign title that are shown

KIND_WORDS: dict[AbsenceKind, str] = {
    "trip": "Trip",
    "vacation": "Vacation",
    "family-vacation": "Family vacation",
    "leave": "Leave",
    "focus": "Conference at home",
}
ACTION_WORDS: dict[Action, str] = {
    "act": "all changes are planned",
    "private-only": "only the inbox and the autoreply are planned; hosts wait for your yes",
    "ask": "nothing is planned until you say yes",
    "none": "nothing is planned",
}
EVIDENCE_WORDS: dict[EvidenceKind, str] = {
    EvidenceKind.FLIGHT: "a flight",
    EvidenceKind.RAIL: "a train",
    EvidenceKind.FERRY: "a ferry",
    EvidenceKind.CAR: "a drive",
    EvidenceKind.LODGING: "a place to sleep",
    EvidenceKind.TRIP_BLOCK: "a trip entry",
    EvidenceKind.CONFERENCE: "a conference",
    EvidenceKind.OUT_OF_OFFICE: "an out-of-office entry",
    EvidenceKind.LEAVE: "a leave entry",
    EvidenceKind.PLACE: "a place for days",
    EvidenceKind.BLOCK: "a block of days",
    EvidenceKind.DECLARED: "what you said",
    EvidenceKind.NONE: "an entry",
}
_MOVING = {EvidenceKind.FLIGHT, EvidenceKind.RAIL, EvidenceKind.FERRY, EvidenceKind.CAR}
VERDICT_WORDS: dict[Verdict, str] = {
    "trip": "a trip",
    "vacation": "a vacation",
    "family-vacation": "a family vacation",
    "leave": "leave",
    "focus": "a conference or workshop at home",
    "supporting": "part of an absence, but none by itself",
    "colleague": "somebody else's absence",
    "neither": "no absence",
}


# --- text -------------------------------------------------------------------------------------------------------------


def titled(text: str) -> str:
    """A foreign title in quotes, or words for none."""
    line = printable(text, LONGEST_TITLE)
    return f"“{line}”" if line else "an entry without a title"


# --- time -------------------------------------------------------------------------------------------------------------


def day_words(day: date, year: bool = False) -> str:
    """ "9 Nov", "9 Nov 2026"."""
    return f"{day.day} {MONTHS[day.month - 1]}" + (f" {day.year}" if year else "")


def days_words(first: date, last: date, year: bool = False) -> str:
    """Both inclusive: "9 Nov", "9–14 Nov", "30 Nov – 2 Dec"; years where they differ or are wanted."""
    if first == last:
        return day_words(first, year)
    if first.year != last.year:
        return f"{day_words(first, True)} – {day_words(last, True)}"
    if first.month != last.month:
        return f"{day_words(first)} – {day_words(last, year)}"
    return f"{first.day}–{day_words(last, year)}"


def span_words(span: Interval, zone: str, today: date | None = None) -> str:
    """The local dates of a span; with the year where it is not that of `today`."""
    first, last = local_date(span.start, zone), last_date(span, zone)
    return days_words(first, last, year=today is not None and today.year != first.year)


def nights_words(nights: int) -> str:
    return {0: "no nights", 1: "1 night"}.get(nights, f"{nights} nights")


# --- places -----------------------------------------------------------------------------------------------------------


def place_words(place: Place | None) -> str:
    """The shortest name that a person uses: city, else the name, else the code; "" where unknown."""
    return printable(place.city or place.name or place.code, 40) if place else ""


def route_words(origin: Place | None, destination: Place | None) -> str:
    """ "Berlin → Lisbon", "from Berlin", "to Lisbon", "" ."""
    start, end = place_words(origin), place_words(destination)
    if start and end:
        return f"{start} → {end}"
    return f"from {start}" if start else f"to {end}" if end else ""


def whereabouts_words(where: Whereabouts) -> str:
    """One line for `status`, times in the zone the leader is in."""
    until = f" until {at(where.until, where.zone)}" if where.until else ""
    if where.state == "home":
        return "At home" + (until or ", nothing ahead")
    name = place_words(where.place)
    if where.state == "transit":
        return ("On the way" + (f" to {name}" if name else "")) + until
    return (f"In {name}" if name else "Away") + until


# --- absences ---------------------------------------------------------------------------------------------------------


def name_of(kind: AbsenceKind, destination: Place | None, declared: str = "") -> str:
    """ "Trip to Lisbon", "Vacation in Italy", "Leave". Words come from the user or from a place, never from a calendar title."""
    there, said = place_words(destination), printable(declared)
    if said and said.casefold() not in (there.casefold(), KIND_WORDS[kind].casefold()):
        return said
    if kind == "trip" and (there or said):
        return f"Trip to {there or said}"
    return KIND_WORDS[kind] + (f" in {there}" if there and kind != "focus" else "")


def one_line(absence: Absence, zone: str, today: date | None = None) -> str:
    """ "Trip to Lisbon, 9–14 Nov (4 nights)", in home time."""
    nights = f" ({nights_words(absence.nights)})" if absence.nights or absence.kind == "trip" else ""
    return f"{printable(absence.title, LONGEST_TITLE)}, {span_words(absence.span, zone, today)}{nights}"


def why_entry(evidence: Evidence, zone: str, today: date | None = None) -> tuple[str, ...]:
    """What one calendar entry was taken for, and why: a headline, then the reasons."""
    what = VERDICT_WORDS[evidence.verdict]
    if evidence.colleague:
        what += f" ({printable(evidence.colleague)})"
    sure = f", {evidence.confidence:.0%} sure" if evidence.verdict not in ("neither", "colleague") else ""
    days = span_words(evidence.span, zone, today) if evidence.all_day else _moment(evidence.span.start, zone, today)
    gone = ("It is cancelled or declined.",) if evidence.cancelled else ()
    return (f"{titled(evidence.summary)}, {days}: {what}{sure}", *_reasons(evidence), *gone)


def _moment(moment: datetime, zone: str, today: date | None) -> str:
    """With the year where it is not that of `today`."""
    words, year = at(moment, zone), local_date(moment, zone).year
    days, _, clock = words.rpartition(" ")
    return words if today is None or today.year == year else f"{days} {year} {clock}"


def _reasons(evidence: Evidence) -> tuple[str, ...]:
    """The title that a reason begins with stands above it already."""
    title = titled(evidence.summary)
    return tuple(printable(reason.removeprefix(title).removeprefix(":"), 200) for reason in evidence.because)


def _distinct(evidence: Sequence[Evidence]) -> list[Evidence]:
    """Without the copies that other calendars hold."""
    seen: dict[object, Evidence] = {}
    for item in evidence:
        seen.setdefault(item.identity or item.key, item)
    return list(seen.values())


def _where(evidence: Evidence) -> str:
    if evidence.kind in _MOVING:
        return f" {route_words(evidence.origin, evidence.destination)}".rstrip()
    there = place_words(evidence.destination)
    return f" in {there}" if there else ""


def _entry_line(evidence: Evidence) -> str:
    joins = ", only joins" if evidence.verdict == "supporting" else f", {evidence.confidence:.0%} sure"
    return f"{titled(evidence.summary)}: {EVIDENCE_WORDS[evidence.kind]}{_where(evidence)}{joins}"


def why_absence(absence: Absence, zone: str, today: date | None = None) -> tuple[str, ...]:
    """An absence and its reasons, line by line: what it is, what follows, the reasons, and each entry once."""
    door = f"Door to door {at(absence.span.start, zone)} – {at(absence.span.end, zone)}."
    head = f"{one_line(absence, zone, today)}: {ACTION_WORDS[absence.action]}"
    return (head, door, *absence.because, *entry_lines(absence))


def entry_lines(absence: Absence) -> tuple[str, ...]:
    """Each entry that it rests on, once: what it was taken for."""
    return tuple(_entry_line(evidence) for evidence in _distinct(absence.evidence))
