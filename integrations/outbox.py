"""Two ways for a message to leave: a Maildir of drafts, which the user's mail program sends, and a sendmail command. Each knows
by the Message-ID what has gone out. What may have gone out is never tried again. Writes no message of its own."""

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from integrations.disk import sync_folder, told, write_through
from integrations.errors import Permanent, Temporary
from integrations.maildir import create_maildir, deliver
from integrations.ports import SendState

_TEMPFAIL = 75  # EX_TEMPFAIL of sysexits(3): the queue will take it later


def record_name(message_id: str) -> str:
    """A file name that only this Message-ID has."""
    return "hw-" + hashlib.sha256(message_id.strip().strip("<>").encode("utf-8", "replace")).hexdigest()[:40]


class DraftsOutbox:
    """Puts each message as a draft into the Maildir `drafts` (made where it is not there). A draft that the user sent or
    deleted is known by the record in `records` and does not come back."""

    def __init__(self, drafts: Path, records: Path) -> None:
        self._drafts = drafts
        self._records = records

    def send(self, message: bytes, message_id: str) -> SendState:
        if self.sent(message_id):
            return "already"
        with told(f"write a draft into {self._drafts}"):
            create_maildir(self._drafts)
            fresh = deliver(self._drafts, record_name(message_id), message, flags="DS")
            _record(self._records / f"{record_name(message_id)}.sent")
        return "sent" if fresh else "already"

    def sent(self, message_id: str) -> bool | None:
        with told("look up what was sent"):
            return (self._records / f"{record_name(message_id)}.sent").exists()


class SendmailOutbox:
    """Runs `command` with the message on its standard input, without a shell; it takes the recipients from the headers (`sendmail
    -t -i`). `records` is a folder of ours: `….started` before, `….sent` after."""

    def __init__(self, command: Sequence[str], records: Path, timeout: float = 60.0) -> None:
        if not command:
            raise ValueError("the sendmail command is empty")
        self._command = tuple(command)
        self._records = records
        self._timeout = timeout

    def send(self, message: bytes, message_id: str) -> SendState:
        started, done = self._paths(message_id)
        with told("record what is being sent"):
            if done.exists():
                return "already"
            try:
                _record(started)
            except FileExistsError:
                return "unknown"  # an earlier run died between here and the answer of sendmail, or is at it now
        code = self._run(message, started)
        if code is None or code < 0:
            return "unknown"
        if code:
            _forget(started)
            raise _refused(self._command[0], code)
        with told("record what was sent"):
            started.rename(done)
            sync_folder(self._records)
        return "sent"

    def sent(self, message_id: str) -> bool | None:
        started, done = self._paths(message_id)
        with told("look up what was sent"):
            if done.exists():
                return True
            return None if started.exists() else False

    def _paths(self, message_id: str) -> tuple[Path, Path]:
        name = record_name(message_id)
        return self._records / f"{name}.started", self._records / f"{name}.sent"

    def _run(self, message: bytes, started: Path) -> int | None:
        """Its exit code, negative where a signal killed it; None where it took too long and was killed."""
        try:
            ran = subprocess.run(
                self._command, input=message, timeout=self._timeout, check=False,
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            return None
        except OSError as error:
            _forget(started)  # it never ran
            raise Permanent(f"Could not run {self._command[0]}: {error.strerror}. Nothing was sent.") from error
        return ran.returncode


def _record(path: Path) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_through(path, b"")
    sync_folder(path.parent)


def _forget(started: Path) -> None:
    with suppress(OSError):
        started.unlink()


def _refused(program: str, code: int) -> Temporary | Permanent:
    said = f"{program} did not take the message (exit code {code}). Nothing was sent."
    return Temporary(said) if code == _TEMPFAIL else Permanent(said)
