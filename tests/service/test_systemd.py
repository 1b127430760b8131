"""The service under a real systemd: started, seen, killed, hung, limited, taken away. Skipped only where the machine forbids to
boot a container, and says so; CI runs it as root."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers.booted import BUS, UID, USER, Booted, booted, why_not

HOMEWARD = str(Path(sys.executable).with_name("homeward"))
HOME = f"/home/{USER}"
CONFIG = f"{HOME}/.config/homeward"
UNIT = "homeward.service"

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def machine() -> Iterator[Booted]:
    because = why_not()
    if because:
        pytest.skip(because)
    with booted() as started:
        yield started


@pytest.fixture
def user(machine: Booted) -> Iterator[Booted]:
    """Their home is new, and so is what systemd knows of them."""
    demo = Path(__file__).parents[2] / "daemon/demo/home"
    steps = (
        f"cd {HOME} && rm -rf .config .local .cache .ssh && mkdir -p {CONFIG} .ssh && echo key > .ssh/id",
        f"cp -r {demo}/. {CONFIG} && cd {CONFIG} && ln -s sieve/mine.sieve dovecot.sieve && mkdir -p Maildir",
        "mkdir -p Maildir/cur Maildir/new Maildir/tmp",
    )
    script = " && ".join(steps)
    machine.run("sh", "-c", script, check=True)
    machine.run("systemctl", "--user", "daemon-reload")
    yield machine
    machine.run(HOMEWARD, "service", "uninstall", "--hosts", "keep", "--blocks", "keep")


@pytest.fixture
def installed(user: Booted) -> Booted:
    done = user.run(HOMEWARD, "service", "install")
    assert done.returncode == 0, done.stdout + done.stderr + logs(user)
    return user


def logs(user: Booted) -> str:
    return user.run("journalctl", "--user", "-u", UNIT, "--no-pager", "-n", "40").stdout


def shown(user: Booted, name: str) -> str:
    return user.run("systemctl", "--user", "show", UNIT, "-p", name, "--value").stdout.strip()


def until(user: Booted, name: str, wanted: str, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while wanted not in shown(user, name):
        assert time.monotonic() < deadline, f"{name} is {shown(user, name)}, not {wanted}\n{logs(user)}"
        time.sleep(0.2)


def quicker(user: Booted, *lines: str) -> None:
    """With a drop-in of the user's own."""
    text = "\\n".join(("[Service]", *lines))
    script = f"printf '{text}\\n' > {HOME}/.config/systemd/user/{UNIT}.d/90-mine.conf"
    user.run("sh", "-c", script, check=True)
    user.run("systemctl", "--user", "daemon-reload", check=True)


def test_after_install_it_runs_and_says_how_it_is(installed: Booted) -> None:
    assert (shown(installed, "ActiveState"), shown(installed, "UnitFileState")) == ("active", "enabled")
    until(installed, "StatusText", "Inbox open")
    seen = installed.run("systemctl", "--user", "status", UNIT, "--no-pager").stdout
    assert "active (running)" in seen and "Inbox open" in seen
    status = installed.run(HOMEWARD, "service", "status")
    assert status.returncode == 0 and "The service runs" in status.stdout and "Installed: systemd" in status.stdout
    told = installed.run(HOMEWARD, "service", "logs").stdout
    assert "the service has started" in told and "no word from logind" not in told


def test_its_journal_has_fields_of_its_own(installed: Booted) -> None:
    until(installed, "StatusText", "Inbox open")
    found = installed.run("journalctl", "--user", "-u", UNIT, "-o", "json", "--no-pager").stdout
    said = [json.loads(line) for line in found.splitlines()]
    own = [entry for entry in said if entry.get("_TRANSPORT") == "journal" and entry["SYSLOG_IDENTIFIER"] == "homeward"]
    assert "the service has started" in [entry["MESSAGE"] for entry in own]


def test_to_install_it_again_changes_nothing(installed: Booted) -> None:
    before = shown(installed, "MainPID")
    done = installed.run(HOMEWARD, "service", "install")
    assert done.returncode == 0 and "nothing had to be changed" in done.stdout
    assert shown(installed, "MainPID") == before


def test_a_unit_of_another_version_is_noticed_and_replaced(installed: Booted) -> None:
    installed.run("sed", "-i", "s/^RestartSec=.*/RestartSec=60/", f"{HOME}/.config/systemd/user/{UNIT}", check=True)
    assert "of another version" in installed.run(HOMEWARD, "service", "status").stdout
    assert installed.run(HOMEWARD, "service", "install").returncode == 0
    assert "of another version" not in installed.run(HOMEWARD, "service", "status").stdout


def test_the_user_is_not_signed_in(installed: Booted) -> None:
    """It runs all the same: lingering."""
    assert installed.root("loginctl", "--no-legend", "list-sessions").stdout.strip() == ""


