"""A year of a travelling leader's laptop, played through the real loop, the real windows and the real ledger: what opens, and
that nothing stays held for ever. Time zones, changes of summer time, suspensions, crashes and clocks that are set included."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from msgspec import Struct

from daemon.clock import FixedClock
from daemon.ledger import Ledger
from daemon.outside import Outside
from daemon.paths import Paths
from daemon.service.due import following
from daemon.service.report import Order, Report
from daemon.session import Session
from daemon.tend import tend_inbox
from daemon.windows import openings_now
from integrations.memory_mail import MemoryMailbox
from integrations.places import Places
from rules.interval import Interval
from rules.items import HoldItem, effect_id
from rules.model import Absence, Envelope, Opening, Stay
from rules.plan import Standing
from rules.policy import InboxPolicy, MailConfig, Me, Policy
from tests.servers.killing import quick_folder
from tests.service.playing import Machine

HOME = "Europe/Berlin"
ZONES = ("America/New_York", "Asia/Tokyo", "Europe/Lisbon", "America/Los_Angeles", "Australia/Sydney", "Pacific/Kiritimati")
ME = Me(name="Lena", addresses=("lena@example.org",), home_zone=HOME)
START = datetime(2026, 1, 5, 8, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def itineraries(chance: random.Random, days: int) -> Iterator[Absence]:
    """Trips of a few days with one to three stays, and some days at home between them."""
    moment, number = START + 2 * DAY, 0
    while moment < START + timedelta(days=days):
        leaves = moment
        stays = []
        for _ in range(chance.randint(1, 3)):
            moment += timedelta(minutes=chance.randint(90, 840))  # in transit
            until = moment + timedelta(minutes=chance.randint(600, 7000))
            stays.append(Stay(Interval(moment, until), chance.choice(ZONES)))
            moment = until
        moment += timedelta(minutes=chance.randint(90, 840))
        number += 1
        span = Interval(leaves, moment)
        yield Absence(f"trip{number}", "trip", span, span.length.days, 1.0, "act", "Trip", (), stays=tuple(stays))
        moment += timedelta(hours=chance.randint(30, 160))


class Year(Struct):
    """The world of one leader; `mended` counts what the machine did to the loop."""

    chance: random.Random
    session: Session
    mailbox: MemoryMailbox
    absences: tuple[Absence, ...]
    clock: FixedClock
    letters: int = 0
    fails: bool = False
    longest_held: timedelta = timedelta(0)

    def make(self, now: datetime, order: Order) -> Report:
        """A pass as far as the inbox goes."""
        if self.fails:
            self.fails = False
            return Report("failed", "killed")
        self.clock.set(now)
        ledger = self.session.ledger
        with ledger.writing():
            tended = tend_inbox(self.session, self.absences, now)
        assert tended.failed == ()
        for held in self.mailbox.held_mail.values():
            self.longest_held = max(self.longest_held, now - held.received)
        near = [a for a in self.absences if a.span.overlaps(Interval(now - 3 * DAY, now + 3 * DAY))]
        standing = [s for s in ledger.standing().values() if s.item.absence_id in {a.id for a in near}]
        openings = openings_now(self.session, near, now)
        moment = following(now, self.session.policy.inbox, near, openings, standing, {}, None)
        return Report("done", "", moment.timestamp() if moment else None)

    def deliver(self, now: datetime) -> None:
        self.letters += 1
        name = f"m{self.letters}"
        self.mailbox.deliver(Envelope(name, f"<{name}@x.example>", "ola@customer.example", "An offer", now))

    def away(self, now: datetime) -> bool:
        return any(now in absence.span for absence in self.absences)


def year(folder: Path, seed: int, days: int) -> Year:
    chance, clock = random.Random(seed), FixedClock(START)
    policy = Policy(config_version=1, me=ME, inbox=InboxPolicy(), mail=(MailConfig(id="mail", path="unused"),))
    session = Session(Paths(folder / "config.toml", folder, folder / "cache"), clock)
    session.use(policy)
    session.use_ledger(Ledger(folder / "ledger.db"))
    mailbox = MemoryMailbox("mail")
    session.__dict__["outside"] = Outside(places=Places(), mailboxes={"mail": mailbox})
    absences = tuple(itineraries(chance, days))
    for absence in absences:
        session.ledger.remember(absence, START)
        item = HoldItem(effect_id(absence.id, "hold", "mail"), absence.id, "mail", absence.span, "client")
        session.ledger.intend(item, START.isoformat(), "hold", START)
        session.ledger.settle(item, "done", "hold", START)
    return Year(chance, session, mailbox, absences, clock)


def play(world: Year, days: int, *, troubled: bool) -> Machine:
    """Mail comes every few hours. `troubled`: the machine sleeps, passes and the service itself are killed, clocks are set."""
    machine = Machine(START, world.make)
    mail = START
    while machine.time.moment < START + timedelta(days=days):
        if machine.time.moment >= mail:
            world.deliver(machine.time.moment)
            mail = machine.time.moment + timedelta(minutes=world.chance.randint(60, 500))
        if troubled:
            _trouble(world, machine)
        machine.loop.turn()
    return machine


def _trouble(world: Year, machine: Machine) -> None:
    """On average: the lid is closed thrice a day, a pass is killed daily, the service weekly, the clock is set monthly."""
    dice = world.chance.random() * 288  # of some 288 turns a day
    if dice < 3:
        machine.asleep = world.chance.choice([600.0, 3600.0, 9 * 3600.0, 30 * 3600.0])
    elif dice < 4:
        world.fails = True
    elif dice < 4.15:
        machine.new_loop()
    elif dice < 4.18:
        machine.stepped = world.chance.choice([-90.0, 90.0, 3600.0])
    machine.events += ["wake"] if dice > 287 else []


def recorded(world: Year) -> tuple[Opening, ...]:
    return world.session.ledger.openings()


def too_many(openings: Sequence[Opening], absences: Sequence[Absence]) -> list[object]:
    """Stay-dates with more than three windows."""

    def stay(opening: Opening) -> object:
        absence = next(a for a in absences if a.id == opening.absence_id)
        return next((s.span.start for s in absence.stays if opening.span.start in s.span), absence.span.start)

    counted = Counter((stay(o), o.local_date) for o in openings if o.reason != "released")
    return [key for key, number in counted.items() if number > 3]


def too_close(openings: Sequence[Opening]) -> list[tuple[datetime, datetime]]:
    starts = sorted(o.span.start for o in openings)
    return [(a, b) for a, b in pairwise(starts) if b - a < 3 * HOUR]


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_a_troubled_year_opens_no_more_than_three_times_and_holds_nothing_for_ever() -> None:
    with quick_folder() as folder:
        _troubled(year(folder, 2, 365), 365)


@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("seed", range(10, 30))
def test_twenty_troubled_years(seed: int) -> None:
    with quick_folder() as folder:
        _troubled(year(folder, seed, 365), 365)


def _troubled(world: Year, days: int) -> None:
    machine = play(world, days, troubled=True)
    openings = recorded(world)
    assert len(openings) > 100 and world.letters > 500
    assert too_many(openings, world.absences) == []
    assert too_close(openings) == []
    # A day of silence within a stay, a long flight, and one that slept through it.
    assert world.longest_held < timedelta(hours=24 + 14 + 30 + 3)
    home = next(
        machine.time.moment + hours * HOUR for hours in range(2000) if not world.away(machine.time.moment + hours * HOUR)
    )  # fmt: skip
    machine.run_until(home + 2 * HOUR)
    assert world.mailbox.held_mail == {}
    assert len(world.mailbox.inbox) == world.letters


@pytest.mark.slow
def test_on_a_machine_that_stays_awake_every_window_opens_at_its_second() -> None:
    with quick_folder() as folder:
        world = year(folder, 3, 60)
        machine = play(world, 60, troubled=False)
        passes = {round(made.timestamp()) for made in machine.passes}
        openings = recorded(world)
        assert len(openings) > 30
        assert [o for o in openings if not {round(o.span.start.timestamp()) + late for late in (0, 1)} & passes] == []
        assert [o for o in openings if not {round(o.span.end.timestamp()) + late for late in (0, 1)} & passes] == []
        assert world.longest_held < timedelta(hours=24 + 14 + 1)


def test_the_played_year_has_changes_of_summer_time_while_away() -> None:
    """Else the tests above would show less than they say."""
    changes = [datetime(2026, 3, 29, 1, tzinfo=UTC), datetime(2026, 10, 25, 1, tzinfo=UTC), datetime(2026, 11, 1, 6, tzinfo=UTC)]
    near = [
        change
        for change in changes
        for absence in itineraries(random.Random(2), 365)
        if absence.span.overlaps(Interval(change - DAY, change + DAY))
    ]
    assert len(near) >= 2


def test_standing_holds_are_what_is_asked_for_the_next_moment(tmp_path: Path) -> None:
    world = year(tmp_path, 1, 20)
    first = world.absences[0]
    report = world.make(first.span.start - HOUR, Order())
    assert report.next == first.span.start.timestamp()
    assert all(isinstance(s, Standing) for s in world.session.ledger.standing().values())
