"""A Google calendar as one text that `TextCalendar` reads: kept in step by sync tokens, one request where nothing changed. Writes
nothing at Google."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from msgspec import Struct

from integrations.errors import OutsideError, Permanent, TokenExpired
from integrations.google_client import GoogleApi
from integrations.google_copy import GoogleCopy, Head, Row
from integrations.google_errors import NotThere
from integrations.google_events import (
    FIELDS,
    MARKER,
    busy_time,
    calendar_text,
    event_text,
    is_private,
    private_of,
    recurrence_id,
    uid_of_event,
)
from rules.interval import Interval

_PAGE = 2500  # the most that Google gives
_NAME = "events"
_MOST_EVENTS = 100_000
_DAYS = 3 * 86400.0  # seconds: zones, and whole days
_MASK = f"nextPageToken,nextSyncToken,summary,accessRole,items({FIELDS})"
_WRITERS = ("owner", "writer")
BUSY_ONLY = "freeBusyReader"


class CalendarEntry(Struct, frozen=True):
    """One calendar in the user's list. `role` is Google's: owner, writer, reader, freeBusyReader."""

    id: str
    title: str
    role: str
    zone: str
    primary: bool = False

    @property
    def writable(self) -> bool:
        return self.role in _WRITERS


def list_calendars(api: GoogleApi) -> tuple[CalendarEntry, ...]:
    """The user's calendars, the primary one first."""
    found: list[CalendarEntry] = []
    token = None
    for _ in range(40):
        request = api.resource("calendar.calendarList").list(maxResults=250, pageToken=token)
        page = api.read(request)
        found += [_entry(each) for each in page.get("items", ())]
        token = page.get("nextPageToken")
        if not token:
            break
    return tuple(sorted(found, key=lambda entry: (not entry.primary, entry.title.casefold())))


def _entry(each: dict[str, Any]) -> CalendarEntry:
    title = str(each.get("summaryOverride") or each.get("summary") or each["id"])
    return CalendarEntry(
        str(each["id"]), title, str(each.get("accessRole", "")), str(each.get("timeZone", "")), bool(each.get("primary"))
    )


