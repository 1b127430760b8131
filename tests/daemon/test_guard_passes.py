"""What stands between a plan and the world, over whole passes: plans too large to be right, two processes at once, a mistake in
the config, a ledger that is not there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from world import LISBON, World, told

from daemon.__main__ import main
from daemon.ledger import Busy
from daemon.mistakes import ConfigError
from daemon.reconcile import look

SAFE, REFUSED = 0, 4


@pytest.fixture
def world(home: Path) -> World:
    return World(home)


@pytest.fixture
def command(world: World, monkeypatch: pytest.MonkeyPatch) -> object:
    """`homeward WORDS` at the world's moment; gives the exit code."""

    def run(*words: str) -> int:
        monkeypatch.setenv("HOMEWARD_CONFIG", str(world.root / "config.toml"))
        monkeypatch.setenv("HOMEWARD_STATE", str(world.root / "state"))
        monkeypatch.setenv("HOMEWARD_NOW", world.now.isoformat())
        return main(list(words))

    return run


def many(world: World, count: int) -> None:
    """More entries on the work calendar."""
    for number in range(count):
        day = f"202611{10 + number % 15:02}"
        world.event(f"work/e{number}.ics", f"e{number}@x", f"DTSTART:{day}T080000Z", f"DTEND:{day}T083000Z", "SUMMARY:Reading")


# --- a third of what is there -----------------------------------------------------------------------------------------


def test_taking_more_than_a_third_back_at_once_is_refused_in_passes(world: World) -> None:
    world.accept()
    world.call_off()
    before = world.files()
    for _ in range(3):
        passed = world.make_pass()
        assert ["existing items" in unsafe.because for unsafe in passed.look.unsafe] == [True]
        assert told(passed) == []
    assert world.files() == before


def test_apply_refuses_it_too_until_the_user_says_anyway(
    world: World, command: object, capsys: pytest.CaptureFixture[str]
) -> None:
    assert callable(command)
    world.accept()
    world.call_off()
    before = world.files()
    assert command("apply", "--yes") == REFUSED
    assert "existing items would be changed or removed" in capsys.readouterr().err
    assert world.files() == before
    assert command("apply", "--yes", "--anyway") == SAFE
    assert {path for path in world.changed()} == {"calendars/travel.ics", "calendars/work/conference.ics"}


def test_under_auto_it_is_refused_as_well(world: World) -> None:
    world.add_to_config('[service]\napply = "auto"')
    world.make_pass()
    world.call_off()
    before = world.files()
    assert told(world.make_pass()) == [] and world.files() == before


def test_what_the_user_asked_for_by_name_is_no_accident(world: World) -> None:
    """Dismissing takes everything back, which is more than a third."""
    world.accept()
    world.say("dismiss")
    passed = world.make_pass()
    assert passed.look.unsafe == () and world.changed() == []


def test_the_end_of_the_trip_is_never_too_much(world: World) -> None:
    world.accept()
    world.at("2026-12-05 09:00")
    passed = world.make_pass()
    assert passed.look.unsafe == () and {"delete hold done", "delete responder done"} <= set(told(passed))


def test_while_a_plan_is_refused_the_inbox_still_opens(world: World) -> None:
    world.accept()
    world.at("2026-12-01 10:00", LISBON)
    world.mail("ola@customer.example", "An offer")
    world.make_pass()
    world.configure('hosts = ["ana", "carla"]\nrotation', 'hosts = ["ben"]\nrotation')
    many(world, 1)
    world.at("2026-12-01 12:31", LISBON)
    world.make_pass()
    assert (world.held, world.inbox) == ([], ["An offer"])


# --- too many at once, and outside ------------------------------------------------------------------------------------


def test_more_than_fifty_new_things_for_one_absence_are_refused(world: World) -> None:
    for number in range(60):
        start = f"202612{1 + number % 3:02}T{8 + number // 12:02}{number % 12 * 5:02}00"
        world.meeting(f"t{number}", "Tiny training", start, start[:-2] + "30", "ana", "carla", "dan")
    passed = world.accept()
    assert any("new items for one absence" in unsafe.because for unsafe in passed.look.unsafe)
    assert world.drafts == [] and world.effects("HostItem") == []
    world.make_pass(anyway=True)
    assert len(world.effects("HostItem")) > 0


