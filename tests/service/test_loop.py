"""The loop of the service, over played time: when a pass is made, when it is spared, and what ends a sleep."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daemon.service.report import Notice, Order, Pause, Report, Trouble
from tests.service.playing import Machine

START = datetime(2026, 12, 1, 8, tzinfo=UTC)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


def nothing_ahead(now: datetime, order: Order) -> Report:
    return Report("done", "open.")


def due_at(*moments: datetime) -> Callable[[datetime, Order], Report]:
    def make(now: datetime, order: Order) -> Report:
        ahead = min((m.timestamp() for m in moments if m > now), default=None)
        return Report("done", "open.", ahead)

    return make


def after(machine: Machine, moment: datetime) -> list[datetime]:
    return [made for made in machine.passes if made >= moment]


def test_where_nothing_happens_one_pass_an_hour_is_made() -> None:
    machine = Machine(START, nothing_ahead)
    machine.run_until(START + 24 * HOUR)
    # One at the start, one that finds the same places again, then one an hour.
    assert 24 <= len(machine.passes) <= 27
    assert machine.loop.spared > 200


def test_an_idle_hour_has_few_wake_ups() -> None:
    machine = Machine(START, nothing_ahead)
    machine.run_until(START + HOUR)
    before = machine.wakes
    machine.run_until(START + 11 * HOUR)
    assert (machine.wakes - before) / 10 <= 20


def test_servers_are_looked_at_every_few_minutes() -> None:
    machine = Machine(START, lambda now, order: Report("done", "", minutes=10, remote=True))
    machine.run_until(START + 2 * HOUR)
    gaps = [later - earlier for earlier, later in zip(machine.passes[1:], machine.passes[2:], strict=False)]
    assert len(machine.passes) >= 12
    assert all(abs(gap - 10 * MINUTE) < timedelta(seconds=5) for gap in gaps)


@given(st.lists(st.integers(1, 86_400 * 3), min_size=1, max_size=30, unique=True))
@settings(max_examples=30, deadline=None)
def test_an_awake_machine_is_there_at_the_second(seconds: list[int]) -> None:
    moments = [START + timedelta(seconds=second) for second in seconds]
    machine = Machine(START, due_at(*moments))
    machine.run_until(START + timedelta(days=3, minutes=10))
    for moment in moments:
        # A transition while another pass is at work is met by the next one, which begins as soon as that ends.
        assert any(timedelta(0) <= made - moment < timedelta(seconds=1) for made in machine.passes), moment


@given(st.integers(60, 86_400 * 2), st.integers(1, 86_400))
@settings(max_examples=30, deadline=None)
def test_after_waking_up_it_is_right_within_one_pass(slept: int, when: int) -> None:
    moment = START + timedelta(seconds=when)
    machine = Machine(START, due_at(moment))
    machine.run_until(START + 5 * MINUTE)
    machine.asleep = float(slept)
    while machine.asleep:
        machine.loop.turn()
    woken = machine.time.moment
    machine.loop.turn()
    assert timedelta(0) <= machine.passes[-1] - woken < timedelta(seconds=1)
    machine.run_until(max(woken, moment) + MINUTE)
    assert any(made >= moment for made in machine.passes)


@pytest.mark.parametrize("step", [-6 * 3600.0, -120.0, 120.0, 6 * 3600.0])
def test_a_clock_that_is_set_is_noticed_and_stalls_nothing(step: float) -> None:
    moment = START + 8 * HOUR
    machine = Machine(START, due_at(moment))
    machine.run_until(START + 20 * MINUTE)
    machine.stepped = step
    machine.loop.turn()
    changed = len(machine.passes)
    machine.loop.turn()
    assert len(machine.passes) == changed + 1
    machine.run_until(moment + MINUTE)
    assert any(timedelta(0) <= made - moment < timedelta(seconds=1) for made in machine.passes)


def test_without_word_from_logind_waking_up_is_noticed_by_the_clocks() -> None:
    machine = Machine(START, nothing_ahead)
    machine.run_until(START + 20 * MINUTE)
    machine.stepped = 8 * 3600.0  # the wall went on, and nothing was heard
    machine.loop.turn()
    changed = len(machine.passes)
    machine.loop.turn()
    assert len(machine.passes) == changed + 1


def test_another_time_zone_of_the_machine_is_noticed() -> None:
    machine = Machine(START, nothing_ahead)
    machine.run_until(START + 20 * MINUTE)
    changed = len(machine.passes)
    machine.time.place = "America/New_York"
    machine.loop.turn()
    assert len(machine.passes) == changed + 1


def test_a_changed_file_is_seen_at_the_next_look() -> None:
    machine = Machine(START, nothing_ahead)
    machine.run_until(START + 30 * MINUTE)
    before = machine.time.moment
    machine.sum = 1
    machine.run_until(before + 6 * MINUTE)
    assert len(after(machine, before)) == 1


def test_what_changes_while_a_pass_is_at_work_is_seen_too() -> None:
    def make(now: datetime, order: Order) -> Report:
        machine.sum = machine.sum + 1 if len(machine.passes) == 3 else machine.sum
        return Report("done", "")

    machine = Machine(START, make)
    machine.run_until(START + 30 * MINUTE)
    machine.events = ["wake"]
    machine.run_until(START + 32 * MINUTE)
    assert len(machine.passes) == 3
    machine.run_until(START + 40 * MINUTE)
    assert len(machine.passes) == 4


@pytest.mark.parametrize("event", ["wake", "reload", "resumed"])
def test_what_was_done_by_hand_is_looked_at_at_once(event: str) -> None:
    machine = Machine(START, nothing_ahead)
    machine.run_until(START + 20 * MINUTE)
    before = machine.time.moment
    machine.events = [event]
    machine.loop.turn()
    machine.loop.turn()
    assert after(machine, before) and machine.passes[-1] - before < timedelta(seconds=1)


def test_a_reload_is_over_when_its_pass_is() -> None:
    machine = Machine(START, nothing_ahead)
    machine.run_until(START + 20 * MINUTE)
    machine.said.clear()
    machine.events = ["reload"]
    machine.run_until(START + 21 * MINUTE)
    assert machine.said == ["reloading", "ready"]


def test_what_comes_while_a_pass_is_at_work_is_one_more_pass_after_it() -> None:
    machine = Machine(START, nothing_ahead)
    machine.takes = 30.0
    machine.loop.turn()  # begins the first pass; the wait ends it after 30 s
    machine.events = ["wake"]
    machine.run_until(START + 3 * MINUTE)
    machine.events = ["wake"]
    machine.loop.turn()
    machine.loop.turn()
    machine.events = ["wake", "wake", "resumed"]
    machine.run_until(START + 20 * MINUTE)
    assert machine.at_work == 0  # and `start` has asserted that there never were two


# --- failures ---------------------------------------------------------------------------------------------------------


def test_a_pass_that_fails_is_tried_again_longer_each_time_and_never_ends_the_loop() -> None:
    machine = Machine(START, lambda now, order: Report("failed", "the disk is full"))
    machine.run_until(START + 3 * HOUR)
    gaps = [(b - a).total_seconds() for a, b in zip(machine.passes, machine.passes[1:], strict=False)]
    assert 10 <= gaps[0] <= 14 and gaps[1] >= 1.5 * gaps[0] and gaps[2] >= 1.5 * gaps[1]
    assert max(gaps) <= 301 and "the disk is full" in machine.loop.words()


def test_after_a_failure_what_was_due_is_made_up_for() -> None:
    moment = START + HOUR
    failures = iter([True, True])

    def make(now: datetime, order: Order) -> Report:
        if now >= moment and next(failures, False):
            return Report("failed", "no network")
        return due_at(moment)(now, order)

    machine = Machine(START, make)
    machine.run_until(moment + MINUTE)
    done = [made for made in machine.passes if made >= moment]
    assert len(done) >= 3 and done[2] - moment < MINUTE


def test_another_command_at_work_is_waited_for() -> None:
    busy = iter([True, True])
    machine = Machine(START, lambda now, order: Report("busy", "pid 7") if next(busy, False) else Report("done", "open."))
    machine.run_until(START + MINUTE)
    assert len(machine.passes) == 3 and machine.loop.words() == "open."


def test_a_pass_that_hangs_is_ended_and_the_loop_goes_on() -> None:
    machine = Machine(START, nothing_ahead)
    machine.takes = 1e9
    machine.loop.turn()
    machine.takes = 0.4  # of the next one
    machine.run_until(START + 20 * MINUTE)
    assert machine.killed == 1 and len(machine.passes) > 1
    assert machine.loop.report is not None and machine.loop.report.state == "done"


def test_the_watchdog_hears_of_every_turn_and_no_sleep_is_longer_than_half_of_it() -> None:
    machine = Machine(START, nothing_ahead, bound=30.0)
    machine.run_until(START + HOUR)
    assert max(machine.sleeps) <= 30.0 and machine.pings >= 120


# --- accounts ---------------------------------------------------------------------------------------------------------


def failing(*accounts: str, retry_after: float = 60.0) -> Callable[[datetime, Order], Report]:
    """Those accounts fail whenever they are asked."""

    def make(now: datetime, order: Order) -> Report:
        asked = {a: Trouble(retry_after, "no answer") for a in accounts if a not in order.paused}
        return Report("done", "", remote=True, failing=asked)

    return make


def asked(machine: Machine, account: str, orders: Iterable[Order] | None = None) -> int:
    return sum(account not in order.paused for order in orders or machine.orders)


def test_an_account_that_fails_is_asked_less_and_less_and_the_others_as_ever() -> None:
    machine = Machine(START, failing("work"))
    machine.run_until(START + 6 * HOUR)
    assert asked(machine, "home") == len(machine.passes) >= 70
    assert 20 <= asked(machine, "work") <= 36


def test_a_server_that_asks_for_an_hour_is_left_alone_for_an_hour() -> None:
    machine = Machine(START, failing("work", retry_after=3600.0))
    machine.run_until(START + 59 * MINUTE)
    assert asked(machine, "work") == 1


def test_waking_up_tries_every_account_at_once() -> None:
    machine = Machine(START, failing("work", retry_after=3600.0))
    machine.run_until(START + 30 * MINUTE)
    machine.events = ["resumed"]
    machine.run_until(START + 31 * MINUTE)
    assert asked(machine, "work") == 2


def test_when_the_network_is_back_what_failed_is_tried_within_seconds() -> None:
    machine = Machine(START, failing("work"))
    machine.run_until(START + 3 * HOUR)
    before = asked(machine, "work")
    machine.events = ["network"]
    machine.run_until(machine.time.moment + timedelta(seconds=35))
    assert asked(machine, "work") == before + 1
    machine.run_until(machine.time.moment + 6 * MINUTE)  # and the waiting begins anew
    assert asked(machine, "work") >= before + 2


def test_a_network_that_comes_and_goes_is_no_storm_of_passes() -> None:
    machine = Machine(START, failing("work"))
    machine.run_until(START + HOUR)
    before, end = len(machine.passes), machine.time.moment + 5 * MINUTE
    while machine.time.moment < end:
        machine.events = ["network"]
        machine.run_until(machine.time.moment + timedelta(seconds=1))
    assert 2 <= len(machine.passes) - before <= 12


def test_a_new_route_is_no_news_where_all_is_well() -> None:
    machine = Machine(START, lambda now, order: Report("done", "", remote=True))
    machine.run_until(START + MINUTE)
    before = len(machine.passes)
    machine.events = ["network"]
    machine.run_until(START + 4 * MINUTE)
    assert len(machine.passes) == before


def test_servers_are_looked_at_every_half_hour_while_no_absence_is_near() -> None:
    machine = Machine(START, lambda now, order: Report("done", "", remote=True, calm=True))
    machine.run_until(START + 10 * HOUR)
    assert 20 <= len(machine.passes) <= 23
    machine.sum += 1  # a file of this machine has changed
    before = len(machine.passes)
    machine.run_until(machine.time.moment + 6 * MINUTE)
    assert len(machine.passes) == before + 1


def test_an_account_that_works_again_is_asked_as_ever() -> None:
    broken = [True]
    machine = Machine(START, lambda now, order: failing("work")(now, order) if broken else Report("done", "", remote=True))
    machine.run_until(START + 3 * HOUR)
    broken.clear()
    machine.run_until(START + 4 * HOUR)
    before = len(machine.orders)
    machine.run_until(START + 6 * HOUR)
    assert asked(machine, "work", machine.orders[before:]) == len(machine.orders) - before


def test_a_pause_says_why() -> None:
    machine = Machine(START, failing("work", retry_after=900.0))
    machine.run_until(START + 6 * MINUTE)
    pause = machine.orders[1].paused["work"]
    assert isinstance(pause, Pause) and pause.words == "no answer"


# --- the config, notices, the end -------------------------------------------------------------------------------------


def test_a_mistake_in_the_config_is_said_once_and_so_is_its_end() -> None:
    bad = ["config.toml:3: no such key"]
    machine = Machine(START, lambda now, order: Report("done", "open.", remote=True, mistakes="".join(bad)))
    machine.run_until(START + HOUR)
    assert sum("config.toml:3" in said for said in machine.said) == 1 and "mistake" in machine.loop.words()
    bad.clear()
    machine.run_until(START + 2 * HOUR)
    assert machine.said.count("the config is good again") == 1 and machine.loop.words() == "open."


def test_the_next_pass_hears_which_notices_were_shown() -> None:
    notice = Notice("question/x", "Will you be away?", "")
    machine = Machine(START, lambda now, order: Report("done", "", remote=True, notices=() if order.told else (notice,)))
    machine.run_until(START + 7 * MINUTE)
    assert machine.shown == ["question/x"] and machine.orders[1].told == ("question/x",)


def test_an_answer_is_handed_on_until_a_pass_has_taken_it() -> None:
    fails = iter([True])
    machine = Machine(START, lambda now, order: Report("failed" if order.said and next(fails, False) else "done", ""))
    machine.run_until(START + 20 * MINUTE)
    machine.chosen, machine.events = [("t1", "confirm")], ["answered"]
    machine.run_until(START + 90 * MINUTE)
    said = [order.said for order in machine.orders]
    assert [each for each in said if each] == [(("t1", "confirm"),)] * 2 and said[-1] == ()


def test_it_stops_at_once_where_no_pass_is_at_work() -> None:
    machine = Machine(START, nothing_ahead)
    machine.run_until(START + 20 * MINUTE)
    made = len(machine.passes)
    machine.events = ["stop"]
    machine.loop.run()
    assert machine.said[-2:] == ["stopping", "the service has stopped"] and len(machine.passes) == made


def test_it_waits_for_the_pass_at_work_to_end_at_a_good_moment() -> None:
    machine = Machine(START, nothing_ahead)
    machine.takes = 60.0
    machine.events = ["stop"]
    machine.loop.run()
    assert machine.killed == 0 and machine.time.moment - START < timedelta(seconds=1)


def test_a_pass_that_does_not_stop_is_ended() -> None:
    machine = Machine(START, nothing_ahead)
    machine.takes = 1e9
    machine.stop = lambda: None  # type: ignore[method-assign]
    machine.events = ["stop"]
    machine.loop.run()
    assert machine.killed == 1 and machine.time.moment - START < timedelta(seconds=35)
