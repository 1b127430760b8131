"""homeward and vdirsyncer side by side at one real Radicale with 5,000 events: the first load, nothing changed, one changed. Each
is a process of its own from start to end; the server is warm. Prints seconds (CPU, and on the clock), requests and ratios of that
one run. `sh benchmarks/setup WORK` sets up what the peer needs.

Usage: python benchmarks/caldav.py WORK [--events 5000]"""

from __future__ import annotations

import argparse
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from base64 import b64encode
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

HERE = Path(__file__).parent
LOGIN = ("lena", "x")
COLLECTION = "/lena/work/"
RUNS = 3


# --- the server -------------------------------------------------------------------------------------------------------


@contextmanager
def radicale(folder: Path, events: int) -> Iterator[str]:
    """With the generated calendar in it. Yields its URL."""
    sys.path.insert(0, str(HERE))
    from generate import write

    write(folder / "generated", events, 1)
    store = folder / "store" / "collection-root" / COLLECTION.strip("/")
    store.parent.mkdir(parents=True)
    (folder / "generated" / "vdir").rename(store)
    (store / ".Radicale.props").write_text('{"tag": "VCALENDAR"}')
    (folder / "users").write_text(":".join(LOGIN) + "\n")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    (folder / "config").write_text(
        f"[server]\nhosts = 127.0.0.1:{port}\n[auth]\ntype = htpasswd\nhtpasswd_filename = {folder / 'users'}\n"
        f"htpasswd_encryption = plain\ndelay = 0\n[storage]\nfilesystem_folder = {folder / 'store'}\n[logging]\nlevel = error\n"
    )
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen([sys.executable, "-m", "radicale", "-C", str(folder / "config")], stdout=log, stderr=log)
    try:
        url = f"http://127.0.0.1:{port}"
        warm(url)
        yield url
    finally:
        server.terminate()
        server.wait(10)


def request(url: str, method: str, body: bytes = b"", **headers: str) -> bytes:
    proof = b64encode(":".join(LOGIN).encode()).decode()
    named = {"Authorization": f"Basic {proof}", **{name.replace("_", "-"): value for name, value in headers.items()}}
    with urllib.request.urlopen(urllib.request.Request(url, body or None, named, method=method), timeout=600) as answer:
        return bytes(answer.read())


