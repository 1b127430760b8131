"""Events of Google Calendar as iCalendar text, and back. So the one reader of calendars reads them, and the one editor edits
them; what Google has no field for (who chairs, which guests homeward touched) is in private extended properties. Asks nobody
anything."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from integrations.component_draft import Draft, checked_marker
from integrations.errors import Permanent
from integrations.icalendar_text import Property, escape, parameter, parameters, unescape
from integrations.occurrences import person
from integrations.zones import find_iana

Event = Mapping[str, Any]

MARKER, CHAIR, GUESTS = "homeward", "homewardChair", "homewardGuests"
"""Keys of private extended properties: the mark; the address of who hosts; JSON of address → "added" or "changed"."""

FIELDS = (
    "id,etag,attendeesOmitted,status,summary,description,location,start,end,recurrence,recurringEventId,originalStartTime,iCalUID,sequence,"
    "attendees(email,displayName,responseStatus,optional,resource,comment,additionalGuests),organizer(email,displayName,self),creator/email,"
    "transparency,visibility,eventType,outOfOfficeProperties/autoDeclineMode,extendedProperties/private"
)
"""What homeward reads of an event; what an answer leaves out is never written back."""

_MOST_IN_PROPERTY = 1024  # characters of a private property
_SERIES = re.compile(r"(?:RRULE|RDATE|EXRULE|EXDATE)[;:][\x20-\x7e]{1,20000}\Z", re.IGNORECASE)
_ANSWERS = {"needsAction": "NEEDS-ACTION", "declined": "DECLINED", "tentative": "TENTATIVE", "accepted": "ACCEPTED"}
_RESPONSES = {value: key for key, value in _ANSWERS.items()}
_SECONDARY = "@group.calendar.google.com"
BUSY = "freeBusy"
"""The kind, for homeward alone, of an event of which only its time is shown."""

_KINDS = ("outOfOffice", "focusTime", "workingLocation", "fromGmail", "birthday", BUSY)
_TIMES_ONLY = (
    "id", "etag", "status", "start", "end", "recurrence", "recurringEventId", "originalStartTime", "iCalUID", "sequence",
    "transparency",
)  # fmt: skip
_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")


def block_event_id(block_id: str) -> str:
    """The event id of a block: base32hex of its own id, so that it is found without being remembered."""
    return base64.b32hexencode(checked_marker(block_id).encode()).decode().lower().rstrip("=")


def private_of(event: Event) -> dict[str, str]:
    found = (event.get("extendedProperties") or {}).get("private") or {}
    return {str(name): str(value) for name, value in found.items()}


def uid_of_event(event: Event) -> str:
    """Its iCalUID; that of a block of ours is the block's id."""
    mark = private_of(event).get(MARKER, "")
    if mark and re.fullmatch(r"[A-Za-z0-9.-]{1,200}", mark) and event.get("id") == block_event_id(mark):
        return mark
    return _one_line(str(event.get("iCalUID") or event.get("id") or ""))


def recurrence_id(when: Mapping[str, Any]) -> str:
    """originalStartTime in the form of OccurrenceKey: UTC, or a date."""
    if "date" in when:
        return date.fromisoformat(str(when["date"])).strftime("%Y%m%d")
    return f"{_moment(when).astimezone(UTC):%Y%m%dT%H%M%SZ}"


def is_private(event: Event) -> bool:
    return event.get("visibility") in ("private", "confidential")


def _moment(when: Mapping[str, Any]) -> datetime:
    moment = datetime.fromisoformat(str(when["dateTime"]).upper())
    zone = find_iana(str(when.get("timeZone") or "UTC"))
    return moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(zone.name if zone else "UTC"))


def _count(value: object) -> int:
    return value if isinstance(value, int) and 0 <= value < 10**9 else 0


def _one_line(text: str) -> str:
    return _CONTROL.sub(" ", text[:1000]).strip()


def busy_time(event: Event) -> dict[str, Any]:
    """An event of a calendar that shows only when somebody is busy: nothing but its time, whatever else may have come along."""
    return {**{name: event[name] for name in _TIMES_ONLY if name in event}, "eventType": BUSY}


# --- to text ----------------------------------------------------------------------------------------------------------


