"""Accounts, and the calendars and mailboxes in them: does each say what its kind needs, nothing that its kind does not have, and
only addresses at which a login is safe. It reads the plain data; whether a server answers is for `homeward doctor`."""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping
from typing import Any
from urllib.parse import urlsplit

from daemon.config.at_google import own_twice
from daemon.config.lines import Path
from daemon.config.report import Report, near, one_of, tables, text
from daemon.mistakes import show
from integrations.errors import Permanent
from integrations.login import Server, is_loopback

_LOGIN = ("user", "auth", "password_fetch", "password_file", "ca_file")
_AT_GOOGLE = ("calendar_url", "gmail_url", "token_url", "auth_url")
_KEYS = {
    "local": (), "caldav": (*_LOGIN, "url"), "imap": (*_LOGIN, "imap", "smtp", "managesieve"),
    "google": ("user", "client_file", "subject", "token_file", "ca_file", "daily_units", *_AT_GOOGLE),
}  # fmt: skip
_NEEDED = {
    "local": {},
    "caldav": {"user": "your login name", "url": "the server, or your e-mail address"},
    "imap": {"user": "your login name", "imap": "the mail server"},
    "google": {"client_file": "the JSON file of your OAuth client; README.md says how to get one"},
}
_SCHEMES = {"imap": ("imaps", "imap"), "smtp": ("smtps", "smtp"), "managesieve": ("sieve",)}
_FEEDS = ("https://", "http://")
_HOST = r"[\w-]+(\.[\w-]+)*"
_BEGINNING = re.compile(rf"(https?://(?P<host>[^/\s?#@]+)|([^\s@<>/:]+@)?{_HOST}(:\d{{1,5}})?)(/[^\s?#]*)?")
_AT_GOOGLE_ID = re.compile(r"primary|[^\s/@]+@[^\s/@]+")
_COLLECTION = re.compile(r"(https?://(?P<host>[^/\s?#@]+))?/[^\s?#]*")
_A_COLLECTION = 'a path on the server, "/calendars/mia/work/"'
_AT_GOOGLE_FORM = re.compile(r"https?://(?P<host>[^/\s?#@]+)(/[^\s?#]*)?")
_A_GOOGLE_ADDRESS = "empty, for Google itself, or an address that begins with https://"
_A_GOOGLE_CALENDAR = 'the id of a calendar at Google (`homeward calendars` lists them): "primary" is your own'
_LOCAL_ONLY = ("path", "sieve", "sieve_folder", "outbox", "sendmail")


def stored(data: Mapping[str, Any], report: Report) -> None:
    """Adds every such mistake to `report`."""
    for index, each in tables(data, "account"):
        _account(each, ("account", index), report)
    kinds = {text(each, "id"): text(each, "kind", "local") for _, each in tables(data, "account")} or {"local": "local"}
    for name in ("calendar", "mail"):
        _known_accounts(data, name, [known for known in kinds if known], report)
    _calendars(data, kinds, report)
    _at_addresses(data, report)
    _mailboxes(data, kinds, report)


def _known_accounts(data: Mapping[str, Any], name: str, known: list[str], report: Report) -> None:
    for index, each in tables(data, name):
        found = text(each, "account", "local")
        if found not in known:
            report.add_value((name, index, "account"), found, f"the id of an [[account]]: {one_of(known)}", near(found, known))


# --- accounts ---------------------------------------------------------------------------------------------------------


