"""What the user can decide: the defaults make sense, and every value that does not is refused in words."""

from __future__ import annotations

from collections.abc import Callable
from datetime import time
from typing import Any

import pytest
from msgspec.structs import fields

from rules.policy import (
    LEVEL_WORDS,
    AccountConfig,
    BriefPolicy,
    CalendarConfig,
    CoachingPolicy,
    DetectPolicy,
    Duty,
    InboxPolicy,
    MakeupPolicy,
    Me,
    MeetingRule,
    Person,
    Policy,
    ResponderPolicy,
    SafetyPolicy,
    ServicePolicy,
)

ME: dict[str, Any] = {"name": "Mia", "addresses": ("mia@example.org",), "home_zone": "Europe/Berlin"}
NAN = float("nan")


def windows(*them: str) -> dict[str, Any]:
    return {"windows": tuple(time.fromisoformat(each) for each in them)}


REFUSED: list[tuple[Callable[..., object], dict[str, Any], str]] = [
    (Me, {**ME, "addresses": ()}, "at least one address of your own is needed"),
    (Me, {**ME, "work_ends": time(9)}, "work_ends must be after work_starts"),
    (CalendarConfig, {"id": "a"}, "needs either path (a folder or an .ics file), url (a feed) or collection"),
    (
        CalendarConfig,
        {"id": "a", "path": "/x", "url": "https://x"},
        "needs either path (a folder or an .ics file), url (a feed) or collection",
    ),
    (MeetingRule, {"id": "m", "hosts": ("ana",)}, "needs match (words of the title) or uid"),
    (MeetingRule, {"id": "m", "match": ("team",)}, "needs hosts, or skip = true"),
    (MeetingRule, {"id": "m", "uid": "u", "hosts": ("ana",), "weight": 0}, "weight must be above 0 and at most 100"),
    (MeetingRule, {"id": "m", "uid": "u", "hosts": ("ana",), "weight": 101}, "weight must be above 0 and at most 100"),
    (MeetingRule, {"id": "m", "uid": "u", "hosts": ("ana",), "weight": NAN}, "weight must be above 0 and at most 100"),
    (Duty, {"id": "d", "name": "budget"}, "needs deputies, or parked = true"),
    (ServicePolicy, {"pass_minutes": 0}, "pass_minutes must be from 1 to 60, not 0"),
    (ServicePolicy, {"horizon_days": 367}, "horizon_days must be from 7 to 366, not 367"),
    (ServicePolicy, {"ask_hosts_days_ahead": 0}, "ask_hosts_days_ahead must be from 1 to 90, not 0"),
    (DetectPolicy, {"ask": 1.5}, "ask must be from 0 to 1, not 1.5"),
    (DetectPolicy, {"ask": 0.9}, "act must be from 0.9 to 1, not 0.85"),
    (DetectPolicy, {"act": NAN}, "act must be from 0.5 to 1, not nan"),
    (DetectPolicy, {"tentative_cap": -0.1}, "tentative_cap must be from 0 to 1, not -0.1"),
    (DetectPolicy, {"shortest_hours": 169}, "shortest_hours must be from 0 to 168, not 169"),
    (DetectPolicy, {"join_hours": -1}, "join_hours must be from 0 to 168, not -1"),
    (DetectPolicy, {"open_join_hours": 200}, "open_join_hours must be from 0 to 168, not 200"),
    (DetectPolicy, {"gap_hours": 200}, "gap_hours must be from 0 to 168, not 200"),
    (DetectPolicy, {"flight_before_minutes": 1441}, "flight_before_minutes must be from 0 to 1440, not 1441"),
    (DetectPolicy, {"rail_after_minutes": -1}, "rail_after_minutes must be from 0 to 1440, not -1"),
    (DetectPolicy, {"ferry_after_minutes": 9999}, "ferry_after_minutes must be from 0 to 1440, not 9999"),
    (InboxPolicy, {"windows": ()}, "one to three windows a day, no more: that is the point"),
    (InboxPolicy, windows("04:00", "08:00", "12:00", "16:00"), "one to three windows a day, no more: that is the point"),
    (InboxPolicy, windows("08:00", "11:29"), "windows 08:00 and 11:29 are less than 3 h 30 apart"),
    (InboxPolicy, windows("12:00", "08:00"), "windows 12:00 and 08:00 are less than 3 h 30 apart"),
    (InboxPolicy, windows("01:00", "12:00", "22:00"), "window 22:00 and 01:00 of the next day are less than 3 h 30 apart"),
    (InboxPolicy, {"minutes": 4}, "minutes must be from 5 to 120, not 4"),
    (InboxPolicy, {"sync_every_minutes": 0}, "sync_every_minutes must be from 1 to 120, not 0"),
    (InboxPolicy, {"lease_hours": 25}, "lease_hours must be from 1 to 24, not 25"),
    (InboxPolicy, {"lease_hours": 4}, "renew_hours must be from 0 to 2, not 6"),
    (InboxPolicy, {"mode": "sync"}, 'mode "sync" needs either sync_command or sync_unit'),
    (
        InboxPolicy,
        {"mode": "sync", "sync_command": ("mbsync",), "sync_unit": "m.service"},
        "needs either sync_command or sync_unit",
    ),
    (ResponderPolicy, {"days": 0}, "days must be from 1 to 30, not 0"),
    (ResponderPolicy, {"watch_days": 61}, "watch_days must be from 1 to 60, not 61"),
    (MakeupPolicy, {"hours_per_night": 9}, "hours_per_night must be from 0 to 8, not 9"),
    (MakeupPolicy, {"least_hours": 3, "most_hours": 2}, "least_hours must be from 0 to 2, not 3"),
    (MakeupPolicy, {"most_hours": 201}, "most_hours must be from 0 to 200, not 201"),
    (MakeupPolicy, {"block_least_hours": 5}, "block_most_hours must be from 5 to 12, not 4"),
    (MakeupPolicy, {"block_least_hours": 0.25}, "block_least_hours must be from 0.5 to 12, not 0.25"),
    (MakeupPolicy, {"day_most_hours": 0.5}, "day_most_hours must be from 1 to 12, not 0.5"),
    (MakeupPolicy, {"within_days": 0}, "within_days must be from 1 to 60, not 0"),
    (MakeupPolicy, {"hours_per_weekend_day": 13}, "hours_per_weekend_day must be from 0 to 12, not 13"),
    (MakeupPolicy, {"wrap_up_minutes": 241}, "wrap_up_minutes must be from 0 to 240, not 241"),
    (MakeupPolicy, {"re_entry_minutes": -1}, "re_entry_minutes must be from 0 to 240, not -1"),
    (MakeupPolicy, {"afternoon": (time(14), time(13))}, "afternoon ends (13:00) before it starts (14:00)"),
    (MakeupPolicy, {"evening": (time(20), time(20))}, "evening ends (20:00) before it starts (20:00)"),
    (MakeupPolicy, {"weekend": (time(18), time(9))}, "weekend ends (09:00) before it starts (18:00)"),
    (MakeupPolicy, {"debrief_minutes": 10}, "debrief_minutes must be from 15 to 30, or 0 for none"),
    (MakeupPolicy, {"debrief_minutes": 31}, "debrief_minutes must be from 15 to 30, or 0 for none"),
    (BriefPolicy, {"working_days_before": 21}, "working_days_before must be from 0 to 20, not 21"),
    (CoachingPolicy, {"daily_cap": 0}, "daily_cap must be from 1 to 200, not 0"),
    (CoachingPolicy, {"days": 31}, "days must be from 1 to 30, not 31"),
    (SafetyPolicy, {"most_changed_share": 1.1}, "most_changed_share must be from 0 to 1, not 1.1"),
    (SafetyPolicy, {"most_changed_least": 0}, "most_changed_least must be from 1 to 10000, not 0"),
    (SafetyPolicy, {"most_created": 0}, "most_created must be from 1 to 10000, not 0"),
    (SafetyPolicy, {"vanished_over": 0}, "vanished_over must be from 1 to 10000, not 0"),
]


