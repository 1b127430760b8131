"""A server that says what a test wrote down, and nothing else: for what no honest server does."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, field

Step = tuple[bytes, bytes]
"""What (in capitals) has to be in the line that the client sends (empty: nothing is waited for), and what is said then. `$TAG` in
it is the client's IMAP tag. `b"$CUT"` hangs up, `b"$STALL"` says nothing more, `b"$WAIT"` says a letter, after a while."""


@dataclass
class Scripted:
    port: int = 0
    heard: list[bytes] = field(default_factory=list)
    connections: int = 0


CUT = b"$CUT"


def saying(*said: bytes) -> AbstractContextManager[Scripted]:
    """Says the first at once, and each of the others after a line of the client."""
    return scripted([(b"" if each == CUT or not number else b"\n", each) for number, each in enumerate(said)])


@contextmanager
def scripted(steps: Sequence[Step]) -> Iterator[Scripted]:
    """Plays `steps` on every connection."""
    listener = socket.create_server(("127.0.0.1", 0))
    told = Scripted(listener.getsockname()[1])
    ended = threading.Event()
    thread = threading.Thread(target=_serve, args=(listener, steps, told, ended), daemon=True)
    thread.start()
    try:
        yield told
    finally:
        ended.set()
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(5)


def _serve(listener: socket.socket, steps: Sequence[Step], told: Scripted, ended: threading.Event) -> None:
    with suppress(OSError):
        while not ended.is_set():
            line, _ = listener.accept()
            told.connections += 1
            with line, suppress(OSError):
                line.settimeout(10)
                _play(line, steps, told, ended)


def _play(line: socket.socket, steps: Sequence[Step], told: Scripted, ended: threading.Event) -> None:
    tag = b""
    with line.makefile("rb") as lines:
        for wanted, said in steps:
            heard = b""
            while wanted and wanted not in heard.upper():
                heard = lines.readline()
                told.heard.append(heard)
                if not heard:
                    return
            if said == CUT:
                return
            if said == b"$STALL":
                ended.wait(10)
                return
            if said == b"$WAIT":
                ended.wait(0.1)
                said = b"x"
            tag = heard.split(b" ")[0] if b" " in heard else tag
            line.sendall(said.replace(b"$TAG", tag))
        while heard := lines.readline():
            told.heard.append(heard)
