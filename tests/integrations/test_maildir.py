"""The Maildir under rough handling: other programs, deaths, links, garbage."""

from __future__ import annotations

import errno
import multiprocessing
import os
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import integrations.disk
import integrations.maildir
import rules.passing
from integrations.disk import rename_new, trouble
from integrations.envelope import CALENDAR_METHOD, SMALL_BYTES, TEXT_CHARACTERS, read_envelope
from integrations.errors import Permanent, Temporary
from integrations.maildir import Maildir, create_maildir, deliver, folder_name
from tests.servers.killing import killed_at_every_line, quick_folder

NOON = datetime(2026, 11, 9, 12, tzinfo=UTC)
LETTER = b"From: Ana <ana@client.example>\nSubject: hello\nMessage-ID: <1@x>\n\nbody\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    path = tmp_path / "Maildir"
    create_maildir(path)
    return path


@pytest.fixture
def quick_disk() -> Iterator[Path]:
    with quick_folder() as folder:
        yield folder


def put(root: Path, name: str, part: str = "new", content: bytes = LETTER, at: datetime = NOON) -> Path:
    path = root / part / name
    path.write_bytes(content)
    os.utime(path, (at.timestamp(), at.timestamp()))
    return path


def letters(root: Path) -> Counter[str]:
    """How often each base name lies anywhere in the mailbox, tmp included."""
    files = (p for p in root.rglob("*") if p.is_file() and p.parent.name in ("new", "cur", "tmp"))
    return Counter(p.name.partition(":")[0] for p in files)


def test_a_mailbox_that_is_gone_is_not_taken_for_an_empty_one(root: Path) -> None:
    root.rename(root.with_name("unplugged"))
    for act in (lambda box: box.release(), lambda box: box.arrivals(NOON), lambda box: box.hold(["1.a"])):
        with pytest.raises(Permanent, match=f"{root}.* is not there"):
            act(Maildir("main", root))
    assert not root.exists()


def test_flags_time_and_bytes_survive_and_new_mail_stays_new(root: Path) -> None:
    put(root, "1.a,S=70", "new")
    put(root, "2.b,S=70:2,FS", "cur", LETTER + b"more")
    box = Maildir("main", root)
    assert box.hold(["1.a,S=70", "2.b,S=70"]) == 2
    held = root / ".Held"
    assert (held / "new" / "1.a,S=70").read_bytes() == LETTER
    assert (held / "cur" / "2.b,S=70:2,FS").stat().st_mtime == NOON.timestamp()
    box.release()
    assert (root / "new" / "1.a,S=70").exists() and (root / "cur" / "2.b,S=70:2,FS").read_bytes() == LETTER + b"more"


def test_what_was_read_in_held_comes_back_read(root: Path) -> None:
    put(root, "1.a")
    box = Maildir("main", root)
    box.hold(["1.a"])
    (root / ".Held" / "new" / "1.a").rename(root / ".Held" / "cur" / "1.a:2,S")
    assert box.release(["1.a"]) == 1 and (root / "cur" / "1.a:2,S").exists()


def test_a_name_that_is_taken_is_never_overwritten(root: Path) -> None:
    box = Maildir("main", root)
    put(root, "1.a,S=70:2,", "cur", b"Subject: first\n\n")
    box.hold(["1.a,S=70"])
    put(root, "1.a,S=70", "new", b"Subject: second\n\n")
    assert box.hold(["1.a,S=70"]) == 1
    assert sorted(e.subject for e in box.held()) == ["first", "second"]
    assert (root / ".Held" / "new" / "1.a_1,S=70").exists()
    assert box.release() == 2


