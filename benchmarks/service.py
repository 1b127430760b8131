"""What the background service costs with one calendar on a Radicale and a mailbox on a Dovecot, all throw-away: once while no
absence is near, and once while this machine holds the mailbox. Memory, CPU and wake-ups of all processes that stay (the one that
waits, and the watch over the servers), CPU of a pass without news. An hour is reckoned from these: two passes while no absence
is near; else one, and those of the windows. Beside it vdirsyncer, run by its own timer every 15 minutes, which looks at the
calendar alone; nothing else in PyPI or Debian waits for both.

Memory is PSS: what processes share is counted once. RSS, where it is counted for each of them, is printed beside it.

Usage: python benchmarks/service.py WORK [--seconds 300]"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.caldav import COLLECTION, LOGIN, Peer, median, radicale
from daemon.service.control import ask
from tests.servers.dovecot import Dovecot, running_dovecot

CALM, NEAR, TIMER = 2, 1 + 6 / 24, 4  # passes an hour (away, windows open and close six times a day); runs of the peer's timer
_TICKS = os.sysconf("SC_CLK_TCK")

CONFIG = """config_version = 1
[me]
name = "Lena"
addresses = ["lena@example.org"]
home_zone = "Europe/Berlin"
[[account]]
id = "calendars"
kind = "caldav"
user = "{login[0]}"
url = "{url}/"
password_file = "{folder}/calendars"
[[account]]
id = "post"
kind = "imap"
user = "{user}"
password_file = "{folder}/post"
ca_file = "{dovecot.ca_file}"
imap = "imap://localhost:{dovecot.imap}"
[[calendar]]
id = "work"
account = "calendars"
collection = "{collection}"
[[mail]]
id = "mail"
account = "post"
hold = "client"
"""
HOLDS = """[service]
apply = "auto"
[inbox]
when = "always"
windows = [{windows}]
"""


class Processes:
    """Those that stay, as the kernel counts them: the service, and what it has started."""

    def __init__(self, pid: int) -> None:
        self.pid = pid

    def all(self) -> list[Path]:
        started = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        return [Path(f"/proc/{pid}") for pid in (self.pid, *started)]

    def megabytes(self, kind: str) -> float:
        """`kind` is Rss or Pss."""
        return sum(_number(process / "smaps_rollup", kind) for process in self.all()) / 1000

    def wakes(self) -> int:
        threads = (thread for process in self.all() for thread in (process / "task").iterdir())
        return sum(_number(thread / "status", "voluntary_ctxt_switches") for thread in threads)

    def seconds(self) -> float:
        """CPU of their own."""
        threads = (thread for process in self.all() for thread in (process / "task").iterdir())
        return sum(int((thread / "schedstat").read_text().split()[0]) for thread in threads) / 1e9

    def of_passes(self) -> float:
        """CPU of the passes that have ended, in seconds."""
        return sum(map(int, Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()[13:15])) / _TICKS


def _number(file: Path, name: str) -> int:
    return next(int(line.split()[1]) for line in file.read_text().splitlines() if line.startswith(f"{name}:"))


def until(what: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        if time.monotonic() > deadline:
            raise SystemExit("the service does not do what it ought to")
        time.sleep(0.01)


@contextmanager
def service(folder: Path, dovecot: Dovecot, url: str, more: str = "") -> Iterator[tuple[Processes, Path]]:
    folder.mkdir()
    for name, secret in (("calendars", LOGIN[1]), ("post", dovecot.password)):
        (folder / name).touch(mode=0o600)
        (folder / name).write_text(secret)
    values = {"login": LOGIN, "url": url, "folder": folder, "user": dovecot.user(), "dovecot": dovecot, "collection": COLLECTION}
    (folder / "config.toml").write_text(CONFIG.format(**values) + more)
    state = folder / "state"
    command = [sys.executable, "-m", "daemon", "--config", str(folder / "config.toml"), "--state", str(state), "run"]
    with (folder / "log").open("wb") as log:
        started = subprocess.Popen(command, stdout=log, stderr=log, cwd=Path(__file__).parent.parent, env=_env())
    try:
        yield Processes(started.pid), state
    except SystemExit:
        sys.stderr.write((folder / "log").read_text())
        raise
    finally:
        started.terminate()
        started.wait(60)


def holds() -> str:
    """No window opens while it is measured."""
    now = datetime.now(UTC)
    times = sorted(f"{(now + timedelta(hours=hours)).astimezone(ZoneInfo('Europe/Berlin')):%H:%M}" for hours in (5, 12, 19))
    return HOLDS.format(windows=", ".join(f'"{time}"' for time in times))


def _env() -> dict[str, str]:
    """As an installation is: what was compiled once is there."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def passes(state: Path) -> int:
    told = ask(str(state), "status")
    return int(str(told["passes"])) if told else -1


