"""Finds the calendars of an account from what a user knows: a URL, a host name or an e-mail address (RFC 6764), and tells each
step. It writes nothing and remembers nothing."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TypeVar
from urllib.parse import urlsplit

from msgspec import Struct

from integrations.caldav_collection import mails_attendees, may_write
from integrations.errors import AuthExpired, OutsideError, Permanent
from integrations.login import Login, is_loopback
from integrations.srv import find_path, find_targets
from integrations.webdav_address import checked_url, is_kin, joined, origin
from integrations.webdav_http import WebDav
from integrations.webdav_xml import APPLE, CALDAV, DAV, Element, Response, name, propfind, responses

T = TypeVar("T")
Resolvers = Sequence[tuple[str, int]]

_PRINCIPAL, _HOME = name(DAV, "current-user-principal"), name(CALDAV, "calendar-home-set")
_KIND, _TITLE, _COLOR = name(DAV, "resourcetype"), name(DAV, "displayname"), name(APPLE, "calendar-color")
_COMPONENTS, _PRIVILEGES = name(CALDAV, "supported-calendar-component-set"), name(DAV, "current-user-privilege-set")
_CALENDAR, _HREF = name(CALDAV, "calendar"), name(DAV, "href")
_MOST_HOMES = 10
_LONGEST_TITLE = 80
_HEX = re.compile(r"#[0-9A-Fa-f]{6}")


class Step(Struct, frozen=True):
    """`what` was tried, whether it worked, and what came of it, in words for the user."""

    what: str
    ok: bool
    said: str


class FoundCalendar(Struct, frozen=True):
    """`href` is what `[[calendar]] collection` takes: the absolute path on `Found.server`, or an id; `also` is another name
    of the same, "" for none. `color` is `#rrggbb` or "". `access` says in words what is not as usual."""

    href: str
    name: str
    color: str
    writable: bool
    also: str = ""
    access: str = ""


class Found(Struct, frozen=True):
    """`server` is what `[[account]] url` takes: scheme, host and port of the server that has the calendars. `principal` and
    `home` are paths on it. `schedules`: the server itself mails attendees when an event changes (RFC 6638)."""

    server: str
    principal: str
    home: str
    calendars: tuple[FoundCalendar, ...]
    schedules: bool
    steps: tuple[Step, ...]


def discover(
    address: str,
    login: Login,
    ca_file: str = "",
    *,
    tell: Callable[[Step], None] = lambda step: None,
    resolvers: Resolvers | None = None,
) -> Found:
    """From a URL, a host name or an e-mail address. `tell` hears of each step as it ends; `resolvers` are name servers in place
    of this machine's. Permanent where no calendars are to be found there, AuthExpired where the login is refused, Temporary where
    the network or the server failed."""
    return _Search(login, ca_file, tell, resolvers).run(address.strip())


class _Search:
    def __init__(self, login: Login, ca_file: str, tell: Callable[[Step], None], resolvers: Resolvers | None) -> None:
        self._login, self._ca_file, self._tell, self._resolvers = login, ca_file, tell, resolvers
        self._steps: list[Step] = []

    def run(self, address: str) -> Found:
        start, paths = self._start(address)
        web = WebDav(start, self._login, self._ca_file)
        first = self._principal(web, paths)
        principal, homes = self._homes(web, first)
        server = origin(urlsplit(homes[0]))
        calendars = self._try(f"List the calendars on {server}", partial(self._calendars, web, homes), _counted)
        schedules = self._try("Ask whether the server sends invitations", partial(mails_attendees, web, homes[0]), _sends)
        path = urlsplit(homes[0]).path
        return Found(server, urlsplit(principal).path, path, tuple(calendars), schedules, tuple(self._steps))

    # steps

    def _say(self, what: str, ok: bool, said: str) -> None:
        step = Step(what, ok, said)
        self._steps.append(step)
        self._tell(step)

    def _try(self, what: str, act: Callable[[], T], said: Callable[[T], str]) -> T:
        try:
            result = act()
        except OutsideError as error:
            self._say(what, False, error.what)
            raise
        self._say(what, True, said(result))
        return result

    # where to begin

    def _start(self, address: str) -> tuple[str, list[str]]:
        """The server, and the paths to ask at, in this order."""
        if "://" in address:
            parts = checked_url(address)
            own = [parts.path] if parts.path.strip("/") else []
            return address, [*own, "/.well-known/caldav", "/"]
        host, _, path = address.rpartition("@")[2].partition("/")
        server, begins = self._served(host)
        first = [found for found in (f"/{path}" if path else "", begins) if found]
        return server, [*first, "/.well-known/caldav", "/"]

    def _served(self, domain: str) -> tuple[str, str]:
        """By the domain's SRV and TXT records, else the domain itself. A foreign host is named, and never shown the login."""
        what = f"Ask which host has the calendars of {domain}"
        if ":" in domain or (is_loopback(domain) and self._resolvers is None):
            return f"https://{domain}", ""
        targets = find_targets("_caldavs", domain, self._resolvers)
        if not targets:
            self._say(what, False, f"no host is named; {domain} itself is asked")
            return f"https://{domain}", ""
        best = targets[0]
        if not is_kin(domain, best.host):
            said = f"{domain} names {best.host[:100]}, which is not of the same domain. If you trust it, give it as the address."
            self._say(what, False, said)
            raise Permanent(said)
        self._say(what, True, best.host)
        server = f"https://{best.host}" + ("" if best.port == 443 else f":{best.port}")
        return server, find_path("_caldavs", domain, self._resolvers)

    # who the user is there

    def _principal(self, web: WebDav, paths: Sequence[str]) -> tuple[str, Response]:
        """The URL that answered, and what it said of the user."""
        refused: Permanent | None = None
        for path in paths:
            try:
                return self._try(f"Ask {web.host}{path} who you are there", partial(_asked_who, web, path), _who)
            except Permanent as error:
                refused = refused or error
        raise refused or Permanent(f"{web.host} is no calendar server.")

    def _homes(self, web: WebDav, first: tuple[str, Response]) -> tuple[str, list[str]]:
        url, response = first
        principal = _links(web, url, response.found.get(_PRINCIPAL))
        where = principal[0] if principal else url
        return where, self._try("Ask where your calendars are", partial(_homes_of, web, where, response), _paths)

    # what is there

    def _calendars(self, web: WebDav, homes: Sequence[str]) -> list[FoundCalendar]:
        wanted = propfind((_KIND, _TITLE, _COLOR, _COMPONENTS, _PRIVILEGES))
        found: dict[str, FoundCalendar] = {}
        for home in homes[:_MOST_HOMES]:
            answer = web.ask("PROPFIND", home, wanted, {"Depth": "1", **_XML}, fine=(207,))
            for response in responses(answer.body, web.host)[0]:
                if one := _calendar(web, home, response, origin(urlsplit(homes[0]))):
                    found.setdefault(one.href, one)
        if not found:
            raise Permanent(f"{web.host} has no calendar of yours that holds events.")
        return list(found.values())


