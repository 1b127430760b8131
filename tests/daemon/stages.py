"""A small world for tests of the pass: the home of the demonstration, a clock, and the people around it. The real backends
throughout."""

from __future__ import annotations

import hashlib
import os
from datetime import datetime
from email.message import EmailMessage
from pathlib import Path
from zoneinfo import ZoneInfo

from daemon.clock import FixedClock
from daemon.paths import Paths
from daemon.session import Session
from integrations.maildir import deliver

BERLIN, LISBON = ZoneInfo("Europe/Berlin"), ZoneInfo("Europe/Lisbon")


def open_session(root: Path, when: datetime) -> Session:
    paths = Paths(root / "config.toml", root / "state", root / "state" / "cache")
    return Session(paths, FixedClock(when))


def deliver_mail(root: Path, when: datetime, sender: str, subject: str) -> None:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, "lena@example.org", subject
    name = hashlib.sha256(f"{sender}{subject}{when}".encode()).hexdigest()[:16]
    message["Message-ID"] = f"<{name}@mail.example>"
    message.set_content(subject)
    deliver(root / "Maildir", f"{when.timestamp():.0f}.{name}.test", message.as_bytes())
    path = next((root / "Maildir" / "new").glob(f"*{name}*"))
    os.utime(path, (when.timestamp(), when.timestamp()))


def files(root: Path) -> dict[str, bytes]:
    """Everything but what homeward remembers."""
    found = {}
    for path in sorted(root.rglob("*")):
        if path.is_file() and "state" not in path.relative_to(root).parts:
            found[str(path.relative_to(root))] = path.read_bytes()
    return found


def subjects(root: Path, folder: str = "") -> list[str]:
    base = root / "Maildir" / folder if folder else root / "Maildir"
    texts = [p.read_text("utf-8").splitlines() for p in sorted((*base.glob("new/*"), *base.glob("cur/*")))]
    return sorted(line.removeprefix("Subject: ") for lines in texts for line in lines if line.startswith("Subject: "))
