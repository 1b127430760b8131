"""The picture of an absence: what comes into the leader's, what never comes into the team's, and that every text stays text."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from datetime import date, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from rules import timeline_svg, timeline_text
from rules.interval import Interval
from rules.items import BlockItem, HostItem
from rules.mentors import Pairing
from rules.model import Absence, Leg, OccurrenceKey, Opening, Place, Stay
from rules.policy import Person
from rules.timeline import Timeline, for_leader, for_team

BERLIN, LISBON = "Europe/Berlin", "Europe/Lisbon"
HOME, AWAY = Place("Berlin", BERLIN, city="Berlin"), Place("Lisbon", LISBON, city="Lisbon")
SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = [
    "</svg><script>alert(1)</script>", '" onload="alert(1)', "\u202egnp.exe\u2066", "x" * 500, "👩‍👩‍👧 " * 60, "שלום עולם", "",
]  # fmt: skip


def at(text: str, zone: str = BERLIN) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


def span(start: str, end: str, zone: str = BERLIN) -> Interval:
    return Interval(at(start, zone), at(end, zone))


TRIP = Absence(
    id="trip-1", kind="trip", span=span("2026-11-30T04:30", "2026-12-05T00:20"), nights=4, confidence=1.0, action="act",
    title="Trip to Lisbon", because=(),
    legs=(
        Leg("flight", at("2026-11-30T07:00"), at("2026-11-30T10:45"), HOME, AWAY),
        Leg("flight", at("2026-12-04T19:30"), at("2026-12-04T23:05"), AWAY, HOME),
    ),
    stays=(
        Stay(span("2026-11-30T10:45", "2026-12-04T19:30"), LISBON, AWAY),
        Stay(span("2026-12-04T23:05", "2026-12-05T00:20"), BERLIN),
    ),
)  # fmt: skip
WINDOWS = tuple(
    Opening("trip-1", date(2026, 12, day), index, span(f"2026-12-0{day}T{clock}", f"2026-12-0{day}T{clock[:3]}45"), BERLIN)
    for day in (1, 2) for index, clock in enumerate(("09:00", "18:00"))
)  # fmt: skip


def host(
    title: str = "Team meeting", state: str = "accepted", when: str = "2026-12-01T10:00", until: str = "2026-12-01T11:00"
) -> HostItem:
    return HostItem(
        f"hw-trip-1.host.{title}", "trip-1", OccurrenceKey("work", title), title, span(when, until), "team", "ana", "Ana Silva",
        "ana@example.org", state,  # type: ignore[arg-type]
    )  # fmt: skip


def block(purpose: str, start: str, end: str, calendar: str = "work", summary: str = "Busy") -> BlockItem:
    name = f"hw-trip-1.{purpose}.{calendar}"
    return BlockItem(name, "trip-1", calendar, purpose, "1", span(start, end), BERLIN, summary)  # type: ignore[arg-type]


BLOCKS = (
    block("wrap-up", "2026-11-27T17:00", "2026-11-27T18:00"),
    block("make-up", "2026-12-07T13:00", "2026-12-07T16:00"),
    block("make-up", "2026-12-07T13:00", "2026-12-07T16:00", "family", "Family time"),
    block("debrief", "2026-12-07T10:00", "2026-12-07T10:20", summary="Debrief with Ana"),
)


def whole(*hosts: HostItem) -> Timeline:
    return for_leader(TRIP, BERLIN, WINDOWS, hosts or (host(), host("Training", "asked")), BLOCKS)


def drawn(timeline: Timeline) -> ET.Element:
    """Parsed strictly: an unescaped "<" is an error."""
    return ET.fromstring(timeline_svg.figure(timeline))


def told(timeline: Timeline) -> str:
    return "\n".join("".join(element.itertext()) for element in drawn(timeline).iter(f"{SVG}text"))


# --- the leader's -------------------------------------------------------------------------------------------------------


def test_a_day_is_a_row_of_half_hours_with_its_ways_windows_hosts_and_blocks() -> None:
    assert list(timeline_text.lines(whole())) == """\
