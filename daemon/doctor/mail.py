"""The mailboxes, the autoreplies, and what was left behind in either."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta

from daemon.cli import source
from daemon.doctor.finding import Finding, broken
from daemon.session import Session
from integrations.errors import OutsideError
from integrations.ports import Responder
from rules.interval import Interval

_SEND = 'outbox = "~/Maildir/.Drafts", or sendmail = ["/usr/sbin/sendmail", "-t", "-i"]'


def mailboxes(session: Session) -> Iterator[Finding]:
    if not session.policy.mail:
        yield Finding("remark", "no mail is configured: no inbox is held, no autoreply set", "add a [[mail]] to the config")
    at_google = {account.id for account in session.policy.account if account.kind == "google"}
    gmail = {mail.id for mail in session.policy.mail if mail.account in at_google}
    for mail_id, mailbox in session.outside.mailboxes.items():
        try:
            arrived = mailbox.arrivals(session.clock.now() - timedelta(days=1))
            yield Finding("ok", f"mailbox {mail_id}: {len(arrived)} messages since yesterday, {len(mailbox.held())} held")
        except OutsideError as error:
            yield broken(f"mailbox {mail_id}", error, "" if mail_id in gmail else "correct it in the config")
    for config in session.policy.mail:
        if config.id not in session.outside.outboxes:
            because = f"mailbox {config.id} cannot send: briefs and requests are only shown"
            yield Finding("remark", because, _SEND if config.account == "local" else 'smtp = "…" for its [[account]]')
    coached = any(mail.id not in gmail for mail in session.policy.mail)  # nobody is coached at Google
    if session.policy.coaching.enabled and coached and not session.policy.coaching.authserv_id:
        yield Finding("remark", "nobody is coached: senders cannot be proved", "authserv_id in [coaching]")


def autoreplies(session: Session) -> Iterator[Finding]:
    for mail_id, responder in session.outside.responders.items():
        try:
            yield from _autoreply(session, mail_id, responder)
        except OutsideError as error:
            yield broken(f"autoreply of {mail_id}", error, "")


def _autoreply(session: Session, mail_id: str, responder: Responder) -> Iterator[Finding]:
    reading = responder.read()
    yield Finding("ok", f"autoreply of {mail_id}: {reading.words}")
    ledger = source.memory(session)
    standing = ledger.standing() if ledger else {}
    ours = {effect_id for effect_id, stands in standing.items() if stands.state == "done"}
    if reading.enabled and reading.marker not in ours and not reading.marker:
        yield Finding("remark", f"an autoreply of your own is on in {mail_id}", "switch it off if it was forgotten")
    elif reading.marker and reading.marker not in ours and reading.marker != "hold":
        yield Finding("broken", f"an autoreply of homeward is on in {mail_id} that the ledger does not know", "homeward pass")


def synchronisation(session: Session) -> Iterator[Finding]:
    command = session.policy.inbox.sync_command
    if session.policy.inbox.mode == "sync" and command and not shutil.which(command[0]):
        yield Finding("broken", f"the sync command {command[0]} is not installed", "correct [inbox] sync_command")


def leftovers(session: Session) -> Iterator[Finding]:
    """A hold that outlives its absence."""
    now = session.clock.now()
    day = Interval(now - timedelta(days=1), now + timedelta(days=1))
    ledger = source.memory(session)
    away = any(absence.span.overlaps(day) for absence in ledger.absences()) if ledger else False
    for mail_id, mailbox in session.outside.mailboxes.items():
        with suppress(OutsideError):  # it was told above
            held = 0 if away else len(mailbox.held())
            if held:
                yield Finding("broken", f"{held} messages are held in {mail_id} though you are here", "homeward pass")
