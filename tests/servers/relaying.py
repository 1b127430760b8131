"""Stands between a client and any server, and does something to what goes over the line (it may be encrypted): cuts it after so
many pieces, or what a test says."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

Change = Callable[[bytes, bool], bytes | None]
"""What becomes of a piece, and whether the server sent it; None hangs up on both sides."""


@contextmanager
def relaying(server_port: int, change: Change) -> Iterator[int]:
    """Yields the port to connect to."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=_serve, args=(listener, server_port, change), daemon=True).start()
        try:
            yield listener.getsockname()[1]
        finally:
            with suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)


def _serve(listener: socket.socket, server_port: int, change: Change) -> None:
    with suppress(OSError):
        while True:
            client, _ = listener.accept()
            server = socket.create_connection(("127.0.0.1", server_port), timeout=60)
            for here, there, from_server in ((client, server, False), (server, client, True)):
                threading.Thread(target=_relay, args=(here, there, change, from_server), daemon=True).start()


def _relay(here: socket.socket, there: socket.socket, change: Change, from_server: bool) -> None:
    with suppress(OSError):
        while (piece := here.recv(65_536)) and (changed := change(piece, from_server)) is not None:
            there.sendall(changed)
    for line in (here, there):
        with suppress(OSError):
            line.shutdown(socket.SHUT_RDWR)


class Cutter:
    """`cut_after(n)`: the n-th piece from then on, whoever sends it, does not arrive; 0 never."""

    port = 0

    def __init__(self) -> None:
        self._left = 0

    def cut_after(self, pieces: int) -> None:
        self._left = pieces

    def change(self, piece: bytes, from_server: bool) -> bytes | None:
        self._left -= 1
        return None if self._left == 0 else piece


@contextmanager
def cutter(server_port: int) -> Iterator[Cutter]:
    made = Cutter()
    with relaying(server_port, made.change) as made.port:
        yield made
