"""The reference backend: a calendar kept as iCalendar text in memory, edited exactly as a file is. It serves tests and anyone who
wants to see what a backend has to do."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from integrations.block_edits import PRODUCT
from integrations.errors import PreconditionFailed
from integrations.text_calendar import TextCalendar, etag_of
from rules.model import CalendarRole

EMPTY = f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:{PRODUCT}\r\nX-WR-CALNAME:Memory\r\nEND:VCALENDAR\r\n".encode()


class _Memory:
    single = True

    def __init__(self, data: bytes) -> None:
        self.data: bytes = data

    def names(self) -> list[str]:
        return ["memory.ics"]

    def signature(self, name: str) -> str:
        return ""

    def load(self, name: str) -> bytes | None:
        return self.data

    def swap(self, name: str, expected: str | None, data: bytes | None) -> None:
        if etag_of(self.data) != expected:
            raise PreconditionFailed("The calendar was changed meanwhile; looking again.")
        self.data = EMPTY if data is None else data

    def where(self, name: str) -> str:
        return name

    def home_of(self, uid: str) -> str:
        return "memory.ics"


class MemoryCalendar(TextCalendar):
    """`data` is the whole calendar as bytes, at any time; setting it is what another program would do."""

    def __init__(
        self,
        id: str,
        role: CalendarRole,
        home_zone: str,
        clock: Callable[[], datetime],
        data: bytes = EMPTY,
        *,
        schedules: bool = False,
    ) -> None:
        self._memory = _Memory(data)
        super().__init__(id, role, self._memory, home_zone, clock, schedules=schedules)

    @property
    def data(self) -> bytes:
        return self._memory.data

    @data.setter
    def data(self, data: bytes) -> None:
        self._memory.data = data
