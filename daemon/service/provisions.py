"""Gets together what the watch over servers needs (addresses, names, secrets) and becomes it, so that what is needed to find that
(config, keyring) does not stay in memory: `python -m daemon.service.provisions CONFIG STATE EVERY MAIL...`"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from typing import Any, NoReturn

from daemon.accounts import Account
from daemon.service.last_good import settle
from daemon.session import Session
from integrations.errors import OutsideError
from rules.policy import CalendarConfig, MailConfig

_MOST = 60_000  # bytes: what a pipe holds before anybody reads


def main(config: str, state: str, every: str, *at_once: str) -> int:
    session = Session.open(config or None, state or None, os.environ)
    try:
        settle(session)
        found = provisions(session, float(every), at_once)
    except OutsideError:
        return 1  # the next pass says what is wrong
    _become(json.dumps(found).encode())


def provisions(session: Session, every: float, at_once: tuple[str, ...]) -> dict[str, Any]:
    """For `daemon.service.lookout`. OutsideError where an account is not to be entered now."""
    return {
        "state": str(session.paths.state),
        "every": every,
        "calendars": list(_calendars(session)) if every else [],
        "mailboxes": list(_mailboxes(session, every, at_once)),
    }


def _calendars(session: Session) -> Iterator[dict[str, Any]]:
    from daemon.connect import dav_server

    for calendar in calendars(session):
        account = session.outside.accounts[calendar.account]
        start = dav_server(calendar, account)
        yield {"href": calendar.collection, "server": start, **_login(account)}


def _mailboxes(session: Session, every: float, at_once: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    for mail in mailboxes(session):
        if every or mail.id in at_once:
            account = session.outside.accounts[mail.account]
            held = {"held": mail.held_folder, "server_hold": mail.hold == "server", "at_once": mail.id in at_once}
            yield {"id": mail.id, "server": account.config.imap, **held, **_login(account)}


def _login(account: Account) -> dict[str, Any]:
    secret = account.ask("watch", account.credentials.secret)
    return {"user": account.config.user, "auth": account.config.auth, "secret": secret, "ca_file": account.config.ca_file}


def _become(found: bytes) -> NoReturn:
    """The secrets go through a pipe, which nobody else can read, and are not seen in commands."""
    if len(found) > _MOST:
        sys.exit(1)
    reading, writing = os.pipe()
    os.write(writing, found)
    os.close(writing)
    os.set_inheritable(reading, True)
    os.execv(sys.executable, [sys.executable, "-P", "-m", "daemon.service.lookout", str(reading)])


# --- what can be watched ----------------------------------------------------------------------------------------------


def calendars(session: Session) -> list[CalendarConfig]:
    kinds = {account.id: account.kind for account in session.policy.account}
    return [c for c in session.policy.calendar if c.collection and c.role != "ignore" and kinds[c.account] == "caldav"]


def mailboxes(session: Session) -> list[MailConfig]:
    kinds = {account.id: account.kind for account in session.policy.account}
    return [mail for mail in session.policy.mail if kinds.get(mail.account) == "imap"]


def all_can_be_watched(session: Session) -> bool:
    """Whether a watch sees whatever a pass reads from servers: calendars by CalDAV and mail by IMAP, not feeds nor Google."""
    remote = [c for c in session.policy.calendar if (c.collection or c.url) and c.role != "ignore"]
    posts = [mail for mail in session.policy.mail if mail.account in session.outside.accounts]
    return len(calendars(session)) == len(remote) and len(mailboxes(session)) == len(posts)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
