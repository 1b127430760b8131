"""The commands as somebody meets them who has never seen homeward: real runs, with good input and with bad, on the home of the
demonstration. What deputies decide and windows do is tested elsewhere; here, what stands on the screen, and the exit code."""

from __future__ import annotations

import json
import os
import pty
import select
import subprocess
import sys
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest

from daemon.__main__ import main
from daemon.cli.commands import COMMANDS
from tests.daemon.stages import deliver_mail, files, subjects

ROOT = Path(__file__).parents[2]
NOW = "2026-11-23T09:00+01:00"
AWAY = "2026-11-30T11:40+00:00"
MOMENT = datetime.fromisoformat(AWAY)


@dataclass(frozen=True, slots=True)
class Shown:
    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()


Type = Callable[..., Shown]


@pytest.fixture
def type_(home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Type:
    """Types one command in the home of the demonstration; `now` moves the clock."""
    for name, value in environment(home).items():
        monkeypatch.setenv(name, value)

    def typed(*words: str, now: str = NOW) -> Shown:
        monkeypatch.setenv("HOMEWARD_NOW", now)
        try:
            code = main(words)
        except SystemExit as end:
            code = int(end.code or 0)
        return Shown(code, *capsys.readouterr())

    return typed


def environment(root: Path) -> dict[str, str]:
    config, state = str(root / "config.toml"), str(root / "state")
    return {"HOME": str(root), "HOMEWARD_CONFIG": config, "HOMEWARD_STATE": state, "HOMEWARD_NOW": NOW, "EMAIL": ""}


def at_a_terminal(root: Path, answers: list[str | Callable[[str], str]], *words: str) -> tuple[int, str]:
    """Exit code and screen of a command whose questions somebody answers; "^C" is the key of that name. What can be called is
    given the screen."""
    child, terminal = pty.fork()
    if child == 0:
        os.environ.update({**environment(root), "NO_COLOR": "1", "PYTHONPATH": str(ROOT), "TERM": "dumb"})
        os.execv(sys.executable, [sys.executable, "-m", "daemon", *words])
    screen, asked, stopping = b"", 0, False
    for _ in range(300):
        if select.select([terminal], [], [], 0.5)[0]:
            try:
                screen += os.read(terminal, 65536)
            except OSError:
                break
        elif stopping:
            os.write(terminal, b"\x03")  # a key that comes while the question is still being written is lost
        if answers and screen[asked:].endswith((b": ", b"] ")):
            asked = len(screen)
            answer = answers.pop(0)
            answer = answer if isinstance(answer, str) else answer(screen.decode())
            stopping = answer == "^C"
            os.write(terminal, b"\x03" if stopping else f"{answer}\n".encode())
    _, status = os.waitpid(child, 0)
    os.close(terminal)
    return os.waitstatus_to_exitcode(status), screen.decode().replace("\r\n", "\n")


def remembers(root: Path) -> bool:
    return (root / "state" / "ledger.db").exists()


# --- without a config -------------------------------------------------------------------------------------------------

NEED_A_CONFIG = (
    "plan", "apply", "status", "trips", "why", "trip", "pass", "undo", "log", "inbox", "brief", "digest", "back",
    "extend 2026-12-07", "accept ana", "decline ana", "confirm x", "dismiss x", "inbox release", "undo --all",
)  # fmt: skip


@pytest.mark.parametrize("words", NEED_A_CONFIG)
def test_without_a_config_the_next_step_is_said_and_nothing_is_made(home: Path, type_: Type, words: str) -> None:
    (home / "config.toml").unlink()
    before = files(home)
    shown = type_(*words.split())
    assert (shown.code, shown.out) == (2, "")
    assert shown.err.splitlines() == [
        f"There is no config yet: {home / 'config.toml'}",
        "To write one: homeward init",
        "Only to look at a calendar, none is needed: homeward trips FILE.ics",
    ]
    assert files(home) == before and not (home / "state").exists()


@pytest.mark.parametrize("words", ["trips", "trips --json", "plan", "plan --json", "plan --verbose", "why", "why --json"])
def test_a_file_needs_no_config_and_nothing_is_written_anywhere(home: Path, type_: Type, words: str) -> None:
    (home / "config.toml").unlink()
    before = {path: path.stat().st_mtime_ns for path in home.rglob("*")}
    command, *options = words.split()
    file = str(home / "calendars" / "travel.ics")
    shown = type_(command, file, *options, "--home", "Europe/Berlin", "--as", "lena@example.org")
    assert (shown.code, shown.err) == (0, "")
    assert "Lisbon" in shown.out
    assert {path: path.stat().st_mtime_ns for path in home.rglob("*")} == before


def test_the_plan_of_a_file_shows_what_would_be_done_for_its_owner(home: Path, type_: Type) -> None:
    shown = type_("plan", str(home / "calendars" / "travel.ics"), "--home", "Europe/Berlin")
    assert "Hold the inbox" in shown.out and "Set the autoreply" in shown.out and "family time" in shown.out
    assert shown.lines[-1] == "This is what homeward would do for you. To let it: homeward init"


def test_trips_of_a_file_keeps_the_contract_of_its_json(home: Path, type_: Type) -> None:
    shown = type_("trips", str(home / "calendars" / "travel.ics"), "--home", "Europe/Berlin", "--json")
    (absence,) = json.loads(shown.out)["absences"]
    assert list(absence) == ["id", "kind", "start", "end", "nights", "confidence", "action", "places", "evidence"]
    assert {tuple(place) for place in absence["places"]} == {("from", "to", "zone")}
    assert {tuple(entry) for entry in absence["evidence"]} == {("uid", "summary", "verdict", "confidence", "because")}
    assert (absence["kind"], absence["nights"], absence["action"]) == ("trip", 4, "act")


def test_why_of_a_file_prints_one_object_for_each_occurrence(home: Path, type_: Type) -> None:
    shown = type_("why", str(home / "calendars" / "family.ics"), "--json", "--from", "2026-11-01", "--to", "2026-12-31")
    found = [json.loads(line) for line in shown.lines]
    assert {tuple(each) for each in found} == {("uid", "recurrence_id", "summary", "verdict", "confidence", "because")}
    assert {each["verdict"] for each in found if each["summary"].startswith("Weihnachtsferien")} == {"neither"}


@pytest.mark.parametrize("command", ["trips", "plan", "why"])
def test_a_file_that_is_not_there_is_a_mistake_of_the_user(type_: Type, command: str) -> None:
    shown = type_(command, "/nowhere/calendar.ics")
    assert (shown.code, shown.out) == (2, "")
    assert shown.err == "homeward: there is no file or folder “/nowhere/calendar.ics”.\n"


@pytest.mark.parametrize("command", ["trips", "plan", "why"])
def test_a_file_that_is_no_calendar_fails_and_json_stays_json(home: Path, type_: Type, command: str) -> None:
    shown = type_(command, str(home / "config.toml"), "--json")
    assert (shown.code, shown.err) == (1, "config.toml: it is not a calendar (no VCALENDAR)\n")
    assert not shown.out or not any(json.loads(shown.out).get(key) for key in ("absences", "changes"))


def test_what_could_not_be_read_stands_beside_the_answer_not_in_it(type_: Type) -> None:
    for file in sorted((ROOT / "tests" / "integrations" / "calendars").glob("*.ics")):
        shown = type_("trips", str(file), "--json")
        assert list(json.loads(shown.out)) == ["absences"], file.name
        assert all(line.startswith(file.name) for line in shown.err.splitlines()), shown.err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("trips calendars --home Mars", "homeward: “Mars” is no time zone; write one like Europe/Berlin.\n"),
        ("trips calendars --from tomorrow", "homeward: argument --from: “tomorrow” is no date; write 2026-12-01\n"),
        ("trips calendars --from 2027-01-01 --to 2026-01-01", "homeward: --to lies before --from.\n"),
    ],
)
def test_a_wrong_option_says_what_to_write(
    home: Path, type_: Type, monkeypatch: pytest.MonkeyPatch, words: str, told: str
) -> None:
    monkeypatch.chdir(home)
    shown = type_(*words.split())
    assert (shown.code, shown.out) == (2, "")
    assert shown.err.startswith(told)


