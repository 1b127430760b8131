"""A secret and a private life are put into a whole run, and then looked for wherever they must not be: logs, commands, what the
processes were given, files, mails, calendars, scripts. Each run is on real servers; what goes over the line is recorded."""

from __future__ import annotations

import base64
import os
import subprocess
import sys
import threading
import urllib.parse
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from unittest.mock import patch

import pytest

from tests.daemon.shell import ROOT, environment, type_
from tests.servers.calendar_server import PASSWORD as CALENDAR_PASSWORD
from tests.servers.dovecot import PASSWORD as MAIL_PASSWORD
from tests.servers.dovecot import Dovecot
from tests.servers.misbehaving_http import Misbehaving, Request, Saying, answer, misbehaving, relay
from tests.servers.radicale import Radicale
from tests.servers.sieve_users import Account
from tests.servers.submission import Submission, running_submission
from tests.service.processes import running_service
from tests.stories import leader

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]

TITLE, PLACE, NOTES, PAIR = "Zebrafinch", "Quagmire", "Obsidianary", "Wolverine"
PRIVATE = (TITLE, PLACE, NOTES, PAIR)
_LIFE = {
    "clinic@private.example": (
        "DTSTART:20261110T150000Z", "DTEND:20261110T160000Z", f"SUMMARY:{TITLE} clinic", f"LOCATION:{PLACE} street 13",
        f"DESCRIPTION:{NOTES} and more", "CLASS:PRIVATE",
    ),
    "leave@private.example": (
        "DTSTART;VALUE=DATE:20261112", "DTEND;VALUE=DATE:20261114", f"SUMMARY:Vacation {TITLE}", f"LOCATION:{PLACE}",
        f"DESCRIPTION:{NOTES}", "CLASS:CONFIDENTIAL",
    ),
    "pair@office.example": (
        "DTSTART;TZID=Europe/Berlin:20261110T090000", "DTEND;TZID=Europe/Berlin:20261110T093000", f"SUMMARY:{PAIR} 1:1 Dan",
        f"DESCRIPTION:{NOTES} of the pair", "ORGANIZER;CN=Mia Berger:mailto:mia@office.example",
        "ATTENDEE;CN=Mia Berger;PARTSTAT=ACCEPTED:mailto:mia@office.example",
        "ATTENDEE;CN=Dan Okafor;PARTSTAT=ACCEPTED:mailto:dan@office.example",
    ),
    "family-doctor@private.example": (
        "DTSTART:20261117T140000Z", "DTEND:20261117T150000Z", f"SUMMARY:{TITLE} again", f"LOCATION:{PLACE}", "CLASS:PRIVATE",
    ),
}  # fmt: skip
SERVICE = '\n[service]\napply = "auto"\n'
COMMANDS = (
    "auth check", "calendars", "doctor", "doctor --json", "plan", "plan --json", "plan --verbose", "apply --yes", "pass",
    "brief", "brief --format html", "brief --format ics", "brief --format mail", "status", "status --json", "trips",
    "trips --json", "log", "log --all --json", "why Lisbon", "inbox status",
)  # fmt: skip
AWAY = ("pass", "status", "log --all", "doctor", "brief --send")
BACK = ("pass", "digest", "digest --format html", "status --json", "log --all --json", "undo --all --past", "pass")


def forms(secret: str) -> tuple[bytes, ...]:
    """As it is, and as it goes over lines and into addresses."""
    encoded = (base64.b64encode(f"{user}{secret}".encode()) for user in ("lea:", ""))
    return (secret.encode(), urllib.parse.quote(secret).encode(), urllib.parse.quote_plus(secret).encode(), *encoded)


SECRETS = tuple(form for secret in (CALENDAR_PASSWORD, MAIL_PASSWORD) for form in forms(secret))


def found(words: tuple[bytes, ...] | tuple[str, ...], text: bytes) -> list[bytes]:
    return [each for word in words if (each := word if isinstance(word, bytes) else word.encode()) in text]


class Eyes:
    """Looks at the commands and environments of every process of a run, which are told by a mark, while it goes on."""

    def __init__(self, mark: str) -> None:
        self._mark, self._ended = mark.encode(), threading.Event()
        self.seen: dict[bytes, bytes] = {}
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def _look(self) -> None:
        while not self._ended.wait(0.005):
            for process in Path("/proc").glob("[0-9]*"):
                with suppress(OSError):
                    around = (process / "environ").read_bytes()
                    if self._mark in around:
                        self.seen[(process / "cmdline").read_bytes()] = around

    def close(self) -> None:
        self._ended.set()
        self._thread.join(10)


