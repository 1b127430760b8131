"""Wires the configured calendars and mailboxes to their backends. The only place that knows which class serves which kind; the
rest of the daemon sees the Protocols of `integrations.ports`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from integrations.errors import Permanent
from integrations.ports import Calendar, Mailbox, Outbox, Responder, SyncCommand
from rules.gazetteer import Gazetteer

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Outside:
    """Everything homeward talks to, by id from the config."""

    places: Gazetteer
    calendars: dict[str, Calendar] = field(default_factory=dict)
    mailboxes: dict[str, Mailbox] = field(default_factory=dict)
    responders: dict[str, Responder] = field(default_factory=dict)
    outboxes: dict[str, Outbox] = field(default_factory=dict)
    sync: SyncCommand | None = None

    def calendar(self, calendar_id: str) -> Calendar:
        return _configured(self.calendars, calendar_id, "calendar")

    def mailbox(self, mail_id: str) -> Mailbox:
        return _configured(self.mailboxes, mail_id, "mailbox")

    def responder(self, mail_id: str) -> Responder:
        return _configured(self.responders, mail_id, "autoreply")

    def outbox(self, mail_id: str) -> Outbox:
        return _configured(self.outboxes, mail_id, "way to send mail")


def _configured(things: Mapping[str, T], wanted: str, what: str) -> T:
    """Permanent where the config no longer has it: what was written there cannot be reached any more."""
    if wanted not in things:
        raise Permanent(f"the config has no {what} “{wanted}” any more; put it back, or say what to do by `homeward undo`")
    return things[wanted]
