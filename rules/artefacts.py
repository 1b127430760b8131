"""Recognises what machines and travellers write for a ticket or a bed: flight numbers, airport pairs, rail arrows, hotels, rental
cars, and the formats of TripIt, Flighty, Gmail, Lufthansa, Deutsche Bahn and KDE Itinerary. It looks at one entry alone; whose
journey it is, and whether it is certain, `rules.evidence` decides."""

from __future__ import annotations

import re
from datetime import timedelta
from math import asin, cos, radians, sin, sqrt
from zoneinfo import ZoneInfo

from msgspec import Struct
from msgspec.structs import replace

from rules.gazetteer import Gazetteer
from rules.model import EvidenceKind, Occurrence, Place, Verdict
from rules.words import Reading, Token, fold, is_non_latin, read

SUPPORTING = 0.30  # joins an absence, asks nothing by itself
_SAME_CITY_KM = 25.0  # centres this near are one place to sleep in
_LONGEST_LEG = timedelta(hours=30)  # a flight over the date line, as written by calendars that drop the zone
_NIGHT_HOURS = timedelta(hours=6)
_NIGHT_FROM, _NIGHT_TO = 18, 5  # local hours between which a red-eye leaves
_A_MEETING = 3  # attendees; fewer may be fellow travellers


def _set(table: str) -> frozenset[str]:
    return frozenset(table.split())


_AIRLINES = _set("""
AA AC AF AI AM AS AT AV AY AZ A3 A5 BA BE BR BT B6 CA CI CM CX CZ DE DI DL DS DY D8 EI EK EN ET EW EY EZ U2 FI FR FB FZ F9 GA
GF G3 HA HG HO HU HV HX H2 IB IG I2 IZ JL JQ JU JJ JX KE KL KM KQ KU K2 LA LG LH LO LS LX LY L2 MF MH MK MS MU MM NH NK NZ NT
NE OA OK OS OU OZ PC PG PR PS PX P5 QF QR QS Q2 RJ RK RO R3 SA SK SN SQ SU SV SY S4 S7 TG TK TO TP TR TS TU TB UA UK UL UX VA
VB VF VN VS VY V7 W6 W4 W9 WF WN WS WK WY WB W5 XQ XZ X3 YM Y4 ZB ZH 3K 4U 4Y 5J 6E 7C 7G 8Q 9W AD G9 J2 JD JT KC NF OB OR O6
P0 PD PY QZ Q6 SC SG SM SS SZ 3U 4Z 5W 9C 9U
""")
_AIRLINES_LONG = _set("""
AAL ACA AFR AIC AMX ASA AUA AVA AZU BAW BEL BTI CAL CCA CES CFG CPA CSN CTN DAL DLH EIN EJU ELY ETD ETH EWG EXS EZY FDB FFT
FIN GIA GLO HAL HVN IBE IBK ICE IGO ITY JAL JBU JJP JST JTL KAL KLM KQA LAN LOT MAS MEA MSR NAX NKS NOZ NSZ PAL PGT QFA QTR
RAM RJA RYR SAS SFJ SIA SKY SNJ SVA SWA SWR SXS TAM TAP TAR THA THY TOM TRA TUI TVF TVS UAE UAL UZB VIR VJC VLG VOE VOI VOZ
VTI WJA WZZ XAX ANA APJ ADO AAR EVA CSC CXA
""")
# Designators that meetings use too (AI 101, PR 12, HR 40): a number behind them is a flight only beside a flight word or a pair.
_EVERYDAY = _set("""
AI IT PR QA HR UK AM PM OS ID VS SO SA SS SM OR OK DE DI AD TO TB AT BE CA MS PD PS EN ET A3 A5 S4 S7 P5 H2 R3 Q2 D8 U2 K2 L2
I2 G3 F9 B6 UX GA DS CM WS PG TV EY
""")

_EVERYDAY_LONG = _set("""
SAS LOT ANA TAP TOM ICE ADO EVA CAL ASA THA PAL SIA
""")
# Airport codes that everybody writes for something else.
_ACRONYMS = _set("""
CEO CFO CTO COO CMO CIO CPO CRO CSO CDO CHR API SDK SQL PDF XML CSV URL USB CPU GPU RAM SSD AWS GCP SAP ERP CRM CMS SEO SEM
ROI KPI OKR NPS ARR MRR QBR SLA SLO RFC RFP RFI MVP POC PRD PMO PMS DEV OPS UAT STG INT EXT TST MON TUE WED THU FRI SAT SUN
JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC USD EUR GBP JPY CHF SEK NOK DKK PLN CZK CAD AUD NZD CNY INR USA GBR GER DEU
ESP ITA FRA NED BEL POR ARG BRA URU MEX CAN ENG SCO WAL IRL SUI AUT SWE NOR DEN FIN POL CZE SRB UKR TUR GRE RUS JPN KOR CHN
AUS NZL EGY SEN NGA GHA CMR TBA TBC TBD FYI ASAP ETA EOD EOM EOW COB OOO PTO WFH ACT MAN LAB APP WEB ADD NEW OLD ALL AND THE
FOR NOT BUS CAR CAT DOG SEA SKI ICE LEG ARM EYE VIP CAB PAR LOS SAN SAO SET GET PUT RUN MIX MAX MIN SUM AVG DAY NOW ONE TWO
TEN BIG TOP HOT RED LAN WAN VPN DNS ICU DMS MDR TAX PAY BIO LAW ART PHD MBA
""")


