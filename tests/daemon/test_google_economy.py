"""What passes cost at Google, in requests on the wire and in quota units: the first with thousands of events, one without news,
one with one, and a window that lets thousands of messages in."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from at_google import AtGoogle, furnish, move, sign_in
from google_world import LENA

from tests.servers.fake_google.server import FakeGoogle, Seen
from tests.servers.fake_google.worlds import Clock

EVENTS, MESSAGES = 5000, 2500
AWAY, HELD, WINDOW = "2026-12-01T09:30+00:00", "2026-12-01T11:00+00:00", "2026-12-01T12:31+00:00"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def world(home: Path, clock: Clock) -> Iterator[AtGoogle]:
    with FakeGoogle(clock) as google:
        furnish(google)
        move(home, google)
        sign_in(home, google)
        yield AtGoogle(home, google, clock)


def cost_of(world: AtGoogle, *words: str, now: str = "2026-11-23T09:00+01:00") -> Seen:
    world.google.count()
    assert world.type(*words, now=now).code == 0
    return world.google.count()


def fill(google: FakeGoogle) -> None:
    """A working life: three years of meetings, two thirds of them over."""
    first = datetime(2024, 9, 1, 8, tzinfo=UTC)
    for number in range(EVENTS):
        start = first + timedelta(hours=5 * number)
        span = {key: {"dateTime": when.isoformat(), "timeZone": "Europe/Berlin"} for key, when in
                (("start", start), ("end", start + timedelta(minutes=30)))}  # fmt: skip
        google.calendar.put(LENA, {"id": f"meeting{number:05}", "summary": f"Meeting {number}", **span})


@pytest.mark.slow
def test_passes_over_a_great_calendar_cost_little(world: AtGoogle) -> None:
    fill(world.google)
    first = cost_of(world, "pass")
    assert first.calls["calendar.events.list"] == 3 and first.http <= 8 and first.units <= 12, first
    still = cost_of(world, "pass")
    assert (still.http, still.units) == (3, 4), "one for the calendar, two for mail"
    world.google.calendar.edit(LENA, "meeting04999", summary="Another name")
    one = cost_of(world, "pass")
    assert (one.http, one.units) == (3, 4), one


@pytest.mark.slow
def test_a_window_that_lets_thousands_in_costs_little(world: AtGoogle) -> None:
    assert world.type("apply", "--yes").code == 0
    assert world.type("pass", now=AWAY).code == 0
    world.delivers("ola@customer.example", "Offer", HELD)
    assert world.type("pass", now=HELD).code == 0
    (label,) = (key for key, found in world.box.labels.items() if found["name"] == "Held")
    for number in range(1, MESSAGES):
        world.delivers("ola@customer.example", f"Offer {number}", HELD)
    for stored in world.box.messages.values():  # as passes before this one, or a filter, have held them
        stored.labels = stored.labels - {"INBOX"} | {label} if "SENT" not in stored.labels else stored.labels
    assert len(world.under("Held")) == MESSAGES
    opened = cost_of(world, "pass", now=WINDOW)
    assert world.under("Held") == [] and opened.calls["gmail.users.messages.batchModify"] == 3
    assert opened.calls["gmail.users.messages.get"] <= 250, "the headers of thousands wait for later passes"
    assert opened.http <= 25 and opened.units < 6000, "no more than Google gives for a minute"
    again = cost_of(world, "pass", now="2026-12-01T12:36+00:00")
    assert again.units < 6000 and again.calls["gmail.users.messages.get"] > 0
