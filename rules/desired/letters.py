"""Which words go to people: what they hear before (see `briefs`), and the digest after."""

from __future__ import annotations

from rules import digest
from rules.desired.briefs import want_briefs
from rules.desired.hosts import turns_covered
from rules.desired.situation import Gathered, Situation, sender_of
from rules.digest import Digest, Memory, Seen
from rules.hosts import Coverage
from rules.items import BlockItem, HostItem
from rules.model import Absence
from rules.plan import Skipped


def want_letters(s: Situation, absence: Absence, coverage: Coverage, gathered: Gathered) -> None:
    sender = sender_of(s)
    if sender is None:
        if s.policy.brief.enabled and absence.span.end > s.now:
            gathered.skipped.append(Skipped("brief", "no way to send mail is configured; see homeward brief", absence.id))
        return
    if absence.span.end > s.now:
        want_briefs(s, absence, coverage, sender, gathered)
    if s.policy.brief.digest and s.now < absence.span.end + digest.DIGEST_FOR:
        gathered.items.append(digest.as_mail(digest_of(s, absence, Memory()), sender, absence.span.end))


def digest_of(s: Situation, absence: Absence, memory: Memory) -> Digest:
    """The digest as it would read now. What `memory` has is asked for only when it goes out; the plan needs the letter alone."""
    mine = [stands.item for stands in s.standing.values() if stands.item.absence_id == absence.id and stands.state == "done"]
    seen = Seen(
        items=tuple(item for item in mine if isinstance(item, HostItem)),
        gaps=turns_covered(s, absence).gaps,
        # The same hours stand on the leader's calendar and on the family's.
        blocks=tuple({(item.purpose, item.ordinal): item for item in mine if isinstance(item, BlockItem)}.values()),
        assignments=s.assignments,
        occurrences=s.occurrences,
        unread=s.unread,
    )
    return digest.compose(absence, s.policy, seen, memory, s.now)
