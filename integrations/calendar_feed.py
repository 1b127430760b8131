"""A calendar feed over http(s): fetched, never written. It connects only to the address that it has checked, keeps the last good
copy with its ETag in a folder the caller gives, and names the feed by its host alone: the rest of such a URL is often a
secret."""

from __future__ import annotations

import hashlib
import http.client
import ipaddress
import json
import socket
import ssl
import threading
import time
import zlib
from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from urllib.parse import SplitResult, quote, unquote, urljoin, urlsplit

from msgspec import Struct

from integrations.disk import replace_whole, told
from integrations.errors import AuthExpired, OutsideError, Permanent, Temporary
from integrations.occurrences import MAX_BYTES, read_calendar
from integrations.ports import CalendarCapabilities, CalendarEdit, CalendarReading, Prepared, Receipt
from rules.interval import Interval
from rules.model import CalendarRole

_MOST_REDIRECTS = 5
_TIMEOUT = 20.0  # seconds for one connection or one silence
_DEADLINE = 120.0  # seconds for the whole feed: a server that drips a byte at a time is given up
_CHUNK = 1 << 16
_NAT64 = ipaddress.ip_network("64:ff9b::/96")  # an IPv4 address in disguise
_KEPT = "/%:@!$&'()*+,;=?~-._[]"  # in a path or query: as the user wrote it
_REDIRECTS = (301, 302, 303, 307, 308)


class _Answer(Struct, frozen=True):
    """`body` is None for 304: what is kept still holds."""

    body: bytes | None
    etag: str
    modified: str


class CalendarFeed:
    """Read-only. `url` may be http, https or webcal; `cache` is a folder or None; `allow_private` lets it fetch from this machine
    and its network, which a URL from a mail must never do."""

    def __init__(
        self, id: str, role: CalendarRole, url: str, home_zone: str, cache: Path | None, *, allow_private: bool = False
    ) -> None:
        self._id, self._role, self._url = id, role, url.strip()
        self._home_zone, self._allow_private = home_zone, allow_private
        self._cache = _Cache(cache, self._url) if cache else None

    @property
    def id(self) -> str:
        return self._id

    @property
    def role(self) -> CalendarRole:
        return self._role

    def capabilities(self) -> CalendarCapabilities:
        return CalendarCapabilities(writable=False)

    def read(self, horizon: Interval) -> CalendarReading:
        """Temporary where the network or the server failed, AuthExpired where the server asks for a password, Permanent where the
        URL is wrong."""
        data = self._fetch()
        where = f"{self._id} ({urlsplit(self._url).hostname or 'feed'})"
        return read_calendar(data, self._id, self._role, horizon, self._home_zone, where)

    def prepare(self, edit: CalendarEdit) -> Prepared:
        raise Permanent(f"The feed “{self._id}” can only be read.")

    def commit(self, prepared: Prepared) -> Receipt:
        raise Permanent(f"The feed “{self._id}” can only be read.")

    def _fetch(self) -> bytes:
        kept = self._cache.load() if self._cache else None
        answer = self._fetch_any(kept[1] if kept else {})
        if answer.body is None and kept:
            return kept[0]
        body = answer.body or b""
        if self._cache:
            self._cache.keep(body, answer)
        return body

    def _fetch_any(self, conditions: Mapping[str, str]) -> _Answer:
        """`webcal:` says nothing of encryption: https is tried first, http only where nobody listens for https."""
        scheme, _, rest = self._url.partition(":")
        if scheme.lower() not in ("webcal", "webcals"):
            return _Fetch(self._allow_private).get(self._url, conditions)
        try:
            return _Fetch(self._allow_private).get(f"https:{rest}", conditions)
        except _Unreached:
            if scheme.lower() == "webcals":
                raise
            return _Fetch(self._allow_private).get(f"http:{rest}", conditions)


# --- the kept copy ----------------------------------------------------------------------------------------------------


