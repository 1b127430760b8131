"""Reading mail on a server, the held folder there, and waiting for what is new."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Timer
from time import monotonic

import pytest

import integrations.imap
from integrations.envelope import CALENDAR_METHOD
from integrations.errors import OutsideError, Permanent
from integrations.imap import ImapMailbox
from integrations.imap_probe import probe_imap
from integrations.login import Server
from integrations.maildir import Maildir
from rules.model import Envelope
from tests.servers.dovecot import Dovecot, Shape, running_dovecot
from tests.servers.imap_clients import by_hand, imap_mailbox, login, mailbox_at
from tests.servers.imap_proxy import proxy_to
from tests.servers.scripted import scripted

NOON = datetime(2026, 11, 9, 12, tzinfo=UTC)
HEAD = b"From: Ana <ana@client.example>\nTo: me@home.example\nSubject: hello\nMessage-ID: <1@x.example>\n"


@pytest.fixture
def user(dovecot: Dovecot) -> str:
    return dovecot.user()


@pytest.fixture
def box(dovecot: Dovecot, user: str, tmp_path: Path) -> Iterator[ImapMailbox]:
    made = imap_mailbox(dovecot, user, tmp_path)
    yield made
    made.close()


# --- what is read -----------------------------------------------------------------------------------------------------

CALENDAR = b"BEGIN:VCALENDAR\nMETHOD:REPLY\nEND:VCALENDAR\n"
LETTERS = {
    "plain": HEAD + b"\nNo, I am away too.\n",
    "no header at all": b"\nhello\n",
    "nothing": b"\n",
    "encoded words": HEAD.replace(b"hello", b"=?utf-8?q?Gr=C3=BC=C3=9Fe?= =?utf-8?b?8J+Ygg==?=") + b"\nhi\n",
    "many recipients": HEAD + b"Cc: " + b",\n ".join(b"p%d@x.example" % n for n in range(80)) + b"\n\nhi\n",
    "base64, longer than is read": HEAD
    + b"Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\n"
    + base64.encodebytes("Ünd dann sagte er noch etwas. ".encode() * 900),
    "quoted-printable": HEAD
    + b"Content-Type: text/plain; charset=iso-8859-1\nContent-Transfer-Encoding: quoted-printable\n\nGr=FC=DFe, =\nAna\n",
    "unknown charset": HEAD + b"Content-Type: text/plain; charset=klingon\n\nh\xe9llo\n",
    "two alternatives": HEAD
    + b'Content-Type: multipart/alternative; boundary="b"\n\n--b\nContent-Type: text/plain\n\nyes\n'
    + b"--b\nContent-Type: text/html\n\n<p>yes\n--b--\n",
    "a nested text": HEAD
    + b"Content-Type: multipart/mixed; boundary=a\n\n--a\nContent-Type: multipart/alternative; boundary=b\n\n"
    + b"--b\nContent-Type: text/html\n\n<p>\n--b\nContent-Type: text/plain; charset=utf-8\n\ngr\xc3\xbcn\n--b--\n--a--\n",
    "an attached text": HEAD
    + b"Content-Type: multipart/mixed; boundary=a\n\n--a\nContent-Type: text/plain\n"
    + b"Content-Disposition: attachment; filename=notes.txt\n\nnot a letter\n--a--\n",
    "only html": HEAD + b"Content-Type: text/html\n\n<p>yes\n",
    "a calendar answer": HEAD
    + b"Content-Type: multipart/mixed; boundary=a\n\n--a\nContent-Type: text/plain\n\nAna accepts\n"
    + b"--a\nContent-Type: text/calendar; method=reply\n\n" + CALENDAR + b"--a--\n",
    "an invitation in one part": HEAD + b"Content-Type: text/calendar; method=REQUEST\n\n" + CALENDAR,
    "a letter within a letter": HEAD
    + b"Content-Type: multipart/mixed; boundary=a\n\n--a\nContent-Type: message/rfc822\n\nSubject: inner\n\ninner\n--a--\n",
    "broken boundaries": HEAD + b"Content-Type: multipart/mixed; boundary=a\n\n--b\n\nhello\n",
    "machine": HEAD + b"Auto-Submitted: auto-replied\nX-Auto-Response-Suppress: All\nX-HOMEWARD: hw-a.1\n\nI am away\n",
    "who vouches": HEAD + b"Authentication-Results: mx.home.example; dmarc=pass\nReturn-Path: <ana@client.example>\n\nhi\n",
    "hostile": b'From: "a\x01b" <x@x.example>\nSubject: a\tb\x07c\xff {5}\nMessage-ID: <(1)\\"@x.example>\n\n) OK [ALERT]\n',
}  # fmt: skip
# An answering machine's text is never looked at, and only what is a letter's own text is fetched.
TEXT_APART = {"machine", "an invitation in one part", "a letter within a letter", "broken boundaries"}


@pytest.mark.parametrize("name", LETTERS)
def test_a_message_reads_as_it_does_from_disk(dovecot: Dovecot, user: str, box: ImapMailbox, name: str) -> None:
    dovecot.put(user, "1", LETTERS[name], NOON)
    (there,) = box.arrivals(NOON)
    (here,) = Maildir("main", dovecot.home(user) / "Maildir").arrivals(NOON)
    assert plain(there) == plain(here)
    assert {key: here.headers.get(key) for key in there.headers} == dict(there.headers)
    assert CALENDAR_METHOD not in here.headers or CALENDAR_METHOD in there.headers or name == "an invitation in one part"
    assert there.text.strip() == here.text.replace("\r\n", "\n").strip() or name in TEXT_APART


def plain(envelope: Envelope) -> tuple[object, ...]:
    return (envelope.message_id, envelope.sender, envelope.subject, envelope.received, envelope.to, envelope.cc)


def test_a_header_that_only_claims_to_be_ours_is_not_believed(dovecot: Dovecot, user: str, box: ImapMailbox) -> None:
    dovecot.put(user, "1", HEAD + b"X-Homeward-Calendar-Method: REPLY\n\nhi\n", NOON)
    assert CALENDAR_METHOD not in box.arrivals(NOON)[0].headers


def test_every_header_that_the_rules_ask_for_is_fetched(dovecot: Dovecot, user: str, box: ImapMailbox) -> None:
    asked = [
        "in-reply-to", "references", "reply-to", "return-path", "delivered-to", "x-original-to", "authentication-results",
        "auto-submitted", "precedence", "content-type", "content-class", "list-id", "list-post", "list-unsubscribe",
        "feedback-id", "x-homeward", "x-loop", "x-spam-flag", "x-auto-response-suppress", "x-autoreply", "x-github-reason",
        "x-account-notification-type",
    ]  # fmt: skip
    dovecot.put(user, "1", HEAD + "".join(f"{name}: that\n" for name in asked).encode() + b"\nhi\n", NOON)
    assert set(asked) <= set(box.arrivals(NOON)[0].headers)


def test_looking_marks_nothing_as_read(dovecot: Dovecot, user: str, box: ImapMailbox) -> None:
    for name in ("a calendar answer", "plain", "a nested text"):
        dovecot.put(user, name.replace(" ", "-"), LETTERS[name], NOON)
    assert len(box.arrivals(NOON)) == len(box.find(NOON)) == 3
    with by_hand(dovecot, user) as client:
        client.select_folder("INBOX", readonly=True)
        assert client.search("UNSEEN") == [1, 2, 3]


def test_one_message_that_breaks_the_parser_hides_no_other(dovecot: Dovecot, user: str, box: ImapMailbox) -> None:
    deep = HEAD.replace(b"<1@", b"<deep@") + b"Content-Type: multipart/mixed; boundary=b0\n\n" + b"".join(
        b"--b%d\nContent-Type: multipart/mixed; boundary=b%d\n\n" % (n, n + 1) for n in range(3_000)
    )  # fmt: skip
    dovecot.put(user, "deep", deep, NOON)
    dovecot.put(user, "usual", LETTERS["two alternatives"], NOON + timedelta(seconds=1))
    first, second = box.arrivals(NOON)
    assert first.message_id == "<deep@x.example>" and second.text.strip() == "yes"


def test_the_fraction_of_a_second_counts_for_the_message(dovecot: Dovecot, user: str, box: ImapMailbox) -> None:
    dovecot.put(user, "1", LETTERS["plain"], NOON + timedelta(seconds=0.7))
    assert len(box.arrivals(NOON + timedelta(seconds=0.5))) == 1 and not box.arrivals(NOON + timedelta(seconds=1))


@pytest.mark.parametrize("hours", [-14, -11, 0, 9, 14])
def test_days_of_another_zone_hide_nothing(dovecot: Dovecot, user: str, box: ImapMailbox, hours: int) -> None:
    for name, at in (("before", NOON - timedelta(hours=13)), ("after", NOON)):
        dovecot.put(user, name, LETTERS["plain"].replace(b"<1@", f"<{name}@".encode()), at + timedelta(hours=hours))
    since = NOON + timedelta(hours=hours)
    assert [e.message_id for e in box.arrivals(since)] == ["<after@x.example>"]


def test_sent_archived_and_held_mail_is_found_and_other_folders_are_not(dovecot: Dovecot, user: str, box: ImapMailbox) -> None:
    for folder in ("", ".Sent", ".Archive", ".Trash"):
        content = LETTERS["plain"].replace(b"<1@", f"<in{folder}@".encode())
        dovecot.put(user, f"in{folder}", content, NOON, folder)
    dovecot.put(user, "held", LETTERS["plain"].replace(b"<1@", b"<held@"), NOON)
    box.hold([next(e.id for e in box.arrivals(NOON) if e.message_id == "<held@x.example>")])
    assert {e.message_id for e in box.find(NOON)} == {f"<{name}@x.example>" for name in ("in", "in.Sent", "in.Archive", "held")}


# --- what it costs ----------------------------------------------------------------------------------------------------


def test_a_folder_in_which_nothing_happened_costs_one_command(dovecot: Dovecot, user: str) -> None:
    for number in range(5):
        dovecot.put(user, str(number), LETTERS["plain"].replace(b"<1@", b"<%d@" % number), NOON)
    with proxy_to(dovecot.imap) as proxy:
        box = mailbox_at(proxy.port, user, None)
        assert len(box.arrivals(NOON)) == 5
        proxy.commands()
        assert len(box.arrivals(NOON)) == 5 and proxy.commands() == ["EXAMINE"]
        dovecot.put(user, "new", LETTERS["plain"], NOON)
        assert len(box.arrivals(NOON)) == 6
        assert proxy.commands() == ["EXAMINE", "UID SEARCH", "UID FETCH", "UID FETCH", "UID FETCH"] and proxy.connections == 1
        box.close()


def test_a_mailbox_without_an_absence_costs_a_handful_of_commands(dovecot: Dovecot, user: str) -> None:
    with proxy_to(dovecot.imap) as proxy:
        box = mailbox_at(proxy.port, user, None)
        box.held()
        proxy.commands()
        assert box.held() == [] and box.release([]) == 0
        box.tidy()
        assert proxy.commands() == ["LIST", "LIST"]
        box.close()


# --- the held folder --------------------------------------------------------------------------------------------------


def names(dovecot: Dovecot, user: str) -> tuple[set[str], set[str]]:
    """All folders, and those that the user's mail program shows."""
    with by_hand(dovecot, user) as client:
        return {name for _, _, name in client.list_folders()}, {name for _, _, name in client.list_sub_folders()}


