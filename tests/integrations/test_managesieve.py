"""The ManageSieve client: every byte of a script on a real server, and servers that say strange things."""

from __future__ import annotations

import base64
import socket
import time
from collections.abc import Iterator

import pytest

import integrations.managesieve_wire
from integrations.errors import AuthExpired, OutsideError, Permanent, PreconditionFailed, Temporary
from integrations.login import Login, Server
from integrations.managesieve import Listing, ManageSieve
from tests.servers.dovecot import Dovecot
from tests.servers.lines import Listener
from tests.servers.scripted import CUT, saying

GREETING = b'"IMPLEMENTATION" "test"\r\n"SIEVE" "fileinto"\r\n"SASL" "PLAIN XOAUTH2"\r\nOK\r\n'
ENTERED = (GREETING, b"OK\r\n", GREETING)


def login(secret: str = "correct-horse", user: str = "leader", auth: str = "password") -> Login:
    return Login(user, auth, lambda: secret)  # type: ignore[arg-type]


def on(port: int, host: str = "127.0.0.1") -> Server:
    return Server.parse(f"sieve://{host}:{port}", "sieve")


@pytest.fixture
def client(dovecot: Dovecot) -> Iterator[ManageSieve]:
    with ManageSieve(on(dovecot.sieve), login(user=dovecot.user())) as entered:
        yield entered


# --- a real server ----------------------------------------------------------------------------------------------------

CONTENTS = [
    b"keep;", b"keep;\n", b"keep;\r\n", b"", b"# caf\xc3\xa9 \xf0\x9f\x8f\x96\r\nkeep;", b"# {5}\r\nkeep;\n\n\n",
    b"# OK \"done\"\r\nkeep;",
    b"# " + b"x" * 100_000 + b"\nkeep;", b"keep;\r\n# a \" and a \\ \r\n", b"# \x01\x02\x7f\nkeep;",
]  # fmt: skip


@pytest.mark.parametrize("content", CONTENTS)
def test_a_script_comes_back_byte_by_byte(client: ManageSieve, content: bytes) -> None:
    client.putscript("mine", content)
    assert client.getscript("mine") == content


@pytest.mark.parametrize("name", ["mine", "with space", 'q"uote', "back\\slash", "ümläut 🏖", "{5}", "OK", "x" * 128])
def test_any_name_that_is_allowed_names_a_script(client: ManageSieve, name: str) -> None:
    client.putscript(name, b"keep;")
    client.setactive(name)
    assert client.listscripts() == Listing((name,), name) and client.getscript(name) == b"keep;"


@pytest.mark.parametrize("name", ["", "a\r\nLOGOUT", "a\0", "\x7f", "a\u2028", "x" * 129, "\udcff", "\x85"])
def test_a_name_that_would_be_a_command_is_refused(client: ManageSieve, name: str) -> None:
    for act in (lambda: client.putscript(name, b""), lambda: client.getscript(name), lambda: client.deletescript(name)):
        with pytest.raises(Permanent, match="cannot be the name"):
            act()
    assert client.listscripts() == Listing((), "")


def test_scripts_are_listed_renamed_switched_and_deleted(client: ManageSieve) -> None:
    client.putscript("a", b"keep;")
    client.putscript("b", b"stop;")
    client.setactive("b")
    client.renamescript("a", "c")
    assert sorted(client.listscripts().names) == ["b", "c"] and client.listscripts().active == "b"
    client.setactive("")
    client.deletescript("b")
    client.deletescript("b")
    assert client.listscripts() == Listing(("c",), "") and client.getscript("b") is None
    client.noop()


def test_what_the_server_refuses_is_said_with_its_words(client: ManageSieve) -> None:
    client.putscript("mine", b"keep;")
    with pytest.raises(Permanent, match=r"refuses the Sieve script “mine” .*unknown command"):
        client.putscript("mine", b"nonsense;\r\nmore nonsense;\r\n")
    with pytest.raises(Permanent, match="unknown"):
        client.checkscript(b"nonsense;")
    assert client.getscript("mine") == b"keep;" and client.checkscript(b"keep;") == ""


def test_what_somebody_changed_meanwhile_is_a_failed_precondition(client: ManageSieve) -> None:
    client.putscript("mine", b"keep;")
    client.putscript("other", b"keep;")
    client.setactive("mine")
    for act in (
        lambda: client.deletescript("mine"),
        lambda: client.setactive("gone"),
        lambda: client.renamescript("gone", "there"),
        lambda: client.renamescript("mine", "other"),
    ):
        with pytest.raises(PreconditionFailed):
            act()


def test_a_server_says_what_it_can(client: ManageSieve) -> None:
    said = client.capabilities
    assert "Pigeonhole" in said.implementation and {"vacation", "include"} <= said.sieve
    client.havespace("mine", 1000)


