"""The mail of a leader in memory: the backends that homeward ships, behind what a story asks of any mailbox."""

from __future__ import annotations

from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage, Message
from email.policy import default

from integrations.envelope import read_envelope
from integrations.memory_mail import MemoryMailbox, MemoryOutbox, MemoryResponder

_START = datetime.fromisoformat("2026-09-21T08:00+02:00")


class InMemory:
    """`now` stands still until it is set."""

    account = ""
    table = '[[mail]]\nid = "mail"\npath = "Maildir"\noutbox = "Maildir/.Drafts"\n'

    def __init__(self) -> None:
        self._now = _START
        self.mailbox, self.outbox = MemoryMailbox("mail"), MemoryOutbox()
        self.responder = MemoryResponder(self.now, own="Mine")

    def set(self, moment: datetime) -> None:
        self._now = moment

    def now(self) -> datetime:
        return self._now

    def come_as(self, message: EmailMessage, sender: str) -> None:
        """Her own rule sorts lists."""
        envelope = read_envelope(str(message["Message-ID"]), message.as_bytes(), self._now, True)
        if "list-id" in envelope.headers:
            self.mailbox.others[envelope.id] = envelope
        else:
            self.mailbox.deliver(envelope)

    def where(self) -> dict[str, str]:
        box, found = self.mailbox, {}
        for place, mails in (("INBOX", box.inbox), ("Held", box.held_mail), ("Lists", box.others)):
            for mail in mails.values():
                assert mail.subject not in found, mail.subject
                found[mail.subject] = place
        return found

    def settings(self) -> dict[str, object]:
        return {"autoreply": self.responder.read().words, "ours": self.responder.in_force}

    def sent(self, to: str = "") -> list[Message]:
        found = [message_from_bytes(raw, policy=default) for raw in self.outbox.messages.values()]
        return [message for message in found if to in str(message["To"])]  # type: ignore[misc]
