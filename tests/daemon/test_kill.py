"""The process is killed before and after every write to the ledger and to the outside, resumed, and compared with the run that
was never killed: nothing lost, nothing doubled. Real files throughout; a warm process forks for each kill."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from stages import BERLIN, LISBON, deliver_mail, files, open_session

from daemon.ledger import Ledger
from daemon.reconcile import look, one_pass, say_yes, undo
from daemon.session import Session

KILLED = 77
WRITES = {"commit", "hold", "release", "tidy", "write", "restore", "send", "run"}


class Fuse:
    """Burns down by one at each point where a process may die, and ends the process at zero."""

    def __init__(self, points: int) -> None:
        self.left = points
        self.passed = 0

    def burn(self) -> None:
        self.passed += 1
        self.left -= 1
        if self.left == 0:
            os._exit(KILLED)


class Watched:
    """Stands before a real backend and burns the fuse around each of its writes."""

    def __init__(self, real: Any, fuse: Fuse) -> None:
        self._real, self._fuse = real, fuse

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._real, name)
        if name not in WRITES:
            return found

        def call(*args: Any, **kwargs: Any) -> Any:
            self._fuse.burn()
            result = found(*args, **kwargs)
            self._fuse.burn()
            return result

        return call


class WatchedDatabase:
    """Stands before the ledger's connection and burns the fuse around each statement that writes."""

    def __init__(self, real: Any, fuse: Fuse) -> None:
        self._real, self._fuse = real, fuse

    def execute(self, sql: str, *args: Any) -> Any:
        if sql.lstrip().upper().startswith(("SELECT", "PRAGMA", "BEGIN")):
            return self._real.execute(sql, *args)
        self._fuse.burn()
        result = self._real.execute(sql, *args)
        self._fuse.burn()
        return result

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)


def watched(session: Session, fuse: Fuse) -> Session:
    outside = session.outside
    for kind in (outside.calendars, outside.mailboxes, outside.responders, outside.outboxes):
        for name, backend in kind.items():
            kind[name] = Watched(backend, fuse)  # type: ignore[assignment]
    session.ledger._db = WatchedDatabase(session.ledger._db, fuse)  # type: ignore[assignment]
    return session


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


def difference(one: dict[str, object], other: dict[str, object]) -> list[tuple[str, object, object]]:
    return [(key, one.get(key), other.get(key)) for key in sorted({*one, *other}) if one.get(key) != other.get(key)]


def run_step(root: Path, when: datetime, step: Step, fuse: Fuse) -> None:
    step(root, watched(open_session(root, when), fuse))


def killed_at(root: Path, when: datetime, step: Step, point: int) -> bool:
    """Whether the child died at that point; False: it came to its end first."""
    child = os.fork()
    if child == 0:
        try:
            run_step(root, when, step, Fuse(point))
        except BaseException:
            os._exit(1)
        os._exit(0)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert code in (0, KILLED), f"the child failed at point {point}"
    return code == KILLED


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
        assert killed_at(root, when, step, point)
        step(root, open_session(root, when))
        make_a_pass(root, open_session(root, when))
        assert difference(state(root), expected) == [], f"{name}: killed at point {point} of {fuse.passed}"
        shutil.rmtree(root)