def test_a_wrong_password_asks_to_sign_in_again_and_is_shown_to_nobody(dovecot: Dovecot) -> None:
    with pytest.raises(AuthExpired) as caught:
        ManageSieve(on(dovecot.sieve), login("hunter2-hunter2"))
    assert "hunter2" not in str(caught.value) and "127.0.0.1" in caught.value.what


@pytest.mark.parametrize(
    "user, secret", [("a\0b", "x"), ("a", "x\0y"), ("a", "x\r\nLOGOUT"), ("a\x01", "x"), ("a", "x" * 100_000)]
)
def test_a_secret_that_could_mean_something_else_is_not_sent(user: str, secret: str) -> None:
    with saying(*ENTERED, CUT) as server, pytest.raises(Permanent, match="no server takes"):
        ManageSieve(on(server.port), login(secret, user))
    assert not any(server.heard)


# --- strange servers --------------------------------------------------------------------------------------------------


def literal(content: bytes) -> bytes:
    return b"{%d}\r\n%b" % (len(content), content)


def entered(port: int) -> ManageSieve:
    return ManageSieve(on(port), login())


def test_capabilities_are_read_again_after_the_login() -> None:
    after = b'"IMPLEMENTATION" "test"\r\n"SIEVE" "fileinto vacation"\r\nOK\r\n'
    with saying(GREETING, b"OK\r\n", after) as server:
        assert entered(server.port).capabilities.sieve == {"fileinto", "vacation"}
    assert server.heard[1] == b"CAPABILITY\r\n"


def test_literals_of_both_kinds_and_brackets_inside_strings_are_read() -> None:
    listing = literal(b'm"ne') + b" ACTIVE\r\n" + b'{5+}\r\na\r\n(b\r\n"o\\"k )" \r\nOK (WARNINGS "x") {7}\r\nok\r\nbye\r\n'
    with saying(*ENTERED, listing) as server:
        assert entered(server.port).listscripts() == Listing(('m"ne', "a\r\n(b", 'o"k )'), 'm"ne')


def test_a_script_that_looks_like_an_answer_is_none() -> None:
    content = b'OK "all done"\r\nNO\r\n'
    with saying(*ENTERED, literal(content) + b"\r\nOK\r\n") as server:
        assert entered(server.port).getscript("x") == content


def test_a_refusal_over_many_lines_is_told_in_one_without_control_characters() -> None:
    answer = b"NO (QUOTA/MAXSIZE) " + literal(b"line 1:\r\n\x1b[31m too \x00big\r\n  sorry \xff\xfe") + b"\r\n"
    with saying(*ENTERED, answer, CUT) as server, pytest.raises(Permanent) as caught:
        entered(server.port).putscript("x", b"keep;")
    assert "used up" in caught.value.what and "line 1: [31m too big sorry" in caught.value.what
    assert caught.value.what.isprintable()


def test_the_words_of_a_server_are_bounded() -> None:
    answer = b'NO "' + b"x" * 5000 + b'"\r\n'
    with saying(*ENTERED, answer, CUT) as server, pytest.raises(Permanent) as caught:
        entered(server.port).noop()
    assert len(caught.value.what) < 500


ANSWERS = [
    (b'BYE "too busy"\r\n', Temporary, "too busy"),
    (b'BYE (REFERRAL "sieve://evil.example") "over there"\r\n', Permanent, "evil.example"),
    (b'NO (TRYLATER) "later"\r\n', Temporary, "later"),
    (b'NO (NONEXISTENT) "gone"\r\n', PreconditionFailed, "gone"),
    (b'NO (ACTIVE)\r\n', PreconditionFailed, "meanwhile"),
    (b'NO (ALREADYEXISTS)\r\n', PreconditionFailed, "meanwhile"),
    (b'NO (QUOTA/MAXSCRIPTS)\r\n', Permanent, "used up"),
    (b'no (X-NEW (nested "words")) "what"\r\n', Permanent, "what"),
    (b"NO\r\n", Permanent, "the active Sieve script"),
    (b"NO {10000000}\r\n", Permanent, "more than"),
    (b"HTTP/1.1 400 {\r\n", Permanent, "does not speak"),
    (b'NO "unfinished\r\n', Permanent, "does not speak"),
    (b"x" * 100_000, Permanent, "does not speak"),
    (b'"never ends"\r\n' * 400_000, Permanent, "more than"),
    (b"NO {100}\r\nhalf of i", Temporary, "in the middle"),
    (b"", Temporary, "in the middle"),
]  # fmt: skip


@pytest.mark.parametrize("answer, kind, words", ANSWERS)
def test_an_answer_that_is_no_yes_says_what_to_do_next(answer: bytes, kind: type[OutsideError], words: str) -> None:
    with saying(*ENTERED, answer, CUT) as server, pytest.raises(kind, match=words):
        entered(server.port).setactive("mine")


def test_a_referral_is_never_followed() -> None:
    with saying(GREETING, CUT) as other:
        referral = b'BYE (REFERRAL "sieve://127.0.0.1:%d")\r\n' % other.port
        with saying(GREETING, referral, CUT) as server, pytest.raises(Permanent, match="sends us to"):
            entered(server.port)
    assert not any(other.heard)


