"""Names and types: is every key known, is every value what its field takes. pydantic judges against the dataclasses of
`rules.policy`; the words for the user are made here, from the same types."""

from __future__ import annotations

import json
import math
import re
import types
from dataclasses import is_dataclass
from datetime import time
from typing import Any, Literal, Union, get_args, get_origin

from daemon.config.cache import field_types
from daemon.config.lines import Path
from daemon.config.report import Report, near, nearest, one_of
from rules.policy import Policy

_WORDS = {str: "text in quotes", int: "a whole number", float: "a number", bool: "true or false", time: 'a time of day, "08:00"'}

_ZONED = re.compile(r"(\d\d:\d\d[\d:.]*) ?(?:[zZ]|[+-]\d\d:?\d\d)")
_MOST = 1e9  # above anything that a field can mean


def shaped(data: dict[str, Any], report: Report) -> Policy | None:
    """The policy, or None where a mistake of shape was added to `report`."""
    from pydantic import TypeAdapter, ValidationError

    before = len(report.mistakes)
    known = _known(Policy, data, (), report)
    try:
        # As JSON, since pydantic is strict about types there and still takes a list for a tuple and a text for a time.
        policy = TypeAdapter(Policy).validate_json(json.dumps(known, default=str), strict=True)
    except ValidationError as error:
        for item in error.errors(include_url=False):
            _add(item["loc"], item["type"], item["msg"], item["input"], report)
        return None
    return policy if len(report.mistakes) == before else None


# --- names ------------------------------------------------------------------------------------------------------------


def _known(hint: Any, value: Any, path: Path, report: Report) -> Any:
    """`value` without what no field takes. A key that is nearly right goes on under the right name, so that one slip of a finger
    is told once and not also as something missing."""
    if isinstance(value, list) and get_origin(hint) is tuple:
        inner = get_args(hint)[0]
        return [_known(inner, element, (*path, index), report) for index, element in enumerate(value)]
    if isinstance(value, dict) and _is_table(hint):
        return _known_table(hint, value, path, report)
    _odd(value, path, report)
    return _wall_time(value, path, report) if hint is time else value


def _known_table(hint: type, value: dict[str, Any], path: Path, report: Report) -> dict[str, Any]:
    hints = field_types(hint)
    kept: dict[str, Any] = {}
    for key, inner in value.items():
        if key in hints:
            kept[key] = _known(hints[key], inner, (*path, key), report)
            continue
        place = _elsewhere(key)
        likely = "" if place else nearest(key, hints)
        suggestion = f"it belongs in [{place}]" if place else near(key, hints)
        report.add((*path, key), "a key that homeward does not know", ", ".join(hints), suggestion)
        if likely and likely not in value:
            kept[likely] = _known(hints[likely], inner, (*path, key), report)
    return kept


def _elsewhere(key: str) -> str:
    """The table that has this key, where exactly one has."""
    places = [name for name, hint in field_types(Policy).items() if key in field_types(_table_type(hint) or Policy)]
    return places[0] if len(places) == 1 else ""


def _odd(value: Any, path: Path, report: Report) -> None:
    """What the types let pass and no field can mean."""
    if type(value) in (int, float) and not (math.isfinite(value) and abs(value) < _MOST):
        report.add_value(path, value, "a number of a sensible size")
    if isinstance(value, str) and any(ord(c) < 32 and c not in "\n\t\r" for c in value):
        report.add_value(path, value, "text without control characters")


def _wall_time(value: Any, path: Path, report: Report) -> Any:
    """Without its offset, so that the other times can be compared with it: the wall time of wherever the leader is has none."""
    zoned = _ZONED.fullmatch(value) if isinstance(value, str) else None
    if zoned is None:
        return value
    report.add_value(path, value, 'a time of day without a zone, "08:00": it is meant where you are')
    return zoned[1]


# --- types ------------------------------------------------------------------------------------------------------------


def _add(loc: Path, kind: str, said: str, found: Any, report: Report) -> None:
    if kind == "value_error":
        _add_senseless(loc, said.removeprefix("Value error, "), report)
    elif kind == "missing":
        report.add(loc, "nothing", f"{describe(_hint(loc))} (it is needed)")
    else:
        allowed = describe(_hint(loc))
        report.add_value(loc, found, allowed, _suggest(_hint(loc), found))


def _add_senseless(loc: Path, said: str, report: Report) -> None:
    """A class of the policy refused its values together. Its words name the field they are about, so that line is shown."""
    names = [word.strip(",") for word in said.split()]
    named = next((name for name in names if (*loc, name) in report.lines), None)
    report.add((*loc, named) if named else loc, said, "")


def _hint(loc: Path) -> Any:
    hint: Any = Policy
    for part in loc:
        if isinstance(part, int):
            args = get_args(hint)
            hint = args[0] if args[-1] is Ellipsis else args[min(part, len(args) - 1)]
        else:
            hint = field_types(hint)[part]
    return hint


def _is_table(hint: Any) -> bool:
    return isinstance(hint, type) and is_dataclass(hint)


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
