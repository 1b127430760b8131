"""A machine for the loop on which time is played: it passes when the loop sleeps, and only then."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta

from daemon.service.backoff import Backoff
from daemon.service.loop import LONGEST_SLEEP, Loop
from daemon.service.marks import Marks
from daemon.service.report import Order, Report, Watch
from daemon.service.scout import Watched

PASS_TAKES = 0.4  # seconds


class PlayedTime:
    """`now` is what the clock says, `passed` what really went by while the machine was awake."""

    def __init__(self, start: datetime) -> None:
        self.wall, self.awake, self.place = start.timestamp(), 1000.0, "Europe/Berlin"

    def now(self) -> float:
        return self.wall

    def passed(self) -> float:
        return self.awake

    def zone(self) -> str:
        return self.place

    def go_on(self, seconds: float) -> None:
        self.wall += seconds
        self.awake += seconds

    @property
    def moment(self) -> datetime:
        return datetime.fromtimestamp(self.wall, UTC)


class PlayedAlarm:
    def __init__(self, time: PlayedTime) -> None:
        self._time, self._every, self._due = time, 300.0, 0.0

    def set(self, every: timedelta) -> None:
        self._every = every.total_seconds()
        self._due = self._time.awake + self._every

    def rang(self) -> bool:
        late = self._time.awake >= self._due
        if late:
            self._due = self._time.awake + self._every
        return late

    def idle(self) -> float:
        return max(0.0, self._due - self._time.awake)


class Machine:
    """Implements `Waker`, `Passes` and `Teller`. `make` is what a pass does at a moment; `events` are played at the next wait,
    and `asleep` (seconds, by the wall) suspends the machine in the middle of the next sleep. `can_watch`: a watch over servers
    begins where the loop wants one; its news are played, too."""

    def __init__(
        self, start: datetime, make: Callable[[datetime, Order], Report], *, bound: float = LONGEST_SLEEP, can_watch: bool = False
    ) -> None:
        self.time = PlayedTime(start)
        self.make = make
        self.events: list[str] = []
        self.asleep = self.stepped = 0.0
        self.takes = PASS_TAKES
        self.at_work = self.killed = self.wakes = self.pings = 0
        self.sleeps: list[float] = []
        self.passes: list[datetime] = []
        self.orders: list[Order] = []
        self.watched: list[Watched] = []
        self.can_watch, self.watches = can_watch, False
        self.said: list[str] = []
        self.shown: list[str] = []
        self.chosen: list[tuple[str, str]] = []
        self.sum = 0
        self._report = Report("failed", "")
        self._ends = 0.0
        self._bound = bound
        self.loop = self.new_loop()

    def new_loop(self) -> Loop:
        """As after a start of the process."""
        self.at_work = 0
        self.loop = Loop(
            self.time, self, self, PlayedAlarm(self.time), self, Backoff(random.Random(1)), bound=self._bound, marks=self.marks
        )  # fmt: skip
        self.loop._set_alarm(5)
        return self.loop

    def run_until(self, end: datetime) -> None:
        while self.time.wall < end.timestamp():
            self.loop.turn()

    def marks(self, watch: Iterable[Watch]) -> Marks:
        return Marks(self.sum, 0.0)

    # --- Waker --------------------------------------------------------------------------------------------------------

    def wait(self, seconds: float) -> list[str]:
        self.wakes += 1
        found, self.events = self.events, []
        if found:
            return found
        if self.at_work:
            return self._work(seconds)
        self.sleeps.append(seconds)
        if self.asleep:  # what is left of the sleep comes after the suspension
            self.time.go_on(seconds / 2)
            self.time.wall += self.asleep
            self.asleep = 0.0
            return ["resumed"]
        self.time.go_on(seconds)
        self.time.wall += self.stepped
        self.stepped = 0.0
        return []

    def _work(self, seconds: float) -> list[str]:
        left = self._ends - self.time.awake
        self.time.go_on(max(0.0, min(left, seconds)))
        if left > seconds:
            return []
        self.at_work = 0
        return ["finished"]

    # --- Passes -------------------------------------------------------------------------------------------------------

    def start(self, order: Order) -> None:
        assert not self.at_work, "two passes at once"
        self.at_work = 1
        self._ends = self.time.awake + self.takes
        self.passes.append(self.time.moment)
        self.orders.append(order)
        self._report = self.make(self.time.moment, order)

    def result(self) -> Report:
        return self._report

    def stop(self) -> None:
        self._ends = min(self._ends, self.time.awake + 0.1)

    def kill(self) -> None:
        self.killed += 1
        self._ends = self.time.awake
        self._report = Report("failed", "killed")

    def watch(self, watched: Watched) -> None:
        if self.can_watch and any(watched) and not self.watches:
            self.events.append("watching")
        self.watches = self.can_watch and any(watched)
        self.watched.append(watched)

    def watching(self) -> bool:
        return self.watches

    # --- Teller -------------------------------------------------------------------------------------------------------

    def ready(self, words: str) -> None:
        self.said.append("ready")

    def alive(self, words: str) -> None:
        self.pings += 1

    def reloading(self) -> None:
        self.said.append("reloading")

    def stopping(self) -> None:
        self.said.append("stopping")

    def log(self, words: str, *, bad: bool = False) -> None:
        self.said.append(words)

    def show(self, report: Report) -> tuple[str, ...]:
        self.shown += [notice.key for notice in report.notices]
        return tuple(notice.key for notice in report.notices)

    def answers(self) -> tuple[tuple[str, str], ...]:
        chosen, self.chosen = tuple(self.chosen), []
        return chosen
