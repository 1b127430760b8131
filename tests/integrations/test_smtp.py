"""Mail that goes out by SMTP: once, to those whom the server takes, and with words for whatever it says."""

from __future__ import annotations

import ssl
from collections import Counter
from email import message_from_bytes
from pathlib import Path

import pytest

import integrations.smtp
import integrations.smtp_session
from integrations.errors import AuthExpired, Permanent, Temporary
from integrations.login import Server
from integrations.smtp import SmtpOutbox, probe_smtp
from tests.servers.certificates import Authority, Certificate
from tests.servers.dovecot import Dovecot
from tests.servers.imap_clients import imap_mailbox, login, smtp_outbox
from tests.servers.killing import killed_at_every_line, quick_folder
from tests.servers.scripted import scripted
from tests.servers.submission import Submission, until

# aiosmtpd does not count TLS from the first byte as TLS.
pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")

ID = "<hw-a.ask.1@home.example>"
OTHER = "<hw-a.ask.2@home.example>"
TWO = "Ana Silva <ana@home.example>, bo@home.example"


def letter(to: str = "ana@home.example", more: str = "", body: str = "hello\n", message_id: str = ID) -> bytes:
    head = f"From: The Leader <me@home.example>\nTo: {to}\nSubject: hello\nMessage-ID: {message_id}\n{more}"
    return f"{head}\n{body}".encode()


# --- going out --------------------------------------------------------------------------------------------------------


def test_a_message_reaches_the_server_as_it_is(tmp_path: Path) -> None:
    with Submission() as server:
        assert smtp_outbox(server, tmp_path).send(letter(TWO, body=".\n..dots\nend"), ID) == "sent"
        (got,) = server.caught.letters
    assert (got.mail_from, got.to) == ("me@home.example", ("ana@home.example", "bo@home.example"))
    assert got.content.endswith(b"\r\n\r\n.\r\n..dots\r\nend\r\n") and b"Message-ID: " + ID.encode() in got.content


def test_an_automatic_answer_has_no_return_path(tmp_path: Path) -> None:
    with Submission() as server:
        smtp_outbox(server, tmp_path).send(letter(more="Auto-Submitted: auto-replied\n"), ID)
        assert server.caught.letters[0].mail_from == ""


def test_where_the_empty_return_path_is_refused_the_leaders_own_is_taken(tmp_path: Path) -> None:
    with Submission() as server:
        server.caught.answers["MAIL <>"] = "550 5.7.1 who are you"
        assert smtp_outbox(server, tmp_path).send(letter(more="Auto-Submitted: auto-replied\n"), ID) == "sent"
        assert server.caught.letters[0].mail_from == "me@home.example"


@pytest.mark.parametrize("to", ["ana@home.example, <eve@x.example\n\tRCPT>", "no-address", "ä@home.example", "<a b@x.example>"])
def test_what_is_no_address_is_not_sent_to(tmp_path: Path, to: str) -> None:
    with Submission() as server:
        with pytest.raises(Permanent, match=r"Nothing was sent"):
            smtp_outbox(server, tmp_path).send(letter(to), ID)
        assert not server.caught.letters and not list(tmp_path.iterdir())


# --- what the server says ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("where", ["ana@home.example", "DATA", "MAIL <me@home.example>"])
@pytest.mark.parametrize(("code", "kind"), [("451", Temporary), ("550", Permanent)])
def test_a_refusal_is_told_and_nothing_counts_as_sent(tmp_path: Path, where: str, code: str, kind: type[Exception]) -> None:
    with Submission() as server:
        server.caught.answers[where] = f"{code} 4.7.1 come back later"
        outbox = smtp_outbox(server, tmp_path)
        with pytest.raises(kind, match=rf"{code} .*come back later.*Nothing was sent"):
            outbox.send(letter(), ID)
        assert outbox.sent(ID) is False and not server.caught.letters
        server.caught.answers.clear()
        assert outbox.send(letter(), ID) == "sent"


def test_whom_the_server_refuses_for_good_is_named_and_the_others_get_it(tmp_path: Path) -> None:
    with Submission() as server:
        server.caught.answers["bo@home.example"] = "550 5.1.1 no such user"
        outbox = smtp_outbox(server, tmp_path)
        with pytest.raises(Permanent, match=r"went out, but not to bo@home\.example \(550 .*no such user\)"):
            outbox.send(letter(TWO), ID)
        assert server.caught.letters[0].to == ("ana@home.example",)
        assert outbox.sent(ID) is True and outbox.send(letter(TWO), ID) == "already" and len(server.caught.letters) == 1


def test_whom_the_server_puts_off_keeps_the_message_back_for_all(tmp_path: Path) -> None:
    with Submission() as server:
        server.caught.answers["bo@home.example"] = "450 4.2.0 greylisted"
        outbox = smtp_outbox(server, tmp_path)
        with pytest.raises(Temporary, match="greylisted"):
            outbox.send(letter(TWO), ID)
        assert not server.caught.letters and outbox.sent(ID) is False


