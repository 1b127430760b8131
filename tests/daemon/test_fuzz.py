"""Random damage to configs, calendars and mail, through the whole pass: never a trace, never a lost byte. Every seed is the same
world each time; a seed that finds something becomes a folder in tests/scenarios."""

from __future__ import annotations

import random
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from shell import Told, type_
from stages import files

from integrations.maildir import deliver

SHORT, LONG = range(12), range(1_000, 1_600)

# What real files and hostile ones carry.
LINES = [
    b"DTSTART:19970901T1300Z", b"DTSTART:-00111130T000000", b"DTSTART;TZID=:20261130T100000", b"DTSTART;VALUE=DATE:20261130",
    b"DTSTART:20261130T240000Z", b"DTSTART:99991231T235959Z", b"DTSTART:00010101T000000Z", b"DTEND:20261129", b"DTEND:",
    b"DTEND;TZID=Mars/Olympus:20261130T110000", b"DURATION:PT-2H", b"DURATION:P99999999999W", b"DURATION:-P1D",
    b"RRULE:FREQ=SECONDLY", b"RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", b"RRULE:UNTL=20270101", b"RRULE:FREQ=DAILY;COUNT=0",
    b"RRULE:FREQ=WEEKLY;BYDAY=MO;INTERVAL=0", b"RRULE:FREQ=DAILY;UNTIL=19000101", b"RRULE:", b"EXDATE:yesterday",
    b"EXDATE;TZID=Europe/Berlin:20261130T100000", b"RDATE:20261201T090000Z,20261202T090000Z", b"RECURRENCE-ID:19700101T000000Z",
    b"RECURRENCE-ID;RANGE=THISANDFUTURE:20261130T090000Z", b"UID:", b"UID:team-meeting@example.org", b"UID:\xf0\x9f\x98\x80",
    b"SUMMARY:" + b"x" * 5_000, b"SUMMARY:\xff\xfe\x00", b"SUMMARY:[bold]{name}%s\\n;\\,", b"SUMMARY:Trip to \xe2\x80\xae Lisbon",
    b"SEQUENCE:99999999999999999999", b"SEQUENCE:-1", b"SEQUENCE:x", b"STATUS:CANCELLED", b"CLASS:PRIVATE", b"ATTENDEE:nobody",
    b"ATTENDEE;CN=\"a;b:c\";PARTSTAT=:mailto:", b"ATTENDEE;PARTSTAT=ACCEPTED:MAILTO:ANA@EXAMPLE.ORG",
    b"ORGANIZER:mailto:lena@example.org", b"ORGANIZER;CN=\"", b"X-HOMEWARD:hw-aaaaaaaa.host.0123456789abcdef", b"X-HOMEWARD:",
    b"GEO:91;181", b"GEO:a;b",
    b"X-MICROSOFT-CDO-BUSYSTATUS:OOF", b"BEGIN:VEVENT", b"END:VEVENT", b"BEGIN:VCALENDAR", b"END:VCALENDAR", b"BEGIN:VALARM",
    b"END:VTIMEZONE", b"TZOFFSETTO:+5328", b"TZOFFSETTO:+9959", b" continued", b"\tcontinued", b"", b":", b";", b"\x00", b"=",
]  # fmt: skip
BYTES = [
    b"\x00",
    b"\xff",
    b"\r",
    b"\n",
    b"\r\n",
    b"\n ",
    b"\xef\xbb\xbf",
    b":",
    b";",
    b'"',
    b"\\",
    b"\xc3",
    b"\x1b[2J",
    b"\xed\xa0\x80",
]
WORDS = [
    "true", "-1", '""', "[]", "{}", "[[", "]]", "=", "\\u0000", "99999999999999999999", '"Mars/Olympus"', "2026-13-01", "nan",
    "'''", '"../../etc"', "config_version = 1", "[me]", '"\\ud800"', "1e400", '["a", 1]', "#", '"a@b@c"', '"{__class__}"', "\x00",
    "\ufeff", "é",
]  # fmt: skip


def damaged(data: bytes, chance: random.Random) -> bytes:
    """One to four changes: to lines, to bytes, to the ends."""
    for _ in range(chance.randint(1, 4)):
        data = chance.choice(_DAMAGE)(data, chance)
    return data


