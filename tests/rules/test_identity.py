"""Absences keep their ids, the user's answers find them again, and what has begun goes on."""

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from rules.absence import merge
from rules.identity import Identified, identify, identities, remember, remembered
from rules.model import Absence, Declared, Evidence, EvidenceKind, KnownAbsence, Said
from rules.policy import DetectPolicy, Me
from tests.rules.evidence_builder import (
    BER,
    BERLIN,
    HOME_ZONE,
    LIS,
    LISBON,
    MUC,
    at,
    flight,
    hotel,
    lisbon,
    out_of_office,
    vacation,
    whole,
)

ME = Me(name="Lena", addresses=("lena@corp.example",), home_zone=HOME_ZONE)
POLICY = DetectPolicy()
BEFORE, DURING = at("2026-11-01 12:00"), at("2026-11-11 12:00")


def merged(entries: Sequence[Evidence], *declared: Declared) -> tuple[Absence, ...]:
    return merge(entries, declared, ME, BERLIN, POLICY)


def seen(
    entries: Sequence[Evidence],
    known: Sequence[KnownAbsence] = (),
    said: Sequence[Said] = (),
    now=BEFORE,  # type: ignore[no-untyped-def]
) -> Identified:
    """One pass, as the service does it."""
    return identify(
        merged(remembered(entries, known, now)), known, said, now, HOME_ZONE, evidence=entries, home=BERLIN, policy=POLICY
    )


def known_as(absence_id: str, entries: Sequence[Evidence], minted=BEFORE) -> KnownAbsence:  # type: ignore[no-untyped-def]
    (absence,) = merged(entries)
    return remember(replace(absence, id=absence_id), minted)


def issued_anew(entries: Sequence[Evidence]) -> list[Evidence]:
    return [replace(e, key=replace(e.key, uid=f"new-{n}")) for n, e in enumerate(entries)]


# --- ids --------------------------------------------------------------------------------------------------------------


def test_what_nobody_knows_is_minted_and_known_from_then_on() -> None:
    first = seen(lisbon())
    (trip,) = first.absences
    assert first.minted == (trip.id,)
    second = seen(lisbon(), [remember(trip, BEFORE)])
    assert (second.minted, second.absences) == ((), first.absences)


def test_a_feed_that_issues_every_uid_anew_keeps_the_id_and_the_answer() -> None:
    known = known_as("old", lisbon())
    said = Said("old", "dismiss", BEFORE, identities=known.identities)
    anew = seen(issued_anew(lisbon()), [known], [said])
    assert (anew.absences, [a.id for a in anew.declined], anew.minted) == ((), ["old"], ())


def test_an_answer_is_found_by_its_evidence_where_the_ledger_lost_the_id() -> None:
    (trip,) = merged(lisbon())
    said = Said("long-gone", "confirm", BEFORE, identities=identities(trip))
    (answered,) = seen(issued_anew(lisbon()), (), [said]).absences
    assert answered.because[0] == "You said yes on 1 Nov 2026."


def test_evidence_without_an_identity_is_known_by_its_key() -> None:
    entries = [replace(e, identity="") for e in lisbon()]
    assert seen(entries, [known_as("old", entries)]).absences[0].id == "old"


def test_a_flight_moved_to_the_next_day_keeps_the_id_by_its_other_evidence() -> None:
    moved = [*lisbon()[:2], flight("2026-11-14 18:50", LIS, "23:20", BER, summary="another"), *lisbon()[3:]]
    assert [a.id for a in seen(moved, [known_as("old", lisbon())]).absences] == ["old"]


def test_what_shares_no_evidence_but_most_of_the_time_is_the_same() -> None:
    other = [flight("2026-11-09 09:00", BER, "12:00", LIS), flight("2026-11-14 08:00", LIS, "12:30", BER)]
    same = seen(other, [known_as("old", lisbon())])
    assert ([a.id for a in same.absences], same.minted) == (["old"], ())