# Codes of whole cities: people write them for their offices ("LON/NYC sync").
_METROPOLES = _set("NYC LON PAR ROM MIL TYO OSA SEL BUE SAO RIO STO MOW CHI WAS YTO YMQ BJS")

_FLIGHT_NUMBER = re.compile(r"(?<![\w/#-])([A-Z]{2}|[A-Z]\d|\d[A-Z])[ \u00a0-]?(\d{1,4})(?![\w%]|[.:]\d)")
_FLIGHT_NUMBER_LONG = re.compile(r"(?<![\w/#-])([A-Z]{3})[ \u00a0]?(\d{1,4}[A-Z]?)(?![\w%]|[.:]\d)")
_YEAR = re.compile(r"(?:19|20)\d\d")
_ARROW = re.compile(r"\s*(?:→|➞|➔|➜|⟶|⇒|↔|⇄|➡️?|=>|-+>|[–—]>|»|►|▶|✈\ufe0f?|🛫|〜|～)\s*|(?<=[A-Z]{3})>(?=[A-Z]{3})")
_ARROW_HINT = re.compile("[→➞➔➜⟶⇒↔⇄➡>»►▶✈🛫〜～]")  # cheap: most titles have none
_DIGIT = re.compile(r"\d")
_FROM_TO = re.compile(
    r"\b(?:from|von|de|da|van|från|fra|z|ze|ab|desde)\s+(?P<left>[^\W\d].*?)\s+(?:to|nach|à|a|per|naar|till|til|do|"
    r"para|vers|pour|hacia)\s+(?P<right>.+)$",
    re.IGNORECASE,
)
_TO = re.compile(r"^(?P<left>.+?)\s+(?:to|nach|naar|till|til)\s+(?P<right>.+)$", re.IGNORECASE)
_KARA = re.compile(r"^(?P<left>.+?)(?:から|発)\s*(?P<right>.+?)(?:まで|へ|行き|行|着)?$")
_DASH = re.compile(r"\s*[-–—/]\s*|\s>\s")
_TWO_CODES = re.compile(r"\b([A-Z]{3}) ([A-Z]{3})\b")
_ORNAMENTS = " ✈\ufe0f🚆🚄🛫🛬🚅🚌⛴-–—"
_CODE = re.compile(r"\(([A-Z]{3})\)|^([A-Z]{3})$")
_ASIDE = re.compile(
    r"\([^()]*\)|\[[^\[\]]*\]|\bN[°ºo]\.?\s*\d+|#\S+|\b\d{1,2}[:h.]\d{2}(?:\s?[ap]m)?\b|\b[A-Z]{1,4}\s?\d{1,5}\b|\b\d+\b"
)
_PIECES = re.compile(r"\s*[•|·,;:+]\s*|\s+[-–—]\s+|\s@\s")
_TRAIN_NUMBER = re.compile(r"\b(?:ICE|IC|EC|ECE|RJX?|NJ|TGV|RE|AVE|IR|FR|FA|EN|ES|EIP|EIC|TLK|KTX|SRT|FLX)\s?\d{1,5}\b")
_STATION = re.compile(
    r"\b(?:hbf|hauptbahnhof|bahnhof|gare|central|centralna|centralen|centrale|glowny|główny|główna|termini|atocha|"
    r"sants|king'?s cross|st\.? pancras|euston|paddington|"
    r"station|part-dieu|montparnasse|est|nord|midi|südkreuz|zuid|keleti|hlavní nádraží|hl\.n\.)(?!\w)|駅",
    re.IGNORECASE,
)
_BOOKING_MAIL = re.compile(
    r"\b(?:is|was|are) (?:booked|confirmed|open|now open)\b|\bist (?:jetzt )?(?:gebucht|geöffnet|bestätigt|offen)\b|"
    r"confirmation for|check-?in (?:is )?(?:now )?open|"
    r"check-?in opens|est ouvert|está abierto|è aperto|is geopend|está aberto|är öppen|jest otwarta|受付開始",
    re.IGNORECASE,
)
_HOST = re.compile(
    r"^(?:airbnb|vrbo|homeaway|booking\.com|fewo-direkt)\s*(?:·|\((?:not available|blocked|nicht verfügbar|"
    r"reserved))|^reserved(?:\s*[-–:·].*)?$|"
    r"^(?:closed\s*-\s*)?not available$|^blocked(?:\s*[-–:(].*)?$|^unavailable$|\bHM[A-Z0-9]{8}\b|"
    r"^reservation\s*[-:–]\s*\w+$|^booked\s*[-–:]",
    re.IGNORECASE,
)
_HOST_FEED = re.compile(
    r"\b(?:airbnb|vrbo|homeaway|booking\.com|fewo-direkt|hosting|ferienwohnung|ferienwohnungen|ferienhaus vermietung|"
    r"holiday let|vacation rental|short.?let|rental calendar|beach house bookings|gîte|location saisonnière)\b",
    re.IGNORECASE,
)
_GMAIL = "created from an email you received in Gmail"
_TRIPIT_TYPE = re.compile(
    r"^\s*\[(Flight|Lodging|Activity|Rail|Car Rental|Car|Transport|Transportation|Cruise|Ferry|Restaurant|Meeting|Note|"
    r"Directions|Map|Parking|Theater|Concert|Tour)\]",
    re.IGNORECASE,
)
_IS_IN = re.compile(r"^\s*(?P<who>.{2,60}?) is in (?P<where>.{2,80}?) from ")