# --- help and options -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["trips", "why"])
def test_the_help_documents_the_json(type_: Type, command: str) -> None:
    told = type_(command, "--help").out
    assert all(f'"{key}"' in told for key in ("uid", "summary", "verdict", "confidence", "because"))


@pytest.mark.parametrize("command", COMMANDS)
def test_help_can_be_asked_for_as_a_word(type_: Type, command: str) -> None:
    assert type_("help", command) == type_(command, "--help")


def test_config_and_state_may_stand_after_the_command(home: Path, type_: Type, tmp_path: Path) -> None:
    other = (home / "config.toml").rename(home / "other.toml")
    shown = type_("plan", "--config", str(other), "--state", str(tmp_path / "elsewhere"))
    assert shown.code == 0 and "Lisbon" in shown.out
    assert (tmp_path / "elsewhere" / "ledger.db").exists() and not (home / "state").exists()


def test_every_mistake_in_the_config_is_told_at_once(home: Path, type_: Type) -> None:
    config = home / "config.toml"
    text = config.read_text("utf-8").replace('"Europe/Berlin"', '"Mars"').replace("decide = 4", "decide = 9")
    config.write_text(text.replace("rotation =", "rotatoin ="), "utf-8")
    shown = type_("plan")
    assert (shown.code, shown.out) == (2, "")
    assert all(word in shown.err for word in ("Mars", "rotatoin", "9")) and shown.err.count("config.toml:") == 3
    assert shown.err.endswith("\nNothing was done. Correct that, then: homeward doctor\n")
    assert type_("doctor").code == 2


