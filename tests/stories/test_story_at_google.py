"""The whole story of a trip for somebody whose calendars are at Google, with mail at Gmail or on a mail server: from the first
look until all of it is taken back, by commands alone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from integrations.google_auth import CALENDAR_SCOPES, MAIL_SCOPES
from tests.daemon.at_google import CLIENT, CLIENT_FILE, HUSH, account, sign_in
from tests.daemon.google_world import put_events
from tests.daemon.shell import Told, type_
from tests.servers.fake_google.contract_bench import content
from tests.servers.fake_google.server import FakeGoogle
from tests.servers.fake_google.worlds import Clock
from tests.servers.submission import Submission
from tests.stories import leader
from tests.stories.clocked import ClockedDovecot
from tests.stories.google_posts import LISTS, Gmail, Post, Server
from tests.stories.letters import DISCARDED, ME

BERLIN, LISBON = ZoneInfo("Europe/Berlin"), ZoneInfo("Europe/Lisbon")
OLA, EVE, DAN, JONAS = "ola@customer.example", "eve@stranger.example", "dan@office.example", "jonas@family.example"
ANA, CARLA = "ana@office.example", "carla@office.example"
FAMILY = "family@group.calendar.google.com"
CALENDARS = (
    '[[calendar]]\nid = "work"\naccount = "g"\ncollection = "primary"\n'
    f'[[calendar]]\nid = "family"\nrole = "family"\naccount = "g"\ncollection = "{FAMILY}"\nwork = false\n'
)
OUT = {
    "id": "away0000", "summary": "Out of office", "eventType": "outOfOffice", "transparency": "opaque",
    "start": {"dateTime": "2026-11-09T00:00:00+01:00", "timeZone": "Europe/Berlin"},
    "end": {"dateTime": "2026-11-14T00:00:00+01:00", "timeZone": "Europe/Berlin"},
    "outOfOfficeProperties": {"autoDeclineMode": "declineNone"},
}  # fmt: skip


class Journey:
    """`looks`: mail is held by a pass alone, so that one follows whatever comes."""

    def __init__(self, root: Path, google: FakeGoogle, post: Post, *, looks: bool) -> None:
        self.root, self.google, self.post, self.looks = root, google, post, looks
        self.expected: dict[str, str] = {}
        events = {**leader.TRIP, **leader.meetings("carla", "dan")}
        del events["away@office.example"]
        google.calendar.put(ME, dict(OUT))
        for calendar, found in ((ME, events), (FAMILY, leader.FAMILY)):
            for uid, lines in found.items():
                put_events(google, calendar, uid.partition("@")[0], leader.event(uid, lines), ME)

    def settle_in(self, ca_file: str = "") -> None:
        more = getattr(self.post, "account", "")
        leader.settle_in(self.root, leader.LOCAL + account(self.google, ME) + more, CALENDARS, self.post.table, ca_file)
        (self.root / "client.json").write_text(CLIENT_FILE)
        self.google.oauth.clients[CLIENT], self.google.oauth.signs_in = HUSH, ME
        self.at("2026-11-02 08:30")
        scopes = CALENDAR_SCOPES if more else (*CALENDAR_SCOPES, *MAIL_SCOPES)
        sign_in(self.root, self.google, scopes, now=self.post.now().isoformat())

    # --- the user, and time -------------------------------------------------------------------------------------------

    def at(self, wall: str, zone: ZoneInfo = BERLIN) -> None:
        self.post.set(datetime.fromisoformat(wall).replace(tzinfo=zone))

    def type(self, *words: str) -> Told:
        return type_(self.root, *words, now=self.post.now().isoformat())

    def passes(self) -> Told:
        told = self.type("pass")
        assert told.code == 0, told.all
        return told

    def rests(self) -> None:
        """A second pass does nothing, anywhere."""
        world, sent, mailed = self.world(), len(self.post.sent()), len(self.google.calendar.mails)
        assert self.passes().out.strip() == "Nothing to do."
        assert (self.world(), len(self.post.sent()), len(self.google.calendar.mails)) == (world, sent, mailed)

    # --- mail ---------------------------------------------------------------------------------------------------------

    def come(self, sender: str, subject: str, place: str, **headers: str) -> None:
        """A message is delivered, and is in that place alone."""
        self.post.come(sender, subject, **headers)
        self.expected[subject] = place
        if self.looks:
            self.passes()
        self.check()

    def released(self) -> None:
        """Everything that was held is in the inbox now."""
        now = {"Held": "INBOX", f"Held+{LISTS}": LISTS}
        self.expected = {subject: now.get(place, place) for subject, place in self.expected.items()}
        self.check()

    def check(self) -> None:
        """Every message that ever came is where it ought to be, and nowhere else."""
        found = self.post.where()
        assert {subject: found.get(subject) for subject in self.expected} == self.expected

    # --- the world ----------------------------------------------------------------------------------------------------

    def world(self) -> dict[str, object]:
        return {"work": content(self.google, ME), "family": content(self.google, FAMILY), **self.post.settings()}

    def titles(self) -> list[str]:
        events = self.google.calendar.shelves[ME].events.values()
        return sorted(event["summary"] for event in events if event["status"] != "cancelled")

    def answers(self, who: str, status: str) -> int:
        """Somebody answers every request in the web interface; returns how many there were."""
        count = 0
        for event in list(self.google.calendar.shelves[ME].events.values()):
            for guest in event.get("attendees", ()):
                if guest["email"] == who and guest["responseStatus"] == "needsAction" and event["status"] != "cancelled":
                    self.google.calendar.answer(who, event["id"], status)
                    count += 1
        return count


# --- three ways -------------------------------------------------------------------------------------------------------


@pytest.fixture
def google(clock: Clock) -> Iterator[FakeGoogle]:
    with FakeGoogle(clock) as started:
        for person in (ME, ANA, CARLA, DAN):
            started.add_user(person)
        started.calendar.add_calendar(FAMILY, ME, "Family")
        yield started


@pytest.mark.parametrize("hold", ["client", "server"])
def test_calendars_and_mail_at_google(google: FakeGoogle, clock: Clock, tmp_path: Path, hold: str) -> None:
    j = Journey(tmp_path / "home", google, Gmail(google, clock, hold), looks=hold == "client")
    j.settle_in()
    the_whole_story(j)
    assert set(google.seen.refused) <= {"404 notFound"}, "but for looking whether something is there"


@pytest.mark.slow
def test_calendars_at_google_and_mail_on_a_server(
    google: FakeGoogle, clock: Clock, post: ClockedDovecot, submission: Submission, tmp_path: Path
) -> None:
    j = Journey(tmp_path / "home", google, Server(clock, post, submission), looks=False)
    j.settle_in(post.server.ca_file)
    the_whole_story(j)
    assert google.gmail.outgoing == [] and not any(".gmail." in f".{name}" for name in google.seen.calls)


def the_whole_story(j: Journey) -> None:
    before = j.world()
    the_plan_is_shown_and_agreed_to(j, before)
    ana_says_no_and_carla_yes(j)
    the_brief_goes_out(j)
    at_home_mail_comes_in_as_ever(j)
    on_the_way_it_is_held(j)
    a_window_opens_and_closes(j)
    she_comes_back_early(j, before)
    the_digest_waits_for_her(j)
    all_of_it_is_taken_back(j, before)


# --- the story --------------------------------------------------------------------------------------------------------


def the_plan_is_shown_and_agreed_to(j: Journey, before: dict[str, object]) -> None:
    j.at("2026-11-02 09:00")
    assert j.type("trips").out.startswith("Trip to Lisbon, 9–14 Nov (4 nights)")
    assert "+ Ask Ana Silva to host “Product weekly” on Tue 10 Nov 14:00–15:00" in j.type("plan").out
    assert j.world() == before, "looking changes nothing"
    told = j.type("apply", "--yes")
    assert told.code == 0 and "✗" not in told.out, told.all
    assert len(j.post.sent(ANA)) == 2 and j.google.calendar.mails == [], "asked by a letter; Google itself tells nobody"
    assert "Budget review" not in told.out, "she only attends that one"
    assert len(content(j.google, FAMILY)) > len(before["family"]), "family time is in the family's calendar"  # type: ignore[arg-type]
    j.rests()


def ana_says_no_and_carla_yes(j: Journey) -> None:
    j.at("2026-11-03 09:00")
    assert j.answers(ANA, "declined") == 2
    assert j.passes().out.count("Ask Carla Conti instead of Ana Silva") == 2
    assert len(j.post.sent(CARLA)) == 2
    assert not any("(host:" in title for title in j.titles()), "guests hear of a host once there is one"
    assert j.answers(CARLA, "accepted") == 2
    assert j.passes().out.count("to Carla Conti, who accepted") == 2
    assert j.titles().count("Product weekly (host: Carla Conti)") == 2
    guests = [g["email"] for event in j.google.calendar.shelves[ME].events.values() for g in event.get("attendees", ())]
    assert ANA not in guests, "who was added and said no is gone again"
    assert {mail.to for mail in j.google.calendar.mails} <= {CARLA, DAN}
    j.rests()


def the_brief_goes_out(j: Journey) -> None:
    j.at("2026-11-05 09:05")
    j.passes()
    [brief] = [message for message in j.post.sent() if message["Subject"] == "While Mia Berger is away"]
    assert brief["To"] == f"{ANA}, {CARLA}" and "Lisbon" not in brief.as_string()
    j.rests()


def at_home_mail_comes_in_as_ever(j: Journey) -> None:
    j.at("2026-11-06 12:00")
    j.come(OLA, "Before the trip", "INBOX")
    j.come("news@list.example", "An old list", LISTS, List_Id="<news.list.example>")
    j.come("win@spam.example", "An old win", spam_of(j), X_Spam_Flag="YES")
    j.at("2026-11-08 20:00")
    j.passes()
    j.come(DAN, "Have a good trip", "INBOX")
    assert j.post.replied_to() == []


def spam_of(j: Journey) -> str:
    return "SPAM" if isinstance(j.post, Gmail) else DISCARDED


def on_the_way_it_is_held(j: Journey) -> None:
    j.at("2026-11-09 11:40", LISBON)
    j.passes()
    j.come(OLA, "Question about the offer", "Held")
    j.come(EVE, "Hello from a stranger", "Held")
    j.come(DAN, "Numbers of October", "Held")
    j.come("noreply@shop.example", "Your order", "Held")
    j.come(DAN, "[urgent] The site is down", "INBOX")
    j.come(EVE, "[urgent] Buy now", "Held")
    j.come(JONAS, "Ida lost a tooth", "INBOX")
    j.come(ME, "A note to myself", "INBOX")
    by_filter = isinstance(j.post, Gmail) and not j.looks  # then hers and ours both act on it
    j.come("news@list.example", "A list", f"Held+{LISTS}" if by_filter else LISTS, List_Id="<news.list.example>")
    j.come("win@spam.example", "A win", spam_of(j), X_Spam_Flag="YES")
    assert "9 Nov" in j.type("status").out


def a_window_opens_and_closes(j: Journey) -> None:
    j.at("2026-11-09 12:31", LISBON)
    told = j.passes()
    assert "window 12:30 (Europe/Lisbon) opened" in told.out, told.out
    j.released()
    j.come(OLA, "In the window", "INBOX")
    j.rests()
    j.at("2026-11-09 13:05", LISBON)
    j.passes()
    j.come(OLA, "After the window", "Held")
    j.at("2026-11-09 17:40", LISBON)
    j.passes()
    j.released()


def she_comes_back_early(j: Journey, before: dict[str, object]) -> None:
    j.at("2026-11-11 15:50", LISBON)
    j.passes()
    j.come(OLA, "While she flies", "Held")
    j.at("2026-11-11 22:00")
    told = j.type("back", "--yes")
    assert told.code == 0 and "✗" not in told.all, told.all
    assert "Give “Product weekly” on Thu 12 Nov 14:00–15:00 back to you" in told.out, told.out
    j.released()
    replied = j.post.replied_to()
    assert OLA in replied and not set(replied) & {"news@list.example", JONAS, ME}, replied
    assert len(set(replied)) == len(replied), "nobody twice"
    j.come(OLA, "Home again", "INBOX")
    j.come(DAN, "Welcome", "INBOX")
    j.passes()
    j.check()
    assert j.post.replied_to() == replied, "the autoreply is off"
    assert {key: j.world()[key] for key in j.post.settings()} == {key: before[key] for key in j.post.settings()}
    assert j.type("plan", "--detailed-exitcode").code == 0


def the_digest_waits_for_her(j: Journey) -> None:
    j.at("2026-11-12 09:00")
    j.passes()
    [digest] = j.post.sent(ME)
    assert "Carla Conti" in digest.as_string() and "Product weekly" in digest.as_string()
    assert "Carla Conti" in j.type("digest").out
    j.rests()


def all_of_it_is_taken_back(j: Journey, before: dict[str, object]) -> None:
    j.at("2026-11-13 10:00")
    mailed = {mail.to for mail in j.google.calendar.mails}
    told = j.type("undo", "--all", "--past")
    assert told.code == 0 and "taken back" in told.out, told.all
    j.passes()
    assert j.world() == before
    assert {mail.to for mail in j.google.calendar.mails} <= mailed, "nobody hears of the end who did not hear of the beginning"
    sent = len(j.post.sent())
    assert "Nothing to undo" in j.type("undo", "--all", "--past").out
    j.rests()
    j.at("2026-12-01 10:00")
    j.rests()
    assert j.world() == before and len(j.post.sent()) == sent
    j.check()
