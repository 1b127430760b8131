"""The demonstration's home, and outside servers that serve a whole test session: they start when the first test asks for them."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.homes import demo_home

if TYPE_CHECKING:
    from tests.servers.dovecot import Dovecot
    from tests.servers.fake_google.worlds import Clock
    from tests.servers.radicale import Radicale
    from tests.servers.xandikos import Office, Xandikos


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return demo_home(tmp_path / "home")


@pytest.fixture(autouse=True)
def usual_umask() -> Iterator[None]:
    """The command line shuts everybody else out of what it makes; the next test's server has users of its own."""
    yield
    os.umask(0o022)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """Where the server, which is another user, may read; the way to the folders of pytest is closed to others."""
    with tempfile.TemporaryDirectory(dir="/tmp", prefix="hw-open-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder


@pytest.fixture
def clock() -> Clock:
    """Google's."""
    from tests.servers.fake_google.worlds import Clock

    return Clock()


@pytest.fixture(scope="session")
def dovecot() -> Iterator[Dovecot]:
    """IMAP, LMTP and ManageSieve. Tests that stop or break it start one of their own with `running_dovecot`."""
    from tests.servers.dovecot import running_dovecot

    with running_dovecot() as started:
        yield started


@pytest.fixture(scope="session")
def plain_dovecot() -> Iterator[Dovecot]:
    """One that says of itself that it knows hardly anything."""
    from tests.servers.dovecot import CAPABILITIES, Shape, running_dovecot

    with running_dovecot(Shape(f"protocol imap {{\n  imap_capability = {CAPABILITIES} UIDPLUS\n}}\n", ".", "INBOX.")) as started:
        yield started


@pytest.fixture(scope="session")
def radicale() -> Iterator[Radicale]:
    """CalDAV that sends the data along. Every test takes a calendar of its own."""
    from tests.servers.radicale import running_radicale

    with running_radicale() as started:
        yield started


@pytest.fixture(scope="session")
def xandikos() -> Iterator[Xandikos]:
    """CalDAV that has to be asked for the data."""
    from tests.servers.xandikos import running_xandikos

    with running_xandikos() as started:
        yield started


@pytest.fixture(scope="session")
def office() -> Iterator[Office]:
    """CalDAV of several users, which delivers invitations and answers between them."""
    from tests.servers.xandikos import running_office

    with running_office("lea", "ana", "ben", "carla", "cy", "dan", "eva", "finn", "gia", "max") as started:
        yield started
