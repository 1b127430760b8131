"""An HTTP server that does what a script says: the outside on its worst day. Each request is recorded as it came; the answer is
bytes, or a function that is given the socket and may do anything with it. `relay` stands between
us and a real server."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from tests.servers.calendar_server import CalendarServer


@dataclass(frozen=True)
class Request:
    """Names of headers are in lower case."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes


Saying = bytes | Callable[[socket.socket], None]
Script = Callable[[Request], Saying]


def answer(status: str, body: bytes = b"", **headers: str) -> bytes:
    """`status` as in "404 Not Found"; names of headers with _ in place of -."""
    named = {"Content_Length": str(len(body)), "Content_Type": "application/xml; charset=utf-8", **headers}
    lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in named.items())
    return f"HTTP/1.1 {status}\r\n{lines}\r\n".encode() + body


def multistatus(content: str) -> bytes:
    spaces = 'xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav" xmlns:A="http://apple.com/ns/ical/"'
    return answer("207 Multi-Status", f'<?xml version="1.0"?><multistatus {spaces}>{content}</multistatus>'.encode())


def found(href: str, props: str) -> str:
    """A response of a multistatus whose properties are all there."""
    return f"<response><href>{href}</href><propstat><prop>{props}</prop><status>HTTP/1.1 200 OK</status></propstat></response>"


def relay(server: CalendarServer, meddle: Callable[[Request], Saying | None] = lambda request: None) -> Script:
    """Hands everything on to a real server but what `meddle` answers itself."""

    def script(request: Request) -> Saying:
        return meddle(request) or hand_on(server, request)

    return script


def hand_on(server: CalendarServer, request: Request) -> bytes:
    dropped = ("host", "content-length", "connection", "authorization", "accept-encoding")
    headers = {name: value for name, value in request.headers.items() if name not in dropped}
    status, body, said = server.ask(request.method, request.target, request.body, **headers)
    kept = {name: value for name, value in said.items() if name.lower() in ("etag", "dav", "location", "content-type")}
    return answer(f"{status} Handed On", body, **kept)


@dataclass
class Misbehaving:
    port: int
    scheme: str
    requests: list[Request] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"{self.scheme}://localhost:{self.port}"

    @property
    def methods(self) -> list[str]:
        return [request.method for request in self.requests]


@contextmanager
def misbehaving(script: Script, secure: tuple[Path, Path] | None = None) -> Iterator[Misbehaving]:
    """`secure`: certificate and key."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = Misbehaving(listener.getsockname()[1], "https" if secure else "http")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH) if secure else None
    if context and secure:
        context.load_cert_chain(*secure)

    def serve() -> None:
        while True:
            try:
                wire, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=_converse, args=(wire, context, script, server), daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield server
    finally:
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()


def _converse(wire: socket.socket, context: ssl.SSLContext | None, script: Script, server: Misbehaving) -> None:
    with suppress(OSError), wire:
        wire.settimeout(60)
        line = context.wrap_socket(wire, server_side=True) if context else wire
        with line, line.makefile("rb") as incoming:
            while first := incoming.readline():
                method, target, _ = first.decode("latin-1").split(" ", 2)
                headers = {}
                while (header := incoming.readline().decode("latin-1").strip()) != "":
                    name, _, value = header.partition(":")
                    headers[name.lower()] = value.strip()
                body = incoming.read(int(headers.get("content-length", 0)))
                request = Request(method, target, headers, body)
                server.requests.append(request)
                said = script(request)
                if not isinstance(said, bytes):
                    said(line)
                    return
                line.sendall(said)
