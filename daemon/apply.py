"""Puts one change into the world: intent recorded, one guarded write, outcome recorded with its inverse. Nothing here decides
whether a change is wanted. After a crash between any two lines the same change, applied again, finds what is done."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from daemon.ledger import Effect, Ledger
from daemon.outside import Outside
from integrations.errors import OutsideError, PreconditionFailed, Unsupported
from integrations.message import build_message, message_id
from integrations.ports import Calendar, DeleteBlock, EditHost, Lease, Mailbox, PutBlock, RestoreHost
from rules.items import BlockItem, HoldItem, HostItem, Item, MailItem, ResponderItem
from rules.model import Assignment, Envelope
from rules.plan import Change
from rules.policy import Policy
from rules.telling import tell

Outcome = Literal["done", "theirs", "failed", "unknown"]


class Applied(Struct, frozen=True):
    """What became of one change, with the reason where it is not done."""

    change: Change
    outcome: Outcome
    words: str = ""


class Applier:
    """Applies changes one at a time; one change's failure never stops the next."""

    def __init__(
        self,
        ledger: Ledger,
        outside: Outside,
        policy: Policy,
        now: Callable[[], datetime],
        lease: Callable[[str], Lease | None],
        as_it_reads: Callable[[MailItem], MailItem],
    ) -> None:
        """`lease` gives the server-side hold that the script of a mailbox ought to carry now, `as_it_reads` a letter with the
        words of this moment."""
        self._ledger = ledger
        self._outside = outside
        self._policy = policy
        self._now = now
        self._lease = lease
        self._as_it_reads = as_it_reads

    def apply(self, change: Change) -> Applied:
        words = tell(change, self._policy.me.home_zone)
        try:
            return self._dispatch(change, words)
        except PreconditionFailed as error:
            return Applied(change, "theirs", error.what)
        except OutsideError as error:
            self._ledger.note(self._now(), change.absence_id, "failed", f"{words}: {error.what}")
            return Applied(change, "failed", error.what)

    def _dispatch(self, change: Change, words: str) -> Applied:
        item = change.item
        remove = change.action == "delete"
        if isinstance(item, HostItem):
            return self._restore_host(change, item, words) if remove else self._edit_host(change, item, words)
        if isinstance(item, BlockItem):
            return self._delete_block(change, item, words) if remove else self._put_block(change, item, words)
        if isinstance(item, ResponderItem):
            return self._restore_responder(change, item, words) if remove else self._set_responder(change, item, words)
        if isinstance(item, HoldItem):
            return self._end_hold(change, item, words) if remove else self._begin_hold(change, item, words)
        return self._unschedule(change, item, words) if remove else self._send_or_schedule(change, item, words)

    # --- calendars ---------------------------------------------------------------------------------------------------------

    def _edit_host(self, change: Change, item: HostItem, words: str) -> Applied:
        calendar = self._outside.calendar(item.key.calendar_id)
        effect = self._ledger.effect(item.id)
        prepared = calendar.prepare(EditHost(item, effect.before if effect else None))
        self._ledger.intend(item, prepared.before, words, self._now())
        receipt = calendar.commit(prepared)
        with self._ledger.together():
            self._ledger.settle(item, "done", words, self._now(), after=receipt.after, fingerprint=receipt.fingerprint)
            self._record_assignment(item)
        return Applied(change, "done")

    def _record_assignment(self, item: HostItem) -> None:
        """Asked now, unless it stands already that this person accepted."""
        held = {(a.absence_id, a.key): a for a in self._ledger.assignments()}.get((item.absence_id, item.key))
        if held and held.person_id == item.host and held.state == item.state:
            return
        new = held or Assignment(item.absence_id, item.key, item.host, item.state, self._now())
        assignment = replace(new, person_id=item.host, state=item.state, asked_at=self._now(), added=False, effect=item.id)
        self._ledger.assign(assignment, item.id, meeting_identity(item.summary, item.span.start))

    def _restore_host(self, change: Change, item: HostItem, words: str) -> Applied:
        calendar = self._outside.calendar(item.key.calendar_id)
        effect = self._ledger.effects()[item.id]
        after = self._written(calendar, item, effect)
        if effect.before is None or after is None:
            # The intent was recorded but the write never came about: nothing of ours is out there.
            return self._settled(change, item, "undone", words)
        announce = calendar.capabilities().schedules and effect.state != "neutralised"
        phase: Literal["neutralise", "remove"] = "neutralise" if announce else "remove"
        try:
            prepared = calendar.prepare(RestoreHost(item.key, effect.before, after, phase))
        except PreconditionFailed as error:
            with self._ledger.together():
                self._ledger.unassign(item.absence_id, item.key)
                self._ledger.settle(item, "undone", f"{words}: {error.what}", self._now())
            return Applied(change, "theirs", error.what)
        self._ledger.intend(item, None, words, self._now())
        receipt = calendar.commit(prepared)
        state = "neutralised" if announce else "undone"
        with self._ledger.together():
            self._ledger.settle(item, state, words, self._now(), after=receipt.after, fingerprint=receipt.fingerprint)
            self._ledger.unassign(item.absence_id, item.key)
        return Applied(change, "done", "; ".join(f"{name} was changed by somebody and stays" for name in prepared.theirs))

    def _written(self, calendar: Calendar, item: HostItem, effect: Effect) -> str | None:
        """What may stand out there of ours. After a crash between the write and its outcome, the intent tells."""
        if effect.before is None or (effect.after is not None and effect.state != "intended"):
            return effect.after
        try:
            return calendar.prepare(EditHost(item, effect.before)).after
        except PreconditionFailed:
            return effect.after

    def _put_block(self, change: Change, item: BlockItem, words: str) -> Applied:
        calendar = self._outside.calendar(item.calendar_id)
        prepared = calendar.prepare(PutBlock(item))
        self._ledger.intend(item, prepared.before, words, self._now())
        try:
            receipt = calendar.commit(prepared)
        except Unsupported as error:
            self._ledger.settle(item, "refused", f"{words}: {error.what}", self._now())
            return Applied(change, "theirs", error.what)
        self._ledger.settle(item, "done", words, self._now(), after=receipt.after, fingerprint=receipt.fingerprint)
        return Applied(change, "done")

    def _delete_block(self, change: Change, item: BlockItem, words: str) -> Applied:
        calendar = self._outside.calendar(item.calendar_id)
        prepared = calendar.prepare(DeleteBlock(item.id))
        self._ledger.intend(item, None, words, self._now())
        calendar.commit(prepared)
        return self._settled(change, item, "undone", words)

    # --- the autoreply -----------------------------------------------------------------------------------------------------

    def _set_responder(self, change: Change, item: ResponderItem, words: str) -> Applied:
        responder = self._outside.responder(item.mail_id)
        found = responder.read().snapshot
        with self._ledger.together():
            original = self._ledger.keep_previous(f"responder/{item.mail_id}", found, self._now())
            self._ledger.intend(item, original, words, self._now())
        try:
            reading = responder.write(item, self._lease(item.mail_id), original)
        except PreconditionFailed as error:
            with self._ledger.together():
                self._ledger.previous_restored(f"responder/{item.mail_id}", self._now())
                self._ledger.settle(item, "adopted", f"somebody changed the autoreply; theirs stands: {error.what}", self._now())
            return Applied(change, "theirs", error.what)
        self._ledger.settle(item, "done", words, self._now(), fingerprint=reading.fingerprint)
        return Applied(change, "done")

    def _restore_responder(self, change: Change, item: ResponderItem, words: str) -> Applied:
        thing = f"responder/{item.mail_id}"
        original = self._ledger.previous(thing)
        if original is None:
            return self._settled(change, item, "undone", words)
        self._ledger.intend(item, None, words, self._now())
        lease = self._lease(item.mail_id)
        try:
            if lease is not None:
                self._outside.responder(item.mail_id).write(None, lease, original)
                return self._settled(change, item, "undone", words)
            self._outside.responder(item.mail_id).restore(original, self._now())
        except PreconditionFailed as error:
            words = f"the autoreply was edited meanwhile, and stays: {error.what}"
            return replace(self._responder_gone(change, item, thing, words), outcome="theirs", words=error.what)
        return self._responder_gone(change, item, thing, words)

    def _responder_gone(self, change: Change, item: ResponderItem, thing: str, words: str) -> Applied:
        with self._ledger.together():
            self._ledger.previous_restored(thing, self._now())
            return self._settled(change, item, "undone", words)

    # --- the inbox ---------------------------------------------------------------------------------------------------------

    def _begin_hold(self, change: Change, item: HoldItem, words: str) -> Applied:
        """Only a promise: each pass holds what ought to be held at that moment. What was there before is the moment itself: mail
        that lay in the inbox then stays there."""
        self._ledger.intend(item, self._now().isoformat(), words, self._now())
        return self._settled(change, item, "done", words)

    def _end_hold(self, change: Change, item: HoldItem, words: str) -> Applied:
        self._ledger.intend(item, None, words, self._now())
        if item.mail_id in self._outside.mailboxes:
            release_held(self._ledger, self._outside.mailbox(item.mail_id), item.absence_id, self._now())
        return self._settled(change, item, "undone", words)

    # --- mail --------------------------------------------------------------------------------------------------------------

    def _send_or_schedule(self, change: Change, item: MailItem, words: str) -> Applied:
        early = item.due is not None and item.due > self._now()
        # A digest tells of the mail that was held: it goes out at the end of a pass, when that has been given back.
        if early or (item.purpose == "digest" and self._ledger.effect(item.id) is None):
            # What it says is composed when it goes out; until then only that it will be sent is remembered.
            self._ledger.schedule(replace(item, body="", html="", calendar=""), words, self._now())
            return Applied(change, "done")
        return self.send(change, item, words)

    def send(self, change: Change, item: MailItem, words: str) -> Applied:
        """Send now, unless it has gone out, or may have."""
        outbox = self._outside.outbox(item.mail_id)
        sender = self._policy.me.addresses[0]
        identifier = message_id(item.id, sender.rpartition("@")[2])
        effect = self._ledger.effect(item.id)
        if effect and effect.state == "intended" and outbox.sent(identifier) is None:
            self._ledger.settle(item, "unknown", f"{words}: it may have gone out already", self._now())
            return Applied(change, "unknown", "it may have gone out already; not sent again")
        kept = _without_words(item)
        self._ledger.intend(kept, None, words, self._now())
        result = outbox.send(build_message(self._as_it_reads(item), sender, self._policy.me.name, self._now()), identifier)
        self._ledger.settle(kept, "unknown" if result == "unknown" else "done", words, self._now())
        return Applied(change, "unknown" if result == "unknown" else "done")

    def _unschedule(self, change: Change, item: MailItem, words: str) -> Applied:
        return self._settled(change, item, "undone", words)

    def _settled(self, change: Change, item: Item, state: str, words: str) -> Applied:
        self._ledger.settle(item, state, words, self._now())
        return Applied(change, "done")


