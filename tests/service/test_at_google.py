"""The service with an account at Google: real processes, real time, and a sign-in that ends and is made anew."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from daemon.service.control import ask
from tests.daemon.at_google import furnish, move, sign_in
from tests.daemon.google_world import LENA
from tests.servers.dbus import Desktop, private_bus
from tests.servers.fake_google.server import FakeGoogle
from tests.service.processes import Service, running_service, wait_for


def now() -> str:
    return datetime.now(UTC).isoformat()


@pytest.fixture
def google(home: Path) -> Iterator[FakeGoogle]:
    with FakeGoogle(lambda: datetime.now(UTC)) as started:
        furnish(started)
        move(home, started)
        sign_in(home, started, now=now())
        yield started


@pytest.fixture
def desktop() -> Iterator[tuple[Desktop, str]]:
    with private_bus() as address:
        yield Desktop(address), address


def look_again(service: Service, times: int = 1) -> None:
    for _ in range(times):
        before = service.passes()
        assert ask(str(service.state), "wake") == {"heard": True}
        service.wait_for_passes(before + 1)


def test_a_sign_in_that_ends_is_said_once_and_a_new_one_heals_it(
    home: Path, short_folder: Path, google: FakeGoogle, desktop: tuple[Desktop, str]
) -> None:
    listening, bus = desktop
    environment = {"DBUS_SESSION_BUS_ADDRESS": bus, "HOME": str(home)}
    with running_service(home, short_folder, **environment) as service:
        service.hear("READY=1")
        service.wait_for_passes(1)
        assert service.status()["trouble"] == "", service.log
        assert google.seen.calls["calendar.events.list"] > 0
        shown = service.homeward("status")
        assert shown.returncode == 0 and "Sign in again" not in shown.stdout, shown.stdout + shown.stderr
        assert not notices(listening)

        google.oauth.revoke_all(LENA)
        look_again(service)
        wait_for(lambda: notices(listening), f"nothing is shown on the desktop: {service.log}")
        look_again(service, 3)
        [(_, body)] = notices(listening)
        assert "homeward auth google g" in body
        shown = service.homeward("status")
        assert "Sign in again: g  (homeward auth google g)" in shown.stdout, shown.stdout + shown.stderr
        assert service.process.poll() is None and service.status()["mistakes"] == ""

        sign_in(home, google, now=now())
        google.count()
        look_again(service)
        assert google.seen.calls["calendar.events.list"] > 0, "the next pass has what it needs"
        assert "Sign in again" not in service.homeward("status").stdout and len(notices(listening)) == 1
        assert service.status()["trouble"] == ""

        google.oauth.revoke_all(LENA)
        look_again(service)
        wait_for(lambda: len(notices(listening)) == 2, "a sign-in that ends once more is news")
        assert service.stop() == 0


def notices(desktop: Desktop) -> list[tuple[str, str]]:
    return [(title, body) for title, body in desktop.shown if title == "Sign in again"]
