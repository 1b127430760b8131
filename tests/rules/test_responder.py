"""The autoreply: audiences, languages, privacy; and the words it is made of."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from rules import phrases, responder
from rules.interval import Interval
from rules.items import ResponderItem
from rules.model import Absence, Leg, Place, Stay
from rules.phrases import PHRASES, at_time, contains, fill, fold, in_list, language_for, on_day
from rules.plan import Skipped
from rules.policy import Language, MailConfig, Me, Person, Policy, ReplyText, ResponderPolicy
from rules.responder import VARIABLES, back_on, default_text, leaks, texts

LANGUAGES: tuple[Language, ...] = get_args(Language)
AUDIENCES = ("internal", "known", "unknown")
LISBON = Place("Lisbon, Portugal", "Europe/Lisbon", "Lisbon", "PT", "LIS")
SPAN = Interval(datetime(2026, 11, 9, 3, 30, tzinfo=UTC), datetime(2026, 11, 13, 23, 35, tzinfo=UTC))
TRIP = Absence("lis", "trip", SPAN, 4, 1.0, "act", "Secret merger in Lisbon", (), destination=LISBON, cover=("ana",))
ME = Me(name="Lea", addresses=("Lea@firm.example",), home_zone="Europe/Berlin", languages=("en", "de"))
ANA = Person(id="ana", name="Ana", addresses=("ana@firm.example",))
BEN = Person(id="ben", name="Ben", addresses=("ben@firm.example",), report=True)
MAIL = MailConfig(id="inbox")


def policy(me: Me = ME, **reply: object) -> Policy:
    return Policy(config_version=1, me=me, person=(ANA, BEN), responder=ResponderPolicy(**reply))  # type: ignore[arg-type]


def text(body: str, language: Language = "en", audience: str = "known", subject: str = "Away") -> ReplyText:
    return ReplyText(language=language, audience=audience, subject=subject, body=body)  # type: ignore[arg-type]


def item(rules: Policy, absence: Absence = TRIP, **more: object) -> ResponderItem:
    found = responder.item(absence, rules, MAIL, (), (), frozenset(), **more)  # type: ignore[arg-type]
    assert isinstance(found, ResponderItem)
    return found


# --- privacy ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        "I am in Lisbon.",
        "I am abroad.",
        "Back on 14.11.2026.",
        "Back on 3.5.",
        "Back on 11/14.",
        "Back on 2026-11-14.",
        "Back on 14-11-2026.",
        "Back on the 14th November.",
        "Back on November 14.",
        "With my kids until {back_on}.",
        "My flight leaves soon.",
        "Ask my manager.",
        "Call +49 170 1234567.",
        "Call (030) 123 45 67.",
        "On my mobile.",
        "Yours, {signature}",
    ],
)
def test_a_line_that_would_leak_is_named(body: str) -> None:
    (leak, *_) = leaks(text(f"Hello,\n{body}\nBye"), ("Lisbon",))
    assert leak.line == 2 and leak.text == body and leak.words.startswith("line 2 “")


@pytest.mark.parametrize(
    ("language", "body"),
    [
        ("de", "Ich bin mit der Familie am Meer."),
        ("de", "Zurück am 14. März."),
        ("fr", "Je suis à l'étranger."),
        ("fr", "De retour le 1er mai."),
        ("es", "Vuelvo el 3 de mayo."),
        ("it", "Chiamate il mio capo."),
        ("nl", "Mijn vlucht is laat."),
        ("pt", "Ligue para o meu telemóvel."),
        ("sv", "Jag är utomlands."),
        ("pl", "Jestem za granicą."),
        ("ja", "家族と過ごしています。"),
        ("ja", "11月14日に戻ります。"),
        ("de", "See you after my honeymoon."),
    ],
)
def test_every_language_is_watched_and_english_in_each(language: Language, body: str) -> None:
    assert leaks(text(body, language))


@pytest.mark.parametrize(
    "body",
    [
        "Have a nice day.",
        "I read mail 3.5 hours a week, 24/7 support is at {deputy_address}.",
        "Training is no trip; version 2.0 may come.",
        "{name} {back_on} {deputy} {deputy_address} {team}",
        "In May I may answer late.",
    ],
)
def test_harmless_lines_pass(body: str) -> None:
    assert [leak.because for leak in leaks(text(body), ("Nice", "Lisbon"))] == []


def test_the_subject_is_watched_too() -> None:
    (leak,) = leaks(text("Hello", subject="In Lisbon"), ("Lisbon",))
    assert leak.line == 0 and leak.words == "subject “In Lisbon”: “Lisbon” is a place"


def test_inside_only_unknown_variables_are_refused() -> None:
    found = leaks(text("In Lisbon with the kids, {mobile}", audience="internal"))
    assert [leak.because for leak in found] == [
        "unknown variable {mobile}; there are {name} {back_on} {deputy} {deputy_address} {team}"
    ]


class Atlas:
    """A gazetteer that knows one city."""

    def airport(self, code: str) -> Place | None:
        return None

    def city(self, name: str, country: str = "") -> Place | None:
        return None

    def find_in(self, text: str) -> Place | None:
        return LISBON if "Lissabon" in text else None

    def station(self, name: str) -> Place | None:
        return None

    def zone_at(self, latitude: float, longitude: float) -> str | None:
        return None


def test_a_gazetteer_finds_places_that_nobody_listed() -> None:
    assert leaks(text("Gruß aus Lissabon", "de"), gazetteer=Atlas())[0].because == "“Lisbon, Portugal” is a place"
    assert leaks(text("Gruß aus dem Büro", "de"), gazetteer=Atlas()) == ()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("audience", AUDIENCES)
def test_our_own_texts_never_leak(language: Language, audience: str) -> None:
    own = replace(default_text(language, audience), audience="known")
    assert leaks(own, ("Lisbon",), Atlas()) == ()
    assert "{back_on}" in own.subject + own.body
    assert ("{deputy}" in own.body) is (audience != "unknown")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("audience", AUDIENCES)
def test_nothing_of_the_calendar_reaches_a_reply(language: Language, audience: str) -> None:
    rules = policy(replace(ME, languages=(language,)), reply_unknown=True)
    body = next(reply for reply in texts(TRIP, rules, ANA) if reply.audience == audience)
    words = f"{body.subject} {body.body}"
    assert not any(word in words for word in ("Lisbon", "merger", "Portugal", "9 November", "{", "}"))
    assert re.search("16", words), "the day back is told"


def test_a_template_that_names_where_this_trip_leads_is_not_used() -> None:
    found = responder.item(TRIP, policy(texts=(text("Our Lisbon office is open."),)), MAIL, (), (), frozenset())
    assert isinstance(found, Skipped)
    assert found.because == "the known text in en would leak, line 1 “Our Lisbon office is open.”: “Lisbon” is a place"
    paris = Place("Paris", "Europe/Paris", "Paris")
    elsewhere = replace(
        TRIP,
        destination=None,
        stays=(Stay(SPAN, "Europe/Paris", paris), Stay(SPAN, "Europe/Paris")),
        legs=(Leg("rail", SPAN.start, SPAN.end, None, LISBON),),
    )
    assert responder.places_of(elsewhere) == ("Paris", "Lisbon", "Lisbon, Portugal")


# --- when and what ----------------------------------------------------------------------------------------------------


def test_the_day_back_is_padded_by_a_day_and_a_working_day() -> None:
    assert back_on(TRIP, ME, frozenset()) == date(2026, 11, 16)  # home on Saturday 00:35
    assert back_on(TRIP, ME, frozenset({date(2026, 11, 16)})) == date(2026, 11, 17)
    thursday = replace(TRIP, span=Interval(SPAN.start, datetime(2026, 11, 12, 20, tzinfo=UTC)))
    assert back_on(thursday, ME, frozenset()) == date(2026, 11, 13)
    assert back_on(TRIP, replace(ME, workdays=()), frozenset()) == date(2026, 11, 15)


def test_strangers_get_no_reply_unless_the_policy_says_so() -> None:
    assert [reply.audience for reply in texts(TRIP, policy(), None)] == ["internal", "known"]
    assert [reply.audience for reply in texts(TRIP, policy(reply_unknown=True), None)] == list(AUDIENCES)


def test_all_languages_of_the_leader_stand_in_one_text() -> None:
    known = texts(TRIP, policy(), ANA)[1]
    assert known.subject == "Away, back on Monday 16 November 2026 / Abwesend, zurück ab Montag, 16. November 2026"
    assert known.body.index("Thank you") < known.body.index("—") < known.body.index("Vielen Dank")
    assert texts(TRIP, policy(replace(ME, languages=())), None)[0].subject.startswith("Away")


def test_own_texts_replace_ours_language_by_language() -> None:
    mine = text("Bin weg bis {back_on}. {name}", "de", subject="Weg, {deputy}")
    known = texts(TRIP, policy(texts=(mine,)), None, (ANA, BEN))[1]
    assert "Thank you" in known.body and "Bin weg bis Montag, 16. November 2026. Lea" in known.body
    assert known.subject.endswith("/ Abwesend, zurück ab Montag, 16. November 2026"), "a subject is never empty"


def test_the_team_is_a_list_in_the_language() -> None:
    mine = text("Fragt {team}", "de", "internal")
    assert "Fragt Ana und Ben" in texts(TRIP, policy(texts=(mine,)), None, (ANA, BEN))[0].body


def test_without_a_deputy_the_line_goes() -> None:
    reply = texts(TRIP, policy(replace(ME, languages=("en",))), None)[0]
    assert "covers" not in reply.body and "\n\n\n" not in reply.body
    mute = texts(TRIP, policy(replace(ME, languages=("en",))), Person(id="x", name="X"))[0]
    assert mute == reply


def test_a_hostile_name_is_one_line_and_no_template() -> None:
    evil = Person(id="e", name="Eve\r\nBcc: all {name}\u202e", addresses=("e@firm.example",))
    reply = texts(TRIP, policy(replace(ME, languages=("en",))), evil)[0]
    assert "Eve Bcc: all {name}" in reply.body and "\r" not in reply.body and "\u202e" not in reply.body


# --- the item ---------------------------------------------------------------------------------------------------------


def test_the_item_names_who_is_who() -> None:
    known = [
        "Kim@client.example",
        "lea@firm.example",
        "no-reply@shop.example",
        "ben@firm.example",
        "broken",
        "boss@client.example",
    ]
    found = responder.item(TRIP, policy(days=7), MAIL, known, ["Boss@client.example"], frozenset())
    assert isinstance(found, ResponderItem)
    assert (found.known, found.never, found.own) == (("kim@client.example",), ("boss@client.example",), ("lea@firm.example",))
    assert (found.internal_domains, found.days, found.span) == (("firm.example",), 7, SPAN)


def test_who_is_named_follows_the_policy_then_the_cover_then_the_first_host() -> None:
    assert "Ben" in item(policy(deputy="ben")).texts[0].body
    assert "Ana" in item(policy(), deputy=BEN).texts[0].body
    assert "Ben" in item(policy(), replace(TRIP, cover=()), deputy=BEN).texts[0].body


def test_switched_off_or_not_for_this_kind_is_said() -> None:
    for rules, reason in ((policy(enabled=False), "switched off"), (policy(kinds=("leave",)), "not used for trip")):
        found = responder.item(TRIP, rules, MAIL, (), (), frozenset())
        assert isinstance(found, Skipped) and reason in found.because


def test_clean_templates_are_used() -> None:
    assert "All well" in item(policy(texts=(text("All well."),))).texts[1].body


# --- the words --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "Monday 1 June 2026"),
        ("de", "Montag, 1. Juni 2026"),
        ("fr", "lundi 1er juin 2026"),
        ("es", "lunes 1 de junio de 2026"),
        ("it", "lunedì 1º giugno 2026"),
        ("nl", "maandag 1 juni 2026"),
        ("pt", "segunda-feira, 1º de junho de 2026"),
        ("sv", "måndag 1 juni 2026"),
        ("pl", "1 czerwca 2026 r."),
        ("ja", "2026年6月1日(月)"),
    ],
)
def test_each_language_writes_its_own_dates(language: Language, words: str) -> None:
    assert on_day(date(2026, 6, 1), language) == words


def test_a_span_over_midnight_has_both_dates() -> None:
    late = Interval(datetime(2026, 6, 1, 21, tzinfo=UTC), datetime(2026, 6, 1, 23, tzinfo=UTC))
    assert at_time(late, "Europe/Berlin", "en") == "Monday 1 June 2026, 23:00–Tuesday 2 June 2026 01:00 (Europe/Berlin)"


def test_lists_are_joined_as_spoken() -> None:
    assert in_list((), "en") == ""
    assert in_list(("Ana",), "en") == "Ana"
    assert in_list(("Ana", "Ben", "Cem"), "en") == "Ana, Ben and Cem"
    assert in_list(("Ana", "Ben", "Cem"), "ja") == "Ana、Ben、Cem"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_is_complete(language: Language) -> None:
    words = PHRASES[language]
    assert (len(words.weekdays), len(words.months), len(words.levels)) == (7, 12, 5)
    responder_words = set(VARIABLES)
    assert set(phrases.variables(words.subject + words.internal + words.known + words.unknown)) <= responder_words
    assert set(phrases.variables(words.coaching)) == {"person", "deputy", "deputy_address", "urgent", "name"}
    asked = {"deputy", "title", "when", "level", "limits", "escalate", "pair", "until", "name"}
    assert set(phrases.variables(words.ask_subject + words.ask)) == asked
    assert set(phrases.variables(words.withdrawn_subject + words.withdrawn)) == {"deputy", "title", "when", "name"}
    for kind in ("yes", "no", "asks", "urgent", "sensitive", "family", "itinerary", "hierarchy", "phone", "abroad"):
        listed = getattr(words, kind)
        assert listed and all(isinstance(word, str) and word == word.strip() and word for word in listed)


def test_no_word_means_both_yes_and_no() -> None:
    assert not {fold(word) for word in phrases.every("yes")} & {fold(word) for word in phrases.every("no")}


def test_words_match_whole_or_not_at_all() -> None:
    assert contains("An URGENT matter", ("urgent",)) == "urgent"
    assert contains("insurgents", ("urgent",)) == ""
    assert contains("what  do\nyou think", ("what do you think",)) == "what do you think"
    assert contains("至急お願いします", ("至急",)) == "至急"
    assert contains("がけ", ("かけ",)) == "", "voicing marks are letters"


def test_the_reader_decides_the_language() -> None:
    assert language_for(None, ME) == "en"
    assert language_for(ANA, replace(ME, languages=("fr",))) == "fr"
    assert language_for(replace(ANA, language="pl"), ME) == "pl"
    assert language_for(None, replace(ME, languages=())) == "en"


@given(st.text())
def test_what_is_filled_in_is_never_expanded_again(value: str) -> None:
    filled = fill("a {x}\n{y} b", {"x": value or "-", "y": "{x}"})
    assert filled.endswith("{x} b") and filled.count("\n") == 1


def test_hours_of_the_day_are_in_the_zone_that_is_named() -> None:
    span = Interval(datetime(2026, 6, 1, 8, tzinfo=UTC), datetime(2026, 6, 1, 8, tzinfo=UTC) + timedelta(hours=1))
    assert at_time(span, "Asia/Tokyo", "ja") == "2026年6月1日(月), 17:00–18:00 (Asia/Tokyo)"
