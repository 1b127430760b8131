"""The stateful half of Calendar v3: calendars, events with their instances and their guests' copies, sync tokens. The validator
has seen each call before; what is refused here follows from the state or from rules that no document states formally."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.servers.fake_google.discovery import Call
from tests.servers.fake_google.event_times import (
    FAR,
    check_recurrence,
    check_times,
    instance_of,
    overlaps,
    span,
    starts,
    suffix,
)
from tests.servers.fake_google.refusal import Refused, invalid, not_found

Event = dict[str, Any]

_ID = re.compile(r"[a-v0-9]{5,1024}\Z")
_INSTANCE = re.compile(r"(?P<master>.+)_(?P<when>\d{8}(?:T\d{6}Z)?)\Z")
_ADDRESS = re.compile(r"[^\s@]+@[^\s@]+\Z")
_NOT_WITH_SYNC = (
    "iCalUID", "orderBy", "privateExtendedProperty", "q", "sharedExtendedProperty", "timeMin", "timeMax", "updatedMin",
)  # fmt: skip
_GUESTS_OWN = {"attendees", "extendedProperties", "reminders", "colorId", "visibility", "transparency"}
_READ_ONLY = (
    "kind", "etag", "htmlLink", "created", "updated", "creator", "organizer", "recurringEventId", "originalStartTime", "locked",
    "hangoutLink", "privateCopy", "attendeesOmitted", "iCalUID",
)  # fmt: skip
_WRITERS, _READERS = ("owner", "writer"), ("owner", "writer", "reader", "freeBusyReader")
_MANY_GUESTS = 200
# All that Google shows of an event where a user may only see free and busy.
_TIME_ONLY = (
    "kind", "etag", "id", "status", "updated", "iCalUID", "sequence", "start", "end", "recurrence", "recurringEventId",
    "originalStartTime", "transparency",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Mail:
    """What Google would have mailed because of `sendUpdates`."""

    to: str
    kind: str  # invitation, update or cancellation
    event_id: str


@dataclass(slots=True)
class Shelf:
    """One calendar. `roles` by user; `changes` are (number, event id); `oldest`: sync tokens before it have expired."""

    id: str
    owner: str
    summary: str
    zone: str
    roles: dict[str, str]
    events: dict[str, Event] = field(default_factory=dict)
    private: dict[tuple[str, str], dict[str, str]] = field(default_factory=dict)
    changes: list[tuple[int, str]] = field(default_factory=list)
    oldest: int = 0


class CalendarState:
    """`mails` is what guests were sent. Times come from `clock`."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self.shelves: dict[str, Shelf] = {}
        self.mails: list[Mail] = []
        self.consumers: set[str] = set()  # users without Workspace
        self._number = 100
        self._pages: dict[str, dict[str, Any]] = {}
        self._handlers: dict[str, Callable[[str, Call, str | None], Any]] = {
            "calendar.calendarList.list": self._calendar_list,
            "calendar.calendarList.get": self._calendar_list_entry,
            "calendar.calendars.get": self._calendar_get,
            "calendar.settings.get": self._setting,
            "calendar.settings.list": self._settings,
            "calendar.freebusy.query": self._free_busy,
            "calendar.events.list": self._list,
            "calendar.events.instances": self._instances,
            "calendar.events.get": self._get,
            "calendar.events.insert": self._insert,
            "calendar.events.import": self._import,
            "calendar.events.patch": self._patch,
            "calendar.events.update": self._update,
            "calendar.events.delete": self._delete,
            "calendar.events.move": self._move,
        }

    # --- for tests --------------------------------------------------------------------------------------------------------

    def add_calendar(self, calendar_id: str, owner: str, summary: str = "", zone: str = "Europe/Berlin") -> Shelf:
        shelf = Shelf(calendar_id, owner, summary or calendar_id, zone, {owner: "owner"})
        self.shelves[calendar_id] = shelf
        return shelf

    def put(self, calendar_id: str, event: Event) -> Event:
        """An event that was always there: no mail, no checks beyond those of insert. Its iCalUID may be given."""
        shelf = self.shelves[calendar_id]
        return self._keep(shelf, shelf.owner, copy.deepcopy(event))

    def edit(self, calendar_id: str, event_id: str, **changes: Any) -> Event:
        """What somebody does in the web interface; an instance becomes an exception. None takes a field away."""
        shelf = self.shelves[calendar_id]
        home, event = self._find(shelf, event_id)
        made = {n: copy.deepcopy(v) for n, v in changes.items()}
        if made.get("attendees"):
            made["attendees"] = [_guest(g, event["organizer"]["email"]) for g in made["attendees"]]
        return self._store(home, event, made)

    def answer(self, user: str, event_id: str, status: str) -> None:
        """A guest answers in the web interface."""
        home, event = self._find(self.shelves[user], event_id)
        guests = copy.deepcopy(event["attendees"])
        next(g for g in guests if g["email"].lower() == user)["responseStatus"] = status
        self._store(home, event, {"attendees": guests})

    def expire_tokens(self, calendar_id: str) -> None:
        self.shelves[calendar_id].oldest = self._number + 1

    # --- dispatch ---------------------------------------------------------------------------------------------------------

    def handle(self, user: str, call: Call, if_match: str | None) -> Any:
        handler = self._handlers.get(call.id)
        if handler is None:
            raise Refused(501, "notImplemented", f"{call.id} is not part of this fake.")
        return handler(user, call, if_match)

    def _shelf(self, user: str, call: Call, roles: Iterable[str] = _READERS) -> Shelf:
        wanted = call.path["calendarId"]
        shelf = self.shelves.get(user if wanted == "primary" else wanted)
        if shelf is None or user not in shelf.roles:
            raise not_found("calendar")
        if shelf.roles[user] not in roles:
            raise Refused(403, "requiredAccessLevel", "You need to have writer access to this calendar.")
        return shelf

    def _next(self) -> int:
        self._number += 1
        return self._number

    def _stamp(self) -> str:
        return f"{self._clock().astimezone(UTC):%Y-%m-%dT%H:%M:%S}.{self._number % 1000:03}Z"

    # --- finding ----------------------------------------------------------------------------------------------------------

    def _find(self, shelf: Shelf, event_id: str) -> tuple[Shelf, Event]:
        """The event and the organizer's calendar that it is kept in; an instance is made from its series."""
        for home in (shelf, *self.shelves.values()):
            event = self._at(home, event_id)
            if event is not None and (home is shelf or self._is_guest(shelf, event)):
                return home, event
        raise not_found("calendar")

    def _at(self, shelf: Shelf, event_id: str) -> Event | None:
        if event_id in shelf.events:
            return shelf.events[event_id]
        found = _INSTANCE.match(event_id)
        master = shelf.events.get(found["master"]) if found else None
        if found is None or master is None or not master.get("recurrence") or master["status"] == "cancelled":
            return None
        for original in starts(master, shelf.zone, self._clock() + FAR):
            if suffix(original, shelf.zone) == found["when"]:
                return instance_of(master, original, shelf.zone)
        return None

    def _is_guest(self, shelf: Shelf, event: Event) -> bool:
        return shelf.id == shelf.owner and any(g["email"].lower() == shelf.id for g in event.get("attendees", ()))

    def _held(self, shelf: Shelf) -> list[tuple[Shelf, Event]]:
        """All that lies in a calendar: its own, and copies of what its owner is invited to."""
        own = [(shelf, event) for event in shelf.events.values()]
        others = [(o, e) for o in self.shelves.values() if o is not shelf for e in o.events.values() if self._is_guest(shelf, e)]
        return own + others

    def _shown(self, shelf: Shelf, home: Shelf, event: Event) -> Event:
        """An event as its copy in this calendar says it."""
        shown = copy.deepcopy(event)
        if shown["status"] == "cancelled":
            slim = ("kind", "etag", "id", "status", "recurringEventId", "originalStartTime", "iCalUID", "updated")
            return {name: shown[name] for name in slim if name in shown}
        for person in (shown["organizer"], shown["creator"], *shown.get("attendees", ())):
            person.pop("self", None)
            if person["email"].lower() == shelf.id:
                person["self"] = True
        private = shelf.private.get((home.id, event["id"]))
        if private is None and "recurringEventId" in event:
            private = shelf.private.get((home.id, event["recurringEventId"]))
        if private:
            shown.setdefault("extendedProperties", {})["private"] = dict(private)
        return shown

    # --- reading ----------------------------------------------------------------------------------------------------------

    def _get(self, user: str, call: Call, if_match: str | None) -> Event:
        shelf = self._shelf(user, call)
        home, event = self._find(shelf, call.path["eventId"])
        return _as_seen_by(user, shelf, self._shown(shelf, home, event))

    def _list(self, user: str, call: Call, if_match: str | None) -> dict[str, Any]:
        shelf, query = self._shelf(user, call), call.query
        if "pageToken" in query:
            return self._page(shelf, user, query["pageToken"], _asked(query))
        items = self._changed(shelf, query) if "syncToken" in query else self._listed(shelf, query)
        return self._paged(shelf, user, items, query)

    def _listed(self, shelf: Shelf, query: Any) -> list[Event]:
        if query.get("orderBy") == "startTime" and not query.get("singleEvents"):
            raise invalid("The requested ordering is not available for the particular query.")
        low, high = (_moment(query.get(name)) for name in ("timeMin", "timeMax"))
        if low and high and low >= high:
            raise invalid("The specified time range is empty.", "timeRangeEmpty")
        if (since := _moment(query.get("updatedMin"))) and since < self._clock() - timedelta(days=28):
            raise Refused(410, "updatedMinTooLongAgo", "The requested minimum modification time lies too far in the past.")
        found = [
            self._shown(shelf, home, event)
            for home, event in self._spread(shelf, self._held(shelf), bool(query.get("singleEvents")), high)
            if self._wanted(home, event, query, low, high)
        ]
        found = [event for event in found if _matches(event, query)]
        if query.get("orderBy") == "startTime":
            found.sort(key=lambda e: span(e, shelf.zone)[0])
        return found

    def _spread(
        self, shelf: Shelf, held: list[tuple[Shelf, Event]], single: bool, high: datetime | None
    ) -> Iterable[tuple[Shelf, Event]]:
        for home, event in held:
            if not single or not event.get("recurrence") or event["status"] == "cancelled":
                yield home, event
                continue
            for original in starts(event, home.zone, high or self._clock() + FAR):
                instance = instance_of(event, original, home.zone)
                if instance["id"] not in home.events:
                    yield home, instance

    def _wanted(self, home: Shelf, event: Event, query: Any, low: datetime | None, high: datetime | None) -> bool:
        if event["status"] == "cancelled":
            keeps = "recurringEventId" in event and not query.get("singleEvents")
            return bool(query.get("showDeleted")) or keeps
        if event.get("recurrence") and (low or high):
            return any(
                overlaps(instance_of(event, original, home.zone), home.zone, low, high)
                for original in starts(event, home.zone, high or self._clock() + FAR)
            )
        return overlaps(event, home.zone, low, high)

    def _changed(self, shelf: Shelf, query: Any) -> list[Event]:
        if clash := [name for name in _NOT_WITH_SYNC if name in query]:
            raise invalid(f"Sync token cannot be used with query restrictions ({clash[0]}).")
        try:
            number, calendar_id, asked = json.loads(bytes.fromhex(query["syncToken"]))
        except ValueError:
            raise invalid("Invalid sync token value.") from None
        if calendar_id != shelf.id or number < shelf.oldest:
            raise Refused(410, "fullSyncRequired", "Sync token is no longer valid, a full sync is required.")
        if asked != _lasting(query):
            raise invalid("The sync token was issued for a request with other parameters.")
        ids = dict.fromkeys(event_id for at, event_id in shelf.changes if at > number)
        held = {event["id"]: (home, event) for home, event in self._held(shelf)}
        gone = [{"kind": "calendar#event", "id": i, "status": "cancelled"} for i in ids if i not in held]
        there = self._spread(shelf, [held[i] for i in ids if i in held], bool(query.get("singleEvents")), None)
        return [self._shown(shelf, home, event) for home, event in there] + gone

    def _paged(self, shelf: Shelf, user: str, items: list[Event], query: Any) -> dict[str, Any]:
        token = json.dumps([self._number, shelf.id, _lasting(query)]).encode().hex()
        narrowed = any(name in query for name in _NOT_WITH_SYNC if name != "timeMin")
        state = {
            "items": items, "size": query.get("maxResults", 250), "asked": _asked(query),
            "sync": "" if narrowed else token, "calendar": shelf.id,
        }  # fmt: skip
        return self._next_page(shelf, user, state)

    def _page(self, shelf: Shelf, user: str, token: str, asked: Any) -> dict[str, Any]:
        state = self._pages.get(token)
        if state is None or state["calendar"] != shelf.id or state["asked"] != asked:
            raise invalid("Invalid page token value.")
        return self._next_page(shelf, user, state)

    def _next_page(self, shelf: Shelf, user: str, state: dict[str, Any]) -> dict[str, Any]:
        items, size = state["items"], state["size"]
        page: dict[str, Any] = {
            "kind": "calendar#events", "etag": f'"p{self._number}"', "summary": shelf.summary, "timeZone": shelf.zone,
            "updated": self._stamp(), "accessRole": shelf.roles[user], "defaultReminders": [],
            "items": [_as_seen_by(user, shelf, item) for item in items[:size]],
        }  # fmt: skip
        if len(items) > size:
            token = f"page{self._next()}"
            self._pages[token] = {**state, "items": items[size:]}
            page["nextPageToken"] = token
        elif state["sync"]:
            page["nextSyncToken"] = state["sync"]
        return page

    def _instances(self, user: str, call: Call, if_match: str | None) -> dict[str, Any]:
        shelf, query = self._shelf(user, call), call.query
        home, master = self._find(shelf, call.path["eventId"])
        low, high = (_moment(query.get(name)) for name in ("timeMin", "timeMax"))
        made = [e for h, e in self._spread(shelf, [(home, master)], True, high) if h is home]
        kept = [e for e in home.events.values() if e.get("recurringEventId") == master["id"]]
        found = [
            self._shown(shelf, home, event)
            for event in made + kept
            if (event["status"] != "cancelled" or query.get("showDeleted"))
            and (event["status"] == "cancelled" or overlaps(event, home.zone, low, high))
        ]
        if wanted := query.get("originalStart"):
            moment = datetime.fromisoformat(wanted) if "T" in wanted else None
            found = [e for e in found if _is_original(e, wanted, moment)]
        return self._paged(shelf, user, found, {**query, "timeMax": ""})

    # --- writing ----------------------------------------------------------------------------------------------------------

    def _insert(self, user: str, call: Call, if_match: str | None) -> Event:
        shelf, body = self._shelf(user, call, _WRITERS), dict(call.body)
        if "id" in body and "iCalUID" in body:
            raise invalid("Only one of id and iCalUID can be given.")
        if "id" in body and not _ID.match(body["id"]):
            raise invalid("Invalid resource id value.")
        if body.get("id") in shelf.events:
            raise Refused(409, "duplicate", "The requested identifier already exists.")
        if body.get("status") == "cancelled":
            raise invalid("Invalid status.")
        self._check(shelf, body, {}, call)
        event = self._keep(shelf, user, body)
        self._mail(call, user, [], event)
        return self._shown(shelf, shelf, event)

    def _import(self, user: str, call: Call, if_match: str | None) -> Event:
        shelf, body = self._shelf(user, call, _WRITERS), dict(call.body)
        self._check(shelf, body, {}, call)
        event = self._keep(shelf, user, body)
        event["iCalUID"] = body["iCalUID"]
        return self._shown(shelf, shelf, event)

    def _keep(self, shelf: Shelf, user: str, body: Event) -> Event:
        number = self._next()
        event_id = body.get("id") or f"made{number:020d}"
        guests = body.get("attendees")
        event = {
            "kind": "calendar#event", "status": "confirmed", "htmlLink": f"https://calendar.google.example/event?eid={event_id}",
            "created": self._stamp(), "creator": {"email": user}, "organizer": {"email": shelf.id},
            "eventType": "default", "sequence": 0, "reminders": {"useDefault": True}, **body, "id": event_id,
            "iCalUID": body.get("iCalUID") or f"{event_id}@google.com",
        }  # fmt: skip
        if guests:
            event["attendees"] = [_guest(g, event["organizer"]["email"]) for g in guests]
        return self._store(shelf, event, {})

    def _store(self, home: Shelf, event: Event, changes: dict[str, Any]) -> Event:
        """The one place where an event changes: new etag, new entry in the list of changes of everybody who has a copy."""
        before = self._owners_of(home, event)
        number = self._next()
        stored = copy.deepcopy(home.events.get(event["id"], event))
        for name, value in changes.items():
            if value is None:
                stored.pop(name, None)
            else:
                stored[name] = value
        private = (stored.get("extendedProperties") or {}).pop("private", None)
        if private is not None:
            home.private[home.id, stored["id"]] = private
        if not stored.get("extendedProperties"):
            stored.pop("extendedProperties", None)
        if any(name in changes for name in ("start", "end", "recurrence")):
            stored["sequence"] = stored.get("sequence", 0) + 1
        stored |= {"etag": f'"{number}"', "updated": self._stamp()}
        home.events[stored["id"]] = stored
        for shelf in {s.id: s for s in (*before, *self._owners_of(home, stored))}.values():
            shelf.changes.append((number, stored["id"]))
        return stored

    def _owners_of(self, home: Shelf, event: Event) -> list[Shelf]:
        return [home, *(shelf for shelf in self.shelves.values() if shelf is not home and self._is_guest(shelf, event))]

    def _patch(self, user: str, call: Call, if_match: str | None) -> Event:
        return self._change(user, call, if_match, lambda event, body: _patched(event, body))

    def _update(self, user: str, call: Call, if_match: str | None) -> Event:
        return self._change(user, call, if_match, _replaced)

    def _change(self, user: str, call: Call, if_match: str | None, merge: Callable[[Event, Event], Event]) -> Event:
        shelf = self._shelf(user, call, _WRITERS)
        home, event = self._find(shelf, call.path["eventId"])
        shown = self._shown_whole(shelf, home, event)
        _require_match(event, if_match)
        body = {name: value for name, value in call.body.items() if name not in (*_READ_ONLY, "id")}
        if call.query.get("conferenceDataVersion") != 1:
            body.pop("conferenceData", None)
        merged = merge(shown, body)
        if merged.get("eventType") != event.get("eventType"):
            raise invalid("Event type cannot be changed.", "eventTypeRestriction")
        changes = {name: merged.get(name) for name in {*merged, *shown} if merged.get(name) != shown.get(name)}
        if not self._organizes(shelf, home, event) and not event.get("guestsCanModify"):
            return self._guest_change(shelf, home, event, shown, changes, merged)
        self._check(shelf, merged, shown, call)
        before = list(event.get("attendees", ())) if event["status"] != "cancelled" else []
        if changes.get("attendees"):
            changes["attendees"] = [_guest(g, event["organizer"]["email"]) for g in changes["attendees"]]
        private = (merged.get("extendedProperties") or {}).get("private")
        if "extendedProperties" in changes:
            changes["extendedProperties"] = {**(merged.get("extendedProperties") or {}), "private": private or {}}
        stored = self._store(home, event, changes)
        self._mail(call, user, before, stored)
        return self._shown(shelf, home, stored)

    def _organizes(self, shelf: Shelf, home: Shelf, event: Event) -> bool:
        return home is shelf and event["organizer"]["email"].lower() == shelf.id.lower()

    def _shown_whole(self, shelf: Shelf, home: Shelf, event: Event) -> Event:
        """With all fields, also where it is cancelled: a patch builds on them."""
        alive = {**event, "status": "confirmed"}
        return {**self._shown(shelf, home, alive), "status": event["status"]}

    def _guest_change(
        self, shelf: Shelf, home: Shelf, event: Event, shown: Event, changes: dict[str, Any], merged: Event
    ) -> Event:
        answers = {g["email"]: g for g in merged.get("attendees", ())}
        foreign = set(changes) - _GUESTS_OWN
        others = [g for g in shown.get("attendees", ()) if not g.get("self") and _said(g) != _said(answers.get(g["email"], {}))]
        if foreign or others or len(answers) != len(shown.get("attendees", ())):
            raise Refused(403, "forbiddenForNonOrganizer", "Shared properties can only be changed by the organizer of the event.")
        if "extendedProperties" in changes:
            shelf.private[home.id, event["id"]] = (merged.get("extendedProperties") or {}).get("private") or {}
        guests = [_guest(g, event["organizer"]["email"]) for g in merged.get("attendees", ())]
        stored = self._store(home, event, {"attendees": guests} if "attendees" in changes else {})
        return self._shown(shelf, home, stored)

    def _delete(self, user: str, call: Call, if_match: str | None) -> None:
        shelf = self._shelf(user, call, _WRITERS)
        home, event = self._find(shelf, call.path["eventId"])
        if event["status"] == "cancelled":
            raise Refused(410, "deleted", "Resource has been deleted")
        _require_match(event, if_match)
        if not self._organizes(shelf, home, event):
            raise Refused(403, "forbiddenForNonOrganizer", "This fake lets only the organizer delete.")
        before = list(event.get("attendees", ()))
        stored = self._store(home, event, {"status": "cancelled"})
        self._mail(call, user, before, {**stored, "attendees": []})

    def _move(self, user: str, call: Call, if_match: str | None) -> Event:
        if _INSTANCE.match(call.path["eventId"]):
            raise invalid("Cannot change the organizer of an instance.", "cannotChangeOrganizerOfInstance")
        raise Refused(403, "forbidden", "homeward never moves an event.")

    def _check(self, shelf: Shelf, event: Event, before: Event, call: Call) -> None:
        check_times(event, shelf.zone)
        check_recurrence(event)
        if event.get("recurrence") and event.get("recurringEventId"):
            raise invalid("An instance cannot recur.")
        if event.get("sequence", 0) < before.get("sequence", 0):
            raise invalid("Invalid sequence value. The specified sequence number is below the current sequence number.")
        for guest in event.get("attendees") or ():
            if not _ADDRESS.match(guest.get("email") or ""):
                raise invalid("Invalid attendee email.")
        for kind in ("private", "shared"):
            _check_properties(((event.get("extendedProperties") or {}).get(kind)) or {})
        kind = event.get("eventType", "default")
        if kind in ("fromGmail", "birthday") and not before:
            raise invalid("Invalid event type.", "eventTypeRestriction")
        if kind == "outOfOffice" and shelf.owner in self.consumers:
            raise invalid("Out of office events are not available to this user.", "eventTypeRestriction")
        if kind == "outOfOffice":
            if shelf.id != shelf.owner or "date" in event["start"] or event.get("attendees"):
                raise invalid(
                    "Out of office events are timed, on the primary calendar, and have no guests.", "malformedOutOfOfficeEvent"
                )
            if event.get("transparency") == "transparent":
                raise invalid("Out of office events are busy.", "malformedOutOfOfficeEvent")
        elif event.get("outOfOfficeProperties"):
            raise invalid("Only out of office events have these properties.", "malformedOutOfOfficeEvent")

    def _mail(self, call: Call, user: str, before: list[Event], event: Event) -> None:
        mode = call.query.get("sendUpdates", "none")
        was, now = ({g["email"].lower(): g for g in guests} for guests in (before, event.get("attendees", ())))
        for address in {**was, **now}:
            if address == user or mode == "none" or (mode == "externalOnly" and address in self.shelves):
                continue
            kind = "update" if address in was and address in now else "invitation" if address in now else "cancellation"
            self.mails.append(Mail(address, kind, event["id"]))

    # --- the rest ---------------------------------------------------------------------------------------------------------

    def _entry(self, user: str, shelf: Shelf) -> dict[str, Any]:
        entry = {
            "kind": "calendar#calendarListEntry", "etag": f'"l{shelf.id}"', "id": shelf.id, "summary": shelf.summary,
            "timeZone": shelf.zone, "accessRole": shelf.roles[user], "selected": True, "defaultReminders": [],
        }  # fmt: skip
        return {**entry, "primary": True} if shelf.id == user else entry

    def _calendar_list(self, user: str, call: Call, if_match: str | None) -> dict[str, Any]:
        mine = [self._entry(user, shelf) for shelf in self.shelves.values() if user in shelf.roles]
        size = call.query.get("maxResults", 100)
        begin = int(call.query.get("pageToken", "0"))
        page: dict[str, Any] = {"kind": "calendar#calendarList", "etag": '"cl"', "items": mine[begin : begin + size]}
        if begin + size < len(mine):
            return {**page, "nextPageToken": str(begin + size)}
        return {**page, "nextSyncToken": f"list{self._number}"}

    def _calendar_list_entry(self, user: str, call: Call, if_match: str | None) -> dict[str, Any]:
        return self._entry(user, self._shelf(user, call))

    def _calendar_get(self, user: str, call: Call, if_match: str | None) -> dict[str, Any]:
        shelf = self._shelf(user, call)
        return {"kind": "calendar#calendar", "id": shelf.id, "summary": shelf.summary, "timeZone": shelf.zone}

    def _setting(self, user: str, call: Call, if_match: str | None) -> dict[str, Any]:
        if call.path["setting"] != "timezone":
            raise not_found("calendar")
        return {"kind": "calendar#setting", "id": "timezone", "value": self.shelves[user].zone}

    def _settings(self, user: str, call: Call, if_match: str | None) -> dict[str, Any]:
        setting = {"kind": "calendar#setting", "id": "timezone", "value": self.shelves[user].zone}
        return {"kind": "calendar#settings", "items": [setting], "nextSyncToken": "settings"}

    def _free_busy(self, user: str, call: Call, if_match: str | None) -> dict[str, Any]:
        low, high = (_moment(call.body.get(name)) for name in ("timeMin", "timeMax"))
        if low is None or high is None or low >= high:
            raise invalid("The specified time range is empty.", "timeRangeEmpty")
        wanted = [item["id"] for item in call.body.get("items", ())]
        if len(wanted) > call.body.get("calendarExpansionMax", 50):
            raise invalid("Too many calendars requested.", "tooManyCalendarsRequested")
        found = {name: self._busy(user, name, low, high) for name in wanted}
        return {"kind": "calendar#freeBusy", "timeMin": low.isoformat(), "timeMax": high.isoformat(), "calendars": found}

    def _busy(self, user: str, name: str, low: datetime, high: datetime) -> dict[str, Any]:
        shelf = self.shelves.get(name)
        if shelf is None or user not in shelf.roles:
            return {"errors": [{"domain": "global", "reason": "notFound"}], "busy": []}
        events = (e for _, e in self._spread(shelf, self._held(shelf), True, high) if e["status"] != "cancelled")
        opaque = [e for e in events if e.get("transparency") != "transparent" and overlaps(e, shelf.zone, low, high)]
        spans = sorted(span(e, shelf.zone) for e in opaque)
        return {"busy": [{"start": a.astimezone(UTC).isoformat(), "end": b.astimezone(UTC).isoformat()} for a, b in spans]}


