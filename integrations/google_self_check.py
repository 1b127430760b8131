"""What only the real Google can prove, tried without harm on the user's own account: an event of ours in the past that is made,
read, changed, refused to an old version and deleted again; the sync token; an out-of-office entry in the past; and the autoreply,
which is read and not written."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

from integrations.errors import OutsideError, PreconditionFailed, Unsupported
from integrations.google_calendar import NO_SUCH_ENTRIES
from integrations.google_client import GoogleApi
from integrations.google_errors import Gone, Malformed, NotThere, Taken
from integrations.google_events import MARKER, block_event_id, private_of

_MARK = "hw-self-check"
_TITLE = "homeward tries itself out"


def check_calendar(api: GoogleApi, calendar_id: str, now: datetime) -> Iterator[tuple[str, bool]]:
    """What was tried, and whether Google did as homeward expects. The event is an hour long, two days ago, private, free, without
    guests and reminders; nobody is mailed. What a run that died has left is removed first."""
    events, event_id = api.resource("calendar.events"), block_event_id(_MARK)
    where: dict[str, Any] = {"calendarId": calendar_id, "eventId": event_id}
    token = _sync_token(api, calendar_id)
    yield "a calendar gives a sync token", bool(token)
    body = _event(now - timedelta(days=2))
    made = _made(api, calendar_id, body)
    try:
        yield "an event of ours is made under an id of our own", made.get("id") == event_id
        yield "private extended properties are kept", private_of(made).get(MARKER) == _MARK
        changed = api.write(events.patch(**where, body={"summary": f"{_TITLE}."}, sendUpdates="none"), made["etag"])
        yield (
            "a patch leaves the rest alone",
            (changed.get("start"), private_of(changed)) == (made.get("start"), private_of(made)),
        )
        stale = events.patch(**where, body={"summary": "x"}, sendUpdates="none")
        yield "a write on an old version is refused", _is(PreconditionFailed, lambda: api.write(stale, made["etag"]))
        news = api.read(events.list(calendarId=calendar_id, syncToken=token)).get("items", ())
        bare = {"extendedProperties": {"private": {"homewardTried": None}}}
        tried = api.write(events.patch(**where, body={"extendedProperties": {"private": {"homewardTried": "yes"}}}))
        cleared = api.write(events.patch(**where, body=bare), tried["etag"])
        yield "a private property goes when it is set to nothing", private_of(cleared) == {MARKER: _MARK}
        yield "the sync token tells of the change", any(each.get("id") == event_id for each in news)
    finally:
        _removed(api, where)
    yield (
        "what was deleted stays known under its id",
        _is(Taken, lambda: api.write(events.insert(calendarId=calendar_id, body=body))),
    )


def check_out_of_office(api: GoogleApi, calendar_id: str, now: datetime) -> Iterator[tuple[str, bool]]:
    """The same for an out-of-office entry that declines nothing. Unsupported where the account takes none."""
    events, mark = api.resource("calendar.events"), f"{_MARK}-away"
    where: dict[str, Any] = {"calendarId": calendar_id, "eventId": block_event_id(mark)}
    body = _entry(now - timedelta(days=2), mark)
    try:
        try:
            _made(api, calendar_id, body)
        except Malformed as refused:
            raise Unsupported(f"{NO_SUCH_ENTRIES} {refused.what}") from None
        there = api.read(events.get(**where))
        mode = there.get("outOfOfficeProperties", {}).get("autoDeclineMode")
        kept = (there.get("eventType"), mode, private_of(there).get(MARKER)) == (*_DECLINES_NOTHING, mark)
        yield "an out-of-office entry is kept with its mark, and declines what it is told to", kept
    finally:
        _removed(api, where)
    yield "an out-of-office entry of ours can be taken away", _is_gone(api, where)


def check_mail(api: GoogleApi) -> Iterator[tuple[str, bool]]:
    """Reads only."""
    settings = api.read(api.resource("gmail.users.settings").getVacation(userId="me"))
    yield "the autoreply can be read", isinstance(settings.get("enableAutoReply", False), bool)
    times = [settings[name] for name in ("startTime", "endTime") if name in settings]
    yield "its times are milliseconds in text", all(isinstance(each, str) and each.isdecimal() for each in times)
    history = api.read(api.resource("gmail.users").getProfile(userId="me")).get("historyId", "")
    news = api.read(api.resource("gmail.users.history").list(userId="me", startHistoryId=history, maxResults=1))
    yield "the history goes on from where the profile says", "historyId" in news


def _event(start: datetime, mark: str = _MARK) -> dict[str, Any]:
    times = {n: {"dateTime": t.isoformat(timespec="seconds")} for n, t in (("start", start), ("end", start + timedelta(hours=1)))}
    return {
        "id": block_event_id(mark), "summary": _TITLE, "visibility": "private", "transparency": "transparent",
        "reminders": {"useDefault": False}, "extendedProperties": {"private": {MARKER: mark}}, **times,
    }  # fmt: skip


_DECLINES_NOTHING = ("outOfOffice", "declineNone")


def _entry(start: datetime, mark: str) -> dict[str, Any]:
    kind, mode = _DECLINES_NOTHING
    special = {"eventType": kind, "transparency": "opaque", "outOfOfficeProperties": {"autoDeclineMode": mode}}
    return {**_event(start, mark), **special}


def _is_gone(api: GoogleApi, where: dict[str, Any]) -> bool:
    try:
        return bool(api.read(api.resource("calendar.events").get(**where)).get("status") == "cancelled")
    except (NotThere, Gone):
        return True


def _made(api: GoogleApi, calendar_id: str, body: dict[str, Any]) -> dict[str, Any]:
    """New, or brought back to life from an earlier check. Nothing that does not bear our mark is touched."""
    events = api.resource("calendar.events")
    try:
        return api.write(events.insert(calendarId=calendar_id, body=body, sendUpdates="none"))
    except Taken:
        there = api.read(events.get(calendarId=calendar_id, eventId=body["id"]))
        if private_of(there).get(MARKER) not in (None, private_of(body)[MARKER]):
            raise
        again = {**body, "status": "confirmed"}
        return api.write(events.update(calendarId=calendar_id, eventId=body["id"], body=again, sendUpdates="none"), there["etag"])


def _removed(api: GoogleApi, where: dict[str, Any]) -> None:
    try:
        api.settle(api.resource("calendar.events").delete(**where, sendUpdates="none"))
    except (NotThere, Gone):
        return


def _sync_token(api: GoogleApi, calendar_id: str) -> str:
    """Without the events: only the last page has it."""
    page_token, token = None, ""
    for _ in range(100):
        asked = api.resource("calendar.events").list(
            calendarId=calendar_id, maxResults=2500, pageToken=page_token, fields="nextPageToken,nextSyncToken"
        )  # fmt: skip
        page = api.read(asked)
        token, page_token = page.get("nextSyncToken", ""), page.get("nextPageToken")
        if not page_token:
            break
    return str(token)


def _is(expected: type[OutsideError], call: Callable[[], object]) -> bool:
    try:
        call()
    except OutsideError as error:
        return isinstance(error, expected)
    return False
