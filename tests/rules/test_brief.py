"""The brief: what it says, what it never says, and that hostile text stays text in each rendering."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from html.parser import HTMLParser

import icalendar
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from rules import brief, page
from rules.brief import Brief, compose
from rules.duties import cover_duties
from rules.hosts import cover
from rules.interval import Interval
from rules.items import MailItem
from rules.mentors import pair
from rules.model import Absence, Assignment, Attendee, Occurrence, OccurrenceKey
from rules.page import Entry, Line, Section
from rules.plan import Skipped
from rules.policy import BriefPolicy, Duty, InboxPolicy, Me, MeetingRule, Person, Policy

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
SPAN = Interval(datetime(2026, 12, 1, 5, tzinfo=UTC), datetime(2026, 12, 4, 21, tzinfo=UTC))
TRIP = Absence("lis", "trip", SPAN, 3, 1.0, "act", "Secret merger in Lisbon", ())
ME = Me(name="Lea", addresses=("lea@firm.example",), home_zone="Europe/Berlin")
ANA = Person(id="ana", name="Ana", addresses=("Ana@firm.example",), report=True, seniority="senior", reach="desk 4")
BEN = Person(id="ben", name="Ben", addresses=("ben@firm.example",), reach="desk 5")
JO = Person(id="jo", name="Jo", addresses=("jo@firm.example",), report=True, seniority="junior")
FAY = Person(id="fay", name="Fay", addresses=("fay@elsewhere.example",))
MUM = Person(id="mum", name="Mum", addresses=("mum@firm.example",), family=True, report=True)
TEAM = MeetingRule(id="team", match=("team meeting",), hosts=("ben",), do_not_decide=("prices",), escalate="ana")
RULES = (
    TEAM,
    MeetingRule(id="board", match=("board",), hosts=("ana",), private=True, one_to_one=True),
    MeetingRule(id="skip", match=("jour fixe",), skip=True),
    MeetingRule(id="far", match=("far",), hosts=("ben",)),
    MeetingRule(id="gap", match=("gap",), hosts=("fay",)),
)
DUTIES = (
    Duty(id="pay", name="Approve invoices", deputies=("gone", "ben", "ana"), do_not_decide=("over 10k",), escalate="ana"),
    Duty(id="gate", name="Release gate", deputies=("fay", "ana")),
    Duty(id="void", name="Press", deputies=("fay",)),
    Duty(id="park", name="Hiring plan", parked=True),
)
AWAY = {"fay": [SPAN]}


def policy(**changed: object) -> Policy:
    base = Policy(config_version=1, me=ME, person=(ANA, BEN, JO, FAY, MUM), meeting=RULES, duty=DUTIES)
    return replace(base, **changed)  # type: ignore[arg-type]


def meeting(title: str, day: int = 2, *, private: bool = False, alone: bool = False, **more: object) -> Occurrence:
    start = datetime(2026, 12, day, 9, tzinfo=UTC)
    guests = ("lea@firm.example", "ben@firm.example") if alone else ("lea@firm.example", "ben@firm.example", "jo@firm.example")
    occurrence = Occurrence(
        OccurrenceKey("work", title, f"{day}"),
        "mine",
        start,
        start + timedelta(hours=1),
        summary=title,
        attendees=tuple(Attendee(address) for address in guests),
        private=private,
    )
    return replace(occurrence, **more)  # type: ignore[arg-type]


def composed(*occurrences: Occurrence, rules: Policy | None = None, absence: Absence = TRIP, now: datetime = NOW) -> Brief:
    rules = rules or policy()
    standing = [Assignment(absence.id, o.key, "ben", "accepted", now) for o in occurrences if "accepted" in o.description]
    coverage = cover(absence, occurrences, rules, AWAY, standing, (), now)
    mentoring = pair(absence, rules.person, AWAY, {})
    return compose(absence, rules, coverage, mentoring, cover_duties(absence, rules, AWAY), occurrences, frozenset(), now, {})


def section(found: Brief, heading: str) -> list[str]:
    lines = next((s.lines for s in found.sections if s.heading == heading), ())
    return [f"{line.lead} | {line.rest}" for line in lines]


def test_it_says_who_covers_what_and_how_far_they_may_decide() -> None:
    call = "accepted, https://firm.zoom.us/j/1?pwd=secret"
    found = composed(meeting("Team meeting", description=call), meeting("Team meeting", 3))
    assert section(found, "Meetings") == [
        "Team meeting, Wed 2 Dec 10:00–11:00 | Ben. Decision level 4: decide, then tell. Not to be decided: prices. "
        "If it gets stuck: Ana",
        "Team meeting, Thu 3 Dec 10:00–11:00 | Ben (asked, not yet accepted). Decision level 4: decide, then tell. "
        "Not to be decided: prices. If it gets stuck: Ana",
    ]
    assert section(found, "To arrange before") == [
        "Ben | must be able to start the Zoom call: make them alternative host (Team meeting, Wed 2 Dec 10:00–11:00)"
    ]
    assert "secret" not in brief.as_html(found)


def test_it_says_the_days_and_pads_the_return() -> None:
    dates = "Lea is away from Tuesday 1 December 2026 and back on Monday 7 December 2026."
    rest = "Until then whoever is named here decides, as far as the level says; what names nobody waits."
    assert composed().intro == f"{dates} {rest}"


def test_duties_name_those_who_are_there_and_a_duty_without_anybody_stands_out() -> None:
    found = composed()
    assert section(found, "Duties") == [
        "Approve invoices | Ben, or else Ana. Decision level 4: decide, then tell. Not to be decided: over 10k. "
        "If it gets stuck: Ana",
        "Release gate | Ana. Decision level 4: decide, then tell",
    ]
    assert section(found, "Nobody yet") == ["Press | everybody who could cover it is away"]
    assert section(found, "Waits until the return") == ["Hiring plan | "]


def test_nobody_is_sent_to_themselves_where_it_gets_stuck() -> None:
    alone = Duty(id="pay", name="Invoices", deputies=("ana",), escalate="ana")
    before_ben = Duty(id="gate", name="Gate", deputies=("ana", "ben"), escalate="ana")
    found = composed(meeting("Team meeting"), rules=policy(duty=(alone,), meeting=(replace(TEAM, hosts=("ana",)),)))
    assert not any("stuck" in line for line in (*section(found, "Duties"), *section(found, "Meetings")))
    away = {"ana": [Interval(SPAN.start, SPAN.start + timedelta(days=1))]}
    rules = policy(duty=(before_ben,))
    duties = cover_duties(TRIP, rules, away)
    coverage = cover(TRIP, (), rules, away, (), (), NOW)
    two = compose(TRIP, rules, coverage, pair(TRIP, (), away, {}), duties, (), frozenset(), NOW, {})
    assert "If it gets stuck: Ana" in section(two, "Duties")[0]


def test_a_call_that_somebody_has_to_start_twice_is_told_once() -> None:
    call = {"description": "https://firm.zoom.us/j/1"}
    found = composed(meeting("Team meeting", **call), meeting("Team meeting", 3, **call))
    assert section(found, "To arrange before") == [
        "Ben | must be able to start the Zoom call: make them alternative host "
        "(Team meeting, Wed 2 Dec 10:00–11:00 and Thu 3 Dec 10:00–11:00)"
    ]


def test_who_is_there_for_a_part_covers_where_nobody_is_there_throughout() -> None:
    partly = {"fay": [Interval(SPAN.start, SPAN.start + timedelta(days=1))]}
    coverage = cover(TRIP, (), policy(), partly, (), (), NOW)
    duties = cover_duties(TRIP, policy(), partly)
    found = compose(TRIP, policy(), coverage, pair(TRIP, (), partly, {}), duties, (), frozenset(), NOW, {})
    assert "Press | Fay (Wed 2 Dec 06:00 – Fri 4 Dec). Decision level 4: decide, then tell" in section(found, "Duties")
    assert section(found, "Nobody yet") == ["Press, Tue 1 Dec – Wed 2 Dec 06:00 | everybody who could cover it is away"]
    assert "Release gate | Ana (Tue 1 Dec – Wed 2 Dec 06:00), then Fay (Wed 2 Dec 06:00 – Fri 4 Dec)" in [
        line.partition(". ")[0] for line in section(found, "Duties")
    ]


def test_gaps_later_ones_and_parked_ones_are_said() -> None:
    found = composed(meeting("Gap"), meeting("Jour fixe"), meeting("Far", 4), now=datetime(2026, 11, 6, 7, tzinfo=UTC))
    assert section(found, "Nobody yet")[0] == "Gap, Wed 2 Dec 10:00–11:00 | it stays with Lea until somebody is found"
    assert section(found, "Waits until the return")[1] == "Jour fixe, Wed 2 Dec 10:00–11:00 | goes on without a host"
    assert section(composed(meeting("Far", 4), now=datetime(2026, 11, 2, tzinfo=UTC)), "Asked later") == [
        "Far, Fri 4 Dec 10:00–11:00 | a host is asked from Friday 6 November 2026"
    ]


def test_mentors_are_named_with_how_to_reach_them() -> None:
    assert section(composed(), "Mentors") == ["Jo | Ana, Tue 1 – Fri 4 Dec, desk 4"]
    lonely = policy(person=(replace(ANA, seniority="mid"), JO), duty=(), meeting=())
    assert section(composed(rules=lonely), "Mentors") == ["Jo | nobody, Tue 1 – Fri 4 Dec: there is no senior"]


def test_the_way_in_for_urgent_things_is_told_and_how_to_reach_the_hosts() -> None:
    found = composed(meeting("Team meeting"))
    assert section(found, "If something cannot wait") == [
        "Urgent | [urgent] in the subject of a mail to Lea comes straight through",
        "Ben | desk 5",
    ]
    off = composed(rules=policy(inbox=InboxPolicy(mode="off"), duty=()))
    assert section(off, "If something cannot wait") == []


def test_nothing_private_and_no_one_to_one_is_told_to_the_team() -> None:
    private = [
        meeting("Board secret", private=True),
        meeting("Board alone", 3, alone=True),
        meeting("Gap secret", 3, private=True),
        meeting("Jour fixe secret", 3, private=True),
        meeting("Jour fixe alone", 4, alone=True),
    ]
    rules = policy(meeting=tuple(replace(r, private=True, one_to_one=True) for r in RULES))
    far = composed(meeting("Far secret", 4, private=True), rules=rules, now=datetime(2026, 11, 2, tzinfo=UTC))
    for found in (composed(*private, rules=rules), far):
        for rendering in (brief.as_html(found), brief.as_markdown(found), brief.as_ics(found)):
            assert not re.search("secret|alone|Lisbon|merger|Board", rendering)


# --- to whom, and when ------------------------------------------------------------------------------------------------


def test_it_goes_to_whoever_covers_and_the_reports_but_neither_outside_nor_to_family() -> None:
    assert composed(meeting("Team meeting")).to == ("ana@firm.example", "ben@firm.example", "jo@firm.example")
    assert composed(rules=policy(brief=BriefPolicy(to=("fay",)))).to == ("fay@elsewhere.example",)
    private_mail = policy(me=replace(ME, addresses=("lea@gmail.com",)))
    assert "fay@elsewhere.example" in composed(rules=private_mail, absence=replace(TRIP, cover=("fay",))).to


def test_it_is_due_when_work_starts_two_working_days_before() -> None:
    assert composed().due == datetime(2026, 11, 27, 8, tzinfo=UTC)
    holiday = frozenset({date(2026, 11, 30)})
    assert brief.due(TRIP, policy(), holiday) == datetime(2026, 11, 26, 8, tzinfo=UTC)
    at_once = policy(brief=BriefPolicy(working_days_before=0))
    assert brief.due(TRIP, at_once, frozenset()) == datetime(2026, 12, 1, 8, tzinfo=UTC)
    assert brief.due(TRIP, policy(me=replace(ME, workdays=())), frozenset()) == datetime(2026, 12, 1, 8, tzinfo=UTC)


def test_as_mail_it_carries_all_forms_and_without_readers_it_is_skipped() -> None:
    mail = brief.as_mail(composed(meeting("Team meeting")), "inbox")
    assert isinstance(mail, MailItem)
    assert mail.subject == "While Lea is away" and mail.due == datetime(2026, 11, 27, 8, tzinfo=UTC)
    assert "- Team meeting, Wed 2 Dec 10:00–11:00: Ben (asked" in mail.body and "\\" not in mail.body
    assert mail.html.startswith("<!doctype html>") and "BEGIN:VEVENT" in mail.calendar
    nobody = brief.as_mail(composed(rules=policy(person=(), meeting=(), duty=())), "inbox")
    assert isinstance(nobody, Skipped)
    bare = brief.as_mail(composed(), "inbox")
    assert isinstance(bare, MailItem) and bare.calendar == ""


# --- hostile text in all four forms -----------------------------------------------------------------------------------

EVIL = 'Team meeting <script>alert(1)</script> & "q" [x](http://evil) `c` \\; a,b\r\nBEGIN:VEVENT\u202e'


class Tags(HTMLParser):
    """Collects what a browser would take for markup."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[str] = []
        self.targets: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [name for name, _ in attrs]
        self.targets += [value or "" for name, value in attrs if name == "href"]

    def handle_data(self, data: str) -> None:
        self.text += data


