"""A whole systemd with logind in a container over this machine's own files (systemd-nspawn over an overlay), and a user in it
whose services run without a login. What happens in it touches nothing outside. Only root can have one."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

USER, UID = "lena", 4242
BUS = f"unix:path=/run/user/{UID}/bus"
_OURS = Path(__file__).parents[2]
_PATIENCE = 120  # seconds; it takes two, but a busy machine has been seen to take a minute

_BOOT = """
set -eu
umask 022
mount -t tmpfs tmpfs {folder}
mkdir {folder}/upper {folder}/work {folder}/root
mount -t overlay overlay -o lowerdir=/,upperdir={folder}/upper,workdir={folder}/work {folder}/root
cd {folder}/root
echo '{user}:x:{uid}:{uid}::/home/{user}:/bin/sh' >> etc/passwd
echo '{user}:x:{uid}:' >> etc/group
echo '{user}:*:19000:0:99999:7:::' >> etc/shadow
mkdir -p home/{user} var/lib/systemd/linger
chown {uid}:{uid} home/{user}
touch var/lib/systemd/linger/{user}
for folder in {closed}; do chmod o+x ".$folder"; done
: > etc/machine-id
exec systemd-nspawn --quiet -D {folder}/root --boot --register=no --keep-unit --private-network --link-journal=no \\
    --console=pipe {seen} {masked}
"""

# Services of the machine that the container has no need of.
_MASKED = ("dovecot.service", "postgresql.service", "postgresql@.service", "cron.service", "apt-daily.timer")


def why_not() -> str:
    """What forbids it here, or ""."""
    if os.geteuid() != 0:
        return "only root can boot a container"
    if not shutil.which("systemd-nspawn"):
        return "the Debian package systemd-container is needed"
    with tempfile.TemporaryDirectory() as folder:
        script = f"mount -t tmpfs tmpfs {folder} && mkdir {folder}/u {folder}/w {folder}/r && mount -t overlay overlay -o "
        script += f"lowerdir=/,upperdir={folder}/u,workdir={folder}/w {folder}/r"
        done = subprocess.run(["unshare", "-m", "sh", "-c", script], capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else f"this machine forbids to mount an overlay: {done.stderr.strip()}"


class Booted:
    """`run` runs a command as the user."""

    def __init__(self, leader: int) -> None:
        self._leader = leader

    def run(self, *command: str, check: bool = False) -> subprocess.CompletedProcess[str]:
        who = ["setpriv", f"--reuid={UID}", f"--regid={UID}", "--clear-groups", "env", "-i", f"HOME=/home/{USER}", f"USER={USER}"]
        where = ["PATH=/usr/bin:/bin", f"XDG_RUNTIME_DIR=/run/user/{UID}", "LANG=C.UTF-8", f"DBUS_SESSION_BUS_ADDRESS={BUS}"]
        return self._inside([*who, *where, *command], check=check)

    def begin(self, unit: str, *command: str) -> None:
        """A program of the user's session that goes on, such as the desktop's own; tests may be imported in it."""
        self.run("systemctl", "--user", "reset-failed", unit)
        started = ("systemd-run", "--user", "--quiet", "--collect", f"--unit={unit}", f"--setenv=PYTHONPATH={_OURS}")
        self.run(*started, *command, check=True)

    def end(self, unit: str) -> None:
        self.run("systemctl", "--user", "stop", unit)

    def root(self, *command: str) -> subprocess.CompletedProcess[str]:
        return self._inside(command)

    def _inside(self, command: Sequence[str], *, check: bool = False) -> subprocess.CompletedProcess[str]:
        enter = ["nsenter", "-t", str(self._leader), "-a"]
        return subprocess.run(
            [*enter, *command], capture_output=True, text=True, check=check, timeout=120, stdin=subprocess.DEVNULL
        )


def _closed() -> list[str]:
    """Folders on the way to Python and to us that are closed to others."""
    ways = [Path(sys.executable).parent, Path(os.path.realpath(sys.executable)).parent, _OURS]
    found = {folder for way in ways for folder in (way, *way.parents) if not folder.stat().st_mode & 0o001}
    return sorted(str(folder) for folder in found)


@contextmanager
def booted() -> Iterator[Booted]:
    with tempfile.TemporaryDirectory(prefix="hw-booted-") as folder:
        masked = " ".join(f"systemd.mask={unit}" for unit in _MASKED)
        # The container's /tmp is its own: what lies in ours has to be shown to it.
        seen = f"--bind-ro={_OURS}" if _OURS.is_relative_to("/tmp") else ""
        script = _BOOT.format(folder=folder, user=USER, uid=UID, closed=" ".join(_closed()), masked=masked, seen=seen)
        command = ["unshare", "-m", "--propagation", "private", "sh", "-c", script]
        with tempfile.TemporaryFile() as told:
            container = subprocess.Popen(command, stdout=told, stderr=told, stdin=subprocess.DEVNULL, start_new_session=True)
            try:
                yield _ready(container)
            finally:
                for first in _children(container):  # whoever is in it dies with its first process
                    os.kill(first, signal.SIGKILL)
                container.kill()
                container.wait(30)


def _children(container: subprocess.Popen[bytes]) -> list[int]:
    with suppress(FileNotFoundError):
        return [int(pid) for pid in Path(f"/proc/{container.pid}/task/{container.pid}/children").read_text().split()]
    return []


def _ready(container: subprocess.Popen[bytes]) -> Booted:
    deadline = time.monotonic() + _PATIENCE
    while True:
        assert container.poll() is None and time.monotonic() < deadline, "the container does not boot"
        time.sleep(0.1)
        for first in _children(container)[:1]:
            leader = Booted(first)
            if leader.root("systemctl", "is-active", f"user@{UID}.service").stdout.strip() == "active":
                return leader
