"""The wire to Google: HTTPS with verified TLS (plain HTTP only on this machine), no redirects, no hidden retries, nothing that
hangs. It looks to the client library like the transport that the library brings, which would send a write twice when a
connection breaks."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from integrations.errors import OutsideError, Permanent, Temporary
from integrations.google_errors import Unclear
from integrations.login import is_loopback, tls_context

if TYPE_CHECKING:
    import ssl

MOST_BYTES = 64 * 1024 * 1024  # of one answer, unpacked; 2,500 events with long descriptions have about 10
_CHUNK = 1 << 16


class Tokens(Protocol):
    """Where access tokens come from. AuthExpired where the user has to sign in again, Temporary while that cannot be known."""

    def token(self, refused: str = "") -> str:
        """`refused` is a token that Google has just turned down: another one is wanted."""
        ...


def checked(url: str) -> str:
    """`url` if it may be spoken to: https, or http on this machine. Permanent otherwise."""
    parts = urlsplit(url)
    if parts.scheme == "https" and parts.hostname:
        return url
    if parts.scheme == "http" and parts.hostname and is_loopback(parts.hostname):
        return url
    raise Permanent(f"“{url[:100]}” cannot be used as an address of Google: it has to begin with https://.")


class Wire:
    """Sends one request at a time per thread. `count` is told of each."""

    def __init__(self, ca_file: str = "", timeout: float = 30.0, count: Callable[[], None] = lambda: None) -> None:
        self._ca_file, self._timeout, self._count = ca_file, timeout, count
        self._lock = threading.Lock()
        self._pools: dict[str, Any] = {}

    def send(self, url: str, method: str, body: bytes | None, headers: Mapping[str, str]) -> tuple[int, dict[str, str], bytes]:
        """Status, headers with lower-case names, body. Temporary where nobody answers; Unclear where a write may have got
        through."""
        import urllib3
        from urllib3.exceptions import HTTPError

        pool = self._pool(checked(url))
        wait = urllib3.Timeout(connect=min(self._timeout, 15.0), read=self._timeout)
        self._count()
        try:
            response = pool.request(
                method, url, body=body, headers=dict(headers), retries=False, redirect=False, timeout=wait,
                preload_content=False, decode_content=True,
            )  # fmt: skip
            try:
                content = _content(response)
            except BaseException:
                response.close()
                raise
            response.release_conn()
        except (HTTPError, OSError) as error:
            raise _broken(error, urlsplit(url).hostname or "", method) from None
        return response.status, {name.lower(): value for name, value in response.headers.items()}, content

    def _pool(self, url: str) -> Any:
        import urllib3

        proxy = _proxy(url)
        with self._lock:
            if proxy not in self._pools:
                settings: dict[str, Any] = {"ssl_context": _context(self._ca_file), "maxsize": 4}
                self._pools[proxy] = urllib3.ProxyManager(proxy, **settings) if proxy else urllib3.PoolManager(**settings)
            return self._pools[proxy]


@lru_cache(maxsize=4)
def _context(ca_file: str) -> ssl.SSLContext:
    """One for all wires of a process, since to read the system's certificates takes 40 ms."""
    return tls_context(ca_file)


def _proxy(url: str) -> str:
    """Of the environment, as everywhere else; none for this machine."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if is_loopback(host) or proxy_bypass(host):
        return ""
    return getproxies().get(parts.scheme, "")


def _content(response: Any) -> bytes:
    kept = bytearray()
    for piece in response.stream(_CHUNK, decode_content=True):
        kept += piece
        if len(kept) > MOST_BYTES:
            raise Permanent("Google answers with more than homeward reads at once.")
    return bytes(kept)


def _broken(error: Exception, host: str, method: str) -> OutsideError:
    """What a broken conversation means: before anything was sent it may simply be tried again."""
    from urllib3.exceptions import ConnectTimeoutError, NewConnectionError, ProxyError, SSLError

    if isinstance(error, SSLError):
        return Permanent(f"The certificate of {host} cannot be trusted; nothing was sent.")
    if method == "GET" or isinstance(error, (NewConnectionError, ConnectTimeoutError, ProxyError)):
        return Temporary(f"{host} cannot be reached ({type(error).__name__}).")
    return Unclear(f"{host} broke off before it answered. It is not known whether the change was made.")


class SignedWire:
    """What the client library takes for its `http`: every request bears the user's token; where Google turns the token down,
    which says that nothing was done, it is sent once more with a new one."""

    def __init__(self, wire: Wire, tokens: Tokens) -> None:
        self._wire, self._tokens = wire, tokens

    def request(
        self,
        uri: str,
        method: str = "GET",
        body: str | bytes | None = None,
        headers: Mapping[str, str] | None = None,
        **_: object,
    ) -> tuple[Any, bytes]:
        import httplib2

        content = body.encode() if isinstance(body, str) else body
        own = {name: value for name, value in (headers or {}).items() if name.lower() != "content-length"}
        own |= {"Accept-Encoding": "gzip"}
        token = self._tokens.token()
        status, seen, data = self._wire.send(uri, method, content, {**own, "Authorization": f"Bearer {token}"})
        if status == 401:
            token = self._tokens.token(refused=token)
            status, seen, data = self._wire.send(uri, method, content, {**own, "Authorization": f"Bearer {token}"})
        seen.pop("content-encoding", None)  # it has been unpacked
        return httplib2.Response({**seen, "status": str(status)}), data

    def close(self) -> None:
        """The pools are the wire's."""
