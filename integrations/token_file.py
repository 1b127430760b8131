"""Tokens in a private file, for machines without a keyring, and only where the user asks for it. The file is replaced as a whole,
and one that others can read is not used."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from pathlib import Path
from typing import Any

from integrations.credentials import require_private
from integrations.disk import replace_whole, told
from integrations.errors import Permanent

_MOST_BYTES = 256 * 1024


class FileSecrets:
    """`path` is made with mode 0600 when something is kept. Permanent where it is another's, or open to others."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def get(self, account_id: str, name: str) -> str | None:
        found = self._read().get(account_id, {}).get(name)
        return found if isinstance(found, str) else None

    def set(self, account_id: str, name: str, value: str) -> None:
        facts = self._read()
        facts.setdefault(account_id, {})[name] = value
        self._write(facts)

    def delete(self, account_id: str, name: str) -> None:
        facts = self._read()
        if facts.get(account_id, {}).pop(name, None) is not None:
            self._write(facts)

    def _read(self) -> dict[str, dict[str, Any]]:
        """What cannot be understood is as if it were not there: the user signs in again."""
        try:
            handle = os.open(self._path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise Permanent(f"The token file {self._path} cannot be read: {error.strerror}.") from None
        with os.fdopen(handle, "rb") as file:
            require_private(f"The token file {self._path}", self._path, os.fstat(file.fileno()))
            content = file.read(_MOST_BYTES)
        with suppress(ValueError):
            facts = json.loads(content)
            if isinstance(facts, dict):
                return {str(key): value for key, value in facts.items() if isinstance(value, dict)}
        return {}

    def _write(self, facts: dict[str, dict[str, Any]]) -> None:
        with told("keep the tokens in their file"):
            replace_whole(self._path, json.dumps(facts, sort_keys=True).encode())
