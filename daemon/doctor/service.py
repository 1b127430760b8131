"""The background service: whether it runs, and whether what it may write to is what the config asks for."""

from __future__ import annotations

import os
from collections.abc import Iterator

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


def _may_write_enough(session: Session) -> bool:
    """Whether the unit, where there is one, names every folder that the config has now."""
    drop_in = install.units(os.environ) / unit.DROP_INS / unit.OURS
    if not drop_in.exists():
        return True
    lines = set(drop_in.read_text("utf-8", "replace").splitlines())
    return set(unit.write_lines(session.policy, session.paths, home(os.environ))) <= lines
