"""The digest on return: grouped by deputy, short, and only text."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from msgspec.structs import replace

from rules import digest
from rules.digest import Digest, MailCount, Noted, compose
from rules.hosts import Gap
from rules.interval import Interval
from rules.items import BlockItem, HostItem
from rules.model import Absence, Envelope, Occurrence, OccurrenceKey
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


def mail(sender: str, subject: str, *, to: str = "lea@firm.example", cc: str = "", **headers: str) -> Envelope:
    fields = {name.replace("_", "-"): value for name, value in headers.items()}
    return Envelope("1", "<m@x>", sender, subject, SPAN.start, (to,), (cc,) if cc else (), fields)


def block(purpose: str, summary: str, hour: int) -> BlockItem:
    start = datetime(2026, 12, 7, hour, tzinfo=UTC)
    span = Interval(start, start + timedelta(minutes=90))
    return BlockItem(f"hw-lis.block.{hour}", "lis", "work", purpose, "1", span, "Europe/Berlin", summary)  # type: ignore[arg-type]


def composed(
    items: tuple[HostItem, ...] = (),
    gaps: tuple[Gap, ...] = (),
    mails: tuple[Envelope, ...] = (),
    count: MailCount | None = None,
    blocks: tuple[BlockItem, ...] = (),
    notes: tuple[Noted, ...] = (),
) -> Digest:
    return compose(TRIP, POLICY, items, gaps, mails, count or MailCount(), blocks, notes, HOME)


def section(found: Digest, heading: str) -> list[str]:
    lines = next((s.lines for s in found.sections if s.heading == heading), ())
    return [f"{line.lead} | {line.rest}" for line in lines]


def test_each_deputy_has_what_they_handled_what_needs_you_and_the_rest() -> None:
    found = composed(
        items=(hosted(ANA), hosted(BEN, "Board", 3), hosted(BEN, "Old rule", 3, rule="gone")),
        mails=(mail("ana@firm.example", "Budget"), mail("ana@firm.example", "Notes", to="x@firm.example", cc="lea@firm.example")),
        notes=(
            Noted("ana", "Supplier chosen", 4, SPAN.start, "signed with B"),
            Noted("ana", "Room moved", 5, SPAN.start),
        ),
    )
    assert section(found, "Ana") == [
        "Handled | Team meeting, Wed 2 Dec",
        "Handled | Supplier chosen, Tue 1 Dec (level 4, decide, then tell): signed with B",
        "Handled | Room moved, Tue 1 Dec (level 5, decide)",
        "Needs you | mail “Budget”",
        "For your information | mail “Notes”",
    ]
    assert section(found, "Ben")[2:] == [
        "Needs you | decide on what came out of Board",
        "Needs you | decide on what came out of Old rule",
    ]
    assert [s.heading for s in found.sections][:2] == ["Ana", "Ben"]


def test_machines_and_calendar_answers_are_no_news_and_family_is_no_deputy() -> None:
    found = composed(
        mails=(
            mail("ana@firm.example", "I am away", auto_submitted="auto-replied"),
            mail("ana@firm.example", "Accepted: x", x_homeward_calendar_method="REPLY"),
            mail("mum@home.example", "Dinner"),
        )
    )
    assert found.sections == ()


def test_a_flood_of_mail_is_not_repeated() -> None:
    found = composed(mails=tuple(mail("ana@firm.example", f"{n}") for n in range(50)))
    assert len(section(found, "Ana")) == 20


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
    assert section(composed(items=(hosted(ANA),)), "Meetings that happened") == ["Team meeting, Wed 2 Dec 10:00–11:00 | Ana"]


def test_held_mail_is_counted() -> None:
    found = composed(count=MailCount(released=40, held=3, passed=5, openings=12))
    assert section(found, "Mail") == [
        "40 held and released | in 12 openings; 5 came straight through",
        "3 still held | they come with the next opening",
    ]
    assert section(composed(), "Mail") == []


def test_a_single_opening_through_which_nothing_came_at_once_is_told_plainly() -> None:
    found = composed(count=MailCount(released=2, openings=1))
    assert section(found, "Mail") == ["2 held and released | in 1 opening"]


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