# The command that fetches the password tells how it was called, and who called it.
_FETCH = """\
for process in $$ $PPID; do cat /proc/$process/cmdline /proc/$process/environ >> {root}/called; done
cat {root}/calendar.secret
"""


class Run:
    """One leader with a private life. `told` is what each command said: (out, err)."""

    def __init__(self, root: Path, servers: tuple[Radicale, Dovecot, Submission], web: Misbehaving) -> None:
        self.root, self.web = root, web
        self.radicale, self.dovecot, self.submission = servers
        self.account = Account(self.dovecot)
        self.account.put("mine", leader.OWN_SCRIPT, active=True)
        self.work = leader.fill(self.radicale, self.radicale.new_calendar(), leader.TRIP, leader.meetings("ana", "carla"), _LIFE)
        self.family = leader.fill(self.radicale, self.radicale.new_calendar(), leader.FAMILY)
        office = leader.ACCOUNT.format(name="office", url=web.url)
        fetched = f'password_fetch = ["sh", "{root / "fetch"}"]'
        office = office.replace('password_file = "calendar.secret"', fetched)
        calendars = leader.collection("work", self.work, account="office")
        calendars += leader.collection("family", self.family, account="office", role="family")
        post = leader.post(self.dovecot, self.submission, self.account.user)
        leader.settle_in(root, office + post, calendars, leader.MAIL, self.dovecot.ca_file)
        with (root / "config.toml").open("a") as file:
            file.write(SERVICE)
        (root / "fetch").write_text(_FETCH.format(root=root))
        self.told: dict[str, tuple[bytes, bytes]] = {}
        self.before = set(self.radicale.content(self.work))

    def type(self, line: str, now: str) -> None:
        with patch.dict(os.environ, {"HOMEWARD_CANARY": str(self.root)}):
            said = type_(self.root, *line.split(), now=now)
        assert said.code in (0, 1, 3), (line, said.all)
        self.told[f"{now} {line}"] = (said.out.encode(), said.err.encode())

    def remembered(self) -> dict[str, bytes]:
        folder = self.root / "state"
        return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}

    def goes_out(self) -> Iterator[tuple[str, bytes]]:
        """All that somebody else may read: mails, what was written into calendars, scripts."""
        for letter in self.submission.caught.letters:
            yield "a mail", letter.content
        for request in self.web.requests:
            if request.method in ("PUT", "POST", "DELETE", "MKCALENDAR"):
                yield f"{request.method} {request.target}", request.body
        for name, script in self.account.scripts()[1].items():
            yield f"script {name}", script or b""


@contextmanager
def run(root: Path, radicale: Radicale, dovecot: Dovecot, meddle: object = None) -> Iterator[tuple[Run, Eyes]]:
    script = relay(radicale, meddle) if meddle else relay(radicale)  # type: ignore[arg-type]
    eyes = Eyes(f"HOMEWARD_CANARY={root}")
    try:
        with running_submission(dovecot.authority) as submission, misbehaving(script) as web:
            yield Run(root, (radicale, dovecot, submission), web), eyes
    finally:
        eyes.close()


def test_secrets_are_nowhere_and_a_private_life_only_on_the_leaders_own_screen(
    radicale: Radicale, dovecot: Dovecot, tmp_path: Path, short_folder: Path
) -> None:
    with run(tmp_path / "home", radicale, dovecot) as (life, eyes):
        for now, lines in (
            ("2026-10-20T09:00+02:00", COMMANDS),
            ("2026-11-06T09:00+01:00", AWAY),
            ("2026-11-09T11:40+00:00", AWAY),
        ):
            for line in lines:
                life.type(line, now)
        secrets_while_it_runs(life)
        with running_service(life.root, short_folder, HOMEWARD_CANARY=str(life.root)) as service:
            service.wait_for_passes(1)
            assert service.stop() == 0
            life.told["the service"] = (b"", service.log.encode())
        for line in BACK:
            life.type(line, "2026-11-14T09:00+01:00")
        sent = list(life.goes_out())
        assert len(life.submission.caught.letters) > 2 and any(what.startswith("PUT") for what, _ in sent)
        assert [(what, leak) for what, text in sent if (leak := found(PRIVATE, text))] == []
        assert [(what, leak) for what, text in sent if (leak := found(SECRETS, text))] == []
        _on_the_line(life)
        _on_screens(life)
        _in_processes(life, eyes)
        assert {name: leak for name, data in life.remembered().items() if (leak := found(SECRETS, data))} == {}