@pytest.mark.parametrize(("made", "values", "words"), REFUSED, ids=[f"{m.__name__}: {w}" for m, _, w in REFUSED])
def test_a_value_that_makes_no_sense_is_refused_in_words(made: Callable[..., object], values: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError) as refused:
        made(**values)
    assert words in str(refused.value)


@pytest.mark.parametrize(
    ("made", "values"),
    [
        (Me, ME),
        (CalendarConfig, {"id": "a", "path": "/x"}),
        (CalendarConfig, {"id": "a", "url": "https://example.org/x.ics"}),
        (MeetingRule, {"id": "m", "match": ("team",), "hosts": ("ana",)}),
        (MeetingRule, {"id": "m", "uid": "u", "skip": True}),
        (Duty, {"id": "d", "name": "budget", "deputies": ("ana",)}),
        (Duty, {"id": "d", "name": "budget", "parked": True}),
        (InboxPolicy, windows("07:00")),
        (InboxPolicy, windows("08:00", "11:30", "15:00")),
        (InboxPolicy, windows("02:00", "22:30")),
        (InboxPolicy, {"mode": "sync", "sync_command": ("mbsync", "-a")}),
        (InboxPolicy, {"mode": "sync", "sync_unit": "mbsync.service"}),
        (MakeupPolicy, {"debrief_minutes": 0, "wrap_up_minutes": 0, "re_entry_minutes": 0}),
        (MakeupPolicy, {"debrief_minutes": 15}),
    ],
)
def test_a_value_at_the_edge_of_sense_is_taken(made: Callable[..., object], values: dict[str, Any]) -> None:
    value = made(**values)
    assert {name: getattr(value, name) for name in values} == values


