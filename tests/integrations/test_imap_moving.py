"""Mail that is moved on a server: each message in one place, whatever breaks meanwhile."""

from __future__ import annotations

import os
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from time import monotonic

import pytest

import integrations.imap_folders
import integrations.imap_moving
import integrations.imap_state
from integrations.errors import Permanent, PreconditionFailed, Temporary
from integrations.imap import ImapMailbox
from tests.servers.dovecot import CAPABILITIES, Dovecot, Shape, running_dovecot
from tests.servers.imap_clients import by_hand, imap_mailbox, mailbox_at
from tests.servers.imap_proxy import When, proxy_to
from tests.servers.killing import killed_at_every_line, quick_folder
from tests.servers.submission import until

NOON = datetime(2026, 11, 9, 12, tzinfo=UTC)


def letter(number: int | str, body: str = "hello\n") -> bytes:
    return f"From: ana@client.example\nSubject: about {number}\nMessage-ID: <{number}@x.example>\n\n{body}".encode()


def fill(dovecot: Dovecot, user: str, count: int, folder: str = "") -> None:
    for number in range(count):
        dovecot.put(user, f"{number:06}", letter(number), NOON + timedelta(seconds=number), folder)


def whereabouts(dovecot: Dovecot, user: str) -> Counter[str]:
    """How often each message is in the mailbox, in whatever folder; those marked as deleted included."""
    found: Counter[str] = Counter()
    with by_hand(dovecot, user) as client:
        for _, _, name in client.list_folders():
            client.select_folder(name, readonly=True)
            for item in client.fetch(client.search(), ["BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)]"]).values():
                found[item[b"BODY[HEADER.FIELDS (MESSAGE-ID)]"].decode().strip()] += 1
    return found


def all_once(count: int) -> Counter[str]:
    return Counter({f"Message-ID: <{number}@x.example>": 1 for number in range(count)})


@pytest.fixture(params=["MOVE", "COPY"])
def server(request: pytest.FixtureRequest) -> Dovecot:
    """One that can MOVE, and one that can only COPY and expunge by UID."""
    started: Dovecot = request.getfixturevalue("dovecot" if request.param == "MOVE" else "plain_dovecot")
    return started


@pytest.fixture
def user(server: Dovecot) -> str:
    return server.user()


@pytest.fixture
def box(server: Dovecot, user: str, tmp_path: Path) -> Iterator[ImapMailbox]:
    made = imap_mailbox(server, user, tmp_path)
    yield made
    made.close()


def test_flags_and_dates_come_along_both_ways(server: Dovecot, user: str, box: ImapMailbox) -> None:
    fill(server, user, 3)
    with by_hand(server, user) as client:
        client.select_folder("INBOX")
        client.add_flags(2, [rb"\Flagged", rb"\Seen", b"$Later"])
    arrived = box.arrivals(NOON)
    for _ in range(2):
        assert box.hold([one.id for one in arrived]) == 3
        assert box.release() == 3
    with by_hand(server, user) as client:
        client.select_folder("INBOX")
        now = client.fetch(client.search(), ["FLAGS", "INTERNALDATE"])
    assert [set(item[b"FLAGS"]) - {rb"\Recent"} for _, item in sorted(now.items())] == [
        set(), {rb"\Flagged", rb"\Seen", b"$Later"}, set(),
    ]  # fmt: skip
    assert [one.received for one in box.arrivals(NOON)] == [one.received for one in arrived]


def test_what_the_user_marked_as_deleted_is_left_to_the_user(server: Dovecot, user: str, box: ImapMailbox) -> None:
    fill(server, user, 4)
    with by_hand(server, user) as client:
        client.select_folder("INBOX")
        client.add_flags([1, 3], [rb"\Deleted"])
        box.hold([box.arrivals(NOON)[1].id])
        assert client.noop() and sorted(client.search()) == [1, 3, 4] and sorted(client.search("DELETED")) == [1, 3]
    assert whereabouts(server, user) == all_once(4)


