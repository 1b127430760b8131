"""Names and types: is every key known, is every value what its field takes. The classes of `rules.policy` say what that is; the
words for the user are made here, from the same types."""

from __future__ import annotations

import json
import math
import re
import types
from datetime import time
from functools import cache
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from msgspec import Struct
from msgspec.structs import fields

from daemon.config.lines import Path
from daemon.config.report import Report, near, nearest, one_of
from rules.policy import Policy

T = TypeVar("T", bound=Struct)

_WORDS = {str: "text in quotes", int: "a whole number", float: "a number", bool: "true or false", time: 'a time of day, "08:00"'}

_ZONED = re.compile(r"(\d\d:\d\d[\d:.]*) ?(?:[zZ]|[+-]\d\d:?\d\d)")
_MOST = 1e9  # above anything that a field can mean


class _Wrong(Exception):
    """What stands here cannot be used; the mistake is in the report."""


def shaped(data: dict[str, Any], report: Report) -> Policy | None:
    """The policy, or None where a mistake of shape was added to `report`."""
    before = len(report.mistakes)
    try:
        policy = _table(Policy, data, (), report)
    except _Wrong:
        return None
    return policy if len(report.mistakes) == before and isinstance(policy, Policy) else None


def made(cls: type[T], value: dict[str, Any]) -> T:
    """One table by itself; ValueError where it does not fit."""
    report = Report("", "", value, {})
    try:
        found: T = _table(cls, value, (), report)
    except _Wrong:
        raise ValueError(str(report.mistakes[0])) from None
    return found


@cache
def field_types(cls: type) -> dict[str, Any]:
    """Name and type of each field, in their order."""
    hints = get_type_hints(cls)
    return {name: hints[name] for name in cls.__struct_fields__}  # type: ignore[attr-defined]


# --- tables -----------------------------------------------------------------------------------------------------------


def _table(cls: type[Struct], value: dict[str, Any], path: Path, report: Report) -> Any:
    """An instance of `cls`. Every mistake in it is told before `_Wrong` ends it."""
    before = len(report.mistakes)
    kept = _fields(cls, value, path, report)
    for field in fields(cls):
        if field.required and field.name not in kept and field.name not in value:
            report.add((*path, field.name), "nothing", f"{describe(field_types(cls)[field.name])} (it is needed)")
    if len(report.mistakes) > before or _misses(cls, kept):
        raise _Wrong
    try:
        return cls(**kept)
    except ValueError as error:
        _add_senseless(path, str(error), report)
        raise _Wrong from None


def _misses(cls: type[Struct], kept: dict[str, Any]) -> bool:
    return any(field.required and field.name not in kept for field in fields(cls))


def _fields(cls: type[Struct], value: dict[str, Any], path: Path, report: Report) -> dict[str, Any]:
    """What is right of it. A key that is nearly right goes on under the right name, so that one slip of a finger is told once and
    not also as something missing."""
    hints = field_types(cls)
    kept: dict[str, Any] = {}
    for key, inner in value.items():
        name = key if key in hints else _strange(key, value, hints, path, report)
        if name:
            try:
                kept[name] = _value(hints[name], inner, (*path, name), report)
            except _Wrong:
                continue
    return kept


def _strange(key: str, value: dict[str, Any], hints: dict[str, Any], path: Path, report: Report) -> str:
    """Tells of a key that nothing has; returns the one that was probably meant, or ""."""
    place = _elsewhere(key)
    likely = "" if place else nearest(key, hints)
    suggestion = f"it belongs in [{place}]" if place else near(key, hints)
    report.add((*path, key), "a key that homeward does not know", ", ".join(hints), suggestion)
    return likely if likely not in value else ""


def _elsewhere(key: str) -> str:
    """The table that has this key, where exactly one has."""
    places = [name for name, hint in field_types(Policy).items() if key in field_types(_table_type(hint) or Policy)]
    return places[0] if len(places) == 1 else ""


# --- values -----------------------------------------------------------------------------------------------------------


