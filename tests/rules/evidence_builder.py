"""Evidence as the detector would hand it over, in few words: `flight("2026-11-09 07:00", BER, "10:45", LIS)`. Times are wall
times of the place they are at."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from rules.interval import Interval
from rules.model import Evidence, EvidenceKind, OccurrenceKey, Place, Verdict

HOME_ZONE = "Europe/Berlin"
BERLIN = Place("Berlin", "Europe/Berlin", city="Berlin", country="DE", latitude=52.52, longitude=13.41)
BER = Place("Berlin Brandenburg", "Europe/Berlin", city="Berlin", country="DE", code="BER", latitude=52.36, longitude=13.50)
FRA = Place("Frankfurt", "Europe/Berlin", city="Frankfurt", country="DE", code="FRA", latitude=50.03, longitude=8.57)
LEJ = Place("Leipzig/Halle", "Europe/Berlin", city="Leipzig", country="DE", code="LEJ", latitude=51.42, longitude=12.24)
MUC = Place("Munich", "Europe/Berlin", city="Munich", country="DE", code="MUC", latitude=48.35, longitude=11.79)
LIS = Place("Lisbon Airport", "Europe/Lisbon", city="Lisbon", country="PT", code="LIS", latitude=38.77, longitude=-9.13)
LISBON = Place("Lisbon", "Europe/Lisbon", city="Lisbon", country="PT", latitude=38.72, longitude=-9.14)
PORTO = Place("Porto", "Europe/Lisbon", city="Porto", country="PT", latitude=41.15, longitude=-8.61)
EWR = Place("Newark", "America/New_York", city="Newark", country="US", code="EWR", latitude=40.69, longitude=-74.17)
NEW_YORK = Place("New York", "America/New_York", city="New York", country="US", latitude=40.71, longitude=-74.01)
SFO = Place(
    "San Francisco", "America/Los_Angeles", city="San Francisco", country="US", code="SFO", latitude=37.6, longitude=-122.4
)
NRT = Place("Narita", "Asia/Tokyo", city="Tokyo", country="JP", code="NRT", latitude=35.76, longitude=140.39)
AKL = Place("Auckland", "Pacific/Auckland", city="Auckland", country="NZ", code="AKL", latitude=-37.0, longitude=174.8)
HNL = Place("Honolulu", "Pacific/Honolulu", city="Honolulu", country="US", code="HNL", latitude=21.3, longitude=-157.9)
PARIS = Place("Paris Est", "Europe/Paris", city="Paris", country="FR", latitude=48.88, longitude=2.36)
HAMBURG = Place("Hamburg Hbf", "Europe/Berlin", city="Hamburg", country="DE", latitude=53.55, longitude=10.0)


def at(text: str, zone: str = HOME_ZONE) -> datetime:
    """ "2026-11-09 07:00" in that zone, as UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def hashed(*parts: object) -> str:
    return hashlib.sha256("|".join(map(str, parts)).encode()).hexdigest()[:16]


def evidence(
    summary: str,
    span: Interval,
    kind: EvidenceKind,
    *,
    verdict: Verdict = "trip",
    confidence: float = 0.9,
    all_day: bool = False,
    calendar: str = "work",
    uid: str = "",
    recurrence: str = "",
    origin: Place | None = None,
    destination: Place | None = None,
    machine: bool = False,
    identity: str | None = None,
    wants_question: bool = False,
    cancelled: bool = False,
    colleague: str = "",
) -> Evidence:
    content = hashed(summary, span.start.astimezone(UTC), span.end.astimezone(UTC), destination and destination.name)
    return Evidence(
        key=OccurrenceKey(calendar, uid or f"uid-{content}", recurrence),
        summary=summary,
        span=span,
        all_day=all_day,
        verdict=verdict,
        confidence=confidence,
        because=(f"{kind.value} in the title",),
        kind=kind,
        origin=origin,
        destination=destination,
        machine=machine,
        identity=content if identity is None else identity,
        wants_question=wants_question,
        cancelled=cancelled,
        colleague=colleague,
    )


def _arrival(depart: str, arrive: str, there: Place | None) -> datetime:
    whole = arrive if len(arrive) > 5 else f"{depart[:10]} {arrive}"
    return at(whole, there.zone if there else HOME_ZONE)


def leg(kind: EvidenceKind, depart: str, origin: Place | None, arrive: str, there: Place | None, **more: object) -> Evidence:
    span = Interval(at(depart, origin.zone if origin else HOME_ZONE), _arrival(depart, arrive, there))
    route = f"{origin.code or origin.name if origin else '?'} → {there.code or there.name if there else '?'}"
    summary = str(more.pop("summary", f"{kind.value} {route}"))
    return evidence(summary, span, kind, **({"origin": origin, "destination": there} | more))  # type: ignore[arg-type]


def flight(depart: str, origin: Place | None, arrive: str, there: Place | None, **more: object) -> Evidence:
    return leg(EvidenceKind.FLIGHT, depart, origin, arrive, there, **more)


def train(depart: str, origin: Place | None, arrive: str, there: Place | None, **more: object) -> Evidence:
    return leg(EvidenceKind.RAIL, depart, origin, arrive, there, **more)


def days(first: str, last: str = "", zone: str = HOME_ZONE) -> Interval:
    """Whole days, both inclusive."""
    start, end = date.fromisoformat(first), date.fromisoformat(last or first) + timedelta(days=1)
    return Interval(*(datetime.combine(d, time(0), ZoneInfo(zone)).astimezone(UTC) for d in (start, end)))


def whole(summary: str, kind: EvidenceKind, first: str, last: str = "", zone: str = HOME_ZONE, **more: object) -> Evidence:
    return evidence(summary, days(first, last, zone), kind, all_day=True, **more)  # type: ignore[arg-type]


def out_of_office(first: str, last: str = "", **more: object) -> Evidence:
    return whole(
        "Out of office",
        EvidenceKind.OUT_OF_OFFICE,
        first,
        last,
        **({"verdict": "leave", "machine": True, "confidence": 0.95} | more),
    )


def vacation(first: str, last: str = "", **more: object) -> Evidence:
    return whole("Urlaub", EvidenceKind.LEAVE, first, last, **({"verdict": "vacation", "confidence": 0.92} | more))


def hotel(first: str, last: str, there: Place, **more: object) -> Evidence:
    """Whole days from check-in to check-out."""
    return whole(f"Hotel reservation: {there.city}", EvidenceKind.LODGING, first, last, **({"destination": there} | more))


def lisbon() -> list[Evidence]:
    """Six entries for one trip, 9–13 November 2026, home again after midnight."""
    return [
        out_of_office("2026-11-09", "2026-11-13", verdict="trip"),
        flight("2026-11-09 07:00", BER, "10:00", LIS, machine=True, confidence=0.95, summary="Flight to Lisbon (TP 533)"),
        flight("2026-11-13 18:50", LIS, "23:20", BER, machine=True, confidence=0.95, summary="Flight to Berlin (TP 538)"),
        hotel("2026-11-09", "2026-11-13", LISBON, confidence=0.92),
        whole("Web Summit", EvidenceKind.CONFERENCE, "2026-11-10", "2026-11-12", destination=LISBON, confidence=0.88),
        whole(
            "Lisbon, Portugal, November 2026",
            EvidenceKind.TRIP_BLOCK,
            "2026-11-09",
            "2026-11-13",
            destination=LISBON,
            machine=True,
            confidence=0.95,
        ),
    ]
