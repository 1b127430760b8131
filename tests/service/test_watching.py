"""`homeward status --watch`, in a terminal and on a pipe."""

from __future__ import annotations

import os
import pty
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

from tests.daemon.shell import NOW, environment
from tests.daemon.world import World

_COMMAND = [sys.executable, "-m", "daemon", "status", "--watch"]


def heard(handle: int, wanted: str, so_far: str = "") -> str:
    deadline = time.monotonic() + 20
    while wanted not in so_far:
        assert select.select([handle], [], [], max(0.0, deadline - time.monotonic()))[0], f"{wanted!r} does not come: {so_far}"
        so_far += os.read(handle, 65_536).decode()
    return so_far


def changed(world: World) -> None:
    """Something that `status` shows."""
    world.corridor("carla", "accepted", "training")


def test_in_a_terminal_it_is_drawn_again_and_leaves_no_trace(home: Path) -> None:
    world = World(home)
    world.accept()
    child, terminal = pty.fork()
    if not child:
        os.execve(_COMMAND[0], _COMMAND, {**environment(home), "TERM": "xterm", "COLUMNS": "100", "LINES": "40"})
    heard(terminal, "asked, answer by")
    changed(world)
    told = heard(terminal, "accepted")
    assert told.count("\x1b[2J") == 1 and max(map(len, told.splitlines())) < 400
    os.kill(child, signal.SIGINT)
    rest = heard(terminal, "\x1b[?1049l")
    assert "Traceback" not in rest and rest.endswith("\x1b[?25h\x1b[?1049l")
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    os.close(terminal)


def test_on_a_pipe_each_new_state_is_printed_once(home: Path) -> None:
    world = World(home)
    world.accept()
    with subprocess.Popen(
        _COMMAND, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={**environment(home), "HOMEWARD_NOW": NOW}
    ) as watching:
        assert watching.stdout is not None and watching.stderr is not None
        first = heard(watching.stdout.fileno(), "Family")
        time.sleep(2.5)  # two looks at nothing
        changed(world)
        second = heard(watching.stdout.fileno(), "Family")
        watching.send_signal(signal.SIGTERM)
        assert watching.wait(20) == 0
        assert watching.stderr.read() == b"" and "\x1b" not in first + second
        assert first.count("Absences") == second.count("Absences") == 1
        assert "Carla Conti, accepted" in second and "Carla Conti, accepted" not in first
