"""The config: a TOML file into a `rules.policy.Policy`, or every mistake in it at once. What was made of an unchanged file is
taken from the state folder; no check may be imported before an edit asks for it."""

from __future__ import annotations

import hashlib
from pathlib import Path

import rules.policy
from daemon.config import cache
from daemon.mistakes import ConfigError, Mistake
from rules.policy import Policy

__all__ = ["ConfigError", "Mistake", "load"]

_MOST_BYTES = 1_000_000  # a config is a few kilobytes; anything else here was named by mistake
_DECIDING = ("policy", "responder", "phrases")  # files of `rules` that say what may stand in a config


def load(path: Path, state: Path | None = None) -> Policy:
    """The policy in `path`, with paths made absolute (`~` is the home, anything relative starts at the config file's folder).
    `state` is where the result is kept for the next time; None keeps nothing. ConfigError names all mistakes."""
    content = _read(path)
    key = _key(path, content) if state else ""
    kept = cache.find(state, key) if state else None
    if kept is not None:
        return kept
    from daemon.config.check import check

    policy = check(path, content)
    if state:
        cache.keep(state, key, policy)
    return policy


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(_MOST_BYTES + 1)
    except FileNotFoundError as error:
        raise _whole(path, "there is no such file", "`homeward init` writes one") from error
    except OSError as error:
        raise _whole(path, f"it cannot be read: {error.strerror}") from error
    if len(content) > _MOST_BYTES:
        raise _whole(path, f"it is larger than {_MOST_BYTES // 1000} kB; is it the right file?")
    return content


def _whole(path: Path, found: str, suggestion: str = "") -> ConfigError:
    return ConfigError((Mistake(str(path), 0, "", found, "", suggestion),))


def _key(path: Path, content: bytes) -> str:
    """Changes with the file, with where it stands (relative paths, the home) and with homeward itself: the files that decide what
    is right are told apart by size and time, as Python does for its own compiled files."""
    decisions = Path(rules.policy.__file__)
    judges = (*(decisions.with_name(f"{name}.py") for name in _DECIDING), *sorted(Path(__file__).parent.glob("*.py")))
    marks = [f"{file.name} {file.stat().st_size} {file.stat().st_mtime_ns}" for file in judges]
    return hashlib.sha256("\n".join([str(path.absolute()), str(Path.home()), *marks, ""]).encode() + content).hexdigest()
