"""The notices of the desktop, which are off while the leader is away, where they want that. Nothing of it lies with others, so it
is told and asks for no yes of its own."""

from __future__ import annotations

from rules.desired.situation import Gathered, Situation
from rules.model import Absence
from rules.plan import Skipped
from rules.telling import at


def tell_quiet(s: Situation, absence: Absence, gathered: Gathered) -> None:
    if s.policy.phone.mute_desktop and s.now < absence.span.start:
        until = f"off from when you leave until {at(absence.span.end, s.policy.me.home_zone)}"
        gathered.later.append(Skipped("notices of this desktop", until, absence.id))
