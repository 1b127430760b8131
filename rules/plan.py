"""The difference between what ought to be and what is: a plan of changes in a total order. What is not done is a value too
(`Skipped`). Nothing here is rendered or applied.

One comment per branch of the truth table in `compare`: desired or not × what stands out there."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

from msgspec import Struct
from msgspec.structs import replace

from rules.items import BlockItem, HoldItem, HostItem, Item, MailItem, OutOfOfficeItem, ResponderItem

ChangeAction = Literal["create", "update", "delete"]
ItemKind = Literal["hold", "responder", "host", "mail", "block"]
StandingState = Literal["scheduled", "intended", "done", "neutralised", "unknown", "adopted", "tombstone", "refused"]

# Private and reversible things first; whoever hears of it hears last; blocks after the hosts they may depend on.
_ORDER: dict[ItemKind, int] = {"hold": 0, "responder": 1, "host": 2, "block": 3, "mail": 4}
_WITHDRAWN = 1.5  # before the host it is about: should we die in between, what stands still tells that it is due


class Skipped(Struct, frozen=True):
    """Something that could have been done and is not, with the reason in words."""

    what: str
    because: str
    absence_id: str = ""


class Question(Struct, frozen=True):
    """Something only the user can answer, asked once per absence. `command` is what to type for yes."""

    absence_id: str
    text: str
    command: str


class Standing(Struct, frozen=True):
    """One thing of ours as the ledger and the world have it. `scheduled`: promised, not yet due (mail). `intended`: the intent
    is recorded, the outcome is not: look again. `neutralised`: first half of an undo. `adopted`: somebody changed
    it, theirs wins. `tombstone`: somebody deleted it, or the user undid it. `refused`: there it cannot be had. `at`: when it was
    last written, where that is known."""

    item: Item
    state: StandingState
    at: datetime | None = None


class Change(Struct, frozen=True):
    """One difference. `before` is what stands now (None: nothing), `after` what ought to stand (None: nothing)."""

    action: ChangeAction
    before: Item | None
    after: Item | None
    because: str

    @property
    def item(self) -> Item:
        item = self.after if self.after is not None else self.before
        assert item is not None, "a change has at least one side"
        return item

    @property
    def id(self) -> str:
        return self.item.id

    @property
    def absence_id(self) -> str:
        return self.item.absence_id

    @property
    def kind(self) -> ItemKind:
        return kind_of(self.item)

    @property
    def recipients(self) -> tuple[str, ...]:
        """Addresses of the people who hear of this change, or may: a deputy chain counts whole."""
        item = self.item
        if isinstance(item, HostItem):
            return (item.host_address, *item.chain)
        return item.to if isinstance(item, MailItem) else ()


class Plan(Struct, frozen=True):
    """`changes` sorted; `later` are those that wait for their day (a host asked at most 28 days ahead)."""

    changes: tuple[Change, ...]
    skipped: tuple[Skipped, ...] = ()
    gaps: tuple[Skipped, ...] = ()
    questions: tuple[Question, ...] = ()
    later: tuple[Skipped, ...] = ()

    @property
    def empty(self) -> bool:
        return not self.changes

    @property
    def fingerprint(self) -> str:
        """Twelve hex digits; equal when the changes are, with their times written in the same zones. When a letter's calendar was
        written does not count, nor until when a request waits for an answer: both are reckoned anew at each look."""
        digest = hashlib.sha256("\n".join(repr(_at_any_time(change)) for change in self.changes).encode())
        return digest.hexdigest()[:12]


def _at_any_time(change: Change) -> Change:
    """Without what depends on the moment of the look, and says nothing that the rest of the plan does not."""
    before, after = (_timeless(item) if isinstance(item, MailItem) else item for item in (change.before, change.after))
    return replace(change, before=before, after=after)


def _timeless(letter: MailItem) -> MailItem:
    return replace(letter, calendar="", body="" if letter.purpose == "ask" else letter.body)


def kind_of(item: Item) -> ItemKind:
    kinds: dict[type[Any], ItemKind] = {
        HostItem: "host",
        BlockItem: "block",
        OutOfOfficeItem: "block",
        ResponderItem: "responder",
        HoldItem: "hold",
        MailItem: "mail",
    }
    return kinds[type(item)]


def starts(item: Item) -> datetime | None:
    """When the thing takes effect, for the order and for telling past from future."""
    return item.due if isinstance(item, MailItem) else item.span.start


def sort_changes(changes: Iterable[Change]) -> tuple[Change, ...]:
    """By absence; but what ends comes first, since a mailbox has one autoreply at a time, of whatever absence."""

    def key(change: Change) -> tuple[bool, str, float, float, str]:
        moment = starts(change.item)
        ends = change.action == "delete" and change.kind == "responder"
        withdrawn = isinstance(change.item, MailItem) and change.item.purpose == "withdrawn"
        order = _WITHDRAWN if withdrawn else _ORDER[change.kind]
        return (not ends, change.absence_id, order, moment.timestamp() if moment else 0.0, change.id)

    return tuple(sorted(changes, key=key))


def compare(
    desired: Sequence[Item],
    standing: Mapping[str, Standing],
    now: datetime,
    reasons: Mapping[str, str],
    *,
    past: bool = False,
) -> tuple[tuple[Change, ...], tuple[Skipped, ...]]:
    """Changes that lead from `standing` to `desired`. `reasons` maps item and absence ids to words. What lies in the past is left
    alone unless `past` (undo --past)."""
    changes: list[Change] = []
    skipped: list[Skipped] = []
    wanted = {item.id: item for item in desired if not _expired(item, now)}
    for item in wanted.values():
        outcome = _towards(item, standing.get(item.id), now, reasons.get(item.id) or reasons.get(item.absence_id, ""))
        if isinstance(outcome, Change):
            changes.append(outcome)
        elif outcome is not None:
            skipped.append(outcome)
    for effect, stands in standing.items():
        if effect not in wanted and (change := _away(stands, now, reasons, past)):
            changes.append(change)
    return sort_changes(changes), tuple(skipped)


def _towards(item: Item, stands: Standing | None, now: datetime, because: str) -> Change | Skipped | None:
    # Wanted, and nothing of it is there: create, unless its time is over.
    if stands is None:
        return None if _over(item, now) else Change("create", None, item, because)
    # Wanted, but somebody deleted it, or the user undid it: it stays away.
    if stands.state == "tombstone":
        return Skipped(
            describe_short(item), "it was deleted or undone, and stays so (`apply --again` brings it back)", item.absence_id
        )
    # Wanted, but it cannot be had there: it is not tried again.
    if stands.state == "refused":
        return Skipped(describe_short(item), "it was refused there (`apply --again` tries once more)", item.absence_id)
    # Wanted, but somebody changed ours: theirs stands.
    if stands.state == "adopted":
        return Skipped(describe_short(item), "somebody changed it, and theirs stands", item.absence_id)
    # Wanted, and perhaps already sent: never a second time.
    if stands.state == "unknown":
        return Skipped(describe_short(item), "it may have gone out already; not sent again", item.absence_id)
    # Wanted, and there, or promised: nothing to do when it says the same.
    if stands.state in ("done", "scheduled") and same(item, stands.item):
        return None
    # A message that has gone out cannot be changed.
    if isinstance(item, MailItem) and stands.state == "done":
        return None
    # It lies behind us: what happened, happened. A meeting may have moved to another day; a block that has begun stays.
    if _lies_behind(item, stands, now):
        return None
    # Wanted, and there in another shape, or begun and not finished, or half taken back: bring it to shape.
    return Change("update", stands.item, item, because)


def _away(stands: Standing, now: datetime, reasons: Mapping[str, str], past: bool) -> Change | None:
    item = stands.item
    # Not wanted, and not (or no longer) ours to remove.
    if stands.state in ("tombstone", "adopted", "unknown", "refused"):
        return None
    # Not wanted, but a message that has gone out stays gone out.
    if isinstance(item, MailItem) and stands.state != "scheduled":
        return None
    # Not wanted, and behind us: history stays, unless it is asked for. The second half of an undo is always finished.
    if isinstance(item, HostItem | BlockItem) and _begun(item, now) and not past and stands.state != "neutralised":
        return None
    # Not wanted, and there.
    return Change("delete", item, None, reasons.get(item.id) or reasons.get(item.absence_id, "no longer wanted"))


def _expired(item: Item, now: datetime) -> bool:
    """A hold or an autoreply is a state: once its time is over it is no longer wanted, and what stands of it has to go."""
    return isinstance(item, HoldItem | ResponderItem) and item.span.end <= now


def _lies_behind(item: Item, stands: Standing, now: datetime) -> bool:
    before = stands.item
    if isinstance(before, OutOfOfficeItem):  # the leader may be back early, or stay on
        return _over(item, now) and _over(before, now)
    return _over(item, now) or (isinstance(before, BlockItem) and stands.state == "done" and _begun(before, now))


def _over(item: Item, now: datetime) -> bool:
    return isinstance(item, HostItem | BlockItem) and item.span.end <= now


def _begun(item: HostItem | BlockItem, now: datetime) -> bool:
    """Whether it is history. An out-of-office entry follows its absence until that is over."""
    return (item.span.end if isinstance(item, OutOfOfficeItem) else item.span.start) <= now


def same(left: Item, right: Item) -> bool:
    """Whether both would be written alike. What is only for the reader (a deputy chain, a body composed when it is due) does not
    count; times count as instants."""
    return type(left) is type(right) and _essence(left) == _essence(right)


def _essence(item: Item) -> Item:
    if isinstance(item, HostItem):
        return replace(item, chain=(), summary="")
    if isinstance(item, MailItem):
        return replace(item, body="", html="", calendar="", subject="")
    return item


def differences(before: Item, after: Item) -> tuple[tuple[str, Any, Any], ...]:
    """(field, before, after) of the fields that differ; for renderers."""
    if type(before) is not type(after):
        return ()
    pairs = ((name, getattr(before, name), getattr(after, name)) for name in before.__struct_fields__)
    return tuple((name, old, new) for name, old, new in pairs if old != new)


def describe_short(item: Item) -> str:
    """The thing in a few words, without its time."""
    if isinstance(item, HostItem):
        return f"host of “{item.summary}”: {item.host_name}"
    if isinstance(item, OutOfOfficeItem):
        return "out-of-office entry"
    if isinstance(item, BlockItem):
        return f"{item.purpose} block"
    if isinstance(item, ResponderItem):
        return "autoreply"
    if isinstance(item, HoldItem):
        return "inbox hold"
    return f"{item.purpose} mail to {', '.join(item.to)}"
