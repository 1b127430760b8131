"""What the service and a pass tell each other, as one JSON text each way: an order before it, a report after it. No titles, no
addresses: what stands here may be logged."""

from __future__ import annotations

import json
from typing import Any, Literal, NamedTuple

State = Literal["done", "busy", "failed"]

MOST_BYTES = 1_000_000  # of one report


class Pause(NamedTuple):
    """An account that is left alone until then (seconds of UTC)."""

    until: float
    words: str


class Trouble(NamedTuple):
    """What an account failed with in this pass, and for how many seconds its server asks to be left alone at least."""

    retry_after: float
    words: str


class Watch(NamedTuple):
    """A path whose change asks for a pass; `deep`: and the files in it."""

    path: str
    deep: bool


class Notice(NamedTuple):
    """Something for the desktop, told once per key. `question`: the absence that a yes or a no is asked about, or "". `urgent`:
    it is shown though notices are off."""

    key: str
    title: str
    body: str
    question: str = ""
    urgent: bool = False


class Step(NamedTuple):
    """What a pass has done to one absence or one effect of it, by their ids."""

    absence: str
    effect: str
    step: str


class Order(NamedTuple):
    """`paused` by account; `told`: keys of notices that have been shown since; `said`: absences that the user has answered about
    on the desktop, each with "confirm" or "dismiss"."""

    paused: dict[str, Pause] = {}  # noqa: RUF012  never changed
    told: tuple[str, ...] = ()
    said: tuple[tuple[str, str], ...] = ()


class Report(NamedTuple):
    """`next`: when something changes by itself (seconds of UTC). `remote`: what is looked at lies on servers, too. `minutes`:
    between regular passes. `mistakes`: why the config was not used, and the last good one was. `mailboxes`: those that are to
    be watched for new mail, since this machine holds them. `quiet`: notices are to be off, where a desktop
    has to be asked for that as long as it lasts. `calm`: no absence is near, nobody's answer is awaited, and nothing failed.
    `watchable`: that is not so, and all there is on servers can be watched between passes."""

    state: State
    words: str
    next: float | None = None
    minutes: int = 5
    remote: bool = False
    watch: tuple[Watch, ...] = ()
    failing: dict[str, Trouble] = {}  # noqa: RUF012  never changed
    mistakes: str = ""
    notices: tuple[Notice, ...] = ()
    log: tuple[str, ...] = ()
    mailboxes: tuple[str, ...] = ()
    quiet: bool = False
    calm: bool = False
    watchable: bool = False
    steps: tuple[Step, ...] = ()


def dump(message: Order | Report) -> bytes:
    return json.dumps(message._asdict()).encode()


def load_order(data: bytes) -> Order:
    """ValueError where it is none."""
    raw = _mapping(data)
    paused = {str(account): Pause(*pause) for account, pause in raw.get("paused", {}).items()}
    said = tuple((str(absence), str(verb)) for absence, verb in raw.get("said", ()))
    return Order(paused, tuple(raw.get("told", ())), said)


def load_report(data: bytes) -> Report:
    """ValueError where it is none: the pass died before it could tell."""
    raw = _mapping(data)
    try:
        raw["watch"] = tuple(Watch(*each) for each in raw["watch"])
        raw["failing"] = {str(account): Trouble(*trouble) for account, trouble in raw["failing"].items()}
        raw["notices"] = tuple(Notice(*each) for each in raw["notices"])
        raw["log"] = tuple(raw["log"])
        raw["mailboxes"] = tuple(raw["mailboxes"])
        raw["steps"] = tuple(Step(*each) for each in raw["steps"])
        return Report(**raw)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError("no report") from error


def _mapping(data: bytes) -> dict[str, Any]:
    raw = json.loads(data) if len(data) <= MOST_BYTES else None
    if not isinstance(raw, dict):
        raise ValueError("no message")
    return raw