def seen(html: str) -> Tags:
    parser = Tags()
    parser.feed(html)
    return parser


def test_hostile_titles_and_names_stay_text_in_all_forms() -> None:
    people = tuple(replace(p, name=f"{p.name} </li><img src=x onerror=a()>") for p in (ANA, BEN, JO))
    found = composed(meeting(EVIL), rules=policy(person=people))
    html = seen(brief.as_html(found))
    assert not {"script", "img", "iframe"} & set(html.tags)
    assert all(re.fullmatch("#p[0-9]+", target) for target in html.targets) and html.targets
    assert "<script>alert(1)</script>" in html.text
    markdown = brief.as_markdown(found)
    assert "\\<script\\>" in markdown and "\\[x\\](http\\://evil)" in markdown and "\n BEGIN" not in markdown
    (event,) = icalendar.Calendar.from_ical(brief.as_ics(found)).walk("VEVENT")
    assert str(event["SUMMARY"]).startswith('Team meeting <script>alert(1)</script> & "q" [x](http://evil) `c` \\; a,b BEGIN')
    mail = brief.as_mail(found, "inbox")
    assert isinstance(mail, MailItem) and "\r" not in mail.body and "\u202e" not in mail.body + mail.html


def test_the_page_allows_one_style_and_nothing_else() -> None:
    html = brief.as_html(composed())
    assert "default-src 'none'; style-src 'sha256-" in html and "base-uri 'none'; form-action 'none'" in html
    assert set(seen(html).tags) == {
        "html", "head", "meta", "title", "style", "body", "h1", "p", "h2", "ul", "li", "strong",
    } | {"nav", "a", "figure", "svg", "desc", "defs", "pattern", "path", "rect", "circle", "text"}  # fmt: skip
    assert not {"src", "onload", "style"} & set(seen(html).attributes)


