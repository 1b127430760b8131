"""What ought to be, kind by kind: what brings a thing about, what keeps it away, and that it is said."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from rules import page
from rules.asking import ask_id, ask_mail, host_id, withdrawn_id, withdrawn_mail
from rules.desired import MailTraits, Situation, brief_of, desire, digest_of, next_turn
from rules.digest import Memory
from rules.inbox import HOME
from rules.interval import Interval
from rules.items import BlockItem, HoldItem, HostItem, Item, MailItem, ResponderItem, effect_id
from rules.model import Absence, Assignment, Attendee, Occurrence, OccurrenceKey, Place, SetTurn
from rules.plan import Standing, StandingState
from rules.policy import (
    BriefPolicy,
    CalendarConfig,
    CoachingPolicy,
    InboxPolicy,
    MailConfig,
    MakeupPolicy,
    Me,
    MeetingRule,
    Person,
    Policy,
    ResponderPolicy,
)

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
BERLIN = Place("Berlin", "Europe/Berlin", city="Berlin", country="DE")
ANA = Person(id="ana", name="Ana", addresses=("ana@firm.example",), report=True, seniority="senior")
BEN = Person(id="ben", name="Ben", addresses=("ben@firm.example",), report=True, seniority="senior")
DAN = Person(id="dan", name="Dan", addresses=("dan@firm.example",), report=True, seniority="junior")
POLICY = Policy(
    config_version=1,
    me=Me(name="Lea", addresses=("lea@firm.example",), home_zone="Europe/Berlin"),
    calendar=(CalendarConfig(id="work", path="work"), CalendarConfig(id="family", role="family", path="family", work=False)),
    mail=(MailConfig(id="mail", path="Maildir"),),
    person=(ANA, BEN),
    meeting=(MeetingRule(id="team", match=("team meeting",), hosts=("ana", "ben")),),
)
ALL = MailTraits(holds=True, replies=True, sends=True, excludes=True, three_audiences=True)
START = datetime(2026, 11, 30, 5, tzinfo=UTC)


def trip(absence_id: str = "lisbon", start: datetime = START, days: int = 4, **more: object) -> Absence:
    span = Interval(start, start + timedelta(days=days, hours=15))
    return replace(Absence(absence_id, "trip", span, days, 1.0, "act", "Trip to Lisbon", ("two flights",)), **more)  # type: ignore[arg-type]


def meeting(uid: str = "team", day: int = 1, *, calendar: str = "work", private: bool = False) -> Occurrence:
    start = START + day * DAY + 4 * HOUR
    people = tuple(Attendee(f"{name}@firm.example") for name in ("lea", "ana", "ben", "dan"))
    key = OccurrenceKey(calendar, uid, f"{start:%Y%m%dT%H%M%SZ}")
    return Occurrence(
        key, "mine", start, start + HOUR, summary="Team meeting", organizer=people[0], attendees=people, private=private
    )


def situation(*absences: Absence, policy: Policy = POLICY, **more: object) -> Situation:
    given = {"writable": frozenset({"work", "family"}), "mail": {"mail": ALL}, **more}
    return Situation(now=given.pop("now", NOW), policy=policy, home=BERLIN, absences=absences or (trip(),), **given)  # type: ignore[arg-type]


def of(s: Situation, kind: type[Item]) -> list[Item]:
    return [item for item in desire(s).items if isinstance(item, kind)]


def mails(s: Situation, purpose: str) -> list[MailItem]:
    return [item for item in desire(s).items if isinstance(item, MailItem) and item.purpose == purpose]


def hosts(s: Situation) -> list[HostItem]:
    return [item for item in desire(s).items if isinstance(item, HostItem)]


def standing(*items: Item, state: StandingState = "done") -> dict[str, Standing]:
    return {item.id: Standing(item, state) for item in items}


def skipped(s: Situation) -> dict[str, str]:
    return {skip.what: skip.because for skip in desire(s).skipped}


# --- which absences ---------------------------------------------------------------------------------------------------


def test_a_certain_trip_brings_everything() -> None:
    kinds = {type(item) for item in desire(situation(occurrences=(meeting(),))).items}
    assert kinds == {HoldItem, ResponderItem, HostItem, BlockItem, MailItem}


def test_one_that_rests_on_a_title_brings_the_private_things_and_a_question() -> None:
    found = desire(situation(trip(action="private-only"), occurrences=(meeting(),)))
    assert {type(item) for item in found.items} == {HoldItem, ResponderItem}
    assert [question.command for question in found.questions] == ["homeward confirm lisbon"]


@pytest.mark.parametrize(("open_ended", "words"), [(False, "is that so?"), (True, "no way home is known")])
def test_one_that_is_doubtful_brings_a_question_alone(open_ended: bool, words: str) -> None:
    found = desire(situation(trip(action="ask", open_ended=open_ended)))
    assert found.items == () and words in found.questions[0].text and "dismiss" in found.questions[0].command


def test_one_that_is_over_is_no_longer_asked_about() -> None:
    past = trip(start=NOW - 10 * DAY, action="ask")
    assert desire(situation(past, first_seen={"lisbon": NOW - 20 * DAY})).questions == ()


def test_one_that_was_over_when_first_seen_brings_nothing() -> None:
    past = trip(start=NOW - 10 * DAY)
    assert desire(situation(past)).items == ()
    assert desire(situation(past, first_seen={"lisbon": NOW - DAY})).items == ()
    assert {type(item) for item in desire(situation(past, first_seen={"lisbon": NOW - 20 * DAY})).items} >= {MailItem}


def test_nothing_is_done_about_an_absence_that_is_none() -> None:
    found = desire(situation(trip(action="none")))
    assert (found.items, found.questions) == ((), ())


# --- hold and reply ---------------------------------------------------------------------------------------------------


def test_the_hold_goes_from_door_to_door_where_the_mailbox_can_hold() -> None:
    (hold,) = of(situation(), HoldItem)
    assert isinstance(hold, HoldItem) and (hold.span, hold.mode) == (trip().span, "client")
    assert of(situation(mail={"mail": MailTraits()}), HoldItem) == []
    assert of(situation(mail={}), HoldItem) == []


@pytest.mark.parametrize(
    ("inbox", "modes"),
    [
        (InboxPolicy(mode="off"), []),
        (InboxPolicy(mode="off", when="always"), []),
        (InboxPolicy(mode="sync", sync_command=("true",)), ["sync"]),
        (InboxPolicy(when="always"), ["client", "client"]),
        (InboxPolicy(mode="sync", sync_command=("true",), when="always"), ["sync", "sync"]),
    ],
)
def test_the_hold_is_as_the_policy_says(inbox: InboxPolicy, modes: list[str]) -> None:
    found = of(situation(policy=replace(POLICY, inbox=inbox)), HoldItem)
    assert [item.mode for item in found if isinstance(item, HoldItem)] == modes


def test_at_home_a_mailbox_that_cannot_hold_is_not_held_either() -> None:
    s = situation(policy=replace(POLICY, inbox=InboxPolicy(when="always")), mail={"mail": MailTraits()})
    assert of(s, HoldItem) == [] and desire(s).reasons[HOME]


def test_the_reply_needs_a_mailbox_that_replies_and_a_policy_that_wants_it() -> None:
    assert len(of(situation(), ResponderItem)) == 1
    assert of(situation(mail={"mail": MailTraits(holds=True)}), ResponderItem) == []
    assert of(situation(policy=replace(POLICY, responder=ResponderPolicy(enabled=False))), ResponderItem) == []


def test_of_two_absences_only_the_first_to_end_has_a_reply_and_the_other_is_announced() -> None:
    s = situation(trip(), trip("oslo", START + 10 * DAY))
    assert [item.absence_id for item in of(s, ResponderItem)] == ["lisbon"]
    assert [(later.what, later.absence_id) for later in desire(s).later if later.what == "autoreply"] == [("autoreply", "oslo")]
    over = situation(trip(), trip("oslo", START + 10 * DAY), now=START + 6 * DAY, first_seen={"lisbon": NOW, "oslo": NOW})
    assert [item.absence_id for item in of(over, ResponderItem)] == ["oslo"]


def test_an_absence_whose_kind_gets_no_reply_delays_nobody() -> None:
    policy = replace(POLICY, responder=ResponderPolicy(kinds=("trip",)))
    s = situation(trip(kind="leave"), trip("oslo", START + 10 * DAY), policy=policy)
    assert [item.absence_id for item in of(s, ResponderItem)] == ["oslo"]
    assert "the responder is not used for leave" in skipped(s).values()


def test_whom_the_leader_knows_is_settled_when_the_reply_is_set() -> None:
    known = {"mail": ("ola@customer.example",)}
    (first,) = of(situation(known=known), ResponderItem)
    assert isinstance(first, ResponderItem) and first.known == ("ola@customer.example",)
    (later,) = of(situation(known={"mail": ("new@customer.example",)}, standing=standing(first)), ResponderItem)
    assert later == first


def test_direct_reports_get_no_reply_where_they_get_coaching() -> None:
    coaching = replace(POLICY, coaching=CoachingPolicy(authserv_id="mx.firm.example"))
    for policy, traits, never in (
        (coaching, ALL, ("ana@firm.example", "ben@firm.example")),
        (coaching, replace(ALL, excludes=False), ()),
        (coaching, replace(ALL, sends=False), ()),
        (POLICY, ALL, ()),
    ):
        (item,) = of(situation(policy=policy, mail={"mail": traits}), ResponderItem)
        assert isinstance(item, ResponderItem) and item.never == never


def test_nobody_is_coached_where_they_would_get_the_autoreply_as_well() -> None:
    coaching = replace(POLICY, coaching=CoachingPolicy(authserv_id="mx.firm.example"))
    silent = replace(coaching, responder=replace(POLICY.responder, enabled=False))
    for policy, traits, coached in (
        (coaching, ALL, True),
        (coaching, replace(ALL, excludes=False), False),
        (coaching, replace(ALL, excludes=False, replies=False), True),
        (silent, replace(ALL, excludes=False), True),
        (coaching, replace(ALL, sends=False), False),
        (POLICY, ALL, False),
    ):
        assert situation(policy=policy, mail={"mail": traits}).coaches("mail") is coached
    assert not situation(policy=coaching).coaches("another")


# --- hosts ------------------------------------------------------------------------------------------------------------


def test_a_request_goes_by_mail_also_where_the_calendar_invites_since_an_invitation_cannot_say_what_is_asked() -> None:
    s = situation(occurrences=(meeting(),))
    (item,) = hosts(s)
    assert (item.host, item.state) == ("ana", "asked") and [m.to for m in mails(s, "ask")] == [("ana@firm.example",)]
    assert mails(replace(s, schedules=frozenset({"work"})), "ask") == mails(s, "ask")


def test_a_request_that_no_mail_can_carry_is_said_unless_the_calendar_invites() -> None:
    s = situation(occurrences=(meeting(),), mail={"mail": replace(ALL, sends=False)})
    assert mails(s, "ask") == [] and any("tell them yourself" in because for because in skipped(s).values())
    assert not any("tell them yourself" in because for because in skipped(replace(s, schedules=frozenset({"work"}))).values())


def test_a_turn_given_by_hand_is_the_first_that_begins_after_it_was_given_and_needs_a_host() -> None:
    first, second = meeting(), meeting("later", 3)
    for given, turn in ((NOW, first), (first.start, second), (second.start, None)):
        s = situation(occurrences=(second, first), turns_set=(SetTurn("team", "ben", given),))
        assert next_turn(s, s.turns_set[0]) == turn
        assert {i.key: i.host for i in hosts(s)} == {o.key: "ben" if o is turn else "ana" for o in (first, second)}
    other = situation(occurrences=(first,), turns_set=(SetTurn("retro", "ben", NOW),))
    assert next_turn(other, other.turns_set[0]) is None
    gap = situation(occurrences=(first,), away={p: [first.span] for p in ("ana", "ben")})
    assert next_turn(gap, SetTurn("team", "ben", NOW)) == first
    far = situation(trip(start=NOW + 60 * DAY), occurrences=(replace(first, start=NOW + 61 * DAY, end=NOW + 61 * DAY + HOUR),))
    assert next_turn(far, SetTurn("team", "ben", NOW)) is not None and hosts(far) == []


def test_a_turn_given_by_hand_is_the_reason_and_where_it_cannot_be_that_is_said() -> None:
    s = situation(occurrences=(meeting(),), turns_set=(SetTurn("team", "ben", NOW),))
    (item,) = hosts(s)
    assert "you set it by hand" in desire(s).reasons[item.id] and not any("by hand" in why for why in skipped(s).values())
    away = replace(s, away={"ben": [meeting().span]})
    assert "though you set somebody else by hand: Ben is away" in desire(away).reasons[item.id]
    assert "you set it by hand, but Ben is away" in skipped(away).values()


def test_the_request_says_until_when_and_keeps_to_it_and_the_last_of_a_chain_has_no_limit() -> None:
    s = situation(occurrences=(meeting(),))
    (letter,), (item,) = mails(s, "ask"), hosts(s)
    held = Assignment(item.absence_id, item.key, "ana", "asked", NOW, effect=item.id)
    later = replace(s, now=NOW + timedelta(hours=20), assignments=(held,))
    assert [m.body for m in mails(later, "ask")] == [letter.body]
    assert letter.body.count("If I hear nothing by ") == 1
    assert "answer by" not in page.as_text("", "", brief_of(s, trip()).sections)
    assert "; answer by Thu 26 Nov 18:00, then the next is asked)" in page.as_text("", "", brief_of(later, trip()).sections)
    alone = replace(s, away={"ben": [meeting().span]})
    assert "If I hear nothing" not in mails(alone, "ask")[0].body


def test_who_has_accepted_is_not_asked_again() -> None:
    accepted = Assignment("lisbon", meeting().key, "ana", "accepted", NOW)
    s = situation(occurrences=(meeting(),), assignments=(accepted,))
    assert (hosts(s)[0].state, mails(s, "ask")) == ("accepted", [])


def test_a_meeting_on_a_calendar_that_cannot_be_written_is_a_gap() -> None:
    s = situation(occurrences=(meeting(),), writable=frozenset({"family"}))
    assert hosts(s) == [] and "read only" in desire(s).gaps[0].because


def test_a_meeting_nobody_can_host_is_a_gap_and_a_far_one_is_for_later() -> None:
    away = {"ana": [trip().span], "ben": [trip().span]}
    assert len(desire(situation(occurrences=(meeting(),), away=away)).gaps) == 1
    far = situation(trip(start=START + 40 * DAY), occurrences=(meeting(day=41),))
    assert hosts(far) == [] and "will be asked on" in desire(far).later[0].because


def test_the_reason_names_the_rule_the_turn_and_those_passed_over() -> None:
    refused = Assignment("lisbon", meeting().key, "ana", "declined", NOW, ("ana",))
    s = situation(occurrences=(meeting(),), assignments=(refused,))
    assert desire(s).reasons[hosts(s)[0].id] == "the rule “team” says so, Ana declined"
    s = situation(occurrences=(meeting(),), away={"ana": [trip().span]})
    assert desire(s).reasons[hosts(s)[0].id] == "the rule “team” says so, Ana is away, too"
    fair = replace(POLICY, meeting=(replace(POLICY.meeting[0], rotation="fair"),))
    s = situation(occurrences=(meeting(),), policy=fair)
    assert "it is their turn" in desire(s).reasons[hosts(s)[0].id]
    busy = situation(occurrences=(meeting(), meeting("other")))
    assert sorted(item.host for item in hosts(busy)) == ["ana", "ben"]
    assert {desire(busy).reasons[item.id] for item in hosts(busy)} == {"the rule “team” says so"}
    named = situation(trip(cover=("dan",)), occurrences=(meeting(),), policy=replace(POLICY, person=(ANA, BEN, DAN)))
    assert hosts(named)[0].host == "dan" and desire(named).reasons[hosts(named)[0].id] == "the rule “team” says so"


def test_everybody_who_may_be_asked_is_foreseen() -> None:
    s = situation(occurrences=(meeting(),))
    assert desire(s).foreseen == {"lisbon": ("ana@firm.example", "ben@firm.example")}


def test_a_junior_without_a_mentor_is_a_gap_until_the_absence_is_over() -> None:
    policy = replace(POLICY, person=(DAN,), meeting=())
    assert [gap.what for gap in desire(situation(policy=policy)).gaps] == ["mentor for Dan"]
    over = situation(trip(start=NOW - 10 * DAY), policy=policy, first_seen={"lisbon": NOW - 20 * DAY})
    assert desire(over).gaps == ()


def test_what_somebody_took_back_is_asked_of_nobody_and_stands_in_no_brief() -> None:
    s = situation(occurrences=(meeting(),))
    (item,) = hosts(s)
    gone = replace(s, standing=standing(item, state="tombstone"))
    assert hosts(gone) == [item] and mails(gone, "ask") == []  # the comparison says that it stays away
    assert "Team meeting" not in brief_text(gone)
    assert "Team meeting" in brief_text(s)


def brief_text(s: Situation) -> str:
    return "".join(
        line.lead for section in brief_of(s, s.absences[0]).sections for line in section.lines if section.heading == "Meetings"
    )


# --- withdrawals ------------------------------------------------------------------------------------------------------


def asked(s: Situation) -> tuple[HostItem, MailItem]:
    (item,) = hosts(s)
    return item, ask_mail(item, s.policy, "mail")


def test_who_was_asked_by_mail_and_is_not_needed_any_more_hears_of_it() -> None:
    item, request = asked(situation(occurrences=(meeting(),)))
    s = situation(occurrences=(), standing=standing(item, request))
    assert [(m.to, m.id) for m in mails(s, "withdrawn")] == [(("ana@firm.example",), withdrawn_id(item.id, "ana"))]


def test_who_was_replaced_hears_of_it_too() -> None:
    item, request = asked(situation(occurrences=(meeting(),)))
    s = situation(occurrences=(meeting(),), standing=standing(item, request), away={"ana": [trip().span]})
    assert hosts(s)[0].host == "ben" and [m.to for m in mails(s, "withdrawn")] == [("ana@firm.example",)]


def test_nobody_else_hears_of_a_withdrawal() -> None:
    item, request = asked(situation(occurrences=(meeting(),)))
    refused = Assignment("lisbon", item.key, "ana", "declined", NOW, ("ana",))
    still = situation(occurrences=(meeting(),), standing=standing(item, request))
    assert mails(still, "withdrawn") == []
    assert mails(situation(standing=standing(item)), "withdrawn") == []  # asked by the calendar alone
    assert mails(situation(standing=standing(item, request), assignments=(refused,)), "withdrawn") == []
    assert mails(situation(standing=standing(item) | standing(request, state="scheduled")), "withdrawn") == []
    assert mails(replace(still, occurrences=(), now=item.span.start, first_seen={"lisbon": NOW}), "withdrawn") == []


def test_who_is_needed_again_gets_a_new_request() -> None:
    item, request = asked(situation(occurrences=(meeting(),)))
    over = withdrawn_mail(item, POLICY, "mail")
    s = situation(occurrences=(meeting(),), standing=standing(request, over))
    (again,) = mails(s, "ask")
    assert again.id == ask_id(item.id, "ana", 2) != request.id
    gone = situation(standing=standing(item, request, over, again))
    assert [m.id for m in mails(gone, "withdrawn")] == [withdrawn_id(item.id, "ana", 2)]
    pending = situation(occurrences=(meeting(),), standing=standing(request) | standing(over, state="intended"))
    assert [m.id for m in mails(pending, "ask")] == [request.id]


# --- what cannot be seen ----------------------------------------------------------------------------------------------


def test_what_cannot_be_seen_stays_as_it_is_and_nobody_hears_of_anything() -> None:
    item, request = asked(situation(occurrences=(meeting(),)))
    s = situation(standing=standing(item, request), unseen=frozenset({item.id}), unread=frozenset({"work"}))
    assert hosts(s) == [item] and mails(s, "withdrawn") == []
    moved = replace(s, occurrences=(meeting(),), away={"ana": [trip().span]})
    assert hosts(moved) == [item] and mails(moved, "ask") == mails(moved, "withdrawn") == []


def test_nothing_new_is_written_where_nothing_can_be_read() -> None:
    s = situation(occurrences=(meeting(),), unread=frozenset({"work"}))
    assert hosts(s) == [] and mails(s, "ask") == []
    assert {item.calendar_id for item in desire(s).items if isinstance(item, BlockItem)} <= {"family"}
    assert "the calendar “work” cannot be read now" in skipped(s).values()


def test_a_half_read_calendar_leaves_what_may_be_in_the_other_half() -> None:
    item, request = asked(situation(occurrences=(meeting(),)))
    s = situation(occurrences=(meeting("other"),), standing=standing(item, request), unseen=frozenset({item.id}))
    assert {found.id for found in hosts(s)} == {item.id, host_id("lisbon", meeting("other").key)}
    again = situation(occurrences=(meeting(),), standing=standing(item), unseen=frozenset({item.id}))
    assert hosts(again) == [item] and mails(again, "ask") == []


# --- brief and digest -------------------------------------------------------------------------------------------------


def test_the_brief_waits_for_its_day_and_the_digest_for_the_return() -> None:
    s = situation(occurrences=(meeting(),))
    assert [m.due is not None for m in (*mails(s, "brief"), *mails(s, "digest"))] == [True, True]
    assert mails(s, "digest")[0].to == ("lea@firm.example",)


def test_without_a_way_to_send_the_brief_is_said_to_be_missing_while_it_matters() -> None:
    s = situation(mail={"mail": replace(ALL, sends=False)})
    assert mails(s, "brief") == mails(s, "digest") == [] and "brief" in skipped(s)
    over = replace(s, absences=(trip(start=NOW - 10 * DAY),), first_seen={"lisbon": NOW - 20 * DAY})
    assert "brief" not in skipped(over)
    off = situation(policy=replace(POLICY, brief=BriefPolicy(enabled=False)), mail={"mail": MailTraits()})
    assert "brief" not in skipped(off)


def test_what_the_policy_does_not_want_is_not_sent() -> None:
    s = situation(policy=replace(POLICY, brief=BriefPolicy(enabled=False, digest=False)))
    assert mails(s, "brief") == mails(s, "digest") == []
    alone = situation(policy=replace(POLICY, person=(), meeting=()))
    assert mails(alone, "brief") == [] and skipped(alone)["brief"] == "there is nobody to send it to"


def test_a_digest_two_weeks_late_is_none() -> None:
    ended = {"first_seen": {"lisbon": NOW}}
    assert len(mails(situation(now=START + 10 * DAY, **ended), "digest")) == 1
    assert mails(situation(now=START + 30 * DAY, **ended), "digest") == []


def test_who_joins_after_the_brief_went_out_gets_one_and_nobody_gets_two() -> None:
    (letter,) = mails(situation(), "brief")
    assert letter.to == ("ana@firm.example", "ben@firm.example")
    grown = replace(POLICY, person=(ANA, BEN, replace(DAN, seniority="mid")))
    assert len(mails(situation(policy=grown, standing=standing(letter, state="scheduled")), "brief")) == 1
    first, extra = mails(situation(policy=grown, standing=standing(letter)), "brief")
    assert (first.id, extra.to, extra.due) == (letter.id, ("dan@firm.example",), None)
    assert extra.id == effect_id("lisbon", "brief", "dan@firm.example")
    assert len(mails(situation(policy=grown, standing=standing(letter, extra)), "brief")) == 1
    unsure = standing(letter) | standing(extra, state="unknown")
    assert len(mails(situation(policy=grown, standing=unsure), "brief")) == 1


def test_the_digest_tells_each_block_once_though_it_stands_on_two_calendars() -> None:
    s = situation()
    blocks = [item for item in desire(s).items if isinstance(item, BlockItem) and item.purpose == "make-up"]
    assert {block.calendar_id for block in blocks} == {"work", "family"}
    digest = digest_of(replace(s, standing=standing(*blocks)), trip(), Memory())
    (section,) = [section for section in digest.sections if section.heading == "Time for the family"]
    assert len(section.lines) == len({block.ordinal for block in blocks})


# --- blocks -----------------------------------------------------------------------------------------------------------


def makeup(s: Situation) -> list[BlockItem]:
    return [item for item in desire(s).items if isinstance(item, BlockItem) and item.purpose == "make-up"]


def hours(blocks: list[BlockItem]) -> float:
    return sum((block.span.length for block in blocks), timedelta()) / HOUR


def test_a_trip_owes_an_hour_a_night_and_a_day_trip_none() -> None:
    assert hours([block for block in makeup(situation()) if block.calendar_id == "work"]) == 4
    assert makeup(situation(trip(nights=0))) == []


def test_a_deleted_block_stays_owed_and_is_not_placed_again() -> None:
    placed = makeup(situation())
    gone = [block for block in placed if block.ordinal == placed[0].ordinal]
    rest = [block for block in placed if block not in gone]
    s = situation(standing=standing(*rest) | standing(*gone, state="tombstone"))
    assert not {block.ordinal for block in makeup(s)} & {gone[0].ordinal}
    everything = situation(standing=standing(*placed, state="tombstone"))
    assert makeup(everything) == []


def test_a_block_that_had_a_meeting_on_it_stays_and_its_hours_are_placed_anew() -> None:
    placed = makeup(situation())
    broken = {block.id: False for block in placed if block.ordinal == placed[0].ordinal}
    s = situation(standing=standing(*placed), outcomes=broken, now=placed[0].span.end + HOUR, first_seen={"lisbon": NOW})
    found = makeup(s)
    assert set(broken) <= {block.id for block in found} and hours(found) > hours(placed)


def test_a_meeting_on_top_is_the_reason_why_a_block_moves() -> None:
    placed = makeup(situation())
    start = placed[0].span.start
    clash = replace(meeting(), key=OccurrenceKey("work", "clash"), start=start, end=start + HOUR, summary="Clash")
    s = situation(standing=standing(*placed), occurrences=(clash,))
    moved = next(block for block in makeup(s) if block.id == placed[0].id)
    assert moved.span != placed[0].span and "“Clash” is there now (Mon 7 Dec 13:00–14:00)" in desire(s).reasons[moved.id]


def test_hours_that_find_no_room_or_no_calendar_are_said_to_stay_owed() -> None:
    full = Occurrence(
        OccurrenceKey("family", "full"), "family", START, START + 30 * DAY, summary="Guests", organizer=None
    )  # fmt: skip
    assert any("no free time" in because for because in skipped(situation(occurrences=(full,))).values())
    nowhere = situation(writable=frozenset())
    assert any("no calendar of yours" in because for because in skipped(nowhere).values())


def test_two_absences_never_take_the_same_hours() -> None:
    blocks = [item for item in desire(situation(trip(), trip("oslo", START + 5 * DAY))).items if isinstance(item, BlockItem)]
    work = [block.span for block in blocks if block.calendar_id == "work"]
    assert not any(one.overlaps(other) for n, one in enumerate(work) for other in work[n + 1 :])


def test_a_debrief_is_with_those_who_accepted() -> None:
    accepted = Assignment("lisbon", meeting().key, "ana", "accepted", NOW)
    s = situation(occurrences=(meeting(),), assignments=(accepted,))
    assert [b.purpose for b in desire(s).items if isinstance(b, BlockItem) and b.purpose == "debrief"] == ["debrief"]
    assert not [
        b for b in desire(situation(occurrences=(meeting(),))).items if isinstance(b, BlockItem) and b.purpose == "debrief"
    ]


def test_what_the_policy_switched_off_is_skipped_with_a_reason() -> None:
    off = MakeupPolicy(enabled=False, wrap_up_minutes=0, re_entry_minutes=0, debrief_minutes=0)
    s = situation(policy=replace(POLICY, makeup=off))
    assert [item for item in desire(s).items if isinstance(item, BlockItem)] == []
    assert skipped(s)["Wrap-up"] == "you switched it off"
