"""Bars of the family balance: nothing that is there is rounded away, and none is longer than its room."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from rules.balance import FamilyBlock, TripBalance, bar, scale, total
from rules.balance_page import as_html, figure, rows
from rules.interval import Interval
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


def test_without_a_trip_the_page_says_so_and_draws_nothing() -> None:
    text = as_html(2026, (), "Europe/Berlin")
    assert "Nothing is owed to the family for trips of 2026." in text and "<svg" not in text


def test_what_is_nothing_is_not_drawn_and_one_trip_needs_no_sum() -> None:
    one = TripBalance("a", "Oslo", 2026, Sums(owed=2, open=2))
    assert rows([one], 2026) == [("Oslo", one.sums)]
    assert figure(rows([one], 2026)).count("<g>") == 1 and "2 h owed: 2 h open" in figure(rows([one], 2026))
    assert [name for name, _ in rows([one, one], 2026)] == ["Oslo", "Oslo", "All of 2026"]
    assert "0 h owed<" in figure([("Nothing", Sums())])


def test_the_page_tells_of_each_block_what_became_of_it() -> None:
    start = datetime(2026, 12, 7, 12, tzinfo=UTC)
    block = FamilyBlock(("b1",), Interval(start, start + timedelta(hours=3)), "broken")
    text = as_html(2026, [TripBalance("a", "Oslo", 2026, Sums(owed=3, open=3, broken=3), (block,))], "Europe/Berlin")
    assert "<strong>Mon 7 Dec 13:00–16:00</strong>: broken by a meeting" in text and "<h2>Oslo</h2>" in text
