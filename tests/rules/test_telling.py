"""Changes as sentences, and that no title can act on a terminal."""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from rules.interval import Interval
from rules.items import ALWAYS, BlockItem, HoldItem, HostItem, Item, MailItem, ResponderItem, ResponderText
from rules.model import OccurrenceKey
from rules.plan import Change
from rules.telling import at, day, details, hours, in_days, level, listed, printable, stretch, tell, tell_together, together

ZONE = "Europe/Berlin"
START = datetime(2026, 12, 7, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
AFTERNOON = Interval(START, START + 4 * HOUR)
TRIP = Interval(START, START + timedelta(days=4))


def host(**more: Any) -> HostItem:
    values: dict[str, Any] = {
        "id": "hw-lisbon.host.1",
        "absence_id": "lisbon",
        "key": OccurrenceKey("work", "uid"),
        "summary": "Team meeting",
        "span": Interval(START, START + HOUR),
        "meeting_id": "team",
        "host": "ana",
        "host_name": "Ana",
        "host_address": "ana@example.org",
        "state": "asked",
    }
    return HostItem(**(values | more))


def block(span: Interval = AFTERNOON, **more: Any) -> BlockItem:
    values: dict[str, Any] = {
        "id": "hw-lisbon.make-up.1",
        "absence_id": "lisbon",
        "calendar_id": "work",
        "purpose": "make-up",
        "ordinal": "1",
        "span": span,
        "zone": ZONE,
        "summary": "Busy",
    }
    return BlockItem(**(values | more))


TEXTS = (ResponderText("internal", "Away", "Ana covers.\n\n  Back on Monday."), ResponderText("known", "Away", "Back on Monday."))
REPLY = ResponderItem("hw-lisbon.responder.1", "lisbon", "mail", TRIP, TEXTS, 4, ("example.org",))
HOLD = HoldItem("hw-lisbon.hold.1", "lisbon", "mail", TRIP, "client")
MAIL = MailItem("hw-lisbon.brief.1", "lisbon", "mail", "brief", ("ana@example.org", "ben@example.org"), "s", "b")


LATER = Interval(START + 24 * HOUR, START + 26 * HOUR)


def digest(due: datetime) -> MailItem:
    return MailItem("x", "lisbon", "mail", "digest", ("ana@example.org",), "s", "b", due=due)


def created(item: Item) -> str:
    return tell(Change("create", None, item, ""), ZONE)


def updated(before: Item, after: Item) -> str:
    return tell(Change("update", before, after, ""), ZONE)


def deleted(item: Item) -> str:
    return tell(Change("delete", item, None, ""), ZONE)


# --- times ------------------------------------------------------------------------------------------------------------


def test_a_moment_is_told_in_the_local_time_of_its_reader() -> None:
    assert day(START, ZONE) == "Mon 7 Dec"
    assert at(START, ZONE) == "Mon 7 Dec 13:00"
    assert at(START, "Asia/Tokyo") == "Mon 7 Dec 21:00"


def test_a_stretch_names_the_day_once_where_it_is_one_day() -> None:
    assert stretch(AFTERNOON, ZONE) == "Mon 7 Dec 13:00–17:00"
    assert stretch(TRIP, ZONE) == "Mon 7 Dec 13:00 – Fri 11 Dec 13:00"


def test_time_away_is_told_in_days_and_a_change_of_hands_within_a_day_to_the_minute() -> None:
    ends = Interval(TRIP.start, TRIP.start + timedelta(hours=11))  # midnight in Berlin
    tells = {
        TRIP: "Mon 7 – Fri 11 Dec",
        ends: "Mon 7 Dec",
        Interval(ends.end, TRIP.end): "Tue 8 – Fri 11 Dec",
        Interval(TRIP.start, ends.end + timedelta(hours=9)): "Mon 7 Dec – Tue 8 Dec 09:00",
        Interval(ends.end + timedelta(hours=9), TRIP.end): "Tue 8 Dec 09:00 – Fri 11 Dec",
    }
    assert {span: in_days(span, TRIP, ZONE) for span in tells} == tells
    month = Interval(TRIP.start - timedelta(days=10), TRIP.end)
    assert in_days(month, month, ZONE) == "Fri 27 Nov – Fri 11 Dec"


def test_hours_lose_a_needless_fraction() -> None:
    assert (hours(4.0), hours(2.5)) == ("4 h", "2.5 h")


def test_names_are_listed_as_they_are_spoken() -> None:
    assert [listed(names) for names in ([], ["Ana"], ["Ana", "Ben"], ["Ana", "Ben", "Cem"])] == [
        "",
        "Ana",
        "Ana and Ben",
        "Ana, Ben and Cem",
    ]


def test_a_block_in_the_night_the_clocks_go_back_tells_its_real_length() -> None:
    berlin = ZoneInfo(ZONE)
    night = Interval(datetime(2026, 10, 25, 1, tzinfo=berlin), datetime(2026, 10, 25, 4, tzinfo=berlin))
    assert created(block(night)) == "Block Sun 25 Oct 01:00–04:00 for family time (4 h, calendar work)"


# --- every change as a sentence ---------------------------------------------------------------------------------------


def test_what_is_new() -> None:
    assert created(host()) == "Ask Ana to host “Team meeting” on Mon 7 Dec 13:00–14:00"
    assert created(block()) == "Block Mon 7 Dec 13:00–17:00 for family time (4 h, calendar work)"
    assert created(REPLY) == "Set the autoreply from Mon 7 Dec 13:00 to Fri 11 Dec 13:00, for colleagues and people you know"
    assert created(HOLD) == "Hold the inbox, three windows a day, from Mon 7 Dec 13:00 to Fri 11 Dec 13:00"
    assert created(MAIL) == "Send the brief to ana@example.org and ben@example.org"


def test_a_message_for_later_tells_when() -> None:
    assert created(digest(START)) == "Send the digest on Mon 7 Dec 13:00 to ana@example.org"


def test_people_are_called_by_their_names_where_these_are_known() -> None:
    names = {"ana@example.org": "Ana Silva", "ben@example.org": "Ben\x1b[2J"}
    assert tell(Change("create", None, MAIL, ""), ZONE, names) == "Send the brief to Ana Silva and Ben [2J"
    assert details(host(chain=("ben@example.org", "x@example.org")), names) == ("if they decline: Ben [2J and x@example.org",)


@pytest.mark.parametrize(
    ("purpose", "words"),
    [
        ("wrap-up", "the wrap-up before you leave"),
        ("re-entry", "the first hour back without mail"),
        ("debrief", "the debrief"),
        ("mentor", "the mentor's time"),
    ],
)
def test_every_block_has_its_words(purpose: str, words: str) -> None:
    assert created(block(purpose=purpose)).startswith(f"Block Mon 7 Dec 13:00–17:00 for {words} (")
    assert deleted(block(purpose=purpose)).startswith(f"Remove {words} on Mon 7 Dec 13:00–17:00 (")


@pytest.mark.parametrize("purpose", ["ask", "withdrawn", "brief", "digest", "mentor", "coaching"])
def test_every_message_has_its_words(purpose: Any) -> None:
    assert created(MailItem("x", "lisbon", "mail", purpose, ("ana@example.org",), "s", "b")).endswith(" to ana@example.org")


@pytest.mark.parametrize(
    ("mode", "words"), [("server", "Let the mail server hold the inbox"), ("sync", "Fetch mail in three windows")]
)
def test_every_mode_of_the_hold_has_its_words(mode: Any, words: str) -> None:
    assert words in created(HoldItem("x", "lisbon", "mail", TRIP, mode))


def test_a_hold_without_end_names_no_days() -> None:
    assert created(HoldItem("x", "home", "mail", ALWAYS, "client")) == "Hold the inbox, three windows a day, always"


def test_a_meeting_is_handed_over_to_whoever_accepted() -> None:
    assert updated(host(), host(state="accepted")) == "Hand “Team meeting” on Mon 7 Dec 13:00–14:00 to Ana, who accepted"


def test_the_next_deputy_is_asked_instead_of_the_one_who_declined() -> None:
    ben = host(host="ben", host_name="Ben")
    assert updated(host(), ben) == "Ask Ben instead of Ana to host “Team meeting” on Mon 7 Dec 13:00–14:00"


def test_the_same_deputy_is_asked_again_where_the_meeting_changed() -> None:
    assert updated(host(), host(lines=("decide",))) == created(host())


def test_a_block_is_moved() -> None:
    moved = updated(block(), block(LATER))
    assert moved == "Move family time from Mon 7 Dec 13:00–17:00 to Tue 8 Dec 13:00–15:00 (2 h, calendar work)"


def test_the_same_hours_on_two_calendars_are_one_sentence() -> None:
    twice = [Change("create", None, block(calendar_id=name, id=name), "") for name in ("work", "family")]
    alone = Change("create", None, block(LATER), "")
    assert together([twice[0], alone, twice[1]]) == ((twice[0], twice[1]), (alone,))
    assert tell_together(twice, ZONE) == "Block Mon 7 Dec 13:00–17:00 for family time (4 h, calendars family and work)"


def test_what_differs_in_more_than_the_calendar_stays_apart() -> None:
    work, family = block(), block(calendar_id="family", id="f")
    moved = Change("update", family, block(LATER, calendar_id="family", id="f"), "")
    apart = [Change("create", None, work, ""), Change("delete", family, None, ""), moved, Change("create", None, host(), "")]
    assert together(apart) == tuple((change,) for change in apart)


def test_another_return_is_told_by_what_changes() -> None:
    longer = replace(HOLD, span=Interval(START, TRIP.end + HOUR))
    later = replace(REPLY, span=Interval(START + HOUR, TRIP.end))
    other = replace(HOLD, span=LATER)
    assert updated(HOLD, longer) == "Keep the inbox held until Fri 11 Dec 14:00 instead of Fri 11 Dec 13:00"
    assert updated(REPLY, later) == "Keep the autoreply on from Mon 7 Dec 14:00 instead of Mon 7 Dec 13:00"
    told = "Keep the inbox held from Tue 8 Dec 13:00 to Tue 8 Dec 15:00 instead of Mon 7 Dec 13:00 to Fri 11 Dec 13:00"
    assert updated(HOLD, other) == told
    told = "Send the digest on Mon 7 Dec 14:00 instead of Mon 7 Dec 13:00 to ana@example.org"
    assert updated(digest(START), digest(START + HOUR)) == told


def test_another_change_tells_what_it_will_be() -> None:
    assert updated(block(), block(summary="Family")) == "Block Mon 7 Dec 13:00–17:00 for family time again (4 h, calendar work)"
    assert updated(REPLY, REPLY).startswith("Rewrite the autoreply from")
    assert updated(HOLD, HOLD) == created(HOLD)
    assert updated(MAIL, MAIL) == created(MAIL)


def test_what_is_taken_back() -> None:
    assert deleted(host()) == "Give “Team meeting” on Mon 7 Dec 13:00–14:00 back to you (was Ana)"
    assert deleted(block()) == "Remove family time on Mon 7 Dec 13:00–17:00 (4 h, calendar work)"
    assert deleted(REPLY) == "Switch homeward's autoreply off and put back what was there before"
    assert deleted(HOLD) == "Stop holding the inbox and release everything held"
    assert deleted(MAIL) == "Do not send the brief to ana@example.org and ben@example.org"


def test_details_of_a_host_are_scope_companion_and_who_is_next() -> None:
    full = host(lines=("decide, then tell",), paired_with="Cem", chain=("ben@example.org", "dana@example.org"))
    assert details(full) == ("decide, then tell", "together with Cem", "if they decline: ben@example.org and dana@example.org")
    assert details(host()) == ()


def test_details_of_an_autoreply_are_its_lines_for_each_audience() -> None:
    assert details(REPLY) == (
        "to colleagues: “Away”",
        "  Ana covers.",
        "  Back on Monday.",
        "to people you know: “Away”",
        "  Back on Monday.",
    )


def test_other_things_have_no_details() -> None:
    assert details(block()) == details(HOLD) == details(MAIL) == ()


def test_a_decision_level_is_told_with_its_number() -> None:
    assert [level(n) for n in range(1, 6)] == [
        "1, do exactly what is written",
        "2, look into it and report",
        "3, recommend, the leader decides",
        "4, decide, then tell",
        "5, decide",
    ]


# --- hostile text -----------------------------------------------------------------------------------------------------

HOSTILE = {
    "colour and cursor": "\x1b[31mred\x1b[2J\x1b[H",
    "window title": "\x1b]0;owned\x07",
    "eight-bit escape": "\x9b31mred",
    "overwriting": "safe\r\x08\x08\x08\x08evil",
    "new lines": "one\ntwo\r\nthree\x0bfour\x0cfive\x85six\u2028seven\u2029eight",
    "turned around": "invoice\u202efdp.exe\u202c \u2066x\u2069 \u200f\u200e\u061c",
    "invisible": "pay\u200bpal\u2060\ufeff\u00ad\U000e0041",
    "half a pair": "x\ud800y\udfff",
    "nul": "a\x00b\x7f",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_no_title_can_act_on_a_terminal(text: str) -> None:
    every: list[Item] = [host(summary=text, host_name=text), MailItem("x", "l", "m", "brief", (text,), text, text)]
    said = [created(e) for e in every] + [deleted(e) for e in every] + [updated(host(host="x", host_name=text), every[0])]
    said += details(host(lines=(text,), paired_with=text, chain=(text,)))
    said += details(ResponderItem("x", "l", "m", TRIP, (ResponderText("known", text, text),), 4, ()))
    assert said
    for sentence in said:
        assert not [c for c in sentence if unicodedata.category(c)[0] == "C" or c in "\u2028\u2029"]


def test_what_was_visible_stays_readable() -> None:
    assert printable("\x1b[31mred") == "[31mred"
    assert printable("  Größe,\tcafé – 東京 (α)\n") == "Größe, café – 東京 (α)"


def test_a_very_long_line_is_cut_and_shows_it() -> None:
    assert printable("x" * 120) == "x" * 120
    assert printable("x" * 121) == "x" * 119 + "…"
    assert len(created(host(summary="x" * 1_000_000))) < 200


def test_markup_and_formats_are_plain_text() -> None:
    text = "[bold]{0}%s <script> $(reboot) `x`"
    assert f"“{text}”" in created(host(summary=text))


@given(st.text(st.characters()), st.integers(1, 200))
def test_a_printable_text_is_one_short_line_and_stays_as_it_is(text: str, most: int) -> None:
    line = printable(text, most)
    assert len(line) <= most
    assert len(line.splitlines()) <= 1
    assert line == " ".join(line.split())
    assert not [c for c in line if unicodedata.category(c)[0] == "C"]
    assert printable(line, most) == line
