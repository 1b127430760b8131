"""Looks for news on servers while an absence is near, and for arrivals in mailboxes that this machine holds, and tells the
service, whose pass finds what it is: `python -m daemon.service.lookout HANDLE`, where `daemon.service.provisions` wrote what to
look at. Small, since it stays; it reads no event and no letter, changes nothing, and ends at the first thing that goes wrong."""

from __future__ import annotations

import json
import os
import select
import sys
import threading
import traceback
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

from daemon.service.control import ask
from integrations.caldav_collection import Collection
from integrations.errors import OutsideError
from integrations.imap import ImapMailbox
from integrations.login import Login, Server
from integrations.webdav_http import WebDav

_LONG = 3600.0  # seconds; IDLE is renewed by the mailbox

Look = Callable[[], bool]
"""Whether there is anything new since it was last called; False at the first call."""


def main(handle: int) -> int:
    with os.fdopen(handle, "rb") as file:
        told = json.loads(file.read())
    return _ended(partial(_watch, told))


def _ended(work: Callable[[], None]) -> int:
    """The exit code. What an exception says may hold what is private."""
    try:
        work()
    except OutsideError:
        return 1
    except Exception as error:
        sys.stderr.write(f"{''.join(traceback.format_tb(error.__traceback__))}{type(error).__name__}\n")
        return 1
    return 0


def _watch(told: Mapping[str, Any]) -> None:
    """Until the service is gone."""
    boxes = [(_mailbox(box), box["at_once"]) for box in told["mailboxes"]]
    looks = [*_at_calendars(told["calendars"]), *(box.news for box, at_once in boxes if not at_once)]
    prompt = [box for box, at_once in boxes if at_once]
    for look in (*looks, *(box.news for box in prompt)):
        look()
    for box in prompt:
        threading.Thread(target=_wait_for_mail, args=(box, told["state"]), daemon=True).start()
    ask(told["state"], "watching")
    while not select.select([0], [], [], told["every"] or None)[0]:
        if any([look() for look in looks]):
            ask(told["state"], "news")


def _at_calendars(told: Iterable[Mapping[str, Any]]) -> list[Look]:
    webs: dict[tuple[str, ...], WebDav] = {}
    found = []
    for calendar in told:
        key = (calendar["server"], calendar["user"])
        webs.setdefault(key, WebDav(calendar["server"], _login(calendar), calendar["ca_file"]))
        found.append(Changing(Collection(partial(webs.__getitem__, key), calendar["href"])).news)
    return found


class Changing:
    """A calendar, by what its server says of its state."""

    def __init__(self, collection: Collection) -> None:
        self._collection = collection
        self._state: str | None = None

    def news(self) -> bool:
        before, self._state = self._state, self._collection.state()
        return before is not None and before != self._state


def _mailbox(told: Mapping[str, Any]) -> ImapMailbox:
    server = Server.parse(told["server"], "imaps")
    held, by_server = told["held"], told["server_hold"]
    return ImapMailbox(told["id"], server, _login(told), held, ca_file=told["ca_file"], server_hold=by_server)


def _login(told: Mapping[str, Any]) -> Login:
    return Login(told["user"], told["auth"], lambda: str(told["secret"]))


def _wait_for_mail(box: ImapMailbox, state: str) -> None:
    def wait() -> None:
        while True:
            if box.wait(_LONG):
                ask(state, "mail")

    os._exit(_ended(wait))


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
