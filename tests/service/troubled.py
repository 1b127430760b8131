"""A leader's month on servers, played through the real loop; each pass is a process of its own, as in the service. Servers answer
badly, lines are cut, processes are killed, disks are full, secrets are locked away, configs have mistakes: all of it by dice."""

from __future__ import annotations

import os
import random
import resource
import select
import signal
import traceback
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.utils import format_datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from daemon.clock import FixedClock
from daemon.ledger import Ledger
from daemon.outside import Outside
from daemon.paths import Paths
from daemon.service.report import Order, Report, dump, load_report
from daemon.service.worker import make
from daemon.session import Session
from tests.daemon.fuse import KILLED, Fuse, Watched, WatchedDatabase
from tests.daemon.shell import type_
from tests.servers.calendar_server import PASSWORD as CALENDAR_PASSWORD
from tests.servers.dovecot import Dovecot
from tests.servers.imap_clients import by_hand
from tests.servers.misbehaving_http import Request, Saying, answer, hand_on
from tests.servers.radicale import Radicale
from tests.servers.relaying import Cutter
from tests.servers.sieve_users import Account
from tests.servers.submission import Submission
from tests.service.playing import Machine
from tests.stories import leader
from tests.stories.letters import ME

START = datetime(2026, 10, 24, 8, tzinfo=UTC)  # the clocks change in the night to come; the trip is from 9 to 13 November
DAYS = 30
_HANGS = 1.5  # seconds, of the real clock, until a pass that hangs is killed
SERVICE = '\n[service]\napply = "auto"\npass_minutes = {minutes}\n[phone]\nmute_desktop = true\n'
SENDERS = ("ola@customer.example", "eve@stranger.example", "dan@office.example", "jonas@family.example", "ana@office.example")
OUTAGES = ("500 Internal Server Error", "503 Service Unavailable", "429 Too Many Requests", "cut", "deaf", "half", "hangs")


