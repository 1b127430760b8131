"""Spans of time: half-open, aware, and compared by instant whatever the zones and the clocks do."""

from __future__ import annotations

import operator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.interval import Interval, instant, require_aware, subtract, union

BERLIN = ZoneInfo("Europe/Berlin")
HOUR = timedelta(hours=1)
ZONES = st.sampled_from([UTC, BERLIN, ZoneInfo("America/New_York"), ZoneInfo("Pacific/Apia"), ZoneInfo("Australia/Lord_Howe")])
# Two days around the night in which the clocks of Berlin go back.
MINUTES = st.integers(0, 48 * 60)


def moment(minutes: int, zone: object = UTC) -> datetime:
    return (datetime(2026, 10, 24, 12, tzinfo=UTC) + timedelta(minutes=minutes)).astimezone(zone)  # type: ignore[arg-type]


def span(start: int, end: int) -> Interval:
    return Interval(moment(start), moment(end))


@st.composite
def spans(draw: st.DrawFn) -> Interval:
    start, end = sorted((draw(MINUTES), draw(MINUTES)))
    return Interval(moment(start, draw(ZONES)), moment(end, draw(ZONES)))


def minutes_of(*them: Interval) -> set[int]:
    """Every minute since the origin that lies in one of them."""
    origin = moment(0)
    starts_ends = [((s.start.astimezone(UTC) - origin) // timedelta(minutes=1), s.length // timedelta(minutes=1)) for s in them]
    return {minute for start, length in starts_ends for minute in range(start, start + length)}


def test_a_naive_moment_is_refused_and_named() -> None:
    with pytest.raises(ValueError, match="departure has no time zone: 2026-12-01T09:00:00"):
        require_aware(datetime(2026, 12, 1, 9), "departure")  # noqa: DTZ001
    with pytest.raises(ValueError, match="start has no time zone"):
        Interval(datetime(2026, 12, 1, 9), moment(0))  # noqa: DTZ001
    with pytest.raises(ValueError, match="end has no time zone"):
        Interval(moment(0), datetime(2026, 12, 1, 9))  # noqa: DTZ001


def test_a_span_that_ends_before_it_starts_is_refused_with_both_times() -> None:
    with pytest.raises(ValueError, match=r"ends \(.*T12:00:00.*\) before it starts \(.*T12:01:00"):
        span(1, 0)


def test_an_empty_span_is_allowed_and_holds_nothing() -> None:
    assert moment(0) not in span(0, 0)
    assert span(0, 0).length == timedelta(0)


def test_the_start_belongs_to_the_span_and_the_end_does_not() -> None:
    assert moment(0) in span(0, 5)
    assert moment(5) not in span(0, 5)
    assert moment(-1) not in span(0, 5)


def test_touching_spans_do_not_overlap() -> None:
    assert not span(0, 5).overlaps(span(5, 9))
    assert not span(5, 9).overlaps(span(0, 5))
    assert span(0, 6).overlaps(span(5, 9))


def test_a_span_covers_itself_and_what_lies_inside() -> None:
    assert span(0, 9).covers(span(0, 9))
    assert span(0, 9).covers(span(3, 4))
    assert not span(0, 9).covers(span(3, 10))
    assert not span(1, 9).covers(span(0, 4))


def test_the_common_part_is_none_where_spans_only_touch() -> None:
    assert span(0, 5).intersection(span(3, 9)) == span(3, 5)
    assert span(0, 5).intersection(span(5, 9)) is None


def test_spans_are_equal_when_their_instants_are() -> None:
    there = Interval(moment(0, BERLIN), moment(9, ZoneInfo("Asia/Tokyo")))
    assert there == span(0, 9)
    assert hash(there) == hash(span(0, 9))
    assert span(0, 9) != span(0, 8)
    assert span(0, 9) != "0-9"


def test_times_stay_as_they_were_given() -> None:
    assert Interval(moment(0, BERLIN), moment(9, BERLIN)).start.tzinfo is BERLIN
    assert span(0, 9).widened(HOUR, HOUR).start.tzinfo is UTC


def test_the_night_the_clocks_go_back_is_an_hour_longer() -> None:
    night = Interval(datetime(2026, 10, 25, 0, tzinfo=BERLIN), datetime(2026, 10, 25, 6, tzinfo=BERLIN))
    assert night.length == 7 * HOUR


def test_the_night_the_clocks_go_forward_is_an_hour_shorter() -> None:
    night = Interval(datetime(2026, 3, 29, 0, tzinfo=BERLIN), datetime(2026, 3, 29, 6, tzinfo=BERLIN))
    assert night.length == 5 * HOUR


def test_the_second_half_past_two_comes_after_the_first() -> None:
    first = datetime(2026, 10, 25, 2, 30, tzinfo=BERLIN)
    second = datetime(2026, 10, 25, 2, 15, tzinfo=BERLIN, fold=1)
    assert Interval(first, second).length == timedelta(minutes=45)
    assert first.replace(fold=1) not in Interval(first, second)
    with pytest.raises(ValueError, match="before it starts"):
        Interval(second, first)


def test_door_to_door_margins_are_real_hours_also_on_such_a_night() -> None:
    flight = Interval(datetime(2026, 10, 25, 4, tzinfo=BERLIN), datetime(2026, 10, 25, 6, tzinfo=BERLIN))
    wide = flight.widened(timedelta(hours=2, minutes=30), HOUR)
    assert wide.length == flight.length + timedelta(hours=3, minutes=30)
    assert wide.start == datetime(2026, 10, 25, 2, 30, tzinfo=BERLIN)
    assert wide.start.fold == 0  # the first of the two


def test_the_first_and_the_last_day_of_the_calendar_can_be_compared_in_every_zone() -> None:
    first = datetime(1, 1, 1, tzinfo=BERLIN)
    last = datetime(9999, 12, 31, 23, tzinfo=ZoneInfo("America/New_York"))
    assert Interval(first, last).overlaps(span(0, 1))
    assert instant(first) < instant(moment(0)) < instant(last)


def test_touching_and_nested_spans_are_joined() -> None:
    assert union([span(7, 9), span(0, 3), span(3, 5), span(1, 2)]) == (span(0, 5), span(7, 9))


def test_what_is_left_of_a_day() -> None:
    assert subtract(span(0, 10), [span(2, 4)]) == (span(0, 2), span(4, 10))
    assert subtract(span(0, 10), [span(-5, 4), span(8, 20)]) == (span(4, 8),)
    assert subtract(span(0, 10), [span(-5, 20)]) == ()
    assert subtract(span(0, 10), [span(10, 20), span(-3, 0)]) == (span(0, 10),)


def test_an_entry_of_no_length_does_not_cut_free_time_in_two() -> None:
    assert subtract(span(0, 10), [span(5, 5)]) == (span(0, 10),)


@given(st.lists(spans(), max_size=8))
def test_a_union_is_sorted_disjoint_and_holds_the_same_minutes(them: list[Interval]) -> None:
    joined = union(them)
    assert all(instant(a.end) < instant(b.start) for a, b in pairwise(joined))
    assert minutes_of(*joined) == minutes_of(*them)


@given(spans(), st.lists(spans(), max_size=8))
def test_what_is_left_is_the_whole_without_the_busy_minutes(whole: Interval, busy: list[Interval]) -> None:
    free = subtract(whole, busy)
    assert minutes_of(*free) == minutes_of(whole) - minutes_of(*busy)
    assert all(instant(a.end) < instant(b.start) for a, b in pairwise(free))
    assert all(whole.covers(part) and part.length for part in free)


@given(spans(), spans())
def test_spans_overlap_exactly_when_they_have_a_common_part(one: Interval, other: Interval) -> None:
    common = one.intersection(other)
    assert minutes_of(one) & minutes_of(other) == (minutes_of(common) if common else set())
    if one.length and other.length:
        assert one.overlaps(other) is (common is not None)


@given(spans(), st.integers(0, 600), st.integers(0, 600))
def test_widening_adds_real_time_and_covers_what_it_widened(one: Interval, before: int, after: int) -> None:
    wide = one.widened(timedelta(minutes=before), timedelta(minutes=after))
    assert wide.covers(one)
    assert wide.length == one.length + timedelta(minutes=before + after)


def test_equal_spans_do_not_differ_and_other_things_do() -> None:
    same = Interval(moment(0, BERLIN), moment(60, BERLIN))
    assert operator.ne(span(0, 60), same) is False
    assert span(0, 60) != span(0, 61) and span(0, 60) != "a span"
