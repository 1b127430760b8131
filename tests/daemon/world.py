"""The demonstration's home and the people around it, for tests of whole passes: each step is a session of its own, as a process
would be, on real files; only the clock and the other people are played."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage, Message
from email.policy import default
from email.utils import format_datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from daemon.clock import FixedClock
from daemon.ledger import Effect, Ledger
from daemon.paths import Paths
from daemon.reconcile import Look, Passed, look, one_pass, record, record_answer, say_yes, undo
from daemon.session import Session
from integrations.maildir import deliver
from rules.answers import Answer
from rules.identity import identities
from rules.items import HostItem
from rules.model import Absence, Said

BERLIN, LISBON = "Europe/Berlin", "Europe/Lisbon"
AROUND_WINDOWS = ("00:40", "07:45", "08:00", "11:00", "12:30", "14:30", "17:30", "20:30")


class World:
    """`at` moves the clock; everything else happens at that moment."""

    def __init__(self, root: Path, start: str = "2026-11-23 09:00") -> None:
        self.root = root
        self.letters = 0
        self.now = self.at(start)
        self.untouched = self.files()

    def at(self, wall: str, zone: str = BERLIN) -> datetime:
        self.now = datetime.fromisoformat(wall).replace(tzinfo=ZoneInfo(zone))
        return self.now

    @contextmanager
    def session(self) -> Iterator[Session]:
        paths = Paths(self.root / "config.toml", self.root / "state", self.root / "state" / "cache")
        session = Session(paths, FixedClock(self.now))
        try:
            yield session
        finally:
            if "ledger" in vars(session):  # opened when first needed
                session.ledger.close()

    # --- what the user does -------------------------------------------------------------------------------------------

    def look(self) -> Look:
        with self.session() as session:
            return look(session)

    def make_pass(self, *, anyway: bool = False) -> Passed:
        with self.session() as session, session.ledger.writing():
            return one_pass(session, anyway=anyway)

    def accept(self) -> Passed:
        """`homeward apply --yes`."""
        with self.session() as session, session.ledger.writing():
            say_yes(session, look(session))
            return one_pass(session)

    def undo(self, *ids: str, past: bool = False) -> None:
        with self.session() as session, session.ledger.writing():
            undo(session, ids or [absence.id for absence in session.ledger.absences()], past=past)

    def say(self, verb: str, moment: datetime | None = None, absence_id: str = "") -> None:
        """confirm, dismiss, back, extend: what the command records before it shows the plan."""
        with self.session() as session, session.ledger.writing():
            seen = look(session)
            record(session, seen)
            known = {a.id: a for a in (*session.ledger.absences(), *seen.absences)}
            absence = known[absence_id] if absence_id else next(iter(known.values()))
            session.ledger.say(Said(absence.id, verb, self.now, moment, identities(absence)))  # type: ignore[arg-type]
            if verb == "confirm":
                session.ledger.revive(absence.id)

    def corridor(self, person: str, answer: str, title: str) -> None:
        """`homeward accept PERSON TITLE` or `homeward decline …`, with the pass that follows."""
        with self.session() as session, session.ledger.writing():
            items = {s.item.key: s.item for s in session.ledger.standing().values() if isinstance(s.item, HostItem)}
            for held in session.ledger.assignments():
                if held.person_id == person and title in items[held.key].summary:
                    record_answer(session, Answer(held.absence_id, held.key, person, answer, "in the corridor"))  # type: ignore[arg-type]
            one_pass(session)

    def passes(self, first: str, last: str, zone: str = BERLIN, minutes: int = 30) -> Iterator[Passed]:
        """A pass every so many minutes, both ends included."""
        moment, end = self.at(first, zone), self.at(last, zone)
        step = minutes * 60
        for stamp in range(int(moment.timestamp()), int(end.timestamp()) + 1, step):
            self.now = datetime.fromtimestamp(stamp, ZoneInfo(zone))
            yield self.make_pass()

    def days(self, first: str, last: str, zone: str = BERLIN, walls: Sequence[str] = AROUND_WINDOWS) -> Iterator[Passed]:
        """A pass at each of these wall times of each day."""
        day = date.fromisoformat(first)
        while day <= date.fromisoformat(last):
            for wall in walls:
                self.at(f"{day} {wall}", zone)
                yield self.make_pass()
            day += timedelta(days=1)

    # --- what other people do -----------------------------------------------------------------------------------------

    def calendar(self, name: str) -> str:
        """Unfolded, with bare newlines."""
        return (self.root / "calendars" / name).read_bytes().decode().replace("\r\n ", "").replace("\r\n", "\n")

    def rewrite(self, name: str, text: str) -> None:
        (self.root / "calendars" / name).write_bytes(text.replace("\n", "\r\n").encode())

    def edit(self, name: str, old: str, new: str, count: int = -1) -> None:
        """Somebody's calendar program changes the text; AssertionError where `old` is not there."""
        text = self.calendar(name)
        assert old in text, f"{old!r} is not in {name}"
        self.rewrite(name, text.replace(old, new, count))

    def edit_last(self, name: str, old: str, new: str) -> None:
        """The same, in the last component alone, which is our override."""
        head, begin, tail = self.calendar(name).rpartition("BEGIN:VEVENT")
        assert old in tail, f"{old!r} is not in the override of {name}"
        self.rewrite(name, head + begin + tail.replace(old, new))

    def delete(self, name: str, uid: str) -> None:
        """Somebody deletes an event."""
        text = self.calendar(name)
        begin = text.index(f"BEGIN:VEVENT\nUID:{uid}")
        end = text.index("END:VEVENT\n", begin) + len("END:VEVENT\n")
        self.rewrite(name, text[:begin] + text[end:])

    def call_off(self) -> None:
        """Flights, hotel and conference are gone from the calendars."""
        for uid in ("tp531@bookings.example", "tp530@bookings.example", "hotel@bookings.example"):
            self.delete("travel.ics", uid)
        (self.root / "calendars" / "work" / "conference.ics").unlink()

    def answer(self, name: str, address: str, partstat: str) -> None:
        """A deputy's calendar program answers a request of ours."""
        lines = self.calendar(name).split("\n")
        for number, line in enumerate(lines):
            if line.startswith("ATTENDEE") and f"mailto:{address}" in line and "PARTSTAT=NEEDS-ACTION" in line:
                lines[number] = line.replace("NEEDS-ACTION", partstat)
        self.rewrite(name, "\n".join(lines))

    def event(self, name: str, uid: str, *lines: str) -> None:
        """A new single event, in a file of its own (under work/) or as one more of a calendar file."""
        body = "\n".join(["BEGIN:VEVENT", f"UID:{uid}", "DTSTAMP:20260901T080000Z", *lines, "END:VEVENT"])
        path = self.root / "calendars" / name
        if path.exists():
            self.edit(name, "END:VCALENDAR", f"{body}\nEND:VCALENDAR")
        else:
            self.rewrite(name, f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//Example//Calendar//EN\n{body}\nEND:VCALENDAR\n")

    def meeting(self, name: str, title: str, start: str, end: str, *people: str) -> None:
        """A meeting that the leader organizes; times in Berlin, `20261201T100000`."""
        attendees = [f"ATTENDEE;PARTSTAT=ACCEPTED;ROLE=REQ-PARTICIPANT:mailto:{p}@example.org" for p in ("lena", *people)]
        times = [f"DTSTART;TZID=Europe/Berlin:{start}", f"DTEND;TZID=Europe/Berlin:{end}"]
        self.event(
            f"work/{name}.ics", f"{name}@example.org", *times, f"SUMMARY:{title}", "SEQUENCE:0",
            "ORGANIZER;CN=Lena Berg:mailto:lena@example.org", *attendees,
        )  # fmt: skip

    def mail(self, sender: str, subject: str, text: str = "", *, reply_to: str = "", **headers: str) -> None:
        """Somebody's message is delivered at this moment."""
        self.letters += 1
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = sender, "lena@example.org", subject
        message["Date"], message["Message-ID"] = format_datetime(self.now), f"<m{self.letters}@mail.example>"
        if reply_to:
            message["In-Reply-To"] = reply_to
        for name, value in headers.items():
            message[name.replace("_", "-")] = value
        message.set_content(text or subject)
        name = f"{self.now.timestamp():.0f}.m{self.letters}.test"
        deliver(self.root / "Maildir", name, message.as_bytes())
        stamp = self.now.timestamp()
        os.utime(self.root / "Maildir" / "new" / name, (stamp, stamp))

    def configure(self, old: str, new: str) -> None:
        """The user edits the config."""
        path = self.root / "config.toml"
        text = path.read_text()
        assert old in text, f"{old!r} is not in the config"
        path.write_text(text.replace(old, new, 1))

    def add_to_config(self, text: str) -> None:
        path = self.root / "config.toml"
        path.write_text(f"{path.read_text()}\n{text}\n")

    # --- what is there ------------------------------------------------------------------------------------------------

    def files(self) -> dict[str, bytes]:
        """Calendars and filter rules, links as what they point at; mail is counted elsewhere."""
        found: dict[str, bytes] = {}
        for path in sorted(self.root.rglob("*")):
            relative = path.relative_to(self.root)
            if relative.parts[0] in ("calendars", "sieve", "dovecot.sieve") and (path.is_file() or path.is_symlink()):
                found[str(relative)] = str(path.readlink()).encode() if path.is_symlink() else path.read_bytes()
        return found

    def changed(self) -> list[str]:
        """Paths that differ from the beginning."""
        now = self.files()
        return sorted(p for p in {*now, *self.untouched} if now.get(p) != self.untouched.get(p))

    def folder(self, name: str = "") -> list[str]:
        """Subjects, in order of their names."""
        return [str(message["Subject"]) for message in self.messages(name)]

    def messages(self, folder: str) -> list[Message]:
        base = self.root / "Maildir" / folder if folder else self.root / "Maildir"
        paths = sorted((*base.glob("new/*"), *base.glob("cur/*")), key=lambda path: (path.stat().st_mtime, path.name))
        return [message_from_bytes(path.read_bytes(), policy=default) for path in paths]

    @property
    def inbox(self) -> list[str]:
        return self.folder()

    @property
    def held(self) -> list[str]:
        return self.folder(".Held")

    @property
    def drafts(self) -> list[tuple[str, str]]:
        """(recipients, subject) of everything that homeward wrote, in order."""
        return [(str(m["To"]), str(m["Subject"])) for m in self.messages(".Drafts")]

    def request_id(self, address: str, words: str) -> str:
        """The Message-ID of the request to somebody."""
        found = [m for m in self.messages(".Drafts") if m["To"] == address and ".ask." in m["Message-ID"]]
        return next(str(m["Message-ID"]) for m in found if words in m.as_string())

    @contextmanager
    def ledger(self) -> Iterator[Ledger]:
        ledger = Ledger(self.root / "state" / "ledger.db")
        try:
            yield ledger
        finally:
            ledger.close()

    def effects(self, kind: str = "") -> list[Effect]:
        """Those that stand, of one kind of item (HostItem, BlockItem, …)."""
        with self.ledger() as ledger:
            return [e for e in ledger.effects().values() if not kind or type(e.item).__name__ == kind]

    def states(self, kind: str = "") -> list[str]:
        return sorted(effect.state for effect in self.effects(kind))

    @property
    def absence(self) -> Absence:
        """The one that the last pass knew; AssertionError where there are several."""
        with self.ledger() as ledger:
            absences = ledger.absences()
        assert len(absences) == 1, [a.title for a in absences]
        return absences[0]

    def hosts(self) -> dict[str, tuple[str, str]]:
        """Title → (person, state) of what stands."""
        standing = [e.item for e in self.effects("HostItem") if e.state in ("done", "intended")]
        return {i.summary: (i.host, i.state) for i in standing if isinstance(i, HostItem)}


def told(passed: Passed) -> list[str]:
    """What a pass did, in short: action and kind of each applied change, and the words of what was tended."""
    return [*(f"{one.change.action} {one.change.kind} {one.outcome}" for one in passed.applied), *passed.tended.words]


def kinds(changes: Sequence[object]) -> set[str]:
    return {getattr(change, "kind") for change in changes}  # noqa: B009
