"""The part of `homeward init` about Google: signs in with the rights that are needed, lists the calendars, asks who holds the
mail. It keeps nothing and writes nothing."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

from msgspec.structs import replace

from daemon.advice import Usage
from daemon.cli.google_sign_in import sign_in
from daemon.cli.screen import show
from daemon.google_account import GoogleAccount, client_of, scopes_for, secrets_of
from daemon.google_facts import found_calendars, rights
from daemon.setup.on_servers import OnServers
from integrations.google_auth import SECRET
from integrations.google_store import CalendarEntry, list_calendars
from rules.policy import AccountConfig, MailConfig
from rules.telling import printable

if TYPE_CHECKING:
    from daemon.cli.init_servers import Dialog

_YES = ("yes", "y")
_HOLDS = """Who keeps new mail out of the inbox while you are away?
  server  a filter at Gmail does, at delivery, also while this machine sleeps; Gmail's filters have no end, so it stands until
          homeward's next pass after your return takes it away
  client  this machine does, at each pass: new mail can be seen for some minutes, and nothing is held while it sleeps"""


def at_google(dialog: Dialog, email: str) -> OnServers:
    """Raises what the sign-in says. `email` is one of the user's addresses, or ""."""
    config = _account(dialog, email)
    if any(known.kind == "google" and known.user == (config.subject or config.user) != "" for known in dialog.known):
        show(["· This account at Google is in the config already. What else is there: homeward calendars"])
        return OnServers()
    mail = _wants_mail(dialog)
    tokens, user, entries = _entered(dialog, config, scopes_for(mail))
    config = replace(config, user=user or config.user)
    show([("Your calendars:", "bold")])
    calendars = tuple(dialog.roles_of(found_calendars(entries), config.id))
    box = MailConfig(id=dialog.free("mail", "gmail"), account=config.id, hold=_hold(dialog)) if mail else None
    return OnServers((config,), calendars, box, {config.id: tokens} if tokens else {})


def _account(dialog: Dialog, email: str) -> AccountConfig:
    given = dialog.given
    client = given.google or dialog.ask("The client file of Google (README.md says how to get one)", "")
    if not client:
        raise Usage("Google needs a client file: --google CLIENT_FILE. README.md says how to get one.")
    root = given.google_at.rstrip("/")
    at = (f"{root}/", f"{root}/", f"{root}/token", f"{root}/o/oauth2/v2/auth") if root else ("", "", "", "")
    config = AccountConfig(
        id=dialog.free("account", "google"), kind="google", user=given.user or email, client_file=_whole(client),
        subject=given.subject, token_file=_whole(given.token_file), ca_file=given.ca_file,
        calendar_url=at[0], gmail_url=at[1], token_url=at[2], auth_url=at[3],
    )  # fmt: skip
    if client_of(config).kind == "service" and not config.subject:
        raise Usage("that is the key of a service account: name the user for whom it speaks, --subject ADDRESS.")
    return config


def _whole(path: str) -> str:
    return str(Path(path).expanduser().absolute()) if path else ""


def _wants_mail(dialog: Dialog) -> bool:
    """Rights are asked for step by step: those to the mail only where it is to be held."""
    if dialog.given.hold or dialog.given.yes:
        wanted = bool(dialog.given.hold)
    else:
        wanted = dialog.ask("Gmail as well: hold mail while you are away, and set the autoreply?", "yes").lower() in _YES
    if not wanted:
        show(["Gmail is left alone. To add it later: a [[mail]] with this account, then homeward auth google."])
    return wanted


def _entered(dialog: Dialog, config: AccountConfig, scopes: tuple[str, ...]) -> tuple[str, str, tuple[CalendarEntry, ...]]:
    """Tokens to keep ("" for a service account), whose they are, and the calendars there."""
    if config.subject:
        entries = list_calendars(GoogleAccount(config, dialog.clock, scopes).api)
        show([(f"✓ Google: entered for {printable(config.subject, 100)}", "green")])
        return "", "", entries
    secrets_of(config).get(config.id, SECRET)  # first: it is no use to ask where nothing can be kept
    show([f"homeward asks Google for {rights(scopes)}, and for nothing else."])
    signed_in = sign_in(config, scopes, dialog.clock.now, no_browser=dialog.given.no_browser)
    show([(f"✓ Google: signed in as {printable(signed_in.user, 100)}", "green")])
    return signed_in.tokens, signed_in.user, signed_in.calendars


def _hold(dialog: Dialog) -> Literal["server", "client"]:
    """Never chosen silently."""
    answer = dialog.given.hold or ""
    if not answer:
        show(_HOLDS.splitlines())
    while answer not in ("server", "client"):
        answer = dialog.ask("server or client?", "")
    return "server" if answer == "server" else "client"
