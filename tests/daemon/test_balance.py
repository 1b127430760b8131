"""The family's time over passes: what a trip owes, where it is placed, what becomes of it, and the blocks around the trip."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from shell import Told, type_
from world import LISBON, World, told

from daemon.family import balance_of
from daemon.reconcile import Passed
from daemon.service.notices import mark_told, notices
from rules.items import BlockItem
from rules.makeup import Sums

ZONE = ZoneInfo("Europe/Berlin")


@pytest.fixture
def world(home: Path) -> World:
    return World(home)


def sums(world: World) -> Sums:
    with world.ledger() as ledger:
        return balance_of(ledger, world.now).total


def blocks(world: World, purpose: str = "make-up", calendar: str = "work") -> list[str]:
    found = (e.item for e in world.effects("BlockItem") if e.state == "done")
    mine = [b for b in found if isinstance(b, BlockItem) and (b.purpose, b.calendar_id) == (purpose, calendar)]
    spans = sorted((b.span.start.astimezone(ZONE), b.span.end.astimezone(ZONE)) for b in mine)
    return [f"{start:%a %d %b %H:%M}–{end:%H:%M}" for start, end in spans]


def meeting_at(world: World, name: str, start: str, end: str) -> None:
    world.event(
        f"work/{name}.ics", f"{name}@example.org", f"DTSTART;TZID=Europe/Berlin:{start}", f"DTEND;TZID=Europe/Berlin:{end}",
        "SUMMARY:Crisis", "ORGANIZER:mailto:boss@example.org", "ATTENDEE;PARTSTAT=ACCEPTED:mailto:lena@example.org",
    )  # fmt: skip


def test_an_hour_a_night_is_owed_and_placed_where_both_calendars_are_free(world: World) -> None:
    """Swimming on Monday afternoon is at 16:00, the budget review on Tuesday at 14:00."""
    world.accept()
    assert blocks(world) == blocks(world, calendar="family") == ["Mon 07 Dec 13:00–16:00", "Tue 08 Dec 13:00–14:00"]
    assert sums(world) == Sums(owed=4, placed=4)


def test_nothing_is_owed_before_the_plan_was_accepted(world: World) -> None:
    world.make_pass()
    assert sums(world) == Sums()


def test_on_a_work_calendar_a_block_says_only_that_the_leader_is_busy(world: World) -> None:
    world.accept()
    item = next(e.item for e in world.effects("BlockItem") if e.item.purpose == "make-up" and e.item.calendar_id == "work")  # type: ignore[union-attr]
    text = world.calendar(f"work/{item.id}.ics")
    assert "SUMMARY:Busy\n" in text and "CLASS:PRIVATE" in text and "TRANSP:TRANSPARENT" not in text
    assert "ATTENDEE" not in text and "Lisbon" not in text
    assert "SUMMARY:Family time\n" in world.calendar("family.ics")


def test_what_passes_in_peace_is_kept(world: World) -> None:
    world.accept()
    world.at("2026-12-07 17:00")
    assert "family time on Mon 7 Dec 13:00 was kept" in told(world.make_pass())
    assert sums(world) == Sums(owed=4, placed=1, kept=3)
    world.at("2026-12-09 09:00")
    world.make_pass()
    assert sums(world) == Sums(owed=4, kept=4)
    assert not any("kept" in words for words in told(world.make_pass()))


def test_a_block_tidied_away_after_it_was_kept_stays_kept(world: World) -> None:
    world.accept()
    world.at("2026-12-09 09:00")
    world.make_pass()
    for path in (world.root / "calendars" / "work").glob("*make-up*"):
        path.unlink()
    world.make_pass()
    assert sums(world) == Sums(owed=4, kept=4)


def test_a_meeting_on_top_moves_the_block(world: World) -> None:
    world.accept()
    meeting_at(world, "crisis", "20261207T140000", "20261207T150000")
    world.make_pass()
    assert blocks(world) == ["Tue 08 Dec 13:00–14:00", "Thu 10 Dec 13:00–16:00"]
    assert blocks(world, calendar="family") == blocks(world)
    assert told(world.make_pass()) == []


def test_a_meeting_on_top_leaves_the_block_where_the_policy_says_stand_and_breaks_it(world: World) -> None:
    world.add_to_config('[makeup]\non_conflict = "stand"')
    world.accept()
    meeting_at(world, "crisis", "20261207T140000", "20261207T150000")
    world.make_pass()
    assert blocks(world) == ["Mon 07 Dec 13:00–16:00", "Tue 08 Dec 13:00–14:00"]
    world.at("2026-12-07 17:00")
    assert "family time on Mon 7 Dec 13:00 was broken by a meeting" in told(world.make_pass())
    found = sums(world)
    assert (found.owed, found.broken, found.kept) == (4, 3, 0)


def a_meeting_stands_on_a_block(world: World) -> None:
    """All of that Monday's family time, which is over now."""
    world.add_to_config('[makeup]\non_conflict = "stand"')
    world.accept()
    meeting_at(world, "crisis", "20261207T140000", "20261207T150000")
    world.at("2026-12-07 17:00")
    world.make_pass()
    world.make_pass()