def test_only_the_named_ones_move_however_they_lie(server: Dovecot, user: str, box: ImapMailbox) -> None:
    fill(server, user, 600)
    arrived = box.arrivals(NOON)
    chosen = Random(7).sample(arrived, 300)
    assert box.hold([one.id for one in chosen]) == 300
    assert {one.id for one in box.held()} == {one.id for one in chosen}
    assert {one.id for one in box.arrivals(NOON)} == {one.id for one in arrived} - {one.id for one in chosen}
    assert box.release([one.id for one in chosen[:100]]) == 100 and box.release() == 200
    assert whereabouts(server, user) == all_once(600)


def test_mail_comes_back_in_the_order_in_which_it_came(server: Dovecot, user: str, box: ImapMailbox) -> None:
    fill(server, user, 6)
    first = [one.id for one in box.arrivals(NOON)]
    box.hold(first[3:])
    box.hold(first[:3])  # what is older lies behind what is newer now
    box.held()
    box.release(first)
    with by_hand(server, user) as client:
        client.select_folder("INBOX")
        dates = [item[b"INTERNALDATE"] for _, item in sorted(client.fetch(client.search(), ["INTERNALDATE"]).items())]
    assert dates == sorted(dates) and len(dates) == 6


def test_two_copies_that_agree_in_everything_are_moved_together(server: Dovecot, user: str, box: ImapMailbox) -> None:
    for name in ("one", "other"):
        server.put(user, name, letter("twin"), NOON)
    one, other = box.arrivals(NOON)
    assert one.id == other.id and box.hold([one.id]) == 2 and box.release() == 2 and len(box.arrivals(NOON)) == 2


def test_two_deliveries_of_one_message_are_two(server: Dovecot, user: str, box: ImapMailbox) -> None:
    server.put(user, "one", b"Delivered-To: a@home.example\n" + letter("twin"), NOON)
    server.put(user, "other", b"Delivered-To: b@home.example\n" + letter("twin"), NOON)
    one, other = box.arrivals(NOON)
    assert one.id != other.id and box.hold([one.id]) == 1 and len(box.arrivals(NOON)) == 1


def test_without_move_and_uidplus_nothing_is_moved(tmp_path: Path) -> None:
    with running_dovecot(Shape(f"protocol imap {{\n  imap_capability = {CAPABILITIES}\n}}\n")) as poor:
        user = poor.user()
        fill(poor, user, 2)
        box = imap_mailbox(poor, user, tmp_path)
        with pytest.raises(Permanent, match="neither MOVE messages nor expunge"):
            box.hold([one.id for one in box.arrivals(NOON)])
        assert len(box.arrivals(NOON)) == 2 and whereabouts(poor, user) == all_once(2)
        box.close()


def test_a_server_that_counts_anew_between_look_and_move_moves_nothing(server: Dovecot, user: str, box: ImapMailbox) -> None:
    fill(server, user, 2)
    ids = [one.id for one in box.arrivals(NOON)]
    look = box._reader.validity
    box._reader.validity = lambda path: look(path) - 1  # type: ignore[method-assign]
    with pytest.raises(PreconditionFailed, match="anew"):
        box.hold(ids)
    box._reader.validity = look  # type: ignore[method-assign]
    assert whereabouts(server, user) == all_once(2) and box.hold(ids) == 2


# --- broken lines -----------------------------------------------------------------------------------------------------

COUNT = 40
WORDS = {"UID MOVE": "MOVE", "UID COPY": "COPY", "UID STORE": "COPY", "UID EXPUNGE": "COPY", "SELECT": "MOVE", "EXAMINE": "MOVE"}
BREAKS = [
    *((word, how, when, "next") for word, how in WORDS.items() for when in ("unsent", "undone", "half")),
    ("UID MOVE", "MOVE", "undone", "same"),
    ("UID COPY", "COPY", "undone", "same"),
]


