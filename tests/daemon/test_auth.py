"""`homeward auth` with a real keyring and a real calendar server, and what is said where there is none."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from on_servers import LEA, LOCAL, OFFICE
from shell import NOW, Told, environment, type_, type_alone
from test_commands import at_a_terminal

from tests.servers.calendar_server import PASSWORD
from tests.servers.dovecot import free_port
from tests.servers.keyring import Keyring, running_keyring
from tests.servers.radicale import Radicale

CONFIG = LEA + LOCAL + OFFICE


@pytest.fixture(scope="module")
def keyring() -> Iterator[Keyring]:
    with running_keyring() as started:
        yield started


@pytest.fixture
def root(tmp_path: Path, radicale: Radicale) -> Path:
    radicale.new_calendar()
    (tmp_path / "config.toml").write_text(CONFIG.format(url=radicale.url))
    return tmp_path


def said(root: Path, keyring: Keyring, *words: str, typed: str = "", now: str = NOW) -> Told:
    """A command in a process of its own, with the keyring; `typed` comes through a pipe."""
    env = {**environment(root, now), "DBUS_SESSION_BUS_ADDRESS": keyring.env["DBUS_SESSION_BUS_ADDRESS"]}
    command = [sys.executable, "-m", "daemon", *words]
    done = subprocess.run(command, env=env, input=typed, capture_output=True, text=True, check=False, timeout=60)
    return Told(done.returncode, done.stdout, done.stderr)


def test_a_password_is_tried_kept_used_and_forgotten(root: Path, keyring: Keyring) -> None:
    told = said(root, keyring, "auth", "set", "office", "--stdin", typed=f"{PASSWORD}\n")
    assert (told.code, told.out.splitlines()[-1]) == (0, "Kept in the keyring, for the account office."), told.all
    checked = said(root, keyring, "auth", "check")
    assert checked.code == 0 and "office (lea, password from the keyring)" in checked.out
    assert said(root, keyring, "calendars").code == 0
    assert said(root, keyring, "auth", "forget", "office").out == "Forgotten: the password of office.\n"
    after = said(root, keyring, "auth", "check", "office")
    assert after.code == 1 and "Sign in again: homeward auth set office" in after.out
    assert said(root, keyring, "auth", "forget", "office").out == "No password of office was in the keyring.\n"
    assert PASSWORD not in told.all + checked.all + after.all


def test_after_a_refusal_set_and_check_open_the_way_again(root: Path, keyring: Keyring) -> None:
    with (root / "config.toml").open("a") as config:
        config.write('[[calendar]]\nid = "c"\naccount = "office"\ncollection = "/lea/cal1/"\n')
    said(root, keyring, "auth", "forget", "office")
    assert "Sign in again: homeward auth set office" in said(root, keyring, "plan").err
    assert "not tried yet" in said(root, keyring, "plan").err
    assert said(root, keyring, "auth", "set", "office", "--stdin", typed=PASSWORD).code == 0
    assert "not tried yet" not in said(root, keyring, "plan").all


def test_a_wrong_password_is_not_kept_and_what_was_kept_stays(root: Path, keyring: Keyring) -> None:
    assert said(root, keyring, "auth", "set", "office", "--stdin", typed=PASSWORD).code == 0
    told = said(root, keyring, "auth", "set", "office", "--stdin", typed="wrong\n")
    assert told.code == 1 and "Nothing was kept." in told.out and "app password" in told.out
    assert said(root, keyring, "auth", "check", "office").code == 0


@pytest.mark.parametrize(
    ("typed", "told"), [("", "no password was given"), ("\n", "no password"), ("a\x1bb\n", "control characters")]
)
def test_what_can_be_no_password_is_not_kept(root: Path, keyring: Keyring, typed: str, told: str) -> None:
    shown = said(root, keyring, "auth", "set", "office", "--stdin", typed=typed)
    assert shown.code == 2 and told in shown.err


def test_what_is_not_utf8_is_told_without_a_trace(root: Path, keyring: Keyring) -> None:
    env = {**environment(root), **keyring.env, "PYTHONUTF8": "1"}
    command = [sys.executable, "-m", "daemon", "auth", "set", "office", "--stdin"]
    done = subprocess.run(command, env=env, input=b"p\xffw\n", capture_output=True, check=False, timeout=60)
    assert done.returncode == 2 and b"Traceback" not in done.stderr, done.stderr


def test_a_server_that_is_not_there_is_no_reason_to_keep_a_password_untried(root: Path, keyring: Keyring) -> None:
    (root / "config.toml").write_text(CONFIG.format(url=f"http://127.0.0.1:{free_port()}").replace('"office"', '"away"'))
    told = said(root, keyring, "auth", "set", "away", "--stdin", typed="anything\n")
    assert told.code == 1 and "Nothing was kept." in told.out and "homeward auth set away --untried" in told.out
    assert said(root, keyring, "auth", "set", "away", "--stdin", "--untried", typed="anything\n").code == 0
    assert said(root, keyring, "auth", "forget", "away").out.startswith("Forgotten")


def test_at_a_terminal_the_password_is_asked_for_without_an_echo(
    root: Path, keyring: Keyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", keyring.env["DBUS_SESSION_BUS_ADDRESS"])
    code, screen = at_a_terminal(root, [PASSWORD], "auth", "set", "office")
    assert code == 0 and "Password of lea: " in screen and PASSWORD not in screen


def test_ctrl_c_at_the_password_keeps_nothing(root: Path, keyring: Keyring, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", keyring.env["DBUS_SESSION_BUS_ADDRESS"])
    said(root, keyring, "auth", "forget", "office")
    code, screen = at_a_terminal(root, ["^C"], "auth", "set", "office")
    assert code == 130 and screen.endswith("Stopped; nothing was done.\n")
    assert said(root, keyring, "auth", "check").code == 1


def test_a_locked_keyring_is_waited_for_and_never_asked_to_open(root: Path) -> None:
    with running_keyring() as locked:
        assert said(root, locked, "auth", "set", "office", "--stdin", typed=PASSWORD).code == 0
        locked.lock()
        before = time.monotonic()
        told = said(root, locked, "auth", "check")
        assert told.code == 1 and "Waiting for the keyring: it is locked." in told.out
        assert time.monotonic() - before < 15


# --- without a keyring ------------------------------------------------------------------------------------------------


@pytest.fixture
def alone(root: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine without a desktop."""
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", f"unix:path={root}/nowhere")
    return root