# --- init -------------------------------------------------------------------------------------------------------------


def test_init_takes_flags_and_what_it_wrote_works(home: Path, type_: Type) -> None:
    (home / "config.toml").unlink()
    calendars = home / "calendars"
    me = ("--name", "Lena Berg", "--address", "lena@example.org", "--home", "Berlin, DE", "--zone", "Europe/Berlin")
    theirs = ("--calendar", f"mine={calendars / 'work'}", "--calendar", f"travel={calendars / 'travel.ics'}")
    shown = type_("init", "--yes", *me, *theirs)
    assert (shown.code, shown.lines[0]) == (0, f"Wrote {home / 'config.toml'}.")
    assert "Trip to Lisbon" in type_("trips").out
    assert not remembers(home), "looking makes no ledger"


def test_init_asks_and_takes_an_empty_answer_for_its_proposal(home: Path) -> None:
    (home / "config.toml").unlink()
    answers = ["Lena Berg", "nonsense", "lena@example.org", "Berlin, DE", "Europe/Berlin", "en, de", "none", "", "none"]
    code, screen = at_a_terminal(home, answers, "init")
    assert code == 0, screen
    assert "That cannot be. Your mail addresses" in screen
    text = (home / "config.toml").read_text("utf-8")
    assert 'languages = ["en", "de"]' in text and 'path = "~/Maildir"' in text


def test_init_never_overwrites(home: Path, type_: Type) -> None:
    before = files(home)
    shown = type_("init", "--yes", "--name", "X", "--address", "x@example.org")
    assert shown.code == 2 and "is there already and is not overwritten" in shown.err
    assert files(home) == before


