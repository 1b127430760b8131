"""An answer given face to face: find the open request it is about, record it, let the pass act on it."""

from __future__ import annotations

import argparse
from typing import Literal

from daemon.advice import Usage
from daemon.cli.choice import person_named
from daemon.cli.plan_text import applied_lines
from daemon.cli.screen import show
from daemon.reconcile import hand_over, one_pass, record_answer
from daemon.session import Session
from rules.answers import Answer
from rules.items import HostItem
from rules.model import Assignment
from rules.telling import at, printable


def configure_answer(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("person", metavar="PERSON", help="their id in the config, or their name")
    parser.add_argument("meeting", nargs="?", metavar="MEETING", help="words of the title or the date; default: all open ones")


def answer(session: Session, person: str, meeting: str | None, state: Literal["accepted", "declined"]) -> int:
    with session.ledger.writing():
        person_id = person_named(session.policy, person).id
        for held in _open_ones(session, person_id, meeting):
            record_answer(session, Answer(held.absence_id, held.key, person_id, state, "in the corridor"))
        return _pass(session)


def take_over(session: Session, person: str, before: str, meeting: str | None) -> int:
    """`person` hosts what `before` was asked for or had accepted: that is their word, and the leader's yes to it."""
    with session.ledger.writing():
        taker, giver = person_named(session.policy, person), person_named(session.policy, before)
        if taker.id == giver.id or not taker.addresses:
            why = "has no address" if taker.id != giver.id else "cannot take over from themselves"
            raise Usage(f"{printable(taker.name)} {why}.")
        for held in _open_ones(session, giver.id, meeting):
            hand_over(session, held, taker)
        return _pass(session)


def _pass(session: Session) -> int:
    passed = one_pass(session)
    show(applied_lines(passed, session.zone))
    return 1 if any(one.outcome == "failed" for one in passed.applied) else 0


def _open_ones(session: Session, person_id: str, meeting: str | None) -> list[Assignment]:
    """What they were asked to host and have not declined: of what fits that which is still ahead, else what is over. Usage where
    that is nothing."""
    items = {s.item.key: s.item for s in session.ledger.standing().values() if isinstance(s.item, HostItem)}
    mine = [a for a in session.ledger.assignments() if a.person_id == person_id and a.key in items and a.state != "declined"]
    name = session.policy.person_by_id(person_id).name
    if not mine:
        raise Usage(f"{printable(name)} is not asked to host anything. Who is: homeward status")
    fits = [a for a in mine if meeting is None or _fits(items[a.key], meeting, session.zone)]
    if not fits:
        there = "\n".join(f"  {_words(items[a.key], session.zone)}" for a in mine)
        raise Usage(f"{printable(name)} is not asked to host “{printable(meeting or '')}”, but:\n{there}")
    return [a for a in fits if items[a.key].span.end > session.clock.now()] or fits


def _fits(item: HostItem, wanted: str, zone: str) -> bool:
    words = f"{item.summary} {item.span.start.date().isoformat()} {at(item.span.start, zone)}"
    return wanted.casefold() in words.casefold()


def _words(item: HostItem, zone: str) -> str:
    return f"“{printable(item.summary, 60)}” on {at(item.span.start, zone)}"
