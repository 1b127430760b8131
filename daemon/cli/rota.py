"""`homeward rota`: whose turn it was, whose it is, and what each is owed."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct

from daemon.cli.development_text import suggested
from daemon.cli.screen import Line, show, show_json
from daemon.reconcile import Look, look
from daemon.session import Session
from rules.desired import answers_due, coverage_of, next_turn
from rules.hosts import ByHand
from rules.model import Assignment, Turn
from rules.rotation import Share, share
from rules.telling import at, printable

ABOUT = """Turns that were taken, turns ahead, and the account of it: a meeting counts its weight, and an equal part of it is due
from everybody who could have hosted it. Who was away then, or came later, owes nothing of it. Who declines or gives a turn back
owes their part, and is asked sooner. To hand a turn over: homeward accept ANA MEETING --instead-of BEN
set MEETING PERSON gives the next turn of a meeting to somebody, once: MEETING is the id of its rule or words of its title. Who
was asked and has not accepted gives way. It beats neither absence nor a decline nor the level that the meeting needs: then the
rules go on, and say so. When that turn is over, so is your word; --clear takes it back before,
and who was asked by then stays asked."""
EXAMPLE = """Examples:
  homeward rota
  homeward rota set "Team meeting" ben
  homeward rota set "Team meeting" --clear
  homeward rota --most 50 --json"""


_BELOW = "\n" + " " * 20


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("verb", nargs="?", choices=("set",), metavar="set", help="give the next turn of a meeting to somebody")
    parser.add_argument("meeting", nargs="?", metavar="MEETING", help="the id of its rule, or words of its title")
    parser.add_argument("person", nargs="?", metavar="PERSON", help="their id in the config, or their name")
    parser.add_argument("--clear", action="store_true", help="with set: the next turn goes by the rules again")
    parser.add_argument("--most", type=int, default=12, metavar="N", help="so many past turns (default: 12)")
    parser.add_argument("--json", action="store_true", help="for programs")


class _Ahead(Struct, frozen=True):
    """A turn to come. `state` accepted, asked or likely; `until`: when an answer is no longer waited for."""

    start: datetime
    title: str
    person_id: str
    state: str
    until: datetime | None = None
    gave_back: tuple[str, ...] = ()
    by_hand: ByHand | None = None


def run(session: Session, arguments: argparse.Namespace) -> int:
    if arguments.verb or arguments.clear:
        from daemon.cli.rota_set import give_turn

        return give_turn(session, arguments.meeting, arguments.person, clear=arguments.clear)
    seen, past = look(session), session.ledger.turns()
    ahead = sorted(_ahead(session, seen), key=lambda turn: (turn.start, turn.title))
    most = max(arguments.most, 0)
    recent = past[-most:] if most else ()
    people = _people(session, past)
    if arguments.json:
        show_json(_json(recent, ahead, people))
        return 0
    names = {person.id: person.name for person in session.policy.person}
    for title, lines in (
        ("Past turns", [_past(turn, names, session.zone) for turn in recent]),
        ("Turns ahead", [_line(turn, names, session.zone) for turn in ahead]),
        *_waiting(session, seen, names),
        ("The account, in meetings", [_account(names.get(who, who), known) for who, known in people.items()]),
    ):
        show([(title, "bold"), *(lines or ["  none yet"]), ""])
    if hints := [f"  {words}" for person in session.policy.person if (words := suggested(session, person))]:
        show([("To consider (homeward log --person says why)", "bold"), *hints, ""])
    return 0


def _ahead(session: Session, seen: Look) -> Iterator[_Ahead]:
    held = {(a.absence_id, a.key): a for a in seen.situation.assignments}
    for absence in seen.absences:
        if absence.action != "act" or absence.span.end <= seen.seen.now:
            continue
        coverage = coverage_of(seen.situation, absence)
        due = answers_due(seen.situation, coverage)
        by_hand = {given.occurrence.key: given for given in coverage.by_hand}
        for item in coverage.items:
            known = held.get((absence.id, item.key))
            until = due.get(item.id) if known is not None else None
            state = item.state if known is not None else "likely"
            if item.span.end > seen.seen.now:
                given = by_hand.get(item.key)
                yield _Ahead(item.span.start, item.summary, item.host, state, until, _gave_back(known), given)
        for later in coverage.later:
            given = by_hand.get(later.occurrence.key)
            yield _Ahead(later.occurrence.start, later.occurrence.summary, later.likely, "likely", by_hand=given)


def _gave_back(known: Assignment | None) -> tuple[str, ...]:
    return known.gave_back if known else ()


def _waiting(session: Session, seen: Look, names: dict[str, str]) -> Iterator[tuple[str, list[Line]]]:
    """Turns given by hand of which none lies ahead yet."""
    waiting = [turn for turn in seen.situation.turns_set if next_turn(seen.situation, turn) is None]
    if waiting:
        lines = [f"  {printable(turn.meeting_id, 24)}: {_name(turn.person_id, names)}, at the next turn" for turn in waiting]
        yield "Set by hand", [*lines]


def _people(session: Session, past: Sequence[Turn]) -> dict[str, Share]:
    """Everybody who may host or has; who is owed most comes first."""
    ids = {host for rule in session.policy.meeting for host in rule.hosts} | {turn.person_id for turn in past}
    shares = {person_id: share(person_id, past) for person_id in sorted(ids)}
    return dict(sorted(shares.items(), key=lambda pair: (-pair[1].ahead, pair[0])))


def _past(turn: Turn, names: dict[str, str], zone: str) -> Line:
    weight = f", counts {turn.weight:g}" if turn.weight != 1 else ""
    who = f"{_name(turn.person_id, names)}{weight}{_back(turn.gave_back, names)}"
    return f"  {at(turn.at, zone)}  “{printable(turn.title or turn.meeting_id, 24)}”: {who}"


def _line(turn: _Ahead, names: dict[str, str], zone: str) -> Line:
    until = f"{_BELOW}waiting for the answer until {at(turn.until, zone)}" if turn.until else ""
    words = f"{_name(turn.person_id, names)}, {turn.state}{_by_hand(turn, names)}{until}{_back(turn.gave_back, names)}"
    return (f"  {at(turn.start, zone)}  “{printable(turn.title, 24)}”: {words}", "" if turn.state == "accepted" else "yellow")


def _by_hand(turn: _Ahead, names: dict[str, str]) -> str:
    if turn.by_hand is None:
        return ""
    if not turn.by_hand.because:
        return ", set by hand"
    return f"{_BELOW}you set {_name(turn.by_hand.person_id, names)} by hand, but:{_BELOW}{printable(turn.by_hand.because, 58)}"


def _back(people: Sequence[str], names: dict[str, str]) -> str:
    return f"{_BELOW}given back by {', '.join(_name(person, names) for person in people)}" if people else ""


def _name(person_id: str, names: dict[str, str]) -> str:
    return printable(names.get(person_id, person_id), 20)


def _account(name: str, known: Share) -> Line:
    owed = f"is owed {known.ahead:.2f}" if known.ahead > 0 else f"owes {-known.ahead:.2f}" if known.ahead else "even"
    back = f", gave back {known.gave_back}" if known.gave_back else ""
    return f"  {printable(name, 24):<24}  hosted {known.turns:6.2f}, part {known.fair:6.2f}: {owed}{back}"


def _json(past: Sequence[Turn], ahead: Sequence[_Ahead], people: dict[str, Share]) -> dict[str, Any]:
    return {
        "past": [{**_fields(t, "meeting_id", "title", "person_id", "weight", "gave_back"), "at": t.at.isoformat()} for t in past],
        "ahead": [
            {
                **_fields(t, "title", "person_id", "state", "gave_back"),
                "start": t.start.isoformat(),
                "answer_by": t.until.isoformat() if t.until else None,
                "set_by_hand": t.by_hand.person_id if t.by_hand else None,
            }
            for t in ahead
        ],
        "people": {who: {**_fields(k, "turns", "fair", "gave_back"), "owed": k.ahead} for who, k in people.items()},
    }


def _fields(value: Struct, *names: str) -> dict[str, Any]:
    return {name: getattr(value, name) for name in names}
