"""What the journal of systemd is sent: fields, by its own protocol, read here by a socket that takes them apart."""

from __future__ import annotations

import os
import socket
import struct
from collections.abc import Iterator
from pathlib import Path

import pytest

from daemon.service.journal import Journal
from daemon.service.report import Order, Step, dump, load_report
from daemon.service.worker import make
from tests.daemon.world import World


@pytest.fixture
def listening(short_folder: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as journald:
        journald.bind(str(short_folder / "journal"))
        journald.settimeout(5)
        yield journald


def journal(listening: socket.socket) -> Journal:
    seen = os.fstat(2)
    return Journal({"JOURNAL_STREAM": f"{seen.st_dev}:{seen.st_ino}"}, listening.getsockname())


def heard(listening: socket.socket) -> dict[str, str]:
    data, found = listening.recv(65_536), {}
    while data:
        name, _, data = data.partition(b"\n")
        (length,) = struct.unpack_from("<Q", data)
        found[name.decode()] = data[8 : 8 + length].decode()
        assert data[8 + length : 9 + length] == b"\n"
        data = data[9 + length :]
    return found


def test_a_step_can_be_found_by_its_absence_and_its_effect(listening: socket.socket) -> None:
    assert journal(listening).step(Step("t1234567", "hw-1", "done"))
    told = heard(listening)
    assert len(told.pop("MESSAGE_ID")) == 32
    assert told == {
        "SYSLOG_IDENTIFIER": "homeward", "MESSAGE": "done hw-1", "PRIORITY": "6",
        "HOMEWARD_ABSENCE": "t1234567", "HOMEWARD_EFFECT": "hw-1", "HOMEWARD_STEP": "done",
    }  # fmt: skip


def test_each_line_is_an_entry_of_its_own_and_forges_no_field(listening: socket.socket) -> None:
    assert journal(listening).say("one\nHOMEWARD_STEP=done", bad=True)
    assert heard(listening) == {"SYSLOG_IDENTIFIER": "homeward", "MESSAGE": "one", "PRIORITY": "4"}
    assert heard(listening)["MESSAGE"] == "HOMEWARD_STEP=done"


@pytest.mark.parametrize("stream", ["", "1:2"])
def test_in_a_terminal_nothing_is_sent(stream: str, listening: socket.socket) -> None:
    elsewhere = Journal({"JOURNAL_STREAM": stream}, listening.getsockname())
    assert not elsewhere.say("one") and not elsewhere.step(Step("t", "", "done"))
    listening.settimeout(0.05)
    with pytest.raises(TimeoutError):
        listening.recv(10)


def test_a_journal_that_is_gone_is_no_failure(listening: socket.socket) -> None:
    gone = journal(listening)
    listening.close()
    assert not gone.say("one")


def test_a_pass_tells_its_steps_by_ids_and_not_the_titles(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("daemon.service.worker._stop_when_told", lambda ledger: None)  # this is no process
    world = World(home)
    world.accept()
    world.at("2026-11-30 11:00", "Europe/Lisbon")
    world.mail("ola@customer.example", "An offer")
    world.at("2026-11-30 11:10", "Europe/Lisbon")
    with world.session() as session:
        report = make(session, Order())
    assert report.state == "done", report.words
    assert "held" in {step.step for step in report.steps} and all(len(step.absence) < 40 for step in report.steps)
    assert not any(private in str(report.steps) for private in ("Lisbon", "offer", "@"))
    assert load_report(dump(report)).steps == report.steps
    with world.session() as session:
        assert make(session, Order()).steps == report.steps  # the same moment still; a later one has none of them
    world.at("2026-11-30 11:11", "Europe/Lisbon")
    with world.session() as session:
        assert make(session, Order()).steps == ()
