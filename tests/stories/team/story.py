"""The story of a team, told once for every world: from October to December its leader is away three times. People say yes, no or
nothing, hand turns over, are away themselves; a flight is moved; in the end all of it is taken back."""

from __future__ import annotations

from tests.stories.team import office
from tests.stories.team.office import ADDRESSES, EVE, JONAS, LEA, OLA
from tests.stories.team.world import BOSTON, LISBON, World


def the_whole_story(w: World) -> None:
    she_says_yes_to_the_quarter(w)
    the_team_answers_for_lisbon(w)
    she_leaves_for_lisbon(w)
    the_week_in_lisbon(w)
    home_from_lisbon(w)
    the_team_answers_for_the_vacation(w)
    carla_takes_a_week_off_herself(w)
    the_two_weeks_of_vacation(w)
    home_from_vacation(w)
    the_team_answers_for_boston(w)
    the_flight_home_from_boston_is_moved(w)
    home_from_boston(w)
    all_of_it_is_taken_back(w)


# --- Lisbon, 12–16 October --------------------------------------------------------------------------------------------


def she_says_yes_to_the_quarter(w: World) -> None:
    w.at("2026-09-21 09:00")
    w.types("apply", "--yes")
    w.rests()
    w.reads("1-lisbon/status-asked.txt", "status")


def the_team_answers_for_lisbon(w: World) -> None:
    """Ben, whom nobody had invited to the review, says no; Ana says nothing; Carla has it then, and hands her other turn over to
    Eva, who is new."""
    w.at("2026-09-22 10:00")
    w.answers("dan", "Team meeting", yes=True)
    w.answers("carla", "Product weekly", yes=True)
    w.types("decline", "ana", "Customer forum")
    w.answers("ben", "Customer forum", yes=True)
    w.answers("ben", "Architecture review", yes=False)
    w.passes()
    w.at("2026-09-28 09:00")
    w.passes()
    w.answers("carla", "Architecture review", yes=True)
    w.passes()
    w.types("accept", "eva", "Product weekly", "--instead-of", "carla")
    w.rests()
    w.reads("1-lisbon/rota-before.txt", "rota")


def she_leaves_for_lisbon(w: World) -> None:
    w.at("2026-10-08 09:05")
    w.passes()
    w.reads("1-lisbon/ready.txt", "ready", code=3)
    w.reads("1-lisbon/brief.md", "brief")
    w.reads("1-lisbon/brief-eva.md", "brief", "--person", "eva")
    assert len(w.sent("While Lea Winter is away")) == 1
    w.rests()


def the_week_in_lisbon(w: World) -> None:
    """Others write, answer one another, and move things in her calendar."""
    w.at("2026-10-12 11:40", LISBON)
    price = w.mail(f"Ola Nordmann <{OLA}>", "The price", "Held", "Hi Lea,\nwhat does it cost?\n")
    w.mail(EVE, "Hello from a stranger", "Held")
    w.mail(ADDRESSES["dan"], "Numbers of September", "Held", "They are good.")
    w.mail("noreply@shop.example", "Your order", "Held")
    w.mail(JONAS, "Ida lost a tooth", "INBOX")
    w.mail(ADDRESSES["dan"], "[urgent] The site is down", "INBOX")
    w.passes()
    w.every_letter_is_in_its_place()
    w.at("2026-10-12 12:31", LISBON)
    w.passes()
    w.released()
    w.at("2026-10-13 15:30", LISBON)
    w.mail(f"Ana Silva <{ADDRESSES['ana']}>", "Re: The price", "Held", "It costs 10.", to=OLA, Cc=LEA, In_Reply_To=price)
    w.mail(f"Gia Rossi <{ADDRESSES['gia']}>", "My talk", "Held", "Hi Lea, can you read it?")
    w.passes()
    w.every_letter_is_in_its_place()
    later, long = office.berlin("20261021T160000", "20261021T170000"), office.berlin("20261126T100000", "20261126T160000")
    w.desk.put("budget", office.invited("Budget review", later, "Max Boss", "ACCEPTED"))
    w.desk.put("steering", office.invited("Steering group", long, "Max Boss", "NEEDS-ACTION"))
    w.at("2026-10-15 17:31", LISBON)
    w.types("note", "ana", "chose the vendor of the cameras", "--outcome", "cheaper than planned")
    w.passes()
    w.released()


def home_from_lisbon(w: World) -> None:
    w.at("2026-10-16 22:00")
    w.passes()
    w.released()
    w.at("2026-10-19 09:00")
    w.passes()
    w.reads("1-lisbon/digest.md", "digest")
    w.reads("1-lisbon/rota-after.txt", "rota")
    w.reads("1-lisbon/balance.txt", "balance")
    assert len(w.sent("Welcome home", to=LEA)) == 1
    w.rests()


# --- vacation, 2–13 November ------------------------------------------------------------------------------------------


