"""Collects the mistakes of one config while it is checked, and turns a place in the data into words and a line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from msgspec import Struct, field

from daemon.config.lines import Path
from daemon.mistakes import Mistake, show


class Report(Struct):
    """`data` is what the parser made of `text`; `lines` the line of each place in it."""

    file: str
    text: str
    data: dict[str, Any]
    lines: Mapping[Path, int]
    mistakes: list[Mistake] = field(default_factory=list)

    def add(self, path: Path, found: str, allowed: str, suggestion: str = "", line: int = 0) -> None:
        """One mistake a place: what was seen first is told."""
        mistake = Mistake(self.file, line or self.line(path), self.name(path), found, allowed, suggestion)
        if not any((mistake.line, mistake.key) == (known.line, known.key) for known in self.mistakes):
            self.mistakes.append(mistake)

    def add_value(self, path: Path, value: object, allowed: str, suggestion: str = "") -> None:
        self.add(path, show(value), allowed, suggestion)

    def line(self, path: Path) -> int:
        """Of the place itself, or of the nearest thing around it that stands in the file."""
        for end in range(len(path), 0, -1):
            if path[:end] in self.lines:
                return self.lines[path[:end]]
        return 0

    def name(self, path: Path) -> str:
        """As the user thinks of it: `meeting[weekly].hosts`; where a table has no id, by its number from 1."""
        words = ""
        for end, part in enumerate(path, start=1):
            if isinstance(part, int):
                words += f"[{self._id(path[:end]) or f'#{part + 1}'}]"
            else:
                words += f".{part}" if words else part
        return words

    def _id(self, path: Path) -> str:
        here: Any = self.data
        try:
            for part in path:
                here = here[part]
        except (LookupError, TypeError):  # what is missing has no place
            return ""
        found = here.get("id") if isinstance(here, dict) else None
        return show(found)[1:-1] if isinstance(found, str) else ""


def tables(data: Mapping[str, Any], name: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """The `[[name]]` tables that are tables; what is not is told as a mistake of shape."""
    found = data.get(name)
    for index, table in enumerate(found if isinstance(found, list) else []):
        if isinstance(table, dict):
            yield index, table


def table(data: Mapping[str, Any], name: str) -> dict[str, Any]:
    """The `[name]` table, empty where there is none."""
    found = data.get(name)
    return found if isinstance(found, dict) else {}


def texts(holder: Mapping[str, Any], key: str) -> Iterator[tuple[int, str]]:
    """The elements of a list that are text, with their index."""
    found = holder.get(key)
    for index, value in enumerate(found if isinstance(found, list) else []):
        if isinstance(value, str):
            yield index, value


def text(holder: Mapping[str, Any], key: str, default: str = "") -> str:
    """A value that is text, else `default`."""
    found = holder.get(key, default)
    return found if isinstance(found, str) else default


def near(found: object, allowed: Iterable[str]) -> str:
    """`did you mean "x"?`, or "" where nothing is close."""
    best = nearest(found, allowed)
    return f'did you mean "{best}"?' if best else ""


def nearest(found: object, allowed: Iterable[str]) -> str:
    """The one closest to what was found, blind for case, or ""."""
    folded = {word.casefold(): word for word in allowed}
    close = get_close_matches(str(found).casefold(), folded, n=1, cutoff=0.6)
    return folded[close[0]] if close else ""


def one_of(words: Iterable[object]) -> str:
    """`"a", "b" or "c"`, at most a dozen of them."""
    shown = [show(word) for word in words]
    if len(shown) > 12:
        return ", ".join(shown[:12]) + ", …"
    return " or ".join(part for part in (", ".join(shown[:-1]), shown[-1] if shown else "") if part)
