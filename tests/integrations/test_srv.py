"""SRV records, from a name server that says what it is told to say."""

from __future__ import annotations

import socket
import struct
import time

import pytest

from integrations.srv import find_path, find_targets
from tests.servers.name_server import Say, answering, name, name_server, srv

EVIL = srv(0, 0, 993, name("evil.example"))


def test_the_best_target_comes_first() -> None:
    records = (
        srv(20, 0, 993, name("b.example.org")),
        srv(10, 1, 993, name("c.example.org")),
        srv(10, 9, 1993, name("A.example.org")),
    )
    with name_server(answering(*records)) as resolvers:
        found = find_targets("_imaps", "example.org", resolvers)
    assert [(t.host, t.port) for t in found] == [("a.example.org", 1993), ("c.example.org", 993), ("b.example.org", 993)]


def test_the_question_is_the_one_that_was_asked() -> None:
    asked: list[bytes] = []

    def say(question: bytes) -> bytes:
        asked.append(question)
        return answering()(question)

    with name_server(say) as resolvers:
        assert find_targets("_submissions", "münchen.example", resolvers) == ()
    assert asked[0][12:] == name("_submissions._tcp.xn--mnchen-3ya.example") + struct.pack("!HH", 33, 1)


@pytest.mark.parametrize(
    "say",
    [
        answering(),
        answering(srv(0, 0, 0, b"\0")),
        answering(srv(0, 0, 993, b"\xc0")),
        answering(srv(0, 0, 993, b"\xc0\x0c" * 4, kind=16)),
        answering(b"\xc0\x0c\x00\x21\x00\x01\x00\x00\x00\x3c\x00\x08\x00\x00\x00\x00\x03\xe1\xc0\x3b"),  # a name that is itself
        answering(srv(0, 0, 993, b"\x04a\n;b\0")),
        lambda question: b"",
        lambda question: question,
        lambda question: answering(EVIL)(bytes([question[0] ^ 1]) + question[1:]),
        lambda question: answering(EVIL)(question[:12] + name("_imaps._tcp.other.org") + question[-4:]),
    ],
    ids=[
        "none", "not served", "cut", "another kind", "a loop", "no host name", "nothing", "no answer", "another id",
        "another question",
    ],
)  # fmt: skip
def test_an_answer_that_is_none_finds_nothing(say: Say) -> None:
    with name_server(say) as resolvers:
        assert find_targets("_imaps", "example.org", resolvers, seconds=2) == ()


def test_what_came_before_a_break_counts() -> None:
    with name_server(answering(srv(0, 0, 993, name("a.example.org")), b"\xc0\x0c\x00")) as resolvers:
        assert [t.host for t in find_targets("_imaps", "example.org", resolvers)] == ["a.example.org"]


def test_a_resolver_that_is_silent_is_not_waited_for_long() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as wire:
        wire.bind(("127.0.0.1", 0))
        before = time.monotonic()
        assert find_targets("_imaps", "example.org", [wire.getsockname()], seconds=0.2) == ()
        assert time.monotonic() - before < 5


def test_the_next_resolver_is_asked_where_the_first_is_silent() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as wire:
        wire.bind(("127.0.0.1", 0))
        with name_server(answering(srv(0, 0, 993, name("a.example.org")))) as resolvers:
            assert find_targets("_imaps", "example.org", [wire.getsockname(), *resolvers], seconds=0.2)


@pytest.mark.parametrize("domain", ["", "a" * 70 + ".org", ".".join(["label"] * 60), "a..b"])
def test_what_can_be_no_domain_is_not_asked_for(domain: str) -> None:
    assert find_targets("_imaps", domain, [("127.0.0.1", 1)], seconds=0.1) == ()


def txt(*strings: bytes) -> bytes:
    data = b"".join(bytes([len(one)]) + one for one in strings)
    return b"\xc0\x0c" + struct.pack("!HHIH", 16, 1, 60, len(data)) + data


@pytest.mark.parametrize(
    ("records", "path"),
    [
        ((txt(b"path=/dav"),), "/dav"),
        ((srv(0, 0, 443, name("a.example.org")), txt(b"x=1", b"PATH=/dav/"), txt(b"path=/b")), "/dav/"),
        ((txt(b"path=dav"), txt(b"path=/a b"), txt(b"path=/a\r\nX: 1")), ""),
        ((txt(b"path=/dav")[:-3],), ""),
        ((txt(),), ""),
        ((), ""),
    ],
)
def test_the_path_is_taken_from_a_txt_record(records: tuple[bytes, ...], path: str) -> None:
    with name_server(answering(*records)) as resolvers:
        assert find_path("_caldavs", "example.org", resolvers) == path