def held_one(dovecot: Dovecot, user: str, box: ImapMailbox) -> None:
    dovecot.put(user, "1", LETTERS["plain"], NOON)
    assert box.hold([e.id for e in box.arrivals(NOON)]) == 1


@pytest.mark.parametrize("kept", [True, False], ids=["noted here", "noted there alone"])
def test_the_held_folder_is_shown_and_goes_when_it_is_empty(dovecot: Dovecot, user: str, tmp_path: Path, kept: bool) -> None:
    box = imap_mailbox(dovecot, user, tmp_path)
    assert not box.owns_held()
    held_one(dovecot, user, box)
    assert "Held" in names(dovecot, user)[0] & names(dovecot, user)[1]
    again = imap_mailbox(dovecot, user, tmp_path if kept else None)
    assert again.owns_held()
    again.tidy()
    assert len(again.held()) == 1
    again.release()
    again.tidy()
    assert not [name for name in (*names(dovecot, user)[0], *names(dovecot, user)[1]) if "Held" in name] and not again.owns_held()
    assert not [path for path in tmp_path.iterdir() if kept]
    box.close()
    again.close()


def test_a_held_folder_of_the_users_own_stays(dovecot: Dovecot, user: str, box: ImapMailbox) -> None:
    with by_hand(dovecot, user) as client:
        client.create_folder("Held")
    held_one(dovecot, user, box)
    assert not box.owns_held()
    box.release()
    box.tidy()
    assert "Held" in names(dovecot, user)[0]


