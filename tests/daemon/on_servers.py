"""Pieces of configs with accounts on servers, and where their password is."""

from __future__ import annotations

from pathlib import Path

LEA = 'config_version = 1\n[me]\nname = "Lea"\naddresses = ["lea@example.org"]\nhome_zone = "Europe/Berlin"\n'
LOCAL = '\n[[account]]\nid = "local"\n'
OFFICE = '\n[[account]]\nid = "office"\nkind = "caldav"\nuser = "lea"\nurl = "{url}"\n'
FROM_FILE = 'password_file = "secret"\n'


def keep_secret(root: Path, secret: str) -> None:
    """Where FROM_FILE looks for it."""
    (root / "secret").write_text(f"{secret}\n", "utf-8")
    (root / "secret").chmod(0o600)
