"""The held mail of an absence in groups: counts and senders, nobody's words."""

from __future__ import annotations

from datetime import UTC, datetime

from rules.held_mail import HeldMail, held_lines
from rules.model import Envelope
from rules.policy import Me, Person, Policy

NOW = datetime(2026, 12, 5, tzinfo=UTC)
POLICY = Policy(
    config_version=1,
    me=Me(name="Lea", addresses=("lea@firm.example",), home_zone="UTC"),
    person=(Person(id="ana", name="Ana", addresses=("ana@home.example",)),),
)


def held(name: str, sender: str, released: bool = True) -> HeldMail:
    return HeldMail(f"<{name}>", sender, released)


def mail(name: str, **headers: str) -> Envelope:
    return Envelope(name, f"<{name}>", "x@y.example", "s", NOW, headers={k.replace("_", "-"): v for k, v in headers.items()})


def told(mails: list[HeldMail], known: list[Envelope] | None = None, openings: int = 2) -> list[str]:
    return [f"{line.lead} | {line.rest}" for line in held_lines(mails, known or [], openings, POLICY)]


def test_each_group_is_counted_with_those_who_wrote_most() -> None:
    senders = ["ana@home.example"] * 3 + ["b@firm.example"] * 2 + ["c@sub.firm.example", "d@firm.example"]
    mails = [held(f"{n}", sender) for n, sender in enumerate(senders)]
    assert told([*mails, held("c", "kay@client.example")]) == [
        "8 held and released | in 2 openings",
        "Team | 7, most from Ana (3), b@firm.example (2), c@sub.firm.example (1)",
        "Customers and others outside | 1, from kay@client.example (1)",
    ]


def test_lists_and_machines_are_told_by_their_headers_or_their_address() -> None:
    known = [mail("a", list_id="<all>"), mail("b", auto_submitted="auto-generated"), mail("c", auto_submitted="no")]
    mails = [
        held("a", "all@firm.example"),
        held("b", "shop@x.example"),
        held("c", "kay@x.example"),
        held("d", "no-reply@x.example"),
    ]
    assert [line.partition(",")[0] for line in told([*mails, held("e", "")], known)[1:]] == [
        "Customers and others outside | 1",
        "Lists | 1",
        "Machines | 3",
    ]


def test_what_is_still_held_is_said_and_nothing_is_nothing() -> None:
    assert told([held("a", "ana@home.example", released=False)], openings=1)[:2] == [
        "0 held and released | in 1 opening",
        "1 still held | they come with the next opening",
    ]
    assert told([held("a", "ana@home.example")], openings=0)[0] == "1 held and released | on your return"
    assert told([], openings=0) == told([], openings=2) == [], "nothing is said of openings that had nothing to release"


def test_a_hostile_sender_is_one_line() -> None:
    assert "\n" not in told([held("a", "a\n\x1b[2Jb@x.example")])[1]


def test_who_wrote_what_was_given_back_unseen_is_known_since() -> None:
    known = [Envelope("18c0", "<a>", "kay@client.example", "s", NOW), Envelope("18c1", "<b>", "ana@home.example", "s", NOW)]
    assert told([HeldMail("18c0", "", True), held("b", "ana@home.example")], known)[1:] == [
        "Team | 1, from Ana (1)",
        "Customers and others outside | 1, from kay@client.example (1)",
    ]
