"""Files copies of what was sent into the Sent folder of an IMAP account, each once."""

from __future__ import annotations


class ImapSent:
    """`ImapMailbox.sent` makes it."""

    def has(self, message_id: str) -> bool:
        raise NotImplementedError

    def file(self, message: bytes, message_id: str) -> None:
        """Nothing happens where a message with this Message-ID is there."""
        raise NotImplementedError
