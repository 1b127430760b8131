"""Reads the bytes of a message into an Envelope. Mail is hostile: what is read is bounded, nothing is executed or fetched, and a
message that cannot be parsed gives a poorer Envelope, never an exception. Moves and stores nothing."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from datetime import datetime
from email import policy
from email.errors import MessageError
from email.header import decode_header
from email.message import Message
from email.parser import BytesHeaderParser, BytesParser
from email.utils import getaddresses

from rules.model import Envelope

HEAD_BYTES = 256 * 1024  # more header than any honest message has
SMALL_BYTES = 1024 * 1024  # a message up to this size is also read for its text
TEXT_CHARACTERS = 4_000
_MOST_HEADERS = 300
_MOST_CHARACTERS = 4_000  # of one header
_MOST_ADDRESSES = 500
_MOST_PARTS = 50
# What the email package has been seen to raise on garbage, besides its own errors.
_GARBAGE = (MessageError, ValueError, LookupError, TypeError, AttributeError, RecursionError, AssertionError)
# The name under which `rules.passing` looks for it; said again here, since reading mail should not load all those rules.
CALENDAR_METHOD = "x-homeward-calendar-method"
_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")


def plain_header(raw: object) -> str:
    """One header as one line of readable text (RFC 2047 decoded, control characters gone), at most 4,000 characters."""
    text = str(raw)[:_MOST_CHARACTERS]
    try:
        decoded = "".join(_decoded(part, charset) for part, charset in decode_header(text))
    except _GARBAGE:
        decoded = text
    return _CONTROL.sub(" ", decoded).strip()


def _decoded(part: bytes | str, charset: str | None) -> str:
    if isinstance(part, str):
        return part
    try:
        return part.decode(charset or "utf-8", "replace")
    except (LookupError, ValueError):
        return part.decode("latin-1")


def addresses_in(raw: list[str]) -> tuple[str, ...]:
    """Lower-case addresses, in order, without doubles and without what is no address."""
    try:
        pairs = getaddresses([value[: 20 * _MOST_CHARACTERS] for value in raw])[:_MOST_ADDRESSES]
    except _GARBAGE:
        return ()
    found = (_CONTROL.sub("", address).strip().lower() for _, address in pairs)
    return tuple(dict.fromkeys(a for a in found if "@" in a))


_OURS = re.compile(r"<hw-[^<>\s]+@")
"""How a Message-ID of homeward begins: its left side is the id of the effect."""


def replies_in(envelopes: Iterable[Envelope], senders: Collection[str]) -> list[Envelope]:
    """Those in which one of `senders` replies to a letter of homeward."""
    wanted = {address.lower() for address in senders}
    return [e for e in envelopes if e.sender in wanted and _OURS.search(_thread(e))]


def _thread(envelope: Envelope) -> str:
    return f"{envelope.headers.get('in-reply-to', '')} {envelope.headers.get('references', '')}"


def read_envelope(handle: str, content: bytes, received: datetime, whole: bool) -> Envelope:
    """`content` is a message or its beginning; `whole` says that it is complete and small, so that its text is read too,
    and the METHOD of a calendar part (REPLY, REQUEST, …) goes into the header CALENDAR_METHOD, which no mail can set itself."""
    try:
        head = BytesHeaderParser(policy=policy.compat32).parsebytes(content[:HEAD_BYTES])
        headers = _headers(head)
        sender = addresses_in(_all(head, "from"))
        to, cc = addresses_in(_all(head, "to")), addresses_in(_all(head, "cc"))
    except _GARBAGE:
        return Envelope(handle, "", "", "", received)
    text, method = _body(content) if whole and len(content) <= SMALL_BYTES else ("", "")
    if method:
        headers[CALENDAR_METHOD] = method
    return Envelope(
        id=handle, message_id=headers.get("message-id", ""), sender=sender[0] if sender else "",
        subject=headers.get("subject", ""), received=received, to=to, cc=cc, headers=headers, text=text,
    )  # fmt: skip


def _all(head: Message, name: str) -> list[str]:
    return [str(value) for value in head.get_all(name, [])]


def _headers(head: Message) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in head.items()[:_MOST_HEADERS]:
        lowered = name.lower()
        if lowered not in found and lowered != CALENDAR_METHOD:
            found[lowered] = plain_header(value)
    return found


def _body(content: bytes) -> tuple[str, str]:
    """The beginning of the first plain text part, and the METHOD of the first calendar part."""
    text, method = "", ""
    try:
        message = BytesParser(policy=policy.compat32).parsebytes(content)
        for count, part in enumerate(message.walk()):
            if count > _MOST_PARTS:
                break
            kind = part.get_content_type()
            if kind == "text/plain" and not text and part.get_content_disposition() != "attachment":
                text = _text(part)
            elif kind == "text/calendar" and not method:
                method = _CONTROL.sub("", str(part.get_param("method") or ""))[:20].upper()
    except _GARBAGE:
        pass  # what was found so far still counts
    return text, method


def _text(part: Message) -> str:
    payload = part.get_payload(decode=True)
    if not isinstance(payload, bytes):
        return ""
    # Four bytes are the most that one character takes in any charset that is in use.
    return _decoded(payload[: 4 * TEXT_CHARACTERS], part.get_content_charset()).replace("\r\n", "\n")[:TEXT_CHARACTERS]
