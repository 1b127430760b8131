"""Ctrl-C and SIGTERM: whatever is at work is unwound, so that no half of anything stays behind, and only then the process ends.
Libraries that turn an interruption into an error of their own do not hide it."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def stoppable() -> Iterator[None]:
    """KeyboardInterrupt comes out of it after Ctrl-C, whatever went in between. After SIGTERM the process ends as killed by it.
    Outside the main thread nothing can be caught, and nothing is."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    stopped: list[int] = []

    def stop(number: int, frame: FrameType | None) -> None:
        stopped.append(number)
        raise KeyboardInterrupt

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    except Exception as error:
        if stopped:
            raise KeyboardInterrupt from error
        raise
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        if signal.SIGTERM in stopped:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            os.kill(os.getpid(), signal.SIGTERM)
