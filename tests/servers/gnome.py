"""A GNOME without a desktop: its real settings, kept in a file of a test's own."""

from __future__ import annotations

import subprocess
from pathlib import Path


def settings_in(folder: Path) -> dict[str, str]:
    """What the environment has to say, together with no address of a session bus."""
    return {"GSETTINGS_BACKEND": "keyfile", "XDG_CONFIG_HOME": str(folder), "XDG_CURRENT_DESKTOP": "GNOME"}


def kept_settings(folder: Path) -> str:
    """The file as it is, "" where nothing was ever set."""
    file = folder / "glib-2.0/settings/keyfile"
    return file.read_text() if file.exists() else ""


def gsettings(verb: str, *rest: str) -> str:
    """Of the switch for notices, in this environment."""
    command = ["gsettings", verb, "org.gnome.desktop.notifications", "show-banners", *rest]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
