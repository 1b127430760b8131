"""The self-check leaves nothing behind, mails nobody, and says where Google does otherwise."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from integrations.errors import OutsideError, Unsupported
from integrations.google_self_check import check_calendar, check_mail, check_out_of_office
from tests.servers.fake_google.contract_bench import content, fill
from tests.servers.fake_google.server import FakeGoogle
from tests.servers.fake_google.worlds import LEA, NOW, api_of, google_world


@pytest.fixture
def google() -> Iterator[FakeGoogle]:
    with google_world() as world:
        fill(world)
        yield world


def test_all_is_well_twice_and_nothing_is_left(google: FakeGoogle) -> None:
    before = content(google)
    for _ in range(2):
        found = [*check_calendar(api_of(google), "primary", NOW), *check_mail(api_of(google))]
        assert len(found) == 11 and all(fine for _, fine in found), found
    assert content(google) == before and google.calendar.mails == []
    assert "gmail.users.settings.updateVacation" not in google.seen.calls


@pytest.mark.parametrize("method", ["patch", "list", "insert"])
def test_what_was_begun_is_cleared_away_when_the_check_breaks_off(google: FakeGoogle, method: str) -> None:
    before = content(google)
    google.faults.add(f"calendar.events.{method}", "403 quota", times=-1, after=1 if method == "list" else 0)
    with pytest.raises(OutsideError):
        list(check_calendar(api_of(google), "primary", NOW))
    assert content(google) == before


def test_an_out_of_office_entry_is_tried_and_leaves_nothing(google: FakeGoogle) -> None:
    before = content(google)
    for _ in range(2):
        assert [fine for _, fine in check_out_of_office(api_of(google), "primary", NOW)] == [True, True]
    assert content(google) == before and google.calendar.mails == []


def test_an_account_that_takes_no_such_entries_is_told_so(google: FakeGoogle) -> None:
    google.calendar.consumers.add(LEA)
    with pytest.raises(Unsupported, match="they are for Workspace accounts"):
        list(check_out_of_office(api_of(google), "primary", NOW))


def test_an_entry_is_taken_away_when_the_check_breaks_off(google: FakeGoogle) -> None:
    before = content(google)
    google.faults.add("calendar.events.get", "403 quota", times=-1)
    with pytest.raises(OutsideError):
        list(check_out_of_office(api_of(google), "primary", NOW))
    assert google.seen.calls["calendar.events.insert"] == 1 and content(google) == before
