"""What stands between us and a calendar server: logins, certificates, redirects, and every fault in words that say what to do."""

from __future__ import annotations

import gzip
import hashlib
import re
import socket
import threading
import time
from base64 import b64decode
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from integrations import webdav_http
from integrations.caldav_collection import Collection, mails_attendees
from integrations.errors import AuthExpired, OutsideError, Permanent, PreconditionFailed, Temporary
from integrations.login import Login
from integrations.webdav_address import is_kin
from integrations.webdav_http import Patience, WebDav
from integrations.webdav_login import challenges, digest_response
from tests.servers.certificates import Authority
from tests.servers.misbehaving_http import Misbehaving, Request, Script, answer, found, misbehaving, multistatus
from tests.servers.radicale import Radicale

SECRET = "geheim: ä€"
LOGIN = Login("lea", "password", lambda: SECRET)
HASTE = Patience(connect=2.0, silence=0.5, whole=2.0)


def web(server: Misbehaving, login: Login = LOGIN, ca_file: str = "") -> WebDav:
    return WebDav(server.url, login, ca_file)


def collection(server: Misbehaving, patience: Patience = Patience()) -> Collection:  # noqa: B008
    return Collection(lambda: WebDav(server.url, LOGIN, patience=patience), "/cal/")


def always(said: bytes) -> Script:
    return lambda request: said


# --- logins -----------------------------------------------------------------------------------------------------------


def test_a_password_is_sent_with_the_first_request() -> None:
    with misbehaving(always(answer("200 OK", b"x"))) as server:
        client = web(server)
        assert client.ask("GET", "/a").body == b"x"
        kind, _, proof = server.requests[0].headers["authorization"].partition(" ")
        assert (kind, b64decode(proof).decode()) == ("Basic", f"lea:{SECRET}")
        assert client.requests == 1


def test_a_token_is_sent_as_bearer_and_asked_for_again_when_it_has_run_out() -> None:
    tokens = iter(["old", "new"])
    good: list[str] = ["Bearer old"]

    def script(request: Request) -> bytes:
        return answer("200 OK") if request.headers["authorization"] == good[0] else answer("401 Unauthorized")

    with misbehaving(script) as server:
        client = web(server, Login("lea", "token", lambda: next(tokens)))
        client.ask("GET", "/a")
        good[0] = "Bearer new"
        client.ask("GET", "/a")
        assert server.requests[-1].headers["authorization"] == "Bearer new"


def test_a_token_that_could_break_a_header_is_refused() -> None:
    with misbehaving(always(answer("200 OK"))) as server:
        with pytest.raises(Permanent):
            web(server, Login("lea", "token", lambda: "a\r\nX: 1")).ask("GET", "/a")
        assert server.requests == []


RFC_7616 = {"realm": "http-auth@example.org", "nonce": "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v"}
RFC_7616_CNONCE = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"


@pytest.mark.parametrize(
    ("algorithm", "expected"),
    [
        ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
        ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
    ],
)
def test_the_digest_is_that_of_the_examples_in_rfc_7616(algorithm: str, expected: str) -> None:
    offer = {**RFC_7616, "algorithm": algorithm}
    assert digest_response("Mufasa", "Circle of Life", "GET", "/dir/index.html", offer, 1, RFC_7616_CNONCE) == expected


class DigestServer:
    """Works the response out by itself, by RFC 7616 3.4, and takes each nonce count once."""

    def __init__(self, algorithm: str) -> None:
        self.algorithm, self.nonce = algorithm, "n1"
        self.counts: list[int] = []

    def __call__(self, request: Request) -> bytes:
        given = dict(re.findall(r'(\w+)="?([^",]*)"?', request.headers.get("authorization", "")))
        if not request.headers.get("authorization", "").startswith("Digest "):
            return self._challenge("")
        if given["nonce"] != self.nonce:
            return self._challenge(", stale=true")
        if given["response"] != self._expected(request, given) or given["uri"] != request.target:
            return self._challenge("")
        self.counts.append(int(given["nc"], 16))
        return answer("200 OK", b"in")

    def _challenge(self, more: str) -> bytes:
        offer = f'Digest realm="a \\"calm\\" place, here", qop="auth, auth-int", nonce="{self.nonce}", opaque="o"'
        return answer("401 Unauthorized", WWW_Authenticate=f'Basic realm="x", {offer}, algorithm={self.algorithm}{more}')

    def _expected(self, request: Request, given: dict[str, str]) -> str:
        make = hashlib.sha256 if self.algorithm == "SHA-256" else hashlib.md5

        def digest(text: str) -> str:
            return make(text.encode()).hexdigest()

        who, what = digest(f'lea:a "calm" place, here:{SECRET}'), digest(f"{request.method}:{request.target}")
        return digest(f"{who}:{self.nonce}:{given['nc']}:{given['cnonce']}:auth:{what}")


