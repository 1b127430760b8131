"""What ought to be where several absences lie ahead, and where nothing can be written: no hour is promised twice, and every
reason is the true one."""

from __future__ import annotations

from datetime import datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from rules.desired import Desired, Situation, desire
from rules.interval import Interval
from rules.items import BlockItem
from rules.model import Absence, Action, Place
from rules.plan import Standing
from rules.policy import CalendarConfig, Me, Policy

BERLIN = ZoneInfo("Europe/Berlin")
ME = Me(name="Lena Berg", addresses=("lena@example.org",), home_zone="Europe/Berlin")
POLICY = Policy(config_version=1, me=ME, calendar=(CalendarConfig(id="work", path="work"),))


def trip(name: str, leaves: str, returns: str, nights: int, action: Action = "act", **more: object) -> Absence:
    span = Interval(*(datetime.fromisoformat(text).replace(tzinfo=BERLIN) for text in (leaves, returns)))
    return Absence(name, "trip", span, nights, 1.0, action, f"Trip to {name}", (), **more)  # type: ignore[arg-type]


MUNICH = trip("munich", "2026-11-16T07:15", "2026-11-17T21:30", 1)
VIENNA = trip("vienna", "2026-11-18T07:30", "2026-11-20T20:30", 2)


def wanted(*absences: Absence, writable: frozenset[str] = frozenset({"work"}), **more: object) -> Desired:
    now = datetime(2026, 11, 2, 9, tzinfo=BERLIN)
    situation = Situation(now=now, policy=POLICY, home=Place("Berlin", "Europe/Berlin"), absences=absences, writable=writable)
    return desire(replace(situation, **more))  # type: ignore[arg-type]


def blocks(desired: Desired) -> list[BlockItem]:
    return sorted((item for item in desired.items if isinstance(item, BlockItem)), key=lambda block: block.span.start)


def test_blocks_of_two_absences_never_lie_on_each_other() -> None:
    placed = blocks(wanted(MUNICH, VIENNA))
    assert {block.absence_id for block in placed if block.purpose == "make-up"} == {"munich", "vienna"}
    for earlier, later in pairwise(placed):
        assert not earlier.span.overlaps(later.span), (earlier, later)


def test_what_two_absences_were_promised_stays_where_it_is() -> None:
    first = wanted(MUNICH, VIENNA)
    standing = {block.id: Standing(block, "done") for block in blocks(first)}
    assert blocks(wanted(MUNICH, VIENNA, standing=standing)) == blocks(first)


def test_family_time_without_a_calendar_says_that_none_is_there() -> None:
    desired = wanted(VIENNA, writable=frozenset())
    assert not blocks(desired)
    assert [skip.because for skip in desired.skipped if "family time" in skip.what] == [
        "there is no calendar of yours to write it on; it stays owed"
    ]


def test_a_trip_without_a_way_home_is_asked_about_as_such() -> None:
    (question,) = wanted(trip("madrid", "2026-11-16T04:30", "2026-11-18T22:00", 2, "ask", open_ended=True)).questions
    assert question.text.endswith("no way home is known; is that so?")
    assert question.command.startswith("homeward confirm madrid")
