"""Turns over whole passes: no answer in time, a turn given back or handed over, and the account of it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from shell import Told, type_
from world import World

from daemon.reconcile import one_pass
from daemon.service.notices import mark_told, notices
from daemon.service.worker import report_of

TEAM, TRAINING = "Monday team meeting", "Design review training"


@pytest.fixture
def world(home: Path) -> World:
    return World(home)


def typed(world: World, *words: str) -> Told:
    return type_(world.root, *words, now=world.now.isoformat())


def steps(world: World, step: str) -> list[str]:
    with world.ledger() as ledger:
        return [entry.words for entry in ledger.journal() if entry.step == step]


def test_who_does_not_answer_in_time_is_passed_over_and_hears_of_it(world: World) -> None:
    world.accept()
    assert "asked, answer by Thu 26 Nov 18:00 (yours until then)" in typed(world, "status").out
    world.at("2026-11-26 17:55")
    world.make_pass()
    assert world.hosts()[TEAM] == ("ana", "asked")
    world.at("2026-11-26 18:00")
    world.make_pass()
    assert world.hosts()[TEAM] == ("carla", "asked")
    assert "Ana Silva did not answer in time: the next is asked" in steps(world, "silent")
    assert any(to == "ana@example.org" and subject.startswith("No longer needed") for to, subject in world.drafts)


def test_the_time_to_answer_is_said_to_those_it_binds_and_a_pass_is_made_when_it_ends(world: World) -> None:
    world.accept()
    letter = next(m for m in world.messages(".Drafts") if m["To"] == "ana@example.org")
    assert "If I hear nothing by Thursday 26 November 2026, 18:00 (Europe/Berlin), I ask somebody else." in letter.get_content()
    brief = typed(world, "brief").out
    assert f"**Ana Silva**: {TEAM} (Mon 30 Nov 10:00; answer by Thu 26 Nov 18:00, then the next is asked)." in brief
    assert "without a yes: Ana Silva (by Thu 26 Nov 18:00)" in typed(world, "ready").out
    world.at("2026-11-26 17:30")  # after the last window of that day
    with world.session() as session, session.ledger.writing():
        report = report_of(session, one_pass(session))
    assert report.next == datetime(2026, 11, 26, 17, tzinfo=UTC).timestamp()


def test_who_was_asked_just_before_days_off_has_as_many_days_to_answer_as_others_and_all_say_the_same_time(world: World) -> None:
    world.event(
        "team.ics", "carla-off", "DTSTART;VALUE=DATE:20261124", "DTEND;VALUE=DATE:20261125", "SUMMARY:Carla Conti on vacation"
    )
    world.accept()
    request = next(m for m in world.messages(".Drafts") if m["To"] == "carla@example.org" and TRAINING in m["Subject"])
    assert "If I hear nothing by Friday 27 November 2026, 18:00 (Europe/Berlin)" in request.get_content()
    said = [line for line in typed(world, "status").out.splitlines() if TRAINING in line]
    assert len(said) == 1 and "Carla Conti, asked, answer by Fri 27 Nov 18:00" in said[0]
    ahead = json.loads(typed(world, "rota", "--json").out)["ahead"]
    limits = [datetime.fromisoformat(turn["answer_by"]) for turn in ahead]
    assert limits == [datetime(2026, 11, day, 17, tzinfo=UTC) for day in (26, 27)]
    world.at("2026-11-26 18:00")
    world.make_pass()
    assert (world.hosts()[TEAM], world.hosts()[TRAINING]) == (("carla", "asked"), ("carla", "asked"))
    assert steps(world, "silent") == ["Ana Silva did not answer in time: the next is asked"]
    world.at("2026-11-27 17:55")
    with world.session() as session, session.ledger.writing():
        report = report_of(session, one_pass(session))
    assert report.next == datetime(2026, 11, 27, 17, tzinfo=UTC).timestamp()
    assert world.hosts()[TRAINING] == ("carla", "asked")
    world.at("2026-11-27 18:00")
    world.make_pass()
    assert world.hosts()[TRAINING] == ("ana", "asked")


def says_yes_too_late(world: World) -> str:
    """Ana, half an hour after she was passed over. Returns the Message-ID of the request to her."""
    world.accept()
    request = world.request_id("ana@example.org", TEAM)
    world.at("2026-11-26 18:00")
    world.make_pass()
    world.at("2026-11-26 18:30")
    world.mail("ana@example.org", "Re: hosting", "yes", reply_to=request)
    return request


def test_a_late_yes_changes_nothing_and_the_last_of_the_chain_stays_asked(world: World) -> None:
    says_yes_too_late(world)
    world.make_pass()
    assert world.hosts()[TEAM] == ("carla", "asked")
    for _ in world.passes("2026-11-27 08:00", "2026-11-30 06:00", minutes=720):
        assert world.hosts()[TEAM] == ("carla", "asked")


def test_a_late_yes_is_shown_with_what_to_type_and_counts_when_nobody_else_is_left(world: World) -> None:
    request = says_yes_too_late(world)
    for _ in range(2):
        world.make_pass()
    assert steps(world, "late") == ["Ana Silva said yes when the next had been asked"]
    how = "homeward accept ana 'Monday team meeting' --instead-of carla"
    assert f"Ana Silva said yes too late. To take them: {how}" in typed(world, "status").out
    world.at("2026-11-27 09:00")
    world.corridor("carla", "declined", TEAM)
    assert world.hosts()[TEAM] == ("ana", "asked")
    to_ana = (m for m in world.messages(".Drafts") if m["To"] == "ana@example.org" and ".ask." in m["Message-ID"])
    requests = [m for m in to_ana if TEAM in m["Subject"]]
    limits = {m["Message-ID"]: "If I hear nothing" in m.get_content() for m in requests}
    assert (limits.pop(request), list(limits.values())) == (True, [False])


def test_a_mailed_no_after_the_yes_gives_the_turn_back_and_the_next_is_asked(world: World) -> None:
    world.accept()
    request = world.request_id("carla@example.org", TRAINING)
    world.at("2026-11-24 10:00")
    world.mail("carla@example.org", "Re: hosting", "yes", reply_to=request)
    world.make_pass()
    assert world.hosts()[TRAINING] == ("carla", "accepted")
    world.at("2026-11-25 10:00")
    world.mail("mallory@evil.example", "Re: hosting", "no", reply_to=request)
    world.make_pass()
    assert world.hosts()[TRAINING] == ("carla", "accepted")
    world.mail("carla@example.org", "Re: hosting", "No, I am ill.", reply_to=request)
    world.make_pass()
    assert world.hosts()[TRAINING] == ("ana", "asked")
    assert steps(world, "declined") == ["Carla Conti gave the turn back (mail)"]
    assert "given back by Carla Conti" in typed(world, "rota").out
    assert "(host: Carla" not in world.calendar("work/training.ics")


def notes(world: World, title: str = TEAM) -> list[tuple[str, str]]:
    """What the desktop would be told of this meeting's hosts after a pass made now, and is told then."""
    passed = world.make_pass()
    with world.session() as session, session.ledger.writing():
        found = [n for n in notices(session, passed, "") if n.key.split("/")[0] in ("declined", "silent", "late")]
        mark_told(session.ledger, [n.key for n in found], world.now)
    return [(notice.title, notice.body) for notice in found if title in notice.body]


