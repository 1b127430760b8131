"""A GNOME without a desktop: its real settings, kept in a file of a test's own."""

from __future__ import annotations

import subprocess
from pathlib import Path


def settings_in(folder: Path) -> dict[str, str]:
    """What the environment has to say, together with no address of a session bus."""
    return {"GSETTINGS_BACKEND": "keyfile", "XDG_CONFIG_HOME": str(folder), "XDG_CURRENT_DESKTOP": "GNOME"}


def kept_settings(folder: Path) -> list[str]:
    """What is set, as it stands in the file: nothing where all is as GNOME has it by itself."""
    file = folder / "glib-2.0/settings/keyfile"
    return [line for line in file.read_text().splitlines() if "=" in line] if file.exists() else []


def gsettings(verb: str, *rest: str) -> str:
    """Of the switch for notices, in this environment."""
    command = ["gsettings", verb, "org.gnome.desktop.notifications", "show-banners", *rest]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
