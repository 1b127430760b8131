"""What `homeward init` finds, asks and writes."""

from __future__ import annotations

import re
import stat
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.config import load
from daemon.setup.answers import Answers, Ask, ask_about_this_machine, ask_about_you, proposed
from daemon.setup.here import Found, FoundCalendar, discover
from daemon.setup.text import render, write
from daemon.setup.toml import quoted

EVENT = "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\nEND:VEVENT\nEND:VCALENDAR\n"


def put(path: Path, text: str = "") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def found_in(home: Path, **env: str) -> Found:
    return discover(home, root=home / "root", env=env)


def answering(**said: str) -> Callable[[str, str], str]:
    """Answers a question by the word that it contains; takes the proposal of all others."""
    return lambda question, proposal: next((answer for word, answer in said.items() if word in question), "")


def test_an_empty_home_proposes_nothing(tmp_path: Path) -> None:
    assert found_in(tmp_path) == Found()


def test_name_and_address_come_from_git(tmp_path: Path) -> None:
    put(tmp_path / ".config/git/config", "[user]\n\tname = Old\n\temail = old@example.org\n")
    put(tmp_path / ".gitconfig", '[core]\n\tname = wrong\n[user]\n\tname = "Mia Berger"\n\temail = Mia@Example.org\n')
    assert (found_in(tmp_path).name, found_in(tmp_path).addresses) == ("Mia Berger", ("mia@example.org",))


def test_the_address_of_the_environment_wins_and_must_look_like_one(tmp_path: Path) -> None:
    assert found_in(tmp_path, EMAIL="mia@example.org").addresses == ("mia@example.org",)
    assert found_in(tmp_path, EMAIL="nobody").addresses == ()


def test_the_zone_comes_from_the_environment_or_from_etc(tmp_path: Path) -> None:
    (tmp_path / "root/etc").mkdir(parents=True)
    (tmp_path / "root/etc/localtime").symlink_to("/usr/share/zoneinfo/Europe/Lisbon")
    assert found_in(tmp_path).home_zone == "Europe/Lisbon"
    put(tmp_path / "root/etc/timezone", "Europe/Paris\n")
    assert found_in(tmp_path).home_zone == "Europe/Paris"
    assert found_in(tmp_path, TZ=":Asia/Tokyo").home_zone == "Asia/Tokyo"
    assert found_in(tmp_path, TZ="Nowhere/Town").home_zone == "Europe/Paris"


def test_folders_of_events_and_single_files_are_found_with_a_guess_at_their_role(tmp_path: Path) -> None:
    put(tmp_path / ".calendars/work/1.ics", EVENT)
    put(tmp_path / ".calendars/Familie/1.ics", EVENT)
    put(tmp_path / ".calendars/holidays.ics", EVENT)
    put(tmp_path / ".local/share/calendars/google/team/displayname", "The Team")
    put(tmp_path / ".local/share/evolution/calendar/system/calendar.ics", EVENT)
    found = {calendar.path: calendar.role for calendar in found_in(tmp_path).calendars}
    assert found == {
        "~/.calendars/work": "mine",
        "~/.calendars/Familie": "family",
        "~/.calendars/holidays.ics": "ignore",
        "~/.local/share/calendars/google/team": "team",
        "~/.local/share/evolution/calendar/system/calendar.ics": "mine",
    }


def test_what_khal_and_vdirsyncer_read_is_found_once_however_often_it_is_named(tmp_path: Path) -> None:
    put(tmp_path / "cal/work/1.ics", EVENT)
    put(tmp_path / ".config/khal/config", "[calendars]\n[[work]]\npath = ~/cal/*\n")
    put(tmp_path / ".config/vdirsyncer/config", '[storage x]\ntype = "filesystem"\npath = "~/cal/work/"\n')
    assert [calendar.path for calendar in found_in(tmp_path).calendars] == ["~/cal/work"]


def test_two_calendars_of_one_name_get_two_ids(tmp_path: Path) -> None:
    put(tmp_path / ".calendars/a/work/1.ics", EVENT)
    put(tmp_path / ".calendars/b/work/1.ics", EVENT)
    assert [calendar.id for calendar in found_in(tmp_path).calendars] == ["work", "work-2"]


def test_a_maildir_and_a_sieve_script_are_found(tmp_path: Path) -> None:
    for part in ("cur", "new", "tmp"):
        (tmp_path / "Maildir" / part).mkdir(parents=True)
    put(tmp_path / ".dovecot.sieve")
    assert (found_in(tmp_path).maildir, found_in(tmp_path).sieve) == ("~/Maildir", "~/.dovecot.sieve")


def test_what_cannot_be_read_is_not_there(tmp_path: Path) -> None:
    (tmp_path / ".gitconfig").mkdir()
    put(tmp_path / ".calendars", "a file")
    put(tmp_path / "root/etc/timezone").write_bytes(b"\xff\x00")
    assert found_in(tmp_path) == Found()


FOUND = Found(
    name="Mia Berger",
    addresses=("mia@example.org",),
    home_zone="Europe/Berlin",
    calendars=(FoundCalendar("work", "~/.calendars/work", "mine"), FoundCalendar("family", "~/.calendars/family", "family")),
    maildir="~/Maildir",
    sieve="~/.dovecot.sieve",
)


