"""`homeward init` with real servers on this machine: by flags alone, at a terminal, and with everything that goes wrong."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from on_servers import keep_secret
from shell import type_
from test_auth import said
from test_commands import at_a_terminal

from daemon.config import load
from tests.servers.calendar_server import PASSWORD
from tests.servers.dovecot import Dovecot, free_port
from tests.servers.keyring import Keyring, running_keyring
from tests.servers.misbehaving_http import Request, answer, misbehaving, relay
from tests.servers.radicale import Radicale, running_radicale
from tests.servers.submission import PASSWORD as MAIL_PASSWORD
from tests.servers.submission import Submission

ME = ("--name", "Lea Kern", "--address", "lea@home.example", "--zone", "Europe/Berlin")
NAMED = """<mkcol xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav" xmlns:A="http://apple.com/ns/ical/"><set><prop>
<resourcetype><collection/><C:calendar/></resourcetype><displayname>{name}</displayname><A:calendar-color>{color}</A:calendar-color>
</prop></set></mkcol>"""


@pytest.fixture(scope="module")
def calendars() -> Iterator[Radicale]:
    """With three calendars."""
    with running_radicale() as server:
        for name, color in (("Work", "#ff8800"), ("Familie", "#00ff00"), ("Feiertage", "nonsense")):
            status, told, _ = server.ask("MKCOL", f"/lea/{name.lower()}/", NAMED.format(name=name, color=color).encode())
            assert status == 201, told
        yield server


@pytest.fixture(scope="module")
def keyring() -> Iterator[Keyring]:
    with running_keyring() as started:
        yield started


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path


def servers(calendars: Radicale, dovecot: Dovecot, submission: Submission) -> tuple[str, ...]:
    return (
        "--email", "lea@home.example", "--user", "lea", "--url", calendars.url, "--imap", f"localhost:{dovecot.imaps}",
        "--smtp", f"smtp://localhost:{submission.port}", "--managesieve", f"localhost:{dovecot.sieve}",
        "--ca-file", dovecot.ca_file,
    )  # fmt: skip


def of_calendars(calendars: Radicale) -> tuple[str, ...]:
    return ("--email", "lea@home.example", "--user", "lea", "--url", calendars.url, "--imap", "none")


HEAD = '[me]\nname = "Lea"\naddresses = ["lea@home.example"]\nhome_zone = "UTC"\n'


def this_moment() -> str:
    """For what compares the clocks of real servers with ours."""
    return datetime.now(UTC).isoformat()


BOTH = f"{PASSWORD}\n{MAIL_PASSWORD}\n"


# --- by flags ---------------------------------------------------------------------------------------------------------


def test_by_flags_alone_everything_is_found_tried_and_kept_and_works_at_once(
    root: Path, keyring: Keyring, calendars: Radicale, dovecot: Dovecot, submission: Submission
) -> None:
    flags = (*ME, *servers(calendars, dovecot, submission), "--role", "/lea/work/=team", "--hold", "server")
    told = said(root, keyring, "init", "--yes", "--password-stdin", *flags, typed=BOTH)
    assert told.code == 0, told.all
    assert f"✓ localhost:{dovecot.imaps}: held mail is moved on the server" in told.out
    assert "Mail is held by the server." in told.out and "“Work” (writable, /lea/work/): team" in told.out
    path = root / "config.toml"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    text = path.read_text("utf-8")
    assert PASSWORD not in text + told.all and MAIL_PASSWORD not in text + told.all
    policy = load(path)
    assert {(c.collection, c.role, c.work) for c in policy.calendar} == {
        ("/lea/work/", "team", True),
        ("/lea/familie/", "family", False),
        ("/lea/feiertage/", "ignore", True),
    }
    assert [(m.account, m.hold) for m in policy.mail] == [("mail", "server")]
    assert [account.id for account in policy.account] == ["local", "calendars", "mail"]
    doctor = said(root, keyring, "doctor", now=this_moment())
    assert doctor.code == 0, doctor.all
    assert "the server cannot notify deputies: homeward will mail them" in doctor.out
    assert "what is held will wait in the folder Held" in doctor.out
    assert said(root, keyring, "pass").code == 0


def test_the_hold_is_by_this_machine_unless_the_user_says_so_and_that_is_told(
    root: Path, keyring: Keyring, calendars: Radicale, dovecot: Dovecot, submission: Submission
) -> None:
    flags = servers(calendars, dovecot, submission)
    told = said(root, keyring, "init", "--yes", "--password-stdin", *ME, *flags, typed=BOTH)
    assert "Mail is held by this machine, at each pass (--hold server: by the server)." in told.out
    assert load(root / "config.toml").mail[0].hold == "client"


def test_without_sieve_the_consequence_is_told(root: Path, keyring: Keyring, dovecot: Dovecot) -> None:
    flags = ("--email", "lea@home.example", "--user", "lea", "--url", "none", "--imap", f"localhost:{dovecot.imaps}")
    none = ("--smtp", "none", "--managesieve", "none", "--ca-file", dovecot.ca_file)
    told = said(root, keyring, "init", "--yes", "--password-stdin", *ME, *flags, *none, typed=MAIL_PASSWORD)
    assert told.code == 0, told.all
    assert "No Sieve there: homeward sets no autoreply, and mail is held by this machine." in told.out
    doctor = said(root, keyring, "doctor").out
    assert "no Sieve for mail: homeward sets no autoreply there, and mail is held by this machine" in doctor
    assert "mailbox mail cannot send" in doctor and 'smtp = "…" for its [[account]]' in doctor


def test_a_private_file_needs_no_keyring(root: Path, calendars: Radicale) -> None:
    keep_secret(root, PASSWORD)
    told = type_(root, "init", "--yes", *ME, *of_calendars(calendars), "--password-file", str(root / "secret"))
    assert told.code == 0, told.all
    assert load(root / "config.toml").account[1].password_file == str(root / "secret")
    assert type_(root, "doctor", now=this_moment()).code == 0
    late = type_(root, "doctor", now=(datetime.now(UTC) - timedelta(minutes=3)).isoformat())
    assert late.code == 1 and "the clock of this machine is 3 min behind that of localhost" in late.out


def test_a_token_takes_the_place_of_a_password(root: Path, calendars: Radicale) -> None:
    def lets_in(request: Request) -> bytes | None:
        known = request.headers.get("authorization") == "Bearer tok-1"
        return None if known else answer("401 Unauthorized", WWW_Authenticate="Bearer", Connection="close")

    keep_secret(root, "tok-1")
    with misbehaving(relay(calendars, lets_in)) as server:
        flags = ("--user", "lea", "--url", server.url, "--imap", "none", "--password-file", str(root / "secret"))
        refused = type_(root, "init", "--yes", *ME, *flags)
        assert refused.code == 1 and not (root / "config.toml").exists(), refused.all
        told = type_(root, "init", "--yes", *ME, *flags, "--auth", "token")
        assert told.code == 0, told.all
        assert load(root / "config.toml").account[1].auth == "token"
        assert type_(root, "auth", "check").code == 0
        code, screen = at_a_terminal(root, ["tok-1", "n"], "init", "--user", "lea", "--url", server.url, "--auth", "token")
        assert "Token of lea for your calendars: " in screen and "Password" not in screen, (code, screen)


def test_without_a_keyring_it_is_said_what_to_set(root: Path, calendars: Radicale, monkeypatch: pytest.MonkeyPatch) -> None:
    nobody = Keyring(root, f"unix:path={root}/nowhere")
    told = said(root, nobody, "init", "--yes", "--password-stdin", *ME, *of_calendars(calendars), typed=PASSWORD)
    assert told.code == 0, told.all
    assert (
        "The password is not kept." in told.out
        and "Set password_fetch or password_file in the config, for calendars." in told.out
    )
    assert (root / "config.toml").exists()


# --- what goes wrong --------------------------------------------------------------------------------------------------


def test_a_wrong_password_leaves_nothing(root: Path, keyring: Keyring, calendars: Radicale) -> None:
    told = said(root, keyring, "init", "--yes", "--password-stdin", *ME, *of_calendars(calendars), typed="wrong\n")
    assert told.code == 1 and told.out.endswith("Nothing was written.\n")
    assert list(root.iterdir()) == []


def test_a_mail_server_that_refuses_leaves_nothing_though_the_calendars_were_found(
    root: Path, keyring: Keyring, calendars: Radicale, dovecot: Dovecot, submission: Submission
) -> None:
    flags = servers(calendars, dovecot, submission)
    told = said(root, keyring, "init", "--yes", "--password-stdin", *ME, *flags, typed=f"{PASSWORD}\nwrong\n")
    assert told.code == 1 and "Nothing was written." in told.out
    assert not (root / "config.toml").exists()


@pytest.mark.parametrize("flag", ["--url", "--imap"])
def test_a_server_that_is_not_there_is_named_and_leaves_nothing(root: Path, flag: str) -> None:
    port = free_port()
    address = {"--url": f"http://127.0.0.1:{port}", "--imap": f"imap://127.0.0.1:{port}"}
    other = {"--url": "--imap", "--imap": "--url"}[flag]
    keep_secret(root, "x")
    flags = ("--user", "lea", flag, address[flag], other, "none", "--password-file", str(root / "secret"))
    told = type_(root, "init", "--yes", *ME, *flags)
    assert told.code == 1 and "127.0.0.1" in told.out and told.out.endswith("Nothing was written.\n")
    assert not (root / "config.toml").exists()


@pytest.mark.parametrize(
    ("flags", "told"),
    [
        (("--email", "lea"), "“lea” is no e-mail address."),
        (("--role", "/x/=boss", "--email", "lea@home.example"), "write --role HREF=ROLE"),
        (("--email", "lea@home.example", "--hold", "everybody"), "invalid choice: 'everybody'"),
    ],
)
def test_a_typo_is_told_and_leaves_nothing(root: Path, flags: tuple[str, ...], told: str) -> None:
    shown = type_(root, "init", "--yes", *ME, *flags)
    assert shown.code == 2 and told in shown.err
    assert not (root / "config.toml").exists()


def test_without_a_terminal_and_a_password_it_says_which_options_there_are(root: Path, calendars: Radicale) -> None:
    told = said(root, Keyring(root, ""), "init", "--yes", *ME, *of_calendars(calendars))
    assert told.code == 5 and "--password-stdin, --password-file or --password-fetch" in told.err


def test_a_config_that_cannot_be_written_leaves_the_keyring_as_it_was(root: Path, keyring: Keyring, calendars: Radicale) -> None:
    account = f'[[account]]\nid = "calendars"\nkind = "caldav"\nuser = "lea"\nurl = "{calendars.url}"\n'
    (root / "config.toml").write_text(f"config_version = 1\n{HEAD}{account}")
    said(root, keyring, "auth", "forget", "calendars")
    (root / "file").write_text("")
    options = ("--config", str(root / "file" / "config.toml"), "init", "--yes", "--password-stdin")
    told = said(root, keyring, *options, *ME, *of_calendars(calendars), typed=PASSWORD)
    assert told.code == 1, told.all
    assert said(root, keyring, "auth", "forget", "calendars").out == "No password of calendars was in the keyring.\n"


# --- at a terminal ----------------------------------------------------------------------------------------------------


def at_the_terminal(
    root: Path, keyring: Keyring, answers: list[str], monkeypatch: pytest.MonkeyPatch, *words: str
) -> tuple[int, str]:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", keyring.env["DBUS_SESSION_BUS_ADDRESS"])
    return at_a_terminal(root, answers, "init", *words)


def test_at_a_terminal_each_thing_is_asked_and_a_wrong_password_is_asked_again(
    root: Path, keyring: Keyring, calendars: Radicale, dovecot: Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    flags = ("--url", calendars.url, "--imap", f"localhost:{dovecot.imaps}", "--smtp", "none", "--ca-file", dovecot.ca_file)
    me = ["Lea Kern", "lea@home.example", "Berlin, DE", "Europe/Berlin", "de"]
    login = ["lea", "wrong", PASSWORD]  # in place of the address, which is proposed
    roles = ["mine", "boss", "family", "ignore"]
    mail = [MAIL_PASSWORD, "server"]
    sieve = ("--managesieve", f"localhost:{dovecot.sieve}")
    code, screen = at_the_terminal(root, keyring, [*me, *login, *roles, *mail], monkeypatch, *flags, *sieve)
    assert code == 0, screen
    assert "does not accept the user name or the password" in screen and "That cannot be. Which?" in screen
    assert "its Sieve script does, at delivery" in screen and PASSWORD not in screen and MAIL_PASSWORD not in screen
    policy = load(root / "config.toml")
    assert (policy.mail[0].hold, policy.account[2].managesieve) == ("server", f"localhost:{dovecot.sieve}")
    assert {c.role for c in policy.calendar} == {"mine", "family", "ignore"}


@pytest.mark.parametrize("stop", [5, 6, 7])
def test_ctrl_c_at_any_question_leaves_nothing_and_says_so(
    root: Path, keyring: Keyring, calendars: Radicale, monkeypatch: pytest.MonkeyPatch, stop: int
) -> None:
    answers = ["Lea Kern", "lea@home.example", "Berlin, DE", "Europe/Berlin", "de", "lea", PASSWORD, "mine"]
    flags = ("--url", calendars.url, "--imap", "none")
    code, screen = at_the_terminal(root, keyring, [*answers[:stop], "^C"], monkeypatch, *flags)
    assert (code, screen.endswith("Stopped; nothing was written.\n")) == (130, True), screen
    assert not (root / "config.toml").exists()


# --- a config that is there -------------------------------------------------------------------------------------------

MINE = """# mine, by hand
config_version = 1
me = { name = "Lea", addresses = ["lea@home.example"], home_zone = "Europe/Berlin" }   # all of me

