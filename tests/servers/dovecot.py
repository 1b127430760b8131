"""A throw-away Dovecot: IMAP, LMTP and ManageSieve with Pigeonhole on 127.0.0.1, and a mail server behind it that catches the
autoreplies. Works as root and as anybody. One per test session is enough: every test takes a user of its own."""

from __future__ import annotations

import itertools
import os
import random
import shutil
import signal
import smtplib
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from tests.servers.certificates import Authority, Certificate
from tests.servers.submission import PASSWORD, Submission, until

_PROGRAM = shutil.which("dovecot") or "/usr/sbin/dovecot"
_COUNT = itertools.count(1)
_NEEDED = "the Debian packages dovecot-imapd dovecot-lmtpd dovecot-managesieved dovecot-sieve are needed"

CAPABILITIES = (
    "IMAP4rev1 LITERAL+ SASL-IR LOGIN-REFERRALS ID ENABLE IDLE SPECIAL-USE NAMESPACE CHILDREN UNSELECT LIST-EXTENDED ESEARCH"
)
"""What a server of the plainest kind says of itself; add UIDPLUS or MOVE for a better one."""

_CONFIG = """
base_dir = {base}/run
state_dir = {base}/state
log_path = {base}/log
listen = 127.0.0.1
protocols = imap lmtp sieve
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
first_valid_uid = 1
first_valid_gid = 1
mail_uid = {uid}
mail_gid = {gid}
mail_fsync = never
mail_max_userip_connections = 100
mail_location = maildir:~/Maildir
mail_plugins = quota
mail_attribute_dict = file:%h/attributes
auth_mechanisms = plain login
auth_failure_delay = 0
ssl = yes
ssl_cert = <{certificate}
ssl_key = <{key}
lda_mailbox_autocreate = yes
submission_host = 127.0.0.1:{outgoing}
postmaster_address = postmaster@home.example
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = home={base}/home/%u allow_all_users=yes
}}
namespace inbox {{
  inbox = yes
  separator = {separator}
  prefix = {prefix}
  mailbox Sent {{
    special_use = \\Sent
    auto = create
  }}
  mailbox Archive {{
    special_use = \\Archive
    auto = create
  }}
  mailbox Trash {{
    special_use = \\Trash
    auto = create
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
service imap-login {{
  chroot =
  service_count = 0
  process_min_avail = 1
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = {imaps}
    ssl = yes
  }}
}}
service imap {{
  service_count = 100
}}
service managesieve-login {{
  chroot =
  service_count = 0
  inet_listener sieve {{
    port = {sieve}
  }}
}}
service lmtp {{
  inet_listener lmtp {{
    port = {lmtp}
  }}
}}
protocol imap {{
  mail_plugins = $mail_plugins imap_quota
  imap_metadata = yes
}}
protocol lmtp {{
  mail_plugins = $mail_plugins sieve
}}
plugin {{
  quota = maildir:User quota
  quota_rule = *:storage=1G
  sieve = file:~/sieve;active=~/.dovecot.sieve
  sieve_extensions = +vacation-seconds +special-use
  sieve_vacation_min_period = 1s
}}
"""


def free_port() -> int:
    """Below those that outgoing connections take: a server that is started again finds its own still free."""
    while True:
        port = random.randrange(12000, 32000)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


@dataclass(frozen=True, slots=True)
class Shape:
    """`more` is appended to the configuration: the last word counts. `prefix` (with its separator) is before every folder's name
    but INBOX."""

    more: str = ""
    separator: str = "/"
    prefix: str = ""


