"""Which absence or person a command is about: by id, by the beginning of one, by words of its title, or the obvious one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from daemon.advice import NeedsAnswer, Usage
from rules.explain import one_line
from rules.model import Absence
from rules.policy import Person, Policy
from rules.telling import printable


def named(absences: Sequence[Absence], wanted: str, zone: str) -> Absence:
    """Usage where none fits, NeedsAnswer where several do."""
    fits = [a for a in absences if a.id == wanted]
    fits = fits or [a for a in absences if a.id.startswith(wanted.casefold())]
    fits = fits or [a for a in absences if wanted.casefold() in a.title.casefold()]
    if len(fits) == 1:
        return fits[0]
    if fits:
        raise NeedsAnswer(f"“{printable(wanted)}” fits several absences:\n{_listed(fits, zone)}")
    if not absences:
        raise Usage(f"there is no absence “{printable(wanted)}”, nor any other. To set one up: homeward trip")
    raise Usage(f"there is no absence “{printable(wanted)}”. There are:\n{_listed(absences, zone)}")


def current_or_next(absences: Sequence[Absence], wanted: str | None, now: datetime, zone: str) -> Absence:
    """The named one, else the one in progress, else the next that is acted on, else the next at all: a question. Usage where
    there is none."""
    if wanted:
        return named(absences, wanted, zone)
    ahead = [a for a in absences if a.span.end > now and a.action != "none"]
    if not ahead:
        raise Usage("no absence lies ahead. To set one up: homeward trip")
    return min(ahead, key=lambda a: (a.span.start > now, a.action != "act", a.span.start, a.id))


def _listed(absences: Sequence[Absence], zone: str) -> str:
    return "\n".join(f"  {a.id}  {one_line(a, zone)}" for a in absences)


def person_named(policy: Policy, wanted: str) -> Person:
    """By id, name, address or part of the name; Usage where that is nobody, or not one person."""
    folded = wanted.casefold()
    fits = [p for p in policy.person if folded in (p.id.casefold(), p.name.casefold(), *p.addresses)]
    fits = fits or [p for p in policy.person if folded in p.name.casefold().split()]
    if len(fits) == 1:
        return fits[0]
    names = ", ".join(p.id for p in policy.person)
    raise Usage(f"“{printable(wanted)}” is {'not one person' if fits else 'nobody'} in the config. There are: {names}")
