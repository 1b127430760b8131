"""Runs homeward and its peers side by side on generated calendars, each as a process of its own, and prints CPU seconds, memory
and ratios. `make bench` sets up what the peers need. Nothing is compared across runs: ratios are of one run on one machine.

Usage: python benchmarks/run.py WORK [--quick]"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
NOW = "2026-09-01T09:00+02:00"
HOME = ("--home", "Europe/Berlin", "--at", "Berlin, DE", "--as", "lena@example.org")
START, END = "2026-07-18T00:00:00+00:00", "2026-11-30T00:00:00+00:00"  # what a pass looks at: 45 days back, 90 ahead


@dataclass(frozen=True)
class Cost:
    """CPU seconds (user and system), megabytes at the peak."""

    cpu: float
    rss: float


def once(command: Sequence[str], env: dict[str, str]) -> Cost:
    """One process from start to end. SystemExit where it fails."""
    child = subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    assert child.stderr is not None
    errors = child.stderr.read()
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{errors.decode()[-2000:]}")
    return Cost(usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1000)


def median(command: Sequence[str], env: dict[str, str], runs: int, before: Callable[[], None] = lambda: None) -> Cost:
    costs = []
    for _ in range(runs):
        before()
        costs.append(once(command, env))
    return Cost(statistics.median(c.cpu for c in costs), max(c.rss for c in costs))


class Bench:
    def __init__(self, work: Path, runs: int) -> None:
        self.work, self.runs = work, runs
        self.bin = HERE.parent / ".venv" / "bin"
        self.python = str(self.bin / "python")
        self.peer = str(work / "peers" / "bin" / "python")
        self.misses: list[str] = []
        self.env = {**os.environ, "HOMEWARD_NOW": NOW, "HOME": str(work / "home"), "TZ": "UTC"}

    # --- homeward -----------------------------------------------------------------------------------------------------

    def stateless(self, path: Path, runs: int | None = None) -> Cost:
        command = [str(self.bin / "homeward"), "plan", str(path), *HOME]
        return median(command, self.env, runs or self.runs)

    def configured(self, path: Path) -> tuple[list[str], Path, dict[str, str]]:
        """A home whose one calendar is `path`."""
        home = self.work / f"home-{path.name}"
        shutil.rmtree(home, ignore_errors=True)
        home.mkdir()
        config = home / "config.toml"
        config.write_text(
            'config_version = 1\n[me]\nname = "Lena Berg"\naddresses = ["lena@example.org"]\n'
            'home_zone = "Europe/Berlin"\nhome = "Berlin, DE"\n'
            f'[[calendar]]\nid = "work"\npath = "{path}"\n'
        )
        env = {**self.env, "HOME": str(home), "HOMEWARD_CONFIG": str(config), "HOMEWARD_STATE": str(home / "state")}
        return [str(self.bin / "homeward"), "plan"], home / "state", env

    # --- the table ----------------------------------------------------------------------------------------------------

    def line(self, what: str, ours: float, theirs: float, target: float, unit: str = "s") -> None:
        """`target`: how many times less than the peer homeward is to take (0.5: at most twice as much)."""
        ratio = theirs / ours if ours else float("inf")
        verdict = "met" if ratio >= target else "MISSED"
        if verdict == "MISSED":
            self.misses.append(what)
        print(
            f"{what:<58} {ours:9.3f} {unit:<2} {theirs:9.3f} {unit:<2} {ratio:8.1f}x   target {target:g}x  {verdict}", flush=True
        )

    def one_file(self, peers: bool) -> None:
        path = self.work / "data" / "one.ics"
        cold = self.stateless(path)
        if peers:
            usual = once([self.peer, str(HERE / "peer_recurring.py"), str(path), START, END], self.env)
            self.line("one file, cold: icalendar + recurring-ical-events", cold.cpu, usual.cpu, 30)
            self.libical(path, cold)
        self.line("one file, cold: memory below 100 MB", cold.rss, 100.0, 1, "MB")
        self.changes(path, cold)

    def libical(self, path: Path, cold: Cost) -> None:
        """It reads and expands, and neither judges nor plans: so homeward's reading alone is set beside it, too."""
        program = self.work / "peer_libical"
        if not program.exists():
            return
        theirs = median([str(program), str(path), "20260718T000000Z", "20261130T000000Z"], self.env, self.runs)
        ours = median([self.python, str(HERE / "read_file.py"), str(path), START, END], self.env, self.runs)
        self.line("one file, cold: libical in C", cold.cpu, theirs.cpu, 1)
        self.line("one file, read and expanded alone: libical in C", ours.cpu, theirs.cpu, 1)

    def changes(self, path: Path, cold: Cost) -> None:
        """With a config: nothing changed, and one event changed."""
        command, _, env = self.configured(path)
        first = once([command[0], "pass"], env)
        same = median(command, env, self.runs)
        print(f"  (first pass with a ledger {first.cpu:.3f} s; nothing changed {same.cpu:.3f} s)")
        original = path.read_bytes()
        try:
            path.write_bytes(original.replace(b"SUMMARY:Roadmap", b"SUMMARY:Roadmaps", 1))
            changed = once(command, env)
        finally:
            path.write_bytes(original)
        self.line("one file, one event changed: at most half of cold", changed.cpu, cold.cpu, 2)

    def folder(self, peers: bool) -> None:
        path = self.work / "data" / "vdir"
        command, _, env = self.configured(path)
        cold = once([*command], env)
        once([command[0], "pass"], env)
        same = median(command, env, self.runs)
        print(f"  (folder: cold {cold.cpu:.3f} s, {cold.rss:.0f} MB; nothing changed {same.cpu:.3f} s)")
        if peers:
            khal = self.khal(path)
            theirs = once(khal, self.env)
            self.line("folder, cold: khal", cold.cpu, theirs.cpu, 60)
            self.line("folder, nothing changed: khal with its cache", same.cpu, once(khal, self.env).cpu, 100)
        self.line("folder, cold: memory below 100 MB", cold.rss, 100.0, 1, "MB")

    def khal(self, path: Path) -> list[str]:
        folder = self.work / "khal"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        (folder / "config").write_text(
            f"[calendars]\n[[work]]\npath = {path}\ntype = calendar\n[locale]\nlocal_timezone = Europe/Berlin\n"
            "default_timezone = Europe/Berlin\ntimeformat = %H:%M\ndateformat = %Y-%m-%d\nlongdateformat = %Y-%m-%d\n"
            "datetimeformat = %Y-%m-%d %H:%M\nlongdatetimeformat = %Y-%m-%d %H:%M\n"
            f"[sqlite]\npath = {folder / 'khal.db'}\n"
        )
        khal = Path(self.peer).with_name("khal")
        return [str(khal), "-c", str(folder / "config"), "list", "2026-07-18", "2026-11-30"]

    def growth(self) -> None:
        """Twice the events take at most twice the time, beyond what an empty calendar takes."""
        empty = self.stateless(self.work / "empty.ics").cpu
        half = self.stateless(self.work / "half" / "one.ics").cpu - empty
        whole = self.stateless(self.work / "data" / "one.ics").cpu - empty
        self.line("twice the events: at most twice the time", whole, 2 * half, 0.95)

    def commands(self) -> None:
        floor = median([self.python, "-c", "import sqlite3, argparse"], self.env, 10).cpu
        homeward = str(self.bin / "homeward")
        self.line(
            "homeward --help: 4x of importing sqlite3, argparse", median([homeward, "--help"], self.env, 10).cpu, floor, 0.25
        )
        command, _, env = self.configured(self.work / "data" / "one.ics")
        once([command[0], "pass"], env)
        self.line("homeward status: 6x of the same", median([homeward, "status"], env, 10).cpu, floor, 1 / 6)


def prepare(work: Path, events: int) -> None:
    for name, count in (("data", events), ("half", events // 2)):
        if not (work / name / "one.ics").exists():
            # In a process of its own: what this one needs for it would be counted as its children's memory.
            subprocess.run([sys.executable, str(HERE / "generate.py"), str(work / name), "--events", str(count)], check=True)
    (work / "home").mkdir(parents=True, exist_ok=True)
    (work / "empty.ics").write_bytes(b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//x//EN\r\nEND:VCALENDAR\r\n")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("work", type=Path)
    parser.add_argument("--quick", action="store_true", help="without the peers")
    parser.add_argument("--events", type=int, default=20_000)
    given = parser.parse_args()
    work = given.work.absolute()
    work.mkdir(parents=True, exist_ok=True)
    prepare(work, given.events)
    print(f"{'':<58} {'homeward':>12} {'peer':>12} {'ratio':>9}")
    bench = Bench(work, 5)
    bench.one_file(not given.quick)
    bench.folder(not given.quick)
    bench.growth()
    bench.commands()
    print(f"\n{len(bench.misses)} targets missed" + (": " + "; ".join(bench.misses) if bench.misses else ""))
    return 0


if __name__ == "__main__":
    sys.exit(main())
