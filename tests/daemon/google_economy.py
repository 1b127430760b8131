"""Passes that cost much if they are careless: over thousands of events, and when a window lets thousands of messages in. Each
gives what a local Google counted."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tests.daemon.at_google import AtGoogle
from tests.daemon.google_world import LENA
from tests.servers.fake_google.server import FakeGoogle, Seen

EVENTS, MESSAGES = 5000, 2500
AWAY, HELD, WINDOW, AFTER = (f"2026-12-01T{wall}+00:00" for wall in ("09:30", "11:00", "12:31", "12:36"))


def cost_of(world: AtGoogle, *words: str, now: str = "2026-11-23T09:00+01:00") -> Seen:
    world.google.count()
    told = world.type(*words, now=now)
    assert told.code == 0, told.all
    return world.google.count()


def fill(google: FakeGoogle) -> None:
    """A working life: three years of meetings, two thirds of them over."""
    first = datetime(2024, 9, 1, 8, tzinfo=UTC)
    for number in range(EVENTS):
        start = first + timedelta(hours=5 * number)
        span = {key: {"dateTime": when.isoformat(), "timeZone": "Europe/Berlin"} for key, when in
                (("start", start), ("end", start + timedelta(minutes=30)))}  # fmt: skip
        google.calendar.put(LENA, {"id": f"meeting{number:05}", "summary": f"Meeting {number}", **span})


def over_a_great_calendar(world: AtGoogle) -> tuple[Seen, Seen, Seen]:
    """The first pass, one without news, one after a change."""
    fill(world.google)
    first, still = cost_of(world, "pass"), cost_of(world, "pass")
    world.google.calendar.edit(LENA, "meeting04999", summary="Another name")
    return first, still, cost_of(world, "pass")


def of_a_great_window(world: AtGoogle, *, looked_at: bool) -> tuple[Seen, Seen]:
    """The pass in which it opens, and the next. `looked_at`: passes before it have seen the messages; else the filter has held
    them while this machine slept."""
    cost_of(world, "apply", "--yes")
    cost_of(world, "pass", now=AWAY)
    world.delivers("ola@customer.example", "Offer", HELD)
    cost_of(world, "pass", now=HELD)
    (label,) = (key for key, found in world.box.labels.items() if found["name"] == "Held")
    for number in range(1, MESSAGES):
        world.delivers("ola@customer.example", f"Offer {number}", HELD)
    for stored in world.box.messages.values():
        stored.labels = stored.labels - {"INBOX"} | {label} if "SENT" not in stored.labels else stored.labels
    if looked_at:
        for minute in range(MESSAGES // 250):
            cost_of(world, "pass", now=(datetime.fromisoformat(HELD) + timedelta(minutes=2 + minute)).isoformat())
    assert len(world.under("Held")) == MESSAGES
    opened = cost_of(world, "pass", now=WINDOW)
    assert world.under("Held") == []
    return opened, cost_of(world, "pass", now=AFTER)
