"""What a client says first in a SASL exchange (RFC 4422): a password by PLAIN, a token by OAUTHBEARER or XOAUTH2. Knows no
protocol and opens no connection."""

from __future__ import annotations

from collections.abc import Collection

from integrations.errors import Permanent
from integrations.login import Login, Server

_MECHANISMS = {"password": ("PLAIN",), "token": ("OAUTHBEARER", "XOAUTH2")}
_MOST = 64 * 1024  # bytes; tokens are of some kilobytes


def mechanism_for(login: Login, offered: Collection[str]) -> str:
    """The first of ours that is among `offered` (in capitals), "" where none is."""
    return next((name for name in _MECHANISMS[login.auth] if name in offered), "")


def first_words(mechanism: str, login: Login, server: Server) -> bytes:
    """The initial response, not yet in base64. Permanent where user or secret could say something else than they mean; whatever
    `login.secret` raises."""
    user, secret = login.user, login.secret()
    if any(ord(char) < 32 or ord(char) == 127 for char in user + secret) or len(secret) > _MOST:
        raise Permanent(f"The name or the password for {server.host} has a character that no server takes.")
    if mechanism == "PLAIN":  # RFC 4616
        return f"\0{user}\0{secret}".encode()
    if mechanism == "OAUTHBEARER":  # RFC 7628 3.1; a name is written as RFC 5801 4 says
        name = user.replace("=", "=3D").replace(",", "=2C")
        return f"n,a={name},\x01host={server.host}\x01port={server.port}\x01auth=Bearer {secret}\x01\x01".encode()
    return f"user={user}\x01auth=Bearer {secret}\x01\x01".encode()


def last_words(mechanism: str) -> bytes:
    """The answer to a challenge, which with these mechanisms only tells why the server refuses (RFC 7628 3.2.3)."""
    return b"\x01" if mechanism == "OAUTHBEARER" else b""
