"""Mail sent through Gmail. A message goes out once: that it may have gone out is recorded before Gmail is asked, what Gmail has
sent is searched for its Message-ID, and what may have gone out is never sent again."""

from __future__ import annotations

import base64
from contextlib import suppress
from pathlib import Path

from integrations.disk import sync_folder, told, write_through
from integrations.errors import OutsideError
from integrations.google_client import GoogleApi
from integrations.google_errors import Unclear
from integrations.outbox import record_name
from integrations.ports import SendState


class GoogleOutbox:
    """`records` is a private folder of ours: `….started` before, `….sent` after."""

    def __init__(self, api: GoogleApi, records: Path) -> None:
        self._api, self._records = api, records

    def send(self, message: bytes, message_id: str) -> SendState:
        """AuthExpired, Temporary and Permanent mean that nothing was sent."""
        known = self.sent(message_id)
        if known is not False:
            return "already" if known else "unknown"
        started, done = self._paths(message_id)
        with told("record what is being sent"):
            self._records.mkdir(mode=0o700, parents=True, exist_ok=True)
            try:
                write_through(started, b"")
            except FileExistsError:
                return "unknown"  # another process is at it
            sync_folder(self._records)
        body = {"raw": base64.urlsafe_b64encode(message).decode("ascii")}
        try:
            self._api.write(self._api.resource("gmail.users.messages").send(userId="me", body=body, fields="id"))
        except Unclear:
            return "sent" if self._is_found(message_id) else "unknown"
        except OutsideError:
            with suppress(OSError):
                started.unlink()
            raise
        self._settle(started, done)
        return "sent"

    def sent(self, message_id: str) -> bool | None:
        started, done = self._paths(message_id)
        with told("look up what was sent"):
            if done.exists():
                return True
            begun = started.exists()
        if self._search(message_id):
            if begun:
                self._settle(started, done)
            return True
        return None if begun else False

    def _is_found(self, message_id: str) -> bool:
        """Right after a broken answer. Gmail's search may lag behind, so that a no proves nothing."""
        try:
            return self.sent(message_id) is True
        except OutsideError:
            return False

    def _search(self, message_id: str) -> bool:
        query = f"in:sent rfc822msgid:{message_id.strip().strip('<>')}"
        asked = self._api.resource("gmail.users.messages").list(
            userId="me", q=query, maxResults=1, includeSpamTrash=True, fields="messages/id"
        )  # fmt: skip
        return bool(self._api.read(asked).get("messages"))

    def _settle(self, started: Path, done: Path) -> None:
        with told("record what was sent"):
            started.rename(done)
            sync_folder(self._records)

    def _paths(self, message_id: str) -> tuple[Path, Path]:
        name = record_name(message_id)
        return self._records / f"{name}.started", self._records / f"{name}.sent"
