"""What is Gmail's own about mail at Gmail: labels and the history, what a pass costs, the one text of the autoreply, filters that
stand only while mail is held, and messages that may have gone out."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from integrations.envelope import CALENDAR_METHOD
from integrations.errors import AuthExpired, Permanent, PreconditionFailed, Temporary
from integrations.google_filters import MOST_CHARACTERS, hold_filters
from integrations.google_mailbox import GoogleMailbox
from integrations.google_message import envelope_of
from integrations.google_outbox import GoogleOutbox
from integrations.google_responder import GoogleResponder
from integrations.ports import Lease
from rules.interval import Interval
from rules.items import ResponderItem, ResponderText
from rules.model import Opening
from tests.servers.fake_google.gmail import _applies
from tests.servers.fake_google.mail_query import Searched
from tests.servers.fake_google.server import FakeGoogle
from tests.servers.fake_google.worlds import ANA, LEA, NOW, Clock, api_of, google_world, mail

SPAN = Interval(NOW, NOW + timedelta(days=5))


@pytest.fixture
def google(clock: Clock) -> Iterator[FakeGoogle]:
    with google_world(clock) as world:
        yield world


def box(google: FakeGoogle, cache: Path | None = None, **settings: Any) -> GoogleMailbox:
    """As a new process would see it."""
    google.count()
    return GoogleMailbox("main", api_of(google), "lea", lambda: NOW, cache_folder=cache, **settings)


def responder(google: FakeGoogle, records: Path, clock: Clock, **settings: Any) -> GoogleResponder:
    google.count()
    return GoogleResponder("main", api_of(google), "lea", clock, records, **settings)


# --- what looking costs -----------------------------------------------------------------------------------------------


def test_a_pass_in_which_nothing_came_costs_two_requests(google: FakeGoogle, tmp_path: Path, clock: Clock) -> None:
    for number in range(3):
        google.gmail.deliver(LEA, mail(str(number)))
    first = box(google, tmp_path)
    first.hold([first.arrivals(NOW)[0].id])
    first.held(), first.arrivals(NOW)
    again = box(google, tmp_path, fresh_for=timedelta(minutes=1))
    assert [len(again.arrivals(NOW)), len(again.held()), again.owns_held()] == [2, 1, True]
    responder(google, tmp_path, clock).read()
    assert google.seen.http == 1
    once_more = box(google, tmp_path)
    assert len(once_more.arrivals(NOW)) == 2
    assert dict(google.seen.calls) == {"gmail.users.history.list": 1} and google.seen.units == 2


def test_headers_are_fetched_once_and_in_batches(google: FakeGoogle, tmp_path: Path) -> None:
    for number in range(60):
        google.gmail.deliver(LEA, mail(str(number)))
    assert len(box(google, tmp_path).arrivals(NOW)) == 60
    assert google.seen.http == 4  # where the history is, the list, and two batches
    google.gmail.deliver(LEA, mail("new"))
    assert len(box(google, tmp_path).arrivals(NOW)) == 61
    assert google.seen.calls["gmail.users.messages.get"] == 1 and google.seen.http == 3


def test_for_answers_only_the_letters_of_those_who_were_asked_are_looked_at(google: FakeGoogle, tmp_path: Path) -> None:
    ours = "<hw-t3u3eq53.ask.4b2222b2501b5c8b@example.org>"
    for number in range(20):
        google.gmail.deliver(LEA, mail(str(number)))
    google.gmail.deliver(LEA, mail("lunch", sender=ANA))
    google.gmail.deliver(LEA, mail("yes", sender=ANA, In_Reply_To=ours))
    (found,) = box(google, tmp_path).replies(NOW, {ANA, "bo@elsewhere.example"})
    assert (found.message_id, found.text.strip(), found.sender) == ("<yes@x.example>", "hello", ANA)
    assert google.seen.calls["gmail.users.messages.get"] == 2
    assert [letter.text.strip() for letter in box(google, tmp_path).replies(NOW, {ANA})] == ["hello"], "a run that died read it"
    assert google.seen.calls["gmail.users.messages.get"] == 1
    many = {f"somebody{number}@a-long-name-of-a-company.example" for number in range(100)} | {ANA}
    assert len(box(google, tmp_path).replies(NOW, many)) == 1, "too many to name them in a search"


def test_a_history_that_has_ended_means_looking_again(google: FakeGoogle, tmp_path: Path) -> None:
    google.gmail.deliver(LEA, mail("1"))
    box(google, tmp_path).arrivals(NOW)
    google.gmail.deliver(LEA, mail("2"))
    google.gmail.expire_history(LEA)
    assert len(box(google, tmp_path).arrivals(NOW)) == 2
    assert google.seen.refused == {"404 notFound": 1}


def test_old_mail_is_never_listed(google: FakeGoogle) -> None:
    for number in range(20):
        google.gmail.deliver(LEA, mail(str(number)), NOW - timedelta(days=400 + number))
    google.gmail.deliver(LEA, mail("new"))
    assert [e.subject for e in box(google).arrivals(NOW - timedelta(days=1))] == ["about new"]
    assert google.seen.calls["gmail.users.messages.get"] == 1


def test_what_came_before_a_limit_is_kept_and_the_next_pass_goes_on(google: FakeGoogle, tmp_path: Path) -> None:
    for number in range(120):
        google.gmail.deliver(LEA, mail(str(number)))
    google.faults.add("gmail.users.messages.get", "429", times=10_000, after=70)
    with pytest.raises(Temporary):
        box(google, tmp_path).arrivals(NOW)
    google.faults.clear()
    assert len(box(google, tmp_path).arrivals(NOW)) == 120
    assert google.seen.calls["gmail.users.messages.get"] == 50


def test_a_text_never_reaches_the_disk(google: FakeGoogle, tmp_path: Path) -> None:
    google.gmail.deliver(LEA, mail("1").replace(b"hello", b"zebra crossing"))
    first = box(google, tmp_path)
    assert first.arrivals(NOW)[0].text == "zebra crossing\n"
    assert first.arrivals(NOW)[0].text == "zebra crossing\n"
    assert box(google, tmp_path).arrivals(NOW)[0].text == ""
    assert not any(b"zebra" in path.read_bytes() for path in tmp_path.iterdir())


# --- what a message says ----------------------------------------------------------------------------------------------


def test_a_calendar_answer_is_known_by_its_method(google: FakeGoogle) -> None:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "Åsa <ASA@Client.Example>", LEA, "Zusage: Büro"
    message["X-Homeward-Calendar-Method"] = "REPLY"
    message.set_content("ja\n")
    message.add_attachment("BEGIN:VCALENDAR\nEND:VCALENDAR\n", subtype="calendar", params={"method": "REPLY"})
    google.gmail.deliver(LEA, message.as_bytes())
    del message["From"]
    message["From"] = "evil@x.example"
    google.gmail.deliver(LEA, message.as_bytes().replace(b"text/calendar", b"text/other"))
    answer, forged = box(google).arrivals(NOW)
    assert (answer.sender, answer.subject, answer.text) == ("asa@client.example", "Zusage: Büro", "ja\n")
    assert answer.headers[CALENDAR_METHOD] == "REPLY" and CALENDAR_METHOD not in forged.headers


ODD: list[dict[str, Any]] = [
    {}, {"id": "1", "internalDate": "never"}, {"payload": {"headers": [{"name": "A\r\nB", "value": "c"}, 7, {}]}},
    {"payload": {"headers": [{"name": "Subject", "value": "x\r\nFrom: evil@x.example"}]}},
    {"payload": {"mimeType": "text/plain", "body": {"data": "!!!"}}}, {"payload": {"parts": [7, {"parts": "x"}]}},
    {"payload": {"mimeType": "text/plain", "body": {"data": base64.urlsafe_b64encode(b"\xff\xfe" * 9).decode()}}},
    {"payload": {"mimeType": "text/calendar", "headers": [{"name": "Content-Type", "value": 'x/y; method="X\r\nY: 1"'}]}},
]  # fmt: skip


@pytest.mark.parametrize("message", ODD, ids=lambda value: str(value)[:40])
def test_no_message_however_odd_escapes(message: dict[str, Any]) -> None:
    envelope = envelope_of(message)
    assert envelope.sender == "" and not any("\n" in value for value in envelope.headers.values())


# --- moving -----------------------------------------------------------------------------------------------------------


def test_a_window_releases_thousands_in_a_few_requests(google: FakeGoogle, tmp_path: Path) -> None:
    box(google, tmp_path, server_hold=True).hold([])
    (label,) = google.gmail.boxes[LEA].labels
    stored = [google.gmail.deliver(LEA, mail(str(n)), NOW + timedelta(seconds=n)) for n in range(2500)]
    for message in stored:
        message.labels = {label, "UNREAD"}
    assert box(google, tmp_path).release() == 2500
    assert google.seen.calls["gmail.users.messages.batchModify"] == 3 and google.seen.http == 10
    assert google.gmail.label_ids(LEA, "INBOX") == [message.id for message in stored]
    assert google.seen.units < 200


def test_a_window_does_not_wait_for_headers(google: FakeGoogle, tmp_path: Path) -> None:
    box(google, tmp_path, server_hold=True).hold([])
    (label,) = google.gmail.boxes[LEA].labels
    for number in range(300):
        google.gmail.deliver(LEA, mail(str(number)), NOW - timedelta(hours=1)).labels = {label}
    found = box(google, tmp_path).held()
    assert (len(found), sum(not e.sender for e in found), found[-1].received) == (300, 50, NOW)
    assert google.seen.calls["gmail.users.messages.get"] == 250
    assert len(box(google, tmp_path).held_outline()) == 300 and not google.seen.calls["gmail.users.messages.get"]
    again = box(google, tmp_path)
    assert all(e.sender for e in again.held()) and google.seen.calls["gmail.users.messages.get"] == 50


def test_nothing_but_the_two_labels_changes(google: FakeGoogle) -> None:
    stored = google.gmail.deliver(LEA, mail("1"))
    stored.labels |= {"STARRED"}
    one = box(google)
    one.hold([stored.id])
    assert stored.labels - set(google.gmail.boxes[LEA].labels) == {"UNREAD", "STARRED"}
    one.release()
    assert stored.labels == {"INBOX", "UNREAD", "STARRED"}


@pytest.mark.parametrize("name", ["cut before", "cut after", "500", "429"])
def test_a_move_whose_answer_was_lost_is_made_again(google: FakeGoogle, name: str) -> None:
    handle = google.gmail.deliver(LEA, mail("1")).id
    google.faults.add("gmail.users.messages.batchModify", name)
    assert box(google).hold([handle]) == 1
    assert google.gmail.label_ids(LEA, "Held") == [handle] and google.gmail.label_ids(LEA, "INBOX") == []


def test_a_label_of_the_users_own_is_used_but_never_removed(google: FakeGoogle) -> None:
    google.gmail.boxes[LEA].labels["Label_9"] = {"id": "Label_9", "name": "held", "type": "user"}
    handle = google.gmail.deliver(LEA, mail("1")).id
    one = box(google)
    one.hold([handle])
    assert not one.owns_held() and list(google.gmail.boxes[LEA].labels) == ["Label_9"]
    one.release()
    one.tidy()
    assert list(google.gmail.boxes[LEA].labels) == ["Label_9"]


def test_our_label_goes_when_nothing_needs_it(google: FakeGoogle, tmp_path: Path) -> None:
    handle = google.gmail.deliver(LEA, mail("1")).id
    one = box(google, tmp_path)
    one.hold([handle])
    one.tidy()
    assert google.gmail.label_ids(LEA, "Held") == [handle]
    one.release()
    label = next(iter(google.gmail.boxes[LEA].labels))
    google.gmail.boxes[LEA].filters["f"] = {"id": "f", "criteria": {}, "action": {"addLabelIds": [label]}}
    one.tidy()
    assert google.gmail.boxes[LEA].labels
    del google.gmail.boxes[LEA].filters["f"]
    one.tidy()
    assert not google.gmail.boxes[LEA].labels
    one.tidy()


def test_a_label_that_was_deleted_is_made_again(google: FakeGoogle, tmp_path: Path) -> None:
    first, second = (google.gmail.deliver(LEA, mail(str(n))).id for n in range(2))
    one = box(google, tmp_path)
    one.hold([first])
    one.release()
    one.held()
    google.gmail.boxes[LEA].labels.clear()
    assert box(google, tmp_path).hold([second]) == 1
    assert google.gmail.label_ids(LEA, "Held") == [second]


@pytest.mark.parametrize("name", ["", " ", "a\nb", "x" * 101])
def test_a_name_that_cannot_be_a_label_is_refused(google: FakeGoogle, name: str) -> None:
    with pytest.raises(Permanent):
        box(google, held_label=name)


# --- the autoreply ----------------------------------------------------------------------------------------------------


def text(audience: Any) -> ResponderText:
    return ResponderText(audience, f"Away ({audience})", f"Words for {audience}.")


def item(*audiences: str, **changes: Any) -> ResponderItem:
    made = ResponderItem("hw-a.responder.1", "a", "main", SPAN, tuple(map(text, audiences)), 4, ("example.org",))
    return replace(made, **changes)


@pytest.mark.parametrize(
    "audiences, words, switches",
    [
        (("internal", "known", "unknown"), "unknown", {}),
        (("internal", "known"), "known", {"restrictToContacts": True}),
        (("internal",), "internal", {"restrictToDomain": True}),
    ],
)
def test_gmail_gets_the_safest_text_and_only_whom_it_is_meant_for(
    google: FakeGoogle, tmp_path: Path, clock: Clock, audiences: tuple[str, ...], words: str, switches: dict[str, bool]
) -> None:
    google.gmail.boxes[LEA].workspace = "example.org"
    responder(google, tmp_path, clock).write(item(*audiences), None, _nothing(google))
    settings = google.gmail.boxes[LEA].vacation
    assert settings["responseBodyPlainText"] == f"Words for {words}."
    assert {name: value for name, value in settings.items() if name.startswith("restrict")} == switches
    assert (settings["startTime"], settings["endTime"]) == tuple(str(int(m.timestamp() * 1000)) for m in (SPAN.start, SPAN.end))


def _nothing(google: FakeGoogle) -> str:
    return json.dumps({"v": 1, "vacation": {"enableAutoReply": False}})


def test_the_reply_ends_by_itself(google: FakeGoogle, tmp_path: Path, clock: Clock) -> None:
    responder(google, tmp_path, clock).write(item("unknown"), None, _nothing(google))
    clock.on(days=1)
    google.gmail.deliver(LEA, mail("1"))
    clock.on(days=6)
    google.gmail.deliver(LEA, mail("2", "cy@x.example"))
    assert [reply.to for reply in google.gmail.boxes[LEA].replies] == ["bo@client.example"]


@pytest.mark.parametrize("ends, on", [(SPAN.end + timedelta(days=1), True), (SPAN.end, False), (None, True)])
def test_a_reply_of_the_users_is_on_again_only_where_it_has_not_ended(
    google: FakeGoogle, tmp_path: Path, clock: Clock, ends: datetime | None, on: bool
) -> None:
    own = {"enableAutoReply": True, "responseSubject": "Mine", "responseBodyHtml": "<b>x</b>"}
    own |= {"endTime": str(int(ends.timestamp() * 1000))} if ends else {}
    google.gmail.boxes[LEA].vacation = dict(own)
    one = responder(google, tmp_path, clock)
    original = one.read().snapshot
    one.write(item("unknown"), None, original)
    clock.on(days=5)
    reading = one.restore(original, clock())
    assert google.gmail.boxes[LEA].vacation == {**own, "enableAutoReply": on}
    assert (reading.marker, reading.enabled) == ("", on)
    one.restore(original, clock())
    assert google.gmail.boxes[LEA].vacation == {**own, "enableAutoReply": on}


def test_writing_the_same_twice_sends_nothing(google: FakeGoogle, tmp_path: Path, clock: Clock) -> None:
    one = responder(google, tmp_path, clock)
    one.write(item("unknown"), None, _nothing(google))
    google.count()
    one.write(item("unknown"), None, _nothing(google))
    assert "gmail.users.settings.updateVacation" not in google.seen.calls


@pytest.mark.parametrize("name", ["cut before", "cut after", "500", "429"])
@pytest.mark.parametrize("when", ["write", "restore"])
def test_settings_whose_answer_was_lost_are_sent_again(
    google: FakeGoogle, tmp_path: Path, clock: Clock, name: str, when: str
) -> None:
    one = responder(google, tmp_path, clock)
    for step in ("write", "restore"):
        if step == when:
            google.faults.add("gmail.users.settings.updateVacation", name)
        one.write(item("unknown"), None, _nothing(google)) if step == "write" else one.restore(_nothing(google), NOW)
        assert google.gmail.boxes[LEA].vacation["enableAutoReply"] == (step == "write")


def test_a_crash_between_two_absences_leaves_a_reply_of_ours(google: FakeGoogle, tmp_path: Path, clock: Clock) -> None:
    one = responder(google, tmp_path, clock)
    one.write(item("unknown"), None, _nothing(google))
    google.faults.add("gmail.users.settings.updateVacation", "403 quota")
    other = item("unknown", id="hw-b.responder.1", texts=(ResponderText("unknown", "Later", "Other words."),))
    with pytest.raises(Temporary):
        one.write(other, None, _nothing(google))
    again = responder(google, tmp_path, clock)
    assert "by hand" not in again.read().words
    assert again.write(other, None, _nothing(google)).marker == other.id
    again.restore(_nothing(google), NOW)
    assert google.gmail.boxes[LEA].vacation == {"enableAutoReply": False}


def test_reading_costs_one_request(google: FakeGoogle, tmp_path: Path, clock: Clock) -> None:
    for server_hold in (False, True):
        responder(google, tmp_path, clock, server_hold=server_hold).read()
        assert google.seen.http == 1


# --- the filters ------------------------------------------------------------------------------------------------------


def lease(**changes: Any) -> Lease:
    opening = Opening("a", NOW.date(), 0, Interval(NOW + timedelta(hours=2), NOW + timedelta(hours=3)), "UTC")
    made: dict[str, Any] = {"starts": NOW, "ends": NOW + timedelta(days=1), "openings": (opening,), **changes}
    return Lease(**made)


def test_the_filter_holds_all_but_what_passes(google: FakeGoogle, tmp_path: Path, clock: Clock) -> None:
    wanted = lease(
        passes=("mum@home.example", "@air.example"), pass_subjects=("verification code",), urgent_word="[urgent]",
        urgent_from=("@example.org",),
    )  # fmt: skip
    responder(google, tmp_path, clock, server_hold=True).write(None, wanted, _nothing(google))
    passing = [
        google.gmail.deliver(LEA, raw).id
        for raw in (
            mail("1", "Mum <mum@home.example>"), mail("2", "info@mail.air.example"), mail("3", subject="Your verification code"),
            mail("4", ANA, subject="[urgent] help"),
        )
    ]  # fmt: skip
    held = [google.gmail.deliver(LEA, raw).id for raw in (mail("5"), mail("6", subject="[urgent] buy"), mail("7", ANA))]
    assert google.gmail.label_ids(LEA, "INBOX") == passing and google.gmail.label_ids(LEA, "Held") == held


def test_a_filter_stands_only_while_mail_is_held(google: FakeGoogle, tmp_path: Path, clock: Clock) -> None:
    one = responder(google, tmp_path, clock, server_hold=True)
    filters = google.gmail.boxes[LEA].filters
    stands = []
    for hours in (-1, 1, 2, 1, 25):  # before, away, in the window, away again, home
        clock.on(hours=hours)
        reading = one.write(None, lease(starts=NOW), _nothing(google))
        stands.append(len(filters))
        assert reading.marker == "hold"
    assert stands == [0, 1, 0, 1, 0]
    one.write(None, None, _nothing(google))
    assert one.read().marker == ""


def test_a_filter_that_gmail_disowns_and_lists_is_not_given_up(google: FakeGoogle, tmp_path: Path, clock: Clock) -> None:
    tried = responder(google, tmp_path, clock, server_hold=True)
    before = tried.read().snapshot
    tried.write(None, lease(), before)
    google.faults.add("gmail.users.settings.filters.delete", "404")
    with pytest.raises(Temporary, match="still lists a filter"):
        tried.restore(before, clock())
    assert google.gmail.boxes[LEA].filters
    tried.restore(before, clock())
    assert not google.gmail.boxes[LEA].filters


def test_a_filter_goes_although_the_reply_was_edited(google: FakeGoogle, tmp_path: Path, clock: Clock) -> None:
    one = responder(google, tmp_path, clock, server_hold=True)
    one.write(item("unknown"), lease(), _nothing(google))
    google.gmail.boxes[LEA].vacation["responseBodyPlainText"] = "my own words"
    with pytest.raises(PreconditionFailed):
        one.restore(_nothing(google), NOW)
    assert not google.gmail.boxes[LEA].filters
    assert google.gmail.boxes[LEA].vacation["responseBodyPlainText"] == "my own words"


def test_a_filter_of_ours_is_found_without_the_record(google: FakeGoogle, tmp_path: Path, clock: Clock) -> None:
    responder(google, tmp_path / "one", clock, server_hold=True).write(None, lease(), _nothing(google))
    assert google.gmail.boxes[LEA].filters
    lost = responder(google, tmp_path / "two", clock, server_hold=True)
    lost.restore(_nothing(google), NOW)
    assert not google.gmail.boxes[LEA].filters


def test_filters_of_the_users_own_stay(google: FakeGoogle, tmp_path: Path, clock: Clock) -> None:
    own = {"id": "own", "criteria": {"from": "x"}, "action": {"removeLabelIds": ["INBOX"]}}
    google.gmail.boxes[LEA].filters["own"] = own
    one = responder(google, tmp_path, clock, server_hold=True)
    one.write(None, lease(), _nothing(google))
    one.restore(_nothing(google), NOW)
    assert google.gmail.boxes[LEA].filters == {"own": own}


def test_no_filter_sorts_into_a_label_of_the_users_own(google: FakeGoogle, tmp_path: Path, clock: Clock) -> None:
    google.gmail.boxes[LEA].labels["Label_9"] = {"id": "Label_9", "name": "Held", "type": "user"}
    with pytest.raises(Permanent, match="of your own"):
        responder(google, tmp_path, clock, server_hold=True).write(None, lease(), _nothing(google))
    assert not google.gmail.boxes[LEA].filters


@pytest.mark.parametrize("name", ["cut before", "cut after", "500", "403 quota"])
def test_a_filter_whose_answer_was_lost_is_there_once(google: FakeGoogle, tmp_path: Path, clock: Clock, name: str) -> None:
    one = responder(google, tmp_path, clock, server_hold=True)
    google.faults.add("gmail.users.settings.filters.create", name)
    with pytest.raises(Temporary):
        one.write(None, lease(), _nothing(google))
    one.write(None, lease(), _nothing(google))
    assert len(google.gmail.boxes[LEA].filters) == 1


def _searched(sender: str, subject: str = "hello") -> Searched:
    return Searched(sender, LEA, "", subject, "", "", frozenset(), NOW, 1)


def test_many_exceptions_are_dealt_out_so_that_each_still_passes() -> None:
    people = tuple(f"person.number.{n}@big{n % 3}.example" for n in range(90))
    wanted = hold_filters(lease(passes=(*people, "@air.example", "mum@home.example")))
    filters = wanted.criteria()
    assert len(filters) == 4 and not wanted.left_out
    assert all(sum(map(len, each.values())) <= MOST_CHARACTERS + 2 for each in filters)
    for sender in (*people, "mum@home.example", "x@mail.air.example"):
        assert not any(_applies(each, _searched(sender)) for each in filters), sender
    for sender in ("stranger@x.example", "stranger@big1.example", "person.number.0@big1.example"):
        assert sum(_applies(each, _searched(sender)) for each in filters) == 1, sender


def test_people_come_before_companies() -> None:
    companies = tuple(f"@some-long-name-of-an-airline-{n}.example" for n in range(60))
    wanted = hold_filters(lease(passes=(*companies, "mum@home.example")))
    assert wanted.left_out and not any(_applies(each, _searched("mum@home.example")) for each in wanted.criteria())


def test_exceptions_without_room_are_named_and_people_come_before_words() -> None:
    words = tuple(f"some rather long words number {n}" for n in range(60))
    wanted = hold_filters(lease(passes=("mum@home.example",), pass_subjects=words))
    (only,) = wanted.criteria()
    assert len(wanted.left_out) > 10 and "mum@home.example" in only["negatedQuery"]
    assert not _applies(only, _searched("mum@home.example")) and _applies(only, _searched("x@y.example"))


def test_nothing_in_an_exception_can_change_the_filter() -> None:
    bad = ('x"} from:@evil', "a@b} OR {", "@", "@x y", "a b@c.example", "*@x.example")
    wanted = hold_filters(
        lease(passes=bad, pass_subjects=('code" OR from:evil {',), urgent_word="", urgent_from=("a@b.example",))
    )
    (only,) = wanted.criteria()
    assert only == {"negatedQuery": '{subject:{"code OR from:evil"} filename:ics}'}


# --- sending ----------------------------------------------------------------------------------------------------------

LETTER = b"From: lea@example.org\nTo: ana@example.org\nSubject: x\nMessage-ID: <hw-a.ask.1@example.org>\n\nbody\n"
ID = "<hw-a.ask.1@example.org>"


def test_what_may_have_gone_out_is_not_sent_again(google: FakeGoogle, tmp_path: Path) -> None:
    google.faults.add("gmail.users.messages.send", "cut before")
    outbox = GoogleOutbox(api_of(google), tmp_path)
    assert [outbox.send(LETTER, ID), outbox.send(LETTER, ID), outbox.sent(ID)] == ["unknown", "unknown", None]
    assert google.gmail.outgoing == []


@pytest.mark.parametrize("name", ["cut after", "500"])
def test_what_gmail_has_sent_is_found_there(google: FakeGoogle, tmp_path: Path, name: str) -> None:
    google.faults.add("gmail.users.messages.send", name)
    outbox = GoogleOutbox(api_of(google), tmp_path)
    assert outbox.send(LETTER, ID) == ("sent" if name == "cut after" else "unknown")
    assert len(google.gmail.outgoing) == (1 if name == "cut after" else 0)


def test_a_letter_of_a_lost_machine_is_found_at_gmail(google: FakeGoogle, tmp_path: Path) -> None:
    GoogleOutbox(api_of(google), tmp_path / "one").send(LETTER, ID)
    assert GoogleOutbox(api_of(google), tmp_path / "two").send(LETTER, ID) == "already"
    assert len(google.gmail.outgoing) == 1


@pytest.mark.parametrize("name, error", [("403 quota", Temporary), ("403 scope", Permanent), ("401", AuthExpired)])
def test_what_was_refused_can_be_sent_later(google: FakeGoogle, tmp_path: Path, name: str, error: type[Exception]) -> None:
    google.faults.add("gmail.users.messages.send", name, times=2 if name == "401" else 1)
    outbox = GoogleOutbox(api_of(google), tmp_path)
    with pytest.raises(error):
        outbox.send(LETTER, ID)
    assert [outbox.sent(ID), outbox.send(LETTER, ID)] == [False, "sent"]


def test_a_letter_arrives_as_it_was_written(google: FakeGoogle, tmp_path: Path) -> None:
    GoogleOutbox(api_of(google), tmp_path).send(LETTER, ID)
    ((sender, to, raw),) = google.gmail.outgoing
    assert (sender, to, raw) == (LEA, (ANA,), LETTER)
    assert google.gmail.label_ids(ANA, "INBOX")
