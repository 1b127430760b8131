"""What others did to the calendar meanwhile: moved, cancelled, new, and invitations without an answer."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from msgspec.structs import replace

from rules.changes import as_it_stood, change_lines, changes, invitation_lines, invitations, moved
from rules.interval import Interval
from rules.model import Absence, Attendee, Evidence, Occurrence, OccurrenceKey
from rules.policy import Me

LEFT = datetime(2026, 12, 1, 5, tzinfo=UTC)
HOME = datetime(2026, 12, 5, 8, tzinfo=UTC)
UNTIL = LEFT + timedelta(days=90)
TRIP = Absence("lis", "trip", Interval(LEFT, HOME), 4, 1.0, "act", "Lisbon", ())
ME = Me(name="Lea", addresses=("Lea@firm.example",), home_zone="UTC")


def entry(uid: str, day: int = 8, hour: int = 9, title: str = "", **more: object) -> Occurrence:
    start = datetime(2026, 12, day, hour, tzinfo=UTC)
    made = Occurrence(OccurrenceKey("work", uid), "mine", start, start + timedelta(hours=1), summary=title or uid.title())
    return replace(made, **more)  # type: ignore[arg-type]


def told(
    before: list[Occurrence], now: list[Occurrence], absence: Absence = TRIP, unread: frozenset[str] = frozenset()
) -> list[str]:
    found = changes(as_it_stood(before, absence, LEFT, UNTIL), now, absence, unread)
    return [f"{line.lead}: {line.rest}" for line in change_lines(found, "UTC")]


def test_what_was_moved_cancelled_and_added_is_told_in_order() -> None:
    before = [entry("review"), entry("lunch", 9), entry("sync", 10), entry("same", 11)]
    now = [entry("review", 8, 14), entry("sync", 10, status="CANCELLED"), entry("board", 7), entry("same", 11)]
    assert told(before, now) == [
        "Board: new, Mon 7 Dec 09:00–10:00",
        "Review: moved from Tue 8 Dec 09:00–10:00 to Tue 8 Dec 14:00–15:00",
        "Lunch: cancelled, Wed 9 Dec 09:00–10:00",
        "Sync: cancelled, Thu 10 Dec 09:00–10:00",
    ]
    assert told(before, before) == []


def test_a_series_is_one_line() -> None:
    weekly = [replace(entry("team", day), key=OccurrenceKey("work", "team", f"{day}")) for day in (8, 15, 22)]
    assert told(weekly, []) == ["Team: cancelled, Tue 8 Dec 09:00–10:00 and 2 more of the series"]


def test_private_entries_are_left_out_whenever_they_are_private() -> None:
    secret = entry("secret", private=True)
    assert told([secret], []) == told([], [secret]) == told([secret], [entry("secret", 9)]) == told([entry("x")], [replace(
        entry("x", 9), private=True)]) == []  # fmt: skip
    assert as_it_stood([secret], TRIP, LEFT, UNTIL).entries[0].title == "", "its words are not kept"


def test_what_homeward_wrote_the_trip_itself_and_other_calendars_are_no_news() -> None:
    ours, flight = entry("block", marker="hw-lis.x"), entry("flight", 5, 6)
    evidence = Evidence(flight.key, "Flight", flight.span, False, "trip", 0.9, ())
    assert told([], [ours, flight, entry("theirs", role="team")], replace(TRIP, evidence=(evidence,))) == []


def test_a_title_that_homeward_added_to_is_still_the_same() -> None:
    hosted = entry("team", 3, 14, title="Team (host: Ana)", marker="hw-lis.host.1")
    assert told([entry("team", 3)], [hosted]) == ["Team: moved from Thu 3 Dec 09:00–10:00 to Thu 3 Dec 14:00–15:00"]


def test_what_lies_beyond_what_was_seen_is_neither_new_nor_gone() -> None:
    beyond, past = entry("beyond", start=UNTIL, end=UNTIL + timedelta(hours=1)), entry("past", start=LEFT, end=LEFT)
    assert told([], [beyond, past]) == []
    assert told([entry("review")], [replace(beyond, key=OccurrenceKey("work", "review"))])[0].startswith("Review: moved")


def test_a_calendar_that_cannot_be_read_or_issues_new_uids_cancels_nothing() -> None:
    assert told([entry("review")], [], unread=frozenset({"work"})) == []
    assert told([entry("review")], [entry("new-uid", title="Review")]) == []


def test_an_entry_without_a_title_is_told_as_such_and_a_hostile_one_stays_one_line() -> None:
    assert told([], [entry("x", summary="")])[0].startswith("an entry without a title: new")
    assert told([], [entry("x", summary="a\r\nb\x1b[31m")])[0].startswith("a b [31m: new")


def test_when_something_would_have_been() -> None:
    departure = as_it_stood([entry("a"), entry("b")], TRIP, LEFT, UNTIL)
    later = {entry("a").key: entry("a", 9).span, entry("b").key: entry("b").span}
    assert moved(departure, later) == {entry("a").key: entry("a").span}
    assert moved(None, later) == {}


# --- invitations ------------------------------------------------------------------------------------------------------

BOSS = Attendee("boss@firm.example", "Boss")


def invitation(uid: str, day: int = 8, partstat: str = "NEEDS-ACTION", **more: object) -> Occurrence:
    return entry(uid, day, **{"organizer": BOSS, "attendees": (BOSS, Attendee("lea@firm.example", partstat=partstat)), **more})


def invited(*now: Occurrence, before: tuple[Occurrence, ...] = ()) -> list[str]:
    found = invitations(now, as_it_stood(before, TRIP, LEFT, UNTIL), ME, HOME)
    return [f"{line.lead}: {line.rest}" for line in invitation_lines(found, "UTC")]


def test_an_invitation_that_came_meanwhile_and_has_no_answer_is_listed() -> None:
    assert invited(invitation("offsite")) == ["Offsite: Tue 8 Dec 09:00–10:00 from Boss"]
    assert invitations([invitation("offsite")], None, ME, HOME), "also where nothing is known of the departure"


def test_a_series_is_invited_to_once_and_a_private_entry_keeps_its_words() -> None:
    series = [replace(invitation("talk", day), key=OccurrenceKey("work", "talk", f"{day}")) for day in (15, 8)]
    assert invited(*series) == ["Talk: Tue 8 Dec 09:00–10:00 and 1 more of the series from Boss"]
    assert invited(invitation("secret", private=True)) == ["a private entry: Tue 8 Dec 09:00–10:00"]
    nameless = invitation("x", organizer=Attendee("boss@firm.example"), summary="")
    assert invited(nameless) == ["an entry without a title: Tue 8 Dec 09:00–10:00 from boss@firm.example"]


def test_what_is_answered_known_over_ones_own_or_somebody_elses_is_no_new_invitation() -> None:
    assert invited(
        invitation("yes", partstat="ACCEPTED"),
        invitation("over", 2),
        invitation("own", organizer=Attendee("lea@firm.example")),
        invitation("none", organizer=None),
        invitation("others", attendees=(BOSS,)),
        invitation("gone", status="CANCELLED"),
        invitation("team", role="team"),
        invitation("ours", marker="hw-lis.x"),
        invitation("known"),
        before=(entry("known"),),
    ) == []  # fmt: skip
