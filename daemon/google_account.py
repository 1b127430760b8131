"""An [[account]] at Google: where it is, who signs in and with what rights, where the tokens are kept. Imported only where the
config has one; nothing is opened or asked before it is used."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

from daemon.accounts import Account, credentials_of, open_keyring
from daemon.budgets import budget_of
from daemon.clock import Clock
from integrations.credentials import in_time, require_private
from integrations.disk import told
from integrations.errors import AuthExpired, OutsideError, Permanent, Temporary
from integrations.google_auth import CALENDAR_SCOPES, MAIL_SCOPES, ClientFile, ServiceTokens, UserTokens
from integrations.google_budget import DailyBudget
from integrations.google_client import GOOGLE, Endpoints, GoogleApi
from integrations.google_errors import UsedUp
from integrations.google_http import Tokens
from integrations.ports import Secrets
from integrations.token_file import FileSecrets
from rules.policy import AccountConfig, Policy

T = TypeVar("T")

_RUN = " Run `homeward auth google`."
_KEYRING_SECONDS = 20.0
_MOST_BYTES = 64 * 1024  # of a client file


class GoogleAccount(Account):
    """`scopes` are the rights that the config needs. Everything of the account goes through one `api`."""

    def __init__(self, config: AccountConfig, clock: Clock, scopes: tuple[str, ...], state: Path | None = None) -> None:
        """`state`: homeward's own folder, in which what was spent is kept; None keeps nothing."""
        super().__init__(config, clock, credentials_of(config, {}))
        self.scopes = scopes
        self._state = state

    @cached_property
    def api(self) -> GoogleApi:
        return GoogleApi(self.tokens, endpoints_of(self.config), ca_file=self.config.ca_file, budget=self.budget)

    @cached_property
    def budget(self) -> DailyBudget:
        return budget_of(self.config, self._clock, self._state)

    @cached_property
    def tokens(self) -> Tokens:
        """UserTokens, or what speaks for the user in their place."""
        config, endpoints, now = self.config, endpoints_of(self.config), self._clock.now
        if not config.subject:
            return UserTokens(config.id, secrets_of(config), now, endpoints, config.ca_file)
        return _Late(
            lambda: ServiceTokens(client_of(config), config.subject, self.scopes, now, endpoints, config.ca_file)
        )  # fmt: skip

    def ask(self, server: str, call: Callable[..., Any], *args: Any, **named: Any) -> Any:
        """As for any account. A keyring that is locked is not asked again and again, as a Google that is busy would be."""

        def with_token() -> Any:
            self.tokens.token()
            return call(*args, **named)

        return super().ask(server, with_token)

    @property
    def missing(self) -> tuple[str, ...]:
        """Rights that the config needs and the user has not given, as far as known here. Raises like the keyring."""
        if not isinstance(self.tokens, UserTokens):
            return ()
        given = self.tokens.scopes()
        return tuple(scope for scope in self.scopes if scope not in given)

    @property
    def spent(self) -> str:
        meter = self.api.meter
        calls = ", ".join(f"{name} {count}" for name, count in sorted(meter.calls.items()))
        day = f"{self.budget.today().units:,} of {self.budget.units:,} this day"
        return f"{meter.requests} requests, {meter.units} quota units{f' ({calls})' if calls else ''}; {day}"

    @property
    def trouble(self) -> Temporary | None:
        """A day that is used up is no failure: the budget says when to ask again."""
        found = super().trouble
        return None if isinstance(found, UsedUp) else found

    def spare(self, zone: str) -> bool:
        until = self.budget.rests_until()
        if until is None:
            self.budget.look()
            return False
        self.rest = self.budget.words(zone)
        self.leave_alone(until, self.rest)
        return True

    def expect(self, due: datetime | None) -> None:
        self.budget.expect(due)

    def refuse(self, error: AuthExpired) -> None:
        """Until the end of this session: the next one asks again, since a sign-in may have come meanwhile."""
        self.refused = f"{error.what.removesuffix(_RUN)} {self.what_to_type()}"

    def what_to_type(self) -> str:
        if self.config.subject:
            return f"Check the service account and what your domain allows it; then: homeward auth check {self.id}"
        return f"Sign in again: homeward auth google {self.id}"


def google_account(config: AccountConfig, policy: Policy, clock: Clock, state: Path | None = None) -> GoogleAccount:
    """With the rights that the config asks for: mail only where mail is there."""
    return GoogleAccount(config, clock, scopes_for(any(mail.account == config.id for mail in policy.mail)), state)


def scopes_for(mail: bool) -> tuple[str, ...]:
    return (*CALENDAR_SCOPES, *(MAIL_SCOPES if mail else ()))


def endpoints_of(config: AccountConfig) -> Endpoints:
    """Google's own where the config names none."""
    return Endpoints(
        _folder(config.calendar_url or GOOGLE.calendar),
        _folder(config.gmail_url or GOOGLE.gmail),
        config.token_url or GOOGLE.token,
        config.auth_url or GOOGLE.auth,
    )


def _folder(url: str) -> str:
    return url.rstrip("/") + "/"


def client_of(config: AccountConfig) -> ClientFile:
    """Permanent where it cannot be read or is no client file, and where others can read the key of a service account."""
    path = Path(config.client_file)
    with told(f"read the client file {path}"), path.open("rb") as file:
        if config.subject:
            require_private(f"The client file {path}", path, os.fstat(file.fileno()))
        text = file.read(_MOST_BYTES).decode("utf-8", "replace")
    try:
        return ClientFile.parse(text)
    except Permanent as error:
        raise Permanent(f"{path}: {error.what} Put it in the place of this one, and do the same again.") from None


# --- where tokens are kept --------------------------------------------------------------------------------------------


def secrets_of(config: AccountConfig) -> Secrets:
    return FileSecrets(Path(config.token_file)) if config.token_file else _Keyring(config.id)


def place_of(config: AccountConfig) -> str:
    """Where, in words."""
    return f"token_file ({Path(config.token_file).name})" if config.token_file else "the keyring"


class _Keyring:
    """The desktop's, opened when it is needed and waited for no longer than anybody would: some ask on a screen at which nobody
    looks."""

    def __init__(self, account: str) -> None:
        self._account = account

    def get(self, account_id: str, name: str) -> str | None:
        return self._call(lambda: open_keyring().get(account_id, name))

    def set(self, account_id: str, name: str, value: str) -> None:
        self._call(lambda: open_keyring().set(account_id, name, value))

    def delete(self, account_id: str, name: str) -> None:
        self._call(lambda: open_keyring().delete(account_id, name))

    def _call(self, call: Callable[[], T]) -> T:
        try:
            return in_time(lambda: (call(),), _KEYRING_SECONDS, Temporary("Waiting for the keyring: it does not answer."))[0]
        except Permanent as error:
            raise Permanent(f"{error.what} Or set token_file of the account {self._account}.") from None
        except OutsideError:
            raise
        except Exception as error:  # of D-Bus and what stands behind it; its words may quote what was asked for
            raise Temporary(f"Waiting for the keyring: it failed ({type(error).__name__}).") from None


class _Late:
    """Tokens whose key is read when the first is asked for."""

    def __init__(self, made: Callable[[], Tokens]) -> None:
        self._made = made

    @cached_property
    def _tokens(self) -> Tokens:
        return self._made()

    def token(self, refused: str = "") -> str:
        return self._tokens.token(refused)