def test_a_folder_that_the_user_made_in_the_place_of_ours_stays(dovecot: Dovecot, user: str, box: ImapMailbox) -> None:
    held_one(dovecot, user, box)
    with by_hand(dovecot, user) as client:
        client.delete_folder("Held")
        client.create_folder("Other")  # else the new one would be counted from the same second
        client.create_folder("Held")
    assert not box.owns_held()
    box.tidy()
    assert "Held" in names(dovecot, user)[0]


def test_a_folder_with_folders_in_it_stays(dovecot: Dovecot, user: str, box: ImapMailbox) -> None:
    held_one(dovecot, user, box)
    with by_hand(dovecot, user) as client:
        client.create_folder("Held/Mine")
    box.release()
    box.tidy()
    assert {"Held", "Held/Mine"} <= names(dovecot, user)[0]


@pytest.mark.parametrize("made_anew", [False, True])
def test_what_comes_into_the_folder_while_it_goes_is_not_lost(
    dovecot: Dovecot, user: str, box: ImapMailbox, tmp_path: Path, made_anew: bool
) -> None:  # fmt: skip
    """Killed between renaming and deleting; somebody put mail into it at the last moment, and the server made Held anew."""
    held_one(dovecot, user, box)
    with by_hand(dovecot, user) as client:
        client.rename_folder("Held", "Held-homeward-leaves")
        if made_anew:
            client.create_folder("Held")
    state = box._held._state
    state.set("made", {**state.get("made"), "leaving": True})
    again = imap_mailbox(dovecot, user, tmp_path)
    again.tidy()
    assert [e.message_id for e in again.held()] == ["<1@x.example>"]
    again.release()
    for _ in range(3):
        again.tidy()
    assert [e.message_id for e in again.arrivals(NOON)] == ["<1@x.example>"]
    assert "Held-homeward-leaves" not in names(dovecot, user)[0]
    again.close()


