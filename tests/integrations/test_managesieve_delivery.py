"""What becomes of mail that is delivered while homeward's script is active on a real server, whose clock is the machine's."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime, timedelta

import pytest

from integrations.login import Login, Server
from integrations.managesieve import ManageSieve
from integrations.ports import Lease
from integrations.sieve_server import SieveServer
from rules.interval import Interval
from rules.items import ResponderItem, ResponderText
from rules.model import Opening
from tests.servers.dovecot import Dovecot
from tests.servers.imap_clients import mailbox_at

NOW = datetime.now(UTC).replace(microsecond=0)
HOUR = timedelta(hours=1)
AWAY = Interval(NOW - HOUR, NOW + 6 * HOUR)
COUNT = itertools.count(1)

RULES = b"""require ["fileinto", "mailbox", "vacation"];\r
if header :contains "X-Spam-Flag" "YES" { discard; stop; }\r
if exists "List-Id" { fileinto :create "Lists"; stop; }\r
if header :contains "Subject" "Invoice" { fileinto :create "Bills"; }\r
vacation :days 1 :addresses "ADDRESS" "The user's own reply";\r
"""


def lease(*openings: Interval, ends: datetime = NOW + 6 * HOUR) -> Lease:
    spans = tuple(Opening("a", date(2026, 1, 1), index, span, "UTC") for index, span in enumerate(openings))
    return Lease(NOW - 3 * HOUR, ends, spans, ("vip@client.example", "@family.example"), ("verification code",), "[urgent]")


SHUT = lease(Interval(NOW + 2 * HOUR, NOW + 3 * HOUR))
OPEN = lease(Interval(NOW - HOUR, NOW + HOUR))
OVER = lease(ends=NOW - HOUR)


class Mailbox:
    """A user with rules of their own, and their mail."""

    def __init__(self, dovecot: Dovecot) -> None:
        self.dovecot = dovecot
        self.user = dovecot.user()
        self.address = f"{self.user}@home.example"
        self._server = Server.parse(f"sieve://localhost:{dovecot.sieve}", "sieve")
        self._login = Login(self.user, "password", lambda: dovecot.password)
        self.responder = SieveServer(self._server, self._login, lambda: NOW)

    def rules(self, content: bytes) -> None:
        with ManageSieve(self._server, self._login) as client:
            client.putscript("mine", content.replace(b"ADDRESS", self.address.encode()))
            client.setactive("mine")

    def item(self, span: Interval = AWAY) -> ResponderItem:
        texts = (
            ResponderText("internal", "Away", "INTERNAL words"),
            ResponderText("known", "Away", "KNOWN words"),
        )
        return ResponderItem(
            f"hw-{self.user}.responder.1", self.user, "main", span, texts, 4,
            ("home.example",), ("ana@client.example",), ("kim@home.example",), (self.address,),
        )  # fmt: skip

    def on(self, item: ResponderItem | None, hold: Lease | None) -> str:
        original = self.responder.read().snapshot
        self.responder.write(item, hold, original)
        return original

    def gets(self, sender: str = "ana@client.example", subject: str = "Question", **headers: str) -> str:
        """The folder that a message from `sender` comes into, "" where it is thrown away."""
        mark = f"<{next(COUNT)}.{self.user}@client.example>"
        lines = [f"From: {sender}", f"To: {self.address}", f"Subject: {subject}", f"Message-ID: {mark}"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        self.dovecot.deliver(self.user, "\r\n".join([*lines, "", "hello", ""]).encode(), sender)
        root = self.dovecot.home(self.user) / "Maildir"
        found = [path for path in root.rglob("*") if path.parent.name in ("new", "cur") and mark.encode() in path.read_bytes()]
        assert len(found) < 2, "the mail was doubled"
        folder = found[0].relative_to(root).parts[0] if found else None
        return "" if folder is None else "INBOX" if folder in ("new", "cur") else folder.lstrip(".")

    def answers(self, sender: str = "ana@client.example") -> list[str]:
        """What the server has sent to `sender` for this user."""
        letters = [letter for letter in self.dovecot.replies.caught.letters if letter.to == (sender,)]
        return [letter.content.decode() for letter in letters if self.user in letter.content.decode()]


@pytest.fixture
def box(dovecot: Dovecot) -> Mailbox:
    return Mailbox(dovecot)


@pytest.mark.parametrize("hold, folder", [(SHUT, "Held"), (OPEN, "INBOX"), (OVER, "INBOX")])
def test_mail_is_held_between_the_openings_and_not_after_the_lease(box: Mailbox, hold: Lease, folder: str) -> None:
    box.rules(RULES)
    box.on(None, hold)
    assert box.gets() == folder


def test_who_and_what_always_passes_passes(box: Mailbox) -> None:
    box.on(None, SHUT)
    assert box.gets("vip@client.example") == box.gets("mum@family.example") == box.gets("son@at.family.example") == "INBOX"
    assert box.gets(subject="Your verification code is 1") == "INBOX"
    assert box.gets("ana@client.example") == box.gets("vip@client.example.evil.example") == "Held"


@pytest.mark.parametrize("hold", [SHUT, OPEN, OVER])
def test_the_users_own_rules_sort_as_ever(box: Mailbox, hold: Lease) -> None:
    box.rules(RULES)
    box.on(box.item(), hold)
    assert box.gets(X_Spam_Flag="YES") == ""
    assert box.gets(List_Id="<dev.lists.example>") == "Lists"
    assert box.gets(subject="Invoice 7") == "Bills"
    assert box.answers() == []


def test_one_reply_goes_to_a_sender_and_the_users_own_rests(box: Mailbox) -> None:
    box.rules(RULES)
    box.on(box.item(), SHUT)
    assert [box.gets(), box.gets()] == ["Held", "Held"]
    (answer,) = box.answers()
    assert "KNOWN words" in answer and "own reply" not in answer and "Auto-Submitted: auto-replied" in answer


def test_everybody_gets_the_words_for_them(box: Mailbox) -> None:
    box.on(box.item(), None)
    for sender in ("pat@home.example", "ana@client.example", "stranger@else.example", "kim@home.example"):
        assert box.gets(sender) == "INBOX"
    assert "INTERNAL words" in box.answers("pat@home.example")[0] and "KNOWN words" in box.answers()[0]
    assert box.answers("stranger@else.example") == box.answers("kim@home.example") == []


@pytest.mark.parametrize(
    "header, value", [("List_Id", "<x.example>"), ("Precedence", "bulk"), ("Auto_Submitted", "auto-generated")]
)
def test_lists_and_robots_get_no_reply(box: Mailbox, header: str, value: str) -> None:
    box.on(box.item(), SHUT)
    box.gets(**{header: value})
    for robot in ("noreply@home.example", "bounces+1@home.example", "mailer-daemon@home.example"):
        box.gets(robot)
        assert box.answers(robot) == []
    assert box.answers() == []


@pytest.mark.parametrize("span", [Interval(NOW - 2 * HOUR, NOW - HOUR), Interval(NOW + HOUR, NOW + 2 * HOUR)])
def test_before_and_after_the_absence_the_users_own_reply_goes_out(box: Mailbox, span: Interval) -> None:
    box.rules(RULES)
    box.on(box.item(span), None)
    assert box.gets() == "INBOX"
    (answer,) = box.answers()
    assert "own reply" in answer


def test_after_the_end_the_users_rules_run_again_and_not_what_was_compiled(box: Mailbox) -> None:
    box.rules(RULES)
    original = box.on(box.item(), SHUT)
    assert box.gets() == "Held"
    box.responder.restore(original, NOW)
    assert box.gets("bea@client.example") == "INBOX" and box.gets(X_Spam_Flag="YES") == ""
    (answer,) = box.answers("bea@client.example")
    assert "own reply" in answer
    box.on(None, SHUT)
    assert box.gets("bea@client.example") == "Held"


def test_a_file_that_no_listing_shows_sorts_as_ever(box: Mailbox) -> None:
    home = box.dovecot.home(box.user)
    box.dovecot._make(home)
    (home / ".dovecot.sieve").write_bytes(RULES)
    box.dovecot._give(home / ".dovecot.sieve")
    assert box.gets(List_Id="<before.example>") == "Lists"
    original = box.on(None, SHUT)
    assert (box.gets(), box.gets(X_Spam_Flag="YES"), box.gets(List_Id="<x.example>")) == ("Held", "", "Lists")
    box.responder.restore(original, NOW)
    assert (box.gets(), box.gets(X_Spam_Flag="YES"), box.gets(List_Id="<x.example>")) == ("INBOX", "", "Lists")


def test_rules_that_are_renewed_while_away_count_for_the_next_mail(box: Mailbox) -> None:
    box.rules(RULES)
    original = box.on(None, SHUT)
    assert box.gets(subject="Newsletter") == "Held"
    box.rules(RULES + b'if header :contains "Subject" "Newsletter" { discard; }\r\n')
    with ManageSieve(box._server, box._login) as client:
        client.setactive("homeward")  # `rules` made theirs active again
    box.responder.write(None, SHUT, original)
    assert box.gets(subject="Newsletter") == ""


def test_a_server_with_a_prefix_before_the_folders_holds_where_the_mailbox_looks(plain_dovecot: Dovecot) -> None:
    user = plain_dovecot.user()
    mailbox = mailbox_at(plain_dovecot.imap, user, None)
    login = Login(user, "password", lambda: plain_dovecot.password)
    server = Server.parse(f"sieve://localhost:{plain_dovecot.sieve}", "sieve")
    responder = SieveServer(server, login, lambda: NOW, held_path=mailbox.held_path)
    responder.write(None, SHUT, responder.read().snapshot)
    letter = (
        f"From: ana@client.example\r\nTo: {user}@home.example\r\nSubject: Question\r\nMessage-ID: <1.{user}@x>\r\n\r\nhello\r\n"
    )
    plain_dovecot.deliver(user, letter.encode(), "ana@client.example")
    assert mailbox.held_path() == "INBOX.Held"
    assert [message.subject for message in mailbox.held()] == ["Question"]
    assert mailbox.arrivals(NOW - HOUR) == []
    assert mailbox.release() == 1
    mailbox.close()
