"""The usual way in Python: icalendar parses everything, recurring-ical-events expands. Prints the number of occurrences."""

import sys
from datetime import datetime
from pathlib import Path

import icalendar
import recurring_ical_events

calendar = icalendar.Calendar.from_ical(Path(sys.argv[1]).read_bytes())
start, end = (datetime.fromisoformat(text) for text in sys.argv[2:4])
print(len(recurring_ical_events.of(calendar).between(start, end)))