def test_one_who_died_before_it_went_still_owns_it(dovecot: Dovecot, user: str, box: ImapMailbox) -> None:
    held_one(dovecot, user, box)
    state = box._held._state
    state.set("made", {**state.get("made"), "leaving": True})
    box.tidy()
    assert box.owns_held() and box.release() == 1
    box.tidy()
    assert "Held" not in names(dovecot, user)[0]


def test_a_folder_that_was_made_by_one_who_died_at_it_is_ours(dovecot: Dovecot, user: str, box: ImapMailbox) -> None:
    box._held._state.set("made", {"path": "Held", "validity": None})
    with by_hand(dovecot, user) as client:
        client.create_folder("Held")
    assert box.owns_held()
    box.tidy()
    assert "Held" not in names(dovecot, user)[0]


def test_where_the_server_holds_the_folder_is_there_before_the_mail(dovecot: Dovecot, user: str, tmp_path: Path) -> None:
    box = imap_mailbox(dovecot, user, tmp_path, server_hold=True)
    assert box.capabilities().server_hold and box.hold([]) == 0
    assert "Held" in names(dovecot, user)[1] and box.owns_held()
    box.close()


@pytest.mark.parametrize("name", ["Zurückgehalten & später", "保留", "Held mail (new)", "It's “held”"])
def test_a_name_in_any_script_is_a_folder_of_that_name(dovecot: Dovecot, user: str, tmp_path: Path, name: str) -> None:
    box = imap_mailbox(dovecot, user, tmp_path, name)
    held_one(dovecot, user, box)
    assert name in names(dovecot, user)[0] and box.held_path() == name
    assert box.release() == 1
    box.tidy()
    assert name not in names(dovecot, user)[0]
    box.close()


@pytest.mark.parametrize("name", ["", " ", "inbox", "a\r\nb", "a\x00b", "a/b", "100%", "*", '"', ".hidden", "a\\b", "#news"])
def test_a_name_that_could_be_anything_else_is_refused(dovecot: Dovecot, tmp_path: Path, name: str) -> None:
    with pytest.raises(Permanent, match="cannot be the name"):
        imap_mailbox(dovecot, "nobody", tmp_path, name)


def test_below_a_prefix_the_folder_lies_where_the_server_wants_it(plain_dovecot: Dovecot, tmp_path: Path) -> None:
    with running_dovecot(Shape("", ".", "INBOX.")) as server:
        user = server.user()
        box = imap_mailbox(server, user, tmp_path)
        held_one(server, user, box)
        assert box.held_path() == "INBOX.Held" and "INBOX.Held" in names(server, user)[1]
        with pytest.raises(Permanent, match="divides names"):
            imap_mailbox(server, user, tmp_path, "a.b").held()
        box.close()


# --- waiting ----------------------------------------------------------------------------------------------------------


@pytest.fixture(params=["IDLE", "looking"])
def waiting_server(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Dovecot]:
    if request.param == "IDLE":
        yield request.getfixturevalue("dovecot")
        return
    monkeypatch.setattr(integrations.imap, "_POLLING", 0.1)
    with running_dovecot(Shape("protocol imap {\n  imap_capability = IMAP4rev1 UIDPLUS NAMESPACE\n}\n")) as server:
        yield server


