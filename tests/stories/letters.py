"""The leader's mail as anybody else sees it: what is delivered, and where it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from email.message import EmailMessage
from email.utils import format_datetime

from imapclient import IMAPClient

from tests.servers.imap_clients import by_hand
from tests.stories.clocked import ClockedDovecot

ME = "mia@office.example"
DISCARDED = "discarded"


class Letters:
    """`delivered` maps the Message-ID of every message that came by LMTP to its subject."""

    def __init__(self, post: ClockedDovecot, user: str) -> None:
        self.post, self.user = post, user
        self.delivered: dict[str, str] = {}

    def come(self, sender: str, subject: str, text: str = "", **headers: str) -> str:
        """By LMTP, now, through whatever Sieve script is active. Header names with _ in place of -. Returns the Message-ID."""
        message = letter(sender, subject, text)
        for name, value in headers.items():
            message[name.replace("_", "-")] = value
        return self.come_as(message, sender)

    def come_as(self, message: EmailMessage, sender: str) -> str:
        """A message that has a Message-ID and a date keeps them."""
        if not message["Message-ID"]:
            message["Message-ID"] = f"<story{len(self.delivered)}@mail.example>"
            message["Date"] = format_datetime(self.post.now())
        identifier = str(message["Message-ID"])
        self.post.server.deliver(self.user, message.as_bytes(), sender)
        self.delivered[identifier] = str(message["Subject"])
        return identifier

    @contextmanager
    def signed_in(self) -> Iterator[IMAPClient]:
        with by_hand(self.post.server, self.user) as client:
            yield client

    def places(self) -> dict[str, list[str]]:
        """Message-ID → the folders in which it is, of everything that was delivered."""
        found: dict[str, list[str]] = {identifier: [] for identifier in self.delivered}
        with self.signed_in() as client:
            for folder in _folders(client):
                for identifier in _identifiers(client, folder):
                    if identifier in found:
                        found[identifier].append(folder)
        return found

    def where(self) -> dict[str, str]:
        """Subject → its folder. AssertionError where a message is in two places."""
        places = self.places()
        assert all(len(folders) < 2 for folders in places.values()), places
        return {self.delivered[each]: (folders[0] if folders else DISCARDED) for each, folders in places.items()}

    def shows(self, folder: str) -> bool:
        """Whether it is among those that mail programs show."""
        with self.signed_in() as client:
            return folder in {str(name) for _, _, name in client.list_sub_folders()}

    def folders(self) -> list[str]:
        with self.signed_in() as client:
            return sorted(_folders(client))

    def subjects(self, folder: str) -> list[str]:
        with self.signed_in() as client:
            client.select_folder(folder, readonly=True)
            found = client.fetch(client.search(), ["ENVELOPE"])
            return sorted(data[b"ENVELOPE"].subject.decode() for data in found.values())

    def flags(self) -> Mapping[str, set[bytes]]:
        """Folder → all flags of all messages in it."""
        found = {}
        with self.signed_in() as client:
            for folder in _folders(client):
                client.select_folder(folder, readonly=True)
                found[folder] = {flag for flags in client.get_flags(client.search()).values() for flag in flags}
        return found


def letter(sender: str, subject: str, text: str = "") -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, ME, subject
    message.set_content(text or subject)
    return message


def _folders(client: IMAPClient) -> list[str]:
    return [str(name) for flags, _, name in client.list_folders() if b"\\Noselect" not in flags]


def _identifiers(client: IMAPClient, folder: str) -> list[str]:
    client.select_folder(folder, readonly=True)
    found = client.fetch(client.search(), ["ENVELOPE"])
    return [data[b"ENVELOPE"].message_id.decode() for data in found.values() if data[b"ENVELOPE"].message_id]
