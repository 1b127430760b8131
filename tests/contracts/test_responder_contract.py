"""What every Responder promises: ours lies on top of the user's own, comes off without a trace, and never fights an edit."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from integrations.errors import PreconditionFailed
from integrations.google_responder import GoogleResponder
from integrations.login import Login, Server
from integrations.managesieve import ManageSieve
from integrations.memory_mail import MemoryResponder
from integrations.ports import Lease, Responder
from integrations.sieve_file import SieveFile
from integrations.sieve_server import SieveServer
from rules.interval import Interval
from rules.items import ResponderItem, ResponderText
from tests.servers.dovecot import Dovecot
from tests.servers.fake_google import FakeGoogle
from tests.servers.fake_google.worlds import LEA, api_of, google_world

NOW = datetime(2026, 11, 9, 12, tzinfo=UTC)
SPAN = Interval(NOW, NOW + timedelta(days=5))
TEXTS = (ResponderText("internal", "Away", "I am away."),)
ITEM = ResponderItem("hw-a.responder.1", "a", "main", SPAN, TEXTS, 4, ("home.example",), own=("me@home.example",))
OTHER = ResponderItem("hw-b.responder.1", "b", "main", SPAN, TEXTS, 4, ("home.example",))
LEASE = Lease(NOW, NOW + timedelta(days=1), ())
OWN = 'require "vacation";\nvacation "gone fishing";\n'


class World(ABC):
    """A responder under which the user's own reply is already on."""

    responder: Responder
    now: datetime = NOW

    @abstractmethod
    def state(self) -> object:
        """All that the user could see of their own settings."""

    @abstractmethod
    def edit_ours(self) -> None: ...

    @abstractmethod
    def take_over(self) -> None: ...


class MemoryWorld(World):
    def __init__(self, _: pytest.FixtureRequest) -> None:
        self._memory = MemoryResponder(lambda: self.now, OWN)
        self.responder = self._memory

    def state(self) -> object:
        return self._memory.read()

    def edit_ours(self) -> None:
        self._memory.user_edits()

    def take_over(self) -> None:
        self._memory.user_edits("my new reply")


class FileWorld(World):
    def __init__(self, request: pytest.FixtureRequest) -> None:
        tmp_path: Path = request.getfixturevalue("tmp_path")
        self.home = tmp_path
        self.active = tmp_path / ".dovecot.sieve"
        self.folder = tmp_path / "sieve"
        self.set_up()
        self.responder = SieveFile(self.active, self.folder, lambda: self.now)

    def set_up(self) -> None:
        self.active.write_text(OWN)

    def state(self) -> object:
        return {
            str(path.relative_to(self.home)): path.readlink() if path.is_symlink() else path.read_bytes()
            for path in self.home.rglob("*")
            if path.is_symlink() or path.is_file()
        }

    def edit_ours(self) -> None:
        script = self.active.resolve()
        script.write_text(script.read_text().replace("I am away.", "I am on the beach."))

    def take_over(self) -> None:
        self.active.unlink()
        self.active.write_text("keep;")


class LinkWorld(FileWorld):
    def set_up(self) -> None:
        self.folder.mkdir()
        (self.folder / "mine.sieve").write_text(OWN)
        self.active.symlink_to("sieve/mine.sieve")


class FarLinkWorld(FileWorld):
    def set_up(self) -> None:
        (self.home / "dotfiles").mkdir()
        (self.home / "dotfiles" / "rules").write_text(OWN)
        self.active.symlink_to(self.home / "dotfiles" / "rules")


class ServerWorld(World):
    """Pigeonhole behind ManageSieve, as a user with a mail program sees it."""

    def __init__(self, request: pytest.FixtureRequest) -> None:
        dovecot: Dovecot = request.getfixturevalue("dovecot")
        self._server = Server.parse(f"sieve://localhost:{dovecot.sieve}", "sieve")
        self._login = Login(dovecot.user(), "password", lambda: dovecot.password)
        with self._client() as client:
            client.putscript("mine", OWN.encode())
            client.putscript("other", b"discard;")
            client.setactive("mine")
        self.responder = SieveServer(self._server, self._login, lambda: self.now)

    def _client(self) -> ManageSieve:
        return ManageSieve(self._server, self._login)

    def state(self) -> object:
        with self._client() as client:
            listing = client.listscripts()
            return listing.active, {name: client.getscript(name) for name in listing.names}

    def edit_ours(self) -> None:
        with self._client() as client:
            ours = client.getscript("homeward")
            assert ours is not None
            client.putscript("homeward", ours.replace(b"I am away.", b"I am on the beach."))

    def take_over(self) -> None:
        with self._client() as client:
            client.putscript("new", b"keep;")
            client.setactive("new")


