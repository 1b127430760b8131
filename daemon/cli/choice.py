"""Which absence a command is about: by id, by the beginning of one, by words of its title, or the obvious one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from daemon.advice import NeedsAnswer, Usage
from rules.explain import one_line
from rules.model import Absence
from rules.telling import printable


def named(absences: Sequence[Absence], wanted: str) -> Absence:
    """Usage where none fits, NeedsAnswer where several do."""
    fits = [a for a in absences if a.id == wanted]
    fits = fits or [a for a in absences if a.id.startswith(wanted.casefold())]
    fits = fits or [a for a in absences if wanted.casefold() in a.title.casefold()]
    if len(fits) == 1:
        return fits[0]
    if fits:
        raise NeedsAnswer(f"“{printable(wanted)}” fits several absences:\n{listed(fits)}")
    there = listed(absences) if absences else "  (none)"
    raise Usage(f"no absence “{printable(wanted)}”. There are:\n{there}")


def current_or_next(absences: Sequence[Absence], wanted: str | None, now: datetime) -> Absence:
    """The named one, else the one in progress, else the next. Usage where there is none."""
    if wanted:
        return named(absences, wanted)
    ahead = [a for a in absences if a.span.end > now and a.action != "none"]
    if not ahead:
        raise Usage("no absence lies ahead. To set one up: homeward trip")
    return min(ahead, key=lambda a: (a.span.start, a.id))


def listed(absences: Sequence[Absence]) -> str:
    return "\n".join(f"  {a.id}  {one_line(a, 'UTC')}" for a in absences)
