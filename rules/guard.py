"""What stands between a plan and the world: plans that are too large to be right, and changes the user has not said yes to.
It only refuses; it never changes a plan."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping

from msgspec import Struct

from rules.items import HoldItem, HostItem, Item, MailItem, ResponderItem
from rules.model import Absence
from rules.plan import Change, ItemKind, Plan, Standing, kind_of
from rules.policy import SafetyPolicy


class Unsafe(Struct, frozen=True):
    """Why a plan is refused until the user says so (`apply --anyway`)."""

    because: str


def check(
    plan: Plan,
    standing: Mapping[str, Standing],
    absences: Collection[Absence],
    policy: SafetyPolicy,
    emptied: Collection[str] = (),
    spoken: Collection[str] = (),
) -> tuple[Unsafe, ...]:
    """All refusals, worst first. `emptied` names calendars that had many entries and now have none; `spoken` are ids of items
    whose absence the user has said something about since they were written: to change them is what was asked for."""
    found = [_too_much_touched(plan, standing, policy, spoken), *_too_many_created(plan, policy), *_outside(plan, absences)]
    found += [Unsafe(f"calendar “{name}” had many entries and now has none: is it really empty?") for name in sorted(emptied)]
    return tuple(unsafe for unsafe in found if unsafe is not None)


def emptied(before: int, after: int, policy: SafetyPolicy) -> bool:
    """Whether a calendar that had `before` entries and now has `after` looks broken rather than cleaned up."""
    return before > policy.vanished_over and after == 0


def _too_much_touched(
    plan: Plan, standing: Mapping[str, Standing], policy: SafetyPolicy, spoken: Collection[str]
) -> Unsafe | None:
    # What is half written or half taken back is not counted: to finish it is no new decision, however much of it there is.
    existing = {effect for effect, s in standing.items() if s.state == "done" and not isinstance(s.item, MailItem)}
    touched = [c for c in plan.changes if c.action != "create" and c.id in existing and c.id not in spoken]
    # A flight that moved takes the hold, the reply and the blocks with it: that is one change, made by the leader.
    moved = {c.absence_id for c in touched if _moves(c)}
    followers = [c for c in touched if c.action == "update" and c.absence_id in moved and not isinstance(c.item, HostItem)]
    number = len(touched) - len(followers) + len(moved)
    limit = max(policy.most_changed_least - 1, policy.most_changed_share * len(existing))
    if number <= limit:
        return None
    return Unsafe(f"{number} of {len(existing)} existing items would be changed or removed at once")


def _moves(change: Change) -> bool:
    """Whether it shows that its absence has new times."""
    before, after = change.before, change.after
    states = (HoldItem, ResponderItem)
    return isinstance(before, states) and isinstance(after, states) and before.span != after.span


def _too_many_created(plan: Plan, policy: SafetyPolicy) -> list[Unsafe]:
    created = Counter(c.absence_id for c in plan.changes if c.action == "create")
    return [
        Unsafe(f"{count} new items for one absence ({absence_id}); {policy.most_created} is the most")
        for absence_id, count in sorted(created.items())
        if count > policy.most_created
    ]


def _outside(plan: Plan, absences: Collection[Absence]) -> list[Unsafe]:
    spans = {absence.id: absence.span for absence in absences}
    return [
        Unsafe(f"“{item.summary}” on {item.span.start:%d %b} lies outside its absence")
        for item in (c.after for c in plan.changes)
        if isinstance(item, HostItem) and not (item.absence_id in spans and spans[item.absence_id].overlaps(item.span))
    ]


def consented(change: Change, yes: Collection[tuple[str, str, str]]) -> bool:
    """Whether the user has accepted this kind of change for this absence, and every person who hears of it. `yes` holds (absence,
    kind, recipient), recipient "" for the kind itself. Taking something back needs no second yes, nor does telling those who
    were asked."""
    if change.action == "delete" or (isinstance(change.item, MailItem) and change.item.purpose == "withdrawn"):
        return True
    kind = agreed_as(change.item)
    return all((change.absence_id, kind, person) in yes for person in ("", *heard_by(change.item)))


def agreed_as(item: Item) -> ItemKind:
    """The kind of change that the user says yes to: a request by mail is part of asking, and a brief is no leave to ask."""
    return "host" if isinstance(item, MailItem) and item.purpose == "ask" else kind_of(item)


def heard_by(item: Item) -> tuple[str, ...]:
    """Addresses that get to know of the item when it is written."""
    if isinstance(item, HostItem):
        return (item.host_address,)
    return item.to if isinstance(item, MailItem) else ()
