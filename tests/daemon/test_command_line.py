"""The `homeward` command up to where a subcommand takes over: help, mistakes, exit codes, and how little it loads."""

from __future__ import annotations

import importlib
import os
import sqlite3
import subprocess
import sys
import tomllib
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import IO, Any

import pytest

from daemon import __main__ as command_line
from daemon.__main__ import main
from daemon.advice import NeedsAnswer, Refused, Usage, explain_failure
from daemon.cli.commands import COMMANDS, GROUPS, module_of, overview
from daemon.ledger import Busy, LedgerError
from daemon.mistakes import ConfigError, Mistake
from integrations.errors import AuthExpired, Permanent, PreconditionFailed, Temporary

ROOT = Path(__file__).parents[2]
HEAVY = (
    "rich",
    "icalendar",
    "recurring_ical_events",
    "googleapiclient",
    "keyring",
    "sqlite3",
    "airportsdata",
    "holidays",
)


def run(*arguments: str, stdout: int | IO[Any] = subprocess.PIPE, **env: str) -> subprocess.CompletedProcess[str]:
    """`homeward` in a process of its own, as a shell would start it."""
    return subprocess.run(
        [sys.executable, "-m", "daemon", *arguments],
        cwd=ROOT,
        env={**os.environ, **env},
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )


@pytest.fixture
def nowhere(tmp_path: Path) -> tuple[str, ...]:
    """Options that name a config and a state that are not there."""
    return ("--config", str(tmp_path / "config.toml"), "--state", str(tmp_path / "state"))


def exit_code(arguments: Sequence[str]) -> int:
    try:
        return main(arguments)
    except SystemExit as end:
        return int(end.code or 0)


# --- help and version -------------------------------------------------------------------------------------------------