def test_what_shares_no_evidence_and_little_time_is_new() -> None:
    result = seen([vacation("2026-11-13", "2026-11-27")], [known_as("old", lisbon())])
    assert len(result.minted) == 1
    assert [k.id for k in result.vanished] == ["old"]


def test_a_merge_keeps_the_older_id() -> None:
    one, two = [vacation("2026-07-06", "2026-07-08")], [vacation("2026-07-10", "2026-07-14")]
    known = [known_as("younger", one, BEFORE), known_as("older", two, BEFORE - timedelta(days=3))]
    result = seen([*one, vacation("2026-07-09"), *two], known)
    assert [a.id for a in result.absences] == ["older"]
    assert (result.merged, result.vanished) == ((("younger", "older"),), ())


def test_a_split_gives_the_id_to_the_earlier_part_and_mints_another() -> None:
    parts = [vacation("2026-07-06", "2026-07-08"), vacation("2026-07-10", "2026-07-14")]
    known = known_as("old", [parts[0], vacation("2026-07-09"), parts[1]])
    result = seen(parts, [known])
    assert [a.id for a in result.absences] == ["old", *result.minted]
    assert len(result.minted) == 1


def test_a_new_absence_never_takes_the_id_of_a_known_one() -> None:
    (trip,) = merged(lisbon())
    elsewhere = known_as(trip.id, [vacation("2027-07-06", "2027-07-08")])
    assert seen(lisbon(), [elsewhere]).minted == (f"{trip.id}-2",)


def test_a_declared_absence_keeps_its_id() -> None:
    said = Declared("lisbon-1", "Lisbon", date(2026, 12, 1), date(2026, 12, 5))
    result = identify(merged([], said), (), (), BEFORE, HOME_ZONE)
    assert result.minted == ("lisbon-1",)


def test_what_is_over_is_neither_carried_on_nor_vanished() -> None:
    result = seen([], [known_as("old", lisbon())], now=at("2027-02-01 12:00"))
    assert result == Identified(absences=())


def test_a_trip_just_over_is_remembered_while_the_family_is_still_owed_its_time() -> None:
    result = seen([], [known_as("old", lisbon())], now=at("2026-12-01 12:00"))
    assert ([a.id for a in result.absences], result.vanished) == (["old"], ())


# --- evidence that vanishes -------------------------------------------------------------------------------------------


def test_an_absence_ahead_vanishes_with_its_evidence() -> None:
    result = seen([], [known_as("old", lisbon())])
    assert (result.absences, [k.id for k in result.vanished]) == ((), ["old"])


def test_an_absence_in_progress_goes_on_when_the_feed_drops_all_of_it() -> None:
    known = known_as("old", lisbon())
    (trip,) = seen([], [known], now=DURING).absences
    assert (trip.id, trip.span, trip.nights) == ("old", known.span, 4)


def test_an_absence_in_progress_goes_on_also_where_the_past_was_not_put_back_before_merging() -> None:
    known = known_as("old", lisbon())
    result = identify((), [known], (), DURING, HOME_ZONE)
    (trip,) = result.absences
    assert (trip.id, trip.span, result.minted) == ("old", known.span, ())
    assert "goes on until its end" in trip.because[-1]


def test_a_feed_that_drops_the_way_out_leaves_the_beginning_where_it_was() -> None:
    known = known_as("old", lisbon())
    (trip,) = seen(lisbon()[2:3], [known], now=DURING).absences
    assert (trip.id, trip.span, len(trip.legs)) == ("old", known.span, 2)


def test_a_way_home_that_was_booked_anew_replaces_the_old_one() -> None:
    known = known_as("old", lisbon())
    later = flight("2026-11-15 18:50", LIS, "23:20", BER, summary="TP 540", confidence=0.95, machine=True)
    (trip,) = seen([*lisbon()[:2], *lisbon()[3:], later], [known], now=DURING).absences
    assert trip.span.end == at("2026-11-16 00:35")


