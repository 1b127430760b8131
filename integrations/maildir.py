"""The Mailbox over a Maildir (Maildir++ subfolders). A message is only ever renamed, so that it is in exactly one folder at every
moment, with its flags and its time; nothing is copied, deleted, marked read or overwritten. Links are not followed."""

from __future__ import annotations

import base64
import errno
import os
import stat
from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from msgspec import Struct

from integrations.disk import rename_new, replace_whole, told, write_through
from integrations.envelope import HEAD_BYTES, SMALL_BYTES, read_envelope, replies_in
from integrations.errors import Permanent
from integrations.ports import MailCapabilities
from rules.model import Envelope

_MADE = "homeward"  # file inside a held folder that homeward made: only such a one is removed again
_TRIES = 5  # rounds against another program that renames (flags) while we look
_READING = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


class _Found(Struct, frozen=True):
    path: Path
    base: str  # the name without flags: the handle of the message
    mtime_ns: int

    @property
    def order(self) -> tuple[int, str]:
        return (self.mtime_ns, self.base)


def folder_name(name: str) -> str:
    """A mailbox name as Maildir++ writes it: modified UTF-7 (RFC 3501 5.1.3)."""
    out: list[str] = []
    run = ""
    for letter in [*name, ""]:
        if letter and not " " <= letter <= "~":
            run += letter
            continue
        if run:
            coded = base64.b64encode(run.encode("utf-16-be")).decode("ascii").rstrip("=").replace("/", ",")
            out.append(f"&{coded}-")
            run = ""
        out.append("&-" if letter == "&" else letter)
    return "".join(out)


def _checked(held: str) -> str:
    if not held.strip() or held.upper() == "INBOX" or any(c in held for c in "/\\\0\r\n\t") or held.startswith("."):
        raise Permanent(f"“{held}” cannot be the name of the held folder.")
    return folder_name(held)


