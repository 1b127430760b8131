"""Short ids for what was found, and what a name says about a calendar."""

from __future__ import annotations

import re
from collections.abc import Iterable

ROLES = {
    "ignore": ("holiday", "holidays", "feiertage", "birthday", "birthdays", "geburtstage", "contact_birthdays", "tasks"),
    "family": ("family", "familie", "famille", "familia", "famiglia", "home", "kids", "kinder"),
    "team": ("team", "absences", "abwesenheiten", "staff"),
    "travel": ("travel", "tripit", "trips", "reisen", "flights"),
}


def role_of(name: str) -> str:
    """A guess: what a calendar of this name is for."""
    words = set(re.split(r"[\W\d]+", name.lower()))
    return next((role for role, known in ROLES.items() if words & set(known)), "mine")


def free_id(name: str, taken: Iterable[str]) -> str:
    """A short name made of `name`, of an address what stands before the @, that is not in `taken`."""
    plain = re.sub(r"[^a-z0-9]+", "-", name.partition("@")[0].lower()).strip("-")[:40].strip("-") or "calendar"
    candidates = (plain, *(f"{plain}-{number}" for number in range(2, 1000)))
    return next(each for each in candidates if each not in taken)
