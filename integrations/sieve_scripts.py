"""The scripts that homeward lays beside the user's own, as bytes: their names, what ours says of itself, the seals by which an
edit is noticed, and what is read out of a script to the user. Where scripts are kept is for `sieve_file` and `sieve_server`."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any, TypeVar

import msgspec
from msgspec import Struct

from integrations.errors import Permanent
from integrations.ports import Lease, ResponderReading
from integrations.sieve import MARK, Names, guarded_copies, main_script, replies
from integrations.sieve_text import NotUnderstood, quoted
from rules.items import ResponderItem

MAIN, COPY, KEPT = "homeward", "homeward-copy", "before-homeward"
"""Names: what is made active; copies of the user's scripts (also COPY-2, …); a script of the user's that is kept aside."""
UNCHANGED = f"{COPY}-0"
"""Name of a copy in which nothing is rewritten, for a script that ours cannot include by its own name."""
LEASE_ONLY = "hold"
"""Marker of a script of ours that holds mail and answers none."""

_STATE = "# X-HOMEWARD-STATE:"
_SEAL = "# X-HOMEWARD-SEAL:"
_COPY_MARK = "# X-HOMEWARD-COPY:"
_HELLO = "# Written by homeward, for the time that you are away. Your own rules are kept as they were.\n"
_COPIED = "# Made by homeward from your own rules, anew at each change. Edit yours, not this.\n"
_O = TypeVar("_O", bound=Struct)
_COPY_NAME = re.compile(rf"{COPY}(-[0-9]+)?")
_KEPT_NAME = re.compile(rf"{KEPT}(-[0-9]+)?")


# --- what ours says of itself -----------------------------------------------------------------------------------------


class Ours(Struct, frozen=True):
    """The content of a script of ours. `state` is what it says of itself; `edited`: its seal is broken."""

    content: bytes
    state: dict[str, Any] = {}
    edited: bool = False

    @property
    def idle(self) -> bool:
        """It neither answers nor holds: it was written only to take its place."""
        return not self.edited and not self.state.get("marker") and not self.state.get("lease_ends")


def ours_in(content: bytes | None) -> Ours | None:
    """None where this is not our script."""
    if content is None or not content.startswith(MARK.encode()):
        return None
    mark, _, rest = content.decode("utf-8", "surrogateescape").partition("\n")
    seal, _, body = rest.partition("\n")
    state: Any = {}
    line = body.partition("\n")[0]
    if line.startswith(_STATE):
        with suppress(ValueError):
            state = json.loads(line[len(_STATE) :])
    if not isinstance(state, dict) or seal != f"{_SEAL} {_digest(body)}":
        return Ours(content, state if isinstance(state, dict) else {}, True)
    return Ours(content, state, mark != f"{MARK} {state.get('marker') or LEASE_ONLY}")


def original_in(kind: type[_O], ours: Ours) -> _O | None:
    """What `ours` remembers of the user's own state; None where somebody spoilt that."""
    with suppress(msgspec.ValidationError):
        return msgspec.convert(ours.state.get("original"), kind)
    return None


def original_of(kind: type[_O], snapshot: str) -> _O:
    """From a ResponderReading.snapshot."""
    try:
        return msgspec.json.decode(snapshot, type=kind)
    except msgspec.MsgspecError as error:
        raise Permanent("What was remembered of your Sieve script cannot be read.") from error


def is_copy_name(name: str) -> bool:
    return _COPY_NAME.fullmatch(name) is not None


def is_kept_name(name: str) -> bool:
    return _KEPT_NAME.fullmatch(name) is not None


def is_copy(content: bytes) -> bool:
    """Whether this is a copy that we made."""
    return content.startswith(_COPY_MARK.encode())


def copy_was_edited(content: bytes) -> bool:
    mark, _, body = content.partition(b"\n")
    return mark != f"{_COPY_MARK} {hashlib.sha256(body).hexdigest()}".encode()


def marker_of(item: ResponderItem | None) -> str:
    return item.id if item else LEASE_ONLY


def _digest(body: str) -> str:
    return hashlib.sha256(body.encode("utf-8", "surrogateescape")).hexdigest()


# --- writing ----------------------------------------------------------------------------------------------------------


class Own(Struct, frozen=True):
    """The user's own script: its content (None where there is none), the name by which ours includes it, and where the personal
    scripts that it includes are found by name."""

    content: bytes | None
    name: str
    load: Callable[[str], bytes | None]