def _value(hint: Any, value: Any, path: Path, report: Report) -> Any:
    if _is_table(hint) and isinstance(value, dict):
        return _table(hint, value, path, report)
    origin, args = get_origin(hint), get_args(hint)
    if origin in (types.UnionType, Union):
        return _value(args[0], value, path, report)
    if origin is tuple and isinstance(value, list) and (args[-1] is Ellipsis or len(args) == len(value)):
        return _list(args, value, path, report)
    return _leaf(hint, value, path, report)


def _list(args: tuple[Any, ...], value: list[Any], path: Path, report: Report) -> tuple[Any, ...]:
    before = len(report.mistakes)
    found = []
    for index, element in enumerate(value):
        try:
            found.append(_value(args[0] if args[-1] is Ellipsis else args[index], element, (*path, index), report))
        except _Wrong:
            continue
    if len(report.mistakes) > before or len(found) < len(value):
        raise _Wrong
    return tuple(found)


def _leaf(hint: Any, value: Any, path: Path, report: Report) -> Any:
    _odd(value, path, report)
    if hint is time:
        value = _wall_time(value, path, report)
    if _fits(hint, value):
        return float(value) if hint is float else value
    report.add_value(path, value, describe(hint), _suggest(hint, value))
    raise _Wrong


def _fits(hint: Any, value: Any) -> bool:
    if get_origin(hint) is Literal:
        return any(type(value) is type(arg) and value == arg for arg in get_args(hint))
    return type(value) is hint or (hint is float and type(value) is int)


def _odd(value: Any, path: Path, report: Report) -> None:
    """What the types let pass and no field can mean."""
    if type(value) in (int, float) and not (math.isfinite(value) and abs(value) < _MOST):
        report.add_value(path, value, "a number of a sensible size")
    if isinstance(value, str) and any(ord(c) < 32 and c not in "\n\t\r" for c in value):
        report.add_value(path, value, "text without control characters")


def _wall_time(value: Any, path: Path, report: Report) -> Any:
    """The time without its offset, so that the other times can be compared with it: the wall time of wherever the leader is has
    none. What is no time comes back as it is."""
    zoned = _ZONED.fullmatch(value) if isinstance(value, str) else None
    if zoned is not None:
        report.add_value(path, value, 'a time of day without a zone, "08:00": it is meant where you are')
    try:
        return time.fromisoformat(zoned[1] if zoned else value) if isinstance(value, str) else value
    except ValueError:
        return value


# --- words ------------------------------------------------------------------------------------------------------------


def _add_senseless(loc: Path, said: str, report: Report) -> None:
    """A class of the policy refused its values together. Its words name the field they are about, so that line is shown."""
    names = [word.strip(",") for word in said.split()]
    named = next((name for name in names if (*loc, name) in report.lines), None)
    report.add((*loc, named) if named else loc, said, "")


def _is_table(hint: Any) -> bool:
    return isinstance(hint, type) and issubclass(hint, Struct)


def _table_type(hint: Any) -> type | None:
    inner = get_args(hint)[0] if get_origin(hint) is tuple else hint
    return inner if _is_table(inner) else None


def describe(hint: Any) -> str:
    """What a field takes, in words."""
    origin, args = get_origin(hint), get_args(hint)
    if origin is Literal:
        return one_of(args)
    if origin in (types.UnionType, Union):
        return describe(args[0])
    if origin is tuple and _is_table(args[0]):
        return "tables of their own, [[...]]"
    if origin is tuple:
        return f"a list of {describe(args[0])}" if args[-1] is Ellipsis else f"a list of exactly {len(args)}: {describe(args[0])}"
    return _WORDS.get(hint, "a table")


def _suggest(hint: Any, found: Any) -> str:
    origin, args = get_origin(hint), get_args(hint)
    if origin in (types.UnionType, Union):
        return _suggest(args[0], found)
    if origin is tuple:
        return "write it as [[...]]" if _is_table(args[0]) else f"write [{json.dumps(found, ensure_ascii=False, default=str)}]"
    if isinstance(found, str) and (found in map(json.dumps, (*args, True, False)) or re.fullmatch(r"-?\d+(\.\d+)?", found)):
        return "leave out the quotes"
    if origin is Literal:
        return near(found, [arg for arg in args if isinstance(arg, str)])
    return "put it in quotes" if hint is str and isinstance(found, int | float) else ""
