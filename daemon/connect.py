"""Wires the configured calendars and mailboxes to their backends. The only file that knows which class serves which kind; the
rest sees the Protocols of `integrations.ports`. Each backend is imported only where the config has one."""

from __future__ import annotations

from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from daemon.clock import Clock
from daemon.outside import Outside
from daemon.paths import Paths, private_folder
from integrations.places import Places
from integrations.ports import Calendar, Mailbox, Outbox, Responder, SyncCommand
from rules.policy import CalendarConfig, MailConfig, Policy

if TYPE_CHECKING:
    from daemon.accounts import Account
    from daemon.google_account import GoogleAccount
    from integrations.imap import ImapMailbox

_FRESH = timedelta(seconds=30)  # a pass looks at the same mailbox several times


def connect(policy: Policy, paths: Paths, clock: Clock, *, stateless: bool = False) -> Outside:
    """Nothing is opened yet: what cannot be reached says so when it is used. A stateless session writes no cache."""
    cache = None if stateless else paths.cache
    accounts = _accounts(policy, clock, None if stateless else paths.state)
    outside = Outside(
        places=_places(),
        calendars={c.id: _calendar(c, policy, accounts, cache, clock) for c in policy.calendar if c.role != "ignore"},
        mailboxes={m.id: _mailbox(m) for m in policy.mail if m.path},
        responders={m.id: _responder(m, clock) for m in policy.mail if m.sieve},
        outboxes={m.id: box for m in policy.mail if (box := _outbox(m, paths)) is not None},
        sync=_sync(policy),
        accounts=accounts,
    )
    for mail in policy.mail:
        if mail.account in accounts:
            wire = _gmail if accounts[mail.account].config.kind == "google" else _mail_server
            wire(mail, accounts[mail.account], outside, paths, clock)
    return outside


def _accounts(policy: Policy, clock: Clock, state: Path | None) -> dict[str, Account]:
    if all(account.kind == "local" for account in policy.account):
        return {}
    from daemon.accounts import accounts_of

    return accounts_of(policy, clock, state)


@cache
def _places() -> Places:
    """One for the process: it fills itself as it is asked."""
    return Places()


def _calendar(
    config: CalendarConfig, policy: Policy, accounts: dict[str, Account], cache: Path | None, clock: Clock
) -> Calendar:  # fmt: skip
    zone = policy.me.home_zone
    if config.collection:
        if accounts[config.account].config.kind == "google":
            return _at_google(config, accounts[config.account], zone, cache, clock)
        return _on_server(config, accounts[config.account], zone, cache, clock)
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


def _on_server(config: CalendarConfig, account: Account, zone: str, cache: Path | None, clock: Clock) -> Calendar:
    from integrations.caldav import CalDavCalendar

    calendar: Calendar = CalDavCalendar(
        config.id, config.role, config.collection, dav_server(config, account), account.login(), zone, clock.now,
        read_only=config.read_only, cache_folder=private_folder(cache) if cache else None, ca_file=account.config.ca_file,
    )  # fmt: skip
    return account.watched(calendar, "calendars")


def dav_server(config: CalendarConfig, account: Account) -> str:
    """An e-mail address only leads to the server; the config then has whole addresses (daemon.config.stores)."""
    return config.collection if "@" in account.config.url else account.config.url


def _at_google(config: CalendarConfig, account: Account, zone: str, cache: Path | None, clock: Clock) -> Calendar:
    from integrations.google_calendar import GoogleCalendar

    google = _google(account)
    calendar: Calendar = GoogleCalendar(
        config.id, config.role, google.api, config.collection, _in_cache(account), zone, clock.now,
        read_only=config.read_only, cache_folder=private_folder(cache) if cache else None,
    )  # fmt: skip
    return account.watched(calendar, "calendar", "capabilities")


def _google(account: Account) -> GoogleAccount:
    from daemon.google_account import GoogleAccount

    assert isinstance(account, GoogleAccount)
    return account


def _in_cache(account: Account) -> str:
    """What one user's calendar and mail are remembered under: never shown to another who signs in."""
    return f"{account.id} {account.config.user} {account.config.subject}".rstrip()


def _gmail(config: MailConfig, account: Account, outside: Outside, paths: Paths, clock: Clock) -> None:
    from integrations.google_mailbox import GoogleMailbox
    from integrations.google_outbox import GoogleOutbox
    from integrations.google_responder import GoogleResponder

    api, name, server_hold = _google(account).api, _in_cache(account), config.hold == "server"
    mailbox: Mailbox = GoogleMailbox(
        config.id, api, name, clock.now,
        held_label=config.held_folder, server_hold=server_hold, cache_folder=private_folder(paths.cache), fresh_for=_FRESH,
    )  # fmt: skip
    responder: Responder = GoogleResponder(
        config.id, api, name, clock.now, private_folder(paths.state / "google"),
        held_label=config.held_folder, server_hold=server_hold,
    )  # fmt: skip
    outbox: Outbox = GoogleOutbox(api, private_folder(paths.state / "sent"))
    outside.mailboxes[config.id] = account.watched(mailbox, "gmail", "capabilities")
    outside.responders[config.id] = account.watched(responder, "gmail")
    outside.outboxes[config.id] = account.watched(outbox, "gmail")


def _mailbox(config: MailConfig) -> Mailbox:
    from integrations.maildir import Maildir

    return Maildir(config.id, Path(config.path).expanduser(), config.held_folder, server_hold=config.hold == "server")


def _mail_server(config: MailConfig, account: Account, outside: Outside, paths: Paths, clock: Clock) -> None:
    """The mailbox files the copies of what is sent, so that both need one connection."""
    from integrations.imap import ImapMailbox
    from integrations.login import Server

    ca_file, state = account.config.ca_file, private_folder(paths.state / "imap")
    server = Server.parse(account.config.imap, "imaps")
    mailbox = ImapMailbox(
        config.id, server, account.login(), config.held_folder,
        ca_file=ca_file, server_hold=config.hold == "server", state_folder=state, sent_folder=config.sent_folder,
    )  # fmt: skip
    watched: Mailbox = mailbox
    outside.mailboxes[config.id] = account.watched(watched, "imap", "capabilities")
    if account.config.smtp:
        outside.outboxes[config.id] = account.watched(_submission(account, mailbox, paths), "smtp")
    if account.config.managesieve:
        from integrations.sieve_server import SieveServer

        sieve = Server.parse(account.config.managesieve, "sieve")
        responder: Responder = SieveServer(
            sieve, account.login(), clock.now, config.held_folder, ca_file=ca_file, held_path=mailbox.held_path
        )
        outside.responders[config.id] = account.watched(responder, "managesieve")


def _submission(account: Account, mailbox: ImapMailbox, paths: Paths) -> Outbox:
    from integrations.login import Server
    from integrations.smtp import SmtpOutbox

    server = Server.parse(account.config.smtp, "smtps")
    records = private_folder(paths.state / "sent")
    return SmtpOutbox(server, account.login(), records, ca_file=account.config.ca_file, copies=mailbox.sent)


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
