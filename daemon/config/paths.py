"""The paths of a config made absolute: `~` is the home, anything relative starts where the config file stands. Nothing is opened
and nothing has to exist."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

from daemon.config.report import Report, table, tables

_PATHS = {
    "account": ("password_file", "ca_file", "client_file", "token_file"),
    "calendar": ("path",),
    "mail": ("path", "sieve", "sieve_folder", "outbox"),
}


def absolute(data: dict[str, Any], base: Path, report: Report) -> dict[str, Any]:
    """A copy of `data` with its paths absolute, and webcal:// addresses as the https:// that they stand for."""
    data = copy.deepcopy(data)
    for name, keys in _PATHS.items():
        for index, holder in tables(data, name):
            for key in keys:
                if isinstance(holder.get(key), str) and holder[key]:
                    holder[key] = _absolute(holder[key], base, (name, index, key), report)
    brief = table(data, "brief")
    if isinstance(brief.get("folder"), str) and brief["folder"]:
        brief["folder"] = _absolute(brief["folder"], base, ("brief", "folder"), report)
    for _, calendar in tables(data, "calendar"):
        if str(calendar.get("url")).startswith("webcal://"):
            calendar["url"] = "https" + calendar["url"].removeprefix("webcal")
    _commands(data, base, report)
    return data


def _absolute(path: str, base: Path, where: tuple[str | int, ...], report: Report) -> str:
    try:
        return str(base / Path(path).expanduser())
    except (RuntimeError, ValueError):
        report.add_value(where, path, "a path; ~ alone is your home", "write the whole path")
        return path


def _commands(data: dict[str, Any], base: Path, report: Report) -> None:
    """The first word of each; a bare name stays as it is and is looked up on $PATH when it is run."""
    holders: list[tuple[tuple[str | int, ...], dict[str, Any]]] = [(("inbox", "sync_command"), table(data, "inbox"))]
    holders += [(("mail", index, "sendmail"), mail) for index, mail in tables(data, "mail")]
    holders += [(("account", index, "password_fetch"), account) for index, account in tables(data, "account")]
    for where, holder in holders:
        words = holder.get(str(where[-1]))
        if isinstance(words, list) and words and isinstance(words[0], str) and "/" in words[0]:
            words[0] = _absolute(words[0], base, (*where, 0), report)
