"""Sieve (RFC 5228) as plain text: finds the commands of a script and their arguments by position, so that single ones can be
replaced and every other byte kept; and writes strings that mean exactly what they say. Refuses what it does not understand."""

from __future__ import annotations

import re
from collections.abc import Iterable

from msgspec import Struct

from integrations.errors import Permanent

_TOKEN = re.compile(
    r"""(?P<skip>\s+ | \#[^\n]*(?:\n|\Z) | /\*.*?\*/)
      | (?P<multiline>text:[ \t]*(?:\#[^\n]*)?\r?\n(?:.*?\n)??\.\r?(?:\n|\Z))
      | (?P<string>"(?:[^"\\]|\\.)*+")
      | (?P<tag>:[A-Za-z_][A-Za-z0-9_]*)
      | (?P<number>[0-9]+[KMGkmg]?)
      | (?P<word>[A-Za-z_][A-Za-z0-9_.]*)
      | (?P<mark>[;,(){}\[\]])""",
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)
_DEPTH = 32  # RFC 5228 asks for 15 nested blocks
MOST_BYTES = 1024 * 1024  # what Pigeonhole takes as a script


class NotUnderstood(Permanent):
    """The script has something that cannot be rewritten with certainty."""


class Token(Struct, frozen=True):
    kind: str  # multiline, string, tag, number, word, mark
    start: int
    end: int
    raw: str

    def value(self) -> str:
        """What a string token says, without quotes and escapes (RFC 5228 2.4.2)."""
        if self.kind == "string":
            return re.sub(r"\\(.)", r"\1", self.raw[1:-1], flags=re.DOTALL)
        body = self.raw[self.raw.index("\n") + 1 :].rstrip("\r\n")[:-1]
        return re.sub(r"^\.\.", ".", body, flags=re.MULTILINE)


class Command(Struct, frozen=True):
    """One command: `start`–`end` with its `;` or its block. `arguments` has tests and their arguments, flat."""

    name: str
    start: int
    end: int
    arguments: tuple[Token, ...]
    block: tuple[Command, ...] | None

    def tags(self) -> frozenset[str]:
        return frozenset(t.raw.lower() for t in self.arguments if t.kind == "tag")

    def strings(self) -> tuple[Token, ...]:
        return tuple(t for t in self.arguments if t.kind in ("string", "multiline"))


def commands(script: str) -> tuple[Command, ...]:
    """All commands of a script. NotUnderstood, with the line, where it is not Sieve as we know it."""
    reader = _Reader(script)
    found = reader.block(0)
    if reader.at < len(reader.tokens):
        raise reader.refuse("there is a } too many")
    return found


def walk(found: Iterable[Command]) -> Iterable[Command]:
    """Each command before those in its block."""
    for command in found:
        yield command
        yield from walk(command.block or ())


def _tokens(script: str) -> list[Token]:
    found: list[Token] = []
    at = 0
    while at < len(script):
        match = _TOKEN.match(script, at)
        if match is None or match.lastgroup is None:
            raise NotUnderstood(f"Line {script.count(chr(10), 0, at) + 1} of the Sieve script is not understood.")
        if match.lastgroup != "skip":
            found.append(Token(match.lastgroup, at, match.end(), match.group()))
        at = match.end()
    return found


class _Reader:
    """Recursive descent over commands and blocks (RFC 5228 8.2); arguments are only balanced, not judged."""

    def __init__(self, script: str) -> None:
        self._script = script
        self.tokens = _tokens(script)
        self.at = 0

    def refuse(self, why: str) -> NotUnderstood:
        place = self.tokens[min(self.at, len(self.tokens) - 1)].start if self.tokens else 0
        return NotUnderstood(f"Line {self._script.count(chr(10), 0, place) + 1} of the Sieve script is not understood: {why}.")

    def block(self, depth: int) -> tuple[Command, ...]:
        if depth > _DEPTH:
            raise self.refuse("blocks are nested too deeply")
        found: list[Command] = []
        while self.at < len(self.tokens) and self.tokens[self.at].raw != "}":
            found.append(self._command(depth))
        return tuple(found)

    def _command(self, depth: int) -> Command:
        name = self._take()
        if name.kind != "word":
            raise self.refuse(f"a command was expected, not {name.raw[:20]}")
        arguments: list[Token] = []
        open_marks = 0
        while True:
            token = self._take()
            if token.raw in (";", "{") and token.kind == "mark":
                if open_marks:
                    raise self.refuse("a bracket is left open")
                break
            open_marks += {"(": 1, "[": 1, ")": -1, "]": -1}.get(token.raw, 0) if token.kind == "mark" else 0
            if open_marks < 0 or token.raw == "}":
                raise self.refuse("a bracket is closed that was not opened")
            arguments.append(token)
        if token.raw == ";":
            return Command(name.raw.lower(), name.start, token.end, tuple(arguments), None)
        inner = self.block(depth + 1)
        closing = self._take()
        return Command(name.raw.lower(), name.start, closing.end, tuple(arguments), inner)

    def _take(self) -> Token:
        if self.at >= len(self.tokens):
            raise self.refuse("it ends in the middle of a command")
        self.at += 1
        return self.tokens[self.at - 1]


# --- writing ----------------------------------------------------------------------------------------------------------

DOLLAR = "homeward_dollar"
"""Variable that our scripts set to "$": RFC 5229 3 has no other way to write `${` as text."""

_NOT_TEXT = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")


def _plain(text: str) -> str:
    unified = text.replace("\r\n", "\n").replace("\r", "\n")
    return _NOT_TEXT.sub("", unified).replace("${", "${" + DOLLAR + "}{")


def quoted(text: str) -> str:
    """A string of one line: line breaks become spaces. For a script that requires `variables` and sets DOLLAR."""
    escaped = _plain(text).replace("\\", "\\\\").replace('"', '\\"')
    return '"' + re.sub(r"\s*\n\s*", " ", escaped) + '"'


def multiline(text: str) -> str:
    """The `text:` form with dot-stuffing (RFC 5228 2.4.2), ending in a line break."""
    lines = _plain(text).rstrip("\n").split("\n")
    return "text:\n" + "".join(f".{line}\n" if line.startswith(".") else f"{line}\n" for line in lines) + ".\n"


def listed(texts: Iterable[str]) -> str:
    return "[" + ", ".join(quoted(text) for text in texts) + "]"
