"""The coaching reply: every gate, and a text that invites."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from rules.coaching import Coached, authenticated, is_worth_reading, reply
from rules.interval import Interval
from rules.items import MailItem
from rules.model import Absence, Envelope
from rules.plan import Skipped
from rules.policy import CoachingPolicy, Language, Me, Person, Policy

NOW = datetime(2026, 12, 2, 12, tzinfo=UTC)
TRIP = Absence("t", "trip", Interval(NOW - timedelta(days=1), NOW + timedelta(days=3)), 4, 1.0, "act", "Lisbon", ())
BEN = Person(id="ben", name="Ben Stone", addresses=("ben@firm.example",), report=True)
ANA = Person(id="ana", name="Ana", addresses=("ana@firm.example",), report=True)
KIM = Person(id="kim", name="Kim", addresses=("kim@firm.example",))
ME = Me(name="Lea", addresses=("Lea@firm.example",), home_zone="Europe/Berlin", languages=("en", "de"))
POLICY = Policy(config_version=1, me=ME, person=(BEN, ANA, KIM))
SERVER = "mx.firm.example"
PROOF = f"{SERVER}; dmarc=pass (p=reject) header.from=firm.example"
FIRST = Envelope(
    "1",
    "<first@firm.example>",
    "ben@firm.example",
    "Supplier",
    NOW - timedelta(minutes=5),
    ("lea@firm.example",),
    headers={"authentication-results": PROOF},
    text="Hi Lea,\nthe supplier wants more money. What should I do?\nBen",
)


def outcome(
    mail: Envelope = FIRST, policy: Policy = POLICY, sent: tuple[Coached, ...] = (), **more: object
) -> MailItem | Skipped:
    given = {"now": NOW, "mail_id": "inbox", "deputies": ("ana",), "authserv_id": SERVER} | more
    return reply(mail, TRIP, policy, sent, **given)  # type: ignore[arg-type]


def silence(mail: Envelope = FIRST, policy: Policy = POLICY, sent: tuple[Coached, ...] = (), **more: object) -> str:
    found = outcome(mail, policy, sent, **more)
    assert isinstance(found, Skipped)
    return found.because


def with_headers(**headers: str) -> Envelope:
    return replace(FIRST, headers={**FIRST.headers, **{name.replace("_", "-"): value for name, value in headers.items()}})


def test_a_first_mail_that_asks_for_help_gets_an_invitation() -> None:
    mail = outcome()
    assert isinstance(mail, MailItem)
    assert (mail.to, mail.subject, mail.in_reply_to) == (("ben@firm.example",), "Re: Supplier", "<first@firm.example>")
    for words in ("Hello Ben,", "automated", "one sentence", "three options", "recommend", "Ana", "Send it anyway", "[urgent]"):
        assert words in mail.body
    assert "more money" not in mail.body, "nothing is quoted"
    assert "Lisbon" not in mail.body


def test_the_same_mail_gives_the_same_id() -> None:
    one, two = outcome(), outcome(replace(FIRST, id="2"))
    assert isinstance(one, MailItem) and isinstance(two, MailItem) and one.id == two.id


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        (replace(FIRST, sender="kim@firm.example"), "not from a direct report"),
        (replace(FIRST, sender="x@client.example"), "not from a direct report"),
        (replace(FIRST, cc=("ana@firm.example",)), "not to you alone"),
        (replace(FIRST, to=("lea@firm.example", "ana@firm.example")), "not to you alone"),
        (replace(FIRST, to=("team@firm.example",)), "not to you alone"),
        (replace(FIRST, to=()), "not to you alone"),
        (replace(FIRST, subject="Re: Supplier"), "not the first mail of its thread"),
        (replace(FIRST, subject="AW: Supplier"), "not the first mail of its thread"),
        (replace(FIRST, subject="SV [2]: Supplier"), "not the first mail of its thread"),
        (with_headers(in_reply_to="<x@y>"), "not the first mail of its thread"),
        (with_headers(references="<x@y>"), "not the first mail of its thread"),
        (replace(FIRST, message_id=""), "no proper Message-ID"),
        (replace(FIRST, message_id="<a\r\nBcc: x>"), "no proper Message-ID"),
        (replace(FIRST, received=NOW - timedelta(days=2)), "not during the absence"),
        (replace(FIRST, text="  "), "its text is not known"),
        (replace(FIRST, text="What should I do? " * 300), "too long"),
        (replace(FIRST, text="The supplier wants more money."), "does not clearly ask"),
        (replace(FIRST, text="Thanks!\n> What should I do?"), "does not clearly ask"),
        (with_headers(auto_submitted="auto-generated"), "automatic"),
        (with_headers(list_id="<all.firm>"), "list"),
        (with_headers(x_homeward="hw-t.ask.x"), "automatic"),
        (with_headers(x_homeward_calendar_method="REPLY"), "automatic"),
        (with_headers(precedence="bulk"), "bulk"),
        (with_headers(return_path="<>"), "bounce"),
        (with_headers(x_spam_flag="YES"), "spam"),
        (with_headers(content_type="text/calendar; method=REPLY"), "no ordinary letter"),
        (with_headers(content_type="multipart/mixed; method=REPLY"), "calendar answer"),
        (with_headers(reply_to="evil@client.example"), "another address"),
        (with_headers(authentication_results="mx.evil.example; dmarc=pass header.from=firm.example"), "not proved"),
    ],
)
def test_in_doubt_it_is_silent_and_says_why(changed: Envelope, reason: str) -> None:
    assert reason in silence(changed)


@pytest.mark.parametrize(
    "text",
    [
        "My doctor says I am ill. What should I do?",
        "I feel harassed, please help",
        "Should I quit?",
        "Someone was injured. Help!",
        "Was soll ich tun? Ich möchte kündigen.",
        "Que dois-je faire, je suis malade. Help",
        "What should I do?\n> she passed away",
        "助けて、退職したい。Please advise",
    ],
)
def test_health_safety_and_employment_never_meet_a_machine(text: str) -> None:
    assert "health, safety or employment" in silence(replace(FIRST, text=text))


@pytest.mark.parametrize("subject", ["[URGENT] Supplier", "Dringend: Supplier", "至急"])
def test_urgent_passes(subject: str) -> None:
    assert silence(replace(FIRST, subject=subject)) == "it is urgent"


def test_the_policys_own_urgent_word_passes_too() -> None:
    rules = replace(POLICY, inbox=replace(POLICY.inbox, urgent_word="[sos]"))
    assert silence(replace(FIRST, subject="[SOS] Supplier"), rules) == "it is urgent"


def test_once_per_thread_once_per_person_and_capped_per_day() -> None:
    long_ago, lately = NOW - timedelta(days=30), NOW - timedelta(days=2)
    assert "this thread" in silence(sent=(Coached("ben", FIRST.message_id, long_ago),))
    assert "less than 4 days" in silence(sent=(Coached("ben", "<x@y>", lately),))
    assert isinstance(outcome(sent=(Coached("ben", "<x@y>", long_ago), Coached("ana", "<z@y>", lately))), MailItem)
    capped = replace(POLICY, coaching=CoachingPolicy(daily_cap=1))
    assert "daily cap" in silence(FIRST, capped, (Coached("ana", "<x@y>", NOW - timedelta(hours=3)),))
    assert isinstance(outcome(FIRST, capped, (Coached("ana", "<x@y>", lately),)), MailItem)


def test_switched_off_or_over_or_stale_is_silent() -> None:
    assert "switched off" in silence(FIRST, replace(POLICY, coaching=CoachingPolicy(enabled=False)))
    assert "not during the absence" in silence(now=NOW + timedelta(days=9))
    old = replace(FIRST, received=NOW - timedelta(hours=23))
    assert "older than a day" in silence(old, now=NOW + timedelta(hours=2))


def test_a_leader_who_is_in_the_list_of_people_is_not_coached() -> None:
    me = Person(id="lea", name="Lea", addresses=("lea@firm.example",), report=True)
    assert "your own" in silence(replace(FIRST, sender="lea@firm.example"), replace(POLICY, person=(me,)))


def test_without_a_server_that_vouches_it_is_silent_unless_somebody_else_does() -> None:
    assert "not known which server" in silence(authserv_id="")
    assert isinstance(outcome(with_headers(authentication_results=""), authserv_id="", vouched=True), MailItem)


@pytest.mark.parametrize(
    ("header", "proved"),
    [
        (PROOF, True),
        ("MX.firm.example 1; spf=fail; DKIM=pass header.d=firm.example", True),
        ("mx.firm.example; dkim=pass header.i=@firm.example", True),
        ("mx.firm.example; spf=pass smtp.mailfrom=ben@firm.example", True),
        ("mx.firm.example; dmarc=fail header.from=firm.example", False),
        ("mx.firm.example; dmarc=pass header.from=evil.example", False),
        ("mx.firm.example; dkim=pass header.d=evil.example", False),
        ("mx.firm.example; spf=pass smtp.mailfrom=x@evil.example", False),
        ("mx.firm.example; none (x; dmarc=pass header.from=firm.example)", False),
        ('mx.firm.example; x="; dmarc=pass header.from=firm.example"', False),
        ("mx.firm.example", False),
        ("evil.example; dmarc=pass header.from=firm.example", False),
        ("", False),
    ],
)
def test_only_our_own_servers_word_about_the_senders_domain_counts(header: str, proved: bool) -> None:
    assert authenticated(with_headers(authentication_results=header), SERVER) is proved


def test_a_text_that_was_not_kept_is_worth_fetching_only_where_a_reply_may_come_of_it() -> None:
    proved = replace(POLICY, coaching=replace(POLICY.coaching, authserv_id=SERVER))
    without = replace(FIRST, text="")
    assert silence(without) == "its text is not known" and is_worth_reading(without, TRIP, proved, (), NOW)
    assert not is_worth_reading(without, TRIP, POLICY, (), NOW), "no server vouches"
    assert not is_worth_reading(replace(without, sender="ola@customer.example"), TRIP, proved, (), NOW)
    had = Coached("ben", "<other@firm.example>", NOW - timedelta(hours=1))
    assert not is_worth_reading(without, TRIP, proved, (had,), NOW)


def test_the_deputy_is_never_the_sender_and_may_be_nobody() -> None:
    named = outcome(deputies=("ben", "ana"))
    assert isinstance(named, MailItem) and "Ana" in named.body
    none = outcome(deputies=("ben", "gone"))
    assert isinstance(none, MailItem) and "in the meantime" not in none.body and "None" not in none.body


def test_a_hostile_subject_and_name_stay_text() -> None:
    evil = replace(POLICY, person=(replace(BEN, name="{name}\r\nBcc: x"), ANA))
    mail = outcome(replace(FIRST, subject="Hi\r\nBcc: all@x"), evil)
    assert isinstance(mail, MailItem)
    assert mail.subject == "Re: Hi Bcc: all@x" and "Hello {name}," in mail.body
    blank = outcome(FIRST, replace(POLICY, person=(replace(BEN, name=" "), ANA)))
    assert isinstance(blank, MailItem) and "Hello ben," in blank.body


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Could you decide?"),
        ("de", "Ich brauche deine Entscheidung."),
        ("fr", "J'ai besoin de votre avis."),
        ("es", "¿Qué hago?"),
        ("it", "Cosa devo fare?"),
        ("nl", "Wat moet ik doen?"),
        ("pt", "Preciso da sua opinião."),
        ("sv", "Vad ska jag göra?"),
        ("pl", "Co mam zrobić?"),
        ("ja", "どうすればいいですか"),
    ],
)
def test_each_language_is_understood_and_answered(language: Language, text: str) -> None:
    spoken = replace(POLICY, person=(replace(BEN, language=language), ANA))
    mail = outcome(replace(FIRST, subject="…", text=text), spoken)
    assert isinstance(mail, MailItem) and "[urgent]" in mail.body and "ana@firm.example" in mail.body
    assert {"1.", "2.", "3."} <= set(mail.body.split()) or language == "ja"


def test_ten_languages_are_tried_above() -> None:
    assert len(get_args(Language)) == 10


def test_somebody_without_a_language_is_read_in_the_leaders_own() -> None:
    mail = outcome(replace(FIRST, text="Was soll ich tun?"))
    assert isinstance(mail, MailItem) and "automatische Antwort" in mail.body
    assert "does not clearly ask" in silence(replace(FIRST, text="Vad ska jag göra?"))


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=200), st.text(max_size=60))
def test_whatever_stands_in_a_mail_there_is_an_answer_of_one_kind(text: str, subject: str) -> None:
    found = outcome(replace(FIRST, text=text, subject=subject))
    if isinstance(found, MailItem):
        assert "\n" not in found.subject and found.to == ("ben@firm.example",)
    else:
        assert found.because
