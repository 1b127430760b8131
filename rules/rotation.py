"""Fair turns with memory. A turn is weighed against the share of whoever could have had it: each of them owes an equal part, and
the host has done the whole. So nobody catches up on the time before they came or while they were away, who declines or gives a
turn back is next, and all meetings that share people are one account."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from msgspec import Struct

from rules.interval import Interval
from rules.model import Turn
from rules.policy import MeetingRule, Policy


class Share(Struct, frozen=True):
    """Weighted turns of one person. `fair` is their part of all turns that they could have had; `last` when they hosted last."""

    turns: float = 0.0
    fair: float = 0.0
    last: datetime | None = None
    gave_back: int = 0

    @property
    def ahead(self) -> float:
        """Above 0: they have done more than their part, and are owed; below, they owe. Rounded, so that equal is equal."""
        return round(self.turns - self.fair, 6)


def share(person_id: str, turns: Iterable[Turn]) -> Share:
    """A turn of which nobody knows who else could have had it counts in full for its host, and for nobody else."""
    known = list(turns)
    own = [turn for turn in known if turn.person_id == person_id]
    return Share(
        turns=sum(turn.weight for turn in own),
        fair=sum(turn.weight / len(turn.pool) for turn in known if person_id in turn.pool),
        last=max((turn.at for turn in own), default=None),
        gave_back=sum(person_id in turn.gave_back for turn in known),
    )


def pool_of(
    rule: MeetingRule, named: Sequence[str], policy: Policy, away: Mapping[str, Sequence[Interval]], span: Interval
) -> tuple[str, ...]:
    """Ids of those who could host it: of the rule or `named` for the absence, with an address and the level, and not away. Who
    declined is among them."""
    people = [person for person_id in dict.fromkeys([*named, *rule.hosts]) if (person := policy.find_person(person_id))]
    able = [person.id for person in people if person.addresses and person.level >= rule.least_level]
    return tuple(sorted(person_id for person_id in able if not is_away(away, person_id, span)))


def is_away(away: Mapping[str, Sequence[Interval]], person_id: str, span: Interval) -> bool:
    return any(busy.overlaps(span) or span.start in busy for busy in away.get(person_id, ()))


def turn_of(host: str, rule: MeetingRule, span: Interval, pool: Sequence[str], gave_back: Sequence[str] = ()) -> Turn:
    """The host is of the pool even if they are of no rule any more."""
    return Turn(host, rule.id, span.start, rule.weight, tuple(sorted({host, *pool})), tuple(gave_back))