LOGINS = [
    (b'NO "not so"\r\n', AuthExpired, "not so"),
    (b'NO (TRYLATER) "database down"\r\n', Temporary, "database"),
    (b"NO (ENCRYPT-NEEDED)\r\n", Permanent, "encrypted"),
    (b"NO (AUTH-TOO-WEAK)\r\n", Permanent, "this kind"),
    (b"NO (TRANSITION-NEEDED)\r\n", Permanent, "mail program"),
    (b"BYE\r\n", Temporary, "just now"),
]


@pytest.mark.parametrize("answer, kind, words", LOGINS)
def test_a_refused_login_says_why(answer: bytes, kind: type[OutsideError], words: str) -> None:
    with saying(GREETING, answer, CUT) as server, pytest.raises(kind, match=words):
        entered(server.port)


@pytest.mark.parametrize("greeting", [b'BYE "closed"\r\n', b'NO (TRYLATER) "later"\r\n', b""])
def test_a_server_that_lets_nobody_in_is_asked_again_later(greeting: bytes) -> None:
    with saying(greeting, CUT) as server, pytest.raises(Temporary):
        entered(server.port)


@pytest.mark.parametrize("lines", [(b'"IMPLEM',), (*ENTERED, b"{100}\r\nhalf"), ENTERED])
def test_a_server_that_falls_silent_is_not_waited_for(lines: tuple[bytes, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(integrations.managesieve_wire, "PATIENCE", 0.2)
    with saying(*lines) as server, pytest.raises(Temporary, match="does not answer"), entered(server.port) as client:
        client.getscript("mine")


def test_a_server_that_drips_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(integrations.managesieve_wire, "DEADLINE", 0.3)

    def drip(connection: socket.socket) -> None:
        while True:
            connection.sendall(b'"x"\r\n')
            time.sleep(0.01)

    with Listener(drip).running() as port, pytest.raises(Temporary, match="does not answer"):
        entered(port)


def test_nobody_there_is_tried_again() -> None:
    with saying(b"", CUT) as server:
        port = server.port
    with pytest.raises(Temporary, match="cannot be reached"):
        entered(port)


# --- tokens -----------------------------------------------------------------------------------------------------------


def offering(mechanisms: bytes) -> bytes:
    return b'"SIEVE" "fileinto"\r\n"SASL" "%b"\r\nOK\r\n' % mechanisms


def test_a_token_is_sent_by_oauthbearer_where_that_is_offered() -> None:
    with saying(offering(b"PLAIN XOAUTH2 OAUTHBEARER"), b"OK\r\n", GREETING) as server:
        ManageSieve(on(server.port), login("tok", "a=b,c@x.example", "token"))
        port = server.port
    said = base64.b64decode(server.heard[0].split()[2].strip(b'"'))
    assert server.heard[0].startswith(b'AUTHENTICATE "OAUTHBEARER" ')
    assert said == b"n,a=a=3Db=2Cc@x.example,\x01host=127.0.0.1\x01port=%d\x01auth=Bearer tok\x01\x01" % port


def test_a_long_token_goes_as_a_literal_by_xoauth2() -> None:
    with saying(offering(b"XOAUTH2"), b"OK\r\n", GREETING) as server:
        ManageSieve(on(server.port), login("t" * 3000, "a@x.example", "token"))
    head, words = server.heard[:2]
    assert head.startswith(b'AUTHENTICATE "XOAUTH2" {') and head.endswith(b"+}\r\n")
    assert base64.b64decode(words) == b"user=a@x.example\x01auth=Bearer " + b"t" * 3000 + b"\x01\x01"


@pytest.mark.parametrize("mechanism, last", [(b"OAUTHBEARER", b'"AQ=="\r\n'), (b"XOAUTH2", b'""\r\n')])
def test_a_token_that_is_refused_asks_to_sign_in_again(mechanism: bytes, last: bytes) -> None:
    challenge = string_of(b'{"status":"invalid_token"}')
    with (
        saying(offering(mechanism), challenge, b'NO "expired"\r\n', CUT) as server,
        pytest.raises(AuthExpired, match="expired"),
    ):
        ManageSieve(on(server.port), login("tok", auth="token"))
    assert server.heard[1] == last


def string_of(words: bytes) -> bytes:
    return b'"' + base64.b64encode(words) + b'"\r\n'


def test_a_server_that_takes_no_such_login_is_told_to_the_user() -> None:
    with saying(offering(b"PLAIN"), CUT) as server, pytest.raises(Permanent, match="login by token"):
        ManageSieve(on(server.port), login("tok", auth="token"))


def test_challenges_without_end_are_not_answered_without_end() -> None:
    challenges = [string_of(b"again")] * 10
    with saying(offering(b"XOAUTH2"), *challenges, CUT) as server, pytest.raises(Permanent, match="asks for more"):
        ManageSieve(on(server.port), login("tok", auth="token"))
