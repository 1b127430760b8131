"""Wrap-up, re-entry and debriefs: when they lie, and why there is none."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from rules.blocks import Desk, debriefs, re_entry, wrap_up
from rules.interval import Interval
from rules.items import BlockItem
from rules.model import Absence
from rules.plan import Skipped
from rules.policy import CalendarConfig, MakeupPolicy, Me, Person

BERLIN = ZoneInfo("Europe/Berlin")
ME = Me(name="Lena", addresses=("lena@corp.example",), home_zone="Europe/Berlin")
WORK = CalendarConfig(id="work", role="mine", path="work")
ANA, BEN = Person(id="ana", name="Ana"), Person(id="ben", name="Ben")
HOUR = timedelta(hours=1)


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """In November 2026: the 9th and the 16th are Mondays."""
    return datetime(2026, 11, day, hour, minute, tzinfo=BERLIN).astimezone(UTC)


def span(day: int, start: float, end: float) -> Interval:
    return Interval(at(day, 0) + start * HOUR, at(day, 0) + end * HOUR)


TRIP = Absence(
    id="trip-1", kind="trip", span=Interval(at(9, 4, 30), at(14, 0, 35)), nights=4, confidence=1.0, action="act",
    title="Secret Lisbon deal", because=(),
)  # fmt: skip
DESK = Desk(MakeupPolicy(), ME, frozenset(), WORK, (TRIP.span,), at(2, 9))


def told(block: BlockItem | Skipped) -> str:
    if isinstance(block, Skipped):
        return block.because
    start, end = block.span.start.astimezone(BERLIN), block.span.end.astimezone(BERLIN)
    return f"{start:%a %d %H:%M}–{end:%H:%M}"


def block(made: BlockItem | Skipped) -> BlockItem:
    assert isinstance(made, BlockItem)
    return made


# --- wrap-up ----------------------------------------------------------------------------------------------------------


def test_the_wrap_up_is_the_last_free_hour_of_work_before_leaving() -> None:
    assert told(wrap_up(TRIP, DESK)) == "Fri 06 17:00–18:00"
    assert told(wrap_up(TRIP, replace(DESK, busy=(span(6, 16.5, 18),)))) == "Fri 06 15:30–16:30"


def test_who_leaves_in_the_afternoon_wraps_up_on_that_day() -> None:
    afternoon = replace(TRIP, span=Interval(at(9, 14, 40), TRIP.span.end))
    assert told(wrap_up(afternoon, replace(DESK, busy=(afternoon.span,)))) == "Mon 09 13:30–14:30"


def test_a_full_friday_moves_the_wrap_up_to_thursday_and_no_further() -> None:
    assert told(wrap_up(TRIP, replace(DESK, busy=(span(6, 8, 19),)))) == "Thu 05 17:00–18:00"
    assert told(wrap_up(TRIP, replace(DESK, busy=(span(5, 8, 48),)))) == (
        "no time is free for it in the two working days before you leave"
    )


def test_a_public_holiday_is_no_day_to_wrap_up() -> None:
    assert told(wrap_up(TRIP, replace(DESK, holidays=frozenset({date(2026, 11, 6)})))) == "Thu 05 17:00–18:00"


def test_the_wrap_up_does_not_lie_in_the_past_and_is_not_made_after_leaving() -> None:
    assert told(wrap_up(TRIP, replace(DESK, now=at(6, 17, 30)))) == (
        "no time is free for it in the two working days before you leave"
    )
    assert told(wrap_up(TRIP, replace(DESK, now=at(9, 5)))) == "you have left already"


def test_a_wrap_up_says_nothing_about_the_trip() -> None:
    made = block(wrap_up(TRIP, DESK))
    assert made.private
    assert "Lisbon" not in made.summary + made.description
    assert made.calendar_id == "work"


def test_a_placed_wrap_up_stays_though_a_later_time_has_become_free() -> None:
    placed = block(wrap_up(TRIP, replace(DESK, busy=(span(6, 16.5, 18),))))
    assert wrap_up(TRIP, replace(DESK, standing=(placed,))) == placed


def test_a_meeting_on_a_placed_block_moves_it_or_it_stands_by_policy() -> None:
    placed = block(wrap_up(TRIP, DESK))
    desk = replace(DESK, standing=(placed,), busy=(span(6, 17, 17.5),))
    moved = block(wrap_up(TRIP, desk))
    assert (told(moved), moved.id) == ("Fri 06 16:00–17:00", placed.id)
    assert wrap_up(TRIP, replace(desk, policy=MakeupPolicy(on_conflict="stand"))) == placed


def test_an_earlier_departure_moves_the_wrap_up_before_it() -> None:
    placed = block(wrap_up(TRIP, DESK))
    earlier = replace(TRIP, span=Interval(at(6, 12), TRIP.span.end))
    assert told(wrap_up(earlier, replace(DESK, standing=(placed,)))) == "Fri 06 11:00–12:00"


def test_what_has_begun_is_left_alone() -> None:
    placed = block(wrap_up(TRIP, DESK))
    late = replace(DESK, standing=(placed,), now=at(10, 9), busy=(span(6, 17, 18),), policy=MakeupPolicy(wrap_up_minutes=0))
    assert wrap_up(TRIP, late) == placed


# --- why there is none ------------------------------------------------------------------------------------------------


def test_what_is_switched_off_is_skipped_with_that_reason() -> None:
    off = replace(DESK, policy=MakeupPolicy(wrap_up_minutes=0, re_entry_minutes=0, debrief_minutes=0))
    assert wrap_up(TRIP, off) == Skipped("Wrap-up", "you switched it off", "trip-1")
    assert told(re_entry(TRIP, off)) == "you switched it off"
    assert [told(b) for b in debriefs(TRIP, [ANA], {}, off)] == ["you switched it off"]


def test_a_weekend_away_needs_no_blocks() -> None:
    weekend = replace(TRIP, span=Interval(at(6, 18), at(8, 22)))
    assert told(wrap_up(weekend, DESK)) == "you miss no working time"


def test_without_a_calendar_to_write_on_there_is_no_block() -> None:
    assert told(re_entry(TRIP, replace(DESK, calendar=None))) == "there is no calendar of yours to write it on"


# --- re-entry ---------------------------------------------------------------------------------------------------------


def test_the_re_entry_is_the_first_hour_of_the_first_working_day_back() -> None:
    assert told(re_entry(TRIP, DESK)) == "Mon 16 09:00–10:00"
    assert told(re_entry(TRIP, replace(DESK, busy=(span(16, 8, 10.1),)))) == "Mon 16 10:15–11:15"


def test_who_is_home_before_work_begins_comes_back_on_that_day_and_who_is_not_on_the_next() -> None:
    night = replace(TRIP, span=Interval(TRIP.span.start, at(12, 0, 35)))
    noon = replace(TRIP, span=Interval(TRIP.span.start, at(12, 12)))
    assert told(re_entry(night, replace(DESK, busy=(night.span,)))) == "Thu 12 09:00–10:00"
    assert told(re_entry(noon, replace(DESK, busy=(noon.span,)))) == "Fri 13 09:00–10:00"


def test_a_full_first_morning_leaves_no_re_entry() -> None:
    assert told(re_entry(TRIP, replace(DESK, busy=(span(16, 9, 11.5),)))) == "no time is free on your first morning back"


def test_who_begins_in_the_afternoon_re_enters_then() -> None:
    late = replace(DESK, me=replace(ME, work_starts=time(14), work_ends=time(22)))
    assert told(re_entry(TRIP, late)) == "Mon 16 14:00–15:00"


def test_who_has_no_working_days_soon_has_no_first_morning() -> None:
    retired = frozenset(date(2026, 11, 14) + timedelta(days=n) for n in range(80))
    assert told(re_entry(TRIP, replace(DESK, holidays=retired))) == "no time is free on your first morning back"


# --- debriefs ---------------------------------------------------------------------------------------------------------


def test_each_deputy_has_a_debrief_after_the_re_entry_and_none_at_the_same_time() -> None:
    first = block(re_entry(TRIP, DESK))
    assert [told(b) for b in debriefs(TRIP, [ANA, BEN], {}, DESK, first)] == ["Mon 16 10:00–10:20", "Mon 16 10:30–10:50"]
    assert told(debriefs(TRIP, [ANA], {}, DESK)[0]) == "Mon 16 09:00–09:20"


def test_a_deputy_who_is_away_is_met_when_back_or_not_at_all() -> None:
    assert told(debriefs(TRIP, [ANA], {"ana": [span(16, 0, 24)]}, DESK)[0]) == "Tue 17 09:00–09:20"
    assert told(debriefs(TRIP, [ANA], {"ana": [span(16, 0, 240)]}, DESK)[0]) == (
        "no time is free with Ana in your first three working days back"
    )


def test_a_full_day_back_leaves_the_next_two() -> None:
    assert told(debriefs(TRIP, [ANA], {}, replace(DESK, busy=(span(16, 0, 24),)))[0]) == "Tue 17 09:00–09:20"
    assert isinstance(debriefs(TRIP, [ANA], {}, replace(DESK, busy=(span(16, 0, 72),)))[0], Skipped)


def test_a_re_entry_till_the_end_of_the_day_leaves_debriefs_to_the_next() -> None:
    evening = replace(block(re_entry(TRIP, DESK)), span=span(16, 17, 18))
    assert told(debriefs(TRIP, [ANA], {}, DESK, evening)[0]) == "Tue 17 09:00–09:20"


def test_debriefs_keep_clear_of_make_up_time() -> None:
    assert told(debriefs(TRIP, [ANA], {}, replace(DESK, ours=(span(16, 9, 13),)))[0]) == "Mon 16 13:00–13:20"


def test_a_placed_debrief_stays_when_the_list_of_deputies_changes() -> None:
    ana, ben = (block(b) for b in debriefs(TRIP, [ANA, BEN], {}, DESK))
    assert debriefs(TRIP, [BEN], {}, replace(DESK, standing=(ana, ben))) == (ben,)


def test_a_new_deputy_does_not_push_aside_the_debrief_of_another() -> None:
    (ana,) = debriefs(TRIP, [ANA], {}, DESK)
    both = debriefs(TRIP, [BEN, ANA], {}, replace(DESK, standing=(block(ana),)))
    assert [told(b) for b in both] == ["Mon 16 09:30–09:50", "Mon 16 09:00–09:20"]


def test_a_deputys_name_is_shown_without_control_characters() -> None:
    nasty = replace(ANA, name="Ana\nBEGIN:VEVENT\u202e")
    assert block(debriefs(TRIP, [nasty], {}, DESK)[0]).summary == "Debrief with Ana BEGIN:VEVENT"


# --- properties -------------------------------------------------------------------------------------------------------

BUSY = st.lists(
    st.tuples(st.integers(0, 14 * 96), st.integers(1, 40)).map(
        lambda pair: Interval(at(4, 0) + pair[0] * HOUR / 4, at(4, 0) + (pair[0] + pair[1]) * HOUR / 4)
    ),
    max_size=25,
)


@given(BUSY)
def test_blocks_are_free_working_time_outside_the_absence_and_placing_again_changes_nothing(busy: list[Interval]) -> None:
    desk = replace(DESK, busy=tuple(busy))
    first = re_entry(TRIP, desk)
    made = [wrap_up(TRIP, desk), first, *debriefs(TRIP, [ANA, BEN], {}, desk, first if isinstance(first, BlockItem) else None)]
    blocks = [b for b in made if isinstance(b, BlockItem)]
    for one in blocks:
        local = one.span.start.astimezone(BERLIN)
        assert local.weekday() < 5
        assert local.time() >= ME.work_starts
        assert not one.span.overlaps(TRIP.span)
        assert not any(one.span.overlaps(other) for other in (*busy, *(b.span for b in blocks if b is not one)))
    again = replace(desk, standing=tuple(blocks))
    assert [wrap_up(TRIP, again), re_entry(TRIP, again)] == made[:2]


@pytest.mark.parametrize("minutes", [15, 20, 30])
def test_a_debrief_is_as_long_as_the_policy_says(minutes: int) -> None:
    desk = replace(DESK, policy=MakeupPolicy(debrief_minutes=minutes))
    assert block(debriefs(TRIP, [ANA], {}, desk)[0]).span.length == timedelta(minutes=minutes)
