"""A leader's world in the story of a team: what others do to her calendars and her mail, what she types, and what is there then.
Only her working calendar (`desk`) and her mail (`post`) differ between worlds; travel, team and family are folders."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from email.message import EmailMessage, Message
from email.utils import format_datetime
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo

from tests.daemon.shell import Told, type_
from tests.expected import as_expected
from tests.stories.team import office
from tests.stories.team.desks import Desk
from tests.stories.team.office import ADDRESSES, LEA, Lines

BERLIN, LISBON, BOSTON = (ZoneInfo(name) for name in ("Europe/Berlin", "Europe/Lisbon", "America/New_York"))
EXPECTED = Path(__file__).parent / "expected"


class Post(Protocol):
    table: str
    account: str

    def set(self, moment: datetime) -> None:
        """The clock of everything in this world."""

    def now(self) -> datetime: ...

    def come_as(self, message: EmailMessage, sender: str) -> object:
        """It is delivered now."""

    def where(self) -> dict[str, str]:
        """Subject → the one place where it is. AssertionError where it is in two, or in none."""

    def settings(self) -> dict[str, object]:
        """The autoreply, the rules, the folders: all that has to be as it was in the end."""

    def sent(self, to: str = "") -> list[Message]:
        """What homeward sent."""


class World:
    def __init__(self, root: Path, desk: Desk, post: Post) -> None:
        self.root, self.desk, self.post = root, desk, post
        self.places: dict[str, str] = {}
        root.mkdir(exist_ok=True)
        config = office.CONFIG.format(accounts=desk.account + post.account, work=desk.table, mail=post.table)
        (root / "config.toml").write_text(config, "utf-8")
        for name, lines in office.WORK.items():
            desk.put(name, lines)
        folders = {"travel": office.TRAVEL, "team": office.TEAM, "family": office.FAMILY}
        for folder, events in folders.items():
            self._fill(folder, events)
        self.settings, self.family = post.settings(), self.files("family")

    def _fill(self, folder: str, events: Mapping[str, Lines]) -> None:
        (self.root / folder).mkdir()
        for name, lines in events.items():
            self.enter(folder, name, lines)

    # --- the leader -------------------------------------------------------------------------------------------------------

    def at(self, wall: str, zone: ZoneInfo = BERLIN) -> None:
        self.post.set(datetime.fromisoformat(wall).replace(tzinfo=zone))

    def types(self, *words: str, code: int = 0) -> str:
        told = self._type(*words)
        assert told.code == code and "✗" not in told.out.replace("  ✗ ", "" if code == 3 else "✗"), told.all
        return told.out

    def _type(self, *words: str) -> Told:
        return type_(self.root, *words, now=self.post.now().isoformat())

    def passes(self) -> str:
        return self.types("pass")

    def rests(self) -> None:
        """A second pass does nothing, anywhere."""
        there, sent = (self.desk.content(), self.post.settings()), len(self.post.sent())
        assert self.passes().strip() == "Nothing to do."
        assert (self.desk.content(), self.post.settings()) == there and len(self.post.sent()) == sent

    def reads(self, name: str, *words: str, code: int = 0) -> None:
        """What she then reads is what stands in that file, in every world."""
        as_expected(EXPECTED / name, self.types(*words, code=code))

    def has_read(self, name: str, subject: str, who: str) -> None:
        """The last letter with that subject that homeward sent them is what stands in that file."""
        as_expected(EXPECTED / name, self.sent(subject, who)[-1])

    # --- other people -----------------------------------------------------------------------------------------------------

    def enter(self, folder: str, name: str, lines: Lines) -> None:
        """An event of a local calendar, new or in another one's place."""
        (self.root / folder / f"{name}.ics").write_bytes(office.text(name, lines))

    def answers(self, who: str, title: str, yes: bool, day: str = "") -> None:
        """In their own calendar, to every request for such a meeting (or that of `day`, "2026-11-02"). A server that keeps in a
        guest's copy what they once said to the meeting shows them no request: they say it in the corridor."""
        if not self.desk.answer(who, title, yes, day.replace("-", "")):
            assert not self.desk.by_mail, f"{who} is not asked to host “{title}”"
            self._in_the_corridor(who, title, day, yes)

    def _in_the_corridor(self, who: str, title: str, day: str, yes: bool) -> None:
        self.types("accept" if yes else "decline", who, f"{title} {day}".strip())

    def says(self, who: str, title: str, day: str, yes: bool) -> None:
        """By mail, to the request for the meeting of that day; in the corridor, where their calendar answers for them."""
        if not self.desk.by_mail:
            self._in_the_corridor(who, title, day, yes)
            return
        words = "Yes, gladly." if yes else "No, sorry."
        when = f"{date.fromisoformat(day):%-d %B %Y}"
        asked = [m for m in self.post.sent(ADDRESSES[who]) if ".ask." in str(m["Message-ID"]) and title in str(m["Subject"])]
        asked = [m for m in asked if when in m.get_body(("plain",)).get_content()]  # type: ignore[attr-defined]
        message = letter(ADDRESSES[who], f"Re: {asked[-1]['Subject']} ({len(self.places)})", words)
        message["In-Reply-To"] = str(asked[-1]["Message-ID"])
        self._comes(message, ADDRESSES[who], "INBOX")

    def mail(self, sender: str, subject: str, place: str, words: str = "", to: str = LEA, **headers: str) -> str:
        """A letter comes, and is to be in that place as soon as homeward has looked. Returns its Message-ID."""
        message = letter(sender, subject, words, to)
        for name, value in headers.items():
            message[name.replace("_", "-")] = value
        return self._comes(message, sender, place)

    def _comes(self, message: EmailMessage, sender: str, place: str) -> str:
        message["Message-ID"] = f"<letter{len(self.places)}@mail.example>"
        message["Date"] = format_datetime(self.post.now())
        self.post.come_as(message, sender)
        self.places[str(message["Subject"])] = place
        return str(message["Message-ID"])

    # --- what is there ----------------------------------------------------------------------------------------------------

    def every_letter_is_in_its_place(self) -> None:
        found = self.post.where()
        assert {subject: found.get(subject) for subject in self.places} == self.places

    def released(self) -> None:
        """What was held is in the inbox now."""
        self.places = {subject: "INBOX" if place == "Held" else place for subject, place in self.places.items()}
        self.every_letter_is_in_its_place()

    def files(self, folder: str) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in (self.root / folder).iterdir()}

    def sent(self, subject: str, to: str = "") -> list[str]:
        """The texts of homeward's letters with such a subject."""
        found = [message for message in self.post.sent(to) if subject in str(message["Subject"])]
        texts = [message.get_body(("plain",)).get_content() for message in found]  # type: ignore[attr-defined]
        return [text.replace("\r\n", "\n") for text in texts]

    def is_as_before(self) -> bool:
        return (self.desk.content(), self.files("family"), self.post.settings()) == (
            self.desk.as_put(), self.family, self.settings,
        )  # fmt: skip


def letter(sender: str, subject: str, words: str = "", to: str = LEA) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, to, subject
    message.set_content(words or subject)
    return message
