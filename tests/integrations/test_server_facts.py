"""What a server shows before anybody signs in."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from socket import create_server

import pytest

from integrations.errors import Permanent, Temporary
from integrations.login import Server
from integrations.server_facts import certificate_ends, see_web
from tests.servers.certificates import Authority
from tests.servers.dovecot import Dovecot, free_port

FORTY_EIGHT_HOURS = timedelta(days=2)


def is_good_for_two_days(moment: datetime | None) -> bool:
    return moment is not None and timedelta(days=1) < moment - datetime.now(UTC) <= FORTY_EIGHT_HOURS


@pytest.mark.parametrize("scheme", ["imaps", "imap", "sieve"])
def test_the_end_of_a_certificate_is_seen_with_and_without_starttls(dovecot: Dovecot, scheme: str) -> None:
    port = {"imaps": dovecot.imaps, "imap": dovecot.imap, "sieve": dovecot.sieve}[scheme]
    assert is_good_for_two_days(certificate_ends(Server.parse(f"{scheme}://localhost:{port}", "imaps"), dovecot.ca_file))


def test_a_certificate_that_nobody_trusts_is_told(dovecot: Dovecot) -> None:
    with pytest.raises(Permanent, match="certificate of localhost is not trusted"):
        certificate_ends(Server.parse(f"localhost:{dovecot.imaps}", "imaps"))


def test_nobody_there_is_told_with_the_port() -> None:
    port = free_port()
    with pytest.raises(Temporary, match=f"127.0.0.1:{port} cannot be reached"):
        certificate_ends(Server.parse(f"127.0.0.1:{port}", "imaps"))
    with pytest.raises(Temporary, match=f"127.0.0.1:{port} cannot be reached"):
        see_web(f"http://127.0.0.1:{port}/")


@contextmanager
def saying(*lines: bytes) -> Iterator[int]:
    """A server that says a line at once and one for each that it hears."""
    with create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            wire, _ = listening.accept()
            with wire:
                for line in lines:
                    wire.sendall(line)
                    wire.recv(4096)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listening.getsockname()[1]
        thread.join(5)


@pytest.mark.parametrize(
    ("scheme", "lines"),
    [
        ("imap", (b"* OK hello\r\n", b"a BAD what?\r\n")),
        ("smtp", (b"220 hello\r\n", b"250-a\r\n250 b\r\n", b"454 not now\r\n")),
        ("sieve", (b'"SIEVE" "fileinto"\r\nOK\r\n', b'NO "none"\r\n')),
        ("imap", (b"* BYE busy\r\n",)),
        ("smtp", (b"220 hello\r\n", b"250-endless\r\n" * 200)),
    ],
)
def test_a_server_without_tls_has_no_certificate(scheme: str, lines: tuple[bytes, ...]) -> None:
    with saying(*lines) as port:
        assert certificate_ends(Server.parse(f"{scheme}://127.0.0.1:{port}", "imaps")) is None


@contextmanager
def web(date: str, secure: Path | None = None) -> Iterator[tuple[int, str]]:
    """Port and CA file of a web server whose Date header is `date`."""

    class Handler(BaseHTTPRequestHandler):
        def do_OPTIONS(self) -> None:
            self.send_response_only(200)
            self.send_header("Date", date)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Nothing on the test's screen."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    ca_file = ""
    if secure:
        authority = Authority(secure)
        made, ca_file = authority.certificate(), str(authority.ca_file)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(made.certificate, made.key)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield server.server_address[1], ca_file
    finally:
        server.shutdown()
        thread.join(5)
        server.server_close()


def test_the_clock_of_a_web_server_is_read(tmp_path: Path) -> None:
    with web("Mon, 23 Nov 2026 08:00:00 GMT", tmp_path) as (port, ca_file):
        seen = see_web(f"https://localhost:{port}/dav/", ca_file)
    assert seen.clock == datetime(2026, 11, 23, 8, tzinfo=UTC)
    assert is_good_for_two_days(seen.certificate_ends)


@pytest.mark.parametrize("date", ["", "yesterday", "Mon, 99 Nov 2026 08:00:00 GMT"])
def test_a_clock_that_is_none_is_none(date: str) -> None:
    with web(date) as (port, _):
        seen = see_web(f"http://127.0.0.1:{port}")
    assert (seen.clock, seen.certificate_ends) == (None, None)


def test_what_does_not_speak_http_is_told() -> None:
    with saying(b"* OK IMAP here\r\n") as port, pytest.raises(Temporary, match="does not speak HTTP"):
        see_web(f"http://127.0.0.1:{port}")
