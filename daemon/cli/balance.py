"""`homeward balance`: what the trips of a year owe to the family and what became of it; and the user's word on a block."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from msgspec.structs import asdict

from daemon.advice import NeedsAnswer, Usage
from daemon.cli.plan_text import applied_lines
from daemon.cli.screen import Line, show, show_json, write_page
from daemon.family import trips_of
from daemon.reconcile import one_pass
from daemon.session import Session
from rules.balance import BLOCK_WORDS, LEGEND, FamilyBlock, TripBalance, bar, scale, total
from rules.makeup import Sums
from rules.telling import hours, printable, stretch

ABOUT = """An hour per night away is a convention, no medicine (see [makeup]). A trip counts in the year of its return. What could
not be placed, was deleted, or was broken by a meeting stays open until it is made up for.
kept BLOCK and broken BLOCK correct what homeward took a block for: your word stands. BLOCK is words of its time
(“7 Dec”, “2026-12-07 13:00”).
--html writes the same as a page with bars, for you alone."""
EXAMPLE = """Examples:
  homeward balance
  homeward balance --year 2025
  homeward balance --html balance.html
  homeward balance broken "7 Dec\""""

_NAME, _BAR = 30, 18  # columns


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("verb", nargs="?", choices=("kept", "broken"), metavar="kept|broken", help="what a past block was")
    parser.add_argument("block", nargs="*", metavar="BLOCK", help="words of its time")
    parser.add_argument("--year", type=int, metavar="YEAR", help="default: this one")
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--json", action="store_true", help="for programs")
    how.add_argument("--html", metavar="OUT", type=Path, help="write it into this page")


def run(session: Session, arguments: argparse.Namespace) -> int:
    if arguments.verb:
        return _correct(session, arguments.verb, " ".join(arguments.block))
    now = session.clock.now()
    year = arguments.year or now.astimezone(ZoneInfo(session.zone)).year
    trips = [trip for trip in trips_of(session.ledger, now, session.zone) if trip.year == year]
    if arguments.json:
        show_json(_json(year, trips))
    elif arguments.html:
        write_page(arguments.html, _page(year, trips, session.zone))
    else:
        show(_lines(year, trips, session.zone))
    return 0


# --- shown ------------------------------------------------------------------------------------------------------------


def _lines(year: int, trips: Sequence[TripBalance], zone: str) -> Iterator[Line]:
    if not trips:
        yield f"Nothing is owed to the family for trips of {year}."
        return
    everything = total(trips)
    per_trip, per_year = scale([trip.sums for trip in trips], _BAR), scale([everything], _NAME + _BAR)
    yield (f"{f'Family time {year}, in hours':<{_NAME}}{'owed':>6}{'kept':>6}{'ahead':>6}{'open':>6}{'broken':>7}", "bold")
    for trip in trips:
        yield f"{printable(trip.title, _NAME - 2):<{_NAME}}{_numbers(trip.sums)} {bar(trip.sums, per_trip)}"
        for block in trip.blocks:
            yield (f"    {stretch(block.span, zone)}  {BLOCK_WORDS[block.state]}", "dim")
    yield (f"{f'All of {year}':<{_NAME}}{_numbers(everything)}", "bold")
    yield bar(everything, per_year)
    yield (f"{LEGEND}; one character is {hours(per_trip)}, in the last bar {hours(per_year)}", "dim")


def _numbers(sums: Sums) -> str:
    return f"{sums.owed:>6g}{sums.kept:>6g}{sums.placed:>6g}{sums.open:>6g}{sums.broken:>7g}"


def _page(year: int, trips: Sequence[TripBalance], zone: str) -> str:
    from rules.balance_page import as_html

    return as_html(year, trips, zone)


def _json(year: int, trips: Sequence[TripBalance]) -> dict[str, Any]:
    return {
        "year": year,
        "total": asdict(total(trips)),
        "trips": [
            {"absence": trip.absence_id, "title": trip.title, **asdict(trip.sums), "blocks": list(map(_block_json, trip.blocks))}
            for trip in trips
        ],
    }


def _block_json(block: FamilyBlock) -> dict[str, Any]:
    ids = list(block.effects)
    return {"start": block.span.start.isoformat(), "end": block.span.end.isoformat(), "state": block.state, "ids": ids}


# --- corrected --------------------------------------------------------------------------------------------------------


def _correct(session: Session, verb: str, wanted: str) -> int:
    """The user's word stands; the pass that follows places what is owed again, or takes back what no longer is."""
    now, ledger = session.clock.now(), session.ledger
    with ledger.writing():
        trip, block = _find(trips_of(ledger, now, session.zone), wanted, session)
        words = f"family time on {stretch(block.span, session.zone)} was {verb}, as you say"
        with ledger.together():
            for effect_id in block.effects:
                ledger.block_kept(effect_id, trip.absence_id, verb == "kept", True, now)
            ledger.note(now, trip.absence_id, verb, words)
        passed = one_pass(session)
    show([f"  ✓ {words}", *applied_lines(passed, session.zone)] if passed.applied or passed.tended.words else [f"  ✓ {words}"])
    return 1 if any(one.outcome == "failed" for one in passed.applied) else 0


def _find(trips: Sequence[TripBalance], wanted: str, session: Session) -> tuple[TripBalance, FamilyBlock]:
    """The one whose time is over and fits. Usage where none does, NeedsAnswer where several do."""
    now, zone = session.clock.now(), session.zone
    over = [(trip, block) for trip in trips for block in trip.blocks if block.span.end <= now]
    if not over:
        raise Usage("no family time has passed yet, so there is nothing to correct.")
    fits = [found for found in over if wanted and _fits(found[1], wanted, zone)]
    if len(fits) == 1:
        return fits[0]
    listed = "\n".join(f"  {stretch(block.span, zone)}  {block.state}" for _, block in fits or over)
    if fits:
        raise NeedsAnswer(f"“{printable(wanted)}” fits several blocks:\n{listed}")
    raise Usage(
        (f"no family time that has passed fits “{printable(wanted)}”." if wanted else "which block?") + f" There is:\n{listed}"
    )


def _fits(block: FamilyBlock, wanted: str, zone: str) -> bool:
    local = block.span.start.astimezone(ZoneInfo(zone))
    words = f"{stretch(block.span, zone)}\n{local:%Y-%m-%d %H:%M}\n{' '.join(block.effects)}".casefold()
    return f" {wanted.casefold().strip()}" in f" {words}".replace("\n", " ")
