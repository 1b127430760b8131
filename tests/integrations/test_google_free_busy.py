"""Calendars at Google of which one sees only when somebody is busy: read like all others, without a word of what is in them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from daemon.detect import away, judge_all
from integrations import places
from integrations.errors import Permanent
from integrations.google_calendar import GoogleCalendar
from integrations.ports import DeleteBlock
from rules.interval import Interval
from rules.makeup import busy
from rules.model import CalendarRole, Occurrence
from rules.policy import AccountConfig, CalendarConfig, Me, Person, Policy
from tests.servers.fake_google.server import FakeGoogle
from tests.servers.fake_google.worlds import ANA, LEA, NOW, api_of, google_world

HORIZON = Interval(NOW, datetime(2027, 2, 21, tzinfo=UTC))
POLICY = Policy(
    config_version=1,
    me=Me(name="Lea", addresses=(LEA,), home_zone="Europe/Berlin"),
    account=(AccountConfig(id="g", kind="google", client_file="client.json"),),
    calendar=(CalendarConfig(id="ana", role="team", account="g", collection=ANA),),
    person=(Person(id="ana", name="Ana Silva", addresses=(ANA,)),),
)


def timed(start: str, end: str) -> dict[str, Any]:
    return {"start": {"dateTime": start, "timeZone": "Europe/Berlin"}, "end": {"dateTime": end, "timeZone": "Europe/Berlin"}}


@pytest.fixture
def google() -> Iterator[FakeGoogle]:
    with google_world() as world:
        put = world.calendar.put
        put(ANA, {"id": "flight", "summary": "Flight to Rome", **timed("2026-12-01T06:00:00+01:00", "2026-12-03T20:00:00+01:00")})
        put(ANA, {"id": "lunch", "summary": "Lunch with Bo", **timed("2026-12-07T12:00:00+01:00", "2026-12-07T13:00:00+01:00")})
        put(ANA, {
            "id": "free", "summary": "Fair", "transparency": "transparent",
            **timed("2026-12-08T08:00:00+01:00", "2026-12-08T20:00:00+01:00"),
        })  # fmt: skip
        world.calendar.shelves[ANA].roles[LEA] = "freeBusyReader"
        yield world


def opened(google: FakeGoogle, cache: Path | None = None, role: CalendarRole = "team") -> GoogleCalendar:
    google.count()
    return GoogleCalendar("ana", role, api_of(google), ANA, "lea", "Europe/Berlin", lambda: NOW, cache_folder=cache)


def read(google: FakeGoogle, role: CalendarRole = "team") -> tuple[Occurrence, ...]:
    return opened(google, role=role).read(HORIZON).occurrences


def test_only_the_times_are_known(google: FakeGoogle) -> None:
    found = read(google)
    assert [(o.start.day, o.summary, o.event_type, o.private, o.transparent) for o in found] == [
        (1, "", "freeBusy", False, False), (7, "", "freeBusy", False, False), (8, "", "freeBusy", False, True),
    ]  # fmt: skip


def test_it_is_told_and_nothing_is_written_there(google: FakeGoogle) -> None:
    calendar = opened(google)
    calendar.read(HORIZON)
    able = calendar.capabilities()
    assert (able.writable, able.busy_only) == (False, True)
    with pytest.raises(Permanent):
        calendar.prepare(DeleteBlock("hw-lisbon.make-up.01"))


def test_a_new_process_asks_one_question_and_no_times_again(google: FakeGoogle, tmp_path: Path) -> None:
    assert len(opened(google, tmp_path).read(HORIZON).occurrences) == 3
    assert len(opened(google, tmp_path).read(HORIZON).occurrences) == 3
    assert google.seen.http == 1


def test_what_is_shown_may_become_more_and_less(google: FakeGoogle, tmp_path: Path) -> None:
    opened(google, tmp_path).read(HORIZON)
    google.calendar.shelves[ANA].roles[LEA] = "reader"
    assert "Lunch with Bo" in [o.summary for o in opened(google, tmp_path).read(HORIZON).occurrences]
    google.calendar.shelves[ANA].roles[LEA] = "freeBusyReader"
    again = opened(google, tmp_path)
    assert {o.summary for o in again.read(HORIZON).occurrences} == {""}
    assert again.capabilities().busy_only


@pytest.mark.parametrize("role", ["mine", "team", "family", "travel"])
def test_it_says_nothing_about_where_the_leader_is(google: FakeGoogle, role: CalendarRole) -> None:
    assert {e.verdict for e in judge_all(read(google, role), POLICY, places.load())} == {"neither"}


def test_a_colleague_who_is_busy_for_long_is_away(google: FakeGoogle) -> None:
    seen = read(google)
    found = away(judge_all(seen, POLICY, places.load()), seen, POLICY)
    assert [(span.start.day, span.end.day) for span in found["ana"]] == [(1, 3)], "a lunch is none, nor is what is shown as free"


def test_nobody_is_away_by_a_calendar_that_is_nobodys(google: FakeGoogle) -> None:
    seen = read(google)
    assert away((), seen, Policy(config_version=1, me=POLICY.me, calendar=POLICY.calendar)) == {}


def test_the_family_is_busy_at_those_times(google: FakeGoogle) -> None:
    assert [span.start.day for span in busy(read(google, "family"), (), POLICY.me)] == [1, 7]