def _account(each: Mapping[str, Any], where: Path, report: Report) -> None:
    kind = text(each, "kind", "local")
    if kind not in _KEYS:
        return
    needed = _NEEDED[kind]
    if missing := [key for key in needed if not each.get(key)]:
        report.add(where, f"no {' and no '.join(missing)}", ", ".join(f"{key} = … ({needed[key]})" for key in missing))
    for key in sorted({key for keys in _KEYS.values() for key in keys} - set(_KEYS[kind])):
        if each.get(key):
            report.add((*where, key), f'a key that kind = "{kind}" does not have', ", ".join(_KEYS[kind]) or "id and kind alone")
    if each.get("password_fetch") and each.get("password_file"):
        report.add((*where, "password_file"), "both password_fetch and password_file", "one of them")
    for key in _KEYS[kind]:
        if text(each, key) and key in (*_SCHEMES, "url", *_AT_GOOGLE):
            _address(text(each, key), (*where, key), report)
    if kind == "google" and each.get("subject") and each.get("token_file"):
        report.add((*where, "token_file"), "both token_file and subject", "one of them: a service account needs no sign-in")


def _address(found: str, where: Path, report: Report) -> None:
    key = str(where[-1])
    if "://" in found and "@" in urlsplit(found.replace("\\", "/")).netloc:
        report.add(where, "a login name in the address", "the address alone; the login name is user = …")
    elif key == "url":
        _web_address(
            found, _BEGINNING, where, 'an address with https://, a host name or your e-mail address: "cal.example.org"', report
        )
    elif key in _AT_GOOGLE:
        _web_address(found, _AT_GOOGLE_FORM, where, _A_GOOGLE_ADDRESS, report)
    elif not _is_server(found, _SCHEMES[key]):
        forms = " or ".join(f'"{scheme}://mail.example.org"' for scheme in _SCHEMES[key])
        report.add_value(where, found, f'a host, "mail.example.org", "mail.example.org:1234", {forms}')


def _is_server(found: str, schemes: tuple[str, ...]) -> bool:
    try:
        return Server.parse(found, schemes[0]).scheme in schemes
    except Permanent:
        return False


def _web_address(found: str, form: re.Pattern[str], where: Path, allowed: str, report: Report) -> None:
    """Nobody's password goes over the network in the clear."""
    fits = form.fullmatch(found)
    if not fits:
        report.add_value(where, found, allowed)
    elif found.startswith("http://") and not is_loopback(urlsplit(found).hostname or ""):
        report.add_value(where, found, "https://: over http:// everybody on the way could read your password")


# --- calendars --------------------------------------------------------------------------------------------------------


def _calendars(data: Mapping[str, Any], kinds: Mapping[str, str], report: Report) -> None:
    for index, each in tables(data, "calendar"):
        url, where = text(each, "url"), ("calendar", index)
        if url and not url.startswith(_FEEDS):
            report.add_value((*where, "url"), url, "an address that begins with https:// (or http://, webcal://)")
        _calendar_of(each, kinds.get(text(each, "account", "local"), ""), where, report)
    _twice(data, "calendar", ("path",), report)
    _twice(data, "calendar", ("collection", "account"), report)
    own_twice(data, report)


def _calendar_of(each: Mapping[str, Any], kind: str, where: Path, report: Report) -> None:
    account = show(text(each, "account", "local"))
    if kind == "imap":
        report.add((*where, "account"), f"{account}, a mail server", "an account of kind caldav or google, or local")
    elif kind in ("caldav", "google"):
        for key in ("path", "url"):
            if each.get(key):
                allowed = "collection = … (`homeward calendars` lists them), or account = a local one"
                report.add((*where, key), f"{key}, though account {account} is a server", allowed)
    elif kind == "local" and each.get("collection"):
        found = f"collection, though account {account} is this machine"
        report.add((*where, "collection"), found, "account = one of kind caldav or google")
    if collection := text(each, "collection"):
        _collection(collection, kind, (*where, "collection"), report)


def _collection(found: str, kind: str, where: Path, report: Report) -> None:
    if kind != "google":
        _web_address(found, _COLLECTION, where, _A_COLLECTION, report)
    elif not _AT_GOOGLE_ID.fullmatch(found):
        report.add_value(where, found, _A_GOOGLE_CALENDAR)


