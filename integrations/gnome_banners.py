"""The switch of GNOME for the notices of the desktop (org.gnome.desktop.notifications, show-banners), by its own `gsettings`.
Notices that are critical are shown all the same. On a machine without that switch there is nothing to read or to set."""

from __future__ import annotations

from collections.abc import Mapping

from integrations.errors import Temporary

_KEY = ("org.gnome.desktop.notifications", "show-banners")
_SECONDS = 10.0


class GnomeBanners:
    """`env` says which desktop this is (XDG_CURRENT_DESKTOP) and where its bus is."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self._env = dict(env)

    def shown(self) -> bool | None:
        """Whether notices are shown now; None where this desktop has no such switch."""
        if "KDE" in self._env.get("XDG_CURRENT_DESKTOP", "").split(":"):
            return None
        return {"true": True, "false": False}.get(self._ask("get"))

    def show(self, shown: bool) -> None:
        """Temporary where the desktop does not take it. To be shown is the default, which is then what stands there."""
        if shown:
            self._ask("reset")
        if self.shown() is not shown:
            self._ask("set", str(shown).lower())
        if self.shown() is not shown:
            raise Temporary(f"the desktop does not let its notices be switched {'on' if shown else 'off'}")

    def _ask(self, verb: str, *words: str) -> str:
        import shutil
        import subprocess  # these are not paid for by who never asks

        program = shutil.which("gsettings", path=self._env.get("PATH"))
        if program is None:
            return ""
        command = [program, verb, *_KEY, *words]
        try:
            done = subprocess.run(
                command, capture_output=True, text=True, check=False, timeout=_SECONDS, stdin=subprocess.DEVNULL, env=self._env
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise Temporary("the desktop's settings do not answer") from error
        return done.stdout.strip()
