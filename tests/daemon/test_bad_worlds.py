"""The world at its worst, through the command line, on copies of the demonstration's home. Each time: a clear message that names
the thing, nothing else spoilt, nothing lost, and the next pass carries on."""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from fuse import difference
from shell import NOW, ROOT, environment, like_anybody, no_file_beyond, type_, type_alone
from stages import LISBON, deliver_mail, files, subjects
from test_kill import state

from daemon.__main__ import main

AWAY = "2026-11-30T11:40+00:00"  # in Lisbon, between two windows


def applied(root: Path) -> None:
    told = type_(root, "apply", "--yes")
    assert told.code == 0, told.all


def settled(root: Path, now: str = NOW) -> None:
    """The pass finds nothing more to do, and neither does the plan."""
    told = type_(root, "pass", now=now)
    assert told.code == 0, told.all
    assert type_(root, "plan", "--detailed-exitcode", now=now).code == 0


def absence_ids(root: Path, now: str = NOW) -> list[str]:
    return [absence["id"] for absence in json.loads(type_(root, "trips", "--json", now=now).out)["absences"]]


@pytest.fixture
def reference(home: Path, tmp_path: Path) -> Path:
    """The same home, applied without any trouble."""
    root = tmp_path / "reference"
    shutil.copytree(home, root, symlinks=True)
    applied(root)
    settled(root)
    return root


# --- calendars --------------------------------------------------------------------------------------------------------


def test_a_truncated_file_is_named_and_the_others_are_read(home: Path) -> None:
    expected = type_(home, "plan").out
    whole = (home / "calendars/work/training.ics").read_bytes()
    broken = home / "calendars/work/cut-off.ics"
    broken.write_bytes(whole.replace(b"training@example.org", b"cut-off@example.org").partition(b"SEQUENCE")[0])
    told = type_(home, "plan")
    assert told.code == 0
    assert told.out == expected
    assert "work/cut-off.ics" in told.err and "cut-off@example.org" in told.err
    before = broken.read_bytes()
    applied(home)
    settled(home)
    assert broken.read_bytes() == before


def test_a_folder_that_cannot_be_read_takes_nothing_back(reference: Path) -> None:
    folder, before = reference / "calendars/work", files(reference)
    folder.chmod(0)
    try:
        told = type_alone(reference, "pass", before=like_anybody)
        if told.code == 97:
            pytest.skip("probe: this root may not give up its privilege to read everything")
        plan = type_alone(reference, "plan", "--detailed-exitcode", before=like_anybody)
        status = type_alone(reference, "status", before=like_anybody)
    finally:
        folder.chmod(0o755)
    assert "calendars/work" in told.all and "permission denied" in told.all
    assert plan.code == 0, plan.all
    assert "calendars/work" in status.out
    assert files(reference) == before
    settled(reference)


def test_a_folder_that_cannot_be_read_at_first_is_named_and_caught_up_with(home: Path, reference: Path) -> None:
    folder = home / "calendars/work"
    folder.chmod(0)
    try:
        told = type_alone(home, "apply", "--yes", before=like_anybody)
    finally:
        folder.chmod(0o755)
    if told.code == 97:
        pytest.skip("probe: this root may not give up its privilege to read everything")
    assert "calendars/work" in told.all and "permission denied" in told.all
    applied(home)
    settled(home)
    assert difference(files(home), files(reference)) == []  # type: ignore[arg-type]


def test_a_folder_that_cannot_be_written_makes_gaps_and_is_not_touched(home: Path) -> None:
    folder, before = home / "calendars/work", files(home)
    folder.chmod(0o555)
    try:
        told = type_alone(home, "apply", "--yes", before=like_anybody)
    finally:
        folder.chmod(0o755)
    if told.code == 97:
        pytest.skip("probe: this root may not give up its privilege to write everything")
    assert told.code == 0
    assert "GAP  “Monday team meeting”" in told.out and "read only: ask Ana Silva yourself" in told.out
    work = {name: data for name, data in files(home).items() if name.startswith("calendars/work")}
    assert work == {name: data for name, data in before.items() if name.startswith("calendars/work")}
    applied(home)
    settled(home)
    assert "X-HOMEWARD:" in (folder / "team-meeting.ics").read_text("utf-8")


