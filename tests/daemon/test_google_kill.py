"""The process dies right after every single write to Google, before it can record anything, and is started again, over and over
until it comes to its end. What is then there is what a run that was never killed leaves: nothing lost, nothing doubled."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from email import message_from_bytes
from pathlib import Path
from typing import Any

import pytest
from google_world import LENA, PEOPLE, GoogleWorld
from world import BERLIN, LISBON

from tests.servers.fake_google.server import FakeGoogle
from tests.servers.fake_google.worlds import Clock

KILLED = 77
Run = Callable[[GoogleWorld, Callable[[], object]], int]


def straight(world: GoogleWorld, step: Callable[[], object]) -> int:
    step()
    return 0


def dying(world: GoogleWorld, step: Callable[[], object]) -> int:
    """How often it died."""
    world._api._http._tokens.token()  # or the child would make one that Google knows nothing of
    for deaths in range(200):
        child = os.fork()
        if child == 0:
            try:
                _die_after_a_write(world)
                step()
            except BaseException:
                os._exit(1)
            os._exit(0)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        assert code in (0, KILLED)
        if code == 0:
            return deaths
    raise AssertionError("it never came to its end")


def _die_after_a_write(world: GoogleWorld) -> None:
    wire = world._api._http._wire
    wire._pools.clear()  # connections of the parent
    send = wire.send

    def fatal(url: str, method: str, *rest: Any) -> Any:
        answer = send(url, method, *rest)
        if method != "GET" and "/batch" not in url:
            os._exit(KILLED)
        return answer

    wire.send = fatal  # type: ignore[method-assign]


def story(world: GoogleWorld, clock: Clock, run: Run) -> int:
    def at(wall: str, zone: str = BERLIN) -> None:
        clock.now = world.at(wall, zone)

    deaths = run(world, world.accept)
    world.answers("ana@example.org", "accepted")
    deaths += run(world, world.make_pass)
    at("2026-11-26 09:00")  # the brief goes out, and Carla has let the time pass
    deaths += run(world, world.make_pass)
    at("2026-12-01 10:00", LISBON)
    deaths += run(world, world.make_pass)
    for sender in ("ola@customer.example", "jonas@family.example"):
        world.delivers(sender, f"From {sender}")
    for wall in ("2026-12-01 10:05", "2026-12-01 12:31", "2026-12-01 14:00"):
        at(wall, LISBON)
        deaths += run(world, world.make_pass)
    at("2026-12-08 10:00")
    deaths += run(world, world.make_pass)
    at("2026-12-08 11:00")
    return deaths + run(world, lambda: world.undo(past=True))


def remains(world: GoogleWorld) -> dict[str, Any]:
    box = world.google.gmail.boxes[LENA]
    letters = [message_from_bytes(raw)["Message-ID"] for _, _, raw in world.google.gmail.outgoing]
    return {
        "calendar": world.calendar_now(),
        "guests told": sorted((mail.to, mail.kind, mail.event_id) for mail in world.google.calendar.mails),
        "letters": sorted(letters),
        "mail": sorted((stored.message()["Message-ID"], sorted(stored.labels)) for stored in box.messages.values()),
        "settings": (box.vacation, list(box.filters.values()), list(box.labels.values())),
        "effects": sorted((effect.state, repr(effect.item)) for effect in world.effects()),
    }


@pytest.mark.slow
@pytest.mark.parametrize("server", [False, True], ids=["client", "server"])
def test_dying_after_every_write_changes_nothing_in_the_end(home: Path, tmp_path: Path, server: bool) -> None:
    shutil.copytree(home, tmp_path / "twin", symlinks=True)
    ends = []
    for root, run in ((home, straight), (tmp_path / "twin", dying)):
        clock = Clock()
        with FakeGoogle(clock) as google:
            world = GoogleWorld(root, google, server=server)
            clock.now = world.now
            deaths = story(world, clock, run)
            ends.append(remains(world))
    assert deaths > 20
    assert len(set(ends[0]["letters"])) == len(ends[0]["letters"]) > 0 and len(PEOPLE) == 4
    for name, value in ends[0].items():
        assert ends[1][name] == value, name
