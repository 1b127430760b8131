"""What an IMAP server can do, for `homeward init` and `homeward doctor`. Looks, and changes nothing."""

from __future__ import annotations

import ssl

from imapclient.exceptions import IMAPClientAbortError, IMAPClientError
from msgspec import Struct

from integrations.imap_folders import Folders, checked_name, folders_of
from integrations.imap_moving import can_move
from integrations.imap_session import ImapSession
from integrations.imap_wire import Client
from integrations.login import Login, Server
from integrations.mail_faults import printable


class ImapFacts(Struct, frozen=True):
    """`moves`: held mail can be moved without risk (MOVE, or COPY with UIDPLUS). `waits`: IDLE. `sent`, `archive`: the names of
    these folders, "" where there is none; `folders` all names. `held_path`: how the held folder is called in full.
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


def probe_imap(server: Server, login: Login, ca_file: str = "", held_folder: str = "Held") -> ImapFacts:
    """Temporary, AuthExpired or Permanent where the server cannot be entered."""
    session = ImapSession(server, login, ca_file)
    try:
        return session.read("look what the server can do", lambda client: _facts(client, checked_name(held_folder)))
    finally:
        session.close()


def _facts(client: Client, held: str) -> ImapFacts:
    known = folders_of(client)
    capabilities = tuple(sorted({each.decode("ascii", "replace") for each in client.capabilities()}))
    return ImapFacts(
        name=printable(bytes(client.welcome or b"").decode("utf-8", "replace").partition("]")[2]),
        capabilities=capabilities,
        encrypted=isinstance(client.wire.sock, ssl.SSLSocket),
        moves=can_move(client),
        waits="IDLE" in capabilities,
        sent=known.with_use("sent"),
        archive=known.with_use("archive"),
        folders=tuple(sorted(known.flags)),
        held_path=known.prefix + held,
        quota=_quota(client),
        words=tuple(_words(client, known)),
    )


def _quota(client: Client) -> tuple[int, int] | None:
    """Of storage: RFC 9208 counts in units of 1,024 bytes."""
    if not client.has_capability("QUOTA"):
        return None
    try:
        found = [each for each in client.get_quota("INBOX") if str(each.resource).upper() == "STORAGE"]
    except IMAPClientAbortError:
        raise
    except IMAPClientError:
        return None
    return (int(found[0].usage) * 1024, int(found[0].limit) * 1024) if found else None


def _words(client: Client, known: Folders) -> list[str]:
    has = client.has_capability
    moving = (
        "held mail is moved on the server (MOVE)" if has("MOVE")
        else "held mail is copied, then exactly that is taken away (UIDPLUS); the server has no MOVE" if has("UIDPLUS")
        else "mail cannot be held: the server has neither MOVE nor UIDPLUS, and other mail could be lost"
    )  # fmt: skip
    words = [moving]
    words += ["new mail is noticed at once (IDLE)" if has("IDLE") else "new mail is looked for (the server has no IDLE)"]
    words += [] if known.with_use("sent") else ["no folder for sent mail was found: name one with sent_folder"]
    words += [] if known.with_use("archive") else ["no folder for archived mail was found: answers are looked for in the inbox"]
    return words