def test_the_defaults_are_those_that_the_help_promises() -> None:
    policy = Policy(config_version=1, me=Me(**ME))
    assert policy.account == (AccountConfig(id="local"),)
    assert policy.service.apply == "ask"
    assert [f"{w:%H:%M}" for w in policy.inbox.windows] == ["08:00", "12:30", "17:30"]
    assert policy.inbox.minutes == 30
    assert (policy.makeup.hours_per_night, policy.makeup.least_hours, policy.makeup.most_hours) == (1.0, 2.0, 16.0)
    assert (policy.detect.act, policy.detect.ask, policy.detect.tentative_cap) == (0.85, 0.50, 0.60)
    assert (policy.safety.most_changed_least, policy.safety.most_created, policy.safety.vanished_over) == (5, 50, 10)
    assert policy.responder.reply_unknown is False


def test_every_part_of_the_config_but_version_and_me_may_be_left_out() -> None:
    required = {f.name for f in fields(Policy) if f.required}
    assert required == {"config_version", "me"}


def test_every_decision_level_has_its_words() -> None:
    assert sorted(LEVEL_WORDS) == [1, 2, 3, 4, 5]


def people() -> Policy:
    ana = Person(id="ana", name="Ana", addresses=("Ana@Example.org", "ana@home.example"))
    return Policy(config_version=1, me=Me(**ME), person=(ana, Person(id="ben", name="Ben")))


def test_a_person_is_found_by_id() -> None:
    assert people().person_by_id("ben").name == "Ben"
    with pytest.raises(KeyError, match="cem"):
        people().person_by_id("cem")


def test_a_person_is_found_by_any_address_in_any_case() -> None:
    found = [people().person_by_address(each) for each in ("ana@example.ORG", "ANA@home.example", "ben@example.org")]
    assert [person.id if person else None for person in found] == ["ana", "ana", None]
