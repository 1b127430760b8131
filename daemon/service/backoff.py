"""How long an account that failed is left alone: longer each time, never in step with others, at least as long as its server
asks for. One account's failure concerns no other."""

from __future__ import annotations

import random
from collections.abc import Mapping

from daemon.service.report import Pause, Trouble

_FIRST, _LONGEST = 60.0, 900.0  # seconds, where a server does not answer
_FIRST_PASS = 10.0  # a pass that another command of ours kept waiting, or that fell
_LONGEST_ASKED = 21_600.0  # whatever a server asks for
_SPREAD = 0.2


class Backoff:
    """`chance` is given so that a test can tell what comes out."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._failures: dict[str, int] = {}
        self._paused: dict[str, Pause] = {}
        self._failed_passes = 0

    def paused(self, now: float) -> dict[str, Pause]:
        """Those that are not to be asked at this moment."""
        return {account: pause for account, pause in self._paused.items() if now < pause.until}

    def learn(self, spared: Mapping[str, Pause], failing: Mapping[str, Trouble], now: float) -> None:
        """After a pass that came to its end. `spared` were left alone in it, and nothing is known of them; all others failed or
        worked."""
        self._failed_passes = 0
        for account in self._failures.keys() - spared.keys() - failing.keys():
            del self._failures[account]
            self._paused.pop(account, None)
        for account, trouble in failing.items():
            if account not in spared:
                self._failures[account] = self._failures.get(account, 0) + 1
                self._paused[account] = Pause(now + self.delay(account, trouble), trouble.words)

    def delay(self, account: str, trouble: Trouble) -> float:
        """Seconds, at the present count of failures."""
        grown = _grown(_FIRST, self._failures.get(account, 1), _LONGEST)
        return max(grown, min(trouble.retry_after, _LONGEST_ASKED)) * (1 + self._chance.uniform(0, _SPREAD))

    def once_more(self, longest: float) -> float:
        """Seconds until a pass that failed as a whole is tried again; `longest` is when the next would come anyway."""
        self._failed_passes += 1
        return min(_grown(_FIRST_PASS, self._failed_passes, longest) * (1 + self._chance.uniform(0, _SPREAD)), longest)

    @property
    def failing(self) -> bool:
        """Whether any account failed when it was last asked."""
        return bool(self._failures)

    def start_over(self) -> None:
        """There is a network again: what failed without one says nothing."""
        self.forget()
        self._failures.clear()

    def forget(self) -> None:
        """The user did something, or the machine woke up: all are tried again."""
        self._paused.clear()


def _grown(first: float, times: int, longest: float) -> float:
    """Doubled each time."""
    return float(min(first * 2 ** min(times - 1, 20), longest))