def the_team_answers_for_the_vacation(w: World) -> None:
    """A title alone is asked about. Then everybody is asked for both weeks at once. Dan cannot the second time, and Ben can."""
    w.types("confirm", "vacation", "--yes")
    w.reads("2-vacation/status-asked.txt", "status")
    w.at("2026-10-20 11:00")
    w.answers("dan", "Team meeting", yes=True, day="2026-11-02")
    w.says("dan", "Team meeting", "2026-11-09", yes=False)
    w.passes()
    w.says("ben", "Team meeting", "2026-11-09", yes=True)
    w.passes()
    w.answers("ana", "Product weekly", yes=True)
    w.answers("ben", "Architecture review", yes=True)
    w.answers("carla", "Product weekly", yes=True)
    w.passes()
    w.reads("2-vacation/rota-before.txt", "rota")
    w.rests()


def carla_takes_a_week_off_herself(w: World) -> None:
    w.at("2026-10-23 09:00")
    w.enter("team", "carla", (*office.days("20261109", "20261114"), "SUMMARY:Carla Conti on vacation"))
    w.passes()
    w.reads("2-vacation/rota-without-carla.txt", "rota")
    w.at("2026-10-29 09:05")
    w.passes()
    w.reads("2-vacation/ready.txt", "ready", code=3)
    w.reads("2-vacation/brief.md", "brief")
    w.reads("2-vacation/brief-carla.md", "brief", "--person", "carla")
    w.at("2026-10-30 10:00")
    w.answers("eva", "Product weekly", yes=False, day="2026-11-10")
    w.answers("ben", "Architecture review", yes=True)
    w.passes()
    w.rests()


def the_two_weeks_of_vacation(w: World) -> None:
    w.at("2026-11-03 16:00")
    w.mail(OLA, "The next offer", "Held", "Hello Lea,\nshall we go on?\n")
    w.mail("tips@vendor.example", "Ten tips", "Held", List_Unsubscribe="<https://vendor.example>")
    w.mail("news@list.example", "News of the list", "Lists", List_Id="<news.list.example>")
    w.passes()
    w.every_letter_is_in_its_place()
    w.at("2026-11-05 17:31")
    w.passes()
    w.released()
    w.types("accept", "ana", "Architecture review", "--instead-of", "ben")
    w.at("2026-11-06 09:05")
    w.passes()
    w.has_read("2-vacation/changed.txt", "Changed: While Lea Winter is away", ADDRESSES["carla"])
    w.at("2026-11-10 16:00")
    w.passes()
    w.at("2026-11-12 18:30")
    w.passes()


def home_from_vacation(w: World) -> None:
    w.at("2026-11-14 09:00")
    w.passes()
    w.reads("2-vacation/digest.md", "digest")
    w.reads("2-vacation/rota-after.txt", "rota")


# --- Boston, 30 November – 3 December ---------------------------------------------------------------------------------


def the_team_answers_for_boston(w: World) -> None:
    """Carla was asked for both while she was on vacation herself, and still has her days to answer: one is enough for her. Dan
    cannot, and Eva says yes."""
    w.at("2026-11-16 10:00")
    w.passes()
    w.reads("3-boston/status-asked.txt", "status")
    w.answers("carla", "Team meeting", yes=True)
    w.says("carla", "Product weekly", "2026-12-01", yes=False)
    w.passes()
    w.says("dan", "Product weekly", "2026-12-01", yes=False)
    w.passes()
    w.answers("eva", "Product weekly", yes=True, day="2026-12-01")
    w.passes()
    w.at("2026-11-26 09:05")
    w.passes()
    w.reads("3-boston/brief.md", "brief")


def the_flight_home_from_boston_is_moved(w: World) -> None:
    w.at("2026-12-01 12:31", BOSTON)
    w.passes()
    w.enter("travel", "lh425", office.flight("Berlin", "LH 425", "20261203T210000Z", "Boston BOS", "20261204T053000Z"))
    w.enter("travel", "harbor", office.stay("Harbor Hotel", office.BOSTON, "20261130", "20261203"))
    w.passes()
    w.reads("3-boston/status-moved.txt", "status")
    w.answers("ana", "Architecture review", yes=True)
    w.at("2026-12-02 09:05")
    w.passes()
    w.has_read("3-boston/changed.txt", "Changed: While Lea Winter is away", ADDRESSES["dan"])
    w.rests()


def home_from_boston(w: World) -> None:
    w.at("2026-12-04 09:00")
    w.passes()
    w.released()
    w.at("2026-12-21 09:00")
    w.passes()
    w.reads("3-boston/digest.md", "digest")
    w.reads("3-boston/rota-after.txt", "rota")
    w.reads("3-boston/balance.txt", "balance")


# --- and back again ---------------------------------------------------------------------------------------------------


def all_of_it_is_taken_back(w: World) -> None:
    w.types("undo", "--all", "--past")
    w.passes()
    assert w.is_as_before()
    w.rests()
    assert "Nothing to undo" in w.types("undo", "--all", "--past")
    w.every_letter_is_in_its_place()
