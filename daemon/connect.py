"""Wires the configured calendars and mailboxes to their backends. The only file that knows which class serves which kind; the
rest sees the Protocols of `integrations.ports`. Each backend is imported only where the config has one."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from daemon.clock import Clock
from daemon.outside import Outside
from daemon.paths import Paths, private_folder
from integrations.places import Places
from integrations.ports import Calendar, Mailbox, Outbox, Responder, SyncCommand
from rules.policy import CalendarConfig, MailConfig, Policy


def connect(policy: Policy, paths: Paths, clock: Clock, *, stateless: bool = False) -> Outside:
    """Nothing is opened yet: what cannot be reached says so when it is used. A stateless session writes no cache."""
    cache = None if stateless else paths.cache
    return Outside(
        places=_places(),
        calendars={c.id: _calendar(c, policy, cache, clock) for c in policy.calendar if c.role != "ignore"},
        mailboxes={m.id: _mailbox(m) for m in policy.mail if m.path},
        responders={m.id: _responder(m, clock) for m in policy.mail if m.sieve},
        outboxes={m.id: box for m in policy.mail if (box := _outbox(m, paths)) is not None},
        sync=_sync(policy),
    )


@cache
def _places() -> Places:
    """One for the process: it fills itself as it is asked."""
    return Places()


def _calendar(config: CalendarConfig, policy: Policy, cache: Path | None, clock: Clock) -> Calendar:
    zone = policy.me.home_zone
    if config.url:
        from integrations.calendar_feed import CalendarFeed

        folder = private_folder(cache / "feeds") if cache else None
        return CalendarFeed(config.id, config.role, config.url, zone, folder, allow_private=config.allow_private_address)
    from integrations.calendar_folder import CalendarFile, CalendarFolder
    from integrations.remembered import Memory

    path = Path(config.path).expanduser()
    kind = CalendarFile if path.is_file() or path.suffix == ".ics" else CalendarFolder
    memory = Memory(cache / "readings.db") if cache else None
    return kind(config.id, config.role, path, zone, clock.now, read_only=config.read_only, memory=memory)


def _mailbox(config: MailConfig) -> Mailbox:
    from integrations.maildir import Maildir

    return Maildir(config.id, Path(config.path).expanduser(), config.held_folder, server_hold=config.hold == "server")


def _responder(config: MailConfig, clock: Clock) -> Responder:
    from integrations.sieve_file import SieveFile

    active = Path(config.sieve).expanduser()
    folder = Path(config.sieve_folder).expanduser() if config.sieve_folder else active.parent / "sieve"
    return SieveFile(active, folder, clock.now, config.held_folder)


def _outbox(config: MailConfig, paths: Paths) -> Outbox | None:
    from integrations.outbox import DraftsOutbox, SendmailOutbox

    if config.sendmail:
        return SendmailOutbox(config.sendmail, private_folder(paths.state / "sent"))
    if config.outbox:
        return DraftsOutbox(Path(config.outbox).expanduser(), private_folder(paths.state / "sent"))
    return None


def _sync(policy: Policy) -> SyncCommand | None:
    if policy.inbox.mode != "sync":
        return None
    from integrations.sync_command import CommandSync, UnitSync

    return UnitSync(policy.inbox.sync_unit) if policy.inbox.sync_unit else CommandSync(policy.inbox.sync_command)
