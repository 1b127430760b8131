"""How `homeward init` looks for the mail servers of a domain."""

from __future__ import annotations

import pytest

from daemon.setup.mail_servers import Candidate, Looked, candidates, first_that_answers, look, written
from tests.servers.dovecot import Dovecot, free_port
from tests.servers.name_server import answering, name, name_server, srv

NOBODY: list[tuple[str, int]] = []


def addresses(service: str, domain: str = "example.org", host: str = "") -> list[str]:
    return [each.address for each in candidates(service, domain, host, NOBODY)]  # type: ignore[arg-type]


def test_without_records_the_usual_names_are_tried_with_encryption_from_the_start_first() -> None:
    assert addresses("imap") == ["imap.example.org", "mail.example.org", "imap://imap.example.org", "imap://mail.example.org"]
    assert addresses("smtp")[:2] == ["smtp.example.org", "mail.example.org"]


def test_where_the_mail_is_the_others_are_looked_for_first_and_nothing_twice() -> None:
    found = addresses("managesieve", host="imap.example.org")
    assert found == ["imap.example.org", "mail.example.org", "sieve.example.org"]


def test_the_records_of_the_domain_come_first_with_their_port() -> None:
    with name_server(answering(srv(0, 0, 1993, name("mx.example.org")))) as resolvers:
        first = next(candidates("imap", "example.org", "", resolvers))
    assert first == Candidate("mx.example.org:1993")


@pytest.mark.parametrize("host", ["mail.hosting.example", "example.org.evil.example", "org"])
def test_a_host_of_somebody_else_is_marked(host: str) -> None:
    with name_server(answering(srv(0, 0, 993, name(host)))) as resolvers:
        assert next(candidates("imap", "example.org", "", resolvers)) == Candidate(host, foreign=True)


def test_an_address_is_written_without_what_goes_without_saying() -> None:
    assert written("imaps", "a.org", 993) == "a.org"
    assert written("imaps", "a.org", 1993) == "a.org:1993"
    assert written("smtp", "a.org", 587) == "smtp://a.org"


def test_a_server_with_a_trusted_certificate_is_found(dovecot: Dovecot) -> None:
    looked = look("imap", f"localhost:{dovecot.imaps}", dovecot.ca_file)
    assert looked == Looked(f"localhost:{dovecot.imaps}", True, f"found localhost:{dovecot.imaps}")


def test_one_that_nobody_trusts_or_that_is_not_there_is_told(dovecot: Dovecot) -> None:
    assert "is not trusted" in look("imap", f"localhost:{dovecot.imaps}").said
    port = free_port()
    assert look("imap", f"127.0.0.1:{port}").said == f"127.0.0.1:{port} cannot be reached: Connection refused."
    assert "is no address of a server" in look("imap", "a b").said


def test_one_that_does_not_answer_is_not_waited_for(dovecot: Dovecot) -> None:
    """Dovecot's STARTTLS port waits for us to speak, when TLS is begun at once."""
    looked = look("imap", f"imaps://127.0.0.1:{dovecot.lmtp}", seconds=0.01)
    assert not looked.ok and "did not answer within 0.01 s" in looked.said


def test_the_first_that_answers_is_taken_and_all_before_are_told(dovecot: Dovecot) -> None:
    told: list[Looked] = []
    port = free_port()
    found = first_that_answers(
        iter((Candidate(f"localhost:{port}"), Candidate(f"localhost:{dovecot.imaps}"), Candidate("never.asked"))),
        "imap", dovecot.ca_file, told.append,
    )  # fmt: skip
    assert found == Candidate(f"localhost:{dovecot.imaps}")
    assert [looked.ok for looked in told] == [False, True]


def test_a_host_without_an_address_is_looked_for_once() -> None:
    told: list[Looked] = []
    names = (Candidate("imap.homeward.invalid"), Candidate("imap://imap.homeward.invalid"))
    assert first_that_answers(iter(names), "imap", "", told.append) is None
    assert len(told) == 1 and "imap.homeward.invalid" in told[0].said
