"""Reads a title as words: folds case and accents, cuts it into tokens, and gives each word or phrase its classes from the
lexicons in `rules.words_leave`, `rules.words_travel` and `rules.words_other`. Matching is by whole words, save for the heads of
compounds ("Sommerurlaub" is an Urlaub, "Urlaubsplanung" is none). No verdict is made here."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache

from msgspec import Struct

from rules import words_leave, words_other, words_travel
from rules.words_names import FIRST_NAMES, RELATIVES, ROLES

_STROKES = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ı": "i", "æ": "ae", "œ": "oe", "ð": "d", "’": "'"})
_TOKEN = re.compile(r"[^\W_]+")
_NON_LATIN = re.compile(r"[\u0590-\u06ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_EAST_ASIAN = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af々]")
_LONGEST_PHRASE = 5  # words


@lru_cache(maxsize=4096)
def fold(text: str) -> str:
    """Lower case without accents on Latin letters; other scripts keep their marks. Full-width forms become ordinary ones."""
    if text.isascii():
        return text.lower()
    apart = unicodedata.normalize("NFD", unicodedata.normalize("NFKC", text).casefold())
    bare = "".join(c for c in apart if not "\u0300" <= c <= "\u036f")
    return unicodedata.normalize("NFC", bare).translate(_STROKES)


def key_of(name: str) -> str:
    """Folded words joined by one space: how names and phrases are looked up."""
    folded = fold(name)
    return folded if folded.isalnum() else " ".join(_TOKEN.findall(folded))


class Token(Struct, frozen=True):
    """One word or phrase of a title: `text` as written, `key` folded, its `classes`, and where it stands (`start`, `end`).
    `capital` is true where the first word begins with a capital."""

    text: str
    key: str
    start: int
    end: int
    classes: frozenset[str]
    capital: bool = False

    def has(self, *classes: str) -> bool:
        return not self.classes.isdisjoint(classes)


class Reading(Struct, frozen=True):
    """A title cut into tokens. `classes` are those of all its tokens."""

    text: str
    tokens: tuple[Token, ...]
    classes: frozenset[str]

    def having(self, *classes: str) -> tuple[Token, ...]:
        return tuple(t for t in self.tokens if t.has(*classes))

    def first(self, *classes: str) -> Token | None:
        if self.classes.isdisjoint(classes):
            return None
        return next(t for t in self.tokens if t.has(*classes))

    def has(self, *classes: str) -> bool:
        return not self.classes.isdisjoint(classes)


@lru_cache(maxsize=4096)
def read(text: str) -> Reading:
    """Longest phrases first, from left to right. Text of any kind is taken; control characters separate words."""
    shown = unicodedata.normalize("NFKC", text[:400])  # a title; more than this is somebody's novel
    tokens = tuple(_phrases(shown, tuple(_raw(shown))))
    return Reading(shown, tokens, frozenset().union(*(t.classes for t in tokens)))


def _raw(text: str) -> Iterator[Token]:
    for found in _TOKEN.finditer(text):
        word = found.group()
        if _EAST_ASIAN.search(word):
            yield from _east_asian(word, found.start())
        else:
            yield Token(word, fold(word), found.start(), found.end(), frozenset(), word[0].isupper())


def _east_asian(run: str, offset: int) -> Iterator[Token]:
    """Scripts without spaces: the longest known words; what lies between is one unknown token each."""
    at = unknown_from = 0
    while at < len(run):
        size = next((n for n in range(min(10, len(run) - at), 0, -1) if run[at : at + n] in _east_asian_words()), 0)
        if size and not (size == 1 and at > unknown_from):
            yield from _piece(run, unknown_from, at, offset)
            yield from _piece(run, at, at + size, offset)
            unknown_from = at + size
        at += size or 1
    yield from _piece(run, unknown_from, len(run), offset)


def _piece(run: str, start: int, end: int, offset: int) -> Iterator[Token]:
    if start < end:
        yield Token(run[start:end], fold(run[start:end]), offset + start, offset + end, frozenset())


def _phrases(text: str, raw: tuple[Token, ...]) -> Iterator[Token]:
    at = 0
    while at < len(raw):
        size, classes = _longest(raw, at)
        first, last = raw[at], raw[at + size - 1]
        key = first.key if size == 1 else " ".join(t.key for t in raw[at : at + size])
        found = classes or _single(first.key)
        yield Token(text[first.start : last.end], key, first.start, last.end, found, first.capital)
        at += size


def _longest(raw: tuple[Token, ...], at: int) -> tuple[int, frozenset[str]]:
    """Number of tokens of the longest phrase that starts here, and its classes; (1, ∅) where there is none."""
    for size in range(min(_first_words().get(raw[at].key, 1), len(raw) - at), 1, -1):
        classes = lexicon().get(" ".join(t.key for t in raw[at : at + size]))
        if classes is not None:
            return size, classes
    return 1, lexicon().get(raw[at].key, frozenset())


@lru_cache(maxsize=4096)
def _single(key: str) -> frozenset[str]:
    """Classes of a word that is in no lexicon: a number or a date, a compound."""
    if _NUMBER.fullmatch(key):
        return frozenset({"number"})
    return next((classes for pattern, classes in _COMPOUNDS if pattern.fullmatch(key)), frozenset())


_NUMBER = re.compile(
    r"\d+(?:st|nd|rd|th|e|er|h|d|w|m|min|pm|am|kw|日間?|月|年|泊|天|박|일|월|년|시)?"
    r"|[ivx]{1,4}|kw\d+|cw\d+|q[1-4]|h[12]|fy\d+|x\d+|\d+x|日|月|年"
)


def _entries() -> Iterator[tuple[str, str]]:
    for source in (words_leave, words_travel, words_other):
        for name, block in source.CLASSES.items():
            for phrase in re.split(r"[,\n]", block):
                if key := key_of(phrase):
                    yield key, name
                    if name in ("reservation", "check-in", "check-out") and "hotel" in key:
                        yield key, "lodging"
    yield from ((key_of(name), "name") for name in FIRST_NAMES.split())
    for name, block in (("relative", RELATIVES), ("role", ROLES)):
        yield from ((key, name) for word in re.split(r"[,\n]", block) if (key := key_of(word)))


def _build(entries: Iterable[tuple[str, str]]) -> dict[str, frozenset[str]]:
    built: dict[str, set[str]] = {}
    for key, name in entries:
        built.setdefault(key, set()).add(name)
    return {key: frozenset(names) for key, names in built.items()}


_COMPOUNDS = tuple(
    (re.compile(pattern), frozenset(names.split()))
    for pattern, names in (*words_other.COMPOUNDS, *words_leave.COMPOUNDS, *words_travel.COMPOUNDS)
)


@cache
def lexicon() -> dict[str, frozenset[str]]:
    """Folded word or phrase → its classes. Built when the first title is read."""
    return _build(_entries())


@cache
def _east_asian_words() -> frozenset[str]:
    return frozenset(key for key in lexicon() if _EAST_ASIAN.search(key))


@cache
def _first_words() -> dict[str, int]:
    """First word of each phrase → length of the longest phrase that begins so."""
    longest: dict[str, int] = {}
    for key in lexicon():
        words = key.split()
        if len(words) > 1:
            longest[words[0]] = max(longest.get(words[0], 0), min(len(words), _LONGEST_PHRASE))
    return longest


def is_non_latin(text: str) -> bool:
    """Written in Hebrew, Arabic, Japanese, Chinese or Korean letters, which know no capitals."""
    return _NON_LATIN.search(text) is not None