@pytest.mark.parametrize(
    ("flags", "told"),
    [
        ("--yes", "your name and an address of yours are needed"),
        ("--yes --name L --address nonsense", 'me.addresses[#1]: found "nonsense"'),
        ("--yes --name L --address l@x.org --zone Mars/X", 'me.home_zone: found "Mars/X"'),
        ("--yes --name L --address l@x.org --calendar work", "write --calendar ROLE=PATH"),
    ],
)
def test_init_leaves_no_config_that_does_not_load(home: Path, type_: Type, flags: str, told: str) -> None:
    (home / "config.toml").unlink()
    shown = type_("init", *flags.split())
    assert shown.code == 2 and told in shown.err
    assert not (home / "config.toml").exists()


def test_init_stopped_in_a_question_leaves_nothing(home: Path) -> None:
    (home / "config.toml").unlink()
    code, screen = at_a_terminal(home, ["Lena", "^C"], "init")
    assert code == 130 and screen.endswith("\nStopped; nothing was written.\n")
    assert not (home / "config.toml").exists()


# --- plan and apply ---------------------------------------------------------------------------------------------------


def test_the_plan_tells_each_thing_once_and_names_people(type_: Type) -> None:
    shown = type_("plan")
    assert shown.code == 0
    assert "  + Block Mon 7 Dec 13:00–16:00 for family time (3 h, calendars family and work)" in shown.lines
    assert "  + Send the brief on Thu 26 Nov 09:00 to Ana Silva, Ben Roth, Carla Conti and Dan Okafor" in shown.lines
    assert "      if they decline: Carla Conti" in shown.lines
    assert len([line for line in shown.lines if "owe" in line]) == 1
    changes = [line for line in shown.lines if line.startswith("  + ")]
    assert len(changes) == len(set(changes)) and f"{len(changes)} to create." in shown.out
    assert shown.lines[-1] == "Nothing has been changed yet. To do it: homeward apply"


def test_a_plan_with_changes_has_an_exit_code_of_its_own_if_asked(type_: Type) -> None:
    assert type_("plan", "--detailed-exitcode").code == 3
    assert type_("apply", "--yes").code == 0
    assert type_("plan", "--detailed-exitcode").code == 0


def test_apply_refuses_a_plan_that_was_not_the_one_shown(home: Path, type_: Type) -> None:
    type_("plan")
    path = home / "calendars" / "travel.ics"
    path.write_bytes(path.read_bytes().replace(b"20261204T", b"20261203T"))
    before = files(home)
    shown = type_("apply", "--yes")
    assert (shown.code, shown.out) == (4, "")
    assert shown.err.startswith("The plan has changed since it was shown") and shown.err.endswith("homeward plan\n")
    assert files(home) == before
    type_("plan")
    assert type_("apply", "--yes").code == 0


@pytest.mark.parametrize("words", ["apply", "trip", "trip Porto 2026-12-14 2026-12-16", "confirm Lisbon", "back 2026-12-03"])
def test_where_nobody_is_there_to_answer_nothing_is_done(home: Path, type_: Type, words: str) -> None:
    before = files(home)
    shown = type_(*words.split())
    assert shown.code == 5
    assert shown.err.startswith("Do this? [y/N]\nNobody is there to answer: run it in a terminal, or with --yes.\n")
    assert files(home) == before


NOES = [("n", 0, "Nothing was changed."), ("^C", 130, "Stopped; nothing was done.")]


@pytest.mark.parametrize(("answer", "code", "words"), NOES)
def test_a_no_to_the_plan_changes_nothing(home: Path, answer: str, code: int, words: str) -> None:
    before = files(home)
    ended, screen = at_a_terminal(home, [answer], "apply")
    assert (ended, screen.splitlines()[-1].removeprefix("Do this? [y/N] n")) == (code, words)
    assert files(home) == before


def test_a_yes_to_the_plan_does_it_and_does_not_repeat_it(home: Path, type_: Type) -> None:
    code, screen = at_a_terminal(home, ["y"], "apply")
    assert code == 0 and screen.endswith("  ✓ Done, as shown.\n")
    assert "Nothing to do" in type_("plan").out


