"""Ways out for a message: what the disk and the command get, and what is said when it is not known."""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path

import pytest

import integrations.disk
import integrations.maildir
import integrations.outbox
from integrations.errors import Permanent, Temporary
from integrations.outbox import DraftsOutbox, SendmailOutbox, record_name
from tests.servers.killing import killed_at_every_line, quick_folder

ID = "<hw-a.ask.1@home.example>"
LETTER = b"From: me@home.example\nTo: ana@home.example\nSubject: hello\n\nbody\n"


def python(tmp_path: Path, code: str, timeout: float = 10) -> SendmailOutbox:
    return SendmailOutbox((sys.executable, "-I", "-S", "-c", code), tmp_path / "records", timeout)


def test_a_draft_is_a_draft_with_a_name_made_of_its_id(tmp_path: Path) -> None:
    DraftsOutbox(tmp_path / "drafts", tmp_path / "records").send(LETTER, ID)
    (path,) = (tmp_path / "drafts" / "cur").iterdir()
    assert path.name == f"{record_name(ID)}:2,DS" and path.read_bytes() == LETTER
    assert not list((tmp_path / "drafts" / "tmp").iterdir())


def test_a_draft_that_the_user_sent_does_not_come_back(tmp_path: Path) -> None:
    outbox = DraftsOutbox(tmp_path / "drafts", tmp_path / "records")
    outbox.send(LETTER, ID)
    next((tmp_path / "drafts" / "cur").iterdir()).unlink()
    assert outbox.sent(ID) is True and outbox.send(LETTER, ID) == "already"
    assert not list((tmp_path / "drafts" / "cur").iterdir())


def test_a_death_at_any_line_never_doubles_a_draft() -> None:
    with quick_folder() as home:
        outbox = DraftsOutbox(home / "drafts", home / "records")

        def one_draft(_: int) -> None:
            outbox.send(LETTER, ID)
            assert [p.read_bytes() for p in (home / "drafts" / "cur").iterdir()] == [LETTER]
            for path in [*(home / "drafts" / "cur").iterdir(), *(home / "records").iterdir()]:
                path.unlink()

        modules = (integrations.outbox, integrations.maildir, integrations.disk)
        assert killed_at_every_line(lambda: outbox.send(LETTER, ID), modules, one_draft) > 20


def test_a_full_disk_leaves_no_half_draft(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    outbox = DraftsOutbox(tmp_path / "drafts", tmp_path / "records")

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patched:
        patched.setattr("integrations.disk.os.fsync", full)
        with pytest.raises(Temporary, match="full"):
            outbox.send(LETTER, ID)
    assert outbox.sent(ID) is False and not list((tmp_path / "drafts").glob("*/*"))
    assert outbox.send(LETTER, ID) == "sent"


def test_sendmail_gets_the_message_and_its_arguments_without_a_shell(tmp_path: Path) -> None:
    got = tmp_path / "got; touch evil"
    outbox = SendmailOutbox(("tee", str(got)), tmp_path / "records")
    assert outbox.send(LETTER, ID) == "sent" and got.read_bytes() == LETTER
    assert not (tmp_path / "evil").exists()


def test_a_command_that_takes_too_long_may_have_sent(tmp_path: Path) -> None:
    outbox = python(tmp_path, "import time; time.sleep(60)", timeout=0.3)
    assert [outbox.send(LETTER, ID), outbox.send(LETTER, ID)] == ["unknown", "unknown"]
    assert outbox.sent(ID) is None


def test_a_command_that_is_killed_may_have_sent(tmp_path: Path) -> None:
    outbox = python(tmp_path, "import os; os.kill(os.getpid(), 9)")
    assert outbox.send(LETTER, ID) == "unknown" and outbox.sent(ID) is None


@pytest.mark.parametrize("code, kind", [(75, Temporary), (67, Permanent)])
def test_what_sendmail_refuses_was_not_sent_and_can_be_tried_again(tmp_path: Path, code: int, kind: type[Exception]) -> None:
    with pytest.raises(kind, match=str(code)):
        python(tmp_path, f"import sys; sys.exit({code})").send(LETTER, ID)
    assert python(tmp_path, "").sent(ID) is False
    assert python(tmp_path, "").send(LETTER, ID) == "sent"


def test_a_command_that_is_not_there_is_said(tmp_path: Path) -> None:
    outbox = SendmailOutbox((str(tmp_path / "missing"),), tmp_path / "records")
    with pytest.raises(Permanent, match="Nothing was sent"):
        outbox.send(LETTER, ID)
    assert outbox.sent(ID) is False


def test_a_death_while_sending_is_remembered_as_unknown() -> None:
    with quick_folder() as home:
        outbox = SendmailOutbox(("tee", "-a", str(home / "letters")), home / "records")

        def at_most_once(_: int) -> None:
            state = outbox.send(LETTER, ID)
            letters = (home / "letters").read_bytes() if (home / "letters").exists() else b""
            assert letters == (LETTER if state in ("sent", "already") else letters) and letters in (b"", LETTER)
            for path in [*(home / "records").iterdir(), home / "letters"]:
                path.unlink(missing_ok=True)

        assert killed_at_every_line(lambda: outbox.send(LETTER, ID), (integrations.outbox, integrations.disk), at_most_once) > 20


def test_an_empty_command_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="empty"):
        SendmailOutbox((), tmp_path)
