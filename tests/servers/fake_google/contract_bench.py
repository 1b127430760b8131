"""The calendar of the contract suite as it stands at Google, and the suite's edits of iCalendar text as what somebody would do in
Google's web interface."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from integrations.google_calendar import GoogleCalendar
from tests.servers.fake_google.event_times import instance_of, starts
from tests.servers.fake_google.server import FakeGoogle
from tests.servers.fake_google.worlds import LEA, api_of

TEAM, TRAINING = "team0000", "training0"
_RESTLESS = ("etag", "updated", "sequence", "kind", "htmlLink", "created", "recurringEventId", "originalStartTime", "id")


def _at(moment: str) -> dict[str, str]:
    return {"dateTime": moment, "timeZone": "Europe/Berlin"}


def _guest(name: str, answer: str, **more: str) -> dict[str, str]:
    return {"email": f"{name}@example.org", "responseStatus": answer, **more}


def fill(google: FakeGoogle) -> None:
    """A weekly meeting of which one instance is moved and one deleted, and a single one."""
    put = google.calendar.put
    lea = _guest("lea", "accepted", displayName="Lea")
    words = "Die Tagesordnung ist wie immer, und diese Zeile ist so lang, daß sie gefaltet ist"
    put(LEA, {
        "id": TEAM, "iCalUID": "team@example.org", "summary": "Team, jede Woche", "description": words,
        "start": _at("2026-11-30T10:00:00+01:00"), "end": _at("2026-11-30T11:00:00+01:00"),
        "recurrence": ["RRULE:FREQ=WEEKLY;COUNT=6"],
        "conferenceData": {"conferenceId": "abc-def"}, "colorId": "7",
        "attendees": [
            lea, {**_guest("Bo", "tentative", displayName="Bo; B."), "comment": "maybe"},
            _guest("cy", "accepted", displayName="Cy"),
        ],
    })  # fmt: skip
    google.calendar.edit(LEA, f"{TEAM}_20261221T090000Z", status="cancelled")
    google.calendar.edit(
        LEA, f"{TEAM}_20261214T090000Z", start=_at("2026-12-14T14:00:00+01:00"), end=_at("2026-12-14T15:00:00+01:00"),
        summary="Team am Nachmittag", description=None, attendees=[lea],
    )  # fmt: skip
    put(LEA, {
        "id": TRAINING, "iCalUID": "training@example.org", "summary": "Training", "attendees": [lea],
        "start": _at("2026-12-03T14:00:00+01:00"), "end": _at("2026-12-03T16:00:00+01:00"),
    })  # fmt: skip


def content(google: FakeGoogle, user: str = LEA) -> dict[str, bytes]:
    """All that the user could see: every instance of every event, without stamps. Once edited, an instance stays an exception."""
    shelf, found = google.calendar.shelves[user], {}
    for event in list(shelf.events.values()):
        for each in [event] if not event.get("recurrence") else _instances(google, event, user):
            if each["status"] != "cancelled":
                shown = google.calendar._shown(shelf, shelf, each)
                plain = {name: value for name, value in shown.items() if name not in _RESTLESS and value not in ([], "")}
                _drop_empty(plain)
                found[each["id"]] = json.dumps(plain, sort_keys=True).encode()
    return found


def _instances(google: FakeGoogle, master: dict[str, Any], user: str) -> list[dict[str, Any]]:
    shelf = google.calendar.shelves[user]
    until = datetime.fromisoformat("2027-03-01T00:00:00+00:00")
    made = [instance_of(master, original, shelf.zone) for original in starts(master, shelf.zone, until)]
    return [each for each in made if each["id"] not in shelf.events]


def _drop_empty(shown: dict[str, Any]) -> None:
    if not any((shown.get("extendedProperties") or {}).values()):
        shown.pop("extendedProperties", None)


def rewrite(google: FakeGoogle) -> Callable[[str, str], None]:
    """The suite's pairs of old and new text, done to the events."""
    second, moved = f"{TEAM}_20261207T090000Z", f"{TEAM}_20261214T090000Z"

    def edited(event_id: str, **changes: Any) -> None:
        google.calendar.edit(LEA, event_id, **changes)

    def answered(answer: str) -> None:
        event = google.calendar.shelves[LEA].events[second]
        guests = [{**g, "responseStatus": answer} if g["responseStatus"] == "needsAction" else g for g in event["attendees"]]
        edited(second, attendees=guests)

    def invited() -> None:
        there = google.calendar.shelves[LEA].events[moved]["attendees"]
        edited(moved, attendees=[_guest("cy", "declined"), *there])

    def renamed() -> None:
        events = google.calendar.shelves[LEA].events
        edited(TRAINING, status="cancelled")
        google.calendar.put(LEA, {**events[TRAINING], "id": "another0", "iCalUID": "other@example.org", "status": "confirmed"})

    def coloured() -> None:
        block = next(e for e in google.calendar.shelves[LEA].events.values() if e["summary"] == "Busy")
        edited(block["id"], colorId="COLOR:green")

    doings: dict[str, Callable[[], None]] = {
        "PARTSTAT=NEEDS-ACTION>PARTSTAT=ACCEPTED": lambda: answered("accepted"),
        "PARTSTAT=NEEDS-ACTION>PARTSTAT=DECLINED": lambda: answered("declined"),
        "Woche (host: Ana)>Woche\\, im Park (host: Ana)": lambda: edited(second, summary="Team, jede Woche, im Park (host: Ana)"),
        "SUMMARY:Training>SUMMARY:Better training": lambda: edited(TRAINING, summary="Better training"),
        "training@example.org>other@example.org": renamed,
        "RRULE:FREQ=WEEKLY;COUNT=6>RRULE:FREQ=WEEKLY;COUNT=7": lambda: edited(TEAM, recurrence=["RRULE:FREQ=WEEKLY;COUNT=7"]),
        "TRANSP:OPAQUE\r\n>TRANSP:OPAQUE\r\nCOLOR:green\r\n": coloured,
    }

    def do(old: str, new: str) -> None:
        doing = doings.get(f"{old}>{new}")
        (doing or (invited if "cy@example.org" in new else None) or _unknown(old))()

    return do


def _unknown(old: str) -> Callable[[], None]:
    raise AssertionError(f"400: nobody can do this at Google: {old}")


def google_calendar(google: FakeGoogle, folder: Path | None, clock: Callable[[], datetime]) -> GoogleCalendar:
    fill(google)
    return GoogleCalendar("work", "mine", api_of(google), LEA, "lea", "Europe/Berlin", clock, cache_folder=folder)
