"""Writing on the terminal: lines with a style, as plain text where nobody looks (a pipe, NO_COLOR). Only this file of the command
line knows rich; what is printed has gone through `rules.telling.printable` or is ours."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable
from typing import Any

from daemon.advice import NeedsAnswer

# A line is a text, or a text and its style.
Line = str | tuple[str, str]


def show(lines: Iterable[Line]) -> None:
    """Print lines; rich is loaded only where somebody sees colours."""
    if sys.stdout.isatty() and not os.environ.get("NO_COLOR"):
        _show_styled(lines)
        return
    for line in lines:
        print(line if isinstance(line, str) else line[0])


def _show_styled(lines: Iterable[Line]) -> None:
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False, markup=False, emoji=False, soft_wrap=True)
    for line in lines:
        console.print(Text(line) if isinstance(line, str) else Text(line[0], style=line[1]))


def show_json(value: Any) -> None:
    """One JSON document. Text from calendars is escaped to ASCII, so that no terminal acts on it."""
    print(json.dumps(value, indent=2, ensure_ascii=True))


def ask(question: str) -> bool:
    """A yes from the keyboard; anything else is a no. NeedsAnswer where nobody is there to give one."""
    return ask_text(f"{question} [y/N] ").casefold() in ("y", "yes", "j", "ja", "o", "oui", "s", "si", "sí")


def ask_text(prompt: str) -> str:
    if sys.stdin is None or not sys.stdin.isatty():
        raise NeedsAnswer(f"{prompt.strip()}\nNobody is there to answer: run it in a terminal, or with --yes.")
    try:
        return input(prompt).strip()
    except EOFError:
        raise NeedsAnswer("\nNo answer was given; nothing was done.") from None
    except KeyboardInterrupt:
        raise KeyboardInterrupt("Stopped; nothing was done.") from None
