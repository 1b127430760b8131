"""Ids of effects: deterministic, safe everywhere they are written, and telling whose they are."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from rules.items import absence_of, effect_id

ABSENCES = st.from_regex(r"[a-z0-9][a-z0-9-]{0,20}", fullmatch=True)
ANY_TEXT = st.text(st.characters(), max_size=20)  # half surrogate pairs included: calendars are hostile


def test_the_same_effect_has_the_same_id_in_every_run() -> None:
    assert effect_id("lisbon-k3", "host", "work", "uid@example.org", "") == "hw-lisbon-k3.host.5e4170618fef552e"


@given(ABSENCES, st.lists(ANY_TEXT, max_size=3))
def test_an_id_can_be_a_marker_a_uid_and_the_left_side_of_a_message_id(absence: str, which: list[str]) -> None:
    assert re.fullmatch(r"[A-Za-z0-9.-]+", effect_id(absence, "make-up", *which))


@given(ABSENCES, st.lists(ANY_TEXT, max_size=3))
def test_an_id_names_its_absence(absence: str, which: list[str]) -> None:
    assert absence_of(effect_id(absence, "host", *which)) == absence


def test_another_absence_type_or_occurrence_gives_another_id() -> None:
    ids = {
        effect_id("a", "host", "uid", "20261201"),
        effect_id("b", "host", "uid", "20261201"),
        effect_id("a", "block", "uid", "20261201"),
        effect_id("a", "host", "uid", "20261208"),
        effect_id("a", "host", "uid2", "0261201"),
        effect_id("a", "host", "uid20261201"),
    }
    assert len(ids) == 6


def test_what_is_not_ours_names_no_absence() -> None:
    for foreign in ("", "hw-", "hw-.x", "hw-lisbon", "uid@example.org", "x.hw-lisbon.y"):
        assert absence_of(foreign) is None


def test_a_marker_written_by_hand_is_read_by_its_shape_alone() -> None:
    assert absence_of("hw-lisbon.anything") == "lisbon"
