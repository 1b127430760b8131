"""The autoreply and the hold on a real server: whatever happens between two commands, the user's scripts are there, in force, and
byte by byte the same in the end."""

from __future__ import annotations

from pathlib import Path

import pytest

from integrations.errors import Permanent, PreconditionFailed
from integrations.login import Login, Server
from integrations.sieve_probe import probe_managesieve
from integrations.sieve_server import SieveServer
from rules.items import ResponderItem
from tests.servers.dovecot import Dovecot, Shape, running_dovecot
from tests.servers.scripted import saying
from tests.servers.sieve_users import (
    HIDDEN,
    ITEM,
    KINDS,
    LEASE,
    NOW,
    OWN,
    TEXTS,
    Account,
    Kind,
    hidden,
    including,
    nothing,
    one,
)


@pytest.fixture
def account(dovecot: Dovecot) -> Account:
    return Account(dovecot)


@pytest.mark.parametrize("kind", KINDS)
def test_on_renewed_and_off_again_every_script_is_as_it_was(account: Account, kind: Kind) -> None:
    kind(account)
    before, own = account.scripts(), account.in_force()
    original = account.responder().read()
    account.responder().write(ITEM, LEASE, original.snapshot)
    account.responder().write(None, LEASE, original.snapshot)
    account.responder().write(ITEM, None, original.snapshot)
    assert account.in_force().startswith(b"# X-HOMEWARD: hw-a.responder.1\n")
    assert before[1].items() <= account.scripts()[1].items()
    assert account.responder().restore(original.snapshot, NOW) == original
    assert account.scripts() == before and account.in_force() == own


BODIES = [
    b"keep;", b"keep;\n", b"keep;\r\n\r\n", b"# \xe2\x98\x83\r\nkeep;", b"# no command", b"stop;", b"discard;",
    b'require "reject"; reject text:\r\nno\r\n..\r\n.\r\n;', b'require "fileinto";\nfileinto "a"; keep;',
    b'require ["vacation"]; vacation "gone";', b'redirect "a@b.example";', b'if true { stop; } elsif false { discard; }',
]  # fmt: skip


@pytest.mark.parametrize("body", BODIES)
def test_every_byte_of_the_users_script_comes_back(account: Account, body: bytes) -> None:
    account.put("mine", body, active=True)
    original = account.responder().read()
    account.responder().write(ITEM, LEASE, original.snapshot)
    assert account.scripts()[1]["mine"] == body
    account.responder().restore(original.snapshot, NOW)
    assert account.scripts() == ("mine", {"mine": body})


@pytest.mark.parametrize("kind", HIDDEN)
def test_a_file_that_no_listing_shows_is_found_kept_in_force_and_given_back_by_its_new_name(account: Account, kind: Kind) -> None:
    kind(account)
    old = account.scripts()[1]
    original = account.responder().read()
    assert original.words == "no Sieve script is active"
    assert account.responder().write(ITEM, LEASE, original.snapshot).marker == ITEM.id
    assert b'include :personal "dovecot.orig";' in account.in_force()
    account.responder().restore(original.snapshot, NOW)
    active, scripts = account.scripts()
    kept = {"before-homeward": old["dovecot.orig"]} if old else {}
    assert (active, scripts) == ("dovecot.orig", {"dovecot.orig": OWN, **kept}) and account.in_force() == OWN
    account.responder().restore(original.snapshot, NOW)
    assert account.scripts() == (active, scripts)


def test_a_file_that_no_listing_shows_and_cannot_be_followed_stays_in_force(account: Account) -> None:
    unknown = b'if header "subject" "${b}" { stop; }'
    account.by_shell(unknown)
    with pytest.raises(Permanent):
        account.responder().write(ITEM, LEASE, account.responder().read().snapshot)
    assert account.in_force() == unknown and "homeward" not in account.scripts()[1]


def test_a_file_with_a_mistake_runs_no_rules_as_before_and_that_is_said(account: Account) -> None:
    account.by_shell(b"\xef\xbb\xbfkeep;")
    with pytest.raises(Permanent, match=r"dovecot\.orig"):
        account.responder().write(ITEM, LEASE, account.responder().read().snapshot)
    assert account.scripts() == ("", {"dovecot.orig": b"\xef\xbb\xbfkeep;"})


