"""While this machine holds a mailbox on a server, what arrives is moved at once and not at the next regular pass."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from daemon.service.control import ask
from tests.servers.dovecot import Dovecot
from tests.servers.imap_clients import by_hand
from tests.service.processes import Service, wait_for

CONFIG = """config_version = 1
[me]
name = "Lea"
addresses = ["{user}@home.example"]
home_zone = "UTC"
[service]
apply = "auto"
[inbox]
when = "always"
windows = [{windows}]
[[account]]
id = "post"
kind = "imap"
user = "{user}"
password_file = "secret"
ca_file = "{ca_file}"
imap = "imap://localhost:{imap}"
[[mail]]
id = "mail"
account = "post"
hold = "client"
"""


def windows_far_from_now() -> str:
    now = datetime.now(UTC)
    times = sorted(f"{now + timedelta(hours=hours):%H:%M}" for hours in (5, 12, 19))
    return ", ".join(f'"{time}"' for time in times)


def subjects(dovecot: Dovecot, user: str, folder: str) -> list[str]:
    with by_hand(dovecot, user) as client:
        if not client.folder_exists(folder):
            return []
        client.select_folder(folder, readonly=True)
        found = client.fetch(client.search(), ["ENVELOPE"]).values()
        return [message[b"ENVELOPE"].subject.decode() for message in found]


def deliver(dovecot: Dovecot, user: str, subject: str) -> None:
    lines = ("From: ana@client.example", f"To: {user}@home.example", f"Subject: {subject}", f"Message-ID: <{subject}.{user}@x>")
    dovecot.deliver(user, "\r\n".join((*lines, "", "hello", "")).encode(), "ana@client.example")


def test_new_mail_on_a_server_is_held_within_seconds(tmp_path: Path, dovecot: Dovecot) -> None:
    user, home = dovecot.user(), tmp_path / "home"
    home.mkdir()
    (home / "secret").write_text(dovecot.password)
    (home / "secret").chmod(0o600)
    values = {"user": user, "windows": windows_far_from_now(), "ca_file": dovecot.ca_file, "imap": dovecot.imap}
    (home / "config.toml").write_text(CONFIG.format(**values))
    service = Service(home, tmp_path, {})
    try:
        service.hear("READY=1")
        service.wait_for_passes(1)
        ask(str(service.state), "wake")  # the hold that the first one has agreed to is in force in the second
        service.wait_for_passes(2)
        for subject in ("one", "two"):
            deliver(dovecot, user, subject)
            wait_for(lambda subject=subject: subject in subjects(dovecot, user, "Held"), f"{subject} was not held: {service.log}")
            assert subject not in subjects(dovecot, user, "INBOX")
        assert service.passes() <= 6
        assert service.stop() == 0
    finally:
        service.end()
