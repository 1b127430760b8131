"""Runs Pigeonhole's own `sieve-test` in a throw-away configuration, and says what a script would do to a message."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

_NOBODY = 65534  # Dovecot refuses to work on mail as root


@dataclass(frozen=True, slots=True)
class Outcome:
    """`folders` are those that the mail is stored in (INBOX for a keep); `reply` is the text of the answer, "" for none."""

    folders: frozenset[str]
    reply: str
    subject: str
    handle: str
    actions: frozenset[str]
    flags: frozenset[str]


class Pigeonhole:
    def __init__(self, home: Path) -> None:
        self.home = home
        self.scripts = home / "sieve"
        self.active = home / ".dovecot.sieve"
        self._config = home / "sieve-test.conf"
        self._owner = uid, gid = (os.getuid(), os.getgid()) if os.getuid() else (_NOBODY, _NOBODY)
        self._config.write_text(
            f"mail_uid = {uid}\nmail_gid = {gid}\nfirst_valid_uid = {uid}\nfirst_valid_gid = {gid}\n"
            f"mail_home = {home}\nmail_location = maildir:{home}/Maildir\nlog_path = /dev/stderr\n"
            f"plugin {{\n  sieve = file:{home}/sieve;active={home}/.dovecot.sieve\n}}\n"
        )

    def run(self, script: Path, message: bytes, sender: str, recipient: str) -> Outcome:
        """AssertionError with Pigeonhole's words where the script does not compile or run."""
        letter = self.home / "message.eml"
        letter.write_bytes(message)
        self._give_away()
        dry = self._sieve_test(script, letter, sender, recipient)
        outcome = _outcome(dry.stdout)
        if not outcome.reply:
            return outcome
        # Whom RFC 5230 4.5 and 4.6 leave without a reply is only decided when the reply would go out.
        wet = self._sieve_test(script, letter, sender, recipient, "-e")
        return outcome if "sent vacation response to" in wet.stderr else replace(outcome, reply="", subject="", handle="")

    def _sieve_test(
        self, script: Path, letter: Path, sender: str, recipient: str, *more: str
    ) -> subprocess.CompletedProcess[str]:  # fmt: skip
        command = ["sieve-test", *more, "-C", "-c", str(self._config), "-f", sender, "-a", recipient, "-r", recipient]
        done = subprocess.run([*command, str(script), str(letter)], capture_output=True, text=True, timeout=20, check=False)
        assert done.returncode == 0, done.stderr
        assert "error" not in done.stderr.lower(), done.stderr
        return done

    def _give_away(self) -> None:
        for path in [self.home, *self.home.rglob("*")]:
            if not path.is_symlink():
                os.chown(path, *self._owner)


@contextmanager
def pigeonhole() -> Iterator[Pigeonhole]:
    assert shutil.which("sieve-test"), "sieve-test is missing: install the Debian package dovecot-sieve"
    with tempfile.TemporaryDirectory(dir="/tmp", prefix="hw-sieve-") as home:
        (Path(home) / "sieve").mkdir()
        yield Pigeonhole(Path(home))


def _outcome(said: str) -> Outcome:
    performed, _, implicit = said.partition("Implicit keep:")
    folders = set(re.findall(r"\* store message in folder: (.*)", performed))
    if re.search(r"\* (store message|keep)", implicit) or re.search(r"^ \* keep", performed, re.MULTILINE):
        folders |= set(re.findall(r"\* store message in folder: (.*)", implicit)) or {"INBOX"}
    reply = re.search(r"START MESSAGE\n(.*?)\nEND MESSAGE", performed, re.DOTALL)
    return Outcome(
        folders=frozenset(folders),
        reply=reply.group(1).removesuffix("\n") if reply else "",
        subject=_field(performed, "subject"),
        handle=_field(performed, "handle"),
        actions=frozenset(re.findall(r"^ \* (\w+)", performed, re.MULTILINE)),
        flags=frozenset(flag.lower() for flags in re.findall(r"add IMAP flags: (.*)", said) for flag in flags.split()),
    )


def _field(said: str, name: str) -> str:
    found = re.search(rf"=> {name}\s*: (.*)", said)
    return found.group(1).strip() if found else ""
