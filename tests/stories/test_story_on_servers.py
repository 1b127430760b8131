"""The whole story of a trip for somebody whose calendars and mail are on real servers: from the first look until all of it is
taken back. What was delivered is looked for by another mail program after each step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path

import pytest

from tests.servers.calendar_server import CalendarServer
from tests.servers.submission import Submission
from tests.stories.clocked import ClockedDovecot
from tests.stories.journey import LISBON, Journey
from tests.stories.letters import DISCARDED, ME, letter

OLA, EVE, DAN, JONAS = "ola@customer.example", "eve@stranger.example", "dan@office.example", "jonas@family.example"
ANA, CARLA = "ana@office.example", "carla@office.example"
PROVED = {"Authentication_Results": "mx.office.example; dmarc=pass header.from=office.example"}
FORGED = {"Authentication_Results": "mx.evil.example; dmarc=pass header.from=office.example"}


@dataclass(frozen=True, slots=True)
class Telling:
    """`guests` of the weekly meeting, and how Ana says no to hosting it."""

    server: str
    guests: tuple[str, ...]
    no: Callable[[Journey], int]


# Who is a guest already keeps the answer that they gave in their own calendar. So it is the one we added who says no there.
TELLINGS = [
    Telling("radicale", ("ana", "carla", "dan"), lambda j: j.says_no_by_mail("ana")),
    Telling("xandikos", ("carla", "dan"), lambda j: j.answers("ana", "DECLINED")),
]


@pytest.mark.slow
@pytest.mark.parametrize("telling", TELLINGS, ids=lambda telling: telling.server)
def test_the_whole_story(
    telling: Telling, request: pytest.FixtureRequest, post: ClockedDovecot, submission: Submission, tmp_path: Path
) -> None:
    server: CalendarServer = request.getfixturevalue(telling.server)
    j = Journey(tmp_path / "home", server, post, submission, *telling.guests)
    before = j.world()
    the_plan_is_shown_and_agreed_to(j, before)
    ana_says_no_and_carla_yes(j, telling)
    the_brief_goes_out(j)
    at_home_mail_comes_in_as_ever(j)
    on_the_way_the_server_holds_it(j)
    who_asks_for_a_decision_is_coached(j)
    a_window_opens_and_closes(j)
    a_daemon_that_sleeps_keeps_nothing_back(j)
    she_comes_back_early(j)
    the_digest_waits_for_her(j)
    the_right_people_had_one_reply_each(j)
    all_of_it_is_taken_back(j, before)


def the_plan_is_shown_and_agreed_to(j: Journey, before: dict[str, object]) -> None:
    j.at("2026-11-02 09:00")
    found = j.type("trips")
    assert found.out.startswith("Trip to Lisbon, 9–14 Nov (4 nights)") and found.out.count("·") == 6, found.out
    assert "+ Ask Ana Silva to host “Product weekly” on Tue 10 Nov 14:00–15:00" in j.type("plan").out
    assert j.world() == before, "looking changes nothing"
    told = j.type("apply", "--yes")
    assert told.code == 0 and "✗" not in told.out, told.all
    assert len(j.sent(ANA)) == 2, "an invitation cannot say that it is about hosting"
    assert j.text("weekly").count("PARTSTAT=NEEDS-ACTION") == 2, "a request for each of the two meetings"
    assert j.sieve.scripts()[0] == "homeward"
    assert "Budget review" not in told.out, "she only attends that one"
    j.rests()


def ana_says_no_and_carla_yes(j: Journey, telling: Telling) -> None:
    j.at("2026-11-03 09:00")
    assert telling.no(j) == 2
    told = j.passes()
    assert told.out.count("Ask Carla Conti instead of Ana Silva") == 2, told.out
    assert len(j.sent(CARLA)) == 2
    assert "(host:" not in j.text("weekly"), "guests hear of a host once there is one"
    assert j.answers("carla", "ACCEPTED") == 2
    assert j.passes().out.count("to Carla Conti, who accepted") == 2
    text = j.text("weekly")
    assert text.count("SUMMARY:Product weekly (host: Carla Conti)") == 2 and text.count("ROLE=CHAIR") == 2
    assert ("mailto:ana@office.example" in text) == ("ana" in telling.guests), "who was added and said no is gone again"
    j.rests()


def the_brief_goes_out(j: Journey) -> None:
    j.at("2026-11-05 09:05")
    j.passes()
    briefs = [message for message in j.sent() if message["Subject"] == "While Mia Berger is away"]
    assert [message["To"] for message in briefs] == [f"{ANA}, {CARLA}"]
    assert "Lisbon" not in briefs[0].as_string()
    j.rests()


def at_home_mail_comes_in_as_ever(j: Journey) -> None:
    j.at("2026-11-06 12:00")
    j.come(OLA, "Before the trip", "INBOX")
    j.come("news@list.example", "An old list", "Lists", List_Id="<news.list.example>")
    j.come("win@spam.example", "An old win", DISCARDED, X_Spam_Flag="YES")
    j.at("2026-11-08 20:00")
    j.passes()
    j.come(DAN, "Have a good trip", "INBOX")
    assert j.replied_to() == []


def on_the_way_the_server_holds_it(j: Journey) -> None:
    """No pass has been made since the evening before."""
    j.at("2026-11-09 11:40", LISBON)
    j.come(OLA, "Question about the offer", "Held")
    j.come(OLA, "One more question", "Held")
    j.come(EVE, "Hello from a stranger", "Held")
    j.come(DAN, "Numbers of October", "Held")
    j.come("noreply@shop.example", "Your order", "Held")
    j.come(DAN, "[urgent] The site is down", "INBOX")
    j.come(EVE, "[urgent] Buy now", "Held")
    j.come(JONAS, "Ida lost a tooth", "INBOX")
    j.come(ME, "A note to myself", "INBOX")
    j.come("news@list.example", "A list", "Lists", List_Id="<news.list.example>")
    j.come("win@spam.example", "A win", DISCARDED, X_Spam_Flag="YES")
    j.expect(j.letters.come_as(calendar_reply(), CARLA), "INBOX")
    assert j.letters.shows("Held")
    assert "9 Nov" in j.type("status").out


def calendar_reply() -> EmailMessage:
    message = letter(CARLA, "Accepted: Planning 2027")
    text = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Example//Calendar//EN\r\nMETHOD:REPLY\r\nEND:VCALENDAR\r\n"
    message.set_content(text, subtype="calendar", params={"method": "REPLY"})
    return message


def who_asks_for_a_decision_is_coached(j: Journey) -> None:
    j.at("2026-11-09 11:50", LISBON)
    asked = j.come(ANA, "The vendor", "Held", "The vendor wants more money. What should I do?", **PROVED)
    j.come(CARLA, "The other vendor", "Held", "What should I do?", **FORGED)
    j.come(DAN, "My vendor", "Held", "What should I do?", **PROVED)  # no report of hers
    told = j.passes()
    assert "✓ coaching reply to ana@office.example" in told.out, told.out
    [reply] = [message for message in j.sent() if message["In-Reply-To"]]
    assert (reply["To"], reply["In-Reply-To"], reply["Auto-Submitted"]) == (ANA, asked, "auto-replied")
    assert CARLA in reply.get_content() and "more money" not in reply.as_string(), "names the deputy, quotes nothing"
    j.come(ANA, "Another vendor", "Held", "And what should I do here?", **PROVED)
    j.passes()
    assert len([message for message in j.sent() if message["In-Reply-To"]]) == 1, "once in four days"
    j.rests()


def a_window_opens_and_closes(j: Journey) -> None:
    j.at("2026-11-09 12:31", LISBON)
    j.come(OLA, "In the window", "INBOX")
    told = j.passes()
    assert "window 12:30 (Europe/Lisbon) opened" in told.out, told.out
    j.released()
    j.rests()
    j.at("2026-11-09 13:05", LISBON)
    j.come(OLA, "After the window", "Held")
    j.passes()
    j.check()
    j.at("2026-11-09 17:40", LISBON)
    j.passes()
    j.released()


def a_daemon_that_sleeps_keeps_nothing_back(j: Journey) -> None:
    """The lease names the openings of a day, and ends with it."""
    j.at("2026-11-10 07:00", LISBON)
    j.come(EVE, "Early in the morning", "Held")
    j.at("2026-11-10 08:10", LISBON)
    j.come(EVE, "At breakfast", "INBOX")
    j.check()
    j.passes()
    j.released()
    j.at("2026-11-10 20:00", LISBON)
    j.come(EVE, "In the evening", "Held")
    j.at("2026-11-11 13:30", LISBON)
    j.come(EVE, "After a day without the daemon", "INBOX")
    j.check()
    told = j.passes()
    assert "Carla Conti hosted “Product weekly" in told.out, told.out
    j.released("After a day without the daemon")  # what came since the last window waits for the next
    j.expect_again("After a day without the daemon", "Held")
    j.check()


def she_comes_back_early(j: Journey) -> None:
    j.at("2026-11-11 16:00", LISBON)
    j.come(OLA, "While she flies", "Held")
    j.at("2026-11-11 22:00")
    told = j.type("back", "--yes")
    assert told.code == 0 and "✗" not in told.all, told.all
    assert "Give “Product weekly” on Thu 12 Nov 14:00–15:00 back to you" in told.out, told.out
    assert [message["Subject"] for message in j.sent(CARLA)].count("No longer needed: hosting “Product weekly”") == 1
    j.released()
    replied = j.replied_to()
    j.come(OLA, "Home again", "INBOX")
    j.come(DAN, "Welcome", "INBOX")
    j.passes()
    j.check()
    assert j.replied_to() == replied, "the autoreply is off"
    assert j.sieve.scripts()[0] == "mine"
    assert j.type("plan", "--detailed-exitcode").code == 0


def the_digest_waits_for_her(j: Journey) -> None:
    j.at("2026-11-12 09:00")
    j.passes()
    [digest] = j.sent(ME)
    body = digest.get_body(("plain",)).get_content()
    assert "Carla Conti" in body and "Product weekly" in body and "Time for the family" in body, body
    assert "Carla Conti" in j.type("digest").out
    j.rests()


def the_right_people_had_one_reply_each(j: Journey) -> None:
    assert j.replied_to() == [DAN, OLA], "no list, no robot, no stranger, no family, nobody who is coached, nobody twice"
    for sent in j.mail.server.replies.caught.letters:
        text = sent.content.decode()
        assert sent.mail_from == "" and "Auto-Submitted: auto-replied" in text
        assert not any(word in text for word in ("Lisbon", "flight", "Jonas", "9 November", "14 November")), text


def all_of_it_is_taken_back(j: Journey, before: dict[str, object]) -> None:
    j.at("2026-11-13 10:00")
    told = j.type("undo", "--all", "--past")
    assert told.code == 0 and "taken back" in told.out, told.all
    if "Nothing to do" not in j.type("pass").out:  # two steps, where the server tells the guests
        j.rests()
    assert j.world() == before
    sent = len(j.sent())
    assert "Nothing to undo" in j.type("undo", "--all", "--past").out
    j.rests()
    j.at("2026-12-01 10:00")
    j.rests()
    assert j.world() == before and len(j.sent()) == sent
    j.check()
    assert all(b"\\Seen" not in flags for folder, flags in j.letters.flags().items() if folder != "Sent"), (
        "nothing was marked as read"
    )