@pytest.mark.parametrize("named", [False, True])
def test_a_default_script_of_the_server_is_in_force_again_in_the_end(named: bool, open_folder: Path) -> None:
    (open_folder / "default.sieve").write_bytes(OWN)
    name = "  sieve_default_name = house rules\n" if named else ""
    with running_dovecot(Shape(more=f"plugin {{\n  sieve_default = file:{open_folder}/default.sieve\n{name}}}\n")) as server:
        account = Account(server)
        before, original = account.scripts(), account.responder().read()
        assert before[0] == ("house rules" if named else "")
        account.responder().write(ITEM, LEASE, original.snapshot)
        account.responder().write(None, LEASE, original.snapshot)
        assert (b'include :personal "homeward-copy-0"' in account.in_force()) is named
        assert account.responder().restore(original.snapshot, NOW) == original
        assert account.scripts() == before and not (account.home / ".dovecot.sieve").is_symlink()


# --- somebody else ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [nothing, one])
def test_a_script_of_ours_that_was_switched_off_stays_off(account: Account, kind: Kind) -> None:
    kind(account)
    before = account.scripts()
    original = account.responder().read().snapshot
    account.responder().write(ITEM, LEASE, original)
    with account.client() as client:
        client.setactive(before[0])
    for snapshot in (original, account.responder().read().snapshot):
        with pytest.raises(PreconditionFailed, match="switched off"):
            account.responder().write(ITEM, LEASE, snapshot)
    assert account.scripts()[0] == before[0]
    account.responder().restore(original, NOW)
    assert account.scripts() == before
    assert account.responder().write(ITEM, LEASE, original).marker == ITEM.id


def test_rules_that_the_user_changes_while_away_count_at_once_and_stay(account: Account) -> None:
    one(account)
    original = account.responder().read().snapshot
    account.responder().write(ITEM, LEASE, original)
    account.put("mine", b"discard;")
    account.responder().write(ITEM, LEASE, original)
    assert b'discard; set "global.homeward_done"' in (account.scripts()[1]["homeward-copy"] or b"")
    account.responder().restore(original, NOW)
    assert account.scripts() == ("mine", {"mine": b"discard;"})


def test_copies_that_are_no_longer_needed_go(account: Account) -> None:
    including(account)
    original = account.responder().read().snapshot
    account.responder().write(ITEM, LEASE, original)
    assert "homeward-copy-2" in account.scripts()[1]
    account.put("mine", b"keep;")
    account.responder().write(ITEM, LEASE, original)
    assert "homeward-copy-2" not in account.scripts()[1]


def test_a_copy_that_somebody_edits_stays(account: Account) -> None:
    one(account)
    original = account.responder().read().snapshot
    before = account.responder().write(ITEM, LEASE, original)
    copy = account.scripts()[1]["homeward-copy"]
    assert copy is not None
    account.put("homeward-copy", copy + b"# mine now\n")
    reading = account.responder().read()
    assert "by hand" in reading.words and reading.fingerprint != before.fingerprint
    for act in (lambda: account.responder().write(ITEM, None, original), lambda: account.responder().restore(original, NOW)):
        with pytest.raises(PreconditionFailed, match="by hand"):
            act()
    assert account.scripts()[1]["homeward-copy"] == copy + b"# mine now\n"


def test_a_script_that_was_deleted_beneath_ours_comes_back(account: Account) -> None:
    one(account)
    original = account.responder().read().snapshot
    account.responder().write(ITEM, LEASE, original)
    with account.client() as client:
        client.deletescript("mine")
    account.responder().write(ITEM, LEASE, original)
    account.responder().restore(original, NOW)
    assert account.scripts() == ("mine", {"mine": OWN})


@pytest.mark.parametrize("name", ["homeward", "homeward-copy", "homeward-copy-7"])
def test_a_script_of_the_user_by_our_name_is_left_alone(account: Account, name: str) -> None:
    account.put(name, b"keep;")
    one(account)
    before = account.scripts()
    original = account.responder().read().snapshot
    with pytest.raises(Permanent, match=f"“{name}” that homeward did not write"):
        account.responder().write(ITEM, LEASE, original)
    account.responder().restore(original, NOW)
    assert account.scripts() == before


def test_a_lost_ledger_is_rebuilt_from_what_is_there(account: Account) -> None:
    one(account)
    before = account.scripts()
    account.responder().write(ITEM, None, account.responder().read().snapshot)
    account.responder().restore(account.responder().read().snapshot, NOW)
    assert account.scripts() == before


