"""The self-check leaves nothing behind, mails nobody, and says where Google does otherwise."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from integrations.errors import OutsideError
from integrations.google_self_check import check_calendar, check_mail
from tests.servers.fake_google.contract_bench import content, fill
from tests.servers.fake_google.server import FakeGoogle
from tests.servers.fake_google.worlds import NOW, api_of, google_world


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