@pytest.mark.parametrize("algorithm", ["MD5", "SHA-256"])
def test_digest_is_used_where_it_is_offered_and_its_nonce_counted(algorithm: str) -> None:
    script = DigestServer(algorithm)
    with misbehaving(script) as server:
        client = web(server)
        assert client.ask("GET", "/a%20b?c=d").body == b"in"
        assert client.ask("PUT", "/a", b"data").body == b"in"
        script.nonce = "n2"
        assert client.ask("PUT", "/a", b"data").body == b"in"
        assert script.counts == [1, 2, 1]
        assert client.requests == 5  # the challenge, and the nonce that had gone stale


def test_a_digest_that_is_refused_is_not_tried_for_ever() -> None:
    with misbehaving(DigestServer("MD5")) as server:
        client = web(server, Login("lea", "password", lambda: "wrong"))
        with pytest.raises(AuthExpired):
            client.ask("GET", "/a")
        assert client.requests <= 3


def test_a_method_of_login_that_we_do_not_know_is_told_as_refused() -> None:
    offer = 'Digest realm="x", nonce="n", algorithm=SHA-512-256, qop="auth", Negotiate'
    with misbehaving(always(answer("401 Unauthorized", WWW_Authenticate=offer))) as server:
        with pytest.raises(AuthExpired):
            web(server).ask("GET", "/a")
        assert len(server.requests) == 1


def test_several_challenges_are_told_apart() -> None:
    offered = challenges(['Basic realm="a, b=c", Digest nonce="n\\"n", qop=auth', "Negotiate"])
    assert [(c.scheme, dict(c.given)) for c in offered] == [
        ("basic", {"realm": "a, b=c"}),
        ("digest", {"nonce": 'n"n', "qop": "auth"}),
        ("negotiate", {}),
    ]


def test_a_wrong_password_is_told_by_a_real_server(radicale: Radicale) -> None:
    client = WebDav(radicale.url, Login("lea", "password", lambda: "falsch"))
    with pytest.raises(AuthExpired, match="user name or the password"):
        client.ask("PROPFIND", "/lea/", headers={"Depth": "0"})
    assert client.requests == 1


# --- refusals ---------------------------------------------------------------------------------------------------------

PRECONDITION = '<?xml version="1.0"?><error xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav">{}</error>'


@pytest.mark.parametrize(
    ("method", "said", "kind", "words"),
    [
        ("PUT", answer("403 Forbidden"), Permanent, "read-only"),
        ("PUT", answer("405 Method Not Allowed"), Permanent, "read-only"),
        ("GET", answer("403 Forbidden"), Permanent, "does not let you read"),
        ("REPORT", answer("404 Not Found"), Permanent, "no such calendar"),
        ("REPORT", answer("410 Gone"), Permanent, "no such calendar"),
        ("PUT", answer("412 Precondition Failed"), PreconditionFailed, "meanwhile"),
        ("PUT", answer("423 Locked"), Temporary, "locked"),
        ("PUT", answer("507 Insufficient Storage"), Temporary, "disk is full"),
        ("PUT", answer("413 Content Too Large"), Permanent, "too large"),
        ("REPORT", answer("500 Internal Server Error"), Temporary, "trouble"),
        ("REPORT", answer("418 Teapot"), Permanent, "418"),
        ("PUT", answer("403 Forbidden", PRECONDITION.format("<C:max-resource-size/>").encode()), Permanent, "max-resource-size"),
        (
            "PUT",
            answer("409 Conflict", PRECONDITION.format("<C:no-uid-conflict/>").encode()),
            PreconditionFailed,
            "already there",
        ),
    ],
)
def test_every_refusal_says_what_to_do_next(method: str, said: bytes, kind: type[OutsideError], words: str) -> None:
    with misbehaving(always(said)) as server:
        with pytest.raises(kind, match=words) as caught:
            web(server).ask(method, "/cal/", b"x")
        assert SECRET not in str(caught.value)
        assert len(server.requests) == 1


