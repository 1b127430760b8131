"""A mistake in the config as a value, and all of them as one error. Nothing here finds one."""

from __future__ import annotations

import json
import re

from msgspec import Struct

_LONGEST_SHOWN = 60  # characters of a value: enough to recognise it, and a message stays one line


class Mistake(Struct, frozen=True, order=True):
    """`line` counts from 1; 0 where the whole file is meant. `key` is the way to the value ("meeting[weekly].hosts") or "".
    `suggestion` is a whole sentence for the user, or ""."""

    file: str
    line: int
    key: str
    found: str
    allowed: str
    suggestion: str = ""

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}" if self.line else self.file
        found = f"found {self.found}" if self.allowed else self.found
        what = [f"{where}: {self.key}: {found}" if self.key else f"{where}: {found}"]
        if self.allowed:
            what.append(f"allowed: {self.allowed}")
        if self.suggestion:
            what.append(self.suggestion)
        return "; ".join(what)


class ConfigError(Exception):
    """The config cannot be used. `mistakes` are all that were found, in the order of the file."""

    def __init__(self, mistakes: tuple[Mistake, ...]) -> None:
        super().__init__("\n".join(str(mistake) for mistake in mistakes))
        self.mistakes = mistakes


def show(value: object) -> str:
    """A value from a config as it may go on a terminal: one line, cut short, control characters spelled out. Path and login
    of an address are left out, since the private address of a feed is a key to it."""
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, str) and "://" in value:
        value = re.sub(r"//[^/]*@", "//…@", "/".join(value.split("/")[:3])) + "/…"
    text = json.dumps(value, ensure_ascii=False, default=str)
    text = "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in text)
    return text if len(text) <= _LONGEST_SHOWN else text[:_LONGEST_SHOWN] + "…"
