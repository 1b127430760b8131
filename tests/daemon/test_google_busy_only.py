"""A deputy's calendar at Google that shows only free and busy, by commands: it is named so, and who is away is not asked."""

from __future__ import annotations

from pathlib import Path

import pytest
from at_google import AtGoogle, move, sign_in
from google_world import LENA

from tests.servers.fake_google.server import FakeGoogle
from tests.servers.fake_google.worlds import Clock

ANA = "ana@example.org"
ANAS = f'\n[[calendar]]\nid = "anas"\nrole = "team"\naccount = "g"\ncollection = "{ANA}"\n'


@pytest.fixture
def world(home: Path, google: FakeGoogle, clock: Clock) -> AtGoogle:
    google.calendar.shelves[ANA].roles[LENA] = "freeBusyReader"
    move(home, google, mail=False)
    sign_in(home, google)
    return AtGoogle(home, google, clock)


def use_anas(world: AtGoogle) -> None:
    config = world.root / "config.toml"
    config.write_text(config.read_text("utf-8") + ANAS, "utf-8")


def test_calendars_and_doctor_say_that_only_free_and_busy_is_shown(world: AtGoogle) -> None:
    assert "only free/busy" in world.type("calendars").out, "of one that is not used yet"
    use_anas(world)
    line = next(line for line in world.type("calendars").out.splitlines() if "anas" in line)
    assert "only free/busy" in line, line
    assert "calendar anas (team, only free/busy)" in world.type("doctor").out


def test_a_deputy_whose_calendar_is_busy_for_days_is_not_asked(world: AtGoogle) -> None:
    assert "Ask Ana Silva to host" in world.type("plan").out
    use_anas(world)
    assert "Ask Ana Silva to host" in world.type("plan").out, "she is there"
    days = {"start": {"dateTime": "2026-11-29T08:00:00+01:00"}, "end": {"dateTime": "2026-12-06T20:00:00+01:00"}}
    world.google.calendar.put(ANA, {"id": "rome0000", "summary": "Flight to Rome", **days})
    told = world.type("plan")
    assert told.code == 0 and "Ask Ana Silva to host" not in told.out and "Rome" not in told.all, told.all
