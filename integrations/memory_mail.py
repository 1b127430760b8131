"""The reference Mailbox, Responder and Outbox, in memory: what the contract suites say of the real ones is true of these
first. Also the mail of rehearsals. Keeps nothing when it goes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime

from msgspec import Struct, field
from msgspec.structs import replace

from integrations.envelope import replies_in
from integrations.errors import PreconditionFailed
from integrations.ports import Lease, MailCapabilities, ResponderReading, SendState
from rules.items import ResponderItem
from rules.model import Envelope


class MemoryMailbox(Struct):
    """`inbox`, `held_mail` and `others` (sent and sorted mail) map message ids to envelopes."""

    id: str
    inbox: dict[str, Envelope] = field(default_factory=dict)
    held_mail: dict[str, Envelope] = field(default_factory=dict)
    others: dict[str, Envelope] = field(default_factory=dict)

    def capabilities(self) -> MailCapabilities:
        return MailCapabilities(three_audiences=True, excludes=True, server_hold=False)

    def deliver(self, envelope: Envelope) -> None:
        self.inbox[envelope.id] = envelope

    def arrivals(self, since: datetime) -> Sequence[Envelope]:
        return _in_order(e for e in self.inbox.values() if e.received >= since)

    def held(self) -> Sequence[Envelope]:
        return _in_order(self.held_mail.values())

    def hold(self, ids: Sequence[str]) -> int:
        return _moved(self.inbox, self.held_mail, ids)

    def release(self, ids: Sequence[str] | None = None) -> int:
        return _moved(self.held_mail, self.inbox, list(self.held_mail) if ids is None else ids)

    def held_outline(self) -> Sequence[Envelope]:
        return self.held()

    def find(self, since: datetime) -> Sequence[Envelope]:
        every = (*self.inbox.values(), *self.held_mail.values(), *self.others.values())
        return _in_order(e for e in every if e.received >= since)

    def replies(self, since: datetime, senders: Collection[str]) -> Sequence[Envelope]:
        return replies_in(self.find(since), senders)

    def with_texts(self, letters: Sequence[Envelope]) -> Sequence[Envelope]:
        return letters

    def owns_held(self) -> bool:
        return True

    def tidy(self) -> None:
        """There is no folder to remove."""


def _in_order(envelopes: Iterable[Envelope]) -> list[Envelope]:

    return sorted(envelopes, key=lambda e: (e.received, e.id))


def _moved(source: dict[str, Envelope], target: dict[str, Envelope], ids: Sequence[str]) -> int:
    present = [each for each in dict.fromkeys(ids) if each in source]
    for each in present:
        target[each] = source.pop(each)
    return len(present)


class _Ours(Struct, frozen=True):
    item: ResponderItem | None
    lease: Lease | None
    edited: bool = False

    def fingerprint(self) -> str:
        return hashlib.sha256(repr(self).encode()).hexdigest()


class MemoryResponder:
    """`own` is the text of the user's own reply, "" for none. `user_edits` plays a user who changes what is set."""

    def __init__(self, clock: Callable[[], datetime], own: str = "") -> None:
        self._clock = clock
        self._own = own
        self._ours: _Ours | None = None

    @property
    def in_force(self) -> tuple[ResponderItem | None, Lease | None]:
        return (self._ours.item, self._ours.lease) if self._ours else (None, None)

    def user_edits(self, own: str | None = None) -> None:
        """Change our part where it is in force, or the user's own reply to `own` (which takes over from ours)."""
        if own is not None:
            self._own, self._ours = own, None
        elif self._ours:
            self._ours = replace(self._ours, edited=True)

    def read(self) -> ResponderReading:
        snapshot = json.dumps({"own": self._own})
        if self._ours is None:
            words = "your own reply is on" if self._own else "no reply is set"
            return ResponderReading("", hashlib.sha256(self._own.encode()).hexdigest(), snapshot, bool(self._own), words)
        item = self._ours.item
        ends = item.span.end if item else None
        enabled = ends is not None and ends > self._clock()
        words = "homeward's reply was changed by hand" if self._ours.edited else "homeward's reply"
        marker = item.id if item else "hold"
        return ResponderReading(marker, self._ours.fingerprint(), snapshot, enabled, words, ends)

    def write(self, item: ResponderItem | None, lease: Lease | None, original: str) -> ResponderReading:
        if item is None and lease is None:
            return self.restore(original, self._clock())
        self._require_untouched(original)
        self._ours = _Ours(item, lease)
        return self.read()

    def restore(self, original: str, now: datetime) -> ResponderReading:
        self._require_untouched(original)
        self._ours = None
        return self.read()

    def _require_untouched(self, original: str) -> None:
        if self._ours is not None and self._ours.edited:
            raise PreconditionFailed("Your reply was changed by hand since; it stays as it is.")
        if self._ours is None and self._own != json.loads(original)["own"]:
            raise PreconditionFailed("Another reply was set since; it stays as it is.")


class MemoryOutbox:
    """`messages` maps each Message-ID to what was sent under it."""

    def __init__(self) -> None:
        self.messages: dict[str, bytes] = {}

    def send(self, message: bytes, message_id: str) -> SendState:
        if message_id in self.messages:
            return "already"
        self.messages[message_id] = message
        return "sent"

    def sent(self, message_id: str) -> bool | None:
        return message_id in self.messages
