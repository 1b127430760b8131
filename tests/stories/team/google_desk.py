"""The leader's working calendar at Google, as other people and other programs see it."""

from __future__ import annotations

from pathlib import Path

from tests.daemon.at_google import CLIENT, CLIENT_FILE, HUSH, account, sign_in
from tests.daemon.google_world import id_of, move_event, put_events
from tests.servers.fake_google.contract_bench import content
from tests.servers.fake_google.server import FakeGoogle
from tests.stories.leader import LOCAL
from tests.stories.team.office import ADDRESSES, LEA, Lines, text


class AtGoogle:
    """Google mails nobody when somebody is only asked, so homeward does."""

    table = '[[calendar]]\nid = "work"\naccount = "g"\ncollection = "primary"\n'
    by_mail = True

    def __init__(self, google: FakeGoogle) -> None:
        self._google = google
        self._put: dict[str, dict[str, object]] = {}
        for address in ADDRESSES.values():
            google.add_user(address)
        self.account = LOCAL + account(google, LEA)

    def sign_in(self, root: Path, now: str) -> None:
        (root / "client.json").write_text(CLIENT_FILE)
        self._google.oauth.clients[CLIENT], self._google.oauth.signs_in = HUSH, LEA
        sign_in(root, self._google, now=now)

    def put(self, name: str, lines: Lines) -> None:
        write = move_event if name in self._put else put_events
        write(self._google, LEA, name, text(name, lines), LEA)
        self._put[name] = {key: value for key, value in self.content().items() if key.startswith(id_of(name))}

    def answer(self, who: str, title: str, yes: bool, day: str = "") -> int:
        """In the web interface."""
        count = 0
        for event in list(self._google.calendar.shelves[LEA].events.values()):
            waits = {g["email"] for g in event.get("attendees", ()) if g["responseStatus"] == "needsAction"}
            there = event["status"] != "cancelled" and event["summary"].startswith(title)
            when = event["start"].get("dateTime", "").replace("-", "")
            if there and ADDRESSES[who] in waits and when.startswith(day):
                self._google.calendar.answer(ADDRESSES[who], event["id"], "accepted" if yes else "declined")
                count += 1
        return count

    def content(self) -> dict[str, object]:
        return dict(content(self._google, LEA))

    def as_put(self) -> dict[str, object]:
        return {key: value for events in self._put.values() for key, value in events.items()}
