"""Asks an account at Google what is there and what homeward may do. For `doctor`, `auth`, `calendars`; it changes nothing."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from daemon.accounts import Account
from daemon.google_account import GoogleAccount
from daemon.servers import Told
from integrations.caldav_discovery import Found, FoundCalendar
from integrations.errors import AuthExpired, OutsideError, Permanent
from integrations.google_auth import CALENDAR_SCOPES, MAIL_SCOPES
from integrations.google_store import CalendarEntry, list_calendars

_RIGHTS = (
    (CALENDAR_SCOPES, "your calendars (to read and change events)"),
    (MAIL_SCOPES, "your mail (to hold, release and send it, and to set the autoreply)"),
)
_ACCESS = {"reader": "read only", "freeBusyReader": "only free/busy"}


def rights(scopes: Collection[str]) -> str:
    """What these scopes allow, in words."""
    return " and ".join(words for needed, words in _RIGHTS if set(needed) & set(scopes))


def ask_account(account: Account) -> Told:
    """The same, of an account of which the config says that it is at Google."""
    assert isinstance(account, GoogleAccount)
    return ask_google(account)


def ask_google(account: GoogleAccount) -> Told:
    """AuthExpired in it bears what to type."""
    try:
        account.tokens.token()  # first: the api would try again what cannot be had now
        entries = list_calendars(account.api)
        if missing := account.missing:
            raise Permanent(f"Google was not asked, or did not agree, to give {rights(missing)}. {account.what_to_type()}")
        return Told("calendars", "Google", _words(account, entries), calendars=_found(account, entries))
    except AuthExpired as error:
        account.refuse(error)
        return Told("calendars", "Google", (account.refused,), AuthExpired(account.refused, account.id))
    except OutsideError as error:
        return Told("calendars", "Google", (error.what,), error)


def _words(account: GoogleAccount, entries: tuple[CalendarEntry, ...]) -> tuple[str, ...]:
    user = next((entry.id for entry in entries if entry.primary), "")
    count = f"{len(entries)} calendar{'' if len(entries) == 1 else 's'}"
    return (
        f"signed in{f' as {user}' if user else ''}, {count}", f"homeward may use {rights(account.scopes)}",
        "deputies are asked by mail of homeward; Google mails the guests once one has accepted",
    )  # fmt: skip


def _found(account: GoogleAccount, entries: Iterable[CalendarEntry]) -> Found:
    return Found(account.api.endpoints.calendar, "", "", found_calendars(entries), schedules=False, steps=())


def found_calendars(entries: Iterable[CalendarEntry]) -> tuple[FoundCalendar, ...]:
    """As those of other servers are listed."""
    return tuple(
        FoundCalendar(
            "primary" if entry.primary else entry.id, entry.title, "", entry.writable,
            also=entry.id, access=_ACCESS.get(entry.role, ""),
        )
        for entry in entries
    )  # fmt: skip
