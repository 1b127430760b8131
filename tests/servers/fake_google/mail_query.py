"""The part of Gmail's search language that filters and lists of homeward use: words, "phrases", field:value, -not, OR, {any} and
(all). Words match whole tokens, as Gmail's do."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from tests.servers.fake_google.refusal import invalid

_TOKEN = re.compile(
    r'\s*(?:(?P<open>[({])|(?P<close>[)}])|(?P<minus>-)(?=\S)|(?P<field>\w+):|"(?P<phrase>[^"]*)"|(?P<word>[^\s(){}"]+))'
)


@dataclass(frozen=True, slots=True)
class Searched:
    """What a query can look at. Texts as they stand in the message."""

    sender: str
    to: str
    cc: str
    subject: str
    text: str
    message_id: str
    labels: frozenset[str]
    received: datetime
    size: int
    files: str = ""


Test = Callable[[Searched], bool]


def parse(query: str) -> Test:
    tokens = [found for found in _TOKEN.finditer(query) if found[0].strip()]
    test, rest = _all(tokens, "")
    if rest:
        raise invalid("Invalid query.")
    return test


def _all(tokens: list[re.Match[str]], field: str) -> tuple[Test, list[re.Match[str]]]:
    """Terms up to the closing bracket; OR binds the terms beside it."""
    groups: list[list[Test]] = []
    joined = False
    while tokens and not tokens[0]["close"]:
        if tokens[0]["word"] == "OR":
            joined, tokens = True, tokens[1:]
            continue
        test, tokens = _term(tokens, field)
        if joined and groups:
            groups[-1].append(test)
        else:
            groups.append([test])
        joined = False
    return (lambda m: all(any(t(m) for t in group) for group in groups)), tokens


def _any(tokens: list[re.Match[str]], field: str) -> tuple[Test, list[re.Match[str]]]:
    tests: list[Test] = []
    while tokens and not tokens[0]["close"]:
        test, tokens = _term(tokens, field)
        tests.append(test)
    return (lambda m: any(t(m) for t in tests)), tokens


def _term(tokens: list[re.Match[str]], field: str) -> tuple[Test, list[re.Match[str]]]:
    first, rest = tokens[0], tokens[1:]
    if first["minus"]:
        inner, rest = _term(rest, field)
        return (lambda m: not inner(m)), rest
    if first["field"]:
        return _term(rest, first["field"].lower()) if rest else (lambda m: False, rest)
    if first["open"]:
        test, rest = (_all if first["open"] == "(" else _any)(rest, field)
        if not rest:
            raise invalid("Invalid query.")
        return test, rest[1:]
    return _leaf(field, first["phrase"] if first["phrase"] is not None else first["word"]), rest


def _leaf(field: str, value: str) -> Test:
    if field in ("after", "before", "newer", "older"):
        moment = _moment(value)
        late = field in ("after", "newer")
        return lambda m: (m.received >= moment) if late else (m.received < moment)
    if field == "rfc822msgid":
        return lambda m: m.message_id.strip("<> ") == value.strip("<>")
    if field in ("in", "label", "is"):
        return lambda m: value.upper() in {label.upper() for label in m.labels}
    if field in ("larger", "smaller"):
        return lambda m: (m.size > int(value)) == (field == "larger")
    if field in ("from", "to", "cc", "subject", "filename"):
        name = {"from": "sender", "filename": "files"}.get(field, field)
        return lambda m: _has(getattr(m, name), value)
    if field:
        raise invalid(f"This fake does not know the operator {field}.")
    return lambda m: _has(f"{m.sender} {m.to} {m.subject} {m.text}", value)


def _moment(value: str) -> datetime:
    if value.isdigit():
        return datetime.fromtimestamp(int(value), UTC)
    return datetime.strptime(value.replace("-", "/"), "%Y/%m/%d").replace(tzinfo=UTC)


def _has(text: str, value: str) -> bool:
    there, wanted = (re.findall(r"\w+", each.lower()) for each in (text, value))
    return any(there[at : at + len(wanted)] == wanted for at in range(len(there) - len(wanted) + 1))
