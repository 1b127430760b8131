"""The out-of-office entry of Google Calendar: who wants it, where it can be had, how it follows the absence, what is said."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from rules.desired.out_of_office import want_out_of_office
from rules.desired.situation import Gathered, Situation
from rules.interval import Interval
from rules.items import BlockItem, OutOfOfficeItem
from rules.model import Absence, Place
from rules.plan import Change, Standing, StandingState, compare, describe_short, kind_of
from rules.policy import AccountConfig, CalendarConfig, Me, OutOfOfficePolicy, Policy
from rules.telling import tell

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
DAY = timedelta(days=1)
SPAN = Interval(NOW + 7 * DAY, NOW + 11 * DAY)
TRIP = Absence("lisbon", "trip", SPAN, 4, 1.0, "act", "Trip to Lisbon", ())
GOOGLE = AccountConfig(id="g", kind="google", user="Lea@Firm.example", client_file="client.json")
POLICY = Policy(
    config_version=1,
    me=Me(name="Lea", addresses=("lea@firm.example", "lea@home.example"), home_zone="Europe/Berlin"),
    account=(AccountConfig(id="local"), GOOGLE),
    calendar=(CalendarConfig(id="work", account="g", collection="primary"),),
    out_of_office=OutOfOfficePolicy(enabled=True),
)


def wanted(policy: Policy = POLICY, absence: Absence = TRIP, writable: tuple[str, ...] = ("work",)) -> Gathered:
    gathered = Gathered()
    home = Place("Berlin", "Europe/Berlin", city="Berlin", country="DE")
    want_out_of_office(Situation(now=NOW, policy=policy, home=home, writable=frozenset(writable)), absence, gathered)
    return gathered


def the_item(**more: Any) -> OutOfOfficeItem:
    (item,) = wanted().items
    assert isinstance(item, OutOfOfficeItem)
    return replace(item, **more)


def on(**calendar: Any) -> Policy:
    return replace(POLICY, calendar=(replace(POLICY.calendar[0], **calendar),))


def test_it_covers_the_absence_and_says_nothing_of_it() -> None:
    item = the_item()
    assert (item.span, item.summary, item.description, item.private) == (SPAN, "Out of office", "", True)
    assert (item.calendar_id, item.declines, kind_of(item)) == ("work", "new", "block")
    moved = wanted(absence=replace(TRIP, span=Interval(SPAN.start, SPAN.end + DAY))).items[0]
    assert moved.id == item.id and "lisbon" in item.id


@pytest.mark.parametrize("policy", [replace(POLICY, out_of_office=OutOfOfficePolicy()), POLICY])
def test_nobody_gets_it_who_did_not_ask_for_it(policy: Policy) -> None:
    absence = replace(TRIP, kind="focus") if policy is POLICY else TRIP
    gathered = wanted(policy, absence)
    assert gathered.items == [] and gathered.skipped == []


@pytest.mark.parametrize("policy, writable", [
    (POLICY, ()),
    (on(collection="abc@group.calendar.google.com"), ("work",)),
    (on(collection="lea@home.example"), ("work",)),
    (on(role="family"), ("work",)),
    (on(read_only=True), ("work",)),
    (on(account="local", collection="", path="work"), ("work",)),
])  # fmt: skip
def test_where_google_does_not_take_it_that_is_said(policy: Policy, writable: tuple[str, ...]) -> None:
    gathered = wanted(policy, writable=writable)
    assert gathered.items == []
    assert [(skip.what, skip.absence_id) for skip in gathered.skipped] == [("out-of-office entry", "lisbon")]


@pytest.mark.parametrize("account, collection", [
    ({}, "lea@firm.example"), ({"user": ""}, "lea@home.example"),
    ({"user": "", "subject": "lea@firm.example"}, "LEA@firm.example"),
])  # fmt: skip
def test_the_primary_calendar_has_the_address_of_its_account(account: Mapping[str, str], collection: str) -> None:
    policy = replace(on(collection=collection), account=(replace(GOOGLE, **account),))
    assert len(wanted(policy).items) == 1


# --- what becomes of it -----------------------------------------------------------------------------------------------


def changes(item: OutOfOfficeItem | None, stands: OutOfOfficeItem, now: datetime, state: StandingState = "done") -> list[str]:
    found, _ = compare([item] if item else [], {stands.id: Standing(stands, state)}, now, {})
    return [tell(change, "Europe/Berlin") for change in found]


def test_it_follows_an_absence_that_has_begun() -> None:
    later = the_item(span=Interval(SPAN.start, SPAN.end + DAY))
    during = SPAN.start + DAY
    assert changes(later, the_item(), during) == [
        "Keep the out-of-office entry in Google Calendar (work) until Sat 5 Dec 09:00 instead of Fri 4 Dec 09:00"
    ]
    assert [words.split(" from ")[0] for words in changes(None, the_item(), during)] == ["Remove the out-of-office entry"]
    assert changes(None, the_item(), SPAN.end) == [], "what is over is history"
    assert changes(later, the_item(), SPAN.end + 2 * DAY) == []
    early = the_item(span=Interval(SPAN.start, during))
    assert [words.split(" until ")[1] for words in changes(early, the_item(), during)] == [
        "Tue 1 Dec 09:00 instead of Fri 4 Dec 09:00"
    ]


@pytest.mark.parametrize("declines, words", [
    ("none", "declines nothing"), ("new", "declines new invitations"), ("all", "declines all invitations"),
])  # fmt: skip
def test_the_plan_says_what_google_will_decline(declines: str, words: str) -> None:
    told = tell(Change("create", None, the_item(declines=declines), ""), "Europe/Berlin")
    assert told.startswith("Show you as out of office in Google Calendar (work) from Mon 30 Nov 09:00 to Fri 4 Dec 09:00; ")
    assert words in told


def test_what_google_refused_is_not_tried_again_and_that_is_said() -> None:
    item = the_item()
    found, skipped = compare([item], {item.id: Standing(item, "refused")}, NOW, {})
    assert found == () and "apply --again" in skipped[0].because and skipped[0].what == describe_short(item)
    assert changes(None, item, NOW, "refused") == []


def test_it_takes_no_time_from_blocks() -> None:
    from rules.desired.blocks import _takes_time

    plain = BlockItem(**{name: getattr(the_item(), name) for name in BlockItem.__struct_fields__})
    assert _takes_time(plain) and not _takes_time(the_item())
