"""Whose entry is it: the leader's, one they are invited to, or somebody else's; and which names and places a title speaks of.
No verdict is made here."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from rules.gazetteer import Gazetteer
from rules.model import Attendee, Occurrence, Place
from rules.policy import Me, Person
from rules.words import Reading, Token, fold, is_non_latin, key_of

Ownership = Literal["mine", "invited", "foreign"]

_HONORIFIC = re.compile(r"(?:さん|様|くん|님|씨|대리|과장|차장|부장|팀장|주임|사원)$")
# Three syllables that begin with one of the common family names.
_KOREAN_NAME = re.compile(r"[김이박최정강조윤장임한오서신권황안송류홍전고문양손배백허유남심노하곽성차주민지엄][가-힣]{2}")
_SAINTS = frozenset(
    ["st", "sankt", "saint", "sainte", "san", "santa", "santo", "sant", "sao", "val", "port", "fort", "mount", "cape", "bad"]
)
_INITIALS = re.compile(r"[A-Z]{2,3}")
_TITLES = frozenset(["frau", "herr", "hr", "mr", "mrs", "ms", "dr", "prof"])
_SEPARATORS = (":", "-", "–", "—", "]", "|", "·")
_CODE_AFTER = re.compile(r"[A-Z]{2,3}")
_LEAVEISH = ("leave", "family-leave", "long-leave", "sick", "ooo", "holiday", "alone", "gone")
_LINKS = ("trip", "business-trip", "visit", "conference", "to", "in", "flight", "rail")


def ownership(occurrence: Occurrence, me: Me) -> tuple[Ownership, Attendee | None]:
    """`mine`: no organizer, or I am it; `invited`: somebody else's, with me on the list; `foreign`: neither. And my line on the
    list, if there is one."""
    if occurrence.organizer is None and not occurrence.attendees:
        return "mine", None
    addresses = _addresses(me)
    line = next((a for a in occurrence.attendees if a.address in addresses), None)
    if occurrence.organizer is None or occurrence.organizer.address in addresses:
        return "mine", line
    return ("invited" if line else "foreign"), line


@lru_cache(maxsize=16)
def _addresses(me: Me) -> frozenset[str]:
    return frozenset(a.lower() for a in me.addresses)


@lru_cache(maxsize=16)
def my_words(me: Me) -> frozenset[str]:
    """Folded words by which a title may call the leader: names, the parts of their addresses, initials."""
    names = key_of(me.name).split()
    parts = [w for a in me.addresses for w in key_of(a.split("@")[0]).split()]
    initials = ["".join(n[0] for n in names)] if len(names) > 1 else []
    return frozenset((*names, *parts, *initials, "me"))


class Named(Struct, frozen=True):
    """A place in a title: which tokens it takes (`first` to `last`), and whether a preposition or a trip word leads to it."""

    place: Place
    first: int
    last: int
    linked: bool


def places_in(reading: Reading, gazetteer: Gazetteer) -> tuple[Named, ...]:
    """All places that a title names, left to right. Everyday words are places only behind a preposition or a trip word."""
    found: list[Named] = []
    at = 0
    while at < len(reading.tokens):
        named = _place_at(reading, at, gazetteer)
        if named:
            found.append(named)
            at = named.last
        at += 1
    return tuple(found)


def _place_at(reading: Reading, at: int, gazetteer: Gazetteer) -> Named | None:
    tokens = reading.tokens
    if not (tokens[at].capital or is_non_latin(tokens[at].text)):
        return None
    linked = at > 0 and tokens[at - 1].has(*_LINKS)
    for size in range(min(3, len(tokens) - at), 0, -1):
        last = tokens[at + size - 1]
        if size == 1 and tokens[at].classes - {"place"}:
            break
        chunk = reading.text[tokens[at].start : last.end]
        if "," in chunk:
            continue
        place = gazetteer.city(chunk)
        if place and (linked or gazetteer.find_in(chunk)):
            return _with_region(reading, Named(place, at, at + size - 1, linked), gazetteer)
    whole = gazetteer.find_in(tokens[at].text) if is_non_latin(tokens[at].text) and not tokens[at].classes else None
    return Named(whole, at, at, linked) if whole else _by_region(reading, at, linked, gazetteer)


def _with_region(reading: Reading, named: Named, gazetteer: Gazetteer) -> Named:
    """ "Lisbon, Portugal" and "Denver, CO" are one place."""
    wider = _region_after(reading, named.last, gazetteer)
    if wider is None:
        return named
    name = reading.text[reading.tokens[named.first].start : reading.tokens[wider].end]
    return Named(gazetteer.find_in(name) or named.place, named.first, wider, named.linked)


def _region_after(reading: Reading, last: int, gazetteer: Gazetteer) -> int | None:
    if last + 1 >= len(reading.tokens):
        return None
    after = reading.tokens[last + 1]
    between = reading.text[reading.tokens[last].end : after.start]
    if between.strip() not in (",", "(", ", ("):
        return None
    if _CODE_AFTER.fullmatch(after.text) and "," in between:
        return last + 1
    wider = gazetteer.city(after.text)
    return last + 1 if wider and not wider.city else None


def _by_region(reading: Reading, at: int, linked: bool, gazetteer: Gazetteer) -> Named | None:
    """A town that only its region makes a place: "Reading, UK", "Springfield, IL"."""
    if reading.tokens[at].classes:
        return None
    wider = _region_after(reading, at, gazetteer)
    if wider is None:
        return None
    place = gazetteer.find_in(reading.text[reading.tokens[at].start : reading.tokens[wider].end])
    return Named(place, at, wider, linked) if place and place.city else None


def unknown_words(reading: Reading, named: Sequence[Named], me: Me) -> tuple[Token, ...]:
    """What is neither in a lexicon, nor a place, nor the leader's own name."""
    taken = {i for n in named for i in range(n.first, n.last + 1)}
    return tuple(t for i, t in enumerate(reading.tokens) if i not in taken and not t.classes and t.key not in my_words(me))


