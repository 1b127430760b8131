"""Asks the servers of an account, signed in, what they are and what homeward can do there. For `init`, `doctor`, `calendars` and
`auth`; it changes nothing, and only this file knows how each kind is asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Literal

from msgspec import Struct

from integrations.errors import AuthExpired, OutsideError
from integrations.login import Login, Server
from rules.policy import AccountConfig

if TYPE_CHECKING:
    from integrations.caldav_discovery import Found, Step
    from integrations.imap_probe import ImapFacts
    from integrations.sieve_probe import SieveFacts

Service = Literal["calendars", "imap", "smtp", "managesieve"]
DEFAULT_SCHEMES: dict[str, str] = {"imap": "imaps", "smtp": "smtps", "managesieve": "sieve"}


class Told(Struct, frozen=True):
    """What one server said. `address` is as in the config; `words` are lines for the user. Where `error` is set, it could not be
    entered; else one of the others has what it said, of its kind."""

    service: Service
    address: str
    words: tuple[str, ...] = ()
    error: OutsideError | None = None
    calendars: Found | None = None
    imap: ImapFacts | None = None
    sieve: SieveFacts | None = None


def services_of(account: AccountConfig) -> tuple[tuple[Service, str], ...]:
    """The servers that the config names for this account, with their addresses."""
    named: tuple[tuple[Service, str], ...] = (
        ("calendars", account.url), ("imap", account.imap), ("smtp", account.smtp), ("managesieve", account.managesieve),
    )  # fmt: skip
    return tuple((service, address) for service, address in named if address)


def ask_servers(account: AccountConfig, login: Login) -> Iterator[Told]:
    """One after the other. After a refused login no other is asked: servers lock an account that is tried too often."""
    for service, address in services_of(account):
        told = ask_server(service, address, login, account.ca_file)
        yield told
        if isinstance(told.error, AuthExpired):
            return


def ask_server(
    service: Service, address: str, login: Login, ca_file: str = "", step: Callable[[Step], None] = lambda step: None
) -> Told:  # fmt: skip
    """`step` hears of each step of finding calendars."""
    try:
        if service == "calendars":
            return _calendars(address, login, ca_file, step)
        return _mail(service, address, login, ca_file)
    except OutsideError as error:
        return Told(service, address, (error.what,), error)


def _calendars(address: str, login: Login, ca_file: str, step: Callable[[Step], None]) -> Told:
    from integrations.caldav_discovery import discover

    found = discover(address, login, ca_file, tell=step)
    count = len(found.calendars)
    words = [f"{found.server}: {count} calendar{'' if count == 1 else 's'}"]
    if found.schedules:
        words.append("the server mails attendees itself when a meeting changes")
    else:
        words.append("the server cannot notify deputies: homeward will mail them")
    return Told("calendars", address, tuple(words), calendars=found)


def _mail(service: Service, address: str, login: Login, ca_file: str) -> Told:
    server = Server.parse(address, DEFAULT_SCHEMES[service])
    if service == "imap":
        from integrations.imap_probe import probe_imap

        imap = probe_imap(server, login, ca_file)
        return Told(service, address, imap.words, imap=imap)
    if service == "smtp":
        from integrations.smtp import probe_smtp

        return Told(service, address, probe_smtp(server, login, ca_file).words)
    from integrations.sieve_probe import probe_managesieve

    sieve = probe_managesieve(server, login, ca_file)
    return Told(service, address, sieve.words, sieve=sieve)
