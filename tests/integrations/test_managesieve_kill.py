"""The responder on a real server, where the line is cut or the server killed after each command that changes something."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial

import pytest

from integrations.errors import Temporary
from integrations.sieve_server import SieveServer
from tests.servers.dovecot import Dovecot, running_dovecot
from tests.servers.lines import Cutter, Listener
from tests.servers.sieve_users import (
    HIDDEN,
    ITEM,
    KINDS,
    LEASE,
    NOW,
    OWN,
    Account,
    Kind,
    hidden,
    hidden_and_old,
    one,
)
from tests.servers.submission import until


def through(account: Account, allowed: int, at_the_cut: Callable[[], None] | None, act: Callable[[SieveServer], object]) -> bool:
    """Whether `act` came through on a line that dies after `allowed` commands."""
    cutter = Cutter(account.dovecot.sieve, allowed, at_the_cut)
    with Listener(cutter.serve).running() as port:
        try:
            act(account.responder(port))
        except Temporary:
            assert cutter.cut
            return False
    return True


def on(responder: SieveServer, original: str) -> object:
    return responder.write(ITEM, LEASE, original)


def off(responder: SieveServer, original: str) -> object:
    return responder.restore(original, NOW)


def cut_everywhere(
    dovecot: Dovecot, kind: Kind, at_the_cut: Callable[[], None] | None, check: Callable[[Account, str, bytes], None]
) -> int:
    """Cut after each command by which a write, and a restore, change something, each time with a user of its own and `check`
    after it. Returns how often."""
    cuts = 0
    for act in (on, off):
        done, allowed = False, 0
        while not done:
            account = Account(dovecot)
            kind(account)
            own, original = account.in_force(), account.responder().read().snapshot
            if act is off:
                on(account.responder(), original)
            allowed += 1
            done = through(account, allowed, at_the_cut, partial(act, original=original))
            check(account, original, own)
        cuts += allowed - 1
    return cuts


@pytest.mark.parametrize("next_pass", ["goes on", "takes it back"])
@pytest.mark.parametrize("kind", [*KINDS, *HIDDEN])
def test_a_line_cut_after_any_command_leaves_the_users_rules_in_force(dovecot: Dovecot, kind: Kind, next_pass: str) -> None:
    def check(account: Account, original: str, own: bytes) -> None:
        nameless = kind is hidden_and_old and own in account.scripts()[1].values()  # its name was taken: kept, not yet run
        assert own == account.in_force() or runs(account, own) or nameless
        account.responder().read()
        if next_pass == "goes on":
            assert account.responder().write(ITEM, LEASE, original).marker == ITEM.id
            assert runs(account, own)
        account.responder().restore(original, NOW)
        assert account.in_force() == own
        assert account.scripts() in ends

    example = Account(dovecot)
    kind(example)
    before = example.scripts()
    ends = [before, hidden_given_back(before)] if kind in HIDDEN else [before]
    assert cut_everywhere(dovecot, kind, None, check) >= 6


def hidden_given_back(before: tuple[str, dict[str, bytes | None]]) -> tuple[str, dict[str, bytes | None]]:
    kept = {"before-homeward": before[1]["dovecot.orig"]} if before[1] else {}
    return "dovecot.orig", {"dovecot.orig": OWN, **kept}


def runs(account: Account, own: bytes) -> bool:
    """Whether what is active is ours, and includes the user's script where there is one."""
    active = account.in_force()
    names = [name for name, content in account.scripts()[1].items() if (content or b"").endswith(own)]
    included = any(b'include :personal "' + name.encode().replace(b'"', b'\\"') + b'"' in active for name in names)
    optional = any(b'include :personal :optional "' + name.encode() + b'"' in active for name in names)
    return active.startswith(b"# X-HOMEWARD:") and (not own or included or optional)


@pytest.fixture
def mortal() -> Iterator[Dovecot]:
    with running_dovecot() as started:
        yield started


def lets_in(dovecot: Dovecot) -> bool:
    with suppress(Temporary):
        Account(dovecot).client().logout()
        return True
    return False


@pytest.mark.slow
@pytest.mark.parametrize("kind", [one, hidden])
def test_a_server_killed_at_any_command_comes_back_with_the_users_rules(mortal: Dovecot, kind: Kind) -> None:
    def die() -> None:
        mortal.kill()
        mortal.start()
        until(lambda: lets_in(mortal), 20)

    def check(account: Account, original: str, own: bytes) -> None:
        assert account.responder().write(ITEM, LEASE, original).marker == ITEM.id
        assert runs(account, own)
        account.responder().restore(original, NOW)
        assert account.in_force() == own

    assert cut_everywhere(mortal, kind, die, check) >= 8
