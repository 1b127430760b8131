"""Calendars on a real disk: whole files or none, links, permissions, full disks, and what is not a calendar at all."""

from __future__ import annotations

import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from integrations.calendar_folder import CalendarFile, CalendarFolder
from integrations.errors import Permanent, PreconditionFailed, Temporary
from integrations.ports import DeleteBlock, PutBlock
from rules.interval import Interval
from rules.items import BlockItem

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
HORIZON = Interval(NOW, NOW + timedelta(days=90))
SPAN = Interval(NOW + timedelta(days=3), NOW + timedelta(days=3, hours=2))
BLOCK = BlockItem("hw-lisbon.make-up.1", "lisbon", "home", "make-up", "1", SPAN, "Europe/Berlin", "Busy")
EVENT = "BEGIN:VEVENT\r\nUID:{0}\r\nDTSTART:20261201T090000Z\r\nSUMMARY:{0}\r\nEND:VEVENT\r\n"


def calendar(*uids: str) -> bytes:
    return ("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n" + "".join(map(EVENT.format, uids)) + "END:VCALENDAR\r\n").encode()


def folder_at(path: Path, *, read_only: bool = False) -> CalendarFolder:
    return CalendarFolder("home", "mine", path, "Europe/Berlin", lambda: NOW, read_only=read_only)


def file_at(path: Path, *, read_only: bool = False) -> CalendarFile:
    return CalendarFile("home", "mine", path, "Europe/Berlin", lambda: NOW, read_only=read_only)


def titles(reader: CalendarFolder | CalendarFile) -> list[str]:
    return sorted(o.summary for o in reader.read(HORIZON).occurrences)


