"""A small story of calendar and mail at Google, with every method failing in every way. Whatever passes by itself leaves the same
world as if nothing had failed; whatever a refusal says falsely loses nothing, doubles nothing, and is one of our errors."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from integrations.errors import OutsideError
from integrations.google_calendar import GoogleCalendar
from integrations.google_client import GoogleApi
from integrations.google_mailbox import GoogleMailbox
from integrations.google_outbox import GoogleOutbox
from integrations.google_responder import GoogleResponder
from integrations.ports import CalendarEdit, DeleteBlock, EditHost, Lease, PutBlock, Receipt, RestoreHost
from rules.interval import Interval
from rules.items import BlockItem, HostItem, ResponderItem, ResponderText
from rules.model import OccurrenceKey
from tests.servers.fake_google.calendar import CalendarState
from tests.servers.fake_google.contract_bench import content, fill
from tests.servers.fake_google.faults import FAULTS
from tests.servers.fake_google.gmail import GmailState
from tests.servers.fake_google.server import FakeGoogle
from tests.servers.fake_google.worlds import ANA, LEA, NOW, Clock, api_of, google_world, mail

HORIZON = Interval(NOW, datetime(2027, 2, 21, tzinfo=UTC))
SPAN = Interval(NOW + timedelta(days=9), NOW + timedelta(days=9, hours=2))
KEY = OccurrenceKey("work", "team@example.org", "20261207T090000Z")
BLOCK = BlockItem("hw-a.make-up.1", "a", "work", "make-up", "1", SPAN, "Europe/Berlin", "Busy")
HOST = HostItem("hw-a.host.1", "a", KEY, "Team", SPAN, "team", "ana", "Ana", ANA, "asked", leader_address=LEA)
REPLY = ResponderItem("hw-a.responder.1", "a", "main", SPAN, (ResponderText("unknown", "Away", "I am away."),), 4, ())
LEASE = Lease(NOW, NOW + timedelta(days=1), ())
LETTER = b"From: lea@example.org\nTo: ana@example.org\nSubject: x\nMessage-ID: <hw-a.ask.1@example.org>\n\nbody\n"
ID = "<hw-a.ask.1@example.org>"
NOTHING = json.dumps({"v": 1, "vacation": {"enableAutoReply": False}})

# For reads, which are simply tried again, one of each kind is enough.
BRIEFLY = ["401", "429", "500", "cut before"]
PASSING = ["401", "403 rate", "403 quota", "429", "429 long", "500", "503", "cut before", "cut after"]
LYING = ["403 scope", "403 access", "403 organizer", "404", "409", "410", "412"]


class Story:
    """Each step is tried again, by a new process, until it is done; what the ledger would remember is in `kept`."""

    def __init__(self, google: FakeGoogle, api: GoogleApi, folder: Path) -> None:
        google.calendar, google.gmail = CalendarState(Clock()), GmailState(Clock())
        google.add_user(LEA)
        google.add_user(ANA)
        fill(google)
        self.google, self.api, self.folder = google, api, folder
        self.ids = [google.gmail.deliver(LEA, mail(str(n)), NOW + timedelta(seconds=n)).id for n in range(3)]
        self.kept: dict[str, str] = {}
        self.after = ""

    @property
    def calendar(self) -> GoogleCalendar:
        return GoogleCalendar("work", "mine", self.api, LEA, "lea", "Europe/Berlin", lambda: NOW, cache_folder=self.folder)

    @property
    def mailbox(self) -> GoogleMailbox:
        return GoogleMailbox("main", self.api, "lea", lambda: NOW, cache_folder=self.folder)

    @property
    def responder(self) -> GoogleResponder:
        return GoogleResponder("main", self.api, "lea", lambda: NOW, self.folder, server_hold=True)

    def do(self, edit: CalendarEdit) -> Receipt:
        calendar = self.calendar
        prepared = calendar.prepare(edit)
        if isinstance(edit, EditHost):
            self.kept.setdefault("before", prepared.before)
            self.after = prepared.after
        return calendar.commit(prepared)

    def write_calendar(self) -> list[Callable[[], object]]:
        accepted = replace(HOST, state="accepted")
        return [
            lambda: self.calendar.read(HORIZON),
            lambda: self.do(PutBlock(BLOCK)),
            lambda: self.do(EditHost(HOST, self.kept.get("before"))),
            lambda: self.do(EditHost(accepted, self.kept.get("before"))),
            lambda: self.calendar.read(HORIZON),
            lambda: self.do(PutBlock(replace(BLOCK, summary="Busy again"))),
            lambda: self.do(RestoreHost(KEY, self.kept["before"], self.after, "remove")),
            lambda: self.do(DeleteBlock(BLOCK.id)),
            lambda: self.calendar.read(HORIZON),
        ]

    def write_mail(self) -> list[Callable[[], object]]:
        return [
            lambda: self.mailbox.hold([envelope.id for envelope in self.mailbox.arrivals(NOW)][:2]),
            lambda: self.responder.write(REPLY, LEASE, NOTHING),
            lambda: self.mailbox.held(),
            lambda: GoogleOutbox(self.api, self.folder).send(LETTER, ID),
            lambda: self.mailbox.release(),
            lambda: self.responder.restore(NOTHING, NOW),
            lambda: self.mailbox.tidy(),
        ]

    def run(self, steps: list[Callable[[], object]]) -> None:
        for step in steps:
            for attempt in range(4):
                try:
                    step()
                    break
                except OutsideError:
                    assert attempt < 3

    def world(self) -> Any:
        box = self.google.gmail.boxes[LEA]
        labels = [sorted(message.labels) for message in box.messages.values() if "SENT" not in message.labels]
        told = sorted((each.to, each.kind) for each in self.google.calendar.mails)
        return content(self.google), told, labels, dict(box.labels), dict(box.filters), dict(box.vacation)


@pytest.fixture(scope="module")
def shared() -> Iterator[tuple[FakeGoogle, GoogleApi]]:
    with google_world() as google:
        yield google, api_of(google)


@pytest.fixture
def story(shared: tuple[FakeGoogle, GoogleApi], tmp_path: Path) -> Story:
    shared[0].faults.clear()
    return Story(*shared, tmp_path)


CALENDAR = ["events.list", "events.get", "events.insert", "events.patch", "events.delete"]
MAIL = [
    "users.getProfile", "users.history.list", "users.messages.list", "users.messages.get", "users.messages.batchModify",
    "users.messages.send", "users.labels.list", "users.labels.create", "users.labels.get", "users.labels.delete",
    "users.settings.getVacation", "users.settings.updateVacation", "users.settings.filters.list",
    "users.settings.filters.create", "users.settings.filters.delete",
]  # fmt: skip


def _cases(methods: list[str], after: int = 0) -> list[tuple[str, str, int]]:
    """Method, fault, and how many calls go well before it."""
    reads = ("list", "get", "getProfile", "getVacation")
    return [(m, name, after) for m in methods for name in (BRIEFLY if m.rpartition(".")[2] in reads else PASSING)]


def test_the_story_calls_every_method_that_is_made_to_fail(story: Story) -> None:
    story.google.count()
    before = story.world()
    story.run(story.write_calendar() + story.write_mail())
    assert set(story.google.seen.calls) == {f"calendar.{each}" for each in CALENDAR} | {f"gmail.{each}" for each in MAIL}
    after = story.world()
    assert after[0] == before[0] and after[2:] == before[2:]
    assert len(after[1]) == 6 and len(story.google.gmail.outgoing) == 1
    assert set(PASSING) | set(LYING) == set(FAULTS) - {"slow", "403 user rate"}


@pytest.mark.parametrize("method, name, after", [*_cases(CALENDAR), *_cases(["events.get", "events.patch"], after=2)])
def test_what_passes_by_itself_leaves_the_calendar_as_if_nothing_had_been(
    story: Story, method: str, name: str, after: int
) -> None:
    before = story.world()
    story.google.faults.add(f"calendar.{method}", name, after=after)
    story.run(story.write_calendar())
    now = story.world()
    assert (now[0], len(now[1])) == (before[0], 6)


@pytest.mark.parametrize("method, name, after", _cases(MAIL))
def test_what_passes_by_itself_leaves_the_mailbox_as_if_nothing_had_been(
    story: Story, method: str, name: str, after: int
) -> None:
    before = story.world()
    story.google.faults.add(f"gmail.{method}", name, after=after)
    story.run(story.write_mail())
    assert story.world()[2:] == before[2:]
    assert len(story.google.gmail.outgoing) == (0 if method.endswith("send") and name in ("500", "503", "cut before") else 1)


@pytest.mark.parametrize("name", LYING)
@pytest.mark.parametrize("method", CALENDAR)
def test_a_false_refusal_touches_nothing_of_others_in_the_calendar(story: Story, method: str, name: str) -> None:
    before = content(story.google)
    story.google.faults.add(f"calendar.{method}", name)
    for step in story.write_calendar():
        try:
            step()
        except (OutsideError, KeyError):  # KeyError: the story itself lacks what a failed step would have given it
            continue
    ours = [key for key, value in content(story.google).items() if value != before.get(key)]
    assert all(b"homeward" in content(story.google)[key] for key in ours)
    assert before.keys() <= content(story.google).keys()


@pytest.mark.parametrize("name", ["403 scope", "404", "409", "412"])
@pytest.mark.parametrize("method", MAIL)
def test_a_false_refusal_loses_no_mail_and_sends_none_twice(story: Story, method: str, name: str) -> None:
    story.google.faults.add(f"gmail.{method}", name)
    for step in story.write_mail():
        try:
            step()
        except OutsideError:
            continue
    story.run(story.write_mail()[4:])
    box = story.google.gmail.boxes[LEA]
    assert [box.messages[each].labels for each in story.ids] == [{"INBOX", "UNREAD"}] * 3
    assert len(story.google.gmail.outgoing) <= 1 and not box.filters and not box.vacation["enableAutoReply"]