def test_silence_and_a_late_yes_are_told_on_the_desktop_once_and_not_while_the_inbox_is_held(world: World) -> None:
    world.accept()
    request = world.request_id("ana@example.org", TEAM)
    world.at("2026-11-26 17:55")
    assert notes(world) == []
    world.at("2026-11-26 18:00")
    what = f"“{TEAM}”, Mon 30 Nov 10:00: Ana Silva"
    assert notes(world) == [("A host did not answer", f"{what} did not answer in time. Carla Conti is asked now.")]
    assert notes(world) == []
    world.at("2026-11-26 18:30")
    world.mail("ana@example.org", "Re: hosting", "yes", reply_to=request)
    ((title, body),) = notes(world)
    assert (title, body.partition(" To take")[0]) == ("A yes came late", f"{what} said yes too late. Carla Conti is asked now.")
    assert body.endswith("homeward accept ana 'Monday team meeting' --instead-of carla") and notes(world) == []
    world.at("2026-11-30 06:30")  # away, between two windows: the inbox is held
    world.corridor("ana", "declined", TRAINING)
    assert notes(world, TRAINING) == []
    world.at("2026-11-30 12:35", "Europe/Lisbon")
    assert [(t, b.rpartition(": ")[2]) for t, b in notes(world, TRAINING)] == [
        ("A host declined", "Ana Silva declined. Nobody hosts it yet.")
    ]


def test_a_yes_in_time_is_read_though_no_pass_was_made_before_the_limit(world: World) -> None:
    world.accept()
    request = world.request_id("ana@example.org", TEAM)
    world.at("2026-11-26 12:00")
    world.mail("ana@example.org", "Re: hosting", "yes", reply_to=request)
    world.at("2026-11-27 12:00")
    world.make_pass()
    assert world.hosts()[TEAM] == ("ana", "accepted")


