"""Whole passes with calendar and mail at Google: from the plan to the return, and all of it taken back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from google_world import LENA, GoogleWorld
from world import LISBON

from tests.servers.fake_google.server import FakeGoogle
from tests.servers.fake_google.worlds import Clock


class Follower(GoogleWorld):
    """Google's clock is that of the world."""

    clock: Clock

    def at(self, wall: str, zone: str = "Europe/Berlin") -> Any:
        moment = super().at(wall, zone)
        self.clock.now = moment
        return moment


@pytest.fixture(params=["client", "server"])
def world(request: pytest.FixtureRequest, home: Path, google: FakeGoogle, clock: Clock) -> Follower:
    Follower.clock = clock
    return Follower(home, google, server=request.param == "server")


def test_the_whole_story_at_google(world: Follower) -> None:
    box = world.google.gmail.boxes[LENA]
    box.vacation = {"enableAutoReply": False, "responseSubject": "Mine", "responseBodyPlainText": "my words"}
    world.accept()
    assert world.google.calendar.mails == [], "a request mails nobody but the deputy, by a letter of ours"
    asked = {address for _, to, _ in world.google.gmail.outgoing for address in to}
    assert "ana@example.org" in asked
    assert not world.make_pass().applied, "a second run finds nothing left to do"
    taken = world.answers("ana@example.org", "accepted")
    assert taken
    world.make_pass()
    assert all(f"{title} (host: Ana Silva)" in world.titles for title in taken)
    told = {mail.to for mail in world.google.calendar.mails}
    assert told and LENA not in told

    world.at("2026-12-01 10:00", LISBON)
    world.make_pass()
    assert box.vacation["enableAutoReply"] and box.vacation["responseSubject"] != "Mine"
    world.delivers("ola@customer.example", "An offer")
    world.delivers("jonas@family.example", "Mia lost a tooth")
    world.make_pass()
    assert (world.under("Held"), world.under("INBOX")[-1:]) == (["An offer"], ["Mia lost a tooth"])
    world.at("2026-12-01 12:31", LISBON)
    world.make_pass()
    assert world.under("Held") == [] and "An offer" in world.under("INBOX")
    assert not box.filters, "what arrives while the window is open passes"
    world.delivers("ola@customer.example", "A second offer")
    assert "A second offer" in world.under("INBOX")
    world.at("2026-12-01 14:00", LISBON)
    world.make_pass()

    world.at("2026-12-08 10:00")
    world.make_pass()
    world.make_pass()
    assert box.vacation == {"enableAutoReply": False, "responseSubject": "Mine", "responseBodyPlainText": "my words"}
    assert not box.filters and not box.labels and world.under("Held") == []


def test_everything_is_taken_back_at_google(world: Follower) -> None:
    world.accept()
    world.answers("ana@example.org", "accepted")
    world.make_pass()
    assert world.calendar_now() != world.before
    mailed = {mail.to for mail in world.google.calendar.mails}
    world.undo()
    world.make_pass()
    assert world.calendar_now() == world.before
    assert {mail.to for mail in world.google.calendar.mails} == mailed
    box = world.google.gmail.boxes[LENA]
    assert not box.filters and not box.labels and not box.vacation["enableAutoReply"]
    assert not world.make_pass().applied, "what was undone stays undone"


def test_a_pass_in_which_nothing_changed_asks_google_three_questions(world: Follower) -> None:
    world.accept()
    world.make_pass()
    world.google.count()
    world.make_pass()
    assert world.google.seen.http == 3, "one for the calendar, two for mail"
    assert world.google.seen.units <= 5


def test_a_calendar_at_google_and_mail_on_disk(home: Path, google: FakeGoogle, clock: Clock) -> None:
    Follower.clock = clock
    world = Follower(home, google, mail=False)
    world.accept()
    assert any(to == "ana@example.org" for to, _ in world.drafts)
    world.answers("ana@example.org", "accepted")
    world.make_pass()
    world.undo()
    world.make_pass()
    assert world.calendar_now() == world.before and google.gmail.outgoing == []
