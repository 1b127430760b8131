"""A calendar on a CalDAV server (RFC 4791). Reads a copy that is kept in step with the server (RFC 6578), edits by splicing the
bytes that the server has now, and writes them only where nobody else has written meanwhile (If-Match). No server stores the bytes
as they were sent: what was written is read back."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from msgspec.structs import asdict, replace

from integrations.caldav_collection import Collection
from integrations.caldav_copy import Copy, Facts
from integrations.caldav_store import CollectionStore
from integrations.calendar_edits import uid_of
from integrations.component_draft import events_of
from integrations.errors import OutsideError, Permanent, PreconditionFailed
from integrations.events import lines_of
from integrations.icalendar_text import Property, parameters, parse
from integrations.login import Login
from integrations.occurrences import fingerprint
from integrations.ports import CalendarCapabilities, CalendarEdit, CalendarReading, Prepared, PutBlock, Receipt
from integrations.remembered import Memory
from integrations.rereading import Rereader
from integrations.text_calendar import TextCalendar, etag_of, holds, patched
from integrations.webdav_http import WebDav
from rules.interval import Interval
from rules.model import CalendarRole

_ASK_AGAIN = timedelta(days=1)  # what a server can do, and the user may do there
_GIVEN_UP = timedelta(minutes=5)  # after a failure


class CalDavCalendar(TextCalendar):
    """`collection` is the absolute path of the calendar on `server_url` (or a whole URL); `server_url` is as `Found.server` gives
    it, or a bare host name, which means https. `cache_folder` is homeward's own cache folder (0700); None keeps nothing. Nothing
    is asked of the server before it is used."""

    def __init__(
        self,
        id: str,
        role: CalendarRole,
        collection: str,
        server_url: str,
        login: Login,
        home_zone: str,
        clock: Callable[[], datetime],
        *,
        read_only: bool = False,
        cache_folder: Path | None = None,
        ca_file: str = "",
    ) -> None:
        self._collection = Collection(lambda: WebDav(server_url, login, ca_file), collection)
        self._copy = Copy(f"{login.user}\n{server_url}\n{collection}", cache_folder / "caldav.db" if cache_folder else None)
        self._server = CollectionStore(id, self._collection, self._copy)
        self._read_only = read_only
        self._gave_up: datetime | None = None
        self._written: dict[str, tuple[str | None, Receipt]] = {}  # payload to what the server made of it
        memory = Memory(cache_folder / "readings.db") if cache_folder else None
        super().__init__(id, role, self._server, home_zone, clock, memory=memory)

    @property
    def requests(self) -> int:
        """How many were sent so far."""
        return self._collection.web.requests

    # what it can do

    def capabilities(self) -> CalendarCapabilities:
        """Asked of the server once a day. While it cannot be reached, what was known last."""
        facts = self._facts()
        return CalendarCapabilities(not self._read_only and bool(facts.get("writable", True)), bool(facts.get("schedules")))

    def _writable(self) -> bool:
        return self.capabilities().writable

    def _facts(self) -> Facts:
        self._copy.refresh()
        now, known = self._clock(), self._copy.facts
        told = datetime.fromisoformat(str(known["at"])) if "at" in known else None
        rests = self._gave_up is not None and now - self._gave_up < _GIVEN_UP
        if rests or (told is not None and timedelta() <= now - told < _ASK_AGAIN):
            return known
        try:
            self._copy.note({**asdict(self._collection.facts()), "at": now.isoformat()})
            self._gave_up = None
        except OutsideError:
            self._gave_up = now
        return self._copy.facts

    # reading

    def read(self, horizon: Interval) -> CalendarReading:
        try:
            return super().read(horizon)
        finally:
            self._copy.rest()

    def _gather(self, names: Sequence[str], rereader: Rereader | None) -> None:
        self._server.gather(rereader.wanted(names, self._server.signature) if rereader else names)

    # editing

    def _resource(self, edit: CalendarEdit) -> tuple[str, bytes | None]:
        """The resource with the event, as the server has it now; where it was not seen there, the copy is brought in step."""
        uid, home = uid_of(edit), self._server.home_of(uid_of(edit))
        found = self._holding(uid, dict.fromkeys((*self._server.holders(uid), home)))
        if found is None and not isinstance(edit, PutBlock):
            self._server.gather([name for name in self._server.names() if not self._server.signature(name)])
            found = self._holding(uid, self._server.holders(uid))
        if found is not None:
            return found
        if isinstance(edit, PutBlock) and self._server.seen(home, None) is not None:
            raise Permanent(f"{self._server.where(home)} is in the way; it is left alone.")
        return home, None

    def _holding(self, uid: str, names: Iterable[str]) -> tuple[str, bytes] | None:
        for name in names:
            data = self._server.look(name)
            if data is not None and holds(data, uid):
                return name, data
        return None

    def commit(self, prepared: Prepared) -> Receipt:
        facts = json.loads(prepared.payload)
        name, receipt = facts["name"], Receipt(facts["after"], facts["fingerprint"])
        if prepared.done:
            return receipt
        current = self._server.seen(name, prepared.expected)
        before = self._written.get(prepared.payload)
        if before and etag_of(current) == before[0]:
            return before[1]
        if etag_of(current) == facts["becomes"]:
            return receipt
        if etag_of(current) != prepared.expected:
            raise PreconditionFailed(f"{self._server.where(name)} was changed meanwhile; looking again.")
        written = patched(current, facts)
        self._server.swap(name, prepared.expected, written)
        return self._read_back(prepared, written, name, receipt)

    def _read_back(self, prepared: Prepared, written: bytes | None, name: str, receipt: Receipt) -> Receipt:
        stored = self._server.look(name)
        if written is not None and stored is not None:
            made = _as_stored(written, stored, uid_of(prepared.edit), receipt.fingerprint)
            receipt = replace(receipt, fingerprint=made)
        self._written[prepared.payload] = (etag_of(stored), receipt)
        return receipt


def _as_stored(written: bytes, stored: bytes, uid: str, mark: str) -> str:
    """The fingerprint of what the server made of the component that has the fingerprint `mark` in `written`."""
    sent = next((lines for lines in _components(written, uid) if fingerprint(lines) == mark), None)
    if sent is None:
        return mark
    return next((fingerprint(lines) for lines in _components(stored, uid) if _which(lines) == _which(sent)), mark)


def _components(data: bytes, uid: str) -> list[dict[str, list[Property]]]:
    document = parse(data)
    return [lines_of(document, component) for component in events_of(document, uid)]


def _which(lines: dict[str, list[Property]]) -> tuple[object, ...]:
    """What tells the components of one event apart, in whatever order the parameters are."""
    return tuple((sorted(parameters(prop).items()), prop.value.strip()) for prop in lines.get("RECURRENCE-ID", ())[:1])