_TRANSPORT = ("flight", "rail", "ferry", "car", "drive", "ride")
_PASSING = (
    "to",
    "from",
    "in",
    "filler",
    "date",
    "number",
    "carrier",
    "reservation",
    "home",
    "flight",
    "rail",
    "ferry",
    "status",
    "trip",
    "with",
)


class Finding(Struct, frozen=True):
    """What was recognised, before ownership and certainty are weighed. `machine`: the format of a machine that knows."""

    verdict: Verdict
    confidence: float
    because: str
    kind: EvidenceKind = EvidenceKind.NONE
    origin: Place | None = None
    destination: Place | None = None
    machine: bool = False
    wants_question: bool = False
    colleague: str = ""
    rest: str = ""  # what of the title the artefact does not explain


class Title(Struct, frozen=True):
    """One entry with what looking at it needs. The gazetteer is asked only where a title gives a reason to."""

    occurrence: Occurrence
    reading: Reading
    places: Gazetteer
    home_name: str
    home_zone: str

    @property
    def home(self) -> Place | None:
        """Where the leader lives; a name that the gazetteer does not know is a place all the same, in the home zone."""
        if not self.home_name:
            return None
        city = self.home_name.split(",")[0].strip()
        return self.places.city(self.home_name) or Place(self.home_name, self.home_zone, city)

    @property
    def text(self) -> str:
        return self.reading.text

    @property
    def shown(self) -> str:
        return quoted(self.occurrence.summary)

    @property
    def length(self) -> timedelta:
        return self.occurrence.end - self.occurrence.start


def quoted(text: str) -> str:
    """A title as words for the user: one line, in quotes, at most 80 characters."""
    return f"“{plain(text)}”"


def plain(text: str) -> str:
    """Foreign text as words for the user: one line, at most 80 characters."""
    line = " ".join(text.split())
    if not line.isprintable():
        line = "".join(c for c in line if c.isprintable())
    return line if len(line) <= 80 else line[:79] + "…"


def distance_km(one: Place, other: Place) -> float | None:
    """Great circle; None where a place has no coordinates."""
    if one.latitude is None or one.longitude is None or other.latitude is None or other.longitude is None:
        return None
    north, other_north = radians(one.latitude), radians(other.latitude)
    east = radians(other.longitude - one.longitude)
    half = sin((other_north - north) / 2) ** 2 + cos(north) * cos(other_north) * sin(east / 2) ** 2
    return 12742 * asin(sqrt(half))


def same_city(one: Place | None, other: Place | None) -> bool:
    """Both are known and are one place to sleep in: by name and country, or by nearness."""
    if one is None or other is None or not one.city or not other.city:
        return False
    if fold(one.city) == fold(other.city) and one.country == other.country:
        return True
    apart = distance_km(one, other)
    return apart is not None and apart <= _SAME_CITY_KM


def is_gmail(occurrence: Occurrence) -> bool:
    return occurrence.event_type == "fromGmail" or _GMAIL in occurrence.description


def is_tripit(occurrence: Occurrence) -> bool:
    """By its UID or by the line that TripIt puts into each description. An invitation from elsewhere can claim neither."""
    claims = occurrence.key.uid.endswith("@tripit.com") or "tripit.com/" in occurrence.description.lower()
    return claims and not occurrence.attendees


def is_host_entry(occurrence: Occurrence) -> bool:
    """A booking of the user's own flat by somebody else, as rental sites publish it."""
    if is_gmail(occurrence) or occurrence.location or occurrence.event_type == "outOfOffice" or occurrence.busy_status == "OOF":
        return False
    return _HOST.search(occurrence.summary) is not None or _HOST_FEED.search(occurrence.calendar_name) is not None


def place_of(title: Title) -> Place | None:
    """Where the entry is: its coordinates, its location, or the city its location shares with home by name."""
    occurrence = title.occurrence
    if occurrence.location:
        if read(occurrence.location).has("online"):
            return None  # "London office / Zoom": nobody has to go there
        found = title.places.find_in(occurrence.location)
        if found or not occurrence.geo:
            return found or _home_by_name(title)
    if occurrence.geo and (zone := title.places.zone_at(*occurrence.geo)):
        named = title.places.find_in(occurrence.summary)
        if named and named.zone == zone:
            return named
        spot = Place(plain(occurrence.location) or "there", zone, "", "", "", *occurrence.geo)
        return title.home if title.home and (distance_km(spot, title.home) or 999.0) <= _SAME_CITY_KM else spot
    return None


def _home_by_name(title: Title) -> Place | None:
    city = title.home.city if title.home else ""
    return title.home if city and re.search(rf"\b{re.escape(fold(city))}\b", fold(title.occurrence.location)) else None


