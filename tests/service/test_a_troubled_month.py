"""A month with a trip in it, in which everything goes wrong that can, by dice: at its end nothing is lost, nothing doubled, and
nothing left on. A seed that fails is printed with what went wrong before."""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from daemon.ledger import Ledger
from daemon.service.scout import Watched
from rules.items import HostItem
from tests.daemon.shell import type_
from tests.servers.dovecot import Dovecot
from tests.servers.gnome import gsettings, kept_settings, settings_in
from tests.servers.killing import quick_folder
from tests.servers.misbehaving_http import misbehaving
from tests.servers.radicale import Radicale
from tests.servers.relaying import cutter
from tests.servers.submission import Submission, running_submission
from tests.service.playing import Machine
from tests.service.troubled import DAYS, START, Month

pytestmark = pytest.mark.timeout(3600)


@pytest.fixture(autouse=True)
def gnome(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of its settings."""
    for name, value in settings_in(tmp_path).items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS", raising=False)
    return tmp_path


@pytest.fixture
def submission(dovecot: Dovecot) -> Iterator[Submission]:
    with running_submission(dovecot.authority) as started:
        yield started


def troubled(
    servers: tuple[Radicale, Dovecot, Submission], gnome: Path, seed: int, minutes: int, hold: str, *, naps: bool = False
) -> None:
    if seed % 3 == 2:
        gsettings("set", "false")  # notices are off for ever
    before = kept_settings(gnome)
    with quick_folder() as folder, cutter(servers[1].imap) as imap, cutter(servers[1].sieve) as sieve:
        month = Month(folder / "home", seed, servers, (imap, sieve), hold)
        month.naps = naps
        with misbehaving(month.outage) as served:
            month.settle_in(served.url, minutes)
            try:
                _play(month)
                _judge(month)
                assert kept_settings(gnome) == before, "notices are as they were"
            except BaseException as error:
                error.add_note(f"seed {seed}, hold {hold}, a pass every {minutes} minutes:\n" + "\n".join(month.told[-60:]))
                raise


def _play(month: Month) -> None:
    machine = Machine(START, month.make, can_watch=month.can_watch)
    end = START + timedelta(days=DAYS)
    while machine.time.moment < end:
        month.live(machine)
        machine.loop.turn()
        _nothing_is_lost_or_doubled(month)
    month.calm()
    machine.new_loop()
    machine.run_until(machine.time.moment + timedelta(hours=9))
    month.end = machine.time.moment
    assert machine.watched[-1] == Watched(), f"no server is watched any more: {machine._report}"
    print(f"{len(machine.passes)} passes, {len(month.delivered)} letters, {len(month.sent())} sent, {len(month.told)} troubles")


def _nothing_is_lost_or_doubled(month: Month) -> None:
    """At any moment, not only in the end."""
    if month.chance.random() < 0.02:
        assert {i: f for i, f in month.places().items() if len(f) != 1} == {}
    assert [i for i, count in Counter(month.sent()).items() if count > 1] == []


def _judge(month: Month) -> None:
    now = month.end.isoformat()
    assert {i: f for i, f in month.places().items() if f != ["Maildir"]} == {}, "all mail is in the inbox, each once"
    assert len(month.delivered) > 50 and month.sent(), "something happened"
    assert (month.account.scripts(), month.account.in_force()) == (month.scripts, month.in_force), "nothing is left on"
    assert month.all_folders() == month.folders
    assert _doubled_blocks(month) == []
    ledger = Ledger(month.root / "state" / "ledger.db")
    assert [e.item for e in ledger.effects().values() if e.state == "intended"] == []
    quiet = [entry.step for entry in ledger.journal(most=10_000) if entry.step in ("muted", "unmuted")]
    assert quiet == ["muted", "unmuted"] * (len(quiet) // 2), "each time to the end"
    ledger.close()
    told = type_(month.root, "pass", now=now)
    assert (told.code, told.out.strip()) == (0, "Nothing to do."), told.all
    told = type_(month.root, "undo", "--all", "--past", now=now)
    assert told.code == 0, told.all
    assert type_(month.root, "pass", now=now).code == 0
    difference = _difference(month)
    assert not difference, f"not all of it can be taken back:\n{difference}"


def _difference(month: Month) -> str:
    """What is not as it was, and what was done to it."""
    now, lines = month.calendars(), []
    for path in sorted(now.keys() | month.expected.keys()):
        was, became = (_without_refusals(found.get(path, b"")).splitlines() for found in (month.expected, now))
        lines += difflib.unified_diff(was, became, path, "now", n=2, lineterm="")
    if lines:
        ledger = Ledger(month.root / "state" / "ledger.db")
        hosts = {e.item.id for e in ledger.effects().values() if isinstance(e.item, HostItem)}
        told = [
            f"{e.at:%d %b %H:%M} {e.effect_id[-6:]} {e.step}: {e.words}"
            for e in ledger.journal(most=10_000)
            if e.effect_id in hosts
        ]
        ledger.close()
        lines += told[-80:]
    return "\n".join(lines)


_EVENT = re.compile(r"BEGIN:VEVENT\r\n.*?END:VEVENT\r\n", re.DOTALL)
_OF_ONE = re.compile(r"(?:RECURRENCE-ID|DTSTART|DTEND|DTSTAMP|LAST-MODIFIED|SEQUENCE|RRULE)[:;].*")


def _without_refusals(data: bytes) -> str:
    """A deputy who declined in their own calendar has the last word on whether they come: that instance stays, and differs from
    the series in nothing else."""
    text = data.decode().replace("\r\n ", "")
    events = _EVENT.findall(text)
    series = {_meaning(event) for event in events if "RECURRENCE-ID" not in event}
    for event in events:
        if "PARTSTAT=DECLINED" in event and "RECURRENCE-ID" in event and _meaning(event) in series:
            text = text.replace(event, "")
    return text


def _meaning(event: str) -> frozenset[str]:
    lines = event.replace("PARTSTAT=DECLINED", "PARTSTAT=ACCEPTED").splitlines()
    return frozenset(line for line in lines if not _OF_ONE.match(line))


def _doubled_blocks(month: Month) -> list[object]:
    found: Counter[tuple[str, bytes]] = Counter()
    for path, data in month.calendars().items():
        if b"X-HOMEWARD" in data and b"ATTENDEE" not in data:
            found.update((path.rpartition("/")[0], start) for start in re.findall(rb"\r\n(DTSTART[^\r]*)", data))
    return [key for key, count in found.items() if count > 1]


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1])
def test_a_troubled_month_loses_nothing_doubles_nothing_and_leaves_nothing_on(
    seed: int, radicale: Radicale, dovecot: Dovecot, submission: Submission, gnome: Path
) -> None:
    troubled((radicale, dovecot, submission), gnome, seed, 60, "client", naps=True)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(100, 130))
def test_thirty_troubled_months(seed: int, radicale: Radicale, dovecot: Dovecot, submission: Submission, gnome: Path) -> None:
    troubled((radicale, dovecot, submission), gnome, seed, (15, 60)[seed % 2], ("client", "server")[seed // 2 % 2])