def test_without_a_keyring_it_is_said_what_else_there_is(alone: Path) -> None:
    told = type_alone(alone, "auth", "set", "office", "--stdin")
    assert told.code == 1 and "no keyring" in told.err
    checked = type_alone(alone, "auth", "check")
    assert checked.code == 1 and "set password_fetch or password_file of the account office" in checked.out


def test_a_private_file_does_as_well_and_set_says_so(alone: Path) -> None:
    secret = alone / "secret"
    secret.write_text(PASSWORD)
    secret.chmod(0o600)
    with (alone / "config.toml").open("a") as config:
        config.write('password_file = "secret"\n')
    assert type_(alone, "auth", "check").code == 0
    told = type_(alone, "auth", "set", "office", "--stdin")
    assert told.code == 2 and "takes its password from password_file (secret)" in told.err
    secret.chmod(0o644)
    checked = type_(alone, "auth", "check")
    assert checked.code == 1 and "can be read by others. Type: chmod 600" in checked.out


# --- what makes no sense ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("auth set", "which account? One of: office"),
        ("auth set ofice", 'there is no account “ofice” on a server. Did you mean "office"?'),
        ("auth forget local", "there is no account “local” on a server. One of: office"),
        ("auth sell office", "invalid choice: 'sell'"),
        ("auth", "the following arguments are required: VERB"),
    ],
)
def test_what_makes_no_sense_says_what_would(root: Path, words: str, told: str) -> None:
    shown = type_(root, *words.split())
    assert shown.code == 2 and told in shown.err


def test_without_an_account_there_is_nothing_to_sign_in_to(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(LEA)
    shown = type_(tmp_path, "auth", "check")
    assert shown.code == 0 and "nothing to sign in to" in shown.out


def test_nobody_there_to_answer_is_told_what_to_use(root: Path, keyring: Keyring) -> None:
    told = said(root, keyring, "auth", "set", "office")
    assert told.code == 5 and "--stdin" in told.err


def test_the_password_is_never_a_word_of_the_command_line(root: Path) -> None:
    assert type_(root, "auth", "set", "office", PASSWORD).code == 2
