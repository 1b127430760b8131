"""The things homeward puts into the world, as values: a host on an occurrence, a block, the responder, the hold, a message.
`desired` says which of them ought to be; `plan` compares them with those that are. Ids are deterministic: derived from the
absence, the type and the occurrence or ordinal, never from times."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Literal

from msgspec import Struct

from rules.interval import Interval
from rules.model import OccurrenceKey

_NAMESPACE = uuid.UUID("6f0c3f0e-6b0f-5d43-9c52-2f1f2a6d7c11")


def effect_id(absence_id: str, what: str, *which: str) -> str:
    """[A-Za-z0-9.-] only, so that it can be a marker, a UID and the left side of a Message-ID: `hw-<absence>.<what>.<hash>`."""
    # A UID from a hostile calendar can carry half a surrogate pair, which UTF-8 has no bytes for.
    name = "\x1f".join((absence_id, what, *which)).encode("utf-8", "backslashreplace").decode()
    digest = uuid.uuid5(_NAMESPACE, name).hex[:16]
    return f"hw-{absence_id}.{what}.{digest}"


def absence_of(effect: str) -> str | None:
    """The absence id inside an effect id or marker, or None where it is not one of ours."""
    head, dot, _ = effect.partition(".")
    return head.removeprefix("hw-") if dot and head.startswith("hw-") and len(head) > 3 else None


class HostItem(Struct, frozen=True):
    """`host` is asked for, or has accepted, the hosting of one occurrence. `lines` are what the invitation gains on acceptance:
    decision level, do-not-decide list, escalation. `paired_with` is the senior beside a newcomer."""

    id: str
    absence_id: str
    key: OccurrenceKey
    summary: str
    span: Interval
    meeting_id: str
    host: str
    host_name: str
    host_address: str
    state: Literal["asked", "accepted"]
    lines: tuple[str, ...] = ()
    paired_with: str = ""
    decline_leader: bool = False
    leader_address: str = ""
    chain: tuple[str, ...] = ()  # addresses of those who are asked next if the host declines; for the plan only


BlockPurpose = Literal["make-up", "wrap-up", "re-entry", "debrief", "mentor", "out-of-office"]


class BlockItem(Struct, frozen=True):
    """A whole event of ours. Without attendees, always."""

    id: str
    absence_id: str
    calendar_id: str
    purpose: BlockPurpose
    ordinal: str
    span: Interval
    zone: str
    summary: str
    description: str = ""
    private: bool = True


Declining = Literal["none", "new", "all"]


class OutOfOfficeItem(BlockItem, frozen=True):
    """Google's own kind of entry over the whole of an absence. `declines`: which invitations at that time Google declines by
    itself: none, those that come from now on, or all. It never declines what the leader organizes."""

    declines: Declining = "new"


class ResponderText(Struct, frozen=True):
    audience: Literal["internal", "known", "unknown"]
    subject: str
    body: str


class ResponderItem(Struct, frozen=True):
    """The autoreply of one mailbox for one absence. `never` are addresses that get none (direct reports under coaching)."""

    id: str
    absence_id: str
    mail_id: str
    span: Interval
    texts: tuple[ResponderText, ...]
    days: int
    internal_domains: tuple[str, ...]
    known: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    own: tuple[str, ...] = ()


class HoldItem(Struct, frozen=True):
    """The inbox of one mailbox is held over `span`, save for the openings. What always passes is decided per message."""

    id: str
    absence_id: str
    mail_id: str
    span: Interval
    mode: Literal["client", "server", "sync"]


# The span of a hold that has no end (`inbox.when = "always"`).
ALWAYS = Interval(datetime(2000, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC))

MailPurpose = Literal["ask", "withdrawn", "brief", "digest", "mentor", "coaching"]


class MailItem(Struct, frozen=True):
    """One message, sent once. The Message-ID is derived from `id`. `html` and `calendar` are alternatives or attachments."""

    id: str
    absence_id: str
    mail_id: str
    purpose: MailPurpose
    to: tuple[str, ...]
    subject: str
    body: str
    html: str = ""
    calendar: str = ""
    in_reply_to: str = ""
    due: datetime | None = None


Item = HostItem | BlockItem | ResponderItem | HoldItem | MailItem
