"""The process of the service, as `homeward run` becomes it: `python -m daemon.service CONFIG STATE FOLDER`. It puts the loop and
the outside of the process together and loads nothing else, which keeps it small."""

from __future__ import annotations

import fcntl
import os
import random
import sys
import time
from collections.abc import Iterable
from contextlib import suppress
from typing import Protocol

from daemon.clock import SystemClock, clock_from
from daemon.service.alarm import ScheduledAlarm
from daemon.service.backoff import Backoff
from daemon.service.child import Child
from daemon.service.control import Control
from daemon.service.loop import LONGEST_SLEEP, Loop
from daemon.service.network import NetworkWatch
from daemon.service.sleep import SleepWatch, system_bus
from daemon.service.systemd import Notifier, watchdog_seconds
from daemon.service.teller import Voice
from daemon.service.wake import Reader, Wake


class MachineTime:
    """Implements `Time`."""

    def __init__(self) -> None:
        self._clock = clock_from(os.environ) if "HOMEWARD_NOW" in os.environ else SystemClock()

    def now(self) -> float:
        return self._clock.now().timestamp()

    def passed(self) -> float:
        return time.monotonic()

    def zone(self) -> str:
        with suppress(OSError):
            return os.readlink("/etc/localtime").partition("zoneinfo/")[2]  # noqa: PTH115
        return ""


def main(config: str, state: str, folder: str) -> int:
    """`config` and `state` as the user named them, or ""; `folder` is where homeward remembers."""
    os.umask(0o077)
    lock = _only_one(folder)
    if lock is None:
        return 1
    machine = MachineTime()
    os.environ["TZ"] = "UTC"
    time.tzset()
    wake, notifier = Wake(), Notifier(os.environ)
    voice = Voice(notifier, os.environ, lambda asked: wake.add(asked.fileno(), until_it_breaks(wake, asked)))
    limit = watchdog_seconds(os.environ)
    bound = min(LONGEST_SLEEP, limit / 2) if limit else LONGEST_SLEEP
    loop = Loop(
        machine, wake, Child(wake, config, state), ScheduledAlarm(), voice, Backoff(random.Random()), bound=bound
    )  # fmt: skip
    control = Control(folder, lambda: _status(loop, machine))
    wake.add(control.fileno(), control.events)
    _listen_for_sleep(wake, voice)
    _listen_for_network(wake, voice)
    try:
        loop.run()
    finally:
        control.close()
        wake.close()
        os.close(lock)
    return 0


def _only_one(folder: str) -> int | None:
    """The lock of the one service on this ledger; None, once it was said who holds it. The kernel takes it from the dead."""
    handle = os.open(f"{folder}/service.lock", os.O_CREAT | os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = os.read(handle, 20).decode("ascii", "replace").strip() or "unknown"
        os.close(handle)
        sys.stderr.write(f"homeward: the service runs already (pid {holder}). Nothing was done.\nSee: homeward service status\n")
        return None
    os.ftruncate(handle, 0)
    os.pwrite(handle, str(os.getpid()).encode(), 0)
    return handle


class _Source(Protocol):
    def fileno(self) -> int: ...

    def events(self) -> Iterable[str]: ...

    def close(self) -> None: ...


def _listen_for_sleep(wake: Wake, voice: Voice) -> None:
    if not system_bus(os.environ):
        return
    try:
        watch = SleepWatch()
    except Exception as error:  # whatever is wrong with the bus, the service goes on without it
        voice.log(f"no word from logind when the machine wakes up ({type(error).__name__}); it is noticed by the clock")
        return
    wake.add(watch.fileno(), until_it_breaks(wake, watch))


def _listen_for_network(wake: Wake, voice: Voice) -> None:
    try:
        watch = NetworkWatch()
    except OSError as error:
        voice.log(f"no word from the kernel when the network comes back ({error.strerror}); servers are tried again by and by")
        return
    wake.add(watch.fileno(), until_it_breaks(wake, watch))


def until_it_breaks(wake: Wake, source: _Source) -> Reader:
    """Its events; a source that fails is heard no more."""
    handle = source.fileno()

    def read() -> Iterable[str]:
        try:
            return source.events()
        except Exception:  # a bus that went away, or talks nonsense
            wake.remove(handle)
            source.close()
            return ()

    return read


def _status(loop: Loop, machine: MachineTime) -> dict[str, object]:
    report = loop.report
    return {
        "pid": os.getpid(),
        "words": loop.words(),
        "now": machine.now(),
        "last_pass": loop.last_pass,
        "next": loop.next,
        "passes": loop.made,
        "spared": loop.spared,
        "mistakes": report.mistakes if report else "",
        "trouble": loop.trouble,
    }


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:4]))
