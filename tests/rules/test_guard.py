"""Plans that are too large to be right, and changes that wait for the user's yes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from rules.guard import check, consented, emptied, heard_by
from rules.interval import Interval
from rules.items import BlockItem, HoldItem, HostItem, Item, MailItem
from rules.model import Absence, OccurrenceKey
from rules.plan import Change, Plan, Standing, StandingState
from rules.policy import SafetyPolicy

START = datetime(2026, 12, 1, 8, tzinfo=UTC)
DAY = timedelta(days=1)
POLICY = SafetyPolicy()
LISBON = Absence("lisbon", "trip", Interval(START, START + 4 * DAY), 4, 0.95, "act", "Lisbon", ("two flights",))


def block(number: int, absence_id: str = "lisbon") -> BlockItem:
    span = Interval(START + 6 * DAY, START + 6 * DAY + timedelta(hours=2))
    return BlockItem(
        f"hw-{absence_id}.make-up.{number}", absence_id, "work", "make-up", str(number), span, "Europe/Berlin", "Busy"
    )


def host(days: float = 1, absence_id: str = "lisbon") -> HostItem:
    span = Interval(START + days * DAY, START + days * DAY + timedelta(hours=1))
    return HostItem(
        "hw-lisbon.host.1",
        absence_id,
        OccurrenceKey("work", "uid"),
        "Team meeting",
        span,
        "team",
        "ana",
        "Ana",
        "ana@example.org",
        "asked",
    )


def mail(*to: str) -> MailItem:
    return MailItem("hw-lisbon.brief.1", "lisbon", "mail", "brief", to, "subject", "body")


def standing(count: int, state: StandingState = "done") -> dict[str, Standing]:
    return {block(n).id: Standing(block(n), state) for n in range(count)}


def deletions(count: int) -> Plan:
    return Plan(tuple(Change("delete", block(n), None, "") for n in range(count)))


def creations(*items: Item) -> Plan:
    return Plan(tuple(Change("create", None, item, "") for item in items))


def refusals(plan: Plan, there: dict[str, Standing] | None = None, absences: tuple[Absence, ...] = (LISBON,)) -> list[str]:
    return [unsafe.because for unsafe in check(plan, there or {}, absences, POLICY)]


def test_an_ordinary_plan_is_safe() -> None:
    assert refusals(creations(host(), block(1), mail("ana@example.org"))) == []


def test_four_of_four_things_may_go_at_once() -> None:
    assert refusals(deletions(4), standing(4)) == []


def test_five_of_five_may_not() -> None:
    assert refusals(deletions(5), standing(5)) == ["5 of 5 existing items would be changed or removed at once"]


@pytest.mark.parametrize("existing", range(15, 400, 3))
def test_exactly_a_third_may_go_and_one_more_may_not(existing: int) -> None:
    third = existing // 3
    assert refusals(deletions(third), standing(existing)) == []
    assert refusals(deletions(third + 1), standing(existing)) != []


def test_an_update_counts_like_a_deletion() -> None:
    updates = Plan(tuple(Change("update", block(n), block(n), "") for n in range(5)))
    assert len(refusals(updates, standing(6))) == 1


@pytest.mark.parametrize("state", ["intended", "neutralised"])
def test_what_is_half_done_may_always_be_finished(state: StandingState) -> None:
    assert refusals(deletions(9), standing(9, state)) == []


def test_messages_that_are_no_longer_sent_do_not_count() -> None:
    withdrawn = [MailItem(f"hw-lisbon.ask.{n}", "lisbon", "mail", "ask", (), "", "") for n in range(9)]
    there = {m.id: Standing(m, "done") for m in withdrawn}
    assert refusals(Plan(tuple(Change("delete", m, None, "") for m in withdrawn)), there) == []


def test_fifty_new_things_for_one_absence_may_be_and_fifty_one_may_not() -> None:
    assert refusals(creations(*map(block, range(50)))) == []
    assert refusals(creations(*map(block, range(51)))) == ["51 new items for one absence (lisbon); 50 is the most"]


def test_new_things_are_counted_for_each_absence_alone() -> None:
    assert refusals(creations(*map(block, range(40)), *(block(n, "oslo") for n in range(40)))) == []


def test_a_meeting_outside_its_absence_is_never_changed() -> None:
    assert refusals(creations(host(days=9))) == ["“Team meeting” on 10 Dec lies outside its absence"]
    assert refusals(Plan((Change("update", host(), host(days=-2), ""),))) == ["“Team meeting” on 29 Nov lies outside its absence"]


def test_a_meeting_of_an_absence_that_nobody_knows_is_never_changed() -> None:
    assert len(refusals(creations(host(absence_id="oslo")))) == 1


def test_a_meeting_outside_its_absence_may_be_given_back() -> None:
    assert refusals(Plan((Change("delete", host(days=9), None, ""),))) == []


def test_every_reason_is_named_and_the_worst_comes_first() -> None:
    plan = Plan((*deletions(5).changes, *creations(*map(block, range(60, 111)), host(days=9)).changes))
    found = [unsafe.because for unsafe in check(plan, standing(5), [LISBON], POLICY, emptied=("work", "family"))]
    assert [because.split(" ")[0] for because in found] == ["5", "52", "“Team", "calendar", "calendar"]
    assert found[-2:] == [
        "calendar “family” had many entries and now has none: is it really empty?",
        "calendar “work” had many entries and now has none: is it really empty?",
    ]


def test_a_calendar_with_over_ten_entries_that_has_none_now_looks_broken() -> None:
    assert emptied(11, 0, POLICY)
    assert not emptied(10, 0, POLICY)
    assert not emptied(11, 1, POLICY)


# --- the user's yes ---------------------------------------------------------------------------------------------------

KIND = ("lisbon", "host", "")
ANA = ("lisbon", "host", "ana@example.org")


def test_nothing_is_done_without_a_yes() -> None:
    assert not consented(Change("create", None, host(), ""), set())


def test_a_yes_to_the_kind_and_to_everybody_who_hears_of_it_is_enough() -> None:
    assert consented(Change("create", None, host(), ""), {KIND, ANA})
    assert consented(Change("update", host(), host(), ""), {KIND, ANA})


def test_a_new_recipient_asks_again() -> None:
    assert not consented(Change("create", None, host(), ""), {KIND, ("lisbon", "host", "ben@example.org")})
    yes = {("lisbon", "mail", ""), ("lisbon", "mail", "ana@example.org")}
    assert consented(Change("create", None, mail("ana@example.org"), ""), yes)
    assert not consented(Change("create", None, mail("ana@example.org", "ben@example.org"), ""), yes)


def test_a_yes_for_another_absence_or_kind_does_not_count() -> None:
    assert not consented(Change("create", None, host(), ""), {("oslo", "host", ""), ("oslo", "host", "ana@example.org")})
    assert not consented(Change("create", None, host(), ""), {ANA})


def test_taking_something_back_needs_no_second_yes() -> None:
    assert consented(Change("delete", host(), None, ""), set())


def test_of_a_block_or_a_hold_nobody_hears() -> None:
    assert heard_by(block(1)) == ()
    assert heard_by(HoldItem("hw-lisbon.hold.1", "lisbon", "mail", LISBON.span, "client")) == ()
    assert consented(Change("create", None, block(1), ""), {("lisbon", "block", "")})
