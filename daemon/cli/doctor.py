"""`homeward doctor`: looks at everything end to end and says, for each thing that is not right, what to type. Changes nothing,
unless it is to try Google out."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from daemon.cli import source
from daemon.cli.screen import Line, show, show_json
from daemon.doctor import calendars, machine, mail, service
from daemon.doctor.finding import Finding, Room, guarded
from daemon.mistakes import ConfigError
from daemon.readiness import note_examined
from daemon.session import Session
from rules.telling import printable

ABOUT = """Config, accounts on servers, calendars, people, mail, autoreply, ledger; changes nothing. Exit code 0 when nothing is
broken (remarks do not count), 1 when something is, 2 when it is the config. With --live it also tries out whether Google does as
homeward expects: it makes a marked, private event two days ago in your calendar there, and takes it away again; likewise an
out-of-office entry that declines nothing, where [out_of_office] wants such entries."""
EXAMPLE = """Examples:
  homeward doctor
  homeward doctor --live
  homeward doctor --json"""


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="for programs")
    parser.add_argument(
        "--live", action="store_true", help="try Google out as well, by an event in the past that is taken away again"
    )


def run(session: Session, arguments: argparse.Namespace) -> int:
    found = _examine(session, arguments.live)
    told = []
    for finding in found:
        told.append(finding)
        if not arguments.json:
            show(_lines(finding))  # at once: a server may take its time
    if arguments.json:
        show_json([{"health": f.health, "what": f.what, "advice": f.advice, "more": list(f.more)} for f in told])
    if told[0].health != "ok":
        return 2
    broken = any(finding.health == "broken" for finding in told)
    if not broken and source.memory(session) is not None:
        note_examined(session)
    return int(broken)


def _lines(finding: Finding) -> Iterator[Line]:
    sign, style = {"ok": ("✓", "green"), "remark": ("·", "yellow"), "broken": ("✗", "red")}[finding.health]
    yield (f"{sign} {printable(finding.what, 300)}", style)
    for line in (*finding.more, finding.advice):
        if line:
            yield f"    {printable(line, 300)}"


def _examine(session: Session, live: bool) -> Iterator[Finding]:
    """Without a good config nothing else can be looked at."""
    try:
        policy = session.policy
    except ConfigError as error:
        for mistake in error.mistakes:
            yield Finding("broken", str(mistake))
        return
    yield Finding("ok", f"config {session.paths.config}: {len(policy.meeting)} meeting rules, {len(policy.person)} people")
    for room in (*_rooms(session), *_live(live)):
        yield from guarded(room, session)


def _rooms(session: Session) -> Iterator[Room]:
    yield machine.ledger
    if session.outside.accounts:
        from daemon.doctor import servers

        yield servers.servers
    if any(account.config.kind == "google" for account in session.outside.accounts.values()):
        from daemon.doctor import google

        yield google.accounts
    yield from (calendars.calendars, calendars.people, mail.mailboxes, mail.autoreplies, mail.synchronisation, mail.leftovers)
    yield from (service.service, service.sendmail)
    yield machine.user


def _live(asked: bool) -> Iterator[Room]:
    if asked:
        from daemon.doctor import google

        yield google.live
