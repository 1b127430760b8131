"""The demonstration's trip with its mail on real servers: IMAP, SMTP and ManageSieve."""

from __future__ import annotations

import imaplib
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from email.message import EmailMessage
from pathlib import Path

from on_servers import LOCAL, keep_secret
from shell import type_

from tests.servers.dovecot import Dovecot, running_dovecot
from tests.servers.submission import PASSWORD, Submission

AWAY = "2026-11-30T11:40+00:00"  # in Lisbon, between two windows
WINDOW = "2026-11-30T12:35+00:00"
HOME_AGAIN = "2026-12-07T09:00+01:00"
ACCOUNT = """
[[account]]
id = "post"
kind = "imap"
user = "{user}"
password_file = "secret"
ca_file = "{ca_file}"
imap = "imap://localhost:{imap}"
smtp = "smtp://localhost:{smtp}"
managesieve = "localhost:{sieve}"
"""


def on_servers(root: Path, dovecot: Dovecot, submission: Submission, user: str, more_trusted: str = "") -> None:
    (root / "ca.pem").write_text(Path(dovecot.ca_file).read_text() + more_trusted)
    config = root / "config.toml"
    text = config.read_text("utf-8")
    here = 'path = "Maildir"\nsieve = "dovecot.sieve"\noutbox = "Maildir/.Drafts"\n'
    assert here in text
    account = ACCOUNT.format(
        user=user, ca_file="ca.pem", imap=dovecot.imap, smtp=submission.port, sieve=dovecot.sieve
    )  # fmt: skip
    config.write_text(text.replace(here, 'account = "post"\n') + LOCAL + account, "utf-8")
    keep_secret(root, PASSWORD)


@contextmanager
def signed_in(dovecot: Dovecot, user: str) -> Iterator[imaplib.IMAP4]:
    client = imaplib.IMAP4("localhost", dovecot.imap)
    client.starttls(ssl.create_default_context(cafile=dovecot.ca_file))
    client.login(user, PASSWORD)
    try:
        yield client
    finally:
        client.logout()


def subjects(dovecot: Dovecot, user: str, folder: str = "INBOX") -> list[str]:
    with signed_in(dovecot, user) as client:
        if client.select(folder, readonly=True)[0] != "OK":
            return []
        _, found = client.fetch("1:*", "(BODY.PEEK[HEADER.FIELDS (SUBJECT)])")
        lines = [part[1].decode() for part in found if isinstance(part, tuple)]
    return sorted(line.strip().removeprefix("Subject: ") for line in lines)


def active_script(dovecot: Dovecot, user: str) -> str:
    link = dovecot.home(user) / ".dovecot.sieve"
    return str(link.readlink()) if link.is_symlink() else ""


def message(sender: str, subject: str) -> bytes:
    letter = EmailMessage()
    letter["From"], letter["To"], letter["Subject"] = sender, "lena@example.org", subject
    letter["Message-ID"] = f"<{abs(hash((sender, subject)))}@mail.example>"
    letter.set_content(subject)
    return letter.as_bytes()


def arrive(dovecot: Dovecot, user: str, at: str, sender: str, subject: str) -> None:
    dovecot.put(user, f"{subject.replace(' ', '-')}.test", message(sender, subject), datetime.fromisoformat(at))


def test_the_trip_with_mail_on_servers_and_all_of_it_taken_back(home: Path, dovecot: Dovecot, submission: Submission) -> None:
    user = dovecot.user()
    on_servers(home, dovecot, submission, user)
    told = type_(home, "apply", "--yes")
    assert told.code == 0, told.all
    requests = [letter for letter in submission.caught.letters if "ana@example.org" in letter.to]
    assert requests, "the deputy was asked by mail"
    assert any("host" in subject for subject in subjects(dovecot, user, "Sent")), "and a copy was filed"
    assert "homeward" in active_script(dovecot, user)
    assert type_(home, "plan", "--detailed-exitcode").code == 0
    arrive(dovecot, user, "2026-11-30T11:20+00:00", "ola@customer.example", "An offer")
    arrive(dovecot, user, "2026-11-30T11:21+00:00", "jonas@family.example", "Dinner")
    held = type_(home, "pass", now=AWAY)
    assert held.code == 0 and "1 message held in mail" in held.out, held.all
    assert (subjects(dovecot, user, "Held"), subjects(dovecot, user)) == (["An offer"], ["Dinner"])
    assert type_(home, "pass", now=WINDOW).code == 0
    assert subjects(dovecot, user) == ["An offer", "Dinner"]
    assert type_(home, "undo", "--all", "--past", now=WINDOW).code == 0
    assert "homeward" not in active_script(dovecot, user)
    assert subjects(dovecot, user) == ["An offer", "Dinner"]