def is_home(place: Place | None, title: Title) -> bool:
    """The home city, also where only the address names it ("Princeton Junction" for somebody from Princeton)."""
    if place is None or title.home is None:
        return False
    return same_city(place, title.home) or bool(
        place.city
        and place.country == title.home.country
        and fold(place.city).startswith(fold(title.home.city) + " ")
        and place.zone == title.home.zone
    )


# --- the order of looking ---------------------------------------------------------------------------------------------


def find(title: Title) -> Finding | None:
    """The artefact that the entry is, or None. Cheap where no word of the title is about travel."""
    if is_tripit(title.occurrence):
        found = _tripit(title)
        if found:
            return found
    return _transport(title) or _car(title) or _lodging(title) or _supporting(title)


# --- TripIt -----------------------------------------------------------------------------------------------------------


def _tripit(title: Title) -> Finding | None:
    occurrence = title.occurrence
    kind = _TRIPIT_TYPE.match(occurrence.description)
    if kind:
        return _tripit_part(title, kind.group(1).lower())
    if occurrence.all_day and not occurrence.key.uid.startswith("item-"):
        return _tripit_trip(title)
    found = _transport(title) or _car(title) or _lodging(title)
    if found and found.verdict == "trip":
        return replace(found, confidence=max(found.confidence, 0.92), machine=True)
    if found is None and occurrence.key.uid.startswith("item-"):
        return Finding("supporting", SUPPORTING, f"{title.shown} is a part of a TripIt trip")
    return found


def _tripit_trip(title: Title) -> Finding:
    where = place_of(title) or title.places.find_in(title.text)
    if is_home(where, title):
        return Finding(
            "trip", 0.60, f"{title.shown} is a TripIt trip to where you live", EvidenceKind.TRIP_BLOCK, destination=where
        )
    return Finding(
        "trip", 0.95, f"{title.shown} is a whole trip from TripIt", EvidenceKind.TRIP_BLOCK, destination=where, machine=True
    )


def _tripit_part(title: Title, kind: str) -> Finding:
    if kind in ("flight", "rail", "ferry", "cruise"):
        legs = _transport(title)
        mode = {"rail": EvidenceKind.RAIL, "ferry": EvidenceKind.FERRY, "cruise": EvidenceKind.FERRY}.get(
            kind, EvidenceKind.FLIGHT
        )
        origin, destination = (legs.origin, legs.destination) if legs else (None, None)
        return Finding("trip", 0.95, f"{title.shown} is a {kind} from TripIt", mode, origin, destination, machine=True)
    if kind == "lodging":
        where = place_of(title)
        if is_home(where, title):
            return _lodging_at_home(title)
        return Finding(
            "trip", 0.95, f"{title.shown} is lodging from TripIt", EvidenceKind.LODGING, destination=where, machine=True
        )
    if kind.startswith("car"):
        return _car_at(title, place_of(title), certain=0.90)
    return Finding("supporting", SUPPORTING, f"{title.shown} is a part of a TripIt trip")


def tripit_traveller(occurrence: Occurrence) -> str:
    """Whose trip a TripIt entry says it is ("Ada is in San Diego, CA from …"), or ""."""
    found = _IS_IN.match(occurrence.description) if is_tripit(occurrence) else None
    return found.group("who") if found and "<" not in found.group("who") else ""


# --- flights, trains, ferries -----------------------------------------------------------------------------------------


def flight_number(text: str, certain: bool = False) -> str:
    """The first flight number ("TP 533", "SKY713"), or "". `certain`: something else says that this is a flight, so that everyday
    designators and numbers that look like years count too."""
    if not _DIGIT.search(text):
        return ""
    for pattern, airlines, everyday in (
        (_FLIGHT_NUMBER, _AIRLINES, _EVERYDAY),
        (_FLIGHT_NUMBER_LONG, _AIRLINES_LONG, _EVERYDAY_LONG),
    ):
        for found in pattern.finditer(text):
            code, number = found.groups()
            if code in airlines and (certain or not (code in everyday or _YEAR.fullmatch(number))):
                return found.group()
    return ""


def _transport(title: Title) -> Finding | None:
    if title.length > _LONGEST_LEG and not title.occurrence.all_day:
        return None
    reading = title.reading
    arrow = _ARROW_HINT.search(title.text) is not None and _ARROW.search(title.text) is not None
    worded = reading.has("flight", "rail", "ferry") or "✈" in title.text or "🛫" in title.text
    pair = _pair(title, arrow=arrow, worded=worded) if (arrow or worded or _may_hold_codes(title.text)) else None
    number = flight_number(
        title.text, certain=reading.has("flight", "airline") or "✈" in title.text or (pair is not None and pair.codes)
    )
    number = number or _lone_number(title)
    if not (pair or number or worded or _only_airline(title)):
        return None
    return _leg(title, pair, number)


def _lone_number(title: Title) -> str:
    """ "LH2043" or "AI 101" alone, with the times of a timetable."""
    number = flight_number(title.text, certain=True) if _like_a_timetable(title) else ""
    return number if number and _is_only(title.text, number) else ""


def _may_hold_codes(text: str) -> bool:
    return _CITY_CODES.search(text) is not None or _STATION.search(text) is not None or "から" in text


_CITY_CODES = re.compile(r"\b[A-Z]{3}\b.{1,6}\b[A-Z]{3}\b")


