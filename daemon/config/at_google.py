"""Calendars at Google that go by two names: "primary" is another one for the calendar of the user's own address. It reads the
plain data; Google is not asked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from daemon.config.report import Report, table, tables, text, texts
from daemon.mistakes import show

_OWN = 'the calendar of your own address is "primary"'


def plain_address(address: str) -> str:
    """As Google compares them. In Germany an address has two names."""
    return address.casefold().replace("@googlemail.com", "@gmail.com")


def own_twice(data: Mapping[str, Any], report: Report) -> None:
    """The same calendar under two names would be read, and written, twice."""
    owners = {text(a, "id"): text(a, "subject") or text(a, "user") for _, a in tables(data, "account") if _is_google(a)}
    mine = {plain_address(address) for _, address in texts(table(data, "me"), "addresses")}
    seen: dict[tuple[str, str], int] = {}
    for index, each in tables(data, "calendar"):
        account, found = text(each, "account"), text(each, "collection")
        if account not in owners or not found:
            continue
        plain, owner = plain_address(found), plain_address(owners[account])
        name = "primary" if plain == owner or (not owner and plain in mine) else plain
        if (account, name) in seen:
            same = f"{show(found)}, the same calendar as in line {report.line(('calendar', seen[account, name]))}"
            other = "" if owner else f" (if it is not: user = … in the [[account]] {show(account)}, the address that signs in)"
            report.add(("calendar", index, "collection"), same, f"one of them, so delete the other [[calendar]]: {_OWN}{other}")
        seen.setdefault((account, name), index)


def _is_google(account: Mapping[str, Any]) -> bool:
    return text(account, "kind") == "google"
