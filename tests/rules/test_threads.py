"""Mail as conversations: what belongs together, what a deputy answered, and what waits for the leader."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from rules.interval import Interval
from rules.model import Envelope
from rules.policy import Me, Person, Policy
from rules.threads import answered, is_letter, is_reply, named_in, threads, unquoted, waiting

AWAY = Interval(datetime(2026, 12, 1, tzinfo=UTC), datetime(2026, 12, 5, tzinfo=UTC))
LEA, ANA, BEN, MUM = "lea@firm.example", "ana@firm.example", "ben@firm.example", "mum@home.example"
CLIENT = "kay@client.example"
POLICY = Policy(
    config_version=1,
    me=Me(name="Lea Berg", addresses=("Lea@firm.example",), home_zone="Europe/Berlin"),
    person=(
        Person(id="ana", name="Ana", addresses=("Ana@firm.example", "ana@other.example")),
        Person(id="ben", name="Ben", addresses=(BEN,)),
        Person(id="mum", name="Mum", addresses=(MUM,), family=True),
    ),
)


def mail(
    name: str, sender: str, *to: str, hour: float = 1, reply: str = "", cc: tuple[str, ...] = (), text: str = "", **headers: str
) -> Envelope:
    fields = {key.replace("_", "-"): value for key, value in headers.items()} | ({"in-reply-to": f"<{reply}>"} if reply else {})
    at = AWAY.start + timedelta(hours=hour)
    return Envelope(name, f"<{name}>", sender, name, at, to or (LEA,), cc, fields, text)


def answers(*mails: Envelope) -> list[tuple[str, str, tuple[str, ...]]]:
    return [(a.mail.id, a.person_id, a.others) for a in answered(threads(mails), POLICY, AWAY)]


def waits(*mails: Envelope) -> list[tuple[str, str]]:
    return [(a.mail.id, a.because) for a in waiting(threads(mails), POLICY, AWAY)]


def test_messages_that_name_one_another_are_one_thread_whatever_is_missing_between() -> None:
    found = threads(
        [
            mail("c", ANA, hour=3, references="<gone> <b>"),
            mail("a", CLIENT, hour=1),
            mail("b", BEN, hour=2, reply="gone"),
            mail("a2", CLIENT, hour=4, references="<a>\n <x>"),
        ]
    )
    assert [[m.id for m in thread] for thread in found] == [["a", "a2"], ["b", "c"]]


def test_a_message_in_two_folders_is_there_once_and_one_without_an_id_stands_alone() -> None:
    one = mail("a", CLIENT)
    nameless = Envelope("9", "", CLIENT, "x", AWAY.start)
    assert [len(t) for t in threads([one, one, nameless, Envelope("8", "", CLIENT, "x", AWAY.start)])] == [1, 1, 1]


def test_a_circle_of_references_is_one_thread() -> None:
    assert len(threads([mail("a", ANA, reply="b"), mail("b", ANA, reply="c"), mail("c", ANA, reply="a")])) == 1


def test_a_deputys_answer_is_seen_from_the_leaders_copy() -> None:
    asked = mail("q", CLIENT)
    assert answers(asked, mail("r", ANA, CLIENT, hour=2, reply="q", cc=(LEA,))) == [("r", "ana", (CLIENT,))]
    assert answers(mail("r", ANA, CLIENT, hour=2, reply="lost", cc=(LEA,))) == [("r", "ana", (CLIENT,))]


def test_who_asked_is_named_rather_than_everybody_in_copy() -> None:
    asked = mail("q", CLIENT)
    assert answers(asked, mail("r", ANA, CLIENT, BEN, LEA, hour=2, reply="q")) == [("r", "ana", (CLIENT,))]


def test_only_the_last_answer_of_a_thread_counts() -> None:
    first, last = (mail(f"r{n}", ANA, CLIENT, hour=n, reply="q", cc=(LEA,)) for n in (2, 3))
    assert answers(mail("q", CLIENT), first, last) == [("r3", "ana", (CLIENT,))]


@pytest.mark.parametrize(
    "reply",
    [
        mail("r", ANA, CLIENT, hour=2, reply="q"),
        mail("r", ANA, LEA, hour=2, reply="q"),
        mail("r", ANA, CLIENT, hour=2, cc=(LEA,)),
        mail("r", ANA, CLIENT, hour=200, reply="q", cc=(LEA,)),
        mail("r", CLIENT, ANA, hour=2, reply="q", cc=(LEA,)),
        mail("r", ANA, "ana@other.example", hour=2, reply="q", cc=(LEA,)),
        mail("r", MUM, CLIENT, hour=2, reply="q", cc=(LEA,)),
        mail("r", ANA, CLIENT, hour=2, reply="q", cc=(LEA,), auto_submitted="auto-replied"),
    ],
    ids=["no copy", "to the leader alone", "no answer", "after the return", "a customer", "to herself", "family", "a machine"],
)
def test_what_is_no_answer_of_a_deputy(reply: Envelope) -> None:
    assert answers(mail("q", CLIENT), reply) == []


def test_a_letter_waits_by_name_or_where_it_asks_the_leader_alone() -> None:
    assert waits(mail("n", CLIENT, LEA, BEN, text="Hi Lea,\nplease sign.")) == [("n", "by name")]
    assert waits(mail("n", CLIENT, BEN, cc=(LEA,), text="Hi Ben,\nask @Lea about it")) == [("n", "by name")]
    assert waits(mail("n", CLIENT, text="When are you back?")) == [("n", "to you alone")]
    assert waits(mail("Back on Monday?", CLIENT)) == [("Back on Monday?", "to you alone")]


@pytest.mark.parametrize(
    "letter",
    [
        mail("n", CLIENT, text="All is well."),
        mail("n", CLIENT, LEA, BEN, text="Who knows?"),
        mail("n", CLIENT, BEN, text="Hi Lea, who knows?"),
        mail("n", CLIENT, text="Fine.\n> Hi Lea, when?"),
        mail("n", CLIENT, text="Hi Lea?", hour=-1),
        mail("n", CLIENT, text="Hi Lea?", list_id="<news>"),
        mail("n", CLIENT, text="Hi Lea?", precedence="bulk"),
        mail("n", CLIENT, text="Hi Lea?", x_homeward="hw-1"),
        mail("n", MUM, text="Hi Lea?"),
        mail("n", LEA, text="Hi Lea?"),
        mail("n", "", text="Hi Lea?"),
    ],
    ids=["no question", "to several", "not to the leader", "quoted", "before", "list", "bulk", "ours", "family", "own", "nobody"],
)
def test_what_does_not_wait(letter: Envelope) -> None:
    assert waits(letter) == []


@pytest.mark.parametrize(
    ("reply", "open_"),
    [
        (mail("r", LEA, CLIENT, hour=2, reply="q"), []),
        (mail("r", ANA, CLIENT, hour=2, reply="q", cc=(LEA,)), []),
        (mail("r", LEA, CLIENT, hour=200, reply="q"), []),
        (mail("r", MUM, CLIENT, hour=2, reply="q"), [("q", "to you alone")]),
        (mail("r", CLIENT, hour=2, reply="q", text="Thanks."), [("q", "to you alone")]),
        (mail("r", CLIENT, hour=2, reply="q", text="Still?"), [("r", "to you alone")]),
        (mail("r", ANA, hour=2, reply="q", auto_submitted="auto-replied"), [("q", "to you alone")]),
    ],
    ids=["by the leader", "by a deputy", "after the return", "by family", "thanks", "asked again", "by a machine"],
)
def test_what_was_answered_does_not_wait(reply: Envelope, open_: list[tuple[str, str]]) -> None:
    assert waits(mail("q", CLIENT, text="When?"), reply) == open_


def test_nobody_answers_themselves() -> None:
    again = mail("r", "ana@other.example", hour=2, reply="q", text="By the way.")
    assert waits(mail("q", ANA, text="When?"), again) == [("q", "to you alone")]
    assert waits(mail("q", ANA, text="When?"), mail("r", BEN, ANA, hour=2, reply="q", cc=(LEA,))) == []


@pytest.mark.parametrize(
    "text",
    [
        "Lea,\nplease", "Hi Lea", "hello lea!", "Dear Ms Berg,", "Dear Lea Berg", "Good morning Lea, how", "\n\nHey Lea – news",
        "Liebe Lea,", "Sehr geehrte Frau Berg,", "Hallo Ben und Lea,", "Guten Tag Frau Dr. Berg", "Moin Lea", "Bonjour Léa,",
        "Chère Lea", "Hola Lea:", "Buenos días, Lea", "Ciao Lea!", "Hoi Lea,", "Olá Lea", "Hej Lea", "Cześć Lea",
        "I asked @Lea to do it", "(@lea berg)", "Hi all\n\nLea, what do you think",
    ],
)  # fmt: skip
def test_a_name_in_a_greeting_is_found_in_every_language(text: str) -> None:
    assert named_in(text, "Lea Berg")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Hi Leah,",
        "Hi Ana, Lea said so",
        "I met Lea yesterday",
        "mail lea@lea.example",
        "@Leander",
        "x@lea",
        "a\nb\nc\nHi Lea",
    ],
)
def test_a_name_somewhere_else_is_no_greeting(text: str) -> None:
    assert not named_in(text, "Lea Berg")


def test_a_japanese_greeting_has_the_name_first_and_a_name_of_one_letter_is_none() -> None:
    assert named_in("田中さん、お疲れ様です", "田中")
    assert not named_in("Hi L,", "L")


def test_a_hostile_name_is_no_pattern() -> None:
    assert not named_in("Hi anybody,", ".* (")


def test_quoted_lines_do_not_count() -> None:
    assert unquoted("a\nb\n> c\nd") == "a\nb"
    assert is_reply("AW: x") and not is_reply("Award: x")
    assert not is_letter(mail("n", CLIENT, feedback_id="1"))
