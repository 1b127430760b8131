"""A screen that is drawn again whenever what it shows has changed, until Ctrl-C. In a terminal it takes the place of what was
there and gives it back; on a pipe each new state is printed below the last."""

from __future__ import annotations

import os
import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from daemon.cli.screen import Line, show

_LOOK, _REDRAW = 1.0, 60.0  # seconds: between looks at the files; "3 h ago" is another text after a while

_ENTER, _LEAVE = "\x1b[?1049h\x1b[?25l", "\x1b[?25h\x1b[?1049l"  # the other screen, without a cursor
_TOP = "\x1b[2J\x1b[H"

Draw = Callable[[], Sequence[Line]]


def watch(draw: Draw, files: Sequence[Path]) -> None:
    """Returns after Ctrl-C or SIGTERM. `files`: what `draw` reads."""
    before: Sequence[Line] = ()
    with _ended_by_the_user(), _other_screen():
        while True:
            lines = draw()
            if lines != before:
                _put(lines, first=not before)
            before = lines
            _until_changed(files)


def _put(lines: Sequence[Line], *, first: bool) -> None:
    if sys.stdout.isatty():
        size = shutil.get_terminal_size()
        sys.stdout.write(_TOP)
        sys.stdout.flush()
        show([_cut(line, size.columns) for line in lines[: size.lines - 1]])
    else:
        show([*([] if first else [""]), *lines])
    sys.stdout.flush()


def _cut(line: Line, columns: int) -> Line:
    if isinstance(line, str):
        return line[:columns]
    return (line[0][:columns], line[1]) if isinstance(line, tuple) else line


def _until_changed(files: Sequence[Path]) -> None:
    before, began = _marks(files), time.monotonic()
    while _marks(files) == before and time.monotonic() - began < _REDRAW:
        time.sleep(_LOOK)


def _marks(files: Sequence[Path]) -> list[object]:
    found: list[object] = [shutil.get_terminal_size()]
    for path in files:
        try:
            seen = path.stat()
            found.append((seen.st_mtime_ns, seen.st_size, seen.st_ino))
        except OSError:
            found.append(None)
    return found


@contextmanager
def _ended_by_the_user() -> Iterator[None]:
    def end(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    except KeyboardInterrupt:
        pass
    except BrokenPipeError:  # whoever read is gone
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def _other_screen() -> Iterator[None]:
    if not sys.stdout.isatty():
        yield
        return
    sys.stdout.write(_ENTER)
    try:
        yield
    finally:
        sys.stdout.write(_LEAVE)
        sys.stdout.flush()
