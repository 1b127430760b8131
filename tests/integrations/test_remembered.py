"""What is remembered of a calendar gives exactly what reading it gives, whatever was changed in between, and whatever became of
the memory itself."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from integrations import rereading
from integrations.calendar_folder import CalendarFile, CalendarFolder
from integrations.ports import CalendarReading
from integrations.remembered import Frame, Memory, whole_weeks
from rules.interval import Interval

NOW = datetime(2026, 9, 1, 9, tzinfo=UTC)
HORIZON = Interval(NOW - timedelta(days=45), NOW + timedelta(days=90))
ZONE = "Europe/Berlin"
HEAD = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//x//EN\r\nX-FILLER:" + "x" * 101_000 + "\r\n"


def event(uid: str, day: int, title: str = "Talk", *more: str) -> str:
    start = f"2026{9 + day // 28:02}{1 + day % 28:02}"
    lines = (f"UID:{uid}", "DTSTAMP:20260101T000000Z", f"DTSTART:{start}T100000Z", f"DTEND:{start}T110000Z", f"SUMMARY:{title}")
    return "\r\n".join(("BEGIN:VEVENT", *lines, *more, "END:VEVENT", ""))


def text(*events: str, head: str = HEAD) -> bytes:
    return (head + "".join(events) + "END:VCALENDAR\r\n").encode()


def settle(path: Path) -> None:
    """Files that were at rest for a while: only then their time is trusted."""
    for each in [path, *path.glob("*.ics")] if path.is_dir() else [path]:
        seen = each.stat()
        os.utime(each, ns=(seen.st_atime_ns, seen.st_mtime_ns - 10_000_000_000))


def read(path: Path, memory: Path | None, horizon: Interval = HORIZON) -> CalendarReading:
    kind = CalendarFolder if path.is_dir() else CalendarFile
    return kind("work", "mine", path, ZONE, lambda: NOW, memory=Memory(memory) if memory else None).read(horizon)


@pytest.fixture
def memory(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "readings.db"


def test_an_untouched_file_is_not_opened_again(tmp_path: Path, memory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "one.ics"
    path.write_bytes(text(event("a", 1), event("b", 2)))
    settle(path)
    first = read(path, memory)
    monkeypatch.setattr("integrations.calendar_folder._content", lambda _: pytest.fail("it was opened"))
    assert read(path, memory) == first
    assert len(first.occurrences) == 2


def test_a_file_touched_just_now_is_compared_by_content(tmp_path: Path, memory: Path) -> None:
    path = tmp_path / "one.ics"
    path.write_bytes(text(event("a", 1, "Talk")))
    stamp = path.stat().st_mtime_ns
    read(path, memory)
    path.write_bytes(text(event("a", 1, "Walk")))
    os.utime(path, ns=(stamp, stamp))  # as if within one tick of the clock: same time, same size
    assert [o.summary for o in read(path, memory).occurrences] == ["Walk"]


Changed = tuple[str, int, str, int]
CHANGES = st.lists(
    st.tuples(st.sampled_from("abcdef"), st.integers(0, 80), st.sampled_from(["Talk", "Walk", "Jörg’s call"]), st.integers(0, 5)),
    max_size=8,
)
EXTRA: tuple[tuple[str, ...], ...] = (
    (),
    ("RRULE:FREQ=WEEKLY;COUNT=9",),
    ("CLASS:PRIVATE",),
    ("X-HOMEWARD:hw-a.b",),
    ("ATTENDEE;CN=Ana;PARTSTAT=ACCEPTED:mailto:ana@example.org", "ORGANIZER:mailto:me@example.org"),
    ("RECURRENCE-ID:20260908T100000Z",),
)


@settings(max_examples=60, deadline=None)
@given(before=CHANGES, after=CHANGES, large=st.booleans())
def test_after_any_change_it_reads_like_the_whole(
    before: list[Changed], after: list[Changed], large: bool, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("any")
    path, memory = folder / "one.ics", folder / "readings.db"
    head = HEAD if large else "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//x//EN\r\n"
    for state in (before, after, before, [*before, *after]):
        path.write_bytes(text(*(event(uid, day, title, *EXTRA[more]) for uid, day, title, more in state), head=head))
        assert read(path, memory) == read(path, None)


EDITS = st.lists(
    st.tuples(st.sampled_from(["change", "remove", "insert", "double", "zone"]), st.integers(0, 2999), st.integers(0, 5)),
    min_size=1,
    max_size=4,
)


@settings(max_examples=5, deadline=None)
@given(steps=st.lists(EDITS, min_size=1, max_size=3))
def test_after_edits_anywhere_in_a_long_file_it_reads_like_the_whole(
    steps: list[list[tuple[str, int, int]]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("long")
    path, memory = folder / "one.ics", folder / "readings.db"
    events = [event(f"e{n}", n % 80, f"Talk {n}") for n in range(3000)]
    path.write_bytes(text(*events))
    read(path, memory)
    for edits in steps:
        for kind, at, more in edits:
            at %= len(events)
            match kind:
                case "change":
                    events[at] = event(f"e{at}", more, "Walk", *EXTRA[more])
                case "remove":
                    del events[at]
                case "insert":
                    events.insert(at, event(f"new{at}", more, "New", *EXTRA[more]))
                case "double":
                    events.insert(at, events[-1])
                case _:
                    events.insert(at, "BEGIN:VTIMEZONE\r\nTZID:x\r\nEND:VTIMEZONE\r\n")
        path.write_bytes(text(*events))
        assert read(path, memory) == read(path, None)


def test_a_folder_reads_only_the_file_that_changed(tmp_path: Path, memory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "work"
    folder.mkdir()
    for name in "abc":
        (folder / f"{name}.ics").write_bytes(text(event(name, 1), head="BEGIN:VCALENDAR\r\nVERSION:2.0\r\n"))
    settle(folder)
    read(folder, memory)
    (folder / "b.ics").write_bytes(text(event("b", 3, "Moved"), head="BEGIN:VCALENDAR\r\nVERSION:2.0\r\n"))
    (folder / "c.ics").unlink()
    opened: list[str] = []
    from integrations import calendar_folder

    real = calendar_folder._content
    monkeypatch.setattr(calendar_folder, "_content", lambda path: opened.append(Path(path).name) or real(path))
    assert [o.summary for o in read(folder, memory).occurrences] == ["Talk", "Moved"]
    assert opened == ["b.ics"]


def test_another_horizon_zone_or_role_is_read_anew(tmp_path: Path, memory: Path) -> None:
    path = tmp_path / "one.ics"
    path.write_bytes(text(event("a", 1), event("late", 80)))
    later = Interval(HORIZON.start + timedelta(days=20), HORIZON.end + timedelta(days=20))
    for horizon in (HORIZON, later, HORIZON, Interval(NOW, NOW + timedelta(days=1))):
        assert read(path, memory, horizon) == read(path, None, horizon)


def test_no_word_of_a_private_entry_is_kept(tmp_path: Path, memory: Path) -> None:
    path = tmp_path / "one.ics"
    path.write_bytes(text(event("a", 1), event("p", 2, "Canary", "CLASS:PRIVATE", "LOCATION:Clinic")))
    settle(path)
    first = read(path, memory)
    assert [o.summary for o in first.occurrences] == ["Talk", "Canary"]
    assert read(path, memory) == first
    assert b"Canary" not in memory.read_bytes()
    assert b"Clinic" not in memory.read_bytes()


@pytest.mark.parametrize(
    "harm",
    [
        lambda path: path.unlink(),
        lambda path: path.write_bytes(b"no database" * 100),
        lambda path: path.write_bytes(path.read_bytes()[:5000]),
        lambda path: sqlite3.connect(path).executescript("DROP TABLE reading; CREATE TABLE reading(other TEXT);"),
        lambda path: sqlite3.connect(path).executescript("UPDATE reading SET value = X'7b7d';"),
        lambda path: sqlite3.connect(path).executescript("UPDATE reading SET frame = 'another version';"),
    ],
    ids=["deleted", "rubbish", "cut off", "another table", "another value", "another version"],
)
def test_a_harmed_memory_is_made_anew_without_a_word(harm: object, tmp_path: Path, memory: Path) -> None:
    path = tmp_path / "one.ics"
    path.write_bytes(text(event("a", 1)))
    first = read(path, memory)
    settle(path)
    harm(memory)  # type: ignore[operator]
    assert read(path, memory) == first
    assert read(path, memory) == first
    assert sqlite3.connect(memory).execute("SELECT count(*) FROM reading").fetchone() == (1,)
    assert Memory(memory).load(Frame("work", "mine", ZONE, whole_weeks(HORIZON))).told, "it was not made anew"


def test_a_memory_that_cannot_be_written_does_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "one.ics"
    path.write_bytes(text(event("a", 1)))
    (tmp_path / "file").write_bytes(b"")
    assert len(read(path, tmp_path / "file" / "readings.db").occurrences) == 1


def test_two_processes_may_read_at_once(tmp_path: Path, memory: Path) -> None:
    path = tmp_path / "one.ics"
    path.write_bytes(text(*(event(f"e{n}", n % 80) for n in range(200))))
    code = (
        "import sys; from pathlib import Path; from datetime import *; from integrations.calendar_folder import CalendarFile;"
        "from integrations.remembered import Memory; from rules.interval import Interval;"
        "now = datetime(2026, 9, 1, 9, tzinfo=UTC); h = Interval(now - timedelta(days=45), now + timedelta(days=90));"
        "c = CalendarFile('work', 'mine', Path(sys.argv[1]), 'Europe/Berlin', lambda: now, memory=Memory(Path(sys.argv[2])));"
        "print([len(c.read(h).occurrences) for _ in range(20)] == [200] * 20)"
    )
    children = [
        subprocess.Popen([sys.executable, "-c", code, str(path), str(memory)], stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    assert [child.communicate(timeout=60)[0].strip() for child in children] == ["True", "True"]


def test_of_a_large_file_only_the_changed_event_is_read(tmp_path: Path, memory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "one.ics"
    events = [event(f"e{n}", n % 80) for n in range(100)]
    path.write_bytes(text(*events))
    read(path, memory)
    events[50] = event("e50", 3, "Moved")
    path.write_bytes(text(*events))
    seen: list[int] = []
    real = rereading.read_calendar
    monkeypatch.setattr(
        rereading, "read_calendar", lambda data, *rest: seen.append(data.count(b"BEGIN:VEVENT")) or real(data, *rest)
    )
    assert read(path, memory) == read(path, None)
    assert seen == [1]
