"""Where the browser comes back to after a sign-in at Google: a port of this machine that waits for one request and shows a page.
It knows whether a request belongs to the attempt, and nothing else of it."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from integrations.errors import Temporary
from integrations.google_auth import SignIn


class Listener:
    """Waits on this machine for the browser to come back. Use it in a `with` block; `redirect` goes into SignIn.begin."""

    def __init__(self) -> None:
        import socket

        self._socket = socket.create_server(("127.0.0.1", 0), backlog=4)
        self.redirect = f"http://127.0.0.1:{self._socket.getsockname()[1]}/"

    def __enter__(self) -> Listener:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def wait(self, sign_in: SignIn, seconds: float = 300.0, clock: Callable[[], float] = time.monotonic) -> str:
        """The address that the browser was sent to. Temporary where it does not come back in time. Requests that do not bear
        our state (a favicon, another program) are answered and passed over."""
        ends = clock() + seconds
        while (left := ends - clock()) > 0:
            self._socket.settimeout(left)
            try:
                connection, _ = self._socket.accept()
            except TimeoutError:
                break
            with connection:
                target = _target(connection)
                ours = f"state={sign_in.state}" in target
                _reply(connection, ours)
                if ours:
                    return self.redirect.rstrip("/") + target
        raise Temporary("The browser did not come back. Start the sign-in once more, or use --no-browser.")


def _target(connection: Any) -> str:
    """The path of one HTTP request, "" where it is none."""
    connection.settimeout(5.0)
    data = b""
    try:
        while b"\r\n" not in data and len(data) < 16384:
            piece = connection.recv(4096)
            if not piece:
                break
            data += piece
    except OSError:
        return ""
    found = re.match(rb"GET (/[\x21-\x7e]*) HTTP/1\.[01]\r\n", data)
    return found[1].decode("ascii") if found else ""


def _reply(connection: Any, ours: bool) -> None:
    words = "homeward has what it needs. You can close this page." if ours else "This page is homeward's; there is nothing here."
    body = f"<!doctype html><meta charset=utf-8><title>homeward</title><p>{words}".encode()
    head = f"HTTP/1.1 {'200 OK' if ours else '404 Not Found'}\r\nContent-Type: text/html; charset=utf-8\r\n"
    with suppress(OSError):  # the browser may have gone away; what it brought has been read
        connection.sendall(f"{head}Content-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode() + body)
