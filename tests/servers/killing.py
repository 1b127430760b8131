"""Kills a process of its own at every line of given modules, one after the other, so that a test can look at what is left."""

from __future__ import annotations

import os
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType, ModuleType
from typing import Any

_KILLED = 77


@contextmanager
def quick_folder() -> Iterator[Path]:
    """An empty folder where fsync costs nothing: hundreds of deaths are waited for."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None, prefix="hw-") as folder:
        yield Path(folder)


def killed_at_every_line(action: Callable[[], object], modules: tuple[ModuleType, ...], check: Callable[[int], None]) -> int:
    """Run `action` in a child that dies before its 1st, 2nd, … line in `modules`, and `check(n)` after each, until it once
    comes through. Each line is died at the first two times it is reached: more often only repeats what was seen. Returns how
    often it was killed. `check` has to put back what `action` needs."""
    files = {module.__file__ for module in modules}
    for count in range(100_000):
        pid = os.fork()
        if pid == 0:
            _run(action, files, count)
        _, status = os.waitpid(pid, 0)
        code = os.waitstatus_to_exitcode(status)
        assert code in (0, _KILLED), f"failed with {code} at line {count}"
        check(count)
        if code == 0:
            return count
    raise AssertionError("never came to its end")


def _run(action: Callable[[], object], files: set[str | None], count: int) -> None:
    left = count
    reached: Counter[tuple[str, int]] = Counter()

    def trace(frame: FrameType, event: str, _: Any) -> Any:
        nonlocal left
        if frame.f_code.co_filename not in files:
            return None
        line = (frame.f_code.co_filename, frame.f_lineno)
        if event == "line" and reached[line] < 2:
            reached[line] += 1
            if left == 0:
                os._exit(_KILLED)
            left -= 1
        return trace

    try:
        sys.settrace(trace)
        action()
        sys.settrace(None)
        os._exit(0)
    except BaseException as error:
        os.write(2, f"{error!r}\n".encode())
        os._exit(1)
