"""HTTP as a WebDAV server needs it: verified TLS, one login, nothing that hangs. What changes something on the server is sent
once and never again. Knows nothing of calendars; no cookies, no .netrc, and the proxies of the environment."""

from __future__ import annotations

import os
import socket
import ssl
import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import Any
from urllib.parse import SplitResult

import urllib3
from msgspec import Struct
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from integrations.errors import OutsideError, Permanent, Temporary
from integrations.login import Login, is_loopback, tls_context
from integrations.webdav_address import checked_url, is_kin, joined, origin, target_of
from integrations.webdav_faults import ClosedMeanwhile, refusal, told
from integrations.webdav_login import Proof, challenges

MOST_BYTES = 200 * 1024 * 1024  # of one answer, unpacked: a calendar of 50 MB in XML, and room
_MOST_WORDS = 64 * 1024  # of a refusal
_MOST_REDIRECTS = 5
_CHUNK = 1 << 16
_REDIRECTS = (301, 302, 303, 307, 308)
_READING = ("GET", "PROPFIND", "REPORT", "OPTIONS")

Pour = Callable[[bytes], object]


class Patience(Struct, frozen=True):
    """Seconds: for a connection, for one silence, and for the whole of a request: a server that drips bytes is given up."""

    connect: float = 15.0
    silence: float = 45.0
    whole: float = 240.0


_USUAL = Patience()


class Answer(Struct, frozen=True):
    """`body` is empty where it was poured elsewhere. `url` is where it came from in the end."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str


class _Question(Struct, frozen=True):
    method: str
    parts: SplitResult
    body: bytes
    headers: Mapping[str, str]
    pour: Pour | None

    @property
    def host(self) -> str:
        return self.parts.hostname or ""


class WebDav:
    """One account's conversation with its server. `requests` counts what was sent."""

    def __init__(self, start: str, login: Login | None, ca_file: str = "", *, patience: Patience = _USUAL) -> None:
        """`start` is an https URL, or a host name, which means the same. Permanent where it is neither."""
        self._start = checked_url(start if "://" in start else f"https://{start}")
        self._proof = Proof(login) if login else None
        self._lines = _Lines(ca_file)
        self._patience = patience
        self.requests = 0

    @property
    def server(self) -> str:
        """Scheme, host and port."""
        return origin(self._start)

    @property
    def host(self) -> str:
        return self._start.hostname or ""

    def url(self, reference: str) -> str:
        return joined(self._start.geturl(), reference)

    def ask(
        self,
        method: str,
        url: str,
        body: bytes = b"",
        headers: Mapping[str, str] = {},
        *,
        fine: Collection[int] = (200, 207),
        pour: Pour | None = None,
    ) -> Answer:
        """The answer, if its status is in `fine`; else one of our errors. The body of a success goes to `pour` piece by piece.
        What reads is asked again once where an open connection had been closed meanwhile."""
        for _ in range(_MOST_REDIRECTS + 1):
            question = _Question(method, self._allowed(self.url(url)), body, headers, pour)
            answer = self._ask_as_user(question)
            if answer.status in fine:
                return answer
            if answer.status not in _REDIRECTS:
                raise self.refused(method, answer)
            url = _elsewhere(question, answer)
        raise Permanent(f"{self.host} sends us round in circles.")

    def refused(self, method: str, answer: Answer) -> OutsideError:
        """What an answer that is not success means."""
        writing = method not in _READING
        return refusal(answer.status, answer.headers, answer.body, host=self.host, writing=writing)

    def _allowed(self, url: str) -> SplitResult:
        parts = checked_url(url)
        host = parts.hostname or ""
        if not is_kin(self.host, host) or (self._start.scheme == "https" != parts.scheme):
            raise Permanent(
                f"{self.host} sends us on to {parts.scheme}://{host[:100]}, and the password is not shown there. "
                "If that is your calendar server, give it as the address of the account."
            )
        return parts

    def _ask_as_user(self, question: _Question) -> Answer:
        """401 says that nothing was done, so that even a write may be sent once more with another proof."""
        proof = self._proof
        known = proof is not None and proof.asked
        answer = self._ask_twice(question)
        if answer.status != 401 or proof is None:
            return answer
        offered = challenges(_every(answer.headers, "WWW-Authenticate"))
        if proof.refused(offered) or (known and proof.forget()):
            return self._ask_twice(question)
        return answer

    def _ask_twice(self, question: _Question) -> Answer:
        again = question.method in _READING and self._lines.is_open(question.parts)
        try:
            return self._ask_once(question)
        except ClosedMeanwhile:
            if not again:
                raise Temporary(f"{question.host} closed the connection without an answer.") from None
        try:
            return self._ask_once(question)
        except ClosedMeanwhile:
            raise Temporary(f"{question.host} closed the connection without an answer.") from None

    def _ask_once(self, question: _Question) -> Answer:
        target, patience = target_of(question.parts), self._patience
        proof = {"Authorization": self._proof.header(question.method, target)} if self._proof else {}
        headers = {"User-Agent": "homeward", "Accept-Encoding": "identity", **question.headers, **proof}
        wait = urllib3.Timeout(connect=patience.connect, read=patience.silence)
        self.requests += 1
        with self._lines.cut_after(patience.whole, question.host), told(question.host):
            response = self._lines.pool(question.parts).urlopen(
                question.method, target, question.body or None, headers, retries=False, redirect=False, timeout=wait,
                preload_content=False, decode_content=True, assert_same_host=False,
            )  # fmt: skip
            try:
                received = _received(response, question)
            except BaseException:
                response.close()
                raise
            response.release_conn()
        return Answer(response.status, response.headers, received, question.parts.geturl())


