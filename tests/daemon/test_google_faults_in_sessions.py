"""The whole trip at Google with one method failing through one whole session, in every way there is; then the fault is gone, and
the session is made again. What passes by itself leaves the same end as if nothing had been; whatever a refusal says falsely,
nothing is lost, no message is in two places, and no letter goes out twice."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from fuse import difference
from google_world import LENA, GoogleWorld
from test_google_kill import remains, story

from daemon.session import Session
from integrations.errors import OutsideError
from tests.homes import demo_home
from tests.servers.fake_google.faults import FAULTS
from tests.servers.fake_google.server import FakeGoogle
from tests.servers.fake_google.worlds import Clock, api_of

SESSIONS = 9
LYING = ("403 scope", "403 access", "403 organizer", "404", "409", "410", "412")
METHODS = (
    *(f"calendar.events.{name}" for name in ("list", "get", "insert", "patch", "delete")),
    *(f"gmail.users.{name}" for name in ("getProfile", "history.list", "messages.list", "messages.get", "messages.batchModify")),
    *(f"gmail.users.{name}" for name in ("messages.send", "labels.list", "labels.create", "labels.get", "labels.delete")),
    *(f"gmail.users.settings.{name}" for name in ("getVacation", "updateVacation")),
    *(f"gmail.users.settings.filters.{name}" for name in ("list", "create", "delete")),
)


class NewEachTime(GoogleWorld):
    """Every session is a process of its own: it knows nothing of how Google was before."""

    @contextmanager
    def session(self) -> Iterator[Session]:
        self._api = api_of(self.google, LENA)
        with super().session() as session:
            yield session


def the_story(home: Path, trouble: Callable[[FakeGoogle, int], None]) -> tuple[dict[str, Any], list[set[str]]]:
    """What remains, and the methods that each session called. `trouble` is made before each session's first attempt."""
    clock, called = Clock(), list[set[str]]()
    with FakeGoogle(clock) as google:
        world = NewEachTime(home, google, server=True)
        clock.now = world.now

        def twice(world: GoogleWorld, step: Callable[[], object]) -> int:
            google.count()
            trouble(google, len(called))
            with suppress(OutsideError):  # the command says so
                step()
            google.faults.clear()
            step()
            called.append(set(google.count().calls))
            return 0

        story(world, clock, twice)
        world.make_pass()
        return {**remains(world), "before": world.before, "box": google.gmail.boxes[LENA]}, called


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], list[set[str]]]:
    root = demo_home(tmp_path_factory.mktemp("undisturbed") / "home")
    return the_story(root, lambda google, number: None)


CASES = [(method, name) for method in METHODS for name in FAULTS]
"""In make test only some, chosen once and for all: a smaller story has each method fail in each way there."""
SOME = sorted(random.Random(1).sample(CASES, 8))


def check(home: Path, undisturbed: tuple[dict[str, Any], list[set[str]]], method: str, name: str) -> None:
    expected, called = undisturbed
    in_sessions = [number for number, methods in enumerate(called) if method in methods]
    chosen = random.Random(method + name).choice(in_sessions)

    def trouble(google: FakeGoogle, number: int) -> None:
        if number == chosen:
            google.faults.add(method, name, times=1 if name == "slow" else -1)

    found, _ = the_story(home, trouble)
    box = found.pop("box")
    assert len(set(found["letters"])) == len(found["letters"]), "no letter twice"
    assert all(("INBOX" in labels) for _, labels in found["mail"] if "SENT" not in labels), found["mail"]
    assert not box.filters and not box.vacation["enableAutoReply"]
    assert found["before"].keys() <= found["calendar"].keys()
    if name not in LYING and not method.endswith("messages.send"):
        assert difference(found, {key: value for key, value in expected.items() if key != "box"}) == []


@pytest.mark.slow
@pytest.mark.parametrize(("method", "name"), SOME)
def test_the_trip_ends_as_ever_though_a_method_failed(
    home: Path, undisturbed: tuple[dict[str, Any], list[set[str]]], method: str, name: str
) -> None:
    check(home, undisturbed, method, name)


@pytest.mark.long
@pytest.mark.parametrize(("method", "name"), CASES)
def test_the_trip_ends_as_ever_however_a_method_failed(
    home: Path, undisturbed: tuple[dict[str, Any], list[set[str]]], method: str, name: str
) -> None:
    check(home, undisturbed, method, name)


def test_every_method_of_the_trip_is_made_to_fail(undisturbed: tuple[dict[str, Any], list[set[str]]]) -> None:
    _, called = undisturbed
    assert len(called) == SESSIONS and set().union(*called) == set(METHODS)
