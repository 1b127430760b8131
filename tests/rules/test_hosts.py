"""Who hosts what: which meetings, whom to ask, what was answered, what is said."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from rules.answers import Answer, answer_to, answers, heard, is_about, mail_answers, yes_or_no
from rules.asking import ask_id, ask_mail, host_id, instead_of, rights, withdrawn_mail
from rules.hosts import ByHand, Coverage, cover
from rules.interval import Interval
from rules.items import HostItem
from rules.meetings import internal_domains
from rules.model import Absence, Assignment, Attendee, Envelope, Evidence, Occurrence, OccurrenceKey, Turn
from rules.phrases import PHRASES, at_moment
from rules.policy import Language, Me, MeetingRule, Person, Policy

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
ME = "lea@firm.example"
LEADER = Attendee(ME)
ANA = Person(id="ana", name="Ana", addresses=("ana@firm.example",), report=True, seniority="senior")
BEN = Person(id="ben", name="Ben", addresses=("ben@firm.example",), report=True)
CEM = Person(id="cem", name="Cem", addresses=("cem@firm.example",), report=True)
NEW = Person(id="new", name="Nele", addresses=("nele@firm.example",), report=True, newcomer=True)
TEAM = MeetingRule(id="team", match=("team meeting",), hosts=("ana", "ben", "cem"))


def policy(*rules: MeetingRule, people: Sequence[Person] = (ANA, BEN, CEM, NEW), me: Me | None = None) -> Policy:
    leader = me or Me(name="Lea", addresses=(ME,), home_zone="Europe/Berlin")
    return Policy(config_version=1, me=leader, person=tuple(people), meeting=rules or (TEAM,))


def trip(first: int = 1, last: int = 5, *, cover: tuple[str, ...] = (), evidence: tuple[Evidence, ...] = ()) -> Absence:
    span = Interval(datetime(2026, 12, first, 5, tzinfo=UTC), datetime(2026, 12, last, 21, tzinfo=UTC))
    return Absence("lisbon", "trip", span, 4, 1.0, "act", "Lisbon", (), evidence=evidence, cover=cover)


def people(*addresses: str) -> tuple[Attendee, ...]:
    return tuple(Attendee(address) for address in addresses)


def meeting(
    title: str = "Team meeting",
    day: int = 2,
    hour: int = 9,
    *,
    uid: str = "team",
    invited: Sequence[Attendee] = people(ME, "ana@firm.example", "ben@firm.example"),
    organizer: Attendee | None = LEADER,
) -> Occurrence:
    start = datetime(2026, 12, day, hour, tzinfo=UTC)
    key = OccurrenceKey("work", uid, f"{start:%Y%m%dT%H%M%SZ}")
    return Occurrence(
        key, "mine", start, start + timedelta(hours=1), summary=title, organizer=organizer, attendees=tuple(invited)
    )


def covered(
    *occurrences: Occurrence,
    rules: Policy | None = None,
    absence: Absence | None = None,
    away: Mapping[str, Sequence[Interval]] | None = None,
    assignments: Sequence[Assignment] = (),
    history: Sequence[Turn] = (),
    now: datetime = NOW,
    by_hand: Mapping[OccurrenceKey, str] | None = None,
) -> Coverage:
    return cover(absence or trip(), occurrences, rules or policy(), away or {}, assignments, history, now, by_hand or {})


def hosts_of(coverage: Coverage) -> list[str]:
    return [item.host for item in coverage.items]


def held(occurrence: Occurrence, person: str, state: str = "asked", declined: tuple[str, ...] = (), **more: object) -> Assignment:
    return Assignment("lisbon", occurrence.key, person, state, NOW, declined, **more)  # type: ignore[arg-type]


def reasons(coverage: Coverage) -> list[str]:
    return [skipped.because for skipped in coverage.skipped]


# --- which meetings ---------------------------------------------------------------------------------------------------


def test_a_meeting_of_mine_that_a_rule_names_is_offered_to_the_first_deputy() -> None:
    (item,) = covered(meeting()).items
    assert (item.host, item.state, item.host_address, item.leader_address) == ("ana", "asked", "ana@firm.example", ME)
    assert item.id == host_id("lisbon", meeting().key)
    assert item.chain == ("ben@firm.example", "cem@firm.example")
    assert item.lines == ("Decision level 4: decide, then tell",)


@pytest.mark.parametrize(
    "occurrence",
    [
        meeting(organizer=Attendee("boss@firm.example")),
        meeting(invited=()),
        replace(meeting(), status="CANCELLED"),
        replace(meeting(), role="team"),
        meeting(day=8),
    ],
    ids=["merely attended", "no attendees", "cancelled", "a calendar of others", "outside the absence"],
)
def test_what_is_no_meeting_of_mine_in_the_absence_is_not_spoken_of(occurrence: Occurrence) -> None:
    assert covered(occurrence) == Coverage()


def test_a_meeting_without_organizer_but_with_guests_is_mine() -> None:
    assert hosts_of(covered(meeting(organizer=None))) == ["ana"]


def test_a_meeting_that_is_evidence_of_the_absence_needs_no_host() -> None:
    offsite = meeting("Team meeting in Lisbon")
    evidence = Evidence(offsite.key, offsite.summary, offsite.span, False, "trip", 0.9, ())
    assert covered(offsite, absence=trip(evidence=(evidence,))) == Coverage()


def test_what_no_rule_matches_is_listed_and_left_alone() -> None:
    assert reasons(covered(meeting("Budget"))) == ["no rule"]


def test_a_skip_rule_leaves_the_meeting_alone_and_says_so() -> None:
    found = covered(meeting(), rules=policy(MeetingRule(id="team", match=("team meeting",), skip=True)))
    assert reasons(found) == ['the rule "team" says skip']
    assert found.waiting == (meeting(),)


@pytest.mark.parametrize(
    ("pattern", "title", "matches"),
    [
        ("team", "TEAM meeting", True),
        ("team", "Teamwork", False),
        ("équipe", "Réunion d'equipe", True),
        ("Team*", "team meeting", True),
        ("Team*", "The team meeting", False),
        ("会議", "定例会議です", True),
        ("1:1", "Ana 1:1 Lea", True),
    ],
)
def test_words_match_whole_and_blind_to_case_and_accents(pattern: str, title: str, matches: bool) -> None:
    rule = MeetingRule(id="r", match=(pattern,), hosts=("ana",))
    assert bool(covered(meeting(title), rules=policy(rule)).items) is matches


def test_a_rule_may_name_the_uid() -> None:
    rule = MeetingRule(id="r", uid="team", hosts=("cem",))
    assert hosts_of(covered(meeting("Whatever"), rules=policy(rule))) == ["cem"]


def test_the_first_rule_wins_even_where_it_may_not_speak() -> None:
    first = MeetingRule(id="first", match=("team meeting",), hosts=("ana",))
    second = MeetingRule(id="second", match=("*",), hosts=("ben",), private=True)
    found = covered(replace(meeting(), private=True), rules=policy(first, second))
    assert reasons(found) == ['private, and the rule "first" does not say private = true']


def test_one_to_ones_and_outsiders_need_express_words() -> None:
    alone = meeting("Team meeting", invited=people(ME, "ben@firm.example"))
    outside = meeting("Team meeting", hour=12, invited=people(ME, "ben@firm.example", "x@client.example"))
    assert reasons(covered(alone, outside)) == [
        'one-to-one, and the rule "team" does not say one_to_one = true',
        'people from outside are invited, and the rule "team" does not say outside = true',
    ]
    rules = policy(replace(TEAM, one_to_one=True, outside=True, hosts=("ben", "ana")))
    assert hosts_of(covered(alone, outside, rules=rules)) == ["ana", "ben"]  # Ben cannot stand in for Lea with Ben


def test_rooms_do_not_make_a_one_to_one_bigger_and_lists_are_no_single_person() -> None:
    room = Attendee("room@firm.example", kind="ROOM")
    assert "one-to-one" in reasons(covered(meeting(invited=(*people(ME, "ben@firm.example"), room))))[0]
    group = Attendee("all@firm.example", kind="GROUP")
    assert hosts_of(covered(meeting(invited=(*people(ME), group)))) == ["ana"]


def test_where_only_the_leader_and_a_room_are_invited_it_is_no_meeting() -> None:
    alone = meeting(invited=(*people(ME), Attendee("room@firm.example", kind="ROOM")))
    assert covered(alone) == Coverage()


def test_a_deputy_whom_homeward_added_makes_no_one_to_one_bigger() -> None:
    alone = meeting(invited=people(ME, "x@firm.example", "ana@firm.example"))
    found = covered(alone, assignments=[held(alone, "ana", added=True)])
    assert "one-to-one" in reasons(found)[0]


def test_a_person_of_the_config_is_no_outsider_wherever_their_address_is() -> None:
    freelancer = Person(id="fay", name="Fay", addresses=("fay@gmail.com",))
    invited = people(ME, "fay@gmail.com", "ben@firm.example")
    assert hosts_of(covered(meeting(invited=invited), rules=policy(people=(ANA, BEN, CEM, freelancer)))) == ["ana"]


def test_a_public_mail_provider_makes_nobody_a_colleague() -> None:
    me = Me(name="Lea", addresses=("lea@gmail.com",), home_zone="Europe/Berlin")
    assert internal_domains(me) == ()
    assert internal_domains(replace(me, internal_domains=("@Firm.example",))) == ("firm.example",)
    invited = people("lea@gmail.com", "stranger@gmail.com", "ben@firm.example")
    found = covered(meeting(invited=invited, organizer=Attendee("lea@gmail.com")), rules=policy(me=me))
    assert "outside" in reasons(found)[0]


def test_our_own_mark_in_the_title_is_taken_off_before_matching() -> None:
    rule = MeetingRule(id="team", match=("Team [m]eeting",), hosts=("ana",))
    ours = replace(meeting("Team meeting (host: Ana (Berlin))"), marker="hw-lisbon.host.x")
    (item,) = covered(ours, rules=policy(rule)).items
    assert item.summary == "Team meeting"
    theirs = meeting("Team meeting (host: Ana)")
    assert reasons(covered(theirs, rules=policy(rule))) == ["no rule"]


def test_a_meeting_that_has_begun_is_nobodys_any_more() -> None:
    now = datetime(2026, 12, 2, 9, 30, tzinfo=UTC)
    assert reasons(covered(meeting(), now=now)) == ["already begun"]


def test_a_hosted_meeting_behind_us_stays_as_it_was() -> None:
    now = datetime(2026, 12, 3, tzinfo=UTC)
    away = {"ana": [trip().span]}
    (item,) = covered(meeting(), now=now, away=away, assignments=[held(meeting(), "ana", "accepted")]).items
    assert (item.host, item.state) == ("ana", "accepted")


# --- whom to ask ------------------------------------------------------------------------------------------------------


def test_who_is_away_is_passed_over() -> None:
    away = {"ana": [Interval(datetime(2026, 12, 2, tzinfo=UTC), datetime(2026, 12, 3, tzinfo=UTC))]}
    assert hosts_of(covered(meeting(), meeting(day=3), away=away)) == ["ben", "ana"]


def test_who_declined_is_never_asked_again_and_the_chain_moves_on() -> None:
    declined = held(meeting(), "ana", "declined")
    assert hosts_of(covered(meeting(), assignments=[declined])) == ["ben"]
    second = held(meeting(), "ben", "declined", ("ana",))
    assert hosts_of(covered(meeting(), assignments=[second])) == ["cem"]


def test_an_exhausted_chain_is_a_gap_with_everybodys_reason() -> None:
    away = {"cem": [trip().span]}
    found = covered(meeting(), away=away, assignments=[held(meeting(), "ben", "declined", ("ana",))])
    (gap,) = found.gaps
    assert gap.because == "Ana declined; Ben declined; Cem is away"
    assert found.items == ()


def test_a_chain_of_unknown_people_is_a_gap() -> None:
    found = covered(meeting(), rules=policy(MeetingRule(id="team", match=("team",), hosts=("gone",))))
    assert found.gaps[0].because == 'nobody in the rule "team" is known'


def test_who_was_named_for_the_absence_comes_first() -> None:
    assert hosts_of(covered(meeting(), absence=trip(cover=("cem", "nobody")))) == ["cem"]


def test_nobody_hosts_two_meetings_at_once() -> None:
    found = covered(meeting(), meeting("Team meeting B", uid="b"))
    assert hosts_of(found) == ["ana", "ben"]


def test_without_an_address_nobody_can_be_asked() -> None:
    mute = Person(id="ana", name="Ana")
    assert hosts_of(covered(meeting(), rules=policy(people=(mute, BEN)))) == ["ben"]
    standing = [held(meeting(), "ana", "accepted")]
    assert hosts_of(covered(meeting(), rules=policy(people=(mute, BEN)), assignments=standing)) == ["ben"]
    after = datetime(2026, 12, 3, tzinfo=UTC)
    (past,) = covered(meeting(), rules=policy(people=(mute, BEN)), assignments=standing, now=after).items
    assert (past.host, past.host_address) == ("ana", "")


def test_the_address_that_the_calendar_knows_is_used() -> None:
    two = replace(ANA, addresses=("a.long@firm.example", "Ana@firm.example"))
    assert covered(meeting(), rules=policy(people=(two,))).items[0].host_address == "ana@firm.example"


def test_not_twice_in_a_row_means_neither_the_last_nor_the_next() -> None:
    rule = replace(TEAM, not_twice_in_a_row=True)
    last = Turn("ana", "team", NOW)
    following = held(meeting(day=4), "ben", "accepted")
    found = covered(meeting(), meeting(day=4), rules=policy(rule), history=[last], assignments=[following])
    assert hosts_of(found) == ["cem", "ben"]


def test_a_newcomer_hosts_only_beside_a_senior() -> None:
    rule = replace(TEAM, hosts=("new", "ben"))
    (item,) = covered(meeting(), rules=policy(rule)).items
    assert (item.host, item.paired_with) == ("new", "Ana")
    away = {"ana": [trip().span]}
    assert hosts_of(covered(meeting(), rules=policy(rule), away=away)) == ["ben"]


def test_a_newcomer_who_stands_without_a_senior_is_replaced() -> None:
    rule = replace(TEAM, hosts=("new", "ben"))
    standing = [held(meeting(), "new", "accepted")]
    assert covered(meeting(), rules=policy(rule), assignments=standing).items[0].paired_with == "Ana"
    assert hosts_of(covered(meeting(), rules=policy(rule), assignments=standing, away={"ana": [trip().span]})) == ["ben"]


def test_a_senior_beside_a_newcomer_is_not_free_for_another_meeting() -> None:
    rules = policy(replace(TEAM, hosts=("new",)), MeetingRule(id="b", match=("board",), hosts=("ana", "cem")))
    assert hosts_of(covered(meeting(), meeting("Board", uid="z"), rules=rules)) == ["new", "cem"]


def test_nobody_is_asked_more_than_28_days_ahead() -> None:
    early = NOW - timedelta(days=30)
    found = covered(meeting(), now=early)
    (later,) = found.later
    assert (later.likely, later.ask_on) == ("ana", meeting().start - timedelta(days=28))
    assert found.items == ()
    assert hosts_of(covered(meeting(), now=early, assignments=[held(meeting(), "ben")])) == ["ben"]


def test_lines_say_limits_and_escalation_and_never_more_than_the_person_may_decide() -> None:
    careful = replace(ANA, level=2)
    rule = replace(TEAM, do_not_decide=("prices", "hiring"), escalate="cem", decide=5)
    (item,) = covered(meeting(), rules=policy(rule, people=(careful, CEM))).items
    assert item.lines == (
        "Decision level 2: look into it and report",
        "Not to be decided: prices, hiring",
        "If it gets stuck: Cem",
    )


# --- standing assignments ---------------------------------------------------------------------------------------------


def test_an_assignment_stands_though_the_rule_would_choose_another_now() -> None:
    history = [Turn("cem", "team", NOW - timedelta(days=n)) for n in range(1, 9)]
    fair = policy(replace(TEAM, rotation="fair"))
    assert hosts_of(covered(meeting(), rules=fair, history=history, assignments=[held(meeting(), "cem")])) == ["cem"]


def test_an_asked_person_taken_off_the_rule_is_replaced_but_an_accepted_one_stays() -> None:
    rules = policy(replace(TEAM, hosts=("ben",)))
    assert hosts_of(covered(meeting(), rules=rules, assignments=[held(meeting(), "cem", "asked")])) == ["ben"]
    assert hosts_of(covered(meeting(), rules=rules, assignments=[held(meeting(), "cem", "accepted")])) == ["cem"]


def test_an_assignment_that_became_impossible_goes_to_the_next() -> None:
    away = {"ana": [trip().span]}
    (item,) = covered(meeting(), away=away, assignments=[held(meeting(), "ana", "accepted")]).items
    assert (item.host, item.state) == ("ben", "asked")
    assert hosts_of(covered(meeting(), assignments=[held(meeting(), "gone", "accepted")])) == ["ana"]


def test_hosts_of_other_absences_count_as_turns_and_are_not_free_then() -> None:
    other = Assignment("paris", meeting(uid="other").key, "ana", "accepted", NOW)
    ignored = [
        Assignment("paris", meeting(uid="gone").key, "ben", "accepted", NOW),
        Assignment("paris", meeting(uid="other").key, "ben", "declined", NOW),
        Assignment("paris", meeting("Budget", uid="budget").key, "ben", "accepted", NOW),
    ]
    elsewhere = [meeting(uid="other", organizer=Attendee("x@firm.example")), meeting("Budget", uid="budget", organizer=None)]
    found = covered(meeting(), *elsewhere, assignments=[other, *ignored])
    assert hosts_of(found) == ["ben"]


# --- fairness ---------------------------------------------------------------------------------------------------------


def test_fair_rotation_asks_who_has_fewest_turns_then_who_waited_longest_then_by_name() -> None:
    fair = policy(replace(TEAM, rotation="fair"))
    assert hosts_of(covered(meeting(), rules=fair)) == ["ana"]
    history = [Turn("ana", "x", NOW - timedelta(days=1)), Turn("ben", "x", NOW - timedelta(days=9)), Turn("cem", "x", NOW)]
    assert hosts_of(covered(meeting(), rules=fair, history=history)) == ["ben"]
    heavy = [Turn("ana", "x", NOW, 2.0), Turn("ben", "x", NOW), Turn("ben", "x", NOW), Turn("cem", "x", NOW, 1.5)]
    assert hosts_of(covered(meeting(), rules=fair, history=heavy)) == ["cem"]


def test_a_turn_that_is_in_the_history_already_counts_once() -> None:
    """Ana's meeting on the 1st is both in the history and standing: with one turn each, the alphabet decides for Ana."""
    fair = policy(replace(TEAM, rotation="fair", hosts=("ana", "ben")))
    first = meeting(day=1)
    history = [Turn("ana", "team", first.start), Turn("ben", "team", first.start - timedelta(days=1)), Turn("ben", "x", NOW)]
    now = datetime(2026, 12, 1, 20, tzinfo=UTC)
    found = covered(first, meeting(), rules=fair, history=history, assignments=[held(first, "ana", "accepted")], now=now)
    assert hosts_of(found) == ["ana", "ana"]


