"""The score command: reads labelled titles, judges them, and ends with one JSON line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from daemon.score import Judged, judge_row, main, measure
from integrations import places
from rules.policy import DetectPolicy

TITLES = Path(__file__).parent.parent / "rules" / "titles.jsonl"


def row(**changes: Any) -> dict[str, Any]:
    plain = {
        "id": "a",
        "summary": "Urlaub",
        "location": "",
        "dtstart": "20270308",
        "dtend": "20270313",
        "all_day": True,
        "props": {},
        "calendar": "primary",
        "organizer_self": True,
        "attendees": 0,
        "my_response": None,
        "home": "Berlin, DE",
        "label": "vacation",
    }
    return plain | changes


def judged(**changes: Any) -> Judged:
    return judge_row(row(**changes), places.load())


def test_the_last_line_is_one_json_object_with_the_promised_keys(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "titles.jsonl"
    file.write_text(
        "\n".join([json.dumps(row()), "", json.dumps(row(id="b", summary="Dentist", label="trip"))]), encoding="utf-8"
    )
    assert main([str(file)]) == 0
    last = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert last["act"] == {"precision": 1.0, "recall": 0.5}
    assert last["act_or_ask"] == {"precision": 1.0, "recall": 0.5}
    assert last["per_label"]["vacation"] == {"entries": 1, "right": 1, "act": 1, "ask": 0}
    assert [w["id"] for w in last["wrong"]] == ["b"]
    assert set(last["wrong"][0]) == {"id", "expected", "got", "because"}


def test_leave_and_family_vacation_count_as_vacation() -> None:
    assert judged(summary="Elternzeit").positive == "vacation"
    assert judged(summary="Familienurlaub").positive == "vacation"
    assert judged(summary="Dentist").positive == ""


def test_the_wrong_class_is_a_miss_and_lowers_precision() -> None:
    figures = measure([judged(label="trip")], DetectPolicy())
    assert figures["act"] == {"precision": 0.0, "recall": 0.0}
    assert figures["wrong"][0]["got"].startswith("vacation 0.92")


def test_an_empty_file_is_perfect_and_says_so() -> None:
    assert measure([], DetectPolicy())["act"] == {"precision": 1.0, "recall": 1.0}


def test_a_colleague_is_right_only_as_a_colleague() -> None:
    right, missed = judged(summary="Ana on vacation", label="colleague"), judged(summary="Dentist", label="colleague")
    assert [w["id"] for w in measure([right], DetectPolicy())["wrong"]] == []
    assert [w["id"] for w in measure([missed], DetectPolicy())["wrong"]] == ["a"]


def test_floating_times_are_at_home_and_written_offsets_are_kept() -> None:
    evidence = judged(
        summary="Flight home", dtstart="20270308T100000", dtend="20270308T130000+0200", all_day=False, label="trip"
    ).evidence
    assert evidence.span.start.utcoffset() == evidence.span.start.replace(tzinfo=evidence.span.start.tzinfo).utcoffset()
    assert str(evidence.span.start.tzinfo) == "Europe/Berlin"
    assert evidence.span.length.total_seconds() == 2 * 3600


def test_the_context_of_a_row_reaches_the_rules() -> None:
    assert judged(organizer_self=False, attendees=8, my_response="needsAction").evidence.verdict == "colleague"
    assert judged(summary="Trip to Rome", organizer_self=False, attendees=9, my_response="declined").evidence.cancelled
    assert judged(summary="x", props={"GEO": "38.7;-9.1", "UID": "u@tripit.com"}, label="trip").evidence.machine
    assert judged(organizer_self=False, props={"ORGANIZER": 'CN="Doe, Jo":mailto:jo@x.example'}).evidence.colleague == "Doe, Jo"
    assert judged(home="").evidence.confidence == 0.92
    assert judged(dtend="").evidence.span.length.days == 1
    assert judged(dtstart="20270308T100000", dtend=None, all_day=False).evidence.verdict == "neither"


@pytest.mark.parametrize("content", ["{broken", '{"id": "x"}', json.dumps(row(dtstart="soon"))])
def test_a_bad_file_is_named_and_nothing_is_printed_as_a_result(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str
) -> None:
    file = tmp_path / "bad.jsonl"
    file.write_text(content, encoding="utf-8")
    assert main([str(file)]) == 1
    shown = capsys.readouterr()
    assert "bad.jsonl" in shown.err and shown.out == ""


def test_without_a_file_it_says_how_it_is_used(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert "usage" in capsys.readouterr().err


def test_our_own_labelled_titles_are_judged_without_one_false_act(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(TITLES)]) == 0
    last = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert last["act"]["precision"] == 1.0
    assert last["act"]["recall"] >= 0.80
    assert last["act_or_ask"]["recall"] >= 0.95