def warm(url: str) -> None:
    """Radicale parses every event once, and writes a history of each once; that is not what is measured."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            request(url, "OPTIONS")
            break
        except OSError:
            time.sleep(0.1)
    listed = b'<propfind xmlns="DAV:"><prop><getetag/></prop></propfind>'
    request(f"{url}{COLLECTION}", "PROPFIND", listed, Depth="1", Content_Type="application/xml")
    synced = b'<sync-collection xmlns="DAV:"><sync-token/><sync-level>1</sync-level><prop><getetag/></prop></sync-collection>'
    request(f"{url}{COLLECTION}", "REPORT", synced, Depth="0", Content_Type="application/xml")


def change_one(url: str, turn: Iterator[int]) -> None:
    path = f"{url}{COLLECTION}single-7-changed.ics"
    event = (
        f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//x//EN\r\nBEGIN:VEVENT\r\nUID:changed@example.org\r\n"
        f"DTSTAMP:20260101T000000Z\r\nDTSTART:20260903T130000Z\r\nDTEND:20260903T140000Z\r\nSUMMARY:Turn {next(turn)}\r\n"
        "END:VEVENT\r\nEND:VCALENDAR\r\n"
    )
    request(path, "PUT", event.encode(), Content_Type="text/calendar")


# --- the comparison ---------------------------------------------------------------------------------------------------


def timed(command: Sequence[str]) -> tuple[float, float, str]:
    """CPU seconds, seconds on the clock, and what it said. SystemExit where it fails."""
    began = time.perf_counter()
    child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert child.stdout is not None
    said = child.stdout.read()
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{said[-2000:]}")
    return usage.ru_utime + usage.ru_stime, time.perf_counter() - began, said


def median(command: Sequence[str], before: Callable[[], object], runs: int = RUNS) -> tuple[float, float, str]:
    found = []
    for _ in range(runs):
        before()
        found.append(timed(command))
    return statistics.median(f[0] for f in found), statistics.median(f[1] for f in found), found[-1][2]


class Peer:
    """vdirsyncer, one collection, from the server to a folder."""

    def __init__(self, program: Path, folder: Path, url: str) -> None:
        self.folder, self.config = folder, folder / "config"
        folder.mkdir()
        self.config.write_text(
            f'[general]\nstatus_path = "{folder / "status"}"\n[pair work]\na = "there"\nb = "here"\ncollections = null\n'
            f'[storage there]\ntype = "caldav"\nurl = "{url}{COLLECTION}"\nusername = "{LOGIN[0]}"\npassword = "{LOGIN[1]}"\n'
            f'[storage here]\ntype = "filesystem"\npath = "{folder / "events"}"\nfileext = ".ics"\n'
        )
        self._program = [str(program), "-c", str(self.config)]
        self.sync = [*self._program, "sync"]

    def forget(self) -> None:
        """As before the first load, with the collection named."""
        for name in ("status", "events"):
            shutil.rmtree(self.folder / name, ignore_errors=True)
        (self.folder / "events").mkdir()
        timed([*self._program, "discover"])


class Table:
    def __init__(self) -> None:
        self.misses: list[str] = []
        print(f"{'':<36}{'homeward':>18}{'vdirsyncer':>18}{'ratio':>15}   CPU, and on the clock")

    def line(self, what: str, ours: Sequence[float], theirs: Sequence[float], target: float, said: str) -> None:
        cpu, clock = theirs[0] / ours[0], theirs[1] / ours[1]
        verdict = "met" if cpu >= target else "MISSED"
        if verdict == "MISSED":
            self.misses.append(what)
        times = "".join(f"{one[0]:9.3f}{one[1]:8.3f}s" for one in (ours, theirs))
        print(f"{what:<36}{times}{cpu:8.1f}x{clock:6.1f}x   target {target:g}x  {verdict}{said}", flush=True)


def compare(work: Path, events: int) -> list[str]:
    with tempfile.TemporaryDirectory(dir=work, prefix="caldav-") as name, radicale(Path(name), events) as url:
        folder, table = Path(name), Table()
        peer = Peer(work / "peers" / "bin" / "vdirsyncer", folder / "peer", url)
        cache, turn = folder / "cache", iter(range(1_000_000))
        ours = [sys.executable, str(HERE / "read_caldav.py"), url, COLLECTION, *LOGIN, str(cache)]

        def change() -> None:
            change_one(url, turn)

        one = median(ours, lambda: shutil.rmtree(cache, ignore_errors=True))
        table.line("first load", one, median(peer.sync, peer.forget), 3, _requests(one))
        other = median(peer.sync, _nothing)
        one = median(ours, _nothing)
        table.line("nothing changed", one, other, 10, _requests(one))
        served = [float(number) for number in median([*ours, "again"], _nothing)[2].split()[3:]]
        table.line("nothing changed, running service", served, other, 10, "")
        one = median(ours, change)
        table.line("one event changed", one, median(peer.sync, change), 10, _requests(one))
        return table.misses


def _nothing() -> None:
    """Nothing happens in between."""


def _requests(found: tuple[float, float, str]) -> str:
    return f"   requests: {found[2].split()[0]}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("work", type=Path)
    parser.add_argument("--events", type=int, default=5000)
    given = parser.parse_args()
    misses = compare(given.work.absolute(), given.events)
    print(f"{len(misses)} targets missed" + (": " + "; ".join(misses) if misses else ""))
    return 0


if __name__ == "__main__":
    sys.exit(main())
