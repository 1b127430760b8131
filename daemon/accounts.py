"""The accounts on servers: how each is entered, and what went wrong with it in this session. A server that did not answer is not
asked again at once, and a login that was refused is not tried again: neither holds up what other accounts have to do."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import cache, partial
from pathlib import Path
from typing import Any, TypeVar, cast

from daemon.clock import Clock
from daemon.refusals import Refusals
from integrations.credentials import Credentials
from integrations.errors import AuthExpired, Temporary
from integrations.login import Login
from integrations.ports import Secrets
from rules.policy import AccountConfig, Policy

T = TypeVar("T")

_PAUSE = timedelta(minutes=4)  # for the rest of a pass, which meets the same server some ten times; the next one asks again


_FORGETFUL = Refusals(None)


@cache
def open_keyring() -> Secrets:
    """The desktop's. Permanent where there is none that encrypts."""
    from integrations.secrets import KeyringSecrets

    return KeyringSecrets()


def credentials_of(config: AccountConfig, env: Mapping[str, str]) -> Credentials:
    """`env` names the folder of what systemd hands over ($CREDENTIALS_DIRECTORY)."""
    folder = env.get("CREDENTIALS_DIRECTORY", "")
    return Credentials(
        config.id,
        lambda: open_keyring(),
        fetch=config.password_fetch,
        file=config.password_file,
        handed_over=Path(folder) if folder else None,
    )


class Account:
    """One [[account]] on a server. `refused`: what to tell the user once the login was not taken, "" before. `rest`: why it was
    spared in this pass, "" where it was not."""

    def __init__(
        self, config: AccountConfig, clock: Clock, credentials: Credentials, refusals: Refusals = _FORGETFUL
    ) -> None:  # fmt: skip
        self.config = config
        self.credentials = credentials
        self.refused = ""
        self.rest = ""
        self._clock = clock
        self._refusals = refusals
        self._paused: dict[str, tuple[datetime, Temporary]] = {}
        self._left_alone: tuple[datetime | None, Temporary | None] = (None, None)

    @property
    def id(self) -> str:
        return self.config.id

    def login(self) -> Login:
        return Login(self.config.user, self.config.auth, self.credentials.secret)

    def watched(self, backend: T, server: str, *own: str) -> T:
        """`backend`, every call of which goes through `ask`, save those that ask no server: `close`, and what `own` names."""
        return cast(T, _Watched(backend, self, server, ("close", *own)))

    def ask(self, server: str, call: Callable[..., Any], *args: Any, **named: Any) -> Any:
        """What the call returns or raises. AuthExpired bears the account's id."""
        self._still_out(server)
        try:
            answer = call(*args, **named)
        except AuthExpired as error:
            self.refuse(error)
            raise AuthExpired(self.refused, self.id) from error
        except Temporary as error:
            self._paused[server] = (self._clock.now() + _PAUSE, error)
            raise
        self._paused.pop(server, None)
        return answer

    def leave_alone(self, until: datetime, words: str) -> None:
        """Ask none of its servers before then, for the reason in `words`."""
        self._left_alone = (until, Temporary(words))

    def spare(self, zone: str) -> bool:
        """Before a pass of the service: whether it is left alone in it, since it has cost much today. `zone` for the words."""
        return False

    def expect(self, due: datetime | None) -> None:
        """After a pass of the service: when something of it is due next, whatever it has cost."""

    @property
    def spent(self) -> str:
        """What this session has cost, in words, where that is counted; else ""."""
        return ""

    @property
    def trouble(self) -> Temporary | None:
        """What still was wrong when its servers were last asked; None where they answered."""
        return max((error for _, error in self._paused.values()), key=lambda error: error.retry_after, default=None)

    def accept(self) -> None:
        """The servers took the login, when the user asked for it to be tried."""
        self._refusals.clear(self.id)

    def refuse(self, error: AuthExpired) -> None:
        """The server did not take the login: what was remembered of it is forgotten, and it is not tried again."""
        self.credentials.drop()
        if self.config.auth == "password":  # a token is another one the next time
            self._refusals.note(self.id, self.credentials.mark, self._clock.now())
        self.refused = f"{error.what.removesuffix(' Sign in again.')} {self.what_to_type()}"

    def what_to_type(self) -> str:
        """After a login that was refused."""
        if self.credentials.kept_by_us:
            return f"Sign in again: homeward auth set {self.id}"
        return f"Correct {self.credentials.source}; then: homeward auth check {self.id}"

    def _still_out(self, server: str) -> None:
        if not self.refused and self._refusals.waits(self.id, self.credentials.mark, self._clock.now()):
            self.refused = f"Its server refused the password within the last hour; it is not tried yet. {self.what_to_type()}"
        if self.refused:
            raise AuthExpired(self.refused, self.id)
        for until, error in (self._left_alone, self._paused.get(server, (None, None))):
            if until is not None and error is not None and self._clock.now() < until:
                raise Temporary(error.what, error.retry_after)


class _Watched:
    """Stands for a backend of an account."""

    def __init__(self, backend: Any, account: Account, server: str, own: tuple[str, ...]) -> None:
        self._backend = backend
        self._account = account
        self._server = server
        self._own = own

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._backend, name)
        return partial(self._account.ask, self._server, found) if callable(found) and name not in self._own else found


def accounts_of(policy: Policy, clock: Clock, state: Path | None) -> dict[str, Account]:
    """Those on servers, by id. Nothing is asked or opened yet. `state`: homeward's own folder, None where nothing is kept."""
    refusals = refusals_in(state)
    servers = (config for config in policy.account if config.kind not in ("local", "google"))
    found: dict[str, Account] = {
        config.id: Account(config, clock, credentials_of(config, os.environ), refusals) for config in servers
    }
    return found | _at_google(policy, clock, state)


def _at_google(policy: Policy, clock: Clock, state: Path | None) -> dict[str, Account]:
    configs = [config for config in policy.account if config.kind == "google"]
    if not configs:
        return {}
    from daemon.google_account import google_account

    return {config.id: google_account(config, policy, clock, state) for config in configs}


def refusals_in(state: Path | None) -> Refusals:
    return Refusals(state / "refused" if state else None)
