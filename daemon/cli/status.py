"""`homeward status`: one screen, from what the last pass saw. No calendar is read and nothing is written, so it is quick."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct

from daemon.cli.inbox_text import inboxes
from daemon.cli.screen import Line, show, show_json
from daemon.development import feedback_question, feedback_wanted
from daemon.family import balance_of
from daemon.mistakes import ConfigError
from daemon.quiet import quiet_of, wanting
from daemon.session import Session
from rules.answers import answer_due
from rules.asking import instead_of
from rules.explain import one_line, whereabouts_words
from rules.inbox import InboxState
from rules.items import HoldItem, HostItem, MailItem, ResponderItem
from rules.model import Absence, Assignment
from rules.place import whereabouts
from rules.plan import Standing
from rules.telling import at, hours, listed, printable, tell_reply

ABOUT = """Where you are, whether the inbox is held and until when, which autoreply is set, who hosts what and who has not
answered, gaps, questions to you, and what is owed to the family. It reads what the last pass saw, and no calendar."""
EXAMPLE = """Examples:
  homeward status
  homeward status --watch
  homeward status --json"""

_STALE = timedelta(hours=2)


def configure(parser: argparse.ArgumentParser) -> None:
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--json", action="store_true", help="for programs")
    how.add_argument("--watch", action="store_true", help="show it anew whenever it changes, until Ctrl-C")


class _Known(Struct, frozen=True):
    """What the ledger says. `absences` are those that the user has not called off, oldest first."""

    session: Session
    now: datetime
    absences: tuple[Absence, ...]
    standing: Mapping[str, Standing]
    inboxes: Mapping[str, tuple[InboxState, str]]

    @property
    def zone(self) -> str:
        return self.session.zone

    @property
    def ahead(self) -> list[Absence]:
        return [absence for absence in self.absences if absence.span.end > self.now]

    @property
    def current(self) -> Absence | None:
        """In progress, else the next."""
        sure = (absence for absence in self.ahead if absence.action in ("act", "private-only"))
        return min(sure, key=lambda a: (a.span.start, a.id), default=None)

    @property
    def hosts(self) -> list[HostItem]:
        items = (s.item for s in self.standing.values() if s.state == "done" and isinstance(s.item, HostItem))
        return sorted((item for item in items if item.span.end > self.now), key=lambda i: (i.span.start, i.id))


def run(session: Session, arguments: argparse.Namespace) -> int:
    if arguments.watch:
        return _watch(session)
    mistakes = _mistakes(session)
    if arguments.json:
        show_json({**_json(_known(session)), "mistakes": mistakes})
    else:
        show(_screen(session, mistakes))
    return 2 if mistakes else 0


def _watch(session: Session) -> int:
    from daemon.cli.watching import watch

    ledger, config = session.paths.state / "ledger.db", session.paths.config
    watch(lambda: _anew(session), (ledger, ledger.with_name("ledger.db-wal"), config))
    return 0


def _anew(session: Session) -> list[Line]:
    """The config and the ledger as they are now."""
    now = Session(session.paths, session.clock)
    try:
        return list(_screen(now, _mistakes(now)))
    finally:
        now.close()


def _screen(session: Session, mistakes: list[str]) -> Iterator[Line]:
    yield from _lines(_known(session))
    if mistakes:
        yield ("The config has a mistake, and the service goes on with the last good one:", "red")
        yield from mistakes


def _known(session: Session) -> _Known:
    now, standing = session.clock.now(), session.ledger.standing()
    absences = tuple(a for a in session.ledger.absences() if a.id not in _declined(session))
    return _Known(session, now, absences, standing, inboxes(session, standing, absences, now))


def _mistakes(session: Session) -> list[str]:
    """What is wrong with the config where the service works with the last good one; what stands there is shown then."""
    try:
        _ = session.policy
    except ConfigError as error:
        from daemon.service.last_good import fall_back

        return [f"  {printable(line, 300)}" for line in fall_back(session, error).splitlines()]
    return []


def _declined(session: Session) -> set[str]:
    latest = {said.absence_id: said.verb for said in session.ledger.said() if said.verb in ("confirm", "dismiss", "undo")}
    return {absence_id for absence_id, verb in latest.items() if verb in ("dismiss", "undo")}


def _lines(known: _Known) -> Iterator[Line]:
    if not known.session.ledger.get("last_pass") and not known.absences:
        yield ("No pass has been made yet, so nothing is known. To look: homeward plan. To begin: homeward apply", "yellow")
        return
    yield (whereabouts_words(whereabouts(known.current, known.now, known.zone)), "bold")
    for part in (_absences, _inboxes, _replies, _notices, _hosts, _gaps, _questions, _theirs, _family, _notes):
        yield from part(known)


def _labelled(label: str, lines: Iterable[Line]) -> Iterator[Line]:
    """The label before the first line only, and no more lines than a screen bears."""
    rows = list(lines)
    for index, line in enumerate(rows[:_MOST]):
        words, style = line if isinstance(line, tuple) else (line, "")
        yield (f"{'' if index else label:<11}{words}", style)
    if len(rows) > _MOST:
        yield (f"{'':<11}and {len(rows) - _MOST} more", "dim")


_MOST = 8  # lines of one kind


def _absences(known: _Known) -> Iterator[Line]:
    current = known.current
    others = [absence for absence in known.ahead if absence is not current and absence.action != "ask"]
    if current is not None:
        others.insert(0, current)
    return _labelled("Absences", [f"{one_line(a, known.zone, known.now.date())}  [{a.id}]" for a in others])


def _inboxes(known: _Known) -> Iterator[Line]:
    several = len(known.inboxes) > 1
    lines = [f"{f'{printable(mail)}: ' if several else ''}{words}" for mail, (_, words) in known.inboxes.items()]
    return _labelled("Inbox", lines or ["open"])


def _replies(known: _Known) -> Iterator[Line]:
    found = ((s.item, s.state) for s in known.standing.values() if isinstance(s.item, ResponderItem))
    lines = [_reply(item, state, known) for item, state in found]
    return _labelled("Autoreply", [line for line in lines if line] or ["none of ours"])


def _reply(item: ResponderItem, state: str, known: _Known) -> Line:
    if state == "adopted":
        return ("somebody changed ours; theirs stands", "yellow")
    if state != "done" or item.span.end <= known.now:
        return ""
    return f"{'on' if known.now in item.span else 'set'}, {tell_reply(item, known.zone)}"


def _notices(known: _Known) -> Iterator[Line]:
    """Of the desktop, where something is to be said of them."""
    quiet, wanted = quiet_of(known.session), wanting(known.session, known.absences, known.now)
    if quiet is not None:
        yield from _labelled("Notices", ["as you have set them" if quiet.state == "theirs" else "off on this desktop"])
    elif wanted is not None:
        yield from _labelled("Notices", ["asked to be off, while the service runs"])


def _hosts(known: _Known) -> Iterator[Line]:
    answers = {(a.absence_id, a.key): a for a in known.session.ledger.assignments()}
    rows = [(item, answers.get((item.absence_id, item.key))) for item in known.hosts]
    return _labelled("Hosts", [line for item, held in rows for line in (_host(item, held, known), *_late(item, held, known))])


def _late(item: HostItem, held: Assignment | None, known: _Known) -> Iterator[Line]:
    """Who said yes when somebody else had been asked in their place: the leader may prefer them."""
    people = known.session.policy.find_person
    for person_id in held.late if held is not None else ():
        if (person := people(person_id)) is not None and person_id != item.host:
            yield (f"  {printable(person.name, 30)} said yes too late. To take them: {instead_of(person_id, item)}", "cyan")


def _host(item: HostItem, held: Assignment | None, known: _Known) -> Line:
    what = f"{at(item.span.start, known.zone)}  “{printable(item.summary, 40)}”: {printable(item.host_name, 30)}"
    if held is not None and held.state == "accepted":
        return f"{what}, accepted"
    session = known.session
    limit = answer_due(item, held, session.policy, session.holidays, session.ledger.away(), known.now)
    answer = f"answer by {at(limit, known.zone)}" if limit else "no answer yet"
    return (f"{what}, asked, {answer} (yours until then)", "yellow")


def _gaps(known: _Known) -> Iterator[Line]:
    return _labelled("Gaps", [(f"! {printable(gap, 150)}", "bold red") for gap in known.session.ledger.gaps()])


def _questions(known: _Known) -> Iterator[Line]:
    """What only the user can answer."""
    asked: list[Line] = [line for absence in known.ahead for line in _question(absence, known)]
    wanted = feedback_wanted(known.session.ledger, known.session.policy, known.now)
    return _labelled("Questions", [*asked, *((printable(feedback_question(each), 200), "cyan") for each in wanted)])


def _question(absence: Absence, known: _Known) -> Iterator[Line]:
    if absence.action == "ask":
        what = f"{one_line(absence, known.zone, known.now.date())}: is that so?"
        yield (f"{what} homeward confirm {absence.id}, or: homeward dismiss {absence.id}", "cyan")
    elif absence.action == "private-only":
        yield (f"{printable(absence.title)}: ask hosts and tell the team, too? homeward confirm {absence.id}", "cyan")
    elif absence.action == "act" and not _agreed(absence, known):
        yield (f"{printable(absence.title)} waits for your yes: homeward apply", "cyan")


def _agreed(absence: Absence, known: _Known) -> bool:
    agreed = {absence_id for absence_id, _, _ in known.session.ledger.consented()}
    return known.session.policy.service.apply == "auto" or absence.id in agreed


def _theirs(known: _Known) -> Iterator[Line]:
    """What somebody changed or deleted of ours."""
    return _labelled("Theirs", [(line, "yellow") for s in known.standing.values() if (line := _their(s, known))])


def _their(stands: Standing, known: _Known) -> str:
    item = stands.item
    if isinstance(item, ResponderItem | HoldItem | MailItem):
        return _unsure(item) if isinstance(item, MailItem) and stands.state == "unknown" else ""
    if item.span.end <= known.now or stands.state not in ("adopted", "tombstone"):
        return ""
    what = f"“{printable(item.summary, 40)}” on {at(item.span.start, known.zone)}"
    return f"{what} was {'changed by somebody' if stands.state == 'adopted' else 'taken back'}, and stays so"


def _unsure(item: MailItem) -> str:
    return f"it is not known whether “{printable(item.subject, 40)}” to {listed(list(map(printable, item.to)))} went out"


def _family(known: _Known) -> Iterator[Line]:
    sums = balance_of(known.session.ledger, known.now).total
    parts = (("placed", sums.placed), ("kept", sums.kept), ("broken", sums.broken))
    told = ", ".join(f"{hours(amount)} {word}" for word, amount in parts if amount) or "nothing placed yet"
    yield f"{'Family':<11}{f'{hours(sums.owed)} owed: {told}' if sums.owed else 'nothing owed'}"


def _notes(known: _Known) -> Iterator[Line]:
    last = known.session.ledger.get("last_pass")
    if last is None:
        yield ("No pass has been made yet: homeward pass", "yellow")
    elif known.now - datetime.fromisoformat(last) > _STALE:
        yield (f"The last pass was {_ago(known.now - datetime.fromisoformat(last))} ago: homeward pass", "yellow")
    google = {account.id for account in known.session.policy.account if account.kind == "google"}
    for account in known.session.ledger.signed_out():
        yield (f"Sign in again: {account}  (homeward auth {'google' if account in google else 'set'} {account})", "bold red")
    for account_id, slow in _slowed(known):
        yield (f"Account {account_id}: {slow}", "yellow")
    for word in known.session.ledger.unavailable():
        yield (f"Not readable at the last pass: {printable(word, 200)}", "red")


def _slowed(known: _Known) -> Iterator[tuple[str, str]]:
    """Accounts that are asked more rarely for the rest of the day."""
    for account in known.session.policy.account:
        if account.kind == "google":
            from daemon.budgets import budget_of

            if words := budget_of(account, known.session.clock, known.session.paths.state).words(known.zone):
                yield account.id, words


def _ago(elapsed: timedelta) -> str:
    return f"{elapsed.days} days" if elapsed.days > 1 else f"{elapsed.total_seconds() / 3600:.0f} h"


def _json(known: _Known) -> dict[str, Any]:
    session, current = known.session, known.current
    where = whereabouts(current, known.now, known.zone)
    answers = {(a.absence_id, a.key): a for a in session.ledger.assignments()}
    balance = balance_of(session.ledger, known.now).total
    return {
        "now": known.now.isoformat(),
        "where": {"state": where.state, "zone": where.zone, "until": where.until.isoformat() if where.until else None},
        "absence": current.id if current else None,
        "absences": [absence.id for absence in known.ahead],
        "inbox": {mail: _inbox_json(state) for mail, (state, _) in known.inboxes.items()},
        "autoreply": [s.state for s in known.standing.values() if isinstance(s.item, ResponderItem)],
        "hosts": [_host_json(item, answers.get((item.absence_id, item.key))) for item in known.hosts],
        "gaps": list(session.ledger.gaps()),
        "questions": [absence.id for absence in known.ahead if list(_question(absence, known))],
        "family": {"owed": balance.owed, "placed": balance.placed, "kept": balance.kept, "broken": balance.broken},
        "sign_in_again": list(session.ledger.signed_out()),
        "slowed": dict(_slowed(known)),
        "last_pass": session.ledger.get("last_pass"),
    }


def _inbox_json(state: InboxState) -> dict[str, Any]:
    return {"held": state.held, "because": state.because, "until": state.until.isoformat() if state.until else None}


def _host_json(item: HostItem, held: Assignment | None) -> dict[str, Any]:
    return {
        "summary": item.summary,
        "start": item.span.start.isoformat(),
        "host": item.host,
        "state": held.state if held else "asked",
        "late": list(held.late) if held else [],
    }
