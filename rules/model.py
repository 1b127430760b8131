"""The nouns of homeward: frozen values that every other file of `rules` takes and gives. No decision is made here."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Literal

from msgspec import Struct, field

from rules.interval import Interval, instant, require_aware

CalendarRole = Literal["mine", "family", "team", "travel", "ignore"]
AbsenceKind = Literal["trip", "vacation", "family-vacation", "leave", "focus"]
Verdict = Literal["trip", "vacation", "family-vacation", "leave", "focus", "supporting", "colleague", "neither"]
Action = Literal["act", "private-only", "ask", "none"]
PartStat = Literal["NEEDS-ACTION", "ACCEPTED", "DECLINED", "TENTATIVE", "DELEGATED"]


# --- places -----------------------------------------------------------------------------------------------------------


class Place(Struct, frozen=True):
    """Somewhere on Earth. `zone` is an IANA name; `country` ISO 3166-1 alpha-2 or ""; `code` an IATA airport code or "";
    `city` is the settlement's name without a country, the thing that two places are compared by."""

    name: str
    zone: str
    city: str = ""
    country: str = ""
    code: str = ""
    latitude: float | None = None
    longitude: float | None = None


# --- what a calendar says ---------------------------------------------------------------------------------------------


class Attendee(Struct, frozen=True):
    """ATTENDEE or ORGANIZER (RFC 5545 3.8.4). `address` is lower-case without `mailto:`."""

    address: str
    name: str = ""
    partstat: str = "NEEDS-ACTION"
    role: str = "REQ-PARTICIPANT"
    kind: str = "INDIVIDUAL"  # CUTYPE: INDIVIDUAL, GROUP, RESOURCE, ROOM


class OccurrenceKey(Struct, frozen=True, order=True):
    """Identity of one happening. `recurrence_id` is "" for a single event, else the original start as UTC
    `YYYYMMDDTHHMMSSZ`, or `YYYYMMDD` for a date (and `YYYYMMDDTHHMMSS` for a floating time)."""

    calendar_id: str
    uid: str
    recurrence_id: str = ""


class Occurrence(Struct, frozen=True):
    """One happening of one event. Whole days (`all_day`) start and end at midnight of the home zone; `end` is exclusive.
    Text is what the calendar says, unchanged: hostile until rendered."""

    key: OccurrenceKey
    role: CalendarRole
    start: datetime
    end: datetime
    all_day: bool = False
    summary: str = ""
    location: str = ""
    description: str = ""
    categories: tuple[str, ...] = ()
    zone: str = ""  # IANA name the start was written in; "" where floating or a date
    status: str = ""  # STATUS: CONFIRMED, TENTATIVE, CANCELLED, or "" where the calendar says nothing
    transparent: bool = False
    private: bool = False  # CLASS:PRIVATE or CONFIDENTIAL
    organizer: Attendee | None = None
    attendees: tuple[Attendee, ...] = ()
    geo: tuple[float, float] | None = None
    event_type: str = ""  # Google: default, outOfOffice, focusTime, workingLocation, fromGmail, birthday; freeBusy: a time alone
    busy_status: str = ""  # X-MICROSOFT-CDO-BUSYSTATUS: FREE, TENTATIVE, BUSY, OOF, WORKINGELSEWHERE
    calendar_name: str = ""
    product: str = ""  # PRODID of the calendar it came in
    recurring: bool = False
    sequence: int = 0
    marker: str = ""  # value of X-HOMEWARD: the id of the change that wrote it; "" where it is not ours
    fingerprint: str = ""  # of the content as the backend stores it; changes when anybody edits the occurrence

    def __post_init__(self) -> None:
        require_aware(self.start, "start")
        require_aware(self.end, "end")

    @property
    def span(self) -> Interval:
        return Interval(self.start, self.end if instant(self.end) > instant(self.start) else self.start)


class Problem(Struct, frozen=True):
    """Something that could not be read: where (calendar and event) and why, in words. The rest was read."""

    calendar_id: str
    where: str
    because: str


# --- detection --------------------------------------------------------------------------------------------------------


class EvidenceKind(StrEnum):
    FLIGHT = "flight"
    RAIL = "rail"
    FERRY = "ferry"
    CAR = "car"
    LODGING = "lodging"
    TRIP_BLOCK = "trip-block"
    CONFERENCE = "conference"
    OUT_OF_OFFICE = "out-of-office"
    LEAVE = "leave"
    PLACE = "place"
    BLOCK = "block"  # an unexplained block of days
    DECLARED = "declared"  # the user said so: `homeward trip`
    NONE = "none"


class Evidence(Struct, frozen=True):
    """What one occurrence says about where the leader is. `confidence` 0–1. `machine` is true for a marker set by a machine
    (outOfOffice, OOF, TripIt, Gmail flight). `identity` is a hash of title, place and times: it survives a new UID.
    `span` is what the entry covers; for a leg it is departure to arrival. `wants_question` marks what must be asked
    whatever its confidence (a conference in the home city)."""

    key: OccurrenceKey
    summary: str
    span: Interval
    all_day: bool
    verdict: Verdict
    confidence: float
    because: tuple[str, ...]
    kind: EvidenceKind = EvidenceKind.NONE
    origin: Place | None = None
    destination: Place | None = None
    machine: bool = False
    identity: str = ""
    colleague: str = ""  # name or address, where the verdict is "colleague"
    wants_question: bool = False
    cancelled: bool = False  # the entry is still there and says that it does not happen (cancelled or declined)
    private: bool = False


