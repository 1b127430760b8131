"""A plan on the screen, as a diff one can read aloud, and as JSON. Nothing is decided here."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from daemon import codec
from daemon.apply import Applied
from daemon.cli.screen import Line
from daemon.reconcile import Look, Passed
from rules.explain import one_line
from rules.items import HostItem, MailItem
from rules.model import Absence
from rules.plan import Change, Plan, Skipped
from rules.policy import Policy
from rules.telling import Names, details, listed, printable, tell, tell_together, together

_SIGNS = {"create": ("+", "green"), "update": ("~", "yellow"), "delete": ("-", "red")}
_MOST_SKIPPED = 8  # lines about what is left alone, without --verbose

# Changes that are told in one sentence.
Group = tuple[Change, ...]


def names_of(policy: Policy) -> Names:
    """What people are called in a plan, by address; the leader is "you"."""
    others = {address: person.name for person in policy.person for address in person.addresses}
    return {**others, **dict.fromkeys(policy.me.addresses, "you")}


def plan_lines(look: Look, zone: str, *, verbose: bool = False) -> Iterator[Line]:
    """The whole plan: by absence its changes, gaps, what is skipped and what waits; then the questions and the sum."""
    plan, names = look.plan, names_of(look.situation.policy)
    if not look.absences and plan.empty:
        yield "No absence lies ahead, so there is nothing to do. To announce one: homeward trip"
        return
    for absence in look.absences:
        yield from _absence_lines(absence, look, names, verbose)
    known = {absence.id for absence in look.absences}
    orphans = [change for change in plan.changes if change.absence_id not in known]
    if orphans:
        yield (_NO_LONGER, "bold")
        yield from _change_lines(orphans, zone, names, verbose, said=("no longer wanted",))
        yield ""
    for unsafe in look.unsafe:
        yield (f"Unsafe: {printable(unsafe.because, 200)}", "bold red")
    yield _summary(plan)


_NO_LONGER = "No longer wanted"


def _absence_lines(absence: Absence, look: Look, names: Names, verbose: bool) -> Iterator[Line]:
    plan, zone = look.plan, look.situation.policy.me.home_zone
    changes = [change for change in plan.changes if change.absence_id == absence.id]
    head = one_line(absence, zone)
    yield (f"{one_line(absence, zone, look.seen.now.date())}  [{absence.id}]", "bold")
    yield from _change_lines(changes, zone, names, verbose, said=(head,))
    for gap in _of(plan.gaps, absence):
        yield gap_line(f"{printable(gap.what)}: {printable(gap.because, 200)}")
    questions = [question for question in plan.questions if question.absence_id == absence.id]
    for question in questions:
        asked = question.text.removeprefix(f"{head}: ")
        yield (f"  ? {asked[:1].upper()}{printable(asked[1:], 200)}", "cyan")
        yield f"      {question.command}"
    for later in _of(plan.later, absence):
        yield (f"  … {printable(later.what)}: {printable(later.because, 200)}", "dim")
    if changes or verbose:
        yield from _skipped_lines(_of(plan.skipped, absence), verbose)
    elif not questions:
        yield ("  Nothing to do.", "dim")
    yield ""


def gap_line(words: str) -> Line:
    return (f"  ! GAP  {words}", "bold red")


def _skipped_lines(skipped: Sequence[Skipped], verbose: bool) -> Iterator[Line]:
    for skip in skipped if verbose else skipped[:_MOST_SKIPPED]:
        yield (f"  · not touched: {printable(skip.what)}: {printable(skip.because, 200)}", "dim")
    if len(skipped) > _MOST_SKIPPED and not verbose:
        yield (f"  · and {len(skipped) - _MOST_SKIPPED} more not touched (--verbose shows all)", "dim")


def _change_lines(changes: Sequence[Change], zone: str, names: Names, verbose: bool, said: Iterable[str] = ()) -> Iterator[Line]:
    """No reason is `said` twice, and for each meeting only once what its deputy may decide."""
    told = {("", f"because {words}") for words in said}
    for group, request in _groups(changes):
        sign, style = _SIGNS[group[0].action]
        yield (f"  {sign} {tell_together(group, zone, names)}", style)
        item = group[0].item
        meeting = item.meeting_id if isinstance(item, HostItem) else ""
        for words in _below(group[0], request, names, verbose):
            if verbose or not told & {("", words), (meeting, words)}:
                yield (f"      {words}", "dim")
            told.add((meeting, words))


def _below(change: Change, request: Change | None, names: Names, verbose: bool) -> Iterator[str]:
    """What stands under a change."""
    if change.because:
        yield f"because {printable(change.because, 200)}"
    if verbose or (change.kind == "host" and change.action != "delete"):
        yield from details(change.item, names)
    if request is not None and isinstance(request.item, MailItem):
        yield f"the request goes by mail to {listed(list(map(printable, request.item.to)))}"


def _groups(changes: Sequence[Change]) -> list[tuple[Group, Change | None]]:
    """The sentences; a host together with the mail that asks them."""
    requests: dict[str, list[Change]] = {}
    for change in changes:
        if change.action == "create" and isinstance(change.item, MailItem) and change.item.purpose == "ask":
            requests.setdefault(change.recipients[0], []).append(change)
    asked = Counter(filter(None, map(_asks, changes)))
    by_mail = {address: mails for address, mails in requests.items() if len(mails) == asked[address]}
    folded = {mail.id for mails in by_mail.values() for mail in mails}
    groups = together(change for change in changes if change.id not in folded)
    return [(group, by_mail[address][0] if (address := _asks(group[0])) in by_mail else None) for group in groups]


def _asks(change: Change) -> str:
    """Whom it asks to host, by address; "" where it asks nobody."""
    item = change.after
    return item.host_address if isinstance(item, HostItem) and item.state == "asked" else ""


def _of(values: Iterable[Skipped], absence: Absence) -> list[Skipped]:
    return [value for value in values if value.absence_id == absence.id]


def _summary(plan: Plan) -> Line:
    """Counts what a reader has just seen: sentences."""
    if plan.empty and plan.gaps:
        return ("Nothing that homeward could do; somebody has to see to the gaps.", "bold")
    if plan.empty and plan.questions:
        return "Nothing to do until you have answered."
    if plan.empty:
        return "Nothing to do: everything is as it ought to be."
    actions = [group[0].action for group, _ in _groups(plan.changes)]
    words = {"create": "to create", "update": "to change", "delete": "to take back"}
    counted = [f"{actions.count(action)} {told}" for action, told in words.items() if action in actions]
    return (f"{', '.join(counted)}.  Plan {plan.fingerprint}", "bold")


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


def applied_lines(passed: Passed, zone: str, told: Sequence[Change] = ()) -> Iterator[Line]:
    """What a pass did, what failed, and what waits for the user. What was `told` before and came about is one line."""
    as_told = [one for one in passed.applied if one.change in told and one.outcome == "done"]
    if as_told:
        yield ("  ✓ Done, as shown." if len(as_told) == len(told) else "  ✓ Done, as shown, except:", "green")
    rest = [one for one in passed.applied if one not in as_told]
    yield from outcome_lines(rest, zone, names_of(passed.look.situation.policy))
    for words in passed.tended.words:
        yield f"  ✓ {printable(words.removesuffix(': done'), 200)}"
    for words in (*passed.tended.failed, *(f"{k}: {v}" for k, v in passed.look.seen.unavailable.items())):
        yield (f"  ✗ {printable(words, 200)}", "red")
    for unsafe in passed.look.unsafe:
        yield (f"  Refused as unsafe: {printable(unsafe.because, 200)}", "bold red")
    for gap in passed.look.plan.gaps:
        yield gap_line(f"{printable(gap.what)}: {printable(gap.because, 200)}")
    if passed.look.unsafe:
        yield "Nothing of that was done. Look at it: homeward plan. If it is right: homeward apply --anyway"
    elif passed.waiting:
        count = len(_groups(passed.waiting))
        yield f"{count} more {'waits' if count == 1 else 'wait'} for your yes: homeward plan, then homeward apply"
    elif not (passed.applied or passed.tended.words or passed.tended.failed):
        yield "Nothing to do."


def outcome_lines(applied: Sequence[Applied], zone: str, names: Names | None = None) -> Iterator[Line]:
    """A line for each sentence; what became of only a part of it differently is told apart."""
    signs = {"done": "✓", "theirs": "·", "failed": "✗", "unknown": "?"}
    by_outcome: dict[tuple[str, str], list[Change]] = {}
    for one in applied:
        by_outcome.setdefault((one.outcome, one.words), []).append(one.change)
    for (outcome, words), changes in by_outcome.items():
        because = f" ({printable(words, 200)})" if words else ""
        for group, _ in _groups(changes):
            yield (f"  {signs[outcome]} {tell_together(group, zone, names)}{because}", "red" if outcome == "failed" else "")
