"""Fair turns with memory, over all meetings that share people."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from rules.answers import answer_by, answer_due, silences
from rules.hosts import cover
from rules.interval import Interval
from rules.items import HostItem, Item
from rules.model import Absence, Assignment, Attendee, Occurrence, OccurrenceKey, Turn
from rules.plan import Standing, StandingState
from rules.policy import Me, MeetingRule, Person, Policy, ServicePolicy
from rules.rotation import pool_of, share

ME = "lea@firm.example"
IDS = ("ana", "ben", "cem", "dan", "eva")
PEOPLE = tuple(Person(id=i, name=i.title(), addresses=(f"{i}@firm.example",)) for i in IDS)
STANDUP = MeetingRule(id="standup", match=("standup",), hosts=IDS, rotation="fair")
TRAINING = MeetingRule(id="training", match=("training",), hosts=IDS, rotation="fair", weight=2.0)
REVIEW = MeetingRule(id="review", match=("review",), hosts=IDS[:4], rotation="fair", weight=1.5)
POLICY = Policy(
    config_version=1,
    me=Me(name="Lea", addresses=(ME,), home_zone="Europe/Berlin"),
    person=PEOPLE,
    meeting=(STANDUP, TRAINING, REVIEW),
)
START = datetime(2026, 1, 5, 5, tzinfo=UTC)


def occurrence(title: str, at: datetime) -> Occurrence:
    invited = (Attendee(ME), Attendee("x@firm.example"), Attendee("y@firm.example"))
    key = OccurrenceKey("work", title, f"{at:%Y%m%dT%H}")
    return Occurrence(key, "mine", at, at + timedelta(hours=1), summary=title, organizer=Attendee(ME), attendees=invited)


def week(number: int, occurrences: list[str]) -> tuple[Absence, list[Occurrence]]:
    monday = START + timedelta(weeks=number)
    absence = Absence(f"t{number}", "trip", Interval(monday, monday + timedelta(days=5)), 4, 1.0, "act", "Trip", ())
    hours = (4 + 2 * n + 24 * (n % 5) for n in range(len(occurrences)))
    return absence, [occurrence(title, monday + timedelta(hours=h)) for title, h in zip(occurrences, hours, strict=True)]


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 10_000))
def test_over_two_years_nobody_always_there_is_a_heaviest_meeting_from_their_part(seed: int) -> None:
    """Dan and Eva come and go, meetings differ in weight; Ana, Ben and Cem are always there."""
    dice, turns = random.Random(seed), []
    for number in range(0, 104, 3):
        absence, there = week(number, [dice.choice(("standup", "standup", "training", "review")) for _ in range(6)])
        away = {who: [absence.span] for who in ("dan", "eva") if dice.random() < 0.5}
        found = cover(absence, there, POLICY, away, (), turns, absence.span.start - timedelta(days=3))
        assert len(found.items) == 6
        rules = {rule.id: rule for rule in POLICY.meeting}
        for item in found.items:
            rule = rules[item.meeting_id]
            pool = pool_of(rule, (), POLICY, away, item.span)
            turns.append(Turn(item.host, rule.id, item.span.start, rule.weight, pool))
    shares = {who: share(who, turns) for who in ("ana", "ben", "cem")}
    weighted = [known.turns for known in shares.values()]
    assert max(weighted) - min(weighted) <= 2.0
    assert all(abs(known.ahead) <= 2.0 for known in shares.values()), shares
    assert sum(share(who, turns).ahead for who in IDS) == pytest.approx(0, abs=1e-4)


def test_a_newcomer_and_who_was_long_away_do_not_catch_up() -> None:
    old = [Turn(("ana", "ben")[n % 2], "standup", START + timedelta(days=n), 1.0, ("ana", "ben")) for n in range(100)]
    absence, there = week(30, ["standup"] * 5)
    rules = replace(POLICY, meeting=(replace(STANDUP, hosts=("ana", "ben", "eva")),))
    hosts = [item.host for item in cover(absence, there, rules, {}, (), old, absence.span.start - timedelta(days=1)).items]
    assert sorted(hosts).count("eva") in (1, 2)


def test_who_declined_is_asked_first_the_next_time_and_who_took_it_is_owed() -> None:
    turns = [Turn("ben", "standup", START, 1.0, ("ana", "ben"), ("ana",))]
    assert (share("ana", turns).ahead, share("ben", turns).ahead, share("ana", turns).gave_back) == (-0.5, 0.5, 1)
    assert share("nobody", turns).ahead == 0


def test_the_pool_is_who_can_host_it() -> None:
    span = Interval(START, START + timedelta(hours=1))
    people = (*PEOPLE[:3], replace(PEOPLE[3], addresses=()), replace(PEOPLE[4], level=2))
    policy = replace(POLICY, person=people)
    rule = replace(STANDUP, least_level=3, hosts=(*IDS, "gone"))
    assert pool_of(rule, (), policy, {"cem": [span]}, span) == ("ana", "ben")
    absence, (there,) = week(0, ["standup"])
    away = {who: [absence.span] for who in ("ana", "ben", "cem")}
    (gap,) = cover(absence, [there], replace(policy, meeting=(rule,)), away, (), (), absence.span.start).gaps
    assert "Eva may not decide enough" in gap.because and "Dan has no address" in gap.because


def test_who_did_not_answer_is_not_asked_again() -> None:
    absence, (there,) = week(0, ["standup"])
    held = Assignment(absence.id, there.key, "ana", "declined", START, silent=("ana",), declined_by=("ben",))
    away = {who: [absence.span] for who in ("cem", "dan", "eva")}
    (gap,) = cover(absence, [there], POLICY, away, [held], (), absence.span.start).gaps
    assert "Ana did not answer" in gap.because and "Ben declined" in gap.because


@pytest.mark.parametrize(
    ("days", "asked", "start", "limit"),
    [
        (0, "2026-11-23T09:00", "2026-12-23T09:00", None),
        (3, "2026-11-23T09:00", "2026-12-23T09:00", "2026-11-26T17:00"),  # the work ends at 18:00 in Berlin
        (3, "2026-11-27T09:00", "2026-12-23T09:00", "2026-12-02T17:00"),  # a weekend
        (3, "2026-11-23T09:00", "2026-11-25T09:00", "2026-11-24T09:00"),  # half of what is left
        (3, "2026-11-23T09:00", "2026-11-23T10:30", "2026-11-23T10:00"),  # never less than an hour
        (3, "2026-11-23T09:00", "2026-11-23T09:30", None),  # nobody else could be asked any more
    ],
)  # fmt: skip
def test_an_answer_is_waited_for_some_working_days_or_half_of_the_time(
    days: int, asked: str, start: str, limit: str | None
) -> None:
    policy = replace(POLICY, service=ServicePolicy(answer_days=days))
    moment = [datetime.fromisoformat(text).replace(tzinfo=UTC) for text in (asked, start)]
    found = answer_by(moment[0], moment[1], policy, frozenset(), ())
    assert found == (datetime.fromisoformat(limit).replace(tzinfo=UTC) if limit else None)


def test_a_holiday_is_no_day_to_answer_on_and_the_limit_is_a_time_that_one_can_say() -> None:
    asked, start = datetime(2026, 12, 23, 9, 2, 31, tzinfo=UTC), datetime(2027, 2, 1, tzinfo=UTC)
    christmas = frozenset({date(2026, 12, 24), date(2026, 12, 25), date(2027, 1, 1)})
    assert answer_by(asked, start, POLICY, frozenset(), ()) == datetime(2026, 12, 28, 17, tzinfo=UTC)
    assert answer_by(asked, start, POLICY, christmas, ()) == datetime(2026, 12, 30, 17, tzinfo=UTC)
    soon = datetime(2026, 12, 23, 15, tzinfo=UTC)
    assert answer_by(asked, soon, POLICY, christmas, ()) == datetime(2026, 12, 23, 12, 15, tzinfo=UTC)


def test_an_answer_is_waited_for_from_when_they_were_asked_and_not_from_when_another_was() -> None:
    there, days = occurrence("standup", START + timedelta(days=20)), timedelta(days=1)
    item = HostItem("h", "t", there.key, "standup", there.span, "standup", "ana", "Ana", "a@x", "asked", chain=("b@x",))
    held = Assignment("t", there.key, "ana", "asked", START, effect="h")
    now = START + 2 * days
    first, anew = answer_by(START, there.start, POLICY, frozenset(), ()), answer_by(now, there.start, POLICY, frozenset(), ())
    assert answer_due(item, held, POLICY, frozenset(), {}, now) == first != anew
    for other in (None, replace(held, person_id="ben"), replace(held, state="declined")):
        assert answer_due(item, other, POLICY, frozenset(), {}, now) == anew
    week = {"ana": (Interval(START, START + 7 * days),)}
    assert answer_due(item, held, POLICY, frozenset(), week, now) == first + 6 * days
    assert answer_due(item, held, POLICY, frozenset(), {"ben": week["ana"]}, now) == first
    assert answer_due(replace(item, chain=()), held, POLICY, frozenset(), {}, now) is None
    assert answer_due(replace(item, state="accepted"), held, POLICY, frozenset(), {}, now) is None


@pytest.mark.parametrize(
    ("away", "limit"),
    [
        ((("2026-11-24T00:00", "2026-11-26T00:00"),), "2026-11-30T17:00"),  # Thursday, Friday and Monday are left
        ((("2026-11-24T16:00", "2026-11-24T16:30"), ("2026-11-27T08:00", "2026-11-27T09:00")), "2026-11-30T17:00"),
        ((("2026-11-23T07:00", "2026-11-23T17:00"),), "2026-11-26T17:00"),  # the day on which they were asked never counts
        ((("2026-11-24T17:00", "2026-11-25T08:00"), ("2026-11-28T00:00", "2026-11-30T00:00")), "2026-11-26T17:00"),
        ((("2026-11-20T00:00", "2026-12-19T00:00"),), "2026-12-08T09:00"),  # half of what is left, as for everybody
    ],
    ids=["two days off", "hours of two days", "that day", "a night and a weekend", "all the time"],
)
def test_days_on_which_they_are_away_themselves_are_no_days_to_answer_on(away: tuple[tuple[str, str], ...], limit: str) -> None:
    asked, start = datetime(2026, 11, 23, 9, tzinfo=UTC), datetime(2026, 12, 23, 9, tzinfo=UTC)
    spans = [Interval(*(datetime.fromisoformat(text).replace(tzinfo=UTC) for text in span)) for span in away]
    expected = datetime.fromisoformat(limit).replace(tzinfo=UTC)
    assert answer_by(asked, start, POLICY, frozenset(), spans) == expected


def test_where_no_day_is_ever_worked_the_days_still_pass() -> None:
    policy = replace(POLICY, me=replace(POLICY.me, workdays=()))
    assert answer_by(START, START + timedelta(days=90), policy, frozenset(), ()) == datetime(2026, 1, 8, 17, tzinfo=UTC)


@pytest.mark.parametrize(
    ("held", "state", "chain", "unread", "hours", "silent"),
    [
        ("asked", "done", ("next@firm.example",), (), 100, True),
        ("asked", "done", ("next@firm.example",), (), 10, False),
        ("asked", "done", (), (), 100, False),
        ("asked", "done", ("next@firm.example",), ("work",), 100, False),
        ("asked", "adopted", ("next@firm.example",), (), 100, False),
        ("accepted", "done", ("next@firm.example",), (), 100, False),
        ("asked", "done", ("next@firm.example",), (), 1000, False),
    ],
    ids=["in time", "too early", "nobody else", "not readable", "theirs", "has answered", "begun"],
)
def test_silence_counts_only_where_somebody_else_can_be_asked_and_the_answer_would_be_seen(
    held: str, state: StandingState, chain: tuple[str, ...], unread: tuple[str, ...], hours: int, silent: bool
) -> None:
    there = occurrence("standup", START + timedelta(days=20))
    item: Item = HostItem(
        "hw-t.1", "t", there.key, "standup", there.span, "standup", "ana", "Ana", "ana@firm.example", "asked", chain=chain
    )
    assigned = Assignment("t", there.key, "ana", held, START, effect="hw-t.1")  # type: ignore[arg-type]
    now = START + timedelta(hours=hours)
    found = silences([assigned], {"hw-t.1": Standing(item, state)}, POLICY, frozenset(), {}, now, unread)
    assert [answer.person_id for answer in found] == (["ana"] if silent else [])
    week = {"ana": (Interval(START, START + timedelta(days=7)),)}
    assert silences([assigned], {"hw-t.1": Standing(item, state)}, POLICY, frozenset(), week, now, unread) == ()
    assert silences([assigned], {}, POLICY, frozenset(), {}, now, unread) == ()
