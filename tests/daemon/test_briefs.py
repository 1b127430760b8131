"""The brief over whole passes: sent once, said again only where what people plan by has changed, each person's part, the calendar
files, the introductions."""

from __future__ import annotations

from email.message import Message
from pathlib import Path

import icalendar
import pytest
from test_commands import Type, type_  # noqa: F401
from world import World, told

from daemon.service.notices import mark_told, notices

EXPECTED = Path(__file__).with_name("expected")


@pytest.fixture
def world(home: Path) -> World:
    return World(home)


def letters(world: World, purpose: str) -> list[Message]:
    return [m for m in world.messages(".Drafts") if f".{purpose}." in str(m["Message-ID"])]


def body(message: Message) -> str:
    return message.get_body(("plain",)).get_content()  # type: ignore[attr-defined,no-any-return]


def sent(world: World) -> None:
    """All have said yes, and the brief has gone out on its morning."""
    world.accept()
    world.corridor("ana", "accepted", "Monday team meeting")
    world.corridor("carla", "accepted", "Design review training")
    world.at("2026-11-26 09:00")
    world.make_pass()


# --- once, and again --------------------------------------------------------------------------------------------------


def test_a_pass_after_the_brief_sends_nothing_more(world: World) -> None:
    sent(world)
    for _ in world.passes("2026-11-26 09:30", "2026-11-27 12:00", minutes=240):
        pass
    (brief,) = letters(world, "brief")
    assert body(brief) == (EXPECTED / "brief.txt").read_text()


def test_a_brief_waits_half_a_day_for_answers_that_cannot_be_seen(world: World) -> None:
    world.accept()
    world.answer("work/team-meeting.ics", "ana@example.org", "ACCEPTED")
    work = world.root / "calendars" / "work"
    work.rename(work.with_name("elsewhere"))
    world.at("2026-11-26 09:00")
    (words,) = [each for each in told(world.make_pass()) if "brief" in each]
    assert words.endswith("waits until the answers to your requests can be seen") and letters(world, "brief") == []
    work.with_name("elsewhere").rename(work)
    world.at("2026-11-26 09:10")
    world.make_pass()
    (brief,) = letters(world, "brief")
    assert "Monday team meeting, Mon 30 Nov 10:00–11:00: Ana Silva. " in body(brief), "and not: asked, not yet accepted"


def test_a_brief_waits_no_longer_than_that(world: World) -> None:
    world.accept()
    work = world.root / "calendars" / "work"
    work.rename(work.with_name("elsewhere"))
    for wall, sent_by_then in (("2026-11-26 20:59", 0), ("2026-11-26 21:00", 1)):
        world.at(wall)
        world.make_pass()
        assert len(letters(world, "brief")) == sent_by_then


def test_who_was_told_hears_of_a_change_the_next_working_morning_once(world: World) -> None:
    sent(world)
    world.at("2026-11-26 11:00")
    world.corridor("ana", "declined", "Monday team meeting")
    assert len(letters(world, "brief")) == 1
    world.at("2026-11-27 08:55")
    world.make_pass()
    assert len(letters(world, "brief")) == 1
    for _ in world.passes("2026-11-27 09:00", "2026-11-29 21:00", minutes=240):
        pass
    _, again = letters(world, "brief")
    assert (again["To"], again["Subject"]) == (letters(world, "brief")[0]["To"], "Changed: While Lena Berg is away")
    assert body(again) == (EXPECTED / "brief-changed.txt").read_text()


def test_a_change_that_is_taken_back_before_the_morning_is_not_told(world: World) -> None:
    sent(world)
    world.at("2026-11-26 11:00")
    world.configure('name = "Release approvals"', 'name = "Approving releases"')
    assert told(world.make_pass()) == ["create mail done"]
    world.configure('name = "Approving releases"', 'name = "Release approvals"')
    assert told(world.make_pass()) == ["delete mail done"]
    world.at("2026-11-27 09:00")
    world.make_pass()
    assert len(letters(world, "brief")) == 1


def test_an_acceptance_is_no_reason_to_write_again(world: World) -> None:
    world.at("2026-11-25 09:00")
    world.accept()
    world.at("2026-11-26 09:00")
    world.make_pass()
    world.at("2026-11-26 11:00")
    world.corridor("ana", "accepted", "Monday team meeting")
    world.corridor("carla", "accepted", "Design review training")
    world.at("2026-11-27 09:30")
    world.make_pass()
    (brief,) = letters(world, "brief")
    assert "Ana Silva (asked, not yet accepted)" in body(brief)


