"""The autoreply over whole passes: set while away, gone afterwards, and whatever the user had before is there again."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from world import LISBON, World, told

from rules.items import ResponderItem

OWN = b'require ["vacation"];\nvacation :days 1 "I am in the garden.";\n'


@pytest.fixture
def world(home: Path) -> World:
    return World(home)


def sieve(world: World) -> list[str]:
    """What differs from the beginning."""
    return [path for path in world.changed() if "sieve" in path]


def script(world: World) -> str:
    return (world.root / "sieve" / "homeward.sieve").read_text()


def the_item(world: World) -> ResponderItem:
    (effect,) = world.effects("ResponderItem")
    assert isinstance(effect.item, ResponderItem)
    return effect.item


def test_it_is_set_with_its_own_end_and_gone_after_the_return(world: World) -> None:
    world.accept()
    assert "2026-11-30T03:30:00" in script(world) and "2026-12-04T23:20:00" in script(world)
    world.at("2026-12-05 09:00")
    assert "delete responder done" in told(world.make_pass())
    assert sieve(world) == [] and world.effects("ResponderItem") == []


def test_what_the_user_edits_in_their_own_script_meanwhile_stays(world: World) -> None:
    world.accept()
    mine = world.root / "sieve" / "mine.sieve"
    mine.write_bytes(mine.read_bytes() + b"# a new rule\n")
    world.make_pass()
    world.at("2026-12-05 09:00")
    world.make_pass()
    assert sieve(world) == ["sieve/mine.sieve"] and mine.read_bytes().endswith(b"# a new rule\n")


@pytest.mark.parametrize("kind", ["a file of its own", "nothing at all", "a link"])
def test_whatever_was_there_comes_back_byte_by_byte(world: World, kind: str) -> None:
    active = world.root / "dovecot.sieve"
    if kind != "a link":
        active.unlink()
    if kind == "a file of its own":
        active.write_bytes(OWN)
    before = world.files()
    world.accept()
    for _ in world.days("2026-11-29", "2026-12-05"):
        pass
    assert {path: content for path, content in world.files().items() if "sieve" in path} == {
        path: content for path, content in before.items() if "sieve" in path
    }


def test_the_previous_state_is_saved_once_and_never_overwritten(world: World) -> None:
    world.accept()
    with world.ledger() as ledger:
        saved = ledger.previous("responder/mail")
    world.edit("travel.ics", "20261204T183000Z", "20261204T200000Z")
    world.edit("travel.ics", "20261204T220500Z", "20261204T233500Z")
    assert "update responder done" in told(world.make_pass())
    with world.ledger() as ledger:
        assert ledger.previous("responder/mail") == saved is not None
    world.undo()
    assert sieve(world) == []
    with world.ledger() as ledger:
        assert ledger.previous("responder/mail") is None


def test_an_edit_of_ours_stays_and_homeward_does_not_fight(world: World) -> None:
    world.accept()
    ours = world.root / "sieve" / "homeward.sieve"
    ours.write_text(ours.read_text() + "# by hand\n")
    edited = ours.read_bytes()
    for _ in world.days("2026-11-24", "2026-12-06"):
        assert ours.read_bytes() == edited
    assert world.effects("ResponderItem") == []  # settled once the absence is over
    with world.ledger() as ledger:
        words = [entry.words for entry in ledger.journal()]
    assert sum("theirs stands" in line for line in words) == 1


def test_a_script_made_active_by_the_user_stays_active(world: World) -> None:
    world.accept()
    active = world.root / "dovecot.sieve"
    other = world.root / "sieve" / "other.sieve"
    other.write_bytes(OWN)
    active.unlink()
    active.symlink_to("sieve/other.sieve")
    for _ in world.days("2026-11-24", "2026-12-06"):
        pass
    assert str(active.readlink()) == "sieve/other.sieve" and other.read_bytes() == OWN
    assert sieve(world) == ["dovecot.sieve", "sieve/other.sieve"]  # nothing of ours is left lying around


def test_after_a_takeover_the_next_absence_saves_and_restores_what_the_user_had(world: World) -> None:
    world.event("travel.ics", "oslo1@b.example", "DTSTART:20261210T060000Z", "DTEND:20261210T073500Z",
                "SUMMARY:Flight to Oslo (SK 2676)", "LOCATION:Berlin BER")  # fmt: skip
    world.event("travel.ics", "oslo2@b.example", "DTSTART:20261212T170000Z", "DTEND:20261212T183500Z",
                "SUMMARY:Flight to Berlin (SK 2677)", "LOCATION:Oslo OSL")  # fmt: skip
    world.accept()
    active, other = world.root / "dovecot.sieve", world.root / "sieve" / "other.sieve"
    other.write_bytes(OWN)
    active.unlink()
    active.symlink_to("sieve/other.sieve")
    for _ in world.days("2026-11-24", "2026-12-07", walls=("12:00",)):
        pass
    assert str(active.readlink()) == "sieve/homeward.sieve"  # Oslo's
    for _ in world.days("2026-12-08", "2026-12-14", walls=("12:00",)):
        pass
    assert str(active.readlink()) == "sieve/other.sieve" and other.read_bytes() == OWN


def test_the_watchdog_switches_off_a_reply_that_came_back_from_a_backup(world: World) -> None:
    world.accept()
    backup = world.root / "backup"
    shutil.copytree(world.root / "sieve", backup)
    world.at("2026-12-05 09:00")
    world.make_pass()
    assert sieve(world) == []
    shutil.copytree(backup, world.root / "sieve", dirs_exist_ok=True)
    (world.root / "dovecot.sieve").unlink()
    (world.root / "dovecot.sieve").symlink_to("sieve/homeward.sieve")
    world.at("2026-12-07 09:00")
    assert any("switched off" in words for words in world.make_pass().tended.words)
    assert sieve(world) == []
    assert told(world.make_pass()) == []


def test_the_watchdog_stops_looking_after_its_days(world: World) -> None:
    world.accept()
    backup = world.root / "backup"
    shutil.copytree(world.root / "sieve", backup)
    world.at("2026-12-05 09:00")
    world.make_pass()
    shutil.copytree(backup, world.root / "sieve", dirs_exist_ok=True)
    (world.root / "dovecot.sieve").unlink()
    (world.root / "dovecot.sieve").symlink_to("sieve/homeward.sieve")
    world.at("2026-12-20 09:00")
    assert not any("switched off" in words for words in world.make_pass().tended.words)


def test_a_reply_of_an_undone_absence_that_came_back_is_switched_off_at_once(world: World) -> None:
    world.accept()
    shutil.copytree(world.root / "sieve", world.root / "backup")
    world.undo()
    shutil.copytree(world.root / "backup", world.root / "sieve", dirs_exist_ok=True)
    (world.root / "dovecot.sieve").unlink()
    (world.root / "dovecot.sieve").symlink_to("sieve/homeward.sieve")
    assert any("switched off" in words for words in world.make_pass().tended.words)
    assert sieve(world) == []


def test_a_lost_ledger_does_not_switch_a_running_reply_off(world: World) -> None:
    world.accept()
    for path in (world.root / "state").glob("ledger.*"):
        path.unlink()
    world.at("2026-12-01 12:00", LISBON)
    world.make_pass()
    assert "homeward" in str((world.root / "dovecot.sieve").readlink())
    world.at("2026-12-05 09:00")
    world.make_pass()
    assert sieve(world) == []


def test_those_the_leader_wrote_to_are_known_and_stay_the_same_while_away(world: World) -> None:
    sent = world.root / "Maildir" / ".Sent"
    for part in ("tmp", "new", "cur"):
        (sent / part).mkdir(parents=True)
    letter = b"From: lena@example.org\nTo: Ola <ola@customer.example>\nSubject: Offer\nMessage-ID: <s1@x>\n\nx\n"
    (sent / "cur" / "1.sent.test:2,S").write_bytes(letter)
    world.accept()
    assert the_item(world).known == ("ola@customer.example",)
    (sent / "cur" / "2.sent.test:2,S").write_bytes(letter.replace(b"ola@", b"new@").replace(b"s1@", b"s2@"))
    assert told(world.make_pass()) == []
    assert the_item(world).known == ("ola@customer.example",)


def test_nothing_of_the_trip_is_said_to_people_outside(world: World) -> None:
    world.accept()
    for text in the_item(world).texts:
        if text.audience != "internal":
            assert not any(word in text.body for word in ("Lisbon", "Lisboa", "Chiado", "Jonas", "30 Nov", "Ana", "Carla"))
