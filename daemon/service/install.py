"""Puts the service where the user's systemd (or, without one, the desktop) starts it, and takes it away again. Everything may be
done twice. Says in words what it did; decides nothing about mail or calendars."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from daemon.paths import home, private_folder
from daemon.service import systemctl, unit
from daemon.session import Session
from integrations.disk import replace_whole, told
from integrations.errors import Temporary

_NO_NAMESPACES = {"217", "218", "226"}  # exit codes of the unit where user namespaces are switched off (systemd.exec(5))


def command_of(session: Session, config: str | None, state: str | None) -> list[str]:
    """What starts the service: this very homeward, with the files that were named."""
    beside = Path(sys.executable).parent / "homeward"
    program = [str(beside)] if beside.is_file() else [sys.executable, "-P", "-m", "daemon"]
    named = ["--config", str(session.paths.config.absolute())] if config or os.environ.get("HOMEWARD_CONFIG") else []
    if state or os.environ.get("HOMEWARD_STATE"):
        named += ["--state", str(session.paths.state.absolute())]
    return [*program, *named, "run"]


# --- systemd ----------------------------------------------------------------------------------------------------------


def units(env: Mapping[str, str]) -> Path:
    """Where this user's own units are (systemd.unit(5))."""
    return _config_home(env) / "systemd/user"


def install(session: Session, command: list[str], env: Mapping[str, str]) -> Iterator[str]:
    """Write the unit, start it, and say how that went. Temporary where it does not come up."""
    folder = units(env)
    private_folder(session.paths.state)
    private_folder(session.paths.cache)
    drop_in = unit.drop_in(session.policy, session.paths, unit.command_words(command), home(env))
    changed = [_write(folder / unit.NAME, unit.unit()), _write(folder / unit.DROP_INS / unit.OURS, drop_in)]
    yield from _without_timer(folder)
    systemctl.run("daemon-reload")
    systemctl.run("enable", unit.NAME)
    running = systemctl.properties(unit.NAME, ["ActiveState"]).get("ActiveState") == "active"
    if running and not any(changed):
        yield "The service is installed and runs; nothing had to be changed."
        return
    yield from _started(folder)


def is_outdated(env: Mapping[str, str]) -> bool:
    """Whether the unit that is installed is that of another version."""
    found = units(env) / unit.NAME
    return found.is_file() and found.read_text("utf-8", "replace") != unit.unit()


def _without_timer(folder: Path) -> Iterator[str]:
    """Before there was a service, a timer made the passes."""
    if (folder / "homeward.timer").exists():
        systemctl.run("disable", "--now", "homeward.timer")
        (folder / "homeward.timer").unlink(missing_ok=True)
        yield "homeward.timer is no longer needed, and was taken away."


def _started(folder: Path) -> Iterator[str]:
    if systemctl.start(unit.NAME):
        yield "The service is installed and runs."
        return
    if systemctl.properties(unit.NAME, ["ExecMainStatus"]).get("ExecMainStatus") not in _NO_NAMESPACES:
        raise Temporary("The service is installed, and does not come up. To see why: homeward service logs")
    _write(folder / unit.DROP_INS / unit.RELAXED, unit.RELAXED_TEXT)
    systemctl.run("daemon-reload")
    if not systemctl.start(unit.NAME):
        raise Temporary("The service is installed, and does not come up. To see why: homeward service logs")
    yield "The service is installed and runs. This machine lets no user have namespaces, so its access to files is not limited."


def stop() -> None:
    """As long as it is not started again."""
    if systemctl.there():
        systemctl.run("stop", unit.NAME, seconds=90)


def remove(env: Mapping[str, str]) -> bool:
    """Whether there was something to remove."""
    folder = units(env)
    files = [folder / unit.DROP_INS / unit.OURS, folder / unit.DROP_INS / unit.RELAXED, folder / unit.NAME, autostart(env)]
    found = [path for path in files if path.exists()]
    if systemctl.there() and found:
        systemctl.run("disable", "--now", unit.NAME, seconds=90)
    with told("remove the service"):
        for path in found:
            path.unlink(missing_ok=True)
        with suppress(OSError):  # the user's own drop-ins stay
            (folder / unit.DROP_INS).rmdir()
    if systemctl.there() and found:
        systemctl.run("daemon-reload")
        systemctl.run("reset-failed", unit.NAME)
    return bool(found)


# --- without systemd --------------------------------------------------------------------------------------------------


def autostart(env: Mapping[str, str]) -> Path:
    """What a desktop starts at sign-in (XDG Desktop Application Autostart Specification)."""
    return _config_home(env) / "autostart/homeward.desktop"


def install_autostart(command: list[str], env: Mapping[str, str]) -> bool:
    """Whether anything was changed."""
    words = " ".join(_quoted(word) for word in command)
    lines = ("[Desktop Entry]", "Type=Application", "Name=homeward", "Comment=Lets a leader leave properly, and come home")
    return _write(autostart(env), "\n".join([*lines, f"Exec={words}", "NoDisplay=true", "Terminal=false", ""]))


def _quoted(word: str) -> str:
    """As the Desktop Entry Specification has it for Exec: quotes, and what means something within them, twice escaped."""
    escaped = "".join(f"\\\\{c}" if c in '"`$\\' else c for c in word)
    return f'"{escaped}"'.replace("%", "%%")


def _config_home(env: Mapping[str, str]) -> Path:
    named = env.get("XDG_CONFIG_HOME", "")
    return Path(named) if named.startswith("/") else home(env) / ".config"


def _write(path: Path, text: str) -> bool:
    """Whether it said something else before."""
    with told(f"write {path}"):
        if path.is_file() and path.read_text("utf-8", "replace") == text:
            return False
        path.parent.mkdir(parents=True, exist_ok=True)
        replace_whole(path, text.encode(), 0o644)
    return True