class _Pair(Struct, frozen=True):
    """Two ends. `codes`: both are airport codes; `arrow`: an arrow or from–to between them; `stations`: one is a station."""

    origin: Place
    destination: Place
    codes: bool
    arrow: bool
    stations: bool
    rest: str


def _pair(title: Title, *, arrow: bool, worded: bool) -> _Pair | None:
    text = title.text
    for left, right, firm in _sides(text, arrow):
        if not firm and not (worded or flight_number(text, certain=True) or _STATION.search(text) or _only_codes(text)):
            continue
        origin, destination = _endpoint(left, title.places, last=True), _endpoint(right, title.places, last=False)
        if origin is None or destination is None:
            continue
        codes = bool(_edge_code(left, last=True) and _edge_code(right, last=False))
        if codes and not _plausible_codes(left, right, title, firm and arrow):
            continue
        rest = f"{left.replace(origin[1], ' ')} {right.replace(destination[1], ' ')}"
        return _Pair(origin[0], destination[0], codes, firm, _STATION.search(text) is not None, rest)
    return None


def _sides(text: str, arrow: bool) -> list[tuple[str, str, bool]]:
    """Ways to cut a title into from and to; `firm` where an arrow or words say so and not only a dash."""
    cuts: list[tuple[str, str, bool]] = []
    if arrow:
        parts = [p for p in _ARROW.split(text) if p.strip()]
        if len(parts) >= 2:
            cuts.append((parts[0], parts[-1], True))
    for pattern in (_FROM_TO, _TO, _KARA):
        if found := pattern.search(text):
            cuts.append((found["left"], found["right"], True))
    for dash in _DASH.finditer(text):
        cuts.append((text[: dash.start()], text[dash.end() :], False))
    if side_by_side := _TWO_CODES.search(text):
        cuts.append((text[: side_by_side.end(1)], text[side_by_side.start(2) :], False))
    return cuts


def _only_codes(text: str) -> bool:
    return re.fullmatch(r"\s*[A-Z]{3}\s*[-–—/]\s*[A-Z]{3}\s*", text) is not None


def _plausible_codes(left: str, right: str, title: Title, arrow: bool) -> bool:
    """CEO, CFO, SAT are airports too: such a pair is a flight only with a flight number, a flight word or one true arrow between
    codes of which at most one is an acronym."""
    if title.reading.has("flight", "rail") or flight_number(title.text, certain=True) or "✈" in title.text:
        return True
    acronyms = sum(
        code in _ACRONYMS or code in _METROPOLES for code in (_edge_code(left, last=True), _edge_code(right, last=False))
    )
    return acronyms == 0 or (acronyms == 1 and (arrow or _only_codes(title.text)))


def _edge_code(side: str, *, last: bool) -> str:
    piece = _near_piece(side, last=last)
    found = re.search(r"\b([A-Z]{3})\)?$", piece) if last else re.match(r"\(?([A-Z]{3})\b", piece)
    return found.group(1) if found else ""


def _near_piece(side: str, *, last: bool) -> str:
    """The part of a side that stands next to the arrow: "CLT • DL 2819" → "CLT"."""
    pieces = [p for p in _PIECES.split(side) if p.strip()]
    return (pieces[-1] if last else pieces[0]).strip() if pieces else ""


def _endpoint(side: str, places: Gazetteer, *, last: bool) -> tuple[Place, str] | None:
    """The place next to the arrow, and the words that name it."""
    piece = _near_piece(side, last=last)
    code = _CODE.search(piece)
    airport = places.airport(code.group(1) or code.group(2)) if code else None
    bare = _ASIDE.sub(" ", piece).strip(_ORNAMENTS)
    bare = _without_leading(bare, places) if last else _without_trailing(bare)
    place = named(bare, places) if bare else None
    if place:  # a station's code (GLC, KGX) may be some airport's elsewhere
        return (airport if airport and same_city(airport, place) else place), bare
    if airport:
        return airport, piece
    edge = _edge_code(piece, last=last)
    coded = places.airport(edge) if edge else None
    return (coded, edge) if coded else None


def named(text: str, places: Gazetteer) -> Place | None:
    """A text that is a station or a place and nothing else; CEO is none. Japanese, Chinese and Korean glue particles to it."""
    if text in _ACRONYMS:
        return None
    found = places.station(text) or places.city(text)
    return found or (places.find_in(text) if is_non_latin(text) and len(text) <= 8 else None)


def _without_leading(text: str, places: Gazetteer) -> str:
    """Drop words that lead up to the place: "Tren Viena" → "Viena"; but "New" belongs to New York."""
    tokens = list(read(text).tokens)
    while (
        tokens
        and tokens[0].has("airline", *_PASSING)
        and not tokens[0].has("place")
        and not named(text[tokens[0].start :], places)
    ):
        tokens.pop(0)
    return text[tokens[0].start :] if tokens and read(text).text == text else ""


def _without_trailing(text: str) -> str:
    tokens = list(read(text).tokens)
    while len(tokens) > 1 and tokens[-1].has(
        "carrier", "airline", "flight", "rail", "ferry", "date", "number", "reservation", "status"
    ):
        tokens.pop()
    while len(tokens) > 1 and tokens[0].has("to", "in", "home"):
        tokens.pop(0)
    return text[tokens[0].start : tokens[-1].end] if tokens and read(text).text == text else text


