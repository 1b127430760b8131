"""Generates a busy leader's calendar: ten years, 20,000 events, 400 series with zones, exceptions and overrides; the same bytes
for the same seed. As one file and as a folder with one file per UID. Nothing of it is anybody's real calendar.

Usage: python benchmarks/generate.py FOLDER [--events 20000] [--seed 1]"""

from __future__ import annotations

import argparse
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

FIRST = date(2017, 1, 2)  # a Monday; ten years, so that the 90 days after 2026-09-01 lie inside
YEARS = 10
ZONES = ("Europe/Berlin", "America/New_York", "Asia/Tokyo", "Europe/London")
PEOPLE = [f"person{n:02}" for n in range(40)]
TITLES = ("Pipeline review", "Forecast call", "Design sync", "Hiring loop", "Customer call", "Budget check", "Roadmap", "Standup")
WORDS = [
    "agenda",
    "notes",
    "decision",
    "owner",
    "follow-up",
    "numbers",
    "draft",
    "question",
    "customer",
    "release",
    "metric",
    "risk",
    "option",
    "plan",
    "review",
]

_TRANSITIONS = {
    "Europe/Berlin": ("+0100", "+0200", "-1SU", 10, "-1SU", 3, "030000", "020000"),
    "America/New_York": ("-0500", "-0400", "1SU", 11, "2SU", 3, "020000", "020000"),
    "Europe/London": ("+0000", "+0100", "-1SU", 10, "-1SU", 3, "020000", "010000"),
}


@dataclass(frozen=True)
class Entry:
    """All components of one UID."""

    uid: str
    zone: str
    components: tuple[str, ...]


def vtimezone(zone: str) -> str:
    if zone == "Asia/Tokyo":
        return lines(
            "BEGIN:VTIMEZONE", f"TZID:{zone}", "BEGIN:STANDARD", "DTSTART:19700101T000000", "TZOFFSETFROM:+0900",
            "TZOFFSETTO:+0900", "TZNAME:JST", "END:STANDARD", "END:VTIMEZONE",
        )  # fmt: skip
    standard, summer, autumn, month, spring, other, at, back = _TRANSITIONS[zone]
    return lines(
        "BEGIN:VTIMEZONE", f"TZID:{zone}",
        "BEGIN:DAYLIGHT", f"DTSTART:19700301T{back}", f"RRULE:FREQ=YEARLY;BYMONTH={other};BYDAY={spring}",
        f"TZOFFSETFROM:{standard}", f"TZOFFSETTO:{summer}", "END:DAYLIGHT",
        "BEGIN:STANDARD", f"DTSTART:19701001T{at}", f"RRULE:FREQ=YEARLY;BYMONTH={month};BYDAY={autumn}",
        f"TZOFFSETFROM:{summer}", f"TZOFFSETTO:{standard}", "END:STANDARD", "END:VTIMEZONE",
    )  # fmt: skip


def fold(line: str) -> str:
    return "\r\n ".join(line[n : n + 74] for n in range(0, max(len(line), 1), 74))


def lines(*parts: str) -> str:
    return "".join(fold(part) + "\r\n" for part in parts)