class Outage:
    """What the calendar server does from its `after`-th request on, for some requests; "" where it is well."""

    def __init__(self, server: Radicale) -> None:
        self._server = server
        self.begin("", 0, 0)

    def begin(self, kind: str, after: int, requests: int) -> None:
        self.kind, self.after, self.left = kind, after, requests

    def __call__(self, request: Request) -> Saying:
        if not self.kind or self.left <= 0:
            return hand_on(self._server, request)
        self.after -= 1
        if self.after > 0:
            return hand_on(self._server, request)
        self.left -= 1
        return self._badly(request)

    def _badly(self, request: Request) -> Saying:
        match self.kind:
            case "cut":
                return lambda line: None
            case "deaf":  # carried out, and nobody is told
                hand_on(self._server, request)
                return lambda line: None
            case "half":
                said = hand_on(self._server, request)
                return lambda line: line.sendall(said[: len(said) // 2])
            case "hangs":
                return lambda line: (line.recv(1), None)[1]
        return answer(self.kind, Retry_After="600")


class _Fused(Session):
    """Burns the fuse around each write to the ledger and to the outside."""

    fuse: Fuse

    def use_ledger(self, ledger: Ledger) -> None:
        ledger.db = WatchedDatabase(ledger.db, self.fuse)  # type: ignore[assignment]
        super().use_ledger(ledger)

    @cached_property
    def outside(self) -> Outside:
        from daemon.connect import connect

        outside = connect(self.policy, self.paths, self.clock)
        for kind in (outside.calendars, outside.mailboxes, outside.responders, outside.outboxes):
            for name, backend in kind.items():
                kind[name] = Watched(backend, self.fuse)  # type: ignore[assignment]
        return outside


class _Term(Fuse):
    """The service is stopped: the process is told to end between two changes."""

    def burn(self) -> None:
        self.left -= 1
        if self.left == 0:
            os.kill(os.getpid(), signal.SIGTERM)


class Month:
    """`hold` is "client" or "server"; `naps`: the lid is shut most of the time, for hours. `calm()` ends all trouble."""

    naps = False

    def __init__(
        self, root: Path, seed: int, servers: tuple[Radicale, Dovecot, Submission], lines: tuple[Cutter, Cutter], hold: str
    ) -> None:
        self.root, self.chance = root, random.Random(seed)
        self.radicale, self.dovecot, self.submission = servers
        self.imap, self.sieve = lines
        self.outage = Outage(self.radicale)
        self.account = Account(self.dovecot)
        self.hold = hold
        self.can_watch = seed % 3 == 1
        self.delivered: list[str] = []
        self.told: list[str] = []  # what went wrong, for whoever reads a failure
        self.next_mail = self.end = START
        self.expected: dict[str, bytes] = {}

    def settle_in(self, url: str, minutes: int) -> None:
        """The config, the calendars and the user's own Sieve rules."""
        server = self.radicale
        self.work = leader.fill(server, server.new_calendar(), leader.TRIP, leader.meetings("ana", "carla"))
        self.family = leader.fill(server, server.new_calendar(), leader.FAMILY)
        self.account.put("summer", leader.OTHER_SCRIPT)
        self.account.put("mine", leader.OWN_SCRIPT, active=True)
        office = leader.ACCOUNT.format(name="office", url=url)
        post = leader.post(self.dovecot, self.submission, self.account.user)
        for port, line in ((self.dovecot.imap, self.imap), (self.dovecot.sieve, self.sieve)):
            post = post.replace(f"localhost:{port}", f"localhost:{line.port}")
        calendars = leader.collection("work", self.work, account="office")
        calendars += leader.collection("family", self.family, account="office", role="family")
        mail = leader.MAIL.replace('"server"', f'"{self.hold}"')
        leader.settle_in(self.root, office + post, calendars, mail, self.dovecot.ca_file)
        config = self.root / "config.toml"
        config.write_text(config.read_text().replace('password_file = "calendar.secret"', self._fetch()))
        with config.open("a") as file:
            file.write(SERVICE.format(minutes=minutes))
        self.good_config = config.read_text()
        self.scripts, self.in_force, self.folders = self.account.scripts(), self.account.in_force(), self.all_folders()
        self.expected = server.content(self.work) | server.content(self.family)
        self._unlock(True)
        warmed = type_(self.root, "plan", now=START.isoformat())  # what a pass imports is then there when it is forked
        assert warmed.code == 0, warmed.all

    def _fetch(self) -> str:
        return f'password_fetch = ["cat", "{self.root / "open.secret"}"]'

    # --- a pass -------------------------------------------------------------------------------------------------------

    def make(self, now: datetime, order: Order) -> Report:
        """In a process of its own, in which or around which something may go wrong."""
        self._unlock(self.chance.random() > 0.02)
        trouble = self._dice()
        before = self._prepared(trouble)
        report = self._forked(now, order, before)
        if report.state != "done" or trouble:
            self.told.append(f"{now:%d %b %H:%M} {trouble or '-'}: {report.state} {report.words}")
        assert "a defect" not in report.words, self.told[-5:]
        self._end_trouble()
        return report

    calmed = False

    def calm(self) -> None:
        self.calmed = True
        self._end_trouble()
        self._unlock(True)
        (self.root / "config.toml").write_text(self.good_config)

    def _dice(self) -> str:
        if self.calmed or self.chance.random() > 0.2:
            return ""
        kinds = ("killed", "killed", "stopped", "disk", "web", "web", "web", "imap", "imap", "sieve", "smtp")
        return self.chance.choice(kinds)

    def _prepared(self, trouble: str) -> Callable[[Session], Session]:
        """Arranges it; returns what is to be done in the process itself."""
        dice = self.chance
        match trouble:
            case "killed":
                return _fused(Fuse(dice.randint(1, 40)))
            case "stopped":
                return _fused(_Term(dice.randint(1, 40)))
            case "disk":
                return _no_file_beyond(dice.choice((0, 1, 5_000, 40_000, 90_000, 150_000)))
            case "web":
                self.outage.begin(dice.choice(OUTAGES), dice.randint(1, 12), dice.choice((1, 1, 99)))
            case "imap":
                self.imap.cut_after(dice.randint(1, 60))
            case "sieve":
                self.sieve.cut_after(dice.randint(1, 40))
            case "smtp":
                said = dice.choice(("451 try later", "552 no room", "421 closing", ""))
                self.submission.caught.answers = {"DATA": said} if said else {}
                self.submission.caught.cut_after_data = not said
        return lambda session: session

    def _end_trouble(self) -> None:
        self.outage.kind = ""
        self.imap.cut_after(0)
        self.sieve.cut_after(0)
        self.submission.caught.answers, self.submission.caught.cut_after_data = {}, False

    def _unlock(self, is_open: bool) -> None:
        secret = self.root / "open.secret"
        secret.unlink(missing_ok=True)
        if is_open or self.calmed:
            secret.write_text(f"{CALENDAR_PASSWORD}\n")

    def session(self, now: datetime, kind: type[Session] = Session) -> Session:
        return kind(Paths(self.root / "config.toml", self.root / "state", self.root / "state" / "cache"), FixedClock(now))

    def _forked(self, now: datetime, order: Order, before: Callable[[Any], Any]) -> Report:
        ours, theirs = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(ours)
            _pass_and_end(lambda: before(self.session(now, _Fused)), order, theirs)
        os.close(theirs)
        said = b"".join(_heard(ours, _HANGS if self.outage.kind == "hangs" else 60))
        os.close(ours)
        os.kill(child, signal.SIGKILL) if not said else None
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        assert code in (0, KILLED, -signal.SIGKILL), f"the pass at {now} fell"
        return load_report(said) if said else Report("failed", "killed")

    # --- the people around --------------------------------------------------------------------------------------------

    def live(self, machine: Machine) -> None:
        """What may happen at any turn of the loop, of which there are some 288 a day. Where servers are watched, what happens on
        them is told."""
        now = machine.time.moment
        before = (len(self.delivered), len(self.told))
        self._happens(machine, now)
        if before != (len(self.delivered), len(self.told)) and machine.watches:
            machine.events.append("news")

    def _happens(self, machine: Machine, now: datetime) -> None:
        if now >= self.next_mail:
            self.mail(now)
            self.next_mail = now + timedelta(minutes=self.chance.randint(60, 700))
        dice = self.chance.random() * 288
        away = datetime(2026, 11, 8, tzinfo=UTC) < now < datetime(2026, 11, 16, tzinfo=UTC)
        if self.naps and not (away and dice < 60):
            machine.asleep = self.chance.uniform(1, 7 if away else 24) * 3600.0
        elif dice < 2:
            machine.asleep = self.chance.choice([600.0, 3600.0, 9 * 3600.0, 30 * 3600.0])
        elif dice < 2.3:
            machine.new_loop()
        elif dice < 2.4:
            machine.stepped = self.chance.choice([-90.0, 90.0, 3600.0])
        elif dice < 3:
            self.edit_config()
        elif dice < 5:
            self.answer(self.chance.choice(("ana", "carla")))
        elif dice < 5.1 and now < datetime(2026, 11, 12, tzinfo=UTC):
            self.move_flight()

    def mail(self, now: datetime) -> None:
        message, number = EmailMessage(), len(self.delivered)
        identifier = f"<soak{number}@mail.example>"
        message["From"], message["To"], message["Subject"] = self.chance.choice(SENDERS), ME, f"Letter {number}"
        message["Message-ID"], message["Date"] = identifier, format_datetime(now)
        message.set_content("Hello")
        self.dovecot.put(self.account.user, f"{now.timestamp():.0f}.soak{number}.test", message.as_bytes(), now)
        self.delivered.append(identifier)

    def edit_config(self) -> None:
        """A mistake, and at another time its correction."""
        config = self.root / "config.toml"
        good = config.read_text() == self.good_config
        config.write_text(self.good_config.replace("home_zone", "home_zoen") if good else self.good_config)
        self.told.append("the config is edited")

    def answer(self, who: str) -> None:
        """A deputy says yes or no to one request."""
        partstat, wanted, left = self.chance.choice(("ACCEPTED", "DECLINED")), f"mailto:{who}@office.example", 1

        def answered(data: bytes) -> bytes:
            nonlocal left
            lines = data.decode().replace("\r\n ", "").split("\r\n")
            for number, line in enumerate(lines):
                if left and line.startswith("ATTENDEE") and wanted in line and "PARTSTAT=NEEDS-ACTION" in line:
                    lines[number], left = line.replace("NEEDS-ACTION", partstat), 0
            return "\r\n".join(lines).encode() if not left else data

        path = f"{self.work}weekly.ics"
        data = self.radicale.get(path)
        if (changed := answered(data)) != data:
            self.radicale.put(path, changed)
            self.told.append(f"{who} {partstat}")

    def move_flight(self) -> None:
        """The flight home goes a day later, or as it was."""
        path = f"{self.work}home.ics"
        data = self.radicale.get(path)
        early, late = (b"20261113T183000Z", b"20261113T220500Z"), (b"20261114T183000Z", b"20261114T220500Z")
        old, new = (early, late) if early[0] in data else (late, early)
        for was, becomes in zip(old, new, strict=True):
            data = data.replace(was, becomes)
        self.radicale.put(path, data)
        self.expected[path] = self.radicale.get(path)
        self.told.append("a flight is moved")

    # --- what is there ------------------------------------------------------------------------------------------------

    def all_folders(self) -> list[str]:
        with by_hand(self.dovecot, self.account.user) as client:
            return sorted(str(name) for _, _, name in client.list_folders())

    def places(self) -> dict[str, list[str]]:
        """Message-ID → the folders in which it is, of everything that was delivered."""
        found: dict[str, list[str]] = {identifier: [] for identifier in self.delivered}
        for path in sorted((self.dovecot.home(self.account.user) / "Maildir").rglob("*")):
            if path.is_file() and path.parent.name in ("new", "cur", "tmp"):
                identifier = str(message_from_bytes(path.read_bytes())["Message-ID"])
                if identifier in found:
                    found[identifier].append(path.parent.parent.name)
        return found

    def sent(self) -> list[str]:
        """Message-IDs of all that homeward sent."""
        return [str(message_from_bytes(each.content)["Message-ID"]) for each in self.submission.caught.letters]

    def calendars(self) -> dict[str, bytes]:
        return self.radicale.content(self.work) | self.radicale.content(self.family)


def _fused(fuse: Fuse) -> Callable[[Session], Session]:
    def arranged(session: Session) -> Session:
        session.fuse = fuse  # type: ignore[attr-defined]
        return session

    return arranged


def _no_file_beyond(size: int) -> Callable[[Session], Session]:
    def arranged(session: Session) -> Session:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
        return session

    return arranged


def _pass_and_end(opened: Callable[[], Any], order: Order, out: int) -> None:
    try:
        session = opened()
        session.fuse = getattr(session, "fuse", None) or Fuse(-1)
        report = make(session, order)
        session.close()
        os.write(out, dump(report))
        os._exit(0)
    except BaseException:
        traceback.print_exc()
        os._exit(1)


def _heard(pipe: int, seconds: float) -> Iterator[bytes]:
    """Until its other end is closed; what comes, if nothing comes for so long."""
    while select.select([pipe], [], [], seconds)[0] and (piece := os.read(pipe, 65_536)):
        yield piece
