"""What every Outbox promises: one message per Message-ID."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from integrations.google_outbox import GoogleOutbox
from integrations.memory_mail import MemoryOutbox
from integrations.outbox import DraftsOutbox, SendmailOutbox
from integrations.ports import Outbox
from tests.servers.fake_google.worlds import api_of, google_world
from tests.servers.imap_clients import smtp_outbox
from tests.servers.submission import Submission

ONE, TWO = "<hw-a.ask.1@home.example>", "<hw-a.ask.2@home.example>"
LETTER = b"From: me@home.example\nTo: ana@home.example\nSubject: hello\n\nbody\n"


def memory(_: Path) -> Callable[[], Outbox]:
    kept = MemoryOutbox()
    return lambda: kept


def drafts(tmp_path: Path) -> Callable[[], Outbox]:
    return lambda: DraftsOutbox(tmp_path / "drafts", tmp_path / "records")


def sendmail(tmp_path: Path) -> Callable[[], Outbox]:
    return lambda: SendmailOutbox(("cp", "/dev/stdin", str(tmp_path / "letter")), tmp_path / "records")


@pytest.fixture(params=[memory, drafts, sendmail, "smtp", "gmail"])
def reopen(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[], Outbox]]:
    """Each call gives the outbox as a new process would see it."""
    if request.param == "gmail":
        with google_world() as google:
            yield lambda: GoogleOutbox(api_of(google), tmp_path / "records")
        return
    if request.param != "smtp":
        yield request.param(tmp_path)
        return
    with Submission() as server:
        yield lambda: smtp_outbox(server, tmp_path / "records")


def test_a_message_goes_out_once(reopen: Callable[[], Outbox]) -> None:
    assert [reopen().send(LETTER, ONE), reopen().send(LETTER, ONE), reopen().send(LETTER, TWO)] == ["sent", "already", "sent"]


def test_what_was_sent_is_known_and_what_was_not_is_too(reopen: Callable[[], Outbox]) -> None:
    assert reopen().sent(ONE) is False
    reopen().send(LETTER, ONE)
    assert reopen().sent(ONE) is True and reopen().sent(TWO) is False
