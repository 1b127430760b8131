"""The watch over servers between two passes: it tells the service that there is news, and which of them has died is noticed."""

from __future__ import annotations

import os
import select
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from daemon.service.control import Control
from daemon.service.report import Order, Report
from daemon.service.scout import Scout, Watched
from tests.servers.calendar_server import PASSWORD as CALENDAR_PASSWORD
from tests.servers.dovecot import PASSWORD as MAIL_PASSWORD
from tests.servers.dovecot import Dovecot
from tests.servers.imap_clients import by_hand
from tests.servers.radicale import Radicale
from tests.service.playing import Machine
from tests.service.processes import wait_for
from tests.service.test_idle import CONFIG as MAIL_CONFIG
from tests.service.test_idle import deliver

CALENDAR = """[[account]]
id = "office"
kind = "caldav"
user = "lea"
password_file = "calendar-secret"
url = "{url}/"
[[calendar]]
id = "work"
account = "office"
collection = "{path}"
"""
EVENT = (
    b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//x//EN\r\nBEGIN:VEVENT\r\nUID:one@office.example\r\n"
    b"DTSTAMP:20260101T000000Z\r\nDTSTART:20261203T130000Z\r\nDTEND:20261203T140000Z\r\nSUMMARY:%s\r\n"
    b"END:VEVENT\r\nEND:VCALENDAR\r\n"
)


class Home:
    """A config with one calendar and one mailbox on servers, and the service's end of the control socket."""

    def __init__(self, folder: Path, radicale: Radicale, dovecot: Dovecot) -> None:
        self.folder, self.radicale, self.dovecot = folder, radicale, dovecot
        self.user, self.path = dovecot.user(), radicale.new_calendar()
        folder.mkdir()
        (folder / "state").mkdir(mode=0o700)
        for name, secret in (("secret", MAIL_PASSWORD), ("calendar-secret", CALENDAR_PASSWORD)):
            (folder / name).touch(mode=0o600)
            (folder / name).write_text(secret)
        values = {"user": self.user, "windows": '"08:00"', "ca_file": dovecot.ca_file, "imap": dovecot.imap}
        url = f"http://localhost:{radicale.port}"
        (folder / "config.toml").write_text(MAIL_CONFIG.format(**values) + CALENDAR.format(url=url, path=self.path))
        self.control = Control(str(folder / "state"), lambda: {})
        self.scout = Scout(str(folder / "config.toml"), str(folder / "state"))

    def hears(self, wanted: str, patience: float = 20.0) -> bool:
        deadline = time.monotonic() + patience
        while (left := deadline - time.monotonic()) > 0 and select.select([self.control.fileno()], [], [], left)[0]:
            if wanted in self.control.events():
                return True
        return False

    def change(self, title: bytes) -> None:
        self.radicale.put(f"{self.path}one.ics", EVENT % title)


@pytest.fixture
def watched(tmp_path: Path, radicale: Radicale, dovecot: Dovecot) -> Iterator[Home]:
    home = Home(tmp_path / "home", radicale, dovecot)
    try:
        yield home
    finally:
        home.scout.keep(Watched())
        home.control.close()


def test_it_tells_of_a_changed_calendar_and_of_new_mail_and_of_nothing_else(watched: Home) -> None:
    watched.scout.keep(Watched((), 0.2))
    assert watched.hears("watching")
    assert not watched.hears("news", 1.5)
    watched.change(b"first")
    assert watched.hears("news")
    assert not watched.hears("news", 1.0)
    deliver(watched.dovecot, watched.user, "hello")
    assert watched.hears("news")
    watched.change(b"second")
    assert watched.hears("news")
    with by_hand(watched.dovecot, watched.user) as client:
        client.select_folder("INBOX")
        client.delete_messages(client.search())
        client.expunge()
    assert not watched.hears("news", 1.5)


def test_what_arrives_in_a_held_mailbox_is_told_at_once(watched: Home) -> None:
    watched.scout.keep(Watched(("mail",), 0.0))
    assert watched.hears("watching")
    for subject in ("one", "two"):
        deliver(watched.dovecot, watched.user, subject)
        assert watched.hears("mail", 10.0)


def test_its_command_and_its_environment_hold_no_secret_and_it_ends_with_the_service(watched: Home) -> None:
    watched.scout.keep(Watched(("mail",), 60.0))
    assert watched.hears("watching")
    process = Path(f"/proc/{watched.scout._pid}")
    said = (process / "cmdline").read_bytes() + (process / "environ").read_bytes()
    assert b"lookout" in said and MAIL_PASSWORD.encode() not in said and CALENDAR_PASSWORD.encode() not in said
    os.close(watched.scout._life)  # as the kernel does when the service is killed
    wait_for(lambda: not process.exists() or "\nState:\tZ" in (process / "status").read_text(), "it goes on without the service")
    watched.scout._life = os.open(os.devnull, os.O_RDONLY)
    assert not watched.scout.lives()


def test_where_a_server_cannot_be_asked_it_ends_and_is_not_started_again_at_once(watched: Home) -> None:
    (watched.folder / "calendar-secret").write_text("wrong")
    watched.scout.keep(Watched((), 0.2))
    wait_for(lambda: not watched.scout.lives(), "it goes on without a login")
    watched.scout.keep(Watched((), 0.2))
    assert not watched.scout.lives() and not watched.hears("watching", 0.1)


# --- what the loop makes of it ----------------------------------------------------------------------------------------

START, HOUR = datetime(2026, 12, 1, 8, tzinfo=UTC), timedelta(hours=1)
NEAR = Report("done", "held.", minutes=5, remote=True, watchable=True)


@contextmanager
def machine(after: Callable[[Machine], None] = lambda made: None) -> Iterator[Machine]:
    """Three hours in, with a watch that began in the first one."""

    def make(now: datetime, order: Order) -> Report:
        return NEAR

    made = Machine(START, make)
    made.run_until(START + HOUR)
    made.can_watch = True
    made.run_until(START + 3 * HOUR)
    after(made)
    yield made


def since(made: Machine, hours: int) -> int:
    return sum(moment >= START + hours * HOUR for moment in made.passes)


def test_while_all_servers_are_watched_a_pass_is_made_once_an_hour() -> None:
    with machine() as made:
        assert len(made.passes) - since(made, 1) >= 11, "before there was a watch: every five minutes"
        assert Watched((), 300.0) in made.watched
        assert since(made, 2) <= 2
        made.run_until(START + 8 * HOUR)
        assert 5 <= since(made, 3) <= 6


def test_news_is_looked_at_at_once() -> None:
    with machine() as made:
        made.events.append("news")
        made.run_until(START + 3 * HOUR + timedelta(minutes=4))
        assert since(made, 3) >= 1


def test_when_the_watch_has_ended_passes_look_for_themselves_again() -> None:
    with machine() as made:
        made.can_watch = made.watches = False
        made.run_until(START + 4 * HOUR)
        assert since(made, 3) >= 11
        made.watches = True  # it lives again, and has not said yet that it has seen everything
        made.run_until(START + 5 * HOUR)
        assert since(made, 4) >= 11


@pytest.mark.parametrize("what", ["network", "asleep"])
def test_after_a_sleep_and_in_another_network_it_is_begun_anew(what: str) -> None:
    with machine() as made:
        made.watched.clear()
        if what == "network":
            made.events.append("network")
        else:
            made.asleep = 1800.0
        made.run_until(START + 4 * HOUR)
        assert made.watched[:2] == [Watched(), Watched((), 300.0)]
        assert since(made, 3) >= 1