def test_a_script_that_cannot_be_followed_stays_in_force(account: Account) -> None:
    account.put("mine", b'if header "subject" "${b}" { stop; }', active=True)
    before = account.scripts()
    with pytest.raises(Permanent, match="plain text"):
        account.responder().write(ITEM, LEASE, account.responder().read().snapshot)
    assert account.scripts() == before


def test_a_spoilt_memory_is_said_in_words(account: Account) -> None:
    with pytest.raises(Permanent, match="remembered"):
        account.responder().restore("nonsense", NOW)


# --- servers that cannot ----------------------------------------------------------------------------------------------


def test_a_script_that_there_is_no_room_for_leaves_everything_as_it_was() -> None:
    with running_dovecot(Shape(more="plugin {\n  sieve_quota_max_storage = 6k\n}\n")) as small:
        account = Account(small)
        one(account)
        before = account.scripts()
        many = tuple(f"person{n}@client.example" for n in range(1000))
        big = ResponderItem("hw-a.responder.1", "a", "main", ITEM.span, TEXTS, 4, ("home.example",), many)
        with pytest.raises(Permanent, match="used up"):
            account.responder().write(big, LEASE, account.responder().read().snapshot)
        assert account.scripts() == before
        facts = probe_managesieve(account.server(small.sieve), account.login)
        assert not facts.answers and "used up" in facts.words[2]


def test_a_server_without_what_is_needed_says_what_it_lacks_and_changes_nothing() -> None:
    more = "plugin {\n  sieve_extensions = fileinto vacation include variables envelope mailbox date\n}\n"
    with running_dovecot(Shape(more=more)) as poor:
        account = Account(poor)
        one(account)
        with pytest.raises(Permanent, match="relational is missing"):
            account.responder().write(ITEM, LEASE, account.responder().read().snapshot)
        assert account.scripts() == ("mine", {"mine": OWN})


def test_a_server_that_cannot_answer_can_still_hold() -> None:
    more = "plugin {\n  sieve_extensions = fileinto include variables mailbox date relational\n}\n"
    with running_dovecot(Shape(more=more)) as poor:
        account = Account(poor)
        one(account)
        original = account.responder().read()
        with pytest.raises(Permanent, match="envelope, vacation is missing"):
            account.responder().write(ITEM, LEASE, original.snapshot)
        assert account.responder().write(None, LEASE, original.snapshot).marker == "hold"
        assert account.responder().restore(original.snapshot, NOW) == original
        facts = probe_managesieve(account.server(poor.sieve), account.login)
        assert (facts.answers, facts.holds) == (False, True) and "lacks envelope, vacation" in facts.words[2]


def test_a_server_without_any_sieve_is_refused_in_words() -> None:
    bare = b'"IMPLEMENTATION" "bare"\r\n"SIEVE" ""\r\n"SASL" "PLAIN"\r\nOK\r\n'
    with saying(bare, b"OK\r\n", bare) as server:
        responder = SieveServer(Server.parse(f"sieve://127.0.0.1:{server.port}", "sieve"), LOGIN, lambda: NOW)
        with pytest.raises(Permanent, match="include, variables, fileinto, mailbox, date, relational"):
            responder.write(None, LEASE, '{"active": ""}')


LOGIN = Login("leader", "password", lambda: "correct-horse")


@pytest.mark.parametrize("kind, active", [(nothing, ""), (one, "mine"), (hidden, "")])
def test_the_doctor_learns_what_a_server_can_and_what_is_active(account: Account, kind: Kind, active: str) -> None:
    kind(account)
    before, own = account.scripts(), account.in_force()
    facts = probe_managesieve(account.server(account.dovecot.sieve), account.login)
    assert "Pigeonhole" in facts.implementation and "vacation" in facts.extensions
    assert (facts.active, facts.answers, facts.holds) == (active, True, True)
    assert ("“mine” is active" if active else "default script") in facts.words[1]
    assert account.scripts() == before and account.in_force() == own


def test_the_doctor_says_why_not(account: Account) -> None:
    account.put("homeward", b"keep;")
    facts = probe_managesieve(account.server(account.dovecot.sieve), account.login)
    assert not facts.holds and "“homeward” is there that homeward did not write" in facts.words[3]


def test_the_doctor_says_that_homeward_is_there(account: Account) -> None:
    account.responder().write(ITEM, LEASE, account.responder().read().snapshot)
    facts = probe_managesieve(account.server(account.dovecot.sieve), account.login)
    assert facts.answers and "homeward's own script is active" in facts.words
