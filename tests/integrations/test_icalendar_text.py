"""Text to components and back: what is not asked to change keeps every byte."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from integrations.component_draft import Draft
from integrations.icalendar_text import (
    Component,
    Property,
    Splice,
    escape,
    fold,
    newline_of,
    parameter,
    parameters,
    parse,
    parse_line,
    properties,
    splice,
    split_list,
    unescape,
    unfold,
    with_parameter,
)

FIXTURES = sorted(path.read_bytes() for path in (Path(__file__).parent / "calendars").glob("*.ics"))
TEXT = st.text(max_size=200)
TIDY = TEXT.map(lambda text: "".join(c for c in text if c.isprintable()))


def every(component: Component) -> list[Component]:
    return [component, *(found for child in component.children for found in every(child))]


def parsed(line: str) -> Property:
    found = parse_line(line)
    assert found is not None
    return found


# --- the same bytes back ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("data", FIXTURES)
def test_every_fixture_comes_back_byte_for_byte(data: bytes) -> None:
    document = parse(data)
    if document.editable:
        assert document.encode(document.text) == data


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_come_back_where_editing_is_allowed(data: bytes) -> None:
    document = parse(data)
    assert not document.editable or document.encode(document.text) == data


@pytest.mark.parametrize("data", FIXTURES)
def test_a_draft_without_a_change_renders_what_was_there(data: bytes) -> None:
    document = parse(data)
    for component in (found for root in document.roots for found in every(root)):
        assert Draft(document, component).render() == document.text[component.start : component.end]


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(FIXTURES), st.data())
def test_what_was_spliced_in_and_out_again_leaves_no_trace(data: bytes, draw: st.DataObject) -> None:
    text = parse(data).text
    at = draw.draw(st.integers(0, len(text)))
    new = draw.draw(TEXT)
    longer = splice(text, [Splice(at, at, new)])
    assert splice(longer, [Splice(at, at + len(new), "")]) == text


def test_several_splices_count_in_the_original_text() -> None:
    assert splice("abcdef", [Splice(4, 5, ""), Splice(0, 1, "XY"), Splice(2, 2, "-")]) == "XYb-cdf"


def test_overlapping_splices_are_refused() -> None:
    with pytest.raises(ValueError, match="overlap"):
        splice("abcdef", [Splice(0, 3, ""), Splice(2, 4, "")])


# --- frames -----------------------------------------------------------------------------------------------------------


def test_components_know_where_they_stand() -> None:
    text = "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:1\r\nBEGIN:VALARM\r\nEND:VALARM\r\nX:2\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    document = parse(text.encode())
    event = document.roots[0].children[0]
    assert text[event.start : event.body] == "BEGIN:VEVENT\r\n"
    assert text[event.stop : event.end] == "END:VEVENT\r\n"
    assert [(p.name, p.value) for p in properties(document, event)] == [("UID", "1"), ("X", "2")]


def test_begin_inside_a_folded_description_is_no_frame() -> None:
    text = "BEGIN:VEVENT\nDESCRIPTION:see\n BEGIN:VEVENT\nUID:1\nEND:VEVENT\n"
    document = parse(text.encode())
    assert (document.events, len(document.roots)) == (1, 1)
    assert next(properties(document, document.roots[0])).value == "seeBEGIN:VEVENT"


def test_an_event_inside_an_event_means_that_the_first_lacks_its_end() -> None:
    document = parse(b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\nBEGIN:VEVENT\nUID:2\nEND:VEVENT\nEND:VCALENDAR\n")
    assert [event.closed for event in document.roots[0].children] == [False, True]
    assert not document.truncated


def test_a_stray_end_is_passed_over() -> None:
    document = parse(b"END:VEVENT\nBEGIN:VCALENDAR\nEND:VALARM\nEND:VCALENDAR\n")
    assert [(root.name, root.closed) for root in document.roots] == [("VCALENDAR", True)]


# --- lines ------------------------------------------------------------------------------------------------------------


@given(TIDY)
def test_folding_is_undone_by_unfolding_and_no_line_is_long(text: str) -> None:
    folded = fold(f"SUMMARY:{text}", "\r\n")
    assert unfold(folded) == f"SUMMARY:{text}\r\n"
    assert all(len(line.encode()) <= 75 for line in folded.split("\r\n"))


@given(TEXT)
def test_escaped_text_is_one_line_and_reads_as_it_was(text: str) -> None:
    found = parsed(f"SUMMARY:{escape(text)}")
    assert not any(char in found.value for char in "\r\n\x00\x07\x1b")
    assert escape(unescape(found.value)) == escape(text)


@given(TEXT)
def test_a_parameter_of_any_text_stays_one_parameter(text: str) -> None:
    line = parsed(f"ATTENDEE;CN={parameter(text)};ROLE=CHAIR:mailto:a@example.org")
    assert line.value == "mailto:a@example.org"
    assert parameters(line)["ROLE"] == "CHAIR"
    assert set(parameters(line)) == {"CN", "ROLE"}


def test_parameters_are_unquoted_and_their_carets_resolved() -> None:
    line = parsed("ATTENDEE;cn=\"Lea; L., ^'the boss^'\";X-A=a,b:mailto:lea@example.org")
    assert parameters(line) == {"CN": 'Lea; L., "the boss"', "X-A": "a,b"}


def test_one_parameter_is_replaced_and_the_others_stay_as_written() -> None:
    written = ';CN="a;PARTSTAT=x";PARTSTAT=TENTATIVE;X-b=1'
    assert with_parameter(written, "PARTSTAT", "ACCEPTED") == ';CN="a;PARTSTAT=x";X-b=1;PARTSTAT=ACCEPTED'
    assert with_parameter(written, "PARTSTAT", None) == ';CN="a;PARTSTAT=x";X-b=1'
    assert with_parameter(written, "PARTSTAT", "TENTATIVE") == written


def test_a_quote_that_is_never_closed_costs_only_its_parameter() -> None:
    text = 'BEGIN:VEVENT\nATTENDEE;CN="Lea:mailto:lea@example.org\nUID:1\nEND:VEVENT\n'
    document = parse(text.encode())
    assert [p.name for p in properties(document, document.roots[0])] == ["ATTENDEE", "UID"]


def test_lists_are_split_at_bare_commas_only() -> None:
    assert split_list(r"Work\, hard,Play,,a\\,b") == ["Work, hard", "Play", "a\\", "b"]


@pytest.mark.parametrize(("text", "newline"), [("a\r\nb\n", "\r\n"), ("a\nb", "\n"), ("a\rb", "\r"), ("a", "\r\n")])
def test_new_lines_end_as_the_file_does(text: str, newline: str) -> None:
    assert newline_of(text) == newline


# --- drafts -----------------------------------------------------------------------------------------------------------

EVENT = (
    "BEGIN:VEVENT\nUID:1\nSUMMARY:A long title that is folded in an od\n d place\n\nX-Odd;a=b:c\n"
    "BEGIN:VALARM\nEND:VALARM\nEND:VEVENT\n"
)


def test_a_line_set_to_what_it_says_keeps_its_folding() -> None:
    draft = Draft.of(EVENT)
    draft.put("SUMMARY", "A long title that is folded in an odd place")
    assert draft.render() == EVENT


def test_a_new_line_comes_before_the_alarms_and_a_removed_one_goes() -> None:
    draft = Draft.of(EVENT)
    draft.put("LOCATION", "Room 5")
    draft.set("SUMMARY", [])
    assert draft.render() == "BEGIN:VEVENT\nUID:1\n\nX-Odd;a=b:c\nLOCATION:Room 5\nBEGIN:VALARM\nEND:VALARM\nEND:VEVENT\n"


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(st.sampled_from(["SUMMARY", "LOCATION", "X-A"]), TIDY, min_size=1))
def test_lines_that_nobody_set_keep_their_bytes(values: dict[str, str]) -> None:
    draft = Draft.of(EVENT)
    for name, value in values.items():
        draft.put(name, escape(value))
    rendered = draft.render()
    assert "UID:1\n" in rendered and "X-Odd;a=b:c\n" in rendered and "BEGIN:VALARM\nEND:VALARM\n" in rendered
    for name in {"SUMMARY", "LOCATION", "X-A"} - values.keys():
        draft.set(name, [])
    for name, value in values.items():
        first = Draft.of(draft.render()).first(name)
        assert first is not None and first.value == escape(value)