def test_a_way_home_that_another_route_does_not_replace_stays() -> None:
    known = known_as("old", lisbon())
    elsewhere = flight("2026-12-15 08:00", BER, "09:10", MUC)
    trip = seen([*lisbon()[:2], elsewhere], [known], now=DURING).absences[0]
    assert trip.span == known.span


def test_an_absence_in_progress_ends_when_every_entry_is_cancelled() -> None:
    known = known_as("old", lisbon())
    cancelled = [replace(e, cancelled=True, verdict="neither") for e in lisbon()]
    for entries in (cancelled, issued_anew(cancelled)):
        result = seen(entries, [known], now=DURING)
        assert (result.absences, [k.id for k in result.vanished]) == ((), ["old"])


def test_an_entry_changed_under_way_counts_as_it_is_now() -> None:
    entries = [out_of_office("2026-11-09", "2026-11-20", uid="ooo")]
    shortened = [out_of_office("2026-11-09", "2026-11-13", uid="ooo")]
    (leave,) = seen(shortened, [known_as("old", entries)], now=DURING).absences
    assert (leave.id, leave.span.end) == ("old", at("2026-11-13 22:00"))


def test_what_the_user_declared_is_not_brought_back_as_evidence() -> None:
    said = Declared("lisbon-1", "Lisbon", date(2026, 11, 9), date(2026, 11, 13))
    known = remember(merged([], said)[0], BEFORE)
    assert remembered([], [known], DURING) == ()


# --- what the user said -----------------------------------------------------------------------------------------------


def say(verb: str, moment: str = "", when: str = "2026-11-02 12:00") -> Said:
    return Said("old", verb, at(when), at(moment) if moment else None)  # type: ignore[arg-type]


def told(*said: Said, entries: Sequence[Evidence] = ()) -> Identified:
    found = list(entries) or lisbon()
    return seen(found, [known_as("old", found)], said)


def test_yes_makes_it_certain_and_acts() -> None:
    asked = [whole("Lisbon", EvidenceKind.PLACE, "2026-11-09", "2026-11-11", confidence=0.75, destination=LISBON)]
    assert told(entries=asked).absences[0].action == "ask"
    (trip,) = told(say("confirm"), entries=asked).absences
    assert (trip.action, trip.confidence) == ("act", 1.0)


@pytest.mark.parametrize("verb", ["dismiss", "undo"])
def test_no_takes_it_out_and_the_last_word_counts(verb: str) -> None:
    no, yes = say(verb, when="2026-11-02 12:00"), say("confirm", when="2026-11-03 12:00")
    assert [a.id for a in told(no).declined] == ["old"]
    assert [a.id for a in told(yes, no).absences] == ["old"]
    again = replace(no, at=at("2026-11-04 12:00"))
    assert told(no, yes, again).absences == ()


def test_an_early_return_ends_it_and_a_later_word_replaces_it() -> None:
    early, late = say("back", "2026-11-11 20:00"), say("extend", "2026-11-16 20:00", when="2026-11-05 12:00")
    assert told(early).absences[0].span.end == at("2026-11-11 20:00")
    assert told(early).absences[0].nights == 2
    (longer,) = told(late, early).absences
    assert (longer.span.end, longer.nights) == (at("2026-11-16 20:00"), 7)
    assert longer.because[-1] == "You said that you are back Mon 16 Nov 20:00."


def test_a_moved_departure_moves_the_beginning_only() -> None:
    (trip,) = told(say("leave", "2026-11-10 09:00")).absences
    assert (trip.span.start, trip.span.end) == (at("2026-11-10 09:00"), at("2026-11-14 00:35"))
    assert trip.because[-1] == "You said that you leave Tue 10 Nov 09:00."