def test_turns_of_the_same_plan_count() -> None:
    fair = policy(replace(TEAM, rotation="fair"))
    found = covered(*(meeting(day=n) for n in (1, 2, 3, 4, 5)), rules=fair)
    assert hosts_of(found) == ["ana", "ben", "cem", "ana", "ben"]


def test_two_years_of_absences_are_spread_within_one_meeting_among_those_always_there() -> None:
    """A meeting every weekday, an absence every third week; Cem is away every other absence, Ben declines now and then."""
    fair = policy(replace(TEAM, rotation="fair"), people=(ANA, BEN, CEM, replace(NEW, newcomer=False)))
    rules = replace(fair, meeting=(replace(TEAM, rotation="fair", hosts=("ana", "ben", "cem", "new")),))
    history: list[Turn] = []
    for week in range(0, 104, 3):
        monday = datetime(2026, 1, 5, 5, tzinfo=UTC) + timedelta(weeks=week)
        absence = replace(trip(), id=f"trip-{week}", span=Interval(monday, monday + timedelta(days=5)))
        days = [monday + timedelta(days=n, hours=4) for n in range(5)]
        occurrences = [replace(meeting(), key=OccurrenceKey("work", "team", f"{d:%Y%m%d}"), start=d, end=d) for d in days]
        occurrences = [replace(o, end=o.start + timedelta(hours=1)) for o in occurrences]
        away = {"cem": [absence.span]} if week % 2 else {}
        declined = [Assignment(absence.id, occurrences[week % 5].key, "ben", "declined", monday)] if week % 4 == 0 else []
        found = cover(absence, occurrences, rules, away, declined, history, monday - timedelta(days=3))
        assert len(found.items) == 5
        history += [Turn(item.host, "team", item.span.start) for item in found.items]
    turns = Counter(turn.person_id for turn in history)
    always = [turns[person] for person in ("ana", "ben", "new")]
    assert max(always) - min(always) <= 1
    assert sum(turns.values()) == 35 * 5


