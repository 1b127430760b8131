"""The digest on return: grouped by deputy, short, and only text."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from msgspec.structs import replace

from rules import digest
from rules.changes import Departure, as_it_stood
from rules.development import Step
from rules.digest import Digest, Memory, Seen, compose
from rules.held_mail import HeldMail
from rules.hosts import Gap
from rules.interval import Interval
from rules.items import BlockItem, HostItem
from rules.model import Absence, Assignment, Attendee, Envelope, Occurrence, OccurrenceKey
from rules.policy import Me, MeetingRule, Person, Policy

HOME = datetime(2026, 12, 5, 8, tzinfo=UTC)
SPAN = Interval(datetime(2026, 12, 1, 5, tzinfo=UTC), datetime(2026, 12, 4, 21, tzinfo=UTC))
TRIP = Absence("lis", "trip", SPAN, 3, 1.0, "act", "Lisbon", ())
ANA = Person(id="ana", name="Ana", addresses=("Ana@firm.example",), level=5)
BEN = Person(id="ben", name="Ben", addresses=("ben@firm.example",), level=3)
MUM = Person(id="mum", name="Mum", addresses=("mum@home.example",), family=True)
POLICY = Policy(
    config_version=1,
    me=Me(name="Lea", addresses=("Lea@firm.example",), home_zone="Europe/Berlin"),
    person=(BEN, ANA, MUM),
    meeting=(MeetingRule(id="team", match=("team",), hosts=("ana", "ben"), decide=5),),
)


def hosted(person: Person, title: str = "Team meeting", day: int = 2, state: str = "accepted", rule: str = "team") -> HostItem:
    start = datetime(2026, 12, day, 9, tzinfo=UTC)
    span = Interval(start, start + timedelta(hours=1))
    key = OccurrenceKey("work", title, f"{day}")
    return HostItem(
        f"hw-lis.host.{title}{day}", "lis", key, title, span, rule, person.id, person.name, person.addresses[0], state
    )  # type: ignore[arg-type]


def mail(sender: str, subject: str, *, to: str = "lea@firm.example", cc: str = "", text: str = "", **headers: str) -> Envelope:
    fields = {name.replace("_", "-"): value for name, value in headers.items()}
    name = f"<{sender}/{subject}>".replace(" ", "")
    return Envelope(name, name, sender, subject, SPAN.start, (to,), (cc,) if cc else (), fields, text)


def meeting(title: str = "Team meeting", day: int = 2, hour: int = 9, **more: object) -> Occurrence:
    """As `hosted` names it."""
    start = datetime(2026, 12, day, hour, tzinfo=UTC)
    made = Occurrence(OccurrenceKey("work", title, "2"), "mine", start, start + timedelta(hours=1), summary=title)
    return replace(made, **more)  # type: ignore[arg-type]


def left_with(*occurrences: Occurrence) -> Departure:
    return as_it_stood(occurrences, TRIP, SPAN.start, SPAN.start + timedelta(days=90))


def block(purpose: str, summary: str, hour: int) -> BlockItem:
    start = datetime(2026, 12, 7, hour, tzinfo=UTC)
    span = Interval(start, start + timedelta(minutes=90))
    return BlockItem(f"hw-lis.block.{hour}", "lis", "work", purpose, "1", span, "Europe/Berlin", summary)  # type: ignore[arg-type]


def composed(
    items: tuple[HostItem, ...] = (),
    mails: tuple[Envelope, ...] = (),
    now: datetime = HOME,
    **more: object,
) -> Digest:
    """`more` are fields of what was seen or of what is remembered."""
    seen = {name: value for name, value in more.items() if name in Seen.__struct_fields__}
    memory = {name: value for name, value in more.items() if name in Memory.__struct_fields__}
    assert len(seen) + len(memory) == len(more)
    return compose(TRIP, POLICY, Seen(items=items, **seen), Memory(mails=mails, **memory), now)  # type: ignore[arg-type]


def section(found: Digest, heading: str) -> list[str]:
    lines = next((s.lines for s in found.sections if s.heading == heading), ())
    return [f"{line.lead} | {line.rest}" for line in lines]


def test_each_deputy_has_what_they_handled_what_needs_you_and_the_rest() -> None:
    client = mail("kay@client.example", "Price")
    found = composed(
        items=(hosted(ANA), hosted(BEN, "Board", 3), hosted(BEN, "Old rule", 3, rule="gone")),
        mails=(
            mail("ana@firm.example", "Budget", text="Hi Lea, may I?"),
            mail("ana@firm.example", "Notes", to="x@firm.example", cc="lea@firm.example"),
            client,
            replace(
                mail("ana@firm.example", "Re: Price", to="kay@client.example", cc="lea@firm.example", in_reply_to=client.id),
                received=SPAN.start + timedelta(hours=1),
            ),
        ),
        steps=(
            Step("ana", "decided", "Supplier chosen", 4, SPAN.start, "lis", "signed with B"),
            Step("ana", "mentored", "Kim", 5, SPAN.start),
            Step("ana", "duty", "Approvals", 5, SPAN.start),
            Step("ana", "hosted", "Team meeting", 5, SPAN.start),
        ),
    )
    assert section(found, "Ana") == [
        "Needs you | “Budget”, asked by name",
        "Handled | Team meeting, Wed 2 Dec",
        "Handled | Supplier chosen, Tue 1 Dec (level 4, decide, then tell): signed with B",
        "Handled | mentor of Kim",
        "Handled | the duty “Approvals” (level 5, decide)",
        "Answered | “Re: Price” to kay@client.example, Tue 1 Dec",
        "For your information | mail “Notes”",
    ]
    assert section(found, "Ben")[:2] == [
        "Needs you | decide on what came out of Board, Thu 3 Dec",
        "Needs you | decide on what came out of Old rule, Thu 3 Dec",
    ]
    assert [s.heading for s in found.sections][:2] == ["Ana", "Ben"]


def test_an_answer_to_many_names_the_first_and_people_of_the_config_by_name() -> None:
    to = ("ben@firm.example", "a@x.example", "b@x.example", "c@x.example")
    answer = replace(mail("ana@firm.example", "Re: x", cc="lea@firm.example", in_reply_to="<gone>"), to=to)
    assert section(composed(mails=(answer,)), "Ana") == [
        "Answered | “Re: x” to Ben, a@x.example, b@x.example and 1 more, Tue 1 Dec"
    ]


def test_who_outside_asks_the_leader_and_has_no_answer_is_listed() -> None:
    found = composed(mails=(mail("kay@client.example", "", text="Dear Lea, when?"),))
    heading = "Asks you, and nobody has answered"
    assert section(found, heading) == ["“no subject” from kay@client.example, Tue 1 Dec | by name"]


def test_machines_and_calendar_answers_are_no_news_and_family_is_no_deputy() -> None:
    found = composed(
        mails=(
            mail("ana@firm.example", "I am away", auto_submitted="auto-replied"),
            mail("ana@firm.example", "Accepted: x", x_homeward_calendar_method="REPLY"),
            mail("mum@home.example", "Dinner", text="Hi Lea, when?"),
        )
    )
    assert found.sections == ()


def test_a_flood_of_mail_is_not_repeated() -> None:
    found = composed(mails=tuple(mail("ana@firm.example", f"{n}") for n in range(50)))
    assert len(section(found, "Ana")) == 21
    assert section(found, "Ana")[-1] == "and 30 more | "


def test_meetings_without_a_host_are_said() -> None:
    lost = Occurrence(OccurrenceKey("work", "g"), "mine", SPAN.start, SPAN.start + timedelta(hours=1), summary="Review")
    found = composed(items=(hosted(ANA, state="asked"),), gaps=(Gap(lost, "team", "Ana declined"),))
    assert section(found, "Without a host") == [
        "Review, Tue 1 Dec 06:00–07:00 | Ana declined",
        "Team meeting, Wed 2 Dec 10:00–11:00 | Ana never answered",
    ]
    assert section(found, "Ana") == []


def test_what_is_still_ahead_has_not_happened() -> None:
    found = composed(items=(hosted(ANA, day=9), hosted(ANA, "Later", 9, state="asked")))
    assert found.sections == ()


def test_meetings_that_happened_are_listed_with_their_hosts() -> None:
    assert section(composed(items=(hosted(ANA),)), "Meetings while you were away") == [
        "Team meeting, Wed 2 Dec 10:00–11:00 | Ana"
    ]


def test_a_meeting_that_was_moved_cancelled_or_declined_says_so() -> None:
    said_no = Assignment("lis", meeting().key, "ana", "accepted", HOME, ("ben",))
    found = composed(
        items=(hosted(ANA), hosted(ANA, "Board"), hosted(BEN, "Review")),
        occurrences=(meeting(hour=14), meeting("Board", status="CANCELLED")),
        departure=left_with(meeting(), meeting("Board")),
        assignments=(said_no, replace(said_no, absence_id="other"), replace(said_no, key=meeting("Review").key, declined_by=())),
    )
    assert section(found, "Meetings while you were away") == [
        "Board, Wed 2 Dec 10:00–11:00 | cancelled; Ana was to host",
        "Review, Wed 2 Dec 10:00–11:00 | Ben",
        "Team meeting, Wed 2 Dec 15:00–16:00 | Ana; moved from Wed 2 Dec 10:00–11:00; Ben declined",
    ]
    assert section(found, "Ana") == ["Handled | Team meeting, Wed 2 Dec"]


def test_who_did_not_want_it_and_who_sat_beside_the_host_is_said() -> None:
    known = Assignment("lis", meeting().key, "ana", "accepted", HOME, ("ben", "gone"), gave_back=("ben",), silent=("mum",))
    item = replace(hosted(ANA), paired_with="Ben")
    found = composed(items=(item,), assignments=(known,))
    assert section(found, "Meetings while you were away") == [
        "Team meeting, Wed 2 Dec 10:00–11:00 | Ana with Ben; Ben gave it back; gone declined; Mum did not answer"
    ]
    assert section(found, "Ben") == ["Handled | Team meeting, Wed 2 Dec, beside Ana"]


def test_what_nobody_hosted_is_listed_in_order_of_time_with_who_was_asked() -> None:
    known = Assignment("lis", meeting("Late").key, "ana", "asked", HOME, ("ben",))
    late = replace(hosted(ANA, "Late", 3, "asked"), key=meeting("Late").key)
    gap = Gap(meeting("Early"), "team", "everybody is away")
    assert section(composed(items=(late,), gaps=(gap,), assignments=(known,)), "Without a host") == [
        "Early, Wed 2 Dec 10:00–11:00 | everybody is away",
        "Late, Thu 3 Dec 10:00–11:00 | Ana never answered; Ben declined",
    ]


def test_a_calendar_that_cannot_be_read_cancels_no_meeting() -> None:
    found = composed(items=(hosted(ANA),), departure=left_with(meeting()), unread=frozenset({"work"}))
    assert section(found, "Meetings while you were away") == ["Team meeting, Wed 2 Dec 10:00–11:00 | Ana"]


def test_new_invitations_are_told_once_and_what_others_changed() -> None:
    boss = Attendee("boss@firm.example", "Boss")
    invited = meeting("Offsite", 9, organizer=boss, attendees=(boss, Attendee("lea@firm.example")))
    found = composed(occurrences=(invited, meeting("Jour fixe", 10)), departure=left_with(meeting("Gone", 8)))
    assert section(found, "New invitations without an answer") == ["Offsite | Wed 9 Dec 10:00–11:00 from Boss"]
    assert section(found, "Changed in your calendar by others") == [
        "Gone | cancelled, Tue 8 Dec 10:00–11:00",
        "Jour fixe | new, Thu 10 Dec 10:00–11:00",
    ]


def test_held_mail_is_counted_by_group() -> None:
    found = composed(held=(HeldMail("<a>", "ana@firm.example", True), HeldMail("<b>", "kay@x.example", True)), openings=1)
    assert section(found, "Mail") == [
        "2 held and released | in 1 opening",
        "Team | 1, from Ana (1)",
        "Customers and others outside | 1, from kay@x.example (1)",
    ]
    assert section(composed(), "Mail") == []


def test_debriefs_and_family_time_are_listed_in_order() -> None:
    found = composed(
        blocks=(block("make-up", "Busy", 14), block("debrief", "Debrief with Ana", 9), block("debrief", "Debrief with Ben", 8))
    )
    assert section(found, "Debriefs") == [
        "Mon 7 Dec 09:00–10:30 | Debrief with Ben",
        "Mon 7 Dec 10:00–11:30 | Debrief with Ana",
    ]
    assert section(found, "Time for the family") == ["Mon 7 Dec 15:00–16:30 | 1.5 h"]


def test_it_goes_to_the_leader_alone_and_hostile_subjects_stay_text() -> None:
    found = composed(mails=(mail("ana@firm.example", "<b>x</b>\r\nBcc: all@x [l](http://e)"),))
    sent = digest.as_mail(found, "inbox", HOME)
    assert (sent.to, sent.purpose, sent.due, sent.calendar) == (("Lea@firm.example",), "digest", HOME, "")
    assert "<b>" not in digest.as_html(found) and "&lt;b&gt;" in sent.html
    assert "\\<b\\>" in digest.as_markdown(found) and "\r" not in sent.body
    assert sent.id == digest.as_mail(replace(found, title="x"), "inbox").id
