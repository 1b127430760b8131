"""iCalendar as text: bytes to components and back, every byte kept that nobody asked to change. It knows lines, folding and
nesting (RFC 5545 3.1, 3.4), and nothing of what a property means. It never raises for what a file contains."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from msgspec import Struct

MAX_EVENTS = 60_000  # in one file; what comes after is not read, and said
_LONGEST_LINE = 1_000_000  # characters; a longer one (an attachment, or a bomb) is not looked into
_TOO_LONG = "(too long to read)"  # its value instead, which no date or rule can be
_MAX_DEPTH = 16  # real files nest three deep; a bomb must not nest a million

_EOL = r"(?:\r{0,3}\n|\r)"  # `\r\r\n` is what a text-mode write on Windows leaves behind
_LOGICAL = re.compile(rf"[^\r\n]+(?:{_EOL}[ \t][^\r\n]*)*(?:{_EOL}|\Z)")
# Lines of a stretch without folds that are plainly properties.
_PLAIN_LINE = re.compile(r'^([A-Za-z0-9-]{1,80})((?:;(?:[^":\r\n]++|"[^"\r\n]*+")*+)?):([^\r\n]*+)\r?$', re.MULTILINE)
_FOLD = re.compile(rf"{_EOL}[ \t]")
_END_OF_LINE = re.compile(_EOL)
# The alternatives begin with a line end and not with `^`: `re` then leaps from line end to line end, ten times as fast.
_FRAME = re.compile(r"[\r\n]\ufeff?(BEGIN|END)[ \t]*:[ \t]*([A-Z0-9-]+)[ \t]*(?=[\r\n]|\Z)", re.IGNORECASE)
_FOLDED_FRAME = re.compile(rf"[\r\n](?:B|E|BE|EN|BEG|END|BEGI|BEGIN|(?:BEGIN|END):[A-Z-]*){_EOL}[ \t]", re.IGNORECASE)
_NAME = re.compile(r"([A-Za-z0-9-]{1,80})[;:]")
_PROPERTY = re.compile(r'([A-Za-z0-9-]{1,80})((?:;(?:[^":]++|"[^"]*+")*+)?):(.*)\Z', re.DOTALL)
_UNBALANCED = re.compile(r"([A-Za-z0-9-]{1,80})((?:;[^:]*)?):(.*)\Z", re.DOTALL)
_PARAMETER = re.compile(r';\s*([^=;":,\s]+)\s*=((?:[^";]|"[^"]*"?)*)')
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
_PLAIN_PARAMETER = re.compile(r"[A-Za-z0-9 .@_+/-]*\Z")
_CARET = {"^n": "\n", "^'": '"', "^^": "^"}

_TOP = frozenset({"VEVENT", "VTODO", "VJOURNAL", "VFREEBUSY", "VTIMEZONE", "VAVAILABILITY"})


class Unreadable(ValueError):
    """Something in a calendar that cannot be read right. The message completes the sentence "it was left out: …"."""


class Component(NamedTuple):
    """`text[start:end]` is the component with its BEGIN and END lines; `text[body:stop]` what stands between them. `closed` is
    False where its END is missing. (A named tuple, like Property: files hold tens of thousands, and these are cheap.)"""

    name: str
    start: int
    body: int
    stop: int
    end: int
    children: tuple[Component, ...]
    closed: bool


class Property(NamedTuple):
    """One logical line. `value` is unfolded and still escaped; `text[start:end]` is the line as it stands, with its line end,
    where its place is known."""

    name: str
    parameters: str  # as written, with the leading semicolon, or ""
    value: str
    start: int = 0
    end: int = 0


class Document(Struct, frozen=True):
    """A file. `text` holds every byte (undecodable ones as surrogate escapes). `editable` is False where `encode` would not
    give the same bytes back. `truncated`: the file ends inside a component. `crowded`: it has more than MAX_EVENTS."""

    text: str
    encoding: str
    bom: bytes
    editable: bool
    roots: tuple[Component, ...]
    events: int
    truncated: bool
    crowded: bool
    repair: bool  # some bytes are not UTF-8: values have to be decoded line by line

    def encode(self, text: str) -> bytes:
        return self.bom + text.encode(self.encoding, "surrogateescape" if self.encoding == "utf-8" else "strict")


# --- bytes to text ----------------------------------------------------------------------------------------------------


def _encoding_of(data: bytes) -> tuple[str, bytes]:
    """(codec, byte order mark). UTF-16 without a mark shows by the zero byte beside its first letter."""
    for mark, codec in ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")):
        if data.startswith(mark):
            return codec, mark
    if len(data) >= 4 and data[0] and not data[1] and data[2] and not data[3]:
        return "utf-16-le", b""
    if len(data) >= 4 and not data[0] and data[1] and not data[2] and data[3]:
        return "utf-16-be", b""
    return "utf-8", b""


def _decode(data: bytes, codec: str) -> tuple[str, bool, bool]:
    """(text, some bytes are escaped, nothing was lost)."""
    if codec != "utf-8":
        try:
            return data.decode(codec), False, True
        except UnicodeDecodeError:
            return data.decode(codec, "replace"), False, False
    try:
        return data.decode("utf-8"), False, True
    except UnicodeDecodeError:
        return data.decode("utf-8", "surrogateescape"), True, True


def parse(data: bytes) -> Document:
    """The frame of a file: which components there are and where. Properties are read on demand (`properties`)."""
    codec, mark = _encoding_of(data)
    text, escaped, lossless = _decode(data[len(mark) :], codec)
    frames = _Frames(text)
    frames.run()
    if frames.uneven and _FOLDED_FRAME.search(text):  # a BEGIN broken over two lines: legal, though nobody does it
        text, lossless = _FOLD.sub("", text), False
        frames = _Frames(text)
        frames.run()
    return Document(text, codec, mark, lossless, tuple(frames.roots), frames.events, frames.truncated, frames.crowded, escaped)


class _Open:
    """A component whose END has not been seen yet."""

    __slots__ = ("body", "children", "name", "start")

    def __init__(self, name: str, start: int, body: int) -> None:
        self.name, self.start, self.body = name, start, body
        self.children: list[Component] = []


class _Frames:
    """Walks the BEGIN and END lines once. Misnested and unclosed components end where the next one of their rank begins."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.roots: list[Component] = []
        self.stack: list[_Open] = []
        self.events = 0
        self.truncated = self.crowded = False
        self.uneven = False  # some END has no BEGIN, or the other way round

    def run(self) -> None:
        first = _FRAME.match("\n" + self.text[:200])
        if first and not self._meet(first[1], first[2], 0, self._past_line(first.end() - 1)):
            return
        for frame in _FRAME.finditer(self.text):
            if not self._meet(frame[1], frame[2], frame.start(1), self._past_line(frame.end())):
                return
        self.truncated = bool(self.stack)
        self._close_down_to(0, len(self.text))

    def _past_line(self, at: int) -> int:
        ending = _END_OF_LINE.match(self.text, at)
        return ending.end() if ending else at

    def _meet(self, verb: str, name: str, start: int, after: int) -> bool:
        """False where the file has too many events to go on."""
        name = name.upper()
        if verb[0] in "Ee":
            self._end(name, start, after)
            return True
        self._leave_unclosed(name, start)
        if name == "VEVENT":
            self.events += 1
            if self.events > MAX_EVENTS:
                self.crowded = True
                self._close_down_to(0, start)
                return False
        if len(self.stack) < _MAX_DEPTH:
            self.stack.append(_Open(name, start, after))
        return True

    def _leave_unclosed(self, name: str, at: int) -> None:
        """A VEVENT cannot stand inside a VEVENT, nor anything a VCALENDAR inside: the open one lacks its END."""
        for depth, open_ in enumerate(self.stack):
            if name == "VCALENDAR" or (name in _TOP and open_.name in _TOP):
                self._close_down_to(depth, at)
                return

    def _end(self, name: str, start: int, after: int) -> None:
        for depth in range(len(self.stack) - 1, -1, -1):
            if self.stack[depth].name == name:
                self._close_down_to(depth + 1, start)
                self._keep(self.stack.pop(), start, after, closed=True)
                return
        self.uneven = True

    def _close_down_to(self, depth: int, at: int) -> None:
        while len(self.stack) > depth:
            self.uneven = True
            self._keep(self.stack.pop(), at, at, closed=False)

    def _keep(self, open_: _Open, stop: int, end: int, *, closed: bool) -> None:
        done = Component(open_.name, open_.start, open_.body, stop, end, tuple(open_.children), closed)
        (self.stack[-1].children if self.stack else self.roots).append(done)