def test_broken_hours_are_placed_anew(world: World) -> None:
    a_meeting_stands_on_a_block(world)
    assert blocks(world)[0] == "Mon 07 Dec 13:00–16:00"
    assert told(world.make_pass()) == []
    found = sums(world)
    assert (found.owed, found.placed, found.broken, found.open) == (4, 4, 3, 0)


def test_a_deleted_block_stays_owed_and_is_not_placed_again(world: World) -> None:
    world.accept()
    for path in (world.root / "calendars" / "work").glob("*make-up*"):
        if "20261208" in path.read_text():
            path.unlink()
    text = world.calendar("family.ics")
    begin = text.index("BEGIN:VEVENT", text.index("dentist@"))
    pieces = text[begin:].split("BEGIN:VEVENT")
    kept = [piece for piece in pieces if "20261208" not in piece]
    world.rewrite(
        "family.ics",
        text[:begin] + "BEGIN:VEVENT".join(kept) + ("" if kept[-1].endswith("END:VCALENDAR\n") else "END:VCALENDAR\n"),
    )
    for _ in range(3):
        world.make_pass()
    assert blocks(world) == ["Mon 07 Dec 13:00–16:00"]
    assert (sums(world).owed, sums(world).open) == (4, 1)


def test_what_finds_no_room_stays_owed_and_is_said(world: World) -> None:
    world.event(
        "family.ics", "grandma@family.example", "DTSTART:20261205T000000Z", "DTEND:20261221T220000Z", "SUMMARY:Grandma is here"
    )
    passed = world.accept()
    assert blocks(world) == []
    assert any("family time" in skip.what and "stays owed" in skip.because for skip in passed.look.plan.skipped)
    assert sums(world) == Sums(owed=4, open=4)


def test_a_trip_that_gets_shorter_owes_less(world: World) -> None:
    world.accept()
    world.at("2026-12-02 12:00", LISBON)
    world.make_pass()
    world.at("2026-12-02 20:00")
    world.say("back", world.now)
    world.make_pass()
    assert (sums(world).owed, sums(world).placed) == (2, 2)


def test_an_undone_trip_owes_nothing(world: World) -> None:
    world.accept()
    world.undo()
    assert sums(world) == Sums()