@pytest.mark.parametrize("status", ["429 Too Many Requests", "503 Service Unavailable"])
@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"Retry_After": "120"}, timedelta(minutes=2)),
        (
            {"Retry_After": "Mon, 23 Nov 2026 12:10:00 GMT", "Date": "Mon, 23 Nov 2026 12:00:00 GMT"},
            timedelta(minutes=10),
        ),
        ({"Retry_After": "0"}, timedelta(minutes=1)),
        ({"Retry_After": "99999999999999"}, timedelta(minutes=10)),
        ({"Retry_After": "soon"}, timedelta(minutes=10)),
        ({"Retry_After": "9999999"}, timedelta(days=1)),
        ({}, timedelta(minutes=10)),
    ],
)
def test_a_server_that_is_busy_is_left_alone_as_long_as_it_asks(status: str, headers: dict[str, str], wait: timedelta) -> None:
    with misbehaving(always(answer(status, **headers))) as server:
        with pytest.raises(Temporary, match="busy") as caught:
            web(server).ask("GET", "/cal/")
        assert caught.value.retry_after == wait


# --- answers that are none --------------------------------------------------------------------------------------------

SYNC = found("/cal/a.ics", '<getetag>"1"</getetag>') + "<sync-token>t</sync-token>"
ENTITIES = b'<!DOCTYPE m [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
BOMB = b'<?xml version="1.0"?>' + ENTITIES + b'<multistatus xmlns="DAV:">&b;</multistatus>'
DEEP = b'<multistatus xmlns="DAV:">' + b"<a>" * 200_000


def packed(data: bytes) -> bytes:
    return answer("207 Multi-Status", gzip.compress(data), Content_Encoding="gzip")


@pytest.mark.parametrize(
    ("said", "kind", "words"),
    [
        (multistatus(SYNC)[:-40], Temporary, "broke off"),
        (multistatus(SYNC)[:-40].replace(b"Content-Length", b"X"), Temporary, "broke off|not whole"),
        (answer("207 Multi-Status", b"<html><body>Log in<br></body></html>"), Temporary, "not whole"),
        (answer("207 Multi-Status", b"<html/>"), Temporary, "as a calendar server does"),
        (answer("207 Multi-Status", b""), Temporary, "not whole"),
        (answer("207 Multi-Status", b"\xff\xfe<\x00m\x00"), Temporary, "not whole"),
        (answer("207 Multi-Status", BOMB), Permanent, "document type"),
        (answer("207 Multi-Status", DEEP), Permanent, "nested too deeply"),
        (packed(b'<multistatus xmlns="DAV:">' + b" " * 60_000_000), Permanent, "larger than"),
        (packed(b"x")[:-9] + b"123456789", Temporary, "broke off|not whole"),
        (b"HTTP/1.1 207 Multi-Status\r\nContent-Length: 10\r\n\r\nabc", Temporary, "broke off"),
        (b"NONSENSE\r\n\r\n", Temporary, "broke off|without an answer"),
        (b"HTTP/1.1 207 OK\r\nX: " + b"a" * 200_000 + b"\r\n\r\n", Temporary, "broke off"),
        (b"HTTP/1.1 207 OK\r\n" + b"X: a\r\n" * 500 + b"\r\n", Temporary, "broke off"),
    ],
)
def test_an_answer_that_is_none_is_told_in_words(said: bytes, kind: type[OutsideError], words: str) -> None:
    def send_and_hang_up(wire: socket.socket) -> None:
        wire.sendall(said)

    with misbehaving(lambda request: send_and_hang_up) as server, pytest.raises(kind, match=words):
        collection(server).changes("")


def _stall(wire: socket.socket) -> None:
    wire.sendall(multistatus(SYNC)[:60])
    wire.settimeout(5)
    wire.recv(1)


