"""Waking up, as logind tells it on a real D-Bus."""

from __future__ import annotations

import os
import select
from collections.abc import Iterator
from pathlib import Path

import pytest

from daemon.service.__main__ import until_it_breaks
from daemon.service.sleep import SleepWatch, system_bus
from daemon.service.wake import Wake
from tests.servers.dbus import Logind, private_bus
from tests.service.processes import running_service


@pytest.fixture
def bus(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    with private_bus() as address:
        monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", address)
        yield address


def heard(watch: SleepWatch) -> list[str]:
    assert select.select([watch.fileno()], [], [], 10)[0], "nothing comes"
    return list(watch.events())


def test_waking_up_is_heard_and_falling_asleep_is_no_news(bus: str) -> None:
    logind = Logind(bus)
    watch = SleepWatch()
    logind.prepare_for_sleep(True)
    logind.prepare_for_sleep(False)
    found: list[str] = []
    while not found:
        found = heard(watch)
    assert found == ["resumed"]
    watch.close()


def test_what_others_say_is_not_heard(bus: str) -> None:
    logind, stranger = Logind(bus), Logind(bus, "org.example.stranger")
    watch = SleepWatch()
    list(watch.events())
    stranger.prepare_for_sleep(False)
    logind.other()
    logind.prepare_for_sleep(True)
    assert heard(watch) == []
    watch.close()


def test_without_a_bus_there_is_nothing_to_hear(tmp_path: Path) -> None:
    assert system_bus({"DBUS_SYSTEM_BUS_ADDRESS": "unix:path=/nowhere"})
    with pytest.raises(OSError):
        os.environ["DBUS_SYSTEM_BUS_ADDRESS"] = f"unix:path={tmp_path}/nobody"
        try:
            SleepWatch()
        finally:
            del os.environ["DBUS_SYSTEM_BUS_ADDRESS"]


def test_a_bus_that_goes_away_is_heard_no_more_and_harms_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    with private_bus() as address:
        monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", address)
        watch, wake = SleepWatch(), Wake()
        wake.add(watch.fileno(), until_it_breaks(wake, watch))
    try:
        assert [wake.wait(0.2) for _ in range(3)] == [[], [], []]
    finally:
        wake.close()


def test_the_service_makes_a_pass_when_the_machine_wakes_up(bus: str, home: Path, short_folder: Path) -> None:
    logind = Logind(bus)
    with running_service(home, short_folder, DBUS_SYSTEM_BUS_ADDRESS=bus) as service:
        service.wait_for_passes(1)
        logind.prepare_for_sleep(True)
        logind.prepare_for_sleep(False)
        service.wait_for_passes(2)


def test_the_service_runs_without_any_bus(home: Path, short_folder: Path) -> None:
    with running_service(home, short_folder, DBUS_SYSTEM_BUS_ADDRESS="unix:path=/nowhere") as service:
        service.wait_for_passes(1)
        assert "no word from logind" in service.log
