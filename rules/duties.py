"""Who answers for the leader's duties that are no meetings: at each moment the first deputy who is there.
What nobody can take is a gap, not a silence; what is parked waits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct

from rules.interval import Interval
from rules.model import Absence
from rules.policy import Duty, Person, Policy
from rules.relay import Share, relay, there_throughout


class DutyCover(Struct, frozen=True):
    """`shares` are those who have the duty, one after the other, and fill the absence together with `gaps`, when everybody who
    could have it is away; `behind` are deputies who step in, in order: they are there throughout and have no share."""

    duty: Duty
    shares: tuple[Share, ...]
    behind: tuple[Person, ...] = ()
    gaps: tuple[Interval, ...] = ()

    @property
    def people(self) -> tuple[Person, ...]:
        """Those who have it, each once."""
        return tuple(dict.fromkeys(share.person for share in self.shares if share.person is not None))


BECAUSE = "everybody who could cover it is away"


def cover_duties(absence: Absence, policy: Policy, away: Mapping[str, Sequence[Interval]]) -> tuple[DutyCover, ...]:
    """For each duty that is not parked, in the order of the config. `away` maps person ids to when they are away."""
    return tuple(_covered(duty, absence.span, policy, away) for duty in policy.duty if not duty.parked)


def _covered(duty: Duty, whole: Interval, policy: Policy, away: Mapping[str, Sequence[Interval]]) -> DutyCover:
    deputies = [person for wanted in duty.deputies for person in policy.person if person.id == wanted]
    shares = relay(whole, deputies, away)
    having = {share.person.id for share in shares if share.person is not None}
    return DutyCover(
        duty,
        tuple(share for share in shares if share.person is not None),
        tuple(p for p in deputies if p.id not in having and there_throughout(p, whole, away)),
        tuple(share.span for share in shares if share.person is None),
    )


def gap_words(cover: DutyCover, when: str) -> str:
    """The duty, and when, unless nobody has it at all."""
    return f"{cover.duty.name}, {when}" if cover.shares else cover.duty.name
