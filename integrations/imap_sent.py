"""Files copies of what was sent into the Sent folder of an IMAP account, each once. Some servers file a copy themselves of all
that goes out through them: so it is looked for first."""

from __future__ import annotations

import re

from integrations.errors import Permanent
from integrations.imap_folders import folders_of
from integrations.imap_session import ImapSession
from integrations.imap_wire import Client

_MESSAGE_ID = re.compile(r"<[\x21-\x7e]{1,900}>")


class ImapSent:
    """`ImapMailbox.sent` makes it. `folder`: its full name; empty: the one that the server marks as \\Sent (RFC 6154)."""

    def __init__(self, session: ImapSession, folder: str = "") -> None:
        self._session = session
        self._folder = folder

    def find(self) -> str:
        """Its full name, "" where there is none."""
        if not self._folder:
            self._folder = self._session.read("list the folders", folders_of).with_use("sent")
        return self._folder

    def path(self) -> str:
        """Permanent where there is none."""
        if not self.find():
            raise Permanent("The mail server has no folder for sent mail; name one with sent_folder.")
        return self._folder

    def has(self, message_id: str) -> bool:
        path = self.path()
        return self._session.read(f"look into {path}", lambda client: _has(client, path, message_id))

    def file(self, message: bytes, message_id: str) -> None:
        """As read. Nothing happens where a message with this Message-ID is there."""
        path = self.path()
        content = re.sub(rb"\r?\n", b"\r\n", message)

        def file(client: Client) -> None:
            if not _has(client, path, message_id):
                client.append(path, content, (rb"\Seen",))

        self._session.read(f"file a copy in {path}", file)  # looks again after a cut, and so may be tried again


def _has(client: Client, path: str, message_id: str) -> bool:
    if not _MESSAGE_ID.fullmatch(message_id):
        raise Permanent("A message without a proper Message-ID cannot be looked for.")
    client.select_folder(path, readonly=True)
    return bool(client.search(["HEADER", "Message-ID", message_id]))
