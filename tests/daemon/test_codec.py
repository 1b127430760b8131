"""What the ledger writes is what it reads back: every value, every zone, both halves of a doubled hour."""

from __future__ import annotations

import json
import types
import typing
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta, timezone
from enum import Enum
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct

from daemon.codec import dumps, loads
from rules import items, model
from rules.interval import Interval, instant

BERLIN = ZoneInfo("Europe/Berlin")
ZONES = st.one_of(
    st.sampled_from([UTC, *map(ZoneInfo, ("UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia"))]),
    st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes))),
)
TEXT = st.text(st.characters(), max_size=8)  # any code point: half surrogate pairs and NUL too
MOMENTS = st.builds(
    lambda wall, zone, fold: wall.replace(tzinfo=zone, fold=fold), st.datetimes(), ZONES, st.sampled_from([0, 0, 0, 1])
)
SPANS = st.tuples(MOMENTS, MOMENTS).map(lambda pair: Interval(*sorted(pair, key=instant)))
SIMPLE: dict[Any, st.SearchStrategy[Any]] = {
    str: TEXT,
    bool: st.booleans(),
    int: st.integers(),
    float: st.floats(allow_nan=False),
    type(None): st.none(),
    datetime: MOMENTS,
    date: st.dates(),
    Interval: SPANS,
}
VALUES = [cls for module in (model, items) for cls in vars(module).values() if isinstance(cls, type) and issubclass(cls, Struct)]


def strategy(hint: Any) -> st.SearchStrategy[Any]:
    """Of a field's type, so that a new field or value is covered on the day it is added."""
    if hint in SIMPLE:
        return SIMPLE[hint]
    origin, parts = typing.get_origin(hint), typing.get_args(hint)
    if origin is typing.Literal:
        return st.sampled_from(parts)
    if origin in (typing.Union, types.UnionType):
        return st.one_of(*map(strategy, parts))
    if origin is tuple:
        return st.lists(strategy(parts[0]), max_size=2).map(tuple) if parts[-1] is ... else st.tuples(*map(strategy, parts))
    if origin is Mapping:
        return st.dictionaries(strategy(parts[0]), strategy(parts[1]), max_size=3)
    if issubclass(hint, Enum):
        return st.sampled_from(list(hint))
    hints = typing.get_type_hints(hint)
    return st.builds(hint, **{name: strategy(hints[name]) for name in hint.__struct_fields__})


@pytest.mark.parametrize("cls", VALUES, ids=lambda cls: cls.__name__)
def test_every_value_comes_back_as_it_was(cls: type[Any]) -> None:
    @given(strategy(cls))
    def comes_back(value: Any) -> None:
        text = dumps(value)
        back = loads(text)
        assert type(back) is cls
        assert back == value
        # Equality alone would not see a lost zone or a lost fold.
        assert dumps(back) == text

    comes_back()


def test_there_are_values_to_test() -> None:
    assert {"Absence", "Occurrence", "HostItem", "MailItem", "Opening"} <= {cls.__name__ for cls in VALUES}


@given(MOMENTS)
def test_a_moment_keeps_its_wall_time_its_zone_and_its_half_of_the_doubled_hour(moment: datetime) -> None:
    back = loads(dumps(moment))
    assert back.replace(tzinfo=None) == moment.replace(tzinfo=None)
    assert (back.fold, back.utcoffset(), str(back.tzinfo)) == (moment.fold, moment.utcoffset(), str(moment.tzinfo))


def test_a_future_moment_is_kept_as_wall_time_zone_and_utc() -> None:
    written = json.loads(dumps(datetime(2026, 12, 7, 9, tzinfo=BERLIN)))
    assert written == {"$wall": "2026-12-07T09:00:00", "fold": 0, "zone": "Europe/Berlin", "utc": "2026-12-07T08:00:00+00:00"}


def test_both_halves_of_the_doubled_hour_are_told_apart() -> None:
    first = datetime(2026, 10, 25, 2, 30, tzinfo=BERLIN)
    second = first.replace(fold=1)
    assert loads(dumps(second)).astimezone(UTC) - loads(dumps(first)).astimezone(UTC) == timedelta(hours=1)


def test_when_a_country_changes_its_rules_the_wall_time_stands() -> None:
    written = json.loads(dumps(datetime(2026, 7, 1, 9, tzinfo=BERLIN)))
    written["utc"] = "2026-07-01T08:00:00+00:00"  # as an older machine computed it, without summer time
    assert loads(json.dumps(written)) == datetime(2026, 7, 1, 9, tzinfo=BERLIN)


@pytest.mark.parametrize("zone", ["Europe/Atlantis", "", "../../etc/passwd", "Europe"])
def test_when_a_zone_is_no_longer_known_the_instant_stands(zone: str) -> None:
    written = json.loads(dumps(datetime(2026, 7, 1, 9, tzinfo=BERLIN))) | {"zone": zone}
    assert loads(json.dumps(written)) == datetime(2026, 7, 1, 7, tzinfo=UTC)


@pytest.mark.parametrize(
    "moment", [datetime(1, 1, 1, tzinfo=BERLIN), datetime(9999, 12, 31, 23, tzinfo=ZoneInfo("America/New_York"))]
)
def test_the_first_and_the_last_day_of_the_calendar_can_be_kept(moment: datetime) -> None:
    assert loads(dumps(moment)) == moment


def test_a_naive_moment_is_refused() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        dumps(datetime(2026, 12, 7, 9))  # noqa: DTZ001


def test_equal_values_give_equal_text() -> None:
    assert dumps({"b": 1, "a": (date(2026, 12, 7), time(9))}) == dumps({"a": [date(2026, 12, 7), time(9)], "b": 1})


def test_dates_times_and_maps_come_back() -> None:
    value = {"day": date(2026, 12, 7), "at": time(12, 30), "$": "Place", "nested": {"kind": model.EvidenceKind.RAIL}}
    assert loads(dumps(value)) == value


class Foreign(Struct, frozen=True):
    text: str = "x"


@pytest.mark.parametrize("foreign", [object(), {1, 2}, b"bytes", timedelta(1), Foreign()])
def test_what_is_none_of_our_values_is_refused(foreign: object) -> None:
    with pytest.raises(TypeError, match=f"not a value of ours: {type(foreign).__name__}"):
        dumps(foreign)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        '{"$":"Interval"}',
        '{"$":"os.system","command":"true"}',
        '{"$":["Place"]}',
        '{"$wall":"2026-12-07T09:00:00"}',
        '{"$wall":7,"zone":"0","fold":0,"utc":""}',
        '{"$day":"yesterday"}',
        '{"$kind":"teleport"}',
        '{"no":"type"}',
    ],
)
def test_a_text_that_is_no_value_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        loads(text)


def test_a_field_of_another_version_is_left_out_and_a_missing_one_takes_its_default() -> None:
    assert loads('{"$":"Place","name":"Lisbon","zone":"Europe/Lisbon","mood":"sunny"}') == model.Place("Lisbon", "Europe/Lisbon")


def test_the_text_is_plain_ascii_and_one_line() -> None:
    text = dumps(model.Place("Größe\n\u2028\ud800", "Europe/Berlin"))
    assert text.isascii() and "\n" not in text
