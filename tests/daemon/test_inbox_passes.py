"""The inbox over whole passes: what is held, when it comes back, and that nothing is ever held for good."""

from __future__ import annotations

import os
import stat
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from world import BERLIN, LISBON, World, told

from daemon.leases import lease_at
from daemon.reconcile import look
from daemon.session import Session
from daemon.tend import tend_inbox
from integrations.maildir import create_maildir, deliver
from rules.inbox import release_now
from rules.model import Opening


@pytest.fixture
def world(home: Path) -> World:
    return World(home)


@pytest.fixture
def away(world: World) -> World:
    """The plan is accepted; nothing has been seen of the trip yet."""
    world.accept()
    return world


def openings(world: World) -> list[str]:
    """As wall times where they happened."""
    with world.ledger() as ledger:
        return [f"{o.span.start.astimezone(ZoneInfo(o.zone)):%a %H:%M}" for o in ledger.openings()]


def release(world: World) -> None:
    """`homeward inbox release`."""
    with world.session() as session, session.ledger.writing():
        seen = look(session)
        (absence,) = seen.absences
        session.ledger.opened(release_now(absence, session.policy.inbox, session.policy.me, session.clock.now()))
        tend_inbox(session, seen.absences, session.clock.now())


# --- what is held -----------------------------------------------------------------------------------------------------


def test_only_what_arrives_while_away_is_held(away: World) -> None:
    away.at("2026-11-29 20:00")
    away.mail("ola@customer.example", "The evening before")
    away.at("2026-11-30 04:29")
    away.mail("ola@customer.example", "A minute before")
    away.make_pass()
    assert away.held == []
    away.at("2026-11-30 04:31")
    away.mail("ola@customer.example", "On the way")
    away.make_pass()
    assert (away.held, away.inbox) == (["On the way"], ["The evening before", "A minute before"])


def test_what_lay_in_the_inbox_when_the_hold_was_agreed_stays_there(world: World) -> None:
    """The leader says yes only when already in Lisbon."""
    world.at("2026-11-30 11:40", LISBON)
    world.mail("ola@customer.example", "Read on the plane")
    world.at("2026-11-30 11:45", LISBON)
    world.accept()
    assert world.held == []
    world.at("2026-11-30 11:50", LISBON)
    world.mail("ola@customer.example", "Later")
    world.make_pass()
    assert (world.held, world.inbox) == (["Later"], ["Read on the plane"])


def test_family_security_codes_the_airline_and_answers_to_invitations_pass(away: World) -> None:
    away.at("2026-12-01 10:00", LISBON)
    away.mail("Jonas <jonas@family.example>", "Mia lost a tooth")
    away.mail("Bank <noreply@bank.example>", "Your verification code is 481516")
    away.mail("TAP <checkin@flytap.com>", "Check in for TP 530")
    away.mail("Ana <ana@example.org>", "[urgent] the server room is wet")
    away.mail("lena@example.org", "Note to self")
    away.mail("Mallory <m@evil.example>", "[urgent] open this")
    away.mail("Ola <ola@customer.example>", "An offer")
    away.make_pass()
    assert sorted(away.held) == ["An offer", "[urgent] open this"]


def test_nothing_is_marked_read_or_changed_by_being_held(away: World) -> None:
    away.at("2026-12-01 10:00", LISBON)
    away.mail("ola@customer.example", "An offer")
    (path,) = (away.root / "Maildir" / "new").iterdir()
    before = (path.name, path.read_bytes(), path.stat().st_mtime_ns, stat.S_IMODE(path.stat().st_mode))
    away.make_pass()
    assert away.held == ["An offer"]
    away.at("2026-12-01 12:31", LISBON)
    away.make_pass()
    (path,) = (away.root / "Maildir" / "new").iterdir()
    assert (path.name, path.read_bytes(), path.stat().st_mtime_ns, stat.S_IMODE(path.stat().st_mode)) == before


# --- windows ----------------------------------------------------------------------------------------------------------


