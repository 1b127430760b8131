"""What every Mailbox promises: mail is only moved, once, with its flags and dates."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from integrations.google_mailbox import GoogleMailbox
from integrations.maildir import Maildir, create_maildir
from integrations.memory_mail import MemoryMailbox
from integrations.ports import Mailbox
from rules.model import Envelope
from tests.servers.dovecot import Dovecot
from tests.servers.fake_google import FakeGoogle
from tests.servers.fake_google.worlds import LEA, api_of, google_world, mail
from tests.servers.imap_clients import imap_mailbox

NOON = datetime(2026, 11, 9, 12, tzinfo=UTC)


def _thread(reply_to: str) -> str:
    return f"In-Reply-To: {reply_to}\n" if reply_to else ""


class World(ABC):
    """A mailbox and the hand that delivers into it."""

    box: Mailbox

    @abstractmethod
    def deliver(self, name: str, at: datetime, sender: str = "ana@client.example", reply_to: str = "") -> str:
        """Into INBOX; returns the handle."""


class MemoryWorld(World):
    def __init__(self, _: Path) -> None:
        self._memory = MemoryMailbox("main")
        self.box = self._memory

    def deliver(self, name: str, at: datetime, sender: str = "ana@client.example", reply_to: str = "") -> str:
        self._memory.deliver(
            Envelope(name, f"<{name}@x.example>", sender, f"about {name}", at, headers={"in-reply-to": reply_to}, text="hello")
        )
        return name


class MaildirWorld(World):
    def __init__(self, tmp_path: Path) -> None:
        self.root = tmp_path / "Maildir"
        create_maildir(self.root)
        self.box = Maildir("main", self.root)

    def deliver(self, name: str, at: datetime, sender: str = "ana@client.example", reply_to: str = "") -> str:
        path = self.root / "new" / name
        path.write_text(f"From: {sender}\nSubject: about {name}\nMessage-ID: <{name}@x.example>\n{_thread(reply_to)}\nhello\n")
        os.utime(path, (at.timestamp(), at.timestamp()))
        return name


class ImapWorld(World):
    """On the server's own terms."""

    def __init__(self, tmp_path: Path, dovecot: Dovecot) -> None:
        self.server = dovecot
        self.user = dovecot.user()
        self.box = imap_mailbox(dovecot, self.user, tmp_path)

    def deliver(self, name: str, at: datetime, sender: str = "ana@client.example", reply_to: str = "") -> str:
        head = f"From: {sender}\nSubject: about {name}\nMessage-ID: <{name}@x.example>\n{_thread(reply_to)}"
        letter = f"{head}\nhello\n"
        self.server.put(self.user, name, letter.encode(), at)
        return next(e.id for e in self.box.find(at) if e.message_id == f"<{name}@x.example>")


class PlainImapWorld(ImapWorld):
    """On a server that knows UIDPLUS but no MOVE, no METADATA and no NAMESPACE."""


class GmailWorld(World):
    def __init__(self, tmp_path: Path, google: FakeGoogle) -> None:
        self.google = google
        self.box = GoogleMailbox("main", api_of(google), "lea", lambda: NOON, cache_folder=tmp_path)

    def deliver(self, name: str, at: datetime, sender: str = "ana@client.example", reply_to: str = "") -> str:
        return self.google.gmail.deliver(LEA, mail(name, sender, **({"In_Reply_To": reply_to} if reply_to else {})), at).id


WORLDS = [MemoryWorld, MaildirWorld, ImapWorld, PlainImapWorld, GmailWorld]


@pytest.fixture(params=WORLDS)
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    if request.param is GmailWorld:
        with google_world() as google:
            yield GmailWorld(tmp_path, google)
        return
    if not issubclass(request.param, ImapWorld):
        yield request.param(tmp_path)
        return
    made = request.param(tmp_path, request.getfixturevalue("dovecot" if request.param is ImapWorld else "plain_dovecot"))
    yield made
    made.box.close()


def ids(envelopes: object) -> list[str]:
    return [envelope.id for envelope in envelopes]  # type: ignore[attr-defined]


def test_arrivals_are_those_since_then_in_order_of_delivery(world: World) -> None:
    late = world.deliver("1", NOON + timedelta(minutes=2))
    world.deliver("2", NOON - timedelta(minutes=1))
    on_time = world.deliver("3", NOON)
    assert ids(world.box.arrivals(NOON)) == [on_time, late]


