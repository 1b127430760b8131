"""The sign-in to Google on the screen: in the browser of this machine, or by an address to paste where the browser is elsewhere.
Keeps nothing: what comes of it is for `homeward auth` and `homeward init`."""

from __future__ import annotations

import os
import sys
import threading
import webbrowser
from collections.abc import Callable
from datetime import datetime

from msgspec import Struct

from daemon.advice import NeedsAnswer, Usage
from daemon.cli.screen import ask_text, show
from daemon.config.at_google import plain_address
from daemon.google_account import client_of, endpoints_of
from integrations.errors import Permanent
from integrations.google_auth import SECRET, SignIn, UserTokens, finish
from integrations.google_browser import Listener
from integrations.google_client import GoogleApi
from integrations.google_store import CalendarEntry, list_calendars
from integrations.secrets import MemorySecrets
from rules.policy import AccountConfig
from rules.telling import printable

_SECONDS = 600.0  # somebody has to find a password, and a second factor


class SignedIn(Struct, frozen=True):
    """`tokens` are for the account's secrets, and never shown. `user` is whose primary calendar was found there."""

    tokens: str
    user: str
    calendars: tuple[CalendarEntry, ...]

    def __repr__(self) -> str:
        return f"SignedIn({self.user!r})"


def sign_in(config: AccountConfig, scopes: tuple[str, ...], now: Callable[[], datetime], *, no_browser: bool) -> SignedIn:
    """Permanent where the user does not agree, or is another one than `config.user`; Temporary where the browser stays away."""
    client, endpoints = client_of(config), endpoints_of(config)
    if client.kind != "installed":
        raise Usage("that client file is of a service account, which needs no sign-in: write subject = … in its [[account]].")
    with Listener() as listener:
        attempt = SignIn.begin(client, scopes, listener.redirect, endpoints, config.user)
        address = _pasted(attempt) if no_browser else _brought(attempt, listener)
    tokens = finish(attempt, address, client, scopes, now(), endpoints, config.ca_file)
    memory = MemorySecrets()
    memory.set(config.id, SECRET, tokens)
    api = GoogleApi(UserTokens(config.id, memory, now, endpoints, config.ca_file), endpoints, ca_file=config.ca_file)
    calendars = list_calendars(api)
    user = next((entry.id for entry in calendars if entry.primary), "")
    _require_same(user, config)
    return SignedIn(memory.get(config.id, SECRET) or tokens, user, calendars)


def _require_same(user: str, config: AccountConfig) -> None:
    """Nobody's calendar is written to by mistake."""
    if user and config.user and plain_address(user) != plain_address(config.user):
        raise Permanent(
            f"You signed in as {printable(user, 100)}, and the account {config.id} is of {printable(config.user, 100)}; nothing "
            "was kept. Sign in as that one, or correct user = … in the config."
        )


def _pasted(attempt: SignIn) -> str:
    if sys.stdin is None or not sys.stdin.isatty():
        raise NeedsAnswer(
            "Nobody is there to answer: run it in a terminal, where the address can be pasted. Without one, a service account "
            "needs no sign-in (subject = …)."
        )
    show([
        "Open this address in a browser, on any machine, and agree there:", "", attempt.url, "",
        "At the end the browser shows a page that it cannot open. That is right: copy the whole address of that page.",
    ])  # fmt: skip
    return ask_text("The address: ")


def _brought(attempt: SignIn, listener: Listener) -> str:
    show(["In your browser, sign in and agree. If none opens, open this address on this machine:", "", attempt.url, ""])
    show([
        "Is your browser on another machine? Stop this (Ctrl-C), and begin again with --no-browser.",
        "Does Google show an error there? Stop, too. “invalid_client”: the client was deleted, so download the file of another. "
        "“Access blocked”: add yourself as a test user of the project, or publish it (README.md).",
    ])  # fmt: skip
    sys.stdout.flush()
    if _has_browser():
        # A browser in the terminal, or one that is started by this, ends only when it is closed.
        threading.Thread(target=webbrowser.open, args=(attempt.url,), daemon=True).start()
    try:
        return listener.wait(attempt, _SECONDS)
    except KeyboardInterrupt:
        raise KeyboardInterrupt("Stopped; nothing was done.") from None


def _has_browser() -> bool:
    """Without a screen the standard library would start one in the terminal, over our words."""
    return bool(os.environ.get("BROWSER") or sys.platform == "darwin" or os.environ.keys() & {"DISPLAY", "WAYLAND_DISPLAY"})
