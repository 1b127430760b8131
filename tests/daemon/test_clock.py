"""The clock, and the instant that a demonstration sets it to."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from daemon.clock import FixedClock, SystemClock, clock_from
from daemon.mistakes import ConfigError

NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)


def test_the_clock_of_the_machine_tells_utc_and_does_not_stand() -> None:
    clock = clock_from({})
    assert isinstance(clock, SystemClock)
    first = clock.now()
    assert first.tzinfo is UTC
    assert first <= clock.now()


def test_a_fixed_clock_stands_until_it_is_moved() -> None:
    clock = FixedClock(NOON)
    assert clock.now() == clock.now() == NOON
    clock.advance(timedelta(hours=2))
    assert clock.now() == NOON + timedelta(hours=2)
    clock.set(NOON - timedelta(days=1))
    assert clock.now() == NOON - timedelta(days=1)


def test_a_fixed_clock_tells_utc_whatever_it_was_given() -> None:
    clock = FixedClock(datetime(2026, 12, 1, 13, tzinfo=timezone(timedelta(hours=1))))
    assert clock.now() == NOON
    assert clock.now().tzinfo is UTC


def test_a_fixed_clock_refuses_a_moment_without_a_zone() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        FixedClock(NOON.replace(tzinfo=None))


def test_the_environment_can_set_the_clock() -> None:
    assert clock_from({"HOMEWARD_NOW": "2026-12-01T13:00+01:00"}).now() == NOON
    assert clock_from({"HOMEWARD_NOW": "2026-12-01T12:00Z"}).now() == NOON


@pytest.mark.parametrize("wrong", ["noon", "2026-12-01T12:00", "2026-12-01", "0001-01-01T00:00+14:00"])
def test_what_is_no_instant_is_refused_by_the_name_of_the_variable(wrong: str) -> None:
    with pytest.raises(ConfigError, match="HOMEWARD_NOW"):
        clock_from({"HOMEWARD_NOW": wrong})
