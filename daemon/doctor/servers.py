"""The accounts on servers: can they be entered, what can be done there, until when are certificates good, do the clocks agree."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta
from urllib.parse import urlsplit

from daemon.accounts import Account
from daemon.doctor.finding import Finding
from daemon.servers import DEFAULT_SCHEMES, Service, Told, ask_servers
from daemon.session import Session
from integrations.errors import AuthExpired, OutsideError, Permanent, Temporary
from integrations.login import Server
from integrations.server_facts import WebFacts, certificate_ends, see_web
from rules.policy import AccountConfig, MailConfig

_SOON = timedelta(days=14)  # most renew themselves thirty days before: whatever is left now was forgotten
_MOST_APART = timedelta(seconds=60)
_KEYS: dict[Service, str] = {"calendars": "url", "imap": "imap", "smtp": "smtp", "managesieve": "managesieve"}


def servers(session: Session) -> Iterator[Finding]:
    used = {calendar.account for calendar in session.policy.calendar if calendar.id in session.outside.calendars}
    for account in session.outside.accounts.values():
        if account.config.kind == "google":
            continue  # it has a room of its own
        entered = []
        for told in ask_servers(account.config, account.login()):
            yield _entered(told, account, account.id in used)
            if isinstance(told.error, AuthExpired):
                account.refuse(told.error)
            if told.error is None:
                account.accept()
                entered.append(told)
        yield from _once(finding for told in entered for finding in _seen(told, account.config, session))
        yield from _mail(entered, account.config, session)


def _entered(told: Told, account: Account, used: bool) -> Finding:
    """`used`: a calendar of the config is there."""
    where = f"account {account.id}, {told.address}"
    if told.error is None:
        first, *more = told.words or ("signed in",)
        return Finding("ok", f"{where}: {first.removeprefix(f'{told.address}: ')}", "", tuple(more))
    if told.service == "calendars" and isinstance(told.error, Permanent) and used:
        # Some servers give a calendar to whoever knows its address, and tell nobody where it is: below it is seen.
        return Finding("remark", f"{where}: {told.error.what}", "what counts is whether its calendars can be read, below")
    return Finding("broken", f"{where}: {told.error.what}", _what_to_type(told, account))


def _what_to_type(told: Told, account: Account) -> str:
    if isinstance(told.error, AuthExpired):
        return account.what_to_type()
    if isinstance(told.error, Temporary):
        return f"is the network there? Then: homeward auth check {account.id}"
    return f"correct {_KEYS[told.service]} of this [[account]], or what the words name; then: homeward auth check {account.id}"


# --- certificates and clocks ------------------------------------------------------------------------------------------


def _once(found: Iterable[Finding]) -> Iterator[Finding]:
    """Several ports of one host have one certificate."""
    told: set[str] = set()
    for finding in found:
        if finding.what not in told:
            told.add(finding.what)
            yield finding


def _seen(told: Told, account: AccountConfig, session: Session) -> Iterator[Finding]:
    """What was entered a moment ago and does not answer now is told the next time."""
    try:
        seen = _look(told, account)
    except OutsideError:
        return
    now = session.clock.now()
    if seen.certificate_ends is not None and seen.certificate_ends - now < _SOON:
        what = f"the certificate of {_host(told)} ends on {seen.certificate_ends:%d %b %Y}"
        yield Finding("remark", what, "whoever runs that server has to renew it")
    if seen.clock is not None and abs(seen.clock - now) > _MOST_APART:
        seconds = (seen.clock - now).total_seconds()
        apart = f"{abs(seconds) / 60:.0f} min" if abs(seconds) >= 120 else f"{abs(seconds):.0f} s"
        what = f"the clock of this machine is {apart} {'behind' if seconds > 0 else 'ahead of'} that of {_host(told)}"
        yield Finding("broken", what, "windows and autoreplies go by the clock. Set it: timedatectl set-ntp true")


def _host(told: Told) -> str:
    if told.calendars is not None:
        return urlsplit(told.calendars.server).hostname or told.address
    return Server.parse(told.address, DEFAULT_SCHEMES[told.service]).host


def _look(told: Told, account: AccountConfig) -> WebFacts:
    if told.calendars is not None:
        return see_web(told.calendars.server, account.ca_file)
    server = Server.parse(told.address, DEFAULT_SCHEMES[told.service])
    return WebFacts(certificate_ends(server, account.ca_file), None)


# --- mail -------------------------------------------------------------------------------------------------------------


def _mail(entered: list[Told], account: AccountConfig, session: Session) -> Iterator[Finding]:
    for config in session.policy.mail:
        if config.account == account.id:
            yield from _folders(entered, config)
            yield from _sieve(entered, config, account)


def _folders(entered: list[Told], config: MailConfig) -> Iterator[Finding]:
    facts = next((told.imap for told in entered if told.imap), None)
    if facts is None:
        return
    if config.held_folder == "Held":
        there = facts.held_path in facts.folders
        yield Finding(
            "ok", f"mailbox {config.id}: what is held {'waits' if there else 'will wait'} in the folder {facts.held_path}"
        )
    if config.sent_folder and config.sent_folder not in facts.folders:
        some = ", ".join(facts.folders[:12])
        yield Finding("broken", f"mailbox {config.id} has no folder {config.sent_folder}", f"sent_folder = one of: {some}")


def _sieve(entered: list[Told], config: MailConfig, account: AccountConfig) -> Iterator[Finding]:
    if not account.managesieve:
        what = f"no Sieve for {config.id}: homeward sets no autoreply there, and mail is held by this machine"
        yield Finding(
            "remark", what, 'managesieve = "…" for its [[account]], if the server has it; else set the autoreply yourself'
        )
        return
    facts = next((told.sieve for told in entered if told.sieve), None)
    if facts is not None and config.hold == "server" and not facts.holds:
        yield Finding("broken", f"the Sieve script of {config.id} cannot hold mail there", 'hold = "client" in its [[mail]]')
