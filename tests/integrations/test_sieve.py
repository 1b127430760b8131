"""What Pigeonhole does with the scripts that homeward writes: messages × scripts of users × moments."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from integrations.ports import Lease
from integrations.sieve import Rewriting, guarded_copy, replies
from integrations.sieve_file import SieveFile
from integrations.sieve_text import DOLLAR, NotUnderstood, commands, multiline, quoted, walk
from rules.interval import Interval
from rules.items import ResponderItem, ResponderText
from rules.model import Opening
from tests.servers.pigeonhole import Outcome, Pigeonhole, pigeonhole

NOW = datetime.now(UTC).replace(microsecond=0)  # Pigeonhole reads the machine's clock; ranges are laid around it
ME = "me@home.example"
HOUR = timedelta(hours=1)


@pytest.fixture(scope="module")
def server() -> Iterator[Pigeonhole]:
    with pigeonhole() as running:
        yield running


@pytest.fixture
def home(server: Pigeonhole) -> Pigeonhole:
    for path in [*server.scripts.iterdir(), server.active]:
        path.unlink(missing_ok=True)
    return server


def item(span: Interval | None = None, **changes: object) -> ResponderItem:
    values: dict[str, object] = {
        "id": "hw-trip1.responder.0a", "absence_id": "trip1", "mail_id": "main", "span": span or Interval(NOW - HOUR, NOW + HOUR),
        "texts": (
            ResponderText("internal", "Away", "INTERNAL text"),
            ResponderText("known", "Away", "KNOWN text"),
            ResponderText("unknown", "Away", "UNKNOWN text"),
        ),
        "days": 4, "internal_domains": ("home.example",), "known": ("ana@client.example",), "never": ("kim@home.example",),
        "own": (ME, "alias@home.example"),
    }  # fmt: skip
    return ResponderItem(**{**values, **changes})  # type: ignore[arg-type]


def opening(span: Interval) -> Opening:
    return Opening("trip1", date(2026, 1, 1), 0, span, "UTC")


def lease(*openings: Interval, starts: datetime = NOW - HOUR, ends: datetime = NOW + HOUR) -> Lease:
    passes = ("vip@client.example", "@family.example", ME)
    return Lease(starts, ends, tuple(opening(span) for span in openings), passes, ("[urgent]", "verification code"))


HOLDING = lease(Interval(NOW + HOUR / 2, NOW + HOUR))
OPEN = lease(Interval(NOW - HOUR / 2, NOW + HOUR / 2))
OVER = lease(starts=NOW - 3 * HOUR, ends=NOW - HOUR)
PAST = Interval(NOW - 3 * HOUR, NOW - timedelta(seconds=1))
FUTURE = Interval(NOW + HOUR, NOW + 2 * HOUR)


def mail(sender: str = "ana@client.example", subject: str = "Question", body: str = "hello", **headers: str) -> bytes:
    lines = [f"From: Somebody <{sender}>", f"Subject: {subject}"]
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    named.setdefault("To", ME)
    lines += [f"{name}: {value}" for name, value in named.items()]
    return ("\r\n".join([*lines, "Message-ID: <1@x.example>", "Date: Mon, 23 Nov 2026 03:00:00 +0000", "", body, ""])).encode()


def judged(
    home: Pigeonhole, own: str | None, reply: ResponderItem | None, hold: Lease | None, message: bytes,
    sender: str = "ana@client.example", others: dict[str, str] | None = None,
) -> Outcome:  # fmt: skip
    """What happens to `message` once homeward's script is active on top of `own`."""
    activate(home, own, others)
    responder = SieveFile(home.active, home.scripts, lambda: NOW)
    if reply or hold:
        responder.write(reply, hold, responder.read().snapshot)
    script = home.active if home.active.exists() else empty_script(home)
    return home.run(script, message, sender, ME)


def activate(home: Pigeonhole, own: str | None, others: dict[str, str] | None) -> None:
    for name, text in (others or {}).items():
        (home.scripts / f"{name}.sieve").write_text(text)
    if own is not None:
        (home.scripts / "mine.sieve").write_text(own)
        home.active.symlink_to("sieve/mine.sieve")


def empty_script(home: Pigeonhole) -> Path:
    path = home.scripts / "empty.sieve"
    path.write_text("")
    return path


