"""Notices, on a real D-Bus with a program that takes them: which are sent, when, and that none is sent twice."""

from __future__ import annotations

import select
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from daemon.service.desktop import Asked, Desktop, session_bus
from daemon.service.report import Notice, Order, Report
from daemon.service.worker import make
from tests.daemon.world import LISBON, World
from tests.servers.dbus import Desktop as Listening
from tests.servers.dbus import private_bus


@pytest.fixture(scope="module")
def bus() -> Iterator[str]:
    with private_bus() as address:
        yield address


@pytest.fixture(scope="module")
def desktop(bus: str) -> Listening:
    return Listening(bus)


@pytest.fixture
def shows(bus: str, desktop: Listening) -> Desktop:
    desktop.shown.clear()
    desktop.refuses = desktop.silent = False
    return Desktop({"DBUS_SESSION_BUS_ADDRESS": bus})


QUESTION = Notice("question/x", "Will you be away?", "Vienna", "x")
NOTICE = Notice("question/x", "Will you be away?", "A <b>trip</b> & more")


def test_a_notice_is_shown_without_marks_of_html(shows: Desktop, desktop: Listening) -> None:
    assert shows.show([NOTICE]) == ("question/x",)
    assert desktop.shown == [("Will you be away?", "A &lt;b&gt;trip&lt;/b&gt; &amp; more")]


def test_what_cannot_wait_is_shown_though_notices_are_off(shows: Desktop, desktop: Listening) -> None:
    """2 is critical (Desktop Notifications Specification 1.2, urgency levels)."""
    desktop.urgencies.clear()
    shows.show([NOTICE, NOTICE._replace(urgent=True)])
    assert desktop.urgencies == [1, 2]


def test_one_that_is_refused_counts_as_not_shown(shows: Desktop, desktop: Listening) -> None:
    desktop.refuses = True
    assert shows.show([NOTICE]) == ()


def test_a_desktop_that_does_not_answer_is_given_up(shows: Desktop, desktop: Listening) -> None:
    desktop.silent = True
    began = time.monotonic()
    assert shows.show([NOTICE, NOTICE]) == ()
    assert time.monotonic() - began < 5


@pytest.mark.parametrize("env", [{}, {"DBUS_SESSION_BUS_ADDRESS": "unix:path=/nowhere/bus"}, {"DBUS_SESSION_BUS_ADDRESS": "?"}])
def test_without_a_bus_nothing_happens(env: dict[str, str]) -> None:
    assert Desktop(env).show([NOTICE]) == ()


def test_the_bus_of_the_session_is_found_where_nobody_names_it(tmp_path: Path) -> None:
    assert Desktop({"XDG_RUNTIME_DIR": str(tmp_path)}).show([NOTICE]) == ()
    (tmp_path / "bus").touch()
    assert session_bus({"XDG_RUNTIME_DIR": str(tmp_path)}) == f"unix:path={tmp_path}/bus"


# --- answers ----------------------------------------------------------------------------------------------------------


class Listener:
    """What the loop would hear."""

    def __init__(self, bus: str) -> None:
        self.sources: list[Asked] = []
        self.desktop = Desktop({"DBUS_SESSION_BUS_ADDRESS": bus}, self.sources.append)

    def hears(self) -> list[str]:
        (source,) = self.sources
        found: list[str] = []
        while select.select([source.fileno()], [], [], 0.5)[0]:
            found += source.events()
        return found


@pytest.fixture
def listener(bus: str, desktop: Listening) -> Iterator[Listener]:
    desktop.refuses = desktop.silent = False
    desktop.capabilities = ["body", "actions"]
    desktop.actions.clear()
    yield Listener(bus)
    desktop.capabilities = ["body"]


@pytest.mark.parametrize(("pressed", "said"), [("yes", (("x", "confirm"),)), ("no", (("x", "dismiss"),)), ("later", ())])
def test_a_question_is_answered_by_its_buttons(
    listener: Listener, desktop: Listening, pressed: str, said: tuple[tuple[str, str], ...]
) -> None:
    assert listener.desktop.show([QUESTION]) == ("question/x",)
    assert desktop.actions[-1] == ["yes", "Yes", "no", "No", "later", "Later"]
    desktop.choose(pressed)
    assert listener.hears() == (["answered"] if said else [])
    assert listener.desktop.answers() == said
    desktop.choose(pressed)  # a second time is none
    assert listener.hears() == [] and listener.desktop.answers() == ()


def test_a_button_of_somebody_elses_notice_is_none_of_ours(listener: Listener, desktop: Listening) -> None:
    listener.desktop.show([QUESTION])
    desktop.choose("yes", 4711)
    assert listener.hears() == [] and listener.desktop.answers() == ()


def test_what_is_no_question_has_no_buttons(listener: Listener, desktop: Listening) -> None:
    listener.desktop.show([NOTICE, QUESTION])
    assert [len(actions) for actions in desktop.actions] == [0, 6]


def test_a_desktop_without_buttons_shows_the_question_all_the_same(listener: Listener, desktop: Listening) -> None:
    desktop.capabilities = ["body"]
    assert listener.desktop.show([QUESTION]) == ("question/x",)
    assert desktop.actions == [[]] and listener.sources == []


# --- what is told -----------------------------------------------------------------------------------------------------


