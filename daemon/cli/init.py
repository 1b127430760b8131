"""`homeward init`: a first config, by a few questions or by flags; or accounts on servers for one that is there. Never overwrites
one, and changes not one character of it."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from daemon.accounts import open_keyring
from daemon.advice import Usage
from daemon.cli import init_servers
from daemon.cli.init_servers import Dialog, names_servers
from daemon.cli.screen import ask, ask_text, show
from daemon.config import load
from daemon.mistakes import ConfigError
from daemon.paths import home
from daemon.session import Session
from daemon.setup.answers import Answers, ask_about_this_machine, ask_about_you, proposed
from daemon.setup.here import FoundCalendar, discover
from daemon.setup.on_servers import OnServers, tables
from daemon.setup.text import append, names_accounts, render, write
from integrations.credentials import NAME
from integrations.errors import OutsideError, Permanent
from integrations.ports import Secrets
from rules.telling import printable

ABOUT = """Proposes what it finds on this machine (time zone, calendars, mail folder) and on the servers of your e-mail address
(calendars, mail, Sieve) or at Google, tries it, and asks. With --yes every proposal is taken, and flags answer the rest. The
password, or what the sign-in to Google gives, goes into the keyring, never into the config. An existing config is never
overwritten; with --email or --google, what is on servers is added to its end."""
EXAMPLE = """Examples:
  homeward init
  homeward init --email lena@example.org
  homeward init --google ~/google-client.json
  homeward init --yes --name "Lena Berg" --address lena@example.org --home "Berlin, DE" --zone Europe/Berlin \\
      --calendar mine=~/calendars/work --calendar family=~/calendars/family --maildir ~/Maildir
  pass show mail | homeward init --yes --name "Lena Berg" --address lena@example.org --email lena@example.org \\
      --password-stdin --role /calendars/lena/work/=mine --hold server
Where the server takes OAuth tokens, and a program renews them:
  homeward init --email lena@example.org --auth token --password-fetch oama access lena@example.org
Google where there is no keyring, as on a server: the tokens in a file; --no-browser asks for an address to paste:
  homeward init --google client.json --no-browser --token-file ~/.config/homeward/google-tokens