def test_the_calendar_books_nobody_and_is_well_formed() -> None:
    text = brief.as_ics(composed(meeting("Team meeting"), meeting("Team meeting " + "é" * 90, 3)))
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    calendar = icalendar.Calendar.from_ical(text)
    events = calendar.walk("VEVENT")
    assert calendar["METHOD"] == "PUBLISH" and len(events) == 2
    assert {event["TRANSP"] for event in events} == {"TRANSPARENT"}
    assert not any("ATTENDEE" in event or "ORGANIZER" in event for event in events)
    assert events[0].decoded("DTSTART") == datetime(2026, 12, 2, 9, tzinfo=UTC)
    assert "é" * 90 in str(events[1]["SUMMARY"])


def test_an_entry_without_description_has_none() -> None:
    assert "DESCRIPTION" not in page.as_ics([Entry("u", SPAN, "x")], NOW)


def test_markdown_cannot_start_a_list_a_heading_or_a_link() -> None:
    for text, escaped in (
        ("1. one", "1\\. one"),
        ("- one", "\\- one"),
        ("# one", "\\# one"),
        ("www.evil.example", "www\\.evil.example"),
        ("Q4 - plan", "Q4 - plan"),
        ("a@b", "a\\@b"),
    ):
        assert page.escape_markdown(text) == escaped


