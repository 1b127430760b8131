"""Whether the leader can leave: point by point, with what is missing in words and what to type next. It reads what ought to be
and what stands, and decides nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from msgspec import Struct, field

from rules.desired import Desired, Situation, answers_due, coverage_of, duties_of, mentoring_of
from rules.duties import BECAUSE, gap_words
from rules.hosts import Coverage
from rules.items import BlockItem, HoldItem, HostItem, Item, MailItem, ResponderItem
from rules.meetings import bare_title
from rules.model import Absence
from rules.plan import describe_short
from rules.telling import at, listed, printable, stretch

EXAMINED_FOR = timedelta(days=14)  # so long a look of the doctor's counts: certificates and passwords end


class Point(Struct, frozen=True):
    """`missing` says what is not ready, "" where it is; `command` what to type then."""

    what: str
    missing: str = ""
    command: str = ""

    @property
    def ready(self) -> bool:
        return not self.missing


class Readiness(Struct, frozen=True):
    """`points` in the order in which they are best seen to."""

    points: tuple[Point, ...]

    @property
    def score(self) -> str:
        """ "7 of 9"."""
        return f"{sum(point.ready for point in self.points)} of {len(self.points)}"

    @property
    def next(self) -> Point | None:
        return next((point for point in self.points if not point.ready), None)


class Facts(Struct, frozen=True, kw_only=True):
    """What the points are made of. `agreed`: the user has said yes to the plan. `examined`: when the doctor last found nothing
    broken; None: never, or it did."""

    situation: Situation
    absence: Absence
    desired: Desired = field(default_factory=Desired)
    agreed: bool = False
    examined: datetime | None = None

    @property
    def zone(self) -> str:
        return self.situation.policy.me.home_zone


def readiness(facts: Facts) -> Readiness:
    """Of one absence that lies ahead or has begun. Points about what the policy has switched off are left out."""
    coverage = coverage_of(facts.situation, facts.absence)
    return Readiness((_yes(facts), _meetings(facts, coverage), *_mentors(facts), *_duties(facts), *_put(facts), _examined(facts)))


def _yes(facts: Facts) -> Point:
    what, wanted = "You have said yes to the plan", facts.absence
    if wanted.action != "act":
        return Point(what, "it is not certain that you are away", f"homeward confirm {wanted.id}")
    return Point(what) if facts.agreed else Point(what, "it waits for you", "homeward apply")


def _meetings(facts: Facts, coverage: Coverage) -> Point:
    """Gaps first: somebody who has not answered may still say yes."""
    what = "Each meeting has a host who accepted"
    if coverage.gaps:
        titles = [f"“{printable(bare_title(g.occurrence), 40)}” ({at(g.occurrence.start, facts.zone)})" for g in coverage.gaps]
        return Point(what, f"nobody for {listed(titles)}", "homeward plan --verbose")
    asked = [item for item in coverage.items if item.state != "accepted" and item.span.end > facts.situation.now]
    if asked:
        names = _waited_for(facts, coverage, asked)
        missing = f"{len(asked)} of {len(coverage.items)} without a yes: {listed(names)} {'has' if len(names) == 1 else 'have'}"
        return Point(what, f"{missing} not answered", f"homeward accept {asked[0].host}   (once they have said yes)")
    if coverage.later:
        day = at(coverage.later[0].ask_on, facts.zone)
        return Point(what, f"{len(coverage.later)} are asked only from {day} on", "homeward plan")
    return Point(what)


def _waited_for(facts: Facts, coverage: Coverage, asked: Sequence[HostItem]) -> list[str]:
    """Each with the first moment at which the next is asked in their place."""
    until = answers_due(facts.situation, coverage)
    first: dict[str, list[datetime]] = {}
    for item in asked:
        first.setdefault(printable(item.host_name), []).extend([until[item.id]] if item.id in until else [])
    return [f"{name} (by {at(min(limits), facts.zone)})" if limits else name for name, limits in first.items()]


def _mentors(facts: Facts) -> Iterator[Point]:
    found = mentoring_of(facts.situation, facts.absence)
    gaps = list(dict.fromkeys(f"{printable(g.junior.name)}: {g.because}" for g in found.gaps))
    if found.pairings or gaps:
        yield Point(
            "Each junior has a mentor", "; ".join(gaps), 'seniority = "senior" for a [[person]] in the config' if gaps else ""
        )


def _duties(facts: Facts) -> Iterator[Point]:
    duties = duties_of(facts.situation, facts.absence)
    gaps = [printable(gap_words(cover, stretch(span, facts.zone)), 90) for cover in duties for span in cover.gaps]
    if duties:
        missing = f"{'; '.join(gaps)}: {BECAUSE}" if gaps else ""
        yield Point("Each duty has somebody", missing, "one more of the deputies of its [[duty]] in the config" if gaps else "")


# --- what homeward puts into the world --------------------------------------------------------------------------------


def _put(facts: Facts) -> Iterator[Point]:
    policy = facts.situation.policy
    if policy.brief.enabled:
        yield _brief(facts)
    if policy.responder.enabled and facts.absence.kind in policy.responder.kinds:
        yield _standing(facts, "The autoreply is set", ResponderItem, "autoreply")
    if policy.inbox.mode != "off" and policy.mail:
        yield _standing(facts, "The inbox will be held", HoldItem, "inbox hold")
    if policy.makeup.wrap_up_minutes:
        yield _standing(facts, "There is time to wrap up", BlockItem, "wrap-up block")


def _brief(facts: Facts) -> Point:
    what, states = "The team has the brief, or gets it in time", _states(facts, MailItem, "brief mail")
    if "unknown" in states:
        return Point(
            what, "it is not known whether it went out: ask somebody who ought to have it", "homeward brief --format mail"
        )
    if "done" in states:
        return Point(what)
    if "scheduled" in states and facts.absence.span.start > facts.situation.now:
        return Point(what)
    return Point(what, _why_not(facts, "brief") or "it has not been sent", "homeward brief --send")


def _standing(facts: Facts, what: str, kind: type[Item], words: str) -> Point:
    states = _states(facts, kind, words)
    if "done" in states or "adopted" in states:
        return Point(what)
    if "tombstone" in states:
        return Point(what, "it was taken back", "homeward apply --again")
    return Point(what, _why_not(facts, words) or "it is not there yet", "homeward apply")


def _states(facts: Facts, kind: type[Item], words: str) -> set[str]:
    """Of what stands of this absence; `words` as in `describe_short`."""
    mine = (s for s in facts.situation.standing.values() if s.item.absence_id == facts.absence.id and isinstance(s.item, kind))
    return {s.state for s in mine if describe_short(s.item).startswith(words)}


def _why_not(facts: Facts, words: str) -> str:
    mine = (s for s in facts.desired.skipped if s.absence_id == facts.absence.id and s.what.startswith(words))
    return next((printable(skipped.because, 150) for skipped in mine), "")


def _examined(facts: Facts) -> Point:
    what, seen = "All was looked at, and nothing is broken", facts.examined
    if seen is not None and facts.situation.now - seen < EXAMINED_FOR:
        return Point(what)
    return Point(what, "not within two weeks" if seen else "not yet", "homeward doctor")
