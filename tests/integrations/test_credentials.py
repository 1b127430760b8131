"""Where the password of an account comes from, in which order, and what is said where it cannot be had."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from integrations.credentials import NAME, Credentials
from integrations.errors import AuthExpired, OutsideError, Permanent, Temporary
from integrations.ports import Secrets
from integrations.secrets import MemorySecrets


def kept(value: str = "") -> Callable[[], Secrets]:
    keyring = MemorySecrets()
    if value:
        keyring.set("work", NAME, value)
    return lambda: keyring


def printing(code: str) -> tuple[str, ...]:
    return (sys.executable, "-c", code)


def private(path: Path, content: str = "from-file\nsecond line\n", mode: int = 0o600) -> Path:
    path.write_text(content)
    path.chmod(mode)
    return path


def refused(credentials: Credentials) -> OutsideError:
    with pytest.raises(OutsideError) as caught:
        credentials.secret()
    return caught.value


def test_the_keyring_is_asked_where_nothing_else_is_set_up() -> None:
    credentials = Credentials("work", kept("from-keyring"))
    assert (credentials.secret(), credentials.source, credentials.kept_by_us) == ("from-keyring", "the keyring", True)


def test_each_place_comes_before_the_next(tmp_path: Path) -> None:
    (tmp_path / "homeward.work").write_text("from-systemd\n")
    file = str(private(tmp_path / "password"))
    fetch = printing("print('from-command'); print('more')")
    assert Credentials("work", kept("k"), handed_over=tmp_path).secret() == "from-systemd"
    assert Credentials("work", kept("k"), file=file, handed_over=tmp_path).secret() == "from-file"
    assert Credentials("work", kept("k"), fetch=fetch, file=file, handed_over=tmp_path).secret() == "from-command"
    assert Credentials("other", kept(), handed_over=tmp_path).source == "the keyring"


def test_it_is_asked_once_and_again_only_after_it_was_dropped(tmp_path: Path) -> None:
    file = private(tmp_path / "password", "old")
    credentials = Credentials("work", kept(), file=str(file))
    assert credentials.secret() == "old"
    private(file, "new")
    assert credentials.secret() == "old"
    credentials.drop()
    assert credentials.secret() == "new"


def test_without_any_the_user_has_to_sign_in() -> None:
    error = refused(Credentials("work", kept()))
    assert isinstance(error, AuthExpired) and "account work" in error.what


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_file_that_others_can_read_is_refused_with_what_to_type(tmp_path: Path, mode: int) -> None:
    file = private(tmp_path / "password", mode=mode)
    error = refused(Credentials("work", kept("k"), file=str(file)))
    assert isinstance(error, Permanent) and error.what.endswith(f"Type: chmod 600 {file}")
    assert "from-file" not in error.what


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_a_file_of_somebody_else_is_refused(tmp_path: Path) -> None:
    file = private(tmp_path / "password")
    os.chown(file, 12345, 12345)
    assert "somebody else" in refused(Credentials("work", kept(), file=str(file))).what


def test_a_file_that_is_not_there_or_no_file_is_told(tmp_path: Path) -> None:
    assert "No such file" in refused(Credentials("work", kept(), file=str(tmp_path / "none"))).what
    assert "is no file" in refused(Credentials("work", kept(), file=str(tmp_path))).what


@pytest.mark.parametrize(
    ("code", "kind", "told"),
    [
        ("import sys; print('half'); print('the-secret', file=sys.stderr); sys.exit(3)", Temporary, "failed (3)"),
        ("pass", AuthExpired, "No password is kept"),
        ("print('a\\x1bb')", Permanent, "control characters"),
        ("import sys; sys.stdout.buffer.write(b'\\xff\\n')", Permanent, "not UTF-8"),
    ],
)
def test_a_command_that_gives_nothing_usable_is_told_without_its_words(
    code: str, kind: type, told: str, capfd: pytest.CaptureFixture[str]
) -> None:
    error = refused(Credentials("work", kept(), fetch=printing(code)))
    assert isinstance(error, kind) and told in error.what
    assert not {"the-secret", "half"} & set(error.what.split())
    assert capfd.readouterr() == ("", "")


def test_a_command_that_is_not_installed_is_named() -> None:
    error = refused(Credentials("work", kept(), fetch=("/nowhere/pass", "show", "x")))
    assert isinstance(error, Permanent) and "command pass of password_fetch cannot be run" in error.what


def test_a_command_that_hangs_is_ended_with_all_that_it_started(tmp_path: Path) -> None:
    mark = tmp_path / "pid"
    code = (
        f"import os, time\nif os.fork(): open({str(mark)!r}, 'w').write(str(os.getpid()))\ntime.sleep(60)  # both hold the pipe"
    )
    before = time.monotonic()
    error = refused(Credentials("work", kept(), fetch=printing(code), fetch_seconds=1))
    assert isinstance(error, Temporary) and "no answer within 1 s" in error.what
    assert time.monotonic() - before < 10
    with pytest.raises(ProcessLookupError):
        os.kill(int(mark.read_text()), 0)


def test_no_shell_sees_the_command() -> None:
    fetch = (*printing("import sys; print(sys.argv[1])"), "$(id); `id` > x")
    assert Credentials("work", kept(), fetch=fetch).secret() == "$(id); `id` > x"


class Odd(MemorySecrets):
    """A keyring that does something else than to answer."""

    def __init__(self, instead: Callable[[], None]) -> None:
        super().__init__()
        self._instead = instead

    def get(self, account_id: str, name: str) -> str | None:
        self._instead()
        return None


def test_a_keyring_that_asks_on_a_screen_is_not_waited_for() -> None:
    keyring = Odd(lambda: time.sleep(5))
    error = refused(Credentials("work", lambda: keyring, keyring_seconds=0.05))
    assert isinstance(error, Temporary) and error.what.startswith("Waiting for the keyring")


def test_a_keyring_that_fails_says_so_without_its_words_or_a_trace(capfd: pytest.CaptureFixture[str]) -> None:
    def fail() -> None:
        raise RuntimeError("the-secret")

    error = refused(Credentials("work", lambda: Odd(fail)))
    assert isinstance(error, Temporary) and "RuntimeError" in error.what and "the-secret" not in error.what
    assert error.__cause__ is None and capfd.readouterr().err == ""


def test_a_machine_without_a_keyring_says_so() -> None:
    def none() -> Secrets:
        raise Permanent("There is no keyring here.")

    assert refused(Credentials("work", none)).what == (
        "There is no keyring here. Or set password_fetch or password_file of the account work."
    )


def test_the_secret_is_shown_by_no_repr(tmp_path: Path) -> None:
    credentials = Credentials("work", kept("from-keyring"))
    credentials.secret()
    assert "from-keyring" not in repr(credentials)
