"""Who stands by the juniors: evenly, stably, never somebody who is away, never silently nobody."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import icalendar
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from rules.interval import Interval, subtract, union
from rules.mentors import introduction, pair
from rules.model import Absence
from rules.policy import Me, MentorPolicy, Person, Policy

START = datetime(2026, 12, 1, 6, tzinfo=UTC)
ABSENCE = Absence("v", "vacation", Interval(START, START + timedelta(days=10)), 0, 1.0, "act", "Vacation", ())


def senior(name: str) -> Person:
    return Person(id=name, name=name.title(), addresses=(f"{name}@firm.example",), seniority="senior")


def junior(name: str, *mentors: str) -> Person:
    address = f"{name}@firm.example"
    return Person(id=name, name=name.title(), addresses=(address,), seniority="junior", report=True, mentors=mentors)


def days(first: int, last: int) -> Interval:
    return Interval(START + timedelta(days=first), START + timedelta(days=last))


def pairs(
    *people: Person, away: dict[str, list[Interval]] | None = None, standing: dict[str, str] | None = None
) -> dict[str, str]:
    found = pair(ABSENCE, people, away or {}, standing or {})
    return {pairing.junior.id: pairing.mentor.id for pairing in found.pairings}


def test_only_direct_reports_marked_junior_get_a_mentor() -> None:
    others = (replace(junior("x"), report=False), replace(junior("y"), family=True), Person(id="m", name="M", report=True))
    assert pairs(senior("ana"), junior("jo"), *others) == {"jo": "ana"}


def test_juniors_are_spread_evenly() -> None:
    found = pairs(senior("ana"), senior("ben"), junior("j1"), junior("j2"), junior("j3"), junior("j4"))
    assert Counter(found.values()) == {"ana": 2, "ben": 2}


def test_the_preferred_mentor_comes_first_even_if_not_senior() -> None:
    mid = Person(id="mid", name="Mid", addresses=("mid@firm.example",))
    assert pairs(senior("ana"), mid, junior("jo", "gone", "mid")) == {"jo": "mid"}


def test_a_mentor_who_is_away_is_passed_over() -> None:
    assert pairs(senior("ana"), senior("ben"), junior("jo"), away={"ana": [days(3, 4)]}) == {"jo": "ben"}


def test_a_pairing_stands() -> None:
    people = (senior("ana"), senior("ben"), junior("j1"), junior("j2"))
    assert pairs(*people, standing={"j1": "ben", "j2": "ben", "gone": "ana"}) == {"j1": "ben", "j2": "ben"}


def test_without_anybody_for_the_whole_time_mentors_take_turns() -> None:
    away = {"ana": [days(0, 4)], "ben": [days(6, 10)]}
    found = pair(ABSENCE, [senior("ana"), senior("ben"), junior("jo")], away, {})
    assert [(p.mentor.id, p.span) for p in found.pairings] == [("ben", days(0, 4)), ("ana", days(4, 10))]
    assert found.gaps == ()


def test_days_without_any_mentor_are_a_gap() -> None:
    away = {"ana": [days(2, 3), days(3, 4)], "ben": [days(0, 10)]}
    found = pair(ABSENCE, [senior("ana"), senior("ben"), junior("jo")], away, {})
    assert [(g.span, g.because) for g in found.gaps] == [(days(2, 4), "every possible mentor is away")]
    assert [p.span for p in found.pairings] == [days(0, 2), days(4, 10)]


def test_no_senior_at_all_is_a_gap() -> None:
    found = pair(ABSENCE, [junior("jo"), replace(senior("aunt"), family=True)], {}, {})
    assert [(g.junior.id, g.span, g.because) for g in found.gaps] == [("jo", ABSENCE.span, "there is no senior")]


def test_the_introduction_says_who_how_and_until_when_but_not_where() -> None:
    policy = Policy(config_version=1, me=Me(name="Lea", addresses=("lea@firm.example",), home_zone="Europe/Berlin"))
    people = [replace(senior("ana"), reach="desk 4"), junior("jo")]
    (pairing,) = pair(replace(ABSENCE, title="Lisbon"), people, {}, {}).pairings
    mail = introduction(pairing, ABSENCE, policy, "inbox", START, frozenset())
    assert mail.to == ("jo@firm.example", "ana@firm.example")
    assert "desk 4" in mail.body and "Friday 11 December 2026" in mail.body and "Lisbon" not in mail.body
    handed_on = replace(pairing, span=replace(pairing.span, end=datetime(2026, 12, 8, 23, tzinfo=UTC)))  # midnight in Berlin
    assert "to Tuesday 8 December" in introduction(handed_on, ABSENCE, policy, "inbox", START, frozenset()).body
    bare = replace(pairing, mentor=Person(id="m", name="Mo"))
    assert mail.calendar == "" and mail.due == START
    assert "in person" in introduction(bare, ABSENCE, policy, "inbox", START, frozenset()).body


def test_by_policy_it_proposes_a_first_talk_as_an_entry_for_both() -> None:
    me = Me(name="Lea", addresses=("lea@firm.example",), home_zone="Europe/Berlin")
    policy = Policy(config_version=1, me=me, mentors=MentorPolicy(block_minutes=30))
    (pairing,) = pair(ABSENCE, [senior("ana"), junior("jo")], {}, {}).pairings
    holiday = frozenset({START.date()})
    mail = introduction(pairing, ABSENCE, policy, "inbox", START, holiday)
    assert "For a first talk: Wed 2 Dec 09:00–09:30, as the entry that is attached." in mail.body
    (event,) = icalendar.Calendar.from_ical(mail.calendar).walk("VEVENT")
    assert (str(event["SUMMARY"]), event.decoded("DTSTART")) == ("Jo and Ana", datetime(2026, 12, 2, 8, tzinfo=UTC))
    assert "ATTENDEE" not in event
    short = replace(pairing, span=Interval(START + timedelta(hours=1), START + timedelta(hours=2)))
    assert introduction(short, ABSENCE, policy, "inbox", START, frozenset()).calendar == ""
    weekend = replace(pairing, span=days(4, 5))
    assert introduction(weekend, ABSENCE, policy, "inbox", START, frozenset()).calendar == ""


SPANS = st.lists(st.tuples(st.integers(-1, 10), st.integers(1, 5)).map(lambda t: days(t[0], t[0] + t[1])), max_size=3)


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(st.sampled_from(["ana", "ben", "cem"]), SPANS))
def test_at_each_moment_a_junior_has_one_mentor_who_is_there_or_stands_in_a_gap(away: dict[str, list[Interval]]) -> None:
    found = pair(ABSENCE, [senior("ana"), senior("ben"), senior("cem"), junior("jo", "ben")], away, {})
    spans = [p.span for p in found.pairings] + [g.span for g in found.gaps]
    assert union(spans) == (ABSENCE.span,)
    assert sum((s.length for s in spans), timedelta()) == ABSENCE.span.length
    for pairing in found.pairings:
        assert subtract(pairing.span, away.get(pairing.mentor.id, ())) == (pairing.span,)
