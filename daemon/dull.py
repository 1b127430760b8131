"""Remembers which events said nothing of an absence, so that the next pass need not judge them again: of a busy calendar that is
nearly all. The rule: what is skipped was judged by the same code, config and people, and its text has not changed since; nothing
that an absence is known by is skipped. Only hashes are kept; the file can be deleted at any time."""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Collection, Iterable
from datetime import timedelta
from functools import cache
from pathlib import Path

import msgspec

import rules
from daemon.paths import private_folder
from integrations.errors import OutsideError
from rules.model import Evidence, Occurrence, OccurrenceKey
from rules.policy import Me, Policy

_FILE = "dull.msgpack"
_JUDGES = 2  # of which marks are kept: with the home as configured and as guessed
_SIZE = 12  # bytes of a mark
_LONGEST_ALIKE = timedelta(hours=23)  # a longer one may be whole days at home in summer and not in winter


class Dull:
    """`folder` is the cache. Every trouble with it means only that everything is judged."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._known: dict[str, list[bytes]] | None = None

    def under(self, me: Me, policy: Policy) -> DullEvents:
        """For verdicts by these."""
        return DullEvents(self, _judge(me, policy))

    def marks(self, judge: str) -> frozenset[bytes]:
        return frozenset(self._all().get(judge, ()))

    def keep(self, judge: str, marks: Iterable[bytes]) -> None:
        """In the place of what was known of this judge."""
        others = {name: kept for name, kept in self._all().items() if name != judge}
        newest = list(others.items())[-(_JUDGES - 1) :]
        self._known = {**dict(newest), judge: sorted(marks)}
        with contextlib.suppress(OSError, OutsideError):
            new = private_folder(self._folder) / f"{_FILE}.{os.getpid()}"
            try:
                new.touch(mode=0o600)
                new.write_bytes(msgspec.msgpack.encode(self._known))
                new.replace(self._folder / _FILE)
            finally:
                new.unlink(missing_ok=True)

    def _all(self) -> dict[str, list[bytes]]:
        if self._known is None:
            try:
                self._known = msgspec.msgpack.decode((self._folder / _FILE).read_bytes(), type=dict[str, list[bytes]])
            except (OSError, ValueError):
                self._known = {}
        return self._known


class DullEvents:
    """One round of verdicts."""

    def __init__(self, memory: Dull, judge: str) -> None:
        self._memory, self._judge = memory, judge
        self._before = memory.marks(judge)
        self._now: set[bytes] = set()

    def knows(self, mark: bytes) -> bool:
        if mark in self._before:
            self._now.add(mark)
        return mark in self._now

    def note(self, mark: bytes, evidence: Evidence) -> None:
        """A cancelled entry says something: that what it said no longer holds."""
        if evidence.verdict == "neither" and not evidence.cancelled:
            self._now.add(mark)

    def done(self) -> None:
        if self._now != self._before:
            self._memory.keep(self._judge, self._now)


def mark_of(occurrence: Occurrence, known: Collection[OccurrenceKey]) -> bytes:
    """The same for all occurrences of an event that say the same; empty where each has to be judged."""
    o = occurrence
    length = o.end - o.start
    if not o.fingerprint or o.key in known or (length >= _LONGEST_ALIKE and not o.all_day):
        return b""
    said = (o.key.calendar_id, o.key.uid, o.fingerprint, o.role, o.calendar_name, o.status, o.event_type, str(length))
    answers = (person.partstat for person in o.attendees)
    return hashlib.sha256("\x1f".join((*said, *answers)).encode("utf-8", "surrogatepass")).digest()[:_SIZE]


def _judge(me: Me, policy: Policy) -> str:
    said = msgspec.json.encode((me, policy.person, policy.detect))
    return hashlib.sha256(_code() + said).hexdigest()


@cache
def _code() -> bytes:
    """Changes with every file that has a part in a verdict, as Python tells its own compiled files apart."""
    ours = Path(str(rules.__file__)).parent
    files = (*ours.glob("*.py"), *(ours.parent / "integrations").glob("place*.py"))
    return repr(sorted((file.name, file.stat().st_size, file.stat().st_mtime_ns) for file in files)).encode()
