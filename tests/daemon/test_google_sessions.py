"""The demonstration's trip by commands, with a config whose calendar and mail are at Google, from the plan to undo."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from at_google import AtGoogle, furnish, move, sign_in

from tests.servers.fake_google.server import FakeGoogle
from tests.servers.fake_google.worlds import Clock

AWAY = "2026-12-01T10:00+00:00"  # in Lisbon, between two windows
LATER = "2026-12-01T10:05+00:00"
WINDOW = "2026-12-01T12:31+00:00"
HOME_AGAIN = "2026-12-08T10:00+01:00"
MINE = {"enableAutoReply": False, "responseSubject": "Mine", "responseBodyPlainText": "my words"}


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def google(clock: Clock) -> Iterator[FakeGoogle]:
    with FakeGoogle(clock) as started:
        furnish(started)
        yield started


@pytest.fixture
def world(home: Path, google: FakeGoogle, clock: Clock) -> AtGoogle:
    return AtGoogle(home, google, clock)


@pytest.mark.parametrize("hold", ["client", "server"])
def test_the_whole_trip_at_google_by_commands(world: AtGoogle, hold: str) -> None:
    move(world.root, world.google, hold=hold)
    sign_in(world.root, world.google)
    world.box.vacation = dict(MINE)
    before = world.titles
    told = world.type("apply", "--yes")
    assert told.code == 0 and "Ask Ana Silva to host" in told.out, told.all
    assert world.type("plan", "--detailed-exitcode").code == 0
    assert any("ana@example.org" in to for _, to, _ in world.google.gmail.outgoing)

    assert world.type("pass", now=AWAY).code == 0
    assert world.box.vacation["enableAutoReply"] and world.box.vacation["responseSubject"] != "Mine"
    world.delivers("ola@customer.example", "An offer", LATER)
    assert world.type("pass", now=LATER).code == 0
    assert (world.under("Held"), "An offer" in world.under("INBOX")) == (["An offer"], False)
    assert bool(world.box.filters) == (hold == "server")
    assert world.type("pass", now=WINDOW).code == 0
    assert world.under("Held") == [] and "An offer" in world.under("INBOX")

    assert world.type("pass", now=HOME_AGAIN).code == 0
    assert world.box.vacation == MINE and not world.box.filters and world.under("Held") == []
    assert world.type("undo", "--all", "--past", now=HOME_AGAIN).code == 0
    assert world.titles == before
