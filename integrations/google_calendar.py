"""A Google calendar. Reads a copy that sync tokens keep in step; edits one instance or block as Google has it now, by a patch
that says only what differs and only where nobody else has written meanwhile (If-Match). The organizer of an instance, its video
call and whatever else homeward does not know stay untouched."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

from integrations.component_draft import Edited, dump, fingerprint_of, load
from integrations.errors import Permanent, PreconditionFailed, Unsupported
from integrations.google_client import GoogleApi
from integrations.google_copy import GoogleCopy
from integrations.google_errors import Gone, Malformed, NotThere, Taken
from integrations.google_events import (
    CHAIR,
    FIELDS,
    MARKER,
    block_event_id,
    calendar_text,
    canonical,
    event_text,
    patch_for,
    patched,
    private_of,
    recurrence_id,
    uid_of_event,
)
from integrations.google_store import BUSY_ONLY, GoogleStore
from integrations.host_edits import edit_host, restore_host
from integrations.icalendar_text import escape, parse, unescape
from integrations.ports import (
    CalendarCapabilities,
    CalendarEdit,
    CalendarReading,
    DeleteBlock,
    EditHost,
    Prepared,
    PutBlock,
    Receipt,
    RestoreHost,
)
from integrations.remembered import Memory, whole_weeks
from integrations.text_calendar import TextCalendar
from rules.interval import Interval
from rules.items import BlockItem, OutOfOfficeItem
from rules.model import CalendarRole, OccurrenceKey

Event = dict[str, Any]
_NOBODY, _EVERYBODY = "none", "all"
_SAID = ("summary", "description", "start", "end", "visibility", "transparency", "status", "outOfOfficeProperties")
_DECLINES = {
    "none": "declineNone", "new": "declineOnlyNewConflictingInvitations", "all": "declineAllConflictingInvitations",
}  # fmt: skip
NO_SUCH_ENTRIES = "Google does not take out-of-office entries on this calendar: they are for Workspace accounts."


class GoogleCalendar:
    """`calendar_id` is Google's id, or "primary"; `account` names the account in the cache. `cache_folder` is homeward's own
    cache folder (0700); None keeps nothing. Nothing is asked of Google before it is used.

    Google mails a deputy nothing when they are asked: homeward's own letter does (so `schedules` is False), and undoing takes one
    step. All guests are mailed once a deputy has accepted, and again where that is undone."""

    def __init__(
        self,
        id: str,
        role: CalendarRole,
        api: GoogleApi,
        calendar_id: str,
        account: str,
        home_zone: str,
        clock: Callable[[], datetime],
        *,
        read_only: bool = False,
        cache_folder: Path | None = None,
    ) -> None:
        self._id, self._role, self._api, self._calendar_id = id, role, api, calendar_id
        self._home_zone, self._clock, self._read_only = home_zone, clock, read_only
        key = f"{account}\n{api.endpoints.calendar}\n{calendar_id}"
        self._copy = GoogleCopy(key, cache_folder / "google.db" if cache_folder else None)
        self._store = GoogleStore(api, calendar_id, self._copy)
        memory = Memory(cache_folder / "readings.db") if cache_folder else None
        self._reader = TextCalendar(id, role, self._store, home_zone, clock, memory=memory)

    @property
    def id(self) -> str:
        return self._id

    @property
    def role(self) -> CalendarRole:
        return self._role

    def capabilities(self) -> CalendarCapabilities:
        """As of the last reading; before the first one the calendar counts as writable."""
        role = self._copy.head().role
        return CalendarCapabilities(not self._read_only and role in ("", "owner", "writer"), busy_only=role == BUSY_ONLY)

    def read(self, horizon: Interval) -> CalendarReading:
        self._store.horizon = whole_weeks(horizon)
        try:
            return self._reader.read(horizon)
        except NotThere:
            raise Permanent(
                f"Google has no calendar “{self._calendar_id}” for this account (any more). Run `homeward calendars`."
            ) from None

    # --- looking ----------------------------------------------------------------------------------------------------------

    def _get(self, event_id: str) -> Event | None:
        """As Google has it now; None where it is not there or was deleted."""
        try:
            found = self._ask(event_id)
        except (NotThere, Gone):
            return None
        return found if found.get("status") != "cancelled" else None

    def _ask(self, event_id: str) -> Event:
        return self._api.read(
            self._api.resource("calendar.events").get(calendarId=self._calendar_id, eventId=event_id, fields=FIELDS)
        )

    def _event(self, key: OccurrenceKey) -> Event | None:
        """The event or instance that is meant."""
        rows = self._copy.find(key.uid)
        ids = [row.id for row in rows if not row.parent] or self._asked(key.uid)
        exceptions = [row.id for row in rows if row.parent and row.original == key.recurrence_id]
        wanted = exceptions if key.recurrence_id else []
        wanted += [f"{event_id}_{key.recurrence_id}" if key.recurrence_id else event_id for event_id in ids]
        for event_id in dict.fromkeys(wanted):
            found = self._get(event_id)
            if found is not None and uid_of_event(found) == key.uid and _original(found) == key.recurrence_id:
                return found
        return None

    def _asked(self, uid: str) -> list[str]:
        """Ids of the event with that UID, where the copy does not know it yet."""
        events = self._api.resource("calendar.events")
        asked = events.list(calendarId=self._calendar_id, iCalUID=uid, maxResults=50, fields="items(id,recurringEventId)")
        found = self._api.read(asked).get("items", ())
        return list(dict.fromkeys(str(each.get("recurringEventId") or each["id"]) for each in found))

    # --- editing ----------------------------------------------------------------------------------------------------------

    def prepare(self, edit: CalendarEdit) -> Prepared:
        if not self.capabilities().writable:
            raise Permanent(f"The calendar “{self._id}” is read-only.")
        if isinstance(edit, PutBlock):
            return self._prepare_block(edit)
        if isinstance(edit, DeleteBlock):
            return self._prepare_deletion(edit)
        return self._prepare_host(edit)

    def _prepare_host(self, edit: EditHost | RestoreHost) -> Prepared:
        event = self._event(edit.host.key if isinstance(edit, EditHost) else edit.key)
        was = event_text(event) if event else ""
        edited = self._edited(edit, was)
        words = _words_in(edit.before) if edit.before else _words_of(event or {})
        before = dump(**_bare(edited.before), words=words)
        after = _canonical(edited.after)
        if event is None or edited.data is None:
            return Prepared(edit, before, None, _payload("none", after=after), True, edited.theirs, after)
        body = patch_for(event, _component(edited.data), _words_in(before))
        made = event_text(patched(event, body))
        payload = _payload("patch", event, body, after, fingerprint_of(made), self._told(edit, event, body))
        return Prepared(edit, before, str(event.get("etag", "")), payload, not body, edited.theirs, after)

    def _edited(self, edit: EditHost | RestoreHost, was: str) -> Edited:
        data, home = calendar_text(was, "").encode("utf-8", "replace") if was else None, ZoneInfo(self._home_zone)
        if isinstance(edit, EditHost):
            return edit_host(data, edit, self._clock(), home)
        return restore_host(data, edit, self._clock(), home)

    def _told(self, edit: EditHost | RestoreHost, event: Event, body: Event) -> str:
        """Whom Google mails: everybody when a host has accepted, or is taken away again; nobody when one is only asked."""
        if isinstance(edit, EditHost):
            return _EVERYBODY if edit.host.state == "accepted" else _NOBODY
        announced = CHAIR in private_of(event) and {"summary", "attendees"} & set(body)
        return _EVERYBODY if announced else _NOBODY

    def _prepare_block(self, edit: PutBlock) -> Prepared:
        wanted = _block_body(edit.block)
        try:
            event = self._ask(block_event_id(edit.block.id))
        except (NotThere, Gone):
            event = None
        if event is None:
            made = {**wanted, "id": block_event_id(edit.block.id)}
            mark = fingerprint_of(event_text({**made, "status": "confirmed"}))
            return self._block(edit, dump(component=None), "", _payload("insert", body=made, mark=mark))
        if event.get("status") == "cancelled":
            body = {**wanted, "status": "confirmed"}
            return self._block(edit, dump(component=None), event["etag"], _payload("update", event, body))
        self._require_ours(event, edit.block.id)
        body = {name: value for name, value in wanted.items() if name in _SAID and not _same(event, name, value)}
        text = event_text(patched(event, body))
        payload = _payload("patch", event, body, dump(component=text), fingerprint_of(text))
        return self._block(edit, dump(component=event_text(event)), event["etag"], payload, done=not body)

    def _block(self, edit: PutBlock, before: str, etag: str, payload: str, done: bool = False) -> Prepared:
        return Prepared(edit, before, etag or None, payload, done, after=json.loads(payload)["after"])

    def _prepare_deletion(self, edit: DeleteBlock) -> Prepared:
        event = self._get(block_event_id(edit.block_id))
        if event is None:
            return Prepared(edit, dump(component=None), None, _payload("none"), True)
        self._require_ours(event, edit.block_id)
        return Prepared(edit, dump(component=event_text(event)), str(event["etag"]), _payload("delete", event))

    def _require_ours(self, event: Event, block_id: str) -> None:
        if private_of(event).get(MARKER) != block_id:
            raise Permanent("An event with this identifier is there and is not homeward's; it is left alone.")

    # --- writing ----------------------------------------------------------------------------------------------------------

    def commit(self, prepared: Prepared) -> Receipt:
        facts = json.loads(prepared.payload)
        if prepared.done or facts["call"] == "none":
            return Receipt(facts["after"], facts["fingerprint"])
        try:
            made = self._write(facts, prepared.expected or "")
        except (Taken, PreconditionFailed, NotThere) as refused:
            return self._observed(facts, refused)
        return _receipt(facts, made)

    def _write(self, facts: Event, etag: str) -> Event:
        events, where = self._api.resource("calendar.events"), {"calendarId": self._calendar_id}
        if facts["call"] == "insert":
            return self._insert(events.insert(**where, body=facts["body"], sendUpdates=_NOBODY, fields=FIELDS), facts["body"])
        where |= {"eventId": facts["id"], "sendUpdates": facts["told"]}
        if facts["call"] == "delete":
            return self._api.write(events.delete(**where), etag)
        call = events.patch if facts["call"] == "patch" else events.update
        return self._api.write(call(**where, body=facts["body"], fields=FIELDS), etag)

    def _insert(self, request: Any, body: Event) -> Event:
        try:
            return self._api.write(request)
        except Malformed:
            if "outOfOfficeProperties" not in body:
                raise
            raise Unsupported(NO_SUCH_ENTRIES) from None

    def _observed(self, facts: Event, refused: Taken | PreconditionFailed | NotThere) -> Receipt:
        """The write was refused because something else is there: perhaps what we wrote before."""
        now = self._get(facts["id"])
        if facts["call"] == "delete":
            if now is None:
                return Receipt("", "")
        elif now is not None and fingerprint_of(event_text(now)) == facts["fingerprint"] and facts["fingerprint"]:
            return _receipt(facts, now)
        raise PreconditionFailed("It was changed at Google meanwhile; looking again.") from refused


def _original(event: Event) -> str:
    return recurrence_id(event["originalStartTime"]) if event.get("recurringEventId") else ""


def _component(data: bytes) -> str:
    """The one event in an edited text."""
    document = parse(data)
    event = document.roots[0].children[0]
    return document.text[event.start : event.end]


def _canonical(after: str) -> str:
    text = load(after).get("component") if after else None
    return dump(component=canonical(text)) if text else after


def _bare(before: str) -> Event:
    return {name: value for name, value in load(before).items() if name not in ("v", "words")}


def _words_of(event: Event) -> dict[str, str]:
    """The exact title and description: as iCalendar text they may lose a line end or a control character."""
    return {name: str(event.get(name, "")) for name in ("summary", "description")}


def _words_in(before: str) -> dict[str, str]:
    return dict(load(before).get("words") or {})


Call = Literal["none", "insert", "update", "patch", "delete"]


def _payload(
    call: Call, event: Event | None = None, body: Event | None = None, after: str = "", mark: str = "", told: str = _NOBODY
) -> str:
    event_id = str((event or body or {}).get("id", ""))
    facts = {"call": call, "id": event_id, "body": body or {}, "after": after, "fingerprint": mark, "told": told}
    return json.dumps(facts, sort_keys=True)


def _receipt(facts: Event, made: Event) -> Receipt:
    """`after` as it was foreseen; the fingerprint of what Google made of it."""
    if facts["call"] == "delete":
        return Receipt("", "")
    text = event_text(made)
    return Receipt(facts["after"] or dump(component=text), fingerprint_of(text))


def _block_body(block: BlockItem) -> Event:
    """A whole event of ours. Text as iCalendar would carry it, so that no control character gets through."""
    kind = {} if not isinstance(block, OutOfOfficeItem) else _out_of_office(block)
    return {
        **kind,
        "summary": unescape(escape(block.summary)),
        "description": unescape(escape(block.description)),
        "start": _time(block.span.start, block.zone),
        "end": _time(block.span.end, block.zone),
        "visibility": "private" if block.private else "default",
        "transparency": "opaque",
        "extendedProperties": {"private": {MARKER: block.id}},
    }


def _out_of_office(item: OutOfOfficeItem) -> Event:
    return {"eventType": "outOfOffice", "outOfOfficeProperties": {"autoDeclineMode": _DECLINES[item.declines]}}


def _time(moment: datetime, zone: str) -> dict[str, str]:
    return {"dateTime": f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}", "timeZone": zone or "UTC"}


def _same(event: Event, name: str, value: Any) -> bool:
    if name in ("start", "end"):
        there = str((event.get(name) or {}).get("dateTime", ""))
        return bool(there) and datetime.fromisoformat(there.upper()) == datetime.fromisoformat(value["dateTime"])
    return bool(event.get(name, {"visibility": "default", "transparency": "opaque"}.get(name, "")) == value)
