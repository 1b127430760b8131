"""A leader whose calendars and mail are on servers: the config, what is in the calendars, and the people's own Sieve rules."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from tests.servers.calendar_server import PASSWORD as CALENDAR_PASSWORD
from tests.servers.calendar_server import CalendarServer
from tests.servers.dovecot import PASSWORD as MAIL_PASSWORD
from tests.servers.dovecot import Dovecot
from tests.servers.submission import Submission

CONFIG = """\
config_version = 1

[me]
name = "Mia Berger"
addresses = ["mia@office.example"]
home = "Berlin, DE"
home_zone = "Europe/Berlin"
languages = ["en"]
internal_domains = ["office.example"]

{accounts}
{calendars}
{mail}
[[person]]
id = "ana"
name = "Ana Silva"
addresses = ["ana@office.example"]
seniority = "senior"
report = true

[[person]]
id = "carla"
name = "Carla Conti"
addresses = ["carla@office.example"]
seniority = "senior"
report = true

[[person]]
id = "dan"
name = "Dan Okafor"
addresses = ["dan@office.example"]
seniority = "mid"

[[person]]
id = "jonas"
name = "Jonas Berger"
addresses = ["jonas@family.example"]
family = true

[[meeting]]
id = "weekly"
match = ["product weekly"]
hosts = ["ana", "carla"]
decide = 4

