"""What `homeward doctor` says about accounts on servers, for each thing that can be wrong with a real one."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from on_servers import LEA, LOCAL, keep_secret
from shell import Told, type_

from tests.servers.dovecot import Dovecot, Shape, free_port, running_dovecot
from tests.servers.submission import PASSWORD

CALENDAR = '[[calendar]]\nid = "here"\npath = "here"\n'
ACCOUNT = (
    '[[account]]\nid = "{name}"\nkind = "imap"\nuser = "{user}"\npassword_file = "secret"\nca_file = "{ca}"\nimap = "{imap}"\n'
)
MAIL = '[[mail]]\nid = "{name}"\naccount = "{name}"\n'


def doctor(root: Path, *parts: str, words: tuple[str, ...] = ()) -> Told:
    keep_secret(root, PASSWORD)
    (root / "here").mkdir(exist_ok=True)
    (root / "config.toml").write_text(LEA + LOCAL + CALENDAR + "".join(parts))
    return type_(root, "doctor", *words, now=datetime.now(UTC).isoformat())


def account(dovecot: Dovecot, user: str, name: str = "post", more: str = "", imap: str = "") -> str:
    where = imap or f"localhost:{dovecot.imaps}"
    return ACCOUNT.format(name=name, user=user, ca=dovecot.ca_file, imap=where) + more


def after(told: Told, what: str) -> str:
    """The advice under a finding."""
    lines = told.out.splitlines()
    index = next(number for number, line in enumerate(lines) if what in line)
    return lines[index + 1].strip()


def test_what_can_be_done_there_is_said_and_a_certificate_that_ends_soon(tmp_path: Path, dovecot: Dovecot) -> None:
    told = doctor(
        tmp_path, account(dovecot, dovecot.user(), more=f'managesieve = "localhost:{dovecot.sieve}"\n'), MAIL.format(name="post")
    )
    assert told.code == 0, told.all
    assert f"✓ account post, localhost:{dovecot.imaps}: held mail is moved on the server (MOVE)" in told.out
    assert "    homeward can answer mail there" in told.out
    assert "✓ mailbox post: what is held will wait in the folder Held" in told.out
    assert told.out.count("· the certificate of localhost ends on ") == 1, "once a host, however many ports"


def test_the_same_is_there_for_programs(tmp_path: Path, dovecot: Dovecot) -> None:
    told = doctor(tmp_path, account(dovecot, dovecot.user()), MAIL.format(name="post"), words=("--json",))
    found = next(each for each in json.loads(told.out) if each["what"].startswith("account post"))
    assert found["health"] == "ok" and "new mail is noticed at once (IDLE)" in found["more"]


def attempts(dovecot: Dovecot, user: str) -> list[str]:
    """Lines of its log about logins of that user, once there is one."""
    deadline = time.monotonic() + 10
    while True:
        found = [line for line in dovecot.log.read_text().splitlines() if f"user=<{user}>" in line]
        if found or time.monotonic() > deadline:
            return found
        time.sleep(0.05)


def test_a_wrong_password_says_where_it_is_kept_and_is_tried_once(tmp_path: Path, dovecot: Dovecot) -> None:
    user = dovecot.user()
    (tmp_path / "wrong").write_text("wrong")
    (tmp_path / "wrong").chmod(0o600)
    more = f'managesieve = "localhost:{dovecot.sieve}"\n'
    told = doctor(tmp_path, account(dovecot, user, more=more).replace('"secret"', '"wrong"'), MAIL.format(name="post"))
    assert told.code == 1
    assert after(told, "✗ account post") == "Correct password_file (wrong); then: homeward auth check post"
    logins = attempts(dovecot, user)
    assert len(logins) == 1 and " imap-login: " in logins[0], "many servers lock an account that is tried too often"


def test_a_password_file_that_others_can_read_says_what_to_type(tmp_path: Path, dovecot: Dovecot) -> None:
    (tmp_path / "open").write_text(PASSWORD)
    (tmp_path / "open").chmod(0o644)
    told = doctor(tmp_path, account(dovecot, dovecot.user()).replace('"secret"', '"open"'), MAIL.format(name="post"))
    assert told.code == 1 and f"Type: chmod 600 {tmp_path / 'open'}" in told.out


def test_a_certificate_that_has_ended_or_is_anothers_is_named(tmp_path: Path) -> None:
    with running_dovecot(days=-1) as expired:
        told = doctor(tmp_path, account(expired, "lea"), MAIL.format(name="post"))
    assert told.code == 1 and "certificate" in told.out and "expired" in told.out
    with running_dovecot(names="DNS:other.example") as other:
        told = doctor(tmp_path, account(other, "lea"), MAIL.format(name="post"))
    assert told.code == 1 and "certificate" in told.out


def test_a_dead_server_does_not_hide_the_other(tmp_path: Path, dovecot: Dovecot) -> None:
    user, port = dovecot.user(), free_port()
    dead = account(dovecot, user, "dead", imap=f"127.0.0.1:{port}")
    told = doctor(tmp_path, dead, account(dovecot, user), MAIL.format(name="dead"), MAIL.format(name="post"))
    assert told.code == 1
    assert f"✗ account dead, 127.0.0.1:{port}: " in told.out and "✗ mailbox dead: " in told.out
    assert f"✓ account post, localhost:{dovecot.imaps}: " in told.out and "✓ mailbox post: 0 messages since yesterday" in told.out
    assert after(told, "✗ account dead") == "is the network there? Then: homeward auth check dead"


def test_a_sent_folder_that_is_not_there_is_told_with_those_that_are(tmp_path: Path, dovecot: Dovecot) -> None:
    told = doctor(tmp_path, account(dovecot, dovecot.user()), MAIL.format(name="post") + 'sent_folder = "Gesendet"\n')
    assert told.code == 1
    assert "Sent" in after(told, "✗ mailbox post has no folder Gesendet")


def test_without_sieve_it_is_said_who_holds_and_who_answers(tmp_path: Path, dovecot: Dovecot) -> None:
    told = doctor(tmp_path, account(dovecot, dovecot.user()), MAIL.format(name="post"))
    assert "· no Sieve for post: homeward sets no autoreply there, and mail is held by this machine" in told.out
    assert after(told, "· mailbox post cannot send") == 'smtp = "…" for its [[account]]'


def test_a_sieve_that_cannot_hold_is_told_before_it_is_needed(tmp_path: Path) -> None:
    with running_dovecot(Shape("plugin {\n  sieve_extensions = -include -variables\n}\n")) as poor:
        more = f'managesieve = "localhost:{poor.sieve}"\n'
        told = doctor(tmp_path, account(poor, "lea", more=more), MAIL.format(name="post") + 'hold = "server"\n')
    assert told.code == 1
    assert after(told, "✗ the Sieve script of post cannot hold mail there") == 'hold = "client" in its [[mail]]'


@pytest.mark.parametrize("words", [(), ("--json",)])
def test_it_changes_nothing_there(tmp_path: Path, dovecot: Dovecot, words: tuple[str, ...]) -> None:
    user = dovecot.user()
    more = f'managesieve = "localhost:{dovecot.sieve}"\n'
    doctor(tmp_path, account(dovecot, user, more=more), MAIL.format(name="post"), words=words)
    made = {path.name for path in (dovecot.home(user) / "Maildir").iterdir() if path.is_dir()}
    assert ".Held" not in made and not list((dovecot.home(user)).glob("sieve/homeward*"))
