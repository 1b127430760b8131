"""What the background service costs with one calendar on a Radicale and one mailbox on a Dovecot, both throw-away: memory before
the first pass and after some, CPU and wake-ups of the process that waits, CPU of a pass without news. An hour is reckoned
from these: two passes while no absence is near, twelve else. Beside it vdirsyncer, run by its own timer every 15 minutes, which
looks at the calendar alone; nothing else in PyPI or Debian waits for both.

Usage: python benchmarks/service.py WORK [--seconds 330]"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.caldav import COLLECTION, LOGIN, Peer, median, radicale
from daemon.service.control import ask
from tests.servers.dovecot import Dovecot, running_dovecot

CALM, NEAR, TIMER = 2, 12, 4  # passes an hour; runs of the peer's timer an hour
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
"""


class Process:
    """The one that waits, as the kernel counts it."""

    def __init__(self, pid: int) -> None:
        self._folder = Path(f"/proc/{pid}")

    def megabytes(self) -> float:
        return self._number("VmRSS") / 1000

    def wakes(self) -> int:
        return self._number("voluntary_ctxt_switches")

    def seconds(self) -> tuple[float, float]:
        """CPU of its own, and of its passes that have ended."""
        numbers = list(map(int, (self._folder / "stat").read_text().rpartition(")")[2].split()[11:15]))
        return sum(numbers[:2]) / _TICKS, sum(numbers[2:]) / _TICKS

    def _number(self, name: str) -> int:
        lines = (self._folder / "status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:"))


def until(what: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        if time.monotonic() > deadline:
            raise SystemExit("the service does not do what it ought to")
        time.sleep(0.01)


@contextmanager
def service(folder: Path, dovecot: Dovecot, url: str) -> Iterator[tuple[Process, Path]]:
    for name, secret in (("calendars", LOGIN[1]), ("post", dovecot.password)):
        (folder / name).touch(mode=0o600)
        (folder / name).write_text(secret)
    values = {"login": LOGIN, "url": url, "folder": folder, "user": dovecot.user(), "dovecot": dovecot, "collection": COLLECTION}
    (folder / "config.toml").write_text(CONFIG.format(**values))
    state = folder / "state"
    command = [sys.executable, "-m", "daemon", "--config", str(folder / "config.toml"), "--state", str(state), "run"]
    with (folder / "log").open("wb") as log:
        started = subprocess.Popen(command, stdout=log, stderr=log, cwd=Path(__file__).parent.parent, env=_env())
    try:
        yield Process(started.pid), state
    except SystemExit:
        sys.stderr.write((folder / "log").read_text())
        raise
    finally:
        started.terminate()
        started.wait(60)


def _env() -> dict[str, str]:
    """As an installation is: what was compiled once is there."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def passes(state: Path) -> int:
    told = ask(str(state), "status")
    return int(str(told["passes"])) if told else -1


def measure(process: Process, state: Path, seconds: float) -> dict[str, float]:
    until(lambda: passes(state) >= 0)
    found = {"first": process.megabytes()}
    for number in range(1, 4):
        until(lambda number=number: passes(state) >= number)
        ask(str(state), "wake")
    until(lambda: passes(state) >= 4)
    before = process.seconds()[1]
    for number in range(5, 10):
        ask(str(state), "wake")
        until(lambda number=number: passes(state) >= number)
    found["pass"] = (process.seconds()[1] - before) / 5
    cpu, wakes = process.seconds()[0], process.wakes()
    time.sleep(seconds)
    found |= {"idle": (process.seconds()[0] - cpu) * 3600 / seconds, "wakes": (process.wakes() - wakes) * 3600 / seconds}
    found["steady"] = process.megabytes()
    return found


def line(what: str, value: float, target: float, unit: str) -> None:
    print(f"{what:<58} {value:9.2f} {unit:<8} target {target:g}  {'met' if value <= target else 'MISSED'}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("work", type=Path)
    parser.add_argument("--seconds", type=float, default=330.0, help="how long it is watched while nothing happens")
    parser.add_argument("--events", type=int, default=2000)
    given = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="hw-cost-") as name,
        radicale(Path(name), given.events) as url,
        running_dovecot() as dovecot,
    ):
        folder = Path(name) / "home"
        folder.mkdir()
        with service(folder, dovecot, url) as (process, state):
            found = measure(process, state, given.seconds)
        report(found)
        vdirsyncer = given.work.absolute() / "peers/bin/vdirsyncer"
        if not vdirsyncer.exists():
            print("vdirsyncer is left out: sh benchmarks/setup WORK")
            return
        peer = Peer(vdirsyncer, Path(name) / "peer", url)
        peer.forget()
        theirs = median(peer.sync, lambda: None)[0] * TIMER
        ours = found["idle"] + CALM * found["pass"]
        print(f"vdirsyncer every 15 minutes, the calendar alone: {theirs:.2f} CPU-s an hour, {theirs / ours:.1f}x of homeward's")


def report(found: dict[str, float]) -> None:
    line("memory before the first pass", found["first"], 16, "MB")
    line("memory after nine passes (CalDAV and IMAP)", found["steady"], 40, "MB")
    line("wake-ups an hour", found["wakes"], 60, "")
    line("CPU an hour, no absence near", found["idle"] + CALM * found["pass"], 1, "s")
    line("CPU an hour, an absence near or going on", found["idle"] + NEAR * found["pass"], 5, "s")
    print(f"  (waiting {found['idle']:.2f} s an hour; a pass without news {found['pass']:.3f} s)")


if __name__ == "__main__":
    main()
