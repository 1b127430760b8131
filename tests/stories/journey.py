"""One leader on her servers, step by step: the clock is moved, commands are typed, people write and answer."""

from __future__ import annotations

from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage, Message
from email.policy import default
from pathlib import Path
from zoneinfo import ZoneInfo

from tests.daemon.shell import Told, type_
from tests.servers.calendar_server import CalendarServer
from tests.servers.sieve_users import Account
from tests.servers.submission import Submission
from tests.stories import leader
from tests.stories.clocked import ClockedDovecot
from tests.stories.letters import ME, Letters, letter

BERLIN, LISBON = ZoneInfo("Europe/Berlin"), ZoneInfo("Europe/Lisbon")


class Journey:
    """`work` is the path of a collection of `server`, `family` of one of `home`, which may be another server."""

    def __init__(
        self, root: Path, server: CalendarServer, mail: ClockedDovecot, submission: Submission, *guests: str,
        home: CalendarServer | None = None,
    ) -> None:  # fmt: skip
        self.root, self.server, self.home, self.mail, self.submission = root, server, home or server, mail, submission
        self.sieve = Account(mail.server)
        self.letters = Letters(mail, self.sieve.user)
        self.expected: dict[str, str] = {}
        self.work = leader.fill(server, server.new_calendar(), leader.TRIP, leader.meetings(*guests))
        self.family = leader.fill(self.home, self.home.new_calendar(), leader.FAMILY)
        self.sieve.put("summer", leader.OTHER_SCRIPT)
        self.sieve.put("mine", leader.OWN_SCRIPT, active=True)
        self._wrote_to("ola@customer.example")
        office, there = leader.caldav("office", server), leader.caldav("home", home) if home else ""
        calendars = leader.collection("work", self.work, account="office")
        calendars += leader.collection("family", self.family, account="home" if home else "office", role="family")
        accounts = leader.LOCAL + office + there + leader.post(mail.server, submission, self.sieve.user)
        leader.settle_in(root, accounts, calendars, leader.MAIL, mail.server.ca_file)

    def _wrote_to(self, address: str) -> None:
        """Some weeks ago."""
        message = letter(ME, "The offer")
        message.replace_header("To", address)
        with self.letters.signed_in() as client:
            client.append("Sent", message.as_bytes(), msg_time=datetime(2026, 9, 1, 12, tzinfo=BERLIN))

    # --- the user -----------------------------------------------------------------------------------------------------

    def at(self, wall: str, zone: ZoneInfo = BERLIN) -> None:
        self.mail.set(datetime.fromisoformat(wall).replace(tzinfo=zone))

    def type(self, *words: str) -> Told:
        return type_(self.root, *words, now=self.mail.now().isoformat())

    def passes(self) -> Told:
        told = self.type("pass")
        assert told.code == 0, told.all
        return told

    def rests(self) -> None:
        """A second pass does nothing, anywhere."""
        world, sent = self.world(), len(self.sent())
        told = self.passes()
        assert told.out.strip() == "Nothing to do.", told.out
        assert self.world() == world and len(self.sent()) == sent

    # --- mail ---------------------------------------------------------------------------------------------------------

    def come(self, sender: str, subject: str, folder: str, text: str = "", **headers: str) -> str:
        """A message is delivered, and is in that folder (or discarded) at once. Returns its Message-ID."""
        identifier = self.letters.come(sender, subject, text, **headers)
        self.expect(identifier, folder)
        return identifier

    def expect(self, identifier: str, folder: str) -> None:
        self.expected[self.letters.delivered[identifier]] = folder
        self.check()

    def expect_again(self, subject: str, folder: str) -> None:
        self.expected[subject] = folder

    def released(self, *but: str) -> None:
        """Everything that was held is in the inbox now, except what these subjects name."""
        self.expected |= {subject: "INBOX" for subject, folder in self.expected.items() if folder == "Held"}
        where = self.letters.where()
        assert {s: f for s, f in where.items() if s not in but} == {s: f for s, f in self.expected.items() if s not in but}

    def check(self) -> None:
        """Every message that was ever delivered is where it ought to be, and nowhere else."""
        assert self.letters.where() == self.expected

    # --- the world ----------------------------------------------------------------------------------------------------

    def world(self) -> dict[str, object]:
        """All that has to be as it was: calendars, scripts, the active one, and folders."""
        return {
            "work": self.server.content(self.work),
            "family": self.home.content(self.family),
            "scripts": self.sieve.scripts(),
            "in force": self.sieve.in_force(),
            "folders": [name for name in self.letters.folders() if name != "Lists"],
        }

    def answers(self, who: str, partstat: str) -> int:
        """Somebody's calendar program answers every request of ours; returns how many there were."""
        wanted = f"mailto:{who}@office.example"
        count = 0

        def answer(data: bytes) -> bytes:
            nonlocal count
            lines = data.decode().replace("\r\n ", "").split("\r\n")
            for number, line in enumerate(lines):
                if line.startswith("ATTENDEE") and wanted in line and "PARTSTAT=NEEDS-ACTION" in line:
                    lines[number], count = line.replace("NEEDS-ACTION", partstat), count + 1
            return "\r\n".join(lines).encode() if "X-HOMEWARD" in data.decode() else data

        self.server.rewrite(self.work, answer)
        return count

    def text(self, name: str) -> str:
        """A resource of the working calendar, unfolded."""
        return self.server.get(f"{self.work}{name}.ics").decode().replace("\r\n ", "").replace("\r\n", "\n")

    def sent(self, to: str = "") -> list[Message]:
        """What homeward sent by SMTP."""
        found = [each for each in self.submission.caught.letters if not to or to in each.to]
        return [message_from_bytes(each.content, policy=default) for each in found]  # type: ignore[arg-type]

    def replied_to(self) -> list[str]:
        """To whom the mail server itself sent the autoreply."""
        return sorted(address for each in self.mail.server.replies.caught.letters for address in each.to)

    def says_no_by_mail(self, who: str) -> int:
        """To each request that came by mail."""
        asked = [message for message in self.sent(f"{who}@office.example") if ".ask." in str(message["Message-ID"])]
        for message in asked:
            reply: EmailMessage = letter(f"{who}@office.example", f"Re: {message['Subject']}", "No, sorry.")
            reply["In-Reply-To"] = str(message["Message-ID"])
            self.expect(self.letters.come_as(reply, f"{who}@office.example"), "INBOX")
        return len(asked)
