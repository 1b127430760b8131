"""What an absence does to the leader's mailboxes: the inbox is held, and the autoreply answers."""

from __future__ import annotations

from typing import Literal

from rules import responder
from rules.desired.situation import NOTHING, PRIVATE, Gathered, Situation
from rules.inbox import HOME
from rules.items import ALWAYS, HoldItem, ResponderItem, effect_id
from rules.model import Absence
from rules.plan import Skipped


def want_hold(s: Situation, absence: Absence, gathered: Gathered) -> None:
    """From door to door; once that is over nothing is held."""
    if s.policy.inbox.mode == "off" or absence.span.end <= s.now:
        return
    for mail in s.policy.mail:
        if s.policy.inbox.mode == "sync":
            gathered.items.append(_hold_item(absence, mail.id, "sync"))
        elif s.mail.get(mail.id, NOTHING).holds:
            gathered.items.append(_hold_item(absence, mail.id, mail.hold))


def want_hold_at_home(s: Situation, gathered: Gathered) -> None:
    """`when = "always"`: three windows a day at home, too."""
    if s.policy.inbox.when != "always" or s.policy.inbox.mode == "off":
        return
    gathered.reasons[HOME] = 'the config says when = "always"'
    for mail in s.policy.mail:
        if s.policy.inbox.mode == "sync" or s.mail.get(mail.id, NOTHING).holds:
            mode: Literal["client", "sync"] = "sync" if s.policy.inbox.mode == "sync" else "client"
            gathered.items.append(HoldItem(effect_id(HOME, "hold", mail.id), HOME, mail.id, ALWAYS, mode))


def _hold_item(absence: Absence, mail_id: str, mode: Literal["client", "server", "sync"]) -> HoldItem:
    return HoldItem(effect_id(absence.id, "hold", mail_id), absence.id, mail_id, absence.span, mode)


def want_reply(s: Situation, absence: Absence, gathered: Gathered) -> None:
    """One autoreply per mailbox at a time: that of the absence that ends first. The next is set once it is over."""
    if absence.span.end <= s.now or not s.policy.responder.enabled:
        return
    for mail in s.policy.mail:
        traits = s.mail.get(mail.id, NOTHING)
        if not traits.replies:
            continue
        earlier = _earlier_reply(s, absence)
        if earlier:
            wait = f"set once “{earlier.title}” is over"
            gathered.later.append(Skipped("autoreply", wait, absence.id))
            continue
        excluded = _coached(s) if s.coaches(mail.id) else ()
        found = responder.item(absence, s.policy, mail, _known(s, absence, mail.id), excluded, s.holidays)
        gathered.add(absence, "autoreply", found)


def _earlier_reply(s: Situation, absence: Absence) -> Absence | None:
    def replies(other: Absence) -> bool:
        return other.action in PRIVATE and other.kind in s.policy.responder.kinds and other.span.end > s.now

    ahead = [other for other in s.absences if replies(other)]
    first = min(ahead, key=lambda other: (other.span.end, other.id), default=absence)
    return first if first.id != absence.id and replies(absence) else None


def _known(s: Situation, absence: Absence, mail_id: str) -> tuple[str, ...]:
    """Whom the leader knows; decided when the reply is first set, so that it does not change with every mail."""
    stands = s.standing.get(effect_id(absence.id, "responder", mail_id))
    if stands is not None and isinstance(stands.item, ResponderItem):
        return stands.item.known
    return tuple(s.known.get(mail_id, ()))


def _coached(s: Situation) -> tuple[str, ...]:
    """Direct reports get the coaching reply instead."""
    return tuple(address for person in s.policy.person if person.report for address in person.addresses)
