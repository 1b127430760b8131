"""What is skipped because it said nothing before changes no absence, whatever became of calendar, config or memory."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from daemon.detect import Memory, detect
from daemon.dull import Dull
from integrations import places
from integrations.occurrences import read_calendar
from rules.interval import Interval
from rules.model import Occurrence
from rules.policy import CalendarConfig, Me, Policy

NOW = datetime(2026, 9, 1, 9, tzinfo=UTC)
HORIZON = Interval(NOW - timedelta(days=45), NOW + timedelta(days=90))
ME = Me(name="Lea", addresses=("lea@example.org",), home_zone="Europe/Berlin", home="Berlin, DE")
POLICY = Policy(config_version=1, me=ME, calendar=(CalendarConfig(id="work", path="x"),))
PLACES = places.load()
TITLES = ("Forecast call", "Flight to Lisbon (LH 1172)", "Urlaub", "Trip to Porto", "Dentist", "Hotel Avenida, Lisbon", "PTO Ana")
EXTRA = (
    "",
    "RRULE:FREQ=WEEKLY;COUNT=4\r\n",
    "STATUS:CANCELLED\r\n",
    "ATTENDEE;PARTSTAT=DECLINED:mailto:lea@example.org\r\n",
    "ATTENDEE;PARTSTAT=ACCEPTED:mailto:lea@example.org\r\n",
    "CLASS:PRIVATE\r\n",
)


def event(number: int, title: str, day: int, whole: bool, extra: str) -> str:
    start = NOW + timedelta(days=day)
    times = (
        f"DTSTART;VALUE=DATE:{start:%Y%m%d}\r\nDTEND;VALUE=DATE:{start + timedelta(days=4):%Y%m%d}\r\n"
        if whole
        else f"DTSTART:{start:%Y%m%dT%H%M%SZ}\r\nDURATION:PT2H\r\n"
    )
    return f"BEGIN:VEVENT\r\nUID:e{number}\r\n{times}SUMMARY:{title}\r\n{extra}END:VEVENT\r\n"


def read(*events: str) -> tuple[Occurrence, ...]:
    text = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\n" + "".join(events) + "END:VCALENDAR\r\n"
    return read_calendar(text.encode(), "work", "mine", HORIZON, "Europe/Berlin").occurrences


EVENTS = st.lists(
    st.builds(event, st.integers(0, 3), st.sampled_from(TITLES), st.integers(-5, 60), st.booleans(), st.sampled_from(EXTRA)),
    max_size=5,
)


@settings(max_examples=80, deadline=None)
@given(calendars=st.lists(EVENTS, min_size=1, max_size=4))
def test_with_the_memory_the_same_absences_are_found(
    calendars: list[list[str]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("dull")
    for events in calendars:
        occurrences = read(*events)
        plain = detect(occurrences, POLICY, PLACES, Memory(), NOW)
        for _ in range(2):
            assert detect(occurrences, POLICY, PLACES, Memory(), NOW, dull=Dull(folder)).absences == plain.absences


def test_a_series_of_trips_is_seen_though_one_of_them_was_declined() -> None:
    """The first of them is declined: what it says (nothing) is not what the others say."""
    declined = (
        "BEGIN:VEVENT\r\nUID:e1\r\nRECURRENCE-ID:20260908T090000Z\r\nDTSTART:20260908T090000Z\r\nDURATION:PT2H\r\n"
        "SUMMARY:Flight to Lisbon (LH 1172)\r\nATTENDEE;PARTSTAT=DECLINED:mailto:lea@example.org\r\nEND:VEVENT\r\n"
    )
    going = "RRULE:FREQ=WEEKLY;COUNT=3\r\nATTENDEE;PARTSTAT=ACCEPTED:mailto:lea@example.org\r\n"
    found = detect(read(event(1, "Flight to Lisbon (LH 1172)", 7, False, going), declined), POLICY, PLACES, Memory(), NOW)
    assert sorted(e.verdict for e in found.evidence) == ["neither", "trip", "trip"]


def test_only_the_new_is_judged(tmp_path: Path) -> None:
    calls = [event(n, "Forecast call", n, False, "") for n in range(5)]
    assert len(detect(read(*calls), POLICY, PLACES, Memory(), NOW, dull=Dull(tmp_path)).evidence) == 5
    later = detect(read(*calls, event(9, "Dentist", 9, False, "")), POLICY, PLACES, Memory(), NOW, dull=Dull(tmp_path))
    assert [e.summary for e in later.evidence] == ["Dentist"]


def test_another_config_judges_everything_anew(tmp_path: Path) -> None:
    calls = [event(n, "Forecast call", n, False, "") for n in range(5)]
    detect(read(*calls), POLICY, PLACES, Memory(), NOW, dull=Dull(tmp_path))
    moved = replace(POLICY, me=replace(ME, home="Porto, PT"))
    assert len(detect(read(*calls), moved, PLACES, Memory(), NOW, dull=Dull(tmp_path)).evidence) == 5


@pytest.mark.parametrize("content", [b"", b"rubbish", b"\x81\xa1a\x91\x01"])
def test_a_spoiled_memory_is_made_anew_without_a_word(content: bytes, tmp_path: Path) -> None:
    calls = [event(n, "Forecast call", n, False, "") for n in range(5)]
    (tmp_path / "dull.msgpack").write_bytes(content)
    for seen in (5, 0):
        assert len(detect(read(*calls), POLICY, PLACES, Memory(), NOW, dull=Dull(tmp_path)).evidence) == seen


def test_no_word_of_an_event_is_kept(tmp_path: Path) -> None:
    detect(read(event(1, "Canary", 3, False, "CLASS:PRIVATE\r\n")), POLICY, PLACES, Memory(), NOW, dull=Dull(tmp_path))
    kept = tmp_path / "dull.msgpack"
    assert b"Canary" not in kept.read_bytes()
    assert kept.stat().st_mode & 0o077 == 0
