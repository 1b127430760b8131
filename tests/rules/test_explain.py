"""The words a person reads, and what hostile text cannot do to them."""

from datetime import date

import pytest
from msgspec.structs import replace

from rules import explain
from rules.absence import merge
from rules.interval import Interval
from rules.model import Absence, EvidenceKind, Place
from rules.place import Whereabouts
from rules.policy import DetectPolicy, Me
from tests.rules.evidence_builder import BER, BERLIN, HOME_ZONE, LIS, LISBON, at, evidence, flight, lisbon, vacation, whole

ME = Me(name="Lena", addresses=("lena@corp.example",), home_zone=HOME_ZONE)


def only(*entries: object) -> Absence:
    (absence,) = merge(entries, (), ME, BERLIN, DetectPolicy())  # type: ignore[arg-type]
    return absence


@pytest.mark.parametrize(
    ("first", "last", "words"),
    [
        ("2026-11-09", "2026-11-09", "9 Nov"),
        ("2026-11-09", "2026-11-14", "9–14 Nov"),
        ("2026-11-30", "2026-12-02", "30 Nov – 2 Dec"),
        ("2026-12-30", "2027-01-02", "30 Dec 2026 – 2 Jan 2027"),
    ],
)
def test_dates_are_as_short_as_they_can_be(first: str, last: str, words: str) -> None:
    assert explain.days_words(date.fromisoformat(first), date.fromisoformat(last)) == words


def test_the_year_is_named_where_it_is_not_this_one() -> None:
    span = Interval(at("2027-03-01 06:00"), at("2027-03-03 00:00"))
    assert explain.span_words(span, HOME_ZONE, date(2026, 11, 1)) == "1–2 Mar 2027"
    assert explain.span_words(span, HOME_ZONE, date(2027, 1, 1)) == "1–2 Mar"
    assert explain.span_words(span, HOME_ZONE) == "1–2 Mar"


def test_one_line_names_the_trip_its_days_and_its_nights() -> None:
    assert explain.one_line(only(*lisbon()), HOME_ZONE) == "Trip to Lisbon, 9–14 Nov (4 nights)"


def test_one_line_of_a_day_off_has_no_nights_and_of_a_day_trip_says_so() -> None:
    assert explain.one_line(only(vacation("2026-11-09")), HOME_ZONE) == "Vacation, 9 Nov"
    there_and_back = [flight("2026-11-02 06:00", BER, "09:00", LIS), flight("2026-11-02 17:00", LIS, "21:30", BER)]
    assert explain.one_line(only(*there_and_back), HOME_ZONE) == "Trip to Lisbon, 2 Nov (no nights)"


def test_one_night_is_singular() -> None:
    assert explain.nights_words(1) == "1 night"


@pytest.mark.parametrize(
    ("kind", "place", "declared", "words"),
    [
        ("trip", LISBON, "", "Trip to Lisbon"),
        ("trip", LISBON, "lisbon", "Trip to Lisbon"),
        ("trip", None, "", "Trip"),
        ("trip", LISBON, "Board meeting", "Board meeting"),
        ("vacation", LISBON, "", "Vacation in Lisbon"),
        ("vacation", None, "Vacation", "Vacation"),
        ("focus", BERLIN, "", "Conference at home"),
    ],
)
def test_an_absence_is_named_after_its_place_or_in_the_users_words(
    kind: str, place: Place | None, declared: str, words: str
) -> None:
    assert explain.name_of(kind, place, declared) == words  # type: ignore[arg-type]


def test_a_place_is_called_by_its_city_then_its_name_then_its_code() -> None:
    assert explain.place_words(LIS) == "Lisbon"
    assert explain.place_words(Place("Gare", HOME_ZONE)) == "Gare"
    assert explain.place_words(Place("", HOME_ZONE, code="XYZ")) == "XYZ"
    assert explain.place_words(None) == ""


def test_a_route_says_what_is_known_of_it() -> None:
    assert explain.route_words(BER, LIS) == "Berlin → Lisbon"
    assert explain.route_words(BER, None) == "from Berlin"
    assert explain.route_words(None, LIS) == "to Lisbon"
    assert explain.route_words(None, None) == ""