class Other(Struct, frozen=True):
    """Somebody else whom a title is about. `relative`: of the family, no colleague; `role`: by what they are, not by name;
    `guessed`: by where a word stands, not because it is known as a name."""

    name: str
    relative: bool = False
    role: bool = False
    guessed: bool = False


def other_person(reading: Reading, named: Sequence[Named], me: Me, people: Sequence[Person]) -> Other | None:
    """The person other than the leader that an absence in this title belongs to, or None. Companions ("with Ana") are none."""
    taken = {i for n in named for i in range(n.first, n.last + 1)}
    for index, token in enumerate(reading.tokens):
        if index in taken or is_companion(reading, index):
            continue
        if token.key in _TITLES and index + 1 < len(reading.tokens) and _may_be_surname(reading, index + 1):
            return Other(f"{token.text} {reading.tokens[index + 1].text}")
        if token.has("relative") and not (token.has("family") and not _is_possessive(reading, token) and index > 0):
            return Other(token.text, relative=True)
        if token.has("role") and _is_subject(reading, index):
            return Other(token.text, role=True)
        if other := _named_person(reading, index, me, people):
            return other
    found = _initials_in_front(reading, me) or _unknown_person(reading, unknown_words(reading, named, me))
    return replace(found, guessed=True) if found else None


def _is_subject(reading: Reading, index: int) -> bool:
    """First in the title save for "my", behind a leave word, or with a possessive."""
    return (
        all(t.has("filler") for t in reading.tokens[:index])
        or reading.tokens[index - 1].has(*_LEAVEISH, "business-trip")
        or _is_possessive(reading, reading.tokens[index])
    )


def is_companion(reading: Reading, index: int) -> bool:
    """Behind "with", also where a word stands between ("with my wife", "mit den Kindern", "with Ana and Ben")."""
    before = reading.tokens[max(0, index - 4) : index]
    return any(t.has("with") for t in before)


def _is_possessive(reading: Reading, token: Token) -> bool:
    return reading.text[token.end : token.end + 2] in ("'s", "’s", "s'", "s’")


