"""The small parts of the service: what is due, how long to wait, what has changed, what is said between the processes."""

from __future__ import annotations

import os
import random
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.service.alarm import ScheduledAlarm
from daemon.service.backoff import Backoff
from daemon.service.due import following
from daemon.service.marks import marks_of
from daemon.service.report import Notice, Order, Pause, Report, Trouble, Watch, dump, load_order, load_report
from daemon.service.systemd import Notifier, watchdog_seconds
from rules.interval import Interval
from rules.items import HoldItem, MailItem, ResponderItem
from rules.model import Absence, Opening
from rules.plan import Standing
from rules.policy import InboxPolicy

NOW = datetime(2026, 12, 1, 8, tzinfo=UTC)
HOUR = timedelta(hours=1)
SPAN = Interval(NOW + 2 * HOUR, NOW + 50 * HOUR)
NOTHING = ((), (), (), {}, None)


def absence(action: str) -> Absence:
    return Absence("t1", "trip", SPAN, 2, 0.9, action, "Trip", ())  # type: ignore[arg-type]


# --- due --------------------------------------------------------------------------------------------------------------


def test_where_nothing_is_known_nothing_is_due() -> None:
    assert following(NOW, InboxPolicy(), *NOTHING) is None


@pytest.mark.parametrize(("action", "due"), [("act", SPAN.start), ("private-only", SPAN.start), ("ask", None), ("none", None)])
def test_an_absence_begins_and_ends_where_it_is_one(action: str, due: datetime | None) -> None:
    assert following(NOW, InboxPolicy(), [absence(action)], (), (), {}, None) == due
    assert following(SPAN.start, InboxPolicy(), [absence(action)], (), (), {}, None) == (due and SPAN.end)


def test_a_window_is_due_at_its_beginning_and_then_at_its_end() -> None:
    window = Opening("t1", date(2026, 12, 1), 0, Interval(NOW + HOUR, NOW + 1.5 * HOUR), "UTC")
    assert following(NOW, InboxPolicy(), (), [window], (), {}, None) == NOW + HOUR
    assert following(NOW + HOUR, InboxPolicy(), (), [window], (), {}, None) == NOW + 1.5 * HOUR


@pytest.mark.parametrize(("state", "due"), [("scheduled", NOW + HOUR), ("done", None), ("unknown", None)])
def test_a_message_is_due_while_it_waits(state: str, due: datetime | None) -> None:
    letter = MailItem("hw-t1.brief.1", "t1", "mail", "brief", ("a@x.example",), "Brief", "", due=NOW + HOUR)
    assert following(NOW, InboxPolicy(), (), (), [Standing(letter, state)], {}, None) == due  # type: ignore[arg-type]


def test_an_autoreply_is_due_at_both_ends() -> None:
    reply = ResponderItem("hw-t1.responder.1", "t1", "mail", SPAN, (), 4, ())
    assert following(NOW, InboxPolicy(), (), (), [Standing(reply, "done")], {}, None) == SPAN.start
    assert following(SPAN.start, InboxPolicy(), (), (), [Standing(reply, "done")], {}, None) == SPAN.end


def test_a_hold_on_the_server_is_written_a_day_before_it_begins() -> None:
    hold = HoldItem("hw-t1.hold.1", "t1", "mail", Interval(NOW + 30 * HOUR, NOW + 50 * HOUR), "server")
    assert following(NOW, InboxPolicy(), (), (), [Standing(hold, "done")], {}, None) == NOW + 6 * HOUR


def test_the_end_of_the_time_to_answer_is_due() -> None:
    past, first, second = NOW - HOUR, NOW + HOUR, NOW + 2 * HOUR
    assert following(NOW, InboxPolicy(), *NOTHING, (second, past, first)) == first


def test_a_lease_is_renewed_in_time() -> None:
    assert following(NOW, InboxPolicy(renew_hours=6), (), (), (), {"mail": NOW - HOUR}, None) == NOW + 5 * HOUR


def test_while_a_window_is_open_mail_is_fetched_again() -> None:
    sync = InboxPolicy(mode="sync", sync_command=("mbsync",), sync_every_minutes=10)
    window = Opening("t1", date(2026, 12, 1), 0, Interval(NOW - HOUR / 6, NOW + HOUR / 2), "UTC")
    fetched = NOW - timedelta(minutes=4)
    assert following(NOW, sync, (), [window], (), {}, fetched) == NOW + timedelta(minutes=6)
    assert following(NOW, InboxPolicy(), (), [window], (), {}, fetched) == window.span.end


# --- waiting ----------------------------------------------------------------------------------------------------------


