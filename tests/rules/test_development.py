"""The development log in words, and what it suggests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from rules.development import Asked, Feedback, Step, StepKind, feedback_due, sentence, suggestion
from rules.policy import DecisionLevel, DevelopmentPolicy, Person

NOW = datetime(2026, 12, 7, 12, tzinfo=UTC)
DAY = timedelta(days=1)
POLICY = DevelopmentPolicy()


def step(kind: StepKind = "hosted", level: DecisionLevel = 3, days: int = 1, person: str = "ana", outcome: str = "") -> Step:
    return Step(person, kind, "Team meeting", level, NOW - days * DAY, "lis", outcome)


def ana(level: DecisionLevel = 3, newcomer: bool = False) -> Person:
    return Person(id="ana", name="Ana", level=level, newcomer=newcomer)


def test_each_kind_of_step_is_a_sentence() -> None:
    assert [sentence(step(kind), "UTC") for kind in ("hosted", "duty", "mentored", "decided")] == [
        "Sun 6 Dec: hosted “Team meeting” (level 3, recommend, the leader decides)",
        "Sun 6 Dec: held “Team meeting” (level 3, recommend, the leader decides)",
        "Sun 6 Dec: was mentor of Team meeting (level 3, recommend, the leader decides)",
        "Sun 6 Dec: Team meeting (level 3, recommend, the leader decides)",
    ]
    assert sentence(step(outcome="went\nwell"), "UTC").endswith("): went well")


def test_four_times_at_the_level_that_one_has_suggests_the_next() -> None:
    steps = [step(days=n) for n in range(1, 5)]
    assert suggestion(ana(), steps, POLICY, NOW) == "Ana hosted 4 times at level 3: consider level 4 (decide, then tell)"
    assert suggestion(ana(), [*steps, step("decided")], POLICY, NOW).startswith("Ana hosted, held or decided something 5 times")
    assert suggestion(ana(), steps, DevelopmentPolicy(suggest_after=5), NOW) == ""
    assert suggestion(ana(), [step()], DevelopmentPolicy(suggest_after=1), NOW).startswith("Ana hosted once at level 3")


def test_what_was_done_at_another_level_by_another_or_long_ago_suggests_nothing() -> None:
    other = [step(level=4), step(person="ben"), step("mentored"), step(days=400), step(days=-1)]
    assert suggestion(ana(), [*other, *(step(days=n) for n in range(1, 4))], POLICY, NOW) == ""


def test_nobody_rises_above_the_top() -> None:
    assert suggestion(ana(5), [step(level=5, days=n) for n in range(1, 9)], POLICY, NOW) == ""


def test_a_newcomer_who_has_hosted_beside_a_senior_may_host_alone() -> None:
    steps = [step(level=2, days=n) for n in range(1, 5)]
    assert suggestion(ana(newcomer=True), steps, POLICY, NOW) == (
        "Ana hosted 4 times beside a senior: consider taking newcomer = true away"
    )
    assert suggestion(ana(newcomer=True), steps[:3], POLICY, NOW) == ""


def test_feedback_is_asked_for_after_a_debrief_until_it_is_given_or_a_few_days_are_over() -> None:
    over, ahead = Asked("ana", "Ana", "b1", NOW - DAY), Asked("ben", "Ben", "b2", NOW + DAY)
    old = Asked("kim", "Kim", "b3", NOW - 4 * DAY)
    before, after = (Feedback("ana", over.ended + hours * timedelta(hours=1), "good") for hours in (-1, 1))
    assert feedback_due([over, ahead, old], [], POLICY, NOW) == (over,)
    assert feedback_due([over], [before], POLICY, NOW) == (over,), "that was about something else"
    assert feedback_due([over], [after], POLICY, NOW) == ()
    assert feedback_due([over], [Feedback("ben", NOW, "good")], POLICY, NOW) == (over,)
    assert feedback_due([over], [], DevelopmentPolicy(ask_days=0), NOW) == ()
