"""What the local Google refuses, asked by the real client library: a fake that takes everything proves nothing."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from integrations.google_client import GoogleApi
from tests.servers.fake_google.server import FakeGoogle
from tests.servers.fake_google.worlds import ANA, LEA, api_of, google_world, mail

START, END = ({"dateTime": f"2026-12-03T{hour}:00:00+01:00", "timeZone": "Europe/Berlin"} for hour in (14, 16))
TRAINING = {"id": "training0", "summary": "Training", "start": START, "end": END}
WEEKLY = {**TRAINING, "id": "weekly00", "summary": "Team", "recurrence": ["RRULE:FREQ=WEEKLY;COUNT=4"]}


@pytest.fixture(scope="module")
def one() -> Iterator[tuple[FakeGoogle, GoogleApi]]:
    """For what is refused: nothing changes in it."""
    with google_world() as google:
        api = api_of(google, LEA, "https://www.googleapis.com/auth/calendar", "https://mail.google.com/", _SETTINGS)
        google.calendar.put(LEA, TRAINING)
        yield google, api


@pytest.fixture
def google() -> Iterator[FakeGoogle]:
    with google_world() as world:
        yield world


_SETTINGS = "https://www.googleapis.com/auth/gmail.settings.basic"


def refused(request: Any) -> tuple[int, str]:
    """Status and reason of the error that the library raises."""
    from googleapiclient.errors import HttpError

    with pytest.raises(HttpError) as caught:
        request.execute(num_retries=0)
    error = json.loads(caught.value.content)["error"]
    assert error["code"] == caught.value.resp.status and error["message"]
    return error["code"], error["errors"][0]["reason"]


def body(**changes: Any) -> dict[str, Any]:
    return {"summary": "New", "start": START, "end": END, **changes}


# --- the validator ----------------------------------------------------------------------------------------------------

BODIES: list[tuple[dict[str, Any], str]] = [
    ({"sumary": "typo"}, "badRequest"),
    ({"start": {"dateTyme": "2026-12-03"}}, "badRequest"),
    ({"attendees": [{"mail": "a@b.example"}]}, "badRequest"),
    ({"summary": 7}, "invalid"),
    ({"sequence": "3"}, "invalid"),
    ({"attendees": {"email": "a@b.example"}}, "invalid"),
    ({"guestsCanModify": "yes"}, "invalid"),
    ({"status": "maybe"}, "invalid"),
    ({"visibility": "secret"}, "invalid"),
    ({"transparency": "free"}, "invalid"),
    ({"eventType": "holiday"}, "invalid"),
    ({"attendees": [{"email": "a@b.example", "responseStatus": "yes"}]}, "invalid"),
    ({"start": {"date": "3.12.2026"}}, "invalid"),
    ({"start": {"dateTime": "2026-12-03 14:00"}}, "invalid"),
    ({"created": "2026-12-03T14:00:00"}, "invalid"),
    ({"start": None}, "required"),
]


@pytest.mark.parametrize("changes, reason", BODIES, ids=lambda value: str(value)[:40])
def test_a_body_that_the_document_does_not_describe_is_refused(one: Any, changes: dict[str, Any], reason: str) -> None:
    assert refused(one[1].calendar.events().insert(calendarId="primary", body=body(**changes))) == (400, reason)


QUERIES: list[tuple[str, str]] = [
    ("maxResults=0", "invalidParameter"), ("maxResults=2501", "invalidParameter"), ("maxResults=many", "invalidParameter"),
    ("orderBy=title", "invalidParameter"), ("singleEvents=1", "invalidParameter"), ("colour=red", "invalid"),
    ("timeMin=2026-12-03T14:00:00", "invalidParameter"), ("eventTypes=holiday", "invalidParameter"),
    ("q=a&q=b", "invalidParameter"), ("fields=items(id", "invalidParameter"),
]  # fmt: skip


@pytest.mark.parametrize("query, reason", QUERIES)
def test_a_query_that_the_document_does_not_describe_is_refused(one: Any, query: str, reason: str) -> None:
    request = one[1].calendar.events().list(calendarId="primary")
    request.uri = f"{request.uri.partition('?')[0]}?{query}"
    assert refused(request) == (400, reason)


def test_a_path_or_verb_that_no_method_has_is_refused(one: Any) -> None:
    request = one[1].calendar.events().get(calendarId="primary", eventId="training0")
    request.method = "PUT"
    request.body = "{}"
    request.headers["content-type"] = "application/json"
    assert refused(request)[0] == 400  # update without its times
    request.uri = request.uri.replace("/events/", "/evts/")
    assert refused(request)[0] == 404


def test_a_long_number_has_to_be_written_as_a_string(one: Any) -> None:
    settings = {"enableAutoReply": True, "responseSubject": "Away", "startTime": 1}
    update = one[1].gmail.users().settings().updateVacation(userId="me", body=settings)
    assert refused(update) == (400, "invalid")


@pytest.mark.parametrize(
    "scope, ask",
    [
        ("calendar.calendarlist.readonly", lambda api: api.calendar.events().list(calendarId="primary")),
        ("calendar.events.readonly", lambda api: api.calendar.events().delete(calendarId="primary", eventId="training0")),
        ("calendar.events", lambda api: api.calendar.calendarList().list()),
        ("gmail.modify", lambda api: api.gmail.users().settings().updateVacation(userId="me", body={})),
        ("gmail.settings.basic", lambda api: api.gmail.users().messages().list(userId="me")),
        ("gmail.readonly", lambda api: api.gmail.users().messages().batchModify(userId="me", body={"ids": ["1"]})),
    ],
)
def test_a_method_without_its_scope_is_refused(one: Any, scope: str, ask: Callable[[GoogleApi], Any]) -> None:
    api = api_of(one[0], LEA, f"https://www.googleapis.com/auth/{scope}")
    assert refused(ask(api)) == (403, "insufficientPermissions")


def test_a_token_that_has_expired_or_is_unknown_is_refused(google: FakeGoogle) -> None:
    class Wrong:
        def token(self, refused: str = "") -> str:
            return "nobody's"

    from tests.servers.fake_google.worlds import endpoints

    api = GoogleApi(Wrong(), endpoints(google))
    assert refused(api.calendar.events().list(calendarId="primary")) == (401, "authError")


# --- rules that no document states ------------------------------------------------------------------------------------

EVENTS: list[tuple[dict[str, Any], tuple[int, str]]] = [
    ({"id": "hw-upper"}, (400, "invalid")),
    ({"id": "abc"}, (400, "invalid")),
    ({"id": "training0"}, (409, "duplicate")),
    ({"id": "another00", "iCalUID": "x@y.example"}, (400, "invalid")),
    ({"end": START, "start": END}, (400, "timeRangeEmpty")),
    ({"start": {"date": "2026-12-03"}}, (400, "invalid")),
    ({"start": {"dateTime": "2026-12-03T14:00:00+01:00"}, "recurrence": ["RRULE:FREQ=DAILY"]}, (400, "required")),
    ({"recurrence": ["FREQ=DAILY"]}, (400, "invalid")),
    ({"recurrence": ["RRULE:FREQ=NEVER"]}, (400, "invalid")),
    ({"start": {**START, "timeZone": "Mars/Olympus"}}, (400, "invalid")),
    ({"attendees": [{"email": "nobody"}]}, (400, "invalid")),
    ({"extendedProperties": {"private": {"k" * 45: "v"}}}, (400, "invalid")),
    ({"extendedProperties": {"private": {"k": "v" * 1025}}}, (400, "invalid")),
    ({"eventType": "fromGmail"}, (400, "eventTypeRestriction")),
    ({"eventType": "outOfOffice", "attendees": [{"email": ANA}]}, (400, "malformedOutOfOfficeEvent")),
    (
        {"eventType": "outOfOffice", "start": {"date": "2026-12-03"}, "end": {"date": "2026-12-04"}},
        (400, "malformedOutOfOfficeEvent"),
    ),
]


@pytest.mark.parametrize("changes, answer", EVENTS, ids=lambda value: str(value)[:50])
def test_an_event_against_the_rules_is_refused(one: Any, changes: dict[str, Any], answer: tuple[int, str]) -> None:
    assert refused(one[1].calendar.events().insert(calendarId="primary", body=body(**changes))) == answer


def test_lists_that_cannot_be_are_refused(one: Any) -> None:
    events = one[1].calendar.events()
    assert refused(events.list(calendarId="primary", orderBy="startTime")) == (400, "invalid")
    assert refused(events.list(calendarId="nobody@example.org")) == (404, "notFound")
    assert refused(events.list(calendarId="primary", pageToken="x")) == (400, "invalid")
    assert refused(events.get(calendarId="primary", eventId="nothing0")) == (404, "notFound")
    late = "2027-01-01T00:00:00Z"
    assert refused(events.list(calendarId="primary", timeMin=late, timeMax=late)) == (400, "timeRangeEmpty")
    old = "2026-01-01T00:00:00Z"
    assert refused(events.list(calendarId="primary", updatedMin=old)) == (410, "updatedMinTooLongAgo")


def test_a_sync_token_ends_and_suffers_no_restrictions(google: FakeGoogle) -> None:
    google.calendar.put(LEA, TRAINING)
    events = api_of(google).calendar.events()
    token = events.list(calendarId="primary").execute()["nextSyncToken"]
    assert refused(events.list(calendarId="primary", syncToken=token, q="x")) == (400, "invalid")
    assert refused(events.list(calendarId="primary", syncToken=token, singleEvents=True)) == (400, "invalid")
    assert refused(events.list(calendarId="primary", syncToken="zz")) == (400, "invalid")
    assert events.list(calendarId="primary", syncToken=token).execute()["items"] == []
    google.calendar.expire_tokens(LEA)
    assert refused(events.list(calendarId="primary", syncToken=token)) == (410, "fullSyncRequired")


def test_the_sync_token_comes_on_the_last_page_only(google: FakeGoogle) -> None:
    for number in range(5):
        google.calendar.put(LEA, {**TRAINING, "id": f"event{number}"})
    events = api_of(google).calendar.events()
    request = events.list(calendarId="primary", maxResults=2)
    pages = []
    while request is not None:
        pages.append(request.execute())
        request = events.list_next(request, pages[-1])
    assert [("nextSyncToken" in page, len(page["items"])) for page in pages] == [(False, 2), (False, 2), (True, 1)]


def test_a_version_that_is_no_longer_there_is_not_overwritten(google: FakeGoogle) -> None:
    old = google.calendar.put(LEA, TRAINING)["etag"]
    google.calendar.edit(LEA, "training0", summary="Better")
    events = api_of(google).calendar.events()
    for request in (
        events.patch(calendarId="primary", eventId="training0", body={"summary": "Mine"}),
        events.update(calendarId="primary", eventId="training0", body=body()),
        events.delete(calendarId="primary", eventId="training0"),
    ):
        request.headers["If-Match"] = old
        assert refused(request) == (412, "conditionNotMet")


def test_what_is_known_already_is_not_sent_again(google: FakeGoogle) -> None:
    from googleapiclient.errors import HttpError

    etag = google.calendar.put(LEA, TRAINING)["etag"]
    request = api_of(google).calendar.events().get(calendarId="primary", eventId="training0")
    request.headers["If-None-Match"] = etag
    with pytest.raises(HttpError) as caught:
        request.execute()
    assert caught.value.resp.status == 304


def test_a_deleted_event_is_gone_and_comes_back_by_update(google: FakeGoogle) -> None:
    google.calendar.put(LEA, TRAINING)
    events = api_of(google).calendar.events()
    events.delete(calendarId="primary", eventId="training0").execute()
    assert refused(events.delete(calendarId="primary", eventId="training0")) == (410, "deleted")
    assert refused(events.insert(calendarId="primary", body=body(id="training0"))) == (409, "duplicate")
    assert events.list(calendarId="primary").execute()["items"] == []
    back = events.update(calendarId="primary", eventId="training0", body=body(status="confirmed")).execute()
    assert (back["status"], back["summary"]) == ("confirmed", "New")


def test_only_the_organizer_changes_what_is_shared_and_a_guest_answers(google: FakeGoogle) -> None:
    google.calendar.put(LEA, {**WEEKLY, "attendees": [{"email": LEA}, {"email": ANA}]})
    events = api_of(google, ANA).calendar.events()
    (copy,) = events.list(calendarId="primary").execute()["items"]
    assert [guest.get("self", False) for guest in copy["attendees"]] == [False, True]
    patch = events.patch(calendarId="primary", eventId=copy["id"], body={"summary": "Mine"})
    assert refused(patch) == (403, "forbiddenForNonOrganizer")
    guests = copy["attendees"]
    guests[0]["responseStatus"] = "declined"
    patch = events.patch(calendarId="primary", eventId=copy["id"], body={"attendees": guests})
    assert refused(patch) == (403, "forbiddenForNonOrganizer")
    guests[0]["responseStatus"], guests[1]["responseStatus"] = "needsAction", "accepted"
    events.patch(calendarId="primary", eventId=copy["id"], body={"attendees": guests}).execute()
    seen = api_of(google).calendar.events().get(calendarId="primary", eventId="weekly00").execute()
    assert [guest["responseStatus"] for guest in seen["attendees"]] == ["needsAction", "accepted"]


def test_a_calendar_that_may_only_be_read_is_not_written(google: FakeGoogle) -> None:
    google.calendar.shelves[ANA].roles[LEA] = "reader"
    events = api_of(google).calendar.events()
    assert refused(events.insert(calendarId=ANA, body=body())) == (403, "requiredAccessLevel")


def test_an_instance_is_patched_alone(google: FakeGoogle) -> None:
    google.calendar.put(LEA, WEEKLY)
    events = api_of(google).calendar.events()
    instances = events.instances(calendarId="primary", eventId="weekly00").execute()["items"]
    assert [i["id"] for i in instances][1] == "weekly00_20261210T130000Z"
    events.patch(calendarId="primary", eventId=instances[1]["id"], body={"summary": "Other"}).execute()
    items = events.list(calendarId="primary", singleEvents=True, orderBy="startTime").execute()["items"]
    assert [i["summary"] for i in items] == ["Team", "Other", "Team", "Team"]
    events.delete(calendarId="primary", eventId=instances[2]["id"]).execute()
    items = events.list(calendarId="primary").execute()["items"]
    assert sorted(i["status"] for i in items) == ["cancelled", "confirmed", "confirmed"]
    assert refused(events.get(calendarId="primary", eventId="weekly00_20261211T130000Z")) == (404, "notFound")


def test_guests_are_mailed_as_asked(google: FakeGoogle) -> None:
    google.calendar.put(LEA, {**TRAINING, "attendees": [{"email": ANA}, {"email": "bo@client.example"}]})
    events = api_of(google).calendar.events()
    for mode in ("none", "externalOnly", "all"):
        patch = {"summary": mode}
        events.patch(calendarId="primary", eventId="training0", body=patch, sendUpdates=mode).execute()
    assert [m.to for m in google.calendar.mails] == ["bo@client.example", ANA, "bo@client.example"]


def test_free_busy_names_what_it_cannot_see(google: FakeGoogle) -> None:
    google.calendar.put(LEA, TRAINING)
    span = {"timeMin": "2026-12-01T00:00:00Z", "timeMax": "2026-12-31T00:00:00Z"}
    ask = {**span, "items": [{"id": LEA}, {"id": "nobody@example.org"}]}
    api = api_of(google, LEA, "https://www.googleapis.com/auth/calendar.events.freebusy")
    found = api.calendar.freebusy().query(body=ask).execute()["calendars"]
    assert len(found[LEA]["busy"]) == 1 and found["nobody@example.org"]["errors"][0]["reason"] == "notFound"
    many = {**span, "items": [{"id": f"c{n}"} for n in range(51)]}
    assert refused(api.calendar.freebusy().query(body=many)) == (400, "tooManyCalendarsRequested")


# --- mail -------------------------------------------------------------------------------------------------------------

VACATIONS: list[dict[str, Any]] = [
    {"enableAutoReply": True},
    {"enableAutoReply": True, "responseSubject": "x", "startTime": "2000", "endTime": "1000"},
    {"enableAutoReply": True, "responseSubject": "x", "restrictToDomain": True},
    {"enableAutoReply": True, "responseSubject": "x", "startTime": "soon"},
    {"enableAutoReply": True, "subject": "x"},
]


@pytest.mark.parametrize("settings", VACATIONS, ids=str)
def test_vacation_settings_that_make_no_sense_are_refused(one: Any, settings: dict[str, Any]) -> None:
    update = one[1].gmail.users().settings().updateVacation(userId="me", body=settings)
    assert refused(update)[0] == 400


def test_filters_are_held_to_their_rules(google: FakeGoogle) -> None:
    users = api_of(google).gmail.users()
    label = {"labelListVisibility": "labelShow", "messageListVisibility": "show"}
    ids = [users.labels().create(userId="me", body={**label, "name": name}).execute()["id"] for name in ("A", "B")]

    def create(criteria: dict[str, Any], **action: Any) -> Any:
        return users.settings().filters().create(userId="me", body={"criteria": criteria, "action": action})

    assert refused(create({"from": "a"}, addLabelIds=ids)) == (400, "invalidArgument")
    assert refused(create({"from": "a"}, addLabelIds=["Label_none"])) == (400, "invalidArgument")
    assert refused(create({"from": "a"}, removeLabelIds=["SENT"])) == (400, "invalidArgument")
    assert refused(create({}, addLabelIds=ids[:1])) == (400, "invalidArgument")
    assert refused(create({"query": "x" * 1501}, addLabelIds=ids[:1])) == (400, "invalidArgument")
    assert refused(create({"from": "a"}, forward="x@y.example")) == (403, "forbidden")
    create({"from": "a"}, addLabelIds=ids[:1]).execute()
    assert refused(create({"from": "a"}, addLabelIds=ids[:1])) == (400, "failedPrecondition")
    google.gmail.boxes[LEA].filters |= {str(n): {"criteria": {}, "action": {}} for n in range(999)}
    assert refused(create({"from": "b"}, addLabelIds=ids[:1])) == (400, "failedPrecondition")
    assert refused(users.labels().create(userId="me", body={**label, "name": "a"})) == (409, "aborted")
    assert refused(users.labels().create(userId="me", body={**label, "name": "Inbox"})) == (400, "invalidArgument")
    for colour in ({"backgroundColor": "#c9daf8"}, {"backgroundColor": "#123456", "textColor": "#434343"}):
        body = {**label, "name": "C", "color": colour}
        assert refused(users.labels().create(userId="me", body=body)) == (400, "invalidArgument")


def test_messages_are_modified_within_bounds(one: Any) -> None:
    messages = one[1].gmail.users().messages()

    def modify(**wanted: Any) -> Any:
        return messages.batchModify(userId="me", body=wanted)

    assert refused(modify(ids=[str(n) for n in range(1001)], addLabelIds=["INBOX"])) == (400, "invalidArgument")
    assert refused(modify(ids=[], addLabelIds=["INBOX"])) == (400, "invalidArgument")
    assert refused(modify(ids=["1"])) == (400, "invalidArgument")
    assert refused(modify(ids=["1"], addLabelIds=["Label_none"])) == (400, "invalidArgument")
    assert refused(modify(ids=["1"], addLabelIds=["SENT"])) == (400, "invalidArgument")
    assert refused(messages.get(userId="me", id="18f0000000000000")) == (404, "notFound")
    assert refused(messages.get(userId="me", id="none")) == (400, "invalidArgument")
    assert refused(messages.list(userId="me", maxResults=501)) == (400, "invalidParameter")
    assert refused(messages.list(userId="other@example.org")) == (403, "forbidden")


def test_history_ends(google: FakeGoogle) -> None:
    users = api_of(google).gmail.users()
    begin = users.getProfile(userId="me").execute()["historyId"]
    google.gmail.deliver(LEA, mail("1"))
    (record,) = users.history().list(userId="me", startHistoryId=begin).execute()["history"]
    assert record["messagesAdded"][0]["message"]["labelIds"] == ["INBOX", "UNREAD"]
    google.gmail.expire_history(LEA)
    assert refused(users.history().list(userId="me", startHistoryId=begin)) == (404, "notFound")


def test_the_scope_for_metadata_cannot_search(google: FakeGoogle) -> None:
    api = api_of(google, LEA, "https://www.googleapis.com/auth/gmail.metadata")
    assert refused(api.gmail.users().messages().list(userId="me", q="x")) == (403, "forbidden")


def test_the_autoreply_goes_out_once_and_only_to_whom_it_may(google: FakeGoogle) -> None:
    box = google.gmail.boxes[LEA]
    box.contacts.add("bo@client.example")
    users = api_of(google).gmail.users()
    settings = {"enableAutoReply": True, "responseSubject": "Away", "restrictToContacts": True}
    users.settings().updateVacation(userId="me", body=settings).execute()
    for number, (sender, headers) in enumerate(
        [("bo@client.example", {}), ("bo@client.example", {}), ("cy@x.example", {}), ("bo@client.example", {"List_Id": "<l>"})]
    ):
        google.gmail.deliver(LEA, mail(str(number), sender, **headers))
    assert [reply.to for reply in box.replies] == ["bo@client.example"]


# --- batches, zip, masks ----------------------------------------------------------------------------------------------


def test_a_batch_is_one_request_and_has_a_limit(google: FakeGoogle) -> None:
    from googleapiclient.errors import HttpError

    google.calendar.put(LEA, TRAINING)
    api = api_of(google)
    found: dict[str, Any] = {}
    batch = api.calendar.new_batch_http_request(callback=lambda i, response, error: found.update({i: error or response}))
    for event_id in ("training0", "nothing0"):
        batch.add(api.calendar.events().get(calendarId="primary", eventId=event_id), request_id=event_id)
    batch.execute()
    assert found["training0"]["summary"] == "Training" and found["nothing0"].resp.status == 404
    assert (google.seen.http, google.seen.calls["calendar.events.get"]) == (1, 2)
    batch = api.calendar.new_batch_http_request()
    for _ in range(51):
        batch.add(api.calendar.events().get(calendarId="primary", eventId="training0"))
    with pytest.raises(HttpError):
        batch.execute()


def test_answers_are_zipped_and_cut_down_to_the_fields_asked_for(google: FakeGoogle) -> None:
    for number in range(20):
        google.calendar.put(LEA, {**TRAINING, "id": f"event{number}"})
    fields = "items(id,start/dateTime),nextSyncToken"
    page = api_of(google).calendar.events().list(calendarId="primary", fields=fields).execute()
    assert set(page) == {"items", "nextSyncToken"} and set(page["items"][0]) == {"id", "start"}
    assert page["items"][0]["start"] == {"dateTime": START["dateTime"]}
    assert google.seen.zipped == 1
