"""What of a config is on servers: the accounts, their calendars and the mailbox, and their tables as text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from msgspec import Struct

from daemon.setup.toml import quoted, quoted_list
from rules.policy import AccountConfig, CalendarConfig, MailConfig

_ACCOUNTS = """
# Accounts on servers. A password never stands here: it is in the keyring of your desktop (homeward auth set ID), or a command
# prints it: password_fetch = ["pass", "show", "mail"], or a file that only you can read holds it: password_file = "…"
"""

_CALENDARS = """
# Calendars on servers; `homeward calendars` lists what else is there.
"""

_MAIL = """
# Mail on a server. What is held waits in the folder Held there and comes back at each window; nothing is deleted.
"""


class OnServers(Struct, frozen=True):
    """`secrets`: account id → the password, or what a sign-in gave, that is to be kept for it; never written anywhere else."""

    accounts: tuple[AccountConfig, ...] = ()
    calendars: tuple[CalendarConfig, ...] = ()
    mail: MailConfig | None = None
    secrets: Mapping[str, str] = {}

    def __repr__(self) -> str:
        return f"OnServers({[account.id for account in self.accounts]})"


def tables(servers: OnServers, *, with_local: bool) -> str:
    """The text of all of it. `with_local`: the account of this machine as well, which has to be named once another one is."""
    if not servers.accounts:
        return ""
    local = AccountConfig(id="local")
    parts = [_ACCOUNTS, *([_table("account", local, always=("kind",))] if with_local else [])]
    parts += [_table("account", account) for account in servers.accounts]
    if servers.calendars:
        parts += [_CALENDARS, *(_table("calendar", calendar, always=("role", "account")) for calendar in servers.calendars)]
    if servers.mail:
        parts += [_MAIL, _table("mail", servers.mail, always=("account", "hold"))]
    return "\n".join(part.strip("\n") + "\n" for part in parts)


def _table(name: str, value: AccountConfig | CalendarConfig | MailConfig, always: Iterable[str] = ()) -> str:
    return "\n".join((f"[[{name}]]", *_pairs(value, set(always)))) + "\n"


def _pairs(value: AccountConfig | CalendarConfig | MailConfig, always: set[str]) -> Iterator[str]:
    """What is not the default, in the order of the fields."""
    usual = type(value).__struct_defaults__
    names = type(value).__struct_fields__
    defaults = dict(zip(names[len(names) - len(usual) :], usual, strict=True))
    for name in names:
        found = getattr(value, name)
        if name in always or found != defaults.get(name):
            yield f"{name} = {_written(found)}"


def _written(value: str | bool | tuple[str, ...]) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return quoted(value) if isinstance(value, str) else quoted_list(value)
