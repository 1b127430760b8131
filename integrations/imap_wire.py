"""The bytes between us and an IMAP server: imaplib's engine with a bound on silence, on the time of one answer and on its size,
and with a STARTTLS that nothing can be slipped through. IMAPClient sits on top of it."""

from __future__ import annotations

import imaplib
import re
import socket
import ssl
import time
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from imapclient import IMAPClient
from imapclient.datetime_util import parse_to_datetime
from imapclient.response_parser import parse_fetch_response

CONNECTING = 20.0  # seconds
PATIENCE = 60.0  # seconds of silence within an answer
MOVING_PATIENCE = 300.0  # a server says nothing while it moves thousands of messages
DEADLINE = 900.0  # seconds for one whole answer, however it trickles
MOST_BYTES = 64 * 1024 * 1024  # of one answer; a batch of headers is a quarter of it at the very most
_CHUNK = 64 * 1024

_DATED = re.compile(rb'\d+ \(UID (\d+) INTERNALDATE "([^"]{1,40})" RFC822\.SIZE (\d+)\)')
_UID = re.compile(rb"\bUID (\d+)")
_EPOCH = datetime.fromtimestamp(0, UTC)

Fetched = dict[int, dict[bytes, Any]]
"""UID → item → value."""


class Wire(imaplib.IMAP4):
    """`context` None: no TLS from the first byte. `patience` may be set for what follows."""

    def __init__(self, host: str, port: int, context: ssl.SSLContext | None, patience: float = PATIENCE) -> None:
        self._context = context
        self.patience = patience
        self._buffer = bytearray()
        self._begin()
        super().__init__(host, port, CONNECTING)

    def _create_socket(self, timeout: float | None) -> socket.socket:
        plain = socket.create_connection((self.host, self.port), timeout)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # a line in two writes would wait 40 ms for its second half
        if self._context is None:
            return plain
        try:
            return self._context.wrap_socket(plain, server_hostname=self.host)
        except BaseException:
            plain.close()
            raise

    def send(self, data: Any) -> None:
        self._begin()
        self.sock.settimeout(self.patience)
        self.sock.sendall(data)

    def read(self, size: int) -> bytes:
        if size > MOST_BYTES:
            raise self.abort("the answer is too long")
        while len(self._buffer) < size:
            self._receive()
        return self._take(size)

    def readline(self) -> bytes:
        start = 0
        while (end := self._buffer.find(b"\n", start)) < 0:
            start = len(self._buffer)
            if not self._receive(at_end=start == 0):
                return b""
        return self._take(end + 1)

    def starttls(self, ssl_context: ssl.SSLContext | None = None) -> Any:
        """What the server sent behind its OK came in the clear, from whomever, and ends the connection."""
        assert ssl_context is not None
        said, data = self._simple_command("STARTTLS")
        if said == "OK":
            if self._buffer:
                raise self.abort("something was sent in the clear behind the answer to STARTTLS")
            self.sock = ssl_context.wrap_socket(self.sock, server_hostname=self.host)
            self.untagged_responses.clear()
            self._get_capabilities()
        return said, data

    def begin_idle(self) -> Any:
        """Returns the tag once the server waits (RFC 2177); some have news to tell before."""
        tag = self._command("IDLE")
        while self._get_response() is not None:
            if self.tagged_commands[tag]:
                raise self.error("IDLE was refused")
        return tag

    def completed(self, name: str, tag: Any) -> tuple[str, list[Any]]:
        said: tuple[str, list[Any]] = self._command_complete(name, tag)
        return said

    def listen(self) -> None:
        """Take in one line that the server says of itself."""
        self._begin()
        self._get_response()

    def _begin(self) -> None:
        self._ends = time.monotonic() + DEADLINE
        self._received = 0

    def _receive(self, at_end: bool = False) -> bool:
        """False where the other side hung up, which is an error anywhere but between two lines."""
        left = self._ends - time.monotonic()
        if left <= 0 or self._received > MOST_BYTES:
            raise self.abort("the answer takes too long or is too long")
        self.sock.settimeout(min(self.patience, left))
        chunk = self.sock.recv(_CHUNK)
        if not chunk and not at_end:
            raise self.abort("the line was cut in the middle of an answer")
        self._buffer += chunk
        self._received += len(chunk)
        return bool(chunk)

    def _take(self, size: int) -> bytes:
        taken = bytes(self._buffer[:size])
        del self._buffer[:size]
        return taken


