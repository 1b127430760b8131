"""Notices of the desktop are off while the user is away: GNOME's own switch with its real settings; KDE's way on a real D-Bus."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest

from daemon.cli import status
from daemon.quiet import _KEY, quiet_of
from daemon.service.hush import Hush
from daemon.service.leaving import open_everything
from daemon.service.report import Order
from daemon.service.worker import make
from tests.daemon.world import LISBON, World
from tests.servers.dbus import Desktop, private_bus
from tests.servers.gnome import gsettings, kept_settings, settings_in
from tests.service.processes import wait_for

BEFORE, AWAY, LATER, BACK = "2026-11-29 10:00", "2026-11-30 11:00", "2026-12-01 11:00", "2026-12-06 10:00"


@pytest.fixture
def gnome(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """The demonstration's home on a GNOME whose settings are in a file; its user has agreed to the plan."""
    for name, value in settings_in(tmp_path / "settings").items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS", raising=False)
    monkeypatch.setattr("daemon.service.worker._stop_when_told", lambda ledger: None)  # these are not processes
    world = World(home)
    world.add_to_config("[phone]\nmute_desktop = true\n")
    world.accept()
    return world


def passed(world: World, at: str, zone: str = LISBON) -> str:
    world.at(at, zone)
    world.make_pass()
    return gsettings("get")


def said(world: World, capsys: pytest.CaptureFixture[str]) -> str:
    with world.session() as session:
        status.run(session, argparse.Namespace(json=False, watch=False))
    return next((line for line in capsys.readouterr().out.splitlines() if line.startswith("Notices")), "")


def test_off_while_away_and_on_again_at_the_return(gnome: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert passed(gnome, BEFORE, "Europe/Berlin") == "true" and said(gnome, capsys) == ""
    assert passed(gnome, AWAY) == "false" and "off on this desktop" in said(gnome, capsys)
    assert passed(gnome, LATER) == "false"
    assert passed(gnome, BACK, "Europe/Berlin") == "true" and said(gnome, capsys) == ""
    assert kept_settings(tmp_path / "settings") == []  # as it was before: nothing of ours is left there
    with gnome.ledger() as ledger:
        assert sorted(entry.step for entry in ledger.journal() if "muted" in entry.step) == ["muted", "unmuted"]


def test_it_is_in_the_plan(gnome: World) -> None:
    later = [later for later in gnome.look().plan.later if "notices" in later.what]
    assert len(later) == 1 and "off from when you leave" in later[0].because


def test_what_was_off_before_stays_off_for_ever(gnome: World) -> None:
    gsettings("set", "false")
    for at in (AWAY, LATER, BACK):
        assert passed(gnome, at) == "false"


def test_who_switches_them_on_meanwhile_is_left_with_that(gnome: World, capsys: pytest.CaptureFixture[str]) -> None:
    assert passed(gnome, AWAY) == "false"
    gsettings("set", "true")
    assert passed(gnome, LATER) == "true" and "as you have set them" in said(gnome, capsys)
    gsettings("set", "false")  # and off again: theirs, too
    assert passed(gnome, BACK, "Europe/Berlin") == "false"


def test_undone_they_are_on_at_once(gnome: World) -> None:
    assert passed(gnome, AWAY) == "false"
    gnome.undo()
    assert gsettings("get") == "true"


def test_before_the_service_goes_they_are_on(gnome: World) -> None:
    assert passed(gnome, AWAY) == "false"
    with gnome.session() as session, session.ledger.writing():
        assert "on again" in " ".join(open_everything(session).words)
    assert gsettings("get") == "true"


def test_not_wanted_any_more_they_are_on_at_the_next_pass(gnome: World) -> None:
    assert passed(gnome, AWAY) == "false"
    gnome.configure("mute_desktop = true", "mute_desktop = false")
    assert passed(gnome, LATER) == "true"


@pytest.mark.parametrize("switched", [True, False])
def test_killed_in_the_middle_the_next_pass_finds_it(gnome: World, switched: bool) -> None:
    """Noted and not yet switched, or switched and not yet noted."""
    assert passed(gnome, AWAY) == "false"
    with gnome.ledger() as ledger:
        ledger.set(_KEY, (ledger.get(_KEY) or "").replace("done", "intended"))
    gsettings("set", "false" if switched else "true")
    assert passed(gnome, LATER) == "false"
    assert passed(gnome, BACK, "Europe/Berlin") == "true"


def test_without_a_yes_nothing_is_switched(gnome: World) -> None:
    gnome.undo()
    assert passed(gnome, AWAY) == "true"


def test_settings_that_take_nothing_are_named_and_tried_again(gnome: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GSETTINGS_BACKEND", "memory")  # forgets with each process
    gnome.at(AWAY, LISBON)
    assert "does not let its notices be switched off" in " ".join(gnome.make_pass().tended.failed)
    monkeypatch.setenv("GSETTINGS_BACKEND", "keyfile")
    assert passed(gnome, LATER) == "false"


# --- KDE --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("desktop", "asks"), [("KDE", True), ("GNOME", False)])
def test_only_where_nothing_was_switched_the_service_has_to_ask(
    gnome: World, desktop: str, asks: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CURRENT_DESKTOP", desktop)
    told = []
    for at, zone in ((BEFORE, "Europe/Berlin"), (AWAY, LISBON), (BACK, "Europe/Berlin")):
        gnome.at(at, zone)
        with gnome.session() as session:
            told.append(make(session, Order()).quiet)
    assert told == [False, asks, False]
    with gnome.session() as session:
        assert quiet_of(session) is None
    assert gsettings("get") == "true"


def test_a_desktop_is_asked_once_and_takes_them_on_when_that_ends() -> None:
    with private_bus() as address:
        desktop, hush = Desktop(address), Hush({"DBUS_SESSION_BUS_ADDRESS": address})
        hush.keep(True)
        assert desktop.inhibited == []  # it cannot do that
        hush.keep(False)
        desktop.capabilities = ["body", "inhibitions"]
        hush.keep(True)
        hush.keep(True)
        assert len(desktop.inhibited) == 1
        hush.keep(False)
        wait_for(lambda: desktop.inhibited == [], "notices stay off")


def test_what_the_user_took_back_is_not_asked_again_and_a_new_desktop_is() -> None:
    with private_bus() as address:
        desktop, hush = Desktop(address), Hush({"DBUS_SESSION_BUS_ADDRESS": address})
        desktop.capabilities = ["inhibitions"]
        hush.keep(True)
        desktop.inhibited.clear()
        hush.keep(True)
        assert desktop.inhibited == []
        desktop.leave()
        successor = Desktop(address)
        successor.capabilities = ["inhibitions"]
        hush.keep(True)
        assert len(successor.inhibited) == 1


def test_without_a_desktop_nothing_happens() -> None:
    Hush({}).keep(True)
    Hush({"DBUS_SESSION_BUS_ADDRESS": "unix:path=/nowhere"}).keep(True)
    with private_bus() as address:
        hush = Hush({"DBUS_SESSION_BUS_ADDRESS": address})
        hush.keep(True)
        desktop = Desktop(address)  # it comes later
        desktop.capabilities = ["inhibitions"]
        hush.keep(True)
        assert len(desktop.inhibited) == 1
