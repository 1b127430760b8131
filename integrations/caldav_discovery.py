"""Finds the calendars of an account from what a user knows: a URL, a host name or an e-mail address (RFC 6764), and tells each
step. It writes nothing and remembers nothing."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

from integrations.login import Login


class Step(Struct, frozen=True):
    """`what` was tried, whether it worked, and what came of it, in words for the user."""

    what: str
    ok: bool
    said: str


class FoundCalendar(Struct, frozen=True):
    """`href` is what `[[calendar]] collection` takes: the absolute path on `Found.server`. `color` is `#rrggbb` or ""."""

    href: str
    name: str
    color: str
    writable: bool


class Found(Struct, frozen=True):
    """`server` is what `[[account]] url` takes: scheme, host and port of the server that has the calendars. `principal` and
    `home` are paths on it. `schedules`: the server itself mails attendees when an event changes (RFC 6638)."""

    server: str
    principal: str
    home: str
    calendars: tuple[FoundCalendar, ...]
    schedules: bool
    steps: tuple[Step, ...]


def discover(address: str, login: Login, ca_file: str = "", *, tell: Callable[[Step], None] = lambda step: None) -> Found:
    """From a URL, a host name or an e-mail address. `tell` hears of each step as it ends. Permanent where no calendars are to be
    found there, AuthExpired where the login is refused, Temporary where the network or the server failed."""
    raise NotImplementedError
