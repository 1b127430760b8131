"""Answers of a ManageSieve server as words (RFC 5804 4): atoms, quoted strings and literals, read from a socket within a bound of
time and of bytes. Knows no command."""

from __future__ import annotations

import re
import socket
import ssl
import time
from contextlib import suppress

from msgspec import Struct

from integrations.errors import OutsideError, Permanent, Temporary
from integrations.mail_faults import printable
from integrations.sieve_text import MOST_BYTES

PATIENCE = 30.0  # seconds of silence
DEADLINE = 120.0  # seconds for a whole answer
_MOST_ANSWER = 2 * MOST_BYTES
_MOST_LINE = 16 * 1024
_MOST_SAID = 300  # characters of the server's words in ours
_VERDICTS = ("OK", "NO", "BYE")
_WORD = re.compile(
    rb"""[ ]+
      | "(?P<quoted>(?:[^"\\]|\\.)*+)"
      | \{(?P<literal>[0-9]{1,9})\+?\}\Z
      | (?P<atom>[()]|[^\s"(){}\\]+)""",
    re.VERBOSE | re.DOTALL,
)

Word = str | bytes
"""An atom or a bracket is str, the content of a string bytes."""
Line = tuple[Word, ...]


class Answer(Struct, frozen=True):
    """What one command brought. `verdict` is OK, NO or BYE; `code` without brackets, in capitals, as QUOTA/MAXSIZE; `detail` the
    string inside the code; `text` is for people, printable and short."""

    verdict: str
    code: str
    detail: bytes
    text: str
    lines: tuple[Line, ...]

    @property
    def ok(self) -> bool:
        return self.verdict == "OK"


def plain(said: bytes) -> str:
    """A server's words, fit to be shown."""
    return printable(said.decode("utf-8", "replace"), _MOST_SAID)


def string(content: bytes) -> bytes:
    """Quoted where the server may expect that and it can be, else a literal that waits for no leave (RFC 5804 1.2)."""
    if len(content) <= 1000 and not re.search(rb"[\0\r\n]", content):
        return b'"' + re.sub(rb'(["\\])', rb"\\\1", content) + b'"'
    return b"{%d+}\r\n%b" % (len(content), content)


class Wire:
    """One connection. All that goes wrong with it is raised as Temporary or Permanent, in words."""

    def __init__(self, host: str, port: int) -> None:
        self._host = host
        try:
            self._socket = socket.create_connection((host, port), timeout=PATIENCE)
        except UnicodeError:
            raise Permanent(f"“{plain(host.encode())}” is no address of a server.") from None
        except OSError as error:
            raise self._broken(error) from None
        self._begin()

    def _begin(self) -> None:
        self._buffer = b""
        self._taken = 0
        self._ends = time.monotonic() + DEADLINE

    def close(self) -> None:
        with suppress(OSError):
            self._socket.close()

    def encrypt(self, context: ssl.SSLContext) -> None:
        """Everything after this is under TLS. What came before, and should have come after, is never believed (CVE-2011-0411)."""
        if self._buffer:
            raise Permanent(f"Somebody between here and {self._host} may be speaking in its name. No password was sent.")
        try:
            self._socket.settimeout(PATIENCE)
            self._socket = context.wrap_socket(self._socket, server_hostname=self._host)
        except ssl.SSLCertVerificationError as error:
            raise Permanent(
                f"The certificate of {self._host} is not to be trusted: {error.verify_message}. No password was sent."
            ) from None
        except OSError as error:
            raise self._broken(error) from None
        self._begin()

    def send(self, *words: bytes) -> None:
        self._taken = 0
        self._ends = time.monotonic() + DEADLINE
        try:
            self._socket.settimeout(PATIENCE)
            self._socket.sendall(b" ".join(words) + b"\r\n")
        except OSError as error:
            raise self._broken(error) from None

    def answer(self, first: Line | None = None) -> Answer:
        """All lines up to the verdict; `first` was read already."""
        lines: list[Line] = []
        line = self.line() if first is None else first
        while not (line and isinstance(line[0], str) and line[0].upper() in _VERDICTS):
            lines.append(line)
            line = self.line()
        return _answer(line, tuple(lines))

    def line(self) -> Line:
        words: list[Word] = []
        while True:
            text, at = self._text(), 0
            while at < len(text):
                found = _WORD.match(text, at)
                if found is None:
                    raise self._strange()
                at = found.end()
                if found["literal"] is not None:
                    words.append(self._exactly(int(found["literal"])))
                    break
                if found["quoted"] is not None:
                    words.append(re.sub(rb"\\(.)", rb"\1", found["quoted"], flags=re.DOTALL))
                elif found["atom"] is not None:
                    words.append(found["atom"].decode("ascii", "replace"))
            else:
                return tuple(words)

    def _text(self) -> bytes:
        """Up to the next line break, without it."""
        while b"\n" not in self._buffer:
            if len(self._buffer) > _MOST_LINE:
                raise self._strange()
            self._more()
        text, _, self._buffer = self._buffer.partition(b"\n")
        return text.removesuffix(b"\r")

    def _exactly(self, size: int) -> bytes:
        if size > _MOST_ANSWER:
            raise self._too_much()
        while len(self._buffer) < size:
            self._more()
        content, self._buffer = self._buffer[:size], self._buffer[size:]
        return content

    def _more(self) -> None:
        left = min(PATIENCE, self._ends - time.monotonic())
        try:
            self._socket.settimeout(max(left, 0.001))
            chunk = self._socket.recv(64 * 1024)
        except OSError as error:
            raise self._broken(error) from None
        if not chunk:
            raise Temporary(f"{self._host} closed the connection in the middle.")
        self._buffer += chunk
        self._taken += len(chunk)
        if self._taken > _MOST_ANSWER:
            raise self._too_much()

    def _broken(self, error: OSError) -> OutsideError:
        if isinstance(error, TimeoutError):
            return Temporary(f"{self._host} does not answer.")
        return Temporary(f"{self._host} cannot be reached: {plain(str(error.strerror or error).encode())}.")

    def _strange(self) -> OutsideError:
        return Permanent(f"What answers at {self._host} does not speak ManageSieve.")

    def _too_much(self) -> OutsideError:
        return Permanent(f"{self._host} sends more than a Sieve script can be.")


def _answer(line: Line, lines: tuple[Line, ...]) -> Answer:
    code, detail = "", b""
    rest = list(line[1:])
    if rest and rest[0] == "(":
        closing = rest.index(")") if ")" in rest else len(rest)
        inside, rest = rest[1:closing], rest[closing + 1 :]
        code = " ".join(word for word in inside if isinstance(word, str)).upper()
        detail = next((word for word in inside if isinstance(word, bytes)), b"")
    text = next((word for word in rest if isinstance(word, bytes)), b"")
    return Answer(str(line[0]).upper(), code, detail, plain(text), lines)