class GoogleStore:
    """A TextStore with one resource. `horizon` (set before reading) says whose private words are worth fetching."""

    single = True

    def __init__(self, api: GoogleApi, calendar_id: str, copy: GoogleCopy) -> None:
        self._api, self._calendar_id, self.copy = api, calendar_id, copy
        self.horizon: Interval | None = None

    def names(self) -> list[str]:
        self.refresh()
        return [_NAME]

    def signature(self, name: str) -> str:
        """In the form of a file's, of one that has been at rest for ever."""
        return f"0-0-{self.copy.head().revision}"

    def load(self, name: str) -> bytes | None:
        rows = self._whole(self.copy.rows())
        gone: dict[str, list[str]] = {}
        for row in rows:
            if row.text == "":
                gone.setdefault(row.parent, []).append(row.original)
        events = "".join(_text(row, gone.get(row.id, [])) for row in rows if row.text)
        return calendar_text(events, self.copy.head().name).encode("utf-8", "replace")

    def swap(self, name: str, expected: str | None, data: bytes | None) -> None:
        raise Permanent("A Google calendar is not written as a text.")

    def where(self, name: str) -> str:
        return self.copy.head().name or self._calendar_id

    def home_of(self, uid: str) -> str:
        return _NAME

    # --- keeping in step --------------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Ask for what changed; for everything where nothing is known or Google says so."""
        known = self.copy.head()
        if known.token:
            try:
                self._sync(known.token)
                return
            except TokenExpired:
                pass
        self._sync("")

    def _sync(self, token: str) -> None:
        came: list[dict[str, Any]] = []
        page: dict[str, Any] = {}
        for page in self._pages(token):
            came += page.get("items", ())
            if token and (page.get("accessRole") == BUSY_ONLY) != (self.copy.head().role == BUSY_ONLY):
                raise TokenExpired("What is shown of this calendar is another thing now; it is read from the beginning.")
            if len(came) > _MOST_EVENTS:
                raise Permanent(f"This Google calendar has more than {_MOST_EVENTS:,} events; it is not read.")
        head = Head(str(page.get("nextSyncToken", "")), _shown(page.get("summary")), str(page.get("accessRole", "")))
        if head.role == BUSY_ONLY:
            came = [busy_time(event) for event in came]
        dead = [str(e["id"]) for e in came if e.get("status") == "cancelled" and not e.get("recurringEventId")]
        rows = [row for e in came if str(e["id"]) not in dead and (row := row_of(e)) is not None]
        known = self.copy.head()
        if rows or dead or not token or (head.token, head.name, head.role) != (known.token, known.name, known.role):
            self.copy.change(head, rows, dead, anew=not token)

    def _pages(self, token: str) -> Iterator[dict[str, Any]]:
        events, page_token = self._api.resource("calendar.events"), None
        while True:
            asked = {"calendarId": self._calendar_id, "maxResults": _PAGE, "fields": _MASK}
            asked |= {"syncToken": token} if token else {}
            asked |= {"pageToken": page_token} if page_token else {}
            page = self._api.read(events.list(**asked))
            yield page
            page_token = page.get("nextPageToken")
            if not page_token:
                return

    # --- private words ----------------------------------------------------------------------------------------------------

    def _whole(self, rows: list[Row]) -> list[Row]:
        """With the words of private events that an earlier process has seen, where they may matter."""
        lacking = [row for row in rows if row.text is None and self._matters(row)]
        if lacking:
            self._fetch(lacking)
            rows = self.copy.rows()
        return [row for row in rows if row.text is not None]

    def _matters(self, row: Row) -> bool:
        horizon = self.horizon
        return horizon is None or (row.first < horizon.end.timestamp() + _DAYS and row.last > horizon.start.timestamp() - _DAYS)

    def _fetch(self, rows: list[Row]) -> None:
        events = self._api.resource("calendar.events")
        requests = [events.get(calendarId=self._calendar_id, eventId=row.id, fields=FIELDS) for row in rows]
        learnt: list[Row] = []
        for answer in self._api.read_all("calendar", requests):
            if isinstance(answer, OutsideError):
                if not isinstance(answer, NotThere):
                    raise answer
            elif answer.get("status") != "cancelled" and (row := row_of(answer)) is not None:
                learnt.append(row)
        self.copy.learn(learnt)


def _shown(title: object) -> str:
    """A title for messages: one line, nothing that a terminal obeys."""
    return " ".join("".join(char if char.isprintable() else " " for char in str(title or "")[:200]).split())


def row_of(event: dict[str, Any]) -> Row | None:
    """None for what is no event that could be kept."""
    parent = str(event.get("recurringEventId") or "")
    try:
        original = recurrence_id(event["originalStartTime"]) if parent else ""
    except (KeyError, ValueError, TypeError):
        return None
    event_id, uid = str(event["id"]), uid_of_event(event)
    if event.get("status") == "cancelled":
        return Row(event_id, uid, parent, original, text="") if parent else None
    first, last = _span(event)
    secret = is_private(event) and not private_of(event).get(MARKER)
    return Row(event_id, uid, parent, original, first, last, event_text(event), secret)


def _span(event: dict[str, Any]) -> tuple[float, float]:
    """In seconds; a series lasts for ever."""
    try:
        first, last = (_seconds(event[name]) for name in ("start", "end"))
    except (KeyError, ValueError, TypeError, AttributeError, OverflowError):
        return 0.0, float("inf")
    return first, float("inf") if event.get("recurrence") else last


def _seconds(when: dict[str, Any]) -> float:
    return datetime.fromisoformat(str(when.get("date") or when["dateTime"]).upper()).timestamp()


def _text(row: Row, gone: Iterable[str]) -> str:
    """The VEVENT, with the deleted instances of a series named in it."""
    assert row.text is not None
    lines = "".join(f"EXDATE;VALUE=DATE:{each}\r\n" if "T" not in each else f"EXDATE:{each}\r\n" for each in sorted(gone))
    return row.text.removesuffix("END:VEVENT\r\n") + lines + "END:VEVENT\r\n" if lines else row.text
