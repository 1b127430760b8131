"""The Mailbox over IMAP (RFC 9051, and RFC 3501 with MOVE and UIDPLUS). Messages are moved on the server, between INBOX and the
held folder; nothing is deleted or marked as read, and only headers and the beginnings of letters are fetched."""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence
from datetime import datetime
from pathlib import Path

from integrations.envelope import replies_in
from integrations.imap_folders import HeldFolder, folders_of
from integrations.imap_moving import ImapMover
from integrations.imap_reading import ImapReader
from integrations.imap_sent import ImapSent
from integrations.imap_session import ImapSession
from integrations.imap_state import ImapState
from integrations.imap_wire import Client
from integrations.login import Login, Server
from integrations.ports import MailCapabilities
from rules.model import Envelope

INBOX = "INBOX"
_IDLING = 9 * 60.0  # seconds; RFC 2177 wants IDLE renewed within 29 minutes, and routers forget a quiet line earlier
_POLLING = 30.0  # seconds between two looks where the server has no IDLE


class ImapMailbox:
    """`server` has the scheme `imaps` or `imap`. `held_folder` is the name below the user's own folders, without the server's
    prefix. `server_hold`: the server's Sieve script holds; `hold` of nothing then makes the folder. `state_folder` is a private
    folder of ours, in which what has to outlive a crash is kept (None: nothing is). `sent_folder`: a full name; empty, the one
    that the server marks as \\Sent. Connects at the first call and again after a cut; `close` ends the connection, and the next
    call opens a new one. To be used by one thread."""

    def __init__(
        self, mail_id: str, server: Server, login: Login, held_folder: str = "Held", *,
        ca_file: str = "", server_hold: bool = False, state_folder: Path | None = None, sent_folder: str = "",
    ) -> None:  # fmt: skip
        self._id = mail_id
        self._server_hold = server_hold
        self._session = ImapSession(server, login, ca_file)
        state = ImapState(mail_id, state_folder)
        self._held = HeldFolder(self._session, state, held_folder)
        self._reader = ImapReader(self._session)
        self._mover = ImapMover(self._session, self._reader, state)
        self._sent = ImapSent(self._session, sent_folder)

    @property
    def id(self) -> str:
        return self._id

    @property
    def sent(self) -> ImapSent:
        """Where SmtpOutbox files its copies; over the same connection."""
        return self._sent

    def capabilities(self) -> MailCapabilities:
        """Replies are the business of the Sieve script on the server; so is a hold without this machine."""
        return MailCapabilities(three_audiences=True, excludes=True, server_hold=self._server_hold)

    def held_path(self) -> str:
        """The full name of the held folder, as a Sieve script on the same server calls it."""
        return self._held.path()

    def arrivals(self, since: datetime) -> Sequence[Envelope]:
        return self._reader.envelopes(INBOX, since)

    def held(self) -> Sequence[Envelope]:
        return self._reader.envelopes(self._held.path()) if self._held.exists() else []

    def held_outline(self) -> Sequence[Envelope]:
        return self.held()

    def find(self, since: datetime) -> Sequence[Envelope]:
        """INBOX, the held folder, sent and archived mail."""
        known = self._session.read("list the folders", folders_of)
        wanted = (INBOX, self._held.path(), self._sent.find(), known.with_use("archive"))
        paths = dict.fromkeys(path for path in wanted if path == INBOX or path in known.flags)
        return sorted((e for path in paths for e in self._reader.envelopes(path, since)), key=lambda e: (e.received, e.id))

    def hold(self, ids: Sequence[str]) -> int:
        if not ids and not self._server_hold:
            return 0
        self._mover.settle()
        self._held.ensure()
        return self._mover.move(INBOX, self._held.path(), self._reader.uids(INBOX, ids))

    def release(self, ids: Sequence[str] | None = None) -> int:
        self._mover.settle()
        if (ids is not None and not ids) or not self._held.exists():
            return 0
        path = self._held.path()
        return self._mover.move(path, INBOX, self._reader.all_uids(path) if ids is None else self._reader.uids(path, ids))

    def replies(self, since: datetime, senders: Collection[str]) -> Sequence[Envelope]:
        return replies_in(self.find(since), senders)

    def with_texts(self, letters: Sequence[Envelope]) -> Sequence[Envelope]:
        return letters

    def owns_held(self) -> bool:
        return self._held.ours()

    def tidy(self) -> None:
        self._held.remove()

    def news(self) -> bool:
        """Whether anything came since the mailbox was last read or this was last asked: into INBOX and, where the server holds,
        into the held folder. Permanent where the server does not tell."""
        paths = (INBOX, self._held.path()) if self._server_hold and self._held.exists() else (INBOX,)
        return any([self._reader.grew(path) for path in paths])

    def wait(self, timeout: float) -> bool:
        """Until something new is in INBOX (True), at most `timeout` seconds (False). What came since `arrivals`, `news` or this
        was last asked is new. IDLE (RFC 2177) where the server has it; Permanent where it does not tell what is new."""
        ends = time.monotonic() + timeout
        while not self._reader.grew(INBOX):
            left = ends - time.monotonic()
            if left <= 0:
                return False
            self._session.read("wait for mail", lambda client, left=left: _idle(client, left))  # type: ignore[misc]
        return True

    def close(self) -> None:
        self._session.close()


def _idle(client: Client, seconds: float) -> None:
    """Until the server says anything about INBOX, which is selected, or the time is over."""
    if not client.has_capability("IDLE"):
        time.sleep(min(seconds, _POLLING))
        return
    client.idle_until_news(min(seconds, _IDLING))