def test_a_reader_that_has_seen_enough_hears_no_complaint(home: Path) -> None:
    command = f"{sys.executable} -m daemon plan --verbose | head -1"
    env = {**os.environ, **environment(home), "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, shell=True, env=env, capture_output=True, text=True, check=False)
    assert done.stdout.startswith("Trip to Lisbon") and done.stderr == ""


# --- what if ----------------------------------------------------------------------------------------------------------


def test_what_if_shows_only_what_would_be_different_and_changes_nothing(home: Path, type_: Type) -> None:
    type_("apply", "--yes")
    before = files(home)
    shown = type_("plan", "--if", "back 2026-12-03 18:00")
    assert shown.code == 0
    assert "  - Remove family time on Tue 8 Dec 13:00–14:00 (1 h, calendars family and work)" in shown.lines
    assert not any("Monday team meeting" in line for line in shown.lines)
    assert shown.lines[-1] == 'Only supposed; nothing was changed. To make it so: homeward back "2026-12-03 18:00"'
    assert files(home) == before
    assert type_("plan", "--detailed-exitcode").code == 0


@pytest.mark.parametrize("what", ["nonsense", "back 2026-13-03", "", "leave"])
def test_what_if_of_nonsense_says_what_to_write(type_: Type, what: str) -> None:
    shown = type_("plan", "--if", what)
    assert (shown.code, shown.out) == (2, "")
    assert "leave 2026-12-03" in shown.err


# --- trip -------------------------------------------------------------------------------------------------------------


def test_a_trip_is_announced_and_only_that_trip_is_done(type_: Type) -> None:
    shown = type_("trip", "Porto", "2026-12-14", "2026-12-16", "--place", "OPO", "--cover", "ana", "--yes")
    assert shown.code == 0 and "Ask Ana Silva to host “Monday team meeting” on Mon 14 Dec" in shown.out
    assert "30 Nov" not in shown.out
    assert "Trip to Lisbon waits for your yes: homeward apply" in type_("status").out
    again = type_("trip", "Porto", "2026-12-14", "2026-12-16", "--place", "OPO", "--cover", "ana", "--yes")
    assert again.code == 0 and "Nothing to do: everything is as it ought to be." in again.out


def test_a_trip_that_was_called_off_can_be_announced_again(type_: Type) -> None:
    type_("trip", "Porto", "2026-12-14", "2026-12-16", "--yes")
    assert type_("dismiss", "Porto", "--yes").code == 0
    assert "Porto" not in type_("trips").out
    assert type_("trip", "Porto", "2026-12-14", "2026-12-16", "--yes").code == 0
    assert "Trip to Porto" in type_("trips").out


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("x 2026-12-05 2026-12-01", "the last day lies before the first"),
        ("x tomorrow", "“tomorrow” is no date; write 2026-12-01."),
        ("x 2025-01-01", "those days are over"),
        ("x", 'say when: homeward trip "Lisbon" 2026-12-01 2026-12-05'),
        ("x 2026-12-01 --cover zed", "nobody of that id is in the config. There are: ana, ben, carla, dan, jonas"),
        ("x 2026-12-01 --place nowhereville", "not known. Name an airport"),
        ("x 2026-12-01 --kind nap", "choose from"),
        ("x 2026-12-01 --owes lots", "“lots” are no hours; write 4 or 2.5"),
        ("x 2026-12-01 --owes -3", "are no hours"),
    ],
)
def test_a_trip_that_makes_no_sense_is_not_remembered(type_: Type, words: str, told: str) -> None:
    shown = type_("trip", *words.split())
    assert (shown.code, shown.out) == (2, "")
    assert told in shown.err
    assert "Lisbon" in type_("trips").out and "“x”" not in type_("trips").out


