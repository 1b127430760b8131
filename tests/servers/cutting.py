"""Stands between a client and any server, hears nothing of what they say (it may be encrypted), and cuts the line after so many
pieces of it."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress


class Cutter:
    """`cut_after(n)`: the n-th piece from then on, whoever sends it, does not arrive, and both sides are hung up; 0 never."""

    def __init__(self, server_port: int) -> None:
        self._server_port = server_port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._left = 0

    def cut_after(self, pieces: int) -> None:
        self._left = pieces

    def serve(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection(("127.0.0.1", self._server_port), timeout=60)
                for here, there in ((client, server), (server, client)):
                    threading.Thread(target=self._relay, args=(here, there), daemon=True).start()

    def _relay(self, here: socket.socket, there: socket.socket) -> None:
        with suppress(OSError):
            while (piece := here.recv(65_536)) and not self._burnt():
                there.sendall(piece)
        for line in (here, there):
            with suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)

    def _burnt(self) -> bool:
        self._left -= 1
        return self._left == 0

    def end(self) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()


@contextmanager
def cutter(server_port: int) -> Iterator[Cutter]:
    made = Cutter(server_port)
    threading.Thread(target=made.serve, daemon=True).start()
    try:
        yield made
    finally:
        made.end()
