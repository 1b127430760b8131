"""Which words go to people: the brief before, the digest after, and what they are made of."""

from __future__ import annotations

from datetime import timedelta

from msgspec.structs import replace

from rules import brief, digest
from rules.brief import Brief
from rules.desired.hosts import without_refused
from rules.desired.situation import Gathered, Situation, sender_of, went_out
from rules.digest import Digest, MailCount
from rules.hosts import Coverage, cover
from rules.items import BlockItem, HostItem, MailItem, effect_id
from rules.mentors import Mentoring, pair
from rules.model import Absence
from rules.plan import Skipped
from rules.telling import printable


def want_mentors(s: Situation, absence: Absence, gathered: Gathered) -> None:
    """A junior without a mentor is a gap like a meeting without a host."""
    for gap in mentoring_of(s, absence).gaps if absence.span.end > s.now else ():
        gathered.gaps.append(Skipped(f"mentor for {printable(gap.junior.name)}", gap.because, absence.id))


_DIGEST_FOR = timedelta(days=14)  # later than this after the return nobody wants a digest any more


def want_letters(s: Situation, absence: Absence, coverage: Coverage, gathered: Gathered) -> None:
    sender = sender_of(s)
    if sender is None:
        if s.policy.brief.enabled and absence.span.end > s.now:
            gathered.skipped.append(Skipped("brief", "no way to send mail is configured; see homeward brief", absence.id))
        return
    if s.policy.brief.enabled and absence.span.end > s.now:
        found = brief.as_mail(brief_of(s, absence, coverage), sender)
        gathered.add(absence, "brief", found)
        if isinstance(found, MailItem):
            gathered.add(absence, "brief", _for_newcomers(s, found))
    if s.policy.brief.digest and s.now < absence.span.end + _DIGEST_FOR:
        gathered.items.append(digest.as_mail(digest_of(s, absence), sender, absence.span.end))


def _for_newcomers(s: Situation, letter: MailItem) -> MailItem | None:
    """Who covers something only since the brief went out gets it, too; nobody gets it twice."""
    if not went_out(s, letter.id):
        return None
    sent = [stands.item for effect, stands in s.standing.items() if went_out(s, effect)]
    briefs = [item for item in sent if isinstance(item, MailItem) and (item.absence_id, item.purpose) == _of(letter)]
    told = {address for item in briefs for address in item.to}
    new = tuple(address for address in letter.to if address not in told)
    effect = effect_id(letter.absence_id, "brief", *sorted(new))
    return replace(letter, id=effect, to=new, due=None) if new else None


def _of(letter: MailItem) -> tuple[str, str]:
    return (letter.absence_id, letter.purpose)


def brief_of(s: Situation, absence: Absence, coverage: Coverage | None = None) -> Brief:
    """The brief as it would go out now."""
    known = coverage or without_refused(s, cover(absence, s.occurrences, s.policy, s.away, s.assignments, s.turns, s.now))
    during = [o for o in s.occurrences if o.span.overlaps(absence.span)]
    return brief.compose(absence, s.policy, known, mentoring_of(s, absence), during, s.away, s.holidays, s.now)


def mentoring_of(s: Situation, absence: Absence) -> Mentoring:
    return pair(absence, s.policy.person, s.away, s.mentors.get(absence.id, {}))


def digest_of(s: Situation, absence: Absence) -> Digest:
    """The digest as it would read now."""
    mine = [stands.item for stands in s.standing.values() if stands.item.absence_id == absence.id and stands.state == "done"]
    hosts = [item for item in mine if isinstance(item, HostItem)]
    # The same hours stand on the leader's calendar and on the family's.
    blocks = list({(item.purpose, item.ordinal): item for item in mine if isinstance(item, BlockItem)}.values())
    gaps = cover(absence, s.occurrences, s.policy, s.away, s.assignments, s.turns, s.now).gaps
    count = s.mail_counts.get(absence.id, MailCount())
    mails = s.mails.get(absence.id, ())
    return digest.compose(absence, s.policy, hosts, gaps, mails, count, blocks, (), s.now)