def test_what_it_may_not_do_it_cannot_do(installed: Booted) -> None:
    """Measured by what happens, from within: in v252 many settings of a user unit do nothing without a word."""
    probes = (f"cat {HOME}/.ssh/id", f"touch {HOME}/elsewhere", f"touch {HOME}/.bashrc")
    script = "\n".join(f"if {probe} 2>/dev/null; then echo 'could: {probe}'; fi" for probe in probes)
    allowed = f"touch {HOME}/.local/state/homeward/x && touch {CONFIG}/calendars/work/x && echo fine"
    until(installed, "StatusText", "Inbox open")
    pid = shown(installed, "MainPID")
    told = installed.run("nsenter", "-t", pid, "-U", "-m", "--preserve-credentials", "sh", "-c", f"{script}\n{allowed}")
    assert told.stdout == "fine\n", told.stdout + told.stderr
    capabilities = [line.split()[1] for line in installed.root("cat", f"/proc/{pid}/status").stdout.splitlines() if "Cap" in line]
    assert set(capabilities) == {"0" * 16}
    assert "NoNewPrivs:\t1" in installed.root("cat", f"/proc/{pid}/status").stdout


def test_killed_it_is_started_again(installed: Booted) -> None:
    quicker(installed, "RestartSec=1")
    before = shown(installed, "MainPID")
    installed.run("kill", "-9", before, check=True)
    until(installed, "NRestarts", "1")
    until(installed, "ActiveState", "active")
    assert shown(installed, "MainPID") not in ("0", before)
    until(installed, "StatusText", "Inbox open")


def test_hung_it_is_killed_by_the_watchdog_and_started_again(installed: Booted) -> None:
    quicker(installed, "RestartSec=1", "WatchdogSec=2")
    installed.run("systemctl", "--user", "restart", UNIT, check=True)
    until(installed, "StatusText", "Inbox open")
    time.sleep(5)  # longer than the watchdog: as long as it works, nothing happens
    before = shown(installed, "MainPID")
    assert shown(installed, "NRestarts") == "0"
    installed.run("kill", "-STOP", before, check=True)
    until(installed, "NRestarts", "1")
    until(installed, "ActiveState", "active")
    assert "Watchdog timeout" in logs(installed)


def test_stopped_it_ends_by_itself(installed: Booted) -> None:
    installed.run("systemctl", "--user", "stop", UNIT, check=True)
    assert (shown(installed, "ActiveState"), shown(installed, "Result")) == ("inactive", "success")
    assert "the service has stopped" in logs(installed)


def test_a_calendar_that_moved_is_noticed_and_installed_again(installed: Booted) -> None:
    assert "the service runs" in installed.run(HOMEWARD, "doctor").stdout
    config = f"sed -i 's|calendars/work|../../moved/work|' {CONFIG}/config.toml"
    script = f"mkdir {HOME}/moved && mv {CONFIG}/calendars/work {HOME}/moved && {config}"
    installed.run("sh", "-c", script, check=True)
    assert "may not write to every calendar" in installed.run(HOMEWARD, "doctor").stdout
    assert installed.run(HOMEWARD, "service", "install").returncode == 0
    assert "may not write" not in installed.run(HOMEWARD, "doctor").stdout
    installed.run("rm", "-r", f"{HOME}/moved")


def test_a_reload_that_finds_a_mistake_keeps_it_running(installed: Booted) -> None:
    until(installed, "StatusText", "Inbox open")
    installed.run("sed", "-i", "s/^name = /nmae = /", f"{CONFIG}/config.toml", check=True)
    installed.run("systemctl", "--user", "reload", UNIT, check=True)
    until(installed, "StatusText", "The config has a mistake")
    assert shown(installed, "ActiveState") == "active"


def test_with_a_config_that_never_was_good_nothing_is_installed(user: Booted) -> None:
    user.run("sed", "-i", "s/^name = /nmae = /", f"{CONFIG}/config.toml", check=True)
    done = user.run(HOMEWARD, "service", "install")
    assert done.returncode == 2 and "nmae" in done.stderr
    assert user.run("test", "-e", f"{HOME}/.config/systemd/user/{UNIT}").returncode == 1


# --- the desktop, from inside ---------------------------------------------------------------------------------------------

_TAKES_NOTICES = f"""
import json, time
from pathlib import Path
from tests.servers.dbus import Desktop
desktop = Desktop("{BUS}")
while True:
    Path("{HOME}/notices").write_text(json.dumps(desktop.shown))
    time.sleep(0.1)
"""


def test_its_notices_reach_the_desktop(installed: Booted) -> None:
    installed.begin("desktop.service", sys.executable, "-c", _TAKES_NOTICES)
    try:
        told(installed, ("cat", f"{HOME}/notices"), "[")
        installed.run("systemctl", "--user", "restart", UNIT, check=True)
        until(installed, "StatusText", "Inbox open")
        installed.run("sed", "-i", "s/^name = /nmae = /", f"{CONFIG}/config.toml", check=True)
        installed.run("systemctl", "--user", "reload", UNIT, check=True)
        told(installed, ("cat", f"{HOME}/notices"), "config")
    finally:
        installed.end("desktop.service")