@contextmanager
def no_file_over(size: int) -> Iterator[None]:
    """What a full disk does to a write: part of it goes through, then an error."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


# --- reading ----------------------------------------------------------------------------------------------------------


def test_a_broken_file_of_a_folder_is_named_and_the_others_are_read(tmp_path: Path) -> None:
    (tmp_path / "a.ics").write_bytes(calendar("one"))
    (tmp_path / "b.ics").write_bytes(calendar("two")[:-40])
    (tmp_path / "c.ics").write_bytes(b"")
    reading = folder_at(tmp_path).read(HORIZON)
    assert [o.summary for o in reading.occurrences] == ["one"]
    assert {p.where.split(":")[0] for p in reading.problems} == {f"{tmp_path.name}/b.ics", f"{tmp_path.name}/c.ics"}
    assert reading.complete


def test_drafts_folders_and_other_files_are_not_looked_at(tmp_path: Path) -> None:
    (tmp_path / "a.ics").write_bytes(calendar("one"))
    (tmp_path / ".b.ics").write_bytes(calendar("two"))
    (tmp_path / "c.ics.tmp").write_bytes(calendar("three"))
    (tmp_path / "color").write_text("#ff0000")
    assert titles(folder_at(tmp_path)) == ["one"]


def test_what_cannot_be_opened_is_named_and_the_reading_is_not_complete(tmp_path: Path) -> None:
    (tmp_path / "a.ics").write_bytes(calendar("one"))
    (tmp_path / "b.ics").mkdir()
    os.mkfifo(tmp_path / "c.ics")
    reading = folder_at(tmp_path).read(HORIZON)
    assert [o.summary for o in reading.occurrences] == ["one"]
    assert sorted(p.where for p in reading.problems) == [f"{tmp_path.name}/b.ics", f"{tmp_path.name}/c.ics"]
    assert not reading.complete


def test_a_link_that_leads_nowhere_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "a.ics").symlink_to(tmp_path / "gone")
    assert folder_at(tmp_path).read(HORIZON).occurrences == ()


def test_one_event_in_two_files_is_read_once_and_said(tmp_path: Path) -> None:
    (tmp_path / "a.ics").write_bytes(calendar("one"))
    (tmp_path / "b.ics").write_bytes(calendar("one"))
    reading = folder_at(tmp_path).read(HORIZON)
    assert [o.summary for o in reading.occurrences] == ["one"]
    assert "also in a.ics" in reading.problems[0].because


@pytest.mark.parametrize("make", [folder_at, file_at], ids=["folder", "file"])
def test_a_calendar_that_is_not_there_says_so(tmp_path: Path, make: type[CalendarFolder]) -> None:
    with pytest.raises(Permanent, match=r"gone\.ics"):
        make(tmp_path / "gone.ics").read(HORIZON)


def test_a_folder_that_is_a_file_says_so(tmp_path: Path) -> None:
    (tmp_path / "cal").write_text("x")
    with pytest.raises(Permanent, match="read the calendar folder"):
        folder_at(tmp_path / "cal").read(HORIZON)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_folder_without_permission_says_so(tmp_path: Path) -> None:
    tmp_path.chmod(0)
    try:
        with pytest.raises(Permanent, match="permission denied"):
            folder_at(tmp_path).read(HORIZON)
    finally:
        tmp_path.chmod(0o700)


# --- writing ----------------------------------------------------------------------------------------------------------


def test_a_block_is_one_file_named_after_it(tmp_path: Path) -> None:
    kept = folder_at(tmp_path)
    kept.commit(kept.prepare(PutBlock(BLOCK)))
    assert [p.name for p in tmp_path.iterdir()] == [f"{BLOCK.id}.ics"]
    assert (tmp_path / f"{BLOCK.id}.ics").read_bytes().endswith(b"END:VEVENT\r\nEND:VCALENDAR\r\n")


def test_a_block_that_another_program_moved_to_another_file_is_found(tmp_path: Path) -> None:
    kept = folder_at(tmp_path)
    kept.commit(kept.prepare(PutBlock(BLOCK)))
    (tmp_path / f"{BLOCK.id}.ics").rename(tmp_path / "X1.ics")
    assert kept.prepare(PutBlock(BLOCK)).done
    kept.commit(kept.prepare(DeleteBlock(BLOCK.id)))
    assert list(tmp_path.iterdir()) == []


def test_a_stranger_in_the_place_of_a_new_block_is_left_alone(tmp_path: Path) -> None:
    stranger = tmp_path / f"{BLOCK.id}.ics"
    stranger.write_bytes(calendar("one"))
    with pytest.raises(Permanent, match="in the way"):
        folder_at(tmp_path).prepare(PutBlock(BLOCK))
    assert stranger.read_bytes() == calendar("one")


def test_a_file_that_appeared_since_the_look_is_not_overwritten(tmp_path: Path) -> None:
    kept = folder_at(tmp_path)
    prepared = kept.prepare(PutBlock(BLOCK))
    (tmp_path / f"{BLOCK.id}.ics").write_bytes(calendar("one"))
    with pytest.raises(PreconditionFailed):
        kept.commit(prepared)
    assert titles(kept) == ["one"]


def test_permissions_of_a_file_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "work.ics"
    path.write_bytes(calendar("one"))
    path.chmod(0o640)
    kept = file_at(path)
    kept.commit(kept.prepare(PutBlock(BLOCK)))
    assert path.stat().st_mode & 0o777 == 0o640
    assert titles(kept) == ["Busy", "one"]


def test_a_calendar_file_that_is_a_link_stays_one(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    target = tmp_path / "real" / "work.ics"
    target.write_bytes(calendar("one"))
    link = tmp_path / "work.ics"
    link.symlink_to(target)
    kept = file_at(link)
    kept.commit(kept.prepare(PutBlock(BLOCK)))
    assert link.is_symlink()
    assert BLOCK.id.encode() in target.read_bytes()


def test_nothing_is_written_through_a_link_in_a_folder(tmp_path: Path) -> None:
    (tmp_path / "cal").mkdir()
    outside = tmp_path / "outside.ics"
    kept = folder_at(tmp_path / "cal")
    kept.commit(kept.prepare(PutBlock(BLOCK)))
    (tmp_path / "cal" / f"{BLOCK.id}.ics").rename(outside)
    (tmp_path / "cal" / f"{BLOCK.id}.ics").symlink_to(outside)
    before = outside.read_bytes()
    with pytest.raises(Permanent, match="is a link"):
        kept.commit(kept.prepare(DeleteBlock(BLOCK.id)))
    assert outside.read_bytes() == before


@pytest.mark.parametrize("make", [folder_at, file_at], ids=["folder", "file"])
def test_a_full_disk_leaves_everything_as_it_was(tmp_path: Path, make: type[CalendarFile]) -> None:
    big = calendar(*(f"event-{n}" for n in range(10_000)))
    path = tmp_path / "work.ics"
    path.write_bytes(big.replace(b"UID:event-0\r\n", f"UID:{BLOCK.id}\r\nX-HOMEWARD:{BLOCK.id}\r\n".encode()))
    before = path.read_bytes()
    kept = make(path if make is file_at else tmp_path)
    prepared = kept.prepare(PutBlock(BLOCK))
    with no_file_over(500_000), pytest.raises(Temporary, match="Could not write"):
        kept.commit(prepared)
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == {"work.ics": before}


@pytest.mark.parametrize("make", [folder_at, file_at], ids=["folder", "file"])
def test_a_read_only_calendar_refuses_every_edit(tmp_path: Path, make: type[CalendarFile]) -> None:
    (tmp_path / "work.ics").write_bytes(calendar("one"))
    kept = make(tmp_path / "work.ics" if make is file_at else tmp_path, read_only=True)
    assert not kept.capabilities().writable
    with pytest.raises(Permanent, match="read-only"):
        kept.prepare(PutBlock(BLOCK))


@pytest.mark.parametrize(
    "data",
    [b"", b"hello", calendar("one")[:-20], calendar("one").decode().encode("utf-16")[:-1], calendar("one")[17:-15]],
    ids=["empty", "text", "truncated", "half a character", "no calendar around it"],
)
def test_nothing_is_written_into_a_file_that_is_broken(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "work.ics"
    path.write_bytes(data)
    with pytest.raises(Permanent):
        file_at(path).prepare(PutBlock(BLOCK))
    assert path.read_bytes() == data


@pytest.mark.parametrize("codec", ["utf-16", "utf-8-sig", "latin-1"])
def test_a_file_keeps_its_encoding(tmp_path: Path, codec: str) -> None:
    path = tmp_path / "work.ics"
    before = calendar("Besprechung in Köln").decode().encode(codec)
    path.write_bytes(before)
    kept = file_at(path)
    kept.commit(kept.prepare(PutBlock(BLOCK)))
    assert titles(kept) == ["Besprechung in Köln", "Busy"]
    kept.commit(kept.prepare(DeleteBlock(BLOCK.id)))
    assert path.read_bytes() == before
