"""The wake-up: one job of `schedule`, that rings every few minutes. It decides nothing: what is due is a function of the policy,
the ledger and the moment. The process runs in UTC, since `schedule` reckons with naive local times."""

from __future__ import annotations

from datetime import timedelta

import schedule


class ScheduledAlarm:
    """Rings every so often. After the machine's clock was moved it has to be set again."""

    def __init__(self) -> None:
        self._scheduler = schedule.Scheduler()
        self._rang = False

    def set(self, every: timedelta) -> None:
        self._scheduler.clear()
        self._scheduler.every(max(1, int(every.total_seconds()))).seconds.do(self._ring)

    def rang(self) -> bool:
        """Whether it has rung since this was last asked."""
        self._scheduler.run_pending()
        rang, self._rang = self._rang, False
        return rang

    def idle(self) -> float:
        """Seconds until it rings, 0 where it is late."""
        return max(0.0, self._scheduler.idle_seconds or 0.0)

    def _ring(self) -> None:
        self._rang = True
