"""Evidence merged into absences: what joins, where it begins and ends, how many nights, and what follows from it."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from rules.absence import merge, parse_if, what_if
from rules.interval import Interval
from rules.model import Absence, Declared, Evidence, EvidenceKind, Place
from rules.policy import DetectPolicy, Me
from tests.rules.evidence_builder import (
    AKL,
    BER,
    BERLIN,
    EWR,
    FRA,
    HAMBURG,
    HNL,
    HOME_ZONE,
    LEJ,
    LIS,
    LISBON,
    MUC,
    NEW_YORK,
    NRT,
    PARIS,
    PORTO,
    SFO,
    at,
    days,
    evidence,
    flight,
    hotel,
    leg,
    lisbon,
    out_of_office,
    train,
    vacation,
    whole,
)

ME = Me(name="Lena", addresses=("lena@corp.example",), home_zone=HOME_ZONE)
POLICY = DetectPolicy()
ONLY_ZONE = Place("", HOME_ZONE)
BLOCK, PLACE, CONFERENCE, TRIP_BLOCK = (
    EvidenceKind.BLOCK, EvidenceKind.PLACE, EvidenceKind.CONFERENCE, EvidenceKind.TRIP_BLOCK,
)  # fmt: skip


def merged(*found: Evidence, declared: tuple[Declared, ...] = (), home: Place = BERLIN) -> tuple[Absence, ...]:
    return merge(found, declared, ME, home, POLICY)


def only(*found: Evidence, declared: tuple[Declared, ...] = (), home: Place = BERLIN) -> Absence:
    absences = merged(*found, declared=declared, home=home)
    assert len(absences) == 1, [(a.title, a.span) for a in absences]
    return absences[0]


def spans(start: str, end: str) -> Interval:
    return Interval(at(start), at(end))


def there_and_back(out: str = "2026-11-09", back: str = "2026-11-13", **more: object) -> list[Evidence]:
    return [
        flight(f"{out} 07:00", BER, "10:00", LIS, **more),
        flight(f"{back} 18:50", LIS, "23:20", BER, **more),
    ]


# --- the worked example -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("home", [BERLIN, ONLY_ZONE])
def test_six_entries_for_lisbon_become_one_trip_of_four_nights_from_door_to_door(home: Place) -> None:
    trip = only(*lisbon(), home=home)
    assert trip.span == spans("2026-11-09 04:30", "2026-11-14 00:35")
    assert (trip.kind, trip.nights, trip.action, trip.open_ended) == ("trip", 4, "act", False)
    assert trip.title == "Trip to Lisbon"
    assert len(trip.evidence) == 6
    assert [(s.zone, s.span) for s in trip.stays] == [
        ("Europe/Berlin", spans("2026-11-09 04:30", "2026-11-09 07:00")),
        ("Europe/Lisbon", spans("2026-11-09 11:00", "2026-11-13 19:50")),
        ("Europe/Berlin", spans("2026-11-13 23:20", "2026-11-14 00:35")),
    ]


def test_an_out_of_office_that_runs_through_the_day_of_coming_home_adds_nothing() -> None:
    trip = only(out_of_office("2026-11-09", "2026-11-14"), *lisbon()[1:])
    assert trip.span == spans("2026-11-09 04:30", "2026-11-14 00:35")


# --- journeys ---------------------------------------------------------------------------------------------------------


def test_a_connection_is_one_journey_and_its_ground_time_is_a_stay() -> None:
    trip = only(
        flight("2026-10-05 06:45", BER, "08:00", FRA),
        flight("2026-10-05 10:00", FRA, "12:40", EWR),
        flight("2026-10-09 18:00", EWR, "2026-10-10 07:30", FRA),
        flight("2026-10-10 09:00", FRA, "10:10", BER),
        hotel("2026-10-05", "2026-10-09", NEW_YORK),
    )
    assert trip.nights == 5
    assert trip.title == "Trip to New York"
    assert [s.zone for s in trip.stays] == [HOME_ZONE, HOME_ZONE, "America/New_York", HOME_ZONE, HOME_ZONE]
    assert trip.stays[1].span == spans("2026-10-05 08:00", "2026-10-05 10:00")


def test_a_night_at_home_makes_two_trips() -> None:
    one, two = merged(*there_and_back("2026-11-02", "2026-11-03"), *there_and_back("2026-11-05", "2026-11-06"))
    assert (one.nights, two.nights) == (1, 1)
    assert one.span.end < two.span.start
    assert one.id != two.id


def test_hours_at_home_before_three_in_the_morning_keep_it_one_trip() -> None:
    trip = only(
        flight("2026-11-02 07:00", BER, "08:10", MUC),
        flight("2026-11-02 15:00", MUC, "16:10", BER),
        flight("2026-11-02 20:00", BER, "23:00", LIS),
        flight("2026-11-04 18:00", LIS, "22:30", BER),
    )
    assert trip.nights == 2
    assert len(trip.legs) == 4


def test_leaving_before_one_is_really_back_is_the_same_trip() -> None:
    trip = only(
        train("2026-11-02 07:00", BERLIN, "09:00", HAMBURG),
        train("2026-11-02 15:00", HAMBURG, "17:00", BERLIN),
        flight("2026-11-02 18:00", BER, "21:00", LIS),
        flight("2026-11-04 18:00", LIS, "22:30", BER),
    )
    assert len(trip.legs) == 4


def test_a_weekend_at_home_parts_two_weeks_of_work_abroad() -> None:
    weeks = merged(
        *there_and_back("2026-11-02", "2026-11-06"),
        out_of_office("2026-11-02", "2026-11-06"),
        *there_and_back("2026-11-09", "2026-11-13"),
        out_of_office("2026-11-09", "2026-11-13"),
    )
    assert [(a.nights, a.kind) for a in weeks] == [(4, "trip"), (4, "trip")]
    assert [len(a.evidence) for a in weeks] == [3, 3]


def test_a_red_eye_is_a_night() -> None:
    trip = only(
        flight("2026-11-02 06:00", BER, "09:00", LIS),
        flight("2026-11-02 22:30", LIS, "2026-11-03 03:00", BER),
    )
    assert trip.nights == 1


def test_a_day_trip_has_no_night_however_early_it_starts() -> None:
    trip = only(flight("2026-11-02 01:30", BER, "04:30", LIS), flight("2026-11-02 18:00", LIS, "22:30", BER))
    assert trip.span.start == at("2026-11-01 23:00")
    assert trip.nights == 0


def test_nights_across_both_changes_of_the_clocks_are_counted_by_dates() -> None:
    autumn = only(*there_and_back("2026-10-24", "2026-10-26"))
    spring = only(*there_and_back("2027-03-27", "2027-03-29"))
    assert (autumn.nights, spring.nights) == (2, 2)
    assert autumn.span.length - spring.span.length == timedelta(hours=1) * 2 - timedelta(hours=0)


def test_a_trip_over_the_end_of_a_month_and_a_year_counts_every_night() -> None:
    assert only(*there_and_back("2026-12-30", "2027-01-02")).nights == 3


def test_a_return_over_the_date_line_arrives_before_it_left() -> None:
    home = replace(BERLIN, name="Honolulu", city="Honolulu", zone="Pacific/Honolulu", latitude=21.3, longitude=-157.9)
    me = replace(ME, home_zone="Pacific/Honolulu")
    legs = [
        flight("2026-11-02 13:00", HNL, "2026-11-03 20:00", AKL),
        flight("2026-11-07 23:00", AKL, "2026-11-07 09:00", HNL),
    ]
    (trip,) = merge(legs, (), me, home, POLICY)
    assert trip.nights == 5
    assert [s.zone for s in trip.stays] == ["Pacific/Honolulu", "Pacific/Auckland", "Pacific/Honolulu"]


def test_a_journey_from_the_regions_other_airport_closes_there() -> None:
    trip = only(flight("2026-11-02 07:00", LEJ, "10:00", LIS), flight("2026-11-05 18:00", LIS, "22:30", LEJ))
    assert (trip.nights, trip.open_ended) == (3, False)


def test_commuting_within_the_home_region_is_no_absence() -> None:
    potsdam = Place("Potsdam", HOME_ZONE, city="Potsdam", country="DE", latitude=52.4, longitude=13.06)
    assert merged(train("2026-11-02 07:00", potsdam, "07:30", BERLIN)) == ()


def test_leaving_home_again_means_that_the_first_journey_has_ended_somehow() -> None:
    one, two = merged(
        train("2026-11-02 07:00", BERLIN, "09:00", HAMBURG), *there_and_back("2026-11-05", "2026-11-06")
    )  # fmt: skip
    assert (one.open_ended, one.action) == (True, "ask")
    assert (two.open_ended, two.action) == (False, "act")


def test_journeys_months_apart_are_not_chained() -> None:
    one, two = merged(flight("2026-03-02 07:00", None, "10:00", LIS), flight("2026-09-02 07:00", LIS, "11:30", BER))
    assert one.open_ended
    assert two.action == "ask"


def test_a_way_home_alone_is_an_absence_that_is_asked_about() -> None:
    trip = only(flight("2026-11-13 18:50", LIS, "23:20", BER, machine=True, confidence=0.95))
    assert trip.action == "ask"
    assert "Only the way home is known" in trip.because[0]
    assert trip.stays[0].zone == "Europe/Lisbon"
    assert trip.nights == 0


@pytest.mark.parametrize("home", [BERLIN, ONLY_ZONE])
def test_a_way_home_alone_begins_with_the_out_of_office_before_it(home: Place) -> None:
    trip = only(
        flight("2026-11-13 18:50", LIS, "23:20", BER, machine=True, confidence=0.95),
        out_of_office("2026-11-09", "2026-11-13"),
        home=home,
    )
    assert trip.span == spans("2026-11-09 06:00", "2026-11-14 00:35")
    assert (trip.action, trip.nights) == ("act", 4)
    assert trip.stays[1].span.start == at("2026-11-09 12:00")


def test_a_way_home_without_an_origin_is_recognised_by_where_it_goes() -> None:
    trip = only(flight("2026-11-09 07:00", None, "10:00", LIS), flight("2026-11-13 18:50", None, "23:20", BER))
    assert (trip.open_ended, trip.nights) == (False, 4)


def test_no_way_home_ends_with_the_last_bed_and_asks() -> None:
    trip = only(
        flight("2026-11-09 07:00", BER, "10:00", LIS, machine=True, confidence=0.95),
        hotel("2026-11-09", "2026-11-11", LISBON),
        hotel("2026-11-12", "2026-11-14", PORTO),
    )
    assert trip.span.end == at("2026-11-14 11:00", "Europe/Lisbon")
    assert (trip.open_ended, trip.action) == (True, "ask")
    assert trip.stays[-1].zone == "Europe/Lisbon"


def test_no_way_home_and_nothing_else_ends_in_the_evening_and_asks() -> None:
    trip = only(flight("2026-11-09 07:00", BER, "10:00", LIS, machine=True, confidence=0.95))
    assert trip.span.end == at("2026-11-09 22:00")
    assert trip.action == "ask"


def test_an_open_journey_is_over_when_the_next_one_leaves_home() -> None:
    one, two = merged(
        flight("2026-11-09 07:00", BER, "10:00", LIS), *there_and_back("2026-11-09", "2026-11-11")[1:],
        flight("2026-11-12 07:00", BER, "08:10", MUC), out_of_office("2026-11-12", "2026-11-13"),
    )  # fmt: skip
    assert one.span.end <= two.span.start
    assert (one.open_ended, two.open_ended) == (False, True)


def test_two_open_journeys_out_of_home_within_hours_do_not_overlap() -> None:
    one, two = merged(
        train("2026-11-09 07:00", BERLIN, "09:00", HAMBURG), flight("2026-11-09 10:00", BER, "13:00", LIS),
    )  # fmt: skip
    assert one.span.end <= two.span.start


def test_an_unrecorded_move_changes_the_zone_on_the_way_to_the_next_leg() -> None:
    trip = only(flight("2026-11-09 07:00", BER, "10:00", LIS), flight("2026-11-13 18:50", PARIS, "20:30", BER))
    assert [s.zone for s in trip.stays] == [HOME_ZONE, "Europe/Lisbon", "Europe/Paris", HOME_ZONE]


def test_of_two_flights_at_the_same_time_the_machines_one_is_taken() -> None:
    trip = only(*there_and_back(machine=True, confidence=0.95), flight("2026-11-09 08:00", BER, "09:00", MUC, confidence=0.9))
    assert [leg.destination for leg in trip.legs] == [LIS, BER]
    assert len(trip.evidence) == 3


def test_a_seat_booked_twice_is_flown_once() -> None:
    trip = only(
        flight("2026-11-09 07:00", BER, "10:00", LIS, confidence=0.9),
        flight("2026-11-09 15:00", BER, "18:00", LIS, confidence=0.95, machine=True),
        flight("2026-11-13 18:50", LIS, "23:20", BER),
    )
    assert trip.span.start == at("2026-11-09 12:30")
    assert len(trip.legs) == 2


def test_a_rental_car_is_no_movement_and_a_drive_is() -> None:
    rental = leg(EvidenceKind.CAR, "2026-11-09 12:00", None, "2026-11-12 10:00", LISBON, summary="Hertz")
    drive = leg(EvidenceKind.CAR, "2026-11-20 08:00", BERLIN, "11:00", HAMBURG, summary="Drive to Hamburg")
    back = leg(EvidenceKind.CAR, "2026-11-20 18:00", HAMBURG, "21:00", BERLIN, summary="Drive home")
    trip, by_car = merged(*there_and_back(), rental, drive, back)
    assert (len(trip.legs), len(trip.evidence)) == (2, 3)
    assert by_car.span == spans("2026-11-20 08:00", "2026-11-20 21:00")


# --- copies -----------------------------------------------------------------------------------------------------------


def test_a_mailed_and_a_tripit_copy_of_one_flight_count_once() -> None:
    gmail = flight("2026-11-09 07:00", None, "10:00", LIS, summary="Flight to Lisbon (TP 533)", confidence=0.8)
    tripit = flight("2026-11-09 07:05", BER, "10:05", LIS, summary="TP0533 BER to LIS", confidence=0.8, calendar="tripit")
    trip = only(gmail, tripit)
    assert trip.confidence == 0.8
    assert len(trip.legs) == 1
    assert trip.legs[0].origin == BER


def test_a_delayed_flight_keeps_its_number() -> None:
    one = flight("2026-11-09 07:00", BER, "10:00", LIS, summary="TP 533", confidence=0.8)
    late = flight("2026-11-09 12:00", BER, "15:00", LIS, summary="TP 533", confidence=0.9, calendar="other")
    trip = only(one, late)
    assert (trip.confidence, len(trip.legs)) == (0.9, 1)
    assert trip.span.start == at("2026-11-09 09:30")


def test_the_same_entry_in_two_calendars_is_one_source() -> None:
    one = vacation("2026-07-06", "2026-07-17")
    trip = only(one, replace(one, key=replace(one.key, calendar_id="phone"), identity="another"))
    assert (trip.confidence, trip.action, len(trip.evidence)) == (0.92, "private-only", 2)


def test_two_dates_of_one_series_are_one_source() -> None:
    mon = whole("Lisbon", PLACE, "2026-11-09", confidence=0.7, uid="series", recurrence="20261109", destination=LISBON)
    tue = whole("Lisbon", PLACE, "2026-11-10", confidence=0.7, uid="series", recurrence="20261110", destination=LISBON)
    assert only(mon, tue).confidence == 0.7


# --- blocks -----------------------------------------------------------------------------------------------------------


def test_lodging_alone_runs_from_check_in_to_check_out_in_its_own_zone() -> None:
    stay = only(hotel("2026-11-09", "2026-11-12", LISBON))
    assert stay.span == Interval(at("2026-11-09 15:00", "Europe/Lisbon"), at("2026-11-12 11:00", "Europe/Lisbon"))
    assert (stay.nights, stay.action, stay.title) == (3, "private-only", "Trip to Lisbon")
    assert [s.zone for s in stay.stays] == ["Europe/Lisbon"]


def test_lodging_of_one_date_is_one_night_and_of_an_unknown_place_keeps_the_home_zone() -> None:
    stay = only(replace(hotel("2026-11-09", "2026-11-09", LISBON), destination=None))
    assert stay.span == spans("2026-11-09 15:00", "2026-11-10 11:00")
    assert stay.nights == 1
    assert [s.zone for s in stay.stays] == [HOME_ZONE]
    assert "Where to is not known: times are in the home zone." in stay.because


def test_whole_days_run_from_six_to_ten_and_the_zone_changes_at_noon() -> None:
    trip = only(whole("Lisbon", PLACE, "2026-11-09", "2026-11-11", confidence=0.75, destination=LISBON))
    assert trip.span == spans("2026-11-09 06:00", "2026-11-11 22:00")
    assert trip.action == "ask"
    assert [(s.zone, s.span.start) for s in trip.stays] == [
        (HOME_ZONE, at("2026-11-09 06:00")),
        ("Europe/Lisbon", at("2026-11-09 12:00")),
        (HOME_ZONE, at("2026-11-11 12:00")),
    ]


def test_a_one_day_absence_works_and_stays_in_the_home_zone() -> None:
    trip = only(whole("Trip to Lisbon", PLACE, "2026-11-09", confidence=0.9, destination=LISBON))
    assert trip.span == spans("2026-11-09 06:00", "2026-11-09 22:00")
    assert (trip.nights, trip.title) == (0, "Trip to Lisbon")
    assert [s.zone for s in trip.stays] == [HOME_ZONE]


def test_days_of_leave_in_a_row_are_one_and_a_day_between_parts_them() -> None:
    assert len(merged(vacation("2026-11-09"), vacation("2026-11-10", identity="b"))) == 1
    assert len(merged(vacation("2026-11-09"), vacation("2026-11-11", identity="b"))) == 2


def test_a_hotel_for_a_week_is_no_part_of_a_day_trip() -> None:
    day, week = merged(
        flight("2026-11-09 07:00", BER, "08:10", MUC),
        flight("2026-11-09 12:00", MUC, "13:10", BER),
        hotel("2026-11-09", "2026-11-14", LISBON),
    )
    assert day.title == "Trip to Munich"
    assert (week.title, week.nights) == ("Trip to Lisbon", 5)
    assert day.span.end <= week.span.start


def test_an_out_of_office_without_travel_is_leave_and_acts() -> None:
    leave = only(out_of_office("2026-11-09", "2026-11-10"))
    assert (leave.kind, leave.action, leave.title) == ("leave", "act", "Leave")


def test_a_leave_entry_says_what_the_out_of_office_is_for() -> None:
    assert only(out_of_office("2026-11-09", "2026-11-13"), vacation("2026-11-09", "2026-11-13")).kind == "vacation"


def test_leave_nested_in_a_trip_is_one_absence() -> None:
    trip = only(*there_and_back(), vacation("2026-11-12", "2026-11-13"))
    assert (trip.kind, trip.span) == ("trip", spans("2026-11-09 04:30", "2026-11-14 00:35"))


def test_leave_on_over_half_of_the_days_makes_a_journey_a_vacation() -> None:
    trip = only(*there_and_back(), vacation("2026-11-10", "2026-11-13"))
    assert trip.kind == "vacation"
    assert trip.title == "Vacation in Lisbon"


def test_family_leave_on_most_days_makes_it_the_familys() -> None:
    trip = only(*there_and_back(), vacation("2026-11-09", "2026-11-13", verdict="family-vacation"))
    assert (trip.kind, trip.with_family) == ("family-vacation", True)


def test_a_journey_within_a_longer_leave_is_one_vacation_with_days_at_home() -> None:
    trip = only(*there_and_back("2026-07-08", "2026-07-10"), vacation("2026-07-06", "2026-07-17"))
    assert trip.span == spans("2026-07-06 06:00", "2026-07-17 22:00")
    assert (trip.kind, trip.nights) == ("vacation", 11)
    assert [s.zone for s in trip.stays] == [HOME_ZONE, "Europe/Lisbon", HOME_ZONE]


def test_days_out_of_office_at_home_around_a_trip_add_no_nights() -> None:
    trip = only(*there_and_back("2026-11-10", "2026-11-12"), out_of_office("2026-11-09", "2026-11-14"))
    assert trip.span == spans("2026-11-09 06:00", "2026-11-14 22:00")
    assert (trip.kind, trip.nights) == ("trip", 2)


def test_two_journeys_within_one_leave_are_one_absence() -> None:
    vacations = only(
        *there_and_back("2026-07-06", "2026-07-09"),
        *there_and_back("2026-07-13", "2026-07-16"),
        *there_and_back("2026-07-20", "2026-07-23"),
        vacation("2026-07-06", "2026-07-24"),
    )
    assert (vacations.kind, len(vacations.legs)) == ("vacation", 6)


def test_leave_that_only_touches_a_trip_stands_by_itself() -> None:
    trip, leave = merged(*there_and_back(), vacation("2026-11-14", "2026-11-21"))
    assert (trip.kind, leave.kind) == ("trip", "vacation")
    assert trip.span.end <= leave.span.start
    assert leave.span.end == at("2026-11-21 22:00")


def test_leave_before_an_open_journey_joins_it() -> None:
    trip = only(flight("2026-07-04 09:00", BER, "12:00", LIS), vacation("2026-07-05", "2026-07-17"))
    assert (trip.kind, trip.open_ended) == ("vacation", True)
    assert trip.span.end == at("2026-07-17 22:00")


def test_what_says_nothing_new_within_a_trip_is_swallowed_as_evidence() -> None:
    half_day = evidence("Urlaub", spans("2026-11-13 20:00", "2026-11-14 05:00"), EvidenceKind.LEAVE, verdict="vacation")
    trip = only(*there_and_back("2026-11-09", "2026-11-13"), half_day)
    assert half_day in trip.evidence


def test_a_leftover_within_the_hours_of_a_trip_joins_as_evidence() -> None:
    far = evidence("Offsite", spans("2026-11-13 22:00", "2026-11-14 05:30"), EvidenceKind.LEAVE, verdict="leave")
    absences = merged(*there_and_back(), far)
    assert absences[0].evidence[-1] == far
    assert len(absences) == 1


def test_out_of_office_does_not_turn_a_trip_into_a_vacation() -> None:
    ooo = out_of_office("2026-11-09", "2026-11-13", verdict="vacation")
    assert only(ooo, *lisbon()[1:]).kind == "trip"
    assert only(ooo).kind == "vacation"


def test_a_conference_at_home_is_focus_without_nights_and_always_asked_about() -> None:
    focus = only(
        whole("DevConf Berlin", CONFERENCE, "2026-11-09", "2026-11-11", verdict="focus", confidence=0.9,
              destination=BERLIN, wants_question=True),
        whole("Out of office", EvidenceKind.OUT_OF_OFFICE, "2026-11-09", "2026-11-11", verdict="leave", machine=True),
    )  # fmt: skip
    assert (focus.kind, focus.nights, focus.action) == ("focus", 0, "ask")
    assert {s.zone for s in focus.stays} == {HOME_ZONE}
    assert focus.title == "Conference at home"


def test_a_conference_at_home_is_no_part_of_the_vacation_after_it() -> None:
    conference = whole("DevConf", CONFERENCE, "2026-11-09", "2026-11-10", verdict="focus", confidence=0.9)
    focus, leave = merged(conference, vacation("2026-11-11", "2026-11-13"))
    assert (focus.kind, leave.kind) == ("focus", "vacation")


def test_a_colleague_and_what_says_nothing_never_make_or_join_an_absence() -> None:
    ana = vacation("2026-11-09", "2026-11-13", verdict="colleague", colleague="Ana")
    nothing = whole("Planning", BLOCK, "2026-11-09", "2026-11-13", verdict="neither", confidence=0.0)
    gone = flight("2026-11-16 07:00", BER, "10:00", LIS, cancelled=True)
    assert merged(ana, nothing, gone) == ()
    assert len(only(*lisbon(), ana, nothing, gone).evidence) == 6


def test_supporting_entries_join_the_nearest_absence_and_make_none() -> None:
    cab = evidence("Cab to BER", spans("2026-11-09 04:00", "2026-11-09 05:00"), EvidenceKind.CAR, verdict="supporting")
    dinner = evidence("Dinner", spans("2026-12-24 19:00", "2026-12-24 22:00"), EvidenceKind.NONE, verdict="supporting")
    moment = evidence("Check-in is open", spans("2026-11-08 18:50", "2026-11-08 18:50"), EvidenceKind.FLIGHT, confidence=0.9)
    assert merged(cab, dinner, moment) == ()
    trip = only(*lisbon(), cab, dinner, moment)
    assert cab in trip.evidence
    assert moment in trip.evidence
    assert dinner not in trip.evidence
    assert trip.id == only(*lisbon()).id


def test_an_entry_of_decades_or_from_the_beginning_of_time_is_no_absence() -> None:
    ages = whole("Lisbon", PLACE, "2000-01-01", "2030-01-01", destination=LISBON)
    first = replace(ages, span=Interval(datetime(1, 1, 1, tzinfo=UTC), datetime(1, 1, 3, tzinfo=UTC)))
    assert merged(ages, first) == ()


def test_a_home_zone_that_contradicts_the_home_is_that_of_the_config() -> None:
    (leave,) = merge([vacation("2026-11-09")], (), ME, replace(BERLIN, zone="Europe/Lisbon"), POLICY)
    assert leave.stays[0].zone == HOME_ZONE


# --- places and zones -------------------------------------------------------------------------------------------------


def test_beds_in_other_zones_move_the_clock_on_the_ground() -> None:
    trip = only(
        flight("2026-11-02 10:00", BER, "2026-11-02 13:00", EWR),
        hotel("2026-11-02", "2026-11-05", NEW_YORK),
        hotel("2026-11-05", "2026-11-08", SFO),
        flight("2026-11-08 16:00", SFO, "2026-11-09 12:00", BER),
    )
    assert [s.zone for s in trip.stays] == [HOME_ZONE, "America/New_York", "America/Los_Angeles", HOME_ZONE]
    assert trip.stays[2].span.start == at("2026-11-05 15:00", "America/Los_Angeles")
    assert trip.destination in (NEW_YORK, SFO)


def test_a_flight_to_nowhere_known_takes_its_place_from_the_hotel() -> None:
    trip = only(
        flight("2026-11-09 07:00", BER, "10:00", None),
        hotel("2026-11-09", "2026-11-13", LISBON),
        flight("2026-11-13 18:50", LIS, "23:20", BER),
    )
    assert trip.stays[1].zone == "Europe/Lisbon"
    assert trip.title == "Trip to Lisbon"


def test_a_flight_to_nowhere_known_keeps_the_home_zone_and_says_so() -> None:
    trip = only(flight("2026-11-09 07:00", BER, "10:00", None))
    assert trip.stays[-1].zone == HOME_ZONE
    assert trip.destination is None
    assert "Where to is not known: times are in the home zone." in trip.because


def test_tokyo_by_way_of_whole_days_and_beds_follows_the_beds() -> None:
    trip = only(
        whole("Japan", TRIP_BLOCK, "2026-11-02", "2026-11-08", destination=NRT, confidence=0.95, machine=True),
        hotel("2026-11-03", "2026-11-07", NRT),
    )
    assert [s.zone for s in trip.stays] == [HOME_ZONE, "Asia/Tokyo", HOME_ZONE]


# --- what follows from it ---------------------------------------------------------------------------------------------


def test_a_title_alone_is_private_and_two_entries_act() -> None:
    leave = vacation("2026-07-06", "2026-07-17")
    assert only(leave).action == "private-only"
    assert only(leave, whole("Mallorca", PLACE, "2026-07-06", "2026-07-17", confidence=0.75)).action == "act"


def test_what_is_only_tentative_is_asked_about_however_much_there_is_of_it() -> None:
    holds = [
        whole(title, BLOCK, "2026-11-09", "2026-11-13", confidence=0.6, machine=True, identity=title)
        for title in ("Lisbon?", "HOLD travel", "tbc: offsite")
    ]
    trip = only(*holds)
    assert trip.confidence > POLICY.act
    assert trip.action == "ask"


def test_what_is_below_the_threshold_is_no_absence() -> None:
    assert merged(whole("Something", BLOCK, "2026-11-09", "2026-11-13", confidence=0.4)) == ()


def test_a_weak_second_entry_does_not_make_a_title_act() -> None:
    trip = only(vacation("2026-07-06", "2026-07-17"), whole("x", BLOCK, "2026-07-06", "2026-07-17", confidence=0.3))
    assert trip.action == "private-only"


# --- what the user declares -------------------------------------------------------------------------------------------


def test_a_declared_trip_includes_its_last_day_and_acts() -> None:
    said = Declared("lisbon-1", "Lisbon", date(2026, 12, 1), date(2026, 12, 5), place=LISBON, cover=("ana",), owes=3.0)
    trip = only(declared=(said,))
    assert trip.span == spans("2026-12-01 06:00", "2026-12-05 22:00")
    assert (trip.id, trip.action, trip.confidence, trip.nights) == ("lisbon-1", "act", 1.0, 4)
    assert (trip.cover, trip.owes, trip.declared, trip.title) == (("ana",), 3.0, True, "Trip to Lisbon")
    assert [s.span.start for s in trip.stays[1:]] == [at("2026-12-01 12:00"), at("2026-12-05 12:00")]


def test_tickets_found_for_a_declared_trip_give_its_doors() -> None:
    said = Declared("lisbon-1", "Board meeting", date(2026, 11, 9), date(2026, 11, 13), place=LISBON)
    trip = only(*lisbon(), declared=(said,))
    assert trip.span == spans("2026-11-09 04:30", "2026-11-14 00:35")
    assert (trip.id, trip.title, len(trip.evidence)) == ("lisbon-1", "Board meeting", 7)


def test_a_declared_return_closes_a_journey_without_a_way_home() -> None:
    said = Declared("lisbon-1", "Lisbon", date(2026, 11, 9), date(2026, 11, 13))
    trip = only(flight("2026-11-09 07:00", BER, "10:00", LIS), declared=(said,))
    assert (trip.open_ended, trip.action) == (False, "act")
    assert trip.span.end == at("2026-11-13 22:00")
    assert trip.stays[-1].zone == HOME_ZONE


def test_declared_with_the_family_owes_the_family_nothing() -> None:
    said = Declared("x", "Mallorca", date(2026, 7, 6), date(2026, 7, 17), with_family=True)
    assert only(declared=(said,)).kind == "family-vacation"


def test_declared_neighbours_stay_two_and_overlapping_ones_are_one() -> None:
    one = Declared("one", "Lisbon", date(2026, 12, 1), date(2026, 12, 3))
    two = Declared("two", "Porto", date(2026, 12, 4), date(2026, 12, 6))
    assert [a.id for a in merged(declared=(one, two))] == ["one", "two"]
    assert [a.id for a in merged(declared=(replace(two, first=date(2026, 12, 2)), one))] == ["one"]


def test_a_declared_day_near_a_trip_is_its_own() -> None:
    said = Declared("x", "Off", date(2026, 11, 14), date(2026, 11, 15), kind="leave")
    trip, leave = merged(*there_and_back("2026-11-09", "2026-11-12"), declared=(said,))
    assert (trip.kind, leave.kind) == ("trip", "leave")


def test_a_declared_absence_that_is_remembered_as_evidence_too_is_one() -> None:
    said = Declared("x", "Off", date(2026, 11, 14), date(2026, 11, 15), kind="leave")
    first = only(declared=(said,))
    assert only(*first.evidence, declared=(said,)) == first
    forgotten = only(*first.evidence)
    assert (forgotten.span, forgotten.declared, forgotten.action) == (first.span, True, "act")


# --- what if ----------------------------------------------------------------------------------------------------------

NOW = at("2026-11-01 12:00")


@pytest.mark.parametrize(
    ("text", "verb", "moment"),
    [
        ("leave 2026-12-03", "leave", "2026-12-03 06:00"),
        ("return 2026-12-07", "back", "2026-12-07 22:00"),
        ("  BACK  2026-12-07 18:30 ", "back", "2026-12-07 18:30"),
        ("back 2026-12-07T9:05", "back", "2026-12-07 09:05"),
        ("extend tomorrow", "extend", "2026-11-02 22:00"),
        ("back today", "back", "2026-11-01 22:00"),
        ("back", "back", "2026-11-01 12:00"),
    ],
)
def test_a_moved_departure_or_return_is_understood(text: str, verb: str, moment: str) -> None:
    said = parse_if(text, HOME_ZONE, NOW, "k3f9")
    assert (said.verb, said.moment, said.absence_id) == (verb, at(moment), "k3f9")


@pytest.mark.parametrize(
    "text", ["", "go 2026-12-03", "leave", "back 18:30", "leave 2026-13-03", "back 2026-12-03 25:00", "leave 3.12."]
)
def test_what_is_not_understood_says_what_is_allowed(text: str) -> None:
    with pytest.raises(ValueError, match='say "leave 2026-12-03"'):
        parse_if(text, HOME_ZONE, NOW)


def test_returning_earlier_cuts_the_stay_and_the_way_home() -> None:
    sooner = what_if(only(*lisbon()), parse_if("return 2026-11-11 20:00", HOME_ZONE, NOW), HOME_ZONE)
    assert sooner.span == spans("2026-11-09 04:30", "2026-11-11 20:00")
    assert (sooner.nights, len(sooner.legs)) == (2, 1)
    assert sooner.stays[-1].zone == HOME_ZONE


def test_returning_later_voids_the_way_home_and_lengthens_the_stay() -> None:
    later = what_if(only(*lisbon()), parse_if("extend 2026-11-16", HOME_ZONE, NOW), HOME_ZONE, BERLIN)
    assert (later.nights, len(later.legs)) == (7, 1)
    assert later.stays[-2].span == spans("2026-11-09 11:00", "2026-11-16 12:00")


def test_a_later_return_voids_all_connections_of_the_way_home() -> None:
    trip = only(
        flight("2026-10-05 10:00", BER, "12:40", EWR),
        flight("2026-10-09 18:00", EWR, "2026-10-10 07:30", FRA),
        flight("2026-10-10 09:00", FRA, "10:10", BER),
    )
    later = what_if(trip, parse_if("return 2026-10-12", HOME_ZONE, NOW), HOME_ZONE)
    assert [x.destination for x in later.legs] == [EWR]
    assert later.stays[-2].zone == "America/New_York"


def test_extending_to_an_earlier_day_changes_nothing() -> None:
    trip = only(*lisbon())
    assert what_if(trip, parse_if("extend 2026-11-12", HOME_ZONE, NOW), HOME_ZONE, BERLIN).span == trip.span


def test_leaving_later_drops_the_ticket_and_changes_the_zone_at_noon() -> None:
    later = what_if(only(*lisbon()), parse_if("leave 2026-11-10", HOME_ZONE, NOW), HOME_ZONE, BERLIN)
    assert later.span.start == at("2026-11-10 06:00")
    assert (later.nights, len(later.legs)) == (3, 1)
    assert later.stays[1].span.start == at("2026-11-10 12:00")


def test_leaving_earlier_without_tickets_moves_the_change_of_the_zone() -> None:
    trip = only(whole("Lisbon", PLACE, "2026-11-09", "2026-11-11", confidence=0.75, destination=LISBON))
    sooner = what_if(trip, parse_if("leave 2026-11-08", HOME_ZONE, NOW), HOME_ZONE)
    assert sooner.nights == 3
    assert sooner.span.start == at("2026-11-08 06:00")


def test_a_journey_of_one_leg_can_be_extended() -> None:
    trip = only(flight("2026-11-13 18:50", LIS, "23:20", BER))
    assert what_if(trip, parse_if("return 2026-11-15", HOME_ZONE, NOW), HOME_ZONE).nights == 2


def test_a_conference_at_home_stays_at_home_when_it_is_extended() -> None:
    focus = only(whole("DevConf", CONFERENCE, "2026-11-09", "2026-11-10", verdict="focus", destination=BERLIN))
    later = what_if(focus, parse_if("extend 2026-11-12", HOME_ZONE, NOW), HOME_ZONE)
    assert (later.nights, {s.zone for s in later.stays}) == (0, {HOME_ZONE})


def test_without_entries_that_name_a_place_the_destination_counts() -> None:
    said = Declared("x", "Lisbon", date(2026, 12, 1), date(2026, 12, 5), place=LISBON)
    bare = replace(only(declared=(said,)), evidence=())
    assert what_if(bare, parse_if("extend 2026-12-08", HOME_ZONE, NOW), HOME_ZONE).stays[1].zone == "Europe/Lisbon"


def test_being_back_before_leaving_is_refused() -> None:
    with pytest.raises(ValueError, match="nothing would be left"):
        what_if(only(*lisbon()), parse_if("back 2026-11-08", HOME_ZONE, NOW), HOME_ZONE)


# --- properties -------------------------------------------------------------------------------------------------------

PLACES = [BER, LIS, EWR, MUC, NRT, None]
FIRST = date(2026, 10, 19)  # a week before the clocks change


@st.composite
def movements(draw: st.DrawFn) -> Evidence:
    start = at(f"{FIRST + timedelta(days=draw(st.integers(0, 24)))} {draw(st.integers(0, 23)):02}:00")
    length = timedelta(hours=draw(st.integers(1, 20)))
    origin, there = draw(st.sampled_from(PLACES)), draw(st.sampled_from(PLACES))
    kind = draw(st.sampled_from([EvidenceKind.FLIGHT, EvidenceKind.RAIL]))
    title = f"{origin and origin.code}-{there and there.code}"
    return evidence(title, Interval(start, start + length), kind, origin=origin, destination=there,
                    machine=draw(st.booleans()), confidence=draw(st.sampled_from([0.6, 0.88, 0.95])))  # fmt: skip


@st.composite
def blocks(draw: st.DrawFn) -> Evidence:
    first = FIRST + timedelta(days=draw(st.integers(0, 24)))
    last = first + timedelta(days=draw(st.integers(0, 9)))
    kind, verdict = draw(
        st.sampled_from([
            (EvidenceKind.LODGING, "trip"), (EvidenceKind.LEAVE, "vacation"), (EvidenceKind.OUT_OF_OFFICE, "leave"),
            (EvidenceKind.CONFERENCE, "focus"), (EvidenceKind.PLACE, "trip"), (EvidenceKind.BLOCK, "trip"),
            (EvidenceKind.NONE, "supporting"), (EvidenceKind.LEAVE, "colleague"), (EvidenceKind.NONE, "neither"),
        ])
    )  # fmt: skip
    return whole(kind.value, kind, str(first), str(last), verdict=verdict, destination=draw(st.sampled_from(PLACES)),
                 confidence=draw(st.sampled_from([0.5, 0.75, 0.92])), cancelled=draw(st.booleans()))  # fmt: skip


CALENDARS = st.lists(st.one_of(movements(), blocks()), max_size=9, unique_by=lambda e: e.key)


@settings(max_examples=150, deadline=None)
@given(CALENDARS, st.randoms(use_true_random=False))
def test_the_order_of_the_entries_does_not_matter(calendar: list[Evidence], chance: object) -> None:
    shuffled = calendar.copy()
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert merged(*shuffled) == merged(*calendar)


@settings(max_examples=150, deadline=None)
@given(CALENDARS)
def test_absences_and_their_stays_are_sorted_disjoint_and_never_overlap(calendar: list[Evidence]) -> None:
    absences = merged(*calendar)
    assert all(one.span.end <= other.span.start for one, other in pairwise(absences))
    for absence in absences:
        assert absence.span.length > timedelta(0)
        assert all(absence.span.covers(s.span) for s in absence.stays)
        assert all(one.span.end <= other.span.start for one, other in pairwise(absence.stays))
        assert not any(s.span.overlaps(Interval(x.depart, x.arrive)) for s in absence.stays for x in absence.legs)


@settings(max_examples=150, deadline=None)
@given(CALENDARS)
def test_nights_are_never_negative_nor_more_than_the_dates_passed(calendar: list[Evidence]) -> None:
    for absence in merged(*calendar):
        assert 0 <= absence.nights <= absence.span.length / timedelta(days=1) + 1
        assert absence.kind != "focus" or absence.nights == 0


@settings(max_examples=100, deadline=None)
@given(CALENDARS, st.integers(0, 8))
def test_a_copy_in_another_calendar_changes_nothing_but_the_evidence(calendar: list[Evidence], which: int) -> None:
    if not calendar:
        return
    twin = calendar[which % len(calendar)]
    copied = merged(*calendar, replace(twin, key=replace(twin.key, calendar_id="zz-phone")))
    assert [replace(a, evidence=()) for a in copied] == [replace(a, evidence=()) for a in merged(*calendar)]


@settings(max_examples=100, deadline=None)
@given(CALENDARS)
def test_merging_again_what_was_merged_finds_the_same(calendar: list[Evidence]) -> None:
    once = merged(*calendar)
    assert merged(*(e for a in once for e in a.evidence)) == once


@settings(max_examples=100, deadline=None)
@given(CALENDARS)
def test_ids_are_short_distinct_and_safe_in_a_marker(calendar: list[Evidence]) -> None:
    ids = [a.id for a in merged(*calendar)]
    assert len(set(ids)) == len(ids)
    assert all(len(i) == 8 and i.isalnum() and i == i.lower() for i in ids)


def test_days_is_a_whole_day_even_when_the_clocks_change() -> None:
    assert days("2026-10-25").length == timedelta(hours=25)