@pytest.mark.parametrize(("word", "how", "when", "process"), BREAKS)
def test_a_move_that_broke_off_is_finished_by_the_next_without_loss_or_double(
    dovecot: Dovecot, plain_dovecot: Dovecot, tmp_path: Path, word: str, how: str, when: When, process: str
) -> None:  # fmt: skip
    server = plain_dovecot if how == "COPY" else dovecot
    user = server.user()
    fill(server, user, COUNT)
    with proxy_to(server.imap) as proxy:
        box = mailbox_at(proxy.port, user, tmp_path if process == "next" else None)
        held = [one.id for one in box.arrivals(NOON)[::2]]
        box.hold(held)
        proxy.cut_at(word, when)
        try:
            box.release(held)
        except Temporary:
            assert word not in ("EXAMINE",), "a look is tried again"
        assert proxy.was_cut
        again = mailbox_at(proxy.port, user, tmp_path) if process == "next" else box
        again.release(held)
        assert whereabouts(server, user) == all_once(COUNT)
        assert again.held() == [] and len(again.arrivals(NOON)) == COUNT
        again.close()


def test_what_the_user_changed_after_a_broken_move_stands(dovecot: Dovecot, tmp_path: Path) -> None:
    """The copies that had arrived were read and filed meanwhile."""
    user = dovecot.user()
    fill(dovecot, user, 4)
    box = imap_mailbox(dovecot, user, tmp_path)
    box.hold([one.id for one in box.arrivals(NOON)])
    with by_hand(dovecot, user) as client:
        client.select_folder("INBOX")
        following = client.folder_status("INBOX", ["UIDNEXT", "UIDVALIDITY"])
        client.select_folder("Held")
        client.copy(client.search()[:2], "INBOX")
        counted = client.folder_status("Held", ["UIDVALIDITY"])[b"UIDVALIDITY"]
        client.select_folder("INBOX")
        client.add_flags(client.search(), [rb"\Seen"])
    box._mover._state.set("moving", {
        "source": "Held", "target": "INBOX", "validity": following[b"UIDVALIDITY"], "next": following[b"UIDNEXT"],
        "counted": counted, "first": 1, "last": 4,
    })  # fmt: skip
    assert box.release() == 2
    assert whereabouts(dovecot, user) == all_once(4)
    with by_hand(dovecot, user) as client:
        client.select_folder("INBOX")
        assert len(client.search("SEEN")) == 2
    box.close()


def files(root: Path, *parts: str) -> int:
    return sum(sum(1 for _ in os.scandir(root / part)) for part in parts if (root / part).is_dir())


PHASES: dict[str, Callable[[Path], bool]] = {
    "the first is copied": lambda root: files(root, "tmp", "new", "cur") > 0,
    "the first has arrived": lambda root: files(root, "new", "cur") > 0,
    "the first has left": lambda root: files(root, ".Held/new", ".Held/cur") < 1_200,
    "many have left": lambda root: files(root, ".Held/new", ".Held/cur") < 600,
}


def test_a_folder_that_the_user_took_away_after_a_broken_move_is_no_trouble(dovecot: Dovecot, tmp_path: Path) -> None:
    user = dovecot.user()
    fill(dovecot, user, 3)
    with proxy_to(dovecot.imap) as proxy:
        box = mailbox_at(proxy.port, user, tmp_path)
        ids = [one.id for one in box.arrivals(NOON)]
        box.hold(ids)
        proxy.cut_at("UID MOVE", "undone")
        with pytest.raises(Temporary):
            box.release()
        with by_hand(dovecot, user) as client:
            client.delete_folder("Held")
        assert box.release() == 0 and box.hold(ids[:1]) == 1 and len(box.arrivals(NOON)) == 2
        box.close()