# --- properties -------------------------------------------------------------------------------------------------------

TITLES = st.sampled_from(["Team meeting", "Board", "Budget", "Jour fixe"])
OCCURRENCES = st.lists(
    st.builds(
        lambda title, day, hour, uid, private, invited: replace(
            meeting(title, day, hour, uid=uid, invited=people(ME, *invited)), private=private
        ),
        TITLES,
        st.integers(1, 5),
        st.integers(6, 20),
        st.sampled_from("abcdef"),
        st.booleans(),
        st.lists(
            st.sampled_from(["ana@firm.example", "ben@firm.example", "x@client.example"]), min_size=1, max_size=3, unique=True
        ),
    ),
    max_size=8,
    unique_by=lambda o: o.key,
)
RULES = st.tuples(
    st.builds(
        lambda fair, twice, outside, alone: replace(
            TEAM,
            rotation="fair" if fair else "order",
            not_twice_in_a_row=twice,
            outside=outside,
            one_to_one=alone,
            hosts=("new", "ana", "ben", "cem"),
        ),
        st.booleans(),
        st.booleans(),
        st.booleans(),
        st.booleans(),
    ),
    st.just(MeetingRule(id="board", match=("board",), hosts=("cem",), outside=True, one_to_one=True, private=True)),
    st.just(MeetingRule(id="jf", match=("jour*",), skip=True)),
)
AWAY = st.dictionaries(
    st.sampled_from(["ana", "ben", "cem", "new"]),
    st.lists(
        st.builds(
            lambda d, n: Interval(datetime(2026, 12, d, tzinfo=UTC), datetime(2026, 12, d + n, tzinfo=UTC)),
            st.integers(1, 5),
            st.integers(1, 3),
        ),
        max_size=2,
    ),
    max_size=3,
)
MOMENTS = st.sampled_from([NOW - timedelta(days=40), NOW - timedelta(days=16), NOW, datetime(2026, 12, 3, 12, tzinfo=UTC)])


