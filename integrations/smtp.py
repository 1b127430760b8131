"""The Outbox over SMTP submission (RFC 6409). A message goes out once: that it may have gone out is recorded before the
server can know that it is complete, and what may have gone out is never sent again."""

from __future__ import annotations

import re
import smtplib
from contextlib import suppress
from email import policy
from email.message import Message
from email.parser import BytesHeaderParser
from email.utils import getaddresses
from pathlib import Path
from ssl import SSLSocket
from typing import Protocol

from msgspec import Struct

from integrations.disk import replace_whole, sync_folder, told, write_through
from integrations.errors import OutsideError, Permanent
from integrations.login import Login, Server
from integrations.mail_faults import printable
from integrations.outbox import record_name
from integrations.ports import SendState
from integrations.smtp_session import PATIENCE, conversation, must_accept, refusal

_THINKING = 300.0  # seconds that a server may take over a whole message
_ADDRESS = re.compile(r"[^\s<>,;:\"()\[\]\\@]+@[^\s<>,;:\"()\[\]\\@]+", re.ASCII)
_MOST_RECIPIENTS = 500


class SentCopies(Protocol):
    """`ImapMailbox.sent` is one."""

    def has(self, message_id: str) -> bool: ...

    def file(self, message: bytes, message_id: str) -> None: ...


class _Records(Struct, frozen=True):
    """What is known of one message: `started`, once it may have gone out; `sent`; `copy`, its bytes until they are filed."""

    started: Path
    sent: Path
    copy: Path


class _Way(Struct, frozen=True):
    """Who it is from and to. `automatic`: an answer of a machine, which nobody's machine may answer."""

    sender: str
    automatic: bool
    to: tuple[str, ...]


class SmtpOutbox:
    """`server` has the scheme `smtps` or `smtp`; `login` None only for a relay on this machine that asks for none. `records` is
    a private folder of ours. `copies`: None where no copy is filed; one that could not be filed then is filed with the next."""

    def __init__(
        self, server: Server, login: Login | None, records: Path, *, ca_file: str = "", copies: SentCopies | None = None
    ) -> None:  # fmt: skip
        self._server = server
        self._login = login
        self._records = records
        self._ca_file = ca_file
        self._copies = copies

    def send(self, message: bytes, message_id: str) -> SendState:
        """To all in To and Cc. Where the server refuses some of them for good, the others get it, and Permanent says who did not;
        a second call then says "already". AuthExpired, Temporary and any other Permanent mean that nothing was sent."""
        files = self._files(message_id)
        known = self.sent(message_id)
        if known is not False:
            return "already" if known else "unknown"
        way = _way(message)
        with conversation(self._server, self._login, self._ca_file) as smtp:
            left_out = self._address(smtp, way)
            ready = smtp.docmd("DATA")
            if ready[0] != 354:
                raise refusal(self._server, ready, "the message")
            smtp.send(_stuffed(message))  # not complete yet: a line that breaks here sends nothing
            state = self._finish(smtp, files, message)
        if state == "sent":
            self.file_copies()
        if state == "sent" and left_out:
            raise Permanent(f"The message went out, but not to {' and '.join(left_out)}.")
        return state

    def sent(self, message_id: str) -> bool | None:
        files = self._files(message_id)
        with told("look up what was sent"):
            if files.sent.exists():
                return True
            if not files.started.exists():
                return False
        if not self._seen_outside(message_id):
            return None
        with told("record what was sent"):
            self._went_out(files)
        return True

    def file_copies(self) -> None:
        """File what is still to be filed. What goes wrong is left for the next time: the messages themselves have gone out."""
        if self._copies is None:
            return
        with suppress(OutsideError), told("read the copies of what was sent"):
            for path in sorted(self._records.glob("hw-*.copy")):
                if path.with_suffix(".sent").exists():
                    content = path.read_bytes()
                    self._copies.file(content, _message_id(content))
                    path.unlink()

    # ------------------------------------------------------------------------------------------------------------------

    def _files(self, message_id: str) -> _Records:
        name = record_name(message_id)
        return _Records(*(self._records / f"{name}.{end}" for end in ("started", "sent", "copy")))

    def _seen_outside(self, message_id: str) -> bool:
        """Whether the server filed it, as some do with all that goes out through them."""
        if self._copies is not None:
            with suppress(OutsideError):
                return self._copies.has(message_id)
        return False

    def _address(self, smtp: smtplib.SMTP, way: _Way) -> list[str]:
        """Who does not get it, each with the server's words. Raises where nobody would, or where trying later may reach all."""
        self._sender(smtp, way)
        replies = {each: smtp.docmd("RCPT", f"TO:<{each}>") for each in way.to}
        refused = {who: reply for who, reply in replies.items() if not 200 <= reply[0] < 300}
        later = next(((who, reply) for who, reply in refused.items() if 400 <= reply[0] < 500), None)
        if later or len(refused) == len(replies):
            who, reply = later or next(iter(refused.items()))
            raise refusal(self._server, reply, who)
        return [f"{who} ({reply[0]} {printable(reply[1].decode('utf-8', 'replace'))})" for who, reply in refused.items()]

    def _sender(self, smtp: smtplib.SMTP, way: _Way) -> None:
        """An automatic answer has the null path (RFC 3834 3.3), or the leader's own address where the server refuses that."""
        if way.automatic:
            if 200 <= smtp.docmd("MAIL", "FROM:<>")[0] < 300:
                return
            smtp.rset()
        must_accept(self._server, smtp.docmd("MAIL", f"FROM:<{way.sender}>"), f"mail from {way.sender}")

    def _finish(self, smtp: smtplib.SMTP, files: _Records, message: bytes) -> SendState:
        with told("record what is being sent"):
            try:
                self._begin(files, message)
            except FileExistsError:
                return "unknown"  # another process is at it, and ours is not complete
        try:
            if smtp.sock is not None:
                smtp.sock.settimeout(_THINKING)
            smtp.send(b".\r\n")
            reply = smtp.getreply()
        except (OSError, smtplib.SMTPException):
            return "unknown"
        if not 200 <= reply[0] < 300 and not 400 <= reply[0] < 600:
            return "unknown"
        with told("record what was sent"):
            if reply[0] < 300:
                self._went_out(files)
                self._say_goodbye(smtp)
                return "sent"
            files.copy.unlink(missing_ok=True)
            files.started.unlink(missing_ok=True)
        raise refusal(self._server, reply, "the message")

    def _begin(self, files: _Records, message: bytes) -> None:
        files.started.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self._copies is not None:
            replace_whole(files.copy, message)
        write_through(files.started, b"")
        sync_folder(files.started.parent)

    def _went_out(self, files: _Records) -> None:
        files.started.rename(files.sent)
        sync_folder(files.sent.parent)

    def _say_goodbye(self, smtp: smtplib.SMTP) -> None:
        with suppress(OSError, smtplib.SMTPException):
            if smtp.sock is not None:
                smtp.sock.settimeout(PATIENCE / 10)
            smtp.docmd("QUIT")


