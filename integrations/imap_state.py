"""The little that has to outlive a crash about one IMAP mailbox: which folder we made, and which move was under way. Two small
files, each replaced as a whole; without a folder for them, they live as long as the object."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

from integrations.disk import replace_whole, told


class ImapState:
    """`folder` is private and there; None: nothing is kept."""

    def __init__(self, mail_id: str, folder: Path | None) -> None:
        self._stem = f"imap-{quote(mail_id, safe='')}"
        self._folder = folder
        self._kept: dict[str, dict[str, Any]] = {}

    def get(self, name: str) -> dict[str, Any]:
        """Empty where nothing is kept under this name, or nothing readable."""
        if self._folder is None:
            return self._kept.get(name, {})
        with told("read what was noted of the mailbox"), suppress(FileNotFoundError, ValueError):
            found = json.loads(self._path(self._folder, name).read_bytes())
            return found if isinstance(found, dict) else {}
        return {}

    def set(self, name: str, value: dict[str, Any]) -> None:
        """An empty `value` forgets it. Durable before this returns."""
        if self._folder is None:
            self._kept[name] = value
            return
        path = self._path(self._folder, name)
        with told("note what is being done in the mailbox"):
            if value:
                replace_whole(path, json.dumps(value).encode())
            else:
                path.unlink(missing_ok=True)

    def _path(self, folder: Path, name: str) -> Path:
        return folder / f"{self._stem}.{name}"
