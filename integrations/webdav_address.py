"""Which addresses a login may be sent to.

Whom it is shown to: the host that the user named, the hosts below it, and those that share its parent domain (caldav.example.com
and p12-caldav.example.com), never a bare public suffix. Over https only, save to this very machine."""

from __future__ import annotations

import re
from urllib.parse import SplitResult, quote, urljoin, urlsplit

from integrations.errors import Permanent
from integrations.login import is_loopback

_LONGEST = 4000
_KEPT = "/%:@!$&'()*+,;=~-._"  # in a path: as the server wrote it
_SUFFIXES = frozenset(
    ("ac", "co", "com", "edu", "gen", "go", "gov", "gob", "ltd", "mil", "net", "nom", "or", "org", "plc", "sch")
)  # as in co.uk: anybody's


def checked_url(url: str) -> SplitResult:
    """Permanent where it is no URL that a login may be sent to."""
    try:
        parts = urlsplit(url)
        sound = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0 and len(url) < _LONGEST
    except ValueError:
        sound = False
    if not sound or any(ord(char) <= 32 or ord(char) == 127 for char in url):
        raise Permanent("The address of this calendar server is not a URL. Write it like https://caldav.example.org.")
    if parts.username is not None:
        raise Permanent("The address of a calendar server must not hold a user name or a password.")
    if parts.scheme == "http" and not is_loopback(parts.hostname or ""):
        raise Permanent(f"{parts.hostname} is only spoken to with encryption. Write https:// instead of http://.")
    return parts


def joined(base: str, reference: str) -> str:
    """The URL that `reference` means at `base` (RFC 3986 5.2). Permanent where it means none."""
    try:
        return urljoin(base, reference)
    except ValueError:
        raise Permanent("The calendar server points to an address that is none.") from None


def origin(parts: SplitResult) -> str:
    """Scheme, host, and port where it is not the usual one."""
    usual = parts.port in (None, 443 if parts.scheme == "https" else 80)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    return f"{parts.scheme}://{host}" + ("" if usual else f":{parts.port}")


def target_of(parts: SplitResult) -> str:
    """What goes into the request line (RFC 9112 3.2.1)."""
    path = quote(parts.path or "/", safe=_KEPT)
    return f"{path}?{quote(parts.query, safe=_KEPT + '?')}" if parts.query else path


def is_kin(known: str, other: str) -> bool:
    """Whether the login for one host may be shown to the other."""
    known, other = known.lower().rstrip("."), other.lower().rstrip(".")
    if known == other:
        return True
    if is_loopback(known) or is_loopback(other) or not (_is_name(known) and _is_name(other)):
        return False
    parent = known.partition(".")[2]
    return other.endswith(f".{known}") or (_is_private_domain(parent) and f".{other}".endswith(f".{parent}"))


def _is_name(host: str) -> bool:
    return "." in host and ":" not in host and not re.fullmatch(r"[0-9.]+", host)


def _is_private_domain(domain: str) -> bool:
    """example.com and example.co.uk, not com or co.uk."""
    labels = domain.split(".")
    if len(labels) == 2 and len(labels[1]) == 2 and (labels[0] in _SUFFIXES or len(labels[0]) == 2):
        return False
    return len(labels) >= 2
