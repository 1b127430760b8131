"""What ends a sleep: a signal, the control socket, a message on the D-Bus, a pass that has finished. One `select` waits for
all of them."""

from __future__ import annotations

import os
import selectors
import signal
import socket
from collections.abc import Callable, Iterable
from types import FrameType

_EVENTS = {signal.SIGTERM: "stop", signal.SIGINT: "stop", signal.SIGHUP: "reload", signal.SIGCHLD: "child"}

Reader = Callable[[], Iterable[str]]


class Wake:
    """Implements `Waker`. Whoever is asked by `add` reads what there is to be read and says what happened."""

    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()
        self._reading, writing = socket.socketpair()
        self._writing = writing
        for end in (self._reading, writing):
            end.setblocking(False)
        self._before = {number: signal.signal(number, _noted) for number in _EVENTS}
        signal.set_wakeup_fd(writing.fileno(), warn_on_full_buffer=False)
        self.add(self._reading.fileno(), self._signals)
        self.on_child: Reader = lambda: ()

    def close(self) -> None:
        """Signals do again what they did before."""
        signal.set_wakeup_fd(-1)
        for number, handler in self._before.items():
            signal.signal(number, handler)
        for each in (self._selector, self._reading, self._writing):
            each.close()

    def add(self, handle: int, reader: Reader) -> None:
        self._selector.register(handle, selectors.EVENT_READ, reader)

    def remove(self, handle: int) -> None:
        self._selector.unregister(handle)

    def wait(self, seconds: float) -> list[str]:
        found: list[str] = []
        for key, _ in self._selector.select(seconds):
            if key.fd in self._selector.get_map():  # else one before it has removed it
                found += key.data()
        return found

    def _signals(self) -> Iterable[str]:
        try:
            numbers = os.read(self._reading.fileno(), 4096)
        except BlockingIOError:
            return ()
        events = dict.fromkeys(_EVENTS[signal.Signals(number)] for number in numbers if number in _EVENTS)
        return [each for event in events for each in (self.on_child() if event == "child" else (event,))]


def _noted(number: int, frame: FrameType | None) -> None:
    """Python writes the number to the socket; that is all that is needed."""
