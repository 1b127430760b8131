"""The user's sync command: run without a shell, stopped in time, told in words that carry no output."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import pytest

from integrations.errors import Permanent, Temporary
from integrations.sync_command import CommandSync, UnitSync


def python(code: str, *arguments: str, timeout: float = 20) -> CommandSync:
    return CommandSync((sys.executable, "-I", "-S", "-c", code, *arguments), timeout)


def test_the_command_runs_with_its_arguments_as_they_are(tmp_path: Path) -> None:
    CommandSync(("touch", str(tmp_path / "a; touch b"))).run()
    assert [p.name for p in tmp_path.iterdir()] == ["a; touch b"]


def test_a_failure_is_told_without_what_it_printed() -> None:
    with pytest.raises(Temporary, match="exit code 3") as caught:
        python("import sys; print('PASSWORD'); sys.exit(3)").run()
    assert "PASSWORD" not in caught.value.what


def test_a_killed_command_is_told() -> None:
    with pytest.raises(Temporary, match="signal 9"):
        python("import os; os.kill(os.getpid(), 9)").run()


def test_a_command_that_hangs_is_stopped_with_all_that_it_started(tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"
    code = (
        "import subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        "open(sys.argv[1], 'w').write(str(child.pid))\n"
        "time.sleep(60)"
    )
    with pytest.raises(Temporary, match="longer than"):
        python(code, str(pid_file), timeout=1.5).run()
    state = Path(f"/proc/{pid_file.read_text()}/stat")
    deadline = time.monotonic() + 20  # a busy machine takes its time to end what was killed
    while state.exists() and state.read_text().rpartition(")")[2].split()[0] not in "ZX":
        assert time.monotonic() < deadline, "it still runs"
        time.sleep(0.05)


def test_a_command_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(Permanent, match="Could not run"):
        CommandSync((str(tmp_path / "missing"),)).run()


def test_a_unit_is_started_by_the_users_systemd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "systemctl"
    program.write_text(f'#!/bin/sh\necho "$@" > {tmp_path}/called\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    UnitSync("mbsync@work.service").run()
    assert (tmp_path / "called").read_text() == "--user start -- mbsync@work.service\n"


@pytest.mark.parametrize("unit", ["", "-x", "a b", "a;b", "a/b", "a\n"])
def test_what_is_no_unit_is_refused(unit: str) -> None:
    with pytest.raises(ValueError, match="systemd unit"):
        UnitSync(unit)


def test_an_empty_command_is_refused() -> None:
    with pytest.raises(ValueError, match="empty"):
        CommandSync(())