def _line_in(data: bytes, chance: random.Random) -> bytes:
    lines = data.split(b"\n")
    lines.insert(chance.randrange(len(lines) + 1), chance.choice(LINES))
    return b"\n".join(lines)


def _line_for_another(data: bytes, chance: random.Random) -> bytes:
    lines, new = data.split(b"\n"), chance.choice(LINES)
    name = new.partition(b":")[0].partition(b";")[0]
    same = [n for n, line in enumerate(lines) if name and line.startswith(name)] or [chance.randrange(len(lines))]
    lines[chance.choice(same)] = new
    return b"\n".join(lines)


def _lines_gone(data: bytes, chance: random.Random) -> bytes:
    lines = data.split(b"\n")
    at = chance.randrange(len(lines))
    return b"\n".join(lines[:at] + lines[at + chance.randint(1, 3) :])


def _lines_twice(data: bytes, chance: random.Random) -> bytes:
    lines = data.split(b"\n")
    at = chance.randrange(len(lines))
    return b"\n".join(lines[: at + chance.randint(1, 12)] + lines[at:])


def _bytes_in(data: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(data) + 1)
    return data[:at] + chance.choice(BYTES) * chance.choice((1, 1, 1, 80)) + data[at + chance.choice((0, 1)) :]


def _cut_off(data: bytes, chance: random.Random) -> bytes:
    return data[: chance.randrange(len(data) + 1)]


def _other_line_ends(data: bytes, chance: random.Random) -> bytes:
    return data.replace(b"\r\n", b"\n").replace(b"\n", chance.choice((b"\r\n", b"\r", b"\n\n", b"\r\r\n")))


def _other_encoding(data: bytes, chance: random.Random) -> bytes:
    return data.decode("utf-8", "replace").encode(chance.choice(("utf-16", "utf-8-sig", "utf-7")), "replace")


_DAMAGE: list[Callable[[bytes, random.Random], bytes]] = [
    _line_in, _line_in, _line_for_another, _line_for_another, _lines_gone, _lines_twice, _bytes_in, _bytes_in, _cut_off,
    _other_line_ends, _other_encoding,
]  # fmt: skip


# --- calendars --------------------------------------------------------------------------------------------------------


def calendars(root: Path) -> dict[str, bytes]:
    return {name: data for name, data in files(root).items() if name.startswith(("calendars", "sieve"))}


def steps(root: Path) -> Iterator[Told]:
    """From the first look to the last undo."""
    yield type_(root, "plan")
    yield type_(root, "trips")
    yield type_(root, "apply", "--yes", "--anyway")
    yield type_(root, "pass")
    yield type_(root, "plan", "--detailed-exitcode")
    yield type_(root, "undo", "--all", "--past")


def play_damaged_calendars(root: Path, seed: int) -> None:
    chance = random.Random(seed)
    every = sorted((root / "calendars").rglob("*.ics"))
    for path in chance.sample(every, chance.randint(1, 3)):
        path.write_bytes(damaged(path.read_bytes(), chance))
    before = calendars(root)
    look, trips, apply, _, again, undo = steps(root)
    assert look.code == trips.code == 0
    assert apply.code in (0, 1)
    assert again.code == 0 or apply.code == 1, f"a second plan is not empty: {again.out}"
    assert undo.code == 0, undo.all
    assert calendars(root) == before, f"{undo.all}"


@pytest.mark.slow
@pytest.mark.parametrize("seed", SHORT)
def test_damaged_calendars_are_read_written_and_given_back_byte_for_byte(seed: int, home: Path) -> None:
    play_damaged_calendars(home, seed)


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_damaged_calendars_for_long(home: Path, tmp_path: Path) -> None:
    for seed in LONG:
        root = tmp_path / str(seed)
        shutil.copytree(home, root, symlinks=True)
        play_damaged_calendars(root, seed)
        shutil.rmtree(root)


# --- configs ----------------------------------------------------------------------------------------------------------


def damaged_config(text: str, chance: random.Random) -> str:
    lines = text.splitlines()
    for _ in range(chance.randint(1, 3)):
        at = chance.randrange(len(lines))
        key, equals, value = lines[at].partition("=")
        lines[at] = chance.choice((
            chance.choice(WORDS), f"{key}{equals} {chance.choice(WORDS)}", f"{chance.choice(WORDS)} {equals}{value}",
            lines[at] * 2, f"{key[:-2]}{equals}{value}", lines[chance.randrange(len(lines))], "",
        ))  # fmt: skip
    return "\n".join(lines)