def test_without_arguments_trip_walks_through_what_was_found(home: Path) -> None:
    (home / "calendars" / "travel.ics").write_bytes(b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n")
    code, screen = at_a_terminal(home, ["y", "n"], "trip")
    assert code == 0
    assert "“Atlantic Engineering Leaders Conference”: a conference in Lisbon, 90% sure" in screen
    assert "Is that so? [y]es, [n]o, [l]ater: y" in screen
    assert "to host “Design review training”" in screen and screen.rstrip().endswith("homeward apply")


# --- what the user says -----------------------------------------------------------------------------------------------


def test_back_extend_and_dismiss_are_one_command_each_and_not_refused_as_unsafe(type_: Type) -> None:
    type_("apply", "--yes")
    assert type_("back", "2026-12-03 18:00", "--yes", now=AWAY).code == 0
    assert "until Thu 3 Dec 18:00" in type_("plan", "--verbose", now=AWAY).out + type_("log").out
    assert type_("extend", "2026-12-07 20:00", "--yes", now=AWAY).code == 0
    assert type_("status", now=AWAY).lines[1].endswith("Trip to Lisbon, 30 Nov – 7 Dec (7 nights)  [t3u3eq53]")
    assert type_("dismiss", "Lisbon", "--yes", now=AWAY).code == 0
    assert type_("plan", "--detailed-exitcode", now=AWAY).code == 0


@pytest.mark.parametrize("words", ["back 2026-12-03", "extend 2026-12-09", "dismiss Lisbon"])
@pytest.mark.parametrize("answer", ["n", "^C"])
def test_a_no_forgets_what_was_said(home: Path, type_: Type, words: str, answer: str) -> None:
    type_("apply", "--yes")
    before, planned = files(home), type_("plan").out
    at_a_terminal(home, [answer], *words.split())
    assert type_("pass").out == "Nothing to do.\n"
    assert (files(home), type_("plan").out) == (before, planned)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("back", "that is before you leave. To call it off: homeward dismiss t3u3eq53"),
        ("back 2026-12-20", "that is later than planned (Sat 5 Dec 00:20). To stay longer: homeward extend"),
        ("extend 2026-12-01", "that is not later than planned (Sat 5 Dec 00:20). To come back early: homeward back"),
        ("extend someday", "“someday” is no date; write 2026-12-07"),
        ("confirm nope", "there is no absence “nope”. There are:\n  t3u3eq53  Trip to Lisbon, 30 Nov – 5 Dec (4 nights)"),
        ("accept nobody", "“nobody” is nobody in the config. There are: ana, ben, carla, dan, jonas"),
        ("accept ben", "Ben Roth is not asked to host anything"),
        ("accept ana budget", "Ana Silva is not asked to host “budget”, but:\n  “Monday team meeting” on Mon 30 Nov 10:00"),
        ("undo hw-nope", "there is no change “hw-nope” to take back. See: homeward log"),
        ("log --most 0", "“0” is no number of lines"),
        ("digest", "no absence has begun yet"),
        ("inbox release", "nothing is held now: you are not away; the hold begins Mon 30 Nov 04:30."),
        ("inbox hold", "nothing is held now"),
    ],
)
def test_what_makes_no_sense_says_what_would(type_: Type, words: str, told: str) -> None:
    type_("apply", "--yes")
    shown = type_(*words.split())
    assert (shown.code, shown.out) == (2, "")
    assert shown.err.startswith("homeward: ") and told in shown.err


def test_an_answer_in_the_corridor_counts(type_: Type) -> None:
    type_("apply", "--yes")
    assert "Ask Carla Conti instead of Ana Silva" in type_("decline", "ana").out
    assert "Hand “Design review training”" in type_("accept", "Carla", "training").out
    shown = type_("status").out
    assert "“Monday team meeting”: Carla Conti, asked, no answer yet (yours until then)" in shown
    assert "“Design review training”: Carla Conti, accepted" in shown


