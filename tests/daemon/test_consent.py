"""Consent over whole passes: what the leader has not agreed to does not happen, and no deputy is taken at anything but their
word."""

from __future__ import annotations

from pathlib import Path

import pytest
from world import World, kinds, told


@pytest.fixture
def world(home: Path) -> World:
    return World(home)


def other_trip(world: World) -> None:
    """Oslo, in the middle of December: nobody has said anything about it."""
    world.event(
        "travel.ics", "oslo1@bookings.example", "DTSTART:20261214T070000Z", "DTEND:20261214T083500Z",
        "SUMMARY:Flight to Oslo (SK 2676)", "LOCATION:Berlin BER",
    )  # fmt: skip
    world.event(
        "travel.ics", "oslo2@bookings.example", "DTSTART:20261216T160000Z", "DTEND:20261216T173500Z",
        "SUMMARY:Flight to Berlin (SK 2677)", "LOCATION:Oslo OSL",
    )  # fmt: skip


# --- the leader's yes -------------------------------------------------------------------------------------------------


def test_passes_do_nothing_for_an_absence_before_its_plan_was_accepted(world: World) -> None:
    for passed in world.passes("2026-11-23 09:00", "2026-11-24 09:00", minutes=240):
        assert told(passed) == []
        assert kinds(passed.waiting) == {"hold", "responder", "host", "block", "mail"}
    world.at("2026-11-30 12:00")
    world.mail("ola@customer.example", "An offer")
    world.make_pass()
    assert (world.changed(), world.drafts, world.held, world.effects()) == ([], [], [], [])


def test_an_accepted_plan_is_done_and_a_second_pass_finds_nothing(world: World) -> None:
    world.accept()
    assert set(world.states()) == {"done", "scheduled"}
    after = world.files()
    for _ in range(3):
        passed = world.make_pass()
        assert (told(passed), passed.waiting) == ([], ())
    assert world.files() == after


def test_a_later_absence_waits_for_a_yes_of_its_own(world: World) -> None:
    world.accept()
    before = world.files()
    other_trip(world)
    passed = world.make_pass()
    assert told(passed) == []
    assert {change.absence_id for change in passed.waiting} == {a.id for a in passed.look.absences[1:]}
    assert {p: c for p, c in world.files().items() if p != "calendars/travel.ics"} == {
        p: c for p, c in before.items() if p != "calendars/travel.ics"
    }


def test_auto_applies_everything_without_asking(world: World) -> None:
    world.add_to_config('[service]\napply = "auto"')
    passed = world.make_pass()
    assert passed.waiting == () and "create host done" in told(passed)
    assert world.hosts() == {"Monday team meeting": ("ana", "asked"), "Design review training": ("carla", "asked")}


def test_later_passes_apply_differences_of_the_kinds_accepted(world: World) -> None:
    world.accept()
    world.meeting("late", "Budget training", "20261203T100000", "20261203T110000", "ana", "carla", "dan")
    passed = world.make_pass()
    assert told(passed) == ["create host done", "create mail done"]
    assert world.hosts()["Budget training"][1] == "asked"


def test_a_recipient_nobody_has_spoken_of_asks_again(world: World) -> None:
    world.accept()
    world.configure('hosts = ["ana", "carla"]', 'hosts = ["ben", "dan"]')
    world.meeting("late", "Budget training", "20261203T100000", "20261203T110000", "ana", "carla", "dan")
    passed = world.make_pass()
    assert {(c.kind, c.recipients) for c in passed.waiting} >= {("host", ("dan@example.org",)), ("mail", ("dan@example.org",))}
    assert "Budget training" not in world.hosts()
    assert all(to != "dan@example.org" for to, _ in world.drafts)
    assert {(c.kind, c.recipients) for c in world.make_pass().waiting} == {(c.kind, c.recipients) for c in passed.waiting}
    world.accept()
    assert world.hosts()["Budget training"] == ("dan", "asked")


def test_a_brief_goes_only_to_those_the_leader_knows_will_get_it(world: World) -> None:
    """Somebody joined the team between the yes and the day of the brief."""
    world.accept()
    world.add_to_config('[[person]]\nid = "eva"\nname = "Eva Lund"\naddresses = ["eva@example.org"]\nreport = true')
    world.at("2026-11-26 09:05")
    world.make_pass()
    briefs = [to for to, subject in world.drafts if subject.startswith("While")]
    assert briefs == ["ana@example.org, ben@example.org, carla@example.org, dan@example.org"]
    passed = world.make_pass()
    assert [c.recipients for c in passed.waiting] == [("eva@example.org",)]
    world.accept()
    briefs = [to for to, subject in world.drafts if subject.startswith("While")]
    assert briefs[1:] == ["eva@example.org"]
    assert told(world.make_pass()) == []


