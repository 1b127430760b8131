"""Random damage to what servers and Sieve editors say: never another error than ours, never for long, never a letter lost. Every
seed is the same damage each time."""

from __future__ import annotations

import random
import time
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest

import integrations.imap_wire
import integrations.managesieve_wire
from integrations.errors import OutsideError
from integrations.login import Login, Server
from integrations.managesieve import ManageSieve
from integrations.sieve import guarded_copies, replies
from integrations.sieve_text import NotUnderstood, commands, quoted
from tests.servers.dovecot import Dovecot
from tests.servers.imap_clients import by_hand, mailbox_at
from tests.servers.relaying import relaying
from tests.servers.scripted import CUT, saying

NOON = datetime(2026, 11, 9, 12, tzinfo=UTC)
SLOWEST = 5.0  # seconds of processor time for one script of any kind
SCRIPT = """require ["fileinto", "variables", "include"];
# comment
/* and another */
if allof (header :contains ["Subject", "X"] "a \\"b\\" c", not size :over 10M) {
  fileinto :copy "Work/${1}"; stop;
} elsif anyof (true, exists "List-Id") { redirect "x@y.example"; } else { keep; }
vacation :days 3 :subject "Away" text:
Hello
..dot
.
;
include :personal "spam";
"""
PIECES = (
    '"', "\\", "{", "}", "(", ")", "[", "]", ";", ",", "text:\n", ".\n", "/*", "*/", "#", ":", "\x00", "\r", "${", "é", "\udc80",
    "10000000000000000G", "text:", "include", 'require "variables";', "foreverypart {", "\\\"", "\u2028",
)  # fmt: skip


def damaged(text: str, chance: random.Random) -> str:
    for _ in range(chance.randint(1, 5)):
        at, long = chance.randrange(len(text) + 1), chance.choice((0, 0, 1, 5, 40))
        text = text[:at] + chance.choice(PIECES) * chance.choice((1, 1, 1, 40)) + text[at + long :]
    return text


def read_damaged_script(seed: int) -> None:
    script, began = damaged(SCRIPT, random.Random(seed)), time.process_time()
    with suppress(NotUnderstood):
        found = commands(script)
        assert all(script[c.start : c.end].lower().startswith(c.name) for c in found)
    with suppress(NotUnderstood):
        replies(script)
    with suppress(NotUnderstood):
        copies = guarded_copies(script, {"spam": script}.get, "Held", True, "copy")
        assert all(commands(each) is not None for each in copies.values()), "what we write, we can read"
    assert time.process_time() - began < SLOWEST


def test_a_damaged_sieve_script_is_understood_or_refused() -> None:
    for seed in range(1_500):
        read_damaged_script(seed)


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_damaged_sieve_scripts_for_long() -> None:
    for seed in range(10_000, 150_000):
        read_damaged_script(seed)


MONSTERS = {
    "brackets": "if " + "(" * 500_000,
    "blocks": "if true {" * 100_000,
    "a string without an end": '"' + '\\"' * 500_000,
    "a comment without an end": "/*" * 500_000,
    "texts without an end": "text:\n" * 150_000,
    "half texts": "keep text:\n.x\n" * 70_000,
    "spaces": "keep" + " " * 1_000_000,
    "commands": "keep;" * 200_000,
}


@pytest.mark.parametrize("name", MONSTERS)
def test_no_script_takes_for_ever(name: str) -> None:
    began = time.process_time()
    with suppress(NotUnderstood):
        commands(MONSTERS[name])
    assert time.process_time() - began < SLOWEST


def test_what_is_quoted_reads_as_one_string() -> None:
    chance = random.Random(1)
    for _ in range(500):
        text = "".join(chance.choice(PIECES) for _ in range(chance.randint(0, 12)))
        (command,) = commands(f"keep {quoted(text)};")
        assert len(command.arguments) == 1 and command.arguments[0].kind == "string"


# --- ManageSieve ------------------------------------------------------------------------------------------------------

GREETING = b'"IMPLEMENTATION" "test"\r\n"SIEVE" "fileinto"\r\n"SASL" "PLAIN"\r\nOK\r\n'
LISTING = b'"mine" ACTIVE\r\n{5}\r\nother\r\nOK (WARNINGS "x") {4}\r\nfine\r\n'
CONTENT = b"{17}\r\n# my\r\nkeep; stop;\r\nOK\r\n"
BYTES = (
    b'"',
    b"{",
    b"}",
    b"{5}\r\n",
    b"{999999999}\r\n",
    b"\r\n",
    b"\n",
    b"(",
    b")",
    b"OK",
    b"NO",
    b"BYE",
    b"\x00",
    b"\xff",
    b"\\",
    b" ",
    b"-",
)