def test_a_vacation_and_a_day_trip_owe_nothing(world: World) -> None:
    world.event("travel.ics", "out@b.example", "DTSTART:20261216T060000Z", "DTEND:20261216T071000Z",
                "SUMMARY:Flight to Munich (LH 1929)", "LOCATION:Berlin BER")  # fmt: skip
    world.event("travel.ics", "back@b.example", "DTSTART:20261216T170000Z", "DTEND:20261216T181000Z",
                "SUMMARY:Flight to Berlin (LH 1950)", "LOCATION:Munich MUC")  # fmt: skip
    world.event(
        "work/leave.ics", "leave@example.org", "DTSTART;VALUE=DATE:20261221", "DTEND;VALUE=DATE:20261225", "SUMMARY:Vacation"
    )
    world.accept()
    for absence in world.look().absences:
        world.say("confirm", absence_id=absence.id)
    world.accept()
    with world.ledger() as ledger:
        assert [debt.hours for debt in ledger.owed().values()] == [4]


def test_the_balance_is_a_course_over_time(world: World) -> None:
    world.accept()
    world.at("2026-12-09 09:00")
    world.make_pass()
    with world.ledger() as ledger:
        course = balance_of(ledger, world.now).over_time
    assert course[0][1].owed == 4 and course[-1][1].kept == 4
    assert [moment for moment, _ in course] == sorted(moment for moment, _ in course)


def test_a_wrap_up_before_an_hour_first_thing_back_and_a_debrief_with_each_deputy(world: World) -> None:
    world.accept()
    assert blocks(world, "wrap-up") == ["Fri 27 Nov 17:00–18:00"]
    assert blocks(world, "re-entry") == ["Mon 07 Dec 09:00–10:00"]
    assert blocks(world, "debrief") == []
    world.corridor("carla", "accepted", "training")
    world.corridor("ana", "accepted", "team")
    assert len(blocks(world, "debrief")) == 2
    assert all(block.startswith("Mon 07 Dec") for block in blocks(world, "debrief"))
    assert told(world.make_pass()) == []


def test_the_family_block_does_not_run_into_the_next_trip(world: World) -> None:
    world.event("travel.ics", "oslo1@b.example", "DTSTART:20261206T160000Z", "DTEND:20261206T173500Z",
                "SUMMARY:Flight to Oslo (SK 2676)", "LOCATION:Berlin BER")  # fmt: skip
    world.event("travel.ics", "oslo2@b.example", "DTSTART:20261209T170000Z", "DTEND:20261209T183500Z",
                "SUMMARY:Flight to Berlin (SK 2677)", "LOCATION:Oslo OSL")  # fmt: skip
    passed = world.accept()
    away = [absence.span for absence in passed.look.absences]
    found = [e.item.span for e in world.effects("BlockItem") if e.item.purpose == "make-up"]  # type: ignore[union-attr]
    assert found and not any(span.overlaps(trip) for span in found for trip in away)
    work = [e.item.span for e in world.effects("BlockItem") if e.item.calendar_id == "work"]  # type: ignore[union-attr]
    assert not any(a.overlaps(b) for n, a in enumerate(work) for b in work[n + 1 :])
    assert sums(world).owed == 4 + 3


def test_a_placed_block_stays_though_an_earlier_slot_gets_free(world: World) -> None:
    world.accept()
    before = blocks(world)
    text = world.calendar("family.ics")
    begin = text.index("BEGIN:VEVENT\nUID:swim@")
    world.rewrite("family.ics", text[:begin] + text[text.index("END:VEVENT\n", begin) + len("END:VEVENT\n") :])
    world.make_pass()
    assert blocks(world) == before


def test_a_block_that_has_begun_is_left_alone_whatever_happens_to_the_plan(world: World) -> None:
    world.accept()
    world.at("2026-12-07 14:00")
    meeting_at(world, "crisis", "20261207T143000", "20261207T150000")
    world.make_pass()
    assert blocks(world)[0] == "Mon 07 Dec 13:00–16:00"
    world.at("2026-12-07 16:05")
    assert "family time on Mon 7 Dec 13:00 was broken by a meeting" in told(world.make_pass())


