"""The leader's picture of each absence, for the terminal and as a page that holds the plan's words, too. It is for the leader
alone: places, ways and the family's time are in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from daemon.cli.plan_text import plan_lines
from daemon.cli.screen import Line
from daemon.reconcile import Look
from daemon.session import Session
from rules import page, timeline_svg, timeline_text
from rules.desired.situation import PRIVATE
from rules.inbox import openings
from rules.items import BlockItem, HostItem
from rules.model import Absence
from rules.telling import at
from rules.timeline import Timeline, for_leader


def picture_lines(session: Session, look: Look) -> Iterator[Line]:
    for timeline in _timelines(session, look):
        yield from timeline_text.lines(timeline)
        yield ""


def plan_page(session: Session, look: Look) -> str:
    """One self-contained page: the pictures, then the plan as `homeward plan --verbose` tells it."""
    figures = "\n".join(map(timeline_svg.figure, _timelines(session, look)))
    made: datetime = look.seen.now
    intro = f"For you alone, as of {at(made, session.zone)}: places and the family's time stand in it."
    return page.as_html("What homeward would do", intro, tuple(_sections(plan_lines(look, session.zone, verbose=True))), figures)


def _timelines(session: Session, look: Look) -> Iterator[Timeline]:
    for absence in look.absences:
        if absence.action in PRIVATE and absence.span.end > look.seen.now:
            yield _timeline(session, look, absence)


def _timeline(session: Session, look: Look, absence: Absence) -> Timeline:
    policy = look.situation.policy
    history = () if session.stateless else session.ledger.openings()
    windows = openings(absence, policy.inbox, policy.me, history, absence.span) if policy.inbox.mode != "off" else ()
    mine = [item for item in look.desired.items if item.absence_id == absence.id]
    hosts = [item for item in mine if isinstance(item, HostItem)]
    return for_leader(absence, session.zone, windows, hosts, [item for item in mine if isinstance(item, BlockItem)])


def _sections(lines: Iterable[Line]) -> Iterator[page.Section]:
    """A heading where the plan has one (what is not indented), and each change with what stands below it."""
    heading, found = "", list[page.Line]()
    for line in lines:
        words = "".join(text for text, _ in line) if isinstance(line, list) else line if isinstance(line, str) else line[0]
        if not words.startswith(" "):
            yield from page.filled(heading, found)
            heading, found = words or heading, []
        elif words.startswith("      ") and found:
            last = found[-1]
            found[-1] = page.Line(last.lead, "; ".join(filter(None, (last.rest, words.strip()))))
        else:
            found.append(_entry(words.strip()))
    yield page.Section(heading, tuple(found))


def _entry(words: str) -> page.Line:
    """What is left alone stands back."""
    left_alone = words.startswith("·")
    lead, _, rest = words.removeprefix("·").strip().partition(": ") if left_alone else (words, "", "")
    return page.Line(lead, rest)
