"""`homeward doctor`: looks at everything end to end and says, for each thing that is not right, what to type. Changes nothing."""

from __future__ import annotations

import argparse
import os
import shutil
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Literal

from msgspec import Struct

from daemon.cli import source
from daemon.cli.screen import Line, show, show_json
from daemon.mistakes import ConfigError
from daemon.observe import horizon_at
from daemon.session import Session
from integrations.errors import OutsideError
from rules.interval import Interval
from rules.telling import printable

ABOUT = """Config, calendars, people, mail, autoreply, ledger; changes nothing. Exit code 0 when nothing is broken (remarks do not
count), 1 when something is, 2 when it is the config."""
EXAMPLE = """Examples:
  homeward doctor
  homeward doctor --json"""

Health = Literal["ok", "remark", "broken"]


class Finding(Struct, frozen=True):
    """`advice` is what to type or to write, "" where all is well."""

    health: Health
    what: str
    advice: str = ""


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="for programs")


def run(session: Session, arguments: argparse.Namespace) -> int:
    found = list(_examine(session))
    config_is_good = found[0].health == "ok"
    if arguments.json:
        show_json([{"health": f.health, "what": f.what, "advice": f.advice} for f in found])
    else:
        show(line for finding in found for line in _lines(finding))
    return int(any(finding.health == "broken" for finding in found)) if config_is_good else 2


def _lines(finding: Finding) -> Iterator[Line]:
    sign, style = {"ok": ("✓", "green"), "remark": ("·", "yellow"), "broken": ("✗", "red")}[finding.health]
    yield (f"{sign} {printable(finding.what, 300)}", style)
    if finding.advice:
        yield f"    {printable(finding.advice, 300)}"


def _examine(session: Session) -> Iterator[Finding]:
    """Without a good config nothing else can be looked at."""
    try:
        policy = session.policy
    except ConfigError as error:
        for mistake in error.mistakes:
            yield Finding("broken", str(mistake))
        return
    yield Finding("ok", f"config {session.paths.config}: {len(policy.meeting)} meeting rules, {len(policy.person)} people")
    for examine in (_ledger, _calendars, _people, _mail, _autoreply, _sync, _leftovers):
        yield from _guarded(examine, session)


def _guarded(examine: Callable[[Session], Iterator[Finding]], session: Session) -> Iterator[Finding]:
    try:
        yield from examine(session)
    except OutsideError as error:
        yield Finding("broken", error.what)


def _ledger(session: Session) -> Iterator[Finding]:
    ledger = source.memory(session)
    if ledger is None:
        yield Finding("ok", f"nothing is remembered yet in {session.paths.state}; the first pass begins it")
        return
    yield Finding("ok", f"ledger {ledger.path} ({ledger.path.stat().st_size / 1000:.0f} kB)")
    free = shutil.disk_usage(ledger.path.parent).free
    if free < 50_000_000:
        yield Finding("broken", f"only {free // 1_000_000} MB are free where homeward remembers", "make room on that disk")


def _calendars(session: Session) -> Iterator[Finding]:
    if not session.policy.calendar:
        yield Finding("broken", "no calendar is configured", "add a [[calendar]] to the config")
    for calendar_id, calendar in session.outside.calendars.items():
        try:
            reading = calendar.read(horizon_at(session.clock.now(), session.policy))
        except OutsideError as error:
            yield Finding("broken", f"calendar {calendar_id}: {error.what}", "correct its path or url in the config")
            continue
        writable = "writable" if calendar.capabilities().writable else "read only"
        health: Health = "ok" if reading.complete else "broken"
        yield Finding(health, f"calendar {calendar_id} ({calendar.role}, {writable}): {len(reading.occurrences)} entries ahead")
        for problem in reading.problems[:10]:
            yield Finding("remark", f"{problem.where}: {problem.because}", "the other entries were read; correct this one there")
    roles = {calendar.role for calendar in session.policy.calendar}
    if "family" not in roles:
        yield Finding("remark", "no calendar has the role family: make-up time cannot see when the family is busy")


def _people(session: Session) -> Iterator[Finding]:
    people = session.policy.person
    for person in people:
        if not person.addresses and not person.family:
            yield Finding("remark", f"{person.id} has no address: they can neither be asked nor recognised", 'addresses = ["…"]')
    if not any(person.family for person in people):
        yield Finding("remark", "nobody is marked as family: none of their mail passes", "family = true for a [[person]]")
    if not session.policy.meeting:
        yield Finding("remark", "no meeting rule: nobody is asked to host your meetings", "add a [[meeting]] to the config")


def _mail(session: Session) -> Iterator[Finding]:
    if not session.policy.mail:
        yield Finding("remark", "no mail is configured: no inbox is held, no autoreply set", "add a [[mail]] to the config")
    for mail_id, mailbox in session.outside.mailboxes.items():
        arrived = mailbox.arrivals(session.clock.now() - timedelta(days=1))
        yield Finding("ok", f"mailbox {mail_id}: {len(arrived)} messages since yesterday, {len(mailbox.held())} held")
    for config in session.policy.mail:
        if config.id not in session.outside.outboxes:
            because = f"mailbox {config.id} cannot send: briefs and requests are only shown"
            yield Finding("remark", because, 'outbox = "~/Maildir/.Drafts", or sendmail = ["/usr/sbin/sendmail", "-t", "-i"]')
    if session.policy.coaching.enabled and session.policy.mail and not session.policy.coaching.authserv_id:
        yield Finding("remark", "nobody is coached: senders cannot be proved", "authserv_id in [coaching]")


def _autoreply(session: Session) -> Iterator[Finding]:
    for mail_id, responder in session.outside.responders.items():
        reading = responder.read()
        yield Finding("ok", f"autoreply of {mail_id}: {reading.words}")
        ledger = source.memory(session)
        standing = ledger.standing() if ledger else {}
        ours = {effect_id for effect_id, stands in standing.items() if stands.state == "done"}
        if reading.enabled and reading.marker not in ours and not reading.marker:
            yield Finding("remark", f"an autoreply of your own is on in {mail_id}", "switch it off if it was forgotten")
        elif reading.marker and reading.marker not in ours and reading.marker != "hold":
            yield Finding("broken", f"an autoreply of homeward is on in {mail_id} that the ledger does not know", "homeward pass")


def _sync(session: Session) -> Iterator[Finding]:
    command = session.policy.inbox.sync_command
    if session.policy.inbox.mode == "sync" and command and not shutil.which(command[0]):
        yield Finding("broken", f"the sync command {command[0]} is not installed", "correct [inbox] sync_command")


def _leftovers(session: Session) -> Iterator[Finding]:
    """A hold that outlives its absence."""
    now = session.clock.now()
    day = Interval(now - timedelta(days=1), now + timedelta(days=1))
    ledger = source.memory(session)
    away = any(absence.span.overlaps(day) for absence in ledger.absences()) if ledger else False
    for mail_id, mailbox in session.outside.mailboxes.items():
        if not away and mailbox.held():
            yield Finding("broken", f"{len(mailbox.held())} messages are held in {mail_id} though you are here", "homeward pass")
    if os.geteuid() == 0:
        yield Finding("remark", f"you are root; homeward is meant to run as yourself ({Path.home()})")