def test_three_windows_a_day_in_the_time_of_the_place(away: World) -> None:
    """Landing in Lisbon at 09:45: 08:00 has passed there, and a catch-up would be within three hours of 12:30."""
    for _ in away.days("2026-11-30", "2026-12-05", LISBON):
        pass
    assert openings(away) == [
        "Mon 12:30", "Mon 17:30", "Tue 08:00", "Tue 12:30", "Tue 17:30", "Wed 08:00", "Wed 12:30", "Wed 17:30",
        "Thu 08:00", "Thu 12:30", "Thu 17:30", "Fri 08:00", "Fri 12:30", "Fri 17:30",
    ]  # fmt: skip


def test_released_mail_is_never_held_again(away: World) -> None:
    away.at("2026-12-01 10:00", LISBON)
    away.mail("ola@customer.example", "Morning")
    for _ in away.passes("2026-12-01 10:00", "2026-12-01 12:45", LISBON, minutes=15):
        pass
    assert (away.held, away.inbox) == ([], ["Morning"])
    away.at("2026-12-01 12:50", LISBON)
    away.mail("ola@customer.example", "While it was open")
    for _ in away.passes("2026-12-01 13:00", "2026-12-01 17:15", LISBON, minutes=15):
        assert away.held == [] and sorted(away.inbox) == ["Morning", "While it was open"]
    away.at("2026-12-01 17:16", LISBON)
    away.mail("ola@customer.example", "After it closed")
    away.make_pass()
    assert away.held == ["After it closed"]


def test_a_window_that_was_slept_through_is_made_good_and_later_mail_stays_held(away: World) -> None:
    away.at("2026-12-01 10:00", LISBON)
    away.mail("ola@customer.example", "Before the window")
    away.make_pass()
    away.at("2026-12-01 14:00", LISBON)
    away.mail("ola@customer.example", "After the window")
    away.at("2026-12-01 15:00", LISBON)
    away.make_pass()
    assert (away.held, away.inbox) == (["After the window"], ["Before the window"])
    with away.ledger() as ledger:
        assert ledger.held_counts(away.absence.id) == (1, 1)


def test_what_came_while_the_machine_slept_through_the_whole_trip_is_left_in_the_inbox(away: World) -> None:
    away.at("2026-12-01 10:00", LISBON)
    away.mail("ola@customer.example", "An offer")
    away.make_pass()
    away.at("2026-12-06 10:00")
    away.make_pass()
    assert (away.held, away.inbox) == ([], ["An offer"])


def test_a_window_opens_once_however_many_passes_fall_into_it(away: World) -> None:
    passed = list(away.passes("2026-12-01 12:30", "2026-12-01 12:55", LISBON, minutes=5))
    assert [sum("opened" in words for words in p.tended.words) for p in passed] == [1, 0, 0, 0, 0, 0]
    assert openings(away) == ["Tue 12:30"]


def test_release_by_hand_opens_now_for_as_long_as_a_window(away: World) -> None:
    away.at("2026-12-01 09:40", LISBON)
    away.mail("ola@customer.example", "An offer")
    away.make_pass()
    assert away.held == ["An offer"]
    release(away)
    assert (away.held, away.inbox) == ([], ["An offer"])
    away.at("2026-12-01 10:05", LISBON)
    away.mail("ola@customer.example", "Still open")
    away.make_pass()
    assert away.held == []
    away.at("2026-12-01 10:20", LISBON)
    away.mail("ola@customer.example", "Closed again")
    away.make_pass()
    assert (away.held, away.inbox) == (["Closed again"], ["An offer", "Still open"])


def test_a_release_by_hand_keeps_its_distance_from_the_next_window(away: World) -> None:
    away.at("2026-12-01 10:00", LISBON)
    release(away)
    for _ in away.passes("2026-12-01 12:15", "2026-12-01 13:15", LISBON, minutes=15):
        pass
    assert openings(away) == ["Tue 10:00"]


def test_when_the_flight_moves_the_windows_move_along(away: World) -> None:
    away.at("2026-12-04 12:45", LISBON)
    away.make_pass()
    away.edit("travel.ics", "20261204T183000Z", "20261204T150000Z")
    away.edit("travel.ics", "20261204T220500Z", "20261204T183500Z")
    for _ in away.passes("2026-12-04 13:00", "2026-12-04 18:00", LISBON, minutes=15):
        pass
    assert openings(away) == ["Fri 12:30"]  # 17:30 would have been in the air
    assert away.absence.span.end == datetime(2026, 12, 4, 20, 50, tzinfo=ZoneInfo(BERLIN))


