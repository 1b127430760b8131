"""Places compared, clocks, doors, and where the leader is at a moment."""

from datetime import date, time, timedelta

import pytest
from msgspec.structs import replace

from rules import place
from rules.absence import merge
from rules.interval import Interval
from rules.model import Absence, Leg, Place, Stay
from rules.place import Site, Whereabouts, whereabouts, zone_at
from rules.policy import DetectPolicy, Me
from tests.rules.evidence_builder import (
    BER,
    BERLIN,
    EWR,
    FRA,
    HOME_ZONE,
    LIS,
    LISBON,
    MUC,
    NRT,
    PORTO,
    at,
    days,
    flight,
    lisbon,
    out_of_office,
    vacation,
)

ME = Me(name="Lena", addresses=("lena@corp.example",), home_zone=HOME_ZONE)


def trip() -> Absence:
    return merge(lisbon(), (), ME, BERLIN, DetectPolicy())[0]


def leg(mode: str, depart: str, origin: Place | None, arrive: str, there: Place | None) -> Leg:
    return Leg(mode, at(depart), at(arrive), origin, there)  # type: ignore[arg-type]


# --- clocks -----------------------------------------------------------------------------------------------------------


def test_a_wall_time_that_does_not_exist_moves_by_the_gap_and_one_that_exists_twice_is_the_first() -> None:
    assert place.wall(date(2027, 3, 28), time(2, 30), HOME_ZONE) == at("2027-03-28 03:30")
    assert place.wall(date(2026, 10, 25), time(2, 30), HOME_ZONE) == at("2026-10-25 00:30", "UTC")


def test_a_midnight_end_belongs_to_the_day_before() -> None:
    assert place.last_date(days("2026-11-09", "2026-11-10"), HOME_ZONE) == date(2026, 11, 10)
    assert place.last_date(Interval(at("2026-11-09 00:00"), at("2026-11-09 00:00")), HOME_ZONE) == date(2026, 11, 9)


def test_nights_leave_out_the_night_of_the_departure_and_nights_at_home() -> None:
    span = Interval(at("2026-11-09 00:30"), at("2026-11-12 12:00"))
    at_home = [Interval(at("2026-11-10 20:00"), at("2026-11-11 08:00"))]
    assert place.nights(span, HOME_ZONE, span.start) == 3
    assert place.nights(span, HOME_ZONE, span.start, at_home) == 2


# --- places -----------------------------------------------------------------------------------------------------------


def test_airports_of_one_city_are_the_city_and_the_next_city_is_not() -> None:
    assert place.same_place(BER, BERLIN)
    assert not place.same_place(LISBON, PORTO)
    assert not place.same_place(None, BERLIN)
    assert not place.same_place(BERLIN, None)


def test_places_are_compared_by_code_then_name_then_distance() -> None:
    assert place.same_place(Place("x", HOME_ZONE, code="BER"), Place("y", HOME_ZONE, code="BER"))
    assert place.same_place(Place("x", HOME_ZONE, city="Köln", country="DE"), Place("y", HOME_ZONE, city="koln"))
    assert not place.same_place(
        Place("x", HOME_ZONE, city="Wien", country="AT"), Place("y", HOME_ZONE, city="Wien", country="US")
    )
    east = Place("", "America/New_York", city="Portland", latitude=43.66, longitude=-70.26)
    west = Place("", "America/Los_Angeles", city="Portland", latitude=45.52, longitude=-122.68)
    assert not place.same_place(east, west)
    assert not place.same_place(Place("a", HOME_ZONE), Place("b", HOME_ZONE))


def test_people_fly_from_the_regions_airport_but_not_from_another_country() -> None:
    somewhere = Place("Mannheim", HOME_ZONE, city="Mannheim", country="DE")
    assert place.near_home(BERLIN, BERLIN)
    assert place.near_home(FRA, somewhere)
    assert not place.near_home(LIS, somewhere)
    assert not place.near_home(MUC, BERLIN)
    assert place.near_home(MUC, Place("", HOME_ZONE))


def test_where_only_the_home_zone_is_known_coming_back_into_it_is_coming_home() -> None:
    home = Place("", HOME_ZONE)
    back = leg("flight", "2026-11-13 18:50", None, "2026-11-13 23:20", BER)
    out = leg("flight", "2026-11-09 07:00", None, "2026-11-09 11:00", LIS)
    assert place.is_base(BER, place.bases([out, back], home))
    assert not place.is_base(BER, place.bases([back], home))
    assert place.bases([], home) == (home,)


# --- doors ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mode", "start", "end"),
    [("flight", "04:30", "12:15"), ("rail", "06:15", "11:30"), ("ferry", "06:00", "11:45"), ("car", "07:00", "11:00")],
)
def test_each_means_of_travel_has_its_own_way_to_and_from_the_door(mode: str, start: str, end: str) -> None:
    legs = [leg(mode, "2026-11-09 07:00", BER, "2026-11-09 11:00", LIS)]
    door = place.door_to_door(legs, DetectPolicy())
    assert door == Interval(at(f"2026-11-09 {start}"), at(f"2026-11-09 {end}"))