@settings(max_examples=150, deadline=None)
@given(OCCURRENCES, RULES, AWAY, MOMENTS)
def test_every_meeting_is_in_exactly_one_of_items_gaps_skipped_and_later(
    occurrences: list[Occurrence], rules: tuple[MeetingRule, ...], away: dict[str, list[Interval]], now: datetime
) -> None:
    found = covered(*occurrences, rules=policy(*rules), away=away, now=now)
    keys = [i.key for i in found.items] + [g.occurrence.key for g in found.gaps] + [x.occurrence.key for x in found.later]
    assert len(keys) == len(set(keys))
    assert len(keys) + len(found.skipped) == len(occurrences)


@settings(max_examples=150, deadline=None)
@given(OCCURRENCES, RULES, AWAY, MOMENTS, st.lists(st.builds(Turn, st.sampled_from(["ana", "ben"]), st.just("team"), MOMENTS)))
def test_nothing_flaps_what_was_assigned_stands_when_nothing_but_the_history_changed(
    occurrences: list[Occurrence],
    rules: tuple[MeetingRule, ...],
    away: dict[str, list[Interval]],
    now: datetime,
    history: list[Turn],
) -> None:
    first = covered(*occurrences, rules=policy(*rules), away=away, now=now)
    standing = [Assignment("lisbon", item.key, item.host, item.state, now) for item in first.items]
    again = covered(*occurrences, rules=policy(*rules), away=away, now=now, assignments=standing, history=history)
    assert {i.key: (i.host, i.paired_with) for i in first.items}.items() <= {
        i.key: (i.host, i.paired_with) for i in again.items
    }.items()