Google without anybody at a terminal, by a service account of your domain:
  homeward init --yes --name "Lena Berg" --address lena@example.org --zone Europe/Berlin \\
      --google service-account.json --subject lena@example.org --hold server"""


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--yes", action="store_true", help="take every proposal, ask nothing")
    parser.add_argument("--name", help="your name")
    parser.add_argument("--address", action="append", help="a mail address of yours (repeatable)")
    parser.add_argument("--home", help='where home is: "Berlin, DE"')
    parser.add_argument("--zone", help="your time zone at home: Europe/Berlin")
    parser.add_argument("--language", action="append", help="of your calendar and replies: en de fr es it nl pt sv pl ja")
    parser.add_argument("--calendar", action="append", metavar="ROLE=PATH", help="a folder or .ics file (repeatable)")
    parser.add_argument("--maildir", metavar="PATH", help="your mail folder")
    parser.add_argument("--sieve", metavar="PATH", help="your active Sieve script")
    parser.add_argument("--family", action="append", metavar="NAME=ADDRESS", help="somebody of your family (repeatable)")
    parser.add_argument("--report", action="append", metavar="NAME=ADDRESS", help="somebody who reports to you (repeatable)")
    init_servers.configure(parser)


def run(session: Session, arguments: argparse.Namespace) -> int:
    try:
        return _add(session, arguments) if session.paths.config.exists() else _begin(session, arguments)
    except OutsideError as error:
        show([(f"✗ {printable(error.what, 300)}", "red"), "Nothing was written."])
        return 1
    except KeyboardInterrupt:
        raise KeyboardInterrupt("Stopped; nothing was written.") from None


# --- a first config ---------------------------------------------------------------------------------------------------


def _begin(session: Session, arguments: argparse.Namespace) -> int:
    path = session.paths.config
    answers = _from_flags(proposed(discover(home(os.environ))), arguments)
    if not arguments.yes:
        answers = ask_about_you(answers, _ask)
    if not answers.addresses or not answers.name:
        raise Usage("your name and an address of yours are needed: --name, --address (or run it without --yes).")
    taken = {"account": ["local"], "calendar": [calendar.id for calendar in answers.calendars], "mail": []}
    servers = Dialog(arguments, session.clock, taken).run(answers.addresses[0], proposed=not answers.calendars)
    answers = replace(answers, servers=servers)
    if not arguments.yes:
        answers = ask_about_this_machine(answers, _ask)
    with kept(servers):
        _write(path, answers)
    show([f"Wrote {path}."])
    if not answers.calendars and not servers.calendars:
        show(["No calendar was found: add one to it, as a [[calendar]] with its path."])
    show(["Next: homeward doctor, then homeward trips, then homeward plan."])
    return 0


def _write(path: Path, answers: Answers) -> None:
    """Leaves nothing behind that does not load: who tries again must not find it there already."""
    write(path, render(answers))
    try:
        load(path, None)
    except ConfigError as error:
        path.unlink()
        wrong = "\n".join(f"  {mistake.key}: found {mistake.found}; allowed: {mistake.allowed}" for mistake in error.mistakes)
        raise Usage(f"these answers make no good config, and nothing was written:\n{wrong}") from None


# --- more for one that is there ---------------------------------------------------------------------------------------


def _add(session: Session, arguments: argparse.Namespace) -> int:
    """What is found on servers goes to the end of the config, and not one character of it changes."""
    path = session.paths.config.resolve()
    if not names_servers(arguments):
        more = "To add what is on servers: homeward init --email ADDRESS, or homeward init --google CLIENT_FILE"
        raise Usage(f"{path} is there already and is not overwritten. Edit it, then: homeward doctor\n{more}")
    policy = session.policy
    taken = {
        "account": [account.id for account in policy.account],
        "calendar": [calendar.id for calendar in policy.calendar],
        "mail": [mail.id for mail in policy.mail],
    }
    servers = Dialog(arguments, session.clock, taken, policy.account).run(policy.me.addresses[0])
    if not servers.accounts:
        show(["Nothing was written."])
        return 0
    lines = tables(servers, with_local=not names_accounts(path))
    show([f"To the end of {path}:", "", *lines.splitlines(), ""])
    if not arguments.yes and not ask("Add these lines?"):
        show(["Nothing was written."])
        return 0
    with kept(servers):
        append(path, lines, lambda new: load(new, None))
    show([f"Added to {path}.", "Next: homeward doctor, then homeward calendars."])
    return 0


# --- the password -----------------------------------------------------------------------------------------------------


class _Place(Struct, frozen=True):
    """Where the secret of an account goes, and what was there before."""

    secrets: Secrets
    account: str
    name: str
    before: str | None

    def put(self, secret: str | None) -> None:
        if secret is None:
            self.secrets.delete(self.account, self.name)
        else:
            self.secrets.set(self.account, self.name, secret)


@contextmanager
def kept(servers: OnServers) -> Iterator[None]:
    """They are in the keyring before the config names their accounts; where what follows fails, the keyring is as before."""
    places = list(_places(servers))
    try:
        for place in places:
            place.put(servers.secrets[place.account])
        yield
    except BaseException:
        for place in places:
            with suppress(OutsideError):
                place.put(place.before)
        raise


def _places(servers: OnServers) -> Iterator[_Place]:
    kinds = {account.id: account for account in servers.accounts}
    at_google = [kinds[name] for name in servers.secrets if kinds[name].kind == "google"]
    for account in at_google:
        from daemon.google_account import secrets_of
        from integrations.google_auth import SECRET

        tokens = secrets_of(account)
        yield _Place(tokens, account.id, SECRET, tokens.get(account.id, SECRET))
    others = [name for name in servers.secrets if kinds[name] not in at_google]
    keyring = _keyring(others)
    if keyring is not None:
        yield from (_Place(keyring, name, NAME, keyring.get(name, NAME)) for name in others)


def _keyring(accounts: Sequence[str]) -> Secrets | None:
    """None where there is nothing to keep, or nothing here keeps it: then it is said what to set."""
    if not accounts:
        return None
    try:
        return open_keyring()
    except Permanent as error:
        show([
            (f"The password is not kept. {error.what}", "yellow"),
            f"Set password_fetch or password_file in the config, for {', '.join(accounts)}. Then: homeward auth check",
        ])  # fmt: skip
        return None


# --- answers ----------------------------------------------------------------------------------------------------------


def _ask(question: str, proposal: str) -> str:
    return ask_text(f"{question}{f' [{proposal}]' if proposal else ''}: ")


def _from_flags(answers: Answers, given: argparse.Namespace) -> Answers:
    calendars = tuple(_calendar(text) for text in given.calendar) if given.calendar else answers.calendars
    return replace(
        answers,
        name=given.name or answers.name,
        addresses=tuple(given.address or answers.addresses),
        home=given.home or answers.home,
        home_zone=given.zone or answers.home_zone,
        languages=tuple(given.language or answers.languages),
        calendars=calendars,
        maildir=given.maildir or answers.maildir,
        sieve=given.sieve or answers.sieve,
        family=_people(given.family, "--family"),
        reports=_people(given.report, "--report"),
    )


def _calendar(text: str) -> FoundCalendar:
    role, separator, path = text.partition("=")
    if not separator or role not in ("mine", "family", "team", "travel", "ignore"):
        raise Usage(f"“{printable(text)}”: write --calendar ROLE=PATH, ROLE one of mine, family, team, travel, ignore.")
    return FoundCalendar(Path(path).stem.lower() or role, path, role)


def _people(texts: list[str] | None, flag: str) -> tuple[tuple[str, str], ...]:
    pairs = tuple(text.partition("=")[::2] for text in texts or ())
    if any(not name or "@" not in address for name, address in pairs):
        raise Usage(f"write {flag} NAME=ADDRESS.")
    return pairs