def test_without_a_limit_an_answer_is_waited_for_to_the_end(world: World) -> None:
    world.add_to_config("[service]\nanswer_days = 0")
    world.accept()
    world.at("2026-11-30 06:00")
    world.make_pass()
    assert world.hosts()[TEAM] == ("ana", "asked")


def test_who_gives_an_accepted_turn_back_owes_and_the_record_shows_it(world: World) -> None:
    world.accept()
    world.corridor("carla", "accepted", TRAINING)
    told = typed(world, "decline", "carla", TRAINING)
    assert told.code == 0, told.all
    assert world.hosts()[TRAINING] == ("ana", "asked")
    assert "Carla Conti gave the turn back (in the corridor)" in steps(world, "declined")
    world.corridor("ana", "accepted", TRAINING)
    world.at("2026-12-03 12:00")
    world.make_pass()
    told = typed(world, "rota")
    assert "“Design review training”: Ana Silva, counts 2\n                    given back by Carla Conti" in told.out
    account = json.loads(typed(world, "rota", "--json").out)["people"]
    assert (account["ana"]["turns"], account["ana"]["owed"]) == (2.0, 1.0)
    assert (account["carla"]["turns"], account["carla"]["owed"], account["carla"]["gave_back"]) == (0, -1.0, 1)


def test_a_turn_keeps_the_title_of_its_meeting_but_no_private_one(world: World) -> None:
    world.meeting("secret", "Secret training", "20261201T100000", "20261201T110000", "ana", "dan")
    world.edit("work/secret.ics", "SEQUENCE:0", "SEQUENCE:0\nCLASS:PRIVATE")
    hostile = "Late training \x1b[31mof everybody there"
    world.meeting("late", hostile, "20261201T130000", "20261201T140000", "ana", "dan")
    world.configure("weight = 2.0", "weight = 2.0\nprivate = true")
    world.accept()
    for title in ("Secret", "Late", TEAM):
        world.corridor(world.hosts()[next(known for known in world.hosts() if title in known)][0], "accepted", title)
    world.at("2026-12-02 09:00")
    world.make_pass()
    with world.ledger() as ledger:
        turns = {(turn.meeting_id, turn.title) for turn in ledger.turns()}
    assert turns == {("team", TEAM), ("training", ""), ("training", hostile)}
    told = typed(world, "rota").out
    assert "Tue 1 Dec 10:00  “training”: " in told and "Tue 1 Dec 13:00  “Late training [31mof ev…”: " in told
    assert "Mon 30 Nov 10:00  “Monday team meeting”: " in told and "\x1b" not in told
    assert [t["title"] for t in json.loads(typed(world, "rota", "--json").out)["past"]] == [TEAM, "", hostile]


def test_a_turn_is_handed_over_and_stays_so(world: World) -> None:
    world.accept()
    world.corridor("ana", "accepted", TEAM)
    told = typed(world, "accept", "carla", TEAM, "--instead-of", "ana")
    assert told.code == 0, told.all
    assert world.hosts()[TEAM] == ("carla", "accepted")
    shown = typed(world, "rota").out
    assert f"“{TEAM}”: Carla Conti, accepted\n                    given back by Ana Silva" in shown
    assert max(map(len, shown.splitlines())) <= 80
    world.at("2026-11-27 12:00")
    world.make_pass()
    assert world.hosts()[TEAM] == ("carla", "accepted")
    assert typed(world, "accept", "ana", TEAM, "--instead-of", "ana").code == 2


def test_words_that_fit_a_meeting_ahead_and_one_that_is_over_mean_the_one_ahead(world: World) -> None:
    world.accept()
    world.corridor("ana", "accepted", "Monday")
    world.corridor("ana", "accepted", "training")
    world.at("2026-12-01 12:00")
    world.make_pass()
    told = typed(world, "accept", "carla", "--instead-of", "ana")
    assert told.code == 0, told.all
    assert {title: who for title, (who, _) in world.hosts().items()} == {TEAM: "ana", TRAINING: "carla"}


# --- turns given by hand ----------------------------------------------------------------------------------------------


