"""What ought to be in the world at this moment, given what was seen: the hold, the autoreply, the hosts, the blocks and the
messages of every absence. Pure; one file per kind of thing. What is not wanted, not due or needs an answer is said too."""

from __future__ import annotations

from rules.desired.blocks import want_blocks
from rules.desired.briefs import brief_of, coverage_of, duties_of, mentoring_of, want_stand_ins
from rules.desired.desktop import tell_quiet
from rules.desired.hosts import answers_due, next_turn, want_hosts, withdrawals
from rules.desired.letters import digest_of, want_letters
from rules.desired.mailbox import want_hold, want_hold_at_home, want_reply
from rules.desired.out_of_office import want_out_of_office
from rules.desired.situation import PRIVATE, Desired, Gathered, MailTraits, Situation
from rules.explain import one_line
from rules.items import BlockItem, HostItem, Item
from rules.model import Absence
from rules.plan import Question, Skipped, describe_short

__all__ = [
    "Desired", "MailTraits", "Situation", "answers_due", "brief_of", "coverage_of", "desire", "digest_of", "duties_of",
    "mentoring_of", "next_turn",
]  # fmt: skip


def desire(s: Situation) -> Desired:
    """The whole desired state. Absences that were over when first seen are never acted on."""
    gathered = Gathered()
    want_hold_at_home(s, gathered)
    for absence in s.absences:
        gathered.reasons[absence.id] = one_line(absence, s.policy.me.home_zone)
        if absence.span.end > s.first_seen.get(absence.id, s.now):
            _absence(s, absence, gathered)
    _leave_unread_alone(s, gathered)
    gathered.items += withdrawals(s, gathered.items)
    g = gathered
    return Desired(tuple(g.items), tuple(g.skipped), tuple(g.gaps), tuple(g.questions), tuple(g.later), g.reasons, g.foreseen)


def _leave_unread_alone(s: Situation, gathered: Gathered) -> None:
    """What cannot be seen stays as it is, and nothing new is written there."""
    stays = {effect: stands.item for effect, stands in s.standing.items() if effect in s.unseen}
    blind = [item for item in gathered.items if item.id not in stays and _calendar(item) in s.unread]
    gathered.items = [item for item in gathered.items if item.id not in stays and item not in blind]
    gathered.items += stays.values()
    for item in blind:
        what, calendar = describe_short(item), _calendar(item)
        gathered.skipped.append(Skipped(what, f"the calendar “{calendar}” cannot be read now", item.absence_id))


def _calendar(item: Item) -> str:
    if isinstance(item, HostItem):
        return item.key.calendar_id
    return item.calendar_id if isinstance(item, BlockItem) else ""


def _absence(s: Situation, absence: Absence, gathered: Gathered) -> None:
    if absence.action in ("ask", "private-only") and absence.span.end > s.now:
        gathered.questions.append(_question(s, absence))
    if absence.action in PRIVATE:
        want_hold(s, absence, gathered)
        want_reply(s, absence, gathered)
        tell_quiet(s, absence, gathered)
    if absence.action == "act":
        coverage = want_hosts(s, absence, gathered)
        want_stand_ins(s, absence, gathered)
        want_blocks(s, absence, coverage, gathered)
        want_out_of_office(s, absence, gathered)
        want_letters(s, absence, coverage, gathered)


def _question(s: Situation, absence: Absence) -> Question:
    what = one_line(absence, s.policy.me.home_zone)
    if absence.action == "private-only":
        return Question(absence.id, f"{what}: shall hosts be asked and the team be told, too?", f"homeward confirm {absence.id}")
    doubt = "no way home is known; is that so?" if absence.open_ended else "is that so?"
    return Question(absence.id, f"{what}: {doubt}", f"homeward confirm {absence.id}   (or: homeward dismiss {absence.id})")
