"""Home again: the digest of a whole trip, the development log, and what was written to people. On files and at Google."""

from __future__ import annotations

import email.policy
import os
import sqlite3
from collections.abc import Iterator
from email import message_from_bytes
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from google_world import LENA, GoogleWorld
from shell import Told, type_
from test_server_mail import on_servers, subjects
from world import BERLIN, LISBON, World

from daemon.letters import digest_text
from daemon.reconcile import look
from integrations.maildir import deliver
from tests.expected import as_expected
from tests.servers.dovecot import Dovecot
from tests.servers.fake_google.server import FakeGoogle
from tests.servers.fake_google.worlds import Clock
from tests.servers.submission import Submission

OLA, ANA, CARLA = "ola@customer.example", "ana@example.org", "carla@example.org"
EXPECTED = Path(__file__).parent / "returning"
PROOF = "mx.example.org; dmarc=pass header.from=example.org"
BACK = "2026-12-05 09:00"


def letter(world: World, sender: str, to: str, subject: str, text: str, **headers: str) -> EmailMessage:
    world.letters += 1
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, to, subject
    message["Date"], message["Message-ID"] = format_datetime(world.now), f"<m{world.letters}@mail.example>"
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content(text)
    return message


class AtHome(World):
    """Calendar and mail in files."""

    def post(self, *args: str, **headers: str) -> str:
        """Lena's copy is delivered, whoever else gets it; returns its Message-ID."""
        message = letter(self, *args, **headers)
        name = f"{self.now.timestamp():.0f}.m{self.letters}.test"
        deliver(self.root / "Maildir", name, message.as_bytes())
        os.utime(self.root / "Maildir" / "new" / name, (self.now.timestamp(),) * 2)
        return str(message["Message-ID"])

    def carla_accepts(self) -> None:
        for title in ("Monday team meeting", "Design review training"):
            self.corridor("carla" if title.startswith("D") else "ana", "declined", title)
            self.corridor("carla" if title.startswith("M") else "ana", "accepted", title)

    def others_change_the_calendar(self) -> None:
        self.edit("work/budget.ics", "20261208T14", "20261208T16")
        self.edit("work/budget.ics", "20261208T150000", "20261208T170000")
        people = ("ORGANIZER;CN=Max Boss:mailto:max@example.org", "ATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:lena@example.org")
        times = ("DTSTART;TZID=Europe/Berlin:20261210T100000", "DTEND;TZID=Europe/Berlin:20261210T110000")
        self.event("work/offsite.ics", "offsite@example.org", *times, "SUMMARY:Off-site <b>plans</b>", *people)
        self.event("work/secret.ics", "secret@example.org", *times, "SUMMARY:Surgery", "CLASS:PRIVATE")

    def written(self) -> list[Any]:
        return list(self.messages(".Drafts"))


class OnServers(AtHome):
    """Mail on servers: read over IMAP, sent by SMTP."""

    def __init__(self, root: Path, dovecot: Dovecot, submission: Submission) -> None:
        super().__init__(root)
        self.dovecot, self.submission, self.user = dovecot, submission, dovecot.user()
        on_servers(root, dovecot, submission, self.user)

    def post(self, *args: str, **headers: str) -> str:
        message = letter(self, *args, **headers)
        self.dovecot.put(self.user, f"m{self.letters}.test", message.as_bytes(), self.now)
        return str(message["Message-ID"])

    def written(self) -> list[Any]:
        return [message_from_bytes(sent.content, policy=email.policy.default) for sent in self.submission.caught.letters]


class AtGoogle(GoogleWorld):
    clock: Clock

    def at(self, wall: str, zone: str = BERLIN) -> Any:
        moment = super().at(wall, zone)
        self.clock.now = moment
        return moment

    def post(self, *args: str, **headers: str) -> str:
        message = letter(self, *args, **headers)
        self.google.gmail.deliver(LENA, message.as_bytes(), self.now)
        return str(message["Message-ID"])

    carla_accepts = AtHome.carla_accepts

    def others_change_the_calendar(self) -> None:
        events = self.google.calendar.shelves[LENA].events
        budget = next(e for e in events.values() if e.get("summary") == "Budget review with finance")
        self.google.calendar.edit(LENA, budget["id"], start=_clock("2026-12-08T16:00:00"), end=_clock("2026-12-08T17:00:00"))
        ten = {"start": _clock("2026-12-10T10:00:00"), "end": _clock("2026-12-10T11:00:00")}
        guests = {"attendees": [{"email": LENA, "responseStatus": "needsAction"}]}
        max_ = {"organizer": {"email": "max@example.org", "displayName": "Max Boss"}}
        self.google.calendar.put(LENA, {"id": "offsite1", "summary": "Off-site <b>plans</b>", **ten, **guests, **max_})
        self.google.calendar.put(LENA, {"id": "secret1", "summary": "Surgery", "visibility": "private", **ten})