def ask_all(start: Answers, ask: Ask) -> Answers:
    return ask_about_this_machine(ask_about_you(start, ask), ask)


def test_agreeing_with_everything_takes_what_was_found() -> None:
    assert ask_all(proposed(FOUND), answering()) == proposed(FOUND)


def test_answers_replace_the_proposals() -> None:
    ask = answering(name="Mia B", addresses="a@example.org, b@example.org", zone="Europe/Rome", Where="Rome, IT", Sieve="none")
    answers = ask_all(proposed(FOUND), ask)
    assert (answers.name, answers.addresses) == ("Mia B", ("a@example.org", "b@example.org"))
    assert (answers.home, answers.home_zone, answers.sieve) == ("Rome, IT", "Europe/Rome", "")


@pytest.mark.parametrize(
    ("word", "wrong", "right", "field"),
    [
        ("zone", "Berlin", "Europe/Rome", "home_zone"),
        ("addresses", "mia", "a@example.org", "addresses"),
        ("Languages", "klingon", "de, en", "languages"),
        ("work: mine", "mein", "team", "calendars"),
    ],
)
def test_a_question_whose_answer_cannot_be_is_asked_again(word: str, wrong: str, right: str, field: str) -> None:
    said = iter((wrong, right))
    answers = ask_all(proposed(FOUND), lambda question, proposal: next(said) if word in question else "")
    assert getattr(answers, field) != getattr(proposed(FOUND), field)
    assert next(said, None) is None


def test_what_is_written_loads_and_says_what_was_answered(tmp_path: Path) -> None:
    answers = Answers(
        name='Mia "M" Berger',
        addresses=("mia@example.org",),
        home_zone="Europe/Berlin",
        home="Berlin, DE",
        languages=("de", "en"),
        calendars=FOUND.calendars,
        maildir=str(tmp_path / "Maildir"),
        sieve=str(tmp_path / "x.sieve"),
        family=(("Jo Berger", "jo@family.example"), ("Jo", "")),
        reports=(("Ana Silva", "ana@example.org"),),
    )
    write(tmp_path / "config.toml", render(answers))
    policy = load(tmp_path / "config.toml")
    assert (policy.me.name, policy.me.languages, policy.me.home) == ('Mia "M" Berger', ("de", "en"), "Berlin, DE")
    assert [(c.id, c.role, c.work) for c in policy.calendar] == [("work", "mine", True), ("family", "family", False)]
    assert [(p.id, p.family, p.report) for p in policy.person] == [
        ("jo", True, False),
        ("jo-2", True, False),
        ("ana", False, True),
    ]
    assert policy.mail[0].outbox == str(tmp_path / "Maildir/.Drafts")


@pytest.mark.parametrize("maildir", ["", "~/Maildir"])
@pytest.mark.parametrize("sieve", ["", "~/.dovecot.sieve"])
def test_it_loads_with_and_without_mail(tmp_path: Path, maildir: str, sieve: str) -> None:
    answers = Answers(name="Mia", addresses=("mia@example.org",), home_zone="UTC", maildir=maildir, sieve=sieve)
    write(tmp_path / "config.toml", render(answers))
    assert len(load(tmp_path / "config.toml").mail) == (1 if maildir or sieve else 0)


def test_every_line_of_its_examples_loads_once_it_is_no_remark_any_more(tmp_path: Path) -> None:
    text = render(Answers(name="Mia", addresses=("mia@example.org",), home_zone="UTC"))
    example = re.sub(r"^# (\[\[\w+\]\]$|\w+ = )", r"\1", text, flags=re.MULTILINE)
    write(tmp_path / "config.toml", example.replace('"ana", "ben"', '"ana"'))
    policy = load(tmp_path / "config.toml")
    assert (len(policy.calendar), len(policy.mail), len(policy.person), len(policy.meeting), len(policy.duty)) == (1, 1, 1, 1, 1)


def test_the_file_is_for_its_owner_only_and_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "new" / "config.toml"
    write(path, "mine")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with pytest.raises(FileExistsError):
        write(path, "other")
    assert path.read_text() == "mine"


def test_a_symbolic_link_to_nothing_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "config.toml").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(FileExistsError):
        write(tmp_path / "config.toml", "text")
    assert not (tmp_path / "elsewhere").exists()


def test_a_full_disk_leaves_nothing_half_written_behind(tmp_path: Path) -> None:
    code = (
        "import resource, signal, sys; from pathlib import Path; from daemon.setup.text import write\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN); resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))\n"
        "write(Path(sys.argv[1]), 'text')"
    )
    command = [sys.executable, "-B", "-c", code, str(tmp_path / "config.toml")]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=Path(__file__).parents[2])
    assert "OSError" in done.stderr
    assert list(tmp_path.iterdir()) == []


@given(st.text())
def test_any_text_in_quotes_reads_back_as_itself(text: str) -> None:
    assert tomllib.loads(f"x = {quoted(text)}")["x"] == text


def test_half_a_character_becomes_the_replacement_character() -> None:
    assert tomllib.loads(f"x = {quoted(chr(0xDCFF))}")["x"] == "\ufffd"
