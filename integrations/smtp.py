"""The Outbox over SMTP submission (RFC 6409)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from integrations.login import Login, Server
from integrations.ports import SendState


class SentCopies(Protocol):
    """`ImapMailbox.sent` is one."""

    def has(self, message_id: str) -> bool: ...

    def file(self, message: bytes, message_id: str) -> None: ...


class SmtpOutbox:
    """`server` has the scheme `smtps` or `smtp`; `login` None only for a relay on this machine that asks for none. `records` is a
    private folder of ours. `copies`: None where no copy is filed."""

    def __init__(
        self, server: Server, login: Login | None, records: Path, *, ca_file: str = "", copies: SentCopies | None = None
    ) -> None:  # fmt: skip
        raise NotImplementedError

    def send(self, message: bytes, message_id: str) -> SendState:
        raise NotImplementedError

    def sent(self, message_id: str) -> bool | None:
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class SmtpFacts:
    """`most_bytes` of a message, 0 where the server names no bound. `words` are lines for the user."""

    name: str
    encrypted: bool
    signs_in: bool
    most_bytes: int
    words: tuple[str, ...]


def probe_smtp(server: Server, login: Login | None, ca_file: str = "") -> SmtpFacts:
    """Signs in and sends nothing. Temporary, AuthExpired or Permanent where the server cannot be entered."""
    raise NotImplementedError
