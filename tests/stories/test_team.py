"""A team over a quarter, in every world that homeward serves. What people read is the same in all of them: it stands in
team/expected, to be read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from daemon import connect
from tests.servers.fake_google.server import FakeGoogle
from tests.servers.fake_google.worlds import Clock
from tests.servers.submission import Submission
from tests.servers.xandikos import Office
from tests.stories.clocked import ClockedDovecot
from tests.stories.google_posts import Gmail, Server
from tests.stories.leader import keep_secrets
from tests.stories.team import desks, posts
from tests.stories.team.google_desk import AtGoogle
from tests.stories.team.office import LEA
from tests.stories.team.office_desk import OnServer
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


@pytest.mark.slow
def test_at_google(tmp_path: Path) -> None:
    clock = Clock()
    with FakeGoogle(clock) as google:
        desk = AtGoogle(google)
        w = World(tmp_path / "home", desk, Gmail(google, clock, "client", LEA))
        w.at("2026-09-21 08:00")
        desk.sign_in(w.root, w.post.now().isoformat())
        the_whole_story(w)


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_on_servers(office: Office, post: ClockedDovecot, submission: Submission, tmp_path: Path) -> None:
    desk = OnServer(office)
    w = World(tmp_path / "home", desk, Server(Clock(), post, submission, LEA))
    keep_secrets(w.root, post.server.ca_file)
    desk.trust(w.root)
    the_whole_story(w)
