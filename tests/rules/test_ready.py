"""Whether the leader can leave: what counts, in what order it is best seen to, and what to type."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace
from test_desired import ANA, DAN, DAY, NOW, POLICY, desire, meeting, situation, standing, trip

from rules.desired import MailTraits, Situation
from rules.items import BlockItem, HoldItem, HostItem, Item, MailItem, ResponderItem
from rules.model import Assignment
from rules.plan import StandingState
from rules.policy import BriefPolicy, Duty, InboxPolicy, MakeupPolicy, ResponderPolicy
from rules.ready import Facts, Point, Readiness, readiness

TEAM = replace(POLICY, person=(*POLICY.person, DAN), duty=(Duty(id="pay", name="Invoices", deputies=("ana",)),))
YES = (Assignment("lisbon", meeting().key, "ana", "accepted", NOW),)


def found(s: Situation, **more: object) -> Readiness:
    given: dict[str, object] = {"agreed": True, "examined": NOW, "desired": desire(s), **more}
    return readiness(Facts(situation=s, absence=s.absences[0], **given))  # type: ignore[arg-type]


def done(s: Situation, **states: StandingState) -> Situation:
    """As after a pass: all is there, by kind of item in the state that is given; the brief waits for its day."""
    items = [item for item in desire(s).items if not isinstance(item, HostItem)]
    kinds: dict[type[Item], StandingState] = {
        MailItem: states.get("mail", "scheduled"), ResponderItem: states.get("responder", "done"),
        HoldItem: states.get("hold", "done"), BlockItem: states.get("block", "done"),
    }  # fmt: skip
    there: dict[str, object] = {}
    for item in items:
        there |= standing(item, state=kinds[type(item)])
    return replace(s, standing=there)


def all_done(**states: StandingState) -> Situation:
    return done(situation(policy=TEAM, occurrences=(meeting(),), assignments=YES), **states)


def missing(readiness: Readiness) -> dict[str, str]:
    return {point.what: point.missing for point in readiness.points if not point.ready}


def test_where_all_is_there_nothing_is_left_to_do() -> None:
    ready = found(all_done())
    assert (missing(ready), ready.score, ready.next) == ({}, "9 of 9", None)


def test_before_the_yes_that_is_the_next_thing() -> None:
    ready = found(situation(policy=TEAM, occurrences=(meeting(),)), agreed=False, examined=None)
    assert ready.score == "2 of 9"
    assert ready.next == Point("You have said yes to the plan", "it waits for you", "homeward apply")


def test_an_absence_that_is_not_certain_is_confirmed_first() -> None:
    doubtful = found(situation(trip(action="private-only"), policy=TEAM))
    assert doubtful.next is not None and doubtful.next.command == "homeward confirm lisbon"


MEETINGS = "Each meeting has a host who accepted"


def test_who_has_not_answered_is_named() -> None:
    s = situation(policy=TEAM, occurrences=(meeting(), meeting("team", 2)))
    assert missing(found(done(s)))[MEETINGS] == "2 of 2 without a yes: Ana has not answered"
    away = situation(policy=TEAM, occurrences=(meeting(), meeting("other", 2)), away={"ana": [meeting().span]})
    assert missing(found(done(away)))[MEETINGS] == "2 of 2 without a yes: Ben and Ana have not answered"


def test_until_when_is_waited_for_those_who_were_asked_is_said() -> None:
    asked = Assignment("lisbon", meeting().key, "ana", "asked", NOW)
    s = situation(policy=TEAM, occurrences=(meeting(), meeting("team", 2)), assignments=(asked,))
    assert missing(found(done(s)))[MEETINGS] == "2 of 2 without a yes: Ana (by Thu 26 Nov 18:00) has not answered"


def test_a_meeting_without_anybody_comes_before_those_who_have_not_answered() -> None:
    s = situation(policy=TEAM, occurrences=(meeting(), meeting("x", 2)), away={p: [meeting().span] for p in ("ana", "ben")})
    assert missing(found(done(s)))[MEETINGS] == "nobody for “Team meeting” (Tue 1 Dec 10:00)"


def test_a_host_who_is_asked_only_later_is_said() -> None:
    far = trip(start=NOW + 60 * DAY)
    late = replace(meeting(), start=far.span.start + DAY, end=far.span.start + DAY + timedelta(hours=1))
    s = situation(far, policy=TEAM, occurrences=(late,))
    assert missing(found(done(s)))[MEETINGS].startswith("1 are asked only from Sat 26 Dec")


def test_nobody_for_a_junior_or_a_duty_is_missing() -> None:
    s = situation(policy=TEAM, away={"ana": [trip().span], "ben": [trip().span]})
    told = missing(found(done(s)))
    assert told["Each junior has a mentor"] == "Dan: every possible mentor is away"
    assert told["Each duty has somebody"] == "Invoices: everybody who could cover it is away"


def test_what_the_policy_leaves_out_is_no_point() -> None:
    off = replace(
        POLICY, person=(ANA,), brief=BriefPolicy(enabled=False), responder=ResponderPolicy(enabled=False),
        inbox=InboxPolicy(mode="off"), makeup=MakeupPolicy(wrap_up_minutes=0),
    )  # fmt: skip
    assert found(situation(policy=off)).score == "3 of 3"


BRIEF = "The team has the brief, or gets it in time"


@pytest.mark.parametrize(
    ("state", "words"), [("done", ""), ("unknown", "it is not known whether it went out"), ("scheduled", "")]
)
def test_the_brief_has_gone_out_or_will(state: StandingState, words: str) -> None:
    assert missing(found(all_done(mail=state))).get(BRIEF, "").startswith(words)


def test_a_brief_that_nobody_sends_is_missing_and_says_why() -> None:
    mute = situation(policy=TEAM, mail={"mail": MailTraits()})
    assert "no way to send mail" in missing(found(done(mute)))[BRIEF]
    late = replace(all_done(), now=trip().span.start + DAY, first_seen={"lisbon": NOW})
    assert missing(found(late))[BRIEF] == "it has not been sent"


@pytest.mark.parametrize(
    ("state", "words"), [("done", ""), ("adopted", ""), ("tombstone", "it was taken back"), ("intended", "it is not there yet")]
)
def test_what_stands_or_is_the_users_own_is_ready(state: StandingState, words: str) -> None:
    told = missing(found(all_done(responder=state)))
    assert told == ({"The autoreply is set": words} if words else {})


def test_a_look_of_the_doctor_counts_for_two_weeks() -> None:
    for examined, words in ((None, "not yet"), (NOW - timedelta(days=14), "not within two weeks")):
        point = found(all_done(), examined=examined).next
        assert point is not None and (point.missing, point.command) == (words, "homeward doctor")