class Passes:
    """The service's passes in a world, with a desktop that takes (or does not take) every notice."""

    def __init__(self, home: Path) -> None:
        self.world = World(home)
        self.told: tuple[str, ...] = ()

    def make(self, *, taken: bool = True) -> list[tuple[str, str]]:
        """Titles and bodies of what is new."""
        with self.world.session() as session:
            report = make(session, Order({}, self.told))
        assert report.state == "done", report.words
        self.told = tuple(notice.key for notice in report.notices) if taken else ()
        return [(notice.title, notice.body) for notice in report.notices]

    def report(self) -> Report:
        with self.world.session() as session:
            return make(session, Order({}, self.told))


@pytest.fixture
def passes(home: Path, monkeypatch: pytest.MonkeyPatch) -> Passes:
    monkeypatch.setattr("daemon.service.worker._stop_when_told", lambda ledger: None)  # these are not processes
    return Passes(home)


def test_nothing_to_ask_is_nothing_to_tell(passes: Passes) -> None:
    assert passes.make() == []


def maybe(passes: Passes) -> None:
    """An entry that may be a trip, or may not."""
    passes.world.event(
        "work/vienna.ics", "vienna@example.org", "DTSTART;VALUE=DATE:20270112", "DTEND;VALUE=DATE:20270115", "SUMMARY:Vienna?"
    )


def test_a_question_is_told_once_with_what_to_type(passes: Passes) -> None:
    maybe(passes)
    ((title, body),) = passes.make()
    assert title == "Will you be away?" and "homeward confirm " in body and "homeward dismiss " in body
    assert passes.make() == []
    assert passes.make() == []


@pytest.mark.parametrize(("verb", "left"), [("confirm", ["act"]), ("dismiss", [])])
def test_an_answer_on_the_desktop_is_remembered_as_if_typed(passes: Passes, verb: str, left: list[str]) -> None:
    maybe(passes)
    passes.make()
    with passes.world.session() as session:
        asked = next(a for a in session.ledger.absences() if a.action == "ask")
    with passes.world.session() as session:
        assert make(session, Order({}, (), ((asked.id, verb), ("t0000000", "confirm")))).state == "done"
    assert [a.action for a in passes.world.look().absences if a.id == asked.id] == left
    with passes.world.ledger() as ledger:
        assert "answered on the desktop" in [entry.words for entry in ledger.journal()]


def test_one_that_no_desktop_took_is_told_again(passes: Passes) -> None:
    maybe(passes)
    assert len(passes.make(taken=False)) == 1
    assert len(passes.make()) == 1
    assert passes.make() == []


def test_while_the_inbox_is_held_a_question_waits_for_a_window(passes: Passes) -> None:
    passes.world.accept()
    passes.world.at("2026-11-30 11:00", LISBON)
    maybe(passes)
    assert passes.make() == []
    passes.world.at("2026-11-30 12:35", LISBON)
    assert [title for title, _ in passes.make()] == ["Will you be away?", "A host did not answer"]


def test_a_refusal_is_told_with_who_is_asked_now(passes: Passes) -> None:
    passes.world.accept()
    passes.world.corridor("carla", "declined", "training")
    told = passes.make()
    assert [(title, "Carla Conti declined. Ana Silva is asked now" in body) for title, body in told] == [
        ("A host declined", True)
    ]
    assert passes.make() == []


def test_an_autoreply_of_another_program_that_was_left_on_is_told(passes: Passes) -> None:
    world = passes.world
    world.accept()
    for _ in world.days("2026-11-30", "2026-12-05"):
        pass
    (world.root / "sieve/mine.sieve").write_text('require ["vacation"];\nvacation "I am away.";\n')
    world.at("2026-12-06 10:00")
    told = passes.make()
    assert "An autoreply was left on" in [title for title, _ in told]
    assert passes.make() == []


def test_a_mistake_in_the_config_is_told_once_and_again_when_it_comes_back(passes: Passes) -> None:
    config = passes.world.root / "config.toml"
    good = config.read_text()
    assert passes.make() == []
    config.write_text(good.replace("[me]", "[me]\nnmae = 1", 1))
    assert [title for title, _ in passes.make()] == ["The config has a mistake"]
    assert passes.make() == []
    config.write_text(good)
    assert passes.make() == []
    config.write_text(good.replace("[me]", "[me]\nnmae = 1", 1))
    assert [title for title, _ in passes.make()] == ["The config has a mistake"]


class Refusing(BaseHTTPRequestHandler):
    """A calendar server that takes nobody's password."""

    def do_PROPFIND(self) -> None:
        self.send_response(401)
        self.send_header("WWW-Authenticate", 'Basic realm="calendars"')
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_OPTIONS = do_REPORT = do_GET = do_PROPFIND

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""


def test_a_login_that_is_refused_is_told_once(home: Path, passes: Passes) -> None:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Refusing)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    secret = home / "secret"
    secret.touch(mode=0o600)
    secret.write_text("wrong")
    passes.world.add_to_config(
        '[[account]]\nid = "local"\n[[account]]\nid = "office"\nkind = "caldav"\nuser = "lena"\n'
        f'url = "http://127.0.0.1:{server.server_address[1]}/"\npassword_file = "{secret}"\n'
        '[[calendar]]\nid = "office"\naccount = "office"\ncollection = "/c/"\n'
    )
    try:
        first, again = passes.make(), passes.make()
    finally:
        server.shutdown()
        server.server_close()
    assert [title for title, _ in first] == ["Sign in again"] and "office" in first[0][1]
    assert again == []
