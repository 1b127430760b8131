"""Titles read as words: folding, tokens, phrases, compounds, scripts without spaces."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.words import fold, is_non_latin, key_of, lexicon, read


def classes(title: str, word: str) -> frozenset[str]:
    return next(t.classes for t in read(title).tokens if t.text == word)


def test_accents_case_and_width_fold_away_on_latin_letters_only() -> None:
    assert fold("ÉTÉ à Łódź – Straße") == "ete a lodz – strasse"
    assert fold("ＯＯＯ") == "ooo"
    assert fold("が") == "が"
    assert fold("휴가") == "휴가"


def test_a_key_is_the_folded_words_joined_by_one_space() -> None:
    assert key_of("  Out-of-Office! ") == "out of office"


def test_the_longest_phrase_wins() -> None:
    assert [t.text for t in read("Out of office today").tokens] == ["Out of office", "today"]
    assert "lodging" in classes("Holiday Inn Express Boston", "Holiday Inn Express")
    assert "holiday" in classes("Holiday", "Holiday")


def test_words_match_whole_and_never_inside_another() -> None:
    assert "leave" in classes("Urlaub", "Urlaub")
    assert "leave" not in classes("Urlaubsplanung 2027", "Urlaubsplanung")
    assert "action" in classes("Urlaubsplanung 2027", "Urlaubsplanung")


def test_the_head_of_a_compound_tells_what_it_is() -> None:
    assert "leave" in classes("Wanderurlaub", "Wanderurlaub")
    assert "long-leave" in classes("Hochzeitsurlaub", "Hochzeitsurlaub")
    assert "school" in classes("Pfingstferien", "Pfingstferien")
    assert "business-trip" in classes("Vertriebsreisen", "Vertriebsreisen")


def test_japanese_chinese_and_korean_are_cut_at_known_words() -> None:
    assert [t.text for t in read("大阪出張").tokens] == ["大阪", "出張"]
    assert "business-trip" in classes("大阪出張", "出張")
    assert "leave" in classes("夏季休暇", "夏季休暇")
    assert [t.text for t in read("東京").tokens] == ["東京"]


def test_a_single_known_character_inside_an_unknown_run_does_not_cut_it() -> None:
    assert [t.text for t in read("東京天").tokens] == ["東京天"]


@pytest.mark.parametrize("word", ["12", "3rd", "5d", "kw12", "Q3", "2027", "9일", "iv"])
def test_numbers_and_calendar_weeks_say_nothing(word: str) -> None:
    assert read(word).has("number", "date")


def test_tokens_know_where_they_stand_and_whether_they_begin_with_a_capital() -> None:
    token = read("a Lisbon trip").tokens[1]
    assert (token.text, token.start, token.end, token.capital) == ("Lisbon", 2, 8, True)


def test_a_reading_answers_for_its_classes() -> None:
    reading = read("Trip to Rome")
    assert reading.has("trip") and not reading.has("leave")
    assert reading.first("leave") is None
    assert [t.text for t in reading.having("trip")] == ["Trip"]


def test_scripts_without_capitals_are_recognised() -> None:
    assert is_non_latin("חופשה") and is_non_latin("休暇") and not is_non_latin("Été")


def test_all_ten_languages_and_more_know_the_word_for_vacation() -> None:
    european = "vacation Urlaub congés vacaciones ferie vakantie férias semester urlop dovolená loma fridag avspasering izin"
    for word in (*european.split(), "休暇", "휴가", "年假", "إجازة", "חופשה"):
        assert lexicon()[key_of(word)] & {"leave"}, word


@given(st.text(max_size=60))
def test_any_text_is_read_and_every_token_lies_inside_it(text: str) -> None:
    reading = read(text)
    at = 0
    for token in reading.tokens:
        assert at <= token.start < token.end <= len(reading.text)
        assert reading.text[token.start : token.end] == token.text
        at = token.end
