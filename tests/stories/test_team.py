"""A team over a quarter, in every world that homeward serves. What people read is the same in all of them: it stands in
team/expected, to be read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from daemon import connect
from tests.stories.team import desks, posts
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
