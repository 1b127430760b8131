"""A month with a trip in it, in which everything goes wrong that can, by dice: at its end nothing is lost, nothing doubled, and
nothing left on. A seed that fails is printed with what went wrong before."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

import pytest

from daemon.ledger import Ledger
from tests.daemon.shell import type_
from tests.servers.cutting import cutter
from tests.servers.dovecot import Dovecot
from tests.servers.killing import quick_folder
from tests.servers.misbehaving_http import misbehaving
from tests.servers.radicale import Radicale
from tests.servers.submission import Submission, running_submission
from tests.service.playing import Machine
from tests.service.troubled import DAYS, START, Month

pytestmark = pytest.mark.timeout(3600)


@pytest.fixture
def submission(dovecot: Dovecot) -> Iterator[Submission]:
    with running_submission(dovecot.authority) as started:
        yield started


def troubled(servers: tuple[Radicale, Dovecot, Submission], seed: int, minutes: int, hold: str, *, naps: bool = False) -> None:
    with quick_folder() as folder, cutter(servers[1].imap) as imap, cutter(servers[1].sieve) as sieve:
        month = Month(folder / "home", seed, servers, (imap, sieve), hold)
        month.naps = naps
        with misbehaving(month.outage) as served:
            month.settle_in(served.url, minutes)
            try:
                _play(month)
                _judge(month)
            except BaseException as error:
                error.add_note(f"seed {seed}, hold {hold}, a pass every {minutes} minutes:\n" + "\n".join(month.told[-60:]))
                raise


def _play(month: Month) -> None:
    machine = Machine(START, month.make)
    end = START + timedelta(days=DAYS)
    while machine.time.moment < end:
        month.live(machine)
        machine.loop.turn()
        _nothing_is_lost_or_doubled(month)
    month.calm()
    machine.new_loop()
    machine.run_until(machine.time.moment + timedelta(hours=9))
    month.end = machine.time.moment
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
    ledger.close()
    told = type_(month.root, "pass", now=now)
    assert (told.code, told.out.strip()) == (0, "Nothing to do."), told.all
    told = type_(month.root, "undo", "--all", "--past", now=now)
    assert told.code == 0, told.all
    assert type_(month.root, "pass", now=now).code == 0
    assert month.calendars() == month.expected, "all of it can be taken back"


def _doubled_blocks(month: Month) -> list[object]:
    found: Counter[tuple[str, bytes]] = Counter()
    for path, data in month.calendars().items():
        if b"X-HOMEWARD" in data and b"ATTENDEE" not in data:
            found.update((path.rpartition("/")[0], start) for start in re.findall(rb"\r\n(DTSTART[^\r]*)", data))
    return [key for key, count in found.items() if count > 1]


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1])
def test_a_troubled_month_loses_nothing_doubles_nothing_and_leaves_nothing_on(
    seed: int, radicale: Radicale, dovecot: Dovecot, submission: Submission
) -> None:
    troubled((radicale, dovecot, submission), seed, 60, "client", naps=True)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(100, 130))
def test_thirty_troubled_months(seed: int, radicale: Radicale, dovecot: Dovecot, submission: Submission) -> None:
    troubled((radicale, dovecot, submission), seed, (15, 60)[seed % 2], ("client", "server")[seed // 2 % 2])