@pytest.mark.parametrize("noted", ["", "nonsense", "[]", "{}", '{"source": "Held"}'])
def test_a_note_that_cannot_be_read_is_no_trouble(dovecot: Dovecot, tmp_path: Path, noted: str) -> None:
    user = dovecot.user()
    fill(dovecot, user, 2)
    (tmp_path / "imap-main.moving").write_text(noted)
    box = imap_mailbox(dovecot, user, tmp_path)
    assert box.hold([one.id for one in box.arrivals(NOON)]) == 2 and not (tmp_path / "imap-main.moving").exists()
    box.close()


@pytest.mark.parametrize("phase", PHASES)
def test_a_server_killed_in_the_middle_of_a_move_loses_and_doubles_nothing(tmp_path: Path, phase: str) -> None:
    count = 1_200
    with running_dovecot() as server:
        user = server.user()
        fill(server, user, count, ".Held")
        box = imap_mailbox(server, user, tmp_path)
        uids = box._reader.all_uids("Held")
        assert len(uids) == count
        watch = threading.Thread(target=_kill_when, args=(PHASES[phase], server, server.home(user) / "Maildir"))
        watch.start()
        with suppress(Temporary):  # else it came through before the end
            box._mover.move("Held", "INBOX", uids)
        watch.join()
        server.start()
        again = imap_mailbox(server, user, tmp_path)
        again.release()
        assert whereabouts(server, user) == all_once(count) and again.held() == []
        again.close()


def _kill_when(phase: Callable[[Path], bool], server: Dovecot, root: Path) -> None:
    until(lambda: phase(root), 10)
    server.kill()


@pytest.mark.slow
def test_killed_at_any_line_the_next_finds_all_mail_and_leaves_no_folder(dovecot: Dovecot) -> None:
    user = dovecot.user()
    fill(dovecot, user, 3)
    wanted = [b"<0@x.example>", b"<1@x.example>", b"<2@x.example>"]
    with quick_folder() as state:

        def hold_and_release() -> None:
            box = mailbox_at(dovecot.imap, user, state)
            assert box.hold([one.id for one in box.arrivals(NOON)]) == 3 and box.release() == 3
            box.tidy()

        def check(line: int) -> None:
            again = mailbox_at(dovecot.imap, user, state)
            again.release()
            again.tidy()
            with by_hand(dovecot, user) as client:
                shown = [name for _, _, name in client.list_folders() if "Held" in name]
                client.select_folder("INBOX", readonly=True)
                there = Counter(item[b"ENVELOPE"].message_id for item in client.fetch(client.search(), ["ENVELOPE"]).values())
            assert not shown and there == Counter(wanted), f"killed at line {line}"
            again.close()

        modules = (integrations.imap_moving, integrations.imap_folders, integrations.imap_state)
        assert killed_at_every_line(hold_and_release, modules, check) > 60


# --- many -------------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_ten_thousand_messages_come_back_in_seconds(dovecot: Dovecot, tmp_path: Path) -> None:
    user = dovecot.user()
    fill(dovecot, user, 10_000, ".Held")
    box = imap_mailbox(dovecot, user, tmp_path)
    held = [one.id for one in box.held()]
    began = monotonic()
    assert box.release(held) == 10_000
    assert monotonic() - began < 20
    with by_hand(dovecot, user) as client:
        assert client.select_folder("INBOX")[b"EXISTS"] == 10_000 and client.select_folder("Held")[b"EXISTS"] == 0
    box.close()


def test_a_set_of_thousands_of_scattered_messages_fits_into_commands(dovecot: Dovecot, tmp_path: Path) -> None:
    user, count = dovecot.user(), 3_000
    fill(dovecot, user, count, ".Held")
    box = imap_mailbox(dovecot, user, tmp_path)
    scattered = box._reader.all_uids("Held")[::2]
    assert box._mover.move("Held", "INBOX", scattered) == count / 2
    assert whereabouts(dovecot, user) == all_once(count)
    box.close()
