"""`homeward auth`: the password of an account: kept, tried, forgotten. Never shown, and never a word of the command line."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterable, Iterator

from daemon.accounts import credentials_of, open_keyring, refusals_in
from daemon.advice import Usage
from daemon.cli.screen import Line, ask_secret, piped, show
from daemon.cli.servers_text import told_lines
from daemon.config.report import near
from daemon.refusals import Refusals
from daemon.servers import Told, ask_servers
from daemon.session import Session
from integrations.credentials import NAME, is_sendable
from integrations.errors import AuthExpired
from integrations.login import Login
from rules.policy import AccountConfig
from rules.telling import printable

ABOUT = """set: asks for the password (or token), tries it on the servers, and keeps it in the keyring of your desktop.
google: signs in to Google in your browser; what comes of it is kept in the keyring, too. check: signs in to every server of the
account, or of all accounts. forget: takes it out of the keyring, and gives what Google allowed back."""
EXAMPLE = """Examples:
  homeward auth set office
  pass show office | homeward auth set office --stdin
  homeward auth google work
  homeward auth google work --no-browser      # where your browser is on another machine
  homeward auth check
  homeward auth forget office"""


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("verb", choices=("set", "google", "check", "forget"), metavar="VERB", help="set, google, check or forget")
    parser.add_argument("account", nargs="?", metavar="ACCOUNT", help="its id in the config (check: all, if none is named)")
    parser.add_argument("--no-browser", action="store_true", help="with google: show the address, and take one that is pasted")
    parser.add_argument("--stdin", action="store_true", help="with set: read the password from the first line of the input")
    parser.add_argument(
        "--untried", action="store_true", help="with set: keep it without trying it, as while there is no network"
    )


def run(session: Session, arguments: argparse.Namespace) -> int:
    accounts = [account for account in session.policy.account if account.kind != "local"]
    refusals = refusals_in(session.paths.state)
    if arguments.verb == "check" and arguments.account is None:
        return _check(session, accounts, refusals)
    account = _of_google(accounts, arguments.account) if arguments.verb == "google" else _named(accounts, arguments.account)
    if arguments.verb == "check":
        return _check(session, [account], refusals)
    if account.kind == "google":
        return _at_google(session, account, arguments)
    if arguments.verb == "forget":
        return _forget(account)
    code = _set(account, arguments.stdin, arguments.untried)
    refusals.clear(account.id)  # whatever comes of it, the next pass may try
    return code


def _named(accounts: Iterable[AccountConfig], wanted: str | None) -> AccountConfig:
    known = {account.id: account for account in accounts}
    if wanted is None:
        raise Usage(f"which account? {_one_of(known)}")
    if wanted not in known:
        hint = near(wanted, known)
        raise Usage(f"there is no account “{printable(wanted)}” on a server. {hint[:1].upper()}{hint[1:] or _one_of(known)}")
    return known[wanted]


def _of_google(accounts: Iterable[AccountConfig], wanted: str | None) -> AccountConfig:
    """The only one need not be named."""
    there = [account for account in accounts if account.kind == "google"]
    if not there:
        raise Usage("the config has no account of kind google. To add one: homeward init --google CLIENT_FILE")
    return there[0] if wanted is None and len(there) == 1 else _named(there, wanted)


def _at_google(session: Session, account: AccountConfig, arguments: argparse.Namespace) -> int:
    from daemon.cli import auth_google

    if arguments.verb == "forget":
        return auth_google.forget(account)
    if arguments.stdin or arguments.untried:
        raise Usage(f"{account.id} has no password: Google asks you in the browser. So: homeward auth google {account.id}")
    return auth_google.set_up(session, account, no_browser=arguments.no_browser)


def _one_of(known: Iterable[str]) -> str:
    names = ", ".join(known)
    return f"One of: {names}" if names else "The config has no account on a server: [[account]]"


def _login(account: AccountConfig, secret: str) -> Login:
    return Login(account.user, account.auth, lambda: secret)


# --- set --------------------------------------------------------------------------------------------------------------


def _set(account: AccountConfig, from_input: bool, untried: bool) -> int:
    credentials = credentials_of(account, os.environ)
    if not credentials.kept_by_us:
        raise Usage(f"{account.id} takes its password from {credentials.source}. Then: homeward auth check {account.id}")
    keyring = open_keyring()  # first: it is no use to ask where nothing can be kept
    secret = _asked(account, from_input)
    told = () if untried else tuple(_tried(account, _login(account, secret)))
    failed = [each for each in told if each.error is not None]
    if any(isinstance(each.error, AuthExpired) for each in failed) or len(failed) == len(told) > 0:
        show([("Nothing was kept.", "red"), *_what_then(account, failed)])
        return 1
    keyring.set(account.id, NAME, secret)
    show([(f"Kept in the keyring, for the account {account.id}.", "green")])
    return int(bool(failed))


def _asked(account: AccountConfig, from_input: bool) -> str:
    what = "Token" if account.auth == "token" else "Password"
    secret = next(iter(piped()), "") if from_input else ask_secret(f"{what} of {account.user}: ", "--stdin")
    if not secret:
        raise Usage("no password was given; nothing was kept.")
    if not is_sendable(secret):
        raise Usage("the password has control characters; nothing was kept.")
    return secret


def _what_then(account: AccountConfig, failed: list[Told]) -> Iterator[Line]:
    if any(isinstance(each.error, AuthExpired) for each in failed):
        yield "Some providers want a password of its own for each program (an app password), made in their settings."
    else:
        yield f"No server could be asked. Try again later, or keep it untried: homeward auth set {account.id} --untried"


def _tried(account: AccountConfig, login: Login) -> Iterator[Told]:
    for told in ask_servers(account, login):
        show(told_lines(told))
        yield told


# --- check and forget -------------------------------------------------------------------------------------------------


def _check(session: Session, accounts: list[AccountConfig], refusals: Refusals) -> int:
    if not accounts:
        show(["The config has no account on a server: there is nothing to sign in to."])
    return int(not all([_is_fine(session, account, refusals) for account in accounts]))


def _is_fine(session: Session, account: AccountConfig, refusals: Refusals) -> bool:
    if account.kind == "google":
        from daemon.cli import auth_google

        return auth_google.is_fine(session, account)
    credentials = credentials_of(account, os.environ)
    show([(f"{account.id} ({printable(account.user)}, password from {credentials.source})", "bold")])
    told = list(_tried(account, Login(account.user, account.auth, credentials.secret)))
    refused = any(isinstance(each.error, AuthExpired) for each in told)
    if refused and credentials.kept_by_us:
        show([f"    Sign in again: homeward auth set {account.id}"])
    if not refused:
        refusals.clear(account.id)
    return all(each.error is None for each in told)


def _forget(account: AccountConfig) -> int:
    keyring = open_keyring()
    kept = keyring.get(account.id, NAME) is not None
    keyring.delete(account.id, NAME)
    show([f"Forgotten: the password of {account.id}." if kept else f"No password of {account.id} was in the keyring."])
    return 0
