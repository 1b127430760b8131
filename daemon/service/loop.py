"""The loop of the service: waits, and lets a pass be made where one is due. It is given its time, its sleep and its passes, so
that a year can be played in seconds. A pass that fails never ends it; one pass runs at a time.

A pass is due at the start, at each transition (a window, an absence, a message), after whatever the user or the machine did, and
at the regular look where anything has changed since the last pass, or an hour has gone by. Servers are looked at by each regular
pass, or, while an absence is near, by a watch between passes where all of them can be watched."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Protocol

from daemon.service.backoff import Backoff
from daemon.service.marks import Marks, marks_of
from daemon.service.report import Order, Report
from daemon.service.scout import Watched

LONGEST_SLEEP = 300.0  # seconds; a sleep that ends late is never later than this
LONGEST_WITHOUT = 3600.0  # seconds without a pass, whatever the files look like
PASS_LIMIT = 900.0  # seconds that a pass may take before it is stopped; the command of a user may take ten minutes
STOP_LIMIT = 30.0  # seconds that a pass has to end at a good moment
SETTLING = 3.0  # seconds from a new route until names can be resolved
LEAST_APART = 30.0  # seconds between two passes because of a network that comes and goes
LONGEST_CALM = 1800.0  # seconds between looks at servers while no absence is near
JUMP = 2.0  # seconds by which the clock may differ from the time that went by


class Time(Protocol):
    def now(self) -> float:
        """Seconds of UTC."""
        ...

    def passed(self) -> float:
        """Seconds that went by since some moment, whatever the clock was set to."""
        ...

    def zone(self) -> str:
        """The machine's time zone."""
        ...


class Alarm(Protocol):
    def set(self, every: timedelta) -> None: ...

    def rang(self) -> bool: ...

    def idle(self) -> float: ...


class Waker(Protocol):
    def wait(self, seconds: float) -> Iterable[str]:
        """At most so long; what happened: "stop", "reload", "wake", "mail", "resumed", "network", "answered",
        "news" on a server, "watching" from now on, "finished"."""
        ...


class Passes(Protocol):
    def start(self, order: Order) -> None: ...

    def result(self) -> Report:
        """Of the pass that has finished."""
        ...

    def stop(self) -> None:
        """End it between two changes."""
        ...

    def kill(self) -> None: ...

    def watch(self, watched: Watched) -> None:
        """This from now on, and nothing else."""
        ...

    def watching(self) -> bool:
        """Whether that goes on."""
        ...


class Teller(Protocol):
    def ready(self, words: str) -> None: ...

    def alive(self, words: str) -> None:
        """A turn of the loop was made."""
        ...

    def reloading(self) -> None: ...

    def stopping(self) -> None: ...

    def log(self, words: str, *, bad: bool = False) -> None: ...

    def show(self, report: Report) -> tuple[str, ...]:
        """Put its notices where the user sees them; returns the keys of those that were."""
        ...

    def answers(self) -> tuple[tuple[str, str], ...]:
        """What the user has answered there since this was last asked: absence and verb."""
        ...


