"""The process is killed before or after one of its writes to the servers or to the ledger, and started again: what is then there
is what a run that was never killed leaves. Points are taken evenly from all there are; on files each of them is tried."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from pathlib import Path

import pytest

from daemon.clock import FixedClock
from daemon.paths import Paths
from daemon.reconcile import look, one_pass, say_yes, undo
from daemon.session import Session
from tests.daemon.fuse import Fuse, killed_at, watched
from tests.servers.dovecot import Dovecot
from tests.servers.radicale import Radicale
from tests.servers.submission import Submission, running_submission
from tests.stories.clocked import ClockedDovecot
from tests.stories.journey import Journey

NOW = datetime.fromisoformat("2026-11-09T00:30+01:00")  # the night before, so that the server is told what to hold, too
DEATHS = 8
Step = Callable[[Session], None]


def accept_the_plan(session: Session) -> None:
    with session.ledger.writing():
        say_yes(session, look(session))
        one_pass(session)


def take_it_back(session: Session) -> None:
    with session.ledger.writing():
        undo(session, [absence.id for absence in session.ledger.absences()], past=True)


def make_a_pass(session: Session) -> None:
    with session.ledger.writing():
        one_pass(session)


class World:
    """A leader who has not met homeward yet."""

    def __init__(self, root: Path, radicale: Radicale, dovecot: Dovecot, submission: Submission) -> None:
        self.journey = Journey(root, radicale, ClockedDovecot(dovecot), submission, "carla")
        self._letters_before = len(submission.caught.letters)

    def run(self, step: Step, fuse: Fuse) -> None:
        root = self.journey.root
        session = Session(Paths(root / "config.toml", root / "state", root / "state" / "cache"), FixedClock(NOW))
        try:
            step(watched(session, fuse))
        finally:
            session.outside.close()
            session.ledger.close()

    def after(self, step: Step) -> None:
        self.run(step, Fuse(-1))

    def state(self) -> dict[str, object]:
        """What must be the same: every event, script and folder, what was sent, every effect, every assignment."""
        j = self.journey
        found: dict[str, object] = {}
        for name, content in (("work", j.server.content(j.work)), ("family", j.home.content(j.family))):
            found |= {f"{name} {path.rpartition('/')[2]}": data for path, data in content.items()}
        found |= {"scripts": j.sieve.scripts(), "folders": j.letters.folders(), "filed": j.letters.subjects("Sent")}
        found["sent"] = sorted(str(message["Message-ID"]) for message in j.sent()[self._letters_before :])
        return found | self._ledger()

    def _ledger(self) -> dict[str, object]:
        root = self.journey.root
        session = Session(Paths(root / "config.toml", root / "state", root / "state" / "cache"), FixedClock(NOW))
        try:
            found: dict[str, object] = {key: (e.state, repr(e.item)) for key, e in session.ledger.effects().items()}
            return found | {f"assignment {a.absence_id} {a.key}": a for a in session.ledger.assignments()}
        finally:
            session.ledger.close()


@pytest.fixture(scope="module")
def submission(dovecot: Dovecot) -> Iterator[Submission]:
    with running_submission(dovecot.authority) as started:
        yield started


@pytest.fixture
def worlds(radicale: Radicale, dovecot: Dovecot, submission: Submission, tmp_path: Path) -> Callable[[str], World]:
    return lambda name: World(tmp_path / name, radicale, dovecot, submission)


STEPS: dict[str, tuple[Step, ...]] = {"apply": (accept_the_plan,), "undo": (accept_the_plan, take_it_back)}


@pytest.mark.slow
@pytest.mark.parametrize("name", STEPS)
def test_a_kill_on_servers_loses_nothing_and_doubles_nothing(name: str, worlds: Callable[[str], World]) -> None:
    *before, step = STEPS[name]
    unharmed, fuse = worlds("unharmed"), Fuse(-1)
    for each in before:
        unharmed.after(each)
    unharmed.run(step, fuse)
    unharmed.after(make_a_pass)
    expected = unharmed.state()
    assert expected["sent"], "requests went out"
    assert fuse.passed > DEATHS

    for point in range(1, fuse.passed + 1, fuse.passed // DEATHS):
        world = worlds(f"killed{point}")
        for each in before:
            world.after(each)
        assert killed_at(point, partial(world.run, step))
        world.after(step)
        world.after(make_a_pass)
        found = world.state()
        different = {
            key: (found.get(key), expected.get(key)) for key in {*found, *expected} if found.get(key) != expected.get(key)
        }
        assert different == {}, f"killed at point {point} of {fuse.passed}"
