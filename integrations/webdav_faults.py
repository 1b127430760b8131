"""What can go wrong between us and a WebDAV server, put into words and classed by the caller's next move."""

from __future__ import annotations

import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from email.utils import parsedate_to_datetime

from urllib3.exceptions import (
    HTTPError,
    NameResolutionError,
    NewConnectionError,
    ProtocolError,
    ProxyError,
    SSLError,
    TimeoutError,
)

from integrations.errors import AuthExpired, OutsideError, Permanent, PreconditionFailed, Temporary
from integrations.webdav_xml import preconditions

_BUSY = timedelta(minutes=10)  # where a server names no time of its own
_SHORTEST, _LONGEST = timedelta(minutes=1), timedelta(days=1)
# X509_V_ERR_* of openssl/x509_vfy.h
_CERTIFICATE = {
    9: "its certificate is not valid yet; is the clock of this machine right",
    10: "its certificate has expired",
    62: "its certificate is for another name",
    64: "its certificate is for another address",
}
_UNKNOWN = "nobody whom this machine trusts vouches for its certificate (ca_file names a certificate authority of your own)"
_REFUSED_CONTENT = frozenset(
    {
        "valid-calendar-data",
        "valid-calendar-object-resource",
        "supported-calendar-data",
        "supported-calendar-component",
        "max-resource-size",
        "min-date-time",
        "max-date-time",
        "max-instances",
        "max-attendees-per-instance",
    }
)  # RFC 4791 5.3.2.1


class ClosedMeanwhile(Exception):
    """The connection ended before any answer came."""


# --- the network ------------------------------------------------------------------------------------------------------


@contextmanager
def told(host: str) -> Iterator[None]:
    """Whatever the network does inside becomes one of our errors, or ClosedMeanwhile."""
    try:
        yield
    except (HTTPError, OSError, ValueError) as error:
        raise _fault(host, error) from None


def _fault(host: str, error: Exception) -> Exception:
    inner = error.args[0] if isinstance(error, SSLError) and error.args else error
    if isinstance(inner, ssl.SSLCertVerificationError):
        return Permanent(f"{host} was not trusted: {_CERTIFICATE.get(inner.verify_code, _UNKNOWN)}. Nothing was sent.")
    if isinstance(error, ProtocolError) and isinstance(error.args[-1], ConnectionError) and "aborted" in str(error.args[0]):
        return ClosedMeanwhile()
    return Temporary(_words(host, error))


def _words(host: str, error: Exception) -> str:
    if isinstance(error, NameResolutionError):
        return f"The server {host} was not found."
    if isinstance(error, ProxyError):
        return f"{host} could not be reached through the proxy of this machine."
    if isinstance(error, NewConnectionError):
        return f"{host} could not be reached."
    if isinstance(error, SSLError):
        return f"{host} could not be reached with encryption."
    if isinstance(error, TimeoutError):
        return f"{host} does not answer."
    return f"The answer of {host} broke off on the way."


# --- refusals ---------------------------------------------------------------------------------------------------------


def refusal(status: int, headers: Mapping[str, str], body: bytes, *, host: str, writing: bool) -> OutsideError:
    """What a status that is not success means for the caller."""
    if status == 401:
        return AuthExpired(f"{host} does not accept the user name or the password.")
    if status == 429 or status == 503:
        return Temporary(f"{host} is busy and asks to be left alone for a while ({status}).", retry_after(headers))
    if status == 507:
        return Temporary(f"{host} cannot take it: the server's disk is full.", _BUSY)
    if status == 423:
        return Temporary(f"The calendar on {host} is locked by another program.")
    if status >= 500:
        return Temporary(f"{host} has a trouble of its own ({status}).")
    if status == 412:
        return PreconditionFailed("It was changed on the server meanwhile; looking again.")
    return _for_good(status, preconditions(body), host, writing)


def _for_good(status: int, conditions: frozenset[str], host: str, writing: bool) -> OutsideError:
    if "no-uid-conflict" in conditions:
        return PreconditionFailed("The same event is already there under another name; looking again.")
    if conditions & _REFUSED_CONTENT:
        return Permanent(f"{host} does not take this event ({', '.join(sorted(conditions & _REFUSED_CONTENT))}).")
    if status in (404, 410):
        return Permanent(f"{host} has no such calendar any more ({status}).")
    if writing and status in (403, 405):
        return Permanent(f"The calendar on {host} is read-only for you ({status}).")
    if status == 403:
        return Permanent(f"{host} does not let you read this calendar ({status}).")
    if status == 413:
        return Permanent(f"{host} finds this event too large ({status}).")
    return Permanent(f"{host} answered {status} instead of what was asked for.")


def retry_after(headers: Mapping[str, str]) -> timedelta:
    """Retry-After in seconds or as a date (RFC 9110 10.2.3), between a minute and a day."""
    value = (headers.get("Retry-After") or "").strip()
    plain = value.isascii() and value.isdigit() and len(value) < 8
    wait = timedelta(seconds=int(value)) if plain else _between(headers.get("Date") or "", value)
    return min(max(wait, _SHORTEST), _LONGEST)


def _between(now: str, then: str) -> timedelta:
    """By the server's own clock."""
    try:
        start, end = (parsedate_to_datetime(value) for value in (now, then))
        return end.replace(tzinfo=None) - start.replace(tzinfo=None)  # HTTP knows no zone but GMT
    except (ValueError, OverflowError):
        return _BUSY