class _Cache:
    """The last good body and what identifies it. File names are a hash: the URL is not written down."""

    def __init__(self, folder: Path, url: str) -> None:
        name = hashlib.sha256(url.encode("utf-8", "replace")).hexdigest()[:32]
        self._body, self._facts = folder / f"{name}.ics", folder / f"{name}.json"

    def load(self) -> tuple[bytes, dict[str, str]] | None:
        """(body, request headers that ask for something newer), or None where nothing usable is kept."""
        try:
            body, facts = self._body.read_bytes(), json.loads(self._facts.read_text("utf-8"))
        except (OSError, ValueError):
            return None
        if not isinstance(facts, dict) or facts.get("sha256") != hashlib.sha256(body).hexdigest():
            return None  # a crash between the two files
        asked = {"If-None-Match": facts.get("etag"), "If-Modified-Since": facts.get("modified")}
        return body, {name: value for name, value in asked.items() if isinstance(value, str) and value}

    def keep(self, body: bytes, answer: _Answer) -> None:
        if not (answer.etag or answer.modified):
            return
        facts = {"etag": answer.etag, "modified": answer.modified, "sha256": hashlib.sha256(body).hexdigest()}
        with told("keep a copy of the feed"):
            replace_whole(self._body, body)
            replace_whole(self._facts, json.dumps(facts).encode())


# --- fetching ---------------------------------------------------------------------------------------------------------


class _Unreached(Temporary):
    """Nobody answered at all; nothing was asked of a server yet."""


def is_public(address: str) -> bool:
    """Not this machine, not its network, and not what stands for them in another notation."""
    return _is_global(ipaddress.ip_address(address.partition("%")[0]))