def _without_words(item: MailItem) -> MailItem:
    """The digest repeats what others wrote, which stays in the mailbox; `homeward digest` composes it again."""
    return replace(item, body="", html="") if item.purpose == "digest" else item


def release_held(
    ledger: Ledger, mailbox: Mailbox, absence_id: str, now: datetime, wanted: Collection[str] | None = None
) -> int:  # fmt: skip
    """Give back what is held (`wanted`: handles; None: all), and count it. Where the folder was there before homeward, only what
    homeward moved there: the user's own mail in it stays."""
    ours, recorded = mailbox.owns_held() or mailbox.capabilities().server_hold, ledger.held_now(mailbox.id)
    there = _held(mailbox, recorded, ours)
    chosen = [m for m in there if (wanted is None or m.id in wanted) and (ours or names_of(m) & recorded)]
    # The server's script may have held what no pass has seen.
    ledger.held_messages(mailbox.id, absence_id, {name_of(m): m.sender for m in chosen if not names_of(m) & recorded}, now)
    released = mailbox.release([m.id for m in chosen])
    ledger.released_messages(mailbox.id, now, None if wanted is None else _names(chosen))
    return released


def _held(mailbox: Mailbox, recorded: Collection[str], ours: bool) -> Sequence[Envelope]:
    """To give everything back no header is needed, unless one tells what was recorded."""
    if ours and not set(recorded) - _names(there := mailbox.held_outline()):
        return there
    return mailbox.held()


def _names(messages: Iterable[Envelope]) -> set[str]:
    return {name for message in messages for name in names_of(message)}


def name_of(message: Envelope) -> str:
    """By which the ledger knows a message, wherever it is moved to."""
    return message.message_id or message.id


def names_of(message: Envelope) -> frozenset[str]:
    """What it may be recorded by: its id alone where a pass knew no more of it."""
    return frozenset((name_of(message), message.id))


def meeting_identity(title: str, start: datetime) -> str:
    """What a meeting is recognised by when its calendar issues a new UID."""
    return f"{title.casefold()}\x1f{start.timestamp():.0f}"
