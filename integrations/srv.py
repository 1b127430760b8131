"""Which host serves a domain, and where on it, by its SRV and TXT records (RFC 2782; names of the services in RFC 6186 and 6764).
Asks the resolvers of this machine over UDP. What it says is not proved: whoever uses it must not send a login to a foreign host
without asking."""

from __future__ import annotations

import re
import secrets
import socket
import struct
from collections.abc import Iterator, Sequence
from pathlib import Path

from msgspec import Struct

_RESOLVERS = Path("/etc/resolv.conf")
_SECONDS = 3.0
_TXT, _SRV, _INTERNET = 16, 33, 1
_MOST_ANSWERS = 50
_MOST_JUMPS = 20  # of a compressed name, which could point at itself


class Target(Struct, frozen=True, order=True):
    """Lower `priority` first, then higher `weight`."""

    priority: int
    weight: int
    host: str
    port: int


def find_targets(
    service: str, domain: str, resolvers: Sequence[tuple[str, int]] | None = None, seconds: float = _SECONDS
) -> tuple[Target, ...]:  # fmt: skip
    """Of `service` ("_imaps"), best first; none where the domain has none or says that it does not serve that, and where no
    resolver answers."""
    answer = _answer(f"{service}._tcp.{domain}", _SRV, resolvers, seconds)
    found = sorted(_targets(answer), key=lambda t: (t.priority, -t.weight, t.host))
    return tuple(target for target in found if target.host)  # "." means: not served here


def find_path(
    service: str, domain: str, resolvers: Sequence[tuple[str, int]] | None = None, seconds: float = _SECONDS
) -> str:  # fmt: skip
    """Where on its host to begin with `service`, by a TXT record like `path=/dav` (RFC 6764 4). "" where there is none."""
    answer = _answer(f"{service}._tcp.{domain}", _TXT, resolvers, seconds)
    found = (text.partition(b"=")[2] for text in _texts(answer) if text.lower().startswith(b"path=/"))
    return next((path.decode() for path in found if re.fullmatch(rb"[!-~]{1,200}", path)), "")


def _answer(name: str, kind: int, resolvers: Sequence[tuple[str, int]] | None, seconds: float) -> bytes:
    """Of the first resolver that gives one; empty where none does."""
    question = _question(name, kind)
    for resolver in (_resolvers() if resolvers is None else resolvers)[:2] if question else ():
        answer = _asked(question or b"", resolver, seconds)
        if answer is not None:
            return answer
    return b""


def _resolvers() -> list[tuple[str, int]]:
    try:
        lines = _RESOLVERS.read_text("ascii", errors="replace").splitlines()
    except OSError:
        return []
    return [(words[1], 53) for line in lines if len(words := line.split()) >= 2 and words[0] == "nameserver"]


def _question(name: str, kind: int) -> bytes | None:
    """None where that can be no name."""
    try:
        labels = [label if label.startswith("_") else label.encode("idna").decode() for label in name.rstrip(".").split(".")]
        encoded = [label.encode("ascii") for label in labels]
    except UnicodeError:
        return None
    if not all(0 < len(label) < 64 for label in encoded) or sum(len(label) + 1 for label in encoded) > 254:
        return None
    body = b"".join(bytes([len(label)]) + label for label in encoded) + b"\0"
    return struct.pack("!HHHHHH", secrets.randbits(16), 0x0100, 1, 0, 0, 0) + body + struct.pack("!HH", kind, _INTERNET)


def _asked(question: bytes, resolver: tuple[str, int], seconds: float) -> bytes | None:
    """The answer to this very question."""
    family = socket.AF_INET6 if ":" in resolver[0] else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as wire:
            wire.settimeout(seconds)
            wire.connect(resolver)  # so that nobody else's answer is taken
            wire.send(question)
            answer = wire.recv(4096)
    except OSError:
        return None
    return answer if answer[:2] == question[:2] and answer[12 : len(question)] == question[12:] else None


def _targets(answer: bytes) -> Iterator[Target]:
    for at, _ in _records(answer, _SRV):
        try:
            priority, weight, port = struct.unpack_from("!HHH", answer, at)
            yield Target(priority, weight, _name(answer, at + 6)[0], port)
        except (struct.error, IndexError, ValueError):
            return  # a broken answer is worth what came before the break


def _texts(answer: bytes) -> Iterator[bytes]:
    """Each string of each record by itself (RFC 1035 3.3.14)."""
    for at, length in _records(answer, _TXT):
        end = at + length
        while at < end <= len(answer):
            yield answer[at + 1 : min(at + 1 + answer[at], end)]
            at += 1 + answer[at]


def _records(answer: bytes, wanted: int) -> Iterator[tuple[int, int]]:
    """Where the data of each begins, and its length."""
    try:
        _, flags, questions, count, _, _ = struct.unpack_from("!HHHHHH", answer)
        if not flags & 0x8000 or questions != 1:
            return
        at = _name(answer, 12)[1] + 4
        for _ in range(min(count, _MOST_ANSWERS)):
            at = _name(answer, at)[1]
            kind, network, _, length = struct.unpack_from("!HHIH", answer, at)
            at += 10
            if (kind, network) == (wanted, _INTERNET):
                yield at, length
            at += length
    except (struct.error, IndexError, ValueError):
        return  # a broken answer is worth what came before the break


def _name(answer: bytes, at: int) -> tuple[str, int]:
    """The name that stands there (RFC 1035 4.1.4), and where it ends. ValueError where it is none."""
    labels: list[str] = []
    end = 0
    for _ in range(_MOST_JUMPS + 128):
        length = answer[at]
        if length == 0:
            return ".".join(labels), end or at + 1
        if length >= 0xC0:
            end = end or at + 2
            at = (length & 0x3F) << 8 | answer[at + 1]
            continue
        label = answer[at + 1 : at + 1 + length]
        if length > 63 or len(label) < length or not re.fullmatch(rb"[A-Za-z0-9_-]+", label):
            raise ValueError("no name of a host")
        labels.append(label.decode("ascii").lower())
        at += 1 + length
    raise ValueError("a name without an end")
