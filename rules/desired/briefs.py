"""Who hears what before the leader leaves: the brief, the brief again where it has changed, the introductions of juniors and
mentors. And which duties and juniors nobody has."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from msgspec.structs import replace

from rules import brief
from rules.brief import Brief
from rules.desired.hosts import answers_due, turns_covered, without_refused
from rules.desired.situation import Gathered, Situation, went_out
from rules.duties import BECAUSE, DutyCover, cover_duties, gap_words
from rules.hosts import Coverage
from rules.items import MailItem, effect_id
from rules.mentors import Mentoring, introduction, pair
from rules.model import Absence
from rules.plan import Skipped, Standing
from rules.telling import printable, stretch


def want_stand_ins(s: Situation, absence: Absence, gathered: Gathered) -> None:
    """A junior without a mentor and a duty without anybody are gaps like a meeting without a host."""
    if absence.span.end <= s.now:
        return
    for gap in mentoring_of(s, absence).gaps:
        gathered.gaps.append(Skipped(f"mentor for {printable(gap.junior.name)}", gap.because, absence.id))
    for covered in duties_of(s, absence):
        for span in covered.gaps:
            what = gap_words(covered, stretch(span, s.policy.me.home_zone))
            gathered.gaps.append(Skipped(f"duty “{printable(what, 90)}”", BECAUSE, absence.id))


def want_briefs(s: Situation, absence: Absence, coverage: Coverage, sender: str, gathered: Gathered) -> None:
    """The brief once, and once more to those for whom it has changed; an introduction to each junior and mentor."""
    composed = brief_of(s, absence, coverage)
    if s.policy.brief.enabled:
        found = brief.as_mail(composed, sender)
        gathered.add(absence, "brief", found)
        if isinstance(found, MailItem) and went_out(s, found.id):
            gathered.add(absence, "brief", _for_newcomers(s, absence, found))
            for letter, sent in _again(s, absence, composed):
                gathered.add(absence, "brief", letter)
                gathered.reasons[letter.id] = f"what it said on {sent:%d %b} has changed"
    if s.policy.mentors.introduce:
        for pairing in mentoring_of(s, absence).pairings:
            if pairing.span.end > s.now and pairing.mentor.addresses and pairing.junior.addresses:
                gathered.add(absence, "introduction", introduction(pairing, absence, s.policy, sender, composed.due, s.holidays))


def _briefs_sent(s: Situation, absence: Absence) -> list[tuple[datetime, MailItem]]:
    """With the moment, oldest first."""
    sent = [
        (_at(stands), stands.item)
        for effect, stands in s.standing.items()
        if isinstance(stands.item, MailItem) and went_out(s, effect)
        if (stands.item.absence_id, stands.item.purpose) == (absence.id, "brief")
    ]
    return sorted(sent, key=lambda pair: (pair[0], pair[1].id))


def _at(stands: Standing) -> datetime:
    return stands.at or datetime.min.replace(tzinfo=UTC)


def _for_newcomers(s: Situation, absence: Absence, letter: MailItem) -> MailItem | None:
    """Who covers something only since the brief went out gets it, too; nobody gets it twice."""
    told = {address for _, item in _briefs_sent(s, absence) for address in item.to}
    new = tuple(address for address in letter.to if address not in told)
    effect = effect_id(letter.absence_id, "brief", *sorted(new))
    return replace(letter, id=effect, to=new, due=None) if new else None


def _again(s: Situation, absence: Absence, composed: Brief) -> Iterator[tuple[MailItem, datetime]]:
    """To everybody who was told and is still one of the people, by what they were told last; with when that was."""
    last: dict[str, tuple[datetime, MailItem]] = {}
    for sent, item in _briefs_sent(s, absence):
        last |= dict.fromkeys(item.to, (sent, item))
    for sent, item in dict.fromkeys(last.values()):
        to = tuple(a for a, known in last.items() if known == (sent, item) and s.policy.person_by_address(a))
        due = brief.next_due(sent, s.now, s.policy, s.holidays)
        letter = brief.as_update(composed, item, sent, to, due) if to else None
        if letter is not None:
            yield letter, sent


def brief_of(s: Situation, absence: Absence, coverage: Coverage | None = None) -> Brief:
    """The brief as it would go out now."""
    known = coverage or coverage_of(s, absence)
    during = [o for o in s.occurrences if o.span.overlaps(absence.span)]
    duties = duties_of(s, absence)
    until = answers_due(s, known)
    return brief.compose(absence, s.policy, known, mentoring_of(s, absence), duties, during, s.holidays, s.now, until)


def coverage_of(s: Situation, absence: Absence) -> Coverage:
    """Who hosts, as it stands now."""
    return without_refused(s, turns_covered(s, absence))


def mentoring_of(s: Situation, absence: Absence) -> Mentoring:
    return pair(absence, s.policy.person, s.away, s.mentors.get(absence.id, {}))


def duties_of(s: Situation, absence: Absence) -> tuple[DutyCover, ...]:
    return cover_duties(absence, s.policy, s.away)
