"""The part of `homeward auth` about accounts at Google: signing in, asking what may be done, giving it all back."""

from __future__ import annotations

from contextlib import suppress

from daemon.advice import Usage
from daemon.cli.google_sign_in import sign_in
from daemon.cli.screen import show
from daemon.cli.servers_text import told_lines
from daemon.google_account import GoogleAccount, client_of, endpoints_of, google_account, place_of, secrets_of
from daemon.google_facts import ask_google, rights
from daemon.session import Session
from integrations.errors import OutsideError
from integrations.google_auth import SECRET, revoke
from rules.policy import AccountConfig
from rules.telling import printable


def set_up(session: Session, config: AccountConfig, *, no_browser: bool) -> int:
    """Signs in with the rights that the config needs."""
    if config.subject:
        raise Usage(f"{config.id} is a service account, which needs no sign-in. To try it: homeward auth check {config.id}")
    secrets, account = secrets_of(config), google_account(config, session.policy, session.clock)
    secrets.get(config.id, SECRET)  # first: it is no use to ask where nothing can be kept
    client_of(config)  # likewise
    show([f"homeward asks Google for {rights(account.scopes)}, and for nothing else."])
    signed_in = sign_in(config, account.scopes, session.clock.now, no_browser=no_browser)
    secrets.set(config.id, SECRET, signed_in.tokens)
    who = f" as {printable(signed_in.user, 100)}" if signed_in.user else ""
    show([(f"Signed in{who}; kept in {place_of(config)}, for the account {config.id}.", "green")])
    return 0


def is_fine(session: Session, config: AccountConfig) -> bool:
    account: GoogleAccount = google_account(config, session.policy, session.clock)
    how = "a service account" if config.subject else f"the sign-in is kept in {place_of(config)}"
    show([(f"{config.id} ({printable(config.subject or config.user or 'Google', 100)}, {how})", "bold")])
    told = ask_google(account)
    show(told_lines(told))
    return told.error is None


def forget(config: AccountConfig) -> int:
    """Google is told as well, as far as it can be reached."""
    secrets = secrets_of(config)
    kept = secrets.get(config.id, SECRET)
    if kept is None:
        show([f"No sign-in of {config.id} was in {place_of(config)}."])
        return 0
    told = "Google could not be told: take homeward's access away at myaccount.google.com/permissions."
    with suppress(OutsideError, ValueError, AttributeError):  # what lies there may be no token of ours
        revoke(kept, endpoints_of(config), config.ca_file)
        told = "Google was told, too."
    secrets.delete(config.id, SECRET)
    show([f"Forgotten: the sign-in of {config.id}. {told}"])
    return 0