def test_waiting_ends_when_mail_comes_and_it_is_soon_held(waiting_server: Dovecot, tmp_path: Path) -> None:
    user = waiting_server.user()
    waiting_server.deliver(user, LETTERS["plain"].replace(b"<1@", b"<0@"))
    box = imap_mailbox(waiting_server, user, tmp_path)
    began = datetime.now(UTC) - timedelta(minutes=1)
    assert len(box.arrivals(began)) == 1
    Timer(0.3, waiting_server.deliver, [user, LETTERS["plain"]]).start()
    start = monotonic()
    assert box.wait(20)
    waited = monotonic() - start
    box.hold([e.id for e in box.arrivals(began) if e.message_id == "<1@x.example>"])
    assert 0.2 < waited < 10 and [e.message_id for e in box.held()] == ["<1@x.example>"]
    box.close()


def test_waiting_ends_when_its_time_is_over(waiting_server: Dovecot, tmp_path: Path) -> None:
    box = imap_mailbox(waiting_server, waiting_server.user(), tmp_path)
    start = monotonic()
    assert not box.wait(0.4) and 0.3 < monotonic() - start < 5
    assert box.arrivals(NOON) == []
    box.close()


def test_what_came_since_the_last_look_needs_no_waiting(waiting_server: Dovecot, tmp_path: Path) -> None:
    user = waiting_server.user()
    box = imap_mailbox(waiting_server, user, tmp_path)
    box.arrivals(NOON)
    waiting_server.deliver(user, LETTERS["plain"])
    start = monotonic()
    assert box.wait(20) and monotonic() - start < 5
    box.close()


# --- looking at the server --------------------------------------------------------------------------------------------


def test_probing_tells_what_the_server_can_do_and_changes_nothing(dovecot: Dovecot, user: str) -> None:
    before = names(dovecot, user)
    facts = probe_imap(Server.parse(f"imaps://localhost:{dovecot.imaps}", "imaps"), login(user), dovecot.ca_file)
    assert facts.moves and facts.waits and facts.encrypted and "MOVE" in facts.capabilities
    assert (facts.sent, facts.archive, facts.held_path) == ("Sent", "Archive", "Held")
    assert facts.quota is not None and facts.quota[1] == 2**30 and "INBOX" in facts.folders
    assert names(dovecot, user) == before


def test_probing_says_what_is_missing(plain_dovecot: Dovecot) -> None:
    server = Server.parse(f"imaps://localhost:{plain_dovecot.imaps}", "imaps")
    facts = probe_imap(server, login(plain_dovecot.user()), plain_dovecot.ca_file)
    assert facts.moves and facts.quota is None and facts.sent == facts.held_path.replace("Held", "Sent")
    assert any("no MOVE" in line for line in facts.words)
    with pytest.raises(OutsideError):
        probe_imap(server, login("x", "wrong"), plain_dovecot.ca_file)


def test_news_is_what_came_and_not_what_went_and_is_told_once(dovecot: Dovecot, user: str, tmp_path: Path) -> None:
    box = imap_mailbox(dovecot, user, tmp_path, server_hold=True)
    box.hold([])  # makes the folder
    watching = imap_mailbox(dovecot, user, None, server_hold=True)
    assert not watching.news()
    dovecot.deliver(user, LETTERS["plain"])
    assert watching.news() and not watching.news()
    box.hold([each.id for each in box.arrivals(NOON)])
    assert watching.news() and not watching.news(), "the server holds: what comes into the held folder is news, too"
    by_this_machine = imap_mailbox(dovecot, user, None)
    assert not by_this_machine.news()
    box.release()
    assert by_this_machine.news()
    box.hold([each.id for each in box.arrivals(NOON)])
    assert not by_this_machine.news(), "who holds knows what they hold"
    for each in (box, watching, by_this_machine):
        each.close()


def test_where_a_server_does_not_count_on_it_says_that_it_cannot_tell() -> None:
    steps = [
        (b"", b"* OK hi\r\n"), (b"CAPABILITY", b"* CAPABILITY IMAP4rev1 IDLE AUTH=PLAIN\r\n$TAG OK done\r\n"),
        (b"AUTHENTICATE", b"+ \r\n"), (b"\n", b"$TAG OK in\r\n"),
        (b"EXAMINE", b"* 0 EXISTS\r\n* OK [UIDVALIDITY 1] fine\r\n$TAG OK [READ-ONLY] done\r\n"),
    ]  # fmt: skip
    with scripted(steps) as server, pytest.raises(Permanent, match="does not tell whether anything came"):
        mailbox_at(server.port, "lea", None).news()
