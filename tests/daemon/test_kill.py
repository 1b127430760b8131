"""The process is killed before and after every write to the ledger and to the outside, resumed, and compared with the run that
was never killed: nothing lost, nothing doubled. Real files throughout; a warm process forks for each kill."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path

import pytest
from fuse import Fuse, difference, killed_at, watched
from stages import BERLIN, LISBON, deliver_mail, files, open_session

from daemon.ledger import Ledger
from daemon.reconcile import look, one_pass, say_yes, undo
from daemon.session import Session

Step = Callable[[Path, Session], None]


def accept_the_plan(root: Path, session: Session) -> None:
    with session.ledger.writing():
        say_yes(session, look(session))
        one_pass(session)


def make_a_pass(root: Path, session: Session) -> None:
    with session.ledger.writing():
        one_pass(session)


def take_it_back(root: Path, session: Session) -> None:
    with session.ledger.writing():
        undo(session, [absence.id for absence in session.ledger.absences()], past=True)


STEPS: list[tuple[str, datetime, Step]] = [
    ("apply", datetime(2026, 11, 23, 9, tzinfo=BERLIN), accept_the_plan),
    ("hold", datetime(2026, 11, 30, 11, 40, tzinfo=LISBON), make_a_pass),
    ("open", datetime(2026, 11, 30, 12, 31, tzinfo=LISBON), make_a_pass),
    ("return", datetime(2026, 12, 5, 9, tzinfo=BERLIN), make_a_pass),
    ("undo", datetime(2026, 12, 5, 10, tzinfo=BERLIN), take_it_back),
]


def state(root: Path) -> dict[str, object]:
    """What must be the same: every file, every effect, every assignment."""
    ledger = Ledger(root / "state" / "ledger.db")
    found: dict[str, object] = dict(files(root))
    found |= {key: (effect.state, repr(effect.item)) for key, effect in ledger.effects().items()}
    found |= {f"assignment {a.absence_id} {a.key}": a for a in ledger.assignments()}
    ledger.close()
    return found


def run_step(root: Path, when: datetime, step: Step, fuse: Fuse) -> None:
    step(root, watched(open_session(root, when), fuse))


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("number", range(len(STEPS)), ids=[name for name, *_ in STEPS])
def test_a_kill_at_any_point_loses_nothing_and_doubles_nothing(number: int, home: Path, tmp_path: Path) -> None:
    deliver_mail(home, datetime(2026, 11, 30, 11, 20, tzinfo=LISBON), "ola@customer.example", "An offer")
    deliver_mail(home, datetime(2026, 11, 30, 11, 25, tzinfo=LISBON), "jonas@family.example", "A tooth")
    for _, when, step in STEPS[:number]:
        step(home, open_session(home, when))
    name, when, step = STEPS[number]

    reference = tmp_path / "reference"
    shutil.copytree(home, reference, symlinks=True)
    fuse = Fuse(-1)
    run_step(reference, when, step, fuse)
    make_a_pass(reference, open_session(reference, when))
    expected = state(reference)
    assert fuse.passed > 4, f"{name} wrote nothing"

    for point in range(1, fuse.passed + 1):
        root = tmp_path / "killed"
        shutil.copytree(home, root, symlinks=True)
        assert killed_at(point, partial(run_step, root, when, step))
        step(root, open_session(root, when))
        make_a_pass(root, open_session(root, when))
        assert difference(state(root), expected) == [], f"{name}: killed at point {point} of {fuse.passed}"
        shutil.rmtree(root)
