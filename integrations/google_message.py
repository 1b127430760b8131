"""A message as Gmail gives it, taken in parts, into an Envelope: put together as the small letter that the one reader of letters
reads. Bounded like everything that comes by mail; asks nobody anything."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email.header import Header
from email.message import Message
from typing import Any

from integrations.envelope import TEXT_CHARACTERS, read_envelope
from rules.model import Envelope

_PART = "mimeType,filename,headers,body/data"
FIELDS = f"id,internalDate,payload({_PART},parts({_PART},parts({_PART},parts({_PART}))))"
"""What is asked of a message in the format "full": no attachments, which lie elsewhere."""

_MOST_PARTS, _MOST_HEADERS, _MOST_CHARACTERS = 50, 300, 4_000
_NAME = re.compile(r"[\x21-\x39\x3b-\x7e]{1,80}\Z")
_WORDS = re.compile(r'"(?:[^"\\]|\\.)*"|\S+')
_METHOD = re.compile(r"[A-Za-z-]{1,20}")
_BOUNDARY = "homeward-puts-this-together"


def received_at(message: Mapping[str, Any]) -> datetime:
    """internalDate, which moves and labels leave alone."""
    try:
        return datetime.fromtimestamp(int(message["internalDate"]) / 1000, UTC)
    except (KeyError, ValueError, TypeError, OverflowError, OSError):
        return datetime.fromtimestamp(0, UTC)


def envelope_of(message: Mapping[str, Any]) -> Envelope:
    payload = message.get("payload") or {}
    parts = list(_parts(payload))
    lines = [line for line in map(_line, _headers(payload)) if line]
    lines += [f'Content-Type: multipart/mixed; boundary="{_BOUNDARY}"', ""]
    lines += [f"--{_BOUNDARY}", "Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: base64", "", _text(parts)]
    if method := _calendar_method(parts):
        lines += [f"--{_BOUNDARY}", f"Content-Type: text/calendar; method={method}", "", ""]
    content = "\n".join([*lines, f"--{_BOUNDARY}--", ""]).encode("ascii", "replace")
    return read_envelope(str(message.get("id", "")), content, received_at(message), True)


def _headers(part: Mapping[str, Any]) -> list[tuple[str, str]]:
    found = part.get("headers") or []
    return [(str(h.get("name", "")), str(h.get("value", ""))) for h in found[:_MOST_HEADERS] if isinstance(h, dict)]


def _line(header: tuple[str, str]) -> str:
    """One line of ASCII; nothing in a value can begin another."""
    name, value = header[0], " ".join(header[1][:_MOST_CHARACTERS].split())
    if not _NAME.match(name) or name.lower().startswith("content-"):
        return ""
    clean = "".join(char for char in value if char.isprintable())
    return f"{name}: {_WORDS.sub(_encoded, clean)}"


def _encoded(found: re.Match[str]) -> str:
    """A word or quoted string as RFC 2047 writes it, where it needs that; the addresses beside it stay addresses."""
    return found[0] if found[0].isascii() else Header(found[0].strip('"'), "utf-8", maxlinelen=None).encode(linesep="")


def _parts(payload: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    waiting = [payload]
    for _ in range(_MOST_PARTS):
        if not waiting:
            return
        part = waiting.pop(0)
        yield part
        waiting += [each for each in part.get("parts") or () if isinstance(each, dict)]


def _text(parts: list[Mapping[str, Any]]) -> str:
    """The first plain text part, in base64 of UTF-8."""
    for part in parts:
        if part.get("mimeType") == "text/plain" and not part.get("filename"):
            return base64.b64encode(_decoded(part)[:TEXT_CHARACTERS].encode("utf-8", "replace")).decode("ascii")
    return ""


def _decoded(part: Mapping[str, Any]) -> str:
    data = str((part.get("body") or {}).get("data") or "")[: 16 * TEXT_CHARACTERS]
    data = data[: len(data) // 4 * 4] if len(data) % 4 and not data.endswith("=") and len(data) % 4 == 1 else data
    try:
        content = base64.urlsafe_b64decode(data + "=" * (-len(data) % 4))
    except (binascii.Error, ValueError):
        return ""
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return _in_charset(content, part)


def _in_charset(content: bytes, part: Mapping[str, Any]) -> str:
    try:
        return content.decode(_parameter(part, "charset") or "latin-1", "replace")
    except (LookupError, ValueError):
        return content.decode("latin-1")


def _calendar_method(parts: list[Mapping[str, Any]]) -> str:
    found = (_METHOD.fullmatch(_parameter(part, "method")) for part in parts if part.get("mimeType") == "text/calendar")
    return next((method[0] for method in found if method), "")


def _parameter(part: Mapping[str, Any], name: str) -> str:
    """A parameter of the part's Content-Type."""
    written = next((value for key, value in _headers(part) if key.lower() == "content-type"), "")
    message = Message()
    message["Content-Type"] = " ".join(written.split())
    return str(message.get_param(name) or "")