def play_damaged_config(root: Path, seed: int) -> None:
    config = root / "config.toml"
    text, before = config.read_text("utf-8"), calendars(root)
    config.write_bytes(damaged_config(text, random.Random(seed)).encode("utf-8", "surrogatepass"))
    told = type_(root, "plan")
    assert told.code in (0, 2), told.all
    assert told.code == 0 or str(config) in told.err
    assert calendars(root) == before
    config.write_text(text, "utf-8")


def test_a_damaged_config_is_explained_and_nothing_is_done(home: Path) -> None:
    for seed in range(60):
        play_damaged_config(home, seed)


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_damaged_configs_for_long(home: Path) -> None:
    for seed in range(1_000, 6_000):
        play_damaged_config(home, seed)


# --- mail -------------------------------------------------------------------------------------------------------------

HEADERS = [
    b"From: Ana <ana@example.org>", b"From: =?utf-8?q?=FF?= <ana@example.org>", b"From:", b"From: jonas@family.example, b@c",
    b"To: lena@example.org", b"To: undisclosed-recipients:;", b"Cc: " + b"a@b," * 500, b"Subject: [urgent] now",
    b"Subject: =?x?q?y?=", b"Subject: \xff\xfe\x00", b"Subject: your code is 123456", b"Subject: Re: Monday team meeting",
    b"Message-ID: <1@x>", b"Message-ID:", b"Date: Mon, 99 Foo 2026", b"In-Reply-To: <hw-x.ask.1@example.org>", b"List-Id: <a.b>",
    b"Auto-Submitted: auto-replied", b"Precedence: bulk", b"Authentication-Results: example.org; dkim=pass",
    b"Content-Type: text/calendar; method=REPLY", b"Content-Type: multipart/mixed; boundary=",
    b"Content-Type: text/plain; charset=nope",
    b"Content-Transfer-Encoding: base64", b" folded", b"no header at all", b"\x00", b": : :",
]  # fmt: skip
BODIES = [
    b"",
    b"yes",
    b"no\n",
    b"\xff" * 300,
    b"--\n--\n",
    b"BEGIN:VCALENDAR\nMETHOD:REPLY\n",
    b"x" * 100_000,
    b"=?utf-8?b?",
    b"\r\r\r",
]


def letter(chance: random.Random) -> bytes:
    headers = [chance.choice(HEADERS) for _ in range(chance.randint(0, 9))]
    return chance.choice((b"\n", b"\r\n")).join([*headers, b"", chance.choice(BODIES)])


def everything_in(root: Path, *folders: str) -> Counter[bytes]:
    found = (path for folder in folders for part in ("new", "cur") for path in (root / "Maildir" / folder / part).glob("*"))
    return Counter(path.read_bytes() for path in found if path.is_file())


def play_odd_mail(root: Path, seed: int) -> None:
    chance = random.Random(seed)
    assert type_(root, "apply", "--yes").code == 0
    letters: Counter[bytes] = Counter()
    for hour, wall in enumerate(("2026-11-30T11:40", "2026-11-30T12:31", "2026-12-01T09:10", "2026-12-05T09:00")):
        for number in range(chance.randint(0, 5) if hour < 3 else 0):
            content, name = letter(chance), f"{1_700_000_000 + hour}.{number}_{chance.choice(('a', 'é', '%s', 'S=1'))}.host"
            flags = chance.choice(("", "", "S", "FRS"))
            letters[content] += deliver(root / "Maildir", name, content, flags)
        told = type_(root, "pass", now=f"{wall}+00:00")
        assert told.code == 0, told.all
        assert everything_in(root, "", ".Held") == letters, f"after {wall}"
    assert everything_in(root, "") == letters, "everything is back in the inbox"


@pytest.mark.parametrize("seed", SHORT[:6])
def test_odd_mail_is_held_and_released_and_none_is_lost(seed: int, home: Path) -> None:
    play_odd_mail(home, seed)


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_odd_mail_for_long(home: Path, tmp_path: Path) -> None:
    for seed in LONG[:300]:
        root = tmp_path / str(seed)
        shutil.copytree(home, root, symlinks=True)
        play_odd_mail(root, seed)
        shutil.rmtree(root)
