"""A plan on the screen, as a diff one can read aloud, and as JSON. Nothing is decided here."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from daemon import codec
from daemon.apply import Applied
from daemon.cli.screen import Line
from daemon.reconcile import Look, Passed
from rules.explain import one_line
from rules.model import Absence
from rules.plan import Change, Plan, Skipped
from rules.telling import details, printable, tell

_SIGNS = {"create": ("+", "green"), "update": ("~", "yellow"), "delete": ("-", "red")}


def plan_lines(look: Look, zone: str, *, verbose: bool = False) -> Iterator[Line]:
    """The whole plan: by absence its changes, gaps, what is skipped and what waits; then the questions and the sum."""
    plan = look.plan
    for absence in look.absences:
        yield from _absence_lines(absence, plan, zone, verbose)
    known = {absence.id for absence in look.absences}
    orphans = [change for change in plan.changes if change.absence_id not in known]
    if orphans:
        yield ("No longer wanted", "bold")
        yield from _change_lines(orphans, zone, verbose)
        yield ""
    for unsafe in look.unsafe:
        yield (f"Unsafe: {printable(unsafe.because)}", "bold red")
    yield from _summary(plan)


def _absence_lines(absence: Absence, plan: Plan, zone: str, verbose: bool) -> Iterator[Line]:
    changes = [change for change in plan.changes if change.absence_id == absence.id]
    head = one_line(absence, zone)
    yield (f"{head}  [{absence.id}]", "bold")
    yield from _change_lines(changes, zone, verbose, said=head)
    for gap in _of(plan.gaps, absence):
        yield (f"  ! GAP  {printable(gap.what)}: {printable(gap.because, 200)}", "bold red")
    for question in plan.questions:
        if question.absence_id == absence.id:
            yield (f"  ? {printable(question.text, 200)}", "cyan")
            yield f"      {question.command}"
    for later in _of(plan.later, absence):
        yield (f"  … {printable(later.what)}: {printable(later.because, 200)}", "dim")
    skipped = _of(plan.skipped, absence)
    for skip in skipped if verbose else skipped[:8]:
        yield (f"  · not touched: {printable(skip.what)}: {printable(skip.because, 200)}", "dim")
    if len(skipped) > 8 and not verbose:
        yield (f"  · and {len(skipped) - 8} more not touched (--verbose shows all)", "dim")
    if not changes:
        yield ("  Nothing to do.", "dim")
    yield ""


def _change_lines(changes: Iterable[Change], zone: str, verbose: bool, said: str = "") -> Iterator[Line]:
    """A reason that is `said` already is not said again."""
    for change in changes:
        sign, style = _SIGNS[change.action]
        yield (f"  {sign} {tell(change, zone)}", style)
        if change.because and change.because != said:
            yield (f"      because {printable(change.because, 200)}", "dim")
        for line in details(change.item) if verbose or change.kind == "host" else ():
            yield (f"      {line}", "dim")


def _of(values: Iterable[Skipped], absence: Absence) -> list[Skipped]:
    return [value for value in values if value.absence_id == absence.id]


def _summary(plan: Plan) -> Iterator[Line]:
    if plan.empty:
        yield "Nothing to do: everything is as it ought to be."
        return
    counts = {action: sum(c.action == action for c in plan.changes) for action in _SIGNS}
    yield (
        f"{counts['create']} to create, {counts['update']} to change, {counts['delete']} to take back.  Plan {plan.fingerprint}",
        "bold",
    )


def plan_json(look: Look, zone: str) -> dict[str, Any]:
    plan = look.plan
    return {
        "fingerprint": plan.fingerprint,
        "changes": [_change_json(change, zone) for change in plan.changes],
        "gaps": [_skipped_json(value) for value in plan.gaps],
        "skipped": [_skipped_json(value) for value in plan.skipped],
        "later": [_skipped_json(value) for value in plan.later],
        "questions": [{"absence": q.absence_id, "text": q.text, "command": q.command} for q in plan.questions],
        "unsafe": [unsafe.because for unsafe in look.unsafe],
    }


def _change_json(change: Change, zone: str) -> dict[str, Any]:
    sides = {"before": change.before, "after": change.after}
    return {
        "id": change.id,
        "action": change.action,
        "kind": change.kind,
        "absence": change.absence_id,
        "words": tell(change, zone),
        "because": change.because,
        **{side: json.loads(codec.dumps(item)) if item is not None else None for side, item in sides.items()},
    }


def _skipped_json(value: Skipped) -> dict[str, str]:
    return {"absence": value.absence_id, "what": value.what, "because": value.because}


def applied_lines(passed: Passed, zone: str) -> Iterator[Line]:
    """What a pass did, what failed, and what waits for the user."""
    yield from outcome_lines(passed.applied, zone)
    for words in passed.tended.words:
        yield f"  {printable(words, 200)}"
    for words in (*passed.tended.failed, *(f"{k}: {v}" for k, v in passed.look.seen.unavailable.items())):
        yield (f"  failed: {printable(words, 200)}", "red")
    for unsafe in passed.look.unsafe:
        yield (f"  refused as unsafe: {printable(unsafe.because, 200)}", "bold red")
    for gap in passed.look.plan.gaps:
        yield (f"  ! GAP  {printable(gap.what)}: {printable(gap.because, 200)}", "bold red")
    if passed.waiting:
        yield f"{len(passed.waiting)} more wait for your yes: homeward plan"
    if not (passed.applied or passed.tended.words or passed.tended.failed or passed.waiting):
        yield "Nothing to do."


def outcome_lines(applied: Iterable[Applied], zone: str) -> Iterator[Line]:
    signs = {"done": "✓", "theirs": "·", "failed": "✗", "unknown": "?"}
    for one in applied:
        style = "red" if one.outcome == "failed" else ""
        because = f" ({printable(one.words, 200)})" if one.words else ""
        yield (f"  {signs[one.outcome]} {tell(one.change, zone)}{because}", style)