def test_what_goes_back_to_what_it_was_is_told_as_well(world: World) -> None:
    sent(world)
    for day, old, new in ((26, "Release approvals", "Approving releases"), (27, "Approving releases", "Release approvals")):
        world.at(f"2026-11-{day} 11:00")
        world.configure(f'name = "{old}"', f'name = "{new}"')
        world.make_pass()
        world.at(f"2026-11-{27 if day == 26 else 30} 09:00")
        world.make_pass()
    first, second, third = letters(world, "brief")
    assert "- Duties: Approving releases" in body(second) and "- Duties: Release approvals: no longer" in body(second)
    assert "- Duties: Release approvals: Carla" in body(third) and len({m["Message-ID"] for m in (first, second, third)}) == 3


def test_nothing_more_is_told_once_the_leader_is_back_or_took_it_back(world: World) -> None:
    sent(world)
    world.at("2026-11-26 11:00")
    world.configure('name = "Release approvals"', 'name = "Approving releases"')
    world.make_pass()
    world.undo()
    world.at("2026-11-27 12:00")
    world.make_pass()
    assert len(letters(world, "brief")) == 1


# --- introductions ----------------------------------------------------------------------------------------------------


def test_a_junior_and_the_mentor_are_introduced_once_with_the_brief(world: World) -> None:
    world.accept()
    assert letters(world, "mentor") == []
    for _ in world.passes("2026-11-26 08:00", "2026-11-26 12:00", minutes=60):
        pass
    (letter,) = letters(world, "mentor")
    assert (letter["To"], letter["Subject"]) == (
        "dan@example.org, ana@example.org", "Ana Silva is there for Dan Okafor while I am away",
    )  # fmt: skip


def test_nobody_is_introduced_without_the_yes_or_where_the_policy_says_no(world: World) -> None:
    world.at("2026-11-26 10:00")
    world.make_pass()
    assert letters(world, "mentor") == []
    world.add_to_config("[mentors]\nintroduce = false")
    world.accept()
    assert letters(world, "mentor") == [] and len(letters(world, "brief")) == 1


def test_by_policy_both_get_an_entry_for_a_first_talk(world: World) -> None:
    world.add_to_config("[mentors]\nblock_minutes = 20")
    sent(world)
    (letter,) = letters(world, "mentor")
    (attached,) = letter.iter_attachments()  # type: ignore[attr-defined]
    (event,) = icalendar.Calendar.from_ical(attached.get_content()).walk("VEVENT")
    assert str(event["SUMMARY"]) == "Dan Okafor and Ana Silva"


# --- calendar files ---------------------------------------------------------------------------------------------------


def summaries(path: Path) -> list[str]:
    return [str(event["SUMMARY"]) for event in icalendar.Calendar.from_ical(path.read_bytes()).walk("VEVENT")]


@pytest.fixture
def folder(world: World) -> Path:
    world.add_to_config('[brief]\nfolder = "coverage"')
    made = world.root / "coverage"
    made.mkdir()
    return made


def test_the_coverage_is_published_after_the_yes_and_follows_what_changes(world: World, folder: Path) -> None:
    world.make_pass()
    assert list(folder.iterdir()) == []
    world.accept()
    assert sorted(path.name for path in folder.iterdir()) == ["coverage.ics", "for-ana.ics", "for-carla.ics"]
    assert summaries(folder / "for-ana.ics") == ["Monday team meeting: Ana Silva (asked)"]
    assert (folder / "coverage.ics").stat().st_mode & 0o777 == 0o644
    world.corridor("ana", "declined", "Monday team meeting")
    assert summaries(folder / "for-ana.ics") == []
    assert summaries(folder / "for-carla.ics")[0] == "Monday team meeting: Carla Conti (asked)"
    world.undo()
    world.make_pass()
    assert [summaries(path) for path in folder.iterdir()] == [[], [], []]


