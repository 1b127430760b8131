"""Working days and wall times."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from rules.interval import Interval
from rules.policy import Me
from rules.workdays import Workdays, days_of, gaps, in_utc, instant, wall_span, worked_in, working_time

ME = Me(name="Lena", addresses=("lena@corp.example",), home_zone="Europe/Berlin")
ZONES = ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Auckland", "America/Santiago", "Asia/Kathmandu"]


def test_a_wall_time_in_a_dst_gap_is_the_first_valid_instant_after_it() -> None:
    assert instant(date(2026, 3, 29), time(2, 30), "Europe/Berlin") == datetime(2026, 3, 29, 1, tzinfo=UTC)


def test_the_beginning_of_a_dst_gap_is_its_end() -> None:
    assert instant(date(2026, 3, 29), time(2), "Europe/Berlin") == datetime(2026, 3, 29, 1, tzinfo=UTC)


def test_a_gap_of_half_an_hour_is_found_too() -> None:
    assert instant(date(2026, 10, 4), time(2, 10), "Australia/Lord_Howe") == datetime(2026, 10, 3, 15, 30, tzinfo=UTC)


def test_a_wall_time_in_a_dst_fold_is_the_first_of_the_two() -> None:
    assert instant(date(2026, 10, 25), time(2, 30), "Europe/Berlin") == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_a_date_that_a_zone_skipped_begins_with_the_next() -> None:
    assert instant(date(2011, 12, 30), time(12), "Pacific/Apia") == datetime(2011, 12, 30, 10, tzinfo=UTC)


@given(st.dates(date(2020, 1, 1), date(2030, 12, 31)), st.times(), st.sampled_from(ZONES))
def test_a_wall_time_outside_a_gap_reads_back_as_itself_and_inside_as_the_end_of_the_gap(day: date, at: time, zone: str) -> None:
    at = at.replace(second=0, microsecond=0)
    local = instant(day, at, zone).astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    wanted = datetime.combine(day, at)
    assert local == wanted or wanted < local <= wanted + timedelta(hours=1)


def test_a_span_in_one_zone_has_its_real_length_in_utc() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    night = Interval(datetime(2026, 3, 28, 22, tzinfo=berlin), datetime(2026, 3, 29, 6, tzinfo=berlin))
    assert in_utc(night).length == timedelta(hours=7)


def test_a_wall_span_that_a_gap_swallows_is_empty() -> None:
    assert wall_span(date(2026, 3, 29), time(2), time(3), "Europe/Berlin").length == timedelta(0)


def test_the_days_of_a_span_are_those_of_the_zone_asked_for() -> None:
    span = Interval(datetime(2026, 11, 9, 23, tzinfo=UTC), datetime(2026, 11, 10, 1, tzinfo=UTC))
    assert list(days_of(span, "Europe/Berlin")) == [date(2026, 11, 10)]
    assert list(days_of(span, "Europe/Lisbon")) == [date(2026, 11, 9), date(2026, 11, 10)]


def test_weekends_and_public_holidays_are_not_worked() -> None:
    days = Workdays.of(ME, frozenset({date(2026, 12, 25)}))
    assert days.works(date(2026, 12, 24))
    assert not days.works(date(2026, 12, 25))
    assert not days.works(date(2026, 12, 26))


def test_the_next_working_day_is_found_over_a_long_weekend() -> None:
    days = Workdays.of(ME, frozenset({date(2026, 12, 25), date(2026, 12, 28)}))
    assert days.find_from(date(2026, 12, 25)) == date(2026, 12, 29)
    assert days.find_from(date(2026, 12, 29)) == date(2026, 12, 29)


def test_working_days_are_counted_backwards_over_a_weekend() -> None:
    days = Workdays.of(ME)
    assert days.find_before(date(2026, 11, 9)) == date(2026, 11, 6)
    assert days.find_before(date(2026, 11, 9), 2) == date(2026, 11, 5)


def test_somebody_who_never_works_has_no_working_day() -> None:
    never = Workdays(frozenset())
    assert never.find_from(date(2026, 11, 9)) is None
    assert never.find_before(date(2026, 11, 9)) is None


def test_working_time_is_that_of_the_home_zone() -> None:
    assert working_time(date(2026, 11, 9), ME) == Interval(
        datetime(2026, 11, 9, 8, tzinfo=UTC), datetime(2026, 11, 9, 17, tzinfo=UTC)
    )


def test_a_weekend_away_touches_no_working_hour() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    weekend = Interval(datetime(2026, 11, 6, 18, tzinfo=berlin), datetime(2026, 11, 9, 9, tzinfo=berlin))
    assert not worked_in(weekend, ME, Workdays.of(ME))
    assert worked_in(Interval(weekend.start, weekend.end + timedelta(minutes=1)), ME, Workdays.of(ME))


def test_gaps_are_drawn_in_to_whole_steps_of_the_wall_clock() -> None:
    katmandu = "Asia/Kathmandu"  # 5 h 45 ahead
    window = wall_span(date(2026, 11, 9), time(9), time(12), katmandu)
    taken = Interval(instant(date(2026, 11, 9), time(9, 20), katmandu), instant(date(2026, 11, 9), time(10, 10), katmandu))
    assert gaps(window, [taken], timedelta(minutes=30), katmandu) == (
        wall_span(date(2026, 11, 9), time(10, 30), time(12), katmandu),
    )
    assert gaps(window, [taken], timedelta(minutes=15), katmandu) == (
        wall_span(date(2026, 11, 9), time(9), time(9, 15), katmandu),
        wall_span(date(2026, 11, 9), time(10, 15), time(12), katmandu),
    )
