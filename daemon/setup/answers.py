"""The questions about the user and what lies on this machine, and what was answered."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import get_args

from msgspec import Struct
from msgspec.structs import replace

from daemon.config.links import is_address, is_zone
from daemon.setup.here import Found, FoundCalendar
from daemon.setup.names import ROLES
from daemon.setup.on_servers import OnServers
from rules.policy import Language

Ask = Callable[[str, str], str]  # a question and the proposed answer; returns what the user says


class Answers(Struct, frozen=True):
    """What the config is written from. `family` and `reports` are (name, address) pairs."""

    name: str
    addresses: tuple[str, ...]
    home_zone: str
    home: str = ""
    languages: tuple[str, ...] = ("en",)
    calendars: tuple[FoundCalendar, ...] = ()
    maildir: str = ""
    sieve: str = ""
    family: tuple[tuple[str, str], ...] = ()
    reports: tuple[tuple[str, str], ...] = ()
    servers: OnServers = OnServers()


def proposed(found: Found) -> Answers:
    """The answers of somebody who agrees with everything that was found."""
    return Answers(
        name=found.name,
        addresses=found.addresses,
        home_zone=found.home_zone or "UTC",
        calendars=found.calendars,
        maildir=found.maildir,
        sieve=found.sieve,
    )


def ask_about_you(start: Answers, ask: Ask) -> Answers:
    """Goes through what has to be right, each question with the proposal of `start`; an empty answer takes it. A question whose
    answer cannot be is asked again."""
    return replace(
        start,
        name=_asked(ask, "Your name", start.name, bool),
        addresses=_list(_asked(ask, "Your mail addresses, with commas", ", ".join(start.addresses), _are_addresses)),
        home=ask("Where is home? (Berlin, DE)", start.home).strip() or start.home,
        home_zone=_asked(ask, "Your time zone at home", start.home_zone, is_zone),
        languages=_list(_asked(ask, "Languages of your calendar, with commas", ", ".join(start.languages), _are_languages)),
    )


def ask_about_this_machine(start: Answers, ask: Ask) -> Answers:
    """Likewise. Mail that is on a server is not here, too."""
    start = replace(start, calendars=tuple(_asked_calendars(start.calendars, ask)))
    if start.servers.mail:
        return replace(start, maildir="", sieve="")
    return replace(
        start,
        maildir=_asked_path(ask, "Your mail folder (a Maildir)", start.maildir),
        sieve=_asked_path(ask, "Your active Sieve script", start.sieve),
    )


def _asked(ask: Ask, question: str, proposal: str, good: Callable[[str], bool]) -> str:
    answer = ask(question, proposal).strip() or proposal
    while not good(answer):
        answer = ask(f"That cannot be. {question}", proposal).strip() or proposal
    return answer


def _asked_calendars(calendars: Iterable[FoundCalendar], ask: Ask) -> Iterator[FoundCalendar]:
    for calendar in calendars:
        question = f"{calendar.path}: mine, family, team, travel or ignore?"
        yield replace(calendar, role=_asked(ask, question, calendar.role, lambda said: said in ("mine", "ignore", *ROLES)))


def _asked_path(ask: Ask, question: str, proposal: str) -> str:
    answer = ask(f"{question}, or none", proposal or "none").strip() or proposal
    return "" if answer == "none" else answer


def _list(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _are_addresses(text: str) -> bool:
    return bool(_list(text)) and all(is_address(each) for each in _list(text))


def _are_languages(text: str) -> bool:
    return bool(_list(text)) and set(_list(text)) <= set(get_args(Language))
