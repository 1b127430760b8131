"""The comparison of what ought to be with what is, branch by branch, and the order and the fingerprint of a plan."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from rules.interval import Interval
from rules.items import BlockItem, HoldItem, HostItem, Item, MailItem, ResponderItem, ResponderText
from rules.model import OccurrenceKey
from rules.plan import (
    Change,
    Plan,
    Skipped,
    Standing,
    StandingState,
    compare,
    describe_short,
    differences,
    kind_of,
    same,
    sort_changes,
    starts,
)

NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
BERLIN = ZoneInfo("Europe/Berlin")


def hours(start: float, end: float) -> Interval:
    """Counted from now."""
    return Interval(NOW + start * HOUR, NOW + end * HOUR)


AHEAD, RUNNING, BEHIND = hours(24, 25), hours(-0.5, 0.5), hours(-25, -24)


def host(span: Interval = AHEAD, **more: Any) -> HostItem:
    values: dict[str, Any] = {
        "id": "hw-lisbon.host.1",
        "absence_id": "lisbon",
        "key": OccurrenceKey("work", "uid"),
        "summary": "Team meeting",
        "span": span,
        "meeting_id": "team",
        "host": "ana",
        "host_name": "Ana",
        "host_address": "ana@example.org",
        "state": "asked",
    }
    return HostItem(**(values | more))


def block(span: Interval = AHEAD, **more: Any) -> BlockItem:
    values: dict[str, Any] = {
        "id": "hw-lisbon.make-up.1",
        "absence_id": "lisbon",
        "calendar_id": "work",
        "purpose": "make-up",
        "ordinal": "1",
        "span": span,
        "zone": "Europe/Berlin",
        "summary": "Busy",
    }
    return BlockItem(**(values | more))


def reply(span: Interval = AHEAD, **more: Any) -> ResponderItem:
    values: dict[str, Any] = {
        "id": "hw-lisbon.responder.1",
        "absence_id": "lisbon",
        "mail_id": "mail",
        "span": span,
        "texts": (ResponderText("internal", "Away", "Ana covers."),),
        "days": 4,
        "internal_domains": ("example.org",),
    }
    return ResponderItem(**(values | more))


def hold(span: Interval = AHEAD, **more: Any) -> HoldItem:
    values: dict[str, Any] = {"id": "hw-lisbon.hold.1", "absence_id": "lisbon", "mail_id": "mail", "span": span, "mode": "client"}
    return HoldItem(**(values | more))


def mail(due: datetime | None = NOW + HOUR, **more: Any) -> MailItem:
    values: dict[str, Any] = {
        "id": "hw-lisbon.brief.1",
        "absence_id": "lisbon",
        "mail_id": "mail",
        "purpose": "brief",
        "to": ("ana@example.org",),
        "subject": "While I am away",
        "body": "Ana covers.",
        "due": due,
    }
    return MailItem(**(values | more))


EVERY_KIND = (host(), block(), reply(), hold(), mail())


def between(
    wanted: Item | None, stands: Item | None, state: StandingState = "done", *, past: bool = False
) -> tuple[Change | None, Skipped | None]:
    """The one change and the one thing skipped that lead from `stands` to `wanted`."""
    standing = {} if stands is None else {stands.id: Standing(stands, state)}
    changes, skipped = compare([] if wanted is None else [wanted], standing, NOW, {"lisbon": "the trip to Lisbon"}, past=past)
    assert len(changes) <= 1 and len(skipped) <= 1
    return (changes[0] if changes else None, skipped[0] if skipped else None)


def nothing(*found: object) -> bool:
    return found == ((None, None),)


# --- wanted -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("item", EVERY_KIND)
def test_what_is_wanted_and_not_there_is_created(item: Item) -> None:
    assert between(item, None) == (Change("create", None, item, "the trip to Lisbon"), None)


@pytest.mark.parametrize("item", [host(BEHIND), block(BEHIND), reply(BEHIND), hold(BEHIND)])
def test_what_is_wanted_and_over_is_not_created_any_more(item: Item) -> None:
    assert nothing(between(item, None))


def test_a_message_that_was_due_an_hour_ago_is_still_sent() -> None:
    change, _ = between(mail(NOW - HOUR), None)
    assert change is not None and change.action == "create"


@pytest.mark.parametrize("item", EVERY_KIND)
def test_what_was_deleted_or_undone_stays_away_and_that_is_said(item: Item) -> None:
    change, skipped = between(item, item, "tombstone")
    assert change is None
    assert skipped is not None
    assert skipped.absence_id == "lisbon"
    assert skipped.because == "it was deleted or undone, and stays so (`apply --again` brings it back)"


def test_what_somebody_changed_is_theirs_and_that_is_said() -> None:
    change, skipped = between(block(), replace(block(), summary="Dentist"), "adopted")
    assert change is None
    assert skipped == Skipped("make-up block", "somebody changed it, and theirs stands", "lisbon")


def test_what_may_have_gone_out_is_not_sent_again_and_that_is_said() -> None:
    change, skipped = between(mail(), mail(), "unknown")
    assert change is None
    assert skipped == Skipped("brief mail to ana@example.org", "it may have gone out already; not sent again", "lisbon")


@pytest.mark.parametrize("item", EVERY_KIND)
def test_what_is_there_as_it_ought_to_be_is_left_alone(item: Item) -> None:
    assert nothing(between(item, item, "done"))


def test_a_message_promised_as_it_ought_to_be_is_left_alone() -> None:
    assert nothing(between(mail(), mail(), "scheduled"))


def test_a_promised_message_follows_when_its_day_moves() -> None:
    later = mail(NOW + 2 * HOUR)
    assert between(later, mail(), "scheduled") == (Change("update", mail(), later, "the trip to Lisbon"), None)


def test_a_message_that_has_gone_out_is_not_changed() -> None:
    assert nothing(between(mail(to=("ben@example.org",)), mail(), "done"))


@pytest.mark.parametrize(
    ("wanted", "stands"),
    [
        (host(state="accepted"), host()),
        (block(hours(30, 32)), block()),
        (reply(days=7), reply()),
        (hold(mode="server"), hold()),
    ],
)
def test_what_is_there_in_another_shape_is_brought_to_shape(wanted: Item, stands: Item) -> None:
    assert between(wanted, stands) == (Change("update", stands, wanted, "the trip to Lisbon"), None)


@pytest.mark.parametrize("item", EVERY_KIND)
@pytest.mark.parametrize("state", ["intended", "neutralised"])
def test_what_is_half_written_or_half_taken_back_is_finished(item: Item, state: StandingState) -> None:
    assert between(item, item, state) == (Change("update", item, item, "the trip to Lisbon"), None)


@pytest.mark.parametrize("item", [host(BEHIND), block(BEHIND)])
def test_what_is_half_written_and_over_is_left_as_it_is(item: Item) -> None:
    assert nothing(between(item, item, "intended"))


def test_a_block_that_was_kept_is_never_moved() -> None:
    assert nothing(between(block(AHEAD), block(BEHIND)))


def test_a_block_that_has_begun_is_never_moved() -> None:
    assert nothing(between(block(AHEAD), block(RUNNING)))


def test_a_block_that_has_begun_and_may_not_be_there_is_written() -> None:
    change, _ = between(block(RUNNING), block(RUNNING), "intended")
    assert change is not None and change.action == "update"


def test_a_block_is_never_moved_into_the_past() -> None:
    assert nothing(between(block(BEHIND), block(AHEAD)))


def test_a_meeting_that_was_moved_to_a_later_day_is_handed_over_there() -> None:
    moved = host(AHEAD, state="accepted")
    assert between(moved, host(BEHIND)) == (Change("update", host(BEHIND), moved, "the trip to Lisbon"), None)


def test_a_meeting_that_is_over_gets_no_other_host() -> None:
    assert nothing(between(host(BEHIND, host="ben"), host(BEHIND)))


@pytest.mark.parametrize(("wanted", "stands"), [(reply(AHEAD), reply(BEHIND)), (hold(AHEAD), hold(BEHIND))])
def test_an_absence_prolonged_after_its_end_prolongs_hold_and_autoreply(wanted: Item, stands: Item) -> None:
    assert between(wanted, stands) == (Change("update", stands, wanted, "the trip to Lisbon"), None)


@pytest.mark.parametrize(("wanted", "stands"), [(reply(BEHIND), reply(AHEAD)), (hold(BEHIND), hold(BEHIND))])
def test_a_hold_and_an_autoreply_whose_time_is_over_end_even_where_they_are_named(wanted: Item, stands: Item) -> None:
    assert between(wanted, stands) == (Change("delete", stands, None, "the trip to Lisbon"), None)


# --- not wanted -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("item", [host(), block(), reply(), hold()])
def test_what_is_there_and_not_wanted_is_taken_back(item: Item) -> None:
    assert between(None, item) == (Change("delete", item, None, "the trip to Lisbon"), None)


@pytest.mark.parametrize("item", EVERY_KIND)
@pytest.mark.parametrize("state", ["tombstone", "adopted", "unknown"])
def test_what_is_not_ours_to_remove_is_left_alone(item: Item, state: StandingState) -> None:
    assert nothing(between(None, item, state, past=True))


def test_a_message_promised_and_no_longer_wanted_is_not_sent() -> None:
    assert between(None, mail(), "scheduled") == (Change("delete", mail(), None, "the trip to Lisbon"), None)


@pytest.mark.parametrize("state", ["done", "intended"])
def test_a_message_that_has_gone_out_or_may_have_cannot_be_taken_back(state: StandingState) -> None:
    assert nothing(between(None, mail(), state, past=True))


@pytest.mark.parametrize("item", [host(RUNNING), host(BEHIND), block(RUNNING), block(BEHIND)])
@pytest.mark.parametrize("state", ["done", "intended"])
def test_what_has_begun_is_history_and_stays(item: Item, state: StandingState) -> None:
    assert nothing(between(None, item, state))


@pytest.mark.parametrize("item", [host(RUNNING), host(BEHIND), block(RUNNING), block(BEHIND)])
def test_history_goes_too_when_that_is_asked_for(item: Item) -> None:
    assert between(None, item, past=True) == (Change("delete", item, None, "the trip to Lisbon"), None)


def test_the_second_half_of_an_undo_is_finished_also_after_the_meeting() -> None:
    change, _ = between(None, host(BEHIND), "neutralised")
    assert change is not None and change.action == "delete"


@pytest.mark.parametrize("item", [reply(RUNNING), reply(BEHIND), hold(RUNNING), hold(BEHIND)])
def test_a_hold_or_autoreply_that_is_no_longer_wanted_always_ends(item: Item) -> None:
    change, _ = between(None, item)
    assert change is not None and change.action == "delete"


def test_what_is_half_written_and_not_wanted_is_taken_back() -> None:
    change, _ = between(None, block(), "intended")
    assert change is not None and change.action == "delete"


# --- reasons, order, fingerprint --------------------------------------------------------------------------------------


def test_the_reason_of_the_thing_goes_before_that_of_its_absence() -> None:
    reasons = {"lisbon": "the trip", block().id: "four nights away"}
    assert [c.because for c in compare([block()], {}, NOW, reasons)[0]] == ["four nights away"]
    standing = {block().id: Standing(block(), "done")}
    assert [c.because for c in compare([], standing, NOW, reasons)[0]] == ["four nights away"]
    assert [c.because for c in compare([], standing, NOW, {})[0]] == ["no longer wanted"]
    assert [c.because for c in compare([block()], {}, NOW, {})[0]] == [""]


def test_private_and_reversible_things_come_first_and_whoever_hears_of_it_last() -> None:
    changes, _ = compare(EVERY_KIND, {}, NOW, {})
    assert [change.kind for change in changes] == ["hold", "responder", "host", "block", "mail"]


def test_the_order_is_the_same_however_the_changes_came_in() -> None:
    items: list[Item] = [
        block(id="b"),
        block(id="a"),
        block(hours(20, 21), id="c"),
        mail(None, id="d"),
        host(absence_id="a-first"),
    ]
    changes = [Change("create", None, item, "") for item in items]
    orders = {tuple(c.id for c in sort_changes(order)) for order in permutations(changes)}
    assert orders == {("hw-lisbon.host.1", "c", "a", "b", "d")}


def test_the_fingerprint_changes_with_everything_that_makes_a_change() -> None:
    base = Change("update", block(), block(hours(30, 31)), "moved")
    others = [
        replace(base, action="create"),
        replace(base, before=None),
        replace(base, after=block(hours(30, 32))),
        replace(base, because="a meeting was put on it"),
    ]
    prints = {Plan((change,)).fingerprint for change in (base, *others)} | {Plan(()).fingerprint, Plan((base, base)).fingerprint}
    assert len(prints) == 7


def test_when_the_calendar_of_a_letter_was_written_does_not_change_the_fingerprint() -> None:
    """Else nobody could say yes to a plan with a brief in it: it is composed anew by `homeward apply`."""
    shown, again = (mail(calendar=f"BEGIN:VCALENDAR\r\nDTSTAMP:{at}Z\r\n") for at in ("20261102T080000", "20261102T080001"))
    assert Plan((Change("create", None, shown, ""),)).fingerprint == Plan((Change("create", None, again, ""),)).fingerprint
    other = Plan((Change("create", None, replace(shown, body="other words"), ""),))
    assert other.fingerprint != Plan((Change("create", None, shown, ""),)).fingerprint


def test_until_when_a_request_waits_does_not_change_the_fingerprint() -> None:
    ask = MailItem("hw-t1.ask.1", "t1", "mail", "ask", ("a@x.example",), "Would you host?", "by noon")
    shown, later = (Plan((Change("create", None, replace(ask, body=body), ""),)) for body in ("by noon", "by one"))
    assert shown.fingerprint == later.fingerprint
    brief = Plan((Change("create", None, replace(ask, purpose="brief"), ""),))
    assert brief.fingerprint != Plan((Change("create", None, replace(ask, purpose="brief", body=""), ""),)).fingerprint


def test_the_fingerprint_is_twelve_hex_digits_and_the_same_for_the_same_changes() -> None:
    one, again = (Plan((Change("create", None, block(), "four nights"),)).fingerprint for _ in range(2))
    assert one == again
    assert len(one) == 12 and int(one, 16) >= 0


def test_what_is_only_told_does_not_change_the_fingerprint() -> None:
    assert Plan((), skipped=(Skipped("x", "y"),)).fingerprint == Plan(()).fingerprint
    assert Plan((), skipped=(Skipped("x", "y"),)).empty
    assert not Plan((Change("create", None, block(), ""),)).empty


# --- properties -------------------------------------------------------------------------------------------------------

SPANS = st.tuples(st.integers(-50, 50), st.integers(1, 5)).map(lambda s: hours(s[0], s[0] + s[1]))
ITEMS: st.SearchStrategy[Item] = st.one_of(
    st.builds(
        lambda s, n, state: host(s, id=f"hw-lisbon.host.{n}", state=state),
        SPANS,
        st.integers(0, 3),
        st.sampled_from(["asked", "accepted"]),
    ),
    st.builds(lambda s, n: block(s, id=f"hw-lisbon.make-up.{n}"), SPANS, st.integers(0, 3)),
    st.builds(lambda s, n: reply(s, id=f"hw-lisbon.responder.{n}"), SPANS, st.integers(0, 1)),
    st.builds(lambda s, n: hold(s, id=f"hw-lisbon.hold.{n}"), SPANS, st.integers(0, 1)),
    st.builds(lambda h, n: mail(NOW + h * HOUR, id=f"hw-lisbon.brief.{n}"), st.integers(-50, 50), st.integers(0, 3)),
)
STATES: st.SearchStrategy[StandingState] = st.sampled_from(
    ["scheduled", "intended", "done", "neutralised", "unknown", "adopted", "tombstone"]
)
WORLDS = st.lists(st.tuples(ITEMS, STATES), max_size=8).map(lambda them: {i.id: Standing(i, s) for i, s in them})


def applied(standing: dict[str, Standing], changes: tuple[Change, ...]) -> dict[str, Standing]:
    world = dict(standing)
    for change in changes:
        if change.after is None:
            del world[change.id]
        else:
            waits = isinstance(change.after, MailItem) and change.after.due is not None and change.after.due > NOW
            world[change.id] = Standing(change.after, "scheduled" if waits else "done")
    return world


@given(st.lists(ITEMS, max_size=8), WORLDS)
def test_a_second_run_finds_nothing_left_to_do(desired: list[Item], standing: dict[str, Standing]) -> None:
    changes, _ = compare(desired, standing, NOW, {})
    assert compare(desired, applied(standing, changes), NOW, {})[0] == ()


@given(WORLDS)
def test_after_an_undo_of_everything_nothing_of_ours_is_left_but_sent_mail(standing: dict[str, Standing]) -> None:
    changes, skipped = compare([], standing, NOW, {}, past=True)
    left = applied(standing, changes)
    assert skipped == ()
    assert all(s.state in ("tombstone", "adopted", "unknown") or isinstance(s.item, MailItem) for s in left.values())


@given(st.lists(ITEMS, max_size=8), WORLDS)
def test_every_thing_is_changed_or_skipped_at_most_once(desired: list[Item], standing: dict[str, Standing]) -> None:
    changes, _ = compare(desired, standing, NOW, {})
    assert len({c.id for c in changes}) == len(changes)
    assert not {c.id for c in changes} & {i for i, s in standing.items() if s.state in ("tombstone", "adopted", "unknown")}


# --- what counts as the same ------------------------------------------------------------------------------------------


def test_times_count_as_instants() -> None:
    there = Interval(AHEAD.start.astimezone(BERLIN), AHEAD.end.astimezone(BERLIN))
    assert same(block(), block(there))


def test_a_deputy_chain_and_a_new_title_do_not_make_another_request() -> None:
    assert same(host(), host(chain=("ben@example.org",), summary="Team meeting (new)"))


def test_another_host_state_or_scope_does() -> None:
    for other in (host(host="ben"), host(state="accepted"), host(lines=("decide, then tell",)), host(hours(24, 26))):
        assert not same(host(), other)


def test_a_body_composed_when_it_is_due_does_not_make_another_message() -> None:
    assert same(mail(), mail(body="new", html="new", calendar="new", subject="new"))


def test_another_recipient_or_day_does() -> None:
    assert not same(mail(), mail(to=("ben@example.org",)))
    assert not same(mail(), mail(NOW))


def test_things_of_different_kinds_are_never_the_same() -> None:
    assert not same(hold(id="x"), reply(id="x"))


def test_the_fields_that_differ_are_named_with_both_values() -> None:
    assert differences(hold(), hold(mode="server")) == (("mode", "client", "server"),)
    assert differences(hold(), hold()) == ()
    assert differences(hold(), reply()) == ()


# --- small words ------------------------------------------------------------------------------------------------------


def test_a_change_is_about_what_ought_to_stand_else_about_what_does() -> None:
    assert Change("update", block(), block(hours(1, 2)), "").item == block(hours(1, 2))
    assert Change("delete", block(), None, "").item == block()
    assert Change("delete", block(), None, "").absence_id == "lisbon"


def test_a_change_without_any_side_is_a_defect() -> None:
    with pytest.raises(AssertionError, match="at least one side"):
        _ = Change("create", None, None, "").item


def test_those_who_may_hear_of_a_host_are_the_host_and_all_who_would_be_asked_next() -> None:
    change = Change("create", None, host(chain=("ben@example.org", "cem@example.org")), "")
    assert change.recipients == ("ana@example.org", "ben@example.org", "cem@example.org")
    assert Change("create", None, mail(), "").recipients == ("ana@example.org",)
    assert Change("create", None, block(), "").recipients == ()


def test_a_thing_takes_effect_at_its_start_and_a_message_when_it_is_due() -> None:
    assert starts(block()) == AHEAD.start
    assert starts(mail()) == NOW + HOUR
    assert starts(mail(None)) is None


def test_every_kind_has_a_name_and_a_few_words() -> None:
    assert [kind_of(item) for item in EVERY_KIND] == ["host", "block", "responder", "hold", "mail"]
    assert [describe_short(item) for item in EVERY_KIND] == [
        "host of “Team meeting”: Ana",
        "make-up block",
        "autoreply",
        "inbox hold",
        "brief mail to ana@example.org",
    ]
