"""What people change while the leader is away, on real servers: theirs stays, and ours follows it or goes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.servers.calendar_server import CalendarServer
from tests.servers.radicale import Radicale
from tests.servers.submission import Submission
from tests.stories.clocked import ClockedDovecot
from tests.stories.journey import LISBON, Journey
from tests.stories.leader import OWN_SCRIPT

OLA, EVE = "ola@customer.example", "eve@stranger.example"


def agreed(j: Journey) -> None:
    j.at("2026-11-08 20:00")
    told = j.type("apply", "--yes")
    assert told.code == 0 and "✗" not in told.out, told.all


@pytest.fixture
def journey(radicale: Radicale, post: ClockedDovecot, submission: Submission, tmp_path: Path) -> Journey:
    j = Journey(tmp_path / "home", radicale, post, submission, "ana", "carla")
    agreed(j)
    return j


@pytest.mark.parametrize("kind", ["radicale", "xandikos"])
def test_a_guest_who_will_not_come_at_all_stays_away_after_undo(
    kind: str, request: pytest.FixtureRequest, post: ClockedDovecot, submission: Submission, tmp_path: Path
) -> None:
    """She said so in her own calendar, and that is no word of ours to take back."""
    server: CalendarServer = request.getfixturevalue(kind)
    j = Journey(tmp_path / "home", server, post, submission, "ana", "carla")
    before = j.world()
    agreed(j)
    assert j.answers("ana", "DECLINED") == 2
    assert j.passes().out.count("Ask Carla Conti instead of Ana Silva") == 2
    assert j.answers("carla", "ACCEPTED") == 2
    j.passes()
    assert j.type("undo", "--all", "--past").code == 0
    j.passes()
    j.rests()
    text = j.text("weekly")
    assert "X-HOMEWARD" not in text and "host:" not in text and "CHAIR" not in text and "OPT-PARTICIPANT" not in text
    master, *ours = text.split("BEGIN:VEVENT")[1:]
    assert len(ours) == text.count("PARTSTAT=DECLINED") == 2 and "DECLINED" not in master
    after = j.world()
    for name in ("family", "scripts", "in force", "folders"):
        assert after[name] == before[name]


def test_a_new_rule_of_her_own_works_at_once_and_stays(journey: Journey) -> None:
    j = journey
    j.at("2026-11-09 11:40", LISBON)
    j.passes()
    new = OWN_SCRIPT + b'if header :contains "Subject" "invoice" { fileinto :create "Invoices"; }\r\n'
    j.sieve.put("mine", new)
    j.passes()
    j.come(EVE, "Your invoice", "Invoices")
    j.come(EVE, "Hello", "Held")
    j.at("2026-11-10 09:00")
    assert j.type("undo", "--all", "--past").code == 0
    j.released()
    active, scripts = j.sieve.scripts()
    assert (active, scripts["mine"], sorted(scripts)) == ("mine", new, ["mine", "summer"])
    j.rests()


def test_who_activates_another_script_has_taken_over(journey: Journey) -> None:
    """From then on this machine alone holds, and nothing on the server is ours to change."""
    j = journey
    j.at("2026-11-09 11:40", LISBON)
    j.passes()
    with j.sieve.client() as client:
        client.setactive("summer")
    j.come(OLA, "Not answered", "INBOX")
    j.passes()
    assert j.sieve.scripts()[0] == "summer" and j.replied_to() == []
    j.expect_again("Not answered", "Held")
    j.check()
    j.at("2026-11-09 12:31", LISBON)
    j.passes()
    j.released()
    j.at("2026-11-14 09:00")
    j.passes()
    assert j.type("undo", "--all", "--past").code == 0
    active, scripts = j.sieve.scripts()
    assert (active, sorted(scripts), j.letters.folders()) == ("summer", ["mine", "summer"], ["Archive", "INBOX", "Sent", "Trash"])
    j.rests()


def test_a_flight_that_is_moved_moves_what_the_server_holds(journey: Journey) -> None:
    """She stays at home on Monday: nothing is held there any more, and two nights fewer are owed."""
    j = journey
    later = {"20261109T060000Z": "20261111T060000Z", "20261109T094500Z": "20261111T094500Z"}
    later |= {"DATE:20261109": "DATE:20261111", "DATE:20261110": "DATE:20261111"}

    def moved(data: bytes) -> bytes:
        if b"RRULE" in data or b"X-HOMEWARD" in data:
            return data
        for old, new in later.items():
            data = data.replace(old.encode(), new.encode())
        return data

    j.server.rewrite(j.work, moved)
    told = j.passes()
    assert "Give “Product weekly” on Tue 10 Nov 14:00–15:00 back to you" in told.out, told.out
    j.at("2026-11-09 12:00")
    j.come(OLA, "On Monday", "INBOX")
    assert j.replied_to() == []
    j.at("2026-11-11 04:00")
    j.passes()
    j.at("2026-11-11 11:40", LISBON)
    j.come(OLA, "On Wednesday", "Held")
    assert j.replied_to() == [OLA]
    j.at("2026-11-14 09:00")
    j.passes()
    j.released()
    assert "2 h owed" in j.type("status").out