def test_the_next_turn_is_given_by_hand_and_who_was_asked_hears_of_it(world: World) -> None:
    world.accept()
    told = typed(world, "rota", "set", "monday team", "carla")
    assert told.code == 0 and "✓ The next turn of team (Mon 30 Nov 10:00) is for Carla Conti" in told.out, told.all
    assert world.hosts()[TEAM] == ("carla", "asked")
    assert ("ana@example.org", f"No longer needed: hosting “{TEAM}”") in world.drafts
    for _ in range(2):
        world.make_pass()
    assert world.hosts()[TEAM] == ("carla", "asked")
    assert f"“{TEAM}”: Carla Conti, asked, set by hand" in typed(world, "rota").out
    shown = json.loads(typed(world, "rota", "--json").out)["ahead"]
    assert [turn["set_by_hand"] for turn in shown] == ["carla", None]
    refused = typed(world, "rota", "set", "team", "--clear")
    assert refused.code == 0 and "goes by the rules again" in refused.out
    assert "set by hand" not in typed(world, "rota").out
    assert world.hosts()[TEAM] == ("carla", "asked")  # who was asked stays asked


def test_a_turn_given_by_hand_is_over_with_its_meeting(world: World) -> None:
    world.accept()
    assert typed(world, "rota", "set", "team", "carla").code == 0
    world.corridor("carla", "accepted", TEAM)
    world.at("2026-11-30 09:00")
    world.make_pass()
    assert ", accepted, set by hand" in typed(world, "rota").out
    world.at("2026-11-30 11:00")
    world.make_pass()
    assert "the turn of team that you set by hand is over" in steps(world, "rota")
    with world.ledger() as ledger:
        assert ledger.turns_set() == () and [t.person_id for t in ledger.turns()] == ["carla"]


def test_a_hand_moves_neither_an_absence_nor_a_yes_and_says_so(world: World) -> None:
    world.accept()
    told = typed(world, "rota", "set", "team", "ben")
    assert told.code == 0 and "! not as things stand: Ben Roth is away. The rules go on." in told.out
    assert world.hosts()[TEAM] == ("ana", "asked")
    shown = typed(world, "rota").out
    assert "you set Ben Roth by hand, but:\n                    Ben Roth is away" in shown
    assert max(map(len, shown.splitlines())) <= 80
    assert typed(world, "rota", "set", "team", "--clear").code == 0
    world.corridor("ana", "accepted", TEAM)
    told = typed(world, "rota", "set", "team", "carla")
    assert told.code == 2 and "homeward accept carla 'Monday team meeting' --instead-of ana" in told.err
    assert world.hosts()[TEAM] == ("ana", "accepted")


def test_a_turn_without_a_meeting_ahead_waits_for_one_and_what_fits_nothing_is_said(world: World) -> None:
    world.call_off()
    told = typed(world, "rota", "set", "team", "ben")
    assert told.code == 0 and "The next turn of team, whenever there is one, is for Ben Roth" in told.out, told.all
    assert "Set by hand\n  team: Ben Roth, at the next turn" in typed(world, "rota").out
    for words, missing in (
        (("team",), "whose turn?"),
        ((), "whose turn?"),
        (("team", "ben", "--clear"), "whose turn?"),
        (("retro", "ben"), "fits no meeting that is handed over. There are: team, training"),
        (("training", "--clear"), "is not set by hand"),
        (("team", "nobody"), "nobody in the config"),
    ):
        refused = typed(world, "rota", "set", *words)
        assert refused.code == 2 and missing in refused.err, refused.all


def test_what_the_log_suggests_of_somebody_stands_below_the_account(world: World) -> None:
    world.add_to_config("[development]\nsuggest_after = 2")
    world.accept()
    assert "To consider" not in typed(world, "rota").out
    for what in ("signed the lease", "chose the venue"):
        assert typed(world, "note", "ana", what, "--level", "4").code == 0
    told = typed(world, "rota").out
    assert (
        "To consider (homeward log --person says why)\n  Ana Silva hosted, held or decided something 2 times at level 4" in told
    )
    assert "consider level 5 (decide)" in told and typed(world, "rota").out == told


def test_what_was_agreed_to_for_one_of_two_absences_holds_when_they_are_one(world: World) -> None:
    world.accept()
    with world.session() as session, session.ledger.writing():
        gone = world.absence.id
        agreed = {(kind, person) for absence, kind, person in session.ledger.consented() if absence == gone}
        session.ledger.inherit_consent(gone, "other")
        assert agreed and session.ledger.consented() == {("other", kind, person) for kind, person in agreed}
        session.ledger.withdraw_consent("other")
        session.ledger.inherit_consent(gone, "other")
        assert session.ledger.consented() == frozenset()
