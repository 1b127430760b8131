"""The control socket: who is heard, and what a stranger can do."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from daemon.service.control import Control, ask
from tests.service.processes import Service


def served(control: Control, talk: socket.socket, said: bytes) -> tuple[list[str], bytes]:
    """What the loop hears, and what the caller is told."""
    talk.sendall(said)
    events = list(control.events())
    talk.settimeout(5)
    try:
        return events, talk.recv(4096)
    except ConnectionResetError:
        return events, b""


@pytest.fixture
def control(tmp_path: Path) -> Control:
    return Control(str(tmp_path), lambda: {"words": "open."})


def caller(folder: Path) -> socket.socket:
    talk = socket.socket(socket.AF_UNIX)
    handle = os.open(folder, os.O_RDONLY)
    talk.connect(f"/proc/self/fd/{handle}/control.sock")
    os.close(handle)
    return talk


@pytest.mark.parametrize("word", ["wake", "reload", "stop"])
def test_its_own_user_is_heard(control: Control, tmp_path: Path, word: str) -> None:
    with caller(tmp_path) as talk:
        assert served(control, talk, word.encode()) == ([word], b'{"heard": true}')


@pytest.mark.parametrize("nonsense", [b"fetch me everything", b"\xff\xfe\x00", b"stop; wake", b"x" * 5000])
def test_nonsense_is_not(control: Control, tmp_path: Path, nonsense: bytes) -> None:
    with caller(tmp_path) as talk:
        events, _ = served(control, talk, nonsense)
        assert events == []


def test_who_says_nothing_is_not_waited_for(control: Control, tmp_path: Path) -> None:
    with caller(tmp_path):
        assert list(control.events()) == []


def test_who_leaves_at_once_does_no_harm(control: Control, tmp_path: Path) -> None:
    caller(tmp_path).close()
    assert list(control.events()) == []
    with caller(tmp_path) as talk:
        assert served(control, talk, b"wake")[0] == ["wake"]


def test_a_path_longer_than_a_socket_may_have_is_reached(tmp_path: Path) -> None:
    deep = tmp_path / ("a" * 100) / ("b" * 100)
    deep.mkdir(parents=True)
    control = Control(str(deep), dict)
    assert (deep / "control.sock").stat().st_mode & 0o777 == 0o600
    control.close()
    assert ask(str(deep), "status") is None


def test_where_nobody_listens_nobody_answers(tmp_path: Path) -> None:
    assert ask(str(tmp_path), "status") is None
    assert ask(str(tmp_path / "nowhere"), "status") is None


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be somebody else; CI is root")
def test_another_user_is_not_heard_even_where_the_socket_is_open_to_all(service: Service) -> None:
    """The kernel's word is asked, not only the file's mode."""
    path = service.state / "control.sock"
    for opened in (path, *path.parents):
        if opened == Path("/"):
            break
        opened.chmod(opened.stat().st_mode | 0o007)
    assert asked_by_nobody(service.state) == b""
    assert service.status()["pid"] == service.process.pid


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be somebody else; CI is root")
def test_another_user_cannot_even_connect(service: Service) -> None:
    assert asked_by_nobody(service.state) == b"refused"


def asked_by_nobody(folder: Path) -> bytes:
    """What a process of another user gets for "status"."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        answer = b""
        try:
            os.setgid(65534)
            os.setuid(65534)
            with socket.socket(socket.AF_UNIX) as talk:
                talk.settimeout(5)
                talk.connect(str(folder / "control.sock"))
                talk.sendall(b"status")
                answer = talk.recv(4096)
        except PermissionError:
            answer = b"refused"
        except OSError:
            answer = b""
        finally:
            os.write(writing, answer)
            os._exit(0)
    os.close(writing)
    os.waitpid(child, 0)
    with os.fdopen(reading, "rb") as told:
        return told.read()