_XML = {"Content-Type": "application/xml; charset=utf-8"}


def _asked_who(web: WebDav, path: str) -> tuple[str, Response]:
    answer = web.ask("PROPFIND", path, propfind((_PRINCIPAL, _HOME, _KIND)), {"Depth": "0", **_XML}, fine=(207,))
    found = next(iter(responses(answer.body, web.host)[0]), None)
    if found is None or not (found.found.keys() & {_PRINCIPAL, _HOME}):
        raise Permanent(f"{web.host}{path} does not say who you are; it is no calendar server.")
    principal = found.found.get(_PRINCIPAL)
    if principal is not None and principal.find(name(DAV, "unauthenticated")) is not None:
        raise AuthExpired(f"{web.host} does not know who you are; it asked for no login.")
    return answer.url, found


def _paths(homes: Sequence[str]) -> str:
    return ", ".join(urlsplit(home).path[:200] for home in homes)


def _who(found: tuple[str, Response]) -> str:
    principal = found[1].found.get(_PRINCIPAL)
    return principal.text_of(_HREF)[:200] if principal is not None else "your calendars are there"


def _homes_of(web: WebDav, principal: str, known: Response) -> list[str]:
    if _HOME in known.found:
        homes = _links(web, principal, known.found[_HOME])
    else:
        answer = web.ask("PROPFIND", principal, propfind((_HOME,)), {"Depth": "0", **_XML}, fine=(207,))
        said = responses(answer.body, web.host)[0]
        homes = [home for response in said for home in _links(web, answer.url, response.found.get(_HOME))]
    if not homes:
        raise Permanent(f"{web.host} names no place for your calendars.")
    return homes


def _links(web: WebDav, base: str, element: Element | None) -> list[str]:
    """The hrefs in it as URLs. Where one leads to a host that the login is not shown to, asking there says so."""
    return [joined(base, one.text.strip()) for one in element.every(_HREF)] if element is not None else []


def _calendar(web: WebDav, home: str, response: Response, server: str) -> FoundCalendar | None:
    """None for what is no calendar of events."""
    kind, components = response.found.get(_KIND), response.found.get(_COMPONENTS)
    if kind is None or kind.find(_CALENDAR) is None:
        return None
    if components is not None and "VEVENT" not in _named(components):
        return None
    url = joined(home, response.href)
    href = urlsplit(url).path if origin(urlsplit(url)) == server else url
    last = urlsplit(url).path.rstrip("/").rpartition("/")[2]
    color = _HEX.match(response.text(_COLOR))
    return FoundCalendar(href, _printable(response.text(_TITLE)) or last, color[0].lower() if color else "", may_write(response))


def _named(components: Element) -> Iterator[str]:
    return (one.attributes.get("name", "").upper() for one in components.children)


def _printable(title: str) -> str:
    return " ".join("".join(char if char.isprintable() else " " for char in title[:400]).split())[:_LONGEST_TITLE]


def _counted(calendars: Sequence[FoundCalendar]) -> str:
    return f"{len(calendars)} found: " + ", ".join(f"“{calendar.name}”" for calendar in calendars[:10])


def _sends(schedules: bool) -> str:
    return "it does" if schedules else "it does not"
