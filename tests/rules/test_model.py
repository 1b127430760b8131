"""The nouns: values that refuse a time without a zone, and an occurrence's span whatever its times say."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from rules.interval import Interval
from rules.model import Occurrence, OccurrenceKey

BERLIN = ZoneInfo("Europe/Berlin")
NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)


def occurrence(start: datetime, end: datetime) -> Occurrence:
    return Occurrence(OccurrenceKey("work", "uid"), "mine", start, end)


def test_an_occurrence_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="start has no time zone"):
        occurrence(NOON.replace(tzinfo=None), NOON)
    with pytest.raises(ValueError, match="end has no time zone"):
        occurrence(NOON, NOON.replace(tzinfo=None))


def test_an_occurrence_spans_its_times() -> None:
    assert occurrence(NOON, NOON + timedelta(hours=2)).span == Interval(NOON, NOON + timedelta(hours=2))


def test_an_occurrence_of_negative_length_spans_nothing() -> None:
    assert occurrence(NOON, NOON - timedelta(hours=2)).span == Interval(NOON, NOON)


def test_an_occurrence_that_runs_backwards_through_the_doubled_hour_spans_nothing() -> None:
    start = datetime(2026, 10, 25, 2, 45, tzinfo=BERLIN, fold=1)
    end = datetime(2026, 10, 25, 2, 50, tzinfo=BERLIN)
    assert occurrence(start, end).span.length == timedelta(0)


def test_a_value_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        occurrence(NOON, NOON).summary = "other"  # type: ignore[misc]


def test_keys_are_sorted_by_calendar_then_uid_then_recurrence() -> None:
    keys = [
        OccurrenceKey("b", "a"),
        OccurrenceKey("a", "b", "20261208"),
        OccurrenceKey("a", "b", "20261201"),
        OccurrenceKey("a", "a"),
    ]
    assert sorted(keys) == [keys[3], keys[2], keys[1], keys[0]]
