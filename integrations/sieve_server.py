"""The Responder over a server's active Sieve script, by ManageSieve (RFC 5804). Ours is put beside the user's own script, which
keeps every byte, and made active last. What anybody changed in ours, or made active since, stays."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from integrations.login import Login, Server
from integrations.ports import Lease, ResponderReading
from rules.items import ResponderItem


class SieveServer:
    """`server` has the scheme `sieve`. Connects at each call, and only for its time."""

    def __init__(
        self, server: Server, login: Login, clock: Callable[[], datetime], held_folder: str = "Held", *, ca_file: str = ""
    ) -> None:  # fmt: skip
        self._server = server
        self._login = login
        self._clock = clock
        self._held_folder = held_folder
        self._ca_file = ca_file

    def read(self) -> ResponderReading:
        raise NotImplementedError

    def write(self, item: ResponderItem | None, lease: Lease | None, original: str) -> ResponderReading:
        raise NotImplementedError

    def restore(self, original: str, now: datetime) -> ResponderReading:
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class SieveFacts:
    """What a server says of its Sieve. `answers` and `holds`: whether homeward can set its autoreply and hold mail there;
    `words` are lines for the user, also why not."""

    implementation: str
    extensions: tuple[str, ...]
    active: str
    answers: bool
    holds: bool
    words: tuple[str, ...]


def probe_managesieve(server: Server, login: Login, ca_file: str = "") -> SieveFacts:
    """Looks, and writes nothing. Temporary, AuthExpired or Permanent where the server cannot be entered."""
    raise NotImplementedError