# Scripts as users have them: each with the placement of MESSAGES by itself, in the order of MESSAGES.
SPAM_FILTER = """
require ["fileinto"];
# the server marks spam; "stop" ends here
if header :contains "X-Spam-Flag" "YES" { discard; stop; }
if header :is "List-Id" "<dev.lists.example>" { fileinto "Lists"; stop; }
if address :is "from" "boss@home.example" { fileinto "Boss"; }
"""
ROUNDCUBE = """require ["copy","fileinto","imap4flags","vacation","envelope","variables"];
# rule:[copies]
if allof (true) { redirect :copy "archive@home.example"; }
# rule:[important]
if header :contains "subject" ["Contract; {draft}", "}"] { addflag "\\\\Flagged"; keep; stop; }
/* rule:[lists] } */
if anyof (exists "List-Id", header :matches "subject" "[*]*") { set "folder" "Lists"; fileinto "${folder}"; stop; }
vacation :days 1 :subject "old" text:
Old words of the user; with "quotes", a } and a
..dot
.
;
if true { fileinto :flags "\\\\Seen" "INBOX"; }
"""
MULTI = """require ["reject", "include", "relational"];
include :personal "spam";
include :personal :once "spam2";
if size :over 1M { reject text: # too big
Too big.
.
; }
elsif not anyof(false, header :value "gt" :comparator "i;ascii-casemap" ["subject"] ["zzz"]) { keep; } else { stop; }
"""
INCLUDED = {
    "spam": 'require "fileinto"; if header :contains "X-Spam-Flag" "YES" { fileinto "Junk"; stop; }',
    "spam2": 'require "fileinto"; if exists "List-Id" { fileinto "Lists"; stop; }',
}
SCRIPTS = {"none": None, "empty": "", "filter": SPAM_FILTER, "roundcube": ROUNDCUBE, "includes": MULTI}
MESSAGES = {
    "client": (mail(), "ana@client.example"),
    "spam": (mail("x@spam.example", X_Spam_Flag="YES"), "x@spam.example"),
    "list": (mail("li@else.example", List_Id="<dev.lists.example>", To="dev@lists.example"), "dev-bounces@lists.example"),
    "boss": (mail("boss@home.example"), "boss@home.example"),
    "vip": (mail("vip@client.example"), "vip@client.example"),
    "family": (mail("kid@family.example"), "kid@family.example"),
    "urgent": (mail(subject="[Urgent] server down"), "ana@client.example"),
    "contract": (mail(subject="Contract; {draft}"), "ana@client.example"),
    "code": (mail("bank@bank.example", subject="Your verification code"), "bank@bank.example"),
}
PASSES = {"vip", "family", "urgent", "code"}


def without_replies(outcome: Outcome) -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    return outcome.folders, outcome.actions - {"send"}, outcome.flags


@pytest.mark.parametrize("own", SCRIPTS)
def test_outside_the_absence_and_in_windows_mail_lands_where_the_users_script_puts_it(home: Pigeonhole, own: str) -> None:
    for name, (message, sender) in MESSAGES.items():
        before = judged(home, SCRIPTS[own], None, None, message, sender, INCLUDED)
        clear(home)
        for moment, reply, hold in (("outside", item(PAST), OVER), ("before", item(FUTURE), None), ("window", item(), OPEN)):
            after = judged(home, SCRIPTS[own], reply, hold, message, sender, INCLUDED)
            clear(home)
            assert without_replies(after) == without_replies(before), (name, moment)
            if moment != "window":
                assert after == before, (name, moment)


@pytest.mark.parametrize("own", SCRIPTS)
def test_while_held_what_would_reach_the_inbox_goes_to_held_and_nothing_else_changes(home: Pigeonhole, own: str) -> None:
    for name, (message, sender) in MESSAGES.items():
        before = judged(home, SCRIPTS[own], None, None, message, sender, INCLUDED)
        clear(home)
        after = judged(home, SCRIPTS[own], item(), HOLDING, message, sender, INCLUDED)
        clear(home)
        inbox = "INBOX" if name in PASSES else "Held"
        assert after.folders == {inbox if folder == "INBOX" else folder for folder in before.folders}, name
        assert after.flags == before.flags, name
        assert after.actions - {"send", "store"} == before.actions - {"send", "store"}, name


def clear(home: Pigeonhole) -> None:
    for path in [*home.scripts.iterdir(), home.active]:
        path.unlink(missing_ok=True)


