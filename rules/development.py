"""What people grow by while the leader is away: who hosted, held, mentored or decided what, at which level. From it comes a
suggestion for the rotation, for the leader alone to follow or not; nothing here changes what anybody may do."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Literal

from msgspec import Struct

from rules.policy import LEVEL_WORDS, DecisionLevel, DevelopmentPolicy, Person
from rules.telling import day, printable

StepKind = Literal["hosted", "duty", "mentored", "decided"]
_YEAR = timedelta(days=365)  # what is older says little about today


class Step(Struct, frozen=True):
    """One line of the development log. `level`: at which it was done. `absence_id`: "" where it belongs to none."""

    person_id: str
    kind: StepKind
    what: str
    level: DecisionLevel
    at: datetime
    absence_id: str = ""
    outcome: str = ""


class Feedback(Struct, frozen=True):
    """The leader's own line about somebody, for the leader's eyes alone: it goes into no text that leaves this machine."""

    person_id: str
    at: datetime
    words: str


class Asked(Struct, frozen=True):
    """A debrief that is over, and about whose host nothing has been noted since."""

    person_id: str
    name: str
    debrief_id: str
    ended: datetime


_WORDS: dict[StepKind, str] = {"hosted": "hosted", "duty": "held", "mentored": "was mentor of", "decided": ""}


def sentence(step: Step, zone: str) -> str:
    """ "Mon 7 Dec: hosted “Team meeting” (level 4, decide, then tell)"."""
    what = printable(step.what, 200)
    done = f"{_WORDS[step.kind]} “{what}”" if step.kind in ("hosted", "duty") else f"{_WORDS[step.kind]} {what}".strip()
    outcome = f": {printable(step.outcome, 200)}" if step.outcome else ""
    return f"{day(step.at, zone)}: {done} (level {step.level}, {LEVEL_WORDS[step.level]}){outcome}"


def suggestion(person: Person, steps: Iterable[Step], policy: DevelopmentPolicy, now: datetime) -> str:
    """What the leader may consider, or "". Only what was done within a year at the level that the person has now counts."""
    recent = [s for s in steps if s.person_id == person.id and now - _YEAR <= s.at <= now]
    hosted = [s for s in recent if s.kind == "hosted"]
    name = printable(person.name, 60)
    if person.newcomer and len(hosted) >= policy.suggest_after:
        return f"{name} hosted {_times(len(hosted))} beside a senior: consider taking newcomer = true away"
    at_level = [s for s in recent if s.kind != "mentored" and s.level == person.level]
    if person.level >= 5 or len(at_level) < policy.suggest_after:
        return ""
    more = person.level + 1
    return f"{name} {_done(at_level)} at level {person.level}: consider level {more} ({LEVEL_WORDS[more]})"


def _done(steps: Sequence[Step]) -> str:
    if all(step.kind == "hosted" for step in steps):
        return f"hosted {_times(len(steps))}"
    return f"hosted, held or decided something {_times(len(steps))}"


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"


def feedback_due(
    debriefs: Iterable[Asked], given: Sequence[Feedback], policy: DevelopmentPolicy, now: datetime
) -> tuple[Asked, ...]:  # fmt: skip
    """Debriefs that ended a few days ago at most, and after which nothing was noted about the person. Earliest first."""
    window = timedelta(days=policy.ask_days)
    fresh = [d for d in debriefs if now - window <= d.ended <= now]
    open_ = [d for d in fresh if not any(f.person_id == d.person_id and f.at >= d.ended for f in given)]
    return tuple(sorted(open_, key=lambda d: (d.ended, d.person_id)))
