"""Everything is somewhere else: work on one calendar server, the family on another, bookings in a feed, mail on this machine."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from integrations.maildir import create_maildir
from tests.daemon.shell import Told, type_
from tests.daemon.stages import deliver_mail, files, subjects
from tests.servers.misbehaving_http import Request, answer, misbehaving
from tests.servers.radicale import Radicale
from tests.servers.xandikos import Xandikos
from tests.stories import leader

LISBON = ZoneInfo("Europe/Lisbon")
FEED = '[[calendar]]\nid = "bookings"\nrole = "travel"\nurl = "{url}/bookings.ics"\nallow_private_address = true\n'
MAIL = '[[mail]]\nid = "mail"\npath = "Maildir"\nsieve = "active.sieve"\noutbox = "Maildir/.Drafts"\n'
BEFORE, AWAY, WINDOW, LATER = (
    "2026-11-02T09:00+01:00",
    "2026-11-09T11:40+00:00",
    "2026-11-09T12:31+00:00",
    "2026-11-10T09:00+00:00",
)


def bookings() -> bytes:
    """One calendar of the whole trip."""
    events = [leader.event(uid, lines).split(b"BEGIN:VEVENT")[1].split(b"END:VCALENDAR")[0] for uid, lines in leader.TRIP.items()]
    body = b"".join(b"BEGIN:VEVENT" + each for each in events)
    return b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Example//Bookings//EN\r\n" + body + b"END:VCALENDAR\r\n"


class Feed:
    """`open` False: it answers that it is out of service."""

    def __init__(self) -> None:
        self.open = True

    def __call__(self, request: Request) -> bytes:
        if not self.open:
            return answer("503 Service Unavailable", Connection="close")
        return answer("200 OK", bookings(), Content_Type="text/calendar", Connection="close")


def at_home(root: Path, radicale: Radicale, xandikos: Xandikos, url: str) -> tuple[str, str]:
    """Settles in; returns the paths of the collections."""
    work = leader.fill(radicale, radicale.new_calendar(), leader.meetings("ana", "carla"))
    family = leader.fill(xandikos, xandikos.new_calendar(), leader.FAMILY)
    accounts = leader.LOCAL + leader.caldav("office", radicale) + leader.caldav("home", xandikos)
    calendars = leader.collection("work", work, account="office")
    calendars += leader.collection("family", family, account="home", role="family") + FEED.format(url=url)
    leader.settle_in(root, accounts, calendars, MAIL, "")
    create_maildir(root / "Maildir")
    (root / "sieve").mkdir()
    (root / "sieve" / "mine.sieve").write_bytes(leader.OWN_SCRIPT)
    (root / "active.sieve").symlink_to("sieve/mine.sieve")
    return work, family


def passes(root: Path, now: str) -> Told:
    told = type_(root, "pass", now=now)
    assert told.code == 0, told.all
    return told


def test_two_servers_a_feed_and_a_maildir(radicale: Radicale, xandikos: Xandikos, tmp_path: Path) -> None:
    feed, root = Feed(), tmp_path / "home"
    with misbehaving(feed) as served:
        work, family = at_home(root, radicale, xandikos, served.url)
        before = radicale.content(work), xandikos.content(family)
        rules = files(root / "sieve")
        told = type_(root, "apply", "--yes", now=BEFORE)
        assert told.code == 0 and "✗" not in told.out, told.all
        assert len(xandikos.names(family)) > len(before[1]), "family time is on the family's own server"
        assert type_(root, "plan", "--detailed-exitcode", now=BEFORE).code == 0

        moment = datetime.fromisoformat(AWAY)
        deliver_mail(root, moment, "ola@customer.example", "An offer")
        deliver_mail(root, moment, "jonas@family.example", "A tooth")
        feed.open = False
        told = passes(root, AWAY)
        assert "1 message held in mail" in told.out and told.out.count("bookings") == 1, told.out
        assert (subjects(root), subjects(root, ".Held")) == (["A tooth"], ["An offer"])
        passes(root, WINDOW)
        assert (subjects(root), subjects(root, ".Held")) == (["A tooth", "An offer"], [])
        feed.open = True

        told = type_(root, "undo", "--all", "--past", now=LATER)
        assert told.code == 0, told.all
        passes(root, LATER)
    assert (radicale.content(work), xandikos.content(family)) == before
    assert files(root / "sieve") == rules and (root / "active.sieve").readlink() == Path("sieve/mine.sieve")
    assert (subjects(root), (root / "Maildir" / ".Held").exists()) == (["A tooth", "An offer"], False)
