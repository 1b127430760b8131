"""Fetches, for letters that people write, the beginning of their text, and for mails from calendars what kind they are: only the
part that is needed, of as many messages as are worth it, and without marking anything as read."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import suppress
from datetime import UTC, datetime

from msgspec import Struct
from msgspec.structs import replace

from integrations.envelope import CALENDAR_METHOD, SMALL_BYTES, TEXT_CHARACTERS, read_envelope
from integrations.imap_wire import Client
from rules.model import Envelope

_MOST_LETTERS = 1_000  # the newest; whoever looks at years of mail looks at headers
_AT_ONCE = 100
_PART_BYTES = 6 * TEXT_CHARACTERS  # four bytes a character at most, in base64
_MOST_PARTS = 50
_MOST_DEPTH = 8
_NAME = re.compile(rb"[A-Za-z0-9._:/+-]{1,60}")
# What parsing a structure that a stranger's mail brought about has been seen to raise.
_GARBAGE = (ValueError, LookupError, TypeError, AttributeError, RecursionError, AssertionError)


class _Part(Struct, frozen=True):
    section: str
    kind: str
    params: Mapping[bytes, bytes]
    encoding: bytes
    attached: bool


def add_texts(client: Client, envelopes: MutableMapping[int, Envelope], sizes: Mapping[int, int]) -> None:
    """Replace those of `envelopes` (by UID) that have a text or a calendar part. The folder is selected. A message whose
    structure cannot be read keeps its headers alone."""
    letters = [uid for uid, one in envelopes.items() if sizes[uid] <= SMALL_BYTES and not _to_many(one)]
    newest = sorted(letters, key=lambda uid: (envelopes[uid].received, uid))[-_MOST_LETTERS:]
    plain = {uid for uid in newest if _kind(envelopes[uid]) in ("", "text/plain")}
    mixed = [uid for uid in newest if _kind(envelopes[uid]).startswith(("multipart/mixed", "multipart/alt", "multipart/rel"))]
    chosen: dict[int, _Part] = {uid: _only_part(envelopes[uid]) for uid in plain}
    for uid, parts in _structures(client, mixed).items():
        method = next((_method(part) for part in parts if part.kind == "text/calendar"), "")
        if method:
            envelopes[uid] = replace(envelopes[uid], headers={**envelopes[uid].headers, CALENDAR_METHOD: method})
        text = next((part for part in parts if part.kind == "text/plain" and not part.attached), None)
        if text:
            chosen[uid] = text
    _add(client, envelopes, {uid: part for uid, part in chosen.items() if not _automatic(envelopes[uid])})


def _to_many(envelope: Envelope) -> bool:
    headers = envelope.headers
    return "list-unsubscribe" in headers or "list-id" in headers or headers.get("precedence", "").lower() in ("bulk", "junk")


def _automatic(envelope: Envelope) -> bool:
    return envelope.headers.get("auto-submitted", "no").split(";")[0].strip().lower() != "no"


def _kind(envelope: Envelope) -> str:
    return envelope.headers.get("content-type", "").partition(";")[0].strip().lower()


def _only_part(envelope: Envelope) -> _Part:
    charset = re.search(r"charset\s*=\s*\"?([^\s\";]+)", envelope.headers.get("content-type", ""), re.IGNORECASE)
    encoding = envelope.headers.get("content-transfer-encoding", "").encode("ascii", "replace")
    return _Part("1", "text/plain", {b"charset": charset[1].encode("ascii", "replace")} if charset else {}, encoding, False)


def _structures(client: Client, uids: list[int]) -> dict[int, list[_Part]]:
    found: dict[int, list[_Part]] = {}
    for start in range(0, len(uids), _AT_ONCE):
        batch = uids[start : start + _AT_ONCE]
        try:
            found |= _structures_of(client, batch)
        except _GARBAGE:
            for uid in batch:  # one of them breaks the parser, and not the others
                with suppress(*_GARBAGE):
                    found |= _structures_of(client, [uid])
    return found


def _structures_of(client: Client, uids: list[int]) -> dict[int, list[_Part]]:
    fetched = client.fetch_set(",".join(map(str, sorted(uids))), "(UID BODYSTRUCTURE)")
    bodies = {uid: items[b"BODYSTRUCTURE"] for uid, items in fetched.items() if b"BODYSTRUCTURE" in items and uid in uids}
    return {uid: [part for part, _ in zip(_parts(body, "", 0), range(_MOST_PARTS), strict=False)] for uid, body in bodies.items()}


def _parts(body: tuple[object, ...], section: str, depth: int) -> Iterator[_Part]:
    if depth > _MOST_DEPTH:
        return
    if isinstance(body[0], list):
        for number, part in enumerate(body[0], 1):
            yield from _parts(part, f"{section}.{number}" if section else str(number), depth + 1)
    elif len(body) > 5:
        kind, subtype, params, _, _, encoding = body[:6]
        words = params if isinstance(params, tuple) else ()
        disposition = next((each for each in body[8:10] if isinstance(each, tuple) and each), (b"",))
        yield _Part(
            section or "1", f"{_word(kind)}/{_word(subtype)}",
            {_bytes(name).lower(): _bytes(value) for name, value in zip(words[::2], words[1::2], strict=False)},
            _bytes(encoding), _word(disposition[0]) == "attachment",
        )  # fmt: skip


def _bytes(value: object) -> bytes:
    return value if isinstance(value, bytes) else b""


def _word(value: object) -> str:
    return _bytes(value).decode("ascii", "replace").lower()


def _method(part: _Part) -> str:
    return re.sub(r"[^A-Z-]", "", part.params.get(b"method", b"").decode("ascii", "replace").upper())[:20]


def _add(client: Client, envelopes: MutableMapping[int, Envelope], chosen: Mapping[int, _Part]) -> None:
    by_section: dict[str, list[int]] = defaultdict(list)
    for uid, part in sorted(chosen.items()):
        by_section[part.section].append(uid)
    for section, uids in by_section.items():
        for start in range(0, len(uids), _AT_ONCE):
            wanted = ",".join(map(str, uids[start : start + _AT_ONCE]))
            for uid, content in client.fetch_section(wanted, f"BODY.PEEK[{section}]<0.{_PART_BYTES}>").items():
                if uid in chosen:
                    envelopes[uid] = replace(envelopes[uid], text=_text(chosen[uid], content))


def _text(part: _Part, content: bytes) -> str:
    charset = _name(part.params.get(b"charset", b"")) or b"utf-8"
    encoding = _name(part.encoding).lower() or b"7bit"
    if encoding == b"base64":
        content = re.sub(rb"[^A-Za-z0-9+/]", b"", content)
        content = content[: len(content) // 4 * 4] if len(content) % 4 == 1 else content + b"=" * (-len(content) % 4)
    head = b"Content-Type: text/plain; charset=" + charset + b"\r\nContent-Transfer-Encoding: " + encoding + b"\r\n\r\n"
    return read_envelope("", head + content, datetime.fromtimestamp(0, UTC), True).text


def _name(raw: bytes) -> bytes:
    return raw if _NAME.fullmatch(raw) else b""
