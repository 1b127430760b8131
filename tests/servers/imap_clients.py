"""Our IMAP and SMTP backends, wired to the throw-away servers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from imapclient import IMAPClient

from integrations.imap import ImapMailbox
from integrations.login import Login, Server
from integrations.smtp import SentCopies, SmtpOutbox
from tests.servers.dovecot import Dovecot
from tests.servers.submission import Submission


def login(user: str, secret: str = Dovecot.password) -> Login:
    return Login(user, "password", lambda: secret)


def imap_mailbox(
    dovecot: Dovecot, user: str, state: Path | None, held_folder: str = "Held", server_hold: bool = False
) -> ImapMailbox:
    server = Server.parse(f"imaps://localhost:{dovecot.imaps}", "imaps")
    return ImapMailbox(
        "main", server, login(user), held_folder, ca_file=dovecot.ca_file, state_folder=state, server_hold=server_hold
    )  # fmt: skip


def mailbox_at(port: int, user: str, state: Path | None, secret: str = Dovecot.password) -> ImapMailbox:
    """In the clear, as one may speak on this machine."""
    return ImapMailbox("main", Server.parse(f"imap://localhost:{port}", "imaps"), login(user, secret), state_folder=state)


@contextmanager
def by_hand(dovecot: Dovecot, user: str) -> Iterator[IMAPClient]:
    """What the user's own mail program does and sees."""
    with IMAPClient("localhost", dovecot.imap, ssl=False, timeout=30) as client:
        client.login(user, dovecot.password)
        yield client


def smtp_outbox(
    submission: Submission, records: Path, copies: SentCopies | None = None, ca_file: str = "", secret: str = Dovecot.password
) -> SmtpOutbox:
    """`submission` without TLS, where no CA file is given."""
    server = Server.parse(f"{submission.scheme}://localhost:{submission.port}", "smtps")
    return SmtpOutbox(server, login("leader", secret), records, ca_file=ca_file, copies=copies)
