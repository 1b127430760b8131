"""From the bytes of a config to a policy, with every mistake that can be told found in one go. It looks at nothing but the text:
whether a folder exists or a server answers is for `homeward doctor`."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any, NoReturn

from daemon.config.lines import lines_of
from daemon.config.links import linked
from daemon.config.paths import absolute
from daemon.config.report import Report
from daemon.config.shape import shaped
from daemon.mistakes import ConfigError, Mistake
from rules.policy import Policy

_VERSION = 1
_WHERE = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)$")


def check(path: Path, content: bytes) -> Policy:
    """ConfigError with all mistakes, sorted by line."""
    try:
        return _check(path, content)
    except RecursionError:
        _refuse(path, 0, "it is nested too deeply to be a config")


def _check(path: Path, content: bytes) -> Policy:
    text = _text(path, content)
    data = _parsed(path, text)
    report = Report(str(path), text, data, lines_of(text))
    _version(report)
    data = absolute(data, path.absolute().parent, report)
    policy = shaped(data, report)
    linked(data, report)
    if policy is None or report.mistakes:
        raise ConfigError(tuple(sorted(set(report.mistakes))))
    return policy


def _text(path: Path, content: bytes) -> str:
    try:
        return content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        _refuse(path, line, "this line is not UTF-8", "save the file as UTF-8 in your editor")


def _parsed(path: Path, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except ValueError as error:  # TOMLDecodeError, or a number of thousands of digits
        said = str(error)
        where = _WHERE.search(said)
        line = int(where[1] or text.count("\n") + 1) if where else 0
        _refuse(path, line, _WHERE.sub("", said), _hint(said, text, line))


def _hint(said: str, text: str, line: int) -> str:
    there = text.split("\n")[line - 1].strip() if line <= text.count("\n") + 1 else ""
    if said.startswith("Cannot overwrite a value"):
        return "the same key stands twice"
    if said.startswith(("Cannot declare", "Cannot mutate")):
        return "this table stands twice; for a list of them write [[...]] each time"
    if said.startswith(("Invalid value", "Expected newline")) and "=" in there:
        return 'text goes in quotes: "…"; times too: "08:00"'
    return ""


def _version(report: Report) -> None:
    found = report.data.get("config_version")
    if type(found) is int and found > _VERSION:
        words = f"{found}: it is written for a newer homeward"
        mistake = Mistake(
            report.file, report.line(("config_version",)), "config_version", words, str(_VERSION), "update homeward"
        )
        # Everything else in it may mean something else by then: no other mistake is worth telling.
        raise ConfigError((mistake,))


def _refuse(path: Path, line: int, found: str, suggestion: str = "") -> NoReturn:
    raise ConfigError((Mistake(str(path), line, "", found, "", suggestion),))