def _drip(wire: socket.socket) -> None:
    for byte in b"HTTP/1.1 207 Multi-Status\r\nX: " + b"a" * 1000:
        wire.sendall(bytes([byte]))
        time.sleep(0.05)


@pytest.mark.parametrize(("say", "words"), [(_stall, "does not answer"), (_drip, "takes longer")])
def test_a_server_that_stalls_or_drips_is_given_up(say: Callable[[socket.socket], None], words: str) -> None:
    with misbehaving(lambda request: say) as server:
        began = time.monotonic()
        with pytest.raises(Temporary, match=words):
            collection(server, HASTE).changes("")
        assert time.monotonic() - began < 10


def test_a_server_that_drips_its_handshake_is_given_up(tmp_path: Path) -> None:
    listener = socket.create_server(("127.0.0.1", 0))

    def drip() -> None:
        wire, _ = listener.accept()
        with wire:
            for byte in b"\x16\x03\x03\x40\x00" + b"\x02" * 100:
                try:
                    wire.sendall(bytes([byte]))
                except OSError:
                    return
                time.sleep(0.05)

    threading.Thread(target=drip, daemon=True).start()
    began = time.monotonic()
    with listener, pytest.raises(Temporary):
        WebDav(f"https://localhost:{listener.getsockname()[1]}", LOGIN, patience=HASTE).ask("GET", "/")
    assert time.monotonic() - began < 10


def test_nobody_there_and_no_such_host() -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    with pytest.raises(Temporary, match="could not be reached"):
        WebDav(f"http://127.0.0.1:{port}", LOGIN, patience=HASTE).ask("GET", "/")
    with pytest.raises(Temporary, match="was not found"):
        WebDav("https://nowhere.invalid", LOGIN, patience=HASTE).ask("GET", "/")


# --- once, and once more ----------------------------------------------------------------------------------------------


def _hang_up(wire: socket.socket) -> None:
    wire.shutdown(socket.SHUT_RDWR)


@pytest.mark.parametrize(("method", "times"), [("PUT", 1), ("DELETE", 1), ("GET", 2), ("REPORT", 2)])
def test_what_writes_is_sent_once_and_what_reads_once_more(method: str, times: int) -> None:
    """The connection had been kept open, and is closed when it is used again."""
    first = threading.Event()

    def script(request: Request) -> bytes | Callable[[socket.socket], None]:
        if request.method == "OPTIONS":
            first.set()
            return answer("200 OK")
        return _hang_up

    with misbehaving(script) as server:
        client = web(server)
        client.ask("OPTIONS", "/")
        with pytest.raises(Temporary, match="without an answer"):
            client.ask(method, "/a", b"x")
        assert server.methods == ["OPTIONS", *[method] * times]


def test_one_connection_serves_all_requests() -> None:
    wires: set[int] = set()

    with misbehaving(always(answer("200 OK", b"x" * 100_000))) as server:
        client = web(server)
        for _ in range(5):
            client.ask("GET", "/a")
            wires.add(next(iter(client._lines._pools.values())).num_connections)
    assert wires == {1}


# --- where a login is sent --------------------------------------------------------------------------------------------


def test_a_redirect_on_the_same_host_is_followed_with_the_login() -> None:
    def script(request: Request) -> bytes:
        return answer("200 OK", b"in") if request.target == "/b/" else answer("307 Temporary Redirect", Location="/b/")

    with misbehaving(script) as server:
        reached = web(server).ask("PROPFIND", "/a", b"body", {"Depth": "0"})
        assert (reached.body, reached.url) == (b"in", f"{server.url}/b/")
        assert {r.headers["authorization"] for r in server.requests} == {server.requests[0].headers["authorization"]}
        assert [(r.method, r.body, r.headers["depth"]) for r in server.requests] == [("PROPFIND", b"body", "0")] * 2


def test_a_redirect_to_another_host_is_refused_and_nothing_is_sent_there() -> None:
    with misbehaving(always(answer("200 OK"))) as other:
        there = f"http://127.0.0.1:{other.port}/"
        with misbehaving(always(answer("302 Found", Location=there))) as server, pytest.raises(Permanent, match="not shown"):
            web(server).ask("GET", "/a")
        assert other.requests == []


