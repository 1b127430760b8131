"""What was made of a config, kept as JSON so that the next start need not validate it. A cache that does not fit is worth nothing
and is made again: no failure of it is ever an error. It holds what the config holds, so it is as private (0600)."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

import msgspec
from msgspec import Struct

from daemon.paths import private_folder
from integrations.errors import OutsideError
from rules.policy import Policy

_FILE = "config-cache.json"


class _Kept(Struct, frozen=True):
    key: str
    policy: Policy


def find(state: Path, key: str) -> Policy | None:
    """The policy that was kept under `key`, or None."""
    try:
        kept = msgspec.json.decode((state / _FILE).read_bytes(), type=_Kept)
    except (OSError, ValueError, RecursionError):
        return None
    return kept.policy if kept.key == key else None


def keep(state: Path, key: str, policy: Policy) -> None:
    """Replace what was kept. Silent where the disk refuses: the next start is then slower, and nothing else."""
    with contextlib.suppress(OSError, OutsideError):
        new = private_folder(state) / f"{_FILE}.{os.getpid()}"
        try:
            new.touch(mode=0o600)
            new.write_bytes(msgspec.json.encode(_Kept(key, policy)))
            new.replace(state / _FILE)
        finally:
            new.unlink(missing_ok=True)
