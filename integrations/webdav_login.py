"""What proves to an HTTP server who the user is: Basic (RFC 7617), Bearer (RFC 6750) and Digest (RFC 7616) with MD5 or SHA-256.
The secret is asked for when the first request needs it, and again after it was refused; it lives as long as the connection."""

from __future__ import annotations

import hashlib
import os
import re
from base64 import b64encode
from collections.abc import Callable, Iterable, Mapping
from urllib.parse import quote

from msgspec import Struct

from integrations.errors import Permanent
from integrations.login import Login

_HASHES: Mapping[str, Callable[[bytes], hashlib._Hash]] = {"SHA-256": hashlib.sha256, "MD5": hashlib.md5}  # the better first
_WORD = re.compile(r"""([\w!#$%&'*+.^`|~-]+)(?:\s*=\s*("(?:[^"\\]|\\.)*"|[^\s,"]+))?""", re.ASCII)
_TOKEN68 = re.compile(r"[A-Za-z0-9._~+/=-]+\Z")


class Challenge(Struct, frozen=True):
    """One of WWW-Authenticate. `scheme` and the names of `given` are in lower case."""

    scheme: str
    given: Mapping[str, str]


def challenges(headers: Iterable[str]) -> list[Challenge]:
    """All that a server offers (RFC 9110 11.6.1: several in one header, or several headers)."""
    found: list[tuple[str, dict[str, str]]] = []
    for header in headers:
        for word in _WORD.finditer(header):
            name, value = word[1].lower(), word[2]
            if value is None:
                found.append((name, {}))
            elif found:
                found[-1][1].setdefault(name, re.sub(r"\\(.)", r"\1", value[1:-1]) if value[0] == '"' else value)
    return [Challenge(scheme, given) for scheme, given in found]


def digest_response(
    user: str, secret: str, method: str, target: str, offer: Mapping[str, str], count: int, cnonce: str
) -> str:  # fmt: skip
    """The `response` of RFC 7616 3.4.1 for qop=auth, in hexadecimal digits."""
    algorithm = _HASHES[offer.get("algorithm", "MD5").upper()]

    def hashed(*parts: str) -> str:
        return algorithm(":".join(parts).encode()).hexdigest()

    who = hashed(user, offer.get("realm", ""), secret)
    return hashed(who, offer["nonce"], f"{count:08x}", cnonce, "auth", hashed(method, target))


def _quoted(value: str) -> str:
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


class Proof:
    """The `Authorization` of one connection's requests."""

    def __init__(self, login: Login) -> None:
        self.login = login
        self._secret: str | None = None
        self._offer: Mapping[str, str] | None = None
        self._count = 0

    @property
    def asked(self) -> bool:
        """Whether the secret is known from an earlier request: then it may have run out since."""
        return self._secret is not None

    def header(self, method: str, target: str) -> str:
        """For one request. Permanent where the login cannot be written as this server wants it."""
        if self._secret is None:
            self._secret = self.login.secret()
        if self.login.auth == "token":
            return self._bearer(self._secret)
        return self._digest(method, target, self._secret) if self._offer else self._basic(self._secret)

    def refused(self, offered: list[Challenge]) -> bool:
        """After 401: whether trying once more, otherwise, is worth it."""
        if self.login.auth == "token":
            return False
        usable = [c.given for c in offered if c.scheme == "digest" and _is_usable(c.given)]
        known = self._offer
        if not usable:
            return False
        self._offer = min(usable, key=lambda given: list(_HASHES).index(given.get("algorithm", "MD5").upper()))
        self._count = 0
        return known is None or self._offer.get("stale", "").lower() == "true"

    def forget(self) -> bool:
        """The secret was refused: ask for it anew the next time. Returns whether it had been asked for."""
        known, self._secret = self._secret is not None, None
        return known

    def _bearer(self, secret: str) -> str:
        if not _TOKEN68.match(secret):
            raise Permanent("The token of this account is not one that can be sent (RFC 6750).")
        return f"Bearer {secret}"

    def _basic(self, secret: str) -> str:
        if ":" in self.login.user:
            raise Permanent("A user name with a colon cannot be sent to this server (RFC 7617).")
        return "Basic " + b64encode(f"{self.login.user}:{secret}".encode()).decode("ascii")

    def _digest(self, method: str, target: str, secret: str) -> str:
        assert self._offer is not None
        offer, user = self._offer, self.login.user
        self._count += 1
        cnonce = os.urandom(16).hex()
        named = f"username={_quoted(user)}" if user.isascii() else f"username*=UTF-8''{quote(user, safe='')}"
        parts = [
            named,
            f"realm={_quoted(offer.get('realm', ''))}",
            f"nonce={_quoted(offer['nonce'])}",
            f"uri={_quoted(target)}",
            f"algorithm={offer.get('algorithm', 'MD5')}",
            "qop=auth",
            f"nc={self._count:08x}",
            f'cnonce="{cnonce}"',
            f'response="{digest_response(user, secret, method, target, offer, self._count, cnonce)}"',
        ]
        if "opaque" in offer:
            parts.append(f"opaque={_quoted(offer['opaque'])}")
        return "Digest " + ", ".join(parts)


def _is_usable(offer: Mapping[str, str]) -> bool:
    words = {word.strip().lower() for word in offer.get("qop", "").split(",")}
    printable = all(value.isprintable() and value.isascii() for value in offer.values())
    return offer.get("algorithm", "MD5").upper() in _HASHES and "auth" in words and "nonce" in offer and printable
