"""The Responder over an active Sieve script on this machine: a link or a regular file (`~/.dovecot.sieve`) and a folder of
personal scripts. Ours is put beside the user's own script, which keeps every byte, and made active by one rename. What anybody
changed in ours, or made active since, stays."""

from __future__ import annotations

import base64
import glob
import json
import os
import shutil
import stat
from collections.abc import Callable, Collection, Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Literal

from msgspec import Struct
from msgspec.structs import asdict, replace

from integrations.disk import replace_whole, sync_folder, told, write_through
from integrations.errors import Permanent, PreconditionFailed, Temporary
from integrations.ports import Lease, ResponderReading
from integrations.sieve_scripts import (
    KEPT,
    MAIN,
    UNCHANGED,
    Ours,
    Own,
    Place,
    copy_was_edited,
    is_copy_name,
    marker_of,
    original_in,
    original_of,
    ours_in,
    reading_of_ours,
    reading_of_theirs,
    scripts,
)
from integrations.sieve_text import MOST_BYTES, NotUnderstood
from rules.items import ResponderItem


class _Original(Struct, frozen=True):
    """The user's own state. `target` is what the link says; `content` (base64) what the script said when it was first seen;
    `kept` the name under which a regular file is kept in the folder; `folder_made`: the folder was not there before."""

    kind: Literal["absent", "link", "file"]
    target: str = ""
    content: str | None = None
    mode: int = 0o600
    mtime_ns: int = 0
    kept: str = ""
    folder_made: bool = False

    def snapshot(self) -> str:
        return json.dumps(asdict(self), sort_keys=True)

    def alike(self, other: _Original) -> bool:
        return (self.kind, self.target) == (other.kind, other.target)

    def bytes(self) -> bytes | None:
        return None if self.content is None else base64.b64decode(self.content)


class _Seen(Struct, frozen=True):
    """The user's own state, and the active script where that is ours."""

    original: _Original
    ours: Ours | None = None