def test_discarded_and_filed_mail_gets_no_reply_and_the_users_own_reply_is_silent_while_ours_is_on(home: Pigeonhole) -> None:
    assert judged(home, SPAM_FILTER, item(), HOLDING, *MESSAGES["spam"]).reply == ""
    clear(home)
    assert judged(home, SPAM_FILTER, item(), HOLDING, *MESSAGES["boss"]).reply == ""
    clear(home)
    assert judged(home, ROUNDCUBE, item(), HOLDING, *MESSAGES["client"]).reply == "KNOWN text"


def test_the_users_own_reply_goes_on_while_only_the_inbox_is_held(home: Pigeonhole) -> None:
    outcome = judged(home, ROUNDCUBE, None, HOLDING, *MESSAGES["client"])
    assert outcome.reply.startswith("Old words") and outcome.folders == {"Held"}


def test_a_message_that_is_redirected_and_kept_is_still_answered_and_held(home: Pigeonhole) -> None:
    outcome = judged(home, 'redirect "helper@home.example"; keep;', item(), HOLDING, *MESSAGES["client"])
    assert outcome.folders == {"Held"} and outcome.reply == "KNOWN text" and "redirect" in outcome.actions


@pytest.mark.parametrize("folder, held, free", [("INBOX", "Held", "INBOX"), ("inbox", "Held", "INBOX"), ("Work", "Work", "Work")])
def test_a_computed_folder_is_held_where_it_turns_out_to_be_the_inbox(
    home: Pigeonhole, folder: str, held: str, free: str
) -> None:
    own = f'require ["variables", "fileinto"]; set "f" "{folder}"; fileinto "${{f}}"; stop; discard;'
    assert {each.upper() if each == "inbox" else each for each in judged(home, own, item(), OPEN, mail()).folders} == {free}
    clear(home)
    outcome = judged(home, own, item(), HOLDING, mail())
    assert outcome.folders == {held} and bool(outcome.reply) == (held == "Held")


def test_two_languages_for_one_audience_go_out_in_one_reply(home: Pigeonhole) -> None:
    both = (ResponderText("known", "Away", "Hello"), ResponderText("known", "Fort", "Hallo"))
    outcome = judged(home, "", item(texts=both), None, mail())
    assert outcome.subject == "Away" and outcome.reply == "Hello\n\n-- \n\nHallo"


def test_a_server_without_the_mime_extension_still_gets_a_script_that_runs(home: Pigeonhole) -> None:
    activate(home, SPAM_FILTER, None)
    box = SieveFile(home.active, home.scripts, lambda: NOW, extensions=("fileinto",))
    box.write(item(), HOLDING, box.read().snapshot)
    assert b'"mime"' not in home.active.read_bytes()
    assert home.run(home.active, *SILENT["calendar reply"], ME).folders == {"INBOX"}
    assert home.run(home.active, *MESSAGES["client"], ME).folders == {"Held"}


def test_each_audience_gets_its_own_words(home: Pigeonhole) -> None:
    for sender, words in (
        ("bo@home.example", "INTERNAL text"), ("ana@client.example", "KNOWN text"), ("who@else.example", "UNKNOWN text"),
    ):  # fmt: skip
        outcome = judged(home, "", item(), None, mail(sender), sender)
        clear(home)
        assert (outcome.reply, outcome.folders, outcome.handle) == (words, {"INBOX"}, "trip1")


def test_an_audience_without_words_gets_no_reply(home: Pigeonhole) -> None:
    silent = item(texts=(ResponderText("internal", "Away", "INTERNAL text"),))
    assert judged(home, "", silent, None, mail("ana@client.example")).reply == ""
    clear(home)
    assert judged(home, "", silent, None, mail("who@else.example"), "who@else.example").reply == ""


def test_a_false_from_does_not_get_the_words_meant_for_insiders(home: Pigeonhole) -> None:
    assert judged(home, "", item(), None, mail("bo@home.example"), "evil@else.example").reply == "UNKNOWN text"


def test_vips_pass_the_hold_and_are_still_told_that_nobody_is_there(home: Pigeonhole) -> None:
    outcome = judged(home, "", item(known=("vip@client.example",)), HOLDING, *MESSAGES["vip"])
    assert outcome.folders == {"INBOX"} and outcome.reply == "KNOWN text"


URGENT = Lease(NOW - HOUR, NOW + HOUR, (), ("@family.example",), (), "[urgent]", ("kim@client.example", "@home.example", "@*"))


