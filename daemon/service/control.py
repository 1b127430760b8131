"""The control socket: by it a command says to the service that something was done, and asks how it is. Only its own user is
heard: the socket is closed to others (0600), and the kernel says who is at the other end (SO_PEERCRED, unix(7))."""

from __future__ import annotations

import json
import os
import socket
import struct
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress

_NAME = "control.sock"
_PATIENCE = 0.5  # seconds that the service waits for one who has connected
_ANSWER = 5.0  # seconds that a command waits for the service
_MOST = 65_536
WORDS = ("status", "wake", "mail", "news", "watching", "reload", "stop")


class Control:
    """The service's end. `status` gives what is told to whoever asks."""

    def __init__(self, folder: str, status: Callable[[], Mapping[str, object]]) -> None:
        self._status = status
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._folder = folder
        with _short(folder) as path:
            with suppress(FileNotFoundError):
                os.unlink(path)  # noqa: PTH108  pathlib is not loaded here; only one service runs, so it is a dead one's
            self._socket.bind(path)
            os.chmod(path, 0o600)  # noqa: PTH101
        self._socket.listen(8)
        self._socket.setblocking(False)

    def fileno(self) -> int:
        return self._socket.fileno()

    def close(self) -> None:
        self._socket.close()
        with suppress(OSError):
            os.unlink(f"{self._folder}/{_NAME}")  # noqa: PTH108

    def events(self) -> Iterable[str]:
        """Serve one who has connected; what they want of the loop."""
        try:
            caller, _ = self._socket.accept()
        except OSError:
            return ()
        with caller:
            caller.settimeout(_PATIENCE)
            with suppress(OSError):
                return self._serve(caller)
        return ()

    def _serve(self, caller: socket.socket) -> Iterable[str]:
        if _user_of(caller) != os.geteuid():
            return ()
        word = caller.recv(64).decode("ascii", "replace").strip()
        answer: Mapping[str, object] = self._status() if word == "status" else {"heard": word in WORDS}
        caller.sendall(json.dumps(answer).encode())
        return (word,) if word in WORDS and word != "status" else ()


def _user_of(caller: socket.socket) -> int:
    raw = caller.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    return int(struct.unpack("3i", raw)[1])


class _short:
    """The socket's path by way of an open folder: a socket's own path may have 107 bytes only."""

    def __init__(self, folder: str) -> None:
        self._folder = folder

    def __enter__(self) -> str:
        self._handle = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY)
        return f"/proc/self/fd/{self._handle}/{_NAME}"

    def __exit__(self, *_: object) -> None:
        os.close(self._handle)


def ask(folder: str, word: str, patience: float = _ANSWER) -> dict[str, object] | None:
    """Say a word to the service that works with this state folder; None where none runs there, or none answers within `patience`
    seconds."""
    told = bytearray()
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as service, _short(folder) as path:
            service.settimeout(patience)
            service.connect(path)
            service.sendall(word.encode())
            while len(told) < _MOST and (piece := service.recv(4096)):
                told += piece
        answer = json.loads(told)
    except (OSError, ValueError):
        return None
    return answer if isinstance(answer, dict) else None
