"""Releases 10,000 held messages on a throw-away Dovecot: by homeward, by one UID MOVE from a bare socket, and by imapfilter
where it is installed (Debian: imapfilter). Also how long new mail stays in the inbox before the hold of this machine has moved
it, and what a look costs. Prints seconds on the clock, of each the best of runs that take turns, and ratios of this one run.

Usage: python benchmarks/imap.py [--quick]"""

from __future__ import annotations

import argparse
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Timer
from time import monotonic, perf_counter, process_time

sys.path.insert(0, str(Path(__file__).parent.parent))

from integrations.imap import ImapMailbox
from tests.servers.dovecot import Dovecot, running_dovecot
from tests.servers.imap_clients import by_hand, mailbox_at

NOON = datetime(2026, 11, 9, 12, tzinfo=UTC)
TARGET = 1.3  # times the bare socket
BODY = b"The quick brown fox jumps over the lazy dog.\n" * 20


def letter(number: int) -> bytes:
    head = f"From: Ana <ana@client.example>\nTo: me@home.example\nSubject: about {number}\nMessage-ID: <{number}@x.example>\n"
    return head.encode() + b"Content-Type: text/plain\n\n" + BODY


def mailbox_with(dovecot: Dovecot, count: int) -> str:
    """A new user with `count` messages in Held, which the server has looked at."""
    user = dovecot.user()
    for number in range(count):
        dovecot.put(user, f"{number:06}", letter(number), NOON + timedelta(seconds=number), ".Held")
    with by_hand(dovecot, user) as client:
        client.select_folder("Held")
    return user


def check(dovecot: Dovecot, user: str, count: int) -> None:
    with by_hand(dovecot, user) as client:
        there = [client.folder_status(name, ["MESSAGES"])[b"MESSAGES"] for name in ("INBOX", "Held")]
    if there != [count, 0]:
        raise SystemExit(f"not all was moved: {there}")


# --- who moves --------------------------------------------------------------------------------------------------------


def homeward(dovecot: Dovecot, user: str) -> float:
    with tempfile.TemporaryDirectory() as state:
        box = mailbox_at(dovecot.imap, user, Path(state))
        box.capabilities(), box.arrivals(NOON)
        began = perf_counter()
        box.release()
        took = perf_counter() - began
        box.close()
    return took


def bare_socket(dovecot: Dovecot, user: str) -> float:
    with socket.create_connection(("127.0.0.1", dovecot.imap)) as line:
        line.recv(4096)
        _ask(line, f"a LOGIN {user} {dovecot.password}")
        began = perf_counter()
        _ask(line, "a SELECT Held")
        _ask(line, "a UID MOVE 1:* INBOX")
        return perf_counter() - began


def _ask(line: socket.socket, command: str) -> None:
    line.sendall(command.encode() + b"\r\n")
    said = b""
    while b"\na OK" not in b"\n" + said:
        chunk = line.recv(1 << 16)
        if not chunk or b"\na NO" in b"\n" + said or b"\na BAD" in b"\n" + said:
            raise SystemExit(f"{command}: {said[-200:]!r}")
        said = said[-200:] + chunk


def imapfilter(dovecot: Dovecot, user: str) -> float:
    with tempfile.TemporaryDirectory() as home:
        config = Path(home) / "config.lua"
        config.write_text(
            "options.timeout = 120\noptions.starttls = false\n"
            f'a = IMAP {{ server = "localhost", port = {dovecot.imap}, username = "{user}", password = "{dovecot.password}" }}\n'
            "a.Held:select_all():move_messages(a.INBOX)\n"
        )
        began = perf_counter()
        done = subprocess.run(["imapfilter", "-c", str(config)], env={"HOME": home}, capture_output=True, text=True, check=False)
        took = perf_counter() - began
    if done.returncode:
        raise SystemExit(f"imapfilter failed: {done.stderr[-500:]}")
    return took


# --- what else ----------------------------------------------------------------------------------------------------------


def time_in_the_inbox(dovecot: Dovecot, times: int) -> list[float]:
    """From the delivery of a message until it has been moved away."""
    user = dovecot.user()
    box = mailbox_at(dovecot.imap, user, None)
    began, stays = datetime.now(UTC) - timedelta(minutes=1), []
    box.arrivals(began)
    for number in range(times):
        delivered: list[float] = []

        def deliver(number: int = number, delivered: list[float] = delivered) -> None:
            dovecot.deliver(user, letter(number))
            delivered.append(monotonic())

        Timer(0.2, deliver).start()
        box.wait(20)
        box.hold([envelope.id for envelope in box.arrivals(began)])
        stays.append(monotonic() - delivered[0])
    box.close()
    return stays


def look(box: ImapMailbox) -> tuple[float, float]:
    """Milliseconds on the clock and of this process."""
    clock, cpu = perf_counter(), process_time()
    box.held()
    return (perf_counter() - clock) * 1000, (process_time() - cpu) * 1000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    quick = parser.parse_args().quick
    count, rounds = (1_000, 1) if quick else (10_000, 4)
    with running_dovecot() as dovecot:
        _moving(dovecot, count, rounds)
        _others(dovecot, count)


def _moving(dovecot: Dovecot, count: int, rounds: int) -> None:
    movers: dict[str, Callable[[Dovecot, str], float]] = {"homeward": homeward, "a bare socket": bare_socket}
    if shutil.which("imapfilter"):
        movers["imapfilter"] = imapfilter
    else:
        print("imapfilter is left out: it is not installed")
    took: dict[str, list[float]] = {name: [] for name in movers}
    for _ in range(rounds):
        for name, mover in movers.items():
            user = mailbox_with(dovecot, count)
            took[name].append(mover(dovecot, user))
            check(dovecot, user, count)
    best = {name: min(seconds) for name, seconds in took.items()}
    for name, seconds in best.items():
        print(f"{name:14} {count:,} messages released in {seconds:6.2f} s  ({count / seconds:,.0f} a second)")
    ratio = best["homeward"] / best["a bare socket"]
    print(f"homeward / bare socket: {ratio:.2f} (target: {TARGET}){'' if ratio <= TARGET else '  MISSED'}")
    if "imapfilter" in best:
        print(f"homeward / imapfilter:  {best['homeward'] / best['imapfilter']:.2f}")


def _others(dovecot: Dovecot, count: int) -> None:
    box = mailbox_at(dovecot.imap, mailbox_with(dovecot, count), None)
    first, again = look(box), look(box)
    print(f"a first look at {count:,} held messages: {first[0]:,.0f} ms on the clock, {first[1]:,.0f} ms of CPU here")
    print(f"a look when nothing happened:       {again[0]:,.1f} ms on the clock, {again[1]:,.1f} ms of CPU here")
    box.close()
    stays = time_in_the_inbox(dovecot, 10)
    print(f"new mail stays in the inbox for {statistics.median(stays) * 1000:,.0f} ms (at most {max(stays) * 1000:,.0f})")


if __name__ == "__main__":
    main()