@pytest.mark.parametrize(
    ("sender", "subject", "passes"),
    [
        ("bo@home.example", "Re: [URGENT] server down", True),
        ("bo@build.home.example", "[urgent] server down", True),
        ("kim@client.example", "[urgent] contract", True),
        ("ana@client.example", "[urgent] open this", False),
        ("bo@notathome.example", "[urgent] open this", False),
        ("bo@home.example", "not so urgent", False),
        ("kid@mail.family.example", "a tooth", True),
        ("kid@otherfamily.example", "a tooth", False),
    ],
)
def test_urgent_counts_from_the_team_alone_and_a_domain_covers_its_subdomains(
    home: Pigeonhole, sender: str, subject: str, passes: bool
) -> None:  # fmt: skip
    outcome = judged(home, "", None, URGENT, mail(sender, subject), sender)
    assert outcome.folders == ({"INBOX"} if passes else {"Held"})


def test_an_urgent_word_without_anybody_to_say_it_lets_nobody_through(home: Pigeonhole) -> None:
    nobody = Lease(NOW - HOUR, NOW + HOUR, (), (), (), "[urgent]", ())
    assert judged(home, "", None, nobody, mail(subject="[urgent] open this"), "ana@client.example").folders == {"Held"}


SILENT = {
    "noreply": (mail("noreply@shop.example"), "noreply@shop.example"),
    "no-reply with a tag": (mail("no-reply+17@shop.example"), "no-reply+17@shop.example"),
    "notifications": (mail("notifications@forge.example"), "notifications@forge.example"),
    "postmaster": (mail("postmaster@else.example"), "postmaster@else.example"),
    "bounce": (mail("shop@else.example"), "bounce+17-me=home.example@else.example"),
    "robot behind a human envelope": (mail("noreply@shop.example"), "sam@shop.example"),
    "Feedback-ID": (mail(Feedback_ID="1:campaign:shop"), "ana@client.example"),
    "X-Spam-Flag": (mail(X_Spam_Flag="YES"), "ana@client.example"),
    "X-Autoreply": (mail(X_Autoreply="yes"), "ana@client.example"),
    "delivery report": (mail(Content_Type='multipart/report; boundary="b"', body="--b\r\n\r\nx\r\n--b--"), "ana@client.example"),
    "calendar reply": (mail(Content_Type="text/calendar; method=REPLY", body="BEGIN:VCALENDAR"), "ana@client.example"),
    "nested calendar reply": (
        mail(
            MIME_Version="1.0", Content_Type='multipart/alternative; boundary="b"',
            body="--b\r\nContent-Type: text/plain\r\n\r\nAna accepted\r\n--b\r\n"
            "Content-Type: text/calendar; charset=utf-8; method=REPLY\r\n\r\nBEGIN:VCALENDAR\r\n--b--",
        ),
        "ana@client.example",
    ),
    "list": (mail(List_Unsubscribe="<mailto:x@y.example>"), "ana@client.example"),
    "Precedence": (mail(Precedence="bulk"), "ana@client.example"),
    "Auto-Submitted": (mail(Auto_Submitted="auto-generated"), "ana@client.example"),
    "mailer-daemon": (mail("mailer-daemon@else.example"), "mailer-daemon@else.example"),
    "own address": (mail("alias@home.example"), "alias@home.example"),
    "never": (mail("kim@home.example"), "kim@home.example"),
    "not to the leader": (mail(To="team@home.example"), "ana@client.example"),
}  # fmt: skip


@pytest.mark.parametrize("kind", SILENT)
def test_no_reply_goes_to(home: Pigeonhole, kind: str) -> None:
    message, sender = SILENT[kind]
    assert judged(home, "", item(), None, message, sender).reply == ""


def test_auto_submitted_no_is_answered_as_people_are(home: Pigeonhole) -> None:
    assert judged(home, "", item(), None, mail(Auto_Submitted="no")).reply == "KNOWN text"


def test_mail_to_another_own_address_is_answered(home: Pigeonhole) -> None:
    assert judged(home, "", item(), None, mail(To="alias@home.example")).reply == "KNOWN text"


def test_calendar_replies_are_never_held(home: Pigeonhole) -> None:
    assert judged(home, "", None, HOLDING, *SILENT["nested calendar reply"]).folders == {"INBOX"}