def event_text(event: Event) -> str:
    """One VEVENT. An event whose times cannot be read becomes one without a beginning, which the reader names and passes
    over."""
    private = private_of(event)
    lines = ["BEGIN:VEVENT", f"UID:{uid_of_event(event)}"]
    try:
        lines += _times(event)
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError):
        return "\r\n".join([*lines, f"SUMMARY:{escape(str(event.get('summary', '')))}", "END:VEVENT", ""])
    lines += [f"{name}:{escape(str(event[key]))}" for key, name in _TEXTS if event.get(key)]
    lines += [f"STATUS:{escape(str(event.get('status') or 'confirmed').upper())}", f"SEQUENCE:{_count(event.get('sequence'))}"]
    lines += ["CLASS:PRIVATE"] if is_private(event) else []
    lines += ["TRANSP:TRANSPARENT"] if event.get("transparency") == "transparent" else []
    lines += _organizer(event)
    lines += _guests(event, private)
    lines += [f"X-GOOGLE-EVENT-TYPE:{event['eventType']}"] if event.get("eventType") in _KINDS else []
    lines += [f"X-HOMEWARD:{_one_line(private[MARKER])}", *_declines(event)] if private.get(MARKER) else []
    return "\r\n".join([*lines, "END:VEVENT", ""])


def _declines(event: Event) -> list[str]:
    """So that a user who sets it otherwise is seen to have changed the entry."""
    mode = (event.get("outOfOfficeProperties") or {}).get("autoDeclineMode")
    return [f"X-GOOGLE-AUTO-DECLINE:{_one_line(str(mode))}"] if mode else []


_TEXTS = (("summary", "SUMMARY"), ("location", "LOCATION"), ("description", "DESCRIPTION"))


def calendar_text(events: str, name: str) -> str:
    return (
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//homeward//Google Calendar//EN\r\n"
        f"X-WR-CALNAME:{escape(_one_line(name))}\r\n{events}END:VCALENDAR\r\n"
    )


def _times(event: Event) -> list[str]:
    lines = [_written("DTSTART", event["start"]), _written("DTEND", event["end"])]
    if event.get("recurringEventId"):
        return [*lines, _written("RECURRENCE-ID", event["originalStartTime"])]
    lines += [line for line in event.get("recurrence") or () if _SERIES.match(str(line))]
    return lines


def _written(name: str, when: Mapping[str, Any]) -> str:
    if when.get("date"):
        return f"{name};VALUE=DATE:{date.fromisoformat(str(when['date'])):%Y%m%d}"
    moment, zone = _moment(when), find_iana(str(when.get("timeZone") or ""))
    if zone is None:
        return f"{name}:{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    return f"{name};TZID={zone.name}:{moment.astimezone(ZoneInfo(zone.name)):%Y%m%dT%H%M%S}"


def _organizer(event: Event) -> list[str]:
    """None of an event that is nobody's but one's own. A calendar that organizes by itself stands for whoever made the event."""
    organizer = event.get("organizer") or {}
    if not organizer.get("email") or (organizer.get("self") and not event.get("attendees")):
        return []
    if organizer.get("self") and str(organizer["email"]).endswith(_SECONDARY):
        organizer = event.get("creator") or organizer
    return [f"ORGANIZER{_named(organizer)}:mailto:{_one_line(str(organizer['email']))}"]


def _named(who: Mapping[str, Any]) -> str:
    return f";CN={parameter(str(who['displayName'])[:200])}" if who.get("displayName") else ""


def _guests(event: Event, private: Mapping[str, str]) -> list[str]:
    marks, chair = _marks(private), private.get(CHAIR, "").lower()
    found = []
    for guest in event.get("attendees") or ():
        address = _one_line(str(guest.get("email") or "")).lower()
        if "@" not in address:
            continue
        role = "CHAIR" if address == chair else "OPT-PARTICIPANT" if guest.get("optional") else ""
        kind = "RESOURCE" if guest.get("resource") else ""
        answer = _ANSWERS.get(str(guest.get("responseStatus")), "NEEDS-ACTION")
        found.append(_guest_line(address, _named(guest), kind, role, answer, marks.get(address, "")))
    return found


def _guest_line(address: str, name: str, kind: str, role: str, answer: str, mark: str) -> str:
    said = (("CUTYPE", kind), ("ROLE", role), ("PARTSTAT", answer), ("X-HOMEWARD", mark))
    return f"ATTENDEE{name}{''.join(f';{key}={value}' for key, value in said if value)}:mailto:{address}"


def _marks(private: Mapping[str, str]) -> dict[str, str]:
    try:
        found = json.loads(private.get(GUESTS) or "{}")
        return {str(who).lower(): str(mark) for who, mark in found.items() if mark in ("added", "changed")}
    except (ValueError, AttributeError):
        return {}


# --- and back ---------------------------------------------------------------------------------------------------------