class Loop:
    """`bound`: the longest sleep in seconds."""

    def __init__(
        self, time: Time, waker: Waker, passes: Passes, alarm: Alarm, teller: Teller, backoff: Backoff,
        *, bound: float = LONGEST_SLEEP, marks: Callable[..., Marks] = marks_of,
    ) -> None:  # fmt: skip
        self._time, self._waker, self._passes = time, waker, passes
        self._alarm, self._teller, self._backoff = alarm, teller, backoff
        self._bound, self._marks_of = bound, marks
        self.report: Report | None = None
        self.next: float | None = None
        self.last_pass: float | None = None
        self.made = self.spared = 0
        self.trouble = ""  # why the last pass failed
        self._wanted: list[str] = ["the service has started"]
        self._began: float | None = None  # of the pass at work, in time passed
        self._ended = -math.inf
        self._before, self._known = Marks(0, 0.0), Marks(-1, math.inf)
        self._order = Order()
        self._told: tuple[str, ...] = ()
        self._said: tuple[tuple[str, str], ...] = ()
        self._retry: float | None = None
        self._watched = False  # whether the watch has begun, and a pass was made since
        self._stopping: float | None = None
        self._reloading = self._ready = False
        self._seen = (time.now(), time.passed(), time.zone())
        self._minutes = 0

    def run(self) -> None:
        """Until it is told to stop."""
        self._set_alarm(5)
        self._teller.log("the service has started")
        while not (self._stopping is not None and self._began is None):
            self.turn()
        self._teller.log("the service has stopped")

    def turn(self) -> None:
        self._notice_time()
        self._begin()
        if not self._ready:
            self._ready = True
            self._teller.ready(self.words())
        self._teller.alive(self.words())
        for event in self._waker.wait(self._pause()):
            self._on(event)
        self._end_what_is_overdue()

    def words(self) -> str:
        """What it is doing, for the user."""
        if self._began is not None:
            return "a pass is at work"
        if self.trouble:
            return f"the last pass failed and is tried again: {self.trouble}"
        told = self.report.words if self.report else "the first pass is about to begin"
        return f"{told} The config has a mistake; the last good one is in use." if self.report and self.report.mistakes else told

    # --- what is due --------------------------------------------------------------------------------------------------

    def _notice_time(self) -> None:
        now, passed, zone = self._time.now(), self._time.passed(), self._time.zone()
        jumped = (now - self._seen[0]) - (passed - self._seen[1])
        if abs(jumped) > JUMP:
            self._want(f"the clock moved by {jumped:+.0f} s against the time that went by")
            self._set_alarm(self._minutes)
            self._passes.watch(Watched())  # its lines may be dead; the pass begins it anew
        if zone != self._seen[2]:
            self._want(f"this machine's time zone is now {zone}")
        self._seen = (now, passed, zone)

    def _want(self, why: str) -> None:
        if why not in self._wanted:
            self._wanted.append(why)

    def _begin(self) -> None:
        if self._began is not None or self._stopping is not None:
            return
        now, passed = self._time.now(), self._time.passed()
        if self.next is not None and now >= self.next:
            self._want("something is due")
        if self._retry is not None and passed >= self._retry:
            self._want("something failed before")
        if self._alarm.rang() and not self._wanted:
            self._look(now, passed)
        if self._wanted:
            self._start(now, passed)

    def _look(self, now: float, passed: float) -> None:
        """The regular look. A pass in which nothing can have changed is spared."""
        report = self.report
        calm = report is not None and report.calm and passed - self._ended < LONGEST_CALM - 60.0
        self._watched = self._watched and self._passes.watching()
        if report is None or report.state != "done" or (report.remote and not calm and not (report.watchable and self._watched)):
            self._want("the regular look")
        elif passed - self._ended >= LONGEST_WITHOUT or abs(now - (self.last_pass or 0)) >= LONGEST_WITHOUT:
            self._want("an hour has gone by")
        elif self._marks_of(report.watch) != self._known:
            self._want("something has changed")
        else:
            self.spared += 1

    def _start(self, now: float, passed: float) -> None:
        self._wanted.clear()
        self._retry = None
        self._before = self._marks_of(self.report.watch if self.report else ())
        self._said += self._teller.answers()
        self._order = Order(self._backoff.paused(now), self._told, self._said)
        self._began, self.last_pass = passed, now
        self._passes.start(self._order)

    # --- what happened ------------------------------------------------------------------------------------------------

    def _on(self, event: str) -> None:
        if event == "finished":
            self._finished(self._passes.result())
        elif event == "stop":
            self._stop()
        elif event == "reload":
            self._reloading = True
            self._teller.reloading()
            self._nudge("you asked for it")
        elif event == "wake":
            self._nudge("something was done by hand")
        elif event == "mail":
            self._want("mail has come")
        elif event == "answered":
            self._want("you answered a question")
        elif event == "resumed":
            self._nudge("the machine woke up")
        elif event == "news":
            self._want("a server has news")
        elif event == "watching":
            self._watched = True
            self._want("servers are watched from now on")
        elif event == "network" and (self._backoff.failing or self.trouble or self._passes.watching()):
            self._passes.watch(Watched())
            self._backoff.start_over()
            self._retry = max(self._time.passed() + SETTLING, self._ended + LEAST_APART)

    def _nudge(self, why: str) -> None:
        self._backoff.forget()
        self._want(why)

    def _finished(self, report: Report) -> None:
        if self._began is None:
            return
        now, passed = self._time.now(), self._time.passed()
        self._began, self._ended = None, passed
        self.made += 1
        same_places = self.report is not None and self.report.watch == report.watch
        settled = report.state == "done" and same_places and self._before.settled(self.last_pass or now)
        self._known = self._before if settled else Marks(-1, math.inf)
        self._note(report, now, passed)
        self._told = self._teller.show(report) if report.state == "done" else self._told
        if self._reloading:
            self._reloading = False
            self._teller.ready(self.words())

    def _note(self, report: Report, now: float, passed: float) -> None:
        for line in report.log:
            self._teller.log(line)
        if report.state == "done":
            self._tell_config(report)
            self.report, self.next = report, report.next
            self.trouble = ""
            self._said = ()
            self._backoff.learn(self._order.paused, report.failing, now)
            self._passes.watch(_watched_after(report) if self._stopping is None else Watched())
            if report.minutes != self._minutes:
                self._set_alarm(report.minutes)
            return
        self._teller.log(report.words, bad=report.state == "failed")
        self.trouble = report.words
        self._retry = passed + self._backoff.once_more(60.0 * self._minutes)
        self.next = self.next if self.next is not None and self.next > now else None

    def _tell_config(self, report: Report) -> None:
        before = self.report.mistakes if self.report else ""
        if report.mistakes != before:
            good = "the config is good again"
            bad = f"the config cannot be used, the last good one is:\n{report.mistakes}"
            self._teller.log(bad if report.mistakes else good, bad=bool(report.mistakes))

    def _set_alarm(self, minutes: int) -> None:
        self._minutes = minutes
        self._alarm.set(timedelta(minutes=minutes))

    # --- the end ------------------------------------------------------------------------------------------------------

    def _stop(self) -> None:
        if self._stopping is None:
            self._stopping = self._time.passed()
            self._teller.stopping()
            self._passes.watch(Watched())
            if self._began is not None:
                self._passes.stop()

    def _end_what_is_overdue(self) -> None:
        if self._began is not None and self._limit() <= self._time.passed():
            self._teller.log("the pass takes too long and is ended; the next one finds what was done", bad=True)
            self._passes.kill()

    def _limit(self) -> float:
        """When the pass at work is to be ended, in time passed."""
        began = self._began if self._began is not None else math.inf
        return min(began + PASS_LIMIT, math.inf if self._stopping is None else self._stopping + STOP_LIMIT)

    def _pause(self) -> float:
        passed = self._time.passed()
        if self._began is not None:
            return max(0.0, min(self._bound, self._limit() - passed))
        if self._stopping is not None or self._wanted:
            return 0.0
        due = math.inf if self.next is None else self.next - self._time.now()
        again = math.inf if self._retry is None else self._retry - passed
        return max(0.0, min(self._alarm.idle(), due, again, self._bound))


def _watched_after(report: Report) -> Watched:
    return Watched(report.mailboxes, 60.0 * report.minutes if report.watchable else 0.0)
