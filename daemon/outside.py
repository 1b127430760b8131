"""Wires the configured calendars and mailboxes to their backends. The only place that knows which class serves which kind; the
rest of the daemon sees the Protocols of `integrations.ports`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from integrations.ports import Calendar, Mailbox, Outbox, Responder, SyncCommand
from rules.gazetteer import Gazetteer
from rules.policy import CalendarConfig, MailConfig, Policy

if TYPE_CHECKING:
    from daemon.paths import Paths


@dataclass(frozen=True, slots=True)
class Outside:
    """Everything homeward talks to, by id from the config."""

    places: Gazetteer
    calendars: dict[str, Calendar] = field(default_factory=dict)
    mailboxes: dict[str, Mailbox] = field(default_factory=dict)
    responders: dict[str, Responder] = field(default_factory=dict)
    outboxes: dict[str, Outbox] = field(default_factory=dict)
    sync: SyncCommand | None = None
