"""Remembers between passes which password a server refused. It is tried once an hour until it is another one: many servers lock
an account, or shut out a whole address, after a few attempts. Nothing of the password itself is kept."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

from daemon.paths import private_folder
from integrations.errors import OutsideError

_WAIT = timedelta(hours=1)


class Refusals:
    """One small file an account in `folder`, which is made when it is needed; None remembers nothing. What cannot be read or
    written is as if it were not there."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    def waits(self, account: str, mark: str, now: datetime) -> bool:
        """Whether this account is to be left alone now. `mark` changes when its password is kept anew."""
        try:
            kept = json.loads(self._path(account).read_bytes()) if self._folder else {}
            since = datetime.fromisoformat(kept["at"])
            return bool(kept["mark"] == mark) and timedelta(0) <= now - since < _WAIT
        except (OSError, ValueError, KeyError, TypeError):
            return False

    def note(self, account: str, mark: str, now: datetime) -> None:
        if self._folder:
            with suppress(OSError, OutsideError):
                private_folder(self._folder)
                self._path(account).write_text(json.dumps({"at": now.isoformat(), "mark": mark}), "utf-8")

    def clear(self, account: str) -> None:
        if self._folder:
            with suppress(OSError):
                self._path(account).unlink(missing_ok=True)

    def _path(self, account: str) -> Path:
        assert self._folder is not None
        return self._folder / f"{account}.json"