def secrets_while_it_runs(life: Run) -> None:
    """The write-ahead log and the caches are still there, and nobody else may read what they have of a private life."""
    for name, data in life.remembered().items():
        assert found(SECRETS, data) == [], name
        mode = (life.root / "state" / name).stat().st_mode
        assert not found(PRIVATE, data) or mode & 0o077 == 0, name
    assert (life.root / "state").stat().st_mode & 0o077 == 0


def _on_the_line(life: Run) -> None:
    """Sent to its own server, in the one header that is for it."""
    for request in life.web.requests:
        others = {name: value for name, value in request.headers.items() if name != "authorization"}
        assert found(SECRETS, f"{request.target} {others}".encode() + request.body) == []
        assert found(PRIVATE, f"{request.target} {others}".encode()) == []


# Where the leader reads of their own entries, and nobody else does: what is planned, and why something was left alone.
_MAY_NAME = (
    "plan",
    "plan --json",
    "plan --verbose",
    "apply --yes",
    "trips",
    "trips --json",
    "why Lisbon",
    "status",
    "status --json",
)


def _on_screens(life: Run) -> None:
    for line, (out, err) in life.told.items():
        assert found(SECRETS, out + err) == [], line
        assert b"Traceback" not in out + err, (line, err)
        assert found(PRIVATE, err) == [], (line, err)
        assert found(PRIVATE, out) == [] or line.partition(" ")[2] in _MAY_NAME, (line, found(PRIVATE, out), out)


def _in_processes(life: Run, eyes: Eyes) -> None:
    eyes.close()
    called = (life.root / "called").read_bytes()
    assert b"HOMEWARD_STATE" in called and b"fetch" in called
    assert any(b"daemon.service.worker" in command for command in eyes.seen)
    for text in (called, *(command + around for command, around in eyes.seen.items())):
        assert (found(SECRETS, text), found(PRIVATE, text)) == ([], []), text


def test_a_server_that_sends_the_password_back_in_its_answer_is_not_quoted(
    radicale: Radicale, dovecot: Dovecot, tmp_path: Path
) -> None:
    def echo(request: Request) -> Saying:
        sent = request.headers.get("authorization", "")
        plain = base64.b64decode(sent.removeprefix("Basic ")).decode("utf-8", "replace")
        return answer(f"403 {plain} {sent}", f"{plain} {sent}".encode(), Location=f"/{urllib.parse.quote(plain)}")

    with run(tmp_path / "home", radicale, dovecot, echo) as (life, _):
        for line in ("auth check", "calendars", "doctor", "plan", "pass", "status", "log --all"):
            life.type(line, "2026-10-20T09:00+02:00")
        assert {line for line, said in life.told.items() if found(SECRETS, b"".join(said))} == set()
        assert {name for name, data in life.remembered().items() if found(SECRETS, data)} == set()


_FALLS = """
import daemon.reconcile as reconcile
from daemon.service.worker import main
def fall(situation):
    raise LookupError(repr(situation.occurrences) + open("calendar.secret").read())
reconcile.desire = fall
main("config.toml", "state")
"""


def test_the_trace_of_a_fall_says_where_and_quotes_nothing(radicale: Radicale, dovecot: Dovecot, tmp_path: Path) -> None:
    """A defect is planted whose exception holds it all."""
    with run(tmp_path / "home", radicale, dovecot) as (life, _):
        env = environment(life.root, "2026-10-20T09:00+02:00") | {"PYTHONPATH": str(ROOT)}
        done = subprocess.run(
            [sys.executable, "-c", _FALLS], input=b"{}", cwd=life.root, env=env, capture_output=True, check=False, timeout=60
        )
        assert b"LookupError" in done.stderr and b"desire" in done.stderr, done.stderr
        assert b"a defect of homeward (LookupError)" in done.stdout, done.stdout
        said = done.stdout + done.stderr
        assert (found(PRIVATE, said), found(SECRETS, said)) == ([], [])
