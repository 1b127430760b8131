"""`homeward note`: a line for the development log, or one of feedback that stays with the leader."""

from __future__ import annotations

import argparse

from daemon.advice import Usage
from daemon.cli.choice import person_named
from daemon.cli.screen import show
from daemon.session import Session
from rules.development import Feedback, Step, sentence
from rules.model import Absence
from rules.policy import DecisionLevel
from rules.telling import printable

ABOUT = """What somebody decided or did, at which level (1 do exactly what is written, 2 look into it and report, 3 recommend,
4 decide, then tell, 5 decide). It stands in the digest of the absence and in `homeward log --person`. Feedback stands in
`homeward log --person` alone: it goes into no mail, no brief and no digest."""
EXAMPLE = """Examples:
  homeward note ana "signed the supplier contract" --level 4
  homeward note ana "chose the venue" --level 3 --outcome "cheaper than planned"
  homeward note ana --feedback "calm in a hard meeting"
"""
_LONGEST = 500  # characters of one line


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("person", metavar="PERSON", help="their id in the config, or their name")
    parser.add_argument("what", nargs="?", metavar="WHAT", help="what they decided or did")
    parser.add_argument("--level", type=int, choices=(1, 2, 3, 4, 5), help="default: the level they have in the config")
    parser.add_argument("--outcome", default="", metavar="WORDS", help="what came of it")
    parser.add_argument("--feedback", metavar="WORDS", help="one line about how it went, for you alone")


def run(session: Session, arguments: argparse.Namespace) -> int:
    person = person_named(session.policy, arguments.person)
    what, feedback = _line(arguments.what or ""), _line(arguments.feedback or "")
    if not what and not feedback:
        raise Usage(f'nothing to note. Write: homeward note {person.id} "what they decided", or --feedback "how it went"')
    now = session.clock.now()
    with session.ledger.writing(), session.ledger.together():
        if what:
            level: DecisionLevel = arguments.level or person.level
            step = Step(person.id, "decided", what, level, now, _absence_id(session), _line(arguments.outcome))
            session.ledger.developed(step, f"noted/{now.isoformat()}/{person.id}/{what}")
            show([f"Noted about {printable(person.name, 60)}: {sentence(step, session.zone)}"])
        if feedback:
            session.ledger.give_feedback(Feedback(person.id, now, feedback))
            show([f"Kept for you alone: {feedback}", f"To read it again: homeward log --person {person.id}"])
    return 0


def _line(words: str) -> str:
    return printable(words, _LONGEST)


def _absence_id(session: Session) -> str:
    """The absence that it belongs to: the one in progress, else the last one that ended; "" where there was none."""
    now = session.clock.now()
    begun: list[Absence] = [a for a in session.ledger.absences() if a.action == "act" and a.span.start <= now]
    return max(begun, key=lambda a: (a.span.start, a.id)).id if begun else ""
