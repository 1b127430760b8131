"""A calendar on a CalDAV server (RFC 4791). Reads a copy that is kept in step with the server (RFC 6578), edits by splicing the
bytes that the server has now, and writes them only where nobody else has written meanwhile (If-Match)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from integrations.login import Login
from integrations.ports import CalendarCapabilities, CalendarEdit, CalendarReading, Prepared, Receipt
from rules.interval import Interval
from rules.model import CalendarRole


class CalDavCalendar:
    """`collection` is the absolute path of the calendar on `server_url` (or a whole URL); `server_url` is as `Found.server` gives
    it, or a bare host name, which means https. `cache_folder` is homeward's own cache folder (0700); None keeps nothing."""

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
        raise NotImplementedError

    @property
    def id(self) -> str:
        raise NotImplementedError

    @property
    def role(self) -> CalendarRole:
        raise NotImplementedError

    def capabilities(self) -> CalendarCapabilities:
        raise NotImplementedError

    def read(self, horizon: Interval) -> CalendarReading:
        raise NotImplementedError

    def prepare(self, edit: CalendarEdit) -> Prepared:
        raise NotImplementedError

    def commit(self, prepared: Prepared) -> Receipt:
        raise NotImplementedError