# --- turns given by hand ------------------------------------------------------------------------------------------------


def given(person: str, **more: object) -> Coverage:
    return covered(meeting(), by_hand={meeting().key: person}, **more)  # type: ignore[arg-type]


def test_a_turn_given_by_hand_comes_before_the_rules_and_before_who_was_named() -> None:
    found = given("cem")
    assert [item.host for item in found.items] == ["cem"] and found.by_hand == (ByHand(meeting(), "cem"),)
    assert [item.host for item in given("new", rules=policy(people=(ANA, NEW))).items] == ["new"]
    assert [item.host for item in given("nobody").items] == ["ana"] and given("nobody").by_hand == ()


def test_who_was_asked_gives_way_to_it_and_who_has_accepted_does_not() -> None:
    asked, accepted = held(meeting(), "ana"), held(meeting(), "ana", "accepted")
    assert [(i.host, i.state) for i in given("ben", assignments=[asked]).items] == [("ben", "asked")]
    found = given("ben", assignments=[accepted])
    assert [(i.host, i.state) for i in found.items] == [("ana", "accepted")]
    assert [one.because for one in found.by_hand] == ["Ana has accepted"]
    kept = given("ana", assignments=[asked])
    assert [i.host for i in kept.items] == ["ana"] and kept.by_hand[0].because == ""
    begun = meeting().start + timedelta(minutes=5)
    assert [i.host for i in given("ben", assignments=[asked], now=begun).items] == ["ana"]


