"""What came of tending the moment, in words."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct, field

from rules.inbox import InboxState


class Tended(Struct, frozen=True):
    """What a pass did at the moment, in words, and what failed."""

    words: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()
    held: int = 0
    released: int = 0
    inbox: Mapping[str, InboxState] = field(default_factory=dict)


def joined(one: Tended, other: Tended) -> Tended:
    return Tended(
        one.words + other.words,
        one.failed + other.failed,
        one.held + other.held,
        one.released + other.released,
        {**one.inbox, **other.inbox},
    )
