"""What was made of a config, kept as JSON so that the next start need not validate it. A cache that does not fit is worth nothing
and is made again: no failure of it is ever an error. It holds what the config holds, so it is as private (0600)."""

from __future__ import annotations

import contextlib
import json
import os
import types
from dataclasses import asdict, fields, is_dataclass
from datetime import time
from functools import cache
from pathlib import Path
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from daemon.paths import private_folder
from integrations.errors import OutsideError
from rules.policy import Policy

T = TypeVar("T")

_FILE = "config-cache.json"


def find(state: Path, key: str) -> Policy | None:
    """The policy that was kept under `key`, or None."""
    try:
        kept = json.loads((state / _FILE).read_bytes())
        return decode(Policy, kept["policy"]) if kept["key"] == key else None
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        return None


def keep(state: Path, key: str, policy: Policy) -> None:
    """Replace what was kept. Silent where the disk refuses: the next start is then slower, and nothing else."""
    with contextlib.suppress(OSError, OutsideError):
        new = private_folder(state) / f"{_FILE}.{os.getpid()}"
        try:
            new.touch(mode=0o600)
            new.write_text(json.dumps({"key": key, "policy": asdict(policy)}, default=time.isoformat), encoding="utf-8")
            new.replace(state / _FILE)
        finally:
            new.unlink(missing_ok=True)


def decode(hint: type[T], value: Any) -> T:
    """`value`, as JSON gives it, as the type that `hint` says: dataclasses, tuples of one or of fixed types, Literal, optional,
    time, str, int, float, bool. ValueError or TypeError where it does not fit."""
    decoded: T = _decode(hint, value)
    return decoded


def _decode(hint: Any, value: Any) -> Any:
    if hint is time:
        return time.fromisoformat(value)
    if isinstance(hint, type) and is_dataclass(hint):
        return _dataclass(hint, value)
    origin = get_origin(hint)
    if origin is tuple:
        return _tuple(get_args(hint), value)
    if origin in (types.UnionType, Union):
        inner = next(arg for arg in get_args(hint) if arg is not type(None))
        return None if value is None else _decode(inner, value)
    if not _fits(hint, value):
        raise ValueError(f"{value!r} is no {hint}")
    return value


def _dataclass(hint: type, value: dict[str, Any]) -> Any:
    hints = field_types(hint)
    return hint(**{name: _decode(hints[name], inner) for name, inner in value.items()})


def _tuple(args: tuple[Any, ...], value: list[Any]) -> tuple[Any, ...]:
    if args[-1] is Ellipsis:
        return tuple(_decode(args[0], inner) for inner in value)
    return tuple(_decode(arg, inner) for arg, inner in zip(args, value, strict=True))


def _fits(hint: Any, value: Any) -> bool:
    if get_origin(hint) is Literal:
        return value in get_args(hint)
    return type(value) is hint or (hint is float and type(value) is int)


@cache
def field_types(cls: type) -> dict[str, Any]:
    """Name and type of each field, in their order."""
    hints = get_type_hints(cls)
    return {field.name: hints[field.name] for field in fields(cls)}
