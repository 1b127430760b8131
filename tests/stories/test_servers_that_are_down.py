"""A server that is down holds nobody else up; what could not be done there is said, and done once it is back."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.servers.calendar_server import CalendarServer
from tests.servers.radicale import Radicale
from tests.servers.submission import Submission
from tests.servers.xandikos import running_xandikos
from tests.stories.clocked import ClockedDovecot
from tests.stories.journey import LISBON, Journey

OLA = "ola@customer.example"


@pytest.fixture
def journey(radicale: Radicale, post: ClockedDovecot, submission: Submission, tmp_path: Path) -> Journey:
    return Journey(tmp_path / "home", radicale, post, submission, "ana", "carla")


def agreed(j: Journey) -> dict[str, object]:
    """The plan is accepted; returns the world before."""
    j.at("2026-11-02 09:00")
    before = j.world()
    told = j.type("apply", "--yes")
    assert told.code == 0, told.all
    return before


def away(j: Journey) -> None:
    j.at("2026-11-09 11:40", LISBON)
    j.passes()
    j.come(OLA, "Question about the offer", "Held")


def test_back_early_while_the_mail_server_is_down_is_finished_by_the_next_pass(journey: Journey) -> None:
    j = journey
    agreed(j)
    away(j)
    j.at("2026-11-11 18:00")
    j.mail.server.stop()
    told = j.type("back", "--yes")
    assert told.code == 1 and "localhost" in told.all, told.all
    assert "✓ Give “Product weekly” on Thu 12 Nov 14:00–15:00 back to you" in told.out, told.out
    j.mail.start()
    j.passes()
    j.released()
    j.come(OLA, "Home again", "INBOX")
    assert j.sieve.scripts()[0] == "mine" and j.replied_to() == [OLA]
    j.rests()


def test_undo_while_the_mail_server_is_down_says_what_is_left_and_the_next_pass_does_it(journey: Journey) -> None:
    j = journey
    before = agreed(j)
    away(j)
    j.at("2026-11-10 10:00")
    j.mail.server.stop()
    told = j.type("undo", "--all", "--past")
    assert told.code == 1 and "not everything could be taken back" in told.out, told.all
    assert "✗" in told.out and "localhost" in told.out
    assert {"work": j.server.content(j.work), "family": j.home.content(j.family)}.items() <= before.items()
    j.mail.start()
    j.passes()
    j.released()
    assert j.world() == before
    assert "Nothing to undo" in j.type("undo", "--all", "--past").out
    j.rests()


@pytest.fixture
def own_xandikos() -> CalendarServer:
    with running_xandikos() as started:
        yield started


def test_a_dead_server_is_said_once_and_the_others_are_tended(
    radicale: Radicale, own_xandikos: CalendarServer, post: ClockedDovecot, submission: Submission, tmp_path: Path
) -> None:
    j = Journey(tmp_path / "home", radicale, post, submission, "ana", "carla", home=own_xandikos)
    before = j.world()
    j.at("2026-11-02 09:00")
    own_xandikos.stop()
    told = j.type("apply", "--yes")
    assert "✓ Ask Ana Silva to host" in told.out and "✓ Set the autoreply" in told.out, told.all
    for day in ("2026-11-03 09:00", "2026-11-04 09:00"):
        j.at(day)
        told = j.type("pass")
        assert told.out.count("localhost could not be reached") == 1, told.all
        assert j.type("status").out.count("Not readable at the last pass: family") == 1
    j.answers("ana", "ACCEPTED")
    assert j.type("pass").out.count("to Ana Silva, who accepted") == 2
    away(j)
    j.at("2026-11-10 10:00")
    own_xandikos.start()
    j.passes()
    j.released()
    assert "Not readable" not in j.type("status").out
    assert j.type("undo", "--all", "--past").code == 0
    j.passes()
    assert j.world() == before
