"""Who is who in the story of a team, what its config says, and what stands in the calendars when it begins: a leader, five people
who may decide more or less, two juniors, a family; two trips and a vacation from October to December."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tests.stories.leader import event

LEA = "lea@example.org"
OLA, EVE, JONAS = "ola@customer.example", "eve@stranger.example", "jonas@family.example"
NAMES = {
    "lea": "Lea Winter", "ana": "Ana Silva", "ben": "Ben Okafor", "carla": "Carla Conti", "dan": "Dan Keller",
    "eva": "Eva Lund", "finn": "Finn Moreau", "gia": "Gia Rossi",
}  # fmt: skip
ADDRESSES = {person: f"{person}@example.org" for person in NAMES}

CONFIG = """\
config_version = 1

[me]
name = "Lea Winter"
addresses = ["lea@example.org"]
home = "Berlin, DE"
home_zone = "Europe/Berlin"
languages = ["en"]
internal_domains = ["example.org"]

{accounts}
{work}
[[calendar]]
id = "travel"
role = "travel"
path = "travel"
read_only = true

[[calendar]]
id = "team"
role = "team"
path = "team"
read_only = true

[[calendar]]
id = "family"
role = "family"
path = "family"
work = false

{mail}
[[person]]
id = "ana"
name = "Ana Silva"
addresses = ["ana@example.org"]
seniority = "senior"
level = 5
report = true
reach = "+49 30 5550 101"

[[person]]
id = "ben"
name = "Ben Okafor"
addresses = ["ben@example.org"]
seniority = "senior"
level = 4
report = true
reach = "room 4.12"

[[person]]
id = "carla"
name = "Carla Conti"
addresses = ["carla@example.org"]
seniority = "senior"
level = 4
report = true

[[person]]
id = "dan"
name = "Dan Keller"
addresses = ["dan@example.org"]
level = 3
report = true

[[person]]
id = "eva"
name = "Eva Lund"
addresses = ["eva@example.org"]
level = 2
report = true
newcomer = true

[[person]]
id = "finn"
name = "Finn Moreau"
addresses = ["finn@example.org"]
seniority = "junior"
level = 1
report = true
mentors = ["carla"]

[[person]]
id = "gia"
name = "Gia Rossi"
addresses = ["gia@example.org"]
seniority = "junior"
level = 2
report = true

[[person]]
id = "jonas"
name = "Jonas Winter"
addresses = ["jonas@family.example"]
family = true

[[meeting]]
id = "product"
match = ["product weekly"]
hosts = ["ana", "ben", "carla", "dan", "eva"]
rotation = "fair"
decide = 4
do_not_decide = ["hiring", "salaries"]
escalate = "ana"
not_twice_in_a_row = true

[[meeting]]
id = "team"
match = ["team meeting"]
hosts = ["dan", "ben", "carla"]
decide = 3

[[meeting]]
id = "review"
match = ["architecture review"]
hosts = ["ana", "ben", "carla"]
rotation = "fair"
weight = 2.0
least_level = 4

[[meeting]]
id = "forum"
match = ["customer forum"]
hosts = ["ana", "ben"]
outside = true
decide = 5

[[meeting]]
id = "reading"
match = ["reading group"]
skip = true

[[duty]]
id = "incidents"
name = "Production incidents"
deputies = ["carla", "ben"]
decide = 4
do_not_decide = ["contracts"]
escalate = "ana"

[[duty]]
id = "escalations"
name = "Customer escalations"
deputies = ["dan"]
decide = 5

