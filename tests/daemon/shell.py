"""Types commands as a user would: in this process where nothing is to be killed, in a process of its own where the system is to
behave badly (folders that cannot be read, a full disk, Ctrl-C)."""

from __future__ import annotations

import contextlib
import ctypes
import io
import os
import resource
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

from daemon.__main__ import main

ROOT = Path(__file__).parents[2]
NOW = "2026-11-23T09:00+01:00"
_CAPBSET_DROP = 24  # prctl(2)
_MAY_READ_ALL = (1, 2, 3)  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH, CAP_FOWNER: what makes permissions nothing to root


@dataclass(frozen=True, slots=True)
class Told:
    """What a command said. No trace has ever a place in it."""

    code: int
    out: str
    err: str

    def __post_init__(self) -> None:
        assert "Traceback" not in self.err and "Traceback" not in self.out, self.err

    @property
    def all(self) -> str:
        return self.out + self.err


def environment(root: Path, now: str = NOW) -> dict[str, str]:
    own = {"HOME": str(root), "HOMEWARD_CONFIG": str(root / "config.toml"), "HOMEWARD_STATE": str(root / "state")}
    return {**os.environ, **own, "HOMEWARD_NOW": now, "PYTHONPATH": str(ROOT)}


def type_(root: Path, *words: str, now: str = NOW) -> Told:
    """In this process."""
    out, err = io.StringIO(), io.StringIO()
    with patch.dict(os.environ, environment(root, now)), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            code = main(words)
        except SystemExit as end:
            code = int(end.code or 0)
    return Told(code, out.getvalue(), err.getvalue())


def type_alone(root: Path, *words: str, now: str = NOW, before: Callable[[], None] | None = None) -> Told:
    """In a process of its own; `before` runs in it first."""
    command = [sys.executable, "-m", "daemon", *words]
    done = subprocess.run(
        command, cwd=root, env=environment(root, now), capture_output=True, text=True, check=False, preexec_fn=before, timeout=60
    )
    return Told(done.returncode, done.stdout, done.stderr)


def like_anybody() -> None:
    """For root: from here on permissions count."""
    if os.geteuid() == 0:
        for capability in _MAY_READ_ALL:
            if ctypes.CDLL(None).prctl(_CAPBSET_DROP, capability, 0, 0, 0) != 0:
                os._exit(97)


def no_file_beyond(size: int) -> Callable[[], None]:
    """Writing fails beyond `size` bytes of a file: as a full disk fails, and at any place one likes."""
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