@given(st.integers(1, 60), st.floats(0, 1e9), st.integers(0, 1000))
def test_a_pause_grows_is_bounded_and_heeds_the_server(failures: int, asked: float, seed: int) -> None:
    backoff = Backoff(random.Random(seed))
    pauses = []
    for number in range(failures):
        backoff.learn({}, {"a": Trouble(asked, "x")}, float(number))
        pauses.append(backoff.paused(float(number))["a"].until - number)
    assert all(min(asked, 21_600) <= pause <= 21_600 * 1.2 for pause in pauses)
    assert min(pauses) >= 60
    assert pauses[-1] >= min(60 * 2 ** (failures - 1), 900)


def test_two_machines_do_not_come_back_in_step() -> None:
    first, second = (Backoff(random.Random(seed)) for seed in (1, 2))
    assert first.delay("a", Trouble(600, "")) != second.delay("a", Trouble(600, ""))


def test_an_account_that_was_spared_is_neither_better_nor_worse() -> None:
    backoff = Backoff(random.Random(1))
    backoff.learn({}, {"a": Trouble(60, "x")}, 0.0)
    paused = backoff.paused(1.0)
    backoff.learn(paused, {}, 1.0)
    assert backoff.paused(1.0) == paused


def test_the_alarm_rings_again_and_again() -> None:
    alarm = ScheduledAlarm()
    alarm.set(timedelta(seconds=1))
    assert not alarm.rang() and 0 < alarm.idle() <= 1
    for _ in range(2):
        time.sleep(alarm.idle() + 0.01)
        assert alarm.rang() and not alarm.rang()
    alarm.set(timedelta(hours=1))
    assert alarm.idle() > 3000


# --- what has changed -------------------------------------------------------------------------------------------------


def test_every_change_shows(tmp_path: Path) -> None:
    folder, file = tmp_path / "folder", tmp_path / "file"
    folder.mkdir()
    file.write_text("one")
    (folder / "a.ics").write_text("one")
    watch = [Watch(str(folder), True), Watch(str(file), False), Watch(str(tmp_path / "not there"), False)]
    seen = {marks_of(watch).sum}

    def changed() -> bool:
        time.sleep(0.02)  # file systems tell times apart by some milliseconds
        now = marks_of(watch).sum
        new = now not in seen
        seen.add(now)
        return new

    assert not changed()
    file.write_text("two")
    assert changed()
    (folder / "a.ics").write_text("two")
    assert changed()
    (folder / "b.ics").write_text("new")
    assert changed()
    (folder / "b.ics").unlink()
    assert changed()
    (tmp_path / "not there").write_text("it is")
    assert changed()
    stamp = (folder / "a.ics").stat()
    (folder / "a.ics").write_text("owt")  # of the same length, and its time is put back
    os.utime(folder / "a.ics", ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    assert changed()
    folder.chmod(0o500)
    assert changed()


def test_what_was_changed_just_now_is_not_trusted(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("one")
    changed = file.stat().st_ctime
    marks = marks_of([Watch(str(file), False)])
    assert not marks.settled(changed + 1) and marks.settled(changed + 10)


# --- between the processes --------------------------------------------------------------------------------------------

ORDER = Order({"work": Pause(12.5, "no answer")}, ("question/x",), (("t1", "confirm"),))
REPORT = Report(
    "done", "open.", 12.5, 10, True, (Watch("/a", True),), {"work": Trouble(60.0, "no answer")}, "line 3",
    (Notice("k", "t", "b", "x"),), ("2 done",),
)  # fmt: skip


def test_what_is_said_is_what_is_heard() -> None:
    assert load_order(dump(ORDER)) == ORDER
    assert load_report(dump(REPORT)) == REPORT


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"{}", b'{"state": "done"}', b"\xff", b" " * 2_000_000])
def test_half_a_report_is_none(data: bytes) -> None:
    with pytest.raises(ValueError):
        load_report(data)


@given(st.binary(max_size=400))
def test_no_bytes_on_the_pipe_do_harm(data: bytes) -> None:
    try:
        load_report(data)
    except (ValueError, RecursionError):
        return


def test_without_systemd_nothing_is_sent_and_nothing_fails() -> None:
    Notifier({}).send("READY=1")
    Notifier({"NOTIFY_SOCKET": "/nowhere/at/all"}).send("READY=1")


@pytest.mark.parametrize(
    ("env", "seconds"),
    [
        ({}, None), ({"WATCHDOG_USEC": "600000000"}, 600.0), ({"WATCHDOG_USEC": "600000000", "WATCHDOG_PID": "1"}, None),
        ({"WATCHDOG_USEC": "x"}, None), ({"WATCHDOG_USEC": "0"}, None),
    ],
)  # fmt: skip
def test_the_watchdog_is_ours_only_where_it_says_so(env: dict[str, str], seconds: float | None) -> None:
    assert watchdog_seconds(env) == seconds