def test_a_file_that_says_the_same_is_not_written_again(world: World, folder: Path) -> None:
    world.accept()
    before = {path: path.stat().st_ino for path in folder.iterdir()}
    world.at("2026-11-23 12:00")
    assert told(world.make_pass()) == []
    assert {path: path.stat().st_ino for path in folder.iterdir()} == before


def test_a_file_of_somebody_else_stays_and_the_pass_says_so(world: World, folder: Path) -> None:
    (folder / "coverage.ics").write_text("mine")
    passed = world.accept()
    assert (folder / "coverage.ics").read_text() == "mine"
    assert any("is not homeward's, and stays as it is" in words for words in passed.tended.failed)


def test_a_folder_that_is_not_there_is_named_and_not_made(world: World, folder: Path) -> None:
    folder.rmdir()
    passed = world.accept()
    assert not folder.exists() and any("Could not publish the coverage" in words for words in passed.tended.failed)


# --- one person -------------------------------------------------------------------------------------------------------


def test_each_person_sees_what_they_cover(type_: Type) -> None:  # noqa: F811
    assert type_("brief", "--person", "ana").out == (EXPECTED / "brief-ana.md").read_text() + "\n"
    assert "SUMMARY:Monday team meeting: Ana Silva" in type_("brief", "--person", "Ana Silva", "--format", "ics").out
    assert "BEGIN:VEVENT" not in type_("brief", "--person", "dan", "--format", "ics").out
    refused = type_("brief", "--person", "ana", "--send")
    assert refused.code == 2 and "leave --person out" in refused.err


# --- ready ------------------------------------------------------------------------------------------------------------


def test_ready_counts_what_is_there_and_says_what_to_do_next(type_: Type) -> None:  # noqa: F811
    shown = type_("ready")
    assert shown.code == 3 and "ready  [" in shown.lines[0] and shown.lines[-1] == "Next: homeward apply"
    type_("apply", "--yes")
    shown = type_("ready")
    assert shown.lines[-1] == "Next: homeward accept ana   (once they have said yes)"
    for person in ("ana", "carla"):
        type_("accept", person)
    assert type_("ready").lines[-1] == "Next: homeward doctor"
    type_("doctor")
    shown = type_("ready", "--json")
    assert (shown.code, '"ready": true,\n  "points"' in shown.out, '"score": "9 of 9"' in shown.out) == (0, True, True), shown.out


def test_without_an_id_a_question_is_not_meant_while_something_acted_on_lies_ahead(type_: Type, home: Path) -> None:  # noqa: F811
    world = World(home)
    days = ("DTSTART;VALUE=DATE:20261125", "DTEND;VALUE=DATE:20261127")
    world.event("work/leave.ics", "leave@example.org", *days, "SUMMARY:Vacation")
    trip, question = type_("ready", "lisbon").lines[0], type_("ready", "vacation").lines[0]
    assert [a.action for a in sorted(world.look().absences, key=lambda a: a.span.start)] == ["private-only", "act"]
    assert type_("ready").lines[0] == trip != question
    assert type_("brief").out == type_("brief", "lisbon").out != type_("brief", "vacation").out
    during = "2026-11-25T12:00+01:00"
    assert type_("ready", now=during).lines[0] == type_("ready", "vacation", now=during).lines[0], "it is under way"
    world.call_off()
    assert type_("ready").lines[0] == question, "nothing else lies ahead"


def reminders(world: World) -> list[str]:
    """What the desktop would be told of a departure that is not ready, and is told then."""
    passed = world.make_pass()
    with world.session() as session:
        told_now = [n for n in notices(session, passed, "") if n.key.startswith("ready/")]
        mark_told(session.ledger, [n.key for n in told_now], world.now)
    return [notice.body for notice in told_now]


def test_two_days_before_what_is_missing_is_told_once(world: World) -> None:
    world.accept()
    for wall in ("2026-11-27 12:00", "2026-11-28 04:00"):
        world.at(wall)
        assert reminders(world) == []
    world.at("2026-11-28 05:00")
    (body_,) = reminders(world)
    assert " of 9 before Trip to Lisbon. Each meeting has a host who accepted: " in body_ and "homeward ready" in body_
    assert reminders(world) == []


def test_who_wants_no_reminder_gets_none(world: World) -> None:
    world.add_to_config("[ready]\nremind_days_before = 0")
    world.accept()
    world.at("2026-11-29 12:00")
    assert reminders(world) == []
