"""The small Protocols between homeward and the outside. Each says what it promises about being called twice.

Writes have two halves: `prepare` looks and changes nothing; the ledger records the intent with what was there before; `commit`
makes one guarded change. A crash between any two of them is found by looking again."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Literal, Protocol

from msgspec import Struct

from rules.interval import Interval
from rules.items import BlockItem, HostItem, ResponderItem
from rules.model import CalendarRole, Envelope, Occurrence, OccurrenceKey, Opening, Problem

# --- calendars --------------------------------------------------------------------------------------------------------


class CalendarCapabilities(Struct, frozen=True):
    """`writable`: put and edit work. `schedules`: the server mails attendees when an event changes. `busy_only`: it tells when
    somebody is busy, and nothing else."""

    writable: bool
    schedules: bool = False
    busy_only: bool = False


class CalendarReading(Struct, frozen=True):
    """All occurrences that touch the horizon; `problems` name what could not be read; `entries` counts the events in the
    whole calendar (for the guard against a calendar that is suddenly empty). `complete` is False where the calendar as
    a whole could not be read: then the last good reading stands."""

    calendar_id: str
    occurrences: tuple[Occurrence, ...]
    problems: tuple[Problem, ...] = ()
    entries: int = 0
    complete: bool = True


class PutBlock(Struct, frozen=True):
    """Create or replace the block with uid = `block.id`. `marker` = block.id."""

    block: BlockItem


class DeleteBlock(Struct, frozen=True):
    block_id: str


class EditHost(Struct, frozen=True):
    """Write `host` on its occurrence: asked = deputy on the attendee list with NEEDS-ACTION and nothing else; accepted = roles,
    title and description as domain rule 2 says. `before` is None at the first edit of this occurrence, else the Receipt.before of
    that first edit: the new state is always derived from the original, never stacked on the previous edit."""

    host: HostItem
    before: str | None = None


class RestoreHost(Struct, frozen=True):
    """Take an EditHost back. `before` and `after` are from its receipts. `phase` neutralise: write the master's values with a
    higher SEQUENCE so that attendees hear of it; remove: restore the bytes that were there. Only properties whose value is
    still ours are restored."""

    key: OccurrenceKey
    before: str
    after: str
    phase: Literal["neutralise", "remove"]


CalendarEdit = PutBlock | DeleteBlock | EditHost | RestoreHost


class Prepared(Struct, frozen=True):
    """An edit ready to be committed. `before` is what `RestoreHost` and undo need (JSON text, opaque to the caller, never a
    secret); `expected` the version it was computed from; `payload` what will be written (opaque). `done` is True where the
    world already looks as the edit wants: then nothing needs committing. `theirs` names properties that somebody else
    changed since and that are therefore left alone. `after` is that of the Receipt to come: after a crash it tells what of ours
    may stand out there."""

    edit: CalendarEdit
    before: str
    expected: str | None
    payload: str
    done: bool = False
    theirs: tuple[str, ...] = ()
    after: str = ""


class Receipt(Struct, frozen=True):
    """`after` describes what was written (opaque JSON text); `fingerprint` equals Occurrence.fingerprint of the result when it
    is read back, "" after a removal."""

    after: str
    fingerprint: str


class Calendar(Protocol):
    """One calendar. Idempotence: `prepare` never writes; `commit` of the same Prepared twice raises PreconditionFailed the second
    time or reports the same Receipt, and never doubles anything."""

    @property
    def id(self) -> str: ...

    @property
    def role(self) -> CalendarRole: ...

    def capabilities(self) -> CalendarCapabilities: ...

    def read(self, horizon: Interval) -> CalendarReading:
        """Never raises for a bad event (it becomes a Problem); Temporary, AuthExpired or Permanent for the whole calendar."""
        ...

    def prepare(self, edit: CalendarEdit) -> Prepared:
        """Permanent where the calendar is read-only or the occurrence cannot be edited; PreconditionFailed where it is gone."""
        ...

    def commit(self, prepared: Prepared) -> Receipt:
        """PreconditionFailed where the resource is no longer the one `prepare` saw; Temporary on disk full or a dead network
        (the resource is then as before)."""
        ...


# --- mail -------------------------------------------------------------------------------------------------------------


class MailCapabilities(Struct, frozen=True):
    """`three_audiences`: the responder can tell internal, known and unknown senders apart. `excludes`: it can leave out
    addresses (needed for coaching). `server_hold`: new mail can be held without this machine. `lease_ahead`: the server
    can be told the openings of a lease beforehand; else the lease is written anew whenever one begins or ends."""

    three_audiences: bool
    excludes: bool
    server_hold: bool
    lease_ahead: bool = True


class Lease(Struct, frozen=True):
    """A server-side hold: held except in `openings`, and not at all after `ends` (domain: the lease names the openings of the
    next 24 h). `passes` are addresses and @domains (with their subdomains) that are never held, `pass_subjects` words in the
    subject; `urgent_word` in the subject lets through only what is from `urgent_from` (addresses and @domains)."""

    starts: datetime
    ends: datetime
    openings: tuple[Opening, ...]
    passes: tuple[str, ...] = ()
    pass_subjects: tuple[str, ...] = ()
    urgent_word: str = ""
    urgent_from: tuple[str, ...] = ()


class Mailbox(Protocol):
    """Mail is only ever moved between INBOX and the held folder, with its flags and dates. Moving twice moves once."""

    @property
    def id(self) -> str: ...

    def capabilities(self) -> MailCapabilities: ...

    def arrivals(self, since: datetime) -> Sequence[Envelope]:
        """Messages now in INBOX that were delivered at `since` or later, in order of delivery."""
        ...

    def held(self) -> Sequence[Envelope]:
        """Messages now in the held folder, in order of delivery."""
        ...

    def held_outline(self) -> Sequence[Envelope]:
        """The same as `held`, as far as it is known without asking about each message: else by its id alone."""
        ...

    def hold(self, ids: Sequence[str]) -> int:
        """Move these from INBOX to the held folder. Returns how many were there to move."""
        ...

    def release(self, ids: Sequence[str] | None = None) -> int:
        """Move these (None: all) back to INBOX. Returns how many were there to move."""
        ...

    def find(self, since: datetime) -> Sequence[Envelope]:
        """All messages of the account delivered or sent since then, for the digest."""
        ...

    def replies(self, since: datetime, senders: Collection[str]) -> Sequence[Envelope]:
        """Messages since then in which one of `senders` (addresses) replies to a letter of homeward, with their text."""
        ...

    def with_texts(self, letters: Sequence[Envelope]) -> Sequence[Envelope]:
        """The same messages, with their text where it can be had: `find` may leave out what was fetched before. Those that are
        gone come back as they are."""
        ...

    def owns_held(self) -> bool:
        """Whether homeward made the held folder: then all that is in it is to be released, else only what it moved there."""
        ...

    def tidy(self) -> None:
        """Remove the held folder again, if homeward made it and nothing is in it. For the end of an absence and for undo."""
        ...


class ResponderReading(Struct, frozen=True):
    """What is set now. `marker` is the id of the ResponderItem that is in force, "" where it is not ours. `fingerprint` is of
    our part as stored. `snapshot` (opaque JSON text) restores exactly what is set now; while ours is in force, it is of the
    user's own state beneath (so a lost ledger can be rebuilt). `enabled`: a reply goes out now or will at `starts`. `words`
    describes it to the user."""

    marker: str
    fingerprint: str
    snapshot: str
    enabled: bool
    words: str
    ends: datetime | None = None


class Responder(Protocol):
    """The vacation autoreply of one mailbox (and the server-side hold, where both live in one script)."""

    def read(self) -> ResponderReading: ...

    def write(self, item: ResponderItem | None, lease: Lease | None, original: str) -> ResponderReading:
        """Put `item` and `lease` in force on top of the user's own state `original` (a snapshot). Both None is the same as
        `restore(original)`. Writing the same twice changes nothing the second time. Returns what was read back."""
        ...

    def restore(self, original: str, now: datetime) -> ResponderReading:
        """Put back exactly what `original` describes. If the user edited ours meanwhile, theirs stays (PreconditionFailed)."""
        ...


SendState = Literal["sent", "already", "unknown"]


class Outbox(Protocol):
    """Sends once per Message-ID, as far as the outside allows: "unknown" means that it may have gone out and must not be sent
    again without asking."""

    def send(self, message: bytes, message_id: str) -> SendState: ...

    def sent(self, message_id: str) -> bool | None:
        """Whether it has gone out; None where that cannot be known."""
        ...


class SyncCommand(Protocol):
    """Runs the user's mail synchronisation (`inbox.mode = "sync"`)."""

    def run(self) -> None:
        """Temporary where it failed; the words say how, without its output's secrets."""
        ...


class Secrets(Protocol):
    def get(self, account_id: str, name: str) -> str | None: ...

    def set(self, account_id: str, name: str, value: str) -> None: ...

    def delete(self, account_id: str, name: str) -> None: ...
