"""Who hears of the brief again, and of what; who is introduced; what one person sees; what nobody has."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from msgspec.structs import replace
from test_desired import ALL, ANA, BEN, DAN, DAY, NOW, POLICY, desire, mails, meeting, situation, trip

from rules import brief, brief_parts
from rules.brief_parts import changed
from rules.desired import Situation, brief_of
from rules.items import MailItem
from rules.model import Assignment
from rules.plan import Standing
from rules.policy import BriefPolicy, Duty, MentorPolicy

DUTY = Duty(id="pay", name="Invoices", deputies=("ana",))
TOLD = replace(POLICY, person=(ANA, BEN, DAN), duty=(DUTY,))
LATER = datetime(2026, 11, 26, 12, tzinfo=UTC)


def went_out(*letters: MailItem, at: datetime = LATER) -> dict[str, Standing]:
    return {letter.id: Standing(letter, "done", at) for letter in letters}


def sent() -> MailItem:
    (letter,) = mails(situation(policy=TOLD, occurrences=(meeting(),)), "brief")
    return letter


def afterwards(letter: MailItem, duty: tuple[Duty, ...] = (DUTY,), **more: object) -> Situation:
    given = {"standing": went_out(letter), "now": LATER, "occurrences": (meeting(),), **more}
    return situation(policy=replace(TOLD, duty=duty), **given)


def test_what_says_the_same_is_not_said_again() -> None:
    assert [letter.id for letter in mails(afterwards(sent()), "brief")] == [sent().id]
    accepted = Assignment("lisbon", meeting().key, "ana", "accepted", NOW)
    assert len(mails(afterwards(sent(), assignments=(accepted,)), "brief")) == 1


def test_a_change_is_told_to_all_who_were_told_on_the_next_working_morning() -> None:
    news = replace(DUTY, deputies=("ben",))
    s = afterwards(sent(), (news,))
    _, again = mails(s, "brief")
    assert (again.to, again.due) == (sent().to, datetime(2026, 11, 27, 8, tzinfo=UTC))
    assert "Changed since Thu 26 Nov:\n- Duties: Invoices: Ben. Decision" in again.body
    assert again.html.count("Changed since Thu 26 Nov") == 1 and "BEGIN:VEVENT" in again.calendar
    assert desire(s).reasons[again.id] == "what it said on 26 Nov has changed"
    told = afterwards(sent(), (news,), standing=went_out(sent()) | went_out(again, at=LATER + DAY), now=LATER + DAY)
    assert len(mails(told, "brief")) == 1


def test_what_has_waited_over_a_weekend_is_due_when_work_starts_and_not_before() -> None:
    (_, again) = mails(afterwards(sent(), (), now=datetime(2026, 11, 28, 12, tzinfo=UTC)), "brief")
    assert again.due == datetime(2026, 11, 30, 8, tzinfo=UTC)
    nowhere = replace(POLICY, me=replace(POLICY.me, workdays=()))
    assert brief.next_due(LATER, LATER, nowhere, frozenset()) == datetime(2026, 11, 27, 8, tzinfo=UTC)


def test_who_is_no_longer_in_the_config_hears_nothing_more() -> None:
    s = afterwards(sent(), ())
    _, again = mails(replace(s, policy=replace(s.policy, person=(ANA, DAN))), "brief")
    assert again.to == ("ana@firm.example", "dan@firm.example")
    assert len(mails(replace(s, policy=replace(s.policy, person=(), meeting=())), "brief")) == 0


def test_one_whose_moment_is_not_known_counts_as_the_oldest() -> None:
    s = afterwards(sent(), (), standing={sent().id: Standing(sent(), "done")})
    assert len(mails(s, "brief")) == 2


def test_without_meetings_the_brief_that_is_said_again_has_no_calendar() -> None:
    (letter,) = mails(situation(policy=TOLD), "brief")
    _, again = mails(afterwards(letter, (), occurrences=()), "brief")
    assert again.calendar == ""


def test_new_dates_are_told_and_what_has_no_news_is_not() -> None:
    body = sent().body
    (line,) = changed(body.replace("Monday 30 November", "Sunday 29 November"), body)
    assert line.lead == "Lea is away from Monday 30 November 2026 and back on Monday 7 December 2026."
    assert changed(body, body) == ()
    assert [line.rest for line in changed(body, body.replace("- Invoices", "- Bills"))] == ["", "no longer"]


def test_who_was_only_asked_is_told_as_such_and_is_the_same_news_once_they_accept() -> None:
    asked = Assignment("lisbon", meeting().key, "ben", "asked", NOW, ("ana",))
    _, again = mails(afterwards(sent(), assignments=(asked,)), "brief")
    _, later = mails(afterwards(sent(), assignments=(replace(asked, state="accepted"),)), "brief")
    news = "Meetings: Team meeting, Tue 1 Dec 10:00–11:00: Ben{}. Decision level 4"
    assert news.format(" (asked, not yet accepted)") in again.body and news.format("") in later.body
    assert again.id == later.id


# --- introductions and gaps -------------------------------------------------------------------------------------------


def test_junior_and_mentor_are_introduced_with_the_brief() -> None:
    (letter,) = mails(situation(policy=TOLD), "mentor")
    assert (letter.to, letter.due) == (("dan@firm.example", "ana@firm.example"), sent().due)
    assert mails(situation(policy=replace(TOLD, mentors=MentorPolicy(introduce=False))), "mentor") == []
    assert mails(situation(policy=replace(TOLD, person=(ANA, replace(DAN, addresses=())))), "mentor") == []


def test_introductions_do_without_a_brief() -> None:
    s = situation(policy=replace(TOLD, brief=BriefPolicy(enabled=False)))
    assert (len(mails(s, "mentor")), mails(s, "brief")) == (1, [])


def test_a_mentor_whose_time_is_over_is_not_introduced_any_more() -> None:
    absence = trip()
    half = {"ana": [replace(absence.span, start=absence.span.start + 2 * DAY)], "ben": [absence.span]}
    assert len(mails(situation(policy=TOLD, away=half), "mentor")) == 1
    late = situation(policy=TOLD, away=half, now=absence.span.start + 3 * DAY, first_seen={"lisbon": NOW})
    assert mails(late, "mentor") == []


def test_a_duty_and_a_junior_whom_nobody_has_are_gaps_until_it_is_over() -> None:
    away = {"ana": [trip().span], "ben": [trip().span]}
    gaps = [gap.what for gap in desire(situation(policy=TOLD, away=away)).gaps]
    assert gaps == ["mentor for Dan", "duty “Invoices”"]
    over = situation(policy=TOLD, away=away, now=trip().span.end + timedelta(hours=1), first_seen={"lisbon": NOW})
    assert desire(over).gaps == () and ALL.sends


# --- one person -------------------------------------------------------------------------------------------------------


def test_one_person_sees_their_own_part() -> None:
    composed = brief_of(situation(policy=TOLD, occurrences=(meeting(),)), trip())
    own = brief.of_person(composed, ANA)
    assert own.title == "What Ana covers while Lea is away" and own.to == () and len(own.entries) == 1
    assert [section.heading for section in own.sections] == [
        brief_parts.MEETINGS, brief_parts.UNANSWERED, brief_parts.DUTIES, brief_parts.MENTORS, brief_parts.URGENT,
    ]  # fmt: skip
    assert [section.heading for section in composed.shares] == ["What Ana covers", "For Dan"]
    assert [section.heading for section in brief.of_person(composed, BEN).sections] == [brief_parts.URGENT]
