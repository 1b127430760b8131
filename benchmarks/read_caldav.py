"""One pass's reading of a calendar on a server, as a process of its own, and a second one as the running service does it, with
everything imported. Prints requests, entries and occurrences of the first, and the second's seconds: CPU, and on the clock.

Usage: python benchmarks/read_caldav.py URL COLLECTION USER PASSWORD CACHE [again]"""

from __future__ import annotations

import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from integrations.caldav import CalDavCalendar
from integrations.login import Login
from rules.interval import Interval

START, END = datetime(2026, 7, 18, tzinfo=UTC), datetime(2026, 11, 30, tzinfo=UTC)  # what a pass looks at: 45 days back, 90 ahead


def read(url: str, collection: str, user: str, password: str, cache: str) -> tuple[int, int, int]:
    login = Login(user, "password", lambda: password)
    calendar = CalDavCalendar("work", "mine", collection, url, login, "Europe/Berlin", lambda: START, cache_folder=Path(cache))
    reading = calendar.read(Interval(START, END))
    return calendar.requests, reading.entries, len(reading.occurrences)


first = read(*sys.argv[1:6])
began, worked = time.perf_counter(), time.process_time()
if sys.argv[6:]:
    read(*sys.argv[1:6])
print(*first, time.process_time() - worked, time.perf_counter() - began)