class Place(Struct, frozen=True):
    """What is the same at each writing. `extensions` are those of the server, where they are known."""

    held_folder: str
    extensions: Collection[str] | None = None

    def __post_init__(self) -> None:
        """Permanent where a script could not name the folder."""
        if "${" in self.held_folder or not self.held_folder.isprintable():
            raise Permanent(f"“{self.held_folder}” cannot be the name of the held folder.")


def scripts(
    item: ResponderItem | None, lease: Lease | None, own: Own, place: Place, original: Mapping[str, Any]
) -> dict[str, bytes]:  # fmt: skip
    """All scripts of ours by name. MAIN comes last: what is active always finds those that it includes. NotUnderstood, in words,
    where the user's script cannot be built upon."""
    copies: dict[str, str] = {}
    if own.content is not None:

        def load(name: str) -> str | None:
            found = own.load(name)
            return None if found is None else _text(found)

        copies = guarded_copies(_text(own.content), load, place.held_folder, item is not None, COPY)
    names = Names(own.name if own.content is not None else "", COPY, place.held_folder)
    main = main_script(item, lease, names, place.extensions)
    unchanged = {UNCHANGED: copied(own.content)} if own.content is not None and own.name == UNCHANGED else {}
    rewritten = {name: copied(text.encode()) for name, text in copies.items()}
    return {**unchanged, **rewritten, MAIN: sealed(main, item, lease, original)}


def including(name: str, optional: bool = False) -> str:
    """A script that does what the personal script `name` does; where it is `optional` and not there, nothing (RFC 6609 3.2)."""
    return f'require ["include"];\ninclude :personal{" :optional" if optional else ""} {quoted(name)};\n'


def sealed(main: str, item: ResponderItem | None, lease: Lease | None, original: Mapping[str, Any]) -> bytes:
    """`main` with lines before it that say what it is. `original` is remembered in them: what restores the user's own state, save
    for the content of scripts."""
    state = {
        "marker": item.id if item else "",
        "ends": item.span.end.isoformat() if item else None,
        "lease_ends": lease.ends.isoformat() if lease else None,
        "original": dict(original),
    }
    body = f"{_STATE} {json.dumps(state, sort_keys=True)}\n{_HELLO}{main}"
    return f"{MARK} {marker_of(item)}\n{_SEAL} {_digest(body)}\n{body}".encode()


def copied(script: bytes) -> bytes:
    """`script` with the lines before it that make it a copy of ours."""
    body = _COPIED.encode() + script
    return f"{_COPY_MARK} {hashlib.sha256(body).hexdigest()}\n".encode() + body


def _text(content: bytes) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise NotUnderstood("Your Sieve script is not written in UTF-8.") from error


# --- reading ----------------------------------------------------------------------------------------------------------


def reading_of_theirs(content: bytes | None, snapshot: str) -> ResponderReading:
    """`content` is that of the active script, None where none is."""
    fingerprint = hashlib.sha256(content or b"").hexdigest()
    if content is None:
        return ResponderReading("", fingerprint, snapshot, False, "no Sieve script is active")
    try:
        answers = replies(_text(content))
    except NotUnderstood as error:
        said = f"your own Sieve script is active. {error.what}"
        return ResponderReading("", fingerprint, snapshot, b"vacation" in content, said)
    words = "your own Sieve script is active" + (" and answers mail" if answers else "; it answers no mail")
    return ResponderReading("", fingerprint, snapshot, answers, words)


def reading_of_ours(ours: Ours, copies: Iterable[bytes], snapshot: str, now: datetime) -> ResponderReading:
    """`copies` in the order of their names."""
    digest = hashlib.sha256(ours.content)
    edited = ours.edited
    for content in copies:
        digest.update(content)
        edited = edited or copy_was_edited(content)
    marker = str(ours.state.get("marker", "")) or LEASE_ONLY
    ends = _moment(ours.state.get("ends"))
    words = "homeward's Sieve script was changed by hand; it stays so" if edited else "homeward's Sieve script is active"
    return ResponderReading(marker, digest.hexdigest(), snapshot, ends is not None and ends > now, words, ends)


def _moment(text: object) -> datetime | None:
    with suppress(ValueError):
        found = datetime.fromisoformat(text) if isinstance(text, str) else None
        return found if found is not None and found.tzinfo is not None else None
    return None