# --- reading lines ----------------------------------------------------------------------------------------------------


def _repaired(line: str) -> str:
    """A line with bytes that are not UTF-8: a character broken by folding, or an older encoding (Windows-1252)."""
    raw = line.encode("utf-8", "surrogateescape")
    for codec in ("utf-8", "cp1252"):
        try:
            return raw.decode(codec)
        except UnicodeDecodeError:
            continue
    return raw.decode("latin-1")


def unfold(text: str) -> str:
    return _FOLD.sub("", text)


def _property(document: Document, start: int, end: int) -> Property | None:
    if end - start > _LONGEST_LINE:
        name = _NAME.match(document.text, start)
        return Property(name[1].upper(), "", _TOO_LONG, start, end) if name else None
    flat = document.text[start:end].rstrip("\r\n")
    if "\n" in flat or "\r" in flat:
        flat = _FOLD.sub("", flat)
    if document.repair and not flat.isascii():
        flat = _repaired(flat)
    match = _PROPERTY.match(flat) or _UNBALANCED.match(flat)
    return Property(match[1].upper(), match[2], match[3], start, end) if match else None


def own_ranges(component: Component) -> Iterator[tuple[int, int]]:
    """The stretches of text that are the component's own, between and beside its children."""
    at = component.body
    for child in component.children:
        yield at, child.start
        at = child.end
    yield at, component.stop