def test_a_line_without_an_explanation_has_no_colon() -> None:
    sections = (Section("S", (Line("lead"), Line("a", "b"))),)
    assert "<strong>lead</strong></li>" in page.as_html("t", "i", sections)
    assert "- **lead**\n- **a**: b" in page.as_markdown("t", "i", sections)
    assert "- lead\n- a: b" in page.as_text("t", "i", sections)


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=80), st.text(max_size=80))
def test_no_text_becomes_markup_or_a_property(one: str, two: str) -> None:
    html = seen(page.as_html(one, two, (Section(one, (Line(two, one),)),)))
    assert html.tags.count("li") == 1 and html.tags.count("strong") == 1 and "script" not in html.tags
    calendar = icalendar.Calendar.from_ical(page.as_ics([Entry("u", SPAN, one, two)], NOW))
    (event,) = calendar.walk("VEVENT")
    assert set(event) <= {"UID", "DTSTAMP", "DTSTART", "DTEND", "SUMMARY", "DESCRIPTION", "TRANSP"}
    assert page.as_markdown(one, two, ()).count("\n") == 3


def test_the_page_draws_the_days_away_with_who_hosts_what_and_no_hour_of_leaving() -> None:
    found = composed(meeting("Team meeting"))
    assert found.covered.coverage.items
    html = brief.as_html(found)
    assert "<svg" in html and "Who hosts what, day by day" in html
    first, back = found.away
    assert first < back
    drawn = html[html.index("<svg") : html.index("</svg>")]
    assert "on the way" not in drawn and "inbox opens" not in drawn and "block</text>" not in drawn
    assert all(item.host_name in drawn for item in found.covered.coverage.items)


def test_a_brief_waits_half_a_day_for_answers_that_cannot_be_seen_and_never_beyond_the_departure() -> None:
    letter = brief.as_mail(composed(meeting("Team meeting")), "mail")
    assert isinstance(letter, MailItem) and letter.due is not None
    asked = Assignment("lis", OccurrenceKey("work", "u", ""), "ben", "asked", NOW)
    hour = timedelta(hours=1)

    def waits(at: datetime, held: Assignment = asked, unread: frozenset[str] = frozenset({"work"}), **changed: object) -> bool:
        return brief.waits(replace(letter, **changed), TRIP, [held], unread, at)  # type: ignore[arg-type]

    assert waits(letter.due) and waits(letter.due + 11 * hour) and not waits(letter.due + 12 * hour)
    assert not waits(SPAN.start, due=SPAN.start - hour) and waits(SPAN.start - hour, due=SPAN.start - hour)
    assert not waits(letter.due, unread=frozenset({"family"})) and not waits(letter.due, replace(asked, state="accepted"))
    assert not waits(letter.due, replace(asked, absence_id="other"))
    assert not waits(letter.due, purpose="ask") and not waits(letter.due, due=None)
