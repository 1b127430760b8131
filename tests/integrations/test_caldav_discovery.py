"""Finding an account's calendars: from a URL, a host or an e-mail address, told step by step, and with the login going nowhere
that the user did not name."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from integrations.caldav_discovery import Found, FoundCalendar, Step, discover
from integrations.errors import AuthExpired, OutsideError, Permanent, Temporary
from integrations.login import Login
from tests.integrations.test_srv import name, srv, txt
from tests.servers.calendar_server import PASSWORD, CalendarServer
from tests.servers.certificates import Authority
from tests.servers.misbehaving_http import Request, answer, found, misbehaving, multistatus, relay
from tests.servers.radicale import Radicale, running_radicale

LOGIN = Login("lea", "password", lambda: PASSWORD)


@pytest.fixture(params=["radicale", "xandikos"])
def server(request: pytest.FixtureRequest) -> CalendarServer:
    found: CalendarServer = request.getfixturevalue(request.param)
    return found


def proppatch(server: CalendarServer, path: str, props: str) -> None:
    spaces = 'xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav" xmlns:A="http://apple.com/ns/ical/"'
    body = f"<propertyupdate {spaces}><set><prop>{props}</prop></set></propertyupdate>".encode()
    status, said, _ = server.ask("PROPPATCH", path, body, Content_Type="application/xml")
    assert status == 207, said


def calendar(found: Found, href: str) -> FoundCalendar:
    return next(one for one in found.calendars if one.href == href)


# --- real servers -----------------------------------------------------------------------------------------------------


def test_the_calendars_of_a_real_server_are_found_and_each_step_is_told(server: CalendarServer) -> None:
    path = server.new_calendar()
    proppatch(server, path, "<displayname>Arbeit &amp; Mühe</displayname><A:calendar-color>#FF8800ff</A:calendar-color>")
    told: list[Step] = []
    result = discover(server.url, server.login, tell=told.append)
    assert calendar(result, path) == FoundCalendar(path, "Arbeit & Mühe", "#ff8800", True)
    assert (result.server, result.schedules, result.home) == (server.url, server.schedules, server.home)
    assert result.principal == f"/{server.home.split('/')[1]}/"
    assert result.steps == tuple(told) and all(step.ok and step.what and step.said for step in told)


@pytest.mark.parametrize("at", ["/", "/.well-known/caldav", "/lea/", "/nowhere/"])
def test_any_address_on_the_server_leads_to_them(radicale: Radicale, at: str) -> None:
    path = radicale.new_calendar()
    assert calendar(discover(radicale.url + at, LOGIN), path).writable
    assert calendar(discover(radicale.url + path, LOGIN), path).writable


def test_calendars_without_events_are_left_out(radicale: Radicale) -> None:
    path = radicale.new_calendar()
    proppatch(radicale, path, '<C:supported-calendar-component-set><C:comp name="VTODO"/></C:supported-calendar-component-set>')
    other = radicale.new_calendar()
    hrefs = [one.href for one in discover(radicale.url, LOGIN).calendars]
    assert other in hrefs and path not in hrefs


def test_a_calendar_that_may_only_be_read_is_shown_as_such() -> None:
    rights = "[all]\nuser: lea\ncollection: lea(/.*)?\npermissions: RrWw\n[root]\nuser: .+\ncollection:\npermissions: R\n"
    with running_radicale(rights=rights) as server:
        path = server.new_calendar()
        (server.base / "rights").write_text(rights.replace("RrWw", "Rr"))
        server.stop()
        server.start()
        assert calendar(discover(server.url, LOGIN), path) == FoundCalendar(path, path.strip("/"), "", False)


def test_a_refused_login_ends_the_search(radicale: Radicale) -> None:
    told: list[Step] = []
    with pytest.raises(AuthExpired):
        discover(radicale.url, Login("lea", "password", lambda: "falsch"), tell=told.append)
    assert [step.ok for step in told] == [False]


# --- by name ----------------------------------------------------------------------------------------------------------


@contextmanager
def names(port: int, target: str, path: bytes = b"") -> Iterator[list[tuple[str, int]]]:
    """A name server that knows `_caldavs._tcp`: SRV, and TXT where a path is given."""
    wire = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    wire.bind(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                question, peer = wire.recvfrom(4096)
            except OSError:
                return
            kind = struct.unpack("!H", question[-4:-2])[0]
            records = [srv(0, 0, port, name(target))] if kind == 33 else [txt(b"path=" + path)] if path else []
            head = question[:2] + b"\x81\x80" + struct.pack("!HHHH", 1, len(records), 0, 0)
            wire.sendto(head + question[12:] + b"".join(records), peer)

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield [wire.getsockname()]
    finally:
        wire.close()


def test_an_address_leads_by_its_domain_to_the_server(tmp_path: Path) -> None:
    with running_radicale(names="DNS:localhost") as server:
        path = server.new_calendar()
        with names(server.port, "localhost") as resolvers:
            result = discover("lea@localhost", LOGIN, server.ca_file, resolvers=resolvers)
        assert (result.server, calendar(result, path).href) == (server.url, path)
        assert result.steps[0] == Step("Ask which host has the calendars of localhost", True, "localhost")


def test_a_path_from_the_names_is_asked_first(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    made = authority.certificate()
    with misbehaving(lambda request: answer("404 Not Found"), (made.certificate, made.key)) as server:
        with names(server.port, "localhost", b"/dav/") as resolvers, pytest.raises(Permanent):
            discover("lea@localhost", LOGIN, str(authority.ca_file), resolvers=resolvers)
        assert [request.target for request in server.requests] == ["/dav/", "/.well-known/caldav", "/"]


def test_a_foreign_host_is_named_to_the_user_and_not_shown_the_login() -> None:
    told: list[Step] = []
    with names(443, "calendars.elsewhere.example") as resolvers, pytest.raises(Permanent, match="give it as the address"):
        discover("lea@example.org", LOGIN, tell=told.append, resolvers=resolvers)
    assert [(step.ok, "calendars.elsewhere.example" in step.said) for step in told] == [(False, True)]


def test_where_no_host_is_named_the_domain_itself_is_asked() -> None:
    told: list[Step] = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as closed:
        closed.bind(("127.0.0.1", 0))
        nobody = [closed.getsockname()]
    with pytest.raises(Temporary):
        discover("nowhere.invalid", LOGIN, tell=told.append, resolvers=nobody)
    assert [step.ok for step in told] == [False, False]
    assert "nowhere.invalid itself" in told[0].said


# --- servers that say odd things --------------------------------------------------------------------------------------

PRINCIPAL = "<current-user-principal><href>/me/</href></current-user-principal>"


def scripted(home: str, calendars: str) -> str:
    def script(request: Request) -> bytes:
        asked = request.body
        if b"current-user-principal" in asked:
            return multistatus(found(request.target, PRINCIPAL))
        if b"calendar-home-set" in asked:
            return multistatus(found("/me/", f"<C:calendar-home-set>{home}</C:calendar-home-set>"))
        return multistatus(calendars) if request.method == "PROPFIND" else answer("405 Not Allowed")

    with misbehaving(script) as server:
        result = discover(server.url, LOGIN)
        return ";".join(f"{one.href}|{one.name}|{one.color}|{one.writable}" for one in result.calendars)


KIND = "<resourcetype><collection/><C:calendar/></resourcetype>"
READ = "<current-user-privilege-set><privilege><read/></privilege></current-user-privilege-set>"


@pytest.mark.parametrize(
    ("calendars", "expected"),
    [
        (found("/h/a/", KIND), "/h/a/|a||True"),
        (found("/h/a/", f"{KIND}<displayname>  </displayname>{READ}"), "/h/a/|a||False"),
        (found("/h/a/", f"{KIND}<A:calendar-color>red; x</A:calendar-color>"), "/h/a/|a||True"),
        (found("/h/a/", f"{KIND}<displayname>A\u202eB\n\tC{'x' * 500}</displayname>"), f"/h/a/|A B C{'x' * 75}||True"),
        (found("b/", KIND) + found("/h/", "<resourcetype><collection/></resourcetype>"), "/h/b/|b||True"),
        (found("/h/a/", KIND) * 3, "/h/a/|a||True"),
    ],
)
def test_what_a_server_says_of_a_calendar_is_taken_with_care(calendars: str, expected: str) -> None:
    assert scripted("<href>/h/</href>", calendars) == expected


@pytest.mark.parametrize(
    ("home", "calendars", "words"),
    [
        ("", "", "no place for your calendars"),
        ("<href>/h/</href>", "", "no calendar of yours"),
        ("<href>https://evil.example/h/</href>", "", "not shown there"),
        ("<href>http://[/</href>", "", "an address that is none"),
    ],
)
def test_a_search_that_leads_nowhere_says_why(home: str, calendars: str, words: str) -> None:
    with pytest.raises(Permanent, match=words):
        scripted(home, calendars)


@pytest.mark.parametrize(
    "said",
    [
        answer("200 OK", b"<html>Welcome</html>"),
        answer("207 Multi-Status", b"<x/>"),
        multistatus(""),
        answer("302 Found", Location="//["),
    ],
)
def test_a_server_that_is_none_for_calendars_is_told_in_our_own_errors(said: bytes) -> None:
    with misbehaving(lambda request: said) as server, pytest.raises(OutsideError):
        discover(server.url, LOGIN)


@pytest.mark.parametrize(
    "address", ["", "@", "lea@", "http://example.org", "https://", "https://[", "a b", "https://lea:x@example.org", "\x00"]
)
def test_an_address_that_is_none_is_refused_in_words(address: str) -> None:
    with pytest.raises(OutsideError):
        discover(address, LOGIN, resolvers=[])


def test_who_is_not_signed_in_is_told_so(radicale: Radicale) -> None:
    nobody = "<current-user-principal><unauthenticated/></current-user-principal>"
    script = relay(radicale, lambda request: multistatus(found("/", nobody)))
    with misbehaving(script) as server, pytest.raises(AuthExpired):
        discover(server.url, LOGIN)
