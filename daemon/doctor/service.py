"""The background service: whether it runs, and whether what it may write to is what the config asks for."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path

from daemon.doctor.finding import Finding
from daemon.paths import home
from daemon.service import control, install, unit
from daemon.session import Session


def service(session: Session) -> Iterator[Finding]:
    told = control.ask(str(session.paths.state), "status")
    folder = install.units(os.environ)
    if told is None:
        installed = (folder / unit.NAME).exists() or install.autostart(os.environ).exists()
        advice = "homeward service logs" if installed else "homeward service install"
        yield Finding("broken" if installed else "remark", "the service does not run; nothing is done by itself", advice)
    else:
        yield Finding("ok", f"the service runs (pid {told['pid']})")
    if (folder / unit.DROP_INS / unit.RELAXED).exists():
        yield Finding("remark", "the service may write wherever you can: this machine lets no user have namespaces")
    elif not _may_write_enough(session):
        yield Finding(
            "broken", "the service may not write to every calendar and mailbox of the config", "homeward service install"
        )


def sendmail(session: Session) -> Iterator[Finding]:
    """Where the service is limited, no program gains rights by its file's mode (NoNewPrivileges): Postfix cannot queue then."""
    if not (install.units(os.environ) / unit.NAME).exists():
        return
    for mail in session.policy.mail:
        needy = needs_rights(mail.sendmail[0]) if mail.sendmail else None
        if needy is not None:
            because = f"mailbox {mail.id}: the service cannot send by {mail.sendmail[0]}: {needy} needs rights of its own"
            yield Finding("broken", because, _OTHERWISE)


_OTHERWISE = 'sendmail = ["msmtp", "-t"] (or another that speaks SMTP itself), an outbox, or an [[account]] with smtp'
_QUEUES = ("/usr/sbin/postdrop", "/usr/lib/postfix/sbin/postdrop", "/usr/libexec/postfix/postdrop")


def needs_rights(command: str, queues: Sequence[str] = _QUEUES) -> Path | None:
    """What of that command runs with another user's or group's rights; msmtp works without."""
    found = shutil.which(command)
    if found is None:
        return None
    real = Path(found).resolve()
    if real.name == "msmtp":
        return None
    parts = [real, *(map(Path, queues) if real.name == "sendmail" else ())]
    return next((part for part in parts if part.exists() and part.stat().st_mode & (stat.S_ISUID | stat.S_ISGID)), None)


def _may_write_enough(session: Session) -> bool:
    """Whether the unit, where there is one, names every folder that the config has now."""
    drop_in = install.units(os.environ) / unit.DROP_INS / unit.OURS
    if not drop_in.exists():
        return True
    lines = set(drop_in.read_text("utf-8", "replace").splitlines())
    return set(unit.write_lines(session.policy, session.paths, home(os.environ))) <= lines
