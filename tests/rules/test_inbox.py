"""When the held inbox opens: examples, and properties over random itineraries."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from rules.inbox import HOME, hold_since, openings, openings_at_home, release_now, state, timeline
from rules.interval import Interval
from rules.model import Absence, Opening, Stay
from rules.policy import InboxPolicy, Me

ME = Me(name="Lena", addresses=("lena@corp.example",), home_zone="Europe/Berlin")
AWAY = InboxPolicy()
ALWAYS = InboxPolicy(when="always")
BERLIN, NEW_YORK = "Europe/Berlin", "America/New_York"
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def at(zone: str, *when: int) -> datetime:
    return datetime(*when, tzinfo=ZoneInfo(zone)).astimezone(UTC)  # type: ignore[arg-type,misc]


def away(span: tuple[datetime, datetime], *stays: tuple[datetime, datetime, str], name: str = "trip-1") -> Absence:
    return Absence(
        id=name, kind="trip", span=Interval(*span), nights=1, confidence=1.0, action="act", title="Trip", because=(),
        stays=tuple(Stay(Interval(start, end), zone) for start, end, zone in stays),
    )  # fmt: skip


def opened(absence: Absence, history: Sequence[Opening] = (), policy: InboxPolicy = AWAY) -> list[Opening]:
    return list(openings(absence, policy, ME, history, absence.span))


def local(found: Sequence[Opening]) -> list[str]:
    """`09 08:00 Europe/Berlin`, with `!` where it is a catch-up."""
    return [
        f"{o.span.start.astimezone(ZoneInfo(o.zone)):%d %H:%M} {o.zone}{'!' if o.reason == 'catch-up' else ''}" for o in found
    ]


def outbound() -> Absence:
    """Leaving on the 9th: BER 13:00 → JFK 16:00 local; up to the end of that day."""
    return away(
        (at(BERLIN, 2026, 11, 9, 6), at(NEW_YORK, 2026, 11, 9, 23)),
        (at(BERLIN, 2026, 11, 9, 6), at(BERLIN, 2026, 11, 9, 13), BERLIN),
        (at(NEW_YORK, 2026, 11, 9, 16), at(NEW_YORK, 2026, 11, 9, 23), NEW_YORK),
    )


def homebound(end: datetime) -> Absence:
    """JFK 18:00 on the 13th → BER 09:10 on the 14th."""
    return away(
        (at(NEW_YORK, 2026, 11, 13, 9), end),
        (at(NEW_YORK, 2026, 11, 13, 9), at(NEW_YORK, 2026, 11, 13, 18), NEW_YORK),
        (at(BERLIN, 2026, 11, 14, 9, 10), end, BERLIN),
    )


# --- examples ---------------------------------------------------------------------------------------------------------


def test_flying_to_new_york_the_third_window_of_the_day_opens_there() -> None:
    assert local(opened(outbound())) == ["09 08:00 Europe/Berlin", "09 12:30 Europe/Berlin", "09 17:30 America/New_York"]


def test_a_window_closes_early_when_the_stay_ends() -> None:
    assert opened(outbound())[1].span.end == at(BERLIN, 2026, 11, 9, 12, 40)


def test_before_the_door_is_closed_behind_one_the_inbox_is_not_held() -> None:
    door = replace(outbound(), span=Interval(at(BERLIN, 2026, 11, 9, 10, 30), at(NEW_YORK, 2026, 11, 9, 23)))
    assert local(opened(door)) == ["09 12:30 Europe/Berlin", "09 17:30 America/New_York"]


def test_flying_home_from_new_york_two_windows_are_left_of_the_day() -> None:
    found = opened(homebound(at(BERLIN, 2026, 11, 14, 22)))
    assert local(found) == [
        "13 12:30 America/New_York", "13 17:30 America/New_York", "14 12:30 Europe/Berlin", "14 17:30 Europe/Berlin",
    ]  # fmt: skip


def test_where_the_inbox_is_always_held_the_windows_go_on_at_home_after_the_flight() -> None:
    trip = homebound(at(BERLIN, 2026, 11, 14, 10, 25))
    day = Interval(at(BERLIN, 2026, 11, 14, 0), at(BERLIN, 2026, 11, 15, 0))
    assert local(timeline(ALWAYS, ME, (), day, [trip])) == ["14 12:30 Europe/Berlin", "14 17:30 Europe/Berlin"]
    assert timeline(AWAY, ME, (), day, [trip]) == ()


def test_one_catch_up_comes_after_a_long_flight_that_missed_a_window() -> None:
    trip = away(
        (at(BERLIN, 2026, 11, 9, 6), at(NEW_YORK, 2026, 11, 11, 0)),
        (at(BERLIN, 2026, 11, 9, 6), at(BERLIN, 2026, 11, 9, 15), BERLIN),
        (at(NEW_YORK, 2026, 11, 9, 19), at(NEW_YORK, 2026, 11, 11, 0), NEW_YORK),
    )
    assert local(opened(trip)) == [
        "09 08:00 Europe/Berlin", "09 12:30 Europe/Berlin", "09 19:30 America/New_York!",
        "10 08:00 America/New_York", "10 12:30 America/New_York", "10 17:30 America/New_York",
    ]  # fmt: skip


def test_no_catch_up_comes_at_night() -> None:
    trip = away(
        (at(BERLIN, 2026, 11, 9, 6), at(NEW_YORK, 2026, 11, 10, 9)),
        (at(NEW_YORK, 2026, 11, 9, 19, 40), at(NEW_YORK, 2026, 11, 10, 9), NEW_YORK),
    )
    assert local(opened(trip)) == ["10 08:00 America/New_York"]


def test_no_catch_up_comes_where_no_window_of_the_day_has_passed_yet() -> None:
    trip = away(
        (at(NEW_YORK, 2026, 11, 9, 18), at(BERLIN, 2026, 11, 10, 10)),
        (at(BERLIN, 2026, 11, 10, 6, 45), at(BERLIN, 2026, 11, 10, 10), BERLIN),
    )
    policy = InboxPolicy(windows=(time(12), time(18)))
    assert opened(trip, policy=policy) == []


def test_flying_west_a_window_is_not_repeated() -> None:
    trip = away(
        (at(BERLIN, 2026, 11, 9, 6), at("Europe/London", 2026, 11, 9, 19)),
        (at(BERLIN, 2026, 11, 9, 6), at(BERLIN, 2026, 11, 9, 12, 55), BERLIN),
        (at("Europe/London", 2026, 11, 9, 12), at("Europe/London", 2026, 11, 9, 19), "Europe/London"),
    )
    assert local(opened(trip)) == ["09 08:00 Europe/Berlin", "09 12:30 Europe/Berlin", "09 17:30 Europe/London"]


def test_over_the_date_line_eastwards_the_same_date_has_its_windows_again() -> None:
    trip = away(
        (at("Asia/Tokyo", 2026, 11, 9, 6), at("America/Los_Angeles", 2026, 11, 9, 23)),
        (at("Asia/Tokyo", 2026, 11, 9, 6), at("Asia/Tokyo", 2026, 11, 9, 17), "Asia/Tokyo"),
        (at("America/Los_Angeles", 2026, 11, 9, 10), at("America/Los_Angeles", 2026, 11, 9, 23), "America/Los_Angeles"),
    )
    assert local(opened(trip)) == [
        "09 08:00 Asia/Tokyo", "09 12:30 Asia/Tokyo", "09 12:30 America/Los_Angeles", "09 17:30 America/Los_Angeles",
    ]  # fmt: skip


def test_a_stay_too_short_to_leave_the_airport_opens_nothing() -> None:
    trip = away(
        (at(BERLIN, 2026, 11, 9, 9), at(BERLIN, 2026, 11, 9, 16)),
        (at(BERLIN, 2026, 11, 9, 12), at(BERLIN, 2026, 11, 9, 12, 50), BERLIN),
    )
    assert opened(trip) == []


def test_an_absence_without_known_stays_is_in_the_home_zone() -> None:
    leave = away((at(BERLIN, 2026, 11, 9, 6), at(BERLIN, 2026, 11, 9, 22)))
    assert local(opened(leave)) == ["09 08:00 Europe/Berlin", "09 12:30 Europe/Berlin", "09 17:30 Europe/Berlin"]


def test_a_window_in_a_dst_gap_opens_at_the_first_valid_instant() -> None:
    night = away((at(BERLIN, 2026, 3, 28, 22), at(BERLIN, 2026, 3, 29, 22)))
    assert local(opened(night, policy=InboxPolicy(windows=(time(2, 30), time(12))))) == [
        "29 03:00 Europe/Berlin",
        "29 12:00 Europe/Berlin",
    ]


def test_with_one_window_a_day_the_25_hours_of_a_dst_fold_are_left_as_they_are() -> None:
    days = away((at(BERLIN, 2026, 10, 24, 6), at(BERLIN, 2026, 10, 25, 22)))
    found = opened(days, policy=InboxPolicy(windows=(time(12),)))
    assert local(found) == ["24 12:00 Europe/Berlin", "25 12:00 Europe/Berlin"]
    assert found[1].span.start - found[0].span.start == 25 * HOUR


def test_only_what_touches_the_span_is_given() -> None:
    noon = Interval(at(BERLIN, 2026, 11, 9, 12, 35), at(BERLIN, 2026, 11, 9, 12, 36))
    assert local(openings(outbound(), AWAY, ME, (), noon)) == ["09 12:30 Europe/Berlin"]


def test_after_a_release_by_hand_the_window_close_to_it_is_left_out() -> None:
    trip = outbound()
    released = release_now(trip, AWAY, ME, at(BERLIN, 2026, 11, 9, 10))
    assert local(opened(trip, [released])) == [
        "09 10:00 Europe/Berlin", "09 17:30 America/New_York",
    ]  # fmt: skip


def test_when_a_flight_moves_what_has_opened_stands_and_the_rest_follows() -> None:
    trip = outbound()
    facts = opened(trip)[:2]
    early = replace(
        trip,
        stays=(
            Stay(Interval(trip.span.start, at(BERLIN, 2026, 11, 9, 12)), BERLIN),
            Stay(Interval(at(NEW_YORK, 2026, 11, 9, 18), trip.span.end), NEW_YORK),
        ),
    )
    assert opened(early, facts)[:2] == facts
    assert local(opened(early, facts))[2:] == ["09 18:30 America/New_York!"]


def test_nothing_is_put_shortly_before_an_opening_that_has_happened() -> None:
    trip = outbound()
    fact = Opening(trip.id, date(2026, 11, 9), 0, Interval(at(BERLIN, 2026, 11, 9, 10), at(BERLIN, 2026, 11, 9, 10, 30)), BERLIN)
    assert local(opened(trip, [fact])) == ["09 10:00 Europe/Berlin", "09 17:30 America/New_York"]


def test_an_absence_that_begins_before_another_ends_decides_for_both() -> None:
    first = away((at(BERLIN, 2026, 11, 9, 6), at(BERLIN, 2026, 11, 9, 14)), name="first")
    second = away((at(BERLIN, 2026, 11, 9, 12), at(BERLIN, 2026, 11, 9, 22)), name="second")
    found = timeline(AWAY, ME, (), Interval(first.span.start, second.span.end), [second, first])
    assert [(o.absence_id, o.index) for o in found] == [("first", 0), ("first", 1), ("second", 2)]


def test_windows_around_midnight_must_be_apart_too() -> None:
    with pytest.raises(ValueError, match="23:30 and 01:00 of the next day"):
        InboxPolicy(windows=(time(1), time(12), time(23, 30)))


# --- what is so now ---------------------------------------------------------------------------------------------------


def test_before_and_after_an_absence_nothing_is_held() -> None:
    trip = outbound()
    found = opened(trip)
    assert hold_since(found, trip.span.start - HOUR, trip) is None
    assert hold_since(found, trip.span.end, trip) is None
    assert state(trip, found, trip.span.end).held is False
    assert state(None, (), trip.span.start).because == "you are not away"


def test_mail_is_held_since_the_absence_began_and_then_since_the_last_window_closed() -> None:
    trip = outbound()
    found = opened(trip)
    assert hold_since(found, at(BERLIN, 2026, 11, 9, 7), trip) == trip.span.start
    assert hold_since(found, at(BERLIN, 2026, 11, 9, 8, 30), trip) == at(BERLIN, 2026, 11, 9, 8, 30)


def test_while_a_window_is_open_the_state_says_which_and_until_when() -> None:
    trip = outbound()
    now = state(trip, opened(trip), at(BERLIN, 2026, 11, 9, 12, 35))
    assert (now.held, now.until) == (False, at(BERLIN, 2026, 11, 9, 12, 40))
    assert now.because == "window of 12:30 (Europe/Berlin)"
    assert now.following is not None
    assert now.following.zone == NEW_YORK


def test_while_held_the_state_says_when_it_opens_next_in_the_zone_of_that_place() -> None:
    trip = outbound()
    now = state(trip, opened(trip), at(BERLIN, 2026, 11, 9, 15))
    assert (now.held, now.until) == (True, at(NEW_YORK, 2026, 11, 9, 17, 30))
    assert now.because == "held until Mon 17:30 (America/New_York)"


def test_after_the_last_window_it_is_held_until_the_return() -> None:
    trip = outbound()
    now = state(trip, opened(trip), at(NEW_YORK, 2026, 11, 9, 20))
    assert (now.held, now.until, now.because) == (True, trip.span.end, "held until you are back")


def test_the_return_counts_where_it_comes_before_the_next_window() -> None:
    trip = homebound(at(BERLIN, 2026, 11, 14, 10, 25))
    known = timeline(ALWAYS, ME, (), Interval(trip.span.start, trip.span.end + DAY), [trip])
    assert state(trip, known, at(BERLIN, 2026, 11, 14, 10)).because == "held until you are back"


def test_a_catch_up_and_a_release_are_called_so() -> None:
    trip = outbound()
    late = Opening(
        trip.id, date(2026, 11, 9), 0, Interval(at(BERLIN, 2026, 11, 9, 9), at(BERLIN, 2026, 11, 9, 9, 30)), BERLIN, "catch-up"
    )
    assert state(trip, [late], at(BERLIN, 2026, 11, 9, 9)).because == "catch-up of 09:00 (Europe/Berlin)"
    by_hand = release_now(trip, AWAY, ME, at(BERLIN, 2026, 11, 9, 10))
    assert state(trip, [late], at(BERLIN, 2026, 11, 9, 10), [by_hand]).because == "you released it"


def test_a_release_is_recorded_in_the_zone_one_is_in_and_never_as_a_window() -> None:
    trip = outbound()
    before, there = release_now(trip, AWAY, ME, at(BERLIN, 2026, 11, 9, 5)), release_now(trip, AWAY, ME, trip.span.end - HOUR)
    assert (before.zone, before.index) == (BERLIN, 100 + 5 * 60)
    assert (there.zone, there.index, there.local_date) == (NEW_YORK, 100 + 22 * 60, date(2026, 11, 9))
    assert release_now(None, AWAY, ME, trip.span.start).absence_id == HOME


def test_at_home_under_always_it_is_held_since_the_last_window() -> None:
    day = Interval(at(BERLIN, 2026, 11, 9, 0), at(BERLIN, 2026, 11, 10, 0))
    known = openings_at_home(ALWAYS, ME, (), day, ())
    assert hold_since(known, at(BERLIN, 2026, 11, 9, 10), None) == at(BERLIN, 2026, 11, 9, 8, 30)
    late = state(None, known, at(BERLIN, 2026, 11, 9, 23))
    assert (late.held, late.until) == (True, None)


# --- properties -------------------------------------------------------------------------------------------------------

ZONES = [
    "Europe/Berlin", "Europe/Lisbon", "America/New_York", "America/Los_Angeles", "Pacific/Honolulu", "Pacific/Auckland",
    "Pacific/Kiritimati", "Pacific/Pago_Pago", "Asia/Tokyo", "Asia/Kathmandu", "Australia/Lord_Howe", "America/Santiago",
]  # fmt: skip
STARTS = st.integers(0, 3 * 365 * 24 * 60).map(lambda minutes: datetime(2025, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes))
TWO_OR_MORE = [
    (time(8), time(12, 30), time(17, 30)),
    (time(8), time(11, 30)),
    (time(7), time(19)),
    (time(0), time(3, 30), time(20)),
]


@st.composite
def itineraries(draw: st.DrawFn) -> Absence:
    """One to five stays of half an hour to nine days, with journeys of up to 20 h (and impossibly short ones) between them."""
    start = when = draw(STARTS)
    stays = []
    for _ in range(draw(st.integers(1, 5))):
        length = timedelta(minutes=draw(st.integers(30, 9 * 24 * 60)))
        stays.append((when, when + length, draw(st.sampled_from(ZONES))))
        when += length + timedelta(minutes=draw(st.integers(0, 20 * 60)))
    before, after = draw(st.sampled_from([0, 3])) * HOUR, draw(st.sampled_from([0, 1])) * HOUR
    return away((start - before, stays[-1][1] + after), *stays)


def grounds(absence: Absence) -> list[Interval]:
    """What the rules call a stay, worked out anew: half an hour after arrival to 20 minutes before departure."""
    found = []
    for stay in absence.stays:
        start = stay.span.start if stay.span.start == absence.span.start else stay.span.start + HOUR / 2
        end = stay.span.end if stay.span.end == absence.span.end else stay.span.end - HOUR / 3
        if start < end:
            found.append(Interval(start, end))
    return found


POLICIES = st.sampled_from([InboxPolicy(windows=windows) for windows in TWO_OR_MORE])


@given(itineraries(), POLICIES)
def test_no_two_openings_begin_less_than_three_hours_apart(trip: Absence, policy: InboxPolicy) -> None:
    assert all(b.span.start - a.span.start >= 3 * HOUR for a, b in pairwise(opened(trip, policy=policy)))


@given(itineraries(), POLICIES)
def test_openings_lie_within_a_stay_and_never_in_transit(trip: Absence, policy: InboxPolicy) -> None:
    ground = grounds(trip)
    assert all(any(g.covers(o.span) for g in ground) and o.span.length > timedelta(0) for o in opened(trip, policy=policy))


@given(itineraries(), POLICIES)
def test_a_stay_has_at_most_as_many_windows_on_one_date_as_there_are(trip: Absence, policy: InboxPolicy) -> None:
    for ground in grounds(trip):
        dates = Counter(o.local_date for o in opened(trip, policy=policy) if ground.covers(o.span))
        assert all(count <= len(policy.windows) for count in dates.values())


@given(itineraries(), POLICIES)
def test_a_window_comes_again_only_in_another_stay_and_14_hours_later(trip: Absence, policy: InboxPolicy) -> None:
    seen: dict[tuple[date, int], Opening] = {}
    for opening in opened(trip, policy=policy):
        before = seen.get((opening.local_date, opening.index))
        if before:
            assert opening.span.start - before.span.start >= 14 * HOUR
            assert not any(g.covers(before.span) and g.covers(opening.span) for g in grounds(trip))
        seen[(opening.local_date, opening.index)] = opening


ODD = away(  # from Berlin to Honolulu in half an hour: every window of the day has opened already
    (at(BERLIN, 2026, 11, 9, 6), at("Pacific/Honolulu", 2026, 11, 12, 6)),
    (at(BERLIN, 2026, 11, 9, 6), at(BERLIN, 2026, 11, 9, 18), BERLIN),
    (at("Pacific/Honolulu", 2026, 11, 9, 6, 30), at("Pacific/Honolulu", 2026, 11, 12, 6), "Pacific/Honolulu"),
)


@settings(max_examples=400)
@given(itineraries(), POLICIES)
@example(ODD, AWAY)
def test_no_stay_is_silent_for_more_than_a_day(trip: Absence, policy: InboxPolicy) -> None:
    found = opened(trip, policy=policy)
    for ground in grounds(trip):
        marks = [ground.start, *(o.span.start for o in found if ground.covers(o.span)), ground.end]
        assert all(b - a <= 24 * HOUR for a, b in pairwise(marks))


def test_where_every_window_of_the_day_has_opened_elsewhere_the_catch_up_comes_when_it_may() -> None:
    assert local(opened(ODD))[3:5] == ["09 12:30 Pacific/Honolulu!", "10 08:00 Pacific/Honolulu"]


SILENT_TWICE = away(  # too soon after Kathmandu for any window: the catch-up leaves 24 h and a minute, which need one more
    (datetime(2025, 1, 1, tzinfo=UTC), datetime(2025, 1, 3, 3, 46, tzinfo=UTC)),
    (datetime(2025, 1, 1, 0, 30, tzinfo=UTC), datetime(2025, 1, 1, 22, 6, tzinfo=UTC), "Asia/Kathmandu"),
    (datetime(2025, 1, 1, 22, 6, tzinfo=UTC), datetime(2025, 1, 3, 3, 46, tzinfo=UTC), "America/Los_Angeles"),
)
EARLY_AND_LATE = InboxPolicy(windows=(time(0), time(3, 30), time(20)))


@given(itineraries(), POLICIES, st.floats(0, 1))
@example(SILENT_TWICE, EARLY_AND_LATE, 1.0)
def test_planning_again_on_the_way_changes_nothing(trip: Absence, policy: InboxPolicy, share: float) -> None:
    plan = opened(trip, policy=policy)
    now = trip.span.start + trip.span.length * share
    assert opened(trip, [o for o in plan if o.span.start <= now], policy) == plan


@given(itineraries(), itineraries(), st.floats(0, 1))
def test_facts_stand_whatever_the_new_plan_is(trip: Absence, other: Absence, share: float) -> None:
    now = trip.span.start + trip.span.length * share
    facts = [o for o in opened(trip) if o.span.start <= now]
    moved = replace(trip, stays=tuple(replace(s, zone="Asia/Tokyo", span=s.span) for s in trip.stays))
    again = opened(moved, facts)
    assert [o for o in again if o in facts] == facts
    assert all(b.span.start - a.span.start >= 3 * HOUR for a, b in pairwise(again))


@given(itineraries(), st.floats(0, 1), st.floats(0, 1))
def test_a_part_of_the_plan_is_the_same_as_that_part_of_the_whole(trip: Absence, one: float, two: float) -> None:
    span = Interval(*sorted(trip.span.start + trip.span.length * share for share in (one, two)))
    assert list(openings(trip, AWAY, ME, (), span)) == [o for o in opened(trip) if o.span.overlaps(span)]


@pytest.mark.parametrize("zone", ["Europe/Berlin", "Australia/Sydney", "America/Santiago", "Australia/Lord_Howe", "Asia/Tokyo"])
def test_at_home_every_day_of_a_year_has_exactly_three_windows_at_their_wall_times(zone: str) -> None:
    me = replace(ME, home_zone=zone)
    year = Interval(at(zone, 2026, 1, 1), at(zone, 2027, 1, 1))
    found = openings_at_home(ALWAYS, me, (), year, ())
    days = Counter(o.local_date for o in found)
    assert len(days) == 365
    assert set(days.values()) == {3}
    assert {o.span.start.astimezone(ZoneInfo(zone)).time() for o in found} == set(AWAY.windows)


@settings(max_examples=40)
@given(itineraries(), st.floats(0, 1))
def test_under_always_trip_and_home_keep_their_distance_and_the_part_equals_the_whole(trip: Absence, share: float) -> None:
    whole = Interval(trip.span.start - 3 * DAY, trip.span.end + 3 * DAY)
    found = timeline(ALWAYS, ME, (), whole, [trip])
    assert all(b.span.start - a.span.start >= 3 * HOUR for a, b in pairwise(found))
    assert [o for o in found if o.absence_id == trip.id] == opened(trip, policy=ALWAYS)
    part = Interval(whole.start + whole.length * share, whole.end)
    assert list(timeline(ALWAYS, ME, (), part, [trip])) == [o for o in found if o.span.overlaps(part)]
