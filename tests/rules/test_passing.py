"""Which messages are never held, and that nothing else gets through by pretending."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from rules.interval import Interval
from rules.model import Absence, Envelope, Evidence, EvidenceKind, OccurrenceKey, Place
from rules.passing import carrier_domains, pass_addresses, pass_subjects, passes, urgent_addresses, urgent_senders
from rules.policy import InboxPolicy, Me, Person

ME = Me(
    name="Lena Vogt", addresses=("lena@corp.example", "lena+lists@corp.example"), home_zone="Europe/Berlin", languages=("de",)
)
MIA = Person(id="mia", name="Mia", addresses=("Mia@family.example",), family=True)
ADA = Person(id="ada", name="Ada", addresses=("ada@board.example",), vip=True)
BEN = Person(id="ben", name="Ben", addresses=("ben@partner.example",))
PEOPLE = (MIA, ADA, BEN)
POLICY = InboxPolicy(always_pass=("@school.example", "doctor@clinic.example", "@", ""))
NOW = datetime(2026, 11, 9, 12, tzinfo=UTC)
SPAN = Interval(NOW, NOW + timedelta(days=4))


def evidence(summary: str, kind: EvidenceKind, destination: Place | None = None) -> Evidence:
    return Evidence(
        key=OccurrenceKey("work", summary), summary=summary, span=SPAN, all_day=False, verdict="trip", confidence=0.9,
        because=(), kind=kind, destination=destination,
    )  # fmt: skip


TRIP = Absence(
    id="trip-1", kind="trip", span=SPAN, nights=4, confidence=1.0, action="act", title="Lisbon", because=(),
    evidence=(
        evidence("Flight to Lisbon (LH 1166)", EvidenceKind.FLIGHT),
        evidence("Stay at Casa Amora Lisbon", EvidenceKind.LODGING, Place("Lisbon, PT", "Europe/Lisbon", "Lisbon")),
    ),
)  # fmt: skip


def mail(sender: str = "someone@else.example", subject: str = "Hello", **fields: object) -> Envelope:
    envelope = Envelope(id="1", message_id="<1@else.example>", sender=sender, subject=subject, received=NOW)
    return replace(envelope, **fields)  # type: ignore[arg-type]


def why(envelope: Envelope, absence: Absence | None = TRIP, *, plus_proved: bool = False) -> str | None:
    return passes(envelope, POLICY, ME, PEOPLE, absence, plus_proved=plus_proved)


def test_an_ordinary_message_is_held() -> None:
    assert why(mail()) is None


def test_family_and_vip_pass_by_their_address_whatever_its_case() -> None:
    assert why(mail("mia@family.example")) == "Mia is family"
    assert why(mail("ada@BOARD.example")) == "Ada always passes"
    assert why(mail("ben@partner.example")) is None


def test_own_addresses_pass() -> None:
    assert why(mail("lena@corp.example")) == "it is from one of your own addresses"


def test_a_name_in_the_subject_or_an_address_within_another_proves_nothing() -> None:
    assert why(mail("mia@family.example.evil.example", "Mia")) is None
    assert why(mail('"mia@family.example"@evil.example')) is None
    assert why(mail("")) is None


def test_an_address_that_the_server_found_forged_proves_nothing() -> None:
    forged = {"authentication-results": "mx.corp.example; spf=pass; dmarc = fail (p=none)"}
    assert why(mail("mia@family.example", headers=forged)) is None
    assert why(mail("mia@family.example", headers={"authentication-results": "mx; dmarc=pass"})) == "Mia is family"


def test_a_domain_in_always_pass_has_its_subdomains_and_an_address_only_itself() -> None:
    assert why(mail("office@school.example")) == "@school.example always passes"
    assert why(mail("office@mail.school.example")) == "@school.example always passes"
    assert why(mail("office@notschool.example")) is None
    assert why(mail("doctor@clinic.example")) == "doctor@clinic.example always passes"
    assert why(mail("nurse@clinic.example")) is None


@pytest.mark.parametrize(
    "subject",
    [
        "Your verification code", "G-123456 is your Google code", "Ihr Bestätigungscode: 4711", "Votre code de vérification",
        "Tu código de verificación", "Il tuo codice di verifica", "Je verificatiecode", "Seu código de verificação",
        "Din verifieringskod", "Twój kod weryfikacyjny", "認証コードのお知らせ", "123 456 ist dein Code", "VOTRE CODE D’ACCÈS",
    ],
)  # fmt: skip
def test_one_time_codes_pass_in_every_language(subject: str) -> None:
    assert why(mail("noreply@shop.example", subject)) == "it is a one-time code"


@pytest.mark.parametrize(
    "subject",
    [
        "Security alert for your account", "Sicherheitswarnung", "Alerte de sécurité", "Alerta de seguridad", "Nuovo accesso",
        "Nieuwe aanmelding", "Alerta de segurança", "Ny inloggning", "Nowe logowanie", "新しいログインがありました",
    ],
)  # fmt: skip
def test_security_alerts_pass_in_every_language(subject: str) -> None:
    assert why(mail("noreply@shop.example", subject)) == "it is a security alert"


@pytest.mark.parametrize("subject", ["Re: verification code", "AW: Sicherheitswarnung", "Fwd: your login code", "RE : new login"])
def test_a_conversation_about_codes_is_held(subject: str) -> None:
    assert why(mail("someone@else.example", subject)) is None


def test_people_we_know_send_no_codes() -> None:
    assert why(mail("ben@partner.example", "verification code module")) is None


@pytest.mark.parametrize(
    "subject", ["Code of conduct 2026", "Code review", "Barcode 123456", "Invoice 123456", "Urlaubsplanung 2027"]
)
def test_a_number_or_the_word_code_alone_is_no_code(subject: str) -> None:
    assert why(mail("noreply@shop.example", subject)) is None


def test_a_mailing_list_about_security_is_held() -> None:
    assert why(mail(subject="Security alert: kernel", headers={"list-post": "<mailto:security@lists.example>"})) is None
    assert why(mail(subject="Security alert: kernel", headers={"precedence": "List"})) is None


def test_account_notices_are_known_by_their_headers() -> None:
    assert why(mail(subject="Critical", headers={"x-github-reason": "security_alert"})) == "it is a security alert"
    assert why(mail(subject="Hinweis", headers={"feedback-id": "127:account-notifier"})) == "it is a security alert"
    assert why(mail(subject="PR", headers={"x-github-reason": "review_requested"})) is None


def test_the_airline_of_this_trip_passes_even_in_a_circular() -> None:
    circular = {"list-unsubscribe": "<https://example.org>"}
    assert why(mail("no-reply@booking.lufthansa.com", headers=circular)) == "booking.lufthansa.com may be about this trip"


def test_other_travel_companies_pass_while_travelling_but_not_their_circulars() -> None:
    assert why(mail("noreply@booking.com")) == "booking.com may be about this trip"
    assert why(mail("noreply@mail.klm.com")) == "mail.klm.com may be about this trip"
    assert why(mail("deals@booking.com", headers={"list-unsubscribe": "<https://example.org>"})) is None
    assert why(mail("deals@booking.com", headers={"precedence": "bulk"})) is None


def test_travel_companies_are_held_on_leave_at_home_and_without_an_absence() -> None:
    leave = replace(TRIP, kind="leave", evidence=())
    assert why(mail("noreply@booking.com"), leave) is None
    assert why(mail("noreply@booking.com"), None) is None


def test_a_lookalike_of_an_airline_is_held() -> None:
    assert why(mail("crew@lufthansa.com.evil.example")) is None
    assert why(mail("crew@mylufthansa.com")) is None


def test_the_hotel_of_this_trip_is_found_by_its_name_in_the_domain() -> None:
    assert why(mail("front@hotel-casa-amora.pt")) == "hotel-casa-amora.pt may be about this trip"
    assert why(mail("front@amoralisbon.pt")) is None
    assert why(mail("front@casa.pt")) is None


def test_a_lodging_whose_place_is_unknown_is_found_too() -> None:
    trip = replace(TRIP, evidence=(evidence("Hotel reservation: Casa Amora", EvidenceKind.LODGING),))
    assert why(mail("front@casaamora.pt"), trip) == "casaamora.pt may be about this trip"


def test_companies_are_found_by_code_and_by_name() -> None:
    trip = replace(TRIP, evidence=(evidence("Fly easyJet then ICE 75, Motel One", EvidenceKind.FLIGHT),))
    assert carrier_domains(trip) == ("bahn.de", "deutschebahn.com", "easyjet.com", "motel-one.com")
    assert carrier_domains(TRIP) == ("lufthansa-group.com", "lufthansa.com")


def test_an_answer_to_an_invitation_passes() -> None:
    assert why(mail(headers={"x-homeward-calendar-method": "REPLY"})) == "it answers an invitation"
    assert why(mail(headers={"content-type": 'text/calendar; charset=utf-8; method="REPLY"'})) == "it answers an invitation"
    outlook = {"content-class": "urn:content-classes:calendarmessage"}
    assert why(mail(subject="Zugesagt: Jour fixe", headers=outlook)) == "it answers an invitation"
    assert why(mail(subject="Accepté : point", message_id="<calendar-77@google.com>")) == "it answers an invitation"
    assert why(mail(subject="承諾：会議", headers=outlook)) == "it answers an invitation"


def test_an_invitation_is_held_and_so_is_a_subject_that_merely_looks_like_an_answer() -> None:
    assert why(mail(headers={"x-homeward-calendar-method": "REQUEST"})) is None
    assert why(mail(headers={"content-type": "text/calendar; method=REQUEST"})) is None
    assert why(mail(subject="Accepted: your offer")) is None
    assert why(mail(subject="Invitation: Jour fixe", message_id="<calendar-77@google.com>")) is None


def test_urgent_in_the_subject_passes_from_the_team_only() -> None:
    assert why(mail("cem@corp.example", "[URGENT] server")) == "[urgent] from your team"
    assert why(mail("cem@mail.corp.example", "Re: [urgent] server")) == "[urgent] from your team"
    assert why(mail("ben@partner.example", "[urgent] contract")) == "[urgent] from your team"
    assert why(mail("someone@else.example", "[urgent] invoice")) is None
    assert why(mail("someone@corp.example.evil.example", "[urgent] invoice")) is None


def test_at_a_public_provider_the_neighbours_are_no_team() -> None:
    me = replace(ME, addresses=("lena@gmail.com",))
    assert passes(mail("stranger@gmail.com", "[urgent] hi"), POLICY, me, PEOPLE, None) is None


def test_an_empty_urgent_word_lets_nobody_through() -> None:
    assert passes(mail("cem@corp.example"), replace(POLICY, urgent_word=" "), ME, PEOPLE, None) is None


def test_the_urgent_address_passes_once_it_is_proved_to_arrive() -> None:
    to_plus = mail(to=("lena+urgent@corp.example",))
    assert why(to_plus) is None
    assert why(to_plus, plus_proved=True) == "it was sent to your urgent address"
    assert why(mail(cc=("Lena+Urgent@corp.example",)), plus_proved=True) is not None
    assert why(mail(headers={"delivered-to": "lena+urgent@corp.example"}), plus_proved=True) is not None
    assert why(mail(to=("lena@corp.example",)), plus_proved=True) is None
    assert urgent_addresses(ME) == ("lena+urgent@corp.example",)


def test_a_server_filter_gets_addresses_and_domains_but_no_empty_entry() -> None:
    found = pass_addresses(POLICY, ME, PEOPLE, TRIP)
    assert {"lena@corp.example", "mia@family.example", "ada@board.example", "@school.example", "@lufthansa.com"} <= set(found)
    assert "@booking.com" in found
    assert "ben@partner.example" not in found
    assert not {"", "@"} & set(found)
    assert list(found) == sorted(found)


def test_at_home_and_on_leave_a_server_filter_gets_no_travel_companies() -> None:
    leave = replace(TRIP, kind="leave", evidence=())
    assert pass_addresses(POLICY, ME, PEOPLE, None) == pass_addresses(POLICY, ME, PEOPLE, leave)
    assert "@booking.com" not in pass_addresses(POLICY, ME, PEOPLE, None)


def test_a_server_filter_gets_the_subjects_of_the_leaders_languages_and_english_but_never_urgent() -> None:
    found = pass_subjects(ME)
    assert {"bestätigungscode", "verification code", "sicherheitswarnung"} <= set(found)
    assert "kod weryfikacyjny" not in found
    assert not any("urgent" in word for word in found)


def test_a_server_filter_can_ask_whose_urgent_counts() -> None:
    assert urgent_senders(ME, PEOPLE) == ("@corp.example", "ada@board.example", "ben@partner.example", "mia@family.example")


@given(st.text(max_size=60), st.text(max_size=200), st.dictionaries(st.text(max_size=20), st.text(max_size=40), max_size=3))
def test_any_text_gets_an_answer(sender: str, subject: str, headers: dict[str, str]) -> None:
    reason = why(mail(sender, subject, headers=headers), plus_proved=True)
    assert reason is None or reason == reason.strip() != ""