def nudged(state: Path, times: int) -> None:
    for _ in range(times):
        before = passes(state)
        ask(str(state), "wake")
        until(lambda before=before: passes(state) > before)  # type: ignore[misc]


def settled(processes: Processes, state: Path) -> dict[str, float]:
    """Passes are made until nothing is left to do; CPU seconds of one."""
    until(lambda: passes(state) >= 1)
    nudged(state, 3)
    before, first = processes.of_passes(), passes(state)
    nudged(state, 5)
    return {"pass": (processes.of_passes() - before) / (passes(state) - first)}


def watched(both: list[tuple[Processes, dict[str, float]]], seconds: float) -> None:
    """While nothing happens."""
    before = [(each.seconds(), each.wakes()) for each, _ in both]
    time.sleep(seconds)
    for (each, found), (cpu, wakes) in zip(both, before, strict=True):
        found |= {"idle": (each.seconds() - cpu) * 3600 / seconds, "wakes": (each.wakes() - wakes) * 3600 / seconds}
        found |= {"rss": each.megabytes("Rss"), "pss": each.megabytes("Pss"), "number": len(each.all())}


def line(what: str, value: float, target: float, unit: str) -> None:
    print(f"{what:<58} {value:9.2f} {unit:<8} target {target:g}  {'met' if value <= target else 'MISSED'}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("work", type=Path)
    parser.add_argument("--seconds", type=float, default=300.0, help="how long it is watched while nothing happens")
    parser.add_argument("--events", type=int, default=2000)
    given = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="hw-cost-") as name,
        radicale(Path(name), given.events) as url,
        running_dovecot() as dovecot,
    ):
        calm, near = measured(Path(name), dovecot, url, given.seconds)
        ours = report(calm, near)
        vdirsyncer = given.work.absolute() / "peers/bin/vdirsyncer"
        if not vdirsyncer.exists():
            print("vdirsyncer is left out: sh benchmarks/setup WORK")
            return
        peer = Peer(vdirsyncer, Path(name) / "peer", url)
        peer.forget()
        theirs = median(peer.sync, lambda: None)[0] * TIMER
        ratios = ", ".join(
            f"{theirs / our:.1f}x of homeward's {when}" for our, when in zip(ours, ("at rest", "near"), strict=True)
        )
        print(f"vdirsyncer every 15 minutes, the calendar alone: {theirs:.2f} CPU-s an hour, {ratios}")


def measured(folder: Path, dovecot: Dovecot, url: str, seconds: float) -> tuple[dict[str, float], dict[str, float]]:
    """While no absence is near, and while the mailbox is held."""
    with (
        service(folder / "calm", dovecot, url) as (calm, at_rest),
        service(folder / "near", dovecot, url, holds()) as (near, away),
    ):
        until(lambda: passes(at_rest) >= 0)
        found = {"first": _number(calm.all()[0] / "status", "VmRSS") / 1000}
        found |= settled(calm, at_rest)
        held = settled(near, away)
        until(lambda: len(near.all()) == 2 and passes(away) >= 9)
        time.sleep(5)  # the pass that the watch asks for when it begins
        watched([(calm, found), (near, held)], seconds)
    return found, held


def report(calm: dict[str, float], near: dict[str, float]) -> tuple[float, float]:
    """Returns CPU seconds an hour of both."""
    ours = calm["idle"] + CALM * calm["pass"], near["idle"] + NEAR * near["pass"]
    line("memory before the first pass (RSS)", calm["first"], 16, "MB")
    for found, when in ((calm, "no absence near"), (near, "mailbox held, calendar watched")):
        line(f"memory, {when}", found["pss"], 40, "MB")
        print(f"  (RSS of {found['number']:.0f} added up: {found['rss']:.1f} MB)")
    line("wake-ups an hour, no absence near", calm["wakes"], 60, "")
    line("wake-ups an hour, mailbox held", near["wakes"], 60, "")
    line("CPU an hour, no absence near", ours[0], 1, "s")
    line("CPU an hour, an absence near or going on", ours[1], 1, "s")
    for found, when in ((calm, "no absence near"), (near, "mailbox held")):
        print(f"  ({when}: waiting {found['idle']:.2f} s an hour; a pass without news {found['pass']:.3f} s)")
    return ours


if __name__ == "__main__":
    main()
