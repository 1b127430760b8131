"""What an account at Google may cost in a day: where that is kept. Apart from the account itself, so that `status` reads it
without the client library."""

from __future__ import annotations

from pathlib import Path

from daemon.clock import Clock
from integrations.google_budget import DailyBudget
from rules.policy import AccountConfig


def budget_of(config: AccountConfig, clock: Clock, state: Path | None) -> DailyBudget:
    """`state` is homeward's own folder; None keeps nothing."""
    return DailyBudget(state / f"google-{config.id}.json" if state else None, config.daily_units, clock.now)
