"""The part of `homeward init` about servers: finds them, signs in, lists the calendars, and asks what nobody can guess. Every
step is shown as it ends. It keeps nothing and writes nothing: what comes of it is for `homeward init`."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, get_args

from msgspec.structs import replace

from daemon.advice import Usage
from daemon.cli.screen import ask_secret, ask_text, piped, show, swatch
from daemon.clock import Clock
from daemon.servers import Told, ask_server
from daemon.setup.names import free_id, role_of
from daemon.setup.on_servers import OnServers
from integrations.credentials import Credentials, is_sendable
from integrations.errors import AuthExpired, Permanent
from integrations.login import Login
from integrations.ports import Secrets
from rules.model import CalendarRole
from rules.policy import AccountConfig, CalendarConfig
from rules.telling import printable

if TYPE_CHECKING:
    from integrations.caldav_discovery import FoundCalendar, Step

ROLES = get_args(CalendarRole)
_GOOGLE = "google"
TRIES = 3  # of a password; many servers lock an account after five


def configure(parser: argparse.ArgumentParser) -> None:
    servers = parser.add_argument_group(
        "calendars and mail on servers", "with --yes and none of these, this machine alone counts"
    )
    servers.add_argument("--email", metavar="ADDRESS", help="of the calendars and the mail; the servers are found by it; or none")
    servers.add_argument("--user", metavar="NAME", help="the login name (default: the address)")
    servers.add_argument("--url", metavar="URL", help="of the calendar server (CalDAV), or none")
    servers.add_argument("--imap", metavar="HOST", help="the mail server, or none")
    servers.add_argument("--smtp", metavar="HOST", help="the server that sends, or none")
    servers.add_argument("--managesieve", metavar="HOST", help="the server of the Sieve scripts, or none")
    servers.add_argument("--google", metavar="CLIENT_FILE", help="Google, by the file of your OAuth client; see README.md")
    servers.add_argument("--subject", metavar="ADDRESS", default="", help="with the key of a service account: for whom it speaks")
    servers.add_argument(
        "--no-browser", action="store_true", help="show the address of Google's sign-in, and take one that is pasted"
    )
    servers.add_argument("--token-file", metavar="FILE", default="", help="keep Google's tokens in this file, without a keyring")
    servers.add_argument("--google-at", metavar="URL", default="", help="another place than Google itself, as for a rehearsal")
    servers.add_argument(
        "--auth", choices=("password", "token"), default="password",
        help="what CalDAV and mail servers take: a password, or an OAuth access token in its place",
    )  # fmt: skip
    servers.add_argument("--password-stdin", action="store_true", help="first line: the password; a second one: that of the mail")
    servers.add_argument("--password-file", metavar="FILE", default="", help="a file with the password that only you can read")
    servers.add_argument("--password-fetch", metavar="WORD", nargs="+", help="a command that prints the password; put it last")
    servers.add_argument("--ca-file", metavar="FILE", default="", help="certificates to trust, for servers of your own")
    servers.add_argument(
        "--role", metavar="HREF=ROLE", action="append", help=f"of a calendar there: {', '.join(ROLES)} (repeatable)"
    )
    servers.add_argument("--hold", choices=("server", "client"), help="who holds the mail; with --google: hold it at Gmail")


def names_servers(given: argparse.Namespace) -> bool:
    return any(address not in (None, "none") for address in (given.email, given.url, given.imap, given.google))


class Dialog:
    """`known` are the accounts that the config has, `taken` the ids of accounts, calendars and mailboxes that are not free. What
    flags say is not asked; with --yes, nothing is. `email` says whose servers are looked for ("": nobody's); `lines` are the
    passwords that are piped in."""

    def __init__(
        self, given: argparse.Namespace, clock: Clock, taken: Mapping[str, Iterable[str]], known: Iterable[AccountConfig] = ()
    ) -> None:  # fmt: skip
        self.given = given
        self.clock = clock
        self._taken = {name: set(ids) for name, ids in taken.items()}
        self.known = tuple(known)
        self._roles = dict(_role(text) for text in given.role or ())
        self.lines = piped() if given.password_stdin else []
        self._first: tuple[Login, str] | None = None
        self._address = self.email = ""

    def run(self, address: str, *, proposed: bool = True) -> OnServers:
        """`address` is one of the user's; `proposed`: an empty answer means its servers. Raises what the servers say where flags
        named them, and Permanent where none of the user's was found."""
        self._address = address
        self.email = self._asked_email(address if proposed else "none")
        if not (self.email or names_servers(self.given)):
            return OnServers()
        found = [part for part in self._parts() if part is not None]
        if not found:
            raise Permanent(f"No server of {self.email or 'yours'} was found. Name them: --url, --imap.")
        return OnServers(
            accounts=tuple(account for part in found for account in part.accounts),
            calendars=tuple(calendar for part in found for calendar in part.calendars),
            mail=next((part.mail for part in found if part.mail), None),
            secrets={name: secret for part in found for name, secret in part.secrets.items()},
        )

    def _parts(self) -> Iterator[OnServers | None]:
        google = self._google()
        yield google
        if google is None or self.email or self.given.url or self.given.imap:
            yield self._calendars()
            yield self._mail()

    # --- asking -----------------------------------------------------------------------------------------------------------

    def ask(self, question: str, proposal: str) -> str:
        if self.given.yes:
            return proposal
        return ask_text(f"{question}{f' [{proposal}]' if proposal else ''}: ") or proposal

    def _asked_email(self, proposed: str) -> str:
        answer = self.given.email or ("none" if names_servers(self.given) else "")
        if not answer and not self.given.yes:
            answer = self.ask(
                "Look for calendars and mail on the servers of which address? (google: there; none: this machine alone)", proposed
            )
        while answer not in ("", "none", _GOOGLE) and "@" not in answer and not self.given.yes:
            answer = self.ask("That is no address. Of which one, or none", proposed)
        if answer not in ("", "none", _GOOGLE) and "@" not in answer:
            raise Usage(f"“{printable(answer)}” is no e-mail address.")
        return "" if answer == "none" else answer

    def login(self, user: str, what: str) -> tuple[Login, str]:
        """With the password itself, where the keyring shall keep it."""
        given = self.given
        if given.password_file or given.password_fetch:
            there = Credentials("init", _no_keyring, fetch=given.password_fetch or (), file=given.password_file)
            return Login(user, given.auth, there.secret), ""
        if self.lines:
            secret = self.lines.pop(0)
        else:
            secret = ask_secret(
                f"{given.auth.capitalize()} of {user} for {what}: ", "--password-stdin, --password-file or --password-fetch"
            )
        if not secret or not is_sendable(secret):
            raise Usage(f"that is no {given.auth}.")
        return Login(user, given.auth, lambda: secret), secret

    def user(self) -> str:
        return self.given.user or self.ask("Login name", self.email or self._address)

    def account(self, account_id: str, user: str) -> AccountConfig:
        given, free = self.given, self.free("account", account_id)
        return AccountConfig(
            id=free, user=user, auth=given.auth, password_fetch=tuple(given.password_fetch or ()),
            password_file=given.password_file, ca_file=given.ca_file,
        )  # fmt: skip

    def is_known(self, user: str, *addresses: str) -> bool:
        """Twice in the config, it would be read and written twice."""
        there = (known for known in self.known if known.user == user and {known.url.rstrip("/"), known.imap} & set(addresses))
        found = next(there, None)
        if found is not None:
            show([f"· {addresses[0]} is in the config already: account {found.id}. What else is there: homeward calendars"])
        return found is not None

    def free(self, table: str, name: str) -> str:
        self._taken[table].add(free := free_id(name, self._taken[table]))
        return free

    # --- Google -----------------------------------------------------------------------------------------------------------

    def _google(self) -> OnServers | None:
        if not (self.given.google or self.email == _GOOGLE):
            if self.email.endswith(("@gmail.com", "@googlemail.com")):
                show(["· Google asks for you in the browser. README.md says how: homeward init --google CLIENT_FILE"])
            return None
        from daemon.cli.init_google import at_google

        email, self.email = self.email, "" if self.email == _GOOGLE else self.email
        return at_google(self, self._address if email == _GOOGLE else email)

    # --- calendars --------------------------------------------------------------------------------------------------------

    def _calendars(self) -> OnServers | None:
        address = self.given.url or self.email
        if address in ("", "none"):
            return None
        user = self.user()
        login, secret = self.login(user, "your calendars")
        found = None
        for attempt in range(TRIES):
            told = ask_server("calendars", address, login, self.given.ca_file, _show_step)
            found = told.calendars
            if found is not None:
                break
            address, login, secret = self._calendars_again(told, address, (login, secret), attempt)
            if not address:
                return None
        if found is None:
            return None
        self._first = (login, secret)
        if self.is_known(user, found.server, found.server.partition("://")[2]):
            return OnServers()
        show([("Your calendars:", "bold")])
        account = replace(self.account("calendars", user), kind="caldav", url=found.server)
        return OnServers(
            (account,), tuple(self.roles_of(found.calendars, account.id)), None, {account.id: secret} if secret else {}
        )  # fmt: skip

    def _calendars_again(
        self, told: Told, address: str, login: tuple[Login, str], attempt: int
    ) -> tuple[str, Login, str]:  # fmt: skip
        """What to try next; no address: nothing."""
        assert told.error is not None
        refused = isinstance(told.error, AuthExpired)
        if attempt == TRIES - 1 or (self.given.yes and (refused or self.given.url)):
            raise told.error
        if self.given.yes:
            return ("", *login)
        if refused:
            return (address, *self.login(login[0].user, "your calendars, again"))
        answer = self.ask("The address of your calendar server, or none", "none")
        return ("" if answer == "none" else answer, *login)

    def roles_of(self, calendars: Iterable[FoundCalendar], account: str) -> Iterator[CalendarConfig]:
        for there in calendars:
            role = self._role_of(there)
            yield CalendarConfig(
                id=self.free("calendar", there.name), role=role, account=account, collection=there.href, work=role != "family",
                name=printable(there.name, 60), read_only=not there.writable,
            )  # fmt: skip

    def _role_of(self, there: FoundCalendar) -> CalendarRole:
        proposed = self._roles.get(there.href) or self._roles.get(there.name)
        access = there.access or ("writable" if there.writable else "read only")
        about = f"“{printable(there.name, 60)}” ({access}, {printable(there.href, 100)})"
        if proposed or self.given.yes:
            role = proposed or _guess(there)
            show([[*swatch(there.color), (f"{about}: {role}", "")]])
            return _as_role(role)
        show([[*swatch(there.color), (about, "")]])
        answer = self.ask(f"  {', '.join(ROLES[:-1])} or {ROLES[-1]}?", _guess(there))
        while answer not in ROLES:
            answer = self.ask("  That cannot be. Which?", _guess(there))
        return _as_role(answer)

    # --- mail -------------------------------------------------------------------------------------------------------------

    def _mail(self) -> OnServers | None:
        from daemon.cli.init_mail import MailServers

        return MailServers(self).find(self._first)


def _role(text: str) -> tuple[str, str]:
    href, mark, role = text.rpartition("=")
    if not mark or role not in ROLES:
        raise Usage(f"“{printable(text)}”: write --role HREF=ROLE, ROLE one of {', '.join(ROLES)}.")
    return href, role


def _guess(there: FoundCalendar) -> str:
    """What others let one see at Google is not one's own; the first one there is, whatever it is called."""
    guess = role_of(there.name)
    if there.also and there.href != there.also:
        return "mine"
    return "ignore" if there.access and guess == "mine" else guess


def _as_role(text: str) -> CalendarRole:
    return next(role for role in ROLES if role == text)


def _no_keyring() -> Secrets:
    raise AssertionError("a file or a command was given")


# --- showing ----------------------------------------------------------------------------------------------------------


def _show_step(step: Step) -> None:
    sign, style = ("✓", "green") if step.ok else ("✗", "yellow")
    show([(f"{sign} {printable(step.what, 120)}: {printable(step.said, 200)}", style)])
