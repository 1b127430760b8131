"""The client library made to behave: what is tried again and what never, what every refusal becomes, what is counted."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from integrations.errors import AuthExpired, OutsideError, Permanent, PreconditionFailed, Temporary, TokenExpired
from integrations.google_client import Endpoints, GoogleApi
from integrations.google_errors import Gone, NotThere, Taken, Unclear, UsedUp, retry_after, trouble
from integrations.google_http import Wire, checked
from tests.servers.certificates import Authority
from tests.servers.fake_google.server import FakeGoogle
from tests.servers.fake_google.worlds import LEA, NOW, api_of, endpoints, google_world, mail

START, END = ({"dateTime": f"2026-12-03T{hour}:00:00+01:00"} for hour in (14, 16))


@pytest.fixture
def google() -> Iterator[FakeGoogle]:
    with google_world() as world:
        world.calendar.put(LEA, {"id": "training0", "summary": "Training", "start": START, "end": END})
        yield world


def listing(api: GoogleApi) -> Any:
    return api.calendar.events().list(calendarId="primary")


def patch(api: GoogleApi) -> Any:
    return api.calendar.events().patch(calendarId="primary", eventId="training0", body={"summary": "Better"})


REFUSALS = {
    "403 quota": UsedUp, "403 scope": Permanent, "403 access": Permanent, "403 organizer": Permanent, "404": NotThere,
    "409": Taken, "410": Gone, "412": PreconditionFailed, "401": AuthExpired,
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSALS)
def test_a_refusal_becomes_the_callers_next_move(google: FakeGoogle, name: str) -> None:
    google.faults.add("*", name, times=2)  # 401 is asked twice
    with pytest.raises(REFUSALS[name]) as caught:
        api_of(google).write(patch(api_of(google)))
    assert type(caught.value) is REFUSALS[name]
    assert google.seen.calls["calendar.events.patch"] == (2 if name == "401" else 1)


@pytest.mark.parametrize("name", ["403 rate", "403 user rate", "429", "500", "503", "cut before", "cut after"])
def test_a_read_is_tried_again(google: FakeGoogle, name: str) -> None:
    google.faults.add("calendar.events.list", name, times=2)
    api = api_of(google)
    assert len(api.read(listing(api))["items"]) == 1
    assert api.meter.requests == 3


@pytest.mark.parametrize(
    "name, tries", [("403 rate", 2), ("429", 2), ("500", 1), ("503", 1), ("cut before", 1), ("cut after", 1)]
)
def test_a_write_is_tried_again_only_where_nothing_can_have_been_done(google: FakeGoogle, name: str, tries: int) -> None:
    google.faults.add("calendar.events.patch", name)
    api = api_of(google)
    if tries == 2:
        assert api.write(patch(api))["summary"] == "Better"
    else:
        with pytest.raises(Unclear):
            api.write(patch(api))
    assert google.seen.calls["calendar.events.patch"] == tries


def test_google_is_left_alone_for_as_long_as_it_says(google: FakeGoogle) -> None:
    waited: list[float] = []
    api = api_of(google, pause=waited.append, jitter=lambda: 0.0)
    google.faults.add("calendar.events.list", "429", times=2)
    api.read(listing(api))
    assert waited == [1.0, 1.0]  # Retry-After says 1, the second pause of our own would be 1, too
    google.faults.add("calendar.events.list", "429 long")
    with pytest.raises(Temporary) as caught:
        api.read(listing(api))
    assert caught.value.retry_after == timedelta(seconds=900) and len(waited) == 2


def test_pauses_grow_and_end(google: FakeGoogle) -> None:
    waited: list[float] = []
    api = api_of(google, pause=waited.append, jitter=lambda: 0.5)
    google.faults.add("calendar.events.list", "503", times=-1)
    with pytest.raises(Temporary):
        api.read(listing(api))
    assert waited == [1.0, 2.0, 4.0, 8.0]


def test_a_google_that_is_long_out_of_reach_holds_up_no_pass(google: FakeGoogle) -> None:
    now = [0.0]

    def pause(seconds: float) -> None:
        now[0] += seconds

    api = api_of(google, pause=pause, jitter=lambda: 0.5, ticks=lambda: now[0])
    google.faults.add("calendar.events.list", "503", times=-1)
    for _ in range(20):
        with pytest.raises(Temporary):
            api.read(listing(api))
    assert now[0] < 80 and google.seen.http < 30
    google.faults.clear()
    with pytest.raises(Temporary):
        api.read(listing(api))
    now[0] += 31
    assert api.read(listing(api))["items"]


def test_what_does_not_answer_is_given_up(google: FakeGoogle) -> None:
    google.faults.add("calendar.events.list", "slow", times=-1)
    api = api_of(google, timeout=0.1)
    with pytest.raises(Temporary, match="cannot be reached"):
        api.read(listing(api))


def test_a_batch_follows_the_address_and_asks_again_for_what_was_refused(google: FakeGoogle) -> None:
    ids = [google.gmail.deliver(LEA, mail(str(n))).id for n in range(130)]
    api = api_of(google)
    google.faults.add("gmail.users.messages.get", "429", times=3)
    google.faults.add("batch", "503")
    get = api.gmail.users().messages().get
    found = api.read_all("gmail", [get(userId="me", id=i, format="minimal") for i in [*ids, "18f0000000000000"]])
    assert [f["id"] for f in found if isinstance(f, dict)] == ids
    assert isinstance(found[-1], NotThere)
    assert google.seen.http == 5  # refused whole, 50 of them, three again, 50, 31


def test_a_batch_that_breaks_off_gives_errors_in_their_places(google: FakeGoogle) -> None:
    google.faults.add("batch", "cut before", times=-1)
    api = api_of(google)
    found = api.read_all("calendar", [listing(api), listing(api)])
    assert [type(each) for each in found] == [Temporary, Temporary]


def test_a_pass_can_be_counted(google: FakeGoogle) -> None:
    api = api_of(google)
    api.read(listing(api))
    api.read(api.gmail.users().messages().list(userId="me"))
    meter = api.begin_pass()
    assert (meter.requests, meter.units) == (2, 6)
    assert meter.words() == "2 requests to Google, 6 quota units"
    assert meter.units == google.seen.units and api.meter.requests == 0


@pytest.mark.parametrize("address", ["http://example.org/", "ftp://127.0.0.1/", "//x/", "http://127.0.0.1.example.org/"])
def test_tokens_are_sent_in_the_clear_to_this_machine_only(address: str) -> None:
    with pytest.raises(Permanent):
        Endpoints(calendar=address)
    with pytest.raises(Permanent):
        Wire().send(address, "GET", None, {})
    assert checked("http://localhost:1/") and checked("https://example.org/")


@pytest.mark.parametrize(
    "names, days, trusted", [("IP:127.0.0.1", 2, True), ("DNS:other.example", 2, False), ("IP:127.0.0.1", -1, False)]
)
def test_only_a_google_that_proves_who_it_is_gets_the_token(tmp_path: Path, names: str, days: int, trusted: bool) -> None:
    authority = Authority(tmp_path)
    with FakeGoogle(lambda: NOW, authority.certificate(names, days)) as google:
        google.add_user(LEA)
        api = api_of(google)
        with pytest.raises(Permanent, match="certificate"):
            api.read(listing(api))
        known = api_of(google, ca_file=str(authority.ca_file))
        if trusted:
            assert known.read(listing(known))["items"] == []
        else:
            with pytest.raises(Permanent, match="certificate"):
                known.read(listing(known))
        assert google.seen.http == (1 if trusted else 0)


def test_a_redirect_is_not_followed(google: FakeGoogle) -> None:
    status, headers, _ = Wire().send(f"{google.auth_uri}?client_id=x", "GET", None, {})
    assert status == 400
    google.oauth.clients["c"] = "s"
    query = "client_id=c&redirect_uri=http://127.0.0.1:1/&response_type=code&code_challenge_method=S256&code_challenge=x&scope=y"
    status, headers, _ = Wire().send(f"{google.auth_uri}?{query}", "GET", None, {})
    assert status == 302 and headers["location"].startswith("http://127.0.0.1:1/")


def test_an_answer_without_end_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("integrations.google_http.MOST_BYTES", 100_000)
    server = socket.create_server(("127.0.0.1", 0))

    def pour() -> None:
        connection, _ = server.accept()
        connection.recv(4096)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 9999999\r\n\r\n" + b"x" * 300_000)

    threading.Thread(target=pour, daemon=True).start()
    with pytest.raises(Permanent, match="more than"):
        Wire().send(f"http://127.0.0.1:{server.getsockname()[1]}/", "GET", None, {})
    server.close()


class _Stale:
    """A token that Google has revoked, then a good one."""

    def __init__(self, good: str) -> None:
        self.given = ["stale", good]

    def token(self, refused: str = "") -> str:
        assert refused in ("", "stale")
        return self.given[-1] if refused else self.given[0]


def test_a_write_with_a_stale_token_is_sent_again_with_a_new_one(google: FakeGoogle) -> None:
    tokens = _Stale(google.oauth.token(LEA, "https://www.googleapis.com/auth/calendar.events"))
    api = GoogleApi(tokens, endpoints(google))
    assert api.write(patch(api))["summary"] == "Better"


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"error": 7}', b'{"error": {"errors": [{}]}}', b"\xff"])
@pytest.mark.parametrize("status", [400, 403, 404, 409, 410, 412, 418, 429, 500])
def test_no_answer_however_odd_escapes_our_errors(status: int, body: bytes) -> None:
    assert isinstance(trouble(status, {}, body, writing=True), OutsideError)


def test_google_says_when_everything_has_to_be_read_again() -> None:
    body = b'{"error": {"code": 410, "message": "x", "errors": [{"reason": "fullSyncRequired"}]}}'
    assert isinstance(trouble(410, {}, body, writing=False), TokenExpired)


def test_a_refusal_is_told_in_one_harmless_line() -> None:
    body = '{"error": {"code": 400, "message": "bad\\u001b[31m\\nthing ' + "x" * 999 + '"}}'
    told = trouble(400, {}, body.encode(), writing=False).what
    assert told.isprintable() and len(told) < 260


@pytest.mark.parametrize(
    "text, seconds",
    [
        ("7", 7),
        ("99999999", 86400),
        ("Mon, 23 Nov 2026 12:01:00 GMT", 60),
        ("Mon, 23 Nov 2026 11:00:00 GMT", 0),
        ("soon", None),
        ("", None),
    ],
)
def test_retry_after_is_seconds_or_a_date(text: str, seconds: int | None) -> None:
    wait = retry_after({"retry-after": text, "date": "Mon, 23 Nov 2026 12:00:00 GMT"})
    assert (wait.total_seconds() if wait is not None else None) == seconds
