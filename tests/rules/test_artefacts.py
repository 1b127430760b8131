"""Tickets and beds: what is recognised as a journey or a stay, where it goes, and what only looks like one."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from integrations import places
from rules.artefacts import (
    Finding,
    Title,
    distance_km,
    find,
    flight_number,
    is_home,
    is_host_entry,
    quoted,
    same_city,
    tripit_traveller,
)
from rules.model import Attendee, EvidenceKind, Occurrence, OccurrenceKey, Place
from rules.words import read

HOME = ZoneInfo("Europe/Berlin")
GAZETTEER = places.load()
GMAIL = "This event was created from an email you received in Gmail. https://mail.google.com/"
TRIPIT = "Ada is in San Diego, CA from Sep 1 to Sep 6, 2027\nTripIt - organize your travel at http://www.tripit.com/"


def entry(
    summary: str, *, hours: float = 2.0, days: int = 0, at: int = 10, minute: int = 0, home: str = "Berlin, DE", **more: object
) -> Title:
    start = datetime(2027, 3, 10, 0 if days else at, minute, tzinfo=HOME)
    end = start + (timedelta(days=days) if days else timedelta(hours=hours))
    uid = str(more.pop("uid", "u"))
    values = {
        "key": OccurrenceKey("c", uid),
        "role": "mine",
        "start": start,
        "end": end,
        "all_day": bool(days),
        "summary": summary,
    }
    occurrence = Occurrence(**(values | more))  # type: ignore[arg-type]
    return Title(occurrence, read(summary), GAZETTEER, home, "Europe/Berlin")


def found(summary: str, **more: object) -> Finding:
    finding = find(entry(summary, **more))  # type: ignore[arg-type]
    assert finding is not None
    return finding


# --- flights and trains -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("title", "origin", "destination"),
    [
        ("LX 975 BER-ZRH", "Berlin", "Zurich"),
        ("US403 PHX to SFO", "Phoenix", "San Francisco"),
        ("✈ MSP→CLT • DL 2819", "Minneapolis", "Charlotte"),
        ("Your flight from FRA to EWR", "Frankfurt", "Newark"),
        ("Flight AB 8075 from HEL to TXL", "Helsinki", "Berlin"),
        ("Lufthansa LH1829 BIO → MUC", "Bilbao", "Munich"),
        ("BER/LIS TP 535", "Berlin", "Lisbon"),
        ("Vuelo IB3170 Madrid → Londres", "Madrid", "London"),
        ("東京→札幌 フライト", "Tokyo", "Sapporo"),
        ("東京から大阪へ フライト", "Tokyo", "Osaka"),
        ("AMS>LHR", "Amsterdam", "London"),
        ("Flight New York → New Delhi (AI 102)", "New York", "Delhi"),
    ],
)
def test_a_flight_knows_both_ends(title: str, origin: str, destination: str) -> None:
    finding = found(title)
    assert finding.verdict == "trip" and finding.kind == EvidenceKind.FLIGHT and finding.confidence >= 0.88
    assert finding.origin is not None and finding.origin.city == origin
    assert finding.destination is not None and finding.destination.city == destination


@pytest.mark.parametrize(
    ("title", "origin", "destination"),
    [
        ("Berlin Hbf ➞ Paris Est", "Berlin", "Paris"),
        ("Journey Details: Glasgow Central (GLC) to London Kings Cross (KGX)", "Glasgow", "London"),
        ("Train Paris Gare de Lyon → Lyon Part-Dieu (TGV N°6607)", "Paris", "Lyon"),
        ("Tren Viena → Budapest", "Vienna", "Budapest"),
        ("Your train from ZMB to FRA", "Hamburg", "Frankfurt"),
        ("Berlin Hbf - Hannover Hbf", "Berlin", "Hanover"),
        ("ICE 1007 Berlin Hbf → München Hbf", "Berlin", "Munich"),
        ("新幹線 東京→新大阪", "Tokyo", "Osaka"),
    ],
)
def test_a_train_knows_both_ends(title: str, origin: str, destination: str) -> None:
    finding = found(title)
    assert finding.kind == EvidenceKind.RAIL and finding.confidence >= 0.88
    assert finding.origin is not None and finding.origin.city == origin
    assert finding.destination is not None and finding.destination.city == destination


@pytest.mark.parametrize(
    ("title", "destination"),
    [
        ("Flight to Lisbon (TP 533)", "Lisbon"),
        ("Flug nach Wien", "Vienna"),
        ("Vol pour Montréal", "Montreal"),
        ("Lot do Londynu", "London"),
        ("Zug nach Hamburg", "Hamburg"),
        ("Lisbon flight", "Lisbon"),
        ("ソウル行きフライト", "Seoul"),
        ("easyJet to Naples (U2 5077)", "Naples"),
        ("Flight LHR (BA981)", "London"),
        ("TP 535 LIS flight", "Lisbon"),
        ("Ferry to Tallinn", "Tallinn"),
    ],
)
def test_a_worded_journey_knows_where_it_goes(title: str, destination: str) -> None:
    finding = found(title)
    assert finding.verdict == "trip" and finding.confidence >= 0.88
    assert finding.destination is not None and finding.destination.city == destination


def test_the_way_home_goes_home() -> None:
    finding = found("Flight home")
    assert finding.destination is not None and finding.destination.city == "Berlin"
    assert found("Rückflug").confidence == 0.88


def test_gmail_makes_a_flight_certain_and_a_machine_said_so() -> None:
    finding = found("Flight to Copenhagen", hours=1, description=GMAIL, location="Berlin BER")
    assert finding.machine and finding.confidence == 0.95
    assert finding.origin is not None and finding.origin.code == "BER"
    assert not found("Flight to Copenhagen").machine


def test_a_bare_flight_number_is_a_flight_and_everyday_codes_are_none() -> None:
    assert found("SKY713", minute=20).confidence == 0.88
    assert found("LH2043", minute=20).confidence == 0.88
    assert found("LH 176 Lufthansa").confidence == 0.88
    for title in ("AI 101", "PR 533", "BA 2027", "JIRA-123", "Room AA 12b", "KW 12", "ABC 123"):
        assert find(entry(title)) is None, title
    assert found("Amanda LH 123", minute=5).confidence == 0.55


def test_a_bare_flight_number_from_hour_to_hour_may_be_anything() -> None:
    assert found("CX 200").confidence == 0.55
    assert found("CX 200", days=1).confidence == 0.55
    assert find(entry("SK 10")) is None
    assert found("EK 3", minute=35).confidence == 0.55
    assert found("AI 101", minute=35).confidence == 0.60
    assert find(entry("Case UA 9981")) is None
    assert find(entry("UA 9981 review", minute=35)) is None
    assert found("UA 1532 then Denver").confidence == 0.55
    assert found("W6 1234 BUD").confidence == 0.55


def test_an_airline_and_a_place_are_a_question_and_with_a_number_a_flight() -> None:
    assert found("easyJet Genf").confidence == 0.70
    assert found("Southwest 2211 to Austin").confidence == 0.70
    assert found("Swiss LX 961 Zürich").confidence == 0.90
    assert find(entry("Lufthansa Termin")) is None
    assert find(entry("easyJet contract Genf")) is None
    assert find(entry("easyJet Genf", attendees=(Attendee("a@x"),))) is None


def test_codes_of_cities_side_by_side_are_offices_unless_a_flight_is_named() -> None:
    assert find(entry("LON/NYC")) is None
    assert found("Flight LON-NYC").confidence >= 0.90
    assert found("SK 903 ARN EWR").confidence == 0.95
    assert found("Amsterdam Centraal > Berlin Hbf").kind is EvidenceKind.RAIL


def test_a_train_word_alone_says_little() -> None:
    assert find(entry("Zug", days=1)) is None
    assert find(entry("Zug um Zug", days=1)) is None
    assert find(entry("DB → S3")) is None
    assert found("Zug Xyzdorf → Abcstadt").confidence == 0.60
    assert found("✈️ Xyzdorf").confidence == 0.60
    assert found("flight to Rome FCO").destination == found("Flug nach Rom").destination


def test_nobody_has_to_go_where_one_can_dial_in() -> None:
    from rules.artefacts import place_of

    assert place_of(entry("Townhall", location="London office / Zoom")) is None
    assert place_of(entry("Townhall", location="London office")) is not None


def test_a_calendar_of_a_rental_is_not_about_the_leader() -> None:
    assert is_host_entry(entry("Miller family", days=4, calendar_name="Airbnb Loft").occurrence)
    assert not is_host_entry(entry("Unavailable", days=4, event_type="outOfOffice").occurrence)
    assert not is_host_entry(entry("Unavailable", days=4, busy_status="OOF").occurrence)


def test_flight_numbers_need_certainty_where_meetings_use_the_same_letters() -> None:
    assert flight_number("AI 101") == ""
    assert flight_number("AI 101", certain=True) == "AI 101"
    assert flight_number("DLH441 IAH-FRA") == "DLH441"
    assert flight_number("UA 2026") == "" and flight_number("UA 2026", certain=True) == "UA 2026"


@pytest.mark.parametrize(
    "title",
    [
        "CEO - CFO sync",
        "API → SDK",
        "SAT-SUN",
        "MON-FRI",
        "CEO to CFO",
        "Dev → Prod",
        "Berlin → Munich data",
        "Paris - Lyon",
        "GBP → EUR",
        "Flight club",
        "Training",
        "GER - ESP",
    ],
)
def test_acronyms_matches_and_moves_are_no_journeys(title: str) -> None:
    assert find(entry(title)) is None


def test_one_acronym_among_two_codes_may_be_a_flight() -> None:
    assert found("FRA-JFK").confidence == 0.88
    assert found("MEX→JFK").confidence == 0.93
    assert find(entry("Sprint MEX-JFK")) is None


def test_checking_in_and_booking_are_no_journey() -> None:
    for title in ("Check-in für Flug KL1887 Amsterdam - Nürnberg ist jetzt geöffnet", "Your flight is booked: DCHUHP to Seattle"):
        assert found(title, hours=0).verdict == "supporting"


def test_a_journey_without_length_is_a_note_or_a_question() -> None:
    assert found("Flight home", hours=0).verdict == "neither"
    assert found("Flight to Lisbon (TP 533)", hours=0).confidence == 0.60


def test_a_journey_within_one_city_only_supports() -> None:
    assert found("Berlin Hbf → Berlin Südkreuz").verdict == "supporting"


def test_words_alone_are_a_question_in_the_time_of_a_journey() -> None:
    assert found("Flight").confidence == 0.60
    assert find(entry("Flight", hours=0.25)) is None
    assert find(entry("Flight", attendees=(Attendee("a@x.example"),))) is None
    assert find(entry("Tag")) is None
    assert find(entry("→ Nowhere")) is None


def test_places_that_nobody_knows_are_a_question() -> None:
    assert found("Flight to Qaarsutville").confidence == 0.60
    assert found("Fähre Zzyx → Qwrt").confidence == 0.60
    assert find(entry("Flight to quality panel")) is None
    assert find(entry("Zug Xyz Abc Def")) is None


def test_a_meeting_of_many_is_no_journey_by_its_words_alone() -> None:
    crowd = tuple(Attendee(f"g{n}@x.example") for n in range(5))
    assert found("Flight to Paris", attendees=crowd).confidence == 0.60
    assert found("Flight LH 176 BER-FRA", attendees=crowd).confidence == 0.95


def test_a_leg_longer_than_a_day_is_a_block_and_longer_than_that_no_leg() -> None:
    assert found("Flight to Tokyo", days=5).kind == EvidenceKind.TRIP_BLOCK
    assert find(entry("Flight to Tokyo", hours=40)) is None


# --- cars -------------------------------------------------------------------------------------------------------------


def test_a_rental_car_away_is_a_trip_at_home_it_supports_and_nowhere_it_asks() -> None:
    assert found("Rental car reservation: Economy", location="Hertz San Diego Airport").confidence == 0.88
    assert found("Mietwagen", location="Alexanderplatz 1, Berlin").verdict == "supporting"
    assert found("Pick Up Rental Car: National Car Rental").confidence == 0.55
    assert found("Car rental startup intro", attendees=(Attendee("a@x.example"),)).verdict == "neither"


def test_a_drive_to_another_city_is_a_question() -> None:
    assert found("Drive to Hamburg").confidence == 0.60
    assert find(entry("Drive to Berlin")) is None
    assert find(entry("Drive to")) is None


# --- lodging ----------------------------------------------------------------------------------------------------------


def test_lodging_away_is_a_trip_and_in_the_home_city_nothing() -> None:
    stay = found("Stay at Memmo Alfama Hotel", days=4, location="Travessa das Merceeiras 27, 1100-348 Lisboa, Portugal")
    assert (stay.verdict, stay.kind, stay.confidence) == ("trip", EvidenceKind.LODGING, 0.93)
    assert found("Stay at Hotel de Rome", days=1, location="Behrenstraße 37, 10117 Berlin").verdict == "neither"
    assert found("Hotel Kopenhagen", days=2).confidence == 0.90
    assert found("Stay at home hotel", days=2).verdict == "neither"


def test_lodging_without_a_place_is_sure_only_where_the_words_are() -> None:
    assert found("Hotel reservation: Glo", days=2).confidence == 0.88
    assert found("Hotel Glo", days=2).confidence == 0.55
    assert find(entry("Hotel Glo", days=1)) is None
    assert find(entry("Stay strong: stay in shape", days=1)) is None


def test_the_name_of_a_house_is_no_certain_place() -> None:
    assert found("Hotel de Rome", days=2).destination is None
    assert found("Hotel California", days=2).confidence == 0.60
    assert found("Ferienwohnung Usedom", days=7).confidence == 0.90
    assert found("villa viewing", days=1, location="Lyon").confidence == 0.60
    assert find(entry("Hotel renovation", days=3)) is None
    assert found("Hotel design", days=3, location="Lyon").confidence == 0.60


def test_an_hour_at_a_hotel_is_not_the_stay() -> None:
    assert found("Hotel check-in", hours=1, location="Rome").verdict == "supporting"
    assert find(entry("Villa Garden evening", hours=4)) is None
    assert found("Radisson Blu Tallinn check-in", hours=39, at=23).verdict == "trip"
    assert find(entry("Dinner at Hotel Adlon", hours=2)) is None


# --- TripIt -----------------------------------------------------------------------------------------------------------


def test_tripit_writes_whole_trips_and_their_parts() -> None:
    trip = found("San Diego, CA, September 2027", days=5, uid="ab12@tripit.com", description=TRIPIT)
    assert (
        trip.machine
        and trip.kind == EvidenceKind.TRIP_BLOCK
        and trip.destination is not None
        and trip.destination.city == "San Diego"
    )
    flight = found("US403 PHX to SFO", uid="item-1@tripit.com", description="[Flight] US403")
    assert flight.machine and flight.destination is not None and flight.destination.code == "SFO"
    assert found("Some flight", uid="item-1@tripit.com", description="[Flight] x").destination is None
    assert found("Acela", uid="item-1@tripit.com", description="[Rail] x").kind == EvidenceKind.RAIL
    assert (
        found("Omni", days=2, uid="item-2@tripit.com", description="[Lodging]", location="Boston, MA").kind
        == EvidenceKind.LODGING
    )
    assert found("Adlon", days=2, uid="item-2@tripit.com", description="[Lodging]", location="10117 Berlin").verdict == "neither"
    assert found("Avis", uid="item-3@tripit.com", description="[Car Rental]", location="Boston, MA").confidence == 0.90
    assert found("Museum", uid="item-4@tripit.com", description="[Activity] Museum").verdict == "supporting"


def test_tripit_parts_without_a_type_are_read_by_their_title() -> None:
    assert found("US403 PHX to SFO", uid="item-1@tripit.com").machine
    assert found("Sunset stroll", uid="item-1@tripit.com").verdict == "supporting"
    assert found("Check-in for flight LH 1", uid="item-1@tripit.com").verdict == "supporting"
    assert find(entry("Sunset stroll", uid="ab12@tripit.com")) is None


def test_a_tripit_trip_to_the_home_city_is_a_question() -> None:
    assert found("Berlin, March 2027", days=5, uid="ab12@tripit.com").confidence == 0.60


def test_coordinates_say_where_a_tripit_trip_goes() -> None:
    trip = found("Long weekend", days=3, uid="ab12@tripit.com", geo=(38.72, -9.14))
    assert trip.destination is not None and trip.destination.zone == "Europe/Lisbon"
    named = found("Porto, Portugal", days=3, uid="ab12@tripit.com", geo=(41.15, -8.61))
    assert named.destination is not None and named.destination.city == "Porto"
    assert found("At ours", days=3, uid="ab12@tripit.com", geo=(52.40, 13.45)).confidence == 0.60
    sea = found("Regatta", days=3, uid="ab12@tripit.com", geo=(0.0, -30.0), location="somewhere")
    assert sea.destination is None


def test_tripit_says_whose_trip_it_is() -> None:
    assert tripit_traveller(entry("x", days=2, uid="a@tripit.com", description=TRIPIT).occurrence) == "Ada"
    assert tripit_traveller(entry("x", days=2, description="<name> is in Rome, Italy from May 1\ntripit.com/").occurrence) == ""
    assert tripit_traveller(entry("x", days=2, description=TRIPIT.replace("tripit.com/", "")).occurrence) == ""


def test_an_invitation_cannot_claim_to_be_from_tripit() -> None:
    guest = (Attendee("me@x.example"),)
    assert find(entry("Denver, CO", days=5, uid="x@tripit.com", attendees=guest)) is None


# --- what only joins, whose flat, places ------------------------------------------------------------------------------


def test_rides_check_ins_and_evenings_elsewhere_support() -> None:
    assert found("Uber to airport", hours=0.5).verdict == "supporting"
    assert found("Online check-in LH 176", hours=0.5).verdict == "supporting"
    assert found("Check-in for your appointment", hours=0.5, description=GMAIL).verdict == "supporting"
    away = found("Reservation at Cervejaria", location="Rua da Trindade 20, 1200-468 Lisboa", description=GMAIL)
    assert away.verdict == "supporting" and away.destination is not None
    assert find(entry("Reservation at Borchardt", location="Französische Str. 47, 10117 Berlin", description=GMAIL)) is None


def test_other_peoples_stays_in_my_flat_are_recognised() -> None:
    for title in ("Airbnb · Ada", "Airbnb (Not available)", "Reserved", "CLOSED - Not available", "Blocked"):
        assert is_host_entry(entry(title, days=3).occurrence), title
    for title in ("Airbnb: loft in Lisbon", "Reserved table"):
        assert not is_host_entry(entry(title, days=3).occurrence), title


def test_nearness_and_names_make_one_city() -> None:
    berlin, schoenefeld = GAZETTEER.airport("BER"), GAZETTEER.airport("TXL")
    newark, york = GAZETTEER.airport("EWR"), GAZETTEER.airport("LGA")
    assert same_city(berlin, schoenefeld)
    assert not same_city(berlin, york) and not same_city(None, berlin)
    assert newark is not None and york is not None
    kilometres = distance_km(newark, york)
    assert kilometres is not None and 20 < kilometres < 40
    assert distance_km(newark, Place("x", "UTC")) is None


def test_the_home_city_is_known_even_where_the_gazetteer_does_not_know_it() -> None:
    title = entry("Open house", location="4 Elm St, Kleinkleckersdorf", home="Kleinkleckersdorf")
    assert title.home is not None and title.home.city == "Kleinkleckersdorf"
    assert found("Stay at Gasthof", days=1, location="4 Elm St, Kleinkleckersdorf", home="Kleinkleckersdorf").verdict == "neither"
    nowhere = entry("x", home="")
    assert nowhere.home is None and not is_home(GAZETTEER.city("Berlin"), nowhere)
    junction = GAZETTEER.find_in("5 Main St, Princeton Junction, NJ 08550")
    assert is_home(junction, entry("x", home="Princeton, US"))


def test_titles_are_quoted_on_one_line_and_cut() -> None:
    assert quoted("a\nb\x07") == "“a b”"
    assert len(quoted("x" * 500)) == 82
