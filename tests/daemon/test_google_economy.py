"""What passes cost at Google, in requests on the wire and in quota units: the first with thousands of events, one without news,
one with one, and a window that lets thousands of messages in. `python benchmarks/google_costs.py` prints them."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from at_google import AtGoogle, move, sign_in
from google_economy import MESSAGES, of_a_great_window, over_a_great_calendar

from tests.servers.fake_google.server import FakeGoogle
from tests.servers.fake_google.worlds import Clock


@pytest.fixture
def world(home: Path, google: FakeGoogle, clock: Clock) -> AtGoogle:
    move(home, google, hold="server")
    sign_in(home, google)
    return AtGoogle(home, google, clock)


@pytest.mark.slow
def test_passes_over_a_great_calendar_cost_little(world: AtGoogle) -> None:
    first, still, one = over_a_great_calendar(world)
    assert first.calls["calendar.events.list"] == 3 and first.http <= 8 and first.units <= 12, first
    assert still.http == 3, "one for the calendar, two for mail"
    assert one.http == 3, one


@pytest.mark.slow
def test_a_window_that_lets_thousands_in_asks_about_none_of_them(world: AtGoogle) -> None:
    opened, after = of_a_great_window(world, looked_at=False)
    assert opened.calls["gmail.users.messages.batchModify"] == 3
    assert opened.calls["gmail.users.messages.get"] == 0, "to give mail back its ids will do"
    assert opened.http <= 20 and opened.units <= 220, opened
    with closing(sqlite3.connect(world.root / "state" / "ledger.db")) as ledger:
        held = ledger.execute("SELECT count(*), count(released_at) FROM held").fetchone()
    assert held == (MESSAGES, MESSAGES), "each is counted once, by whatever name it went"
    assert after.http <= 8 and after.units <= 30, after