def test_help_names_every_command_and_every_exit_code(capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code(["--help"]) == 0
    shown = capsys.readouterr().out
    assert all(f"  {name:<9} {line}" in shown for name, line in COMMANDS.items())
    for number, words in enumerate(
        ("done", "failed", "usage or config", "plan has changes", "refused as unsafe", "needs an answer")
    ):
        assert f"{number} {words}" in shown


def test_without_a_command_the_help_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code([]) == 0
    alone = capsys.readouterr().out
    exit_code(["--help"])
    assert alone == capsys.readouterr().out


def test_every_command_is_in_exactly_one_group() -> None:
    grouped = [name for _, names in GROUPS for name in names]
    assert sorted(grouped) == sorted(COMMANDS)
    assert len(overview().splitlines()) == len(COMMANDS) + len(GROUPS)


def test_every_command_line_fits_a_terminal() -> None:
    assert max(map(len, overview().splitlines())) <= 80


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_an_example(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code([command, "--help"]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith(f"usage: homeward {command}")
    assert f"homeward {command}" in shown.split("\n", 1)[1], "an example that can be typed"


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_says_what_to_do_about_an_option_it_does_not_know(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code([command, "--no-such-option"]) == 2
    assert f"Try: homeward {command} --help" in capsys.readouterr().err


def test_the_version_is_that_of_the_installed_package(capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code(["--version"]) == 0
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert capsys.readouterr().out.strip() in (f"homeward {version}", "homeward (run from its source, not installed)")


# --- mistakes ---------------------------------------------------------------------------------------------------------


def test_a_mistyped_command_gets_a_near_miss(capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code(["statsu"]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err == "homeward: there is no command “statsu”. Did you mean `homeward status`?\nTry: homeward --help\n"


def test_a_command_that_is_near_to_none_gets_no_guess(capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code(["xyzzy"]) == 2
    assert capsys.readouterr().err == "homeward: there is no command “xyzzy”.\nTry: homeward --help\n"


@pytest.mark.parametrize("arguments", [["--bogus"], ["--config"], ["--state"]])
def test_a_wrong_option_is_told_without_a_trace(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code(arguments) == 2
    assert capsys.readouterr().err.endswith("\nTry: homeward --help\n")


def test_without_a_config_the_config_is_named_and_the_next_step_too(
    nowhere: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert exit_code([*nowhere, "plan"]) == 2
    told = capsys.readouterr().err
    assert "config.toml" in told and "homeward init" in told


def test_an_impossible_time_in_the_environment_is_told_as_a_mistake(
    nowhere: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HOMEWARD_NOW", "tomorrow")
    assert exit_code([*nowhere, "plan"]) == 2
    assert "HOMEWARD_NOW" in capsys.readouterr().err


# --- the exit code of every failure -----------------------------------------------------------------------------------


class Command(ModuleType):
    """A command that does `what` when it is run."""

    EXAMPLE = "homeward status"

    def __init__(self, what: Any) -> None:
        super().__init__("daemon.cli.status")
        self.what = what

    def configure(self, parser: Any) -> None:
        parser.add_argument("--flag", action="store_true")

    def run(self, session: Any, arguments: Any) -> int:
        if isinstance(self.what, BaseException):
            raise self.what
        return int(self.what)


@pytest.fixture
def status(monkeypatch: pytest.MonkeyPatch, nowhere: tuple[str, ...]) -> Any:
    """Runs `homeward status` with a body of one's own."""

    def running(what: Any) -> int:
        monkeypatch.setitem(sys.modules, module_of("status"), Command(what))
        return main([*nowhere, "status", "--flag"])

    return running


FAILURES: list[tuple[BaseException, int, str]] = [
    (ConfigError((Mistake("config.toml", 3, "me.name", "7", "a text"),)), 2, "config.toml:3: me.name: found 7; allowed: a text"),
    (Usage("a date is needed"), 2, "homeward: a date is needed"),
    (NeedsAnswer("Is Lisbon a trip? homeward confirm lisbon"), 5, "Is Lisbon a trip? homeward confirm lisbon"),
    (Refused("5 of 5 existing items"), 4, "5 of 5 existing items"),
    (LedgerError("a newer homeward wrote it"), 1, "a newer homeward wrote it"),
    (Busy("another homeward (pid 7) is at work"), 1, "another homeward (pid 7) is at work"),
    (Temporary("the server is busy"), 1, "the server is busy\nNothing is lost; the next pass tries again."),
    (AuthExpired("signed out"), 1, "signed out\nSign in again, then: homeward doctor"),
    (PreconditionFailed("somebody changed it"), 1, "somebody changed it\nNothing was changed by this."),
    (Permanent("the calendar is read-only"), 1, "the calendar is read-only\nNothing was changed by this."),
    (PermissionError(13, "Permission denied", "/x/y.ics"), 1, "/x/y.ics: Permission denied\nNothing was changed by this."),
    (OSError("odd"), 1, "odd\nNothing was changed by this."),
    (sqlite3.OperationalError("database or disk is full"), 1, "the ledger cannot be written or read: database or disk is full\n"),
    (sqlite3.DatabaseError("malformed"), 1, "the ledger is damaged: malformed\n"),
    (MemoryError(), 1, "there is not enough memory for this.\n"),
    (KeyboardInterrupt(), 130, "\nStopped. What was done is in `homeward log`"),
]


@pytest.mark.parametrize(("error", "code", "words"), FAILURES, ids=[type(error).__name__ for error, _, _ in FAILURES])
def test_every_failure_becomes_advice(status: Any, capsys: pytest.CaptureFixture[str], error: Any, code: int, words: str) -> None:
    assert status(error) == code
    told = capsys.readouterr()
    assert told.err.startswith(words)
    assert told.out == ""


@pytest.mark.parametrize("code", [0, 3])
def test_the_code_of_the_command_is_the_code_of_homeward(status: Any, code: int) -> None:
    assert status(code) == code


def test_a_defect_of_ours_shows_its_trace(status: Any) -> None:
    with pytest.raises(ZeroDivisionError):
        status(ZeroDivisionError("ours"))
    assert explain_failure(ZeroDivisionError("ours")) is None


def test_an_error_cannot_act_on_the_terminal(status: Any, capsys: pytest.CaptureFixture[str]) -> None:
    status(Permanent("“\x1b[2J\u202egpj.exe\r” cannot be read"))
    assert capsys.readouterr().err.splitlines()[0] == "“?[2J?gpj.exe?” cannot be read"


# --- poor terminals and closed pipes ----------------------------------------------------------------------------------


def test_a_terminal_without_our_characters_gets_question_marks() -> None:
    shown = run("--help", PYTHONIOENCODING="ascii")
    assert (shown.returncode, shown.stderr) == (0, "")
    assert "COMMAND ?" in shown.stdout


def test_a_reader_that_has_seen_enough_is_no_failure() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as pipe:
        ended = run("--version", stdout=pipe)
    assert (ended.returncode, ended.stderr) == (0, "")


def test_a_reader_that_leaves_in_the_middle_of_a_command_is_no_failure(
    status: Any, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with Path(os.devnull).open("w") as output:
        monkeypatch.setattr(sys, "stdout", output)
        assert status(BrokenPipeError(32, "Broken pipe")) == 0
    assert capfd.readouterr().err == ""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a device that is always full")
def test_an_output_without_room_is_told_and_is_a_failure() -> None:
    with Path("/dev/full").open("w") as full:
        ended = run("--version", stdout=full)
    assert ended.returncode == 1
    assert ended.stderr == "homeward: the output cannot be written: No space left on device\n"


def test_an_output_that_was_closed_is_no_failure(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    assert exit_code(["--version"]) == 0


# --- how little is loaded ---------------------------------------------------------------------------------------------


def loaded(*arguments: str) -> set[str]:
    """Top-level names of all modules that are loaded when the command ends."""
    code = (
        "import sys\nfrom daemon.__main__ import main\n"
        f"try:\n    main({list(arguments)!r})\nexcept SystemExit:\n    pass\n"
        "sys.stderr.write(' '.join(sorted({name.partition('.')[0] for name in sys.modules})))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    return set(done.stderr.split())


@pytest.mark.parametrize("arguments", [["--help"], [], ["--version"], ["statsu"]])
def test_help_and_mistakes_load_nothing_heavy(arguments: list[str]) -> None:
    assert loaded(*arguments) & set(HEAVY) == set()


def test_help_loads_neither_rules_nor_integrations() -> None:
    assert loaded("--help") & {"rules", "integrations"} == set()


@pytest.mark.parametrize("command", COMMANDS)
def test_the_help_of_a_command_loads_nothing_heavy(command: str) -> None:
    assert loaded(command, "--help") & {"rich", "icalendar", "googleapiclient", "keyring"} == set()


def test_every_command_is_a_module_with_what_the_command_line_needs() -> None:
    for command in COMMANDS:
        module = importlib.import_module(module_of(command))
        assert callable(module.configure) and callable(module.run) and isinstance(module.EXAMPLE, str), command


def test_the_entry_point_of_the_package_is_this_command() -> None:
    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["scripts"]
    assert scripts == {"homeward": f"{command_line.__name__}:{main.__name__}"}