def _destination(title: Title) -> tuple[Place, str] | None:
    """Where a worded leg goes, and the words that say so: what follows the flight word, or stands before it ("Lisbon flight",
    "大阪 フライト")."""
    token = title.reading.first("flight", "rail", "ferry")
    if token is None:
        return _airline_goes_to(title)
    after = _after(title, token)
    if after:
        place = named(after, title.places) if fold(after) != token.key else None  # "Zug um Zug" goes nowhere
        edge = _edge_code(after, last=False) or _edge_code(after, last=True)
        coded = title.places.airport(edge) if edge and edge not in _ACRONYMS and not place else None
        return (place, after) if place else (coded, edge) if coded else None
    ahead = _ASIDE.sub(" ", _near_piece(title.text[: token.start], last=True)).strip(_ORNAMENTS)
    before = _without_leading(ahead, title.places)
    before = _TOWARDS.sub("", before)
    found = named(before, title.places) if before else None
    return (found, before) if found else None


def _airline_goes_to(title: Title) -> tuple[Place, str] | None:
    """ "Southwest 2211 to Austin", "easyJet Genf"."""
    airline = title.reading.first("airline")
    if airline is None:
        return None
    towards = _TO.search(title.text)
    if towards:
        return _endpoint(towards["right"], title.places, last=False)
    after = _after(title, airline)
    place = named(after, title.places) if after else None
    return (place, after) if place else None


def _only_airline(title: Title) -> bool:
    """An airline, a place, and nothing else."""
    goes = _airline_goes_to(title) if title.reading.has("airline") and not title.occurrence.attendees else None
    return goes is not None and all(t.has("airline", *_PASSING) for t in read(title.text.replace(goes[1], " ")).tokens)


def _after(title: Title, token: Token) -> str:
    """What follows a flight or train word, without numbers, asides and prepositions."""
    behind = _ASIDE.sub(" ", _near_piece(title.text[token.end :], last=False)).strip()
    return _without_trailing(_without_leading(behind, title.places))


_TOWARDS = re.compile(r"(?:行き|行|へ|の|까지|행|去|到)$")


def _leg(title: Title, pair: _Pair | None, number: str) -> Finding | None:
    reading = title.reading
    if (reading.has("check-in") and not reading.has("lodging")) or _BOOKING_MAIL.search(title.text):
        return Finding("supporting", SUPPORTING, f"{title.shown} is about checking in or booking, not the journey itself")
    kind = _mode(title, pair, number)
    goes = None if pair else _destination(title)
    destination = pair.destination if pair else goes[0] if goes else None
    origin = pair.origin if pair else _origin(title)
    rest = pair.rest if pair else title.text.replace(goes[1], " ") if goes else title.text
    homebound = reading.has("home") and destination is None
    if homebound:
        destination = title.home
    if origin and same_city(origin, destination):
        return Finding("supporting", SUPPORTING, f"{title.shown} stays within one city", kind)
    confidence, because = _leg_confidence(title, pair, number, destination, homebound)
    if confidence == 0.0:
        return None
    if not title.length:
        confidence, because = min(confidence, 0.60 if number and destination else 0.0), f"{because}, but it has no length"
        if confidence == 0.0:
            return Finding("neither", 0.0, f"{title.shown} has no length: a note, not a journey")
    if len(title.occurrence.attendees) >= _A_MEETING and not (number and (pair or reading.has("flight"))):
        confidence, because = min(confidence, 0.60), f"{because}, but others are invited as to a meeting"
    machine = kind == EvidenceKind.FLIGHT and is_gmail(title.occurrence)
    if machine and confidence >= 0.85:
        confidence, because = 0.95, f"{because}, and Gmail found it in a confirmation mail"
    if title.occurrence.all_day and title.length > timedelta(days=2):
        kind = EvidenceKind.TRIP_BLOCK
    rest = rest.replace(number, " ") if number else rest
    return Finding("trip", confidence, because, kind, origin, destination, machine and confidence >= 0.85, rest=rest)


def _mode(title: Title, pair: _Pair | None, number: str) -> EvidenceKind:
    if title.reading.has("ferry"):
        return EvidenceKind.FERRY
    if title.reading.has("flight") or "✈" in title.text:
        return EvidenceKind.FLIGHT
    if title.reading.has("rail") or _TRAIN_NUMBER.search(title.text):
        return EvidenceKind.RAIL
    if number or (pair and pair.codes):
        return EvidenceKind.FLIGHT
    return EvidenceKind.RAIL


def _origin(title: Title) -> Place | None:
    """Gmail writes the departure airport into the location."""
    return title.places.find_in(title.occurrence.location) if title.occurrence.location else None