def _is_global(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
        if address in _NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return _is_global(inner)
    return address.is_global and not address.is_multicast


def _resolved(host: str, port: int) -> list[str]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise _Unreached(f"The server {host[:100]} was not found.") from None
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class _Fetch:
    """One feed's requests under one deadline."""

    def __init__(self, allow_private: bool) -> None:
        self._allow_private = allow_private
        self._ends = time.monotonic() + _DEADLINE

    def get(self, url: str, conditions: Mapping[str, str]) -> _Answer:
        for _ in range(_MOST_REDIRECTS + 1):
            parts = _checked_url(url)
            found = self._ask(parts, conditions)
            if isinstance(found, _Answer):
                return found
            url = _followed(parts, urljoin(parts.geturl(), found))
        raise Permanent(f"The feed of {parts.hostname} redirects in circles.")

    def _ask(self, parts: SplitResult, conditions: Mapping[str, str]) -> _Answer | str:
        """The answer, or the URL that the server points to."""
        host = parts.hostname or ""
        with _outside(host), closing(self._connected(parts)) as connection, self._cut_off(connection):
            connection.request("GET", _target(parts), headers=_headers(parts, conditions))
            response = connection.getresponse()
            if response.status in _REDIRECTS:
                return response.headers.get("Location", "")
            _refuse(response, host, bool(conditions))
            body = None if response.status == 304 else self._body(response, host)
            return _Answer(body, response.headers.get("ETag", ""), response.headers.get("Last-Modified", ""))

    @contextmanager
    def _cut_off(self, connection: http.client.HTTPConnection) -> Iterator[None]:
        """Ends the connection at the deadline, whatever it is waiting for: a timeout of its own begins anew with every byte."""
        timer = threading.Timer(max(self._ends - time.monotonic(), 0.0), _hang_up, (connection.sock,))
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def _connected(self, parts: SplitResult) -> http.client.HTTPConnection:
        """Connected to an address that was checked: asking for the name again could give another one."""
        host, secure = parts.hostname or "", parts.scheme == "https"
        port = parts.port or (443 if secure else 80)
        addresses = _resolved(host, port)
        if not self._allow_private and not all(is_public(address) for address in addresses):
            raise Permanent(f"{host} is on this machine or its own network; allow_private_address = true would let it be read.")
        for address in addresses:
            try:
                plain = socket.create_connection((address, port), timeout=_TIMEOUT)
            except OSError:
                continue
            kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
            connection = kind(host, port, timeout=_TIMEOUT)
            connection.sock = _wrapped(plain, host) if secure else plain
            return connection
        raise _Unreached(f"{host} could not be reached.")

    def _body(self, response: http.client.HTTPResponse, host: str) -> bytes:
        unpack = _unpacker(response.headers.get("Content-Encoding", ""))
        body, missing = bytearray(), response.length
        while chunk := response.read1(_CHUNK):
            missing = missing and missing - len(chunk)
            body += unpack.decompress(chunk, MAX_BYTES + 1 - len(body)) if unpack else chunk
            if len(body) > MAX_BYTES:
                raise Permanent(f"The feed of {host} is larger than {MAX_BYTES // 1024 // 1024} MB.")
        if time.monotonic() > self._ends:
            raise Temporary(f"The feed of {host} takes longer than {_DEADLINE:.0f} seconds.", timedelta(minutes=15))
        if missing or (unpack and (not unpack.eof or unpack.unused_data)):
            # A feed cut off on the way must not look like one from which events were taken out.
            raise Temporary(f"The feed of {host} broke off on the way.")
        return bytes(body)


def _hang_up(connected: socket.socket) -> None:
    with suppress(OSError):
        connected.shutdown(socket.SHUT_RDWR)


def _unpacker(encoding: str) -> zlib._Decompress | None:
    return zlib.decompressobj(zlib.MAX_WBITS | 32) if encoding.lower().strip() in ("gzip", "x-gzip", "deflate") else None


def _checked_url(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        sound = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        sound = False
    if not sound or any(ord(char) <= 32 or ord(char) == 127 for char in url):
        raise Permanent("The URL of this feed is not one that homeward can fetch (http, https or webcal).")
    return parts


def _followed(parts: SplitResult, url: str) -> str:
    """A redirect may not take the encryption away."""
    if parts.scheme == "https" and not url.startswith("https:"):
        raise Permanent(f"The feed of {parts.hostname} redirects to a place without encryption; not followed.")
    return url


def _target(parts: SplitResult) -> str:
    path = quote(parts.path or "/", safe=_KEPT)
    return f"{path}?{quote(parts.query, safe=_KEPT)}" if parts.query else path


def _headers(parts: SplitResult, conditions: Mapping[str, str]) -> dict[str, str]:
    headers = {"User-Agent": "homeward", "Accept": "text/calendar, */*;q=0.5", "Accept-Encoding": "gzip", **conditions}
    if parts.username is not None:
        secret = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        headers["Authorization"] = "Basic " + b64encode(secret.encode()).decode("ascii")
    return headers


def _wrapped(plain: socket.socket, host: str) -> ssl.SSLSocket:
    try:
        return ssl.create_default_context().wrap_socket(plain, server_hostname=host)
    except ssl.SSLCertVerificationError:
        plain.close()
        raise Permanent(f"The certificate of {host} is not valid; the feed was not read.") from None
    except OSError as error:
        plain.close()
        raise _Unreached(f"{host} could not be reached with encryption: {error.strerror or 'it does not answer so'}.") from None


@contextmanager
def _outside(host: str) -> Iterator[None]:
    try:
        yield
    except OutsideError:
        raise
    except TimeoutError:
        raise Temporary(f"{host} does not answer.") from None
    except (OSError, http.client.HTTPException, zlib.error, ValueError) as error:
        raise Temporary(f"The feed of {host} could not be read: {type(error).__name__}.") from None


def _refuse(response: http.client.HTTPResponse, host: str, conditional: bool) -> None:
    status = response.status
    if status == 200 or (status == 304 and conditional):
        return
    if status in (401, 403):
        raise AuthExpired(f"{host} refuses this feed ({status}): its address has expired, or needs a password.")
    if status in (404, 410):
        raise Permanent(f"{host} has no such feed ({status}).")
    if status == 429 or status >= 500:
        raise Temporary(f"{host} cannot give the feed now ({status}).", _retry_after(response))
    raise Permanent(f"{host} answered {status} instead of the feed.")


def _retry_after(response: http.client.HTTPResponse) -> timedelta:
    """Retry-After in seconds, between a minute and a day; ten minutes where it says nothing usable."""
    value = response.headers.get("Retry-After", "").strip()
    seconds = int(value) if value.isascii() and value.isdigit() and len(value) < 8 else 600
    return timedelta(seconds=min(max(seconds, 60), 86_400))
