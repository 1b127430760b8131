"""Where homeward keeps its things: the config, the state (ledger) and what can be made again (cache). Only this file knows the
places of the XDG Base Directory Specification; nothing here opens a file."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct

from integrations.errors import Permanent, Temporary


class Paths(Struct, frozen=True):
    """`config` is a file; `state` and `cache` are folders. Nothing says that any of them exists."""

    config: Path
    state: Path
    cache: Path


def locate(config: str | None, state: str | None, env: Mapping[str, str]) -> Paths:
    """What was asked for on the command line, else HOMEWARD_CONFIG and HOMEWARD_STATE, else the XDG places. Whoever names a state
    folder gets the cache inside it, so that a throw-away home leaves nothing elsewhere."""
    config = config or env.get("HOMEWARD_CONFIG")
    state = state or env.get("HOMEWARD_STATE")
    named_state = _expanded(state, env) if state else None
    return Paths(
        config=_expanded(config, env) if config else _xdg("XDG_CONFIG_HOME", ".config", env) / "config.toml",
        state=named_state or _xdg("XDG_STATE_HOME", ".local/state", env),
        cache=named_state / "cache" if named_state else _xdg("XDG_CACHE_HOME", ".cache", env),
    )


def home(env: Mapping[str, str]) -> Path:
    """$HOME, or what the system knows about this user."""
    return Path(env["HOME"]) if env.get("HOME") else Path.home()


def _xdg(variable: str, fallback: str, env: Mapping[str, str]) -> Path:
    base = env.get(variable, "")
    # The specification: a relative path here is invalid and is to be ignored.
    return (Path(base) if base.startswith("/") else home(env) / fallback) / "homeward"


def _expanded(path: str, env: Mapping[str, str]) -> Path:
    if path == "~" or path.startswith("~/"):
        return home(env) / path[2:]
    return Path(path).absolute()


def private_folder(path: Path) -> Path:
    """`path` as a folder of this user that nobody else can read (0700), made where it is missing. Permanent where it is a
    symbolic link, no folder, or somebody else's: what is written there must not be steered elsewhere. Temporary where the disk
    refuses."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.mkdir(mode=0o700, exist_ok=True)
        _take(path, path.lstat())
    except FileExistsError:
        _refuse_other(path)
    except PermissionError as error:
        raise Permanent(f"{path} cannot be used: permission denied") from error
    except NotADirectoryError as error:
        raise Permanent(f"{path} cannot be made: a part of it is a file") from error
    except OSError as error:
        raise Temporary(f"{path} cannot be made: {os.strerror(error.errno or 0)}") from error
    return path


def _take(path: Path, found: os.stat_result) -> None:
    if stat.S_ISLNK(found.st_mode):
        raise Permanent(f"{path} is a symbolic link; homeward keeps its state in a real folder only. Name another by --state.")
    if found.st_uid != os.geteuid():
        raise Permanent(f"{path} belongs to another user; homeward keeps its state in your own folder only.")
    if stat.S_IMODE(found.st_mode) != 0o700:
        path.chmod(0o700)


def _refuse_other(path: Path) -> None:
    kind = "is a symbolic link to nothing" if path.is_symlink() else "is a file, and a folder is needed"
    raise Permanent(f"{path} {kind}. Name another by --state.")
