"""The service with an account that has cost much today: it is left alone between two looks, and never when something is due."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from at_google import AtGoogle, move, sign_in
from shell import NOW, environment

from daemon.google_account import GoogleAccount
from daemon.service.report import Order, Pause, Report
from daemon.service.worker import make
from daemon.session import Session
from tests.servers.fake_google.server import FakeGoogle
from tests.servers.fake_google.worlds import Clock

AWAY = "2026-12-01T10:00+00:00"  # in Lisbon, between two windows
WINDOW = datetime.fromisoformat("2026-12-01T12:30+00:00")


@pytest.fixture
def world(home: Path, google: FakeGoogle, clock: Clock) -> AtGoogle:
    move(home, google)
    sign_in(home, google)
    return AtGoogle(home, google, clock)


@contextmanager
def session_at(world: AtGoogle, moment: str) -> Iterator[Session]:
    world._clock.now = datetime.fromisoformat(moment)
    session = Session.open(None, None, {**os.environ, **environment(world.root), "HOMEWARD_NOW": moment})
    try:
        yield session
    finally:
        session.close()


def google_of(session: Session) -> GoogleAccount:
    account = session.outside.accounts["g"]
    assert isinstance(account, GoogleAccount)
    return account


def passes(world: AtGoogle, moment: str) -> tuple[Report, int]:
    """A pass of the service, and how many requests it took."""
    world.google.count()
    with session_at(world, moment) as session:
        report = make(session, Order())
    assert report.state == "done", report.words
    return report, world.google.seen.http


def spends(world: AtGoogle, moment: str, share: float) -> None:
    with session_at(world, moment) as session:
        budget = google_of(session).budget
        budget.spend(int(budget.units * share))


def later(moment: str, **length: float) -> str:
    return (datetime.fromisoformat(moment) + timedelta(**length)).isoformat()


def test_an_account_that_has_cost_much_is_asked_more_rarely_and_its_windows_are_kept(world: AtGoogle) -> None:
    assert world.type("apply", "--yes").code == 0
    assert passes(world, AWAY)[1] > 0
    spends(world, AWAY, 0.95)
    world.delivers("ola@customer.example", "An offer", AWAY)
    report, asked = passes(world, later(AWAY, minutes=5))
    assert asked == 0 and not report.failing and not any("could not" in line for line in report.log)
    report, asked = passes(world, later(AWAY, hours=1))
    assert asked > 0 and world.under("Held") == ["An offer"]
    assert report.next == WINDOW.timestamp()
    assert passes(world, later(AWAY, hours=2))[1] > 0
    assert passes(world, later(AWAY, hours=2, minutes=20))[1] == 0
    assert passes(world, WINDOW.isoformat())[1] > 0
    assert "An offer" in world.under("INBOX") and world.under("Held") == []


def test_an_account_that_is_left_alone_after_a_failure_is_still_named(world: AtGoogle) -> None:
    passes(world, AWAY)
    moment = later(AWAY, minutes=5)
    with session_at(world, moment) as session:
        until = datetime.fromisoformat(moment).timestamp() + 60
        report = make(session, Order({"g": Pause(until, "Google has a problem of its own.")}))
    assert any("could not be done or read" in line for line in report.log), report.log
    assert "Not readable at the last pass" in world.type("status", now=moment).out


def test_status_says_so_and_the_user_is_never_kept_waiting(world: AtGoogle) -> None:
    passes(world, NOW)
    assert "quota units" not in world.type("status").out
    spends(world, NOW, 0.6)
    told = world.type("status")
    assert "60% of the 100,000 quota units" in told.out and "every 15 minutes" in told.out, told.all
    world.google.count()
    told = world.type("pass", "--verbose")
    assert told.code == 0 and world.google.seen.http > 0
    assert " of 100,000 this day" in told.out, told.all


def test_a_day_that_google_calls_used_up_is_no_failure_and_ends(world: AtGoogle) -> None:
    passes(world, AWAY)
    world.google.faults.add("*", "403 quota", times=-1)
    report, _ = passes(world, later(AWAY, minutes=5))
    assert report.failing == {}, "the budget says when to ask again"
    assert passes(world, later(AWAY, minutes=10))[1] == 0
    assert "Google says that the limit of this day is reached" in world.type("status", now=later(AWAY, minutes=10)).out
    world.google.faults.clear()
    report, asked = passes(world, later(AWAY, days=1))
    assert asked > 0 and "limit of this day" not in world.type("status", now=later(AWAY, days=1)).out