def test_back_before_it_began_means_that_it_does_not_happen() -> None:
    result = told(say("back", "2026-11-08 12:00"), say("leave", "2026-11-07 12:00", when="2026-11-01 12:00"))
    assert len(result.absences) == 1
    assert told(say("back", "2026-11-08 12:00")).absences == ()


def test_leaving_after_the_return_is_not_understood_and_changes_nothing() -> None:
    assert told(say("leave", "2026-12-24 12:00")).absences[0].span.start == at("2026-11-09 04:30")


def test_an_answer_without_a_moment_moves_nothing() -> None:
    assert told(say("back")).absences[0].span.end == at("2026-11-14 00:35")


def test_answers_to_one_absence_leave_the_others_alone() -> None:
    leave = [vacation("2026-12-21", "2026-12-31")]
    known = [known_as("old", lisbon()), known_as("other", leave)]
    result = seen([*lisbon(), *leave], known, [say("dismiss")])
    assert ([a.id for a in result.absences], [a.id for a in result.declined]) == (["other"], ["old"])


def test_an_extension_ends_where_the_next_absence_begins() -> None:
    leave = [vacation("2026-11-18", "2026-11-27")]
    known = [known_as("old", lisbon()), known_as("other", leave)]
    one, two = seen([*lisbon(), *leave], known, [say("extend", "2026-11-20 12:00")]).absences
    assert one.span.end == two.span.start == at("2026-11-18 06:00")


def test_an_extension_takes_in_what_it_covers() -> None:
    leave = [vacation("2026-11-18", "2026-11-19")]
    known = [known_as("old", lisbon()), known_as("other", leave)]
    (trip,) = seen([*lisbon(), *leave], known, [say("extend", "2026-11-25 12:00")]).absences
    assert (trip.id, trip.span.end) == ("old", at("2026-11-25 12:00"))
    assert leave[0] in trip.evidence


# --- properties -------------------------------------------------------------------------------------------------------

ENTRIES = st.lists(
    st.sampled_from(
        [
            *lisbon(),
            vacation("2026-11-12", "2026-11-20"),
            vacation("2026-12-21", "2026-12-31"),
            hotel("2026-11-16", "2026-11-18", LISBON),
            flight("2026-11-23 07:00", BER, "08:10", MUC),
            out_of_office("2026-11-24", "2026-11-25"),
        ]
    ),
    unique_by=lambda e: e.key,
)


@settings(max_examples=80, deadline=None)
@given(ENTRIES, ENTRIES)
def test_ids_last_over_passes_and_a_second_look_mints_nothing(before: list[Evidence], after: list[Evidence]) -> None:
    first = seen(before)
    known = [remember(a, BEFORE) for a in first.absences]
    second = seen(after, known)
    ids = [a.id for a in second.absences]
    assert len(set(ids)) == len(ids)
    both = {*known, *(remember(a, BEFORE) for a in second.absences if a.id in second.minted)}
    assert seen(after, [*(remember(a, BEFORE) for a in second.absences)]).minted == ()
    assert {k.id for k in second.vanished} | set(ids) | {old for old, _ in second.merged} == {k.id for k in both}


@settings(max_examples=80, deadline=None)
@given(ENTRIES, st.sampled_from(["back", "extend", "leave"]), st.integers(0, 60))
def test_moved_absences_stay_disjoint_and_within_reason(entries: list[Evidence], verb: str, day: int) -> None:
    known = [remember(a, BEFORE) for a in merged(entries)]
    moment = at("2026-11-05 12:00") + timedelta(days=day)
    said = [Said(k.id, verb, BEFORE, moment) for k in known[:1]]  # type: ignore[arg-type]
    result = seen(entries, known, said)
    ordered = list(result.absences)
    assert all(one.span.end <= other.span.start for one, other in pairwise(ordered))
    assert all(a.span.start < a.span.end and a.nights >= 0 for a in ordered)
    assert all(a.span.covers(s.span) for a in ordered for s in a.stays)