[[duty]]
id = "hiring"
name = "Hiring decisions"
parked = true
"""

_LEA = "ORGANIZER;CN=Lea Winter:mailto:lea@example.org"
Lines = tuple[str, ...]


def berlin(start: str, end: str) -> Lines:
    """ "20261013T140000"."""
    return (f"DTSTART;TZID=Europe/Berlin:{start}", f"DTEND;TZID=Europe/Berlin:{end}")


def days(first: str, after: str) -> Lines:
    return (f"DTSTART;VALUE=DATE:{first}", f"DTEND;VALUE=DATE:{after}")


def _guests(people: Sequence[str]) -> Lines:
    everybody = ("lea", *people)
    return tuple(f"ATTENDEE;CN={NAMES[p]};PARTSTAT=ACCEPTED;ROLE=REQ-PARTICIPANT:mailto:{ADDRESSES[p]}" for p in everybody)


def meeting(title: str, when: Lines, *people: str, more: Lines = ()) -> Lines:
    """One that Lea organizes."""
    return (*when, f"SUMMARY:{title}", "SEQUENCE:0", *more, _LEA, *_guests(people))


def invited(title: str, when: Lines, organizer: str, answer: str) -> Lines:
    """One that somebody else organizes."""
    return (
        *when, f"SUMMARY:{title}", "SEQUENCE:0", f"ORGANIZER;CN={organizer}:mailto:{organizer.split()[0].lower()}@example.org",
        f"ATTENDEE;CN=Lea Winter;PARTSTAT={answer}:mailto:lea@example.org",
    )  # fmt: skip


_CALL = ("DESCRIPTION:https://meet.google.com/abc-defg-hij",)
WORK: Mapping[str, Lines] = {
    "product": meeting(
        "Product weekly", berlin("20260901T140000", "20260901T150000"), "ana", "ben", "dan", "finn", "gia",
        more=("RRULE:FREQ=WEEKLY;BYDAY=TU",),
    ),
    "teammeeting": meeting(
        "Team meeting", berlin("20260907T100000", "20260907T103000"), "ana", "ben", "carla", "dan", "eva", "finn", "gia",
        more=("RRULE:FREQ=WEEKLY;BYDAY=MO",),
    ),
    "review": meeting(
        "Architecture review", berlin("20260903T150000", "20260903T163000"), "ana", "carla", "gia",
        more=("RRULE:FREQ=WEEKLY;BYDAY=TH", *_CALL),
    ),
    "reading": meeting(
        "Reading group", berlin("20260909T170000", "20260909T180000"), "eva", "gia", more=("RRULE:FREQ=WEEKLY;BYDAY=WE",),
    ),
    "forum": (
        *meeting("Customer forum", berlin("20261014T110000", "20261014T123000"), "ana", "ben"),
        "ATTENDEE;CN=Ola Nordmann;PARTSTAT=ACCEPTED:mailto:ola@customer.example",
    ),
    "onetoone": meeting("Lea / Finn", berlin("20260909T090000", "20260909T093000"), "finn", more=("RRULE:FREQ=WEEKLY;BYDAY=WE",)),
    "budget": invited("Budget review", berlin("20261021T140000", "20261021T150000"), "Max Boss", "ACCEPTED"),
    "vacation": (*days("20261102", "20261114"), "SUMMARY:Vacation"),
}  # fmt: skip


def flight(to: str, number: str, start: str, place: str, end: str) -> Lines:
    """Times in UTC."""
    return (f"DTSTART:{start}", f"DTEND:{end}", f"SUMMARY:Flight to {to} ({number})", f"LOCATION:{place}", "TRANSP:TRANSPARENT")


def stay(where: str, place: str, first: str, after: str) -> Lines:
    return (*days(first, after), f"SUMMARY:Stay at {where}", f"LOCATION:{place}", "TRANSP:TRANSPARENT")


_LISBOA = "Rua Nova do Almada 114\\, 1200-290 Lisboa\\, Portugal"
BOSTON = "35 Atlantic Avenue\\, Boston\\, MA 02110\\, USA"
TRAVEL: Mapping[str, Lines] = {
    "tp531": flight("Lisbon", "TP 531", "20261012T060000Z", "Berlin BER", "20261012T094500Z"),
    "tp530": flight("Berlin", "TP 530", "20261016T143000Z", "Lisbon LIS", "20261016T180500Z"),
    "chiado": stay("Hotel do Chiado", _LISBOA, "20261012", "20261016"),
    "lh424": flight("Boston", "LH 424", "20261130T100000Z", "Berlin BER", "20261130T183000Z"),
    "lh425": flight("Berlin", "LH 425", "20261202T210000Z", "Boston BOS", "20261203T053000Z"),
    "harbor": stay("Harbor Hotel", BOSTON, "20261130", "20261202"),
}
TEAM: Mapping[str, Lines] = {"ben": (*days("20261012", "20261014"), "SUMMARY:Ben Okafor on vacation")}
FAMILY: Mapping[str, Lines] = {
    "swimming": ("DTSTART:20260914T140000Z", "DTEND:20260914T150000Z", "RRULE:FREQ=WEEKLY;BYDAY=MO", "SUMMARY:Swimming (Ida)"),
    "dentist": ("DTSTART:20261020T120000Z", "DTEND:20261020T130000Z", "SUMMARY:Dentist Jonas"),
}


def uid(name: str) -> str:
    return f"{name}@lea.example"


def text(name: str, lines: Lines) -> bytes:
    """A calendar of this event alone."""
    return event(uid(name), lines)