_ACCOUNT = """
[[account]]
id = "local"
[[account]]
id = "office"
kind = "caldav"
user = "lena"
url = "http://localhost:1/"
[[calendar]]
id = "office"
role = "team"
account = "office"
collection = "/lena/work/"
"""
_LOCK = """
import secretstorage
connection = secretstorage.dbus_init()
secretstorage.collection.get_collection_by_alias(connection, "default").lock()
"""


def told(user: Booted, command: tuple[str, ...], wanted: str, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while wanted not in (said := user.run(*command)).stdout:
        assert time.monotonic() < deadline, f"{command} says {said.stdout}{said.stderr}, not {wanted}\n{logs(user)}"
        time.sleep(0.3)


_TITLES = ("Lisbon", "Chiado", "Atlantic", "Monday team", "Budget review", "Dan / Lena", "Dentist", "example.org")


def test_the_journal_hears_neither_titles_nor_addresses_nor_secrets(user: Booted) -> None:
    """All that a whole plan does is done, beside an account that fails."""
    account = _ACCOUNT.replace("url =", 'password_file = "canary.secret"\nurl =')
    secret = f"printf canary-of-a-file > {CONFIG}/canary.secret && chmod 600 {CONFIG}/canary.secret"
    more = f'{account}[service]\napply = "auto"\n'
    user.run("sh", "-c", f"{secret} && printf '%s' '{more}' >> {CONFIG}/config.toml", check=True)
    done = user.run(HOMEWARD, "service", "install")
    assert done.returncode == 0, done.stdout + done.stderr + logs(user)
    read = ("journalctl", "--user", "-u", UNIT, "-o", "export", "--no-pager")
    told(user, read, "HOMEWARD_STEP=done")
    journal = user.run(*read).stdout
    assert "HOMEWARD_ABSENCE=" in journal and "canary-of-a-file" not in journal
    assert [title for title in _TITLES if title in journal] == []


@pytest.fixture
def keyring(user: Booted) -> Iterator[Booted]:
    """GNOME Keyring in the user's session, unlocked, with the password of an account in it."""
    script = "printf secret | exec gnome-keyring-daemon --foreground --components=secrets --unlock"
    user.begin("keyring.service", "sh", "-c", script)
    user.run("sh", "-c", f"printf '%s' '{_ACCOUNT}' >> {CONFIG}/config.toml", check=True)
    try:
        kept = ("sh", "-c", f"echo canary-of-the-keyring | {HOMEWARD} auth set office --stdin --untried")
        deadline = time.monotonic() + 30
        while (done := user.run(*kept)).returncode != 0:
            assert time.monotonic() < deadline, done.stdout + done.stderr
            time.sleep(0.3)
        yield user
    finally:
        user.end("keyring.service")


def test_from_inside_it_asks_the_keyring_and_waits_while_that_is_locked(keyring: Booted) -> None:
    user = keyring
    user.run(sys.executable, "-c", _LOCK, check=True)
    done = user.run(HOMEWARD, "service", "install")
    assert done.returncode == 0, done.stdout + done.stderr + logs(user)
    told(user, (HOMEWARD, "status"), "Waiting for the keyring")
    assert shown(user, "ActiveState") == "active"
    user.end("keyring.service")
    user.begin(
        "keyring.service", "sh", "-c", "printf secret | exec gnome-keyring-daemon --foreground --components=secrets --unlock"
    )
    user.run("systemctl", "--user", "reload", UNIT, check=True)
    told(user, (HOMEWARD, "status"), "localhost could not be reached")
    assert "Waiting for the keyring" not in user.run(HOMEWARD, "status").stdout
    assert "canary-of-the-keyring" not in logs(user)


@pytest.fixture
def no_namespaces(machine: Booted) -> Iterator[None]:
    """The user's systemd may make none, as where an administrator has switched them off."""
    folder = f"/run/systemd/system/user@{UID}.service.d"
    machine.root("sh", "-c", f"mkdir -p {folder}; printf '[Service]\\nRestrictNamespaces=yes\\n' > {folder}/none.conf")
    _restart(machine)
    yield
    machine.root("rm", f"{folder}/none.conf")
    _restart(machine)


def _restart(machine: Booted) -> None:
    machine.root("systemctl", "daemon-reload")
    machine.root("systemctl", "restart", f"user@{UID}.service")


def test_where_users_have_no_namespaces_it_runs_relaxed_and_says_so(no_namespaces: None, user: Booted) -> None:
    done = user.run(HOMEWARD, "service", "install")
    assert done.returncode == 0 and "no user have namespaces" in done.stdout, done.stdout + done.stderr + logs(user)
    assert "217" in logs(user) or "218" in logs(user) or "226" in logs(user)
    assert shown(user, "ActiveState") == "active"
    until(user, "StatusText", "Inbox open")
    assert "not limited" in user.run(HOMEWARD, "service", "status").stdout


def test_uninstalled_it_is_gone(installed: Booted) -> None:
    done = installed.run(HOMEWARD, "service", "uninstall", "--hosts", "keep", "--blocks", "keep")
    assert done.returncode == 0 and "taken away" in done.stdout, done.stdout + done.stderr
    assert shown(installed, "LoadState") == "not-found"
    assert installed.run("test", "-e", f"{CONFIG}/config.toml").returncode == 0
