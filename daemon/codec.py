"""Values of `rules` as JSON text and back, for the ledger. A future instant is kept as wall time, zone and the UTC computed from
them, so that a change of zone rules moves it as the user would; nothing is pickled."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from msgspec import Struct

from rules import interval, items, model
from rules.interval import require_aware


@cache
def _types() -> dict[str, type[Any]]:
    """Every class that may stand in the ledger, by name."""
    named = (*vars(model).values(), *vars(items).values(), *vars(interval).values())
    return {cls.__name__: cls for cls in named if isinstance(cls, type) and issubclass(cls, Struct)}


def dumps(value: Any) -> str:
    """Compact, with sorted keys: equal values give equal text. ASCII only: a hostile calendar can carry half a surrogate pair,
    which SQLite refuses. TypeError for what is none of our values, ValueError for a naive datetime."""
    return json.dumps(_plain(value), sort_keys=True, separators=(",", ":"))


def loads(text: str) -> Any:
    """The value that `dumps` wrote; ValueError where the text is none. Lists come back as tuples."""
    try:
        return _value(json.loads(text))
    except (KeyError, TypeError) as error:
        raise ValueError(f"no value of ours: {error}") from error


def _plain(value: Any) -> Any:
    if isinstance(value, model.EvidenceKind):
        return {"$kind": value.value}
    if value is None or isinstance(value, str | int | float | bool):
        return value
    if isinstance(value, datetime):
        return {"$wall": value.replace(tzinfo=None).isoformat(), "fold": value.fold, **_zone_and_utc(value)}
    if isinstance(value, date | time):
        return {"$day" if isinstance(value, date) else "$time": value.isoformat()}
    if isinstance(value, Struct) and type(value).__name__ in _types():
        return {"$": type(value).__name__, **{name: _plain(getattr(value, name)) for name in value.__struct_fields__}}
    if isinstance(value, tuple | list):
        return [_plain(part) for part in value]
    if isinstance(value, dict):
        return {"$map": {str(key): _plain(part) for key, part in value.items()}}
    raise TypeError(f"not a value of ours: {type(value).__name__}")


def _zone_and_utc(moment: datetime) -> dict[str, str]:
    require_aware(moment, "a moment to be remembered")
    zone = moment.tzinfo
    offset = moment.utcoffset() or timedelta()
    name = (isinstance(zone, ZoneInfo) and zone.key) or f"{int(offset.total_seconds())}"
    return {"zone": name, "utc": _utc(moment)}


def _utc(moment: datetime) -> str:
    """ "" on the first and the last day of the calendar, which some zones do not have in UTC."""
    try:
        return moment.astimezone(UTC).isoformat()
    except OverflowError:
        return ""


def _value(plain: Any) -> Any:
    if isinstance(plain, list):
        return tuple(_value(part) for part in plain)
    if not isinstance(plain, dict):
        return plain
    if "$wall" in plain:
        return _datetime(plain)
    if "$day" in plain:
        return date.fromisoformat(plain["$day"])
    if "$time" in plain:
        return time.fromisoformat(plain["$time"])
    if "$kind" in plain:
        return model.EvidenceKind(plain["$kind"])
    if "$map" in plain:
        return {key: _value(part) for key, part in plain["$map"].items()}
    return _instance(plain)


def _datetime(plain: dict[str, Any]) -> datetime:
    try:
        zone = _zone(plain["zone"])
    except (ZoneInfoNotFoundError, ValueError, OSError):
        # The zone is unknown here, or no longer a zone: the instant stands.
        return datetime.fromisoformat(plain["utc"])
    return datetime.fromisoformat(plain["$wall"]).replace(tzinfo=zone, fold=plain["fold"])


def _instance(plain: dict[str, Any]) -> Any:
    cls = _types().get(plain.get("$", ""))
    if cls is None:
        raise ValueError(f"unknown value {plain.get('$', '?')!r}")
    return cls(**{key: _value(part) for key, part in plain.items() if key in cls.__struct_fields__})


def _zone(name: str) -> tzinfo:
    if name.lstrip("+-").isdigit():
        return UTC if name == "0" else timezone(timedelta(seconds=int(name)))
    return ZoneInfo(name)
