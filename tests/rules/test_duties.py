"""Who answers for a duty: at each moment the first deputy who is there, and a gap where nobody is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from rules.duties import DutyCover, cover_duties, gap_words
from rules.interval import Interval
from rules.model import Absence
from rules.policy import Duty, Me, Person, Policy

START = datetime(2026, 12, 1, 6, tzinfo=UTC)
ABSENCE = Absence("v", "vacation", Interval(START, START + timedelta(days=10)), 0, 1.0, "act", "Vacation", ())
ANA, BEN = Person(id="ana", name="Ana"), Person(id="ben", name="Ben")


def days(first: int, last: int) -> Interval:
    return Interval(START + timedelta(days=first), START + timedelta(days=last))


def covered(*deputies: str, away: dict[str, list[Interval]] | None = None) -> DutyCover:
    duties = (Duty(id="pay", name="Invoices", deputies=deputies), Duty(id="park", name="Hiring", parked=True))
    policy = Policy(
        config_version=1, me=Me(name="Lea", addresses=("l@x.example",), home_zone="UTC"), person=(ANA, BEN), duty=duties
    )
    (found,) = cover_duties(ABSENCE, policy, away or {})
    return found


def shares(found: DutyCover) -> list[tuple[str, Interval]]:
    return [(share.person.name, share.span) for share in found.shares if share.person]


def test_the_first_has_it_and_the_second_stands_behind() -> None:
    found = covered("ana", "ben")
    assert (shares(found), found.behind, found.gaps) == ([("Ana", ABSENCE.span)], (BEN,), ())


def test_the_second_has_it_while_the_first_is_away() -> None:
    found = covered("ana", "ben", away={"ana": [days(3, 5)]})
    assert shares(found) == [("Ana", days(0, 3)), ("Ben", days(3, 5)), ("Ana", days(5, 10))]
    assert (found.people, found.behind, found.gaps) == ((ANA, BEN), (), ())


def test_who_is_away_for_a_part_of_it_does_not_stand_behind() -> None:
    assert covered("ana", "ben", away={"ben": [days(3, 5)]}).behind == ()


def test_while_everybody_is_away_there_is_a_gap() -> None:
    found = covered("ana", "ben", "gone", away={"ana": [days(2, 6)], "ben": [days(4, 8)]})
    assert found.gaps == (days(4, 6),)
    assert gap_words(found, "on Sunday") == "Invoices, on Sunday"


def test_a_duty_that_nobody_has_at_all_is_named_without_times() -> None:
    found = covered("ana", away={"ana": [days(-1, 20)]})
    assert (found.shares, found.gaps, gap_words(found, "always")) == ((), (ABSENCE.span,), "Invoices")
