"""Calendars on disk: a folder with one event a file (vdir, as vdirsyncer and khal keep it), and a single .ics file. Every write
is a whole new file under a name nobody reads, made durable, then renamed; what is there is compared once more before that."""

from __future__ import annotations

import fcntl
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

from integrations.disk import draft_beside, rename_new, sync_folder, told, trouble, write_through
from integrations.errors import Permanent, PreconditionFailed
from integrations.occurrences import MAX_BYTES
from integrations.remembered import Memory
from integrations.text_calendar import TextCalendar, TextStore, etag_of, resource_name
from rules.model import CalendarRole

_AT_ONCE = 1 << 20  # bytes that one call reads


def _content(path: Path | str) -> bytes | None:
    """A regular file's bytes (a pipe or device would hang), at most one more than will be read. None where it is not there."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        seen = os.fstat(handle)
        if not stat.S_ISREG(seen.st_mode):
            raise Permanent(f"{Path(path).name} is not a file.")
        found = os.read(handle, seen.st_size + 1) if seen.st_size < _AT_ONCE else b""
        if 0 < len(found) <= seen.st_size:  # the rule: a small file that nobody writes to
            return found
        with os.fdopen(os.dup(handle), "rb") as file:
            return found + file.read(MAX_BYTES + 1 - len(found))
    finally:
        os.close(handle)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Keeps other processes of homeward out of the folder for the moment between looking and renaming."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _replace(path: Path, data: bytes, old: bytes | None) -> None:
    """Inside the lock. A new file never overwrites one that has appeared; an old one keeps its permissions."""
    mode = 0o600 if old is None else stat.S_IMODE(path.stat().st_mode)
    draft = draft_beside(path)
    write_through(draft, data, mode)
    try:
        if old is None:
            rename_new(draft, path)
        else:
            draft.chmod(mode)
            _require_same(path, old)  # to make the draft durable took its time
            draft.replace(path)
    except BaseException:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def _require_same(path: Path, old: bytes) -> None:
    if _content(path) != old:
        raise PreconditionFailed(f"{path.name} was changed meanwhile; looking again.")


def _swap(path: Path, shown: str, expected: str | None, data: bytes | None) -> None:
    with told(f"write {shown}"), _locked(path.parent):
        old = _content(path)
        if etag_of(old) != expected:
            raise PreconditionFailed(f"{shown} was changed meanwhile; looking again.")
        if path.is_symlink():
            raise Permanent(f"{shown} is a link; homeward does not write through links inside a calendar folder.")
        try:
            if data is not None:
                _replace(path, data, old)
            elif old is not None:
                path.unlink()
                sync_folder(path.parent)
        except FileExistsError:
            raise PreconditionFailed(f"{shown} has appeared meanwhile; looking again.") from None


def _signature(path: str | Path) -> str:
    try:
        seen = os.stat(path)  # noqa: PTH116  of 19,000 files: a Path for each takes longer than the system call
    except OSError:
        return ""
    return f"{seen.st_mtime_ns}-{seen.st_size}-{seen.st_ino}"


class _Folder:
    single = False

    def __init__(self, folder: Path) -> None:
        self._folder, self._within = folder, f"{folder}/"

    def names(self) -> list[str]:
        with told(f"read the calendar folder {self._folder}"):
            found = os.listdir(self._folder)  # noqa: PTH208  names alone
        return sorted(name for name in found if name.lower().endswith(".ics") and not name.startswith("."))

    def signature(self, name: str) -> str:
        return _signature(self._within + name)

    def load(self, name: str) -> bytes | None:
        try:
            return _content(self._within + name)
        except OSError as error:
            raise trouble(error, f"read {self.where(name)}") from error

    def swap(self, name: str, expected: str | None, data: bytes | None) -> None:
        _swap(self._folder / name, self.where(name), expected, data)

    def where(self, name: str) -> str:
        return f"{self._folder.name}/{name}"

    def home_of(self, uid: str) -> str:
        return resource_name(uid)


class _File:
    single = True

    def __init__(self, path: Path) -> None:
        self._path = path

    def names(self) -> list[str]:
        return [self._path.name]

    def signature(self, name: str) -> str:
        return _signature(self._path)

    def load(self, name: str) -> bytes | None:
        with told(f"read {self._path}"):
            data = _content(self._path)
        if data is None:
            raise Permanent(f"There is no calendar file {self._path}.")
        return data

    def swap(self, name: str, expected: str | None, data: bytes | None) -> None:
        """The file may be a link that the user made: it stays, and what it points to is written."""
        with told(f"write {self._path}"):
            target = self._path.resolve(strict=True)
        _swap(target, str(self._path), expected, data)

    def where(self, name: str) -> str:
        return self._path.name

    def home_of(self, uid: str) -> str:
        return self._path.name


class _OnDisk(TextCalendar):
    """What a folder and a file share: a path, and whether the user lets us write there. A subclass names its store."""

    _store_of: Callable[[Path], TextStore]

    def __init__(
        self,
        id: str,
        role: CalendarRole,
        path: Path,
        home_zone: str,
        clock: Callable[[], datetime],
        *,
        read_only: bool = False,
        memory: Memory | None = None,
    ) -> None:
        super().__init__(id, role, self._store_of(path), home_zone, clock, memory=memory)
        self._path, self._read_only = path, read_only


class CalendarFolder(_OnDisk):
    """A vdir: one .ics file an event. Files that begin with a point are other programs' drafts and are not looked at."""

    _store_of = _Folder

    def _writable(self) -> bool:
        return not self._read_only and os.access(self._path, os.W_OK | os.X_OK)


class CalendarFile(_OnDisk):
    """A single .ics file with all events."""

    _store_of = _File

    def _writable(self) -> bool:
        return not self._read_only and os.access(self._path, os.W_OK) and os.access(self._path.resolve().parent, os.W_OK)