class Leg(Struct, frozen=True):
    """One movement, `depart` to `arrive` as the ticket says (no door-to-door margins)."""

    mode: Literal["flight", "rail", "ferry", "car"]
    depart: datetime
    arrive: datetime
    origin: Place | None
    destination: Place | None


class Stay(Struct, frozen=True):
    """On the ground in one time zone."""

    span: Interval
    zone: str
    place: Place | None = None


class Absence(Struct, frozen=True):
    """The leader is away, door to door over `span`. `id` is [a-z0-9-]. `stays` are sorted and disjoint; between two of them
    the leader is in transit and keeps the zone of the stay before. `open_ended`: no return leg is known.
    `nights` are counted in the home zone. `sources` are machine markers or independent items."""

    id: str
    kind: AbsenceKind
    span: Interval
    nights: int
    confidence: float
    action: Action
    title: str
    because: tuple[str, ...]
    evidence: tuple[Evidence, ...] = ()
    legs: tuple[Leg, ...] = ()
    stays: tuple[Stay, ...] = ()
    destination: Place | None = None
    open_ended: bool = False
    declared: bool = False
    with_family: bool = False
    cover: tuple[str, ...] = ()  # person ids the user named for this absence, first choice before the rules'
    owes: float | None = None  # hours, where the user said so


class Declared(Struct, frozen=True):
    """An absence that the user announced by `homeward trip`. Dates are inclusive, in the home zone unless `depart` and
    `arrive_home` give the exact instants."""

    id: str
    title: str
    first: date
    last: date
    kind: AbsenceKind = "trip"
    place: Place | None = None
    cover: tuple[str, ...] = ()
    with_family: bool = False
    owes: float | None = None


class Said(Struct, frozen=True):
    """What the user decided about an absence. `verb` confirm | dismiss | undo | back | extend | leave. `moment` is the new
    return (back, extend) or departure (leave). `identities` are those of the evidence at that time, so that the answer
    survives new UIDs. The latest of a kind wins."""

    absence_id: str
    verb: Literal["confirm", "dismiss", "undo", "back", "extend", "leave"]
    at: datetime
    moment: datetime | None = None
    identities: tuple[str, ...] = ()


class KnownAbsence(Struct, frozen=True):
    """What the ledger remembers of an absence: enough to recognise it, and to go on with it if its evidence vanishes."""

    id: str
    span: Interval
    keys: tuple[OccurrenceKey, ...]
    identities: tuple[str, ...]
    minted: datetime
    evidence: tuple[Evidence, ...] = ()


# --- people and meetings ----------------------------------------------------------------------------------------------


class Turn(Struct, frozen=True):
    """One hosted meeting in the recorded history. `weight` in meetings (a training may be 2.0). `pool` are the ids of all who
    could have hosted it, the host among them; `gave_back` those who had accepted it before. `title` is "" where it is private
    or not known."""

    person_id: str
    meeting_id: str
    at: datetime
    weight: float = 1.0
    pool: tuple[str, ...] = ()
    gave_back: tuple[str, ...] = ()
    title: str = ""


class SetTurn(Struct, frozen=True):
    """The leader has said by hand, at `at`, whose the next turn of a meeting is."""

    meeting_id: str
    person_id: str
    at: datetime


AnswerState = Literal["asked", "accepted", "declined"]


class Assignment(Struct, frozen=True):
    """What the ledger knows about hosting of one occurrence within one absence. `declined_by` and `silent`, who did not
    answer in time, never get asked again for it; `gave_back` had accepted first.
    `added` is true where homeward put the deputy on the attendee list. `effect` is the id of the HostItem, minted at the first
    request: it stays when the calendar issues a new UID. `late` are those of `silent` who said yes once another was asked."""

    absence_id: str
    key: OccurrenceKey
    person_id: str
    state: AnswerState
    asked_at: datetime
    declined_by: tuple[str, ...] = ()
    added: bool = False
    effect: str = ""
    silent: tuple[str, ...] = ()
    gave_back: tuple[str, ...] = ()
    late: tuple[str, ...] = ()

    @property
    def refused(self) -> tuple[str, ...]:
        """Everybody who was asked in vain. Of them only who was late is asked again, when nobody else is left."""
        return (*self.declined_by, *self.silent)


# --- mail -------------------------------------------------------------------------------------------------------------


class Envelope(Struct, frozen=True):
    """The part of a message that decisions need. `id` is the backend's handle; addresses are lower-case; `headers` maps
    lower-case names to the first value; `received` is the delivery time."""

    id: str
    message_id: str
    sender: str
    subject: str
    received: datetime
    to: tuple[str, ...] = ()
    cc: tuple[str, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    text: str = ""  # at most the first 4,000 characters of the plain text; "" where not fetched


class Opening(Struct, frozen=True):
    """One opening of the inbox. `local_date` and `index` identify it; `reason` says why at this time."""

    absence_id: str
    local_date: date
    index: int
    span: Interval
    zone: str
    reason: Literal["nominal", "catch-up", "released"] = "nominal"