# --- the end ----------------------------------------------------------------------------------------------------------


def test_the_return_sweeps_everything_and_leaves_no_folder(away: World) -> None:
    away.at("2026-12-04 20:00", LISBON)
    away.mail("ola@customer.example", "On the way home")
    away.make_pass()
    assert away.held == ["On the way home"]
    away.at("2026-12-05 00:25")
    away.make_pass()
    assert (away.held, away.inbox) == ([], ["On the way home"])
    assert not (away.root / "Maildir" / ".Held").exists()


def test_a_pass_without_an_absence_sweeps_what_a_lost_ledger_left_behind(away: World) -> None:
    away.at("2026-12-01 10:00", LISBON)
    away.mail("ola@customer.example", "An offer")
    away.make_pass()
    for path in (away.root / "state").glob("ledger.*"):
        path.unlink()
    away.at("2026-12-06 10:00")
    away.make_pass()
    assert (away.held, away.inbox) == ([], ["An offer"])


def test_a_folder_of_the_same_name_that_the_user_already_had_is_not_emptied(world: World) -> None:
    create_maildir(world.root / "Maildir" / ".Held")
    deliver(world.root / "Maildir" / ".Held", "1.own.test", b"Subject: My own\nMessage-ID: <own@x>\n\nx\n", "S")
    world.make_pass()
    assert world.held == ["My own"]
    world.accept()
    world.at("2026-12-01 10:00", LISBON)
    world.mail("ola@customer.example", "An offer")
    world.make_pass()
    assert world.held == ["My own", "An offer"]
    world.at("2026-12-01 12:31", LISBON)
    world.make_pass()
    assert (world.held, world.inbox) == (["My own"], ["An offer"])
    world.undo(past=True)
    assert world.held == ["My own"]


def test_back_early_opens_the_inbox_at_once(away: World) -> None:
    away.at("2026-12-02 10:00", LISBON)
    away.mail("ola@customer.example", "An offer")
    away.make_pass()
    away.at("2026-12-02 20:00")
    away.say("back", away.now)
    away.make_pass()
    away.mail("ola@customer.example", "Another")
    away.at("2026-12-02 20:05")
    away.make_pass()
    assert (away.held, sorted(away.inbox)) == ([], ["An offer", "Another"])


def test_switching_the_hold_off_in_the_config_releases_it(away: World) -> None:
    away.at("2026-12-01 10:00", LISBON)
    away.mail("ola@customer.example", "An offer")
    away.make_pass()
    away.add_to_config('[inbox]\nmode = "off"')
    away.make_pass()
    assert (away.held, away.inbox) == ([], ["An offer"])


# --- always -----------------------------------------------------------------------------------------------------------


def test_always_holds_at_home_too_and_hands_over_to_the_trip_and_back(world: World) -> None:
    world.add_to_config('[inbox]\nwhen = "always"')
    world.accept()
    for _ in world.days("2026-11-24", "2026-11-24"):
        pass
    assert openings(world) == ["Tue 08:00", "Tue 12:30", "Tue 17:30"]
    world.at("2026-11-25 10:00")
    world.mail("ola@customer.example", "At home")
    world.make_pass()
    assert world.held == ["At home"]
    for _ in world.days("2026-11-29", "2026-11-29"):
        pass
    for _ in world.days("2026-11-30", "2026-12-04", LISBON):
        pass
    for _ in world.days("2026-12-05", "2026-12-05"):
        pass
    assert openings(world)[3:6] == ["Sun 08:00", "Sun 12:30", "Sun 17:30"]
    assert openings(world)[6:8] == ["Mon 12:30", "Mon 17:30"]
    assert openings(world)[-3:] == ["Sat 08:00", "Sat 12:30", "Sat 17:30"]
    assert len(openings(world)) == 3 + 3 + 14 + 3
    with world.ledger() as ledger:
        starts = [o.span.start for o in ledger.openings()]
    assert min(b - a for a, b in pairwise(starts)) >= timedelta(hours=3)