class Dovecot:
    """Ports `imap` (STARTTLS), `imaps`, `lmtp`, `sieve` (ManageSieve with STARTTLS) on localhost; the certificate is of an
    authority in `ca_file`. Any user may log in with `password`. `replies` holds what the server itself sent."""

    password = PASSWORD

    def __init__(self, base: Path, authority: Authority, certificate: Certificate, shape: Shape) -> None:
        self.base = base
        self.ca_file = str(authority.ca_file)
        self.authority = authority
        self.replies = Submission()
        self.imap, self.imaps, self.lmtp, self.sieve = (free_port() for _ in range(4))
        self.log = base / "log"
        self._certificate = certificate
        self._shape = shape
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        assert Path(_PROGRAM).exists(), _NEEDED
        self.replies.start() if not self.replies.port else None
        (self.base / "dovecot.conf").write_text(self._config())
        ours = threading.current_thread() is threading.main_thread()  # the signal comes when the thread ends that started it
        dies_with_us = ["setpriv", "--pdeathsig", "TERM"] if ours and shutil.which("setpriv") else []
        command = [*dies_with_us, _PROGRAM, "-F", "-c", str(self.base / "dovecot.conf")]
        output = (self.base / "output").open("ab")
        self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True)
        output.close()
        self._await()

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(2)
            self.kill()

    def kill(self) -> None:
        """With all that it started, at once, as a power failure would."""
        if self._process is None:
            return
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(5)
        until(lambda: not any(map(_listens, self._ports)))  # its children, too: a new one may want to listen there at once

    @property
    def _ports(self) -> tuple[int, int, int, int]:
        return self.imap, self.imaps, self.lmtp, self.sieve

    def user(self) -> str:
        """One that no other test has; mail to `user@home.example` is delivered to it."""
        return f"leader{next(_COUNT)}"

    def home(self, user: str) -> Path:
        return self.base / "home" / user

    def deliver(self, user: str, message: bytes, sender: str = "ana@client.example") -> None:
        """By LMTP, through the user's Sieve script."""
        with smtplib.LMTP("127.0.0.1", self.lmtp, timeout=10) as lmtp:
            lmtp.sendmail(sender, [user], message)

    def put(self, user: str, name: str, message: bytes, at: datetime, folder: str = "") -> None:
        """Lay a message into the mailbox as if it had come at `at`. `folder`: as Maildir++ writes it (".Held"), empty: INBOX."""
        root = self.home(user) / "Maildir" / folder
        for part in ("tmp", "new", "cur"):
            self._make(root / part)
        path = root / "tmp" / name
        path.write_bytes(message)
        os.utime(path, (at.timestamp(), at.timestamp()))
        self._give(path)
        path.rename(root / "new" / name)

    def _make(self, folder: Path) -> None:
        if not folder.exists():
            if folder.parent != self.base:
                self._make(folder.parent)
            folder.mkdir(mode=0o700)
            self._give(folder)

    def _give(self, path: Path) -> None:
        if os.getuid() == 0:
            os.chown(path, _uid(), _gid())

    def _config(self) -> str:
        certificate = self._certificate
        self._make(self.base / "home")
        return _CONFIG.format(
            base=self.base, user=_name(_uid(), "user"), group=_name(_gid(), "group"), uid=_uid(), gid=_gid(),
            certificate=certificate.certificate, key=certificate.key, outgoing=self.replies.port, password=PASSWORD,
            imap=self.imap, imaps=self.imaps, lmtp=self.lmtp, sieve=self.sieve,
            separator=self._shape.separator, prefix=self._shape.prefix,
        ) + self._shape.more  # fmt: skip

    def _await(self) -> None:
        assert self._process is not None
        for port in self._ports:
            deadline = time.monotonic() + 10
            while not _listens(port):
                said = (self.base / "output").read_text() + (self.log.read_text() if self.log.exists() else "")
                assert self._process.poll() is None and time.monotonic() < deadline, f"Dovecot did not start: {said}\n{_NEEDED}"
                time.sleep(0.02)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _uid() -> int:
    return os.getuid() or 65534  # Dovecot refuses to work on mail as root


def _gid() -> int:
    return os.getgid() if os.getuid() else 65534


def _name(number: int, kind: str) -> str:
    import grp
    import pwd

    return pwd.getpwuid(number).pw_name if kind == "user" else grp.getgrgid(number).gr_name


_USUAL = Shape()


@contextmanager
def running_dovecot(shape: Shape = _USUAL, *, names: str = "", days: int = 2) -> Iterator[Dovecot]:
    """`names`: subject alternative names of its certificate (empty: localhost and 127.0.0.1), good for `days` from now."""
    base = Path(tempfile.mkdtemp(dir="/tmp", prefix="hw-dc-"))
    try:
        base.chmod(0o755)
        (base / "tls").mkdir()
        authority = Authority(base / "tls")
        certificate = authority.certificate(names, days) if names else authority.certificate(days=days)
        dovecot = Dovecot(base, authority, certificate, shape)
        try:
            dovecot.start()
            yield dovecot
        finally:
            dovecot.kill()
            if dovecot.replies.port:
                dovecot.replies.stop()
    finally:
        shutil.rmtree(base, ignore_errors=True)
