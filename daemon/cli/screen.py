"""Writing on the terminal: lines with a style, as plain text where nobody looks (a pipe, NO_COLOR). Only this file of the command
line knows rich; what is printed has gone through `rules.telling.printable` or is ours."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from daemon.advice import NeedsAnswer, Usage
from rules.telling import printable

# A line is a text, a text and its style, or several of these one after the other.
Line = str | tuple[str, str] | list[tuple[str, str]]


def show(lines: Iterable[Line]) -> None:
    """Print lines; rich is loaded only where somebody sees colours."""
    if colours():
        _show_styled(lines)
        return
    for line in lines:
        print("".join(text for text, _ in _parts(line)))


def write_page(out: Path, text: str) -> None:
    """A page for the leader alone. Usage where it cannot be written."""
    try:
        out.write_text(text, encoding="utf-8")
    except OSError as error:
        raise Usage(f"{printable(str(out))} cannot be written: {error.strerror}") from None
    show([f"Written: {printable(str(out))}. It is for you alone."])


def colours() -> bool:
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR")


def swatch(colour: str) -> list[tuple[str, str]]:
    """A square of that colour (#rrggbb) and a space, where somebody sees it."""
    if not colours():
        return []
    return [("■ ", colour)] if re.fullmatch(r"#[0-9A-Fa-f]{6}", colour) else [("  ", "")]


def _parts(line: Line) -> list[tuple[str, str]]:
    if isinstance(line, list):
        return line
    return [(line, "")] if isinstance(line, str) else [line]


def _show_styled(lines: Iterable[Line]) -> None:
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False, markup=False, emoji=False, soft_wrap=True)
    for line in lines:
        console.print(Text.assemble(*_parts(line)))


def show_json(value: Any) -> None:
    """One JSON document. Text from calendars is escaped to ASCII, so that no terminal acts on it."""
    print(json.dumps(value, indent=2, ensure_ascii=True))


def ask(question: str) -> bool:
    """A yes from the keyboard; anything else is a no. NeedsAnswer where nobody is there to give one."""
    return ask_text(f"{question} [y/N] ").casefold() in ("y", "yes", "j", "ja", "o", "oui", "s", "si", "sí")


def ask_secret(prompt: str, instead: str) -> str:
    """Without an echo. NeedsAnswer, naming the option to take `instead`, where nobody is there."""
    import getpass

    if sys.stdin is None or not sys.stdin.isatty():
        raise NeedsAnswer(f"{prompt.strip()}\nNobody is there to answer: run it in a terminal, or with {instead}.")
    try:
        return getpass.getpass(prompt)
    except EOFError:
        raise NeedsAnswer("\nNo answer was given; nothing was done.") from None
    except KeyboardInterrupt:
        raise KeyboardInterrupt("Stopped; nothing was done.") from None


def piped() -> list[str]:
    """The lines that came through a pipe. Usage where they are not UTF-8."""
    try:
        return sys.stdin.read().splitlines()
    except UnicodeDecodeError:
        raise Usage("what came through the pipe is not UTF-8.") from None


def ask_text(prompt: str) -> str:
    if sys.stdin is None or not sys.stdin.isatty():
        raise NeedsAnswer(f"{prompt.strip()}\nNobody is there to answer: run it in a terminal, or with --yes.")
    try:
        return input(prompt).strip()
    except EOFError:
        raise NeedsAnswer("\nNo answer was given; nothing was done.") from None
    except KeyboardInterrupt:
        raise KeyboardInterrupt("Stopped; nothing was done.") from None
