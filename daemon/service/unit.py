"""The user unit of systemd as texts: the unit itself, what it may write to according to the config, and the relaxed version for
machines where users have no namespaces. Nothing here touches systemd or a file of the user."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from daemon.paths import Paths
from rules.policy import Policy

NAME = "homeward.service"
DROP_INS = f"{NAME}.d"
OURS, RELAXED = "10-homeward.conf", "20-relaxed.conf"

RELAXED_TEXT = """# This machine lets no user have namespaces, and with them the unit would not start (217, 218 or 226).
# What depends on them is not enforced: the service could write wherever you can.
[Service]
PrivateUsers=no
ProtectSystem=no
ProtectHome=no
ReadWritePaths=
ReadOnlyPaths=
InaccessiblePaths=
PrivateTmp=no
PrivateDevices=no
CapabilityBoundingSet=~
ProtectClock=no
ProtectControlGroups=no
ProtectHostname=no
ProtectKernelModules=no
ProtectKernelTunables=no
"""


def unit() -> str:
    return Path(__file__).with_name(NAME).read_text("utf-8")


def drop_in(policy: Policy, paths: Paths, command: Sequence[str], home: Path) -> str:
    """What this config asks for. `command` starts the service."""
    lines = [
        "# Written by `homeward service install`; say it again after calendars or mail moved to other folders.",
        "[Service]",
        "ExecStart=",
        f"ExecStart={' '.join(map(_quoted, command))}",
        "ReadWritePaths=",
        *write_lines(policy, paths, home),
    ]
    if not runs_gpg(policy):
        lines.append("InaccessiblePaths=-%h/.gnupg")
    if any(path.is_relative_to("/tmp") for path in (Path(command[0]), *writable(policy, paths, home))):
        lines.append("PrivateTmp=no")  # what it needs lies there
    return "\n".join(lines) + "\n"


def write_lines(policy: Policy, paths: Paths, home: Path) -> list[str]:
    return [f"ReadWritePaths={_quoted(f'-{path}')}" for path in writable(policy, paths, home)]


def runs_gpg(policy: Policy) -> bool:
    """Whether a command of the user's gets a password, by gpg perhaps."""
    return any(account.password_fetch for account in policy.account) or runs_commands(policy)


def runs_commands(policy: Policy) -> bool:
    """Whether commands of the user's run in the service, which may write anywhere in the home."""
    return bool(policy.inbox.sync_command) or any(mail.sendmail for mail in policy.mail)


def writable(policy: Policy, paths: Paths, home: Path) -> list[Path]:
    """Folders in which something is made, moved or replaced, each once, none within another. State and cache are there before."""
    found = {paths.state, paths.cache, *_of_calendars(policy), *_of_mail(policy), *_of_accounts(policy, home)}
    if runs_commands(policy):
        found.add(home)
    if policy.brief.folder:
        found.add(Path(policy.brief.folder).expanduser().resolve())
    return sorted(path for path in found if not any(other in path.parents for other in found))


def _of_calendars(policy: Policy) -> Iterator[Path]:
    for calendar in policy.calendar:
        if calendar.path and not calendar.read_only and calendar.role != "ignore":
            path = Path(calendar.path).expanduser().resolve()
            yield path.parent if path.suffix == ".ics" else path


def _of_accounts(policy: Policy, home: Path) -> Iterator[Path]:
    """A token is renewed every hour. Not the whole home for that: then each pass renews it for itself."""
    for account in policy.account:
        folder = Path(account.token_file).expanduser().resolve().parent
        if account.token_file and folder not in (home, *home.parents):
            yield folder


def _of_mail(policy: Policy) -> Iterator[Path]:
    for mail in policy.mail:
        if mail.path:
            yield Path(mail.path).expanduser().resolve()
        if mail.outbox:
            yield Path(mail.outbox).expanduser().resolve()
        if mail.sieve:
            active = Path(mail.sieve).expanduser()
            yield active.parent.resolve()
            yield Path(mail.sieve_folder).expanduser().resolve() if mail.sieve_folder else active.parent.resolve() / "sieve"


def _quoted(word: str) -> str:
    """As systemd reads it (systemd.syntax(7), systemd.unit(5) specifiers)."""
    escaped = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    return f'"{escaped}"'


def command_words(words: Sequence[str]) -> list[str]:
    """For ExecStart, where a dollar names a variable."""
    return [word.replace("$", "$$") for word in words]
