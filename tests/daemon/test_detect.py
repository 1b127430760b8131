"""From what was seen to absences, where the user told little about themselves."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from daemon.detect import Memory, detect, judge_all
from integrations import places
from rules.model import Attendee, Occurrence, OccurrenceKey
from rules.policy import Me, Policy

ZONE = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 1, tzinfo=ZONE)
STRANGER = Policy(config_version=1, me=Me(name="", addresses=("me@localhost",), home_zone="Europe/Berlin"))


def entry(uid: str, summary: str, start: datetime, hours: float, **more: object) -> Occurrence:
    values = {"key": OccurrenceKey("file", uid), "role": "mine", "start": start, "end": start + timedelta(hours=hours)}
    return Occurrence(**(values | {"summary": summary} | more))  # type: ignore[arg-type]


def calendar() -> list[Occurrence]:
    """Somebody from Munich flies to Milan, and notes a hotel at home."""
    return [
        entry("1", "LH1856 MUC-MXP", datetime(2027, 1, 18, 7, 5, tzinfo=ZONE), 1.2),
        entry("2", "LH1859 MXP-MUC", datetime(2027, 1, 19, 19, 30, tzinfo=ZONE), 1.2),
        entry("3", "Hotel Bayerischer Hof, Munich", datetime(2027, 2, 1, tzinfo=ZONE), 48, all_day=True),
    ]


def test_home_is_guessed_from_the_tickets_where_nobody_told_it() -> None:
    found = detect(calendar(), STRANGER, places.load(), Memory(), NOW)
    assert [(a.kind, a.nights, a.open_ended) for a in found.absences] == [("trip", 1, False)]
    assert [e.verdict for e in found.evidence] == ["trip", "trip", "neither"]


def test_my_address_is_guessed_from_the_invitations_where_nobody_told_it() -> None:
    me, start = Attendee("lea@corp.example"), datetime(2027, 1, 18, 9, tzinfo=ZONE)
    meetings = [
        entry(str(n), "Weekly", start + timedelta(days=n), 1, organizer=Attendee(f"{n}@x"), attendees=(me,)) for n in range(3)
    ]
    mine = entry("leave", "Urlaub", datetime(2027, 2, 1, tzinfo=ZONE), 120, all_day=True, organizer=me, attendees=(me,))
    assert judge_all([*meetings, mine], STRANGER, places.load())[-1].verdict == "vacation"
    assert judge_all([mine], STRANGER, places.load())[-1].verdict == "colleague"


def test_every_occurrence_gets_a_verdict_also_ours_and_those_of_ignored_calendars() -> None:
    start = datetime(2027, 1, 18, 9, tzinfo=ZONE)
    ours, ignored = entry("hw-a.b.c", "Busy", start, 2, marker="hw-a.b.c"), entry("x", "Urlaub", start, 24, role="ignore")
    assert [e.verdict for e in judge_all([ours, ignored], STRANGER, places.load())] == ["neither", "neither"]


def test_what_a_series_means_on_one_calendar_says_nothing_about_another() -> None:
    start = datetime(2027, 1, 18, tzinfo=ZONE)
    series = {"all_day": True, "recurring": True, "fingerprint": "same"}
    team = entry("x", "Köln", start, 48, role="team", **series)
    mine = entry("x", "Köln", start, 48, key=OccurrenceKey("mine", "x"), **series)
    assert [e.verdict for e in judge_all([team, mine], STRANGER, places.load())][1] == "trip"