def test_it_beats_neither_absence_nor_a_decline_nor_the_level_and_says_so() -> None:
    away = given("ben", away={"ben": [meeting().span]})
    refused = given("ben", assignments=[replace(held(meeting(), "ben", "declined"), declined_by=("ben",))])
    low = policy(replace(TEAM, least_level=4), people=(ANA, replace(BEN, level=2), CEM))
    for found, why in ((away, "is away"), (refused, "declined"), (given("ben", rules=low), "may not decide enough")):
        assert [item.host for item in found.items] == ["ana"]
        assert [one.because for one in found.by_hand] == [f"Ben {why}"]
    nobody = given("ben", away={who: [meeting().span] for who in ("ana", "ben", "cem")})
    assert nobody.items == () and nobody.by_hand[0].because == "Ben is away"
    asked = held(meeting(), "ana")
    assert [i.host for i in given("ben", assignments=[asked], away={"ben": [meeting().span]}).items] == ["ana"]


# --- answers ----------------------------------------------------------------------------------------------------------


def answering(partstat: str, occurrence: Occurrence | None = None) -> Occurrence:
    base = occurrence or meeting()
    invited = (Attendee(ME), Attendee("ANA@firm.example".lower(), partstat=partstat))
    return replace(base, attendees=invited, marker=host_id("lisbon", base.key))


@pytest.mark.parametrize(
    ("before", "partstat", "answer"),
    [
        ("asked", "ACCEPTED", "accepted"),
        ("asked", "DECLINED", "declined"),
        ("asked", "TENTATIVE", None),
        ("asked", "NEEDS-ACTION", None),
        ("accepted", "ACCEPTED", None),
        ("accepted", "DECLINED", "declined"),
        ("declined", "ACCEPTED", None),
    ],
)
def test_a_partstat_is_an_answer_only_where_it_says_something_new(before: str, partstat: str, answer: str | None) -> None:
    found = answers([held(meeting(), "ana", before)], [answering(partstat)], policy())
    assert [a.state for a in found] == ([answer] if answer else [])


def test_a_partstat_from_before_our_question_is_no_answer() -> None:
    unmarked = replace(answering("ACCEPTED"), marker="")
    assert answers([held(meeting(), "ana")], [unmarked], policy()) == ()
    assert answers([held(meeting(), "ana")], [], policy()) == ()
    assert answers([held(meeting(), "gone")], [answering("ACCEPTED")], policy()) == ()


def letter(text: str, *, person: str = "ana", sender: str = "ana@firm.example", minutes: int = 5, **headers: str) -> Envelope:
    reply = f"<{ask_id(host_id('lisbon', meeting().key), person)}@firm.example>"
    fields = {"in-reply-to": reply} | {name.replace("_", "-"): value for name, value in headers.items()}
    return Envelope("1", "<m@x>", sender, "Re: host", NOW + timedelta(minutes=minutes), (ME,), headers=fields, text=text)


def test_a_mail_that_says_no_declines_the_hosting() -> None:
    found = mail_answers([held(meeting(), "ana")], [letter("Nein, leider nicht.\n\n> Lea schrieb: ja oder nein")], policy())
    assert [(a.person_id, a.state, a.via) for a in found] == [("ana", "declined", "mail")]


