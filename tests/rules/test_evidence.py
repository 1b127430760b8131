"""Single entries judged: the ten rules in order, doubts, identity, and what must never set an autoreply."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations import places
from rules.evidence import AWAY, identity, judge
from rules.model import Attendee, Evidence, EvidenceKind, Occurrence, OccurrenceKey
from rules.policy import DetectPolicy, Me, Person

HOME = ZoneInfo("Europe/Berlin")
GAZETTEER = places.load()
ME = Me(name="Maria Keller", addresses=("maria.keller@acme.example",), home_zone="Europe/Berlin", home="Berlin, DE")
MYSELF = Attendee("maria.keller@acme.example", "Maria Keller")
OTHER = Attendee("tom@acme.example", "Tom Berg")
PEOPLE = (
    Person(id="ngozi", name="Ngozi Okafor", addresses=("ngozi@acme.example",)),
    Person(id="leo", name="Leonid", family=True),
)
TRIPIT = "Ngozi Okafor is in Rome, Italy from May 1 to May 6\nhttp://www.tripit.com/"


def entry(summary: str, *, days: int = 5, hours: float = 0.0, at: int = 10, **more: object) -> Occurrence:
    start = datetime(2027, 3, 8, at if hours else 0, tzinfo=HOME)
    end = start + (timedelta(hours=hours) if hours else timedelta(days=days))
    values = {
        "key": OccurrenceKey("c", "u"),
        "role": "mine",
        "start": start,
        "end": end,
        "all_day": not hours,
        "summary": summary,
    }
    return Occurrence(**(values | more))  # type: ignore[arg-type]


def judged(summary: str, **more: object) -> Evidence:
    return judge(entry(summary, **more), ME, PEOPLE, GAZETTEER, DetectPolicy())  # type: ignore[arg-type]


def verdict(summary: str, **more: object) -> tuple[str, float]:
    evidence = judged(summary, **more)
    return evidence.verdict, evidence.confidence


# --- 1. veto ----------------------------------------------------------------------------------------------------------


def test_what_is_cancelled_or_declined_is_no_absence_and_says_so() -> None:
    declined = Attendee(MYSELF.address, partstat="DECLINED")
    for evidence in (
        judged("Trip to Rome", status="CANCELLED"),
        judged("Trip to Rome", organizer=OTHER, attendees=(declined,)),
        judged("Canceled: Trip to Rome"),
        judged("Abgesagt: Dienstreise Köln"),
    ):
        assert evidence.verdict == "neither" and evidence.cancelled
    assert not judged("Trip to Rome").cancelled


@pytest.mark.parametrize("kind", ["birthday", "workingLocation", "focusTime", "freeBusy"])
def test_some_entries_of_google_are_never_absences(kind: str) -> None:
    assert verdict("Vacation", event_type=kind) == ("neither", 0.0)


def test_holiday_feeds_ignored_calendars_hosts_and_own_blocks_are_no_evidence() -> None:
    assert verdict("Vacation", calendar_name="Holidays in Germany")[0] == "neither"
    assert verdict("Urlaub", calendar_name="Schulferien")[0] == "neither"
    assert verdict("Vacation", role="ignore")[0] == "neither"
    assert verdict("Airbnb · Ada")[0] == "neither"
    assert verdict("Vacation", key=OccurrenceKey("c", "hw-1"), marker="hw-1")[0] == "neither"
    assert verdict("Vacation", key=OccurrenceKey("c", "theirs"), marker="hw-1")[0] == "vacation"


# --- 2. doubts --------------------------------------------------------------------------------------------------------


def test_what_is_not_settled_is_capped_with_the_reason() -> None:
    for evidence in (
        judged("Trip to Hawaii?"),
        judged("Trip to Oslo (tbc)"),
        judged("HOLD: Lisbon trip"),
        judged("Trip to Oslo", status="TENTATIVE"),
        judged("Trip to Oslo", busy_status="TENTATIVE"),
        judged("Trip to Oslo", organizer=OTHER, attendees=(MYSELF,)),
        judged("Trip to Oslo", organizer=OTHER),
        judged("Trip to Oslo", recurring=True),
        judged("Trip to Oslo", role="family"),
        judged("Trip to Oslo", calendar_name="Family"),
        judged("Trip to Oslo", calendar_name="Team absences"),
        judged("Zug nach Hamburg", hours=2, recurring=True),
    ):
        assert (evidence.verdict, evidence.confidence) == ("trip", 0.60) and len(evidence.because) >= 2, evidence.summary


def test_an_accepted_invitation_counts_in_full() -> None:
    accepted = Attendee(MYSELF.address, partstat="ACCEPTED")
    assert verdict("Company retreat", location="Split, Croatia", organizer=OTHER, attendees=(accepted,)) == ("trip", 0.90)


# --- team calendars and colleagues ------------------------------------------------------------------------------------


def test_a_team_calendar_is_never_evidence_about_me() -> None:
    assert judged("PTO", role="team", organizer=OTHER).colleague == "Tom Berg"
    assert judged("PTO", role="team", organizer=Attendee("x@y.example")).colleague == "x@y.example"
    assert judged("Ngozi out", role="team").verdict == "neither"
    assert judged("Offsite Rome", role="team").verdict == "colleague"
    assert judged("Offsite", role="team", hours=2).verdict == "neither"
    assert judged("Standup", role="team", hours=1).verdict == "neither"


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Bob on vacation", "Bob"),
        ("Priya - Annual leave", "Priya"),
        ("Vacaciones - Ana Pérez", "Ana Pérez"),
        ("PTO for Marta", "Marta"),
        ("Ngozi PTO", "Ngozi Okafor"),
        ("Okafor im Urlaub", "Ngozi Okafor"),
        ("Zorblax's PTO", "Zorblax"),
        ("Zorblax on leave", "Zorblax"),
        ("PTO for Zorblax", "Zorblax"),
        ("Zorblax: Urlaub", "Zorblax"),
        ("Zorblax Quux OOO", "Zorblax Quux"),
        ("ZQ OOO", "ZQ"),
        ("OOO ZQ", "ZQ"),
        ("佐々さん 休暇", "佐々さん"),
        ("田中 有給", "田中"),
        ("Boss on vacation", "Boss"),
        ("Urlaub Chef", "Chef"),
        ("Jan OOO", "Jan"),
        ("Business trip: Carla", "Carla"),
        ("Dienstreise Chef", "Chef"),
        ("Peter Lustig Urlaub", "Peter Lustig"),
        ("Urlaub Lustig Peter", "Lustig Peter"),
    ],
)
def test_somebody_elses_leave_is_a_colleagues_and_names_them(title: str, name: str) -> None:
    evidence = judged(title)
    assert (evidence.verdict, evidence.colleague) == ("colleague", name)


def test_a_leave_word_from_another_organizer_is_theirs() -> None:
    evidence = judged("Vacation", organizer=OTHER, attendees=(MYSELF,))
    assert (evidence.verdict, evidence.colleague) == ("colleague", "Tom Berg")
    assert (
        verdict("Out of office (FYI)", organizer=OTHER, start=entry("x").start, end=entry("x").start, all_day=False)[0]
        == "neither"
    )


@pytest.mark.parametrize(
    "title", ["Maria Keller - Urlaub", "OOO: Maria", "MK OOO", "Keller PTO", "Anna Maria Keller on leave", "Jan 3 PTO"]
)
def test_my_own_name_and_dates_are_not_somebody_else(title: str) -> None:
    assert judged(title).verdict == "vacation"


@pytest.mark.parametrize(
    "title",
    [
        "Parents on vacation",
        "Mama Urlaub",
        "Kids' vacation",
        "Leonid Urlaub",
        "Wife in Paris",
        "Trip: Mum",
        "Mum's flight to Rome",
    ],
)
def test_the_familys_leave_is_neither_mine_nor_a_colleagues(title: str) -> None:
    assert verdict(title) == ("neither", 0.0)


def test_company_on_my_vacation_makes_it_no_less_mine() -> None:
    assert verdict("Vacation with the kids") == ("family-vacation", 0.92)
    assert verdict("Urlaub mit Ana") == ("vacation", 0.92)
    assert verdict("Family vacation") == ("family-vacation", 0.92)


# --- 3. artefacts -----------------------------------------------------------------------------------------------------


def test_a_ticket_carries_its_ends_and_its_kind() -> None:
    evidence = judged("Flight to Lisbon (TP 533)", hours=3.7, event_type="fromGmail", location="Berlin BER", transparent=True)
    assert (evidence.verdict, evidence.confidence, evidence.kind, evidence.machine) == ("trip", 0.95, EvidenceKind.FLIGHT, True)
    assert evidence.origin is not None and evidence.destination is not None and evidence.destination.code == "LIS"
    assert evidence.because[0].startswith("“Flight to Lisbon (TP 533)” has a flight number")
    assert evidence.span.length == timedelta(hours=3.7)


def test_gmail_alone_is_no_travel() -> None:
    for title, where in (
        ("Reservation at Friesian Pub", "Torstr. 1, 10119 Berlin"),
        ("Webinar on travel", "https://x.example"),
        ("Hertha - Union", "Stadion"),
    ):
        assert judged(title, hours=2, event_type="fromGmail", location=where).verdict == "neither"


@pytest.mark.parametrize(
    "title",
    [
        "Book flight LH 176 BER-FRA",
        "Flight test readiness review",
        "Flight to Rome planning",
        "Team flight to Rome",
        "Dad lands BA 982",
        "Rail freight strategy",
        "Bus to school",
    ],
)
def test_tasks_and_meetings_about_journeys_are_none(title: str) -> None:
    assert judged(title, hours=1).verdict in ("neither", "supporting")


def test_somebody_elses_journey_is_theirs_and_an_unknown_name_is_a_question() -> None:
    assert judged("Bob's flight to Rome (LH 230)", hours=2).verdict == "colleague"
    assert judged("Ana: Flug nach Wien", hours=2).verdict == "colleague"
    assert verdict("Zorblax flight to Rome", hours=2) == ("trip", 0.80)
    assert verdict("Lisbon flight TP 533", hours=3)[1] >= 0.93
    assert verdict("ANA NH10", hours=12) == ("trip", 0.88)


def test_a_tripit_trip_of_a_colleague_is_theirs() -> None:
    evidence = judged("Rome, Italy, May 2027", key=OccurrenceKey("c", "a@tripit.com"), description=TRIPIT)
    assert (evidence.verdict, evidence.colleague) == ("colleague", "Ngozi Okafor")


def test_tasks_about_lodging_are_none_and_trip_words_lead_on() -> None:
    assert verdict("Cancel hotel", days=1)[0] == "neither"
    assert verdict("Hotel for guests", days=3)[0] == "neither"
    assert judged("Offsite at Marriott", location="Porto, Portugal").kind in (EvidenceKind.TRIP_BLOCK, EvidenceKind.LODGING)
    assert judged("Vacation cabin").verdict == "vacation"
    assert judged("Vacation, flight to Rome").verdict in AWAY


# --- 5. and 6. machine markers and short entries ----------------------------------------------------------------------


def test_an_out_of_office_entry_of_a_machine_counts_whatever_its_title() -> None:
    assert verdict("Gone fishing", hours=72, event_type="outOfOffice") == ("vacation", 0.95)
    assert verdict("OOO: Test Person - Casual Leave", hours=72, event_type="outOfOffice") == ("vacation", 0.95)
    evidence = judged("Off to Lisbon, conference", busy_status="OOF")
    assert (evidence.verdict, evidence.machine) == ("trip", True)
    assert evidence.destination is not None and evidence.destination.city == "Lisbon"
    assert verdict("Parental leave", busy_status="oof") == ("leave", 0.95)
    assert verdict("OOO", busy_status="OOF", location="Rome, Italy") == ("trip", 0.95)
    assert verdict("OOO", busy_status="OOF", location="10117 Berlin") == ("vacation", 0.95)


def test_an_out_of_office_entry_is_leave_only_where_it_says_so() -> None:
    assert judged("OOO").kind == judged("Away", busy_status="OOF").kind == EvidenceKind.OUT_OF_OFFICE
    assert judged("OOO - annual leave").kind == judged("Urlaub", busy_status="OOF").kind == EvidenceKind.LEAVE


def test_a_short_out_of_office_is_none() -> None:
    assert verdict("Doctor", hours=2, event_type="outOfOffice") == ("neither", 0.0)


def test_timed_and_short_without_an_artefact_is_never_an_absence() -> None:
    for title in ("Vacation", "PTO", "Trip to Rome", "Urlaub", "Lisbon", "Offsite Lisbon"):
        assert verdict(title, hours=1) == ("neither", 0.0), title


def test_a_red_eye_by_name_and_hour_is_a_question() -> None:
    assert verdict("Red-eye", hours=2, at=21) == ("trip", 0.60)
    assert verdict("Red-eye", hours=2, at=10) == ("neither", 0.0)
    assert verdict("Red-eye reduction", hours=2, at=21)[0] == "neither"


# --- 7. context words -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "title",
    [
        "Vacation policy review",
        "Book summer vacation",
        "PTO policy briefing",
        "Urlaubsplanung 2027",
        "Réunion congés d’été",
        "Leave policy Q&A",
        "Sam's birthday trip",
        "Holiday party",
        "Parents visiting",
        "Paris team visiting",
        "London visitors in Berlin office",
        "Besuch aus London",
        "Half-term (school)",
        "Sommerferien Berlin",
        "Bank holiday",
        "Jury duty",
        "Code freeze",
        "Sprint 42",
        "Back from vacation",
        "Zurück aus dem Urlaub",
        "No PTO allowed",
        "Vacation in 10 days",
        "Urlaubssperre",
        "Passport expires",
        "Flights on sale: Lisbon",
        "Sam arrives from Rome",
        "Training about annual leave",
        "Vacation training",
        "WFH",
        "Return from Lisbon trip",
        "年假剩余 5 天",
        "Vacation request due",
        "Team retreat planning",
        "Lisbon launch retro",
        "Reise nach der Prüfung planen",
        "Ferienstart",
        "Messeplanung Wien",
    ],
)
def test_words_that_make_it_something_else_veto(title: str) -> None:
    assert verdict(title) == ("neither", 0.0)


def test_days_in_another_city_are_worth_a_question_even_beside_such_a_word() -> None:
    assert verdict("Board meeting (New York)", days=3, location="New York, NY") == ("trip", 0.72)
    assert verdict("Roadmap days", days=3, location="Lyon, France") == ("trip", 0.55)
    assert verdict("Planning offsite", days=3, location="Lyon, France")[1] >= 0.5
    assert verdict("Birthday trip", days=3, location="Lyon, France") == ("trip", 0.55)


def test_a_portuguese_no_in_front_of_leave_is_a_no() -> None:
    assert verdict("No vacation") == ("neither", 0.0)
    assert verdict("Férias no Algarve") == ("vacation", 0.92)


# --- 8. leave words ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "title",
    [
        "Urlaub",
        "Congés",
        "Vacaciones",
        "Ferie",
        "Ferien",
        "休暇",
        "휴가",
        "Urlop",
        "Dovolená",
        "Vacation",
        "OOO",
        "Loma",
        "إجازة",
        "חופשה",
        "AL",
        "Off",
        "Vakantie",
        "Férias",
        "Semester",
        "Tatil",
        "PTO 🌴",
    ],
)
def test_a_leave_word_on_whole_days_of_mine_is_a_vacation(title: str) -> None:
    assert verdict(title) == ("vacation", 0.92)


def test_a_leave_word_with_a_place_dates_or_a_stamp_stays_sure() -> None:
    for title in (
        "Vacation Lisbon",
        "Urlaub (Ostsee)",
        "OOO 2026-05-04-2026-05-05 (2d)",
        "휴가 (9일, 연차 5일)",
        "PTO (approved)",
        "Urlaub in Kroatien",
    ):
        assert verdict(title) == ("vacation", 0.92), title
    assert judged("Urlaub Lissabon").because[0] == "“Urlaub Lissabon” says “Urlaub”, for 5 days of yours"
    assert judged("Urlaub", days=1).because[0].endswith("for a whole day of yours")


def test_leave_that_is_not_quite_clear_is_a_question() -> None:
    assert verdict("Urlaub Xyzzy") == ("vacation", 0.60)
    assert verdict("Half day PTO", days=1) == ("vacation", 0.50)
    assert verdict("반차", days=1) == ("vacation", 0.50)
    assert verdict("Sick leave") == ("leave", 0.80)
    assert verdict("Fri") == ("vacation", 0.60)
    assert verdict("Vacation", days=90) == ("vacation", 0.50)
    assert verdict("OOO Lisbon") == ("trip", 0.80)
    assert verdict("Vacation", hours=7) == ("vacation", 0.70)
    assert verdict("Vacation", hours=8, at=9) == ("vacation", 0.92)
    assert verdict("Vienna PTO") == ("vacation", 0.60)
    assert verdict("Vacation Berlin") == ("vacation", 0.60)
    assert verdict("Vacation (kids)") == ("family-vacation", 0.60)
    assert verdict("Elternzeit", days=90) == ("leave", 0.92)


def test_a_holiday_is_leave_only_where_it_is_long_or_abroad() -> None:
    assert verdict("Holiday", days=1) == ("neither", 0.0)
    assert verdict("Holiday", days=5) == ("vacation", 0.88)
    assert verdict("Holiday in Greece", days=2) == ("vacation", 0.90)
    assert verdict("Holiday in Germany", days=2) == ("neither", 0.0)
    assert verdict("Christmas break", days=9) == ("vacation", 0.55)
    assert verdict("Holiday xyzzy", days=3) == ("vacation", 0.55)
    assert verdict("Holiday xyzzy", days=1) == ("neither", 0.0)


def test_away_and_on_a_trip_is_a_trip() -> None:
    assert verdict("out of office - conference", hours=97) == ("trip", 0.88)
    assert verdict("OOO - xyzzy conference") == ("trip", 0.75)


def test_midnight_to_midnight_at_home_is_whole_days() -> None:
    evidence = judged("Dienstreise", hours=48, at=0)
    assert evidence.confidence == 0.86
    assert judged("Dienstreise", hours=48, at=9).confidence == 0.70


# --- 9. trips and places ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "title",
    [
        "Trip to Denver",
        "Dienstreise München",
        "Déplacement Lyon",
        "大阪出張",
        "Onsite @ Zürich",
        "Wyjazd do Wrocławia",
        "Team offsite - Porto",
        "Visiting Amsterdam office",
        "Vacation trip to Rome",
    ],
)
def test_a_trip_word_and_a_place_are_a_trip(title: str) -> None:
    evidence = judged(title)
    assert evidence.verdict in ("trip", "vacation") and evidence.confidence >= 0.88, evidence
    assert evidence.destination is not None and evidence.destination.city not in ("", "Berlin")


def test_a_conference_elsewhere_is_a_trip_and_at_home_focus_that_asks() -> None:
    away = judged("Web Summit", location="Lisbon, Portugal", days=4)
    assert (away.verdict, away.confidence, away.kind) == ("trip", 0.90, EvidenceKind.CONFERENCE)
    for evidence in (
        judged("Tech conference", location="CityCube, Berlin"),
        judged("Berlin conference"),
        judged("Virtual conference"),
    ):
        assert (evidence.verdict, evidence.wants_question, evidence.confidence) == ("focus", True, 0.60)
    assert verdict("Offsite Berlin") == ("neither", 0.0)


def test_trip_words_that_leave_something_open_are_a_question() -> None:
    assert verdict("Messe Frankfurt") == ("trip", 0.80)
    assert verdict("Visita Tokyo") == ("trip", 0.70)
    assert verdict("Trip to Lisbon xyzzy") == ("trip", 0.70)
    assert verdict("Trip to Lisbon xyzzy", days=1) == ("trip", 0.60)
    assert verdict("Family trip to Rome") == ("family-vacation", 0.80)
    assert verdict("Workshop Rome") == ("trip", 0.75)
    assert verdict("Kundenbesuch Leipzig", hours=9) == ("trip", 0.70)
    assert verdict("DevConf Rome") == ("trip", 0.70)
    assert verdict("Expo", location="Osaka, Japan", days=90) == ("trip", 0.60)
    assert verdict("Kundenbesuch Leipzig", days=1) == ("trip", 0.88)


def test_a_trip_word_without_a_place_is_at_most_a_question_unless_it_can_mean_nothing_else() -> None:
    assert verdict("Dienstreise") == ("trip", 0.86)
    assert verdict("Offsite") == ("trip", 0.55)
    assert verdict("Family trip") == ("family-vacation", 0.55)
    assert verdict("Team offsite") == ("trip", 0.55)
    assert verdict("Conference", days=1) == ("neither", 0.0)
    assert verdict("Conference roadmap") == ("neither", 0.0)
    assert verdict("Trip strategy") == ("neither", 0.0)
    assert verdict("Visit") == ("neither", 0.0)


def test_names_of_others_in_a_trip_are_colleagues_but_a_company_by_a_persons_name_is_none() -> None:
    assert judged("Tim in Paris").verdict == "colleague"
    assert judged("Trip to Rome - Bob").verdict == "colleague"
    assert judged("Bob: client visit", location="Rome, Italy").verdict == "colleague"
    assert judged("Oliver Wyman summit", location="Rome, Italy").verdict == "trip"
    assert judged("CEO offsite Rome").verdict == "trip"


def test_a_place_alone_is_a_question() -> None:
    for title in ("Lisbon", "Lisbon, Portugal", "Denver, CO", "Reading, UK", "Springfield, IL", "Lisbon (Portugal)", "東京"):
        assert verdict(title) == ("trip", 0.80), title
    assert verdict("Reading") == ("vacation", 0.50)
    assert verdict("Bookworm, UK")[1] < 0.85
    assert verdict("Akademy", location="Barcelona, Spain") == ("trip", 0.75)
    assert verdict("Madrid", days=1) == ("trip", 0.50)
    assert verdict("Napoli - Roma", days=1) == ("neither", 0.0)
    assert verdict("Xyzzy Lisbon") == ("trip", 0.55)
    assert verdict("Kickoff in Mailand") == ("trip", 0.55)
    assert verdict("Roma con il team") == ("trip", 0.80)
    assert verdict("Lisbon team xyzzy") == ("neither", 0.0)
    assert verdict("Team Lisbon xyzzy", days=2) == ("neither", 0.0)
    assert verdict("Xyzzy", location="Torstr. 1, 10119 Berlin") == ("neither", 0.0)
    assert verdict("Dinner Lisbon", days=2) == ("neither", 0.0)


# --- 10. the rest -----------------------------------------------------------------------------------------------------


def test_an_unexplained_block_of_three_days_is_a_question_and_less_is_nothing() -> None:
    assert verdict("Xyzzy") == ("vacation", 0.50)
    assert verdict("Xyzzy", days=2) == ("neither", 0.0)
    assert verdict("Xyzzy", transparent=True) == ("neither", 0.0)
    assert verdict("Xyzzy", organizer=OTHER) == ("neither", 0.0)
    assert verdict("") == ("neither", 0.0)
    assert verdict("Team xyzzy") == ("neither", 0.0)


# --- all of them ------------------------------------------------------------------------------------------------------


def test_the_policy_moves_the_numbers() -> None:
    policy = DetectPolicy(tentative_cap=0.4, shortest_hours=10)
    assert judge(entry("Trip to Oslo?"), ME, (), GAZETTEER, policy).confidence == 0.4
    assert judge(entry("Vacation", hours=8), ME, (), GAZETTEER, policy).verdict == "neither"


def test_private_entries_stay_marked() -> None:
    assert judged("Urlaub", private=True).private


def test_the_same_happening_with_a_new_uid_has_the_same_identity() -> None:
    first, again = entry("Urlaub", location="Rom"), entry("urlaub ", location="ROM", key=OccurrenceKey("d", "new"))
    assert identity(first) == identity(again) == judge(first, ME, (), GAZETTEER, DetectPolicy()).identity
    assert len(identity(first)) == 32
    assert identity(first) != identity(entry("Urlaub", days=6, location="Rom"))
    assert identity(entry("🏖")) != identity(entry("🏔"))


def test_a_whole_day_keeps_its_identity_when_the_home_zone_moves() -> None:
    tokyo = datetime.combine(date(2027, 3, 8), datetime.min.time(), ZoneInfo("Asia/Tokyo"))
    moved = entry("Urlaub", start=tokyo, end=tokyo + timedelta(days=5))
    assert identity(moved) == identity(entry("Urlaub"))


def test_timed_entries_are_the_same_by_instant() -> None:
    start = datetime(2027, 3, 8, 9, tzinfo=ZoneInfo("UTC"))
    assert identity(entry("x", start=start, end=start, all_day=False)) == identity(
        entry("x", start=start.astimezone(HOME), end=start.astimezone(HOME), all_day=False)
    )


def test_a_control_character_between_two_words_stays_out_of_the_reason() -> None:
    for title in ("Q\x1fA", "Q\x1bA"):
        (reason,) = judged(title).because
        assert reason.isprintable() and reason.endswith("makes it a task or an occasion, not an absence")


@given(st.text(max_size=60), st.text(max_size=40), st.booleans(), st.integers(0, 9))
def test_any_text_gets_a_verdict_with_a_reason(summary: str, location: str, timed: bool, length: int) -> None:
    evidence = judged(summary, location=location, hours=float(length) if timed else 0.0, days=max(length, 1))
    assert 0.0 <= evidence.confidence <= 1.0
    assert evidence.because and all(reason.isprintable() for reason in evidence.because)
    assert evidence.confidence == 0.0 or evidence.verdict != "neither"


# --- what a review with fresh titles found ----------------------------------------------------------------------------


def test_somebody_who_is_away_is_a_colleague_and_away_alone_is_a_question() -> None:
    assert judged("Hannah out", days=3).verdict == "colleague"
    assert judged("Juan fuera", days=3).verdict == "colleague"
    assert verdict("Away", days=5) == ("vacation", 0.60)
    assert judged("Sign out", days=1).verdict == "neither"
    assert judged("Family day out", days=1).verdict == "neither"


def test_initials_before_a_leave_word_are_somebody_whatever_they_mean_elsewhere() -> None:
    assert judged("AB: OOO", days=3).colleague == "AB"
    assert judged("AM: off", days=1).verdict != "colleague"


def test_names_of_east_asia_and_of_places_are_told_apart_from_words() -> None:
    assert judged("이지은 휴가", days=3).verdict == "colleague"
    assert judged("박대리 연차", days=1).verdict == "colleague"
    assert judged("Skiurlaub St. Anton", days=7).verdict == "vacation"
    assert judged("Skiurlaub San Anton", days=7).verdict != "colleague"


def test_the_day_of_coming_back_does_not_take_the_leave_away() -> None:
    assert verdict("Out of office until Monday", days=3) == ("vacation", 0.92)
    assert judged("PTO - back Monday", days=3).confidence >= 0.50
    assert judged("Back Monday from vacation", days=1).verdict == "neither"
    assert judged("Urlaub, bitte keine Termine", days=5).confidence == 0.92
    assert judged("No meetings", days=5).verdict == "neither"


def test_home_over_several_days_is_no_block() -> None:
    assert judged("Berlin", days=3).verdict == "neither"


def test_a_lodging_that_is_a_task_or_somebody_arriving_is_no_absence() -> None:
    assert judged("Hotel in Rome: cancel", days=2).verdict == "neither"
    assert verdict("Urlaub Ferienwohnung Usedom", days=7) == ("vacation", 0.92)
    assert judged("Trip, cottage", days=3).confidence == 0.55
    assert judged("Trip: cottage in Cornwall", days=3).verdict == "trip"
    assert judged("Flight LH 123 arriving, Rome", hours=2).verdict == "neither"


def test_an_entry_with_guests_and_no_organizer_is_mine() -> None:
    assert judged("Urlaub", days=5, organizer=None, attendees=(Attendee("guest@x.example"),)).verdict == "vacation"


def test_a_short_train_that_comes_again_and_again_is_a_commute_and_a_long_one_a_question() -> None:
    assert verdict("Zug Berlin Hbf - Potsdam Hbf", hours=0.5, recurring=True) == ("neither", 0.0)
    assert verdict("Zug Berlin Hbf - Köln Hbf", hours=4.5, recurring=True) == ("trip", 0.60)
    assert verdict("Flug BER-CGN", hours=1.1, recurring=True)[1] == 0.60


def test_a_time_of_the_year_is_no_absence_by_itself_and_spoils_none() -> None:
    assert judged("Weihnachten", days=4).verdict == "neither"
    assert verdict("Diwali holidays", days=4) == ("vacation", 0.55)
    assert verdict("Urlaub Weihnachten", days=5) == ("vacation", 0.92)
    assert judged("Tour de Pologne", days=7).verdict == "neither"


def test_a_visit_from_somewhere_comes_here() -> None:
    assert judged("Besuch der Kollegen aus Madrid", days=4).verdict == "neither"
    assert judged("Besuch in Madrid", days=4).verdict == "trip"
    assert judged("Anreise aus Madrid, Messe", days=4).verdict == "trip"


def test_people_by_title_and_by_function_are_colleagues() -> None:
    assert judged("PM on vacation", days=4).verdict == "colleague"
    assert judged("PM off", days=1).verdict != "colleague"
    assert judged("Frau Krüger Urlaub", days=4).colleague == "Frau Krüger"
    assert judged("My boss on PTO", days=4).verdict == "colleague"
    assert judged("Peter OOO (back Mon)", days=4).verdict == "colleague"


def test_midnight_to_midnight_counts_as_whole_days() -> None:
    midnight = datetime(2027, 3, 10, tzinfo=HOME)
    assert judged("Weg", start=midnight, end=midnight + timedelta(days=1), all_day=False, busy_status="OOF").all_day
    assert not judged("Weg", hours=8, busy_status="OOF").all_day
