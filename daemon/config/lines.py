"""Where in a TOML file each value stands; the parser itself tells no positions. It reads text that the parser has accepted, so it
follows the structure only and judges nothing."""

from __future__ import annotations

import re
from collections.abc import Mapping

Path = tuple[str | int, ...]

_SKIP = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_INLINE = re.compile(r"[ \t]*")
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_BASIC = re.compile(r'"(?:[^"\\]|\\.)*"')
_LITERAL = re.compile(r"'[^']*'")
_LONG_BASIC = re.compile(r'"""(?:\\.|(?!""").)*"{3,5}', re.DOTALL)
_LONG_LITERAL = re.compile(r"'''(?:(?!''').)*'{3,5}", re.DOTALL)
_SCALAR = re.compile(r"[^,\]}#\n]*")


def lines_of(text: str) -> Mapping[Path, int]:
    """The line (from 1) of each table, key and list element: `("person", 0, "name")` → 12."""
    return _Reader(text).read()


class _Reader:
    """One walk over the text. `_table` is the path of the table that the keys of the moment belong to."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._line = 1
        self._counted = 0
        self._table: Path = ()
        self._last: dict[Path, int] = {}  # of each array of tables, the index of its latest
        self._lines: dict[Path, int] = {}

    def read(self) -> Mapping[Path, int]:
        self._take(_SKIP)
        while self._at < len(self._text):
            if self._text.startswith("[", self._at):
                self._header()
            else:
                self._pair(self._table)
            self._take(_SKIP)
        return self._lines

    def _take(self, pattern: re.Pattern[str]) -> str:
        found = pattern.match(self._text, self._at)
        assert found is not None, "the parser accepted what this reader does not know"
        self._at = found.end()
        return found.group()

    def _accept(self, mark: str) -> bool:
        if not self._text.startswith(mark, self._at):
            return False
        self._at += len(mark)
        return True

    def _note(self, path: Path) -> None:
        self._line += self._text.count("\n", self._counted, self._at)
        self._counted = self._at
        self._lines.setdefault(path, self._line)

    def _header(self) -> None:
        many = self._accept("[[")
        if not many:
            self._accept("[")
        path = self._key(())
        self._table = self._next(path) if many else self._inside(path)
        if many:
            self._note(self._table[:-1])
        self._note(self._table)
        self._accept("]]" if many else "]")

    def _next(self, path: Path) -> Path:
        path = (*self._inside(path[:-1]), path[-1])
        self._last[path] = self._last.get(path, -1) + 1
        return (*path, self._last[path])

    def _inside(self, path: Path) -> Path:
        """With the index of the latest table wherever an array of tables is passed through."""
        here: Path = ()
        for part in path:
            here = (*here, part)
            if here in self._last:
                here = (*here, self._last[here])
        return here

    def _key(self, path: Path) -> Path:
        while True:
            self._take(_INLINE)
            path = (*path, self._key_part())
            self._take(_INLINE)
            if not self._accept("."):
                return path

    def _key_part(self) -> str:
        first = self._text[self._at]
        if first == '"':
            import tomllib

            return str(tomllib.loads(f"k = {self._take(_BASIC)}")["k"])
        return self._take(_LITERAL)[1:-1] if first == "'" else self._take(_BARE)

    def _pair(self, table: Path) -> None:
        path = self._key(table)
        self._accept("=")
        self._take(_INLINE)
        for end in range(len(table) + 1, len(path) + 1):
            self._note(path[:end])
        self._value(path)

    def _value(self, path: Path) -> None:
        if self._accept("["):
            self._list(path)
        elif self._accept("{"):
            self._inline_table(path)
        else:
            self._take(self._scalar())

    def _scalar(self) -> re.Pattern[str]:
        for mark, pattern in (('"""', _LONG_BASIC), ("'''", _LONG_LITERAL), ('"', _BASIC), ("'", _LITERAL)):
            if self._text.startswith(mark, self._at):
                return pattern
        return _SCALAR

    def _list(self, path: Path) -> None:
        index = 0
        self._take(_SKIP)
        while not self._accept("]"):
            self._note((*path, index))
            self._value((*path, index))
            self._take(_SKIP)
            self._accept(",")
            self._take(_SKIP)
            index += 1

    def _inline_table(self, path: Path) -> None:
        self._take(_SKIP)
        while not self._accept("}"):
            self._pair(path)
            self._take(_SKIP)
            self._accept(",")
            self._take(_SKIP)
