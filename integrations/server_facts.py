"""What a server shows before anybody signs in: until when its certificate is good, and what time it believes it is."""

from __future__ import annotations

import http.client
import re
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import BinaryIO
from urllib.parse import urlsplit

from msgspec import Struct

from integrations.errors import Permanent, Temporary
from integrations.login import Server, tls_context

_SECONDS = 10.0
_LONGEST = 4096  # bytes of a line
_MOST_LINES = 100

# Scheme → what is said and what the last line of the answer looks like, until TLS may begin (RFC 9051 6.2.1, 3207, 5804 2.2).
_TALK: dict[str, tuple[tuple[bytes, bytes], ...]] = {
    "imap": ((b"", rb"\* OK"), (b"a STARTTLS\r\n", rb"a OK")),
    "smtp": ((b"", rb"220 "), (b"EHLO localhost\r\n", rb"250 "), (b"STARTTLS\r\n", rb"220 ")),
    "sieve": ((b"", rb"OK\b"), (b"STARTTLS\r\n", rb"OK\b")),
}


class NoSuchHost(Permanent):
    """Its name has no address, or none that could be looked up now: no other port of it will answer either."""


class WebFacts(Struct, frozen=True):
    """`certificate_ends` is None without TLS, `clock` where the server tells no time."""

    certificate_ends: datetime | None
    clock: datetime | None


def certificate_ends(server: Server, ca_file: str = "") -> datetime | None:
    """Of a mail or Sieve server; None where it has no TLS, which only one on this machine may lack. Temporary where it does not
    answer, Permanent where its certificate is not trusted."""
    context = tls_context(ca_file)
    with _told(server.host, server.port), socket.create_connection((server.host, server.port), _SECONDS) as wire:
        if not server.implicit_tls and not _may_begin(wire, server.scheme):
            return None
        with context.wrap_socket(wire, server_hostname=server.host) as secured:
            return _ends(secured)


def see_web(url: str, ca_file: str = "") -> WebFacts:
    """Of the server of an http:// or https:// URL (a bare host means https)."""
    parts = urlsplit(url if "://" in url else f"https://{url}")
    host, secure = parts.hostname or "", parts.scheme != "http"
    port = parts.port or (443 if secure else 80)
    connection = (
        http.client.HTTPSConnection(host, port, timeout=_SECONDS, context=tls_context(ca_file))
        if secure
        else http.client.HTTPConnection(host, port, timeout=_SECONDS)
    )
    with _told(host, port):
        try:
            connection.request("OPTIONS", "/")
            ends = _ends(connection.sock) if isinstance(connection.sock, ssl.SSLSocket) else None
            return WebFacts(ends, _clock(connection.getresponse().getheader("Date", "")))
        except http.client.HTTPException:
            raise Temporary(f"{host}:{port} does not speak HTTP.") from None
        finally:
            connection.close()


@contextmanager
def _told(host: str, port: int) -> Iterator[None]:
    try:
        yield
    except ssl.SSLCertVerificationError as error:
        raise Permanent(f"The certificate of {host} is not trusted: {error.verify_message}.") from None
    except ssl.SSLError as error:
        raise Temporary(f"{host}:{port} could not agree on TLS ({error.reason or 'no reason given'}).") from None
    except socket.gaierror as error:
        offline = error.errno == socket.EAI_AGAIN
        said = f"{host} could not be looked up. Is the network there?" if offline else f"There is no host {host}."
        raise NoSuchHost(said) from None
    except TimeoutError:
        raise Temporary(f"{host}:{port} did not answer within {_SECONDS:g} s.") from None
    except OSError as error:
        raise Temporary(f"{host}:{port} cannot be reached: {error.strerror or error}.") from None


def _may_begin(wire: socket.socket, scheme: str) -> bool:
    """Talks until TLS can begin; False where the server does not offer it."""
    with wire.makefile("rb") as answers:
        return all(_answered(wire, answers, say, good) for say, good in _TALK[scheme])


def _answered(wire: socket.socket, answers: BinaryIO, say: bytes, good: bytes) -> bool:
    """Whether a line of the answer is the good one; any other that ends it is none."""
    wire.sendall(say)
    for _ in range(_MOST_LINES):
        line = answers.readline(_LONGEST)
        if re.match(good, line):
            return True
        if not line or re.match(rb"a (?:NO|BAD)|(?:NO|BYE)\b|[45]\d\d |\* BYE", line):
            return False
    return False


def _ends(wire: ssl.SSLSocket) -> datetime | None:
    until = (wire.getpeercert() or {}).get("notAfter")
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(until), UTC) if isinstance(until, str) else None


def _clock(said: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(said)
    except (TypeError, ValueError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