def test_a_dead_daemon_leaves_neither_a_reply_on_nor_an_inbox_held(home: Pigeonhole) -> None:
    outcome = judged(home, "", item(PAST), OVER, *MESSAGES["client"])
    assert outcome.reply == "" and outcome.folders == {"INBOX"}


def test_the_hold_begins_and_ends_on_the_second(home: Pigeonhole) -> None:
    over = lease(starts=NOW - HOUR, ends=NOW)
    begun = lease(starts=NOW, ends=NOW + HOUR)
    assert judged(home, "", None, over, *MESSAGES["client"]).folders == {"INBOX"}
    clear(home)
    assert judged(home, "", None, begun, *MESSAGES["client"]).folders == {"Held"}


@pytest.mark.parametrize("days", [0, 1, 45, 400])
def test_ranges_compare_rightly_across_days_months_and_years(home: Pigeonhole, days: int) -> None:
    far = timedelta(days=days)
    outcome = judged(home, "", item(), lease(starts=NOW - far - HOUR, ends=NOW + far + HOUR), *MESSAGES["client"])
    assert outcome.folders == {"Held"}


NASTY = 'Line "one" \\ back\n.\n..two\n.dot ${subject} ${homeward_dollar} ${1}\n/* no */ # no\nÜmläut 出張 ; stop; }'


def test_words_with_dots_quotes_and_variables_arrive_as_they_were_written(home: Pigeonhole) -> None:
    texts = (ResponderText("known", 'Fort "heute" ${x} \\ Größe\nX-Evil: 1', NASTY),)
    outcome = judged(home, "", item(texts=texts), None, mail())
    assert outcome.reply == NASTY
    assert outcome.subject == 'Fort "heute" ${x} \\ Größe X-Evil: 1'


@settings(max_examples=40, deadline=None)
@given(st.text(alphabet=st.sampled_from('a.${}"\\\n;:# 出'), max_size=60))
def test_any_string_is_one_token_that_says_what_was_meant(text: str) -> None:
    wanted = text.replace("\r\n", "\n").replace("\r", "\n")
    for written in (quoted(wanted.replace("\n", " ")), multiline(wanted)):
        (command,) = commands(f"keep {written};")
        (token,) = command.arguments
        said = token.value().replace("${" + DOLLAR + "}", "$").rstrip("\n")
        assert said == (wanted.replace("\n", " ") if token.kind == "string" else wanted.rstrip("\n"))


REFUSED = {
    "include :global": 'require "include"; include :global "x";',
    "an include that is not there": 'require "include"; include "missing";',
    "a dollar as text": 'require "fileinto"; fileinto "a${b}";',
    "an unknown command": "snooze;",
    "a missing end": 'if true { fileinto "x";',
    "a brace too many": "keep; }",
    "an open string": 'fileinto "x;',
    "a byte order mark": "\ufeffkeep;",
    "a bracket that is never closed": 'if anyof (true, { keep; }',
}  # fmt: skip


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_not_understood_is_refused_in_words_and_nothing_is_written(home: Pigeonhole, what: str) -> None:
    activate(home, REFUSED[what], None)
    responder = SieveFile(home.active, home.scripts, lambda: NOW)
    snapshot = responder.read().snapshot
    with pytest.raises(NotUnderstood, match="Sieve script"):
        responder.write(item(), HOLDING, snapshot)
    assert [path.name for path in home.scripts.iterdir()] == ["mine.sieve"]
    assert home.active.readlink() == Path("sieve/mine.sieve")


def test_a_copy_keeps_every_byte_that_it_has_no_reason_to_change() -> None:
    script = 'require ["fileinto"];\r\n# müll\r\nif true {\r\n\tfileinto "A"; }\r\n'
    copy = guarded_copy(script, Rewriting("Held", True, {}))
    assert copy.partition("\n")[2] == script.replace('fileinto "A";', 'fileinto "A"; set "global.homeward_done" "1";')


def test_a_vacation_in_a_comment_or_a_string_is_no_reply() -> None:
    assert not replies('# vacation "x";\nif header :is "subject" "vacation;" { keep; }')
    assert replies('if true { if true { vacation "x"; } }')


def test_commands_in_blocks_are_found_in_order() -> None:
    found = commands("if true { keep; } else { stop; discard; }")
    assert [command.name for command in walk(found)] == ["if", "keep", "else", "stop", "discard"]