def test_the_night_of_the_clock_change_has_its_three_windows(home: Path) -> None:
    """Europe leaves summer time on 25 October 2026."""
    world = World(home, "2026-10-01 09:00")
    world.add_to_config('[inbox]\nwhen = "always"')
    world.accept()
    for _ in world.days("2026-10-24", "2026-10-25"):
        pass
    assert openings(world) == ["Sat 08:00", "Sat 12:30", "Sat 17:30", "Sun 08:00", "Sun 12:30", "Sun 17:30"]
    with world.ledger() as ledger:
        gaps = {b.span.start - a.span.start for a, b in pairwise(ledger.openings())}
    assert timedelta(hours=15, minutes=30) in gaps  # 14 h 30 by the clock on the wall


# --- sync -------------------------------------------------------------------------------------------------------------


def count_runs(world: World) -> int:
    log = world.root / "runs"
    return len(log.read_bytes()) if log.exists() else 0


@pytest.fixture
def syncing(world: World) -> World:
    world.add_to_config(f'[inbox]\nmode = "sync"\nsync_command = ["sh", "-c", "printf x >> {world.root}/runs"]')
    world.accept()
    return world


def test_sync_runs_the_command_in_the_windows_and_at_no_other_time(syncing: World) -> None:
    runs = []
    for _ in syncing.passes("2026-12-01 07:45", "2026-12-01 18:15", LISBON, minutes=15):
        runs.append((f"{syncing.now:%H:%M}", count_runs(syncing)))
    ran = [wall for (wall, n), (_, before) in zip(runs, [("", 0), *runs], strict=False) if n > before]
    assert ran == ["08:00", "08:15", "12:30", "12:45", "17:30", "17:45"]


def test_sync_runs_again_at_most_every_few_minutes(syncing: World) -> None:
    for _ in syncing.passes("2026-12-01 12:30", "2026-12-01 12:59", LISBON, minutes=1):
        pass
    assert count_runs(syncing) == 3


def test_sync_holds_and_moves_nothing(syncing: World) -> None:
    syncing.at("2026-12-01 10:00", LISBON)
    syncing.mail("ola@customer.example", "An offer")
    syncing.make_pass()
    assert (syncing.held, syncing.inbox) == ([], ["An offer"])


def test_going_over_to_sync_releases_what_was_held(away: World) -> None:
    away.at("2026-12-01 10:00", LISBON)
    away.mail("ola@customer.example", "An offer")
    away.make_pass()
    away.add_to_config('[inbox]\nmode = "sync"\nsync_command = ["true"]')
    away.make_pass()
    assert (away.held, away.inbox) == ([], ["An offer"])


def test_a_sync_command_that_fails_is_named_and_tried_again(world: World) -> None:
    world.add_to_config('[inbox]\nmode = "sync"\nsync_command = ["false"]')
    world.accept()
    failed = [p.tended.failed for p in world.passes("2026-12-01 12:30", "2026-12-01 12:50", LISBON, minutes=10)]
    assert [len(f) for f in failed] == [1, 1, 1]
    assert openings(world) == ["Tue 12:30"]


def test_a_clock_that_was_set_back_does_not_stop_the_sync(syncing: World) -> None:
    for _ in syncing.passes("2026-12-02 12:30", "2026-12-02 12:30", LISBON):
        pass
    for _ in syncing.passes("2026-12-01 12:30", "2026-12-01 12:30", LISBON):
        pass
    assert count_runs(syncing) == 2


# --- a clock set back -------------------------------------------------------------------------------------------------


def test_a_clock_that_was_set_back_loses_no_mail_and_opens_nothing_twice(away: World) -> None:
    away.at("2026-12-02 10:00", LISBON)
    away.mail("ola@customer.example", "An offer")
    away.make_pass()
    away.at("2026-12-02 12:31", LISBON)
    away.make_pass()
    away.at("2026-12-01 12:00", LISBON)
    away.make_pass()
    assert sorted(away.held + away.inbox) == ["An offer"]
    for _ in away.days("2026-12-01", "2026-12-02", LISBON):
        pass
    assert openings(away).count("Wed 12:30") == 1
    assert (away.held, away.inbox) == ([], ["An offer"])