def _named_person(reading: Reading, index: int, me: Me, people: Sequence[Person]) -> Other | None:
    token = reading.tokens[index]
    if token.key in my_words(me) or not (token.capital or is_non_latin(token.text)):
        return None
    if index and reading.tokens[index - 1].key in _SAINTS:
        return None  # St. Anton is a village
    for person in people:
        if token.key in _person_words(person) and not token.classes - {"name"}:
            return Other(person.name, relative=person.family)
    if token.has("airline") and token.text.isupper():
        return None  # ANA flies, Ana travels
    if not token.has("name") or (token.has("date") and _beside_number(reading, index)):
        return None
    if any(t.key in my_words(me) for t in reading.tokens[max(0, index - 1) : index + 2]):
        return None  # "Ana Maria Silva", where the leader is Ana Silva
    return Other(_full_name(reading, index))


@lru_cache(maxsize=512)
def _person_words(person: Person) -> frozenset[str]:
    return frozenset(w for w in key_of(person.name).split() if len(w) > 1)


def _beside_number(reading: Reading, index: int) -> bool:
    return any(t.has("number", "date") and t is not reading.tokens[index] for t in reading.tokens[max(0, index - 1) : index + 2])


def _full_name(reading: Reading, index: int) -> str:
    first, last = index, index
    while last + 1 < len(reading.tokens) and _may_be_surname(reading, last + 1):
        last += 1
    while first > 0 and _may_be_surname(reading, first - 1):
        first -= 1
    return reading.text[reading.tokens[first].start : reading.tokens[last].end]


def _may_be_surname(reading: Reading, index: int) -> bool:
    token = reading.tokens[index]
    return token.capital and (not token.classes or token.has("name"))


def _initials_in_front(reading: Reading, me: Me) -> Other | None:
    """ "AB: OOO", also where the two letters are a word in some language."""
    if len(reading.tokens) < 2:
        return None
    first, second = reading.tokens[:2]
    says_so = second.key.split()[0] in ("on", "is", "im")
    apart = says_so or reading.text[first.end : second.start].strip() in _SEPARATORS
    words = {"from", "to", "in", "with", "filler", "carrier", *(("date",) if says_so else ())}
    plain = not first.classes - words and first.key not in my_words(me)
    return Other(first.text) if apart and plain and _INITIALS.fullmatch(first.text) and second.has(*_LEAVEISH) else None


def _unknown_person(reading: Reading, unknown: Sequence[Token]) -> Other | None:
    """Unknown words that stand where names do: "Ngozi on leave", "Ngozi's PTO", "PTO for Ngozi", "Ngozi Okafor - PTO"."""
    leave = reading.first(*_LEAVEISH)
    for at, token in enumerate(unknown):
        if _HONORIFIC.search(token.text) or (leave and _KOREAN_NAME.fullmatch(token.text)):
            return Other(token.text)
        if not token.capital or leave is None:
            continue
        index = reading.tokens.index(token)
        pair = at + 1 < len(unknown) and unknown[at + 1].capital and reading.tokens.index(unknown[at + 1]) == index + 1
        if pair or _is_possessive(reading, token) or _stands_as_name(reading, index):
            return Other(_full_name(reading, index))
    return None


def _stands_as_name(reading: Reading, index: int) -> bool:
    tokens, token = reading.tokens, reading.tokens[index]
    if _INITIALS.fullmatch(token.text) and (index == 0 or index == len(tokens) - 1):
        return True
    if index and fold(tokens[index - 1].text) in ("for", "für", "fur", "pour", "para", "per", "voor", "för", "dla"):
        return True
    if index != 0 or len(tokens) < 2:
        return False
    following = tokens[1]
    separator = reading.text[token.end : following.start].strip()
    says_so = following.key.split()[0] in (
        "on",
        "is",
        "im",
        "in",
        "en",
        "op",
        "pa",
        "na",
        "de",
        "ist",
        "est",
        "esta",
        "off",
        "ooo",
        "out",
        "pto",
        "vacation",
        "leave",
        "away",
    )
    return following.has(*_LEAVEISH, "filler") and (separator in _SEPARATORS or says_so)
