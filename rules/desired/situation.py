"""Everything that the desired state depends on. `writable` and `schedules` are calendar ids. By person id: `away`, when they
are away. By absence id: `first_seen`, `mentors` (junior → mentor so far). By mailbox id: `mail`, and `known`, whom the
leader knows. `outcomes`: effect id of a block → kept. Both stay as is: `unread` calendars, which cannot be read now, and
`unseen` ids of things of ours that may well stand there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from msgspec import Struct, field

from rules.interval import Interval
from rules.items import Item
from rules.model import Absence, Assignment, Occurrence, Place, SetTurn, Turn
from rules.plan import Question, Skipped, Standing
from rules.policy import Policy


class MailTraits(Struct, frozen=True):
    """What a mailbox can do: keep mail out of the inbox, reply, send; whether its autoreply can leave addresses out and tell its
    three audiences apart."""

    holds: bool = False
    replies: bool = False
    sends: bool = False
    excludes: bool = False
    three_audiences: bool = False


NOTHING = MailTraits()


class Situation(Struct, frozen=True, kw_only=True):
    """Everything that the desired state depends on. `writable` and `schedules` are calendar ids. By person id: `away`, when they
    are away. By absence id: `first_seen`, `mentors` (junior → mentor so far). By mailbox id: `mail`, and `known`, whom the
    leader knows. `outcomes`: effect id of a block → kept. Both stay as is: `unread` calendars, which cannot be read now, and
    `unseen` ids of things of ours that may well stand there."""

    now: datetime
    policy: Policy
    home: Place
    holidays: frozenset[date] = frozenset()
    absences: tuple[Absence, ...] = ()
    occurrences: tuple[Occurrence, ...] = ()
    away: Mapping[str, Sequence[Interval]] = field(default_factory=dict)
    assignments: tuple[Assignment, ...] = ()
    turns: tuple[Turn, ...] = ()
    standing: Mapping[str, Standing] = field(default_factory=dict)
    first_seen: Mapping[str, datetime] = field(default_factory=dict)
    writable: frozenset[str] = frozenset()
    schedules: frozenset[str] = frozenset()
    unread: frozenset[str] = frozenset()
    unseen: frozenset[str] = frozenset()
    mail: Mapping[str, MailTraits] = field(default_factory=dict)
    known: Mapping[str, Sequence[str]] = field(default_factory=dict)
    mentors: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    outcomes: Mapping[str, bool] = field(default_factory=dict)
    turns_set: tuple[SetTurn, ...] = ()

    def coaches(self, mail_id: str) -> bool:
        """Only where the sender can be proved, something sends, and nobody gets the autoreply as well."""
        coaching, mail = self.policy.coaching, self.mail.get(mail_id, NOTHING)
        twice = mail.replies and not mail.excludes and self.policy.responder.enabled
        return coaching.enabled and bool(coaching.authserv_id) and mail.sends and not twice


class Desired(Struct, frozen=True):
    """`reasons` maps item and absence ids to words. `foreseen`: absence id → addresses that may hear of it later."""

    items: tuple[Item, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    gaps: tuple[Skipped, ...] = ()
    questions: tuple[Question, ...] = ()
    later: tuple[Skipped, ...] = ()
    reasons: Mapping[str, str] = field(default_factory=dict)
    foreseen: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


# What an absence with this action may bring about. Private-only: reversible, and nobody else hears of it.
PRIVATE: frozenset[str] = frozenset({"act", "private-only"})


class Gathered(Struct):
    """Filled by the functions below, one absence after the other."""

    items: list[Item] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    gaps: list[Skipped] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    later: list[Skipped] = field(default_factory=list)
    reasons: dict[str, str] = field(default_factory=dict)
    foreseen: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def add(self, absence: Absence, what: str, found: Item | Skipped | None) -> None:
        if isinstance(found, Skipped):
            self.skipped.append(Skipped(found.what or what, found.because, absence.id))
        elif found is not None:
            self.items.append(found)


def sender_of(s: Situation) -> str | None:
    return next((mail.id for mail in s.policy.mail if s.mail.get(mail.id, NOTHING).sends), None)


def went_out(s: Situation, effect: str) -> bool:
    return effect in s.standing and s.standing[effect].state in ("done", "unknown")
