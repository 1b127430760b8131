"""The few file operations that mail depends on, each of which either happens as a whole or not at all, and the translation of
what the operating system says into our errors. Knows nothing of mail; never follows a link that it writes through."""

from __future__ import annotations

import ctypes
import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

from integrations.errors import OutsideError, Permanent, Temporary

_NOREPLACE = 1  # RENAME_NOREPLACE, renameat2(2)
_AT_FDCWD = -100
_UNSUPPORTED = (errno.ENOSYS, errno.EINVAL, errno.EOPNOTSUPP)
_FULL = (errno.ENOSPC, errno.EDQUOT)
_DENIED = (errno.EACCES, errno.EPERM)


def trouble(error: OSError, doing: str) -> OutsideError:
    """What `error` means for the caller. `doing` completes "Could not …"."""
    said = f"Could not {doing}"
    if error.errno in _FULL:
        return Temporary(f"{said}: the disk is full. Nothing was lost; free some space.", timedelta(minutes=5))
    if error.errno == errno.EROFS:
        return Permanent(f"{said}: the disk is read-only.")
    if error.errno in _DENIED:
        return Permanent(f"{said}: permission denied for {error.filename or 'it'}.")
    if error.errno == errno.EXDEV:
        return Permanent(f"{said}: the two folders are on different disks, and only a rename within one disk is safe.")
    if error.errno in (errno.ENOENT, errno.ENOTDIR, errno.ELOOP):
        return Permanent(f"{said}: {error.filename or 'it'} is not there, or is not what it should be.")
    return Temporary(f"{said}: {error.strerror or type(error).__name__}.")


@contextmanager
def told(doing: str) -> Iterator[None]:
    """Any OSError inside becomes an OutsideError in words."""
    try:
        yield
    except OSError as error:
        raise trouble(error, doing) from error


@cache
def _renameat2() -> Any:
    return getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)


def rename_new(source: Path, target: Path) -> None:
    """rename(2) that never overwrites: FileExistsError where `target` is there. One system call where the file system offers it
    (renameat2); elsewhere a look before the rename."""
    call = _renameat2()
    if call is not None:
        if call(_AT_FDCWD, os.fsencode(source), _AT_FDCWD, os.fsencode(target), _NOREPLACE) == 0:
            return
        code = ctypes.get_errno()
        if code not in _UNSUPPORTED:
            raise OSError(code, os.strerror(code), str(source), None, str(target))
    if os.path.lexists(target):
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(target))
    source.rename(target)


def sync_folder(folder: Path) -> None:
    """Make the names in `folder` durable."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_through(path: Path, content: bytes, mode: int = 0o600) -> None:
    """A new file, durable before this returns; FileExistsError where it is there. What was half written is taken away."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, mode)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        with suppress(OSError):
            path.unlink()
        raise


def draft_beside(path: Path) -> Path:
    """Where a new version of `path` is written before it takes its place: hidden, and a file of nobody else. Drafts of processes
    that died are taken away."""
    stem = f".{path.name}.homeward-"
    for other in path.parent.iterdir():
        if other.name.startswith(stem) and _is_left_behind(other.name.removeprefix(stem).partition(".")[0]):
            other.unlink(missing_ok=True)
    return path.with_name(f"{stem}{os.getpid()}.tmp")


def _is_left_behind(process: str) -> bool:
    """By a process of that number: it is dead, or it is this one, which has no draft open yet."""
    if not process.isdecimal():
        return False
    try:
        os.kill(int(process), 0)
    except ProcessLookupError:
        return True
    except (OSError, OverflowError):
        return False
    return int(process) == os.getpid()


def replace_whole(path: Path, content: bytes, mode: int = 0o600) -> None:
    """`path` has the old content or the new one, at every moment. A link at `path` is replaced, not followed."""
    draft = draft_beside(path)
    write_through(draft, content, mode)
    try:
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)
