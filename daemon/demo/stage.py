"""The throw-away home and the people around it: copies the files, moves the clock, delivers mail, answers as a deputy's calendar
program would. It knows nothing of the story."""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from daemon.__main__ import main
from integrations.maildir import create_maildir, deliver

_HOME = Path(__file__).parent / "home"


class Stage:
    """`zone` is where the clock's wall times are meant."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.zone = "Europe/Berlin"
        shutil.copytree(_HOME, root, dirs_exist_ok=True)
        (root / "dovecot.sieve").symlink_to("sieve/mine.sieve")
        create_maildir(root / "Maildir")
        os.environ |= {
            "HOME": str(root),
            "HOMEWARD_CONFIG": str(root / "config.toml"),
            "HOMEWARD_STATE": str(root / "state"),
            "TZ": "UTC",
        }
        self._before = self.fingerprints()

    def at(self, when: str) -> datetime:
        """Set the clock: "2026-11-30 12:15", wall time in `zone`."""
        moment = datetime.fromisoformat(when).replace(tzinfo=ZoneInfo(self.zone))
        os.environ["HOMEWARD_NOW"] = moment.isoformat()
        self._now = moment
        return moment

    def type(self, *words: str) -> int:
        """Run one command, shown as it would be typed."""
        shown = " ".join(f'"{word}"' if " " in word else word for word in words)
        print(f"\n\033[1m$ homeward {shown}\033[0m" if sys.stdout.isatty() else f"\n$ homeward {shown}")
        sys.stdout.flush()
        code = main(list(words))
        if code not in (0, 3):
            raise SystemExit(f"homeward {shown} ended with {code}")
        return code

    def mail(self, sender: str, subject: str, text: str = "", reply_to: str = "") -> None:
        """Somebody's message is delivered now."""
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = sender, "lena@example.org", subject
        message["Date"] = format_datetime(self._now)
        name = hashlib.sha256(f"{sender}{subject}{self._now}".encode()).hexdigest()[:16]
        message["Message-ID"] = f"<{name}@mail.example>"
        if reply_to:
            message["In-Reply-To"] = reply_to
        message.set_content(text or subject)
        deliver(self.root / "Maildir", f"{self._now.timestamp():.0f}.{name}.demo", message.as_bytes())
        path = next((self.root / "Maildir" / "new").glob(f"*{name}*"))
        os.utime(path, (self._now.timestamp(), self._now.timestamp()))

    def answer(self, file: str, address: str, partstat: str) -> None:
        """The deputy's calendar program writes an answer into the shared calendar."""
        path = self.root / "calendars" / file
        lines = path.read_bytes().replace(b"\r\n ", b"").split(b"\r\n")
        for number, line in enumerate(lines):
            if line.startswith(b"ATTENDEE") and address.encode() in line:
                lines[number] = line.replace(b"NEEDS-ACTION", partstat.encode())
        path.write_bytes(b"\r\n".join(lines))

    def request_id(self, address: str, meeting: str) -> str:
        """The Message-ID of the request that waits in the drafts for somebody."""
        for path in sorted((self.root / "Maildir" / ".Drafts").glob("*/*")):
            text = path.read_text("utf-8", "replace")
            if f"To: {address}" in text and ".ask." in text and meeting in text:
                return next(line.partition(": ")[2] for line in text.splitlines() if line.startswith("Message-ID"))
        raise SystemExit(f"no request to {address} was written")

    def fingerprints(self) -> dict[str, str]:
        """Calendars, rules and links as they are, by path."""
        there = [path for folder in ("calendars", "sieve") for path in sorted((self.root / folder).rglob("*")) if path.is_file()]
        found = {str(path.relative_to(self.root)): hashlib.sha256(path.read_bytes()).hexdigest() for path in there}
        return found | {"dovecot.sieve": str((self.root / "dovecot.sieve").readlink())}

    def changed(self) -> list[str]:
        """Paths that differ from the beginning."""
        after = self.fingerprints()
        return sorted(path for path in {*self._before, *after} if self._before.get(path) != after.get(path))

    def folder(self, name: str = "") -> list[str]:
        """Subjects in a mail folder."""
        base = self.root / "Maildir" / name if name else self.root / "Maildir"
        paths = sorted((*base.glob("new/*"), *base.glob("cur/*")))
        texts = (path.read_text("utf-8", "replace").splitlines() for path in paths)
        return [line.removeprefix("Subject: ") for lines in texts for line in lines if line.startswith("Subject: ")]
