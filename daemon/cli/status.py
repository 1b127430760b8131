"""`homeward status`: one screen, from what the last pass saw. No calendar is read and nothing is written, so it is quick."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from daemon.cli.screen import Line, show, show_json
from daemon.family import balance_of
from daemon.session import Session
from daemon.windows import armed, inbox_state
from rules.explain import one_line, whereabouts_words
from rules.inbox import InboxState
from rules.items import HostItem, ResponderItem
from rules.model import Absence, Assignment
from rules.place import whereabouts
from rules.plan import Standing
from rules.telling import at, hours, printable, tell_reply

ABOUT = """Where you are, whether the inbox is held and until when, which autoreply is set, who hosts what and who has not
answered, gaps, and what is owed to the family."""
EXAMPLE = """Examples:
  homeward status
  homeward status --json"""

_STALE = timedelta(hours=2)


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="for programs")


def run(session: Session, arguments: argparse.Namespace) -> int:
    now = session.clock.now()
    absences = [a for a in session.ledger.absences() if a.id not in _declined(session)]
    standing = session.ledger.standing()
    inboxes = {mail: inbox_state(session, holds, now) for mail, holds in armed(standing, absences).items()}
    if arguments.json:
        show_json(_json(session, absences, standing, inboxes, now))
    else:
        show(_lines(session, absences, standing, inboxes, now))
    return 0


def _declined(session: Session) -> set[str]:
    latest = {said.absence_id: said.verb for said in session.ledger.said() if said.verb in ("confirm", "dismiss", "undo")}
    return {absence_id for absence_id, verb in latest.items() if verb in ("dismiss", "undo")}


def _current(absences: list[Absence], now: datetime) -> Absence | None:
    ahead = [a for a in absences if a.span.end > now and a.action in ("act", "private-only")]
    return min(ahead, key=lambda a: (a.span.start, a.id), default=None)


def _lines(
    session: Session,
    absences: list[Absence],
    standing: Mapping[str, Standing],
    inboxes: Mapping[str, InboxState],
    now: datetime,
) -> Iterator[Line]:
    zone = session.zone
    current = _current(absences, now)
    yield (whereabouts_words(whereabouts(current, now, zone)), "bold")
    if current is not None:
        yield f"  {one_line(current, zone)}  [{current.id}]"
    for other in absences:
        if other is not current and other.span.end > now:
            yield (f"  ahead: {one_line(other, zone)}  [{other.id}]{_asks(other)}", "dim")
    yield from _inbox_lines(inboxes)
    yield from _reply_lines(standing, zone, now)
    yield from _host_lines(session, standing, now)
    yield from _notes(session, now)
    balance = balance_of(session.ledger, now).total
    parts = ("owed", balance.owed), ("placed", balance.placed), ("kept", balance.kept), ("broken", balance.broken)
    yield "Family: " + ", ".join(f"{hours(amount)} {word}" for word, amount in parts)


def _asks(absence: Absence) -> str:
    return f"   is that so? homeward confirm {absence.id}" if absence.action == "ask" else ""


def _inbox_lines(inboxes: Mapping[str, InboxState]) -> Iterator[Line]:
    for mail, inbox in inboxes.items():
        yield f"Inbox {printable(mail)}: {'held' if inbox.held else 'open'}, {inbox.because}"
    if not inboxes:
        yield "Inbox: open"


def _reply_lines(standing: Mapping[str, Standing], zone: str, now: datetime) -> Iterator[Line]:
    replies = [(s.item, s.state) for s in standing.values() if isinstance(s.item, ResponderItem)]
    for item, state in replies:
        if state == "adopted":
            yield ("Autoreply: somebody changed ours; theirs stands", "yellow")
        elif state == "done":
            running = "on" if now in item.span else "set" if now < item.span.start else "over"
            yield f"Autoreply: {running}, {tell_reply(item, zone)}"
    if not replies:
        yield "Autoreply: none of ours"


def _host_lines(session: Session, standing: Mapping[str, Standing], now: datetime) -> Iterator[Line]:
    answers = {(a.absence_id, a.key): a for a in session.ledger.assignments()}
    items = [s.item for s in standing.values() if isinstance(s.item, HostItem) and s.state == "done" and s.item.span.end > now]
    if items:
        yield "Hosts:"
    for item in sorted(items, key=lambda i: (i.span.start, i.id)):
        yield f"  {at(item.span.start, session.zone)}  “{printable(item.summary, 50)}”: {_host_words(item, answers)}"
    for gap in session.ledger.gaps():
        yield (f"  ! GAP  {printable(gap, 200)}", "bold red")


def _host_words(item: HostItem, answers: Mapping[tuple[str, Any], Assignment]) -> str:
    held = answers.get((item.absence_id, item.key))
    if held is not None and held.state == "accepted":
        return f"{printable(item.host_name)}, accepted"
    return f"{printable(item.host_name)} was asked and has not answered; until then it is yours"


def _notes(session: Session, now: datetime) -> Iterator[Line]:
    last = session.ledger.get("last_pass")
    if last is None:
        yield ("No pass has been made yet: homeward pass", "yellow")
    elif now - datetime.fromisoformat(last) > _STALE:
        yield (f"The last pass was {_ago(now - datetime.fromisoformat(last))} ago: homeward pass", "yellow")
    for word in session.ledger.unavailable():
        yield (f"Not readable at the last pass: {printable(word, 200)}", "red")


def _ago(elapsed: timedelta) -> str:
    return f"{elapsed.days} days" if elapsed.days > 1 else f"{elapsed.total_seconds() / 3600:.0f} h"


def _json(
    session: Session,
    absences: list[Absence],
    standing: Mapping[str, Standing],
    inboxes: Mapping[str, InboxState],
    now: datetime,
) -> dict[str, Any]:
    current = _current(absences, now)
    where = whereabouts(current, now, session.zone)
    answers = {(a.absence_id, a.key): a for a in session.ledger.assignments()}
    balance = balance_of(session.ledger, now).total
    hosts = [s.item for s in standing.values() if isinstance(s.item, HostItem) and s.state == "done" and s.item.span.end > now]
    return {
        "now": now.isoformat(),
        "where": {"state": where.state, "zone": where.zone, "until": where.until.isoformat() if where.until else None},
        "absence": current.id if current else None,
        "inbox": {
            mail: {"held": inbox.held, "because": inbox.because, "until": inbox.until.isoformat() if inbox.until else None}
            for mail, inbox in inboxes.items()
        },
        "autoreply": [s.state for s in standing.values() if isinstance(s.item, ResponderItem)],
        "hosts": [
            {
                "summary": item.summary,
                "start": item.span.start.isoformat(),
                "host": item.host,
                "state": answers[(item.absence_id, item.key)].state if (item.absence_id, item.key) in answers else "asked",
            }
            for item in sorted(hosts, key=lambda i: (i.span.start, i.id))
        ],
        "gaps": list(session.ledger.gaps()),
        "family": {"owed": balance.owed, "placed": balance.placed, "kept": balance.kept, "broken": balance.broken},
        "last_pass": session.ledger.get("last_pass"),
    }
