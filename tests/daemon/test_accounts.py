"""What an account does with a server that refuses it or does not answer: it is not asked over and over, and nobody else waits."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from daemon.accounts import Account, credentials_of
from daemon.advice import explain_failure
from daemon.clock import FixedClock
from integrations.credentials import Credentials
from integrations.errors import AuthExpired, PreconditionFailed, Temporary
from integrations.secrets import MemorySecrets
from rules.policy import AccountConfig

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


class Server:
    """Says what it is told to say, and counts who asks."""

    id = "work"

    def __init__(self) -> None:
        self.asked = 0
        self.closed = False
        self.trouble: Exception | None = None

    def read(self, what: str) -> str:
        self.asked += 1
        if self.trouble is not None:
            raise self.trouble
        return f"read {what}"

    def close(self) -> None:
        self.closed = True


def account(clock: FixedClock, **said: object) -> Account:
    config = AccountConfig(id="office", kind="caldav", user="mia", url="https://cal.example.org", **said)  # type: ignore[arg-type]
    keyring = MemorySecrets()
    keyring.set("office", "secret", "old")
    return Account(config, clock, Credentials("office", lambda: keyring, file=config.password_file))


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOW)


def test_calls_go_through_and_what_is_no_call_is_as_it_was(clock: FixedClock) -> None:
    server = Server()
    seen = account(clock).watched(server, "calendars")
    assert (seen.read("all"), seen.id, seen.asked) == ("read all", "work", 1)
    seen.close()
    assert server.closed


def test_what_needs_no_server_is_told_even_after_a_refusal(clock: FixedClock) -> None:
    server, one = Server(), account(clock)
    seen = one.watched(server, "imap", "read")
    refused(one, Server())
    assert seen.read("x") == "read x"


def test_a_server_that_does_not_answer_is_not_asked_again_in_the_same_pass(clock: FixedClock) -> None:
    server, one = Server(), account(clock)
    first, second = one.watched(server, "imap"), one.watched(server, "imap")
    server.trouble = Temporary("imap.example.org did not answer within 10 s.", timedelta(minutes=15))
    for seen in (first, second, first):
        with pytest.raises(Temporary, match="did not answer within 10 s"):
            seen.read("x")
    assert server.asked == 1
    server.trouble = None
    clock.advance(timedelta(minutes=5))
    assert first.read("x") == "read x"


def test_another_server_of_the_same_account_is_asked_all_the_same(clock: FixedClock) -> None:
    silent, alive, one = Server(), Server(), account(clock)
    silent.trouble = Temporary("no answer")
    with pytest.raises(Temporary):
        one.watched(silent, "imap").read("x")
    assert one.watched(alive, "smtp").read("x") == "read x"


def test_what_somebody_else_changed_is_no_reason_to_stop_asking(clock: FixedClock) -> None:
    server, one = Server(), account(clock)
    server.trouble = PreconditionFailed("changed")
    for _ in range(2):
        with pytest.raises(PreconditionFailed):
            one.watched(server, "calendars").read("x")
    assert server.asked == 2


def refused(one: Account, server: Server) -> AuthExpired:
    server.trouble = AuthExpired("cal.example.org did not accept the login.")
    with pytest.raises(AuthExpired) as caught:
        one.watched(server, "calendars").read("x")
    return caught.value


def test_a_refused_login_names_the_account_and_what_to_type_and_is_not_tried_again(clock: FixedClock) -> None:
    server, one = Server(), account(clock)
    error = refused(one, server)
    assert error.account == "office"
    told = explain_failure(error)
    assert told is not None
    assert told.text.splitlines()[0].endswith("did not accept the login. Sign in again: homeward auth set office")
    clock.advance(timedelta(hours=1))
    other = Server()
    with pytest.raises(AuthExpired, match="homeward auth set office"):
        one.watched(other, "smtp").read("x")
    assert (server.asked, other.asked) == (1, 0), "a wrong password tried over and over locks the account"


def test_where_the_user_keeps_the_password_elsewhere_that_is_named(clock: FixedClock, tmp_path: Path) -> None:
    error = refused(account(clock, password_file=str(tmp_path / "secret")), Server())
    assert error.what.endswith("Correct password_file (secret); then: homeward auth check office")


def test_a_refused_secret_is_forgotten(clock: FixedClock, tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("old")
    file.chmod(0o600)
    one = account(clock, password_file=str(file))
    assert one.login().secret() == "old"
    file.write_text("new")
    refused(one, Server())
    assert one.login().secret() == "new"


def test_wiring_loads_no_library_that_nothing_needs() -> None:
    code = "import daemon.connect, sys; print(*sys.modules)"
    loaded = set(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split())
    assert not loaded & {
        "imapclient",
        "urllib3",
        "smtplib",
        "keyring",
        "daemon.accounts",
        "integrations.imap",
        "integrations.caldav",
    }


def test_what_systemd_hands_over_is_found_by_the_account(tmp_path: Path) -> None:
    (tmp_path / "homeward.office").write_text("handed over\n")
    config = AccountConfig(id="office", kind="imap", user="mia", imap="imap.example.org")
    secret: Callable[[], str] = credentials_of(config, {"CREDENTIALS_DIRECTORY": str(tmp_path)}).secret
    assert secret() == "handed over"
