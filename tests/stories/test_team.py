"""A team over a quarter, in every world that homeward serves. What people read is the same in all of them: it stands in
team/expected, to be read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from daemon import connect
from tests.servers.fake_google.server import FakeGoogle
from tests.servers.fake_google.worlds import Clock
from tests.stories.google_posts import Gmail
from tests.stories.team import desks, posts
from tests.stories.team.google_desk import AtGoogle
from tests.stories.team.office import LEA
from tests.stories.team.story import the_whole_story
from tests.stories.team.world import World


def test_in_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On the backends that homeward ships, where calendar and mail are nothing but values."""
    post = posts.InMemory()
    desk = desks.InMemory(post.now)
    real = connect.connect

    def connected(*args: Any, **more: Any) -> Any:
        outside = real(*args, **more)
        outside.calendars["work"] = desk.calendar
        outside.mailboxes["mail"], outside.outboxes["mail"] = post.mailbox, post.outbox
        outside.responders["mail"] = post.responder
        return outside

    monkeypatch.setattr(connect, "connect", connected)
    the_whole_story(World(tmp_path / "home", desk, post))


def test_at_google(tmp_path: Path) -> None:
    clock = Clock()
    with FakeGoogle(clock) as google:
        desk = AtGoogle(google)
        w = World(tmp_path / "home", desk, Gmail(google, clock, "client", LEA))
        w.at("2026-09-21 08:00")
        desk.sign_in(w.root, w.post.now().isoformat())
        the_whole_story(w)