class Client(IMAPClient):  # type: ignore[misc]
    """IMAPClient over a Wire. Times keep their zone; sets of UIDs are given as text (`1:5,9`)."""

    def __init__(self, host: str, port: int, context: ssl.SSLContext | None) -> None:
        self._first_context = context
        super().__init__(host, port, ssl=context is not None, ssl_context=context, timeout=CONNECTING)
        self.normalise_times = False
        self._imap.debug = 0  # else every line is formatted for a log that nobody keeps

    @property
    def wire(self) -> Wire:
        wire: Wire = self._imap
        return wire

    def _create_IMAP4(self) -> Wire:
        return Wire(self.host, self.port, self._first_context)

    def has_folder(self, path: str) -> bool:
        """One that can hold mail, of exactly this name."""
        return any(name == path and not without_mail(marks) for marks, _, name in self.list_folders("", path))

    def fetch_set(self, uids: str, items: str) -> Fetched:
        """UID FETCH. Empty for the empty set."""
        return _parsed(self._fetched(uids, items))

    def fetch_dates(self, uids: str) -> dict[int, tuple[datetime, int]]:
        """UID → when it was delivered (UTC; 1970 where the server gives no time) and its size in bytes."""
        found: dict[int, tuple[datetime, int]] = {}
        strange = []
        for line in self._fetched(uids, "(UID INTERNALDATE RFC822.SIZE)"):
            usual = _DATED.fullmatch(line) if isinstance(line, bytes) else None
            if usual:
                found[int(usual[1])] = (parse_to_datetime(usual[2], normalise=False).astimezone(UTC), int(usual[3]))
            else:
                strange.append(line)
        for uid, items in _parsed(strange).items():
            if b"RFC822.SIZE" in items:
                received = items.get(b"INTERNALDATE")
                found[uid] = (received.astimezone(UTC) if received else _EPOCH, int(items[b"RFC822.SIZE"]))
        return found

    def fetch_section(self, uids: str, section: str) -> dict[int, bytes]:
        """UID → the bytes of this one section (`BODY.PEEK[…]<…>`)."""
        records = self._fetched(uids, f"(UID {section})")
        usual = _literals(records)
        if usual is not None:
            return usual
        parsed = _parsed(records).items()
        values = ((uid, value) for uid, items in parsed for name, value in items.items() if name.startswith(b"BODY["))
        return {uid: value for uid, value in values if isinstance(value, bytes)}

    def _fetched(self, uids: str, items: str) -> list[Any]:
        if not uids:
            return []
        said, data = self._imap.uid("FETCH", uids, items)
        self._checkok("fetch", said, data)
        return [each for each in data if each is not None]

    def on_set(self, command: str, uids: str, *arguments: str) -> None:
        """UID STORE, COPY, MOVE, EXPUNGE."""
        said, data = self._imap.uid(command, uids, *arguments)
        self._checkok(command, said, data)

    def idle_until_news(self, seconds: float) -> None:
        """IDLE in the selected folder until it grows or the time is over."""
        wire = self.wire
        wire.untagged_responses.pop("EXISTS", None)
        tag = wire.begin_idle()
        ends = time.monotonic() + seconds
        try:
            while "EXISTS" not in wire.untagged_responses and (left := ends - time.monotonic()) > 0:
                wire.patience = left
                wire.listen()
        except TimeoutError:
            pass  # nothing came
        finally:
            wire.patience = PATIENCE
        wire.send(b"DONE\r\n")
        self._checkok("idle", *wire.completed("IDLE", tag))

    def quoted(self, folder: str) -> str:
        """A folder's name as an argument: modified UTF-7 (RFC 3501 5.1.3), in quotes."""
        name: bytes = self._normalise_folder(folder)
        return name.decode("ascii")

    def ask(self, command: str, *arguments: str) -> list[Any]:
        """A command that IMAPClient does not know; what came untagged under the name of METADATA."""
        said, data = self._raw_command(command.encode(), [each.encode() for each in arguments], uid=False)
        self._checkok(command, said, data)
        _, data = self._imap._untagged_response(said, data, "METADATA")
        return list(data)


def without_mail(marks: Iterable[bytes]) -> bool:
    """Whether these are the marks of a folder that only has folders in it, or is gone."""
    return any(mark.upper() in (b"\\NOSELECT", b"\\NONEXISTENT") for mark in marks)


def _parsed(records: list[Any]) -> Fetched:
    return dict(parse_fetch_response(records, False, True)) if records else {}


def _literals(records: Iterable[Any]) -> dict[int, bytes] | None:
    """Each message as one literal, as nearly all servers answer; None where anything else is in between. The general parser looks
    at every character, and there are thousands of messages."""
    found: dict[int, bytes] = {}
    waiting: bytes | None = None
    for record in records:
        if isinstance(record, tuple) and waiting is None:
            uid = _UID.search(record[0].partition(b"BODY[")[0])
            waiting = None if uid else record[1]
            if uid:
                found[int(uid[1])] = record[1]
        elif record != b")" or waiting is not None:
            uid = _UID.fullmatch(record.strip(b" )")) if isinstance(record, bytes) and waiting is not None else None
            if uid is None or waiting is None:
                return None
            found[int(uid[1])], waiting = waiting, None
    return found
