"""Everything outside that the config names, by its id, as the Protocols of `integrations.ports`: what the rest of the daemon
works with. Which class serves which kind is for `daemon.connect`."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, TypeVar

from msgspec import Struct, field

from integrations.errors import OutsideError, Permanent
from integrations.gnome_banners import GnomeBanners
from integrations.ports import Calendar, Mailbox, Outbox, Responder, SyncCommand
from rules.gazetteer import Gazetteer

if TYPE_CHECKING:
    from daemon.accounts import Account

T = TypeVar("T")


class Outside(Struct, frozen=True):
    """Everything homeward talks to, by id from the config. `accounts` are those on servers."""

    places: Gazetteer
    calendars: dict[str, Calendar] = field(default_factory=dict)
    mailboxes: dict[str, Mailbox] = field(default_factory=dict)
    responders: dict[str, Responder] = field(default_factory=dict)
    outboxes: dict[str, Outbox] = field(default_factory=dict)
    sync: SyncCommand | None = None
    accounts: dict[str, Account] = field(default_factory=dict)
    banners: GnomeBanners = field(default_factory=lambda: GnomeBanners(os.environ))

    @property
    def signed_out(self) -> tuple[str, ...]:
        """Accounts whose server did not take the login, as far as it was tried."""
        return tuple(account.id for account in self.accounts.values() if account.refused)

    @property
    def resting(self) -> frozenset[str]:
        """The words of those accounts that are spared in this pass: what is not known of them is no failure."""
        return frozenset(account.rest for account in self.accounts.values() if account.rest)

    def close(self) -> None:
        """End the connections that are open. What is used again afterwards connects again."""
        for backends in (self.calendars, self.mailboxes, self.responders, self.outboxes):
            for backend in backends.values():
                close = getattr(backend, "close", None)
                if close is not None:
                    with suppress(OutsideError):
                        close()

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