# --- stays ------------------------------------------------------------------------------------------------------------


def test_beds_count_before_other_sites_and_home_is_no_site() -> None:
    span = Interval(at("2026-11-09 06:00"), at("2026-11-11 22:00"))
    sites = [Site(span, NRT), Site(span, LISBON, bed=True), Site(span, BERLIN, bed=True)]
    assert [s.zone for s in place.stays(span, [], sites, [BERLIN])] == [HOME_ZONE, "Europe/Lisbon", HOME_ZONE]


def test_legs_without_time_between_them_leave_no_stay() -> None:
    legs = [
        leg("flight", "2026-11-09 07:00", BER, "2026-11-09 09:00", FRA),
        leg("flight", "2026-11-09 09:00", FRA, "2026-11-09 17:00", EWR),
    ]
    found = place.stays(Interval(at("2026-11-09 07:00"), at("2026-11-09 17:00")), legs, [], [BERLIN])
    assert found == ()


def test_days_at_home_are_stays_at_home_longer_than_a_way_to_the_airport() -> None:
    way = Stay(Interval(at("2026-11-09 04:30"), at("2026-11-09 07:00")), HOME_ZONE, BER)
    day = Stay(Interval(at("2026-11-14 00:00"), at("2026-11-14 22:00")), HOME_ZONE, BER)
    away = Stay(Interval(at("2026-11-09 11:00"), at("2026-11-13 19:00")), "Europe/Lisbon", LIS)
    assert place.days_at_home([way, away, day], [BERLIN]) == (day.span,)


# --- questions about a moment -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("moment", "zone"),
    [
        ("2026-11-08 12:00", HOME_ZONE),
        ("2026-11-09 05:00", HOME_ZONE),
        ("2026-11-09 09:00", HOME_ZONE),
        ("2026-11-09 11:00", "Europe/Lisbon"),
        ("2026-11-13 21:00", "Europe/Lisbon"),
        ("2026-11-13 23:20", HOME_ZONE),
        ("2026-11-15 12:00", HOME_ZONE),
    ],
)
def test_the_zone_is_the_origins_until_arrival(moment: str, zone: str) -> None:
    assert zone_at(trip(), at(moment), HOME_ZONE) == zone


def test_an_absence_without_stays_keeps_the_home_zone() -> None:
    assert zone_at(replace(trip(), stays=()), at("2026-11-10 12:00"), HOME_ZONE) == HOME_ZONE


def test_whereabouts_follow_the_trip() -> None:
    away = trip()
    assert whereabouts(None, at("2026-11-08 12:00"), HOME_ZONE) == Whereabouts("home", HOME_ZONE)
    assert whereabouts(away, at("2026-11-08 12:00"), HOME_ZONE).until == away.span.start
    assert whereabouts(away, at("2026-11-15 12:00"), HOME_ZONE).until is None
    to_the_airport = whereabouts(away, at("2026-11-09 05:00"), HOME_ZONE)
    assert (to_the_airport.state, to_the_airport.place) == ("transit", LIS)
    assert whereabouts(away, at("2026-11-09 08:00"), HOME_ZONE).until == at("2026-11-09 11:00")
    there = whereabouts(away, at("2026-11-10 12:00"), HOME_ZONE)
    assert (there.state, there.zone, there.until) == ("away", "Europe/Lisbon", at("2026-11-13 19:50"))
    home_again = whereabouts(away, at("2026-11-13 23:45"), HOME_ZONE)
    assert (home_again.state, home_again.until) == ("transit", away.span.end)


def test_whereabouts_without_legs_or_stays_are_away_until_the_end() -> None:
    (leave,) = merge([vacation("2026-07-06", "2026-07-17")], (), ME, BERLIN, DetectPolicy())
    bare = replace(leave, stays=())
    assert whereabouts(bare, at("2026-07-08 12:00"), HOME_ZONE) == Whereabouts("away", HOME_ZONE, None, leave.span.end)


def test_days_at_home_within_an_absence_are_no_transit() -> None:
    entries = [*lisbon()[1:], out_of_office("2026-11-08", "2026-11-15")]
    (trip_and_more,) = merge(entries, (), ME, BERLIN, DetectPolicy())
    assert whereabouts(trip_and_more, at("2026-11-08 12:00"), HOME_ZONE).state == "away"
    assert whereabouts(trip_and_more, at("2026-11-14 12:00"), HOME_ZONE).place == BER


def test_an_open_end_is_no_transit_home() -> None:
    (one_way,) = merge([flight("2026-11-09 18:00", BER, "20:00", LIS)], (), ME, BERLIN, DetectPolicy())
    assert one_way.open_ended
    assert whereabouts(one_way, at("2026-11-09 21:30"), HOME_ZONE).state == "away"


def test_a_site_that_begins_before_the_ground_does_not_reach_back() -> None:
    span = Interval(at("2026-11-09 06:00"), at("2026-11-11 22:00"))
    early = Site(Interval(span.start - timedelta(days=3), span.end), LISBON, bed=True)
    assert place.stays(span, [], [early], [BERLIN])[1].span.start == at("2026-11-09 12:00")
