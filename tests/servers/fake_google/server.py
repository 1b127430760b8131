"""The HTTP of the fake: one threaded server on the loopback for Calendar, Gmail, their batch endpoints and OAuth. It answers as
Google does: JSON, gzip where asked for, ETags, partial responses; and it counts."""

from __future__ import annotations

import email
import email.policy
import gzip
import json
import socket
import ssl
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.servers.certificates import Certificate
from tests.servers.fake_google.calendar import CalendarState
from tests.servers.fake_google.discovery import Api
from tests.servers.fake_google.faults import Faults
from tests.servers.fake_google.gmail import GmailState
from tests.servers.fake_google.mask import apply_mask
from tests.servers.fake_google.oauth import OAuth, TokenError
from tests.servers.fake_google.refusal import Refused, invalid, unauthorised

_MOST_IN_BATCH = {"calendar": 50, "gmail": 100}
_ZIPPED_FROM = 400  # bytes
# Quota units per call of Gmail, since May 2026; a call of Calendar is 1.
UNITS = {
    "gmail.users.messages.list": 5, "gmail.users.messages.get": 20, "gmail.users.messages.modify": 5,
    "gmail.users.messages.batchModify": 50, "gmail.users.messages.insert": 25, "gmail.users.messages.send": 100,
    "gmail.users.history.list": 2, "gmail.users.settings.filters.create": 5, "gmail.users.settings.filters.delete": 5,
    "gmail.users.labels.create": 5, "gmail.users.labels.delete": 5, "gmail.users.threads.get": 40,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes = b""


class Cut(Exception):
    """The connection breaks here."""


@dataclass(slots=True)
class Seen:
    """`http` counts requests on the wire (a batch is one, sign-in is none), `calls` methods, `refused` errors by reason."""

    http: int = 0
    calls: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    zipped: int = 0

    @property
    def units(self) -> int:
        return sum(UNITS.get(name, 1) * count for name, count in self.calls.items())


class FakeGoogle:
    """`with FakeGoogle(clock) as google:` serves at `google.root` (with a slash at its end) until the block ends; with a
    certificate over TLS."""

    def __init__(self, clock: Callable[[], datetime], certificate: Certificate | None = None) -> None:
        self.calendar = CalendarState(clock)
        self.gmail = GmailState(clock)
        self.oauth = OAuth()
        self.faults = Faults()
        self.seen = Seen()
        self._apis = _apis()
        self._lock = threading.RLock()
        self._scheme = "https" if certificate else "http"
        self._http = _Server(self, certificate)

    @property
    def root(self) -> str:
        return f"{self._scheme}://127.0.0.1:{self._http.server_port}/"

    @property
    def token_uri(self) -> str:
        return f"{self.root}token"

    @property
    def auth_uri(self) -> str:
        return f"{self.root}o/oauth2/v2/auth"

    def add_user(self, user: str, zone: str = "Europe/Berlin") -> None:
        """With a primary calendar and a mailbox."""
        self.calendar.add_calendar(user, user, user, zone)
        self.gmail.add_user(user)

    def count(self) -> Seen:
        """What was seen since the last count."""
        seen, self.seen = self.seen, Seen()
        return seen

    def __enter__(self) -> FakeGoogle:
        threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._http.shutdown()
        self._http.server_close()

    # --- one request ------------------------------------------------------------------------------------------------------

    def answer(self, verb: str, target: str, headers: dict[str, str], body: bytes) -> Answer:
        path = urlsplit(target).path
        if path == "/o/oauth2/v2/auth":
            return self._consent(target)
        if path in ("/token", "/revoke"):
            return self._tokens(path, body)
        self.seen.http += 1
        for api in self._apis:
            if path == "/" + api.document["batchPath"]:
                return self._batch(api, headers, body)
        return self._one(verb, target, headers, body)

    def _consent(self, target: str) -> Answer:
        try:
            return Answer(302, {"Location": self.oauth.authorise(target)})
        except ValueError as error:
            return Answer(400, {"Content-Type": "text/html"}, str(error).encode())

    def _tokens(self, path: str, body: bytes) -> Answer:
        fault = self.faults.next({path})
        if fault is not None and fault.refused is not None:
            return _json(fault.refused.status, {"error": "server_error"}, {})
        form = dict(parse_qsl(body.decode()))
        try:
            with self._lock:
                return _json(200, self.oauth.give(form) if path == "/token" else self.oauth.revoke(form) or {}, {})
        except TokenError as error:
            return _json(error.status, error.body, {})

    def _one(self, verb: str, target: str, headers: dict[str, str], body: bytes) -> Answer:
        api = self._api_for(urlsplit(target).path)
        try:
            return self._served(api, verb, target, headers, body)
        except Refused as refused:
            self.seen.refused[f"{refused.status} {refused.reason}"] += 1
            return _json(refused.status, refused.body(api.name), refused.headers)

    def _api_for(self, path: str) -> Api:
        calendar, gmail = self._apis
        return calendar if path.startswith(calendar.prefix) else gmail

    def _served(self, api: Api, verb: str, target: str, headers: dict[str, str], body: bytes) -> Answer:
        parts = urlsplit(target)
        method, path = api.method_for(verb, parts.path)
        self.seen.calls[method["id"]] += 1
        fault = self.faults.next({method["id"]})
        if fault is not None and fault.way == "cut-before":
            raise Cut
        if fault is not None and fault.refused is not None:
            raise fault.refused
        if fault is not None and fault.seconds:
            time.sleep(fault.seconds)
        grant = self.oauth.find(headers.get("authorization", ""))
        if grant is None:
            raise unauthorised()
        if body and not headers.get("content-type", "").startswith("application/json"):
            raise invalid("The body is not application/json.", "badRequest")
        call = api.check(method, path, parse_qsl(parts.query, keep_blank_values=True), body, grant.scopes)
        with self._lock:
            if api.name == "calendar":
                value = self.calendar.handle(grant.user, call, headers.get("if-match"))
            else:
                value = self.gmail.handle(grant.user, call, grant.scopes)
        if fault is not None and fault.way == "cut-after":
            raise Cut
        return _shown(value, call.query.get("fields", ""), verb, headers)

    def _batch(self, api: Api, headers: dict[str, str], body: bytes) -> Answer:
        fault = self.faults.next({"batch"})
        if fault is not None and fault.way.startswith("cut"):
            raise Cut
        if fault is not None and fault.refused is not None:
            return _json(fault.refused.status, fault.refused.body(api.name), fault.refused.headers)
        head = f"Content-Type: {headers.get('content-type', '')}\r\n\r\n".encode()
        parts = list(email.message_from_bytes(head + body, policy=email.policy.HTTP).iter_parts())  # type: ignore[attr-defined]
        if not 0 < len(parts) <= _MOST_IN_BATCH[api.name]:
            refused = invalid(f"The batch has {len(parts)} parts; {_MOST_IN_BATCH[api.name]} are the most.", "badRequest")
            return _json(400, refused.body(api.name), {})
        outer = {name: headers[name] for name in ("authorization",) if name in headers}
        return _joined([(str(part["Content-ID"] or ""), self._part(api, part, outer)) for part in parts])

    def _part(self, api: Api, part: Any, outer: dict[str, str]) -> Answer:
        head, _, body = part.get_payload(decode=True).replace(b"\r\n", b"\n").partition(b"\n\n")
        first, _, rest = head.decode().partition("\n")
        verb, target, _ = first.split(" ", 2)
        given = {n.lower(): str(v) for n, v in email.message_from_string(rest).items()}
        if self._api_for(urlsplit(target).path) is not api:
            return _json(400, invalid("A batch is for one API.", "badRequest").body(api.name), {})
        return self._one(verb, target, {**outer, **given, "accept-encoding": ""}, body)


def _apis() -> tuple[Api, Api]:
    if not _APIS:
        _APIS.extend((Api("calendar", "v3"), Api("gmail", "v1")))
    return _APIS[0], _APIS[1]


_APIS: list[Api] = []


def _json(status: int, value: Any, headers: dict[str, str]) -> Answer:
    body = json.dumps(value, ensure_ascii=False).encode()
    return Answer(status, {"Content-Type": "application/json; charset=UTF-8", **headers}, body)


def _shown(value: Any, fields: str, verb: str, headers: dict[str, str]) -> Answer:
    if value is None:
        return Answer(204, {})
    etag = value.get("etag", "")
    if verb == "GET" and etag and headers.get("if-none-match") == etag:
        return Answer(304, {"ETag": etag})
    shown = apply_mask(fields, value) if fields else value
    return _json(200, shown, {"ETag": etag} if etag else {})


def _joined(answers: list[tuple[str, Answer]]) -> Answer:
    boundary = "batch_of_answers"
    lines: list[bytes] = []
    for content_id, answer in answers:
        named = f"<response-{content_id.strip().lstrip('<')}"
        head = "".join(f"{name}: {value}\r\n" for name, value in answer.headers.items())
        lines.append(
            f"--{boundary}\r\nContent-Type: application/http\r\nContent-ID: {named}\r\n\r\n"
            f"HTTP/1.1 {answer.status} Status\r\n{head}Content-Length: {len(answer.body)}\r\n\r\n".encode()
            + answer.body
            + b"\r\n"
        )
    body = b"".join(lines) + f"--{boundary}--\r\n".encode()
    return Answer(200, {"Content-Type": f"multipart/mixed; boundary={boundary}"}, body)


# --- the wire ---------------------------------------------------------------------------------------------------------


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, google: FakeGoogle, certificate: Certificate | None) -> None:
        self.google = google
        super().__init__(("127.0.0.1", 0), _Handler)
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate.certificate, certificate.key)
            self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)

    def handle_error(self, *_: object) -> None:
        """A client that does not trust us hangs up; that is no news."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def _handle(self) -> None:
        google = self.server.google
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        try:
            answer = google.answer(self.command, self.path, headers, body)
        except Cut:
            self.connection.shutdown(socket.SHUT_RDWR)
            self.close_connection = True
            return
        content, extra = answer.body, {}
        wants = "gzip" in headers.get("accept-encoding", "") and "gzip" in headers.get("user-agent", "")
        if wants and len(content) > _ZIPPED_FROM:
            content, extra = gzip.compress(content, 1), {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
            google.seen.zipped += 1
        self._write(answer.status, {**answer.headers, **extra}, content)

    def _write(self, status: int, headers: dict[str, str], content: bytes) -> None:
        try:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            if status not in (204, 304):
                self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            if status not in (204, 304):
                self.wfile.write(content)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _handle

    def log_message(self, *_: object) -> None:
        """Quiet."""