def test_another_program_that_flags_mail_meanwhile_is_followed(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = put(root, "1.a")

    def flagged_first(source: Path, target: Path) -> None:
        if path.exists():
            path.rename(root / "cur" / "1.a:2,S")
        rename_new(source, target)

    monkeypatch.setattr(integrations.maildir, "rename_new", flagged_first)
    assert Maildir("main", root).hold(["1.a"]) == 1
    assert (root / ".Held" / "cur" / "1.a:2,S").exists() and letters(root) == {"1.a": 1}


def _flag_for_ever(root: Path, ready: Callable[[], None]) -> None:
    ready()
    while True:
        for folder in (root, root / ".Held"):
            for part, flags in (("new", ":2,"), ("cur", ":2,S"), ("cur", ":2,")):
                for path in list((folder / part).glob("*")):
                    try:
                        path.rename(folder / "cur" / f"{path.name.partition(':')[0]}{flags}")
                    except FileNotFoundError:
                        continue


def test_beside_a_busy_mail_program_nothing_is_lost_or_doubled(root: Path) -> None:
    names = [f"{n}.a" for n in range(30)]
    for name in names:
        put(root, name)
    box = Maildir("main", root)
    started = multiprocessing.Event()
    other = multiprocessing.Process(target=_flag_for_ever, args=(root, started.set), daemon=True)
    box.hold([names[0]])
    other.start()
    started.wait(10)
    try:
        for _ in range(20):
            box.hold(names)
            box.release()
    finally:
        other.kill()
        other.join()
    assert letters(root) == Counter(names)


def test_a_death_at_any_line_loses_and_doubles_nothing(quick_disk: Path) -> None:
    root = quick_disk / "Maildir"
    create_maildir(root)
    names = ["1.a", "2.b"]
    for name in names:
        put(root, name)
    (root / "subscriptions").write_bytes(b"Sent\n")
    box = Maildir("main", root)

    def back_and_forth() -> None:
        box.hold(names)
        box.release(names)
        box.tidy()

    def whole(_: int) -> None:
        assert letters(root) == Counter(names)
        box.hold(names)
        assert [e.id for e in box.held()] == names
        box.release()
        box.tidy()
        assert (root / "subscriptions").read_bytes() == b"Sent\n"

    killed = killed_at_every_line(back_and_forth, (integrations.maildir, integrations.disk), whole)
    assert killed > 100
    assert not (root / ".Held").exists()


def test_held_is_subscribed_to_while_it_is_there_and_no_longer(root: Path) -> None:
    (root / "subscriptions").write_bytes(b"Sent\nArchive\n")
    put(root, "1.a")
    box = Maildir("main", root)
    box.hold(["1.a"])
    assert (root / "subscriptions").read_bytes() == b"Sent\nArchive\nHeld\n"
    box.release()
    box.tidy()
    assert (root / "subscriptions").read_bytes() == b"Sent\nArchive\n" and not (root / ".Held").exists()


def test_the_folder_of_a_hold_on_the_server_is_there_and_seen_before_mail_is(root: Path) -> None:
    (root / "subscriptions").write_bytes(b"Sent\n")
    Maildir("main", root).hold([])
    assert not (root / ".Held").exists()
    box = Maildir("main", root, server_hold=True)
    assert box.capabilities().server_hold and box.hold([]) == 0
    assert (root / ".Held" / "new").is_dir() and (root / "subscriptions").read_bytes() == b"Sent\nHeld\n"


def test_a_held_folder_of_the_users_own_is_used_and_left(root: Path) -> None:
    create_maildir(root / ".Held")
    (root / "subscriptions").write_bytes(b"Held\n")
    put(root, "1.a")
    box = Maildir("main", root)
    box.hold(["1.a"])
    box.release()
    box.tidy()
    assert (root / ".Held").is_dir() and (root / "subscriptions").read_bytes() == b"Held\n"


def test_tidying_leaves_what_somebody_else_put_there(root: Path) -> None:
    put(root, "1.a")
    box = Maildir("main", root)
    box.hold(["1.a"])
    box.release()
    (root / ".Held" / "dovecot.index.log").write_bytes(b"x")
    (root / ".Held" / "tmp" / "being-delivered").write_bytes(b"x")
    box.tidy()
    assert (root / ".Held" / "tmp" / "being-delivered").exists()


def test_sent_and_sorted_mail_is_found_too(root: Path) -> None:
    for folder in (".Sent", ".Work.Clients"):
        create_maildir(root / folder)
        put(root / folder, f"{folder[1:]}1:2,S", "cur")
    put(root, "1.a", at=NOON - timedelta(days=1))
    assert {e.id for e in Maildir("main", root).find(NOON)} == {"Sent1", "Work.Clients1"}


def test_links_are_neither_read_nor_moved(root: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_bytes(LETTER)
    (root / "new" / "1.link").symlink_to(secret)
    os.mkfifo(root / "new" / "2.pipe")
    box = Maildir("main", root)
    assert box.arrivals(NOON - timedelta(days=9999)) == [] and box.hold(["1.link", "2.pipe"]) == 0


def test_a_held_folder_that_is_a_link_is_refused(root: Path, tmp_path: Path) -> None:
    create_maildir(tmp_path / "elsewhere")
    (root / ".Held").symlink_to(tmp_path / "elsewhere")
    put(root, "1.a")
    with pytest.raises(Permanent, match="link"):
        Maildir("main", root).hold(["1.a"])
    assert letters(root) == {"1.a": 1}


def test_a_maildir_behind_a_link_of_its_owner_works(root: Path, tmp_path: Path) -> None:
    (tmp_path / ".mail").symlink_to(root)
    put(root, "1.a")
    assert Maildir("main", tmp_path / ".mail").hold(["1.a"]) == 1


def test_what_is_no_maildir_is_said_in_words(tmp_path: Path) -> None:
    with pytest.raises(Permanent, match="inbox"):
        Maildir("main", tmp_path / "nowhere").arrivals(NOON)


@pytest.mark.parametrize("name", ["", " ", "INBOX", "a/b", "../x", ".Held", "a\nb"])
def test_a_held_folder_needs_a_name_that_is_a_name(tmp_path: Path, name: str) -> None:
    with pytest.raises(Permanent, match="name"):
        Maildir("main", tmp_path, name)


def test_folder_names_are_in_modified_utf_7() -> None:
    assert [folder_name(name) for name in ("Held", "Zurückgehalten", "A&B", "日本語")] == [
        "Held", "Zur&APw-ckgehalten", "A&-B", "&ZeVnLIqe-",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "code, kind, words",
    [
        (errno.ENOSPC, Temporary, "full"), (errno.EDQUOT, Temporary, "full"), (errno.EROFS, Permanent, "read-only"),
        (errno.EACCES, Permanent, "denied"), (errno.EXDEV, Permanent, "different disks"), (errno.ENOENT, Permanent, "not there"),
        (errno.EIO, Temporary, "Input/output"),
    ],
)  # fmt: skip
def test_what_the_system_says_becomes_words(code: int, kind: type[Exception], words: str) -> None:
    said = trouble(OSError(code, os.strerror(code), "/x"), "hold mail")
    assert type(said) is kind and words in said.what and "hold mail" in said.what


def test_a_full_disk_while_moving_leaves_all_mail_where_it_is(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(root, "1.a")

    def full(source: Path, target: Path) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(target))

    monkeypatch.setattr(integrations.maildir, "rename_new", full)
    with pytest.raises(Temporary, match="full"):
        Maildir("main", root).hold(["1.a"])
    assert (root / "new" / "1.a").read_bytes() == LETTER


def test_renaming_without_help_of_the_kernel_overwrites_nothing_either(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(integrations.disk, "_renameat2", lambda: None)
    (tmp_path / "a").write_text("a")
    (tmp_path / "b").write_text("b")
    with pytest.raises(FileExistsError):
        rename_new(tmp_path / "a", tmp_path / "b")
    rename_new(tmp_path / "a", tmp_path / "c")
    assert (tmp_path / "b").read_text() == "b" and (tmp_path / "c").read_text() == "a"


def test_delivery_under_a_name_happens_once(root: Path) -> None:
    assert [deliver(root, "hw-1", LETTER), deliver(root, "hw-1", b"other"), deliver(root, "hw-2", LETTER, "DS")] == [
        True, False, True,
    ]  # fmt: skip
    assert (root / "new" / "hw-1").read_bytes() == LETTER and (root / "cur" / "hw-2:2,DS").exists()


# --- reading hostile mail ---------------------------------------------------------------------------------------------


def test_headers_are_decoded_and_addresses_lowered() -> None:
    raw = (
        b"From: =?utf-8?q?Jos=C3=A9?= <Jose@Client.Example>\nSubject: =?utf-8?b?R3LDvMOfZQ==?=\n =?utf-8?q?_again?=\n"
        b"To: me@home.example, \"x, y\" <Bo@Home.Example>\nList-Id: one\nList-Id: two\n\n"
    )  # fmt: skip
    read = read_envelope("1", raw, NOON, True)
    assert (read.sender, read.subject) == ("jose@client.example", "Grüße again")
    assert read.to == ("me@home.example", "bo@home.example") and read.headers["list-id"] == "one"


def test_the_first_plain_text_is_read_and_a_calendar_answer_is_seen() -> None:
    raw = (
        b'Content-Type: multipart/mixed; boundary="b"\nX-Homeward-Calendar-Method: FORGED\n\n'
        b"--b\nContent-Type: text/html\n\n<p>no\n"
        b"--b\nContent-Type: text/plain; charset=iso-8859-1\nContent-Transfer-Encoding: quoted-printable\n\nGr=FC=DFe\n"
        b"--b\nContent-Type: text/calendar; method=reply\n\nBEGIN:VCALENDAR\n--b--\n"
    )  # fmt: skip
    read = read_envelope("1", raw, NOON, True)
    assert read.text.strip() == "Grüße" and read.headers[CALENDAR_METHOD] == "REPLY"


def test_the_rules_look_for_a_calendar_answer_where_the_reader_notes_it() -> None:
    assert rules.passing.CALENDAR_METHOD == CALENDAR_METHOD


def test_text_is_bounded_and_large_mail_is_read_by_its_headers_only(root: Path) -> None:
    put(root, "1.long", content=LETTER + b"x" * 10_000)
    put(root, "2.huge", content=LETTER + b"x" * (SMALL_BYTES + 1))
    long, huge = Maildir("main", root).arrivals(NOON)
    assert len(long.text) == TEXT_CHARACTERS and (huge.text, huge.subject) == ("", "hello")


GARBAGE = [
    b"", b"\x00\xff" * 50_000, b"From: <<<>>>@@\nTo: (((\n\n", b"Subject: =?x?b?!!?= =?utf-8?q?=ZZ?=\n\n",
    b"Content-Type: text/plain; charset=nonsense\n\n\xff\xfe", b"Content-Type: multipart/mixed\n\n", b"From " * 10_000,
    b"Content-Type: text/plain; charset*=utf-8''%ff\nContent-Transfer-Encoding: base64\n\n====",
    b"".join(b'Content-Type: multipart/mixed; boundary="%d"\n\n--%d\n' % (n, n) for n in range(2_000)),
    b"To: " + b"a@b.example, " * 100_000 + b"\n\n", b"X: y\n" * 100_000, b"From: " + b"(" * 100_000 + b"\n\n",
]  # fmt: skip


@pytest.mark.parametrize("raw", GARBAGE, ids=range(len(GARBAGE)))
def test_garbage_gives_a_poorer_envelope_and_no_error(raw: bytes) -> None:
    read = read_envelope("1", raw, NOON, True)
    assert read.id == "1" and len(read.text) <= TEXT_CHARACTERS and len(read.to) <= 500


@settings(max_examples=150, deadline=None)
@given(
    st.binary(max_size=400),
    st.sampled_from([b"", b"From: ", b"Content-Type: multipart/mixed; boundary=b\n\n--b\n", b"Subject: =?"]),
)
def test_any_bytes_can_be_read(raw: bytes, start: bytes) -> None:
    read = read_envelope("1", start + raw, NOON, True)
    assert "\n" not in read.subject and read.sender == read.sender.lower()