Trip to Lisbon, 30 Nov – 5 Dec (4 nights)
            0     3     6     9     12    15    18    21
Fri 27 Nov  ..................................BB............
            17:00–18:00  Wrap-up
            2 days with nothing
Mon 30 Nov  ........./////>>>>>>>>////////////////////////// Lisbon, −1 h
            07:00–10:45  Berlin → Lisbon
Tue 1 Dec   //////////////////iiMM//////////////ii////////// Lisbon, −1 h
            10:00–11:00  Ana Silva (asked): Training
            10:00–11:00  Ana Silva: Team meeting
            inbox at 09:00, 18:00
Wed 2 Dec   //////////////////ii////////////////ii////////// Lisbon, −1 h
            inbox at 09:00, 18:00
Thu 3 Dec   //////////////////////////////////////////////// Lisbon, −1 h
Fri 4 Dec   ///////////////////////////////////////>>>>>>>>/ Lisbon, −1 h
            19:30–23:05  Lisbon → Berlin
Sat 5 Dec   /............................................... home 00:20
            1 day with nothing
Mon 7 Dec   ....................B.....BBBBBB................
            10:00–10:20  Debrief with Ana
            13:00–16:00  Family time
/ away  > on the way  i inbox opens  M has a host  ? asked, no answer  B block
One character is half an hour, in the time of Europe/Berlin.""".splitlines()  # fmt: skip


def test_what_crosses_midnight_is_drawn_on_both_days_and_told_on_the_first() -> None:
    red_eye = Leg("flight", at("2026-12-04T22:00"), at("2026-12-05T06:30"), None, None)
    timeline = for_leader(
        replace(TRIP, span=span("2026-12-04T19:00", "2026-12-05T08:00"), legs=(red_eye,), stays=()), BERLIN, (), (), ()
    )
    (friday, saturday) = timeline.days
    assert [(bar.start, bar.end, bar.label) for bar in (*friday.bars, *saturday.bars)] == [(22, 24, "flight"), (0, 6.5, "")]
    assert saturday.bars[0].clock == "until 06:30"
    assert sum("flight" in line for line in timeline_text.lines(timeline)) == 1
    assert told(timeline).count("flight") == 1


def test_an_absence_that_ends_at_midnight_has_no_row_for_the_next_day() -> None:
    timeline = for_leader(replace(TRIP, span=span("2026-12-04T00:00", "2026-12-05T00:00"), legs=(), stays=()), BERLIN, (), (), ())
    assert [day.words for day in timeline.days] == ["Fri 4 Dec"]
    assert timeline.days[0].away == ((0, 24),)


def test_noon_is_in_the_middle_of_the_row_on_the_night_the_clocks_change() -> None:
    days = [
        for_leader(replace(TRIP, span=span(f"{day}T12:00", f"{day}T23:00"), legs=(), stays=()), BERLIN, (), (), ()).days[0]
        for day in ("2026-03-29", "2026-10-25", "2026-12-01")
    ]
    assert [day.away for day in days] == [((12, 23),)] * 3


def test_a_place_in_the_zone_of_home_or_without_a_name_is_told_without_or_by_its_zone() -> None:
    there = Stay(span("2026-12-01T00:00", "2026-12-02T00:00"), BERLIN, Place("Munich", BERLIN, city="Munich"))
    east = Stay(span("2026-12-02T00:00", "2026-12-03T00:00"), "Asia/Kolkata")
    timeline = for_leader(replace(TRIP, stays=(there, east)), BERLIN, (), (), ())
    assert [day.where for day in timeline.days][1:3] == ["Munich", "Asia/Kolkata, +4.5 h"]


def test_a_leave_of_a_year_is_cut_and_says_so() -> None:
    timeline = for_leader(replace(TRIP, span=span("2026-01-01T06:00", "2026-12-31T22:00"), legs=(), stays=()), BERLIN, (), (), ())
    assert (len(timeline.days), timeline.more) == (62, 303)
    assert "            and 303 days more" in list(timeline_text.lines(timeline))
    assert "and 303 days more" in told(timeline)


# --- the team's ---------------------------------------------------------------------------------------------------------


def team(*hosts: HostItem) -> Timeline:
    pair = Pairing(Person(id="dan", name="Dan"), Person(id="ana", name="Ana Silva"), TRIP.span)
    return for_team("trip-1", "While Lena is away", BERLIN, date(2026, 11, 30), date(2026, 12, 7), hosts, (pair,))


def test_the_teams_picture_has_whole_days_hosts_and_mentors_and_nothing_of_the_journey() -> None:
    timeline = team(host())
    assert {day.away for day in timeline.days} == {((0, 24),)}
    assert (timeline.days[0].words, timeline.days[-1].words) == ("Mon 30 Nov", "Sun 6 Dec")
    assert [bar.label for day in timeline.days for bar in day.bars] == ["Ana Silva: Team meeting"]
    words = told(timeline)
    assert "Mentor of Dan: Ana Silva" in words and "Lisbon" not in words and "inbox" not in words and "Family" not in words
    assert "Mentor of Dan: Ana Silva" in list(timeline_text.lines(timeline))


# --- drawn --------------------------------------------------------------------------------------------------------------


def test_the_drawing_tells_what_the_text_tells_and_only_what_it_uses_is_in_the_legend() -> None:
    words = told(whole())
    for expected in (
        "Fri 27 Nov",
        "07:00 Berlin → Lisbon",
        "10:00 Ana Silva: Team meeting",
        "13:00 Family time",
        "home 00:20",
        "⋮",
    ):
        assert expected in words
    assert {"away", "on the way", "inbox opens", "meeting with a host", "asked, no answer yet", "block"} <= set(words.split("\n"))
    assert "asked, no answer yet" not in told(team(host())) and "block" not in told(team(host())).split("\n")
    assert words.count("⋮") == 2


def test_words_stay_inside_the_drawing_and_do_not_lie_over_one_another() -> None:
    evening = host("Late call with a very long name", when="2026-12-01T21:00", until="2026-12-01T22:00")
    for timeline in (whole(evening, host("Early"), host("Also early and long" * 4)), team(evening)):
        boxes: dict[float, list[tuple[float, float]]] = {}
        for element in drawn(timeline).iter(f"{SVG}text"):
            width = 5.8 * len("".join(element.itertext()))
            x = float(element.get("x", "0"))
            left = {"end": x - width, "middle": x - width / 2}.get(element.get("text-anchor", ""), x)
            boxes.setdefault(float(element.get("y", "0")), []).append((left, left + width))
        assert all(left >= -0.1 and right <= 681 for line in boxes.values() for left, right in line)
        for line in boxes.values():
            ordered = sorted(line)
            assert all(one[1] <= two[0] for one, two in pairwise(ordered))


def test_kinds_differ_without_colour() -> None:
    """Filled, empty, dashed, dotted and hatched: the look of each without its colours."""
    looks = {kind: re.sub(r"#[0-9a-f]{6}|currentColor", "ink", look) for kind, look in timeline_svg._LOOKS.items()}
    assert len(set(looks.values())) == len(looks)


@pytest.mark.parametrize("title", HOSTILE)
def test_a_hostile_title_stays_text_in_both(title: str) -> None:
    item = replace(host(), summary=title, host_name=title)
    timeline = replace(whole(item), title=title)
    root = drawn(timeline)
    assert {element.tag.removeprefix(SVG) for element in root.iter()} == {
        "svg", "title", "desc", "defs", "pattern", "path", "rect", "circle", "text", "g",
    }  # fmt: skip
    assert not any(name.startswith("on") or name in ("style", "href") for element in root.iter() for name in element.attrib)
    everything = "".join(root.itertext()) + "".join(timeline_text.lines(timeline))
    assert not set("\u202e\u2066") & set(everything)
    assert max(map(len, timeline_text.lines(timeline))) <= 90


def test_a_line_is_never_wider_than_the_terminal() -> None:
    wide = replace(whole(replace(host(), summary="会議" * 60)), title="会" * 80)
    lines = list(timeline_text.lines(wide))
    assert max(sum(timeline_text._columns(character) for character in line) for line in lines) <= 80
    assert timeline_text._columns("\u0301") == 0