def _at_addresses(data: Mapping[str, Any], report: Report) -> None:
    """An e-mail address only leads to the server: a path alone would be looked for at the wrong one."""
    vague = {
        text(each, "id") for _, each in tables(data, "account") if "@" in text(each, "url") and "://" not in text(each, "url")
    }
    for index, each in tables(data, "calendar"):
        found = text(each, "collection")
        if found.startswith("/") and text(each, "account", "local") in vague:
            report.add_value(
                ("calendar", index, "collection"), found, "a whole address, https://…, since url is an e-mail address"
            )


def _twice(data: Mapping[str, Any], name: str, keys: tuple[str, ...], report: Report) -> None:
    """The same store under two ids would be read, and written, twice."""
    seen: dict[Hashable, int] = {}
    for index, each in tables(data, name):
        found = tuple(text(each, key) for key in keys)
        if found[0] and found in seen:
            first = report.line((name, seen[found]))
            report.add((name, index, keys[0]), f"{show(found[0])}, which line {first} has already", "one id each")
        seen.setdefault(found, index)


# --- mailboxes --------------------------------------------------------------------------------------------------------


def _mailboxes(data: Mapping[str, Any], kinds: Mapping[str, str], report: Report) -> None:
    _twice(data, "mail", ("path",), report)
    sieve = {text(each, "id") for _, each in tables(data, "account") if each.get("managesieve")}
    on_servers: dict[str, int] = {}
    for index, each in tables(data, "mail"):
        account, where = text(each, "account", "local"), ("mail", index)
        kind = kinds.get(account, "")
        if kind in ("imap", "google"):
            _server_mailbox(each, kind == "google" or account in sieve, where, report)
            if kind == "google" and each.get("sent_folder"):
                report.add(
                    (*where, "sent_folder"), "sent_folder, though the account is at Google", "nothing: Gmail files what is sent"
                )
            if account in on_servers:
                first = report.line(("mail", on_servers[account]))
                report.add((*where, "account"), f"{show(account)}, which line {first} has already", "one mailbox an account")
            on_servers.setdefault(account, index)
        elif kind == "local":
            _local_mailbox(each, where, report)
        elif kind == "caldav":
            report.add((*where, "account"), f"{show(account)}, a calendar server", "an account of kind imap or google, or local")
        _held_folder(text(each, "held_folder", "Held"), (*where, "held_folder"), report)


def _server_mailbox(each: Mapping[str, Any], can_hold: bool, where: Path, report: Report) -> None:
    for key in _LOCAL_ONLY:
        if each.get(key):
            report.add((*where, key), f"{key}, though the account is a mail server", "nothing: the server does that")
    if each.get("hold") == "server" and not can_hold:
        allowed = 'managesieve = "…" in the [[account]] as well, or hold = "client"'
        report.add((*where, "hold"), '"server" without a Sieve server', allowed)


def _local_mailbox(each: Mapping[str, Any], where: Path, report: Report) -> None:
    if not any(each.get(key) for key in ("path", "sieve", "outbox", "sendmail")):
        report.add(where, "nothing to work with", "at least one of path, sieve, outbox, sendmail; or account = one of kind imap")
    if each.get("outbox") and each.get("sendmail"):
        report.add((*where, "sendmail"), "both outbox and sendmail", "one of them: drafts, or a command that sends")
    if each.get("hold") == "server" and not each.get("sieve"):
        report.add((*where, "hold"), '"server" without a sieve script', 'sieve = "…" as well, or hold = "client"')
    if each.get("sent_folder"):
        report.add((*where, "sent_folder"), "sent_folder, though the account is this machine", "account = one of kind imap")


def _held_folder(found: str, where: Path, report: Report) -> None:
    """It becomes a folder name in a Maildir, an IMAP command and a quoted string in Sieve."""
    if (
        not found.strip()
        or found.upper() == "INBOX"
        or found.startswith(".")
        or any(c in '/\\"' or not c.isprintable() for c in found)
    ):
        report.add_value(where, found, 'the name of a folder, "Held": not INBOX, no leading dot, no / \\ or quotes')