def test_confirm_brings_back_what_was_undone_at_the_same_moment(type_: Type) -> None:
    type_("apply", "--yes")
    assert type_("undo").code == 0
    shown = type_("confirm", "lisbon", "--yes")
    assert shown.code == 0 and "Hold the inbox" in shown.out
    assert "Trip to Lisbon" in type_("trips").out


# --- undo -------------------------------------------------------------------------------------------------------------


def test_undo_a_second_time_finds_nothing_left(home: Path, type_: Type) -> None:
    before = files(home)
    type_("apply", "--yes")
    assert type_("undo").lines[-1] == "Trip to Lisbon: taken back. To have it again: homeward confirm t3u3eq53"
    assert {name: data for name, data in files(home).items() if not name.startswith("Maildir/")} == before
    for words in (["undo"], ["undo", "--all"], ["undo", "--past"], ["undo", "Lisbon"]):
        assert type_(*words).out == "Nothing to undo.\n"


def test_undo_says_how_to_take_back_the_past_too(type_: Type) -> None:
    type_("apply", "--yes")
    type_("undo", now=AWAY)
    assert type_("undo", now=AWAY).out == (
        "Nothing to undo. What lies in the past stays; to take that back, too: homeward undo --past\n"
    )
    assert "Remove the wrap-up" in type_("undo", "--past", now=AWAY).out


def test_one_change_is_undone_and_stays_away(type_: Type) -> None:
    type_("apply", "--yes")
    (wrap_up,) = [line.split()[-1] for line in type_("log").lines if "wrap-up" in line]
    assert "Remove the wrap-up before you leave" in type_("undo", wrap_up).out
    assert type_("plan", "--detailed-exitcode").code == 0
    assert "was taken back, and stays so" in type_("status").out


def test_apply_again_brings_back_what_was_undone(home: Path, type_: Type) -> None:
    type_("apply", "--yes")
    type_("undo")
    at_a_terminal(home, ["n"], "apply", "--again")
    assert "No absence lies ahead" in type_("plan").out, "a no forgets it"
    assert type_("apply", "--again", "--yes").code == 0
    assert "Hosts      Mon 30 Nov" in type_("status").out


# --- status, inbox, words to people -----------------------------------------------------------------------------------


def test_status_before_the_first_pass_says_what_to_type(type_: Type) -> None:
    shown = type_("status")
    assert (shown.code, len(shown.lines)) == (0, 1)
    assert "homeward plan" in shown.out and "homeward apply" in shown.out


def test_status_fits_a_screen_and_answers_every_question(home: Path, type_: Type) -> None:
    type_("apply", "--yes")
    deliver_mail(home, MOMENT, "ola@customer.example", "Question about the offer")
    type_("pass", now=AWAY)
    shown = type_("status", now=AWAY)
    labels = [line.split()[0] for line in shown.lines]
    assert labels == ["In", "Absences", "Inbox", "Autoreply", "Hosts", "Gaps", "Family"] or labels == [
        "In", "Absences", "Inbox", "Autoreply", "Hosts", "Family",
    ]  # fmt: skip
    assert shown.lines[0] == "In Lisbon until Fri 4 Dec 18:30"
    assert "held until Mon 12:30 (Europe/Lisbon); 1 message waits" in shown.out
    assert all(len(line) <= 120 for line in shown.lines)


