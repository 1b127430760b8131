"""The gazetteer: names in many languages, addresses, stations, everyday words, and what it must not guess."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations import place_names, places

GAZETTEER = places.load()


@pytest.mark.parametrize(
    ("name", "city", "zone"),
    [
        *(
            (n, "Lisbon", "Europe/Lisbon")
            for n in ("Lisbon", "Lisboa", "Lissabon", "Lisbonne", "Lisbona", "Lizbona", "LISBOA", "リスボン")
        ),
        *((n, "Vienna", "Europe/Vienna") for n in ("Wien", "Viena", "Vienne", "Wenen", "Wiedeń", "ウィーン")),
        *((n, "Warsaw", "Europe/Warsaw") for n in ("Warszawa", "Warschau", "Varsovie", "Varsavia")),
        *((n, "Tokyo", "Asia/Tokyo") for n in ("東京", "Tokio", "Tóquio", "도쿄")),
        ("San Antonio, TX", "San Antonio", "America/Chicago"),
        ("Portland, ME", "Portland", "America/New_York"),
        ("London, ON", "London", "America/Toronto"),
        ("Memmingen", "Memmingen", "Europe/Berlin"),
    ],
)
def test_a_city_is_known_by_its_names(name: str, city: str, zone: str) -> None:
    place = GAZETTEER.city(name)
    assert place is not None and (place.city, place.zone) == (city, zone)


def test_the_country_narrows_an_ambiguous_name() -> None:
    assert (place := GAZETTEER.city("Princeton", "us")) is not None and place.zone == "America/New_York"
    assert GAZETTEER.city("Lisbon", "DE") is None


def test_countries_and_regions_are_places_without_a_city() -> None:
    for name, zone in (
        ("Italien", "Europe/Rome"),
        ("Toskana", "Europe/Rome"),
        ("Texas", "America/Chicago"),
        ("Japon", "Asia/Tokyo"),
    ):
        place = GAZETTEER.city(name)
        assert place is not None and (place.city, place.zone) == ("", zone)


@pytest.mark.parametrize("code", ["LIS", "JFK", "TXL", "SXF", "ZMB", "CEO"])
def test_airports_of_today_and_yesterday_have_zones(code: str) -> None:
    place = GAZETTEER.airport(code)
    assert place is not None and ZoneInfo(place.zone)


def test_an_unknown_code_is_nothing() -> None:
    assert GAZETTEER.airport("QQZ") is None
    assert GAZETTEER.airport("lis") is None


@pytest.mark.parametrize(
    ("address", "city"),
    [
        ("90 Tremont Street, Boston, Massachusetts 02108, United States", "Boston"),
        ("Behrenstraße 37, 10117 Berlin", "Berlin"),
        ("Brüsseler Str. 4, 1040 Wien", "Vienna"),
        ("1 Rue de Berlin, 69001 Lyon", "Lyon"),
        ("Leppävaarankatu 1, FI-02600 Espoo, Finland", "Espoo"),
        ("Café Duddel, Zülpicher Wall 8, Köln, NRW, DE, 50674", "Cologne"),
        ("720 Michigan St NE, Grand Rapids, MI, United States, 49503", "Grand Rapids"),
        ("12 Elm Street, Smallville, KS 67524", "Smallville"),
        ("Hertz San Diego Airport", "San Diego"),
        ("Phoenix (PHX)", "Phoenix"),
        ("Berlin BER", "Berlin"),
        ("Reading RDG", "Reading"),
        ("10 Downing St, London SW1A 2AA", "London"),
        ("大阪市北区梅田1-1", "Osaka"),
        ("서울 출장", "Seoul"),
        ("シンガポール 出張", "Singapore"),
        ("Reading, UK", "Reading"),
        ("Bath, England", "Bath"),
        ("Nice, France", "Nice"),
        ("Denver, CO, USA", "Denver"),
        ("Messe Dornbirn, 6854 Memmingen", "Memmingen"),
    ],
)
def test_the_city_of_an_address_is_found(address: str, city: str) -> None:
    place = GAZETTEER.find_in(address)
    assert place is not None and place.city == city


@pytest.mark.parametrize(
    "text",
    [
        "Nice work",
        "Reading group",
        "Split the bill",
        "Mobile app",
        "日本語レッスン",
        "ZEROTOKYO",
        "https://example.com/Paris",
        "Essen gehen",
        "",
        "()",
        "turkey sandwich",
        "Springfield",
    ],
)
def test_everyday_words_and_addresses_of_the_web_are_no_places(text: str) -> None:
    assert GAZETTEER.find_in(text) is None


def test_a_town_nobody_knows_takes_the_zone_of_a_country_that_has_one() -> None:
    place = GAZETTEER.find_in("Gasthof Post, Hinterwaldingen, Deutschland")
    assert place is not None and (place.zone, place.city) == ("Europe/Berlin", "Hinterwaldingen")
    assert (wide := GAZETTEER.find_in("Main Street, Nowhereville, USA")) is not None and (wide.city, wide.country) == ("", "US")
    assert (state := GAZETTEER.find_in("1 Some Road 5, TX 12345")) is not None and state.zone == "America/Chicago"


@pytest.mark.parametrize(
    ("station", "city"),
    [
        ("Berlin Hbf", "Berlin"),
        ("Paris Est", "Paris"),
        ("Warszawa Centralna", "Warsaw"),
        ("Glasgow Central (GLC)", "Glasgow"),
        ("London Kings Cross", "London"),
        ("ZMB", "Hamburg"),
        ("Gare de Lille", "Lille"),
        ("東京駅", "Tokyo"),
        ("Luxembourg", "Luxembourg"),
    ],
)
def test_a_station_is_its_city(station: str, city: str) -> None:
    place = GAZETTEER.station(station)
    assert place is not None and place.city == city


@pytest.mark.parametrize("text", ["Berlin office data", "Central", "", "未知の駅"])
def test_what_is_no_station_is_nothing(text: str) -> None:
    assert GAZETTEER.station(text) is None


def test_a_coordinate_has_the_zone_of_its_land_and_the_open_sea_has_none() -> None:
    assert GAZETTEER.zone_at(38.7, -9.1) == "Europe/Lisbon"
    assert GAZETTEER.zone_at(0.0, -30.0) is None
    assert GAZETTEER.zone_at(123.0, 0.0) is None


def test_every_name_in_the_tables_leads_to_a_real_zone() -> None:
    for *_, name in place_names.lines_of(place_names.COUNTRIES):
        place = GAZETTEER.city(name.removeprefix("*"))
        assert place is not None and ZoneInfo(place.zone)
    for codes, name, *_ in place_names.lines_of(place_names.CITIES):
        assert GAZETTEER.airport(codes.lstrip("~").split()[0]) is not None, codes
        assert GAZETTEER.city(name.removeprefix("*")) is not None, name


@given(st.text(max_size=80))
def test_any_text_is_answered_and_never_raises(text: str) -> None:
    for place in (GAZETTEER.find_in(text), GAZETTEER.city(text), GAZETTEER.station(text), GAZETTEER.airport(text)):
        assert place is None or ZoneInfo(place.zone)


def test_our_reading_of_the_airport_table_is_that_of_its_own_library() -> None:
    import airportsdata

    theirs = {
        code: (code, a["name"], a["city"], a["subd"], a["country"], (a["lat"], a["lon"]), a["tz"])
        for code, a in airportsdata.load("IATA").items()
        if a["tz"]
    }
    read = places.Places()
    ours = [airport for code in read._airports if (airport := read._by_code(code))]
    assert {a.code: (a.code, a.name, a.city, a.state, a.country, a.spot, a.zone) for a in ours} == theirs


@pytest.mark.parametrize(
    ("station", "city"),
    [
        ("Gare de Lyon", "Paris"),
        ("St Pancras", "London"),
        ("Sants", "Barcelona"),
        ("Penn Station", "New York"),
        ("新千歳", "Sapporo"),
    ],
)
def test_a_station_that_is_named_without_its_city_is_known(station: str, city: str) -> None:
    place = GAZETTEER.station(station)
    assert place is not None and place.city == city


def test_the_code_of_a_whole_city_is_that_city() -> None:
    for code, city in (("LON", "London"), ("NYC", "New York"), ("WAS", "Washington DC"), ("TYO", "Tokyo")):
        place = GAZETTEER.airport(code)
        assert place is not None and place.city == city