def test_a_deputy_who_joins_after_the_brief_gets_one_of_their_own(world: World) -> None:
    world.configure("level = 5\nreport = true", "level = 5")
    world.configure('deputies = ["carla"]', 'deputies = ["ana"]')
    world.configure('hosts = ["ana", "carla"]\nrotation = "fair"', 'hosts = ["ana", "carla"]')
    world.accept()
    world.at("2026-11-26 09:05")
    world.make_pass()
    assert [to for to, subject in world.drafts if subject.startswith("While")] == [
        "ana@example.org, ben@example.org, dan@example.org"
    ]
    world.answer("work/team-meeting.ics", "ana@example.org", "DECLINED")
    world.make_pass()
    assert [to for to, subject in world.drafts if subject.startswith("While")][1:] == ["carla@example.org"]
    for _ in range(3):
        world.make_pass()
    assert len([to for to, subject in world.drafts if subject.startswith("While")]) == 2


def test_an_absence_that_is_over_when_first_seen_is_never_acted_on(world: World) -> None:
    world.at("2026-12-06 09:00")
    assert world.look().plan.changes == ()
    world.accept()
    world.add_to_config('[service]\napply = "auto"')
    for passed in world.passes("2026-12-06 10:00", "2026-12-20 10:00", minutes=24 * 60):
        assert told(passed) == [] and passed.waiting == ()
    assert (world.changed(), world.drafts) == ([], [])
    with world.ledger() as ledger:
        assert ledger.owed() == {}


def test_what_is_not_certain_is_asked_and_only_the_private_part_is_planned(world: World) -> None:
    """One title alone: the hold and the reply are reversible and private; hosts wait for a yes."""
    world.call_off()
    world.event(
        "work/leave.ics", "leave@example.org", "DTSTART;VALUE=DATE:20261130", "DTEND;VALUE=DATE:20261205", "SUMMARY:Vacation"
    )
    look = world.look()
    assert [a.action for a in look.absences] == ["private-only"]
    assert kinds(look.plan.changes) == {"hold", "responder"} and len(look.plan.questions) == 1
    world.accept()
    assert world.hosts() == {} and world.drafts == []
    world.say("confirm")
    passed = world.make_pass()
    assert kinds(passed.waiting) == {"host", "mail", "block"} and told(passed) == []
    world.accept()
    assert world.hosts()["Monday team meeting"] == ("ana", "asked")


# --- a deputy's word --------------------------------------------------------------------------------------------------


def test_an_old_yes_to_the_invitation_is_no_yes_to_hosting(world: World) -> None:
    """Ana and Carla had accepted the series long ago."""
    world.accept()
    for _ in range(3):
        world.make_pass()
    assert world.hosts() == {"Monday team meeting": ("ana", "asked"), "Design review training": ("carla", "asked")}
    assert "(host:" not in world.calendar("work/team-meeting.ics")


def test_the_request_only_asks_and_acceptance_changes_title_and_roles_once(world: World) -> None:
    world.accept()
    override = world.calendar("work/team-meeting.ics").rpartition("BEGIN:VEVENT")[2]
    assert "SUMMARY:Monday team meeting\n" in override and "CHAIR" not in override
    world.answer("work/team-meeting.ics", "ana@example.org", "ACCEPTED")
    assert told(world.make_pass())[:1] == ["update host done"]
    accepted = world.calendar("work/team-meeting.ics")
    override = accepted.rpartition("BEGIN:VEVENT")[2]
    assert "SUMMARY:Monday team meeting (host: Ana Silva)\n" in override and "ROLE=CHAIR" in override
    assert override.count("Host: Ana Silva.") == 1
    assert told(world.make_pass()) == []
    assert world.calendar("work/team-meeting.ics") == accepted