def namespace(root: Path, script: str) -> subprocess.CompletedProcess[str]:
    """`script` in a mount namespace of its own, where it may mount; a visible skip where that is not allowed."""
    if subprocess.run(["unshare", "-m", "true"], capture_output=True, check=False).returncode != 0:
        pytest.skip("probe: `unshare -m` is not allowed here")
    full = f'set -e\nhomeward() {{ "{sys.executable}" -m daemon "$@" 2>&1; }}\n{script}'
    return subprocess.run(
        ["unshare", "-m", "sh", "-c", full],
        cwd=root,
        env=environment(root),
        capture_output=True,
        text=True,
        check=False,
        timeout=90,
    )


def test_a_disk_that_is_read_only_is_said_and_a_strangers_file_is_still_read(reference: Path) -> None:
    before = files(reference)
    done = namespace(
        reference,
        "mount --bind . . && mount -o remount,ro,bind . && cd .\n"
        "for command in plan pass status; do homeward $command || echo code $?; done\n"
        'homeward trips "$PWD/calendars/work"',
    )
    assert "Traceback" not in done.stdout
    assert "code 1" in done.stdout and re.search(r"ledger.* cannot be (used|written)", done.stdout)
    assert "Trip to Lisbon" in done.stdout
    assert files(reference) == before
    settled(reference)


# --- a full disk ------------------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("size", [0, 300, 800, 1_300, 1_700, 2_500, 4_000, 9_000, 33_000, 70_000, 150_000, 300_000])
def test_a_file_that_cannot_grow_any_more_leaves_every_file_whole(size: int, home: Path, reference: Path) -> None:
    assert type_(home, "status").code == 0  # the ledger is there
    before, after = files(home), files(reference)
    told = type_alone(home, "apply", "--yes", before=no_file_beyond(size))
    for name, data in files(home).items():
        assert data in (before.get(name), after.get(name)), f"{name} is half written, {told.all}"
    assert told.code in (0, 1)
    assert told.code == 0 or told.all.strip(), "a failure without a word"
    applied(home)
    settled(home)
    assert difference(state(home), state(reference)) == []


def test_a_full_disk_loses_nothing_and_the_next_pass_finishes(home: Path, reference: Path, tmp_path: Path) -> None:
    mount = tmp_path / "small"
    mount.mkdir()
    done = namespace(
        home,
        f'mount -t tmpfs -o size=4m tmpfs "{mount}" && cp -a . "{mount}/home" && cd "{mount}/home"\n'
        f'export HOME="$PWD" HOMEWARD_CONFIG="$PWD/config.toml" HOMEWARD_STATE="$PWD/state"\n'
        "homeward status\n"
        "dd if=/dev/zero of=../full bs=1k 2>/dev/null || true\n"
        "homeward apply --yes || echo code $?\n"
        f'mkdir "{tmp_path}/seen" && cp -a calendars sieve Maildir "{tmp_path}/seen/"\n'
        "rm ../full\n"
        "homeward apply --yes\nhomeward pass\n"
        f'cp -a . "{tmp_path}/end"',
    )
    assert "Traceback" not in done.stdout
    assert done.returncode == 0, done.stdout + done.stderr
    assert "code 1" in done.stdout and re.search(r"full|No space", done.stdout)
    before, after = files(home), files(reference)
    for name, data in files(tmp_path / "seen").items():
        assert data in (before.get(name), after.get(name)), f"{name} is half written"
    assert difference(state(tmp_path / "end"), state(reference)) == []


# --- homeward itself --------------------------------------------------------------------------------------------------


HOLDS_THE_LEDGER = """
import sys
from pathlib import Path
from daemon.ledger import Ledger
with Ledger(Path(sys.argv[1])).writing():
    print("in", flush=True)
    sys.stdin.read()
"""