def test_a_meeting_on_top_is_named_with_who_booked_it_and_where_the_block_could_go(world: World) -> None:
    world.add_to_config('[makeup]\non_conflict = "stand"')
    world.accept()
    meeting_at(world, "crisis", "20261207T140000", "20261207T150000")
    gaps = [f"{gap.what}: {gap.because}" for gap in world.make_pass().look.plan.gaps if "family" in gap.what]
    where = "it could be on Thu 10 Dec 13:00–16:00"
    assert gaps == [
        "family time on Mon 7 Dec 13:00–16:00: “Crisis” is there now (Mon 7 Dec 14:00–15:00), booked by boss@example.org; "
        + where
    ]
    assert where in type_(world.root, "plan", now=world.now.isoformat()).out
    assert where in type_(world.root, "status", now=world.now.isoformat()).out.replace("\n           ", " ")
    assert "Crisis" not in type_(world.root, "brief", now=world.now.isoformat()).out
    assert "Crisis" not in world.calendar("family.ics") and not any("Crisis" in m.as_string() for m in world.messages(".Drafts"))


@pytest.mark.parametrize(
    ("lines", "told_as"),
    [
        (
            ("SUMMARY:Late call", "ORGANIZER;CN=Ben:mailto:ben@example.org"),
            "“Late call” is there now (Mon 7 Dec 14:00–15:00), booked by Ben Roth",
        ),
        (("SUMMARY:Doctor", "CLASS:PRIVATE"), "a private entry is there now (Mon 7 Dec 14:00–15:00)"),
    ],
)  # fmt: skip
def test_a_block_that_moves_says_why(world: World, lines: tuple[str, ...], told_as: str) -> None:
    world.accept()
    times = ("DTSTART;TZID=Europe/Berlin:20261207T140000", "DTEND;TZID=Europe/Berlin:20261207T150000")
    world.event("work/x.ics", "x@example.org", *times, *lines)
    reasons = {change.because for change in world.look().plan.changes if change.kind == "block" and change.action == "update"}
    assert told_as in reasons


def test_where_nothing_else_is_free_a_block_that_stands_says_so(world: World) -> None:
    world.add_to_config('[makeup]\non_conflict = "stand"')
    world.accept()
    meeting_at(world, "crisis", "20261207T140000", "20261207T220000")
    meeting_at(world, "before", "20261205T003000", "20261207T123000")
    meeting_at(world, "after", "20261208T140000", "20261222T200000")
    because = [gap.because for gap in world.look().plan.gaps if "Mon 7 Dec" in gap.what]
    assert because and because[0].endswith("; no other time is free for all of it")


def notes(world: World, passed: Passed) -> list[tuple[str, str]]:
    """What the desktop is told of family time after this pass."""
    with world.session() as session, session.ledger.writing():
        found = [n for n in notices(session, passed, "") if n.key.split("/")[0] in ("beneath", "moved")]
        mark_told(session.ledger, [n.key for n in found], world.now)
    return [(notice.title, notice.body) for notice in found]


def test_a_meeting_on_top_of_a_block_that_stands_is_told_once_with_a_free_time(world: World) -> None:
    world.add_to_config('[makeup]\non_conflict = "stand"')
    world.accept()
    assert notes(world, world.make_pass()) == []
    meeting_at(world, "crisis", "20261207T140000", "20261207T150000")
    booked = "“Crisis” is there now (Mon 7 Dec 14:00–15:00), booked by boss@example.org"
    what = "family time on Mon 7 Dec 13:00–16:00"
    body = f"{what}: {booked}; it could be on Thu 10 Dec 13:00–16:00."
    assert notes(world, world.make_pass()) == [("A meeting on top of family time", body)]
    meeting_at(world, "other", "20261210T130000", "20261210T150000")  # another time is proposed then
    assert notes(world, world.make_pass()) == []


