"""`homeward calendars`: what stands on the screen, on a real server."""

from __future__ import annotations

import json
import os
import pty
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from on_servers import FROM_FILE, LEA, LOCAL, OFFICE, keep_secret
from shell import environment, type_
from test_init_servers import NAMED

from daemon.config import load
from tests.servers.calendar_server import PASSWORD
from tests.servers.dovecot import free_port
from tests.servers.radicale import Radicale, running_radicale

CONFIG = (
    LEA
    + LOCAL
    + OFFICE
    + FROM_FILE
    + """
[[calendar]]
id = "work"
account = "office"
collection = "/lea/work/"
[[calendar]]
id = "off"
role = "ignore"
account = "office"
collection = "/lea/off/"
[[calendar]]
id = "here"
path = "here"
read_only = true
"""
)
EVENT = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:{uid}\r\nDTSTAMP:20261101T000000Z\r\n"
    "DTSTART:20261201T100000Z\r\nDTEND:20261201T110000Z\r\nSUMMARY:x\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)


@pytest.fixture(scope="module")
def server() -> Iterator[Radicale]:
    with running_radicale() as started:
        hostile = 'Team"]\n[[account]]'
        for path, name, color in (("work", "Büro", "#ff8800"), ("off", "Feiertage", ""), ("team", hostile, "#00ff00ff")):
            status, told, _ = started.ask("MKCOL", f"/lea/{path}/", NAMED.format(name=name, color=color).encode())
            assert status == 201, told
        for uid in ("a", "b"):
            started.put(f"/lea/work/{uid}.ics", EVENT.format(uid=uid).encode())
        yield started


@pytest.fixture
def root(tmp_path: Path, server: Radicale) -> Path:
    (tmp_path / "config.toml").write_text(CONFIG.format(url=server.url))
    keep_secret(tmp_path, PASSWORD)
    (tmp_path / "here").mkdir()
    (tmp_path / "here" / "c.ics").write_text(EVENT.format(uid="c"))
    return tmp_path


def test_each_calendar_is_told_with_its_role_and_entries(root: Path) -> None:
    shown = type_(root, "calendars")
    assert shown.code == 0, shown.all
    assert shown.out.splitlines()[:3] == [
        "work  mine    writable   office  “Büro”  2 entries",
        "off   ignore  not read   office  “Feiertage”",
        "here  mine    read only  this machine  1 entry",
    ]


def test_what_the_config_leaves_out_comes_with_lines_that_work(root: Path) -> None:
    out = type_(root, "calendars").out
    lines = [line.removeprefix("    ") for line in out.splitlines() if line.startswith("    ")]
    assert lines == ["[[calendar]]", 'id = "team-account"', 'role = "team"', 'account = "office"', 'collection = "/lea/team/"']
    with (root / "config.toml").open("a") as config:
        config.write("\n".join(lines) + "\n")
    assert [c.id for c in load(root / "config.toml").calendar] == ["work", "off", "here", "team-account"]
    assert "not in the config" not in type_(root, "calendars").out


def test_json_says_the_same_and_nothing_else(root: Path) -> None:
    shown = type_(root, "calendars", "--json")
    told = json.loads(shown.out)
    assert [(c["id"], c["entries"], c["color"]) for c in told["calendars"]] == [
        ("work", 2, "#ff8800"),
        ("off", None, ""),
        ("here", 1, ""),
    ]
    assert [(c["account"], c["collection"]) for c in told["found"]] == [("office", "/lea/team/")]
    assert told["failed"] == {}


def test_a_server_that_is_down_hides_no_other_calendar(root: Path) -> None:
    config = root / "config.toml"
    config.write_text(config.read_text().replace('url = "http', f'url = "http://127.0.0.1:{free_port()}" # ').replace("##", "#"))
    shown = type_(root, "calendars")
    assert shown.code == 1
    assert "here  mine    read only  this machine  1 entry" in shown.out
    assert "work  mine    no answer" in shown.out and "✗ account office: 127.0.0.1" in shown.out


def test_the_colours_are_shown_on_a_terminal_alone(root: Path) -> None:
    assert "■" not in type_(root, "calendars").out
    child, terminal = pty.fork()
    if child == 0:
        os.environ.update({**environment(root), "TERM": "xterm-256color", "COLORTERM": "truecolor"})
        os.environ.pop("NO_COLOR", None)
        os.execv(sys.executable, [sys.executable, "-m", "daemon", "calendars"])
    screen = b""
    while True:
        try:
            screen += os.read(terminal, 65536)
        except OSError:
            break
    assert os.waitpid(child, 0)[1] == 0
    os.close(terminal)
    assert "\x1b[38;2;255;136;0m■" in screen.decode()


def test_a_name_from_a_server_acts_on_no_terminal(root: Path) -> None:
    assert not [c for c in type_(root, "calendars").out if ord(c) < 32 and c != "\n"]