def test_a_plan_nobody_has_agreed_to_does_not_stop_the_others(world: World) -> None:
    world.accept()
    for number in range(60):
        start = f"202612{15 + number % 3:02}T{8 + number // 12:02}{number % 12 * 5:02}00"
        world.meeting(f"t{number}", "Tiny training", start, start[:-2] + "30", "ana", "carla", "dan")
    world.event("travel.ics", "oslo1@b.example", "DTSTART:20261214T060000Z", "DTEND:20261214T073500Z",
                "SUMMARY:Flight to Oslo (SK 2676)", "LOCATION:Berlin BER")  # fmt: skip
    world.event("travel.ics", "oslo2@b.example", "DTSTART:20261218T170000Z", "DTEND:20261218T183500Z",
                "SUMMARY:Flight to Berlin (SK 2677)", "LOCATION:Oslo OSL")  # fmt: skip
    world.answer("work/team-meeting.ics", "ana@example.org", "ACCEPTED")
    passed = world.make_pass()
    assert passed.look.unsafe and world.hosts()["Monday team meeting"] == ("ana", "accepted")


def test_nothing_outside_an_absence_is_changed(world: World) -> None:
    world.accept()
    text = world.calendar("work/team-meeting.ics")
    assert re.findall(r"RECURRENCE-ID[^\n]*", text) == ["RECURRENCE-ID;TZID=Europe/Berlin:20261130T100000"]


# --- a calendar that is suddenly empty --------------------------------------------------------------------------------


def empty(world: World) -> dict[Path, bytes]:
    """A sync program has lost everything."""
    lost = {path: path.read_bytes() for path in (world.root / "calendars" / "work").glob("*.ics")}
    for path in lost:
        path.unlink()
    return lost


def test_a_calendar_that_is_suddenly_empty_stops_the_plan_and_buries_nothing(world: World) -> None:
    many(world, 5)
    world.accept()
    drafts, states = world.drafts, world.states()
    lost = empty(world)
    for _ in range(3):
        passed = world.make_pass()
        assert any("had many entries and now has none" in unsafe.because for unsafe in passed.look.unsafe)
        assert told(passed) == []
    assert (world.drafts, world.states()) == (drafts, states)
    for path, content in lost.items():
        path.write_bytes(content)
    passed = world.make_pass()
    assert (told(passed), passed.look.unsafe) == ([], ()) and (world.drafts, world.states()) == (drafts, states)


def test_while_it_is_not_believed_the_trip_goes_on(world: World) -> None:
    many(world, 5)
    world.accept()
    world.at("2026-12-01 10:00", LISBON)
    world.make_pass()
    empty(world)
    world.mail("ola@customer.example", "An offer")
    world.make_pass()
    assert world.held == ["An offer"]
    world.at("2026-12-01 12:31", LISBON)
    world.make_pass()
    assert world.inbox == ["An offer"]


def test_once_the_user_says_that_it_is_really_empty_it_is_believed_for_good(world: World) -> None:
    many(world, 5)
    world.accept()
    empty(world)
    world.make_pass(anyway=True)
    passed = world.make_pass()
    assert passed.look.unsafe == () and "HostItem" not in {type(e.item).__name__ for e in world.effects() if e.state == "done"}


def test_a_small_calendar_may_become_empty(world: World) -> None:
    world.accept()
    world.rewrite("family.ics", "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//Example//Calendar//EN\nEND:VCALENDAR\n")
    passed = world.make_pass()
    assert not any("many entries" in unsafe.because for unsafe in passed.look.unsafe)


# --- two at once, mistakes, the first run -----------------------------------------------------------------------------


def test_a_second_process_is_told_to_wait_and_changes_nothing(
    world: World, command: object, capsys: pytest.CaptureFixture[str]
) -> None:
    assert callable(command)
    with world.session() as one, one.ledger.writing():
        with world.session() as other, pytest.raises(Busy, match="at work"), other.ledger.writing():
            raise AssertionError("two writers at once")
        assert command("pass") != SAFE
        assert "another homeward" in capsys.readouterr().err
    assert command("pass") == SAFE


def test_looking_needs_no_lock(world: World) -> None:
    with world.session() as one, one.ledger.writing(), world.session() as other:
        assert look(other).plan.fingerprint == look(one).plan.fingerprint
        assert {change.absence_id for change in look(other).plan.changes} == {"t3u3eq53"}


def test_a_mistake_in_the_config_is_told_before_a_ledger_is_made(world: World) -> None:
    world.add_to_config("[inbox]\nminits = 3")
    with world.session() as session, pytest.raises(ConfigError):
        look(session)
    assert not (world.root / "state" / "ledger.db").exists()


def test_a_second_run_of_everything_finds_nothing_left_to_do(world: World) -> None:
    world.accept()
    world.corridor("ana", "accepted", "team")
    for wall, zone in (
        ("2026-11-26 09:05", "Europe/Berlin"),
        ("2026-12-01 12:40", LISBON),
        ("2026-12-06 09:00", "Europe/Berlin"),
    ):
        world.at(wall, zone)
        world.make_pass()
        files, drafts, effects = world.files(), world.drafts, world.effects()
        passed = world.make_pass()
        assert told(passed) == []
        assert (world.files(), world.drafts, world.effects()) == (files, drafts, effects)
