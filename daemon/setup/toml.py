"""Text as TOML takes it (TOML 1.0): whatever it holds, it stays one value."""

from __future__ import annotations

from collections.abc import Iterable


def quoted(text: str) -> str:
    """A TOML basic string (TOML 1.0): whatever is no printable character is spelled out."""
    return '"' + "".join(_escaped(character) for character in text) + '"'


def _escaped(character: str) -> str:
    if character in '"\\':
        return "\\" + character
    if character.isprintable():
        return character
    code = ord(character)
    if 0xD800 <= code <= 0xDFFF:
        return "\\ufffd"  # half a character, from a name that is not UTF-8: TOML has no way to say it
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def quoted_list(texts: Iterable[str]) -> str:
    return "[" + ", ".join(quoted(text) for text in texts) + "]"
