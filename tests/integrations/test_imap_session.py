"""Reaching an IMAP server: who it is, who we are, and what becomes of a line that breaks, stalls or lies."""

from __future__ import annotations

import base64
import socket
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import integrations.imap_session
import integrations.imap_wire
from integrations.errors import AuthExpired, OutsideError, Permanent, Temporary
from integrations.imap import ImapMailbox
from integrations.imap_session import ImapSession
from integrations.login import Login, Server
from tests.servers.dovecot import Dovecot, running_dovecot
from tests.servers.imap_clients import imap_mailbox, login, mailbox_at
from tests.servers.imap_proxy import When, proxy_to
from tests.servers.scripted import Step, scripted

NOON = datetime(2026, 11, 9, 12, tzinfo=UTC)
LETTER = b"From: ana@client.example\nSubject: hello\nMessage-ID: <1@x.example>\n\nhi\n"
SHORT = 0.4  # seconds; what is waited for here never comes


def box_at(address: str, ca_file: str = "", who: Login | None = None) -> ImapMailbox:
    return ImapMailbox("main", Server.parse(address, "imaps"), who or login("leader"), ca_file=ca_file)


# --- who it is --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", ["imaps", "imap"])
@pytest.mark.parametrize(("names", "days", "why"), [("DNS:localhost", -1, "expired"), ("DNS:elsewhere.example", 2, "mismatch")])
def test_a_server_that_does_not_prove_itself_hears_no_password(scheme: str, names: str, days: int, why: str) -> None:
    with running_dovecot(names=names, days=days) as server:
        port = server.imaps if scheme == "imaps" else server.imap
        with pytest.raises(Permanent, match=f"did not prove that it is localhost: .*{why}"):
            box_at(f"{scheme}://localhost:{port}", server.ca_file).arrivals(NOON)
        assert "Login:" not in server.log.read_text() and "auth failed" not in server.log.read_text()


def test_an_unknown_authority_is_not_believed(dovecot: Dovecot) -> None:
    with pytest.raises(Permanent, match=r"did not prove .*name its CA certificate with ca_file"):
        box_at(f"imaps://localhost:{dovecot.imaps}").arrivals(NOON)


@pytest.mark.parametrize("scheme", ["imaps", "imap"])
def test_it_is_encrypted_from_the_first_byte_or_by_starttls(dovecot: Dovecot, scheme: str) -> None:
    port = dovecot.imaps if scheme == "imaps" else dovecot.imap
    user = dovecot.user()
    assert box_at(f"{scheme}://localhost:{port}", dovecot.ca_file, login(user)).arrivals(NOON) == []
    entered = [line for line in dovecot.log.read_text().splitlines() if f"Login: user=<{user}>" in line]
    assert len(entered) == 1 and ", TLS," in entered[0]


@pytest.fixture
def far_away(monkeypatch: pytest.MonkeyPatch) -> str:
    """A name that is not this machine's, for a server that is here all the same."""
    look_up: Callable[..., Any] = socket.getaddrinfo
    monkeypatch.setattr(
        socket,
        "getaddrinfo",
        lambda host, *more, **named: look_up("127.0.0.1" if host == "far.example" else host, *more, **named),
    )
    return "far.example"


PLAIN = [(b"", b"* OK hi\r\n"), (b"CAPABILITY", b"* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n$TAG OK done\r\n")]


def test_elsewhere_nothing_is_said_in_the_clear(far_away: str) -> None:
    with scripted(PLAIN) as server:
        with pytest.raises(Permanent, match="offers no encryption"):
            box_at(f"imap://{far_away}:{server.port}").arrivals(NOON)
        assert not any(b"AUTH" in line.upper() or b"LOGIN" in line.upper() for line in server.heard)


STARTTLS = (b"CAPABILITY", b"* CAPABILITY IMAP4rev1 STARTTLS AUTH=PLAIN\r\n$TAG OK done\r\n")


@pytest.mark.parametrize(
    ("steps", "why"),
    [
        ([PLAIN[0], STARTTLS, (b"STARTTLS", b"$TAG NO not now\r\n")], "refused to encrypt"),
        ([PLAIN[0], STARTTLS, (b"STARTTLS", b"$TAG OK go\r\n* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n")], "in the clear"),
        ([(b"", b"* PREAUTH welcome\r\n"), STARTTLS, STARTTLS], "encrypt"),
    ],
    ids=["refused", "slipped in", "already in"],
)
def test_what_keeps_the_line_from_being_encrypted_ends_it(far_away: str, steps: list[Step], why: str) -> None:
    with scripted(steps) as server:
        with pytest.raises(OutsideError, match=why):
            box_at(f"imap://{far_away}:{server.port}").arrivals(NOON)
        assert not any(b"AUTHENTICATE" in line.upper() or b"LOGIN" in line.upper() for line in server.heard)


# --- who we are -------------------------------------------------------------------------------------------------------