def canonical(text: str) -> str:
    """A component as `event_text` would have written it: edits write guests with other parameters and in another order."""
    draft = Draft.of(text)
    for guest in [prop for prop in draft.properties() if prop.name == "ATTENDEE"]:
        draft.set(f"ATTENDEE {person(guest).address}", [_canonical_guest(guest)])
    return draft.render()


def _canonical_guest(guest: Property) -> str:
    who = person(guest)
    role = who.role if who.role in ("CHAIR", "OPT-PARTICIPANT") else ""
    kind = "RESOURCE" if who.kind in ("RESOURCE", "ROOM") else ""
    answer = who.partstat if who.partstat in _RESPONSES else "NEEDS-ACTION"
    name = f";CN={parameter(who.name)}" if who.name else ""
    return _guest_line(who.address, name, kind, role, answer, parameters(guest).get("X-HOMEWARD", ""))


def patch_for(event: Event, text: str, former: Mapping[str, str]) -> dict[str, Any]:
    """The body that makes `event` say what the component `text` says: title, description, guests, marks; nothing else, and only
    what differs. `former` has the exact words of before for a title or description that is given back. Permanent where the
    marks do not fit into Google's limits."""
    was, now = Draft.of(event_text(event)), Draft.of(canonical(text))
    body: dict[str, Any] = {}
    for key, name in (("summary", "SUMMARY"), ("description", "DESCRIPTION")):
        if _value(was, name) != _value(now, name):
            body[key] = _words(_value(now, name), former.get(key, ""))
    if _guest_lines(was) != _guest_lines(now):
        if event.get("attendeesOmitted"):
            raise Permanent("Google does not show all guests of this meeting, so homeward cannot change the list.")
        body["attendees"] = _as_guests(event, now)
    private = _as_private(now)
    before = {name: value for name, value in private_of(event).items() if name in (MARKER, CHAIR, GUESTS)}
    if changed := {name: private.get(name) for name in {**before, **private} if before.get(name) != private.get(name)}:
        body["extendedProperties"] = {"private": changed}
    return body


def _words(written: str, former: str) -> str:
    return former if escape(former) == written else unescape(written)


def _value(draft: Draft, name: str) -> str:
    found = draft.first(name)
    return found.value if found else ""


def _guest_lines(draft: Draft) -> list[str]:
    plain = (prop for prop in draft.properties() if prop.name == "ATTENDEE")
    return [f"{person(prop).address} {person(prop).partstat} {person(prop).role == 'OPT-PARTICIPANT'}" for prop in plain]


def _as_guests(event: Event, draft: Draft) -> list[dict[str, Any]]:
    """Guests who are there keep all that Google says of them."""
    known = {str(guest.get("email", "")).lower(): dict(guest) for guest in event.get("attendees") or ()}
    guests = []
    for prop in (prop for prop in draft.properties() if prop.name == "ATTENDEE"):
        who = person(prop)
        guest = known.get(who.address) or {"email": who.address, **({"displayName": who.name} if who.name else {})}
        guest["responseStatus"] = _RESPONSES.get(who.partstat, "needsAction")
        guest |= {"optional": True} if who.role == "OPT-PARTICIPANT" else {}
        gone = ("self", "organizer", "id") if who.role == "OPT-PARTICIPANT" else ("self", "organizer", "id", "optional")
        guests.append({name: value for name, value in guest.items() if name not in gone})
    return guests


def _as_private(draft: Draft) -> dict[str, str]:
    found: dict[str, str] = {}
    marks: dict[str, str] = {}
    for prop in draft.properties():
        if prop.name == "X-HOMEWARD":
            found[MARKER] = checked_marker(prop.value.strip())
        elif prop.name == "ATTENDEE":
            if mark := parameters(prop).get("X-HOMEWARD", ""):
                marks[person(prop).address] = mark
            if person(prop).role == "CHAIR":
                found[CHAIR] = person(prop).address
    if marks:
        found[GUESTS] = json.dumps(marks, sort_keys=True)
    if any(len(value) > _MOST_IN_PROPERTY for value in found.values()):
        raise Permanent("The addresses of these hosts are too long for Google Calendar.")
    return found


def patched(event: Event, body: Mapping[str, Any]) -> dict[str, Any]:
    """`event` as Google will have it after the patch: objects merge, lists are replaced, null takes away."""
    made = dict(event)
    for name, value in body.items():
        if value is None:
            made.pop(name, None)
        elif isinstance(value, Mapping):
            made[name] = patched(made.get(name) or {}, value)
        else:
            made[name] = value
    return made