def test_a_redirect_never_takes_the_encryption_away(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    made = authority.certificate()
    with misbehaving(always(answer("200 OK"))) as plain:
        script = always(answer("302 Found", Location=f"{plain.url}/"))
        with misbehaving(script, (made.certificate, made.key)) as server, pytest.raises(Permanent, match="not shown"):
            web(server, ca_file=str(authority.ca_file)).ask("GET", "/a")
        assert plain.requests == []


def test_redirects_in_circles_and_redirected_writes_are_refused() -> None:
    with misbehaving(always(answer("302 Found", Location="/a"))) as server:
        with pytest.raises(Permanent, match="circles"):
            web(server).ask("GET", "/a")
        assert len(server.requests) == 6
        with pytest.raises(Permanent, match="has moved"):
            web(server).ask("PUT", "/a", b"x")
        assert len(server.requests) == 7


@pytest.mark.parametrize(
    ("known", "other", "kin"),
    [
        ("caldav.icloud.com", "p42-caldav.icloud.com", True),
        ("example.org", "dav.example.org", True),
        ("dav.example.co.uk", "other.example.co.uk", True),
        ("CALDAV.example.org", "caldav.example.org.", True),
        ("example.org", "example.com", False),
        ("example.co.uk", "evil.co.uk", False),
        ("example.com.au", "evil.com.au", False),
        ("example.org", "evilexample.org", False),
        ("a.org", "b.org", False),
        ("127.0.0.1", "localhost", False),
        ("192.0.2.1", "192.0.2.2", False),
        ("localhost", "evil.localhost", False),
    ],
)
def test_the_login_is_shown_to_kin_alone(known: str, other: str, kin: bool) -> None:
    assert is_kin(known, other) is kin


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/",
        "ftp://localhost/",
        "https://",
        "https://lea:x@localhost/",
        "https://a b/",
        "https://[::1",
        "http://10.0.0.1",
    ],
)
def test_addresses_that_a_login_is_not_sent_to(url: str) -> None:
    with pytest.raises(Permanent) as caught:
        WebDav(url, LOGIN)
    assert "lea:x" not in str(caught.value)


# --- certificates -----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Authority]:
    yield Authority(tmp_path_factory.mktemp("tls"))


@pytest.mark.parametrize(
    ("names", "days", "trusted", "words"),
    [
        ("DNS:localhost", -1, True, "has expired"),
        ("DNS:other.example", 2, True, "for another name"),
        ("DNS:localhost", 2, False, "ca_file"),
    ],
)
def test_a_server_that_does_not_prove_its_name_gets_nothing(
    authority: Authority, names: str, days: int, trusted: bool, words: str
) -> None:
    made = authority.certificate(names, days)
    with misbehaving(always(answer("200 OK")), (made.certificate, made.key)) as server:
        with pytest.raises(Permanent, match=words):
            web(server, ca_file=str(authority.ca_file) if trusted else "").ask("GET", "/")
        assert server.requests == []


def test_a_server_with_a_certificate_of_its_own_authority_is_trusted(authority: Authority) -> None:
    made = authority.certificate()
    with misbehaving(always(answer("200 OK", b"in")), (made.certificate, made.key)) as server:
        assert web(server, ca_file=str(authority.ca_file)).ask("GET", "/").body == b"in"


def test_an_answer_without_end_is_not_read_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webdav_http, "MOST_BYTES", 1_000_000)
    with misbehaving(always(packed(bytes(50_000_000)))) as server, pytest.raises(Permanent, match="more than"):
        web(server).ask("REPORT", "/cal/", headers={"Accept-Encoding": "gzip"})


@pytest.mark.parametrize(
    "headers, tells",
    [
        ({"DAV": "1, 3, calendar-access, calendar-auto-schedule"}, True),
        ({"DAV": "1, 3, calendar-access"}, False),
        ({"DAV": "1, 3, calendar-access, calendar-auto-schedule, nc-calendar-search"}, False),
        ({"DAV": "1, 3, calendar-access, calendar-auto-schedule", "X_Sabre_Version": "4.6.0"}, False),
    ],
)
def test_a_server_that_schedules_but_keeps_requests_to_itself_tells_nobody(headers: dict[str, str], tells: bool) -> None:
    with misbehaving(lambda request: answer("200 OK", **headers)) as server:
        assert mails_attendees(web(server), "/cal/") is tells