def test_a_second_process_is_told_who_is_at_work_and_may_still_read(home: Path) -> None:
    applied(home)
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDS_THE_LEDGER, str(home / "state/ledger.db")],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert holder.stdout is not None and holder.stdout.readline() == "in\n"
        for command in (("pass",), ("apply", "--yes"), ("undo",), ("back",), ("inbox", "release")):
            told = type_(home, *command)
            assert told.code == 1
            assert f"(pid {holder.pid}) is at work" in told.err and "try again" in told.err
        for command in (("plan",), ("status",), ("trips",), ("why", "Lisbon"), ("log",), ("brief",)):
            assert type_(home, *command).code == 0, command
    finally:
        holder.communicate("")
    settled(home)


def test_a_config_from_the_future_is_refused_before_anything_is_done(home: Path) -> None:
    config = home / "config.toml"
    config.write_text(config.read_text("utf-8").replace("config_version = 1", "config_version = 2"), "utf-8")
    before = files(home)
    for command in (("plan",), ("apply", "--yes"), ("pass",)):
        told = type_(home, *command)
        assert told.code == 2
        assert f"{config}:2: config_version: found 2" in told.err and "update homeward" in told.err
    assert files(home) == before


def test_a_ledger_from_the_future_is_refused_and_left_as_it_is(reference: Path) -> None:
    path = reference / "state/ledger.db"
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA user_version=99")
    database.close()
    ledger, before = path.read_bytes(), files(reference)
    for command in (("plan",), ("pass",), ("status",), ("undo",)):
        told = type_(reference, *command)
        assert told.code == 1
        assert str(path) in told.err and "newer homeward" in told.err and "install" in told.err
    assert (path.read_bytes(), files(reference)) == (ledger, before)


@pytest.mark.parametrize("kept", [0, 100, 4_096], ids=["all of it", "but its beginning", "but its first page"])
def test_a_damaged_ledger_is_said_and_left_as_it_is(kept: int, reference: Path) -> None:
    path = reference / "state/ledger.db"
    database = sqlite3.connect(path)
    database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    whole = path.read_bytes()
    path.write_bytes(whole[:kept] + b"\xaa" * (len(whole) - kept))
    before = files(reference)
    for command in (("plan",), ("pass",), ("status",), ("undo",)):
        told = type_(reference, *command)
        assert told.code == 1, command
        assert "ledger" in told.err
    assert files(reference) == before
    path.write_bytes(whole)
    settled(reference)


def test_a_clock_set_back_does_nothing_twice_and_loses_no_mail(reference: Path) -> None:
    deliver_mail(reference, _moment("2026-11-30 11:20"), "ola@customer.example", "An offer")
    assert type_(reference, "pass", now=AWAY).code == 0
    assert subjects(reference, ".Held") == ["An offer"]
    assert "window 12:30" in type_(reference, "pass", now="2026-11-30T12:31+00:00").out
    for now in ("2026-11-30T12:05+00:00", "2026-11-28T09:00+01:00", "2026-11-30T12:32+00:00"):
        told = type_(reference, "pass", now=now)
        assert told.code == 0
        assert "opened" not in told.out
        assert "An offer" in [*subjects(reference), *subjects(reference, ".Held")]
        sent = [name for name in files(reference) if ".Drafts/" in name]
        assert len(sent) == len({reference / name for name in sent}) == len(set(_message_ids(reference)))
    settled(reference, "2026-11-30T12:33+00:00")


def _moment(wall: str) -> datetime:
    return datetime.fromisoformat(wall).replace(tzinfo=LISBON)


def _message_ids(root: Path) -> list[str]:
    texts = [path.read_text("utf-8") for path in (root / "Maildir/.Drafts").rglob("*") if path.is_file()]
    return [found.group(1) for text in texts if (found := re.search(r"(?mi)^message-id:\s*(\S+)", text))]


# --- stopped in the middle --------------------------------------------------------------------------------------------

STOPS = 15


