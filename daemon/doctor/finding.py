"""What doctor finds: how it is, and what to type where it is not well."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Literal

from msgspec import Struct

from daemon.session import Session
from integrations.errors import AuthExpired, OutsideError

Health = Literal["ok", "remark", "broken"]


class Finding(Struct, frozen=True):
    """`advice` is what to type or to write, "" where all is well; `more` are lines that say more."""

    health: Health
    what: str
    advice: str = ""
    more: tuple[str, ...] = ()


Room = Callable[[Session], Iterator[Finding]]


def broken(where: str, error: OutsideError, advice: str) -> Finding:
    """`advice` counts where the error does not say itself what to type."""
    return Finding("broken", f"{where}: {error.what}", "" if isinstance(error, AuthExpired) and error.account else advice)


def guarded(room: Room, session: Session) -> Iterator[Finding]:
    """What a room did not expect ends that room and no other."""
    try:
        yield from room(session)
    except OutsideError as error:
        yield Finding("broken", error.what)