def _leg_confidence(
    title: Title, pair: _Pair | None, number: str, destination: Place | None, homebound: bool
) -> tuple[float, str]:
    """0.0 where the words alone make no journey."""
    worded = title.reading.has("flight", "rail", "ferry") or "✈" in title.text
    if pair:
        ends = f"{title.shown} goes from {pair.origin.name} to {pair.destination.name}"
        if number and (pair.codes or worded):
            return 0.95, f"{ends} with flight number {number}"
        if pair.arrow and (worded or pair.codes):
            return 0.93, ends
        return (0.90 if worded or pair.arrow or pair.stations else 0.88), ends
    if number and worded:
        return 0.93, f"{title.shown} has a flight number ({number})"
    if number and title.reading.has("airline") and destination:
        return 0.90, f"{title.shown} has an airline, a flight number ({number}) and goes to {destination.name}"
    if number and _is_only(title.text, number):
        return _bare_number(title, number)
    if not (worded or number) and destination:
        return 0.70, f"{title.shown} names an airline and {destination.name}"
    if (worded or number) and destination and not homebound:
        return 0.90, f"{title.shown} goes to {destination.name}"
    if worded and homebound and _rest_is_passing(title):
        return 0.88, f"{title.shown} is the way home"
    if worded and _rest_is_passing(title) and not title.occurrence.attendees:
        return _bare_word(title)
    if worded and destination is None and _between_unknowns(title) and not title.occurrence.attendees:
        return 0.60, f"{title.shown} is a journey between places that homeward does not know"
    if worded and destination is None and (unknown := _unknown_destination(title)):
        return 0.60, f"{title.shown} is a journey, but homeward does not know where {quoted(unknown)} is"
    if number and destination is None and not title.occurrence.attendees and title.length and _may_fly(title, number):
        return 0.55, f"{title.shown} may have a flight number ({number})"
    return 0.0, ""


def _between_unknowns(title: Title) -> bool:
    """An arrow with words on both sides that may be places; "DB → S3" has none on the left."""
    sides = [read(part).tokens for part in _ARROW.split(title.text)]
    return len(sides) > 1 and ("✈" in title.text or all(any(not t.has(*_PASSING) for t in side) for side in sides))


def _bare_number(title: Title, number: str) -> tuple[float, str]:
    """ "LH 2043" with the times of a timetable is a flight; "CX 200" from ten to eleven may be anything."""
    because = f"{title.shown} is a flight number"
    if read(title.text.replace(number, " ")).has("airline"):
        return 0.88, f"{because} beside its airline"
    if not _has_hundreds(number):
        return (0.55, because) if _like_a_timetable(title) else (0.0, "")
    if not _like_a_timetable(title):
        return 0.55, because
    return (0.60 if number[:2] in _EVERYDAY or number[:3] in _EVERYDAY_LONG else 0.88), because


def _has_hundreds(number: str) -> bool:
    return re.search(r"\d{3}", number) is not None


def _may_fly(title: Title, number: str) -> bool:
    """Beside words that nobody knows, a flight number needs the times of a timetable or a place."""
    if title.reading.has("action", "topic", "meeting"):
        return False
    return _like_a_timetable(title) or (_has_hundreds(number) and _names_a_place(title))


def _names_a_place(title: Title) -> bool:
    codes = (c for c in re.findall(r"\b[A-Z]{3}\b", title.text) if c not in _ACRONYMS)
    return title.places.find_in(title.text) is not None or any(title.places.airport(c) for c in codes)


def _like_a_timetable(title: Title) -> bool:
    """Meetings begin and end on the quarter, flights rarely do both."""
    occurrence = title.occurrence
    return not occurrence.all_day and any(m.minute % 15 for m in (occurrence.start, occurrence.end))


def _unknown_destination(title: Title) -> str:
    """One or two capitalised words behind "flight to" or a flight word, which no lexicon and no gazetteer knows."""
    token = title.reading.first("flight", "rail", "ferry")
    if token is None or title.occurrence.attendees or title.reading.tokens[0] is not token:
        return ""
    after = read(_after(title, token)).tokens
    firm = len(token.key.split()) > 1 or token.has("flight")
    return (
        " ".join(t.text for t in after)
        if firm and 1 <= len(after) <= 2 and all(t.capital and not t.classes for t in after)
        else ""
    )


def _bare_word(title: Title) -> tuple[float, str]:
    """A flight or train word and nothing else: worth a question where its time is that of a journey."""
    token = title.reading.first("flight", "rail", "ferry")
    if token is not None and (token.has("filler", "with", "to", "team") or _says_little(title, token)):
        return 0.0, ""
    if token is not None and token.key in ("red eye", "redeye") and not _by_night(title):
        return 0.0, ""
    if not title.occurrence.all_day and not timedelta(minutes=40) <= title.length <= _LONGEST_LEG:
        return 0.0, ""
    return 0.60, f"{title.shown} sounds like a journey, without saying where to"


def _says_little(title: Title, token: Token) -> bool:
    """A lone "Zug" over a whole day."""
    return title.occurrence.all_day and not token.has("flight")


def _by_night(title: Title) -> bool:
    hour = title.occurrence.start.astimezone(ZoneInfo(title.home_zone)).hour
    return not title.occurrence.all_day and (hour >= _NIGHT_FROM or hour < _NIGHT_TO)


def _is_only(text: str, number: str) -> bool:
    rest = text.replace(number, " ").strip(_ORNAMENTS + "()[]#:")
    return not rest or all(t.has("carrier", "airline", "number", "date") for t in read(rest).tokens)


def _rest_is_passing(title: Title) -> bool:
    return all(t.has(*_PASSING, *_TRANSPORT) for t in title.reading.tokens)


# --- rental cars ------------------------------------------------------------------------------------------------------


