"""One calendar collection on its server: the requests of RFC 4791 and RFC 6578, each of them once. Resources are told apart by
their last path segment in one spelling; hrefs that lead out of the collection are not believed."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cached_property
from urllib.parse import quote, unquote, unquote_to_bytes, urlsplit

from msgspec import Struct

from integrations.errors import Permanent, PreconditionFailed, Temporary, TokenExpired
from integrations.webdav_http import Answer, WebDav
from integrations.webdav_xml import (
    CALDAV,
    CALENDAR_SERVER,
    DAV,
    Multistatus,
    Response,
    document,
    name,
    preconditions,
    propfind,
    responses,
    tag,
    text,
)

BATCH = 500  # hrefs of one multiget: measured as the best
_MOST_PAGES = 1000  # of one answer that the server cut into pieces
_ETAG, _DATA = name(DAV, "getetag"), name(CALDAV, "calendar-data")
_WANTED = tag(name(DAV, "prop"), tag(_ETAG) + tag(_DATA))
_PRIVILEGES, _REPORTS = name(DAV, "current-user-privilege-set"), name(DAV, "supported-report-set")
_TOKEN, _CTAG = name(DAV, "sync-token"), name(CALENDAR_SERVER, "getctag")
_WRITE = frozenset({name(DAV, "all"), name(DAV, "write"), name(DAV, "write-content")})
_NO_SUCH_REPORT = (400, 405, 415, 501)
_SPOKEN = (403, 409, 410, 412, 507)  # what a server may answer to a token it does not know, among others
_XML = {"Content-Type": "application/xml; charset=utf-8", "Accept-Encoding": "gzip"}
_SPELLED = re.compile(r"[A-Za-z0-9._~@!$&'()*+,;=:-]*\Z")
_SEGMENT = "!$&'()*+,;=:@~-._"  # RFC 3986 3.3


class NoSync(Exception):
    """The server does not do sync-collection."""


class Entry(Struct, frozen=True):
    """A resource as the server lists it. `data` is None where it was not sent along."""

    href: str
    etag: str
    data: bytes | None = None


class Changes(Struct):
    """By name. `token` is what to ask with the next time, "" where there is no such thing."""

    came: dict[str, Entry] = {}
    gone: set[str] = set()
    token: str = ""


class Facts(Struct, frozen=True):
    """`writable`: the user may write there. `schedules`: the server mails attendees itself. `syncs`: it does sync-collection."""

    writable: bool
    schedules: bool
    syncs: bool


class Collection:
    """`open_web` is called when the first request is made. `href` is an absolute path or a URL."""

    def __init__(self, open_web: Callable[[], WebDav], href: str) -> None:
        self._open_web = open_web
        self._href = href if href.endswith("/") else f"{href}/"

    @cached_property
    def web(self) -> WebDav:
        return self._open_web()

    @cached_property
    def _url(self) -> str:
        return self.web.url(self._href)

    @cached_property
    def _path(self) -> str:
        return spelled(urlsplit(self._url).path)

    # what is there

    def changes(self, token: str) -> Changes:
        """Since `token`, or everything where it is "". TokenExpired where everything has to be asked for, NoSync where this is
        not to be had. What the server cuts into pieces is put together."""
        found = Changes(token=token)
        for _ in range(_MOST_PAGES):
            before = found.token
            if not self._page(found):
                return found
            if found.token == before:
                break
        raise Temporary(f"{self.web.host} does not come to an end in listing this calendar.")

    def _page(self, found: Changes) -> bool:
        """Whether there is more."""
        more: list[Response] = []

        def each(response: Response) -> None:
            if response.status == 507:
                more.append(response)
            else:
                self._take(response, found)

        token = tag(name(DAV, "sync-token"), text(found.token))
        body = document(name(DAV, "sync-collection"), f"{token}{tag(name(DAV, 'sync-level'), '1')}{_WANTED}")
        answer, reader = self._asked("REPORT", body, "0", each, (207, *_NO_SUCH_REPORT, *_SPOKEN))
        if answer.status != 207:
            raise self._no_changes(answer, found.token)
        found.token = reader.sync_token
        if not found.token:
            raise NoSync
        return bool(more)

    def _no_changes(self, answer: Answer, token: str) -> Exception:
        said = preconditions(answer.body)
        if token and ("valid-sync-token" in said or answer.status in (409, 410, 412)):
            return TokenExpired(f"{self.web.host} no longer knows what we saw last.")
        if answer.status in (403, *_NO_SUCH_REPORT) or "number-of-matches-within-limits" in said:
            return NoSync()  # or nothing may be read there: listing it will tell
        return self.web.refused("REPORT", answer)

    def listing(self) -> Changes:
        """All that is there, without data: for servers without sync-collection."""
        found = Changes()
        self._asked("PROPFIND", propfind([_ETAG]), "1", lambda response: self._take(response, found))
        return found

    def multiget(self, hrefs: Sequence[str]) -> Changes:
        """Of at most BATCH resources; what the server says nothing of is in neither half."""
        found = Changes()
        listed = "".join(tag(name(DAV, "href"), text(href)) for href in hrefs)
        body = document(name(CALDAV, "calendar-multiget"), _WANTED + listed)
        self._asked("REPORT", body, "1", lambda response: self._take(response, found))
        return found

    def _asked(
        self, method: str, body: bytes, depth: str, each: Callable[[Response], object], fine: Sequence[int] = (207,)
    ) -> tuple[Answer, Multistatus]:
        """Where the server sends us on, the calendar lies there from now on, and its hrefs have to be read anew."""
        for _ in range(2):
            reader = Multistatus(self.web.host, each)
            answer = self.web.ask(method, self._url, body, {**_XML, "Depth": depth}, fine=fine, pour=reader.feed)
            if answer.url == self._url or answer.status != 207:
                break
            self._url, self._path = answer.url, spelled(urlsplit(answer.url).path)
        if answer.status == 207:
            reader.close()
        return answer, reader

    def _take(self, response: Response, found: Changes) -> None:
        known = self.name_of(response.href)
        if known is None:
            return
        if response.status in (404, 410):
            found.gone.add(known)
            found.came.pop(known, None)
            return
        data = response.found.get(_DATA)
        etag = response.text(_ETAG)
        found.came[known] = Entry(response.href, etag, data.text.encode() if data is not None and data.pieces else None)
        found.gone.discard(known)

    def name_of(self, href: str) -> str | None:
        """None for the collection itself, what lies deeper, and what lies elsewhere."""
        folder, _, last = href.rpartition("/")
        if f"{folder}/" not in (self._path, self._url):
            try:
                parts = urlsplit(href)
            except ValueError:
                return None
            folder, _, last = spelled(parts.path).rpartition("/")
            if f"{folder}/" != self._path or (parts.hostname or self.web.host) != self.web.host:
                return None
        return (last if _SPELLED.match(last) else spelled(last)) or None

    def facts(self) -> Facts:
        body = propfind([_PRIVILEGES, _REPORTS])
        answer = self.web.ask("PROPFIND", self._url, body, {**_XML, "Depth": "0"}, fine=(207,))
        found = next(iter(responses(answer.body, self.web.host)[0]), Response("", 404))
        syncs = _REPORTS not in found.found or any(found.found[_REPORTS].every(name(DAV, "sync-collection")))
        return Facts(may_write(found), mails_attendees(self.web, self._url), syncs)

    def state(self) -> str:
        """What becomes another text whenever anything in it changes: its sync token (RFC 6578 4) or, where it has none, its CTag
        (CalendarServer's extension). Permanent where the server tells neither."""
        answer = self.web.ask("PROPFIND", self._url, propfind([_TOKEN, _CTAG]), {**_XML, "Depth": "0"}, fine=(207,))
        found = next(iter(responses(answer.body, self.web.host)[0]), Response("", 404))
        state = found.text(_TOKEN) or found.text(_CTAG)
        if not state:
            raise Permanent(f"{self.web.host} does not tell whether anything has changed.")
        return state

    # one resource

    def get(self, known: str) -> tuple[bytes, str] | None:
        """Its bytes as the server has them, and their strong ETag ("" where it gives none). None where there is no such thing."""
        answer = self.web.ask("GET", self._at(known), headers={"Accept": "text/calendar"}, fine=(200, 404, 410))
        if answer.status != 200:
            return None
        return answer.body, strong(answer.headers.get("ETag", ""))

    def etag(self, known: str) -> str:
        """As the server lists it; "" where that is no strong one either (a proxy weakens those of a GET)."""
        answer = self.web.ask("PROPFIND", self._at(known), propfind([_ETAG]), {**_XML, "Depth": "0"}, fine=(207,))
        return next((strong(found.text(_ETAG)) for found in responses(answer.body, self.web.host)[0]), "")

    def put(self, known: str, data: bytes, etag: str | None) -> None:
        """In the place of what has that ETag, or (None) of nothing. PreconditionFailed where something else is there."""
        condition = {"If-None-Match": "*"} if etag is None else {"If-Match": etag}
        headers = {"Content-Type": "text/calendar; charset=utf-8", **condition}
        self.web.ask("PUT", self._at(known), data, headers, fine=(200, 201, 204))

    def delete(self, known: str, etag: str) -> None:
        answer = self.web.ask("DELETE", self._at(known), headers={"If-Match": etag}, fine=(200, 202, 204, 404, 410))
        if answer.status in (404, 410):
            raise PreconditionFailed("It has been deleted on the server meanwhile; looking again.")

    def _at(self, known: str) -> str:
        return self._url + known


def spelled(path: str) -> str:
    """One spelling of a path, however its characters are escaped."""
    return "/".join(quote(unquote_to_bytes(segment), safe=_SEGMENT) for segment in path.split("/"))


def shown(known: str) -> str:
    """For the user."""
    return unquote(known)


def strong(etag: str) -> str:
    """ "" for a weak one (RFC 9110 8.8.3), with which nothing may be guarded."""
    return etag if etag.startswith('"') and etag.endswith('"') and len(etag) > 2 else ""


def mails_attendees(web: WebDav, url: str) -> bool:
    """Whether the server tells them that they were asked to host (RFC 6638 2). Nextcloud, ownCloud and others on sabre/dav do
    schedule, but write to attendees only when time, rule or status of a meeting changes, which a request never does."""
    answer = web.ask("OPTIONS", url, fine=(200, 204, 403, 404, 405, 501))
    offered = [token.strip() for token in (answer.headers.get("DAV") or "").split(",")]
    silent = "X-Sabre-Version" in answer.headers or any(token.startswith(("nc-", "oc-")) for token in offered)
    return "calendar-auto-schedule" in offered and not silent


def may_write(response: Response) -> bool:
    """By the user's privileges (RFC 3744 5.4); where the server says nothing, a write will tell."""
    privileges = response.found.get(_PRIVILEGES)
    return privileges is None or any(next(privileges.every(wanted), None) is not None for wanted in _WRITE)
