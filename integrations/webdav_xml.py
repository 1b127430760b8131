"""The XML of WebDAV (RFC 4918, 6578, 4791): what is asked, and what is answered, read piece by piece as it comes. No document
type is accepted, so that there are no entities; depth, number and size are bounded."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from xml.parsers import expat

from msgspec import Struct

from integrations.errors import Permanent, Temporary

DAV, CALDAV, APPLE = "DAV:", "urn:ietf:params:xml:ns:caldav", "http://apple.com/ns/ical/"
CALENDAR_SERVER = "http://calendarserver.org/ns/"
_PREFIXES = {DAV: "D", CALDAV: "C", APPLE: "A", CALENDAR_SERVER: "S"}
_MOST_DEPTH = 40
_MOST_RESPONSES = 250_000
_MOST_TEXT = 20 * 1024 * 1024  # characters of one element
_HARMLESS = bytes(32 if byte < 32 and byte not in (9, 10, 13) else byte for byte in range(256))
_STATUS = re.compile(r"HTTP/\d(?:\.\d)?\s+(\d{3})", re.ASCII)


class Element:
    """`name` is `namespace name`, as in `DAV: href`."""

    __slots__ = ("attributes", "children", "name", "pieces")

    def __init__(self, name: str, attributes: dict[str, str]) -> None:
        self.name, self.attributes = name, attributes
        self.children: list[Element] = []
        self.pieces: list[str] = []

    @property
    def text(self) -> str:
        return "".join(self.pieces)

    def find(self, name: str) -> Element | None:
        return next((child for child in self.children if child.name == name), None)

    def every(self, name: str) -> Iterator[Element]:
        """At any depth."""
        for child in self.children:
            if child.name == name:
                yield child
            yield from child.every(name)

    def text_of(self, name: str) -> str:
        """Of the first of that name at any depth, without white space around it; "" where there is none."""
        return next((child.text.strip() for child in self.every(name)), "")


class Response(Struct, frozen=True):
    """One resource of a 207. `status` is of the resource as a whole, 0 where it speaks of properties; `found` are those that it
    has; `conditions` name what of RFC 4918 16 was broken."""

    href: str
    status: int
    found: dict[str, Element] = {}
    conditions: frozenset[str] = frozenset()

    def text(self, name: str) -> str:
        """ "" where it has no such property."""
        return self.found[name].text.strip() if name in self.found else ""


# --- asking -----------------------------------------------------------------------------------------------------------


def name(namespace: str, local: str) -> str:
    return f"{namespace} {local}"


def tag(full: str, content: str = "") -> str:
    """`content` is XML already."""
    namespace, _, local = full.rpartition(" ")
    written = f"{_PREFIXES[namespace]}:{local}"
    return f"<{written}>{content}</{written}>" if content else f"<{written}/>"


def text(value: str) -> str:
    return value.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def document(root: str, content: str) -> bytes:
    """`root` is a full name."""
    namespace, _, local = root.rpartition(" ")
    spaces = "".join(f' xmlns:{prefix}="{space}"' for space, prefix in _PREFIXES.items())
    written = f"{_PREFIXES[namespace]}:{local}"
    return f'<?xml version="1.0" encoding="utf-8"?>\n<{written}{spaces}>{content}</{written}>'.encode()


def propfind(names: Iterable[str]) -> bytes:
    return document(name(DAV, "propfind"), tag(name(DAV, "prop"), "".join(map(tag, names))))


# --- being answered ---------------------------------------------------------------------------------------------------


class Multistatus:
    """Feed it the pieces of a body; `each` gets every response as it is complete. `close` says whether all of it was there."""

    def __init__(self, host: str, each: Callable[[Response], object]) -> None:
        self._host, self._each = host, each
        self._stack: list[Element] = []
        self._count = 0
        self.root: Element | None = None
        self._parser = expat.ParserCreate(namespace_separator=" ")
        self._parser.buffer_text = True
        self._parser.buffer_size = 1 << 16
        self._parser.StartDoctypeDeclHandler = self._refuse
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._text

    def feed(self, piece: bytes) -> None:
        """Control characters, which XML forbids and some events hold, become spaces: one bad event must not hide the others."""
        self._parse(piece.translate(_HARMLESS), False)

    def close(self) -> Element:
        """The root, without the responses. Temporary where it is no multistatus, or not all of one."""
        self._parse(b"", True)
        if self.root is None or self.root.name != "DAV: multistatus":
            raise Temporary(f"{self._host} does not answer as a calendar server does.")
        return self.root

    @property
    def sync_token(self) -> str:
        found = self.root.find("DAV: sync-token") if self.root else None
        return found.text.strip() if found else ""

    def _parse(self, piece: bytes, last: bool) -> None:
        try:
            self._parser.Parse(piece, last)
        except expat.ExpatError:
            raise Temporary(f"The answer of {self._host} is not whole, or not what a calendar server answers.") from None

    def _refuse(self, *_: object) -> None:
        raise Permanent(f"{self._host} answers with a document type of its own, which is not read: it could be a trap.")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if len(self._stack) >= _MOST_DEPTH:
            raise Permanent(f"The answer of {self._host} is nested too deeply to be read.")
        made = Element(name, attributes)
        if not self._stack:
            self.root = made
        elif not (name == "DAV: response" and len(self._stack) == 1):
            self._stack[-1].children.append(made)
        self._stack.append(made)

    def _end(self, name: str) -> None:
        done = self._stack.pop()
        if name == "DAV: response" and len(self._stack) == 1:
            self._count += 1
            if self._count > _MOST_RESPONSES:
                raise Permanent(f"{self._host} lists more than {_MOST_RESPONSES:,} entries; that is not read.")
            self._each(_response(done))

    def _text(self, piece: str) -> None:
        pieces = self._stack[-1].pieces
        pieces.append(piece)
        if len(pieces) % 64 == 0 and sum(map(len, pieces)) > _MOST_TEXT:
            raise Permanent(f"{self._host} answers with one entry larger than {_MOST_TEXT >> 20} MB; that is not read.")


def _response(element: Element) -> Response:
    found: dict[str, Element] = {}
    href, status = "", 0
    conditions: list[str] = []
    for child in element.children:
        if child.name == "DAV: href":
            href = href or child.text.strip()
        elif child.name == "DAV: status":
            status = _status(child)
        elif child.name == "DAV: error":
            conditions += [one.name.rpartition(" ")[2] for one in child.children]
        elif child.name == "DAV: propstat":
            _take(child, found)
    return Response(href, status, found, frozenset(conditions))


def _take(propstat: Element, found: dict[str, Element]) -> None:
    status, props = propstat.find("DAV: status"), propstat.find("DAV: prop")
    if props is not None and (status is None or 200 <= _status(status) < 300):
        for prop in props.children:
            found.setdefault(prop.name, prop)


def _status(element: Element) -> int:
    match = _STATUS.match(element.text.strip())
    return int(match[1]) if match else 0


def responses(body: bytes, host: str) -> tuple[list[Response], Element]:
    """All of a small answer, and its root."""
    found: list[Response] = []
    reader = Multistatus(host, found.append)
    reader.feed(body)
    return found, reader.close()


def preconditions(body: bytes) -> frozenset[str]:
    """The local names in a DAV:error (RFC 4918 16), e.g. `valid-sync-token`; none where it is not one."""
    reader = Multistatus("", lambda response: None)
    try:
        reader.feed(body)
    except (Permanent, Temporary):
        return frozenset()
    root = reader.root
    return (
        frozenset(child.name.rpartition(" ")[2] for child in root.children) if root and root.name == "DAV: error" else frozenset()
    )
