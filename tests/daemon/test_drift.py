"""What other people and other programs change, over whole passes: theirs wins, nothing of theirs is lost, and what only looks
like a change (new identifiers, a calendar that cannot be read) changes nothing."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from world import LISBON, World, told

from rules.items import BlockItem, HoldItem, HostItem, ResponderItem

TEAM = "work/team-meeting.ics"
CALL = "LOCATION:https://meet.google.com/abc-defg-hij"


@pytest.fixture
def world(home: Path) -> World:
    return World(home)


def settled(world: World) -> None:
    files, drafts = world.files(), world.drafts
    passed = world.make_pass()
    assert (told(passed), passed.waiting) == ([], ())
    assert (world.files(), world.drafts) == (files, drafts)


# --- edits of ours ----------------------------------------------------------------------------------------------------


def test_an_edit_of_a_hosted_meeting_survives_every_step(world: World) -> None:
    """The user changes the room while Ana is asked; she declines, Carla is asked and accepts, all is undone."""
    world.accept()
    world.edit_last(TEAM, CALL, "LOCATION:Room 5")
    settled(world)
    world.answer(TEAM, "ana@example.org", "DECLINED")
    world.make_pass()
    assert world.hosts()["Monday team meeting"] == ("carla", "asked")
    assert "LOCATION:Room 5" in world.calendar(TEAM)
    world.corridor("carla", "accepted", "team")
    override = world.calendar(TEAM).rpartition("BEGIN:VEVENT")[2]
    assert "LOCATION:Room 5" in override and "SUMMARY:Monday team meeting (host: Carla Conti)" in override
    world.undo(past=True)
    override = world.calendar(TEAM).rpartition("BEGIN:VEVENT")[2]
    assert "LOCATION:Room 5" in override
    assert all(word not in override for word in ("host:", "Host:", "CHAIR", "OPT-PARTICIPANT", "X-HOMEWARD"))
    assert world.changed() == [f"calendars/{TEAM}"]


@pytest.mark.parametrize("when", ["asked", "accepted"])
def test_words_added_to_the_description_survive_every_step(world: World, when: str) -> None:
    world.accept()
    if when == "accepted":
        world.corridor("ana", "accepted", "team")
        override = world.calendar(TEAM).rpartition("BEGIN:VEVENT")[2]
        ours = next(line for line in override.split("\n") if line.startswith("DESCRIPTION:"))
        world.edit_last(TEAM, ours, rf"{ours}\nBring the numbers")
    else:
        world.edit_last(TEAM, CALL, f"{CALL}\nDESCRIPTION:Bring the numbers")
    world.corridor("ana", "declined", "team")
    assert "Bring the numbers" in world.calendar(TEAM) and "Ana Silva." not in world.calendar(TEAM)
    world.corridor("carla", "accepted", "team")
    override = world.calendar(TEAM).rpartition("BEGIN:VEVENT")[2]
    assert override.count("Bring the numbers") == 1 and override.count("Host: Carla Conti.") == 1
    world.undo(past=True)
    override = world.calendar(TEAM).rpartition("BEGIN:VEVENT")[2]
    assert "Bring the numbers" in override and "Host:" not in override


def test_a_new_title_survives_without_our_suffix(world: World) -> None:
    world.accept()
    world.corridor("ana", "accepted", "team")
    world.edit_last(
        TEAM, "SUMMARY:Monday team meeting (host: Ana Silva)", "SUMMARY:Monday team meeting and cake (host: Ana Silva)"
    )
    settled(world)
    world.undo(past=True)
    assert "SUMMARY:Monday team meeting and cake\n" in world.calendar(TEAM)
    assert "X-HOMEWARD" not in world.calendar(TEAM)


def test_a_guests_answer_survives_the_undo(world: World) -> None:
    world.accept()
    world.edit_last(TEAM, "CN=Dan Okafor;PARTSTAT=ACCEPTED", "CN=Dan Okafor;PARTSTAT=DECLINED")
    world.undo()
    assert "CN=Dan Okafor;PARTSTAT=DECLINED" in world.calendar(TEAM)


def test_without_any_edit_the_original_bytes_come_back_from_every_state(world: World) -> None:
    world.accept()
    world.corridor("ana", "accepted", "team")
    world.corridor("ana", "declined", "team")
    world.corridor("carla", "accepted", "team")
    world.undo(past=True)
    assert world.changed() == []


def test_an_edited_block_is_adopted_and_left_alone_by_updates_and_undo(world: World) -> None:
    world.accept()
    path = next((world.root / "calendars" / "work").glob("*re-entry*"))
    name = f"work/{path.name}"
    world.edit(name, "SUMMARY:", "SUMMARY:Coffee first. ")
    edited = path.read_bytes()
    world.make_pass()
    assert "adopted" in world.states("BlockItem")
    world.edit("travel.ics", "20261204T183000Z", "20261205T183000Z")
    world.edit("travel.ics", "20261204T220500Z", "20261205T220500Z")
    world.make_pass()
    world.undo(past=True)
    assert path.read_bytes() == edited
    for _ in range(3):
        world.make_pass()
    assert path.read_bytes() == edited


def test_a_family_block_that_the_user_moves_counts_where_it_is_now(world: World) -> None:
    world.accept()
    first = next(e.item for e in world.effects("BlockItem") if e.item.purpose == "make-up" and e.item.calendar_id == "work")  # type: ignore[union-attr]
    name = f"work/{first.id}.ics"
    stamp = re.search(r"DTSTART[^\n]*:(\d{8})T", world.calendar(name))
    assert stamp is not None
    world.edit(name, stamp.group(1), "20261210")
    world.make_pass()
    settled(world)
    adopted = next(e for e in world.effects("BlockItem") if e.state == "adopted")
    assert isinstance(adopted.item, BlockItem) and adopted.item.span.start.date().isoformat() == "2026-12-10"
    world.at("2026-12-09 20:00")
    world.make_pass()
    with world.ledger() as ledger:
        assert adopted.item.id not in ledger.block_outcomes()
    world.at("2026-12-10 20:00")
    world.make_pass()
    with world.ledger() as ledger:
        assert ledger.block_outcomes()[adopted.item.id] is True


def test_an_adopted_block_that_is_deleted_later_stays_deleted(world: World) -> None:
    world.accept()
    path = next((world.root / "calendars" / "work").glob("*re-entry*"))
    world.edit(f"work/{path.name}", "SUMMARY:", "SUMMARY:Coffee first. ")
    world.make_pass()
    path.unlink()
    world.make_pass()
    assert "adopted" not in world.states("BlockItem") and "tombstone" in world.states("BlockItem")
    settled(world)


# --- the absence changes ----------------------------------------------------------------------------------------------


def test_a_flight_that_moves_takes_everything_along_and_only_the_difference_changes(world: World) -> None:
    world.accept()
    team = world.calendar(TEAM)
    world.edit("travel.ics", "20261204T183000Z", "20261205T183000Z")
    world.edit("travel.ics", "20261204T220500Z", "20261205T220500Z")
    passed = world.make_pass()
    assert not passed.look.unsafe and passed.waiting == ()
    assert {line.split()[0] for line in told(passed)} == {"update", "create"}
    absence = world.absence
    assert absence.nights == 5 and absence.span.end == datetime(2026, 12, 6, 0, 20, tzinfo=ZoneInfo("Europe/Berlin"))
    for kind in (HoldItem, ResponderItem):
        (effect,) = world.effects(kind.__name__)
        assert effect.item.span.end == absence.span.end  # type: ignore[union-attr]
    assert world.calendar(TEAM) == team
    settled(world)
    world.undo(past=True)
    assert world.changed() == ["calendars/travel.ics"]


def test_a_trip_that_is_called_off_is_taken_back_once_the_user_says_so(world: World) -> None:
    world.accept()
    world.call_off()
    before = world.files()
    passed = world.make_pass()
    assert passed.look.unsafe and told(passed) == [] and world.files() == before
    world.make_pass(anyway=True)
    assert world.changed() == ["calendars/travel.ics", "calendars/work/conference.ics"]
    with world.ledger() as ledger:
        assert ledger.owed() == {}
    world.make_pass()
    with world.ledger() as ledger:
        assert ledger.absences() == ()


def test_a_feed_that_drops_the_past_ends_nothing(world: World) -> None:
    world.accept()
    world.at("2026-12-01 11:00", LISBON)
    world.make_pass()  # whoever has not answered by now is passed over
    world.at("2026-12-01 12:00", LISBON)
    world.mail("ola@customer.example", "An offer")
    world.call_off()
    before = world.absence
    passed = world.make_pass()
    assert [a.id for a in passed.look.absences] == [before.id] and not passed.look.unsafe
    assert world.absence.span == before.span and world.held == ["An offer"]
    assert "create" not in " ".join(told(passed)) and "delete" not in " ".join(told(passed))


def test_a_return_flight_cancelled_on_the_way_keeps_the_absence_going(world: World) -> None:
    world.accept()
    world.at("2026-12-02 12:00", LISBON)
    world.make_pass()
    world.edit("travel.ics", "SUMMARY:Flight to Berlin (TP 530)", "SUMMARY:Canceled: Flight to Berlin (TP 530)\nSTATUS:CANCELLED")
    passed = world.make_pass()
    (absence,) = passed.look.absences
    assert absence.id == world.absence.id and absence.open_ended
    assert absence.span.end > datetime(2026, 12, 3, tzinfo=ZoneInfo("Europe/Lisbon"))
    assert passed.look.plan.questions


def test_new_identifiers_for_a_whole_feed_change_nothing(world: World) -> None:
    world.accept()
    world.say("confirm")
    world.corridor("ana", "accepted", "team")
    settled(world)
    identifier = world.absence.id
    text = world.calendar("travel.ics")
    world.rewrite("travel.ics", re.sub(r"UID:(.*)", r"UID:new-\1", text))
    for name in ("conference",):
        world.edit(f"work/{name}.ics", f"UID:{name}", f"UID:new-{name}")
    files = world.files()
    passed = world.make_pass()
    assert told(passed) == [] and world.files() == files
    assert world.absence.id == identifier
    assert world.hosts()["Monday team meeting"] == ("ana", "accepted")
    world.undo(past=True)
    assert {p for p in world.changed()} == {"calendars/travel.ics", "calendars/work/conference.ics"}


@pytest.mark.parametrize("state", ["asked", "accepted"])
def test_new_identifiers_for_the_meetings_themselves_ask_nobody_again(world: World, state: str) -> None:
    """A server that was moved gave every event a new UID."""
    world.accept()
    if state == "accepted":
        world.corridor("ana", "accepted", "team")
    world.edit(TEAM, "UID:team-meeting@", "UID:moved-team-meeting@")
    files, drafts = world.files(), world.drafts
    passed = world.make_pass()
    assert told(passed) == [] and (world.files(), world.drafts) == (files, drafts)
    assert world.hosts()["Monday team meeting"] == ("ana", state)
    settled(world)
    world.corridor("ana", "declined", "team")
    assert world.hosts()["Monday team meeting"] == ("carla", "asked")
    world.undo(past=True)
    assert world.calendar(TEAM).count("BEGIN:VEVENT") == 1 and "X-HOMEWARD" not in world.calendar(TEAM)


def test_an_answer_under_the_new_identifier_counts(world: World) -> None:
    world.accept()
    request = world.request_id("carla@example.org", "training")
    world.edit(TEAM, "UID:team-meeting@", "UID:moved-team-meeting@")
    world.edit("work/training.ics", "UID:training@", "UID:moved-training@")
    world.make_pass()
    world.answer(TEAM, "ana@example.org", "ACCEPTED")
    world.at("2026-11-23 12:00")
    world.mail("Carla <carla@example.org>", "Re: hosting", "Yes", reply_to=request)
    world.make_pass()
    assert world.hosts() == {"Monday team meeting": ("ana", "accepted"), "Design review training": ("carla", "accepted")}


def test_a_hosted_meeting_that_moves_keeps_its_host(world: World) -> None:
    world.accept()
    world.corridor("ana", "accepted", "team")
    world.edit_last(TEAM, "DTSTART;TZID=Europe/Berlin:20261130T100000", "DTSTART;TZID=Europe/Berlin:20261130T150000")
    world.edit_last(TEAM, "DTEND;TZID=Europe/Berlin:20261130T110000", "DTEND;TZID=Europe/Berlin:20261130T160000")
    world.make_pass()
    assert world.hosts()["Monday team meeting"] == ("ana", "accepted")
    (item,) = [e.item for e in world.effects("HostItem") if e.item.host == "ana"]  # type: ignore[union-attr]
    assert isinstance(item, HostItem) and item.span.start == datetime(2026, 11, 30, 15, tzinfo=ZoneInfo("Europe/Berlin"))
    settled(world)


def test_a_hosted_meeting_that_moves_out_of_the_absence_comes_back_to_the_leader(world: World) -> None:
    world.accept()
    world.edit_last(TEAM, "DTSTART;TZID=Europe/Berlin:20261130T100000", "DTSTART;TZID=Europe/Berlin:20261127T100000")
    world.edit_last(TEAM, "DTEND;TZID=Europe/Berlin:20261130T110000", "DTEND;TZID=Europe/Berlin:20261127T110000")
    world.make_pass()
    override = world.calendar(TEAM).rpartition("BEGIN:VEVENT")[2]
    assert "20261127T100000" in override and "X-HOMEWARD" not in override and "Monday team meeting" not in world.hosts()
    settled(world)


# --- two absences -----------------------------------------------------------------------------------------------------


def second_trip(world: World, out: str = "20261205T060000Z", back: str = "20261208T170000Z") -> None:
    """To Oslo, right after Lisbon."""
    world.event(
        "travel.ics", "oslo1@bookings.example", f"DTSTART:{out}", f"DTEND:{out[:9]}0735{out[13:]}",
        "SUMMARY:Flight to Oslo (SK 2676)", "LOCATION:Berlin BER",
    )  # fmt: skip
    world.event(
        "travel.ics", "oslo2@bookings.example", f"DTSTART:{back}", f"DTEND:{back[:9]}1835{back[13:]}",
        "SUMMARY:Flight to Berlin (SK 2677)", "LOCATION:Oslo OSL",
    )  # fmt: skip


def test_two_absences_have_one_autoreply_at_a_time_and_the_second_follows_by_itself(world: World) -> None:
    second_trip(world, "20261210T060000Z", "20261212T170000Z")
    passed = world.accept()
    first, second = passed.look.absences
    assert [e.item.absence_id for e in world.effects("ResponderItem")] == [first.id]
    assert any(skip.what == "autoreply" and skip.absence_id == second.id for skip in passed.look.plan.later)
    world.at("2026-12-05 08:00")
    passed = world.make_pass()
    (responder,) = world.effects("ResponderItem")
    assert (responder.item.absence_id, responder.state, passed.waiting) == (second.id, "done", ())
    settled(world)
    assert second.id in world.files()["sieve/homeward.sieve"].decode()
    world.at("2026-12-13 08:00")
    world.make_pass()
    assert [path for path in world.changed() if "sieve" in path] == []


def test_two_absences_that_touch_are_two_and_the_hold_goes_from_one_to_the_other(world: World) -> None:
    second_trip(world)
    passed = world.accept()
    first, second = passed.look.absences
    assert first.span.end <= second.span.start
    world.at("2026-12-06 10:30", "Europe/Oslo")
    world.mail("ola@customer.example", "An offer")
    world.make_pass()
    assert world.held == ["An offer"]
    with world.ledger() as ledger:
        assert ledger.held_counts(second.id) == (0, 1) and ledger.held_counts(first.id) == (0, 0)
    world.undo(second.id)
    assert world.held == []
    world.undo(past=True)
    assert world.changed() == ["calendars/travel.ics"]


def test_leave_inside_a_trip_is_one_absence_with_one_of_everything(world: World) -> None:
    world.event(
        "work/leave.ics", "leave@example.org", "DTSTART;VALUE=DATE:20261202", "DTEND;VALUE=DATE:20261203", "SUMMARY:Vacation"
    )
    passed = world.accept()
    (absence,) = passed.look.absences
    assert (absence.kind, absence.nights) == ("trip", 4)
    assert len(world.effects("ResponderItem")) == len(world.effects("HoldItem")) == 1


def test_undoing_one_of_two_absences_leaves_the_other_alone(world: World) -> None:
    second_trip(world, "20261210T060000Z", "20261212T170000Z")
    passed = world.accept()
    first, second = passed.look.absences
    world.undo(second.id)
    assert {e.item.absence_id for e in world.effects() if type(e.item).__name__ != "MailItem"} == {first.id}
    settled(world)


# --- calendars that cannot be read ------------------------------------------------------------------------------------


def test_a_calendar_that_cannot_be_read_contributes_its_last_good_reading(world: World) -> None:
    world.accept()
    good = (world.root / "calendars" / "travel.ics").read_bytes()
    (world.root / "calendars" / "travel.ics").unlink()
    for _ in range(3):
        passed = world.make_pass()
        assert told(passed) == [] and passed.waiting == () and "travel" in passed.look.seen.unavailable
    assert [a.id for a in passed.look.absences] == [world.absence.id]
    (world.root / "calendars" / "travel.ics").write_bytes(good)
    settled(world)


def test_nothing_is_changed_on_a_calendar_that_cannot_be_read(world: World) -> None:
    world.accept()
    world.corridor("ana", "accepted", "team")
    folder = world.root / "calendars" / "work"
    folder.rename(folder.with_name("elsewhere"))
    passed = world.make_pass()
    assert told(passed) == [] and "work" in passed.look.seen.unavailable
    assert set(world.states()) == {"done", "scheduled"}
    folder.with_name("elsewhere").rename(folder)
    settled(world)


def test_a_file_that_is_half_written_is_no_deletion(world: World) -> None:
    """The calendar program is in the middle of saving."""
    world.accept()
    good = (world.root / "calendars" / TEAM).read_bytes()
    (world.root / "calendars" / TEAM).write_bytes(good[: len(good) // 3])
    drafts = world.drafts
    world.make_pass()
    (world.root / "calendars" / TEAM).write_bytes(good)
    world.make_pass()
    assert world.hosts()["Monday team meeting"] == ("ana", "asked") and world.drafts == drafts


def test_a_private_title_stands_nowhere_but_in_the_users_own_calendar(world: World) -> None:
    canary = "Xylographia"
    world.event("work/secret.ics", "secret@example.org", "DTSTART;VALUE=DATE:20261207", "DTEND;VALUE=DATE:20261210",
                f"SUMMARY:Vacation {canary}", f"LOCATION:{canary} beach", f"DESCRIPTION:{canary}", "CLASS:PRIVATE")  # fmt: skip
    world.event("work/date.ics", "date@example.org", "DTSTART:20261201T130000Z", "DTEND:20261201T140000Z",
                f"SUMMARY:{canary} interview", "CLASS:CONFIDENTIAL",
                "ORGANIZER:mailto:lena@example.org", "ATTENDEE:mailto:lena@example.org",
                "ATTENDEE:mailto:dan@example.org")  # fmt: skip
    passed = world.accept()
    assert len(passed.look.absences) >= 1 and any(e.private for a in passed.look.absences for e in a.evidence)
    for wall in ("2026-11-26 09:05", "2026-12-01 10:00", "2026-12-05 09:00", "2026-12-11 09:00"):
        world.at(wall)
        world.accept()
    allowed = {"secret.ics", "date.ics"}
    for path in world.root.rglob("*"):
        if path.is_file() and path.name not in allowed:
            assert canary.encode() not in path.read_bytes(), path


def test_a_private_absence_goes_on_while_its_calendar_cannot_be_read(world: World) -> None:
    world.call_off()
    world.event("work/secret.ics", "secret@example.org", "DTSTART;VALUE=DATE:20261130", "DTEND;VALUE=DATE:20261205",
                "SUMMARY:Vacation in Crete", "CLASS:PRIVATE")  # fmt: skip
    world.accept()
    before = world.absence
    folder = world.root / "calendars" / "work"
    folder.rename(folder.with_name("elsewhere"))
    for _ in range(3):
        passed = world.make_pass()
        assert told(passed) == [] and not passed.look.unsafe
    assert world.absence.span == before.span and world.states("HoldItem") == ["done"]
    folder.with_name("elsewhere").rename(folder)
    settled(world)
