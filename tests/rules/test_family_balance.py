"""Bars of the family balance: nothing that is there is rounded away, and none is longer than its room."""

from __future__ import annotations

import pytest

from rules.balance import TripBalance, bar, scale, total
from rules.makeup import Sums


def test_a_bar_tells_kept_ahead_open_and_broken_apart_without_colour() -> None:
    assert bar(Sums(owed=8, placed=1, kept=4, broken=2, open=3), 0.5) == "########==......xxxx"
    assert bar(Sums(), 0.5) == ""


def test_a_quarter_of_an_hour_is_not_rounded_away() -> None:
    assert bar(Sums(owed=1, kept=0.25, open=0.75), 1) == "#."


@pytest.mark.parametrize(("owed", "hours"), [(0, 0.5), (7, 0.5), (7.5, 1), (14, 1), (16, 2), (200, 16)])
def test_the_scale_doubles_until_the_longest_bar_fits(owed: float, hours: float) -> None:
    sums = Sums(owed=owed, kept=owed / 4, placed=owed / 4, open=owed / 4, broken=owed / 4)
    assert scale([Sums(owed=1, open=1), sums] if owed else [], 18) == hours
    assert len(bar(sums, hours)) <= 18


def test_the_sum_of_the_year_is_that_of_its_trips() -> None:
    trips = [TripBalance(name, name, 2026, Sums(owed=2, kept=1, open=1)) for name in ("a", "b")]
    assert total(trips) == Sums(owed=4, kept=2, open=2)