def _clock(wall: str) -> dict[str, str]:
    return {"dateTime": f"{wall}+01:00", "timeZone": BERLIN}


Either = AtHome | AtGoogle


def at_home(root: Path) -> AtHome:
    world = AtHome(root)
    world.add_to_config('[coaching]\nauthserv_id = "mx.example.org"')
    return world


@pytest.fixture
def google() -> Iterator[FakeGoogle]:
    clock = Clock()
    AtGoogle.clock = clock
    with FakeGoogle(clock) as started:
        yield started


def travel(world: Either) -> None:
    """A week in Lisbon, as others live it: Ana and Carla host, customers write, the calendar moves on."""
    world.accept()
    world.carla_accepts()
    world.at("2026-11-30 14:00", LISBON)
    world.make_pass()
    price = world.post(f"Ola <{OLA}>", LENA, "The price", "Hi Lena,\nwhat does it cost?\n")
    world.post("Pat <pat@customer.example>", LENA, "Next year", "Dear Lena,\nshall we go on?\n> Hi Lena\n")
    world.post("News <news@vendor.example>", LENA, "Ten tips", "Buy?", List_Id="<news>", List_Unsubscribe="<https://x>")
    world.post("Shop <no-reply@shop.example>", LENA, "Your order", "Sent.")
    world.make_pass()
    world.at("2026-12-01 10:00", LISBON)
    world.post(f"Carla <{CARLA}>", OLA, "Re: The price", "It costs 10.", Cc=LENA, In_Reply_To=price)
    world.post(f"Ana <{ANA}>", LENA, "A candidate <script>", "Hi Lena, can you see her on Monday?")
    world.make_pass()
    world.others_change_the_calendar()
    world.at("2026-12-02 18:00", LISBON)
    world.make_pass()
    world.at(BACK)
    world.make_pass()


def digested(world: Either, form: str = "md") -> str:
    with world.session() as session:
        seen = look(session)
        return digest_text(session, seen, seen.absences[0], form)


def command(world: World, *words: str) -> Told:
    told = type_(world.root, *words, now=world.now.isoformat())
    assert told.code == 0, told.err
    return told


def test_the_digest_of_a_week_from_files(home: Path) -> None:
    world = at_home(home)
    travel(world)
    as_expected(EXPECTED / "digest.md", command(world, "digest").out)
    [sent] = [m for m in world.written() if m["To"] == LENA]
    body = sent.get_body(("plain",)).get_content()
    assert "6 held and released: on your return" in body, "given back in the very pass that sends it"
    assert "“Re: The price” to ola@customer.example" in body and "“Next year” from pat@customer.example" in body
    page = command(world, "digest", "--format", "html").out
    assert "<script>" not in page and "&lt;script&gt;" in page and "<b>plans" not in page
    assert digested(world) == digested(world), "and again, long after it was sent"
    state = b"".join(path.read_bytes() for path in (home / "state").rglob("*") if path.is_file())
    assert b"Surgery" not in state and b"The price" not in state and b"what does it cost" not in state


def test_the_digest_of_the_same_week_with_mail_on_servers(home: Path, dovecot: Dovecot, submission: Submission) -> None:
    world = OnServers(home, dovecot, submission)
    travel(world)
    as_expected(EXPECTED / "digest.md", command(world, "digest").out)
    [sent] = [m for m in world.written() if m["Subject"] == "Welcome home"]
    assert sent["To"] == LENA and "6 held and released: on your return" in sent.get_body(("plain",)).get_content()
    assert {folder: len(subjects(dovecot, world.user, folder)) for folder in ("INBOX", "Held")} == {"INBOX": 6, "Held": 0}


def test_the_digest_of_the_same_week_at_google(home: Path, google: FakeGoogle) -> None:
    world = AtGoogle(home, google)
    travel(world)
    as_expected(EXPECTED / "digest.md", digested(world) + "\n")
    with sqlite3.connect(home / "state" / "ledger.db") as db:
        assert "The price" not in "".join(str(row) for row in db.iterdump())


def test_what_was_asked_and_answered_after_the_return_needs_nothing_any_more(home: Path) -> None:
    world = at_home(home)
    travel(world)
    assert "“Next year”" in digested(world)
    world.at("2026-12-05 12:00")
    world.post(f"Lena <{LENA}>", "pat@customer.example", "Re: Next year", "Yes.", In_Reply_To="<m2@mail.example>")
    assert "“Next year”" not in digested(world)


