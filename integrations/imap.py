"""The Mailbox over IMAP (RFC 9051, and RFC 3501 with MOVE and UIDPLUS)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from integrations.imap_sent import ImapSent
from integrations.login import Login, Server
from integrations.ports import MailCapabilities
from rules.model import Envelope


class ImapMailbox:
    """`server` has the scheme `imaps` or `imap`. `state_folder` is a private folder of ours, in which what has to outlive a crash
    is kept (None: nothing is). `sent_folder`: empty, the one that the server marks as \\Sent. Connects at the first call and
    again after a cut; `close` ends the connection, which the next call opens again."""

    def __init__(
        self, mail_id: str, server: Server, login: Login, held_folder: str = "Held", *,
        ca_file: str = "", server_hold: bool = False, state_folder: Path | None = None, sent_folder: str = "",
    ) -> None:  # fmt: skip
        raise NotImplementedError

    @property
    def id(self) -> str:
        raise NotImplementedError

    @property
    def sent(self) -> ImapSent:
        """Where SmtpOutbox files its copies; over the same connection."""
        raise NotImplementedError

    def capabilities(self) -> MailCapabilities:
        raise NotImplementedError

    def arrivals(self, since: datetime) -> Sequence[Envelope]:
        raise NotImplementedError

    def held(self) -> Sequence[Envelope]:
        raise NotImplementedError

    def find(self, since: datetime) -> Sequence[Envelope]:
        raise NotImplementedError

    def hold(self, ids: Sequence[str]) -> int:
        raise NotImplementedError

    def release(self, ids: Sequence[str] | None = None) -> int:
        raise NotImplementedError

    def owns_held(self) -> bool:
        raise NotImplementedError

    def tidy(self) -> None:
        raise NotImplementedError

    def wait(self, timeout: float) -> bool:
        """Until something new is in INBOX (True), at most `timeout` seconds (False)."""
        raise NotImplementedError

    def close(self) -> None:
        raise NotImplementedError
