"""The password or token of one account, from where its owner keeps it: a command that prints it, a private file, what systemd
hands over, the keyring. This process alone remembers it, it is never shown, and nobody is ever prompted."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

from integrations.errors import AuthExpired, OutsideError, Permanent, Temporary
from integrations.ports import Secrets

T = TypeVar("T")

NAME = "secret"
"""Under which the keyring keeps it, beside the account."""

_LONGEST = 65_536  # bytes; tokens of a few kilobytes exist
_FETCH_SECONDS = 20.0
_KEYRING_SECONDS = 20.0
_WAIT = timedelta(minutes=5)


class Credentials:
    """`fetch` is a command, `file` a path, each empty where there is none; `handed_over` the folder that systemd names in
    $CREDENTIALS_DIRECTORY, or None; `keyring` opens the keyring. They are asked in this order, and the first one that the user
    has set up decides."""

    def __init__(
        self,
        account: str,
        keyring: Callable[[], Secrets],
        *,
        fetch: Sequence[str] = (),
        file: str = "",
        handed_over: Path | None = None,
        fetch_seconds: float = _FETCH_SECONDS,
        keyring_seconds: float = _KEYRING_SECONDS,
    ) -> None:
        self._account = account
        self._keyring = keyring
        self._fetch = tuple(fetch)
        self._file = Path(file) if file else None
        self._credential = handed_over / f"homeward.{account}" if handed_over else None
        self._fetch_seconds = fetch_seconds
        self._keyring_seconds = keyring_seconds
        self._known: str | None = None

    @property
    def source(self) -> str:
        """Where it comes from, in words."""
        if self._fetch:
            return f"password_fetch ({Path(self._fetch[0]).name})"
        if self._file:
            return f"password_file ({self._file.name})"
        return "systemd" if self._handed_over() else "the keyring"

    @property
    def kept_by_us(self) -> bool:
        """Whether `homeward auth set` decides it: else the user keeps it elsewhere."""
        return self.source == "the keyring"

    @property
    def mark(self) -> str:
        """Changes with where it comes from, and with the file that holds it. It tells nothing of the secret."""
        file = self._file or self._handed_over()
        try:
            found = file.stat() if file and not self._fetch else None
        except OSError:
            found = None
        return f"{self.source} {found.st_mtime_ns} {found.st_ino}" if found else self.source

    def secret(self) -> str:
        """Temporary while the keyring is locked or the command fails; AuthExpired where none is kept; Permanent where the file is
        not private, or there is no keyring."""
        if self._known is None:
            self._known = self._usable(self._asked())
        return self._known

    def drop(self) -> None:
        """The server does not take it any more: ask again the next time."""
        self._known = None

    def _asked(self) -> str:
        if self._fetch:
            return fetched(self._fetch, self._fetch_seconds)
        if self._file:
            return read_private(self._file)
        handed = self._handed_over()
        return _first_line(_read(handed)) if handed else self._from_keyring()

    def _handed_over(self) -> Path | None:
        return self._credential if self._credential and self._credential.is_file() else None

    def _from_keyring(self) -> str:
        """Some keyrings ask on a screen that nobody looks at, and would wait for ever."""
        late = Temporary("Waiting for the keyring: it does not answer. Unlock it, for instance by signing in.", _WAIT)
        try:
            return in_time(lambda: self._keyring().get(self._account, NAME), self._keyring_seconds, late) or ""
        except Permanent as error:
            raise Permanent(f"{error.what} Or set password_fetch or password_file of the account {self._account}.") from None
        except OutsideError:
            raise
        except Exception as error:  # of D-Bus and what stands behind it; its words may quote what was asked for
            raise Temporary(f"Waiting for the keyring: it failed ({type(error).__name__}).", _WAIT) from None

    def _usable(self, secret: str) -> str:
        if not secret:
            raise AuthExpired(f"No password is kept for the account {self._account} ({self.source}).")
        if not is_sendable(secret):
            raise Permanent(f"The password of the account {self._account} has control characters ({self.source}).")
        return secret


def is_sendable(secret: str) -> bool:
    """Whether it can go into a line of a protocol: nothing in it ends one, and it is whole characters."""
    return not any(ord(c) < 32 or ord(c) == 127 or 0xD800 <= ord(c) <= 0xDFFF for c in secret)


def fetched(command: Sequence[str], seconds: float) -> str:
    """The first line of what `command` prints. What it says on stderr is thrown away: it may quote what is secret."""
    name = Path(command[0]).name
    try:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True
        )
    except OSError as error:
        raise Permanent(f"The command {name} of password_fetch cannot be run: {error.strerror}.") from None
    with process:
        output = _output(process, name, seconds)
    if process.returncode:
        said = f"The command {name} of password_fetch failed ({process.returncode}); run it by hand to see why."
        raise Temporary(said, _WAIT)
    return _first_line(output)


def _output(process: subprocess.Popen[bytes], name: str, seconds: float) -> bytes:
    """Whatever it started is ended with it, so that nothing holds the pipe open."""
    stopped = threading.Event()

    def stop() -> None:
        stopped.set()
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)

    timer = threading.Timer(seconds, stop)
    timer.start()
    try:
        assert process.stdout is not None
        output = process.stdout.read(_LONGEST)
        process.stdout.close()
        process.wait()
    except BaseException:
        stop()
        raise
    finally:
        timer.cancel()
    if stopped.is_set():
        raise Temporary(f"The command {name} of password_fetch gave no answer within {seconds:g} s.", _WAIT)
    return output


def read_private(path: Path) -> str:
    """The first line of a file that only its owner can read. Permanent, with what to type, where others could."""
    try:
        found = path.stat()
    except OSError as error:
        raise Permanent(f"The password file {path} cannot be read: {error.strerror}.") from None
    require_private(f"The password file {path}", path, found)
    return _first_line(_read(path))


def require_private(what: str, path: Path, found: os.stat_result) -> None:
    """Permanent, beginning with `what`, unless it is a file that only this user can read."""
    if not stat.S_ISREG(found.st_mode):
        raise Permanent(f"{what} is no file.")
    if found.st_uid != os.geteuid():
        raise Permanent(f"{what} belongs to somebody else. It has to be your own.")
    if found.st_mode & 0o077:
        raise Permanent(f"{what} can be read by others. Type: chmod 600 {path}")


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(_LONGEST)
    except OSError as error:
        raise Permanent(f"{path} cannot be read: {error.strerror}.") from None


def _first_line(content: bytes) -> str:
    try:
        return content.partition(b"\n")[0].removesuffix(b"\r").decode("utf-8")
    except UnicodeDecodeError:
        raise Permanent("The password that was read is not UTF-8.") from None


def in_time(ask: Callable[[], T], seconds: float, late: OutsideError) -> T:
    """What `ask` returns or raises; `late` where it does neither in time. It is left to itself then."""
    answer: list[T] = []
    failed: list[Exception] = []

    def run() -> None:
        try:
            answer.append(ask())
        except Exception as error:
            failed.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(seconds)
    if failed:
        raise failed[0]
    if not answer:
        raise late
    return answer[0]