class GmailWorld(World):
    """Vacation settings and filters, as the user sees them in Gmail."""

    def __init__(self, request: pytest.FixtureRequest) -> None:
        google: FakeGoogle = request.getfixturevalue("google")
        self._box = google.gmail.boxes[LEA]
        self._box.workspace = "example.org"
        self._box.vacation = {"enableAutoReply": True, "responseSubject": "gone fishing", "responseBodyHtml": "<p>gone</p>"}
        records: Path = request.getfixturevalue("tmp_path")
        self.responder = GoogleResponder("main", api_of(google), "lea", lambda: self.now, records, server_hold=True)

    def state(self) -> object:
        return dict(self._box.vacation), [(each["criteria"], each["action"]) for each in self._box.filters.values()]

    def edit_ours(self) -> None:
        self._box.vacation["responseBodyPlainText"] = "I am on the beach."

    def take_over(self) -> None:
        self._box.vacation = {"enableAutoReply": True, "responseSubject": "my new reply"}


@pytest.fixture
def google() -> Iterator[FakeGoogle]:
    with google_world() as world:
        yield world


@pytest.fixture(params=[MemoryWorld, FileWorld, LinkWorld, FarLinkWorld, ServerWorld, GmailWorld])
def world(request: pytest.FixtureRequest) -> World:
    made: World = request.param(request)
    return made


def test_what_is_the_users_own_has_no_marker_and_is_told(world: World) -> None:
    reading = world.responder.read()
    assert (reading.marker, reading.enabled, reading.ends) == ("", True, None) and "own" in reading.words


def test_ours_is_read_back_with_its_marker_and_its_end(world: World) -> None:
    reading = world.responder.write(ITEM, LEASE, world.responder.read().snapshot)
    assert reading == world.responder.read()
    assert (reading.marker, reading.enabled, reading.ends) == (ITEM.id, True, SPAN.end)


def test_ours_is_over_after_its_end(world: World) -> None:
    world.responder.write(ITEM, None, world.responder.read().snapshot)
    world.now = SPAN.end
    assert not world.responder.read().enabled


def test_writing_the_same_twice_changes_nothing(world: World) -> None:
    original = world.responder.read().snapshot
    world.responder.write(ITEM, LEASE, original)
    before = world.state()
    world.responder.write(ITEM, LEASE, original)
    assert world.state() == before


def test_another_absence_takes_the_place_of_the_first(world: World) -> None:
    original = world.responder.read().snapshot
    first = world.responder.write(ITEM, None, original)
    second = world.responder.write(OTHER, None, original)
    assert second.marker == OTHER.id and second.fingerprint != first.fingerprint


def test_a_hold_alone_is_ours_and_answers_nobody(world: World) -> None:
    reading = world.responder.write(None, LEASE, world.responder.read().snapshot)
    assert reading.marker == "hold" and reading.ends is None


def test_the_snapshot_is_of_the_users_own_state_also_while_ours_is_in_force(world: World) -> None:
    before = world.state()
    world.responder.write(ITEM, LEASE, world.responder.read().snapshot)
    world.responder.restore(world.responder.read().snapshot, NOW)
    assert world.state() == before


@pytest.mark.parametrize("item, lease", [(ITEM, None), (None, LEASE), (ITEM, LEASE)])
def test_restoring_leaves_everything_as_it_was(world: World, item: ResponderItem | None, lease: Lease | None) -> None:
    before, original = world.state(), world.responder.read()
    world.responder.write(item, lease, original.snapshot)
    assert world.responder.restore(original.snapshot, NOW) == original
    assert world.state() == before


def test_writing_nothing_is_restoring_and_restoring_twice_is_restoring(world: World) -> None:
    before, original = world.state(), world.responder.read().snapshot
    world.responder.write(ITEM, None, original)
    world.responder.write(None, None, original)
    world.responder.restore(original, NOW)
    assert world.state() == before


def test_an_edit_of_ours_stays(world: World) -> None:
    original = world.responder.read().snapshot
    before = world.responder.write(ITEM, None, original).fingerprint
    world.edit_ours()
    edited = world.state()
    assert world.responder.read().fingerprint != before and "by hand" in world.responder.read().words
    with pytest.raises(PreconditionFailed, match="by hand"):
        world.responder.write(OTHER, None, original)
    with pytest.raises(PreconditionFailed, match="by hand"):
        world.responder.restore(original, NOW)
    assert world.state() == edited


def test_what_the_user_made_active_instead_of_ours_stays(world: World) -> None:
    original = world.responder.read().snapshot
    world.responder.write(ITEM, None, original)
    world.take_over()
    taken = world.state()
    assert world.responder.read().marker == ""
    with pytest.raises(PreconditionFailed, match="Another"):
        world.responder.write(ITEM, LEASE, original)
    with pytest.raises(PreconditionFailed, match="Another"):
        world.responder.restore(original, NOW)
    assert world.state() == taken


def test_after_a_take_over_the_new_state_can_be_built_on(world: World) -> None:
    world.responder.write(ITEM, None, world.responder.read().snapshot)
    world.take_over()
    adopted = world.responder.read().snapshot
    assert world.responder.write(OTHER, None, adopted).marker == OTHER.id
    world.responder.restore(adopted, NOW)
    assert world.responder.read().snapshot == adopted
