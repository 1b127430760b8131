"""Whose calendar a stranger's file is, as far as it tells."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from rules.model import Attendee, Occurrence, OccurrenceKey, Place
from rules.owner import likely_address, likely_home
from tests.rules.evidence_builder import BER, EWR, FRA, LIS, MUC, flight, train, vacation

ZONE = "Europe/Berlin"
START = datetime(2026, 11, 9, 9, tzinfo=UTC)


def meeting(uid: str, *addresses: str, calendar: str = "work") -> Occurrence:
    return Occurrence(
        OccurrenceKey("file", uid),
        "mine",
        START,
        START + timedelta(hours=1),
        summary="Weekly",
        organizer=Attendee(addresses[0]) if addresses else None,
        attendees=tuple(Attendee(a) for a in addresses),
        calendar_name=calendar,
    )


def test_home_is_where_the_owner_waits_longest_between_journeys() -> None:
    out = flight("2026-11-09 07:00", MUC, "08:00", FRA), flight("2026-11-09 10:00", FRA, "13:00", EWR)
    back = flight("2026-11-13 18:00", EWR, "2026-11-14 07:00", FRA), flight("2026-11-14 09:00", FRA, "10:00", MUC)
    home = likely_home([*back, *out], ZONE)
    assert home is not None and home.city == "Munich"


def test_home_is_where_the_only_ticket_begins_and_never_in_another_zone() -> None:
    assert likely_home([flight("2026-11-09 07:00", BER, "10:00", LIS)], ZONE) == BER
    assert likely_home([flight("2026-11-13 18:00", LIS, "23:00", BER)], ZONE) == BER
    assert likely_home([flight("2026-11-09 07:00", BER, "10:00", LIS)], "Asia/Tokyo") is None


def test_a_long_stay_elsewhere_in_the_zone_weighs_less_than_the_time_around_it() -> None:
    trips = [train("2026-11-02 07:00", BER, "11:00", MUC), train("2026-11-20 07:00", MUC, "11:00", BER)]
    assert likely_home(trips, ZONE) == BER


def test_no_ticket_or_a_doubtful_one_tells_nothing() -> None:
    nowhere = Place("Somewhere", ZONE)
    assert likely_home([], ZONE) is None
    assert likely_home([vacation("2026-11-09", "2026-11-13")], ZONE) is None
    assert likely_home([flight("2026-11-09 07:00", BER, "10:00", LIS, confidence=0.6)], ZONE) is None
    assert likely_home([flight("2026-11-09 07:00", nowhere, "10:00", None)], ZONE) is None


def test_the_address_is_the_calendars_name_or_the_one_on_most_invitations() -> None:
    assert likely_address([meeting("1", calendar="Lea@Corp.example"), meeting("2", "boss@corp.example")]) == "lea@corp.example"
    most = [meeting("1", "lea@x", "ana@x"), meeting("2", "ana@x", "lea@x"), meeting("3", "ben@x", "lea@x")]
    assert likely_address(most) == "lea@x"


def test_a_series_counts_once_and_few_or_mixed_invitations_tell_nothing() -> None:
    assert likely_address([]) == ""
    assert likely_address([meeting("1", "ana@x"), meeting("1", "ana@x"), meeting("1", "ana@x")]) == ""
    assert likely_address([meeting("1", "a@x"), meeting("2", "b@x"), meeting("3", "c@x"), meeting("4")]) == ""
