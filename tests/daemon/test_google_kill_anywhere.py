"""The process is killed before or after one of its writes to the ledger, to a port, or to Google itself, in each session of a
trip at Google; it is started again, and what is then there is what a run that was never killed leaves. In the long tests at every
point there is, else at some that are chosen once and for all."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from email import message_from_bytes
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from at_google import move
from fuse import Fuse, difference, killed_at, watched
from google_world import LENA, GoogleWorld
from test_google_kill import remains
from world import LISBON

from daemon.session import Session
from tests.servers.fake_google.server import FakeGoogle
from tests.servers.fake_google.worlds import Clock

DEATHS = 3  # of each session, where not all are tried


class Mortal(GoogleWorld):
    """Burns the fuse around each write of a session. What there is at Google can be put back to where it was."""

    fuse: Fuse | None = None

    def __init__(self, root: Path, google: FakeGoogle, clock: Clock, *, server: bool) -> None:
        self._clock = clock
        super().__init__(root, google, server=server)
        self._api._http._tokens.token()  # or a child would make one that Google knows nothing of
        wire = self._api._http._wire
        self._send, wire.send = wire.send, self._watched_send  # type: ignore[method-assign]

    def at(self, wall: str, zone: str = "Europe/Berlin") -> Any:
        self._clock.now = super().at(wall, zone)
        return self.now

    def _watched_send(self, url: str, method: str, *rest: Any) -> Any:
        if self.fuse is None or method == "GET" or "/batch" in url:
            return self._send(url, method, *rest)
        if "/messages/send" not in url:  # that one is known to have begun, and not whether it ended: it is never sent again
            self.fuse.burn()
        answer = self._send(url, method, *rest)
        self.fuse.burn()
        return answer

    @contextmanager
    def session(self) -> Iterator[Session]:
        with super().session() as session:
            yield watched(session, self.fuse) if self.fuse else session

    def run(self, step: Callable[[Mortal], object], fuse: Fuse) -> None:
        self.fuse = fuse
        if fuse.left > 0:
            self._api._http._wire._pools.clear()  # connections of the parent
        try:
            step(self)
        finally:
            self.fuse = None

    def google_now(self) -> tuple[Any, Any]:
        there = (self.google.calendar, self.google.gmail)
        return deepcopy(there, {id(self._clock): self._clock})

    def put_back(self, home: Path, there: tuple[Any, Any]) -> None:
        shutil.rmtree(self.root)
        shutil.copytree(home, self.root, symlinks=True)
        self.google.calendar, self.google.gmail = deepcopy(there, {id(self._clock): self._clock})


def ana_agrees(world: Mortal) -> None:
    assert world.answers("ana@example.org", "accepted")


def on_the_way(world: Mortal) -> None:
    world.at("2026-12-01 10:00", LISBON)
    for sender in ("ola@customer.example", "jonas@family.example"):
        world.delivers(sender, f"From {sender}")
    world.at("2026-12-01 10:05", LISBON)


def answered_by_mail(world: Mortal) -> None:
    """Ana, who was asked in Carla's place."""
    letters = [message_from_bytes(raw) for _, to, raw in world.google.gmail.outgoing if "ana@example.org" in to]
    request = [each["Message-ID"] for each in letters if ".ask." in each["Message-ID"]][-1]
    world.at("2026-12-01 12:31", LISBON)
    raw = f"From: ana@example.org\nTo: {LENA}\nSubject: Re: host\nMessage-ID: <yes@mail.example>\nIn-Reply-To: {request}\n\nYes\n"
    world.google.gmail.deliver(LENA, raw.encode(), world.now)


Step = Callable[[Mortal], object]
SESSIONS: dict[str, tuple[Step, Step]] = {
    "apply": (lambda world: None, lambda world: world.accept()),
    "accepted": (ana_agrees, lambda world: world.make_pass()),
    "hold": (on_the_way, lambda world: world.make_pass()),
    "open": (answered_by_mail, lambda world: world.make_pass()),
    "return": (lambda world: world.at("2026-12-08 10:00"), lambda world: world.make_pass()),
    "undo": (lambda world: world.at("2026-12-08 11:00"), lambda world: world.undo(past=True)),
}  # fmt: skip


HELD_BY = {"client": False, "server": True, "server, with an out-of-office entry": True}
SWITCHED_ON = "[out_of_office]\nenabled = true"


def prepared(home: Path, google: FakeGoogle, clock: Clock, mode: str) -> Mortal:
    world = Mortal(home, google, clock, server=HELD_BY[mode])
    if "out-of-office" in mode:
        move(home, google, mail=False)  # the config has to say that the calendar is the primary one of an account there
        world.add_to_config(SWITCHED_ON)
    return world


def is_shown_away(world: Mortal) -> bool:
    events = world.google.calendar.shelves[LENA].events.values()
    return any(event["eventType"] == "outOfOffice" and event["status"] != "cancelled" for event in events)


def ends_alike(home: Path, tmp_path: Path, mode: str, chosen: Callable[[str, int], list[int]]) -> int:
    """How often it died; AssertionError, when all have been tried, with the points after which something is otherwise."""
    clock, deaths, saved, wrong = Clock(), 0, tmp_path / "saved", list[str]()
    with FakeGoogle(clock) as google:
        world = prepared(home, google, clock, mode)
        for name, (happens, step) in SESSIONS.items():
            happens(world)
            shutil.copytree(home, saved, symlinks=True)
            there, fuse = world.google_now(), Fuse(-1)
            world.run(step, fuse)
            world.make_pass()
            expected, after, moment = remains(world), world.google_now(), tmp_path / f"after {name}"
            shutil.copytree(home, moment, symlinks=True)
            assert fuse.passed > 10, f"{name} wrote nothing"
            assert is_shown_away(world) == ("out-of-office" in mode and name != "undo"), name
            assert name != "open" or world.hosts()["Design review training"] == ("ana", "accepted")
            for point in chosen(name, fuse.passed):
                world.put_back(saved, there)
                assert killed_at(point, partial(world.run, step)), point
                step(world)
                world.make_pass()
                if other := difference(remains(world), expected):
                    wrong.append(f"{name}: killed at point {point} of {fuse.passed}: {other}")
                deaths += 1
            world.put_back(moment, after)
            shutil.rmtree(saved)
    assert not wrong, "\n".join(wrong)
    return deaths


def some(name: str, points: int) -> list[int]:
    return sorted(random.Random(name).sample(range(1, points + 1), min(DEATHS, points)))


@pytest.mark.slow
@pytest.mark.parametrize("mode", HELD_BY)
def test_a_kill_anywhere_at_google_loses_nothing_and_doubles_nothing(home: Path, tmp_path: Path, mode: str) -> None:
    assert ends_alike(home, tmp_path, mode, some) == DEATHS * len(SESSIONS)


@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("session", SESSIONS)
@pytest.mark.parametrize("mode", HELD_BY)
def test_a_kill_at_every_point_at_google_loses_nothing_and_doubles_nothing(
    home: Path, tmp_path: Path, mode: str, session: str
) -> None:
    deaths = ends_alike(home, tmp_path, mode, lambda name, points: list(range(1, points + 1)) if name == session else [])
    print(f"{deaths} deaths in {session}, mail held by {mode}")
    assert deaths > 10