def test_a_wrong_password_asks_to_sign_in_again(dovecot: Dovecot, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(0)
    with pytest.raises(AuthExpired, match=r"did not accept the password of leader\. Sign in again") as said:
        mailbox_at(dovecot.imap, "leader", None, "wrong-horse").arrivals(NOON)
    told = (str(said.value), caplog.text, repr(said.value.__cause__))
    assert not any(
        secret in text for text in told for secret in ("wrong-horse", base64.b64encode(b"\0leader\0wrong-horse").decode())
    )


def entering(*steps: Step, offered: bytes = b"AUTH=PLAIN") -> list[Step]:
    capability = b"* CAPABILITY IMAP4rev1 " + offered + b"\r\n$TAG OK done\r\n"
    return [(b"", b"* OK hi\r\n"), (b"CAPABILITY", capability), *steps]


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        (b"NO [AUTHENTICATIONFAILED] no", AuthExpired),
        (b"NO [EXPIRED] no", AuthExpired),
        (b"NO who are you", AuthExpired),
        (b"NO [UNAVAILABLE] the cellar is flooded", Temporary),
        (b"NO [LIMIT] too many of you", Temporary),
        (b"NO [CONTACTADMIN] ask", Permanent),
    ],
)
def test_a_refusal_at_the_door_says_what_to_do(said: bytes, kind: type[Exception]) -> None:
    with scripted(entering((b"AUTHENTICATE PLAIN", b"+ \r\n"), (b"A", b"$TAG " + said + b"\r\n"))) as server:
        session = ImapSession(Server.parse(f"imap://localhost:{server.port}", "imaps"), login("leader"))
        with pytest.raises(kind):
            session.read("look", lambda client: client.noop())


@pytest.mark.parametrize(
    ("offered", "mechanism", "words"),
    [
        (b"AUTH=OAUTHBEARER AUTH=XOAUTH2", b"OAUTHBEARER", b"n,a=leader,\1host=localhost\1port=%d\1auth=Bearer tok\1\1"),
        (b"AUTH=PLAIN AUTH=XOAUTH2", b"XOAUTH2", b"user=leader\1auth=Bearer tok\1\1"),
    ],
)
def test_a_token_is_shown_as_the_server_wants_it(offered: bytes, mechanism: bytes, words: bytes) -> None:
    steps = entering((b"AUTHENTICATE " + mechanism, b"+ \r\n"), (b"\n", b"$CUT"), offered=offered)
    with scripted(steps) as server:
        who = Login("leader", "token", lambda: "tok")
        with pytest.raises(OutsideError):  # the script ends here
            box_at(f"imap://localhost:{server.port}", "", who)._session.read("look", lambda client: client.noop())
        expected = words % server.port if b"%d" in words else words
        assert base64.b64decode(server.heard[-1].strip()) == expected


def test_where_only_login_is_offered_the_words_stay_words(monkeypatch: pytest.MonkeyPatch) -> None:
    steps = entering((b"LOGIN", b"$TAG OK in\r\n"), offered=b"IDLE")
    with scripted([*steps, (b"NOOP", b"$TAG OK done\r\n")]) as server:
        who = Login('le "a" der\\', "password", lambda: 'pass "w" \\')
        box_at(f"imap://localhost:{server.port}", "", who)._session.read("look", lambda client: client.noop())
        assert next(line for line in server.heard if b"LOGIN" in line).split(b" ", 1)[1] == (
            rb'LOGIN "le \"a\" der\\" "pass \"w\" \\"' + b"\r\n"
        )


@pytest.mark.parametrize("offered", [b"LOGINDISABLED", b"LOGINDISABLED AUTH=GSSAPI"])
def test_where_no_way_in_is_known_nothing_is_said(offered: bytes) -> None:
    with scripted(entering(offered=offered)) as server:
        with pytest.raises(Permanent, match="offers no way to sign in with a password"):
            box_at(f"imap://localhost:{server.port}").arrivals(NOON)
        assert not any(b"LOGIN" in line for line in server.heard)


@pytest.mark.parametrize("offered", [b"AUTH=PLAIN", b"IDLE"])
@pytest.mark.parametrize("secret", ["a\r\nb LOGOUT", "a\0b", "a\x1fb"])
def test_a_password_that_could_be_a_command_is_never_sent(offered: bytes, secret: str) -> None:
    with scripted(entering(offered=offered)) as server:
        with pytest.raises(Permanent, match="character that no server takes"):
            box_at(f"imap://localhost:{server.port}", "", login("leader", secret)).arrivals(NOON)
        assert not any(b"LOGOUT" in line for line in server.heard)


# --- lines that break -------------------------------------------------------------------------------------------------


def test_what_the_server_ended_meanwhile_is_opened_again(tmp_path: Path) -> None:
    with running_dovecot() as server:
        user = server.user()
        server.put(user, "1", LETTER, NOON)
        box = imap_mailbox(server, user, tmp_path)
        assert len(box.arrivals(NOON)) == 1
        server.kill()
        with pytest.raises(Temporary, match=r"out of reach|broke|hung up"):
            box.arrivals(NOON)
        server.start()
        assert len(box.arrivals(NOON)) == 1 and box._session.connections == 2
        box.close()
        assert len(box.arrivals(NOON)) == 1 and box._session.connections == 3


