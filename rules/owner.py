"""What a stranger's calendar tells about its owner, where nobody said it: the city that journeys begin and end in, and the
address that is on most invitations. Guesses only, used where the user told nothing; never for what is written to a config."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from itertools import pairwise

from rules import journey, place
from rules.model import Evidence, Occurrence, Place

_CERTAIN = 0.85  # confidence from which a ticket is believed
_BEYOND = timedelta(days=30)  # counted for the time before the first ticket and after the last
_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_SHARE = 0.6  # of the entries with attendees
_FEW = 3


def likely_home(evidence: Sequence[Evidence], zone: str) -> Place | None:
    """Where the owner is between journeys for the longest, among the places in `zone`; None where no ticket tells."""
    tickets = sorted((e for e in evidence if _believed(e)), key=journey.order)
    spent: list[tuple[Place, timedelta]] = []
    if tickets:
        ends = (tickets[0].origin, _BEYOND), (tickets[-1].destination, _BEYOND)
        between = ((one.destination, max(other.span.start - one.span.end, timedelta())) for one, other in _connected(tickets))
        spent = [(where, long) for where, long in (*ends, *between) if where and where.city and where.zone == zone]
    totals = [(sum((long for at, long in spent if place.same_place(at, where)), timedelta()), where) for where, _ in spent]
    return max(totals, key=lambda found: (found[0], found[1].name))[1] if totals else None


def _believed(e: Evidence) -> bool:
    return e.verdict == "trip" and e.confidence >= _CERTAIN and journey.is_leg(e)


def _connected(tickets: Sequence[Evidence]) -> list[tuple[Evidence, Evidence]]:
    """Pairs that follow each other where the second goes on from the place that the first came to."""
    return [(one, other) for one, other in pairwise(tickets) if place.same_place(one.destination, other.origin)]


def likely_address(occurrences: Sequence[Occurrence]) -> str:
    """The calendar's own name where that is an address (Google writes it so), else the address on most invitations; "" where
    none stands out."""
    names = Counter(o.calendar_name.lower() for o in occurrences if _ADDRESS.fullmatch(o.calendar_name))
    if names:
        return names.most_common(1)[0][0]
    invited = [{a.address for a in (*o.attendees, o.organizer) if a} for o in _one_of_each(occurrences) if o.attendees]
    counted = Counter(address for entry in invited for address in entry)
    address, times = max(counted.items(), key=lambda found: (found[1], found[0]), default=("", 0))
    return address if len(invited) >= _FEW and times >= _SHARE * len(invited) else ""


def _one_of_each(occurrences: Sequence[Occurrence]) -> Sequence[Occurrence]:
    return tuple({o.key.uid: o for o in occurrences}.values())