def test_a_declining_deputy_hands_the_request_on_and_is_never_asked_again(world: World) -> None:
    world.accept()
    world.answer("work/team-meeting.ics", "ana@example.org", "DECLINED")
    world.make_pass()
    assert world.hosts()["Monday team meeting"] == ("carla", "asked")
    world.answer("work/team-meeting.ics", "carla@example.org", "DECLINED")
    passed = world.make_pass()
    assert "Monday team meeting" not in world.hosts()
    assert [gap.because for gap in passed.look.plan.gaps] == ["Ben Roth is away; Ana Silva declined; Carla Conti declined"]
    for later in world.passes("2026-11-24 10:00", "2026-11-27 10:00", minutes=12 * 60):
        assert [gap.what for gap in later.look.plan.gaps] == ["“Monday team meeting” on Mon 30 Nov 10:00"]
    assert [to for to, subject in world.drafts if "team meeting" in subject] == ["ana@example.org", "carla@example.org"]


def test_an_exhausted_chain_stays_exhausted_after_the_absence_was_undone_and_confirmed(world: World) -> None:
    world.accept()
    world.corridor("ana", "declined", "team")
    world.corridor("carla", "declined", "team")
    world.undo()
    world.say("confirm", absence_id=world.absence.id)
    world.accept()
    assert "Monday team meeting" not in world.hosts()


def test_a_gap_closes_when_somebody_can_host_again(world: World) -> None:
    world.accept()
    world.corridor("ana", "declined", "team")
    world.corridor("carla", "declined", "team")
    world.edit("team.ics", "DTSTART;VALUE=DATE:20261130", "DTSTART;VALUE=DATE:20261202")
    passed = world.make_pass()
    assert passed.look.plan.gaps == () and world.hosts()["Monday team meeting"] == ("ben", "asked")


def test_a_mail_yes_and_a_mail_no_count_and_a_no_refuses_the_hosting_alone(world: World) -> None:
    world.accept()
    world.at("2026-11-24 10:00")
    world.mail("Ana <ana@example.org>", "Re: hosting", "No, sorry.", reply_to=world.request_id("ana@example.org", "team"))
    world.mail("Carla <carla@example.org>", "Re: hosting", "Yes!", reply_to=world.request_id("carla@example.org", "training"))
    world.make_pass()
    assert world.hosts() == {"Monday team meeting": ("carla", "asked"), "Design review training": ("carla", "accepted")}
    override = world.calendar("work/team-meeting.ics").rpartition("BEGIN:VEVENT")[2]
    assert "ATTENDEE;CN=Ana Silva;PARTSTAT=ACCEPTED;ROLE=REQ-PARTICIPANT:mailto:ana@example.org\n" in override


def test_an_answer_in_somebody_elses_name_does_not_count(world: World) -> None:
    world.accept()
    request = world.request_id("ana@example.org", "team")
    world.at("2026-11-24 10:00")
    world.mail("Mallory <mallory@evil.example>", "Re: hosting", "Yes", reply_to=request)
    world.mail("Ana <ana@example.org>", "Re: lunch", "Yes", reply_to="<lunch@mail.example>")
    world.mail("Ana <ana@example.org>", "Automatic reply", "Yes", reply_to=request, Auto_Submitted="auto-replied")
    world.make_pass()
    assert world.hosts()["Monday team meeting"] == ("ana", "asked")


def test_an_answer_in_the_corridor_is_an_answer(world: World) -> None:
    world.accept()
    world.corridor("ana", "accepted", "team")
    world.corridor("carla", "declined", "training")
    assert world.hosts() == {"Monday team meeting": ("ana", "accepted"), "Design review training": ("ana", "asked")}


def test_a_deputy_who_was_added_goes_again_when_they_decline(world: World) -> None:
    world.configure('hosts = ["ben", "ana", "carla"]', 'hosts = ["eva", "ana"]')
    world.add_to_config('[[person]]\nid = "eva"\nname = "Eva Lund"\naddresses = ["eva@example.org"]')
    world.accept()
    assert "mailto:eva@example.org" in world.calendar("work/team-meeting.ics")
    world.answer("work/team-meeting.ics", "eva@example.org", "DECLINED")
    world.make_pass()
    assert "mailto:eva@example.org" not in world.calendar("work/team-meeting.ics")
    assert world.hosts()["Monday team meeting"] == ("ana", "asked")


def test_a_deputy_who_gets_a_vacation_of_their_own_is_replaced_and_told(world: World) -> None:
    world.accept()
    world.event(
        "team.ics",
        "ana-leave@team.example",
        "DTSTART;VALUE=DATE:20261130",
        "DTEND;VALUE=DATE:20261201",
        "SUMMARY:Ana Silva on vacation",
    )
    world.make_pass()
    assert world.hosts()["Monday team meeting"] == ("carla", "asked")
    to_ana = [subject for to, subject in world.drafts if to == "ana@example.org"]
    assert len(to_ana) == 2 and "team meeting" in to_ana[1]
    for _ in range(3):
        world.make_pass()
    assert len(world.drafts) == 4


