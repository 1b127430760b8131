"""The leader's working calendar as other people and other programs see it, in memory: what they put there, move, take away and
answer."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from integrations.memory_calendar import MemoryCalendar
from tests.stories.team.office import ADDRESSES, Lines, text, uid

_HEAD, _TAIL = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Example//Calendar//EN\r\n", "END:VCALENDAR\r\n"
_EVENT = re.compile(r"BEGIN:VEVENT\r\n.*?END:VEVENT\r\n", re.DOTALL)
_ZONE = re.compile(r"BEGIN:VTIMEZONE\r\n.*?END:VTIMEZONE\r\n", re.DOTALL)


class Desk(Protocol):
    table: str
    account: str
    by_mail: bool

    def put(self, name: str, lines: Lines) -> None:
        """A new event, or a single one as it is now."""

    def answer(self, who: str, title: str, yes: bool, day: str = "") -> int:
        """Who is asked answers in their own calendar; returns to how many requests. `day` "20261013": to that one alone."""

    def content(self) -> dict[str, object]:
        """All that is there, by event."""

    def as_put(self) -> dict[str, object]:
        """What would be there, had nobody but other people written there."""


class InMemory:
    """One calendar as text. `by_mail`: what is not said in the calendar is said by mail."""

    account = ""
    table = '[[calendar]]\nid = "work"\npath = "work"\n'
    by_mail = True

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self.calendar = MemoryCalendar("work", "mine", "Europe/Berlin", clock)
        self._put: dict[str, bytes] = {}
        self._write("")

    def put(self, name: str, lines: Lines) -> None:
        others = "".join(each for each in _EVENT.findall(self._events()) if f"UID:{uid(name)}\r\n" not in each)
        self._put[name] = text(name, lines)
        self._write(others + "".join(_EVENT.findall(self._put[name].decode())))

    def answer(self, who: str, title: str, yes: bool, day: str = "") -> int:
        answered, count = answered_by(who, title, yes, day, self._events())
        self._write(answered)
        return count

    def content(self) -> dict[str, object]:
        found: dict[str, object] = {}
        for each in _EVENT.findall(self._events()):
            name = re.findall(r"UID:(\S+)", each)[0]
            found[name] = str(found.get(name, "")) + each
        return found

    def as_put(self) -> dict[str, object]:
        return {uid(name): "".join(_EVENT.findall(data.decode())) for name, data in self._put.items()}

    def _events(self) -> str:
        return "".join(_EVENT.findall(unfolded(self.calendar.data.decode())))

    def _write(self, events: str) -> None:
        zones = _ZONE.findall(text("any", ("DTSTART;TZID=Europe/Berlin:20260901T140000",)).decode())
        self.calendar.data = f"{_HEAD}{''.join(zones)}{events}{_TAIL}".encode()


def unfolded(ical: str) -> str:
    return ical.replace("\r\n ", "")


def answered_by(who: str, title: str, yes: bool, day: str, ical: str) -> tuple[str, int]:
    """`ical`, unfolded, with that person's answer to what waits for it; and how many that were."""
    count = 0

    def answer(found: re.Match[str]) -> str:
        nonlocal count
        component = found[0]
        mine = rf"(ATTENDEE[^\r]*PARTSTAT=)NEEDS-ACTION([^\r]*mailto:{ADDRESSES[who]})"
        other = day and f"RECURRENCE-ID;TZID=Europe/Berlin:{day}" not in component
        if f"SUMMARY:{title}" not in component or other:
            return component
        made, times = re.subn(mine, rf"\1{'ACCEPTED' if yes else 'DECLINED'}\2", component)
        count += times
        return made

    return _EVENT.sub(answer, ical), count