class Generator:
    def __init__(self, events: int, seed: int) -> None:
        self.random = random.Random(seed)
        self.events = events
        self.series = max(1, events // 50)

    def entries(self) -> Iterator[Entry]:
        """`events` components in all: series with their overrides first, then trips, then single events."""
        made = 0
        for number in range(self.series):
            entry = self._series(number)
            made += len(entry.components)
            yield entry
        trips = [entry for week in range(3, YEARS * 52, 6) for entry in self._trip(week)][: self.events // 20]
        yield from trips
        for number in range(self.events - made - len(trips)):
            yield self._single(number)

    def _trip(self, week: int) -> Iterator[Entry]:
        """From Monday to Thursday: a flight, a hotel, a flight."""
        there = FIRST + timedelta(weeks=week)
        back = there + timedelta(days=3)
        out = datetime.combine(there, time(9, 5)), datetime.combine(back, time(17, 40))
        flights = ("Flight to Lisbon (LH 1172)", "Flight to Berlin (LH 1173)")
        for name, start, title in zip(("out", "back"), out, flights, strict=True):
            yield self._plain(f"{name}-{week}", there, self._times(start, "Europe/Berlin"), title)
        days = (f"DTSTART;VALUE=DATE:{there:%Y%m%d}", f"DTEND;VALUE=DATE:{back:%Y%m%d}")
        yield self._plain(f"hotel-{week}", there, days, "Hotel Avenida, Lisbon")

    def _plain(self, name: str, day: date, when: tuple[str, ...], title: str) -> Entry:
        uid = f"{name}-{self.random.getrandbits(64):016x}@example.org"
        body = lines("BEGIN:VEVENT", f"UID:{uid}", *self._stamps(day), *when, f"SUMMARY:{title}", "END:VEVENT")
        return Entry(uid, "Europe/Berlin", (body,))

    def _day(self) -> date:
        day = FIRST + timedelta(days=self.random.randrange(YEARS * 365))
        return day - timedelta(days=max(0, day.weekday() - 4))

    def _body(self, title: str, number: int) -> tuple[str, ...]:
        text = " ".join(self.random.choices(WORDS, k=45))
        people = self.random.sample(PEOPLE, self.random.randrange(2, 6))
        return (
            f"SUMMARY:{title} {number}",
            f"DESCRIPTION:{text}\\n{text[:60]}",
            f"LOCATION:Room {number % 17}",
            "CATEGORIES:WORK",
            "STATUS:CONFIRMED",
            "TRANSP:OPAQUE",
            "CLASS:PUBLIC",
            "PRIORITY:5",
            "ORGANIZER;CN=Lena Berg:mailto:lena@example.org",
            "ATTENDEE;CN=Lena Berg;PARTSTAT=ACCEPTED;ROLE=CHAIR:mailto:lena@example.org",
            *(f"ATTENDEE;CN={p};PARTSTAT=ACCEPTED;ROLE=REQ-PARTICIPANT:mailto:{p}@example.org" for p in people),
        )

    def _stamps(self, day: date) -> tuple[str, ...]:
        stamp = f"{day - timedelta(days=20):%Y%m%d}T080000Z"
        return (f"DTSTAMP:{stamp}", f"CREATED:{stamp}", f"LAST-MODIFIED:{stamp}", f"SEQUENCE:{self.random.randrange(4)}")

    def _single(self, number: int) -> Entry:
        day, zone = self._day(), self.random.choice(ZONES)
        uid = f"single-{number}-{self.random.getrandbits(64):016x}@example.org"
        hour, minutes = self.random.randrange(8, 18), self.random.choice((30, 45, 60, 90))
        if number % 40 == 0:
            when = (f"DTSTART;VALUE=DATE:{day:%Y%m%d}", f"DTEND;VALUE=DATE:{day + timedelta(days=1):%Y%m%d}")
        elif number % 3 == 0:
            start = datetime.combine(day, time(hour), UTC)
            when = (f"DTSTART:{start:%Y%m%dT%H%M%SZ}", f"DTEND:{start + timedelta(minutes=minutes):%Y%m%dT%H%M%SZ}")
        else:
            start = datetime.combine(day, time(hour))
            end = start + timedelta(minutes=minutes)
            when = (f"DTSTART;TZID={zone}:{start:%Y%m%dT%H%M%S}", f"DTEND;TZID={zone}:{end:%Y%m%dT%H%M%S}")
        title = self.random.choice(TITLES)
        body = lines("BEGIN:VEVENT", f"UID:{uid}", *self._stamps(day), *when, *self._body(title, number), "END:VEVENT")
        return Entry(uid, zone, (body,))

    def _series(self, number: int) -> Entry:
        day, zone = self._day(), self.random.choice(ZONES)
        uid = f"series-{number}-{self.random.getrandbits(64):016x}@example.org"
        start = datetime.combine(day, time(self.random.randrange(8, 18), self.random.choice((0, 30))))
        rule, step = self._rule(number, day)
        title = self.random.choice(TITLES)
        skipped = [start + step * n for n in self.random.sample(range(2, 30), 2)] if step else []
        exdates = [f"EXDATE;TZID={zone}:{s:%Y%m%dT%H%M%S}" for s in skipped]
        stamps, body = self._stamps(day), self._body(title, number)
        master = lines(
            "BEGIN:VEVENT", f"UID:{uid}", *stamps, *self._times(start, zone), f"RRULE:{rule}{self._bound(number, start)}",
            *exdates, *body, "END:VEVENT",
        )  # fmt: skip
        moved = [start + step * n for n in self.random.sample(range(30, 90), 7)] if step else []
        overrides = [
            lines(
                "BEGIN:VEVENT", f"UID:{uid}", f"RECURRENCE-ID;TZID={zone}:{m:%Y%m%dT%H%M%S}", *stamps,
                *self._times(m + timedelta(hours=1), zone), *self._body(title + " (moved)", number), "END:VEVENT",
            )
            for m in moved
        ]  # fmt: skip
        return Entry(uid, zone, (master, *overrides))

    def _times(self, start: datetime, zone: str) -> tuple[str, str]:
        end = start + timedelta(minutes=45)
        return f"DTSTART;TZID={zone}:{start:%Y%m%dT%H%M%S}", f"DTEND;TZID={zone}:{end:%Y%m%dT%H%M%S}"

    def _rule(self, number: int, day: date) -> tuple[str, timedelta | None]:
        """The rule, and the distance of its instances where that is fixed."""
        name = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")[day.weekday()]
        rules: tuple[tuple[str, timedelta | None], ...] = (
            (f"FREQ=WEEKLY;BYDAY={name}", timedelta(days=7)),
            (f"FREQ=WEEKLY;INTERVAL=2;BYDAY={name}", timedelta(days=14)),
            ("FREQ=WEEKLY;BYDAY=MO,WE,FR", None),
            (f"FREQ=MONTHLY;BYDAY={name};BYSETPOS=-1", None),
            ("FREQ=MONTHLY;BYMONTHDAY=15", None),
            ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=1", None),
            ("FREQ=DAILY;INTERVAL=3", timedelta(days=3)),
            ("FREQ=YEARLY", None),
        )
        return rules[number % len(rules)]

    def _bound(self, number: int, start: datetime) -> str:
        if number % 3 == 0:
            return ""
        if number % 3 == 1:
            return f";COUNT={self.random.randrange(40, 200)}"
        until = (start + timedelta(days=self.random.randrange(300, 2500))).replace(tzinfo=ZoneInfo("UTC"))
        return f";UNTIL={until:%Y%m%dT%H%M%SZ}"


def wrapped(zones: str, components: str) -> str:
    return lines("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//homeward//benchmark//EN") + zones + components + "END:VCALENDAR\r\n"


def write(folder: Path, events: int, seed: int) -> None:
    """`folder`/one.ics and `folder`/vdir/*.ics."""
    entries = list(Generator(events, seed).entries())
    (folder / "vdir").mkdir(parents=True, exist_ok=True)
    zones = "".join(vtimezone(zone) for zone in ZONES)
    everything = "".join(component for entry in entries for component in entry.components)
    (folder / "one.ics").write_bytes(wrapped(zones, everything).encode())
    for entry in entries:
        path = folder / "vdir" / f"{entry.uid.partition('@')[0]}.ics"
        path.write_bytes(wrapped(vtimezone(entry.zone), "".join(entry.components)).encode())


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--events", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    write(given.folder, given.events, given.seed)