@pytest.mark.slow
@pytest.mark.parametrize("which", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL], ids=["Ctrl-C", "SIGTERM", "SIGKILL"])
def test_stopped_at_any_moment_of_apply_it_comes_to_the_same_end(which: signal.Signals, home: Path, reference: Path) -> None:
    fresh = home.with_name("fresh")
    shutil.copytree(home, fresh, symlinks=True)
    shutil.copytree(home, home.with_name("again"), symlinks=True)
    took = min(_apply_stopped_after(fresh, None, which)[1], _apply_stopped_after(home.with_name("again"), None, which)[1])
    chance = random.Random(20_261_130)
    stopped = 0
    for moment in sorted(chance.uniform(0.0, took) for _ in range(STOPS)):
        shutil.rmtree(fresh)
        shutil.copytree(home, fresh, symlinks=True)
        code, _ = _apply_stopped_after(fresh, moment, which)
        assert code in (0, 130, -which), f"{code} after {moment:.4f} s"
        stopped += code != 0
        applied(fresh)
        settled(fresh)
        assert difference(state(fresh), state(reference)) == [], f"stopped after {moment:.4f} s of {took:.4f} s"
    assert stopped > 2


def _apply_stopped_after(root: Path, moment: float | None, which: signal.Signals) -> tuple[int, float]:
    """(exit code, seconds) of `apply --yes` in a child that is sent the signal after so many seconds."""
    started = time.monotonic()
    child = os.fork()
    if child == 0:
        os.environ.update(environment(root))
        quiet = os.open(os.devnull, os.O_WRONLY)
        os.dup2(quiet, 1)
        os.dup2(quiet, 2)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        code = 99
        try:
            code = main(["apply", "--yes"])
        finally:
            os._exit(code)
    if moment is not None:
        time.sleep(max(0.0, started + moment - time.monotonic()))
        os.kill(child, which)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status), time.monotonic() - started


def test_a_file_replaced_while_we_write_keeps_what_the_user_wrote(home: Path) -> None:
    """An editor saves the calendar file between homeward's last look at it and its writing."""
    child = os.fork()
    if child == 0:
        os.environ.update(environment(home))
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        _save_at_first_draft(home / "calendars/work/team-meeting.ics")
        os._exit(main(["apply", "--yes"]))
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) in (0, 1)
    meeting = (home / "calendars/work/team-meeting.ics").read_text("utf-8")
    assert "SUMMARY:Monday team meeting\\, new room" in meeting
    applied(home)
    settled(home)
    meeting = (home / "calendars/work/team-meeting.ics").read_text("utf-8")
    assert "SUMMARY:Monday team meeting\\, new room" in meeting and "X-HOMEWARD:" in meeting


def _save_at_first_draft(path: Path) -> None:
    """When the draft that is to replace `path` is opened, somebody else saves `path` (once)."""
    saved = False

    def saving(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal saved
        if event == "open" and not saved and str(arguments[0]).startswith(str(path.with_name(f".{path.name}.homeward"))):
            saved = True
            edited = path.read_text("utf-8").replace("SUMMARY:Monday team meeting", "SUMMARY:Monday team meeting\\, new room")
            path.with_suffix(".new").write_text(edited, "utf-8")
            path.with_suffix(".new").replace(path)

    sys.addaudithook(saving)


# --- mail -------------------------------------------------------------------------------------------------------------


def test_a_maildir_that_vanishes_is_named_and_taken_up_again(reference: Path) -> None:
    deliver_mail(reference, _moment("2026-11-30 11:20"), "ola@customer.example", "An offer")
    assert type_(reference, "pass", now=AWAY).code == 0
    elsewhere = reference.with_name("unplugged")
    (reference / "Maildir").rename(elsewhere)
    told = type_(reference, "pass", now="2026-11-30T12:31+00:00")
    assert told.code == 1
    assert str(reference / "Maildir") in told.all
    assert not (reference / "Maildir").exists(), "nothing is made in place of a mailbox that is gone"
    assert type_(reference, "status", now="2026-11-30T12:32+00:00").code == 0
    elsewhere.rename(reference / "Maildir")
    told = type_(reference, "pass", now="2026-11-30T12:40+00:00")
    assert told.code == 0
    assert "An offer" in subjects(reference)


# --- feeds ------------------------------------------------------------------------------------------------------------


class Web:
    """Serves `pages`; a page may be a function that writes to the connection itself."""

    def __init__(self) -> None:
        self.pages: dict[str, bytes | Callable[[BaseHTTPRequestHandler], None]] = {}
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                page = outer.pages[self.path]
                self.send_response(200)
                self.end_headers()
                if callable(page):
                    page(self)
                else:
                    self.wfile.write(page)

            def log_message(self, format: str, *args: object) -> None:
                """Nothing on the test's screen."""

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self._http.server_address[1]
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.01,))
        self._thread.start()

    def close(self) -> None:
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()