class Maildir:
    """`root` is the INBOX (it has cur/ and new/). Safe beside mail clients and servers that use the same folders. `server_hold`:
    the server's Sieve script holds; `hold` of nothing then makes the folder, so that it is seen before mail lies in it."""

    def __init__(self, mail_id: str, root: Path, held_folder: str = "Held", server_hold: bool = False) -> None:
        self._id = mail_id
        self._root = root
        self._held_name = _checked(held_folder)
        self._held = root / f".{self._held_name}"
        self._server_hold = server_hold

    @property
    def id(self) -> str:
        return self._id

    def capabilities(self) -> MailCapabilities:
        """Replies are the business of the Sieve script beside the mailbox; so is a hold without this machine."""
        return MailCapabilities(three_audiences=True, excludes=True, server_hold=self._server_hold)

    def arrivals(self, since: datetime) -> Sequence[Envelope]:
        with told(f"read the inbox {self._root}"):
            return self._envelopes(self._messages(self._root), since)

    def held(self) -> Sequence[Envelope]:
        with told(f"read the held folder of {self._root}"):
            return self._envelopes(self._messages(self._held)) if self._has_held() else []

    def held_outline(self) -> Sequence[Envelope]:
        return self.held()

    def find(self, since: datetime) -> Sequence[Envelope]:
        with told(f"read the folders of {self._root}"):
            every = [found for folder in self._folders() for found in self._messages(folder)]
            return self._envelopes(every, since)

    def hold(self, ids: Sequence[str]) -> int:
        if not ids and not self._server_hold:
            return 0
        with told(f"hold mail of {self._root}"):
            self._make_held()
            return self._move(self._root, self._held, frozenset(ids))

    def release(self, ids: Sequence[str] | None = None) -> int:
        with told(f"release held mail of {self._root}"):
            _require_folder(self._root)  # a mailbox that is gone has nothing held, and that is no good news
            if not self._has_held():
                return 0
            return self._move(self._held, self._root, None if ids is None else frozenset(ids))

    def replies(self, since: datetime, senders: Collection[str]) -> Sequence[Envelope]:
        return replies_in(self.find(since), senders)

    def with_texts(self, letters: Sequence[Envelope]) -> Sequence[Envelope]:
        return letters

    def owns_held(self) -> bool:
        return (self._held / _MADE).is_file()

    def tidy(self) -> None:
        if not self._has_held() or not (self._held / _MADE).is_file():
            return
        with told(f"remove the empty held folder of {self._root}"):
            if not self._messages(self._held) and not any((self._held / "tmp").iterdir()):
                self._remove_held()

    # --- reading ------------------------------------------------------------------------------------------------------

    def _folders(self) -> Iterator[Path]:
        yield self._root
        with os.scandir(self._root) as entries:
            names = sorted(e.name for e in entries if e.name.startswith(".") and e.is_dir(follow_symlinks=False))
        for name in names:
            if all(_is_real(self._root / name / part) for part in ("new", "cur")):
                yield self._root / name

    def _messages(self, folder: Path) -> list[_Found]:
        """In order of delivery. A message that another program moves from new/ to cur/ meanwhile is seen once."""
        _require_folder(folder)
        found: dict[str, _Found] = {}
        for part in ("new", "cur"):
            for one in _entries(folder / part):
                found[one.base] = one
        return sorted(found.values(), key=lambda f: f.order)

    def _envelopes(self, messages: list[_Found], since: datetime | None = None) -> list[Envelope]:
        earliest = _nanoseconds(since) if since else 0
        read = (_envelope(one) for one in sorted(messages, key=lambda f: f.order) if one.mtime_ns >= earliest)
        return [envelope for envelope in read if envelope is not None]

    def _has_held(self) -> bool:
        if not os.path.lexists(self._held):
            return False
        _require_real(self._held)
        return True

    # --- moving -------------------------------------------------------------------------------------------------------

    def _move(self, source: Path, target: Path, wanted: frozenset[str] | None) -> int:
        """Rename each once; what vanished under our hands was renamed by somebody else and is looked for again by its base."""
        self._require_one_disk(source, target)
        taken = {one.base for one in self._messages(target)}
        moved = 0
        missed = wanted
        for _ in range(_TRIES):
            chosen = [one for one in self._messages(source) if missed is None or one.base in missed]
            vanished = frozenset(one.base for one in chosen if not _renamed(one, target, taken))
            moved += len(chosen) - len(vanished)
            if not vanished:
                break
            missed = vanished
        return moved

    def _require_one_disk(self, source: Path, target: Path) -> None:
        _require_folder(source)
        _require_folder(target)
        disks = {os.lstat(folder / part).st_dev for folder in (source, target) for part in ("new", "cur")}
        if len(disks) > 1:
            raise OSError(errno.EXDEV, os.strerror(errno.EXDEV), str(source), None, str(target))

    def _make_held(self) -> None:
        _require_folder(self._root)
        with suppress(FileExistsError):
            self._held.mkdir(mode=0o700)
        _require_real(self._held)
        if not any(self._held.iterdir()):  # just made, or made by a run that died right after
            (self._held / _MADE).touch(mode=0o600)
        for part in ("tmp", "new", "cur"):
            (self._held / part).mkdir(mode=0o700, exist_ok=True)
        if (self._held / _MADE).exists() and not (self._held / "maildirfolder").exists():
            self._subscribe()
            (self._held / "maildirfolder").touch(mode=0o600)

    def _remove_held(self) -> None:
        """Only what homeward made, what Maildir++ asks for, and the indexes that Dovecot keeps; rmdir refuses the rest."""
        for entry in list(self._held.iterdir()):
            if entry.name == "maildirfolder" or entry.name.startswith("dovecot"):
                entry.unlink()
        for part in ("tmp", "new", "cur"):
            (self._held / part).rmdir()
        self._unsubscribe()
        (self._held / _MADE).unlink()
        self._held.rmdir()

    def _subscribe(self) -> None:
        """The mark comes first, so that a run that dies in between leaves a mark without a line, never a line without a mark."""
        file, line = self._root / "subscriptions", self._held_name.encode("ascii")
        if file.is_file() and not file.is_symlink():
            before = file.read_bytes()
            if line not in before.splitlines() and before[-1:] in (b"", b"\n"):
                (self._held / _MADE).write_bytes(b"subscribed\n")
                replace_whole(file, before + line + b"\n", stat.S_IMODE(file.stat().st_mode))

    def _unsubscribe(self) -> None:
        file, line = self._root / "subscriptions", self._held_name.encode("ascii") + b"\n"
        if not (self._held / _MADE).read_bytes() or not file.is_file() or file.is_symlink():
            return
        before = file.read_bytes()
        after = b"".join(each for each in before.splitlines(keepends=True) if each != line)
        if after != before:
            replace_whole(file, after, stat.S_IMODE(file.stat().st_mode))