@pytest.mark.parametrize(
    ("where", "words"),
    [
        (Whereabouts("home", HOME_ZONE), "At home, nothing ahead"),
        (Whereabouts("home", HOME_ZONE, until=at("2026-11-09 04:30")), "At home until Mon 9 Nov 04:30"),
        (Whereabouts("transit", HOME_ZONE, LIS, at("2026-11-09 11:00")), "On the way to Lisbon until Mon 9 Nov 11:00"),
        (Whereabouts("transit", HOME_ZONE), "On the way"),
        (Whereabouts("away", "Europe/Lisbon", LIS, at("2026-11-13 19:50")), "In Lisbon until Fri 13 Nov 18:50"),
        (Whereabouts("away", HOME_ZONE, None, at("2026-11-13 22:00")), "Away until Fri 13 Nov 22:00"),
    ],
)
def test_whereabouts_are_one_line_in_the_zone_one_is_in(where: Whereabouts, words: str) -> None:
    assert explain.whereabouts_words(where) == words


def test_why_names_what_it_is_what_follows_and_every_entry_once() -> None:
    entries = lisbon()
    copy = replace(entries[1], key=replace(entries[1].key, calendar_id="phone"))
    cab = evidence("Cab", Interval(at("2026-11-09 04:00"), at("2026-11-09 04:40")), EvidenceKind.CAR, verdict="supporting")
    lines = explain.why_absence(only(*entries, copy, cab), HOME_ZONE)
    assert lines[:2] == (
        "Trip to Lisbon, 9–14 Nov (4 nights): all changes are planned",
        "Door to door Mon 9 Nov 04:30 – Sat 14 Nov 00:35.",
    )
    assert lines.count("“Flight to Lisbon (TP 533)”: a flight Berlin → Lisbon, 95% sure") == 1
    assert "“Cab”: a drive, only joins" in lines
    assert "“Web Summit”: a conference in Lisbon, 88% sure" in lines
    assert "“Out of office”: an out-of-office entry, 95% sure" in lines


def test_why_of_one_entry_gives_the_verdict_and_its_reasons() -> None:
    assert explain.why_entry(vacation("2026-11-09", "2026-11-13"), HOME_ZONE) == (
        "“Urlaub”, 9–13 Nov: a vacation, 92% sure",
        "leave in the title",
    )
    gone = flight("2026-11-09 07:00", BER, "10:00", LIS, cancelled=True, summary="TP 533", verdict="neither")
    assert explain.why_entry(gone, HOME_ZONE) == (
        "“TP 533”, Mon 9 Nov 07:00: no absence",
        "flight in the title",
        "It is cancelled or declined.",
    )
    ana = whole("Ana off", EvidenceKind.LEAVE, "2026-11-09", verdict="colleague", colleague="Ana")
    assert explain.why_entry(ana, HOME_ZONE)[0] == "“Ana off”, 9 Nov: somebody else's absence (Ana)"


def test_why_of_an_entry_names_the_year_where_it_is_not_this_one() -> None:
    today = date(2027, 1, 1)
    assert explain.why_entry(vacation("2026-11-09"), HOME_ZONE, today)[0].startswith("“Urlaub”, 9 Nov 2026: ")
    leaving = flight("2026-11-09 07:00", BER, "10:00", LIS, summary="TP 533")
    assert explain.why_entry(leaving, HOME_ZONE, today)[0].startswith("“TP 533”, Mon 9 Nov 2026 07:00: ")
    assert explain.why_entry(leaving, HOME_ZONE, date(2026, 1, 1))[0].startswith("“TP 533”, Mon 9 Nov 07:00: ")


def test_a_reason_does_not_repeat_the_title_above_it() -> None:
    entry = replace(vacation("2026-11-09"), because=("“Urlaub” says “Urlaub”", "“Urlaub”: it is yours", "“Urlaubsgeld” is not"))
    assert explain.why_entry(entry, HOME_ZONE)[1:] == ("says “Urlaub”", "it is yours", "“Urlaubsgeld” is not")


def test_hostile_text_stays_on_its_line_and_in_its_direction() -> None:
    nasty = "\x1b[2Jrm\r\n-rf \u202eevil\u2028" + "x" * 500
    words = explain.titled(nasty)
    assert words.isprintable()
    assert len(words) <= explain.LONGEST_TITLE + 2
    assert explain.titled("\u200b\n") == "an entry without a title"
    assert explain.place_words(Place(nasty, HOME_ZONE)).isprintable()