def _as_seen_by(user: str, shelf: Shelf, shown: Event) -> Event:
    if shelf.roles[user] != "freeBusyReader" or shown["status"] == "cancelled":
        return shown
    return {**{name: value for name, value in shown.items() if name in _TIME_ONLY}, "visibility": "private"}


def _asked(query: Any) -> dict[str, Any]:
    return {name: value for name, value in query.items() if name not in ("pageToken", "fields", "prettyPrint", "alt")}


def _lasting(query: Any) -> dict[str, Any]:
    """What has to be the same at each use of a sync token."""
    return {name: query[name] for name in ("singleEvents", "eventTypes") if query.get(name)}


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text.upper()) if text else None


def _matches(event: Event, query: Any) -> bool:
    if "iCalUID" in query and event.get("iCalUID") != query["iCalUID"]:
        return False
    if "eventTypes" in query and event.get("eventType", "default") not in query["eventTypes"]:
        return False
    private = (event.get("extendedProperties") or {}).get("private") or {}
    if any(private.get(pair.partition("=")[0]) != pair.partition("=")[2] for pair in query.get("privateExtendedProperty", ())):
        return False
    words = json.dumps([event.get(name, "") for name in ("summary", "description", "location", "attendees")]).lower()
    return query.get("q", "").lower() in words


