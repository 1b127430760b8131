"""What one run of homeward works with: the paths, the clock, the config, the ledger, the outside. Everything is opened when it is
first needed, so that a command pays only for what it uses."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from daemon.clock import Clock, clock_from
from daemon.ledger import Ledger
from daemon.paths import Paths, locate, private_folder
from rules.policy import CalendarConfig, Me, Policy

if TYPE_CHECKING:
    from daemon.outside import Outside


class Session:
    """`file` and `me` are given for a stranger's calendar: then there is no config and no ledger, and nothing is written."""

    def __init__(self, paths: Paths, clock: Clock, policy: Policy | None = None) -> None:
        self.paths = paths
        self.clock = clock
        self._policy = policy

    @classmethod
    def open(cls, config: str | None, state: str | None, env: Mapping[str, str]) -> Session:
        return cls(locate(config, state, env), clock_from(env))

    @classmethod
    def for_file(cls, file: Path, me: Me, env: Mapping[str, str]) -> Session:
        calendar = CalendarConfig(id="file", path=str(file), name=file.stem, read_only=True)
        return cls(locate(None, None, env), clock_from(env), Policy(config_version=1, me=me, calendar=(calendar,)))

    @property
    def stateless(self) -> bool:
        return self._policy is not None

    @cached_property
    def policy(self) -> Policy:
        if self._policy is not None:
            return self._policy
        from daemon.config import load

        return load(self.paths.config, self.paths.state)

    def use(self, policy: Policy) -> None:
        """Work with this one, whatever stands in the config file."""
        vars(self)["policy"] = policy

    def use_ledger(self, ledger: Ledger) -> None:
        """Work with this one, which is open."""
        vars(self)["ledger"] = ledger

    @cached_property
    def ledger(self) -> Ledger:
        _ = self.policy  # first: without a good config nothing is made
        return Ledger(private_folder(self.paths.state) / "ledger.db")

    @cached_property
    def outside(self) -> Outside:
        from daemon.connect import connect

        return connect(self.policy, self.paths, self.clock, stateless=self.stateless)

    @cached_property
    def holidays(self) -> frozenset[date]:
        """Public holidays of the configured country from last year to two years ahead; empty where none is configured."""
        if not self.policy.me.holidays:
            return frozenset()
        from daemon.holiday import public_holidays

        return public_holidays(self.policy.me.holidays, self.clock.now().year)

    def tell_service(self) -> None:
        """Something was done: the service, where one runs, looks at once, since what is due may be another thing now."""
        if "ledger" in vars(self) and self.ledger.wrote:
            from daemon.service.control import ask

            ask(str(self.paths.state), "wake", patience=1.0)

    def close(self) -> None:
        """End what is open to the outside."""
        if "outside" in vars(self):
            self.outside.close()

    @property
    def zone(self) -> str:
        return self.policy.me.home_zone