def test_the_development_log_fills_itself_and_takes_notes_and_feedback(home: Path) -> None:
    world = at_home(home)
    travel(world)
    assert command(world, "note", "ana", "signed the supplier contract", "--level", "3", "--outcome", "cheaper").out.startswith(
        "Noted about Ana Silva: Sat 5 Dec: signed the supplier contract (level 3"
    )
    world.at("2026-12-08 18:00")
    world.make_pass()
    asked = "how did it go, in one line? homeward note carla --feedback"
    assert asked in command(world, "status").out.replace("\n", " ")
    command(world, "note", "carla", "--feedback", "calm in a hard meeting")
    assert asked not in command(world, "status").out
    as_expected(EXPECTED / "carla.txt", command(world, "log", "--person", "carla").out)
    as_expected(EXPECTED / "ana.txt", command(world, "log", "--person", "Ana").out)
    assert '"feedback": [\n    {' in command(world, "log", "--person", "carla", "--json").out
    assert "signed the supplier contract" in command(world, "digest").out
    assert "calm in" not in command(world, "digest").out + command(world, "log", "--full").out
    assert not any("calm in" in message.as_string() for message in world.written()), "for the leader alone"
    described = "".join(world.calendar(str(p.relative_to(home / "calendars"))) for p in (home / "calendars").rglob("*.ics"))
    assert "homeward note carla --feedback" in described


def test_what_somebody_has_shown_is_suggested_and_changes_nothing(home: Path) -> None:
    world = at_home(home)
    world.add_to_config("[development]\nsuggest_after = 1")
    travel(world)
    told = command(world, "log", "--person", "ana").out
    assert "Ana Silva hosted once at level 4: consider level 5 (decide). It is yours to decide" in told
    assert told.startswith("Ana Silva, level 4")


def test_a_second_pass_records_nothing_twice(home: Path) -> None:
    world = at_home(home)
    travel(world)
    with world.ledger() as ledger:
        before = ledger.development()
    world.make_pass()
    with world.ledger() as ledger:
        assert before and ledger.development() == before


def test_a_note_about_nobody_or_nothing_is_refused(home: Path) -> None:
    world = at_home(home)
    world.accept()
    for words, reason in ((("note", "zoe", "x"), "nobody in the config"), (("note", "ana"), "nothing to note")):
        told = type_(home, *words)
        assert told.code == 2 and reason in told.err


def test_a_ledger_of_the_first_release_learns_to_keep_the_log(home: Path) -> None:
    world = at_home(home)
    world.accept()
    with sqlite3.connect(home / "state" / "ledger.db") as db:
        for table in ("development", "feedback", "departure"):
            db.execute(f"DROP TABLE {table}")
        db.execute("PRAGMA user_version=1")
    command(world, "note", "ana", "chose the venue")
    assert "chose the venue" in command(world, "log", "--person", "ana").out


# --- the coaching reply -----------------------------------------------------------------------------------------------


def asks(world: Either, **more: str) -> str:
    world.at("2026-12-01 10:00", LISBON)
    headers = {"Authentication_Results": PROOF, **more}
    return world.post(f"Ana <{ANA}>", LENA, "The vendor", "The vendor wants more money. What should I do?", **headers)


def test_a_report_is_coached_from_files_and_the_leader_can_read_it(home: Path) -> None:
    world = at_home(home)
    world.accept()
    asked = asks(world)
    world.make_pass()
    world.make_pass()
    [reply] = [m for m in world.written() if m["In-Reply-To"] == asked]
    assert (reply["To"], reply["Auto-Submitted"]) == (ANA, "auto-replied") and "more money" not in reply.as_string()
    told = command(world, "log", "--full").out
    assert "To: ana@example.org\n    Subject: Re: The vendor\n    | Hello Ana," in told and "more money" not in told
    assert '"subject": "Re: The vendor"' in command(world, "log", "--full", "--json").out
    assert "| Hello" not in command(world, "log").out
    state = b"".join(path.read_bytes() for path in (home / "state").rglob("*") if path.is_file())
    assert b"more money" not in state


def test_a_report_is_coached_at_google_where_nobody_gets_the_autoreply(home: Path, google: FakeGoogle) -> None:
    world = AtGoogle(home, google)
    world.add_to_config('[coaching]\nauthserv_id = "mx.example.org"\n\n[responder]\nenabled = false')
    world.accept()
    asked = asks(world)
    world.make_pass()
    world.make_pass()
    sent = [raw for _, _, raw in google.gmail.outgoing]
    assert len([raw for raw in sent if b"In-Reply-To: " + asked.encode() in raw]) == 1


def test_nobody_is_coached_at_google_beside_the_autoreply_or_unproved(home: Path, google: FakeGoogle) -> None:
    world = AtGoogle(home, google)
    world.add_to_config('[coaching]\nauthserv_id = "mx.example.org"')
    world.accept()
    asked = asks(world)
    world.make_pass()
    world.configure("[coaching]", "[responder]\nenabled = false\n\n[coaching]")
    forged = asks(world, Authentication_Results="mx.evil.example; dmarc=pass header.from=example.org")
    world.make_pass()
    sent = [raw for _, _, raw in google.gmail.outgoing]
    assert not any(forged.encode() in raw for raw in sent)
    assert any(asked.encode() in raw for raw in sent), "the first letter, as soon as nobody would get two"
