"""Feeds, read from a real server on loopback: what is kept, what is refused, and what is never said."""

from __future__ import annotations

import gzip
import ssl
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from integrations.calendar_feed import CalendarFeed, is_public
from integrations.errors import AuthExpired, OutsideError, Permanent, Temporary
from integrations.occurrences import MAX_BYTES
from integrations.ports import DeleteBlock
from rules.interval import Interval

NOW = datetime(2026, 11, 23, tzinfo=UTC)
HORIZON = Interval(NOW, NOW + timedelta(days=90))
EVENT = b"BEGIN:VEVENT\r\nUID:1\r\nDTSTART:20261201T090000Z\r\nSUMMARY:Talk\r\nEND:VEVENT\r\n"
CALENDAR = b"BEGIN:VCALENDAR\r\n" + EVENT + b"END:VCALENDAR\r\n"
SECRET = "private-0a1b2c3d"

Answer = Callable[[BaseHTTPRequestHandler], None]


def answer(status: int = 200, body: bytes = b"", **headers: str) -> Answer:
    def give(request: BaseHTTPRequestHandler) -> None:
        request.send_response(status)
        for name, value in ({"Content_Length": str(len(body))} | headers).items():
            request.send_header(name.replace("_", "-"), value)
        request.end_headers()
        request.wfile.write(body)

    return give


class Server:
    """Answers each path as it was told, and remembers what it was asked."""

    def __init__(self) -> None:
        self.answers: dict[str, Answer] = {}
        self.asked: list[BaseHTTPRequestHandler] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                outer.asked.append(self)
                outer.answers[self.path.partition("?")[0]](self)
                self.close_connection = True

            def log_message(self, format: str, *args: object) -> None:
                """Nothing on the test's screen."""

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.http.server_address[1]

    def url(self, path: str, scheme: str = "http") -> str:
        return f"{scheme}://localhost:{self.port}{path}"


@pytest.fixture
def server() -> Iterator[Server]:
    running = Server()
    thread = threading.Thread(target=running.http.serve_forever, args=(0.01,))
    thread.start()
    yield running
    running.http.shutdown()
    thread.join()
    running.http.server_close()


def feed(url: str, cache: Path | None = None, *, allow_private: bool = True) -> CalendarFeed:
    return CalendarFeed("talks", "travel", url, "Europe/Berlin", cache, allow_private=allow_private)


def titles(source: CalendarFeed) -> list[str]:
    return [o.summary for o in source.read(HORIZON).occurrences]


# --- reading ----------------------------------------------------------------------------------------------------------


def test_a_feed_is_read_and_cannot_be_written(server: Server) -> None:
    server.answers["/a.ics"] = answer(body=CALENDAR)
    source = feed(server.url("/a.ics?key=1&b=ü"))
    assert titles(source) == ["Talk"]
    assert server.asked[0].path == "/a.ics?key=1&b=%C3%BC"
    assert server.asked[0].headers["Host"] == f"localhost:{server.port}"
    assert not source.capabilities().writable
    with pytest.raises(Permanent):
        source.prepare(DeleteBlock("x"))


def test_problems_name_the_feed_by_its_host_and_not_by_its_secret(server: Server) -> None:
    server.answers[f"/{SECRET}"] = answer(body=b"<html>")
    reading = feed(server.url(f"/{SECRET}")).read(HORIZON)
    assert not reading.complete
    assert reading.problems[0].where == "talks (localhost)"


def test_an_unchanged_feed_is_not_sent_again(server: Server, tmp_path: Path) -> None:
    server.answers["/a.ics"] = answer(body=CALENDAR, ETag='"one"', Last_Modified="Mon, 23 Nov 2026 00:00:00 GMT")
    assert titles(feed(server.url("/a.ics"), tmp_path)) == ["Talk"]
    server.answers["/a.ics"] = answer(304)
    assert titles(feed(server.url("/a.ics"), tmp_path)) == ["Talk"]
    asked = server.asked[1].headers
    assert (asked["If-None-Match"], asked["If-Modified-Since"]) == ('"one"', "Mon, 23 Nov 2026 00:00:00 GMT")


def test_a_changed_feed_replaces_what_was_kept(server: Server, tmp_path: Path) -> None:
    server.answers["/a.ics"] = answer(body=CALENDAR, ETag='"one"')
    feed(server.url("/a.ics"), tmp_path).read(HORIZON)
    server.answers["/a.ics"] = answer(body=CALENDAR.replace(b"Talk", b"Walk"), ETag='"two"')
    assert titles(feed(server.url("/a.ics"), tmp_path)) == ["Walk"]
    server.answers["/a.ics"] = answer(304)
    assert titles(feed(server.url("/a.ics"), tmp_path)) == ["Walk"]


def test_a_copy_that_was_damaged_is_fetched_anew(server: Server, tmp_path: Path) -> None:
    server.answers["/a.ics"] = answer(body=CALENDAR, ETag='"one"')
    feed(server.url("/a.ics"), tmp_path).read(HORIZON)
    next(tmp_path.glob("*.ics")).write_bytes(CALENDAR[:20])
    assert titles(feed(server.url("/a.ics"), tmp_path)) == ["Talk"]
    assert "If-None-Match" not in server.asked[1].headers


def test_the_secret_of_a_url_is_not_written_down(server: Server, tmp_path: Path) -> None:
    server.answers[f"/{SECRET}"] = answer(body=CALENDAR, ETag='"one"')
    feed(server.url(f"/{SECRET}"), tmp_path).read(HORIZON)
    kept = b"".join(path.name.encode() + path.read_bytes() for path in tmp_path.iterdir())
    assert SECRET.encode() not in kept