# --- the server holds -------------------------------------------------------------------------------------------------


@pytest.fixture
def served(world: World) -> World:
    world.configure('outbox = "Maildir/.Drafts"', 'outbox = "Maildir/.Drafts"\nhold = "server"')
    world.accept()
    return world


def script(world: World) -> str:
    return (world.root / "sieve" / "homeward.sieve").read_text()


def utc(moment: str, zone: str = LISBON) -> str:
    return datetime.fromisoformat(moment).replace(tzinfo=ZoneInfo(zone)).astimezone(ZoneInfo("UTC")).strftime("%Y-%m-%dT%H:%M:%S")


def test_the_lease_names_the_openings_of_the_next_day_and_nothing_after(served: World) -> None:
    served.at("2026-12-01 06:00", LISBON)
    served.make_pass()
    text = script(served)
    for wall in ("2026-12-01 08:00", "2026-12-01 12:30", "2026-12-01 17:30"):
        assert utc(wall) in text
    assert utc("2026-12-02 08:00") not in text and utc("2026-12-02 06:00") in text  # it ends after 24 hours


def test_the_lease_is_renewed_at_most_every_six_hours(served: World) -> None:
    written: list[str] = []
    for _ in served.passes("2026-12-01 06:00", "2026-12-02 06:00", LISBON, minutes=30):
        if not written or written[-1] != script(served):
            written.append(script(served))
    assert len(written) == 5


def test_the_lease_is_written_anew_when_a_flight_moves(served: World) -> None:
    served.at("2026-12-04 13:30", LISBON)
    served.make_pass()
    assert utc("2026-12-04 17:30") in script(served)
    served.edit("travel.ics", "20261204T183000Z", "20261204T150000Z")
    served.edit("travel.ics", "20261204T220500Z", "20261204T183500Z")
    served.make_pass()
    assert utc("2026-12-04 17:30") not in script(served) and utc("2026-12-04 20:50", BERLIN) in script(served)


def test_a_release_by_hand_is_in_the_script_at_once(served: World) -> None:
    served.at("2026-12-01 09:40", LISBON)
    served.make_pass()
    release(served)
    served.make_pass()
    assert utc("2026-12-01 09:40") in script(served) and utc("2026-12-01 10:10") in script(served)


def test_what_the_server_held_is_counted_and_comes_back(served: World) -> None:
    served.at("2026-12-01 09:40", LISBON)
    served.make_pass()
    held = served.root / "Maildir" / ".Held"
    assert (held / "homeward").is_file()  # made before the server would have to
    deliver(held, "1.server.test", b"From: ola@customer.example\nSubject: An offer\nMessage-ID: <server@x>\n\nx\n")
    stamp = served.now.timestamp()
    os.utime(held / "new" / "1.server.test", (stamp, stamp))
    served.make_pass()
    with served.ledger() as ledger:
        assert ledger.held_counts(served.absence.id) == (0, 1)
    served.at("2026-12-01 12:31", LISBON)
    served.make_pass()
    assert (served.held, served.inbox) == ([], ["An offer"])
    with served.ledger() as ledger:
        assert ledger.held_counts(served.absence.id) == (1, 0)


def test_what_the_server_held_although_it_passes_comes_out_with_the_next_pass(served: World) -> None:
    served.at("2026-12-01 09:40", LISBON)
    served.make_pass()
    held = served.root / "Maildir" / ".Held"
    for name, sender in (("1.server.test", "jonas@family.example"), ("2.server.test", "ola@customer.example")):
        deliver(held, name, f"From: {sender}\nSubject: From {sender}\nMessage-ID: <{name}@x>\n\nx\n".encode())
        os.utime(held / "new" / name, (served.now.timestamp(), served.now.timestamp()))
    served.make_pass()
    assert (served.held, served.inbox) == (["From ola@customer.example"], ["From jonas@family.example"])


