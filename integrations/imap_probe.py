"""What an IMAP server can do, for `homeward init` and `homeward doctor`. Looks, and changes nothing."""

from __future__ import annotations

from dataclasses import dataclass

from integrations.login import Login, Server


@dataclass(frozen=True, slots=True)
class ImapFacts:
    """`moves`: held mail can be moved without risk (MOVE, or COPY with UIDPLUS). `waits`: IDLE. `sent`, `archive`: the names of
    these folders, "" where there is none; `folders` all names. `held_path`: how the folder `Held` would be called in full.
    `quota`: (used, limit) in bytes. `words` are lines for the user, also of what is missing and what follows from it."""

    name: str
    capabilities: tuple[str, ...]
    encrypted: bool
    moves: bool
    waits: bool
    sent: str
    archive: str
    folders: tuple[str, ...]
    held_path: str
    quota: tuple[int, int] | None
    words: tuple[str, ...]


def probe_imap(server: Server, login: Login, ca_file: str = "") -> ImapFacts:
    """Temporary, AuthExpired or Permanent where the server cannot be entered."""
    raise NotImplementedError