def test_a_standing_assignment_does_not_flap(world: World) -> None:
    """Ben, first of the chain, is back: Ana keeps what she was asked for."""
    world.accept()
    world.edit("team.ics", "SUMMARY:Ben Roth on vacation", "SUMMARY:Nothing")
    assert told(world.make_pass()) == []
    assert world.hosts()["Monday team meeting"] == ("ana", "asked")


def test_who_was_told_they_are_not_needed_and_then_is_gets_a_new_request(world: World) -> None:
    world.accept()
    world.undo()
    world.say("confirm", absence_id=world.absence.id)
    world.accept()
    to_ana = [(m["Message-ID"], str(m["Subject"])) for m in world.messages(".Drafts") if m["To"] == "ana@example.org"]
    assert len({identifier for identifier, _ in to_ana}) == 3
    world.at("2026-11-24 09:00")
    newest = next(i for i, _ in to_ana if ".ask." in i and i != to_ana[0][0])
    world.mail("Ana <ana@example.org>", "Re: hosting", "Yes", reply_to=newest)
    world.make_pass()
    assert world.hosts()["Monday team meeting"] == ("ana", "accepted")


def test_nobody_is_asked_more_than_28_days_ahead(world: World) -> None:
    world.at("2026-10-26 09:00")
    passed = world.accept()
    assert world.hosts() == {} and len(passed.look.plan.later) == 2
    assert [to for to, _ in world.drafts] == []
    world.at("2026-11-02 10:00")
    world.make_pass()
    assert world.hosts() == {"Monday team meeting": ("ana", "asked")}
    world.at("2026-11-04 14:00")
    world.make_pass()
    assert set(world.hosts()) == {"Monday team meeting", "Design review training"}


def test_meetings_without_a_rule_those_of_others_and_one_to_ones_are_left_alone(world: World) -> None:
    world.meeting("vendor", "Vendor call", "20261201T100000", "20261201T110000", "ana", "dan")
    world.event(
        "work/guest.ics", "guest@example.org", "DTSTART:20261201T130000Z", "DTEND:20261201T140000Z", "SUMMARY:Finance training",
        "ORGANIZER:mailto:finance@example.org", "ATTENDEE;PARTSTAT=ACCEPTED:mailto:lena@example.org",
    )  # fmt: skip
    before = world.files()
    passed = world.accept()
    words = {skip.what.split("”")[0].strip("“"): skip.because for skip in passed.look.plan.skipped}
    assert words["Vendor call"] == "no rule" and "says skip" in words["1:1 Ana / Lena"]
    same = ("vendor", "guest", "one-ana", "one-dan", "budget")
    assert all(world.files()[f"calendars/work/{name}.ics"] == before[f"calendars/work/{name}.ics"] for name in same)


def test_a_private_meeting_and_one_with_outsiders_need_a_rule_that_says_so(world: World) -> None:
    world.meeting("secret", "Secret training", "20261201T100000", "20261201T110000", "ana", "dan")
    world.edit("work/secret.ics", "SEQUENCE:0", "SEQUENCE:0\nCLASS:PRIVATE")
    world.meeting("client", "Client training", "20261201T130000", "20261201T140000", "ana", "dan")
    world.edit("work/client.ics", "END:VEVENT", "ATTENDEE:mailto:client@customer.example\nEND:VEVENT")
    world.accept()
    assert set(world.hosts()) == {"Monday team meeting", "Design review training"}
    world.configure("weight = 2.0", "weight = 2.0\nprivate = true\noutside = true")
    world.make_pass()
    assert {"Secret training", "Client training"} <= set(world.hosts())


def test_no_meeting_is_ever_cancelled_or_declined_for_the_leader(world: World) -> None:
    world.accept()
    world.corridor("ana", "accepted", "team")
    world.corridor("carla", "accepted", "training")
    for name in ("work/team-meeting.ics", "work/training.ics"):
        text = world.calendar(name)
        assert "STATUS:CANCELLED" not in text and "PARTSTAT=DECLINED" not in text and "EXDATE" not in text
        assert text.rpartition("BEGIN:VEVENT")[2].count("ROLE=OPT-PARTICIPANT") == 1