def test_an_arrival_says_who_and_what(world: World) -> None:
    world.deliver("1", NOON, "Bo@Home.Example".lower())
    (envelope,) = world.box.arrivals(NOON)
    assert (envelope.sender, envelope.subject, envelope.message_id) == ("bo@home.example", "about 1", "<1@x.example>")
    assert envelope.received == NOON


def test_held_mail_leaves_the_inbox_and_comes_back_in_order(world: World) -> None:
    handles = [world.deliver(str(n), NOON + timedelta(minutes=n)) for n in range(5)]
    assert world.box.hold([handles[3], handles[0]]) == 2
    assert ids(world.box.held()) == [handles[0], handles[3]]
    assert ids(world.box.arrivals(NOON)) == [handles[1], handles[2], handles[4]]
    assert world.box.release() == 2
    assert ids(world.box.arrivals(NOON)) == handles and ids(world.box.held()) == []


def test_moving_twice_moves_once(world: World) -> None:
    handle = world.deliver("1", NOON)
    assert [world.box.hold([handle, handle]), world.box.hold([handle])] == [1, 0]
    assert [world.box.release([handle]), world.box.release([handle]), world.box.release()] == [1, 0, 0]
    assert ids(world.box.arrivals(NOON)) == [handle]


def test_only_the_named_ones_are_released(world: World) -> None:
    handles = [world.deliver(str(n), NOON + timedelta(minutes=n)) for n in range(3)]
    world.box.hold(handles)
    assert world.box.release([handles[1], "never seen"]) == 1
    assert ids(world.box.held()) == [handles[0], handles[2]]


def test_nothing_named_means_nothing_moved(world: World) -> None:
    handle = world.deliver("1", NOON)
    assert world.box.hold([]) == 0 and world.box.hold(["../1", "", "x/y"]) == 0
    world.box.hold([handle])
    assert world.box.release([]) == 0 and ids(world.box.held()) == [handle]


def test_the_time_of_delivery_survives_the_moves(world: World) -> None:
    handle = world.deliver("1", NOON)
    world.box.hold([handle])
    assert world.box.held()[0].received == NOON
    world.box.release()
    assert world.box.arrivals(NOON)[0].received == NOON


def test_what_is_held_is_still_found(world: World) -> None:
    first, second = world.deliver("1", NOON), world.deliver("2", NOON + timedelta(minutes=1))
    world.box.hold([first])
    assert ids(world.box.find(NOON)) == [first, second]
    assert ids(world.box.find(NOON + timedelta(seconds=1))) == [second]


def test_replies_to_letters_of_ours_are_found_with_their_text(world: World) -> None:
    ours = "<hw-t3u3eq53.ask.4b2222b2501b5c8b@example.org>"
    world.deliver("1", NOON)
    yes = world.deliver("2", NOON, reply_to=ours)
    world.deliver("3", NOON, reply_to="<somebody.elses@example.org>")
    world.deliver("4", NOON, sender="eve@stranger.example", reply_to=ours)
    (found,) = world.box.replies(NOON, {"Ana@client.example", "ben@client.example"})
    assert (found.id, found.text.strip()) == (yes, "hello")
    assert not world.box.replies(NOON + timedelta(seconds=1), {"ana@client.example"}) and not world.box.replies(NOON, ())


def test_what_is_held_is_there_in_outline_too(world: World) -> None:
    world.box.hold([world.deliver("1", NOON), world.deliver("2", NOON)])
    assert sorted(ids(world.box.held_outline())) == sorted(ids(world.box.held())) != []


def test_tidying_takes_no_mail_away(world: World) -> None:
    handle = world.deliver("1", NOON)
    world.box.hold([handle])
    world.box.tidy()
    assert ids(world.box.held()) == [handle]
    world.box.release()
    world.box.tidy()
    assert ids(world.box.held()) == [] and ids(world.box.arrivals(NOON)) == [handle]


def test_what_was_found_can_be_read_and_what_is_gone_comes_back_as_it_is(world: World) -> None:
    world.deliver("1", NOON)
    found = world.box.find(NOON)
    assert [(e.id, e.message_id) for e in world.box.with_texts(found)] == [(e.id, e.message_id) for e in found]
    assert ids(world.box.with_texts([])) == []
