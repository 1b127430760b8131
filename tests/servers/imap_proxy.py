"""Stands between a client and an IMAP server in the clear: hears the commands, and cuts the line at one of them."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Literal

When = Literal["unsent", "undone", "half"]
"""Before the server hears of the command; after it has carried it out, with no word of that to the client; in the middle of its
answer."""


@dataclass
class Proxy:
    """`cut_at` cuts once, at the next command in which this word (in capitals) stands. `heard` are all commands."""

    server_port: int
    port: int = 0
    heard: list[bytes] = field(default_factory=list)
    connections: int = 0
    _cut: tuple[bytes, When] | None = None

    def cut_at(self, word: str, when: When) -> None:
        self._cut = (word.encode(), when)

    @property
    def was_cut(self) -> bool:
        return self._cut is None

    def commands(self) -> list[str]:
        """The names of the commands heard so far, which are then forgotten."""
        heard, self.heard = self.heard, []
        words = [line.decode("latin-1").split() for line in heard]
        return [(f"UID {line[2]}" if line[1] == "UID" else line[1]) for line in words if len(line) > 1]

    def serve(self, client: socket.socket) -> None:
        self.connections += 1
        with socket.create_connection(("127.0.0.1", self.server_port), timeout=60) as server:
            silent = threading.Event()
            back = threading.Thread(target=_relay, args=(server, client, silent), daemon=True)
            back.start()
            with client.makefile("rb") as lines:
                while line := lines.readline():
                    self.heard.append(line)
                    if self._cut and self._cut[0] in line.upper():
                        self._hang_up(line, client, server, silent, back)
                        return
                    server.sendall(line)
            with suppress(OSError):
                server.shutdown(socket.SHUT_RDWR)

    def _hang_up(
        self, line: bytes, client: socket.socket, server: socket.socket, silent: threading.Event, back: threading.Thread
    ) -> None:  # fmt: skip
        when = self._cut[1] if self._cut else "unsent"
        self._cut = None
        if when != "unsent":
            silent.set()
            server.sendall(line)
            server.sendall(b"done NOOP\r\n")  # answered when the one before has been carried out
            back.join(60)
            if when == "half":
                client.sendall(b"* 12")
        client.shutdown(socket.SHUT_RDWR)


def _relay(server: socket.socket, client: socket.socket, silent: threading.Event) -> None:
    """Ends with the server's last word, or once it has answered to `done` unheard."""
    swallowed = b""
    with suppress(OSError):
        while chunk := server.recv(65536):
            if not silent.is_set():
                client.sendall(chunk)
                continue
            swallowed = (swallowed + chunk)[-4096:]
            if b"done OK" in swallowed:
                return
        client.shutdown(socket.SHUT_RDWR)


@contextmanager
def proxy_to(server_port: int) -> Iterator[Proxy]:
    listener = socket.create_server(("127.0.0.1", 0))
    proxy = Proxy(server_port, listener.getsockname()[1])
    thread = threading.Thread(target=_accept, args=(listener, proxy), daemon=True)
    thread.start()
    try:
        yield proxy
    finally:
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(5)


def _accept(listener: socket.socket, proxy: Proxy) -> None:
    with suppress(OSError):
        while True:
            client, _ = listener.accept()
            threading.Thread(target=_serve, args=(client, proxy), daemon=True).start()


def _serve(client: socket.socket, proxy: Proxy) -> None:
    with client, suppress(OSError):
        proxy.serve(client)