def properties(document: Document, component: Component) -> Iterator[Property]:
    """The component's own properties in order, without its children's and without their places. Lines that are no property are
    passed over."""
    for start, stop in own_ranges(component):
        plain = _plain_properties(document, start, stop)
        if plain is not None:
            yield from plain
            continue
        for line in _LOGICAL.finditer(document.text, start, stop):
            if found := _property(document, *line.span()):
                yield found


def _plain_properties(document: Document, start: int, stop: int) -> list[Property] | None:
    """All lines of a stretch at once; None where one of them needs a closer look."""
    if document.repair or stop - start > _LONGEST_LINE:
        return None
    flat = document.text[start:stop]
    if "\n " in flat or "\n\t" in flat:
        flat = _FOLD.sub("", flat)
    found = _PLAIN_LINE.findall(flat)
    if len(found) != flat.count("\n"):
        return None
    return [Property(name.upper(), written, value) for name, written, value in found]


def split_lines(document: Document, start: int, stop: int) -> Iterator[tuple[int, int, Property | None]]:
    """The logical lines of a stretch, without a gap: (start, end, the property it is). Blank lines belong to the line after."""
    at = start
    for line in _LOGICAL.finditer(document.text, start, stop):
        yield at, line.end(), _property(document, line.start(), line.end())
        at = line.end()
    if at < stop:
        yield at, stop, None


def parse_line(line: str) -> Property | None:
    """One content line that is not in a file."""
    match = _PROPERTY.match(line) or _UNBALANCED.match(line)
    return Property(match[1].upper(), match[2], match[3], 0, len(line)) if match else None


def parameters(prop: Property) -> dict[str, str]:
    return parameters_of(prop.parameters)


def parameters_of(written: str) -> dict[str, str]:
    """Upper-case names to values, unquoted, with RFC 6868 carets resolved. Of a repeated name the first counts."""
    found: dict[str, str] = {}
    for name, raw in _PARAMETER.findall(written):
        value = raw.strip()
        if len(value) > 1 and value[0] == value[-1] == '"' and '"' not in value[1:-1]:
            value = value[1:-1]
        found.setdefault(name.upper(), re.sub(r"\^[n'^]", lambda m: _CARET[m[0]], value) if "^" in value else value)
    return found


def with_parameter(written: str, name: str, value: str | None) -> str:
    """Parameters as written (`;A=1;B=2`) with one of them set, or removed (None); the others stay as they are."""
    found = list(_PARAMETER.finditer(written))
    if value is not None and [one[2].strip().strip('"') for one in found if one[1].upper() == name] == [value.strip('"')]:
        return written
    others = "".join(one[0] for one in found if one[1].upper() != name)
    return others if value is None else f"{others};{name}={value}"


def unescape(value: str) -> str:
    """TEXT (RFC 5545 3.3.11)."""
    if "\\" not in value:
        return value
    return _ESCAPED.sub(lambda m: "\n" if m[1] in "nN" else m[1], value)


def split_list(value: str) -> list[str]:
    """A comma-separated list of TEXT, unescaped."""
    return [unescape(part) for part in re.findall(r"(?:[^,\\]|\\.|\\\Z)+", value, re.DOTALL)]


# --- writing lines ----------------------------------------------------------------------------------------------------


def escape(value: str) -> str:
    """TEXT for a property: no value can begin a line of its own."""
    clean = _CONTROL.sub("", value.replace("\r\n", "\n").replace("\r", "\n"))
    return clean.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")


def parameter(value: str) -> str:
    """A parameter value, quoted where needed. Quotes become apostrophes and line ends spaces: many readers know no carets."""
    clean = _CONTROL.sub("", re.sub(r"[\r\n\t]+", " ", value)).replace('"', "'").replace("^", "")
    return clean if _PLAIN_PARAMETER.match(clean) else f'"{clean}"'


def fold(line: str, newline: str) -> str:
    """One content line with its line ends: at most 75 octets each, never inside a character (RFC 5545 3.1)."""
    pieces: list[str] = []
    piece, size = "", 0
    for char in line:
        width = 1 if char < "\x80" else len(char.encode("utf-8", "surrogateescape"))
        if size + width > 75:
            pieces.append(piece)
            piece, size = " ", 1
        piece += char
        size += width
    return newline.join([*pieces, piece]) + newline


def newline_of(text: str) -> str:
    """The line end a file uses first; CR LF where it has none."""
    first = _END_OF_LINE.search(text)
    return first[0] if first else "\r\n"


class Splice(NamedTuple):
    """`text[start:end]` becomes `new`. start = end inserts."""

    start: int
    end: int
    new: str


def splice(text: str, splices: Iterable[Splice]) -> str:
    """All of them at once, positions being those of the original text; ValueError where two overlap. Everything else stays."""
    out: list[str] = []
    at = 0
    for one in sorted(splices, key=lambda s: (s.start, s.end)):
        if one.start < at:
            raise ValueError("two changes of the same text overlap")
        out += (text[at : one.start], one.new)
        at = one.end
    return "".join([*out, text[at:]])
