"""The out-of-office entry in Google Calendar by commands: from the plan to undo, and where Google does not have such a thing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from at_google import AtGoogle, move, sign_in
from google_world import LENA

from tests.servers.fake_google.server import FakeGoogle
from tests.servers.fake_google.worlds import Clock

AWAY = "2026-12-01T10:00+00:00"


@pytest.fixture
def world(home: Path, google: FakeGoogle, clock: Clock) -> AtGoogle:
    move(home, google, mail=False)
    sign_in(home, google)
    config = home / "config.toml"
    config.write_text(config.read_text("utf-8") + "\n[out_of_office]\nenabled = true\n", "utf-8")
    return AtGoogle(home, google, clock)


def entries(world: AtGoogle) -> list[dict[str, Any]]:
    events = world.google.calendar.shelves[LENA].events.values()
    return [event for event in events if event["eventType"] == "outOfOffice" and event["status"] != "cancelled"]


def test_it_is_shown_in_the_plan_written_once_and_taken_back(world: AtGoogle) -> None:
    assert "Google declines new invitations at that time, and nothing that you organize" in " ".join(
        world.type("plan").out.split()
    )
    assert entries(world) == []
    assert world.type("apply", "--yes").code == 0
    (entry,) = entries(world)
    assert entry["outOfOfficeProperties"] == {"autoDeclineMode": "declineOnlyNewConflictingInvitations"}
    assert (entry["summary"], entry["visibility"]) == ("Out of office", "private")
    assert "dateTime" in entry["start"] and not entry.get("attendees")
    assert world.type("plan", "--detailed-exitcode").code == 0, "a second look finds nothing left to do"
    assert "homeward" in world.google.calendar.shelves[LENA].private[LENA, entry["id"]]

    assert world.type("undo", "--all").code == 0
    assert entries(world) == []
    assert world.type("pass").code == 0 and entries(world) == []


def test_it_is_no_sign_of_an_absence_by_itself(world: AtGoogle) -> None:
    assert world.type("apply", "--yes").code == 0
    before = world.type("trips").out
    (entry,) = entries(world)
    told = world.type("why")
    assert "Out of office" not in before and "out-of-office entry of Google" not in told.out, told.all
    assert entry["id"]


def test_it_ends_when_the_leader_is_back_early(world: AtGoogle) -> None:
    assert world.type("apply", "--yes").code == 0
    before = entries(world)[0]["end"]
    assert world.type("back", "--yes", now=AWAY).code == 0
    assert world.type("pass", now=AWAY).code == 0
    (entry,) = entries(world)
    assert entry["end"] != before and entry["end"]["dateTime"].startswith("2026-12-01T")


@pytest.mark.parametrize("declines, mode", [("none", "declineNone"), ("all", "declineAllConflictingInvitations")])
def test_what_google_declines_is_for_the_user_to_say(world: AtGoogle, declines: str, mode: str) -> None:
    assert world.type("apply", "--yes").code == 0
    config = world.root / "config.toml"
    config.write_text(config.read_text("utf-8") + f'declines = "{declines}"\n', "utf-8")
    assert world.type("apply", "--yes").code == 0
    assert [entry["outOfOfficeProperties"]["autoDeclineMode"] for entry in entries(world)] == [mode]


def test_an_account_without_workspace_is_told_once_and_everything_else_is_done(world: AtGoogle) -> None:
    world.google.calendar.consumers.add(LENA)
    told = world.type("apply", "--yes")
    words = " ".join(told.out.split())
    assert told.code == 0 and "they are for Workspace accounts" in words, told.all
    assert entries(world) == [] and "Ask Ana Silva to host" in words
    world.google.count()
    assert world.type("pass").code == 0
    assert world.google.seen.calls["calendar.events.insert"] == 0, "it is not tried at every pass"
    told = world.type("plan", "--verbose", "--detailed-exitcode")
    assert told.code == 0 and "it was refused there" in " ".join(told.out.split()), told.all
    world.google.calendar.consumers.clear()
    assert world.type("apply", "--again", "--yes").code == 0
    assert len(entries(world)) == 1


def test_a_user_who_lets_it_decline_something_else_keeps_that(world: AtGoogle) -> None:
    assert world.type("apply", "--yes").code == 0
    (entry,) = entries(world)
    world.google.calendar.edit(LENA, entry["id"], outOfOfficeProperties={"autoDeclineMode": "declineNone"})
    assert world.type("pass").code == 0
    assert "was changed by somebody, and stays so" in world.type("status").out
    config = world.root / "config.toml"
    config.write_text(config.read_text("utf-8") + 'declines = "all"\n', "utf-8")
    assert world.type("apply", "--yes").code == 0
    assert [each["outOfOfficeProperties"]["autoDeclineMode"] for each in entries(world)] == ["declineNone"]


def test_doctor_tries_an_entry_out_and_says_where_the_account_takes_none(world: AtGoogle) -> None:
    before = dict(world.google.calendar.shelves[LENA].events)
    told = world.type("doctor", "--live")
    assert told.code == 0 and "✓ work: an out-of-office entry of ours can be taken away" in told.out, told.all
    assert entries(world) == [] and before.keys() <= world.google.calendar.shelves[LENA].events.keys()
    world.google.calendar.consumers.add(LENA)
    told = world.type("doctor", "--live")
    assert told.code == 0 and "· work: Google does not take out-of-office entries on this calendar" in told.out, told.all
    assert "enabled = false under [out_of_office]" in told.out
