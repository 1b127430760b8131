"""The accounts at Google: signed in, with what rights, what Gmail can and cannot do; and, where the user asks for it, whether
Google does as homeward expects."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from daemon.cli import source
from daemon.doctor.finding import Finding, broken
from daemon.google_account import GoogleAccount
from daemon.google_facts import ask_google
from daemon.session import Session
from integrations.caldav_discovery import FoundCalendar
from integrations.errors import AuthExpired, OutsideError, Permanent, Unsupported
from rules.desired.out_of_office import is_primary
from rules.policy import CalendarConfig, MailConfig

_ONE_TEXT = (
    "Gmail has one text for everybody: the one for people you do not know, which gives the least away",
    "Gmail's autoreply cannot leave anybody out: nobody is coached there",
)
_BY_FILTER = (
    "the filter at Gmail that holds mail has no end of its own: a pass without an absence takes it away, so let homeward run",
)
_UNLIKE = "homeward goes by this. Please report it, with this line; until then look twice at what it does there"


def accounts(session: Session) -> Iterator[Finding]:
    for account in _at_google(session):
        told = ask_google(account)
        where = f"account {account.id}, Google"
        if told.error is None:
            first, *more = told.words
            yield Finding("ok", f"{where}: {first}", "", tuple(more))
            yield from _twice(session, account, told.calendars.calendars if told.calendars else ())
            yield from _mail(session, account)
        elif isinstance(told.error, Permanent) and not isinstance(told.error, AuthExpired):
            yield broken(where, told.error, f"then: homeward auth check {account.id}")
        else:
            yield broken(where, told.error, "is the network there? Then: homeward doctor")


def _twice(session: Session, account: GoogleAccount, there: Iterable[FoundCalendar]) -> Iterator[Finding]:
    """Where the config does not say who the user is, only Google knows which address is "primary"."""
    for each in there:
        same = [c.id for c in session.policy.calendar if c.account == account.id and c.collection in (each.href, each.also)]
        if len(same) > 1:
            what = f"calendars {' and '.join(same)}: the same calendar at Google, read and written twice"
            yield Finding("broken", what, f'leave one of them in the config; that of {each.also} is "primary"')


def _at_google(session: Session) -> Iterator[GoogleAccount]:
    for account in session.outside.accounts.values():
        if isinstance(account, GoogleAccount):
            yield account


# --- mail -------------------------------------------------------------------------------------------------------------


def _mail(session: Session, account: GoogleAccount) -> Iterator[Finding]:
    for config in session.policy.mail:
        if config.account == account.id:
            more = _ONE_TEXT + (_BY_FILTER if config.hold == "server" else ())
            held = "the label" if config.hold == "client" else "a filter and the label"
            yield Finding("ok", f"mailbox {config.id}: mail is held by {held} {config.held_folder}", "", more)
            yield from _filters(session, account, config)


def _filters(session: Session, account: GoogleAccount, config: MailConfig) -> Iterator[Finding]:
    from integrations.google_responder import standing_filters

    try:
        count = account.ask("gmail", standing_filters, account.api, config.held_folder)
    except OutsideError as error:
        yield broken(f"filters of {config.id}", error, "")
        return
    if not count:
        return
    what = (
        f"{count} filter{'' if count == 1 else 's'} of homeward at Gmail hold{'s' if count == 1 else ''} mail of {config.id} now"
    )
    if _is_away(session):
        yield Finding("remark", what, "it stands until the next pass in which nothing is to be held")
    else:
        yield Finding("broken", f"{what}, though you are here", "homeward pass")


def _is_away(session: Session) -> bool:
    ledger = source.memory(session)
    now = session.clock.now()
    return any(absence.span.start <= now < absence.span.end for absence in ledger.absences()) if ledger else False


# --- trying it out ----------------------------------------------------------------------------------------------------


def live(session: Session) -> Iterator[Finding]:
    """Writes marked events into the past and takes them away again; of mail it only reads."""
    from integrations.google_self_check import check_calendar, check_mail, check_out_of_office

    there = list(_at_google(session))
    if not there:
        yield Finding("remark", "there is no account at Google to try out", "homeward init --google CLIENT_FILE")
    for account in there:
        if calendar := _writable(session, account):
            now = session.clock.now()
            yield from _tried(account, calendar.id, lambda: check_calendar(account.api, calendar.collection, now))  # noqa: B023
        if primary := _with_entries(session, account):
            now = session.clock.now()
            yield from _tried(account, primary.id, lambda: check_out_of_office(account.api, primary.collection, now))  # noqa: B023
        for mail in session.policy.mail:
            if mail.account == account.id:
                yield from _tried(account, mail.id, lambda: check_mail(account.api))  # noqa: B023


def _writable(session: Session, account: GoogleAccount) -> CalendarConfig | None:
    """A calendar of the user's own there, that homeward may write to."""
    ours = (config for config in session.policy.calendar if config.account == account.id)
    return next((config for config in ours if config.role == "mine" and not config.read_only), None)


def _with_entries(session: Session, account: GoogleAccount) -> CalendarConfig | None:
    """Where out-of-office entries would be written, if they are wanted."""
    if not session.policy.out_of_office.enabled:
        return None
    ours = (config for config in session.policy.calendar if config.account == account.id)
    return next((config for config in ours if is_primary(config, session.policy)), None)


def _tried(account: GoogleAccount, where: str, check: Callable[[], Iterator[tuple[str, bool]]]) -> Iterator[Finding]:
    try:
        account.tokens.token()
        for what, good in check():
            yield Finding("ok", f"{where}: {what}") if good else Finding("broken", f"{where}: not so: {what}", _UNLIKE)
    except Unsupported as error:
        yield Finding("remark", f"{where}: {error.what}", "without them: enabled = false under [out_of_office] in the config")
    except AuthExpired as error:
        account.refuse(error)
        yield Finding("broken", f"{where}: {account.refused}")
    except OutsideError as error:
        yield broken(where, error, "what the check made was taken away again, or will be the next time")