def _received(response: urllib3.BaseHTTPResponse, question: _Question) -> bytes:
    """The body, up to a bound: of a refusal the beginning is enough."""
    good = 200 <= response.status < 300
    pour = question.pour if good else None
    kept, size, most = bytearray(), 0, MOST_BYTES if good else _MOST_WORDS
    for piece in response.stream(_CHUNK, decode_content=True):
        size += len(piece)
        if size > most and good:
            raise Permanent(f"{question.host} answers with more than {MOST_BYTES >> 20} MB; that is not read.")
        if pour:
            pour(piece)
        else:
            kept += piece
        if size > most:
            response.close()
            break
    return bytes(kept)


def _elsewhere(question: _Question, answer: Answer) -> str:
    location = answer.headers.get("Location", "")
    if not location or question.method not in _READING:
        raise Permanent(f"{question.host} says that this calendar has moved. Run `homeward init` to find it again.")
    return joined(question.parts.geturl(), location)


def _every(headers: Mapping[str, str], name: str) -> list[str]:
    return list(headers.getlist(name)) if isinstance(headers, urllib3.HTTPHeaderDict) else []


# --- connections ------------------------------------------------------------------------------------------------------


class _Lines:
    """One kept-open connection a host, and a timer that ends the one in use whatever it is waiting for: a timeout of a socket's
    own begins anew with every byte."""

    def __init__(self, ca_file: str) -> None:
        self._ca_file = ca_file
        self._pools: dict[str, HTTPConnectionPool] = {}
        self._tls: ssl.SSLContext | None = None
        self._socket: socket.socket | None = None

    def is_open(self, parts: SplitResult) -> bool:
        return self.pool(parts).num_requests > 0

    def pool(self, parts: SplitResult) -> HTTPConnectionPool:
        key = origin(parts)
        if key not in self._pools:
            pool = self._secure(parts) if parts.scheme == "https" else HTTPConnectionPool(parts.hostname or "", parts.port or 80)
            pool.ConnectionCls = self._watching(pool.ConnectionCls)
            self._pools[key] = pool
        return self._pools[key]

    def _secure(self, parts: SplitResult) -> HTTPConnectionPool:
        host, port = parts.hostname or "", parts.port or 443
        self._tls = self._tls or tls_context(self._ca_file)
        if proxy := _proxy(host):
            return urllib3.ProxyManager(proxy, ssl_context=self._tls).connection_from_host(host, port, "https")
        return HTTPSConnectionPool(host, port, ssl_context=self._tls)

    def _watching(self, kind: type[Any]) -> type[Any]:
        lines = self

        class Watched(kind):  # type: ignore[misc]
            def _new_conn(self) -> socket.socket:
                made: socket.socket = super()._new_conn()
                lines._hold(made)
                return made

        return Watched

    def _hold(self, made: socket.socket) -> None:
        """By a handle of our own: TLS takes the other one over."""
        if self._socket:
            self._socket.close()
        self._socket = made.dup()

    @contextmanager
    def cut_after(self, seconds: float, host: str) -> Iterator[None]:
        ends = time.monotonic() + seconds
        timer = threading.Timer(seconds, self._cut)
        timer.daemon = True
        timer.start()
        trouble: Exception | None = None
        try:
            yield
        except (OutsideError, ClosedMeanwhile) as error:
            trouble = error
        finally:
            timer.cancel()
        if time.monotonic() >= ends:
            raise Temporary(f"{host} takes longer than {seconds:.0f} seconds.", timedelta(minutes=15))
        if trouble:
            raise trouble

    def _cut(self) -> None:
        with suppress(OSError):
            if self._socket:
                self._socket.shutdown(socket.SHUT_RDWR)


def _proxy(host: str) -> str:
    """The proxy of the environment for https; "" where there is none for this host."""
    names = ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY")
    found = next((os.environ[name] for name in names if os.environ.get(name)), "")
    if is_loopback(host) or not found.startswith(("http://", "https://")):
        return ""
    from urllib.request import proxy_bypass

    return "" if proxy_bypass(host) else found
