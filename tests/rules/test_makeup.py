"""Make-up time: what is owed, where it is placed, and what became of it."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from rules.interval import Interval, union
from rules.items import BlockItem
from rules.makeup import Placement, Record, Sums, balance, busy, kept, owed, place, targets
from rules.model import Absence, Attendee, Occurrence, OccurrenceKey
from rules.policy import CalendarConfig, MakeupPolicy, Me
from rules.workdays import Workdays

BERLIN = ZoneInfo("Europe/Berlin")
ME = Me(name="Lena", addresses=("Lena@corp.example",), home_zone="Europe/Berlin")
POLICY = MakeupPolicy()
DAYS = Workdays.of(ME)
HOUR = timedelta(hours=1)
WORK = CalendarConfig(id="work", role="mine", path="work")
FAMILY = CalendarConfig(id="family", role="family", path="family")


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """In November 2026: the 14th is a Saturday."""
    return datetime(2026, 11, day, hour, minute, tzinfo=BERLIN).astimezone(UTC)


def span(day: int, start: float, end: float) -> Interval:
    return Interval(at(day, 0) + start * HOUR, at(day, 0) + end * HOUR)


BACK = at(14, 0, 35)
TRIP = Absence(
    id="trip-1", kind="trip", span=Interval(at(9, 4, 30), BACK), nights=4, confidence=1.0, action="act", title="Lisbon",
    because=(),
)  # fmt: skip


def placed(
    hours: float,
    busy: Sequence[Interval] = (),
    standing: Sequence[BlockItem] = (),
    policy: MakeupPolicy = POLICY,
    **more: object,
) -> Placement:
    options = {"on": [WORK], **more}
    return place("trip-1", hours, BACK, busy, standing, policy, ME, frozenset(), **options)  # type: ignore[arg-type]


def told(placement: Placement) -> list[str]:
    local = [(b.ordinal, b.span.start.astimezone(BERLIN), b.span.end.astimezone(BERLIN)) for b in placement.blocks]
    return [f"{ordinal}: {start:%d %H:%M}–{end:%H:%M}" for ordinal, start, end in local]


# --- owed -------------------------------------------------------------------------------------------------------------


def test_an_hour_is_owed_for_each_night_away() -> None:
    assert owed(TRIP, POLICY, ME, DAYS) == 4.0


def test_a_trip_owes_at_least_two_hours_and_at_most_sixteen() -> None:
    assert owed(replace(TRIP, nights=1), POLICY, ME, DAYS) == 2.0
    assert owed(replace(TRIP, nights=30), POLICY, ME, DAYS) == 16.0


def test_a_trip_without_a_night_a_vacation_and_leave_owe_nothing() -> None:
    assert owed(replace(TRIP, nights=0), POLICY, ME, DAYS) == 0.0
    for kind in ("vacation", "family-vacation", "leave", "focus"):
        assert owed(replace(TRIP, kind=kind), POLICY, ME, DAYS) == 0.0  # type: ignore[arg-type]
    assert owed(TRIP, replace(POLICY, enabled=False), ME, DAYS) == 0.0


def test_what_the_user_says_is_owed_whatever_the_absence() -> None:
    assert owed(replace(TRIP, kind="vacation", owes=3.2), POLICY, ME, DAYS) == 3.5
    assert owed(replace(TRIP, owes=0), POLICY, ME, DAYS) == 0.0
    assert owed(replace(TRIP, owes=-1), POLICY, ME, DAYS) == 0.0


def test_hours_are_rounded_up_to_half_hours_but_not_for_a_binary_hair() -> None:
    assert owed(replace(TRIP, nights=5), replace(POLICY, hours_per_night=0.89), ME, DAYS) == 4.5
    assert owed(replace(TRIP, nights=30), replace(POLICY, hours_per_night=0.1), ME, DAYS) == 3.0


def test_weekend_days_and_holidays_lost_count_where_switched_on() -> None:
    policy = replace(POLICY, hours_per_weekend_day=1.0)
    weekend = replace(TRIP, span=Interval(at(13, 18), at(15, 13)), nights=2)  # Saturday whole, Sunday till 13:00: 5 h of 12
    assert owed(weekend, policy, ME, DAYS) == 3.0
    assert owed(replace(weekend, span=Interval(at(13, 18), at(15, 14))), policy, ME, DAYS) == 4.0
    assert owed(replace(weekend, span=Interval(at(13, 18), at(14, 7))), policy, ME, DAYS) == 2.0
    assert owed(TRIP, policy, ME, Workdays.of(ME, frozenset({date(2026, 11, 10)}))) == 5.0


# --- where ------------------------------------------------------------------------------------------------------------


def test_the_first_choice_is_the_first_free_working_afternoon() -> None:
    assert told(placed(4)) == ["1: 16 13:00–17:00"]
    assert placed(4).unplaced == 0


def test_the_order_of_preference_is_the_policys() -> None:
    assert told(placed(4, policy=replace(POLICY, prefer=("weekends", "evenings")))) == ["1: 14 09:30–13:30"]
    assert told(placed(2, policy=replace(POLICY, prefer=("evenings",)))) == ["1: 14 17:30–19:30"]


def test_a_public_holiday_counts_as_a_weekend() -> None:
    holiday = place(
        "trip-1", 2, BACK, (), (), replace(POLICY, prefer=("working-afternoons",)), ME, frozenset({date(2026, 11, 16)}), on=[WORK]
    )
    assert told(holiday) == ["1: 17 13:00–15:00"]


def test_at_most_four_hours_a_day_are_placed() -> None:
    assert told(placed(10)) == ["1: 16 13:00–17:00", "2: 17 13:00–17:00", "3: 18 13:00–15:00"]


def test_blocks_lie_where_nothing_else_is_on_half_hours() -> None:
    meetings = [span(16, 12, 14.25), span(16, 15, 18), span(17, 13, 14)]
    assert told(placed(3, meetings)) == ["1: 17 14:00–17:00"]
    assert told(placed(4, meetings)) == ["1: 17 14:00–17:00", "2: 18 13:00–14:00"]


def test_a_remainder_too_short_for_a_block_is_saved_by_a_shorter_first_block() -> None:
    assert told(placed(4.5)) == ["1: 16 13:00–16:30", "2: 17 13:00–14:00"]


def test_a_remainder_under_an_hour_makes_the_last_block_longer() -> None:
    standing = placed(2).blocks
    assert told(placed(2.5, standing=standing)) == ["1: 16 13:00–15:30"]


def test_a_remainder_goes_to_an_earlier_block_where_the_last_has_no_room_behind_it() -> None:
    standing = placed(8, policy=replace(POLICY, block_most_hours=2, day_most_hours=2)).blocks[:2]
    following = [span(17, 15, 16)]
    assert told(placed(4.5, following, standing)) == ["1: 16 13:00–15:30", "2: 17 13:00–15:00"]


def test_a_remainder_that_finds_no_room_stays_owed() -> None:
    standing = placed(2).blocks
    grown = placed(2.5, [span(16, 15, 16)], standing)
    assert (told(grown), grown.placed, grown.unplaced) == (["1: 16 13:00–15:00"], 2.0, 0.5)


def test_half_an_hour_owed_is_a_short_block_of_its_own() -> None:
    assert told(placed(0.5)) == ["1: 16 13:00–13:30"]


def test_a_slot_that_would_leave_half_an_hour_behind_is_passed_over_for_one_that_fits() -> None:
    meetings = [span(16, 14, 18)]
    assert told(placed(1.5, meetings)) == ["1: 17 13:00–14:30"]


def test_where_nothing_fits_cleanly_the_first_slot_is_taken_and_the_rest_stays_owed() -> None:
    policy = replace(POLICY, prefer=("working-afternoons",), within_days=3)
    only = placed(1.5, [span(16, 14, 18)], policy=policy)
    assert (told(only), only.unplaced) == (["1: 16 13:00–14:00"], 0.5)


def test_what_does_not_fit_within_the_days_after_the_return_stays_owed() -> None:
    policy = replace(POLICY, within_days=1, prefer=("weekends",))
    found = placed(16, policy=policy)
    assert (told(found), found.placed, found.unplaced) == (["1: 14 09:30–13:30"], 4.0, 12.0)


def test_without_a_calendar_nothing_is_placed() -> None:
    assert placed(4, on=[]) == Placement((), 0.0, 4)


def test_nothing_is_placed_before_now_nor_before_the_return() -> None:
    assert told(placed(2, now=at(17, 13, 10))) == ["1: 17 13:30–15:30"]
    assert told(placed(2, now=at(10, 9))) == ["1: 16 13:00–15:00"]
    assert placed(2, now=at(30, 9)).unplaced == 2


def test_blocks_of_other_trips_share_the_day_and_other_blocks_of_ours_are_left_alone() -> None:
    other = [replace(b, absence_id="trip-0") for b in placed(3).blocks]
    assert told(placed(2, others=other)) == ["1: 16 16:00–17:00", "2: 17 13:00–14:00"]
    debrief = [replace(other[0], purpose="debrief", span=span(16, 13, 13.5))]
    assert told(placed(4, others=debrief)) == ["1: 16 13:30–17:30"]


# --- what the block says ----------------------------------------------------------------------------------------------


def test_on_a_work_calendar_a_block_says_nothing_and_on_the_familys_it_says_what_it_is() -> None:
    work, family = placed(4, on=[WORK, FAMILY]).blocks
    assert (work.calendar_id, work.summary, work.description, work.private) == ("work", "Busy", "", True)
    assert (family.calendar_id, family.summary, family.private) == ("family", "Family time", False)
    assert work.ordinal == family.ordinal
    assert work.id != family.id
    own = replace(WORK, id="own", work=False)
    assert placed(4, on=[own]).blocks[0].summary == "Family time"


def test_the_calendars_are_the_first_writable_ones_or_those_named() -> None:
    feed = CalendarConfig(id="feed", role="mine", path="feed", read_only=True)
    second = replace(WORK, id="second")
    listed = [feed, WORK, second, FAMILY]
    everything = {"feed", "work", "second", "family"}
    assert targets(POLICY, listed, everything) == (WORK, FAMILY)
    assert targets(replace(POLICY, calendar="second"), listed, everything) == (second, FAMILY)
    assert targets(replace(POLICY, calendar="family", family_calendar="family"), listed, everything) == (FAMILY,)
    assert targets(POLICY, listed, {"feed"}) == ()


# --- what stands ------------------------------------------------------------------------------------------------------


def test_a_placed_block_stays_though_a_better_time_has_become_free() -> None:
    standing = placed(4, [span(16, 12, 18)]).blocks
    assert told(placed(4, standing=standing)) == ["1: 17 13:00–17:00"]
    assert placed(4, standing=standing).moved == ()


def test_a_meeting_put_on_a_block_moves_it_under_its_old_name_and_says_so() -> None:
    standing = placed(4).blocks
    moved = placed(4, [span(16, 14, 15)], standing)
    assert told(moved) == ["1: 17 13:00–17:00"]
    assert moved.blocks[0].id == standing[0].id
    (report,) = moved.moved
    assert (report.was, report.to) == (standing[0].span, moved.blocks[0].span)
    assert report.because == "something else is there now (Mon 16 Nov 14:00–15:00)"


def test_a_moved_block_that_fits_nowhere_in_one_piece_is_split() -> None:
    policy = replace(POLICY, prefer=("working-afternoons",), within_days=4)
    standing = placed(4, policy=policy).blocks
    split = placed(4, [span(16, 14, 15), span(17, 15, 18)], standing, policy)
    assert told(split) == ["1: 16 13:00–14:00", "2: 16 15:00–17:00", "3: 17 13:00–14:00"]
    assert split.moved[0].to == span(16, 13, 14)


def test_by_policy_a_block_stands_under_a_meeting_and_that_is_said() -> None:
    standing = placed(4).blocks
    stands = placed(4, [span(16, 14, 15)], standing, replace(POLICY, on_conflict="stand"))
    assert told(stands) == ["1: 16 13:00–17:00"]
    assert (stands.moved[0].to, stands.unplaced) == (standing[0].span, 0)


def test_a_block_that_finds_no_other_place_is_reported_as_gone_and_stays_owed() -> None:
    standing = placed(4).blocks
    gone = placed(4, [Interval(BACK, BACK + timedelta(days=20))], standing)
    assert (gone.blocks, gone.unplaced, gone.moved[0].to) == ((), 4.0, None)


def test_a_later_return_moves_the_blocks_that_lie_before_it() -> None:
    standing = placed(6).blocks
    later = place("trip-1", 6, at(17, 9), (), standing, POLICY, ME, frozenset(), on=[WORK])
    assert told(later) == ["1: 18 13:00–17:00", "2: 17 13:00–15:00"]
    assert later.moved[0].because == "you are not back by then"


def test_blocks_put_side_by_side_in_one_go_are_one_under_the_oldest_name() -> None:
    taken = [span(16, 15, 18), span(17, 14, 18), span(18, 14, 18)]
    standing = placed(4, taken).blocks
    assert told(placed(4, taken)) == ["1: 16 13:00–15:00", "2: 17 13:00–14:00", "3: 18 13:00–14:00"]
    later = place("trip-1", 4, at(19, 9), taken, standing, POLICY, ME, frozenset(), on=[WORK, FAMILY])
    assert told(later) == ["1: 19 13:00–17:00"] * 2
    assert later.blocks[0].id == standing[0].id
    assert [(m.ordinal, m.to) for m in later.moved] == [
        ("1", span(19, 13, 15)), ("2", span(19, 15, 16)), ("3", span(19, 16, 17))
    ]  # fmt: skip


def test_blocks_side_by_side_stay_apart_where_they_are_too_long_together_or_one_of_them_stands() -> None:
    taken = [span(16, 15, 18), span(17, 14, 18), span(18, 14, 18)]
    standing = placed(4, taken).blocks
    short = replace(POLICY, block_most_hours=3)
    later = place("trip-1", 4, at(19, 9), taken, standing, short, ME, frozenset(), on=[WORK])
    assert told(later) == ["1: 19 13:00–16:00", "3: 19 16:00–17:00"]
    assert told(placed(4, [span(17, 13, 18)], standing)) == ["1: 16 13:00–15:00", "2: 16 15:00–16:00", "3: 18 13:00–14:00"]


def test_when_less_is_owed_the_last_block_shrinks_or_goes() -> None:
    standing = placed(8).blocks
    assert told(placed(6, standing=standing)) == ["1: 16 13:00–17:00", "2: 17 13:00–15:00"]
    fewer = placed(4, standing=standing)
    assert told(fewer) == ["1: 16 13:00–17:00"]
    assert [(m.ordinal, m.to, m.because) for m in fewer.moved] == [("2", None, "less is owed now")]


def test_what_has_begun_is_left_alone() -> None:
    standing = placed(8).blocks
    begun = placed(2, [span(16, 13, 14)], standing, now=at(16, 13))
    assert told(begun) == ["1: 16 13:00–17:00"]


def test_a_broken_block_stays_as_history_and_its_hours_are_placed_again() -> None:
    standing = placed(4).blocks
    again = placed(4, [span(16, 13, 14)], standing, now=at(16, 18), broken={"1"})
    assert told(again) == ["1: 16 13:00–17:00", "2: 17 13:00–17:00"]
    assert (again.placed, again.unplaced) == (4.0, 0.0)


def test_the_name_of_a_deleted_block_is_never_given_again() -> None:
    assert told(placed(2, retired={"1"})) == ["2: 16 13:00–15:00"]


def test_ten_blocks_are_in_the_order_of_their_numbers() -> None:
    policy = replace(POLICY, block_most_hours=1, day_most_hours=1)
    many = placed(11, policy=policy)
    assert [b.ordinal for b in many.blocks] == [str(n) for n in range(1, 12)]
    assert placed(11, standing=many.blocks, policy=policy).blocks == many.blocks


# --- properties -------------------------------------------------------------------------------------------------------


@st.composite
def meetings(draw: st.DrawFn) -> list[Interval]:
    starts = draw(st.lists(st.integers(0, 15 * 96), max_size=30))
    return [Interval(BACK + s * HOUR / 4, BACK + (s + draw(st.integers(1, 40))) * HOUR / 4) for s in starts]


HALVES = st.integers(0, 32).map(lambda n: n / 2)


@settings(max_examples=60)
@given(HALVES, meetings(), st.sampled_from(["Europe/Berlin", "Asia/Kathmandu", "Australia/Lord_Howe"]))
def test_blocks_are_free_of_everything_within_their_limits_and_add_up(hours: float, meetings: list[Interval], zone: str) -> None:
    me = replace(ME, home_zone=zone)
    found = place("trip-1", hours, BACK, meetings, (), POLICY, me, frozenset(), on=[WORK])
    spans = [b.span for b in found.blocks]
    assert found.placed + found.unplaced == hours
    assert sum((s.length for s in spans), timedelta(0)) == found.placed * HOUR
    assert not any(s.overlaps(m) for s in spans for m in meetings)
    assert sum((s.length for s in union(spans)), timedelta(0)) == found.placed * HOUR
    assert all(s.start >= BACK and s.end <= BACK + timedelta(days=14) for s in spans)
    assert all(HOUR <= s.length <= 4 * HOUR for s in spans) or hours < 1
    days: dict[date, timedelta] = defaultdict(timedelta)
    for s in spans:
        local = s.start.astimezone(ZoneInfo(zone))
        assert local.minute % 30 == 0
        days[local.date()] += s.length
    assert all(total <= 4 * HOUR for total in days.values())


@settings(max_examples=60)
@given(HALVES, meetings())
def test_placing_again_changes_nothing(hours: float, meetings: list[Interval]) -> None:
    first = placed(hours, meetings)
    again = placed(hours, meetings, first.blocks)
    assert (again.blocks, again.unplaced, again.moved) == (first.blocks, first.unplaced, ())


@settings(max_examples=60)
@given(HALVES, meetings(), meetings())
def test_new_meetings_move_only_the_blocks_they_lie_on(hours: float, before: list[Interval], after: list[Interval]) -> None:
    first = placed(hours, before)
    then = placed(hours, [*before, *after], first.blocks)
    by_ordinal = {b.ordinal: b for b in then.blocks}
    assert then.placed + then.unplaced == hours
    assert not any(b.span.overlaps(m) for b in then.blocks for m in after)
    for block in first.blocks:
        if not any(block.span.overlaps(m) for m in after):
            assert by_ordinal[block.ordinal].span.start == block.span.start
            assert by_ordinal[block.ordinal].id == block.id
        else:
            assert block.ordinal in {m.ordinal for m in then.moved}


# --- what became of it ------------------------------------------------------------------------------------------------


def meeting(when: Interval, **fields: object) -> Occurrence:
    plain = Occurrence(OccurrenceKey("work", "m"), "mine", when.start, when.end)
    return replace(plain, **fields)  # type: ignore[arg-type]


def test_busy_is_what_takes_the_leaders_or_the_familys_time() -> None:
    free = [
        meeting(span(16, 9, 10), transparent=True),
        meeting(span(16, 10, 11), status="CANCELLED"),
        meeting(span(16, 11, 12), busy_status="FREE"),
        meeting(span(16, 0, 24), all_day=True),
        meeting(span(16, 12, 13), marker="hw-trip-1.make-up.x"),
        meeting(span(16, 13, 14), role="team"),
        meeting(span(16, 14, 15), attendees=(Attendee("lena@corp.example", partstat="DECLINED"),)),
    ]
    taken = [
        meeting(span(17, 9, 10)),
        meeting(span(17, 11, 12), role="family"),
        meeting(span(17, 13, 14), marker="hw-trip-1.host.x", attendees=(Attendee("ana@corp.example"),)),
    ]
    assert busy([*free, *taken], [TRIP], ME) == (TRIP.span, span(17, 9, 10), span(17, 11, 12), span(17, 13, 14))


def test_a_block_is_kept_when_its_time_has_passed_without_a_meeting() -> None:
    (block,) = placed(4).blocks
    assert kept(block, [], at(16, 16), ME) is None
    assert kept(block, [meeting(span(16, 9, 13))], at(16, 17), ME) is True
    assert kept(block, [meeting(span(16, 16, 18))], at(16, 17), ME) is False
    assert kept(block, [meeting(span(16, 16, 18), role="family")], at(16, 17), ME) is True


def test_the_balance_counts_the_latest_word_about_each_block() -> None:
    lines = [
        Record("trip-1", at(14, 1), "owed", 6.0),
        Record("trip-1", at(14, 1), "placed", 4.0, "1"),
        Record("trip-1", at(14, 1), "placed", 2.0, "2"),
        Record("trip-1", at(16, 18), "kept", 4.0, "1"),
        Record("trip-1", at(17, 18), "broken", 2.0, "2"),
        Record("trip-2", at(18, 18), "owed", 2.0),
        Record("trip-2", at(18, 18), "placed", 2.0, "1"),
    ]
    found = balance(lines)
    assert found.by_absence["trip-1"] == Sums(owed=6.0, placed=0.0, kept=4.0, broken=2.0, open=2.0)
    assert found.by_absence["trip-2"] == Sums(owed=2.0, placed=2.0)
    assert found.total == Sums(owed=8.0, placed=2.0, kept=4.0, broken=2.0, open=2.0)
    assert [(moment, s.open) for moment, s in found.over_time] == [
        (at(14, 1), 0.0), (at(16, 18), 0.0), (at(17, 18), 2.0), (at(18, 18), 2.0),
    ]  # fmt: skip


def test_a_correction_by_the_user_and_a_removed_block_are_later_lines() -> None:
    lines = [
        Record("trip-1", at(14, 1), "owed", 4.0),
        Record("trip-1", at(16, 18), "broken", 4.0, "1"),
        Record("trip-1", at(16, 20), "kept", 4.0, "1"),
    ]
    assert balance(lines).total == Sums(owed=4.0, kept=4.0)
    assert balance([*lines, Record("trip-1", at(17, 9), "gone", 4.0, "1")]).total == Sums(owed=4.0, open=4.0)


def test_more_kept_than_owed_is_no_debt_of_the_familys() -> None:
    lines = [Record("trip-1", at(14, 1), "owed", 2.0), Record("trip-1", at(16, 18), "kept", 4.0, "1")]
    assert balance(lines).total.open == 0.0
    assert balance([]).total == Sums()


@pytest.mark.parametrize("prefer", [("working-afternoons",), ("evenings",), ("weekends",)])
def test_each_preference_keeps_to_its_hours_over_a_dst_night(prefer: tuple[str, ...]) -> None:
    back = datetime(2026, 10, 23, 12, tzinfo=UTC)
    policy = replace(POLICY, prefer=prefer)  # type: ignore[arg-type]
    first, last = {"working-afternoons": POLICY.afternoon, "evenings": POLICY.evening, "weekends": POLICY.weekend}[prefer[0]]
    for block in place("trip-1", 16, back, (), (), policy, ME, frozenset(), on=[WORK]).blocks:
        assert first <= block.span.start.astimezone(BERLIN).time() < block.span.end.astimezone(BERLIN).time() <= last
        assert last != time(0)
