"""A line to a ManageSieve server that goes dead after a given command."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

_CHANGING = (b"PUTSCRIPT", b"SETACTIVE", b"DELETESCRIPT", b"RENAMESCRIPT")
_LITERAL = re.compile(rb"\{(\d+)\+?\}\r\n\Z")


def command_from(connection: socket.socket) -> bytes:
    """One command of a client with its literals, as sent; b"" at the end."""
    said = b""
    with suppress(OSError):
        while not said.endswith(b"\r\n") or _LITERAL.search(said):
            size = _LITERAL.search(said)
            said += _exactly(connection, int(size[1])) if size else b""
            said += _line(connection)
            if not said:
                return b""
    return said


def _line(connection: socket.socket) -> bytes:
    said = b""
    while not said.endswith(b"\r\n"):
        byte = connection.recv(1)
        if not byte:
            raise ConnectionError
        said += byte
    return said


def _exactly(connection: socket.socket, size: int) -> bytes:
    content = b""
    while len(content) < size:
        chunk = connection.recv(size - len(content))
        if not chunk:
            raise ConnectionError
        content += chunk
    return content


class Listener:
    """Serves one connection after the other on 127.0.0.1:`port`, each in `serve`."""

    def __init__(self, serve: Callable[[socket.socket], None]) -> None:
        self._serve = serve
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        self._thread = threading.Thread(target=self._run, daemon=True)

    def _run(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._socket.accept()
                with connection, suppress(OSError):
                    self._serve(connection)

    @contextmanager
    def running(self) -> Iterator[int]:
        self._thread.start()
        try:
            yield self.port
        finally:
            self._socket.shutdown(socket.SHUT_RDWR)
            self._socket.close()
            self._thread.join(30)


class Cutter:
    """Stands before the server at `port` until `allowed` commands went through that change something; those that only look are
    not counted. The answer to the last of them is kept back, and the line goes dead; before that `at_the_cut` is called, if given
    at once. `passed` counts."""

    def __init__(self, port: int, allowed: int, at_the_cut: Callable[[], None] | None = None) -> None:
        self._upstream = port
        self._allowed = allowed
        self._at_the_cut = at_the_cut
        self.passed = 0

    @property
    def cut(self) -> bool:
        return self.passed >= self._allowed

    def serve(self, client: socket.socket) -> None:
        with socket.create_connection(("127.0.0.1", self._upstream)) as server:
            back = threading.Thread(target=self._back, args=(server, client), daemon=True)
            back.start()
            while not self.cut:
                command = command_from(client)
                if not command:
                    break
                self.passed += command.split(b" ")[0] in _CHANGING
                server.sendall(command)
                if self.cut and self._at_the_cut:
                    self._at_the_cut()
            else:
                back.join(5)  # the server has done what it was told last
            server.close()

    def _back(self, server: socket.socket, client: socket.socket) -> None:
        with suppress(OSError):
            while chunk := server.recv(65536):
                if self.cut:
                    break
                client.sendall(chunk)
        with suppress(OSError):
            client.shutdown(socket.SHUT_RDWR)