def test_what_the_server_held_behind_a_dead_service_comes_back_in_the_end(served: World) -> None:
    served.at("2026-11-30 03:00")
    served.make_pass()
    deliver(served.root / "Maildir" / ".Held", "1.server.test", b"Subject: An offer\nMessage-ID: <server@x>\n\nx\n")
    served.at("2026-12-06 10:00")
    served.make_pass()
    assert (served.held, served.inbox) == ([], ["An offer"])


def test_the_script_is_as_before_in_the_end(served: World) -> None:
    for _ in served.days("2026-11-29", "2026-12-05"):
        pass
    assert [path for path in served.changed() if "sieve" in path] == []
    with served.ledger() as ledger:
        assert ledger.lease("mail") is None


def test_urgent_counts_from_the_team_alone(served: World) -> None:
    served.at("2026-12-01 06:00", LISBON)
    served.make_pass()
    with served.session() as session:
        lease = lease_at(session, "mail", look(session).absences, session.clock.now())
    assert lease is not None and lease.urgent_word == "[urgent]"
    assert {"@example.org", "ana@example.org", "jonas@family.example"} <= set(lease.urgent_from)
    assert "[urgent]" not in lease.pass_subjects and "[urgent]" in script(served)


def test_a_script_that_the_user_took_over_is_left_alone_and_mail_is_held_here(served: World) -> None:
    served.at("2026-12-01 06:00", LISBON)
    served.make_pass()
    mine = served.root / "dovecot.sieve"
    mine.unlink()
    mine.symlink_to("sieve/mine.sieve")
    for _ in range(3):
        assert served.make_pass().tended.failed == ()
    assert str(mine.readlink()) == "sieve/mine.sieve"
    served.mail("ola@customer.example", "An offer")
    served.make_pass()
    assert served.held == ["An offer"]


# --- two mailboxes at once, two processes at once ---------------------------------------------------------------------


def test_the_hold_of_the_second_absence_begins_where_it_begins(world: World) -> None:
    world.event("travel.ics", "oslo1@b.example", "DTSTART:20261210T060000Z", "DTEND:20261210T073500Z",
                "SUMMARY:Flight to Oslo (SK 2676)", "LOCATION:Berlin BER")  # fmt: skip
    world.event("travel.ics", "oslo2@b.example", "DTSTART:20261212T170000Z", "DTEND:20261212T183500Z",
                "SUMMARY:Flight to Berlin (SK 2677)", "LOCATION:Oslo OSL")  # fmt: skip
    world.accept()
    world.at("2026-12-07 10:00")
    world.mail("ola@customer.example", "At home")
    world.make_pass()
    assert world.held == []
    world.at("2026-12-11 10:00", "Europe/Oslo")
    world.mail("ola@customer.example", "In Oslo")
    world.make_pass()
    assert world.held == ["In Oslo"]
    world.at("2026-12-13 10:00")
    world.make_pass()
    assert sorted(world.inbox) == ["At home", "In Oslo"]


def test_a_held_message_that_somebody_reads_and_moves_is_not_missed(away: World) -> None:
    away.at("2026-12-01 10:00", LISBON)
    away.mail("ola@customer.example", "An offer")
    away.make_pass()
    held = away.root / "Maildir" / ".Held"
    (path,) = (held / "new").iterdir()
    path.rename(held / "cur" / f"{path.name}:2,S")
    away.at("2026-12-01 12:31", LISBON)
    assert "1 message released into mail" in told(away.make_pass())
    assert [p.name.rpartition(":2,")[2] for p in (away.root / "Maildir" / "cur").iterdir()] == ["S"]


def test_the_openings_are_remembered_as_they_were(away: World) -> None:
    away.at("2026-12-01 12:31", LISBON)
    away.make_pass()
    with away.ledger() as ledger:
        (opening,) = ledger.openings()
    assert isinstance(opening, Opening) and (opening.index, opening.zone, opening.reason) == (1, LISBON, "nominal")
    assert opening.span.start == datetime(2026, 12, 1, 12, 30, tzinfo=ZoneInfo(LISBON))


def test_the_session_that_only_looks_moves_nothing(away: World) -> None:
    away.at("2026-12-01 10:00", LISBON)
    away.mail("ola@customer.example", "An offer")
    with away.session() as session:
        assert isinstance(session, Session)
        look(session)
    assert away.held == []
