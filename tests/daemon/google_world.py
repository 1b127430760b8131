"""The demonstration's home with calendar and mail at Google: the same sessions on the same config, with Google's backends in the
place of the files."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from icalendar import Calendar

from daemon.session import Session
from integrations.google_calendar import GoogleCalendar
from integrations.google_mailbox import GoogleMailbox
from integrations.google_outbox import GoogleOutbox
from integrations.google_responder import GoogleResponder
from tests.daemon.world import BERLIN, World
from tests.servers.fake_google.contract_bench import content
from tests.servers.fake_google.server import FakeGoogle
from tests.servers.fake_google.worlds import api_of

LENA = "lena@example.org"
PEOPLE = (LENA, "ana@example.org", "ben@example.org", "carla@example.org")


class GoogleWorld(World):
    """`mail` and `calendar` say what is at Google; the rest stays on disk. `server`: Gmail's filter holds."""

    def __init__(self, root: Path, google: FakeGoogle, *, mail: bool = True, server: bool = False) -> None:
        self.google, self._mail, self._server = google, mail, server
        for person in PEOPLE:
            google.add_user(person)
        for path in sorted((root / "calendars" / "work").glob("*.ics")):
            put_file(google, path)
        self._api = api_of(google, LENA)
        super().__init__(root)
        if server:
            self.configure('outbox = "Maildir/.Drafts"', 'outbox = "Maildir/.Drafts"\nhold = "server"')
        self.before = self.calendar_now()

    @contextmanager
    def session(self) -> Iterator[Session]:
        with super().session() as session:
            clock, zone, folder = session.clock.now, session.zone, self.root / "state"
            outside, cache = session.outside, folder / "cache"
            outside.calendars["work"] = GoogleCalendar("work", "mine", self._api, LENA, "g", zone, clock, cache_folder=cache)
            if self._mail:
                mailbox = GoogleMailbox(
                    "mail", self._api, "g", clock, server_hold=self._server, cache_folder=cache, fresh_for=timedelta(seconds=30)
                )  # fmt: skip
                outside.mailboxes["mail"], outside.outboxes["mail"] = mailbox, GoogleOutbox(self._api, folder / "sent")
                responder = GoogleResponder("mail", self._api, "g", clock, folder / "google", server_hold=self._server)
                outside.responders["mail"] = responder
            yield session

    # --- what other people do, and what is there --------------------------------------------------------------------------

    def answers(self, person: str, status: str) -> list[str]:
        """In the web interface, to every request that is open. Returns the titles."""
        found = []
        for event in list(self.google.calendar.shelves[LENA].events.values()):
            for guest in event.get("attendees", ()):
                if guest["email"] == person and guest["responseStatus"] == "needsAction" and event["status"] != "cancelled":
                    self.google.calendar.answer(person, event["id"], status)
                    found.append(event["summary"])
        return found

    def delivers(self, sender: str, subject: str) -> None:
        self.letters += 1
        raw = f"From: {sender}\nTo: {LENA}\nSubject: {subject}\nMessage-ID: <m{self.letters}@mail.example>\n\nhello\n"
        self.google.gmail.deliver(LENA, raw.encode(), self.now)

    def under(self, label: str) -> list[str]:
        box = self.google.gmail.boxes[LENA]
        return [str(box.messages[each].message()["Subject"]) for each in self.google.gmail.label_ids(LENA, label)]

    def calendar_now(self) -> dict[str, bytes]:
        return content(self.google, LENA)

    @property
    def titles(self) -> set[str]:
        return {e["summary"] for e in self.google.calendar.shelves[LENA].events.values() if e["status"] != "cancelled"}


def put_file(google: FakeGoogle, path: Path) -> None:
    """The events of an .ics file, in Lena's calendar there."""
    put_events(google, LENA, path.stem, path.read_bytes(), LENA)


def put_events(google: FakeGoogle, calendar: str, name: str, data: bytes, owner: str) -> None:
    """What this iCalendar text says, in a calendar there. `owner` organizes what says nothing else."""
    for number, event in enumerate(Calendar.from_ical(data).walk("VEVENT")):
        google.calendar.put(calendar, {"id": f"{id_of(name)}{number:04}", **_as_google(event, owner)})


def move_event(google: FakeGoogle, calendar: str, name: str, data: bytes, owner: str) -> None:
    """The only event of that name is what this text says, from now on."""
    (event,) = Calendar.from_ical(data).walk("VEVENT")
    google.calendar.edit(calendar, f"{id_of(name)}0000", **_as_google(event, owner))


def id_of(name: str) -> str:
    """What the ids of its events begin with; Google takes few letters."""
    return name.replace("-", "").translate(str.maketrans("wxyz", "uuuu"))


def _as_google(event: Any, owner: str) -> dict[str, Any]:
    start, end = event.decoded("DTSTART"), event.decoded("DTEND", None)
    if end is None:
        end = start + (timedelta(hours=1) if isinstance(start, datetime) else timedelta(days=1))
    made = {"iCalUID": str(event["UID"]), "summary": str(event["SUMMARY"]), "start": _when(start), "end": _when(end)}
    for key, name in (("description", "DESCRIPTION"), ("location", "LOCATION")):
        if name in event:
            made[key] = str(event[name])
    if "RRULE" in event:
        made["recurrence"] = [f"RRULE:{event['RRULE'].to_ical().decode()}"]
    people = event.get("ATTENDEE", [])
    guests = [_guest(each) for each in (people if isinstance(people, list) else [people])]
    if "TRANSP" in event:
        made["transparency"] = str(event["TRANSP"]).lower()
    line = event.get("ORGANIZER", f"mailto:{owner}")
    organizer = {"email": str(line).removeprefix("mailto:").lower()}
    if name := str(getattr(line, "params", {}).get("CN", "")):
        organizer["displayName"] = name
    return {**made, **({"attendees": guests} if guests else {}), "organizer": organizer}


def _when(moment: date | datetime) -> dict[str, str]:
    if not isinstance(moment, datetime):
        return {"date": moment.isoformat()}
    return {"dateTime": moment.isoformat(), "timeZone": BERLIN}


def _guest(line: Any) -> dict[str, Any]:
    answers = {"ACCEPTED": "accepted", "DECLINED": "declined", "TENTATIVE": "tentative"}
    guest = {
        "email": str(line).lower().removeprefix("mailto:"),
        "responseStatus": answers.get(line.params.get("PARTSTAT"), "needsAction"),
    }
    return {**guest, "displayName": str(line.params["CN"])} if "CN" in line.params else guest
