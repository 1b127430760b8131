"""Talks to the user's systemd by its own commands. Nothing hangs: each has a minute or two."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence

from integrations.errors import Temporary

_SECONDS = 30.0
_START_SECONDS = 150.0  # the unit itself has two minutes to say that it is ready


def run(*words: str, seconds: float = _SECONDS) -> subprocess.CompletedProcess[str]:
    """Its outcome, whatever it is. Temporary where it does not come to an end."""
    command = ["systemctl", "--user", "--no-pager", *words]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=False, timeout=seconds, stdin=subprocess.DEVNULL)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Temporary(f"systemd does not answer ({' '.join(words)})") from error


def there() -> bool:
    """Whether this user has a systemd that answers."""
    if not shutil.which("systemctl"):
        return False
    try:
        return run("show-environment").returncode == 0
    except Temporary:
        return False


def start(unit: str, verb: str = "restart") -> bool:
    """Whether it is up and says that it is ready."""
    return run(verb, unit, seconds=_START_SECONDS).returncode == 0


def properties(unit: str, names: Sequence[str]) -> dict[str, str]:
    told = run("show", unit, "--property", ",".join(names)).stdout
    return dict(line.split("=", 1) for line in told.splitlines() if "=" in line)


def lingers() -> bool | None:
    """Whether the user's services run while nobody is signed in; None where that is not known."""
    if not shutil.which("loginctl"):
        return None
    command = ["loginctl", "show-user", str(os.geteuid()), "--property", "Linger", "--value"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=_SECONDS, stdin=subprocess.DEVNULL)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return {"yes": True, "no": False}.get(done.stdout.strip())


def enable_linger() -> bool:
    command = ["loginctl", "enable-linger", str(os.geteuid())]
    try:
        done = subprocess.run(command, capture_output=True, check=False, timeout=_SECONDS, stdin=subprocess.DEVNULL)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0
