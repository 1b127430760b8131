"""The Sieve script on disk: the user's own files survive edits, deaths, full disks and stale compilations."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import integrations.disk
import integrations.sieve_file
from integrations.errors import Permanent, PreconditionFailed, Temporary
from integrations.ports import Lease
from integrations.sieve_file import SieveFile
from rules.interval import Interval
from rules.items import ResponderItem, ResponderText
from tests.servers.killing import killed_at_every_line, quick_folder

NOW = datetime(2026, 11, 9, 12, tzinfo=UTC)
TEXTS = (ResponderText("internal", "Away", "I am away."),)
ITEM = ResponderItem(
    "hw-a.responder.1", "a", "main", Interval(NOW, NOW + timedelta(days=5)), TEXTS, 4, ("home.example",)
)  # fmt: skip
LEASE = Lease(NOW, NOW + timedelta(days=1), ())
OWN = b'require "fileinto";\r\n# m\xc3\xbcll\r\nfileinto "Work";\r\n'


@pytest.fixture
def home() -> Iterator[Path]:
    with quick_folder() as folder:
        yield folder


def responder(home: Path) -> SieveFile:
    return SieveFile(home / ".dovecot.sieve", home / "sieve", lambda: NOW)


def regular(home: Path) -> None:
    (home / ".dovecot.sieve").write_bytes(OWN)
    (home / ".dovecot.sieve").chmod(0o640)
    os.utime(home / ".dovecot.sieve", (1_000_000, 1_000_000))


def linked(home: Path) -> None:
    (home / "sieve").mkdir()
    (home / "sieve" / 'my "rules".sieve').write_bytes(OWN)
    (home / ".dovecot.sieve").symlink_to('sieve/my "rules".sieve')


def dangling(home: Path) -> None:
    (home / ".dovecot.sieve").symlink_to("sieve/gone.sieve")


def nothing(home: Path) -> None:
    assert home.is_dir()


KINDS = [regular, linked, dangling, nothing]


def tree(home: Path) -> dict[str, object]:
    """Every file with bytes, mode and time, and every link with its target."""
    seen: dict[str, object] = {}
    for path in home.rglob("*"):
        state = path.lstat()
        if path.is_symlink():
            seen[str(path.relative_to(home))] = str(path.readlink())
        elif path.is_file():
            seen[str(path.relative_to(home))] = (path.read_bytes(), state.st_mode, state.st_mtime_ns)
        else:
            seen[str(path.relative_to(home))] = "folder"
    return seen


def files(home: Path) -> dict[str, object]:
    return {name: state for name, state in tree(home).items() if state != "folder"}


@pytest.mark.parametrize("kind", KINDS)
def test_on_and_off_again_every_file_is_as_it_was(home: Path, kind: object) -> None:
    kind(home)  # type: ignore[operator]
    before = tree(home)
    original = responder(home).read().snapshot
    responder(home).write(ITEM, LEASE, original)
    responder(home).write(ITEM, None, original)
    assert (home / ".dovecot.sieve").resolve().read_bytes().startswith(b"# X-HOMEWARD: hw-a.responder.1\n")
    responder(home).restore(original, NOW)
    assert tree(home) == before


@pytest.mark.parametrize("kind", KINDS)
def test_a_death_at_any_line_leaves_the_users_script_or_ours_and_can_be_taken_back(home: Path, kind: object) -> None:
    kind(home)  # type: ignore[operator]
    before = files(home)
    active = home / ".dovecot.sieve"
    own = active.read_bytes() if active.exists() else None
    original = responder(home).read().snapshot

    def on_and_off() -> None:
        responder(home).write(ITEM, LEASE, original)
        responder(home).restore(original, NOW)

    def whole(_: int) -> None:
        there = active.read_bytes() if active.exists() else None
        assert there == own or (there is not None and there.startswith(b"# X-HOMEWARD:"))
        responder(home).write(ITEM, LEASE, original)
        responder(home).restore(original, NOW)
        assert files(home) == before

    assert killed_at_every_line(on_and_off, (integrations.sieve_file, integrations.disk), whole) > 100


def test_a_lost_ledger_is_rebuilt_from_what_is_there(home: Path) -> None:
    regular(home)
    before = tree(home)
    responder(home).write(ITEM, None, responder(home).read().snapshot)
    found = responder(home).read()
    assert found.marker == ITEM.id
    responder(home).restore(found.snapshot, NOW)
    assert tree(home) == before


def test_rules_that_the_user_changes_while_away_count_at_the_next_write_and_stay(home: Path) -> None:
    linked(home)
    original = responder(home).read().snapshot
    responder(home).write(ITEM, LEASE, original)
    (home / "sieve" / 'my "rules".sieve').write_bytes(b"discard;")
    responder(home).write(ITEM, LEASE, original)
    assert b'discard; set "global.homeward_done"' in (home / "sieve" / "homeward-copy.sieve").read_bytes()
    responder(home).restore(original, NOW)
    assert (home / ".dovecot.sieve").read_bytes() == b"discard;"


def test_a_file_of_the_user_with_the_name_we_would_take_is_left_alone(home: Path) -> None:
    regular(home)
    (home / "sieve").mkdir()
    (home / "sieve" / "before-homeward.sieve").write_bytes(b"stop;")
    original = responder(home).read().snapshot
    responder(home).write(ITEM, None, original)
    responder(home).restore(original, NOW)
    assert (home / ".dovecot.sieve").read_bytes() == OWN
    assert (home / "sieve" / "before-homeward.sieve").read_bytes() == b"stop;"


def test_a_script_folder_on_another_disk_works_too(home: Path, tmp_path: Path) -> None:
    regular(tmp_path)
    before = (tmp_path / ".dovecot.sieve").stat().st_mtime_ns
    far = SieveFile(tmp_path / ".dovecot.sieve", home / "sieve", lambda: NOW)
    original = far.read().snapshot
    far.write(ITEM, None, original)
    far.restore(original, NOW)
    assert (tmp_path / ".dovecot.sieve").read_bytes() == OWN and (tmp_path / ".dovecot.sieve").stat().st_mtime_ns == before
    assert list(home.iterdir()) == []


def test_a_compiled_script_of_ours_does_not_outlive_ours(home: Path) -> None:
    regular(home)
    original = responder(home).read().snapshot
    responder(home).write(ITEM, None, original)
    for compiled in (home / ".dovecot.svbin", home / "sieve" / "homeward.svbin"):
        compiled.write_bytes(b"compiled")
    responder(home).restore(original, NOW)
    assert not (home / ".dovecot.svbin").exists() and not (home / "sieve").exists()


@pytest.mark.parametrize("content", [b"\xff\xfe", b"snooze;", b"keep" + b" " * (1 << 20) + b";"])
def test_a_script_that_cannot_be_followed_stays_in_force(home: Path, content: bytes) -> None:
    (home / ".dovecot.sieve").write_bytes(content)
    box = responder(home)
    with pytest.raises(Permanent):
        box.write(ITEM, LEASE, box.read().snapshot)
    assert (home / ".dovecot.sieve").read_bytes() == content and not (home / ".dovecot.sieve").is_symlink()


def test_a_full_disk_leaves_the_users_script_active(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    linked(home)
    before = tree(home)
    original = responder(home).read().snapshot

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patched:
        patched.setattr("integrations.disk.os.fsync", full)
        with pytest.raises(Temporary, match="full"):
            responder(home).write(ITEM, LEASE, original)
    assert tree(home) == before


def test_what_is_no_script_is_left_alone(home: Path) -> None:
    (home / ".dovecot.sieve").mkdir()
    with pytest.raises(Permanent, match="alone"):
        responder(home).read()


def test_a_spoilt_memory_is_said_in_words(home: Path) -> None:
    with pytest.raises(Permanent, match="remembered"):
        responder(home).restore("nonsense", NOW)


def test_a_script_of_ours_that_the_user_took_away_stays_away(home: Path) -> None:
    linked(home)
    original = responder(home).read().snapshot
    responder(home).write(ITEM, LEASE, original)
    (home / ".dovecot.sieve").unlink()
    with pytest.raises(PreconditionFailed, match="Another"):
        responder(home).write(ITEM, LEASE, original)
    assert not os.path.lexists(home / ".dovecot.sieve")


def test_ours_with_a_spoilt_memory_of_itself_counts_as_edited(home: Path) -> None:
    linked(home)
    original = responder(home).read().snapshot
    responder(home).write(ITEM, LEASE, original)
    script = home / "sieve" / "homeward.sieve"
    spoilt = script.read_bytes().replace(b'"original": {', b'"original": {"surprise": 1, ')
    script.write_bytes(spoilt)
    assert "by hand" in responder(home).read().words
    with pytest.raises(PreconditionFailed, match="by hand"):
        responder(home).restore(original, NOW)
    assert script.read_bytes() == spoilt
