"""What a day at Google may cost: counted in all processes, slower when much is used, never refused, anew at Google's midnight."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from integrations.errors import OutsideError
from integrations.google_budget import DailyBudget
from integrations.google_errors import UsedUp
from tests.servers.fake_google.worlds import LEA, Clock, api_of, google_world

BERLIN = "Europe/Berlin"


@pytest.fixture
def clock() -> Clock:
    return Clock(datetime(2026, 12, 1, 12, tzinfo=UTC))


@pytest.fixture
def budget(tmp_path: Path, clock: Clock) -> DailyBudget:
    return DailyBudget(tmp_path / "budget.json", 1000, clock)


def waits(budget: DailyBudget) -> float:
    """Minutes between two looks, now."""
    return budget.spacing(budget.today()).total_seconds() / 60


@pytest.mark.parametrize("units, minutes", [(0, 0), (499, 0), (500, 15), (749, 15), (750, 30), (900, 60), (1000, 60), (9999, 60)])
def test_the_more_is_used_the_more_rarely_it_is_asked(budget: DailyBudget, units: int, minutes: int) -> None:
    budget.spend(units)
    assert waits(budget) == minutes
    assert bool(budget.words(BERLIN)) == bool(minutes)


def test_what_one_process_spends_another_one_knows(budget: DailyBudget, tmp_path: Path, clock: Clock) -> None:
    other = DailyBudget(tmp_path / "budget.json", 1000, clock)
    for each in (budget, other, budget):
        each.spend(200)
    assert (budget.today().units, other.today().units) == (600, 600)
    assert oct((tmp_path / "budget.json").stat().st_mode)[-3:] == "600"


def test_the_day_begins_anew_at_midnight_in_california(budget: DailyBudget, clock: Clock) -> None:
    clock.now = datetime(2026, 12, 2, 7, 59, tzinfo=UTC)
    budget.spend(950)
    assert waits(budget) == 60 and "until 09:00" in budget.words(BERLIN)
    clock.on(minutes=1)
    assert waits(budget) == 0 and budget.today().units == 0


def test_an_account_rests_between_two_looks_and_not_when_something_is_due(budget: DailyBudget, clock: Clock) -> None:
    assert budget.rests_until() is None, "it has never been looked at"
    budget.spend(600)
    budget.look()
    clock.on(minutes=5)
    assert budget.rests_until() == clock.now + timedelta(minutes=10)
    budget.expect(clock.now + timedelta(minutes=2))
    assert budget.rests_until() == clock.now + timedelta(minutes=2)
    clock.on(minutes=2)
    assert budget.rests_until() is None, "a window opens"
    budget.expect(None)
    assert budget.rests_until() == clock.now + timedelta(minutes=8)
    clock.on(minutes=8)
    assert budget.rests_until() is None


def test_a_clock_that_was_set_back_does_not_make_it_rest(budget: DailyBudget, clock: Clock) -> None:
    budget.spend(950)
    budget.look()
    clock.on(hours=-3)
    assert budget.rests_until() is None


@pytest.mark.parametrize("found", [b"", b"{", b'{"units": "many"}', b"\xff" * 9000])
def test_a_damaged_file_is_a_new_day(budget: DailyBudget, tmp_path: Path, found: bytes) -> None:
    (tmp_path / "budget.json").write_bytes(found)
    assert budget.rests_until() is None and budget.today().units == 0
    budget.spend(3)
    assert budget.today().units == 3


def test_where_the_file_cannot_be_written_this_process_counts_alone(tmp_path: Path, clock: Clock) -> None:
    budget = DailyBudget(tmp_path / "missing" / "budget.json", 1000, clock)
    budget.spend(300)
    budget.spend(300)
    assert budget.today().units == 600


def test_what_is_asked_of_google_is_counted_alone_and_in_a_batch(budget: DailyBudget) -> None:
    with google_world() as google:
        api = api_of(google, budget=budget)
        events = api.calendar.events()
        api.read(events.list(calendarId=LEA))
        api.read_all("calendar", [events.list(calendarId=LEA), events.list(calendarId=LEA)])
        api.read(api.gmail.users().messages().list(userId="me"))
        assert budget.today().units == api.meter.units == 8


@pytest.mark.parametrize("batch", [False, True])
def test_google_saying_that_the_day_is_used_up_slows_down_until_the_next_one(
    budget: DailyBudget, clock: Clock, batch: bool
) -> None:  # fmt: skip
    with google_world() as google:
        api = api_of(google, budget=budget)
        request = api.calendar.events().list(calendarId=LEA)
        google.faults.add("calendar.events.list", "403 quota")
        found: object
        try:
            found = api.read_all("calendar", [request])[0] if batch else api.read(request)
        except OutsideError as error:
            found = error
    assert isinstance(found, UsedUp)
    assert waits(budget) == 60 and "Google says" in budget.words(BERLIN)
    clock.on(days=1)
    assert waits(budget) == 0