def test_a_compressed_feed_is_unpacked(server: Server) -> None:
    server.answers["/a.ics"] = answer(body=gzip.compress(CALENDAR), Content_Encoding="gzip")
    assert titles(feed(server.url("/a.ics"))) == ["Talk"]


def test_webcal_falls_back_to_http_where_nobody_speaks_https(server: Server) -> None:
    server.answers["/a.ics"] = answer(body=CALENDAR)
    assert titles(feed(server.url("/a.ics", "webcal"))) == ["Talk"]
    with pytest.raises(Temporary):
        feed(server.url("/a.ics", "webcals")).read(HORIZON)


def test_a_name_and_password_in_the_url_are_sent_but_not_to_another_host(server: Server) -> None:
    server.answers["/a.ics"] = answer(302, Location=f"http://127.0.0.1:{server.port}/b.ics")
    server.answers["/b.ics"] = answer(body=CALENDAR)
    assert titles(feed(server.url("/a.ics").replace("//", "//lea:p%40ss@"))) == ["Talk"]
    assert server.asked[0].headers["Authorization"] == "Basic bGVhOnBAc3M="
    assert "Authorization" not in server.asked[1].headers


def test_redirects_are_followed_but_not_in_circles(server: Server) -> None:
    server.answers["/a.ics"] = answer(301, Location="b.ics")
    server.answers["/b.ics"] = answer(body=CALENDAR)
    server.answers["/c.ics"] = answer(307, Location="/c.ics")
    assert titles(feed(server.url("/a.ics"))) == ["Talk"]
    with pytest.raises(Permanent, match="in circles"):
        feed(server.url("/c.ics")).read(HORIZON)


# --- refusing ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]", "2130706433", "[::ffff:127.0.0.1]", "0.0.0.0"])
def test_this_machine_is_not_asked_unless_the_config_allows_it(server: Server, host: str) -> None:
    server.answers["/a.ics"] = answer(body=CALENDAR)
    with pytest.raises(OutsideError):
        feed(f"http://{host}:{server.port}/a.ics", allow_private=False).read(HORIZON)
    assert server.asked == []


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
        "255.255.255.255", "::1", "::", "fe80::1%eth0", "fc00::1", "ff02::1", "::ffff:10.0.0.1", "64:ff9b::7f00:1",
        "2002:7f00:1::", "2001:db8::1",
    ],
)  # fmt: skip
def test_an_address_of_this_network_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "::ffff:93.184.215.14"])
def test_an_address_of_the_internet_is_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "url",
    [
        "ftp://example.org/a.ics", "file:///etc/passwd", "a.ics", "http://", "http://localhost:99999/a",
        "http://localhost/a\r\nX: 1", "http://localhost/a b", "https://[::1/a", "",
    ],
)  # fmt: skip
def test_a_url_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(Permanent, match="URL"):
        feed(url).read(HORIZON)


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (401, AuthExpired),
        (403, AuthExpired),
        (404, Permanent),
        (410, Permanent),
        (418, Permanent),
        (304, Permanent),
        (429, Temporary),
        (503, Temporary),
    ],
)
def test_what_the_server_says_becomes_the_next_move(server: Server, status: int, error: type[OutsideError]) -> None:
    server.answers[f"/{SECRET}"] = answer(status, Retry_After="7200")
    with pytest.raises(error) as raised:
        feed(server.url(f"/{SECRET}")).read(HORIZON)
    assert SECRET not in raised.value.what and "localhost" in raised.value.what
    if isinstance(raised.value, Temporary):
        assert raised.value.retry_after == timedelta(hours=2)


def test_a_feed_that_breaks_off_is_not_mistaken_for_a_short_one(server: Server) -> None:
    server.answers["/short.ics"] = answer(body=CALENDAR, Content_Length=str(len(CALENDAR) + 10))
    server.answers["/packed.ics"] = answer(body=gzip.compress(CALENDAR)[:-9], Content_Encoding="gzip")
    server.answers["/garbage.ics"] = answer(body=b"not gzip at all", Content_Encoding="gzip")
    for path in server.answers:
        with pytest.raises(Temporary):
            feed(server.url(path)).read(HORIZON)


def test_a_feed_that_unpacks_to_more_than_the_limit_is_given_up(server: Server) -> None:
    server.answers["/bomb.ics"] = answer(body=gzip.compress(bytes(MAX_BYTES + 2)), Content_Encoding="gzip")
    with pytest.raises(Permanent, match="larger than 50 MB"):
        feed(server.url("/bomb.ics")).read(HORIZON)


def test_a_server_that_is_not_there_is_asked_again_later(server: Server) -> None:
    with pytest.raises(Temporary):
        feed("http://localhost:1/a.ics").read(HORIZON)
    with pytest.raises(Temporary, match="not found"):
        feed("http://nobody.invalid/a.ics").read(HORIZON)


def test_a_certificate_that_nobody_vouches_for_is_refused(server: Server, tmp_path: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(_self_signed(tmp_path))
    server.http.socket = context.wrap_socket(server.http.socket, server_side=True)
    server.answers["/a.ics"] = answer(body=CALENDAR)
    for scheme in ("https", "webcal"):
        with pytest.raises(Permanent, match="certificate"):
            feed(server.url("/a.ics", scheme)).read(HORIZON)
    assert server.asked == []


def _self_signed(folder: Path) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    built = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    signed = built.not_valid_before(datetime(2020, 1, 1)).not_valid_after(datetime(2099, 1, 1)).sign(key, hashes.SHA256())  # noqa: DTZ001
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "server.pem").write_bytes(pem + signed.public_bytes(serialization.Encoding.PEM))
    return folder / "server.pem"
