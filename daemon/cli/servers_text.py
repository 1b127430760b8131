"""What a server of an account said, as lines for the screen."""

from __future__ import annotations

from collections.abc import Iterator

from daemon.cli.screen import Line
from daemon.servers import Told
from rules.telling import printable


def told_lines(told: Told) -> Iterator[Line]:
    """The address with the first of its words, and what else there is to say below."""
    sign, style = ("✗", "red") if told.error else ("✓", "green")
    first, *rest = told.words or ("signed in",)
    address = "" if first.startswith(told.address) else f"{printable(told.address)}: "
    yield (f"{sign} {address}{printable(first, 300)}", style)
    for line in rest:
        yield f"    {printable(line, 300)}"