def test_the_latest_mail_counts_and_what_is_older_than_the_state_does_not() -> None:
    mails = [letter("no", minutes=9), letter("yes", minutes=5), letter("maybe", minutes=20)]
    assert mail_answers([held(meeting(), "ana")], mails, policy())[0].state == "declined"
    assert mail_answers([held(meeting(), "ana", "accepted")], [letter("no", minutes=-5)], policy()) == ()
    assert mail_answers([held(meeting(), "ana", "accepted")], [letter("yes")], policy()) == ()


def test_a_mailed_no_after_the_yes_gives_the_turn_back() -> None:
    accepted = held(meeting(), "ana", "accepted")
    (answer,) = mail_answers([accepted], [letter("no, I am ill")], policy())
    after = answer_to(accepted, answer, NOW)
    assert (after.state, after.declined_by, after.gave_back) == ("declined", ("ana",), ("ana",))
    for forged in (letter("no", sender="mallory@evil.example"), letter("no", auto_submitted="auto-replied"), letter("no idea")):
        assert mail_answers([accepted], [forged], policy()) == ()


def test_a_yes_of_somebody_who_was_passed_over_is_late_once_and_a_no_says_nothing_new() -> None:
    passed_over = replace(held(meeting(), "ben"), silent=("ana",))
    (answer,) = mail_answers([passed_over], [letter("yes")], policy())
    assert (answer.person_id, answer.state) == ("ana", "late")
    after = answer_to(passed_over, answer, NOW)
    assert (after.person_id, after.state, after.silent, after.late) == ("ben", "asked", ("ana",), ("ana",))
    assert mail_answers([after], [letter("yes")], policy()) == mail_answers([passed_over], [letter("no")], policy()) == ()
    assert mail_answers([replace(passed_over, declined_by=("ana",))], [letter("yes")], policy()) == ()
    assert tuple(heard(passed_over)) == ("ben", "ana")


def test_who_was_late_is_the_last_to_be_asked_and_stands_in_nobodys_chain() -> None:
    late = replace(held(meeting(), "ben"), silent=("ana",), late=("ana",))
    (item,) = covered(meeting(), assignments=[late]).items
    assert (item.host, item.chain) == ("ben", ("cem@firm.example",))
    left = replace(late, person_id="cem", state="declined", declined_by=("ben", "cem"))
    (item,) = covered(meeting(), assignments=[left]).items
    assert (item.host, item.state, item.chain) == ("ana", "asked", ())
    again = replace(left, person_id="ana", state="asked")
    assert answer_to(again, Answer("lisbon", again.key, "ana", "accepted", "mail"), NOW).refused == ("ben", "cem")
    silent = answer_to(again, Answer("lisbon", again.key, "ana", "silent", "in time"), NOW)
    assert (silent.silent, silent.late) == (("ana",), ())
    assert covered(meeting(), assignments=[silent]).items == ()


def test_an_answer_that_says_nothing_new_changes_nothing() -> None:
    asked = held(meeting(), "ana")
    assert answer_to(asked, Answer("lisbon", asked.key, "ana", "asked", "mail"), NOW) == asked
    refused = replace(asked, state="declined", declined_by=("ana",))
    assert answer_to(refused, Answer("lisbon", asked.key, "ana", "declined", "mail"), NOW) == refused
    assert not is_about(Answer("lisbon", asked.key, "ben", "declined", "mail"), asked)
    assert not is_about(Answer("oslo", asked.key, "ana", "declined", "mail"), asked)


def test_only_the_deputys_own_letter_to_our_request_is_an_answer() -> None:
    assignment = [held(meeting(), "ana")]
    assert mail_answers(assignment, [letter("yes", sender="mallory@evil.example")], policy()) == ()
    assert mail_answers(assignment, [letter("yes", person="ben")], policy()) == ()
    assert mail_answers(assignment, [letter("yes", auto_submitted="auto-replied")], policy()) == ()
    assert mail_answers(assignment, [letter("hm")], policy()) == ()


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("Yes", "accepted"),
        ("yes, happy to", "accepted"),
        ("Ja gerne!", "accepted"),
        ("Oui, d’accord", "accepted"),
        ("Sí", "accepted"),
        ("Sì!", "accepted"),
        ("はい、承知しました", "accepted"),
        ("はいお願いします", "accepted"),
        ("No problem, I'll do it", "accepted"),
        ("Kein Problem", "accepted"),
        ("Tak, oczywiście", "accepted"),
        ("no", "declined"),
        ("No, sorry", "declined"),
        ("Nein danke", "declined"),
        ("いいえ", "declined"),
        ("できません", "declined"),
        ("Não posso nesse dia", "declined"),
        ("> yes\nnej", "declined"),
        ("No idea what this is", None),
        ("yes or no?", None),
        ("はい?", None),
        ("Yes, but I can't stay to the end", None),
        ("no, sure", None),
        ("yesterday", None),
        ("", None),
        ("> yes", None),
        ("Yes I would like to but first let us think about what else is on that day", None),
    ],
)
def test_one_plain_word_in_any_language_is_an_answer_and_nothing_else_is(text: str, answer: str | None) -> None:
    assert yes_or_no(text) == answer


