"""A server that sends invitations by itself (RFC 6638): the deputy is asked by the server, answers in their own calendar, and
hears of it when all is taken back. On a real one with several users."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from integrations.caldav import CalDavCalendar
from integrations.caldav_discovery import discover
from integrations.ports import EditHost, RestoreHost
from rules.model import Occurrence, OccurrenceKey
from tests.contracts.test_calendar_contract import HEAD, HORIZON, SECOND, SERIES, TAIL, Clock, attendee, host
from tests.servers.xandikos import Office


@pytest.fixture
def calendar(office: Office) -> Iterator[CalDavCalendar]:
    path = "/lea/calendars/calendar/"  # Xandikos brings answers into the default calendar alone
    office.put(f"{path}team.ics", (HEAD + SERIES + TAIL).encode())
    yield CalDavCalendar("work", "mine", path, office.url, office.login, "Europe/Berlin", Clock(), ca_file=office.ca_file)
    office.delete(f"{path}team.ics")


def at(calendar: CalDavCalendar, recurrence_id: str = SECOND) -> Occurrence:
    key = OccurrenceKey("work", "team@example.org", recurrence_id)
    return next(o for o in calendar.read(HORIZON).occurrences if o.key == key)


def paths(office: Office, user: str, folder: str) -> list[str]:
    asked = b'<propfind xmlns="DAV:"><prop><getetag/></prop></propfind>'
    status, said, _ = office.ask("PROPFIND", f"/{user}/{folder}/", asked, user, Depth="1", Content_Type="application/xml")
    assert status == 207, said
    return re.findall(r"<(?:\w+:)?href>([^<]*\.ics)</", said.decode())


def text(office: Office, user: str, path: str) -> str:
    """Unfolded."""
    return office.ask("GET", path, b"", user)[1].decode().replace("\r\n ", "")


def copy_of(office: Office, user: str) -> str:
    """Where the user's own copy of the meeting is."""
    [path] = [p for p in paths(office, user, "calendars/calendar") if "team@example.org" in text(office, user, p)]
    return path


def methods(office: Office, user: str) -> list[str]:
    """Of what came into the user's inbox about the occurrence that is handed over."""
    came = [text(office, user, path) for path in paths(office, user, "inbox")]
    return sorted(re.findall(r"METHOD:(\w+)", one)[0] for one in came if "20261207T100000" in one)


def test_it_is_known_that_the_server_sends_invitations(office: Office, calendar: CalDavCalendar) -> None:
    assert calendar.capabilities().schedules
    assert discover(office.url, office.login, office.ca_file).schedules


def test_the_server_asks_the_deputy_and_brings_the_answer_back(office: Office, calendar: CalDavCalendar) -> None:
    prepared = calendar.prepare(EditHost(host(at(calendar))))
    receipt = calendar.commit(prepared)
    assert at(calendar).fingerprint == receipt.fingerprint
    assert "REQUEST" in methods(office, "ana")
    path = copy_of(office, "ana")
    mine = text(office, "ana", path)
    assert "RECURRENCE-ID;TZID=Europe/Berlin:20261207T100000" in mine
    answered = re.sub(r"(ATTENDEE[^\n]*)PARTSTAT=NEEDS-ACTION([^\n]*ana@)", r"\1PARTSTAT=ACCEPTED\2", mine)
    assert answered != mine
    office.put(path, answered.encode(), "ana")
    now = at(calendar)
    assert attendee(now, "ana").partstat == "ACCEPTED"
    assert now.fingerprint == receipt.fingerprint  # an answer, and what the server notes of its delivery, is no edit
    assert calendar.prepare(EditHost(host(now), prepared.before)).done


def test_what_is_taken_back_in_two_phases_reaches_the_deputy(office: Office, calendar: CalDavCalendar) -> None:
    was = at(calendar)
    asked = calendar.prepare(EditHost(host(was)))
    receipt = calendar.commit(asked)
    heard = len(methods(office, "ana"))
    neutral = calendar.prepare(RestoreHost(was.key, asked.before, receipt.after, "neutralise"))
    assert neutral.theirs == ()
    receipt = calendar.commit(neutral)
    assert at(calendar).attendees == was.attendees
    assert len(methods(office, "ana")) > heard
    removed = calendar.prepare(RestoreHost(was.key, asked.before, receipt.after, "remove"))
    assert removed.theirs == ()
    calendar.commit(removed)
    now = at(calendar)
    assert (now.fingerprint, now.marker) == (was.fingerprint, "")