def damaged_bytes(said: bytes, chance: random.Random) -> bytes:
    for _ in range(chance.randint(1, 3)):
        at, long = chance.randrange(len(said) + 1), chance.choice((0, 1, 4))
        said = said[:at] + chance.choice(BYTES) * chance.choice((1, 1, 30)) + said[at + long :]
    return said


def hear_damaged_server(seed: int) -> None:
    chance = random.Random(seed)
    said = [GREETING, b"OK\r\n", GREETING, LISTING, CONTENT]
    worst = chance.randrange(len(said))
    said[worst] = damaged_bytes(said[worst], chance)
    began = time.monotonic()
    with saying(*said, CUT) as server, suppress(OutsideError):
        login = Login("leader", "password", lambda: "correct-horse")
        with ManageSieve(Server.parse(f"sieve://127.0.0.1:{server.port}", "sieve"), login) as client:
            client.listscripts()
            client.getscript("mine")
    assert time.monotonic() - began < SLOWEST


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (integrations.managesieve_wire, integrations.imap_wire):
        monkeypatch.setattr(module, "PATIENCE", 0.3)
        monkeypatch.setattr(module, "DEADLINE", 1.0)


def test_a_managesieve_server_that_speaks_nonsense_is_refused_in_time(impatient: None) -> None:
    for seed in range(60):
        hear_damaged_server(seed)


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_managesieve_servers_that_speak_nonsense_for_long(impatient: None) -> None:
    for seed in range(1_000, 4_000):
        hear_damaged_server(seed)


# --- IMAP -------------------------------------------------------------------------------------------------------------


class Garbler:
    """Damages what the server says in its n-th piece, by dice."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)
        self._left = self._chance.randint(4, 24)

    def change(self, piece: bytes, from_server: bool) -> bytes:
        self._left -= from_server
        return damaged_bytes(piece, self._chance) if from_server and self._left == 0 else piece


MIXED = b"""\
From: ana@client.example
Message-ID: <%d@x.example>
Content-Type: multipart/mixed; boundary="b"

--b
Content-Type: text/plain; charset="=?x"
Content-Disposition: attachment; filename="\\"(" 

yes
--b
Content-Type: text/calendar; method=REPLY

BEGIN:VCALENDAR
--b--
"""


def live_through_garbled_mail(dovecot: Dovecot, seed: int, state: Path) -> None:
    user = dovecot.user()
    letters = {f"<{number}@x.example>" for number in range(4)}
    for number in range(4):
        dovecot.put(user, f"1.{number}.x", MIXED % number, NOON)
    began = time.monotonic()
    with relaying(dovecot.imap, Garbler(seed).change) as port:
        box = mailbox_at(port, user, state)
        for step in (
            lambda: box.find(NOON),
            lambda: box.hold([e.id for e in box.arrivals(NOON)]),
            box.held,
            box.release,
            box.tidy,
        ):
            with suppress(OutsideError):
                step()
        box.close()
    assert time.monotonic() - began < 30
    assert where(dovecot, user) == letters, f"seed {seed}: each is in one place"


def where(dovecot: Dovecot, user: str) -> set[str]:
    found: list[str] = []
    with by_hand(dovecot, user) as client:
        for _, _, folder in client.list_folders():
            client.select_folder(folder, readonly=True)
            found += [each[b"ENVELOPE"].message_id.decode() for each in client.fetch(client.search(), ["ENVELOPE"]).values()]
    assert len(found) == len(set(found)), found
    return set(found)


def test_an_imap_server_that_speaks_nonsense_costs_no_letter(plain_dovecot: Dovecot, impatient: None, tmp_path: Path) -> None:
    for seed in range(15):
        live_through_garbled_mail(plain_dovecot, seed, tmp_path / str(seed))


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_imap_servers_that_speak_nonsense_for_long(plain_dovecot: Dovecot, impatient: None, tmp_path: Path) -> None:
    for seed in range(1_000, 1_500):
        live_through_garbled_mail(plain_dovecot, seed, tmp_path / str(seed))
