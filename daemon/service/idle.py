"""Watches one mailbox on a server while this machine holds it: `python -m daemon.service.idle CONFIG STATE MAIL`. What arrives is
told to the service at once, whose pass then moves it. It ends with the service, and where the server cannot be asked: after its
next pass the service starts another."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence

_LOOK = 60.0  # seconds after which it looks whether the service is still there


def main(config: str, state: str, mail: str) -> int:
    from daemon.service.control import ask
    from daemon.session import Session
    from integrations.errors import OutsideError

    service = os.getppid()
    session = Session.open(config or None, state or None, os.environ)
    try:
        mailbox = session.outside.mailbox(mail)
        wait = getattr(mailbox, "wait")  # noqa: B009  not all have it; those that the service names do
        while os.getppid() == service:
            mailbox.arrivals(session.clock.now())  # what is there by now is not new
            if wait(_LOOK):
                ask(str(session.paths.state), "mail")
    except OutsideError:
        return 1
    finally:
        session.close()
    return 0


class Watchers:
    """One such process for each mailbox that is to be watched. `config` and `state` are what the user named, or ""."""

    def __init__(self, config: str, state: str) -> None:
        self._command = [sys.executable, "-P", "-m", "daemon.service.idle", config, state]
        self._pids: dict[str, int] = {}

    def keep(self, mailboxes: Sequence[str]) -> None:
        """These from now on, and no others."""
        for mail, pid in list(self._pids.items()):
            ended, _ = os.waitpid(pid, os.WNOHANG)
            if ended:
                del self._pids[mail]
            elif mail not in mailboxes:
                os.kill(pid, signal.SIGTERM)
                os.waitpid(pid, 0)
                del self._pids[mail]
        for mail in mailboxes:
            if mail not in self._pids:
                quiet = [(os.POSIX_SPAWN_OPEN, number, os.devnull, os.O_RDWR, 0) for number in (0, 1)]
                self._pids[mail] = os.posix_spawn(sys.executable, [*self._command, mail], os.environ, file_actions=quiet)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:4]))