def test_a_refused_password_is_tried_once_an_hour_and_a_new_one_at_once(
    home: Path, dovecot: Dovecot, submission: Submission
) -> None:
    user = dovecot.user()
    on_servers(home, dovecot, submission, user)
    keep_secret(home, "wrong")
    refused, waiting = "refuses the login", "refused the password within the last hour; it is not tried yet"
    assert refused in type_(home, "pass", now="2026-11-30T11:40+00:00").all
    for now in ("2026-11-30T11:45+00:00", "2026-11-30T12:35+00:00"):
        again = type_(home, "pass", now=now)
        assert again.code == 1 and waiting in again.all and refused not in again.all
        assert "Sign in again: post" in type_(home, "status", now=now).out
    assert refused in type_(home, "pass", now="2026-11-30T12:45+00:00").all
    keep_secret(home, PASSWORD)
    assert type_(home, "pass", now="2026-11-30T12:46+00:00").code == 0
    assert "wrong" not in "".join(path.read_text() for path in (home / "state" / "refused").iterdir())


def test_no_connection_is_left_open(home: Path, dovecot: Dovecot, submission: Submission) -> None:
    user = dovecot.user()
    on_servers(home, dovecot, submission, user)
    assert type_(home, "doctor").code in (0, 1)
    deadline = time.monotonic() + 10
    while not (
        ended := [line for line in dovecot.log.read_text().splitlines() if f"imap({user})" in line and "Logged out" in line]
    ):
        assert time.monotonic() < deadline, "the server was not told that we leave"
        time.sleep(0.05)
    assert ended


def test_while_the_mail_server_is_down_the_calendars_are_tended_and_no_mail_is_lost(
    home: Path, dovecot: Dovecot, submission: Submission
) -> None:
    with running_dovecot() as own:
        user = own.user()
        on_servers(home, own, submission, user, Path(dovecot.ca_file).read_text())
        assert type_(home, "apply", "--yes").code == 0
        arrive(own, user, "2026-11-30T11:20+00:00", "ola@customer.example", "An offer")
        assert type_(home, "pass", now=AWAY).code == 0
        assert subjects(own, user, "Held") == ["An offer"]
        own.stop()
        down = type_(home, "pass", now=WINDOW)
        assert down.code == 1 and "localhost" in down.all
        assert "Not readable at the last pass: mail" in type_(home, "status", now=WINDOW).out
        assert type_(home, "plan", "--detailed-exitcode", now=WINDOW).code == 0, "nothing is taken back for that"
        own.start()
        assert type_(home, "pass", now="2026-11-30T12:50+00:00").code == 0
        assert subjects(own, user) == ["An offer"]


def test_a_changed_password_is_said_once_and_everything_goes_on_when_it_is_right(
    home: Path, dovecot: Dovecot, submission: Submission
) -> None:
    user = dovecot.user()
    on_servers(home, dovecot, submission, user)
    assert type_(home, "apply", "--yes").code == 0
    keep_secret(home, "wrong")
    told = type_(home, "pass", now=AWAY)
    assert told.code == 1 and "homeward auth check post" in told.all
    assert "Sign in again: post" in type_(home, "status", now=AWAY).out
    keep_secret(home, PASSWORD)
    arrive(dovecot, user, "2026-11-30T11:35+00:00", "ola@customer.example", "An offer")
    assert type_(home, "pass", now="2026-11-30T11:50+00:00").code == 0
    assert subjects(dovecot, user, "Held") == ["An offer"]
    assert type_(home, "pass", now=HOME_AGAIN).code == 0
    assert subjects(dovecot, user) == ["An offer"] and "homeward" not in active_script(dovecot, user)