def test_a_line_that_dies_after_the_message_leaves_it_unknown_and_unsent_again(tmp_path: Path) -> None:
    with Submission() as server:
        server.caught.cut_after_data = True
        outbox = smtp_outbox(server, tmp_path)
        assert outbox.send(letter(), ID) == "unknown" and len(server.caught.letters) == 1
        server.caught.cut_after_data = False
        assert outbox.send(letter(), ID) == "unknown" and outbox.sent(ID) is None and len(server.caught.letters) == 1


@pytest.mark.parametrize("last", [b"", b"EHLO", b"MAIL", b"RCPT", b"DATA"])
@pytest.mark.parametrize("end", [b"$CUT", b"$STALL"])
def test_a_line_that_dies_before_that_sent_nothing(
    tmp_path: Path, last: bytes, end: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    monkeypatch.setattr(integrations.smtp_session, "PATIENCE", 0.3)
    script = [(b"", b"220 hi\r\n"), (b"EHLO", b"250 hi\r\n"), (b"MAIL", b"250 ok\r\n"), (b"RCPT", b"250 ok\r\n"), (b"DATA", b"")]
    steps = [*script[: [wanted for wanted, _ in script].index(last)], (last, end)]
    with scripted(steps) as server:
        outbox = SmtpOutbox(Server.parse(f"smtp://localhost:{server.port}", "smtps"), None, tmp_path)
        with pytest.raises(Temporary):
            outbox.send(letter(), ID)
        assert outbox.sent(ID) is False and (not last or last in server.heard[-1].upper())


def test_a_stall_after_the_message_leaves_it_unknown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(integrations.smtp, "_THINKING", 0.3)
    steps = [
        (b"", b"220 hi\r\n"), (b"EHLO", b"250 hi\r\n"), (b"MAIL", b"250 ok\r\n"), (b"RCPT", b"250 ok\r\n"),
        (b"DATA", b"354 go\r\n"), (b"\r\n", b"$STALL"),
    ]  # fmt: skip
    with scripted(steps) as server:
        outbox = SmtpOutbox(Server.parse(f"smtp://localhost:{server.port}", "smtps"), None, tmp_path)
        assert outbox.send(letter(), ID) == "unknown"


def test_a_server_that_never_comes_to_an_end_is_hung_up_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(integrations.smtp_session, "DEADLINE", 0.5)
    with scripted([(b"", b"220-still\r\n" * 3), (b"", b"$STALL")]) as server:
        outbox = SmtpOutbox(Server.parse(f"smtp://localhost:{server.port}", "smtps"), None, tmp_path)
        with pytest.raises(Temporary):
            outbox.send(letter(), ID)


@pytest.mark.parametrize("said", [b"554 no\r\n", b"* OK IMAP here\r\n", b"\xff\xfe\r\n", b"220 " + b"x" * 20_000 + b"\r\n"])
def test_what_is_no_mail_server_is_said(tmp_path: Path, said: bytes) -> None:
    with scripted([(b"", said)]) as server:
        outbox = SmtpOutbox(Server.parse(f"smtp://localhost:{server.port}", "smtps"), None, tmp_path)
        with pytest.raises((Permanent, Temporary), match="localhost"):
            outbox.send(letter(), ID)


def test_killed_at_any_line_it_is_sent_at_most_once_and_known() -> None:
    """A new Message-ID for each death: the server may take in what the dead one left on the line a little later."""
    known: dict[str, bool | None] = {}
    with Submission() as server, quick_folder() as folder:
        outbox = smtp_outbox(server, folder)

        def identifier(death: int) -> str:
            return f"<hw-{death}@home.example>"

        def send_again() -> None:
            current = identifier(len(known))
            assert outbox.send(letter(message_id=current), current) == "sent"
            assert outbox.send(letter(message_id=current), current) == "already"

        def check(death: int) -> None:
            known[identifier(death)] = outbox.sent(identifier(death))

        assert killed_at_every_line(send_again, (integrations.smtp,), check) > 50
        until(lambda: len(server.caught.letters) >= list(known.values()).count(True))
        taken = Counter(str(message_from_bytes(each.content)["Message-ID"]) for each in server.caught.letters)
    assert set(taken.values()) == {1} and {True, False, None} == set(known.values())
    assert all(taken[each] == (1 if state else 0) for each, state in known.items() if state is not None)


# --- signing in -------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("tls"))


def context(certificate: Certificate) -> ssl.SSLContext:
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(certificate.certificate, certificate.key)
    return made


@pytest.mark.parametrize("implicit", [True, False])
def test_it_signs_in_over_tls(tmp_path: Path, authority: Authority, implicit: bool) -> None:
    with Submission(context(authority.certificate()), implicit, log_in=True) as server:
        assert smtp_outbox(server, tmp_path, ca_file=str(authority.ca_file)).send(letter(), ID) == "sent"
        assert server.caught.logins == ["PLAIN leader"]


def test_a_wrong_password_asks_to_sign_in_again(tmp_path: Path, authority: Authority) -> None:
    with Submission(context(authority.certificate()), True, log_in=True) as server:
        outbox = smtp_outbox(server, tmp_path, ca_file=str(authority.ca_file), secret="wrong-horse")
        with pytest.raises(AuthExpired, match="sign in again") as said:
            outbox.send(letter(), ID)
        assert "horse" not in str(said.value) and outbox.sent(ID) is False and not server.caught.letters


@pytest.mark.parametrize("implicit", [True, False])
@pytest.mark.parametrize(("names", "days"), [("DNS:localhost", -1), ("DNS:elsewhere.example", 2)])
def test_a_server_that_does_not_prove_itself_gets_nothing(
    tmp_path: Path, authority: Authority, names: str, days: int, implicit: bool
) -> None:  # fmt: skip
    with Submission(context(authority.certificate(names, days)), implicit, log_in=True) as server:
        with pytest.raises(Permanent, match="did not prove"):
            smtp_outbox(server, tmp_path, ca_file=str(authority.ca_file)).send(letter(), ID)
        assert not server.caught.letters and not server.caught.logins


def test_a_server_without_encryption_is_refused_where_a_ca_file_asks_for_it(tmp_path: Path, authority: Authority) -> None:
    with Submission() as server:
        with pytest.raises(Permanent, match="offers no encryption"):
            smtp_outbox(server, tmp_path, ca_file=str(authority.ca_file)).send(letter(), ID)
        assert not server.caught.logins and not server.caught.letters


def test_a_password_that_could_be_a_command_is_never_sent(tmp_path: Path) -> None:
    with Submission() as server, pytest.raises(Permanent, match="character that no server takes"):
        smtp_outbox(server, tmp_path, secret="a\r\nMAIL FROM:<x@x.example>").send(letter(), ID)


# --- copies -----------------------------------------------------------------------------------------------------------


def test_a_copy_is_filed_as_read_once(tmp_path: Path, dovecot: Dovecot) -> None:
    user = dovecot.user()
    box = imap_mailbox(dovecot, user, None)
    with Submission() as server:
        outbox = smtp_outbox(server, tmp_path, box.sent)
        assert [outbox.send(letter(), ID), outbox.send(letter(), ID)] == ["sent", "already"]
        box.sent.file(letter(), ID)
    (copy,) = list((dovecot.home(user) / "Maildir" / ".Sent" / "cur").iterdir())
    assert copy.name.endswith(":2,S") and copy.read_bytes() == letter() and not list(tmp_path.glob("*.copy"))
    box.close()


def test_a_copy_that_could_not_be_filed_is_filed_with_the_next_message(tmp_path: Path, dovecot: Dovecot) -> None:
    box, dead = imap_mailbox(dovecot, dovecot.user(), None), imap_mailbox(dovecot, dovecot.user(), None)
    dead._session.server = Server.parse("imaps://localhost:1", "imaps")
    with Submission() as server:
        assert smtp_outbox(server, tmp_path, dead.sent).send(letter(), ID) == "sent"
        assert smtp_outbox(server, tmp_path, box.sent).send(letter(message_id=OTHER), OTHER) == "sent"
    assert box.sent.has(ID) and box.sent.has(OTHER)
    box.close()


def test_what_the_server_filed_itself_is_known_to_have_gone_out(tmp_path: Path, dovecot: Dovecot) -> None:
    box = imap_mailbox(dovecot, dovecot.user(), None)
    with Submission() as server:
        server.caught.cut_after_data = True
        outbox = smtp_outbox(server, tmp_path, box.sent)
        assert outbox.send(letter(), ID) == "unknown" and outbox.sent(ID) is None
        box.sent.file(letter(), ID)
        assert outbox.sent(ID) is True and outbox.send(letter(), ID) == "already"
    box.close()


# --- looking ----------------------------------------------------------------------------------------------------------


def test_probing_signs_in_and_sends_nothing(authority: Authority) -> None:
    with Submission(context(authority.certificate()), True, log_in=True) as server:
        there = Server.parse(f"smtps://localhost:{server.port}", "smtps")
        facts = probe_smtp(there, login("leader"), str(authority.ca_file))
        assert facts.encrypted and facts.signs_in and facts.most_bytes > 1_000_000 and not server.caught.letters
        with pytest.raises(AuthExpired):
            probe_smtp(there, login("leader", "wrong"), str(authority.ca_file))