# --- words ------------------------------------------------------------------------------------------------------------


def test_the_request_says_what_when_how_far_and_how_to_answer() -> None:
    rules = policy(replace(TEAM, do_not_decide=("prices",), escalate="call the desk"))
    (item,) = covered(meeting(), rules=rules).items
    mail = ask_mail(item, rules, "inbox")
    assert mail.to == ("ana@firm.example",)
    assert mail.id == ask_id(host_id("lisbon", meeting().key), "ana")
    for words in ("Team meeting", "Wednesday 2 December 2026, 10:00–11:00 (Europe/Berlin)", "decide, then tell me", "prices"):
        assert words in mail.body
    assert "call the desk" in mail.body and "yes or no" in mail.body and "Lisbon" not in mail.body
    assert "Together with" not in mail.body


@pytest.mark.parametrize("language", PHRASES)
def test_the_request_says_in_each_language_until_when_an_answer_is_waited_for(language: Language) -> None:
    rules = policy(people=(replace(ANA, language=language),))
    (item,) = covered(meeting(), rules=rules).items
    limit = datetime(2026, 11, 26, 17, tzinfo=UTC)
    without, letter = (ask_mail(item, rules, "inbox", until=until).body for until in (None, limit))
    (line,) = set(letter.splitlines()) - set(without.splitlines())
    assert at_moment(limit, "Europe/Berlin", language) in line and "18:00" in line and "26" in line


def test_nobody_is_told_to_turn_to_themselves() -> None:
    rules = policy(replace(TEAM, escalate="ana"))
    (item,) = covered(meeting(), rules=rules).items
    assert item.host == "ana" and "stuck" not in ask_mail(item, rules, "inbox").body
    assert not any("stuck" in line for line in item.lines)


def test_the_request_is_in_the_deputys_language_and_has_no_empty_lines() -> None:
    rules = policy(people=(replace(ANA, language="de"),))
    mail = ask_mail(covered(meeting(), rules=rules).items[0], rules, "inbox")
    assert "Mittwoch, 2. Dezember 2026" in mail.body and "ja oder nein" in mail.body
    assert "nicht entscheiden" not in mail.body and "\n\n\n" not in mail.body


def test_a_request_for_a_rule_that_is_gone_goes_by_the_persons_level() -> None:
    (item,) = covered(meeting()).items
    assert "decide, then tell me" in ask_mail(replace(item, meeting_id="gone"), policy(), "inbox").body


def test_a_hostile_title_stays_one_line_of_text() -> None:
    (item,) = covered(meeting("Team meeting\r\nBcc: all@x\u202e {name} {0.__class__}")).items
    mail = ask_mail(item, policy(), "inbox")
    assert "\n" not in mail.subject and "\r" not in mail.body and "\u202e" not in mail.body
    assert "{name} {0.__class__}" in mail.body


def test_the_withdrawal_reaches_who_was_asked_even_if_they_left_the_config() -> None:
    (item,) = covered(meeting()).items
    mail = withdrawn_mail(item, policy(people=(BEN,)), "inbox")
    assert mail.purpose == "withdrawn" and mail.to == ("ana@firm.example",) and "Ana" in mail.body
    assert mail.id != ask_mail(item, policy(), "inbox").id


def test_what_to_type_so_that_somebody_else_hosts_it_survives_any_shell() -> None:
    (item,) = covered(meeting("Team meeting; rm -rf ~ 'now' $(x)")).items
    how = shlex.split(instead_of("ben", item))
    assert how == ["homeward", "accept", "ben", "Team meeting; rm -rf ~ 'now' $(x)", "--instead-of", "ana"]
    (long,) = covered(meeting("Team meeting " + "x" * 90)).items
    assert shlex.split(instead_of("ben", long))[3] in long.summary


def test_an_untitled_meeting_still_has_a_line() -> None:
    (item,) = covered(meeting()).items
    assert "“–”" in ask_mail(replace(item, summary=" "), policy(), "inbox").subject


def test_the_rights_name_the_service_and_never_the_link() -> None:
    call = replace(meeting(), location="https://firm.zoom.us/j/1?pwd=secret")
    found = covered(call, meeting(day=3))
    (right,) = rights(found.items, [call, meeting(day=3)])
    assert right.what == "start the Zoom call: make them alternative host" and "secret" not in repr(right)
    assert rights(found.items, []) == ()


def test_the_leader_is_written_with_the_address_on_the_list() -> None:
    me = Me(name="Lea", addresses=("main@firm.example", ME), home_zone="Europe/Berlin")
    items: list[HostItem] = [
        covered(occurrence, rules=policy(me=me)).items[0]
        for occurrence in (
            meeting(organizer=None),
            meeting(invited=people("ana@firm.example", "ben@firm.example")),
            meeting(organizer=None, invited=people("ana@firm.example", "ben@firm.example")),
        )
    ]
    assert [item.leader_address for item in items] == [ME, ME, "main@firm.example"]