[coaching]
authserv_id = "mx.office.example"
"""

ACCOUNT = """\
[[account]]
id = "{name}"
kind = "caldav"
user = "lea"
password_file = "calendar.secret"
url = "{url}"
"""
COLLECTION = '[[calendar]]\nid = "{name}"\nrole = "{role}"\naccount = "{account}"\ncollection = "{path}"\nwork = {work}\n'
POST = """\
[[account]]
id = "post"
kind = "imap"
user = "{user}"
password_file = "mail.secret"
ca_file = "ca.pem"
imap = "imap://localhost:{imap}"
smtp = "smtp://localhost:{smtp}"
managesieve = "localhost:{sieve}"
"""
LOCAL = '[[account]]\nid = "local"\n'
MAIL = '[[mail]]\nid = "mail"\naccount = "post"\nhold = "server"\n'

OWN_SCRIPT = b"""\
require ["fileinto", "mailbox"];\r
# Gr\xc3\xbc\xc3\x9fe: these are mine
if header :contains "X-Spam-Flag" "YES" { discard; stop; }
if exists "List-Id" { fileinto :create "Lists"; }
"""
OTHER_SCRIPT = b"# for the summer\nkeep;\n"


def caldav(name: str, server: CalendarServer) -> str:
    return ACCOUNT.format(name=name, url=server.url)


def collection(name: str, path: str, *, account: str, role: str = "mine") -> str:
    return COLLECTION.format(name=name, role=role, account=account, path=path, work=str(role == "mine").lower())


def post(dovecot: Dovecot, submission: Submission, user: str) -> str:
    return POST.format(user=user, imap=dovecot.imap, smtp=submission.port, sieve=dovecot.sieve)


def settle_in(root: Path, accounts: str, calendars: str, mail: str, ca_file: str) -> None:
    """Write the config, and the passwords and trusted certificates (`ca_file`) where it looks for them."""
    root.mkdir(exist_ok=True)
    (root / "config.toml").write_text(CONFIG.format(accounts=accounts, calendars=calendars, mail=mail), "utf-8")
    keep_secrets(root, ca_file)


def keep_secrets(root: Path, ca_file: str) -> None:
    if ca_file:
        (root / "ca.pem").write_text(Path(ca_file).read_text())
    for name, secret in (("calendar.secret", CALENDAR_PASSWORD), ("mail.secret", MAIL_PASSWORD)):
        (root / name).write_text(f"{secret}\n", "utf-8")
        (root / name).chmod(0o600)


# --- what is in the calendars -----------------------------------------------------------------------------------------

_NAMES = {"mia": "Mia Berger", "ana": "Ana Silva", "carla": "Carla Conti", "dan": "Dan Okafor"}
_WEEKLY = (
    "DTSTART;TZID=Europe/Berlin:20260901T140000", "DTEND;TZID=Europe/Berlin:20260901T150000",
    "RRULE:FREQ=WEEKLY;BYDAY=TU,TH", "SUMMARY:Product weekly", "SEQUENCE:2", "ORGANIZER;CN=Mia Berger:mailto:mia@office.example",
)  # fmt: skip
_REVIEW = (
    "DTSTART;TZID=Europe/Berlin:20261111T100000", "DTEND;TZID=Europe/Berlin:20261111T110000", "SUMMARY:Budget review",
    "ORGANIZER;CN=Finance:mailto:finance@office.example",
    "ATTENDEE;CN=Mia Berger;PARTSTAT=ACCEPTED:mailto:mia@office.example",
)  # fmt: skip
TRIP: Mapping[str, tuple[str, ...]] = {
    "out@bookings.example": (
        "DTSTART:20261109T060000Z", "DTEND:20261109T094500Z", "SUMMARY:Flight to Lisbon (TP 531)", "LOCATION:Berlin BER",
        "TRANSP:TRANSPARENT",
    ),
    "home@bookings.example": (
        "DTSTART:20261113T183000Z", "DTEND:20261113T220500Z", "SUMMARY:Flight to Berlin (TP 530)", "LOCATION:Lisbon LIS",
        "TRANSP:TRANSPARENT",
    ),
    "hotel@bookings.example": (
        "DTSTART;VALUE=DATE:20261109", "DTEND;VALUE=DATE:20261113", "SUMMARY:Stay at Hotel do Chiado",
        "LOCATION:Rua Nova do Almada 114\\, 1200-290 Lisboa\\, Portugal", "TRANSP:TRANSPARENT",
    ),
    "conference@office.example": (
        "DTSTART;VALUE=DATE:20261110", "DTEND;VALUE=DATE:20261113", "SUMMARY:Atlantic Engineering Leaders Conference",
        "LOCATION:Lisbon\\, Portugal", "TRANSP:TRANSPARENT",
    ),
    "away@office.example": (
        "DTSTART;VALUE=DATE:20261109", "DTEND;VALUE=DATE:20261114", "SUMMARY:Out of office", "X-MICROSOFT-CDO-BUSYSTATUS:OOF",
    ),
    "0123456789@tripit.com": (
        "DTSTART;VALUE=DATE:20261109", "DTEND;VALUE=DATE:20261114", "SUMMARY:Lisbon\\, Portugal\\, November 2026",
        "GEO:38.722252;-9.139337", "TRANSP:TRANSPARENT",
    ),
}  # fmt: skip


def meetings(*guests: str) -> dict[str, tuple[str, ...]]:
    """A weekly of the leader's own with these guests, and one of somebody else's."""
    lines = (
        f"ATTENDEE;CN={_NAMES[g]};PARTSTAT=ACCEPTED;ROLE=REQ-PARTICIPANT:mailto:{g}@office.example" for g in ("mia", *guests)
    )
    return {"weekly@office.example": (*_WEEKLY, *lines), "review@office.example": _REVIEW}


FAMILY: Mapping[str, tuple[str, ...]] = {
    "swim@family.example": (
        "DTSTART:20261116T150000Z", "DTEND:20261116T160000Z", "RRULE:FREQ=WEEKLY;BYDAY=MO", "SUMMARY:Swimming (Ida)",
    ),
    "dentist@family.example": ("DTSTART:20261117T130000Z", "DTEND:20261117T140000Z", "SUMMARY:Dentist Jonas"),
}  # fmt: skip

_BERLIN = (
    "BEGIN:VTIMEZONE", "TZID:Europe/Berlin", "BEGIN:STANDARD", "DTSTART:19701025T030000",
    "RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU", "TZOFFSETFROM:+0200", "TZOFFSETTO:+0100", "END:STANDARD", "BEGIN:DAYLIGHT",
    "DTSTART:19700329T020000", "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU", "TZOFFSETFROM:+0100", "TZOFFSETTO:+0200",
    "END:DAYLIGHT", "END:VTIMEZONE",
)  # fmt: skip


def event(uid: str, lines: tuple[str, ...]) -> bytes:
    zone = _BERLIN if any("TZID=" in line for line in lines) else ()
    body = ("BEGIN:VEVENT", f"UID:{uid}", "DTSTAMP:20260901T080000Z", *lines, "END:VEVENT")
    whole = ("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Example//Calendar//EN", *zone, *body, "END:VCALENDAR")
    return "".join(f"{line}\r\n" for line in whole).encode()


def fill(server: CalendarServer, path: str, *events: Mapping[str, tuple[str, ...]]) -> str:
    """Put each event into a resource of its own; returns the path of the collection."""
    for each in events:
        for uid, lines in each.items():
            server.put(f"{path}{uid.partition('@')[0]}.ics", event(uid, lines))
    return path