def create_maildir(root: Path) -> None:
    """An empty Maildir at `root` where there is none yet; its parent must be there."""
    with told(f"create the mail folder {root}"):
        root.mkdir(mode=0o700, exist_ok=True)
        for part in ("tmp", "new", "cur"):
            (root / part).mkdir(mode=0o700, exist_ok=True)


def deliver(root: Path, name: str, content: bytes, flags: str = "") -> bool:
    """Put a message into the Maildir `root` under `name`, durably; False where that name was there. New mail has no flags."""
    if any(True for part in ("new", "cur") for one in _entries(root / part) if one.base == name):
        return False
    draft = root / "tmp" / name
    draft.unlink(missing_ok=True)
    write_through(draft, content)
    try:
        rename_new(draft, root / "cur" / f"{name}:2,{flags}" if flags else root / "new" / name)
    except OSError:
        with suppress(OSError):
            draft.unlink()
        raise
    return True


def _entries(folder: Path) -> Iterator[_Found]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith("."):
                continue
            with suppress(FileNotFoundError):  # renamed by somebody else while we list
                seen = entry.stat(follow_symlinks=False)
                if stat.S_ISREG(seen.st_mode):
                    yield _Found(Path(entry.path), entry.name.partition(":")[0], seen.st_mtime_ns)


def _is_real(folder: Path) -> bool:
    with suppress(OSError):
        return stat.S_ISDIR(os.lstat(folder).st_mode)
    return False


def _require_real(folder: Path) -> None:
    if not stat.S_ISDIR(os.lstat(folder).st_mode):
        raise Permanent(f"{folder} is a link or a file, not a folder; mail is not moved through it.")


def _require_folder(folder: Path) -> None:
    """The root itself may be a link that its owner set; what lies inside may not."""
    for part in ("new", "cur"):
        _require_real(folder / part)


def _renamed(one: _Found, target: Path, taken: set[str]) -> bool:
    """False where the message is no longer under this name. A name that is in use in `target` is never overwritten: the
    message gets a name beside it."""
    flags = one.path.name[len(one.base) :]
    for base in _bases(one.base):
        if base in taken:
            continue
        try:
            rename_new(one.path, target / one.path.parent.name / f"{base}{flags}")
        except FileNotFoundError:
            return False
        except FileExistsError:
            continue
        taken.add(base)
        return True
    raise Permanent(f"The name {one.base} is in use too often in {target}.")


def _bases(base: str) -> Iterator[str]:
    """`base`, then names beside it; the sizes after the comma stay (`…,S=123`)."""
    head, comma, sizes = base.partition(",")
    yield base
    yield from (f"{head}_{turn}{comma}{sizes}" for turn in range(1, 100))


def _envelope(one: _Found) -> Envelope | None:
    """None where it vanished; unreadable mail is an Envelope without words, so that it is still moved."""
    received = datetime.fromtimestamp(one.mtime_ns / 1e9, UTC)
    try:
        handle = os.open(one.path, _READING)
    except FileNotFoundError:
        return _envelope_elsewhere(one)
    except OSError:
        return Envelope(one.base, "", "", "", received)
    with os.fdopen(handle, "rb") as file:
        size = os.fstat(handle).st_size
        whole = size <= SMALL_BYTES
        return read_envelope(one.base, file.read(size if whole else HEAD_BYTES), received, whole)


def _envelope_elsewhere(one: _Found) -> Envelope | None:
    """Another program changed its flags, or took it from new/ to cur/, between our look and our reading."""
    folder = one.path.parent.parent
    again = (f for part in ("cur", "new") for f in _entries(folder / part) if f.base == one.base)
    found = next(again, None)
    return _envelope(found) if found is not None and found.path != one.path else None


def _nanoseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1_000_000_000)