class SieveFile:
    """`active` is what the server runs, `folder` where it looks for personal scripts. `extensions`: its own, where known."""

    def __init__(
        self, active: Path, folder: Path, clock: Callable[[], datetime], held_folder: str = "Held",
        extensions: Collection[str] | None = None,
    ) -> None:  # fmt: skip
        self._active = active
        self._folder = folder
        self._clock = clock
        self._place = Place(held_folder, extensions)

    def read(self) -> ResponderReading:
        with told(f"read the Sieve script {self._active}"):
            seen = self._look()
            if seen.ours is not None:
                copies = [path.read_bytes() for path in self._copies()]
                return reading_of_ours(seen.ours, copies, seen.original.snapshot(), self._clock())
            return reading_of_theirs(seen.original.bytes(), seen.original.snapshot())

    def write(self, item: ResponderItem | None, lease: Lease | None, original: str) -> ResponderReading:
        if item is None and lease is None:
            return self.restore(original, self._clock())
        with told(f"write the Sieve script {self._active}"):
            beneath = self._beneath(original_of(_Original, original))
            made = not self._folder.exists()
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if beneath.kind == "file":
                beneath = self._keep_file(beneath)
            beneath = replace(beneath, folder_made=beneath.folder_made or made)
            self._put_scripts(item, lease, beneath)
            self._activate()
        reading = self.read()
        if reading.marker != marker_of(item):
            raise Temporary("The Sieve script was changed by somebody else while it was written; looking again.")
        return reading

    def restore(self, original: str, now: datetime) -> ResponderReading:
        """Whatever the user's script does by itself, at `now` or later, it does again."""
        with told(f"put your Sieve script {self._active} back"):
            beneath = self._beneath(original_of(_Original, original))
            if self._look().ours is not None:
                self._put_back(beneath)
            self._sweep(beneath)
        return self.read()

    # --- looking ------------------------------------------------------------------------------------------------------

    def _look(self) -> _Seen:
        plain = self._look_at_active()
        ours = ours_in(plain.bytes())
        if ours is None:
            return _Seen(plain)
        beneath = original_in(_Original, ours)
        if beneath is None:  # the line that says so was changed, too
            return _Seen(replace(plain, content=None), replace(ours, edited=True))
        return _Seen(self._with_content(beneath), ours)

    def _look_at_active(self) -> _Original:
        try:
            seen = os.lstat(self._active)
        except FileNotFoundError:
            return _Original("absent")
        if stat.S_ISLNK(seen.st_mode):
            link = _Original("link", target=str(self._active.readlink()))
            return self._with_content(link)
        if not stat.S_ISREG(seen.st_mode):
            raise Permanent(f"{self._active} is neither a file nor a link; homeward leaves it alone.")
        content = _encoded(_bounded(self._active))
        return _Original("file", content=content, mode=stat.S_IMODE(seen.st_mode), mtime_ns=seen.st_mtime_ns)

    def _own_path(self, original: _Original) -> Path | None:
        """Where the user's own script is now; None where there is none."""
        if original.kind == "link":
            return self._active.parent / original.target
        if original.kind == "file":
            return self._script(original.kept) if original.kept else self._active
        return None

    def _with_content(self, original: _Original) -> _Original:
        path = self._own_path(original)
        if path is None or not path.is_file():
            return original
        return replace(original, content=_encoded(_bounded(path)))

    def _script(self, name: str) -> Path:
        return self._folder / f"{name}.sieve"

    def _copies(self) -> list[Path]:
        """Our scripts beside MAIN."""
        if not self._folder.is_dir():
            return []
        found = (path for path in self._folder.iterdir() if path.suffix == ".sieve")
        return sorted(path for path in found if is_copy_name(path.stem))

    # --- writing ------------------------------------------------------------------------------------------------------

    def _beneath(self, original: _Original) -> _Original:
        """The user's own state as it is now. PreconditionFailed where it is not `original`, or ours was changed by hand."""
        seen = self._look()
        if seen.ours is not None and (seen.ours.edited or self._copies_edited()):
            raise PreconditionFailed("homeward's Sieve script was changed by hand since; it stays as it is.")
        if not seen.original.alike(original) or (seen.ours is None and self._taken_over(seen.original, original)):
            raise PreconditionFailed("Another Sieve script was made active since; it stays as it is.")
        if seen.original.content is None:
            return replace(seen.original, content=original.content, mode=original.mode)
        return seen.original

    def _copies_edited(self) -> bool:
        return any(copy_was_edited(_bounded(path)) for path in self._copies())

    def _taken_over(self, active: _Original, original: _Original) -> bool:
        """Whether somebody put another regular file in the place of ours, while the user's first one is kept in the folder."""
        main = self._script(MAIN)
        ours = ours_in(_bounded(main)) if main.is_file() else None
        if active.kind != "file" or active.content == original.content or ours is None:
            return False
        before = original_in(_Original, ours)
        kept = self._script((before.kept if before else "") or MAIN)
        return kept != main and kept.is_file() and not kept.samefile(self._active) and _encoded(_bounded(kept)) != active.content

    def _keep_file(self, beneath: _Original) -> _Original:
        """Give a regular file a second name in the folder, before its first name goes to ours: the same file, nothing copied
        where both are on one disk."""
        if beneath.kept:
            return beneath
        name = self._free_name()
        kept = self._script(name)
        if not kept.exists():
            try:
                os.link(self._active, kept, follow_symlinks=False)
            except OSError:
                write_through(kept, _bounded(self._active), beneath.mode)
                shutil.copystat(self._active, kept, follow_symlinks=False)
        sync_folder(self._folder)
        return replace(beneath, kept=name)

    def _free_name(self) -> str:
        """Free, or already a name of the active file (a run died after giving it)."""
        for name in (KEPT, *(f"{KEPT}-{count}" for count in range(2, 1000))):
            path = self._script(name)
            if not os.path.lexists(path) or (path.is_file() and path.samefile(self._active)):
                return name
        raise Permanent(f"There are too many scripts called {KEPT} in {self._folder}.")

    def _put_scripts(self, item: ResponderItem | None, lease: Lease | None, beneath: _Original) -> None:
        """Those that ours includes first, so that what is active always finds them."""
        own = Own(beneath.bytes(), self._name_of_own(beneath), self._load)
        ours = scripts(item, lease, own, self._place, asdict(replace(beneath, content=None)))
        for stem, content in ours.items():
            path = self._script(stem)
            if path.is_symlink() or not path.is_file() or path.read_bytes() != content:
                replace_whole(path, content)
        for stale in self._copies():
            if stale.stem not in ours:
                stale.unlink()

    def _load(self, name: str) -> bytes | None:
        if not name or "/" in name or "\0" in name or not self._script(name).is_file():
            return None
        return _bounded(self._script(name))

    def _name_of_own(self, beneath: _Original) -> str:
        """The name by which ours includes the user's script; a script that lies elsewhere is copied into the folder."""
        path = self._own_path(beneath)
        if path is not None and path.is_file() and path.suffix == ".sieve" and path.stem.isprintable() and "$" not in path.stem:
            inside = self._folder / path.name
            if inside.is_file() and inside.samefile(path):
                return path.stem
        return UNCHANGED

    def _activate(self) -> None:
        main = self._script(MAIN)
        if self._active.is_symlink() and self._active.exists() and self._active.samefile(main):
            return
        self._point_active_at(os.path.relpath(main, self._active.parent))
        self._forget_compiled(self._active)

    def _point_active_at(self, target: str) -> None:
        draft = self._link_draft()
        draft.unlink(missing_ok=True)
        draft.symlink_to(target)
        draft.replace(self._active)
        sync_folder(self._active.parent)

    def _link_draft(self) -> Path:
        return self._active.with_name(f".{self._active.name}.homeward")

    # --- putting back -------------------------------------------------------------------------------------------------

    def _put_back(self, beneath: _Original) -> None:
        own = self._own_path(beneath)
        if own is None:
            self._active.unlink()
        elif beneath.kind == "file":
            self._put_file_back(own, beneath)
        else:
            content = beneath.bytes()
            if content is not None and not own.exists() and own.parent.is_dir():
                replace_whole(own, content, beneath.mode)  # the script itself was removed meanwhile
            self._point_active_at(beneath.target)
        self._forget_compiled(self._active)

    def _put_file_back(self, kept: Path, beneath: _Original) -> None:
        try:
            kept.replace(self._active)
        except OSError:  # gone, or on another disk
            content = _bounded(kept) if kept.is_file() else beneath.bytes()
            replace_whole(self._active, content or b"", beneath.mode)
            os.utime(self._active, ns=(beneath.mtime_ns, beneath.mtime_ns))
            kept.unlink(missing_ok=True)

    def _sweep(self, beneath: _Original) -> None:
        """Take our own scripts away, and what a run left that died: drafts, and a second name of the user's file."""
        for path in [self._script(MAIN), *self._copies()]:
            path.unlink(missing_ok=True)
            self._forget_compiled(path)
        for draft in [self._link_draft(), *self._folder.glob(".*.sieve.homeward-*"), *self._active_drafts()]:
            draft.unlink(missing_ok=True)
        if beneath.kind == "file":
            for path in self._folder.glob(f"{KEPT}*.sieve"):
                if path.samefile(self._active):
                    path.unlink()
        if beneath.folder_made:
            with suppress(OSError):
                self._folder.rmdir()

    def _active_drafts(self) -> Iterator[Path]:
        return self._active.parent.glob(f".{glob.escape(self._active.name)}.homeward-*")

    def _forget_compiled(self, script: Path) -> None:
        """Pigeonhole trusts a compiled script that is newer than its source; the user's source is older than ours."""
        script.with_name(script.name.removesuffix(".sieve") + ".svbin").unlink(missing_ok=True)


def _bounded(path: Path) -> bytes:
    with path.open("rb") as file:
        content = file.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise NotUnderstood(f"{path} is too long for a Sieve script.")
    return content


def _encoded(content: bytes) -> str:
    return base64.b64encode(content).decode("ascii")