def test_a_block_that_a_meeting_moved_is_told_once_and_when_it_may_be(world: World) -> None:
    world.accept()
    world.at("2026-11-30 12:00")  # away: the inbox is held
    meeting_at(world, "crisis", "20261207T140000", "20261207T150000")
    assert notes(world, world.make_pass()) == []
    world.at("2026-11-30 12:35", "Europe/Lisbon")
    ((title, body),) = notes(world, world.make_pass())
    assert title == "Family time was moved" and body.startswith("From Mon 7 Dec 13:00–16:00 to ")
    assert "“Crisis” is there now (Mon 7 Dec 14:00–15:00), booked by boss@example.org." in body
    assert notes(world, world.make_pass()) == notes(world, world.make_pass()) == []


# --- homeward balance ---------------------------------------------------------------------------------------------------


def typed(world: World, *words: str) -> Told:
    return type_(world.root, "balance", *words, now=world.now.isoformat())


def test_the_balance_is_shown_per_trip_and_over_the_year_within_80_columns(world: World) -> None:
    world.accept()
    world.at("2026-12-07 17:00")
    world.make_pass()
    assert typed(world).out == """\
Family time 2026, in hours      owed  kept ahead  open broken
Trip to Lisbon                     4     3     1     0      0 ######==
    Mon 7 Dec 13:00–16:00  kept
    Tue 8 Dec 13:00–14:00  ahead
All of 2026                        4     3     1     0      0
######==
# kept  = placed ahead  . open  x broken; one character is 30 min, in the last bar 30 min
"""  # fmt: skip
    assert "Nothing is owed to the family for trips of 2025." in typed(world, "--year", "2025").out
    found = json.loads(typed(world, "--json").out)
    assert found["total"] == {"owed": 4, "placed": 1, "kept": 3, "broken": 0, "open": 0}
    assert [block["state"] for block in found["trips"][0]["blocks"]] == ["kept", "placed"]


def test_a_trip_over_new_year_counts_in_the_year_of_its_return(world: World) -> None:
    world.say("confirm")
    world.accept()
    world.say("extend", datetime(2027, 1, 2, 12, tzinfo=ZONE))
    world.make_pass()
    assert "Nothing is owed" in typed(world).out and "Trip to Lisbon" in typed(world, "--year", "2027").out


def test_the_users_word_on_a_block_stands_and_its_hours_are_placed_again(world: World) -> None:
    world.accept()
    world.at("2026-12-07 17:00")
    world.make_pass()
    told_ = typed(world, "broken", "7", "Dec")
    assert told_.code == 0 and "family time on Mon 7 Dec 13:00–16:00 was broken, as you say" in told_.out
    assert blocks(world) == [
        "Mon 07 Dec 13:00–16:00", "Tue 08 Dec 13:00–14:00", "Tue 08 Dec 15:00–17:00", "Wed 09 Dec 13:00–14:00",
    ]  # fmt: skip
    world.make_pass()
    assert (sums(world).kept, sums(world).broken, sums(world).placed) == (0, 3, 4)


def test_what_was_taken_for_broken_can_be_said_to_have_been_kept(world: World) -> None:
    a_meeting_stands_on_a_block(world)
    assert len(blocks(world)) == 4
    assert typed(world, "kept", "2026-12-07").code == 0
    assert blocks(world) == ["Mon 07 Dec 13:00–16:00", "Tue 08 Dec 13:00–14:00"]
    world.make_pass()
    assert sums(world) == Sums(owed=4, placed=1, kept=3)


def test_a_block_is_named_by_its_time_and_must_be_over(world: World) -> None:
    world.accept()
    early = typed(world, "kept", "7 Dec")
    assert (early.code, "no family time has passed yet" in early.err) == (2, True)
    world.at("2026-12-09 09:00")
    world.make_pass()
    none, two, wrong = typed(world, "kept"), typed(world, "kept", "Dec"), typed(world, "kept", "9 Dec")
    assert none.code == 2 and "which block?" in none.err and "Mon 7 Dec 13:00–16:00  kept" in none.err
    assert two.code == 5 and "fits several blocks" in two.err
    assert wrong.code == 2 and "no family time that has passed fits “9 Dec”" in wrong.err
