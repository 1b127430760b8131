"""`homeward service` where there is no systemd, and what is put back before the service is taken away."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from daemon.doctor.service import needs_rights
from daemon.paths import Paths
from daemon.service import install, unit
from rules.policy import AccountConfig, CalendarConfig, InboxPolicy, MailConfig, Me, Policy
from tests.daemon.world import LISBON, World

ME = Me(name="Lena", addresses=("lena@example.org",), home_zone="Europe/Berlin")


class Shell:
    """Commands in a home without systemd, at the moment of `world`."""

    def __init__(self, world: World, folder: Path) -> None:
        self.world, self.folder = world, folder
        self.autostart = folder / "config/autostart/homeward.desktop"

    def homeward(self, *words: str, code: int | None = 0) -> str:
        root = self.world.root
        named = ["--config", str(root / "config.toml"), "--state", str(root / "state")]
        env = {
            **{name: value for name, value in os.environ.items() if name not in ("XDG_RUNTIME_DIR", "DBUS_SESSION_BUS_ADDRESS")},
            "XDG_CONFIG_HOME": str(self.folder / "config"),
            "HOMEWARD_NOW": self.world.now.astimezone(UTC).isoformat(),
            "PATH": "/nowhere",
        }
        command = [sys.executable, "-m", "daemon", *named, *words]
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=env, stdin=subprocess.DEVNULL)
        assert code is None or done.returncode == code, done.stdout + done.stderr
        return done.stdout + done.stderr


@pytest.fixture
def shell(home: Path, tmp_path: Path) -> Shell:
    return Shell(World(home), tmp_path)


def away(shell: Shell) -> World:
    """In Lisbon, with mail held and the autoreply on."""
    world = shell.world
    world.accept()
    world.at("2026-11-30 11:00", LISBON)
    world.mail("ola@customer.example", "An offer")
    world.at("2026-11-30 11:10", LISBON)
    world.make_pass()
    assert world.held == ["An offer"] and "sieve/homeward.sieve" in world.changed()
    return world


# --- without systemd --------------------------------------------------------------------------------------------------


def test_without_systemd_the_desktop_starts_it_and_that_is_said(shell: Shell) -> None:
    told = shell.homeward("service", "install")
    assert "no systemd" in told and "when you sign in" in told and str(shell.autostart) in told
    line = next(line for line in shell.autostart.read_text().splitlines() if line.startswith("Exec="))
    words = shlex.split(line.removeprefix("Exec="))
    assert words[-1] == "run" and words[words.index("--config") + 1] == str(shell.world.root / "config.toml")
    assert "as before" in shell.homeward("service", "install")
    assert "Installed: autostart" in shell.homeward("service", "status", code=1)


def test_logs_without_systemd_say_where_else_to_look(shell: Shell) -> None:
    assert "homeward log" in shell.homeward("service", "logs", code=1)


def test_what_was_never_installed_is_not_taken_away(shell: Shell) -> None:
    assert "not installed" in shell.homeward("service", "uninstall")


def test_a_bad_config_installs_nothing(shell: Shell) -> None:
    shell.world.configure("[me]", "[me]\nnmae = 1")
    shell.homeward("service", "install", code=2)
    assert not shell.autostart.exists()


# --- taking it away ---------------------------------------------------------------------------------------------------


def test_before_it_goes_mail_comes_out_and_the_users_own_rules_are_back(shell: Shell) -> None:
    world = away(shell)
    shell.homeward("service", "install")
    told = shell.homeward("service", "uninstall", "--hosts", "keep", "--blocks", "keep")
    assert "taken away" in told and not shell.autostart.exists()
    assert world.held == [] and world.inbox == ["An offer"]
    assert [path for path in world.changed() if "sieve" in path] == []
    assert len(world.effects("HostItem")) == 2 and [e.state for e in world.effects("HoldItem")] == ["tombstone"]
    told = shell.homeward("service", "uninstall", "--hosts", "keep", "--blocks", "keep")
    assert "not installed" in told and "taken back" not in told


def test_a_pass_by_hand_afterwards_holds_nothing_again(shell: Shell) -> None:
    world = away(shell)
    shell.homeward("service", "uninstall", "--hosts", "keep", "--blocks", "keep")
    world.at("2026-11-30 11:30", LISBON)
    world.make_pass()
    assert world.held == [] and [path for path in world.changed() if "sieve" in path] == []


def test_hosts_and_blocks_are_taken_back_where_the_user_says_so(shell: Shell) -> None:
    world = away(shell)
    shell.homeward("service", "uninstall", "--hosts", "remove", "--blocks", "remove")
    ahead = {e.state for kind in ("HostItem", "BlockItem") for e in world.effects(kind) if e.item.span.end > world.now}  # type: ignore[union-attr]
    assert ahead == {"tombstone"}


def test_where_nobody_can_be_asked_nothing_is_changed(shell: Shell) -> None:
    world = away(shell)
    before = world.files()
    told = shell.homeward("service", "uninstall", code=5)
    assert "--hosts keep or --hosts remove" in told
    assert world.held == ["An offer"] and world.files() == before


def test_where_mail_cannot_come_out_the_service_stays(shell: Shell) -> None:
    world = away(shell)
    shell.homeward("service", "install")
    held = world.root / "Maildir/.Held"
    held.rename(world.root / "Maildir/.elsewhere")
    held.symlink_to("nowhere")
    told = shell.homeward("service", "uninstall", "--hosts", "keep", "--blocks", "keep", code=1)
    assert "The service stays" in told and shell.autostart.exists()
    held.unlink()
    (world.root / "Maildir/.elsewhere").rename(held)
    shell.homeward("service", "uninstall", "--hosts", "keep", "--blocks", "keep")
    assert world.held == [] and not shell.autostart.exists()


# --- the unit ---------------------------------------------------------------------------------------------------------


def policy(**parts: object) -> Policy:
    return Policy(config_version=1, me=ME, **parts)  # type: ignore[arg-type]


def test_it_may_write_only_where_calendars_and_mail_are(tmp_path: Path) -> None:
    made = policy(
        calendar=(
            CalendarConfig(id="a", path=str(tmp_path / "calendars")),
            CalendarConfig(id="b", path=str(tmp_path / "more/one.ics")),
            CalendarConfig(id="c", path=str(tmp_path / "read"), read_only=True),
            CalendarConfig(id="d", url="https://example.org/x.ics", role="travel"),
        ),
        mail=(MailConfig(id="m", path=str(tmp_path / "Mail"), outbox=str(tmp_path / "Mail/.Drafts")),),
    )
    found = unit.writable(made, Paths(tmp_path / "c.toml", tmp_path / "state", tmp_path / "state/cache"), tmp_path)
    assert [str(path.relative_to(tmp_path)) for path in found] == ["Mail", "calendars", "more", "state"]


def test_commands_of_the_user_may_write_in_the_whole_home(tmp_path: Path) -> None:
    made = policy(inbox=InboxPolicy(mode="sync", sync_command=("mbsync", "-a")))
    paths = Paths(tmp_path / "c", tmp_path / "state", tmp_path / "cache")
    assert unit.writable(made, paths, tmp_path) == [tmp_path]


@pytest.mark.parametrize(("fetches", "closed"), [(("pass", "show", "mail"), False), ((), True)])
def test_gpg_is_closed_save_where_a_command_fetches_a_password(tmp_path: Path, fetches: tuple[str, ...], closed: bool) -> None:
    made = policy(
        account=(AccountConfig(id="local"), AccountConfig(id="x", kind="imap", imap="x.example", password_fetch=fetches))
    )
    text = unit.drop_in(made, Paths(tmp_path / "c", tmp_path / "s", tmp_path / "k"), ["homeward", "run"], tmp_path)
    assert (".gnupg" in text) == closed


def test_odd_characters_in_paths_stay_what_they_are(tmp_path: Path) -> None:
    odd = tmp_path / 'a "b" %h $HOME \\x'
    made = policy(calendar=(CalendarConfig(id="a", path=str(odd)),))
    command = unit.command_words([str(odd / "homeward"), "run"])
    text = unit.drop_in(made, Paths(tmp_path / "c", tmp_path / "s", tmp_path / "k"), command, tmp_path)
    escaped = str(odd).replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    assert f'ReadWritePaths="-{escaped}"' in text
    assert f'ExecStart="{escaped.replace("$", "$$")}/homeward" "run"' in text


def test_the_unit_that_is_shipped_is_the_one_that_is_installed() -> None:
    assert (Path(__file__).parents[2] / "systemd/homeward.service").read_text() == unit.unit()


def test_files_are_written_only_where_they_differ(tmp_path: Path) -> None:
    env = {"HOME": str(tmp_path)}
    assert install.install_autostart(["homeward", "run"], env) and not install.install_autostart(["homeward", "run"], env)
    assert install.remove(env) and not install.remove(env)


def test_the_clock_of_these_tests_is_the_worlds(shell: Shell) -> None:
    assert shell.world.now.astimezone(UTC) == datetime(2026, 11, 23, 8, tzinfo=UTC)


# --- a sendmail that needs rights -------------------------------------------------------------------------------------


def doctored(shell: Shell, mode: int) -> str:
    """What it says of a sendmail with that mode."""
    program = shell.folder / "bin/sendmail"
    program.parent.mkdir(exist_ok=True)
    program.write_text("#!/bin/sh\n")
    program.chmod(mode)
    shell.world.configure("outbox = ", f'sendmail = ["{program}", "-t"]\n# ')
    return next((line for line in shell.homeward("doctor", code=None).splitlines() if "cannot send by" in line), "")


def with_unit(shell: Shell) -> Shell:
    units = shell.folder / "config/systemd/user"
    units.mkdir(parents=True, exist_ok=True)
    (units / unit.NAME).write_text(unit.unit())
    return shell


@pytest.mark.parametrize("mode", [0o2755, 0o4755])
def test_doctor_says_which_sendmail_the_limited_service_cannot_use(shell: Shell, mode: int) -> None:
    told = doctored(with_unit(shell), mode)
    assert "sendmail: " in told


def test_doctor_is_content_with_one_that_needs_no_rights(shell: Shell) -> None:
    assert doctored(with_unit(shell), 0o755) == ""


def test_without_the_unit_nothing_keeps_it_from_its_rights(shell: Shell) -> None:
    assert doctored(shell, 0o2755) == ""


def test_postfix_queues_by_a_program_with_rights(tmp_path: Path) -> None:
    for name, mode in (("sendmail", 0o755), ("postdrop", 0o2755), ("msmtp", 0o2755)):
        (tmp_path / name).write_text("#!/bin/sh\n")
        (tmp_path / name).chmod(mode)
    queue = str(tmp_path / "postdrop")
    assert needs_rights(str(tmp_path / "sendmail"), (queue,)) == tmp_path / "postdrop"
    assert needs_rights(str(tmp_path / "sendmail"), ()) is None
    assert needs_rights(str(tmp_path / "msmtp"), (queue,)) is None
    assert needs_rights(str(tmp_path / "nowhere"), (queue,)) is None


def test_a_unit_of_another_version_is_noticed(shell: Shell) -> None:
    installed = shell.folder / "config/systemd/user" / unit.NAME
    installed.parent.mkdir(parents=True)
    for text, noticed in ((unit.unit(), False), (unit.unit().replace("RestartSec=15", "RestartSec=30"), True)):
        installed.write_text(text)
        told = shell.homeward("service", "status", code=1)
        assert "Installed: systemd" in told and ("of another version" in told) == noticed
        assert json.loads(shell.homeward("service", "status", "--json", code=1))["outdated"] == noticed