[[calendar]]
id = "work"   # a folder
path = "cal"
"""


def with_config(root: Path, text: str = MINE) -> Path:
    keep_secret(root, PASSWORD)
    (root / "config.toml").write_text(text)
    return root / "config.toml"


def test_what_is_on_servers_goes_to_the_end_and_nothing_before_it_changes(root: Path, calendars: Radicale) -> None:
    path = with_config(root)
    told = type_(
        root, "init", "--yes", *of_calendars(calendars), "--password-file", "secret", "--password-file", str(root / "secret")
    )
    assert told.code == 0, told.all
    assert path.read_text().startswith(MINE) and f"Added to {path}." in told.out
    policy = load(path)
    assert [account.id for account in policy.account] == ["local", "calendars"]
    assert {c.id for c in policy.calendar} == {"work", "work-2", "familie", "feiertage"}
    text = path.read_text()
    again = type_(root, "init", "--yes", *of_calendars(calendars), "--password-file", str(root / "secret"))
    assert again.code == 0 and "is in the config already: account calendars" in again.out and "Nothing was written." in again.out
    assert path.read_text() == text


def test_a_no_to_the_lines_adds_nothing(root: Path, calendars: Radicale) -> None:
    path = with_config(root)
    flags = (*of_calendars(calendars), "--password-file", str(root / "secret"))
    code, screen = at_a_terminal(root, ["", "", "", "n"], "init", *flags)
    assert code == 0 and screen.endswith("Nothing was written.\n"), screen
    assert path.read_text() == MINE


def test_a_config_that_ends_in_the_middle_of_a_mistake_is_told_and_left(root: Path, calendars: Radicale) -> None:
    path = with_config(root, MINE + 'role = "boss"\n')
    told = type_(root, "init", "--yes", *of_calendars(calendars), "--password-file", str(root / "secret"))
    assert told.code == 2 and "calendar[work].role" in told.err
    assert path.read_text() == MINE + 'role = "boss"\n'


def test_a_symbolic_link_stays_one(root: Path, calendars: Radicale) -> None:
    path = with_config(root)
    (root / "dotfiles").mkdir()
    real = path.rename(root / "dotfiles" / "homeward.toml")
    path.symlink_to(real)
    (root / "dotfiles" / "cal").mkdir()
    told = type_(root, "init", "--yes", *of_calendars(calendars), "--password-file", str(root / "secret"))
    assert told.code == 0, told.all
    assert path.is_symlink() and 'kind = "caldav"' in real.read_text()