@pytest.mark.parametrize("when", ["unsent", "undone", "half"])
@pytest.mark.parametrize("word", ["UID FETCH", "UID SEARCH", "EXAMINE", "BODY.PEEK", "LIST"])
def test_a_look_at_a_line_that_breaks_is_taken_again(dovecot: Dovecot, tmp_path: Path, word: str, when: When) -> None:
    user = dovecot.user()
    dovecot.put(user, "1", LETTER, NOON)
    with proxy_to(dovecot.imap) as proxy:
        box = mailbox_at(proxy.port, user, tmp_path)
        proxy.cut_at(word, when)
        assert len(box.find(NOON)) == 1 and proxy.was_cut and proxy.connections == 2
        box.close()


def test_a_line_that_went_stale_unnoticed_is_tried_before_a_move(
    dovecot: Dovecot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    monkeypatch.setattr(integrations.imap_session, "_STALE", 0.0)
    user = dovecot.user()
    dovecot.put(user, "1", LETTER, NOON)
    with proxy_to(dovecot.imap) as proxy:
        box = mailbox_at(proxy.port, user, tmp_path)
        ids = [one.id for one in box.arrivals(NOON)]
        proxy.cut_at("NOOP", "unsent")
        assert box.hold(ids) == 1 and proxy.was_cut and proxy.connections == 2
        box.close()


HARM: dict[str, list[Step]] = {
    "no greeting": [(b"", b"$STALL")],
    "half a greeting": [(b"", b"* OK"), (b"", b"$STALL")],
    "hung up at once": [(b"", b"$CUT")],
    "a web server": [(b"", b"HTTP/1.1 400 Bad Request\r\n\r\n"), (b"", b"$CUT")],
    "a farewell": [(b"", b"* BYE come back later\r\n"), (b"", b"$CUT")],
    "binary": [(b"", b"\x00\xff\x16\x03\x01" * 40), (b"", b"$CUT")],
    "a line without end": [(b"", b"* OK " + b"x" * 2_000_000), (b"", b"$STALL")],
    "no capabilities": [(b"", b"* OK hi\r\n"), (b"CAPABILITY", b"$TAG OK done\r\n"), (b"", b"$STALL")],
    "a stall in the middle": [(b"", b"* OK hi\r\n"), (b"CAPABILITY", b"* CAPABILITY IMAP4"), (b"", b"$STALL")],
    "a huge literal": [(b"", b"* OK hi\r\n"), (b"CAPABILITY", b"* LIST () {99999999999}\r\nabc"), (b"", b"$STALL")],
    "an endless stream": [(b"", b"* OK hi\r\n"), (b"CAPABILITY", b"* OK still here\r\n" * 200_000), (b"", b"$STALL")],
}


@pytest.mark.parametrize("name", HARM)
def test_a_server_that_does_not_behave_is_left_in_time(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(integrations.imap_wire, "PATIENCE", SHORT)
    monkeypatch.setattr(integrations.imap_wire, "CONNECTING", SHORT)
    monkeypatch.setattr(integrations.imap_wire, "DEADLINE", 3 * SHORT)
    monkeypatch.setattr(integrations.imap_wire, "MOST_BYTES", 1_000_000)
    monkeypatch.setattr(integrations.imap_wire.Wire.__init__, "__defaults__", (SHORT,))
    with scripted(HARM[name]) as server, pytest.raises((Temporary, Permanent), match="localhost"):
        box_at(f"imap://localhost:{server.port}").arrivals(NOON)


def test_a_server_that_is_full_is_tried_later() -> None:
    with scripted(HARM["a farewell"]) as server, pytest.raises(Temporary, match=r"takes no connection now .*come back later"):
        box_at(f"imap://localhost:{server.port}").arrivals(NOON)


def test_an_answer_that_trickles_for_ever_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(integrations.imap_wire, "DEADLINE", SHORT)
    drip: list[Step] = [(b"", b"* OK hi\r\n"), (b"CAPABILITY", b"*"), *[(b"", b"$WAIT")] * 100]
    with scripted(drip) as server, pytest.raises(Temporary, match=r"too long|in time"):
        box_at(f"imap://localhost:{server.port}").arrivals(NOON)


def test_nobody_there_is_temporary() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    with pytest.raises(Temporary, match="out of reach"):
        box_at(f"imap://localhost:{port}").arrivals(NOON)


def test_a_secret_that_cannot_be_had_is_told_as_it_is(dovecot: Dovecot) -> None:
    def locked() -> str:
        raise Temporary("The keyring is locked.")

    with pytest.raises(Temporary, match="keyring is locked"):
        box_at(f"imap://localhost:{dovecot.imap}", "", Login("leader", "password", locked)).arrivals(NOON)


def test_a_line_that_is_cut_while_signing_in_is_no_refusal() -> None:
    """Else the password would be called wrong, and not be tried again for an hour."""
    steps = entering((b"AUTHENTICATE PLAIN", b"$CUT"))
    with scripted(steps) as server, pytest.raises(Temporary, match=r"broke|hung up"):
        box_at(f"imap://localhost:{server.port}").arrivals(NOON)
