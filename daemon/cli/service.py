"""`homeward service`: has the background service started by systemd (or by the desktop), looks at it, and takes it away."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from collections.abc import Iterator
from datetime import UTC, datetime

from daemon.advice import NeedsAnswer
from daemon.cli.screen import Line, ask, show, show_json
from daemon.service import control, install, leaving, systemctl, unit
from daemon.session import Session
from rules.items import BlockItem, HostItem
from rules.telling import at, printable

ABOUT = """install: a user unit of systemd that is started with you, and started again when it fails; without systemd, the desktop
starts it when you sign in. uninstall: first everything that is held comes out, and your own autoreply and filter rules are
put back. status: how it is. logs: what it said."""
EXAMPLE = """Examples:
  homeward service install
  homeward service status
  homeward service logs --follow
  homeward service uninstall --hosts keep --blocks remove"""

_VERBS = ("install", "uninstall", "status", "logs")


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("verb", choices=_VERBS, metavar="VERB", nargs="?", default="status", help=", ".join(_VERBS))
    parser.add_argument("--linger", action="store_true", help="with install: run also while you are not signed in")
    parser.add_argument("--hosts", choices=("keep", "remove"), help="with uninstall: what becomes of hosts that stand")
    parser.add_argument("--blocks", choices=("keep", "remove"), help="with uninstall: what becomes of blocks that stand")
    parser.add_argument("--follow", action="store_true", help="with logs: go on")
    parser.add_argument("--json", action="store_true", help="with status: for programs")


def run(session: Session, arguments: argparse.Namespace) -> int:
    verbs = {"install": _install, "uninstall": _uninstall, "status": _status, "logs": _logs}
    return verbs[arguments.verb](session, arguments)


# --- install ----------------------------------------------------------------------------------------------------------


def _install(session: Session, arguments: argparse.Namespace) -> int:
    _ = session.policy  # a mistake in the config is told before anything is written
    command = install.command_of(session, arguments.config, arguments.state)
    if not systemctl.there():
        _at_sign_in(command)
        return 0
    for words in install.install(session, command, os.environ):
        show([words])
    _linger(arguments.linger)
    show(["To see how it is: homeward service status"])
    return 0


def _at_sign_in(command: list[str]) -> None:
    changed = install.install_autostart(command, os.environ)
    when = f"when you sign in{'' if changed else ', as before'}: {install.autostart(os.environ)}"
    show([
        f"There is no systemd for you here. Your desktop starts homeward {when}",
        "Nothing starts it again if it should fail, and nothing limits what it may touch. To start it now: homeward run",
    ])  # fmt: skip


def _linger(wanted: bool) -> None:
    lingers = systemctl.lingers()
    if lingers is False and wanted and systemctl.enable_linger():
        show(["It also runs while you are not signed in."])
    elif lingers is False:
        user = "failed; an administrator can: loginctl enable-linger YOU" if wanted else "loginctl enable-linger"
        show([f"It runs while you are signed in. To let it run always: {user}"])


# --- uninstall --------------------------------------------------------------------------------------------------------


def _uninstall(session: Session, arguments: argparse.Namespace) -> int:
    """What only the user can say is asked before anything is changed."""
    hosts, blocks = leaving.standing(session, HostItem), leaving.standing(session, BlockItem)
    taken_back = [*_chosen(hosts, arguments.hosts, "hosts"), *_chosen(blocks, arguments.blocks, "blocks")]
    install.stop()
    with session.ledger.writing():
        results = (leaving.open_everything(session), leaving.take_back(session, taken_back))
    show([f"  ✓ {printable(words, 200)}" for result in results for words in result.words])
    failed = [words for result in results for words in result.failed]
    if failed:
        show([(f"  ✗ {printable(words, 200)}", "red") for words in failed])
        show(["The service stays until that is put right. Then again: homeward service uninstall"])
        _start_again()
        return 1
    removed = install.remove(os.environ)
    show(["The service is taken away." if removed else "The service was not installed."])
    show([f"Your config and what homeward remembers stay: {session.paths.config}, {session.paths.state}"])
    return 0


def _chosen(ids: list[str], said: str | None, what: str) -> list[str]:
    if not ids or said == "keep":
        return []
    number = f"{len(ids)} {what if len(ids) > 1 else what[:-1]}"
    if said is None and not sys.stdin.isatty():
        raise NeedsAnswer(f"{number} stand in your calendars. Keep or remove them? Say --{what} keep or --{what} remove.")
    return ids if said == "remove" or ask(f"Take back {number}, too?") else []


def _start_again() -> None:
    if systemctl.there() and (install.units(os.environ) / unit.NAME).exists():
        systemctl.run("start", "--no-block", unit.NAME)


# --- status and logs --------------------------------------------------------------------------------------------------


def _status(session: Session, arguments: argparse.Namespace) -> int:
    told = control.ask(str(session.paths.state), "status")
    installed = _how_installed()
    if arguments.json:
        outdated = install.is_outdated(os.environ)
        show_json({"running": told is not None, "installed": installed, "outdated": outdated, "service": told})
    else:
        show(_status_lines(session, told, installed))
    return 0 if told is not None else 1


def _how_installed() -> str:
    """systemd, autostart, or nothing."""
    if (install.units(os.environ) / unit.NAME).exists():
        return "systemd"
    return "autostart" if install.autostart(os.environ).exists() else ""


def _status_lines(session: Session, told: dict[str, object] | None, installed: str) -> Iterator[Line]:
    if told is None:
        again = {"systemd": "systemctl --user start homeward", "autostart": "homeward run"}.get(
            installed, "homeward service install"
        )
        yield (f"The service does not run. To start it: {again}", "red")
    else:
        yield (f"The service runs (pid {told['pid']}). {printable(str(told['words']), 300)}", "green")
        yield from _moments(session, told)
        if told["mistakes"]:
            yield ("The config has a mistake, and the last good one is in use:", "red")
            yield from (f"  {printable(line, 300)}" for line in str(told["mistakes"]).splitlines())
    yield f"Installed: {installed or 'no'}"
    if install.is_outdated(os.environ):
        yield ("The unit that is installed is that of another version of homeward. Run: homeward service install", "yellow")
    if (install.units(os.environ) / unit.DROP_INS / unit.RELAXED).exists():
        yield ("Its access to files is not limited: this machine lets no user have namespaces.", "yellow")


def _moments(session: Session, told: dict[str, object]) -> Iterator[Line]:
    zone = session.zone if not told["mistakes"] else "UTC"
    for label, key in (("Last pass", "last_pass"), ("Next change", "next")):
        moment = told[key]
        if isinstance(moment, int | float):
            yield f"{label:<12}{at(datetime.fromtimestamp(moment, UTC), zone)} ({zone})"


def _logs(session: Session, arguments: argparse.Namespace) -> int:
    if not shutil.which("journalctl") or not systemctl.there():
        show(["Without systemd the service writes to wherever your desktop keeps what programs say. What it did: homeward log"])
        return 1
    command = ["journalctl", "--user", "--unit", unit.NAME, "--lines", "200", "--no-pager", *(["-f"] if arguments.follow else [])]
    sys.stdout.flush()
    os.execvp(command[0], command)