@contextmanager
def travel_feed(root: Path) -> Iterator[Web]:
    """The bookings come from a feed."""
    web = Web()
    web.pages["/travel.ics"] = (root / "calendars/travel.ics").read_bytes()
    config = (root / "config.toml").read_text("utf-8")
    feed = f'url = "http://127.0.0.1:{web.port}/travel.ics"\nallow_private_address = true'
    changed = config.replace('path = "calendars/travel.ics"\nread_only = true', feed)
    assert changed != config
    (root / "config.toml").write_text(changed, "utf-8")
    try:
        yield web
    finally:
        web.close()


def test_a_feed_that_is_down_is_named_and_its_last_reading_stands(home: Path) -> None:
    with travel_feed(home):
        applied(home)
        settled(home)
        before = files(home)
    told = type_(home, "pass")
    assert "travel" in told.all and "127.0.0.1 could not be reached" in told.all
    assert type_(home, "plan", "--detailed-exitcode").code == 0
    assert "travel" in type_(home, "status").out
    assert files(home) == before


def test_a_feed_that_was_never_up_is_named_and_makes_no_trip(home: Path) -> None:
    with travel_feed(home):
        pass
    told = type_(home, "plan")
    assert told.code == 0
    assert "127.0.0.1 could not be reached" in told.err
    assert "Ask Ana Silva" not in told.out


def test_a_feed_of_more_than_fifty_megabytes_is_given_up(home: Path) -> None:
    def endless(request: BaseHTTPRequestHandler) -> None:
        try:
            for _ in range(60 * 16):
                request.wfile.write(b"X-PADDING:" + b"x" * 65_525 + b"\n")
        except OSError:
            return

    with travel_feed(home) as web:
        applied(home)
        before = files(home)
        web.pages["/travel.ics"] = endless
        told = type_(home, "pass")
        assert "larger than 50 MB" in told.all
        assert type_(home, "plan", "--detailed-exitcode").code == 0
        assert files(home) == before


def reissued(text: bytes, number: int) -> bytes:
    """Every UID anew."""
    return re.sub(rb"(?m)^UID:(?:issue-\d+-)?", b"UID:issue-%d-" % number, text)


def test_a_feed_that_issues_every_uid_anew_changes_nothing(home: Path) -> None:
    with travel_feed(home) as web:
        trips = absence_ids(home)
        applied(home)
        assert type_(home, "confirm", trips[0], "--yes").code == 0
        assert type_(home, "accept", "ana", "team").code == 0
        settled(home)
        before, remembered = files(home), state(home)
        for number in (1, 2):
            web.pages["/travel.ics"] = reissued((home / "calendars/travel.ics").read_bytes(), number)
            settled(home)
            assert absence_ids(home) == trips
            assert files(home) == before
            assert difference(state(home), remembered) == []


def test_a_calendar_that_issues_every_uid_anew_keeps_hosts_and_answers(home: Path) -> None:
    trips = absence_ids(home)
    applied(home)
    assert type_(home, "accept", "ana", "team").code == 0
    settled(home)
    meeting = home / "calendars/work/team-meeting.ics"
    for number in (1, 2):
        meeting.write_bytes(reissued(meeting.read_bytes(), number))
        before = files(home)
        settled(home)
        assert absence_ids(home) == trips
        assert files(home) == before
        assert "Ana Silva, accepted" in type_(home, "status").out
