"""What one account may cost Google in a day, kept between processes. When much of it is used the account is looked at more
rarely; nothing is ever refused for it, so that a window or a return still has what it needs. Asks nobody anything."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Struct
from msgspec.structs import replace

_ZONE = ZoneInfo("America/Los_Angeles")  # Google's quotas of a day begin anew at midnight there
# From what share of the day's units on, how long an account is left alone between two looks.
_SPACINGS = ((0.9, timedelta(hours=1)), (0.75, timedelta(minutes=30)), (0.5, timedelta(minutes=15)))
_MOST_BYTES = 4096


class Spent(Struct, frozen=True):
    """What is known of one day of Google's. `refused`: Google itself said that the day's limit is reached. `looked`: when the
    service last began to ask; `due`: when it has to ask next, whatever is left."""

    day: str = ""
    units: int = 0
    refused: bool = False
    looked: datetime | None = None
    due: datetime | None = None


class DailyBudget:
    """`units` a day for one account. Without a path it lives in this process alone; a file that is damaged or cannot be written
    counts as a new day, since a budget must not stop what it is for. Safe to share between processes."""

    def __init__(self, path: Path | None, units: int, clock: Callable[[], datetime]) -> None:
        self.units = units
        self._path, self._clock = path, clock
        self._here = Spent()

    # --- what is spent ----------------------------------------------------------------------------------------------------

    def spend(self, units: int) -> None:
        self._change(lambda now: replace(now, units=now.units + units))

    def refused(self) -> None:
        """Google gives nothing more today."""
        self._change(lambda now: replace(now, refused=True))

    def look(self) -> None:
        """The service begins to ask."""
        moment = self._clock()
        self._change(lambda now: replace(now, looked=moment))

    def expect(self, due: datetime | None) -> None:
        """When the service has to ask next: a window, a return."""
        self._change(lambda now: replace(now, due=due))

    # --- what follows -----------------------------------------------------------------------------------------------------

    def rests_until(self) -> datetime | None:
        """Before which moment the service need not ask; None where it may ask now."""
        spent, now = self.today(), self._clock()
        if spent.looked is None or spent.looked > now or (spent.due is not None and spent.due <= now):
            return None
        until = spent.looked + self.spacing(spent)
        return min(until, spent.due or until) if now < until else None

    def spacing(self, spent: Spent) -> timedelta:
        """Between two looks, at the least."""
        share = 1.0 if spent.refused else spent.units / self.units
        return next((length for least, length in _SPACINGS if share >= least), timedelta(0))

    def words(self, zone: str) -> str:
        """That this account is looked at more rarely, why, and until when; "" where it is not."""
        spent = self.today()
        minutes = int(self.spacing(spent).total_seconds() // 60)
        if not minutes:
            return ""
        share = f"{min(spent.units / self.units, 1):.0%} of the {self.units:,} quota units of this day are used"
        why = "Google says that the limit of this day is reached" if spent.refused else share
        ends = _midnight_after(self._clock()).astimezone(ZoneInfo(zone))
        return f"{why}, so Google is asked every {minutes} minutes, and when something is due, until {ends:%H:%M}"

    def today(self) -> Spent:
        """What was spent since Google's last midnight."""
        return self._of_today(self._load())

    def _of_today(self, spent: Spent) -> Spent:
        day = self._clock().astimezone(_ZONE).date().isoformat()
        return spent if spent.day == day else Spent(day, looked=spent.looked, due=spent.due)

    # --- the file ---------------------------------------------------------------------------------------------------------

    def _load(self) -> Spent:
        if self._path is None:
            return self._here
        with suppress(OSError, msgspec.MsgspecError), self._path.open("rb") as file:
            return msgspec.json.decode(file.read(_MOST_BYTES), type=Spent)
        return self._here

    def _change(self, change: Callable[[Spent], Spent]) -> None:
        if self._path is None:
            self._here = change(self.today())
            return
        try:
            with _locked(self._path) as file:
                self._here = change(self._of_today(_read(file)))
                data = msgspec.json.encode(self._here)
                os.pwrite(file, data, 0)
                os.ftruncate(file, len(data))
        except OSError:
            self._here = change(self._of_today(self._here))


def _read(file: int) -> Spent:
    with suppress(msgspec.MsgspecError):
        return msgspec.json.decode(os.pread(file, _MOST_BYTES, 0), type=Spent)
    return Spent()


@contextmanager
def _locked(path: Path) -> Iterator[int]:
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield file
    finally:
        os.close(file)


def _midnight_after(now: datetime) -> datetime:
    tomorrow = now.astimezone(_ZONE).date() + timedelta(days=1)
    return datetime.combine(tomorrow, time(), _ZONE)