def _is_original(event: Event, wanted: str, moment: datetime | None) -> bool:
    original = event["originalStartTime"]
    if moment is None:
        return bool(original.get("date") == wanted)
    return "dateTime" in original and datetime.fromisoformat(original["dateTime"]) == moment


def _require_match(event: Event, if_match: str | None) -> None:
    if if_match not in (None, "*", event["etag"]):
        raise Refused(412, "conditionNotMet", "Precondition Failed")


def _patched(event: Event, body: Event) -> Event:
    """Objects merge, lists are replaced, null takes away."""
    merged = copy.deepcopy(event)
    for name, value in body.items():
        if value is None:
            merged.pop(name, None)
        elif isinstance(value, dict) and isinstance(merged.get(name), dict):
            merged[name] = _patched(merged[name], value)
        else:
            merged[name] = copy.deepcopy({k: v for k, v in value.items() if v is not None} if isinstance(value, dict) else value)
    return merged


def _replaced(event: Event, body: Event) -> Event:
    """What an update leaves out is gone, save for what only the server or the conference system writes."""
    kept = {name: event[name] for name in (*_READ_ONLY, "id", "conferenceData", "eventType", "sequence") if name in event}
    return {**kept, "status": "confirmed", "reminders": {"useDefault": True}, **copy.deepcopy(body)}


def _guest(guest: dict[str, Any], organizer: str) -> dict[str, Any]:
    clean = {name: value for name, value in guest.items() if name not in ("self", "organizer", "id") and value is not None}
    clean.setdefault("responseStatus", "needsAction")
    return {**clean, "organizer": True} if clean["email"].lower() == organizer.lower() else clean


def _said(guest: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in guest.items() if name not in ("self", "organizer", "id")}


def _check_properties(found: dict[str, Any]) -> None:
    if len(found) > 300 or any(len(name) > 44 or len(str(value)) > 1024 for name, value in found.items()):
        raise invalid("The extended properties are too long.")
