"""How to reach and enter a server, whatever it speaks: its address, a verified TLS, and the user's login. The secret is asked for
at the last moment and is kept by nobody."""

from __future__ import annotations

import ipaddress
import re
import ssl
from base64 import b64encode
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache, partial
from pathlib import Path
from typing import Literal

from msgspec import Struct

from integrations.errors import Permanent

Auth = Literal["password", "token"]
"""token: an OAuth access token, for Bearer (RFC 6750), XOAUTH2 and OAUTHBEARER (RFC 7628)."""

# Scheme → usual port, and whether TLS begins with the first byte (RFC 8314); else STARTTLS is demanded.
_SCHEMES = {
    "imaps": (993, True),
    "imap": (143, False),
    "smtps": (465, True),
    "smtp": (587, False),
    "sieve": (4190, False),
}
_HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?\Z")


_LEAST = 4  # characters; a shorter one stands in any words
_TOLD: set[tuple[str, str]] = set()
"""Users and secrets of this process's logins: no server's word that quotes one is repeated."""


def _noted(user: str, secret: Callable[[], str]) -> str:
    found = secret()
    _TOLD.add((user, found))
    return found


def quotes_a_secret(words: str) -> bool:
    """Whether a server says back what it was told at a login, in one of the forms in which it heard it."""
    return any(form in words for user, secret in _TOLD for form in _forms(user, secret))


def _forms(user: str, secret: str) -> Iterator[str]:
    if len(secret) >= _LEAST:
        yield secret
        yield secret.replace("\\", r"\\").replace('"', r"\"")
    for said in (secret, f"\0{user}\0{secret}", f"{user}:{secret}"):
        yield b64encode(said.encode("utf-8", "surrogateescape")).decode("ascii")


@dataclass(frozen=True, slots=True)
class Login:
    """`secret` gives the password or the token; it may raise Temporary (the keyring is locked), AuthExpired or Permanent (there
    is none). It is never shown, not even by `repr`."""

    user: str
    auth: Auth
    secret: Callable[[], str] = field(repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "secret", partial(_noted, self.user, self.secret))


class Server(Struct, frozen=True):
    """`implicit_tls`: TLS from the first byte; else STARTTLS, without which only a server on this machine is spoken to."""

    scheme: str
    host: str
    port: int
    implicit_tls: bool

    @classmethod
    def parse(cls, text: str, default_scheme: str) -> Server:
        """From `host`, `host:port`, `[::1]:port` or `scheme://host:port`. Permanent where it is none of these."""
        scheme, mark, rest = text.strip().rpartition("://")
        scheme = scheme.lower() if mark else default_scheme
        host, port = _split(rest.rstrip("/"))
        if scheme not in _SCHEMES or not (_HOST.match(host) or _address(host)) or not (port == "" or 0 < int(port) < 65536):
            raise Permanent(
                f"“{text}” is no address of a server. Write it like mail.example.org or {default_scheme}://mail.example.org."
            )
        usual, implicit = _SCHEMES[scheme]
        return cls(scheme, host, int(port or usual), implicit)

    @property
    def must_encrypt(self) -> bool:
        return not is_loopback(self.host)


def _split(text: str) -> tuple[str, str]:
    """Host and port ("" where none is given)."""
    found = re.fullmatch(r"\[([0-9A-Fa-f:.]+)\](?::(\d{1,5}))?|([^:/\[\]]+)(?::(\d{1,5}))?", text)
    return (found[1] or found[3], found[2] or found[4] or "") if found else ("", "")


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def is_loopback(host: str) -> bool:
    """Whether this can only be the machine itself. A name other than localhost is never believed."""
    address = _address(host)
    return address.is_loopback if address else host.lower() in ("localhost", "ip6-localhost")


def tls_context(ca_file: str = "") -> ssl.SSLContext:
    """Verifies certificate and host name; TLS 1.2 or newer. `ca_file` (PEM) is trusted besides the system's. Permanent where it
    cannot be read."""
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if ca_file:
        try:
            context.load_verify_locations(ca_file)
        except (OSError, ssl.SSLError) as error:
            raise Permanent(f"The CA file {ca_file} cannot be read: {error.strerror or 'it holds no certificate'}.") from None
    return context


def mail_tls(ca_file: str = "") -> ssl.SSLContext:
    """The same, made once for all mail servers of the process: to read the system's certificates takes 25 ms. It is not to be
    changed, as libraries for HTTP would do."""
    try:
        seen = Path(ca_file).stat() if ca_file else None
    except OSError:
        seen = None
    return _shared(ca_file, (seen.st_ino, seen.st_mtime_ns) if seen else ())


@lru_cache(maxsize=8)
def _shared(ca_file: str, mark: tuple[int, ...]) -> ssl.SSLContext:
    return tls_context(ca_file)