def _car(title: Title) -> Finding | None:
    if title.reading.has("car"):
        return _car_at(title, place_of(title) or title.places.find_in(title.text), certain=0.88)
    if title.reading.has("drive"):
        token = title.reading.having("drive")[0]
        to = _without_trailing(_near_piece(title.text[token.end :], last=False))
        place = title.places.city(to) if to else None
        if place and not is_home(place, title):
            return Finding("trip", 0.60, f"{title.shown} is a drive to {place.name}", EvidenceKind.CAR, title.home, place)
    return None


def _car_at(title: Title, where: Place | None, certain: float) -> Finding:
    if is_home(where, title):
        return Finding(
            "supporting", SUPPORTING, f"{title.shown} is a rental car where you live", EvidenceKind.CAR, destination=where
        )
    if where is None and title.occurrence.attendees:
        return Finding("neither", 0.0, f"{title.shown} is a meeting about rental cars")
    if where is not None:
        return Finding("trip", certain, f"{title.shown} is a rental car in {where.name}", EvidenceKind.CAR, destination=where)
    return Finding("trip", 0.55, f"{title.shown} is a rental car, without saying where", EvidenceKind.CAR)


# --- lodging ----------------------------------------------------------------------------------------------------------


def _lodging(title: Title) -> Finding | None:
    reading = title.reading
    house, stay = reading.has("lodging"), reading.has("stay")
    if not (house or stay) or reading.has("food", "meeting", "conference", "ride"):
        return None
    if not house and not (is_gmail(title.occurrence) or title.occurrence.location or title.places.find_in(title.text)):
        return None
    where = place_of(title) or title.places.find_in(_without_house_names(title))
    if is_home(where, title) or _stays_at_home(title):
        return _lodging_at_home(title)
    if not _is_overnight(title):
        return _brief_lodging(title, where)
    return _overnight(title, where, firm=stay or reading.has("reservation", "check-in") or is_gmail(title.occurrence))


def _stays_at_home(title: Title) -> bool:
    return title.reading.has("stay") and title.reading.has("home")


def _without_house_names(title: Title) -> str:
    """ "Hotel de Rome" is in no certain city: the name of a house names no place unless something else does."""
    return re.sub(r"\b(?:hotel|hôtel)\s+(?:de|du|la|le|di|of)\s+\w+", " ", title.text, flags=re.IGNORECASE)


def _lodging_at_home(title: Title) -> Finding:
    return Finding("neither", 0.0, f"{title.shown} is in the city you live in", EvidenceKind.LODGING, destination=title.home)


def _is_overnight(title: Title) -> bool:
    occurrence = title.occurrence
    return occurrence.all_day or (title.length >= _NIGHT_HOURS and occurrence.start.date() != occurrence.end.date())


def _brief_lodging(title: Title, where: Place | None) -> Finding | None:
    if title.reading.has("check-in", "check-out", "reservation", "stay") or title.length <= timedelta(hours=1):
        return Finding(
            "supporting",
            SUPPORTING,
            f"{title.shown} is an hour at a hotel, not the stay",
            EvidenceKind.LODGING,
            destination=where,
        )
    return None


def _overnight(title: Title, where: Place | None, firm: bool) -> Finding | None:
    doubt = _not_a_house_name(title, where)
    if where is not None:
        confidence = 0.60 if doubt and not firm else 0.93 if firm else 0.90
        return Finding("trip", confidence, f"{title.shown} is lodging in {where.name}", EvidenceKind.LODGING, destination=where)
    if firm:
        return Finding("trip", 0.88, f"{title.shown} is lodging", EvidenceKind.LODGING)
    if doubt or title.length <= timedelta(days=1):
        return None
    return Finding("trip", 0.55, f"{title.shown} sounds like lodging, without saying where", EvidenceKind.LODGING)


def _not_a_house_name(title: Title, where: Place | None) -> bool:
    """Words that no hotel is called by: topics, work, or unknown words in small letters ("apartment viewing"). A country or state
    in the title alone may be the name itself ("Hotel California")."""
    if title.reading.has("topic", "work", "meeting"):
        return True
    if any(not t.classes and t.text.islower() and not is_non_latin(t.text) for t in title.reading.tokens):
        return True
    return where is not None and not where.city and not title.occurrence.location and not _house_of_the_region(title)


def _house_of_the_region(title: Title) -> bool:
    house = title.reading.first("lodging")
    return house is None or "hotel" not in house.key


# --- what only joins --------------------------------------------------------------------------------------------------


def _supporting(title: Title) -> Finding | None:
    reading = title.reading
    if reading.has("ride") and title.length <= timedelta(hours=5) and not title.occurrence.all_day:
        return Finding("supporting", SUPPORTING, f"{title.shown} is a way within a trip")
    if reading.has("check-in", "check-out") and (is_gmail(title.occurrence) or flight_number(title.text, certain=True)):
        return Finding("supporting", SUPPORTING, f"{title.shown} is a check-in, not the journey itself")
    if is_gmail(title.occurrence) and title.occurrence.location and not title.occurrence.all_day:
        where = place_of(title)
        if where and where.city and not is_home(where, title):
            return Finding("supporting", SUPPORTING, f"{title.shown} is in {where.name}", destination=where)
    return None