class SmtpFacts(Struct, frozen=True):
    """`most_bytes` of a message, 0 where the server names no bound. `words` are lines for the user."""

    name: str
    encrypted: bool
    signs_in: bool
    most_bytes: int
    words: tuple[str, ...]


def probe_smtp(server: Server, login: Login | None, ca_file: str = "") -> SmtpFacts:
    """Signs in and sends nothing. Temporary, AuthExpired or Permanent where the server cannot be entered."""
    with conversation(server, login, ca_file) as smtp:
        size = smtp.esmtp_features.get("size", "")
        greeting = (smtp.ehlo_resp or smtp.helo_resp or b"").splitlines()
        name = (greeting or [b""])[0].decode("ascii", "replace").split(" ")[0][:80]
        encrypted = isinstance(smtp.sock, SSLSocket)
    words = ["mail goes out signed in" if login else "mail goes out without signing in"]
    words += [] if encrypted else ["the connection is not encrypted; it does not leave this machine"]
    return SmtpFacts(name, encrypted, login is not None, int(size) if size.isdecimal() else 0, tuple(words))


def _way(message: bytes) -> _Way:
    head = BytesHeaderParser(policy=policy.compat32).parsebytes(message)
    senders, to = _addresses(head, "from"), tuple(dict.fromkeys(_addresses(head, "to", "cc")))
    if len(senders) != 1 or not to or len(to) > _MOST_RECIPIENTS:
        raise Permanent("The message has no sender, no recipient, or too many of them. Nothing was sent.")
    for each in (*senders, *to):
        if not _ADDRESS.fullmatch(each) or not each.isascii() or not each.isprintable():
            raise Permanent(f"“{printable(each)}” is not an address that a mail server takes. Nothing was sent.")
    automatic = str(head.get("auto-submitted", "")).strip().lower().startswith("auto-replied")
    return _Way(senders[0], automatic, to)


def _addresses(head: Message, *names: str) -> list[str]:
    return [address for _, address in getaddresses([str(value) for name in names for value in head.get_all(name, [])]) if address]


def _message_id(message: bytes) -> str:
    return str(BytesHeaderParser(policy=policy.compat32).parsebytes(message).get("message-id", "")).strip()


def _stuffed(message: bytes) -> bytes:
    """CRLF line ends, and a second dot where a line begins with one (RFC 5321 4.5.2). Ends with a line end."""
    lines = re.sub(rb"\r\n|\r|\n", b"\r\n", message)
    return re.sub(rb"(?m)^\.", b"..", lines if lines.endswith(b"\r\n") else lines + b"\r\n")
