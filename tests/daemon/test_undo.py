"""Taking back over whole passes: every byte as before, nobody mailed who was not mailed, what was undone stays undone."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from world import LISBON, World, kinds, told

from daemon.reconcile import undo, undo_one
from integrations.ports import Prepared, Receipt, RestoreHost
from rules.items import BlockItem, HostItem


@pytest.fixture
def world(home: Path) -> World:
    return World(home)


def test_undo_before_the_start_gives_every_byte_back(world: World) -> None:
    world.accept()
    world.undo()
    assert (world.changed(), world.states()) == ([], ["done"] * 4)  # the mails that went out stay gone out
    assert {type(e.item).__name__ for e in world.effects()} == {"MailItem"}


def test_undo_after_answers_gives_every_byte_back(world: World) -> None:
    world.accept()
    world.corridor("ana", "declined", "team")
    world.corridor("carla", "accepted", "team")
    world.corridor("carla", "accepted", "training")
    assert "(host: Carla Conti)" in world.calendar("work/team-meeting.ics")
    world.undo()
    assert world.changed() == []


def test_undo_mails_only_those_who_were_asked_by_mail(world: World) -> None:
    """Carla is next in the chain, Ben and Dan would have got the brief: none of the three has heard anything of the meeting."""
    world.configure('hosts = ["ana", "carla"]\nrotation', 'hosts = ["ana"]\nrotation')
    world.accept()
    assert {to for to, _ in world.drafts} == {"ana@example.org"}
    before = len(world.drafts)
    world.undo()
    assert {to for to, _ in world.drafts[before:]} == {"ana@example.org"}
    assert len(world.drafts) == 2 * before
    world.undo()
    for _ in range(3):
        world.make_pass()
    assert len(world.drafts) == 2 * before


def test_who_refused_hears_nothing_more(world: World) -> None:
    world.accept()
    world.answer("work/team-meeting.ics", "ana@example.org", "DECLINED")
    world.make_pass()
    before = len(world.drafts)
    world.undo()
    assert sorted(to for to, _ in world.drafts[before:]) == ["carla@example.org", "carla@example.org"]


def test_what_was_undone_stays_undone_until_confirmed(world: World) -> None:
    world.accept()
    world.undo()
    after = len(world.drafts)
    for passed in world.passes("2026-11-23 10:00", "2026-12-08 10:00", minutes=11 * 60):
        assert (told(passed), passed.waiting) == ([], ())
    assert (world.changed(), len(world.drafts), world.held) == ([], after, [])


def test_even_auto_leaves_alone_what_was_undone(world: World) -> None:
    world.add_to_config('[service]\napply = "auto"')
    world.make_pass()
    world.undo()
    for _ in range(3):
        assert told(world.make_pass()) == []
    assert world.changed() == []


def test_confirm_brings_an_undone_absence_back_and_asks_again(world: World) -> None:
    world.accept()
    world.undo()
    world.say("confirm", absence_id=world.absence.id)
    passed = world.make_pass()
    assert told(passed) == [] and kinds(passed.waiting) == {"hold", "responder", "host", "block", "mail"}
    world.accept()
    assert world.hosts() == {"Monday team meeting": ("ana", "asked"), "Design review training": ("carla", "asked")}
    world.undo(past=True)
    assert world.changed() == []


def test_undo_alone_leaves_the_past_alone_and_with_past_takes_it_too(world: World) -> None:
    world.accept()
    world.corridor("ana", "accepted", "team")
    world.at("2026-12-01 09:00", LISBON)
    world.make_pass()
    world.undo()
    standing = {e.item.summary for e in world.effects() if isinstance(e.item, HostItem | BlockItem)}
    assert standing == {"Monday team meeting", "Wrap-up"}  # hosted yesterday; the wrap-up last Friday
    assert "(host: Ana Silva)" in world.calendar("work/team-meeting.ics")
    for _ in range(3):
        assert told(world.make_pass()) == []
    world.undo(past=True)
    assert world.changed() == []


def test_undo_releases_everything_that_is_held(world: World) -> None:
    world.accept()
    world.at("2026-11-30 12:00")
    world.mail("ola@customer.example", "An offer")
    world.make_pass()
    assert world.held == ["An offer"]
    world.undo()
    assert (world.held, world.inbox) == ([], ["An offer"])
    assert not (world.root / "Maildir" / ".Held").exists()


def test_a_second_undo_finds_nothing_to_do(world: World) -> None:
    world.accept()
    world.undo(past=True)
    files, drafts = world.files(), world.drafts
    world.undo(past=True)
    assert (world.files(), world.drafts) == (files, drafts)


def test_one_thing_taken_back_stays_away_and_the_rest_stands(world: World) -> None:
    world.accept()
    effect = next(e for e in world.effects("HostItem") if e.item.host == "ana")  # type: ignore[union-attr]
    with world.session() as session, session.ledger.writing():
        undo_one(session, effect.item.id)
    assert world.calendar("work/team-meeting.ics").count("BEGIN:VEVENT") == 1
    passed = world.make_pass()
    assert [subject for to, subject in world.drafts if to == "ana@example.org"][1:] and told(passed) == ["create mail done"]
    for _ in range(3):
        assert told(world.make_pass()) == []
    assert set(world.hosts()) == {"Design review training"}


def test_a_block_that_somebody_deletes_stays_away_until_confirmed(world: World) -> None:
    world.accept()
    path = next((world.root / "calendars" / "work").glob("*wrap-up*"))
    path.unlink()
    for _ in range(3):
        assert told(world.make_pass()) == []
    assert not path.exists() and "tombstone" in world.states("BlockItem")
    world.say("confirm")
    world.accept()
    assert path.exists()


def test_a_host_that_somebody_takes_back_stays_away_and_is_nobody_elses(world: World) -> None:
    world.accept()
    name = "work/team-meeting.ics"
    head, begin, _ = world.calendar(name).rpartition("BEGIN:VEVENT")
    world.rewrite(name, head + "END:VCALENDAR\n")
    assert begin
    before = world.calendar(name)
    for _ in range(3):
        world.make_pass()
    assert world.calendar(name) == before and set(world.hosts()) == {"Design review training"}
    told_off = [(to, subject) for to, subject in world.drafts if "team meeting" in subject]
    assert [to for to, _ in told_off] == ["ana@example.org", "ana@example.org"]


def test_something_deleted_and_put_back_is_ours_again(world: World) -> None:
    """A calendar program that syncs may lose an event for a moment."""
    world.accept()
    path = next((world.root / "calendars" / "work").glob("*wrap-up*"))
    content = path.read_bytes()
    path.unlink()
    world.make_pass()
    path.write_bytes(content)
    text = world.calendar("work/team-meeting.ics")
    world.rewrite("work/team-meeting.ics", text.rpartition("BEGIN:VEVENT")[0] + "END:VCALENDAR\n")
    world.make_pass()
    world.rewrite("work/team-meeting.ics", text)
    world.make_pass()
    assert world.hosts()["Monday team meeting"] == ("ana", "asked")


class DiesAfterRestoring:
    """Stands before a calendar; the process ends right after a host was taken back, before that is written down."""

    def __init__(self, real: Any) -> None:
        self._real = real

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def commit(self, prepared: Prepared) -> Receipt:
        receipt: Receipt = self._real.commit(prepared)
        if isinstance(prepared.edit, RestoreHost):
            os._exit(77)
        return receipt


def test_an_undo_that_was_cut_short_still_keeps_what_others_wrote(world: World) -> None:
    world.accept()
    world.edit_last("work/team-meeting.ics", "LOCATION:https://meet.google.com/abc-defg-hij", "LOCATION:Room 5")
    child = os.fork()
    if child == 0:
        with world.session() as session, session.ledger.writing():
            session.outside.calendars["work"] = DiesAfterRestoring(session.outside.calendars["work"])  # type: ignore[assignment]
            undo(session, [absence.id for absence in session.ledger.absences()], past=False)
        os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 77
    world.undo()
    override = world.calendar("work/team-meeting.ics").rpartition("BEGIN:VEVENT")[2]
    assert "LOCATION:Room 5" in override and "X-HOMEWARD" not in override
    assert world.changed() == ["calendars/work/team-meeting.ics"]


def test_dismissing_takes_everything_back_and_is_not_asked_again(world: World) -> None:
    world.accept()
    world.say("dismiss")
    world.make_pass()
    assert world.changed() == []
    for _ in range(3):
        assert told(world.make_pass()) == []
    with world.ledger() as ledger:
        assert ledger.owed() == {}


def test_back_early_ends_what_ends_and_gives_the_meetings_ahead_back(world: World) -> None:
    world.accept()
    world.corridor("carla", "accepted", "training")
    world.at("2026-12-01 12:00", LISBON)
    world.mail("ola@customer.example", "An offer")
    world.make_pass()
    world.at("2026-12-01 20:00")
    world.say("back", world.now)
    passed = world.make_pass()
    assert not passed.look.unsafe
    assert world.held == [] and "dovecot.sieve" not in world.changed()
    assert "(host:" not in world.calendar("work/training.ics")
    assert sum("no longer" in s or "training" in s for to, s in world.drafts if to == "carla@example.org") == 2
    hours = sum((b.item.span.end - b.item.span.start).seconds for b in world.effects("BlockItem") if b.item.purpose == "make-up")  # type: ignore[union-attr]
    assert hours / 3600 == 2 * 2  # two hours (the least), on two calendars
    after = world.files()
    assert told(world.make_pass()) == [] and world.files() == after


def test_staying_longer_moves_everything_and_asks_for_what_is_new(world: World) -> None:
    world.accept()
    world.at("2026-12-02 12:00", LISBON)
    world.make_pass()
    world.say("extend", datetime(2026, 12, 8, 12, tzinfo=ZoneInfo("Europe/Berlin")))
    passed = world.accept()
    assert not passed.look.unsafe
    with world.ledger() as ledger:
        ids = {e.item.absence_id for e in ledger.effects().values()}
    assert ids == {passed.look.absences[0].id}
    spans = {kind: world.effects(kind)[0].item.span.end for kind in ("HoldItem", "ResponderItem")}  # type: ignore[union-attr]
    assert spans["HoldItem"] == datetime(2026, 12, 8, 12, tzinfo=ZoneInfo("Europe/Berlin"))
    blocks = [e.item for e in world.effects("BlockItem") if e.item.purpose != "wrap-up"]  # type: ignore[union-attr]
    assert all(block.span.start >= spans["HoldItem"] for block in blocks)  # type: ignore[union-attr]
    world.undo(past=True)
    assert world.changed() == []
