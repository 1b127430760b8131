"""`homeward run` as a real process: what it tells systemd, reloads, refusals, ends."""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from daemon.service.control import ask
from tests.service.processes import Service, running_service, wait_for

_PAGE = os.sysconf("SC_PAGE_SIZE")


def resident(pid: int) -> float:
    """Megabytes (proc(5), statm)."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE / 1e6


def children(pid: int) -> list[int]:
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def test_it_says_that_it_is_ready_what_it_does_and_that_it_lives(home: Path, short_folder: Path) -> None:
    with running_service(home, short_folder, WATCHDOG_USEC="1000000") as service:
        told = service.hear("READY=1")
        assert f"MAINPID={service.process.pid}" in told and "STATUS=" in told
        service.wait_for_passes(1)
        began = time.monotonic()
        for _ in range(4):
            service.hear("WATCHDOG=1")
        assert time.monotonic() - began < 10
        wait_for(lambda: "STATUS=Inbox open" in service.hear("WATCHDOG=1"), "its state is not told")


def test_a_service_that_hangs_gives_no_sign_of_life(home: Path, short_folder: Path) -> None:
    with running_service(home, short_folder, WATCHDOG_USEC="400000") as service:
        service.hear("READY=1")
        service.wait_for_passes(1)
        service.signal(signal.SIGSTOP)
        with pytest.raises(queue.Empty):
            for _ in range(1000):
                service.hear("WATCHDOG=1", patience=1.0)  # those that were sent before
        service.signal(signal.SIGCONT)
        service.hear("WATCHDOG=1")


def test_it_is_small(service: Service) -> None:
    service.wait_for_passes(1)
    assert resident(service.process.pid) < 25
    assert children(service.process.pid) == []


def test_sigterm_ends_it_cleanly(service: Service) -> None:
    assert service.stop() == 0
    service.hear("STOPPING=1")
    assert not (service.state / "control.sock").exists()
    assert service.homeward("service", "status").returncode == 1


def test_sigterm_while_a_pass_is_at_work_ends_both(home: Path, short_folder: Path) -> None:
    with running_service(home, short_folder) as service:
        service.hear("READY=1")
        wait_for(lambda: children(service.process.pid), "there is no pass")
        (child,) = children(service.process.pid)
        assert service.stop() == 0
        assert not Path(f"/proc/{child}").exists()
        done = service.homeward("pass", "--json")
        assert done.returncode == 0, done.stderr


def test_a_second_service_is_refused_with_the_pid_of_the_first(service: Service) -> None:
    refused = service.homeward("run")
    assert refused.returncode == 1
    assert f"pid {service.process.pid}" in refused.stderr
    assert service.status()["pid"] == service.process.pid


def test_killed_it_can_be_started_again(service: Service) -> None:
    service.signal(signal.SIGKILL)
    service.process.wait(10)
    assert (service.state / "control.sock").exists()  # left behind
    assert ask(str(service.state), "status") is None
    service.start()
    service.hear("READY=1")
    service.wait_for_passes(1)
    assert service.status()["pid"] == service.process.pid


def test_a_killed_pass_is_made_again(service: Service) -> None:
    assert ask(str(service.state), "wake") == {"heard": True}
    wait_for(lambda: children(service.process.pid), "there is no pass")
    os.kill(children(service.process.pid)[0], signal.SIGKILL)
    wait_for(lambda: "ended before its time" in service.log, "it is not said")
    assert ask(str(service.state), "wake") == {"heard": True}  # else within ten seconds and some
    service.wait_for_passes(3)
    assert service.status()["trouble"] == ""


def test_after_a_command_it_looks_at_once(service: Service) -> None:
    before = service.passes()
    assert service.homeward("apply", "--yes").returncode == 0
    service.wait_for_passes(before + 1)


def test_a_command_that_only_reads_wakes_nobody(service: Service) -> None:
    before = service.passes()
    assert service.homeward("status").returncode == 0
    assert service.homeward("plan").returncode == 0
    assert service.passes() == before


def reload(service: Service) -> None:
    before = service.passes()
    service.signal(signal.SIGHUP)
    service.hear("RELOADING=1")
    service.hear("READY=1")
    service.wait_for_passes(before + 1)


def test_a_good_edit_is_taken_over(service: Service) -> None:
    config = service.home / "config.toml"
    config.write_text(config.read_text() + '\n[[calendar]]\nid = "more"\npath = "calendars/more"\n')
    (service.home / "calendars/more").mkdir()
    reload(service)
    assert service.status()["mistakes"] == ""
    assert "more" in (service.state / "last-good-config.json").read_text()


def test_a_bad_edit_keeps_the_last_good_config_and_says_so(service: Service) -> None:
    config = service.home / "config.toml"
    good = config.read_text()
    config.write_text(good.replace("[me]", "[me]\nnmae = 1", 1))
    reload(service)
    assert "nmae" in str(service.status()["mistakes"])
    assert "nmae" in service.log and service.log.count("cannot be used") == 1
    shown = service.homeward("status")
    assert shown.returncode == 2
    assert "goes on with the last good one" in shown.stdout and "nmae" in shown.stdout
    assert "Trip to Lisbon" in shown.stdout
    assert json.loads(service.homeward("status", "--json").stdout)["mistakes"]
    assert "mistake" in service.homeward("service", "status").stdout
    config.write_text(good)
    reload(service)
    assert service.status()["mistakes"] == "" and "the config is good again" in service.log
    assert service.homeward("status").returncode == 0


def test_a_bad_edit_is_survived_by_a_new_start(service: Service) -> None:
    config = service.home / "config.toml"
    config.write_text("config_version = 1\n")
    service.stop()
    service.start()
    service.hear("READY=1")
    service.wait_for_passes(1)
    assert service.status()["mistakes"] and service.status()["trouble"] == ""


def test_without_any_good_config_it_does_not_start(home: Path, short_folder: Path) -> None:
    (home / "config.toml").write_text("config_version = 1\n")
    with running_service(home, short_folder) as service:
        assert service.process.wait(20) == 2
        assert "me" in service.log and not (home / "state/control.sock").exists()


def test_another_config_than_its_own_is_no_last_good_one(service: Service, tmp_path: Path) -> None:
    service.stop()
    other = tmp_path / "other.toml"
    other.write_text("config_version = 1\n")
    command = [sys.executable, "-m", "daemon", "--config", str(other), "--state", str(service.state), "run"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=30)
    assert done.returncode == 2


def test_nothing_private_is_in_what_it_says(home: Path, short_folder: Path) -> None:
    canary = "Zanzibar-Quetzal"
    calendar = home / "calendars/travel.ics"
    calendar.write_bytes(calendar.read_bytes().replace(b"Lisbon", canary.encode()))
    with running_service(home, short_folder) as service:
        service.wait_for_passes(1)
        assert service.homeward("apply", "--yes").returncode == 0
        service.wait_for_passes(2)
        told = service.log + json.dumps(service.status()) + "".join(service.heard)
        arguments = Path(f"/proc/{service.process.pid}/cmdline").read_bytes().decode()
        service.stop()
        assert canary not in told + arguments + service.log and "the service has started" in service.log


def test_what_it_keeps_is_private(service: Service) -> None:
    modes = {path.name: oct(path.stat().st_mode & 0o777) for path in service.state.iterdir() if not path.is_dir()}
    assert set(modes.values()) == {"0o600"}, modes
    assert oct(service.state.stat().st_mode & 0o777) == "0o700"