def test_status_and_trips_ask_what_only_the_user_can_answer(home: Path, type_: Type) -> None:
    (home / "calendars" / "travel.ics").write_bytes(b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n")
    type_("pass")
    command = "homeward confirm moz7cpuq"
    assert command in type_("status").out and command in type_("trips").out and command in type_("plan").out


def test_the_inbox_is_opened_and_closed_by_hand(home: Path, type_: Type) -> None:
    type_("apply", "--yes")
    deliver_mail(home, MOMENT, "ola@customer.example", "Question about the offer")
    type_("pass", now=AWAY)
    assert subjects(home, ".Held") == ["Question about the offer"]
    opened = type_("inbox", "release", "--because", "the \x1b[31mcontract", now=AWAY)
    assert opened.lines == ["Open until Mon 30 Nov 12:10.", "  ✓ 1 message released into mail"]
    assert "open until Mon 30 Nov 12:10 (you released it)" in type_("inbox", now=AWAY).out
    closed = type_("inbox", "hold", now=AWAY)
    assert closed.lines == ["Inbox: held until Mon 17:30 (Europe/Lisbon).", "  ✓ 1 message held in mail"]
    assert type_("inbox", "release", now=AWAY).code == 0
    assert "\x1b" not in type_("log", now=AWAY).out


def test_the_brief_is_sent_once(type_: Type) -> None:
    type_("apply", "--yes")
    assert type_("brief", "--send").out == "Sent the brief to Ana Silva, Ben Roth, Carla Conti and Dan Okafor.\n"
    assert type_("brief", "--send").out == "The brief went out before; it is sent only once.\n"


FORMS = [("md", "# "), ("html", "<!doctype html>"), ("ics", "BEGIN:VCALENDAR"), ("mail", "To: ana@")]


@pytest.mark.parametrize(("form", "begins"), FORMS)
def test_the_brief_has_four_forms(type_: Type, form: str, begins: str) -> None:
    shown = type_("brief", "--format", form)
    assert shown.code == 0 and shown.out.startswith(begins) and "Lisbon" not in shown.out


def test_the_log_of_one_absence_is_found_by_its_title(type_: Type) -> None:
    type_("apply", "--yes")
    assert type_("log", "--absence", "lisbon").out == type_("log").out
    assert len(type_("log", "--most", "3").lines) == 3


JSON = ("plan", "trips", "status", "inbox", "log", "doctor", "pass")


@pytest.mark.parametrize("command", JSON)
def test_json_is_all_that_stands_on_stdout(home: Path, type_: Type, command: str) -> None:
    (home / "calendars" / "work" / "broken.ics").write_text("nonsense", "utf-8")
    type_("apply", "--yes")
    shown = type_(command, "--json")
    assert shown.code in (0, 1) and json.loads(shown.out) is not None


def test_doctor_changes_nothing_not_even_what_it_remembers(home: Path, type_: Type) -> None:
    before = files(home)
    assert type_("doctor").code == 0
    assert files(home) == before and not remembers(home)


# --- hostile titles ---------------------------------------------------------------------------------------------------

HOSTILE = "\x1b[31mMonday\x07 team\u202e meeting\x9b2J\\nplan: \x1b]0;x\x07\u2028done"


def test_no_title_from_a_calendar_acts_on_the_terminal(home: Path, type_: Type) -> None:
    swaps = ("SUMMARY:Monday team meeting", f"SUMMARY:{HOSTILE}"), ("SUMMARY:Flight", f"SUMMARY:{HOSTILE} Flight")
    for path in (home / "calendars").rglob("*.ics"):
        text = path.read_bytes().decode()
        for before, after in swaps:
            text = text.replace(before, after)
        path.write_bytes(text.encode())
    now = ("trips", "why", "plan --verbose", "apply --yes", "status", "log --all", "decline ana", "accept carla", "plan --json")
    forms = tuple(f"brief --format {form}" for form, _ in FORMS)
    away = ("pass", "status", "inbox", "digest", "undo --past")
    screens = [type_(*words.split()) for words in (*now, *forms)] + [type_(*words.split(), now=AWAY) for words in away]
    assert any("team" in shown.out for shown in screens)
    for shown in screens:
        said = shown.out + shown.err
        acting = {c for c in said if (unicodedata.category(c)[0] == "C" and c not in "\n\r") or c in "\u2028\u2029"}
        assert not acting, shown
        assert not any(line.startswith("plan:") for line in shown.lines)
