"""Reads and expands one .ics file as a process of its own, and no more: what libical does in C. Prints the occurrences.

Usage: python benchmarks/read_file.py FILE START END"""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path

from integrations.occurrences import read_calendar
from rules.interval import Interval

span = Interval(*map(datetime.fromisoformat, sys.argv[2:4]))
print(len(read_calendar(Path(sys.argv[1]).read_bytes(), "work", "mine", span, "Europe/Berlin").occurrences))
