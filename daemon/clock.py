"""The time. The only file that asks the machine for it: everything else is given a Clock or a moment.
Light: the service that waits loads it, and nothing of what checks a config."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from daemon.mistakes import Mistake


class Clock(Protocol):
    def now(self) -> datetime:
        """This moment, in UTC."""
        ...


class SystemClock:
    """The machine's own."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class FixedClock:
    """Stands still until it is moved: for demonstrations and tests."""

    def __init__(self, moment: datetime) -> None:
        self._moment = _utc(moment)

    def now(self) -> datetime:
        return self._moment

    def set(self, moment: datetime) -> None:
        """Any direction: a clock that is set back is one of the things that happen."""
        self._moment = _utc(moment)

    def advance(self, by: timedelta) -> None:
        self._moment += by


def _utc(moment: datetime) -> datetime:
    from rules.interval import require_aware

    require_aware(moment, "the clock")
    return moment.astimezone(UTC)


def clock_from(env: Mapping[str, str]) -> Clock:
    """The machine's clock, or one that stands at HOMEWARD_NOW (ISO 8601 with an offset, "2026-12-01T09:00+01:00").
    ConfigError where that is no instant."""
    wanted = env.get("HOMEWARD_NOW", "")
    if not wanted:
        return SystemClock()
    try:
        return FixedClock(datetime.fromisoformat(wanted))
    except (ValueError, OverflowError) as error:
        from daemon.mistakes import ConfigError

        raise ConfigError((_no_instant(wanted),)) from error


def _no_instant(wanted: str) -> Mistake:
    from daemon.mistakes import Mistake, show

    allowed = 'an instant with its offset: "2026-12-01T09:00+01:00"'
    return Mistake("the environment", 0, "HOMEWARD_NOW", show(wanted), allowed)
